/* A limit of bytes a second: every byte has its moment, and who is ahead of it waits. */
#include "core/base/pace.h"

#include <time.h>

/* A line that was quiet may be this much ahead. */
#define CREDIT_US 200000
/* Who comes behind a large mail repays it this much at a time: never so long that the server believes us gone. */
#define REPAY 8

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void pace_init(struct pace *p, uint64_t rate)
{
	pthread_mutex_init(&p->lock, NULL);
	p->rate = rate;
	p->due_us = now_us();
}

int64_t pace_take(struct pace *p, uint64_t bytes, int64_t max_ms)
{
	int64_t now, wait, own;

	if (p->rate == 0 || bytes == 0)
		return 0;
	pthread_mutex_lock(&p->lock);
	now = now_us();
	if (p->due_us < now - CREDIT_US)
		p->due_us = now - CREDIT_US;
	own = (int64_t)((double)bytes * 1e6 / (double)p->rate);
	p->due_us += own;
	wait = p->due_us - now;
	if (wait > REPAY * own)
		wait = REPAY * own;
	wait /= 1000;
	pthread_mutex_unlock(&p->lock);
	return wait <= 0 ? 0 : wait < max_ms ? wait : max_ms;
}

void pace_free(struct pace *p)
{
	pthread_mutex_destroy(&p->lock);
}
