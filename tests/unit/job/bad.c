/* Files that don't load: every error at its place, all of them at once. */
#include "tests/unit/job/tmp.h"

#include "core/job/job.h"

#define OK_END(host) "{host: " host ", user: m, password: x}"
#define OK_ENDS "source: " OK_END("a.it") ", target: " OK_END("b.it")
#define OK_ACCOUNTS "accounts: [{name: m, " OK_ENDS "}]\n"
#define HEAD "version: 1\n"
/* A job whose source is `keys`, which starts in line 4, column 14. */
#define SOURCE(keys) HEAD "accounts:\n- name: m\n  source: { " keys " }\n  target: " OK_END("b.it") "\n"
#define REST "host: a.it, user: m, password: x"

struct row {
	const char *text, *want;
};

static void check_row(const struct tmp *t, const struct row *row)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	CLEANUP(x_free) char *got = NULL;
	struct job *job = (struct job *)1;
	int rc;

	tmp_job(t, row->text);
	rc = job_load(&job, t->job, NULL, &errors);
	got = tmp_short(t, &errors);
	if (strcmp(got, row->want) != 0)
		fail_msg("\n%s\ngives\n%snot\n%s", row->text, got, row->want);
	assert_int_equal(rc, -1);
	assert_null(job);
}

static void check_rows(void **state, const struct row *row, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		check_row(*state, &row[i]);
}

#define CHECK(rows) check_rows(state, rows, sizeof(rows) / sizeof((rows)[0]))

static void syntax(void **state)
{
	static const struct row rows[] = {
		{ "", "1:1: is empty: a job file starts with `version: 1`\n" },
		{ "# only a comment\n", "1:1: is empty: a job file starts with `version: 1`\n" },
		{ "---\n", "2:1: is empty: a job file starts with `version: 1`\n" },
		{ "hello\n", "1:1: a job file holds keys: `version: 1`, `accounts:`\n" },
		{ "- a\n", "1:1: a job file holds keys: `version: 1`, `accounts:`\n" },
		{ "hots: 1\nversion: 1\naccounts:\n\t- name: m\n", "4:1: a tab can't stand here: indent with blanks\n" },
		{ "version: 1\n\xc3\xa8\xc3\xa8: [\n", "3:1: not valid YAML: while parsing a flow node: did not find expected node content\n" },
		{ "version: 1\nstate: \"open\n", "3:1: not valid YAML: while scanning a quoted scalar: found unexpected end of stream\n" },
		{ "version: 1\nstate: \xc3\xa8\xc3\xa8 \xe8x\n", "2:11: not UTF-8: save the file in UTF-8\n" },
		{ "version: 1\r\nstate: \xc0\x80\n", "2:8: not UTF-8: save the file in UTF-8\n" },
		{ "\xff\xfev\n", "1:1: not UTF-8: save the file in UTF-8\n" },
		{ "version: 1\nstate: \xc3\xa8\x01\n", "2:9: not valid YAML: control characters are not allowed\n" },
		{ "version: 1\nstate: a: b\n", "2:9: not valid YAML: mapping values are not allowed in this context\n" },
		{ "a: [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n", "1:19: nested too deep: more than 16 levels\n" },
		{ HEAD OK_ACCOUNTS "---\na: 1\n", "3:1: a second document: one file is one job\n" },
		{ HEAD OK_ACCOUNTS "state: a\nstate: b\nstate: c\n",
		  "4:1: duplicate key `state`: it stands in line 3 already\n5:1: duplicate key `state`: it stands in line 3 already\n" },
		{ SOURCE("port: 1, " REST ", port: hello"), "4:56: duplicate key `port`: it stands in line 4 already\n" },
		{ HEAD OK_ACCOUNTS "? [a, b]\n: c\n", "3:3: a key must be one word\n" },
	};

	CHECK(rows);
}

static void extras(void **state)
{
	static const struct row rows[] = {
		{ HEAD "state: &here a.db\nrefused: *here\n" OK_ACCOUNTS,
		  "2:8: anchors (`&name`) are not allowed: write the values out\n3:10: aliases (`*name`) are not allowed: write the values out\n" },
		{ HEAD "accounts: &a\n- &b {name: m, " OK_ENDS "}\n- *b\n",
		  "2:11: anchors (`&name`) are not allowed: write the values out\n3:3: anchors (`&name`) are not allowed: write the values out\n"
		  "4:3: aliases (`*name`) are not allowed: write the values out\n" },
		{ HEAD "state: !!str a.db\n" OK_ACCOUNTS, "2:8: tags (`!name`) are not allowed: leave it out\n" },
		{ HEAD "state: &x !foo a.db\n" OK_ACCOUNTS,
		  "2:8: anchors (`&name`) are not allowed: write the values out\n2:8: tags (`!name`) are not allowed: leave it out\n" },
		{ HEAD "refused: &k a\n*k : x\n" OK_ACCOUNTS,
		  "2:10: anchors (`&name`) are not allowed: write the values out\n3:1: aliases (`*name`) are not allowed: write the values out\n" },
		{ "*a\n", "1:1: aliases (`*name`) are not allowed: write the values out\n" },
	};

	CHECK(rows);
}

static void keys(void **state)
{
	static const struct row rows[] = {
		{ HEAD "accounts:\n- {name: m, " OK_ENDS ", archive: a}\n", "3:101: `archive` is not in this version yet\n" },
		{ SOURCE("host: a.it, user: m, path: 1"), "4:34: `path` is not in this version yet\n" },
		{ SOURCE("host: a.it, user: m, oauth2: 1"), "4:34: `oauth2` is not in this version yet\n" },
		{ HEAD "defaults: {name: x, sorce: {}}\nfolders: {inclode: [a]}\nmessages: {since_: 1}\nguard: {shrnk: 1}\nnotify: {cmd: [a]}\n"
		  "limits: {rates: 1}\n" OK_ACCOUNTS,
		  "2:12: unknown key `name`: it belongs in an account\n2:21: unknown key `sorce`: did you mean `source`?\n"
		  "3:11: unknown key `inclode`: did you mean `include`?\n4:12: unknown key `since_`: did you mean `since`?\n"
		  "5:9: unknown key `shrnk`: did you mean `shrink`?\n6:9: `notify` has no `command`\n6:10: unknown key `cmd`\n"
		  "7:10: unknown key `rates`: did you mean `rate`?\n" },
		{ SOURCE("hots: a.it, user: m, password: x"),
		  "4:11: the source has no `host`\n4:13: unknown key `hots`: did you mean `host`?\n" },
		{ SOURCE(REST ", HOST: x, conn: 4, zzz: 1, workers: 4"),
		  "4:47: unknown key `HOST`: did you mean `host`?\n4:56: unknown key `conn`: did you mean `connections`?\n"
		  "4:65: unknown key `zzz`\n4:73: unknown key `workers`: it belongs at the top\n" },
		{ HEAD "\"a\\0b\": 1\nhost: x\n\"\\e[31m\": 1\n" OK_ACCOUNTS,
		  "2:1: unknown key `a b`\n3:1: unknown key `host`: it belongs in `source` or `target`\n4:1: unknown key ` [31m`\n" },
		{ SOURCE("host: a.it, user: m, password:geheim"),
		  "4:34: unknown key `password:…`: a colon needs a blank behind it\n" },
		{ HEAD "<<: {state: x}\n" OK_ACCOUNTS, "2:1: unknown key `<<`\n" },
		{ HEAD "accounts:\n- source:\n    user: m\n  target:\n\n    host: b.it\n- name: n\n",
		  "3:3: the account has no `name`\n4:5: the source has no `host`\n7:5: the target has no `user`\n"
		  "8:3: the account has no `source`\n8:3: the account has no `target`\n" },
		{ "state: x\n", "1:1: the job file has no `version`\n1:1: the job file has no `accounts`\n" },
		{ SOURCE("provider: maildir, path: x"),
		  "4:23: `provider: maildir` is not in this version yet: use `imap`, with `host`\n4:32: `path` is not in this version yet\n" },
	};

	CHECK(rows);
}

static void values(void **state)
{
	static const struct row rows[] = {
		{ "version: 2\n" OK_ACCOUNTS, "1:10: `version` must be 1, not `2`\n" },
		{ "version: '1'\n" OK_ACCOUNTS, "1:10: `version` must be 1, not `1` in quotes\n" },
		{ "version: 1.0\n" OK_ACCOUNTS, "1:10: `version` must be 1, not `1.0`\n" },
		{ HEAD "workers: 0\nverify: depp\nstate: \nrefused: ''\nlimits: [a]\n" OK_ACCOUNTS,
		  "2:10: `workers` must be a number from 1 to 64, not `0`\n3:9: `verify` must be standard or deep, not `depp`\n"
		  "4:7: `state` has no value\n5:10: `refused` is empty\n6:9: `limits` must hold keys, not a list\n" },
		{ HEAD "workers: 65\nlimits:\n" OK_ACCOUNTS, "2:10: `workers` must be a number from 1 to 64, not `65`\n3:8: `limits` has no value\n" },
		{ HEAD "workers: 08\nlimits: {give_up: 10}\n" OK_ACCOUNTS, "2:10: `workers` must be a number from 1 to 64, not `08`\n"
		  "3:19: `give_up` must be a duration such as 30s, 10m or 2h, from 1s to 168h, not `10`\n" },
		{ HEAD "limits: {give_up: 169h}\nstate: ~/x\n" OK_ACCOUNTS,
		  "2:19: `give_up` must be a duration such as 30s, 10m or 2h, from 1s to 168h, not `169h`\n"
		  "3:8: `state`: `~` stands for nothing here: write the whole path\n" },
		{ HEAD "state: postgresql://u:geheim@h/db\n" OK_ACCOUNTS,
		  "2:8: `state`: postgresql:// is not in this version yet: name a file\n" },
		{ HEAD "state: mysql://u:geheim@h/db\n" OK_ACCOUNTS, "2:8: `state` must be a file, not a URL\n" },
		{ HEAD "state: \"a\\tb\"\nrefused: {a: b}\n" OK_ACCOUNTS,
		  "2:8: `state` holds a control character\n3:10: `refused` must be one value, not a mapping\n" },
		{ HEAD "state: ./migrate.yaml\nrefused: [a]\n" OK_ACCOUNTS, "3:10: `refused` must be one value, not a list\n" },
		{ SOURCE("port: 0, " REST), "4:19: `port` must be a number from 1 to 65535, not `0`\n" },
		{ SOURCE("port: 65536, " REST), "4:19: `port` must be a number from 1 to 65535, not `65536`\n" },
		{ SOURCE("port: -1, " REST), "4:19: `port` must be a number from 1 to 65535, not `-1`\n" },
		{ SOURCE("port: 99999999999999999999, " REST), "4:19: `port` must be a number from 1 to 65535, not `99999999999999999999`\n" },
		{ SOURCE("port: '993', " REST), "4:19: `port` must be a number from 1 to 65535, not `993` in quotes\n" },
		{ SOURCE("port: 9 93, " REST), "4:19: `port` must be a number from 1 to 65535, not `9 93`\n" },
		{ SOURCE("tls: ssl, " REST), "4:18: `tls` must be implicit, starttls or none, not `ssl`\n" },
		{ SOURCE("insecure: yes, " REST), "4:23: `insecure` must be true or false, not `yes`\n" },
		{ SOURCE("insecure: 'true', " REST), "4:23: `insecure` must be true or false, not `true` in quotes\n" },
		{ SOURCE("connections: 0, " REST), "4:26: `connections` must be a number from 1 to 64, not `0`\n" },
		{ SOURCE("connections: 65, " REST), "4:26: `connections` must be a number from 1 to 64, not `65`\n" },
		{ SOURCE("timeout: 61m, " REST), "4:22: `timeout` must be a duration such as 30s, 10m or 2h, from 1s to 1h, not `61m`\n" },
		{ SOURCE("ca_file: none.pem, " REST), "4:22: `ca_file`: `none.pem` can't be read: No such file or directory\n" },
		{ SOURCE("ca_file: ., " REST), "4:22: `ca_file`: `.` is not a regular file\n" },
	};

	CHECK(rows);
}

static void texts(void **state)
{
	static const struct row rows[] = {
		{ SOURCE("host: 'imap.a.it:993', user: m, password: x"),
		  "4:19: `host` must be a host alone, not `imap.a.it:993`: the port has a key of its own, `port`\n" },
		{ SOURCE("host: 'imaps://a.it', user: m, password: x"), "4:19: `host` must be a host name or an IP address, not `imaps://a.it`\n" },
		{ SOURCE("host: 'm@a.it', user: m, password: x"), "4:19: `host` must be a host name or an IP address, not `m@a.it`\n" },
		{ SOURCE("host: a b, user: m, password: x"), "4:19: `host` must be a host name or an IP address, not `a b`\n" },
		{ SOURCE("host: '', user: ~, password: x"), "4:19: `host` is empty\n4:29: `user` has no value\n" },
		{ SOURCE("host: a.it, user: \"a\\r\\nb\", password: x"), "4:31: `user` holds a control character\n" },
		{ SOURCE("host: a.it, user: \"a\\0b\", password: x"), "4:31: `user` holds a control character\n" },
		{ SOURCE("host: a.it, user: \"a\\x85b\", password: x"), "4:31: `user` holds a control character\n" },
		{ SOURCE("host: a.it, user: m, password: ''"), "4:44: `password` is empty\n" },
		{ SOURCE("host: a.it, user: m, password: "), "4:45: `password` has no value\n" },
		{ SOURCE("host: a.it, user: m, password: \"geh\\0eim\""), "4:44: `password` holds a NUL byte\n" },
		{ SOURCE("host: a.it, user: m, password: \"geh\\neim\""), "4:44: `password` holds a line break\n" },
		{ SOURCE("host: a.it, user: m, password: \"geh\\reim\""), "4:44: `password` holds a line break\n" },
		{ SOURCE("host: a.it, user: m, password: [geheim]"), "4:44: `password` must be one value, not a list\n" },
		{ HEAD "accounts: [{name: '', " OK_ENDS "}, {name: '  ', " OK_ENDS "}, {name: \"a\\eb\", " OK_ENDS "}, {name: [], " OK_ENDS "}]\n",
		  "2:19: `name` is empty\n2:119: `name` is empty\n2:221: `name` holds a control character\n"
		  "2:325: `name` must be one value, not a list\n" },
	};

	CHECK(rows);
}

static void together(void **state)
{
	static const struct row rows[] = {
		{ HEAD "accounts:\n- {name: m, " OK_ENDS "}\n- {name: n, " OK_ENDS "}\n- {name: m, " OK_ENDS "}\n- {name: m, " OK_ENDS "}\n",
		  "5:10: two accounts are named `m`: the other one is in line 3\n6:10: two accounts are named `m`: the other one is in line 3\n" },
		{ HEAD "accounts: [{name: m, source: " OK_END("a.it") ", target: " OK_END("A.it.") "}]\n",
		  "2:74: source and target are the same mailbox\n" },
		{ HEAD "accounts: [{name: m, source: {host: localhost, tls: starttls, user: m, password: x}, target: "
		  "{host: 127.0.0.1, user: M, password: x}}]\n", "2:94: source and target are the same mailbox\n" },
		{ HEAD "accounts: [{name: m, source: {host: a.it, port: 7, user: m, password: x}, target: "
		  "{host: a.it, port: 7, user: m, password: x}}]\n", "2:83: source and target are the same mailbox\n" },
		{ SOURCE("tls: none, " REST), "4:18: `tls: none` shows password and mail to the network: use implicit or starttls; "
		  "`insecure: true` if you must\n" },
		{ SOURCE("tls: none, insecure: false, host: 127.evil.it, user: m, password: x"), "4:18: `tls: none` shows password and mail to "
		  "the network: use implicit or starttls; `insecure: true` if you must\n" },
		{ SOURCE("tls: none, host: 128.0.0.1, user: m, password: x"), "4:18: `tls: none` shows password and mail to "
		  "the network: use implicit or starttls; `insecure: true` if you must\n" },
		{ SOURCE(REST ", password_command: [a]"), "4:47: two secrets for one source: keep one of them\n" },
		{ SOURCE("host: a.it, user: m, token_command: [a], password_file: none"),
		  "4:54: two secrets for one source: keep one of them\n4:69: `password_file`: `none` can't be read: No such file or directory\n" },
		{ HEAD "accounts: []\n", "2:11: `accounts` must be a list of at least one account: `- name: mario`\n" },
		{ HEAD "accounts:\n", "2:10: `accounts` must be a list of at least one account: `- name: mario`\n" },
		{ HEAD "accounts: {name: m}\n", "2:11: `accounts` must be a list of at least one account: `- name: mario`\n" },
		{ HEAD "accounts: [m, {name: n, source: x, target: []}]\n",
		  "2:12: `account` must hold keys, not one value\n2:33: `source` must hold keys, not one value\n"
		  "2:44: `target` must hold keys, not a list\n" },
		{ HEAD "state: migrate.yaml\n" OK_ACCOUNTS, NULL },
	};
	struct tmp *t = *state;
	CLEANUP(x_free) char *want = x_printf("2:8: `state` must not be the job file itself: `%s`\n", t->job);
	size_t last = sizeof(rows) / sizeof(rows[0]) - 1;

	check_rows(state, rows, last);
	check_row(t, &(struct row){ rows[last].text, want });
}

/* The errors of one file with a path of any kind. */
static void check_path(const char *path, const char *want)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	struct job *job = NULL;

	assert_int_equal(job_load(&job, path, NULL, &errors), -1);
	assert_string_equal(errors.data, want);
}

static void files(void **state)
{
	struct tmp *t = *state;
	CLEANUP(x_free) char *missing = x_printf("%s:1:1: can't be read: No such file or directory\n", t->job);
	CLEANUP(x_free) char *folder = x_printf("%s:1:1: can't be read: Is a directory\n", t->dir);

	check_path(t->job, missing);
	check_path(t->dir, folder);
	check_path("/dev/zero", "/dev/zero:1:1: is larger than 4 MB\n");
	check_path("no\nsuch/x.yaml", "no such/x.yaml:1:1: can't be read: No such file or directory\n");
}

/* Text of one line often, between two others. */
static char *many(const char *before, const char *line, size_t times)
{
	struct buf b = { 0 };

	buf_adds(&b, before);
	for (size_t i = 0; i < times; i++)
		buf_adds(&b, line);
	return b.data;
}

static void sizes(void **state)
{
	struct tmp *t = *state;
	CLEANUP(x_free) char *accounts = many(HEAD "accounts:\n", "- 1\n", 100001);
	CLEANUP(x_free) char *comment = many(HEAD OK_ACCOUNTS, "#23456789abcdef\n", (4 << 20) / 16);
	CLEANUP(x_free) char *long_name = many(HEAD "accounts: [{" OK_ENDS ", name: ", "n", 256);
	CLEANUP(x_free) char *long_password = many(HEAD "accounts: [{name: m, target: " OK_END("b.it") ", source: {host: a.it, user: m, password: ",
		"x", 4097);
	CLEANUP(x_free) char *name = x_printf("%s}]\n", long_name);
	CLEANUP(x_free) char *password = x_printf("%s}}]\n", long_password);

	check_row(t, &(struct row){ accounts, "3:1: more than 100,000 accounts: make several jobs of it\n" });
	check_row(t, &(struct row){ comment, "1:1: is larger than 4 MB\n" });
	check_row(t, &(struct row){ name, "2:107: `name` is longer than 255 bytes\n" });
	check_row(t, &(struct row){ password, "2:106: `password` is longer than 4,096 bytes\n" });
}

/* A thousand errors are shown; a file full of equal keys takes no time to speak of. */
static void floods(void **state)
{
	struct tmp *t = *state;
	CLEANUP(x_free) char *text = many(HEAD OK_ACCOUNTS, "workers: 1\n", 100000);
	CLEANUP(buf_free) struct buf errors = { 0 };
	CLEANUP(x_free) char *got = NULL;
	struct job *job = NULL;
	size_t lines = 0;

	tmp_job(t, text);
	assert_int_equal(job_load(&job, t->job, NULL, &errors), -1);
	got = tmp_short(t, &errors);
	for (const char *c = got; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 1001);
	assert_non_null(strstr(got, "\n1003:1: duplicate key `workers`: it stands in line 3 already\n1004:1: from here on 98999 more\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(syntax, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(extras, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(keys, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(values, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(texts, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(together, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(files, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(sizes, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(floods, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
