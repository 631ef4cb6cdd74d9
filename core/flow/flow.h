/* The mover: all accounts of a job from their sources to their targets, and the check that everything is there. It knows doors
   (core/mail/endpoint.h), the state and the job; no protocol. ARCHITECTURE.md, "The way of a message". */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdatomic.h>

#include "core/base/cancel.h"
#include "core/base/log.h"
#include "core/job/job.h"
#include "core/mail/endpoint.h"
#include "core/store/store.h"

/* Opens one side of an account. Errors as imap_open has them. Called from several threads. */
typedef int flow_open(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err);

/* What a progress display may look at while the flow is at work; numbers only grow. */
struct flow_count {
	atomic_ullong messages, bytes;		/* copied in this run */
	atomic_ullong checked;			/* compared on both servers */
	atomic_ullong listed;			/* messages that the sources announced */
	atomic_uint accounts_done;
};

enum flow_order { FLOW_RUN, FLOW_VERIFY };

struct flow {
	const struct job *job;
	struct store *store;
	int64_t run;			/* store_run_begin's */
	enum flow_order order;
	bool no_verify;			/* FLOW_RUN: copy only */
	bool deep;			/* every byte is compared */
	unsigned workers;		/* lanes at most */
	const char *const *only;	/* names of accounts, NULL-terminated; NULL: all */
	flow_open *open;
	void *open_ctx;
	const char *spool_dir;		/* for mails too large for memory */
	struct cancel *stop;		/* fires: stop claiming, settle what is in flight, come back */
	const struct log *log;
	struct flow_count *count;
	/* Called now and then from flow_run's own thread. May be NULL. */
	void (*tick)(void *ctx);
	void *tick_ctx;
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
