/* What a server means by its words: response codes (RFC 5530) and the known texts of providers, one table. */
#ifndef IMAP_WORDS_H
#define IMAP_WORDS_H

#include "core/base/error.h"
#include "providers/imap/parse.h"

enum about { ABOUT_SESSION, ABOUT_LOGIN, ABOUT_FOLDER, ABOUT_MESSAGE };

/* The error that a NO, BAD or BYE is, while the client was about something; known texts come before codes, codes before
   the default of `about`. The server's words are cleaned. Returns -1. */
int words_error(const struct status *status, enum about about, struct error *err);
/* The same of a NO or BAD to CREATE: ERR_NAME when it is a matter of the name (then `certain`), or nothing says that it is none; ERR_FOLDER when it is permission, room, or
   a number of folders. Returns -1. */
int words_create_error(const struct status *status, struct error *err);

/* Whether this answer to a sign-in refuses the command's form, with nothing to say that user or password were looked at: a BAD without a
   known reason, or a NO that speaks of the command. */
bool words_refuse_form(const struct status *status);

#endif
