/* status: where every account stands, from the state alone. */
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/report/report.h"
#include "providers/presets.h"

static int show_nothing(const struct options *options)
{
	struct buf out = { 0 };
	if (options->json) {
		const struct report none = { .run = { .command = "status", .exit = -1 } };
		report_json(&none, false, &out);
	} else {
		buf_adds(&out, _("Nothing has been moved yet.\n"));
	}
	int status = print(&out);
	buf_free(&out);
	return status;
}

static int show(const struct options *options, const struct job *job, struct store *store, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	struct buf out = { 0 };
	int found = store_run_newest(store, true, &run, err);
	if (found == 0)
		return show_nothing(options);
	if (found < 0 || report_make(&report, store, &run, err) < 0)
		return fail(err);
	report_choose(report, job, options->accounts);
	report->job = options->word;
	report_call(report, &presets);
	if (options->json)
		report_json(report, false, &out);
	else
		report_status(report, run.finished == 0 && store_in_use(job->state), &out);
	int status = print(&out);
	buf_free(&out);
	report_free(&report);
	return status;
}

int cmd_status(const struct options *options)
{
	struct error err = { 0 };
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	bool known = job && accounts_known(options, job), moved = known && access(job->state, F_OK) == 0;
	struct store *store = moved ? open_state(job, STORE_READ, &status) : NULL;
	if (known && !moved)
		status = show_nothing(options);
	else if (store)
		status = options->follow ? follow_status(options, job, store) : show(options, job, store, &err);
	store_close(&store);
	job_free(&job);
	return status;
}
