/* The mail of an account by month of its arrival: the old mailbox against the new one, holes and outages marked. */
#include "core/report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/i18n.h"
#include "core/report/holes.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define FIRST_YEAR 1990	/* no mailbox is older; such dates come from broken clocks */
#define SLOTS 36	/* months at least, so that a few do not become blocks */
#define LABELS 6	/* years written below, at most */
#define TALL 100

struct chart {
	const struct report_part *part;
	int first, slots;	/* the month at the left; how many there are */
	uint64_t most;		/* messages in a month */
	uint64_t outside;	/* messages of other times */
	struct hole *hole;
	size_t holes;
};

static int at(const struct report_month *m)
{
	return hole_month(m->year, m->month);
}

static int last_year(const struct report *report)
{
	time_t when = report->run.started > 0 ? (time_t)report->run.started : time(NULL);
	struct tm tm;
	return gmtime_r(&when, &tm) ? tm.tm_year + 1901 : FIRST_YEAR;
}

static bool shown(const struct chart *c, const struct report_month *m)
{
	return at(m) >= c->first && at(m) < c->first + c->slots;
}

static struct chart chart_of(const struct report *report, const struct report_part *part)
{
	struct chart c = { .part = part };
	int last = 0, latest = hole_month(last_year(report), 12);
	for (size_t i = 0; i < part->months; i++) {
		const struct report_month *m = &part->month[i];
		if (m->year < FIRST_YEAR || at(m) > latest) {
			c.outside += m->source;
			continue;
		}
		c.first = c.first ? c.first : at(m);
		last = at(m);
		c.most = m->source > c.most ? m->source : c.most;
	}
	c.slots = c.first ? last - c.first + 1 : 0;
	if (c.slots > 0 && c.slots < SLOTS) {
		c.first -= (SLOTS - c.slots) / 2;
		c.slots = SLOTS;
	}
	c.holes = holes_find(part, &c.hole);
	return c;
}

/* ---- the figure ---- */

static void bar(struct buf *out, const char *class, int x, double share)
{
	buf_addf(out, "<rect class=\"%s\" x=\"%d.1\" y=\"%.2f\" width=\".8\" height=\"%.2f\"/>", class, x, TALL - share * TALL, share * TALL);
}

static void write_marks(const struct chart *c, struct buf *out)
{
	for (size_t i = 0; i < c->holes; i++)
		buf_addf(out, "<rect class=\"hole\" x=\"%d\" width=\"%d\" height=\"%d\"/>", c->hole[i].first - c->first, c->hole[i].last - c->hole[i].first + 1, TALL);
	for (int i = 0; i < c->slots; i++)
		if (hole_outage(c->part, c->first + i))
			buf_addf(out, "<rect class=\"outage\" x=\"%d\" width=\"1\" height=\"%d\"/>", i, TALL);
}

static void write_svg(const struct chart *c, struct buf *out)
{
	char number[PROSE_NUMBER];
	buf_addf(out, "<svg class=\"months\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"", c->slots, TALL);
	buf_adds(out, _("Messages by month; the numbers by year stand below in a table"));
	buf_adds(out, "\">");
	write_marks(c, out);
	for (size_t i = 0; i < c->part->months; i++) {
		const struct report_month *m = &c->part->month[i];
		if (!shown(c, m) || c->most == 0)
			continue;
		bar(out, "old", at(m) - c->first, (double)m->source / (double)c->most);
		bar(out, "new", at(m) - c->first, (double)m->target / (double)c->most);
	}
	buf_addf(out, "</svg>\n<span class=\"most\" aria-hidden=\"true\">%s</span>\n", prose_number(number, c->most));
}

static void write_years(const struct chart *c, struct buf *out)
{
	int years = c->slots / 12 + 1, step = (years + LABELS - 1) / LABELS;
	buf_adds(out, "<div class=\"years\" aria-hidden=\"true\">");
	for (int month = (c->first + 11) / 12 * 12; month < c->first + c->slots * 15 / 16; month += 12 * step) /* at the edge there is no room */
		buf_addf(out, "<span style=\"left:%.2f%%\">%d</span>", 100.0 * (month - c->first) / c->slots, month / 12);
	buf_adds(out, "</div>\n");
}

static void key(struct buf *out, const char *class, const char *words)
{
	buf_addf(out, "<li><i class=\"dot %s\"></i>%s</li>", class, words);
}

static void write_legend(const struct chart *c, struct buf *out)
{
	bool outage = false;
	for (int i = 0; i < c->slots; i++)
		outage = outage || hole_outage(c->part, c->first + i);
	buf_adds(out, "<ul class=\"legend\">");
	key(out, "new", _("in the new mailbox"));
	key(out, "old", _("only in the old one"));
	if (c->holes > 0)
		key(out, "hole", _("no mail"));
	if (outage)
		key(out, "outage", _("outage of the provider"));
	buf_adds(out, "</ul>\n");
}

/* ---- in words ---- */

/* Takes text. */
static void write_item(char *text, struct buf *out)
{
	struct buf s = { 0 };
	prose_kept(&s, text);
	buf_adds(out, "<li>");
	html_text(out, s.data);
	buf_adds(out, "</li>\n");
	buf_free(&s);
	free(text);
}

static void write_words(const struct chart *c, struct buf *out)
{
	struct buf items = { 0 };
	char number[PROSE_NUMBER];
	for (size_t i = 0; i < c->holes; i++)
		write_item(hole_text(&c->hole[i]), &items);
	for (int i = 0; i < c->slots; i++)
		if (hole_outage(c->part, c->first + i) && !hole_covers(c->hole, c->holes, c->first + i))
			write_item(hole_outage_text(c->part, c->first + i), &items);
	if (c->holes == 0)
		buf_addf(out, "<p>%s</p>\n", _("There is no gap: no month is without mail where there is much before and after."));
	if (items.len > 0)
		buf_addf(out, "<ul class=\"plain\">%s</ul>\n", items.data);
	if (c->outside > 0) {
		buf_adds(out, "<p>");
		buf_addf(out, P_("%s message has an impossible date and is not in the figure.", "%s messages have an impossible date and are not in the figure.", c->outside),
			prose_number(number, c->outside));
		buf_adds(out, "</p>\n");
	}
	buf_free(&items);
}

static void write_table(const struct report_part *part, struct buf *out)
{
	buf_addf(out, "<details><summary>%s</summary>\n<table data-table=\"years\"><caption>%s</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th>"
		"<th scope=\"col\" class=\"n\">%s</th></tr></thead>\n<tbody>\n",
		_("The numbers by year"), _("Messages by the year of their arrival"), _("Year"), _("old mailbox"), _("new mailbox"));
	for (size_t i = 0; i < part->months;) {
		int year = part->month[i].year;
		uint64_t source = 0, target = 0;
		for (; i < part->months && part->month[i].year == year; i++) {
			source += part->month[i].source;
			target += part->month[i].target;
		}
		buf_addf(out, "<tr><th scope=\"row\">%d</th>", year);
		html_number(out, "td", "source", source);
		html_number(out, "td", "target", target);
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</tbody></table></details>\n");
}

void html_months(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	struct chart c = chart_of(report, part);
	if (c.slots > 0) {
		html_section(out, n, "time", _("The mail over the years"));
		buf_adds(out, "<figure><figcaption>");
		buf_adds(out, _("Messages by the month of their arrival"));
		buf_adds(out, "</figcaption>\n<div class=\"chart\">");
		write_svg(&c, out);
		write_years(&c, out);
		buf_adds(out, "</div>\n");
		write_legend(&c, out);
		buf_adds(out, "</figure>\n");
		write_words(&c, out);
		write_table(part, out);
		buf_adds(out, "</section>\n");
	}
	free(c.hole);
}
