/* A set without the UIDs of an ordered cursor: one pass over both. */
#include "core/store/minus.h"

/* Leaves what lies before `end`; stops at the range that reaches it. */
static void leave_until(struct minus *m, uint64_t end)
{
	for (; m->at < m->set->count; m->at++, m->next = 0) {
		const struct uid_range *range = &m->set->range[m->at];
		uint64_t from = m->next > range->first ? m->next : range->first;
		uint64_t last = range->last < end ? range->last : end - 1;

		if (from < end && from <= last)
			uid_set_add(m->left, (uint32_t)from, (uint32_t)last);
		if (range->last >= end) {
			m->next = from > end ? from : end;
			return;
		}
	}
}

bool minus_pass(struct minus *m, uint32_t uid)
{
	bool in;

	leave_until(m, uid);
	in = m->at < m->set->count && m->set->range[m->at].first <= uid && uid <= m->set->range[m->at].last;
	if (in)
		m->next = (uint64_t)uid + 1;
	return in;
}

void minus_end(struct minus *m, uint64_t end)
{
	leave_until(m, end);
}
