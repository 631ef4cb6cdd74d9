/* What the connections of a run share. */
#include "providers/imap/shared.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "providers/imap/tls.h"
#include "providers/imap/uplink.h"

struct imap_shared *imap_shared_new(void)
{
	struct imap_shared *shared = x_calloc(1, sizeof *shared);
	pthread_mutex_init(&shared->lock, NULL);
	pthread_mutex_init(&shared->subscribing, NULL);
	shared->uplink = uplink_new();
	return shared;
}

static void learned_free(struct learned *l)
{
	free(l->host);
	free(l->mailbox);
	free(l->what);
	free(l);
}

static void forget_all(struct learned **list)
{
	for (struct learned *l = *list, *next; l; l = next) {
		next = l->next;
		learned_free(l);
	}
	*list = NULL;
}

void imap_shared_free(struct imap_shared **shared)
{
	if (!*shared)
		return;
	tls_forget(*shared);
	uplink_free(&(*shared)->uplink);
	forget_all(&(*shared)->broken);
	forget_all(&(*shared)->keywords);
	pthread_mutex_destroy(&(*shared)->subscribing);
	pthread_mutex_destroy(&(*shared)->lock);
	free(*shared);
	*shared = NULL;
}

static bool is_of(const struct learned *l, const struct imap_options *server)
{
	return l->port == server->port && strcasecmp(l->host, server->host) == 0;
}

static const char *mailbox_of(const struct imap_options *server)
{
	return server->acts_as ? server->acts_as : server->user;
}

static bool holds(const struct learned *l, const struct imap_options *server, const char *what, size_t len)
{
	while (l && !(is_of(l, server) && (!l->mailbox || strcmp(l->mailbox, mailbox_of(server)) == 0) && strlen(l->what) == len && strncasecmp(l->what, what, len) == 0))
		l = l->next;
	return l != NULL;
}

static void learn(struct imap_shared *shared, struct learned **list, const struct imap_options *server, const char *what, size_t len)
{
	const char *mailbox = list == &shared->keywords ? mailbox_of(server) : NULL;
	pthread_mutex_lock(&shared->lock);
	if (!holds(*list, server, what, len)) {
		struct learned *l = x_calloc(1, sizeof *l);
		*l = (struct learned){ x_strdup(server->host), server->port, mailbox ? x_strdup(mailbox) : NULL, x_strndup(what, len), *list };
		*list = l;
	}
	pthread_mutex_unlock(&shared->lock);
}

void shared_cannot(struct imap_shared *shared, const struct imap_options *server, const char *capability)
{
	learn(shared, &shared->broken, server, capability, strlen(capability));
}

void shared_each_broken(struct imap_shared *shared, const struct imap_options *server, void (*blank)(void *ctx, const char *capability), void *ctx)
{
	pthread_mutex_lock(&shared->lock);
	for (const struct learned *l = shared->broken; l; l = l->next)
		if (is_of(l, server))
			blank(ctx, l->what);
	pthread_mutex_unlock(&shared->lock);
}

void shared_takes_keyword(struct imap_shared *shared, const struct imap_options *server, const char *keyword, size_t len)
{
	learn(shared, &shared->keywords, server, keyword, len);
}

bool shared_has_keyword(struct imap_shared *shared, const struct imap_options *server, const char *keyword, size_t len)
{
	pthread_mutex_lock(&shared->lock);
	bool has = holds(shared->keywords, server, keyword, len);
	pthread_mutex_unlock(&shared->lock);
	return has;
}

void shared_forget_keywords(struct imap_shared *shared, const struct imap_options *server)
{
	pthread_mutex_lock(&shared->lock);
	for (struct learned **at = &shared->keywords, *l; (l = *at);) {
		if (!is_of(l, server)) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		learned_free(l);
	}
	pthread_mutex_unlock(&shared->lock);
}
