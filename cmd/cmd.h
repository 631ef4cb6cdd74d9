/* What the commands share: their options, and the signals that stop them. Only this floor prints. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/cancel.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/job/job.h"
#include "core/store/store.h"
#include "providers/secrets.h"

enum progress_kind { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

struct options {
	const char *command;
	const char *job;		/* path; default migrate.yaml */
	const char *word;		/* the word after the command as it was given, or NULL: the job, for providers a NAME */
	const char **accounts;		/* NULL-terminated; NULL: all */
	unsigned workers;		/* 0: the job's */
	enum progress_kind progress;
	bool json, quiet, verbose, no_input;
	const char *lang;		/* "it", "en", or NULL: the locale's */
	const char *log, *wire_log;
	bool no_verify, deep, again, failed_only, dry_run;	/* run, verify */
	const char *plan_to, *plan_from;			/* plan -o ("-" is standard output), run --plan */
	const char *html, *json_to, *text_to, *csv, *of;	/* report; "-" is standard output */
	bool follow;					/* status */
	const char *from, *to, *from_host, *to_host;	/* init */
	bool forget;					/* login */
	const char *export_to;				/* refused */
	bool retry;					/* refused */
	bool accept[4];					/* accept: by enum accepted */
};

enum { EXIT_USAGE = 2, EXIT_LOCKED = 9, EXIT_INTERNAL = 70 };

/* options.c. Returns 0, or the exit status after it has said what is wrong (or shown the help: EXIT_SHOWN). */
enum { EXIT_SHOWN = -1 };
int options_parse(struct options *out, int argc, char **argv);
void options_free(struct options *options);
/* help.c: one screen; command NULL or unknown: the program's. */
void options_help(FILE *to, const char *command);

/* common.c */
/* Loads the job file, prints its errors. NULL: they are told, the status is 2. */
struct job *load_job(const struct options *options);
/* Says it on stderr and gives the status of its class. */
int fail(const struct error *err);
/* Text to standard output: 0, or 2 after saying why it can't be written. */
int print(const struct buf *text);
/* Ctrl-C and SIGTERM: once fires `stop`, twice ends the process at once. */
void catch_signals(struct cancel *stop);
int caught_signal(void);	/* 0, SIGINT or SIGTERM */
/* All names of --account are accounts of the job; else they are told and the answer is false. */
bool accounts_known(const struct options *options, const struct job *job);
/* Whether the name is in the list (NULL: all are). The state may know more accounts than the job: those that were taken out of it. */
bool account_asked(const char *const *only, const char *name);
/* The state's ids of these accounts (NULL: all of the job). *out is the caller's (free). */
int account_ids(struct store *store, const struct job *job, const char *const *only, int64_t **out, size_t *count, struct error *err);
/* --failed-only: the names of the accounts that did not end with 0 the last time, the caller's array (free), the job's names, NULL at the end. store NULL,
   or without any run: all accounts. NULL and err set: the state can't be read. */
const char **accounts_failed(const struct job *job, struct store *store, struct error *err);
/* --log, -v and --wire-log. 0, or 2 after it was told what can't be written; close_logs in both cases. Files are 0600 and written on behind their end. */
int open_logs(const struct options *options, struct log *log, struct log *wire);
void close_logs(const struct options *options, struct log *log, struct log *wire);	/* says so when one is not whole */
/* The folder of a path, the caller's. */
char *folder_of(const char *path);
/* The state of the job to be read, or to be written: then it has to be there. NULL: it is told, and *status is the exit status. */
struct store *open_state(const struct job *job, enum store_mode mode, int *status);

/* write.c: the text to that place, 0600: written beside it and renamed, so that a full disk leaves no half of it; a device or a pipe is written into. Returns 0, or why not
   (an errno). */
int write_file(const char *path, const struct buf *text);

/* plan_file.c */
struct plan;
/* --plan: NULL after it was told what is wrong. */
struct plan *plan_open(const struct options *options, const struct job *job);
/* Those of `only` (NULL: all of the job) that are in the plan: the caller's array (free), names of the plan, NULL at the end. left: the others, told in a note. NULL
   after it was told that none is, or that one of --account is not. */
const char **plan_accounts(const struct plan *plan, const struct job *job, const struct options *options, const char *const *only, struct buf *left);
/* plan -o, before anything begins: whether it can be written there; else it is told, and the answer is 2. */
int plan_writable(const struct options *options);
/* Writes what that run, a plan, has found. `status` is the run's; returns 0 or 2. */
int plan_put(const struct options *options, const struct job *job, struct store *store, const struct run *run);

/* forecast.c */
struct report;
struct forecast { uint64_t least, most, messages; };	/* seconds */
struct flow_took { uint64_t messages, seconds; };
/* The plan that this report is of, with what its probe has measured (bytes a second; 0: nothing, and it is a guess). */
int forecast_keep(struct store *store, const struct report *report, uint64_t slow, uint64_t fast, struct error *err);
/* What the newest plan has forecast, if nothing ran since; else all zero. */
int forecast_find(struct store *store, struct forecast *out, struct error *err);
/* A note in this run's report. */
int forecast_compare(struct store *store, int64_t run, const struct forecast *forecast, const struct flow_took *took, struct error *err);

/* notify.c: hands the document to the job's notify.command. What goes wrong is said on stderr and changes no status. */
void notify(const struct job *job, const struct buf *document);
/* The same with another time limit than a minute. What has not ended then is killed, with all it has started. */
void notify_within(const struct job *job, const struct buf *document, int64_t limit_ms);
/* choose.c: leaves in a report only these accounts (NULL: all of the job); the sums are theirs. */
void report_choose(struct report *report, const struct job *job, const char *const *only);

/* one file a command */
int cmd_run(const struct options *options);	/* run, verify and plan */
int cmd_status(const struct options *options);
int follow_status(const struct options *options, const struct job *job, struct store *store);	/* follow.c: status --follow */
int cmd_report(const struct options *options);
int cmd_init(const struct options *options);
int cmd_login(const struct options *options);
int cmd_check(const struct options *options);
int cmd_refused(const struct options *options);
int cmd_accept(const struct options *options);
int cmd_providers(const struct options *options);
int cmd_schema(const struct options *options);

/* terminal.c: a secrets_ask (providers/secrets.h) on /dev/tty, without echo; ctx is the options. Only after catch_signals: a signal is
   held back until the terminal is as it was, then it comes, and the answer is ERR_CANCELLED. An empty line asks again. */
int terminal_ask(void *ctx, const struct job_account *account, const struct job_end *end, char **out, struct error *err);
/* NULL when nobody may be asked (--no-input, no terminal): hand it to secrets_new. */
secrets_ask *terminal_asks(const struct options *options);
/* Before anything else is on the screen: gets the secret of each side of these accounts (NULL: all) whose job names none, asking where it must.
   -1 when a signal came; every other trouble is told later, when that side is opened. */
int terminal_ask_all(struct secrets *secrets, const struct job *job, const char *const *only, const struct cancel *stop);

/* progress.c: what stands on stderr while the flow is at work, by --progress. All of these take NULL: nothing is shown. */
struct progress;
struct flow_count;
/* Before flow_run, and freed only after it: gives the count its rows of accounts. only: the accounts asked for, NULL: all. NULL: nothing is to be shown. */
struct progress *progress_new(const struct options *options, const struct job *job, const char *const *only, struct flow_count *count);
/* For struct flow; the ctx is the progress. */
void progress_tick(void *progress);
void progress_folder(void *progress, const char *account, const char *source, const char *target, bool done);
void progress_problem(void *progress, const char *account, const char *folder, const struct problem *problem);
/* Where log lines for `out` have to go while the display is there, so that they do not mix: out itself, or a stream of the progress. */
FILE *progress_log(struct progress *progress, FILE *out);
/* The flow is back: the screen is cleared for what comes. status: the run's; -1: it could not begin. Once; progress_free does it else. */
void progress_end(struct progress *progress, int status);
void progress_free(struct progress **progress);

#endif
