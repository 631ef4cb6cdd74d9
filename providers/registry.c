/* Opening the door that an endpoint names. */
#include "providers/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "providers/imap/imap.h"

struct registry {
	struct imap_shared *imap;
	struct secrets *secrets;
};

static const enum imap_auth auths[] = {
	[AUTH_AUTO] = IMAP_AUTO, [AUTH_PLAIN] = IMAP_AUTH_PLAIN, [AUTH_LOGIN] = IMAP_AUTH_LOGIN,
	[AUTH_SCRAM_SHA_256] = IMAP_SCRAM_SHA_256, [AUTH_XOAUTH2] = IMAP_XOAUTH2, [AUTH_OAUTHBEARER] = IMAP_OAUTHBEARER,
};
static_assert(sizeof auths / sizeof *auths == AUTH_OAUTHBEARER + 1, "every mechanism of the job file is one of the door's");

struct registry *registry_new(struct secrets *secrets)
{
	struct registry *r = x_calloc(1, sizeof *r);
	r->secrets = secrets;
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

static int open_imap(struct registry *r, struct conn **out, const struct job_end *end, const char *secret, const struct conn_env *env, struct error *err)
{
	struct imap_options options = {
		.host = end->host,
		.port = end->port,
		.tls = end->tls == TLS_IMPLICIT ? IMAP_IMPLICIT : end->tls == TLS_STARTTLS ? IMAP_STARTTLS : IMAP_PLAIN,
		.ca_file = end->ca_file,
		.fingerprint = end->pinned ? end->fingerprint : NULL,
		.auth = auths[end->auth],
		.user = end->login,
		.acts_as = end->on_behalf ? end->user : NULL,
		.secret = secret,
		.token = end->secret == SECRET_TOKEN,
		.timeout_ms = end->timeout_ms,
	};
	return imap_open(out, r->imap, &options, env, err);
}

/* An access token lives for an hour, a move for a night: a refused secret is fetched anew, and tried if it is another one. The same one
   once more would only bring the account nearer to being locked. */
int registry_open(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err)
{
	struct registry *r = ctx;
	CLEANUP(secrets_wipe) char *secret = NULL, *fresh = NULL;
	struct error why;
	if (secrets_get(r->secrets, end, false, env->cancel, &secret, err) < 0)
		return -1;
	if (open_imap(r, out, end, secret, env, err) == 0)
		return 0;
	if (err->class != ERR_LOGIN)
		return -1;
	if (secrets_get(r->secrets, end, true, env->cancel, &fresh, &why) < 0) {
		*err = why;
		return -1;
	}
	return strcmp(secret, fresh) == 0 ? -1 : open_imap(r, out, end, fresh, env, err);
}
