/* Opening and signing in, against servers of every kind: what a server says decides the class of the error, and no password leaves where it
   must not. */
#include "tests/unit/imap/peer.h"

#include "core/base/clock.h"

#define GREETING "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready"
#define PLAIN_WORDS "AG1hcmlvAHNlY3JldA==" /* mario, secret */

static const struct session_row {
	const char *name;
	enum imap_tls tls;
	const char *script[12];
	enum error_class class;		/* ERR_NONE: it opens */
	const char *text;		/* in the error; or the capabilities afterwards */
	bool reads_all;			/* the script has to be carried out to its end */
} rows[] = {
	{ "plain with an initial response", IMAP_PLAIN, { GREETING, "CT1 AUTHENTICATE PLAIN " PLAIN_WORDS "\r\n", "S%t OK [CAPABILITY IMAP4rev1 UIDPLUS] in", "H" }, ERR_NONE, "IMAP4rev1 UIDPLUS", true },
	{ "capabilities untagged", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S* CAPABILITY IMAP4rev1 MOVE\r\n%t OK in", "H" }, ERR_NONE, "IMAP4rev1 MOVE", true },
	{ "capabilities asked for after the sign-in", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t OK in", "CCAPABILITY", "S* CAPABILITY IMAP4rev1 X\r\n%t OK", "H" }, ERR_NONE, "IMAP4rev1 X", true },
	{ "capabilities asked for before", IMAP_PLAIN,
		{ "S* OK hello", "CT1 CAPABILITY\r\n", "S* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n%t OK", "CT2 AUTHENTICATE PLAIN " PLAIN_WORDS, "S%t OK [CAPABILITY A] in", "H" }, ERR_NONE, "A", true },
	{ "plain in two steps", IMAP_PLAIN,
		{ "S* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x", "CAUTHENTICATE PLAIN\r\n", "Q50", "S+ ", "C" PLAIN_WORDS "\r\n", "S%t OK [CAPABILITY A] in", "H" }, ERR_NONE, "A", true },
	{ "plain refused before its second step", IMAP_PLAIN, { "S* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x", "CAUTHENTICATE PLAIN\r\n", "S%t NO not today", "Q50", "H" }, ERR_LOGIN, "not today", true },
	{ "login", IMAP_PLAIN, { "S* OK [CAPABILITY IMAP4rev1] x", "CLOGIN \"mario\" \"secret\"\r\n", "S%t OK [CAPABILITY A] in", "H" }, ERR_NONE, "A", true },
	{ "chatter before the reply", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S* OK [ALERT] hello {5}\r\n* X-UNKNOWN (a b)\r\n%t OK [CAPABILITY A] in", "H" }, ERR_NONE, "A", true },
	/* refused */
	{ "wrong password", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t NO [AUTHENTICATIONFAILED] no such user", "H" }, ERR_LOGIN, "no such user", true },
	{ "wrong password, no code", IMAP_PLAIN, { "S* OK [CAPABILITY IMAP4rev1] x", "CLOGIN", "S%t NO x", "H" }, ERR_LOGIN, "x", true },
	{ "unavailable", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t NO [UNAVAILABLE] later", "H" }, ERR_RETRY, "later", true },
	{ "too many connections", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t NO Too many simultaneous connections. (Failure)", "H" }, ERR_RETRY, "simultaneous", true },
	{ "throttled", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t NO Request is throttled. Suggested Backoff Time: 45000 milliseconds", "H" }, ERR_THROTTLED, "throttled", true },
	{ "goodbye instead of a reply", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S* BYE going down", "X" }, ERR_RETRY, "", true },
	{ "closed instead of a reply", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "X" }, ERR_RETRY, "", true },
	{ "reset instead of a reply", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "Xreset" }, ERR_RETRY, "", true },
	{ "wrong tag", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "SA99 OK in", "H" }, ERR_RETRY, "", true },
	{ "no sense", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S%t PERHAPS", "H" }, ERR_RETRY, "", true },
	{ "go ahead with nothing", IMAP_PLAIN, { GREETING, "CAUTHENTICATE", "S+ go on", "H" }, ERR_RETRY, "", true },
	/* greetings */
	{ "bye", IMAP_PLAIN, { "S* BYE too busy", "H" }, ERR_RETRY, "too busy", true },
	{ "bye, unavailable", IMAP_PLAIN, { "S* BYE [UNAVAILABLE] too busy", "H" }, ERR_RETRY, "too busy", true },
	{ "preauth", IMAP_PLAIN, { "S* PREAUTH [CAPABILITY IMAP4rev1] welcome", "Q50", "H" }, ERR_TLS, "signed in already", true },
	{ "preauth before starttls", IMAP_STARTTLS, { "S* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome", "Q50", "H" }, ERR_TLS, "signed in already", true },
	{ "another protocol", IMAP_PLAIN, { "S220 mail.example ESMTP", "Q50", "H" }, ERR_RETRY, "IMAP", true },
	{ "a tagged greeting", IMAP_PLAIN, { "ST1 OK hello", "Q50", "H" }, ERR_RETRY, "", true },
	{ "closed at once", IMAP_PLAIN, { "X" }, ERR_RETRY, "", true },
	{ "half a greeting", IMAP_PLAIN, { "s* OK hel", "X" }, ERR_RETRY, "", true },
	{ "silence", IMAP_PLAIN, { "H" }, ERR_RETRY, "in time", true },
	/* encryption */
	{ "login disabled", IMAP_PLAIN, { "S* OK [CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS] x", "Q50", "H" }, ERR_TLS, "LOGINDISABLED", true },
	{ "starttls not offered", IMAP_STARTTLS, { GREETING, "Q50", "H" }, ERR_TLS, "STARTTLS", true },
	{ "starttls refused", IMAP_STARTTLS, { "S* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] x", "CSTARTTLS\r\n", "S%t NO x", "Q50", "H" }, ERR_TLS, "STARTTLS", true },
	{ "starttls with a line behind", IMAP_STARTTLS,
		{ "S* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] x", "CSTARTTLS\r\n", "S%t OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN", "Q50", "H" }, ERR_TLS, "before TLS", true },
	{ "starttls and no handshake", IMAP_STARTTLS,
		{ "S* OK [CAPABILITY IMAP4rev1 STARTTLS] x", "CSTARTTLS\r\n", "S%t OK go", "B5", "S* OK this is no handshake", "H" }, ERR_TLS, "", true },
	{ "implicit and no handshake", IMAP_IMPLICIT, { "S* OK this is no handshake", "H" }, ERR_TLS, "", true },
	{ "implicit and closed", IMAP_IMPLICIT, { "B5", "X" }, ERR_RETRY, "", false },
};

static void check(const struct session_row *row)
{
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_start(&p, row->script);
	p.options.tls = row->tls;
	p.options.timeout_ms = strcmp(row->name, "silence") == 0 ? 300 : 5000;
	int ok = imap_open(&conn, p.shared, &p.options, &p.env, &err);
	if (ok == 0 && row->class == ERR_NONE)
		assert_string_equal(conn->ops->capabilities(conn), row->text);
	else if (ok == 0)
		fail_msg("%s: it opened", row->name);
	if (conn)
		conn->ops->close(&conn, false);
	if (row->class != err.class)
		fail_msg("%s: %s instead of %s: %s", row->name, error_class_name(err.class), error_class_name(row->class), err.text);
	if (row->class != ERR_NONE && !strstr(err.text, row->text))
		fail_msg("%s: %s", row->name, err.text);
	assert_null(strstr(err.text, "secret"));
	if (!row->reads_all)
		p.wrong[0] = '\0';
	peer_end(&p);
}

static void test_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i]);
}

static void test_wait_told(void **state)
{
	(void)state;
	static const char *const script[] = { GREETING, "CAUTHENTICATE", "S%t NO Request is throttled. Suggested Backoff Time: 45000 milliseconds", "H", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_start(&p, script);
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	assert_int_equal(err.wait_ms, 45000);
	peer_end(&p);
}

/* What has to be escaped is; a line break in a password is never sent. */
static void test_login_words(void **state)
{
	(void)state;
	static const char *const script[] = { "S* OK [CAPABILITY IMAP4rev1] x", "CLOGIN \"ma\\\"rio\" \"se\\\\cret x\"\r\n", "S%t OK [CAPABILITY A] in", "H", NULL };
	static const char *const quiet[] = { "S* OK [CAPABILITY IMAP4rev1] x", "Q100", "H", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_start(&p, script);
	p.options.user = "ma\"rio";
	p.options.secret = "se\\cret x";
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), 0);
	conn->ops->close(&conn, false);
	peer_end(&p);
	peer_start(&p, quiet);
	p.options.secret = "x\r\nT9 DELETE INBOX";
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	assert_int_equal(err.class, ERR_USAGE);
	peer_end(&p);
}

/* An orderly end says LOGOUT and waits for the reply; any other says nothing. */
static void test_logout(void **state)
{
	(void)state;
	static const char *const script[] = { GREETING, "CAUTHENTICATE", "S%t OK [CAPABILITY A] in", "CLOGOUT\r\n", "S* BYE bye\r\n%t OK gone", "H", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_start(&p, script);
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), 0);
	conn->ops->close(&conn, true);
	assert_null(conn);
	peer_end(&p);
}

/* Stopped while the server says nothing. */
static void *fire(void *pointer)
{
	poll(NULL, 0, 100);
	cancel_fire(pointer);
	return NULL;
}

static void test_stopped(void **state)
{
	(void)state;
	static const char *const script[] = { "H", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	pthread_t thread;
	int64_t began = clock_ms();
	peer_start(&p, script);
	assert_int_equal(pthread_create(&thread, NULL, fire, &p.cancel), 0);
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	assert_int_equal(err.class, ERR_CANCELLED);
	assert_in_range(clock_ms() - began, 50, 4000);
	pthread_join(thread, NULL);
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open), cmocka_unit_test(test_wait_told), cmocka_unit_test(test_login_words), cmocka_unit_test(test_logout), cmocka_unit_test(test_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
