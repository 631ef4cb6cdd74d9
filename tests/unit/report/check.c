/* The check as it is read, its likely causes, and its document. */
#include "tests/unit/report/hand.h"

#include <jansson.h>

#include "core/report/causes.h"

static struct report_side good(bool source)
{
	struct report_side side = { .host = source ? "imapmail.libero.it" : "imap.hoster.it", .user = source ? "anna@libero.it" : "anna@ditta.it", .port = 993,
		.secure = TRIED_GOOD, .signed_in = TRIED_GOOD, .tries = 1, .folders = 12, .messages = 48213, .capabilities = "IMAP4rev1 UIDPLUS" };
	if (source) {
		side.called = "Libero";
		side.provider = "libero";
	} else {
		side.facts = (struct door_facts){ .append_limit = 50000000, .has_quota = true, .quota_used = 200000000, .quota_limit = 10000000000, .secured = "TLSv1.3",
			.mechanism = "PLAIN" };
	}
	return side;
}

static struct report_side refused(void)
{
	struct report_side side = good(true);
	side.signed_in = TRIED_BAD;
	side.class = ERR_LOGIN;
	side.said = "Credenziali non riconosciute";
	side.tries = 2;
	side.folders = 0;
	side.messages = 0;
	side.traits = PRESET_APP_PASSWORD | PRESET_OUTAGES;
	side.page = "https://aiuto.libero.it/";
	return side;
}

static void text_is(const struct report_check *check, size_t count, const char *want)
{
	struct buf out = { 0 };
	report_check_text(check, count, &out);
	assert_string_equal(out.data, want);
	hand_fits(out.data);
	buf_free(&out);
}

static void both_work(void **state)
{
	struct report_check check = { .name = "anna", .source = good(true), .target = good(false) };
	(void)state;
	text_is(&check, 1, "anna: anna@libero.it -> anna@ditta.it                      (nothing is changed)\n\n"
		"  FROM  Libero, imapmail.libero.it:993                                       ok\n"
		"      safe connection ok \xC2\xB7 sign-in ok \xC2\xB7 12 folders, 48,213 messages\n\n"
		"  TO    imap.hoster.it:993                                                   ok\n"
		"      safe connection ok \xC2\xB7 sign-in ok \xC2\xB7 12 folders, 48,213 messages\n"
		"      space: 200 MB used of 10.0 GB \xC2\xB7 messages up to 50 MB\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n"
		"BOTH SIDES WORK. Then: trasloco plan\n");
}

static void refused_login(void **state)
{
	struct report_check check = { .name = "anna", .source = refused(), .target = good(false), .exit = 4 };
	(void)state;
	text_is(&check, 1, "anna: anna@libero.it -> anna@ditta.it                      (nothing is changed)\n\n"
		"  FROM  Libero, imapmail.libero.it:993                            DOES NOT WORK\n"
		"      safe connection       ok\n"
		"      sign-in               refused 2 times: \"Credenziali non riconosciute\"\n"
		"      Usually it is one of these, in this order:\n"
		"       1. the password is mistyped          try it on the provider's web site\n"
		"       2. sign-in in two steps              it takes a password made for\n"
		"                                            programs only (app password)\n"
		"       3. an outage of the provider         try again in an hour\n"
		"      The provider's own page: https://aiuto.libero.it/\n"
		"      To type the password again: trasloco login\n\n"
		"  TO    imap.hoster.it:993                                                   ok\n"
		"      safe connection ok \xC2\xB7 sign-in ok \xC2\xB7 12 folders, 48,213 messages\n"
		"      space: 200 MB used of 10.0 GB \xC2\xB7 messages up to 50 MB\n\n"
		"Contacts, calendars, filters, signatures and shared folders are not moved.\n"
		"TO BE MENDED: 1. The sign-in to Libero (anna@libero.it). Then again:\n"
		"  trasloco check\n");
	hand_speak("it");
	check.job = "anna.yaml";
	text_is(&check, 1, "anna: anna@libero.it -> anna@ditta.it                 (niente viene modificato)\n\n"
		"  DA    Libero, imapmail.libero.it:993                               NON RIESCE\n"
		"      collegamento sicuro   ok\n"
		"      accesso               rifiutato 2 volte: \"Credenziali non riconosciute\"\n"
		"      Di solito \xC3\xA8 una di queste, nell'ordine:\n"
		"       1. password scritta male             provala sul sito del gestore\n"
		"       2. verifica in due passaggi          serve una password per app, fatta\n"
		"                                            apposta\n"
		"       3. guasto del gestore                riprova fra un'ora\n"
		"      La pagina del gestore: https://aiuto.libero.it/\n"
		"      Per scrivere di nuovo la password: trasloco login anna.yaml\n\n"
		"  A     imap.hoster.it:993                                                   ok\n"
		"      collegamento sicuro ok \xC2\xB7 accesso ok \xC2\xB7 12 cartelle, 48.213 messaggi\n"
		"      spazio: 200 MB usati di 10,0 GB \xC2\xB7 messaggi fino a 50 MB\n\n"
		"Non si spostano: rubrica, calendari, filtri, firme, cartelle condivise.\n"
		"DA SISTEMARE: 1. L'accesso a Libero (anna@libero.it). Poi di nuovo:\n"
		"  trasloco check anna.yaml\n");
	hand_speak("en");
}

/* What is likely, in order, by the class of the error and what is known of the provider. */
static void causes(void **state)
{
	static const struct {
		enum error_class class;
		const char *provider;
		unsigned traits;
		bool secure, before, outage;
		const char *want;
	} rows[] = {
		{ ERR_LOGIN, "", 0, true, false, false, "the password is mistyped|sign-in in two steps|mail programs are shut out|an outage of the provider" },
		{ ERR_LOGIN, "x", 0, true, false, false, "the password is mistyped|an outage of the provider" },
		{ ERR_LOGIN, "x", PRESET_IMAP_SWITCH, true, false, false, "the password is mistyped|mail programs are shut out|an outage of the provider" },
		{ ERR_LOGIN, "x", PRESET_APP_PASSWORD | PRESET_IMAP_SWITCH, true, false, false,
			"the password is mistyped|sign-in in two steps|mail programs are shut out|an outage of the provider" },
		{ ERR_LOGIN, "x", PRESET_OAUTH_ONLY | PRESET_APP_PASSWORD, true, true, true, "it takes no passwords at all" },
		{ ERR_LOGIN, "x", PRESET_APP_PASSWORD, true, true, false, "an outage of the provider|the password was changed|sign-in in two steps" },
		{ ERR_LOGIN, "x", 0, true, false, true, "an outage of the provider|the password is mistyped" },
		{ ERR_TLS, "", 0, false, false, false, "host or port is mistyped|the server has a certificate of its own|this computer's clock is wrong|somebody is in between" },
		{ ERR_RETRY, "", 0, false, false, false, "host or port is mistyped|no way there from here|an outage of the provider" },
		{ ERR_RETRY, "x", PRESET_OUTAGES, false, false, false, "an outage of the provider|host or port is mistyped|no way there from here" },
		{ ERR_RETRY, "", 0, true, false, false, "an outage of the provider" },
		{ ERR_THROTTLED, "", 0, true, false, false, "an outage of the provider" },
		{ ERR_USAGE, "", 0, false, false, false, "there is no password to try" },
		{ ERR_NONE, "", 0, true, false, false, "" },
		{ ERR_BUG, "", 0, true, false, false, "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_side side = { .class = rows[i].class, .provider = rows[i].provider, .traits = rows[i].traits, .before = rows[i].before, .outage = rows[i].outage,
			.secure = rows[i].secure ? TRIED_GOOD : TRIED_BAD };
		struct cause cause[CAUSES_MAX];
		char told[400] = "";
		size_t count = causes_of(&side, cause);
		for (size_t j = 0; j < count; j++)
			sprintf(told + strlen(told), "%s%s", j ? "|" : "", cause[j].what);
		assert_string_equal(told, rows[i].want);
	}
}

/* Lines that the kind of trouble decides. */
static void pieces(void **state)
{
	static const struct {
		enum error_class class;
		enum report_tried secure, signed_in;
		bool clear, no_secret, named;
		const char *want[3];
	} rows[] = {
		{ ERR_TLS, TRIED_BAD, TRIED_NOT, false, false, false, { "safe connection       does not hold: \"what it said\"\n", "sign-in               not tried\n",
			"TO BE MENDED: 1. The safe connection to Libero. Then again: trasloco check\n" } },
		{ ERR_RETRY, TRIED_BAD, TRIED_NOT, false, false, false, { "safe connection       not reached: \"what it said\"\n", "sign-in               not tried\n",
			"1. The connection to Libero. Then" } },
		{ ERR_RETRY, TRIED_GOOD, TRIED_BAD, false, false, false, { "safe connection       ok\n", "sign-in               interrupted: \"what it said\"\n", "1. The connection to" } },
		{ ERR_USAGE, TRIED_NOT, TRIED_NOT, false, false, false, { "safe connection       not tried\n", "sign-in               not tried: \"what it said\"\n",
			"1. The password of anna@libero.it. Then" } },
		{ ERR_LOGIN, TRIED_NOT, TRIED_NOT, false, true, false, { "safe connection       not tried\n", "sign-in               not tried: \"what it said\"\n"
			"      The reason:\n       1. there is no password to try", "To type the password: trasloco login" } },
		{ ERR_LOGIN, TRIED_GOOD, TRIED_BAD, false, false, true, { "sign-in               refused 1 time: \"what it said\"\n", "1. the password is mistyped",
			"      The job file says where this password comes from: mend it there.\n" } },
		{ ERR_LOGIN, TRIED_NOT, TRIED_BAD, true, false, false, { "safe connection       none, as the job asks\n", "sign-in               refused 1 time: \"what it said\"\n",
			"1. The sign-in to Libero" } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_check check = { .name = "anna", .source = good(true), .target = good(false), .exit = 3 };
		struct buf out = { 0 };
		check.source.class = rows[i].class;
		check.source.secure = rows[i].secure;
		check.source.signed_in = rows[i].signed_in;
		check.source.clear = rows[i].clear;
		check.source.no_secret = rows[i].no_secret;
		check.source.named = rows[i].named;
		check.source.said = "what it said";
		report_check_text(&check, 1, &out);
		hand_fits(out.data);
		for (size_t j = 0; j < 3; j++)
			if (!strstr(out.data, rows[i].want[j]))
				fail_msg("row %zu lacks %s: %s", i, rows[i].want[j], out.data);
		buf_free(&out);
	}
}

static void many(void **state)
{
	struct report_check check[5];
	struct report_problem warning = HAND_PROBLEM("warning", "name-changed", "target", "", 0, "look at this");
	struct buf out = { 0 };
	(void)state;
	for (size_t i = 0; i < 5; i++)
		check[i] = (struct report_check){ .name = "anna", .source = good(true), .target = good(false) };
	check[1].source = refused();
	check[1].name = "mario";
	check[1].exit = 4;
	check[2].problem = &warning;
	check[2].problems = 1;
	check[2].warned = true;
	report_check_text(check, 5, &out);
	hand_fits(out.data);
	assert_memory_equal(out.data, "anna                                                                         ok\nmario: ", 86);
	assert_non_null(strstr(out.data, "  Attention    1. look at this\n"));
	assert_non_null(strstr(out.data, "TO BE MENDED: 1. The sign-in to Libero"));
	buf_free(&out);
	check[1] = check[0];
	report_check_text(check, 5, &out);
	assert_non_null(strstr(out.data, "BOTH SIDES WORK; look at what is told above. Then: trasloco plan\n"));
	buf_free(&out);
}

static json_t *account_of(const struct report_check *check, json_t **doc)
{
	struct run run = hand_run(check->exit);
	struct buf out = { 0 };
	strcpy(run.command, "check");
	report_check_json(check, 1, &run, &out);
	*doc = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(*doc);
	buf_free(&out);
	return json_array_get(json_object_get(*doc, "accounts"), 0);
}

static const char *text_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void document(void **state)
{
	struct report_check check = { .name = "anna", .source = refused(), .target = good(false), .exit = 4 };
	struct report_problem warning = HAND_PROBLEM("warning", "name-changed", "target", "", 0, "look at this");
	json_t *doc, *account;
	(void)state;
	hand_speak("it"); /* the document is English all the same */
	account = account_of(&check, &doc);
	assert_string_equal(text_at(doc, "verdict"), "no-go");
	assert_string_equal(text_at(account, "verdict"), "no-go");
	assert_string_equal(text_at(account, "next"), "fix-first");
	json_t *source = json_object_get(account, "source"), *target = json_object_get(account, "target");
	assert_string_equal(text_at(source, "provider"), "libero");
	assert_string_equal(text_at(target, "provider"), "imap");
	assert_true(json_is_false(json_object_get(source, "signed_in")));
	assert_true(json_is_true(json_object_get(target, "signed_in")));
	assert_true(json_is_true(json_object_get(source, "secure")));
	assert_true(json_is_null(json_object_get(source, "quota")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(target, "quota"), "limit")), 10000000000);
	assert_int_equal(json_integer_value(json_object_get(target, "folder_count")), 12);
	assert_string_equal(text_at(target, "tls"), "TLSv1.3");
	assert_int_equal(json_array_size(json_object_get(target, "capabilities")), 2);
	json_t *problem = json_array_get(json_object_get(account, "problems"), 0);
	assert_int_equal(json_array_size(json_object_get(account, "problems")), 2);
	assert_string_equal(text_at(problem, "code"), "login-refused");
	assert_string_equal(text_at(problem, "side"), "source");
	assert_string_equal(text_at(problem, "text"), "Credenziali non riconosciute");
	assert_string_equal(text_at(problem, "hint"), "the password is mistyped (try it on the provider's web site); or sign-in in two steps (it takes a password made for "
		"programs only (app password)); or an outage of the provider (try again in an hour); see https://aiuto.libero.it/");
	json_decref(doc);
	check = (struct report_check){ .name = "anna", .source = good(true), .target = good(false) };
	account = account_of(&check, &doc);
	assert_string_equal(text_at(doc, "verdict"), "go");
	assert_string_equal(text_at(account, "next"), "nothing");
	json_decref(doc);
	check.problem = &warning;
	check.problems = 1;
	account = account_of(&check, &doc);
	assert_string_equal(text_at(doc, "verdict"), "warn");
	assert_string_equal(text_at(account, "verdict"), "warn");
	json_decref(doc);
	hand_speak("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_work), cmocka_unit_test(refused_login), cmocka_unit_test(causes), cmocka_unit_test(pieces), cmocka_unit_test(many), cmocka_unit_test(document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
