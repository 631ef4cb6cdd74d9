/* Refusals, broken connections, stops and sign-ins: what can be moved is moved once, what can't is said. */
#include "tests/unit/flow/rig.h"

#include <poll.h>
#include <sys/stat.h>

#include "core/base/clock.h"

static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, mails);
}

/* Each of these mails is in the target once. */
static void assert_once(struct rig *r, struct memory *target, const char *wire, unsigned first, unsigned last)
{
	for (unsigned n = first; n <= last; n++) {
		char text[32];
		snprintf(text, sizeof text, "<mail-%u.@", n);
		size_t found = rig_with(target, wire, text);
		if (found != 1)
			fail_msg("mail %u: %zu times; problems: %s", n, found, r->problems.data);
	}
}

/* NO to a whole batch because of one mail: the others are moved, that one is kept as a file with its bytes. */
static void test_refused(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	start(&r, 250);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "mail-7.", 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-refused 7\n");
	assert_int_equal(r.ledger.refused, 1);
	assert_int_equal(r.ledger.copied, 249);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 249);
	assert_once(&r, r.target[0], "INBOX", 8, 250);
	char *path = x_printf("%s/account0/INBOX-%u-7.eml", r.refused, 1001);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, memory_at(r.source[0], "INBOX", 6)->len);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
	/* it stays refused: still said, not tried again */
	unsigned before = memory_appended(r.target[0]);
	memory_forgive(r.target[0]);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "message-refused 7\n");
	assert_int_equal(memory_appended(r.target[0]), before);
	rig_free(&r);
}

/* A server that once said NO to many and takes them singly: nothing is refused. */
static void test_refused_in_company(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 150);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 150);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 150);
	rig_free(&r);
}

static void count_appends(void *ctx, unsigned batches)
{
	unsigned *count = ctx;
	*count = batches;
	if (batches < 400)
		poll(NULL, 0, 10); /* meanwhile more comes in: batches are as large as they may be */
}

/* All that goes with a refused mail goes singly then: where one was refused, less goes with the next. */
static void test_refused_once_more(void **state)
{
	(void)state;
	struct rig r;
	unsigned appends = 0;
	char *large = x_printf("Message-ID: <large@example>\r\n\r\n%0340000d bad.\r\n", 0);
	rig_make(&r, 1, false);
	r.job.workers = 24; /* of the memory each has 1 MB, and a batch a third of that */
	memory_add(r.source[0], "INBOX", large, strlen(large), "", 1704067200);
	rig_mails(r.source[0], "INBOX", 1, 4000);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "bad.", 0, 0 });
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "mail-3000.", 0, 0 });
	memory_on_append(r.target[0], count_appends, &appends);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	assert_int_equal(r.ledger.refused, 2);
	assert_int_equal(r.ledger.copied, 3999);
	assert_in_range(appends, 40, 300);
	free(large);
	rig_free(&r);
}

/* Mail comes little by little, and the target is slow to answer: what has come leaves behind what has left. */
static void test_slow_answers(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 40);
	r.job.workers = 1; /* a second connection would be a second try */
	r.job.rate = 5000; /* a second for all of it, however late we are woken */
	memory_answers_at(r.target[0], 3); /* what is left at the end goes in any case */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_opened(r.target[0]), 1);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 40);
	rig_free(&r);
}

/* Refused in company, then with its keyword; the connection breaks while it goes without. What was said of it with its keyword is no last word. */
static void test_refused_then_broken(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 20);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "mail-7.", 2, 0 });
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_BREAK, "mail-7.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 20);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 20);
	assert_true(memory_opened(r.target[0]) >= 2);
	rig_free(&r);
}

/* NO to many, and some are stored all the same: those are found, not sent again. */
static void test_refused_in_part(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 150);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_PARTIAL, "mail-87.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 150);
	assert_int_equal(memory_appended(r.target[0]), 150);
	assert_once(&r, r.target[0], "INBOX", 1, 150);
	rig_free(&r);
}

/* The answer is lost and the mails are there: found, not sent again. */
static void test_lost_reply(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 250);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_LOSE, "mail-150.", 1, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 250);
	assert_int_equal(memory_appended(r.target[0]), 250);
	assert_int_equal(r.ledger.copied, 250);
	assert_int_equal(r.ledger.already_there, 0);
	assert_int_equal(r.verified.identical, 250);
	rig_free(&r);
}

static void test_source_breaks(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 250);
	memory_rule(r.source[0], &(struct memory_rule){ FAULT_READ_BREAK, "mail-120.", 2, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 250);
	assert_once(&r, r.target[0], "INBOX", 100, 250);
	assert_true(memory_opened(r.source[0]) >= 3);
	rig_free(&r);
}

/* The target breaks while it is verified: read again, nothing sent. */
static void test_target_breaks(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 250);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_READ_BREAK, "mail-120.", 2, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 250);
	assert_int_equal(r.verified.identical, 250);
	rig_free(&r);
}

static void stop_now(void *ctx, unsigned batches)
{
	struct rig *r = ctx;
	if (batches == 2)
		cancel_fire(&r->stop);
}

/* Stopped in the middle: 130; what was sent is known, and the next run brings the rest. */
static void test_stop(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 3000);
	memory_on_append(r.target[0], stop_now, &r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 130);
	size_t there = memory_count(r.target[0], "INBOX");
	assert_true(there > 0 && there < 3000);
	assert_int_equal(r.ledger.copied, there);
	assert_int_equal(r.ledger.pending, 3000 - there);
	memory_on_append(r.target[0], NULL, NULL);
	cancel_reset(&r.stop);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 3000);
	assert_int_equal(memory_appended(r.target[0]), 3000);
	assert_int_equal(r.ledger.copied, 3000);
	assert_int_equal(r.verified.doubled + r.verified.target_only, 0);
	rig_free(&r);
}

static void test_give_up(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 5);
	r.job.give_up_ms = 1500;
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_DOWN, NULL, 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 3);
	SAYS(&r, "error stopped 0\n");
	assert_true(memory_opened(r.target[0]) >= 2);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 0);
	memory_forgive(r.target[0]);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 5);
	rig_free(&r);
}

/* Down for a moment is no reason to give up. */
static void test_down(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 5);
	memory_rule(r.source[0], &(struct memory_rule){ FAULT_DOWN, NULL, 2, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, 5);
	rig_free(&r);
}

/* Two accounts into one mailbox, one after the other: each mail has its own copy, also one that both have. */
static void test_shared_target(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 2, true);
	rig_mails(r.source[0], "INBOX", 1, 1300);
	rig_mails(r.source[1], "INBOX", 1300, 2600);
	r.job.workers = 4;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.exit[1], 0);
	assert_int_equal(memory_turns(r.target[0]), 1);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 2601);
	assert_int_equal(rig_with(r.target[0], "INBOX", "<mail-1300.@"), 2);
	assert_int_equal(r.ledger.copied, 2601);
	assert_int_equal(r.verified.identical, 2601);
	assert_int_equal(r.verified.doubled, 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 2601);
	rig_free(&r);
}

/* One of three accounts can't sign in: the others are moved. */
static void test_login(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 3, false);
	for (unsigned i = 0; i < 3; i++)
		rig_mails(r.source[i], "INBOX", 1, 30);
	memory_rule(r.source[1], &(struct memory_rule){ FAULT_LOGIN, NULL, 0, 0 });
	int64_t began = clock_ms();
	rig_run(&r, FLOW_RUN, false);
	assert_true(clock_ms() - began >= 3000); /* an outage of a moment is over by then */
	assert_int_equal(r.exit[0], 0);
	assert_int_equal(r.exit[1], 4);
	assert_int_equal(r.exit[2], 0);
	SAYS(&r, "error login-refused 0\n");
	assert_int_equal(memory_opened(r.source[1]), 2); /* believed after a second try, and no third */
	assert_int_equal(memory_count(r.target[1], "INBOX"), 0);
	assert_int_equal(memory_count(r.target[2], "INBOX"), 30);
	rig_free(&r);
}

/* Who has been in before with this state may be let in again: an outage, or another password. Of somebody who has not it is believed. */
static void test_login_that_was_good(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		struct rig r;
		start(&r, 3);
		r.job.give_up_ms = 1;
		if (before)
			rig_run(&r, FLOW_PLAN, false);
		memory_rule(r.source[0], &(struct memory_rule){ FAULT_LOGIN, NULL, 0, 0 });
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, before ? 3 : 4);
		SAYS(&r, "error login-refused 0\n");
		memory_forgive(r.source[0]);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		rig_free(&r);
	}
}

/* A mail too large for memory, between small ones. */
static void test_large(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 3);
	struct buf text = { 0 };
	buf_adds(&text, "Message-ID: <large@example>\r\n\r\n");
	while (text.len < (size_t)5 << 20)
		buf_adds(&text, "a line of a large mail, not worth reading\r\n");
	memory_add(r.source[0], "INBOX", text.data, text.len, "", 1704067200);
	rig_mails(r.source[0], "INBOX", 4, 6);
	rig_run(&r, FLOW_RUN, true);
	EXIT_IS(&r, 0);
	const struct memory_mail *got = memory_at(r.target[0], "INBOX", 3);
	assert_int_equal(got->len, text.len);
	assert_memory_equal(got->data, text.data, text.len);
	buf_free(&text);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	      cmocka_unit_test(test_refused_in_company), cmocka_unit_test(test_refused_once_more), cmocka_unit_test(test_refused_in_part), cmocka_unit_test(test_slow_answers), cmocka_unit_test(test_refused_then_broken), cmocka_unit_test(test_lost_reply), cmocka_unit_test(test_source_breaks),
		cmocka_unit_test(test_target_breaks), cmocka_unit_test(test_stop),		 cmocka_unit_test(test_give_up),    cmocka_unit_test(test_down),
		cmocka_unit_test(test_shared_target), cmocka_unit_test(test_login),		 cmocka_unit_test(test_login_that_was_good),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
