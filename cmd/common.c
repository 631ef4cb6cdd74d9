/* What the commands share. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "providers/presets.h"

struct job *load_job(const struct options *options)
{
	struct job *job = NULL;
	struct buf errors = { 0 };
	if (access(options->job, F_OK) < 0)
		fprintf(stderr, "trasloco: there is no job file %s here. Take migrate.yaml.example as a start (`trasloco init` will write one in a later version).\n",
			options->job);
	else if (job_load(&job, options->job, &presets, &errors) < 0)
		fputs(errors.data, stderr);
	buf_free(&errors);
	return job;
}

int fail(const struct error *err)
{
	fprintf(stderr, "trasloco: %s%s%s\n", err->where, err->where[0] ? ": " : "", err->text);
	return err->class == ERR_BUSY ? EXIT_LOCKED : err->class == ERR_USAGE ? EXIT_USAGE : EXIT_INTERNAL;
}

int print(const struct buf *text)
{
	if (fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "trasloco: standard output can't be written: %s\n", strerror(errno));
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
			fprintf(stderr, "trasloco: --account %s: there is no such account in %s\n", *name, options->job);
		known = known && found;
	}
	return known;
}

/* A signal handler can be told nothing: these two are its whole world. */
static struct cancel *signal_stop;
static volatile sig_atomic_t signal_caught;

static void on_signal(int number)
{
	if (signal_caught)
		_exit(128 + number);
	signal_caught = number;
	cancel_fire(signal_stop);
}

void catch_signals(struct cancel *stop)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	signal_stop = stop;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int caught_signal(void)
{
	return signal_caught;
}
