/* run and verify: the flow over the job's accounts, then the receipt. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/flow/flow.h"
#include "core/report/report.h"
#include "providers/presets.h"
#include "providers/registry.h"

struct work {
	const struct options *options;
	struct job *job;
	struct store *store;
	struct registry *registry;
	struct cancel stop;
	struct log log;
	int64_t run;
};

static int show(const struct work *w, int status, struct error *err)
{
	struct report *report = NULL;
	struct run run;
	struct buf out = { 0 };
	if (store_run_newest(w->store, true, &run, err) < 0 || report_make(&report, w->store, &run, err) < 0)
		return fail(err);
	if (w->options->json)
		report_json(report, true, &out);
	else if (!w->options->quiet)
		report_text(report, &out);
	int printed = out.len > 0 ? print(&out) : 0;
	status = status ? status : printed;
	buf_free(&out);
	report_free(&report);
	return status;
}

static int status_of(const struct flow_end *ends, size_t count)
{
	int *exits = x_calloc(count + 1, sizeof *exits);
	for (size_t i = 0; i < count; i++)
		exits[i] = ends[i].exit;
	int status = report_exit(exits, count);
	free(exits);
	return status == 130 && caught_signal() == SIGTERM ? 143 : status;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? x_strndup(path, (size_t)(slash - path) + (slash == path)) : x_strdup(".");
}

static int move(struct work *w, struct error *err)
{
	const struct options *o = w->options;
	struct flow_count count = { 0 };
	struct flow_end *ends = NULL;
	size_t n = 0;
	CLEANUP(x_free) char *spool = folder_of(w->job->state);
	CLEANUP(progress_free) struct progress *progress = progress_new(o, &count);
	bool verify = strcmp(o->command, "verify") == 0;
	struct flow flow = {
		.job = w->job,
		.store = w->store,
		.run = w->run,
		.order = verify ? FLOW_VERIFY : FLOW_RUN,
		.no_verify = o->no_verify,
		.deep = o->deep || w->job->verify == VERIFY_DEEP,
		.workers = o->workers ? o->workers : w->job->workers,
		.only = o->accounts,
		.open = registry_open,
		.open_ctx = w->registry,
		.role_of = folder_name_role,
		.spool_dir = spool,
		.stop = &w->stop,
		.log = &w->log,
		.count = &count,
		.tick = progress_tick,
		.tick_ctx = progress,
	};
	if (flow_run(&flow, &ends, &n, err) < 0)
		return fail(err);
	int status = status_of(ends, n);
	free(ends);
	if (store_run_end(w->store, w->run, status, err) < 0)
		return fail(err);
	return show(w, status, err);
}

static int open_log(struct work *w)
{
	const char *path = w->options->log;
	w->log.verbose = w->options->verbose;
	w->log.out = path ? fopen(path, "ae") : w->options->verbose ? stderr : NULL;
	if (w->log.out || !path)
		return 0;
	fprintf(stderr, "trasloco: the log %s can't be written: %s\n", path, strerror(errno));
	return EXIT_USAGE;
}

int cmd_run(const struct options *options)
{
	struct work w = { .options = options };
	struct error err = { 0 };
	int status = EXIT_USAGE;
	w.job = load_job(options);
	if (w.job && accounts_known(options, w.job) && (status = open_log(&w)) == 0) {
		cancel_init(&w.stop);
		catch_signals(&w.stop);
		w.registry = registry_new(NULL);
		if (store_open(&w.store, w.job->state, STORE_WRITE, &err) < 0 || store_run_begin(w.store, options->command, w.job->digest, &w.run, &err) < 0)
			status = fail(&err);
		else
			status = move(&w, &err);
		store_close(&w.store);
		registry_free(&w.registry);
	}
	if (w.log.out && w.log.out != stderr)
		fclose(w.log.out);
	job_free(&w.job);
	return status;
}
