/* The nodes of the tree that yaml.c builds. */
#include "core/job/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

const struct node *node_get(const struct node *map, const char *name)
{
	if (map->kind != NODE_MAP)
		return NULL;
	for (const struct node *n = map->first; n; n = n->next) {
		if (n->key->len == strlen(name) && memcmp(n->key->text, name, n->key->len) == 0)
			return n;
	}
	return NULL;
}

bool node_null(const struct node *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (node->kind != NODE_SCALAR || !node->plain || node->cell)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(node->text, words[i]) == 0)
			return true;
	}
	return false;
}

void node_free(struct node **node)
{
	struct node *n = *node;

	*node = NULL;
	if (!n)
		return;
	/* The children's children are at most YAML_DEPTH deep; siblings, of which there are many, take a loop. */
	for (struct node *child = n->first, *next; child; child = next) {
		next = child->next;
		node_free(&child);
	}
	node_free(&n->key);
	if (n->text)
		explicit_bzero(n->text, n->len);
	free(n->text);
	free(n);
}

static int by_key(const void *left, const void *right)
{
	const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
	int order;

	if (a->key->len != b->key->len)
		return a->key->len < b->key->len ? -1 : 1;
	order = memcmp(a->key->text, b->key->text, a->key->len);
	if (order != 0)
		return order;
	if (a->key->line != b->key->line)
		return a->key->line < b->key->line ? -1 : 1;
	return a->key->column < b->key->column ? -1 : a->key->column > b->key->column;
}

static bool same_key(const struct node *a, const struct node *b)
{
	return a->key->len == b->key->len && memcmp(a->key->text, b->key->text, a->key->len) == 0;
}

/* Sorted, not each against each: a file of 4 MB can hold a million keys. */
void node_doubles(const struct node *map, struct faults *faults)
{
	CLEANUP(x_free) struct node **sorted = NULL;
	const struct node *first;
	char shown[64];
	size_t n = 0;

	if (map->count < 2)
		return;
	sorted = x_calloc(map->count, sizeof(*sorted));
	for (struct node *child = map->first; child; child = child->next)
		sorted[n++] = child;
	qsort(sorted, n, sizeof(*sorted), by_key);
	first = sorted[0];
	for (size_t i = 1; i < n; i++) {
		if (!same_key(first, sorted[i])) {
			first = sorted[i];
			continue;
		}
		sorted[i]->again = true;
		text_clean(shown, sizeof(shown), first->key->text, first->key->len);
		fault_add(faults, sorted[i]->key->line, sorted[i]->key->column,
			"duplicate key `%s`: it stands in line %u already", shown, first->key->line);
	}
}
