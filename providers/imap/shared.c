/* What the connections of a run share. */
#include "providers/imap/shared.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "providers/imap/tls.h"

struct imap_shared *imap_shared_new(void)
{
	struct imap_shared *shared = x_calloc(1, sizeof *shared);
	pthread_mutex_init(&shared->lock, NULL);
	pthread_mutex_init(&shared->subscribing, NULL);
	return shared;
}

void imap_shared_free(struct imap_shared **shared)
{
	if (!*shared)
		return;
	tls_forget(*shared);
	for (struct broken *b = (*shared)->broken, *next; b; b = next) {
		next = b->next;
		free(b->host);
		free(b->capability);
		free(b);
	}
	pthread_mutex_destroy(&(*shared)->subscribing);
	pthread_mutex_destroy(&(*shared)->lock);
	free(*shared);
	*shared = NULL;
}

static bool is_of(const struct broken *b, const struct imap_options *server)
{
	return b->port == server->port && strcasecmp(b->host, server->host) == 0;
}

void shared_cannot(struct imap_shared *shared, const struct imap_options *server, const char *capability)
{
	pthread_mutex_lock(&shared->lock);
	struct broken *b = shared->broken;
	while (b && !(is_of(b, server) && strcasecmp(b->capability, capability) == 0))
		b = b->next;
	if (!b) {
		b = x_calloc(1, sizeof *b);
		*b = (struct broken){ x_strdup(server->host), server->port, x_strdup(capability), shared->broken };
		shared->broken = b;
	}
	pthread_mutex_unlock(&shared->lock);
}

void shared_each_broken(struct imap_shared *shared, const struct imap_options *server, void (*blank)(void *ctx, const char *capability), void *ctx)
{
	pthread_mutex_lock(&shared->lock);
	for (const struct broken *b = shared->broken; b; b = b->next)
		if (is_of(b, server))
			blank(ctx, b->capability);
	pthread_mutex_unlock(&shared->lock);
}
