/* Of the mapping: where a plan wants a folder to go. Private to mapping.c and planned.c. */
#ifndef FLOW_PLANNED_H
#define FLOW_PLANNED_H

#include "core/flow/mapping.h"

/* The wire name of m->planned's target, the caller's. NULL: the rules have it there already, or the target can't hold it (then a note refuses the mapping). */
char *planned_wire(struct mapping *out, const struct mapping_task *task, const struct mapped *m);
/* Tells that the folder is not in the plan. */
void planned_new(struct mapping *out, const struct mapped *m);
/* Refuses a plan that copies what is shared. */
void planned_shared(struct mapping *out, const struct mapping_task *task);

#endif
