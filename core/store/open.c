/* Opening and closing a state file: its lock, whose file it is, its schema. */
#include "core/store/sql.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/store/schema.h"

static const char *const state_names[] = {"pending", "intended", "copied", "verified", "skipped", "refused", "vanished"};
static_assert(sizeof(state_names) / sizeof(state_names[0]) == STATES, "a name for every state");

const char *state_name(enum state state)
{
	return state < STATES ? state_names[state] : "unknown";
}

/* Makes the folders that lead to path. */
static int make_folders(const char *path, struct error *err)
{
	CLEANUP(x_free) char *copy = x_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return error_set(err, ERR_USAGE, "can't make the folder %s: %s", copy, strerror(errno));
		*slash = '/';
	}
	return 0;
}

/* Who holds it wrote its process id into the lock file. */
static int locked_by_other(int fd, const char *path, struct error *err)
{
	char pid[16] = "";
	ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);

	if (len > 0)
		pid[strspn(pid, "0123456789")] = '\0';
	return error_set(err, ERR_BUSY, "another run (process %s) holds %s", pid[0] ? pid : "unknown", path);
}

static int take_lock(struct store *st, const char *path, struct error *err)
{
	CLEANUP(x_free) char *lock = x_printf("%s.lock", path);
	char pid[16];
	int len;

	st->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (st->lock_fd < 0)
		return error_set(err, ERR_USAGE, "can't open %s: %s", lock, strerror(errno));
	if (flock(st->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return locked_by_other(st->lock_fd, path, err);
		return error_set(err, ERR_USAGE, "can't lock %s: %s", lock, strerror(errno));
	}
	len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(st->lock_fd, 0) < 0 || pwrite(st->lock_fd, pid, (size_t)len, 0) != len)
		return error_set(err, ERR_USAGE, "can't write %s: %s", lock, strerror(errno));
	return 0;
}

/* SQLite would make the file with the umask's mode; its companions take the file's. */
static int make_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, ERR_USAGE, "can't open %s: %s", path, strerror(errno));
	close(fd);
	crash_point("made");
	return 0;
}

static int prepare_file(struct store *st, const char *path, struct error *err)
{
	if (make_folders(path, err) < 0 || take_lock(st, path, err) < 0)
		return -1;
	return make_file(path, err);
}

static int open_db(struct store *st, const char *path, struct error *err)
{
	/* With a leading "./" no name is a URI or ":memory:". */
	CLEANUP(x_free) char *name = x_printf("%s%s", path[0] == '/' ? "" : "./", path);
	int flags = (st->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(name, &st->db, flags, NULL) != SQLITE_OK)
		return st->db ? sql_fail(st, err) : error_set(err, ERR_BUG, "no memory for the state");
	sqlite3_busy_timeout(st->db, 10000);
	return 0;
}

static int execute(struct store *st, const char *text, struct error *err)
{
	return sqlite3_exec(st->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : sql_fail(st, err);
}

static int ask_number(struct store *st, const char *text, int *out, struct error *err)
{
	sqlite3_stmt *q = NULL;
	int result = -1;

	if (sqlite3_prepare_v2(st->db, text, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW) {
		*out = sqlite3_column_int(q, 0);
		result = 0;
	} else {
		sql_fail(st, err);
	}
	sqlite3_finalize(q);
	return result;
}

/* Ours? *version is that of its schema, 0 for a new file. */
static int check_owner(struct store *st, const char *path, int *version, struct error *err)
{
	int owner, tables;

	if (ask_number(st, "PRAGMA application_id", &owner, err) < 0 || ask_number(st, "PRAGMA user_version", version, err) < 0 ||
		ask_number(st, "SELECT count(*) FROM sqlite_master", &tables, err) < 0)
		return error_at(err, "%s", path);
	if (owner == 0 && *version == 0 && tables == 0)
		return st->read_only ? error_set(err, ERR_USAGE, "there is no state in %s yet", path) : 0;
	if (owner != SCHEMA_APPLICATION_ID)
		return error_set(err, ERR_USAGE, "%s is not a state of trasloco: it belongs to another program", path);
	if (*version < 1) {
		sql_damaged(err);
		return error_at(err, "%s", path);
	}
	if (*version > SCHEMA_VERSION)
		return error_set(err, ERR_USAGE, "%s was made by a newer trasloco (schema %d, this one knows %d): use that one", path, *version,
			SCHEMA_VERSION);
	if (*version < SCHEMA_VERSION && st->read_only)
		return error_set(err, ERR_USAGE, "%s was made by an older trasloco: a run upgrades it", path);
	return 0;
}

static int upgrade(struct store *st, int version, struct error *err)
{
	CLEANUP(x_free) char *stamp = x_printf("PRAGMA application_id=%d; PRAGMA user_version=%d;", SCHEMA_APPLICATION_ID, SCHEMA_VERSION);

	if (version == SCHEMA_VERSION)
		return 0;
	if (execute(st, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	for (int step = version; step < SCHEMA_VERSION; step++) {
		if (execute(st, schema_steps[step], err) < 0)
			return -1;
		crash_point("upgrading");
	}
	if (execute(st, stamp, err) < 0)
		return -1;
	crash_point("upgrade");
	if (execute(st, "COMMIT", err) < 0)
		return -1;
	crash_point("upgraded");
	return 0;
}

/* SQLite answers with the mode it has then: it stays in the old one where shared memory can't be had. */
static int use_wal(struct store *st, struct error *err)
{
	sqlite3_stmt *q = NULL;
	bool wal = false;

	if (sqlite3_prepare_v2(st->db, "PRAGMA journal_mode=WAL", -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		wal = strcmp(sql_str(q, 0), "wal") == 0;
	sqlite3_finalize(q);
	if (!wal && sqlite3_errcode(st->db) == SQLITE_FULL)
		return sql_fail(st, err);
	if (wal)
		return 0;
	int why = sqlite3_system_errno(st->db);
	return error_set(err, ERR_USAGE, "the state can't be kept on this file system: %s%s%s", sqlite3_errmsg(st->db), why ? ": " : "", why ? strerror(why) : "");
}

/* Memory is bounded: about 4 MB of pages, sorts go to temporary files, nothing is mapped. secure_delete would write every freed
   page once more; the mails themselves are not in here. */
static int set_up(struct store *st, struct error *err)
{
	if (execute(st, "PRAGMA cache_size=-4096; PRAGMA temp_store=FILE; PRAGMA mmap_size=0;", err) < 0)
		return -1;
	if (st->read_only)
		return 0;
	if (use_wal(st, err) < 0)
		return -1;
	return execute(st, "PRAGMA synchronous=NORMAL; PRAGMA secure_delete=OFF; PRAGMA journal_size_limit=67108864;", err);
}

/* The account that SQLite keeps of its memory takes a lock for each piece of it. */
static void keep_no_account(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int store_open(struct store **out, const char *path, enum store_mode mode, struct error *err)
{
	CLEANUP(store_close) struct store *st = x_calloc(1, sizeof(*st));
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int version = 0;

	pthread_once(&once, keep_no_account);
	*out = NULL;
	st->lock_fd = -1;
	st->read_only = mode == STORE_READ;
	pthread_mutex_init(&st->lock, NULL);
	pthread_mutex_init(&st->queue_lock, NULL);
	pthread_cond_init(&st->queue_moved, NULL);
	if (st->read_only && access(path, F_OK) < 0)
		return error_set(err, ERR_USAGE, "there is no state in %s yet", path);
	if (!st->read_only && prepare_file(st, path, err) < 0)
		return -1;
	if (open_db(st, path, err) < 0)
		return error_at(err, "%s", path);
	if (check_owner(st, path, &version, err) < 0)
		return -1;
	if (set_up(st, err) < 0)
		return error_at(err, "%s", path);
	if (!st->read_only && (upgrade(st, version, err) < 0 || execute(st, schema_temporary, err) < 0))
		return error_at(err, "%s", path);
	*out = st;
	st = NULL;
	return 0;
}

void store_close(struct store **store)
{
	struct store *st = *store;

	if (!st)
		return;
	for (int i = 0; i < SQLS; i++)
		sqlite3_finalize(st->statement[i]);
	sqlite3_close(st->db);
	if (st->lock_fd >= 0)
		close(st->lock_fd);
	pthread_cond_destroy(&st->queue_moved);
	pthread_mutex_destroy(&st->queue_lock);
	pthread_mutex_destroy(&st->lock);
	x_free(store);
}

bool store_in_use(const char *path)
{
	CLEANUP(x_free) char *lock = x_printf("%s.lock", path);
	char text[24] = "";
	int fd = open(lock, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	long pid = got > 0 ? strtol(text, NULL, 10) : 0;

	if (fd >= 0)
		close(fd);
	/* the file stays behind with the number of a run that has ended */
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}
