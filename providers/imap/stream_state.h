/* Private to stream.c, wait.c and carry.c: one connection's bytes on their way. */
#ifndef IMAP_STREAM_STATE_H
#define IMAP_STREAM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "core/base/blob.h"
#include "core/base/buf.h"
#include "core/mail/endpoint.h"
#include "providers/imap/imap.h"
#include "providers/imap/wire.h"

enum piece_kind { PIECE_TEXT, PIECE_LITERAL, PIECE_BLOB, PIECE_WAIT, PIECE_MARK };

struct uplink;

struct piece {
	struct piece *next;
	enum piece_kind kind;
	unsigned tag;
	struct buf text;
	bool secret;			/* the text is one: wiped when it has left, and not shown in the wire log */
	const struct blob *blob;
	const void *literal;		/* whose; handed to may_run_ahead */
	bool *mark;
	size_t at;
};

struct stream {
	int fd;
	SSL *ssl;
	bool dead;
	bool drained;		/* read_wait ended because all has left */
	const struct imap_options *options;
	const struct conn_env *env;
	struct wire *wire;
	struct uplink *uplink;		/* NULL: the other end is on this machine */
	bool far;			/* when it was connected, an answer took 2 ms or more */
	size_t came;			/* bytes since it was last waited for */
	unsigned timeout_ms;
	int64_t heard;			/* when a byte last passed either way */
	int64_t until;			/* when all has to be over, whatever is heard; 0: never */
	int64_t worked;			/* when something was got done last; 0: does not count */
	bool outstanding;		/* something was asked for */
	bool lent;			/* stream_lent */
	int64_t stop_at;		/* … and when it ends all the same, once we were stopped; 0: we were not */
	char *in;
	size_t in_at, in_len;
	struct piece *head, *tail;
	bool (*may_run_ahead)(void *owner, unsigned tag, const void *literal);
	void *owner;
	char *stage;			/* what is on its way to the kernel, packed already */
	size_t stage_at, stage_len;
	bool *stage_mark;		/* told when the stage is empty … */
	unsigned stage_tag;		/* … and whose it is */
	bool stage_secret;		/* wiped once it has left */
	int starved;			/* the mail that is being sent has not come further yet than the stage has it, and this is readable when it has; else -1 */
	bool ssl_wants_read, ssl_wants_write;
	struct deflate *deflate;	/* NULL: nothing is compressed */
	char *packed;			/* then: where the stage is packed to */
	bool garbled;			/* what came could not be unpacked */
};

#define STAGE_SIZE ((size_t)64 << 10)	/* what is taken into the stage at once */

/* wait.c */
/* Waits until the socket can do what is wanted (POLLIN, POLLOUT). 1: it can; 0: woken; -1. */
int stream_wait_socket(struct stream *s, short events, bool may_wake, struct error *err);
/* When it takes too long, whatever is heard; and why. A server that sends a byte now and then, or that talks and talks, is not waited for for ever. */
int64_t stream_last_moment(const struct stream *s, bool may_wake, const char **why);
/* What is to be sent next has not come yet: readable when there is more of it; else -1. */
int stream_starved(const struct stream *s);

/* carry.c */
int stream_lost(struct stream *s, enum error_class class, const char *what, struct error *err);
/* Reads what is there: > 0 bytes, 0 nothing yet, -1. */
long carry_in(struct stream *s, char *to, size_t len, struct error *err);
/* The stage is filled: packs it, where that is wanted. None of it stays in the compressor, so that an empty stage means, as without, that all of it is
   with the kernel, and so with a server that can read it. */
void carry_pack(struct stream *s);
/* Hands the stage on: > 0 bytes, 0 not now, -1. */
long carry_out(struct stream *s, struct error *err);
void carry_end(struct stream *s);

#endif
