/* Lanes that sign in while their account is being planned: only where that was never copied before and signing in takes long, and never before one has been let in. */
#include "tests/unit/flow/rig.h"

#include <stdatomic.h>

#define LISTING_US 250000 /* the doors of another lane are open long before that */
#define SLOW_US 60000

static struct rig *rig;
static atomic_uint doors[2], opened; /* of source and target, so far; the source's, when one of them was listed last */
static useconds_t door_us;
static struct conn_ops slowly;
static int (*list)(struct conn *, struct folder_list *, struct error *);

static int list_slowly(struct conn *conn, struct folder_list *out, struct error *err)
{
	usleep(LISTING_US);
	atomic_store(&opened, atomic_load(&doors[0]));
	return list(conn, out, err);
}

static int slow_door(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err)
{
	usleep(door_us);
	if (rig_door(ctx, out, end, env, err) < 0)
		return -1;
	(*out)->ops = &slowly;
	atomic_fetch_add(&doors[end == &rig->account[0].target], 1);
	return 0;
}

/* How often the source was opened before it was listed. */
static unsigned opened_by(struct rig *r, enum flow_order order, useconds_t us)
{
	door_us = us;
	rig = r;
	for (size_t i = 0; i < 2; i++)
		atomic_store(&doors[i], 0);
	atomic_store(&opened, 0);
	rig_run(r, order, false);
	return atomic_load(&opened);
}

static void make(struct rig *r)
{
	rig_make(r, 1, false);
	r->door = slow_door;
	rig_mails(r->source[0], "INBOX", 1, 3);
}

static void test_first_time(void **state)
{
	(void)state;
	struct rig r;
	make(&r);
	assert_int_equal(opened_by(&r, FLOW_PLAN, SLOW_US), 2); /* nor has a dry run copied anything */
	assert_int_equal(opened_by(&r, FLOW_RUN, SLOW_US), 2);
	assert_int_equal(r.exit[0], 0);
	assert_int_equal(r.ledger.copied, 3);
	assert_int_equal(opened_by(&r, FLOW_RUN, SLOW_US), 1);
	assert_int_equal(r.exit[0], 0);
	rig_free(&r);
}

static void test_quick(void **state)
{
	(void)state;
	struct rig r;
	make(&r);
	assert_int_equal(opened_by(&r, FLOW_RUN, 0), 1);
	assert_int_equal(r.exit[0], 0);
	rig_free(&r);
}

/* A server that lets nobody in is not asked by several. */
static void test_refused(void **state)
{
	(void)state;
	struct rig r;
	make(&r);
	r.job.give_up_ms = 1;
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_DOWN, NULL, 0, 0 });
	opened_by(&r, FLOW_RUN, SLOW_US);
	assert_int_equal(atomic_load(&doors[0]), 1);
	assert_int_equal(r.exit[0], 3);
	rig_free(&r);
}

static int one_only(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err)
{
	if (end == &rig->account[0].target && atomic_load(&doors[1]) > 0)
		return error_set(err, ERR_RETRY, "too many connections");
	return slow_door(ctx, out, end, env, err);
}

/* A server with room for one: who came too soon leaves, and takes nothing with it. */
static void test_no_room(void **state)
{
	(void)state;
	struct rig r;
	make(&r);
	r.door = one_only;
	assert_int_equal(opened_by(&r, FLOW_RUN, SLOW_US), 2);
	assert_int_equal(r.exit[0], 0);
	assert_int_equal(r.ledger.copied, 3);
	assert_int_equal(r.count.shut_out, 1);
	rig_free(&r);
}

/* Asked to stop while it waits. */
static void stop(void *ctx)
{
	struct rig *r = ctx;
	if (atomic_load(&r->count.lanes) == 2)
		cancel_fire(&r->stop);
}

static void test_stopped(void **state)
{
	(void)state;
	struct rig r;
	make(&r);
	r.tick = stop;
	assert_int_equal(opened_by(&r, FLOW_RUN, SLOW_US), 2);
	assert_int_not_equal(r.exit[0], 70);
	assert_int_equal(memory_appended(r.target[0]), 0);
	rig_free(&r);
}

int main(void)
{
	struct memory *m = memory_new("", '/');
	struct cancel cancel;
	struct conn_env env = { .cancel = &cancel, .wake_fd = -1, .spool_dir = "/tmp" };
	struct conn *conn;
	struct error err;
	if (cancel_init(&cancel) < 0 || memory_open(&conn, m, &env, &err) < 0)
		return 1;
	slowly = *conn->ops;
	list = slowly.list;
	slowly.list = list_slowly;
	conn->ops->close(&conn, true);
	memory_free(&m);
	cancel_free(&cancel);
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_first_time), cmocka_unit_test(test_quick), cmocka_unit_test(test_refused), cmocka_unit_test(test_no_room), cmocka_unit_test(test_stopped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
