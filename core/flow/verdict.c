/* What an account has come to: the contract's exit status, from why it stopped and from what the state says. */
#include <string.h>

#include "core/flow/lane.h"
#include "core/base/i18n.h"

#define HOST_REFUSALS 3

struct tally {
	uint64_t errors, excused, failed;
};

static int add_problem(void *ctx, const struct problem *p)
{
	struct tally *t = ctx;
	t->errors += strcmp(p->severity, "error") == 0;
	/* why these are pending is told, and running again does not change it */
	t->excused += strcmp(p->severity, "error") == 0 && (strcmp(p->code, "message-missing") == 0 || strcmp(p->code, "unsettled") == 0);
	t->failed += strcmp(p->code, "folder-failed") == 0;
	return 0;
}

static int exit_of(const struct error *err)
{
	switch (err->class) {
	case ERR_LOGIN:
		return 4;
	case ERR_TLS:
		return 5;
	case ERR_QUOTA:
		return 7;
	case ERR_USAGE:
		return 2;
	case ERR_SHRUNK_SOURCE:
		return 6;
	case ERR_SHRUNK_TARGET:
	case ERR_DRIFT:
		return 8;
	case ERR_BUSY:
		return 9;
	case ERR_BUG:
		return 70;
	case ERR_CANCELLED:
		return 130;
	default:
		return 3;
	}
}

/* All accounts with this host were refused, by the same side, and they are many. */
static bool host_is_ill(const struct pool *p, const struct account *a)
{
	unsigned refused = 0;
	bool source = strstr(a->err.where, ": source") != NULL;
	for (size_t i = 0; i < p->count; i++) {
		const struct account *b = &p->accounts[i];
		const char *x = source ? a->job->source.host : a->job->target.host, *y = source ? b->job->source.host : b->job->target.host;
		if (strcmp(x, y) != 0)
			continue;
		if (b->err.certain)
			continue; /* the host was not asked */
		if (b->err.class != ERR_LOGIN)
			return false;
		refused += b->err.class == ERR_LOGIN;
	}
	return refused >= HOST_REFUSALS;
}

static void note(struct pool *p, struct account *a, const char *code, const char *hint)
{
	struct problem problem = { .account = a->row.id, .side = strstr(a->err.where, ": source") ? SIDE_SOURCE : strstr(a->err.where, ": target") ? SIDE_TARGET : SIDE_NONE,
		.severity = "error", .code = code, .text = a->err.text, .hint = hint, .message_id = "", .file = "" };
	struct error ignored;
	if (pool_problem(p->flow, a, NULL, &problem, &ignored) < 0 && p->flow->problem) /* what the state can't keep is shown at least */
		p->flow->problem(p->flow->tick_ctx, a->job->name, "", &problem);
}

static void note_end(struct pool *p, struct account *a)
{
	switch (a->err.class) {
	case ERR_NONE:
	case ERR_CANCELLED:
		break;
	case ERR_LOGIN:
		note(p, a, "login-refused", a->err.certain ? N_("see to the password, then run again") : N_("check user and password; some providers want an app password"));
		break;
	case ERR_TLS:
		note(p, a, "tls-failed", N_("check host, port and tls in the job file; ca_file names the certificate of a private authority"));
		break;
	case ERR_QUOTA:
		note(p, a, "over-quota", N_("enlarge the new mailbox, then run the same command again"));
		break;
	case ERR_SHRUNK_SOURCE:
		note(p, a, "source-shrunk", N_("look into the old mailbox: nothing was deleted anywhere. If the messages are gone on purpose: trasloco accept --shrunk, then run again"));
		break;
	case ERR_SHRUNK_TARGET:
		note(p, a, "target-shrunk", N_("look into the new mailbox. If they were moved or deleted on purpose: trasloco accept --shrunk, then run again; run --again copies them anew"));
		break;
	case ERR_DRIFT:
		note(p, a, "drift", N_("look into the old mailbox: nothing was deleted anywhere. Then make a new plan: trasloco plan -o FILE. If that stops because mail is gone, and it is gone on purpose: trasloco accept --shrunk, and once more"));
		break;
	case ERR_USAGE:
		if (a->changed)
			note(p, a, "account-changed", N_("give the account another name, or use another state file"));
		else
			note(p, a, "stopped", N_("mend what is said here, then run the same command again"));
		break;
	default:
		note(p, a, "stopped", N_("run the same command again"));
	}
}

/* What is still to be copied. The display's numbers are those of the receipt now: what was left out, and what was found there while it was at work. */
static int pending_of(struct pool *p, struct account *a, uint64_t *pending, struct error *err)
{
	uint64_t left_out = 0, there = 0;
	*pending = 0;
	for (size_t i = 0; i < a->count; i++) {
		struct move *m = &a->moves[i];
		if (!m->as_it_was && store_standing(p->flow->store, m->folder, p->flow->run, &m->standing, err) < 0)
			return -1;
		*pending += m->standing.pending;
		left_out += m->standing.skipped;
		there += m->standing.before;
	}
	atomic_store(&a->seen->left_out, left_out);
	if (there > atomic_load(&a->seen->there))
		atomic_store(&a->seen->there, there);
	return 0;
}

/* What is through: what is left to do, and what somebody has to look at. */
static int exit_through(struct pool *p, struct account *a)
{
	struct tally t = { 0 };
	uint64_t pending = 0;
	bool plan = p->flow->order == FLOW_PLAN;
	/* nothing is called complete that could not be counted */
	if ((plan && fit_account(p, a, &a->err) < 0) || store_each_problem(p->flow->store, p->flow->run, a->row.id, add_problem, &t, &a->err) < 0 || (!plan && pending_of(p, a, &pending, &a->err) < 0)) {
		note_end(p, a);
		return exit_of(&a->err);
	}
	if (t.failed == 0)
		guard_through(p, a);
	if (t.failed > 0 || pending > t.excused)
		return 3;
	return t.errors > 0 ? 1 : 0;
}

/* Asked to stop before all was copied; a dry run that came to its end is whole. */
static bool was_cut_short(struct pool *p, struct account *a)
{
	uint64_t pending = 0;
	struct error err;
	return atomic_load(&p->stopping) && p->flow->order != FLOW_PLAN && (pending_of(p, a, &pending, &err) < 0 || pending > 0);
}

void verdict_account(struct pool *p, struct account *a)
{
	struct error err;
	note_end(p, a);
	if (a->err.class != ERR_NONE)
		a->exit = exit_of(&a->err);
	else if (was_cut_short(p, a))
		a->exit = 130;
	else
		a->exit = exit_through(p, a);
	atomic_store(&a->seen->exit, a->exit);
	pool_stage(a, STAGE_ENDED);
	if (a->row.id)
		store_account_end(p->flow->store, p->flow->run, a->row.id, a->exit, &err);
}

void verdict_login(struct pool *p, struct account *a)
{
	struct error ignored;
	if (a->err.class != ERR_LOGIN || a->err.certain)
		return;
	bool ill = host_is_ill(p, a);
	if (!ill && !pool_signed_in_before(a))
		return;
	a->exit = 3;
	atomic_store(&a->seen->exit, a->exit);
	note(p, a, "login-refused", ill ? N_("every account of this host was refused: it may be an outage; run the same command again later")
		: N_("it was let in before: an outage, or the password was changed; run the same command again later, or see to the password: trasloco login"));
	store_account_end(p->flow->store, p->flow->run, a->row.id, a->exit, &ignored);
}
