/* TLS by OpenSSL: contexts shared by all connections with one CA file, and the handshake's rules. */
#ifndef IMAP_TLS_H
#define IMAP_TLS_H

#include <openssl/ssl.h>

#include "core/base/error.h"
#include "providers/imap/imap.h"

/* A new SSL on fd for the options' host (a name: SNI and RFC 6125 check; an address: checked as one). With a fingerprint neither chain nor
   name is asked of the certificate: tls_check_pin decides. ERR_TLS when the CA file can't be read. */
int tls_new(SSL **out, struct imap_shared *shared, const struct imap_options *o, int fd, struct error *err);
/* After the handshake, before a byte is said: ERR_TLS when the certificate is not the one with the fingerprint. Without one: 0. */
int tls_check_pin(SSL *ssl, const struct imap_options *o, struct error *err);
/* Why a handshake or a read ended: ERR_TLS for certificates and protocol, ERR_RETRY for a lost connection. Returns -1. */
int tls_error(SSL *ssl, const char *host, int ret, struct error *err);

/* All contexts that connections have shared; none is open any more. */
void tls_forget(struct imap_shared *shared);

#endif
