/* What is left out because the job says so, and what no move can take along. */
#include "core/report/receipt.h"

#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"

#define NAMED 6

/* "folders: Spam 12, Cestino 300 and 2 others" */
static uint64_t folders(const struct report_part *part, struct buf *s)
{
	char number[PROSE_NUMBER];
	size_t named = 0, others = 0;
	uint64_t sum = 0;
	for (size_t i = 0; i < part->rows; i++) {
		const struct report_row *row = &part->row[i];
		if (strcmp(row->why, "excluded") != 0 || row->ledger.skipped == 0)
			continue;
		sum += row->ledger.skipped;
		if (named == NAMED) {
			others++;
			continue;
		}
		buf_adds(s, named++ == 0 ? _("(folders: ") : ", ");
		prose_clean(s, row->source);
		buf_addf(s, " %s", prose_number(number, row->ledger.skipped));
	}
	if (others > 0)
		buf_addf(s, P_(" and %zu other", " and %zu others", others), others);
	return sum;
}

uint64_t receipt_left(const struct report_part *part)
{
	return part->ledger.skipped > part->elsewhere ? part->ledger.skipped - part->elsewhere : 0;
}

void receipt_left_out(const struct report_part *part, size_t indent, struct buf *out)
{
	struct buf s = { 0 };
	char number[PROSE_NUMBER];
	uint64_t of_folders = folders(part, &s), rest = receipt_left(part) - of_folders;
	if (of_folders > 0 && rest > 0)
		buf_addf(&s, _("; single messages: %s"), prose_number(number, rest));
	if (part->elsewhere > 0)
		buf_addf(&s, of_folders > 0 ? _("; in other folders too: %s") : _("(in other folders too: %s"), prose_number(number, part->elsewhere));
	if (s.len > 0) {
		buf_addc(&s, ')');
		prose_wrap(out, s.data, indent, indent + 1);
	}
	buf_free(&s);
}

void receipt_not_moved(struct buf *out)
{
	prose_wrap(out, _("Contacts, calendars, filters, signatures and shared folders are not moved."), 0, 0);
}
