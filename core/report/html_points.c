/* What somebody has to do or to decide: what needs attention, what comes next, whether the old mailbox may be closed. */
#include "core/report/html.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define SENDERS 20

/* ---- problems ---- */

static void write_place(const struct receipt_group *g, struct buf *out)
{
	const struct report_problem *p = g->first;
	char number[PROSE_NUMBER];
	if (!p->uid && !*p->folder)
		return;
	buf_adds(out, "<span class=\"place\">");
	if (p->uid && (g->count > 1 || !*p->folder))
		buf_addf(out, "%s %s", prose_number(number, g->count), P_("message", "messages", g->count));
	if (p->uid && g->count > 1 && *p->folder)
		html_text(out, g->same_folder ? _(" in ") : _(" in several folders, the first in "));
	if (*p->folder)
		html_name(out, p->folder);
	if (p->uid && g->count == 1 && *p->folder)
		buf_addf(out, _(", message %u"), p->uid);
	buf_adds(out, "</span> ");
}

static void write_group(const struct receipt_group *g, struct buf *out)
{
	const struct report_problem *p = g->first;
	struct buf kept = { 0 };
	bool error = strcmp(p->severity, "error") == 0;
	buf_addf(out, "<li class=\"%s\" data-code=\"", error ? "bad" : "warn");
	html_text(out, p->code);
	buf_addf(out, "\" data-n=\"%zu\"><span class=\"tag\">%s</span> ", g->count, error ? _("error") : _("warning"));
	write_place(g, out);
	prose_kept(&kept, p->text);
	buf_adds(out, "<p>");
	html_name(out, kept.data);
	buf_adds(out, "</p>");
	buf_reset(&kept);
	prose_kept(&kept, p->hint);
	if (kept.len > 0) {
		buf_adds(out, "<p class=\"hint\">");
		html_text(out, kept.data);
		buf_adds(out, "</p>");
	}
	if (*p->file) {
		buf_addf(out, "<p class=\"hint\">%s <code>", g->count > 1 ? _("kept, the first as") : _("kept as"));
		html_name(out, p->file);
		buf_adds(out, "</code></p>");
	}
	buf_adds(out, "</li>\n");
	buf_free(&kept);
}

static void write_accepted(const struct receipt_group *g, struct buf *out)
{
	struct buf s = { 0 };
	receipt_accepted(g, &s);
	buf_adds(out, "<li class=\"note\">");
	html_text(out, s.data);
	buf_adds(out, "</li>\n");
	buf_free(&s);
}

size_t html_problems(const struct report_problem *problem, size_t count, struct buf *out)
{
	const struct receipt_groups open = receipt_group(problem, count), accepted = receipt_group_accepted(problem, count);
	char number[PROSE_NUMBER];
	if (open.made + accepted.made == 0)
		return 0;
	buf_adds(out, "<ul class=\"points\">\n");
	for (size_t i = 0; i < open.made; i++)
		write_group(&open.group[i], out);
	if (open.others > 0) {
		buf_adds(out, "<li class=\"note\">");
		buf_addf(out, P_("… and %s more, in the technical appendix", "… and %s more, in the technical appendix", open.others), prose_number(number, open.others));
		buf_adds(out, "</li>\n");
	}
	for (size_t i = 0; i < accepted.made; i++)
		write_accepted(&accepted.group[i], out);
	buf_adds(out, "</ul>\n");
	return open.made + (open.others > 0) + accepted.made;
}

/* ---- next ---- */

static void write_steps(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf step[RECEIPT_STEPS];
	size_t count = receipt_steps(report, part, step);
	buf_addf(out, "<h4>%s</h4>\n<ol class=\"steps\">\n", _("What to do now"));
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, "<li>");
		html_words(out, step[i].data);
		buf_adds(out, "</li>\n");
		buf_free(&step[i]);
	}
	buf_adds(out, "</ol>\n");
}

/* Of a plan: what it says at its end. */
static void write_start(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf s = { 0 };
	bool can = strcmp(report_forecast(part), "no-go") != 0;
	buf_adds(&s, can ? _("To begin: ") : _("See to what is told above; then: "));
	receipt_command(&s, report->job, can ? "run" : "plan", "");
	buf_adds(out, "<p>");
	html_words(out, s.data);
	buf_adds(out, "</p>\n");
	buf_free(&s);
}

void html_points(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	html_section(out, n, "attention", _("What needs attention"));
	if (html_problems(part->problem, part->problems, out) == 0)
		buf_addf(out, "<p>%s</p>\n", _("Nothing."));
	if (strcmp(report->run.command, "plan") == 0)
		write_start(report, part, out);
	else
		write_steps(report, part, out);
	buf_adds(out, "</section>\n");
}

/* ---- may the old mailbox be closed? ---- */

static void write_senders(const struct report_sender *sender, size_t count, const char *caption, struct buf *out)
{
	char number[PROSE_NUMBER];
	if (count == 0)
		return;
	buf_addf(out, "<table class=\"senders\" data-table=\"senders\"><caption>%s</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th>"
		"<th scope=\"col\" class=\"n\">%s</th></tr></thead>\n<tbody>\n", caption, _("From"), _("Messages"), _("the last one on"));
	for (size_t i = 0; i < count && i < SENDERS; i++) {
		buf_adds(out, "<tr><th scope=\"row\">");
		html_name(out, sender[i].name);
		buf_adds(out, "</th>");
		html_number(out, "td", "mails", sender[i].mails);
		buf_adds(out, "<td class=\"n\">");
		prose_date(out, sender[i].last);
		buf_adds(out, "</td></tr>\n");
	}
	buf_adds(out, "</tbody></table>\n");
	if (count > SENDERS) {
		buf_adds(out, "<p>");
		buf_addf(out, P_("… and %s more sender", "… and %s more senders", count - SENDERS), prose_number(number, count - SENDERS));
		buf_adds(out, "</p>\n");
	}
}

static void write_why(const struct report_close *close, struct buf *out)
{
	if (close->whys == 0)
		return;
	buf_adds(out, "<ul>\n");
	for (size_t i = 0; i < close->whys; i++) {
		CLEANUP(x_free) char *words = report_why_text(&close->why[i], false);
		buf_adds(out, "<li>");
		html_text(out, words);
		buf_adds(out, "</li>\n");
	}
	buf_adds(out, "</ul>\n");
}

void html_close(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	static const struct { const char *class, *json, *words; } answers[] = {
		[CLOSE_YES] = { "good", "yes", N_("Yes. Nothing is left to copy or to decide, and no new mail comes in any more.") },
		[CLOSE_RECEIVING] = { "warn", "still-receiving", N_("Not yet: all mail is safe, but new mail still comes in.") },
		[CLOSE_NOT_YET] = { "warn", "not-yet", N_("Not yet.") },
	};
	const struct report_close *close = &part->close;
	if (strcmp(report->run.command, "plan") == 0 || (unsigned)close->answer >= sizeof answers / sizeof *answers)
		return;
	html_section(out, n, "close", _("May the old mailbox be closed?"));
	buf_addf(out, "<p class=\"answer %s\" data-answer=\"%s\">%s</p>\n", answers[close->answer].class, answers[close->answer].json, _(answers[close->answer].words));
	write_why(close, out);
	if (close->last_new > 0) {
		buf_addf(out, "<p>%s ", _("The newest mail in the old mailbox is of"));
		html_when(out, close->last_new);
		buf_adds(out, ".</p>\n");
	}
	write_senders(close->sender, close->senders, _("Who still writes to the old address"), out);
	write_senders(part->fresh, part->freshes, _("Mail that this run has picked up since the run before"), out);
	buf_adds(out, "</section>\n");
}
