/* Who is who among the source's folders since the last run. */
#include "core/flow/renamed.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define SAMPLE 40

/* ---- by what the listing tells ---- */

static const struct folder_known *known_of(const struct mapping_task *t, const char *wire)
{
	for (size_t i = 0; i < t->knowns; i++)
		if (strcmp(t->known[i].source_wire, wire) == 0)
			return &t->known[i];
	return NULL;
}

/* The server itself says which it is. */
static const struct folder *of_id(const struct mapping_task *task, const struct folder_known *known)
{
	for (size_t i = 0; i < task->source->count; i++)
		if (task->source->folder[i].box.id == known->id)
			return &task->source->folder[i];
	return NULL;
}

static bool tells_ids(const struct folder_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->folder[i].box.id)
			return true;
	return false;
}

/* The only folder that has its UIDVALIDITY, under another name. Some servers give one UIDVALIDITY to many folders: then it says nothing. */
static const struct folder *moved_to(const struct mapping_task *task, const struct folder_known *known)
{
	const struct folder *now = NULL, *there = folder_find(task->source, known->source_wire);
	if (known->copied && known->id && tells_ids(task->source)) {
		now = of_id(task, known);
		return now && now != there && now->selectable && now->space == SPACE_OWN ? now : NULL;
	}
	if (!known->copied || !known->validity || (there && (!there->box.known || there->box.validity == known->validity)))
		return NULL; /* another that has taken its name is not it */
	for (size_t i = 0; i < task->knowns; i++)
		if (&task->known[i] != known && task->known[i].copied && task->known[i].validity == known->validity)
			return NULL;
	for (size_t i = 0; i < task->source->count; i++) {
		const struct folder *f = &task->source->folder[i];
		if (!f->box.known || f->box.validity != known->validity)
			continue;
		if (now)
			return NULL;
		now = f;
	}
	return now && now->selectable && now->space == SPACE_OWN ? now : NULL;
}

const struct folder *mapping_renamed(const struct mapping_task *task, const struct folder_known *known)
{
	const struct folder *now = moved_to(task, known);
	const struct folder_known *listed = now ? known_of(task, now->wire) : NULL;
	/* a verification may have listed it under its new name already */
	return now && (!listed || (!folder_find(task->source, known->source_wire) && !listed->copied)) ? now : NULL;
}

const struct folder *mapping_exchanged(const struct mapping_task *task, const struct folder_known *known)
{
	const struct folder *now = moved_to(task, known);
	const struct folder_known *listed = now ? known_of(task, now->wire) : NULL;
	return listed && listed->copied ? now : NULL;
}

/* ---- by its mail ---- */

struct look {
	struct known_mail sample[SAMPLE];
	size_t count, same, other;
};

static void compare(struct look *l, const struct mail *mail)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct known_mail *s = &l->sample[i];
		bool same = mail->size == s->size && mail->date == s->date && mail->id.msgid == s->msgid;
		if (s->uid != mail->uid)
			continue;
		l->same += same;
		l->other += !same;
	}
}

static int read_mails(struct lane *lane, const struct folder *f, struct look *l, struct error *err)
{
	struct conn *source = lane->source;
	struct uid_set set = { 0 };
	struct event e = { 0 };
	unsigned number;
	for (size_t i = l->count; i > 0; i--) /* the newest came first */
		uid_set_add(&set, l->sample[i - 1].uid, l->sample[i - 1].uid);
	int ok = source->ops->ask(source, f, &set, WANT_META, true, &number, err);
	while (ok == 0 && !(e.kind == EV_ASKED && e.ask == number)) {
		ok = ahead_next(lane, &e, err);
		if (ok == 0 && e.kind == EV_BOX && e.box.validity != f->box.validity)
			l->other++;
		if (ok == 0 && e.kind == EV_MAIL)
			compare(l, e.mail);
		mail_free(&e.mail);
		uid_set_free(&e.uids);
	}
	uid_set_free(&set);
	return ok;
}

/* Whether mail that the folder held is in that one, under the same UIDs, and none of them is another mail. */
static int holds_its_mail(struct lane *lane, const struct folder_known *known, const struct folder *now, bool *holds, struct error *err)
{
	struct look l = { .count = 0 };
	*holds = false;
	if (store_folder_sample(lane->pool->flow->store, lane->account->row.id, known->source_wire, l.sample, SAMPLE, &l.count, err) < 0)
		return -1;
	if (l.count > 0 && read_mails(lane, now, &l, err) < 0)
		return -1;
	*holds = l.same > 0 && l.other == 0;
	return 0;
}

/* ---- all at once ---- */

static bool is_in(const struct renaming *list, size_t count, const struct folder_known *known)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].was == known)
			return true;
	return false;
}

/* Whether a folder that was copied has that name and keeps it. */
static bool is_blocked(const struct mapping_task *task, const struct renaming *list, size_t count, const char *wire)
{
	for (size_t i = 0; i < task->knowns; i++)
		if (task->known[i].copied && strcmp(task->known[i].source_wire, wire) == 0 && !is_in(list, count, &task->known[i]))
			return true;
	return false;
}

/* What one that is blocked leaves out may block another. */
static size_t drop_blocked(const struct mapping_task *task, struct renaming *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		if (is_blocked(task, list, count, list[i].wire)) {
			list[i] = list[--count];
			i = 0;
		} else {
			i++;
		}
	}
	return count;
}

static int new_name(struct lane *lane, const struct mapping_task *task, const struct folder_known *known, const char **wire, struct error *err)
{
	const struct folder *now = task->as_known ? NULL : mapping_renamed(task, known);
	if (!now)
		now = mapping_exchanged(task, known);
	/* a MAILBOXID is proof */
	bool holds = now && (mapping_renamed(task, known) || (known->id && now->box.id == known->id));
	if (now && !holds && holds_its_mail(lane, known, now, &holds, err) < 0)
		return -1;
	*wire = holds ? now->wire : NULL;
	return 0;
}

int renamed_follow(struct lane *lane, const struct mapping_task *task, struct folder_known *known, struct error *err)
{
	struct renaming *list = x_calloc(task->knowns + 1, sizeof *list);
	size_t count = 0;
	int ok = 0;
	for (size_t i = 0; ok == 0 && i < task->knowns; i++) {
		const char *wire = NULL;
		ok = new_name(lane, task, &known[i], &wire, err);
		if (wire)
			list[count++] = (struct renaming){ &known[i], wire };
	}
	if (ok == 0)
		ok = store_folders_renamed(lane->pool->flow->store, lane->account->row.id, list, drop_blocked(task, list, count), err);
	free(list);
	return ok;
}
