/* Where every account stands, a line each. */
#include <stdbool.h>
#include <string.h>

#include "core/report/prose.h"
#include "core/report/receipt.h"

#define NAME_COLUMNS 26
#define STATE_COLUMNS 17

static void write_line(struct buf *out, const char *name, const char *state, const struct ledger *l)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER], c[PROSE_NUMBER];
	prose_cell(out, name, NAME_COLUMNS);
	prose_cell(out, state, STATE_COLUMNS);
	buf_addf(out, "%11s of %11s%10s\n", prose_number(a, receipt_there(l)), prose_number(b, receipt_asked(l)), prose_number(c, l->pending));
}

/* An account that did not end in a run that has ended was not part of it (--account). */
static const char *state_of(const struct report *report, const struct report_part *part, bool running)
{
	if (part->exit >= 0)
		return report_verdict(part->exit);
	if (running)
		return "at work";
	return report->run.finished > 0 ? "not in last run" : report_verdict(-1);
}

void report_status(const struct report *report, bool running, struct buf *out)
{
	buf_addf(out, "%-*s%-*s%26s%10s\n", NAME_COLUMNS, "account", STATE_COLUMNS, "state", "messages there", "to copy");
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		write_line(out, part->name, state_of(report, part, running), &part->ledger);
	}
	write_line(out, "all", running ? "at work" : report_verdict(report->run.exit), &report->ledger);
}
