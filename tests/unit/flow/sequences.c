/* Run after run while something changes in between: what no single run shows. */
#include "tests/unit/flow/rig.h"

#include <sqlite3.h>

static struct job_map map[] = { { (char[]){ "Vecchia" }, (char[]){ "Nuova" } } };
static char *exclude[] = { (char[]){ "Vecchia" }, NULL };

static void set_map(struct rig *r)
{
	r->account[0].folders = (struct job_folders){ .map = map, .maps = 1 };
}

static void set_exclude(struct rig *r)
{
	r->account[0].folders = (struct job_folders){ .exclude = exclude };
}

static void set_nothing(struct rig *r)
{
	r->account[0].folders = (struct job_folders){ 0 };
}

static void start(struct rig *r, unsigned mails)
{
	rig_make(r, 1, false);
	rig_mails(r->source[0], "INBOX", 1, 3);
	rig_mails(r->source[0], "INBOX.Vecchia", 101, 100 + mails);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
}

static void accept_all(struct rig *r, enum accepted what)
{
	struct error err;
	uint64_t count;
	assert_int_equal(store_open(&r->store, r->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_accept(r->store, 0, what, "anna", &count, &err), 0);
	assert_true(count > 0);
	store_close(&r->store);
}

static void remove_mails(struct memory *m, const char *wire, size_t left)
{
	while (memory_count(m, wire) > left)
		memory_remove(m, wire, memory_at(m, wire, 0)->uid);
}

/* Left out while it is renumbered, then mapped elsewhere: it would be copied a second time. */
static void excluded_and_renumbered(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 10);
	set_exclude(&r);
	memory_renumber(r.source[0], "INBOX.Vecchia");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	set_map(&r);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_appended(r.target[0]), 13);
	EXIT_IS(&r, 2);
	SAYS(&r, "error mapping-changed 0\n");
	rig_free(&r);
}

/* A folder that was renamed at the source, and verified before the next run. */
static void renamed_and_verified(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 10);
	memory_rename(r.source[0], "INBOX.Vecchia", "INBOX.Altra");
	rig_run(&r, FLOW_VERIFY, false);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 13);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 13);
	rig_free(&r);
}

/* What was accepted is one loss, not all that follow. */
static void accepted_once(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 100);
	rig_run(&r, FLOW_RUN, false);
	remove_mails(r.source[0], "INBOX", 80);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	accept_all(&r, ACCEPT_SHRUNK);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	remove_mails(r.source[0], "INBOX", 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_free(&r);
}

/* A dry run between the acceptance and the run it is for. */
static void accepted_and_planned(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 100);
	rig_run(&r, FLOW_RUN, false);
	remove_mails(r.target[0], "INBOX", 80);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 8);
	accept_all(&r, ACCEPT_SHRUNK);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	rig_free(&r);
}

/* Mail that the new mailbox has from elsewhere, while as much was deleted there. */
static void as_many_gone_as_came(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 10);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	memory_remove(r.target[0], "INBOX", 3);
	rig_mail(r.source[0], "INBOX", 50);
	rig_mail(r.target[0], "INBOX", 50);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(rig_with(r.target[0], "INBOX", "mail-50."), 1);
	rig_free(&r);
}

static unsigned renumbers;

static void renumber_smaller(void *ctx)
{
	struct rig *r = ctx;
	if (renumbers++ > 0)
		return;
	remove_mails(r->source[0], "INBOX", 5);
	memory_renumber(r->source[0], "INBOX");
}

/* Made anew with next to nothing in it, between the listing and the reading. */
static void renumbered_and_shrunk(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX", 1, 100);
	rig_run(&r, FLOW_RUN, false);
	renumbers = 0;
	memory_on_ask(r.source[0], renumber_smaller, &r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 6);
	rig_free(&r);
}

static void add_nameless(struct memory *m, const char *wire)
{
	static const char text[] = "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: a@example\r\nSubject: nameless\r\n\r\nThis is nameless.\r\nEnd.\r\n";
	memory_add(m, wire, text, sizeof text - 1, "", 1704067300);
}

/* A dry run of another mapping takes nothing away from what is known of a mail that only its place tells. */
static void planned_elsewhere(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	rig_mails(r.source[0], "INBOX.Vecchia", 101, 110);
	add_nameless(r.source[0], "INBOX.Vecchia");
	memory_rule(r.target[0], &(struct memory_rule){ FAULT_TRUNCATE, "nameless", 0, 0 });
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 1);
	accept_all(&r, ACCEPT_ALTERED);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	set_map(&r);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 2);
	set_nothing(&r);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(memory_appended(r.target[0]), 11);
	EXIT_IS(&r, 0);
	rig_free(&r);
}

/* Two accounts in one mailbox: a mapping that is refused to the one gives nothing of its mail to the other. */
static void refused_beside_another(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 2, true);
	rig_mails(r.source[0], "INBOX.Vecchia", 101, 105);
	rig_mails(r.source[1], "INBOX.Vecchia", 201, 205);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	set_map(&r);
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 2);
	rig_mail(r.source[1], "INBOX.Vecchia", 103);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 2);
	assert_int_equal(r.exit[1], 0);
	set_nothing(&r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 0);
	assert_int_equal(rig_with(r.target[0], "Vecchia", "mail-103."), 2);
	rig_free(&r);
}

static void stop_it(void *ctx)
{
	struct rig *r = ctx;
	cancel_fire(&r->stop);
}

/* Stopped while the new place is searched. */
static void stopped_while_looking(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 5);
	rig_mails(r.target[0], "Nuova", 900, 901);
	set_map(&r);
	memory_on_ask(r.target[0], stop_it, &r);
	rig_run(&r, FLOW_RUN, false);
	assert_true(r.exit[0] == 130 || r.exit[0] == 2); /* what it found in the last moment is told */
	memory_on_ask(r.target[0], NULL, NULL);
	cancel_reset(&r.stop);
	rig_run(&r, FLOW_VERIFY, false);
	assert_int_equal(r.verified.gone, 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 2);
	SAYS(&r, "error mapping-changed 0\n");
	set_nothing(&r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 8);
	rig_free(&r);
}

/* ---- a state of schema 1 ---- */

static void downgrade(const struct rig *r, const char *more)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, more, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE account DROP COLUMN source_provider; ALTER TABLE account DROP COLUMN target_provider;"
		"ALTER TABLE folder DROP COLUMN left_out; ALTER TABLE folder DROP COLUMN seal; ALTER TABLE folder DROP COLUMN quiet; ALTER TABLE message DROP COLUMN reason; ALTER TABLE message DROP COLUMN measured; ALTER TABLE message DROP COLUMN stored; DROP TABLE accepted; DROP TABLE sender; DROP TABLE substitute; ALTER TABLE folder DROP COLUMN source_id; PRAGMA user_version = 1",
		NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What it skipped was \Deleted mail without any facts; what it has copied is not copied again. */
static void upgraded(void **state)
{
	(void)state;
	for (int copies = 0; copies < 2; copies++) {
		struct rig r;
		rig_make(&r, 1, false);
		rig_mails(r.source[0], "INBOX", 1, 10);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		rig_mails(r.source[0], "INBOX", 11, 12);
		memory_flags(r.source[0], "INBOX", 11, "\\Deleted");
		memory_flags(r.source[0], "INBOX", 12, "\\Deleted");
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(r.ledger.skipped, 2);
		downgrade(&r, "UPDATE message SET reason = 0, size = NULL, date = NULL, system = 0, head = NULL, core = NULL, msgid = NULL WHERE state = 4");
		memory_flags(r.source[0], "INBOX", 12, "");
		r.account[0].messages.deleted = copies ? DELETED_COPY : DELETED_SKIP;
		rig_run(&r, copies ? FLOW_RUN : FLOW_PLAN, false);
		EXIT_IS(&r, 0);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), copies ? 12 : 11);
		assert_int_equal(rig_with(r.target[0], "INBOX", "mail-12."), 1);
		assert_int_equal(r.ledger.skipped, copies ? 0 : 1);
		assert_int_equal(r.ledger.copied, copies ? 12 : 11);
		rig_free(&r);
	}
}

/* ---- twins ---- */

static void same_again(struct rig *r, unsigned times)
{
	while (times-- > 0)
		rig_mail(r->source[0], "INBOX", 7);
}

/* Doubles are left out, taken in, and left out again: as many are there as were asked for at most, and never fewer than one. */
static void twins_in_and_out(void **state)
{
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	same_again(&r, 3);
	r.account[0].messages.duplicates = DUPLICATES_SKIP;
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 1);
	memory_renumber(r.source[0], "INBOX");
	rig_run(&r, FLOW_PLAN, false);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 1);
	r.account[0].messages.duplicates = DUPLICATES_COPY;
	memory_renumber(r.target[0], "INBOX");
	rig_run(&r, FLOW_PLAN, false);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "INBOX"), 3);
	same_again(&r, 1);
	r.account[0].messages.duplicates = DUPLICATES_SKIP;
	memory_renumber(r.source[0], "INBOX");
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_in_range(memory_count(r.target[0], "INBOX"), 3, 4); /* one that may be there is looked at, and not left out */
	rig_free(&r);
}

/* ---- both sides change at once ---- */

/* The map changes, the source is renumbered, and a dry run comes in between: nothing is copied a second time, and put back all is as before. */
static void mapped_and_renumbered(void **state)
{
	(void)state;
	for (int planned = 0; planned < 2; planned++) {
		struct rig r;
		start(&r, 10);
		memory_renumber(r.source[0], "INBOX.Vecchia");
		set_map(&r);
		if (planned)
			rig_run(&r, FLOW_PLAN, false);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 2);
		assert_int_equal(memory_appended(r.target[0]), 13);
		set_nothing(&r);
		if (planned)
			rig_run(&r, FLOW_PLAN, false);
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_appended(r.target[0]), 13);
		assert_int_equal(r.ledger.copied, 13);
		assert_int_equal(r.verified.identical, 13);
		rig_free(&r);
	}
}

/* Gone at the target, left out, mapped elsewhere, taken in with --again: once, in the new place. */
static void gone_and_again(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 9);
	remove_mails(r.target[0], "Vecchia", 0);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.gone, 9);
	set_exclude(&r);
	rig_run(&r, FLOW_RUN, false);
	set_map(&r);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_appended(r.target[0]), 12);
	rig_mails(r.target[0], "Nuova", 101, 104);
	r.again = true;
	for (int i = 0; i < 2; i++) {
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_int_equal(memory_count(r.target[0], "Nuova"), 9);
		assert_int_equal(memory_appended(r.target[0]), 17);
	}
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(excluded_and_renumbered), cmocka_unit_test(renamed_and_verified), cmocka_unit_test(accepted_once),
		cmocka_unit_test(accepted_and_planned), cmocka_unit_test(as_many_gone_as_came), cmocka_unit_test(renumbered_and_shrunk),
		cmocka_unit_test(planned_elsewhere), cmocka_unit_test(refused_beside_another), cmocka_unit_test(stopped_while_looking),
		cmocka_unit_test(upgraded), cmocka_unit_test(twins_in_and_out), cmocka_unit_test(mapped_and_renumbered), cmocka_unit_test(gone_and_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
