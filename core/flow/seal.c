/* Folders that nobody has touched. Both servers count the changes of a mailbox (UIDNEXT, messages, HIGHESTMODSEQ); where all of them and the job's rules are what they were
   when the folder was last compared, there is nothing to copy and nothing to compare: messages never change. Both sides have to say so: what is quiet at
   the source may be lost at the target. `verify` and `--again` never believe it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/flow/lane.h"

/* false: they do not tell enough. Without the count of changes, flags may be others. */
static bool make_seal(char out[SEAL_MAX], const struct move *m, const struct box *source, const struct box *target)
{
	if (folder_view(m->role) > 0) /* what of it is to be moved is decided by the other folders */
		return false;
	if (!source->known || !source->next || !source->modseq || !target->known || !target->next)
		return false;
	int len = snprintf(out, SEAL_MAX, "%s %lld %u %u %u %" PRIu64 " %u %u %u %" PRIu64, m->account->job->rules, (long long)m->mailbox, source->validity, source->next,
		source->exists, source->modseq, target->validity, target->next, target->exists, target->modseq);
	return len < SEAL_MAX;
}

bool seal_read(const char *seal, const struct move *m, struct box told[2])
{
	char rules[SEAL_MAX];
	uint64_t number[8];
	size_t len = (size_t)snprintf(rules, sizeof rules, "%s %lld ", m->account->job->rules, (long long)m->mailbox);
	if (folder_view(m->role) > 0 || strncmp(seal, rules, len) != 0)
		return false;
	const char *at = seal + len;
	for (size_t i = 0; i < 8; i++) {
		char *end;
		number[i] = strtoull(at, &end, 10);
		if (end == at || *end != (i < 7 ? ' ' : '\0'))
			return false;
		at = end + 1;
	}
	for (size_t i = 0; i < 2; i++) {
		const uint64_t *n = number + 4 * i;
		told[i] = (struct box){ .validity = (uint32_t)n[0], .next = (uint32_t)n[1], .exists = (uint32_t)n[2], .modseq = n[3], .known = true };
	}
	return true;
}

bool seal_counts(const struct flow *flow)
{
	return flow->order == FLOW_RUN && !flow->deep && !flow->no_verify && !flow->again && !flow->plan;
}

static int skip_move(struct pool *p, struct move *m, struct error *err)
{
	const struct flow *flow = p->flow;
	char seal[SEAL_MAX];
	if (!m->target_exists || m->was || m->target.subscribed || !make_seal(seal, m, &m->source->box, &m->target.box))
		return 0;
	int same = store_sealed(flow->store, flow->run, m->folder, seal, &m->standing, err);
	if (same <= 0)
		return same;
	struct flow_account *seen = m->account->seen;
	uint64_t there = m->standing.before;
	m->as_it_was = true;
	atomic_fetch_add(&flow->count->listed, m->source->box.exists);
	atomic_fetch_add(&flow->count->checked, there);
	atomic_fetch_add(&seen->checked, there);
	atomic_fetch_add(&seen->there, there);
	log_line(flow->log, "%s: %s: as it was when it was compared last", m->account->job->name, m->source->name);
	pool_release(p, m, true);
	return 0;
}

int seal_skip(struct pool *p, struct account *a, struct error *err)
{
	for (size_t i = 0; seal_counts(p->flow) && i < a->count; i++)
		if (skip_move(p, &a->moves[i], err) < 0)
			return -1;
	return 0;
}

/* Of the source what the listing said, before anything was read: what has changed since makes it another. Of the target what it was when it was opened for the
   comparison; compared in two looks, with something sent in between, it is not one state that was seen. Where only its changes were compared, it is what it was when it was
   asked for them. What a plan has left out is another run's. */
int seal_put(struct pool *p, struct move *m, struct error *err)
{
	const struct flow *flow = p->flow;
	const struct box *target = m->narrow ? &m->since : m->looks == 0 ? &m->target.box : &m->looked;
	bool whole = m->narrow || (m->looks == 0 ? m->sends == 0 : m->looks == 1 && m->looked_fresh);
	char seal[SEAL_MAX] = "";
	if (flow->order != FLOW_RUN || flow->no_verify)
		return 0;
	if (!whole || flow->plan || !m->counts || m->source_box.validity != m->source->box.validity || !make_seal(seal, m, &m->source->box, target))
		seal[0] = '\0';
	return store_seal(flow->store, flow->run, m->folder, seal, err);
}
