/* Mail that is suddenly gone: a source in an outage lists far less than before, a target lost what was verified. Such an account is
   stopped before anything follows from it, until somebody has looked. */
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/flow/lane.h"

/* Fewer than this are somebody's tidying. */
#define GUARD_LEAST 10

static bool shrunk(const struct account *a, uint64_t lost, uint64_t of)
{
	return lost >= GUARD_LEAST && lost * 1000 > (uint64_t)a->job->shrink * of;
}

/* Trash and junk are emptied by everybody. */
static bool is_spare(const struct held *h)
{
	return strcmp(h->role, "trash") == 0 || strcmp(h->role, "junk") == 0;
}

static const struct held *held_of(const struct account *a, const char *wire)
{
	for (size_t i = 0; i < a->held_count; i++)
		if (strcmp(a->held[i].wire, wire) == 0)
			return &a->held[i];
	return NULL;
}

/* Whether that folder has the identity of what was held. */
static bool is_it(const struct held *h, const struct folder *f)
{
	return h->id && f->box.id ? h->id == f->box.id : f->box.validity == h->validity;
}

/* A folder under a new name has its MAILBOXID or UIDVALIDITY still, and most of its mail. */
static const struct folder *renamed(const struct account *a, const struct held *h)
{
	for (size_t i = 0; i < a->source.count; i++) {
		const struct folder *f = &a->source.folder[i];
		const struct held *of = held_of(a, f->wire); /* that may have lost its name to this one */
		bool same = f->selectable && f->box.known && is_it(h, f) && (!of || !is_it(of, f));
		if (same && !shrunk(a, h->messages > f->box.exists ? h->messages - f->box.exists : 0, h->messages))
			return f;
	}
	return NULL;
}

void guard_forget(struct account *a)
{
	held_free(a->held, a->held_count);
	a->held = NULL;
	a->held_count = 0;
	a->held_all = 0;
}

/* To a plan, mail that is gone is one way of many in which the source is not what it was. */
static enum error_class class_of(const struct account *a)
{
	return a->planned ? ERR_DRIFT : ERR_SHRUNK_SOURCE;
}

/* what: a folder as the server spells it, or words. */
static int stop(struct account *a, struct error *err, const char *what, uint64_t now, uint64_t before)
{
	if (a->shrunk_source_ok)
		return 0;
	CLEANUP(x_free) char *name = text_from_utf7(what);
	return error_set(err, class_of(a), "%s: %llu messages now, %llu when it was last read", name ? name : what, (unsigned long long)now, (unsigned long long)before);
}

/* What the listing says of each folder that was there, against what the state knows. */
static int compare(struct account *a, struct error *err)
{
	uint64_t now_all = 0;
	for (size_t i = 0; i < a->held_count; i++) {
		const struct held *h = &a->held[i];
		const struct folder *f = folder_find(&a->source, h->wire);
		bool other = f && f->box.known && !is_it(h, f); /* renumbered, or another folder has taken the name */
		const struct folder *moved = !f || !f->selectable || other ? renamed(a, h) : NULL;
		f = moved || !f || !f->selectable ? moved : f;
		if (is_spare(h))
			continue;
		uint64_t now = f && f->box.known ? f->box.exists : f ? h->messages : 0;
		uint64_t lost = h->messages > now ? h->messages - now : 0;
		now_all += now < h->messages ? now : h->messages;
		a->held_all += h->messages;
		bool vanished = !f && h->messages >= GUARD_LEAST && a->job->shrink < 1000;
		if ((vanished || shrunk(a, lost, h->messages)) && stop(a, err, h->wire, now, h->messages) < 0)
			return -1;
	}
	if (shrunk(a, a->held_all - now_all, a->held_all))
		return stop(a, err, "the whole mailbox", now_all, a->held_all);
	return 0;
}

/* Who was told of the target's loss and then asks for what is gone once more has looked: as good as accepted. */
static int asked_anew(const struct pool *p, struct account *a, struct error *err)
{
	bool told = false;
	int ok = p->flow->again ? store_told_last(p->flow->store, a->row.id, "target-shrunk", &told, err) : 0;
	a->shrunk_target_ok = a->shrunk_target_ok || told;
	return ok;
}

int guard_source(struct pool *p, struct account *a, struct error *err)
{
	struct store *store = p->flow->store;
	guard_forget(a);
	bool drift_ok;
	if (store_held(store, a->row.id, &a->held, &a->held_count, err) < 0 || store_accepted(store, a->row.id, "source-shrunk", &a->shrunk_source_ok, err) < 0 ||
		store_accepted(store, a->row.id, "drift", &drift_ok, err) < 0 || store_accepted(store, a->row.id, "target-shrunk", &a->shrunk_target_ok, err) < 0 ||
		asked_anew(p, a, err) < 0)
		return -1;
	a->shrunk_source_ok = a->shrunk_source_ok || drift_ok;
	return compare(a, err) == 0 ? 0 : error_at(err, "source");
}

static uint64_t size_up_to(const struct uid_set *set, uint32_t last)
{
	uint64_t n = 0;
	for (size_t i = 0; i < set->count && set->range[i].first <= last; i++)
		n += (set->range[i].last < last ? set->range[i].last : last) - set->range[i].first + 1;
	return n;
}

/* What the folder held: when it has the name of another now, that of its own number. */
static const struct held *held_before(const struct move *m)
{
	const struct account *a = m->account;
	const struct held *h = held_of(a, m->source->wire);
	for (size_t i = 0; h && !is_it(h, m->source) && i < a->held_count; i++)
		if (is_it(&a->held[i], m->source) && renamed(a, &a->held[i]) == m->source)
			return &a->held[i];
	return h;
}

static int stop_folder(const struct move *m, uint64_t lost, uint64_t of, struct error *err)
{
	return error_set(err, class_of(m->account), "%s: %llu of the %llu messages that it held when it was last read are there no longer", m->source->name,
		(unsigned long long)lost, (unsigned long long)of);
}

int guard_folder(const struct move *m, struct error *err)
{
	const struct held *h = held_before(m);
	if (!h || is_spare(h) || m->account->shrunk_source_ok)
		return 0;
	uint64_t all = uid_set_size(&m->listed), left = h->validity == m->source_box.validity ? size_up_to(&m->listed, h->last) : all;
	if (left >= h->messages || !shrunk(m->account, h->messages - left, h->messages))
		return 0;
	return left == all ? stop(m->account, err, h->wire, all, h->messages) : stop_folder(m, h->messages - left, h->messages, err);
}

static int count(struct store *store, const struct move *m, enum which which, uint64_t *out, struct error *err)
{
	struct uid_set set = { 0 };
	int ok = store_uids(store, m->folder, which, &set, err);
	*out = uid_set_size(&set);
	uid_set_free(&set);
	return ok;
}

int guard_renumbered(struct pool *p, const struct move *m, struct error *err)
{
	struct store *store = p->flow->store;
	const struct held *h = held_of(m->account, m->source->wire);
	uint64_t lost, found, doubtful, skipped;
	if ((h && is_spare(h)) || m->account->shrunk_source_ok)
		return 0;
	if (store_rematched_left(store, m->folder, &lost, err) < 0 || count(store, m, WHICH_THERE, &found, err) < 0 || count(store, m, WHICH_DOUBTFUL, &doubtful, err) < 0 ||
		count(store, m, WHICH_SKIPPED, &skipped, err) < 0)
		return -1;
	lost -= lost < doubtful + skipped ? lost : doubtful + skipped; /* these may be it */
	return shrunk(m->account, lost, lost + found) && stop_folder(m, lost, lost + found, err) < 0 ? error_at(err, "source") : 0;
}

int guard_target(struct pool *p, const struct move *m, uint64_t gone, uint64_t of, struct error *err)
{
	struct account *a = m->account;
	const struct held *h = held_of(a, m->source->wire);
	(void)p;
	if (h && is_spare(h))
		return 0;
	uint64_t all = atomic_fetch_add(&a->gone, gone) + gone;
	if (!shrunk(a, gone, of) && !(a->held_all > 0 && shrunk(a, all, a->held_all)))
		return 0;
	if (a->shrunk_target_ok)
		return 0;
	return error_set(err, ERR_SHRUNK_TARGET, "%s: %llu of %llu messages that were there and verified are there no longer", m->target.name, (unsigned long long)gone,
		(unsigned long long)of);
}

void guard_through(struct pool *p, struct account *a)
{
	const struct flow *flow = p->flow;
	struct error ignored;
	bool compared = flow->order == FLOW_VERIFY || (flow->order == FLOW_RUN && !flow->no_verify);
	if (a->shrunk_source_ok) {
		store_accepted_forget(flow->store, a->row.id, "source-shrunk", &ignored);
		store_accepted_forget(flow->store, a->row.id, "drift", &ignored);
	}
	if (a->shrunk_target_ok && compared)
		store_accepted_forget(flow->store, a->row.id, "target-shrunk", &ignored);
}
