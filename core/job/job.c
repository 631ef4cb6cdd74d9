/* The job file's way in and out: file, tree, job. */
#include "core/job/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/job/arena.h"
#include "core/job/check.h"
#include "core/job/digest.h"
#include "core/job/file.h"
#include "core/job/load.h"
#include "core/job/table.h"

#define FILE_BYTES ((size_t)4 << 20)

void job_free(struct job **job)
{
	struct job *j = *job;

	*job = NULL;
	if (!j)
		return;
	arena_free(&j->arena);
	free(j->account);
	free(j);
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
	CLEANUP(table_free) struct table table = { 0 };
	CLEANUP(places_free) struct places places = { 0 };
	CLEANUP(job_free) struct job *job = x_calloc(1, sizeof(*job));
	CLEANUP(file_wipe) struct file file = { 0 };
	CLEANUP(node_free) struct node *root = NULL;
	CLEANUP(x_free) char *folder = NULL;
	static const struct yaml_kind kind = { "job", "version" };
	struct loader ld = { .faults = &faults, .job = job, .presets = presets, .places = &places, .table = &table };

	*out = NULL;
	job->arena = arena_new();
	job->path = arena_text(job->arena, path, strlen(path));
	if (open_job(&ld, &file) == 0 && (root = yaml_read(file.data, file.len, &kind, &faults)))
		load_root(&ld, root);
	folder = ld.folder; /* NOLINT(clang-analyzer-deadcode.DeadStores): the end of the scope frees it */
	if (faults.count + table.faults.count > 0) {
		faults_write(&faults, path, errors);
		faults_write(&table.faults, table.path, errors);
		return -1;
	}
	digest_of_job(job);
	*out = job;
	job = NULL;
	return 0;
}
