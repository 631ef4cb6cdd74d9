/* What an account takes over: from the top, from `defaults`, from its provider. */
#include "tests/unit/job/tmp.h"

#include "core/job/job.h"

static const struct preset some[] = {
	{ .id = "libero", .name = "Libero", .domains = "libero.it", .host = "imapmail.libero.it", .port = 993, .tls = TLS_IMPLICIT, .connections = 3 },
	{ .id = "alice", .name = "Alice", .domains = "alice.it", .host = "in.alice.it", .port = 143, .tls = TLS_STARTTLS, .user = USER_LOCAL },
	{ .id = "legalmail", .name = "Legalmail", .domains = "legalmail.it", .host = "mbox.it", .port = 993, .user = USER_CODE },
	{ .id = "outlook", .name = "Outlook", .domains = "hotmail.*", .host = "outlook.office365.com", .port = 993, .traits = PRESET_OAUTH_ONLY },
};
static const struct presets presets = { some, sizeof(some) / sizeof(some[0]) };

#define HEAD "version: 1\n"
#define TARGET "target: {host: b.it, user: t}"
#define SOURCE(keys) HEAD "accounts:\n- name: m\n  source: {" keys "}\n  " TARGET "\n"

static struct job *load_text(const struct tmp *t, const char *text)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	struct job *job = NULL;

	tmp_job(t, text);
	if (job_load(&job, t->job, &presets, &errors) < 0)
		fail_msg("\n%s\ngives\n%s", text, errors.data);
	return job;
}

static void check_errors(const struct tmp *t, const char *text, const char *want)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	CLEANUP(x_free) char *got = NULL;
	struct job *job = NULL;

	tmp_job(t, text);
	job_load(&job, t->job, &presets, &errors);
	got = tmp_short(t, &errors);
	if (strcmp(got, want) != 0)
		fail_msg("\n%s\ngives\n%snot\n%s", text, got, want);
	assert_null(job);
}

/* No more connections than the provider is known to take; fewer are the job's business. */
static void connections(void **state)
{
	static const struct { const char *keys; unsigned want; } rows[] = {
		{ "user: a@libero.it", 3 }, { "user: a@libero.it, connections: 64", 3 }, { "user: a@libero.it, connections: 2", 2 }, { "user: a@alice.it", 4 },
		{ "user: a@alice.it, connections: 64", 64 }, { "user: a@libero.it, host: c.it", 4 }, { "user: a@libero.it, provider: libero, host: c.it", 3 },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(x_free) char *text = x_printf(SOURCE("%s"), rows[i].keys);
		struct job *job = load_text(t, text);
		assert_int_equal(job->account[0].source.connections, rows[i].want);
		job_free(&job);
	}
}

/* Where a side goes, and as whom. */
static void servers(void **state)
{
	static const struct { const char *keys, *host, *login; unsigned port; enum job_tls tls; const char *id; } rows[] = {
		{ "user: a@libero.it", "imapmail.libero.it", "a@libero.it", 993, TLS_IMPLICIT, "libero" },
		{ "user: a@LIBERO.it", "imapmail.libero.it", "a@LIBERO.it", 993, TLS_IMPLICIT, "libero" },
		{ "user: a@alice.it", "in.alice.it", "a", 143, TLS_STARTTLS, "alice" },
		{ "user: a, provider: alice", "in.alice.it", "a", 143, TLS_STARTTLS, "alice" },
		{ "user: a@alice.it, tls: implicit", "in.alice.it", "a", 993, TLS_IMPLICIT, "alice" },
		{ "user: a@alice.it, port: 7", "in.alice.it", "a", 7, TLS_STARTTLS, "alice" },
		{ "user: a@alice.it, host: c.it", "c.it", "a@alice.it", 993, TLS_IMPLICIT, NULL },
		{ "user: a@alice.it, provider: alice, host: c.it", "c.it", "a", 143, TLS_STARTTLS, "alice" },
		{ "user: a@alice.it, provider: imap, host: c.it", "c.it", "a@alice.it", 993, TLS_IMPLICIT, NULL },
		{ "user: a@alice.it, provider: libero", "imapmail.libero.it", "a@alice.it", 993, TLS_IMPLICIT, "libero" },
		{ "user: M123, provider: legalmail", "mbox.it", "M123", 993, TLS_IMPLICIT, "legalmail" },
		{ "user: a@legalmail.it, auth_user: M123", "mbox.it", "M123", 993, TLS_IMPLICIT, "legalmail" },
		{ "user: a@hotmail.it, token_command: [a]", "outlook.office365.com", "a@hotmail.it", 993, TLS_IMPLICIT, "outlook" },
		{ "user: a@hotmail.co.uk, auth_user: boss", "outlook.office365.com", "boss", 993, TLS_IMPLICIT, "outlook" },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(x_free) char *text = x_printf(HEAD "accounts:\n- name: m\n  source: {%s}\n  " TARGET "\n", rows[i].keys);
		CLEANUP(job_free) struct job *job = load_text(t, text);
		const struct job_end *e = &job->account[0].source;

		assert_string_equal(e->host, rows[i].host);
		assert_string_equal(e->login, rows[i].login);
		assert_int_equal(e->port, rows[i].port);
		assert_int_equal(e->tls, rows[i].tls);
		assert_string_equal(e->preset ? e->preset->id : "none", rows[i].id ? rows[i].id : "none");
		assert_int_equal(e->on_behalf, strstr(rows[i].keys, "auth_user") != NULL);
	}
}

static void server_errors(void **state)
{
	static const struct { const char *text, *want; } rows[] = {
		{ SOURCE("user: a@company.it"), "4:11: `host` is missing: no preset for company.it\n" },
		{ SOURCE("user: a"), "4:11: the source has no `host`\n" },
		{ SOURCE("user: a@libero.it, provider: imap"), "4:11: the source has no `host`\n" },
		{ SOURCE("user: a@c.it, provider: libro"), "4:36: unknown `provider` `libro`: did you mean `libero`?\n" },
		{ SOURCE("user: a@c.it, provider: zzz"),
		  "4:36: unknown `provider` `zzz`: use `imap`, with `host`; `trasloco providers` lists the others\n" },
		{ SOURCE("user: a@legalmail.it"), "4:18: `user`: Legalmail signs in with a code of its own: write that code, not the address "
		  "`a@legalmail.it`, with `provider: legalmail`\n" },
		{ SOURCE("user: a@hotmail.it"), "4:11: Outlook takes OAuth2 only, which this version can't do by itself yet: until then use "
		  "`token_command`, a program that prints an access token\n" },
		{ SOURCE("user: a, provider: outlook, password: x"), "4:31: Outlook takes OAuth2 only, which this version can't do by itself yet: "
		  "until then use `token_command`, a program that prints an access token\n" },
		{ SOURCE("user: a@hotmail.it, oauth2: {}"), "4:32: `oauth2` is not in this version yet\n" },
		{ HEAD "defaults:\n  source: {provider: libro, hots: x, port: 0}\naccounts:\n- {name: m, source: {user: a}, " TARGET "}\n"
		  "- {name: n, source: {user: b}, " TARGET "}\n",
		  "3:22: unknown `provider` `libro`: did you mean `libero`?\n3:29: unknown key `hots`: did you mean `host`?\n"
		  "3:44: `port` must be a number from 1 to 65535, not `0`\n" },
		{ HEAD "defaults:\n  source: {tls: none}\naccounts:\n- name: m\n  source: {host: a.it, user: a}\n  " TARGET "\n",
		  "6:11: `tls: none` shows password and mail to the network: use implicit or starttls; `insecure: true` if you must\n" },
		{ HEAD "defaults: {source: {host: a.it}}\naccounts:\n- name: m\n  " TARGET "\n- name: n\n",
		  "4:3: the source has no `user`\n6:3: the source has no `user`\n6:3: the account has no `target`\n" },
		{ HEAD "defaults: 1\naccounts: [{name: m, source: {host: a.it, user: a}, " TARGET "}]\n", "2:11: `defaults` must hold keys, not one value\n" },
		{ HEAD "defaults: {source: {host: a.it, user: x}, target: {host: a.it, user: x}}\naccounts:\n- name: m\n",
		  "4:3: source and target are the same mailbox\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_errors(*state, rows[i].text, rows[i].want);
}

/* Secrets and ways to sign in. */
static void secrets(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = load_text(t, HEAD "defaults:\n  source: {host: a.it, password_command: [bin/pw, \"{user}\", "
		"\"x{name}y{user}\", \"{ }{}{\\\"a\\\": 1}\", \"\"]}\n  target: {host: b.it, password: geheim}\naccounts:\n"
		"- {name: 'N', source: {user: u@a.it}, target: {user: u}}\n"
		"- {name: 'O', source: {user: v, password: p}, target: {user: v, token_command: [tok], auth: xoauth2}}\n"
		"- {name: 'P', source: {user: w, auth: scram-sha-256}, target: {user: w, auth: plain, auth_user: w}}\n");
	struct job_account *a = job->account;
	CLEANUP(x_free) char *program = x_printf("%s/bin/pw", t->dir);

	assert_int_equal(a[0].source.secret, SECRET_COMMAND);
	assert_null(a[0].source.password);
	assert_string_equal(a[0].source.command[0], program);
	assert_string_equal(a[0].source.command[1], "u@a.it");
	assert_string_equal(a[0].source.command[2], "xNyu@a.it");
	assert_string_equal(a[0].source.command[3], "{ }{}{\"a\": 1}");
	assert_string_equal(a[0].source.command[4], "");
	assert_null(a[0].source.command[5]);
	assert_int_equal(a[0].target.secret, SECRET_PASSWORD);
	assert_string_equal(a[0].target.password, "geheim");
	assert_int_equal(a[1].source.secret, SECRET_PASSWORD);
	assert_null(a[1].source.command);
	assert_int_equal(a[1].target.secret, SECRET_TOKEN);
	assert_null(a[1].target.password);
	assert_string_equal(a[1].target.command[0], "tok");
	assert_int_equal(a[1].target.auth, AUTH_XOAUTH2);
	assert_string_equal(a[2].source.command[1], "w");
	assert_int_equal(a[2].source.auth, AUTH_SCRAM_SHA_256);
	assert_false(a[2].target.on_behalf);
	job_free(&job);
	job = load_text(t, SOURCE("host: a.it, user: x"));
	assert_int_equal(job->account[0].source.secret, SECRET_LATER);
	assert_int_equal(job->account[0].source.auth, AUTH_AUTO);
}

static void secret_errors(void **state)
{
#define S "host: a.it, user: m, "
	static const struct { const char *text, *want; } rows[] = {
		{ SOURCE(S "password_command: pass show x"),
		  "4:51: `password_command` must be a list: `[pass, show, mario]`: the program and its arguments; no shell takes it apart\n" },
		{ SOURCE(S "token_command: []"),
		  "4:48: `token_command` is an empty list: `[pass, show, mario]`: the program and its arguments; no shell takes it apart\n" },
		{ SOURCE(S "token_command: [a, '{usr} {user}', '{x}']"),
		  "4:52: `token_command`: `{usr}` stands for nothing: there are {user} and {name}\n"
		  "4:68: `token_command`: `{x}` stands for nothing: there are {user} and {name}\n" },
		{ SOURCE(S "token_command: [a, [b], {c: d}, ~]"), "4:52: `token_command` must be a list of words: put this one in quotes\n" },
		{ SOURCE(S "token_command: ['', a]"), "4:49: `token_command` has no program: its name is the first word\n" },
		{ SOURCE(S "token_command: [~/x]"), "4:49: `token_command` can't begin with `~`, which stands for nothing here: write the whole path\n" },
		{ SOURCE(S "auth: xoauth2"), "4:39: `auth: xoauth2` needs `token_command`, a program that prints an OAuth2 access token\n" },
		{ SOURCE(S "auth: oauthbearer, password: x"), "4:39: `auth: oauthbearer` needs `token_command`, a program that prints an OAuth2 "
		  "access token\n" },
		{ SOURCE(S "auth: scram-sha-256, token_command: [a]"), "4:39: `token_command` goes with `auth: xoauth2` or `oauthbearer`, not with a "
		  "way that wants a password: leave `auth` out\n" },
		{ SOURCE(S "auth: login, auth_user: z, password: x"), "4:39: `auth: login` can't act as another user: with `auth_user` use plain\n" },
		{ SOURCE(S "auth: cram-md5"), "4:39: `auth` must be auto, plain, login, scram-sha-256, xoauth2 or oauthbearer, not `cram-md5`\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_errors(*state, rows[i].text, rows[i].want);
}

/* A provider of its own takes nothing of another's server over; without one the keys go one by one. */
static void displaced(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = load_text(t, HEAD "defaults:\n  source: {host: a.it, port: 7, tls: starttls, timeout: 9s}\n"
		"  target: {provider: alice, connections: 2}\naccounts:\n"
		"- {name: a, source: {provider: libero, user: u}, target: {user: t@x.it}}\n"
		"- {name: b, source: {host: c.it, user: u}, target: {user: t@libero.it, provider: libero}}\n"
		"- {name: c, source: {host: c.it, user: u, provider: imap}, target: {user: t@x.it}}\n");
	struct job_account *a = job->account;

	assert_string_equal(a[0].source.host, "imapmail.libero.it");
	assert_int_equal(a[0].source.port, 993);
	assert_int_equal(a[0].source.tls, TLS_IMPLICIT);
	assert_int_equal(a[0].source.timeout_ms, 9000);
	assert_string_equal(a[0].target.host, "in.alice.it");
	assert_string_equal(a[0].target.login, "t");
	assert_int_equal(a[0].target.connections, 2);
	assert_string_equal(a[1].source.host, "c.it");
	assert_int_equal(a[1].source.port, 7);
	assert_int_equal(a[1].source.tls, TLS_STARTTLS);
	assert_int_equal(a[2].source.port, 993);
	assert_int_equal(a[2].source.tls, TLS_IMPLICIT);
	assert_string_equal(a[1].target.host, "imapmail.libero.it");
	assert_string_equal(a[1].target.login, "t@libero.it");
	assert_int_equal(a[1].target.connections, 2);
}

/* Key by key: the account, `defaults`, the top. */
static void levels(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = load_text(t, HEAD "folders: {include: [A], exclude: [B, C], under: U, map: {x: y, p: q}, special_use: false}\n"
		"messages: {since: 2015-01-01, max_size: 1MB, flags: none}\nguard: {shrink: 20%}\n"
		"defaults: {folders: {exclude: [D]}, messages: {deleted: copy}, guard: {shrink: 30%}}\naccounts:\n"
		"- {name: a, source: {host: a.it, user: u}, " TARGET "}\n"
		"- {name: b, source: {host: a.it, user: u}, " TARGET ", folders: {exclude: [], under: '', map: {z: w}, merge: true}, "
		"messages: {since: 2016-02-29, flags: add}, guard: {shrink: 5%}}\n");
	struct job_account *a = &job->account[0], *b = &job->account[1];

	assert_string_equal(a->folders.include[0], "A");
	assert_null(a->folders.include[1]);
	assert_string_equal(a->folders.exclude[0], "D");
	assert_null(a->folders.exclude[1]);
	assert_string_equal(a->folders.under, "U");
	assert_int_equal(a->folders.maps, 2);
	assert_string_equal(a->folders.map[1].from, "p");
	assert_string_equal(a->folders.map[1].to, "q");
	assert_false(a->folders.special_use);
	assert_false(a->folders.merge);
	assert_true(a->messages.since == 1420070400 && a->messages.before == INT64_MAX);
	assert_true(a->messages.max_size == 1000000);
	assert_int_equal(a->messages.deleted, DELETED_COPY);
	assert_int_equal(a->messages.flags, FLAGS_NONE);
	assert_int_equal(a->shrink, 300);
	assert_string_equal(b->folders.include[0], "A");
	assert_null(b->folders.exclude[0]);
	assert_string_equal(b->folders.under, "");
	assert_int_equal(b->folders.maps, 1);
	assert_string_equal(b->folders.map[0].from, "z");
	assert_true(b->folders.merge);
	assert_true(b->messages.since == 1456704000);
	assert_int_equal(b->messages.deleted, DELETED_COPY);
	assert_int_equal(b->messages.flags, FLAGS_ADD);
	assert_int_equal(b->shrink, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connections, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(servers, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(server_errors, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(secrets, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(secret_errors, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(displaced, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(levels, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
