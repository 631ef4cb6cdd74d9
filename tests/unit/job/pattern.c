/* Which folders a pattern names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/job/pattern.h"

static void matches(void **state)
{
	static const struct { const char *pattern, *name; bool want; } rows[] = {
		{ "*", "Sent", true }, { "*", "a/b/c", true }, { "*", "INBOX", true },
		{ "Spam", "Spam", true }, { "Spam", "Spam/2020", true }, { "Spam", "Spam/2020/x", true }, { "Spam", "Spam2", false },
		{ "Spam", "spam", false }, { "Spam", "a/Spam", false }, { "Spam", "Spa", false }, { "Spam/", "Spam", true },
		{ "Spam/", "Spam/x", true }, { "Spam/", "Spam2", false }, { "", "Spam", false },
		{ "a/b", "a", false }, { "a/b", "a/b", true }, { "a/b", "a/b/c", true }, { "a/b", "a/bc", false }, { "a/b", "ab", false },
		{ "a/*", "a", false }, { "a/*", "a/b", true }, { "a/*", "a/b/c", true }, { "*/b", "a/b", true }, { "*/b", "a/c/b", false },
		{ "*/b", "b", false }, { "a/*/c", "a/b/c", true }, { "a/*/c", "a/c", false }, { "a/*/c", "a/b/x/c", false },
		{ "2*", "2015", true }, { "2*", "2015/a", true }, { "2*", "12015", false }, { "*5", "2015", true }, { "*5", "20156", false },
		{ "*5", "2555", true }, { "a*b*c", "abc", true }, { "a*b*c", "axbxbc", true }, { "a*b*c", "acb", false }, { "a**b", "ab", true },
		{ "*a*", "bab", true }, { "*a*", "bb", false }, { "Arch*", "Archivio/2019", true }, { "a*b", "a/b", false },
		{ "Perch\xc3\xa9*", "Perch\xc3\xa9 no", true }, { "*\xc3\xa9", "Perch\xc3\xa9", true }, { "*\xc3\xa9", "Perch\xc3\xa8", false },
		{ "INBOX", "Inbox", true }, { "inbox", "INBOX", true }, { "inbox/A", "INBOX/A", true }, { "inbox/a", "INBOX/A", false },
		{ "a/INBOX", "a/inbox", false }, { "inbox", "inboxes", false }, { "in*", "INBOX", true }, { "in*", "INDEX", false },
		{ "INBOX", "INBOX.Sent", false }, { "a.b", "a.b", true }, { "a.b", "axb", false }, { "[Gmail]/Spam", "[Gmail]/Spam", true },
		{ "a?", "ab", false }, { "\\*", "\\x", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pattern_matches(rows[i].pattern, rows[i].name) != rows[i].want)
			fail_msg("`%s` and `%s`", rows[i].pattern, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(matches) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
