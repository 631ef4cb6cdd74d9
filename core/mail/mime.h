/* What a mail says once its transfer encodings are undone (RFC 2045, 2046): the same in base64, in quoted-printable and as it is, whatever its boundaries are
   called. Bytes pass once; what is kept of them does not grow with the mail. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "core/mail/mail.h"

struct mime;

struct mime *mime_new(void);
/* Begins anew. */
void mime_start(struct mime *m);
/* The mail from its first byte, lines with LF, without any CR and without the line ends at its very end. */
void mime_add(struct mime *m, const char *text, size_t len);
/* Fills in content, field and fields of the proof; what was in them is not looked at. */
void mime_end(struct mime *m, struct proof *out);
/* NULL-safe; sets *m = NULL. */
void mime_free(struct mime **m);

#endif
