/* The mover between two servers in memory, with a real state in a folder of its own. */
#ifndef TEST_FLOW_RIG_H
#define TEST_FLOW_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/flow/flow.h"
#include "tests/contract/memory.h"

#define ACCOUNTS 4

struct rig {
	char dir[64], refused[96], path[96];
	struct memory *source[ACCOUNTS], *target[ACCOUNTS];	/* a target may stand for several accounts */
	struct job_account account[ACCOUNTS];
	struct job job;
	struct cancel stop;
	struct flow_count count;
	void (*tick)(void *rig);	/* as flow's, or NULL */
	unsigned stages;		/* the test's: what it saw */
	int (*door)(void *rig, struct conn **out, const struct job_end *, const struct conn_env *, struct error *);
	struct flow flow;
	struct store *store;
	int64_t run;
	int exit[ACCOUNTS];
	struct buf problems;	/* of the last run: "severity code uid\n" */
	struct ledger ledger;	/* of the last run, all accounts */
	struct verified verified;
	bool shared;		/* all accounts have the first's target */
	bool again, no_verify;
	const struct plan *plan;
	struct flow_account seen[ACCOUNTS];
	uint64_t bytes_pending;
};

static inline int rig_door(void *ctx, struct conn **out, const struct job_end *end, const struct conn_env *env, struct error *err)
{
	struct rig *r = ctx;
	error_set(err, ERR_LOGIN, "of a first try; the second went well"); /* what err holds is nothing, unless -1 is returned */
	for (size_t i = 0; i < ACCOUNTS; i++) {
		if (end == &r->account[i].source)
			return memory_open(out, r->source[i], env, err);
		if (end == &r->account[i].target)
			return memory_open(out, r->shared ? r->target[0] : r->target[i], env, err);
	}
	return error_set(err, ERR_BUG, "nobody's door");
}

static inline struct job_end rig_end(const char *side, size_t i, bool shared)
{
	return (struct job_end){ .host = x_printf("%s.example", side), .port = 993, .user = x_printf("user%zu", shared ? 0 : i), .connections = 2, .timeout_ms = 1000 };
}

static inline void rig_make(struct rig *r, size_t accounts, bool shared)
{
	*r = (struct rig){ .shared = shared };
	strcpy(r->dir, "/tmp/flow-test-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof r->path, "%s/state", r->dir);
	snprintf(r->refused, sizeof r->refused, "%s/refused", r->dir);
	for (size_t i = 0; i < accounts; i++) {
		r->source[i] = memory_new("INBOX.", '.');
		r->target[i] = memory_new("", '/');
		r->account[i] = (struct job_account){ .name = x_printf("account%zu", i), .source = rig_end("old", i, false), .target = rig_end("new", i, shared), .shrink = 100,
			.messages = { .since = INT64_MIN, .before = INT64_MAX } };
	}
	r->job = (struct job){ .refused = r->refused, .state = r->path, .workers = 2, .give_up_ms = 600000, .account = r->account, .accounts = accounts };
	assert_int_equal(cancel_init(&r->stop), 0);
}

static inline int rig_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void rig_free(struct rig *r)
{
	for (size_t i = 0; i < r->job.accounts; i++) {
		memory_free(&r->source[i]);
		memory_free(&r->target[i]);
		free(r->account[i].name);
		free(r->account[i].source.host);
		free(r->account[i].source.user);
		free(r->account[i].target.host);
		free(r->account[i].target.user);
	}
	cancel_free(&r->stop);
	buf_free(&r->problems);
	nftw(r->dir, rig_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- reading the state ---- */

static inline int rig_problem(void *ctx, const struct problem *p)
{
	struct rig *r = ctx;
	buf_addf(&r->problems, "%s %s %u\n", p->severity, p->code, p->uid);
	return 0;
}

static inline int rig_account(void *ctx, const struct report_account *a)
{
	int64_t *ids = ctx;
	while (*ids)
		ids++;
	*ids = a->id;
	return 0;
}

static inline int rig_folder(void *ctx, const struct report_folder *f)
{
	int64_t *ids = ctx;
	while (*ids)
		ids++;
	*ids = f->id;
	return 0;
}

static inline void rig_add_folder(struct rig *r, int64_t folder)
{
	struct error err;
	struct counts c;
	assert_int_equal(store_counts(r->store, folder, (struct counting){ .run = r->run }, &c, &err), 0);
	const struct ledger l = c.ledger;
	const struct verified v = c.verified;
	assert_int_equal(l.source, l.copied + l.already_there + l.skipped + l.refused + l.vanished + l.pending);
	r->ledger.source += l.source;
	r->ledger.copied += l.copied;
	r->ledger.already_there += l.already_there;
	r->ledger.refused += l.refused;
	r->ledger.skipped += l.skipped;
	r->ledger.vanished += l.vanished;
	r->ledger.pending += l.pending;
	r->ledger.copied_now += l.copied_now;
	r->bytes_pending += c.bytes_pending;
	r->verified.identical += v.identical;
	r->verified.altered += v.altered;
	r->verified.missing += v.missing;
	r->verified.doubled += v.doubled;
	r->verified.gone += v.gone;
	r->verified.target_only += v.target_only;
	r->verified.rewritten += v.rewritten;
	r->verified.quiet += v.quiet;
	r->verified.sampled += v.sampled;
}

static inline void rig_read(struct rig *r)
{
	struct error err;
	int64_t accounts[ACCOUNTS + 1] = { 0 };
	buf_reset(&r->problems);
	buf_adds(&r->problems, "");
	r->ledger = (struct ledger){ 0 };
	r->verified = (struct verified){ 0 };
	r->bytes_pending = 0;
	assert_int_equal(store_each_account(r->store, r->run, rig_account, accounts, &err), 0);
	for (const int64_t *a = accounts; *a; a++) {
		int64_t folders[32] = { 0 };
		assert_int_equal(store_each_problem(r->store, r->run, *a, rig_problem, r, &err), 0);
		assert_int_equal(store_each_folder(r->store, *a, rig_folder, folders, &err), 0);
		for (const int64_t *f = folders; *f; f++)
			rig_add_folder(r, *f);
	}
}

static inline bool rig_says(const struct rig *r, const char *problem)
{
	return r->problems.data && strstr(r->problems.data, problem);
}

/* One run of the program: state opened, moved, closed. Returns the first account's exit. */
static inline int rig_run(struct rig *r, enum flow_order order, bool deep)
{
	struct error err = { 0 };
	struct flow_end *ends = NULL;
	size_t count = 0;
	memset(r->seen, 0, sizeof r->seen);
	r->count = (struct flow_count){ .account = r->seen };
	if (store_open(&r->store, r->path, STORE_WRITE, &err) < 0 || store_run_begin(r->store, order == FLOW_RUN ? "run" : order == FLOW_PLAN ? "plan" : "verify", "digest", &r->run, &err) < 0)
		fail_msg("%s: %s", err.where, err.text);
	r->flow = (struct flow){ .job = &r->job, .store = r->store, .run = r->run, .order = order, .deep = deep, .workers = r->job.workers, .again = r->again, .no_verify = r->no_verify, .plan = r->plan,
		.open = r->door ? r->door : rig_door, .open_ctx = r,
		.spool_dir = r->dir, .stop = &r->stop, .count = &r->count, .tick = r->tick, .tick_ctx = r };
	if (flow_run(&r->flow, &ends, &count, &err) < 0)
		fail_msg("%s: %s", err.where, err.text);
	assert_int_equal(count, r->job.accounts);
	for (size_t i = 0; i < count; i++)
		r->exit[i] = ends[i].exit;
	free(ends);
	rig_read(r);
	assert_int_equal(store_run_end(r->store, r->run, r->exit[0], &err), 0);
	store_close(&r->store);
	return r->exit[0];
}

/* ---- mails ---- */

/* A mail whose Message-ID and text hold "mail-N." */
static inline uint32_t rig_mail(struct memory *m, const char *wire, unsigned n)
{
	char *text = x_printf("Message-ID: <mail-%u.@example>\r\nDate: Mon, 1 Jan 2024 00:00:%02u +0000\r\nFrom: a@example\r\nSubject: mail-%u.\r\n\r\nThis is mail-%u. of the box.\r\nEnd.\r\n", n, n % 60, n, n);
	uint32_t uid = memory_add(m, wire, text, strlen(text), n % 2 ? "\\Seen Work" : "", 1704067200 + (int64_t)n);
	free(text);
	return uid;
}

static inline void rig_mails(struct memory *m, const char *wire, unsigned first, unsigned last)
{
	for (unsigned n = first; n <= last; n++)
		rig_mail(m, wire, n);
}

/* How many of the folder's mails hold the text. */
static inline size_t rig_with(struct memory *m, const char *wire, const char *text)
{
	size_t found = 0, count = memory_count(m, wire);
	for (size_t i = 0; i < count; i++) {
		const struct memory_mail *mail = memory_at(m, wire, i);
		found += memmem(mail->data, mail->len, text, strlen(text)) != NULL;
	}
	return found;
}

#define EXIT_IS(r, want) \
	do { \
		if ((r)->exit[0] != (want)) \
			fail_msg("exit %d instead of %d; problems: %s", (r)->exit[0], (want), (r)->problems.data); \
	} while (0)
#define SAYS(r, problem) \
	do { \
		if (!rig_says((r), (problem))) \
			fail_msg("not said: %s; said: %s", (problem), (r)->problems.data); \
	} while (0)

#endif
