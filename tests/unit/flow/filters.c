/* What the job leaves out: dates, sizes, \Deleted, exact doubles; and that it comes back when the job or the mail changes. */
#include "tests/unit/flow/rig.h"

#define DAY 86400
#define FIRST 1704067200	/* of rig_mail */

static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, mails);
}

static struct job_messages *messages(struct rig *r)
{
	return &r->account[0].messages;
}

/* "copied there skipped refused pending" */
#define LEDGER(r, want) \
	do { \
		char text[96]; \
		snprintf(text, sizeof text, "%d %d %d %d %d", (int)(r)->ledger.copied, (int)(r)->ledger.already_there, (int)(r)->ledger.skipped, (int)(r)->ledger.refused, \
			(int)(r)->ledger.pending); \
		assert_string_equal(text, want); \
	} while (0)

static void test_dates_both_ways(void **state)
{
	static const struct {
		int64_t since, before;
		const char *ledger;
		unsigned sent;		/* in all so far */
	} steps[] = {
		{ FIRST + 11, FIRST + 21, "10 0 20 0 0", 10 },	/* 11 to 20 */
		{ FIRST + 11, FIRST + 21, "10 0 20 0 0", 10 },
		{ FIRST + 6, INT64_MAX, "25 0 5 0 0", 25 },	/* wider: 6 to 30 */
		{ FIRST + 20, INT64_MAX, "25 0 5 0 0", 25 },	/* narrower: what is there stays */
		{ INT64_MIN, INT64_MAX, "30 0 0 0 0", 30 },	/* none at all */
	};
	(void)state;
	struct rig r;
	start(&r, 30);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		messages(&r)->since = steps[i].since;
		messages(&r)->before = steps[i].before;
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		LEDGER(&r, steps[i].ledger);
		assert_int_equal(memory_appended(r.target[0]), steps[i].sent);
	}
	rig_free(&r);
}

/* What is left out is shown as such, whether the folder is read or, the third time, not. */
static void test_shown(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 30);
	memory_counts(r.source[0], true);
	memory_counts(r.target[0], true);
	messages(&r)->since = FIRST + 11;
	for (int run = 0; run < 3; run++) {
		unsigned read = memory_read(r.source[0], WANT_META);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_true(run < 2 || memory_read(r.source[0], WANT_META) == read);
		assert_int_equal(r.ledger.skipped, 10);
		assert_int_equal(atomic_load(&r.seen[0].left_out), 10);
		assert_int_equal(atomic_load(&r.seen[0].there), run > 0 ? 20 : 0);
	}
	rig_free(&r);
}

/* Without filters no facts are read before the bodies; what is left out by date is never downloaded. */
static void test_what_is_read(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 30);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_read(r.source[0], WANT_META), 30); /* the verification's */
	assert_int_equal(memory_read(r.source[0], WANT_BODY), 30);
	rig_free(&r);
	start(&r, 30);
	messages(&r)->since = FIRST + 21;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), 10);
	assert_int_equal(memory_read(r.source[0], WANT_META), 30 + 10);
	rig_free(&r);
}

static void test_max_size(void **state)
{
	(void)state;
	struct rig r;
	char big[4000];
	start(&r, 5);
	memset(big, 'x', sizeof big);
	memcpy(big, "Subject: big\r\n\r\n", 16);
	memory_add(r.source[0], "INBOX", big, sizeof big, "", FIRST);
	messages(&r)->max_size = sizeof big - 1;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "5 0 1 0 0");
	messages(&r)->max_size = sizeof big;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "6 0 0 0 0");
	rig_free(&r);
}

static void test_too_big_for_target(void **state)
{
	(void)state;
	struct rig r;
	char big[4000];
	start(&r, 5);
	memset(big, 'x', sizeof big);
	memcpy(big, "Subject: big\r\n\r\n", 16);
	memory_add(r.source[0], "INBOX", big, sizeof big, "", FIRST);
	memory_limit(r.target[0], sizeof big - 1);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	SAYS(&r, "warning too-big 6\n");
	assert_int_equal(memory_writes(r.target[0]), 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error too-big 6\n");
	LEDGER(&r, "5 0 0 1 0");
	assert_int_equal(memory_appended(r.target[0]), 5);
	rig_free(&r);
}

static void test_deleted(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 10);
	memory_flags(r.source[0], "INBOX", 3, "\\Deleted \\Seen");
	memory_flags(r.source[0], "INBOX", 4, "\\Deleted");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "8 0 2 0 0");
	/* the mark is taken away */
	memory_flags(r.source[0], "INBOX", 3, "\\Seen");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "9 0 1 0 0");
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-3."), 1);
	/* copied with the rest, without the mark: whoever tidies up at the target would lose it */
	messages(&r)->deleted = DELETED_COPY;
	memory_flags(r.source[0], "INBOX", 7, "\\Deleted");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "10 0 0 0 0");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	for (size_t i = 0; i < memory_count(r.target[0], "INBOX"); i++)
		assert_false(memory_at(r.target[0], "INBOX", i)->flags.system & FLAG_DELETED);
	assert_string_equal(r.problems.data, "");
	rig_free(&r);
}

/* The same header and size, other bytes: only what is every byte the same is one too many. */
static void add_twin(struct rig *r, const char *body, int64_t date)
{
	char *text = x_printf("Message-ID: <twin@example>\r\nSubject: twin\r\n\r\n%s\r\n", body);
	memory_add(r->source[0], "INBOX", text, strlen(text), "", date);
	free(text);
}

static void test_duplicates(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 3);
	add_twin(&r, "one", FIRST);		/* 4 */
	add_twin(&r, "two", FIRST);		/* 5 */
	add_twin(&r, "one", FIRST + DAY);	/* 6 */
	add_twin(&r, "one", FIRST);		/* 7 */
	messages(&r)->duplicates = DUPLICATES_SKIP;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "5 0 2 0 0");
	assert_int_equal(rig_with(r.target[0], "INBOX", "\r\none\r\n"), 1);
	assert_int_equal(rig_with(r.target[0], "INBOX", "\r\ntwo\r\n"), 1);
	/* one more of what is there; nothing is read again for those that are settled */
	unsigned digests = memory_read(r.source[0], WANT_DIGEST);
	rig_run(&r, FLOW_RUN, false);
	LEDGER(&r, "5 0 2 0 0");
	assert_int_equal(memory_read(r.source[0], WANT_DIGEST) - digests, 5); /* the sample: all that is there */
	add_twin(&r, "two", FIRST + DAY);	/* 8 */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "5 0 3 0 0");
	/* the one that stayed vanishes: it is at the target, and that is enough */
	memory_remove(r.source[0], "INBOX", 4);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "4 0 3 0 0");
	/* all of them after all: its copy is that of one of the same date */
	messages(&r)->duplicates = DUPLICATES_COPY;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "7 0 0 0 0");
	assert_int_equal(rig_with(r.target[0], "INBOX", "\r\none\r\n"), 2);
	rig_free(&r);
}

/* The one that was to stay does not arrive: its double goes in its place, in the same run. */
static void test_duplicate_of_what_vanishes(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 1);
	add_twin(&r, "one", FIRST); /* 2 */
	add_twin(&r, "one", FIRST); /* 3 */
	messages(&r)->duplicates = DUPLICATES_SKIP;
	rig_run(&r, FLOW_PLAN, false);
	LEDGER(&r, "0 0 1 0 2");
	memory_remove(r.source[0], "INBOX", 2);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "2 0 0 0 0");
	assert_int_equal(rig_with(r.target[0], "INBOX", "\r\none\r\n"), 1);
	rig_free(&r);
}

/* The mark that keeps one out must not keep its double out with it. */
static void test_duplicate_of_deleted(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 1);
	add_twin(&r, "one", FIRST);
	add_twin(&r, "one", FIRST);
	memory_flags(r.source[0], "INBOX", 2, "\\Deleted");
	messages(&r)->duplicates = DUPLICATES_SKIP;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	LEDGER(&r, "2 0 1 0 0");
	assert_int_equal(rig_with(r.target[0], "INBOX", "\r\none\r\n"), 1);
	rig_free(&r);
}

static void test_duplicate_of_refused(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 1);
	add_twin(&r, "one", FIRST);
	add_twin(&r, "one", FIRST);
	messages(&r)->duplicates = DUPLICATES_SKIP;
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "twin", 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	LEDGER(&r, "1 0 0 2 0");
	rig_free(&r);
}

static unsigned flags_of(struct rig *r, const char *text)
{
	for (size_t i = 0; i < memory_count(r->target[0], "INBOX"); i++) {
		const struct memory_mail *mail = memory_at(r->target[0], "INBOX", i);
		if (memmem(mail->data, mail->len, text, strlen(text)))
			return mail->flags.system;
	}
	fail_msg("%s is not there", text);
	return 0;
}

static void test_flags(void **state)
{
	(void)state;
	for (int none = 0; none < 2; none++) {
		struct rig r;
		start(&r, 6);
		messages(&r)->flags = none ? FLAGS_NONE : FLAGS_ADD;
		memory_rule(r.target[0], &(struct memory_rule){ FAULT_UNFLAG, "mail-5.", 1, 0 });
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(flags_of(&r, "mail-3."), FLAG_SEEN); /* the first copy carries them */
		assert_int_equal(flags_of(&r, "mail-5."), FLAG_SEEN); /* lost on the way: set again */
		memory_flags(r.source[0], "INBOX", 2, "\\Flagged");
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(flags_of(&r, "mail-2."), none ? 0 : FLAG_FLAGGED);
		/* what was not taken over is not forgotten: it follows when it is wanted */
		messages(&r)->flags = FLAGS_ADD;
		rig_run(&r, FLOW_RUN, false);
		assert_int_equal(flags_of(&r, "mail-2."), FLAG_FLAGGED);
		rig_free(&r);
	}
}

static void test_again(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 12);
	rig_run(&r, FLOW_RUN, false);
	memory_remove(r.target[0], "INBOX", memory_at(r.target[0], "INBOX", 4)->uid);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 11);
	r.again = true;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 0);
	assert_int_equal(r.verified.identical, 12);
	assert_int_equal(r.ledger.copied_now, 1);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 12);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_appended(r.target[0]), 13);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates_both_ways), cmocka_unit_test(test_shown),
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_max_size),
		cmocka_unit_test(test_too_big_for_target),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_duplicate_of_what_vanishes),
		cmocka_unit_test(test_duplicate_of_deleted),
		cmocka_unit_test(test_duplicate_of_refused),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
