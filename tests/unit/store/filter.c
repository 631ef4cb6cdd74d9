/* Which rows the job's filters leave out, and which come back; exact doubles; excluded folders. */
#include "tests/unit/store/help.h"

#define DAY(n) (1700000000 + (int64_t)(n) * 86400)

/* UID n: n * 100 bytes, day n; \Deleted when asked for. */
static void scan(struct help *h, uint32_t first, uint32_t last, const char *deleted)
{
	struct mails all = {0};
	struct uid_set marked = help_set(deleted);

	for (uint32_t n = first; n <= last; n++) {
		struct mail *m = mails_add(&all, n, n);

		m->size = n * 100;
		m->date = DAY(n);
		m->flags.system = uid_set_has(&marked, n) ? FLAG_DELETED : FLAG_SEEN;
	}
	OK(store_scanned(h->st, h->folder, all.mail, all.count, &h->err));
	mails_free(&all);
	uid_set_free(&marked);
}

static void filters(void **state)
{
	struct help *h = *state;
	static const struct {
		struct filter filter;
		const char *pending, *skipped;
	} steps[] = {	/* one after the other, on the same rows; 9 and 10 are not known */
		{{INT64_MIN, INT64_MAX, 0, true}, "1:10", ""},
		{{INT64_MIN, INT64_MAX, 0, false}, "1:3,5:10", "4"},
		{{DAY(3), INT64_MAX, 0, false}, "3,5:10", "1:2,4"},
		{{DAY(3), DAY(7), 0, false}, "3,5:6,9:10", "1:2,4,7:8"},
		{{DAY(3), DAY(7), 500, false}, "3,5,9:10", "1:2,4,6:8"},
		{{INT64_MIN, DAY(7), 500, true}, "1:5,9:10", "6:8"},
		{{INT64_MIN, INT64_MAX, 800, false}, "1:3,5:10", "4"},
		{{INT64_MIN, INT64_MAX, 0, true}, "1:10", ""},
	};

	help_list(h, h->folder, "1:10");
	help_uids_are(h, h->folder, WHICH_UNSCANNED, "1:10");
	scan(h, 1, 8, "4");
	help_uids_are(h, h->folder, WHICH_UNSCANNED, "9:10");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		OK(store_filter(h->st, h->folder, &steps[i].filter, &h->err));
		help_uids_are(h, h->folder, WHICH_PENDING, steps[i].pending);
		help_uids_are(h, h->folder, WHICH_SKIPPED, steps[i].skipped);
	}
}

/* What is at the target, refused, on its way or unsettled is not touched, and nobody's date is needed for a row without one. */
static void only_what_is_open(void **state)
{
	struct help *h = *state;
	struct mails all = {0};
	struct filter none = {DAY(100), INT64_MAX, 1, false};
	struct uid_set unsettled = help_set("6");

	help_copy(h, h->folder, 1, 3, 10);
	help_list(h, h->folder, "1:8");
	scan(h, 4, 8, "");
	OK(store_refuse(h->st, h->folder, 4, &h->err));
	mails_add(&all, 5, 5);
	help_intend(h, h->folder, &all, 9);
	OK(store_unsettled(h->st, h->folder, &unsettled, &h->err));
	OK(store_filter(h->st, h->folder, &none, &h->err));
	help_uids_are(h, h->folder, WHICH_SKIPPED, "7:8");
	help_ledger_is(h, h->folder, "8 3 0 2 1 0 2 3");
	mails_free(&all);
	/* without a date nobody can say that it is too old */
	struct mail *m = mails_add(&all, 7, 7);
	m->date = DATE_UNKNOWN;
	OK(store_scanned(h->st, h->folder, all.mail, all.count, &h->err));
	OK(store_filter(h->st, h->folder, &(struct filter){DAY(100), INT64_MAX, 0, false}, &h->err));
	help_uids_are(h, h->folder, WHICH_SKIPPED, "8");
	uid_set_free(&unsettled);
	mails_free(&all);
}

/* A mark that was taken away: the row is found, and passes when it was read anew. */
static void deleted(void **state)
{
	struct help *h = *state;
	struct filter f = {INT64_MIN, INT64_MAX, 0, false};

	help_list(h, h->folder, "1:5");
	help_skip(h, h->folder, "1:2"); /* when their bodies came: nothing else is known */
	help_uids_are(h, h->folder, WHICH_DELETED, "1:2");
	OK(store_filter(h->st, h->folder, &f, &h->err));
	help_uids_are(h, h->folder, WHICH_SKIPPED, "1:2");
	scan(h, 1, 3, "2:3");
	help_uids_are(h, h->folder, WHICH_DELETED, "1:3");
	OK(store_filter(h->st, h->folder, &f, &h->err));
	help_uids_are(h, h->folder, WHICH_SKIPPED, "2:3");
	help_uids_are(h, h->folder, WHICH_DELETED, "2:3");
	help_uids_are(h, h->folder, WHICH_PENDING, "1,4:5");
}

static void skip_as(struct help *h, const char *uids, enum reason why)
{
	struct uid_set set = help_set(uids);

	OK(store_skip(h->st, h->folder, &set, why, &h->err));
	uid_set_free(&set);
}

static void twins(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_copy(h, h->folder, 1, 1, 10);
	help_list(h, h->folder, "1:9");
	/* 1, 2, 3 are one; 4, 5 another; 6 has their header and another size; 7 stands alone; 8 is not known */
	mails_add(&all, 2, 1);
	mails_add(&all, 3, 1);
	mails_add(&all, 4, 4);
	mails_add(&all, 5, 4);
	mails_add(&all, 6, 4)->size++;
	mails_add(&all, 7, 7);
	mails_add(&all, 9, 4);
	OK(store_scanned(h->st, h->folder, all.mail, all.count, &h->err));
	skip_as(h, "9", REASON_DATE); /* left out anyway: no twin of anybody */
	help_uids_are(h, h->folder, WHICH_TWINS, "1:5");
	skip_as(h, "2:3,5", REASON_DUPLICATE);
	help_uids_are(h, h->folder, WHICH_TWINS, "1:5");
	help_uids_are(h, h->folder, WHICH_DUPLICATES, "2:3,5");
	/* 1 is there: its doubles are settled. 4 is still to come; 9 is left out for another reason */
	help_uids_are(h, h->folder, WHICH_DUPLICATES_OPEN, "5");
	/* a filter neither takes them back nor touches them */
	OK(store_filter(h->st, h->folder, &(struct filter){INT64_MIN, INT64_MAX, 0, true}, &h->err));
	help_uids_are(h, h->folder, WHICH_DUPLICATES, "2:3,5");
	/* 1 vanishes from the source: it is at the target, and that is enough */
	help_apply(h, store_vanish, h->folder, "1");
	help_uids_are(h, h->folder, WHICH_DUPLICATES_OPEN, "5");
	/* 4 vanishes and had not arrived */
	help_apply(h, store_vanish, h->folder, "4,9");
	help_uids_are(h, h->folder, WHICH_DUPLICATES_OPEN, "5");
	help_apply(h, store_again, h->folder, "5");
	help_uids_are(h, h->folder, WHICH_PENDING, "5:8");
	help_uids_are(h, h->folder, WHICH_DUPLICATES, "2:3");
	mails_free(&all);
}

/* Refused, or nothing at the target at all: a double may be what is left of it. */
static void doubles_without_anybody(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:4");
	mails_add(&all, 1, 1);
	mails_add(&all, 2, 1);
	mails_add(&all, 3, 3);
	mails_add(&all, 4, 3);
	OK(store_scanned(h->st, h->folder, all.mail, all.count, &h->err));
	skip_as(h, "2:4", REASON_DUPLICATE);
	OK(store_refuse(h->st, h->folder, 1, &h->err));
	help_uids_are(h, h->folder, WHICH_DUPLICATES_OPEN, "2:4");
	mails_free(&all);
}

static void gone_and_larger(void **state)
{
	struct help *h = *state;
	struct uid_set large = {0};
	char *text;

	help_copy(h, h->folder, 1, 4, 10);
	OK(store_compared(h->st, h->folder, 1, 4, NULL, 0, &h->err));
	OK(store_compared(h->st, h->folder, 1, 0, (struct finding[]){{2, CHECKED_GONE}, {3, CHECKED_MISSING}}, 2, &h->err));
	help_uids_are(h, h->folder, WHICH_GONE, "2");
	help_apply(h, store_again, h->folder, "2");
	help_uids_are(h, h->folder, WHICH_PENDING, "2");
	help_uids_are(h, h->folder, WHICH_GONE, "");
	help_list(h, h->folder, "1:8");
	scan(h, 5, 7, "");
	OK(store_larger(h->st, h->folder, 600, &large, &h->err));
	text = uid_set_text(&large);
	assert_string_equal(text, "2,7"); /* 2 has 1,002 bytes (help_mail), 6 has just 600, 8 is not known */
	free(text);
	uid_set_free(&large);
}

/* A folder that the job excludes, and takes in again: its open rows go and come back, what is left out is in the ledger. */
static void excluded(void **state)
{
	struct help *h = *state;
	struct folder_key key = help_key(h, "Sent", 5);
	struct folder_row row;

	help_copy(h, h->folder, 1, 2, 10);
	help_list(h, h->folder, "1:5");
	help_skip(h, h->folder, "5");
	key.moved = false;
	key.why = "excluded";
	key.left_out = 9;
	OK(store_folder(h->st, &key, &row, &h->err));
	assert_int_equal(row.id, h->folder);
	help_ledger_is(h, h->folder, "9 2 0 7 0 0 0 2"); /* the five rows are among the nine */
	help_uids_are(h, h->folder, WHICH_PENDING, "");
	OK(store_filter(h->st, h->folder, &(struct filter){INT64_MIN, INT64_MAX, 0, true}, &h->err));
	help_uids_are(h, h->folder, WHICH_SKIPPED, "3:5");
	key = help_key(h, "Sent", 5);
	OK(store_folder(h->st, &key, &row, &h->err));
	help_uids_are(h, h->folder, WHICH_PENDING, "3:4");
	help_ledger_is(h, h->folder, "5 2 0 1 0 0 2 2");
}

static void runs_of(void **state)
{
	struct help *h = *state;
	struct run run;
	int64_t plan, second;

	assert_int_equal(store_run_of(h->st, "plan", &run, &h->err), 0);
	OK(store_run_begin(h->st, "plan", "digest", &plan, &h->err));
	assert_int_equal(store_run_of(h->st, "plan", &run, &h->err), 0); /* not finished */
	OK(store_run_end(h->st, plan, 1, &h->err));
	OK(store_run_end(h->st, h->run, 0, &h->err));
	OK(store_run_begin(h->st, "plan", "digest", &second, &h->err));
	assert_int_equal(store_run_of(h->st, "plan", &run, &h->err), 1);
	assert_int_equal(run.id, plan);
	assert_int_equal(run.exit, 1);
	assert_int_equal(store_run_newest(h->st, true, &run, &h->err), 1); /* never a plan */
	assert_int_equal(run.id, h->run);
}

/* What the source held: moved folders that it listed, without what vanished. */
static void held(void **state)
{
	struct help *h = *state;
	struct held *rows;
	size_t count;
	struct folder_key key = help_key(h, "Spam", 6);
	struct folder_row row;
	int64_t other = help_folder(h, "Drafts", 7);

	key.moved = false;
	OK(store_folder(h->st, &key, &row, &h->err));
	help_list(h, h->folder, "1:9");
	help_list(h, h->folder, "1:7");
	help_list(h, other, "1:3");
	OK(store_held(h->st, h->account, &rows, &count, &h->err));
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].wire, "Sent");
	assert_string_equal(rows[0].role, "sent");
	assert_int_equal(rows[0].validity, 5);
	assert_int_equal(rows[0].messages, 7);
	assert_int_equal(rows[1].messages, 3);
	held_free(rows, count);
	OK(store_folders_listed(h->st, h->account, &other, 1, &h->err));
	OK(store_held(h->st, h->account, &rows, &count, &h->err));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].wire, "Drafts");
	held_free(rows, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filters),
		TEST(only_what_is_open),
		TEST(deleted),
		TEST(twins),
		TEST(doubles_without_anybody),
		TEST(gone_and_larger),
		TEST(excluded),
		TEST(runs_of),
		TEST(held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
