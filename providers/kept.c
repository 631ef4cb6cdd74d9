/* The file of what `login` keeps. */
#include "providers/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/job/file.h"

#define KEPT_MAX ((size_t)32 << 20)	/* bytes of the file: 100,000 logins */

struct kept {
	char *path, *part;	/* the file, and where it is written before it takes its place */
	json_t *logins;		/* array; NULL: not read yet */
};

/* jansson copies what it parses into memory of its own: all of that is wiped. The sizes are known to malloc alone. */
static void wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

struct kept *kept_new(const char *state)
{
	struct kept *k = x_calloc(1, sizeof *k);
	json_set_alloc_funcs(malloc, wipe_and_free);
	k->path = x_printf("%s.login", state);
	k->part = x_printf("%s.new", k->path);
	return k;
}

static void forget(struct kept *k)
{
	json_decref(k->logins);
	k->logins = NULL;
}

void kept_free(struct kept **kept)
{
	struct kept *k = *kept;
	if (!k)
		return;
	forget(k);
	free(k->path);
	free(k->part);
	free(k);
	*kept = NULL;
}

const char *kept_path(const struct kept *kept)
{
	return kept->path;
}

bool kept_same(const struct job_end *a, const struct job_end *b)
{
	return strcasecmp(a->host, b->host) == 0 && strcmp(a->login, b->login) == 0;
}

/* ---- reading ---- */

/* For a line that can be pasted into a shell. */
static char *quoted(const char *path)
{
	struct buf word = { 0 };
	buf_addc(&word, '\'');
	for (const char *c = path; *c; c++)
		if (*c == '\'')
			buf_adds(&word, "'\\''");
		else
			buf_addc(&word, *c);
	buf_addc(&word, '\'');
	return word.data;
}

/* As a password_file is looked at: nothing is read before it is known to be ours alone. -1: *err, or ENOENT in errno and no error. */
static int open_own(const struct kept *k, struct error *err)
{
	struct stat st;
	int fd = file_open(&st, k->path, O_NONBLOCK | O_NOFOLLOW);
	*err = (struct error){ 0 };
	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0)
		return error_set(err, ERR_USAGE, "the kept passwords in %s can't be read: %s", k->path, strerrordesc_np(errno));
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return fd;
	close(fd);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_USAGE, "%s is not a regular file: it is not read", k->path);
	if (st.st_uid != geteuid())
		return error_set(err, ERR_USAGE, "%s belongs to another user: it is not read", k->path);
	CLEANUP(x_free) char *word = quoted(k->path);
	return error_set(err, ERR_USAGE, "others can open the kept passwords: chmod 600 %s", word);
}

static bool is_login(const json_t *login)
{
	return json_is_string(json_object_get(login, "host")) && json_is_string(json_object_get(login, "login")) &&
		json_is_string(json_object_get(login, "secret"));
}

/* The array of a document that is what we write, a new reference; or NULL. */
static json_t *parse(const struct file *file)
{
	json_t *whole = json_loadb(file->data, file->len, JSON_REJECT_DUPLICATES, NULL);
	json_t *logins = json_object_get(whole, "logins");
	bool good = json_integer_value(json_object_get(whole, "version")) == 1 && json_is_array(logins);
	for (size_t i = 0; good && i < json_array_size(logins); i++)
		good = is_login(json_array_get(logins, i));
	logins = good ? json_incref(logins) : NULL;
	json_decref(whole);
	return logins;
}

static int load(struct kept *k, bool again, struct error *err)
{
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(file_close) int fd = -1;
	if (k->logins && !again)
		return 0;
	forget(k);
	fd = open_own(k, err);
	if (fd < 0 && err->class != ERR_NONE)
		return -1;
	if (fd < 0) {
		k->logins = json_array();
		return 0;
	}
	if (file_read(&file, fd, KEPT_MAX) < 0)
		return error_set(err, ERR_USAGE, "the kept passwords in %s can't be read: %s", k->path, strerrordesc_np(errno));
	k->logins = parse(&file);
	if (!k->logins)
		return error_set(err, ERR_USAGE, "%s is not as `trasloco login` has written it: move it away and run `trasloco login` again", k->path);
	return 0;
}

/* Its place in the array, or the array's size. */
static size_t find(const struct kept *k, const struct job_end *end)
{
	size_t i = 0, count = json_array_size(k->logins);
	for (; i < count; i++) {
		const json_t *login = json_array_get(k->logins, i);
		if (strcasecmp(json_string_value(json_object_get(login, "host")), end->host) == 0 &&
			strcmp(json_string_value(json_object_get(login, "login")), end->login) == 0)
			break;
	}
	return i;
}

int kept_get(struct kept *k, const struct job_end *end, bool again, char **out, struct error *err)
{
	*out = NULL;
	if (load(k, again, err) < 0)
		return -1;
	const char *secret = json_string_value(json_object_get(json_array_get(k->logins, find(k, end)), "secret"));
	if (!secret)
		return 0;
	*out = x_strdup(secret);
	return 1;
}

/* ---- writing ---- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return fsync(fd);
}

/* The new name has to survive a power cut as well. A folder that can't be synced is no reason to complain. */
static void sync_folder(const char *path)
{
	CLEANUP(x_free) char *copy = x_strdup(path);
	CLEANUP(file_close) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

/* What a dead run has left at the place beside is removed first: the file is made by us, 0600, or not at all. */
static int replace(const struct kept *k, const char *text)
{
	unlink(k->part);
	int fd = open(k->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	bool written = write_all(fd, text, strlen(text)) == 0;
	int wrong = errno;
	if (close(fd) == 0 && written && rename(k->part, k->path) == 0) {
		sync_folder(k->path);
		return 0;
	}
	wrong = written ? errno : wrong;
	unlink(k->part);
	errno = wrong;
	return -1;
}

static int store(struct kept *k, struct error *err)
{
	int wrong;
	if (json_array_size(k->logins) == 0) {
		wrong = unlink(k->path) < 0 && errno != ENOENT ? errno : 0;
	} else {
		json_t *whole = json_pack("{s:i, s:O}", "version", 1, "logins", k->logins);
		char *text = whole ? json_dumps(whole, JSON_INDENT(1)) : NULL;
		wrong = !text ? ENOMEM : replace(k, text) < 0 ? errno : 0;
		wipe_and_free(text);
		json_decref(whole);
	}
	if (wrong) {
		forget(k); /* what is in memory is not what is kept */
		return error_set(err, ERR_USAGE, "%s can't be written: %s", k->path, strerrordesc_np(wrong));
	}
	return 0;
}

int kept_put(struct kept *k, const struct job_end *end, const char *secret, struct error *err)
{
	if (load(k, true, err) < 0)
		return -1;
	json_t *login = json_pack("{s:s, s:s, s:s}", "host", end->host, "login", end->login, "secret", secret);
	if (!login)
		return error_set(err, ERR_USAGE, "this password can't be kept (it is not UTF-8): put it into a password_file");
	size_t at = find(k, end);
	if (at < json_array_size(k->logins))
		json_array_set_new(k->logins, at, login);
	else
		json_array_append_new(k->logins, login);
	return store(k, err);
}

int kept_remove(struct kept *k, const struct job_end *end, struct error *err)
{
	if (load(k, true, err) < 0)
		return -1;
	size_t at = find(k, end);
	if (at == json_array_size(k->logins))
		return 0;
	json_array_remove(k->logins, at);
	return store(k, err) < 0 ? -1 : 1;
}
