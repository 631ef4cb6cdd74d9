/* report: the newest run's or verification's document, into a file or to standard output. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/report/report.h"

/* Written beside its place and renamed: a full disk leaves no half of it. */
static int write_file(const char *path, const struct buf *text)
{
	CLEANUP(x_free) char *part = x_printf("%s.part", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good = f && fwrite(text->data, 1, text->len, f) == text->len && fflush(f) == 0 && fsync(fd) == 0;
	int why = errno;
	if (f)
		fclose(f);
	if (good && rename(part, path) == 0)
		return 0;
	fprintf(stderr, "trasloco: the report can't be written to %s: %s\n", path, strerror(good ? errno : why));
	unlink(part);
	return EXIT_USAGE;
}

static int write_report(const struct options *options, struct store *store, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	struct buf out = { 0 };
	int found = store_run_newest(store, false, &run, err);
	if (found == 0) {
		fputs("trasloco: nothing to report: no run has ended yet\n", stderr);
		return EXIT_USAGE;
	}
	if (found < 0 || report_make(&report, store, &run, err) < 0)
		return fail(err);
	report_json(report, true, &out);
	int status = strcmp(options->json_to, "-") == 0 ? print(&out) : write_file(options->json_to, &out);
	buf_free(&out);
	report_free(&report);
	return status;
}

int cmd_report(const struct options *options)
{
	struct error err = { 0 };
	struct store *store = NULL;
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	if (job)
		status = store_open(&store, job->state, STORE_READ, &err) < 0 ? fail(&err) : write_report(options, store, &err);
	store_close(&store);
	job_free(&job);
	return status;
}
