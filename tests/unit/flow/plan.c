/* The dry run: what it says, that it changes nothing, and that the run after it is the same as without it. */
#include "tests/unit/flow/rig.h"

static void fill(struct rig *r)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, 20);
	rig_mails(r->source[0], "INBOX.Posta inviata", 30, 39);
	memory_flags(r->source[0], "INBOX", 20, "\\Deleted");
	rig_mails(r->target[0], "INBOX", 1, 5);
	rig_mails(r->target[0], "INBOX", 90, 92);
}

static void test_changes_nothing(void **state)
{
	(void)state;
	struct rig r;
	fill(&r);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.source, 30);
	assert_int_equal(r.ledger.already_there, 5);
	assert_int_equal(r.ledger.skipped, 1);
	assert_int_equal(r.ledger.pending, 24);
	assert_int_equal(r.ledger.copied, 0);
	assert_true(r.bytes_pending > 24 * 100);
	assert_int_equal(memory_writes(r.target[0]) + memory_writes(r.source[0]), 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 8);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), 14); /* the probe: what is to be copied of the largest folder, and nothing else */
	struct ledger first = r.ledger;
	rig_run(&r, FLOW_PLAN, false); /* and says the same again */
	assert_memory_equal(&first, &r.ledger, sizeof first);
	assert_int_equal(memory_writes(r.target[0]), 0);
	rig_free(&r);
}

static void test_run_after_it(void **state)
{
	(void)state;
	struct ledger ledger[2];
	struct verified verified[2];
	for (int planned = 0; planned < 2; planned++) {
		struct rig r;
		fill(&r);
		if (planned)
			rig_run(&r, FLOW_PLAN, false);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		ledger[planned] = r.ledger;
		verified[planned] = r.verified;
		verified[planned].sampled = 0; /* chance, and which lane comes first */
		assert_int_equal(memory_appended(r.target[0]), 24);
		assert_int_equal(memory_count(r.target[0], "Posta inviata"), 10);
		rig_free(&r);
	}
	assert_memory_equal(&ledger[0], &ledger[1], sizeof ledger[0]);
	assert_memory_equal(&verified[0], &verified[1], sizeof verified[0]);
}

static void stop_it(void *ctx, unsigned batches)
{
	struct rig *r = ctx;
	(void)batches;
	cancel_fire(&r->stop);
}

static uint64_t open_intents(struct rig *r)
{
	struct error err;
	struct intents open;
	assert_int_equal(store_open(&r->store, r->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_intents(r->store, 1, &open, &err), 0);
	store_close(&r->store);
	return open.count;
}

/* Nobody gets in again before the stop is seen: he would settle it. */
static void stop_and_shut(void *ctx, unsigned batches)
{
	struct rig *r = ctx;
	stop_it(ctx, batches);
	memory_rule(r->target[0], &(struct memory_rule){ .fault = FAULT_DOWN });
}

/* A run that died with mail on its way: the dry run finds what arrived, and of the rest it says nothing. */
static void test_open_intents(void **state)
{
	(void)state;
	for (int arrived = 0; arrived < 2; arrived++) {
		struct rig r;
		rig_make(&r, 1, false);
		rig_mails(r.source[0], "INBOX", 1, 10);
		memory_rule(r.target[0], &(struct memory_rule){ arrived ? FAULT_LOSE : FAULT_BREAK, NULL, 0, 0 });
		memory_on_append(r.target[0], stop_and_shut, &r);
		r.job.workers = 1;
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 130);
		memory_forgive(r.target[0]);
		memory_on_append(r.target[0], NULL, NULL);
		cancel_reset(&r.stop);
		unsigned writes = memory_writes(r.target[0]);
		size_t there = memory_count(r.target[0], "INBOX");
		assert_int_equal(there > 0, arrived);
		uint64_t sent = open_intents(&r);
		assert_true(sent > 0);
		rig_run(&r, FLOW_PLAN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(r.ledger.pending, 10 - there);
		assert_int_equal(r.ledger.copied, there);
		assert_int_equal(memory_writes(r.target[0]), writes);
		assert_int_equal(open_intents(&r), arrived ? 0 : sent); /* for the next run to settle */
		rig_free(&r);
	}
}

static void test_no_room(void **state)
{
	(void)state;
	struct rig r;
	fill(&r);
	memory_quota(r.target[0], 1000, 1500);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 1);
	SAYS(&r, "error over-quota 0\n");
	memory_quota(r.target[0], 1000, 1000000);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	rig_free(&r);
}

static uint32_t add(struct rig *r, const char *text, size_t len)
{
	return memory_add(r->source[0], "INBOX", text, len, "", 1704067200);
}

/* What servers refuse is found: an empty mail and a broken header wherever they are, a NUL among the newest; and no more is read than that. */
static void test_foresees(void **state)
{
	(void)state;
	static const char broken[] = "no header at all\r\n\r\ntext\r\n", nul[] = "Message-ID: <nul@x>\r\n\r\na\0b\r\n", whole[] = "Subject: no id\r\n\r\ntext\r\n";
	struct rig r;
	char want[64];
	rig_make(&r, 1, false);
	uint32_t bad[3] = { add(&r, broken, sizeof broken - 1) };
	add(&r, whole, sizeof whole - 1);
	rig_mails(r.source[0], "INBOX", 1, 200);
	rig_mails(r.source[0], "INBOX.Altra", 300, 320);
	bad[1] = add(&r, "", 0);
	bad[2] = add(&r, nul, sizeof nul - 1);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	for (size_t i = 0; i < 3; i++) {
		snprintf(want, sizeof want, "warning may-be-refused %u\n", bad[i]);
		SAYS(&r, want);
	}
	size_t told = 0;
	for (const char *at = r.problems.data; (at = strstr(at, "may-be-refused")); at++)
		told++;
	assert_int_equal(told, 3);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), 3 + 64);
	rig_free(&r);
}

static void test_filtered(void **state)
{
	(void)state;
	struct rig r;
	fill(&r);
	r.account[0].messages.since = 1704067200 + 35;
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.pending, 5);
	assert_int_equal(r.ledger.skipped, 25);
	r.account[0].messages.since = INT64_MIN;
	rig_run(&r, FLOW_PLAN, false);
	assert_int_equal(r.ledger.pending, 24);
	assert_int_equal(r.ledger.already_there, 5);
	rig_free(&r);
}

/* What a display is told of each account. */
static void test_counters(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 2, false);
	rig_mails(r.source[0], "INBOX", 1, 20);
	rig_mails(r.target[0], "INBOX", 1, 5);
	rig_mails(r.source[1], "INBOX", 1, 7);
	memory_rule(r.target[1], &(struct memory_rule){ FAULT_LOGIN, NULL, 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.count.accounts, 2);
	assert_string_equal(r.seen[0].name, "account0");
	assert_int_equal(r.seen[0].stage, STAGE_ENDED);
	assert_int_equal(r.seen[0].exit, 0);
	assert_int_equal(r.seen[0].listed, 20);
	assert_int_equal(r.seen[0].there, 5);
	assert_int_equal(r.seen[0].messages, 15);
	assert_true(r.seen[0].bytes > 15 * 100);
	assert_true(r.seen[0].checked >= 20);
	assert_int_equal(r.seen[1].stage, STAGE_ENDED);
	assert_int_equal(r.seen[1].exit, 4);
	assert_int_equal(r.seen[1].messages, 0);
	assert_int_equal(r.count.messages, 15);
	rig_free(&r);
}

/* What is known of the providers, where their servers do not say it: warnings, each with its own limit only. Every limit of a preset is in the table. */
static void test_limits(void **state)
{
	(void)state;
	static const struct {
		struct preset from, to;
		bool quota;
		const char *says;	/* "": nothing */
	} rows[] = {
		{ .says = "" },
		{ .to = { .append_limit = 100 }, .says = "warning too-big 1\n" },
		{ .to = { .append_limit = 100000 }, .says = "" },
		{ .to = { .room = 1000 }, .says = "warning over-quota 0\n" },
		{ .to = { .room = 100000 }, .says = "" },
		{ .to = { .room = 1000 }, .quota = true, .says = "note room 0\n" },	/* the server knows better */
		{ .from = { .room = 1000, .append_limit = 1 }, .says = "" },
		{ .from = { .day_out = 1000 }, .says = "warning daily-limit 0\n" },
		{ .to = { .day_in = 1000 }, .says = "warning daily-limit 0\n" },
		{ .from = { .day_in = 1000, .day_out = 100000 }, .to = { .day_out = 1000, .day_in = 100000 }, .says = "" },
		{ .to = { .reserved = "files" }, .says = "warning may-be-refused 0\n" },
		{ .from = { .reserved = "Files" }, .to = { .reserved = "File" }, .says = "" },
		{ .to = { .unfit = "^~" }, .says = "warning may-be-refused 0\n" },
		{ .to = { .unfit = "~" }, .says = "" },
		{ .to = { .depth = 2 }, .says = "warning may-be-refused 0\n" },
		{ .to = { .depth = 3 }, .says = "" },
		{ .to = { .folders = 4 }, .says = "warning may-be-refused 0\n" },
		{ .to = { .folders = 5 }, .says = "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig r;
		rig_make(&r, 1, false);
		rig_mails(r.source[0], "INBOX", 1, 10);
		rig_mails(r.source[0], "INBOX.Files", 1, 1);
		rig_mails(r.source[0], "INBOX.a^b", 1, 1);
		rig_mails(r.source[0], "INBOX.a^b.c.d", 1, 1);
		rig_mails(r.target[0], "Altro", 1, 1);
		r.account[0].source.preset = &rows[i].from;
		r.account[0].target.preset = &rows[i].to;
		if (rows[i].quota)
			memory_quota(r.target[0], 0, 1000000);
		rig_run(&r, FLOW_PLAN, false);
		if (r.exit[0] != 0 || (*rows[i].says ? !strstr(r.problems.data, rows[i].says) : strstr(r.problems.data, "warning") != NULL))
			fail_msg("row %zu: %d, %s", i, r.exit[0], r.problems.data);
		rig_free(&r);
	}
}

/* A folder that is there already is refused by nobody. */
static void test_there_already(void **state)
{
	(void)state;
	static const struct preset preset = { .reserved = "Files", .folders = 2 };
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX.Files", 1, 1);
	rig_mails(r.target[0], "Files", 9, 9);
	r.account[0].target.preset = &preset;
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	assert_null(strstr(r.problems.data, "warning"));
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_nothing),
		cmocka_unit_test(test_run_after_it),
		cmocka_unit_test(test_open_intents),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_foresees),
		cmocka_unit_test(test_filtered),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_there_already),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
