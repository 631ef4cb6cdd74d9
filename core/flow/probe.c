/* check's work: every side of every account, several at once. */
#include "core/flow/probe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"

#define AGAIN_MS 3000
#define WAIT_MAX_MS 30000	/* a server's own "wait" is obeyed up to here: somebody sits and waits */
#define TRIES 2
#define HOST_REFUSALS 3

/* Sides are numbered: two an account, source first. */
struct work {
	const struct probing *p;
	struct probe *rows;
	size_t sides;
	atomic_size_t next;
};

/* ---- one side ---- */

/* Where one folder does not tell, the sum would be too small: then it is not told (0). */
static void count(struct probe_side *side, const struct folder_list *list)
{
	bool all = true;
	side->folders = 0;
	side->messages = 0;
	for (size_t i = 0; i < list->count; i++)
		if (list->folder[i].selectable && list->folder[i].space == SPACE_OWN) {
			side->folders++;
			side->messages += list->folder[i].box.exists;
			all = all && list->folder[i].box.known;
		}
	side->messages = all ? side->messages : 0;
}

static int look(struct conn *conn, struct probe_side *side, struct error *err)
{
	struct folder_list list = { 0 };
	const char *capabilities = conn->ops->capabilities(conn);
	free(side->capabilities);
	side->capabilities = x_strdup(capabilities ? capabilities : "");
	side->signed_in = true;
	int ok = conn->ops->list(conn, &list, err);
	if (ok == 0)
		count(side, &list);
	folder_list_free(&list);
	if (ok == 0 && conn->ops->describe)
		ok = conn->ops->describe(conn, &side->facts, err);
	return ok;
}

static int try_once(const struct probing *p, const struct job_end *end, struct probe_side *side, struct error *err)
{
	/* never a writer: nothing is appended that could be delivered late */
	struct conn_env env = { .cancel = p->stop, .wake_fd = -1, .spool_dir = p->spool_dir, .log = p->log, .wire = p->wire };
	struct conn *conn = NULL;
	side->tries++;
	int ok = p->open(p->open_ctx, &conn, end, &env, err);
	if (ok == 0)
		ok = look(conn, side, err);
	if (conn)
		conn->ops->close(&conn, ok == 0);
	if (ok == 0)
		*err = (struct error){ 0 }; /* a secret that was refused may have been fetched anew */
	return ok;
}

/* A refused login is believed after a second try; a temporary trouble gets one as well. */
static bool worth_again(const struct error *err)
{
	return (err->class == ERR_LOGIN && !err->certain) || err->class == ERR_RETRY || err->class == ERR_THROTTLED;
}

static void try_side(const struct probing *p, const struct job_account *account, const struct job_end *end, struct probe_side *side)
{
	while (try_once(p, end, side, &side->err) < 0) {
		log_line(p->log, "%s: %s: %s [%s]", account->name, end == &account->source ? "source" : "target", side->err.text, error_class_name(side->err.class));
		unsigned wait = p->again_ms ? p->again_ms : AGAIN_MS;
		if (side->err.wait_ms > wait)
			wait = side->err.wait_ms < WAIT_MAX_MS ? side->err.wait_ms : WAIT_MAX_MS;
		if (side->tries >= TRIES || !worth_again(&side->err))
			return;
		if (cancel_sleep(p->stop, wait) < 0)
			return;
	}
}

static void *worker(void *pointer)
{
	struct work *w = pointer;
	for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->sides;) {
		struct probe *row = &w->rows[i / 2];
		struct probe_side *side = i % 2 == 0 ? &row->source : &row->target;
		const struct job_end *end = i % 2 == 0 ? &row->account->source : &row->account->target;
		if (cancel_fired(w->p->stop))
			error_set(&side->err, ERR_CANCELLED, "stopped before it was tried");
		else
			try_side(w->p, row->account, end, side);
	}
	return NULL;
}

/* ---- an ill host ---- */

static bool refused_at(const struct job_end *end, const struct probe_side *side, const char *host)
{
	return side->err.class == ERR_LOGIN && !side->err.certain && strcasecmp(end->host, host) == 0;
}

static bool let_in_at(const struct job_end *end, const struct probe_side *side, const char *host)
{
	return side->signed_in && strcasecmp(end->host, host) == 0;
}

/* Three or more accounts are refused there, and none gets in. */
static bool host_is_ill(const struct probe *rows, size_t count_rows, const char *host)
{
	unsigned refused = 0;
	for (size_t i = 0; i < count_rows; i++) {
		const struct probe *r = &rows[i];
		if (let_in_at(&r->account->source, &r->source, host) || let_in_at(&r->account->target, &r->target, host))
			return false;
		refused += refused_at(&r->account->source, &r->source, host) || refused_at(&r->account->target, &r->target, host);
	}
	return refused >= HOST_REFUSALS;
}

static void judge_hosts(struct probe *rows, size_t count_rows)
{
	for (size_t i = 0; i < count_rows; i++) {
		struct probe *r = &rows[i];
		r->source.outage = r->source.err.class == ERR_LOGIN && !r->source.err.certain && host_is_ill(rows, count_rows, r->account->source.host);
		r->target.outage = r->target.err.class == ERR_LOGIN && !r->target.err.certain && host_is_ill(rows, count_rows, r->account->target.host);
	}
}

/* ---- what the state knows ---- */

static bool other(const char *host, const char *user, const struct job_end *end)
{
	return strcasecmp(host, end->host) != 0 || strcmp(user, end->user) != 0;
}

static int remember(void *ctx, const struct report_account *a)
{
	struct work *w = ctx;
	for (size_t i = 0; i < w->sides / 2; i++) {
		struct probe *r = &w->rows[i];
		if (strcmp(r->account->name, a->name) != 0)
			continue;
		bool source = other(a->source_host, a->source_user, &r->account->source), target = other(a->target_host, a->target_user, &r->account->target);
		/* capabilities are kept when a side has signed in */
		r->source.before = !source && a->source_capabilities && *a->source_capabilities;
		r->target.before = !target && a->target_capabilities && *a->target_capabilities;
		if (source || target)
			error_set(&r->err, ERR_USAGE, source ? "in this state its source is %s at %s, the job says %s at %s"
				: "in this state its target is %s at %s, the job says %s at %s",
				source ? a->source_user : a->target_user, source ? a->source_host : a->target_host,
				source ? r->account->source.user : r->account->target.user, source ? r->account->source.host : r->account->target.host);
	}
	return 0;
}

/* ---- all ---- */

static bool asked_for(const struct probing *p, const char *name)
{
	for (const char *const *n = p->only; n && *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return !p->only;
}

static void work_all(struct work *w)
{
	size_t many = w->p->workers > 0 ? w->p->workers : 1, started = 0;
	if (many > w->sides)
		many = w->sides;
	pthread_t *threads = x_calloc(many + 1, sizeof *threads);
	while (started < many && pthread_create(&threads[started], NULL, worker, w) == 0)
		started++;
	if (started == 0)
		worker(w);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

int probe_run(const struct probing *probing, struct probe **out, size_t *count_out, struct error *err)
{
	struct work w = { .p = probing, .rows = x_calloc(probing->job->accounts + 1, sizeof *w.rows) };
	*out = w.rows;
	*count_out = 0;
	for (size_t i = 0; i < probing->job->accounts; i++)
		if (asked_for(probing, probing->job->account[i].name))
			w.rows[(*count_out)++].account = &probing->job->account[i];
	w.sides = 2 * *count_out;
	if (probing->store && store_each_account(probing->store, 0, remember, &w, err) < 0)
		return -1;
	work_all(&w);
	judge_hosts(w.rows, *count_out);
	return 0;
}

void probe_free(struct probe *rows, size_t count_rows)
{
	for (size_t i = 0; i < count_rows; i++) {
		free(rows[i].source.capabilities);
		free(rows[i].target.capabilities);
	}
	free(rows);
}
