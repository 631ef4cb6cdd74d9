/* From libyaml's events to a tree: all that is wrong with the file as YAML. */
#include "core/job/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/file.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;	/* the current one, if `have` */
	bool have;
	const char *text;
	size_t len;
	const struct yaml_kind *kind;
	struct faults *faults;
};

/* The only fault: what comes behind a syntax error is guesswork. */
static void fault_only(struct reader *r, unsigned line, unsigned column, const char *text)
{
	faults_free(r->faults);
	fault_add(r->faults, line, column, "%s", text);
}

static bool is_tab(const struct reader *r, unsigned line, unsigned column)
{
	const char *at = r->text, *end = r->text + r->len;

	while (--line > 0) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			return false;
		at++;
	}
	for (; at < end && *at != '\n'; at++) {
		if (((unsigned char)*at & 0xc0) != 0x80 && --column == 0)
			return *at == '\t';
	}
	return false;
}

static void syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	unsigned line = (unsigned)p->problem_mark.line + 1, column = (unsigned)p->problem_mark.column + 1;
	CLEANUP(x_free) char *text = NULL;

	if (p->error == YAML_MEMORY_ERROR) /* the file may be as right as can be */
		x_out_of_memory();
	if (p->error == YAML_READER_ERROR)
		file_place(r->text, p->problem_offset < r->len ? p->problem_offset : r->len, &line, &column);
	if (p->error != YAML_READER_ERROR && is_tab(r, line, column))
		text = x_strdup("a tab can't stand here: indent with blanks");
	else if (p->context)
		text = x_printf("not valid YAML: %s: %s", p->context, p->problem ? p->problem : "no reason known");
	else
		text = x_printf("not valid YAML: %s", p->problem ? p->problem : "no reason known");
	fault_only(r, line, column, text);
}

/* libyaml frees without wiping. */
static void event_drop(struct reader *r)
{
	if (!r->have)
		return;
	if (r->event.type == YAML_SCALAR_EVENT)
		explicit_bzero(r->event.data.scalar.value, r->event.data.scalar.length);
	yaml_event_delete(&r->event);
	r->have = false;
}

static int event_next(struct reader *r)
{
	event_drop(r);
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		syntax_error(r);
		return -1;
	}
	r->have = true;
	return 0;
}

static void fault_here(struct reader *r, const char *text)
{
	fault_add(r->faults, (unsigned)r->event.start_mark.line + 1, (unsigned)r->event.start_mark.column + 1, "%s", text);
}

/* A node at the current event. Anchors and tags are refused once for each. */
static struct node *node_new(struct reader *r, enum node_kind kind, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct node *n = x_calloc(1, sizeof(*n));

	n->kind = kind;
	n->line = (unsigned)r->event.start_mark.line + 1;
	n->column = (unsigned)r->event.start_mark.column + 1;
	if (anchor)
		fault_here(r, "anchors (`&name`) are not allowed: write the values out");
	if (tag)
		fault_here(r, "tags (`!name`) are not allowed: leave it out");
	return n;
}

static struct node *read_scalar(struct reader *r)
{
	struct node *n = node_new(r, NODE_SCALAR, r->event.data.scalar.anchor, r->event.data.scalar.tag);

	n->len = r->event.data.scalar.length;
	n->text = x_malloc(n->len + 1);
	memcpy(n->text, r->event.data.scalar.value, n->len);
	n->text[n->len] = '\0';
	n->plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return n;
}

static struct node *read_node(struct reader *r, unsigned depth);

/* The next child of a list or mapping. *out is NULL at the end, and when a pair has no usable key. Returns 1 if there was one. */
static int read_child(struct node **out, struct reader *r, bool map, unsigned depth)
{
	CLEANUP(node_free) struct node *key = NULL;

	*out = NULL;
	if (event_next(r) < 0)
		return -1;
	if (r->event.type == YAML_SEQUENCE_END_EVENT || r->event.type == YAML_MAPPING_END_EVENT)
		return 0;
	if (map && (!(key = read_node(r, depth)) || event_next(r) < 0))
		return -1;
	*out = read_node(r, depth);
	if (!*out)
		return -1;
	if (!map)
		return 1;
	if (key->kind == NODE_SCALAR) {
		(*out)->key = key;
		key = NULL;
		return 1;
	}
	if (key->kind != NODE_BROKEN)
		fault_add(r->faults, key->line, key->column, "a key must be one word");
	node_free(out);
	return 1;
}

static struct node *read_group(struct reader *r, unsigned depth)
{
	bool map = r->event.type == YAML_MAPPING_START_EVENT;
	CLEANUP(node_free) struct node *group = NULL;
	struct node **last, *done, *child;
	int got;

	group = map ? node_new(r, NODE_MAP, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag)
		    : node_new(r, NODE_LIST, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag);
	if (depth > YAML_DEPTH) {
		fault_only(r, group->line, group->column, "nested too deep: more than 16 levels");
		return NULL;
	}
	last = &group->first;
	while ((got = read_child(&child, r, map, depth + 1)) > 0) {
		if (!child)
			continue;
		*last = child;
		last = &child->next;
		group->count++;
	}
	if (got < 0)
		return NULL;
	if (map)
		node_doubles(group, r->faults);
	done = group;
	group = NULL;
	return done;
}

/* The node that begins with the current event; NULL after a fatal fault. */
static struct node *read_node(struct reader *r, unsigned depth)
{
	if (r->event.type == YAML_SCALAR_EVENT)
		return read_scalar(r);
	if (r->event.type == YAML_SEQUENCE_START_EVENT || r->event.type == YAML_MAPPING_START_EVENT)
		return read_group(r, depth);
	fault_here(r, "aliases (`*name`) are not allowed: write the values out");
	return node_new(r, NODE_BROKEN, NULL, NULL);
}

static struct node *read_document(struct reader *r)
{
	CLEANUP(node_free) struct node *root = NULL;
	struct node *done;

	if (event_next(r) < 0)	/* the stream starts */
		return NULL;
	if (event_next(r) < 0)	/* a document starts, or the stream ends */
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		fault_add(r->faults, 1, 1, "is empty: a %s file starts with `%s: 1`", r->kind->what, r->kind->first);
		return NULL;
	}
	if (event_next(r) < 0)
		return NULL;
	root = read_node(r, 1);
	if (!root || event_next(r) < 0 || event_next(r) < 0)	/* the document ends, the stream ends */
		return NULL;
	if (r->event.type == YAML_DOCUMENT_START_EVENT)
		fault_add(r->faults, (unsigned)r->event.start_mark.line + 1, (unsigned)r->event.start_mark.column + 1, "a second document: one file is one %s",
			r->kind->what);
	done = root;
	root = NULL;
	return done;
}

struct node *yaml_read(const char *text, size_t len, const struct yaml_kind *kind, struct faults *faults)
{
	struct reader r = { .kind = kind, .faults = faults };
	struct node *root = NULL;
	size_t good;
	unsigned line, column;

	/* A byte order mark is no character of the first line. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	good = file_utf8(text, len);
	if (good < len) {
		file_place(text, good, &line, &column);
		fault_add(faults, line, column, "not UTF-8: save the file in UTF-8");
		return NULL;
	}
	r.text = text;
	r.len = len;
	if (!yaml_parser_initialize(&r.parser))
		x_out_of_memory();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	root = read_document(&r);
	event_drop(&r);
	explicit_bzero(r.parser.raw_buffer.start, (size_t)(r.parser.raw_buffer.end - r.parser.raw_buffer.start));
	explicit_bzero(r.parser.buffer.start, (size_t)(r.parser.buffer.end - r.parser.buffer.start));
	yaml_parser_delete(&r.parser);
	return root;
}
