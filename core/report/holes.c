/* Holes in the history of a mailbox. */
#include "core/report/holes.h"

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"

#define LONGEST 24
#define AROUND 6	/* months looked at on each side */
#define WITH_MAIL 3	/* of them */
#define BUSY 5		/* messages a month */

int hole_month(int year, int month)
{
	return year * 12 + month - 1;
}

static int month_of(const struct report_month *m)
{
	return hole_month(m->year, m->month);
}

bool hole_outage(const struct report_part *part, int month)
{
	const char *id = part->source_provider;
	if (!id || (strcmp(id, "libero") != 0 && strcmp(id, "virgilio") != 0))
		return false;
	return month == hole_month(2023, 1) || month == hole_month(2023, 6);
}

/* The months with mail among those `first` to `last`, which `step` walks through from `at`. */
static bool busy(const struct report_part *part, size_t at, int step, int limit)
{
	uint64_t mails = 0;
	unsigned months = 0;
	for (size_t i = at; i < part->months; i += (size_t)step) { /* below 0 it wraps, and ends */
		int month = month_of(&part->month[i]);
		if (step < 0 ? month < limit : month > limit)
			break;
		mails += part->month[i].source;
		months++;
	}
	return months >= WITH_MAIL && mails >= (uint64_t)BUSY * AROUND;
}

size_t holes_find(const struct report_part *part, struct hole **out)
{
	size_t count = 0, cap = 0;
	*out = NULL;
	for (size_t i = 1; i < part->months; i++) {
		int before = month_of(&part->month[i - 1]), after = month_of(&part->month[i]);
		struct hole hole = { before + 1, after - 1, false };
		if (after - before < 2 || hole.last - hole.first >= LONGEST || !busy(part, i - 1, -1, hole.first - AROUND) || !busy(part, i, 1, hole.last + AROUND))
			continue;
		for (int month = hole.first; month <= hole.last; month++)
			hole.outage = hole.outage || hole_outage(part, month);
		*out = x_room(*out, count, &cap, sizeof **out);
		(*out)[count++] = hole;
	}
	return count;
}

bool hole_covers(const struct hole *hole, size_t holes, int month)
{
	for (size_t i = 0; i < holes; i++)
		if (month >= hole[i].first && month <= hole[i].last)
			return true;
	return false;
}

/* As retell.c knows it again: "%.7s" is a month. */
static void month_text(char out[16], int month)
{
	snprintf(out, 16, "%04d-%02d", month / 12 % 10000, month % 12 + 1);
}

char *hole_text(const struct hole *hole)
{
	char first[16], last[16];
	month_text(first, hole->first);
	month_text(last, hole->last);
	if (hole->first == hole->last)
		return hole->outage ? x_printf("%.7s: no mail at all, though there is much before and after; the provider had a long outage then, and the mail may have been lost there", first)
			: x_printf("%.7s: no mail at all, though there is much before and after", first);
	return hole->outage ? x_printf("%.7s to %.7s: no mail at all, though there is much before and after; the provider had a long outage then, and the mail may have been lost there",
		first, last) : x_printf("%.7s to %.7s: no mail at all, though there is much before and after", first, last);
}

char *hole_outage_text(const struct report_part *part, int month)
{
	char when[16];
	month_text(when, month);
	return x_printf("%.7s: a long outage of %s; some mail of those days may never have arrived", when, strcmp(part->source_provider, "virgilio") == 0 ? "Virgilio" : "Libero");
}
