/* Folders: names between servers with other prefixes and separators, and finding them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/folder.h"

struct place {
	const char *prefix;
	char separator;
};

static struct folder_list at(struct place p)
{
	return (struct folder_list){ .prefix = p.prefix ? x_strdup(p.prefix) : NULL, .separator = p.separator };
}

static char *translate(const char *wire, struct place from, struct place to)
{
	CLEANUP(folder_list_free) struct folder_list a = at(from);
	CLEANUP(folder_list_free) struct folder_list b = at(to);

	return folder_translate(wire, &a, &b);
}

static const struct place slash = { "", '/' }, dot = { "", '.' }, courier = { "INBOX.", '.' }, cyrus = { "INBOX/", '/' },
			  mail = { "Mail/", '/' }, none = { NULL, 0 }, dash = { "", '-' }, comma = { "", ',' };

static void test_translate(void **state)
{
	(void)state;
	static const struct {
		const struct place *from, *to;
		const char *wire, *want;
	} rows[] = {
		/* the prefix goes, the separator changes */
		{ &courier, &slash, "INBOX", "INBOX" },
		{ &courier, &slash, "inbox", "INBOX" },
		{ &courier, &slash, "INBOX.Posta inviata", "Posta inviata" },
		{ &courier, &slash, "Inbox.Posta inviata", "Posta inviata" },
		{ &courier, &slash, "INBOX.Clienti.Perch&AOk-", "Clienti/Perch&AOk-" },
		{ &courier, &slash, "INBOX.a/b", "a-b" },
		{ &courier, &slash, "Other.x", "Other/x" },
		{ &courier, &slash, "INBOXES.x", "INBOXES/x" },
		{ &courier, &slash, "INBOX.sub", "sub" },
		{ &courier, &dot, "INBOX.a.b", "a.b" },
		{ &courier, &cyrus, "INBOX.a.b", "INBOX/a/b" },
		{ &courier, &courier, "INBOX.a.b", "INBOX.a.b" },
		{ &courier, &courier, "INBOX.INBOX.sub", "INBOX.INBOX.sub" },
		{ &courier, &mail, "INBOX.a", "Mail/a" },
		{ &courier, &mail, "INBOX", "INBOX" },
		{ &courier, &slash, "INBOX.", "INBOX" },
		/* the prefix comes */
		{ &slash, &courier, "INBOX", "INBOX" },
		{ &slash, &courier, "a/b.c", "INBOX.a.b-c" },
		{ &slash, &courier, "INBOX/sub", "INBOX.sub" },
		{ &slash, &courier, "Inbox/sub/sub", "INBOX.sub.sub" },
		{ &slash, &courier, "Archivio/INBOX", "INBOX.Archivio.INBOX" },
		{ &slash, &mail, "INBOX/sub", "INBOX/sub" },
		{ &slash, &mail, "a/b", "Mail/a/b" },
		{ &mail, &slash, "Mail/a/b", "a/b" },
		{ &mail, &slash, "Mail", "Mail" },
		{ &mail, &slash, "Mail/", "Mail" },
		{ &mail, &slash, "mail/a", "mail/a" },
		{ &mail, &courier, "INBOX/a", "INBOX.a" },
		/* no prefix on either side */
		{ &slash, &dot, "INBOX/sub", "INBOX.sub" },
		{ &slash, &dot, "a/b.c", "a.b-c" },
		{ &dot, &slash, "a.b/c", "a/b-c" },
		{ &slash, &slash, "a/b.c/d", "a/b.c/d" },
		{ &slash, &dot, "a//b", "a..b" },
		{ &slash, &dot, "a/", "a" },
		{ &slash, &dot, "/", "." },
		/* modified UTF-7: nothing within a run is a separator */
		{ &slash, &dot, "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter.mail.&U,BTFw-.&ZeVnLIqe-" },
		{ &slash, &dash, "Perch&AOk-/a-b/R&-D", "Perch&AOk--a_b-R&-D" },
		{ &dash, &slash, "Perch&AOk--R&-D", "Perch&AOk-/R&-D" },
		{ &comma, &slash, "&U,BTFw-,x", "&U,BTFw-/x" },
		{ &slash, &comma, "&U,BTFw-/x,y", "&U,BTFw-,x-y" },
		{ &slash, &dot, "a&b/c.d", "a&b.c-d" },
		/* flat mailboxes */
		{ &slash, &none, "a/b", "a-b" },
		{ &slash, &none, "INBOX", "INBOX" },
		{ &slash, &none, "INBOX/sub", "INBOX-sub" },
		{ &none, &slash, "a/b", "a-b" },
		{ &none, &courier, "a.b/c", "INBOX.a-b/c" },
		{ &none, &none, "a/b.c", "a/b.c" },
		{ &none, &courier, "inbox", "INBOX" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *got = translate(rows[i].wire, *rows[i].from, *rows[i].to);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: %s gave %s, not %s", i, rows[i].wire, got, rows[i].want);
	}
}

/* A name between servers and back is the same name, wherever no separator had to be replaced. */
static void test_there_and_back(void **state)
{
	(void)state;
	static const struct place *const places[] = { &slash, &dot, &courier, &cyrus };
	static const char *const names[] = { "INBOX", "Posta inviata", "Clienti/Perch&AOk-/2024", "R&-D", "Inviata-2" };

	for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			CLEANUP(x_free) char *there = translate(names[i], slash, *places[p]);
			CLEANUP(x_free) char *back = translate(there, *places[p], slash);

			assert_string_equal(back, names[i]);
		}
	}
}

static void add(struct folder_list *list, const char *wire)
{
	list->folder = x_room(list->folder, list->count, &list->cap, sizeof *list->folder);
	list->folder[list->count++] = (struct folder){ .wire = x_strdup(wire), .name = x_strdup(wire) };
}

static void test_find(void **state)
{
	(void)state;
	CLEANUP(folder_list_free) struct folder_list list = { 0 };
	static const char *const wires[] = { "Posta", "posta", "Inbox", "INBOX.Sent" };
	static const struct {
		const char *wire;
		int want;
	} rows[] = { { "Posta", 0 }, { "posta", 1 },	  { "POSTA", -1 }, { "INBOX", 2 },	{ "inbox", 2 },
		     { "Inbox", 2 }, { "INBOX.Sent", 3 }, { "INBOXES", -1 }, { "inbox.sent", -1 }, { "", -1 } };

	assert_null(folder_find(&list, "INBOX"));
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
		add(&list, wires[i]);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct folder *found = folder_find(&list, rows[i].wire);

		assert_ptr_equal(found, rows[i].want < 0 ? NULL : &list.folder[rows[i].want]);
	}
	folder_list_free(&list);
	assert_null(list.folder);
	assert_int_equal(list.count, 0);
}

static void test_roles(void **state)
{
	(void)state;
	static const char *const want[] = { "", "inbox", "sent", "drafts", "trash", "junk", "archive", "all", "flagged", "important" };

	for (unsigned role = ROLE_NONE; role <= ROLE_IMPORTANT; role++)
		assert_string_equal(folder_role_name((enum folder_role)role), want[role]);
	assert_string_equal(folder_role_name((enum folder_role)77), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translate),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
