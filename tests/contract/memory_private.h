/* The server in memory as its connections see it: memory.c keeps it, link.c reads it, post.c writes to it. Private to tests/contract. */
#ifndef TEST_CONTRACT_MEMORY_PRIVATE_H
#define TEST_CONTRACT_MEMORY_PRIVATE_H

#include <pthread.h>

#include "core/base/buf.h"
#include "tests/contract/memory.h"

#define RULES 16

struct box_here {
	char *wire;
	uint32_t validity, next;
	uint64_t modseq;	/* 0: not told */
	bool subscribed;
	struct memory_mail *mail;
	size_t count, cap;
};

struct late {			/* a batch that is carried out when its time has come */
	int64_t due;
	size_t box;
	struct memory_mail mail;
};

struct memory {
	pthread_mutex_t lock;
	char *prefix;
	char separator;
	struct box_here *box;
	size_t boxes, box_cap;
	struct memory_rule rule[RULES];
	size_t rules;
	bool spent[RULES];
	struct late *late;
	size_t lates, late_cap;
	size_t max_mail;
	bool counts, forgets;
	enum memory_tells tells;
	unsigned appended, opened, batches, turns, writes, open_now, most_open;
	unsigned read[WANT_DIGEST + 1];
	struct buf asks;
	uint64_t quota_used, quota_limit;
	unsigned answers_at;	/* batches; 0: each at once */
	unsigned last;		/* the number of the connection that appended last */
	void (*on_append)(void *ctx, unsigned batches);
	void *on_append_ctx;
	void (*on_ask)(void *ctx);
	void *on_ask_ctx;
};

struct link {			/* one connection */
	struct conn conn;
	struct memory *server;
	unsigned number;	/* from 1 */
	const struct conn_env *env;
	char *open;		/* NULL: no folder */
	struct event *ready;
	size_t at, count, cap;
	struct batch *held[8];	/* answered later */
	size_t holds;
	unsigned last_ask;
	bool dead;		/* after what is ready */
	struct digest *digest;
};

/* ---- memory.c; the lock is held in all of these ---- */

struct box_here *box_find(struct memory *m, const char *wire);
struct box_here *box_make(struct memory *m, const char *wire);
void box_touch(struct box_here *b);	/* something in it is another now */
uint32_t box_put(struct box_here *b, const struct memory_mail *mail);	/* takes the mail; its UID */
struct box box_now(const struct box_here *b);
void carry_out_late(struct memory *m);
/* The rule that counts for this mail (NULL: for a connection), used up by that; or NULL. */
const struct memory_rule *ruled(struct memory *m, enum memory_fault fault, const char *data, size_t len);
void mail_drop(struct memory_mail *mail);

/* ---- link.c ---- */

struct event *link_event(struct link *l, enum event_kind kind, unsigned ask);
/* -1 when we were asked to stop or the connection is lost. */
int link_alive(const struct link *l, struct error *err);

/* ---- post.c ---- */

int link_append(struct conn *conn, struct batch *batch, struct error *err);
int link_set_flags(struct conn *conn, const struct folder *folder, const struct flag_change *changes, size_t count, struct error *err);

#endif
