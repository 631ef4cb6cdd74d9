/* A lane's life: sessions with one account after another, and what to do when one breaks. */
#include "core/flow/lane.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

void task_free(struct task *t)
{
	uid_set_free(&t->copy);
	uid_set_free(&t->meta);
	uid_set_free(&t->head);
	uid_set_free(&t->digest);
	ahead_spoil(t);
	for (size_t i = 0; i < CHUNKS_AHEAD; i++)
		uid_set_free(&t->sent[i].set);
	free(t);
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		mail_free(&f->mails[i]);
	free(f->mails);
	free(f);
}

void item_free(void *pointer)
{
	struct item *item = pointer;
	mail_free(&item->mail);
	facts_free(item->facts);
	free(item);
}

int lane_fail(struct lane *lane, struct move *m, const struct error *err)
{
	pthread_mutex_lock(&lane->lock);
	if (!lane->failed) {
		lane->failed = true;
		lane->err = *err;
		lane->err_move = m;
	}
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
	cancel_fire(&lane->halt_read);
	cancel_fire(&lane->halt);
	if (lane->queue)
		queue_close(lane->queue);
	return -1;
}

void lane_ask(struct lane *lane, struct task *task)
{
	pthread_mutex_lock(&lane->lock);
	struct task **at = &lane->tasks;
	while (*at)
		at = &(*at)->next;
	*at = task;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
}

void lane_move_done(struct lane *lane, struct move *m)
{
	pool_release(lane->pool, m, true);
	pool_progress(lane->account);
	pthread_mutex_lock(&lane->lock);
	lane->unfinished--;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
}

int lane_open(struct lane *lane, enum side side, struct error *err)
{
	struct account *a = lane->account;
	const struct flow *flow = lane->pool->flow;
	bool source = side == SIDE_SOURCE;
	struct conn **conn = source ? &lane->source : &lane->target;
	int64_t began = clock_ms();
	if (flow->open(flow->open_ctx, conn, source ? &a->job->source : &a->job->target, source ? &lane->source_env : &lane->target_env, err) < 0) {
		pthread_mutex_lock(&lane->lock);
		lane->shut_out = lane->failed ? lane->shut_out : side; /* else only because the session is over */
		pthread_mutex_unlock(&lane->lock);
		return error_at(err, "%s: %s", a->job->name, source ? "source" : "target");
	}
	int64_t took = clock_ms() - began;
	if (store_signed_in(flow->store, a->row.id, side, (*conn)->ops->capabilities(*conn), err) < 0)
		return -1;
	return join_signed_in(lane, took, err);
}

/* ---- a session: one account, one pair of connections ---- */

static void move_reset(struct move *m)
{
	uid_set_free(&m->listed);
	uid_set_free(&m->left_out);
	uid_set_free(&m->suspect);
	uid_set_free(&m->doubtful);
	uid_set_free(&m->unsure);
	uid_set_free(&m->lost);
	uid_set_free(&m->by_head);
	uid_set_free(&m->by_digest);
	uid_set_free(&m->deferred);
	uid_set_free(&m->strays);
	uid_set_free(&m->strayed);
	uid_set_free(&m->suspects);
	uid_set_free(&m->reread);
	uid_set_free(&m->reread_done);
	uid_set_free(&m->redated);
	uid_set_free(&m->by_meta);
	uid_set_free(&m->missing);
	uid_set_free(&m->found);
	uid_set_free(&m->changed);
	uid_set_free(&m->quiet);
	uid_set_free(&m->alike);
	for (size_t i = 0; i < m->flags_count; i++) {
		flags_free(&m->flags[i].change.add);
		flags_free(&m->flags[i].source);
	}
	free(m->flags);
	free(m->twins);
	elsewhere_free(m->elsewhere, m->elsewhere_count);
	m->elsewhere = NULL;
	m->elsewhere_count = 0;
	m->flags = NULL;
	m->twins = NULL;
	m->twins_count = 0;
	m->flags_count = m->flags_cap = 0;
	m->prepare = m->in_flight = m->facts_waiting = 0;
	m->settle = m->open = m->looked_fresh = m->told = m->finished = m->resent = m->rechecked = m->reopened = m->last_look = m->bare = m->narrow = m->strange = false;
	m->looks = 0;
	m->looked = m->since = (struct box){ 0 };
	m->sampled = m->found_once = 0;
}

static int list_source(struct lane *lane, struct error *err)
{
	struct account *a = lane->account;
	if (!lane->planner)
		return 0;
	if (lane->source->ops->list(lane->source, &a->source, err) < 0)
		return error_at(err, "%s: source", a->job->name);
	return 0;
}

static int ask_look(struct lane *lane, struct move *m, struct error *err)
{
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = ITEM_LOOK;
	item->move = m;
	item->bytes = sizeof *item;
	if (queue_put(lane->queue, item, item->bytes) == 0)
		return 0;
	item_free(item);
	return error_set(err, ERR_CANCELLED, "the writer has gone");
}

/* Has the writer search the new place of folders whose mail was copied elsewhere, before anything of the account begins. */
static int find_remapped(struct lane *lane, struct error *err)
{
	struct account *a = lane->account;
	unsigned looks = 0;
	for (size_t i = 0; i < a->count; i++)
		looks += a->moves[i].was != NULL;
	if (looks == 0)
		return 0;
	pthread_mutex_lock(&lane->lock);
	lane->looks = looks;
	pthread_mutex_unlock(&lane->lock);
	for (size_t i = 0; i < a->count; i++)
		if (a->moves[i].was && ask_look(lane, &a->moves[i], err) < 0)
			return -1;
	pthread_mutex_lock(&lane->lock);
	while (lane->looks > 0 && !lane->failed && !lane->writer_gone && !atomic_load(&lane->pool->stopping))
		pthread_cond_wait(&lane->changed, &lane->lock);
	bool failed = lane->looks > 0;
	pthread_mutex_unlock(&lane->lock);
	return failed ? error_set(err, ERR_CANCELLED, "the target can't be searched") : plan_settled(lane->pool, a, err);
}

/* Every account has an INBOX. Where nothing is known from an earlier run, an outage would look like a move that is through. */
static int lists_anything(const struct account *a, struct error *err)
{
	if (a->source.count > 0 || a->source.unread > 0)
		return 0;
	return error_set(err, ERR_RETRY, "the old server lists no folder, not even INBOX");
}

/* Waits for the writer to have listed the target, then plans; or for the lane that does. */
static int plan(struct lane *lane, struct error *err)
{
	struct account *a = lane->account;
	if (!lane->planner) {
		join_wait(lane);
		return 0;
	}
	pthread_mutex_lock(&lane->lock);
	while (!a->target_listed && !lane->failed && !lane->writer_gone)
		pthread_cond_wait(&lane->changed, &lane->lock);
	bool failed = !a->target_listed;
	pthread_mutex_unlock(&lane->lock);
	if (failed)
		return error_set(err, ERR_CANCELLED, "the target can't be listed");
	if (drift_source(a, err) < 0 || guard_source(lane->pool, a, err) < 0 || lists_anything(a, err) < 0 || plan_account(lane, err) < 0 || find_remapped(lane, err) < 0 ||
		seal_skip(lane->pool, a, err) < 0)
		return error_at(err, "%s", a->job->name);
	pool_progress(a);
	uint64_t listed = 0;
	for (size_t i = 0; i < a->count; i++)
		listed += a->moves[i].source->box.exists;
	atomic_store(&a->seen->listed, listed);
	pool_stage(a, STAGE_AT_WORK);
	pthread_mutex_lock(&lane->pool->lock);
	a->stage = ACCOUNT_READY;
	pthread_cond_broadcast(&lane->pool->changed);
	pthread_mutex_unlock(&lane->pool->lock);
	return 0;
}

static struct task *take_task(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	struct task *t = lane->tasks;
	if (t)
		lane->tasks = t->next;
	pthread_mutex_unlock(&lane->lock);
	return t;
}

struct task *lane_claim(struct lane *lane, unsigned in_hand)
{
	struct move *m = pool_claim(lane->pool, lane, in_hand);
	if (!m)
		return NULL;
	move_reset(m);
	pthread_mutex_lock(&lane->lock);
	lane->claimed = x_room(lane->claimed, lane->claimed_count, &lane->claimed_cap, sizeof(struct move *));
	lane->claimed[lane->claimed_count++] = m;
	lane->unfinished++;
	pthread_mutex_unlock(&lane->lock);
	struct task *t = x_calloc(1, sizeof *t);
	t->move = m;
	t->begin = true;
	t->check_all = lane->pool->flow->order != FLOW_PLAN;
	t->copy_pending = lane->pool->flow->order == FLOW_RUN;
	t->forecast = lane->pool->flow->order == FLOW_PLAN;
	return t;
}

/* With nothing to claim: the writer may still want something read, and what is done may make way for another move. false: the session is over. */
static bool wait_for_writer(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	bool waited = lane->unfinished > 0;
	atomic_store(&lane->read_all, true);
	while (!lane->tasks && lane->unfinished > 0 && !lane->failed && !lane->writer_gone && !atomic_load(&lane->pool->stopping))
		pthread_cond_wait(&lane->changed, &lane->lock);
	atomic_store(&lane->read_all, false);
	bool more = (lane->tasks || (waited && lane->unfinished == 0)) && !lane->failed;
	pthread_mutex_unlock(&lane->lock);
	return more;
}

/* Asked to stop, the reader just ends; the writer still waits for the answers to what it has sent. */
static void read_failed(struct lane *lane, struct move *m, const struct error *err)
{
	if (err->class != ERR_CANCELLED || !atomic_load(&lane->pool->stopping))
		lane_fail(lane, m, err);
}

/* What was asked for already comes first: it is on its way. */
static struct task *next_task(struct lane *lane)
{
	struct task *t = ahead_take(lane);
	if (!t)
		t = take_task(lane);
	if (t)
		return t;
	ahead_more(lane);
	return ahead_take(lane);
}

static void read_session(struct lane *lane)
{
	struct error err = { 0 };
	struct move *m = NULL;
	if (lane_open(lane, SIDE_SOURCE, &err) < 0 || list_source(lane, &err) < 0 || plan(lane, &err) < 0) {
		read_failed(lane, NULL, &err);
		return;
	}
	for (;;) {
		struct task *t = next_task(lane);
		if (!t && wait_for_writer(lane))
			continue;
		if (!t)
			return;
		m = t->move;
		int ok = reader_do(lane, t, &err);
		task_free(t);
		if (ok < 0) {
			read_failed(lane, m, &err);
			return;
		}
	}
}

static void session_begin(struct lane *lane, struct account *a)
{
	struct pool *p = lane->pool;
	lane->account = a;
	pthread_mutex_lock(&lane->lock);
	lane->queue = queue_new(p->lane_bytes);
	pthread_mutex_unlock(&lane->lock);
	if (lane->queue)
		lane->target_env.wake_fd = queue_fd(lane->queue);
}

static void session_end(struct lane *lane)
{
	struct pool *p = lane->pool;
	for (struct task *t; (t = ahead_take(lane)) || (t = take_task(lane));)
		task_free(t);
	pthread_mutex_lock(&lane->lock);
	queue_free(&lane->queue, item_free);
	pthread_mutex_unlock(&lane->lock);
	for (size_t i = 0; i < lane->claimed_count; i++) {
		move_reset(lane->claimed[i]);
		if (lane->claimed[i]->stage == MOVE_CLAIMED)
			pool_release(p, lane->claimed[i], false);
	}
	lane->claimed_count = 0;
	lane->unfinished = 0;
	join_wait(lane); /* what is said of an account that is being planned is its planner's to say */
	if (lane->failed)
		pool_leaves(p, lane);
	if (lane->failed && (lane->shut_out == SIDE_NONE || !pool_shut_out(p, lane->account, lane->shut_out, &lane->err)))
		pool_failed(p, lane->account, lane->err_move, &lane->err);
	lane->failed = lane->writer_gone = false;
	lane->shut_out = SIDE_NONE;
	if (atomic_load(&p->stopping))
		return;
	cancel_reset(&lane->halt_read);
	cancel_reset(&lane->halt);
	if (atomic_load(&p->stopping)) /* it may have been asked just now */
		cancel_fire(&lane->halt_read);
}

static bool lane_failed(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	bool failed = lane->failed;
	pthread_mutex_unlock(&lane->lock);
	return failed;
}

static void leave_source(struct lane *lane, bool orderly)
{
	if (lane->source)
		lane->source->ops->close(&lane->source, orderly);
}

static void session(struct lane *lane, struct account *a)
{
	session_begin(lane, a);
	if (!lane->queue || pthread_create(&lane->writer_thread, NULL, writer_main, lane) != 0) {
		struct error err;
		error_set(&err, ERR_RETRY, "no thread or file descriptor to be had");
		lane_fail(lane, NULL, &err);
	} else {
		read_session(lane);
		queue_close(lane->queue);
		if (!lane_failed(lane)) /* both servers are left at the same time */
			leave_source(lane, true);
		pthread_join(lane->writer_thread, NULL);
	}
	leave_source(lane, !lane->failed);
	session_end(lane);
	pool_leave(lane->pool, lane);
}

void lane_stop(struct lane *lane)
{
	cancel_fire(&lane->halt_read);
	pthread_mutex_lock(&lane->lock);
	if (lane->queue)
		queue_close(lane->queue);
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
}

static void *lane_main(void *pointer)
{
	struct lane *lane = pointer;
	struct account *a;
	while ((a = pool_account(lane->pool, lane->index)))
		session(lane, a);
	return NULL;
}

int lane_start(struct lane *lane, struct pool *pool, unsigned index)
{
	const struct flow *flow = pool->flow;
	*lane = (struct lane){ .pool = pool, .index = index };
	if (cancel_init(&lane->halt_read) < 0 || cancel_init(&lane->halt) < 0)
		return -1;
	const char *spool = flow->spool_dir;
	struct pace *pace = flow->job->rate > 0 ? &pool->pace : NULL;
	lane->source_env = (struct conn_env){ .cancel = &lane->halt_read, .wake_fd = -1, .spool_dir = spool, .log = flow->log, .wire = flow->wire,
		.early = reader_early, .early_ctx = lane, .pace = pace };
	lane->target_env = (struct conn_env){ .cancel = &lane->halt, .wake_fd = -1, .spool_dir = spool, .log = flow->log, .wire = flow->wire, .pace = pace,
		.writer = true };
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->changed, NULL);
	return pthread_create(&lane->thread, NULL, lane_main, lane) == 0 ? 0 : -1;
}

void lane_join(struct lane *lane)
{
	pthread_join(lane->thread, NULL);
	free(lane->claimed);
	cancel_free(&lane->halt_read);
	cancel_free(&lane->halt);
	pthread_mutex_destroy(&lane->lock);
	pthread_cond_destroy(&lane->changed);
}
