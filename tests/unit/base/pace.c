/* A limit of bytes a second: how long who has taken must wait, by a clock that stands here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/pace.h"

#define START 7000000	/* when the machine was started does not matter */
#define MB 1000000

/* One after the other on the same pace. */
static const struct take {
	const char *what;
	uint64_t rate;		/* 0: the pace of the row before */
	int64_t at;		/* ms */
	uint64_t bytes;
	int64_t wait;
} takes[] = {
	{ "nothing is ahead at first", MB, 0, 100000, 100 },
	{ "another thread at the same moment comes after it", 0, 0, 100000, 200 },
	{ "who waited is in time", 0, 200, 0, 0 },
	{ "who was late is made up for", 0, 350, 150000, 0 },
	{ "a long silence is not, but for a fifth of a second", 0, 60350, 300000, 100 },
	{ "small mail: less than a millisecond each", 2 * MB, 0, 1000, 0 },
	{ "adds up", 0, 0, 1000, 1 },
	{ "never waits so long that the other end thinks us gone", 1000, 0, 64000, PACE_WAIT_MS },
	{ "what is owed stays owed", 0, PACE_WAIT_MS, 0, PACE_WAIT_MS },
	{ "…", 0, 2 * PACE_WAIT_MS, 0, PACE_WAIT_MS },
	{ "… to its end", 0, 3 * PACE_WAIT_MS, 0, 4000 },
	{ "nothing overflows", 1000, 0, UINT64_C(1) << 32, PACE_WAIT_MS },
	{ "as fast as it goes", UINT64_C(100000) * MB, 0, 64 << 10, 0 },
};

static void table(void **state)
{
	struct pace p = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
		const struct take *t = &takes[i];
		if (t->rate)
			pace_init(&p, t->rate);
		int64_t wait = pace_take(&p, t->bytes, START + t->at);
		if (wait != t->wait)
			fail_msg("%s: %lld ms instead of %lld", t->what, (long long)wait, (long long)t->wait);
	}
	pace_free(&p);
}

/* Threads that take pieces and wait as told: what they have taken never is more than the limit allows by then, and never falls behind it. */
static void kept(void **state)
{
	static const uint64_t pieces[] = { 300, 2000, 17000, 64 << 10 }, rates[] = { 100000, 2 * MB, 5 * MB, 80 * MB };
	enum { THREADS = 4, SECONDS = 30 };
	(void)state;
	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
		for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
			struct pace p;
			int64_t ready[THREADS] = { 0 };
			uint64_t taken = 0;
			pace_init(&p, rates[r]);
			for (int64_t now = 0; now < SECONDS * 1000; now++) {
				for (size_t thread = 0; thread < THREADS; thread++)
					while (ready[thread] <= now) {
						int64_t wait = pace_take(&p, pieces[k], START + now);
						taken += pieces[k];
						ready[thread] = now + wait;
						if (wait > 0)
							break;
					}
				uint64_t fair = rates[r] * (uint64_t)now / 1000, ahead = rates[r] / 500 + THREADS * pieces[k];
				assert_true(taken <= fair + ahead && taken >= fair);
			}
			pace_free(&p);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
