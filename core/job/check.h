/* What can only be told from several values together. */
#ifndef JOB_CHECK_H
#define JOB_CHECK_H

#include "core/job/value.h"

/* `side` is "source" or "target", node its mapping. */
void check_end(struct loader *ld, const char *side, const struct node *node, const struct job_end *end);
void check_account(struct loader *ld, const struct node *node, const struct job_account *account);
/* `list` is the value of `accounts`: no name twice. */
void check_names(struct loader *ld, const struct node *list);
/* The state must not be written over the job file. */
void check_state(struct loader *ld, const struct node *root);

#endif
