/* Patterns of `include` and `exclude`: decoded names without the server's prefix, `/` between levels. */
#ifndef JOB_PATTERN_H
#define JOB_PATTERN_H

#include <stdbool.h>

/* Whether the pattern names that folder or one above it. `*` stands for any part of one level, also for none of it; "*" alone for
   every folder. Letters are compared exactly, but INBOX as the first level without case. */
bool pattern_matches(const char *pattern, const char *name);

#endif
