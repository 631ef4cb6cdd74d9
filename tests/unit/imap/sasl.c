/* The mechanisms without a connection: what each says, by the vectors of its RFC, and what it does not let a server do. */
#include "tests/unit/imap/help.h"

#include "providers/imap/sasl.h"
#include "providers/imap/scram.h"

#define RFC_NONCE "rOprNGfwEbeRWgbNEkqO"
#define RFC_FIRST "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define RFC_FINAL "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_VERIFIER "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static const struct sasl_who rfc_who = { .user = "user", .secret = "pencil", .host = "server.example.com", .port = 143, .nonce = RFC_NONCE };

/* One answer, decoded; "" when there is none. A challenge is given in the clear. */
static int step(struct sasl *s, const char *challenge, struct buf *answer, struct error *err)
{
	struct buf in = { 0 }, out = { 0 };
	buf_reset(answer);
	base64_encode(&in, challenge, strlen(challenge));
	char *cut = exact(in.data, in.len);
	int ok = sasl_step(s, cut, in.len, &out, err);
	free(cut);
	if (ok == 0)
		assert_int_equal(base64_decode(answer, out.data ? out.data : "", out.len), 0);
	buf_free(&in);
	buf_free(&out);
	return ok;
}

static const struct {
	const char *name;
	enum sasl_kind kind;
	struct sasl_who who;
	const char *answer[3];	/* to as many challenges; then one too many is an error */
	size_t len[3];
} says[] = {
	{ "plain", SASL_PLAIN, { .user = "tim", .secret = "tanstaaftanstaaf" }, { "\0tim\0tanstaaftanstaaf" }, { 21 } },
	{ "plain for another (RFC 4616, 4)", SASL_PLAIN, { .user = "Kurt", .acts_as = "Ursel", .secret = "xipj3plmq" }, { "Ursel\0Kurt\0xipj3plmq" }, { 20 } },
	{ "plain with any byte", SASL_PLAIN, { .user = "a", .secret = "\xE8\r\n\"" }, { "\0a\0\xE8\r\n\"" }, { 7 } },
	{ "login", SASL_LOGIN, { .user = "tim", .secret = "x\ny" }, { "tim", "x\ny" }, { 3, 3 } },
	{ "xoauth2", SASL_XOAUTH2, { .user = "someuser@example.com", .secret = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg" },
		{ "user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1", "" }, { 85, 0 } },
	{ "xoauth2 for another", SASL_XOAUTH2, { .user = "admin", .acts_as = "box", .secret = "T" }, { "user=box\1auth=Bearer T\1\1", "" }, { 24, 0 } },
	{ "oauthbearer (RFC 7628, 4.1)", SASL_OAUTHBEARER, { .user = "user@example.com", .secret = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", .host = "server.example.com", .port = 143 },
		{ "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1", "\1" }, { 111, 1 } },
	{ "oauthbearer, a name that would end its attribute", SASL_OAUTHBEARER, { .user = "x", .acts_as = "a,b=c", .secret = "T", .host = "h", .port = 993 },
		{ "n,a=a=2Cb=3Dc,\1host=h\1port=993\1auth=Bearer T\1\1", "\1" }, { 46, 1 } },
};

static void test_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(says); i++) {
		struct sasl *s = sasl_new(says[i].kind, &says[i].who);
		struct buf answer = { 0 };
		struct error err = { 0 };
		size_t k = 0;
		for (; k < 3 && says[i].answer[k]; k++) {
			if (step(s, "{\"status\":\"401\"}", &answer, &err) < 0 || answer.len != says[i].len[k] || memcmp(answer.data ? answer.data : "", says[i].answer[k], answer.len) != 0)
				fail_msg("%s, answer %zu: %zu bytes %s", says[i].name, k, answer.len, answer.data);
		}
		assert_int_equal(step(s, "more?", &answer, &err), -1);
		assert_int_equal(err.class, ERR_RETRY);
		assert_int_equal(sasl_end(s, &err), 0);
		sasl_free(&s);
		assert_null(s);
		buf_free(&answer);
	}
}

static void test_scram(void **state)
{
	(void)state;
	struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &rfc_who);
	struct buf answer = { 0 };
	struct error err = { 0 };
	assert_int_equal(step(s, "", &answer, &err), 0);
	assert_string_equal(answer.data, "n,,n=user,r=" RFC_NONCE);
	assert_int_equal(step(s, RFC_FIRST, &answer, &err), 0);
	assert_string_equal(answer.data, RFC_FINAL);
	assert_int_equal(sasl_end(s, &err), -1); /* an OK before the proof is none */
	assert_int_equal(err.class, ERR_TLS);
	assert_int_equal(step(s, RFC_VERIFIER, &answer, &err), 0);
	assert_int_equal(answer.len, 0);
	assert_int_equal(sasl_end(s, &err), 0);
	assert_int_equal(step(s, RFC_VERIFIER, &answer, &err), -1);
	sasl_free(&s);
	buf_free(&answer);
}

/* Names are escaped, the one acted for is in the header and so in "c=", and every exchange has a nonce of its own. */
static void test_scram_names(void **state)
{
	(void)state;
	struct sasl_who who = { .user = "a=b,c", .acts_as = "box,1", .secret = "x" };
	struct buf first[2] = { 0 }, answer = { 0 }, challenge = { 0 };
	struct error err = { 0 };
	for (int i = 0; i < 2; i++) {
		struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &who);
		assert_int_equal(step(s, "", &first[i], &err), 0);
		assert_memory_equal(first[i].data, "n,a=box=2C1,n=a=3Db=2Cc,r=", 26);
		assert_true(first[i].len >= 26 + 20);
		buf_reset(&challenge);
		buf_addf(&challenge, "r=%sX,s=QUJD,i=4096,x=y", first[i].data + 26); /* an extension is let be */
		assert_int_equal(step(s, challenge.data, &answer, &err), 0);
		assert_non_null(strstr(answer.data, "c=bixhPWJveD0yQzEs,r="));
		sasl_free(&s);
	}
	assert_string_not_equal(first[0].data, first[1].data);
	for (int i = 0; i < 2; i++)
		buf_free(&first[i]);
	buf_free(&answer);
	buf_free(&challenge);
}

static const struct {
	const char *first;
	enum error_class class;
	const char *text;
} bad_first[] = {
	{ "r=somebodyelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ERR_TLS, "nonce" },
	{ "r=" RFC_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ERR_TLS, "nonce" }, /* the server has to add something of its own */
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095", ERR_LOGIN, "4095" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0", ERR_LOGIN, "rounds" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001", ERR_LOGIN, "1000001" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999", ERR_LOGIN, "understood" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-4096", ERR_LOGIN, "rounds" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=40 96", ERR_LOGIN, "rounds" },
	{ "r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=", ERR_LOGIN, "understood" },
	{ "r=" RFC_NONCE "x,s=,i=4096", ERR_LOGIN, "understood" },
	{ "r=" RFC_NONCE "x,s=???,i=4096", ERR_LOGIN, "understood" },
	{ "r=" RFC_NONCE "x,i=4096", ERR_LOGIN, "understood" },
	{ "m=ext,r=" RFC_NONCE "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ERR_LOGIN, "understood" }, /* an extension that must not be ignored */
	{ "r", ERR_LOGIN, "understood" },
	{ "", ERR_LOGIN, "understood" },
};

static void test_scram_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_first); i++) {
		struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &rfc_who);
		struct buf answer = { 0 };
		struct error err = { 0 };
		assert_int_equal(step(s, "", &answer, &err), 0);
		if (step(s, bad_first[i].first, &answer, &err) == 0)
			fail_msg("%s was taken", bad_first[i].first);
		if (err.class != bad_first[i].class || !strstr(err.text, bad_first[i].text))
			fail_msg("%s: %s", bad_first[i].first, err.text);
		assert_int_equal(answer.len, 0);
		assert_int_equal(sasl_end(s, &err), -1);
		sasl_free(&s);
		buf_free(&answer);
	}
}

static const struct {
	const char *final;
	int ok;			/* sasl_step's */
} finals[] = {
	{ "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", -1 },
	{ "v=AAAA", -1 },
	{ "v=", -1 },
	{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4", -1 },
	{ "w=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", -1 },
	{ "e=invalid-proof", 0 }, /* the NO behind it says so; an OK behind it is no good */
};

static void test_scram_final(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(finals); i++) {
		struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &rfc_who);
		struct buf answer = { 0 };
		struct error err = { 0 };
		assert_int_equal(step(s, "", &answer, &err), 0);
		assert_int_equal(step(s, RFC_FIRST, &answer, &err), 0);
		if (step(s, finals[i].final, &answer, &err) != finals[i].ok)
			fail_msg("%s", finals[i].final);
		if (finals[i].ok < 0)
			assert_int_equal(err.class, ERR_TLS);
		assert_int_equal(sasl_end(s, &err), -1);
		assert_int_equal(err.class, ERR_TLS);
		sasl_free(&s);
		buf_free(&answer);
	}
}

static void feed(void *ctx, const char *text, size_t len)
{
	struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &rfc_who);
	struct buf out = { 0 }, in = { 0 };
	struct error err = { 0 };
	(void)ctx;
	sasl_step(s, "", 0, &out, &err);
	sasl_step(s, text, len, &out, &err); /* as it stands: mostly no base64 */
	sasl_free(&s);
	s = sasl_new(SASL_SCRAM_SHA_256, &rfc_who);
	sasl_step(s, "", 0, &out, &err);
	base64_encode(&in, text, len);
	sasl_step(s, in.data, in.len, &out, &err);
	sasl_step(s, in.data, in.len, &out, &err);
	assert_int_equal(sasl_end(s, &err), -1);
	sasl_free(&s);
	buf_free(&in);
	buf_free(&out);
}

static void test_nonsense(void **state)
{
	(void)state;
	every_prefix(RFC_FIRST, strlen(RFC_FIRST), feed, NULL);
	every_mutation(RFC_FIRST, strlen(RFC_FIRST), 300, feed, NULL);
	every_mutation("cj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==", 32, 300, feed, NULL);
}

static void test_base64(void **state)
{
	(void)state;
	static const struct {
		const char *text, *data;
		int len;	/* -1: it is none */
	} rows[] = {
		{ "", "", 0 }, { "QQ==", "A", 1 }, { "QUI=", "AB", 2 }, { "QUJD", "ABC", 3 }, { "AAAA", "\0\0\0", 3 }, { "QQ=", "", -1 }, { "Q", "", -1 }, { "Q\xE8==", "", -1 }, { "Q*==", "", -1 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = { 0 };
		char *cut = exact(rows[i].text, strlen(rows[i].text));
		assert_int_equal(base64_decode(&out, cut, strlen(rows[i].text)), rows[i].len < 0 ? -1 : 0);
		if (rows[i].len >= 0) {
			assert_int_equal(out.len, rows[i].len);
			assert_int_equal(memcmp(out.data ? out.data : "", rows[i].data, out.len), 0);
		}
		free(cut);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says), cmocka_unit_test(test_scram), cmocka_unit_test(test_scram_names), cmocka_unit_test(test_scram_first),
		cmocka_unit_test(test_scram_final), cmocka_unit_test(test_nonsense), cmocka_unit_test(test_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
