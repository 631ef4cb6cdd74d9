/* From the tree to struct job: the values that are levels of their own. */
#ifndef JOB_LOAD_H
#define JOB_LOAD_H

#include "core/job/value.h"

value_fn load_level;	/* key->level's struct is `field` */
value_fn load_base;	/* a level of an account that stands at the top: into what every account begins with */
value_fn load_end;	/* struct job_end: what the mapping says, nothing filled in (end.c) */
value_fn load_later;	/* keeps the node: defaults, accounts, accounts_from need what stands below them in the file */

/* Reads the keys of a mapping into the level's struct. */
void load_keys(struct loader *ld, const struct level *level, const struct node *map, void *into);
/* Tells which of the level's needed keys the mapping lacks; `what` it is: "the account". */
void load_need(struct loader *ld, const struct level *level, const char *what, const struct node *map);
/* Whether node is a mapping; else it tells what it is instead. */
bool load_is_map(struct loader *ld, const char *what, const struct node *node);
/* One account: adds it to the job, with what it takes over, filled in and checked. False when there are too many: told. */
bool load_account(struct loader *ld, const struct node *node);
/* Fills in what the side of an account leaves to its provider and tells what is missing. `node` is the account. */
void end_finish(struct loader *ld, const char *side, const struct node *node, struct job_account *account);

/* The whole file into ld->job, with what was left out filled in and everything checked. */
void load_root(struct loader *ld, const struct node *root);

#endif
