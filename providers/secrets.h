/* The secret of each side of each account: what the job says, what a command prints, what `login` kept, what a person types. Each is
   got once a run and remembered in memory that is wiped. Safe from several threads; one of them asks at a time. */
#ifndef PROVIDERS_SECRETS_H
#define PROVIDERS_SECRETS_H

#include <stdbool.h>

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/job/job.h"

struct secrets;

/* Asks a person (no echo). Returns 0 and *out (the caller's, secrets_wipe), or -1: ERR_LOGIN without a terminal, ERR_CANCELLED. */
typedef int secrets_ask(void *ctx, const struct job_account *account, const struct job_end *end, char **out, struct error *err);

/* ask NULL: nobody is asked (--no-input). The job is borrowed and outlives it. */
struct secrets *secrets_new(const struct job *job, secrets_ask *ask, void *ctx);
/* NULL-safe; wipes everything; sets *secrets = NULL. */
void secrets_free(struct secrets **secrets);

/* A copy of the secret of that side (`end` is one of the job's), the caller's (secrets_wipe). refused: the server did not take the last
   one: a token_command runs again, a password_command and a kept login are read again, a person is not asked twice. A command gets no
   standard input; its first line of output counts; it runs in the job file's folder; it has 60 s, or until `cancel` (may be NULL) fires. Who comes
   while another thread is getting it gets that answer. Errors: ERR_LOGIN, certain (a command failed, no secret to be had: the text names
   `trasloco login`), ERR_RETRY (it ended with 75, EX_TEMPFAIL, or took too long), ERR_USAGE (the kept file is open to others), ERR_CANCELLED. */
int secrets_get(struct secrets *secrets, const struct job_end *end, bool refused, const struct cancel *cancel, char **out, struct error *err);
/* NULL-safe; wipes and frees; sets *secret = NULL. */
void secrets_wipe(char **secret);
/* From now on, and for this run, the secret of that side is this one; nobody is asked about it. */
void secrets_use(struct secrets *secrets, const struct job_end *end, const char *secret);

/* What `login` keeps: one file, the state's name with .login added, 0600, rewritten whole beside its place and renamed. Keyed by host and
   login name. Errors of all three: ERR_USAGE, the file is not ours alone (the text has the chmod line), not as we write it, or can't be
   written. */
/* 1: there is one, 0: none, -1. */
int secrets_kept(struct secrets *secrets, const struct job_end *end, struct error *err);
int secrets_keep(struct secrets *secrets, const struct job_end *end, const char *secret, struct error *err);
/* 1: there was one, 0: none, -1. The last one takes the file with it. */
int secrets_forget(struct secrets *secrets, const struct job_end *end, struct error *err);
/* That file's path; borrowed. */
const char *secrets_kept_path(const struct secrets *secrets);

/* No core dumps and no debugger of the same user from now on: for the program's first moments. Does nothing under a sanitizer, which has
   to look at its own process. */
void secrets_no_dumps(void);

#endif
