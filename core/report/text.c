/* The receipt: for each account a sentence, the ledger, what was compared, what is left over. */
#include <stdio.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

/* With more accounts than this each gets its sentence and a line only. */
#define ACCOUNTS_WHOLE 3
#define NAME_COLUMNS 30
/* Where the figures begin. */
#define FIGURES 30
#define LABEL_COLUMNS 14
#define TERM_COLUMNS 24
#define FIGURE_COLUMNS 9

/* ---- the ledger and what was compared ---- */

static void term(struct buf *out, const char *left, const char *what, uint64_t n)
{
	char number[PROSE_NUMBER];
	prose_cell(out, left, FIGURES);
	prose_cell(out, what, TERM_COLUMNS);
	buf_addf(out, "%9s\n", prose_number(number, n));
}

static void label(struct buf *left, const char *what, uint64_t n, const char *after)
{
	char number[PROSE_NUMBER];
	buf_adds(left, "  ");
	prose_cell(left, what, LABEL_COLUMNS);
	buf_addf(left, "%9s%s", prose_number(number, n), after);
}

static void write_ledger(const struct report_part *part, struct buf *out)
{
	const struct ledger *l = &part->ledger;
	struct buf left = { 0 };
	label(&left, _("at the start"), l->source, "   =");
	term(out, left.data, _("copied"), l->copied);
	term(out, "", _("already there"), l->already_there);
	term(out, "", _("left out, as asked"), l->skipped);
	receipt_left_out(part, FIGURES, out);
	term(out, "", _("refused"), l->refused);
	term(out, "", _("gone meanwhile"), l->vanished);
	term(out, "", _("still to be copied"), l->pending);
	buf_free(&left);
}

static void finding(struct buf *s, const char *what, uint64_t n, bool always)
{
	char number[PROSE_NUMBER];
	if (n > 0 || always)
		buf_addf(s, "%s%s %s", s->len ? " · " : "", what, prose_number(number, n));
}

static void write_findings(const struct verified *v, struct buf *out)
{
	struct buf words = { 0 }, left = { 0 };
	char number[PROSE_NUMBER];
	label(&left, _("checked again"), v->identical + v->rewritten + v->altered + v->missing + v->gone, "");
	finding(&words, _("same"), v->identical, true);
	finding(&words, _("same in another form"), v->rewritten, false);
	finding(&words, _("altered"), v->altered, true);
	finding(&words, _("missing"), v->missing, true);
	finding(&words, _("twice"), v->doubled, false);
	finding(&words, _("moved or deleted there since"), v->gone, false);
	finding(&words, _("other mail there"), v->target_only, false);
	prose_beside(out, left.data, FIGURES, words.data);
	buf_reset(&words);
	if (v->deep)
		buf_adds(&words, _("(all of them byte by byte)"));
	else
		buf_addf(&words, _("(%s at random, byte by byte; all: verify --deep)"), prose_number(number, v->sampled));
	prose_wrap(out, words.data, FIGURES, FIGURES + 1);
	if (v->quiet > 0) {
		buf_reset(&words);
		buf_addf(&words, P_("(%s not read again: it has not changed since it was compared, as both servers say; all: verify)",
			"(%s not read again: they have not changed since they were compared, as both servers say; all: verify)", v->quiet), prose_number(number, v->quiet));
		prose_wrap(out, words.data, FIGURES, FIGURES + 1);
	}
	buf_free(&words);
	buf_free(&left);
}

static void write_verified(const struct report *report, const struct report_part *part, struct buf *out)
{
	bool all = receipt_checked(part), ended = part->exit == 0 || part->exit == 1;
	if (part->verified.any)
		write_findings(&part->verified, out);
	if (all || receipt_there(&part->ledger) == 0)
		return;
	buf_adds(out, "  ");
	if (ended && strcmp(report->run.command, "run") == 0)
		buf_adds(out, _("not checked: --no-verify"));
	else
		buf_adds(out, part->verified.any ? _("not all of it was checked yet") : _("not checked yet"));
	buf_addc(out, '\n');
}

/* ---- folders with something left over ---- */

static uint64_t left_over(const struct report_row *row)
{
	const struct verified *v = &row->verified;
	return row->ledger.refused + row->ledger.pending + (v->any ? v->altered + v->missing + v->doubled : 0);
}

static void figure(struct buf *out, uint64_t n)
{
	char number[PROSE_NUMBER];
	buf_addf(out, "%9s", n > 0 ? prose_number(number, n) : "-");
}

static void write_row(const struct report_row *row, struct buf *out)
{
	const struct verified *v = &row->verified;
	buf_adds(out, "  ");
	prose_cell(out, row->source, NAME_COLUMNS);
	if (prose_columns(row->source) >= NAME_COLUMNS)
		buf_addf(out, "\n%*s", NAME_COLUMNS + 2, "");
	figure(out, row->ledger.refused);
	figure(out, row->ledger.pending);
	figure(out, v->any ? v->altered : 0);
	figure(out, v->any ? v->missing : 0);
	figure(out, v->any ? v->doubled : 0);
	buf_addc(out, '\n');
}

static void write_heads(struct buf *out)
{
	buf_adds(out, "\n  ");
	prose_cell(out, _("in folder"), NAME_COLUMNS);
	prose_right(out, _("refused"), FIGURE_COLUMNS);
	prose_right(out, _("to copy"), FIGURE_COLUMNS);
	prose_right(out, _("altered"), FIGURE_COLUMNS);
	prose_right(out, _("missing"), FIGURE_COLUMNS);
	prose_right(out, _("twice"), FIGURE_COLUMNS);
	buf_addc(out, '\n');
}

static void write_folders(const struct report_part *part, struct buf *out)
{
	bool headed = false;
	for (size_t i = 0; i < part->rows; i++) {
		if (left_over(&part->row[i]) == 0)
			continue;
		if (!headed)
			write_heads(out);
		headed = true;
		write_row(&part->row[i], out);
	}
}

/* ---- an account ---- */

bool receipt_took_part(const struct report *report, const struct report_part *part)
{
	return part->exit >= 0 || report->run.finished == 0;
}

static size_t shown(const struct report *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->parts; i++)
		count += receipt_took_part(report, &report->part[i]);
	return count;
}

void receipt_heading(struct buf *out, const struct heading *h, const char *right)
{
	struct buf names = { 0 };
	size_t wide = prose_columns(right);
	prose_clean(&names, h->name);
	buf_addf(&names, ": %s -> %s", h->from, h->to);
	if (wide > 0 && prose_columns(names.data) + wide < PROSE_COLUMNS) {
		prose_cell(out, names.data, PROSE_COLUMNS - wide);
		buf_adds(out, right);
	} else {
		buf_add(out, names.data, names.len);
	}
	buf_adds(out, "\n\n");
	buf_free(&names);
}

static void write_heading(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf took = { 0 };
	struct heading h = { part->name, part->source_user, part->target_user };
	if (shown(report) == 1 && report->run.finished > 0)
		prose_duration(&took, report->run.finished - report->run.started);
	receipt_heading(out, &h, took.data ? took.data : "");
	buf_free(&took);
}

static void word(struct buf *s, uint64_t n, const char *what)
{
	char number[PROSE_NUMBER];
	if (n > 0)
		buf_addf(s, " + %s %s", prose_number(number, n), what);
}

static void write_line(const struct report_part *part, struct buf *out)
{
	const struct ledger *l = &part->ledger;
	struct buf s = { 0 };
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	if (l->source == 0)
		return;
	buf_addf(&s, "%s = %s %s", prose_number(a, l->source), prose_number(b, l->copied), _("copied"));
	word(&s, l->already_there, _("already there"));
	word(&s, l->skipped, _("left out"));
	word(&s, l->refused, _("refused"));
	word(&s, l->vanished, _("gone meanwhile"));
	word(&s, l->pending, _("still to be copied"));
	prose_wrap(out, s.data, 2, 4);
	buf_free(&s);
}

static void write_whole(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf told = { 0 };
	receipt_sentence(part, &report->run, out);
	buf_addc(out, '\n');
	write_ledger(part, out);
	write_verified(report, part, out);
	write_folders(part, out);
	receipt_problems(part->problem, part->problems, &told);
	if (told.len > 0)
		buf_addf(out, "\n%s", told.data);
	buf_addc(out, '\n');
	receipt_next(report, part, out);
	receipt_close(report, part, out);
	buf_free(&told);
}

/* ---- all of it ---- */

/* Where each account has a line only, nothing has said yet what to do. */
static void write_what_to_do(const struct report *report, struct buf *out)
{
	struct buf s = { 0 };
	buf_adds(&s, _("Why, and what to do, for each:"));
	buf_addc(&s, ' ');
	receipt_command(&s, report->job, "report", _("--text - --account NAME"));
	prose_wrap(out, s.data, 0, 2);
	buf_reset(&s);
	buf_adds(&s, _("Then once more, only those that did not end well:"));
	buf_addc(&s, ' ');
	receipt_command(&s, report->job, report->run.command, "--failed-only");
	prose_wrap(out, s.data, 0, 2);
	buf_free(&s);
}

void receipt_total(const struct report *report, struct buf *out)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	uint64_t there = 0, asked = 0;
	size_t whole = 0;
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		if (!receipt_took_part(report, part))
			continue;
		there += receipt_there(&part->ledger);
		asked += receipt_asked(&part->ledger);
		whole += part->exit == 0;
	}
	buf_addf(out, P_("%zu accounts, %zu of them complete", "%zu accounts, %zu of them complete", whole), shown(report), whole);
	buf_addf(out, P_(": %s of %s messages has arrived", ": %s of %s messages have arrived", there), prose_number(a, there), prose_number(b, asked));
	if (report->run.finished > 0) {
		buf_adds(out, _("; this run took "));
		prose_duration(out, report->run.finished - report->run.started);
	}
	buf_addc(out, '.');
}

static void write_said(struct buf *said, struct buf *out)
{
	if (said->len > 0)
		prose_wrap(out, said->data, 0, 0);
	buf_reset(said);
}

static void write_total(const struct report *report, struct buf *out)
{
	struct buf said = { 0 };
	size_t whole = 0;
	for (size_t i = 0; i < report->parts; i++)
		whole += report->part[i].exit == 0;
	receipt_total(report, &said);
	write_said(&said, out);
	buf_free(&said);
	if (shown(report) > ACCOUNTS_WHOLE && whole < shown(report))
		write_what_to_do(report, out);
}

void report_text(const struct report *report, struct buf *out)
{
	struct buf said = { 0 };
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		if (!receipt_took_part(report, part))
			continue;
		write_heading(report, part, out);
		if (shown(report) > ACCOUNTS_WHOLE) {
			receipt_sentence(part, &report->run, out);
			write_line(part, out);
		} else {
			write_whole(report, part, out);
		}
		buf_addc(out, '\n');
	}
	receipt_problems(report->problem, report->problems, out);
	if (shown(report) > 1)
		write_total(report, out);
	receipt_forecast(report, &said);
	write_said(&said, out);
	receipt_lanes(report, &said);
	write_said(&said, out);
	buf_free(&said);
	receipt_not_moved(out);
}
