/* run, verify and plan: the flow over the job's accounts, then the receipt. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/flow/flow.h"
#include "core/job/plan_file.h"
#include "core/report/report.h"
#include "providers/presets.h"
#include "providers/registry.h"

/* Of less than so many bytes nothing can be said; more connections than so many bring no more from most servers. */
#define PROBE_LEAST 65536
#define PROBE_LANES 4
/* Of a shorter run it is no matter how many lanes it had, unless a server wanted fewer. */
#define LANES_TOLD_S 60

struct work {
	const struct options *options;
	struct job *job;
	struct store *store;
	struct secrets *secrets;
	struct registry *registry;
	struct cancel stop;
	struct log log, wire;
	struct plan *plan;	/* --plan, or NULL */
	const char **planned;	/* the accounts asked for that are in it, or NULL */
	struct buf left;	/* those that are not, for a note */
	const char **failed;	/* --failed-only: the accounts that did not end well, or NULL */
	const char *const *only;	/* the accounts asked for, or NULL: all */
	int64_t run;
	struct forecast forecast;	/* of the plan before this run */
	uint64_t slow, fast;	/* a plan's probe: bytes a second, 0: nothing was measured */
};

static bool is_plan(const struct work *w)
{
	return strcmp(w->options->command, "plan") == 0;
}

/* A plan on standard output has it for itself. */
static int receipt(const struct work *w, const struct buf *text)
{
	if (!w->options->plan_to || strcmp(w->options->plan_to, "-") != 0)
		return print(text);
	fputs(text->data ? text->data : "", stderr);
	return 0;
}

/* The document or the receipt of that run; the document goes to notify.command as well. */
static int show(const struct work *w, const struct run *run, bool ended, int status, struct error *err)
{
	struct report *report = NULL;
	struct buf out = { 0 }, document = { 0 };
	if (report_make(&report, w->store, run, err) < 0)
		return fail(err);
	report_choose(report, w->job, w->only);
	report_call(report, &presets);
	report->job = w->options->word;
	report->plan = w->options->plan_from;
	if (w->options->json || w->job->notify)
		report_json(report, true, &document);
	if (is_plan(w))
		report_plan_text(report, &out);
	else
		report_text(report, &out);
	int printed = w->options->json ? print(&document) : w->options->quiet ? 0 : receipt(w, &out);
	if (ended && is_plan(w) && run->exit < 128) {
		int put = plan_put(w->options, w->job, w->store, run);
		printed = printed ? printed : put;
	}
	if (ended && !is_plan(w))
		notify(w->job, &document);
	buf_free(&out);
	buf_free(&document);
	report_free(&report);
	return status ? status : printed;
}

static int show_newest(const struct work *w, bool ended, int status, struct error *err)
{
	struct run run;
	int found = is_plan(w) ? store_run_of(w->store, "plan", &run, err) : store_run_newest(w->store, true, &run, err);
	return found < 0 ? fail(err) : show(w, &run, ended, status, err);
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

/* The new server was not written to, so the slow end is half of what one connection to the old one brings; the quick end is all of several. */
static void measure(struct work *w, struct flow_count *count, unsigned workers)
{
	uint64_t bytes = atomic_load(&count->probed_bytes), ms = atomic_load(&count->probed_ms), most = w->job->rate;
	if (bytes < PROBE_LEAST || ms == 0)
		return;
	uint64_t one = bytes * 1000 / ms;
	w->slow = one / 2;
	w->fast = one * (workers < PROBE_LANES ? workers : PROBE_LANES);
	if (most > 0 && w->fast > most)
		w->fast = most;
	if (w->slow > w->fast)
		w->slow = w->fast;
}

/* Of the accounts asked for: the run after it will be asked for the same. */
static int foretell(const struct work *w, struct error *err)
{
	const struct run run = { .id = w->run, .command = "plan" };
	struct report *report = NULL;
	if (report_make(&report, w->store, &run, err) < 0)
		return -1;
	report_choose(report, w->job, w->only);
	report_call(report, &presets);
	int kept = forecast_keep(w->store, report, w->slow, w->fast, err);
	report_free(&report);
	return kept;
}

/* What a plan forecasts is kept; a run that nobody interrupted says how far off it was. */
static int forecast(const struct work *w, int status, const struct flow_took *took, struct error *err)
{
	if (is_plan(w))
		return foretell(w, err);
	return status < 128 ? forecast_compare(w->store, w->run, &w->forecast, took, err) : 0;
}

/* How many lanes there were, for the report. */
static int note_lanes(const struct work *w, struct flow_count *count, uint64_t seconds, struct error *err)
{
	const struct report_lanes lanes = { atomic_load(&count->lanes_most), atomic_load(&count->lanes_least), atomic_load(&count->shut_out) > 0, atomic_load(&count->throttled) > 0 };
	struct buf text = { 0 };
	if (lanes.most == 0 || (seconds < LANES_TOLD_S && !lanes.least && !lanes.shut_out && !lanes.throttled))
		return 0;
	report_lanes(&lanes, &text);
	const struct problem note = { .severity = "note", .code = "lanes", .text = text.data, .hint = "", .message_id = "", .file = "" };
	int kept = store_problem(w->store, w->run, &note, err);
	buf_free(&text);
	return kept;
}

static int move(struct work *w, struct error *err)
{
	const struct options *o = w->options;
	struct flow_count count = { 0 };
	struct flow_end *ends = NULL;
	size_t n = 0;
	CLEANUP(x_free) char *spool = folder_of(w->job->state);
	CLEANUP(progress_free) struct progress *progress = progress_new(o, w->job, w->only, &count);
	const struct log log = { progress_log(progress, w->log.out), w->log.verbose };
	bool verify = strcmp(o->command, "verify") == 0;
	struct flow flow = {
		.job = w->job,
		.store = w->store,
		.run = w->run,
		.order = is_plan(w) ? FLOW_PLAN : verify ? FLOW_VERIFY : FLOW_RUN,
		.no_verify = o->no_verify,
		.again = o->again,
		.deep = o->deep || w->job->verify == VERIFY_DEEP,
		.workers = o->workers ? o->workers : w->job->workers,
		.only = w->only,
		.plan = w->plan,
		.open = registry_open,
		.open_ctx = w->registry,
		.role_of = folder_name_role,
		.spool_dir = spool,
		.wire = o->wire_log ? &w->wire : NULL,
		.stop = &w->stop,
		.log = &log,
		.count = &count,
		.tick = progress_tick,
		.folder = progress_folder,
		.problem = progress_problem,
		.tick_ctx = progress,
	};
	int64_t began = clock_ms();
	int ran = flow_run(&flow, &ends, &n, err), status = ran < 0 ? -1 : status_of(ends, n);
	progress_end(progress, status);
	free(ends);
	measure(w, &count, flow.workers);
	const struct flow_took took = { atomic_load(&count.messages), (uint64_t)(clock_ms() - began) / 1000 };
	if (ran < 0)
		return fail(err);
	if (forecast(w, status, &took, err) < 0 || note_lanes(w, &count, took.seconds, err) < 0 || store_run_end(w->store, w->run, status, err) < 0)
		return fail(err);
	return show_newest(w, true, status, err);
}

/* Accounts that the plan does not have, in the report. */
static int note_left(const struct work *w, struct error *err)
{
	if (w->left.len == 0)
		return 0;
	CLEANUP(x_free) char *text = x_printf("not in the plan, so left out: %s", w->left.data);
	const struct problem note = { .severity = "note", .code = "not-planned", .text = text, .hint = N_("to move them too, make a new plan: trasloco plan -o FILE"),
		.message_id = "", .file = "" };
	return store_problem(w->store, w->run, &note, err);
}

/* Whom it is about. Returns 1, 0 when nobody is left (--failed-only), -1. */
static int choose(struct work *w, struct error *err)
{
	w->only = w->options->accounts;
	if (!w->options->failed_only)
		return 1;
	w->failed = accounts_failed(w->job, w->store, err);
	w->only = w->failed;
	return !w->failed ? -1 : w->failed[0] ? 1 : 0;
}

static int work(struct work *w, struct error *err)
{
	if (store_open(&w->store, w->job->state, STORE_WRITE, err) < 0)
		return fail(err);
	int chosen = choose(w, err);
	if (chosen < 0)
		return fail(err);
	if (chosen == 0) {
		w->only = NULL;
		fputs(_("trasloco: every account ended well the last time: nothing to do\n"), stderr);
		return w->options->json ? show_newest(w, false, 0, err) : 0;
	}
	if (w->plan) {
		w->planned = plan_accounts(w->plan, w->job, w->options, w->only, &w->left);
		w->only = w->planned;
		if (!w->planned)
			return EXIT_USAGE;
	}
	if (terminal_ask_all(w->secrets, w->job, w->only, &w->stop) < 0)
		return 128 + caught_signal();
	bool moves = strcmp(w->options->command, "run") == 0;
	if ((moves && forecast_find(w->store, &w->forecast, err) < 0) || store_run_begin(w->store, w->options->command, w->job->digest, &w->run, err) < 0 || note_left(w, err) < 0)
		return fail(err);
	return move(w, err);
}

/* What is wrong with the plan's file is told before anything begins. */
static int plan_ready(struct work *w)
{
	if (w->options->plan_from && !(w->plan = plan_open(w->options, w->job)))
		return EXIT_USAGE;
	return plan_writable(w->options);
}

int cmd_run(const struct options *options)
{
	struct work w = { .options = options };
	struct error err = { 0 };
	int status = EXIT_USAGE;
	w.job = load_job(options);
	if (w.job && accounts_known(options, w.job) && (status = plan_ready(&w)) == 0 && (status = open_logs(options, &w.log, &w.wire)) == 0) {
		cancel_init(&w.stop);
		catch_signals(&w.stop);
		w.secrets = secrets_new(w.job, terminal_asks(options), (void *)(uintptr_t)options);
		w.registry = registry_new(w.secrets);
		status = work(&w, &err);
		store_close(&w.store);
		registry_free(&w.registry);
		secrets_free(&w.secrets);
	}
	close_logs(options, &w.log, &w.wire);
	free(w.failed);
	free(w.planned);
	buf_free(&w.left);
	plan_free(&w.plan);
	job_free(&w.job);
	return status;
}
