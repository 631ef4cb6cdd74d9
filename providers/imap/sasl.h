/* The mechanisms of SASL (RFC 4422) as a client speaks them: challenges in, answers out, both in base64; no connection here. */
#ifndef IMAP_SASL_H
#define IMAP_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"

enum sasl_kind {
	SASL_PLAIN,		/* RFC 4616 */
	SASL_LOGIN,		/* draft-murchison-sasl-login: two questions, whatever they say */
	SASL_SCRAM_SHA_256,	/* RFC 5802, 7677, without channel binding */
	SASL_XOAUTH2,		/* Google's and Microsoft's */
	SASL_OAUTHBEARER	/* RFC 7628 */
};

/* What SCRAM accepts of a server: below, a listener could try passwords too cheaply (RFC 7677, 4); above, we would only burn time. */
#define SASL_ITERATIONS_MIN 4096
#define SASL_ITERATIONS_MAX 1000000

struct sasl_who {		/* borrowed while the exchange lives */
	const char *user;	/* whose secret it is */
	const char *acts_as;	/* or NULL */
	const char *secret;	/* password or token, byte for byte: no SASLprep (RFC 4013), so a password outside ASCII has to be typed as it was set */
	const char *host;	/* OAUTHBEARER names them */
	unsigned port;
	const char *nonce;	/* SCRAM: ours; NULL: drawn */
};

struct sasl;

struct sasl *sasl_new(enum sasl_kind kind, const struct sasl_who *who);
/* Wipes what it knew. */
void sasl_free(struct sasl **s);
/* Whether its first answer needs no challenge, and so may go along with the command (SASL-IR, RFC 4959). */
bool sasl_begins(enum sasl_kind kind);
/* The answer to a challenge, base64; the first challenge of a mechanism that begins by itself is not read. out is the caller's, who wipes it.
   ERR_RETRY: the server asks for more than the mechanism knows. ERR_LOGIN: it asks for what we don't do. ERR_TLS: it is not the
   server that knows the password. */
int sasl_step(struct sasl *s, const char *challenge, size_t len, struct buf *out, struct error *err);
/* What it has answered so far was not heard: the next step is its first. */
void sasl_again(struct sasl *s);
/* After the server's OK: ERR_TLS when it had to prove itself and has not. */
int sasl_end(const struct sasl *s, struct error *err);

#endif
