/* The job file (YAML): read once, checked whole, then never changed. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

enum job_tls { TLS_IMPLICIT, TLS_STARTTLS, TLS_NONE };
enum job_verify { VERIFY_STANDARD, VERIFY_DEEP };

struct job_end {		/* one side of an account */
	char *host;
	unsigned port;		/* 993, or 143 with starttls and none, unless given */
	enum job_tls tls;
	bool insecure;		/* `tls: none` to a host that is not loopback was asked for */
	char *ca_file;		/* absolute, or NULL: the system's store */
	char *user;
	char *password;		/* from password or the first line of password_file */
	unsigned connections;	/* default 4 */
	unsigned timeout_ms;	/* default 60,000 */
};

struct job_account {
	char *name;
	struct job_end source, target;
};

struct job {
	char *path;		/* as given */
	char *state;		/* absolute; default: the job file's name with .state instead of its ending */
	char *refused;		/* absolute folder; default "refused" beside the job file */
	unsigned workers;	/* lanes in all, default 8 */
	enum job_verify verify;
	int64_t give_up_ms;	/* default 600,000 */
	char digest[65];	/* SHA-256, hex, over what decides mapping: names, hosts and users of all accounts; no secrets, no layout */
	struct job_account *account;
	size_t accounts;
};

/* Reads and checks the file. Returns 0, or -1 with every error in `errors`: lines of "file:line:column: text\n", in the
   order of the file, each saying what to do; column counts characters from 1. Relative paths in the file are taken from
   the job file's folder. A password in the file needs a job file without group or other access, a password_file a regular
   file of the own user without group or other access: else an error with the chmod line. Keys of the contract that this
   version does not know yet are refused by name ("not in this version yet"), others as unknown with "did you mean".
   *out is the caller's (job_free). */
int job_load(struct job **out, const char *path, struct buf *errors);
/* Wipes the passwords. NULL-safe; sets *job = NULL. */
void job_free(struct job **job);

/* "30s", "10m", "2h" to milliseconds; false when it is none of these or 0. */
bool job_duration(int64_t *out, const char *text);

#endif
