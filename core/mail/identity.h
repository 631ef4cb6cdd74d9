/* Who a message is: "Same mail?" in ARCHITECTURE.md. One answer for adoption, settling and verification. */
#ifndef MAIL_IDENTITY_H
#define MAIL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"

/* What lies beyond this many bytes of a header is not looked at; the size of the mail still is. */
#define IDENTITY_HEADER_MAX ((size_t)256 << 10)
#define IDENTITY_LEN 16

struct identity {
	uint8_t head[IDENTITY_LEN];	/* SHA-256, cut, of the header: lines with LF, empty lines at the end left out */
	uint8_t core[IDENTITY_LEN];	/* of Message-ID, Date, From, To, Cc, Subject, In-Reply-To: unfolded, blanks squeezed */
	uint64_t msgid;			/* of the first Message-ID field; 0: none or empty */
};

/* How alike two mails are, best first. */
enum sameness { SAME_HEADER = 1, SAME_CORE = 2, SAME_MSGID = 3 };

/* `data` begins with the header; what follows the first empty line is not looked at. d is scratch. */
void identity_of(struct identity *out, struct digest *d, const char *data, size_t len);
/* Its msgid alone. */
uint64_t identity_msgid_of(struct digest *d, const char *data, size_t len);
/* The address of the first From field, "anna@example", cleaned for people: what stands in <>, else all of it. NULL: there is none. The caller's. */
char *identity_sender(const char *data, size_t len);
/* The value for a Message-ID field's text, "<a@b>" with or without blanks around; 0 when it is empty. */
uint64_t identity_msgid(struct digest *d, const char *value, size_t len);
/* Length of the header with its closing empty line, on which CRs may stand, as many as it likes (CR CR LF); len when there is no empty line. */
size_t identity_header_len(const char *data, size_t len);

#endif
