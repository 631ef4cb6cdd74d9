/* The bytes of one mail. A spool file has no name, so nothing is left behind however the program ends. */
#include "core/base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"

struct blob {
	size_t size;	/* what will be written in all */
	size_t len;	/* what was written */
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
	b->fd = -1;
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
	b->len += len;
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
	b->len += len;
}

size_t blob_size(const struct blob *b)
{
	return b->len;
}

size_t blob_memory(const struct blob *b)
{
	return sizeof *b + (b->data ? b->size : 0);
}

long blob_read(const struct blob *b, size_t at, void *out, size_t len, struct error *err)
{
	if (at >= b->len)
		return 0;
	if (len > b->len - at)
		len = b->len - at;
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
	if (!*b)
		return;
	if ((*b)->fd >= 0)
		close((*b)->fd);
	free((*b)->data);
	free((*b)->dir);
	free(*b);
	*b = NULL;
}
