/* A limit of bytes a second: every byte has its moment, and who is ahead of it waits. */
#include "core/base/pace.h"

/* So much of what a quiet line has missed is made up for. */
#define CREDIT_NS 200000000

void pace_init(struct pace *p, uint64_t rate)
{
	pthread_mutex_init(&p->lock, NULL);
	p->rate = rate;
	p->due_ns = 0;
}

int64_t pace_take(struct pace *p, uint64_t bytes, int64_t now_ms)
{
	int64_t now_ns = now_ms * 1000000;

	pthread_mutex_lock(&p->lock);
	if (p->due_ns == 0)
		p->due_ns = now_ns;
	if (p->due_ns < now_ns - CREDIT_NS)
		p->due_ns = now_ns - CREDIT_NS;
	p->due_ns += (int64_t)((double)bytes * 1e9 / (double)p->rate);

	int64_t wait = p->due_ns / 1000000 - now_ms;

	pthread_mutex_unlock(&p->lock);
	return wait <= 0 ? 0 : wait < PACE_WAIT_MS ? wait : PACE_WAIT_MS;
}

void pace_free(struct pace *p)
{
	pthread_mutex_destroy(&p->lock);
}
