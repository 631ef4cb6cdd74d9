/* A folder that was copied and is mapped elsewhere in the next run: adopted where all of it lies, else refused before a byte. */
#include "tests/unit/flow/rig.h"

static struct job_map map[] = { { (char[]){ "Vecchia" }, (char[]){ "Nuova" } } };

static void first_run(struct rig *r)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, 3);
	rig_mails(r->source[0], "INBOX.Vecchia", 11, 20);
	assert_int_equal(rig_run(r, FLOW_RUN, false), 0);
	r->account[0].folders = (struct job_folders){ .map = map, .maps = 1 };
}

static void refused(void **state)
{
	(void)state;
	struct rig r;
	first_run(&r);
	/* two runs: the state goes back to what it was */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_run(&r, FLOW_RUN, false), 2);
		SAYS(&r, "error mapping-changed 0\n");
	}
	rig_mails(r.target[0], "Nuova", 11, 19); /* all but one */
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 2);
	assert_int_equal(memory_appended(r.target[0]), 13);
	/* a verification still finds it all */
	assert_int_equal(rig_run(&r, FLOW_VERIFY, false), 0);
	assert_int_equal(r.verified.identical, 13);
	r.account[0].folders = (struct job_folders){ 0 };
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	assert_int_equal(memory_appended(r.target[0]), 13);
	rig_free(&r);
}

static void adopted(void **state)
{
	(void)state;
	struct rig r;
	first_run(&r);
	rig_mails(r.target[0], "Nuova", 11, 20);
	rig_mail(r.source[0], "INBOX.Vecchia", 21);
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	assert_int_equal(memory_appended(r.target[0]), 14);
	assert_int_equal(memory_count(r.target[0], "Nuova"), 11);
	assert_int_equal(r.ledger.copied, 14);
	assert_int_equal(r.verified.identical, 14);
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	assert_int_equal(memory_appended(r.target[0]), 14);
	rig_free(&r);
}

static void remove_first(struct memory *m, const char *wire, size_t count)
{
	while (count-- > 0)
		memory_remove(m, wire, memory_at(m, wire, 0)->uid);
}

/* Moved over by hand and, when some of it had vanished at the source, back again: that mail is no double, its only copy is in this place now. */
static void there_and_back(void **state)
{
	(void)state;
	struct rig r;
	first_run(&r);
	rig_mails(r.target[0], "Nuova", 11, 20);
	remove_first(r.target[0], "Vecchia", 10);
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	remove_first(r.source[0], "INBOX.Vecchia", 3);
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	assert_int_equal(r.ledger.vanished, 3);
	rig_mails(r.target[0], "Vecchia", 11, 20);
	remove_first(r.target[0], "Nuova", 10);
	r.account[0].folders = (struct job_folders){ 0 };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
		assert_int_equal(r.verified.doubled, 0);
		assert_int_equal(r.verified.target_only, 3);
		assert_int_equal(memory_appended(r.target[0]), 13);
	}
	rig_free(&r);
}

/* From now on nobody gets in. */
static void shut(void *ctx, unsigned batches)
{
	(void)batches;
	memory_rule(ctx, &(struct memory_rule){ .fault = FAULT_DOWN });
}

/* What left without an answer may lie in the old place: only there can it be settled. */
static void intents_stay(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX.Vecchia", 11, 20);
	memory_rule(r.target[0], &(struct memory_rule){ .fault = FAULT_LOSE, .text = "mail-11." });
	memory_on_append(r.target[0], shut, r.target[0]);
	r.job.workers = 1; /* another lane may have its connections already, and would settle it */
	r.job.give_up_ms = 1;
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 3);
	memory_on_append(r.target[0], NULL, NULL);
	memory_forgive(r.target[0]);
	r.job.give_up_ms = 600000;
	unsigned sent = memory_appended(r.target[0]);
	r.account[0].folders = (struct job_folders){ .map = map, .maps = 1 };
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 2);
	SAYS(&r, "error mapping-changed 0\n");
	assert_int_equal(memory_appended(r.target[0]), sent);
	rig_free(&r);
}

/* The lines of an account that waits for its plan can break like any other. */
static void broken_look(void **state)
{
	(void)state;
	struct rig r;
	first_run(&r);
	rig_mails(r.target[0], "Nuova", 11, 20);
	memory_rule(r.target[0], &(struct memory_rule){ .fault = FAULT_READ_BREAK, .text = "mail-15.", .times = 2 });
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	assert_int_equal(memory_appended(r.target[0]), 13);
	assert_int_equal(r.ledger.copied, 13);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused), cmocka_unit_test(adopted), cmocka_unit_test(there_and_back), cmocka_unit_test(intents_stay), cmocka_unit_test(broken_look) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
