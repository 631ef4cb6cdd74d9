/* Two source folders with one target: put together, left out, or refused. */
#include "core/flow/collide.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"

#define SHOWN 120

struct place {
	char *key;		/* the target's name without case */
	struct mapped *row;
};

static bool is_empty(const struct mapped *m)
{
	return m->source->box.known && m->source->box.exists == 0;
}

/* Those that have mail come first, so that they keep the place. */
static int by_key(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int order = strcmp(a->key, b->key);
	if (order == 0)
		order = is_empty(a->row) - is_empty(b->row);
	return order ? order : strcmp(a->row->source->wire, b->row->source->wire);
}

/* Their names are alike but for case; a target that has both can tell them apart. */
static bool clash(const struct mapped *a, const struct mapped *b)
{
	return strcmp(a->wire, b->wire) == 0 || !a->there || !b->there;
}

static void tell(struct mapping *out, struct mapped *m, const struct mapped *other)
{
	char one[SHOWN], two[SHOWN], target[SHOWN];
	struct mapping_note note = { .row = (size_t)(m - out->row), .severity = "error", .code = "folder-collision",
		.hint = N_("give one of them another name in the job file (folders: map), or put both into one folder there: merge: true in this account") };
	text_clean(one, sizeof one, other->source->name, strlen(other->source->name));
	text_clean(two, sizeof two, m->source->name, strlen(m->source->name));
	text_clean(target, sizeof target, other->name, strlen(other->name));
	if (is_empty(m)) {
		note.severity = "note";
		note.hint = "";
		note.text = x_printf("\"%s\" is empty and is left out: \"%s\" goes into \"%s\" in the new mailbox", two, one, target);
	} else if (strcmp(m->wire, other->wire) == 0) {
		note.text = x_printf("the folders \"%s\" and \"%s\" would both go into \"%s\" in the new mailbox", one, two, target);
	} else {
		note.text = x_printf("the folders \"%s\" and \"%s\" differ in capital letters only, and many servers can't tell them apart", one, two);
	}
	out->refused = out->refused || !is_empty(m);
	mapping_note_add(out, &note);
}

/* One more of the same key, after those in kept. */
static void settle(struct mapping *out, const struct mapping_task *task, const struct place *kept, struct mapped *m)
{
	const struct mapped *other = NULL;
	for (; kept->row != m && !other; kept++)
		if (kept->row->moved && clash(kept->row, m))
			other = kept->row;
	if (!other || (task->as_known && other->known && other->known->copied && m->known && m->known->copied))
		return;
	if (task->job->merge) {
		mapping_place(m, other->wire, task->target);
		return;
	}
	tell(out, m, other);
	if (!is_empty(m))
		return;
	m->moved = false;
	free(m->wire);
	free(m->name);
	m->wire = m->name = NULL;
	m->there = NULL;
}

void mapping_collide(struct mapping *out, const struct mapping_task *task)
{
	struct place *place = x_calloc(out->count + 1, sizeof *place);
	size_t count = 0;
	for (size_t i = 0; i < out->count; i++)
		if (out->row[i].moved)
			place[count++] = (struct place){ mapping_fold(out->row[i].name), &out->row[i] };
	qsort(place, count, sizeof *place, by_key);
	for (size_t i = 0, first = 0; i < count; i++) {
		if (strcmp(place[first].key, place[i].key) != 0)
			first = i;
		settle(out, task, &place[first], place[i].row);
	}
	for (size_t i = 0; i < count; i++)
		free(place[i].key);
	free(place);
}
