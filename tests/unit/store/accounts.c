/* Runs, accounts, mailboxes and folders. */
#include "tests/unit/store/help.h"

static void runs(void **state)
{
	struct help *h = *state;
	struct run run;
	int64_t second;

	assert_int_equal(store_run_newest(h->st, false, &run, &h->err), 0);
	assert_int_equal(store_run_newest(h->st, true, &run, &h->err), 1);
	assert_int_equal(run.id, h->run);
	assert_int_equal(run.exit, -1);
	assert_int_equal(run.finished, 0);
	OK(store_run_end(h->st, h->run, 3, &h->err));
	OK(store_run_begin(h->st, "verify", "other", &second, &h->err));
	assert_int_equal(store_run_newest(h->st, false, &run, &h->err), 1);
	assert_int_equal(run.id, h->run);
	assert_int_equal(run.exit, 3);
	assert_true(run.finished >= run.started && run.started > 0);
	assert_string_equal(run.job_digest, "digest");
	assert_int_equal(store_run_newest(h->st, true, &run, &h->err), 1);
	assert_int_equal(run.id, second);
	assert_string_equal(run.command, "verify");
}

static void account_is_kept(void **state)
{
	struct help *h = *state;
	struct account_key key = {"mario", "SOURCE.example", "m@source", "target.example", "m@example", "", "", NULL};
	struct account_row row;

	OK(store_account(h->st, &key, &row, &h->err));
	assert_int_equal(row.id, h->account);
	assert_false(row.source_signed_in || row.target_signed_in);
	assert_int_equal(row.target_keeps, 0);
	OK(store_signed_in(h->st, h->account, SIDE_TARGET, "IMAP4rev1", &h->err));
	OK(store_target_keeps(h->st, h->account, 2, &h->err));
	OK(store_account(h->st, &key, &row, &h->err));
	assert_true(row.target_signed_in);
	assert_false(row.source_signed_in);
	assert_int_equal(row.target_keeps, 2);
	OK(store_signed_in(h->st, h->account, SIDE_SOURCE, NULL, &h->err));
	OK(store_account(h->st, &key, &row, &h->err));
	assert_true(row.source_signed_in);
	FAILS(ERR_BUG, store_signed_in(h->st, h->account, SIDE_NONE, "", &h->err));
}

static void account_changed(void **state)
{
	struct help *h = *state;
	static const struct account_key others[] = {
		{"mario", "elsewhere", "m@source", "target.example", "m@example", "", "", NULL}, {"mario", "source.example", "M@source", "target.example", "m@example", "", "", NULL},
		{"mario", "source.example", "m@source", "other", "m@example", "", "", NULL}, {"mario", "source.example", "m@source", "target.example", "x", "", "", NULL},
	};
	struct account_row row;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		FAILS(ERR_USAGE, store_account(h->st, &others[i], &row, &h->err));
		assert_non_null(strstr(h->err.text, i < 2 ? "its source was" : "its target was"));
	}
	assert_int_not_equal(help_account(h, "luigi"), h->account);
}

/* Two runs may end with the same status for different reasons: what counts is what the newest one told. */
static void told_last(void **state)
{
	struct help *h = *state;
	static const char *const codes[] = {"target-shrunk", "drift"};
	bool told = true;

	OK(store_told_last(h->st, h->account, "target-shrunk", &told, &h->err));
	assert_false(told);
	for (int i = 0; i < 2; i++) {
		struct problem p = {.account = h->account, .side = SIDE_TARGET, .severity = "error", .code = codes[i], .text = "x", .hint = "", .message_id = "", .file = ""};
		int64_t run;

		OK(store_run_begin(h->st, "run", "digest", &run, &h->err));
		OK(store_problem(h->st, run, &p, &h->err));
		OK(store_account_end(h->st, run, h->account, 8, &h->err));
		OK(store_told_last(h->st, h->account, "target-shrunk", &told, &h->err));
		assert_int_equal(told, i == 0);
	}
}

static void mailboxes(void **state)
{
	struct help *h = *state;
	struct mailbox_row row;
	bool renumbered;

	help_copy(h, h->folder, 1, 3, 10);
	OK(store_mailbox(h->st, "target.example", "m@example", "Sent", "Sent", &row, &h->err));
	assert_int_equal(row.id, h->mailbox);
	assert_int_equal(help_claimed(h), 3);
	assert_int_equal(row.validity, 77);
	assert_int_equal(row.first_next, 1);
	OK(store_mailbox(h->st, "target.example", "m@example", "Other", "Other", &row, &h->err));
	assert_int_not_equal(row.id, h->mailbox);
	assert_int_equal(row.validity, 0);
	OK(store_mailbox_seen(h->st, row.id, 9, 500, &renumbered, &h->err));
	assert_false(renumbered);
	OK(store_mailbox_seen(h->st, row.id, 9, 700, &renumbered, &h->err));
	OK(store_mailbox(h->st, "target.example", "m@example", "Other", "Other", &row, &h->err));
	assert_int_equal(row.first_next, 500);
	FAILS(ERR_BUG, store_mailbox_seen(h->st, 999, 1, 1, &renumbered, &h->err));
}

/* The target is renumbered: no claim is left, floors go to 1, candidates are forgotten; what was verified stays so. */
static void mailbox_renumbered(void **state)
{
	struct help *h = *state;
	struct mails on_its_way = {0}, seen = {0};
	struct mailbox_row row;
	struct intents intents;
	struct matched matched;
	struct placed *rows;
	size_t count;
	bool renumbered;

	help_copy(h, h->folder, 1, 3, 10);
	help_list(h, h->folder, "1:4");
	mails_add(&on_its_way, 4, 4);
	help_intend(h, h->folder, &on_its_way, 400);
	mails_free(&on_its_way);
	OK(store_compared(h->st, h->folder, 1, 2, NULL, 0, &h->err));
	help_apply(h, store_vanish, h->folder, "3");
	mails_add(&seen, 50, 1);
	help_candidates(h, &seen);

	OK(store_mailbox_seen(h->st, h->mailbox, 78, 20, &renumbered, &h->err));
	assert_true(renumbered);
	OK(store_mailbox(h->st, "target.example", "m@example", "Sent", "Sent", &row, &h->err));
	assert_int_equal(help_claimed(h), 0);
	assert_int_equal(row.validity, 78);
	assert_int_equal(row.first_next, 20);
	help_uids_are(h, h->folder, WHICH_UNPLACED, "1:2");
	OK(store_intents(h->st, h->folder, &intents, &h->err));
	assert_int_equal(intents.count, 1);
	assert_int_equal(intents.floor, 1);
	OK(store_placed(h->st, h->folder, 1, 9, &rows, &count, &h->err));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].state, STATE_VERIFIED);
	placed_free(rows, count);
	OK(store_match(h->st, h->folder, MATCH_UNPLACED, 1, true, &matched, &h->err));
	assert_int_equal(matched.header, 0);
	/* The vanished one comes back as what it was: ours, somewhere. */
	help_list(h, h->folder, "1:4");
	help_uids_are(h, h->folder, WHICH_UNPLACED, "1:3");
	help_ledger_is(h, h->folder, "4 3 0 0 0 0 1 3");
}

static void folder_is_kept(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Sent", 5);
	struct folder_row row;

	help_list(h, h->folder, "1:7");
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_int_equal(row.id, h->folder);
	help_uids_are(h, row.id, WHICH_PENDING, "1:7");
	assert_false(row.renumbered || row.remapped);
	/* A server that could not say its UIDVALIDITY has not renumbered anything. */
	key.source_validity = 0;
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_int_equal(row.id, h->folder);
	assert_int_not_equal(help_folder(h, "sent", 5), h->folder);
}

/* The job sends the folder elsewhere: no UID of the old mailbox is a claim in the new one, and the folder says so until all is found. */
static void folder_remapped(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Sent", 5);
	struct folder_row row;
	int64_t other = help_mailbox(h, "Elsewhere");

	help_copy(h, h->folder, 1, 2, 10);
	key.mailbox = 0;
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_false(row.remapped);
	help_placed_are(h, h->folder, "1>10 2>11");
	key.mailbox = other;
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_true(row.remapped);
	help_uids_are(h, h->folder, WHICH_UNPLACED, "1:2");
	OK(store_claim(h->st, h->folder, 1, ORIGIN_NONE, 5, &h->err));
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_true(row.remapped);
	OK(store_claim(h->st, h->folder, 2, ORIGIN_NONE, 6, &h->err));
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_false(row.remapped);
	help_ledger_is(h, h->folder, "2 2 0 0 0 0 0 2");
}

static void folder_names(void *ctx, const char *name)
{
	strcat(ctx, name);
	strcat(ctx, " ");
}

static int collect(void *ctx, const struct report_folder *f)
{
	folder_names(ctx, f->source);
	return 0;
}

static void folders_not_listed(void **state)
{
	struct help *h = *state;
	int64_t empty = help_folder(h, "Empty", 1), full = help_folder(h, "Full", 1);
	int64_t ids[] = {h->folder};
	char names[100] = "";

	(void)empty;
	help_copy(h, full, 1, 2, 30);
	help_list(h, full, "1:5");
	OK(store_refuse(h->st, full, 5, &h->err));
	OK(store_each_folder(h->st, h->account, collect, names, &h->err));
	assert_string_equal(names, "Empty Full Sent ");
	OK(store_folders_listed(h->st, h->account, ids, 1, &h->err));
	names[0] = '\0';
	OK(store_each_folder(h->st, h->account, collect, names, &h->err));
	assert_string_equal(names, "Full Sent ");
	help_ledger_is(h, full, "5 2 0 0 1 2 0 2");
	/* It is there again. */
	assert_int_equal(help_folder(h, "Full", 1), full);
	help_list(h, full, "1:5");
	help_ledger_is(h, full, "5 2 0 0 1 0 2 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs), TEST(account_is_kept), TEST(account_changed), TEST(told_last), TEST(mailboxes), TEST(mailbox_renumbered), TEST(folder_is_kept),
		TEST(folder_remapped), TEST(folders_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
