/* The writing half of a lane, in several files: writer.c takes what the reader sends and the target answers, batch.c appends, settle.c
   finds out what is at the target already, check.c and judge.c compare, since.c asks for changes, finish.c deals with what is left. All run in the writer's thread, over one connection, on which the
   answers to many questions come in any order: writer_next() gives each to whom it is for. Private to core/flow. */
#ifndef FLOW_WRITER_H
#define FLOW_WRITER_H

#include "core/flow/lane.h"

struct checking {		/* a chunk whose target side was asked for */
	unsigned ask;
	bool open;
	struct item *item;		/* the source's facts */
	struct placed *rows;
	size_t rows_count;
	struct uid_set asked;		/* target UIDs */
	unsigned sends;			/* the move's, then */
	struct mail **mails;		/* the target's */
	size_t count, cap;
};

#define CHECKS_AHEAD 8

struct writer {
	struct lane *lane;
	const struct flow *flow;
	struct conn *conn;
	struct move **moves;		/* all that have begun in this session */
	size_t moves_count, moves_cap;
	struct item *held;		/* its move is not open yet */
	struct move *at;		/* what is being worked on: an error is its */
	struct batch *filling;
	struct batch **acked;		/* the server said OK, the store does not know yet */
	size_t acked_count, acked_cap;
	struct batch **refused;		/* the server said NO to some of it */
	size_t refused_count, refused_cap;
	struct batch **sent;		/* no answer yet */
	size_t sent_count, sent_cap;
	struct item *facts_first, *facts_last;	/* waiting until all of their move is there */
	size_t facts_mails;		/* in them */
	struct checking checking[CHECKS_AHEAD];
	bool ended;			/* the queue is closed and empty */
	bool stirred;			/* something was waited for: other moves may have come on meanwhile */
};

/* writer.c */
int writer_next(struct writer *w, struct error *err);	/* one event of the target, taken by whoever it is for */
struct waiting {		/* what an ask is waited for with */
	unsigned ask;
	struct move *move;		/* whose progress it is; NULL: none */
	bool over;
	struct box box;
	struct uid_set uids;
	/* Given every mail; NULL: they are dropped. */
	int (*mail)(void *ctx, struct mail *mail, struct error *err);
	void *ctx;
};
/* Until that ask is over; other events go their way. This and the two below return ERR_CANCELLED when the run is to stop. */
int writer_await(struct writer *w, struct waiting *waiting, struct error *err);
/* Until no batch of this move is without an answer; until nothing at all is. */
int writer_await_quiet(struct writer *w, const struct move *m, struct error *err);
int writer_await_all(struct writer *w, struct error *err);
void writer_ask_rest(struct writer *w, struct move *m);	/* of a reader that waits: what is to be copied, and what is to be compared */
void writer_done_bytes(struct writer *w, struct item *item);	/* frees the item and its room in the queue */
int writer_problem(struct writer *w, const struct move *m, const struct problem *problem, struct error *err);

/* batch.c */
int batch_mail(struct writer *w, struct item *item, struct error *err);	/* takes the item */
int batch_send(struct writer *w, struct error *err);			/* what is being filled, if anything */
int batch_answered(struct writer *w, struct batch *b, struct error *err);
int batch_record(struct writer *w, const struct move *m, struct error *err);	/* what was acknowledged, into the store */
int batch_refused(struct writer *w, struct error *err);			/* deals with a batch that was refused */
void batch_abandon(struct writer *w);					/* the session is over: everything is forgotten */

/* refuse.c */
/* It is certain that the target does not have it: kept as a file, and recorded. */
int refuse_mail(struct writer *w, struct move *m, const struct mail *mail, const struct error *why, struct error *err);
/* The session ends before the look that would make a refusal certain. The next one begins with it, since the intent is open: what that does not find was refused, and
   need not be sent again to hear so. last: nothing about the mail is left that could be changed. */
void refuse_remember(struct move *m, uint32_t uid, bool last, const char *why);
/* What was remembered of it; NULL: nothing. Borrowed until the next is. */
const struct refusal *refuse_known(const struct move *m, uint32_t uid);

/* settle.c */
/* The UIDs that the target holds from there on. *box is the folder as it was opened for it. ERR_FOLDER when it was renumbered, or does not name as many as it holds. */
int settle_list(struct writer *w, struct move *m, uint32_t from, struct box *box, struct uid_set *out, struct error *err);
/* Reads what the target holds at and above `from` and no row claims, as candidates. *box is the folder as it was opened for it. */
int settle_look(struct writer *w, struct move *m, uint32_t from, struct box *box, struct error *err);
/* Open intents, unplaced rows and mail that was there before: who is who. Then the reader is asked for the rest. */
int settle_move(struct writer *w, struct move *m, struct error *err);
/* Whether the body proves that this mail is at the target already: 1 (claimed, or looked at once more when its twins have found theirs), 0 not, -1. */
int settle_doubt(struct writer *w, struct move *m, const struct mail *mail, struct error *err);
/* Of a batch that was refused: whoever has twins finds its own mail by the body, if the target has it. After store_match. */
int settle_twins(struct writer *w, struct move *m, const struct batch *b, struct error *err);
/* Claims what this mail is of the candidates, by the body: 1, or 0: none is. What has the date of a row that still looks for its own is left to that. */
int settle_stray(struct writer *w, struct move *m, const struct mail *mail, struct error *err);

/* since.c */
/* What the target tells of its changes since the seal: m->quiet is what is not read again. Where it can't tell, or what it tells does not fit, m->narrow is false from here on. */
int since_look(struct writer *w, struct move *m, struct error *err);
/* What was seen says that its mod-sequences mean nothing: all is compared. */
void since_forget(struct writer *w, struct move *m);

/* elsewhere.c */
/* Whether the body proves that another folder has brought this mail to the target: 1 (it is left out), 0 not, -1. */
int elsewhere_same(struct writer *w, struct move *m, const struct mail *mail, struct error *err);

/* remap.c */
/* For the plan: rows of mail that was copied into another mailbox find it in m's, which is only read. One look less to be waited for (lane->looks). */
int remap_look(struct writer *w, struct move *m, struct error *err);

/* check.c */
void check_take(struct writer *w, struct item *item);
int check_start(struct writer *w, struct error *err);		/* asks for the target's side of what may be compared now */
bool check_open(const struct writer *w);	/* something that was asked for is not compared yet */
bool check_event(struct writer *w, struct event *e, int *ok, struct error *err);	/* true: it was one of its own */
void check_abandon(struct writer *w);
/* A mail that was asked for whole: compared with what a fresh look at the target hands over. Takes the item. */
int check_reread(struct writer *w, struct item *item, struct error *err);
int check_unread(struct writer *w, struct move *m, struct error *err);	/* tells of those that the source did not hand over then */

/* judge.c */
/* The facts, headers or bytes of one pair: what they are; CHECKED_NOT, or as it was, when only more can tell: then m says what (by_meta, by_head, by_digest, suspects), or
   that it is another mail (lost). */
int judge(struct writer *w, struct move *m, enum want want, const struct placed *row, const struct mail *source, const struct mail *target, enum checked *found, struct error *err);
/* The last word, which is recorded: the source's body is here, the target's digest was read a second time. */
int judge_again(struct writer *w, struct move *m, const struct placed *row, struct mail *source, const struct mail *target, struct error *err);
int judge_unread(struct writer *w, const struct move *m, uint32_t uid, struct error *err);	/* listed, and not handed over */

/* finish.c */
/* A move whose reader has told all and whose chunks are compared: what is left over is looked at, sent again or reported; then it is done. */
int finish_move(struct writer *w, struct move *m, struct error *err);
/* A mail of m->strayed: its body finds it its place, or it is nowhere. */
int finish_stray(struct writer *w, struct move *m, const struct placed *row, const struct mail *mail, struct error *err);

#endif
