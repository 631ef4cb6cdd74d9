/* Dates against known ones and against the C library; the monotonic clock against a sleep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "core/base/clock.h"

static void test_utc(void **state)
{
	(void)state;
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795514400, "2026-11-24T10:00:00Z" },
		{ 4294967296, "2106-02-07T06:28:16Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z" },
		{ INT64_MIN, "0000-01-01T00:00:00Z" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[21];

		clock_utc(text, rows[i].seconds);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_days(void **state)
{
	(void)state;
	static const struct {
		int year, month, day;
		int64_t days;
	} rows[] = {
		{ 1970, 1, 1, 0 },	{ 1969, 12, 31, -1 },	  { 1970, 3, 1, 59 },	 { 1972, 2, 29, 789 },
		{ 1972, 3, 1, 790 },	{ 2000, 2, 29, 11016 },	  { 2000, 3, 1, 11017 }, { 1900, 3, 1, -25508 },
		{ 1900, 2, 28, -25509 }, { 2026, 11, 24, 20781 }, { 2100, 3, 1, 47541 }, { 1, 1, 1, -719162 },
		{ 0, 3, 1, -719468 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(clock_days(rows[i].year, rows[i].month, rows[i].day), rows[i].days);
}

/* Every day of 700 years, as the C library counts them. */
static void test_days_like_gmtime(void **state)
{
	(void)state;
	for (int64_t day = -130000; day < 130000; day++) {
		time_t when = (time_t)(day * 86400 + 4711);
		struct tm tm;

		gmtime_r(&when, &tm);
		assert_int_equal(clock_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday), day);
	}
}

static void test_running(void **state)
{
	(void)state;
	int64_t start = clock_ms();
	struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };

	while (nanosleep(&nap, &nap) < 0)
		;
	assert_in_range(clock_ms() - start, 19, 10000);

	int64_t before = (int64_t)time(NULL), now = clock_now();

	assert_in_range(now - before, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utc),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_days_like_gmtime),
		cmocka_unit_test(test_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
