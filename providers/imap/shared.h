/* What the connections of a run share. Private to providers/imap. */
#ifndef IMAP_SHARED_H
#define IMAP_SHARED_H

#include <pthread.h>

#include "providers/imap/imap.h"

struct context;		/* tls.c */
struct uplink;

/* What was learned of a server, or of one user's mailbox there. */
struct learned {
	char *host;
	unsigned port;
	char *mailbox;		/* NULL: of any */
	char *what;
	struct learned *next;
};

struct imap_shared {
	pthread_mutex_t lock;
	pthread_mutex_t subscribing;	/* held while Courier subscribes */
	struct context *first;
	struct uplink *uplink;
	struct learned *broken;		/* capabilities that a server offers and refuses when they are used */
	struct learned *keywords;	/* that it has taken in an APPEND */
};

/* From now on no connection to that server believes in it. */
void shared_cannot(struct imap_shared *shared, const struct imap_options *server, const char *capability);
/* Calls blank(ctx, capability) for each that this server does not have after all. */
void shared_each_broken(struct imap_shared *shared, const struct imap_options *server, void (*blank)(void *ctx, const char *capability), void *ctx);

/* From now on the server is known to take this keyword (len bytes) in an APPEND to this user's mailbox; none of them is any more. One name may stand before several
   servers, and each has its users: what one of those took, another may take for a fault. */
void shared_takes_keyword(struct imap_shared *shared, const struct imap_options *server, const char *keyword, size_t len);
void shared_forget_keywords(struct imap_shared *shared, const struct imap_options *server);
bool shared_has_keyword(struct imap_shared *shared, const struct imap_options *server, const char *keyword, size_t len);

#endif
