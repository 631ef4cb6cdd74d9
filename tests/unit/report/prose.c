/* Numbers, dates, columns and paragraphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/report/prose.h"

static void numbers(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 48213, "48,213" },
		{ 100000, "100,000" },
		{ 1000000, "1,000,000" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char out[PROSE_NUMBER];
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(prose_number(out, rows[i].n), rows[i].want);
}

static void becomes(struct buf *b, const char *want)
{
	assert_string_equal(b->data, want);
	buf_free(b);
}

static void counts(void **state)
{
	struct buf b = { 0 };
	(void)state;
	prose_count(&b, 1, "message", "messages");
	becomes(&b, "1 message");
	prose_count(&b, 0, "message", "messages");
	becomes(&b, "0 messages");
	prose_count(&b, 1500, "message", "messages");
	becomes(&b, "1,500 messages");
}

static void times(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = { { -5, "0 s" }, { 0, "0 s" }, { 59, "59 s" }, { 60, "1 min 0 s" }, { 3599, "59 min 59 s" }, { 3600, "1 h 0 min" }, { 6720, "1 h 52 min" }, { 100000, "27 h 46 min" } };
	struct buf b = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prose_duration(&b, rows[i].seconds);
		becomes(&b, rows[i].want);
	}
	setenv("TZ", "UTC0", 1);
	tzset();
	prose_date(&b, 1795867200);
	becomes(&b, "28 Nov 2026");
	setenv("TZ", "EST5", 1);
	tzset();
	prose_date(&b, 1795867200);
	becomes(&b, "28 Nov 2026");
	prose_date(&b, 1795867200 - 8 * 3600);
	becomes(&b, "27 Nov 2026");
}

static void columns(void **state)
{
	struct buf b = { 0 };
	(void)state;
	assert_int_equal(prose_columns("Perch\xC3\xA9"), 6);
	assert_int_equal(prose_columns("\xE6\x97\xA5\xE6\x9C\xAC"), 2);
	prose_cell(&b, "Perch\xC3\xA9", 8);
	buf_addc(&b, '|');
	becomes(&b, "Perch\xC3\xA9  |");
	prose_cell(&b, "far too long", 4);
	buf_addc(&b, '|');
	becomes(&b, "far too long |");
	/* What a terminal would obey is shown as nothing it can obey. */
	prose_clean(&b, "a\x1b[31mb\nc\xFF");
	becomes(&b, "a [31mb c?");
	prose_clean(&b, "");
	becomes(&b, "");
}

static void paragraphs(void **state)
{
	static const char ten[] = "aaaaaaaaaa";
	char words[400] = "";
	struct buf b = { 0 };
	(void)state;
	prose_wrap(&b, "short", 2, 4);
	becomes(&b, "  short\n");
	/* 7 words of 10 and their blanks are 76 columns, with the indent 78; one more would be 89. */
	for (int i = 0; i < 8; i++)
		sprintf(words + strlen(words), "%s%s", i ? " " : "", ten);
	prose_wrap(&b, words, 2, 4);
	assert_int_equal(strcspn(b.data, "\n"), 78);
	becomes(&b, "  aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa\n    aaaaaaaaaa\n");
	/* Exactly 79 columns fit, 80 do not. */
	prose_wrap(&b, words, 3, 0);
	assert_int_equal(strcspn(b.data, "\n"), 79);
	buf_free(&b);
	prose_wrap(&b, words, 4, 0);
	assert_int_equal(strcspn(b.data, "\n"), 4 + 6 * 11 - 1);
	buf_free(&b);
	/* Blanks of a name stay, a word that can't fit stays whole. */
	prose_wrap(&b, "My  folder", 0, 0);
	becomes(&b, "My  folder\n");
	memset(words, 'x', 100);
	words[100] = '\0';
	prose_wrap(&b, words, 2, 2);
	assert_int_equal(b.len, 103);
	buf_free(&b);
	/* Characters count, not bytes. */
	words[0] = '\0';
	for (int i = 0; i < 79; i++)
		strcat(words, "\xC3\xA9");
	strcat(words, " b");
	prose_wrap(&b, words, 0, 0);
	assert_int_equal(strcspn(b.data, "\n"), 2 * 79);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(counts), cmocka_unit_test(times), cmocka_unit_test(columns), cmocka_unit_test(paragraphs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
