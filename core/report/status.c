/* Where every account stands, a line each. */
#include <stdbool.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define NAME_COLUMNS 26
#define STATE_COLUMNS 17

static void write_line(struct buf *out, const char *name, const char *state, const struct ledger *l)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER], c[PROSE_NUMBER];
	prose_cell(out, name, NAME_COLUMNS);
	prose_cell(out, state, STATE_COLUMNS);
	buf_addf(out, _("%11s of %11s%10s"), prose_number(a, receipt_there(l)), prose_number(b, receipt_asked(l)), prose_number(c, l->pending));
	buf_addc(out, '\n');
}

const char *receipt_verdict(int exit)
{
	static const char *const words[] = { N_("complete"), N_("exceptions"), N_("stopped"), N_("incomplete"), N_("failed") };
	const char *verdict = report_verdict(exit);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], verdict) == 0)
			return _(words[i]);
	return verdict;
}

static const char *state_of(const struct report *report, const struct report_part *part, bool running)
{
	if (part->exit >= 0)
		return receipt_verdict(part->exit);
	if (running)
		return _("at work");
	return report->run.finished > 0 ? _("not in last run") : receipt_verdict(-1);
}

void report_status(const struct report *report, bool running, struct buf *out)
{
	prose_cell(out, _("account"), NAME_COLUMNS);
	prose_cell(out, _("state"), STATE_COLUMNS);
	prose_right(out, _("messages there"), 26);
	prose_right(out, _("to copy"), 10);
	buf_addc(out, '\n');
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		write_line(out, part->name, state_of(report, part, running), &part->ledger);
	}
	write_line(out, _("all"), running ? _("at work") : receipt_verdict(report->run.exit), &report->ledger);
}
