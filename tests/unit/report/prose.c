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

#include "core/base/i18n.h"
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
	prose_count(&b, 1, "message");
	becomes(&b, "1 message");
	prose_count(&b, 0, "messages");
	becomes(&b, "0 messages");
	prose_count(&b, 1500, "messages");
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

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *want, *italian;
	} rows[] = {
		{ 0, "0 bytes", "0 byte" }, { 1, "1 byte", "1 byte" }, { 999, "999 bytes", "999 byte" }, { 1000, "1 kB", "1 kB" }, { 999499, "999 kB", "999 kB" },
		{ 999500, "1 MB", "1 MB" }, { 74000000, "74 MB", "74 MB" }, { 999499999, "999 MB", "999 MB" }, { 999500000, "1.0 GB", "1,0 GB" },
		{ 6024000000, "6.0 GB", "6,0 GB" }, { UINT64_MAX, "18446744073.7 GB", "18446744073,7 GB" },
	};
	char out[PROSE_NUMBER];
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(prose_size(out, rows[i].bytes), rows[i].want);
	assert_int_equal(i18n_start_in("it", LOCALES), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(prose_size(out, rows[i].bytes), rows[i].italian);
	assert_int_equal(i18n_start_in("en", LOCALES), 0);
}

static void italian(void **state)
{
	struct buf b = { 0 };
	char out[PROSE_NUMBER];
	(void)state;
	assert_int_equal(i18n_start_in("it", LOCALES), 0);
	assert_string_equal(prose_number(out, 48213), "48.213");
	assert_string_equal(prose_number(out, UINT64_MAX), "18.446.744.073.709.551.615");
	setenv("TZ", "UTC0", 1);
	tzset();
	prose_date(&b, 1795867200);
	becomes(&b, "28/11/2026");
	prose_date(&b, 1795867200 + 5 * 86400);
	becomes(&b, "3/12/2026");
	prose_duration(&b, 6720);
	becomes(&b, "1 h 52 min");
	assert_int_equal(i18n_start_in("en", LOCALES), 0);
	prose_date(&b, 1795867200);
	becomes(&b, "28 Nov 2026");
}

static void beside(void **state)
{
	struct buf b = { 0 };
	(void)state;
	prose_beside(&b, "  l\xC3\xA0", 8, "right");
	becomes(&b, "  l\xC3\xA0    right\n");
	/* What is too long on the left has a line of its own. */
	prose_beside(&b, "  as long as it is", 8, "right");
	becomes(&b, "  as long as it is\n        right\n");
	prose_beside(&b, "1234567", 8, "right");
	becomes(&b, "1234567 right\n");
	prose_beside(&b, "left", 70, "one two three");
	becomes(&b, "left                                                                  one two\n"
		"                                                                      three\n");
	prose_right(&b, "\xC3\xA0", 4);
	becomes(&b, "   \xC3\xA0");
	prose_right(&b, "12345", 4);
	becomes(&b, "12345");
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
	/* A command stays whole. */
	memset(words, 'x', 60);
	strcpy(words + 60, " trasloco" PROSE_HARD_BLANK "run" PROSE_HARD_BLANK "--again y");
	prose_wrap(&b, words, 0, 2);
	assert_string_equal(b.data + 60, "\n  trasloco run --again y\n");
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
		cmocka_unit_test(numbers), cmocka_unit_test(counts), cmocka_unit_test(times), cmocka_unit_test(sizes), cmocka_unit_test(italian), cmocka_unit_test(beside),
		cmocka_unit_test(columns), cmocka_unit_test(paragraphs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
