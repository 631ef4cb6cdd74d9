/* Lines of the log: their form, and that threads never mix them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

static void test_form(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len = 0;
	struct log log = { .out = open_memstream(&text, &len) };

	assert_non_null(log.out);
	log_line(&log, "mario: %d messages", 12);
	log_debug(&log, "not told");
	log.verbose = true;
	log_debug(&log, "told");
	fclose(log.out);

	int year, month, day, hour, minute, second, end = 0;

	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ mario: 12 messages\n%n",
		&year, &month, &day, &hour, &minute, &second, &end), 6);
	assert_in_range(year, 2024, 9999);
	assert_int_equal(end, 20 + 20);
	assert_null(strstr(text, "not told"));
	assert_string_equal(text + 40 + 20, " told\n");
	free(text);
}

static void test_nobody(void **state)
{
	(void)state;
	struct log log = { 0 };

	log_line(NULL, "x");
	log_debug(NULL, "x");
	log_line(&log, "x");
	log.verbose = true;
	log_debug(&log, "x");
}

enum { THREADS = 4, LINES = 500 };

static void *write_lines(void *log)
{
	for (int i = 0; i < LINES; i++)
		log_line(log, "begin %s end", "----------------------------------------------------------------");
	return NULL;
}

static void test_threads(void **state)
{
	(void)state;
	struct log log = { .out = tmpfile() };
	pthread_t threads[THREADS];
	char line[256];
	int lines = 0;

	assert_non_null(log.out);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &log), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	rewind(log.out);
	for (; fgets(line, sizeof line, log.out); lines++) {
		assert_memory_equal(line + 20, " begin -", 8);
		assert_string_equal(line + strlen(line) - 6, "- end\n");
		assert_int_equal(strlen(line), 20 + 1 + 6 + 64 + 5);
	}
	assert_int_equal(lines, THREADS * LINES);
	fclose(log.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
