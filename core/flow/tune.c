/* How many lanes work: additive increase, multiplicative decrease. */
#include "core/flow/tune.h"

/* So much better a trial has to be to count as better; what is less than that much of before is worse. */
#define BETTER 1.1
#define WORSE 0.9
/* Windows in a row, until that is believed. */
#define SURE 2
/* Windows that a trial may last: lanes that stand by cost more than not to know. */
#define PATIENCE 4
/* Windows of work before the next trial; doubled by each that fails. */
#define REST_FIRST 30
#define REST_MAX 300
#define ROOM_STEP_MS 60000

void tune_begin(struct tune *t, unsigned first, unsigned most)
{
	unsigned home = first < most ? first : most;
	*t = (struct tune){ .allowed = home, .home = home, .top = home, .most = most, .rest = REST_FIRST, .pause = REST_FIRST };
}

static void begin_trial(struct tune *t, unsigned lanes, double base)
{
	t->allowed = lanes;
	t->base = base;
	t->windows = t->better = t->worse = 0;
}

static void stay(struct tune *t, unsigned lanes, bool better)
{
	t->home = t->allowed = lanes;
	t->top = lanes > t->top ? lanes : t->top;
	t->pause = better ? REST_FIRST : t->pause;
	t->rest = t->pause;
	t->pause = t->pause < REST_MAX / 2 ? 2 * t->pause : REST_MAX;
}

/* More lanes than these were slower. */
static void note_slower(struct tune *t, unsigned lanes)
{
	t->least = t->least && t->least < lanes ? t->least : lanes;
}

/* Falls slowly: a source that pauses must not make what comes after it look like a success. */
static double peak_of(double peak, double rate)
{
	return rate > peak * 0.9 ? rate : peak * 0.9;
}

static void at_home(struct tune *t, const struct tune_window *w)
{
	bool more = w->more && w->lanes == t->home && t->home < t->most;
	t->peak = w->lanes == t->lanes ? peak_of(t->peak, w->rate) : w->rate;
	t->lanes = w->lanes;
	if (more && (!t->grown || (t->rest == 0 && t->home < t->top)))
		begin_trial(t, t->home + 1, w->rate);
	else if (t->rest > 0)
		t->rest--;
	else if (w->lanes > 1 && t->peak > 0)
		begin_trial(t, w->lanes / 2, t->peak);
}

static void with_more(struct tune *t, const struct tune_window *w)
{
	bool tells = w->steady && w->lanes == t->allowed, worse = tells && w->rate < t->base * WORSE, first = t->home == t->top;
	if (tells && (t->base <= 0 || w->rate > t->base * BETTER)) {
		stay(t, t->allowed, true);
		at_home(t, w);
	} else if (tells && !worse) {
		t->grown = true;
		stay(t, t->allowed, true);
	} else if (worse && ++t->worse == SURE) {
		t->grown = true;
		note_slower(t, t->home);
		stay(t, t->home, false);
		if (first && t->home > 1)
			begin_trial(t, t->home / 2, t->base);
	} else if (++t->windows == PATIENCE) {
		stay(t, t->home, false);
	}
}

static void with_fewer(struct tune *t, const struct tune_window *w)
{
	if (w->lanes >= t->lanes) { /* each finishes its folder first: that costs nothing yet */
		t->base = w->steady && w->lanes == t->lanes ? peak_of(t->base, w->rate) : t->base;
		return;
	}
	bool better = w->steady && w->rate > t->base * BETTER, worse = w->steady && w->rate < t->base * WORSE; /* once is enough: it costs nothing to go back */
	t->better = better ? t->better + 1 : 0;
	t->worse += w->steady && !better;
	if (t->better == SURE) {
		note_slower(t, w->lanes);
		stay(t, w->lanes, true);
		t->grown = true;
		t->lanes = w->lanes;
		t->peak = w->rate;
		if (w->lanes > 1)
			begin_trial(t, w->lanes / 2, w->rate);
	} else if (++t->windows == PATIENCE || t->worse == SURE || worse) {
		stay(t, t->home, false);
	}
}

void tune_window(struct tune *t, const struct tune_window *window)
{
	struct tune_window w = *window;
	w.steady = w.steady && (w.rate > 0 || t->peak <= 0); /* nothing at all comes from a pause, not from too many lanes */
	if (t->allowed > t->home)
		with_more(t, &w);
	else if (t->allowed < t->home)
		with_fewer(t, &w);
	else if (w.steady && w.lanes > 0 && w.lanes <= t->home)
		at_home(t, &w);
}

unsigned tune_room(unsigned room, unsigned most, int64_t past_ms)
{
	uint64_t more = past_ms < 0 ? 0 : 1 + (uint64_t)past_ms / ROOM_STEP_MS;
	return room == 0 || room + more >= most ? most : room + (unsigned)more;
}
