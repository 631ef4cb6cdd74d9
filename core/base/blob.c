/* The bytes of one mail. A spool file has no name, so nothing is left behind however the program ends. */
#include "core/base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"

enum fate { FATE_GROWS, FATE_WHOLE, FATE_SPOILT };

struct blob {
	size_t size;	/* what will be written in all */
	atomic_size_t len;	/* what was written */
	atomic_int fate;	/* of a shared one */
	atomic_uint owners;
	int grown;	/* of a shared one: an eventfd, readable after each write; else -1 */
	char *data;	/* NULL when spooled */
	int fd;		/* -1 when in memory */
	char *dir;	/* where it is spooled, for errors */
};

static int spool_error(struct error *err, const char *what, const char *dir)
{
	return error_set(err, ERR_USAGE, "can't %s a spool file in %s: %s", what, dir, strerror(errno));
}

/* Some file systems have no O_TMPFILE: there the file has a name for an instant. */
static int spool_named(const char *dir)
{
	CLEANUP(x_free) char *name = x_printf("%s/.spool-XXXXXX", dir);
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (unlink(name) < 0 || fchmod(fd, 0600) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static int spool_open(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return -1;
	return spool_named(dir);
}

int blob_new(struct blob **out, size_t size, const char *dir, struct error *err)
{
	CLEANUP(blob_free) struct blob *b = x_calloc(1, sizeof *b);

	*out = NULL;
	b->size = size;
	b->fd = b->grown = -1;
	atomic_init(&b->owners, 1);
	if (size <= BLOB_MEMORY) {
		b->data = x_malloc(size);
	} else {
		b->fd = spool_open(dir);
		if (b->fd < 0)
			return spool_error(err, "make", dir);
		b->dir = x_strdup(dir);
	}
	*out = b;
	b = NULL;
	return 0;
}

static int write_all(int fd, size_t at, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void wake(const struct blob *b)
{
	uint64_t one = 1;
	ssize_t told = b->grown >= 0 ? write(b->grown, &one, sizeof(one)) : 0;

	(void)told;
}

int blob_add(struct blob *b, const void *data, size_t len, struct error *err)
{
	if (len > b->size - b->len)
		return error_set(err, ERR_BUG, "blob: %zu bytes more than its %zu", len - (b->size - b->len), b->size);
	if (len == 0)
		return 0;
	if (b->data)
		memcpy(b->data + b->len, data, len);
	else if (write_all(b->fd, b->len, data, len) < 0)
		return spool_error(err, "write", b->dir);
	atomic_fetch_add(&b->len, len);
	wake(b);
	return 0;
}

char *blob_room(struct blob *b, size_t *len)
{
	if (!b->data)
		return NULL;
	if (*len > b->size - b->len)
		*len = b->size - b->len;
	return b->data + b->len;
}

void blob_filled(struct blob *b, size_t len)
{
	/* More than the room would be a write beyond the memory: it has happened already, so stop here. */
	if (!b->data || len > b->size - b->len)
		abort();
	atomic_fetch_add(&b->len, len);
	wake(b);
}

size_t blob_size(const struct blob *b)
{
	return b->grown >= 0 ? b->size : b->len;
}

struct blob *blob_share(struct blob *b)
{
	if (b->grown >= 0)
		return NULL;
	b->grown = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->grown < 0)
		return NULL;
	atomic_fetch_add(&b->owners, 1);
	return b;
}

void blob_end(struct blob *b, bool whole)
{
	atomic_store(&b->fate, whole && b->len == b->size ? FATE_WHOLE : FATE_SPOILT);
	wake(b);
}

size_t blob_ready(const struct blob *b)
{
	size_t len;

	if (b->grown < 0 || atomic_load(&b->fate) == FATE_WHOLE) /* spoilt, its end is never let go, however late that is noticed */
		return b->len;
	len = b->size > BLOB_HELD ? b->size - BLOB_HELD : 0;
	return b->len < len ? b->len : len;
}

int blob_grows(const struct blob *b)
{
	uint64_t count;
	ssize_t got = b->grown >= 0 ? read(b->grown, &count, sizeof(count)) : 0;	/* what is written from here on makes it readable again */

	(void)got;
	return b->grown >= 0 && atomic_load(&b->fate) == FATE_GROWS ? b->grown : -1;
}

/* Until a byte at `at` can be read, or never will. */
static int await(const struct blob *b, size_t at, struct error *err)
{
	struct pollfd p = {.events = POLLIN};

	while (at >= blob_ready(b) && (p.fd = blob_grows(b)) >= 0 && at >= blob_ready(b))
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return error_set(err, ERR_BUG, "%s", strerror(errno));
	return b->grown >= 0 && atomic_load(&b->fate) == FATE_SPOILT ? error_set(err, ERR_RETRY, "the old server broke off in the middle of a message") : 0;
}

size_t blob_memory(const struct blob *b)
{
	return sizeof *b + (b->data ? b->size : 0);
}

long blob_read(const struct blob *b, size_t at, void *out, size_t len, struct error *err)
{
	size_t ready;

	if (await(b, at, err) < 0)
		return -1;
	ready = blob_ready(b);
	if (at >= ready)
		return 0;
	if (len > ready - at)
		len = ready - at;
	if (len > LONG_MAX)
		len = LONG_MAX;
	if (b->data) {
		memcpy(out, b->data + at, len);
		return (long)len;
	}

	ssize_t n;

	do
		n = pread(b->fd, out, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spool_error(err, "read", b->dir);
	/* The file is ours alone: an end before b->len means that it was damaged. */
	if (n == 0 && len > 0)
		return error_set(err, ERR_USAGE, "the spool file ends too early");
	return n;
}

void blob_free(struct blob **b)
{
	struct blob *blob = *b;

	*b = NULL;
	if (!blob || atomic_fetch_sub(&blob->owners, 1) > 1)
		return;
	if (blob->fd >= 0)
		close(blob->fd);
	if (blob->grown >= 0)
		close(blob->grown);
	free(blob->data);
	free(blob->dir);
	free(blob);
}
