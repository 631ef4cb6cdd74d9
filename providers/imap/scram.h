/* SCRAM-SHA-256 (RFC 5802, 7677): the messages of the client, and what they prove. Private to sasl.c. */
#ifndef IMAP_SCRAM_H
#define IMAP_SCRAM_H

#include "core/base/digest.h"
#include "providers/imap/sasl.h"

struct scram {
	struct buf gs2;		/* "n,a=anna," */
	struct buf bare;	/* client-first-message-bare */
	char nonce[48];		/* ours */
	unsigned char server_signature[DIGEST_LEN];	/* that the server has to show */
	bool proved;
};

/* client-first-message */
void scram_first(struct scram *s, const struct sasl_who *who, struct buf *out);
/* client-final-message, to the server-first-message. Errors as sasl_step. */
int scram_final(struct scram *s, const struct sasl_who *who, const char *text, size_t len, struct buf *out, struct error *err);
/* The server-final-message: its signature, or its word that ours is wrong (0: the tagged reply will say so). */
int scram_check(struct scram *s, const char *text, size_t len, struct error *err);
/* A name as an attribute holds it (saslname). */
void scram_add_name(struct buf *out, const char *name);
void scram_wipe(struct scram *s);
/* Base64 by OpenSSL; decode is -1 for what is none. */
void base64_encode(struct buf *out, const void *data, size_t len);
int base64_decode(struct buf *out, const char *text, size_t len);

#endif
