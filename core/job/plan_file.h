/* The plan file (YAML): what a dry run found, for a person to edit, and what a run then does exactly. */
#ifndef JOB_PLAN_FILE_H
#define JOB_PLAN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/job/job.h"

enum plan_action { PLAN_COPY, PLAN_SKIP };

struct plan_message {		/* only those that somebody has to decide about */
	unsigned uid;
	enum plan_action action;
	char *reason;		/* a problem's code; written, never read */
	char *comment;
};

struct plan_folder {
	char *source, *target;	/* UTF-8, with the server's own prefix and separator (plan_name); target NULL: none was decided, and it is not copied */
	enum plan_action action;
	unsigned validity;	/* UIDVALIDITY; 0: the server did not say */
	struct plan_message *message;
	size_t messages;
	/* For the person, never read: */
	char *role, *why;	/* NULL: none */
	uint64_t bytes;
	char *comment;
};

struct plan_account {
	char *name;
	struct plan_folder *folder;
	size_t folders;
	char *comment;
};

struct plan {
	struct arena *arena;	/* holds every text */
	char *digest;		/* the job's (struct job) */
	char *head, *tail;	/* comments at either end of the file, or NULL */
	struct plan_account *account;	/* as read: sorted by name */
	size_t accounts;
};

/* Reads and checks the file against the job it was made for. Returns 0, or -1 with every error in `errors`, in the form of job_load: not the job's digest (then
   that alone is told), accounts that the job does not have, names, UIDs and keys that stand twice, keys that are not known or missing. *out is the caller's. */
int plan_load(struct plan **out, const char *path, const struct job *job, struct buf *errors);
/* NULL-safe; sets *plan = NULL. */
void plan_free(struct plan **plan);

/* The account's part, or NULL: of a plan that was read. */
const struct plan_account *plan_account_of(const struct plan *plan, const char *name);
/* The folder of that name (as the server lists it); of several the one with that UIDVALIDITY. NULL: it is not in the plan. */
const struct plan_folder *plan_folder_of(const struct plan_account *account, const char *name, unsigned validity);
/* A folder's name as it stands in a plan: what is no UTF-8 is taken for Latin-1. The caller's. */
char *plan_name(const char *name);

/* The file. Comments may have several lines; whatever they hold, each stays behind its `#`, and no name leaves its value. */
void plan_write(const struct plan *plan, struct buf *out);

#endif
