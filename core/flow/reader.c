/* The reading half of a lane: lists a source folder, streams bodies and facts out of it, in the order of UIDs. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/flow/lane.h"

/* Chunks: long enough that the line stays full with two of them, short enough to be asked again. */
#define CHUNK_UIDS 500
#define CHUNKS_AHEAD 2
#define SET_TEXT ((size_t)6000)
/* A SEARCH without ESEARCH lists every number: this many fit a response. */
#define SEARCH_MAX 80000
/* The sample may cost one byte in a hundred, and this much in a small box. */
#define SAMPLE_BYTES_FREE 65536

struct ask {			/* one chunk that is open */
	unsigned number;
	enum want want;
	struct uid_set set, seen;
	struct facts *facts;
	bool open;
};

struct reading {
	struct lane *lane;
	struct task *task;
	struct ask ask[CHUNKS_AHEAD];
	unsigned open;
	struct uid_set unread;		/* asked for, and not handed over */
	struct uid_set skipped;
	bool wait;			/* the writer looks at the target first */
};

/* ---- to the writer ---- */

static int put(struct lane *lane, struct item *item, struct error *err)
{
	if (queue_put(lane->queue, item, item->bytes) == 0)
		return 0;
	item_free(item);
	return error_set(err, ERR_CANCELLED, "the writer has gone");
}

static int put_plain(struct lane *lane, enum item_kind kind, struct move *m, struct error *err)
{
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = kind;
	item->move = m;
	item->bytes = sizeof *item;
	return put(lane, item, err);
}

/* ---- mails and facts ---- */

static int take_body(struct reading *r, struct mail *mail, struct error *err)
{
	struct lane *lane = r->lane;
	if (!mail->body) { /* NIL: the server lists it and has nothing */
		mail_free(&mail);
		return 0;
	}
	if (mail->flags.system & FLAG_DELETED) {
		uid_set_add(&r->skipped, mail->uid, mail->uid);
		mail_free(&mail);
		return 0;
	}
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = ITEM_MAIL;
	item->move = r->task->move;
	item->mail = mail;
	item->bytes = sizeof *item + mail_memory(mail);
	return put(lane, item, err);
}

/* Whether every byte of this message is to be compared too: chance, within the sample's size. */
static bool in_sample(struct reading *r, const struct mail *mail)
{
	struct account *a = r->task->move->account;
	uint64_t seen = atomic_fetch_add(&a->seen_bytes, mail->size) + mail->size;
	if (r->lane->pool->flow->deep || a->sample_share <= 0 || (double)random() / ((double)RAND_MAX + 1) >= a->sample_share)
		return false;
	if (atomic_load(&a->sampled_bytes) + mail->size > seen / 100 + SAMPLE_BYTES_FREE)
		return false;
	atomic_fetch_add(&a->sampled_bytes, mail->size);
	return true;
}

static void take_fact(struct reading *r, struct ask *a, struct mail *mail)
{
	struct facts *f = a->facts;
	if (!f) {
		f = a->facts = x_calloc(1, sizeof *f);
		f->want = a->want;
		f->whole = r->task->check_all && a->want == (r->lane->pool->flow->deep ? WANT_DIGEST : WANT_META);
	}
	if (a->want == WANT_META && in_sample(r, mail))
		uid_set_add(&r->task->digest, mail->uid, mail->uid);
	f->mails = x_room(f->mails, f->count, &f->cap, sizeof *f->mails);
	f->mails[f->count++] = mail;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = (*(struct mail *const *)a)->uid, y = (*(struct mail *const *)b)->uid;
	return x < y ? -1 : x > y;
}

static int put_facts(struct reading *r, struct ask *a, struct error *err)
{
	struct facts *f = a->facts;
	a->facts = NULL;
	if (!f)
		return 0;
	qsort(f->mails, f->count, sizeof *f->mails, by_uid);
	f->first = a->set.range[0].first;
	f->last = a->set.range[a->set.count - 1].last;
	struct item *item = x_calloc(1, sizeof *item);
	item->kind = ITEM_FACTS;
	item->move = r->task->move;
	item->facts = f;
	item->bytes = sizeof *item + f->count * sizeof(struct mail);
	return put(r->lane, item, err);
}

/* ---- asking ---- */

static struct uid_set *next_set(struct reading *r, enum want *want)
{
	struct task *t = r->task;
	if (uid_set_size(&t->copy) > 0) {
		*want = WANT_BODY;
		return &t->copy;
	}
	if (uid_set_size(&t->meta) > 0) {
		*want = WANT_META;
		return &t->meta;
	}
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
		uid_set_take(from, &a->set, CHUNK_UIDS, SET_TEXT);
		a->want = want;
		a->open = true;
		r->open++;
		if (r->lane->source->ops->ask(r->lane->source, r->task->move->source, &a->set, want, false, &a->number, err) < 0)
			return -1;
	}
	return 0;
}

static struct ask *ask_of(struct reading *r, unsigned number)
{
	for (size_t i = 0; i < CHUNKS_AHEAD; i++)
		if (r->ask[i].open && r->ask[i].number == number)
			return &r->ask[i];
	return NULL;
}

static void note_unread(struct reading *r, const struct ask *a)
{
	for (size_t i = 0; i < a->set.count; i++)
		for (uint64_t u = a->set.range[i].first; u <= a->set.range[i].last; u++)
			if (!uid_set_has(&a->seen, (uint32_t)u))
				uid_set_add(&r->unread, (uint32_t)u, (uint32_t)u);
}

static int ask_over(struct reading *r, struct ask *a, const struct error *why, struct error *err)
{
	a->open = false;
	r->open--;
	if (why->class == ERR_RETRY || why->class == ERR_THROTTLED || why->class == ERR_FOLDER) {
		if (a->want == WANT_BODY && why->class != ERR_THROTTLED) {
			/* the server broke off in the middle: what came of it is looked at byte by byte */
			for (size_t i = 0; i < a->seen.count; i++)
				uid_set_add(&r->task->move->suspect, a->seen.range[i].first, a->seen.range[i].last);
		} else {
			*err = *why;
			return -1;
		}
	}
	if (a->want == WANT_BODY)
		note_unread(r, a);
	return put_facts(r, a, err);
}

static int take_event(struct reading *r, struct event *e, struct error *err)
{
	struct ask *a = ask_of(r, e->ask);
	if (e->kind == EV_BOX && e->box.validity != r->task->move->source_box.validity)
		return error_set(err, ERR_FOLDER, "the folder was renumbered meanwhile (UIDVALIDITY %u, before %u)", e->box.validity, r->task->move->source_box.validity);
	if (e->kind == EV_ASKED && a)
		return ask_over(r, a, &e->err, err);
	if (e->kind != EV_MAIL)
		return 0;
	if (!a || uid_set_has(&a->seen, e->mail->uid)) {
		mail_free(&e->mail); /* told twice */
		return 0;
	}
	pool_reached(r->task->move, a->want == WANT_BODY ? REACH_BODIES : REACH_FACTS, e->mail->uid);
	bool has = a->want != WANT_BODY || e->mail->body;
	if (has)
		uid_set_add(&a->seen, e->mail->uid, e->mail->uid);
	if (a->want == WANT_BODY)
		return take_body(r, e->mail, err);
	take_fact(r, a, e->mail);
	return 0;
}

static int stream(struct reading *r, struct error *err)
{
	struct conn *source = r->lane->source;
	for (;;) {
		struct event e;
		if (ask_ahead(r, err) < 0)
			return -1;
		if (r->open == 0)
			return 0;
		if (source->ops->next(source, &e, err) < 0 || take_event(r, &e, err) < 0)
			return -1;
	}
}

/* ---- listing ---- */

/* Collects the UIDs of so many asks; *box is what the folder said when it was opened, if it was. */
static int await_uids(struct lane *lane, unsigned asks, struct box *box, struct uid_set *out, struct error *err)
{
	while (asks > 0) {
		struct event e;
		if (lane->source->ops->next(lane->source, &e, err) < 0)
			return -1;
		if (e.kind == EV_BOX)
			*box = e.box;
		for (size_t i = 0; e.kind == EV_UIDS && i < e.uids.count; i++)
			uid_set_add(out, e.uids.range[i].first, e.uids.range[i].last);
		uid_set_free(&e.uids);
		if (e.kind != EV_ASKED)
			continue;
		if (e.err.class != ERR_NONE) {
			*err = e.err;
			return -1;
		}
		asks--;
	}
	return 0;
}

/* The UIDs below the UIDNEXT of the listing: later mail is the next run's. */
static int list_once(struct lane *lane, struct move *m, struct box *seen, struct error *err)
{
	const struct box *box = &m->source_box;
	uint32_t last = box->next > 1 ? box->next - 1 : UINT32_MAX;
	uint64_t pieces = box->exists / SEARCH_MAX + 1, step = last / pieces + 1;
	unsigned asks = 0;
	for (uint64_t first = 1; first <= last; first += step, asks++) {
		struct uid_set range = { 0 };
		unsigned number;
		uint64_t end = first + step - 1;
		uid_set_add(&range, (uint32_t)first, (uint32_t)(end < last ? end : last));
		int ok = lane->source->ops->ask(lane->source, m->source, &range, WANT_UIDS, first == 1, &number, err);
		uid_set_free(&range);
		if (ok < 0)
			return -1;
	}
	uid_set_reset(&m->listed);
	return await_uids(lane, asks, seen, &m->listed, err);
}

static int list_uids(struct lane *lane, struct move *m, struct error *err)
{
	struct box seen = m->source_box;
	if (list_once(lane, m, &seen, err) < 0)
		return -1;
	if (seen.validity == m->source_box.validity)
		return 0;
	m->source_box = seen; /* the listing did not know, or it was renumbered since: what counts is what it is now */
	return list_once(lane, m, &seen, err);
}

/* A source folder that has got another UIDVALIDITY begins anew in the state. */
static int fit_folder(struct lane *lane, struct move *m, struct error *err)
{
	struct folder_key key = { .account = lane->account->row.id, .mailbox = m->mailbox, .source_wire = m->source->wire, .source_name = m->source->name,
		.target_name = m->target.name, .source_validity = m->source_box.validity, .role = folder_role_name(m->source->role), .why = "same", .moved = true };
	struct folder_row row;
	if (store_folder(lane->pool->flow->store, &key, &row, err) < 0)
		return -1;
	m->folder = row.id;
	m->settle = m->settle || row.renumbered;
	return 0;
}

/* Pending rows are looked for at the target by their headers first. */
static int learn_headers(struct reading *r, struct error *err)
{
	struct task *t = r->task;
	struct lane *lane = r->lane;
	struct store *store = lane->pool->flow->store;
	struct uid_set rest = { 0 };
	int ok = store_uids(store, t->move->folder, WHICH_HEADLESS, &rest, err);
	while (ok == 0 && uid_set_size(&rest) > 0) {
		struct uid_set part = { 0 };
		struct mail *mails[CHUNK_UIDS];
		size_t count = 0;
		struct event e = { 0 };
		unsigned number;
		uid_set_take(&rest, &part, CHUNK_UIDS, SET_TEXT);
		ok = lane->source->ops->ask(lane->source, t->move->source, &part, WANT_HEAD, false, &number, err);
		while (ok == 0 && !(e.kind == EV_ASKED && e.ask == number)) {
			ok = lane->source->ops->next(lane->source, &e, err);
			if (ok == 0 && e.kind == EV_MAIL && count < CHUNK_UIDS)
				mails[count++] = e.mail;
			else
				mail_free(&e.mail);
		}
		if (ok == 0)
			ok = store_scanned(store, t->move->folder, mails, count, err);
		while (count > 0)
			mail_free(&mails[--count]);
		if (part.count > 0)
			pool_reached(t->move, REACH_HEADS, part.range[part.count - 1].last);
		uid_set_free(&part);
	}
	uid_set_free(&rest);
	return ok;
}

/* Whether the target may hold mail of ours that no row claims: then it is searched before anything is copied. */
static int must_settle(struct lane *lane, struct move *m, struct error *err)
{
	struct store *store = lane->pool->flow->store;
	struct mailbox_row row;
	struct intents open;
	struct uid_set unplaced = { 0 };
	const struct job_end *target = &lane->account->job->target;
	if (store_mailbox(store, target->host, target->user, m->target.wire, m->target.name, &row, err) < 0 || store_intents(store, m->folder, &open, err) < 0 ||
		store_uids(store, m->folder, WHICH_UNPLACED, &unplaced, err) < 0)
		return -1;
	bool others = m->target_exists && (!m->target.box.known || m->target.box.exists > row.claimed);
	m->settle = m->settle || others || open.count > 0 || uid_set_size(&unplaced) > 0;
	uid_set_free(&unplaced);
	return 0;
}

static int begin(struct reading *r, struct error *err)
{
	struct lane *lane = r->lane;
	struct move *m = r->task->move;
	struct store *store = lane->pool->flow->store;
	struct listed counts;
	bool run = lane->pool->flow->order == FLOW_RUN;
	m->settle = false;
	if (list_uids(lane, m, err) < 0 || fit_folder(lane, m, err) < 0)
		return -1;
	uint32_t next = m->source_box.next ? m->source_box.next : m->listed.count ? m->listed.range[m->listed.count - 1].last + 1 : 1;
	if (store_listed(store, m->folder, &m->listed, next, &counts, err) < 0 || must_settle(lane, m, err) < 0)
		return -1;
	atomic_fetch_add(&lane->pool->flow->count->listed, uid_set_size(&m->listed));
	m->settle = m->settle && run;
	if (m->settle && learn_headers(r, err) < 0)
		return -1;
	crash_point("listed");
	r->wait = m->settle; /* from here on it is the writer's */
	return put_plain(lane, ITEM_BEGIN, m, err);
}

/* ---- what was listed and not handed over ---- */

/* A fresh look tells what has vanished; what is still listed is asked for once more, one at a time; what does not come then is refused. */
static int look_again(struct reading *r, struct error *err)
{
	struct lane *lane = r->lane;
	struct move *m = r->task->move;
	struct uid_set listed = { 0 }, gone = { 0 };
	struct box box = m->source_box;
	unsigned number;
	if (uid_set_size(&r->unread) == 0)
		return 0;
	int ok = lane->source->ops->ask(lane->source, m->source, &r->unread, WANT_UIDS, true, &number, err);
	if (ok == 0)
		ok = await_uids(lane, 1, &box, &listed, err);
	if (ok == 0 && box.validity != m->source_box.validity)
		ok = error_set(err, ERR_FOLDER, "the folder was renumbered meanwhile");
	for (size_t i = 0; ok == 0 && i < r->unread.count; i++)
		for (uint64_t u = r->unread.range[i].first; u <= r->unread.range[i].last; u++) {
			if (uid_set_has(&listed, (uint32_t)u))
				uid_set_add(&r->task->copy, (uint32_t)u, (uint32_t)u);
			else
				uid_set_add(&gone, (uint32_t)u, (uint32_t)u);
		}
	if (ok == 0)
		ok = store_vanish(lane->pool->flow->store, m->folder, &gone, err);
	uid_set_reset(&r->unread);
	uid_set_free(&listed);
	uid_set_free(&gone);
	if (ok == 0)
		ok = stream(r, err);
	return ok;
}

static int refuse_unread(struct reading *r, struct error *err)
{
	struct flow const *flow = r->lane->pool->flow;
	struct move *m = r->task->move;
	for (size_t i = 0; i < r->unread.count; i++)
		for (uint64_t u = r->unread.range[i].first; u <= r->unread.range[i].last; u++) {
			struct problem problem = { .account = m->account->row.id, .folder = m->folder, .uid = (uint32_t)u, .side = SIDE_SOURCE, .severity = "error", .code = "message-unreadable",
				.text = "the old server lists this message and does not hand it over", .hint = "open it in the old mailbox; ask the old provider if it can't be opened there either",
				.message_id = "", .file = "" };
			if (store_refuse(flow->store, m->folder, (uint32_t)u, err) < 0 || store_problem(flow->store, flow->run, &problem, err) < 0)
				return -1;
		}
	return 0;
}

/* ---- a task ---- */

static void add_all(struct uid_set *to, const struct uid_set *from)
{
	for (size_t i = 0; i < from->count; i++)
		uid_set_add(to, from->range[i].first, from->range[i].last);
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
	if (t->copy_pending && store_uids(flow->store, t->move->folder, WHICH_PENDING, &t->copy, err) < 0)
		return -1;
	if (t->check_all && !flow->no_verify)
		add_all(flow->deep ? &t->digest : &t->meta, &t->move->listed);
	if (stream(r, err) < 0 || look_again(r, err) < 0 || refuse_unread(r, err) < 0)
		return -1;
	if (uid_set_size(&t->move->suspect) > 0 && !flow->no_verify) {
		add_all(&t->digest, &t->move->suspect);
		uid_set_reset(&t->move->suspect);
		if (stream(r, err) < 0)
			return -1;
	}
	if (uid_set_size(&r->skipped) > 0 && store_skip(flow->store, t->move->folder, &r->skipped, err) < 0)
		return -1;
	return put_plain(lane, ITEM_TOLD, t->move, err);
}

int reader_do(struct lane *lane, struct task *task, struct error *err)
{
	struct reading r = { .lane = lane, .task = task };
	int ok = carry_out(&r, err);
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		uid_set_free(&r.ask[i].set);
		uid_set_free(&r.ask[i].seen);
		facts_free(r.ask[i].facts);
	}
	uid_set_free(&r.unread);
	uid_set_free(&r.skipped);
	if (ok < 0)
		error_at(err, "%s: %s", task->move->account->job->name, task->move->source->name);
	return ok;
}
