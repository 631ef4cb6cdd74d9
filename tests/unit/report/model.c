/* What is read from the state, its sums, and what is refused: a ledger that does not close. */
#include "tests/unit/report/fill.h"

#include <sqlite3.h>

static void ledger_is(const struct ledger *l, const char *want)
{
	char text[160];
	snprintf(text, sizeof text, "%d %d %d %d %d %d %d %d", (int)l->source, (int)l->copied, (int)l->already_there, (int)l->skipped, (int)l->refused,
		(int)l->vanished, (int)l->pending, (int)l->copied_now);
	assert_string_equal(text, want);
}

static void verified_is(const struct verified *v, const char *want)
{
	char text[160];
	snprintf(text, sizeof text, "%s%s %d %d %d %d %d %d %d %d", v->any ? "any" : "none", v->deep ? " deep" : "", (int)v->identical, (int)v->rewritten,
		(int)v->altered, (int)v->missing, (int)v->doubled, (int)v->gone, (int)v->target_only, (int)v->sampled);
	assert_string_equal(text, want);
}

static void everything(void **state)
{
	struct help *h = *state;
	fill_sent(h);
	fill_shared(h);
	help_copy(h, help_folder(h, "INBOX", 1), 1, 2, 20);
	fill_end(h, 3);
	struct report *r = fill_report(h);
	assert_int_equal(r->parts, 1);
	const struct report_part *part = &r->part[0];
	assert_string_equal(part->name, "mario");
	assert_string_equal(part->source_host, "source.example");
	assert_string_equal(part->target_user, "m@example");
	assert_int_equal(part->exit, 3);
	assert_int_equal(part->rows, 3);
	assert_string_equal(part->row[0].source, "INBOX");
	assert_string_equal(part->row[1].source, "Altri");
	assert_string_equal(part->row[2].source, "Sent");
	ledger_is(&part->row[0].ledger, "2 2 0 0 0 0 0 2");
	ledger_is(&part->row[1].ledger, "0 0 0 0 0 0 0 0");
	ledger_is(&part->row[2].ledger, "8 3 1 1 1 1 1 3");
	verified_is(&part->row[2].verified, "any 2 1 1 0 1 0 5 2");
	assert_false(part->row[0].verified.any);
	assert_int_equal(part->row[0].bytes, 1001 + 1002);
	ledger_is(&part->ledger, "10 5 1 1 1 1 1 5");
	verified_is(&part->verified, "any 2 1 1 0 1 0 5 2");
	ledger_is(&r->ledger, "10 5 1 1 1 1 1 5");
	assert_int_equal(r->bytes, 1001 + 1002 + 1001 + 1002 + 1003 + 1004);
	assert_int_equal(part->bytes, r->bytes);
	report_free(&r);
	assert_null(r);
	report_free(&r);
}

static void problems(void **state)
{
	struct help *h = *state;
	/* its folder has the number of an account: that is no folder of the report */
	struct problem of_run = { .folder = h->account, .side = SIDE_NONE, .severity = "warning", .code = "drift", .text = "of the run", .hint = "" };
	int64_t luigi = help_account(h, "luigi");
	fill_sent(h);
	fill_problem(h, 0, 0, "error", "over-quota");
	OK(store_problem(h->st, h->run, &of_run, &h->err));
	struct report *r = fill_report(h);
	const struct report_part *part = &r->part[0];
	assert_int_equal(part->problems, 4);
	assert_string_equal(part->problem[0].code, "over-quota");
	assert_string_equal(part->problem[0].folder, "");
	assert_string_equal(part->problem[1].code, "message-altered");
	assert_string_equal(part->problem[2].code, "message-refused");
	assert_string_equal(part->problem[2].folder, "Sent");
	assert_string_equal(part->problem[2].side, "target");
	assert_string_equal(part->problem[2].file, "/refused/a.eml");
	assert_int_equal(part->problem[2].uid, 6);
	/* One note of every account. */
	assert_string_equal(part->problem[3].code, "not-moved");
	assert_string_equal(part->problem[3].severity, "note");
	assert_int_equal(r->parts, 2);
	assert_int_not_equal(luigi, h->account);
	assert_int_equal(r->part[1].problems, 1);
	assert_string_equal(r->part[1].problem[0].code, "not-moved");
	assert_int_equal(r->part[1].exit, -1);
	/* What is of no account is of the run. */
	assert_int_equal(r->problems, 1);
	assert_string_equal(r->problem[0].text, "of the run");
	assert_string_equal(r->problem[0].side, "");
	assert_string_equal(r->problem[0].folder, "");
	report_free(&r);
}

static void sums_of_accounts(void **state)
{
	struct help *h = *state;
	help_copy(h, h->folder, 1, 3, 10);
	h->account = help_account(h, "luigi");
	help_copy(h, help_folder(h, "Sent", 5), 1, 4, 30);
	struct report *r = fill_report(h);
	ledger_is(&r->part[0].ledger, "3 3 0 0 0 0 0 3");
	ledger_is(&r->part[1].ledger, "4 4 0 0 0 0 0 4");
	ledger_is(&r->ledger, "7 7 0 0 0 0 0 7");
	report_free(&r);
}

/* Mail that came after the verification takes its word away. */
static void verification_is_older(void **state)
{
	struct help *h = *state;
	struct folder_checked checked = { .done = true, .deep = true };
	help_copy(h, h->folder, 1, 3, 10);
	OK(store_compared(h->st, h->folder, 1, 3, NULL, 0, &h->err));
	OK(store_folder_checked(h->st, h->run, h->folder, &checked, &h->err));
	struct report *r = fill_report(h);
	verified_is(&r->part[0].row[0].verified, "any deep 3 0 0 0 0 0 0 0");
	report_free(&r);
	help_list(h, h->folder, "1:4");
	r = fill_report(h);
	assert_true(r->part[0].row[0].verified.any);
	report_free(&r);
	struct mails more = { 0 };
	mails_add(&more, 4, 4);
	help_intend(h, h->folder, &more, 1);
	help_finish(h, h->folder, &more, (uint32_t[]){ 13 });
	mails_free(&more);
	r = fill_report(h);
	assert_false(r->part[0].row[0].verified.any);
	assert_false(r->part[0].verified.any);
	report_free(&r);
}

/* Exceptions that somebody accepted are none any more: the account and the run count as complete, unless an error is left. */
static void accepted(void **state)
{
	struct help *h = *state;
	uint64_t count;
	fill_sent(h); /* one refused, one altered */
	fill_end(h, 1);
	struct report *r = fill_report(h);
	assert_int_equal(r->run.exit, 1);
	assert_int_equal(r->part[0].exit, 1);
	assert_int_equal(r->part[0].problem[1].accepted, 0);
	report_free(&r);
	OK(store_accept(h->st, 0, ACCEPT_REFUSED, "anna", &count, &h->err));
	assert_int_equal(count, 1);
	r = fill_report(h);
	assert_int_equal(r->run.exit, 1);
	assert_int_equal(r->part[0].exit, 1);
	report_free(&r);
	OK(store_accept(h->st, 0, ACCEPT_ALTERED, "anna", &count, &h->err));
	r = fill_report(h);
	assert_int_equal(r->part[0].exit, 0);
	assert_int_equal(r->run.exit, 0);
	const struct report_problem *refused = &r->part[0].problem[1];
	assert_string_equal(refused->code, "message-refused");
	assert_string_equal(refused->severity, "note");
	assert_string_equal(refused->accepted_by, "anna");
	assert_true(refused->accepted > 1700000000);
	assert_int_equal(r->part[0].ledger.refused, 1);
	report_free(&r);
	/* A run in which another account has not come to its end stays what it was; and 3 is no exception. */
	h->account = help_account(h, "luigi");
	fill_end(h, 3);
	r = fill_report(h);
	assert_int_equal(r->part[0].exit, 0);
	assert_int_equal(r->part[1].exit, 3);
	assert_int_equal(r->run.exit, 3);
	report_free(&r);
}

/* What people call the providers comes from the presets, by the ids that the state has. */
static void called(void **state)
{
	static const struct preset rows[] = { { .id = "libero", .name = "Libero" }, { .id = "aruba", .name = "Aruba" } };
	static const struct presets presets = { rows, 2 };
	struct help *h = *state;
	struct account_key key = { .name = "anna", .source_host = "s", .source_user = "u", .target_host = "t", .target_user = "v", .source_provider = "aruba", .target_provider = "" };
	struct account_row row;
	OK(store_account(h->st, &key, &row, &h->err));
	struct report *r = fill_report(h);
	report_call(r, &presets);
	const struct report_part *part = strcmp(r->part[0].name, "anna") == 0 ? &r->part[0] : &r->part[1];
	assert_string_equal(part->source_provider, "aruba");
	assert_string_equal(part->source_called, "Aruba");
	assert_null(part->target_called);
	report_free(&r);
}

/* One folder by samples and one in full is a standard verification of both. */
static void tiers(void **state)
{
	struct help *h = *state;
	int64_t inbox = help_folder(h, "INBOX", 1);
	OK(store_folder_checked(h->st, h->run, h->folder, &(struct folder_checked){ .done = true, .deep = true }, &h->err));
	OK(store_folder_checked(h->st, h->run, inbox, &(struct folder_checked){ .done = true, .deep = true }, &h->err));
	struct report *r = fill_report(h);
	assert_true(r->part[0].verified.deep);
	report_free(&r);
	OK(store_folder_checked(h->st, h->run, inbox, &(struct folder_checked){ .done = true }, &h->err));
	r = fill_report(h);
	assert_false(r->part[0].verified.deep);
	report_free(&r);
}

static void does_not_close(void **state)
{
	struct help *h = *state;
	struct report *r = NULL;
	struct run run;
	sqlite3 *db = NULL;
	help_copy(h, h->folder, 1, 3, 10);
	/* A state that no version of the program knows. */
	assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE message SET state = 99 WHERE uid = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_run_newest(h->st, true, &run, &h->err), 1);
	FAILS(ERR_BUG, report_make(&r, h->st, &run, &h->err));
	assert_null(r);
	assert_string_equal(h->err.where, "mario");
	assert_string_equal(h->err.text, "the ledger does not close: 3 at the source, but 2 copied, 0 already there, 0 skipped, 0 refused, 0 vanished, "
		"0 pending in folder Sent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything), TEST(problems), TEST(sums_of_accounts), TEST(verification_is_older), TEST(tiers), TEST(accepted), TEST(called), TEST(does_not_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
