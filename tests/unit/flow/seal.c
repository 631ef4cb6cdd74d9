/* Folders that nobody has touched are not read again, and nothing that happened to a folder stays unseen for that. */
#include "tests/unit/flow/rig.h"

#include <time.h>
#include "core/job/plan_file.h"

#define MAILS 30
#define OTHERS 20
#define ROWS(table) (sizeof(table) / sizeof *(table))

/* So many mails of either side were read in any way. */
static unsigned reads(struct rig *r)
{
	unsigned sum = 0;
	for (enum want want = WANT_META; want <= WANT_DIGEST; want++)
		sum += memory_read(r->source[0], want) + memory_read(r->target[0], want);
	return sum;
}

static unsigned reads_of(struct rig *r, enum flow_order order, bool deep)
{
	unsigned before = reads(r);
	rig_run(r, order, deep);
	return reads(r) - before;
}

/* Two folders, moved and sealed. */
static void start(struct rig *r, bool source_counts, bool target_counts)
{
	rig_make(r, 1, false);
	memory_counts(r->source[0], source_counts);
	memory_counts(r->target[0], target_counts);
	rig_mails(r->source[0], "INBOX", 1, MAILS);
	rig_mails(r->source[0], "INBOX.Due", 101, 100 + OTHERS);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
}

static void believed(struct rig *r)
{
	assert_int_equal(reads_of(r, FLOW_RUN, false), 0);
	EXIT_IS(r, 0);
}

static void test_believed(void **state)
{
	(void)state;
	for (int target = 0; target < 2; target++) {
		struct rig r;
		start(&r, true, target);
		unsigned writes = memory_writes(r.target[0]);
		believed(&r);
		assert_int_equal(memory_writes(r.target[0]), writes);
		assert_int_equal(r.ledger.source, MAILS + OTHERS);
		assert_int_equal(r.ledger.copied, MAILS + OTHERS);
		assert_int_equal(r.ledger.copied_now, 0);
		assert_int_equal(r.verified.identical, MAILS + OTHERS);
		assert_string_equal(r.problems.data, "");
		assert_int_equal(atomic_load(&r.seen[0].there), MAILS + OTHERS);
		assert_int_equal(atomic_load(&r.seen[0].checked), MAILS + OTHERS);
		believed(&r);
		rig_free(&r);
	}
}

/* A source that does not count its changes is read each time: flags may be others. */
static void test_not_told(void **state)
{
	(void)state;
	struct rig r;
	start(&r, false, true);
	assert_true(reads_of(&r, FLOW_RUN, false) >= 2 * (MAILS + OTHERS));
	rig_free(&r);
}

/* STATUS names a count that never grows; the folder that is opened says that there is none. */
static void test_forgets(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	memory_forgets(r.source[0]);
	memory_counts(r.target[0], true);
	rig_mails(r.source[0], "INBOX", 1, MAILS);
	rig_run(&r, FLOW_RUN, false);
	rig_run(&r, FLOW_RUN, false);
	memory_flags(r.source[0], "INBOX", 4, "\\Seen \\Flagged");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_true(memory_at(r.target[0], "INBOX", 3)->flags.system & FLAG_FLAGGED);
	rig_free(&r);
}

/* ---- one thing happens between two runs ---- */

static void flag(struct rig *r)
{
	memory_flags(r->source[0], "INBOX", 4, "\\Seen \\Flagged");
}

static void flag_there(struct rig *r)
{
	memory_flags(r->target[0], "INBOX", 4, "\\Seen \\Flagged");
}

static void arrive(struct rig *r)
{
	rig_mail(r->source[0], "INBOX", 50);
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
	rig_mail(r->target[0], "INBOX", 60);
}

static void lose_and_fill(struct rig *r)
{
	lose(r);
	others(r);
}

static void vanish_and_fill(struct rig *r)
{
	vanish(r);
	arrive(r);
}

static void renumber(struct rig *r)
{
	memory_renumber(r->source[0], "INBOX");
}

static void renumber_there(struct rig *r)
{
	memory_renumber(r->target[0], "INBOX");
}

static const struct {
	const char *name;
	void (*happens)(struct rig *r);
	uint64_t source, copied, copied_now, vanished, gone, target_only;
} events[] = {
	{ "a mark at the source", flag, 50, 50, 0, 0, 0, 0 },
	{ "a mark at the target", flag_there, 50, 50, 0, 0, 0, 0 },
	{ "new mail", arrive, 51, 51, 1, 0, 0, 0 },
	{ "deleted at the source", vanish, 50, 49, 0, 1, 0, 0 },
	{ "deleted at the source, and new mail", vanish_and_fill, 51, 50, 1, 1, 0, 0 },
	{ "deleted at the target", lose, 50, 50, 0, 0, 1, 0 },
	{ "other mail at the target", others, 50, 50, 0, 0, 0, 1 },
	{ "deleted at the target, and other mail there", lose_and_fill, 50, 50, 0, 0, 1, 1 },
	{ "renumbered at the source", renumber, 50, 50, 0, 0, 0, 0 },
	{ "renumbered at the target", renumber_there, 50, 50, 0, 0, 0, 0 },
};

static void check_event(struct rig *r, size_t i, const char *when)
{
	const struct ledger *l = &r->ledger;
	bool same = l->source == events[i].source && l->copied == events[i].copied && l->vanished == events[i].vanished && r->verified.gone == events[i].gone &&
		r->verified.target_only == events[i].target_only;
	if (r->exit[0] != 0 || !same)
		fail_msg("%s, %s: exit %d, source %llu, copied %llu, vanished %llu, gone %llu, target_only %llu; %s", events[i].name, when, r->exit[0], (unsigned long long)l->source,
			(unsigned long long)l->copied, (unsigned long long)l->vanished, (unsigned long long)r->verified.gone, (unsigned long long)r->verified.target_only, r->problems.data);
}

/* That folder is read, and no other; then it is believed again, and the numbers stay. */
static void test_events(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS(events); n++) {
		struct rig r;
		bool counts = events[n].happens == flag_there; /* for all else UIDNEXT and the number of messages are enough */
		start(&r, true, counts);
		events[n].happens(&r);
		unsigned other = memory_read(r.source[0], WANT_META), read = reads_of(&r, FLOW_RUN, false);
		if (read == 0)
			fail_msg("%s: nothing was read", events[n].name);
		assert_true(memory_read(r.source[0], WANT_META) - other <= MAILS + 1);
		check_event(&r, n, "at once");
		assert_int_equal(r.ledger.copied_now, events[n].copied_now);
		for (int again = 0; again < 2; again++) {
			rig_run(&r, FLOW_RUN, false);
			check_event(&r, n, "later");
			assert_int_equal(r.ledger.copied_now, 0);
		}
		if (events[n].happens == flag)
			assert_true(memory_at(r.target[0], "INBOX", 3)->flags.system & FLAG_FLAGGED);
		rig_free(&r);
	}
}

/* ---- what never believes ---- */

static void test_asked_to_look(void **state)
{
	(void)state;
	struct rig r;
	start(&r, true, true);
	assert_true(reads_of(&r, FLOW_VERIFY, false) >= 2 * (MAILS + OTHERS));
	assert_true(reads_of(&r, FLOW_VERIFY, true) >= 2 * (MAILS + OTHERS));
	assert_true(reads_of(&r, FLOW_RUN, true) >= 2 * (MAILS + OTHERS));
	believed(&r);
	r.again = true;
	assert_true(reads_of(&r, FLOW_RUN, false) >= 2 * (MAILS + OTHERS));
	r.again = false;
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	believed(&r);
	strcpy(r.account[0].rules, "others");
	assert_true(reads_of(&r, FLOW_RUN, false) >= 2 * (MAILS + OTHERS));
	believed(&r);
	strcpy(r.account[0].rules, "");
	assert_true(reads_of(&r, FLOW_RUN, false) >= 2 * (MAILS + OTHERS));
	rig_free(&r);
}

/* What a plan leaves out is brought by the next run without a plan. */
static void test_plan(void **state)
{
	(void)state;
	struct rig r;
	struct plan_message skip = { .uid = 7, .action = PLAN_SKIP };
	struct plan_folder inbox = { .source = (char *)"INBOX", .target = (char *)"INBOX", .action = PLAN_COPY, .message = &skip, .messages = 1 };
	struct plan_account planned = { .name = (char *)"account0", .folder = &inbox, .folders = 1 };
	struct plan plan = { .account = &planned, .accounts = 1 };
	rig_make(&r, 1, false);
	memory_counts(r.source[0], true);
	memory_counts(r.target[0], true);
	rig_mails(r.source[0], "INBOX", 1, MAILS);
	inbox.validity = 1001;
	r.plan = &plan;
	for (int i = 0; i < 3; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(r.ledger.skipped, 1);
	}
	r.plan = NULL;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.copied, MAILS);
	assert_int_equal(memory_count(r.target[0], "INBOX"), MAILS);
	rig_free(&r);
}

/* ---- something is wrong with it ---- */

static void refused_again(struct rig *r)
{
	struct error err;
	uint64_t count;
	assert_int_equal(store_open(&r->store, r->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_refused_again(r->store, 1, &count, &err), 0);
	store_close(&r->store);
}

/* Refused mail stays told and the status 1; asked for again, it is sent. */
static void test_refused(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	memory_counts(r.source[0], true);
	rig_mails(r.source[0], "INBOX", 1, MAILS);
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_REFUSE, "mail-7.", 0, 0 });
	for (int i = 0; i < 4; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 1);
		SAYS(&r, "error message-refused 7\n");
		assert_int_equal(r.ledger.refused, 1);
	}
	memory_forgive(r.target[0]);
	refused_again(&r);
	rig_run(&r, FLOW_RUN, false);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_count(r.target[0], "INBOX"), MAILS);
	rig_free(&r);
}

static const struct {
	enum memory_fault fault;
	const char *says;
	bool deep;
} wrongs[] = { { FAULT_ALTER, "error message-altered 7\n", true }, { FAULT_TRUNCATE, "error message-altered 7\n", false }, { FAULT_REDATE, "error message-altered 7\n", false },
	{ FAULT_DOUBLE, "error message-doubled 7\n", false } };

/* Found once, by a run or by verify: each run says it again, however quiet both servers are. */
static void test_found_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(wrongs); i++) {
		struct rig r;
		rig_make(&r, 1, false);
		memory_counts(r.source[0], true);
		memory_counts(r.target[0], true);
		rig_mails(r.source[0], "INBOX", 1, MAILS);
		memory_rule(r.target[0], &(struct memory_rule){ wrongs[i].fault, "mail-7.", 1, 0 });
		rig_run(&r, FLOW_RUN, wrongs[i].deep);
		for (int again = 0; again < 3; again++) {
			EXIT_IS(&r, 1);
			SAYS(&r, wrongs[i].says);
			rig_run(&r, FLOW_RUN, false);
		}
		rig_free(&r);
	}
}

/* Verify reads what nobody has touched, and finds what the server did behind its numbers; the run behind it does not believe the folder any more. */
static void test_verify_finds(void **state)
{
	(void)state;
	struct rig r;
	start(&r, true, true);
	((struct memory_mail *)(uintptr_t)memory_at(r.target[0], "INBOX", 6))->data[memory_at(r.target[0], "INBOX", 6)->len - 4] ^= 1;
	believed(&r);
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	assert_true(reads_of(&r, FLOW_RUN, false) > 0);
	EXIT_IS(&r, 1);
	SAYS(&r, "error message-altered 7\n");
	rig_free(&r);
}

/* ---- in the middle of a run ---- */

static struct memory *changed;
static bool changing;

static void lose_now(void *ctx, unsigned batches)
{
	(void)ctx;
	(void)batches;
	if (changing)
		memory_remove(changed, "INBOX", 10);
	changing = false;
}

/* A slow target: what is read of the source runs ahead. */
static void nap(void *ctx)
{
	(void)ctx;
	nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
}

/* A large folder is compared chunk by chunk, and another is begun meanwhile: a loss in what was compared already is seen by this run or by the next. */
static void test_lost_between_chunks(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	r.job.workers = 1;
	memory_counts(r.source[0], true);
	memory_counts(r.target[0], true);
	rig_mails(r.source[0], "INBOX", 1, 6000);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	memory_flags(r.source[0], "INBOX", 1, ""); /* to have it read; nothing follows from it */
	rig_mails(r.source[0], "INBOX.Due", 10001, 10250);
	changed = r.target[0];
	changing = true;
	memory_on_append(r.target[0], lose_now, NULL);
	memory_on_ask(r.target[0], nap, NULL);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_false(changing);
	memory_on_ask(r.target[0], NULL, NULL);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	rig_free(&r);
}

static void flag_now(void *ctx)
{
	struct rig *r = ctx;
	if (!changing)
		return;
	changing = false;
	memory_flags(r->source[0], "INBOX", 4, "\\Seen \\Flagged");
	memory_remove(r->target[0], "INBOX", 10);
}

/* … behind the listing, before the folder is read. */
static void test_changed_behind_the_listing(void **state)
{
	(void)state;
	struct rig r;
	start(&r, true, true);
	arrive(&r); /* else nothing is asked */
	changing = true;
	memory_on_ask(r.source[0], flag_now, &r);
	rig_run(&r, FLOW_RUN, false);
	memory_on_ask(r.source[0], NULL, NULL);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 1);
	assert_true(memory_at(r.target[0], "INBOX", 3)->flags.system & FLAG_FLAGGED);
	rig_free(&r);
}

/* ---- names and places ---- */

static void test_renamed(void **state)
{
	(void)state;
	struct rig r;
	start(&r, true, true);
	memory_rename(r.source[0], "INBOX.Due", "INBOX.Tre");
	for (int i = 0; i < 3; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		SAYS(&r, "name-changed");
		assert_int_equal(memory_appended(r.target[0]), MAILS + OTHERS);
		assert_int_equal(r.verified.identical, MAILS + OTHERS);
	}
	memory_remove(r.target[0], "Due", 3);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.verified.gone, 1);
	rig_free(&r);
}

/* Two folders into one: what comes into it from the one makes the other's seal void, and a loss is told in the right one. */
static void test_merged(void **state)
{
	(void)state;
	struct rig r;
	struct job_map map = { (char *)"Due", (char *)"INBOX" };
	rig_make(&r, 1, false);
	r.account[0].folders = (struct job_folders){ .map = &map, .maps = 1, .merge = true, .under = (char *)"", .special_use = true };
	memory_counts(r.source[0], true);
	memory_counts(r.target[0], true);
	rig_mails(r.source[0], "INBOX", 1, MAILS);
	rig_mails(r.source[0], "INBOX.Due", 101, 100 + OTHERS);
	for (int i = 0; i < 3; i++)
		rig_run(&r, FLOW_RUN, false);
	believed(&r);
	rig_mail(r.source[0], "INBOX.Due", 150);
	rig_run(&r, FLOW_RUN, false);
	rig_run(&r, FLOW_RUN, false);
	believed(&r);
	assert_int_equal(memory_count(r.target[0], "INBOX"), MAILS + OTHERS + 1);
	memory_remove(r.target[0], "INBOX", memory_at(r.target[0], "INBOX", 2)->uid);
	rig_run(&r, FLOW_RUN, false);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.verified.gone, 1);
	assert_int_equal(r.verified.identical, MAILS + OTHERS);
	rig_free(&r);
}

/* ---- an older state comes back ---- */

static void copy_file(const char *from, const char *to)
{
	CLEANUP(x_free) char *command = x_printf("cp '%s' '%s' && rm -f '%s-wal' '%s-shm'", from, to, to, to);
	assert_int_equal(system(command), 0);
}

static void test_older_state(void **state)
{
	(void)state;
	struct rig r;
	char older[128];
	start(&r, true, true);
	snprintf(older, sizeof older, "%s/older", r.dir);
	copy_file(r.path, older);
	arrive(&r);
	rig_run(&r, FLOW_RUN, false);
	lose(&r);
	rig_run(&r, FLOW_RUN, false);
	rig_run(&r, FLOW_RUN, false);
	copy_file(older, r.path);
	for (int i = 0; i < 3; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(r.verified.gone, 1);
		assert_int_equal(memory_appended(r.target[0]), MAILS + OTHERS + 1);
	}
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_believed), cmocka_unit_test(test_not_told), cmocka_unit_test(test_forgets), cmocka_unit_test(test_events), cmocka_unit_test(test_asked_to_look), cmocka_unit_test(test_plan),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_found_wrong), cmocka_unit_test(test_verify_finds), cmocka_unit_test(test_lost_between_chunks),
		cmocka_unit_test(test_changed_behind_the_listing), cmocka_unit_test(test_renamed), cmocka_unit_test(test_merged), cmocka_unit_test(test_older_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
