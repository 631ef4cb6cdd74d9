/* What we read ourselves of a response: the items of FETCH (the hot path) and the shapes that libetpan's grammar trips over. Nothing
   here allocates more than its input is long; anything unexpected is false, and the response is skipped. */
#ifndef IMAP_PARSE_H
#define IMAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"
#include "core/mail/flags.h"
#include "core/mail/uidset.h"

#define KEYWORDS_MAX 300	/* of one message, and of a mailbox: each more costs more to keep in order. A message with more can't be read */
#define NAMESPACES_MAX 1000

struct scan {			/* a place in a response */
	const char *at, *end;
};

struct fetched {
	bool uid_known, size_known, flags_known, date_known, msgid_known, body_named, body_seen;
	bool plain;		/* the body came as RFC822, not as BODY[] */
	uint32_t uid, size;
	int64_t date;
	uint64_t msgid;
	struct flags flags;	/* the caller frees it, also after false */
};

/* "12 FETCH (...)" (RFC 3501, 7.4.2), literals as frame.h leaves them. d: scratch, for Message-IDs. False also when it names a UID or a body twice. */
bool parse_fetch(struct fetched *out, struct digest *d, const char *text, size_t len);
/* "17-Jul-1996 02:44:25 -0700", day perhaps with a blank; DATE_UNKNOWN if it is none. */
int64_t parse_date(const char *text, size_t len);
/* The same of a time between 1971 and 9999, in UTC; out holds 27 bytes. */
void write_date(char out[27], int64_t seconds);

/* A status response: "OK [CODE args] text". */
struct status {
	enum { STATUS_OK, STATUS_NO, STATUS_BAD, STATUS_BYE, STATUS_PREAUTH } word;
	char code[32];		/* "APPENDUID", "" when there is none */
	const char *args;	/* behind the code, up to "]" */
	size_t args_len;
	const char *text;	/* for people */
	size_t text_len;
};
bool parse_status(struct status *out, const char *text, size_t len);
/* A number of 32 bits that fills the text; false otherwise. */
bool parse_number(uint32_t *out, const char *text, size_t len);
uint64_t parse_number64(const char *text, size_t len);	/* 0: none of 64 bits */
/* "[APPENDUID validity uids]" (RFC 4315): its arguments; *uids holds `count` numbers, or is NULL when they are not that many. The caller frees it. */
bool parse_appenduid(uint32_t *validity, uint32_t **uids, size_t count, const char *args, size_t len);
/* "[PERMANENTFLAGS (\Seen Work \*)]": keywords known and whether new ones may be made. */
void parse_permanent(struct flags *known, bool *any, const char *args, size_t len);
/* "SEARCH 1 2 3" and "ESEARCH (TAG "x") UID ALL 1:3" (RFC 4731): what follows the word. */
bool parse_search(struct uid_set *out, const char *text, size_t len);
bool parse_esearch(struct uid_set *out, const char *text, size_t len);
/* "NAMESPACE (("INBOX." ".")) NIL NIL" (RFC 2342): prefixes; the first personal one and the lists of the others. */
struct namespaces {
	char *own;		/* NULL: not said */
	char separator;		/* 0: NIL */
	char **others, **shared;
	size_t others_count, shared_count;
};
bool parse_namespace(struct namespaces *out, const char *text, size_t len);
void namespaces_free(struct namespaces *n);

/* Moves over one word or string; what it says in *text (unquoted, in memory of the caller's). NULL for NIL. false: none there. */
bool scan_string(struct scan *s, char **text);
bool scan_number64(struct scan *s, uint64_t *out);	/* digits; false: none, or too many */
bool scan_word(struct scan *s, const char *word);	/* exactly that, without case */

#endif
