/* What a run has come to, read from the state alone: one model, and writers for it. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "core/base/error.h"
#include "core/base/buf.h"
#include "core/job/job.h"
#include "core/job/preset.h"
#include "core/mail/endpoint.h"
#include "core/store/store.h"

struct report_problem {
	char *severity, *code, *side, *folder, *text, *hint, *message_id, *file;	/* side "" when none */
	char *accepted_by;	/* "" or NULL: nobody */
	int64_t accepted;	/* when, seconds; 0: nobody did */
	uint32_t uid;
};

struct report_row {		/* one folder */
	char *source, *target, *role, *why;
	struct ledger ledger;
	struct verified verified;	/* any is false as well when it does not cover all mail of the ledger */
	uint64_t bytes, bytes_pending;	/* of what is there; of what is to be copied, as far as its sizes are known */
	uint64_t elsewhere;	/* of those skipped: other folders hold them, nobody asked for it */
};

/* May the old mailbox be closed? (the contract's may_close) */
enum close_answer { CLOSE_NOT_YET, CLOSE_RECEIVING, CLOSE_YES };
enum close_reason {
	CLOSE_NOT_ENDED,	/* the last run did not come to its end */
	CLOSE_PENDING,		/* n messages are not copied yet */
	CLOSE_EXCEPTIONS,	/* n messages were refused, altered, doubled or missing, and nobody has accepted it */
	CLOSE_UNVERIFIED,	/* not all of it was verified */
	CLOSE_OLD,		/* the last verification is n hours old */
	CLOSE_UNSEEN,		/* n folders may hold more mail than their provider shows to programs */
	CLOSE_CERTIFIED,	/* a certified (PEC) mailbox */
	CLOSE_NEW_MAIL,		/* n messages came within the last 14 days */
	CLOSE_LEFT_OUT		/* the job leaves n messages out: said, no obstacle */
};
struct report_why { enum close_reason reason; uint64_t n; };
struct report_sender { char *name; uint64_t mails; int64_t last; };	/* an address; how many came from there; seconds */
struct report_close {
	enum close_answer answer;
	struct report_why *why;
	size_t whys;
	int64_t last_new;	/* the newest date of arrival outside junk, 0: not known */
	int64_t since;		/* mail of then and later is new: the last 14 days */
	uint64_t lately;	/* how many, outside junk */
	uint64_t left_out;
	struct report_sender *sender;	/* of the last 14 days, most mails first */
	size_t senders;
};
struct report_month { int year, month; uint64_t source, target; };	/* month 1 to 12; messages that arrived in it: all, and those that are in the new mailbox */

struct report_side;

struct report_part {		/* one account */
	int64_t id;		/* in the state */
	char *source_provider, *target_provider;	/* preset ids; "" or NULL when unknown */
	const char *source_called, *target_called;	/* "Libero", borrowed; NULL: the host is named (report_call) */
	const struct report_side *source_side, *target_side;	/* only of a check, borrowed; else NULL */
	char *name, *source_host, *source_user, *target_host, *target_user, *source_capabilities, *target_capabilities;
	int exit;		/* -1: not ended in this run */
	struct ledger ledger;	/* summed */
	struct verified verified;
	uint64_t bytes, bytes_pending, elsewhere;
	struct report_row *row;
	size_t rows;
	struct report_problem *problem;
	size_t problems;
	size_t unseen;		/* folders that may hold more mail than their provider shows to programs (report_call) */
	bool room_known;	/* of a plan: the new mailbox has room for so many bytes */
	uint64_t room;
	struct report_close close;	/* of a run or verify */
	struct report_month *month;	/* report_months, in order; months without mail are not there */
	size_t months;
	const struct preset *source_preset, *target_preset;	/* borrowed; NULL: none, or report_call was not asked */
	struct report_sender *fresh;	/* from whom this run brought mail that was new since the run before; most first */
	size_t freshes;
};

struct report {
	struct run run;
	const char *job;	/* the job file's name, borrowed, for the commands in texts; NULL: migrate.yaml */
	const char *plan;	/* the plan file that the run goes by, borrowed, for the same; NULL: none */
	struct report_part *part;
	size_t parts;
	struct ledger ledger;	/* of all accounts */
	uint64_t bytes, bytes_pending;
	uint64_t slow, fast;	/* of a plan: bytes a second, measured; 0: not */
	struct report_problem *problem;	/* of the run, not of one account */
	size_t problems;
};

/* Everything of this run. ERR_BUG when a ledger does not close (the contract: status 70). *out is the caller's. An account that ended with 1 and whose
   errors have all been accepted since counts as 0, and so does the run when no other status is left. */
int report_make(struct report **out, struct store *store, const struct run *run, struct error *err);
void report_free(struct report **report);
/* Fills in the months, which only the HTML report shows; a plan has them from the start. */
int report_months(struct report *report, struct store *store, struct error *err);
/* Sentences name the providers as people do ("Libero is not answering for now"), and neither a certified mailbox nor
   one that may hide mail from programs may be closed just so. `presets` is borrowed as long as the report lives. */
void report_call(struct report *report, const struct presets *presets);

/* One reason as a sentence without a full stop, in English or the language of the program. n and the date go into it. The caller's. */
char *report_why_text(const struct report_why *why, bool english);

/* For check and plan: "go", "warn" (exit 0 and a problem of severity warning, or an error that was accepted) or "no-go". */
const char *report_forecast(const struct report_part *part);
/* The worst of all accounts. */
const char *report_forecast_all(const struct report *report);
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
/* One HTML file for people: it loads nothing and needs no script; for a phone, a screen in the dark, and A4, each account on pages of its own. */
void report_html(const struct report *report, struct buf *out);
/* Where every account stands: a line or two each. running: a run is at work now. */
void report_status(const struct report *report, bool running, struct buf *out);

/* ---- plan ---- */

/* The dry run of `report->run` (command "plan"), for people: folders, target and why, messages, MB, what is there already; space, time (where nothing was measured
   a guess of 1 to 8 MB/s, called a guess), gaps, what to look at; the last line says whether it can start. */
void report_plan_text(const struct report *report, struct buf *out);

/* ---- check ---- */

enum report_tried { TRIED_NOT, TRIED_GOOD, TRIED_BAD };

struct report_side {		/* what a check met on one side; all borrowed */
	const char *called;		/* the preset's name, "Libero"; NULL or "": the host stands for it */
	const char *provider;		/* the preset's id; NULL or "": none */
	const char *host, *user;
	unsigned port;
	enum report_tried secure;	/* TLS; TRIED_NOT with `clear` for tls: none */
	enum report_tried signed_in;
	bool clear;			/* the job asks for no TLS */
	enum error_class class;		/* ERR_NONE: all went well. LOGIN, TLS, RETRY (not reached, lost, time-out, [UNAVAILABLE], outage), USAGE (a secret is missing) … */
	const char *said;		/* the server's own words, or what happened; NULL or "" */
	unsigned tries;			/* how often the sign-in was tried */
	bool before;			/* it has signed in before with this state: the password was right once */
	bool no_secret;			/* class LOGIN, and no server was asked: there is nothing to sign in with, or the command for it ended badly */
	bool named;			/* the job file says where the secret comes from: `login` does not ask for it */
	bool outage;			/* three accounts or more of this host are refused and none gets in */
	unsigned traits;		/* enum preset_trait */
	const char *page;		/* the provider's own page; NULL or "" */
	size_t folders;			/* that can be opened */
	uint64_t messages;		/* in them */
	const char *capabilities;	/* one blank between; NULL: none */
	struct door_facts facts;	/* all zero: not asked, or not said */
};

struct report_check {		/* one account */
	const char *name;
	struct report_side source, target;
	int exit;			/* 0, 2, 3, 4, 5 */
	bool warned;			/* with exit 0: something is to be looked at (what `problem` says) */
	const struct report_problem *problem;	/* more than the sides tell; may be NULL */
	size_t problems;
	const char *job;		/* the job file's name, for the commands; NULL: migrate.yaml */
};
/* One screen an account: what works, and for what does not the likely causes in order, with the provider's own page; of more than three
   accounts those that are well get a line. */
void report_check_text(const struct report_check *check, size_t count, struct buf *out);
/* The document trasloco-report/1 of a check: accounts with verdict, next, sides (as in a run, and secure, signed_in, folder_count, messages, append_limit, quota),
   no folders, problems (login-refused, tls-failed, not-reached with their hints; `problem`; not-moved). run: command "check", started, finished, exit, job_digest. */
void report_check_json(const struct report_check *check, size_t count, const struct run *run, struct buf *out);

/* How many lanes a run had, as the text of a note (code "lanes") that its report finds again. */
struct report_lanes {
	unsigned most;			/* at work at once */
	unsigned least;			/* what they were brought down to, since more were slower; 0: they were not */
	bool shut_out, throttled;	/* a server had no room for one more; asked for less */
};
void report_lanes(const struct report_lanes *lanes, struct buf *out);

#endif
