/* Private: an ordered cursor walked beside a uid_set, in memory that does not grow with the number of rows. */
#ifndef STORE_MINUS_H
#define STORE_MINUS_H

#include "core/mail/uidset.h"

struct minus {
	const struct uid_set *set;
	struct uid_set *left;	/* what of the set was not passed */
	size_t at;		/* range of the set */
	uint64_t next;		/* first UID of it that was not looked at, 0: all of it */
};

/* Passes uid; UIDs come in ascending order. True when it is in the set. */
bool minus_pass(struct minus *m, uint32_t uid);
/* What remains below `end` is left too. */
void minus_end(struct minus *m, uint64_t end);

#endif
