/* The writer's loop: items from the reader, events from the target. */
#include "core/flow/substitute.h"
#include "core/flow/writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"

/* So many batches that are not full may be at the target at once. */
#define SENT_SMALL 4

void writer_done_bytes(struct writer *w, struct item *item)
{
	queue_done(w->lane->queue, item->bytes);
	item_free(item);
}

int writer_problem(struct writer *w, const struct move *m, const struct problem *problem, struct error *err)
{
	struct problem p = *problem;
	p.account = m->account->row.id;
	p.folder = m->folder;
	p.message_id = p.message_id ? p.message_id : "";
	p.file = p.file ? p.file : "";
	p.hint = p.hint ? p.hint : "";
	return pool_problem(w->flow, m->account, m, &p, err);
}

void writer_ask_rest(struct writer *w, struct move *m)
{
	struct task *t = x_calloc(1, sizeof *t);
	t->move = m;
	t->copy_pending = t->check_all = true;
	lane_ask(w->lane, t);
}

/* ---- opening a target folder ---- */

static struct move *preparing(struct writer *w, unsigned ask)
{
	for (size_t i = 0; i < w->moves_count; i++)
		if (w->moves[i]->prepare == ask && ask)
			return w->moves[i];
	return NULL;
}

static int opened(struct writer *w, struct move *m, const struct box *box, struct error *err)
{
	bool renumbered = false;
	if (store_mailbox_seen(w->flow->store, m->mailbox, box->validity, box->next ? box->next : 1, &renumbered, err) < 0)
		return -1;
	bool strange = renumbered && !m->settle;
	m->target.box = *box;
	m->target_exists = true;
	m->floor = box->next ? box->next : 1;
	if (strange) /* since the listing: the next session starts from what it is now */
		return error_set(err, ERR_FOLDER, N_("the target folder was renumbered meanwhile"));
	return 0;
}

/* ---- events ---- */

static int hand_out(struct writer *w, struct event *e, struct error *err)
{
	struct move *m;
	int ok = 0;
	if (e->kind == EV_APPENDED)
		return batch_answered(w, e->batch, err);
	if (e->kind != EV_NONE && (m = preparing(w, e->ask))) {
		w->at = m;
		if (e->kind == EV_BOX)
			return opened(w, m, &e->box, err);
		m->prepare = 0;
		crash_point("opened");
		m->open = e->err.class == ERR_NONE;
		if (m->open)
			return substitute_keep(w, m, err);
		if (e->err.class == ERR_NAME && !m->refused)
			return substitute_move(w, m, &e->err, err);
		*err = e->err;
		err->class = err->class == ERR_RETRY || err->class == ERR_THROTTLED ? err->class : ERR_FOLDER;
		return error_at(err, "%s", m->target.name);
	}
	if (!check_event(w, e, &ok, err)) {
		mail_free(&e->mail);
		uid_set_free(&e->uids);
	}
	return ok;
}

/* Whoever the event was for: an error is theirs, otherwise work goes on where it was. */
static int take_event(struct writer *w, struct event *e, struct error *err)
{
	struct move *before = w->at;
	int ok = hand_out(w, e, err);
	if (ok == 0)
		w->at = before;
	return ok;
}

int writer_next(struct writer *w, struct error *err)
{
	struct event e;
	if (w->conn->ops->next(w->conn, &e, err) < 0)
		return -1;
	return take_event(w, &e, err);
}

/* While something is waited for nothing is taken from the queue: what comes in there must not wake us, only being stopped. */
static int next_awaited(struct writer *w, struct event *e, struct error *err)
{
	struct lane *lane = w->lane;
	w->stirred = true;
	lane->target_env.wake_fd = lane->halt_read.fd;
	if (atomic_load(&lane->pool->stopping))
		return error_set(err, ERR_CANCELLED, "stopped");
	return w->conn->ops->next(w->conn, e, err);
}

static int await_one(struct writer *w, struct error *err)
{
	struct event e;
	if (next_awaited(w, &e, err) < 0)
		return -1;
	return take_event(w, &e, err);
}

int writer_await(struct writer *w, struct waiting *waiting, struct error *err)
{
	while (!waiting->over) {
		struct event e = { 0 };
		if (next_awaited(w, &e, err) < 0)
			return -1;
		if (e.kind == EV_NONE || e.kind == EV_APPENDED || e.ask != waiting->ask) {
			if (take_event(w, &e, err) < 0)
				return -1;
			continue;
		}
		if (e.kind == EV_MAIL && waiting->move)
			pool_reached(waiting->move, REACH_TARGET, e.mail->uid);
		if (e.kind == EV_BOX)
			waiting->box = e.box;
		for (size_t i = 0; e.kind == EV_UIDS && i < e.uids.count; i++)
			uid_set_add(&waiting->uids, e.uids.range[i].first, e.uids.range[i].last);
		uid_set_free(&e.uids);
		if (e.kind == EV_MAIL && !waiting->mail)
			mail_free(&e.mail);
		else if (e.kind == EV_MAIL && waiting->mail(waiting->ctx, e.mail, err) < 0)
			return -1;
		if (e.kind != EV_ASKED)
			continue;
		waiting->over = true;
		if (e.err.class != ERR_NONE) {
			*err = e.err;
			return -1;
		}
	}
	return 0;
}

int writer_await_quiet(struct writer *w, const struct move *m, struct error *err)
{
	while (m->in_flight > 0)
		if (await_one(w, err) < 0)
			return -1;
	return 0;
}

int writer_await_all(struct writer *w, struct error *err)
{
	while (w->sent_count > 0 || check_open(w))
		if (await_one(w, err) < 0)
			return -1;
	return 0;
}

/* ---- items ---- */

static int begin(struct writer *w, struct move *m, struct error *err)
{
	w->moves = x_room(w->moves, w->moves_count, &w->moves_cap, sizeof(struct move *));
	w->moves[w->moves_count++] = m;
	if (w->flow->order != FLOW_RUN || m->bare) { /* nothing is written */
		m->open = true;
		return 0;
	}
	if (w->conn->ops->prepare(w->conn, &m->target, m->target_exists, &m->prepare, err) < 0)
		return error_at(err, "%s", m->target.name);
	return 0;
}

static int take_item(struct writer *w, struct item *item, struct error *err)
{
	struct move *m = item->move;
	int ok = 0;
	w->at = item->kind == ITEM_LOOK ? NULL : m; /* of a plan that fails nothing is left */
	switch (item->kind) {
	case ITEM_LOOK:
		ok = remap_look(w, m, err);
		break;
	case ITEM_BEGIN:
		ok = begin(w, m, err);
		break;
	case ITEM_MAIL:
		return batch_mail(w, item, err);
	case ITEM_WHOLE:
		return check_reread(w, item, err);
	case ITEM_FACTS:
		check_take(w, item);
		return 0;
	case ITEM_TOLD:
		m->told = true;
		ok = batch_send(w, err);
		break;
	}
	writer_done_bytes(w, item);
	return ok;
}

/* Mail waits until its folder is open; so does everything behind it. */
static int take_items(struct writer *w, struct error *err)
{
	bool closed = queue_closed(w->lane->queue);
	for (;;) {
		struct item *item = w->held ? w->held : queue_take(w->lane->queue);
		if (!item)
			break;
		bool stop = atomic_load(&w->lane->pool->stopping);
		w->held = NULL;
		if (stop) {
			writer_done_bytes(w, item);
			continue;
		}
		if (item->kind > ITEM_BEGIN && !item->move->open) {
			w->held = item;
			break;
		}
		if (take_item(w, item, err) < 0)
			return -1;
	}
	w->ended = !w->held && closed;
	/* what can't be taken must not wake us */
	w->lane->target_env.wake_fd = w->held || w->ended ? -1 : queue_fd(w->lane->queue);
	return 0;
}

/* ---- the loop ---- */

static int settle_opened(struct writer *w, struct error *err)
{
	for (size_t i = 0; i < w->moves_count; i++) {
		struct move *m = w->moves[i];
		bool settle = m->settle, narrow = m->narrow && !m->since.known;
		if (!(settle || narrow) || !m->open || m->prepare)
			continue;
		m->settle = false;
		w->at = m;
		if ((narrow && since_look(w, m, err) < 0) || (settle && settle_move(w, m, err) < 0))
			return error_at(err, "%s", m->target.name);
		if (!settle)
			writer_ask_rest(w, m);
	}
	return 0;
}

static bool settled_with_target(const struct move *m)
{
	return !m->finished && m->open && m->told && !m->settle && m->in_flight == 0 && m->facts_waiting == 0;
}

static int finish_ready(struct writer *w, struct error *err)
{
	if (w->refused_count > 0)
		return 0;
	for (size_t i = 0; i < w->moves_count; i++) {
		struct move *m = w->moves[i];
		if (!settled_with_target(m))
			continue;
		w->at = m;
		if (finish_move(w, m, err) < 0)
			return error_at(err, "%s", m->target.name);
	}
	return 0;
}

/* Even a small batch is worth sending when all before it has left: the line would stand until that is answered. Behind something it may still grow. */
static bool line_is_free(const struct writer *w)
{
	return w->sent_count == 0 || (w->sent_count < SENT_SMALL && w->sent[w->sent_count - 1]->complete);
}

static int step(struct writer *w, struct error *err)
{
	if (take_items(w, err) < 0 || settle_opened(w, err) < 0)
		return -1;
	while (w->refused_count > 0)
		if (batch_refused(w, err) < 0)
			return -1;
	if (line_is_free(w) && batch_send(w, err) < 0)
		return -1;
	return check_start(w, err) < 0 || finish_ready(w, err) < 0 ? -1 : 0;
}

static bool idle(const struct writer *w)
{
	return w->sent_count == 0 && !w->filling && !w->facts_first && !check_open(w);
}

/* Asked to stop: what was sent is waited for and recorded, nothing else begins. */
static int drain(struct writer *w, struct error *err)
{
	while (w->sent_count > 0)
		if (take_items(w, err) < 0 || writer_next(w, err) < 0)
			return -1;
	for (size_t i = 0; i < w->moves_count; i++)
		if (batch_record(w, w->moves[i], err) < 0)
			return -1;
	return 0;
}

static int work(struct writer *w, struct error *err)
{
	for (;;) {
		if (atomic_load(&w->lane->pool->stopping))
			return drain(w, err);
		w->stirred = false;
		if (step(w, err) < 0) /* stopped in the middle of waiting */
			return err->class == ERR_CANCELLED && atomic_load(&w->lane->pool->stopping) ? drain(w, err) : -1;
		if (w->stirred)
			continue;
		if (w->ended && idle(w))
			return 0;
		if (writer_next(w, err) < 0)
			return -1;
	}
}

/* What it takes at most, and how much room it has. A server that does not say is no fault. */
static int ask_limits(struct writer *w, struct error *err)
{
	struct account *a = w->lane->account;
	struct door_facts facts = { 0 };
	if (!w->conn->ops->describe)
		return 0;
	if (w->conn->ops->describe(w->conn, &facts, err) < 0)
		return err->class == ERR_MESSAGE || err->class == ERR_FOLDER || err->class == ERR_QUOTA ? 0 : -1;
	atomic_store(&a->append_limit, facts.append_limit);
	a->has_quota = facts.has_quota;
	a->quota_free = facts.quota_limit > facts.quota_used ? facts.quota_limit - facts.quota_used : 0;
	return 0;
}

static int open_target(struct writer *w, struct error *err)
{
	struct lane *lane = w->lane;
	struct account *a = lane->account;
	if (lane_open(lane, SIDE_TARGET, err) < 0)
		return -1;
	w->conn = lane->target;
	if (!lane->planner)
		return 0;
	if (w->conn->ops->list(w->conn, &a->target, err) < 0)
		return error_at(err, "%s: target", a->job->name);
	pthread_mutex_lock(&lane->lock);
	a->target_listed = true;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
	return ask_limits(w, err); /* while the reader plans and lists */
}

void *writer_main(void *pointer)
{
	struct writer w = { .lane = pointer };
	struct lane *lane = w.lane;
	struct error err = { 0 };
	w.flow = lane->pool->flow;
	bool failed = open_target(&w, &err) < 0 || work(&w, &err) < 0;
	if (failed) {
		error_at(&err, "%s", lane->account->job->name);
		lane_fail(lane, w.at, &err);
	}
	if (lane->target)
		lane->target->ops->close(&lane->target, !failed);
	if (w.held)
		writer_done_bytes(&w, w.held);
	batch_abandon(&w);
	check_abandon(&w);
	pthread_mutex_lock(&lane->lock);
	lane->writer_gone = true;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
	return NULL;
}
