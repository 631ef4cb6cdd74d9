/* plan -o and run --plan: the file, and which accounts it is about. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/job/plan_file.h"
#include "core/report/planned.h"
#include "core/report/prose.h"

#define NAMED 20

/* ---- run --plan ---- */

struct plan *plan_open(const struct options *options, const struct job *job)
{
	struct plan *plan = NULL;
	struct buf errors = { 0 };
	if (plan_load(&plan, options->plan_from, job, &errors) < 0)
		fputs(errors.data, stderr);
	buf_free(&errors);
	return plan;
}

static void tell_left(struct buf *left, const char *name, size_t number)
{
	if (number < NAMED) {
		buf_adds(left, number > 0 ? ", " : "");
		prose_clean(left, name);
	} else if (number == NAMED) {
		buf_adds(left, " …");
	}
}

const char **plan_accounts(const struct plan *plan, const struct job *job, const struct options *options, const char *const *only, struct buf *left)
{
	const char **in = x_calloc(plan->accounts + 1, sizeof *in);
	size_t count = 0, others = 0;
	for (size_t i = 0; i < job->accounts; i++) {
		const char *name = job->account[i].name;
		const struct plan_account *a = plan_account_of(plan, name);
		if (!account_asked(only, name))
			continue;
		if (a)
			in[count++] = a->name;
		else
			tell_left(left, name, others++);
	}
	if (count > 0 && (others == 0 || !options->accounts))
		return in;
	free(in);
	if (others > 0)
		fprintf(stderr, _("trasloco: not in the plan %s: %s. Make a new one: trasloco plan -o FILE\n"), options->plan_from, left->data);
	else
		fprintf(stderr, _("trasloco: there is no account in the plan %s\n"), options->plan_from);
	return NULL;
}

/* ---- plan -o ---- */

static int cant_write(const struct options *options, int why)
{
	fprintf(stderr, _("trasloco: the plan can't be written to %s: %s\n"), options->plan_to, strerror(why));
	return EXIT_USAGE;
}

static bool on_stdout(const struct options *options)
{
	return options->plan_to && strcmp(options->plan_to, "-") == 0;
}

int plan_writable(const struct options *options)
{
	struct stat st;
	if (!options->plan_to || on_stdout(options))
		return 0;
	CLEANUP(x_free) char *real = realpath(options->plan_to, NULL);
	CLEANUP(x_free) char *folder = folder_of(real ? real : options->plan_to);
	if (stat(options->plan_to, &st) == 0 && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? cant_write(options, EISDIR) : 0;
	if (stat(folder, &st) < 0 || access(folder, W_OK | X_OK) < 0)
		return cant_write(options, errno);
	return 0;
}

/* A plan that somebody has edited is work: it is kept beside the new one. */
static void keep_old(const char *path, const struct buf *text)
{
	CLEANUP(x_free) char *real = realpath(path, NULL);
	struct stat st;
	struct buf old = { 0 };
	FILE *f = real && stat(real, &st) == 0 && S_ISREG(st.st_mode) ? fopen(real, "re") : NULL;
	if (!f)
		return;
	if (st.st_size > 0 && (size_t)st.st_size == text->len)
		old.len += fread(buf_room(&old, text->len), 1, text->len, f);
	fclose(f);
	bool same = old.data && old.len == text->len && memcmp(old.data, text->data, old.len) == 0;
	buf_free(&old);
	CLEANUP(x_free) char *beside = x_printf("%s~", real);
	if (same || st.st_size == 0)
		return;
	unlink(beside);
	if (link(real, beside) == 0)
		fprintf(stderr, _("trasloco: the plan that was there is kept as %s\n"), beside);
}

static int put(const struct options *options, const struct plan *plan)
{
	struct buf text = { 0 };
	int status = 0;
	plan_write(plan, &text);
	if (on_stdout(options)) {
		status = print(&text);
	} else {
		keep_old(options->plan_to, &text);
		int why = write_file(options->plan_to, &text);
		status = why ? cant_write(options, why) : 0;
		if (why == 0 && !options->quiet)
			fprintf(stderr, _("trasloco: the plan is in %s; change it with an editor, then run with --plan %s\n"), options->plan_to, options->plan_to);
	}
	buf_free(&text);
	return status;
}

int plan_put(const struct options *options, const struct job *job, struct store *store, const struct run *run)
{
	const struct planning planning = { .run = run, .job = job, .job_name = options->word, .file = on_stdout(options) ? "PLAN.yaml" : options->plan_to };
	struct error err = { 0 };
	struct plan *plan = NULL;
	int status = 0;
	if (!options->plan_to)
		return 0;
	if (report_planned(&plan, store, &planning, &err) < 0)
		return fail(&err);
	if (plan->accounts > 0)
		status = put(options, plan);
	else
		fputs(_("trasloco: no account could be looked at, so no plan is written\n"), stderr);
	plan_free(&plan);
	return status;
}
