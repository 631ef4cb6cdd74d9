/* Memory of the heap: what comes back, how arrays grow, how the program ends without any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/alloc.h"

static void test_copies(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
		{ "Posta inviata", 5, "Posta" }, { "Posta", 5, "Posta" }, { "Posta", 99, "Posta" }, { "Posta", 0, "" }, { "", 3, "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *copy = x_strndup(rows[i].text, rows[i].len);

		assert_string_equal(copy, rows[i].want);
	}

	CLEANUP(x_free) char *all = x_strdup("uno");
	CLEANUP(x_free) char *number = x_printf("%s-%d", all, 42);

	assert_string_equal(all, "uno");
	assert_string_equal(number, "uno-42");
}

static void test_nothing_is_something(void **state)
{
	(void)state;
	CLEANUP(x_free) char *a = x_malloc(0);
	CLEANUP(x_free) char *b = x_calloc(0, 0);
	CLEANUP(x_free) unsigned char *zeros = x_calloc(100, 3);

	assert_non_null(a);
	assert_non_null(b);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(zeros[i], 0);
	a = x_realloc(a, 1000);
	memset(a, 'x', 1000);
}

static void test_free_clears(void **state)
{
	(void)state;
	char *text = x_strdup("via");

	x_free(&text);
	assert_null(text);
	x_free(&text);
}

static void test_room(void **state)
{
	(void)state;
	uint64_t *array = NULL;
	size_t cap = 0, moves = 0;

	for (size_t i = 0; i < 10000; i++) {
		size_t before = cap;

		array = x_room(array, i, &cap, sizeof *array);
		assert_true(cap > i);
		moves += cap != before;
		array[i] = i;
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(array[i], i);
	/* Growing by halves: about the logarithm of the length, not the length. */
	assert_in_range(moves, 10, 30);
	x_free(&array);
}

/* An array that can't be: no allocator is asked, so sanitizers have no say. */
static void test_out_of_memory(void **state)
{
	(void)state;
	int ends[2], status;
	char line[64] = "";

	assert_int_equal(pipe(ends), 0);

	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		size_t cap = SIZE_MAX / 4;

		dup2(ends[1], STDERR_FILENO);
		x_room(NULL, cap, &cap, 16);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], line, sizeof line - 1), 24);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_string_equal(line, "trasloco: out of memory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies), cmocka_unit_test(test_nothing_is_something), cmocka_unit_test(test_free_clears),
		cmocka_unit_test(test_room),   cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
