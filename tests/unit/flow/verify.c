/* What a server does to mail behind its OK is found by reading both sides anew. */
#include "tests/unit/flow/rig.h"

static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, mails);
}

/* Every mail of the source is in the target once, with its bytes, flags and date. */
static void assert_same(struct rig *r, const char *source, const char *target)
{
	size_t count = memory_count(r->source[0], source);
	assert_int_equal(memory_count(r->target[0], target), count);
	for (size_t i = 0; i < count; i++) {
		const struct memory_mail *a = memory_at(r->source[0], source, i), *b = memory_at(r->target[0], target, i);
		assert_int_equal(a->len, b->len);
		assert_memory_equal(a->data, b->data, a->len);
		assert_int_equal(a->date, b->date);
		assert_int_equal(a->flags.system, b->flags.system);
		assert_string_equal(a->flags.keywords ? a->flags.keywords : "", b->flags.keywords ? b->flags.keywords : "");
	}
}

static void test_plain(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 250);
	rig_mails(r.source[0], "INBOX.Posta inviata", 300, 320);
	rig_mails(r.source[0], "INBOX.a.b", 400, 401);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.source, 273);
	assert_int_equal(r.ledger.copied_now, 273);
	assert_int_equal(r.verified.identical, 273);
	assert_string_equal(r.problems.data, "");
	assert_same(&r, "INBOX", "INBOX");
	assert_same(&r, "INBOX.Posta inviata", "Posta inviata");
	assert_same(&r, "INBOX.a.b", "a/b");
	/* again: nothing is sent */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 273);
	assert_int_equal(r.ledger.copied_now, 0);
	/* without the state: found, not sent */
	unlink(r.path);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 273);
	assert_int_equal(r.ledger.already_there, 273);
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 0);
	rig_free(&r);
}

static void test_dropped(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_DROP, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	SAYS(&r, "warning message-missing 7\n");
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-7."), 1);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 20);
	assert_int_equal(r.verified.identical, 20);
	rig_free(&r);
}

/* A server that never keeps it: sent twice in a run, then said and left pending. */
static void test_always_dropped(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_DROP, "mail-7.", 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-missing 7\n");
	assert_int_equal(r.ledger.pending, 1);
	assert_int_equal(r.ledger.copied, 19);
	assert_int_equal(memory_appended(r.target[0]), 21);
	/* the server is mended: the next run brings it */
	memory_forgive(r.target[0]);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 20);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 20);
	rig_free(&r);
}

static void test_doubled(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_DOUBLE, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-doubled 7\n");
	assert_int_equal(r.verified.doubled, 1);
	assert_int_equal(r.ledger.copied, 20);
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-7."), 2); /* nothing is deleted */
	rig_free(&r);
}

/* The same size, one other byte: only reading every byte tells. */
static void test_altered(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_ALTER, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, true);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	assert_int_equal(r.verified.altered, 1);
	assert_int_equal(r.verified.identical, 19);
	assert_int_equal(memory_appended(r.target[0]), 20); /* it is not sent again */
	rig_free(&r);
}

/* Another size is seen without reading every byte of every mail; in a box of this size the sample would hardly find it. */
static void test_truncated(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 3000);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_TRUNCATE, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	assert_int_equal(r.verified.altered, 1);
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	rig_free(&r);
}

static void test_redated(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REDATE, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	assert_int_equal(r.verified.altered, 1);
	rig_free(&r);
}

/* Flags that were lost on the way are set again. */
static void test_unflagged(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_UNFLAG, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	SAYS(&r, "flags-lost 7\n");
	assert_true(memory_at(r.target[0], "INBOX", 6)->flags.system & FLAG_SEEN);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_false(rig_says(&r, "flags-lost"));
	rig_free(&r);
}

/* A wrong APPENDUID, or none: found where it lies, not sent again. */
static void test_uids(void **state)
{
	(void)state;
	static const enum memory_fault faults[] = { FAULT_WRONG_UID, FAULT_NO_UID };
	for (size_t i = 0; i < 2; i++) {
		struct rig r;
		start(&r, 20);
		memory_rule(r.target[0], &(struct memory_rule){ faults[i], "mail-7.", 1, 0 });
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 20);
		assert_int_equal(r.verified.identical, 20);
		assert_same(&r, "INBOX", "INBOX");
		rig_free(&r);
	}
}

/* The owner deletes a mail at the target after it was verified: gone, and not copied again. */
static void test_gone(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	rig_run(&r, FLOW_RUN, false);
	memory_remove(r.target[0], "INBOX", 7);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	assert_int_equal(memory_appended(r.target[0]), 20);
	rig_free(&r);
}

/* Exact twins at the source are both copied; a mail that the target has already is taken for one of them. */
static void test_twins(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 5);
	rig_mail(r.source[0], "INBOX", 3);
	rig_mail(r.source[0], "INBOX", 3);
	rig_mail(r.target[0], "INBOX", 3);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-3."), 3);
	assert_int_equal(r.ledger.already_there, 1);
	assert_int_equal(r.ledger.copied, 6);
	assert_int_equal(r.verified.doubled, 0);
	rig_free(&r);
}

/* One wrong answer of the target, or of the source, says nothing: what seems altered is read once more before it is told. */
static void test_misread(void **state)
{
	(void)state;
	static const enum memory_fault faults[] = { FAULT_MISREAD, FAULT_MISDATE };
	for (size_t i = 0; i < 4; i++) {
		struct rig r;
		start(&r, 20);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		memory_rule(i % 2 ? r.source[0] : r.target[0], &(struct memory_rule){ faults[i / 2], "mail-7.", 1, 0 });
		rig_run(&r, FLOW_VERIFY, true);
		EXIT_IS(&r, 0);
		assert_string_equal(r.problems.data, "");
		assert_int_equal(r.verified.identical, 20);
		rig_free(&r);
	}
}

/* The same wrong answer twice is told, and taken back by the next ordinary run that finds the mail whole. */
static void test_misread_twice(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_MISREAD, "mail-7.", 2, 0 });
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_MISDATE, "mail-9.", 2, 0 });
	rig_run(&r, FLOW_RUN, true);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	SAYS(&r, "error message-altered 9\n");
	assert_int_equal(r.verified.altered, 2);
	assert_int_equal(r.verified.identical, 18);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_string_equal(r.problems.data, "");
	assert_int_equal(r.verified.identical, 20);
	assert_int_equal(memory_appended(r.target[0]), 20);
	rig_free(&r);
}

/* Listed, and not handed over: told after two looks, never sent a second time for that, and taken back when it can be read. */
static void test_not_handed_over(void **state)
{
	(void)state;
	for (int twins = 0; twins < 2; twins++) {
		struct rig r;
		start(&r, 20);
		for (int i = 0; i < twins; i++)
			rig_mail(r.source[0], "INBOX", 7);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		memory_rule(r.target[0], &(struct memory_rule){ FAULT_NO_BODY, "mail-7.", 0, 0 });
		rig_run(&r, FLOW_VERIFY, true);
		EXIT_IS(&r, 1);
		SAYS(&r, "error message-altered 7\n");
		rig_run(&r, FLOW_RUN, true);
		EXIT_IS(&r, 1);
		assert_int_equal(memory_appended(r.target[0]), 20 + twins);
		memory_forgive(r.target[0]);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_string_equal(r.problems.data, "");
		assert_int_equal(memory_appended(r.target[0]), 20 + twins);
		rig_free(&r);
	}
}

/* Another body and another date: it stays altered, run after run. */
static void test_altered_and_redated(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_ALTER, "mail-7.", 1, 0 });
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REDATE, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, true);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	assert_int_equal(r.verified.altered, 1);
	assert_int_equal(r.verified.identical, 19);
	rig_free(&r);
}

/* Of twenty mails one vanished at the source, and then at the target. */
static void gone_from_both(struct rig *r)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, 20);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
	memory_remove(r->source[0], "INBOX", 4);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
	assert_int_equal(r->verified.target_only, 0);
	memory_remove(r->target[0], "INBOX", 4);
}

/* That leaves a gap that a double fills: the numbers fit. */
static void test_double_in_a_gap(void **state)
{
	(void)state;
	struct rig r;
	gone_from_both(&r);
	rig_mail(r.target[0], "INBOX", 7);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-doubled 7\n");
	rig_free(&r);
}

/* … and what its owner has put back there is no double of what is nowhere else. */
static void test_put_back(void **state)
{
	(void)state;
	struct rig r;
	gone_from_both(&r);
	rig_mail(r.target[0], "INBOX", 4);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.doubled, 0);
	assert_int_equal(r.verified.target_only, 1);
	rig_mail(r.source[0], "INBOX", 4); /* and there: the one that lies there is its own */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-4."), 1);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	  cmocka_unit_test(test_dropped),   cmocka_unit_test(test_always_dropped), cmocka_unit_test(test_doubled),
		cmocka_unit_test(test_altered),	  cmocka_unit_test(test_truncated), cmocka_unit_test(test_redated),	   cmocka_unit_test(test_unflagged),
		cmocka_unit_test(test_uids),	  cmocka_unit_test(test_gone),	    cmocka_unit_test(test_twins),	cmocka_unit_test(test_double_in_a_gap),	cmocka_unit_test(test_put_back),
		cmocka_unit_test(test_misread),	  cmocka_unit_test(test_misread_twice), cmocka_unit_test(test_altered_and_redated),
		cmocka_unit_test(test_not_handed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
