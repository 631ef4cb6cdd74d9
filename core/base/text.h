/* Text that came from elsewhere: made safe to show, and names of mailboxes in modified UTF-7 (RFC 3501, 5.1.3). */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

/* Copies what may be shown: control characters become a blank, bytes that are not UTF-8 become '?', too much is cut at a
   character and ends in "…". out holds cap bytes, NUL included. */
void text_clean(char *out, size_t cap, const char *in, size_t len);
/* Adds JSON, a whole text of it or pieces cut between characters, with what a terminal would obey, or not show, as \uXXXX: DEL, C1, marks
   that turn the direction, invisible ones. A program reads the same. */
void text_add_json(struct buf *out, const char *json, size_t len);
bool text_is_utf8(const char *in, size_t len);
/* Both return memory of the caller's, or NULL when the input is not valid. A server's name may hold control characters; no name that we
   make does. */
char *text_from_utf7(const char *wire);
char *text_to_utf7(const char *utf8);

#endif
