/* check: does everything work? Both sides of every account are tried; nothing is changed. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/flow/probe.h"
#include "core/report/report.h"
#include "providers/registry.h"

#define PROBLEMS_MAX 8		/* of one account */

/* A mailbox that is nearly full is worth a word before the move. */
#define NEARLY_FULL 95		/* per cent */

struct work {
	const struct options *options;
	struct job *job;
	struct store *store;
	struct secrets *secrets;
	struct registry *registry;
	struct cancel stop;
	struct log log, wire;
	const char **failed;
	const char *const *only;
	struct probe *row;
	size_t rows;
	struct report_check *check;
	struct report_problem (*problem)[PROBLEMS_MAX];
	int64_t began;
};

/* ---- what came of a side ---- */

/* The contract's status. A refused login is no proof of a wrong password when it was right before, or when nobody gets in there. */
static int exit_of(const struct probe_side *side)
{
	switch (side->err.class) {
	case ERR_NONE:
		return 0;
	case ERR_LOGIN:
		return !side->err.certain && (side->before || side->outage) ? 3 : 4;
	case ERR_TLS:
		return 5;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_CANCELLED:
		return 130;
	case ERR_BUG:
		return EXIT_INTERNAL;
	default:
		return 3;
	}
}

/* No server was asked. */
static bool no_secret(const struct probe_side *side)
{
	return side->err.class == ERR_LOGIN && side->err.certain;
}

/* Whoever gets as far as the sign-in has a secure line. */
static enum report_tried secure(const struct job_end *end, const struct probe_side *side)
{
	if (end->tls == TLS_NONE || no_secret(side))
		return TRIED_NOT;
	if (side->signed_in || side->err.class == ERR_LOGIN)
		return TRIED_GOOD;
	return side->err.class == ERR_TLS || side->err.class == ERR_RETRY || side->err.class == ERR_THROTTLED ? TRIED_BAD : TRIED_NOT;
}

static enum report_tried signed_in(const struct probe_side *side)
{
	if (side->signed_in)
		return TRIED_GOOD;
	return side->err.class == ERR_LOGIN && !no_secret(side) ? TRIED_BAD : TRIED_NOT;
}

static void fill_side(struct report_side *out, const struct job_end *end, const struct probe_side *side)
{
	*out = (struct report_side){
		.called = end->preset ? end->preset->name : NULL,
		.provider = end->preset ? end->preset->id : NULL,
		.host = end->host,
		.user = end->user,
		.port = end->port,
		.secure = secure(end, side),
		.signed_in = signed_in(side),
		.clear = end->tls == TLS_NONE,
		.class = side->err.class,
		.said = side->err.text,
		.tries = side->tries,
		.before = side->before,
		.outage = side->outage,
		.no_secret = no_secret(side),
		.named = end->secret != SECRET_LATER,
		.traits = end->preset ? end->preset->traits : 0,
		.page = end->preset ? end->preset->page : NULL,
		.folders = side->folders,
		.messages = side->messages,
		.capabilities = side->capabilities,
		.facts = side->facts,
	};
}

/* ---- more than the sides tell ---- */

static void add(struct report_check *c, struct report_problem *list, const struct report_problem *p)
{
	if (c->problems < PROBLEMS_MAX)
		list[c->problems++] = *p;
	c->problem = list;
	c->warned = c->warned || strcmp(p->severity, "warning") == 0;
}

/* The texts are constants, or the probe's; nobody frees them. */
static struct report_problem told(const char *severity, const char *code, const char *side, const char *text, const char *hint)
{
	static char none[] = "";
	return (struct report_problem){ .severity = (char *)severity, .code = (char *)code, .side = (char *)side, .folder = none, .text = (char *)text,
		.hint = (char *)hint, .message_id = none, .file = none };
}

static void warn_of_side(struct report_check *c, struct report_problem *list, const struct job_end *end, const char *side)
{
	struct report_problem p;
	if (end->tls == TLS_NONE && end->insecure) {
		p = told("warning", "not-secure", side, N_("this line is not secure: the password and all mail can be read on the way"),
			N_("take `tls: none` out of the job file if the server can do better"));
		add(c, list, &p);
	}
	if (strcmp(side, "source") == 0 && end->preset && (end->preset->traits & PRESET_WINDOW)) {
		p = told("warning", "window", side, N_("this provider may show only the newest part of large folders to programs like this one"),
			N_("look in its settings for the number of messages that programs may see, and choose all"));
		add(c, list, &p);
	}
}

static void warn_of_space(struct report_check *c, struct report_problem *list, const struct door_facts *facts)
{
	if (!facts->has_quota || facts->quota_limit == 0 || facts->quota_used / 100 < facts->quota_limit / 10000 * NEARLY_FULL)
		return;
	struct report_problem p = told("warning", "over-quota", "target", N_("the new mailbox is nearly full"), N_("enlarge it before the move"));
	add(c, list, &p);
}

static void fill(struct work *w, size_t i)
{
	struct report_check *c = &w->check[i];
	struct probe *row = &w->row[i];
	const struct job_account *a = row->account;
	int exits[3] = { exit_of(&row->source), exit_of(&row->target), row->err.class == ERR_NONE ? 0 : EXIT_USAGE };
	c->name = a->name;
	c->job = w->options->word;
	fill_side(&c->source, &a->source, &row->source);
	fill_side(&c->target, &a->target, &row->target);
	c->exit = report_exit(exits, 3);
	if (row->err.class != ERR_NONE) {
		struct report_problem p = told("error", "account-changed", "", row->err.text, N_("give the account another name, or use another state file"));
		add(c, w->problem[i], &p);
	}
	warn_of_side(c, w->problem[i], &a->source, "source");
	warn_of_side(c, w->problem[i], &a->target, "target");
	warn_of_space(c, w->problem[i], &row->target.facts);
}

/* ---- the command ---- */

static int show(struct work *w, int status)
{
	struct run run = { .command = "check", .started = w->began, .finished = clock_now(), .exit = status };
	struct buf out = { 0 };
	snprintf(run.job_digest, sizeof run.job_digest, "%s", w->job->digest);
	if (w->options->json)
		report_check_json(w->check, w->rows, &run, &out);
	else if (!w->options->quiet)
		report_check_text(w->check, w->rows, &out);
	int printed = out.len > 0 ? print(&out) : 0;
	buf_free(&out);
	return status ? status : printed;
}

static int judge(struct work *w)
{
	CLEANUP(x_free) int *exits = x_calloc(w->rows + 1, sizeof *exits);
	w->check = x_calloc(w->rows + 1, sizeof *w->check);
	w->problem = x_calloc(w->rows + 1, sizeof *w->problem);
	for (size_t i = 0; i < w->rows; i++) {
		fill(w, i);
		exits[i] = w->check[i].exit;
	}
	int status = report_exit(exits, w->rows);
	return status == 130 && caught_signal() == SIGTERM ? 143 : status;
}

static int try_all(struct work *w, struct error *err)
{
	CLEANUP(x_free) char *spool = folder_of(w->job->state);
	const struct probing probing = {
		.job = w->job,
		.store = w->store,
		.workers = w->options->workers ? w->options->workers : w->job->workers,
		.only = w->only,
		.open = registry_open,
		.open_ctx = w->registry,
		.wire = w->options->wire_log ? &w->wire : NULL,
		.spool_dir = spool,
		.stop = &w->stop,
		.log = &w->log,
	};
	if (probe_run(&probing, &w->row, &w->rows, err) < 0)
		return fail(err);
	return show(w, judge(w));
}

/* Without a state nothing is known of the accounts, and that is fine. */
static int read_state(struct work *w, struct error *err)
{
	if (access(w->job->state, F_OK) == 0 && store_open(&w->store, w->job->state, STORE_READ, err) < 0)
		return -1;
	w->only = w->options->accounts;
	if (!w->options->failed_only)
		return 0;
	w->failed = accounts_failed(w->job, w->store, err);
	w->only = w->failed;
	return w->failed ? 0 : -1;
}

static void end(struct work *w)
{
	probe_free(w->row, w->rows);
	free(w->check);
	free(w->problem);
	free(w->failed);
	store_close(&w->store);
	registry_free(&w->registry);
	secrets_free(&w->secrets);
	close_logs(w->options, &w->log, &w->wire);
	job_free(&w->job);
}

int cmd_check(const struct options *options)
{
	struct work w = { .options = options, .began = clock_now() };
	struct error err = { 0 };
	int status = EXIT_USAGE;
	w.job = load_job(options);
	if (w.job && accounts_known(options, w.job) && (status = open_logs(options, &w.log, &w.wire)) == 0) {
		cancel_init(&w.stop);
		catch_signals(&w.stop);
		w.secrets = secrets_new(w.job, terminal_asks(options), (void *)(uintptr_t)options);
		w.registry = registry_new(w.secrets);
		if (read_state(&w, &err) < 0)
			status = fail(&err);
		else if (terminal_ask_all(w.secrets, w.job, w.only, &w.stop) < 0)
			status = 128 + caught_signal();
		else
			status = try_all(&w, &err);
	}
	end(&w);
	return status;
}
