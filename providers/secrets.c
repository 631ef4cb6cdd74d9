/* Which secret a side gets, and remembering it. */
#include "providers/secrets.h"

#include <errno.h>
#include <libgen.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/kept.h"
#include "providers/spawn.h"

#define COMMAND_LIMIT_MS 60000
#define LOOK_MS 100	/* how late a thread that waits for another's answer sees that it should stop */

struct slot {			/* one side of one account */
	char *secret;		/* the last answer, NULL: none, then `err` may say why */
	struct error err;
	bool busy;		/* a thread is getting it */
	bool typed;		/* a person was asked, whatever came of it: not again in this run */
	unsigned turn;		/* counts the answers */
};

struct secrets {
	const struct job *job;
	secrets_ask *ask;
	void *ask_ctx;
	char *dir;		/* the job file's folder: where commands run */
	struct slot *slot;	/* two an account: source, target */
	pthread_mutex_t lock;	/* the slots */
	pthread_cond_t changed;
	/* A person answers one question at a time; the kept file is read and written under it too. Taken before `lock`, never inside it. */
	pthread_mutex_t desk;
	struct kept *kept;
};

void secrets_no_dumps(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	/* A sanitizer looks at its own process as a debugger does. */
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

struct secrets *secrets_new(const struct job *job, secrets_ask *ask, void *ctx)
{
	struct secrets *s = x_calloc(1, sizeof *s);
	CLEANUP(x_free) char *path = x_strdup(job->path);
	pthread_condattr_t attr;
	s->job = job;
	s->ask = ask;
	s->ask_ctx = ctx;
	s->dir = x_strdup(dirname(path));
	s->slot = x_calloc(2 * job->accounts + 1, sizeof *s->slot);
	s->kept = kept_new(job->state);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->desk, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

void secrets_wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void secrets_free(struct secrets **secrets)
{
	struct secrets *s = *secrets;
	if (!s)
		return;
	for (size_t i = 0; i < 2 * s->job->accounts; i++)
		secrets_wipe(&s->slot[i].secret);
	kept_free(&s->kept);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->desk);
	pthread_mutex_destroy(&s->lock);
	free(s->slot);
	free(s->dir);
	free(s);
	*secrets = NULL;
}

/* The ends lie inside the array of accounts: no search, a job may have 100,000. */
static size_t account_of(const struct secrets *s, const struct job_end *end)
{
	return (size_t)((uintptr_t)end - (uintptr_t)s->job->account) / sizeof *s->job->account;
}

static const struct job_end *end_of(const struct secrets *s, size_t slot)
{
	const struct job_account *account = &s->job->account[slot / 2];
	return slot % 2 ? &account->target : &account->source;
}

static struct slot *slot_of(struct secrets *s, const struct job_end *end)
{
	size_t account = account_of(s, end);
	return &s->slot[2 * account + (end == &s->job->account[account].target)];
}

/* ---- getting it ---- */

/* No server was asked: there is nothing to try again, and it is no sign of an outage. */
static int believed(struct error *err)
{
	err->certain = err->class == ERR_LOGIN;
	return -1;
}

static int from_command(struct secrets *s, const struct job_end *end, const struct cancel *cancel, char **out, struct error *err)
{
	const struct job_account *account = &s->job->account[account_of(s, end)];
	char name[96], what[160];
	text_clean(name, sizeof name, account->name, strlen(account->name));
	snprintf(what, sizeof what, "the %s of %s's %s", end->secret == SECRET_TOKEN ? "token_command" : "password_command", name,
		end == &account->source ? "source" : "target");
	struct spawn spawn = { .argv = end->command, .dir = s->dir, .what = what, .limit_ms = COMMAND_LIMIT_MS, .cancel = cancel };
	return spawn_line(out, &spawn, err) < 0 ? believed(err) : 0;
}

/* Sides that sign in with the same name at the same host (a master login …) are asked about once. */
static char *typed_elsewhere(struct secrets *s, const struct job_end *end)
{
	char *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < 2 * s->job->accounts && !found; i++) {
		const struct job_end *other = end_of(s, i);
		if (s->slot[i].typed && s->slot[i].secret && other->secret == SECRET_LATER && kept_same(other, end))
			found = x_strdup(s->slot[i].secret);
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static int from_person(struct secrets *s, const struct job_end *end, char **out, struct error *err)
{
	char login[96], host[96];
	*out = typed_elsewhere(s, end);
	if (*out)
		return 0;
	if (s->ask)
		return s->ask(s->ask_ctx, &s->job->account[account_of(s, end)], end, out, err) < 0 ? believed(err) : 0;
	text_clean(login, sizeof login, end->login, strlen(end->login));
	text_clean(host, sizeof host, end->host, strlen(end->host));
	error_set(err, ERR_LOGIN, "no password for %s at %s: `trasloco login` asks for it and keeps it", login, host);
	return believed(err);
}

/* What `login` kept, else a person. */
static int from_desk(struct secrets *s, const struct job_end *end, bool again, char **out, struct error *err)
{
	pthread_mutex_lock(&s->desk);
	int got = kept_get(s->kept, end, again, out, err);
	if (got == 0) {
		got = from_person(s, end, out, err);
		pthread_mutex_lock(&s->lock);
		slot_of(s, end)->typed = true;
		if (got == 0 && *out)
			slot_of(s, end)->secret = x_strdup(*out); /* before the desk is free: the next one finds it */
		pthread_mutex_unlock(&s->lock);
	}
	pthread_mutex_unlock(&s->desk);
	return got < 0 ? -1 : 0;
}

static int fetch(struct secrets *s, const struct job_end *end, bool again, const struct cancel *cancel, char **out, struct error *err)
{
	switch (end->secret) {
	case SECRET_PASSWORD:
		*out = x_strdup(end->password);
		return 0;
	case SECRET_COMMAND:
	case SECRET_TOKEN:
		return from_command(s, end, cancel, out, err);
	default:
		return from_desk(s, end, again, out, err);
	}
}

/* ---- remembering it; the lock is held in these ---- */

/* False: cancelled. */
static bool wait_for_other(struct secrets *s, const struct slot *slot, const struct cancel *cancel)
{
	while (slot->busy) {
		struct timespec until;
		if (cancel && cancel_fired(cancel))
			return false;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&s->changed, &s->lock, &until);
	}
	return true;
}

static int answer(const struct slot *slot, char **out, struct error *err)
{
	if (!slot->secret) {
		*err = slot->err;
		return -1;
	}
	*out = x_strdup(slot->secret);
	return 0;
}

static void get_anew(struct secrets *s, struct slot *slot, const struct job_end *end, bool again, const struct cancel *cancel)
{
	char *fresh = NULL;
	struct error why = { 0 };
	slot->busy = true;
	pthread_mutex_unlock(&s->lock);
	fetch(s, end, again, cancel, &fresh, &why);
	pthread_mutex_lock(&s->lock);
	secrets_wipe(&slot->secret); /* one that was refused is not remembered, whatever came instead */
	slot->secret = fresh;
	slot->err = why;
	slot->busy = false;
	slot->turn++;
	pthread_cond_broadcast(&s->changed);
}

int secrets_get(struct secrets *s, const struct job_end *end, bool refused, const struct cancel *cancel, char **out, struct error *err)
{
	struct slot *slot = slot_of(s, end);
	struct error ignored = { 0 };
	*out = NULL;
	err = err ? err : &ignored;
	pthread_mutex_lock(&s->lock);
	unsigned turn = slot->turn;
	int got = 0;
	if (!wait_for_other(s, slot, cancel))
		got = error_set(err, ERR_CANCELLED, "stopped");
	else if (slot->turn == turn && !slot->typed && (refused || !slot->secret))
		get_anew(s, slot, end, refused, cancel);
	/* else: another's answer of this moment is as good as one of our own */
	if (got == 0)
		got = answer(slot, out, err);
	pthread_mutex_unlock(&s->lock);
	return got;
}

void secrets_use(struct secrets *s, const struct job_end *end, const char *secret)
{
	struct slot *slot = slot_of(s, end);
	pthread_mutex_lock(&s->lock);
	secrets_wipe(&slot->secret);
	slot->secret = x_strdup(secret);
	slot->typed = true;
	pthread_mutex_unlock(&s->lock);
}

/* ---- what `login` keeps ---- */

int secrets_kept(struct secrets *s, const struct job_end *end, struct error *err)
{
	char *secret = NULL;
	pthread_mutex_lock(&s->desk);
	int got = kept_get(s->kept, end, false, &secret, err);
	pthread_mutex_unlock(&s->desk);
	secrets_wipe(&secret);
	return got;
}

int secrets_keep(struct secrets *s, const struct job_end *end, const char *secret, struct error *err)
{
	pthread_mutex_lock(&s->desk);
	int got = kept_put(s->kept, end, secret, err);
	pthread_mutex_unlock(&s->desk);
	return got;
}

int secrets_forget(struct secrets *s, const struct job_end *end, struct error *err)
{
	pthread_mutex_lock(&s->desk);
	int got = kept_remove(s->kept, end, err);
	pthread_mutex_unlock(&s->desk);
	return got;
}

const char *secrets_kept_path(const struct secrets *s)
{
	return kept_path(s->kept);
}
