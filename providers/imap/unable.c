/* A short list: few servers lie, about few things. */
#include "providers/imap/unable.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"

struct unable_row {
	struct unable_row *next;
	char *host, *capability;
	unsigned port;
};

void unable_init(struct unable *u)
{
	*u = (struct unable){ .first = NULL };
	pthread_mutex_init(&u->lock, NULL);
}

void unable_free(struct unable *u)
{
	for (struct unable_row *row = u->first, *next; row; row = next) {
		next = row->next;
		free(row->host);
		free(row->capability);
		free(row);
	}
	u->first = NULL;
	pthread_mutex_destroy(&u->lock);
}

static bool is_there(const struct unable *u, const char *host, unsigned port, const char *capability)
{
	for (const struct unable_row *row = u->first; row; row = row->next)
		if (row->port == port && strcasecmp(row->host, host) == 0 && strcasecmp(row->capability, capability) == 0)
			return true;
	return false;
}

bool unable_add(struct unable *u, const char *host, unsigned port, const char *capability)
{
	pthread_mutex_lock(&u->lock);
	bool is_new = !is_there(u, host, port, capability);
	if (is_new) {
		struct unable_row *row = x_calloc(1, sizeof *row);
		*row = (struct unable_row){ u->first, x_strdup(host), x_strdup(capability), port };
		u->first = row;
	}
	pthread_mutex_unlock(&u->lock);
	atomic_store(&u->any, true);
	return is_new;
}

bool unable_has(struct unable *u, const char *host, unsigned port, const char *capability)
{
	if (!atomic_load(&u->any)) /* asked for every batch */
		return false;
	pthread_mutex_lock(&u->lock);
	bool has = is_there(u, host, port, capability);
	pthread_mutex_unlock(&u->lock);
	return has;
}
