/* A lane: a reader thread with the source and a writer thread with the target, and what passes between them. Private to core/flow. */
#ifndef FLOW_LANE_H
#define FLOW_LANE_H

#include "core/flow/move.h"

struct ask {			/* one chunk that is open */
	unsigned number;
	enum want want;
	struct uid_set set, seen;
	struct facts *facts;
	bool open;
};

/* Two keep the line full. */
#define CHUNKS_AHEAD 2
#define CHUNK_UIDS 500
#define SET_TEXT ((size_t)6000)	/* of a command */

/* What the writer wants read; the reader answers with items and ends with ITEM_TOLD. */
struct task {
	struct task *next;
	struct move *move;
	bool begin;			/* list the folder first */
	bool copy_pending;		/* the bodies of all pending rows */
	bool check_all;			/* the facts of all that is listed */
	bool whole;			/* `copy` is to be compared, not sent: ITEM_WHOLE, past all filters */
	bool forecast;			/* the dry run: what is known of all pending rows, and what of them is left out */
	struct uid_set copy, meta, head, digest;
	/* ahead.c's */
	bool sample;			/* `digest` was chosen by chance while the folder was read, and waits for its turn */
	bool complete;			/* nothing will have to be asked for but what was */
	bool asked;			/* for its mail, too */
	bool spoilt;			/* some of what was asked for is lost to it: all is asked for anew */
	unsigned listing;		/* the ask for the folder's UIDs, until it is taken over */
	struct kept *kept;		/* events that came before their turn */
	size_t kept_bytes;
	struct ask sent[CHUNKS_AHEAD];	/* the same of what else was asked for; number 0: nothing */
};

/* A chunk of the source's messages, to be compared with the target's. */
struct facts {
	enum want want;			/* META, HEAD or DIGEST */
	bool whole;			/* all of first..last that the folder holds, not a choice */
	uint32_t first, last;
	struct mail **mails;
	size_t count, cap;
};

enum item_kind { ITEM_LOOK, ITEM_BEGIN, ITEM_MAIL, ITEM_WHOLE, ITEM_FACTS, ITEM_TOLD };

struct item {
	struct item *next;		/* while the writer keeps it back */
	enum item_kind kind;
	struct move *move;
	struct mail *mail;
	struct facts *facts;
	size_t bytes;			/* in the queue's budget until queue_done */
};

struct lane {
	struct pool *pool;
	unsigned index;
	pthread_t thread, writer_thread;
	struct cancel halt_read, halt;	/* polled by the source's, the target's connection */
	struct account *account;	/* of this session */
	bool planner;			/* it lists both sides and plans */
	bool ending;			/* pool_ends; pool's lock */
	bool leaving;			/* it takes on nothing more; pool's lock */
	struct conn *source, *target;	/* the reader's, the writer's */
	struct conn_env source_env, target_env;
	struct queue *queue;
	pthread_mutex_t lock;		/* what stands below */
	pthread_cond_t changed;
	struct reading *reading;	/* the reader's, while it works on a task */
	struct task *tasks;		/* for the reader, first first */
	struct task *ahead;		/* the reader's own: what it has asked for already, first first */
	atomic_bool read_all;		/* the reader has nothing left to read, unless the writer asks for it */
	bool nothing_ahead;		/* there was no other folder to claim, when it looked last */
	unsigned unfinished;		/* moves claimed by this session and not done */
	unsigned looks;			/* targets that the writer has still to search before the plan stands (ITEM_LOOK) */
	bool writer_gone;
	struct error err;		/* the first that broke the session */
	struct move *err_move;
	enum side shut_out;		/* who did not let us in; SIDE_NONE: both did */
	bool failed;
	struct move **claimed;		/* all of this session */
	size_t claimed_count, claimed_cap;
};

/* lane.c */
int lane_start(struct lane *lane, struct pool *pool, unsigned index);
void lane_join(struct lane *lane);
/* Stop claiming and reading; what was sent is still waited for. */
void lane_stop(struct lane *lane);
/* Keeps the first error of the session, wakes both threads so that they end. Returns -1. */
int lane_fail(struct lane *lane, struct move *m, const struct error *err);
void lane_ask(struct lane *lane, struct task *task);	/* gives the task to the reader */
void lane_move_done(struct lane *lane, struct move *m);
int lane_open(struct lane *lane, enum side side, struct error *err);
void task_free(struct task *t);
/* Claims a folder (pool_claim): a task to read it from its beginning, or NULL. In the reader's thread. */
struct task *lane_claim(struct lane *lane, unsigned in_hand);
void item_free(void *item);
void facts_free(struct facts *f);

/* join.c: lanes that come to an account while it is being planned, where that was never copied before and signing in takes long: they sign in meanwhile. Not before
   its planner is in at both servers: what is refused is refused to one. */
/* The lane is in at one side, after so long. */
int join_signed_in(struct lane *lane, int64_t took_ms, struct error *err);
/* With the pool's lock held. */
bool join_may(const struct account *a);
/* The lane waits while another plans its account, whatever happens. */
void join_wait(struct lane *lane);

/* ahead.c: what the reader has asked for beyond the folder at hand, so that the line never waits for a round trip between two. */
/* Asks for what comes next, as far as is sensible now. */
void ahead_more(struct lane *lane);
/* The task whose turn it is; what was asked for it counts as its own from here on. */
struct task *ahead_take(struct lane *lane);
/* The next event of the source that is not of a task whose turn has not come. All that wait for the source in the reader's thread come here. */
int ahead_next(struct lane *lane, struct event *e, struct error *err);
/* The ask for the UIDs of this task's folder; 0: it was not asked for. */
int ahead_listing(struct lane *lane, struct task *task, unsigned *number, struct error *err);
/* What of its bodies and facts is on its way becomes open[]; the rest of copy, meta and digest is still to be asked for. *count: how many. */
int ahead_sent(struct lane *lane, struct task *task, struct ask open[CHUNKS_AHEAD], unsigned *count, struct error *err);
/* The digests that this task has left are asked for, behind what was asked for before them. */
int ahead_sample(struct lane *lane, struct task *task, struct error *err);
/* Waits until nothing that was asked for ahead is on its way any more, of this task or of any. It is asked for anew when its turn comes. */
int ahead_forget(struct lane *lane, struct task *task, struct error *err);
int ahead_quiet(struct lane *lane, struct error *err);
/* What was kept of it is freed, and nothing more is kept. */
void ahead_spoil(struct task *task);

/* listing.c */
/* The source's UIDs into the state (task->move->listed); settle tells whether the target is to be searched first: then the headers of what is pending
   are known as well. */
int listing_begin(struct lane *lane, struct task *task, struct error *err);
/* Asks for the UIDs below the UIDNEXT of the listing (later mail is the next run's), of the folder opened anew. */
int listing_ask(struct lane *lane, const struct move *m, unsigned *number, struct error *err);
/* ERR_FOLDER when that event tells that the folder, opened anew, is not the one any more whose UIDs we have. */
int listing_holds(const struct move *m, const struct event *e, struct error *err);
/* Collects the UIDs of so many asks; *box is what the folder said when it was opened, if it was. */
int listing_await(struct lane *lane, unsigned asks, struct box *box, struct uid_set *out, struct error *err);

/* since.c: where both sides keep mod-sequences, what has changed since the folder was sealed is compared, and no more. */
/* When the folder has its rows, and before it is listed into them. In any run that reads the folder its seal is off from here on, until seal_put. m->narrow: as far as the source
   can tell, m->changed is all of it that may be another than it was. */
int since_begin(struct lane *lane, struct move *m, struct error *err);

/* scan.c */
struct scan {
	enum want want;			/* META, HEAD or DIGEST */
	/* Of each chunk, what the server handed over; the mails are lent. */
	int (*take)(void *ctx, struct mail *const *mails, size_t count, struct error *err);
	void *ctx;
};
/* The facts of these UIDs (the set is used up), two chunks ahead. Nothing else may be open at the source. */
int scan_source(struct lane *lane, struct move *m, struct uid_set *uids, const struct scan *scan, struct error *err);

/* filter.c */
/* What the job's messages (since, before, max_size, deleted) leave out becomes skipped, what they don't any more pending. Facts are read
   only where a filter needs them, or of all (the dry run wants sizes). Before the target is searched. */
int filter_rows(struct lane *lane, struct move *m, bool all, struct error *err);
/* duplicates: skip. Of pending mails that are every byte the same, and the same as one at the target, one stays. After the target was searched. */
int filter_twins(struct lane *lane, struct move *m, struct error *err);
/* The target was searched for this mail, and does not have it: whether another that is the same stays. Then this one is left out from now on. */
bool filter_is_spare(struct lane *lane, struct move *m, uint32_t uid);
/* What the plan says of single messages; what an earlier plan left out is pending again. */
int filter_planned(struct lane *lane, struct move *m, struct error *err);
/* --again: what is gone at the target becomes pending. */
int filter_again(struct lane *lane, struct move *m, struct error *err);
/* Adds the UIDs that are listed, not left out and not quiet: what is to be compared. */
void filter_left(const struct move *m, struct uid_set *to);
/* Whether what is left out can't be known before more than the UIDs is. */
bool filter_asks(const struct move *m);
/* Why a mail that is here is left out; REASON_NONE: it is not. */
enum reason filter_mail(const struct move *m, const struct mail *mail);

/* Facts of these UIDs (the set is used up), of such rows, into the state. */
int filter_learn(struct lane *lane, struct move *m, struct uid_set *uids, enum want want, struct error *err);
int filter_learn_which(struct lane *lane, struct move *m, enum which which, enum want want, struct error *err);

/* elsewhere.c */
/* A view (folder_view), when all folders that are less of one are done: what they hold becomes skipped; m->elsewhere are mails of which only the body can
   tell. Before the target is searched. */
int elsewhere_rows(struct lane *lane, struct move *m, struct error *err);
/* A note of how many were left out. In either thread. */
int elsewhere_tell(struct lane *lane, struct move *m, struct error *err);

/* foresee.c */
/* The dry run, when all else is known of the folder: tells of mail that servers are known to refuse and of mail marked as deleted; measures the source. */
int foresee_folder(struct lane *lane, struct move *m, struct error *err);

/* guard.c, in the planner's thread */
/* ERR_SHRUNK_SOURCE when the listing holds far less than the state knows. Before anything of it goes into the state. */
int guard_source(struct pool *p, struct account *a, struct error *err);
/* The same for one folder, whose UIDs are known now (m->listed): as many new ones don't hide that old ones are lost. */
int guard_folder(const struct move *m, struct error *err);
/* The same for one with another UIDVALIDITY, by its mail: when the target was searched, and before anything is copied. In the writer's thread. */
int guard_renumbered(struct pool *p, const struct move *m, struct error *err);
/* ERR_SHRUNK_TARGET when so many more verified messages of a folder that has `of` are gone at the target. */
int guard_target(struct pool *p, const struct move *m, uint64_t gone, uint64_t of, struct error *err);
/* The account is through: what was accepted counts once; a loss at the target only when the target was compared. */
void guard_through(struct pool *p, struct account *a);
void guard_forget(struct account *a);

/* drift.c */
/* ERR_DRIFT when a folder that the plan copies is gone, renamed, or has another UIDVALIDITY in the listing. Before anything of it goes into the state. */
int drift_source(const struct account *a, struct error *err);
/* The same for one folder, as it is once it was opened. */
int drift_folder(const struct move *m, struct error *err);

/* reader.c */
int reader_do(struct lane *lane, struct task *task, struct error *err);
/* conn_env's `early`, of the source. */
bool reader_early(void *lane, unsigned ask, struct mail *mail);

/* writer.c: the thread; it opens the target and lists it when nobody has */
void *writer_main(void *lane);

#endif
