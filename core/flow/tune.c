/* How many lanes work: one more while that brings more mail. */
#include "core/base/clock.h"
#include "core/flow/move.h"

#define WINDOW_MS 2000
/* A message costs about what this many bytes cost. */
#define MESSAGE_COST 2048

void pool_tune(struct pool *p)
{
	const struct flow_count *c = p->flow->count;
	int64_t now = clock_ms();
	pthread_mutex_lock(&p->lock);
	if (now - p->window_began >= WINDOW_MS) {
		uint64_t work = atomic_load(&c->bytes) + MESSAGE_COST * (atomic_load(&c->messages) + atomic_load(&c->checked) / 4);
		double rate = (double)(work - p->window_work) / (double)(now - p->window_began);
		if (p->window_began && !p->grown_out && p->allowed < p->workers) {
			/* the first window only measures; each later one has to be worth the lane it got */
			if (p->last_rate > 0 && rate < p->last_rate * 1.1)
				p->grown_out = true;
			else
				p->allowed++;
			p->last_rate = rate;
		}
		p->window_began = now;
		p->window_work = work;
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
}
