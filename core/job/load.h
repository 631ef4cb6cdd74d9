/* From the tree to struct job: the values that are levels of their own. */
#ifndef JOB_LOAD_H
#define JOB_LOAD_H

#include "core/job/value.h"

value_fn load_level;	/* key->level's struct is `field` */
value_fn load_end;	/* struct job_end */
value_fn load_accounts;	/* field is the struct job */

/* The whole file into ld->job, with what was left out filled in and everything checked. */
void load_root(struct loader *ld, const struct node *root);

#endif
