/* "Did you mean": names that are nearly the same. */
#ifndef JOB_NEAR_H
#define JOB_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* How many letters must be put in, left out, changed or swapped with their neighbour (case is the same): 0 to 3, 3 for more. */
unsigned near_distance(const char *a, const char *b);
/* How far a wrong name is from a right one: 0 is next to it, UINT_MAX too far to be meant. At most two letters, and not all of them;
   or one begins with the other. */
unsigned near_rank(const char *wrong, const char *right);

#endif
