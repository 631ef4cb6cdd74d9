/* The cancel flag: it stays fired, wakes sleepers, and may be fired by a signal's handler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/cancel.h"
#include "core/base/clock.h"

static bool readable(const struct cancel *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void test_stays_fired(void **state)
{
	(void)state;
	struct cancel c;

	assert_int_equal(cancel_init(&c), 0);
	assert_false(cancel_fired(&c));
	assert_false(readable(&c));
	for (int i = 0; i < 3; i++) {
		cancel_fire(&c);
		assert_true(cancel_fired(&c));
		assert_true(readable(&c));
	}
	assert_true(readable(&c));
	cancel_reset(&c);
	assert_false(cancel_fired(&c));
	assert_false(readable(&c));
	cancel_fire(&c);
	assert_true(readable(&c));
	cancel_free(&c);
	assert_int_equal(c.fd, -1);
	cancel_free(&c);
}

static void test_sleep(void **state)
{
	(void)state;
	struct cancel c;

	assert_int_equal(cancel_init(&c), 0);

	int64_t start = clock_ms();

	assert_int_equal(cancel_sleep(&c, 30), 0);
	assert_in_range(clock_ms() - start, 30, 10000);
	assert_int_equal(cancel_sleep(&c, 0), 0);
	assert_int_equal(cancel_sleep(&c, -5), 0);
	cancel_fire(&c);
	assert_int_equal(cancel_sleep(&c, 60000), -1);
	assert_int_equal(cancel_sleep(&c, 0), -1);
	cancel_free(&c);
}

static void *fire_soon(void *arg)
{
	usleep(20000);
	cancel_fire(arg);
	return NULL;
}

static void test_wakes_a_sleeper(void **state)
{
	(void)state;
	struct cancel c;
	pthread_t thread;

	assert_int_equal(cancel_init(&c), 0);

	int64_t start = clock_ms();

	assert_int_equal(pthread_create(&thread, NULL, fire_soon, &c), 0);
	assert_int_equal(cancel_sleep(&c, 60000), -1);
	assert_true(clock_ms() - start < 30000);
	pthread_join(thread, NULL);
	cancel_free(&c);
}

/* However often it was fired before: a full counter is no error that the interrupted code would see. */
static void test_full_counter(void **state)
{
	(void)state;
	struct cancel c;
	uint64_t full = UINT64_MAX - 1;

	assert_int_equal(cancel_init(&c), 0);
	assert_int_equal(write(c.fd, &full, sizeof full), sizeof full);
	errno = ENOTDIR;
	cancel_fire(&c);
	assert_int_equal(errno, ENOTDIR);
	assert_true(cancel_fired(&c));
	assert_true(readable(&c));
	cancel_free(&c);
}

static struct cancel *of_signal;

static void on_signal(int number)
{
	(void)number;
	cancel_fire(of_signal);
}

static void test_signal(void **state)
{
	(void)state;
	struct cancel c;
	struct sigaction action = { .sa_handler = on_signal };

	assert_int_equal(cancel_init(&c), 0);
	of_signal = &c;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	errno = ENOTDIR;
	raise(SIGUSR1);
	assert_int_equal(errno, ENOTDIR);
	assert_true(cancel_fired(&c));
	assert_int_equal(cancel_sleep(&c, 60000), -1);
	signal(SIGUSR1, SIG_DFL);
	cancel_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays_fired),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_wakes_a_sleeper),
		cmocka_unit_test(test_full_counter),
		cmocka_unit_test(test_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
