/* Raw deflate (RFC 1951) both ways over one connection, as COMPRESS=DEFLATE has it (RFC 4978): what is written is whole for the other side
   after each call; what is read is unpacked only as far as there is room for it. */
#ifndef IMAP_DEFLATE_H
#define IMAP_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

struct deflate;

struct deflate_counts {		/* bytes up to now */
	uint64_t in, packed_in, out, packed_out;
};

/* Room for what `len` bytes become at most, text that can't be packed and the flush included. */
#define DEFLATE_ROOM(len) ((len) + (len) / 8 + 64)

struct deflate *deflate_new(void);
void deflate_free(struct deflate **d);

/* Packs all of it into `out`, which has DEFLATE_ROOM(len), up to the last bit: nothing stays behind. How many bytes that were. */
size_t deflate_pack(struct deflate *d, char *out, const char *data, size_t len);

/* Where packed input is to be read to, and how much of it fits; only when deflate_unpack had nothing. Then deflate_got. */
char *deflate_room(struct deflate *d, size_t *room);
void deflate_got(struct deflate *d, size_t len);
/* At most len bytes of what came; 0: more input is needed first; -1: that is no deflate, or has ended. It stays so. */
long deflate_unpack(struct deflate *d, char *to, size_t len);

struct deflate_counts deflate_counts(const struct deflate *d);

#endif
