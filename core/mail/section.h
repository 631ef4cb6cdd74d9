/* One section of a mail, a part's body or what stands beside the parts: its transfer encoding undone, and hashed. Bytes pass once. */
#ifndef MAIL_SECTION_H
#define MAIL_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"

/* RFC 2045, 6: what is neither of the two is taken as it is. */
enum coding { CODING_NONE, CODING_BASE64, CODING_QUOTED };

struct section;

struct section *section_new(void);
/* text: line ends are line ends, with CR or without, and those at its end count for nothing. Else encoded bytes are those bytes, and the end of a line is CR LF. */
void section_start(struct section *s, enum coding coding, bool text);
/* A run of characters within a line; the end of that line. */
void section_add(struct section *s, const char *run, size_t len);
void section_line(struct section *s);
/* bounded: a boundary follows, and the line end before that belongs to it. Returns whether there was anything but blanks. */
bool section_end(struct section *s, bool bounded, uint8_t hash[DIGEST_LEN]);
/* NULL-safe; sets *s = NULL. */
void section_free(struct section **s);

#endif
