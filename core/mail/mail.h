/* One message as a server hands it out. */
#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/blob.h"
#include "core/base/digest.h"
#include "core/mail/flags.h"
#include "core/mail/identity.h"

#define DATE_UNKNOWN INT64_MIN
/* Mail that came within so many seconds tells whether a mailbox is still in use, and from whom. */
#define MAIL_LATELY ((int64_t)30 * 86400)

/* What verification knows of one mail's bytes. */
struct proof {
	uint8_t raw[DIGEST_LEN];	/* every byte as it came */
	uint8_t text[DIGEST_LEN];	/* line ends made equal (every CR dropped), those at the very end left out */
	uint8_t body[DIGEST_LEN];	/* as text, of what follows the header */
	uint8_t content[DIGEST_LEN];	/* of its parts, decoded (mime.h) */
	uint64_t length;		/* bytes as they came */
	uint64_t text_length;		/* characters of the text */
	uint64_t *field;		/* in ascending order: a number for each field of the header, unfolded, without Content-Transfer-Encoding and boundary; NULL: none */
	size_t fields;
};

struct mail {
	uint32_t uid;
	uint32_t size;		/* RFC822.SIZE as announced */
	int64_t date;		/* INTERNALDATE, seconds since 1970 UTC, or DATE_UNKNOWN */
	struct flags flags;
	bool has_id;		/* id is filled in (HEAD, BODY); of META only id.msgid */
	struct identity id;
	char *sender;		/* with an identity, of mail that came lately: whose address it is from; else NULL */
	struct blob *body;	/* BODY: whole and of the announced length, or NULL: the server had none */
	bool has_proof;
	struct proof proof;	/* DIGEST */
};

struct mail *mail_new(void);
/* Bytes of memory it holds, about. */
size_t mail_memory(const struct mail *m);
/* NULL-safe; sets *m = NULL. */
void mail_free(struct mail **m);

#endif
