/* Status responses and their codes, SEARCH, ESEARCH and NAMESPACE: as servers write them, and broken. */
#include "tests/unit/imap/help.h"

#include "core/base/buf.h"
#include "core/base/clock.h"

#include "providers/imap/parse.h"

/* ---- status lines ---- */

static const struct status_row {
	const char *text;
	int word;		/* -1: no status line */
	const char *code, *args, *said;
} statuses[] = {
	{ "OK", STATUS_OK, "", "", "" },
	{ "OK ", STATUS_OK, "", "", "" },
	{ "ok done", STATUS_OK, "", "", "done" },
	{ "NO [ALERT] full", STATUS_NO, "ALERT", "", "full" },
	{ "BAD x", STATUS_BAD, "", "", "x" },
	{ "BYE", STATUS_BYE, "", "", "" },
	{ "PREAUTH hi", STATUS_PREAUTH, "", "", "hi" },
	{ "OK [APPENDUID 7 1:3] done", STATUS_OK, "APPENDUID", "7 1:3", "done" },
	{ "OK [PERMANENTFLAGS (\\Seen \\*)] x", STATUS_OK, "PERMANENTFLAGS", "(\\Seen \\*)", "x" },
	{ "OK [UIDNEXT 5]", STATUS_OK, "UIDNEXT", "5", "" },
	{ "OK []", STATUS_OK, "", "", "" },
	{ "OK [X] [Y] z", STATUS_OK, "X", "", "[Y] z" },
	{ "OK [X]z", STATUS_OK, "X", "", "z" },
	{ "OK [X y", STATUS_OK, "", "", "[X y" },
	{ "OK text [X]", STATUS_OK, "", "", "text [X]" },
	{ "NO [THIS-CODE-IS-LONGER-THAN-ANY-SERVER-HAS-ONE a] x", STATUS_NO, "", "a", "x" },
	{ "", -1, "", "", "" },
	{ "O", -1, "", "", "" },
	{ "OKAY x", -1, "", "", "" },
	{ "LIST x", -1, "", "", "" },
	{ " OK", -1, "", "", "" },
};

static void test_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		const struct status_row *row = &statuses[i];
		struct status s;
		char *text = exact(row->text, strlen(row->text));
		bool ok = parse_status(&s, text, strlen(row->text));
		if (ok != (row->word >= 0))
			fail_msg("%s: %s", row->text, ok ? "taken" : "not understood");
		if (ok) {
			assert_int_equal(s.word, row->word);
			assert_string_equal(s.code, row->code);
			assert_int_equal(s.args_len, strlen(row->args));
			assert_memory_equal(s.args_len ? s.args : "", row->args, s.args_len);
			assert_int_equal(s.text_len, strlen(row->said));
			assert_memory_equal(s.text_len ? s.text : "", row->said, s.text_len);
		}
		free(text);
	}
}

static void status_each(void *ctx, const char *text, size_t len)
{
	struct status s;
	(void)ctx;
	if (!parse_status(&s, text, len))
		return;
	assert_true(strlen(s.code) < sizeof s.code);
	assert_true(s.text >= text && s.text + s.text_len <= text + len);
	if (s.args_len)
		assert_true(s.args >= text && s.args + s.args_len <= text + len);
}

static void test_status_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		every_prefix(statuses[i].text, strlen(statuses[i].text), status_each, NULL);
		every_mutation(statuses[i].text, strlen(statuses[i].text), 2000, status_each, NULL);
	}
}

/* ---- APPENDUID ---- */

#define NOT_SAID { 0 }
static const struct appenduid_row {
	const char *args;
	size_t count;
	bool ok;
	uint32_t uids[4];	/* first 0: none are believed */
} appenduids[] = {
	{ "77 5", 1, true, { 5 } },
	{ "77 5:7", 3, true, { 5, 6, 7 } },
	{ "77 5,6,7", 3, true, { 5, 6, 7 } },
	{ "77 30,12", 2, true, { 30, 12 } }, /* in the order of the messages */
	{ "77 9:10,3,1", 4, true, { 9, 10, 3, 1 } },
	{ "77 4294967295", 1, true, { UINT32_MAX } },
	/* not as many as were sent: none is believed */
	{ "77 5", 2, true, NOT_SAID },
	{ "77 5:7", 2, true, NOT_SAID },
	{ "77 1:4294967295", 3, true, NOT_SAID },
	{ "77 5,", 1, true, { 5 } },
	{ "77 5,,6", 2, true, NOT_SAID },
	{ "77 0", 1, true, NOT_SAID },
	{ "77 *", 1, true, NOT_SAID },
	{ "77 5:*", 2, true, NOT_SAID },
	{ "77 x", 1, true, NOT_SAID },
	{ "77 4294967296", 1, true, NOT_SAID },
	{ "77 ", 1, true, NOT_SAID },
	{ "77 5 6", 1, true, NOT_SAID },
	/* not even the validity */
	{ "77", 1, false, NOT_SAID },
	{ "0 5", 1, false, NOT_SAID },
	{ "x 5", 1, false, NOT_SAID },
	{ "4294967296 5", 1, false, NOT_SAID },
	{ "", 1, false, NOT_SAID },
};

static void test_appenduid(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(appenduids); i++) {
		const struct appenduid_row *row = &appenduids[i];
		uint32_t validity = 0, *uids = NULL;
		char *args = exact(row->args, strlen(row->args));
		bool ok = parse_appenduid(&validity, &uids, row->count, args, strlen(row->args));
		if (ok != row->ok || (uids != NULL) != (row->uids[0] != 0))
			fail_msg("APPENDUID %s for %zu: %d, %s", row->args, row->count, ok, uids ? "believed" : "not believed");
		if (ok)
			assert_int_equal(validity, 77);
		if (uids)
			assert_memory_equal(uids, row->uids, row->count * sizeof *uids);
		free(uids);
		free(args);
	}
}

static void appenduid_each(void *ctx, const char *text, size_t len)
{
	uint32_t validity, *uids;
	(void)ctx;
	(void)parse_appenduid(&validity, &uids, 3, text, len);
	free(uids);
}

static void test_appenduid_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(appenduids); i++) {
		every_prefix(appenduids[i].args, strlen(appenduids[i].args), appenduid_each, NULL);
		every_mutation(appenduids[i].args, strlen(appenduids[i].args), 2000, appenduid_each, NULL);
	}
}

/* ---- PERMANENTFLAGS ---- */

static void test_permanent(void **state)
{
	(void)state;
	static const struct {
		const char *args;
		unsigned system;
		const char *keywords;
		bool any;
	} rows[] = {
		{ "(\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)", 31, NULL, true },
		{ "(\\Seen Work $Forwarded)", FLAG_SEEN, "$Forwarded Work", false },
		{ "()", 0, NULL, false },
		{ "", 0, NULL, false },
		{ "(\\*)", 0, NULL, true },
		{ "(\\*x)", 0, NULL, false },
		{ "(\\Seen", FLAG_SEEN, NULL, false },
		{ "\\Seen \\*", FLAG_SEEN, NULL, true },
		{ "((((\\*))))", 0, NULL, true },
		{ "(a) b (c", 0, "a b c", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct flags known = { 0 };
		bool any = !rows[i].any;
		char *args = exact(rows[i].args, strlen(rows[i].args));
		parse_permanent(&known, &any, args, strlen(rows[i].args));
		assert_int_equal(known.system, rows[i].system);
		if (rows[i].keywords)
			assert_string_equal(known.keywords, rows[i].keywords);
		else
			assert_null(known.keywords);
		assert_int_equal(any, rows[i].any);
		flags_free(&known);
		free(args);
	}
}

/* ---- SEARCH ---- */

static void check_set(const char *text, bool (*parse)(struct uid_set *, const char *, size_t), const char *want)
{
	struct uid_set set = { 0 };
	char *copy = exact(text, strlen(text));
	bool ok = parse(&set, copy, strlen(text));
	if (ok != (want != NULL))
		fail_msg("%s: %s", text, ok ? "taken" : "not understood");
	if (ok) {
		char *got = uid_set_text(&set);
		assert_string_equal(got, want);
		free(got);
	}
	uid_set_free(&set);
	free(copy);
}

static const struct set_row {
	const char *text, *want;	/* NULL: refused */
} searches[] = {
	{ "", "" }, { " ", "" }, { " 1", "1" }, { " 1 2 3 7", "1:3,7" }, { " 7 3 1 2", "1:3,7" }, { " 5 5 5", "5" }, { "  1  2 ", "1:2" },
	{ " 4294967295", "4294967295" }, { " 1 2 (MODSEQ 917162500)", "1:2" }, { " 4294967296", NULL }, { " x", NULL }, { " 1,2", NULL }, { " -1", NULL },
}, esearches[] = {
	{ " (TAG \"T5\") UID ALL 1:3,7", "1:3,7" }, { " (TAG \"T5\") UID", "" }, { " (TAG \"T5\")", "" }, { "", "" }, { " UID ALL 5", "5" },
	{ " (TAG \"T5\") UID MIN 2 ALL 2:4 COUNT 3", "2:4" }, { " (TAG \"T5\") UID COUNT 3", "" }, { " (tag \"T5\") uid all 9", "9" },
	{ " (TAG \"T5\") UID ALL x", NULL }, { " (TAG \"T5\") UID ALL 1:*", NULL }, { " (TAG \"T5\") UID ALL 0", NULL }, { " (TAG \"T5\") UID OVERALL 9", "" },
};

static void test_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(searches); i++)
		check_set(searches[i].text, parse_search, searches[i].want);
	for (size_t i = 0; i < COUNT(esearches); i++)
		check_set(esearches[i].text, parse_esearch, esearches[i].want);
}

static void search_each(void *ctx, const char *text, size_t len)
{
	struct uid_set set = { 0 };
	(void)ctx;
	(void)parse_search(&set, text, len);
	(void)parse_esearch(&set, text, len);
	uid_set_free(&set);
}

static void test_search_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(esearches); i++) {
		every_prefix(esearches[i].text, strlen(esearches[i].text), search_each, NULL);
		every_mutation(esearches[i].text, strlen(esearches[i].text), 1000, search_each, NULL);
	}
}

/* A server may name a million in any order: neither of these may take longer than it takes to read them. */
static void test_search_backwards(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct uid_set set = { 0 };
	int64_t began = clock_ms();
	for (uint32_t uid = 600000; uid > 0; uid -= 2)
		buf_addf(&text, " %u %u", uid, 700000 - uid);
	assert_true(parse_search(&set, text.data, text.len));
	assert_int_equal(uid_set_size(&set), 350000 - 1);
	assert_in_range(clock_ms() - began, 0, 20000);
	uid_set_free(&set);
	buf_free(&text);
}

/* Of a list without end so many are known, and what stands at its end counts. */
static void test_permanent_many(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct flags known = { 0 };
	bool any = false;
	for (unsigned i = 0; i < KEYWORDS_MAX + 50; i++)
		buf_addf(&text, "k%05u ", i);
	buf_adds(&text, "\\*)");
	parse_permanent(&known, &any, text.data, text.len);
	assert_true(any);
	assert_int_equal(strlen(known.keywords), 7 * KEYWORDS_MAX - 1);
	flags_free(&known);
	buf_free(&text);
}

static void test_namespace_many(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct namespaces n;
	buf_adds(&text, "NIL (");
	for (unsigned i = 0; i <= NAMESPACES_MAX; i++)
		buf_addf(&text, "(\"%u\" \"/\")", i);
	buf_adds(&text, ") NIL");
	assert_false(parse_namespace(&n, text.data, text.len));
	assert_int_equal(n.others_count, NAMESPACES_MAX);
	namespaces_free(&n);
	buf_free(&text);
}

/* ---- NAMESPACE ---- */

static const struct space_row {
	const char *text;
	bool ok;
	const char *own;
	char separator;
	size_t others, shared;
	const char *first_other;
} spaces[] = {
	{ "((\"\" \"/\")) NIL NIL", true, "", '/', 0, 0, NULL },
	{ "((\"INBOX.\" \".\")) NIL NIL", true, "INBOX.", '.', 0, 0, NULL },
	{ "nil nil nil", true, NULL, 0, 0, 0, NULL },
	{ "((\"\" NIL)) NIL NIL", true, "", 0, 0, 0, NULL },
	{ "((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL", true, "", '/', 0, 0, NULL },
	{ "((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\")(\"#public/\" \"/\")(\"#ftp/\" \"/\"))", true, "", '/', 1, 3, "~" },
	{ "((\"\" \"/\")) ((\"Other \\\"Users\\\"/\" \"/\" \"TRANSLATION\" (\"Andere\"))) NIL", true, "", '/', 1, 0, "Other \"Users\"/" },
	{ "(({6}\r\nINBOX. \".\")) NIL NIL", true, "INBOX.", '.', 0, 0, NULL },
	{ "() () ()", true, NULL, 0, 0, 0, NULL },
	/* broken ones */
	{ "", false, NULL, 0, 0, 0, NULL },
	{ "NIL", false, NULL, 0, 0, 0, NULL },
	{ "NIL NIL", false, NULL, 0, 0, 0, NULL },
	{ "((\"\")) NIL NIL", false, NULL, 0, 0, 0, NULL },
	{ "((\"\" \"/\") NIL NIL", false, NULL, 0, 0, 0, NULL },
	{ "(((\"\" \"/\"))) NIL NIL", false, NULL, 0, 0, 0, NULL },
	{ "\"\" NIL NIL", false, NULL, 0, 0, 0, NULL },
};

static void test_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spaces); i++) {
		const struct space_row *row = &spaces[i];
		struct namespaces n;
		char *text = exact(row->text, strlen(row->text));
		bool ok = parse_namespace(&n, text, strlen(row->text));
		if (ok != row->ok)
			fail_msg("%s: %s", row->text, ok ? "taken" : "not understood");
		if (ok) {
			assert_int_equal(n.own != NULL, row->own != NULL);
			if (row->own)
				assert_string_equal(n.own, row->own);
			assert_int_equal(n.separator, row->separator);
			assert_int_equal(n.others_count, row->others);
			assert_int_equal(n.shared_count, row->shared);
			if (row->first_other)
				assert_string_equal(n.others[0], row->first_other);
		}
		namespaces_free(&n);
		free(text);
	}
}

static void space_each(void *ctx, const char *text, size_t len)
{
	struct namespaces n;
	(void)ctx;
	(void)parse_namespace(&n, text, len);
	namespaces_free(&n);
}

static void test_namespace_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spaces); i++) {
		every_prefix(spaces[i].text, strlen(spaces[i].text), space_each, NULL);
		every_mutation(spaces[i].text, strlen(spaces[i].text), 2000, space_each, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_broken),
		cmocka_unit_test(test_appenduid),
		cmocka_unit_test(test_appenduid_broken),
		cmocka_unit_test(test_permanent),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_search_broken),
		cmocka_unit_test(test_search_backwards),
		cmocka_unit_test(test_permanent_many),
		cmocka_unit_test(test_namespace_many),
		cmocka_unit_test(test_namespace),
		cmocka_unit_test(test_namespace_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
