/* Folders that have another name at the source than when they were copied. */
#ifndef FLOW_RENAMED_H
#define FLOW_RENAMED_H

#include "core/flow/lane.h"
#include "core/flow/mapping.h"

/* They are known under their new names from now on (mapping_renamed; not for a verification). Where one has the name of another (mapping_exchanged), some of its mail is
   looked at first. For the plan, in the reader's thread; nothing is open at the source. */
int renamed_follow(struct lane *lane, const struct mapping_task *task, struct folder_known *known, struct error *err);

#endif
