/* What the connections of a run share. Private to providers/imap. */
#ifndef IMAP_SHARED_H
#define IMAP_SHARED_H

#include <pthread.h>

#include "providers/imap/imap.h"

struct context;		/* tls.c */

struct imap_shared {
	pthread_mutex_t lock;
	pthread_mutex_t subscribing;	/* held while Courier subscribes */
	struct context *first;
	struct broken {		/* capabilities that a server offers and refuses when they are used */
		char *host;
		unsigned port;
		char *capability;
		struct broken *next;
	} *broken;
};

/* From now on no connection to that server believes in it. */
void shared_cannot(struct imap_shared *shared, const struct imap_options *server, const char *capability);
/* Calls blank(ctx, capability) for each that this server does not have after all. */
void shared_each_broken(struct imap_shared *shared, const struct imap_options *server, void (*blank)(void *ctx, const char *capability), void *ctx);

#endif
