/* The hot path's own parser: dates both ways, and the items of FETCH in every order and shape, whole and broken. */
#include "tests/unit/imap/help.h"

#include <time.h>

#include "core/mail/identity.h"
#include "core/mail/mail.h"
#include "providers/imap/parse.h"

/* ---- dates ---- */

static void test_date(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{ "17-Jul-1996 02:44:25 -0700", 837596665 },
		{ "17-JUL-1996 02:44:25 -0700", 837596665 },
		{ "01-Jan-1970 00:00:00 +0000", 0 },
		{ " 1-Jan-1970 00:00:00 +0000", 0 },
		{ "1-Jan-1970 00:00:00 +0000", 0 },
		{ "31-Dec-1969 23:59:59 +0000", -1 },
		{ "01-Jan-1970 00:00:00 +0100", -3600 },
		/* leap years: every fourth, not the hundredth, but the four hundredth */
		{ "29-Feb-2000 23:59:59 +0100", 951865199 },
		{ "01-Mar-1900 00:00:00 +0000", -2203891200 },
		{ "01-Mar-2100 00:00:00 +0000", 4107542400 },
		/* zones of quarters of an hour, and the farthest */
		{ "29-Feb-2024 00:00:00 -1245", 1709210700 },
		{ "29-Feb-2024 00:00:00 +1400", 1709114400 },
		{ "29-Feb-2024 00:00:00 -0000", 1709164800 },
		/* a leap second is the next second */
		{ "31-Dec-2016 23:59:60 +0000", 1483228800 },
		{ "31-Dec-9999 23:59:59 +0000", 253402300799 },
		/* none of these */
		{ "", DATE_UNKNOWN },
		{ "NIL", DATE_UNKNOWN },
		{ "00-Jan-1970 00:00:00 +0000", DATE_UNKNOWN },
		{ "32-Jan-1970 00:00:00 +0000", DATE_UNKNOWN },
		{ "01-Foo-1970 00:00:00 +0000", DATE_UNKNOWN },
		{ "01-anF-1970 00:00:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-1970 24:00:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-1970 00:60:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-1970 00:00:61 +0000", DATE_UNKNOWN },
		{ "01-Jan-1970 00:00:00  0000", DATE_UNKNOWN },
		{ "01-Jan-1970 00:00:00 +000x", DATE_UNKNOWN },
		{ "01-Jan-1970 00:00:00 UTC  ", DATE_UNKNOWN },
		{ "01/Jan/1970 00:00:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-1970T00:00:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-19x0 00:00:00 +0000", DATE_UNKNOWN },
		{ "01-Jan-70 00:00:00 +0000", DATE_UNKNOWN },
		{ "Thu, 1 Jan 1970 00:00:00 +", DATE_UNKNOWN },
		{ "001-Jan-1970 00:00:00 +0000", DATE_UNKNOWN },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = exact(rows[i].text, strlen(rows[i].text));
		int64_t got = parse_date(text, strlen(rows[i].text));
		if (got != rows[i].seconds)
			fail_msg("\"%s\": %lld instead of %lld", rows[i].text, (long long)got, (long long)rows[i].seconds);
		free(text);
	}
}

static void test_date_written(void **state)
{
	(void)state;
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 837596665, "17-Jul-1996 09:44:25 +0000" },
		{ 31536000, "01-Jan-1971 00:00:00 +0000" },
		{ 951782400, "29-Feb-2000 00:00:00 +0000" },
		{ 253402300799, "31-Dec-9999 23:59:59 +0000" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[27];
		write_date(out, rows[i].seconds);
		assert_string_equal(out, rows[i].text);
	}
}

/* Every day from 1971 to 2110, at changing times of the day, comes back as it was written; libc's calendar agrees. */
static void test_date_there_and_back(void **state)
{
	(void)state;
	uint64_t seed = 7;
	for (int64_t day = 365; day < 365 + 139 * 366; day++) {
		int64_t t = day * 86400 + dice(&seed, 86400);
		char out[27];
		struct tm tm = { 0 };
		write_date(out, t);
		assert_int_equal(parse_date(out, 26), t);
		assert_non_null(strptime(out, "%d-%b-%Y %H:%M:%S", &tm));
		assert_int_equal(timegm(&tm), t);
	}
}

static void date_each(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)parse_date(text, len);
}

static void test_date_broken(void **state)
{
	(void)state;
	static const char text[] = "17-Jul-1996 02:44:25 -0700";
	for (size_t n = 0; n < 26; n++) {
		char *cut = exact(text, n);
		if (n != 25) /* which may be a day of one digit */
			assert_true(parse_date(cut, n) == DATE_UNKNOWN);
		else
			(void)parse_date(cut, n);
		free(cut);
	}
	every_mutation(text, 26, 5000, date_each, NULL);
}

/* ---- numbers ---- */

static void test_number(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		uint32_t number;
	} rows[] = {
		{ "0", true, 0 }, { "1", true, 1 }, { "4294967295", true, UINT32_MAX }, { "0000000000000007", true, 7 },
		{ "4294967296", false, 0 }, { "99999999999999999999999", false, 0 }, { "", false, 0 }, { "-1", false, 0 },
		{ "+1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "1x", false, 0 }, { "0x10", false, 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t n = 0;
		char *text = exact(rows[i].text, strlen(rows[i].text));
		assert_int_equal(parse_number(&n, text, strlen(rows[i].text)), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(n, rows[i].number);
		free(text);
	}
}

/* ---- strings ---- */

static void test_string(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		const char *value;	/* NULL: NIL */
		size_t left;
	} rows[] = {
		{ "atom rest", true, "atom", 5 },
		{ "NIL rest", true, NULL, 5 },
		{ "nil", true, NULL, 0 },
		{ "\"NIL\"", true, "NIL", 0 },
		{ "NILS", true, "NILS", 0 },
		{ "\"\"", true, "", 0 },
		{ "\"a b\" c", true, "a b", 2 },
		{ "\"a\\\"b\\\\\"", true, "a\"b\\", 0 },
		{ "{3}\r\nNIL)", true, "NIL", 1 },
		{ "{0}\r\n", true, "", 0 },
		{ "{5}\r\na\"(\r\n)", true, "a\"(\r\n", 1 },
		{ "", false, NULL, 0 },
		{ " x", false, NULL, 0 },
		{ "\"open", false, NULL, 0 },
		{ "\"open\\", false, NULL, 0 },
		{ "\"open\\\"", false, NULL, 0 },
		{ "{4}\r\nNIL", false, NULL, 0 },
		{ "{4294967296}\r\nx", false, NULL, 0 },
		{ "{}\r\n", false, NULL, 0 },
		{ "{1}\nx", false, NULL, 0 },
		{ "{1+}\r\nx", false, NULL, 0 },
		{ "(", false, NULL, 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].text);
		char *text = exact(rows[i].text, len), *value = NULL;
		struct scan s = { text, text + len };
		if (scan_string(&s, &value) != rows[i].ok)
			fail_msg("%s: %s", rows[i].text, rows[i].ok ? "not understood" : "taken");
		if (rows[i].ok && rows[i].value)
			assert_string_equal(value, rows[i].value);
		else
			assert_null(value);
		if (rows[i].ok)
			assert_int_equal(s.end - s.at, rows[i].left);
		free(value);
		free(text);
	}
}

static void test_word(void **state)
{
	(void)state;
	static const struct {
		const char *text, *word;
		bool ok;
	} rows[] = {
		{ "LIST x", "LIST", true }, { "list", "LIST", true }, { "LISTS", "LIST", false }, { "LIS", "LIST", false },
		{ "NIL)", "NIL", true }, { "NIL(", "NIL", true }, { "BODY[]", "BODY", true }, { "", "X", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].text);
		char *text = exact(rows[i].text, len);
		struct scan s = { text, text + len };
		assert_int_equal(scan_word(&s, rows[i].word), rows[i].ok);
		assert_int_equal(s.at - text, rows[i].ok ? strlen(rows[i].word) : 0);
		free(text);
	}
}

/* ---- FETCH ---- */

#define DATE "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\""
#define DATE_SECONDS 837596665

static const struct fetch_row {
	const char *text;
	uint32_t uid, size;	/* 0: not known */
	int64_t date;		/* DATE_UNKNOWN: not known, or none */
	unsigned system;
	const char *keywords;	/* NULL: none */
	const char *msgid;	/* NULL: not said; "" said and none */
	bool body;
} fetches[] = {
	{ "1 FETCH (UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (UID 7 RFC822.SIZE 44 " DATE " FLAGS (\\Seen))", 7, 44, DATE_SECONDS, FLAG_SEEN, NULL, NULL, false },
	{ "1 fetch (flags (\\seen Work) internaldate \"17-jul-1996 02:44:25 -0700\" rfc822.size 44 uid 7)", 7, 44, DATE_SECONDS, FLAG_SEEN, "Work", NULL, false },
	{ "4294967295 FETCH (UID 4294967295 RFC822.SIZE 4294967295)", UINT32_MAX, UINT32_MAX, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (UID 7 FLAGS ())", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (FLAGS (\\Recent \\Seen \\Important $MDNSent) UID 7)", 7, 0, DATE_UNKNOWN, FLAG_SEEN, "$MDNSent", NULL, false },
	{ "1 FETCH (FLAGS (\\Seen) FLAGS (\\Draft) UID 7)", 7, 0, DATE_UNKNOWN, FLAG_DRAFT, NULL, NULL, false },
	{ "1 FETCH (UID 7 INTERNALDATE {26}\r\n17-Jul-1996 02:44:25 -0700)", 7, 0, DATE_SECONDS, 0, NULL, NULL, false },
	{ "1 FETCH (UID 7 INTERNALDATE NIL)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	/* a body went to the sink and left "" behind; anything else holds none */
	{ "1 FETCH (UID 7 BODY[] \"\")", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, true },
	{ "1 FETCH (UID 7 BODY[HEADER] \"\")", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, true },
	{ "1 FETCH (RFC822 \"\" UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, true },
	{ "1 FETCH (BODY[] NIL UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (BODY[] \"x\" UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	/* Message-ID: literal, quoted, none, several */
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] {21}\r\nMessage-ID: <a@b>\r\n\r\n)", 7, 0, DATE_UNKNOWN, 0, NULL, "<a@b>", false },
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (\"MESSAGE-ID\")] {21}\r\nMessage-ID: <a@b>\r\n\r\n)", 7, 0, DATE_UNKNOWN, 0, NULL, "<a@b>", false },
	{ "1 FETCH (BODY[HEADER.FIELDS (MESSAGE-ID)] {23}\r\nMessage-ID:\r\n <a@b>\r\n\r\n UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, "<a@b>", false },
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] {2}\r\n\r\n)", 7, 0, DATE_UNKNOWN, 0, NULL, "", false },
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] \"\")", 7, 0, DATE_UNKNOWN, 0, NULL, "", false },
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] NIL)", 7, 0, DATE_UNKNOWN, 0, NULL, "", false },
	{ "1 FETCH (UID 7 BODY[HEADER.FIELDS (MESSAGE-ID)] {40}\r\nMessage-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\n)", 7, 0, DATE_UNKNOWN, 0, NULL, "<a@b>", false },
	/* items that nobody asked for */
	{ "1 FETCH (MODSEQ (77) UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (X-GM-LABELS (\"\\\\Inbox\" \"a)b\" {2}\r\n)) Work) UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"b\")) NIL (((()))) ()) UID 7)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (X \"UID 9\" UID 7 Y {5}\r\nUID 8)", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH (  UID 7  )", 7, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
	{ "1 FETCH ()", 0, 0, DATE_UNKNOWN, 0, NULL, NULL, false },
};

static void check_fetch(struct digest *d, const struct fetch_row *row)
{
	struct fetched f;
	size_t len = strlen(row->text);
	char *text = exact(row->text, len);
	if (!parse_fetch(&f, d, text, len))
		fail_msg("not understood: %s", row->text);
	assert_int_equal(f.uid_known, row->uid != 0);
	assert_int_equal(f.uid, row->uid);
	assert_int_equal(f.size_known, row->size != 0);
	assert_int_equal(f.size, row->size);
	assert_true(f.date == row->date);
	assert_int_equal(f.flags.system, row->system);
	if (row->keywords)
		assert_string_equal(f.flags.keywords, row->keywords);
	else
		assert_null(f.flags.keywords);
	if (row->msgid) {
		assert_true(f.msgid_known);
		assert_true(f.msgid == identity_msgid(d, row->msgid, strlen(row->msgid)));
	}
	assert_int_equal(f.body_seen, row->body);
	flags_free(&f.flags);
	free(text);
}

static void test_fetch(void **state)
{
	(void)state;
	CLEANUP(digest_free) struct digest *d = digest_new();
	for (size_t i = 0; i < COUNT(fetches); i++)
		check_fetch(d, &fetches[i]);
}

static void test_fetch_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"", "FETCH (UID 7)", "1 FETCH", "1 FETCH ", "1 FETCH UID 7", "1 FETCHED (UID 7)", "x FETCH (UID 7)",
		"4294967296 FETCH (UID 7)", "1  FETCH (UID 7)", "1 STORE (UID 7)",
		"1 FETCH (UID)", "1 FETCH (UID )", "1 FETCH (UID x)", "1 FETCH (UID 4294967296)", "1 FETCH (UID -1)",
		"1 FETCH (UID 7", "1 FETCH (UID 7))", "1 FETCH (UID 7) x",
		"1 FETCH (RFC822.SIZE 4294967296)", "1 FETCH (RFC822.SIZE NIL)",
		"1 FETCH (FLAGS \\Seen)", "1 FETCH (FLAGS (\\Seen (x)))", "1 FETCH (FLAGS NIL)", "1 FETCH (FLAGS (\\Seen)",
		"1 FETCH (BODY[ \"\")", "1 FETCH (BODY[])", "1 FETCH (BODY[] )", "1 FETCH (BODY[]\"\")",
		"1 FETCH (X {9}\r\nshort)", "1 FETCH (X {4}\nshort)", "1 FETCH (X \"open)", "1 FETCH (X (()", "1 FETCH (\"UID\" 7)",
		"1 FETCH (X ())(UID 7)",
	};
	CLEANUP(digest_free) struct digest *d = digest_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fetched f;
		char *text = exact(rows[i], strlen(rows[i]));
		if (parse_fetch(&f, d, text, strlen(rows[i])))
			fail_msg("taken: %s", rows[i]);
		flags_free(&f.flags);
		free(text);
	}
}

/* 64 lists in one another are read over, a thousand are not. */
static void test_fetch_nesting(void **state)
{
	(void)state;
	CLEANUP(digest_free) struct digest *d = digest_new();
	static const struct {
		size_t depth;
		bool ok;
	} rows[] = { { 1, true }, { 8, true }, { 64, true }, { 65, false }, { 1000, false }, { 300000, false } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = { 0 };
		struct fetched f;
		buf_adds(&text, "1 FETCH (BODYSTRUCTURE ");
		for (size_t k = 0; k < rows[i].depth; k++)
			buf_addc(&text, '(');
		for (size_t k = 0; k < rows[i].depth; k++)
			buf_addc(&text, ')');
		buf_adds(&text, " UID 7)");
		assert_int_equal(parse_fetch(&f, d, text.data, text.len), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(f.uid, 7);
		flags_free(&f.flags);
		buf_free(&text);
	}
}

static void fetch_cut(void *ctx, const char *text, size_t len)
{
	struct fetched f;
	if (parse_fetch(&f, ctx, text, len))
		fail_msg("taken although cut: %.*s", (int)len, text);
	flags_free(&f.flags);
}

static void fetch_each(void *ctx, const char *text, size_t len)
{
	struct fetched f;
	(void)parse_fetch(&f, ctx, text, len);
	flags_free(&f.flags);
}

static void test_fetch_broken(void **state)
{
	(void)state;
	CLEANUP(digest_free) struct digest *d = digest_new();
	for (size_t i = 0; i < COUNT(fetches); i++) {
		every_prefix(fetches[i].text, strlen(fetches[i].text), fetch_cut, d);
		every_mutation(fetches[i].text, strlen(fetches[i].text), 2000, fetch_each, d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_date_written),
		cmocka_unit_test(test_date_there_and_back),
		cmocka_unit_test(test_date_broken),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_fetch_refused),
		cmocka_unit_test(test_fetch_nesting),
		cmocka_unit_test(test_fetch_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
