/* A folder of which a part has changed since it was sealed. Where both sides keep mod-sequences (RFC 7162), only that part is compared:
   - The seal holds what both sides told when all of the folder had been compared: all that happened to its mail later has a higher mod-sequence than it names.
   - Each side is asked which of its mail that is (UID SEARCH MODSEQ), and lists what it holds, as ever: what is new or gone the listings tell, not the mod-sequences.
   - Quiet is mail that was in order, is listed on both sides, and is named by neither. All else is compared as in any run, and what follows from that is the same.
   - In the next seal the source is what it was in the listing, the target what it was when it was opened for its changes: what happens from then on the next run is told. That
     includes what this run sends and marks itself: the next one looks at it once more.
   - The seal is off while the folder is at work: a run that was stopped leaves none, and the next one reads all.
   - What the sides tell has to fit: the same UIDVALIDITY, no number has gone down, new UIDs are named as changed, there are not more old ones than before, a
     count that has grown where nothing is gone has a change to it. The newest quiet mail of either side is read all the same: numbers that are given out a
     second time are seen there first. If anything does not fit, all is read.
   - `verify`, `--again`, `verify: deep`, plans and views never come here, nor folders with a problem, pending or unsure rows, doubles (SQL_UNSEAL). */
#include "core/flow/writer.h"

static bool any_from(const struct uid_set *set, uint32_t first)
{
	return set->count > 0 && set->range[set->count - 1].last >= first;
}

static uint64_t count_below(const struct uid_set *set, uint32_t end)
{
	uint64_t n = 0;
	for (size_t i = 0; i < set->count && set->range[i].first < end; i++)
		n += (set->range[i].last < end ? set->range[i].last : end - 1) - set->range[i].first + 1;
	return n;
}

static bool fits(const struct box *then, const struct box *now, const struct uid_set *there, const struct uid_set *changed)
{
	struct uid_set same = { 0 };
	uint64_t old = count_below(there, then->next);
	uid_set_minus(&same, there, changed);
	bool untold = any_from(&same, then->next);
	uid_set_free(&same);
	return !untold && old <= then->exists && (old < then->exists || now->modseq == then->modseq || changed->count > 0);
}

/* Before it is asked for anything. */
static bool may_tell(const struct box *then, const struct box *now)
{
	return then->modseq > 0 && now->validity == then->validity && now->next >= then->next && now->modseq >= then->modseq;
}

/* ---- the source ---- */

/* *told is false when it does not want to tell. */
static int ask_source(struct lane *lane, struct move *m, bool *told, struct error *err)
{
	struct uid_set range = { 0 };
	struct event e = { 0 };
	unsigned number;
	uid_set_add(&range, 1, m->source_box.next - 1);
	int ok = lane->source->ops->changed(lane->source, m->source, &range, m->sealed[0].modseq, &number, err);
	uid_set_free(&range);
	while (ok == 0 && !(e.kind == EV_ASKED && e.ask == number)) {
		ok = ahead_next(lane, &e, err);
		if (ok == 0)
			ok = listing_holds(m, &e, err);
		for (size_t i = 0; ok == 0 && e.kind == EV_UIDS && i < e.uids.count; i++)
			uid_set_add(&m->changed, e.uids.range[i].first, e.uids.range[i].last);
		uid_set_free(&e.uids);
		mail_free(&e.mail);
	}
	if (ok == 0 && e.err.class == ERR_THROTTLED) {
		*err = e.err;
		ok = -1;
	}
	*told = ok == 0 && e.err.class == ERR_NONE;
	return ok;
}

int since_begin(struct lane *lane, struct move *m, struct error *err)
{
	const struct flow *flow = lane->pool->flow;
	const struct box *now = &m->source->box; /* before anything was read of it */
	char seal[SEAL_MAX];
	bool told;
	uid_set_reset(&m->changed);
	m->narrow = false;
	if (flow->order != FLOW_RUN)
		return 0;
	int sealed = store_unseal(flow->store, m->folder, seal, sizeof seal, err);
	if (sealed <= 0 || !seal_counts(flow) || !m->target_exists || !m->counts || m->listed.count == 0 || !seal_read(seal, m, m->sealed))
		return sealed < 0 ? -1 : 0;
	if (m->source_box.validity != now->validity || !may_tell(&m->sealed[0], now) || m->sealed[1].modseq == 0)
		return 0;
	if (ask_source(lane, m, &told, err) < 0)
		return -1;
	m->narrow = told && fits(&m->sealed[0], now, &m->listed, &m->changed);
	return 0;
}

/* ---- the target ---- */

/* 1: it has told, 0: it can't, -1. */
static int ask_target(struct writer *w, struct move *m, struct uid_set *there, struct uid_set *changed, struct error *err)
{
	struct waiting wait = { .move = m };
	struct uid_set all = { 0 };
	if (settle_list(w, m, 1, &m->since, there, err) < 0)
		return err->class == ERR_FOLDER ? 0 : -1;
	m->since.known = true;
	if (!may_tell(&m->sealed[1], &m->since))
		return 0;
	uid_set_add(&all, 1, UINT32_MAX);
	int ok = w->conn->ops->changed(w->conn, &m->target, &all, m->sealed[1].modseq, &wait.ask, err);
	uid_set_free(&all);
	if (ok == 0)
		ok = writer_await(w, &wait, err);
	*changed = wait.uids;
	if (ok < 0)
		return wait.over && err->class != ERR_THROTTLED ? 0 : -1;
	return fits(&m->sealed[1], &m->since, there, changed);
}

/* Those of quiet that were compared by their headers, as they share a Message-ID or have none. */
static int note_alike(struct writer *w, struct move *m, struct error *err)
{
	struct uid_set alike = { 0 }, other = { 0 };
	int ok = store_uids(w->flow->store, m->folder, WHICH_NOT_UNIQUE, &alike, err);
	if (ok == 0) {
		uid_set_minus(&other, &alike, &m->quiet);
		uid_set_minus(&m->alike, &alike, &other);
	}
	uid_set_free(&alike);
	uid_set_free(&other);
	return ok;
}

int since_look(struct writer *w, struct move *m, struct error *err)
{
	struct uid_set there = { 0 }, changed = { 0 };
	int ok = ask_target(w, m, &there, &changed, err);
	m->since.known = true;
	m->narrow = ok > 0;
	if (ok > 0) {
		m->looked_fresh = true;
		m->looks++;
		m->looked = m->since;
		ok = store_quiet(w->flow->store, m->folder, &(struct quiet){ &m->changed, &there, &changed }, &m->quiet, err);
	}
	if (ok == 0 && m->narrow)
		ok = note_alike(w, m, err);
	if (ok == 0 && m->narrow)
		log_line(w->flow->log, "%s: %s: %llu messages have not changed since they were compared", m->account->job->name, m->source->name, (unsigned long long)uid_set_size(&m->quiet));
	uid_set_free(&there);
	uid_set_free(&changed);
	return ok;
}

void since_forget(struct writer *w, struct move *m)
{
	log_line(w->flow->log, "%s: %s: another message under the same number: all of it is compared", m->account->job->name, m->source->name);
	m->narrow = m->strange = false;
	uid_set_reset(&m->quiet);
	uid_set_reset(&m->alike);
}
