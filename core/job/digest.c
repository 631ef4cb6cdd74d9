/* What a plan depends on, in one number: who moves where, the mapping, the filters. */
#include "core/job/digest.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"

static int account_order(const void *left, const void *right)
{
	return strcmp((*(struct job_account *const *)left)->name, (*(struct job_account *const *)right)->name);
}

static int text_order(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int map_order(const void *left, const void *right)
{
	return strcmp(((const struct job_map *)left)->from, ((const struct job_map *)right)->from);
}

/* With the NUL: no text can run into the next. */
static void add_text(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text) + 1);
}

/* Hosts are the same in either case. */
static void add_host(struct digest *d, const char *host)
{
	CLEANUP(x_free) char *lower = x_strdup(host);

	for (char *c = lower; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	add_text(d, lower);
}

/* As decimal digits: the same on every machine. */
static void add_number(struct digest *d, long long number)
{
	CLEANUP(x_free) char *text = x_printf("%lld", number);

	add_text(d, text);
}

/* Their order in the file means nothing. */
static void add_patterns(struct digest *d, char *const *list)
{
	CLEANUP(x_free) char **sorted = NULL;
	size_t count = 0;

	while (list && list[count])
		count++;
	sorted = x_calloc(count + 1, sizeof(*sorted));
	for (size_t i = 0; i < count; i++)
		sorted[i] = list[i];
	qsort(sorted, count, sizeof(*sorted), text_order);
	add_number(d, list ? (long long)count : -1);
	for (size_t i = 0; i < count; i++)
		add_text(d, sorted[i]);
}

static void add_folders(struct digest *d, const struct job_folders *f)
{
	CLEANUP(x_free) struct job_map *sorted = x_calloc(f->maps + 1, sizeof(*sorted));

	add_patterns(d, f->include);
	add_patterns(d, f->exclude ? f->exclude : (char *[]){ NULL });
	for (size_t i = 0; i < f->maps; i++)
		sorted[i] = f->map[i];
	qsort(sorted, f->maps, sizeof(*sorted), map_order);
	add_number(d, (long long)f->maps);
	for (size_t i = 0; i < f->maps; i++) {
		add_text(d, sorted[i].from);
		add_text(d, sorted[i].to);
	}
	add_text(d, f->under);
	add_number(d, f->merge);
	add_number(d, f->special_use);
}

static void add_messages(struct digest *d, const struct job_messages *m)
{
	add_number(d, m->since);
	add_number(d, m->before);
	add_number(d, (long long)m->max_size);
	add_number(d, m->deleted);
	add_number(d, m->duplicates);
}

static void add_end(struct digest *d, const struct job_end *end)
{
	/* The provider tells what folders are called there. */
	add_text(d, end->preset ? end->preset->id : "");
	add_host(d, end->host);
	add_text(d, end->user);
}

static void digest_of_account(struct digest *d, struct job_account *a)
{
	uint8_t raw[DIGEST_LEN];

	digest_start(d);
	add_end(d, &a->source);
	add_end(d, &a->target);
	add_folders(d, &a->folders);
	add_messages(d, &a->messages);
	add_number(d, a->messages.flags);
	digest_end(d, raw);
	digest_hex(a->rules, raw);
}

/* By name, so that the order of the accounts in the file means nothing. */
void digest_of_job(struct job *job)
{
	CLEANUP(x_free) const struct job_account **sorted = x_calloc(job->accounts, sizeof(*sorted));
	CLEANUP(digest_free) struct digest *d = digest_new();
	uint8_t raw[DIGEST_LEN];

	for (size_t i = 0; i < job->accounts; i++)
		sorted[i] = &job->account[i];
	qsort(sorted, job->accounts, sizeof(*sorted), account_order);
	for (size_t i = 0; i < job->accounts; i++)
		digest_of_account(d, &job->account[i]);
	digest_start(d);
	for (size_t i = 0; i < job->accounts; i++) {
		add_text(d, sorted[i]->name);
		add_end(d, &sorted[i]->source);
		add_end(d, &sorted[i]->target);
		add_folders(d, &sorted[i]->folders);
		add_messages(d, &sorted[i]->messages);
	}
	digest_end(d, raw);
	digest_hex(job->digest, raw);
}
