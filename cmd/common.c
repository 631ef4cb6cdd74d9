/* What the commands share. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "providers/presets.h"

struct job *load_job(const struct options *options)
{
	struct job *job = NULL;
	struct buf errors = { 0 };
	if (access(options->job, F_OK) < 0)
		fprintf(stderr, _("trasloco: there is no job file %s here. `trasloco init` writes one; or name yours: trasloco %s FILE\n"), options->job,
			options->command);
	else if (job_load(&job, options->job, &presets, &errors) < 0)
		fputs(errors.data, stderr);
	buf_free(&errors);
	return job;
}

int fail(const struct error *err)
{
	struct buf text = { 0 };
	prose_clean(&text, err->where);
	buf_adds(&text, err->where[0] ? ": " : "");
	prose_kept(&text, err->text);
	fprintf(stderr, "trasloco: %s\n", text.data ? text.data : "");
	buf_free(&text);
	return err->class == ERR_BUSY ? EXIT_LOCKED : err->class == ERR_USAGE ? EXIT_USAGE : EXIT_INTERNAL;
}

int print(const struct buf *text)
{
	if (fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, _("trasloco: standard output can't be written: %s\n"), strerror(errno));
	return EXIT_USAGE;
}

bool accounts_known(const struct options *options, const struct job *job)
{
	bool known = true;
	for (const char **name = options->accounts; name && *name; name++) {
		bool found = false;
		for (size_t i = 0; i < job->accounts; i++)
			found = found || strcmp(job->account[i].name, *name) == 0;
		if (!found)
			fprintf(stderr, _("trasloco: --account %s: there is no such account in %s\n"), *name, options->job);
		known = known && found;
	}
	return known;
}

bool account_asked(const char *const *only, const char *name)
{
	for (const char *const *asked = only; asked && *asked; asked++)
		if (strcmp(*asked, name) == 0)
			return true;
	return only == NULL;
}

const char **accounts_failed(const struct job *job, struct store *store, struct error *err)
{
	const char **names = x_calloc(job->accounts + 1, sizeof *names);
	size_t count = 0;
	for (size_t i = 0; i < job->accounts; i++) {
		int exit = -1;
		if (store && store_account_last(store, job->account[i].name, &exit, err) < 0) {
			free(names);
			return NULL;
		}
		if (exit != 0)
			names[count++] = job->account[i].name;
	}
	return names;
}

static FILE *open_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "a");
	if (!file)
		fprintf(stderr, _("trasloco: the log %s can't be written: %s\n"), path, strerror(errno));
	return file;
}

int open_logs(const struct options *options, struct log *log, struct log *wire)
{
	log->verbose = options->verbose;
	wire->verbose = true;
	log->out = options->log ? open_log(options->log) : options->verbose ? stderr : NULL;
	wire->out = options->wire_log ? open_log(options->wire_log) : NULL;
	return (options->log && !log->out) || (options->wire_log && !wire->out) ? EXIT_USAGE : 0;
}

/* The move goes on without its log, but nobody shall take half a log for a whole one. */
static void close_log(FILE *file, const char *path)
{
	bool whole = !ferror(file);
	if (fclose(file) != 0 || !whole)
		fprintf(stderr, _("trasloco: the log %s is not whole: the disk was full, or it could not be written\n"), path);
}

void close_logs(const struct options *options, struct log *log, struct log *wire)
{
	if (log->out && log->out != stderr)
		close_log(log->out, options->log);
	if (wire->out)
		close_log(wire->out, options->wire_log);
}

char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? x_strndup(path, (size_t)(slash - path) + (slash == path)) : x_strdup(".");
}

struct store *open_state(const struct job *job, enum store_mode mode, int *status)
{
	struct store *store = NULL;
	struct error err = { 0 };
	if (access(job->state, F_OK) < 0)
		error_set(&err, ERR_USAGE, "there is no state in %s yet: nothing has been moved; begin with trasloco run", job->state);
	else if (store_open(&store, job->state, mode, &err) == 0)
		return store;
	*status = fail(&err);
	return NULL;
}

/* A signal handler can be told nothing: these two are its whole world. */
static struct cancel *signal_stop;
static volatile sig_atomic_t signal_caught;

static void on_signal(int number)
{
	if (number == SIGHUP && signal_caught)
		return; /* shell and terminal both say so: nobody insists */
	if (number == SIGHUP)
		number = SIGTERM;
	if (signal_caught)
		_exit(128 + number);
	signal_caught = number;
	cancel_fire(signal_stop);
}

void catch_signals(struct cancel *stop)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, before;
	signal_stop = stop;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* The line or the terminal is gone: as if terminated, unless nohup wants us to go on. */
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
}

int caught_signal(void)
{
	return signal_caught;
}
