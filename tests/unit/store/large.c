/* A folder of 200,000 messages through its whole life: nothing here may cost the square of that. */
#include "tests/unit/store/help.h"

#include <sys/resource.h>

enum { MANY = 200000, BATCH = 500 };

/* The mails of UIDs first to first + BATCH - 1. */
static void fill(struct mail **mails, uint32_t first, uint32_t shift)
{
	for (uint32_t i = 0; i < BATCH; i++)
		mails[i] = help_mail(first + i + shift, first + i);
}

static void empty(struct mail **mails)
{
	for (uint32_t i = 0; i < BATCH; i++)
		mail_free(&mails[i]);
}

static void list_all(struct help *h, uint64_t fresh, uint64_t vanished)
{
	struct uid_set all = {0};
	struct listed listed;

	uid_set_add(&all, 1, MANY);
	OK(store_listed(h->st, h->folder, &all, MANY + 1, &listed, &h->err));
	assert_int_equal(listed.fresh, fresh);
	assert_int_equal(listed.vanished, vanished);
	uid_set_free(&all);
}

/* Batches on their way: the results of one go with the intents of the next. */
static void copy_all(struct help *h)
{
	struct mail *mails[2][BATCH];
	uint32_t uids[BATCH];
	struct batch batches[2];

	for (uint32_t first = 1, turn = 0; first <= MANY + 1; first += BATCH, turn ^= 1) {
		struct batch *const finished[] = {&batches[turn ^ 1]};
		struct step step = {.finished = finished, .nfinished = first > 1, .intended = first <= MANY ? &batches[turn] : NULL, .floor = 1};

		if (first <= MANY)
			fill(mails[turn], first, 0);
		batches[turn] = (struct batch){.count = BATCH, .mails = mails[turn]};
		for (uint32_t i = 0; i < BATCH && first > 1; i++)
			uids[i] = first - BATCH + i + MANY;
		batches[turn ^ 1].uids = uids;
		OK(store_step(h->st, h->folder, &step, &h->err));
		if (first > 1)
			empty(mails[turn ^ 1]);
	}
}

static void sets_of_many(struct help *h)
{
	struct uid_set set = {0}, odd = {0}, out = {0};

	OK(store_uids(h->st, h->folder, WHICH_NOT_UNIQUE, &set, &h->err));
	assert_int_equal(uid_set_size(&set), 0);
	uid_set_add(&odd, 1, 3 * MANY);
	OK(store_unclaimed(h->st, h->mailbox, h->folder, &odd, &out, &h->err));
	assert_int_equal(uid_set_size(&out), 2 * MANY);
	uid_set_reset(&odd);
	/* Every second UID: the worst of ranges. */
	for (uint32_t uid = 1; uid <= MANY; uid += 2)
		uid_set_add(&odd, uid, uid);
	OK(store_vanish(h->st, h->folder, &odd, &h->err));
	help_ledger_is(h, h->folder, "200000 100000 0 0 0 100000 0 100000");
	list_all(h, 0, 0);
	help_ledger_is(h, h->folder, "200000 200000 0 0 0 0 0 200000");
	uid_set_free(&set);
	uid_set_free(&odd);
	uid_set_free(&out);
}

/* The target is renumbered: all its mails are candidates, and all rows find theirs. */
static void rematch_all(struct help *h)
{
	struct mail *mails[BATCH];
	struct matched matched;
	struct double_row *rows;
	size_t count;
	bool renumbered;

	OK(store_mailbox_seen(h->st, h->mailbox, 78, 1, &renumbered, &h->err));
	for (uint32_t first = 1; first <= MANY; first += BATCH) {
		fill(mails, first, 1000);
		OK(store_candidates(h->st, h->mailbox, mails, BATCH, &h->err));
		empty(mails);
	}
	OK(store_match(h->st, h->folder, MATCH_UNPLACED, 1, true, &matched, &h->err));
	assert_int_equal(matched.header, MANY);
	assert_int_equal(matched.core + matched.doubtful + matched.none, 0);
	OK(store_doubles(h->st, h->folder, 1, &rows, &count, &h->err));
	assert_int_equal(count, 0);
	free(rows);
}

static void whole_life(void **state)
{
	struct help *h = *state;
	struct placed *rows;
	struct rusage usage;
	size_t count;

	list_all(h, MANY, 0);
	copy_all(h);
	help_ledger_is(h, h->folder, "200000 200000 0 0 0 0 0 200000");
	list_all(h, 0, 0);
	sets_of_many(h);
	for (uint32_t first = 1; first <= MANY; first += 2000)
		OK(store_compared(h->st, h->folder, first, first + 1999, NULL, 0, &h->err));
	rematch_all(h);
	OK(store_placed(h->st, h->folder, MANY - 1, MANY, &rows, &count, &h->err));
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].target_uid, MANY + 1000);
	assert_int_equal(rows[1].state, STATE_VERIFIED);
	placed_free(rows, count);
	getrusage(RUSAGE_SELF, &usage);
	print_message("peak memory %ld KiB\n", usage.ru_maxrss);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(whole_life)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
