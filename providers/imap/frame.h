/* Responses cut out of the byte stream (RFC 3501, 7): lines with their literals, whole or not at all. Bodies do not stay in
   the text: they go to a sink as they arrive. Everything is bounded; what breaks a bound ends the connection. */
#ifndef IMAP_FRAME_H
#define IMAP_FRAME_H

#include <stdint.h>

#include "core/base/buf.h"
#include "providers/imap/stream.h"

enum response_kind { RESPONSE_UNTAGGED, RESPONSE_TAGGED, RESPONSE_GO_AHEAD };

#define FRAME_TEXT_MAX ((size_t)1 << 20)	/* text and small literals of one response */
#define FRAME_SEARCH_MAX ((size_t)16 << 20)	/* of SEARCH, which names every message of a folder: a million and a half */
#define FRAME_LITERAL_MAX ((size_t)64 << 10)	/* a literal that is no body */

struct response {
	enum response_kind kind;
	unsigned tag;		/* of a tagged one; 0 when it is none of our form */
	const char *text;	/* behind "* " or the tag, without CRLF; literals stand in it as {n}CRLF and their bytes; a body as "" */
	size_t len;
};

/* Where the literal of BODY[], BODY[HEADER] or RFC822 goes. Returning -1 ends the connection with err. */
struct sink {
	int (*begin)(void *ctx, uint64_t size, struct error *err);
	int (*data)(void *ctx, const char *data, size_t len, struct error *err);
	/* Where up to *len bytes may be put directly instead, followed by filled(); NULL: use data(). */
	char *(*room)(void *ctx, size_t *len);
	int (*filled)(void *ctx, size_t len, struct error *err);
	void *ctx;
};

struct frame {
	struct stream *stream;
	struct buf text;
	struct sink sink;
};

/* The next whole response; out is borrowed until the next call. 1; 0 when woken between two responses (only if may_wake); -1 as
   stream_fill, and ERR_RETRY for what is no IMAP: NUL, a bad literal, too long. */
int frame_next(struct frame *f, struct response *out, bool may_wake, struct error *err);
void frame_free(struct frame *f);

#endif
