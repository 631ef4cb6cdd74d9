/* Sudden losses stop an account; limits are kept. */
#include "tests/unit/flow/rig.h"

#include "core/base/clock.h"

static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, mails);
	rig_mails(r->source[0], "INBOX.Altro", 1000, 1014);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
}

static void remove_mails(struct memory *m, const char *wire, size_t left)
{
	while (memory_count(m, wire) > left)
		memory_remove(m, wire, memory_at(m, wire, 0)->uid);
}

static void accept_shrunk(struct rig *r)
{
	struct error err;
	uint64_t count;
	assert_int_equal(store_open(&r->store, r->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_accept(r->store, 0, ACCEPT_SHRUNK, "anna", &count, &err), 0);
	assert_int_equal(count, 1);
	store_close(&r->store);
}

static void test_source(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 100);
	remove_mails(r.source[0], "INBOX", 88); /* 12 of 100 */
	rig_mail(r.source[0], "INBOX.Altro", 2000);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	SAYS(&r, "error source-shrunk 0\n");
	assert_int_equal(r.ledger.vanished, 0);
	assert_int_equal(r.ledger.copied, 115);
	assert_int_equal(memory_count(r.target[0], "Altro"), 15); /* nothing else happened */
	rig_run(&r, FLOW_VERIFY, false);
	EXIT_IS(&r, 6);
	rig_run(&r, FLOW_RUN, false);
	accept_shrunk(&r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.ledger.vanished, 12);
	assert_int_equal(r.ledger.copied, 104);
	rig_run(&r, FLOW_RUN, false); /* and is told no more */
	EXIT_IS(&r, 0);
	/* the next loss has to be accepted anew */
	remove_mails(r.source[0], "INBOX", 70);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_free(&r);
}

/* Under another UIDVALIDITY no number tells: as many others came, and the mail itself says how much of it is left. */
static void test_renumbered(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 60);
	memory_renumber(r.source[0], "INBOX");
	remove_mails(r.source[0], "INBOX", 20);
	rig_mails(r.source[0], "INBOX", 2001, 2200);
	static const enum flow_order orders[] = { FLOW_PLAN, FLOW_RUN, FLOW_RUN };
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		rig_run(&r, orders[i], false);
		EXIT_IS(&r, 6);
		SAYS(&r, "error source-shrunk 0\n");
		assert_int_equal(memory_count(r.target[0], "INBOX"), 60);
	}
	accept_shrunk(&r);
	for (int i = 0; i < 2; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_count(r.target[0], "INBOX"), 260);
		assert_int_equal(r.ledger.vanished, 40);
	}
	/* under yet another one all is there: no loss */
	memory_renumber(r.source[0], "INBOX");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 260);
	rig_free(&r);
}

static void test_what_is_no_loss(void **state)
{
	static const struct {
		unsigned before, after, shrink;
		int exit;
	} rows[] = {
		{ 50, 41, 100, 0 },	/* 9 messages: somebody tidies up */
		{ 100, 90, 100, 0 },	/* just the tenth */
		{ 100, 89, 100, 6 },
		{ 100, 89, 200, 0 },
		{ 40, 0, 1000, 0 },	/* never */
		{ 40, 0, 999, 6 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig r;
		rig_make(&r, 1, false);
		r.account[0].shrink = rows[i].shrink;
		rig_mails(r.source[0], "INBOX", 1, rows[i].before);
		rig_run(&r, FLOW_RUN, false);
		remove_mails(r.source[0], "INBOX", rows[i].after);
		rig_run(&r, FLOW_RUN, false);
		if (r.exit[0] != rows[i].exit)
			fail_msg("row %zu: exit %d: %s", i, r.exit[0], r.problems.data);
		rig_free(&r);
	}
}

/* Two lanes may ask at once: by UID, so that only the mailbox itself has to be locked. */
static void lose_inbox(void *ctx)
{
	struct rig *r = ctx;
	for (uint32_t uid = 1; uid <= 80; uid++)
		memory_remove(r->source[0], "INBOX", uid);
}

/* The loss comes between the listing and the reading. */
static void test_meanwhile(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 100);
	memory_on_ask(r.source[0], lose_inbox, &r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	assert_int_equal(r.ledger.vanished, 0);
	rig_free(&r);
}

static void test_all_of_it(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	char wire[32];
	for (unsigned f = 0; f < 5; f++) {
		snprintf(wire, sizeof wire, "INBOX.f%u", f);
		rig_mails(r.source[0], wire, f * 100 + 1, f * 100 + 8);
	}
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	for (unsigned f = 0; f < 5; f++) { /* three of eight in each: too few in a folder, fifteen in all */
		snprintf(wire, sizeof wire, "INBOX.f%u", f);
		remove_mails(r.source[0], wire, 5);
	}
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_free(&r);
}

static void test_folder_gone_or_renamed(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 200);
	memory_rename(r.source[0], "INBOX.Altro", "INBOX.Archivio");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	rig_free(&r);
	start(&r, 200);
	memory_rename(r.source[0], "INBOX.Altro", "INBOX.Archivio");
	remove_mails(r.source[0], "INBOX.Archivio", 1); /* another folder, as it looks */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_free(&r);
}

static void test_target(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 100);
	remove_mails(r.target[0], "INBOX", 80);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 8);
	SAYS(&r, "error target-shrunk 0\n");
	assert_int_equal(r.verified.gone, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 80); /* nothing is sent again by itself */
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 8);
	accept_shrunk(&r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 20);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	r.again = true;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 100);
	rig_free(&r);
}

static void test_rate(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 300); /* about 45,000 bytes */
	size_t bytes = 300 * memory_at(r.source[0], "INBOX", 20)->len;
	r.job.rate = bytes / 2;
	int64_t began = clock_ms();
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_true(clock_ms() - began >= 1900);
	assert_true(clock_ms() - began < 8000);
	rig_free(&r);
}

static void test_per_host(void **state)
{
	(void)state;
	for (unsigned most = 0; most < 3; most++) {
		struct rig r;
		rig_make(&r, ACCOUNTS, true);
		r.job.workers = 4;
		r.job.per_host = most;
		for (unsigned i = 0; i < ACCOUNTS; i++)
			rig_mails(r.source[i], "INBOX", i * 1000 + 1, i * 1000 + 300);
		rig_run(&r, FLOW_RUN, false);
		for (unsigned i = 0; i < ACCOUNTS; i++)
			assert_int_equal(r.exit[i], 0);
		assert_true(most == 0 || memory_most_open(r.target[0]) <= most);
		rig_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_renumbered),
		cmocka_unit_test(test_what_is_no_loss),
		cmocka_unit_test(test_meanwhile),
		cmocka_unit_test(test_all_of_it),
		cmocka_unit_test(test_folder_gone_or_renamed),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_per_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
