/* Encryption against a server of our own: whose certificate is believed, what a fingerprint decides, and that nothing older than TLS 1.2 is spoken. */
#include "tests/unit/imap/peer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/base/digest.h"

struct server {
	struct peer peer;
	EVP_PKEY *key;
	X509 *certificate;
	unsigned char fingerprint[DIGEST_LEN];
	int version;		/* the only one that it speaks; 0: any */
	char heard[200];	/* the client's first line behind the handshake */
};

/* Self-signed, for a name that is not the host's. */
static void make_certificate(struct server *s)
{
	unsigned len = 0;
	s->key = EVP_EC_gen("P-256");
	s->certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(s->certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"bridge", -1, -1, 0);
	X509_set_version(s->certificate, 2);
	X509_set_issuer_name(s->certificate, name);
	X509_gmtime_adj(X509_getm_notBefore(s->certificate), -7200);
	X509_gmtime_adj(X509_getm_notAfter(s->certificate), -3600); /* and expired */
	X509_set_pubkey(s->certificate, s->key);
	assert_true(X509_sign(s->certificate, s->key, EVP_sha256()) > 0);
	assert_int_equal(X509_digest(s->certificate, EVP_sha256(), s->fingerprint, &len), 1);
}

static void talk(struct server *s, SSL *ssl)
{
	static const char hello[] = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x\r\n", in[] = "T1 OK [CAPABILITY A] in\r\n";
	SSL_write(ssl, hello, sizeof hello - 1);
	int got = SSL_read(ssl, s->heard, sizeof s->heard - 1);
	if (got <= 0)
		return;
	SSL_write(ssl, in, sizeof in - 1);
	char byte;
	while (SSL_read(ssl, &byte, 1) > 0)
		;
}

static void *server_main(void *pointer)
{
	struct server *s = pointer;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, s->version);
	SSL_CTX_set_max_proto_version(ctx, s->version);
	SSL_CTX_use_certificate(ctx, s->certificate);
	SSL_CTX_use_PrivateKey(ctx, s->key);
	peer_accept(&s->peer);
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, s->peer.fd);
	if (SSL_accept(ssl) == 1)
		talk(s, ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	close(s->peer.fd);
	return NULL;
}

static void begin(struct server *s, int version)
{
	*s = (struct server){ .version = version };
	peer_listen(&s->peer);
	make_certificate(s);
	s->peer.options.tls = IMAP_IMPLICIT;
	assert_int_equal(pthread_create(&s->peer.thread, NULL, server_main, s), 0);
}

static void end(struct server *s)
{
	peer_end(&s->peer);
	EVP_PKEY_free(s->key);
	X509_free(s->certificate);
}

static void test_pinned(void **state)
{
	(void)state;
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const char *const names[] = { "TLSv1.2", "TLSv1.3" };
	for (size_t i = 0; i < 2; i++) {
		struct server s;
		struct conn *conn = NULL;
		struct error err = { 0 };
		struct door_facts facts;
		begin(&s, versions[i]);
		s.peer.options.fingerprint = s.fingerprint;
		s.peer.options.ca_file = "/nonexistent"; /* is not asked */
		if (imap_open(&conn, s.peer.shared, &s.peer.options, &s.peer.env, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(conn->ops->describe(conn, &facts, &err), 0);
		assert_string_equal(facts.secured, names[i]);
		conn->ops->close(&conn, false);
		end(&s);
		assert_non_null(strstr(s.heard, "AUTHENTICATE PLAIN"));
	}
}

/* One bit of it is another: both are shown, and no password leaves. */
static void test_other_fingerprint(void **state)
{
	(void)state;
	struct server s;
	struct conn *conn = NULL;
	struct error err = { 0 };
	unsigned char other[DIGEST_LEN];
	char hex[2 * DIGEST_LEN + 1];
	begin(&s, 0);
	memcpy(other, s.fingerprint, DIGEST_LEN);
	other[DIGEST_LEN - 1] ^= 1;
	s.peer.options.fingerprint = other;
	assert_int_equal(imap_open(&conn, s.peer.shared, &s.peer.options, &s.peer.env, &err), -1);
	assert_int_equal(err.class, ERR_TLS);
	digest_hex(hex, s.fingerprint);
	assert_non_null(strstr(err.text, hex));
	digest_hex(hex, other);
	assert_non_null(strstr(err.text, hex));
	end(&s);
	assert_string_equal(s.heard, "");
}

static void test_not_trusted(void **state)
{
	(void)state;
	struct server s;
	struct conn *conn = NULL;
	struct error err = { 0 };
	begin(&s, 0);
	assert_int_equal(imap_open(&conn, s.peer.shared, &s.peer.options, &s.peer.env, &err), -1);
	assert_int_equal(err.class, ERR_TLS);
	assert_non_null(strstr(err.text, "not trusted"));
	end(&s);
	assert_string_equal(s.heard, "");
}

/* A context without verification is no other connection's: after a pinned one, one without a pin verifies as ever. */
static void test_pin_is_not_shared(void **state)
{
	(void)state;
	struct server s, second;
	struct conn *conn = NULL;
	struct error err = { 0 };
	begin(&s, 0);
	s.peer.options.fingerprint = s.fingerprint;
	assert_int_equal(imap_open(&conn, s.peer.shared, &s.peer.options, &s.peer.env, &err), 0);
	begin(&second, 0);
	struct conn *other = NULL;
	assert_int_equal(imap_open(&other, s.peer.shared, &second.peer.options, &second.peer.env, &err), -1);
	assert_int_equal(err.class, ERR_TLS);
	conn->ops->close(&conn, false);
	end(&s);
	end(&second);
}

static void test_old_tls(void **state)
{
	(void)state;
	struct server s;
	struct conn *conn = NULL;
	struct error err = { 0 };
	begin(&s, TLS1_1_VERSION);
	s.peer.options.fingerprint = s.fingerprint;
	assert_int_equal(imap_open(&conn, s.peer.shared, &s.peer.options, &s.peer.env, &err), -1);
	assert_int_equal(err.class, ERR_TLS);
	end(&s);
	assert_string_equal(s.heard, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pinned), cmocka_unit_test(test_other_fingerprint), cmocka_unit_test(test_not_trusted), cmocka_unit_test(test_pin_is_not_shared), cmocka_unit_test(test_old_tls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
