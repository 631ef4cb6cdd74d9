/* One key of the job file and how its value is read. Later versions fill in rows and readers. */
#ifndef JOB_VALUE_H
#define JOB_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/job/job.h"
#include "core/job/yaml.h"

struct level;

/* What is at hand while a file is read. */
struct loader {
	struct faults *faults;
	struct job *job;
	char *folder;		/* of the job file, absolute; relative paths start here */
	mode_t mode;		/* of the job file */
	bool mode_told;		/* that others can read it: once is enough */
};

struct key;
/* Reads `node` into `field` (into the level's struct at key->offset), or adds a fault and leaves it. */
typedef void value_fn(struct loader *ld, const struct key *key, const struct node *node, void *field);

struct key {
	const char *name;
	value_fn *read;		/* NULL: of the contract, but not in this version yet */
	size_t offset;
	int64_t min, max;	/* numbers; durations in milliseconds */
	const char *const *words;	/* value_word: the names of an enum from 0 on, NULL at the end */
	const struct level *level;	/* of the keys below */
	bool needed;
};

struct level {
	const char *home;	/* "in an account" */
	const struct key *key;
	size_t count;
};

value_fn value_number;		/* unsigned */
value_fn value_version;		/* nothing: must be key->max */
value_fn value_bool;		/* bool */
value_fn value_word;		/* an enum, by its place in key->words */
value_fn value_wait;		/* unsigned, milliseconds */
value_fn value_long_wait;	/* int64_t, milliseconds */

/* These put memory of their own into a char *. */
value_fn value_text;		/* not empty, no control characters */
value_fn value_name;		/* of an account */
value_fn value_host;		/* a name or an address, nothing else */
value_fn value_path;		/* made absolute */
value_fn value_readable;	/* a path; the file must be there and readable */
value_fn value_state;		/* a path; no URL */

value_fn value_provider;	/* nothing: must be `imap` */

/* The text of a scalar, or NULL after a fault: a list, a mapping, no value, empty. */
const char *value_scalar(struct loader *ld, const struct key *key, const struct node *node);
/* The value, fit to be shown between quotes. Never for secrets. */
const char *value_shown(char out[64], const struct node *node);
/* For loopback addresses and `localhost`. */
bool value_loopback(const char *host);
/* Memory of the caller's. */
char *value_absolute(const struct loader *ld, const char *path);

#endif
