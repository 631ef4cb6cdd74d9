/* The growing run of bytes. */
#include "core/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define BUF_FIRST 64

/* Room for `more` bytes and the NUL; only the memory, nothing is written. */
static char *grow(struct buf *b, size_t more)
{
	/* An impossible size is handed to x_realloc, which says so and ends. */
	size_t need = more < SIZE_MAX - b->len ? b->len + more + 1 : SIZE_MAX;

	if (need <= b->cap)
		return b->data + b->len;

	size_t cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap + b->cap / 2;

	if (cap < need)
		cap = need;
	b->data = x_realloc(b->data, cap);
	b->cap = cap;
	return b->data + b->len;
}

char *buf_room(struct buf *b, size_t more)
{
	char *at = grow(b, more);

	/* The caller may write less than he asked for: a NUL follows all the same. */
	memset(at, 0, more + 1);
	return at;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	char *at = grow(b, len);

	if (len > 0)
		memcpy(at, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char *at = grow(b, BUF_FIRST);

	va_start(ap, fmt);
	va_copy(again, ap);
	/* Nearly every piece fits at once; a longer one is written a second time. */
	int n = vsnprintf(at, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n >= b->cap - b->len) {
		at = grow(b, (size_t)n);
		vsnprintf(at, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	b->len += n > 0 ? (size_t)n : 0;
	b->data[b->len] = '\0';
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
