/* The accounts of a run, before anybody works on them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/flow/lane.h"

/* What all lanes together may have in memory of mails. */
#define BYTES_IN_FLIGHT ((size_t)24 << 20)
#define LANES_AT_FIRST 4

static bool asked_for(const struct flow *flow, const char *name)
{
	if (!flow->only)
		return true;
	for (const char *const *n = flow->only; *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return false;
}

static const char **names_of(const struct job *job)
{
	const char **names = x_calloc(job->accounts + 1, sizeof *names);
	for (size_t i = 0; i < job->accounts; i++)
		names[i] = job->account[i].name;
	return names;
}

static int compare_ends(const struct job_end *a, const struct job_end *b)
{
	int user = strcmp(a->user, b->user);
	return user ? user : strcasecmp(a->host, b->host);
}

static int compare_mailboxes(const struct account *a, const struct account *b)
{
	int source = compare_ends(&a->job->source, &b->job->source);
	return source ? source : compare_ends(&a->job->target, &b->job->target);
}

static int by_mailboxes(const void *left, const void *right)
{
	const struct account *a = *(struct account *const *)left, *b = *(struct account *const *)right;
	int mailboxes = compare_mailboxes(a, b);
	return mailboxes ? mailboxes : a->row.id < b->row.id ? -1 : a->row.id > b->row.id;
}

/* Of accounts with both mailboxes in common the older one is planned first: the other has to see which folders are taken. */
static void find_older(struct pool *p)
{
	CLEANUP(x_free) struct account **sorted = x_calloc(p->count + 1, sizeof *sorted);
	for (size_t i = 0; i < p->count; i++)
		sorted[i] = &p->accounts[i];
	qsort(sorted, p->count, sizeof *sorted, by_mailboxes);
	for (size_t i = 1; i < p->count; i++)
		if (compare_mailboxes(sorted[i - 1], sorted[i]) == 0)
			sorted[i]->older = sorted[i - 1];
}

int pool_make(struct pool *p, const struct flow *flow, struct error *err)
{
	*p = (struct pool){ .flow = flow, .workers = flow->workers, .began = clock_ms() };
	tune_begin(&p->tune, LANES_AT_FIRST, flow->workers);
	if (cancel_init(&p->over) < 0)
		return error_set(err, ERR_USAGE, "no file descriptor to be had: see ulimit -n");
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	pace_init(&p->pace, flow->job->rate);
	p->lane_bytes = BYTES_IN_FLIGHT / flow->workers;
	p->accounts = x_calloc(flow->job->accounts + 1, sizeof *p->accounts);
	CLEANUP(x_free) const char **names = names_of(flow->job);
	for (size_t i = 0; i < flow->job->accounts; i++) {
		const struct job_account *job = &flow->job->account[i];
		if (!asked_for(flow, job->name))
			continue;
		struct account *a = &p->accounts[p->count++];
		struct account_key key = { job->name, job->source.host, job->source.user, job->target.host, job->target.user,
			job->source.preset ? job->source.preset->id : "", job->target.preset ? job->target.preset->id : "", names };
		a->job = job;
		a->planned = flow->plan ? plan_account_of(flow->plan, job->name) : NULL;
		a->seen = flow->count->account ? &flow->count->account[p->count - 1] : &a->unseen;
		a->seen->name = job->name;
		a->progress = clock_ms();
		if (store_account(flow->store, &key, &a->row, &a->err) == 0)
			continue;
		if (a->err.class != ERR_USAGE) {
			*err = a->err;
			return -1;
		}
		a->stage = ACCOUNT_ENDED; /* its own trouble; the others go on */
		a->changed = true;
		verdict_account(p, a);
	}
	find_older(p);
	flow->count->accounts = p->count;
	return 0;
}

void pool_free(struct pool *p)
{
	for (size_t i = 0; i < p->count; i++) {
		plan_forget(&p->accounts[i]);
		guard_forget(&p->accounts[i]);
	}
	free(p->accounts);
	cancel_free(&p->over);
	pace_free(&p->pace);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->changed);
}
