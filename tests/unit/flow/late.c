/* A server may carry a command out long after its client has gone: nothing is sent again before that can be ruled out. These tests wait
   as long as the mover does. */
#include "tests/unit/flow/rig.h"

static void assert_moved(struct rig *r, size_t count)
{
	EXIT_IS(r, 0);
	assert_int_equal(memory_count(r->target[0], "INBOX"), count);
	assert_int_equal(r->verified.doubled, 0);
	assert_int_equal(r->ledger.pending, 0);
}

static void note_stage(void *ctx)
{
	struct rig *r = ctx;
	r->stages |= 1u << flow_stage_of(&r->seen[0]);
}

/* Lanes leave one by one: what the last one does is what the account does. */
static void test_stage(void **state)
{
	(void)state;
	struct flow_account a = { .stage = STAGE_AT_WORK, .lanes = 2, .settling = 1 };
	assert_int_equal(flow_stage_of(&a), STAGE_AT_WORK);
	atomic_store(&a.lanes, 1);
	assert_int_equal(flow_stage_of(&a), STAGE_SETTLING);
	atomic_store(&a.stage, STAGE_PAUSED);
	assert_int_equal(flow_stage_of(&a), STAGE_PAUSED);
	a = (struct flow_account){ .stage = STAGE_AT_WORK };
	assert_int_equal(flow_stage_of(&a), STAGE_AT_WORK);
}

static void test_late(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	r.tick = note_stage;
	rig_mails(r.source[0], "INBOX", 1, 250);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_LATE, "mail-150.", 1, 4000 });
	rig_run(&r, FLOW_RUN, false);
	assert_moved(&r, 250);
	assert_int_equal(memory_appended(r.target[0]), 250); /* what came late was not sent again */
	assert_true(r.stages & 1u << STAGE_SETTLING); /* what was waited for was said */
	assert_int_equal(flow_stage_of(&r.seen[0]), STAGE_ENDED);
	rig_free(&r);
}

/* The connection broke before the batch had left: it is sent again. */
static void test_break(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 250);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_BREAK, "mail-150.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	assert_moved(&r, 250);
	assert_int_equal(memory_appended(r.target[0]), 250);
	rig_free(&r);
}

static void break_the_look(void *ctx, unsigned batches)
{
	struct rig *r = ctx;
	if (batches == 1)
		memory_rule(r->target[0], &(struct memory_rule){ FAULT_READ_BREAK, "mail-900.", 1, 0 });
}

/* The connection that looks for a lost batch breaks too: the next one still has to wait. */
static void test_late_and_look_breaks(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 50);
	rig_mail(r.target[0], "INBOX", 900); /* makes the first session settle, and is read at each look */
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_LATE, "mail-10.", 1, 6000 });
	memory_on_append(r.target[0], break_the_look, &r);
	rig_run(&r, FLOW_RUN, false);
	assert_moved(&r, 51);
	assert_int_equal(memory_appended(r.target[0]), 50);
	assert_int_equal(r.verified.target_only, 1);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stage), cmocka_unit_test(test_late), cmocka_unit_test(test_break), cmocka_unit_test(test_late_and_look_breaks) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
