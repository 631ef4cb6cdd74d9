/* Small files read whole into memory that is wiped. */
#include "core/job/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

int file_open(struct stat *st, const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int file_read(struct file *out, int fd, size_t max)
{
	ssize_t got;

	/* All of it at once: growing would leave copies behind. Pages that are not written cost nothing. */
	out->data = x_malloc(max + 1);
	out->len = 0;
	out->data[0] = '\0';
	while (out->len < max) {
		got = read(fd, out->data + out->len, max - out->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		out->len += (size_t)got;
	}
	out->data[out->len] = '\0';
	return 0;
}

void file_wipe(struct file *f)
{
	if (f->data)
		explicit_bzero(f->data, f->len);
	free(f->data);
	*f = (struct file){ 0 };
}

void file_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void file_place(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80 && text[i] != '\r') {
			++*column;
		}
	}
}

size_t file_utf8(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		unsigned char lead = (unsigned char)text[i];

		n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
		if (n > 1 && (n > len - i || !text_is_utf8(text + i, n)))
			return i;
	}
	return len;
}
