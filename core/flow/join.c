/* Lanes that come to an account while it is being planned. */
#include "core/base/clock.h"
#include "core/flow/lane.h"

/* Signing in took so long, connecting included: the others do it meanwhile. */
#define SLOW_MS 50

int join_signed_in(struct lane *lane, int64_t took_ms, struct error *err)
{
	struct pool *p = lane->pool;
	struct account *a = lane->account;
	int last = 0;
	if (!lane->planner)
		return 0;
	if (took_ms >= SLOW_MS && store_account_last(p->flow->store, a->job->name, &last, err) < 0)
		return -1;
	pthread_mutex_lock(&p->lock);
	a->sides_in++;
	a->joinable = a->joinable || last < 0; /* not asked where it was quick */
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

bool join_may(const struct account *a)
{
	return a->joinable && a->sides_in == 2;
}

void join_wait(struct lane *lane)
{
	struct pool *p = lane->pool;
	pthread_mutex_lock(&p->lock);
	while (!lane->planner && lane->account->stage == ACCOUNT_PLANNING)
		pool_wait_a_little(p);
	pthread_mutex_unlock(&p->lock);
}
