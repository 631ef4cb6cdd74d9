/* The wire log holds every line both ways, and neither a secret nor a byte of mail, in whatever shape they pass. */
#include "tests/unit/imap/talk.h"

#include "providers/imap/wire.h"

struct record {
	char *text;
	size_t len;
	FILE *file;
	struct log log;
};

static void record_begin(struct record *r)
{
	*r = (struct record){ 0 };
	r->file = open_memstream(&r->text, &r->len);
	assert_non_null(r->file);
	r->log.out = r->file;
}

static void record_end(struct record *r)
{
	fclose(r->file);
	free(r->text);
}

static void must_hold(const struct record *r, const char *what, bool holds)
{
	fflush(r->file);
	if ((strstr(r->text, what) != NULL) != holds)
		fail_msg("\"%s\" is %s:\n%s", what, holds ? "missing" : "there", r->text);
}

static const struct sign_in_row {
	enum imap_auth auth;
	bool token;
	const char *script[12];
	const char *holds[4];
} sign_ins[] = {
	{ IMAP_AUTO, false, { "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x", "CPLAIN", "S%t OK [CAPABILITY A] in", "H" }, { "C: T1 AUTHENTICATE PLAIN …\n", "S: T1 OK [CAPABILITY A] in\n", "S: * OK [CAPABILITY IMAP4rev1" } },
	{ IMAP_AUTO, false, { "S* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x", "CPLAIN", "S+ go on", "CAG1hcmlvAHNlY3JldA==", "S%t OK [CAPABILITY A] in", "H" }, { "C: T1 AUTHENTICATE PLAIN\n", "S: + …\n", "C: …\n" } },
	{ IMAP_AUTO, false, { "S* OK [CAPABILITY IMAP4rev1] x", "CLOGIN", "S%t OK [CAPABILITY A] in", "H" }, { "C: T1 LOGIN …\n" } },
	{ IMAP_AUTH_LOGIN, false, { "S* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] x", "CLOGIN", "S+ VXNlcm5hbWU6", "CbWFyaW8=", "S+ UGFzc3dvcmQ6", "Cc2VjcmV0", "S%t OK [CAPABILITY A] in", "H" }, { "C: …\n" } },
	{ IMAP_AUTO, true, { "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] x", "CXOAUTH2", "S+ eyJzdGF0dXMiOiI0MDAifQ==", "C\r\n", "S%t NO secret is stale", "H" }, { "AUTHENTICATE XOAUTH2 …\n", "S: (a line that repeats what we said)" } },
	{ IMAP_AUTO, true, { "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER] x", "COAUTHBEARER", "S%t BAD AUTHENTICATE OAUTHBEARER bixhPW1hcmlvLAFob3N0PTEyNy4wLjAuMQ: what?", "H" }, { "OAUTHBEARER …\n", "S: (a line that repeats what we said)" } },
	{ IMAP_AUTO, false, { "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x", "CPLAIN", "S%t BAD AUTHENTICATE PLAIN AG1hcmlvAHNlY3JldA== what?", "H" }, { "S: (a line that repeats what we said)" } },
};

static void test_sign_in(void **state)
{
	(void)state;
	static const char *const secrets[] = { "secret", "c2VjcmV0", "AG1hcmlv", "bWFyaW8", "dXNlcj1t", "bixhPW1h", "eyJz", "VXNlcm" };
	for (size_t i = 0; i < COUNT(sign_ins); i++) {
		struct peer p;
		struct record r;
		struct conn *conn = NULL;
		struct error err = { 0 };
		record_begin(&r);
		peer_start(&p, sign_ins[i].script);
		p.env.wire = &r.log;
		p.options.auth = sign_ins[i].auth;
		p.options.token = sign_ins[i].token;
		imap_open(&conn, p.shared, &p.options, &p.env, &err);
		if (conn)
			conn->ops->close(&conn, false);
		for (size_t k = 0; k < COUNT(secrets); k++)
			must_hold(&r, secrets[k], false);
		for (size_t k = 0; k < 4 && sign_ins[i].holds[k]; k++)
			must_hold(&r, sign_ins[i].holds[k], true);
		must_hold(&r, "127.0.0.1#", true);
		peer_end(&p);
		record_end(&r);
	}
}

#define BODY "Subject: PRIVATE\r\n\r\nPRIVATE\r\n" /* 29 bytes */

/* Mail as a literal, as a quoted string, its Message-ID, and what is appended. */
static void test_mail(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LITERAL+ UIDPLUS"), "CEXAMINE", OPENED, "CUID FETCH 1:3",
		"S* 1 FETCH (UID 1 RFC822.SIZE 29 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[] {29}\r\n" BODY " X 1)\r\n"
		"* 2 FETCH (UID 2 RFC822.SIZE 9 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () BODY[] \"PRIVATE \\\"\")\r\n"
		"* 3 FETCH (UID 3 BODY[HEADER.FIELDS (MESSAGE-ID)] {11}\r\nM: PRIVATE\n)\r\n%t OK fetched \x1b[2J",
		"CSELECT", OPENED, "CAPPEND", "B29", "C\r\n", "S%t OK [APPENDUID 77 11] done", "H", NULL };
	struct talk t;
	struct record r;
	struct error err = { 0 };
	unsigned ask;
	record_begin(&r);
	t = (struct talk){ .box = { .wire = (char *)"Box", .name = (char *)"Box", .separator = '/', .selectable = true, .box = { .validity = 77 } } };
	peer_start(&t.peer, script);
	t.peer.env.wire = &r.log;
	assert_int_equal(imap_open(&t.conn, t.peer.shared, &t.peer.options, &t.peer.env, &t.err), 0);
	talk_ask(&t, 1, 3, WANT_BODY);
	for (struct event e = talk_next(&t); e.kind != EV_ASKED; e = talk_next(&t))
		mail_free(&e.mail);
	assert_int_equal(t.conn->ops->prepare(t.conn, &t.box, true, &ask, &t.err), 0);
	while (talk_next(&t).kind != EV_ASKED)
		;
	struct mail *mail = mail_new();
	mail->date = DATE_UNKNOWN;
	assert_int_equal(blob_new(&mail->body, 29, "/tmp", &err), 0);
	assert_int_equal(blob_add(mail->body, BODY, 29, &err), 0);
	struct batch batch = { .id = 1, .folder = &t.box, .mails = &mail, .count = 1 };
	assert_int_equal(t.conn->ops->append(t.conn, &batch, &t.err), 0);
	assert_ptr_equal(talk_next(&t).batch, &batch);
	assert_true(batch.done);
	static const char *const holds[] = { "C: T2 EXAMINE \"Box\"\n", "C: T3 UID FETCH 1:3 (UID RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[])\n",
		"FETCH (UID 1 RFC822.SIZE 29 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[] {29}\n", "S: {29 bytes} X 1)\n", "BODY[] {10 bytes})\n", "S: {11 bytes})\n", "S: T3 OK fetched",
		"C: T5 APPEND \"Box\" () {29+}\n", "C: {29 bytes}\n", "S: T5 OK [APPENDUID 77 11] done\n" };
	for (size_t i = 0; i < COUNT(holds); i++)
		must_hold(&r, holds[i], true);
	must_hold(&r, "PRIVATE", false);
	must_hold(&r, "\x1b", false);
	mail_free(&mail);
	free(batch.taken);
	free(batch.uids);
	talk_end(&t);
	record_end(&r);
}

/* A line without end is cut, and says so; no log, no wire. */
static void test_long(void **state)
{
	(void)state;
	struct record r;
	char *line = x_malloc(10001);
	memset(line, 'x', 10000);
	line[9999] = '\n';
	record_begin(&r);
	struct wire *w = wire_new(&r.log, "h", 7);
	wire_got(w, line, 10000);
	wire_sent(w, line, 10000);
	wire_sent(w, "a\r\nb", 4);
	must_hold(&r, "h#7 S: xxx", true);
	must_hold(&r, "(and 5999 bytes more)\n", true);
	must_hold(&r, "h#7 C: a\n", true);
	must_hold(&r, "C: b", false); /* it has not ended */
	assert_true(r.len < 9000);
	wire_free(&w);
	assert_null(w);
	assert_null(wire_new(NULL, "h", 7));
	wire_sent(NULL, "x\n", 2);
	wire_got(NULL, "x\n", 2);
	wire_sent_secret(NULL);
	wire_sent_bytes(NULL, 1);
	wire_got_bytes(NULL, 1);
	wire_hide(NULL, "x");
	wire_signed_in(NULL);
	wire_free(&w);
	record_end(&r);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sign_in), cmocka_unit_test(test_mail), cmocka_unit_test(test_long) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
