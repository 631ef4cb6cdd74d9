/* `accounts_from`: tables as people and spreadsheets write them. */
#include "tests/unit/job/tmp.h"

#include <time.h>

#include "core/job/job.h"
#include "core/job/ruined.h"

static const struct preset some[] = {
	{ .id = "libero", .name = "Libero", .domains = "libero.it", .host = "imapmail.libero.it", .port = 993, .tls = TLS_IMPLICIT },
};
static const struct presets presets = { some, 1 };

/* The target's server; the source's comes from the address. */
#define JOB "version: 1\ndefaults: {target: {host: b.it}}\naccounts_from: a.csv\n"

/* The errors without the folder's name in front of them. */
static char *load(struct job **job, const struct tmp *t, const char *yaml, const char *csv, size_t len)
{
	CLEANUP(buf_free) struct buf told = { 0 };
	struct buf out = { 0 };
	size_t skip = strlen(t->dir) + 1;

	tmp_job(t, yaml);
	tmp_write(t, "a.csv", csv, len, 0600);
	job_load(job, t->job, &presets, &told);
	buf_adds(&out, "");
	for (const char *line = told.data; line && *line; line = strchr(line, '\n') + 1) {
		assert_memory_equal(line, t->dir, skip - 1);
		buf_add(&out, line + skip, (size_t)(strchr(line, '\n') + 1 - line) - skip);
	}
	return out.data;
}

/* Different files with the same two accounts. */
static void forms(void **state)
{
	static const char *const rows[] = {
		"source_user,target_user\na@libero.it,x y\nb@libero.it,z\n",
		"source_user;target_user\na@libero.it;x y\nb@libero.it;z",
		"target_user\tsource_user\nx y\ta@libero.it\nz\tb@libero.it\n",
		"\xef\xbb\xbfsource_user;target_user\r\na@libero.it;x y\r\nb@libero.it;z\r\n",
		"\xef\xbb\xbf\"source_user\";\"target_user\"\r\n\"a@libero.it\";\"x y\"\r\n\"b@libero.it\";\"z\"\r\n",
		"\n;;\n,,\nsource_user,target_user\n\n,,,\n  ,  \na@libero.it,x y\n\"\",\"\"\nb@libero.it,z\n\n\n",
		" source_user , target_user ,,\n a@libero.it ,  x y \nb@libero.it,z,,,,\n",
		"name,source_user,target_user,source_port,target_password\n,a@libero.it,x y,,\n\"\",b@libero.it,z\n",
		"source_user,target_user\ra@libero.it,x y\rb@libero.it,z\r",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = load(&job, *state, JOB, rows[i], strlen(rows[i]));

		if (!job)
			fail_msg("\n%s\ngives\n%s", rows[i], got);
		assert_int_equal(job->accounts, 2);
		assert_string_equal(job->account[0].name, "a@libero.it");
		assert_string_equal(job->account[0].source.host, "imapmail.libero.it");
		assert_int_equal(job->account[0].source.port, 993);
		assert_string_equal(job->account[0].target.user, "x y");
		assert_string_equal(job->account[0].target.host, "b.it");
		assert_int_equal(job->account[0].target.secret, SECRET_LATER);
		assert_string_equal(job->account[1].source.user, "b@libero.it");
		assert_string_equal(job->account[1].target.login, "z");
	}
}

/* Every kind of value; quotes; what rows take over, and what the job file has besides. */
static void values(void **state)
{
	static const char csv[] = "name;source_user;source_host;source_port;source_tls;source_password;source_connections;target_user;"
		"target_insecure;target_tls;target_password_file;target_auth\n"
		"uno;u@a.it;a.it;143;starttls;\"p;\"\"w\"\" \";7;t1;TRUE;none;pw;plain\n"
		"due;null;a.it;;;  ~ ;;t2;false;implicit;;\n";
	static const char yaml[] = "version: 1\nfolders: {exclude: [Spam]}\ndefaults:\n  source: {timeout: 9s}\n"
		"  target: {host: b.it, password_command: [pass, \"{name}/{user}\"]}\naccounts_from: a.csv\n"
		"accounts: [{name: zero, source: {user: z@libero.it}, target: {user: z}}]\n";
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = NULL;
	CLEANUP(x_free) char *got = NULL;
	const struct job_account *a;

	tmp_write(t, "pw", "geheim\n", 7, 0600);
	got = load(&job, t, yaml, csv, sizeof(csv) - 1);
	assert_string_equal(got, "");
	assert_int_equal(job->accounts, 3);
	a = &job->account[1];
	assert_string_equal(job->account[0].name, "zero");
	assert_string_equal(a->name, "uno");
	assert_int_equal(a->source.port, 143);
	assert_int_equal(a->source.tls, TLS_STARTTLS);
	assert_string_equal(a->source.password, "p;\"w\" ");
	assert_int_equal(a->source.secret, SECRET_PASSWORD);
	assert_int_equal(a->source.connections, 7);
	assert_int_equal(a->source.timeout_ms, 9000);
	assert_true(a->target.insecure);
	assert_int_equal(a->target.tls, TLS_NONE);
	assert_string_equal(a->target.password, "geheim");
	assert_null(a->target.command);
	assert_int_equal(a->target.auth, AUTH_PLAIN);
	assert_string_equal(a->folders.exclude[0], "Spam");
	a = &job->account[2];
	assert_string_equal(a->source.user, "null");
	assert_string_equal(a->source.password, "  ~ ");
	assert_int_equal(a->source.port, 993);
	assert_int_equal(a->target.secret, SECRET_COMMAND);
	assert_string_equal(a->target.command[1], "due/t2");
}

#define H "source_user,target_user\n"

static void errors(void **state)
{
	static const struct { const char *csv, *want; } rows[] = {
		{ "", "a.csv:1:1: is empty: its first row names the columns, source_user and target_user at least\n" },
		{ "\n;;\n", "a.csv:1:1: is empty: its first row names the columns, source_user and target_user at least\n" },
		{ "a@libero.it,x,geheim\nb@libero.it,y,geheim\n",
		  "a.csv:1:1: the first row must name the columns, source_user and target_user at least\n" },
		{ H, "a.csv:1:1: no account stands below the header\n" },
		{ "\n" H ",\n", "a.csv:2:1: no account stands below the header\n" },
		{ H "a@libero.it,x\nb@libero.it\n,y\n", "a.csv:3:1: the row has no `target_user`\na.csv:4:1: the row has no `source_user`\n" },
		{ "source_user\na@libero.it\n", "a.csv:1:1: the header has no column `target_user`\n" },
		{ "sourceuser,target_usr,nome,zzz,host\na@libero.it,x,,,\n",
		  "a.csv:1:1: unknown column `sourceuser`: did you mean `source_user`?\n"
		  "a.csv:1:1: the header has no column `source_user`\na.csv:1:1: the header has no column `target_user`\n"
		  "a.csv:1:12: unknown column `target_usr`: did you mean `target_user`?\na.csv:1:23: unknown column `nome`: did you mean `name`?\n"
		  "a.csv:1:28: unknown column `zzz`: there are name, and every key of `source` or `target` with source_ or target_ before it\n"
		  "a.csv:1:32: unknown column `host`: there are name, and every key of `source` or `target` with source_ or target_ before it\n" },
		{ "source_user,target_user,source_oauth2,source_password_command,source_user\na@libero.it,x,,,\n",
		  "a.csv:1:25: column `source_oauth2` is not in this version yet\na.csv:1:39: column `source_password_command`: a command is a list, "
		  "which a cell can't hold: put it into `defaults` of the job file, with {user}\na.csv:1:63: column `source_user` is there twice\n" },
		{ H "a@libero.it,x,,z\nb@libero.it,\"y,z\",,\n", "a.csv:2:16: the header has 2 columns, and this is cell 4: put cells with a separator in "
		  "them in quotes\n" },
		{ "source_user,target_user,\na@libero.it,x,boh\n", "a.csv:2:15: this column has no name in the header\n" },
		{ "source_user,target_user,source_port,source_tls\n\xc3\xa8@libero.it,\xc3\xa8,x,ssl\nb@libero.it,y,0,\n",
		  "a.csv:2:15: `port` must be a number from 1 to 65535, not `x`\na.csv:2:17: `tls` must be implicit, starttls or none, not `ssl`\n"
		  "a.csv:3:15: `port` must be a number from 1 to 65535, not `0`\n" },
		{ H "a@c.it,x\nb@libero.it,\"y\n", "a.csv:2:1: `host` is missing: no preset for c.it\n"
		  "a.csv:3:13: this quote is never closed: all behind it would be one cell\n" },
		{ H "a@libero.it,x\"y\nb@libero.it,\"z\"q,\nc@libero.it,\"z\nz\"\nd@c.it,\"x\"\"y\"\n",
		  "a.csv:2:14: a quote within a cell: put the whole cell in quotes, and double this one\n"
		  "a.csv:3:16: text behind a closing quote: a quote within a cell must be doubled\n"
		  "a.csv:4:13: `user` holds a control character\na.csv:6:1: `host` is missing: no preset for c.it\n" },
		{ H "a@libero.it,\"1,23E+11\"\n#NOME?,x\nb@libero.it,1.23E+11\n",
		  "a.csv:2:13: a spreadsheet has ruined this cell: `1,23E+11`: make its column text, and write it again\n"
		  "a.csv:3:1: a spreadsheet has ruined this cell: `#NOME?`: make its column text, and write it again\n"
		  "a.csv:4:13: a spreadsheet has ruined this cell: `1.23E+11`: make its column text, and write it again\n" },
		{ H "a@libero.it,x\nb@libero.it,y\na@libero.it,z\n", "a.csv:4:1: two accounts are named `a@libero.it`: the other one is in line 2\n" },
		{ H "a@libero.it,x\xe8\n", "a.csv:2:14: not UTF-8: save the table as \"CSV UTF-8\"\n" },
		{ H "\xc3\xa8,\xc3\xa8\xe0\n", "a.csv:2:4: not UTF-8: save the table as \"CSV UTF-8\"\n" },
		{ "\xff\xfes", "a.csv:1:1: not UTF-8: save the table as \"CSV UTF-8\"\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = load(&job, *state, JOB, rows[i].csv, strlen(rows[i].csv));

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\n%s\ngives\n%snot\n%s", rows[i].csv, got, rows[i].want);
		assert_null(job);
	}
}

/* Errors of both files at once; names of both together; the file itself. */
static void two_files(void **state)
{
	static const struct { const char *yaml, *want; } rows[] = {
		{ "version: 2\nworkers: 0\naccounts_from: a.csv\naccounts: [{name: a@libero.it, source: {user: q@libero.it}, target: {user: x}}]\n",
		  "migrate.yaml:1:10: `version` must be 1, not `2`\nmigrate.yaml:2:10: `workers` must be a number from 1 to 64, not `0`\n"
		  "migrate.yaml:4:69: the target has no `host`\na.csv:2:1: the target has no `host`\n"
		  "a.csv:2:1: two accounts are named `a@libero.it`: the other one is in line 4 of the job file\n" },
		{ "version: 1\naccounts_from: b.csv\n", "migrate.yaml:2:16: `accounts_from`: `b.csv` can't be read: No such file or directory\n" },
		{ "version: 1\naccounts_from: .\n", "migrate.yaml:2:16: `accounts_from`: `.` is not a regular file\n" },
		{ "version: 1\naccounts_from: [a.csv]\n", "migrate.yaml:2:16: `accounts_from` must be one value, not a list\n" },
		{ "version: 1\n", "migrate.yaml:1:1: the job file has no `accounts`\n" },
	};
	static const char csv[] = H "a@libero.it,x\n";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *got = load(&job, *state, rows[i].yaml, csv, sizeof(csv) - 1);

		assert_string_equal(got, rows[i].want);
	}
}

static void modes(void **state)
{
	static const char csv[] = "source_user,target_user,source_password,target_password\na@libero.it,x,geheim,\n";
	struct tmp *t = *state;
	CLEANUP(x_free) char *want = x_printf("%s/my table.csv:1:25: passwords in a file that others can open: chmod 600 '%s/my table.csv'\n",
		t->dir, t->dir);

	tmp_job(t, "version: 1\ndefaults: {target: {host: b.it}}\naccounts_from: my table.csv\n");
	chmod(t->job, 0644);
	for (mode_t mode = 0; mode <= 077; mode++) {
		CLEANUP(buf_free) struct buf told = { 0 };
		CLEANUP(job_free) struct job *job = NULL;

		tmp_write(t, "my table.csv", csv, sizeof(csv) - 1, 0600 | mode);
		assert_int_equal(job_load(&job, t->job, &presets, &told), mode == 0 ? 0 : -1);
		assert_string_equal(told.len > 0 ? told.data : want, want);
	}
}

static void ruined(void **state)
{
	static const struct { const char *text; bool cell, password; } rows[] = {
		{ "1,23E+11", true, true }, { "1.23E+11", true, true }, { "1E+11", true, true }, { "-4,5e-05", true, true }, { "1.23456E+100", true, true },
		{ "#NOME?", true, true }, { "#N/D", true, true }, { "#REF!", true, true }, { "#VALORE!", true, true }, { "#NAME?", true, true },
		{ "#RIF!", true, true }, { "#DIV/0!", true, true }, { "####", true, false }, { "#OLALA!", true, false }, { "Err:502", true, false },
		{ "Errore:509", true, false }, { "Error:508", true, false },
		{ "12,3E+11", false, false }, { "1,E+11", false, false }, { "1E11", false, false }, { "1.23E+", false, false }, { "1.23E+1x", false, false },
		{ "#", false, false }, { "##", false, false }, { "#nome?", false, false }, { "N/D", false, false }, { "#NOME? ", false, false },
		{ "Err:5023", false, false }, { "Erro:502", false, false }, { "Err", false, false }, { "", false, false }, { "mario@libero.it", false, false },
		{ "#!", false, false }, { "1", false, false }, { "E+1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (ruined_cell(rows[i].text, false) != rows[i].cell || ruined_cell(rows[i].text, true) != rows[i].password)
			fail_msg("%s", rows[i].text);
	}
}

/* 100,000 rows take a moment; one more is refused. A ruined password is not shown. */
static void many(void **state)
{
	struct tmp *t = *state;
	CLEANUP(buf_free) struct buf csv = { 0 };
	CLEANUP(job_free) struct job *job = NULL;
	CLEANUP(x_free) char *got = NULL, *none = NULL;
	clock_t start = clock();

	buf_adds(&csv, "source_user;target_user;source_password\r\n");
	for (int i = 0; i < 100000; i++)
		buf_addf(&csv, "user%d@libero.it;user%d@company.it;\"password \"\"%d\"\r\n", i, i, i);
	none = load(&job, t, "version: 1\nfolders: {exclude: [Spam, Cestino]}\ndefaults: {target: {host: b.it, password_command: [pass, '{user}']}}\n"
		"accounts_from: a.csv\n", csv.data, csv.len);
	assert_string_equal(none, "");
	assert_int_equal(job->accounts, 100000);
	assert_string_equal(job->account[99999].source.password, "password \"99999");
	assert_string_equal(job->account[5].target.command[1], "user5@company.it");
	/* With the sanitizers too: quadratic would be minutes. */
	assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
	job_free(&job);
	buf_adds(&csv, "last@libero.it;last@company.it;\"1,5E+3\"\n");
	got = load(&job, t, "version: 1\ndefaults: {target: {host: b.it}}\naccounts_from: a.csv\n", csv.data, csv.len);
	assert_string_equal(got, "a.csv:100002:1: more than 100,000 accounts: make several jobs of it\n"
		"a.csv:100002:32: a spreadsheet has ruined this cell: make its column text, and write it again\n");
}

/* A right table, cut everywhere and with every byte replaced: it loads or it tells why. */
static void damaged(void **state)
{
	static const char good[] = "\xef\xbb\xbfname;source_user;target_user;source_password\r\n\"a\"\"\xc3\xa8\";u@libero.it;x y;\"p\nw\"\r\n;;\r\nb;v@libero.it;z;\r\n";
	static const char bytes[] = { '\0', '\t', '\n', '\r', ' ', '"', ',', ';', '\x80', '\xc3', '\xff', 'x' };
	size_t len = sizeof(good) - 1;
	char text[sizeof(good)];

	for (size_t at = 0; at < len; at++) {
		for (size_t b = 0; b <= sizeof(bytes); b++) {
			CLEANUP(job_free) struct job *job = NULL;
			CLEANUP(x_free) char *got = NULL;

			memcpy(text, good, sizeof(good));
			if (b < sizeof(bytes))
				text[at] = bytes[b];
			got = load(&job, *state, JOB, text, b < sizeof(bytes) ? len : at);
			assert_int_equal(job != NULL, *got == '\0');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forms, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(values, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(errors, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(two_files, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(modes, tmp_setup, tmp_teardown),
		cmocka_unit_test(ruined),
		cmocka_unit_test_setup_teardown(many, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(damaged, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
