/* status: where every account stands, from the state alone. */
#include "cmd/cmd.h"
#include "core/report/report.h"

static int show(const struct options *options, const struct job *job, struct store *store, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	struct buf out = { 0 };
	int found = store_run_newest(store, true, &run, err);
	if (found == 0 && options->json) {
		const struct report none = { .run = { .command = "status", .exit = -1 } };
		report_json(&none, false, &out);
		int status = print(&out);
		buf_free(&out);
		return status;
	}
	if (found == 0) {
		puts("Nothing has been moved yet.");
		return 0;
	}
	if (found < 0 || report_make(&report, store, &run, err) < 0)
		return fail(err);
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
	struct store *store = NULL;
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	if (job)
		status = store_open(&store, job->state, STORE_READ, &err) < 0 ? fail(&err) : show(options, job, store, &err);
	store_close(&store);
	job_free(&job);
	return status;
}
