/* A set of UIDs as ranges in ascending order (RFC 3501, sequence-set). */
#ifndef MAIL_UIDSET_H
#define MAIL_UIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uid_range {
	uint32_t first, last;	/* both included, 1 <= first <= last */
};

struct uid_set {
	struct uid_range *range;	/* the first of count; inside the memory once something was taken: freed by uid_set_free only */
	size_t count, cap;
	size_t head;			/* ranges of the memory before `range` */
};

/* Adds a range; what is added in ascending order costs nothing extra, overlaps are joined. first = 0 or first > last adds nothing. */
void uid_set_add(struct uid_set *set, uint32_t first, uint32_t last);
/* Adds all of `more`; costs no more than both are long, in whatever order they lie. */
void uid_set_join(struct uid_set *set, const struct uid_set *more);
/* The same of single UIDs in any order, which are sorted. */
void uid_set_add_many(struct uid_set *set, uint32_t *uids, size_t count);
/* Adds to out what is in `set` and not in `less`: one pass over both. */
void uid_set_minus(struct uid_set *out, const struct uid_set *set, const struct uid_set *less);
/* Reads "1:3,7,9:12" up to len bytes; false when it is anything else ("*" too) or more than 1,000,000 ranges; out is then empty. */
bool uid_set_parse(struct uid_set *out, const char *text, size_t len);
/* How many UIDs. */
uint64_t uid_set_size(const struct uid_set *set);
bool uid_set_has(const struct uid_set *set, uint32_t uid);
/* Moves at most `max` UIDs, whose text is at most about `max_text` bytes, from the front of set to the end of out.
   Returns how many UIDs; 0 when set is empty. */
uint64_t uid_set_take(struct uid_set *set, struct uid_set *out, uint64_t max, size_t max_text);
/* "1:3,7"; the caller frees it. "" for an empty set. */
char *uid_set_text(const struct uid_set *set);
void uid_set_reset(struct uid_set *set);
void uid_set_free(struct uid_set *set);

#endif
