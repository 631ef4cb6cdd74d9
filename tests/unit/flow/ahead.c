/* The next folders are asked for while mail of the one at hand comes in: in which order, that nothing is read twice without need, and that whatever happens to a folder
   between being asked for and its turn, all its mail arrives once. One lane, so that the order is always the same. */
#include "tests/unit/flow/rig.h"

#define FOLDERS 5u
static const char *const folders[FOLDERS] = { "INBOX.a", "INBOX.b", "INBOX.c", "INBOX.d", "INBOX.e" };
#define LARGE 500000

/* The largest first: `a` has `mails`, each further one a mail less; mails 101.. in `a`, 201.. in `b`. */
static void start_many(struct rig *r, size_t accounts, unsigned mails)
{
	rig_make(r, accounts, false);
	r->job.workers = (unsigned)accounts;
	for (size_t i = 0; i < accounts; i++) {
		r->account[i].source.connections = 1;
		for (unsigned f = 0; f < FOLDERS; f++)
			rig_mails(r->source[i], folders[f], 100 * (f + 1) + 1, 100 * (f + 1) + mails - f);
	}
}

static void start(struct rig *r, unsigned mails)
{
	start_many(r, 1, mails);
}

static unsigned total(unsigned mails)
{
	return FOLDERS * mails - FOLDERS * (FOLDERS - 1) / 2;
}

/* All that the source holds is at the target, once; `exactly`: and nothing else is. */
static void assert_there(struct rig *r, size_t account, bool exactly)
{
	struct memory *source = r->source[account], *target = r->target[account];
	for (unsigned f = 0; f < FOLDERS; f++) {
		const char *to = folders[f] + strlen("INBOX.");
		size_t count = memory_count(source, folders[f]), there = memory_count(target, to);
		if (exactly && there != count)
			fail_msg("account %zu, %s: %zu instead of %zu; asked: %s; said: %s", account, to, there, count, memory_asks(source), r->problems.data);
		for (size_t i = 0; i < count; i++) {
			const struct memory_mail *mail = memory_at(source, folders[f], i);
			size_t found = rig_with(target, to, mail->data);
			if (found != 1)
				fail_msg("account %zu, %s: uid %u is there %zu times; asked: %s; said: %s", account, to, mail->uid, found, memory_asks(source), r->problems.data);
		}
	}
}

static void ends_well(struct rig *r)
{
	rig_run(r, FLOW_RUN, false);
	for (size_t i = 0; i < r->job.accounts; i++) {
		if (r->exit[i] != 0)
			fail_msg("account %zu: exit %d; asked: %s; said: %s", i, r->exit[i], memory_asks(r->source[i]), r->problems.data);
		assert_there(r, i, false);
	}
}

/* How often that was asked for, before the first `until` (NULL: ever). */
static unsigned asked(const struct rig *r, const char *line, const char *until)
{
	const char *text = memory_asks(r->source[0]), *end = until ? strstr(text, until) : text + strlen(text);
	unsigned n = 0;
	assert_non_null(end);
	for (const char *at = text; (at = strstr(at, line)) && at < end; at++)
		n++;
	return n;
}

/* ---- the order ---- */

/* Four listings at once, mail of two folders ahead, the sample (of so few mails: all) behind them; each mail is read once, over one connection. */
static void test_order(void **state)
{
	static const char begins[] = "UIDS INBOX.a\nUIDS INBOX.b\nUIDS INBOX.c\nUIDS INBOX.d\nBODY INBOX.a\nMETA INBOX.a\nUIDS INBOX.e\n"
		"BODY INBOX.b\nMETA INBOX.b\nBODY INBOX.c\nMETA INBOX.c\nDIGEST INBOX.a\n";
	(void)state;
	struct rig r;
	start(&r, 6);
	ends_well(&r);
	if (strncmp(memory_asks(r.source[0]), begins, strlen(begins)) != 0)
		fail_msg("asked: %s", memory_asks(r.source[0]));
	for (unsigned f = 0; f < FOLDERS; f++) {
		CLEANUP(x_free) char *body = x_printf("BODY %s\n", folders[f]), *uids = x_printf("UIDS %s\n", folders[f]), *digest = x_printf("DIGEST %s\n", folders[f]);
		assert_int_equal(asked(&r, uids, NULL), 1);
		assert_int_equal(asked(&r, body, NULL), 1);
		assert_int_equal(asked(&r, digest, NULL), 1);
	}
	assert_int_equal(asked(&r, "BODY INBOX.d\n", "DIGEST INBOX.a\n"), 0);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), total(6));
	assert_int_equal(memory_read(r.source[0], WANT_META), total(6));
	assert_int_equal(memory_opened(r.source[0]), 1);
	assert_int_equal(r.verified.identical, total(6));
	assert_int_equal(r.verified.sampled, total(6));
	rig_free(&r);
}

/* No more is asked for than what its listing alone decides: of a folder that is searched for at the target first, nothing, and no other is asked for behind it. */
static void test_not_at_once(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 9);
	rig_mail(r.target[0], "b", 201);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_there(&r, 0, true);
	assert_int_equal(r.ledger.already_there, 1);
	assert_int_equal(asked(&r, "BODY INBOX.b\n", "HEAD INBOX.b\n"), 0);
	assert_int_equal(asked(&r, "UIDS INBOX.c\n", "HEAD INBOX.b\n"), 0);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), total(9) - 1);
	rig_free(&r);
}

/* A verification, a deep one and one without any. */
static void test_other_orders(void **state)
{
	(void)state;
	struct rig r;
	start(&r, 8);
	r.no_verify = true;
	ends_well(&r);
	assert_int_equal(memory_read(r.source[0], WANT_BODY), total(8));
	assert_int_equal(memory_read(r.source[0], WANT_META) + memory_read(r.source[0], WANT_DIGEST), 0);
	r.no_verify = false;
	rig_run(&r, FLOW_VERIFY, true);
	EXIT_IS(&r, 0);
	assert_int_equal(r.verified.identical, total(8));
	assert_int_equal(memory_read(r.source[0], WANT_DIGEST), total(8));
	assert_int_equal(memory_read(r.source[0], WANT_BODY), total(8));
	rig_run(&r, FLOW_PLAN, false);
	EXIT_IS(&r, 0);
	rig_free(&r);
}

/* Two folders into one: the second begins when the first is through, in the same session. */
static void test_one_after_the_other(void **state)
{
	char from[] = "b", to[] = "a";
	struct job_map map[] = { { from, to } };
	(void)state;
	struct rig r;
	rig_make(&r, 1, false);
	r.job.workers = 1;
	r.account[0].folders = (struct job_folders){ .map = map, .maps = 1, .merge = true };
	rig_mails(r.source[0], "INBOX.a", 101, 109);
	rig_mails(r.source[0], "INBOX.b", 201, 205);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 0);
	assert_int_equal(memory_count(r.target[0], "a"), 14);
	assert_int_equal(memory_opened(r.source[0]), 1);
	assert_int_equal(memory_opened(r.target[0]), 1);
	rig_free(&r);
}

/* ---- what comes before its turn ---- */

static void add_large(struct rig *r, const char *wire, unsigned n, size_t size)
{
	CLEANUP(x_free) char *text = x_malloc(size);
	int head = snprintf(text, size, "Message-ID: <large-%u@example>\r\nSubject: large\r\n\r\n", n);
	for (size_t i = (size_t)head; i < size; i++)
		text[i] = i % 64 == 0 ? '\n' : i % 64 == 63 ? '\r' : 'x';
	memory_add(r->source[0], wire, text, size, "", 1704067200);
}

/* A mail of `a` has to be asked for again, behind what was asked for ahead. That is kept; where it is too much, all of it is read again, be it in memory or on disk. */
static void test_kept(void **state)
{
	static const struct { size_t size; unsigned count, twice; } rows[] = { { 0, 0, 0 }, { LARGE, 1, 0 }, { LARGE, 3, 1 }, { 3 * LARGE, 2, 0 }, { 3 * LARGE, 5, 1 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig r;
		start(&r, 9);
		for (unsigned n = 0; n < rows[i].count; n++) {
			memory_remove(r.source[0], "INBOX.b", n + 1);
			add_large(&r, "INBOX.b", n, rows[i].size);
		}
		memory_rule(r.source[0], &(struct memory_rule){ FAULT_NO_BODY, "mail-104.", 1, 0 });
		rig_run(&r, FLOW_RUN, false);
		EXIT_IS(&r, 0);
		assert_there(&r, 0, true);
		assert_int_equal(asked(&r, "BODY INBOX.a\n", NULL), 2);
		if (asked(&r, "BODY INBOX.b\n", NULL) != 1 + rows[i].twice)
			fail_msg("row %zu: asked: %s", i, memory_asks(r.source[0]));
		assert_int_equal(asked(&r, "BODY INBOX.c\n", NULL), 1);
		assert_in_range(asked(&r, "DIGEST INBOX.a\n", NULL), 0, 1); /* that a mail goes singly is no reason for the sample to */
		assert_int_equal(memory_read(r.source[0], WANT_BODY), total(9) + 1 + 8 * rows[i].twice);
		rig_free(&r);
	}
}

/* ---- what happens meanwhile ---- */

struct change {
	struct memory *source;
	struct rig *r;
	const char *before;	/* this is asked for … */
	unsigned times;		/* … so often, at most */
	void (*make)(struct change *c);
	unsigned done;
};

static void when_asked(void *ctx)
{
	struct change *c = ctx;
	const char *text = memory_asks(c->source);
	size_t len = strlen(text), own = strlen(c->before);
	if (c->done < c->times && len >= own && strcmp(text + len - own, c->before) == 0) {
		c->make(c);
		c->done++;
	}
}

static void remove_first(struct change *c)
{
	memory_remove(c->source, "INBOX.b", memory_at(c->source, "INBOX.b", 0)->uid);
}

static void empty_it(struct change *c)
{
	while (memory_count(c->source, "INBOX.b") > 0)
		remove_first(c);
}

static void add_one(struct change *c)
{
	rig_mail(c->source, "INBOX.b", 250 + c->done);
}

/* Other mail under the same UIDs. */
static void renumber(struct change *c)
{
	remove_first(c);
	add_one(c);
	memory_renumber(c->source, "INBOX.b");
}

static void hide(struct change *c)
{
	memory_rename(c->source, "INBOX.b", "hidden");
}

static void stop(struct change *c)
{
	cancel_fire(&c->r->stop);
}

/* Several at once, each with an account of its own: some of them have to wait before they send anything again. */
static void change_all(struct rig *r, struct change *changes, size_t count)
{
	start_many(r, count, 9);
	for (size_t i = 0; i < count; i++) {
		changes[i].source = r->source[i];
		changes[i].r = r;
		memory_on_ask(r->source[i], when_asked, &changes[i]);
	}
}

static void change_end(struct rig *r, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool chance = strncmp(changes[i].before, "DIGEST", 6) == 0; /* whether one of its mails was chosen */
		if (changes[i].done != changes[i].times && !chance)
			fail_msg("%s %u times: asked: %s", changes[i].before, changes[i].done, memory_asks(changes[i].source));
		memory_on_ask(r->source[i], NULL, NULL);
	}
}

static void test_vanish(void **state)
{
	struct change changes[] = { { .before = "UIDS INBOX.b\n", .times = 1, .make = remove_first }, { .before = "BODY INBOX.b\n", .times = 1, .make = remove_first },
		{ .before = "META INBOX.b\n", .times = 1, .make = remove_first }, { .before = "BODY INBOX.b\n", .times = 1, .make = empty_it } };
	(void)state;
	struct rig r;
	change_all(&r, changes, 4);
	ends_well(&r);
	change_end(&r, changes, 4);
	assert_int_equal(r.ledger.vanished, 2 + 8); /* one was gone before it was listed */
	assert_int_equal(r.ledger.pending, 0);
	rig_free(&r);
}

static void test_come(void **state)
{
	struct change changes[] = { { .before = "UIDS INBOX.b\n", .times = 1, .make = add_one }, { .before = "BODY INBOX.b\n", .times = 1, .make = add_one },
		{ .before = "META INBOX.b\n", .times = 1, .make = add_one }, { .before = "UIDS INBOX.b\n", .times = 1, .make = empty_it } };
	(void)state;
	struct rig r;
	change_all(&r, changes, 4);
	rig_run(&r, FLOW_RUN, false);
	assert_int_equal(r.ledger.copied, 4 * total(9) - 8);
	change_end(&r, changes, 4);
	ends_well(&r); /* what came later is the next run's */
	assert_int_equal(r.ledger.copied_now, 3);
	rig_free(&r);
}

/* UIDs of one numbering are never taken for those of another, however often it changes. */
static void test_renumbered(void **state)
{
	static const struct { const char *before; unsigned times; } rows[] = { { "UIDS INBOX.b\n", 1 }, { "UIDS INBOX.b\n", 2 }, { "BODY INBOX.b\n", 1 }, { "BODY INBOX.b\n", 2 },
		{ "META INBOX.b\n", 1 }, { "DIGEST INBOX.b\n", 1 }, { "BODY INBOX.c\n", 1 }, { "UIDS INBOX.c\n", 1 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i += ACCOUNTS) {
		struct change changes[ACCOUNTS];
		struct rig r;
		for (size_t k = 0; k < ACCOUNTS; k++)
			changes[k] = (struct change){ .before = rows[i + k].before, .times = rows[i + k].times, .make = renumber };
		change_all(&r, changes, ACCOUNTS);
		rig_run(&r, FLOW_RUN, false);
		change_end(&r, changes, ACCOUNTS);
		ends_well(&r);
		rig_free(&r);
	}
}

/* Headers are learnt behind what was asked for ahead, so that the folder is opened anew: under another numbering they are of other mail. */
static void test_renumbered_headers(void **state)
{
	(void)state;
	struct rig r;
	struct change change = { .before = "HEAD INBOX.b\n", .times = 1, .make = renumber };
	change_all(&r, &change, 1);
	rig_mail(r.target[0], "b", 299);
	ends_well(&r);
	change_end(&r, &change, 1);
	assert_int_equal(memory_opened(r.source[0]), 2);
	assert_int_equal(asked(&r, "BODY INBOX.b\n", NULL), 1);
	rig_free(&r);
}

/* A folder that does not open for a time: it is tried again, and the others lose nothing by it. */
static void test_refused(void **state)
{
	struct change changes[] = { { .before = "UIDS INBOX.b\n", .times = 1, .make = hide }, { .before = "BODY INBOX.b\n", .times = 1, .make = hide },
		{ .before = "META INBOX.b\n", .times = 1, .make = hide }, { .before = "UIDS INBOX.c\n", .times = 1, .make = hide } };
	(void)state;
	struct rig r;
	change_all(&r, changes, 4);
	rig_run(&r, FLOW_RUN, false);
	change_end(&r, changes, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r.exit[i], 3);
		memory_rename(r.source[i], "hidden", "INBOX.b");
		assert_int_equal(memory_count(r.target[i], "e"), 5);
	}
	SAYS(&r, "error folder-failed 0\n");
	ends_well(&r);
	assert_int_equal(r.ledger.copied, 4 * total(9));
	rig_free(&r);
}

/* The connection breaks where mail of this or that folder is asked for: each arrives once. */
static void test_breaks(void **state)
{
	static const char *const at[ACCOUNTS] = { "mail-101.", "mail-208.", "mail-303.", "mail-504." };
	(void)state;
	struct rig r;
	start_many(&r, ACCOUNTS, 9);
	for (unsigned i = 0; i < ACCOUNTS; i++)
		memory_rule(r.source[i], &(struct memory_rule){ FAULT_READ_BREAK, at[i], 1 + i % 3, 0 });
	ends_well(&r);
	for (size_t i = 0; i < ACCOUNTS; i++)
		assert_int_equal(memory_appended(r.target[i]), total(9));
	rig_free(&r);
}

/* Stopped by whichever comes first, with several folders asked for: 130, and the next run brings the rest. */
static void test_stop(void **state)
{
	struct change changes[] = { { .before = "UIDS INBOX.d\n", .times = 1, .make = stop }, { .before = "BODY INBOX.b\n", .times = 1, .make = stop },
		{ .before = "META INBOX.c\n", .times = 1, .make = stop }, { .before = "BODY INBOX.d\n", .times = 1, .make = stop } };
	(void)state;
	struct rig r;
	change_all(&r, changes, 4);
	rig_run(&r, FLOW_RUN, false);
	EXIT_IS(&r, 130);
	for (size_t i = 0; i < 4; i++)
		memory_on_ask(r.source[i], NULL, NULL);
	cancel_reset(&r.stop);
	ends_well(&r);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(memory_appended(r.target[i]), total(9));
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order), cmocka_unit_test(test_not_at_once), cmocka_unit_test(test_other_orders), cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_kept), cmocka_unit_test(test_vanish), cmocka_unit_test(test_come), cmocka_unit_test(test_renumbered), cmocka_unit_test(test_renumbered_headers), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_breaks), cmocka_unit_test(test_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
