/* Makes a struct proof of a mail's bytes as they pass. */
#ifndef MAIL_PROOF_H
#define MAIL_PROOF_H

#include "core/mail/mail.h"

struct hasher;

struct hasher *hasher_new(void);
/* Begins anew. */
void hasher_start(struct hasher *h);
void hasher_add(struct hasher *h, const void *data, size_t len);
void hasher_end(struct hasher *h, struct proof *out);
void hasher_free(struct hasher **h);
/* The proof of a mail that is here. ERR_USAGE when its spool can't be read. */
int proof_of_blob(struct proof *out, const struct blob *body, struct error *err);

#endif
