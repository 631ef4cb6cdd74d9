/* One IMAP server as a door of the mover (core/mail/endpoint.h): RFC 3501, and of its extensions LITERAL+ and LITERAL- (RFC 7888),
   MULTIAPPEND (RFC 3502), UIDPLUS (RFC 4315), ESEARCH (RFC 4731), LIST-EXTENDED and LIST-STATUS (RFC 5258, 5819), SPECIAL-USE
   (RFC 6154), NAMESPACE (RFC 2342), SASL-IR (RFC 4959), QUOTA (RFC 9208), APPENDLIMIT (RFC 7889), COMPRESS=DEFLATE
   (RFC 4978; not within one machine), where the server offers them. */
#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include <stdbool.h>

#include "core/mail/endpoint.h"

enum imap_tls { IMAP_IMPLICIT, IMAP_STARTTLS, IMAP_PLAIN };
/* IMAP_AUTO: of the mechanisms that the server offers the best that our secret is good for: OAUTHBEARER, XOAUTH2 with a token; PLAIN,
   SCRAM-SHA-256, LOGIN with a password (in the clear SCRAM first). Only one is tried. IMAP_AUTH_LOGIN: by AUTHENTICATE where it is offered,
   else by the LOGIN command. */
enum imap_auth { IMAP_AUTO, IMAP_AUTH_PLAIN, IMAP_AUTH_LOGIN, IMAP_SCRAM_SHA_256, IMAP_XOAUTH2, IMAP_OAUTHBEARER };

struct imap_options {		/* borrowed while the connection lives */
	const char *host;
	unsigned port;
	enum imap_tls tls;
	const char *ca_file;	/* PEM; NULL: the system's store */
	const unsigned char *fingerprint;	/* 32 bytes, SHA-256 of the certificate: it alone decides; NULL: chain and name do */
	enum imap_auth auth;
	const char *user;	/* signs in (SASL authcid) */
	const char *acts_as;	/* mailbox that it acts for (authzid, RFC 4616; XOAUTH2: whose mailbox the token is to open), or NULL: its own */
	const char *secret;	/* password or access token; only for imap_open: it keeps a copy, and wipes that once we are in */
	bool token;		/* secret is an OAuth2 access token */
	unsigned timeout_ms;	/* the longest silence since our last byte; 5 times that for an opening or a commit */
};

/* What connections share: one TLS context for each CA file, and which of a server's capabilities do not work. Safe from several threads. */
struct imap_shared;
struct imap_shared *imap_shared_new(void);
void imap_shared_free(struct imap_shared **shared);

/* Connects, checks the certificate (TLS 1.2 or later; name or address), signs in.
   Errors: ERR_RETRY (connection, [UNAVAILABLE], BYE), ERR_TLS (certificate, fingerprint, no STARTTLS, LOGINDISABLED in the clear, a server that
   can't prove that it knows the password), ERR_LOGIN (refused, or no mechanism that fits), ERR_THROTTLED, ERR_CANCELLED. *out is closed with (*out)->ops->close. */
int imap_open(struct conn **out, struct imap_shared *shared, const struct imap_options *options, const struct conn_env *env, struct error *err);

#endif
