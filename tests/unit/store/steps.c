/* Intents and results: what a step does, what it refuses, commits shared by threads, and death between two of them. */
#include "tests/unit/store/help.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* SQLite's calls end up here: how often something was made to reach the disk. */
static atomic_int syncs;

int fdatasync(int fd)
{
	atomic_fetch_add(&syncs, 1);
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	atomic_fetch_add(&syncs, 1);
	return (int)syscall(SYS_fsync, fd);
}

static int64_t count_rows(const struct help *h, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(h->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void intents_are(struct help *h, int64_t folder, unsigned count, unsigned floor)
{
	struct intents got;

	OK(store_intents(h->st, folder, &got, &h->err));
	assert_int_equal(got.count, count);
	if (count > 0) {
		assert_int_equal(got.floor, floor);
		assert_true(got.newest > 1600000000);
	}
}

static void one_message(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:3");
	intents_are(h, h->folder, 0, 0);
	mails_add(&all, 2, 2);
	help_intend(h, h->folder, &all, 40);
	intents_are(h, h->folder, 1, 40);
	help_uids_are(h, h->folder, WHICH_PENDING, "1,3");
	help_ledger_is(h, h->folder, "3 0 0 0 0 0 3 0");
	assert_int_equal(count_rows(h, "SELECT count(*) FROM message WHERE size = 1002 AND date = 1700000002 AND length(head) = 16"), 1);
	help_finish(h, h->folder, &all, (uint32_t[]){41});
	intents_are(h, h->folder, 0, 0);
	help_placed_are(h, h->folder, "2>41");
	help_ledger_is(h, h->folder, "3 1 0 0 0 0 2 1");
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 0);
	mails_free(&all);
}

/* The results of the last batch and the intents of the next in one step. */
static void both_at_once(void **state)
{
	struct help *h = *state;
	struct mails first = {0}, second = {0};
	struct batch done, next;
	struct batch *finished[] = {&done};
	struct step step = {.finished = finished, .nfinished = 1, .intended = &next, .floor = 12};

	help_list(h, h->folder, "1:4");
	mails_add(&first, 1, 1);
	mails_add(&first, 2, 2);
	mails_add(&second, 3, 3);
	help_intend(h, h->folder, &first, 10);
	done = mails_batch(&first);
	done.uids = (uint32_t[]){10, 0};
	next = mails_batch(&second);
	next.owner = h;
	OK(store_step(h->st, h->folder, &step, &h->err));
	assert_ptr_equal(next.owner, h);
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 1);
	assert_int_equal(count_rows(h, "SELECT batch FROM message WHERE uid = 3"), next.id);
	help_placed_are(h, h->folder, "1>10 2>0");
	intents_are(h, h->folder, 1, 12);
	mails_free(&first);
	mails_free(&second);
}

/* A UID that is taken, twice the same UID, or one of another numbering: the row is copied, where it lies is not known. */
static void uids_not_believed(void **state)
{
	struct help *h = *state;
	struct mails all = {0};
	struct batch batch;
	struct batch *const finished[] = {&batch};
	struct step step = {.finished = finished, .nfinished = 1};

	help_copy(h, h->folder, 1, 1, 10);
	help_list(h, h->folder, "1:5");
	for (uint32_t uid = 2; uid <= 4; uid++)
		mails_add(&all, uid, uid);
	help_intend(h, h->folder, &all, 1);
	help_finish(h, h->folder, &all, (uint32_t[]){10, 11, 11});
	help_placed_are(h, h->folder, "1>10 2>0 3>11 4>0");
	mails_free(&all);
	mails_add(&all, 5, 5);
	help_intend(h, h->folder, &all, 1);
	batch = mails_batch(&all);
	batch.uids = (uint32_t[]){12};
	batch.validity = 78;
	OK(store_step(h->st, h->folder, &step, &h->err));
	help_placed_are(h, h->folder, "1>10 2>0 3>11 4>0 5>0");
	help_ledger_is(h, h->folder, "5 5 0 0 0 0 0 5");
	mails_free(&all);
}

/* Only intents are worth an fsync, and each of them is. */
static void intents_reach_the_disk(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:3");
	for (uint32_t uid = 1; uid <= 3; uid++) {
		int before;

		mails_add(&all, uid, uid);
		before = atomic_load(&syncs);
		help_intend(h, h->folder, &all, 1);
		assert_true(atomic_load(&syncs) > before);
		before = atomic_load(&syncs);
		help_finish(h, h->folder, &all, NULL);
		assert_int_equal(atomic_load(&syncs), before);
		mails_free(&all);
	}
}

/* Bisecting: rows move to new batches; what the first may have stored lies at or above the first floor. */
static void bisect(void **state)
{
	struct help *h = *state;
	struct mails all = {0}, half = {0};

	help_list(h, h->folder, "1:4");
	for (uint32_t uid = 1; uid <= 4; uid++)
		mails_add(&all, uid, uid);
	help_intend(h, h->folder, &all, 20);
	mails_add(&half, 1, 1);
	mails_add(&half, 2, 2);
	help_intend(h, h->folder, &half, 30);
	intents_are(h, h->folder, 4, 20);
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch WHERE floor = 20"), 2);
	mails_free(&half);
	mails_add(&half, 3, 3);
	mails_add(&half, 4, 4);
	help_intend(h, h->folder, &half, 5);
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 2);
	intents_are(h, h->folder, 4, 5);
	help_finish(h, h->folder, &half, NULL);
	intents_are(h, h->folder, 2, 20);
	OK(store_refuse(h->st, h->folder, 1, &h->err));
	intents_are(h, h->folder, 1, 20);
	OK(store_refuse(h->st, h->folder, 2, &h->err));
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 0);
	help_ledger_is(h, h->folder, "4 2 0 0 2 0 0 2");
	mails_free(&all);
	mails_free(&half);
}

/* Nothing that is there, left out or unsettled may be sent; the whole step is taken back. */
static void guards(void **state)
{
	struct help *h = *state;
	static const uint32_t closed[] = {1, 2, 3, 4, 5, 99};

	help_copy(h, h->folder, 5, 1, 20);
	help_copy(h, h->folder, 1, 1, 10);
	help_list(h, h->folder, "1:6");
	help_skip(h, h->folder, "2");
	OK(store_refuse(h->st, h->folder, 3, &h->err));
	help_apply(h, store_unsettled, h->folder, "4");
	help_apply(h, store_vanish, h->folder, "5");
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		struct mails all = {0};
		struct batch batch;
		struct step step = {.intended = &batch};

		mails_add(&all, 6, 6);
		mails_add(&all, closed[i], closed[i]);
		batch = mails_batch(&all);
		FAILS(ERR_BUG, store_step(h->st, h->folder, &step, &h->err));
		assert_int_equal(batch.id, 0);
		intents_are(h, h->folder, 0, 0);
		mails_free(&all);
	}
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 0);
	help_uids_are(h, h->folder, WHICH_PENDING, "6");
}

/* Deleted there while its mail waits to be sent: it is sent, and stays vanished, as if it had left before. */
static void vanished_on_its_way(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:2");
	mails_add(&all, 1, 1);
	mails_add(&all, 2, 2);
	help_apply(h, store_vanish, h->folder, "1");
	help_intend(h, h->folder, &all, 1);
	intents_are(h, h->folder, 1, 1);
	help_finish(h, h->folder, &all, (uint32_t[]){50, 51});
	help_placed_are(h, h->folder, "2>51");
	assert_int_equal(count_rows(h, "SELECT count(*) FROM message WHERE uid = 1 AND state = 6 AND was = 2 AND target_uid = 50"), 1);
	mails_free(&all);
}

/* A second OK, or one that comes after the settlement, changes nothing. */
static void finished_twice(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1");
	mails_add(&all, 1, 1);
	help_intend(h, h->folder, &all, 1);
	OK(store_claim(h->st, h->folder, 1, ORIGIN_OURS, 44, &h->err));
	help_finish(h, h->folder, &all, (uint32_t[]){50});
	help_placed_are(h, h->folder, "1>44");
	mails_free(&all);
}

static void settled_as_none(void **state)
{
	struct help *h = *state;
	struct mails all = {0};

	help_list(h, h->folder, "1:3");
	mails_add(&all, 1, 1);
	mails_add(&all, 2, 2);
	mails_add(&all, 3, 3);
	help_intend(h, h->folder, &all, 7);
	help_apply(h, store_vanish, h->folder, "3");
	help_apply(h, store_unsettled, h->folder, "2");
	intents_are(h, h->folder, 1, 7);
	OK(store_intents_none(h->st, h->folder, &h->err));
	intents_are(h, h->folder, 0, 0);
	help_list(h, h->folder, "1:3");
	help_uids_are(h, h->folder, WHICH_PENDING, "1,3");
	help_uids_are(h, h->folder, WHICH_HEADLESS, "");
	help_ledger_is(h, h->folder, "3 0 0 0 0 0 3 0");
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 0);
	mails_free(&all);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 40 };

struct worker {
	struct help *h;
	int64_t folder;
	uint32_t target;	/* its mails lie from here on */
	unsigned failed, wrong;
};

/* Every fifth step names a UID that has no row: it has to fail alone. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct mails last = {0};

	for (uint32_t round = 1; round <= ROUNDS + 1; round++) {
		struct mails mails = {0};
		struct batch done = mails_batch(&last), next;
		struct batch *const finished[] = {&done};
		struct step step = {.finished = finished, .nfinished = round > 1, .intended = round <= ROUNDS ? &next : NULL, .floor = 1};
		struct error err;

		done.uids = (uint32_t[]){w->target + round - 1};
		mails_add(&mails, round, round);
		next = mails_batch(&mails);
		if (round % 5 == 0) {
			struct mails bad = {0};
			struct batch batch;
			struct step broken = {.intended = &batch};

			mails_add(&bad, 1000, 1);
			batch = mails_batch(&bad);
			w->failed += store_step(w->h->st, w->folder, &broken, &err) < 0 && err.class == ERR_BUG;
			mails_free(&bad);
		}
		w->wrong += store_step(w->h->st, w->folder, &step, &err) < 0 || (step.intended && next.id == 0);
		mails_free(&last);
		last = mails;
	}
	mails_free(&last);
	return NULL;
}

static void threads_share(void **state)
{
	struct help *h = *state;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	for (uint32_t i = 0; i < THREADS; i++) {
		char name[8] = {(char)('A' + i)};

		workers[i] = (struct worker){.h = h, .folder = help_folder(h, name, 1), .target = 1000 * (i + 1)};
		help_list(h, workers[i].folder, "1:40");
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(workers[i].wrong, 0);
		assert_int_equal(workers[i].failed, ROUNDS / 5);
		help_ledger_is(h, workers[i].folder, "40 40 0 0 0 0 0 40");
		help_uids_are(h, workers[i].folder, WHICH_UNPLACED, "");
		intents_are(h, workers[i].folder, 0, 0);
	}
	assert_int_equal(count_rows(h, "SELECT count(*) FROM batch"), 0);
}

/* ---- death ---- */

/* Opens the state in a child, sends one mail and hears that it lies at 41; dies at `point`, or after the intent when it is NULL. */
static void die(struct help *h, const char *point)
{
	struct mails all = {0};
	struct batch batch;
	struct batch *const finished[] = {&batch};
	struct step intend = {.intended = &batch, .floor = 40}, finish = {.finished = finished, .nfinished = 1};
	struct store *st;
	struct error err;

	if (point)
		setenv("TRASLOCO_CRASH", point, 1);
	mails_add(&all, 1, 1);
	batch = mails_batch(&all);
	if (store_open(&st, h->path, STORE_WRITE, &err) < 0 || store_step(st, h->folder, &intend, &err) < 0)
		_exit(1);
	if (!point)
		_exit(0);
	batch.uids = (uint32_t[]){41};
	store_step(st, h->folder, &finish, &err);
	_exit(2);
}

static void killed(struct help *h, const char *point)
{
	int status;
	pid_t child;

	store_close(&h->st);
	child = fork();
	if (child == 0)
		die(h, point);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (point)
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	else
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	OK(store_open(&h->st, h->path, STORE_WRITE, &h->err));
}

static void death_after_intent(void **state)
{
	struct help *h = *state;

	help_list(h, h->folder, "1");
	killed(h, NULL);
	intents_are(h, h->folder, 1, 40);
	help_uids_are(h, h->folder, WHICH_PENDING, "");
}

static void death_at_points(void **state)
{
#ifdef TRASLOCO_CRASH_POINTS
	struct help *h = *state;
	static const struct {
		const char *point;
		unsigned intents;
		const char *placed;
	} cases[] = {
		{"commit", 0, ""}, {"committed", 1, ""}, {"intended", 1, ""}, {"commit:2", 1, ""}, {"committed:2", 0, "1>41"},
	};

	help_list(h, h->folder, "1");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		killed(h, cases[i].point);
		intents_are(h, h->folder, cases[i].intents, 40);
		help_placed_are(h, h->folder, cases[i].placed);
		OK(store_intents_none(h->st, h->folder, &h->err));
	}
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_message), TEST(both_at_once), TEST(intents_reach_the_disk), TEST(uids_not_believed), TEST(bisect), TEST(guards), TEST(vanished_on_its_way), TEST(finished_twice),
		TEST(settled_as_none), TEST(threads_share), TEST(death_after_intent), TEST(death_at_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
