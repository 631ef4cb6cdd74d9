/* `accounts_from`: a table with an account in each row. */
#ifndef JOB_TABLE_H
#define JOB_TABLE_H

#include "core/job/fault.h"
#include "core/job/value.h"

struct table {
	char *path;	/* as it is shown: beside the job file as that was given */
	struct faults faults;
};

/* Reads the file that `node` names; each row becomes an account, with all that accounts of the job file take over. */
void table_load(struct loader *ld, const struct node *node);
/* Made for CLEANUP. */
void table_free(struct table *table);

#endif
