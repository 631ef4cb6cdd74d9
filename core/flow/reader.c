/* The reading half of a lane: streams bodies and facts out of a source folder, in the order of UIDs. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/reader.h"

static void add_all(struct uid_set *to, const struct uid_set *from)
{
	for (size_t i = 0; i < from->count; i++)
		uid_set_add(to, from->range[i].first, from->range[i].last);
}

/* ---- to the writer ---- */

/* What begins a folder goes before the mail that waits, of the folder before: the target opens the next one while that leaves. */
static int put_plain(struct lane *lane, enum item_kind kind, struct move *m, struct error *err)
{
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = kind;
	item->move = m;
	item->bytes = kind == ITEM_BEGIN ? 0 : sizeof *item;
	if (kind != ITEM_BEGIN)
		return reader_put(lane, item, err);
	if (queue_put_first(lane->queue, item) == 0)
		return 0;
	item_free(item);
	return error_set(err, ERR_CANCELLED, "the writer has gone");
}

/* ---- mails and facts ---- */

static int take_body(struct reading *r, struct mail *mail, struct error *err)
{
	struct lane *lane = r->lane;
	if (!mail->body) { /* NIL: the server lists it and has nothing */
		mail_free(&mail);
		return 0;
	}
	enum reason reason = r->task->whole ? REASON_NONE : filter_mail(r->task->move, mail);
	if (reason != REASON_NONE) {
		uid_set_add(&r->skipped[reason], mail->uid, mail->uid);
		mail_free(&mail);
		return 0;
	}
	mail->flags.system &= ~(unsigned)FLAG_DELETED; /* `deleted: copy`: with the mark, whoever tidies up at the target would lose it */
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = r->task->whole ? ITEM_WHOLE : ITEM_MAIL;
	item->move = r->task->move;
	item->mail = mail;
	item->bytes = sizeof *item + reader_bytes(mail);
	return reader_put(lane, item, err);
}

/* ---- asking ---- */

static struct uid_set *next_set(struct reading *r, enum want *want)
{
	struct task *t = r->task;
	bool behind = !t->sample && r->lane->ahead; /* the folder would have to be opened anew: the sample's turn comes later */
	if (uid_set_size(&t->copy) > 0) {
		*want = WANT_BODY;
		return &t->copy;
	}
	if (r->facts)
		return NULL; /* a chunk of them waits for bodies: enough */
	if (uid_set_size(&t->meta) > 0) {
		*want = WANT_META;
		return &t->meta;
	}
	if (behind && uid_set_size(&t->head) == 0)
		return NULL;
	/* bodies and digests look alike on the wire: never both at once */
	if (r->open > 0 && (r->ask[0].open ? r->ask[0].want : r->ask[1].want) != WANT_DIGEST)
		return NULL;
	if (uid_set_size(&t->head) > 0) {
		*want = WANT_HEAD;
		return &t->head;
	}
	*want = WANT_DIGEST;
	return uid_set_size(&t->digest) > 0 ? &t->digest : NULL;
}

static bool all_asked(const struct reading *r)
{
	const struct task *t = r->task;
	return !r->singly && uid_set_size(&t->copy) + uid_set_size(&t->meta) + uid_set_size(&t->head) + uid_set_size(&t->digest) == 0;
}

static int ask_ahead(struct reading *r, struct error *err)
{
	enum want want;
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		struct ask *a = &r->ask[i];
		struct uid_set *from = a->open ? NULL : next_set(r, &want);
		if (!from)
			continue;
		uid_set_reset(&a->set);
		uid_set_reset(&a->seen);
		uid_set_take(from, &a->set, r->singly ? 1 : CHUNK_UIDS, SET_TEXT);
		a->want = want;
		a->open = true;
		r->open++;
		if (r->lane->source->ops->ask(r->lane->source, r->task->move->source, &a->set, want, false, &a->number, err) < 0)
			return -1;
	}
	if (all_asked(r))
		ahead_more(r->lane);
	return 0;
}

static struct ask *ask_of(struct reading *r, unsigned number)
{
	for (size_t i = 0; i < CHUNKS_AHEAD; i++)
		if (r->ask[i].open && r->ask[i].number == number)
			return &r->ask[i];
	return NULL;
}

static void note_missed(struct reading *r, const struct ask *a)
{
	for (size_t i = 0; i < a->set.count; i++)
		for (uint64_t u = a->set.range[i].first; u <= a->set.range[i].last; u++)
			if (!uid_set_has(&a->seen, (uint32_t)u))
				uid_set_add(&r->missed[a->want], (uint32_t)u, (uint32_t)u);
}

static int ask_over(struct reading *r, struct ask *a, const struct error *why, struct error *err)
{
	a->open = false;
	r->open--;
	if (why->class == ERR_THROTTLED) {
		*err = *why;
		return -1;
	}
	/* the server broke off in the middle: what came of it is looked at byte by byte */
	if (why->class != ERR_NONE && a->want == WANT_BODY)
		add_all(&r->task->move->suspect, &a->seen);
	note_missed(r, a);
	return reader_put_facts(r, a, err);
}

/* What the target does not take goes into a file: the writer need not wait for it. */
static bool may_be_early(const struct reading *r, const struct ask *a, const struct mail *mail)
{
	uint64_t limit = atomic_load(&r->lane->account->append_limit);
	bool asked = a && a->want == WANT_BODY && uid_set_has(&a->set, mail->uid) && !uid_set_has(&a->seen, mail->uid);
	return asked && !r->singly && !r->task->whole && !r->task->move->whole_only && (limit == 0 || mail->size <= limit);
}

/* A large mail, while it is still coming in. If it breaks off, so does the session: the target never sees its end. */
bool reader_early(void *ctx, unsigned ask, struct mail *mail)
{
	struct lane *lane = ctx;
	struct reading *r = lane->reading;
	struct ask *a = r ? ask_of(r, ask) : NULL;
	struct error ignored; /* the session is over then, and next() says so */
	if (!r || !may_be_early(r, a, mail))
		return false;
	uid_set_add(&a->seen, mail->uid, mail->uid);
	take_body(r, mail, &ignored);
	return true;
}

static int take_event(struct reading *r, struct event *e, struct error *err)
{
	struct ask *a = ask_of(r, e->ask);
	if (listing_holds(r->task->move, e, err) < 0)
		return -1;
	if (e->kind == EV_ASKED && a)
		return ask_over(r, a, &e->err, err);
	if (e->kind != EV_MAIL)
		return 0;
	if (!a || !uid_set_has(&a->set, e->mail->uid) || uid_set_has(&a->seen, e->mail->uid)) {
		mail_free(&e->mail); /* not asked for, or told twice */
		return 0;
	}
	pool_reached(r->task->move, a->want == WANT_BODY ? REACH_BODIES : REACH_FACTS, e->mail->uid);
	bool has = a->want != WANT_BODY || e->mail->body;
	if (has)
		uid_set_add(&a->seen, e->mail->uid, e->mail->uid);
	if (a->want == WANT_BODY)
		return take_body(r, e->mail, err);
	reader_take_fact(r, a, e->mail);
	return 0;
}

static int stream(struct reading *r, struct error *err)
{
	for (;;) {
		struct event e;
		if (ask_ahead(r, err) < 0)
			return -1;
		if (r->open == 0)
			return 0;
		if (ahead_next(r->lane, &e, err) < 0 || take_event(r, &e, err) < 0)
			return -1;
	}
}

/* ---- beginning ---- */

static int begin(struct reading *r, struct error *err)
{
	struct move *m = r->task->move;
	if (listing_begin(r->lane, r->task, err) < 0)
		return -1;
	crash_point("listed");
	m->whole_only = m->whole_only || m->settle;
	r->wait = m->settle || m->narrow; /* from here on it is the writer's */
	return put_plain(r->lane, ITEM_BEGIN, m, err);
}

/* ---- what was listed and not handed over ---- */

/* Of what was not handed over: what a fresh look still lists (*again), the rest has vanished. */
static int sort_missed(struct reading *r, struct uid_set *missed, struct uid_set *again, struct error *err)
{
	struct lane *lane = r->lane;
	struct move *m = r->task->move;
	struct uid_set range = { 0 }, listed = { 0 }, gone = { 0 };
	struct box box = m->source_box;
	unsigned number;
	if (missed->count == 0)
		return 0;
	uid_set_add(&range, missed->range[0].first, missed->range[missed->count - 1].last);
	int ok = lane->source->ops->ask(lane->source, m->source, &range, WANT_UIDS, true, &number, err);
	if (ok == 0)
		ok = listing_await(lane, 1, &box, &listed, err);
	if (ok == 0 && box.validity != m->source_box.validity)
		ok = error_set(err, ERR_FOLDER, N_("the folder was renumbered meanwhile"));
	for (size_t i = 0; ok == 0 && i < missed->count; i++)
		for (uint64_t u = missed->range[i].first; u <= missed->range[i].last; u++)
			uid_set_add(uid_set_has(&listed, (uint32_t)u) ? again : &gone, (uint32_t)u, (uint32_t)u);
	if (ok == 0)
		ok = store_vanish(lane->pool->flow->store, m->folder, &gone, err);
	uid_set_reset(missed);
	uid_set_free(&range);
	uid_set_free(&listed);
	uid_set_free(&gone);
	return ok;
}

/* What is still listed is asked for once more, one at a time: a mail that the server stumbles over must not take others with it. What does not
   come then is refused. Those that came late were not there when their chunk was compared. */
static int look_again(struct reading *r, struct error *err)
{
	const struct flow *flow = r->lane->pool->flow;
	struct uid_set again = { 0 };
	if (uid_set_size(&r->missed[WANT_BODY]) == 0)
		return 0;
	int ok = sort_missed(r, &r->missed[WANT_BODY], &again, err);
	add_all(&r->task->copy, &again);
	r->singly = true;
	if (ok == 0)
		ok = stream(r, err);
	r->singly = false;
	if (ok == 0 && !flow->no_verify) {
		add_all(flow->deep ? &r->task->digest : &r->task->meta, &again);
		ok = stream(r, err);
	}
	uid_set_free(&again);
	return ok;
}

/* What is listed and can't be read. A body that did not come is refused; facts that did not are told. */
static int report_unread(struct reading *r, enum want want, struct error *err)
{
	struct flow const *flow = r->lane->pool->flow;
	struct move *m = r->task->move;
	const struct uid_set *unread = &r->missed[want];
	for (size_t i = 0; i < unread->count; i++)
		for (uint64_t u = unread->range[i].first; u <= unread->range[i].last; u++) {
			struct problem problem = { .account = m->account->row.id, .folder = m->folder, .uid = (uint32_t)u, .side = SIDE_SOURCE, .severity = "error", .code = "message-unreadable",
				.text = N_("the old server lists this message and does not hand it over"), .hint = N_("open it in the old mailbox; ask the old provider if it can't be opened there either"),
				.message_id = "", .file = "" };
			if ((want == WANT_BODY && store_refuse(flow->store, m->folder, (uint32_t)u, err) < 0) || pool_problem(flow, m->account, m, &problem, err) < 0)
				return -1;
		}
	return 0;
}

/* Facts that did not come, once more, one mail at a time. */
static int tell_again(struct reading *r, struct error *err)
{
	struct task *t = r->task;
	struct uid_set *to[] = { [WANT_META] = &t->meta, [WANT_HEAD] = &t->head, [WANT_DIGEST] = &t->digest };
	static const enum want facts[] = { WANT_META, WANT_HEAD, WANT_DIGEST };
	int ok = 0;
	if (uid_set_size(&r->missed[WANT_META]) + uid_set_size(&r->missed[WANT_HEAD]) + uid_set_size(&r->missed[WANT_DIGEST]) == 0)
		return 0;
	for (size_t i = 0; ok == 0 && i < sizeof facts / sizeof *facts; i++)
		if (uid_set_size(&r->missed[facts[i]]) > 0)
			ok = sort_missed(r, &r->missed[facts[i]], to[facts[i]], err);
	r->singly = true;
	if (ok == 0)
		ok = stream(r, err);
	r->singly = false;
	for (size_t i = 0; ok == 0 && i < sizeof facts / sizeof *facts; i++)
		ok = report_unread(r, facts[i], err);
	return ok;
}

/* ---- a task ---- */

static int record_skipped(struct reading *r, struct error *err)
{
	for (enum reason why = REASON_NONE; why <= REASON_SIZE; why++)
		if (uid_set_size(&r->skipped[why]) > 0 && store_skip(r->lane->pool->flow->store, r->task->move->folder, &r->skipped[why], why, err) < 0)
			return -1;
	return 0;
}

/* For a progress display: what this folder has to do, once. */
static int count_work(struct reading *r, struct error *err)
{
	const struct flow *flow = r->lane->pool->flow;
	struct move *m = r->task->move;
	struct uid_set there = { 0 };
	if (m->counted)
		return 0;
	m->counted = true;
	int ok = store_uids(flow->store, m->folder, WHICH_THERE, &there, err);
	atomic_fetch_add(&m->account->seen->there, uid_set_size(&there));
	atomic_fetch_add(&flow->count->listed, uid_set_size(&m->listed));
	uid_set_free(&there);
	return ok;
}

static int pending_of(struct reading *r, struct error *err)
{
	struct task *t = r->task;
	if (!t->copy_pending)
		return 0;
	if (filter_twins(r->lane, t->move, err) < 0)
		return -1;
	return store_uids(r->lane->pool->flow->store, t->move->folder, WHICH_PENDING, &t->copy, err);
}

static int forecast(struct reading *r, struct error *err)
{
	if (filter_rows(r->lane, r->task->move, true, err) < 0 || filter_twins(r->lane, r->task->move, err) < 0 || foresee_folder(r->lane, r->task->move, err) < 0)
		return -1;
	return put_plain(r->lane, ITEM_TOLD, r->task->move, err);
}

static int carry_out(struct reading *r, struct error *err)
{
	struct lane *lane = r->lane;
	struct task *t = r->task;
	const struct flow *flow = lane->pool->flow;
	if (t->begin && begin(r, err) < 0)
		return -1;
	if (r->wait)
		return 0; /* the writer looks first, then asks for the rest */
	if (count_work(r, err) < 0)
		return -1;
	if (t->forecast)
		return forecast(r, err);
	if (pending_of(r, err) < 0)
		return -1;
	if (t->check_all && !flow->no_verify)
		filter_left(t->move, flow->deep ? &t->digest : &t->meta);
	if (ahead_sent(lane, t, r->ask, &r->open, err) < 0)
		return -1;
	if (stream(r, err) < 0 || look_again(r, err) < 0 || report_unread(r, WANT_BODY, err) < 0)
		return -1;
	if (!flow->no_verify)
		add_all(&t->digest, &t->move->suspect);
	uid_set_reset(&t->move->suspect);
	if (!lane->ahead && stream(r, err) < 0)
		return -1;
	if (tell_again(r, err) < 0 || record_skipped(r, err) < 0)
		return -1;
	if (uid_set_size(&t->digest) > 0)
		return ahead_sample(lane, t, err);
	return put_plain(lane, ITEM_TOLD, t->move, err);
}

int reader_do(struct lane *lane, struct task *task, struct error *err)
{
	struct reading r = { .lane = lane, .task = task };
	r.facts_end = &r.facts;
	lane->reading = &r;
	int ok = carry_out(&r, err);
	if (ok == 0)
		ok = ahead_forget(lane, task, err);
	lane->reading = NULL;
	for (struct item *item; (item = r.facts); item_free(item))
		r.facts = item->next;
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		uid_set_free(&r.ask[i].set);
		uid_set_free(&r.ask[i].seen);
		facts_free(r.ask[i].facts);
	}
	for (size_t i = 0; i <= WANT_DIGEST; i++)
		uid_set_free(&r.missed[i]);
	for (size_t i = 0; i <= REASON_SIZE; i++)
		uid_set_free(&r.skipped[i]);
	if (ok < 0)
		error_at(err, "%s: %s", task->move->account->job->name, task->move->source->name);
	return ok;
}
