/* Where a plan wants a folder to go, and what of it can't be done. */
#include "core/flow/planned.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/flow/collide.h"

#define SHOWN 120

static void shown(char out[SHOWN], const char *name)
{
	text_clean(out, SHOWN, name, strlen(name));
}

static void refuse(struct mapping *out, const struct mapped *m, char *text, const char *hint)
{
	struct mapping_note note = { .row = (size_t)(m - out->row), .severity = "error", .code = "plan-refused", .text = text, .hint = hint };
	mapping_note_add(out, &note);
	out->refused = true;
}

static const struct folder *there(const struct folder_list *target, const char *name)
{
	for (size_t i = 0; i < target->count; i++) {
		CLEANUP(x_free) char *own = plan_name(target->folder[i].name);
		if (target->folder[i].space == SPACE_OWN && strcmp(own, name) == 0)
			return &target->folder[i];
	}
	return NULL;
}

/* A name that the target does not have yet. */
static char *new_wire(struct mapping *out, const struct mapping_task *t, const struct mapped *m)
{
	const struct folder_list *target = t->target;
	const char *prefix = target->prefix ? target->prefix : "";
	char name[SHOWN], better[SHOWN];
	char *wire = text_to_utf7(m->planned->target);
	shown(name, m->planned->target);
	if (wire && strncasecmp(wire, prefix, strlen(prefix)) == 0) {
		CLEANUP(x_free) char *fit = folder_spell("", wire, 0, target, target);
		if (strcmp(fit, wire) == 0)
			return wire;
		CLEANUP(x_free) char *would = text_from_utf7(fit);
		shown(better, would ? would : fit);
		refuse(out, m, x_printf("the plan wants the folder \"%s\", and the new mailbox can't hold that name; it could hold \"%s\"", name, better),
			N_("write another target into the plan"));
	} else if (wire) {
		refuse(out, m, x_printf("the plan wants the folder \"%s\", and all folders of the new mailbox begin with \"%s\"", name, prefix),
			N_("write another target into the plan"));
	} else {
		refuse(out, m, x_printf("the plan wants the folder \"%s\", which is no name of a folder", name), N_("write another target into the plan"));
	}
	free(wire);
	return NULL;
}

char *planned_wire(struct mapping *out, const struct mapping_task *task, const struct mapped *m)
{
	CLEANUP(x_free) char *now = plan_name(m->name);
	const char *wanted = m->planned->target;
	bool inbox = strcasecmp(wanted, "INBOX") == 0;
	if (strcmp(now, wanted) == 0 || (inbox && strcasecmp(m->wire, "INBOX") == 0))
		return NULL;
	const struct folder *f = there(task->target, wanted);
	return f || inbox ? x_strdup(f ? f->wire : "INBOX") : new_wire(out, task, m);
}

void planned_new(struct mapping *out, const struct mapped *m)
{
	char name[SHOWN];
	shown(name, m->source->name);
	struct mapping_note note = { .row = (size_t)(m - out->row), .severity = "note", .code = "not-planned",
		.hint = N_("to move it too, make a new plan: trasloco plan -o FILE") };
	note.text = x_printf("\"%s\" is not in the plan and is left for the next one", name);
	mapping_note_add(out, &note);
}

void planned_shared(struct mapping *out, const struct mapping_task *task)
{
	for (size_t i = 0; task->plan && i < out->count; i++) {
		const struct mapped *m = &out->row[i];
		const struct plan_folder *planned = m->source->space == SPACE_OWN ? NULL : plan_folder_of(task->plan, m->source->name, m->source->box.validity);
		char name[SHOWN];
		if (!planned || planned->action == PLAN_SKIP)
			continue;
		shown(name, m->source->name);
		refuse(out, m, x_printf("\"%s\" is a shared folder and can't be copied", name), N_("write `action: skip` into the plan"));
	}
}
