/* A plan and what the source is now: mail that is not where the plan has seen it must not be taken for other mail. */
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/flow/lane.h"

#define SHOWN 120

/* The folder that has that UIDVALIDITY now and no place in the plan: the same one under another name. */
static const struct folder *renamed(const struct account *a, const struct plan_folder *planned)
{
	for (size_t i = 0; planned->validity && i < a->source.count; i++) {
		const struct folder *f = &a->source.folder[i];
		if (f->selectable && f->box.known && f->box.validity == planned->validity && !plan_folder_of(a->planned, f->name, f->box.validity))
			return f;
	}
	return NULL;
}

static const struct folder *listed(const struct account *a, const struct plan_folder *planned)
{
	const struct folder *found = NULL;
	for (size_t i = 0; i < a->source.count; i++) {
		const struct folder *f = &a->source.folder[i];
		CLEANUP(x_free) char *name = plan_name(f->name);
		if (f->selectable && strcmp(name, planned->source) == 0 && (!found || f->box.validity == planned->validity))
			found = f;
	}
	return found;
}

static int other_numbers(const char *name, struct error *err)
{
	return error_set(err, ERR_DRIFT, "\"%s\" is another folder than when the plan was made (another UIDVALIDITY)", name);
}

static int look(const struct account *a, const struct plan_folder *planned, struct error *err)
{
	const struct folder *f = listed(a, planned), *now = f ? NULL : renamed(a, planned);
	char was[SHOWN], is[SHOWN];
	text_clean(was, sizeof was, planned->source, strlen(planned->source));
	if (f && planned->validity && f->box.known && f->box.validity != planned->validity)
		return other_numbers(was, err);
	if (f)
		return 0;
	if (!now)
		return error_set(err, ERR_DRIFT, "\"%s\" was there when the plan was made, and is no longer", was);
	text_clean(is, sizeof is, now->name, strlen(now->name));
	return error_set(err, ERR_DRIFT, "\"%s\" is called \"%s\" now", was, is);
}

int drift_source(const struct account *a, struct error *err)
{
	for (size_t i = 0; a->planned && i < a->planned->folders; i++)
		if (a->planned->folder[i].action == PLAN_COPY && look(a, &a->planned->folder[i], err) < 0)
			return error_at(err, "source");
	return 0;
}

int drift_folder(const struct move *m, struct error *err)
{
	char name[SHOWN];
	if (!m->planned || !m->planned->validity || m->planned->validity == m->source_box.validity)
		return 0;
	text_clean(name, sizeof name, m->source->name, strlen(m->source->name));
	return other_numbers(name, err);
}
