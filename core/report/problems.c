/* The problems of a receipt: what is said of many messages is said once, and of a long list only the beginning. */
#include "core/report/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"

#define LINES_SHOWN RECEIPT_GROUPS
#define POINT_COLUMN 15

static bool alike(const struct report_problem *a, const struct report_problem *b)
{
	return strcmp(a->severity, b->severity) == 0 && strcmp(a->code, b->code) == 0 && strcmp(a->side, b->side) == 0 && strcmp(a->text, b->text) == 0 &&
		!a->uid == !b->uid;
}

/* Two walks keep the errors in front. Server texts that all differ make many groups: only as many as can be shown are made,
   the others are counted. */
struct receipt_groups receipt_group(const struct report_problem *problem, size_t count)
{
	static const char *const severities[] = { "error", "warning" };
	struct receipt_groups all = { 0 };
	for (size_t n = 0; n < 2 * count; n++) {
		const struct report_problem *p = &problem[n % count];
		size_t g = 0;
		if (strcmp(p->severity, severities[n / count]) != 0)
			continue;
		while (g < all.made && !alike(all.group[g].first, p))
			g++;
		if (g == LINES_SHOWN) {
			all.others++;
			continue;
		}
		if (g == all.made)
			all.group[all.made++] = (struct receipt_group){ p, 0, true };
		all.group[g].count++;
		all.group[g].same_folder = all.group[g].same_folder && strcmp(all.group[g].first->folder, p->folder) == 0;
	}
	return all;
}

/* ---- the words of a group ---- */

/* "INBOX, message 17", "3 messages in INBOX" */
static void place(const struct receipt_group *g, struct buf *s)
{
	const struct report_problem *p = g->first;
	if (p->uid && (g->count > 1 || !*p->folder))
		prose_count(s, g->count, P_("message", "messages", g->count));
	if (p->uid && g->count > 1 && *p->folder)
		buf_adds(s, g->same_folder ? _(" in ") : _(" in several folders, the first in "));
	if (*p->folder)
		prose_clean(s, p->folder);
	if (p->uid && g->count == 1 && *p->folder)
		buf_addf(s, _(", message %u"), p->uid);
	if (p->uid || *p->folder)
		buf_adds(s, ": ");
}

static void words_of(const struct receipt_group *g, struct buf *s)
{
	const struct report_problem *p = g->first;
	place(g, s);
	prose_kept(s, p->text);
	if (*p->file) {
		buf_adds(s, g->count > 1 ? _(" (kept, the first as ") : _(" (kept as "));
		prose_clean(s, p->file);
		buf_addc(s, ')');
	}
}

static void tell(const struct receipt_group *g, struct buf *out)
{
	struct buf s = { 0 };
	buf_addf(&s, "%s: ", strcmp(g->first->severity, "error") == 0 ? _("error") : _("warning"));
	words_of(g, &s);
	prose_wrap(out, s.data, 2, 9);
	if (*g->first->hint) {
		buf_reset(&s);
		prose_kept(&s, g->first->hint);
		prose_wrap(out, s.data, 9, 9);
	}
	buf_free(&s);
}

static size_t lines_of(const struct buf *b)
{
	size_t lines = 0;
	for (size_t i = 0; i < b->len; i++)
		lines += b->data[i] == '\n';
	return lines;
}

static void tell_more(struct buf *out, size_t more)
{
	char number[PROSE_NUMBER];
	if (more > 0)
		buf_addf(out, _("  … and %s more (trasloco report --json -)\n"), prose_number(number, more));
}

/* ---- what was accepted ---- */

static const struct {
	const char *code;	/* NULL: all others */
	const char *one, *many;
} accepted_words[] = {
	{ "message-refused", NP_("refused message", "refused messages") },
	{ "message-unreadable", NP_("message that could not be read", "messages that could not be read") },
	{ "too-big", NP_("message that is too big", "messages that are too big") },
	{ "message-altered", NP_("altered message", "altered messages") },
	{ "message-doubled", NP_("message that is there twice", "messages that are there twice") },
	{ "source-shrunk", NP_("mailbox that has shrunk", "mailboxes that have shrunk") },
	{ "target-shrunk", NP_("mailbox that has shrunk", "mailboxes that have shrunk") },
	{ "drift", NP_("mailbox that has shrunk", "mailboxes that have shrunk") },
	{ NULL, NP_("point", "points") },
};

static const char *accepted_by(const struct report_problem *p)
{
	return p->accepted_by && *p->accepted_by ? p->accepted_by : "?";
}

static bool accepted_alike(const struct report_problem *a, const struct report_problem *b)
{
	return strcmp(a->code, b->code) == 0 && a->accepted / 86400 == b->accepted / 86400 && strcmp(accepted_by(a), accepted_by(b)) == 0;
}

void receipt_accepted(const struct receipt_group *g, struct buf *out)
{
	const struct report_problem *p = g->first;
	size_t row = 0;
	struct buf day = { 0 }, who = { 0 };
	while (accepted_words[row].code && strcmp(accepted_words[row].code, p->code) != 0)
		row++;
	prose_count(out, g->count, P_(accepted_words[row].one, accepted_words[row].many, g->count));
	prose_date(&day, p->accepted);
	prose_clean(&who, accepted_by(p));
	buf_addf(out, P_(", accepted by %s on %s", ", accepted by %s on %s", g->count), who.data, day.data);
	buf_free(&day);
	buf_free(&who);
}

struct receipt_groups receipt_group_accepted(const struct report_problem *problem, size_t count)
{
	struct receipt_groups all = { 0 };
	for (size_t i = 0; i < count; i++) {
		size_t g = 0;
		if (problem[i].accepted == 0)
			continue;
		while (g < all.made && !accepted_alike(all.group[g].first, &problem[i]))
			g++;
		if (g == LINES_SHOWN)
			continue;
		if (g == all.made)
			all.group[all.made++] = (struct receipt_group){ &problem[i], 0, true };
		all.group[g].count++;
	}
	return all;
}

static void accepted(const struct report_problem *problem, size_t count, struct buf *out)
{
	const struct receipt_groups all = receipt_group_accepted(problem, count);
	struct buf s = { 0 };
	for (size_t g = 0; g < all.made; g++) {
		buf_reset(&s);
		receipt_accepted(&all.group[g], &s);
		prose_wrap(out, s.data, 2, 4);
	}
	buf_free(&s);
}

/* ---- lists ---- */

void receipt_problems(const struct report_problem *problem, size_t count, struct buf *out)
{
	struct receipt_groups all = receipt_group(problem, count);
	struct buf one = { 0 };
	size_t lines = 0, more = all.others;
	for (size_t g = 0; g < all.made; g++) {
		buf_reset(&one);
		tell(&all.group[g], &one);
		lines += lines_of(&one);
		if (lines <= LINES_SHOWN)
			buf_add(out, one.data, one.len);
		else
			more += all.group[g].count;
	}
	tell_more(out, more);
	accepted(problem, count, out);
	buf_free(&one);
}

size_t receipt_points(const struct report_problem *problem, size_t count, const char *label, struct buf *out)
{
	struct receipt_groups all = receipt_group(problem, count);
	struct buf left = { 0 }, right = { 0 };
	for (size_t g = 0; g < all.made; g++) {
		buf_reset(&left);
		buf_reset(&right);
		buf_addf(&left, "  %s", g == 0 ? label : "");
		buf_addf(&right, "%zu. ", g + 1);
		words_of(&all.group[g], &right);
		/* one hint for several points stands at their end */
		bool again = g + 1 < all.made && strcmp(all.group[g].first->hint, all.group[g + 1].first->hint) == 0;
		if (*all.group[g].first->hint && !again) {
			buf_adds(&right, "; ");
			prose_kept(&right, all.group[g].first->hint);
		}
		prose_beside(out, left.data, POINT_COLUMN, right.data);
	}
	tell_more(out, all.others);
	buf_free(&left);
	buf_free(&right);
	return all.made + (all.others > 0);
}
