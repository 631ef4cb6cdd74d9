/* A lane's session broke: the one place where trying again is decided. */
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/flow/lane.h"

#define BACKOFF_FIRST_MS 500
#define BACKOFF_MAX_MS 30000
#define LOGIN_AGAIN_MS 3000
#define MOVE_FAILURES_MAX 3
/* So long a server's word counts that it has no room for more connections; and another account's progress, that it is well. */
#define NO_ROOM_MS 300000
#define WELL_MS 60000
/* So long after the wait that a server has asked for its account has half the lanes. */
#define SPARED_MS 60000

static void back_off(struct account *a, const struct error *err)
{
	int64_t now = clock_ms();
	if (now < a->not_before && !err->wait_ms)
		return; /* a sister lane fell with it: one failure, not two */
	if (atomic_load(&a->progress) > a->failed_at)
		a->failures = 0; /* it went well in between */
	a->failed_at = now;
	int64_t wait = BACKOFF_FIRST_MS << (a->failures < 7 ? a->failures : 7);
	if (wait > BACKOFF_MAX_MS)
		wait = BACKOFF_MAX_MS;
	wait += wait * (int64_t)(now % 251) / 1000; /* lanes that fell together should not rise together */
	if (wait < (int64_t)err->wait_ms)
		wait = err->wait_ms;
	a->failures++;
	a->not_before = now + wait;
}

bool pool_signed_in_before(const struct account *a)
{
	return a->row.source_signed_in && a->row.target_signed_in;
}

static void temporary(struct pool *p, struct account *a, const struct error *err)
{
	int64_t still = clock_ms() - atomic_load(&a->progress);
	if (still >= p->flow->job->give_up_ms)
		a->err = *err;
	else
		back_off(a, err);
}

/* The wait alone would bring back all that was too much. Lanes that fell together count once. */
static void throttled(struct pool *p, struct account *a, const struct error *err)
{
	bool fresh = clock_ms() >= a->not_before;
	temporary(p, a, err);
	if (fresh) {
		a->room = a->lanes > 1 ? a->lanes / 2 : 1;
		atomic_fetch_add(&p->flow->count->throttled, 1);
		log_line(p->flow->log, "%s: from now on %u lanes", a->job->name, a->room);
	}
	a->room_until = a->not_before + SPARED_MS;
}

static void folder_failed(struct pool *p, struct account *a, struct move *m, const struct error *err)
{
	if (!m) {
		temporary(p, a, err);
		return;
	}
	if (++m->failures >= MOVE_FAILURES_MAX) {
		struct problem problem = { .account = a->row.id, .folder = m->folder, .side = SIDE_NONE, .severity = "error", .code = "folder-failed", .text = err->text,
			.hint = N_("look at this folder on both servers, then run again"), .message_id = "", .file = "" };
		struct error ignored;
		pool_problem(p->flow, a, m, &problem, &ignored);
		m->stage = MOVE_DONE;
		return;
	}
	back_off(a, err);
}

void pool_failed(struct pool *p, struct account *a, struct move *m, const struct error *err)
{
	pthread_mutex_lock(&p->lock);
	log_line(p->flow->log, "%s: %s: %s [%s]", a->job->name, err->where, err->text, error_class_name(err->class));
	if (a->stage == ACCOUNT_PLANNING) {
		plan_forget(a);
		a->stage = ACCOUNT_NEW;
	}
	switch (err->class) {
	case ERR_CANCELLED:
		break;
	case ERR_RETRY:
		temporary(p, a, err);
		break;
	case ERR_THROTTLED:
		throttled(p, a, err);
		break;
	case ERR_FOLDER:
	case ERR_MESSAGE:
		folder_failed(p, a, m, err);
		break;
	case ERR_LOGIN:
		/* believed after a second try; after we were in once, it may be an outage */
		if (!err->certain && pool_signed_in_before(a))
			temporary(p, a, err);
		else if (!err->certain && ++a->logins_refused < 2)
			a->not_before = clock_ms() + LOGIN_AGAIN_MS;
		else
			a->err = *err;
		break;
	default:
		a->err = *err;
	}
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* Whether another account is at work on that host. */
static bool host_is_well(const struct pool *p, const struct account *a, const char *host)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct account *other = &p->accounts[i];
		if (other != a && other->stage == ACCOUNT_READY && other->lanes > 0 && pool_sides_at(other, host) > 0 && clock_ms() - atomic_load(&other->progress) < WELL_MS)
			return true;
	}
	return false;
}

bool pool_shut_out(struct pool *p, struct account *a, enum side side, const struct error *err)
{
	const struct job_end *end = side == SIDE_SOURCE ? &a->job->source : &a->job->target;
	bool may_be_full = err->class == ERR_RETRY || (err->class == ERR_LOGIN && !err->certain), quiet = false;
	pthread_mutex_lock(&p->lock);
	if (may_be_full && a->stage == ACCOUNT_READY && a->lanes > 1) {
		unsigned most = pool_lanes_max(a), let_in = most < a->lanes ? most : a->lanes; /* those that were shut out before may not have left yet */
		a->room = let_in > 1 ? let_in - 1 : 1;
		a->room_until = clock_ms() + NO_ROOM_MS;
		atomic_fetch_add(&p->flow->count->shut_out, 1);
		log_line(p->flow->log, "%s: %s has room for %u connections of this account: %s", a->job->name, end->host, a->room, err->text);
		quiet = true;
	} else if (err->class == ERR_RETRY && host_is_well(p, a, end->host)) {
		pool_progress(a); /* it waits for its turn: give_up does not count */
	}
	pthread_mutex_unlock(&p->lock);
	return quiet;
}
