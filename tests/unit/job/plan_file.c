/* The plan file: what is read, what is refused and where, and that nothing written into it gets out of its place. */
#include "tests/unit/job/tmp.h"

#include <stdbool.h>

#include "core/job/arena.h"
#include "core/job/plan_file.h"

#define DIGEST "d1"
#define HEAD "plan: 1\njob_digest: \"" DIGEST "\"\naccounts:\n"
/* An account with one folder whose keys are these; they begin in line 7. */
#define FOLDER(keys) HEAD "- name: anna\n  folders:\n  - source: A\n" keys
#define GOOD "    target: A\n    action: copy\n    uidvalidity: 1\n"

static struct job_account accounts[] = { { .name = "mario" }, { .name = "anna" } };
static const struct job job = { .digest = DIGEST, .account = accounts, .accounts = 2 };

static int load(const struct tmp *t, const char *text, struct plan **plan, char **errors)
{
	CLEANUP(buf_free) struct buf told = { 0 };
	tmp_job(t, text);
	int rc = plan_load(plan, t->job, &job, &told);
	*errors = tmp_short(t, &told);
	return rc;
}

/* ---- read ---- */

static void good(void **state)
{
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(x_free) char *errors = NULL;
	assert_int_equal(load(*state, HEAD
		"  - name: mario\n    folders: []\n"
		"  - name: anna\n    folders:\n"
		"      - {source: INBOX, target: INBOX, action: copy, role: inbox, why: same, messages: 120, bytes: 812345, uidvalidity: 4294967295}\n"
		"      - source: 'INBOX.null'\n        action: skip\n        uidvalidity: 0\n        role: ~\n"
		"        messages:\n          - { uid: 4294967295, reason: too-big, action: skip }\n          - { uid: 1, action: copy }\n", &plan, &errors), 0);
	assert_string_equal(errors, "");
	assert_int_equal(plan->accounts, 2);
	const struct plan_account *anna = plan_account_of(plan, "anna");
	assert_int_equal(anna->folders, 2);
	assert_int_equal(plan_account_of(plan, "mario")->folders, 0);
	assert_null(plan_account_of(plan, "bruno"));
	assert_int_equal(anna->folder[0].validity, UINT32_MAX);
	assert_int_equal(anna->folder[0].messages, 0);
	assert_int_equal(anna->folder[1].action, PLAN_SKIP);
	assert_null(anna->folder[1].target);
	assert_int_equal(anna->folder[1].messages, 2);
	assert_int_equal(anna->folder[1].message[0].uid, UINT32_MAX);
	assert_int_equal(anna->folder[1].message[1].action, PLAN_COPY);
	assert_ptr_equal(plan_folder_of(anna, "INBOX.null", 7), &anna->folder[1]);
	assert_null(plan_folder_of(anna, "inbox.null", 7));
}

/* One name twice on a server that spells two folders alike: the numbers tell which is which. */
static void same_names(void **state)
{
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(x_free) char *errors = NULL;
	assert_int_equal(load(*state, FOLDER(GOOD) "  - source: A\n    target: B\n    action: copy\n    uidvalidity: 2\n", &plan, &errors), 0);
	const struct plan_account *anna = plan_account_of(plan, "anna");
	assert_string_equal(plan_folder_of(anna, "A", 1)->target, "A");
	assert_string_equal(plan_folder_of(anna, "A", 2)->target, "B");
	assert_non_null(plan_folder_of(anna, "A", 3));
}

struct row {
	const char *text, *want;
};

static void bad(void **state)
{
	static const struct row rows[] = {
		{ "", "1:1: is empty: a plan file starts with `plan: 1`\n" },
		{ "- a\n", "1:1: a plan file holds keys: `plan: 1`, `job_digest:`, `accounts:`\n" },
		{ "{}\n", "1:1: the plan file has no `plan`\n1:1: the plan file has no `job_digest`\n1:1: the plan file has no `accounts`\n" },
		{ HEAD "- {name: anna, folders: []}\n---\na: 1\n", "5:1: a second document: one file is one plan\n" },
		{ "version: 1\njob_digest: other\n", "2:13: this plan was made for another job, or what moves where was changed in the job since: make a new one (trasloco plan -o)\n" },
		{ "plan: 2\njob_digest: d1\naccounts: []\n", "1:7: `plan` must be 1, not `2`\n" },
		{ "plan: 1\njob_digest: d1\naccounts: anna\n", "3:11: `accounts` must be a list\n" },
		{ "plan: 1\njob_digest: d1\naccount: []\n", "1:1: the plan file has no `accounts`\n3:1: unknown key `account`: did you mean `accounts`?\n" },
		{ HEAD "- anna\n", "4:3: `accounts` must hold keys, not one value\n" },
		{ HEAD "- {name: ana, folders: []}\n- {name: zoe, folders: []}\n", "4:10: the job has no account `ana`: did you mean `anna`?\n5:10: the job has no account `zoe`\n" },
		{ HEAD "- {name: anna, folders: []}\n- {name: anna, folders: []}\n", "5:3: this account stands in line 4 already\n" },
		{ FOLDER(GOOD) "  - source: A\n" GOOD, "10:5: this folder stands in line 6 already\n" },
		{ FOLDER("    action: copy\n    uidvalidity: 1\n"), "6:5: the folder has no `target`: where is it to be copied to?\n" },
		{ FOLDER("    target: ''\n    action: copy\n    uidvalidity: 1\n"), "7:13: `target` is empty\n" },
		{ FOLDER("    target: A\n    acton: copy\n    uidvalidity: x\n"),
			"6:5: the folder has no `action`\n8:5: unknown key `acton`: did you mean `action`?\n9:18: `uidvalidity` must be a number from 0 to 4294967295, not `x`\n" },
		{ FOLDER("    target: \"A\\0B\"\n    action: move\n    uidvalidity: -1\n"),
			"7:13: `target` holds a NUL\n8:13: `action` must be copy or skip, not `move`\n9:18: `uidvalidity` must be a number from 0 to 4294967295, not `-1`\n" },
		{ FOLDER(GOOD "    exclude: x\n    why: [a]\n"), "10:5: unknown key `exclude`\n11:10: `why` must be one value, not a list\n" },
		{ FOLDER(GOOD "    messages:\n    - {uid: 0, action: copy}\n    - {uid: 7, reason: x}\n    - {uid: 8, action: skip}\n    - {uid: 8, action: copy}\n    - 9\n"),
			"11:13: `uid` must be a number from 1 to 4294967295, not `0`\n12:7: the message has no `action`\n14:7: this message stands in line 13 already\n"
			"15:7: `messages` must hold keys, not one value\n" },
		{ FOLDER(GOOD "    messages: {uid: 1}\n"), "10:15: `messages` must be a list\n" },
		{ FOLDER("    target: *x\n    action: copy\n    uidvalidity: 1\n"), "7:13: aliases (`*name`) are not allowed: write the values out\n" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(x_free) char *errors = NULL;
		struct plan *plan = (struct plan *)1;
		int rc = load(*state, rows[i].text, &plan, &errors);
		if (strcmp(errors, rows[i].want) != 0)
			fail_msg("\n%s\ngives\n%snot\n%s", rows[i].text, errors, rows[i].want);
		assert_int_equal(rc, -1);
		assert_null(plan);
	}
}

static void no_file(void **state)
{
	const struct tmp *t = *state;
	CLEANUP(buf_free) struct buf told = { 0 };
	CLEANUP(x_free) char *path = x_printf("%s/nix", t->dir);
	struct plan *plan;
	assert_int_equal(plan_load(&plan, path, &job, &told), -1);
	assert_non_null(strstr(told.data, "nix:1:1: can't be read: No such file"));
	assert_int_equal(plan_load(&plan, t->dir, &job, &told), -1);
}

/* ---- written ---- */

static const char *const hostile[] = { "A", "INBOX.Posta inviata", "null", "~", "true", "No", "2019", "0x1f", "1e3", "-", "- a", "a: b", "a #b", "#a", "{a: b}", "[a]", "&a", "*a",
	"!a", "|", ">", "%a", "@a", "`a`", "'", "\"", "a\\b", " a ", "a  b", "a\nplan: 2", "a\r\nb", "\ta\t", "\x01\x1b[31m\x7f", "\xc3\xa8 vero", "\xf0\x9f\x93\xac",
	"\xe2\x80\xae" "abc", "a\xe2\x80\xa8" "b", "a\xc2\x85" "b", "a\xc2\xa0" "b", "\xef\xbb\xbf" "a", "\xef\xbf\xbe", "a, b", "?", "? a", "---", "...", "a\\0b", "=", "<<" };
#define HOSTILE (sizeof hostile / sizeof *hostile)

/* Each name as a source, a target, in comments and in a reason; then read back. */
static void round_trip(void **state)
{
	CLEANUP(x_free) struct plan_folder *folder = x_calloc(HOSTILE, sizeof *folder);
	struct plan_message message = { .uid = 5, .action = PLAN_COPY };
	struct plan_account account = { .name = accounts[1].name, .folder = folder, .folders = HOSTILE };
	struct plan made = { .digest = (char[]){ DIGEST }, .account = &account, .accounts = 1 };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(x_free) char *errors = NULL;
	for (size_t i = 0; i < HOSTILE; i++) {
		char *name = (char *)(uintptr_t)hostile[i];
		folder[i] = (struct plan_folder){ .source = name, .target = name, .action = i % 2 ? PLAN_SKIP : PLAN_COPY, .validity = (unsigned)i, .role = name, .why = name, .comment = name };
	}
	message.reason = message.comment = (char[]){ "x }\n        action: skip" };
	folder[0].message = &message;
	folder[0].messages = 1;
	account.comment = made.head = made.tail = (char[]){ "one\n\nplan: 3\r\x1b[2J\x85 \nlast" };
	plan_write(&made, &text);
	assert_int_equal(strspn(text.data, "#"), 1);
	for (const char *c = text.data; *c; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	assert_null(strstr(text.data, "\xe2\x80\xae"));
	if (load(*state, text.data, &plan, &errors) < 0)
		fail_msg("%s\n%s", errors, text.data);
	const struct plan_account *anna = plan_account_of(plan, "anna");
	assert_int_equal(anna->folders, HOSTILE);
	for (size_t i = 0; i < HOSTILE; i++) {
		assert_string_equal(anna->folder[i].source, hostile[i]);
		assert_string_equal(anna->folder[i].target, hostile[i]);
		assert_int_equal(anna->folder[i].action, i % 2 ? PLAN_SKIP : PLAN_COPY);
		assert_int_equal(anna->folder[i].validity, i);
	}
	assert_int_equal(anna->folder[0].messages, 1);
	assert_int_equal(anna->folder[0].message[0].action, PLAN_COPY);
}

/* A server's name that is no UTF-8 is written as Latin-1, and found again. */
static void other_bytes(void **state)
{
	struct plan_folder folder = { .source = (char[]){ "INBOX.Citt\xe0" }, .target = (char[]){ "X" }, .validity = 1 };
	struct plan_account account = { .name = accounts[1].name, .folder = &folder, .folders = 1 };
	struct plan made = { .digest = (char[]){ DIGEST }, .account = &account, .accounts = 1 };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(x_free) char *errors = NULL;
	plan_write(&made, &text);
	assert_int_equal(load(*state, text.data, &plan, &errors), 0);
	assert_string_equal(plan->account[0].folder[0].source, "INBOX.Citt\xc3\xa0");
	assert_non_null(plan_folder_of(&plan->account[0], "INBOX.Citt\xe0", 1));
}

static void as_it_looks(void **state)
{
	struct plan_message message = { .uid = 17, .action = PLAN_SKIP, .reason = (char[]){ "too-big" }, .comment = (char[]){ "35 MB" } };
	struct plan_folder folder = { .source = (char[]){ "INBOX.Posta inviata" }, .target = (char[]){ "Sent" }, .role = (char[]){ "sent" }, .why = (char[]){ "special-use" }, .bytes = 812345,
		.validity = 1700000001, .message = &message, .messages = 1, .comment = (char[]){ "120 messages" } };
	struct plan_account account[] = { { .name = accounts[0].name, .folder = &folder, .folders = 1 }, { .name = accounts[1].name } };
	struct plan made = { .digest = (char[]){ "8f41" }, .head = (char[]){ "Plan\n\n  go" }, .account = account, .accounts = 2, .tail = (char[]){ "end" } };
	CLEANUP(buf_free) struct buf text = { 0 };
	(void)state;
	plan_write(&made, &text);
	assert_string_equal(text.data, "# Plan\n#\n#   go\nplan: 1\njob_digest: \"8f41\"\naccounts:\n  - name: mario\n    folders:\n      # 120 messages\n"
		"      - source: INBOX.Posta inviata\n        target: Sent\n        action: copy\n        role: sent\n        why: special-use\n        bytes: 812345\n"
		"        uidvalidity: 1700000001\n        messages:\n          # 35 MB\n          - { uid: 17, reason: too-big, action: skip }\n"
		"  - name: anna\n    folders: []\n# end\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(same_names, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(bad, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(no_file, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(round_trip, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(other_bytes, tmp_setup, tmp_teardown),
		cmocka_unit_test(as_it_looks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
