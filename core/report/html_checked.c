/* How it was verified, what no move can take along, and the appendix for technicians. */
#include "core/report/html.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

#define PROBLEMS_SHOWN 300

/* ---- how it was checked ---- */

static void write_method(const struct report *report, const struct verified *v, struct buf *out)
{
	struct buf s = { 0 };
	char number[PROSE_NUMBER];
	if (v->deep) {
		buf_addf(out, "<p>%s</p>\n", _("After the move both mailboxes were read again. Every byte of every message was compared, by its SHA-256 digest."));
		return;
	}
	buf_addf(out, "<p>%s</p>\n", _("After the move both mailboxes were read again. Each message was compared by its Message-ID, size, date and flags."));
	if (v->sampled == 0)
		return;
	buf_adds(out, "<p>");
	buf_addf(out, P_("Of %s message, taken at random, every byte was compared as well, by its SHA-256 digest.",
		"Of %s messages, taken at random, every byte was compared as well, by their SHA-256 digests.", v->sampled), prose_number(number, v->sampled));
	buf_addf(&s, " %s ", _("All of them, byte by byte:"));
	receipt_command(&s, report->job, "verify", "--deep");
	buf_adds(out, " ");
	html_words(out, s.data);
	buf_adds(out, "</p>\n");
	buf_free(&s);
}

static void write_quiet(const struct verified *v, struct buf *out)
{
	char number[PROSE_NUMBER];
	buf_adds(out, "<p>");
	buf_addf(out, P_("%s message was compared in an earlier run and not read again in this one: it has not changed since, as both servers say.",
		"%s messages were compared in an earlier run and not read again in this one: they have not changed since, as both servers say.", v->quiet),
		prose_number(number, v->quiet));
	buf_adds(out, "</p>\n");
}

void html_checked(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	const struct verified *v = &part->verified;
	bool all = receipt_checked(part), ended = part->exit == 0 || part->exit == 1;
	if (strcmp(report->run.command, "plan") == 0)
		return;
	html_section(out, n, "checked", _("How it was checked"));
	if (v->any)
		write_method(report, v, out);
	if (v->quiet > 0)
		write_quiet(v, out);
	if (!all && receipt_there(&part->ledger) > 0)
		buf_addf(out, "<p>%s</p>\n", !v->any && ended && strcmp(report->run.command, "run") == 0 ? _("The copies have not been compared with the originals yet (--no-verify).")
			: _("Not all of it has been compared with the originals yet."));
	if (!v->any && all)
		buf_addf(out, "<p>%s</p>\n", _("There was nothing to compare."));
	if (v->rewritten > 0)
		buf_addf(out, "<p>%s</p>\n", _("\"Same in another form\" is mail that the new server keeps with other line ends or encoding: its content is the same."));
	if (v->target_only > 0)
		buf_addf(out, "<p>%s</p>\n", _("\"Other mail there\" was in the new mailbox by itself; it was not touched."));
	buf_adds(out, "</section>\n");
}

/* ---- what is not moved ---- */

void html_not_moved(const struct report_part *part, size_t n, struct buf *out)
{
	struct buf s = { 0 };
	html_section(out, n, "not-moved", _("What is not moved"));
	receipt_not_moved(&s);
	buf_adds(out, "<p>");
	html_words(out, s.data);
	buf_addf(out, " %s</p>\n", _("Export them in the old mailbox and import them in the new one."));
	buf_reset(&s);
	receipt_left_out(part, 0, &s);
	uint64_t left = receipt_left(part);
	if (left > 0 || s.len > 0) {
		char number[PROSE_NUMBER];
		buf_adds(out, "<p>");
		buf_addf(out, P_("%s message was left out, as asked, and is in the old mailbox only", "%s messages were left out, as asked, and are in the old mailbox only",
			left), prose_number(number, left));
		buf_adds(out, s.len > 0 ? " " : "");
		html_words(out, s.data);
		buf_adds(out, ".</p>\n");
	}
	buf_adds(out, "</section>\n");
	buf_free(&s);
}

/* ---- the appendix ---- */

static void fact(struct buf *out, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_addf(out, "<div><dt>%s</dt><dd>", name);
	html_name(out, value);
	buf_adds(out, "</dd></div>\n");
}

static void moment(struct buf *out, const char *name, int64_t seconds)
{
	buf_addf(out, "<div><dt>%s</dt><dd>", name);
	html_when(out, seconds);
	buf_adds(out, seconds > 0 ? "</dd></div>\n" : "–</dd></div>\n");
}

static void write_facts(const struct report *report, const struct report_part *part, struct buf *out)
{
	char status[16];
	snprintf(status, sizeof status, "%d", part->exit);
	buf_adds(out, "<dl class=\"facts\">\n");
	fact(out, _("Program"), "trasloco " TRASLOCO_VERSION);
	fact(out, _("Command"), report->run.command);
	moment(out, _("Begun"), report->run.started);
	moment(out, _("Ended"), report->run.finished);
	fact(out, _("Exit status"), part->exit < 0 ? "–" : status);
	fact(out, _("Digest of the job"), report->run.job_digest);
	fact(out, _("Account"), part->name);
	fact(out, _("Old server"), part->source_host);
	fact(out, _("Old mailbox"), part->source_user);
	fact(out, _("It can do"), part->source_capabilities);
	fact(out, _("New server"), part->target_host);
	fact(out, _("New mailbox"), part->target_user);
	fact(out, _("It can do"), part->target_capabilities);
	buf_adds(out, "</dl>\n");
}

static const char *why_words(const char *why)
{
	static const struct { const char *why, *words; } rows[] = {
		{ "map", N_("the job says so") }, { "special-use", N_("known by its role") }, { "name", N_("known by its name") }, { "same", N_("same name") },
		{ "excluded", N_("left out by the job file") }, { "shared", N_("shared folder") },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].why, why) == 0)
			return _(rows[i].words);
	return why;
}

/* Wider than a phone: the keyboard can scroll it, and its name tells whose it is. */
static void begin_table(struct buf *out, size_t n, const char *name, const char *caption)
{
	buf_addf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"a%zu-name a%zu-%s\"><table data-table=\"%s\"><caption id=\"a%zu-%s\">%s</caption>\n"
		"<thead><tr>", n, n, name, name, n, name, caption);
}

static void head(struct buf *out, const char *words, bool number)
{
	buf_addf(out, "<th scope=\"col\"%s>%s</th>", number ? " class=\"n\"" : "", words);
}

static void write_detail(const struct report_row *row, struct buf *out)
{
	struct html_term term[HTML_TERMS];
	const struct verified *v = &row->verified;
	const struct html_term found[] = { { "identical", "", v->identical }, { "rewritten", "", v->rewritten }, { "altered", "", v->altered }, { "missing", "", v->missing },
		{ "gone", "", v->gone }, { "doubled", "", v->doubled } };
	html_terms(&row->ledger, false, term);
	buf_adds(out, "<tr><th scope=\"row\">");
	html_name(out, row->source);
	buf_adds(out, "</th><td>");
	html_name(out, row->target);
	buf_addf(out, "</td><td>");
	html_text(out, why_words(row->why));
	buf_adds(out, "</td>");
	html_number(out, "td", "source", row->ledger.source);
	for (size_t i = 0; i < HTML_TERMS; i++)
		html_number(out, "td", term[i].name, term[i].n);
	for (size_t i = 0; i < sizeof found / sizeof *found; i++)
		if (v->any)
			html_number(out, "td", found[i].name, found[i].n);
		else
			buf_adds(out, "<td class=\"n\">–</td>");
	buf_adds(out, "</tr>\n");
}

static void write_details(const struct report_part *part, size_t n, struct buf *out)
{
	struct html_term term[HTML_TERMS];
	const char *found[] = { _("same"), _("same in another form"), _("altered"), _("missing"), _("moved or deleted there since"), _("twice") };
	html_terms(&part->ledger, false, term);
	begin_table(out, n, "details", _("Each folder in full"));
	head(out, _("Old folder"), false);
	head(out, _("New folder"), false);
	head(out, _("Why"), false);
	head(out, _("at the start"), true);
	for (size_t i = 0; i < HTML_TERMS; i++)
		head(out, term[i].words, true);
	for (size_t i = 0; i < sizeof found / sizeof *found; i++)
		head(out, found[i], true);
	buf_adds(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < part->rows; i++)
		write_detail(&part->row[i], out);
	buf_adds(out, "</tbody></table></div>\n");
}

static void write_problem(const struct report_problem *p, struct buf *out)
{
	const char *cell[] = { p->severity, p->code, p->side, p->folder };
	buf_adds(out, "<tr>");
	for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
		buf_adds(out, "<td>");
		html_name(out, cell[i]);
		buf_adds(out, "</td>");
	}
	buf_addf(out, "<td class=\"n\">");
	if (p->uid)
		buf_addf(out, "%u", p->uid);
	buf_adds(out, "</td><td>");
	html_name(out, p->message_id);
	buf_adds(out, "</td><td>");
	html_name(out, p->text);
	buf_adds(out, "</td></tr>\n");
}

static void write_problems(const struct report_part *part, size_t n, struct buf *out)
{
	char number[PROSE_NUMBER];
	const char *heads[] = { _("Kind"), _("Code"), _("Side"), _("Folder") };
	if (part->problems == 0)
		return;
	begin_table(out, n, "problems", _("Each point in the words of the server"));
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		head(out, heads[i], false);
	head(out, "UID", true);
	head(out, "Message-ID", false);
	head(out, _("Text"), false);
	buf_adds(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < part->problems && i < PROBLEMS_SHOWN; i++)
		write_problem(&part->problem[i], out);
	buf_adds(out, "</tbody></table></div>\n");
	if (part->problems > PROBLEMS_SHOWN) {
		buf_adds(out, "<p>");
		buf_addf(out, P_("… and %s more: <code>trasloco report --json -</code>", "… and %s more: <code>trasloco report --json -</code>", part->problems - PROBLEMS_SHOWN),
			prose_number(number, part->problems - PROBLEMS_SHOWN));
		buf_adds(out, "</p>\n");
	}
}

void html_appendix(const struct report *report, const struct report_part *part, size_t n, struct buf *out)
{
	buf_addf(out, "<details class=\"appendix\" id=\"a%zu-appendix\"><summary>%s</summary>\n", n, _("Technical appendix"));
	write_facts(report, part, out);
	if (part->rows > 0)
		write_details(part, n, out);
	write_problems(part, n, out);
	buf_adds(out, "</details>\n");
}
