/* The report as one HTML file for people: nothing is loaded, no script, readable on a phone, on a screen in the dark, and on paper, each account on pages of its
   own. */
#include "core/report/html.h"

#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

static bool is_plan(const struct report *report)
{
	return strcmp(report->run.command, "plan") == 0;
}

static size_t shown(const struct report *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->parts; i++)
		count += receipt_took_part(report, &report->part[i]);
	return count;
}

static const struct report_part *first_shown(const struct report *report)
{
	for (size_t i = 0; i < report->parts; i++)
		if (receipt_took_part(report, &report->part[i]))
			return &report->part[i];
	return NULL;
}

static const char *title(const struct report *report)
{
	if (is_plan(report))
		return _("Plan of the move");
	return strcmp(report->run.command, "verify") == 0 ? _("Check of the move") : _("Report of the move");
}

static int64_t ended(const struct report *report)
{
	return report->run.finished > 0 ? report->run.finished : report->run.started;
}

/* ---- the verdict ---- */

struct verdict { const char *class, *word, *json; };	/* class: good, warn, bad */

static struct verdict forecast(const struct report_part *part)
{
	const char *said = report_forecast(part);
	if (strcmp(said, "go") == 0)
		return (struct verdict){ "good", _("can begin"), said };
	return strcmp(said, "warn") == 0 ? (struct verdict){ "warn", _("can begin, with warnings"), said } : (struct verdict){ "bad", _("not yet"), said };
}

static struct verdict verdict_of(const struct report *report, const struct report_part *part)
{
	const char *said = report_verdict(part->exit);
	bool safe = strcmp(said, "exceptions") == 0 || strcmp(said, "incomplete") == 0;
	if (is_plan(report))
		return forecast(part);
	if (part->unseen > 0 && part->exit == 0)
		return (struct verdict){ "warn", _("moved as far as can be seen"), said };
	return (struct verdict){ strcmp(said, "complete") == 0 ? "good" : safe ? "warn" : "bad", receipt_verdict(part->exit), said };
}

/* A plan's sentence. */
static void foretell(const struct report_part *part, struct buf *s)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER], size[PROSE_NUMBER];
	uint64_t pending = part->ledger.pending, there = receipt_there(&part->ledger);
	if (strcmp(report_forecast(part), "no-go") == 0)
		buf_addf(s, _("The move of %s to %s can't begin yet: something has to be put right first"), part->source_user, part->target_user);
	else if (pending == 0)
		buf_addf(s, _("There is nothing to copy: all of %s is in %s already"), part->source_user, part->target_user);
	else
		buf_addf(s, P_("The move can begin: %s message (%s) of %s is to go to %s", "The move can begin: %s messages (%s) of %s are to go to %s", pending),
			prose_number(a, pending), prose_size(size, part->bytes_pending), part->source_user, part->target_user);
	if (pending > 0 && there > 0)
		buf_addf(s, P_("; %s is there already", "; %s are there already", there), prose_number(b, there));
	buf_adds(s, _(". Nothing has been changed so far."));
}

static void write_verdict(const struct report *report, const struct report_part *part, struct buf *out)
{
	const struct verdict v = verdict_of(report, part);
	struct buf s = { 0 };
	if (is_plan(report))
		foretell(part, &s);
	else
		receipt_sentence(part, &report->run, &s);
	buf_addf(out, "<div class=\"verdict %s\" data-verdict=\"%s\"><p class=\"word\">%s</p>\n<p class=\"said\">", v.class, v.json, v.word);
	html_sentence(out, s.data, part);
	buf_adds(out, "</p></div>\n");
	buf_free(&s);
}

/* ---- an account ---- */

/* What a plan foretells; the history has a figure of its own. */
static void write_ahead(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf words = { 0 };
	buf_adds(out, "<dl class=\"facts ahead\">\n");
	for (int what = 0; what < AHEAD_ALL; what++) {
		buf_reset(&words);
		ahead_words(report, part, (enum ahead)what, &words);
		if (words.len == 0 || what == AHEAD_HISTORY)
			continue;
		buf_addf(out, "<div><dt>%s</dt><dd>", ahead_label((enum ahead)what));
		html_text(out, words.data);
		buf_adds(out, "</dd></div>\n");
	}
	buf_adds(out, "</dl>\n");
	buf_free(&words);
}

static void write_account(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	buf_addf(out, "<article class=\"account\" id=\"a%zu\" data-account=\"", n);
	html_text(out, part->name);
	buf_addf(out, "\" aria-labelledby=\"a%zu-name\">\n<p class=\"stamp\">%s <span aria-hidden=\"true\">·</span> ", n, title(report));
	html_when(out, ended(report));
	buf_addf(out, "</p>\n<h2 id=\"a%zu-name\">", n);
	html_name(out, part->name);
	buf_adds(out, "</h2>\n<p class=\"way\">");
	html_name(out, part->source_user);
	buf_addf(out, " <span aria-hidden=\"true\">→</span><span class=\"vh\">%s</span> ", _("goes to"));
	html_name(out, part->target_user);
	buf_adds(out, "</p>\n");
	write_verdict(report, part, out);
	html_close(report, part, n, out);
	html_numbers(report, part, n, out);
	if (is_plan(report))
		write_ahead(report, part, out);
	html_folders(report, part, n, out);
	html_months(report, part, n, out);
	html_points(report, part, n, out);
	html_checked(report, part, n, out);
	html_not_moved(part, n, out);
	html_appendix(report, part, n, out);
	buf_adds(out, "</article>\n");
}

/* ---- the index: on a phone its rows are no table to look at, so that what they are has to be said ---- */

static void write_line(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	static const char *const answers[] = { [CLOSE_YES] = N_("yes"), [CLOSE_RECEIVING] = N_("still receives mail"), [CLOSE_NOT_YET] = N_("not yet") };
	const struct verdict v = verdict_of(report, part);
	buf_addf(out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><a href=\"#a%zu\">", n);
	html_name(out, part->name);
	buf_addf(out, "</a></th><td role=\"cell\"><span class=\"word %s\">%s</span></td>", v.class, v.word);
	buf_adds(out, "<td class=\"n\" role=\"cell\">");
	html_number(out, "b", "there", receipt_there(&part->ledger));
	buf_addf(out, " <span class=\"of\">%s ", _("of"));
	html_number(out, "span", "asked", receipt_asked(&part->ledger));
	buf_adds(out, "</span></td>");
	if (!is_plan(report))
		buf_addf(out, "<td role=\"cell\">%s</td>", (unsigned)part->close.answer < sizeof answers / sizeof *answers ? _(answers[part->close.answer]) : "");
	buf_adds(out, "</tr>\n");
}

static void write_sum(const struct report *report, struct buf *out)
{
	struct buf s = { 0 };
	size_t can = 0, all = shown(report);
	for (size_t i = 0; i < report->parts; i++)
		can += receipt_took_part(report, &report->part[i]) && strcmp(report_forecast(&report->part[i]), "no-go") != 0;
	if (is_plan(report)) {
		buf_addf(&s, P_("%zu of %zu accounts can begin.", "%zu of %zu accounts can begin.", can), can, all);
		buf_addc(&s, ' ');
		ahead_sum(&report->ledger, report->bytes_pending, &s);
		buf_adds(&s, report->ledger.pending > 0 ? "; " : "");
		ahead_time_of_all(report, &s);
		buf_addc(&s, '.');
	} else {
		receipt_total(report, &s);
	}
	buf_adds(out, "<p class=\"total\">");
	html_words(out, s.data);
	buf_adds(out, "</p>\n");
	buf_free(&s);
}

static void write_index(const struct report *report, struct buf *out)
{
	buf_addf(out, "<nav class=\"index\" aria-labelledby=\"index\">\n<h2 id=\"index\">%s</h2>\n", _("All accounts"));
	write_sum(report, out);
	buf_addf(out, "<table data-table=\"index\"><caption class=\"vh\">%s</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th>",
		_("All accounts"), _("Account"), _("How it stands"), is_plan(report) ? _("There already") : _("Messages arrived"));
	if (!is_plan(report))
		buf_addf(out, "<th scope=\"col\">%s</th>", _("Close the old one?"));
	buf_adds(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0, n = 0; i < report->parts; i++)
		if (receipt_took_part(report, &report->part[i]))
			write_line(report, &report->part[i], ++n, out);
	buf_adds(out, "</tbody></table>\n</nav>\n");
}

/* ---- the page ---- */

static void write_head(const struct report *report, struct buf *out)
{
	const struct report_part *part = first_shown(report);
	buf_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"trasloco " TRASLOCO_VERSION "\">\n<title>%s", i18n_lang(), title(report));
	if (part && shown(report) == 1) {
		buf_adds(out, ": ");
		html_text(out, part->source_user);
	}
	buf_addf(out, "</title>\n<style>\n%s</style>\n</head>\n", html_style);
}

static void write_said(struct buf *said, struct buf *out)
{
	if (said->len > 0) {
		buf_adds(out, "<p>");
		html_words(out, said->data);
		buf_adds(out, "</p>\n");
	}
	buf_reset(said);
}

static void write_top(const struct report *report, struct buf *out)
{
	struct buf said = { 0 };
	buf_addf(out, "<body>\n<a class=\"skip\" href=\"#main\">%s</a>\n<header>\n<h1>%s</h1>\n<p>", _("Skip to the report"), title(report));
	html_when(out, ended(report));
	if (report->run.finished > 0) {
		buf_addf(out, " <span aria-hidden=\"true\">·</span> %s ", _("it took"));
		prose_duration(out, report->run.finished - report->run.started);
	}
	buf_adds(out, "</p>\n");
	receipt_forecast(report, &said);
	write_said(&said, out);
	receipt_lanes(report, &said);
	write_said(&said, out);
	buf_adds(out, "</header>\n<main id=\"main\">\n");
	buf_free(&said);
}

void report_html(const struct report *report, struct buf *out)
{
	size_t n = 0;
	write_head(report, out);
	write_top(report, out);
	if (shown(report) > 1)
		write_index(report, out);
	if (receipt_group(report->problem, report->problems).made > 0) {
		buf_addf(out, "<section class=\"attention\"><h2>%s</h2>\n", _("About the whole run"));
		html_problems(report->problem, report->problems, out);
		buf_adds(out, "</section>\n");
	}
	for (size_t i = 0; i < report->parts; i++)
		if (receipt_took_part(report, &report->part[i]))
			write_account(report, &report->part[i], ++n, out);
	if (n == 0)
		buf_addf(out, "<p>%s</p>\n", _("No account was part of this run."));
	buf_addf(out, "</main>\n<footer><p>trasloco " TRASLOCO_VERSION " <span aria-hidden=\"true\">·</span> %s</p></footer>\n</body>\n</html>\n",
		_("nothing was deleted, in either mailbox"));
}
