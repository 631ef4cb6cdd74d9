/* Whether a mail of several parts is there to its end (RFC 2046, 5.1.1). */
#ifndef MAIL_MULTIPART_H
#define MAIL_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

/* What may stand behind the last boundary and still be looked through. */
#define MULTIPART_TAIL 1024

/* head: the mail from its first byte, at least its header; tail: its last bytes. false: its header promises parts, and the boundary that ends them does not
   stand in the tail. true of every other mail: nothing can be said of it. */
bool multipart_ends(const char *head, size_t head_len, const char *tail, size_t tail_len);

#endif
