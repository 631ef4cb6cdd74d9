/* Comparing: chunks of the source's messages with the target's, both read anew, paired by the state's UIDs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"

/* So many mails' facts may wait. */
#define FACTS_WAITING 500

void check_take(struct writer *w, struct item *item)
{
	item->move->facts_waiting++;
	w->facts_mails += item->facts->count;
	item->next = NULL;
	if (w->facts_last)
		w->facts_last->next = item;
	else
		w->facts_first = item;
	w->facts_last = item;
}

static void checking_end(struct writer *w, struct checking *c)
{
	placed_free(c->rows, c->rows_count);
	for (size_t i = 0; i < c->count; i++)
		mail_free(&c->mails[i]);
	free(c->mails);
	uid_set_free(&c->asked);
	if (c->item) {
		c->item->move->facts_waiting--;
		writer_done_bytes(w, c->item);
	}
	*c = (struct checking){ 0 };
}

void check_abandon(struct writer *w)
{
	for (size_t i = 0; i < CHECKS_AHEAD; i++)
		checking_end(w, &w->checking[i]);
	for (struct item *item = w->facts_first, *next; item; item = next) {
		next = item->next;
		writer_done_bytes(w, item);
	}
	w->facts_first = w->facts_last = NULL;
	w->facts_mails = 0;
}

bool check_open(const struct writer *w)
{
	bool open = false;
	for (size_t i = 0; i < CHECKS_AHEAD; i++)
		open = open || w->checking[i].open;
	return open;
}

static struct mail *mail_of(struct mail *const *mails, size_t count, uint32_t uid)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (mails[middle]->uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && mails[low]->uid == uid ? mails[low] : NULL;
}

/* ---- one chunk ---- */

static int by_uid(const void *a, const void *b)
{
	uint32_t x = (*(struct mail *const *)a)->uid, y = (*(struct mail *const *)b)->uid;
	return x < y ? -1 : x > y;
}

/* A whole pass (META, or DIGEST when deep) speaks of its range: all that is not odd is identical. The others speak of single messages. */
static int record(struct writer *w, struct checking *c, const struct finding *found, size_t count, bool whole, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	atomic_fetch_add(&w->flow->count->checked, f->count);
	atomic_fetch_add(&m->account->seen->checked, f->count);
	pool_reached(m, REACH_COMPARED, f->last);
	uint32_t first = whole ? f->first : 1, last = whole ? f->last : 0;
	return store_compared(w->flow->store, m->folder, first, last, found, count, err);
}

/* The rows that the chunk may speak of: of a choice, which may lie far apart, no more than its own. */
static int take_rows(struct writer *w, struct checking *c, struct error *err)
{
	const struct facts *f = c->item->facts;
	struct uid_set uids = { 0 };
	if (f->whole)
		uid_set_add(&uids, f->first, f->last);
	for (size_t i = 0; !f->whole && i < f->count; i++)
		uid_set_add(&uids, f->mails[i]->uid, f->mails[i]->uid);
	int ok = store_placed_of(w->flow->store, c->item->move->folder, &uids, &c->rows, &c->rows_count, err);
	uid_set_free(&uids);
	return ok;
}

/* Mail that was sent while the target's side was on its way has rows in the range now, and nobody has looked at it. */
static int rows_anew(struct writer *w, struct checking *c, struct error *err)
{
	const struct move *m = c->item->move;
	if (m->sends == c->sends)
		return 0;
	placed_free(c->rows, c->rows_count);
	return take_rows(w, c, err);
}

/* Whether this target keeps mail as it was sent, learnt from what we brought and remembered: where it does, only the same
   header is the same mail. */
static int learn(struct writer *w, struct move *m, enum want want, size_t pairs, struct error *err)
{
	int known = atomic_load(&m->account->target_keeps), now = uid_set_size(&m->by_digest) > 0 ? 2 : 1;
	if (want != WANT_META || pairs == 0 || known == 2 || known == now)
		return 0;
	atomic_store(&m->account->target_keeps, now);
	return store_target_keeps(w->flow->store, m->account->row.id, now, err);
}

/* How long they are at either side, of mails that were read. */
static int record_sizes(struct writer *w, const struct checking *c, struct error *err)
{
	const struct facts *f = c->item->facts;
	struct measured *sizes = x_calloc(c->rows_count + 1, sizeof *sizes);
	size_t n = 0;
	for (size_t i = 0; f->want == WANT_DIGEST && i < c->rows_count; i++) {
		const struct placed *row = &c->rows[i];
		const struct mail *source = mail_of(f->mails, f->count, row->uid), *target = row->target_uid ? mail_of(c->mails, c->count, row->target_uid) : NULL;
		if (source && target && source->has_proof && target->has_proof && source->id.msgid == target->id.msgid)
			sizes[n++] = (struct measured){ row->uid, source->proof.length, target->proof.length };
	}
	int ok = store_measured(w->flow->store, c->item->move->folder, sizes, n, err);
	free(sizes);
	return ok;
}

static int compare(struct writer *w, struct checking *c, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	bool whole = f->whole;
	size_t odd = 0;
	int ok = rows_anew(w, c, err);
	struct finding *found = x_calloc(c->rows_count + 1, sizeof *found);
	if (c->count > 0)
		qsort(c->mails, c->count, sizeof *c->mails, by_uid);
	for (size_t i = 0; ok == 0 && i < c->rows_count; i++) {
		const struct placed *row = &c->rows[i];
		const struct mail *source = mail_of(f->mails, f->count, row->uid);
		bool asked = !row->target_uid || uid_set_has(&c->asked, row->target_uid);
		const struct mail *target = row->target_uid && asked ? mail_of(c->mails, c->count, row->target_uid) : NULL;
		enum checked what = row->checked;
		if (source && target)
			ok = judge(w, m, f->want, row, source, target, &what, err);
		else if (source && asked && row->checked != CHECKED_GONE)
			uid_set_add(&m->lost, row->uid, row->uid);
		if (whole ? what != CHECKED_IDENTICAL || !source || !target : source && target && what != CHECKED_NOT)
			found[odd++] = (struct finding){ row->uid, what };
	}
	if (ok == 0)
		ok = learn(w, m, f->want, c->count, err);
	if (ok == 0)
		ok = record(w, c, found, odd, whole, err);
	if (ok == 0)
		ok = record_sizes(w, c, err);
	free(found);
	return ok;
}

/* ---- a second look, before it is said that a mail is not the same ---- */

static int keep_mail(void *ctx, struct mail *mail, struct error *err)
{
	struct mail **out = ctx;
	(void)err;
	mail_free(out);
	*out = mail;
	return 0;
}

int check_reread(struct writer *w, struct item *item, struct error *err)
{
	struct move *m = item->move;
	struct mail *source = item->mail, *target = NULL;
	struct placed *row = NULL;
	struct waiting wait = { .mail = keep_mail, .ctx = &target };
	struct uid_set one = { 0 };
	size_t count = 0;
	uid_set_add(&m->reread_done, source->uid, source->uid);
	int ok = store_placed(w->flow->store, m->folder, source->uid, source->uid, &row, &count, err);
	if (ok == 0 && count > 0 && row->target_uid) {
		uid_set_add(&one, row->target_uid, row->target_uid);
		ok = w->conn->ops->ask(w->conn, &m->target, &one, WANT_DIGEST, true, &wait.ask, err);
		if (ok == 0)
			ok = writer_await(w, &wait, err);
		if (ok == 0 && target && (!target->has_proof || target->id.msgid == source->id.msgid))
			ok = judge_again(w, m, row, source, target, err);
		else if (ok == 0)
			uid_set_add(&m->lost, source->uid, source->uid);
	} else if (ok == 0 && count > 0 && uid_set_has(&m->strayed, source->uid)) {
		ok = finish_stray(w, m, row, source, err);
	}
	mail_free(&target);
	uid_set_free(&one);
	placed_free(row, count);
	writer_done_bytes(w, item);
	return ok;
}

int check_unread(struct writer *w, struct move *m, struct error *err)
{
	for (size_t i = 0; i < m->reread.count; i++)
		for (uint64_t u = m->reread.range[i].first; u <= m->reread.range[i].last; u++) {
			struct finding found = { (uint32_t)u, CHECKED_ALTERED };
			if (uid_set_has(&m->reread_done, (uint32_t)u))
				continue;
			uid_set_add(&m->reread_done, (uint32_t)u, (uint32_t)u);
			if (judge_unread(w, m, (uint32_t)u, err) < 0 || store_compared(w->flow->store, m->folder, 1, 0, &found, 1, err) < 0)
				return -1;
		}
	return 0;
}

/* ---- asking ---- */

static int ask_target(struct writer *w, struct checking *c, struct error *err)
{
	struct move *m = c->item->move;
	const struct facts *f = c->item->facts;
	if (take_rows(w, c, err) < 0)
		return -1;
	c->sends = m->sends;
	for (size_t i = 0; i < c->rows_count; i++)
		if (c->rows[i].target_uid && mail_of(f->mails, f->count, c->rows[i].uid))
			uid_set_add(&c->asked, c->rows[i].target_uid, c->rows[i].target_uid);
	int ok;
	if (c->asked.count == 0 || !m->target_exists) {
		ok = compare(w, c, err);
		checking_end(w, c);
	} else {
		c->open = true;
		m->looks += !m->looked_fresh;
		ok = w->conn->ops->ask(w->conn, &m->target, &c->asked, f->want, !m->looked_fresh, &c->ask, err);
		m->looked_fresh = true;
	}
	return ok;
}

/* A chunk can be compared when all that was sent for its move is answered and recorded. */
static struct item *ready_facts(struct writer *w)
{
	struct item **at = &w->facts_first, *before = NULL;
	for (; *at; before = *at, at = &(*at)->next) {
		struct item *item = *at;
		if (item->move->in_flight > 0 || item->move->settle || w->filling || w->refused_count > 0)
			continue;
		*at = item->next;
		if (w->facts_last == item)
			w->facts_last = before;
		w->facts_mails -= item->facts->count;
		return item;
	}
	return NULL;
}

/* While mail comes in and leaves, comparing waits: the target answers in turn, and what is asked of the folders that come next would have to wait behind it. */
static bool may_wait(const struct writer *w)
{
	return w->sent_count > 0 && w->facts_mails < FACTS_WAITING && !atomic_load(&w->lane->read_all);
}

int check_start(struct writer *w, struct error *err)
{
	if (may_wait(w))
		return 0;
	for (size_t i = 0; i < CHECKS_AHEAD; i++) {
		struct checking *c = &w->checking[i];
		struct item *item = c->item ? NULL : ready_facts(w);
		if (!item)
			continue;
		c->item = item;
		w->at = item->move;
		if (batch_record(w, item->move, err) < 0 || ask_target(w, c, err) < 0)
			return -1;
		if (!c->open)
			i--; /* compared at once: this place is free again */
	}
	return 0;
}

static bool box_same(const struct box *a, const struct box *b)
{
	return a->validity == b->validity && a->next == b->next && a->exists == b->exists && a->modseq == b->modseq;
}

bool check_event(struct writer *w, struct event *e, int *ok, struct error *err)
{
	struct checking *c = NULL;
	for (size_t i = 0; i < CHECKS_AHEAD; i++)
		if (w->checking[i].open && w->checking[i].ask == e->ask && e->kind != EV_NONE)
			c = &w->checking[i];
	if (!c)
		return false;
	struct move *m = w->at = c->item->move;
	if (e->kind == EV_BOX) {
		if (m->target.box.validity && e->box.validity != m->target.box.validity)
			*ok = error_set(err, ERR_FOLDER, N_("the target folder was renumbered meanwhile"));
		/* another folder was opened in between: what was compared before it counts only if this is what it was then */
		m->looks += m->looked.known && !box_same(&m->looked, &e->box);
		m->looked = e->box;
	} else if (e->kind == EV_MAIL) {
		c->mails = x_room(c->mails, c->count, &c->cap, sizeof *c->mails);
		c->mails[c->count++] = e->mail;
	} else if (e->kind == EV_ASKED) {
		if (e->err.class != ERR_NONE) {
			*err = e->err;
			*ok = -1;
		} else {
			*ok = compare(w, c, err);
			checking_end(w, c);
		}
		crash_point("compared");
	}
	return true;
}
