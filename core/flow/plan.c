/* From two listings to moves: each own folder of the source to the same name at the target. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/flow/move.h"

#define SAMPLE_MIN_JOB 20
#define SAMPLE_MAX 500

void plan_forget(struct account *a)
{
	for (size_t i = 0; i < a->count; i++) {
		folder_free(&a->moves[i].target);
		uid_set_free(&a->moves[i].alone);
	}
	free(a->moves);
	a->moves = NULL;
	a->count = 0;
	folder_list_free(&a->source);
	folder_list_free(&a->target);
	a->target_listed = false;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = ((const struct move *)a)->source->box.exists, y = ((const struct move *)b)->source->box.exists;
	return x > y ? -1 : x < y;
}

static int by_target(const void *a, const void *b)
{
	return strcmp((*(struct move *const *)a)->target.wire, (*(struct move *const *)b)->target.wire);
}

/* Two source folders that would lie in one target folder: nothing begins. */
static int refuse_collisions(struct pool *p, struct account *a, struct error *err)
{
	struct move **sorted = x_calloc(a->count + 1, sizeof(struct move *));
	int ok = 0;
	for (size_t i = 0; i < a->count; i++)
		sorted[i] = &a->moves[i];
	qsort(sorted, a->count, sizeof(struct move *), by_target);
	for (size_t i = 1; i < a->count && ok == 0; i++) {
		if (strcmp(sorted[i - 1]->target.wire, sorted[i]->target.wire) != 0)
			continue;
		ok = error_set(err, ERR_USAGE, "the folders %s and %s would both become %s at the target: rename one of them at the source", sorted[i - 1]->source->name,
			sorted[i]->source->name, sorted[i]->target.name);
		struct problem problem = { .account = a->row.id, .side = SIDE_SOURCE, .severity = "error", .code = "folder-collision", .text = err->text,
			.hint = "rename one of the two folders in the old mailbox", .message_id = "", .file = "" };
		struct error ignored;
		pool_problem(p->flow, a, NULL, &problem, &ignored);
	}
	free(sorted);
	return ok;
}

/* The folder at the other side: as it is listed there, or as it will be made. */
static void find_target(struct account *a, struct move *m)
{
	char *wire = folder_translate(m->source->wire, &a->source, &a->target);
	const struct folder *there = folder_find(&a->target, wire);
	m->target = (struct folder){ .wire = wire, .separator = a->target.separator, .selectable = true, .subscribed = m->source->subscribed && !(there && there->subscribed) };
	m->target.name = text_from_utf7(wire);
	if (!m->target.name)
		m->target.name = x_strdup(wire);
	m->target_exists = there && there->selectable;
	if (there)
		m->target.box = there->box;
}

static int register_folder(struct pool *p, struct account *a, const struct folder *source, struct move *m, int64_t *id, struct error *err)
{
	struct folder_key key = { .account = a->row.id, .source_wire = source->wire, .source_name = source->name, .target_name = "", .source_validity = source->box.validity,
		.role = folder_role_name(source->role), .why = "shared" };
	struct folder_row row;
	struct mailbox_row box;
	const struct job_end *end = &a->job->target;
	bool renumbered;
	if (m) {
		if (store_mailbox(p->flow->store, end->host, end->user, m->target.wire, m->target.name, &box, err) < 0)
			return -1;
		if (m->target_exists && m->target.box.known &&
			store_mailbox_seen(p->flow->store, box.id, m->target.box.validity, m->target.box.next ? m->target.box.next : 1, &renumbered, err) < 0)
			return -1;
		m->mailbox = key.mailbox = box.id;
		key.target_name = m->target.name;
		key.why = "same";
		key.moved = true;
	}
	if (store_folder(p->flow->store, &key, &row, err) < 0)
		return -1;
	if (m) {
		m->folder = row.id;
		m->source_box = source->box;
	}
	*id = row.id;
	return 0;
}

static void plan_sample(struct pool *p, struct account *a)
{
	uint64_t total = 0;
	for (size_t i = 0; i < a->count; i++)
		total += a->moves[i].source->box.exists;
	uint64_t size = total / 100, least = (SAMPLE_MIN_JOB + p->count - 1) / p->count;
	size = size < least ? least : size > SAMPLE_MAX ? SAMPLE_MAX : size;
	a->sample_share = total ? (double)size / (double)total : 0;
}

int plan_account(struct pool *p, struct account *a, struct error *err)
{
	int64_t *ids = x_calloc(a->source.count + 1, sizeof *ids);
	size_t count = 0;
	int ok = 0;
	a->moves = x_calloc(a->source.count + 1, sizeof *a->moves);
	for (size_t i = 0; i < a->source.count && ok == 0; i++) {
		const struct folder *f = &a->source.folder[i];
		bool own = f->space == SPACE_OWN;
		if (!f->selectable) /* a parent by name only: it comes with its children */
			continue;
		struct move *m = own ? &a->moves[a->count++] : NULL;
		if (m) {
			*m = (struct move){ .account = a, .source = f };
			find_target(a, m);
		}
		ok = register_folder(p, a, f, m, &ids[count++], err);
	}
	if (ok == 0)
		ok = store_folders_listed(p->flow->store, a->row.id, ids, count, err);
	free(ids);
	if (ok < 0 || refuse_collisions(p, a, err) < 0)
		return -1;
	qsort(a->moves, a->count, sizeof *a->moves, by_size);
	plan_sample(p, a);
	atomic_store(&a->target_keeps, a->row.target_keeps);
	return 0;
}
