/* Holes in the history of a mailbox: months without mail inside a busy period. */
#ifndef REPORT_HOLES_H
#define REPORT_HOLES_H

#include "core/report/report.h"

struct hole {
	int first, last;	/* months, as hole_month() counts them */
	bool outage;		/* one of them was a month of an outage of that provider */
};

/* Months since the year 0. */
int hole_month(int year, int month);
/* Months without any mail, at most two years of them, with mail on both sides: in the half year before and in that after, at least 3 months of each with mail,
   and 5 messages a month on average. *out is the caller's (free); returns how many. */
size_t holes_find(const struct report_part *part, struct hole **out);
/* Whether the provider of the source had a long outage in that month: Libero and Virgilio in January and in June 2023. */
bool hole_outage(const struct report_part *part, int month);

/* Whether one of them has that month. */
bool hole_covers(const struct hole *hole, size_t holes, int month);
/* What is said of them, in English, for prose_kept; the caller's. */
char *hole_text(const struct hole *hole);
char *hole_outage_text(const struct report_part *part, int month);

#endif
