/* The lines of the progress display. */
#include "cmd/bar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uniwidth.h>
#include <unistr.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/report/prose.h"

#define ELLIPSIS "\xE2\x80\xA6"
#define GAP 2			/* between cells */
#define SHARE 5			/* "100 %" */
#define NAME_LEAST 6
#define GAUGE 10
#define GAUGE_FROM 100		/* a screen that wide has room for it */

enum part { PART_MESSAGES = 1, PART_BYTES = 2, PART_RATE = 4, PART_LEFT = 8, PART_ACCOUNTS = 16 };

static void add_row(struct bar_row *sum, const struct bar_row *row)
{
	sum->copied += row->copied;
	sum->bytes += row->bytes;
	sum->checked += row->checked;
	sum->listed += row->listed;
	sum->there += row->there;
	sum->left_out += row->left_out;
}

static size_t in_stage(const struct bar_view *view, enum flow_stage stage)
{
	size_t count = 0;
	for (size_t i = 0; i < view->rows; i++)
		count += view->row[i].stage == stage;
	return count;
}

struct bar_row bar_total(const struct bar_view *view)
{
	size_t open = view->rows - in_stage(view, STAGE_ENDED);
	struct bar_row sum = { .name = _("total"), .stage = open == 0 ? STAGE_ENDED : in_stage(view, STAGE_SETTLING) == open ? STAGE_SETTLING : STAGE_AT_WORK };
	for (size_t i = 0; i < view->rows; i++)
		add_row(&sum, &view->row[i]);
	return sum;
}

static uint64_t at_most(uint64_t n, uint64_t most)
{
	return n < most ? n : most;
}

/* What is to be there in the end. */
static uint64_t asked(const struct bar_row *row)
{
	return row->listed - at_most(row->left_out, row->listed);
}

static uint64_t arrived(const struct bar_row *row)
{
	return at_most(row->copied + row->there, asked(row));
}

/* What is looked at twice, after a broken connection or byte by byte, counts twice: never more than all. */
static uint64_t checked(const struct bar_row *row)
{
	return at_most(row->checked, asked(row));
}

static uint64_t all_steps(const struct bar_view *view, const struct bar_row *row)
{
	return asked(row) * ((uint64_t)view->copies + view->checks);
}

static uint64_t done_steps(const struct bar_view *view, const struct bar_row *row)
{
	return (view->copies ? arrived(row) : 0) + (view->checks ? checked(row) : 0);
}

int bar_share(const struct bar_view *view, const struct bar_row *row)
{
	uint64_t all = all_steps(view, row);
	return all == 0 ? -1 : (int)(done_steps(view, row) * 100 / all);
}

uint64_t bar_steps(const struct bar_view *view, const struct bar_row *row)
{
	return (view->copies ? row->copied : 0) + (view->checks ? row->checked : 0);
}

uint64_t bar_steps_left(const struct bar_view *view, const struct bar_row *row)
{
	return all_steps(view, row) - done_steps(view, row);
}

bool bar_all_listed(const struct bar_view *view)
{
	for (size_t i = 0; i < view->rows; i++)
		if (view->row[i].listed == 0 && (view->row[i].stage == STAGE_WAITING || view->row[i].stage == STAGE_LISTING || view->row[i].stage == STAGE_PAUSED))
			return false;
	return true;
}

/* ---- words ---- */

void bar_messages(struct buf *out, const struct bar_view *view, const struct bar_row *row)
{
	char all[PROSE_NUMBER], here[PROSE_NUMBER], looked[PROSE_NUMBER];
	prose_number(all, asked(row));
	prose_number(here, arrived(row));
	prose_number(looked, view->copies ? at_most(checked(row), arrived(row)) : checked(row));
	if (view->copies && view->checks)
		buf_addf(out, _("%s of %s arrived, %s checked"), here, all, looked);
	else if (view->copies)
		buf_addf(out, _("%s of %s arrived"), here, all);
	else if (view->checks)
		buf_addf(out, _("%s of %s checked"), looked, all);
	else
		prose_count(out, row->listed, P_("message", "messages", row->listed));
}

static void messages_short(struct buf *out, const struct bar_view *view, const struct bar_row *row)
{
	char all[PROSE_NUMBER], done[PROSE_NUMBER];
	prose_number(all, asked(row));
	prose_number(done, view->copies ? arrived(row) : checked(row));
	if (view->copies || view->checks)
		buf_addf(out, _("%s of %s"), done, all);
	else
		bar_messages(out, view, row);
}

void bar_left(struct buf *out, int64_t seconds)
{
	unsigned minutes = seconds < 0 ? 0 : (unsigned)((seconds + 30) / 60);
	if (seconds < 0)
		return;
	/* rounded the more, the longer it takes: nobody knows better */
	minutes = minutes < 20 ? minutes : minutes < 90 ? (minutes + 2) / 5 * 5 : (minutes + 5) / 10 * 10;
	if (minutes < 1)
		buf_adds(out, _("less than a minute left"));
	else if (minutes < 90)
		buf_addf(out, _("about %u min left"), minutes);
	else if (minutes < 180 && minutes % 60 != 0)
		buf_addf(out, _("about %u h %u min left"), minutes / 60, minutes % 60);
	else if (minutes < 48 * 60)
		buf_addf(out, _("about %u h left"), (minutes + 30) / 60);
	else
		buf_addf(out, _("about %u days left"), (minutes + 720) / 1440);
}

/* ---- columns ---- */

/* One character at `at` and its columns; 0: the end. */
static size_t next_character(const char *at, size_t len, size_t *columns)
{
	ucs4_t c;
	if (len == 0)
		return 0;
	int bytes = u8_mbtouc(&c, (const uint8_t *)at, len);
	int width = uc_width(c, "UTF-8");
	*columns = width > 0 ? (size_t)width : 0;
	return (size_t)bytes;
}

static size_t columns_of(const char *text, size_t len)
{
	size_t sum = 0, wide = 0, bytes;
	for (; (bytes = next_character(text, len, &wide)) > 0; text += bytes, len -= bytes)
		sum += wide;
	return sum;
}

size_t bar_columns(const char *line, size_t len)
{
	size_t sum = 0;
	while (len > 0) {
		const char *escape = memchr(line, '\033', len);
		size_t plain = escape ? (size_t)(escape - line) : len;
		sum += columns_of(line, plain);
		line += plain;
		len -= plain;
		const char *end = escape ? memchr(line, 'm', len) : NULL;
		size_t skip = end ? (size_t)(end - line) + 1 : len;
		line += skip;
		len -= skip;
	}
	return sum;
}

size_t bar_cut(struct buf *out, const char *text, size_t columns)
{
	size_t len = strlen(text), used = 0, wide = 0, bytes;
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, text, len);
	len = strlen(clean);
	if (columns == 0)
		return 0;
	size_t whole = columns_of(clean, len), most = whole <= columns ? columns : columns - 1;
	for (const char *at = clean; (bytes = next_character(at, len, &wide)) > 0 && used + wide <= most; at += bytes, len -= bytes) {
		buf_add(out, at, bytes);
		used += wide;
	}
	if (whole <= columns)
		return used;
	buf_adds(out, ELLIPSIS);
	return used + 1;
}

static void blanks(struct buf *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addc(out, ' ');
}

/* ---- lines ---- */

struct layout {
	const struct bar_view *view;
	size_t name, width;	/* columns of the names, and that a line may have */
};

const char *bar_settling(void)
{
	return _("waits: what was sent before may still arrive");
}

static bool is_shown(const struct bar_row *row)
{
	return row->stage == STAGE_LISTING || row->stage == STAGE_AT_WORK || row->stage == STAGE_SETTLING || row->stage == STAGE_PAUSED || (row->stage == STAGE_WAITING && row->listed > 0);
}

static void part(struct buf *out, const char *text)
{
	if (!text || !text[0])
		return;
	if (out->len > 0)
		blanks(out, GAP);
	buf_adds(out, text);
}

static void total_parts(struct buf *out, const struct bar_view *view, const struct bar_row *row, unsigned parts)
{
	struct buf messages = { 0 }, left = { 0 };
	char size[PROSE_NUMBER], rate[PROSE_NUMBER + 2];
	messages_short(&messages, view, row);
	bool settling = row->stage == STAGE_SETTLING; /* then what it was before says nothing of what is left */
	if (settling)
		buf_adds(&left, bar_settling());
	else
		bar_left(&left, view->left);
	part(out, parts & PART_MESSAGES ? messages.data : NULL);
	part(out, parts & PART_BYTES && view->copies ? prose_size(size, row->bytes) : NULL);
	if (parts & PART_RATE && view->rate >= 0 && view->copies && !settling) {
		snprintf(rate, sizeof rate, "%s/s", prose_size(size, (uint64_t)view->rate));
		part(out, rate);
	}
	part(out, parts & PART_LEFT ? left.data : NULL);
	if (parts & PART_ACCOUNTS && view->rows > 1) {
		if (out->len > 0)
			blanks(out, GAP);
		buf_addf(out, _("%zu of %zu accounts done"), in_stage(view, STAGE_ENDED), view->rows);
	}
	buf_free(&messages);
	buf_free(&left);
}

/* As much of the total as there is room for, what matters least left out first. */
static void total_text(struct buf *out, const struct bar_view *view, const struct bar_row *row, size_t room)
{
	static const unsigned choices[] = { 31, 15, PART_MESSAGES | PART_RATE | PART_LEFT, PART_MESSAGES | PART_LEFT, PART_LEFT, 0 };
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		buf_reset(out);
		total_parts(out, view, row, choices[i]);
		if (columns_of(out->data ? out->data : "", out->len) <= room)
			return;
	}
}

static void row_text(struct buf *out, const struct bar_view *view, const struct bar_row *row, size_t room)
{
	if (row->stage == STAGE_LISTING) {
		buf_adds(out, _("reads the list of folders"));
	} else if (row->stage == STAGE_PAUSED) {
		buf_adds(out, _("waits, then tries again"));
	} else if (row->stage == STAGE_SETTLING) {
		buf_adds(out, bar_settling());
	} else {
		bar_messages(out, view, row);
		if (columns_of(out->data, out->len) <= room)
			return;
		buf_reset(out);
		messages_short(out, view, row);
		if (columns_of(out->data, out->len) > room) /* half a number is a lie */
			buf_reset(out);
	}
}

static void add_gauge(struct buf *out, int share)
{
	buf_addc(out, '[');
	for (int i = 0; i < GAUGE; i++)
		buf_addc(out, i * 100 < share * GAUGE ? '#' : '.');
	buf_adds(out, "] ");
}

static void add_line(struct buf *out, const struct layout *l, const struct bar_row *row, bool total)
{
	const struct bar_view *view = l->view;
	struct buf line = { 0 }, text = { 0 };
	int share = bar_share(view, row);
	size_t used = bar_cut(&line, row->name, l->name);
	blanks(&line, l->name - used + GAP);
	if (view->columns >= GAUGE_FROM && (view->copies || view->checks))
		add_gauge(&line, share);
	if (share >= 0)
		buf_addf(&line, "%3d %%", share);
	else if (view->copies || view->checks)
		blanks(&line, SHARE);
	size_t gap = view->copies || view->checks ? GAP : 0, taken = columns_of(line.data, line.len) + gap, room = l->width > taken ? l->width - taken : 0;
	(total ? total_text : row_text)(&text, view, row, room);
	if (text.len > 0 && room > 0) {
		blanks(&line, gap);
		bar_cut(&line, text.data, room);
	}
	const char *colour = !view->colour ? "" : total ? "\033[1m" : row->stage == STAGE_SETTLING || row->stage == STAGE_PAUSED ? "\033[33m" : "";
	buf_adds(out, colour);
	bar_cut(out, line.data, l->width);
	buf_adds(out, colour[0] ? "\033[0m\n" : "\n");
	buf_free(&line);
	buf_free(&text);
}

/* The first `room` rows that are shown; the others go into `rest`. Returns how many are shown at all. */
static size_t pick(const struct bar_view *view, const struct bar_row **picked, size_t room, struct bar_row *rest)
{
	size_t count = 0;
	for (size_t i = 0; i < view->rows; i++) {
		if (!is_shown(&view->row[i]))
			continue;
		if (count < room)
			picked[count] = &view->row[i];
		else
			add_row(rest, &view->row[i]);
		count++;
	}
	return count;
}

static size_t names_width(const struct bar_view *view, const struct bar_row **picked, size_t count, const char *others)
{
	size_t most = columns_of(others, strlen(others)), third = view->columns / 3;
	for (size_t i = 0; i < count; i++) {
		size_t wide = columns_of(picked[i]->name, strlen(picked[i]->name));
		most = wide > most ? wide : most;
	}
	third = third > NAME_LEAST ? third : NAME_LEAST;
	return most < third ? most : third;
}

unsigned bar_lines(struct buf *out, const struct bar_view *view)
{
	struct bar_row total = bar_total(view), rest = { .stage = STAGE_AT_WORK };
	const struct bar_row **picked = x_calloc(view->rows + 1, sizeof *picked);
	size_t room = view->lines > 3 ? view->lines - 3 : 0, at_work = pick(view, picked, view->rows, &rest), shown = at_work;
	char others[64] = "";
	if (at_work > room) {
		shown = room > 0 ? room - 1 : 0;
		rest = (struct bar_row){ .name = others, .stage = STAGE_AT_WORK };
		pick(view, picked, shown, &rest);
		snprintf(others, sizeof others, _("and %zu more"), at_work - shown);
	}
	bool more = at_work > room && room > 0;
	struct layout l = { .view = view, .width = view->columns > 1 ? view->columns - 1 : 1 };
	size_t label = columns_of(total.name, strlen(total.name));
	l.name = names_width(view, picked, shown, more ? others : total.name);
	l.name = l.name > label ? l.name : label;
	for (size_t i = 0; i < shown; i++)
		add_line(out, &l, picked[i], false);
	if (more)
		add_line(out, &l, &rest, false);
	add_line(out, &l, &total, true);
	free(picked);
	return (unsigned)(shown + more + 1);
}
