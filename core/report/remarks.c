/* What the report says of its own accord: what never moves, gaps in the history, mail that may be out of sight; and what a plan has kept for it. */
#include "core/report/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/holes.h"
#include "core/report/prose.h"

struct remark {
	const char *severity, *code, *folder, *text, *hint;
};

static void add(struct report_part *part, const struct remark *r)
{
	part->problem = x_realloc(part->problem, (part->problems + 1) * sizeof *part->problem);
	part->problem[part->problems++] = (struct report_problem){
		.severity = x_strdup(r->severity),
		.code = x_strdup(r->code),
		.side = x_strdup("source"),
		.folder = x_strdup(r->folder),
		.text = x_strdup(r->text),
		.hint = x_strdup(r->hint),
		.message_id = x_strdup(""),
		.file = x_strdup(""),
		.accepted_by = x_strdup(""),
	};
}

static bool is_plan(const struct report *report)
{
	return strcmp(report->run.command, "plan") == 0;
}

/* ---- of each account ---- */

/* Before the move there is time to ask; the page shows it of runs as well. */
static void add_history(struct report_part *part)
{
	struct hole *hole;
	size_t holes = holes_find(part, &hole);
	for (size_t i = 0; i < holes; i++) {
		CLEANUP(x_free) char *text = hole_text(&hole[i]);
		add(part, &(struct remark){ "warning", "history-gap", "", text, N_("look into the old mailbox with a browser: what is not there either can't be moved") });
	}
	for (size_t i = 0; i < part->months; i++) {
		int month = hole_month(part->month[i].year, part->month[i].month);
		CLEANUP(x_free) char *text = hole_outage_text(part, month);
		if (hole_outage(part, month))
			add(part, &(struct remark){ "note", "outage", "", text, "" });
	}
	free(hole);
}

static void add_quiet(struct report_part *part)
{
	CLEANUP(x_free) char *text = x_printf("messages that have not changed since they were compared, as both servers say: %llu", (unsigned long long)part->verified.quiet);
	add(part, &(struct remark){ "note", "not-read-again", "", text, N_("`trasloco verify` reads all of them anew") });
}

void remarks_of(const struct report *report, struct report_part *part)
{
	if (is_plan(report))
		add_history(part);
	else if (part->verified.quiet > 0)
		add_quiet(part);
	add(part, &(struct remark){ "note", "not-moved", "", N_("contacts, calendars, filters, signatures and shared folders are not moved"),
		N_("export them in the old mailbox and import them in the new one") });
}

/* ---- what a plan has kept ---- */

/* The numbers in a text, in order; what it lacks is 0. */
static void read_numbers(const char *text, uint64_t *const number[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *end;
		text += strcspn(text, "0123456789");
		*number[i] = strtoull(text, &end, 10);
		text = end;
	}
}

static const struct report_problem *forecast_of(const struct report *report)
{
	for (size_t i = 0; i < report->problems; i++)
		if (strcmp(report->problem[i].code, "forecast") == 0)
			return &report->problem[i];
	return NULL;
}

void remarks_recall(struct report *report)
{
	uint64_t skip;
	const struct report_problem *kept = is_plan(report) ? forecast_of(report) : NULL;
	if (kept)
		read_numbers(kept->text, (uint64_t *[]){ &skip, &skip, &skip, &report->slow, &report->fast }, 5);
	for (size_t i = 0; is_plan(report) && i < report->parts; i++)
		for (size_t n = 0; n < report->part[i].problems; n++) {
			struct report_part *part = &report->part[i];
			if (strcmp(part->problem[n].code, "room") != 0)
				continue;
			part->room_known = true;
			read_numbers(part->problem[n].text, (uint64_t *[]){ &part->room }, 1);
		}
}

void receipt_forecast(const struct report *report, struct buf *out)
{
	const struct report_problem *kept = is_plan(report) ? NULL : forecast_of(report);
	uint64_t least, most, messages, copied, took;
	struct buf from = { 0 }, to = { 0 }, all = { 0 }, time = { 0 }, done = { 0 };
	if (!kept)
		return;
	read_numbers(kept->text, (uint64_t *[]){ &least, &most, &messages, &copied, &took }, 5);
	prose_duration(&from, (int64_t)least);
	prose_duration(&to, (int64_t)most);
	prose_count(&all, messages, P_("message", "messages", messages));
	prose_duration(&time, (int64_t)took);
	prose_count(&done, copied, P_("message", "messages", copied));
	buf_addf(out, _("The plan forecast %s to %s for %s; it took %s for %s."), from.data, to.data, all.data, time.data, done.data);
	buf_free(&from);
	buf_free(&to);
	buf_free(&all);
	buf_free(&time);
	buf_free(&done);
}

/* ---- what is known of the providers ---- */

/* "All that was shown" is not all. What was seen once counts: in a folder that shows its newest only, older ones go out of sight. */
static void find_unseen(struct report_part *part)
{
	uint64_t visible = part->source_preset ? part->source_preset->visible : 0;
	for (size_t i = 0; visible > 0 && i < part->rows; i++) {
		const struct report_row *row = &part->row[i];
		if (row->ledger.source < visible || strcmp(row->why, "excluded") == 0 || strcmp(row->why, "shared") == 0)
			continue;
		CLEANUP(x_free) char *text = x_printf("messages of it that the old provider shows: %llu; it shows programs no more than about %llu of a folder, and there may be older ones",
			(unsigned long long)row->ledger.source, (unsigned long long)visible);
		add(part, &(struct remark){ "warning", "window", row->source, text,
			N_("find out with a browser how many there are; of Yahoo, `provider: yahoo-export` in the job file shows more; keep the old mailbox until all is moved") });
		part->unseen++;
	}
	if (part->unseen > 0)
		close_unseen(part);
}

void report_call(struct report *report, const struct presets *presets)
{
	for (size_t i = 0; i < report->parts; i++) {
		struct report_part *part = &report->part[i];
		part->source_preset = preset_find(presets, part->source_provider);
		part->target_preset = preset_find(presets, part->target_provider);
		part->source_called = part->source_preset ? part->source_preset->name : NULL;
		part->target_called = part->target_preset ? part->target_preset->name : NULL;
		if (part->source_preset && (part->source_preset->traits & PRESET_PEC))
			close_certified(part);
		find_unseen(part);
	}
}
