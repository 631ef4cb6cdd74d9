/* What a plan foretells of an account, in words: whether there is room, how long it may take, gaps, what was looked into. */
#include "core/report/planned.h"
#include "core/report/receipt.h"

#include <string.h>

#include "core/base/i18n.h"
#include "core/report/prose.h"

/* What public reports of moves over IMAP span: a slow provider, and two quick ones. A message costs time of its own beside its bytes. */
#define GUESS_SLOW 1000000
#define GUESS_FAST 8000000
#define MESSAGE_SLOW_MS 30
#define MESSAGE_FAST_MS 3
#define DAY_S 86400
/* Of fewer months nothing is said when there is no gap. */
#define HISTORY_MONTHS 12

/* ---- room ---- */

static void tell_room(const struct report *report, const struct report_part *part, struct buf *out)
{
	char need[PROSE_NUMBER], room[PROSE_NUMBER];
	(void)report;
	if (!part->room_known)
		return;
	buf_addf(out, _("%s needed, %s free"), prose_size(need, part->bytes_pending), prose_size(room, part->room));
	buf_addf(out, ": %s", part->bytes_pending > part->room ? _("NOT ENOUGH") : _("enough"));
}

/* ---- time ---- */

/* Rounded as a guess deserves: minutes, above an hour five of them. */
static void rough(struct buf *out, uint64_t seconds)
{
	uint64_t minutes = (seconds + 30) / 60;
	if (minutes >= 60)
		minutes = (minutes + 2) / 5 * 5;
	if (minutes < 1)
		buf_adds(out, _("less than a minute"));
	else if (minutes < 60)
		buf_addf(out, "%u min", (unsigned)minutes);
	else if (minutes >= 48 * 60)
		prose_count(out, (minutes + 12 * 60) / (24 * 60), P_("day", "days", (minutes + 12 * 60) / (24 * 60)));
	else if (minutes % 60 == 0)
		buf_addf(out, "%u h", (unsigned)(minutes / 60));
	else
		buf_addf(out, "%u h %u min", (unsigned)(minutes / 60), (unsigned)(minutes % 60));
}

/* What a provider hands out or takes a day sets a bound to what a line could do. */
static uint64_t seconds_at(const struct report_part *part, uint64_t rate, uint64_t message_ms)
{
	const struct preset *from = part->source_preset, *to = part->target_preset;
	uint64_t seconds = part->bytes_pending / rate + part->ledger.pending * message_ms / 1000;
	uint64_t day[] = { from ? from->day_out : 0, to ? to->day_in : 0 };
	for (size_t i = 0; i < sizeof day / sizeof *day; i++)
		if (day[i] > 0 && part->bytes_pending / day[i] * DAY_S > seconds)
			seconds = part->bytes_pending / day[i] * DAY_S;
	return seconds;
}

void report_seconds(const struct report *report, uint64_t slow, uint64_t fast, uint64_t *least, uint64_t *most)
{
	const struct report_part all = { .bytes_pending = report->bytes_pending, .ledger = report->ledger };
	*least = seconds_at(&all, fast ? fast : GUESS_FAST, MESSAGE_FAST_MS);
	*most = seconds_at(&all, slow ? slow : GUESS_SLOW, MESSAGE_SLOW_MS);
	for (size_t i = 0; i < report->parts; i++) { /* one may take days, however fast the others are */
		uint64_t one = seconds_at(&report->part[i], fast ? fast : GUESS_FAST, MESSAGE_FAST_MS);
		*least = one > *least ? one : *least;
		one = seconds_at(&report->part[i], slow ? slow : GUESS_SLOW, MESSAGE_SLOW_MS);
		*most = one > *most ? one : *most;
	}
}

static bool measured(const struct report *report)
{
	return report->slow > 0 && report->fast > 0;
}

static void tell_range(const struct report *report, uint64_t least, uint64_t most, struct buf *out)
{
	struct buf a = { 0 }, b = { 0 }, c = { 0 };
	rough(&a, (least + most) / 2);
	rough(&b, least);
	rough(&c, most);
	if (strcmp(b.data, c.data) == 0)
		buf_adds(out, a.data);
	else if (least < 30) /* which is less than a minute */
		buf_addf(out, _("up to %s"), c.data);
	else
		buf_addf(out, _("about %s (between %s and %s)"), a.data, b.data, c.data);
	buf_adds(out, measured(report) ? "" : _(", a guess, nothing was measured"));
	buf_adds(out, _("; it can be interrupted"));
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

static void tell_time(const struct report *report, const struct report_part *part, struct buf *out)
{
	uint64_t most = seconds_at(part, measured(report) ? report->slow : GUESS_SLOW, MESSAGE_SLOW_MS);
	uint64_t least = seconds_at(part, measured(report) ? report->fast : GUESS_FAST, MESSAGE_FAST_MS);
	if (part->ledger.pending > 0)
		tell_range(report, least, most, out);
}

/* ---- what was looked at ---- */

/* Notes of that code, each as a sentence. */
static void add_notes(const struct report_part *part, const char *code, struct buf *s)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].code, code) == 0) {
			buf_adds(s, s->len > 0 ? "; " : "");
			prose_kept(s, part->problem[i].text);
		}
}

static bool has_gap(const struct report_part *part)
{
	for (size_t i = 0; i < part->problems; i++)
		if (strcmp(part->problem[i].code, "history-gap") == 0)
			return true;
	return false;
}

static void tell_history(const struct report *report, const struct report_part *part, struct buf *out)
{
	(void)report;
	if (!has_gap(part) && part->months >= HISTORY_MONTHS)
		buf_adds(out, _("no gaps"));
	add_notes(part, "outage", out);
}

static void tell_looked(const struct report *report, const struct report_part *part, struct buf *out)
{
	(void)report;
	add_notes(part, "looked-into", out);
}

static void tell_labels(const struct report *report, const struct report_part *part, struct buf *out)
{
	(void)report;
	add_notes(part, "labels", out);
}

/* ---- all ---- */

static const struct {
	const char *label;
	void (*tell)(const struct report *report, const struct report_part *part, struct buf *out);
} facts[] = {
	[AHEAD_ROOM] = { N_("New space"), tell_room },
	[AHEAD_TIME] = { N_("Time"), tell_time },
	[AHEAD_HISTORY] = { N_("History"), tell_history },
	[AHEAD_LOOKED] = { N_("Looked into"), tell_looked },
	[AHEAD_LABELS] = { N_("Labels"), tell_labels },
};

const char *ahead_label(enum ahead what)
{
	return _(facts[what].label);
}

void ahead_sum(const struct ledger *l, uint64_t bytes, struct buf *out)
{
	char a[PROSE_NUMBER], b[PROSE_NUMBER], size[PROSE_NUMBER];
	buf_addf(out, P_("%s message to copy, %s; %s already there", "%s messages to copy, %s; %s already there", l->pending), prose_number(a, l->pending),
		prose_size(size, bytes), prose_number(b, receipt_there(l)));
	if (l->skipped > 0)
		buf_addf(out, P_("; %s left out", "; %s left out", l->skipped), prose_number(a, l->skipped));
}

void ahead_time_of_all(const struct report *report, struct buf *out)
{
	uint64_t least, most;
	report_seconds(report, report->slow, report->fast, &least, &most);
	if (report->ledger.pending > 0)
		tell_range(report, least, most, out);
}

void ahead_words(const struct report *report, const struct report_part *part, enum ahead what, struct buf *out)
{
	facts[what].tell(report, part, out);
}
