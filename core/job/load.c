/* From the tree to struct job: levels, their keys, their defaults. */
#include "core/job/load.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/job/check.h"
#include "core/job/keys.h"

/* Reads every key of a mapping into the level's struct. */
static void read_keys(struct loader *ld, const struct level *level, const struct node *map, void *into)
{
	const struct key *key;

	for (const struct node *n = map->first; n; n = n->next) {
		key = strlen(n->key->text) == n->key->len ? keys_find(level, n->key->text) : NULL;
		if (!key)
			keys_unknown(ld, level, n->key);
		else if (!key->read)
			fault_add(ld->faults, n->key->line, n->key->column, "`%s` is not in this version yet", key->name);
		else if (!n->again)	/* of two, the first counts; the second is a fault already */
			key->read(ld, key, n, (char *)into + key->offset);
	}
}

static void need_keys(struct loader *ld, const struct level *level, const char *what, const struct node *map)
{
	for (size_t i = 0; i < level->count; i++) {
		if (level->key[i].needed && !node_get(map, level->key[i].name))
			fault_add(ld->faults, map->line, map->column, "the %s has no `%s`", what, level->key[i].name);
	}
}

/* Tells what it is instead. */
static bool is_map(struct loader *ld, const char *what, const struct node *node)
{
	if (node->kind == NODE_MAP)
		return true;
	if (node_null(node))
		fault_add(ld->faults, node->line, node->column, "`%s` has no value", what);
	else if (node->kind != NODE_BROKEN)
		fault_add(ld->faults, node->line, node->column, "`%s` must hold keys, not %s", what,
			node->kind == NODE_LIST ? "a list" : "one value");
	return false;
}

void load_level(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	if (!is_map(ld, key->name, node))
		return;
	read_keys(ld, key->level, node, field);
	need_keys(ld, key->level, key->name, node);
}

void load_end(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct job_end *end = field;
	const struct node *provider;

	if (!is_map(ld, key->name, node))
		return;
	read_keys(ld, key->level, node, end);
	if (end->port == 0)
		end->port = end->tls == TLS_IMPLICIT ? 993 : 143;
	/* Another provider needs other keys; that it is not here yet was told. */
	provider = node_get(node, "provider");
	if (provider && (provider->kind != NODE_SCALAR || strcmp(provider->text, "imap") != 0))
		return;
	need_keys(ld, key->level, key->name, node);
	end->login = end->user ? x_strdup(end->user) : NULL;
	end->secret = SECRET_PASSWORD;
	check_end(ld, key->name, node, end);
}

void load_accounts(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct job *job = field;
	struct job_account *account;

	if (node->kind == NODE_BROKEN)
		return;
	if (node->kind != NODE_LIST || node->count == 0 || node->count > ACCOUNTS_MAX) {
		fault_add(ld->faults, node->line, node->column, node->kind == NODE_LIST && node->count > 0
			? "more than 100,000 accounts: make several jobs of it"
			: "`accounts` must be a list of at least one account: `- name: mario`");
		return;
	}
	job->account = x_calloc(node->count, sizeof(*job->account));
	for (const struct node *n = node->first; n; n = n->next) {
		if (!is_map(ld, "account", n))
			continue;
		account = &job->account[job->accounts++];
		account->source.connections = account->target.connections = 4;
		account->source.timeout_ms = account->target.timeout_ms = 60000;
		read_keys(ld, key->level, n, account);
		need_keys(ld, key->level, "account", n);
		check_account(ld, n, account);
	}
	check_names(ld, node);
}

/* The job file's name with .state instead of its ending. */
static char *default_state(const struct loader *ld)
{
	const char *slash = strrchr(ld->job->path, '/');
	CLEANUP(x_free) char *name = x_strdup(slash ? slash + 1 : ld->job->path);
	CLEANUP(x_free) char *state = NULL;
	char *dot = strrchr(name, '.');

	if (dot && dot != name)
		*dot = '\0';
	state = x_printf("%s.state", name);
	return value_absolute(ld, state);
}

void load_root(struct loader *ld, const struct node *root)
{
	struct job *job = ld->job;

	if (root->kind != NODE_MAP) {
		if (root->kind != NODE_BROKEN)
			fault_add(ld->faults, root->line, root->column, node_null(root)
				? "is empty: a job file starts with `version: 1`" : "a job file holds keys: `version: 1`, `accounts:`");
		return;
	}
	read_keys(ld, &level_job, root, job);
	need_keys(ld, &level_job, "job file", root);
	if (!job->state && !node_get(root, "state"))
		job->state = default_state(ld);
	if (!job->refused)
		job->refused = value_absolute(ld, "refused");
	check_state(ld, root);
}
