/* Opening the door that an endpoint names. */
#include "providers/registry.h"

#include <stdlib.h>

#include "core/base/alloc.h"
#include "providers/imap/imap.h"

struct registry {
	struct imap_shared *imap;
};

struct registry *registry_new(struct secrets *secrets)
{
	struct registry *r = x_calloc(1, sizeof *r);
	(void)secrets;
	r->imap = imap_shared_new();
	return r;
}

void registry_free(struct registry **registry)
{
	if (!*registry)
		return;
	imap_shared_free(&(*registry)->imap);
	free(*registry);
	*registry = NULL;
}

int registry_open(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err)
{
	struct registry *r = ctx;
	struct imap_options options = {
		.host = end->host,
		.port = end->port,
		.tls = end->tls == TLS_IMPLICIT ? IMAP_IMPLICIT : end->tls == TLS_STARTTLS ? IMAP_STARTTLS : IMAP_PLAIN,
		.ca_file = end->ca_file,
		.user = end->login,
		.secret = end->password,
		.timeout_ms = end->timeout_ms,
	};
	return imap_open(out, r->imap, &options, env, err);
}
