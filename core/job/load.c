/* From the tree to struct job: levels, their keys, their defaults. */
#include "core/job/load.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/job/arena.h"
#include "core/job/check.h"
#include "core/job/keys.h"
#include "core/job/table.h"

void load_keys(struct loader *ld, const struct level *level, const struct node *map, void *into)
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

void load_need(struct loader *ld, const struct level *level, const char *what, const struct node *map)
{
	for (size_t i = 0; i < level->count; i++) {
		if (level->key[i].needed && !node_get(map, level->key[i].name))
			fault_add(ld->faults, map->line, map->column, "%s has no `%s`", what, level->key[i].name);
	}
}

bool load_is_map(struct loader *ld, const char *what, const struct node *node)
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
	CLEANUP(x_free) char *what = NULL;

	if (!load_is_map(ld, key->name, node))
		return;
	load_keys(ld, key->level, node, field);
	what = x_printf("`%s`", key->name);
	load_need(ld, key->level, what, node);
}

void load_base(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const struct key *row = keys_find(&level_account, key->name);

	(void)field;
	row->read(ld, row, node, (char *)&ld->base + row->offset);
}

void load_later(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	(void)field;
	if (strcmp(key->name, "defaults") == 0)
		ld->defaults = node;
	else if (strcmp(key->name, "accounts") == 0)
		ld->accounts = node;
	else
		ld->accounts_from = node;
}

/* What every account begins with, before anything is read. */
static void start_base(struct loader *ld)
{
	struct job_account *base = &ld->base;

	base->source.connections = base->target.connections = 4;
	base->source.timeout_ms = base->target.timeout_ms = 60000;
	base->folders.under = arena_text(ld->job->arena, "", 0);
	base->folders.special_use = true;
	base->messages.since = INT64_MIN;
	base->messages.before = INT64_MAX;
	base->shrink = 100;
}

/* The top was read: `defaults` go over it. */
static void finish_base(struct loader *ld, const struct node *root)
{
	const struct node *defaults = ld->defaults;

	if (defaults && load_is_map(ld, "defaults", defaults)) {
		load_keys(ld, &level_defaults, defaults, &ld->base);
		ld->base_source = ld->given_source;
		ld->base_target = ld->given_target;
	}
	check_messages(ld, defaults && node_get(defaults, "messages") ? defaults : root, &ld->base.messages);
}

/* Where the name stands; an account without one has no place. */
static void add_place(struct loader *ld, const struct node *node, const struct job_account *account)
{
	struct places *p = ld->places;
	const struct node *name = node_get(node, "name");

	if (!account->name)
		return;
	p->list = x_room(p->list, p->count, &p->cap, sizeof(*p->list));
	p->list[p->count] = (struct place){ .name = account->name, .line = name->line, .column = name->column, .order = p->count,
		.faults = ld->faults };
	p->count++;
}

bool load_account(struct loader *ld, const struct node *node)
{
	struct job *job = ld->job;
	struct job_account *account;

	if (job->accounts == ACCOUNTS_MAX) {
		fault_add(ld->faults, node->line, node->column, "more than 100,000 accounts: make several jobs of it");
		return false;
	}
	if (!load_is_map(ld, "account", node))
		return true;
	job->account = x_room(job->account, job->accounts, &ld->cap, sizeof(*job->account));
	account = &job->account[job->accounts++];
	*account = ld->base;
	ld->given_source = ld->base_source;
	ld->given_target = ld->base_target;
	load_keys(ld, &level_account, node, account);
	load_need(ld, &level_account, "the account", node);
	end_finish(ld, "source", node, account);
	end_finish(ld, "target", node, account);
	check_account(ld, node, account);
	if (node_get(node, "messages"))
		check_messages(ld, node, &account->messages);
	add_place(ld, node, account);
	return true;
}

static void load_accounts(struct loader *ld, const struct node *list)
{
	if (list->kind == NODE_BROKEN || (list->kind == NODE_LIST && list->count == 0 && ld->accounts_from))
		return;
	if (list->count > ACCOUNTS_MAX) {
		fault_add(ld->faults, list->line, list->column, "more than 100,000 accounts: make several jobs of it");
		return;
	}
	if (list->kind != NODE_LIST || list->count == 0) {
		fault_add(ld->faults, list->line, list->column, "`accounts` must be a list of at least one account: `- name: mario`");
		return;
	}
	for (const struct node *n = list->first; n; n = n->next) {
		if (!load_account(ld, n))
			return;
	}
}

/* The job file's name with .state instead of its ending. */
static char *default_state(const struct loader *ld)
{
	const char *slash = strrchr(ld->job->path, '/');
	CLEANUP(x_free) char *name = x_strdup(slash ? slash + 1 : ld->job->path);
	CLEANUP(x_free) char *state = NULL, *whole = NULL;
	char *dot = strrchr(name, '.');

	if (dot && dot != name)
		*dot = '\0';
	state = x_printf("%s.state", name);
	whole = value_absolute(ld, state);
	return arena_text(ld->job->arena, whole, strlen(whole));
}

void load_root(struct loader *ld, const struct node *root)
{
	CLEANUP(x_free) char *refused = NULL;
	struct job *job = ld->job;

	if (root->kind != NODE_MAP) {
		if (root->kind != NODE_BROKEN)
			fault_add(ld->faults, root->line, root->column, node_null(root)
				? "is empty: a job file starts with `version: 1`" : "a job file holds keys: `version: 1`, `accounts:`");
		return;
	}
	job->workers = 8;
	job->give_up_ms = 600000;
	start_base(ld);
	load_keys(ld, &level_job, root, job);
	load_need(ld, &level_job, "the job file", root);
	finish_base(ld, root);
	ld->in_account = true;
	if (ld->accounts)
		load_accounts(ld, ld->accounts);
	if (ld->accounts_from)
		table_load(ld, ld->accounts_from);
	else if (!ld->accounts)
		fault_add(ld->faults, root->line, root->column, "the job file has no `accounts`");
	check_names(ld);
	if (!job->state && !node_get(root, "state"))
		job->state = default_state(ld);
	if (!job->refused) {
		refused = value_absolute(ld, "refused");
		job->refused = arena_text(job->arena, refused, strlen(refused));
	}
	check_state(ld, root);
}
