/* Findings of a verification: which rows they change, and doubles. */
#include "tests/unit/store/help.h"

/* "uid:state:finding …" */
static void rows_are(struct help *h, const char *want)
{
	struct placed *rows;
	size_t count, len = 0;
	char text[512] = "";

	OK(store_placed(h->st, h->folder, 1, UINT32_MAX, &rows, &count, &h->err));
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u:%c:%d", i ? " " : "", rows[i].uid, state_name(rows[i].state)[0],
			(int)rows[i].checked);
	placed_free(rows, count);
	assert_string_equal(text, want);
}

static void compared(void **state)
{
	struct help *h = *state;
	static const struct finding odd[] = {{1, CHECKED_MISSING}, {3, CHECKED_REWRITTEN}, {4, CHECKED_ALTERED}, {6, CHECKED_NOT}};
	static const struct finding later[] = {{2, CHECKED_GONE}, {3, CHECKED_ALTERED}};

	help_copy(h, h->folder, 1, 7, 10);
	help_list(h, h->folder, "1:9");
	rows_are(h, "1:c:0 2:c:0 3:c:0 4:c:0 5:c:0 6:c:0 7:c:0");
	help_apply(h, store_unplace, h->folder, "5");
	OK(store_compared(h->st, h->folder, 1, 6, odd, 4, &h->err));
	rows_are(h, "1:c:4 2:v:1 3:v:2 4:c:3 5:c:0 6:c:0 7:c:0");
	OK(store_compared(h->st, h->folder, 2, 3, later, 2, &h->err));
	rows_are(h, "1:c:4 2:v:5 3:v:3 4:c:3 5:c:0 6:c:0 7:c:0");
	OK(store_compared(h->st, h->folder, 1, UINT32_MAX, NULL, 0, &h->err));
	rows_are(h, "1:v:1 2:v:1 3:v:1 4:v:1 5:c:0 6:v:1 7:v:1");
	help_uids_are(h, h->folder, WHICH_PENDING, "8:9");
}

static void edges(void **state)
{
	struct help *h = *state;
	static const struct finding unordered[] = {{3, CHECKED_GONE}, {2, CHECKED_GONE}}, outside[] = {{9, CHECKED_GONE}};
	static const struct finding last[] = {{1, CHECKED_GONE}, {UINT32_MAX, CHECKED_GONE}};
	static const struct finding unplaced[] = {{2, CHECKED_IDENTICAL}};

	help_copy(h, h->folder, 1, 3, 10);
	FAILS(ERR_BUG, store_compared(h->st, h->folder, 1, 5, unordered, 2, &h->err));
	FAILS(ERR_BUG, store_compared(h->st, h->folder, 1, 5, outside, 1, &h->err));
	rows_are(h, "1:c:0 2:c:0 3:c:0");
	help_apply(h, store_unplace, h->folder, "2");
	OK(store_compared(h->st, h->folder, 1, 2, unplaced, 1, &h->err));
	rows_are(h, "1:v:1 2:c:1 3:c:0");
	OK(store_compared(h->st, h->folder, 1, UINT32_MAX, last, 2, &h->err));
	rows_are(h, "1:v:5 2:c:1 3:v:1");
}

/* Without a range only the findings are told. Who is gone has no place to look for. */
static void single_findings(void **state)
{
	struct help *h = *state;
	static const struct finding told[] = {{3, CHECKED_GONE}, {1, CHECKED_REWRITTEN}};

	help_copy(h, h->folder, 1, 4, 10);
	OK(store_compared(h->st, h->folder, 1, 0, told, 2, &h->err));
	rows_are(h, "1:v:2 2:c:0 3:c:5 4:c:0");
	help_apply(h, store_unplace, h->folder, "3:4");
	help_uids_are(h, h->folder, WHICH_UNPLACED, "4");
	help_uids_are(h, h->folder, WHICH_THERE, "1:4");
}

/* Sent again: what was missing is pending without a claim, and is checked anew. */
static void missing_again(void **state)
{
	struct help *h = *state;
	static const struct finding missing[] = {{2, CHECKED_MISSING}};
	struct mails all = {0};

	help_copy(h, h->folder, 1, 3, 10);
	OK(store_compared(h->st, h->folder, 1, 3, missing, 1, &h->err));
	help_apply(h, store_again, h->folder, "2");
	help_ledger_is(h, h->folder, "3 2 0 0 0 0 1 2");
	mails_add(&all, 2, 2);
	help_intend(h, h->folder, &all, 13);
	help_finish(h, h->folder, &all, (uint32_t[]){13});
	rows_are(h, "1:v:1 2:c:0 3:v:1");
	help_placed_are(h, h->folder, "1>10 2>13 3>12");
	mails_free(&all);
}

static void doubles_are(struct help *h, uint32_t floor, const char *want)
{
	struct double_row *rows;
	size_t count, len = 0;
	char text[128] = "";

	OK(store_doubles(h->st, h->folder, floor, &rows, &count, &h->err));
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u=%u", i ? " " : "", rows[i].target_uid, rows[i].uid);
	free(rows);
	assert_string_equal(text, want);
}

static void doubles(void **state)
{
	struct help *h = *state;
	struct mails seen = {0};

	help_copy(h, h->folder, 1, 3, 10);
	doubles_are(h, 1, "");
	mails_add(&seen, 5, 2);		/* below the floor */
	mails_add(&seen, 11, 2);	/* the claimed mail itself */
	mails_add(&seen, 20, 3);
	mails_add(&seen, 21, 9);	/* of nobody */
	mails_add(&seen, 22, 1)->id.head[9] = 1;	/* header changed, core the same */
	mails_add(&seen, 23, 3);
	mails_add(&seen, 24, 1)->id.head[9] = 1;
	seen.mail[6]->date++;		/* of another second */
	help_candidates(h, &seen);
	doubles_are(h, 10, "20=3 22=1 23=3");
	doubles_are(h, 1, "5=2 20=3 22=1 23=3");
	help_apply(h, store_unplace, h->folder, "3");
	doubles_are(h, 10, "22=1");
}

static struct verified verified_now(struct help *h)
{
	struct counts counts;

	OK(store_counts(h->st, h->folder, (struct counting){.run = h->run}, &counts, &h->err));
	return counts.verified;
}

static void checked_folder(void **state)
{
	struct help *h = *state;
	static const struct finding odd[] = {{1, CHECKED_MISSING}, {2, CHECKED_REWRITTEN}, {3, CHECKED_ALTERED}, {4, CHECKED_GONE}};
	struct folder_checked found = {.done = true, .deep = true, .sampled = 5, .target_only = 6, .doubled = 7};
	struct verified v;

	help_copy(h, h->folder, 1, 9, 10);
	help_list(h, h->folder, "1:8");
	v = verified_now(h);
	assert_false(v.any);
	OK(store_compared(h->st, h->folder, 1, 9, odd, 4, &h->err));
	OK(store_folder_checked(h->st, h->run, h->folder, &found, &h->err));
	v = verified_now(h);
	assert_true(v.any && v.deep);
	assert_int_equal(v.identical, 4);
	assert_int_equal(v.rewritten, 1);
	assert_int_equal(v.altered, 1);
	assert_int_equal(v.missing, 1);
	assert_int_equal(v.gone, 1);
	assert_int_equal(v.sampled, 5);
	assert_int_equal(v.target_only, 6);
	assert_int_equal(v.doubled, 7);
	found.done = false;
	OK(store_folder_checked(h->st, h->run, h->folder, &found, &h->err));
	v = verified_now(h);
	assert_false(v.any);
}

/* A seal is taken off once, and only where nothing is left to be done. What is quiet is counted as such, and the sample of before stands. */
static void sealed(void **state)
{
	struct help *h = *state;
	static const struct finding odd[] = {{4, CHECKED_ALTERED}}, mended[] = {{4, CHECKED_REWRITTEN}};
	struct folder_checked found = {.done = true, .sampled = 5};
	struct verified v;
	char seal[64] = "";

	help_copy(h, h->folder, 1, 6, 10);
	help_list(h, h->folder, "1:6");
	OK(store_compared(h->st, h->folder, 1, 6, NULL, 0, &h->err));
	OK(store_folder_checked(h->st, h->run, h->folder, &found, &h->err));
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 0);
	OK(store_seal(h->st, h->run, h->folder, "job 1 2 3", &h->err));
	assert_int_equal(store_unseal(h->st, h->folder, seal, 8, &h->err), 0); /* longer than any is */
	OK(store_seal(h->st, h->run, h->folder, "job 1 2 3", &h->err));
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 1);
	assert_string_equal(seal, "job 1 2 3");
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 0);
	OK(store_seal(h->st, h->run, h->folder, "job 1 2 3", &h->err));
	OK(store_compared(h->st, h->folder, 1, 0, odd, 1, &h->err));
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 0);
	OK(store_compared(h->st, h->folder, 1, 0, mended, 1, &h->err));
	OK(store_seal(h->st, h->run, h->folder, "job 1 2 3", &h->err));
	help_list(h, h->folder, "1:7"); /* new mail */
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 0);
	help_list(h, h->folder, "1:6");
	found = (struct folder_checked){.done = true, .sampled = 1, .quiet = 4};
	OK(store_folder_checked(h->st, h->run, h->folder, &found, &h->err));
	v = verified_now(h);
	assert_int_equal(v.quiet, 4);
	assert_int_equal(v.sampled, 5);
	found.quiet = 0;
	OK(store_folder_checked(h->st, h->run, h->folder, &found, &h->err));
	v = verified_now(h);
	assert_int_equal(v.quiet + v.sampled, 1);
	OK(store_seal(h->st, h->run, h->folder, "job", &h->err));
	help_apply(h, store_unplace, h->folder, "6"); /* as `verify` does */
	OK(store_claim(h->st, h->folder, 6, ORIGIN_OURS, 99, &h->err));
	assert_int_equal(store_unseal(h->st, h->folder, seal, sizeof(seal), &h->err), 0);
	OK(store_seal(h->st, h->run, h->folder, "job", &h->err));
	struct standing standing;
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "job", &standing, &h->err), 1);
	v = verified_now(h);
	assert_true(standing.pending == 0 && standing.skipped == 0 && standing.before == 6);
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "another job", &standing, &h->err), 0);
	help_list(h, h->folder, "1:6,8");
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "job", &standing, &h->err), 0);
	help_skip(h, h->folder, "8");
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "job", &standing, &h->err), 1);
	assert_true(standing.pending == 0 && standing.skipped == 1 && standing.before == 6);
	help_raw(h->path, "UPDATE message SET mark = 3 WHERE uid = 8"); /* to be looked at, however it is skipped */
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "job", &standing, &h->err), 0);
	help_raw(h->path, "UPDATE message SET mark = 0 WHERE uid = 8");
	help_raw(h->path, "UPDATE message SET target_uid = NULL WHERE uid = 6");
	assert_int_equal(store_sealed(h->st, h->run, h->folder, "job", &standing, &h->err), 0);
	assert_int_equal(v.quiet, 6);
}

/* Rows that neither side names and that are there, without the newest of either side. */
static void quiet(void **state)
{
	struct help *h = *state;
	static const struct finding odd[] = {{2, CHECKED_ALTERED}, {5, CHECKED_GONE}};
	CLEANUP(uid_set_free) struct uid_set changed = {0}, there = {0}, target_changed = {0}, out = {0};

	help_copy(h, h->folder, 1, 9, 11); /* at 11 to 19 */
	help_list(h, h->folder, "1:9");
	OK(store_compared(h->st, h->folder, 1, 9, odd, 2, &h->err));
	uid_set_add(&changed, 1, 1);
	uid_set_add(&there, 11, 15);
	uid_set_add(&there, 17, 19);
	uid_set_add(&target_changed, 14, 14);
	OK(store_quiet(h->st, h->folder, &(struct quiet){&changed, &there, &target_changed}, &out, &h->err));
	CLEANUP(x_free) char *text = uid_set_text(&out);
	assert_string_equal(text, "3,7:8");
}

/* Announced by the source, as it came from there, and as it is stored. */
static void sizes(void **state)
{
	struct help *h = *state;
	static const struct measured read[] = {{2, 1200, 1201}, {3, 1003, 1003}};
	static const struct finding alone[] = {{1, CHECKED_IDENTICAL}, {2, CHECKED_IDENTICAL}};

	help_copy(h, h->folder, 1, 3, 10);
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 1"), -1);
	OK(store_compared(h->st, h->folder, 1, 3, NULL, 0, &h->err));
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 1"), 1001);
	OK(store_measured(h->st, h->folder, read, 2, &h->err));
	OK(store_compared(h->st, h->folder, 1, 3, NULL, 0, &h->err));
	assert_int_equal(help_number(h->path, "SELECT size FROM message WHERE uid = 2"), 1002);
	assert_int_equal(help_number(h->path, "SELECT measured FROM message WHERE uid = 2"), 1200);
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 2"), 1201);
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 3"), 1003);
	/* sent anew, nothing is known of what is stored */
	help_apply(h, store_again, h->folder, "2");
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 2"), -1);
	/* a state of an older version knows none; it is filled in by what is compared */
	help_raw(h->path, "UPDATE message SET stored = NULL");
	OK(store_compared(h->st, h->folder, 1, 3, NULL, 0, &h->err));
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 1"), 1001);
	/* so is it by what is compared by itself; what was measured stays */
	help_raw(h->path, "UPDATE message SET stored = NULL WHERE uid = 1");
	OK(store_compared(h->st, h->folder, 1, 0, alone, 2, &h->err));
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 1"), 1001);
	OK(store_measured(h->st, h->folder, read, 2, &h->err));
	OK(store_compared(h->st, h->folder, 1, 0, alone, 2, &h->err));
	assert_int_equal(help_number(h->path, "SELECT stored FROM message WHERE uid = 2"), 1201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(compared), TEST(edges), TEST(single_findings), TEST(missing_again), TEST(doubles), TEST(checked_folder), TEST(sealed), TEST(quiet), TEST(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
