/* A TCP connection to a host, by any of its addresses. */
#ifndef IMAP_CONNECT_H
#define IMAP_CONNECT_H

#include "core/base/error.h"
#include "core/mail/endpoint.h"
#include "providers/imap/imap.h"

/* A connected, non-blocking socket. Addresses of both families are tried in the resolver's order (RFC 6724); one that does not answer
   holds up the next for at most five seconds. -1: ERR_RETRY, ERR_CANCELLED. */
int connect_any(const struct imap_options *o, const struct conn_env *env, struct error *err);

#endif
