/* Rates over a window of time. */
#include "cmd/rate.h"

#define EVERY_MS 1000
#define BYTES_MS 10000
#define BYTES_LEAST_MS 2000
#define STEPS_MS 60000
#define STEPS_LEAST_MS 10000

static const struct rate_sample *nth(const struct rate *r, size_t n)
{
	return &r->sample[n % RATE_SAMPLES];
}

void rate_add(struct rate *r, const struct rate_sample *now)
{
	const struct rate_sample *last = r->count > 0 ? nth(r, r->count - 1) : NULL;
	if (last && now->at - last->at < EVERY_MS)
		return;
	r->sample[r->count % RATE_SAMPLES] = *now;
	r->count++;
}

/* The oldest that is not older than that, or NULL when it is younger than `least`. */
static const struct rate_sample *back(const struct rate *r, int64_t now, int64_t most, int64_t least)
{
	size_t first = r->count > RATE_SAMPLES ? r->count - RATE_SAMPLES : 0;
	while (first < r->count && now - nth(r, first)->at > most)
		first++;
	return first < r->count && now - nth(r, first)->at >= least ? nth(r, first) : NULL;
}

int64_t rate_bytes(const struct rate *r, const struct rate_sample *now)
{
	const struct rate_sample *then = back(r, now->at, BYTES_MS, BYTES_LEAST_MS);
	/* over a slow line a batch is on its way for longer than that, and counts when it is answered for */
	if (then && then->bytes == now->bytes)
		then = back(r, now->at, STEPS_MS, BYTES_LEAST_MS);
	return then ? (int64_t)((double)(now->bytes - then->bytes) * 1000 / (double)(now->at - then->at)) : -1;
}

int64_t rate_left(const struct rate *r, const struct rate_sample *now, uint64_t steps_left)
{
	const struct rate_sample *then = back(r, now->at, STEPS_MS, STEPS_LEAST_MS);
	if (!then || now->steps <= then->steps)
		return -1;
	return (int64_t)((double)steps_left * (double)(now->at - then->at) / 1000 / (double)(now->steps - then->steps));
}
