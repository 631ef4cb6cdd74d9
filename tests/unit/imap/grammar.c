/* The gate to libetpan's grammar: what passes is told right, what would crash or hang it never gets there. */
#include "tests/unit/imap/help.h"

#include "core/base/buf.h"
#include "providers/imap/grammar.h"

static const struct list_row {
	const char *text;
	const char *wire;	/* NULL: refused */
	const char *name;
	char separator;
	bool selectable, subscribed;
	enum folder_role role;
} lists[] = {
	{ "LIST (\\HasNoChildren) \"/\" INBOX", "INBOX", "INBOX", '/', true, false, ROLE_INBOX },
	{ "LIST () \".\" inbox", "inbox", "inbox", '.', true, false, ROLE_INBOX },
	{ "LIST () \"/\" \"Posta inviata\"", "Posta inviata", "Posta inviata", '/', true, false, ROLE_NONE },
	{ "LIST () \"/\" {5}\r\na\"b c", "a\"b c", "a\"b c", '/', true, false, ROLE_NONE },
	{ "LIST () \"/\" \"a\\\"b\\\\c\"", "a\"b\\c", "a\"b\\c", '/', true, false, ROLE_NONE },
	{ "LIST () NIL flat", "flat", "flat", 0, true, false, ROLE_NONE },
	{ "LIST () \"\\\\\" x", "x", "x", '\\', true, false, ROLE_NONE },
	{ "LIST () \"/\" \"&AOk-t&AOk-\"", "&AOk-t&AOk-", "\xC3\xA9t\xC3\xA9", '/', true, false, ROLE_NONE },
	{ "LIST () \"/\" \"&bad\"", "&bad", "&bad", '/', true, false, ROLE_NONE },
	{ "LIST () \"/\" \"\"", "", "", '/', true, false, ROLE_NONE },
	{ "LSUB () \".\" \"INBOX.a\"", "INBOX.a", "INBOX.a", '.', true, false, ROLE_NONE },
	{ "list (\\noselect) \"/\" x", "x", "x", '/', false, false, ROLE_NONE },
	{ "LIST (\\Noselect \\HasChildren) \"/\" x", "x", "x", '/', false, false, ROLE_NONE },
	{ "LIST (\\HasChildren \\Noselect) \"/\" x", "x", "x", '/', false, false, ROLE_NONE },
	{ "LIST (\\NonExistent) \"/\" x", "x", "x", '/', false, false, ROLE_NONE },
	{ "LIST (\\Subscribed \\HasNoChildren) \"/\" x", "x", "x", '/', true, true, ROLE_NONE },
	{ "LIST (\\HasNoChildren \\Sent) \"/\" x", "x", "x", '/', true, false, ROLE_SENT },
	{ "LIST (\\Drafts) \"/\" x", "x", "x", '/', true, false, ROLE_DRAFTS },
	{ "LIST (\\Trash \\Marked) \"/\" x", "x", "x", '/', true, false, ROLE_TRASH },
	{ "LIST (\\UnMarked \\JUNK) \"/\" x", "x", "x", '/', true, false, ROLE_JUNK },
	{ "LIST (\\Archive) \"/\" x", "x", "x", '/', true, false, ROLE_ARCHIVE },
	{ "LIST (\\All) \"/\" x", "x", "x", '/', true, false, ROLE_ALL },
	{ "LIST (\\Flagged) \"/\" x", "x", "x", '/', true, false, ROLE_FLAGGED },
	/* extended data behind (RFC 5258) */
	{ "LIST (\\Subscribed) \"/\" x (\"CHILDINFO\" (\"SUBSCRIBED\"))", "x", "x", '/', true, true, ROLE_NONE },
	{ "LIST () \"/\" x (OLDNAME (\"y\"))", "x", "x", '/', true, false, ROLE_NONE },
	{ "LIST () \"/\" x garbage ((((((((((((((((", "x", "x", '/', true, false, ROLE_NONE },
	/* refused */
	{ "LIST", NULL, NULL, 0, false, false, 0 },
	{ "LIST ()", NULL, NULL, 0, false, false, 0 },
	{ "LIST () \"/\"", NULL, NULL, 0, false, false, 0 },
	{ "LIST \"/\" x", NULL, NULL, 0, false, false, 0 },
	{ "LISTEN () \"/\" x", NULL, NULL, 0, false, false, 0 },
	{ "LIST ( \"/\" x", NULL, NULL, 0, false, false, 0 },
	{ "LIST () \"//\" x", NULL, NULL, 0, false, false, 0 },
	{ "LIST () \"/\" \"x", NULL, NULL, 0, false, false, 0 },
	{ "LIST () \"/\" {9}\r\nx", NULL, NULL, 0, false, false, 0 },
	{ "LIST () \"/\" {99999999999}\r\nx", NULL, NULL, 0, false, false, 0 },
	{ "LIST ((((((((((((((((x)))))))))))))))) \"/\" x", NULL, NULL, 0, false, false, 0 },
	{ "STATUS x (MESSAGES 1)", NULL, NULL, 0, false, false, 0 },
};

static void check_list(struct grammar *g, const struct list_row *row)
{
	struct folder f = { 0 };
	size_t len = strlen(row->text);
	char *text = exact(row->text, len);
	bool ok = grammar_list(g, &f, text, len);
	if (ok != (row->wire != NULL))
		fail_msg("%s: %s", row->text, ok ? "taken" : "not understood");
	if (ok) {
		assert_string_equal(f.wire, row->wire);
		assert_string_equal(f.name, row->name);
		assert_int_equal(f.separator, row->separator);
		assert_int_equal(f.selectable, row->selectable);
		assert_int_equal(f.subscribed, row->subscribed);
		assert_int_equal(f.role, row->role);
		folder_free(&f);
	}
	free(text);
}

/* Each is understood right behind any other: one that was refused leaves nothing behind. */
static void test_list(void **state)
{
	(void)state;
	CLEANUP(grammar_free) struct grammar *g = grammar_new();
	for (size_t i = 0; i < COUNT(lists); i++) {
		for (size_t k = 0; k < COUNT(lists); k += 5)
			check_list(g, &lists[k]);
		check_list(g, &lists[i]);
	}
}

static const struct status_row {
	const char *text, *wire;
	struct box box;
} statuses[] = {
	{ "STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77)", "INBOX", { .exists = 4, .next = 9, .validity = 77 } },
	{ "status \"Posta inviata\" (UIDVALIDITY 77 MESSAGES 4)", "Posta inviata", { .exists = 4, .validity = 77 } },
	{ "STATUS \"a\\\"b\" (MESSAGES 1)", "a\"b", { .exists = 1 } },
	{ "STATUS {3}\r\na b (MESSAGES 1 UIDVALIDITY 4294967295)", "a b", { .exists = 1, .validity = UINT32_MAX } },
	{ "STATUS x (UNSEEN 3 RECENT 1 UIDNEXT 5)", "x", { .next = 5 } },
	{ "STATUS NIL (MESSAGES 2)", "NIL", { .exists = 2 } },
	{ "STATUS x (MESSAGES 1 MAILBOXID (F1-a_b) UIDNEXT 5)", "x", { .exists = 1, .next = 5, .id = 1 } },
	{ "STATUS x (mailboxid (F1-a_b) MESSAGES 1)", "x", { .exists = 1, .id = 1 } },
	{ "STATUS \"MAILBOXID (x)\" (MESSAGES 1 MAILBOXID (F2))", "MAILBOXID (x)", { .exists = 1, .id = 2 } },
	{ "STATUS \"MAILBOXID (x)\" (MESSAGES 1)", "MAILBOXID (x)", { .exists = 1 } },
	{ "STATUS x (MESSAGES 1 MAILBOXID F1)", NULL, { 0 } },
	{ "STATUS x", NULL, { 0 } },
	{ "STATUS x (MESSAGES)", NULL, { 0 } },
	{ "STATUS x (MESSAGES x)", NULL, { 0 } },
	{ "STATUS x (MESSAGES 1", NULL, { 0 } },
	{ "STATUS x ((((((((((MESSAGES 1))))))))))", NULL, { 0 } },
	{ "STATUS {99999999999}\r\nx (MESSAGES 1)", NULL, { 0 } },
};

static void test_status(void **state)
{
	(void)state;
	CLEANUP(grammar_free) struct grammar *g = grammar_new();
	uint64_t ids[3] = { 0 };
	for (size_t i = 0; i < COUNT(statuses); i++) {
		const struct status_row *row = &statuses[i];
		char *wire = NULL, *text = exact(row->text, strlen(row->text));
		struct box box;
		bool ok = grammar_status(&wire, &box, text, strlen(row->text));
		if (ok != (row->wire != NULL))
			fail_msg("%s: %s", row->text, ok ? "taken" : "not understood");
		if (ok) {
			assert_string_equal(wire, row->wire);
			assert_true(box.known);
			assert_int_equal(box.exists, row->box.exists);
			assert_int_equal(box.next, row->box.next);
			assert_int_equal(box.validity, row->box.validity);
			assert_int_equal(box.id > 0, row->box.id > 0);
			ids[row->box.id] = ids[row->box.id] ? ids[row->box.id] : box.id;
			assert_true(ids[row->box.id] == box.id); /* the same again */
		}
		free(wire);
		free(text);
	}
	assert_true(ids[1] != ids[2]);
}

static void grammar_each(void *ctx, const char *text, size_t len)
{
	struct folder f;
	struct box box;
	char *wire = NULL;
	if (grammar_list(ctx, &f, text, len))
		folder_free(&f);
	if (len >= 7 && memcmp(text, "STATUS ", 7) == 0) /* as the caller does */
		(void)grammar_status(&wire, &box, text, len);
	free(wire);
}

static void test_broken(void **state)
{
	(void)state;
	CLEANUP(grammar_free) struct grammar *g = grammar_new();
	for (size_t i = 0; i < COUNT(lists); i++) {
		every_prefix(lists[i].text, strlen(lists[i].text), grammar_each, g);
		every_mutation(lists[i].text, strlen(lists[i].text), 500, grammar_each, g);
	}
	for (size_t i = 0; i < COUNT(statuses); i++) {
		every_prefix(statuses[i].text, strlen(statuses[i].text), grammar_each, g);
		every_mutation(statuses[i].text, strlen(statuses[i].text), 500, grammar_each, g);
	}
	check_list(g, &lists[0]);
}

/* A literal of more than nine digits makes the library ask for ever, whatever number they are. */
static void test_long_digits(void **state)
{
	(void)state;
	CLEANUP(grammar_free) struct grammar *g = grammar_new();
	static const char text[] = "LIST () \"/\" {00000000001}\r\nx";
	struct folder f;
	assert_false(grammar_list(g, &f, text, sizeof text - 1));
	check_list(g, &lists[0]);
}

static void test_sizes(void **state)
{
	(void)state;
	CLEANUP(grammar_free) struct grammar *g = grammar_new();
	static const struct {
		size_t name;
		bool ok;
	} rows[] = { { 1000, true }, { 60000, true }, { 80000, false } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = { 0 };
		struct folder f;
		buf_addf(&text, "LIST () \"/\" {%zu}\r\n", rows[i].name);
		for (size_t k = 0; k < rows[i].name; k++)
			buf_addc(&text, 'x');
		bool ok = grammar_list(g, &f, text.data, text.len);
		assert_int_equal(ok, rows[i].ok);
		if (ok) {
			assert_int_equal(strlen(f.wire), rows[i].name);
			folder_free(&f);
		}
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_long_digits),
		cmocka_unit_test(test_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
