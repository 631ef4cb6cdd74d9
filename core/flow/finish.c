/* The end of a move: what the comparison left over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "core/base/i18n.h"
#include "core/flow/writer.h"

static void add_all(struct uid_set *to, const struct uid_set *from)
{
	for (size_t i = 0; i < from->count; i++)
		uid_set_add(to, from->range[i].first, from->range[i].last);
}

static struct task *task_for(struct move *m)
{
	struct task *t = x_calloc(1, sizeof *t);
	t->move = m;
	return t;
}

static void ask_again(struct writer *w, struct move *m, struct task *t)
{
	m->told = false;
	m->looked_fresh = false;
	lane_ask(w->lane, t);
}

/* ---- mails that are not where they were thought to be ---- */

static int report_missing(struct writer *w, struct move *m, uint32_t uid, bool again, struct error *err)
{
	struct problem p = { .side = SIDE_TARGET, .severity = again ? "warning" : "error", .code = "message-missing", .uid = uid,
		.text = again ? N_("the new server said that it stored this message, and it was not there; it was sent once more") : N_("the new server does not keep this message"),
		.hint = again ? "" : N_("run again; if it stays missing, ask the new provider") };
	return writer_problem(w, m, &p, err);
}

/* So many at once that it may be the target's loss, not its owner's doing: nothing is believed until somebody has looked. */
static int guard_gone(struct writer *w, struct move *m, const struct placed *rows, size_t count, struct error *err)
{
	struct uid_set all = { 0 };
	uint64_t gone = 0, of;
	for (size_t i = 0; i < count; i++)
		gone += !rows[i].target_uid && !uid_set_has(&m->strays, rows[i].uid) && rows[i].state == STATE_VERIFIED && rows[i].checked != CHECKED_GONE;
	if (gone == 0)
		return 0;
	if (store_uids(w->flow->store, m->folder, WHICH_VERIFIED, &all, err) < 0)
		return -1;
	of = uid_set_size(&all);
	uid_set_free(&all);
	return guard_target(w->lane->pool, m, gone, of, err);
}

/* Verified once and not there any more: its owner has moved or deleted it. Else it has never arrived. */
static int sort_unplaced(struct writer *w, struct move *m, const struct placed *rows, size_t count, struct error *err)
{
	if (guard_gone(w, m, rows, count, err) < 0)
		return -1;
	struct finding *gone = x_calloc(count + 1, sizeof *gone);
	size_t n = 0;
	int ok = 0;
	bool run = w->flow->order == FLOW_RUN, again = run && w->flow->again && !m->resent;
	for (size_t i = 0; ok == 0 && i < count; i++) {
		const struct placed *row = &rows[i];
		if (row->target_uid || row->checked == CHECKED_GONE || uid_set_has(&m->strays, row->uid))
			continue;
		if (row->state == STATE_VERIFIED && again) {
			uid_set_add(&m->missing, row->uid, row->uid);
			continue;
		}
		if (row->state == STATE_VERIFIED) {
			gone[n++] = (struct finding){ row->uid, CHECKED_GONE };
			continue;
		}
		ok = report_missing(w, m, row->uid, run && !m->resent, err);
		if (run)
			uid_set_add(&m->missing, row->uid, row->uid);
		else
			gone[n++] = (struct finding){ row->uid, CHECKED_MISSING };
	}
	if (ok == 0)
		ok = store_compared(w->flow->store, m->folder, 1, 0, gone, n, err);
	free(gone);
	return ok;
}

int finish_stray(struct writer *w, struct move *m, const struct placed *row, const struct mail *mail, struct error *err)
{
	bool run = w->flow->order == FLOW_RUN, verified = row->state == STATE_VERIFIED && !(run && w->flow->again && !m->resent);
	struct finding nowhere = { row->uid, verified ? CHECKED_GONE : CHECKED_MISSING };
	int placed = settle_stray(w, m, mail, err);
	if (placed > 0)
		uid_set_add(&m->found, row->uid, row->uid);
	if (placed != 0)
		return placed < 0 ? -1 : 0;
	if (!verified && report_missing(w, m, row->uid, run && !m->resent, err) < 0)
		return -1;
	if (verified || !run)
		return store_compared(w->flow->store, m->folder, 1, 0, &nowhere, 1, err);
	struct uid_set one = { 0 };
	uid_set_add(&one, row->uid, row->uid);
	uid_set_add(&m->missing, row->uid, row->uid);
	int ok = store_again(w->flow->store, m->folder, &one, err); /* at once: it must not be given the place of another */
	uid_set_free(&one);
	return ok;
}

/* Twins that have no place are told apart by their bodies. */
static int note_strays(struct writer *w, struct move *m, const struct placed *rows, size_t count, struct error *err)
{
	struct uid_set twins = { 0 };
	int ok = store_uids(w->flow->store, m->folder, WHICH_TWINS, &twins, err);
	for (size_t i = 0; i < count; i++)
		if (!rows[i].target_uid && rows[i].checked != CHECKED_GONE && uid_set_has(&twins, rows[i].uid) && !uid_set_has(&m->strayed, rows[i].uid))
			uid_set_add(&m->strays, rows[i].uid, rows[i].uid);
	uid_set_free(&twins);
	return ok;
}

/* Looks whether they lie elsewhere in the folder (a wrong APPENDUID, none at all); those that do are compared there. */
static int find_lost(struct writer *w, struct move *m, struct error *err)
{
	struct store *store = w->flow->store;
	struct uid_set unplaced = { 0 };
	struct placed *rows = NULL;
	struct matched matched = { 0 };
	struct box box;
	size_t count = 0;
	if (store_uids(store, m->folder, WHICH_UNPLACED, &unplaced, err) < 0)
		return -1;
	add_all(&unplaced, &m->lost);
	bool any = uid_set_size(&unplaced) > 0;
	int ok = uid_set_size(&m->lost) ? store_unplace(store, m->folder, &m->lost, err) : 0;
	uid_set_reset(&m->lost);
	if (ok == 0 && any && m->target_exists) {
		ok = settle_look(w, m, 1, &box, err);
		if (ok == 0)
			ok = store_match(store, m->folder, MATCH_ALONE, 1, atomic_load(&m->account->target_keeps) != 1, &matched, err);
		m->looked_fresh = true;
		m->looks++;
		m->looked = box;
	}
	if (ok == 0 && any)
		ok = store_placed_of(store, m->folder, &unplaced, &rows, &count, err);
	if (ok == 0 && matched.twins > 0)
		ok = note_strays(w, m, rows, count, err);
	if (ok == 0 && uid_set_size(&m->strays) == 0)
		ok = store_candidates_forget(store, m->mailbox, err);
	if (ok == 0)
		ok = sort_unplaced(w, m, rows, count, err);
	for (size_t i = 0; i < count; i++) /* found elsewhere: to be compared there */
		if (rows[i].target_uid)
			uid_set_add(&m->found, rows[i].uid, rows[i].uid);
	placed_free(rows, count);
	uid_set_free(&unplaced);
	return ok;
}

/* Missing mail is sent once more in the same run, then left pending. */
static int send_missing(struct writer *w, struct move *m, bool *asked, struct error *err)
{
	if (uid_set_size(&m->missing) == 0)
		return 0;
	if (store_again(w->flow->store, m->folder, &m->missing, err) < 0)
		return -1;
	if (!m->resent) {
		struct task *t = task_for(m);
		m->resent = true;
		uid_set_reset(&m->strayed); /* they are to find a place again */
		add_all(&t->copy, &m->missing);
		add_all(&t->meta, &m->missing);
		ask_again(w, m, t);
		*asked = true;
	}
	uid_set_reset(&m->missing);
	return 0;
}

/* ---- what needs another look ---- */

/* What was sent before and not recognised: what its twins have claimed meanwhile speaks no longer against sending it. */
static void look_last(struct writer *w, struct move *m, bool *asked)
{
	if (m->last_look || uid_set_size(&m->deferred) == 0)
		return;
	struct task *t = task_for(m);
	m->last_look = true;
	add_all(&t->copy, &m->deferred);
	if (!w->flow->no_verify)
		add_all(w->flow->deep ? &t->digest : &t->meta, &m->deferred);
	ask_again(w, m, t);
	*asked = true;
}

/* Nothing is called altered after one look. */
static int look_twice(struct writer *w, struct move *m, bool *asked, struct error *err)
{
	if (check_unread(w, m, err) < 0)
		return -1;
	add_all(&m->suspects, &m->strays);
	add_all(&m->strayed, &m->strays);
	uid_set_reset(&m->strays);
	if (uid_set_size(&m->suspects) == 0)
		return 0;
	struct task *t = task_for(m);
	t->whole = true;
	add_all(&t->copy, &m->suspects);
	add_all(&m->reread, &m->suspects);
	uid_set_reset(&m->suspects);
	ask_again(w, m, t);
	*asked = true;
	return 0;
}

/* What shares its Message-ID with other mail, or has none. What was quiet, and alone until now, is read after all. */
static int ask_alike(struct writer *w, struct move *m, struct error *err)
{
	struct uid_set alike = { 0 }, quiet = { 0 };
	if (m->rechecked || w->flow->deep)
		return 0;
	int ok = store_uids(w->flow->store, m->folder, WHICH_NOT_UNIQUE, &alike, err);
	if (ok == 0) {
		uid_set_reset(&m->by_head);
		uid_set_minus(&m->by_head, &alike, &m->alike);
		uid_set_minus(&quiet, &m->quiet, &m->by_head);
		uid_set_free(&m->quiet);
		m->quiet = quiet;
	}
	uid_set_free(&alike);
	return ok;
}

static int look_closer(struct writer *w, struct move *m, bool *asked, struct error *err)
{
	if (ask_alike(w, m, err) < 0)
		return -1;
	struct task *t = task_for(m);
	m->rechecked = true;
	if (m->found_once < 2) /* a mail that is found elsewhere again and again is not ours to chase */
		add_all(w->flow->deep ? &t->digest : &t->meta, &m->found);
	m->found_once += uid_set_size(&m->found) > 0;
	add_all(&t->meta, &m->by_meta);
	add_all(&t->head, &m->by_head);
	add_all(&t->digest, &m->by_digest);
	uid_set_reset(&m->found);
	uid_set_reset(&m->by_meta);
	uid_set_reset(&m->by_head);
	uid_set_reset(&m->by_digest);
	*asked = uid_set_size(&t->meta) + uid_set_size(&t->head) + uid_set_size(&t->digest) > 0;
	if (*asked)
		ask_again(w, m, t);
	else
		task_free(t);
	return 0;
}

static int set_flags(struct writer *w, struct move *m, struct error *err)
{
	if (m->flags_count == 0)
		return 0;
	if (writer_await_all(w, err) < 0) /* nothing else may be open */
		return -1;
	struct flag_change *changes = x_calloc(m->flags_count, sizeof *changes);
	for (size_t i = 0; i < m->flags_count; i++)
		changes[i] = m->flags[i].change;
	int ok = w->conn->ops->set_flags(w->conn, &m->target, changes, m->flags_count, err);
	free(changes);
	crash_point("flagged");
	m->looked_fresh = false;
	for (size_t i = 0; i < m->flags_count; i++) {
		if (ok == 0)
			ok = store_flags(w->flow->store, m->folder, m->flags[i].uid, &m->flags[i].source, err);
		flags_free(&m->flags[i].change.add);
		flags_free(&m->flags[i].source);
	}
	m->flags_count = 0;
	return ok;
}

/* ---- what the target has besides ---- */

static int report_doubles(struct writer *w, struct move *m, uint64_t *doubled, struct error *err)
{
	struct double_row *rows = NULL;
	size_t count = 0;
	int ok = 0;
	struct mailbox_row box;
	const struct job_end *target = &m->account->job->target;
	if (store_mailbox(w->flow->store, target->host, target->user, m->target.wire, m->target.name, &box, err) < 0 ||
		store_doubles(w->flow->store, m->folder, box.first_next, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; ok == 0 && i < count; i++) {
		struct problem p = { .side = SIDE_TARGET, .severity = "error", .code = "message-doubled", .uid = rows[i].uid,
			.text = N_("the new mailbox holds this message more often than the old one"), .hint = N_("delete the copies that are too many in the new mailbox, or accept them") };
		ok = writer_problem(w, m, &p, err);
	}
	*doubled = count;
	free(rows);
	return ok;
}

static int count_others(struct writer *w, struct move *m, struct folder_checked *sum, struct error *err)
{
	struct uid_set range = { 0 }, unclaimed = { 0 };
	struct waiting wait = { 0 };
	struct mailbox_row row;
	struct box box;
	const struct job_end *target = &m->account->job->target;
	if (!m->target_exists || store_mailbox(w->flow->store, target->host, target->user, m->target.wire, m->target.name, &row, err) < 0)
		return m->target_exists ? -1 : 0;
	bool maybe = true;
	uint64_t claimed;
	if (m->looked_fresh && (store_mailbox_claimed(w->flow->store, m->mailbox, &claimed, err) < 0 ||
		(m->looked.exists == claimed && store_claims_vanished(w->flow->store, m->mailbox, &maybe, err) < 0)))
		return -1;
	if (!maybe)
		return 0; /* every message there has its row, and was seen: nothing besides */
	uid_set_add(&range, 1, UINT32_MAX);
	int ok = w->conn->ops->ask(w->conn, &m->target, &range, WANT_UIDS, true, &wait.ask, err);
	if (ok == 0)
		ok = writer_await(w, &wait, err);
	if (ok == 0)
		ok = store_void_vanished(w->flow->store, m->mailbox, &wait.uids, err);
	if (ok == 0)
		ok = store_unclaimed(w->flow->store, m->mailbox, 0, &wait.uids, &unclaimed, err);
	uint64_t others = uid_set_size(&unclaimed);
	if (ok == 0 && others > 0)
		ok = settle_look(w, m, row.first_next, &box, err);
	if (ok == 0 && others > 0)
		ok = report_doubles(w, m, &sum->doubled, err);
	sum->target_only = others - (sum->doubled < others ? sum->doubled : others);
	uid_set_free(&wait.uids);
	uid_set_free(&unclaimed);
	uid_set_free(&range);
	return ok;
}

/* ---- the dry run ---- */

static int report_too_big(struct writer *w, struct move *m, struct error *err)
{
	const struct preset *preset = m->account->job->target.preset;
	uint64_t announced = atomic_load(&m->account->append_limit), limit = announced || !preset ? announced : preset->append_limit;
	struct uid_set large = { 0 };
	char text[160];
	if (limit == 0)
		return 0;
	int ok = store_larger(w->flow->store, m->folder, limit, &large, err);
	if (announced > 0)
		snprintf(text, sizeof text, "this message is larger than the %llu bytes that the new server takes at most", (unsigned long long)limit);
	else
		snprintf(text, sizeof text, "this message is larger than the %llu bytes that the new provider takes at most, as far as is known", (unsigned long long)limit);
	for (size_t i = 0; i < large.count; i++)
		for (uint64_t u = large.range[i].first; ok == 0 && u <= large.range[i].last; u++) {
			struct problem p = { .side = SIDE_TARGET, .severity = "warning", .code = "too-big", .uid = (uint32_t)u, .text = text,
				.hint = N_("a run keeps it as a file in the folder for refused messages, and everything else goes on") };
			ok = writer_problem(w, m, &p, err);
		}
	uid_set_free(&large);
	return ok;
}

/* What an earlier numbering of the source left is dropped as a run would, when nothing can be found any more. */
static int foreseen(struct writer *w, struct move *m, struct error *err)
{
	struct store *store = w->flow->store;
	struct uid_set doubtful = { 0 };
	struct intents open;
	if (report_too_big(w, m, err) < 0 || store_intents(store, m->folder, &open, err) < 0 || store_uids(store, m->folder, WHICH_DOUBTFUL, &doubtful, err) < 0)
		return -1;
	bool sure = open.count == 0 && doubtful.count == 0;
	uid_set_free(&doubtful);
	if ((sure && store_rematched(store, m->folder, err) < 0) || elsewhere_tell(w->lane, m, err) < 0 || store_candidates_forget(store, m->mailbox, err) < 0)
		return -1;
	m->finished = true;
	lane_move_done(w->lane, m);
	return 0;
}

/* A double was left out for the sake of one that did not arrive after all: once more, the reader decides anew. */
static int reopen_doubles(struct writer *w, struct move *m, bool *asked, struct error *err)
{
	struct uid_set open = { 0 };
	if (m->reopened || w->flow->order != FLOW_RUN || m->account->job->messages.duplicates != DUPLICATES_SKIP)
		return 0;
	m->reopened = true;
	int ok = store_uids(w->flow->store, m->folder, WHICH_DUPLICATES_OPEN, &open, err);
	if (ok == 0 && open.count > 0) {
		struct task *t = task_for(m);
		t->copy_pending = true;
		if (!w->flow->no_verify)
			add_all(w->flow->deep ? &t->digest : &t->meta, &open);
		ask_again(w, m, t);
		*asked = true;
	}
	uid_set_free(&open);
	return ok;
}

/* What the comparison left over. *asked: something is to be read for that, and then it comes here again. */
static int look_after(struct writer *w, struct move *m, struct folder_checked *sum, bool *asked, struct error *err)
{
	*asked = m->narrow && m->strange;
	if (*asked) {
		struct task *t = task_for(m);
		since_forget(w, m);
		t->check_all = true;
		ask_again(w, m, t);
		return 0;
	}
	if (find_lost(w, m, err) < 0 || send_missing(w, m, asked, err) < 0)
		return -1;
	if (!*asked && look_twice(w, m, asked, err) < 0)
		return -1;
	if (!*asked && look_closer(w, m, asked, err) < 0)
		return -1;
	if (*asked)
		return 0;
	sum->sampled = m->sampled;
	sum->quiet = uid_set_size(&m->quiet);
	atomic_fetch_add(&w->flow->count->checked, sum->quiet);
	atomic_fetch_add(&m->account->seen->checked, sum->quiet);
	return set_flags(w, m, err) < 0 || count_others(w, m, sum, err) < 0 ? -1 : 0;
}

int finish_move(struct writer *w, struct move *m, struct error *err)
{
	bool asked = false;
	struct store *store = w->flow->store;
	struct folder_checked sum = { .done = true, .deep = w->flow->deep };
	if (w->flow->order == FLOW_PLAN)
		return foreseen(w, m, err);
	if (batch_record(w, m, err) < 0)
		return -1;
	look_last(w, m, &asked);
	if (!asked && reopen_doubles(w, m, &asked, err) < 0)
		return -1;
	if (asked)
		return 0;
	/* only now: until all doubts are settled, mail that rows of an earlier numbering hold can still be theirs */
	if (w->flow->order == FLOW_RUN && store_rematched(store, m->folder, err) < 0)
		return -1;
	if (!w->flow->no_verify && look_after(w, m, &sum, &asked, err) < 0)
		return -1;
	if (asked)
		return 0;
	sum.done = !w->flow->no_verify; /* else what was compared before does not speak of the folder as it is now */
	if (store_folder_checked(store, w->flow->run, m->folder, &sum, err) < 0)
		return -1;
	if (seal_put(w->lane->pool, m, err) < 0 || store_candidates_forget(store, m->mailbox, err) < 0 || elsewhere_tell(w->lane, m, err) < 0)
		return -1;
	crash_point("finished");
	m->finished = true;
	lane_move_done(w->lane, m);
	return 0;
}
