/* What is wrong with a job file: the list of it. */
#include "core/job/fault.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

/* More is not read by anybody, and a file of 4 MB can hold a million. */
#define FAULTS_SHOWN 1000

void fault_add(struct faults *f, unsigned line, unsigned column, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	f->list = x_room(f->list, f->count, &f->cap, sizeof(*f->list));
	f->list[f->count] = (struct fault){ .line = line, .column = column, .order = f->count, .text = x_strdup(text) };
	f->count++;
}

static int by_place(const void *left, const void *right)
{
	const struct fault *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

void faults_write(struct faults *f, const char *path, struct buf *out)
{
	char shown[PATH_MAX];

	if (f->count == 0)
		return;
	/* A line break in the file's name must not break the form of the lines. */
	text_clean(shown, sizeof(shown), path, strlen(path));
	qsort(f->list, f->count, sizeof(*f->list), by_place);
	for (size_t i = 0; i < f->count && i < FAULTS_SHOWN; i++)
		buf_addf(out, "%s:%u:%u: %s\n", shown, f->list[i].line, f->list[i].column, f->list[i].text);
	if (f->count > FAULTS_SHOWN)
		buf_addf(out, "%s:%u:%u: from here on %zu more\n", shown, f->list[FAULTS_SHOWN].line, f->list[FAULTS_SHOWN].column,
			f->count - FAULTS_SHOWN);
}

void faults_free(struct faults *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].text);
	free(f->list);
	*f = (struct faults){ 0 };
}
