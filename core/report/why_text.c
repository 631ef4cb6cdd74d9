/* One reason of may_close as a sentence. */
#include "core/report/report.h"

#include "core/base/alloc.h"

char *report_why_text(const struct report_why *why, bool english)
{
	return x_printf(english ? "reason %d (%u)" : "%d: %u", (int)why->reason, (unsigned)why->n);
}
