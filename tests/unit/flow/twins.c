/* Mails of one header and one size, and other bodies: when the target has stored some of those that were sent, the body tells which. */
#include "tests/unit/flow/rig.h"

#define TWINS 4

/* Twin n says "twin-n.", behind the same header as all others. */
static void add_twin(struct memory *m, const char *wire, unsigned n)
{
	char *text = x_printf("Message-ID: <twin@example>\r\nFrom: a@example\r\nSubject: one\r\n\r\nThis is twin-%u.\r\n", n);
	memory_add(m, wire, text, strlen(text), "", 1704067200);
	free(text);
}

static void start(struct rig *r, size_t accounts)
{
	rig_make(r, accounts, false);
	for (size_t i = 0; i < accounts; i++) {
		rig_mails(r->source[i], "INBOX", 1, 3);
		for (unsigned n = 1; n <= TWINS; n++)
			add_twin(r->source[i], "INBOX", n);
	}
}

/* All is there once, and each row has its own. */
static void assert_whole(struct rig *r)
{
	EXIT_IS(r, 0);
	assert_int_equal(memory_appended(r->target[0]), 3 + TWINS);
	assert_int_equal(memory_count(r->target[0], "INBOX"), 3 + TWINS);
	rig_run(r, FLOW_VERIFY, true);
	EXIT_IS(r, 0);
	assert_int_equal(r->verified.identical, 3 + TWINS);
	assert_int_equal(r->verified.doubled, 0);
	rig_free(r);
}

static void drop(struct memory *m, const char *text)
{
	memory_rule(m, &(struct memory_rule){ FAULT_DROP, text, 1, 0 });
}

/* NO to the batch, of which some is stored. */
static void test_refused(void **state)
{
	static const char *const dropped[][TWINS + 1] = { { "twin-1." }, { "twin-1.", "twin-2." }, { "twin-2.", "twin-4." }, { "twin-" }, { NULL } };
	(void)state;
	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
		struct rig r;
		start(&r, 1);
		memory_rule(r.target[0], &(struct memory_rule){ FAULT_ALL_BUT, "twin-1.", 1, 0 });
		for (size_t k = 0; dropped[i][k]; k++)
			drop(r.target[0], dropped[i][k]);
		rig_run(&r, FLOW_RUN, false);
		assert_whole(&r);
	}
}

/* The answer is lost, and there is a mail for each: nothing has to be waited for. */
static void test_lost(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 1);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_LOSE, "twin-1.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	assert_whole(&r);
}

/* The answer is lost, and some were not stored: they are sent again. In another account one is stored without its end: it is not, by itself, and its twins
   find theirs all the same. This waits as long as the mover does. */
static void test_lost_in_part(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 2);
	drop(r.target[0], "twin-1.");
	drop(r.target[0], "twin-3.");
	memory_rule(r.target[1], &(struct memory_rule){ FAULT_TRUNCATE, "twin-2.", 1, 0 });
	for (size_t i = 0; i < 2; i++)
		memory_rule(r.target[i], &(struct memory_rule){ FAULT_LOSE, "twin-1.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	SAYS(&r, "error unsettled 5\n");
	assert_int_equal(r.exit[1], 1);
	assert_int_equal(memory_appended(r.target[1]), 3 + TWINS);
	assert_int_equal(r.ledger.pending, 1);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 3 + TWINS);
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.identical, 3 + TWINS + 3 + TWINS - 1);
	assert_int_equal(memory_appended(r.target[0]), 3 + TWINS + 2); /* the server counts what it drops */
	rig_free(&r);
}

/* A server that does not tell UIDs, and has stored them in part, or all: they are found by their order, and their bodies compared before that is believed. */
static void test_without_uids(void **state)
{
	static const char *const dropped[][TWINS + 1] = { { "twin-1." }, { "twin-2.", "twin-3." }, { "twin-4." }, { NULL } };
	(void)state;
	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
		struct rig r;
		unsigned n = 0;
		start(&r, 1);
		memory_rule(r.target[0], &(struct memory_rule){ FAULT_NO_UID, NULL, 0, 0 });
		while (dropped[i][n])
			drop(r.target[0], dropped[i][n++]);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 3 + TWINS + n); /* the server counts what it drops */
		assert_int_equal(memory_count(r.target[0], "INBOX"), 3 + TWINS);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 3 + TWINS + n);
		rig_run(&r, FLOW_VERIFY, true);
		EXIT_IS(&r, 0);
		assert_int_equal(r.verified.identical, 3 + TWINS);
		rig_free(&r);
	}
}

/* Some were there before us, and the state knows nothing of them. */
static void test_adopted(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 1);
	rig_mails(r.target[0], "INBOX", 1, 3);
	add_twin(r.target[0], "INBOX", 4);
	add_twin(r.target[0], "INBOX", 2);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_appended(r.target[0]), 2);
	assert_int_equal(r.ledger.already_there, 5);
	EXIT_IS(&r, 0);
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.identical, 3 + TWINS);
	rig_free(&r);
}

/* Exact doubles of other dates, of which the target has all but the first: each finds its own, and the first one's date comes, too. They were there before us; or
   the answer is lost; or they are refused; or nobody says which UIDs they have. */
static void test_dates(void **state)
{
	enum { THERE, LOST, REFUSED, UNTOLD, WAYS };
	static const char text[] = "Message-ID: <double@example>\r\nFrom: a@example\r\nSubject: one\r\n\r\nThe same.\r\n";
	(void)state;
	for (int way = THERE; way < WAYS; way++) {
		struct rig r;
		int64_t dates = 0;
		rig_make(&r, 1, false);
		for (int64_t date = 1; date <= 3; date++) {
			memory_add(r.source[0], "INBOX", text, sizeof text - 1, "", 1704067200 + 3600 * date * date);
			if (date > 1 && way == THERE)
				memory_add(r.target[0], "INBOX", text, sizeof text - 1, "", 1704067200 + 3600 * date * date);
		}
		if (way != THERE)
			drop(r.target[0], "The same.");
		if (way == LOST || way == REFUSED)
			memory_rule(r.target[0], &(struct memory_rule){ way == LOST ? FAULT_LOSE : FAULT_ALL_BUT, "The same.", 1, 0 });
		if (way == UNTOLD)
			memory_rule(r.target[0], &(struct memory_rule){ FAULT_NO_UID, NULL, 0, 0 });
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_count(r.target[0], "INBOX"), 3);
		for (size_t i = 0; i < 3; i++)
			dates += (memory_at(r.target[0], "INBOX", i)->date - 1704067200) / 3600;
		assert_int_equal(dates, 1 + 4 + 9);
		rig_run(&r, FLOW_VERIFY, true);
		EXIT_IS(&r, 0);
		assert_int_equal(r.verified.identical, 3);
		rig_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused), cmocka_unit_test(test_lost), cmocka_unit_test(test_lost_in_part), cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_without_uids), cmocka_unit_test(test_dates) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
