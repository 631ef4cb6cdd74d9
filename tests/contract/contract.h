/* What every endpoint has to do (core/mail/endpoint.h), as one table of tests. */
#ifndef TEST_CONTRACT_CONTRACT_H
#define TEST_CONTRACT_CONTRACT_H

#include "core/mail/endpoint.h"

/* A server on which each test gets a mailbox of its own. */
struct opener {
	/* An empty mailbox, nothing but INBOX in it. Connections opened from now on are to it. */
	void (*fresh)(void *ctx);
	int (*open)(void *ctx, struct conn **out, const struct conn_env *env, struct error *err);
	void *ctx;
	size_t max_mail;	/* a mail that is larger is refused with a NO */
	uint64_t quota;		/* bytes that the mailbox may hold, as describe() has to tell; 0: it does not say */
	const char *mechanism;	/* what describe() has to tell, or NULL: any */
	const char *secured;	/* what describe() has to tell, or the beginning of it */
};

/* Runs all; the number of tests that failed. */
int contract_run(const char *name, struct opener *opener);

#endif
