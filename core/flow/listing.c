/* What a source folder holds, and whether the target has to be searched before anything of it is copied. In the reader's thread. */
#include <stdlib.h>
#include <string.h>

#include "core/flow/lane.h"

#define LOOKS 3
#define COUNTED_LATE 1000

int listing_holds(const struct move *m, const struct event *e, struct error *err)
{
	if (e->kind != EV_BOX || e->box.validity == m->source_box.validity)
		return 0;
	return error_set(err, ERR_FOLDER, "the folder was renumbered meanwhile (UIDVALIDITY %u, before %u)", e->box.validity, m->source_box.validity);
}

int listing_await(struct lane *lane, unsigned asks, struct box *box, struct uid_set *out, struct error *err)
{
	while (asks > 0) {
		struct event e;
		if (ahead_next(lane, &e, err) < 0)
			return -1;
		if (e.kind == EV_BOX)
			*box = e.box;
		for (size_t i = 0; e.kind == EV_UIDS && i < e.uids.count; i++)
			uid_set_add(out, e.uids.range[i].first, e.uids.range[i].last);
		uid_set_free(&e.uids);
		mail_free(&e.mail); /* nobody's: of a folder that did not open */
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

int listing_ask(struct lane *lane, const struct move *m, unsigned *number, struct error *err)
{
	struct uid_set range = { 0 };
	uid_set_add(&range, 1, m->source_box.next > 1 ? m->source_box.next - 1 : UINT32_MAX);
	int ok = lane->source->ops->ask(lane->source, m->source, &range, WANT_UIDS, true, number, err);
	uid_set_free(&range);
	return ok;
}

static int list_once(struct lane *lane, struct task *t, struct box *seen, struct error *err)
{
	struct move *m = t->move;
	unsigned number;
	uid_set_reset(&m->listed);
	if (ahead_listing(lane, t, &number, err) < 0 || (number == 0 && listing_ask(lane, m, &number, err) < 0))
		return -1;
	return listing_await(lane, 1, seen, &m->listed, err);
}

/* Whether the search names as many messages as the folder holds; those that came since are not asked for. */
static bool is_whole(const struct move *m, const struct box *seen)
{
	const struct box *box = &m->source_box;
	uint64_t later = box->next > 1 && seen->next > box->next ? seen->next - box->next : 0;
	return uid_set_size(&m->listed) + later >= seen->exists;
}

/* Fewer than the listing of all folders told: they were deleted since, or the folder is not shown as it is. A new listing knows. */
static int is_confirmed(struct lane *lane, struct move *m, bool *confirmed, struct error *err)
{
	struct folder_list now = { 0 };
	*confirmed = uid_set_size(&m->listed) >= m->source_box.exists;
	if (*confirmed)
		return 0;
	if (ahead_quiet(lane, err) < 0 || lane->source->ops->list(lane->source, &now, err) < 0)
		return -1;
	const struct folder *f = folder_find(&now, m->source->wire);
	*confirmed = f && f->box.known && is_whole(m, &f->box);
	folder_list_free(&now);
	return 0;
}

/* A search that names far more than there is would make as many rows, each to be asked for. Some servers count a little behind. */
static bool is_possible(const struct move *m, const struct box *seen)
{
	return uid_set_size(&m->listed) <= (uint64_t)seen->exists + COUNTED_LATE;
}

/* A search that leaves out mail would make it vanish: what it names is counted. Mail deleted at this very moment is no fault. */
static int list_uids(struct lane *lane, struct task *t, struct error *err)
{
	struct move *m = t->move;
	struct box seen = { 0 };
	for (int looks = 0; looks < LOOKS; looks++) {
		seen = m->source_box;
		if (list_once(lane, t, &seen, err) < 0)
			return -1;
		bool same = seen.validity == m->source_box.validity, whole = same && is_whole(m, &seen) && is_possible(m, &seen);
		if (whole && is_confirmed(lane, m, &whole, err) < 0)
			return -1;
		m->counts = seen.modseq > 0 && seen.modseq >= m->source->box.modseq;
		if (whole)
			return 0;
		if (!same) /* the listing did not know, or it was renumbered since: what counts is what it is now */
			m->source_box = seen;
	}
	return error_set(err, ERR_FOLDER, "the server says that the folder holds %u messages, and its search names %llu",
		seen.exists > m->source_box.exists ? seen.exists : m->source_box.exists, (unsigned long long)uid_set_size(&m->listed));
}

/* A source folder that has got another UIDVALIDITY begins anew in the state. */
static int fit_folder(struct lane *lane, struct move *m, struct error *err)
{
	struct folder_key key = { .account = lane->account->row.id, .mailbox = m->mailbox, .source_wire = m->source->wire, .source_name = m->source->name,
		.target_name = m->target.name, .source_validity = m->source_box.validity, .role = folder_role_name(m->role), .why = m->why, .moved = true };
	struct folder_row row;
	if (store_folder(lane->pool->flow->store, &key, &row, err) < 0)
		return -1;
	m->folder = row.id;
	m->settle = m->settle || row.renumbered;
	return 0;
}

/* ---- headers ---- */

static int learn_part(struct lane *lane, struct move *m, const struct uid_set *part, enum want want, struct error *err)
{
	struct mail *mails[CHUNK_UIDS];
	size_t count = 0;
	struct event e = { 0 };
	unsigned number;
	int ok = lane->source->ops->ask(lane->source, m->source, part, want, false, &number, err);
	while (ok == 0 && !(e.kind == EV_ASKED && e.ask == number)) {
		ok = ahead_next(lane, &e, err);
		if (ok == 0 && e.kind == EV_MAIL && count < CHUNK_UIDS)
			mails[count++] = e.mail;
		else
			mail_free(&e.mail);
		if (ok == 0)
			ok = listing_holds(m, &e, err);
	}
	if (ok == 0 && e.err.class == ERR_THROTTLED) {
		*err = e.err;
		ok = -1;
	}
	if (ok == 0)
		ok = store_scanned(lane->pool->flow->store, m->folder, mails, count, err);
	while (count > 0)
		mail_free(&mails[--count]);
	if (part->count > 0)
		pool_reached(m, REACH_HEADS, part->range[part->count - 1].last);
	return ok;
}

/* Pending rows are looked for at the target by their headers first. A chunk that the server broke off is asked for again, one mail at a
   time, then with its body: what stays without a header would not be found there, and sent twice. */
static int learn_headers(struct lane *lane, struct move *m, struct error *err)
{
	static const struct {
		unsigned at_once;
		enum want want;
	} passes[] = { { CHUNK_UIDS, WANT_HEAD }, { 1, WANT_HEAD }, { 1, WANT_DIGEST } };
	struct uid_set rest = { 0 }, part = { 0 };
	int ok = 0;
	for (size_t i = 0; ok == 0 && i < sizeof passes / sizeof *passes; i++) {
		ok = store_uids(lane->pool->flow->store, m->folder, WHICH_HEADLESS, &rest, err);
		while (ok == 0 && uid_set_size(&rest) > 0) {
			uid_set_reset(&part);
			uid_set_take(&rest, &part, passes[i].at_once, SET_TEXT);
			ok = learn_part(lane, m, &part, passes[i].want, err);
		}
	}
	uid_set_free(&part);
	uid_set_free(&rest);
	return ok;
}

/* ---- the target ---- */

static int any_pending(struct store *store, const struct move *m, bool *any, struct error *err)
{
	struct uid_set pending = { 0 };
	int ok = store_uids(store, m->folder, WHICH_PENDING, &pending, err);
	*any = pending.count > 0;
	uid_set_free(&pending);
	return ok;
}

/* Whether the target holds mail that no row claims. Only claims below the UIDNEXT that goes with the number of messages count: another account
   may have brought more into the same mailbox since. Numbers that fit prove nothing while something is to be sent: as many may have been deleted there
   as have come from elsewhere, and what vanished may be what is to be sent. */
static int holds_others(struct store *store, const struct move *m, bool *others, struct error *err)
{
	struct uid_set range = { 0 }, unclaimed = { 0 };
	const struct box *box = &m->target.box;
	uint32_t last = box->next ? box->next - 1 : UINT32_MAX;
	*others = m->target_exists;
	if (!m->target_exists || !box->known)
		return 0;
	if (last > 0)
		uid_set_add(&range, 1, last);
	int ok = store_unclaimed(store, m->mailbox, 0, &range, &unclaimed, err);
	*others = box->exists > last - uid_set_size(&unclaimed);
	if (ok == 0 && !*others)
		ok = store_unclaimed(store, m->mailbox, m->folder, &range, &unclaimed, err);
	if (ok == 0 && !*others && uid_set_size(&unclaimed) > 0)
		ok = any_pending(store, m, others, err);
	uid_set_free(&range);
	uid_set_free(&unclaimed);
	return ok;
}

/* Whether the target may hold mail of ours that no row claims: then it is searched before anything is copied. */
static int must_settle(struct lane *lane, struct move *m, struct error *err)
{
	struct store *store = lane->pool->flow->store;
	struct intents open;
	struct uid_set unplaced = { 0 }, unsure = { 0 };
	bool others;
	if (holds_others(store, m, &others, err) < 0 || store_intents(store, m->folder, &open, err) < 0 || store_uids(store, m->folder, WHICH_UNPLACED, &unplaced, err) < 0 ||
		store_uids(store, m->folder, WHICH_UNSURE, &unsure, err) < 0)
		return -1;
	m->settle = m->settle || others || open.count > 0 || unplaced.count > 0 || unsure.count > 0;
	m->settled = m->settled || open.count == 0;
	uid_set_free(&unplaced);
	uid_set_free(&unsure);
	return 0;
}

int listing_begin(struct lane *lane, struct task *t, struct error *err)
{
	struct move *m = t->move;
	struct listed counts;
	const struct flow *flow = lane->pool->flow;
	m->settle = m->fresh = false;
	/* first the guard: under a new numbering the state knows of no mail that could be missed */
	if (list_uids(lane, t, err) < 0 || drift_folder(m, err) < 0 || guard_folder(m, err) < 0 || fit_folder(lane, m, err) < 0 || since_begin(lane, m, err) < 0)
		return -1;
	uint32_t next = m->source_box.next ? m->source_box.next : m->listed.count ? m->listed.range[m->listed.count - 1].last + 1 : 1;
	if (store_listed(flow->store, m->folder, &m->listed, next, &counts, err) < 0)
		return -1;
	m->narrow = m->narrow && counts.back == 0; /* what it was meanwhile nobody has looked at */
	if (flow->again && flow->order == FLOW_RUN && filter_again(lane, m, err) < 0)
		return -1;
	if (flow->order != FLOW_VERIFY && filter_planned(lane, m, err) < 0)
		return -1;
	int ok = flow->order == FLOW_VERIFY ? store_uids(flow->store, m->folder, WHICH_SKIPPED, &m->left_out, err) : filter_rows(lane, m, false, err);
	if (ok == 0 && flow->order != FLOW_VERIFY)
		ok = elsewhere_rows(lane, m, err);
	if (ok < 0 || must_settle(lane, m, err) < 0)
		return -1;
	m->settle = m->settle && (flow->order == FLOW_RUN ? !m->bare : flow->order == FLOW_PLAN && m->target_exists);
	return m->settle ? learn_headers(lane, m, err) : 0;
}
