/* What a dry run has found, as a plan file. */
#ifndef REPORT_PLANNED_H
#define REPORT_PLANNED_H

#include "core/job/plan_file.h"
#include "core/report/report.h"

struct planning {
	const struct run *run;		/* command "plan" */
	const struct job *job;
	const char *job_name, *file;	/* as they are to be typed: in the comment that says how to go on; job_name NULL: migrate.yaml */
};

/* The accounts that were listed in this run, with all their folders, and of their messages those that somebody has to decide about; comments in the language of the
   program. The others are named in a comment. *out is the caller's (plan_free). */
int report_planned(struct plan **out, struct store *store, const struct planning *planning, struct error *err);

/* How long it will take to copy what is pending of all accounts, at so many bytes a second at the slow and at the quick end (0: a guess); in seconds
   (ahead.c). report_call says what the providers set bounds to. */
void report_seconds(const struct report *report, uint64_t slow, uint64_t fast, uint64_t *least, uint64_t *most);

#endif
