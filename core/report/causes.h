/* Private to core/report: why one side of an account does not work, likely causes first. */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include "core/report/report.h"

#define CAUSES_MAX 5

struct cause { const char *what, *advice; };	/* in English, marked for the translators */

/* From the class of the error and what is known of the provider, the likeliest first. Returns how many. */
size_t causes_of(const struct report_side *side, struct cause out[CAUSES_MAX]);

#endif
