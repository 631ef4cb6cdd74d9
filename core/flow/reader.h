/* The reading half of a lane: what reader.c and facts.c share. */
#ifndef FLOW_READER_H
#define FLOW_READER_H

#include "core/flow/lane.h"

struct reading {
	struct lane *lane;
	struct task *task;
	struct ask ask[CHUNKS_AHEAD];
	unsigned open;
	struct uid_set missed[WANT_DIGEST + 1];	/* asked for, and not handed over */
	struct uid_set skipped[REASON_SIZE + 1];	/* by why */
	struct item *facts, **facts_end;	/* that wait for bodies asked for before them */
	bool wait;			/* the writer looks at the target first */
	bool singly;			/* bodies are asked for one at a time */
};

/* What it counts for while it waits here. */
size_t reader_bytes(const struct mail *mail);
/* To the writer; the item is given away. */
int reader_put(struct lane *lane, struct item *item, struct error *err);

/* facts.c */
/* One message's facts, to its chunk; the mail is given away. */
void reader_take_fact(struct reading *r, struct ask *a, struct mail *mail);
/* That ask is over: its facts to the writer, or to those that wait; and those that wait, if they need no more. */
int reader_put_facts(struct reading *r, struct ask *a, struct error *err);

#endif
