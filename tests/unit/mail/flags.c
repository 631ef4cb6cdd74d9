/* Flags and keywords: what is kept, how it is ordered, what a command gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/flags.h"

/* Adds the flags of a list with one blank between them, as a server's FETCH has it. */
static struct flags of(const char *list)
{
	struct flags f = { 0 };
	const char *at = list, *name;
	size_t len;

	while ((name = flags_next_keyword(&at, &len)))
		flags_add(&f, name, len);
	return f;
}

static void test_add(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		unsigned system;
		const char *keywords;
	} rows[] = {
		{ "", 0, NULL },
		{ "\\Seen", FLAG_SEEN, NULL },
		{ "\\SEEN \\answered \\Flagged \\dRAFT \\Deleted", 31, NULL },
		{ "\\Recent \\Seen", FLAG_SEEN, NULL },
		{ "\\Important \\* \\ \\See \\Seens", 0, NULL },
		{ "Seen", 0, "Seen" },
		{ "Work $Forwarded", 0, "$Forwarded Work" },
		{ "c a b a", 0, "a b c" },
		{ "b B a", 0, "a b" },
		{ "ab a abc", 0, "a ab abc" },
		{ "Zeta alfa \\Seen $label1", FLAG_SEEN, "$label1 Zeta alfa" },
		{ "NonJunk nonjunk NONJUNK", 0, "NonJunk" },
		{ "&AOk-tichetta [x]", 0, "&AOk-tichetta [x]" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(flags_free) struct flags f = of(rows[i].list);

		assert_int_equal(f.system, rows[i].system);
		if (rows[i].keywords)
			assert_string_equal(f.keywords, rows[i].keywords);
		else
			assert_null(f.keywords);
		assert_int_equal(flags_empty(&f), rows[i].system == 0 && !rows[i].keywords);
	}
}

/* What would not survive in the list is not taken. */
static void test_add_unfit(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t len;
	} rows[] = { { "", 0 }, { "a b", 3 }, { "a\r\nA2 LOGOUT", 12 }, { "a\0b", 3 }, { "\x7F", 1 }, { "\t", 1 } };
	struct flags f = { 0 };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		flags_add(&f, rows[i].name, rows[i].len);
	assert_true(flags_empty(&f));
	flags_add(&f, "Workshop", 4);
	assert_string_equal(f.keywords, "Work");
	flags_free(&f);
	assert_null(f.keywords);
	flags_free(&f);
}

static void test_write(void **state)
{
	(void)state;
	static const struct {
		const char *list, *want;
	} rows[] = {
		{ "", "FLAGS " },
		{ "\\seen", "FLAGS \\Seen" },
		{ "Work", "FLAGS Work" },
		{ "Work \\deleted \\Seen $Forwarded", "FLAGS \\Seen \\Deleted $Forwarded Work" },
		{ "a) b{5+} c\" \xE9 Work", "FLAGS Work" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(flags_free) struct flags f = of(rows[i].list);
		CLEANUP(buf_free) struct buf out = { 0 };

		buf_adds(&out, "FLAGS ");
		flags_write(&f, &out);
		assert_string_equal(out.data, rows[i].want);
	}
}

static void test_missing(void **state)
{
	(void)state;
	static const struct {
		const char *want, *have;
		unsigned system;
		const char *keywords;
	} rows[] = {
		{ "", "", 0, NULL },
		{ "\\Seen Work", "Work \\Seen", 0, NULL },
		{ "\\Seen \\Flagged", "\\Seen \\Draft", FLAG_FLAGGED, NULL },
		{ "$Forwarded Work", "$forwarded", 0, "Work" },
		{ "WORK", "work Workshop", 0, NULL },
		{ "Work", "Workshop", 0, "Work" },
		{ "", "\\Seen Work", 0, NULL },
		{ "b a \\Seen", "", FLAG_SEEN, "a b" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(flags_free) struct flags want = of(rows[i].want);
		CLEANUP(flags_free) struct flags have = of(rows[i].have);
		CLEANUP(flags_free) struct flags out;

		flags_missing(&out, &want, &have);
		assert_int_equal(out.system, rows[i].system);
		if (rows[i].keywords)
			assert_string_equal(out.keywords, rows[i].keywords);
		else
			assert_null(out.keywords);
	}
}

static void test_safe(void **state)
{
	(void)state;
	static const char longest[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg";
	static const struct {
		const char *name;
		bool safe;
	} rows[] = {
		{ "$Forwarded", true }, { "NonJunk", true }, { "$MailFlagBit0", true }, { "a_b-c.d+e", true }, { "7", true },
		{ "", false },		{ "a b", false },   { "a)", false },		{ "{5}", false },      { "a\"", false },
		{ "\\Seen", false },	{ "*", false },	    { "%", false },		{ "\xC3\xA9", false }, { "[x]", false },
		{ "a\n", false },	{ "}", false },	       { longest, true },
		{ "attivit&aoa-", true }, { "a=b", true },  { "x/y:z", true },	{ "\x7F", false },    { "a]", false },
	};
	char longer[sizeof longest + 1];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(flags_keyword_safe(rows[i].name, strlen(rows[i].name)), rows[i].safe);
	strcpy(longer, longest);
	strcat(longer, "g");
	assert_int_equal(strlen(longer), 65);
	assert_false(flags_keyword_safe(longer, 65));
	assert_false(flags_keyword_safe("a\0b", 3));
}

static void test_walk_and_copy(void **state)
{
	(void)state;
	CLEANUP(flags_free) struct flags f = of("uno \\Seen due tre");
	CLEANUP(flags_free) struct flags copy;
	CLEANUP(flags_free) struct flags nothing;
	static const char *const want[] = { "due", "tre", "uno" };
	size_t len, n = 0;

	flags_copy(&copy, &f);
	flags_free(&f);
	flags_copy(&nothing, &f);
	assert_true(flags_empty(&nothing));
	assert_int_equal(copy.system, FLAG_SEEN);

	const char *at = copy.keywords;

	for (const char *name; (name = flags_next_keyword(&at, &len)); n++) {
		assert_true(n < 3);
		assert_int_equal(len, 3);
		assert_memory_equal(name, want[n], 3);
	}
	assert_int_equal(n, 3);
	assert_null(flags_next_keyword(&at, &len));
	at = NULL;
	assert_null(flags_next_keyword(&at, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),	cmocka_unit_test(test_add_unfit), cmocka_unit_test(test_write),
		cmocka_unit_test(test_missing), cmocka_unit_test(test_safe),	  cmocka_unit_test(test_walk_and_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
