/* What is at the target already: intents whose answer never came, copies that lost their place, mail that was there before us. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"
#include "core/mail/proof.h"

/* A server may carry a command out long after its client has gone: "it is not there" is believed only this long after the
   connection was lost, and after two looks this far apart between which the folder did not change. */
#define LATE_SECONDS 15
#define LOOKS_APART_MS 5000
#define LOOKS_MAX 12
#define LISTINGS_MAX 3
/* Of mails that may be the same as one: so many at once, and in all. */
#define DOUBTS_AT_ONCE 16
#define DOUBTS_MAX 4096

/* ---- looking ---- */

struct gathering {
	struct mail *mails[CHUNK_UIDS];
	size_t count;
};

static int gather(void *ctx, struct mail *mail, struct error *err)
{
	struct gathering *g = ctx;
	(void)err;
	if (g->count < CHUNK_UIDS && mail->has_id)
		g->mails[g->count++] = mail;
	else
		mail_free(&mail);
	return 0;
}

/* Their headers, read anew. */
static int read_candidates(struct writer *w, struct move *m, struct uid_set *uids, struct error *err)
{
	int ok = 0;
	while (ok == 0 && uid_set_size(uids) > 0) {
		struct uid_set part = { 0 };
		struct gathering g = { .count = 0 };
		struct waiting wait = { .move = m, .mail = gather, .ctx = &g };
		uid_set_take(uids, &part, CHUNK_UIDS, SET_TEXT);
		ok = w->conn->ops->ask(w->conn, &m->target, &part, WANT_HEAD, false, &wait.ask, err);
		if (ok == 0)
			ok = writer_await(w, &wait, err);
		if (ok == 0)
			ok = store_candidates(w->flow->store, m->mailbox, g.mails, g.count, err);
		while (g.count > 0)
			mail_free(&g.mails[--g.count]);
		uid_set_free(&part);
	}
	return ok;
}

/* A search that leaves out mail would have it sent once more: where all is asked for, it is counted. */
int settle_list(struct writer *w, struct move *m, uint32_t from, struct box *box, struct uid_set *out, struct error *err)
{
	struct uid_set range = { 0 };
	uid_set_add(&range, from ? from : 1, UINT32_MAX);
	int ok = 0;
	bool whole = false;
	for (int looks = 0; ok == 0 && !whole && looks < LISTINGS_MAX; looks++) {
		struct waiting wait = { 0 };
		ok = w->conn->ops->ask(w->conn, &m->target, &range, WANT_UIDS, true, &wait.ask, err);
		if (ok == 0)
			ok = writer_await(w, &wait, err);
		*box = wait.box;
		if (ok == 0 && m->target.box.validity && box->validity != m->target.box.validity)
			ok = error_set(err, ERR_FOLDER, N_("the target folder was renumbered meanwhile"));
		whole = from > 1 || uid_set_size(&wait.uids) >= box->exists; /* or mail was deleted at this very moment */
		uid_set_free(out);
		*out = wait.uids;
	}
	uid_set_free(&range);
	if (ok == 0 && !whole)
		ok = error_set(err, ERR_FOLDER, "the target says that the folder holds %u messages, and its search names %llu", box->exists, (unsigned long long)uid_set_size(out));
	return ok;
}

int settle_look(struct writer *w, struct move *m, uint32_t from, struct box *box, struct error *err)
{
	struct uid_set present = { 0 }, unclaimed = { 0 };
	int ok = settle_list(w, m, from, box, &present, err);
	if (ok == 0)
		ok = store_unclaimed(w->flow->store, m->mailbox, m->folder, &present, &unclaimed, err);
	if (ok == 0)
		ok = read_candidates(w, m, &unclaimed, err);
	crash_point("looked");
	uid_set_free(&unclaimed);
	uid_set_free(&present);
	return ok;
}

/* ---- intents ---- */

static bool core_counts(const struct move *m)
{
	return atomic_load(&m->account->target_keeps) != 1; /* where headers survive, only the same header is the same mail */
}

/* 1: each row has found its mail, or there is one for it and the body has to tell which. */
static int match(struct writer *w, struct move *m, enum match what, uint32_t floor, struct error *err)
{
	struct matched matched;
	if (store_match(w->flow->store, m->folder, what, floor, core_counts(m), &matched, err) < 0)
		return -1;
	if (matched.header + matched.core > 0)
		log_line(w->flow->log, "%s: %s: %llu messages found at the target (%s)", m->account->job->name, m->target.name, (unsigned long long)matched.header + matched.core,
			what == MATCH_INTENDED ? "sent, the answer had been lost" : what == MATCH_UNPLACED ? "placed" : "already there");
	return matched.twins >= matched.doubtful + matched.none;
}

/* Whether an append could still be carried out: a whole command left and its answer never came, or an earlier process did we don't know what. */
static bool may_come_late(const struct move *m)
{
	return !m->settled || m->late;
}

/* An intent may be much older than the last byte of its command: on a slow line, or sent again by itself. So the time counts from the end of
   the connection as well; an earlier process's ended before this one began. */
static int wait_for_late(struct writer *w, const struct move *m, const struct intents *open, struct error *err)
{
	int64_t wait = (open->newest + LATE_SECONDS - clock_now()) * 1000;
	int64_t since_lost = (m->late ? m->lost_at : w->lane->pool->began) + LATE_SECONDS * 1000 - clock_ms();
	if (wait < since_lost)
		wait = since_lost;
	if (wait > LATE_SECONDS * 1000)
		wait = LATE_SECONDS * 1000; /* a clock that was set back */
	if (wait < LOOKS_APART_MS)
		wait = LOOKS_APART_MS;
	atomic_fetch_add(&m->account->seen->settling, 1);
	int slept = cancel_sleep(&w->lane->halt_read, wait);
	atomic_fetch_sub(&m->account->seen->settling, 1);
	return slept < 0 ? error_set(err, ERR_CANCELLED, "stopped") : 0;
}

/* Looks until every intent has its mail, or the rest is known not to have come. The folder was looked at once already. */
static int settle_intents(struct writer *w, struct move *m, struct box *box, struct error *err)
{
	struct store *store = w->flow->store;
	struct intents open;
	struct box before = *box;
	for (int looks = 1; looks < LOOKS_MAX; looks++) {
		if (store_intents(store, m->folder, &open, err) < 0)
			return -1;
		int all = open.count > 0 ? match(w, m, MATCH_INTENDED, open.floor, err) : 1;
		if (all < 0 || store_intents(store, m->folder, &open, err) < 0)
			return -1;
		if (all > 0 || !may_come_late(m) || (looks > 1 && before.next == box->next && before.exists == box->exists))
			return 0;
		before = *box;
		log_line(w->flow->log, "%s: %s: %llu messages were sent and not answered; waiting to see whether they still arrive", m->account->job->name, m->target.name,
			(unsigned long long)open.count);
		if (wait_for_late(w, m, &open, err) < 0 || settle_look(w, m, open.floor, box, err) < 0)
			return -1;
	}
	return error_set(err, ERR_RETRY, N_("the target folder does not come to rest"));
}

/* Sent, perhaps stored in a form we can't recognise: only the body tells, and until it does nothing is sent again. */
static int note_unsure(struct writer *w, struct move *m, struct error *err)
{
	struct intents open;
	if (store_intents(w->flow->store, m->folder, &open, err) < 0)
		return -1;
	if (open.count > 0 && store_intents_none(w->flow->store, m->folder, err) < 0)
		return -1;
	return store_uids(w->flow->store, m->folder, WHICH_UNSURE, &m->unsure, err); /* those of a session before this one too */
}

/* The dry run: what is found counts, what is not found says nothing. */
static int foresee(struct writer *w, struct move *m, struct error *err)
{
	struct intents open;
	struct box box;
	if (settle_look(w, m, 1, &box, err) < 0 || store_intents(w->flow->store, m->folder, &open, err) < 0)
		return -1;
	if (open.count > 0 && match(w, m, MATCH_INTENDED, open.floor, err) < 0)
		return -1;
	if (match(w, m, MATCH_UNPLACED, 1, err) < 0 || match(w, m, MATCH_PENDING, 1, err) < 0 || guard_renumbered(w->lane->pool, m, err) < 0)
		return -1;
	struct task *t = x_calloc(1, sizeof *t);
	t->move = m;
	t->forecast = true;
	lane_ask(w->lane, t);
	return 0;
}

int settle_move(struct writer *w, struct move *m, struct error *err)
{
	struct store *store = w->flow->store;
	struct box box;
	if (w->flow->order == FLOW_PLAN)
		return foresee(w, m, err);
	if (settle_look(w, m, 1, &box, err) < 0 || settle_intents(w, m, &box, err) < 0 || note_unsure(w, m, err) < 0 || match(w, m, MATCH_UNPLACED, 1, err) < 0 ||
		match(w, m, MATCH_PENDING, 1, err) < 0 || guard_renumbered(w->lane->pool, m, err) < 0 || store_uids(store, m->folder, WHICH_DOUBTFUL, &m->doubtful, err) < 0)
		return -1;
	m->settled = true;
	m->late = false;
	m->floor = box.next ? box.next : m->floor;
	writer_ask_rest(w, m);
	return 0;
}

/* ---- doubts ---- */

struct comparison {
	const struct proof *ours;
	uint32_t same;		/* target UID, 0: none */
};

static int compare_body(void *ctx, struct mail *mail, struct error *err)
{
	struct comparison *c = ctx;
	const struct proof *theirs = &mail->proof;
	(void)err;
	if (!c->same && mail->has_proof && (memcmp(theirs->body, c->ours->body, DIGEST_LEN) == 0 || memcmp(theirs->content, c->ours->content, DIGEST_LEN) == 0))
		c->same = mail->uid;
	mail_free(&mail);
	return 0;
}

static int compare_some(struct writer *w, struct move *m, const uint32_t *uids, size_t count, struct comparison *c, struct error *err)
{
	struct waiting wait = { .mail = compare_body, .ctx = c };
	struct uid_set set = { 0 };
	for (size_t i = 0; i < count; i++)
		uid_set_add(&set, uids[i], uids[i]);
	int ok = w->conn->ops->ask(w->conn, &m->target, &set, WANT_DIGEST, false, &wait.ask, err);
	uid_set_free(&set);
	return ok < 0 ? -1 : writer_await(w, &wait, err);
}

static int note_unsettled(struct writer *w, struct move *m, uint32_t uid, struct error *err)
{
	struct uid_set one = { 0 };
	struct problem p = { .side = SIDE_TARGET, .severity = "error", .code = "unsettled", .uid = uid,
		.text = N_("this message was sent, the answer was lost, and the new mailbox holds one with the same Message-ID but other content"),
		.hint = N_("compare the two; it is not sent again by itself, so that nothing is doubled") };
	uid_set_add(&one, uid, uid);
	int ok = store_unsettled(w->flow->store, m->folder, &one, err);
	uid_set_free(&one);
	return ok < 0 ? -1 : writer_problem(w, m, &p, err);
}

/* What one mail may be at the target. */
struct doubt {
	size_t others;		/* so many that it may have been */
	size_t promised;	/* of these, that are by their date another mail's, which has not found its own yet */
	uint32_t same;		/* target UID, 0: none is */
};

/* Which it is, by its body. all: those that are promised to another are compared, too. */
static int find_same(struct writer *w, struct move *m, const struct mail *mail, bool all, struct doubt *d, struct error *err)
{
	uint32_t uids[DOUBTS_MAX];
	CLEANUP(proof_free) struct proof ours = { .field = NULL };
	*d = (struct doubt){ 0 };
	if (store_doubts(w->flow->store, m->folder, mail->uid, uids, DOUBTS_MAX, &d->others, &d->promised, err) < 0)
		return -1;
	size_t count = all ? d->others : d->others - d->promised;
	if (count == 0)
		return 0;
	if (proof_of_blob(&ours, mail->body, err) < 0)
		return -1;
	struct comparison c = { .ours = &ours };
	/* its own mostly comes first: they lie there in the order in which they came */
	for (size_t i = 0, n = 1; i < count && !c.same; i += n, n = DOUBTS_AT_ONCE)
		if (compare_some(w, m, uids + i, count - i < n ? count - i : n, &c, err) < 0)
			return -1;
	d->same = c.same;
	return 0;
}

/* 1, or 0: another row was quicker. */
static int claim_same(struct writer *w, const struct move *m, uint32_t uid, enum origin origin, uint32_t same, struct error *err)
{
	if (store_claim(w->flow->store, m->folder, uid, origin, same, err) == 0)
		return 1;
	return err->class == ERR_MESSAGE ? 0 : -1;
}

int settle_doubt(struct writer *w, struct move *m, const struct mail *mail, struct error *err)
{
	bool unsure = uid_set_has(&m->unsure, mail->uid);
	struct doubt d;
	if (find_same(w, m, mail, m->last_look, &d, err) < 0)
		return -1;
	if (d.same)
		return claim_same(w, m, mail->uid, unsure ? ORIGIN_OURS : ORIGIN_THERE, d.same, err);
	bool may_be_anothers = d.promised > 0 && !m->last_look;
	if (d.others == 0 || (!unsure && !may_be_anothers))
		return 0; /* what is there is another mail of the same Message-ID */
	if (m->last_look)
		return note_unsettled(w, m, mail->uid, err) < 0 ? -1 : 1;
	uid_set_add(&m->deferred, mail->uid, mail->uid);
	return 1;
}

static int place(struct writer *w, struct move *m, const struct mail *mail, bool all, struct error *err)
{
	struct doubt d;
	if (find_same(w, m, mail, all, &d, err) < 0)
		return -1;
	return d.same ? claim_same(w, m, mail->uid, ORIGIN_OURS, d.same, err) : 0;
}

int settle_stray(struct writer *w, struct move *m, const struct mail *mail, struct error *err)
{
	return place(w, m, mail, false, err);
}

int settle_twins(struct writer *w, struct move *m, const struct batch *b, struct error *err)
{
	int ok = 0;
	for (int all = 0; ok >= 0 && all < 2; all++) { /* first each its own */
		struct uid_set doubtful = { 0 };
		ok = store_uids(w->flow->store, m->folder, WHICH_DOUBTFUL, &doubtful, err);
		for (size_t i = 0; ok >= 0 && i < b->count; i++)
			if (uid_set_has(&doubtful, b->mails[i]->uid))
				ok = place(w, m, b->mails[i], all > 0, err);
		uid_set_free(&doubtful);
	}
	return ok < 0 ? -1 : 0;
}
