/* The lines of the progress display as text. Pure: what is known and how large the screen is go in, text comes out. */
#ifndef CMD_BAR_H
#define CMD_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/flow/flow.h"

/* An account, or a sum of some. */
struct bar_row {
	const char *name;
	enum flow_stage stage;
	uint64_t copied, bytes, checked, listed, there, left_out;	/* struct flow_account's; `copied` is its messages */
};

struct bar_view {
	const struct bar_row *row;	/* all accounts */
	size_t rows;
	bool copies, checks;		/* what this command does; neither: the dry run */
	int64_t rate;			/* bytes a second; -1: not known */
	int64_t left;			/* seconds; -1: not known */
	unsigned columns, lines;	/* of the screen */
	bool colour;
};

/* All rows in one. It is at work until all have ended; it is settling when those that have not are. */
struct bar_row bar_total(const struct bar_view *view);
/* How much of the row's work is done, rounded down, 0 to 100; -1 when there is nothing to measure by. */
int bar_share(const struct bar_view *view, const struct bar_row *row);
/* Steps (a message copied, a message checked) that are done by this run, and that are left of those known of. */
uint64_t bar_steps(const struct bar_view *view, const struct bar_row *row);
uint64_t bar_steps_left(const struct bar_view *view, const struct bar_row *row);
/* True when the work is known in full: each account has been listed, or has ended. */
bool bar_all_listed(const struct bar_view *view);
/* "31,204 of 48,213 arrived, 12,000 checked". */
void bar_messages(struct buf *out, const struct bar_view *view, const struct bar_row *row);
/* Why nothing moves, of a row that is settling. Static. */
const char *bar_settling(void);
/* "about 12 min left"; nothing for -1. */
void bar_left(struct buf *out, int64_t seconds);
/* Adds at most that many columns of the text, without anything a terminal would obey; what is cut ends in "…". Returns the columns. */
size_t bar_cut(struct buf *out, const char *text, size_t columns);
/* A line for each account at work, as many as there is room for, one for the others together, then the total: at least one line, at most
   view->lines - 2, each shorter than view->columns (a full line would wrap on some terminals) and ended by "\n". Returns how many. */
unsigned bar_lines(struct buf *out, const struct bar_view *view);
/* The columns that a line of bar_lines takes, colours not counted. */
size_t bar_columns(const char *line, size_t len);

#endif
