/* The sums of the HTML report: the ledger that closes, and what was checked, side by side. */
#include "core/report/html.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

void html_terms(const struct ledger *l, bool plan, struct html_term out[HTML_TERMS])
{
	const struct html_term terms[HTML_TERMS] = {
		{ "copied", _("copied"), l->copied },
		{ "already_there", _("already there"), l->already_there },
		{ "skipped", _("left out, as asked"), l->skipped },
		{ "refused", _("refused"), l->refused },
		{ "vanished", _("gone meanwhile"), l->vanished },
		{ "pending", plan ? _("to be copied") : _("still to be copied"), l->pending },
	};
	for (size_t i = 0; i < HTML_TERMS; i++)
		out[i] = terms[i];
}

static void row(struct buf *out, const char *sign, const char *words, const char *term, uint64_t n)
{
	buf_addf(out, "<tr%s><th scope=\"row\"><span class=\"sign\" aria-hidden=\"true\">%s</span><span class=\"t\">", n == 0 ? " class=\"zero\"" : "", sign);
	html_text(out, words);
	buf_adds(out, "</span></th>");
	html_number(out, "td", term, n);
	buf_adds(out, "</tr>\n");
}

static void write_ledger(const struct report_part *part, bool plan, struct buf *out)
{
	struct html_term term[HTML_TERMS];
	html_terms(&part->ledger, plan, term);
	buf_addf(out, "<table class=\"sum\" data-table=\"ledger\">\n<caption>%s</caption>\n<thead class=\"vh\"><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
		_("Where each message is"), _("What became of them"), _("Messages"));
	buf_addf(out, "<tr class=\"all\"><th scope=\"row\"><span class=\"t\">%s</span></th>", _("at the start"));
	html_number(out, "td", "source", part->ledger.source);
	buf_adds(out, "</tr>\n");
	for (size_t i = 0; i < HTML_TERMS; i++)
		row(out, i == 0 ? "=" : "+", term[i].words, term[i].name, term[i].n);
	buf_adds(out, "</tbody></table>\n");
}

/* What is always said, and what only when there is some. */
static void finding(struct buf *out, const char *words, const char *term, uint64_t n, bool always)
{
	if (n > 0 || always)
		row(out, "", words, term, n);
}

static void write_verified(const struct verified *v, struct buf *out)
{
	buf_addf(out, "<table class=\"sum\" data-table=\"verified\">\n<caption>%s</caption>\n<thead class=\"vh\"><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
		_("Looked at again on both servers"), _("Found"), _("Messages"));
	buf_addf(out, "<tr class=\"all\"><th scope=\"row\"><span class=\"t\">%s</span></th>", _("checked again"));
	html_number(out, "td", "checked", v->identical + v->rewritten + v->altered + v->missing + v->gone);
	buf_adds(out, "</tr>\n");
	finding(out, _("same"), "identical", v->identical, true);
	finding(out, _("same in another form"), "rewritten", v->rewritten, false);
	finding(out, _("altered"), "altered", v->altered, true);
	finding(out, _("missing"), "missing", v->missing, true);
	finding(out, _("moved or deleted there since"), "gone", v->gone, false);
	finding(out, _("twice"), "doubled", v->doubled, false);
	finding(out, _("other mail there"), "target_only", v->target_only, false);
	buf_adds(out, "</tbody></table>\n");
}

void html_numbers(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	bool plan = strcmp(report->run.command, "plan") == 0;
	html_section(out, n, "numbers", plan ? _("What there is to move") : _("The numbers"));
	buf_adds(out, "<div class=\"pair\">\n");
	write_ledger(part, plan, out);
	if (part->verified.any && !plan)
		write_verified(&part->verified, out);
	buf_adds(out, "</div>\n</section>\n");
}
