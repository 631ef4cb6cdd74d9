/* How many lanes a run had: kept as a note of the run, and told as a sentence of its report. */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/receipt.h"

#define SLOWER ", %u for a time: more were slower"
#define SHUT_OUT "; a server let no more in"
#define THROTTLED "; a server asked for less"

void report_lanes(const struct report_lanes *lanes, struct buf *out)
{
	buf_addf(out, "lanes at work at once: %u at most", lanes->most);
	if (lanes->least > 0)
		buf_addf(out, SLOWER, lanes->least);
	if (lanes->shut_out)
		buf_adds(out, SHUT_OUT);
	if (lanes->throttled)
		buf_adds(out, THROTTLED);
}

static unsigned number_at(const char *text)
{
	return (unsigned)strtoul(text + strcspn(text, "0123456789"), NULL, 10);
}

static void tell(const char *kept, struct buf *out)
{
	const char *slower = strchr(kept, ',');
	buf_addf(out, _("Connections at work at once, on either side: %u at most."), number_at(kept));
	if (slower)
		buf_addf(out, _(" For a time only %u, since more were slower."), number_at(slower));
	if (strstr(kept, SHUT_OUT))
		buf_adds(out, _(" A server let no more in."));
	if (strstr(kept, THROTTLED))
		buf_adds(out, _(" A server asked for less, and had fewer for a while."));
}

void receipt_lanes(const struct report *report, struct buf *out)
{
	for (size_t i = 0; i < report->problems; i++)
		if (strcmp(report->problem[i].code, "lanes") == 0)
			tell(report->problem[i].text, out);
}
