/* Names of folders as people write them, and such names as a server can hold them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/folder.h"

static struct folder_list courier = { .prefix = (char[]){ "INBOX." }, .separator = '.' }, slash = { .prefix = (char[]){ "" }, .separator = '/' },
			  dot = { .prefix = (char[]){ "" }, .separator = '.' }, dash = { .prefix = (char[]){ "" }, .separator = '-' }, flat = { 0 };

static void test_path(void **state)
{
	(void)state;
	static const struct {
		const struct folder_list *of;
		const char *wire;
		unsigned levels;
		const char *want;
		unsigned depth;
	} rows[] = {
		{ &courier, "INBOX", UINT_MAX, "INBOX", 1 },
		{ &courier, "inbox", UINT_MAX, "INBOX", 1 },
		{ &courier, "INBOX.a.b", UINT_MAX, "a/b", 2 },
		{ &courier, "INBOX.a.b", 1, "a", 2 },
		{ &courier, "INBOX.a.b", 0, "", 2 },
		{ &courier, "INBOX.Perch&AOk-.x/y", UINT_MAX, "Perch\xC3\xA9/x/y", 2 },
		{ &courier, "INBOX.Inbox", UINT_MAX, "Inbox", 1 },
		{ &slash, "Inbox/sub", UINT_MAX, "INBOX/sub", 2 },
		{ &slash, "a/Inbox", UINT_MAX, "a/Inbox", 2 },
		{ &slash, "a//b/", UINT_MAX, "a//b", 3 },
		{ &slash, "R&D", UINT_MAX, "R&D", 1 },
		{ &slash, "Perch\xE9", UINT_MAX, "Perch\xC3\xA9", 1 },
		{ &flat, "a/b.c", UINT_MAX, "a/b.c", 1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *path = folder_path(rows[i].wire, rows[i].of, rows[i].levels);
		if (strcmp(path, rows[i].want) != 0 || folder_depth(rows[i].wire, rows[i].of) != rows[i].depth)
			fail_msg("%s is %s, of %u levels", rows[i].wire, path, folder_depth(rows[i].wire, rows[i].of));
	}
}

static void test_spell(void **state)
{
	(void)state;
	static const struct {
		const char *base, *wire;
		unsigned skip;
		const struct folder_list *from, *to;
		const char *want;
	} rows[] = {
		{ "", "INBOX.a.Perch&AOk-", 0, &courier, &slash, "a/Perch&AOk-" },
		{ "", "INBOX", 0, &courier, &slash, "INBOX" },
		{ "", "inbox/sub", 0, &slash, &courier, "INBOX.sub" },
		{ "", "INBOX.INBOX.sub", 0, &courier, &courier, "INBOX.INBOX.sub" },
		{ "x/y", "INBOX.a.b", 1, &courier, &courier, "INBOX.x.y.b" },
		{ "x", "INBOX.a", 1, &courier, &slash, "x" },
		{ "Perch\xC3\xA9/R&D", "a", 1, &slash, &dot, "Perch&AOk-.R&-D" },
		{ "INBOX", "a", 1, &slash, &courier, "INBOX" },
		{ "/x//y/", "a", 0, &slash, &slash, "x/y/a" },
		/* what no server can be asked to hold */
		{ "", "a*%b", 0, &slash, &slash, "a--b" },
		{ "", "..", 0, &slash, &slash, "--" },
		{ "", ".", 0, &slash, &dash, "_" },
		{ "", "a./.b", 0, &slash, &slash, "a./.b" },
		{ "", "~a/~b", 0, &slash, &slash, "-a/~b" },
		{ "", "INBOX.~a", 0, &courier, &slash, "-a" },
		{ "", "  a  b / c", 0, &slash, &slash, "a  b/c" },
		{ "", " ", 0, &slash, &slash, "-" },
		{ "", "a//b", 0, &slash, &dot, "a.-.b" },
		{ "", "a\tb\xC2\x85" "c", 0, &slash, &slash, "a-b-c" },
		{ "", "a-b", 0, &slash, &dash, "a_b" },
		{ "", "a/b", 0, &slash, &flat, "a-b" },
		{ "", "R&D", 0, &slash, &slash, "R&-D" },
		{ "", "Perch\xE9", 0, &slash, &slash, "Perch&AOk-" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *wire = folder_spell(rows[i].base, rows[i].wire, rows[i].skip, rows[i].from, rows[i].to);
		if (strcmp(wire, rows[i].want) != 0)
			fail_msg("\"%s\" below \"%s\" is spelled \"%s\", not \"%s\"", rows[i].wire, rows[i].base, wire, rows[i].want);
	}
}

/* A character is never cut in two, and what is cut stays cut: the second time nothing changes. */
static void test_long(void **state)
{
	(void)state;
	char name[1001] = "";
	for (size_t i = 0; i < 500; i++)
		memcpy(name + 2 * i, "\xC3\xA9", 3);
	CLEANUP(x_free) char *wire = folder_spell(name, "a", 1, &slash, &slash);
	assert_in_range(strlen(wire), 250, 255);
	CLEANUP(x_free) char *again = folder_spell("", wire, 0, &slash, &slash);
	assert_string_equal(wire, again);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_path), cmocka_unit_test(test_spell), cmocka_unit_test(test_long) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
