/* Which lane makes way when there are to be fewer, and that nobody is forgotten. Lanes by hand: no thread, no connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/flow/lane.h"

#define ACCOUNTS 4
#define LANES 8
#define MOVES 4

struct hand {
	struct job job;
	struct job_account job_account[ACCOUNTS];
	struct flow_count count;
	struct flow flow;
	struct account account[ACCOUNTS];
	struct move move[ACCOUNTS][MOVES];
	struct folder folder;
	struct lane lane[LANES];
	struct pool pool;
};

static void make(struct hand *h, unsigned allowed)
{
	static char host[] = "imap.example";
	*h = (struct hand){ .job = { .give_up_ms = 600000 } };
	h->flow = (struct flow){ .job = &h->job, .count = &h->count };
	h->pool = (struct pool){ .flow = &h->flow, .accounts = h->account, .count = 3, .lanes = h->lane, .workers = LANES };
	tune_begin(&h->pool.tune, allowed, LANES);
	pthread_mutex_init(&h->pool.lock, NULL);
	pthread_cond_init(&h->pool.changed, NULL);
	for (size_t i = 0; i < ACCOUNTS; i++) {
		struct account *a = &h->account[i];
		h->job_account[i] = (struct job_account){ .name = host, .source = { .host = host, .user = host, .connections = 4 }, .target = { .host = host, .user = host, .connections = 4 } };
		a->job = &h->job_account[i];
		a->seen = &a->unseen;
		a->stage = ACCOUNT_READY;
		a->moves = h->move[i];
		a->count = MOVES;
		for (int64_t k = 0; k < MOVES; k++)
			h->move[i][k] = (struct move){ .account = a, .source = &h->folder, .mailbox = (int64_t)i * MOVES + k };
	}
}

static void drop(struct hand *h)
{
	pthread_mutex_destroy(&h->pool.lock);
	pthread_cond_destroy(&h->pool.changed);
}

static size_t come(struct hand *h, unsigned lane)
{
	struct account *a = pool_account(&h->pool, lane);
	assert_non_null(a);
	h->lane[lane].account = a;
	return (size_t)(a - h->account);
}

static bool claims_more(struct hand *h, unsigned lane, unsigned in_hand)
{
	struct move *m = pool_claim(&h->pool, &h->lane[lane], in_hand);
	if (m)
		pool_release(&h->pool, m, true);
	return m != NULL;
}

static bool claims(struct hand *h, unsigned lane)
{
	return claims_more(h, lane, 0);
}

/* Each account has a lane before one has two; and who has two makes way first. */
static void who_makes_way(void **state)
{
	static const size_t of[] = { 0, 1, 2, 0 };
	struct hand h;
	(void)state;
	make(&h, 4);
	for (unsigned l = 0; l < 4; l++)
		assert_int_equal(come(&h, l), of[l]);
	h.pool.tune.allowed = 3;
	assert_true(claims(&h, 1));
	assert_true(claims(&h, 2));
	assert_false(claims(&h, 3)); /* the one account that has two */
	assert_true(claims(&h, 0));
	pool_leave(&h.pool, &h.lane[3]);
	assert_true(claims(&h, 0) && claims(&h, 1) && claims(&h, 2));
	assert_int_equal(h.pool.busy, 3);
	assert_int_equal(atomic_load(&h.count.lanes_most), 4);
	drop(&h);
}

/* No more leave than have to, however long those take; and one that was to leave stays when it may again. */
static void not_too_many(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 4);
	for (unsigned l = 0; l < 4; l++)
		come(&h, l);
	h.pool.tune.allowed = 2;
	assert_false(claims(&h, 0));
	assert_false(claims(&h, 1));
	assert_true(claims(&h, 2) && claims(&h, 3));
	assert_int_equal(h.pool.busy, 4);
	h.pool.tune.allowed = 3;
	assert_true(claims(&h, 1));
	assert_false(claims(&h, 0));
	assert_int_equal(h.pool.leaving, 1);
	pool_leave(&h.pool, &h.lane[0]);
	assert_true(h.pool.busy == 3 && h.pool.leaving == 0);
	drop(&h);
}

/* Whose last lane had to leave has the next one that is free, and give_up has not counted meanwhile. */
static void nobody_starves(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 3);
	for (unsigned l = 0; l < 3; l++)
		assert_int_equal(come(&h, l), l);
	h.pool.tune.allowed = 1;
	assert_false(claims(&h, 1));
	assert_false(claims(&h, 2));
	pool_leave(&h.pool, &h.lane[1]);
	pool_leave(&h.pool, &h.lane[2]);
	atomic_store(&h.account[1].progress, 0);
	assert_int_equal(atomic_load(&h.account[1].unseen.stage), STAGE_WAITING);
	h.pool.tune.allowed = 3;
	assert_int_equal(come(&h, 5), 1);
	assert_int_equal(come(&h, 6), 2);
	assert_true(atomic_load(&h.account[1].progress) > 0);
	drop(&h);
}

/* A server that has refused one, or wants less, is let off as far as that; a lane that fails is one of those that leave. */
static void refused(void **state)
{
	static const struct { enum error_class class; enum side shut_out; unsigned stay; } rows[] = { { ERR_THROTTLED, SIDE_NONE, 2 }, { ERR_RETRY, SIDE_NONE, 3 },
		{ ERR_RETRY, SIDE_TARGET, 3 }, { ERR_THROTTLED, SIDE_SOURCE, 2 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hand h;
		struct error err = { .class = rows[i].class };
		unsigned stay = 0;
		make(&h, 4);
		h.pool.count = 1;
		for (unsigned l = 0; l < 4; l++)
			come(&h, l);
		pool_leaves(&h.pool, &h.lane[3]);
		if (rows[i].shut_out == SIDE_NONE || !pool_shut_out(&h.pool, &h.account[0], rows[i].shut_out, &err))
			pool_failed(&h.pool, &h.account[0], NULL, &err);
		for (unsigned l = 0; l < 3; l++) /* before it has left */
			stay += claims(&h, l);
		pool_leave(&h.pool, &h.lane[3]);
		if (stay != rows[i].stay)
			fail_msg("row %zu: %u stay", i, stay);
		/* those that fall with it count once */
		pool_failed(&h.pool, &h.account[0], NULL, &err);
		assert_true(h.account[0].room == 0 || h.account[0].room == rows[i].stay);
		drop(&h);
	}
}

/* Shut out together, of four: each takes one of the room, whether those before it have left yet or not; and none comes back at once. */
static void shut_out_together(void **state)
{
	(void)state;
	for (unsigned at_once = 0; at_once < 2; at_once++) {
		struct hand h;
		struct error err = { .class = ERR_RETRY };
		make(&h, 4);
		h.pool.count = 1;
		for (unsigned l = 0; l < 4; l++)
			come(&h, l);
		for (unsigned l = 1; l < 4; l++) {
			pool_leaves(&h.pool, &h.lane[l]);
			assert_true(pool_shut_out(&h.pool, &h.account[0], SIDE_TARGET, &err));
			if (!at_once)
				pool_leave(&h.pool, &h.lane[l]);
		}
		assert_true(claims(&h, 0));
		for (unsigned l = 1; l < 4 && at_once; l++)
			pool_leave(&h.pool, &h.lane[l]);
		assert_int_equal(pool_lanes_max(&h.account[0]), 1);
		assert_true(h.account[0].lanes == 1 && claims(&h, 0));
		drop(&h);
	}
}

/* A window's time is over. */
static void tune_later(struct hand *h)
{
	h->pool.window_began -= 10000;
	pool_tune(&h->pool);
}

/* Lanes that wait for the plan say nothing of how many should be: the first window begins with the first mail. */
static void first_window(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 3);
	for (unsigned l = 0; l < 3; l++)
		come(&h, l);
	pool_tune(&h.pool);
	tune_later(&h);
	tune_later(&h);
	assert_int_equal(h.pool.tune.allowed, 3);
	atomic_store(&h.count.messages, 100);
	pool_tune(&h.pool);
	assert_int_equal(h.pool.tune.allowed, 3);
	tune_later(&h);
	assert_int_equal(h.pool.tune.allowed, 4);
	assert_true(h.pool.tune.base > 0);
	drop(&h);
}

/* Claims all there is for that lane. */
static void claim_all(struct hand *h, unsigned lane)
{
	while (pool_claim(&h->pool, &h->lane[lane], 0))
		;
}

/* A lane that has claimed the last of its account makes room for the next account, and claims nothing more; not one whose account has something left. */
static void ends(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 1);
	assert_int_equal(come(&h, 0), 0);
	assert_true(claims(&h, 0));
	pool_ends(&h.pool, &h.lane[0]); /* three are left */
	assert_true(claims(&h, 0));
	assert_int_equal(h.pool.busy, 1);
	claim_all(&h, 0);
	pool_ends(&h.pool, &h.lane[0]);
	pool_ends(&h.pool, &h.lane[0]);
	assert_int_equal(h.pool.busy, 0);
	assert_int_equal(h.account[0].lanes, 1);
	assert_int_equal(come(&h, 1), 1);
	pool_release(&h.pool, &h.move[0][3], false); /* given back: another lane's */
	assert_false(claims(&h, 0));
	assert_true(claims(&h, 1));
	pool_leave(&h.pool, &h.lane[0]);
	assert_true(h.pool.busy == 1 && h.pool.leaving == 0 && h.account[0].lanes == 0 && h.account[0].leaving == 0);
	assert_false(h.lane[0].ending);
	pool_leave(&h.pool, &h.lane[1]);
	assert_int_equal(h.pool.busy, 0);
	assert_int_equal(atomic_load(&h.count.lanes_most), 1); /* never were two at work */
	drop(&h);
}

/* Its connections are open still: as many as the account may have, and no more. */
static void ends_and_counts(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 3);
	h.pool.count = 2;
	h.job_account[0].source.connections = 1;
	assert_int_equal(come(&h, 0), 0);
	assert_int_equal(come(&h, 1), 1);
	claim_all(&h, 0);
	pool_ends(&h.pool, &h.lane[0]);
	pool_release(&h.pool, &h.move[0][0], false);
	assert_int_equal(come(&h, 2), 1);
	pool_leave(&h.pool, &h.lane[0]);
	assert_int_equal(come(&h, 3), 0);
	drop(&h);
}

/* Lanes that end, and fail then, are none of those that stay or leave: nobody else has to make way for them, nor stays because of them. */
static void ends_and_fails(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 4);
	for (unsigned l = 0; l < 3; l++)
		come(&h, l);
	come(&h, 3);
	for (unsigned l = 0; l < 2; l++) {
		claim_all(&h, l);
		h.pool.tune.allowed = 1;
		pool_ends(&h.pool, &h.lane[l]);
		pool_leaves(&h.pool, &h.lane[l]);
		h.pool.tune.allowed = 4;
	}
	assert_int_equal(h.pool.leaving, 0);
	assert_int_equal(h.pool.busy, 2);
	assert_true(claims(&h, 2));
	h.pool.tune.allowed = 1;
	assert_false(claims(&h, 2)); /* of two that work one is too many */
	pool_ends(&h.pool, &h.lane[2]); /* it leaves already */
	assert_int_equal(h.pool.busy, 2);
	for (unsigned l = 0; l < 4; l++)
		pool_leave(&h.pool, &h.lane[l]);
	assert_true(h.pool.busy == 0 && h.pool.leaving == 0);
	for (size_t i = 0; i < ACCOUNTS; i++)
		assert_true(h.account[i].lanes == 0 && h.account[i].leaving == 0);
	drop(&h);
}

/* The last folders are for lanes that have none in hand: with two at work one, or three for who has two. A lane by itself takes all. */
static void last_ones(void **state)
{
	struct hand h;
	(void)state;
	make(&h, 2);
	h.pool.count = 1;
	come(&h, 0);
	come(&h, 1);
	assert_true(claims_more(&h, 0, 2)); /* of four */
	assert_false(claims_more(&h, 0, 2)); /* of three */
	assert_true(claims_more(&h, 0, 1));
	assert_true(claims_more(&h, 0, 1));
	assert_false(claims_more(&h, 0, 1)); /* the last */
	pool_leave(&h.pool, &h.lane[1]);
	assert_true(claims_more(&h, 0, 1));
	drop(&h);
}

static void *plan_first(void *pointer)
{
	struct hand *h = pointer;
	poll(NULL, 0, 50);
	pthread_mutex_lock(&h->pool.lock);
	h->account[0].stage = ACCOUNT_READY;
	pthread_cond_broadcast(&h->pool.changed);
	pthread_mutex_unlock(&h->pool.lock);
	return NULL;
}

/* Of more accounts than lanes the first has two lanes at first, and is waited for, not long; they would all end at the same moment. */
static void first_has_two(void **state)
{
	static const struct {
		size_t accounts;
		unsigned allowed, connections;
		enum account_stage stage;
		int64_t ago;
		bool over, planned;	/* one has ended; the first is planned meanwhile */
		size_t third;
	} rows[] = {
		{ 4, 3, 4, ACCOUNT_READY, 0, false, false, 0 },
		{ 3, 3, 4, ACCOUNT_READY, 0, false, false, 2 },
		{ 4, 4, 4, ACCOUNT_READY, 0, false, false, 2 },
		{ 4, 3, 1, ACCOUNT_READY, 0, false, false, 2 },
		{ 4, 3, 4, ACCOUNT_READY, 0, true, false, 2 },
		{ 4, 3, 4, ACCOUNT_READY, 3000, false, false, 2 },
		{ 4, 3, 4, ACCOUNT_PLANNING, 0, false, true, 0 },
		{ 4, 3, 4, ACCOUNT_PLANNING, 1700, false, false, 2 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hand h;
		pthread_t thread;
		make(&h, rows[i].allowed);
		h.pool.count = rows[i].accounts;
		h.pool.began = clock_ms() - rows[i].ago;
		h.job_account[0].target.connections = rows[i].connections;
		atomic_store(&h.count.accounts_done, rows[i].over);
		assert_true(come(&h, 0) == 0 && come(&h, 1) == 1);
		h.account[0].stage = rows[i].stage;
		if (rows[i].planned)
			assert_int_equal(pthread_create(&thread, NULL, plan_first, &h), 0);
		assert_int_equal(come(&h, 2), rows[i].third);
		if (rows[i].planned)
			pthread_join(thread, NULL);
		drop(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_makes_way), cmocka_unit_test(not_too_many), cmocka_unit_test(nobody_starves), cmocka_unit_test(refused),
		cmocka_unit_test(shut_out_together), cmocka_unit_test(first_window),
		cmocka_unit_test(ends), cmocka_unit_test(ends_and_counts), cmocka_unit_test(ends_and_fails), cmocka_unit_test(last_ones), cmocka_unit_test(first_has_two) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
