/* What a run has come to, read from the state alone: one model, and writers for it. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "core/base/error.h"
#include "core/base/buf.h"
#include "core/job/job.h"
#include "core/store/store.h"

struct report_problem {
	char *severity, *code, *side, *folder, *text, *hint, *message_id, *file;	/* side "" when none */
	uint32_t uid;
};

struct report_row {		/* one folder */
	char *source, *target, *role, *why;
	struct ledger ledger;
	struct verified verified;	/* any is false as well when it does not cover all mail of the ledger */
	uint64_t bytes;
};

struct report_part {		/* one account */
	char *source_provider, *target_provider;	/* "" when unknown */
	char *name, *source_host, *source_user, *target_host, *target_user, *source_capabilities, *target_capabilities;
	int exit;		/* -1: not ended in this run */
	struct ledger ledger;	/* summed */
	struct verified verified;
	uint64_t bytes;
	struct report_row *row;
	size_t rows;
	struct report_problem *problem;
	size_t problems;
};

struct report {
	struct run run;
	struct report_part *part;
	size_t parts;
	struct ledger ledger;	/* of all accounts */
	uint64_t bytes;
	struct report_problem *problem;	/* of the run, not of one account */
	size_t problems;
};

/* Everything of this run. ERR_BUG when a ledger does not close (the contract: status 70). *out is the caller's. */
int report_make(struct report **out, struct store *store, const struct run *run, struct error *err);
void report_free(struct report **report);

/* For check and plan: "go", "warn" (exit 0 and a problem of severity warning or error that was accepted) or "no-go". */
const char *report_forecast(const struct report_part *part);
/* "complete", "exceptions", "stopped", "incomplete", "failed": the verdict of an exit status; "incomplete" for -1. */
const char *report_verdict(int exit);
/* "nothing", "run-again", "fix-first", "decide". */
const char *report_next(int exit);
/* The job's status: the first of 2, 70, 6, 5, 4, 7, 8, 9, 3, 1 that any account has; 130 and 143 stand before 3; else 0. */
int report_exit(const int *exits, size_t count);

/* The document trasloco-report/1 of the contract, indented, with a newline at the end. with_folders: false leaves them out (status). */
void report_json(const struct report *report, bool with_folders, struct buf *out);
/* The receipt: for each account one sentence, the ledger, what was verified, what to do next. */
void report_text(const struct report *report, struct buf *out);
/* CSV, a row a folder: account, source, target, the ledger's terms, bytes, verified. semicolons: for an Italian spreadsheet, with a BOM. */
void report_csv(const struct report *report, bool semicolons, struct buf *out);
/* Where every account stands: a line or two each. running: a run is at work now. */
void report_status(const struct report *report, bool running, struct buf *out);

#endif
