/* libetpan's grammar behind a gate: LIST, LSUB and STATUS responses, whole, framed and checked by us, fed from memory. Its
   network side is not used. */
#ifndef IMAP_GRAMMAR_H
#define IMAP_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mail/folder.h"

struct grammar;

struct grammar *grammar_new(void);
void grammar_free(struct grammar **g);

/* "LIST (\HasNoChildren) "/" "name"", with or without extended data behind (RFC 5258), or "LSUB …": out->wire, separator,
   attributes; the caller frees it. false: not a response of that shape; nothing is kept. */
bool grammar_list(struct grammar *g, struct folder *out, const char *text, size_t len);
/* "STATUS "name" (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77 MAILBOXID (F1))": *wire is the caller's. */
bool grammar_status(char **wire, struct box *out, const char *text, size_t len);

#endif
