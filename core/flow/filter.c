/* What the job leaves out: by date of arrival, size, \Deleted, and exact doubles. In the reader's thread. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/flow/lane.h"

static struct filter filter_of(const struct move *m)
{
	const struct job_messages *j = &m->account->job->messages;
	bool dates = j->since != 0 || j->before != 0; /* a job without a file may say nothing at all */
	return (struct filter){ .since = dates ? j->since : INT64_MIN, .before = dates ? j->before : INT64_MAX, .max_size = j->max_size, .deleted = j->deleted == DELETED_COPY };
}

/* Whether it leaves out what only facts can tell before the body is here. */
static bool needs_facts(const struct filter *f)
{
	return f->since != INT64_MIN || f->before != INT64_MAX || f->max_size > 0;
}

bool filter_asks(const struct move *m)
{
	struct filter f = filter_of(m);
	return needs_facts(&f) || m->account->job->messages.duplicates != DUPLICATES_COPY;
}

enum reason filter_mail(const struct move *m, const struct mail *mail)
{
	struct filter f = filter_of(m);
	if (!f.deleted && (mail->flags.system & FLAG_DELETED))
		return REASON_DELETED;
	if (f.max_size > 0 && mail->size > f.max_size)
		return REASON_SIZE;
	bool dated = mail->date != DATE_UNKNOWN;
	return dated && (mail->date < f.since || mail->date >= f.before) ? REASON_DATE : REASON_NONE;
}

/* ---- facts into the state ---- */

struct knowing {
	struct store *store;
	int64_t folder;
};

static int know(void *ctx, struct mail *const *mails, size_t count, struct error *err)
{
	const struct knowing *k = ctx;
	return store_scanned(k->store, k->folder, mails, count, err);
}

int filter_learn(struct lane *lane, struct move *m, struct uid_set *uids, enum want want, struct error *err)
{
	struct knowing k = { lane->pool->flow->store, m->folder };
	struct scan scan = { .want = want, .take = know, .ctx = &k };
	return scan_source(lane, m, uids, &scan, err);
}

int filter_learn_which(struct lane *lane, struct move *m, enum which which, enum want want, struct error *err)
{
	struct uid_set uids = { 0 };
	int ok = store_uids(lane->pool->flow->store, m->folder, which, &uids, err);
	if (ok == 0)
		ok = filter_learn(lane, m, &uids, want, err);
	uid_set_free(&uids);
	return ok;
}

static int bring_back(struct lane *lane, struct move *m, enum which which, struct error *err)
{
	struct store *store = lane->pool->flow->store;
	struct uid_set uids = { 0 };
	int ok = store_uids(store, m->folder, which, &uids, err);
	if (ok == 0 && uids.count > 0)
		ok = store_again(store, m->folder, &uids, err);
	uid_set_free(&uids);
	return ok;
}

int filter_again(struct lane *lane, struct move *m, struct error *err)
{
	return bring_back(lane, m, WHICH_GONE, err);
}

int filter_planned(struct lane *lane, struct move *m, struct error *err)
{
	const struct plan_folder *planned = m->planned;
	struct uid_set skip = { 0 }, again = { 0 };
	for (size_t i = 0; planned && i < planned->messages; i++)
		uid_set_add(planned->message[i].action == PLAN_SKIP ? &skip : &again, planned->message[i].uid, planned->message[i].uid);
	int ok = store_planned(lane->pool->flow->store, m->folder, &skip, &again, err);
	uid_set_free(&skip);
	uid_set_free(&again);
	return ok;
}

/* ---- date, size, \Deleted ---- */

int filter_rows(struct lane *lane, struct move *m, bool all, struct error *err)
{
	struct store *store = lane->pool->flow->store;
	struct filter f = filter_of(m);
	struct uid_set skipped = { 0 };
	bool facts = all || needs_facts(&f);
	if (store_uids(store, m->folder, WHICH_SKIPPED, &skipped, err) < 0)
		return -1;
	bool some = skipped.count > 0;
	uid_set_free(&skipped);
	if (!facts && !some)
		return 0; /* nothing to leave out before it comes, nothing that could come back */
	if (some && m->account->job->messages.duplicates == DUPLICATES_COPY && bring_back(lane, m, WHICH_DUPLICATES, err) < 0)
		return -1;
	/* the mark may have been taken away since */
	if (some && filter_learn_which(lane, m, WHICH_DELETED, WANT_META, err) < 0)
		return -1;
	if (facts && filter_learn_which(lane, m, WHICH_UNSCANNED, WANT_META, err) < 0)
		return -1;
	if (store_filter(store, m->folder, &f, err) < 0)
		return -1;
	return store_uids(store, m->folder, WHICH_SKIPPED, &m->left_out, err);
}

void filter_left(const struct move *m, struct uid_set *to)
{
	struct uid_set left = { 0 };
	uid_set_minus(&left, &m->listed, &m->left_out);
	uid_set_minus(to, &left, &m->quiet);
	uid_set_free(&left);
}

/* ---- exact doubles ---- */

struct twin {
	uint8_t raw[DIGEST_LEN];
	uint32_t uid;
	bool pending;
};

struct twins {
	struct twin *twin;
	size_t count, cap;
	struct uid_set pending, there;
	struct twin_known *known;	/* those of several, for filter_is_spare */
	size_t knowns, known_cap;
};

static int take_twins(void *ctx, struct mail *const *mails, size_t count, struct error *err)
{
	struct twins *t = ctx;
	(void)err;
	for (size_t i = 0; i < count; i++) {
		bool pending = uid_set_has(&t->pending, mails[i]->uid);
		if (!mails[i]->has_proof || (!pending && !uid_set_has(&t->there, mails[i]->uid)))
			continue;
		t->twin = x_room(t->twin, t->count, &t->cap, sizeof *t->twin);
		struct twin *twin = &t->twin[t->count++];
		*twin = (struct twin){ .uid = mails[i]->uid, .pending = pending };
		memcpy(twin->raw, mails[i]->proof.raw, DIGEST_LEN);
	}
	return 0;
}

/* Same bytes stand together: what is at the target already first, then the lowest UID. */
static int by_bytes(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;
	int order = memcmp(x->raw, y->raw, DIGEST_LEN);
	if (order == 0)
		order = (int)x->pending - (int)y->pending;
	return order ? order : x->uid < y->uid ? -1 : x->uid > y->uid;
}

static bool same_bytes(const struct twins *t, size_t i, size_t k)
{
	return k < t->count && memcmp(t->twin[i].raw, t->twin[k].raw, DIGEST_LEN) == 0;
}

/* The pending ones that are every byte the same as another that stays. What the target may hold already is not skipped: it is looked at, and known here. */
static void too_many(const struct move *m, struct twins *t, struct uid_set *out)
{
	size_t first = 0, head = 0;
	if (t->count > 0)
		qsort(t->twin, t->count, sizeof *t->twin, by_bytes);
	for (size_t i = 0; i < t->count; i++) {
		const struct twin *twin = &t->twin[i];
		bool is_first = i == 0 || !same_bytes(t, i, first);
		first = is_first ? i : first;
		if (!is_first && twin->pending && !uid_set_has(&m->doubtful, twin->uid)) {
			uid_set_add(out, twin->uid, twin->uid);
			continue;
		}
		t->known = x_room(t->known, t->knowns, &t->known_cap, sizeof *t->known);
		head = is_first ? t->knowns : head;
		t->known[t->knowns++] = (struct twin_known){ .uid = twin->uid, .first = t->twin[first].uid };
		t->known[head].staying++;
	}
}

static int by_uid(const void *a, const void *b)
{
	const struct twin_known *x = a, *y = b;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* The reader finds twins, the writer asks for them. */
static void keep_known(struct lane *lane, struct move *m, const struct twins *t)
{
	if (t->knowns > 0)
		qsort(t->known, t->knowns, sizeof *t->known, by_uid);
	pthread_mutex_lock(&lane->lock);
	free(m->twins);
	m->twins = t->known;
	m->twins_count = t->knowns;
	pthread_mutex_unlock(&lane->lock);
}

bool filter_is_spare(struct lane *lane, struct move *m, uint32_t uid)
{
	const struct twin_known key = { .uid = uid };
	bool spare = false;
	pthread_mutex_lock(&lane->lock);
	struct twin_known *it = m->twins ? bsearch(&key, m->twins, m->twins_count, sizeof key, by_uid) : NULL;
	if (it && !it->left_out) {
		/* the first of its kind counts those that stay */
		const struct twin_known first = { .uid = it->first };
		struct twin_known *head = bsearch(&first, m->twins, m->twins_count, sizeof first, by_uid);
		spare = it->left_out = head->staying > 1;
		head->staying -= spare;
	}
	pthread_mutex_unlock(&lane->lock);
	return spare;
}

static bool any_of(const struct uid_set *set, const struct uid_set *among)
{
	for (size_t i = 0; i < set->count; i++)
		for (uint64_t u = set->range[i].first; u <= set->range[i].last; u++)
			if (uid_set_has(among, (uint32_t)u))
				return true;
	return false;
}

static int skip_twins(struct lane *lane, struct move *m, struct twins *t, struct error *err)
{
	struct store *store = lane->pool->flow->store;
	struct uid_set same = { 0 }, skip = { 0 };
	struct scan scan = { .want = WANT_DIGEST, .take = take_twins, .ctx = t };
	int ok = store_uids(store, m->folder, WHICH_TWINS, &same, err);
	if (ok == 0)
		ok = store_uids(store, m->folder, WHICH_PENDING, &t->pending, err);
	if (ok == 0)
		ok = store_uids(store, m->folder, WHICH_THERE, &t->there, err);
	if (ok == 0 && any_of(&same, &t->pending))
		ok = scan_source(lane, m, &same, &scan, err);
	if (ok == 0) {
		too_many(m, t, &skip);
		keep_known(lane, m, t);
		ok = store_skip(store, m->folder, &skip, REASON_DUPLICATE, err);
	}
	uid_set_free(&same);
	uid_set_free(&skip);
	return ok;
}

int filter_twins(struct lane *lane, struct move *m, struct error *err)
{
	struct filter f = filter_of(m);
	struct twins t = { 0 };
	if (m->account->job->messages.duplicates != DUPLICATES_SKIP)
		return 0;
	/* headers come with flags: what is left out anyway must not be the one that stays */
	if (filter_learn_which(lane, m, WHICH_HEADLESS, WANT_HEAD, err) < 0 || store_filter(lane->pool->flow->store, m->folder, &f, err) < 0 ||
		bring_back(lane, m, WHICH_DUPLICATES_OPEN, err) < 0)
		return -1;
	int ok = skip_twins(lane, m, &t, err);
	if (ok == 0)
		ok = store_uids(lane->pool->flow->store, m->folder, WHICH_SKIPPED, &m->left_out, err);
	free(t.twin);
	uid_set_free(&t.pending);
	uid_set_free(&t.there);
	return ok;
}
