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

static void check_secret(struct loader *ld, const char *side, const struct node *node)
{
	static const char *const names[] = { "password", "password_file", "password_command", "token_command", "oauth2" };
	const struct node *last = NULL;
	unsigned found = 0;

	for (const struct node *n = node->first; n; n = n->next) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (!n->again && strcmp(n->key->text, names[i]) == 0) {
				found++;
				last = n;
			}
		}
	}
	if (found == 0)
		fault_add(ld->faults, node->line, node->column, "the %s has no password: add `password_file: FILE`, or `password`", side);
	else if (found > 1)
		fault_add(ld->faults, last->key->line, last->key->column, "two secrets for one %s: keep one of them", side);
}

void check_end(struct loader *ld, const char *side, const struct node *node, const struct job_end *end)
{
	const struct node *tls = at(node, "tls");

	check_secret(ld, side, node);
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

static int by_name(const void *left, const void *right)
{
	const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
	int order = strcmp(a->text, b->text);

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

void check_names(struct loader *ld, const struct node *list)
{
	CLEANUP(x_free) const struct node **sorted = NULL;
	const struct node *name, *first;
	char shown[64];
	size_t n = 0;

	sorted = x_calloc(list->count + 1, sizeof(*sorted));
	for (const struct node *account = list->first; account; account = account->next) {
		name = node_get(account, "name");
		if (name && name->kind == NODE_SCALAR && name->len > 0)
			sorted[n++] = name;
	}
	qsort(sorted, n, sizeof(*sorted), by_name);
	first = sorted[0];
	for (size_t i = 1; i < n; i++) {
		if (strcmp(first->text, sorted[i]->text) != 0) {
			first = sorted[i];
			continue;
		}
		fault_add(ld->faults, sorted[i]->line, sorted[i]->column,
			"two accounts are named `%s`: the other one is in line %u", value_shown(shown, first), first->line);
	}
}

void check_state(struct loader *ld, const struct node *root)
{
	const char *slash = strrchr(ld->job->path, '/');
	CLEANUP(x_free) char *self = value_absolute(ld, slash ? slash + 1 : ld->job->path);
	const struct node *state = at(root, "state");

	if (ld->job->state && strcmp(ld->job->state, self) == 0)
		fault_add(ld->faults, state->line, state->column, "`state` must not be the job file itself: `%s`", self);
}
