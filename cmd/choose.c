/* Whom it is about: on a report that was made of all accounts, and on the state. */
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/report/report.h"

static void add(struct ledger *sum, const struct ledger *l)
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

/* Asked for, and an account of the job: the state may know others, which were taken out of it. */
static bool chosen(const struct job *job, const char *const *only, const char *name)
{
	for (size_t i = 0; i < job->accounts; i++)
		if (strcmp(job->account[i].name, name) == 0)
			return account_asked(only, name);
	return false;
}

void report_choose(struct report *report, const struct job *job, const char *const *only)
{
	struct report *rest = x_calloc(1, sizeof *rest);
	size_t kept = 0;
	rest->part = x_calloc(report->parts + 1, sizeof *rest->part);
	report->ledger = (struct ledger){ 0 };
	report->bytes = report->bytes_pending = 0;
	for (size_t i = 0; i < report->parts; i++) {
		if (!chosen(job, only, report->part[i].name)) {
			rest->part[rest->parts++] = report->part[i];
			continue;
		}
		report->part[kept++] = report->part[i];
		add(&report->ledger, &report->part[i].ledger);
		report->bytes += report->part[i].bytes;
		report->bytes_pending += report->part[i].bytes_pending;
	}
	report->parts = kept;
	report_free(&rest);
}

struct wanted {
	const struct job *job;
	const char *const *only;
	int64_t *id;
	size_t count, cap;
};

static int want(void *ctx, const struct report_account *a)
{
	struct wanted *w = ctx;
	if (!chosen(w->job, w->only, a->name))
		return 0;
	w->id = x_room(w->id, w->count, &w->cap, sizeof *w->id);
	w->id[w->count++] = a->id;
	return 0;
}

int account_ids(struct store *store, const struct job *job, const char *const *only, int64_t **out, size_t *count, struct error *err)
{
	struct wanted w = { .job = job, .only = only };
	int ok = store_each_account(store, 0, want, &w, err);
	*out = w.id;
	*count = w.count;
	return ok;
}
