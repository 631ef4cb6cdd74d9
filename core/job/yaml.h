/* YAML as a small tree. Everything that YAML offers beyond lists, mappings and scalars is refused here. */
#ifndef JOB_YAML_H
#define JOB_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/job/fault.h"

/* Levels of lists and mappings; the contract needs five. */
#define YAML_DEPTH 16

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
	NODE_BROKEN	/* a fault was told already: an alias. Say nothing more about it */
};

struct node {
	enum node_kind kind;
	unsigned line, column;	/* from 1; of a mapping in blocks: of its first key */
	char *text;		/* scalar: UTF-8, a NUL after len; may hold NULs */
	size_t len;
	bool plain;		/* scalar without quotes */
	bool cell;		/* of a table, not of YAML: no word stands for nothing, and it was not in quotes */
	size_t count;		/* list and mapping: how many children */
	struct node *first, *next;	/* in the order of the file */
	struct node *key;	/* of a mapping's child: a scalar */
	bool again;		/* its key stood before in this mapping: told already */
};

/* What a file is called in faults, and how it begins: { "job", "version" }. */
struct yaml_kind {
	const char *what, *first;
};
/* Reads one document of UTF-8. Adds to `faults`: a syntax error is then the only one and the result is NULL; aliases, anchors,
   tags, a second document and duplicate keys (the first one stays) leave a tree. NULL without a document, too. */
struct node *yaml_read(const char *text, size_t len, const struct yaml_kind *kind, struct faults *faults);
/* The value of a key, or NULL. */
const struct node *node_get(const struct node *map, const char *name);
/* A scalar without quotes, of YAML, that stands for nothing: empty, ~ or null. */
bool node_null(const struct node *node);
/* Marks and tells the keys of a mapping that stood before in it. */
void node_doubles(const struct node *map, struct faults *faults);
/* Wipes all text: it may be a password. NULL-safe; sets *node = NULL. */
void node_free(struct node **node);

#endif
