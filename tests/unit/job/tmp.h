/* A folder of its own for a test, with files in it. */
#ifndef TESTS_JOB_TMP_H
#define TESTS_JOB_TMP_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"

struct tmp {
	char dir[64];
	char job[96];	/* migrate.yaml in it */
};

static int tmp_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int tmp_setup(void **state)
{
	struct tmp *t = x_calloc(1, sizeof(*t));

	strcpy(t->dir, "/tmp/trasloco-job-XXXXXX");
	if (!mkdtemp(t->dir))
		return -1;
	snprintf(t->job, sizeof(t->job), "%s/migrate.yaml", t->dir);
	*state = t;
	return 0;
}

static inline int tmp_teardown(void **state)
{
	struct tmp *t = *state;

	nftw(t->dir, tmp_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

static inline void tmp_write(const struct tmp *t, const char *name, const void *data, size_t len, mode_t mode)
{
	CLEANUP(x_free) char *path = x_printf("%s/%s", t->dir, name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline void tmp_job(const struct tmp *t, const char *text)
{
	tmp_write(t, "migrate.yaml", text, strlen(text), 0600);
}

/* The errors without the path in front of each line: "3:5: text\n…". */
static inline char *tmp_short(const struct tmp *t, const struct buf *errors)
{
	struct buf out = { 0 };
	size_t skip = strlen(t->job) + 1;

	buf_adds(&out, "");
	for (const char *line = errors->data; line && *line; line = strchr(line, '\n') + 1) {
		assert_memory_equal(line, t->job, skip - 1);
		buf_add(&out, line + skip, (size_t)(strchr(line, '\n') + 1 - line) - skip);
	}
	return out.data;
}

#endif
