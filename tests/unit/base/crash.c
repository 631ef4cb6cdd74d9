/* Crash points: which pass kills. Each row runs in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/crash.h"

#ifdef TRASLOCO_CRASH_POINTS
/* What a child does: passes in order, each told through a pipe, so that the parent sees how far it came. */
static const char *const passes[] = { "intended", "sent", "intended", "settled", "intended" };
enum { PASSES = sizeof passes / sizeof *passes };

static void run_child(const char *wish, int out)
{
	if (wish)
		setenv("TRASLOCO_CRASH", wish, 1);
	else
		unsetenv("TRASLOCO_CRASH");
	for (int i = 0; i < PASSES; i++) {
		crash_point(passes[i]);
		if (write(out, ".", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void test_passes(void **state)
{
	(void)state;
	static const struct {
		const char *wish;
		int survived;	/* passes before the fatal one */
	} rows[] = {
		{ NULL, PASSES },	  { "intended", 0 },   { "intended:1", 0 }, { "intended:2", 2 }, { "intended:3", 4 },
		{ "intended:4", PASSES }, { "sent", 1 },       { "settled:1", 3 },  { "ANY:1", 0 },	 { "ANY:4", 3 },
		{ "ANY:99", PASSES },	  { "intend", PASSES }, { "", PASSES },	    { "ANY:0", PASSES }, { "intended:x", PASSES },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int ends[2], status;
		char seen[PASSES + 1];

		assert_int_equal(pipe(ends), 0);

		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			run_child(rows[i].wish, ends[1]);
		close(ends[1]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(read(ends[0], seen, sizeof seen), rows[i].survived);
		close(ends[0]);
		if (rows[i].survived == PASSES) {
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 0);
		} else {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), SIGKILL);
		}
	}
}
#else
/* A release build: the place costs nothing, whatever the environment says. */
static void test_passes(void **state)
{
	(void)state;
	setenv("TRASLOCO_CRASH", "ANY:1", 1);
	crash_point("intended");
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_passes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
