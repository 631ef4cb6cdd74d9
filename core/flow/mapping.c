/* Which source folder becomes which target folder: the rules of mapping.h, one after the other. */
#include "core/flow/mapping.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unicase.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/flow/collide.h"
#include "core/flow/planned.h"
#include "core/flow/substitute.h"
#include "core/job/pattern.h"

#define SHOWN 160	/* bytes of a name in a text */

struct source {			/* what is found out of a row */
	struct mapped *row;
	char *path;
	char *wanted;		/* the path that it should have at the target */
	bool by_attribute;	/* so is its role known */
};

struct maker {
	const struct mapping_task *task;
	struct mapping *out;
	struct source *source;			/* one a row */
	char **path, **folded;			/* of each target folder; folded: without case */
	struct source *holder[ROLE_IMPORTANT + 1];	/* who has the role at the source */
};

void mapping_note_add(struct mapping *out, const struct mapping_note *note)
{
	out->note = x_room(out->note, out->notes, &out->notes_cap, sizeof *out->note);
	out->note[out->notes++] = *note;
}

char *mapping_fold(const char *text)
{
	size_t len = 0;
	uint8_t *folded = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &len);
	char *out = folded ? x_strndup((const char *)folded, len) : x_strdup(text);
	free(folded);
	return out;
}

void mapping_place(struct mapped *m, const char *wire, const struct folder_list *target)
{
	char *copy = x_strdup(wire);
	free(m->wire);
	free(m->name);
	m->wire = copy;
	m->name = text_from_utf7(copy);
	if (!m->name)
		m->name = x_strdup(copy);
	m->there = folder_find(target, copy);
}

static bool is_inbox(const struct folder *f)
{
	return strcasecmp(f->wire, "INBOX") == 0;
}

/* ---- 1. left out ---- */

static bool any_matches(char *const *patterns, const char *path)
{
	for (; patterns && *patterns; patterns++)
		if (pattern_matches(*patterns, path))
			return true;
	return false;
}

static bool excluded(const struct job_folders *job, const char *path)
{
	return (job->include && !any_matches(job->include, path)) || any_matches(job->exclude, path);
}

/* ---- a name that should be, as the target has it or can have it ---- */

static unsigned levels_in(const char *path)
{
	unsigned n = 1;
	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* The target's own folder of that path; with `fold` the path is folded, and so they are compared. NULL: none. */
static const struct folder *by_path(const struct maker *k, const char *path, bool fold, unsigned levels)
{
	const struct folder_list *target = k->task->target;
	for (size_t i = 0; i < target->count; i++) {
		const struct folder *f = &target->folder[i];
		if (f->space == SPACE_OWN && strcmp(fold ? k->folded[i] : k->path[i], path) == 0 && folder_depth(f->wire, target) == levels)
			return f;
	}
	return NULL;
}

/* The nearest parent, or the folder itself, that the target has but for capital letters gives its spelling. Takes wire, returns the caller's. */
static char *fit_case(const struct maker *k, char *wire)
{
	const struct folder_list *target = k->task->target;
	const struct folder *found = folder_find(target, wire);
	unsigned depth = folder_depth(wire, target), levels;
	for (levels = depth; !found && levels > 0; levels--) {
		CLEANUP(x_free) char *path = folder_path(wire, target, levels);
		CLEANUP(x_free) char *folded = mapping_fold(path);
		if (by_path(k, path, false, levels) || strcmp(path, "INBOX") == 0)
			return wire;
		if ((found = by_path(k, folded, true, levels)))
			break;
	}
	if (!found || levels == 0)
		return wire;
	CLEANUP(x_free) char *base = folder_path(found->wire, target, UINT_MAX);
	char *fitting = levels == depth ? x_strdup(found->wire) : folder_spell(base, wire, levels, target, target);
	free(wire);
	return fitting;
}

/* The folder without its first levels, below the path `base` of the target. Sets s->wanted. The caller's. */
static char *spell(const struct maker *k, struct source *s, const char *base, unsigned skip)
{
	const struct mapping_task *t = k->task;
	const char *wire = s->row->source->wire;
	CLEANUP(x_free) char *head = folder_path(wire, t->source, skip);
	const char *rest = s->path + strlen(head);
	const struct folder *there;
	rest += *rest == '/';
	free(s->wanted);
	s->wanted = x_printf("%s%s%s", base, *base && *rest ? "/" : "", rest);
	if (!*base) {
		char *plain = folder_translate(wire, t->source, t->target);
		if (folder_find(t->target, plain))
			return plain;
		free(plain);
	}
	if (!is_inbox(s->row->source) && (there = by_path(k, s->wanted, false, levels_in(s->wanted))))
		return x_strdup(there->wire);
	return fit_case(k, folder_spell(base, wire, skip, t->source, t->target));
}

/* ---- 2. map ---- */

static bool same_path(const char *given, const char *path)
{
	size_t any_case = strncasecmp(given, "INBOX", 5) == 0 && (given[5] == '\0' || given[5] == '/') ? 5 : 0;
	return strncasecmp(given, path, any_case) == 0 && strcmp(given + any_case, path + any_case) == 0;
}

/* The entry that names the folder or the nearest one above it; *levels: how many of its levels the entry names. NULL: none. */
static const struct job_map *entry_of(const struct maker *k, const struct source *s, unsigned *levels)
{
	const struct job_folders *job = k->task->job;
	const char *wire = s->row->source->wire;
	unsigned depth = job->maps > 0 ? folder_depth(wire, k->task->source) : 0;
	for (*levels = depth; *levels > 0; --*levels) {
		CLEANUP(x_free) char *path = folder_path(wire, k->task->source, *levels);
		if (*levels < depth && strcmp(path, "INBOX") == 0)
			continue;
		for (size_t i = 0; i < job->maps; i++)
			if (same_path(job->map[i].from, path))
				return &job->map[i];
	}
	return NULL;
}

/* ---- 3. roles ---- */

static bool goes_by_role(enum folder_role role)
{
	return role == ROLE_SENT || role == ROLE_DRAFTS || role == ROLE_TRASH || role == ROLE_JUNK || role == ROLE_ARCHIVE;
}

static enum folder_role role_by_name(const struct mapping_task *t, const struct folder *f, const struct folder_list *of)
{
	if (!t->role_of || is_inbox(f) || folder_depth(f->wire, of) != 1)
		return ROLE_NONE;
	CLEANUP(x_free) char *level = folder_path(f->wire, of, 1);
	enum folder_role role = t->role_of(level);
	return goes_by_role(role) ? role : ROLE_NONE;
}

static bool known_by_role(const struct source *s)
{
	const struct folder_known *known = s->row->known;
	return known && known->copied && (strcmp(known->why, "special-use") == 0 || strcmp(known->why, "name") == 0);
}

static int claim(const struct source *s)
{
	return known_by_role(s) ? 0 : s->by_attribute ? 1 : 2;
}

/* The listing's order is the server's whim; names decide among equals. */
static bool is_before(const struct source *a, const struct source *b)
{
	return claim(a) != claim(b) ? claim(a) < claim(b) : strcmp(a->row->source->wire, b->row->source->wire) < 0;
}

static void find_role(struct maker *k, struct source *s)
{
	struct mapped *m = s->row;
	m->role = is_inbox(m->source) ? ROLE_INBOX : ROLE_NONE;
	if (m->role != ROLE_NONE || !k->task->job->special_use)
		return;
	s->by_attribute = m->source->role != ROLE_NONE && m->source->role != ROLE_INBOX;
	m->role = s->by_attribute ? m->source->role : role_by_name(k->task, m->source, k->task->source);
	struct source **holder = &k->holder[m->role];
	if (goes_by_role(m->role) && (!*holder || is_before(s, *holder)))
		*holder = s;
}

/* The target's folder of that role; among equals the one called `same`, then the first by name. */
static const struct folder *role_target(const struct maker *k, enum folder_role role, const char *same)
{
	const struct folder_list *target = k->task->target;
	const struct folder *best = NULL;
	int best_rank = INT_MAX;
	for (size_t i = 0; i < target->count; i++) {
		const struct folder *f = &target->folder[i];
		bool attribute = f->role == role;
		if (f->space != SPACE_OWN || !f->selectable || (!attribute && role_by_name(k->task, f, target) != role))
			continue;
		int rank = 2 * !attribute + (strcmp(f->wire, same) != 0);
		if (rank > best_rank || (rank == best_rank && strcmp(f->wire, best->wire) > 0))
			continue;
		best = f;
		best_rank = rank;
	}
	return best;
}

/* ---- what was decided before ---- */

const char *mapping_why(const char *why)
{
	static const char *const words[] = { "map", "special-use", "name", "plan" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(why, words[i]) == 0)
			return words[i];
	return "same";
}

/* Whether the rules, not the job, had it so before, and the rules still may. */
static bool stays(const struct maker *k, const struct source *s, const char *same, const char *now)
{
	const struct folder_known *known = s->row->known;
	const struct folder_list *target = k->task->target;
	bool ruled = known && known->copied && ((k->task->job->special_use && known_by_role(s)) || known->renamed || strcmp(known->target_wire, same) == 0);
	return ruled && (folder_find(target, known->target_wire) || !folder_find(target, now));
}

static void by_rules(struct maker *k, struct source *s)
{
	struct mapped *m = s->row;
	CLEANUP(x_free) char *same = spell(k, s, "", 0);
	const struct folder *holds = goes_by_role(m->role) && k->holder[m->role] == s ? role_target(k, m->role, same) : NULL;
	const char *now = holds ? holds->wire : same;
	m->why = !holds ? "same" : s->by_attribute ? "special-use" : strcmp(now, same) == 0 ? "same" : "name";
	if (stays(k, s, same, now)) {
		now = m->known->target_wire;
		m->why = strcmp(now, same) == 0 && strcmp(m->why, "special-use") != 0 ? "same" : mapping_why(m->known->why);
	}
	mapping_place(m, now, k->task->target);
}

/* ---- one folder ---- */

/* Names that could not stay as they are. */
static void note_change(struct maker *k, const struct source *s)
{
	struct mapped *m = s->row;
	CLEANUP(x_free) char *is = folder_path(m->wire, k->task->target, UINT_MAX);
	CLEANUP(x_free) char *folded = mapping_fold(is);
	CLEANUP(x_free) char *wanted = mapping_fold(s->wanted);
	char was[SHOWN], now[SHOWN];
	/* "INBOX/sub" lies below INBOX where the prefix says so */
	if (strcmp(is, s->wanted) == 0 || (strncmp(s->wanted, "INBOX/", 6) == 0 && strcmp(is, s->wanted + 6) == 0))
		return;
	text_clean(was, sizeof was, s->wanted, strlen(s->wanted));
	text_clean(now, sizeof now, m->name, strlen(m->name));
	bool only_case = strcmp(folded, wanted) == 0, renamed = m->known && m->known->renamed && strcmp(m->wire, m->known->target_wire) == 0;
	struct mapping_note note = { .row = (size_t)(m - k->out->row), .severity = only_case || renamed ? "note" : "warning", .code = "name-changed",
		.hint = N_("to choose another name yourself, put it into the job file: folders: map") };
	note.text = renamed	? x_printf("\"%s\" had another name when it was copied first: it stays \"%s\" in the new mailbox", was, now)
		    : only_case ? x_printf("\"%s\" goes into the folder \"%s\", which the new mailbox has already", was, now)
				: x_printf("\"%s\" is called \"%s\" in the new mailbox: not every server can hold the name as it was", was, now);
	mapping_note_add(k->out, &note);
}

/* The plan decides, where there is one. */
static bool is_left_out(const struct mapping_task *t, const struct source *s)
{
	const struct plan_folder *planned = s->row->planned;
	return t->plan ? !planned || planned->action == PLAN_SKIP : excluded(t->job, s->path);
}

static void by_plan(struct maker *k, struct source *s)
{
	char *wire = planned_wire(k->out, k->task, s->row);
	if (!wire)
		return;
	free(s->wanted);
	s->wanted = folder_path(wire, k->task->target, UINT_MAX);
	wire = fit_case(k, wire);
	mapping_place(s->row, wire, k->task->target);
	s->row->why = "plan";
	free(wire);
}

/* A run with a plan has brought it there. */
static bool was_planned(const struct maker *k, const struct mapped *m)
{
	const struct folder_known *known = m->known;
	return !k->task->plan && known && known->copied && strcmp(known->why, "plan") == 0 && folder_find(k->task->target, known->target_wire);
}

/* What came to be under another name stays there. */
static void as_substituted(struct maker *k, struct mapped *m)
{
	const struct mapping_task *t = k->task;
	const struct folder_known *known = m->known && m->known->copied ? m->known : NULL;
	CLEANUP(x_free) char *instead = substitute_known(t->substitute, t->substitutes, m->wire, t->target->separator);
	bool is_there = known && instead && strcmp(known->target_wire, instead) == 0;
	if (instead && (is_there || (!m->there && !(known && strcmp(known->target_wire, m->wire) == 0))))
		mapping_place(m, instead, t->target);
}

static void map_one(struct maker *k, struct source *s)
{
	const struct mapping_task *t = k->task;
	struct mapped *m = s->row;
	unsigned levels;
	m->planned = t->plan ? plan_folder_of(t->plan, m->source->name, m->source->box.validity) : NULL;
	if (t->plan && !m->planned && !excluded(t->job, s->path))
		planned_new(k->out, m);
	if (is_left_out(t, s)) {
		m->why = "excluded";
		m->left_out = m->source->box.exists;
		return;
	}
	m->moved = true;
	if (t->as_known && m->known && m->known->copied) {
		m->why = mapping_why(m->known->why);
		mapping_place(m, m->known->target_wire, t->target);
		return;
	}
	const char *under = t->job->under ? t->job->under : "";
	const struct job_map *entry = entry_of(k, s, &levels);
	if (!entry && was_planned(k, m)) {
		m->why = "plan";
		mapping_place(m, m->known->target_wire, t->target);
	} else if (entry || *under) {
		CLEANUP(x_free) char *base = x_printf("%s%s%s", under, *under && entry ? "/" : "", entry ? entry->to : "");
		CLEANUP(x_free) char *wire = spell(k, s, base, entry ? levels : 0);
		m->why = entry ? "map" : "same";
		mapping_place(m, wire, t->target);
	} else {
		by_rules(k, s);
	}
	as_substituted(k, m);
	if (m->planned) {
		by_plan(k, s);
		as_substituted(k, m);
	}
	if (strcmp(m->why, "same") == 0 || strcmp(m->why, "map") == 0 || m->planned)
		note_change(k, s);
}

/* ---- all of them ---- */

static const struct folder_known *known_of(const struct mapping_task *t, const char *wire)
{
	for (size_t i = 0; i < t->knowns; i++)
		if (strcmp(t->known[i].source_wire, wire) == 0)
			return &t->known[i];
	return NULL;
}

static void read_target(struct maker *k)
{
	const struct folder_list *target = k->task->target;
	k->path = x_calloc(target->count + 1, sizeof *k->path);
	k->folded = x_calloc(target->count + 1, sizeof *k->folded);
	for (size_t i = 0; i < target->count; i++) {
		k->path[i] = folder_path(target->folder[i].wire, target, UINT_MAX);
		k->folded[i] = mapping_fold(k->path[i]);
	}
}

static void read_source(struct maker *k)
{
	const struct folder_list *list = k->task->source;
	k->out->row = x_calloc(list->count + 1, sizeof *k->out->row);
	k->source = x_calloc(list->count + 1, sizeof *k->source);
	for (size_t i = 0; i < list->count; i++) {
		const struct folder *f = &list->folder[i];
		if (!f->selectable) /* a parent by name only: it comes with its children */
			continue;
		struct source *s = &k->source[k->out->count];
		s->row = &k->out->row[k->out->count++];
		*s->row = (struct mapped){ .source = f, .known = known_of(k->task, f->wire), .why = "shared" };
		s->path = folder_path(f->wire, list, UINT_MAX);
		if (f->space == SPACE_OWN)
			find_role(k, s);
		else
			s->row->role = f->role;
	}
}

void mapping_make(struct mapping *out, const struct mapping_task *task)
{
	struct maker k = { .task = task, .out = out };
	*out = (struct mapping){ 0 };
	read_target(&k);
	read_source(&k);
	for (size_t i = 0; i < out->count; i++)
		if (out->row[i].source->space == SPACE_OWN)
			map_one(&k, &k.source[i]);
	planned_shared(out, task);
	mapping_collide(out, task);
	for (size_t i = 0; i < out->count; i++) {
		free(k.source[i].path);
		free(k.source[i].wanted);
	}
	for (size_t i = 0; i < task->target->count; i++) {
		free(k.path[i]);
		free(k.folded[i]);
	}
	free(k.path);
	free(k.folded);
	free(k.source);
}

void mapping_free(struct mapping *mapping)
{
	for (size_t i = 0; i < mapping->count; i++) {
		free(mapping->row[i].wire);
		free(mapping->row[i].name);
	}
	for (size_t i = 0; i < mapping->notes; i++)
		free(mapping->note[i].text);
	free(mapping->row);
	free(mapping->note);
	*mapping = (struct mapping){ 0 };
}
