/* The bar's lines: what stands in them, and that they fit every screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cmd/bar.h"

#define ROWS 40
#define MILLION 1000000u

static const struct bar_row anna = { "anna", STAGE_AT_WORK, 1000, 80 * MILLION, 500, 4000, 200, 0 };
static const struct bar_row mario = { "mario.rossi@libero.it", STAGE_AT_WORK, 31146, 1400 * MILLION, 12000, 48213, 58, 0 };

static struct bar_view view_of(const struct bar_row *row, size_t rows)
{
	return (struct bar_view){ .row = row, .rows = rows, .copies = true, .checks = true, .rate = 12400000, .left = 720, .columns = 80, .lines = 24 };
}

static void drawn(const struct bar_view *view, const char *want)
{
	struct buf out = { 0 };
	bar_lines(&out, view);
	assert_string_equal(out.data, want);
	buf_free(&out);
}

static void whole(void **state)
{
	const struct bar_row rows[] = { anna, mario, { "zoe", STAGE_WAITING, 0, 0, 0, 0, 0, 0 }, { "bea", STAGE_ENDED, 10, 10, 10, 10, 0, 0 } };
	struct bar_view view = view_of(rows, 4);
	(void)state;
	drawn(&view, "anna                    21 %  1,200 of 4,000 arrived, 500 checked\n"
		     "mario.rossi@libero.it   44 %  31,204 of 48,213 arrived, 12,000 checked\n"
		     "total                   43 %  32,414 of 52,223  12 MB/s  about 12 min left\n");
	view.columns = 120;
	drawn(&view, "anna                   [###.......]  21 %  1,200 of 4,000 arrived, 500 checked\n"
		     "mario.rossi@libero.it  [#####.....]  44 %  31,204 of 48,213 arrived, 12,000 checked\n"
		     "total                  [#####.....]  43 %  32,414 of 52,223  1.5 GB  12 MB/s  about 12 min left  1 of 4 accounts done\n");
	view.columns = 40;
	drawn(&view, "anna            21 %  1,200 of 4,000\n"
		     "mario.rossi@…   44 %  31,204 of 48,213\n"
		     "total           43 %  about 12 min left\n");
	view.columns = 20;
	drawn(&view, "anna     21 %\n"
		     "mario…   44 %\n"
		     "total    43 %\n");
}

static void commands(void **state)
{
	struct bar_view view = view_of(&anna, 1);
	(void)state;
	view.rate = view.left = -1;
	view.copies = false;
	drawn(&view, "anna    12 %  500 of 4,000 checked\ntotal   12 %  500 of 4,000\n");
	view.copies = true;
	view.checks = false;
	drawn(&view, "anna    30 %  1,200 of 4,000 arrived\ntotal   30 %  1,200 of 4,000  80 MB\n");
	view.copies = false;
	drawn(&view, "anna   4,000 messages\ntotal  4,000 messages\n");
}

static void stages(void **state)
{
	const struct bar_row rows[] = { { "a", STAGE_LISTING, 0, 0, 0, 0, 0, 0 }, { "b", STAGE_PAUSED, 5, 500, 0, 10, 0, 0 }, { "c", STAGE_WAITING, 5, 500, 0, 10, 0, 0 } };
	struct bar_view view = view_of(rows, 3);
	(void)state;
	view.rate = view.left = -1;
	view.colour = true;
	drawn(&view, "a             reads the list of folders\n"
		     "\033[33mb       25 %  waits, then tries again\033[0m\n"
		     "c       25 %  5 of 10 arrived, 0 checked\n"
		     "\033[1mtotal   25 %  10 of 20  1 kB  0 of 3 accounts done\033[0m\n");
	assert_false(bar_all_listed(&view));
	view.row = rows + 1;
	view.rows = 2;
	assert_true(bar_all_listed(&view));
}

/* What was sent by a killed run may still arrive: nothing moves, and no pace is named as if it did. */
static void settling(void **state)
{
	const struct bar_row rows[] = { { "a", STAGE_SETTLING, 5, 500, 0, 10, 0, 0 }, { "b", STAGE_ENDED, 10, 500, 10, 10, 0, 0 }, { "c", STAGE_AT_WORK, 5, 500, 0, 10, 0, 0 } };
	struct bar_view view = view_of(rows, 2);
	(void)state;
	view.rate = 1000000;
	view.left = 60;
	drawn(&view, "a       25 %  waits: what was sent before may still arrive\n"
		     "total   62 %  15 of 20  1 kB  waits: what was sent before may still arrive\n");
	view.rows = 3; /* another goes on */
	drawn(&view, "a       25 %  waits: what was sent before may still arrive\n"
		     "c       25 %  5 of 10 arrived, 0 checked\n"
		     "total   50 %  20 of 30  2 kB  1 MB/s  about 1 min left  1 of 3 accounts done\n");
}

/* After a broken connection messages are checked again, and what was left out is never copied: never more than all, never 100 before the end. */
static void shares(void **state)
{
	static const struct {
		struct bar_row row;
		int share;
		uint64_t left;
	} rows[] = {
		{ { "", STAGE_AT_WORK, 0, 0, 0, 0, 0, 0 }, -1, 0 },
		{ { "", STAGE_AT_WORK, 0, 0, 0, 10, 0, 0 }, 0, 20 },
		{ { "", STAGE_AT_WORK, 8, 0, 25, 10, 9, 0 }, 100, 0 },
		{ { "", STAGE_AT_WORK, 99999, 0, 100000, 100000, 0, 0 }, 99, 1 },
		{ { "", STAGE_AT_WORK, 0, 0, 0, 100000, 100000, 0 }, 50, 100000 },
		{ { "", STAGE_ENDED, 19, 0, 31, 40, 0, 21 }, 100, 0 },	/* what the job leaves out is no work */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bar_view view = view_of(&rows[i].row, 1);
		assert_int_equal(bar_share(&view, &rows[i].row), rows[i].share);
		assert_int_equal(bar_steps_left(&view, &rows[i].row), rows[i].left);
	}
}

static void times(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {
		{ 0, "less than a minute left" },
		{ 29, "less than a minute left" },
		{ 30, "about 1 min left" },
		{ 12 * 60, "about 12 min left" },
		{ 23 * 60, "about 25 min left" },
		{ 92 * 60, "about 1 h 30 min left" },
		{ 119 * 60, "about 2 h left" },
		{ 5 * 3600 + 900, "about 5 h left" },
		{ 80 * 3600, "about 3 days left" },
	};
	struct buf out = { 0 };
	(void)state;
	bar_left(&out, -1);
	assert_int_equal(out.len, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_reset(&out);
		bar_left(&out, rows[i].seconds);
		assert_string_equal(out.data, rows[i].want);
	}
	buf_free(&out);
}

static void cuts(void **state)
{
	static const struct {
		const char *text;
		size_t columns, taken;
		const char *want;
	} rows[] = {
		{ "anna", 10, 4, "anna" },
		{ "anna", 4, 4, "anna" },
		{ "anna", 3, 3, "an…" },
		{ "anna", 1, 1, "…" },
		{ "anna", 0, 0, "" },
		{ "", 3, 0, "" },
		{ "perché no", 7, 7, "perché…" },
		{ "perche\u0301 no", 7, 7, "perche\u0301…" },	/* the accent is a character without a column */
		{ "日本語", 6, 6, "日本語" },
		{ "日本語", 5, 5, "日本…" },
		{ "日本語", 4, 3, "日…" },			/* half of a character is none */
		{ "a\033[2Jb\r\nc", 20, 9, "a [2Jb  c" },
		{ "a\xff\xc3", 20, 3, "a??" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = { 0 };
		assert_int_equal(bar_cut(&out, rows[i].text, rows[i].columns), rows[i].taken);
		assert_string_equal(out.data ? out.data : "", rows[i].want);
		assert_int_equal(bar_columns(rows[i].want, strlen(rows[i].want)), rows[i].taken);
		buf_free(&out);
	}
	assert_int_equal(bar_columns("\033[1mab\033[0m", strlen("\033[1mab\033[0m")), 2);
}

static void fits(const struct bar_view *view, unsigned most)
{
	struct buf out = { 0 };
	unsigned lines = bar_lines(&out, view), counted = 0;
	assert_in_range(lines, 1, most);
	for (const char *at = out.data; *at; counted++) {
		size_t len = strcspn(at, "\n");
		assert_int_equal(at[len], '\n');
		if (bar_columns(at, len) >= view->columns && view->columns > 1)
			fail_msg("%zu columns on a screen of %u: %.*s", bar_columns(at, len), view->columns, (int)len, at);
		at += len + 1;
	}
	assert_int_equal(counted, lines);
	buf_free(&out);
}

static void every_screen(void **state)
{
	static const char *const names[] = { "a", "日本語日本語日本語日本語日本語", "mario.rossi@posta.azienda.example", "\033[5mx", "perche\u0301" };
	struct bar_row rows[ROWS];
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct bar_row){ names[i % 5], (enum flow_stage)(i % 5), i * 123457, i * 123457890, i * 1000, i * 999999, 0, 0 };
	for (unsigned columns = 1; columns < 200; columns++)
		for (unsigned lines = 1; lines < 60; lines += 3) {
			struct bar_view view = view_of(rows, ROWS);
			view.columns = columns;
			view.lines = lines;
			view.colour = lines % 2;
			fits(&view, lines > 2 ? lines - 2 : 1);
		}
}

static void more_than_there_is_room_for(void **state)
{
	struct bar_row rows[15];
	char names[15][8];
	struct bar_view view = view_of(rows, 15);
	(void)state;
	view.rate = view.left = -1;
	view.lines = 6;
	for (size_t i = 0; i < 15; i++) {
		snprintf(names[i], sizeof names[i], "box%zu", i);
		rows[i] = (struct bar_row){ names[i], STAGE_AT_WORK, 10, 1000, 10, 100, 0, 0 };
	}
	drawn(&view, "box0          10 %  10 of 100 arrived, 10 checked\n"
		     "box1          10 %  10 of 100 arrived, 10 checked\n"
		     "and 13 more   10 %  130 of 1,300 arrived, 130 checked\n"
		     "total         10 %  150 of 1,500  15 kB  0 of 15 accounts done\n");
	view.rows = 3;
	drawn(&view, "box0    10 %  10 of 100 arrived, 10 checked\n"
		     "box1    10 %  10 of 100 arrived, 10 checked\n"
		     "box2    10 %  10 of 100 arrived, 10 checked\n"
		     "total   10 %  30 of 300  3 kB  0 of 3 accounts done\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(commands),
		cmocka_unit_test(stages),
		cmocka_unit_test(settling),
		cmocka_unit_test(shares),
		cmocka_unit_test(times),
		cmocka_unit_test(cuts),
		cmocka_unit_test(every_screen),
		cmocka_unit_test(more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
