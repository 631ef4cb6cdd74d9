/* The job file (YAML): read once, checked whole, then never changed. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/job/preset.h"

enum job_tls { TLS_IMPLICIT, TLS_STARTTLS, TLS_NONE };
enum job_verify { VERIFY_STANDARD, VERIFY_DEEP };
enum job_auth { AUTH_AUTO, AUTH_PLAIN, AUTH_LOGIN, AUTH_SCRAM_SHA_256, AUTH_XOAUTH2, AUTH_OAUTHBEARER };
enum job_subscribe { SUBSCRIBE_SOURCE, SUBSCRIBE_ALL, SUBSCRIBE_NONE };
enum job_deleted { DELETED_SKIP, DELETED_COPY };
enum job_duplicates { DUPLICATES_COPY, DUPLICATES_SKIP };
enum job_flags { FLAGS_ADD, FLAGS_NONE };

/* Where the secret of a side comes from. */
enum job_secret {
	SECRET_LATER,		/* the job names none: what `login` kept, else the terminal */
	SECRET_PASSWORD,	/* password, or the first line of password_file: read with the job */
	SECRET_COMMAND,		/* password_command */
	SECRET_TOKEN		/* token_command: an OAuth2 access token */
};

#define FINGERPRINT_LEN 32

struct job_end {		/* one side of an account */
	const struct preset *preset;	/* its provider, or NULL: any IMAP server */
	char *host;
	unsigned port;		/* the preset's; else 993, or 143 with starttls and none, unless given */
	enum job_tls tls;
	bool insecure;		/* `tls: none` to a host that is not loopback was asked for */
	char *ca_file;		/* absolute, or NULL: the system's store */
	bool pinned;		/* the certificate must have this fingerprint (SHA-256 of its DER), and nothing else is asked of it */
	uint8_t fingerprint[FINGERPRINT_LEN];
	char *user;		/* the mailbox */
	char *login;		/* the name that signs in: auth_user, or user in the form that the preset wants (local part …) */
	bool on_behalf;		/* login is auth_user: it acts as `user` (SASL authorization identity) */
	enum job_auth auth;
	enum job_secret secret;
	char *password;		/* SECRET_PASSWORD; wiped by job_free */
	char **command;		/* SECRET_COMMAND, SECRET_TOKEN: argument list, NULL at the end, {user} and {name} filled in; a program with `/` is absolute */
	unsigned connections;	/* default 4 */
	unsigned timeout_ms;	/* default 60,000 */
};

struct job_map { char *from, *to; };	/* decoded names, `/` between levels, without the server's prefix */

struct job_folders {
	char **include, **exclude;	/* patterns (pattern.h), NULL at the end; include NULL: all */
	struct job_map *map;
	size_t maps;
	char *under;		/* "" or a target folder, decoded, below which everything goes */
	bool merge;		/* two source folders may go into one target folder */
	bool special_use;	/* default true; false: no roles at all */
	enum job_subscribe subscribe;
};

struct job_messages {
	int64_t since, before;	/* INTERNALDATE in seconds: since <= date < before; INT64_MIN, INT64_MAX: not given. A day begins at 00:00 UTC */
	uint64_t max_size;	/* bytes; 0: only what the target announces */
	enum job_deleted deleted;
	enum job_duplicates duplicates;
	enum job_flags flags;
};

struct job_account {
	char *name;
	struct job_end source, target;
	struct job_folders folders;	/* the account's, or the job's where the account says nothing of that key */
	struct job_messages messages;
	char rules[65];		/* SHA-256, hex, over what decides what of it is moved, where to and with which flags */
	unsigned shrink;	/* guard.shrink in thousandths: 100 is 10 % (the default); 1000 never stops */
};

struct arena;

struct job {
	struct arena *arena;	/* holds every text of the job */
	char *path;		/* as given */
	char *state;		/* absolute; default: the job file's name with .state instead of its ending */
	char *refused;		/* absolute folder; default "refused" beside the job file */
	unsigned workers;	/* lanes in all, default 8 */
	enum job_verify verify;
	int64_t give_up_ms;	/* default 600,000 */
	uint64_t rate;		/* bytes a second in all, 0: no limit */
	unsigned per_host;	/* connections to one host in all, 0: no limit */
	char **notify;		/* argument list, NULL at the end, a program with `/` is absolute; or NULL */
	char digest[65];	/* SHA-256, hex, over what decides mapping and filters; no secrets, no layout */
	struct job_account *account;
	size_t accounts;
};

/* Reads and checks the file. Returns 0, or -1 with every error in `errors`: lines of "file:line:column: text\n", in the
   order of the file, each saying what to do, and behind them those of the table of `accounts_from`; column counts characters from 1. Relative paths in the file are taken from
   the job file's folder. presets: the providers that `provider` may name and that an address's domain may have; borrowed while the
   job lives. A password in the file needs a job file without group or other access, a password_file a regular
   file of the own user without group or other access: else an error with the chmod line. Keys of the contract that this
   version does not know yet are refused by name ("not in this version yet"), others as unknown with "did you mean".
   *out is the caller's (job_free). */
int job_load(struct job **out, const char *path, const struct presets *presets, struct buf *errors);
/* The JSON Schema (draft 2020-12) of the job file, made from the loader's own tables. */
void job_schema(const struct presets *presets, struct buf *out);
/* Wipes the passwords. NULL-safe; sets *job = NULL. */
void job_free(struct job **job);

/* "30s", "10m", "2h" to milliseconds; false when it is none of these or 0. */
bool job_duration(int64_t *out, const char *text);

#endif
