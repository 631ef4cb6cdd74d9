/* Who receives the mail of a domain: its MX records (RFC 5321, 5.1), asked of the machine's own resolver. */
#ifndef PROVIDERS_MX_H
#define PROVIDERS_MX_H

#include <stddef.h>

#include "core/base/error.h"

#define MX_MOST 32	/* records of one domain that are looked at */

struct mx_list {
	char *host[MX_MOST];	/* without a final dot, the most preferred first; "" is the null MX (RFC 7505): the domain takes no mail */
	size_t count;
};

/* domain: UTF-8 or in its ASCII form. Returns 0, with count 0 when the domain is there and has no MX; or -1: ERR_USAGE, there is no
   such domain or it is no name; ERR_RETRY, nobody answered. Waits some seconds at most. The list is the caller's (mx_free). */
int mx_lookup(struct mx_list *out, const char *domain, struct error *err);
/* The records of one DNS answer as it came (RFC 1035): as above, or -1 with ERR_RETRY when it can't be read. */
int mx_parse(struct mx_list *out, const unsigned char *answer, size_t len, struct error *err);
/* Empty afterwards. */
void mx_free(struct mx_list *list);

#endif
