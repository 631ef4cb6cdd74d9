/* Views like \All: of what they show, only what no other folder has is moved. What headers prove is left out unread; where they don't (twins, mail that has
   left its folder since it was copied), the writer compares bodies with what lies at the target. What remains in doubt is copied. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"
#include "core/mail/proof.h"

#define LATE_MAX 2000	/* of one folder */

/* ---- in the reader's thread ---- */

static int take_late(void *ctx, struct mail *const *mails, size_t count, struct error *err)
{
	struct mail_list *late = ctx;
	(void)err;
	for (size_t i = 0; i < count; i++) {
		struct mail *copy = x_calloc(1, sizeof *copy);
		*copy = (struct mail){ .uid = mails[i]->uid, .size = mails[i]->size, .date = mails[i]->date, .id = mails[i]->id, .has_id = mails[i]->has_id };
		late->mail = x_room(late->mail, late->count, &late->cap, sizeof *late->mail);
		late->mail[late->count++] = copy;
	}
	return 0;
}

/* What came into that folder since the account was listed. */
static int read_new(struct lane *lane, const struct move *of, const struct folder *now, struct mail_list *late, struct error *err)
{
	struct move m = { .account = of->account, .source = of->source, .source_box = of->source_box };
	struct scan scan = { .want = WANT_HEAD, .take = take_late, .ctx = late };
	struct uid_set uids = { 0 };
	if (!now || !now->box.known || now->box.validity != m.source_box.validity || m.source_box.next == 0 || now->box.next <= m.source_box.next)
		return 0;
	uid_set_add(&uids, m.source_box.next, now->box.next - m.source_box.next > LATE_MAX ? m.source_box.next + LATE_MAX : now->box.next - 1);
	int ok = scan_source(lane, &m, &uids, &scan, err);
	uid_set_free(&uids);
	return ok;
}

/* A folder was asked how far it goes before the view was: mail that came in between is in the view's part of this run, and in the folder's of the next. */
static int find_late(struct lane *lane, const struct move *m, struct mail_list *late, struct error *err)
{
	const struct account *a = m->account;
	struct folder_list now = { 0 };
	if (lane->pool->flow->order != FLOW_RUN)
		return 0;
	if (ahead_quiet(lane, err) < 0 || lane->source->ops->list(lane->source, &now, err) < 0)
		return -1;
	int ok = 0;
	for (size_t i = 0; ok == 0 && i < a->count; i++)
		if (folder_view(a->moves[i].role) < folder_view(m->role))
			ok = read_new(lane, &a->moves[i], folder_find(&now, a->moves[i].source->wire), late, err);
	folder_list_free(&now);
	return ok;
}

static void late_free(struct mail_list *late)
{
	while (late->count > 0)
		mail_free(&late->mail[--late->count]);
	free(late->mail);
}

static int leave_out(struct store *store, struct move *m, enum elsewhere what, const struct mail_list *late, struct error *err)
{
	struct uid_set out = { 0 };
	int ok = store_elsewhere(store, m->folder, what, late, &out, err);
	if (ok == 0)
		ok = store_skip(store, m->folder, &out, REASON_ELSEWHERE, err);
	uid_set_free(&out);
	return ok;
}

/* Facts of all, then headers of those that may be elsewhere. A forecast goes without them: of a large mailbox they would be much to read. */
static int learn(struct lane *lane, struct move *m, const struct mail_list *late, struct error *err)
{
	const struct flow *flow = lane->pool->flow;
	struct uid_set maybe = { 0 };
	int ok = filter_learn_which(lane, m, WHICH_UNSCANNED, WANT_META, err);
	if (ok == 0 && flow->order == FLOW_RUN)
		ok = store_elsewhere(flow->store, m->folder, ELSEWHERE_MAYBE, late, &maybe, err);
	if (ok == 0)
		ok = filter_learn(lane, m, &maybe, WANT_HEAD, err);
	uid_set_free(&maybe);
	return ok;
}

int elsewhere_rows(struct lane *lane, struct move *m, struct error *err)
{
	const struct flow *flow = lane->pool->flow;
	bool view = folder_view(m->role) > 0, run = flow->order == FLOW_RUN;
	struct uid_set pending = { 0 };
	if (store_elsewhere_back(flow->store, m->folder, !view, err) < 0)
		return -1;
	if (!view)
		return 0;
	CLEANUP(late_free) struct mail_list late = { 0 };
	if (find_late(lane, m, &late, err) < 0 || learn(lane, m, &late, err) < 0 || leave_out(flow->store, m, run ? ELSEWHERE_SURE : ELSEWHERE_FORESEEN, &late, err) < 0)
		return -1;
	if (run && store_elsewhere_places(flow->store, m->folder, &m->elsewhere, &m->elsewhere_count, err) < 0)
		return -1;
	int ok = store_uids(flow->store, m->folder, WHICH_SKIPPED, &m->left_out, err);
	if (ok == 0)
		ok = store_uids(flow->store, m->folder, WHICH_PENDING, &pending, err);
	if (!m->counted) /* for a display, which else waits for mail that never comes */
		atomic_fetch_add(&m->account->seen->left_out, uid_set_size(&m->left_out));
	m->bare = run && !m->target_exists && pending.count == 0;
	uid_set_free(&pending);
	return ok;
}

int elsewhere_tell(struct lane *lane, struct move *m, struct error *err)
{
	struct uid_set out = { 0 };
	struct problem p = { .account = m->account->row.id, .folder = m->folder, .side = SIDE_SOURCE, .severity = "note", .code = "in-other-folders", .message_id = "", .file = "",
		.hint = N_("nothing to do: this folder only shows mail that others hold, and what no other has is moved from here") };
	if (folder_view(m->role) == 0 || store_uids(lane->pool->flow->store, m->folder, WHICH_ELSEWHERE, &out, err) < 0)
		return folder_view(m->role) == 0 ? 0 : -1;
	char text[120];
	uint64_t count = uid_set_size(&out);
	uid_set_free(&out);
	snprintf(text, sizeof text, "messages that are in other folders too, and are moved there: %llu", (unsigned long long)count);
	p.text = text;
	return count > 0 ? pool_problem(lane->pool->flow, m->account, m, &p, err) : 0;
}

/* ---- in the writer's thread ---- */

struct comparison {
	const struct proof *ours;
	bool same;
};

static int compare_body(void *ctx, struct mail *mail, struct error *err)
{
	struct comparison *c = ctx;
	(void)err;
	c->same = c->same || (mail->has_proof && memcmp(mail->proof.body, c->ours->body, DIGEST_LEN) == 0);
	mail_free(&mail);
	return 0;
}

/* Mail in another folder of the target, if that has the numbering still. A NO of the server leaves it open. */
static int compare(struct writer *w, const struct move *m, struct elsewhere_place *place, struct comparison *c, struct error *err)
{
	const struct folder at = { .wire = place->wire, .name = place->wire, .separator = m->target.separator, .selectable = true };
	struct waiting wait = { .mail = compare_body, .ctx = c };
	struct uid_set one = { 0 };
	uid_set_add(&one, place->target_uid, place->target_uid);
	int ok = w->conn->ops->ask(w->conn, &at, &one, WANT_DIGEST, true, &wait.ask, err);
	uid_set_free(&one);
	if (ok < 0)
		return -1;
	if (writer_await(w, &wait, err) < 0)
		return wait.over && err->class == ERR_FOLDER ? 0 : -1;
	c->same = c->same && wait.box.validity == place->validity;
	return 0;
}

static size_t first_of(const struct move *m, uint32_t uid)
{
	size_t low = 0, high = m->elsewhere_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->elsewhere[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int elsewhere_same(struct writer *w, struct move *m, const struct mail *mail, struct error *err)
{
	struct comparison c = { 0 };
	CLEANUP(proof_free) struct proof ours = { 0 };
	size_t i = first_of(m, mail->uid);
	if (i == m->elsewhere_count || m->elsewhere[i].uid != mail->uid)
		return 0;
	if (proof_of_blob(&ours, mail->body, err) < 0)
		return -1;
	c.ours = &ours;
	for (; i < m->elsewhere_count && m->elsewhere[i].uid == mail->uid && !c.same; i++)
		if (compare(w, m, &m->elsewhere[i], &c, err) < 0)
			return -1;
	if (!c.same)
		return 0;
	struct uid_set one = { 0 };
	uid_set_add(&one, mail->uid, mail->uid);
	int ok = store_skip(w->flow->store, m->folder, &one, REASON_ELSEWHERE_SAME, err);
	uid_set_free(&one);
	return ok < 0 ? -1 : 1;
}
