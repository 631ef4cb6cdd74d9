/* A folder that was copied and is now mapped elsewhere: is its mail there already? In the writer's thread, while the plan waits. */
#include "core/flow/writer.h"

/* As it is now: a listing need not have known its UIDVALIDITY. */
static int open_anew(struct writer *w, struct move *m, struct error *err)
{
	struct waiting wait = { 0 };
	struct uid_set first = { 0 };
	bool renumbered;
	uid_set_add(&first, 1, 1);
	int ok = w->conn->ops->ask(w->conn, &m->target, &first, WANT_UIDS, true, &wait.ask, err);
	if (ok == 0)
		ok = writer_await(w, &wait, err);
	uid_set_free(&first);
	uid_set_free(&wait.uids);
	if (ok < 0)
		return -1;
	m->target.box = wait.box;
	return store_mailbox_seen(w->flow->store, m->mailbox, wait.box.validity, wait.box.next ? wait.box.next : 1, &renumbered, err);
}

/* Only mail that surely arrived is looked for. What was sent without an answer may lie in the old place yet: it keeps the plan from standing. */
static int look(struct writer *w, struct move *m, struct error *err)
{
	struct matched matched;
	struct box box;
	bool core_counts = m->account->row.target_keeps != 1;
	if (!m->target_exists)
		return 0;
	if (open_anew(w, m, err) < 0 || settle_look(w, m, 1, &box, err) < 0 || store_match(w->flow->store, m->folder, MATCH_UNPLACED, 1, core_counts, &matched, err) < 0)
		return -1;
	log_line(w->flow->log, "%s: %s: mapped elsewhere; %llu of its messages are there", m->account->job->name, m->target.name,
		(unsigned long long)matched.header + matched.core);
	return store_candidates_forget(w->flow->store, m->mailbox, err);
}

int remap_look(struct writer *w, struct move *m, struct error *err)
{
	if (look(w, m, err) < 0)
		return error_at(err, "%s", m->target.name);
	pthread_mutex_lock(&w->lane->lock);
	w->lane->looks--;
	pthread_cond_broadcast(&w->lane->changed);
	pthread_mutex_unlock(&w->lane->lock);
	return 0;
}
