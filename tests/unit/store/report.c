/* What reports read: walks over accounts and folders, and which problems stand. */
#include "tests/unit/store/help.h"

static int account_line(void *ctx, const struct report_account *a)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s %s %s %s %s [%s] [%s] %d\n", a->name, a->source_host, a->source_user, a->target_host, a->target_user,
		a->source_capabilities, a->target_capabilities, a->exit);
	return 0;
}

static void accounts(void **state)
{
	struct help *h = *state;
	int64_t luigi = help_account(h, "luigi"), later;
	char text[600] = "";

	OK(store_signed_in(h->st, luigi, SIDE_SOURCE, "IMAP4rev1 IDLE", &h->err));
	OK(store_account_end(h->st, h->run, luigi, 3, &h->err));
	OK(store_account_end(h->st, h->run, luigi, 4, &h->err));
	OK(store_each_account(h->st, h->run, account_line, text, &h->err));
	assert_string_equal(text, "mario source.example m@source target.example m@example [] [] -1\n"
		"luigi source.example m@source target.example m@example [IMAP4rev1 IDLE] [] 4\n");
	OK(store_run_begin(h->st, "verify", "digest", &later, &h->err));
	text[0] = '\0';
	OK(store_each_account(h->st, later, account_line, text, &h->err));
	assert_null(strstr(text, " 4\n"));
}

static int folder_line(void *ctx, const struct report_folder *f)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s>%s %s %s\n", f->source, f->target, f->role, f->why);
	return 0;
}

static int stop_at_once(void *ctx, const struct report_folder *f)
{
	(void)f;
	++*(int *)ctx;
	return -1;
}

static void folders(void **state)
{
	struct help *h = *state;
	struct folder_key shared = help_key(h, "Altri", 3);
	struct folder_row row;
	char text[400] = "";
	int calls = 0;

	shared.mailbox = 0;
	shared.moved = false;
	shared.why = "shared";
	shared.role = shared.target_name = "";
	OK(store_folder(h->st, &shared, &row, &h->err));
	help_folder(h, "INBOX", 1);
	help_copy(h, h->folder, 1, 2, 10);	/* 1001 and 1002 bytes */
	help_list(h, h->folder, "1:4");
	OK(store_each_folder(h->st, h->account, folder_line, text, &h->err));
	assert_string_equal(text, "INBOX>Sent sent same\nAltri>  shared\nSent>Sent sent same\n");
	OK(store_each_folder(h->st, h->account, stop_at_once, &calls, &h->err));
	assert_int_equal(calls, 1);
	/* The store is free again after a walk that was stopped. */
	help_ledger_is(h, h->folder, "4 2 0 0 0 0 2 2");
	help_ledger_is(h, row.id, "0 0 0 0 0 0 0 0");
}

/* ---- problems ---- */

static void problem(struct help *h, int64_t run, uint32_t uid, const char *code, const char *text)
{
	struct problem p = {.account = h->account, .folder = uid ? h->folder : 0, .uid = uid, .side = SIDE_TARGET, .severity = "error", .code = code,
		.text = text, .hint = "", .file = NULL};

	OK(store_problem(h->st, run, &p, &h->err));
}

static int problem_line(void *ctx, const struct problem *p)
{
	char *text = ctx;

	assert_string_equal(p->file, "");
	assert_string_equal(p->severity, "error");
	assert_int_equal(p->side, SIDE_TARGET);
	sprintf(text + strlen(text), "%u %s %s|", p->uid, p->code, p->text);
	return 0;
}

static void problems_are(struct help *h, int64_t run, const char *want)
{
	char text[500] = "";

	OK(store_each_problem(h->st, run, h->account, problem_line, text, &h->err));
	assert_string_equal(text, want);
}

static void newest_text_wins(void **state)
{
	struct help *h = *state;
	struct problem of_run = {.side = SIDE_TARGET, .severity = "error", .code = "not-moved", .text = "x"};
	char text[100] = "";

	problem(h, h->run, 0, "over-quota", "first");
	problem(h, h->run, 0, "over-quota", "second");
	problem(h, h->run, 7, "message-altered", "a");
	problem(h, h->run, 7, "keyword-lost", "b");
	problems_are(h, h->run, "0 over-quota second|7 keyword-lost b|7 message-altered a|");
	OK(store_problem(h->st, h->run, &of_run, &h->err));
	OK(store_each_problem(h->st, h->run, 0, problem_line, text, &h->err));
	assert_string_equal(text, "0 not-moved x|");
}

/* Each stands in later runs as long as its row says so. */
static void what_stands(void **state)
{
	struct help *h = *state;
	static const struct finding altered[] = {{3, CHECKED_ALTERED}};
	struct folder_checked found = {.done = true, .doubled = 1};
	int64_t first = h->run, second, third;

	help_copy(h, h->folder, 1, 4, 10);
	help_list(h, h->folder, "1:8");
	OK(store_compared(h->st, h->folder, 1, 4, altered, 1, &h->err));
	OK(store_folder_checked(h->st, first, h->folder, &found, &h->err));
	OK(store_refuse(h->st, h->folder, 5, &h->err));
	OK(store_refuse(h->st, h->folder, 6, &h->err));
	help_apply(h, store_unsettled, h->folder, "7");
	problem(h, first, 0, "over-quota", "full");
	problem(h, first, 1, "keyword-lost", "k");
	problem(h, first, 2, "message-doubled", "d");
	problem(h, first, 3, "message-altered", "a");
	problem(h, first, 4, "message-altered", "not any more");
	problem(h, first, 5, "message-refused", "r");
	problem(h, first, 6, "message-unreadable", "u");
	problem(h, first, 7, "unsettled", "s");
	OK(store_run_begin(h->st, "run", "digest", &second, &h->err));
	problems_are(h, second, "2 message-doubled d|3 message-altered a|5 message-refused r|6 message-unreadable u|7 unsettled s|");
	problem(h, second, 5, "message-refused", "r2");
	problem(h, second, 0, "drift", "now");
	problems_are(h, second, "0 drift now|2 message-doubled d|3 message-altered a|5 message-refused r2|6 message-unreadable u|7 unsettled s|");
	problems_are(h, first, "0 over-quota full|1 keyword-lost k|2 message-doubled d|3 message-altered a|4 message-altered not any more|"
		"5 message-refused r|6 message-unreadable u|7 unsettled s|");
	/* All of it is mended. */
	OK(store_run_begin(h->st, "run", "digest", &third, &h->err));
	help_apply(h, store_again, h->folder, "5:7");
	found.doubled = 0;
	OK(store_folder_checked(h->st, third, h->folder, &found, &h->err));
	OK(store_compared(h->st, h->folder, 1, 4, NULL, 0, &h->err));
	problems_are(h, third, "");
}

/* The ledger closes with every state at once, and counts a run's own copies. */
static void ledger(void **state)
{
	struct help *h = *state;
	struct mails there = {0}, rows = {0};
	struct matched matched;

	help_copy(h, h->folder, 1, 3, 10);
	OK(store_compared(h->st, h->folder, 1, 1, NULL, 0, &h->err));
	help_list(h, h->folder, "1:10");
	OK(store_run_begin(h->st, "run", "digest", &h->run, &h->err));
	mails_add(&rows, 4, 4);
	OK(store_scanned(h->st, h->folder, rows.mail, 1, &h->err));
	mails_add(&there, 50, 4);
	help_candidates(h, &there);
	OK(store_match(h->st, h->folder, MATCH_PENDING, 1, true, &matched, &h->err));
	mails_free(&rows);
	mails_add(&rows, 5, 5);
	help_intend(h, h->folder, &rows, 1);
	help_finish(h, h->folder, &rows, NULL);
	mails_free(&rows);
	mails_add(&rows, 6, 6);
	help_intend(h, h->folder, &rows, 1);
	mails_free(&rows);
	help_skip(h, h->folder, "7");
	OK(store_refuse(h->st, h->folder, 8, &h->err));
	help_apply(h, store_vanish, h->folder, "9");
	help_apply(h, store_vanish, h->folder, "3");
	help_ledger_is(h, h->folder, "10 3 1 1 1 2 2 1");
}

/* Bytes, what others hold, and what is new, of the folder's own mail; and what a verdict asks. */
static void counts_and_standing(void **state)
{
	struct help *h = *state;
	CLEANUP(uid_set_free) struct uid_set shown = help_set("5");
	struct folder_key key = help_key(h, "Sent", 5);
	struct folder_row row;
	struct mails all = {0};
	struct standing standing;
	struct counts c;
	int64_t later;

	help_copy(h, h->folder, 1, 2, 10);	/* 1001 and 1002 bytes, of 1700000001 and 2 */
	help_list(h, h->folder, "1:6");
	mails_add(&all, 3, 3);
	mails_add(&all, 5, 5);
	OK(store_scanned(h->st, h->folder, all.mail, all.count, &h->err));
	mails_free(&all);
	OK(store_skip(h->st, h->folder, &shown, REASON_ELSEWHERE_SAME, &h->err));
	help_skip(h, h->folder, "6");
	const struct counting counting = {.run = h->run, .since = 1700000002};
	OK(store_counts(h->st, h->folder, counting, &c, &h->err));
	assert_int_equal(c.bytes, 2003);
	assert_int_equal(c.bytes_pending, 1003);
	assert_int_equal(c.elsewhere, 1);
	assert_int_equal(c.newest, 1700000003);
	assert_int_equal(c.lately, 2);
	OK(store_standing(h->st, h->folder, h->run, &standing, &h->err));
	assert_true(standing.pending == 2 && standing.skipped == 2 && standing.before == 0);
	OK(store_run_begin(h->st, "run", "digest", &later, &h->err));
	OK(store_standing(h->st, h->folder, later, &standing, &h->err));
	assert_true(standing.pending == 2 && standing.skipped == 2 && standing.before == 2);
	/* Of a folder that is not moved nobody asks where its mail is. */
	key.moved = false;
	key.left_out = 9;
	OK(store_folder(h->st, &key, &row, &h->err));
	OK(store_counts(h->st, h->folder, counting, &c, &h->err));
	assert_true(c.elsewhere == 0 && c.ledger.skipped == 4 + 3 && c.ledger.source == 6 + 3);
	OK(store_standing(h->st, h->folder, later, &standing, &h->err));
	assert_int_equal(standing.skipped, c.ledger.skipped);
	/* Renumbered: mail of before is in the ledger, and none of today. */
	OK(store_counts(h->st, help_folder(h, "Sent", 6), counting, &c, &h->err));
	assert_int_equal(c.bytes, 2003);
	assert_true(c.newest == 0 && c.lately == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accounts), TEST(folders), TEST(newest_text_wins), TEST(what_stands), TEST(ledger), TEST(counts_and_standing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
