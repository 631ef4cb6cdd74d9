/* What a dry run has found, as a plan file: from the state alone, with a word about each folder for the person who edits it. */
#include "core/report/planned.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/job/arena.h"
#include "core/report/prose.h"
#include "core/report/receipt.h"

struct making {
	struct plan *plan;
	const struct planning *planning;
	struct buf others;	/* accounts that are not in the plan */
	size_t account_cap, folder_cap;
	/* of all accounts; then of the account at hand */
	int64_t *ids;
	size_t count, id_cap;
	struct plan_account *account;
	int64_t *folders;
	size_t folders_cap;
	size_t message_cap, message_of;
	bool collided;		/* its mapping was refused because of names: the plan is where that can be mended */
	char *why;		/* the first error */
};

static char *keep(const struct making *k, const char *text)
{
	return text && *text ? arena_text(k->plan->arena, text, strlen(text)) : NULL;
}

static char *keep_buf(const struct making *k, struct buf *text)
{
	char *kept = keep(k, text->data);
	buf_free(text);
	return kept;
}

/* ---- folders ---- */

static bool is_moved(const struct report_folder *f)
{
	return *f->target && strcmp(f->why, "excluded") != 0 && strcmp(f->why, "shared") != 0;
}

static int take_folder(void *ctx, const struct report_folder *f)
{
	struct making *k = ctx;
	struct plan_account *a = k->account;
	if (!f->listed) /* only known from before */
		return 0;
	CLEANUP(x_free) char *source = plan_name(f->source), *target = plan_name(f->target);
	k->folders = x_room(k->folders, a->folders, &k->folders_cap, sizeof *k->folders);
	k->folders[a->folders] = f->id;
	a->folder = x_room(a->folder, a->folders, &k->folder_cap, sizeof *a->folder);
	a->folder[a->folders++] = (struct plan_folder){ .source = keep(k, source), .target = is_moved(f) ? keep(k, target) : NULL,
		.action = is_moved(f) ? PLAN_COPY : PLAN_SKIP, .validity = f->validity, .role = keep(k, f->role), .why = keep(k, f->why) };
	return 0;
}

/* "120 messages, 812 kB; 58 of them are there already" */
static void tell_folder(const struct making *k, struct plan_folder *f, const struct ledger *l)
{
	char number[PROSE_NUMBER];
	struct buf s = { 0 };
	prose_count(&s, l->source, P_("message", "messages", l->source));
	if (f->action == PLAN_COPY)
		buf_addf(&s, ", %s", prose_size(number, f->bytes));
	else if (f->why && strcmp(f->why, "shared") == 0)
		buf_addf(&s, ": %s", _("a shared folder, can't be copied"));
	else
		buf_addf(&s, ": %s", _("left out; to have it copied, write `action: copy` and a target"));
	if (receipt_there(l) > 0)
		buf_addf(&s, P_("; %s of them is there already", "; %s of them are there already", receipt_there(l)), prose_number(number, receipt_there(l)));
	f->comment = keep_buf(k, &s);
}

/* ---- messages ---- */

/* What the mover may be told of: these were refused, or will be. */
static bool is_decision(const char *code)
{
	static const char *const codes[] = { "too-big", "message-refused", "message-unreadable", "may-be-refused" };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

static struct plan_folder *folder_of(const struct making *k, int64_t id)
{
	for (size_t i = 0; i < k->account->folders; i++)
		if (k->folders[i] == id)
			return &k->account->folder[i];
	return NULL;
}

/* They come folder by folder. */
static int take_problem(void *ctx, const struct problem *p)
{
	struct making *k = ctx;
	struct plan_folder *f = p->folder ? folder_of(k, p->folder) : NULL;
	bool error = strcmp(p->severity, "error") == 0;
	k->collided = k->collided || (error && strcmp(p->code, "folder-collision") == 0);
	if (error && !k->why)
		k->why = x_strdup(p->text);
	if (!f || p->uid == 0 || !is_decision(p->code) || f->action == PLAN_SKIP)
		return 0;
	struct buf s = { 0 };
	size_t at = (size_t)(f - k->account->folder);
	if (k->message_of != at)
		k->message_cap = 0;
	k->message_of = at;
	prose_kept(&s, p->text);
	if (*p->message_id) {
		buf_addc(&s, ' ');
		prose_clean(&s, p->message_id);
	}
	if (f->messages > 0 && f->message[f->messages - 1].uid == p->uid) { /* two reasons, one decision */
		buf_free(&s);
		return 0;
	}
	f->message = x_room(f->message, f->messages, &k->message_cap, sizeof *f->message);
	f->message[f->messages++] = (struct plan_message){ .uid = p->uid, .action = strcmp(p->code, "may-be-refused") == 0 ? PLAN_COPY : PLAN_SKIP, .reason = keep(k, p->code), .comment = keep_buf(k, &s) };
	return 0;
}

/* ---- accounts ---- */

static int take_account(void *ctx, const struct report_account *a)
{
	struct making *k = ctx;
	if (a->exit < 0) /* not asked for */
		return 0;
	k->ids = x_room(k->ids, k->count, &k->id_cap, sizeof *k->ids);
	k->ids[k->count++] = a->id;
	k->plan->account = x_room(k->plan->account, k->plan->accounts, &k->account_cap, sizeof *k->plan->account);
	struct buf s = { 0 };
	prose_clean(&s, a->source_user);
	buf_adds(&s, " -> ");
	prose_clean(&s, a->target_user);
	/* what it ended with, until it is known whether it stays */
	k->plan->account[k->plan->accounts++] = (struct plan_account){ .name = keep(k, a->name), .comment = keep_buf(k, &s), .folders = (size_t)a->exit };
	return 0;
}

static void tell_other(struct making *k)
{
	buf_addc(&k->others, '\n');
	prose_clean(&k->others, k->account->name);
	buf_addf(&k->others, ": %s", _("not in this plan"));
	if (k->why) {
		buf_adds(&k->others, ": ");
		prose_kept(&k->others, k->why);
	}
}

/* Returns 1 when it stays in the plan. */
static int fill(struct making *k, struct store *store, int64_t id, struct error *err)
{
	struct plan_account *a = k->account;
	size_t exit = a->folders;
	a->folders = k->folder_cap = k->message_cap = 0;
	k->collided = false;
	free(k->why);
	k->why = NULL;
	if (store_each_folder(store, id, take_folder, k, err) < 0 || store_each_problem(store, k->planning->run->id, id, take_problem, k, err) < 0)
		return -1;
	for (size_t i = 0; i < a->folders; i++) {
		struct counts counts;
		if (store_counts(store, k->folders[i], (struct counting){ .run = k->planning->run->id }, &counts, err) < 0)
			return -1;
		a->folder[i].bytes = counts.bytes + counts.bytes_pending;
		if (exit < 2)
			tell_folder(k, &a->folder[i], &counts.ledger);
	}
	if (exit < 2 || (exit == 2 && k->collided))
		return 1;
	tell_other(k);
	return 0;
}

static void drop(struct plan_account *a)
{
	for (size_t i = 0; i < a->folders; i++)
		free(a->folder[i].message);
	free(a->folder);
}

static int fill_all(struct making *k, struct store *store, struct error *err)
{
	size_t left = 0;
	int ok = 0;
	for (size_t i = 0; i < k->count; i++) {
		k->account = &k->plan->account[left];
		*k->account = k->plan->account[i]; /* those that went leave no hole */
		if (ok < 0) {
			k->account->folders = 0;
			continue;
		}
		ok = fill(k, store, k->ids[i], err);
		if (ok == 1)
			left++;
		else
			drop(k->account);
	}
	k->plan->accounts = left;
	return ok < 0 ? -1 : 0;
}

/* ---- around it ---- */

static char *head(const struct making *k)
{
	const struct planning *p = k->planning;
	const char *job = p->job_name ? p->job_name : "migrate.yaml";
	struct buf s = { 0 };
	buf_addf(&s, _("What is to be moved where, by %s, as trasloco has found it on "), job);
	prose_date(&s, p->run->started);
	buf_addf(&s, _(".\nChange what you like, then:\n\n    trasloco run %s --plan %s\n\n"), job, p->file);
	buf_adds(&s, _("action: copy or skip, of a folder or of a message.\n"
		       "target: the folder in the new mailbox, spelled as that server does; it is made where it is not there yet.\n"
		       "messages: only those that call for a decision. copy: it is tried (once more), and told if the new server refuses it.\n"
		       "Leave source, uidvalidity, uid and job_digest as they are: they tell whether the old mailbox is still what this was made for.\n"
		       "All else is for you to read. Folders that come later wait for the next plan; messages that come later are copied."));
	return keep_buf(k, &s);
}

int report_planned(struct plan **out, struct store *store, const struct planning *planning, struct error *err)
{
	struct making k = { .plan = x_calloc(1, sizeof *k.plan), .planning = planning };
	k.plan->arena = arena_new();
	k.plan->digest = keep(&k, planning->job->digest);
	k.plan->head = head(&k);
	int ok = store_each_account(store, planning->run->id, take_account, &k, err);
	if (ok == 0)
		ok = fill_all(&k, store, err);
	else
		k.plan->accounts = 0;
	k.plan->tail = keep(&k, k.others.data);
	buf_free(&k.others);
	free(k.ids);
	free(k.folders);
	free(k.why);
	if (ok < 0)
		plan_free(&k.plan);
	*out = k.plan;
	return ok;
}
