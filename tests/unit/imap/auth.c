/* Which mechanism is chosen, what is said by it, and how its failures end: a refusal is believed once, and never leads to another try by
   another way. The names are mario and secret, the token is secret as well. */
#include "tests/unit/imap/peer.h"

#include "core/base/clock.h"
#include "providers/imap/scram.h"

#define PLAIN_WORDS "AG1hcmlvAHNlY3JldA=="		/* \0mario\0secret */
#define PLAIN_ACTS "Ym94AG1hcmlvAHNlY3JldA=="		/* box\0mario\0secret */
#define XOAUTH2_WORDS "dXNlcj1tYXJpbwFhdXRoPUJlYXJlciBzZWNyZXQBAQ=="
#define JSON "eyJzdGF0dXMiOiI0MDAifQ=="		/* {"status":"400"} */
#define CAN(words) "S* OK [CAPABILITY IMAP4rev1 " words "] x"
#define REFUSED_FORM(words) CAN("SASL-IR AUTH=PLAIN"), "CAUTHENTICATE PLAIN " PLAIN_WORDS "\r\n", "S%t " words, "CAUTHENTICATE PLAIN\r\n"
#define IN "S%t OK [CAPABILITY A] in", "H"

static const struct auth_row {
	const char *name;
	enum imap_auth auth;
	bool token;
	const char *acts_as;
	const char *script[12];
	enum error_class class;		/* ERR_NONE: it opens, by … */
	const char *text;		/* … this mechanism; else in the error */
} rows[] = {
	/* chosen by itself; the line is in the clear */
	{ "scram before plain in the clear", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256"), "CAUTHENTICATE SCRAM-SHA-256 biws", "S%t NO x", "H" }, ERR_LOGIN, "x" },
	{ "plain before login", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=LOGIN AUTH=PLAIN"), "CAUTHENTICATE PLAIN " PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "the command before its mechanism", IMAP_AUTO, false, NULL, { CAN("AUTH=LOGIN"), "CLOGIN \"mario\" \"secret\"\r\n", IN }, ERR_NONE, "LOGIN" },
	{ "token, oauthbearer", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER"), "CAUTHENTICATE OAUTHBEARER bixhPW1hcmlvLA", IN }, ERR_NONE, "OAUTHBEARER" },
	{ "token, xoauth2", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=XOAUTH2"), "CAUTHENTICATE XOAUTH2 " XOAUTH2_WORDS "\r\n", IN }, ERR_NONE, "XOAUTH2" },
	{ "a token is no password", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=PLAIN"), "Q50", "H" }, ERR_LOGIN, "PLAIN" },
	{ "a password is no token", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER LOGINDISABLED"), "Q50", "H" }, ERR_TLS, "LOGINDISABLED" },
	{ "nothing but an unknown one", IMAP_AUTO, false, NULL, { CAN("AUTH=GSSAPI LOGINDISABLED"), "Q50", "H" }, ERR_TLS, "LOGINDISABLED" },
	/* acting for another */
	{ "acts by plain", IMAP_AUTO, false, "box", { CAN("SASL-IR AUTH=PLAIN"), "CAUTHENTICATE PLAIN " PLAIN_ACTS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "acts by scram", IMAP_AUTO, false, "box", { CAN("SASL-IR AUTH=SCRAM-SHA-256"), "CAUTHENTICATE SCRAM-SHA-256 bixhPWJveCxu", "S%t NO x", "H" }, ERR_LOGIN, "x" },
	{ "acts by oauthbearer", IMAP_AUTO, true, "box", { CAN("SASL-IR AUTH=OAUTHBEARER"), "CAUTHENTICATE OAUTHBEARER bixhPWJveC", IN }, ERR_NONE, "OAUTHBEARER" },
	{ "acts by xoauth2", IMAP_AUTO, true, "box", { CAN("SASL-IR AUTH=XOAUTH2"), "CAUTHENTICATE XOAUTH2 dXNlcj1ib3gB", IN }, ERR_NONE, "XOAUTH2" },
	{ "can't act", IMAP_AUTO, false, "box", { CAN("AUTH=LOGIN"), "Q50", "H" }, ERR_LOGIN, "auth_user" },
	{ "can't act by login", IMAP_AUTH_LOGIN, false, "box", { CAN("AUTH=LOGIN AUTH=PLAIN"), "Q50", "H" }, ERR_LOGIN, "auth_user" },
	/* asked for by name */
	{ "plain by name", IMAP_AUTH_PLAIN, false, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256"), "CAUTHENTICATE PLAIN " PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "not offered", IMAP_SCRAM_SHA_256, false, NULL, { CAN("AUTH=PLAIN AUTH=CRAM-MD5"), "Q50", "H" }, ERR_LOGIN, "SCRAM-SHA-256, but by: PLAIN, CRAM-MD5, the LOGIN command" },
	{ "a name that is only the beginning of one", IMAP_SCRAM_SHA_256, false, NULL, { CAN("AUTH=SCRAM-SHA-256-PLUS"), "Q50", "H" }, ERR_LOGIN, "SCRAM-SHA-256-PLUS" },
	{ "login by name", IMAP_AUTH_LOGIN, false, NULL, { CAN("AUTH=LOGIN AUTH=PLAIN SASL-IR"), "CAUTHENTICATE LOGIN\r\n", "Q30", "S+ VXNlcm5hbWU6", "CbWFyaW8=\r\n", "S+ UGFzc3dvcmQ6", "Cc2VjcmV0\r\n", IN }, ERR_NONE, "LOGIN" },
	{ "login by name, the command", IMAP_AUTH_LOGIN, false, NULL, { CAN("AUTH=PLAIN"), "CLOGIN \"mario\" \"secret\"\r\n", IN }, ERR_NONE, "LOGIN" },
	{ "login refused after the name", IMAP_AUTH_LOGIN, false, NULL, { CAN("AUTH=LOGIN"), "CAUTHENTICATE LOGIN\r\n", "S+ VXNlcm5hbWU6", "CbWFyaW8=\r\n", "S%t NO [AUTHENTICATIONFAILED] who?", "Q50", "H" }, ERR_LOGIN, "who?" },
	{ "login asks a third time", IMAP_AUTH_LOGIN, false, NULL, { CAN("AUTH=LOGIN"), "CAUTHENTICATE LOGIN\r\n", "S+", "CbWFyaW8=", "S+", "Cc2VjcmV0", "S+ x", "Q50", "H" }, ERR_RETRY, "nothing" },
	/* without SASL-IR the answer waits */
	{ "xoauth2 waits", IMAP_XOAUTH2, true, NULL, { CAN("AUTH=XOAUTH2"), "CAUTHENTICATE XOAUTH2\r\n", "Q30", "S+ ", "C" XOAUTH2_WORDS "\r\n", IN }, ERR_NONE, "XOAUTH2" },
	{ "scram waits", IMAP_SCRAM_SHA_256, false, NULL, { CAN("AUTH=SCRAM-SHA-256"), "CAUTHENTICATE SCRAM-SHA-256\r\n", "Q30", "S+", "Cbiws", "S%t NO x", "H" }, ERR_LOGIN, "x" },
	/* refused */
	{ "xoauth2 refused", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=XOAUTH2"), "CXOAUTH2 " XOAUTH2_WORDS, "S+ " JSON, "C\r\n", "S%t NO [AUTHENTICATIONFAILED] stale token", "Q50", "H" }, ERR_LOGIN, "stale" },
	{ "oauthbearer refused", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=OAUTHBEARER AUTH=XOAUTH2"), "COAUTHBEARER", "S+ " JSON, "CAQ==\r\n", "S%t NO stale token", "Q50", "H" }, ERR_LOGIN, "stale" },
	{ "refused is not tried another way", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=LOGIN"), "CPLAIN", "S%t NO [ALERT] Too many simultaneous connections. (Failure)", "Q50", "H" }, ERR_RETRY, "simultaneous" },
	{ "unavailable is not tried another way", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN AUTH=LOGIN"), "CPLAIN", "S%t NO [UNAVAILABLE] later", "Q50", "H" }, ERR_RETRY, "later" },
	{ "bad is a refusal, too", IMAP_AUTO, false, NULL, { CAN("AUTH=PLAIN AUTH=LOGIN"), "CPLAIN", "S%t BAD what", "Q50", "H" }, ERR_LOGIN, "what" },
	{ "the secret repeated", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t NO secret is not the password of mario, secretsecret neither", "H" }, ERR_LOGIN, "... is not the password of mario, ...... neither" },
	{ "our answer repeated", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t NO AUTHENTICATE PLAIN " PLAIN_WORDS " is none", "H" }, ERR_LOGIN, "AUTHENTICATE PLAIN ... is none" },
	{ "the beginning of our answer repeated", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t NO PLAIN AG1hcmlvAHNlY3JldA", "H" }, ERR_LOGIN, "PLAIN ..." },
	/* SASL-IR is offered and not taken */
	{ "bad to the form", IMAP_AUTO, false, NULL, { REFUSED_FORM("BAD what"), "S+", "C" PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "no to the form", IMAP_AUTO, false, NULL, { REFUSED_FORM("NO Error in IMAP command received by server."), "S+", "C" PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "a bug of the client", IMAP_AUTO, false, NULL, { REFUSED_FORM("NO [CLIENTBUG] so what"), "S+", "C" PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "bad to the form, then offered again", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t BAD [CLIENTBUG] no\r\n* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "CAUTHENTICATE PLAIN\r\n", "S+", "C" PLAIN_WORDS, "S%t NO x", "Q50", "H" }, ERR_LOGIN, "x" },
	{ "bad without it, too", IMAP_AUTO, false, NULL, { REFUSED_FORM("BAD what"), "S%t BAD that neither", "Q50", "H" }, ERR_LOGIN, "neither" },
	{ "bad to both", IMAP_AUTO, false, NULL, { REFUSED_FORM("BAD what"), "S+", "C" PLAIN_WORDS, "S%t BAD wrong", "Q50", "H" }, ERR_LOGIN, "wrong" },
	{ "a no to user or password", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t NO Login failed", "Q50", "H" }, ERR_LOGIN, "failed" },
	{ "a bad to user or password", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t BAD [AUTHENTICATIONFAILED] who?", "Q50", "H" }, ERR_LOGIN, "who" },
	{ "a bad for a while", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S%t BAD Request is throttled.", "Q50", "H" }, ERR_THROTTLED, "throttled" },
	{ "a bad after a challenge", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=XOAUTH2"), "CXOAUTH2", "S+ " JSON, "C\r\n", "S%t BAD stale", "Q50", "H" }, ERR_LOGIN, "stale" },
	{ "unheard", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CAUTHENTICATE PLAIN " PLAIN_WORDS "\r\n", "S+ ", "C" PLAIN_WORDS "\r\n", IN }, ERR_NONE, "PLAIN" },
	{ "unheard, token", IMAP_AUTO, true, NULL, { CAN("SASL-IR AUTH=XOAUTH2"), "CXOAUTH2", "S+", "C" XOAUTH2_WORDS "\r\n", "S+ " JSON, "C\r\n", "S%t NO stale", "Q50", "H" }, ERR_LOGIN, "stale" },
	{ "unheard, scram", IMAP_SCRAM_SHA_256, false, NULL, { CAN("SASL-IR AUTH=SCRAM-SHA-256"), "CSCRAM", "S+", "Cbiws", "S%t NO x", "H" }, ERR_LOGIN, "x" },
	{ "unheard twice", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S+", "C" PLAIN_WORDS, "S+", "Q50", "H" }, ERR_RETRY, "nothing" },
	/* scram, as far as a script can go: it can't know our nonce */
	{ "scram, another's nonce", IMAP_SCRAM_SHA_256, false, NULL, { CAN("SASL-IR AUTH=SCRAM-SHA-256"), "CSCRAM", "S+ cj14LHM9UVVKRCxpPTQwOTY=", "Q50", "H" }, ERR_TLS, "nonce" },
	{ "scram, no base64", IMAP_SCRAM_SHA_256, false, NULL, { CAN("SASL-IR AUTH=SCRAM-SHA-256"), "CSCRAM", "S+ go on", "Q50", "H" }, ERR_LOGIN, "understood" },
	{ "scram, let in at once", IMAP_SCRAM_SHA_256, false, NULL, { CAN("SASL-IR AUTH=SCRAM-SHA-256"), "CSCRAM", "S%t OK [CAPABILITY A] in", "H" }, ERR_TLS, "proof" },
	/* a challenge where there is none */
	{ "plain asked twice", IMAP_AUTO, false, NULL, { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S+ more", "Q50", "H" }, ERR_RETRY, "nothing" },
	{ "a challenge before our command", IMAP_AUTO, false, NULL, { "S* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x\r\n+ go on", "H" }, ERR_RETRY, "nothing" },
	{ "a challenge after the OK", IMAP_AUTO, false, NULL, { CAN("AUTH=PLAIN"), "CAUTHENTICATE PLAIN\r\n", "S%t OK in", "CCAPABILITY", "S+ go on", "Q50", "H" }, ERR_RETRY, "nothing" },
	{ "the command gets a challenge", IMAP_AUTO, false, NULL, { CAN(""), "CLOGIN", "S+ more", "Q50", "H" }, ERR_RETRY, "nothing" },
};

static void check(const struct auth_row *row)
{
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	struct door_facts facts;
	peer_start(&p, row->script);
	p.options.auth = row->auth;
	p.options.token = row->token;
	p.options.acts_as = row->acts_as;
	int ok = imap_open(&conn, p.shared, &p.options, &p.env, &err);
	if (err.class != row->class || (ok < 0 && !strstr(err.text, row->text)))
		fail_msg("%s: %s instead of %s: %s", row->name, error_class_name(err.class), error_class_name(row->class), err.text);
	if (ok == 0) {
		assert_int_equal(conn->ops->describe(conn, &facts, &err), 0);
		assert_string_equal(facts.mechanism, row->text);
		conn->ops->close(&conn, false);
	}
	if (strstr(err.text, "secret"))
		fail_msg("%s: %s", row->name, err.text);
	peer_end(&p);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i]);
}

/* ---- SCRAM to its end: a server that can count ---- */

enum scram_lie { HONEST, WRONG_SIGNATURE, NO_SIGNATURE, ERROR_AND_NO, ERROR_AND_OK };

struct scram_server {
	struct peer *peer;
	enum scram_lie lie;
};

static bool read_base64(struct peer *p, struct buf *out, size_t skip)
{
	char line[1024];
	if (!peer_read_line(p, line, sizeof line))
		return false;
	if (line[0] == 'T')
		snprintf(p->tag, sizeof p->tag, "%.*s", (int)strcspn(line, " "), line);
	buf_reset(out);
	return strlen(line) >= skip + 2 && base64_decode(out, line + skip, strcspn(line + skip, "\r")) == 0;
}

static void challenge(struct peer *p, const char *text)
{
	struct buf out = { 0 };
	buf_adds(&out, "+ ");
	base64_encode(&out, text, strlen(text));
	peer_say(p, out.data, true);
	buf_free(&out);
}

/* What a server that knows "secret" would show: by our own client code, whose first two messages it repeats. The vectors of unit/imap/sasl
   say that this arithmetic is right. */
static void show_signature(struct scram_server *s, const char *nonce, const char *first)
{
	struct scram twin = { 0 };
	struct buf ignored = { 0 }, final = { 0 };
	struct error err = { 0 };
	const struct sasl_who who = { .user = "mario", .secret = "secret", .nonce = nonce };
	scram_first(&twin, &who, &ignored);
	assert_int_equal(scram_final(&twin, &who, first, strlen(first), &ignored, &err), 0);
	if (s->lie == WRONG_SIGNATURE)
		twin.server_signature[31] ^= 1;
	buf_adds(&final, "v=");
	base64_encode(&final, twin.server_signature, DIGEST_LEN);
	challenge(s->peer, s->lie >= ERROR_AND_NO ? "e=invalid-proof" : final.data);
	scram_wipe(&twin);
	buf_free(&ignored);
	buf_free(&final);
}

static void *scram_main(void *pointer)
{
	struct scram_server *s = pointer;
	struct peer *p = s->peer;
	struct buf in = { 0 }, first = { 0 };
	char byte, nonce[48] = "";
	peer_accept(p);
	peer_say(p, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] x", true);
	bool ok = read_base64(p, &in, strlen("T1 AUTHENTICATE SCRAM-SHA-256 ")) && strncmp(in.data, "n,,n=mario,r=", 13) == 0;
	if (ok) {
		snprintf(nonce, sizeof nonce, "%s", in.data + 13);
		buf_addf(&first, "r=%sTHEIRS,s=QUJDREVGR0g=,i=4096", nonce);
		challenge(p, first.data);
		ok = read_base64(p, &in, 0) && strncmp(in.data, "c=biws,r=", 9) == 0;
	}
	if (ok && s->lie != NO_SIGNATURE) {
		show_signature(s, nonce, first.data);
		ok = s->lie == WRONG_SIGNATURE || (peer_read_line(p, nonce, sizeof nonce) && strcmp(nonce, "\r\n") == 0);
	}
	if (!ok)
		snprintf(p->wrong, sizeof p->wrong, "\"%.100s\" in the exchange", in.data ? in.data : "");
	peer_say(p, s->lie == ERROR_AND_NO ? "%t NO [AUTHENTICATIONFAILED] wrong" : "%t OK [CAPABILITY A] in", true);
	while (recv(p->fd, &byte, 1, 0) == 1)
		;
	close(p->fd);
	buf_free(&in);
	buf_free(&first);
	return NULL;
}

static void test_scram(void **state)
{
	(void)state;
	static const struct {
		enum scram_lie lie;
		enum error_class class;
		const char *text;
	} ends[] = {
		{ HONEST, ERR_NONE, "" }, { WRONG_SIGNATURE, ERR_TLS, "does not know the password either" }, { NO_SIGNATURE, ERR_TLS, "proof" }, { ERROR_AND_NO, ERR_LOGIN, "wrong" },
		{ ERROR_AND_OK, ERR_TLS, "proof" },
	};
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct peer p;
		struct scram_server s = { &p, ends[i].lie };
		struct conn *conn = NULL;
		struct error err = { 0 };
		peer_listen(&p);
		assert_int_equal(pthread_create(&p.thread, NULL, scram_main, &s), 0);
		p.options.auth = IMAP_SCRAM_SHA_256;
		imap_open(&conn, p.shared, &p.options, &p.env, &err);
		if (err.class != ends[i].class || (err.class && !strstr(err.text, ends[i].text)))
			fail_msg("%zu: %s: %s", i, error_class_name(err.class), err.text);
		if (conn)
			conn->ops->close(&conn, false);
		peer_end(&p);
	}
}

/* A server that says a little every now and then does not keep us for ever: twice the time-out is all that signing in may take. */
static void test_drip(void **state)
{
	(void)state;
	static const char *const script[] = { CAN("SASL-IR AUTH=PLAIN"), "CPLAIN", "S* OK wait", "Q250", "S* OK wait", "Q250", "S* OK wait", "Q250", "S* OK wait", "Q250", "S* OK wait", "H", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_start(&p, script);
	p.options.timeout_ms = 400;
	int64_t began = clock_ms();
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	assert_int_equal(err.class, ERR_RETRY);
	assert_in_range(clock_ms() - began, 700, 990);
	peer_end(&p);
}

/* The same when there is always something to read. */
static void *flood_main(void *pointer)
{
	struct peer *p = pointer;
	static const char chatter[] = "* OK wait\r\n* OK wait\r\n* OK wait\r\n* OK wait\r\n";
	peer_accept(p);
	peer_say(p, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x", true);
	while (peer_send(p->fd, chatter, sizeof chatter - 1))
		;
	close(p->fd);
	return NULL;
}

static void test_flood(void **state)
{
	(void)state;
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_listen(&p);
	p.options.timeout_ms = 200;
	assert_int_equal(pthread_create(&p.thread, NULL, flood_main, &p), 0);
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	assert_int_equal(err.class, ERR_RETRY);
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_scram),
		cmocka_unit_test(test_drip),
		cmocka_unit_test(test_flood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
