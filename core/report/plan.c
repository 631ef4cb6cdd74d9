/* The dry run for people: where every folder goes and why, how much it is, whether there is room, how long it may take, what to look at. */
#include "core/report/planned.h"
#include "core/report/receipt.h"

#include <stdio.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"

#define SOURCE_COLUMNS 24
#define NAME_COLUMNS 46	/* of both names */
#define MESSAGE_COLUMNS 9
#define MB_COLUMNS 8
#define THERE_COLUMNS 14
#define LABEL 15
/* With more accounts than this each gets a line instead of its folders. */
#define ACCOUNTS_WHOLE 3

/* ---- folders ---- */

static void number_right(struct buf *out, uint64_t n, size_t columns)
{
	char number[PROSE_NUMBER];
	prose_right(out, prose_number(number, n), columns);
}

static void megabytes(struct buf *out, uint64_t bytes)
{
	if (bytes > 0 && bytes < 500000)
		prose_right(out, "<1", MB_COLUMNS);
	else
		number_right(out, (bytes + 500000) / 1000000, MB_COLUMNS);
}

/* A name that is too long has a line of its own. */
static void name_cell(struct buf *out, const char *name, size_t columns, size_t indent)
{
	size_t before = out->len;
	prose_cell(out, name, columns);
	if (prose_columns(out->data + before) <= columns)
		return;
	out->data[out->len - 1] = '\n';
	buf_addf(out, "%*s", (int)(indent + columns), "");
}

static bool is_moved(const struct report_row *row)
{
	return strcmp(row->why, "excluded") != 0 && strcmp(row->why, "shared") != 0;
}

static void target_of(const struct report_row *row, struct buf *out)
{
	if (is_moved(row))
		buf_addf(out, "%s%s", row->target, strcmp(row->why, "name") == 0 ? " *" : "");
	else
		buf_adds(out, strcmp(row->why, "shared") == 0 ? _("(shared, not moved)") : _("(left out by the job)"));
}

/* The old names get more room than usual when they need it and the new ones can spare it. */
static size_t source_columns(const struct report_part *part)
{
	size_t source = SOURCE_COLUMNS, target = prose_columns(_("New folder"));
	for (size_t i = 0; i < part->rows; i++) {
		struct buf name = { 0 };
		size_t wide = prose_columns(part->row[i].source) + 2;
		target_of(&part->row[i], &name);
		source = wide > source ? wide : source;
		target = prose_columns(name.data) > target ? prose_columns(name.data) : target;
		buf_free(&name);
	}
	return source + target + 1 <= NAME_COLUMNS ? source : SOURCE_COLUMNS;
}

static void write_row(const struct report_row *row, size_t columns, struct buf *out)
{
	const struct ledger *l = &row->ledger;
	struct buf target = { 0 };
	bool moved = is_moved(row);
	target_of(row, &target);
	buf_adds(out, "  ");
	name_cell(out, row->source, columns, 2);
	name_cell(out, target.data, NAME_COLUMNS - columns, 2 + columns);
	number_right(out, l->source, MESSAGE_COLUMNS);
	if (moved) {
		megabytes(out, row->bytes + row->bytes_pending);
		number_right(out, receipt_there(l), THERE_COLUMNS);
	} else {
		prose_right(out, "-", MB_COLUMNS);
		prose_right(out, "-", THERE_COLUMNS);
	}
	buf_addc(out, '\n');
	buf_free(&target);
}

static void write_heads(const struct report_part *part, size_t columns, struct buf *out)
{
	struct buf from = { 0 };
	buf_addf(&from, _("Folder at %s"), receipt_called(part, true));
	if (prose_columns(from.data) >= columns) {
		buf_reset(&from);
		buf_adds(&from, _("Old folder"));
	}
	buf_adds(out, "  ");
	prose_cell(out, from.data, columns);
	prose_cell(out, _("New folder"), NAME_COLUMNS - columns);
	prose_right(out, _("Messages"), MESSAGE_COLUMNS);
	prose_right(out, "MB", MB_COLUMNS);
	prose_right(out, _("there already"), THERE_COLUMNS);
	buf_addc(out, '\n');
	buf_free(&from);
}

static void write_total(const struct report_part *part, struct buf *out)
{
	buf_adds(out, "  ");
	prose_cell(out, _("TOTAL to copy"), NAME_COLUMNS);
	number_right(out, part->ledger.pending, MESSAGE_COLUMNS);
	megabytes(out, part->bytes_pending);
	buf_addc(out, '\n');
}

/* What is in the folders and will not be copied all the same. */
static void write_rest(const struct report_part *part, struct buf *out)
{
	char number[PROSE_NUMBER];
	uint64_t excluded = 0, single;
	struct buf s = { 0 };
	for (size_t i = 0; i < part->rows; i++)
		excluded += is_moved(&part->row[i]) ? 0 : part->row[i].ledger.skipped;
	single = receipt_left(part) - excluded;
	if (single > 0)
		buf_addf(&s, P_("%s single message is left out by the job's rules", "%s single messages are left out by the job's rules", single), prose_number(number, single));
	if (s.len > 0 && part->elsewhere > 0)
		buf_adds(&s, "; ");
	if (part->elsewhere > 0)
		buf_addf(&s, P_("%s message is in other folders too", "%s messages are in other folders too", part->elsewhere), prose_number(number, part->elsewhere));
	if (s.len > 0 && part->ledger.refused > 0)
		buf_adds(&s, "; ");
	if (part->ledger.refused > 0)
		buf_addf(&s, P_("%s was refused before and is not sent again", "%s were refused before and are not sent again", part->ledger.refused),
			prose_number(number, part->ledger.refused));
	if (s.len > 0)
		prose_wrap(out, s.data, 2, 2);
	buf_free(&s);
}

static void write_folders(const struct report_part *part, struct buf *out)
{
	size_t columns = source_columns(part);
	if (part->rows == 0)
		return;
	write_heads(part, columns, out);
	for (size_t i = 0; i < part->rows; i++)
		write_row(&part->row[i], columns, out);
	write_total(part, out);
	write_rest(part, out);
}

static void write_footnote(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf s = { 0 };
	bool by_name = false;
	for (size_t i = 0; i < part->rows; i++)
		by_name = by_name || strcmp(part->row[i].why, "name") == 0;
	buf_addf(&s, _("* known by its name. If it is not right: folders, map in %s"), report->job ? report->job : "migrate.yaml");
	if (by_name)
		prose_wrap(out, s.data, 2, 4);
	buf_free(&s);
}

/* ---- an account, and the last line ---- */

/* Enough about this account to say it in a line: messages, size. */
static void write_short(const struct report_part *part, struct buf *out)
{
	struct buf s = { 0 };
	if (part->exit > 1 && part->ledger.source == 0) /* nobody has looked into it */
		return;
	ahead_sum(&part->ledger, part->bytes_pending, &s);
	prose_wrap(out, s.data, 2, 2);
	buf_free(&s);
}

static size_t warnings_of(const struct report_part *part)
{
	struct buf ignored = { 0 };
	size_t points = receipt_points(part->problem, part->problems, "", &ignored);
	buf_free(&ignored);
	return points;
}

struct tally {
	size_t asked, go, warnings;
	uint64_t pending, there;
};

static struct tally count(const struct report *report)
{
	struct tally t = { 0 };
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		if (!receipt_took_part(report, part))
			continue;
		t.asked++;
		t.warnings += warnings_of(part);
		t.pending += part->ledger.pending;
		t.there += receipt_there(&part->ledger);
		t.go += strcmp(report_forecast(part), "no-go") != 0;
	}
	return t;
}

static void write_verdict(const struct report *report, struct buf *out)
{
	struct tally t = count(report);
	struct buf s = { 0 };
	bool can = t.go == t.asked && t.asked > 0, done = can && t.pending == 0 && t.there > 0;
	buf_adds(&s, done ? _("ALL IS THERE ALREADY") : can ? _("YOU CAN GO") : _("NOT YET"));
	if (can && t.warnings > 0)
		buf_addf(&s, P_(", with %zu warning", ", with %zu warnings", t.warnings), t.warnings);
	if (!can && t.asked > 1)
		buf_addf(&s, P_(": %zu of %zu accounts can go", ": %zu of %zu accounts can go", t.go), t.go, t.asked);
	buf_adds(&s, can ? _(". Then: ") : _(". First see to what is told above; then: "));
	receipt_command(&s, report->job, done ? "verify" : can ? "run" : "plan", "");
	prose_wrap(out, s.data, 0, 0);
	buf_free(&s);
}

static void write_ahead(const struct report *report, const struct report_part *part, bool whole, struct buf *out)
{
	struct buf left = { 0 }, words = { 0 };
	for (int what = 0; what < (whole ? AHEAD_ALL : AHEAD_HISTORY); what++) {
		buf_reset(&left);
		buf_reset(&words);
		ahead_words(report, part, (enum ahead)what, &words);
		buf_addf(&left, "  %s", ahead_label((enum ahead)what));
		if (words.len > 0)
			prose_beside(out, left.data, LABEL, words.data);
	}
	buf_free(&left);
	buf_free(&words);
}

static void write_account(const struct report *report, const struct report_part *part, bool whole, struct buf *out)
{
	struct heading h = { part->name, part->source_user, part->target_user };
	struct buf more = { 0 };
	receipt_heading(out, &h, _("(nothing is changed)"));
	if (whole)
		write_folders(part, out);
	else
		write_short(part, out);
	if (whole)
		write_footnote(report, part, &more);
	write_ahead(report, part, whole, &more);
	receipt_points(part->problem, part->problems, _("Attention"), &more);
	if (more.len > 0)
		buf_addf(out, "%s%s", whole && part->rows > 0 ? "\n" : "", more.data);
	buf_addc(out, '\n');
	buf_free(&more);
}

/* Of several accounts together. */
static void write_all(const struct report *report, size_t accounts, struct buf *out)
{
	struct buf left = { 0 }, words = { 0 };
	if (accounts < 2)
		return;
	buf_addf(out, P_("All %zu accounts", "All %zu accounts", accounts), accounts);
	buf_adds(out, "\n\n");
	ahead_sum(&report->ledger, report->bytes_pending, &words);
	prose_wrap(out, words.data, 2, 2);
	buf_reset(&words);
	ahead_time_of_all(report, &words);
	buf_addf(&left, "  %s", ahead_label(AHEAD_TIME));
	if (words.len > 0)
		prose_beside(out, left.data, LABEL, words.data);
	buf_addc(out, '\n');
	buf_free(&left);
	buf_free(&words);
}

void report_plan_text(const struct report *report, struct buf *out)
{
	size_t asked = count(report).asked;
	bool whole = asked <= ACCOUNTS_WHOLE;
	for (size_t i = 0; i < report->parts; i++)
		if (receipt_took_part(report, &report->part[i]))
			write_account(report, &report->part[i], whole, out);
	write_all(report, asked, out);
	receipt_problems(report->problem, report->problems, out);
	receipt_not_moved(out);
	write_verdict(report, out);
}
