/* check's work, between servers in memory: what is tried how often, when a refusal is believed, and that nothing is changed. */
#include "tests/unit/flow/rig.h"

#include "core/flow/probe.h"

#define AGAIN_MS 20

/* Runs it without a state, or with the one that `r` has left. */
static struct probe *try_all(struct rig *r, const char *const *only, size_t *count)
{
	struct error err = { 0 };
	struct probe *rows = NULL;
	if (access(r->path, F_OK) == 0)
		assert_int_equal(store_open(&r->store, r->path, STORE_READ, &err), 0);
	const struct probing p = { .job = &r->job, .store = r->store, .workers = 3, .only = only, .open = rig_door, .open_ctx = r, .spool_dir = r->dir, .stop = &r->stop,
		.again_ms = AGAIN_MS };
	if (probe_run(&p, &rows, count, &err) < 0)
		fail_msg("%s: %s", err.where, err.text);
	store_close(&r->store);
	return rows;
}

static void test_all_well(void **state)
{
	(void)state;
	struct rig r;
	size_t count;
	rig_make(&r, 3, false);
	rig_mails(r.source[1], "INBOX", 1, 20);
	rig_mails(r.source[1], "INBOX.Altra", 21, 25);
	memory_quota(r.target[1], 900, 1000);
	struct probe *rows = try_all(&r, NULL, &count);
	assert_int_equal(count, 3);
	assert_string_equal(rows[1].account->name, "account1");
	const struct probe_side *s = &rows[1].source, *t = &rows[1].target;
	assert_true(s->signed_in && t->signed_in && s->err.class == ERR_NONE && t->err.class == ERR_NONE);
	assert_int_equal(s->folders, 2);
	assert_int_equal(s->messages, 25);
	assert_int_equal(s->tries, 1);
	assert_false(s->before);
	assert_non_null(s->capabilities);
	assert_true(t->facts.has_quota && t->facts.quota_limit == 1000);
	assert_int_equal(memory_appended(r.target[1]), 0);
	assert_int_equal(memory_opened(r.target[1]), 1);
	assert_int_equal(access(r.path, F_OK), -1); /* no state was made */
	probe_free(rows, count);
	rig_free(&r);
}

static void test_only(void **state)
{
	(void)state;
	struct rig r;
	size_t count;
	rig_make(&r, 3, false);
	struct probe *rows = try_all(&r, (const char *const[]){ "account2", NULL }, &count);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].account->name, "account2");
	assert_int_equal(memory_opened(r.source[0]), 0);
	probe_free(rows, count);
	rig_free(&r);
}

/* fault, how often, then: the class, tries, signed in */
static const struct {
	enum memory_fault fault;
	unsigned times;
	enum error_class class;
	unsigned tries;
	bool in;
} table[] = {
	{ FAULT_LOGIN, 0, ERR_LOGIN, 2, false },
	{ FAULT_LOGIN, 1, ERR_NONE, 2, true },	/* a refusal is believed after the second */
	{ FAULT_DOWN, 0, ERR_RETRY, 2, false },
	{ FAULT_DOWN, 1, ERR_NONE, 2, true },
};

static void test_trouble(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct rig r;
		size_t count;
		rig_make(&r, 2, false);
		memory_rule(r.source[0], &(struct memory_rule){ table[i].fault, NULL, table[i].times, 0 });
		struct probe *rows = try_all(&r, NULL, &count);
		assert_int_equal(rows[0].source.err.class, table[i].class);
		assert_int_equal(rows[0].source.tries, table[i].tries);
		assert_int_equal(rows[0].source.signed_in, table[i].in);
		assert_false(rows[0].source.outage);
		/* nobody else minds */
		assert_true(rows[0].target.signed_in && rows[1].source.signed_in && rows[1].target.signed_in);
		probe_free(rows, count);
		rig_free(&r);
	}
}

/* All accounts have the old host; `refused` of them are refused there. */
static bool outage(size_t accounts, size_t refused, bool by_state)
{
	struct rig r;
	size_t count;
	rig_make(&r, accounts, false);
	if (by_state)
		rig_run(&r, FLOW_RUN, false);
	for (size_t i = 0; i < refused; i++)
		memory_rule(r.source[i], &(struct memory_rule){ FAULT_LOGIN, NULL, 0, 0 });
	struct probe *rows = try_all(&r, NULL, &count);
	bool ill = rows[0].source.outage;
	assert_int_equal(rows[0].source.before, by_state);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rows[i].source.outage, ill && i < refused);
		assert_false(rows[i].target.outage);
	}
	probe_free(rows, count);
	rig_free(&r);
	return ill;
}

static void test_outage(void **state)
{
	(void)state;
	assert_true(outage(3, 3, false));
	assert_false(outage(2, 2, false));	/* too few */
	assert_false(outage(4, 3, false));	/* one gets in */
	assert_true(outage(4, 4, true));
}

static void test_state(void **state)
{
	(void)state;
	struct rig r;
	size_t count;
	rig_make(&r, 2, false);
	rig_mails(r.source[0], "INBOX", 1, 5);
	assert_int_equal(rig_run(&r, FLOW_RUN, false), 0);
	struct probe *rows = try_all(&r, NULL, &count);
	assert_true(rows[0].source.before && rows[0].target.before);
	assert_int_equal(rows[0].err.class, ERR_NONE);
	probe_free(rows, count);
	/* Another mailbox under the same name: told, and what is known of the old one proves nothing of it. */
	free(r.account[1].target.user);
	r.account[1].target.user = x_strdup("another");
	rows = try_all(&r, NULL, &count);
	assert_int_equal(rows[1].err.class, ERR_USAGE);
	assert_non_null(strstr(rows[1].err.text, "another"));
	assert_true(rows[1].source.before && !rows[1].target.before);
	assert_true(rows[1].target.signed_in);
	assert_int_equal(rows[0].err.class, ERR_NONE);
	probe_free(rows, count);
	rig_free(&r);
}

static void test_stopped(void **state)
{
	(void)state;
	struct rig r;
	size_t count;
	rig_make(&r, 2, false);
	cancel_fire(&r.stop);
	struct probe *rows = try_all(&r, NULL, &count);
	for (size_t i = 0; i < count; i++)
		assert_true(rows[i].source.err.class == ERR_CANCELLED && rows[i].target.err.class == ERR_CANCELLED);
	assert_int_equal(memory_opened(r.source[0]), 0);
	probe_free(rows, count);
	rig_free(&r);
}

/* How an account ended last: runs and verifications count, plans do not. */
static void test_account_last(void **state)
{
	(void)state;
	struct rig r;
	struct error err = { 0 };
	int exit = 7;
	rig_make(&r, 2, false);
	memory_rule(r.source[1], &(struct memory_rule){ FAULT_LOGIN, NULL, 0, 0 });
	r.job.give_up_ms = 1;
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(store_open(&r.store, r.path, STORE_WRITE, &err), 0);
	assert_int_equal(store_account_last(r.store, "account0", &exit, &err), 0);
	assert_int_equal(exit, 0);
	assert_int_equal(store_account_last(r.store, "account1", &exit, &err), 0);
	assert_int_equal(exit, r.exit[1]);
	assert_int_equal(store_account_last(r.store, "nobody", &exit, &err), 0);
	assert_int_equal(exit, -1);
	int64_t run;
	assert_int_equal(store_run_begin(r.store, "plan", "digest", &run, &err), 0);
	assert_int_equal(store_account_end(r.store, run, 2, 0, &err), 0);
	assert_int_equal(store_account_last(r.store, "account1", &exit, &err), 0);
	assert_int_equal(exit, r.exit[1]);
	assert_int_not_equal(exit, 0);
	store_close(&r.store);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_well),
		cmocka_unit_test(test_only),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_account_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
