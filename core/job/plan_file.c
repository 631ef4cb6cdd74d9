/* The plan file read: with the job file's own reader, and its own tables of keys. */
#include "core/job/plan_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/arena.h"
#include "core/job/file.h"
#include "core/job/load.h"
#include "core/job/near.h"

/* Of 10,000 accounts with 30 folders each; the tree takes ten times as much memory. */
#define FILE_BYTES ((size_t)64 << 20)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const action_words[] = { [PLAN_COPY] = "copy", [PLAN_SKIP] = "skip", NULL };

/* ---- what must not stand twice ---- */

struct seen {
	const char *name;
	unsigned number;
	const struct node *node;
};

static int by_name(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order == 0 && a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (order != 0)
		return order;
	return a->node->line != b->node->line ? (a->node->line < b->node->line ? -1 : 1) : (int)a->node->column - (int)b->node->column;
}

/* Sorts them: a file of many megabytes can hold a million. */
static void tell_doubles(struct loader *ld, struct seen *seen, size_t count, const char *what)
{
	const struct seen *first = seen;

	if (count > 0)
		qsort(seen, count, sizeof(*seen), by_name);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(first->name, seen[i].name) == 0 && first->number == seen[i].number)
			fault_add(ld->faults, seen[i].node->line, seen[i].node->column, "this %s stands in line %u already", what, first->node->line);
		else
			first = &seen[i];
	}
}

/* ---- values ---- */

/* A folder's name, whatever a server lets be one. */
static void read_name(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const char *text = value_scalar(ld, key, node);

	if (text && strlen(text) != node->len)
		fault_add(ld->faults, node->line, node->column, "`%s` holds a NUL", key->name);
	else if (text)
		*(char **)field = arena_text(ld->job->arena, text, node->len);
}

/* For the reader only. */
static void read_nothing(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	(void)field;
	if (node->kind == NODE_LIST || node->kind == NODE_MAP)
		fault_add(ld->faults, node->line, node->column, "`%s` must be one value, not a %s", key->name, node->kind == NODE_LIST ? "list" : "mapping");
}

static bool is_list(struct loader *ld, const struct key *key, const struct node *node)
{
	if (node->kind == NODE_LIST)
		return true;
	if (node->kind != NODE_BROKEN)
		fault_add(ld->faults, node->line, node->column, "`%s` must be a list", key->name);
	return false;
}

#define AT(member) .offset = offsetof(struct plan_message, member)
static const struct key message_keys[] = {
	{ .name = "uid", .read = value_number, AT(uid), .min = 1, .max = UINT_MAX, .needed = true },
	{ .name = "reason", .read = read_nothing },
	{ .name = "action", .read = value_word, AT(action), .words = action_words, .needed = true },
};
#undef AT
static const struct level level_message = { .key = message_keys, .count = COUNT(message_keys), .apart = true };

/* A number of messages, for the reader, or the list of those that somebody decided about. */
static void read_messages(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct plan_folder *folder = field;
	CLEANUP(x_free) struct seen *seen = NULL;
	size_t cap = 0, known = 0;

	if (node->kind == NODE_SCALAR || !is_list(ld, key, node))
		return;
	seen = x_calloc(node->count + 1, sizeof(*seen));
	for (const struct node *n = node->first; n; n = n->next) {
		struct plan_message *m;

		if (!load_is_map(ld, "messages", n))
			continue;
		folder->message = x_room(folder->message, folder->messages, &cap, sizeof(*folder->message));
		m = &folder->message[folder->messages];
		*m = (struct plan_message){ .action = PLAN_SKIP };
		load_keys(ld, &level_message, n, m);
		load_need(ld, &level_message, "the message", n);
		folder->messages++;
		if (m->uid > 0)
			seen[known++] = (struct seen){ "", m->uid, n };
	}
	tell_doubles(ld, seen, known, "message");
}

#define AT(member) .offset = offsetof(struct plan_folder, member)
static const struct key folder_keys[] = {
	{ .name = "source", .read = read_name, AT(source), .needed = true },
	{ .name = "target", .read = read_name, AT(target) },
	{ .name = "action", .read = value_word, AT(action), .words = action_words, .needed = true },
	{ .name = "role", .read = read_nothing },
	{ .name = "why", .read = read_nothing },
	{ .name = "bytes", .read = read_nothing },
	{ .name = "uidvalidity", .read = value_number, AT(validity), .max = UINT_MAX, .needed = true },
	{ .name = "messages", .read = read_messages },
};
#undef AT
static const struct level level_folder = { .key = folder_keys, .count = COUNT(folder_keys), .apart = true };

static void read_folder(struct loader *ld, struct plan_folder *folder, const struct node *node)
{
	*folder = (struct plan_folder){ .action = PLAN_SKIP };
	load_keys(ld, &level_folder, node, folder);
	load_need(ld, &level_folder, "the folder", node);
	if (folder->action == PLAN_COPY && !node_get(node, "target"))
		fault_add(ld->faults, node->line, node->column, "the folder has no `target`: where is it to be copied to?");
}

static void read_folders(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct plan_account *account = field;
	CLEANUP(x_free) struct seen *seen = NULL;
	size_t cap = 0, known = 0;

	if (!is_list(ld, key, node))
		return;
	seen = x_calloc(node->count + 1, sizeof(*seen));
	for (const struct node *n = node->first; n; n = n->next) {
		if (!load_is_map(ld, "folders", n))
			continue;
		account->folder = x_room(account->folder, account->folders, &cap, sizeof(*account->folder));
		struct plan_folder *folder = &account->folder[account->folders];
		read_folder(ld, folder, n);
		account->folders++;
		if (folder->source)
			seen[known++] = (struct seen){ folder->source, folder->validity, n };
	}
	tell_doubles(ld, seen, known, "folder");
}

#define AT(member) .offset = offsetof(struct plan_account, member)
static const struct key account_keys[] = {
	{ .name = "name", .read = value_text, AT(name), .needed = true },
	{ .name = "folders", .read = read_folders, .needed = true },
};
#undef AT
static const struct level level_accounts = { .key = account_keys, .count = COUNT(account_keys), .apart = true };

static void read_accounts(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct plan *plan = field;
	CLEANUP(x_free) struct seen *seen = NULL;
	size_t cap = 0, known = 0;

	if (!is_list(ld, key, node))
		return;
	seen = x_calloc(node->count + 1, sizeof(*seen));
	for (const struct node *n = node->first; n; n = n->next) {
		if (!load_is_map(ld, "accounts", n))
			continue;
		plan->account = x_room(plan->account, plan->accounts, &cap, sizeof(*plan->account));
		struct plan_account *account = &plan->account[plan->accounts];
		*account = (struct plan_account){ 0 };
		load_keys(ld, &level_accounts, n, account);
		load_need(ld, &level_accounts, "the account", n);
		plan->accounts++;
		if (account->name)
			seen[known++] = (struct seen){ account->name, 0, n };
	}
	tell_doubles(ld, seen, known, "account");
}

static const struct key plan_keys[] = {
	{ .name = "plan", .read = value_version, .max = 1, .needed = true },
	{ .name = "job_digest", .read = value_text, .offset = offsetof(struct plan, digest), .needed = true },
	{ .name = "accounts", .read = read_accounts, .needed = true },
};
static const struct level level_plan = { .key = plan_keys, .count = COUNT(plan_keys), .apart = true };

/* ---- against the job ---- */

static const char *nearest(const struct job *job, const char *name)
{
	const char *best = NULL;
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < job->accounts; i++) {
		unsigned rank = near_rank(name, job->account[i].name);

		if (rank < least) {
			best = job->account[i].name;
			least = rank;
		}
	}
	return best;
}

static int text_order(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void check_account(struct loader *ld, const struct job *job, const char *const *names, const struct node *name)
{
	char shown[64], meant[64];
	const char *key = name->text, *best;

	if (bsearch(&key, names, job->accounts, sizeof(*names), text_order))
		return;
	best = nearest(job, name->text);
	if (best)
		text_clean(meant, sizeof(meant), best, strlen(best));
	fault_add(ld->faults, name->line, name->column, best ? "the job has no account `%s`: did you mean `%s`?" : "the job has no account `%s`",
		value_shown(shown, name), best ? meant : "");
}

static void check_accounts(struct loader *ld, const struct job *job, const struct node *root)
{
	CLEANUP(x_free) const char **names = x_calloc(job->accounts + 1, sizeof(*names));
	const struct node *accounts = node_get(root, "accounts");

	for (size_t i = 0; i < job->accounts; i++)
		names[i] = job->account[i].name;
	qsort(names, job->accounts, sizeof(*names), text_order);
	for (const struct node *n = accounts && accounts->kind == NODE_LIST ? accounts->first : NULL; n; n = n->next) {
		const struct node *name = node_get(n, "name");

		if (name && name->kind == NODE_SCALAR && name->len > 0)
			check_account(ld, job, names, name);
	}
}

static void read_root(struct loader *ld, struct plan *plan, const struct job *job, const struct node *root)
{
	const struct node *digest = node_get(root, "job_digest");

	if (root->kind != NODE_MAP) {
		fault_add(ld->faults, root->line, root->column, "a plan file holds keys: `plan: 1`, `job_digest:`, `accounts:`");
		return;
	}
	/* Of another job nothing else is worth saying. */
	if (digest && digest->kind == NODE_SCALAR && digest->len > 0 && strcmp(digest->text, job->digest) != 0) {
		fault_add(ld->faults, digest->line, digest->column,
			"this plan was made for another job, or what moves where was changed in the job since: make a new one (trasloco plan -o)");
		return;
	}
	load_keys(ld, &level_plan, root, plan);
	load_need(ld, &level_plan, "the plan file", root);
	check_accounts(ld, job, root);
}

/* ---- the file ---- */

static int open_plan(struct loader *ld, const char *path, struct file *file)
{
	CLEANUP(file_close) int fd = -1;
	struct stat st;

	fd = file_open(&st, path, 0);
	if (fd < 0 || file_read(file, fd, FILE_BYTES + 1) < 0)
		fault_add(ld->faults, 1, 1, "can't be read: %s", strerror(errno));
	else if (file->len > FILE_BYTES)
		fault_add(ld->faults, 1, 1, "is larger than 64 MB: make several plans, each of some accounts (--account)");
	else
		return 0;
	return -1;
}

static int account_order(const void *left, const void *right)
{
	return strcmp(((const struct plan_account *)left)->name, ((const struct plan_account *)right)->name);
}

int plan_load(struct plan **out, const char *path, const struct job *job, struct buf *errors)
{
	static const struct yaml_kind kind = { "plan", "plan" };
	CLEANUP(faults_free) struct faults faults = { 0 };
	CLEANUP(plan_free) struct plan *plan = x_calloc(1, sizeof(*plan));
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(node_free) struct node *root = NULL;
	struct job texts = { 0 };	/* the readers of values put them into a job's memory */
	struct loader ld = { .faults = &faults, .job = &texts };

	*out = NULL;
	texts.arena = plan->arena = arena_new();
	if (open_plan(&ld, path, &file) == 0 && (root = yaml_read(file.data, file.len, &kind, &faults)))
		read_root(&ld, plan, job, root);
	if (faults.count > 0) {
		faults_write(&faults, path, errors);
		return -1;
	}
	if (plan->accounts > 0)
		qsort(plan->account, plan->accounts, sizeof(*plan->account), account_order);
	*out = plan;
	plan = NULL;
	return 0;
}

void plan_free(struct plan **plan)
{
	struct plan *p = *plan;

	*plan = NULL;
	if (!p)
		return;
	for (size_t i = 0; i < p->accounts; i++) {
		for (size_t k = 0; k < p->account[i].folders; k++)
			free(p->account[i].folder[k].message);
		free(p->account[i].folder);
	}
	free(p->account);
	arena_free(&p->arena);
	free(p);
}

/* ---- asked by the mover ---- */

const struct plan_account *plan_account_of(const struct plan *plan, const char *name)
{
	struct plan_account key = { .name = (char *)(uintptr_t)name };

	return plan->accounts > 0 ? bsearch(&key, plan->account, plan->accounts, sizeof(key), account_order) : NULL;
}

const struct plan_folder *plan_folder_of(const struct plan_account *account, const char *name, unsigned validity)
{
	CLEANUP(x_free) char *told = plan_name(name);
	const struct plan_folder *found = NULL;

	for (size_t i = 0; i < account->folders; i++) {
		const struct plan_folder *f = &account->folder[i];

		if (strcmp(f->source, told) == 0 && (!found || f->validity == validity))
			found = f;
	}
	return found;
}

char *plan_name(const char *name)
{
	struct buf out = { 0 };

	if (text_is_utf8(name, strlen(name)))
		return x_strdup(name);
	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		if (*c >= 0x80)
			buf_addc(&out, (char)(0xc0 | *c >> 6));
		buf_addc(&out, (char)(*c >= 0x80 ? 0x80 | (*c & 0x3f) : *c));
	}
	return out.data;
}
