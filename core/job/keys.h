/* All keys of the job file, a table for each level. A later version fills in its rows. */
#ifndef JOB_KEYS_H
#define JOB_KEYS_H

#include "core/job/value.h"

#define ACCOUNTS_MAX 100000

extern const struct level level_job, level_limits, level_notify, level_defaults, level_account, level_end, level_folders, level_messages,
	level_guard;

/* The row of that name, or NULL. */
const struct key *keys_find(const struct level *level, const char *name);
/* Tells that a key is unknown here: where it belongs, or which one may be meant. */
void keys_unknown(struct loader *ld, const struct level *level, const struct node *key);

#endif
