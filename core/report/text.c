/* The receipt: for each account a sentence, the ledger, what was compared, what is left over. */
#include <stdio.h>
#include <string.h>

#include "core/report/prose.h"
#include "core/report/receipt.h"

/* With more accounts than this each gets its sentence and a line only. */
#define ACCOUNTS_WHOLE 3
#define NAME_COLUMNS 30
/* Where the figures begin. */
#define FIGURES 30

/* ---- the ledger and what was compared ---- */

static void term(struct buf *out, const char *left, const char *what, uint64_t n)
{
	char number[PROSE_NUMBER];
	buf_addf(out, "  %-*s%-24s%9s\n", FIGURES - 2, left, what, prose_number(number, n));
}

static void write_ledger(const struct ledger *l, struct buf *out)
{
	char number[PROSE_NUMBER], left[64];
	snprintf(left, sizeof left, "at the start  %9s   =", prose_number(number, l->source));
	term(out, left, "copied", l->copied);
	term(out, "", "already there", l->already_there);
	term(out, "", "left out, deleted mail", l->skipped);
	term(out, "", "refused", l->refused);
	term(out, "", "gone meanwhile", l->vanished);
	term(out, "", "still to be copied", l->pending);
}

static void finding(struct buf *s, const char *what, uint64_t n, bool always)
{
	char number[PROSE_NUMBER];
	if (n > 0 || always)
		buf_addf(s, "%s%s %s", s->len ? " · " : "", what, prose_number(number, n));
}

static void write_findings(const struct verified *v, struct buf *out)
{
	struct buf words = { 0 };
	char number[PROSE_NUMBER], left[64];
	uint64_t compared = v->identical + v->rewritten + v->altered + v->missing + v->gone;
	size_t begin = out->len, len = (size_t)snprintf(left, sizeof left, "  checked again %9s", prose_number(number, compared));
	finding(&words, "same", v->identical, true);
	finding(&words, "same in another form", v->rewritten, false);
	finding(&words, "altered", v->altered, true);
	finding(&words, "missing", v->missing, true);
	finding(&words, "twice", v->doubled, false);
	finding(&words, "moved or deleted there since", v->gone, false);
	finding(&words, "other mail there", v->target_only, false);
	prose_wrap(out, words.data, FIGURES, FIGURES);
	memcpy(out->data + begin, left, len < FIGURES ? len : FIGURES);
	buf_reset(&words);
	if (v->deep)
		buf_adds(&words, "(all of them byte by byte)");
	else
		buf_addf(&words, "(%s at random, byte by byte; all: verify --deep)", prose_number(number, v->sampled));
	prose_wrap(out, words.data, FIGURES, FIGURES + 1);
	buf_free(&words);
}

static void write_verified(const struct report *report, const struct report_part *part, struct buf *out)
{
	bool all = receipt_checked(part), ended = part->exit == 0 || part->exit == 1;
	if (part->verified.any)
		write_findings(&part->verified, out);
	if (all || receipt_there(&part->ledger) == 0)
		return;
	if (ended && strcmp(report->run.command, "run") == 0)
		buf_adds(out, "  not checked: --no-verify\n");
	else
		buf_adds(out, part->verified.any ? "  not all of it was checked yet\n" : "  not checked yet\n");
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

static void write_folders(const struct report_part *part, struct buf *out)
{
	bool headed = false;
	for (size_t i = 0; i < part->rows; i++) {
		if (left_over(&part->row[i]) == 0)
			continue;
		if (!headed)
			buf_addf(out, "\n  %-*s%9s%9s%9s%9s%9s\n", NAME_COLUMNS, "folder", "refused", "to copy", "altered", "missing", "twice");
		headed = true;
		write_row(&part->row[i], out);
	}
}

/* ---- an account ---- */

/* An account that did not end in a run that has ended was not part of it (--account). */
static bool took_part(const struct report *report, const struct report_part *part)
{
	return part->exit >= 0 || report->run.finished == 0;
}

static size_t shown(const struct report *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->parts; i++)
		count += took_part(report, &report->part[i]);
	return count;
}

static void write_heading(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf took = { 0 }, names = { 0 };
	prose_clean(&names, part->name);
	buf_addf(&names, ": %s -> %s", part->source_user, part->target_user);
	if (shown(report) == 1 && report->run.finished > 0)
		prose_duration(&took, report->run.finished - report->run.started);
	if (took.len > 0 && prose_columns(names.data) + took.len < PROSE_COLUMNS) {
		prose_cell(out, names.data, PROSE_COLUMNS - took.len);
		buf_add(out, took.data, took.len);
	} else {
		buf_add(out, names.data, names.len);
	}
	buf_adds(out, "\n\n");
	buf_free(&took);
	buf_free(&names);
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
	buf_addf(&s, "%s = %s copied", prose_number(a, l->source), prose_number(b, l->copied));
	word(&s, l->already_there, "already there");
	word(&s, l->skipped, "left out");
	word(&s, l->refused, "refused");
	word(&s, l->vanished, "gone meanwhile");
	word(&s, l->pending, "still to be copied");
	prose_wrap(out, s.data, 2, 4);
	buf_free(&s);
}

static void write_next(const struct report_part *part, struct buf *out)
{
	int exit = part->exit;
	const char *next = report_next(exit);
	buf_adds(out, "\n  Next: ");
	if (exit == 70)
		buf_adds(out, "run the same command again; if it ends like this again, report it.\n");
	else if (exit == 9)
		buf_adds(out, "wait until the other run has ended, then run the same command again.\n");
	else if (strcmp(next, "decide") == 0)
		buf_adds(out, "look at what is told above. The whole list: trasloco report --json -\n");
	else if (strcmp(next, "fix-first") == 0)
		buf_adds(out, "mend what is told above, then run the same command again.\n");
	else if (strcmp(next, "run-again") == 0)
		buf_adds(out, "run the same command again; nothing is copied twice.\n");
	else if (receipt_there(&part->ledger) > 0 && !receipt_checked(part))
		buf_adds(out, "compare both mailboxes before the old one is closed: trasloco verify\n");
	else
		buf_adds(out, "mail may still come in: run it again before the old mailbox is closed.\n");
}

static void write_whole(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf told = { 0 };
	receipt_sentence(part, &report->run, out);
	buf_addc(out, '\n');
	write_ledger(&part->ledger, out);
	write_verified(report, part, out);
	write_folders(part, out);
	receipt_problems(part->problem, part->problems, &told);
	if (told.len > 0)
		buf_addf(out, "\n%s", told.data);
	write_next(part, out);
	buf_free(&told);
}

/* ---- all of it ---- */

static void write_total(const struct report *report, struct buf *out)
{
	struct buf s = { 0 };
	char a[PROSE_NUMBER], b[PROSE_NUMBER];
	uint64_t there = 0, asked = 0;
	size_t whole = 0;
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		if (!took_part(report, part))
			continue;
		there += receipt_there(&part->ledger);
		asked += receipt_asked(&part->ledger);
		whole += part->exit == 0;
	}
	buf_addf(&s, "%zu accounts, %zu of them complete: %s of %s messages have arrived", shown(report), whole, prose_number(a, there), prose_number(b, asked));
	if (report->run.finished > 0) {
		buf_adds(&s, ", in ");
		prose_duration(&s, report->run.finished - report->run.started);
	}
	buf_addc(&s, '.');
	prose_wrap(out, s.data, 0, 0);
	buf_free(&s);
}

void report_text(const struct report *report, struct buf *out)
{
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		if (!took_part(report, part))
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
	buf_adds(out, "Contacts, calendars, filters, signatures and shared folders are not moved.\n");
}
