/* A growing run of bytes, always followed by a NUL that is not counted. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;	/* NULL until something was added */
	size_t len, cap;
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for `more` bytes after len and returns where they start; the caller raises len by what it wrote. */
char *buf_room(struct buf *b, size_t more);
/* Empty, memory kept. */
void buf_reset(struct buf *b);
/* Empty, memory gone. */
void buf_free(struct buf *b);

#endif
