/* The folders of the HTML report: a bar each, as long as the folder is large, and every term that is not zero. */
#include "core/report/html.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define BAR 1000	/* units of the longest bar */
#define BAR_LEAST 8	/* so that a single message is seen */

static bool is_moved(const struct report_row *row)
{
	return strcmp(row->why, "excluded") != 0 && strcmp(row->why, "shared") != 0;
}

/* "INBOX: 120 messages: 118 copied, 2 refused": what the bar shows, for who does not see it. */
static void write_title(const struct report_row *row, const struct html_term *term, struct buf *out)
{
	char number[PROSE_NUMBER];
	const char *between = ": ";
	html_text(out, row->source);
	buf_adds(out, ": ");
	prose_count(out, row->ledger.source, P_("message", "messages", row->ledger.source));
	for (size_t i = 0; i < HTML_TERMS; i++)
		if (term[i].n > 0) {
			buf_addf(out, "%s%s ", between, prose_number(number, term[i].n));
			html_text(out, term[i].words);
			between = ", ";
		}
}

/* A term that is there is at least a sliver, so the parts are measured one after another and the last place is where the bar ends. */
static void write_bar(const struct report_row *row, const struct html_term *term, uint64_t longest, struct buf *out)
{
	unsigned at = 0;
	buf_addf(out, "<svg class=\"bar\" viewBox=\"0 0 %d 6\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"", BAR + HTML_TERMS * BAR_LEAST);
	write_title(row, term, out);
	buf_adds(out, "\">");
	for (size_t i = 0; i < HTML_TERMS; i++) {
		unsigned wide = longest ? (unsigned)((double)term[i].n / (double)longest * BAR) : 0;
		if (term[i].n == 0)
			continue;
		wide = wide < BAR_LEAST ? BAR_LEAST : wide;
		buf_addf(out, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"6\"/>", term[i].name, at, wide);
		at += wide;
	}
	buf_adds(out, "</svg>");
}

static void write_names(const struct report_row *row, struct buf *out)
{
	html_name(out, row->source);
	if (is_moved(row) && strcmp(row->source, row->target) != 0) {
		buf_addf(out, " <span class=\"to\"><span aria-hidden=\"true\">→</span><span class=\"vh\">%s</span> ", _("goes to"));
		html_name(out, row->target);
		buf_adds(out, "</span>");
	} else if (!is_moved(row)) {
		buf_addf(out, " <span class=\"to\">%s</span>", strcmp(row->why, "shared") == 0 ? _("(shared, not moved)") : _("(left out by the job)"));
	}
}

static void write_found(const struct verified *v, struct buf *out)
{
	const struct { const char *term, *words; uint64_t n; } odd[] = {
		{ "altered", _("altered"), v->altered }, { "missing", _("missing"), v->missing }, { "doubled", _("twice"), v->doubled },
	};
	for (size_t i = 0; v->any && i < sizeof odd / sizeof *odd; i++)
		if (odd[i].n > 0) {
			buf_adds(out, "<li class=\"odd\">");
			html_number(out, "b", odd[i].term, odd[i].n);
			buf_addf(out, " %s</li>", odd[i].words);
		}
}

static void write_row(const struct report_row *row, bool plan, uint64_t longest, struct buf *out)
{
	struct html_term term[HTML_TERMS];
	char size[PROSE_NUMBER];
	uint64_t bytes = row->bytes + (plan ? row->bytes_pending : 0);
	html_terms(&row->ledger, plan, term);
	buf_adds(out, "<tr><th scope=\"row\">");
	write_names(row, out);
	write_bar(row, term, longest, out);
	buf_adds(out, "</th><td class=\"n\">");
	html_number(out, "b", "source", row->ledger.source);
	buf_addf(out, "<span class=\"size\" data-term=\"bytes\" data-n=\"%" PRIu64 "\">%s</span></td>\n<td><ul class=\"terms\">", row->bytes, bytes > 0 ? prose_size(size, bytes) : "");
	for (size_t i = 0; i < HTML_TERMS; i++)
		if (term[i].n > 0) {
			buf_addf(out, "<li><i class=\"dot %s\"></i>", term[i].name);
			html_number(out, "b", term[i].name, term[i].n);
			buf_adds(out, " ");
			html_text(out, term[i].words);
			buf_adds(out, "</li>");
		}
	if (!plan)
		write_found(&row->verified, out);
	buf_adds(out, row->ledger.source == 0 ? "<li>–</li></ul></td></tr>\n" : "</ul></td></tr>\n");
}

void html_folders(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	bool plan = strcmp(report->run.command, "plan") == 0;
	uint64_t longest = 0;
	if (part->rows == 0)
		return;
	for (size_t i = 0; i < part->rows; i++)
		longest = part->row[i].ledger.source > longest ? part->row[i].ledger.source : longest;
	html_section(out, n, "folders", _("Folder by folder"));
	buf_addf(out, "<table class=\"folders\" data-table=\"folders\">\n<caption>%s</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th>"
		"<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
		_("The length of a bar is the number of messages."), _("Folder"), _("Messages"), plan ? _("What will become of them") : _("What became of them"));
	for (size_t i = 0; i < part->rows; i++)
		write_row(&part->row[i], plan, longest, out);
	buf_adds(out, "</tbody></table>\n</section>\n");
}
