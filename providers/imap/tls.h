/* TLS by OpenSSL: contexts shared by all connections with one CA file, and the handshake's rules. */
#ifndef IMAP_TLS_H
#define IMAP_TLS_H

#include <openssl/ssl.h>

#include "core/base/error.h"
#include "providers/imap/imap.h"

/* A new SSL on fd for `host` (a name: SNI and RFC 6125 check; an address: checked as one). ERR_TLS when the CA file can't be read. */
int tls_new(SSL **out, struct imap_shared *shared, const char *ca_file, const char *host, int fd, struct error *err);
/* Why a handshake or a read ended: ERR_TLS for certificates and protocol, ERR_RETRY for a lost connection. Returns -1. */
int tls_error(SSL *ssl, const char *host, int ret, struct error *err);

#endif
