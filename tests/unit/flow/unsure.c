/* What was sent and lies there in another form, the answer lost: only the body tells, and what it leaves open is never sent again by itself.
   These tests wait as long as the mover does. */
#include "tests/unit/flow/rig.h"

static char *exclude[] = { (char[]){ "Vecchia" }, NULL };
static unsigned breaks;

static void break_source(void *ctx, unsigned batches)
{
	struct rig *r = ctx;
	(void)batches;
	if (breaks > 0)
		memory_rule(r->source[0], &(struct memory_rule){ FAULT_READ_BREAK, "mail-105.", breaks, 0 });
	breaks = 0;
}

/* mail-105. is stored without its end, and the answer is lost. */
static void lose_cut(struct rig *r, unsigned source_breaks)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX.Vecchia", 91, 100);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
	rig_mails(r->source[0], "INBOX.Vecchia", 101, 110);
	memory_rule(r->target[0], &(struct memory_rule){ FAULT_TRUNCATE, "mail-105.", 1, 0 });
	memory_rule(r->target[0], &(struct memory_rule){ FAULT_LOSE, "mail-105.", 1, 0 });
	breaks = source_breaks;
	memory_on_append(r->target[0], break_source, r);
	rig_run(r, FLOW_RUN, false);
}

/* Left out and taken in again: nobody asked for it to be sent once more. */
static void unsettled_and_excluded(void **state)
{
	(void)state;
	struct rig r;
	lose_cut(&r, 0);
	EXIT_IS(&r, 1);
	SAYS(&r, "error unsettled 15\n");
	assert_int_equal(memory_appended(r.target[0]), 20);
	r.account[0].folders = (struct job_folders){ .exclude = exclude };
	rig_run(&r, FLOW_RUN, false);
	r.account[0].folders = (struct job_folders){ 0 };
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_appended(r.target[0]), 20);
	EXIT_IS(&r, 1);
	SAYS(&r, "error unsettled 15\n");
	rig_free(&r);
}

/* The line to the source breaks before the body could be compared. */
static void unsure_and_broken(void **state)
{
	(void)state;
	struct rig r;
	lose_cut(&r, 3);
	assert_int_equal(memory_appended(r.target[0]), 20);
	EXIT_IS(&r, 1);
	SAYS(&r, "error unsettled 15\n");
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(unsettled_and_excluded), cmocka_unit_test(unsure_and_broken) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
