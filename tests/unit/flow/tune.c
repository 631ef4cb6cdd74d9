/* How many lanes work: what is decided on lines and servers of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/flow/tune.h"

/* ---- window by window ---- */

/* Rate, lanes at work, and what that was: '.' steady; '+' … and one more lane would find work; '~' not steady. What is allowed afterwards. */
struct seen {
	double rate;
	unsigned lanes;
	char how;
	unsigned allowed;
};

static const struct {
	const char *name;
	unsigned first, most;
	struct seen seen[12];
	unsigned least;
} tables[] = {
	{ "one more while that brings more", 4, 8, { { 100, 4, '+', 5 }, { 120, 5, '+', 6 }, { 140, 6, '+', 7 }, { 150, 7, '+', 7 }, { 150, 7, '+', 7 } }, 0 },
	{ "never more than the job has", 4, 5, { { 100, 4, '+', 5 }, { 120, 5, '+', 5 }, { 120, 5, '+', 5 } }, 0 },
	{ "nobody to come in", 4, 8, { { 100, 4, '.', 4 }, { 100, 4, '.', 4 } }, 0 },
	{ "one slow window is none", 4, 8, { { 100, 4, '+', 5 }, { 50, 5, '+', 5 }, { 100, 5, '+', 5 }, { 50, 5, '+', 5 }, { 50, 5, '+', 5 } }, 0 },
	{ "slower: half; half is better: half of that; which is not", 4, 8,
		{ { 100, 4, '+', 5 }, { 70, 5, '+', 5 }, { 70, 5, '+', 2 }, { 70, 4, '~', 2 }, { 150, 2, '+', 2 }, { 150, 2, '+', 1 }, { 80, 1, '+', 2 }, { 150, 2, '+', 2 } }, 2 },
	{ "slower, and half is slower still", 4, 8, { { 100, 4, '+', 5 }, { 70, 5, '+', 5 }, { 70, 5, '+', 2 }, { 55, 2, '+', 4 }, { 100, 4, '+', 4 } }, 4 },
	{ "slower, and half is no better", 4, 8, { { 100, 4, '+', 5 }, { 70, 5, '+', 5 }, { 70, 5, '+', 2 }, { 105, 2, '+', 2 }, { 105, 2, '+', 4 } }, 4 },
	{ "only one of those that were to leave has", 4, 8, { { 100, 4, '+', 5 }, { 70, 5, '+', 5 }, { 70, 5, '+', 2 }, { 150, 3, '+', 2 }, { 150, 3, '+', 1 } }, 3 },
	{ "nothing that tells: back", 4, 8, { { 100, 4, '+', 5 }, { 70, 5, '+', 5 }, { 70, 5, '+', 2 }, { 9, 2, '~', 2 }, { 9, 1, '~', 2 }, { 9, 2, '~', 2 }, { 9, 2, '~', 4 } }, 4 },
	{ "nobody came in", 4, 8, { { 100, 4, '+', 5 }, { 99, 4, '+', 5 }, { 99, 4, '+', 5 }, { 99, 4, '~', 5 }, { 99, 4, '+', 4 } }, 0 },
	{ "a source that pauses", 4, 8, { { 100, 4, '+', 5 }, { 0, 5, '+', 5 }, { 0, 5, '+', 5 }, { 120, 5, '+', 6 }, { 0, 6, '+', 6 }, { 140, 6, '+', 7 } }, 0 },
	{ "the tail: little work, few lanes", 4, 8, { { 100, 4, '~', 4 }, { 60, 3, '~', 4 }, { 20, 1, '~', 4 }, { 3, 1, '~', 4 } }, 0 },
	{ "one lane stays one", 1, 1, { { 100, 1, '+', 1 }, { 10, 1, '+', 1 }, { 1, 1, '+', 1 } }, 0 },
	{ "a dry run counts nothing", 4, 6, { { 0, 4, '+', 5 }, { 0, 5, '+', 6 }, { 0, 6, '+', 6 } }, 0 },
};

static void decisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct tune t;
		tune_begin(&t, tables[i].first, tables[i].most);
		for (const struct seen *s = tables[i].seen; s->allowed; s++) {
			tune_window(&t, &(struct tune_window){ s->rate, s->lanes, s->how != '~', s->how == '+' });
			if (t.allowed != s->allowed)
				fail_msg("%s: window %d: %u lanes instead of %u", tables[i].name, (int)(s - tables[i].seen) + 1, t.allowed, s->allowed);
		}
		if (t.least != tables[i].least)
			fail_msg("%s: brought down to %u, not %u", tables[i].name, t.least, tables[i].least);
	}
}

/* ---- hours of it ---- */

static double line(unsigned lanes) { return lanes < 4 ? 25.0 * lanes : 100; }		/* full with four */
static double far_away(unsigned lanes) { return 10.0 * lanes; }			/* each waits for its own round trips */
static double flat(unsigned lanes) { return lanes ? 100 : 0; }				/* the server's disk, or limits.rate */
static double crowd(unsigned lanes) { return lanes <= 2 ? 50.0 * lanes : 200.0 / lanes; }	/* slows all with more than two */
static double alone(unsigned lanes) { return 100.0 / (double)(lanes * lanes); }	/* wants one at a time */
static double six(unsigned lanes) { return lanes <= 6 ? 20.0 * lanes : 60; }
static double trickle(unsigned lanes) { return lanes <= 2 ? 50.0 * lanes : 100 + lanes; }	/* serves two, the others get drops */

static const struct {
	const char *name;
	double (*server)(unsigned lanes);
	unsigned most, room;	/* --workers; connections that the job allows */
	unsigned least, highest;	/* where most of the time is spent */
	double share;		/* of the best that any number of lanes brings */
} lines[] = {
	{ "line", line, 8, 8, 4, 5, 0.97 },
	{ "line, four connections", line, 8, 4, 4, 4, 0.97 },
	{ "far away", far_away, 8, 8, 8, 8, 0.95 },
	{ "far away, 64", far_away, 64, 64, 8, 12, 0.13 },	/* the twelfth is worth less than a tenth */
	{ "flat", flat, 8, 8, 4, 5, 0.97 },
	{ "crowd", crowd, 8, 8, 2, 2, 0.9 },
	{ "crowd, four connections", crowd, 8, 4, 2, 2, 0.9 },
	{ "alone", alone, 8, 8, 1, 1, 0.9 },
	{ "alone, four connections", alone, 8, 4, 1, 1, 0.9 },
	{ "six", six, 8, 8, 6, 6, 0.93 },
	{ "trickle", trickle, 8, 8, 2, 5, 0.95 },
};

/* -1 to 1, the same each time. */
static double noise(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (double)(*seed >> 16 & 0x7fff) / 16384 - 1;
}

struct drive {
	unsigned changes, at[65];
	double work, best;
};

/* An hour and a half, in windows of 2 s. Who is one too many leaves within a window. */
static struct drive drive(double (*server)(unsigned), unsigned most, unsigned room, double rough)
{
	struct drive d = { 0 };
	struct tune t;
	unsigned seed = 7, lanes = 0;
	tune_begin(&t, 4, most);
	for (unsigned n = 1; n <= room && n <= most; n++)
		d.best = server(n) > d.best ? server(n) : d.best;
	for (int i = 0; i < 2700; i++) {
		unsigned now = t.allowed < room ? t.allowed : room, before = t.allowed;
		double rate = server(now) * (1 + rough * noise(&seed));
		tune_window(&t, &(struct tune_window){ rate, now, now >= lanes, now < room && now < most });
		lanes = now;
		d.changes += t.allowed != before;
		d.at[now]++;
		d.work += rate / d.best / 2700;
		assert_true(t.allowed >= 1 && t.allowed <= most);
	}
	return d;
}

static void hours(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof lines / sizeof *lines; i++) {
		size_t l = i / 2;
		struct drive d = drive(lines[l].server, lines[l].most, lines[l].room, i % 2 ? 0.05 : 0);
		unsigned there = 0;
		for (unsigned n = lines[l].least; n <= lines[l].highest; n++)
			there += d.at[n];
		if (getenv("TRASLOCO_TEST_VERBOSE"))
			printf("%-26s %s changes %3u, %5.1f %% of the best, %4u of 2700 windows with %u to %u\n", lines[l].name, i % 2 ? "rough " : "steady", d.changes, 100 * d.work, there,
				lines[l].least, lines[l].highest);
		/* trials every ten minutes in the end; each is there and back */
		if (d.changes > 60 || there < 2430 || d.work < lines[l].share)
			fail_msg("%s: %u changes, %u windows with %u to %u lanes, %.2f of the best", lines[l].name, d.changes, there, lines[l].least, lines[l].highest, d.work);
	}
}

/* A server that gets well, or falls ill, is followed. */
static void changing(void **state)
{
	struct tune t;
	unsigned lanes = 0, up = 0, down = 0;
	(void)state;
	tune_begin(&t, 4, 8);
	for (int i = 0; i < 3000; i++) {
		unsigned now = t.allowed;
		double rate = i < 1000 ? line(now) : i < 2000 ? crowd(now) : line(now);
		tune_window(&t, &(struct tune_window){ rate, now, now >= lanes, now < 8 });
		lanes = now;
		down += i >= 1000 && i < 2000 && t.home == 2;
		up += i >= 2000 && t.home >= 4;
	}
	assert_true(down > 500 && up > 400);
}

static void room(void **state)
{
	static const struct { unsigned room, most; int64_t past; unsigned want; } rows[] = { { 0, 4, -1, 4 }, { 0, 4, 99, 4 }, { 2, 4, -1, 2 }, { 2, 4, 0, 3 }, { 2, 4, 59999, 3 },
		{ 2, 4, 60000, 4 }, { 2, 4, 600000, 4 }, { 1, 64, INT64_MAX / 2, 64 }, { 9, 4, -1, 4 }, { 1, 1, -1, 1 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (tune_room(rows[i].room, rows[i].most, rows[i].past) != rows[i].want)
			fail_msg("room %u of %u, %lld ms past: %u", rows[i].room, rows[i].most, (long long)rows[i].past, tune_room(rows[i].room, rows[i].most, rows[i].past));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decisions), cmocka_unit_test(hours), cmocka_unit_test(changing), cmocka_unit_test(room) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
