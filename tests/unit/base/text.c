/* Text made safe to show, and modified UTF-7 both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

struct sample {
	const char *in;
	size_t len;
};
/* A literal with its length, NUL bytes inside included. */
#define S(text) { text, sizeof(text) - 1 }

static void test_clean(void **state)
{
	(void)state;
	static const struct {
		struct sample in;
		const char *want;
	} rows[] = {
		{ S("Posta inviata"), "Posta inviata" },
		{ S("Perch\xC3\xA9 no"), "Perch\xC3\xA9 no" },
		{ S("\xF0\x9F\x93\xAC \xE2\x82\xAC"), "\xF0\x9F\x93\xAC \xE2\x82\xAC" },
		{ S(""), "" },
		{ S("a\r\nb\tc"), "a  b c" },
		{ S("\x1B[31mred\x7F"), " [31mred " },
		{ S("a\0b"), "a b" },
		{ S("\xC2\x9B" "0m"), " 0m" },				/* C1: an escape in UTF-8 */
		{ S("a\xE2\x80\xAE" "fdp.exe"), "a fdp.exe" },		/* right to left override */
		{ S("\xE2\x81\xA6x\xE2\x81\xA9"), " x " },
		{ S("\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C"), "   " },
		{ S("a\xE2\x80\xA8" "b\xE2\x80\xA9"), "a b " },
		{ S("\xE2\x80\xA7\xE2\x80\xAF"), "\xE2\x80\xA7\xE2\x80\xAF" },	/* their harmless neighbours */
		{ S("\xE9t\xE9"), "?t?" },				/* Latin-1 */
		{ S("\xC0\xAF" "\xE0\x80\xAF"), "?????" },		/* overlong */
		{ S("\xED\xA0\x80"), "???" },				/* a surrogate */
		{ S("\xF4\x90\x80\x80"), "????" },			/* above U+10FFFF */
		{ S("ok\xE2\x82"), "ok??" },				/* cut */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[64];

		text_clean(out, sizeof out, rows[i].in.in, rows[i].in.len);
		assert_string_equal(out, rows[i].want);
		assert_true(text_is_utf8(out, strlen(out)));
	}
}

/* Only what is not seen is written otherwise, and as what it was. */
static void test_json(void **state)
{
	(void)state;
	static const struct {
		struct sample in;
		const char *want;
	} rows[] = {
		{ S("{\"a\": \"Perch\xC3\xA9 \\u001b\"}\n"), "{\"a\": \"Perch\xC3\xA9 \\u001b\"}\n" },
		{ S(""), "" },
		{ S("\x7F" "a\xC2\x80\xC2\x9F\xC2\xA0"), "\\u007fa\\u0080\\u009f\xC2\xA0" },
		{ S("\xC2\xAD\xC2\xAE"), "\\u00ad\xC2\xAE" },
		{ S("x\xE2\x80\x8B\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\x90"), "x\\u200b\\u200e\\u200f\xE2\x80\x90" },
		{ S("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\xE2\x80\xAE\xE2\x80\xAF"), "\xE2\x80\xA7\\u2028\\u2029\\u202a\\u202e\xE2\x80\xAF" },
		{ S("\xE2\x81\x9F\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xB0"), "\xE2\x81\x9F\\u2066\\u2069\xE2\x81\xB0" },
		{ S("\xD8\x9C\xEF\xBB\xBF" "b\xEF\xBF\xBD"), "\\u061c\\ufeff" "b\xEF\xBF\xBD" },
		{ S("\xF0\x9F\x93\xAC\xF3\xA0\x81\x81\xF3\xA0\x82\x80"), "\xF0\x9F\x93\xAC\\udb40\\udc41\xF3\xA0\x82\x80" },	/* a tag: two surrogates */
		{ S("\xE9t\xE2\x80"), "\xE9t\xE2\x80" },		/* what is no UTF-8 is another's affair */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };

		text_add_json(&out, rows[i].in.in, rows[i].in.len);
		assert_string_equal(out.data ? out.data : "", rows[i].want);
		buf_free(&out);
	}
}

static void test_clean_cuts(void **state)
{
	(void)state;
	static const struct {
		size_t cap;
		const char *in, *want;
	} rows[] = {
		{ 6, "abcde", "abcde" },
		{ 5, "abcde", "a\xE2\x80\xA6" },
		{ 8, "abcdefgh", "abcd\xE2\x80\xA6" },
		{ 8, "abc\xC3\xA9" "fgh", "abc\xE2\x80\xA6" },		/* the accent would not fit whole */
		{ 9, "abc\xC3\xA9" "fgh", "abc\xC3\xA9" "fgh" },
		{ 6, "\xF0\x9F\x93\xAC" "ab", "\xE2\x80\xA6" },
		{ 4, "abcdef", "\xE2\x80\xA6" },
		{ 3, "abcdef", "ab" },
		{ 2, "\xC3\xA9", "" },
		{ 1, "abc", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[32];

		memset(out, '#', sizeof out);
		text_clean(out, rows[i].cap, rows[i].in, strlen(rows[i].in));
		assert_string_equal(out, rows[i].want);
		for (size_t k = rows[i].cap; k < sizeof out; k++)
			assert_int_equal(out[k], '#');
	}

	char untouched = '#';

	text_clean(&untouched, 0, "abc", 3);
	assert_int_equal(untouched, '#');
}

static void test_utf8(void **state)
{
	(void)state;
	static const struct {
		struct sample in;
		bool good;
	} rows[] = {
		{ S(""), true },		   { S("abc"), true },		     { S("a\0b"), true },	     { S("\xC3\xA9"), true },
		{ S("\xEF\xBF\xBF"), true },	   { S("\xF4\x8F\xBF\xBF"), true }, { S("\xC3"), false },	     { S("\xA9"), false },
		{ S("\xC1\xBF"), false },	   { S("\xE0\x9F\xBF"), false },   { S("\xF0\x8F\xBF\xBF"), false }, { S("\xED\xBF\xBF"), false },
		{ S("\xF5\x80\x80\x80"), false }, { S("\xFF"), false },	     { S("\xC3" "a"), false },   { S("ok\xE2\x82"), false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(text_is_utf8(rows[i].in.in, rows[i].in.len), rows[i].good);
}

/* Names that exist in both forms. */
static void test_utf7(void **state)
{
	(void)state;
	static const struct {
		const char *wire, *name;
	} rows[] = {
		{ "", "" },
		{ "INBOX.Posta inviata", "INBOX.Posta inviata" },
		{ "Perch&AOk-", "Perch\xC3\xA9" },
		{ "Attivit&AOA-/Citt&AOA-", "Attivit\xC3\xA0/Citt\xC3\xA0" },
		{ "&AMgA6A-", "\xC3\x88\xC3\xA8" },
		{ "R&-D", "R&D" },
		{ "&-", "&" },
		{ "&-&-", "&&" },
		{ "&AOk-&-", "\xC3\xA9&" },
		{ "a+b~c/d\\e\"f", "a+b~c/d\\e\"f" },
		{ "&2D3c7A-", "\xF0\x9F\x93\xAC" },
		{ "&IKw- 100", "\xE2\x82\xAC 100" },
		{ "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\xE5\x8F\xB0\xE5\x8C\x97/\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *name = text_from_utf7(rows[i].wire);
		CLEANUP(x_free) char *wire = text_to_utf7(rows[i].name);

		assert_non_null(name);
		assert_string_equal(name, rows[i].name);
		assert_non_null(wire);
		assert_string_equal(wire, rows[i].wire);
	}
}

static void test_utf7_refused(void **state)
{
	(void)state;
	static const char *const wires[] = {
		"&",		/* a run without an end */
		"a&b",		"&AOk",
		"&AO-",		/* half a character */
		"&A-",		"&AOk*-",
		"&AOl-",	/* bits left over */
		"&AOk-&AOg-",	/* two runs for one */
		"&AGE-",	/* an "a" in disguise */
		"&ACY-",	/* "&" has its own form */
		"&AC8-",	/* a separator in disguise */
		"&2D0-",	/* half a pair */
		"&3Ow-",	"&3OzYPQ-",
		"&AAA-",	/* NUL */
		"a&AAAACQ-",
		"a\nb",	"a\tb",	"\x7F",
		"Perch\xC3\xA9", /* UTF-8 on the wire */
		"Perch\xE9",
	};
	static const char *const names[] = { "Perch\xE9", "a\nb", "\x1B[0m", "\xC2\x85", "\x7F", "ok\xE2\x82", "\xED\xA0\x80" };

	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
		CLEANUP(x_free) char *name = text_from_utf7(wires[i]);

		if (name)
			fail_msg("%s gave %s", wires[i], name);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_null(text_to_utf7(names[i]));
}

/* They can be read, and are made by nobody. */
static void test_utf7_controls(void **state)
{
	(void)state;
	static const struct {
		const char *wire, *name;
	} rows[] = { { "a&AAk-b", "a\tb" }, { "&AA0ACg-", "\r\n" }, { "&AJs-", "\xC2\x9B" }, { "&AH8A6Q-", "\x7F\xC3\xA9" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *name = text_from_utf7(rows[i].wire);

		assert_non_null(name);
		assert_string_equal(name, rows[i].name);
		assert_null(text_to_utf7(name));
	}
}

static void put_utf8(char *out, unsigned c)
{
	static const unsigned leads[] = { 0, 0xC0, 0xE0, 0xF0 };
	size_t tails = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

	out[tails + 1] = '\0';
	for (size_t i = tails; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 63));
	out[0] = (char)(leads[tails] | c);
}

/* Characters of all planes: each goes and comes back, and its wire form is plain. */
static void test_utf7_all_planes(void **state)
{
	(void)state;
	for (unsigned c = 0x20; c < 0x110000; c += c < 0x800 ? 1 : 997) {
		char name[16] = "x";

		if ((c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c < 0xE000))
			continue;
		put_utf8(name + 1, c);
		strcat(name, "y");

		CLEANUP(x_free) char *wire = text_to_utf7(name);

		if (!wire)
			fail_msg("U+%04X has no wire form", c);
		for (const char *p = wire; *p; p++)
			assert_in_range(*p, 0x20, 0x7E);
		assert_int_equal(strchr(wire, '&') != NULL, c > 0x7E || c == '&');

		CLEANUP(x_free) char *back = text_from_utf7(wire);

		if (!back || strcmp(back, name) != 0)
			fail_msg("U+%04X: %s comes back as %s", c, wire, back ? back : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean), cmocka_unit_test(test_clean_cuts), cmocka_unit_test(test_json), cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf7),  cmocka_unit_test(test_utf7_refused), cmocka_unit_test(test_utf7_controls), cmocka_unit_test(test_utf7_all_planes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
