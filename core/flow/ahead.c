/* Folders are asked for while mail of others is still coming in: first for their UIDs, some folders ahead; and when those are known, and before it is their turn, for their mail. (Not for
   both at once: Dovecot hands out mail while it still searches.) What comes before its turn is kept. If it is too much, or the folder turns out to be another than it seemed,
   the task is spoilt: all of it is dropped, and asked for anew. */
#include <stdlib.h>

#include "core/base/alloc.h"
#include "core/flow/reader.h"

#define AHEAD_TASKS 4
/* What one lane has claimed no other works on: so many mails at most. */
#define AHEAD_MAILS 250
/* So many folders of which the mail was asked for. */
#define ASKED_AHEAD 2
#define END_MAILS 50 /* so few left: the lane ends */
#define KEPT_BYTES ((size_t)1 << 20)

struct kept {
	struct kept *next;
	struct event event;
};

/* ---- asking ---- */

/* Nothing but its listing decides what of it is copied, all, and that is no more than a chunk. */
static bool copies_all(const struct lane *lane, const struct move *m)
{
	const struct flow *flow = lane->pool->flow;
	bool empty = !m->target_exists || (m->target.box.known && m->target.box.exists == 0), some = m->source_box.next > 1 && m->source_box.exists <= CHUNK_UIDS;
	return m->fresh && empty && some && !m->whole_only && !m->planned && folder_view(m->role) == 0 && flow->order == FLOW_RUN && !flow->deep && !flow->again &&
		!filter_asks(m);
}

static int ask(struct lane *lane, struct task *t, size_t i, enum want want, struct error *err)
{
	struct ask *a = &t->sent[i];
	a->want = want;
	int ok = lane->source->ops->ask(lane->source, t->move->source, &a->set, want, false, &a->number, err);
	a->number = ok < 0 ? 0 : a->number;
	return ok;
}

static void append(struct lane *lane, struct task *t)
{
	struct task **end = &lane->ahead;
	while (*end)
		end = &(*end)->next;
	*end = t;
}

static bool has_tasks(struct lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	bool has = lane->tasks != NULL;
	pthread_mutex_unlock(&lane->lock);
	return has;
}

static bool has_room(const struct lane *lane)
{
	size_t tasks = 0;
	uint64_t mails = 0;
	bool complete = true;
	for (const struct task *t = lane->ahead; t; t = t->next) {
		tasks++;
		mails += t->begin ? t->move->source_box.exists : 0;
		complete = t->complete;
	}
	return complete && tasks < AHEAD_TASKS && mails < AHEAD_MAILS;
}

static unsigned in_hand(const struct lane *lane)
{
	unsigned n = lane->reading != NULL;
	for (const struct task *t = lane->ahead; t; t = t->next)
		n += t->begin;
	return n;
}

/* What can't be asked for now is asked for in its turn: then it is known whose fault it is. */
static void claim_more(struct lane *lane)
{
	struct error ignored;
	while (!lane->nothing_ahead && has_room(lane) && !has_tasks(lane)) {
		struct task *t = lane_claim(lane, in_hand(lane));
		lane->nothing_ahead = !t;
		if (!t)
			break;
		t->complete = copies_all(lane, t->move);
		append(lane, t);
		if (listing_ask(lane, t->move, &t->listing, &ignored) < 0) {
			t->complete = false;
			t->listing = 0;
		}
	}
}

/* What it is supposed to hold, as it came; NULL: it has not come yet, or not well. */
static const struct uid_set *listed(const struct task *t)
{
	const struct uid_set *uids = NULL;
	bool over = false;
	for (const struct kept *k = t->kept; k; k = k->next) {
		if (k->event.ask == t->listing && k->event.kind == EV_UIDS)
			uids = &k->event.uids;
		if (k->event.ask == t->listing && k->event.kind == EV_ASKED)
			over = k->event.err.class == ERR_NONE;
	}
	return over ? uids : NULL;
}

static void ask_listed(struct lane *lane)
{
	struct error ignored;
	size_t asked = 0;
	for (struct task *t = lane->ahead; t && asked < ASKED_AHEAD; t = t->next, asked++) {
		const struct uid_set *uids = t->asked ? NULL : listed(t);
		if (!t->asked && (!t->complete || !uids))
			break;
		if (t->asked || uids->count == 0)
			continue;
		t->asked = true;
		uid_set_join(&t->sent[0].set, uids);
		uid_set_join(&t->sent[1].set, uids);
		if (ask(lane, t, 0, WANT_BODY, &ignored) == 0 && !lane->pool->flow->no_verify)
			ask(lane, t, 1, WANT_META, &ignored);
	}
}

/* Mails that are on their way of what this lane has claimed. */
static uint64_t outstanding(const struct lane *lane)
{
	uint64_t mails = 0;
	for (size_t i = 0; lane->reading && i < CHUNKS_AHEAD; i++)
		if (lane->reading->ask[i].open && lane->reading->ask[i].want == WANT_BODY)
			mails += uid_set_size(&lane->reading->ask[i].set) - uid_set_size(&lane->reading->ask[i].seen);
	for (const struct task *t = lane->ahead; t; t = t->next)
		mails += t->begin ? t->move->source_box.exists : 0;
	return mails;
}

void ahead_more(struct lane *lane)
{
	if (lane->nothing_ahead && !lane->ending && outstanding(lane) < END_MAILS)
		pool_ends(lane->pool, lane);
	claim_more(lane);
	ask_listed(lane);
}

int ahead_sample(struct lane *lane, struct task *task, struct error *err)
{
	struct task *t = x_calloc(1, sizeof *t);
	t->move = task->move;
	t->sample = t->complete = t->asked = true;
	uid_set_join(&t->digest, &task->digest);
	uid_set_join(&t->sent[0].set, &task->digest);
	append(lane, t);
	return ask(lane, t, 0, WANT_DIGEST, err);
}

/* ---- before its turn ---- */

static bool is_of(const struct task *t, const struct event *e)
{
	return e->ask && (e->ask == t->listing || e->ask == t->sent[0].number || e->ask == t->sent[1].number);
}

static void event_free(struct event *e)
{
	mail_free(&e->mail);
	uid_set_free(&e->uids);
}

/* It is lost to the task. */
static void drop(struct task *t, struct event *e)
{
	unsigned *numbers[] = { &t->listing, &t->sent[0].number, &t->sent[1].number };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers && e->kind == EV_ASKED; i++)
		if (*numbers[i] == e->ask)
			*numbers[i] = 0;
	event_free(e);
}

void ahead_spoil(struct task *t)
{
	t->spoilt = true;
	for (struct kept *k; (k = t->kept); free(k)) {
		t->kept = k->next;
		drop(t, &k->event);
	}
}

static size_t kept_max(const struct lane *lane)
{
	size_t share = lane->pool->lane_bytes / 4;
	return share < KEPT_BYTES ? share : KEPT_BYTES;
}

static void keep(const struct lane *lane, struct task *t, struct event *e)
{
	struct kept **end = &t->kept;
	size_t bytes = sizeof **end + (e->mail ? reader_bytes(e->mail) : 0) + e->uids.count * sizeof *e->uids.range;
	if (t->spoilt || t->kept_bytes + bytes > kept_max(lane)) {
		ahead_spoil(t);
		drop(t, e);
		return;
	}
	t->kept_bytes += bytes;
	while (*end)
		end = &(*end)->next;
	*end = x_calloc(1, sizeof **end);
	(*end)->event = *e;
}

static struct task *owner(struct lane *lane, const struct event *e)
{
	struct task *t = lane->reading ? lane->reading->task : NULL;
	if (t && is_of(t, e))
		return t;
	for (t = lane->ahead; t && !is_of(t, e);)
		t = t->next;
	return t;
}

/* What was kept for the task at hand and is asked for now. */
static bool was_kept(struct lane *lane, struct event *e)
{
	struct task *t = lane->reading ? lane->reading->task : NULL;
	struct kept **at = t ? &t->kept : NULL;
	while (at && *at && is_of(t, &(*at)->event))
		at = &(*at)->next;
	if (!at || !*at)
		return false;
	struct kept *k = *at;
	*at = k->next;
	*e = k->event;
	free(k);
	return true;
}

int ahead_next(struct lane *lane, struct event *e, struct error *err)
{
	while (!was_kept(lane, e)) {
		if (lane->source->ops->next(lane->source, e, err) < 0)
			return -1;
		struct task *t = owner(lane, e);
		if (!t)
			return 0;
		keep(lane, t, e);
	}
	return 0;
}

static bool on_its_way(const struct task *t)
{
	return t->listing || t->sent[0].number || t->sent[1].number;
}

int ahead_forget(struct lane *lane, struct task *task, struct error *err)
{
	ahead_spoil(task);
	while (on_its_way(task)) {
		struct event e;
		if (lane->source->ops->next(lane->source, &e, err) < 0)
			return -1;
		struct task *t = owner(lane, &e);
		if (t)
			keep(lane, t, &e);
		else
			event_free(&e);
	}
	return 0;
}

int ahead_quiet(struct lane *lane, struct error *err)
{
	int ok = lane->reading ? ahead_forget(lane, lane->reading->task, err) : 0;
	for (struct task *t = lane->ahead; t && ok == 0; t = t->next)
		ok = ahead_forget(lane, t, err);
	return ok;
}

/* ---- when its turn comes ---- */

struct task *ahead_take(struct lane *lane)
{
	struct task *t = lane->ahead;
	lane->nothing_ahead = false;
	if (t) {
		lane->ahead = t->next;
		t->next = NULL;
	}
	return t;
}

int ahead_listing(struct lane *lane, struct task *task, unsigned *number, struct error *err)
{
	/* listed once more: what else was asked for is what it was the first time */
	if ((task->spoilt || !task->listing) && ahead_forget(lane, task, err) < 0)
		return -1;
	*number = task->listing;
	task->listing = 0;
	return 0;
}

static struct uid_set *set_of(struct task *t, enum want want)
{
	return want == WANT_BODY ? &t->copy : want == WANT_META ? &t->meta : &t->digest;
}

/* Of `from`, what is in a->set stays there, and only that; the rest is left. */
static void split(struct uid_set *from, struct ask *a)
{
	struct uid_set rest = { 0 };
	uid_set_minus(&rest, from, &a->set);
	uid_set_reset(&a->set);
	uid_set_minus(&a->set, from, &rest);
	uid_set_free(from);
	*from = rest;
}

int ahead_sent(struct lane *lane, struct task *task, struct ask open[CHUNKS_AHEAD], unsigned *count, struct error *err)
{
	if (task->spoilt)
		return ahead_forget(lane, task, err);
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		struct ask *a = &task->sent[i];
		if (!a->number)
			continue;
		split(set_of(task, a->want), a);
		open[i] = *a;
		open[i].open = true;
		*a = (struct ask){ 0 };
		(*count)++;
	}
	return 0;
}
