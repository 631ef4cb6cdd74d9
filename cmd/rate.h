/* How fast it goes, from a counter that is looked at now and then. Pure: the caller brings the time. */
#ifndef CMD_RATE_H
#define CMD_RATE_H

#include <stddef.h>
#include <stdint.h>

#define RATE_SAMPLES 64

struct rate_sample {
	int64_t at;		/* ms */
	uint64_t bytes, steps;	/* so far */
};

/* Zeroed at first. One sample a second, the newest RATE_SAMPLES. */
struct rate {
	struct rate_sample sample[RATE_SAMPLES];
	size_t count;		/* ever */
};

/* What is reached at `now` (ms, never less than before). Call it often, from when there is something to do: more than one a second costs nothing. */
void rate_add(struct rate *rate, const struct rate_sample *now);
/* Bytes a second over the last 10 s, or over the last minute when nothing has arrived in these; -1 while there are less than 2 s to look back on. */
int64_t rate_bytes(const struct rate *rate, const struct rate_sample *now);
/* Seconds that so many steps will take at the pace of the last minute; -1 when nobody can say: less than 10 s to look back on, or nothing moves. */
int64_t rate_left(const struct rate *rate, const struct rate_sample *now, uint64_t steps_left);

#endif
