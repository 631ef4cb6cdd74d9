/* How many lanes work: one more while that brings more, half as many when more are slower. Every step is a trial, kept when it was the better. Pure: what was
   measured goes in, no clock. Private to core/flow. */
#ifndef FLOW_TUNE_H
#define FLOW_TUNE_H

#include <stdbool.h>
#include <stdint.h>

/* What some seconds have shown. */
struct tune_window {
	double rate;		/* work done, in whatever unit */
	unsigned lanes;		/* at work at its end */
	bool steady;		/* … and all through it, with more to do than they had taken on: else its rate says nothing about them */
	bool more;		/* one more lane would have found work, and been let in */
};

struct tune {
	unsigned allowed;	/* lanes that may work now */
	unsigned most;		/* that may ever */
	unsigned home;		/* the best that is known; `allowed` is another while that is tried */
	unsigned top;		/* the most that `home` ever was */
	unsigned least;		/* what `home` was at least because more were slower; 0: they never were */
	bool grown;		/* more are not better: from now on trials are rare */
	unsigned lanes;		/* at work in the last window at home */
	double peak;		/* the best rate of the last windows at home */
	double base;		/* what the trial has to beat */
	unsigned windows, better, worse;	/* of the trial; better, worse: in a row */
	unsigned rest, pause;	/* windows at home before the next trial, and after the next that fails */
};

void tune_begin(struct tune *tune, unsigned first, unsigned most);
/* A window is over: tune->allowed is what holds for the next. */
void tune_window(struct tune *tune, const struct tune_window *window);

/* Of an account whose servers had room for so many lanes only (0: for all), so long after that was to hold (negative: it still does): one more with each minute. */
unsigned tune_room(unsigned room, unsigned most, int64_t past_ms);

#endif
