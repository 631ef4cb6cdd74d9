/* Flags and keywords of a message (RFC 3501, 2.3.2). */
#ifndef MAIL_FLAGS_H
#define MAIL_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

enum { FLAG_SEEN = 1, FLAG_ANSWERED = 2, FLAG_FLAGGED = 4, FLAG_DRAFT = 8, FLAG_DELETED = 16 };

struct flags {
	unsigned system;	/* the five of RFC 3501; \Recent is the server's own and left out */
	char *keywords;		/* others, sorted, one blank between, or NULL: "$Forwarded Work" */
};

/* Adds one flag as a server spells it. Unknown \flags are left out: they can't be stored elsewhere. */
void flags_add(struct flags *f, const char *name, size_t len);
/* "\Seen $Forwarded" for a command, without the parentheses; keywords that are not safe are left out. */
void flags_write(const struct flags *f, struct buf *out);
/* What `have` lacks of `want`. */
void flags_missing(struct flags *out, const struct flags *want, const struct flags *have);
bool flags_empty(const struct flags *f);
/* An atom (RFC 3501, 9) without brackets and braces, at most 64 long: a keyword that can't break a command. Thunderbird makes "attivit&aoa-" of the
   label Attività. */
bool flags_keyword_safe(const char *name, size_t len);
/* The next keyword of a list at *at: its start and length, *at moved behind it; NULL at the end. */
const char *flags_next_keyword(const char **at, size_t *len);
void flags_copy(struct flags *out, const struct flags *from);
void flags_free(struct flags *f);

#endif
