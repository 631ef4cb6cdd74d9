/* Raw deflate both ways, by zlib. */
#include "providers/imap/deflate.h"

#include <stdbool.h>
#include <stdlib.h>

#include <zlib.h>

#include "core/base/alloc.h"

#define RAW (-15)	/* no header, no checksum; a window of 32 KB (RFC 4978, 3) */
#define LEVEL 1		/* it leaves 24 % of text, 160 MB a second; 6 leaves 18 %, but 21 MB a second are less than a line of 100 Mbit then takes */
#define MEMORY 8	/* zlib's own choice: 256 KB to pack with, 40 KB to unpack */
#define IN_SIZE ((size_t)64 << 10)

struct deflate {
	z_stream out, in;
	bool broken;
	unsigned char packed[IN_SIZE];	/* what came, and is not unpacked */
};

static voidpf take(voidpf ignored, uInt count, uInt size)
{
	(void)ignored;
	return x_calloc(count, size);
}

static void give(voidpf ignored, voidpf memory)
{
	(void)ignored;
	free(memory);
}

struct deflate *deflate_new(void)
{
	struct deflate *d = x_calloc(1, sizeof *d);
	d->out.zalloc = d->in.zalloc = take;
	d->out.zfree = d->in.zfree = give;
	if (deflateInit2(&d->out, LEVEL, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK || inflateInit2(&d->in, RAW) != Z_OK)
		x_out_of_memory(); /* the only reason there is */
	return d;
}

void deflate_free(struct deflate **deflate)
{
	struct deflate *d = *deflate;
	if (!d)
		return;
	deflateEnd(&d->out);
	inflateEnd(&d->in);
	free(d);
	*deflate = NULL;
}

size_t deflate_pack(struct deflate *d, char *out, const char *data, size_t len)
{
	d->out.next_in = (z_const Bytef *)data;
	d->out.avail_in = (uInt)len;
	d->out.next_out = (Bytef *)out;
	d->out.avail_out = (uInt)DEFLATE_ROOM(len);
	deflate(&d->out, Z_SYNC_FLUSH);
	return DEFLATE_ROOM(len) - d->out.avail_out;
}

char *deflate_room(struct deflate *d, size_t *room)
{
	*room = IN_SIZE;
	return (char *)d->packed;
}

void deflate_got(struct deflate *d, size_t len)
{
	d->in.next_in = d->packed;
	d->in.avail_in = (uInt)len;
}

long deflate_unpack(struct deflate *d, char *to, size_t len)
{
	if (d->broken)
		return -1;
	d->in.next_out = (Bytef *)to;
	d->in.avail_out = (uInt)len;
	int ok = inflate(&d->in, Z_SYNC_FLUSH);
	d->broken = ok != Z_OK && ok != Z_BUF_ERROR; /* the latter: nothing could be done without more input */
	long got = (long)(len - d->in.avail_out);
	return d->broken && got == 0 ? -1 : got;
}

struct deflate_counts deflate_counts(const struct deflate *d)
{
	return (struct deflate_counts){ d->in.total_out, d->in.total_in, d->out.total_in, d->out.total_out };
}
