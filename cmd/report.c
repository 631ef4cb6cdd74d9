/* report: the page, the document, the text or the table of the newest run, verification or plan, into files or to standard output. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/report.h"
#include "providers/presets.h"

/* ---- the forms ---- */

static void make_json(const struct report *report, struct buf *out)
{
	report_json(report, true, out);
}

static void make_text(const struct report *report, struct buf *out)
{
	if (strcmp(report->run.command, "plan") == 0)
		report_plan_text(report, out);
	else
		report_text(report, out);
}

static void make_csv(const struct report *report, struct buf *out)
{
	report_csv(report, strcmp(i18n_lang(), "it") == 0, out);
}

static int put(const char *path, const struct buf *text)
{
	int why = write_file(path, text);
	if (why == 0)
		return 0;
	fprintf(stderr, _("trasloco: the report can't be written to %s: %s\n"), path, strerror(why));
	return EXIT_USAGE;
}

static int write_all(const struct options *options, const struct report *report)
{
	const struct {
		const char *path;
		void (*make)(const struct report *report, struct buf *out);
	} form[] = { { options->html, report_html }, { options->json_to, make_json }, { options->text_to, make_text }, { options->csv, make_csv } };
	int status = 0;
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		struct buf out = { 0 };
		if (!form[i].path)
			continue;
		form[i].make(report, &out);
		int one = strcmp(form[i].path, "-") == 0 ? print(&out) : put(form[i].path, &out);
		status = status ? status : one;
		buf_free(&out);
	}
	return status;
}

/* ---- what is reported ---- */

/* Two forms in one stream or one file would be none. */
static bool clash(const struct options *options)
{
	const char *to[] = { options->html, options->json_to, options->text_to, options->csv };
	for (size_t i = 0; i < sizeof to / sizeof *to; i++)
		for (size_t j = 0; j < i; j++)
			if (to[i] && to[j] && strcmp(to[i], to[j]) == 0) {
				fprintf(stderr, _("trasloco: %s: one file for two reports; give each its own\n"), to[i]);
				return true;
			}
	return false;
}

/* The newest run or verify; of a plan only if there is neither. */
static int find_run(const struct options *options, struct store *store, struct run *run, struct error *err)
{
	if (options->of)
		return store_run_of(store, options->of, run, err);
	int found = store_run_newest(store, false, run, err);
	return found == 0 ? store_run_of(store, "plan", run, err) : found;
}

static int nothing(const struct options *options)
{
	if (options->of)
		fprintf(stderr, _("trasloco: nothing to report: no %s has ended yet\n"), options->of);
	else
		fputs(_("trasloco: nothing to report: no run has ended yet\n"), stderr);
	return EXIT_USAGE;
}

static int report_on(const struct options *options, const struct job *job, struct store *store, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	int found = find_run(options, store, &run, err);
	if (found == 0)
		return nothing(options);
	if (found < 0 || report_make(&report, store, &run, err) < 0)
		return fail(err);
	report_choose(report, job, options->accounts);
	report->job = options->job;
	report_call(report, &presets);
	int status = options->html && report_months(report, store, err) < 0 ? fail(err) : write_all(options, report);
	report_free(&report);
	return status;
}

int cmd_report(const struct options *options)
{
	struct error err = { 0 };
	struct store *store = NULL;
	if (clash(options))
		return EXIT_USAGE;
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	if (job && accounts_known(options, job))
		status = store_open(&store, job->state, STORE_READ, &err) < 0 ? fail(&err) : report_on(options, job, store, &err);
	store_close(&store);
	job_free(&job);
	return status;
}
