/* The file beside the state in which `trasloco login` keeps what a person has typed: JSON,
   {"version": 1, "logins": [{"host": "imap.company.it", "login": "mario@company.it", "secret": "…"}]}. Not safe from several threads. */
#ifndef PROVIDERS_KEPT_H
#define PROVIDERS_KEPT_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/job/job.h"

struct kept;

/* state: the state's path; the file is that with .login added. Nothing is read yet. */
struct kept *kept_new(const char *state);
/* NULL-safe; wipes; sets *kept = NULL. */
void kept_free(struct kept **kept);
/* The file's path; borrowed. */
const char *kept_path(const struct kept *kept);

/* The same name at the same host (without case). */
bool kept_same(const struct job_end *a, const struct job_end *b);

/* 1 and *out (the caller's, a secret), 0 when there is none, or -1, ERR_USAGE: the file is no regular file of our own without access
   for others, or not such JSON. The file is read once; again: anew. No file: nothing is kept. */
int kept_get(struct kept *kept, const struct job_end *end, bool again, char **out, struct error *err);
/* Reads anew, sets, writes the whole file beside its place (0600), syncs, renames. -1, ERR_USAGE: as above, it can't be written, or the
   secret is not UTF-8, which JSON can't hold. */
int kept_put(struct kept *kept, const struct job_end *end, const char *secret, struct error *err);
/* 1: there was one, 0: none, -1. The last one takes the file with it. */
int kept_remove(struct kept *kept, const struct job_end *end, struct error *err);

#endif
