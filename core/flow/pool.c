/* Who works on what: which lane at which account and folder, and how many lanes. */
#include <strings.h>

#include "core/base/clock.h"
#include "core/flow/lane.h"

#define WINDOW_MS 2000
#define PAIR_MS 2000 /* so long, at most, the last lane waits for the first account */
/* A message costs about what this many bytes cost. */
#define MESSAGE_COST 2048

void pool_progress(struct account *a)
{
	atomic_store(&a->progress, clock_ms());
}

void pool_stage(struct account *a, enum flow_stage stage)
{
	atomic_store(&a->seen->stage, stage);
}

void pool_reached(struct move *m, enum reach kind, uint32_t uid)
{
	if (uid <= m->reached[kind])
		return;
	m->reached[kind] = uid;
	pool_progress(m->account);
}

int pool_problem(const struct flow *flow, const struct account *a, const struct move *m, const struct problem *problem, struct error *err)
{
	if (store_problem(flow->store, flow->run, problem, err) < 0)
		return -1;
	if (flow->problem)
		flow->problem(flow->tick_ctx, a->job->name, m ? m->source->name : "", problem);
	return 0;
}

static void tell_folder(const struct pool *p, const struct move *m, bool done)
{
	if (p->flow->folder)
		p->flow->folder(p->flow->tick_ctx, m->account->job->name, m->source->name, m->target.name, done);
}

void pool_wake(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* ---- claiming; the lock is held in all of these ---- */

static bool same_mailbox(const struct move *a, const struct move *b)
{
	return a->mailbox == b->mailbox;
}

/* Two lanes in one target mailbox would adopt each other's fresh copies. */
static bool is_busy(const struct pool *p, const struct move *m)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; p->accounts[i].stage == ACCOUNT_READY && k < p->accounts[i].count; k++) { /* else its moves are being made */
			const struct move *other = &p->accounts[i].moves[k];
			if (other != m && other->stage == MOVE_CLAIMED && same_mailbox(other, m))
				return true;
		}
	return false;
}

/* A view comes after all that may hold its mail. */
static bool must_wait(const struct account *a, const struct move *m)
{
	unsigned view = folder_view(m->role);
	for (size_t i = 0; view > 0 && i < a->count; i++)
		if (folder_view(a->moves[i].role) < view && a->moves[i].stage != MOVE_DONE)
			return true;
	return false;
}

/* Moves are sorted by size. */
static struct move *free_move(const struct pool *p, struct account *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->moves[i].stage == MOVE_OPEN && !must_wait(a, &a->moves[i]) && !is_busy(p, &a->moves[i]))
			return &a->moves[i];
	return NULL;
}

static size_t count_moves(const struct account *a, enum move_stage stage)
{
	size_t count = 0;
	for (size_t i = 0; i < a->count; i++)
		count += a->moves[i].stage == stage;
	return count;
}

unsigned pool_lanes_max(const struct account *a)
{
	unsigned most = a->job->source.connections < a->job->target.connections ? a->job->source.connections : a->job->target.connections;
	return tune_room(a->room, most, clock_ms() - a->room_until);
}

unsigned pool_sides_at(const struct account *a, const char *host)
{
	return (unsigned)(strcasecmp(a->job->source.host, host) == 0) + (unsigned)(strcasecmp(a->job->target.host, host) == 0);
}

/* limits.per_host_connections: each lane holds one connection to either side. One lane may always work, or none ever could. */
static bool has_room(const struct pool *p, const struct account *a, const char *host)
{
	unsigned most = p->flow->job->per_host, open = 0;
	for (size_t i = 0; most > 0 && i < p->count; i++)
		open += p->accounts[i].lanes * pool_sides_at(&p->accounts[i], host);
	return most == 0 || open == 0 || open + pool_sides_at(a, host) <= most;
}

static bool waits_for_older(const struct account *a)
{
	return a->stage == ACCOUNT_NEW && a->older && (a->older->stage == ACCOUNT_NEW || a->older->stage == ACCOUNT_PLANNING);
}

static bool is_free(const struct pool *p, struct account *a, int64_t now)
{
	if (a->stage == ACCOUNT_ENDED || a->err.class != ERR_NONE || a->not_before > now || a->lanes >= pool_lanes_max(a))
		return false;
	if ((a->stage == ACCOUNT_PLANNING && !join_may(a)) || waits_for_older(a) || (a->stage == ACCOUNT_READY && a->count > 0 && !free_move(p, a)))
		return false;
	return has_room(p, a, a->job->source.host) && has_room(p, a, a->job->target.host);
}

/* Accounts of one size that begin together end together, and all lanes sign in anew at the same moment, while the line has nothing to carry. So where there are more
   accounts than lanes, the first has two: the last lane waits for it, a little. */
static bool is_for_first(const struct pool *p, int64_t now)
{
	const struct account *first = p->accounts;
	bool many = p->tune.allowed > 2 && p->count > p->tune.allowed, last = p->busy + 1 == p->tune.allowed;
	return many && last && first->lanes == 1 && atomic_load(&p->flow->count->accounts_done) == 0 && now - p->began < PAIR_MS;
}

/* An account without a lane first; then the one with most to do for each lane. */
static struct account *choose(struct pool *p, int64_t now)
{
	struct account *best = NULL, *first = is_for_first(p, now) ? p->accounts : NULL;
	if (first && is_free(p, first, now))
		return first;
	for (size_t i = 0; i < p->count && (!first || first->stage != ACCOUNT_PLANNING); i++)
		if (is_free(p, &p->accounts[i], now) && (!best || p->accounts[i].lanes < best->lanes))
			best = &p->accounts[i];
	return best;
}

/* For the display too. */
static void count_lanes(struct pool *p, struct account *a, bool comes)
{
	struct flow_count *c = p->flow->count;
	a->lanes = comes ? a->lanes + 1 : a->lanes - 1;
	p->busy = comes ? p->busy + 1 : p->busy - 1;
	atomic_store(&a->seen->lanes, a->lanes);
	atomic_store(&c->lanes, p->busy);
	if (comes && p->busy > atomic_load(&c->lanes_most))
		atomic_store(&c->lanes_most, p->busy);
}

/* At its account it is one of those that leave. */
static void set_ending(struct pool *p, struct lane *lane, bool ends)
{
	struct account *a = lane->account;
	if (lane->ending == ends)
		return;
	lane->ending = ends;
	a->leaving = ends ? a->leaving + 1 : a->leaving - 1;
	p->busy = ends ? p->busy - 1 : p->busy + 1;
	atomic_store(&p->flow->count->lanes, p->busy);
	pthread_cond_broadcast(&p->changed);
}

void pool_ends(struct pool *p, struct lane *lane)
{
	pthread_mutex_lock(&p->lock);
	if (!lane->leaving && count_moves(lane->account, MOVE_OPEN) == 0) /* a view waits for the others, and would be a sign-in more */
		set_ending(p, lane, true);
	pthread_mutex_unlock(&p->lock);
}

static bool work_left(const struct pool *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->accounts[i].stage != ACCOUNT_ENDED)
			return true;
	return false;
}

void pool_wait_a_little(struct pool *p)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 100000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&p->changed, &p->lock, &until);
}

struct account *pool_account(struct pool *p, unsigned lane)
{
	struct account *a = NULL;
	pthread_mutex_lock(&p->lock);
	while (!a && !atomic_load(&p->stopping) && work_left(p)) {
		if (p->busy < p->tune.allowed)
			a = choose(p, clock_ms());
		if (!a)
			pool_wait_a_little(p);
	}
	if (a) {
		count_lanes(p, a, true);
		if (!a->started) /* give_up counts from here: it may have waited long for its turn */
			pool_progress(a);
		a->started = true;
		/* under the same lock as the choice: no other lane may plan, too */
		p->lanes[lane].planner = a->stage == ACCOUNT_NEW;
		if (p->lanes[lane].planner) {
			a->stage = ACCOUNT_PLANNING;
			a->sides_in = 0;
			a->joinable = false;
		}
		pool_stage(a, a->stage == ACCOUNT_PLANNING ? STAGE_LISTING : STAGE_AT_WORK);
	}
	pthread_mutex_unlock(&p->lock);
	return a;
}

/* ---- ends ---- */

static void end_account(struct pool *p, struct account *a)
{
	if (a->stage == ACCOUNT_ENDED)
		return;
	a->stage = ACCOUNT_ENDED;
	verdict_account(p, a);
	atomic_fetch_add(&p->flow->count->accounts_done, 1);
	if (!work_left(p))
		cancel_fire(&p->over);
	pthread_cond_broadcast(&p->changed);
}

static void set_leaving(struct pool *p, struct lane *lane, bool leaves)
{
	struct account *a = lane->account;
	if (lane->leaving == leaves || lane->ending)
		return;
	lane->leaving = leaves;
	a->leaving = leaves ? a->leaving + 1 : a->leaving - 1;
	p->leaving = leaves ? p->leaving + 1 : p->leaving - 1;
}

void pool_leave(struct pool *p, struct lane *lane)
{
	struct account *a = lane->account;
	pthread_mutex_lock(&p->lock);
	set_leaving(p, lane, false);
	set_ending(p, lane, false);
	count_lanes(p, a, false);
	if (lane->planner && a->stage == ACCOUNT_PLANNING) /* stopped */
		a->stage = ACCOUNT_NEW;
	bool through = a->stage == ACCOUNT_READY && count_moves(a, MOVE_DONE) == a->count;
	if (a->lanes == 0 && (through || a->err.class != ERR_NONE))
		end_account(p, a);
	if (a->lanes == 0 && a->stage != ACCOUNT_ENDED)
		pool_stage(a, a->not_before > clock_ms() ? STAGE_PAUSED : STAGE_WAITING);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* One lane of those that stay at this account is too many: for its servers, or of all that work it has the most. */
static bool must_leave(const struct pool *p, const struct account *a)
{
	if (a->lanes - a->leaving > pool_lanes_max(a))
		return true;
	if (p->busy - p->leaving <= p->tune.allowed)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (p->accounts[i].lanes - p->accounts[i].leaving > a->lanes - a->leaving)
			return false;
	return true;
}

void pool_leaves(struct pool *p, struct lane *lane)
{
	pthread_mutex_lock(&p->lock);
	set_leaving(p, lane, true);
	pthread_mutex_unlock(&p->lock);
}

/* The last folders are for lanes that have nothing to do: one that has some in hand already may be the slowest. */
static bool is_enough(const struct account *a, unsigned in_hand)
{
	return in_hand > 0 && count_moves(a, MOVE_OPEN) <= (size_t)(a->lanes - 1) * (2 * in_hand - 1);
}

struct move *pool_claim(struct pool *p, struct lane *lane, unsigned in_hand)
{
	struct account *a = lane->account;
	pthread_mutex_lock(&p->lock);
	set_leaving(p, lane, false);
	bool leaves = !lane->ending && must_leave(p, a);
	set_leaving(p, lane, leaves);
	a->started = a->started && !(leaves && a->lanes == 1); /* it waits for its turn then, and give_up does not count */
	bool may = !leaves && !lane->ending && !is_enough(a, in_hand);
	struct move *m = may && a->stage == ACCOUNT_READY && a->err.class == ERR_NONE && !atomic_load(&p->stopping) ? free_move(p, a) : NULL;
	if (m) {
		m->stage = MOVE_CLAIMED;
		m->whole_only = m->failures > 0 || a->failures > 0;
	}
	pthread_mutex_unlock(&p->lock);
	if (m)
		tell_folder(p, m, false);
	return m;
}

void pool_release(struct pool *p, struct move *m, bool done)
{
	if (done) /* before it is: the account may end then */
		tell_folder(p, m, true);
	pthread_mutex_lock(&p->lock);
	m->stage = done ? MOVE_DONE : MOVE_OPEN;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* ---- how many lanes ---- */

/* Mail that no lane has taken on yet. */
static bool more_to_do(struct pool *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct account *a = &p->accounts[i];
		if (a->err.class == ERR_NONE && (a->stage == ACCOUNT_NEW || (a->stage == ACCOUNT_READY && free_move(p, a))))
			return true;
	}
	return false;
}

static void tell_lanes(struct pool *p)
{
	struct flow_count *c = p->flow->count;
	atomic_store(&c->lanes_allowed, p->tune.allowed);
	atomic_store(&c->lanes_least, p->tune.least);
	for (size_t i = 0; i < p->count; i++) {
		unsigned own = pool_lanes_max(&p->accounts[i]);
		atomic_store(&p->accounts[i].seen->lanes_allowed, own < p->tune.allowed ? own : p->tune.allowed);
	}
}

static uint64_t work_done(const struct flow_count *c)
{
	return atomic_load(&c->bytes) + MESSAGE_COST * (atomic_load(&c->messages) + atomic_load(&c->checked) / 4);
}

static void begin_window(struct pool *p, int64_t now)
{
	p->window_began = now;
	p->window_work = work_done(p->flow->count);
	p->window_lanes = 0;
	p->window_steady = true;
}

static void end_window(struct pool *p, int64_t now)
{
	double rate = (double)(work_done(p->flow->count) - p->window_work) / (double)(now - p->window_began);
	const struct tune_window w = { rate, p->busy, p->window_steady && more_to_do(p), p->busy < p->workers && choose(p, now) };
	unsigned before = p->tune.allowed;
	tune_window(&p->tune, &w);
	if (p->tune.allowed != before)
		log_line(p->flow->log, "%u lanes may work, instead of %u", p->tune.allowed, before);
	begin_window(p, now);
	pthread_cond_broadcast(&p->changed);
}

void pool_tune(struct pool *p)
{
	int64_t now = clock_ms();
	pthread_mutex_lock(&p->lock);
	/* the first come one by one, and wait for the plan: a window without work would make whatever comes after it look like a success */
	bool coming = p->tune.lanes == 0 && (p->busy > p->window_lanes || work_done(p->flow->count) == p->window_work);
	if (p->window_began == 0 || coming)
		begin_window(p, now);
	if (p->window_lanes == 0)
		p->window_lanes = p->busy;
	p->window_steady = p->window_steady && p->busy == p->window_lanes;
	if (now - p->window_began >= WINDOW_MS)
		end_window(p, now);
	tell_lanes(p);
	pthread_mutex_unlock(&p->lock);
}

bool pool_finished(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	bool finished = !work_left(p);
	pthread_mutex_unlock(&p->lock);
	return finished;
}
