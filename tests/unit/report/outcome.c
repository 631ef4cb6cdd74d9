/* Verdicts, what to do next, and the status of many accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/report/report.h"

static void words(void **state)
{
	static const struct {
		int exit;
		const char *verdict, *next;
	} rows[] = {
		{ -1, "incomplete", "run-again" },
		{ 0, "complete", "nothing" },
		{ 1, "exceptions", "decide" },
		{ 2, "stopped", "fix-first" },
		{ 3, "incomplete", "run-again" },
		{ 4, "stopped", "fix-first" },
		{ 5, "stopped", "fix-first" },
		{ 6, "stopped", "decide" },
		{ 7, "stopped", "fix-first" },
		{ 8, "stopped", "decide" },
		{ 9, "stopped", "run-again" },
		{ 70, "failed", "fix-first" },
		{ 130, "incomplete", "run-again" },
		{ 143, "incomplete", "run-again" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(report_verdict(rows[i].exit), rows[i].verdict);
		assert_string_equal(report_next(rows[i].exit), rows[i].next);
	}
}

static void first_of_many(void **state)
{
	static const struct {
		int exits[4];
		int want;
	} rows[] = {
		{ { 0, 0, 0, 0 }, 0 },
		{ { 0, 1, 0, 0 }, 1 },
		{ { 1, 3, 0, 0 }, 3 },
		{ { 3, 130, 1, 0 }, 130 },
		{ { 3, 143, 1, 130 }, 143 },
		{ { 9, 143, 3, 130 }, 9 },
		{ { 9, 8, 3, 1 }, 8 },
		{ { 8, 7, 9, 0 }, 7 },
		{ { 7, 4, 0, 0 }, 4 },
		{ { 4, 5, 0, 0 }, 5 },
		{ { 5, 6, 4, 7 }, 6 },
		{ { 6, 70, 0, 0 }, 70 },
		{ { 70, 2, 6, 0 }, 2 },
	};
	(void)state;
	assert_int_equal(report_exit(NULL, 0), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(report_exit(rows[i].exits, 4), rows[i].want);
}

/* What check and plan foretell. */
static void forecasts(void **state)
{
	static char warning[] = "warning", note[] = "note", error[] = "error";
	static const struct {
		int exit;
		char *severity;
		int64_t accepted;
		const char *want;
	} rows[] = {
		{ 0, NULL, 0, "go" }, { 0, note, 0, "go" }, { 0, warning, 0, "warn" }, { 0, note, 5, "warn" }, { 1, error, 0, "no-go" }, { 1, NULL, 0, "no-go" },
		{ 3, warning, 0, "no-go" }, { 4, error, 0, "no-go" }, { -1, NULL, 0, "no-go" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_problem problem = { .severity = rows[i].severity, .accepted = rows[i].accepted };
		struct report_part part[] = { { .exit = 0 }, { .exit = rows[i].exit, .problem = &problem, .problems = rows[i].severity != NULL } };
		struct report report = { .run = { .exit = rows[i].exit > 0 ? rows[i].exit : 0 }, .part = part, .parts = 2 };
		assert_string_equal(report_forecast(&part[1]), rows[i].want);
		assert_string_equal(report_forecast_all(&report), rows[i].want);
		/* who was not asked for does not count */
		report.run.finished = 7;
		assert_string_equal(report_forecast_all(&report), rows[i].exit < 0 ? "go" : rows[i].want);
	}
	struct report none = { .run = { .exit = 3 } };
	assert_string_equal(report_forecast_all(&none), "no-go");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(first_of_many), cmocka_unit_test(forecasts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
