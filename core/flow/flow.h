/* The mover: all accounts of a job from their sources to their targets, and the check that everything is there. It knows doors
   (core/mail/endpoint.h), the state and the job; no protocol. ARCHITECTURE.md, "The way of a message". */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdatomic.h>

#include "core/base/cancel.h"
#include "core/base/log.h"
#include "core/job/job.h"
#include "core/job/plan_file.h"
#include "core/mail/endpoint.h"
#include "core/store/store.h"

/* Opens one side of an account. Errors as imap_open has them. Called from several threads. */
typedef int flow_open(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err);

/* The role that a folder's own name means (last level, decoded): "Posta inviata" is ROLE_SENT. */
typedef enum folder_role flow_role_of(const char *level);

enum flow_stage { STAGE_WAITING, STAGE_LISTING, STAGE_AT_WORK, STAGE_SETTLING, STAGE_PAUSED, STAGE_ENDED };

/* Of one account, for a progress display. */
struct flow_account {
	const char *name;
	atomic_int stage;			/* enum flow_stage, see flow_stage_of; PAUSED: waits before it tries again */
	atomic_ullong messages, bytes, checked;	/* as below */
	atomic_ullong listed;			/* messages that its source announced, of folders that are moved */
	atomic_ullong there;			/* of those: at the target before this run began to copy (earlier runs, others) */
	atomic_ullong left_out;			/* of those: what is left out by the job's rules, or since another folder holds it; known when the account has ended */
	atomic_int exit;			/* once ENDED */
	atomic_uint settling;			/* lanes that wait to see whether what was sent and not answered still arrives */
	atomic_uint lanes, lanes_allowed;	/* at work, and how many may be: fewer than the job's connections while its servers want fewer */
};

/* What it does now; SETTLING: all its lanes wait for what may still arrive, nothing moves. */
enum flow_stage flow_stage_of(const struct flow_account *account);

/* What a progress display may look at while the flow is at work; all but the lanes only grows. */
struct flow_count {
	struct flow_account *account;	/* one for each account asked for, in the job's order; the caller's array of job->accounts rows; may be NULL */
	size_t accounts;		/* set by flow_run before its first tick */
	atomic_ullong messages, bytes;		/* copied in this run */
	atomic_ullong checked;			/* compared on both servers */
	atomic_ullong listed;			/* messages that the sources announced */
	atomic_uint accounts_done;
	atomic_uint lanes, lanes_allowed;	/* at work; how many may be, of all accounts together */
	atomic_uint lanes_most;			/* at work at once, so far */
	atomic_uint lanes_least;		/* what they were brought down to, since more were slower; 0: they never were */
	atomic_uint shut_out, throttled;	/* how often an account got fewer: a server had no room for one more, or asked for less */
	atomic_ullong probed_bytes, probed_ms;	/* FLOW_PLAN: bodies read as a probe, and how long a connection took for them */
};

enum flow_order {
	FLOW_RUN,
	FLOW_VERIFY,
	FLOW_PLAN	/* the dry run: lists, maps, looks for what is there already; changes nothing on either server */
};

struct flow {
	const struct job *job;
	struct store *store;
	int64_t run;			/* store_run_begin's */
	enum flow_order order;
	bool no_verify;			/* FLOW_RUN: copy only */
	bool deep;			/* every byte is compared */
	bool again;			/* FLOW_RUN: mail that is gone at the target is sent anew */
	unsigned workers;		/* lanes at most */
	const char *const *only;	/* names of accounts, NULL-terminated; NULL: all */
	const struct plan *plan;	/* FLOW_RUN: which folders go where, and what of single messages, is decided by it; NULL: by the job. It has all accounts of `only` */
	flow_open *open;
	void *open_ctx;
	flow_role_of *role_of;		/* NULL: names mean nothing */
	struct log *wire;		/* --wire-log, or NULL */
	const char *spool_dir;		/* for mails too large for memory */
	struct cancel *stop;		/* fires: stop claiming, settle what is in flight, come back */
	const struct log *log;
	struct flow_count *count;
	/* Called now and then from flow_run's own thread. May be NULL. */
	void (*tick)(void *ctx);
	/* Told as it happens, from any of its threads, several at once, and perhaps with a lock of the flow held: be short, and call nothing of the flow.
	   Either may be NULL. A folder begins, and is done or (done false again) begins anew after trouble; names are as the servers have them. A
	   problem is told when it is kept, so one of a message may come twice; folder is "" when it is the account's. All is borrowed. */
	void (*folder)(void *ctx, const char *account, const char *source, const char *target, bool done);
	void (*problem)(void *ctx, const char *account, const char *folder, const struct problem *problem);
	void *tick_ctx;			/* of these three */
};

/* How one account ended. */
struct flow_end {
	const char *name;	/* the job's */
	int64_t account;	/* the store's id, 0 when it has none */
	int exit;		/* the contract's status */
};

/* Works until all is done, given up, or stopped. ends: one a job account that was asked for, in the job's order, the caller's
   (free). Each account's end is in the store as well. Returns -1 only when nothing could begin. */
int flow_run(const struct flow *flow, struct flow_end **ends, size_t *count, struct error *err);

#endif
