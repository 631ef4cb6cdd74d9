/* The lists of the job file: patterns, commands; and the map of folders. */
#include "core/job/value.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/job/arena.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* Room for the list's texts and the NULL; NULL after a fault. */
static char **list_new(struct loader *ld, const struct key *key, const struct node *node, const char *instead)
{
	if (node->kind == NODE_BROKEN)
		return NULL;
	if (node->kind == NODE_LIST && (int64_t)node->count >= key->min)
		return arena_take(ld->job->arena, (node->count + 1) * sizeof(char *));
	fault_add(ld->faults, node->line, node->column, node->kind == NODE_LIST ? "`%s` is an empty list: %s" : "`%s` must be a list: %s",
		key->name, instead);
	return NULL;
}

void value_patterns(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char **list = list_new(ld, key, node, "`[Spam, \"Archive/2*\"]`, or one below the other, each with `- ` before it");
	const char *text;
	char shown[64];
	size_t n = 0;

	if (!list)
		return;
	for (const struct node *item = node->first; item; item = item->next) {
		text = value_clean(ld, key, item);
		if (text && (*text == '/' || strstr(text, "//")))
			fault_add(ld->faults, item->line, item->column,
				"`%s`: `/` stands between two levels, so it can't begin or be doubled: `%s`", key->name, value_shown(shown, item));
		else if (text)
			list[n++] = arena_text(ld->job->arena, text, item->len);
	}
	*(char ***)field = list;
}

/* The length of a `{word}` at text, or 0. Other braces are no placeholders: an argument may be JSON. */
static size_t placeholder(const char *text)
{
	size_t len;

	if (*text != '{')
		return 0;
	len = strspn(text + 1, LETTERS);
	return len > 0 && text[1 + len] == '}' ? len + 2 : 0;
}

static bool is_known(const char *text, size_t len)
{
	return (len == 6 && memcmp(text, "{user}", 6) == 0) || (len == 6 && memcmp(text, "{name}", 6) == 0);
}

static void check_placeholders(struct loader *ld, const struct key *key, const struct node *item)
{
	char shown[64];
	size_t len;

	for (const char *c = item->text; *c; c++) {
		len = placeholder(c);
		if (len == 0 || is_known(c, len))
			continue;
		text_clean(shown, sizeof(shown), c, len);
		fault_add(ld->faults, item->line, item->column, "`%s`: `%s` stands for nothing: there are {user} and {name}", key->name, shown);
	}
}

/* An argument: may be empty, may hold line breaks, but no NUL. The program's name must be there. */
static char *argument(struct loader *ld, const struct key *key, const struct node *item, bool program)
{
	CLEANUP(x_free) char *path = NULL;
	const char *wrong = NULL;

	if (item->kind == NODE_BROKEN)
		return NULL;
	if (item->kind != NODE_SCALAR || node_null(item))
		wrong = "must be a list of words: put this one in quotes";
	else if (strlen(item->text) != item->len)
		wrong = "holds a NUL byte";
	else if (program && item->len == 0)
		wrong = "has no program: its name is the first word";
	else if (program && *item->text == '~')
		wrong = "can't begin with `~`, which stands for nothing here: write the whole path";
	if (wrong) {
		fault_add(ld->faults, item->line, item->column, "`%s` %s", key->name, wrong);
		return NULL;
	}
	if (program && strchr(item->text, '/') && *item->text != '/') {
		path = value_absolute(ld, item->text);
		return arena_text(ld->job->arena, path, strlen(path));
	}
	return arena_text(ld->job->arena, item->text, item->len);
}

void value_command(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char **list = list_new(ld, key, node, "`[pass, show, mario]`: the program and its arguments; no shell takes it apart");
	size_t n = 0;

	if (!list)
		return;
	for (const struct node *item = node->first; item; item = item->next) {
		list[n] = argument(ld, key, item, item == node->first);
		if (!list[n])
			return;
		n++;
	}
	*(char ***)field = list;
}

void value_template(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	value_command(ld, key, node, field);
	for (const struct node *item = node->kind == NODE_LIST ? node->first : NULL; item; item = item->next) {
		if (item->kind == NODE_SCALAR)
			check_placeholders(ld, key, item);
	}
}

char **value_fill(struct loader *ld, char *const *command, const char *user, const char *name)
{
	CLEANUP(buf_free) struct buf word = { 0 };
	size_t count = 0, len;
	char **list;

	while (command[count])
		count++;
	list = arena_take(ld->job->arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		buf_reset(&word);
		for (const char *c = command[i]; *c; c += len > 0 ? len : 1) {
			len = placeholder(c);
			if (len > 0)
				buf_adds(&word, c[1] == 'u' ? user : name);
			else
				buf_addc(&word, *c);
		}
		list[i] = arena_text(ld->job->arena, word.len > 0 ? word.data : "", word.len);
	}
	return list;
}

/* A key of `map`, as a value: the same rules hold. */
static char *map_from(struct loader *ld, const struct key *key, const struct node *from)
{
	char *name = NULL;

	if (from->len == 0)
		fault_add(ld->faults, from->line, from->column, "`%s`: a folder without a name", key->name);
	else
		value_folder(ld, key, from, &name);
	return name;
}

void value_map(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct job_folders *folders = field;
	char *from, *to;

	if (node->kind == NODE_BROKEN)
		return;
	if (node->kind != NODE_MAP) {
		fault_add(ld->faults, node->line, node->column, "`%s` must hold pairs: `{ \"Posta inviata\": Sent }`, the old folder first", key->name);
		return;
	}
	folders->map = arena_take(ld->job->arena, (node->count + 1) * sizeof(*folders->map));
	folders->maps = 0;
	for (const struct node *n = node->first; n; n = n->next) {
		if (n->again)
			continue;
		to = NULL;
		from = map_from(ld, key, n->key);
		if (n->kind == NODE_SCALAR && n->len == 0 && !n->plain)
			fault_add(ld->faults, n->line, n->column, "`%s` is empty", key->name);
		else
			value_folder(ld, key, n, &to);
		if (from && to)
			folders->map[folders->maps++] = (struct job_map){ .from = from, .to = to };
	}
}
