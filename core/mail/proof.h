/* Makes a struct proof of a mail's bytes as they pass, and tells two apart. */
#ifndef MAIL_PROOF_H
#define MAIL_PROOF_H

#include "core/mail/mail.h"

struct hasher;

struct hasher *hasher_new(void);
/* Begins anew. */
void hasher_start(struct hasher *h);
void hasher_add(struct hasher *h, const void *data, size_t len);
/* What was in `out` is not looked at; it is the caller's (proof_free, mail_free). */
void hasher_end(struct hasher *h, struct proof *out);
void hasher_free(struct hasher **h);
/* The proof of a mail that is here, as hasher_end. ERR_USAGE when its spool can't be read. */
int proof_of_blob(struct proof *out, const struct blob *body, struct error *err);
void proof_free(struct proof *proof);

/* What became of a mail; the first that is true. */
enum difference {
	DIFFERENCE_NONE,	/* every byte is the same */
	DIFFERENCE_LINES,	/* line ends, also at the end and within folded fields */
	DIFFERENCE_ADDED,	/* all fields of the header are there, and others */
	DIFFERENCE_ENCODED,	/* the parts say the same, in other transfer encodings or between other boundaries */
	DIFFERENCE_HEADER,	/* the same body behind a header that lacks a field, or has another */
	DIFFERENCE_CONTENT
};
enum difference proof_difference(const struct proof *source, const struct proof *target);
/* Whether the target has the beginning of this mail and nothing else. ERR_USAGE as above. */
int proof_is_cut(bool *cut, const struct blob *source, const struct proof *target, struct error *err);

#endif
