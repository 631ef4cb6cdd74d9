/* Facts of messages at the source for the state itself: sizes, dates and flags for filters, headers and digests for doubles. In the
   reader's thread, while nothing else is open on its connection. */
#include "core/flow/lane.h"

#include <stdlib.h>

#include "core/base/alloc.h"

struct chunk {
	unsigned number;
	bool open;
	uint32_t last;
	struct mail **mails;
	size_t count, cap;
};

struct scanning {
	struct lane *lane;
	struct move *move;
	const struct scan *scan;
	struct uid_set *left;
	struct chunk chunk[CHUNKS_AHEAD];
	unsigned open;
};

static void chunk_empty(struct chunk *c)
{
	while (c->count > 0)
		mail_free(&c->mails[--c->count]);
}

static int ask_ahead(struct scanning *s, struct error *err)
{
	const struct conn_ops *ops = s->lane->source->ops;
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		struct chunk *c = &s->chunk[i];
		struct uid_set part = { 0 };
		if (c->open || uid_set_size(s->left) == 0)
			continue;
		uid_set_take(s->left, &part, CHUNK_UIDS, SET_TEXT);
		c->last = part.range[part.count - 1].last;
		int ok = ops->ask(s->lane->source, s->move->source, &part, s->scan->want, false, &c->number, err);
		uid_set_free(&part);
		if (ok < 0)
			return -1;
		c->open = true;
		s->open++;
	}
	return 0;
}

/* What the server did not hand over stays unknown, and is dealt with when its body is asked for. */
static int chunk_over(struct scanning *s, struct chunk *c, const struct error *why, struct error *err)
{
	c->open = false;
	s->open--;
	if (why->class == ERR_THROTTLED) {
		*err = *why;
		return -1;
	}
	int ok = s->scan->take(s->scan->ctx, c->mails, c->count, err);
	chunk_empty(c);
	pool_reached(s->move, REACH_HEADS, c->last);
	return ok;
}

static int take_event(struct scanning *s, struct event *e, struct error *err)
{
	struct chunk *c = NULL;
	for (size_t i = 0; i < CHUNKS_AHEAD; i++)
		if (s->chunk[i].open && s->chunk[i].number == e->ask)
			c = &s->chunk[i];
	if (e->kind == EV_MAIL && c) {
		c->mails = x_room(c->mails, c->count, &c->cap, sizeof(struct mail *));
		c->mails[c->count++] = e->mail;
		return 0;
	}
	mail_free(&e->mail);
	uid_set_free(&e->uids);
	if (listing_holds(s->move, e, err) < 0)
		return -1;
	return e->kind == EV_ASKED && c ? chunk_over(s, c, &e->err, err) : 0;
}

int scan_source(struct lane *lane, struct move *m, struct uid_set *uids, const struct scan *scan, struct error *err)
{
	struct scanning s = { .lane = lane, .move = m, .scan = scan, .left = uids };
	int ok = ask_ahead(&s, err);
	while (ok == 0 && s.open > 0) {
		struct event e = { 0 };
		ok = ahead_next(lane, &e, err);
		if (ok == 0)
			ok = take_event(&s, &e, err);
		if (ok == 0)
			ok = ask_ahead(&s, err);
	}
	for (size_t i = 0; i < CHUNKS_AHEAD; i++) {
		chunk_empty(&s.chunk[i]);
		free(s.chunk[i].mails);
	}
	return ok;
}
