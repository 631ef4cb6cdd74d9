/* Which source folder becomes which target folder: two listings and a job in, names out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/flow/mapping.h"

/* A server: its prefix and separator, and folders as "wire", with `\role` behind a blank-free "|", "|empty", "|shared", "|only-parent", "|unsubscribed". */
struct server {
	const char *prefix;
	char separator;
	const char *folders[12];
};

struct expected {
	const char *source, *target, *why;	/* wire names; target NULL: not moved */
};

struct row {
	const char *name;
	struct job_folders job;
	struct server source, target;
	struct expected want[12];
	const char *notes;	/* "severity code source\n" of each */
	struct folder_known known[4];
	bool verify;
};

static enum folder_role role_of(const char *level)
{
	static const struct {
		const char *name;
		enum folder_role role;
	} names[] = { { "Sent", ROLE_SENT }, { "Posta inviata", ROLE_SENT }, { "Inviata", ROLE_SENT }, { "Cestino", ROLE_TRASH }, { "Spam", ROLE_JUNK } };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, level) == 0)
			return names[i].role;
	return ROLE_NONE;
}

static void mark(struct folder *f, const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum folder_role role;
	} roles[] = { { "\\sent", ROLE_SENT }, { "\\trash", ROLE_TRASH }, { "\\all", ROLE_ALL } };
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strlen(roles[i].word) == len && strncmp(roles[i].word, word, len) == 0)
			f->role = roles[i].role;
	if (strncmp(word, "empty", len) == 0)
		f->box.exists = 0;
	if (strncmp(word, "shared", len) == 0)
		f->space = SPACE_SHARED;
	if (strncmp(word, "only-parent", len) == 0)
		f->selectable = false;
}

static struct folder_list list_of(const struct server *s)
{
	struct folder_list list = { .prefix = x_strdup(s->prefix ? s->prefix : ""), .separator = s->separator };
	list.folder = x_calloc(13, sizeof *list.folder);
	for (; list.count < 12 && s->folders[list.count]; list.count++) {
		struct folder *f = &list.folder[list.count];
		const char *text = s->folders[list.count];
		size_t len = strcspn(text, "|");
		*f = (struct folder){ .wire = x_strndup(text, len), .separator = s->separator, .selectable = true, .box = { .validity = 1, .next = 11, .exists = 10, .known = true } };
		f->name = text_from_utf7(f->wire);
		if (!f->name)
			f->name = x_strdup(f->wire);
		if (strcmp(f->wire, "INBOX") == 0)
			f->role = ROLE_INBOX;
		for (text += len; *text == '|'; text += len + 1)
			mark(f, text + 1, len = strcspn(text + 1, "|"));
	}
	return list;
}

static const struct mapped *find(const struct mapping *m, const char *wire)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->row[i].source->wire, wire) == 0)
			return &m->row[i];
	fail_msg("%s is not in the mapping", wire);
	return NULL;
}

static void check_rows(const struct row *r, const struct mapping *m)
{
	for (const struct expected *w = r->want; w->source; w++) {
		const struct mapped *is = find(m, w->source);
		if (strcmp(is->why, w->why) != 0 || is->moved != (w->target != NULL) || (w->target && strcmp(is->wire, w->target) != 0))
			fail_msg("%s: %s became %s (%s), not %s (%s)", r->name, w->source, is->wire ? is->wire : "nothing", is->why, w->target ? w->target : "nothing", w->why);
	}
}

static void check_notes(const struct row *r, const struct mapping *m)
{
	struct buf is = { 0 };
	buf_adds(&is, "");
	bool refused = false;
	for (size_t i = 0; i < m->notes; i++) {
		const struct mapping_note *n = &m->note[i];
		buf_addf(&is, "%s %s %s\n", n->severity, n->code, m->row[n->row].source->wire);
		refused = refused || strcmp(n->severity, "error") == 0;
		assert_true(strlen(n->text) > 20);
	}
	if (strcmp(is.data, r->notes ? r->notes : "") != 0)
		fail_msg("%s: notes are\n%s", r->name, is.data);
	assert_int_equal(m->refused, refused);
	buf_free(&is);
}

static void check(const struct row *r)
{
	CLEANUP(folder_list_free) struct folder_list source = list_of(&r->source);
	CLEANUP(folder_list_free) struct folder_list target = list_of(&r->target);
	struct mapping_task task = { .job = &r->job, .source = &source, .target = &target, .role_of = role_of, .known = r->known, .as_known = r->verify };
	struct mapping mapping;
	while (task.knowns < 4 && r->known[task.knowns].source_wire)
		task.knowns++;
	mapping_make(&mapping, &task);
	check_rows(r, &mapping);
	check_notes(r, &mapping);
	mapping_free(&mapping);
}

static void check_all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i]);
}
#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

#define LIST(...) (char *[]){ __VA_ARGS__, NULL }
#define MAP(...) .map = (struct job_map[]){ __VA_ARGS__ }, .maps = sizeof((struct job_map[]){ __VA_ARGS__ }) / sizeof(struct job_map)
#define ROLES .special_use = true
#define COURIER(...) { "INBOX.", '.', { __VA_ARGS__ } }
#define SLASH(...) { "", '/', { __VA_ARGS__ } }

static void test_same(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "names", { 0 }, COURIER("INBOX", "INBOX.a.b", "INBOX.Posta inviata", "INBOX.x|only-parent", "INBOX.x.y", "Shared.z|shared"), SLASH("INBOX"),
			{ { "INBOX", "INBOX", "same" }, { "INBOX.a.b", "a/b", "same" }, { "INBOX.Posta inviata", "Posta inviata", "same" }, { "INBOX.x.y", "x/y", "same" },
				{ "Shared.z", NULL, "shared" } }, NULL, { { 0 } }, false },
		{ "inbox is inbox", { ROLES }, SLASH("inbox", "INBOX/sub"), COURIER("INBOX"), { { "inbox", "INBOX", "same" }, { "INBOX/sub", "INBOX.sub", "same" } }, NULL, { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_filters(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "exclude", { .exclude = LIST("Spam", "Clienti/*/Vecchi") }, COURIER("INBOX", "INBOX.Spam", "INBOX.Spam.2020", "INBOX.Clienti", "INBOX.Clienti.A.Vecchi", "INBOX.Clienti.A"), SLASH("INBOX"),
			{ { "INBOX", "INBOX", "same" }, { "INBOX.Spam", NULL, "excluded" }, { "INBOX.Spam.2020", NULL, "excluded" }, { "INBOX.Clienti", "Clienti", "same" },
				{ "INBOX.Clienti.A.Vecchi", NULL, "excluded" }, { "INBOX.Clienti.A", "Clienti/A", "same" } }, NULL, { { 0 } }, false },
		{ "include", { .include = LIST("Clienti"), .exclude = LIST("Clienti/B") }, COURIER("INBOX", "INBOX.Clienti", "INBOX.Clienti.A", "INBOX.Clienti.B"), SLASH("INBOX"),
			{ { "INBOX", NULL, "excluded" }, { "INBOX.Clienti", "Clienti", "same" }, { "INBOX.Clienti.A", "Clienti/A", "same" }, { "INBOX.Clienti.B", NULL, "excluded" } }, NULL, { { 0 } }, false },
		{ "excluded before mapped, and takes no place", { .exclude = LIST("a"), MAP({ "a", "b" }) }, SLASH("a", "b"), SLASH("INBOX"), { { "a", NULL, "excluded" }, { "b", "b", "same" } }, NULL, { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_map(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "one", { MAP({ "Posta inviata", "Sent" }), ROLES }, COURIER("INBOX", "INBOX.Posta inviata", "INBOX.Sent.x"), SLASH("INBOX", "Inviata|\\sent"),
			{ { "INBOX.Posta inviata", "Sent", "map" }, { "INBOX.Sent.x", "Sent/x", "same" } }, NULL, { { 0 } }, false },
		{ "what lies below follows, the nearest counts", { MAP({ "Clienti", "Ditta/Kunden" }, { "Clienti/B", "B" }) }, SLASH("Clienti", "Clienti/A/1", "Clienti/B", "Clienti/B/2", "Clienti2"), COURIER("INBOX"),
			{ { "Clienti", "INBOX.Ditta.Kunden", "map" }, { "Clienti/A/1", "INBOX.Ditta.Kunden.A.1", "map" }, { "Clienti/B", "INBOX.B", "map" }, { "Clienti/B/2", "INBOX.B.2", "map" },
				{ "Clienti2", "INBOX.Clienti2", "same" } }, NULL, { { 0 } }, false },
		{ "the inbox, alone", { MAP({ "inbox", "Archivio" }) }, SLASH("INBOX", "INBOX/sub"), SLASH("INBOX"), { { "INBOX", "Archivio", "map" }, { "INBOX/sub", "INBOX/sub", "same" } }, NULL, { { 0 } }, false },
		{ "into the inbox", { MAP({ "Vecchia", "INBOX" }) }, SLASH("Vecchia", "Altra"), COURIER("INBOX"), { { "Vecchia", "INBOX", "map" }, { "Altra", "INBOX.Altra", "same" } }, NULL, { { 0 } }, false },
		{ "decoded", { MAP({ "Perch\xC3\xA9", "Citt\xC3\xA0/Forl\xC3\xAC" }) }, COURIER("INBOX.Perch&AOk-"), SLASH("INBOX"), { { "INBOX.Perch&AOk-", "Citt&AOA-/Forl&AOw-", "map" } }, NULL, { { 0 } }, false },
		{ "a name that can't be", { MAP({ "a", "b*/.." }) }, SLASH("a"), SLASH("INBOX"), { { "a", "b-/--", "map" } }, "warning name-changed a\n", { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_under(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "all of it", { .under = "Libero/2024", MAP({ "a", "b" }), ROLES }, COURIER("INBOX", "INBOX.Sent|\\sent", "INBOX.a", "INBOX.a.c"), SLASH("INBOX", "Sent|\\sent"),
			{ { "INBOX", "Libero/2024/INBOX", "same" }, { "INBOX.Sent", "Libero/2024/Sent", "same" }, { "INBOX.a", "Libero/2024/b", "map" }, { "INBOX.a.c", "Libero/2024/b/c", "map" } }, NULL, { { 0 } }, false },
		{ "prefix", { .under = "Libero" }, SLASH("INBOX", "INBOX/sub", "x.y"), COURIER("INBOX"),
			{ { "INBOX", "INBOX.Libero.INBOX", "same" }, { "INBOX/sub", "INBOX.Libero.INBOX.sub", "same" }, { "x.y", "INBOX.Libero.x-y", "same" } }, "warning name-changed x.y\n", { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_roles(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "attribute to attribute", { ROLES }, COURIER("INBOX.Alt|\\sent"), SLASH("Gesendet|\\sent", "Sent"), { { "INBOX.Alt", "Gesendet", "special-use" } }, NULL, { { 0 } }, false },
		{ "attribute on a deeper level", { ROLES }, SLASH("[Gmail]/Sent Mail|\\sent"), SLASH("Sent"), { { "[Gmail]/Sent Mail", "Sent", "special-use" } }, NULL, { { 0 } }, false },
		{ "name to attribute", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Sent Items|\\sent", "Posta inviata"), { { "INBOX.Posta inviata", "Sent Items", "name" } }, NULL, { { 0 } }, false },
		{ "name to name", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Sent"), { { "INBOX.Posta inviata", "Sent", "name" } }, NULL, { { 0 } }, false },
		{ "its own name first", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Inviata", "Posta inviata", "Sent"), { { "INBOX.Posta inviata", "Posta inviata", "same" } }, NULL, { { 0 } }, false },
		{ "nobody has it", { ROLES }, COURIER("INBOX.Alt|\\sent", "INBOX.Cestino"), SLASH("INBOX"), { { "INBOX.Alt", "Alt", "same" }, { "INBOX.Cestino", "Cestino", "same" } }, NULL, { { 0 } }, false },
		{ "not below the first level", { ROLES }, COURIER("INBOX.a.Posta inviata"), SLASH("Sent"), { { "INBOX.a.Posta inviata", "a/Posta inviata", "same" } }, NULL, { { 0 } }, false },
		{ "the attribute has it", { ROLES }, COURIER("INBOX.Inviata", "INBOX.Uscite|\\sent"), SLASH("Sent|\\sent"), { { "INBOX.Inviata", "Inviata", "same" }, { "INBOX.Uscite", "Sent", "special-use" } }, NULL, { { 0 } }, false },
		{ "among names the first", { ROLES }, COURIER("INBOX.Posta inviata", "INBOX.Inviata"), SLASH("Sent|\\sent"), { { "INBOX.Inviata", "Sent", "name" }, { "INBOX.Posta inviata", "Posta inviata", "same" } }, NULL, { { 0 } }, false },
		{ "no roles", { 0 }, COURIER("INBOX.Alt|\\sent", "INBOX.Posta inviata"), SLASH("Sent|\\sent"), { { "INBOX.Alt", "Alt", "same" }, { "INBOX.Posta inviata", "Posta inviata", "same" } }, NULL, { { 0 } }, false },
		{ "all mail keeps its name", { ROLES }, SLASH("All|\\all"), SLASH("Tutto|\\all"), { { "All", "All", "same" } }, NULL, { { 0 } }, false },
		{ "a shared folder is nobody's sent", { ROLES }, COURIER("INBOX.Sent"), SLASH("Public/Sent|\\sent|shared"), { { "INBOX.Sent", "Sent", "same" } }, NULL, { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_collisions(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "two into one", { MAP({ "a", "c" }, { "b", "c" }) }, SLASH("a", "b"), SLASH("INBOX"), { { "a", "c", "map" }, { "b", "c", "map" } }, "error folder-collision b\n", { { 0 } }, false },
		{ "merged", { MAP({ "a", "c" }, { "b", "c" }), .merge = true }, SLASH("a", "b"), SLASH("INBOX"), { { "a", "c", "map" }, { "b", "c", "map" } }, NULL, { { 0 } }, false },
		{ "the empty one stays out", { MAP({ "a", "c" }, { "b", "c" }) }, SLASH("a|empty", "b"), SLASH("INBOX"), { { "a", NULL, "map" }, { "b", "c", "map" } }, "note folder-collision a\n", { { 0 } }, false },
		{ "both empty", { MAP({ "a", "c" }) }, SLASH("a|empty", "c|empty"), SLASH("INBOX"), { { "a", "c", "map" }, { "c", NULL, "same" } }, "note folder-collision c\n", { { 0 } }, false },
		{ "the role is taken by name", { ROLES }, COURIER("INBOX.Alt|\\sent", "INBOX.Sent"), SLASH("Sent|\\sent"), { { "INBOX.Alt", "Sent", "special-use" }, { "INBOX.Sent", "Sent", "same" } },
			"error folder-collision INBOX.Sent\n", { { 0 } }, false },
		{ "a separator", { 0 }, COURIER("INBOX.a/b", "INBOX.a-b"), SLASH("INBOX"), { { "INBOX.a/b", "a-b", "same" } }, "warning name-changed INBOX.a/b\nerror folder-collision INBOX.a/b\n", { { 0 } }, false },
		{ "capitals", { 0 }, SLASH("Lavoro", "LAVORO", "Citt&AOA-", "CITT&AMA-"), SLASH("INBOX"), { { "Lavoro", "Lavoro", "same" } }, "error folder-collision Citt&AOA-\nerror folder-collision Lavoro\n", { { 0 } }, false },
		{ "capitals that the target tells apart", { 0 }, SLASH("Lavoro", "LAVORO"), SLASH("Lavoro", "LAVORO"), { { "Lavoro", "Lavoro", "same" }, { "LAVORO", "LAVORO", "same" } }, NULL, { { 0 } }, false },
		{ "capitals, merged", { .merge = true }, SLASH("Lavoro", "LAVORO"), SLASH("INBOX"), { { "Lavoro", "LAVORO", "same" }, { "LAVORO", "LAVORO", "same" } }, NULL, { { 0 } }, false },
		{ "one is there", { 0 }, SLASH("lavoro", "LAVORO"), SLASH("LAVORO"), { { "LAVORO", "LAVORO", "same" } }, "note name-changed lavoro\nerror folder-collision lavoro\n", { { 0 } }, false },
	};
	CHECK(rows);
}

static void test_names(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "capitals of what is there", { 0 }, SLASH("lavoro", "clienti/a"), SLASH("LAVORO", "Clienti|only-parent"), { { "lavoro", "LAVORO", "same" }, { "clienti/a", "Clienti/a", "same" } },
			"note name-changed lavoro\nnote name-changed clienti/a\n", { { 0 } }, false },
		{ "can't be held", { 0 }, SLASH("a//b", " x ", "p%q*", "../etc/passwd", "~root", "a.b"), { "", '.', { "INBOX" } },
			{ { "a//b", "a.-.b", "same" }, { " x ", "x", "same" }, { "p%q*", "p-q-", "same" }, { "../etc/passwd", "--.etc.passwd", "same" }, { "~root", "-root", "same" }, { "a.b", "a-b", "same" } },
			"warning name-changed a//b\nwarning name-changed  x \nwarning name-changed p%q*\nwarning name-changed ../etc/passwd\nwarning name-changed ~root\nwarning name-changed a.b\n", { { 0 } }, false },
		{ "control characters", { 0 }, SLASH("a&AAk-b", "&AA0ACg-/&AJsA6Q-"), SLASH("INBOX"), { { "a&AAk-b", "a-b", "same" }, { "&AA0ACg-/&AJsA6Q-", "--/-&AOk-", "same" } },
			"warning name-changed a&AAk-b\nwarning name-changed &AA0ACg-/&AJsA6Q-\n", { { 0 } }, false },
		{ "is held already", { 0 }, SLASH(" x ", "p%q", "a&AAk-b"), SLASH(" x ", "p%q", "a&AAk-b"), { { " x ", " x ", "same" }, { "p%q", "p%q", "same" }, { "a&AAk-b", "a&AAk-b", "same" } }, NULL, { { 0 } }, false },
		{ "not UTF-7", { 0 }, SLASH("R&D", "Perch\xE9", "Perch\xC3\xA9 no"), SLASH("INBOX"), { { "R&D", "R&-D", "same" }, { "Perch\xE9", "Perch&AOk-", "same" }, { "Perch\xC3\xA9 no", "Perch&AOk- no", "same" } }, NULL, { { 0 } }, false },
	};
	CHECK(rows);
}

#define KNOWN(source, target, reason) { .mailbox = 1, .source_wire = (char *)(uintptr_t)(source), .target_wire = (char *)(uintptr_t)(target), .target_name = (char *)(uintptr_t)(target), .why = (char *)(uintptr_t)(reason), .copied = true }

static void test_known(void **state)
{
	(void)state;
	const struct row rows[] = {
		{ "a program made a Sent meanwhile", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Posta inviata", "Sent|\\sent"), { { "INBOX.Posta inviata", "Posta inviata", "same" } }, NULL,
			{ KNOWN("INBOX.Posta inviata", "Posta inviata", "same") }, false },
		{ "the attribute moved", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Sent", "Neu|\\sent"), { { "INBOX.Posta inviata", "Sent", "name" } }, NULL, { KNOWN("INBOX.Posta inviata", "Sent", "name") }, false },
		{ "it is gone there", { ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Neu|\\sent"), { { "INBOX.Posta inviata", "Neu", "name" } }, NULL, { KNOWN("INBOX.Posta inviata", "Sent", "name") }, false },
		{ "another at the source comes too late", { ROLES }, COURIER("INBOX.Inviata", "INBOX.Posta inviata"), SLASH("Sent|\\sent"), { { "INBOX.Inviata", "Inviata", "same" }, { "INBOX.Posta inviata", "Sent", "name" } },
			NULL, { KNOWN("INBOX.Posta inviata", "Sent", "name") }, false },
		{ "the job decides anew", { MAP({ "Posta inviata", "Mandate" }), ROLES }, COURIER("INBOX.Posta inviata"), SLASH("Sent"), { { "INBOX.Posta inviata", "Mandate", "map" } }, NULL,
			{ KNOWN("INBOX.Posta inviata", "Sent", "name") }, false },
		{ "without roles now", { 0 }, COURIER("INBOX.Posta inviata"), SLASH("Sent"), { { "INBOX.Posta inviata", "Posta inviata", "same" } }, NULL, { KNOWN("INBOX.Posta inviata", "Sent", "name") }, false },
		{ "was below", { 0 }, SLASH("a"), SLASH("Libero/a"), { { "a", "a", "same" } }, NULL, { KNOWN("a", "Libero/a", "same") }, false },
		{ "a verification looks where it is", { MAP({ "a", "b" }), ROLES }, SLASH("a", "c"), SLASH("a"), { { "a", "x", "map" }, { "c", "c", "same" } }, NULL, { KNOWN("a", "x", "map") }, true },
		{ "merged then, not now", { 0 }, SLASH("a", "b"), SLASH("x"), { { "a", "x", "map" }, { "b", "x", "map" } }, NULL, { KNOWN("a", "x", "map"), KNOWN("b", "x", "map") }, true },
	};
	CHECK(rows);
}

/* A folder that is not listed any more, and one that has its UIDVALIDITY. */
static void test_renamed(void **state)
{
	(void)state;
	struct folder folder[] = {
		{ .wire = (char[]){ "INBOX" }, .selectable = true, .box = { .validity = 1, .known = true } },
		{ .wire = (char[]){ "New" }, .selectable = true, .box = { .validity = 7, .known = true } },
		{ .wire = (char[]){ "Other" }, .selectable = true, .box = { .validity = 8, .known = true } },
	};
	struct folder_list source = { .folder = folder, .count = 3, .separator = '/' };
	struct folder_known known[] = { KNOWN("INBOX", "INBOX", "same"), KNOWN("Old", "Old", "same"), KNOWN("Gone", "Gone", "same") };
	const struct mapping_task task = { .source = &source, .known = known, .knowns = 3 };
	known[0].validity = 1;
	known[1].validity = 7;
	known[2].validity = 9;
	assert_null(mapping_renamed(&task, &known[0]));
	assert_ptr_equal(mapping_renamed(&task, &known[1]), &folder[1]);
	assert_null(mapping_renamed(&task, &known[2]));
	/* it may be any of them */
	folder[2].box.validity = 7;
	assert_null(mapping_renamed(&task, &known[1]));
	folder[2].box.validity = 8;
	known[2].validity = 7;
	assert_null(mapping_renamed(&task, &known[1]));
	known[2].validity = 9;
	/* nothing to keep; not ours; known by its own name; a server that does not say */
	known[1].copied = false;
	assert_null(mapping_renamed(&task, &known[1]));
	known[1].copied = true;
	folder[1].space = SPACE_SHARED;
	assert_null(mapping_renamed(&task, &known[1]));
	folder[1].space = SPACE_OWN;
	known[2].source_wire = folder[1].wire;
	assert_null(mapping_renamed(&task, &known[1]));
	known[2].source_wire = (char[]){ "Gone" };
	known[1].validity = folder[1].box.validity = 0;
	assert_null(mapping_renamed(&task, &known[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),	   cmocka_unit_test(test_filters), cmocka_unit_test(test_map),	 cmocka_unit_test(test_under), cmocka_unit_test(test_roles),
		cmocka_unit_test(test_collisions), cmocka_unit_test(test_names),   cmocka_unit_test(test_known),	 cmocka_unit_test(test_renamed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
