/* A state with something of everything in it: account mario with the folders INBOX, Sent and Altri, as tests/unit/store/help.h
   begins it. */
#ifndef TEST_REPORT_FILL_H
#define TEST_REPORT_FILL_H

#include "core/report/report.h"
#include "tests/unit/store/help.h"

static inline void fill_problem(struct help *h, int64_t folder, uint32_t uid, const char *severity, const char *code)
{
	struct problem p = { .account = h->account, .folder = folder, .uid = uid, .side = SIDE_TARGET, .severity = severity, .code = code,
		.text = "the server's words", .hint = "do this", .message_id = uid ? "<a@example>" : "", .file = uid ? "/refused/a.eml" : "" };
	OK(store_problem(h->st, h->run, &p, &h->err));
}

/* Sent: 8 messages: 3 copied (1 identical, 1 rewritten, 1 altered), 1 already there, 1 skipped, 1 refused, 1 vanished, 1 pending. */
static inline void fill_sent(struct help *h)
{
	static const struct finding odd[] = { { 2, CHECKED_REWRITTEN }, { 3, CHECKED_ALTERED } };
	struct folder_checked checked = { .done = true, .sampled = 2, .target_only = 5, .doubled = 1 };
	struct mails row = { 0 }, there = { 0 };
	struct matched matched;
	help_copy(h, h->folder, 1, 3, 10);
	help_list(h, h->folder, "1:8");
	mails_add(&row, 4, 4);
	OK(store_scanned(h->st, h->folder, row.mail, 1, &h->err));
	mails_free(&row);
	mails_add(&there, 50, 4);
	help_candidates(h, &there);
	OK(store_match(h->st, h->folder, MATCH_PENDING, 1, true, &matched, &h->err));
	OK(store_candidates_forget(h->st, h->mailbox, &h->err));
	help_skip(h, h->folder, "5");
	OK(store_refuse(h->st, h->folder, 6, &h->err));
	help_apply(h, store_vanish, h->folder, "7");
	OK(store_compared(h->st, h->folder, 1, 4, odd, 2, &h->err));
	OK(store_folder_checked(h->st, h->run, h->folder, &checked, &h->err));
	fill_problem(h, h->folder, 6, "error", "message-refused");
	fill_problem(h, h->folder, 3, "error", "message-altered");
}

/* A folder that is listed only. */
static inline void fill_shared(struct help *h)
{
	struct folder_key key = help_key(h, "Altri", 3);
	struct folder_row row;
	key.mailbox = 0;
	key.moved = false;
	key.why = "shared";
	key.role = key.target_name = "";
	OK(store_folder(h->st, &key, &row, &h->err));
}

/* The report of the newest run as the state has it now. */
static inline struct report *fill_report(struct help *h)
{
	struct report *report = NULL;
	struct run run;
	assert_int_equal(store_run_newest(h->st, true, &run, &h->err), 1);
	OK(report_make(&report, h->st, &run, &h->err));
	return report;
}

static inline void fill_end(struct help *h, int exit)
{
	OK(store_account_end(h->st, h->run, h->account, exit, &h->err));
	OK(store_run_end(h->st, h->run, exit, &h->err));
}

#endif
