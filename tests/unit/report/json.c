/* The document trasloco-report/1, read back. */
#include "tests/unit/report/fill.h"

#include <jansson.h>

static json_t *document(struct help *h, bool with_folders)
{
	struct report *report = fill_report(h);
	struct buf out = { 0 };
	json_error_t error;
	report_json(report, with_folders, &out);
	assert_int_equal(out.data[out.len - 1], '\n');
	json_t *doc = json_loads(out.data, JSON_REJECT_DUPLICATES, &error);
	if (!doc)
		fail_msg("%s at line %d", error.text, error.line);
	buf_free(&out);
	report_free(&report);
	return doc;
}

/* Its keys in their order, one blank between. */
static void keys_are(json_t *object, const char *want)
{
	char text[300] = "";
	const char *key;
	json_t *value;
	assert_true(json_is_object(object));
	json_object_foreach(object, key, value)
		sprintf(text + strlen(text), "%s%s", *text ? " " : "", key);
	assert_string_equal(text, want);
}

static void is(json_t *object, const char *key, const char *want)
{
	assert_true(json_is_string(json_object_get(object, key)));
	assert_string_equal(json_string_value(json_object_get(object, key)), want);
}

static void is_number(json_t *object, const char *key, int want)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	assert_int_equal(json_integer_value(json_object_get(object, key)), want);
}

static json_t *of(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	assert_non_null(value);
	return value;
}

static json_t *account_of(json_t *doc)
{
	json_t *list = of(doc, "accounts");
	assert_int_equal(json_array_size(list), 1);
	return json_array_get(list, 0);
}

static void keys(void **state)
{
	struct help *h = *state;
	OK(store_signed_in(h->st, h->account, SIDE_SOURCE, "IMAP4rev1 IDLE  UIDPLUS", &h->err));
	fill_sent(h);
	fill_end(h, 1);
	json_t *doc = document(h, true), *account = account_of(doc), *folder = json_array_get(of(account, "folders"), 0);
	keys_are(doc, "schema command version job_digest started finished exit verdict accounts totals");
	keys_are(account, "name exit verdict next may_close source target folders totals problems");
	keys_are(of(account, "source"), "provider host user capabilities");
	keys_are(folder, "source target role why ledger bytes verified");
	keys_are(of(folder, "ledger"), "source copied already_there skipped refused vanished pending copied_now");
	keys_are(of(folder, "verified"), "identical rewritten altered missing doubled gone target_only sampled tier");
	keys_are(of(account, "totals"), "ledger bytes");
	keys_are(of(doc, "totals"), "ledger bytes");
	keys_are(json_array_get(of(account, "problems"), 1), "severity code side folder uid message_id text hint file");
	keys_are(json_array_get(of(account, "problems"), 2), "severity code side text hint");
	json_decref(doc);
}

static void values(void **state)
{
	struct help *h = *state;
	OK(store_signed_in(h->st, h->account, SIDE_SOURCE, "IMAP4rev1 IDLE  UIDPLUS", &h->err));
	fill_sent(h);
	fill_end(h, 1);
	json_t *doc = document(h, true), *account = account_of(doc), *folder = json_array_get(of(account, "folders"), 0);
	is(doc, "schema", "trasloco-report/1");
	is(doc, "command", "run");
	is(doc, "version", TRASLOCO_VERSION);
	is(doc, "job_digest", "digest");
	is(doc, "verdict", "exceptions");
	is_number(doc, "exit", 1);
	assert_int_equal(strlen(json_string_value(of(doc, "started"))), 20);
	assert_int_equal(strlen(json_string_value(of(doc, "finished"))), 20);
	is(account, "name", "mario");
	is(account, "next", "decide");
	is_number(account, "exit", 1);
	json_t *capabilities = of(of(account, "source"), "capabilities");
	assert_int_equal(json_array_size(capabilities), 3);
	assert_string_equal(json_string_value(json_array_get(capabilities, 2)), "UIDPLUS");
	assert_int_equal(json_array_size(of(of(account, "target"), "capabilities")), 0);
	is(of(account, "target"), "host", "target.example");
	is(of(account, "source"), "provider", "imap");
	is(folder, "role", "sent");
	is_number(of(folder, "ledger"), "source", 8);
	is_number(of(folder, "ledger"), "already_there", 1);
	is_number(of(folder, "verified"), "rewritten", 1);
	is_number(of(folder, "verified"), "target_only", 5);
	is(of(folder, "verified"), "tier", "standard");
	is_number(folder, "bytes", 1001 + 1002 + 1003 + 1004);
	is_number(of(of(doc, "totals"), "ledger"), "copied", 3);
	is_number(of(account, "totals"), "bytes", 1001 + 1002 + 1003 + 1004);
	json_t *refused = json_array_get(of(account, "problems"), 1);
	is(refused, "code", "message-refused");
	is(refused, "folder", "Sent");
	is(refused, "message_id", "<a@example>");
	is(refused, "text", "the server's words");
	is_number(refused, "uid", 6);
	is(json_array_get(of(account, "problems"), 2), "code", "not-moved");
	json_decref(doc);
}

/* When it was accepted, and by whom, stands beside it; a plan foretells. */
static void accepted_and_foretold(void **state)
{
	struct help *h = *state;
	uint64_t count;
	fill_sent(h);
	fill_end(h, 1);
	OK(store_accept(h->st, 0, ACCEPT_REFUSED, "anna", &count, &h->err));
	json_t *doc = document(h, true), *account = account_of(doc), *refused = json_array_get(of(account, "problems"), 1);
	is(refused, "code", "message-refused");
	is(refused, "severity", "note");
	is(of(refused, "accepted"), "by", "anna");
	assert_int_equal(strlen(json_string_value(of(of(refused, "accepted"), "at"))), 20);
	assert_null(json_object_get(json_array_get(of(account, "problems"), 0), "accepted"));
	json_decref(doc);
	struct report *report = fill_report(h);
	struct buf out = { 0 };
	strcpy(report->run.command, "plan");
	report_json(report, true, &out);
	doc = json_loads(out.data, 0, NULL);
	is(doc, "verdict", "no-go");
	is(account_of(doc), "verdict", "no-go");
	json_decref(doc);
	report_free(&report);
	buf_free(&out);
}

static void while_running(void **state)
{
	struct help *h = *state;
	fill_shared(h);
	json_t *doc = document(h, true), *account = account_of(doc), *shared = json_array_get(of(account, "folders"), 0);
	assert_true(json_is_null(of(doc, "finished")));
	assert_true(json_is_null(of(doc, "exit")));
	assert_true(json_is_null(of(account, "exit")));
	is(doc, "verdict", "incomplete");
	is(account, "verdict", "incomplete");
	is(account, "next", "run-again");
	is(shared, "source", "Altri");
	is(shared, "target", "");
	is(shared, "why", "shared");
	assert_true(json_is_null(of(shared, "role")));
	assert_true(json_is_null(of(shared, "verified")));
	json_decref(doc);
}

static void without_folders(void **state)
{
	struct help *h = *state;
	fill_sent(h);
	json_t *doc = document(h, false), *account = account_of(doc);
	keys_are(account, "name exit verdict next may_close source target totals problems");
	is_number(of(of(account, "totals"), "ledger"), "source", 8);
	json_decref(doc);
}

static void deep_and_of_the_run(void **state)
{
	struct help *h = *state;
	struct folder_checked checked = { .done = true, .deep = true };
	struct problem of_run = { .severity = "warning", .code = "drift", .text = "x", .hint = "" };
	OK(store_folder_checked(h->st, h->run, h->folder, &checked, &h->err));
	OK(store_problem(h->st, h->run, &of_run, &h->err));
	json_t *doc = document(h, true);
	is(of(json_array_get(of(account_of(doc), "folders"), 0), "verified"), "tier", "deep");
	assert_int_equal(json_array_size(of(doc, "problems")), 1);
	is(json_array_get(of(doc, "problems"), 0), "code", "drift");
	json_decref(doc);
}

/* A name that is no UTF-8, or holds what a terminal obeys, does not spoil the document. */
static void odd_names(void **state)
{
	struct help *h = *state;
	int64_t bad = help_folder(h, "Caff\xE9", 9);
	help_folder(h, "a\"\\\x1b\n", 10);
	fill_problem(h, bad, 1, "warning", "keyword-lost");
	json_t *doc = document(h, true), *folders = of(account_of(doc), "folders");
	is(json_array_get(folders, 0), "source", "Caff?");
	is(json_array_get(folders, 2), "source", "a\"\\\x1b\n");
	is(json_array_get(of(account_of(doc), "problems"), 0), "folder", "Caff?");
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys), TEST(values), TEST(accepted_and_foretold), TEST(while_running), TEST(without_folders), TEST(deep_and_of_the_run), TEST(odd_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
