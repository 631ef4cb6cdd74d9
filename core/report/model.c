/* The model of a report, read from the state. */
#include "core/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

/* ---- statuses and their words ---- */

const char *report_verdict(int exit)
{
	switch (exit) {
	case 0:
		return "complete";
	case 1:
		return "exceptions";
	case -1:
	case 3:
	case 130:
	case 143:
		return "incomplete";
	case 70:
		return "failed";
	default:
		return "stopped";
	}
}

const char *report_next(int exit)
{
	switch (exit) {
	case 0:
		return "nothing";
	case 1:
	case 6:
	case 8:
		return "decide";
	case -1:
	case 3:
	case 9:
	case 130:
	case 143:
		return "run-again";
	default:
		return "fix-first";
	}
}

int report_exit(const int *exits, size_t count)
{
	static const int order[] = { 2, 70, 6, 5, 4, 7, 8, 9, 143, 130, 3, 1 };
	for (size_t o = 0; o < sizeof order / sizeof *order; o++)
		for (size_t i = 0; i < count; i++)
			if (exits[i] == order[o])
				return order[o];
	return 0;
}

/* ---- reading ---- */

struct reading {		/* the callbacks can't call the store: first the rows, then the numbers */
	struct report *report;
	struct report_part *part;
	int64_t *ids;		/* of accounts or of folders */
	size_t count, cap;
	size_t part_cap, row_cap, problem_cap;
};

static int64_t *room_for_id(struct reading *r)
{
	r->ids = x_room(r->ids, r->count, &r->cap, sizeof *r->ids);
	return &r->ids[r->count++];
}

static int take_account(void *ctx, const struct report_account *a)
{
	struct reading *r = ctx;
	struct report *report = r->report;
	*room_for_id(r) = a->id;
	report->part = x_room(report->part, report->parts, &r->part_cap, sizeof *report->part);
	report->part[report->parts++] = (struct report_part){
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
	*room_for_id(r) = f->id;
	part->row = x_room(part->row, part->rows, &r->row_cap, sizeof *part->row);
	part->row[part->rows++] = (struct report_row){
		.source = x_strdup(f->source),
		.target = x_strdup(f->target),
		.role = x_strdup(f->role),
		.why = x_strdup(f->why),
		.bytes = f->bytes,
	};
	return 0;
}

static void add_problem(struct reading *r, const struct report_problem *p)
{
	struct report_part *part = r->part;
	part->problem = x_room(part->problem, part->problems, &r->problem_cap, sizeof *part->problem);
	part->problem[part->problems++] = *p;
}

static int take_problem(void *ctx, const struct problem *p)
{
	static const char *const sides[] = { "", "source", "target" };
	struct reading *r = ctx;
	const char *folder = "";
	for (size_t i = 0; i < r->count; i++)
		if (r->ids[i] == p->folder)
			folder = r->part->row[i].source;
	struct report_problem copy = {
		.severity = x_strdup(p->severity),
		.code = x_strdup(p->code),
		.side = x_strdup(sides[p->side]),
		.folder = x_strdup(folder),
		.text = x_strdup(p->text),
		.hint = x_strdup(p->hint),
		.message_id = x_strdup(p->message_id),
		.file = x_strdup(p->file),
		.uid = p->uid,
	};
	add_problem(r, &copy);
	return 0;
}

static void note_not_moved(struct reading *r)
{
	struct report_problem note = {
		.severity = x_strdup("note"),
		.code = x_strdup("not-moved"),
		.side = x_strdup("source"),
		.folder = x_strdup(""),
		.text = x_strdup("contacts, calendars, filters, signatures and shared folders are not moved"),
		.hint = x_strdup("export them in the old mailbox and import them in the new one"),
		.message_id = x_strdup(""),
		.file = x_strdup(""),
	};
	add_problem(r, &note);
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
}

static int close_ledger(const struct report_row *row, struct error *err)
{
	const struct ledger *l = &row->ledger;
	if (l->source == l->copied + l->already_there + l->skipped + l->refused + l->vanished + l->pending)
		return 0;
	return error_set(err, ERR_BUG,
		"the ledger of %s does not close: %" PRIu64 " at the source, %" PRIu64 " copied, %" PRIu64 " already there, %" PRIu64 " skipped, %" PRIu64 " refused, %" PRIu64
		" vanished, %" PRIu64 " pending",
		row->source, l->source, l->copied, l->already_there, l->skipped, l->refused, l->vanished, l->pending);
}

static int count_folder(struct store *store, int64_t id, int64_t run, struct report_part *part, struct report_row *row, struct error *err)
{
	if (store_ledger(store, id, run, &row->ledger, err) < 0 || store_verified(store, id, &row->verified, err) < 0 || close_ledger(row, err) < 0)
		return -1;
	add_ledger(&part->ledger, &row->ledger);
	add_verified(&part->verified, &row->verified);
	part->bytes += row->bytes;
	return 0;
}

static int read_part(struct report *report, struct store *store, struct report_part *part, int64_t account, struct error *err)
{
	struct reading r = { .report = report, .part = part };
	int64_t run = report->run.id;
	int ok = store_each_folder(store, account, take_folder, &r, err);
	for (size_t i = 0; ok == 0 && i < part->rows; i++)
		ok = count_folder(store, r.ids[i], run, part, &part->row[i], err);
	if (ok == 0)
		ok = store_each_problem(store, run, account, take_problem, &r, err);
	if (ok == 0)
		note_not_moved(&r);
	free(r.ids);
	add_ledger(&report->ledger, &part->ledger);
	report->bytes += part->bytes;
	return ok;
}

int report_make(struct report **out, struct store *store, const struct run *run, struct error *err)
{
	struct report *report = x_calloc(1, sizeof *report);
	struct reading r = { .report = report };
	report->run = *run;
	int ok = store_each_account(store, run->id, take_account, &r, err);
	for (size_t i = 0; ok == 0 && i < report->parts; i++)
		ok = read_part(report, store, &report->part[i], r.ids[i], err);
	free(r.ids);
	if (ok < 0) {
		report_free(&report);
		return -1;
	}
	*out = report;
	return 0;
}

/* ---- the end ---- */

static void free_problem(struct report_problem *p)
{
	char *texts[] = { p->severity, p->code, p->side, p->folder, p->text, p->hint, p->message_id, p->file };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
}

static void free_part(struct report_part *part)
{
	char *texts[] = { part->name, part->source_host, part->source_user, part->target_host, part->target_user, part->source_capabilities, part->target_capabilities };
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
}

void report_free(struct report **report)
{
	if (!*report)
		return;
	for (size_t i = 0; i < (*report)->parts; i++)
		free_part(&(*report)->part[i]);
	free((*report)->part);
	free(*report);
	*report = NULL;
}
