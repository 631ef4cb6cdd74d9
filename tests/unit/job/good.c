/* Files that load: every value lands in its place, what is left out has its default. */
#include "tests/unit/job/tmp.h"

#include "core/job/job.h"
#include "core/job/keys.h"

#define END(host, user) "{host: " host ", user: " user ", password: x}"
#define PAIR "source: " END("a.it", "m") ", target: " END("b.it", "m")

/* Loads what must be right; prints the errors if it isn't. */
static struct job *load(const struct tmp *t)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	struct job *job = NULL;

	if (job_load(&job, t->job, NULL, &errors) < 0)
		fail_msg("%s", errors.data);
	assert_int_equal(errors.len, 0);
	assert_non_null(job);
	return job;
}

static struct job *load_text(const struct tmp *t, const char *text)
{
	tmp_job(t, text);
	return load(t);
}

static void check_path(const struct tmp *t, const char *path, const char *name)
{
	CLEANUP(x_free) char *want = x_printf("%s/%s", t->dir, name);

	assert_string_equal(path, want);
}

static void defaults(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = load_text(t, "version: 1\naccounts: [{name: mario, " PAIR "}]\n");
	const struct job_end *s = &job->account[0].source;

	assert_string_equal(job->path, t->job);
	check_path(t, job->state, "migrate.state");
	check_path(t, job->refused, "refused");
	assert_int_equal(job->workers, 8);
	assert_int_equal(job->verify, VERIFY_STANDARD);
	assert_int_equal(job->give_up_ms, 600000);
	assert_int_equal(job->accounts, 1);
	assert_string_equal(job->account[0].name, "mario");
	assert_string_equal(s->host, "a.it");
	assert_string_equal(s->user, "m");
	assert_string_equal(s->password, "x");
	assert_int_equal(s->port, 993);
	assert_int_equal(s->tls, TLS_IMPLICIT);
	assert_false(s->insecure);
	assert_null(s->ca_file);
	assert_int_equal(s->connections, 4);
	assert_int_equal(s->timeout_ms, 60000);
	assert_string_equal(job->account[0].target.host, "b.it");
	assert_int_equal(strlen(job->digest), 64);
}

static void every_key(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = NULL;
	const struct job_end *s, *e;

	tmp_write(t, "ca.pem", "x", 1, 0644);
	tmp_write(t, "secret", "pass word\nsecond line\n", 22, 0600);
	job = load_text(t, "version: 1\nstate: /var/x/../a.db\nworkers: 64\nrefused: sub/refused//\nverify: deep\n"
		"limits: {give_up: 2h}\naccounts:\n"
		"- name: \"caff\\u00e8 di Mario\"\n"
		"  source:\n    provider: imap\n    host: '::1'\n    port: 65535\n    tls: none\n    insecure: false\n"
		"    user: mario\n    password: \" # : 'x' \"\n    connections: 1\n    timeout: 1s\n"
		"  target:\n    host: imap.company.it\n    tls: starttls\n    ca_file: ca.pem\n    user: a b\n    password_file: secret\n"
		"    connections: 64\n    timeout: 1h\n");
	assert_string_equal(job->state, "/var/x/../a.db");
	assert_int_equal(job->workers, 64);
	check_path(t, job->refused, "sub/refused");
	assert_int_equal(job->verify, VERIFY_DEEP);
	assert_int_equal(job->give_up_ms, 7200000);
	assert_string_equal(job->account[0].name, "caff\xc3\xa8 di Mario");
	s = &job->account[0].source;
	assert_string_equal(s->host, "::1");
	assert_int_equal(s->port, 65535);
	assert_int_equal(s->tls, TLS_NONE);
	assert_string_equal(s->password, " # : 'x' ");
	assert_int_equal(s->connections, 1);
	assert_int_equal(s->timeout_ms, 1000);
	e = &job->account[0].target;
	assert_int_equal(e->port, 143);
	assert_int_equal(e->tls, TLS_STARTTLS);
	check_path(t, e->ca_file, "ca.pem");
	assert_string_equal(e->user, "a b");
	assert_string_equal(e->password, "pass word");
	assert_int_equal(e->connections, 64);
	assert_int_equal(e->timeout_ms, 3600000);
}

/* The state's default from the job file's name. */
static void state_names(void **state)
{
	static const struct { const char *file, *want; } rows[] = {
		{ "migrate.yaml", "migrate.state" }, { "job", "job.state" }, { "a.b.yml", "a.b.state" }, { ".yaml", ".yaml.state" },
		{ "my job.yaml", "my job.state" },
	};
	struct tmp *t = *state;
	const char *text = "version: 1\naccounts: [{name: mario, " PAIR "}]\n";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = NULL;

		tmp_write(t, rows[i].file, text, strlen(text), 0600);
		snprintf(t->job, sizeof(t->job), "%s/%s", t->dir, rows[i].file);
		job = load(t);
		check_path(t, job->state, rows[i].want);
	}
}

/* A path without folder: everything is beside the file all the same, and absolute. */
static void relative_path(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = NULL;
	CLEANUP(buf_free) struct buf errors = { 0 };
	CLEANUP(x_free) char *old = realpath(".", NULL);

	tmp_job(t, "version: 1\nstate: s.db\naccounts: [{name: mario, " PAIR "}]\n");
	assert_int_equal(chdir(t->dir), 0);
	assert_int_equal(job_load(&job, "migrate.yaml", NULL, &errors), 0);
	assert_int_equal(chdir(old), 0);
	assert_string_equal(job->path, "migrate.yaml");
	check_path(t, job->state, "s.db");
	check_path(t, job->refused, "refused");
}

/* Byte order mark, CRLF, comments, document markers, JSON: all of it is YAML. */
static void forms(void **state)
{
	static const char *const rows[] = {
		"\xef\xbb\xbfversion: 1\naccounts: [{name: m, " PAIR "}]\n",
		"version: 1\r\naccounts:\r\n- name: m\r\n  source: " END("a.it", "m") "\r\n  target: " END("b.it", "m") "\r\n",
		"%YAML 1.1\n--- # job\nversion: 1\naccounts: [{name: m, " PAIR "}]\n...\n",
		("{\"version\": 1, \"accounts\": [{\"name\": \"m\", \"source\": {\"host\": \"a.it\", \"user\": \"m\", \"password\": \"x\"},"
		" \"target\": {\"host\": \"b.it\", \"user\": \"m\", \"password\": \"x\"}}]}"),
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = load_text(t, rows[i]);

		assert_string_equal(job->account[0].name, "m");
		assert_string_equal(job->account[0].source.password, "x");
	}
}

/* Hosts that need no `insecure`, and pairs that are not the same mailbox. */
static void allowed(void **state)
{
	static const char *const ends[][2] = {
		{ "{host: 127.0.0.1, tls: none, user: m, password: x}", END("b.it", "m") },
		{ "{host: 127.255.3.4, tls: none, user: m, password: x}", END("b.it", "m") },
		{ "{host: LocalHost, tls: none, user: m, password: x}", END("b.it", "m") },
		{ "{host: '::1', tls: none, user: m, password: x}", END("b.it", "m") },
		{ "{host: mail.lan, tls: none, insecure: true, user: m, password: x}", END("b.it", "m") },
		{ "{host: 127.0.0.1, port: 1143, user: m, password: x}", "{host: 127.0.0.1, port: 2143, user: m, password: x}" },
		{ END("a.it", "m"), END("a.it", "n") },
		{ END("a.it", "m"), END("a.it.", "mm") },
		{ END("caff\xc3\xa8.it", "m"), END("b.it", "m") },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		CLEANUP(x_free) char *text = x_printf("version: 1\naccounts:\n- name: m\n  source: %s\n  target: %s\n", ends[i][0], ends[i][1]);
		CLEANUP(job_free) struct job *job = load_text(t, text);

		assert_int_equal(job->accounts, 1);
	}
}

/* What changes the digest and what doesn't: the text between, and whether it is the first row's. */
static void digests(void **state)
{
	static const struct { const char *text; bool same; } rows[] = {
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: b, " PAIR "}\n", true },
		{ "# other layout, order, case of a host, password, port\nverify: deep\nversion: 1\naccounts:\n- name: b\n  " "source: "
		  "{host: A.IT, port: 994, user: m, password: y}\n  target: " END("b.it", "m") "\n- {name: a, " PAIR "}\n", true },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: c, " PAIR "}\n", false },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n", false },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: b, source: " END("a.it", "M") ", target: " END("b.it", "m") "}\n", false },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: b, source: " END("a.it", "m") ", target: " END("b.it", "n") "}\n", false },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: b, source: " END("c.it", "m") ", target: " END("b.it", "m") "}\n", false },
		{ "version: 1\naccounts:\n- {name: a, " PAIR "}\n- {name: b, source: " END("a.it", "m") ", target: " END("c.it", "m") "}\n", false },
	};
	struct tmp *t = *state;
	char first[65] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = load_text(t, rows[i].text);

		if (i == 0)
			strcpy(first, job->digest);
		assert_int_equal(strcmp(first, job->digest) == 0, rows[i].same);
	}
}

/* Mapping and filters are in the digest, wherever they are written; what doesn't decide them isn't. */
static void digests_of_rules(void **state)
{
#define ACCOUNTS "accounts: [{name: a, " PAIR "}]\n"
#define RULES "folders: {include: [A, B], map: {x: y, p: q}, under: u, special_use: false}\nmessages: {since: 2015-01-01, max_size: 1MB}\n"
	static const struct { const char *text; bool same; } rows[] = {
		{ "version: 1\n" RULES ACCOUNTS, true },
		{ "version: 1\nworkers: 2\nguard: {shrink: 20%}\nlimits: {rate: 1MB/s}\nnotify: {command: [a]}\n" RULES ACCOUNTS, true },
		{ "version: 1\nmessages: {flags: none}\naccounts: [{folders: {include: [B, A], map: {p: q, x: y}, under: u, special_use: false, "
		  "exclude: [], subscribe: all}, name: a, " PAIR ", messages: {max_size: 1000KB, since: 2015-01-01, deleted: skip}}]\n", true },
		{ "version: 1\nfolders: {include: [A, C], map: {x: y, p: q}, under: u, special_use: false}\nmessages: {since: 2015-01-01, max_size: 1MB}\n"
		  ACCOUNTS, false },
		{ "version: 1\nfolders: {include: [A], exclude: [B], map: {x: y, p: q}, under: u, special_use: false}\nmessages: {since: 2015-01-01, "
		  "max_size: 1MB}\n" ACCOUNTS, false },
		{ "version: 1\nfolders: {include: [A, B], map: {x: q, p: y}, under: u, special_use: false}\nmessages: {since: 2015-01-01, max_size: 1MB}\n"
		  ACCOUNTS, false },
		{ "version: 1\nfolders: {include: [A, B], map: {x: y, p: q}, special_use: false}\nmessages: {since: 2015-01-01, max_size: 1MB}\n"
		  ACCOUNTS, false },
		{ "version: 1\nfolders: {include: [A, B], map: {x: y, p: q}, under: u}\nmessages: {since: 2015-01-01, max_size: 1MB}\n" ACCOUNTS, false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", folders: {merge: true}}]\n", false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", messages: {since: 2015-01-02}}]\n", false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", messages: {before: 2025-01-02}}]\n", false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", messages: {max_size: 2MB}}]\n", false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", messages: {deleted: copy}}]\n", false },
		{ "version: 1\n" RULES "accounts: [{name: a, " PAIR ", messages: {duplicates: skip}}]\n", false },
	};
	struct tmp *t = *state;
	char first[65] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(job_free) struct job *job = load_text(t, rows[i].text);

		if (i == 0)
			strcpy(first, job->digest);
		if ((strcmp(first, job->digest) == 0) != rows[i].same)
			fail_msg("%s", rows[i].text);
	}
}

/* The example in the root of the tree is right, and shows every key that is known. */
static void example(void **state)
{
	static const struct level *const levels[] = { &level_job, &level_limits, &level_notify, &level_account, &level_end, &level_folders,
		&level_messages, &level_guard };
	struct tmp *t = *state;
	CLEANUP(x_free) char *path = x_strndup(__FILE__, strlen(__FILE__) - strlen("tests/unit/job/good.c"));
	CLEANUP(x_free) char *file = x_printf("%smigrate.yaml.example", path);
	CLEANUP(x_free) char *secrets = x_printf("%s/secrets", t->dir);
	CLEANUP(job_free) struct job *job = NULL;
	char text[8192];
	FILE *f = fopen(file, "rb");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	mkdir(secrets, 0700);
	tmp_write(t, "secrets/mario", "uno\n", 4, 0600);
	tmp_write(t, "accounts.csv", "source_user,source_host,target_user,target_host\npaolo@libero.it,a.it,paolo@b.it,b.it\n", 84, 0644);
	tmp_write(t, "secrets/anna-company", "tre", 3, 0400);
	tmp_write(t, "company-ca.pem", "x", 1, 0644);
	job = load_text(t, text);
	assert_int_equal(job->accounts, 4);
	assert_string_equal(job->account[0].source.password, "uno");
	assert_string_equal(job->account[0].target.password, "un'altra: parola");
	assert_string_equal(job->account[1].source.command[2], "mail/anna@libero.it");
	assert_string_equal(job->account[1].target.password, "tre");
	assert_string_equal(job->account[3].name, "paolo@libero.it");
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		for (size_t k = 0; k < levels[i]->count; k++) {
			CLEANUP(x_free) char *key = x_printf(" %s:", levels[i]->key[k].name);
			CLEANUP(x_free) char *top = x_printf("\n%s:", levels[i]->key[k].name);

			if (levels[i]->key[k].read && !strstr(text, key) && !strstr(text, top))
				fail_msg("the example has no %s", levels[i]->key[k].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(every_key, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(state_names, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(relative_path, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(forms, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(allowed, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(digests, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(digests_of_rules, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(example, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
