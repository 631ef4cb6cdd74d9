/* What a plan has forecast, kept as a note of its run; and how far off it was, told by the run after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/clock.h"
#include "core/report/planned.h"
#include "core/report/report.h"


static int keep(struct store *store, int64_t run, const char *text, struct error *err)
{
	const struct problem note = { .severity = "note", .code = "forecast", .text = text, .hint = "", .message_id = "", .file = "" };
	return store_problem(store, run, &note, err);
}

int forecast_keep(struct store *store, const struct report *report, uint64_t slow, uint64_t fast, struct error *err)
{
	uint64_t least = 0, most = 0;
	char text[200];
	report_seconds(report, slow, fast, &least, &most);
	unsigned long long pending = report->ledger.pending;
	if (slow > 0 && fast > 0) /* for the report of this plan as well */
		snprintf(text, sizeof text, "forecast: %llu to %llu s for %llu messages, at %llu to %llu bytes a second", (unsigned long long)least, (unsigned long long)most, pending,
			(unsigned long long)slow, (unsigned long long)fast);
	else
		snprintf(text, sizeof text, "forecast: %llu to %llu s for %llu messages", (unsigned long long)least, (unsigned long long)most, pending);
	return pending > 0 ? keep(store, report->run.id, text, err) : 0;
}

static int take(void *ctx, const struct problem *p)
{
	struct forecast *f = ctx;
	uint64_t *number[] = { &f->least, &f->most, &f->messages };
	const char *at = p->text;
	if (strcmp(p->code, "forecast") != 0)
		return 0;
	for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
		char *end;
		at += strcspn(at, "0123456789");
		*number[i] = strtoull(at, &end, 10);
		at = end;
	}
	return 0;
}

int forecast_find(struct store *store, struct forecast *out, struct error *err)
{
	struct run plan, last;
	*out = (struct forecast){ 0 };
	int planned = store_run_of(store, "plan", &plan, err), ran = planned > 0 ? store_run_newest(store, true, &last, err) : 0;
	if (planned <= 0 || ran < 0)
		return planned < 0 || ran < 0 ? -1 : 0;
	return ran > 0 && last.id > plan.id ? 0 : store_each_problem(store, plan.id, 0, take, out, err);
}

int forecast_compare(struct store *store, int64_t run, const struct forecast *f, const struct flow_took *took, struct error *err)
{
	char text[240];
	if (f->messages == 0 || took->messages == 0)
		return 0;
	snprintf(text, sizeof text, "the plan forecast %llu to %llu s for %llu messages; %llu were copied in %llu s", (unsigned long long)f->least, (unsigned long long)f->most,
		(unsigned long long)f->messages, (unsigned long long)took->messages, (unsigned long long)took->seconds);
	return keep(store, run, text, err);
}
