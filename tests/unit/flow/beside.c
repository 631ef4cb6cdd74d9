/* Two worlds in which the same things happen: in one a folder that has changed in part is compared in that part, in the other it is read whole. Run after run they say
   the same, and do the same. */
#include "tests/unit/flow/rig.h"

#define MAILS 60
#define ROWS(table) (sizeof(table) / sizeof *(table))

static void start(struct rig *r)
{
	rig_make(r, 1, false);
	memory_counts(r->source[0], true);
	memory_counts(r->target[0], true);
	rig_mails(r->source[0], "INBOX", 1, MAILS);
	rig_run(r, FLOW_RUN, false);
	EXIT_IS(r, 0);
}

static unsigned long long seed;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % sides;
}

static uint32_t any_uid(struct memory *m)
{
	size_t count = memory_count(m, "INBOX");
	return count ? memory_at(m, "INBOX", dice((unsigned)count))->uid : 1;
}

static void happen(struct rig *r, unsigned n)
{
	static const char *const flags[] = { "", "\\Seen", "\\Seen \\Flagged", "\\Answered Work", "\\Seen Altro" };
	switch (dice(10)) {
	case 9:
		memory_flags(r->target[0], "INBOX", any_uid(r->target[0]), "");
		break;
	case 0:
		rig_mail(r->source[0], "INBOX", 1000 + n);
		break;
	case 1:
		rig_mail(r->source[0], "INBOX", 1 + dice(40)); /* once more */
		break;
	case 2:
	case 3:
		memory_flags(r->source[0], "INBOX", any_uid(r->source[0]), flags[dice(ROWS(flags))]);
		break;
	case 4:
		memory_flags(r->target[0], "INBOX", any_uid(r->target[0]), flags[2 + dice(ROWS(flags) - 2)]);
		break;
	case 5:
		memory_remove(r->source[0], "INBOX", any_uid(r->source[0]));
		break;
	case 6:
		memory_remove(r->target[0], "INBOX", any_uid(r->target[0]));
		break;
	case 7:
		rig_mail(r->target[0], "INBOX", 2000 + n);
		break;
	default:
		rig_mail(r->target[0], "INBOX", 1 + dice(40)); /* its owner copies one */
	}
}

static void check_same(struct rig *a, struct rig *b, unsigned round)
{
	struct verified v = a->verified, u = b->verified;
	v.quiet = u.quiet = v.sampled = u.sampled = 0;
	bool same = a->exit[0] == b->exit[0] && memcmp(&a->ledger, &b->ledger, sizeof a->ledger) == 0 && memcmp(&v, &u, sizeof v) == 0 && strcmp(a->problems.data, b->problems.data) == 0 &&
		memory_count(a->target[0], "INBOX") == memory_count(b->target[0], "INBOX");
	for (size_t i = 0; same && i < memory_count(a->target[0], "INBOX"); i++) {
		const struct memory_mail *x = memory_at(a->target[0], "INBOX", i), *y = memory_at(b->target[0], "INBOX", i);
		same = x->uid == y->uid && x->len == y->len && memcmp(x->data, y->data, x->len) == 0 && x->date == y->date && x->flags.system == y->flags.system;
	}
	if (!same)
		fail_msg("round %u: exit %d %d, copied %llu %llu, gone %llu %llu, identical %llu %llu, others %llu %llu, at the target %zu %zu\n%s--\n%s", round, a->exit[0], b->exit[0],
			(unsigned long long)a->ledger.copied, (unsigned long long)b->ledger.copied, (unsigned long long)a->verified.gone, (unsigned long long)b->verified.gone,
			(unsigned long long)a->verified.identical, (unsigned long long)b->verified.identical, (unsigned long long)a->verified.target_only,
			(unsigned long long)b->verified.target_only, memory_count(a->target[0], "INBOX"), memory_count(b->target[0], "INBOX"), a->problems.data, b->problems.data);
}

static void test_beside(void **state)
{
	(void)state;
	uint64_t quiet = 0;
	for (unsigned world = 0; world < 8; world++) {
		struct rig a, b;
		start(&a);
		start(&b);
		memory_tells(b.source[0], TELLS_NO);
		for (unsigned round = 0; round < 8; round++) {
			unsigned things = dice(4);
			for (unsigned i = 0; i < things; i++) {
				unsigned long long before = seed;
				happen(&a, round * 10 + i);
				seed = before;
				happen(&b, round * 10 + i);
			}
			rig_run(&a, FLOW_RUN, false);
			rig_run(&b, FLOW_RUN, false);
			check_same(&a, &b, round);
			quiet += a.verified.quiet > 0 && a.verified.quiet < a.verified.identical;
		}
		rig_free(&a);
		rig_free(&b);
	}
	assert_true(quiet > 8); /* else nothing was tried */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
