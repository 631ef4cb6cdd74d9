/* The bytes of one connection: read through a buffer, written from a list of pieces, both at the same time: a server that
   can't write stops reading, so whoever waits for one way serves the other. */
#ifndef IMAP_STREAM_H
#define IMAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/blob.h"
#include "core/base/buf.h"
#include "core/mail/endpoint.h"
#include "providers/imap/imap.h"

struct stream;
struct wire;

#define WHOLE_TIMES 20	/* a server may say for so long that it still works on it */

/* Connects; implicit TLS is shaken hands before it returns. The options are borrowed while it lives. From here to stream_signed_in all has to
   happen within twice their time-out. */
int stream_open(struct stream **out, struct imap_shared *shared, const struct imap_options *options, const struct conn_env *env, struct error *err);
/* STARTTLS: nothing may be buffered either way (RFC 3501, 6.2.1; an injected line is ERR_TLS). */
int stream_start_tls(struct stream *s, struct imap_shared *shared, struct error *err);
/* Whether the other end is on this machine. */
bool stream_is_near(const struct stream *s);
/* Whether a round trip to it cost something when it was connected: uplink_is_far. */
bool stream_is_far(const struct stream *s);
/* No answer is due: uplink_rests. */
void stream_rests(const struct stream *s);
/* What comes now is being sent on while it comes: who is stopped waits for the rest of it, for a few seconds at most. What was sent before it can then be heard of and written
   down; else the other connection ends in the middle, and the next run has to find out what has arrived. */
void stream_lent(struct stream *s, bool lent);
/* Whether we were asked to stop, and have to now. */
bool stream_is_stopped(struct stream *s);
/* COMPRESS (RFC 4978): from here on both ways are raw deflate. What is unread is so already; nothing may be queued. No secret is to pass any more. */
void stream_compress(struct stream *s);
/* Whether the connection ended because what came could not be unpacked. */
bool stream_garbled(const struct stream *s);
/* orderly: the kernel may deliver what was written; otherwise a writer's connection is reset and unsent bytes are gone. */
void stream_close(struct stream **s, bool orderly);

/* At that moment (clock_ms) something was got done: whatever is waited for has to come within WHOLE_TIMES the options' time-out from there, however much is
   said meanwhile. What we write does it by itself. A wait that may be woken, with nothing outstanding (stream_patience), has no end. */
void stream_worked(struct stream *s, int64_t at);
int64_t stream_worked_at(const struct stream *s);
/* The time for signing in no longer counts, and the wire log forgets the secrets that it was told to hide. */
void stream_signed_in(struct stream *s);
/* The wire log of this connection; NULL: none. */
struct wire *stream_wire(const struct stream *s);
/* "TLSv1.3", or "" in the clear. */
const char *stream_secured(const struct stream *s);
/* The longest silence from now on, in milliseconds; and whether anything is outstanding. */
void stream_patience(struct stream *s, unsigned timeout_ms, bool outstanding);
/* Unread input; *len bytes, borrowed until the next stream_fill. */
const char *stream_input(const struct stream *s, size_t *len);
void stream_consume(struct stream *s, size_t len);
/* Waits for more input, writing meanwhile. 1: there is more; 0: wake_fd became readable, or all that was queued has left (stream_drained), only when
   may_wake; -1: ERR_RETRY (closed, time-out),
   ERR_TLS, ERR_CANCELLED. The buffer holds 64 KB: a full one is ERR_RETRY (a line that never ends). */
int stream_fill(struct stream *s, bool may_wake, struct error *err);
bool stream_drained(const struct stream *s);
/* Reads up to len bytes past the empty buffer straight to `to`; returns how many, or -1. */
long stream_read(struct stream *s, char *to, size_t len, struct error *err);

/* Pieces to be written, in order. `tag` groups those of one command, so that the rest of it can be dropped. */
void stream_text(struct stream *s, unsigned tag, const char *text, size_t len);
/* The same of a password or a token: wiped here once it has left, and never in the wire log. */
void stream_secret(struct stream *s, unsigned tag, const char *text, size_t len);
void stream_blob(struct stream *s, unsigned tag, const struct blob *body);	/* borrowed until written or dropped */
/* The end of a literal's announcement: "+}", and it follows at once (RFC 7888), or "}", and it waits. That is decided when all before it has left, by what stream_decides was
   told last, with `literal` (borrowed until then). */
void stream_literal(struct stream *s, unsigned tag, const void *literal);
void stream_decides(struct stream *s, bool (*may_run_ahead)(void *owner, unsigned tag, const void *literal), void *owner);
/* Nothing behind it leaves before stream_go_ahead, or stream_answered(tag). */
void stream_wait(struct stream *s, unsigned tag);
void stream_answered(struct stream *s, unsigned tag);
/* *done becomes true when the kernel has taken everything queued so far. */
void stream_mark(struct stream *s, unsigned tag, bool *done);
/* A "+" came. false: nobody waits for one. */
bool stream_go_ahead(struct stream *s);
/* Whether anything of this command has still to leave. */
bool stream_holds(const struct stream *s, unsigned tag);
/* Whether this command stands still at a wait: the server has answered without wanting the rest. */
bool stream_stands(const struct stream *s, unsigned tag);
/* Forgets what has not left of a command that stands. */
void stream_drop(struct stream *s, unsigned tag);
/* Writes what it can without waiting. */
int stream_pump(struct stream *s, struct error *err);
bool stream_idle(const struct stream *s);	/* nothing left to write */

#endif
