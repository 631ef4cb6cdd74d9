/* The same mail? Pairs as multisets, doubts, claims, and what a renumbered source inherits. */
#include "tests/unit/store/help.h"

struct seen {
	uint32_t uid;
	uint32_t head, core, msgid;	/* 0: msgid none */
};

static void seen_mail(struct mails *all, const struct seen *s)
{
	struct mail *m = mails_add(all, s->uid, s->head);

	m->date = 1700000000;
	memcpy(m->id.core, &s->core, sizeof(s->core));
	m->id.msgid = s->msgid;
}

static void candidates(struct help *h, const struct seen *seen, size_t count)
{
	struct mails all = {0};

	for (size_t i = 0; i < count && seen[i].uid; i++)
		seen_mail(&all, &seen[i]);
	help_candidates(h, &all);
}

static void matches(struct help *h, int64_t folder, enum match what, const char *want)
{
	struct matched m;
	char text[100];

	OK(store_match(h->st, folder, what, 1, true, &m, &h->err));
	snprintf(text, sizeof(text), "%d %d %d %d", (int)m.header, (int)m.core, (int)m.doubtful, (int)m.none);
	assert_string_equal(text, want);
}

struct match_case {
	const char *name;
	struct seen rows[6], there[6];
	uint32_t floor;
	bool core_counts;
	const char *matched;	/* header core doubtful none */
	const char *placed, *doubtful;
};

static const struct match_case cases[] = {
	{"one", {{1, 1, 1, 1}}, {{10, 1, 1, 1}}, 1, true, "1 0 0 0", "1>10", ""},
	{"nothing there", {{1, 1, 1, 1}}, {{0}}, 1, true, "0 0 0 1", "", ""},
	{"another mail", {{1, 1, 1, 1}}, {{10, 2, 2, 2}}, 1, true, "0 0 0 1", "", ""},
	{"below the floor", {{1, 1, 1, 1}}, {{10, 1, 1, 1}}, 11, true, "0 0 0 1", "", ""},
	{"at the floor", {{1, 1, 1, 1}}, {{10, 1, 1, 1}}, 10, true, "1 0 0 0", "1>10", ""},
	{"three and two: the bodies decide", {{1, 1, 1, 1}, {2, 1, 1, 1}, {3, 1, 1, 1}}, {{10, 1, 1, 1}, {11, 1, 1, 1}}, 1, true, "0 0 3 0", "", "1:3"},
	{"two and three", {{1, 1, 1, 1}, {2, 1, 1, 1}}, {{10, 1, 1, 1}, {11, 1, 1, 1}, {12, 1, 1, 1}}, 1, true, "0 0 2 0", "", "1:2"},
	{"other order", {{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}, {{10, 3, 3, 3}, {11, 1, 1, 1}, {12, 2, 2, 2}}, 1, true, "3 0 0 0",
		"1>11 2>12 3>10", ""},
	{"rewritten header, same core", {{1, 1, 1, 1}}, {{10, 9, 1, 1}}, 1, true, "0 1 0 0", "1>10", ""},
	{"the same where the core does not count", {{1, 1, 1, 1}}, {{10, 9, 1, 1}}, 1, false, "0 0 1 0", "", "1"},
	{"headers first: the exact one is not given away", {{1, 1, 5, 5}, {2, 2, 5, 5}}, {{10, 2, 5, 5}, {11, 9, 5, 5}}, 1, true, "1 1 0 0",
		"1>11 2>10", ""},
	{"same Message-ID, another core", {{1, 1, 1, 7}, {2, 2, 2, 2}}, {{10, 9, 9, 7}}, 1, true, "0 0 1 1", "", "1"},
	{"no Message-ID: the header decides", {{1, 1, 1, 0}, {2, 2, 1, 0}}, {{10, 2, 1, 0}}, 1, true, "1 0 0 1", "2>10", ""},
	{"no Message-ID, same core only", {{1, 1, 1, 0}}, {{10, 9, 1, 0}}, 1, true, "0 0 1 0", "", "1"},
	{"same Message-ID, two bodies, both there", {{1, 1, 1, 7}, {2, 2, 2, 7}}, {{10, 2, 2, 7}, {11, 1, 1, 7}}, 1, true, "2 0 0 0", "1>11 2>10", ""},
	{"same Message-ID, two bodies, one there", {{1, 1, 1, 7}, {2, 2, 2, 7}}, {{10, 2, 2, 7}}, 1, true, "1 0 0 1", "2>10", ""},
};

static void one_case(struct help *h, const struct match_case *c, size_t number)
{
	struct mails rows = {0};
	char name[8], listing[16];
	struct matched m;
	char text[64];
	int64_t folder;
	size_t count = 0;

	while (count < 6 && c->rows[count].uid)
		seen_mail(&rows, &c->rows[count++]);
	snprintf(name, sizeof(name), "F%zu", number);
	snprintf(listing, sizeof(listing), "1:%zu", count);
	h->mailbox = help_mailbox(h, name);
	folder = help_folder(h, name, 1);
	help_list(h, folder, listing);
	OK(store_scanned(h->st, folder, rows.mail, rows.count, &h->err));
	mails_free(&rows);
	candidates(h, c->there, 6);
	OK(store_match(h->st, folder, MATCH_PENDING, c->floor, c->core_counts, &m, &h->err));
	snprintf(text, sizeof(text), "%d %d %d %d", (int)m.header, (int)m.core, (int)m.doubtful, (int)m.none);
	assert_string_equal(text, c->matched);
	help_placed_are(h, folder, c->placed);
	help_uids_are(h, folder, WHICH_DOUBTFUL, c->doubtful);
}

static void grades(void **state)
{
	struct help *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		one_case(h, &cases[i], i);
	}
}

/* Another second, or no date at all: the core is not enough. */
static void dates(void **state)
{
	struct help *h = *state;
	struct mails rows = {0}, there = {0};

	help_list(h, h->folder, "1:2");
	seen_mail(&rows, &(struct seen){1, 1, 1, 1});
	seen_mail(&rows, &(struct seen){2, 2, 2, 2});
	seen_mail(&there, &(struct seen){10, 8, 1, 1});
	seen_mail(&there, &(struct seen){11, 9, 2, 2});
	there.mail[0]->date++;
	rows.mail[1]->date = there.mail[1]->date = DATE_UNKNOWN;
	OK(store_scanned(h->st, h->folder, rows.mail, rows.count, &h->err));
	mails_free(&rows);
	help_candidates(h, &there);
	matches(h, h->folder, MATCH_PENDING, "0 0 2 0");
}

static void of_other_states(void **state)
{
	struct help *h = *state;
	static const struct seen there[] = {{20, 1, 1, 1}, {21, 2, 2, 2}, {22, 3, 3, 3}, {0}};
	struct mails all = {0};

	help_list(h, h->folder, "1:3");
	for (uint32_t uid = 1; uid <= 3; uid++)
		seen_mail(&all, &(struct seen){uid, uid, uid, uid});
	OK(store_scanned(h->st, h->folder, all.mail, 3, &h->err));
	all.count = 2;
	help_intend(h, h->folder, &all, 5);
	all.count = 1;
	help_finish(h, h->folder, &all, NULL);
	all.count = 3;
	mails_free(&all);
	candidates(h, there, 3);
	help_ledger_is(h, h->folder, "3 1 0 0 0 0 2 1");
	matches(h, h->folder, MATCH_INTENDED, "1 0 0 0");
	help_placed_are(h, h->folder, "1>0 2>21");
	matches(h, h->folder, MATCH_UNPLACED, "1 0 0 0");
	help_placed_are(h, h->folder, "1>20 2>21");
	help_ledger_is(h, h->folder, "3 2 0 0 0 0 1 2");
	matches(h, h->folder, MATCH_PENDING, "1 0 0 0");
	help_ledger_is(h, h->folder, "3 2 1 0 0 0 0 2");
	/* Again: nobody is left, nothing is given twice. */
	matches(h, h->folder, MATCH_PENDING, "0 0 0 0");
}

/* Doubles of three dates, of which the first is not there: what is the second's and the third's comes last for it, until they have found theirs. */
static void promised_doubts(void **state)
{
	struct help *h = *state;
	struct mails rows = {0}, there = {0};
	uint32_t target[8];
	size_t count, promised;

	for (uint32_t uid = 1; uid <= 3; uid++) {
		seen_mail(&rows, &(struct seen){uid, 1, 1, 7});
		rows.mail[uid - 1]->date += uid;
	}
	for (uint32_t uid = 10; uid <= 12; uid++) { /* the last one's date is nobody's */
		seen_mail(&there, &(struct seen){uid, 1, 1, 7});
		there.mail[uid - 10]->date += uid == 12 ? 99 : uid - 8;
	}
	help_list(h, h->folder, "1:3");
	OK(store_scanned(h->st, h->folder, rows.mail, 3, &h->err));
	mails_free(&rows);
	help_candidates(h, &there);
	matches(h, h->folder, MATCH_PENDING, "0 0 3 0");
	OK(store_doubts(h->st, h->folder, 1, target, 8, &count, &promised, &h->err));
	assert_true(count == 3 && promised == 2 && target[0] == 12 && target[1] == 10 && target[2] == 11);
	OK(store_doubts(h->st, h->folder, 2, target, 8, &count, &promised, &h->err));
	assert_true(count == 3 && promised == 1 && target[0] == 10 && target[1] == 12 && target[2] == 11);
	OK(store_claim(h->st, h->folder, 3, ORIGIN_THERE, 12, &h->err));
	OK(store_doubts(h->st, h->folder, 1, target, 8, &count, &promised, &h->err));
	assert_true(count == 2 && promised == 1 && target[0] == 11 && target[1] == 10);
	OK(store_candidates_forget(h->st, h->mailbox, &h->err));
	OK(store_doubts(h->st, h->folder, 1, target, 8, &count, &promised, &h->err));
	assert_true(count == 0 && promised == 0);
}

static void doubts_and_claims(void **state)
{
	struct help *h = *state;
	static const struct seen there[] = {{10, 11, 11, 7}, {11, 12, 12, 7}, {12, 13, 13, 8}, {13, 14, 14, 7}, {14, 15, 3, 0}};
	struct mails rows = {0};
	uint32_t target[8];
	size_t count, promised;

	candidates(h, there, 5);
	help_list(h, h->folder, "1:3");
	seen_mail(&rows, &(struct seen){1, 1, 1, 7});
	seen_mail(&rows, &(struct seen){2, 2, 2, 7});
	seen_mail(&rows, &(struct seen){3, 3, 3, 0});
	OK(store_scanned(h->st, h->folder, rows.mail, 3, &h->err));
	mails_free(&rows);
	matches(h, h->folder, MATCH_PENDING, "0 0 3 0");
	help_uids_are(h, h->folder, WHICH_DOUBTFUL, "1:3");
	help_uids_are(h, h->folder, WHICH_PENDING, "1:3");
	OK(store_doubts(h->st, h->folder, 1, target, 8, &count, &promised, &h->err));
	assert_int_equal(count, 3);
	assert_true(target[0] == 10 && target[1] == 11 && target[2] == 13);
	OK(store_doubts(h->st, h->folder, 1, target, 2, &count, &promised, &h->err));
	assert_int_equal(count, 2);
	OK(store_doubts(h->st, h->folder, 3, target, 8, &count, &promised, &h->err));
	assert_true(count == 1 && target[0] == 14);
	OK(store_claim(h->st, h->folder, 1, ORIGIN_THERE, 11, &h->err));
	OK(store_claim(h->st, h->folder, 1, ORIGIN_THERE, 11, &h->err));
	FAILS(ERR_MESSAGE, store_claim(h->st, h->folder, 2, ORIGIN_THERE, 11, &h->err));
	OK(store_doubts(h->st, h->folder, 2, target, 8, &count, &promised, &h->err));
	assert_true(count == 2 && target[0] == 10 && target[1] == 13);
	FAILS(ERR_BUG, store_claim(h->st, h->folder, 99, ORIGIN_THERE, 60, &h->err));
	FAILS(ERR_BUG, store_claim(h->st, h->folder, 2, ORIGIN_NONE, 60, &h->err));
	help_apply(h, store_unsettled, h->folder, "2");
	help_uids_are(h, h->folder, WHICH_DOUBTFUL, "3");
	help_uids_are(h, h->folder, WHICH_PENDING, "3");
	matches(h, h->folder, MATCH_PENDING, "0 0 2 0");
	help_uids_are(h, h->folder, WHICH_PENDING, "3");	/* still unsettled */
	OK(store_candidates_forget(h->st, h->mailbox, &h->err));
	matches(h, h->folder, MATCH_PENDING, "0 0 0 2");
	help_uids_are(h, h->folder, WHICH_DOUBTFUL, "");
	help_ledger_is(h, h->folder, "3 0 1 0 0 0 2 0");
}

static void unclaimed_are(struct help *h, int64_t folder, const char *present, const char *want)
{
	struct uid_set set = help_set(present), out = {0};
	char *text;

	uid_set_add(&out, 5000, 6000);
	OK(store_unclaimed(h->st, h->mailbox, folder, &set, &out, &h->err));
	text = uid_set_text(&out);
	assert_string_equal(text, want);
	free(text);
	uid_set_free(&set);
	uid_set_free(&out);
}

/* Two folders, two accounts, one mailbox: a target UID is claimed once. */
static void shared_mailbox(void **state)
{
	struct help *h = *state;
	static const struct seen there[] = {{10, 1, 1, 1}, {0}};
	int64_t first = h->folder, second;
	struct mails rows = {0};

	h->account = help_account(h, "luigi");
	second = help_folder(h, "Sent", 5);
	assert_int_not_equal(first, second);
	seen_mail(&rows, &(struct seen){1, 1, 1, 1});
	for (int i = 0; i < 2; i++) {
		help_list(h, i ? second : first, "1");
		OK(store_scanned(h->st, i ? second : first, rows.mail, 1, &h->err));
	}
	mails_free(&rows);
	candidates(h, there, 1);
	matches(h, first, MATCH_PENDING, "1 0 0 0");
	matches(h, second, MATCH_PENDING, "0 0 0 1");
	unclaimed_are(h, second, "1:12", "1:9,11:12");
	unclaimed_are(h, first, "10", "");
	unclaimed_are(h, first, "", "");
}

/* Sent, and the answer lost: of those with one header and size the body tells which is which, but there is one for each or there is not. */
static void sent_twins(void **state)
{
	struct help *h = *state;
	static const struct seen rows[] = {{1, 1, 1, 7}, {2, 1, 1, 7}, {3, 3, 3, 3}}, there[] = {{11, 1, 1, 7}, {12, 3, 3, 3}, {13, 1, 1, 7}, {14, 9, 9, 9}};
	struct mails sent = {0};
	struct matched m;

	for (size_t i = 0; i < 3; i++)
		seen_mail(&sent, &rows[i]);
	help_list(h, h->folder, "1:3");
	help_intend(h, h->folder, &sent, 10);
	mails_free(&sent);
	for (size_t count = 1; count <= 4; count++) {
		candidates(h, there, count);
		OK(store_match(h->st, h->folder, MATCH_INTENDED, 10, true, &m, &h->err));
		assert_int_equal(m.header, count == 2);
		assert_int_equal(m.twins, count < 3 ? 1 : 2);
		assert_int_equal(m.doubtful, 2);
		assert_int_equal(m.none, count < 2);
	}
	help_placed_are(h, h->folder, "3>12");
	help_uids_are(h, h->folder, WHICH_DOUBTFUL, "1:2");
}

/* ---- the source is renumbered ---- */

static int64_t renumber(struct help *h, uint32_t validity)
{
	struct folder_key key = help_key(h, "Sent", validity);
	struct folder_row row;

	OK(store_folder(h->st, &key, &row, &h->err));
	assert_true(row.renumbered);
	help_uids_are(h, row.id, WHICH_PENDING, "");
	return row.id;
}

/* UID 100 + i of the new numbering is the mail i. */
static void scan_new(struct help *h, int64_t folder, uint32_t count)
{
	struct mails rows = {0}, there = {0};
	char *range = x_printf("101:%u", 100 + count);

	for (uint32_t i = 1; i <= count; i++)
		mails_add(&rows, 100 + i, i);
	help_list(h, folder, range);
	OK(store_scanned(h->st, folder, rows.mail, rows.count, &h->err));
	for (uint32_t i = 1; i <= 4; i++)
		mails_add(&there, 200 + i, i);
	help_candidates(h, &there);
	mails_free(&rows);
	free(range);
}

/* Four were copied, one is pending; the new numbering has the first three of them, the pending one and one more. */
static void source_renumbered(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Sent", 6);
	struct folder_row row;
	int64_t fresh;

	help_copy(h, h->folder, 1, 4, 201);
	help_list(h, h->folder, "1:5");
	OK(store_compared(h->st, h->folder, 1, 4, NULL, 0, &h->err));
	OK(store_run_begin(h->st, "run", "digest", &h->run, &h->err));
	fresh = renumber(h, 6);
	unclaimed_are(h, fresh, "200:206", "200:206");
	unclaimed_are(h, h->folder, "200:206", "200,205:206");
	scan_new(h, fresh, 3);
	help_list(h, fresh, "101:103,105:106");
	matches(h, fresh, MATCH_PENDING, "3 0 0 2");
	help_placed_are(h, fresh, "101>201 102>202 103>203");
	OK(store_rematched(h->st, fresh, &h->err));
	/* The fourth is vanished and keeps its claim, until it comes back; what was never moved begins anew. Nothing counts as copied by this run. */
	help_ledger_is(h, fresh, "6 3 0 0 0 1 2 0");
	unclaimed_are(h, fresh, "200:206", "200,204:206");
	unclaimed_are(h, 0, "200:206", "200,205:206");
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_int_equal(row.id, fresh);
	assert_false(row.renumbered);
}

/* A mail found for a renumbered row by its body takes the place of the old row. */
static void claim_of_superseded(void **state)
{
	struct help *h = *state;
	int64_t fresh;

	help_copy(h, h->folder, 1, 2, 201);
	fresh = renumber(h, 6);
	help_list(h, fresh, "101:102");
	OK(store_claim(h->st, fresh, 101, ORIGIN_THERE, 201, &h->err));
	OK(store_rematched(h->st, fresh, &h->err));
	help_ledger_is(h, fresh, "3 1 0 0 0 1 1 1");
	FAILS(ERR_MESSAGE, store_claim(h->st, fresh, 102, ORIGIN_THERE, 201, &h->err));
	/* the other has vanished, and comes back */
	OK(store_claim(h->st, fresh, 102, ORIGIN_THERE, 202, &h->err));
	help_ledger_is(h, fresh, "2 2 0 0 0 0 0 2");
}

/* Both sides are renumbered, one answer was lost: all of it is found, and known to be ours. */
static void both_renumbered(void **state)
{
	struct help *h = *state;
	struct mails lost = {0};
	bool renumbered;
	int64_t fresh;

	help_copy(h, h->folder, 1, 3, 10);
	help_list(h, h->folder, "1:5");
	mails_add(&lost, 4, 4);
	help_intend(h, h->folder, &lost, 50);
	mails_free(&lost);
	OK(store_mailbox_seen(h->st, h->mailbox, 78, 205, &renumbered, &h->err));
	assert_true(renumbered);
	fresh = renumber(h, 6);
	scan_new(h, fresh, 5);
	matches(h, fresh, MATCH_PENDING, "4 0 0 1");
	OK(store_rematched(h->st, fresh, &h->err));
	help_placed_are(h, fresh, "101>201 102>202 103>203 104>204");
	help_ledger_is(h, fresh, "5 4 0 0 0 0 1 4");
	/* A server that takes its old numbering up again: the rows of the second wait, those of the first are current. */
	assert_int_equal(renumber(h, 5), h->folder);
	help_list(h, h->folder, "1:5");
	unclaimed_are(h, h->folder, "200:206", "200:206");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(grades), TEST(dates), TEST(of_other_states), TEST(doubts_and_claims), TEST(promised_doubts), TEST(shared_mailbox), TEST(source_renumbered),
		TEST(sent_twins), TEST(claim_of_superseded), TEST(both_renumbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
