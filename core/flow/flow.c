/* The mover's frame: lanes started, watched and joined, ends collected. */
#include "core/flow/flow.h"

#include <poll.h>
#include <stdlib.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/flow/lane.h"

#define TICK_MS 200

enum flow_stage flow_stage_of(const struct flow_account *account)
{
	enum flow_stage stage = (enum flow_stage)atomic_load(&account->stage);
	unsigned settling = atomic_load(&account->settling);
	return stage == STAGE_AT_WORK && settling > 0 && settling >= atomic_load(&account->lanes) ? STAGE_SETTLING : stage;
}

static void stop_all(struct pool *p, unsigned started)
{
	atomic_store(&p->stopping, true);
	for (unsigned i = 0; i < started; i++)
		lane_stop(&p->lanes[i]);
	pool_wake(p);
}

/* Until every account has ended, or we were asked to stop. */
static void watch(struct pool *p, unsigned started)
{
	const struct flow *flow = p->flow;
	struct pollfd fds[] = { { .fd = flow->stop->fd, .events = POLLIN }, { .fd = p->over.fd, .events = POLLIN } };
	while (!pool_finished(p)) {
		poll(fds, 2, TICK_MS);
		if (cancel_fired(flow->stop)) {
			stop_all(p, started);
			return;
		}
		pool_tune(p);
		if (flow->tick)
			flow->tick(flow->tick_ctx);
	}
}

static void collect(struct pool *p, struct flow_end **ends, size_t *count)
{
	*ends = x_calloc(p->count + 1, sizeof **ends);
	*count = p->count;
	for (size_t i = 0; i < p->count; i++) {
		struct account *a = &p->accounts[i];
		if (a->stage != ACCOUNT_ENDED) { /* stopped before it was through */
			if (a->err.class == ERR_NONE)
				a->err.class = ERR_CANCELLED;
			verdict_account(p, a);
		}
		verdict_login(p, a);
		(*ends)[i] = (struct flow_end){ a->job->name, a->row.id, a->exit };
	}
}

int flow_run(const struct flow *flow, struct flow_end **ends, size_t *count, struct error *err)
{
	struct pool pool;
	unsigned started = 0;
	if (pool_make(&pool, flow, err) < 0) {
		pool_free(&pool);
		return -1;
	}
	srandom((unsigned)clock_now());
	pool.lanes = x_calloc(flow->workers, sizeof *pool.lanes);
	while (started < flow->workers && lane_start(&pool.lanes[started], &pool, started) == 0)
		started++;
	if (started > 0)
		watch(&pool, started);
	for (unsigned i = 0; i < started; i++)
		lane_join(&pool.lanes[i]);
	collect(&pool, ends, count);
	free(pool.lanes);
	pool_free(&pool);
	return started > 0 ? 0 : error_set(err, ERR_USAGE, "no thread or file descriptor to be had: see ulimit -u and -n");
}
