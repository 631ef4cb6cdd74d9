/* Which door an endpoint of the job file is: its provider's. In this version every one is IMAP. */
#ifndef PROVIDERS_REGISTRY_H
#define PROVIDERS_REGISTRY_H

#include "core/flow/flow.h"
#include "providers/secrets.h"

struct registry;

/* secrets: borrowed; outlives it. */
struct registry *registry_new(struct secrets *secrets);
/* NULL-safe; nothing may be open any more. */
void registry_free(struct registry **registry);
/* A flow_open (core/flow/flow.h); ctx is the registry. */
int registry_open(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err);

#endif
