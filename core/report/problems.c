/* The problems of a receipt: what is said of many messages is said once, and of a long list only the beginning. */
#include "core/report/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/report/prose.h"

#define LINES_SHOWN 10

struct group {
	const struct report_problem *first;
	size_t count;
	bool same_folder;
};

static bool alike(const struct report_problem *a, const struct report_problem *b)
{
	return strcmp(a->severity, b->severity) == 0 && strcmp(a->code, b->code) == 0 && strcmp(a->side, b->side) == 0 && strcmp(a->text, b->text) == 0 &&
		!a->uid == !b->uid;
}

/* Two walks keep the errors in front. Server texts that all differ make many groups: only as many as can be shown are made,
   the others are counted. Returns how many problems are in no group. */
static size_t group(struct group *groups, size_t *made, const struct report_problem *problem, size_t count)
{
	static const char *const severities[] = { "error", "warning" };
	size_t others = 0;
	for (size_t n = 0; n < 2 * count; n++) {
		const struct report_problem *p = &problem[n % count];
		size_t g = 0;
		if (strcmp(p->severity, severities[n / count]) != 0)
			continue;
		while (g < *made && !alike(groups[g].first, p))
			g++;
		if (g == LINES_SHOWN) {
			others++;
			continue;
		}
		if (g == *made)
			groups[(*made)++] = (struct group){ p, 0, true };
		groups[g].count++;
		groups[g].same_folder = groups[g].same_folder && strcmp(groups[g].first->folder, p->folder) == 0;
	}
	return others;
}

static void tell(const struct group *g, struct buf *out)
{
	const struct report_problem *p = g->first;
	struct buf s = { 0 };
	buf_addf(&s, "%s: ", p->severity);
	if (p->uid && (g->count > 1 || !*p->folder))
		prose_count(&s, g->count, "message", "messages");
	if (p->uid && g->count > 1 && *p->folder)
		buf_adds(&s, g->same_folder ? " in " : " in several folders, the first in ");
	if (*p->folder)
		prose_clean(&s, p->folder);
	if (p->uid && g->count == 1 && *p->folder)
		buf_addf(&s, ", message %u", p->uid);
	if (p->uid || *p->folder)
		buf_adds(&s, ": ");
	prose_clean(&s, p->text);
	if (*p->file) {
		buf_adds(&s, g->count > 1 ? " (kept, the first as " : " (kept as ");
		prose_clean(&s, p->file);
		buf_addc(&s, ')');
	}
	prose_wrap(out, s.data, 2, 9);
	if (*p->hint) {
		buf_reset(&s);
		prose_clean(&s, p->hint);
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

void receipt_problems(const struct report_problem *problem, size_t count, struct buf *out)
{
	struct group groups[LINES_SHOWN];
	struct buf one = { 0 };
	char number[PROSE_NUMBER];
	size_t made = 0, lines = 0, more = group(groups, &made, problem, count);
	for (size_t g = 0; g < made; g++) {
		buf_reset(&one);
		tell(&groups[g], &one);
		lines += lines_of(&one);
		if (lines <= LINES_SHOWN)
			buf_add(out, one.data, one.len);
		else
			more += groups[g].count;
	}
	if (more > 0)
		buf_addf(out, "  … and %s more (trasloco report --json -)\n", prose_number(number, more));
	buf_free(&one);
}
