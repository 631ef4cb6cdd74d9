/* What is wrong with a job file: gathered in any order, written in the order of the file. */
#ifndef JOB_FAULT_H
#define JOB_FAULT_H

#include <stddef.h>

#include "core/base/buf.h"

struct fault {
	unsigned line, column;	/* from 1; the column counts characters */
	size_t order;		/* of adding: decides between two at one place */
	char *text;
};

struct faults {
	struct fault *list;
	size_t count, cap;
};

/* Never hand it a secret: the text is shown. */
void fault_add(struct faults *f, unsigned line, unsigned column, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Lines of "path:line:column: text\n", sorted; at most 1,000, then one that counts the rest. */
void faults_write(struct faults *f, const char *path, struct buf *out);
/* Empty again, memory gone. Made for CLEANUP. */
void faults_free(struct faults *f);

#endif
