/* Private to core/report: the parts of a receipt. */
#ifndef REPORT_RECEIPT_H
#define REPORT_RECEIPT_H

#include "core/report/report.h"

/* What the sums of a ledger come to. */
uint64_t receipt_there(const struct ledger *);	/* copied and already there */
uint64_t receipt_asked(const struct ledger *);	/* all that was to be there in the end: without skipped and vanished */
uint64_t receipt_left(const struct report_part *);	/* left out because somebody asked for it: not what other folders hold */
/* The last verification covers all mail of the account. */
bool receipt_checked(const struct report_part *);
/* The first problem of severity error that is about no message, or NULL. */
const struct report_problem *receipt_reason(const struct report_part *);
/* One of severity error and that code is there. */
bool receipt_has(const struct report_part *, const char *code);
/* How people call the provider of a side: "Libero", else its host. */
const char *receipt_called(const struct report_part *, bool source);
/* An account that did not end in a run that has ended was not part of it (--account). */
bool receipt_took_part(const struct report *, const struct report_part *);
/* The verdict's word for people, in their language. */
const char *receipt_verdict(int exit);
/* "trasloco refused anna.yaml --retry": with the job file's name unless it is migrate.yaml. For prose_wrap: it stays on one line. */
void receipt_command(struct buf *out, const char *job, const char *command, const char *options);

/* "anna: anna@libero.it -> anna@ditta.it", with `right` at the right margin if there is room, and an empty line. */
struct heading { const char *name, *from, *to; };
void receipt_heading(struct buf *out, const struct heading *, const char *right);

/* How the account came out, as a paragraph. */
void receipt_sentence(const struct report_part *, const struct run *, struct buf *out);
/* How all accounts together came out, a sentence. */
void receipt_total(const struct report *, struct buf *out);

/* What is said of many messages is said once: problems alike in all but folder and message. */
#define RECEIPT_GROUPS 10
struct receipt_group {
	const struct report_problem *first;
	size_t count;
	bool same_folder;
};
struct receipt_groups {
	struct receipt_group group[RECEIPT_GROUPS];
	size_t made;
	size_t others;	/* problems that are in no group */
};
/* Errors and warnings, errors first. */
struct receipt_groups receipt_group(const struct report_problem *, size_t count);
/* What was accepted, by kind, day and person; in words: "2 refused messages, accepted by anna on 28 Nov 2026". */
struct receipt_groups receipt_group_accepted(const struct report_problem *, size_t count);
void receipt_accepted(const struct receipt_group *, struct buf *out);

/* What is to be looked at, grouped, errors first; then what was accepted. */
void receipt_problems(const struct report_problem *, size_t count, struct buf *out);
/* The same as a numbered list beside `label`, for plan and check. Returns how many points there are. */
size_t receipt_points(const struct report_problem *, size_t count, const char *label, struct buf *out);
/* What to do next, with the commands. */
#define RECEIPT_STEPS 6
/* … as sentences for prose_wrap, the caller's to free; returns how many. */
size_t receipt_steps(const struct report *, const struct report_part *, struct buf out[RECEIPT_STEPS]);
void receipt_next(const struct report *, const struct report_part *, struct buf *out);
/* What excluded folders and the job's rules for messages leave out, a line; nothing when there is none. */
void receipt_left_out(const struct report_part *, size_t indent, struct buf *out);
/* May the old mailbox be closed? After what to do next. */
void receipt_close(const struct report *, const struct report_part *, struct buf *out);
/* ahead.c: what a plan foretells of an account; no words where there is nothing to say. */
enum ahead { AHEAD_ROOM, AHEAD_TIME, AHEAD_HISTORY, AHEAD_LOOKED, AHEAD_LABELS, AHEAD_ALL };
const char *ahead_label(enum ahead what);
void ahead_words(const struct report *, const struct report_part *, enum ahead what, struct buf *out);
/* "47,844 messages to copy, 6.0 GB; 58 already there; 312 left out" */
void ahead_sum(const struct ledger *, uint64_t bytes_pending, struct buf *out);
/* How long all accounts together may take. */
void ahead_time_of_all(const struct report *, struct buf *out);
/* close.c: from when on mail is new; what a folder of that role adds to it. */
int64_t close_since(void);
void close_count(struct report_part *part, const char *role, const struct counts *counts);
/* Fills in part->close and fresh when all else of it is there; what a certified mailbox changes, and one that may hide mail; and frees them. */
int close_read(struct report_part *part, struct store *store, int64_t run, struct error *err);
void close_certified(struct report_part *part);
void close_unseen(struct report_part *part);
void close_free(struct report_part *part);
/* remarks.c: adds to an account that is read; and fills in what a plan has kept as problems. */
void remarks_of(const struct report *, struct report_part *);
void remarks_recall(struct report *);
/* Of a run after a plan: what that forecast and what it took, a sentence; else nothing. */
void receipt_forecast(const struct report *, struct buf *out);
/* lanes.c: how many connections there were, and why fewer for a time, where that was kept; else nothing. */
void receipt_lanes(const struct report *, struct buf *out);
/* The last line of every text. */
void receipt_not_moved(struct buf *out);

#endif
