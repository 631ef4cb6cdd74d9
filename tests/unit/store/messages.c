/* Rows of a folder: listing, the sets of store_uids, and states without a target. */
#include "tests/unit/store/help.h"

#include "core/store/minus.h"

static void lists(void **state)
{
	struct help *h = *state;
	static const struct {
		const char *listed;
		uint32_t next;
		unsigned fresh, vanished;
		const char *pending;
	} steps[] = {
		{"1:5,9", 10, 6, 0, "1:5,9"},
		{"1:5,9", 10, 0, 0, "1:5,9"},
		{"2:4,9,11:20", 12, 1, 2, "2:4,9,11"},	/* 12 and above came later */
		{"", 12, 0, 5, ""},
		{"1:5,9,11", 12, 0, 0, "1:5,9,11"},
		{"1,4294967295", 0, 1, 6, "1,4294967295"},
		{"1", 4294967295u, 0, 0, "1,4294967295"},	/* what lies at or above `next` is left alone */
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct uid_set set = help_set(steps[i].listed);
		struct listed got;

		OK(store_listed(h->st, h->folder, &set, steps[i].next, &got, &h->err));
		assert_int_equal(got.fresh, steps[i].fresh);
		assert_int_equal(got.vanished, steps[i].vanished);
		help_uids_are(h, h->folder, WHICH_PENDING, steps[i].pending);
		uid_set_free(&set);
	}
}

/* Who vanishes keeps the claim, and comes back as what it was. */
static void vanished_and_back(void **state)
{
	struct help *h = *state;
	struct mails all = {0};
	struct intents intents;
	struct uid_set present = help_set("10:13"), free_uids = {0};
	char *text;

	help_copy(h, h->folder, 1, 3, 10);
	OK(store_compared(h->st, h->folder, 1, 1, NULL, 0, &h->err));
	help_list(h, h->folder, "1:7");
	help_skip(h, h->folder, "5");
	OK(store_refuse(h->st, h->folder, 6, &h->err));
	mails_add(&all, 7, 7);
	help_intend(h, h->folder, &all, 9);
	help_ledger_is(h, h->folder, "7 3 0 1 1 0 2 3");
	help_list(h, h->folder, "");
	help_ledger_is(h, h->folder, "7 0 0 0 0 7 0 0");
	OK(store_unclaimed(h->st, h->mailbox, h->folder, &present, &free_uids, &h->err));
	text = uid_set_text(&free_uids);
	assert_string_equal(text, "10:13"); /* they may come back under other UIDs */
	help_list(h, h->folder, "1:7");
	help_ledger_is(h, h->folder, "7 3 0 1 1 0 2 3");
	help_placed_are(h, h->folder, "1>10 2>11 3>12");
	OK(store_intents(h->st, h->folder, &intents, &h->err));
	assert_int_equal(intents.count, 1);
	assert_int_equal(intents.floor, 9);
	/* The answer comes while its row is vanished: the claim is kept for later. */
	help_apply(h, store_vanish, h->folder, "7");
	help_finish(h, h->folder, &all, (uint32_t[]){13});
	help_ledger_is(h, h->folder, "7 3 0 1 1 1 1 3");
	help_list(h, h->folder, "1:7");
	help_placed_are(h, h->folder, "1>10 2>11 3>12 7>13");
	free(text);
	uid_set_free(&present);
	uid_set_free(&free_uids);
	mails_free(&all);
}

static void sets(void **state)
{
	struct help *h = *state;
	struct mails known = {0};

	help_copy(h, h->folder, 1, 4, 10);
	help_list(h, h->folder, "1:12");
	mails_add(&known, 5, 5);
	mails_add(&known, 6, 6);
	known.mail[1]->has_id = false;
	OK(store_scanned(h->st, h->folder, known.mail, known.count, &h->err));
	help_skip(h, h->folder, "7:8");
	help_skip(h, h->folder, "1");
	help_apply(h, store_unplace, h->folder, "2:3");
	help_apply(h, store_unsettled, h->folder, "9");
	OK(store_refuse(h->st, h->folder, 10, &h->err));
	OK(store_refuse(h->st, h->folder, 4, &h->err));
	help_uids_are(h, h->folder, WHICH_PENDING, "5:6,11:12");
	help_uids_are(h, h->folder, WHICH_HEADLESS, "6,11:12");
	help_uids_are(h, h->folder, WHICH_DOUBTFUL, "");
	help_uids_are(h, h->folder, WHICH_SKIPPED, "7:8");
	help_uids_are(h, h->folder, WHICH_THERE, "1:4");
	help_uids_are(h, h->folder, WHICH_UNPLACED, "2:3");
	help_ledger_is(h, h->folder, "12 4 0 2 1 0 5 4");
	mails_free(&known);
}

static void not_unique(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:6");
	for (uint32_t uid = 1; uid <= 6; uid++)
		mails_add(&all, uid, uid);
	all.mail[3]->id.msgid = all.mail[1]->id.msgid;	/* 2 and 4 */
	all.mail[4]->id.msgid = 0;			/* 5 has none */
	all.mail[5]->id.msgid = all.mail[0]->id.msgid;	/* 1 and 6, but 6 is not there */
	all.count = 5;
	help_intend(h, h->folder, &all, 1);
	help_finish(h, h->folder, &all, NULL);
	all.count = 6;
	OK(store_scanned(h->st, h->folder, all.mail + 5, 1, &h->err));
	help_uids_are(h, h->folder, WHICH_NOT_UNIQUE, "2,4:5");
	mails_free(&all);
}

static void again(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_copy(h, h->folder, 1, 2, 10);
	help_list(h, h->folder, "1:7");
	help_skip(h, h->folder, "3");
	OK(store_refuse(h->st, h->folder, 4, &h->err));
	help_apply(h, store_unsettled, h->folder, "5");
	mails_add(&all, 6, 6);
	help_intend(h, h->folder, &all, 1);
	help_apply(h, store_vanish, h->folder, "7");
	help_uids_are(h, h->folder, WHICH_PENDING, "");
	help_apply(h, store_again, h->folder, "2:7");
	help_uids_are(h, h->folder, WHICH_PENDING, "2:5");	/* 6 has to be settled first */
	help_placed_are(h, h->folder, "1>10");
	assert_int_equal(help_claimed(h), 1);
	help_ledger_is(h, h->folder, "7 1 0 0 0 1 5 1");
	mails_free(&all);
}

static void scanned_and_flags(void **state)
{
	struct help *h = *state;
	struct mails all = {0};
	struct flags seen = {.system = FLAG_SEEN, .keywords = (char[]){"Blue Red"}};
	struct placed *rows;
	size_t count;

	help_copy(h, h->folder, 1, 2, 10);
	mails_add(&all, 1, 9);
	all.mail[0]->date = DATE_UNKNOWN;
	all.mail[0]->flags.system = FLAG_DRAFT | FLAG_DELETED;
	flags_add(&all.mail[0]->flags, "Work", 4);
	OK(store_scanned(h->st, h->folder, all.mail, 1, &h->err));
	OK(store_flags(h->st, h->folder, 2, &seen, &h->err));
	OK(store_placed(h->st, h->folder, 1, 2, &rows, &count, &h->err));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].state, STATE_COPIED);
	assert_int_equal(rows[0].flags.system, FLAG_DRAFT | FLAG_DELETED);
	assert_string_equal(rows[0].flags.keywords, "Work");
	assert_string_equal(rows[1].flags.keywords, "Blue Red");
	placed_free(rows, count);
	OK(store_placed(h->st, h->folder, 2, 2, &rows, &count, &h->err));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].flags.system, FLAG_SEEN);
	placed_free(rows, count);
	mails_free(&all);
}

/* The walk beside a set against the plain definition, on many small sets. */
static void minus_is_minus(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct uid_set set = {0}, left = {0};
		struct minus walk = {.set = &set, .left = &left};
		unsigned in = 0, passed = 0, end = 1 + (unsigned)rand_r(&seed) % 14;

		for (unsigned uid = 1; uid < 12; uid++)
			if (rand_r(&seed) & 1)
				in |= 1u << uid;
		for (unsigned uid = 1; uid < 12; uid++)
			if (in >> uid & 1)
				uid_set_add(&set, uid, uid);
		for (unsigned uid = 1; uid < end; uid++)
			if (rand_r(&seed) & 1) {
				passed |= 1u << uid;
				assert_int_equal(minus_pass(&walk, uid), in >> uid & 1);
			}
		minus_end(&walk, end);
		for (unsigned uid = 1; uid < 14; uid++)
			assert_int_equal(uid_set_has(&left, uid), uid < end && (in & ~passed) >> uid & 1);
		uid_set_free(&set);
		uid_set_free(&left);
	}
}

/* A bit of a row's state has tipped over: what was brought is not sent a second time. */
static void damaged(void **state)
{
	struct help *h = *state;

	help_copy(h, h->folder, 1, 6, 10);
	help_list(h, h->folder, "1:7");
	help_raw(h->path, "UPDATE message SET state = CASE uid WHEN 1 THEN 0 WHEN 2 THEN 1 WHEN 3 THEN 6 WHEN 4 THEN 7 WHEN 5 THEN 4 ELSE state END WHERE uid <= 6");
	help_list(h, h->folder, "1:7");
	help_uids_are(h, h->folder, WHICH_THERE, "1:6");
	help_uids_are(h, h->folder, WHICH_PENDING, "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists), TEST(vanished_and_back), TEST(sets), TEST(not_unique), TEST(again), TEST(scanned_and_flags), TEST(damaged), cmocka_unit_test(minus_is_minus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
