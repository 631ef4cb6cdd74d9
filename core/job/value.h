/* One key of the job file, how its value is read and what may be said of it. Later versions fill in rows and readers. */
#ifndef JOB_VALUE_H
#define JOB_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/job/job.h"
#include "core/job/yaml.h"

struct level;
struct places;
struct table;

/* Which keys of a side were given, in `defaults` or in the account: a bit for each row of level_end. */
struct given {
	uint32_t keys;
	bool lost;	/* its provider is not known: told already, what it would have brought is not missed */
};

/* What is at hand while a file is read. */
struct loader {
	struct faults *faults;	/* of the file that is read at the moment */
	struct job *job;
	const struct presets *presets;	/* or NULL */
	char *folder;		/* of the job file, absolute; relative paths start here */
	mode_t mode;		/* of the job file */
	bool mode_told;		/* that others can read it: once is enough */
	bool in_account;	/* not at the top, nor in `defaults` */
	struct job_account base;	/* what every account begins with: the top and `defaults` over it */
	struct given base_source, base_target;
	struct given given_source, given_target;	/* of the account that is read, or of `defaults` */
	const struct node *defaults, *accounts, *accounts_from;	/* their values: read when all else is */
	struct places *places;	/* the names of the accounts so far */
	struct table *table;	/* the file of accounts_from */
	size_t cap;		/* of job->account */
};

struct key;
/* Reads `node` into `field` (into the level's struct at key->offset), or adds a fault and leaves it. */
typedef void value_fn(struct loader *ld, const struct key *key, const struct node *node, void *field);

struct key {
	const char *name;
	value_fn *read;		/* NULL: of the contract, but not in this version yet */
	size_t offset;
	int64_t min, max;	/* numbers; durations in milliseconds; sizes in bytes; of lists: how many */
	const char *const *words;	/* value_word: the names of an enum from 0 on, NULL at the end */
	const struct level *level;	/* of the keys below */
	bool needed;
	const char *about;	/* one line for editors */
};

struct level {
	const char *home;	/* "in an account" */
	const struct key *key;
	size_t count;
	bool apart;		/* of another file than the job: its keys belong nowhere else */
};

value_fn value_number;		/* unsigned */
value_fn value_version;		/* nothing: must be key->max */
value_fn value_bool;		/* bool */
value_fn value_merge;		/* bool; true only inside an account */
value_fn value_word;		/* an enum, by its place in key->words */
value_fn value_wait;		/* unsigned, milliseconds */
value_fn value_long_wait;	/* int64_t, milliseconds */

/* measure.c */
value_fn value_size;		/* uint64_t, bytes */
value_fn value_rate;		/* uint64_t, bytes a second */
value_fn value_percent;		/* unsigned, thousandths */
value_fn value_date;		/* int64_t, seconds since 1970 at 00:00 UTC */
value_fn value_fingerprint;	/* struct job_end: pinned and fingerprint */

/* These put a char * of the job's memory into the field. */
value_fn value_text;		/* not empty, no control characters */
value_fn value_name;		/* of an account */
value_fn value_host;		/* a name or an address, nothing else */
value_fn value_path;		/* made absolute */
value_fn value_readable;	/* a path; the file must be there and readable */
value_fn value_state;		/* a path; no URL */
value_fn value_folder;		/* a folder's name, may be empty: no `*`, no empty level */

/* list.c: a char ** of the job's memory, NULL at the end. */
value_fn value_patterns;	/* of folders: at least key->min of them */
value_fn value_command;		/* an argument list; a program with `/` is made absolute */
value_fn value_template;	/* the same with {user} and {name} */
value_fn value_map;		/* struct job_folders: map and maps */

value_fn value_provider;	/* struct job_end: preset; `imap` is none */

/* The text of a scalar, or NULL after a fault: a list, a mapping, no value, empty. */
const char *value_scalar(struct loader *ld, const struct key *key, const struct node *node);
/* The same without control characters. */
const char *value_clean(struct loader *ld, const struct key *key, const struct node *node);
/* Digits only, at most 12 of them; false for anything else. `end` is where they stop. */
bool value_digits(int64_t *out, const char *text, const char **end);
/* The value, fit to be shown between quotes. Never for secrets. */
const char *value_shown(char out[64], const struct node *node);
/* For loopback addresses and `localhost`. */
bool value_loopback(const char *host);
/* Memory of the caller's. */
char *value_absolute(const struct loader *ld, const char *path);
/* The command with {user} and {name} filled in, in the job's memory. */
char **value_fill(struct loader *ld, char *const *command, const char *user, const char *name);

#endif
