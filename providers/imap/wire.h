/* The wire log: what passes over one connection, line by line, both ways, without secrets and without mail. All functions do nothing when
   the wire is NULL. */
#ifndef IMAP_WIRE_H
#define IMAP_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/log.h"

struct wire;

/* Lines begin with "host#number C: " or "… S: ". NULL when there is no log. log and host are borrowed. */
struct wire *wire_new(const struct log *log, const char *host, int number);
void wire_free(struct wire **w);

/* What left, in the order in which it left; lines end themselves by their LF. */
void wire_sent(struct wire *w, const char *text, size_t len);
void wire_sent_secret(struct wire *w);			/* in its place stands "…" */
void wire_sent_bytes(struct wire *w, uint64_t size);	/* a literal: "{12 bytes}" */

/* One line that came, whole, with its LF. */
void wire_got(struct wire *w, const char *line, size_t len);
void wire_got_bytes(struct wire *w, uint64_t size);	/* a literal; the line goes on behind it */

/* From now on no line that holds this text is shown, whoever sends it, and no challenge. Copied; wiped by wire_signed_in. */
void wire_hide(struct wire *w, const char *secret);
void wire_signed_in(struct wire *w);

#endif
