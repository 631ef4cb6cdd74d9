/* The model of a report, read from the state. */
#include "core/report/receipt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"

/* ---- reading ---- */

struct reading {		/* the callbacks can't call the store: first the rows, then the numbers */
	struct report *report;
	struct report_part *part;	/* NULL: the run itself */
	int64_t *ids;		/* of the part's folders */
	size_t ids_cap, part_cap, row_cap, problem_cap;
};

static int take_account(void *ctx, const struct report_account *a)
{
	struct reading *r = ctx;
	struct report *report = r->report;
	report->part = x_room(report->part, report->parts, &r->part_cap, sizeof *report->part);
	report->part[report->parts++] = (struct report_part){
		.id = a->id,
		.source_provider = x_strdup(a->source_provider ? a->source_provider : ""),
		.target_provider = x_strdup(a->target_provider ? a->target_provider : ""),
		.name = x_strdup(a->name),
		.source_host = x_strdup(a->source_host),
		.source_user = x_strdup(a->source_user),
		.target_host = x_strdup(a->target_host),
		.target_user = x_strdup(a->target_user),
		.source_capabilities = x_strdup(a->source_capabilities ? a->source_capabilities : ""),
		.target_capabilities = x_strdup(a->target_capabilities ? a->target_capabilities : ""),
		.exit = a->exit,
	};
	return 0;
}

static int take_folder(void *ctx, const struct report_folder *f)
{
	struct reading *r = ctx;
	struct report_part *part = r->part;
	r->ids = x_room(r->ids, part->rows, &r->ids_cap, sizeof *r->ids);
	r->ids[part->rows] = f->id;
	part->row = x_room(part->row, part->rows, &r->row_cap, sizeof *part->row);
	part->row[part->rows++] = (struct report_row){
		.source = x_strdup(f->source),
		.target = x_strdup(f->target),
		.role = x_strdup(f->role),
		.why = x_strdup(f->why),
	};
	return 0;
}

static void add_problem(struct reading *r, const struct report_problem *p)
{
	struct report_problem **list = r->part ? &r->part->problem : &r->report->problem;
	size_t *count = r->part ? &r->part->problems : &r->report->problems;
	*list = x_room(*list, *count, &r->problem_cap, sizeof **list);
	(*list)[(*count)++] = *p;
}

static int take_problem(void *ctx, const struct problem *p)
{
	static const char *const sides[] = { "", "source", "target" };
	struct reading *r = ctx;
	const char *folder = "";
	for (size_t i = 0; r->part && i < r->part->rows; i++)
		if (r->ids[i] == p->folder)
			folder = r->part->row[i].source;
	struct report_problem copy = {
		.severity = x_strdup(p->severity),
		.code = x_strdup(p->code),
		.side = x_strdup(sides[p->side <= SIDE_TARGET ? p->side : SIDE_NONE]),
		.folder = x_strdup(folder),
		.text = x_strdup(p->text),
		.hint = x_strdup(p->hint),
		.message_id = x_strdup(p->message_id),
		.file = x_strdup(p->file),
		.accepted_by = x_strdup(p->accepted_by ? p->accepted_by : ""),
		.accepted = p->accepted,
		.uid = p->uid,
	};
	add_problem(r, &copy);
	return 0;
}

/* ---- sums ---- */

static void add_ledger(struct ledger *sum, const struct ledger *l)
{
	sum->source += l->source;
	sum->copied += l->copied;
	sum->already_there += l->already_there;
	sum->skipped += l->skipped;
	sum->refused += l->refused;
	sum->vanished += l->vanished;
	sum->pending += l->pending;
	sum->copied_now += l->copied_now;
}

static void add_verified(struct verified *sum, const struct verified *v)
{
	if (!v->any)
		return;
	sum->deep = sum->any ? sum->deep && v->deep : v->deep;
	sum->any = true;
	sum->identical += v->identical;
	sum->rewritten += v->rewritten;
	sum->altered += v->altered;
	sum->missing += v->missing;
	sum->doubled += v->doubled;
	sum->gone += v->gone;
	sum->target_only += v->target_only;
	sum->sampled += v->sampled;
	sum->quiet += v->quiet;
}

static int close_ledger(const struct report_row *row, struct error *err)
{
	const struct ledger *l = &row->ledger;
	if (l->source == l->copied + l->already_there + l->skipped + l->refused + l->vanished + l->pending)
		return 0;
	/* the name last: it may be long, and the numbers must not be cut */
	return error_set(err, ERR_BUG,
		"the ledger does not close: %" PRIu64 " at the source, but %" PRIu64 " copied, %" PRIu64 " already there, %" PRIu64 " skipped, %" PRIu64
		" refused, %" PRIu64 " vanished, %" PRIu64 " pending in folder %s",
		l->source, l->copied, l->already_there, l->skipped, l->refused, l->vanished, l->pending, row->source);
}

/* A verification that tells less than the ledger holds is older than some of the mail: it proves nothing of the folder. */
static bool covers(const struct verified *v, const struct ledger *l)
{
	return v->identical + v->rewritten + v->altered + v->missing + v->gone == l->copied + l->already_there;
}

static int take_counts(struct report_part *part, struct report_row *row, const struct counts *counts, struct error *err)
{
	row->ledger = counts->ledger;
	row->verified = counts->verified;
	row->bytes = counts->bytes;
	row->bytes_pending = counts->bytes_pending;
	row->elsewhere = counts->elsewhere;
	row->verified.any = row->verified.any && covers(&row->verified, &row->ledger);
	close_count(part, row->role, counts);
	return close_ledger(row, err);
}

static void sum_part(struct report *report, struct report_part *part)
{
	for (size_t i = 0; i < part->rows; i++) {
		add_ledger(&part->ledger, &part->row[i].ledger);
		add_verified(&part->verified, &part->row[i].verified);
		part->bytes += part->row[i].bytes;
		part->bytes_pending += part->row[i].bytes_pending;
		part->elsewhere += part->row[i].elsewhere;
	}
	add_ledger(&report->ledger, &part->ledger);
	report->bytes += part->bytes;
	report->bytes_pending += part->bytes_pending;
}

/* ---- what was accepted since the run ---- */

static bool has_error(const struct report_problem *problem, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(problem[i].severity, "error") == 0)
			return true;
	return false;
}

static bool has_accepted(const struct report_part *part)
{
	for (size_t i = 0; i < part->problems; i++)
		if (part->problem[i].accepted > 0)
			return true;
	return false;
}

/* Exceptions that somebody can live with are none any more. A plan that says no-go stays one: it is no exception. */
static void settle_exits(struct report *report)
{
	bool others = false, mended = false;
	if (strcmp(report->run.command, "plan") == 0)
		return;
	for (size_t i = 0; i < report->parts; i++) {
		struct report_part *part = &report->part[i];
		if (part->exit == 1 && has_accepted(part) && !has_error(part->problem, part->problems)) {
			part->exit = 0;
			mended = true;
		}
		others = others || part->exit > 0;
	}
	if (report->run.exit == 1 && mended && !others)
		report->run.exit = 0;
}

static int read_part(struct report *report, struct store *store, struct report_part *part, struct error *err)
{
	struct reading r = { .report = report, .part = part };
	int ok = store_each_folder(store, part->id, take_folder, &r, err);
	part->close.since = close_since();
	for (size_t i = 0; ok == 0 && i < part->rows; i++) {
		struct counts counts;
		ok = store_counts(store, r.ids[i], (struct counting){ report->run.id, part->close.since }, &counts, err);
		if (ok == 0)
			ok = take_counts(part, &part->row[i], &counts, err);
	}
	if (ok == 0)
		ok = store_each_problem(store, report->run.id, part->id, take_problem, &r, err);
	if (ok == 0)
		sum_part(report, part);
	free(r.ids);
	return ok == 0 ? 0 : error_at(err, "%s", part->name);
}

/* ---- months ---- */

static int take_month(void *ctx, int year, int month, const uint64_t count[2])
{
	struct report_part *part = ctx;
	part->month = x_realloc(part->month, (part->months + 1) * sizeof *part->month);
	part->month[part->months++] = (struct report_month){ year, month, count[0], count[1] };
	return 0;
}

int report_months(struct report *report, struct store *store, struct error *err)
{
	for (size_t i = 0; i < report->parts; i++) {
		struct report_part *part = &report->part[i];
		part->months = 0;
		if (store_each_month(store, part->id, take_month, part, err) < 0)
			return error_at(err, "%s", part->name);
	}
	return 0;
}

/* ---- all of it ---- */

/* What its exit decides, as it is now. */
static int judge_part(struct report *report, struct store *store, struct report_part *part, struct error *err)
{
	if (close_read(part, store, report->run.id, err) < 0)
		return error_at(err, "%s", part->name);
	remarks_of(report, part);
	return 0;
}

int report_make(struct report **out, struct store *store, const struct run *run, struct error *err)
{
	struct report *report = x_calloc(1, sizeof *report);
	struct reading r = { .report = report };
	report->run = *run;
	int ok = store_each_account(store, run->id, take_account, &r, err);
	for (size_t i = 0; ok == 0 && i < report->parts; i++)
		ok = read_part(report, store, &report->part[i], err);
	if (ok == 0)
		settle_exits(report);
	if (ok == 0 && strcmp(run->command, "plan") == 0) /* it tells of holes in the history */
		ok = report_months(report, store, err);
	for (size_t i = 0; ok == 0 && i < report->parts; i++)
		ok = judge_part(report, store, &report->part[i], err);
	if (ok == 0)
		ok = store_each_problem(store, run->id, 0, take_problem, &r, err);
	if (ok < 0) {
		report_free(&report);
		return -1;
	}
	remarks_recall(report);
	*out = report;
	return 0;
}

/* ---- the end ---- */

static void free_problem(struct report_problem *p)
{
	char *texts[] = { p->severity, p->code, p->side, p->folder, p->text, p->hint, p->message_id, p->file, p->accepted_by };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
}

static void free_part(struct report_part *part)
{
	char *texts[] = { part->source_provider, part->target_provider, part->name, part->source_host, part->source_user, part->target_host, part->target_user,
		part->source_capabilities, part->target_capabilities };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	for (size_t i = 0; i < part->rows; i++) {
		free(part->row[i].source);
		free(part->row[i].target);
		free(part->row[i].role);
		free(part->row[i].why);
	}
	for (size_t i = 0; i < part->problems; i++)
		free_problem(&part->problem[i]);
	free(part->row);
	free(part->problem);
	close_free(part);
}

void report_free(struct report **report)
{
	if (!*report)
		return;
	for (size_t i = 0; i < (*report)->parts; i++)
		free_part(&(*report)->part[i]);
	for (size_t i = 0; i < (*report)->problems; i++)
		free_problem(&(*report)->problem[i]);
	free((*report)->part);
	free((*report)->problem);
	free(*report);
	*report = NULL;
}
