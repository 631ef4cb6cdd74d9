/* A limit of bytes a second: how long who has taken must wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/pace.h"

static void no_limit(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0);
	assert_int_equal(pace_take(&p, UINT32_MAX, 5000), 0);
	pace_free(&p);
}

static void waits(void **state)
{
	struct pace p;
	int64_t wait;

	(void)state;
	pace_init(&p, 1000000);
	wait = pace_take(&p, 1000000, 60000);
	assert_true(wait > 700 && wait <= 1000);
	/* who comes next waits for what is owed, but a few times of its own bytes at most */
	wait = pace_take(&p, 1000000, 60000);
	assert_true(wait > 1500 && wait <= 2000);
	wait = pace_take(&p, 10000, 60000);
	assert_int_equal(wait, 80);
	/* never longer than the caller can stand; the rest stays owed */
	assert_int_equal(pace_take(&p, 60000000, 3000), 3000);
	assert_int_equal(pace_take(&p, 60000000, 3000), 3000);
	assert_int_equal(pace_take(&p, 0, 3000), 0);
	pace_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit),
		cmocka_unit_test(waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
