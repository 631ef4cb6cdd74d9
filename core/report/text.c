/* The receipt and the status, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/report/report.h"

#define PROBLEMS_SHOWN 10
/* With more accounts than this each gets its sentence only. */
#define ACCOUNTS_WHOLE 3

/* 48213 as "48,213"; out holds 28 bytes. */
static const char *grouped(char out[28], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static uint64_t there(const struct ledger *l)
{
	return l->copied + l->already_there;
}

static uint64_t moved(const struct ledger *l)
{
	return l->source - l->skipped - l->vanished;
}

/* The first error that stopped the account, or NULL. */
static const struct report_problem *reason(const struct report_part *part)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].severity, "error") == 0 && part->problem[i].uid == 0)
			return &part->problem[i];
	return NULL;
}

static uint64_t exceptions(const struct report_part *part)
{
	uint64_t n = 0;
	for (size_t i = 0; i < part->problems; i++)
		n += strcmp(part->problem[i].severity, "error") == 0;
	return n;
}

/* One sentence: what is safe, what is missing. */
static void sentence(const struct report_part *part, struct buf *out)
{
	char a[28], b[28], c[28];
	const struct ledger *l = &part->ledger;
	const struct report_problem *why = reason(part);
	grouped(a, there(l));
	grouped(b, moved(l));
	switch (part->exit) {
	case 0:
		buf_addf(out, "Move complete: all %s messages of %s are in %s%s", b, part->source_user, part->target_user, part->verified.any ? ", checked again on both servers." : ".");
		break;
	case 1:
		buf_addf(out, "Move finished with %s exception%s: %s of %s messages of %s have arrived in %s.", grouped(c, exceptions(part)), plural(exceptions(part)), a, b, part->source_user,
			part->target_user);
		break;
	case 7:
		buf_addf(out, "Move on hold: the new mailbox %s is full and %s messages are missing; enlarge it and run the same command again.", part->target_user, grouped(c, l->pending));
		break;
	case -1:
	case 3:
	case 130:
	case 143:
		buf_addf(out, "Move not finished yet: %s of %s messages of %s are missing%s%s; those already copied are safe, and the same command goes on from here.", grouped(c, l->pending), b,
			part->source_user, why ? ": " : "", why ? why->text : "");
		break;
	default:
		buf_addf(out, "Move of %s stopped: %s. Nothing was deleted anywhere; %s messages are in %s.", part->source_user, why ? why->text : "an internal fault", a, part->target_user);
	}
	buf_addc(out, '\n');
}

/* ---- the ledger and what was compared ---- */

static void line(struct buf *out, const char *left, const char *what, uint64_t n, const char *note)
{
	char number[28];
	buf_addf(out, "  %-27s %-24s %9s%s%s\n", left, what, grouped(number, n), *note ? "   " : "", note);
}

static void line_if(struct buf *out, const char *what, uint64_t n, const char *note)
{
	if (n > 0)
		line(out, "", what, n, note);
}

static void write_ledger(const struct report_part *part, struct buf *out)
{
	char number[28], left[64];
	const struct ledger *l = &part->ledger;
	snprintf(left, sizeof left, "at the source %9s  =", grouped(number, l->source));
	line(out, left, "copied", l->copied, "");
	line_if(out, "already there", l->already_there, "");
	line_if(out, "left out (deleted mail)", l->skipped, "");
	line_if(out, "refused", l->refused, "kept as files in \"refused\"");
	line_if(out, "gone at the source since", l->vanished, "");
	line(out, "", "still to be copied", l->pending, "");
}

static void write_verified(const struct report_part *part, struct buf *out)
{
	char number[28], left[64];
	const struct verified *v = &part->verified;
	if (!v->any) {
		buf_adds(out, "  not checked\n");
		return;
	}
	uint64_t compared = v->identical + v->rewritten + v->altered + v->missing + v->gone;
	snprintf(left, sizeof left, "compared      %9s  =", grouped(number, compared));
	line(out, left, "identical", v->identical, "");
	line_if(out, "same, other form", v->rewritten, "");
	line_if(out, "altered", v->altered, "");
	line_if(out, "missing", v->missing, "");
	line_if(out, "moved or deleted there", v->gone, "by the owner of the new mailbox, after the check");
	line_if(out, "stored twice", v->doubled, "");
	line_if(out, "other mail there", v->target_only, "not brought by this move");
	if (v->deep)
		buf_adds(out, "  (all of them byte by byte)\n");
	else
		buf_addf(out, "  (%s at random, byte by byte; all: trasloco verify --deep)\n", grouped(number, v->sampled));
}

/* ---- problems ---- */

static void write_problem(const struct report_problem *p, struct buf *out)
{
	buf_addf(out, "  %s: ", p->severity);
	if (*p->folder)
		buf_addf(out, "%s: ", p->folder);
	if (p->uid)
		buf_addf(out, "message %u: ", p->uid);
	buf_adds(out, p->text);
	if (*p->file)
		buf_addf(out, " (%s)", p->file);
	buf_addc(out, '\n');
	if (*p->hint && strcmp(p->severity, "error") == 0)
		buf_addf(out, "         %s\n", p->hint);
}

static void write_problems(const struct report_part *part, struct buf *out)
{
	static const char *const severities[] = { "error", "warning" };
	size_t shown = 0, left = 0;
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < part->problems; i++) {
			if (strcmp(part->problem[i].severity, severities[s]) != 0)
				continue;
			if (shown++ < PROBLEMS_SHOWN)
				write_problem(&part->problem[i], out);
			else
				left++;
		}
	if (left > 0)
		buf_addf(out, "  … and %zu more: trasloco report --json -\n", left);
}

void report_text(const struct report *report, struct buf *out)
{
	char a[28], b[28];
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		buf_addf(out, "%s: %s -> %s\n\n  ", part->name, part->source_user, part->target_user);
		sentence(part, out);
		if (report->parts <= ACCOUNTS_WHOLE) {
			buf_addc(out, '\n');
			write_ledger(part, out);
			write_verified(part, out);
		}
		write_problems(part, out);
		buf_addc(out, '\n');
	}
	if (report->parts > 1)
		buf_addf(out, "%zu accounts: %s of %s messages have arrived.\n", report->parts, grouped(a, there(&report->ledger)), grouped(b, moved(&report->ledger)));
	buf_adds(out, "Contacts, calendars, filters, signatures and shared folders are not moved.\n");
}

void report_status(const struct report *report, bool running, struct buf *out)
{
	char a[28], b[28], c[28];
	for (size_t i = 0; i < report->parts; i++) {
		const struct report_part *part = &report->part[i];
		buf_addf(out, "%-24s %-12s %9s of %9s messages there, %s still to be copied\n", part->name, running && part->exit < 0 ? "at work" : report_verdict(part->exit),
			grouped(a, there(&part->ledger)), grouped(b, moved(&part->ledger)), grouped(c, part->ledger.pending));
	}
	buf_addf(out, "%-24s %-12s %9s of %9s messages there, %s still to be copied\n", "all", running ? "running" : report_verdict(report->run.exit),
		grouped(a, there(&report->ledger)), grouped(b, moved(&report->ledger)), grouped(c, report->ledger.pending));
}
