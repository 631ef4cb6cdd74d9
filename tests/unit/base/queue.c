/* The bounded queue: its budget, its descriptor, its end, and two threads on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/queue.h"

static bool readable(const struct queue *q, int wait_ms)
{
	struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void test_order(void **state)
{
	(void)state;
	struct queue *q = queue_new(1000);
	int items[10];

	assert_non_null(q);
	assert_false(readable(q, 0));
	assert_null(queue_take(q));
	for (int i = 0; i < 10; i++) {
		assert_int_equal(queue_put(q, &items[i], 100), 0);
		assert_true(readable(q, 0));
	}
	for (int i = 0; i < 10; i++) {
		assert_true(readable(q, 0));
		assert_ptr_equal(queue_take(q), &items[i]);
	}
	assert_null(queue_take(q));
	assert_false(readable(q, 0));
	queue_free(&q, NULL);
	assert_null(q);
	queue_free(&q, NULL);
}

static void test_close(void **state)
{
	(void)state;
	struct queue *q = queue_new(10);
	int a, b;

	assert_int_equal(queue_put(q, &a, 1), 0);
	assert_false(queue_closed(q));
	queue_close(q);
	queue_close(q);
	assert_true(queue_closed(q));
	assert_int_equal(queue_put(q, &b, 1), -1);
	assert_true(readable(q, 0));
	assert_ptr_equal(queue_take(q), &a);
	assert_null(queue_take(q));
	/* A closed queue stays readable: whoever polls later learns it too. */
	assert_true(readable(q, 0));
	queue_free(&q, NULL);
}

static int dropped;

static void drop(void *item)
{
	dropped += *(int *)item;
}

static void test_free_drops(void **state)
{
	(void)state;
	struct queue *q = queue_new(10);
	int items[] = { 1, 20, 300 };

	for (int i = 0; i < 3; i++)
		assert_int_equal(queue_put(q, &items[i], 1), 0);
	assert_ptr_equal(queue_take(q), &items[0]);
	dropped = 0;
	queue_free(&q, drop);
	assert_int_equal(dropped, 320);
}

/* One thread that puts; the test looks on. */
struct putter {
	struct queue *q;
	const size_t *bytes;
	int count;
	atomic_int put;		/* how many went in */
	atomic_bool refused;	/* the queue was closed */
};

static void *put_all(void *arg)
{
	struct putter *p = arg;

	for (int i = 0; i < p->count; i++) {
		if (queue_put(p->q, p, p->bytes[i]) < 0) {
			atomic_store(&p->refused, true);
			break;
		}
		atomic_fetch_add(&p->put, 1);
	}
	return NULL;
}

/* Waits until so many are in, then a moment more to see that it stays so. */
static void settles_at(struct putter *p, int want)
{
	int64_t end = clock_ms() + 20000;

	while (atomic_load(&p->put) < want && clock_ms() < end)
		usleep(1000);
	usleep(20000);
	assert_int_equal(atomic_load(&p->put), want);
}

static void test_budget(void **state)
{
	(void)state;
	static const size_t bytes[] = { 60, 40, 1, 5000, 0, 10, 90, 1 };
	struct putter p = { .q = queue_new(100), .bytes = bytes, .count = 8 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, put_all, &p), 0);
	settles_at(&p, 2);			/* 60 + 40 fill it */
	assert_non_null(queue_take(p.q));
	settles_at(&p, 2);			/* taken is not done */
	queue_done(p.q, 60);
	settles_at(&p, 3);			/* 40 + 1; the 5000 waits until nothing else is left */
	assert_non_null(queue_take(p.q));
	assert_non_null(queue_take(p.q));
	queue_done(p.q, 40);
	settles_at(&p, 3);
	queue_done(p.q, 1);
	settles_at(&p, 4);			/* alone */
	assert_non_null(queue_take(p.q));
	queue_done(p.q, 4999);
	settles_at(&p, 6);			/* 1 left of it, 0 and 10 */
	queue_done(p.q, 1);
	settles_at(&p, 7);			/* 0 + 10 + 90 */
	queue_close(p.q);
	pthread_join(thread, NULL);
	assert_true(atomic_load(&p.refused));
	assert_int_equal(atomic_load(&p.put), 7);
	queue_free(&p.q, NULL);
}

/* A taker that counts more done than there was does not turn the budget into a huge number. */
static void test_done_too_often(void **state)
{
	(void)state;
	static const size_t bytes[] = { 100, 1 };
	struct putter p = { .q = queue_new(100), .bytes = bytes, .count = 2 };
	pthread_t thread;

	queue_done(p.q, 77);
	assert_int_equal(pthread_create(&thread, NULL, put_all, &p), 0);
	settles_at(&p, 1);
	queue_close(p.q);
	pthread_join(thread, NULL);
	assert_true(atomic_load(&p.refused));
	queue_free(&p.q, NULL);
}

enum { MANY = 20000, BUDGET = 64 };

struct traffic {
	struct queue *q;
	atomic_long waiting;	/* bytes put and not done, as the test counts them */
	atomic_long most;
};

static void *send_numbers(void *arg)
{
	struct traffic *t = arg;

	for (uintptr_t i = 1; i <= MANY; i++) {
		if (queue_put(t->q, (void *)i, i % 7) < 0)
			return NULL;

		long now = atomic_fetch_add(&t->waiting, (long)(i % 7)) + (long)(i % 7);

		if (now > atomic_load(&t->most))
			atomic_store(&t->most, now);
	}
	queue_close(t->q);
	return NULL;
}

static void test_two_threads(void **state)
{
	(void)state;
	struct traffic t = { .q = queue_new(BUDGET) };
	pthread_t thread;
	uintptr_t next = 1;

	assert_int_equal(pthread_create(&thread, NULL, send_numbers, &t), 0);
	for (;;) {
		assert_true(readable(t.q, 30000));

		/* Asked before the taking: what is put before the close is never missed. */
		bool closed = queue_closed(t.q);
		void *item;

		while ((item = queue_take(t.q))) {
			assert_int_equal((uintptr_t)item, next);
			atomic_fetch_sub(&t.waiting, (long)(next % 7));
			queue_done(t.q, next % 7);
			next++;
		}
		if (closed)
			break;
	}
	pthread_join(thread, NULL);
	assert_int_equal(next, MANY + 1);
	assert_true(atomic_load(&t.most) <= BUDGET);
	queue_free(&t.q, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	     cmocka_unit_test(test_close),	    cmocka_unit_test(test_free_drops),
		cmocka_unit_test(test_budget),	     cmocka_unit_test(test_done_too_often), cmocka_unit_test(test_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
