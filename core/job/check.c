/* What can only be told from several values together. */
#include "core/job/check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

static const struct node *at(const struct node *map, const char *name)
{
	const struct node *n = node_get(map, name);

	return n ? n : map;
}

void check_secrets(struct loader *ld, const char *side, const struct node *map)
{
	static const char *const names[] = { "password", "password_file", "password_command", "token_command", "oauth2" };
	const struct node *last = NULL;
	unsigned found = 0;

	for (const struct node *n = map->first; n; n = n->next) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (!n->again && strcmp(n->key->text, names[i]) == 0) {
				found++;
				last = n;
			}
		}
	}
	if (found > 1)
		fault_add(ld->faults, last->key->line, last->key->column, "two secrets for one %s: keep one of them", side);
}

/* Which way to sign in goes with which secret. */
static void check_auth(struct loader *ld, const struct node *map, const struct job_end *end)
{
	bool oauth = end->auth == AUTH_XOAUTH2 || end->auth == AUTH_OAUTHBEARER;
	const struct node *auth = at(map, "auth");

	if (oauth && end->secret != SECRET_TOKEN)
		fault_add(ld->faults, auth->line, auth->column, "`auth: %s` needs `token_command`, a program that prints an OAuth2 access token",
			end->auth == AUTH_XOAUTH2 ? "xoauth2" : "oauthbearer");
	else if (end->auth != AUTH_AUTO && !oauth && end->secret == SECRET_TOKEN)
		fault_add(ld->faults, auth->line, auth->column,
			"`token_command` goes with `auth: xoauth2` or `oauthbearer`, not with a way that wants a password: leave `auth` out");
	else if (end->auth == AUTH_LOGIN && end->on_behalf)
		fault_add(ld->faults, auth->line, auth->column, "`auth: login` can't act as another user: with `auth_user` use plain");
}

void check_end(struct loader *ld, const struct node *map, const struct job_end *end)
{
	const struct node *tls = at(map, "tls"), *provider = at(map, "provider"), *pin = at(map, "fingerprint");

	check_auth(ld, map, end);
	if (end->preset && (end->preset->traits & PRESET_OAUTH_ONLY) && end->secret != SECRET_TOKEN && !end->on_behalf)
		fault_add(ld->faults, provider->line, provider->column,
			"%s takes OAuth2 only, which this version can't do by itself yet: until then use `token_command`, a program that prints an "
			"access token", end->preset->name);
	if (end->tls == TLS_NONE && end->pinned)
		fault_add(ld->faults, pin->line, pin->column, "`fingerprint` with `tls: none`: there is no certificate to compare");
	if (end->tls == TLS_NONE && end->host && !end->insecure && !value_loopback(end->host))
		fault_add(ld->faults, tls->line, tls->column,
			"`tls: none` shows password and mail to the network: use implicit or starttls; `insecure: true` if you must");
}

/* As two names of one server compare: without case, without the root's dot; localhost is 127.0.0.1. */
static bool same_host(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	if (la > 1 && a[la - 1] == '.')
		la--;
	if (lb > 1 && b[lb - 1] == '.')
		lb--;
	if (la == lb && strncasecmp(a, b, la) == 0)
		return true;
	return (strcasecmp(a, "localhost") == 0 && strcmp(b, "127.0.0.1") == 0) ||
	       (strcmp(a, "127.0.0.1") == 0 && strcasecmp(b, "localhost") == 0);
}

/* 143 and 993 are two doors of one server; other ports are servers of their own. */
static bool same_port(unsigned a, unsigned b)
{
	return a == b || (a == 143 && b == 993) || (a == 993 && b == 143);
}

void check_account(struct loader *ld, const struct node *node, const struct job_account *account)
{
	const struct job_end *s = &account->source, *t = &account->target;
	const struct node *target = at(node, "target");

	if (!s->host || !t->host || !s->user || !t->user)
		return;
	/* Users without case: a mailbox that is copied into itself doubles; two users that differ in case alone are not known. */
	if (same_host(s->host, t->host) && same_port(s->port, t->port) && strcasecmp(s->user, t->user) == 0)
		fault_add(ld->faults, target->line, target->column, "source and target are the same mailbox");
}

void check_messages(struct loader *ld, const struct node *node, const struct job_messages *messages)
{
	const struct node *map = at(node, "messages"), *before = at(map, "before");

	if (messages->since >= messages->before)
		fault_add(ld->faults, before->line, before->column, "no message can be there: `before` must be a later day than `since`");
}

static int by_name(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order != 0)
		return order;
	return a->order < b->order ? -1 : a->order > b->order;
}

void check_names(struct loader *ld)
{
	struct places *p = ld->places;
	const struct place *first, *again;
	char shown[64];

	if (p->count < 2)
		return;
	qsort(p->list, p->count, sizeof(*p->list), by_name);
	first = p->list;
	for (size_t i = 1; i < p->count; i++) {
		again = &p->list[i];
		if (strcmp(first->name, again->name) != 0) {
			first = again;
			continue;
		}
		text_clean(shown, sizeof(shown), first->name, strlen(first->name));
		fault_add(again->faults, again->line, again->column, "two accounts are named `%s`: the other one is in line %u%s", shown, first->line,
			first->faults == again->faults ? "" : " of the job file");
	}
}

void places_free(struct places *places)
{
	free(places->list);
	*places = (struct places){ 0 };
}

void check_state(struct loader *ld, const struct node *root)
{
	const char *slash = strrchr(ld->job->path, '/');
	CLEANUP(x_free) char *self = value_absolute(ld, slash ? slash + 1 : ld->job->path);
	const struct node *state = at(root, "state");

	if (ld->job->state && strcmp(ld->job->state, self) == 0)
		fault_add(ld->faults, state->line, state->column, "`state` must not be the job file itself: `%s`", self);
}
