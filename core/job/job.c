/* The job file's way in and out: file, tree, job. */
#include "core/job/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"
#include "core/job/file.h"
#include "core/job/load.h"
#include "core/job/secret.h"

#define FILE_BYTES ((size_t)4 << 20)

static void end_free(struct job_end *end)
{
	free(end->host);
	free(end->ca_file);
	free(end->user);
	free(end->login);
	secret_free(&end->password);
}

void job_free(struct job **job)
{
	struct job *j = *job;

	*job = NULL;
	if (!j)
		return;
	for (size_t i = 0; i < j->accounts; i++) {
		free(j->account[i].name);
		end_free(&j->account[i].source);
		end_free(&j->account[i].target);
	}
	free(j->account);
	free(j->path);
	free(j->state);
	free(j->refused);
	free(j);
}

static int account_order(const void *left, const void *right)
{
	return strcmp((*(struct job_account *const *)left)->name, (*(struct job_account *const *)right)->name);
}

/* With the NUL: no text can run into the next. Hosts are the same in either case. */
static void digest_text(struct digest *d, const char *text, bool lower)
{
	char c;

	for (size_t i = 0; lower && text[i]; i++) {
		c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
		digest_add(d, &c, 1);
	}
	if (lower)
		digest_add(d, "", 1);
	else
		digest_add(d, text, strlen(text) + 1);
}

/* By name, so that the order of the accounts in the file means nothing. */
static void job_digest(struct job *job)
{
	CLEANUP(x_free) const struct job_account **sorted = x_calloc(job->accounts, sizeof(*sorted));
	CLEANUP(digest_free) struct digest *d = digest_new();
	uint8_t raw[DIGEST_LEN];

	for (size_t i = 0; i < job->accounts; i++)
		sorted[i] = &job->account[i];
	qsort(sorted, job->accounts, sizeof(*sorted), account_order);
	digest_start(d);
	for (size_t i = 0; i < job->accounts; i++) {
		digest_text(d, sorted[i]->name, false);
		digest_text(d, sorted[i]->source.host, true);
		digest_text(d, sorted[i]->source.user, false);
		digest_text(d, sorted[i]->target.host, true);
		digest_text(d, sorted[i]->target.user, false);
	}
	digest_end(d, raw);
	digest_hex(job->digest, raw);
}

/* The folder of the job file, absolute; NULL with errno. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(x_free) char *name = slash == path ? x_strdup("/") : slash ? x_strndup(path, (size_t)(slash - path)) : x_strdup(".");

	return realpath(name, NULL);
}

/* Reads the file into memory; its folder and mode into ld. */
static int open_job(struct loader *ld, struct file *file)
{
	CLEANUP(file_close) int fd = -1;
	struct stat st;

	fd = file_open(&st, ld->job->path, 0);
	if (fd < 0 || file_read(file, fd, FILE_BYTES + 1) < 0 || !(ld->folder = folder_of(ld->job->path))) {
		fault_add(ld->faults, 1, 1, "can't be read: %s", strerror(errno));
		return -1;
	}
	if (file->len > FILE_BYTES) {
		fault_add(ld->faults, 1, 1, "is larger than 4 MB");
		return -1;
	}
	ld->mode = st.st_mode;
	return 0;
}

int job_load(struct job **out, const char *path, const struct presets *presets, struct buf *errors)
{
	CLEANUP(faults_free) struct faults faults = { 0 };
	CLEANUP(job_free) struct job *job = x_calloc(1, sizeof(*job));
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(node_free) struct node *root = NULL;
	CLEANUP(x_free) char *folder = NULL;
	struct loader ld = { .faults = &faults, .job = job };

	(void)presets;
	*out = NULL;
	job->path = x_strdup(path);
	job->workers = 8;
	job->give_up_ms = 600000;
	if (open_job(&ld, &file) == 0 && (root = yaml_read(file.data, file.len, &faults)))
		load_root(&ld, root);
	folder = ld.folder; /* NOLINT(clang-analyzer-deadcode.DeadStores): the end of the scope frees it */
	if (faults.count > 0) {
		faults_write(&faults, path, errors);
		return -1;
	}
	job_digest(job);
	*out = job;
	job = NULL;
	return 0;
}
