/* Capabilities that a server offers and that do not work there: found out once, remembered by all connections until the end of the run. */
#ifndef IMAP_UNABLE_H
#define IMAP_UNABLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct unable_row;

struct unable {			/* safe from several threads */
	pthread_mutex_t lock;
	struct unable_row *first;
	atomic_bool any;
};

void unable_init(struct unable *u);
void unable_free(struct unable *u);
/* That server's word is not believed any more. true: that is new. */
bool unable_add(struct unable *u, const char *host, unsigned port, const char *capability);
bool unable_has(struct unable *u, const char *host, unsigned port, const char *capability);

#endif
