/* Opening: modes of the file, the lock, and files that are not ours. */
#include "tests/unit/store/help.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Runs SQL on the file behind the store's back. */
static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void private_files(void **state)
{
	struct help *h = *state;
	char *path = x_printf("%s/a/b/move.state", h->dir), *folder = x_printf("%s/a", h->dir), *wal = x_printf("%s-wal", path);
	char *lock = x_printf("%s.lock", path);
	struct store *st;

	umask(0);
	OK(store_open(&st, path, STORE_WRITE, &h->err));
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(mode_of(wal), 0600);
	assert_int_equal(mode_of(lock), 0600);
	assert_int_equal(mode_of(folder), 0700);
	store_close(&st);
	assert_null(st);
	store_close(&st);
	free(path);
	free(folder);
	free(wal);
	free(lock);
}

static void keeps(void **state)
{
	struct help *h = *state;

	help_copy(h, h->folder, 1, 3, 10);
	help_reopen(h);
	help_placed_are(h, h->folder, "1>10 2>11 3>12");
	assert_int_equal(help_folder(h, "Sent", 5), h->folder);
}

/* Another process opens the same state: its exit status is the class of its error. */
static int class_in_child(struct help *h, enum store_mode mode)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct store *st = NULL;
		struct error err = {0};
		char pid[16];
		int got = store_open(&st, h->path, mode, &err);

		snprintf(pid, sizeof(pid), "%ld", (long)getppid());
		if (got < 0 && err.class == ERR_BUSY && !strstr(err.text, pid))
			_exit(99);
		_exit(got < 0 ? (int)err.class : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void one_writer(void **state)
{
	struct help *h = *state;

	assert_int_equal(class_in_child(h, STORE_WRITE), ERR_BUSY);
	assert_int_equal(class_in_child(h, STORE_READ), 0);
	store_close(&h->st);
	assert_int_equal(class_in_child(h, STORE_WRITE), 0);
}

static void reader_beside(void **state)
{
	struct help *h = *state, reader = *h;

	help_copy(h, h->folder, 1, 2, 10);
	OK(store_open(&reader.st, h->path, STORE_READ, &h->err));
	help_ledger_is(&reader, h->folder, "2 2 0 0 0 0 0 2");
	help_copy(h, h->folder, 3, 1, 12);
	help_ledger_is(&reader, h->folder, "3 1 0 0 0 2 0 1");
	FAILS(ERR_BUG, store_refuse(reader.st, h->folder, 1, &h->err));
	store_close(&reader.st);
}

static void not_ours(void **state)
{
	struct help *h = *state;
	char *path = x_printf("%s/other", h->dir);
	struct store *st;
	FILE *f;

	FAILS(ERR_USAGE, store_open(&st, path, STORE_READ, &h->err));
	assert_int_equal(access(path, F_OK), -1);
	help_raw(path, "CREATE TABLE cats (name)");
	FAILS(ERR_USAGE, store_open(&st, path, STORE_WRITE, &h->err));
	FAILS(ERR_USAGE, store_open(&st, path, STORE_READ, &h->err));
	assert_null(st);
	help_raw(path, "INSERT INTO cats VALUES ('Micio'); PRAGMA user_version=1");
	FAILS(ERR_USAGE, store_open(&st, path, STORE_WRITE, &h->err));

	f = fopen(path, "w");
	for (int i = 0; i < 500; i++)
		fputs("Dear diary, ", f);
	fclose(f);
	FAILS(ERR_USAGE, store_open(&st, path, STORE_WRITE, &h->err));
	FAILS(ERR_USAGE, store_open(&st, h->dir, STORE_WRITE, &h->err));
	free(path);
}

static void empty_file(void **state)
{
	struct help *h = *state;
	char *path = x_printf("%s/empty", h->dir);
	struct store *st;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	close(fd);
	FAILS(ERR_USAGE, store_open(&st, path, STORE_READ, &h->err));
	OK(store_open(&st, path, STORE_WRITE, &h->err));
	store_close(&st);
	OK(store_open(&st, path, STORE_READ, &h->err));
	store_close(&st);
	free(path);
}

static void newer(void **state)
{
	struct help *h = *state;
	struct store *st;

	store_close(&h->st);
	help_raw(h->path, "PRAGMA user_version=99");
	FAILS(ERR_USAGE, store_open(&st, h->path, STORE_WRITE, &h->err));
	assert_non_null(strstr(h->err.text, "newer trasloco"));
	FAILS(ERR_USAGE, store_open(&st, h->path, STORE_READ, &h->err));
}

/* A bit that tipped over in the schema's text, or in its version, is told as what it is. */
static void bent(void **state)
{
	struct help *h = *state;
	static const char *const bends[] = {
		"ALTER TABLE account RENAME COLUMN name TO nale", "ALTER TABLE account RENAME TO accounu",
		"PRAGMA user_version=-2147483645", "PRAGMA user_version=0", "PRAGMA user_version=2",
	};
	const struct account_key key = {"anna", "a", "b", "c", "d", "", "", NULL};

	for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++) {
		char *path = x_printf("%s/bent%zu", h->dir, i);
		struct account_row row;
		struct store *st;

		OK(store_open(&st, path, STORE_WRITE, &h->err));
		store_close(&st);
		help_raw(path, bends[i]);
		if (store_open(&st, path, STORE_WRITE, &h->err) == 0)
			FAILS(ERR_USAGE, store_account(st, &key, &row, &h->err));
		assert_int_equal(h->err.class, ERR_USAGE);
		assert_non_null(strstr(h->err.text, "damaged"));
		memset(&h->err, 0, sizeof(h->err));
		store_close(&st);
		free(path);
	}
}

/* A name that SQLite would take for something else is a file all the same. */
static void odd_names(void **state)
{
	struct help *h = *state;
	static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20c"};
	struct store *st;

	assert_int_equal(chdir(h->dir), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		OK(store_open(&st, names[i], STORE_WRITE, &h->err));
		store_close(&st);
		assert_int_equal(access(names[i], F_OK), 0);
	}
	assert_int_equal(chdir("/"), 0);
}

static void names_of_states(void **state)
{
	(void)state;
	assert_string_equal(state_name(STATE_PENDING), "pending");
	assert_string_equal(state_name(STATE_VANISHED), "vanished");
	assert_string_equal(state_name(STATES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(private_files), TEST(keeps), TEST(one_writer), TEST(reader_beside), TEST(not_ours), TEST(empty_file), TEST(newer), TEST(bent), TEST(odd_names),
		TEST(names_of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
