/* Rates and the time left, second by second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/rate.h"

/* Looks five times a second, as the flow ticks. */
static struct rate_sample run(struct rate *r, struct rate_sample from, int seconds, uint64_t bytes, uint64_t steps)
{
	for (int i = 0; i < seconds * 5; i++) {
		from.at += 200;
		from.bytes += bytes / 5;
		from.steps += steps / 5;
		rate_add(r, &from);
	}
	return from;
}

static void first_seconds(void **state)
{
	struct rate r = { 0 };
	struct rate_sample now = { .at = 5000 };
	(void)state;
	assert_int_equal(rate_bytes(&r, &now), -1);
	assert_int_equal(rate_left(&r, &now, 100), -1);
	now = run(&r, now, 1, 1000000, 50);
	assert_int_equal(rate_bytes(&r, &now), -1);
	now = run(&r, now, 2, 1000000, 50);
	assert_int_equal(rate_bytes(&r, &now), 1000000);
	now = run(&r, now, 6, 1000000, 50);
	assert_int_equal(rate_left(&r, &now, 5000), -1);
	now = run(&r, now, 3, 1000000, 50);
	assert_int_equal(rate_left(&r, &now, 5000), 100);
}

/* A batch is answered for at once, after it was on its way for long. */
static void a_slow_line(void **state)
{
	struct rate r = { 0 };
	struct rate_sample now = { .at = 1 };
	(void)state;
	rate_add(&r, &now);
	now = run(&r, now, 8, 0, 0);
	now.bytes += 400000;
	now.steps += 50;
	assert_int_equal(rate_bytes(&r, &now), 50000);
	now = run(&r, now, 12, 0, 0);
	assert_int_equal(rate_bytes(&r, &now), 20000);
	assert_in_range(rate_left(&r, &now, 50), 19, 21);
}

static void only_the_last_seconds_count(void **state)
{
	struct rate r = { 0 };
	struct rate_sample now = { .at = 1 };
	(void)state;
	now = run(&r, now, 300, 9000000, 500);
	now = run(&r, now, 11, 1000, 5);
	assert_int_equal(rate_bytes(&r, &now), 1000);
	now = run(&r, now, 50, 1000, 5);
	assert_int_equal(rate_left(&r, &now, 50), 10);
}

static void nothing_moves(void **state)
{
	struct rate r = { 0 };
	struct rate_sample now = { .at = 1 };
	(void)state;
	now = run(&r, now, 100, 1000, 5);
	now = run(&r, now, 62, 0, 0);
	assert_int_equal(rate_bytes(&r, &now), 0);
	assert_int_equal(rate_left(&r, &now, 50), -1);
	/* nobody looked for long: the machine slept, or the program was stopped */
	now.at += 3600000;
	assert_int_equal(rate_bytes(&r, &now), -1);
	assert_int_equal(rate_left(&r, &now, 50), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_seconds),
		cmocka_unit_test(a_slow_line),
		cmocka_unit_test(only_the_last_seconds_count),
		cmocka_unit_test(nothing_moves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
