/* What can only be told from several values together. */
#ifndef JOB_CHECK_H
#define JOB_CHECK_H

#include "core/job/value.h"

/* The names of accounts, each where it stands: in the job file or in its table. */
struct place {
	const char *name;
	unsigned line, column;
	size_t order;
	struct faults *faults;	/* of its file */
};

struct places {
	struct place *list;
	size_t count, cap;
};

void places_free(struct places *places);

/* `map` is one side as it stands in the file: at most one secret. */
void check_secrets(struct loader *ld, const char *side, const struct node *map);
/* `at` is the side's mapping in the account, or the account. */
void check_end(struct loader *ld, const struct node *at, const struct job_end *end);
void check_account(struct loader *ld, const struct node *node, const struct job_account *account);
/* `node` is the account, or what holds `messages` for all. */
void check_messages(struct loader *ld, const struct node *node, const struct job_messages *messages);
/* No name twice, in both files together. */
void check_names(struct loader *ld);
/* The state must not be written over the job file. */
void check_state(struct loader *ld, const struct node *root);

#endif
