/* TLS contexts and what goes wrong with them. */
#include "providers/imap/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"
#include "providers/imap/shared.h"

struct context {
	char *ca_file;	/* NULL: the system's */
	SSL_CTX *ctx;
	struct context *next;
};

void tls_forget(struct imap_shared *shared)
{
	for (struct context *c = shared->first, *next; c; c = next) {
		next = c->next;
		SSL_CTX_free(c->ctx);
		free(c->ca_file);
		free(c);
	}
	shared->first = NULL;
}

static SSL_CTX *context_make(const char *ca_file, struct error *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx) {
		error_set(err, ERR_BUG, "OpenSSL gives no context");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	int ok = ca_file ? SSL_CTX_load_verify_locations(ctx, ca_file, NULL) : SSL_CTX_set_default_verify_paths(ctx);
	if (ok != 1) {
		ERR_clear_error();
		SSL_CTX_free(ctx);
		error_set(err, ERR_TLS, "the certificates in %s can't be read", ca_file ? ca_file : "the system's store");
		return NULL;
	}
	return ctx;
}

static SSL_CTX *context_of(struct imap_shared *shared, const char *ca_file, struct error *err)
{
	SSL_CTX *ctx = NULL;
	pthread_mutex_lock(&shared->lock);
	for (struct context *c = shared->first; c && !ctx; c = c->next)
		if ((!ca_file && !c->ca_file) || (ca_file && c->ca_file && strcmp(ca_file, c->ca_file) == 0))
			ctx = c->ctx;
	if (!ctx && (ctx = context_make(ca_file, err))) {
		struct context *c = x_calloc(1, sizeof *c);
		c->ca_file = ca_file ? x_strdup(ca_file) : NULL;
		c->ctx = ctx;
		c->next = shared->first;
		shared->first = c;
	}
	pthread_mutex_unlock(&shared->lock);
	return ctx;
}

/* Chain and name are checked in the handshake (RFC 6125; RFC 6066: no SNI for an address). */
static bool expect_name(SSL *ssl, const char *host)
{
	unsigned char address[16];
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

int tls_new(SSL **out, struct imap_shared *shared, const struct imap_options *o, int fd, struct error *err)
{
	SSL_CTX *ctx = context_of(shared, o->fingerprint ? NULL : o->ca_file, err);
	if (!ctx)
		return -1;
	SSL *ssl = SSL_new(ctx);
	if (!ssl)
		return error_set(err, ERR_BUG, "OpenSSL gives no session");
	if (!expect_name(ssl, o->host) || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return error_set(err, ERR_TLS, "%s is no host name that a certificate could be checked against", o->host);
	}
	if (o->fingerprint)
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	SSL_set_connect_state(ssl);
	*out = ssl;
	return 0;
}

int tls_check_pin(SSL *ssl, const struct imap_options *o, struct error *err)
{
	unsigned char seen[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char seen_hex[2 * DIGEST_LEN + 1], wanted_hex[2 * DIGEST_LEN + 1];
	if (!o->fingerprint)
		return 0;
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	if (!certificate || X509_digest(certificate, EVP_sha256(), seen, &len) != 1 || len != DIGEST_LEN)
		return error_set(err, ERR_TLS, "%s shows no certificate", o->host);
	if (CRYPTO_memcmp(seen, o->fingerprint, DIGEST_LEN) == 0)
		return 0;
	digest_hex(seen_hex, seen);
	digest_hex(wanted_hex, o->fingerprint);
	return error_set(err, ERR_TLS, "the certificate of %.80s has the fingerprint %s, the job file wants %s: ask the provider which is right", o->host, seen_hex, wanted_hex);
}

int tls_error(SSL *ssl, const char *host, int ret, struct error *err)
{
	int code = SSL_get_error(ssl, ret), saved = errno;
	unsigned long why = ERR_peek_last_error();
	/* a pinned certificate is not verified: what OpenSSL thinks of its chain is no reason for anything */
	long verify = SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE ? X509_V_OK : SSL_get_verify_result(ssl);
	ERR_clear_error();
	if (code == SSL_ERROR_SSL && verify != X509_V_OK)
		return error_set(err, ERR_TLS, "the certificate of %s is not trusted: %s", host, X509_verify_cert_error_string(verify));
	if (code == SSL_ERROR_ZERO_RETURN || (code == SSL_ERROR_SYSCALL && saved == 0) || ERR_GET_REASON(why) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return error_set(err, ERR_RETRY, "%s closed the connection", host);
	if (code == SSL_ERROR_SYSCALL)
		return error_set(err, ERR_RETRY, "connection to %s lost: %s", host, strerror(saved));
	const char *reason = ERR_reason_error_string(why);
	if (SSL_is_init_finished(ssl))
		return error_set(err, ERR_RETRY, "TLS with %s broke: %s", host, reason ? reason : "no reason given");
	return error_set(err, ERR_TLS, "no TLS with %s: %s", host, reason ? reason : "no reason given");
}
