/* A folder of which a part has changed: that part is compared, and nothing that a look at all of it would find stays unseen. */
#include "tests/unit/flow/rig.h"

#define MAILS 60
#define ROWS(table) (sizeof(table) / sizeof *(table))

static unsigned metas(struct rig *r)
{
	return memory_read(r->source[0], WANT_META) + memory_read(r->target[0], WANT_META);
}

static unsigned metas_of_run(struct rig *r)
{
	unsigned before = metas(r);
	rig_run(r, FLOW_RUN, false);
	return metas(r) - before;
}

/* The newest of each side, which is read in any case: the same mail here. */
#define NEWEST 2

static void begin(struct rig *r)
{
	rig_make(r, 1, false);
	memory_counts(r->source[0], true);
	memory_counts(r->target[0], true);
}

/* One folder, moved and sealed. */
static void start(struct rig *r)
{
	begin(r);
	rig_mails(r->source[0], "INBOX", 1, MAILS);
	for (int i = 0; i < 2; i++) {
		rig_run(r, FLOW_RUN, false);
		EXIT_IS(r, 0);
	}
	assert_int_equal(r->verified.quiet, MAILS);
}

static void read_all(struct rig *r)
{
	unsigned read = metas_of_run(r);
	if (read < 2 * (MAILS - 5))
		fail_msg("%u read, and all should have been", read);
	assert_int_equal(r->verified.quiet, 0);
}

/* ---- one thing happens between two runs ---- */

static void arrive(struct rig *r)
{
	rig_mail(r->source[0], "INBOX", 500);
}

static void mark(struct rig *r)
{
	memory_flags(r->source[0], "INBOX", 4, "\\Seen \\Flagged");
}

static void mark_there(struct rig *r)
{
	memory_flags(r->target[0], "INBOX", 4, "\\Seen \\Flagged");
}

static void vanish(struct rig *r)
{
	memory_remove(r->source[0], "INBOX", 4);
}

static void lose(struct rig *r)
{
	memory_remove(r->target[0], "INBOX", 4);
}

static void others(struct rig *r)
{
	rig_mail(r->target[0], "INBOX", 600);
}

static void replace(struct rig *r)
{
	lose(r);
	others(r);
}

/* The same mail, at another UID: its owner has moved it away and back. */
static void move_back(struct rig *r)
{
	lose(r);
	rig_mail(r->target[0], "INBOX", 4);
}

static void lose_and_arrive(struct rig *r)
{
	lose(r);
	arrive(r);
}

static const struct {
	const char *name;
	void (*happens)(struct rig *r);
	unsigned read, quiet;	/* the newest is always read */
	uint64_t source, copied, vanished, gone, target_only;
} events[] = {
	{ "new mail", arrive, 4, 59, 61, 61, 0, 0, 0 },
	{ "a mark at the source", mark, 4, 58, 60, 60, 0, 0, 0 },
	{ "a mark at the target", mark_there, 4, 58, 60, 60, 0, 0, 0 },
	{ "deleted at the source", vanish, 2, 58, 60, 59, 1, 0, 0 },
	{ "lost at the target", lose, 3, 58, 60, 60, 0, 1, 0 }, /* of what is gone there is one side */
	{ "other mail at the target", others, 2, 59, 60, 60, 0, 0, 1 },
	{ "lost, and other mail fills the gap", replace, 3, 58, 60, 60, 0, 1, 1 },
	{ "lost, and it lies elsewhere", move_back, 5, 58, 60, 60, 0, 0, 0 },
	{ "lost, and new mail fills the gap", lose_and_arrive, 5, 58, 61, 61, 0, 1, 0 },
};

static void check_event(struct rig *r, size_t i, const char *when)
{
	const struct ledger *l = &r->ledger;
	if (r->exit[0] != 0 || l->source != events[i].source || l->copied != events[i].copied || l->vanished != events[i].vanished || r->verified.gone != events[i].gone ||
		r->verified.target_only != events[i].target_only || r->verified.identical + events[i].gone != events[i].copied)
		fail_msg("%s, %s: exit %d, source %llu, copied %llu, vanished %llu, gone %llu, target_only %llu; %s", events[i].name, when, r->exit[0], (unsigned long long)l->source,
			(unsigned long long)l->copied, (unsigned long long)l->vanished, (unsigned long long)r->verified.gone, (unsigned long long)r->verified.target_only, r->problems.data);
}

static void test_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(events); i++) {
		struct rig r;
		start(&r);
		unsigned read = metas_of_run(&r);
		assert_int_equal(read, 0);
		events[i].happens(&r);
		read = metas_of_run(&r);
		check_event(&r, i, "at once");
		if (read != events[i].read || r.verified.quiet != events[i].quiet)
			fail_msg("%s: %u read, %llu quiet", events[i].name, read, (unsigned long long)r.verified.quiet);
		if (atomic_load(&r.seen[0].checked) < r.verified.identical)
			fail_msg("%s: only %llu told as compared", events[i].name, (unsigned long long)atomic_load(&r.seen[0].checked));
		for (int again = 0; again < 3; again++) {
			read = metas_of_run(&r);
			check_event(&r, i, "later");
			assert_true(read <= NEWEST + 3);
		}
		assert_int_equal(read, 0);
		if (events[i].happens == mark)
			assert_true(memory_at(r.target[0], "INBOX", 3)->flags.system & FLAG_FLAGGED);
		rig_free(&r);
	}
}

/* ---- all is read ---- */

static void refuse_source(struct rig *r)
{
	memory_tells(r->source[0], TELLS_NO);
}

static void refuse_target(struct rig *r)
{
	memory_tells(r->target[0], TELLS_NO);
}

/* It says that nothing has changed: new mail that it does not name shows that it lies, and so does a count that has grown for nothing. */
static void lie_at_source(struct rig *r)
{
	memory_tells(r->source[0], TELLS_NOTHING);
	arrive(r);
}

static void lie_of_a_mark(struct rig *r)
{
	memory_tells(r->source[0], TELLS_NOTHING);
	mark(r);
}

static void lie_at_target(struct rig *r)
{
	memory_tells(r->target[0], TELLS_NOTHING);
	others(r);
}

static void lie_of_a_mark_there(struct rig *r)
{
	memory_tells(r->target[0], TELLS_NOTHING);
	mark_there(r);
}

static void renumber(struct rig *r)
{
	memory_renumber(r->source[0], "INBOX");
}

static void renumber_there(struct rig *r)
{
	memory_renumber(r->target[0], "INBOX");
}

/* Its count begins anew, and is lower than the seal has it. */
static void count_anew(struct rig *r)
{
	memory_counts(r->source[0], true);
}

static void count_anew_there(struct rig *r)
{
	memory_counts(r->target[0], true);
}

static void forget_there(struct rig *r)
{
	memory_forgets(r->target[0]);
}

static void uncounted(struct rig *r)
{
	memory_counts(r->source[0], false);
}

static void uncounted_there(struct rig *r)
{
	memory_counts(r->target[0], false);
}

static void other_rules(struct rig *r)
{
	strcpy(r->account[0].rules, "others");
}

static void again(struct rig *r)
{
	r->again = true;
}

/* UIDNEXT has gone down, and nothing else. */
static void restore_there(struct rig *r)
{
	memory_restore(r->target[0], "INBOX", MAILS, MAILS * 4);
}

static const struct {
	const char *name;
	void (*happens)(struct rig *r);
	bool alone;		/* and no new mail besides */
} odd[] = {
	{ "the source does not want to tell", refuse_source, false }, { "the target does not want to tell", refuse_target, false }, { "the source lies of new mail", lie_at_source, true },
	{ "the source lies of a mark", lie_of_a_mark, true }, { "the target lies of other mail", lie_at_target, true }, { "the target lies of a mark", lie_of_a_mark_there, true },
	{ "the source is renumbered", renumber, false }, { "the target is renumbered", renumber_there, false }, { "the source counts anew", count_anew, false },
	{ "the target counts anew", count_anew_there, false }, { "NOMODSEQ at the target", forget_there, false }, { "the source counts no more", uncounted, false },
	{ "the target counts no more", uncounted_there, false }, { "other rules", other_rules, false }, { "--again", again, false }, { "UIDNEXT goes down", restore_there, false },
};

static void test_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(odd); i++) {
		struct rig r;
		start(&r);
		if (!odd[i].alone)
			arrive(&r);
		odd[i].happens(&r);
		unsigned read = metas_of_run(&r);
		if (read < 2 * MAILS - 5 || r.verified.quiet > 0)
			fail_msg("%s: %u read, quiet %llu", odd[i].name, read, (unsigned long long)r.verified.quiet);
		assert_int_equal(r.ledger.copied + r.ledger.vanished, memory_count(r.source[0], "INBOX"));
		assert_int_equal(r.ledger.pending, 0);
		rig_free(&r);
	}
}

/* ---- how it could hide a loss ---- */

/* 1. An old backup, and other mail under the UIDs of ours, with a count that has grown beyond the seal's meanwhile. */
static void test_numbers_given_out_again(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	memory_restore(r.target[0], "INBOX", 31, 1);
	rig_mails(r.target[0], "INBOX", 700, 729);
	for (int i = 0; i < 300; i++)
		memory_flags(r.target[0], "INBOX", 1, "\\Seen Work");
	rig_mails(r.target[0], "INBOX", 730, 739);
	arrive(&r);
	r.account[0].shrink = 1000;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 30);
	assert_int_equal(r.verified.target_only, 40);
	assert_int_equal(r.verified.quiet, 0);
	rig_free(&r);
}

static struct rig *rig;
static void (*now)(struct rig *r);
static unsigned when;

static void happens_now(void)
{
	void (*happens)(struct rig *r) = now;
	if (!happens || when-- > 0)
		return;
	now = NULL;
	happens(rig);
}

static void on_ask(void *ctx)
{
	(void)ctx;
	happens_now();
}

static void on_append(void *ctx, unsigned batches)
{
	(void)ctx;
	(void)batches;
	happens_now();
}

/* 2. A change in the middle of such a run, before or behind any question that it asks, is seen by it or by the next. */
static void test_in_the_middle(void **state)
{
	(void)state;
	static void (*const things[])(struct rig *r) = { lose, mark, replace };
	for (size_t i = 0; i < ROWS(things); i++)
		for (unsigned at = 0; at < 12; at++) {
			struct rig r;
			start(&r);
			arrive(&r);
			rig = &r;
			now = things[i];
			when = at % 6;
			memory_on_ask(at < 6 ? r.source[0] : r.target[0], on_ask, NULL);
			memory_on_append(r.target[0], at == 11 ? on_append : NULL, NULL);
			rig_run(&r, FLOW_RUN, false);
			EXIT_IS(&r, 0);
			bool happened = !now;
			now = NULL;
			rig_run(&r, FLOW_RUN, false);
			EXIT_IS(&r, 0);
			rig_run(&r, FLOW_RUN, false);
			if (happened && things[i] != mark && r.verified.gone != 1)
				fail_msg("thing %zu at %u: gone %llu", i, at, (unsigned long long)r.verified.gone);
			if (happened && things[i] == mark && !(memory_at(r.target[0], "INBOX", 3)->flags.system & FLAG_FLAGGED))
				fail_msg("no mark, at %u", at);
			rig_free(&r);
		}
}

/* 3. A run that did not end leaves no seal, and the next one reads all. */
static void test_broken_run(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	mark(&r);
	lose(&r);
	r.job.give_up_ms = 1;
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_READ_BREAK, NULL, 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 3);
	memory_forgive(r.target[0]);
	r.job.give_up_ms = 600000;
	read_all(&r);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	rig_free(&r);
}

/* 4. Mail that the source did not list for a while was not compared meanwhile. */
static void test_listed_again(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	struct memory_mail *mail = (struct memory_mail *)(uintptr_t)memory_at(r.source[0], "INBOX", 3);
	mail->hidden = true;
	arrive(&r);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.ledger.vanished, 1);
	lose(&r);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.verified.gone, 0);
	mail = (struct memory_mail *)(uintptr_t)memory_at(r.source[0], "INBOX", 3);
	mail->hidden = false;
	memory_remove(r.source[0], "INBOX", 9); /* the numbers fit */
	rig_mail(r.source[0], "INBOX", 501);
	read_all(&r);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	rig_free(&r);
}

/* 5. What is wrong stays told: such a folder is read whole until nothing is. */
static void test_problems(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	rig_mail(r.source[0], "INBOX", 777);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_TRUNCATE, "mail-777.", 1, 0 });
	for (int i = 0; i < 3; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 1);
		SAYS(&r, "error message-altered 61\n");
		rig_mail(r.source[0], "INBOX", 800 + (unsigned)i);
		assert_int_equal(r.verified.quiet > 0, i == 0);
	}
	rig_free(&r);
}

/* … a mark that the target has lost as well. */
static void test_mark_lost(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	memory_flags(r.target[0], "INBOX", 3, "");
	for (int i = 0; i < 3; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		SAYS(&r, "warning flags-lost 3\n");
		assert_int_equal(r.verified.quiet > 0, i == 0);
	}
	rig_free(&r);
}

/* 6. New mail with the Message-ID of a quiet one: that is compared by more than its facts from then on, as if all were read. */
static void test_twins(void **state)
{
	(void)state;
	struct rig r;
	start(&r);
	unsigned heads = memory_read(r.target[0], WANT_HEAD);
	rig_mail(r.source[0], "INBOX", 10);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_true(r.verified.quiet > 0);
	assert_int_equal(memory_read(r.target[0], WANT_HEAD) - heads, 2);
	/* … once: when they are not the newest any more they are quiet again */
	for (unsigned n = 901; n <= 902; n++) {
		rig_mail(r.source[0], "INBOX", n);
		rig_run(&r, FLOW_RUN, false);
		rig_run(&r, FLOW_RUN, false);
		if (n == 901)
			heads = memory_read(r.target[0], WANT_HEAD);
	}
	assert_int_equal(memory_read(r.target[0], WANT_HEAD), heads);
	assert_int_equal(r.verified.identical, MAILS + 3);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events), cmocka_unit_test(test_odd), cmocka_unit_test(test_numbers_given_out_again), cmocka_unit_test(test_in_the_middle), cmocka_unit_test(test_broken_run),
		cmocka_unit_test(test_listed_again), cmocka_unit_test(test_problems), cmocka_unit_test(test_mark_lost), cmocka_unit_test(test_twins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
