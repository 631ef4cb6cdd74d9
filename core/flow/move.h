/* The parts of the mover: accounts at work, their moves, the lanes. Private to core/flow. */
#ifndef FLOW_MOVE_H
#define FLOW_MOVE_H

#include <pthread.h>

#include "core/base/pace.h"
#include "core/base/queue.h"
#include "core/flow/flow.h"
#include "core/flow/tune.h"

struct account;
struct lane;

/* How far a move has come, by kind of work; doing it again after a failure is no progress. */
enum reach { REACH_BODIES, REACH_FACTS, REACH_HEADS, REACH_TARGET, REACH_COMPARED, REACHES };

struct refusal {		/* answered, and the connection was lost before it could be believed */
	uint32_t validity, uid;		/* at the source */
	bool last;			/* without odd date and keywords as well */
	char why[320];			/* the target's words */
};

struct mailbox_was {
	int64_t id;
	char *name;
	const char *why;	/* static */
};

enum move_stage { MOVE_OPEN, MOVE_CLAIMED, MOVE_DONE };

/* One source folder on its way into one target folder. What stands below "session" is set anew at each claim and belongs to the
   thread that is named. */
struct move {
	struct account *account;
	const struct folder *source;	/* in the account's listing */
	struct folder target;		/* wire, name, subscribed; box as of the listing or of the last opening */
	bool target_exists;
	struct box source_box;		/* as of the listing, or what opening it has told since */
	bool counts;			/* opened, it counts its changes as well (RFC 7162, NOMODSEQ): what STATUS says of them can be believed */
	int64_t folder, mailbox;	/* the store's ids */
	enum folder_role role;		/* these two as the mapping has them */
	const char *why;
	const struct plan_folder *planned;	/* or NULL: there is no plan */
	struct mailbox_was *was;	/* where its mail was copied to before, if that is another mailbox; else NULL */
	enum move_stage stage;		/* pool's lock */
	unsigned failures;		/* pool's lock */
	char *wanted;			/* the target's wire name as the mapping has it */
	char *refused;			/* the target's words about the name that `target` stands for instead; NULL: it has its own */
	/* kept from session to session */
	bool fresh;			/* the state knows of no mail in it */
	bool settled;			/* all intents of earlier processes were settled by this one */
	bool late;			/* a whole command left whose reply never came: it may be carried out yet */
	int64_t lost_at;		/* clock_ms when that was */
	struct uid_set alone;		/* the target refused a batch with them: each goes by itself */
	struct refusal *heard;		/* of those: what the target said of them */
	size_t heard_count, heard_cap;
	bool counted;			/* in what a progress display is told */
	uint32_t reached[REACHES];	/* the highest UID that was ever read, compared …: only beyond it is progress */
	/* session, reader */
	struct uid_set listed;		/* the source's UIDs, below the UIDNEXT of the listing */
	struct uid_set left_out;	/* of those: skipped before anything was read of them */
	struct uid_set suspect;		/* of chunks that the server broke off: compared byte by byte */
	bool whole_only;		/* mail goes on only when it is whole: something went wrong before, or bodies may have to be compared */
	bool settle;			/* the target has to be searched before anything is copied */
	struct twin_known *twins;	/* exact doubles that are there or may be sent (duplicates: skip); lane's lock */
	size_t twins_count;
	struct elsewhere_place *elsewhere;	/* of a view: where mail lies that its own may be; the writer compares bodies */
	size_t elsewhere_count;
	bool bare;			/* a view of which nothing is to be copied: no folder is made for it */
	bool narrow;			/* only what changed since the seal is compared; the writer takes it back when the target can't tell, or is not to be believed */
	struct box sealed[2];		/* what source and target told then */
	bool as_it_was;			/* the seal still holds, and nobody touches it in this run */
	struct standing standing;	/* … as it was counted then */
	struct uid_set changed;		/* of the source, since then */
	/* session, writer */
	uint32_t floor;			/* UIDNEXT of the target when it was opened: intents of this session lie above it */
	unsigned prepare;		/* the ask that opens it; 0: it is open */
	bool open;
	unsigned in_flight;		/* batches without an answer */
	unsigned sends;			/* batches, ever */
	unsigned facts_waiting;		/* chunks of the source that are not compared yet */
	bool looked_fresh;		/* the target was opened anew since the last append */
	bool told;			/* the reader has told all it was asked for */
	bool finished;
	bool resent, rechecked, reopened;	/* once each */
	unsigned looks;			/* how often it was opened anew for the comparison */
	struct box looked;		/* … and what it was then */
	struct uid_set doubtful;	/* source UIDs: the body decides */
	struct uid_set unsure;		/* of those: sent before, and the answer was lost */
	struct uid_set deferred;	/* of those: not recognised; looked at once more when their twins have found theirs */
	bool last_look;			/* that is now */
	struct uid_set lost, found, missing;	/* not at their UID; found at another; not found */
	struct uid_set by_head, by_digest;	/* to be compared by more than META */
	struct uid_set strays, strayed;	/* without a place, as are twins of theirs: the body is to find it; and asked for */
	struct uid_set suspects;	/* not the same, as it seems: to be read once more */
	struct uid_set reread, reread_done;	/* asked for once more; and compared */
	struct uid_set redated, by_meta;	/* another date, as it seems; of those: to be asked for once more */
	unsigned found_once;
	struct flag_row *flags;		/* flags to be set at the target */
	size_t flags_count, flags_cap;
	uint64_t sampled;
	struct uid_set quiet;		/* narrow: not changed on either side, and not read again */
	struct uid_set alike;		/* of those: not the only one with its Message-ID, so compared by its header then */
	struct box since;		/* what the target was when it was asked for its changes */
	bool strange;			/* a UID holds another mail than it did */
};

struct twin_known {
	uint32_t uid;
	uint32_t first;			/* UID of the first of all that are the same to the byte */
	uint32_t staying;		/* in the first: how many are not left out */
	bool left_out;
};

struct flag_row {
	uint32_t uid;
	struct flag_change change;
	struct flags source;		/* as they are there: known to the state when the target has them */
};

enum account_stage { ACCOUNT_NEW, ACCOUNT_PLANNING, ACCOUNT_READY, ACCOUNT_ENDED };

struct account {
	const struct job_account *job;
	const struct plan_account *planned;	/* or NULL: there is no plan */
	struct account_row row;
	const struct account *older;	/* of the same two mailboxes: planned before this one */
	enum account_stage stage;	/* this and all up to the counters: pool's lock */
	struct folder_list source, target;
	bool target_listed;		/* the planning lane's lock */
	struct substitute *substitute;	/* names that this target refused: longer paths may begin with them */
	size_t substitutes, substitutes_cap;
	struct move *moves;
	size_t count;
	unsigned lanes, leaving;	/* at work; of those: that take on nothing more, or end */
	unsigned sides_in;		/* servers that the planning lane has signed in to */
	bool joinable;			/* lanes may come in while it is planned, once that is both */
	int64_t not_before, failed_at;	/* clock_ms; backing off */
	unsigned failures, logins_refused;
	unsigned room;			/* lanes that its servers had room for, until then; afterwards one more a minute; 0: not known */
	int64_t room_until;
	struct error err;		/* why it ended, ERR_NONE: it is through */
	bool changed;			/* user or host is not what the state knows */
	int exit;
	_Atomic int64_t progress;	/* clock_ms of the last */
	atomic_ullong sampled, sampled_bytes, seen_bytes;
	atomic_int target_keeps;	/* account_row's, as learnt meanwhile */
	struct flow_account *seen;	/* the display's, or `unseen` */
	struct flow_account unseen;
	atomic_ullong append_limit;	/* bytes that the target takes at most, 0: it does not say */
	atomic_ullong looked;		/* FLOW_PLAN: messages read whole */
	atomic_ullong labelled;		/* FLOW_PLAN: messages to be copied that have keywords */
	bool has_quota;			/* as the target was listed */
	uint64_t quota_free;
	bool started;			/* some lane has worked on it */
	struct held *held;		/* what the source held before this run (guard.c) */
	size_t held_count;
	uint64_t held_all;
	bool shrunk_source_ok, shrunk_target_ok;	/* somebody accepted it */
	atomic_ullong gone;		/* found gone at the target in this run */
	double sample_share;		/* of the messages; set by the plan */
};

struct pool {
	const struct flow *flow;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct account *accounts;
	size_t count;
	struct pace pace;		/* limits.rate */
	struct tune tune;		/* how many lanes may work */
	unsigned busy, leaving;		/* that do; of those: that take on nothing more */
	int64_t began;			/* clock_ms: no earlier process works on this state since */
	struct lane *lanes;
	unsigned workers;
	atomic_bool stopping;
	struct cancel over;		/* fires when all accounts have ended */
	size_t lane_bytes;		/* what one lane may have in memory */
	int64_t window_began;		/* pool_tune's */
	uint64_t window_work;
	unsigned window_lanes;		/* 0: it has just begun */
	bool window_steady;
};

/* accounts.c */
int pool_make(struct pool *p, const struct flow *flow, struct error *err);
void pool_free(struct pool *p);

/* pool.c */
/* The account that this lane should work on next (its lane count goes up), waiting while there may be one later. NULL: no more work, or stopping. */
struct account *pool_account(struct pool *p, unsigned lane);
/* The lane's session with its account is over; pool_leaves: it is about to be, and no other has to make way for it. */
void pool_leave(struct pool *p, struct lane *lane);
void pool_leaves(struct pool *p, struct lane *lane);
/* The largest open move of the account whose target mailbox no other lane works on; NULL: none now, or the lane is one too many and is to leave,
   or the last ones are left to lanes that have fewer in hand: folders that they have claimed and not read. */
struct move *pool_claim(struct pool *p, struct lane *lane, unsigned in_hand);
/* The lane finds nothing to claim, and little of what it has claimed has still to be read. If nothing of the account is left to claim at all, it does not count among
   those that work any more, so that the next account can begin, and claims nothing more. */
void pool_ends(struct pool *p, struct lane *lane);
/* Finished, or given back. */
void pool_release(struct pool *p, struct move *m, bool done);
void pool_progress(struct account *a);
void pool_stage(struct account *a, enum flow_stage stage);	/* for the display */
/* Progress, if no session before this one has come to that UID. */
void pool_reached(struct move *m, enum reach kind, uint32_t uid);
/* store_problem, and told to whoever listens. m: whose folder it is, NULL: the account's. */
int pool_problem(const struct flow *flow, const struct account *a, const struct move *m, const struct problem *problem, struct error *err);
bool pool_finished(struct pool *p);
void pool_wake(struct pool *p);
/* With the lock held: until something has changed, a tenth of a second at most. */
void pool_wait_a_little(struct pool *p);
/* Measures what the lanes bring, and lets more or fewer of them work (tune.h); called a few times a second. */
void pool_tune(struct pool *p);
/* So many lanes the account may have now: what the job and its servers allow. */
unsigned pool_lanes_max(const struct account *a);
/* How many of the account's sides are on that host. */
unsigned pool_sides_at(const struct account *a, const char *host);

/* failed.c */
/* A lane's session with this account broke: back off, or end the account. */
void pool_failed(struct pool *p, struct account *a, struct move *m, const struct error *err);
/* The server of that side did not let the lane in. true: it lacks room, since other connections to it live, and the lane leaves quietly: of this
   account fewer lanes work for a while. */
bool pool_shut_out(struct pool *p, struct account *a, enum side side, const struct error *err);
/* Both its sides have let it in with this state, in a run before. */
bool pool_signed_in_before(const struct account *a);

/* plan.c */
/* In the reader's thread, when both sides are listed: makes the moves and their rows (mapping.h). Afterwards the target of each move whose mail `was` elsewhere has to be
   searched (remap_look), then comes plan_settled; until then no lane may claim anything of the account. ERR_USAGE: the mapping is refused, and the
   problems say why. */
int plan_account(struct lane *lane, struct error *err);
/* ERR_USAGE (mapping-changed) when mail that was copied elsewhere does not lie where it is mapped to now: it would be copied twice. The state is then as
   if it had never been mapped so. */
int plan_settled(struct pool *p, struct account *a, struct error *err);
void plan_forget(struct account *a);

#define SEAL_MAX 240
/* seal.c: folders of which both servers say that they are as they were when they were compared last. */
/* Before the account's moves may be claimed: those are done. */
int seal_skip(struct pool *p, struct account *a, struct error *err);
/* Whether this run may believe a seal. */
bool seal_counts(const struct flow *flow);
/* What source and target told when it was made; false: by other rules, or for another target folder. */
bool seal_read(const char *seal, const struct move *m, struct box told[2]);
/* All of the folder was compared now, or of what has changed all. */
int seal_put(struct pool *p, struct move *m, struct error *err);

/* FLOW_PLAN, when the account is through: what is known to be in the way of what is coming: room, limits by day, names and number of folders (fit.c). */
int fit_account(struct pool *p, struct account *a, struct error *err);

/* The verdict on an account, when it is through or given up (verdict.c). */
void verdict_account(struct pool *p, struct account *a);
/* Once all have ended: a host that refused three accounts or more, and let none in, may be the one that is ill; and so may one that let this account in before. */
void verdict_login(struct pool *p, struct account *a);

#endif
