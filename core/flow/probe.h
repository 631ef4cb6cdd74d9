/* The trial before a move: signs in to both sides of every account, lists, asks for what limits there are, and goes. Changes nothing, neither on a server nor in the
   state. */
#ifndef FLOW_PROBE_H
#define FLOW_PROBE_H

#include "core/flow/flow.h"

struct probe_side {
	struct error err;	/* how the last try ended; ERR_NONE: all went well */
	bool signed_in;
	unsigned tries;
	bool before;		/* this side has signed in before with this state */
	bool outage;		/* refused like every other account of this host, three or more: it may be the host (set with ERR_LOGIN only) */
	size_t folders;		/* that can be opened */
	uint64_t messages;	/* in them */
	char *capabilities;	/* one blank between; NULL: not known */
	struct door_facts facts;
};

struct probe {			/* one account */
	const struct job_account *account;
	struct error err;	/* ERR_USAGE (account-changed): the state knows this name with another user or host; its sides are tried all the same */
	struct probe_side source, target;
};

struct probing {
	const struct job *job;
	struct store *store;		/* opened to be read; NULL: there is none */
	unsigned workers;		/* connections at most */
	const char *const *only;	/* names of accounts, NULL-terminated; NULL: all */
	flow_open *open;
	void *open_ctx;
	struct log *wire;		/* or NULL */
	const char *spool_dir;
	struct cancel *stop;		/* fires: sides that are not through end with ERR_CANCELLED */
	const struct log *log;
	unsigned again_ms;		/* between the two tries of a side whose login was refused, or that is in temporary trouble; 0: 3 s */
};

/* One row an account asked for, in the job's order, the caller's (probe_free). Returns -1 when the state can't be read. */
int probe_run(const struct probing *probing, struct probe **out, size_t *count, struct error *err);
void probe_free(struct probe *rows, size_t count);

#endif
