/* From two listings to moves: as mapping.c has it, into the state, before anything of the account begins. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/flow/lane.h"
#include "core/flow/mapping.h"
#include "core/flow/renamed.h"

#define SAMPLE_MIN_JOB 20
#define SAMPLE_MAX 500

static void forget_was(struct mailbox_was *was)
{
	if (!was)
		return;
	free(was->name);
	free(was);
}

void plan_forget(struct account *a)
{
	for (size_t i = 0; i < a->count; i++) {
		folder_free(&a->moves[i].target);
		uid_set_free(&a->moves[i].alone);
		free(a->moves[i].heard);
		free(a->moves[i].wanted);
		free(a->moves[i].refused);
		forget_was(a->moves[i].was);
	}
	free(a->moves);
	a->moves = NULL;
	a->count = 0;
	substitutes_free(a->substitute, a->substitutes);
	a->substitute = NULL;
	a->substitutes = a->substitutes_cap = 0;
	folder_list_free(&a->source);
	folder_list_free(&a->target);
	a->target_listed = false;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = ((const struct move *)a)->source->box.exists, y = ((const struct move *)b)->source->box.exists;
	return x > y ? -1 : x < y;
}

/* ---- rows ---- */

static struct folder_key key_of(const struct account *a, const struct mapped *m)
{
	return (struct folder_key){ .account = a->row.id, .source_wire = m->source->wire, .source_name = m->source->name, .target_name = m->name ? m->name : "",
		.source_validity = m->source->box.validity, .role = folder_role_name(m->role), .why = m->why, .moved = m->moved, .left_out = m->left_out, .source_id = m->source->box.id };
}

static int find_mailbox(struct pool *p, struct account *a, struct move *m, struct error *err)
{
	const struct job_end *end = &a->job->target;
	struct mailbox_row box;
	bool renumbered;
	if (store_mailbox(p->flow->store, end->host, end->user, m->target.wire, m->target.name, &box, err) < 0)
		return -1;
	m->mailbox = box.id;
	if (!m->target_exists || !m->target.box.known)
		return 0;
	return store_mailbox_seen(p->flow->store, box.id, m->target.box.validity, m->target.box.next ? m->target.box.next : 1, &renumbered, err);
}

static bool subscribes(const struct job_folders *job, const struct mapped *m)
{
	bool wanted = job->subscribe == SUBSCRIBE_ALL || (job->subscribe == SUBSCRIBE_SOURCE && m->source->subscribed);
	return wanted && !(m->there && m->there->subscribed);
}

/* Its own names: the mapping is forgotten. */
static void make_move(struct account *a, const struct mapped *m, struct move *move)
{
	*move = (struct move){ .account = a, .source = m->source, .source_box = m->source->box, .role = m->role, .why = m->why, .planned = m->planned };
	move->target = (struct folder){ .wire = x_strdup(m->wire), .name = x_strdup(m->name), .separator = a->target.separator, .selectable = true,
		.subscribed = subscribes(&a->job->folders, m), .role = m->there ? m->there->role : ROLE_NONE };
	move->wanted = x_strdup(m->wire);
	move->target_exists = m->there && m->there->selectable;
	if (m->there)
		move->target.box = m->there->box;
}

static int tell(struct pool *p, struct account *a, int64_t folder, const struct mapping_note *note, struct error *err)
{
	struct problem problem = { .account = a->row.id, .folder = folder, .side = SIDE_TARGET, .severity = note->severity, .code = note->code, .text = note->text,
		.hint = note->hint, .message_id = "", .file = "" };
	return pool_problem(p->flow, a, NULL, &problem, err);
}

/* Two accounts with the same folder and the same place for it: what the one brought is the other's as well, and would come twice. */
static int refuse_shared(struct pool *p, struct account *a, const struct move *m, struct error *err)
{
	CLEANUP(x_free) char *other = NULL;
	struct mapping_note note = { .severity = "error", .code = "folder-collision",
		.hint = N_("leave the folder to one of the two (folders: exclude); after a change of who moves what, begin with a new state file: what is there already is found again") };
	char source[120];
	if (store_folder_other(p->flow->store, m->folder, &other, err) < 0)
		return -1;
	if (!other)
		return 0;
	text_clean(source, sizeof source, m->source->name, strlen(m->source->name));
	note.text = x_printf("\"%s\" is copied into the same place by the account %s: it would come a second time", source, other);
	if (tell(p, a, m->folder, &note, err) == 0)
		error_set(err, ERR_USAGE, "%s", note.text);
	free(note.text);
	return -1;
}

/* The row of a folder, and its move if it has one. A refused mapping changes nothing but what is listed. */
static int register_folder(struct pool *p, struct account *a, const struct mapped *m, bool refused, int64_t *id, struct error *err)
{
	struct folder_key key = key_of(a, m);
	struct folder_row row;
	struct move *move = m->moved ? &a->moves[a->count++] : NULL;
	if (move) {
		make_move(a, m, move);
		if (!refused && find_mailbox(p, a, move, err) < 0)
			return -1;
		key.mailbox = move->mailbox;
	}
	if (store_folder(p->flow->store, &key, &row, err) < 0)
		return -1;
	*id = row.id;
	if (!move)
		return 0;
	move->folder = row.id;
	move->fresh = row.empty;
	if (!refused && refuse_shared(p, a, move, err) < 0)
		return -1;
	if (m->known && row.remapped) {
		move->was = x_calloc(1, sizeof *move->was);
		*move->was = (struct mailbox_was){ m->known->mailbox, x_strdup(m->known->target_name), mapping_why(m->known->why) };
	}
	return 0;
}

/* All rows, then what is to be said of them. */
static int register_all(struct pool *p, struct account *a, const struct mapping *mapping, struct error *err)
{
	int64_t *ids = x_calloc(mapping->count + 1, sizeof *ids);
	const struct mapping_note *why = NULL;
	int ok = 0;
	a->moves = x_calloc(mapping->count + 1, sizeof *a->moves);
	for (size_t i = 0; i < mapping->count && ok == 0; i++)
		ok = register_folder(p, a, &mapping->row[i], mapping->refused, &ids[i], err);
	if (ok == 0)
		ok = store_folders_listed(p->flow->store, a->row.id, ids, mapping->count, err);
	for (size_t i = 0; i < mapping->notes && ok == 0; i++) {
		const struct mapping_note *note = &mapping->note[i];
		ok = tell(p, a, ids[note->row], note, err);
		why = !why && strcmp(note->severity, "error") == 0 ? note : why;
	}
	free(ids);
	return ok == 0 && why ? error_set(err, ERR_USAGE, "%s", why->text) : ok;
}

/* ---- mail that was copied elsewhere ---- */

/* The folder's row for that mailbox. */
static int point_at(struct pool *p, const struct move *m, const struct mailbox_was *box, struct folder_row *row, struct error *err)
{
	struct folder_key key = { .account = m->account->row.id, .mailbox = box->id, .source_wire = m->source->wire, .source_name = m->source->name,
		.target_name = box->name, .source_validity = m->source_box.validity, .role = folder_role_name(m->role), .why = box->why, .moved = true };
	return store_folder(p->flow->store, &key, row, err);
}

static char *why_not(const struct move *m)
{
	char from[120], to[120], source[120];
	text_clean(from, sizeof from, m->was->name, strlen(m->was->name));
	text_clean(to, sizeof to, m->target.name, strlen(m->target.name));
	text_clean(source, sizeof source, m->source->name, strlen(m->source->name));
	if (m->was->id == m->mailbox)
		return x_printf("not all that was copied of \"%s\" lies in \"%s\" in the new mailbox: it would be copied a second time", source, to);
	return x_printf("\"%s\" was copied into \"%s\" and is now to go into \"%s\", where not all of it lies: it would be copied a second time", source, from, to);
}

/* The state goes back to what it was before this plan: the next run starts from there. */
static int refuse_move(struct pool *p, struct account *a, const struct move *m, struct error *err)
{
	struct folder_row row;
	struct mapping_note note = { .severity = "error", .code = "mapping-changed", .text = why_not(m),
		.hint = m->planned ? N_("either write the old target into the plan, or move these messages in the new mailbox from the one folder to the other, and run again with the plan")
			: N_("either put the job file back as it was, or move these messages in the new mailbox from the one folder to the other, and run again") };
	if (point_at(p, m, m->was, &row, err) == 0 && tell(p, a, m->folder, &note, err) == 0)
		error_set(err, ERR_USAGE, "%s", note.text);
	free(note.text);
	return -1;
}

int plan_settled(struct pool *p, struct account *a, struct error *err)
{
	int ok = 0;
	for (size_t i = 0; i < a->count; i++) {
		struct move *m = &a->moves[i];
		struct mailbox_was is = { m->mailbox, m->target.name, m->why };
		struct folder_row row;
		if (!m->was)
			continue;
		if (point_at(p, m, &is, &row, err) < 0)
			return -1;
		if (row.remapped && refuse_move(p, a, m, err) < 0)
			ok = -1;
	}
	return ok;
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

/* Everything else is moved; that one has to be seen by somebody. */
static int tell_unread(struct pool *p, struct account *a, struct error *err)
{
	if (a->source.unread == 0)
		return 0;
	CLEANUP(x_free) char *text = x_printf("the old server names a folder in a form that can't be read, so it is not moved: %s", a->source.unread_line);
	struct problem problem = { .account = a->row.id, .side = SIDE_SOURCE, .severity = "error", .code = "folder-unreadable", .text = text,
		.hint = N_("give that folder a plain name in the old mailbox, then run again"), .message_id = "", .file = "" };
	return pool_problem(p->flow, a, NULL, &problem, err);
}

int plan_account(struct lane *lane, struct error *err)
{
	struct pool *p = lane->pool;
	struct account *a = lane->account;
	struct mapping_task task = { .job = &a->job->folders, .source = &a->source, .target = &a->target, .role_of = p->flow->role_of,
		.plan = a->planned, .as_known = p->flow->order == FLOW_VERIFY };
	struct folder_known *known;
	struct mapping mapping;
	if (store_substitutes(p->flow->store, a->job->target.host, a->job->target.user, &a->substitute, &a->substitutes, err) < 0 ||
		store_folders_known(p->flow->store, a->row.id, &known, &task.knowns, err) < 0)
		return -1;
	a->substitutes_cap = a->substitutes;
	task.substitute = a->substitute;
	task.substitutes = a->substitutes;
	task.known = known;
	int ok = renamed_follow(lane, &task, known, err);
	if (ok == 0) {
		mapping_make(&mapping, &task);
		ok = register_all(p, a, &mapping, err);
		mapping_free(&mapping);
	}
	folders_known_free(known, task.knowns);
	if (ok < 0 || tell_unread(p, a, err) < 0)
		return -1;
	qsort(a->moves, a->count, sizeof *a->moves, by_size);
	plan_sample(p, a);
	atomic_store(&a->target_keeps, a->row.target_keeps);
	return 0;
}
