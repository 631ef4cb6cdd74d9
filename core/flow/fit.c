/* The dry run: whether what is coming fits into the new mailbox. Its server's word counts; where that says nothing, what is known of the provider does, and is only a warning. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/flow/move.h"

static int tell(struct pool *p, struct account *a, const struct move *m, struct problem problem, struct error *err)
{
	problem.account = a->row.id;
	problem.folder = m ? m->folder : 0;
	problem.message_id = problem.file = "";
	problem.hint = problem.hint ? problem.hint : "";
	return pool_problem(p->flow, a, m, &problem, err);
}

/* ---- room ---- */

static int tell_room(struct pool *p, struct account *a, uint64_t bytes, struct error *err)
{
	const struct preset *preset = a->job->target.preset;
	bool known = !a->has_quota && preset && preset->room > 0;
	struct problem full = { .side = SIDE_TARGET, .severity = a->has_quota ? "error" : "warning", .code = "over-quota",
		.hint = N_("enlarge the new mailbox, or leave out what is not needed (messages, folders in the job file)") };
	CLEANUP(x_free) char *room = x_printf("the new mailbox has room for %llu bytes", (unsigned long long)a->quota_free);
	CLEANUP(x_free) char *text = known ? x_printf("%llu bytes are to be copied, and a mailbox of the new provider may hold no more than %llu, as far as is known",
		(unsigned long long)bytes, (unsigned long long)preset->room) : x_printf("%llu bytes are to be copied, and the new mailbox has room for %llu",
		(unsigned long long)bytes, (unsigned long long)a->quota_free);
	full.text = text;
	if (a->has_quota && tell(p, a, NULL, (struct problem){ .side = SIDE_TARGET, .severity = "note", .code = "room", .text = room }, err) < 0)
		return -1;
	bool over = a->has_quota ? bytes > a->quota_free : known && bytes > preset->room;
	return over ? tell(p, a, NULL, full, err) : 0;
}

/* ---- days ---- */

static int tell_day(struct pool *p, struct account *a, enum side side, uint64_t bytes, struct error *err)
{
	const struct preset *preset = side == SIDE_SOURCE ? a->job->source.preset : a->job->target.preset;
	uint64_t day = !preset ? 0 : side == SIDE_SOURCE ? preset->day_out : preset->day_in;
	if (day == 0 || bytes <= day)
		return 0;
	CLEANUP(x_free) char *text = side == SIDE_SOURCE
		? x_printf("%llu bytes are to be copied, and the old provider hands out %llu a day, as far as is known", (unsigned long long)bytes, (unsigned long long)day)
		: x_printf("%llu bytes are to be copied, and the new provider takes %llu a day, as far as is known", (unsigned long long)bytes, (unsigned long long)day);
	return tell(p, a, NULL, (struct problem){ .side = side, .severity = "warning", .code = "daily-limit", .text = text,
		.hint = N_("run the same command again on the days after: it goes on where it was stopped") }, err);
}

/* ---- folders ---- */

/* What that provider has against the folder, static; NULL: nothing. */
static const char *against(const struct account *a, const struct move *m, const struct preset *preset)
{
	CLEANUP(x_free) char *first = folder_path(m->target.wire, &a->target, 1);
	CLEANUP(x_free) char *path = folder_path(m->target.wire, &a->target, UINT_MAX);
	if (preset->reserved && strcasecmp(first, preset->reserved) == 0)
		return N_("the new provider keeps this name for itself, as far as is known, and may refuse the folder");
	if (preset->unfit && path[strcspn(path, preset->unfit)])
		return N_("a character of this name is one that the new provider takes in no name, as far as is known, and it may refuse the folder");
	if (preset->depth > 0 && folder_depth(m->target.wire, &a->target) > preset->depth)
		return N_("this folder lies deeper than the new provider takes, as far as is known, and it may refuse it");
	return NULL;
}

static size_t own_folders(const struct folder_list *list)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++)
		count += list->folder[i].selectable && list->folder[i].space == SPACE_OWN;
	return count;
}

static int tell_folders(struct pool *p, struct account *a, const struct preset *preset, struct error *err)
{
	size_t count = own_folders(&a->target);
	for (size_t i = 0; i < a->count; i++) {
		struct move *m = &a->moves[i];
		const char *text = m->target_exists ? NULL : against(a, m, preset);
		count += !m->target_exists;
		if (text && tell(p, a, m, (struct problem){ .side = SIDE_TARGET, .severity = "warning", .code = "may-be-refused", .text = text,
			.hint = N_("to give it another name: folders, map in the job file; everything else goes on") }, err) < 0)
			return -1;
	}
	if (preset->folders == 0 || count <= preset->folders)
		return 0;
	CLEANUP(x_free) char *text = x_printf("the new mailbox would have %zu folders, and its provider may take no more than %u, as far as is known", count, preset->folders);
	return tell(p, a, NULL, (struct problem){ .side = SIDE_TARGET, .severity = "warning", .code = "may-be-refused", .text = text,
		.hint = N_("leave folders out, or put some into one folder: folders, exclude and map in the job file") }, err);
}

/* ---- all ---- */

/* Of all that is to be copied. */
static int add_bytes(struct pool *p, struct account *a, uint64_t *bytes, struct error *err)
{
	struct counts counts;
	*bytes = 0;
	for (size_t i = 0; i < a->count; i++) {
		if (store_counts(p->flow->store, a->moves[i].folder, (struct counting){ .run = p->flow->run }, &counts, err) < 0)
			return -1;
		*bytes += counts.bytes_pending;
	}
	return 0;
}

/* What was looked at, so that nobody takes silence for a promise. */
static int tell_read(struct pool *p, struct account *a, struct error *err)
{
	CLEANUP(x_free) char *text = x_printf("messages read whole: %llu; what lies in the others shows when they are sent", (unsigned long long)atomic_load(&a->looked));
	return tell(p, a, NULL, (struct problem){ .side = SIDE_SOURCE, .severity = "note", .code = "looked-into", .text = text }, err);
}

static int tell_labels(struct pool *p, struct account *a, struct error *err)
{
	unsigned long long labelled = atomic_load(&a->labelled);
	CLEANUP(x_free) char *text = x_printf("messages with labels: %llu; a run names those whose labels the new server does not keep", labelled);
	return labelled > 0 ? tell(p, a, NULL, (struct problem){ .side = SIDE_TARGET, .severity = "note", .code = "labels", .text = text }, err) : 0;
}

int fit_account(struct pool *p, struct account *a, struct error *err)
{
	uint64_t bytes;
	if (add_bytes(p, a, &bytes, err) < 0 || tell_room(p, a, bytes, err) < 0)
		return -1;
	/* of both only one is kept, and what a provider takes is less than what another hands out */
	if (tell_day(p, a, SIDE_SOURCE, bytes, err) < 0 || tell_day(p, a, SIDE_TARGET, bytes, err) < 0 || tell_read(p, a, err) < 0 || tell_labels(p, a, err) < 0)
		return -1;
	return a->job->target.preset ? tell_folders(p, a, a->job->target.preset, err) : 0;
}
