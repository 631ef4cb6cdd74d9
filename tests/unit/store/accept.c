/* What a person decides: problems that can be lived with, refused mail that is tried again. */
#include "tests/unit/store/help.h"

static void problem(struct help *h, int64_t folder, uint32_t uid, const char *code, const char *severity)
{
	struct problem p = {.account = h->account, .folder = folder, .uid = uid, .side = SIDE_TARGET, .severity = severity, .code = code, .text = "text",
		.hint = "", .message_id = "", .file = ""};

	OK(store_problem(h->st, h->run, &p, &h->err));
}

struct told {
	char text[512];
	bool who;
};

static int tell(void *ctx, const struct problem *p)
{
	struct told *t = ctx;
	size_t len = strlen(t->text);

	snprintf(t->text + len, sizeof(t->text) - len, "%s%s %s %u", len ? ", " : "", p->severity, p->code, p->uid);
	assert_true((p->accepted > 0) == (strcmp(p->accepted_by, "anna") == 0));
	assert_true(p->accepted == 0 || strcmp(p->severity, "note") == 0);
	return 0;
}

static void problems_are(struct help *h, const char *want)
{
	struct told t = {.text = ""};

	OK(store_each_problem(h->st, h->run, h->account, tell, &t, &h->err));
	assert_string_equal(t.text, want);
}

static void next_run(struct help *h)
{
	OK(store_run_end(h->st, h->run, 1, &h->err));
	OK(store_run_begin(h->st, "run", "digest", &h->run, &h->err));
}

static uint64_t accept(struct help *h, enum accepted what)
{
	uint64_t count = 77;

	OK(store_accept(h->st, 0, what, "anna", &count, &h->err));
	return count;
}

static void refuse(struct help *h, uint32_t uid)
{
	OK(store_refuse(h->st, h->folder, uid, &h->err));
	problem(h, h->folder, uid, "message-refused", "error");
}

static void accepted(void **state)
{
	struct help *h = *state;

	help_list(h, h->folder, "1:5");
	refuse(h, 1);
	refuse(h, 2);
	OK(store_refuse(h->st, h->folder, 3, &h->err));
	problem(h, h->folder, 3, "too-big", "error");
	problem(h, h->folder, 4, "message-doubled", "error");
	problem(h, h->folder, 5, "flags-lost", "warning");
	assert_int_equal(accept(h, ACCEPT_REFUSED), 0); /* the run is not finished: nobody can have seen it */
	OK(store_run_end(h->st, h->run, 1, &h->err));
	assert_int_equal(accept(h, ACCEPT_ALTERED), 0);
	assert_int_equal(accept(h, ACCEPT_REFUSED), 3);
	assert_int_equal(accept(h, ACCEPT_REFUSED), 0); /* once */
	problems_are(h, "note message-refused 1, note message-refused 2, note too-big 3, error message-doubled 4, warning flags-lost 5");
	/* in later reports too, as long as they stand; what is new is an error again */
	next_run(h);
	refuse(h, 5);
	problems_are(h, "note message-refused 1, note message-refused 2, note too-big 3, error message-refused 5");
	OK(store_run_end(h->st, h->run, 1, &h->err));
	assert_int_equal(accept(h, ACCEPT_DOUBLED), 0);
	help_ledger_is(h, h->folder, "5 0 0 0 4 0 1 0"); /* each stays in its term */
}

static void one_account_only(void **state)
{
	struct help *h = *state;
	int64_t other = help_account(h, "lucia");
	uint64_t count;

	help_list(h, h->folder, "1");
	refuse(h, 1);
	OK(store_run_end(h->st, h->run, 1, &h->err));
	OK(store_accept(h->st, other, ACCEPT_REFUSED, "anna", &count, &h->err));
	assert_int_equal(count, 0);
	OK(store_accept(h->st, h->account, ACCEPT_REFUSED, "anna", &count, &h->err));
	assert_int_equal(count, 1);
}

/* Tried again: the row is pending, and when it is refused once more it has to be accepted once more. */
static void again(void **state)
{
	struct help *h = *state;
	uint64_t count;

	help_list(h, h->folder, "1:3");
	refuse(h, 1);
	refuse(h, 2);
	OK(store_run_end(h->st, h->run, 1, &h->err));
	assert_int_equal(accept(h, ACCEPT_REFUSED), 2);
	OK(store_refused_again(h->st, h->account, &count, &h->err));
	assert_int_equal(count, 2);
	help_uids_are(h, h->folder, WHICH_PENDING, "1:3");
	next_run(h);
	problems_are(h, "");
	refuse(h, 1);
	problems_are(h, "error message-refused 1");
	OK(store_refused_again(h->st, help_account(h, "lucia"), &count, &h->err));
	assert_int_equal(count, 0);
}

/* A loss that was accepted counts until it is settled. */
static void shrunk(void **state)
{
	struct help *h = *state;
	bool yes;

	OK(store_accepted(h->st, h->account, "source-shrunk", &yes, &h->err));
	assert_false(yes);
	problem(h, 0, 0, "source-shrunk", "error");
	OK(store_run_end(h->st, h->run, 6, &h->err));
	assert_int_equal(accept(h, ACCEPT_SHRUNK), 1);
	OK(store_accepted(h->st, h->account, "source-shrunk", &yes, &h->err));
	assert_true(yes);
	OK(store_accepted(h->st, h->account, "target-shrunk", &yes, &h->err));
	assert_false(yes);
	problems_are(h, "note source-shrunk 0");
	OK(store_accepted_forget(h->st, h->account, "target-shrunk", &h->err));
	OK(store_accepted(h->st, h->account, "source-shrunk", &yes, &h->err));
	assert_true(yes);
	OK(store_accepted_forget(h->st, h->account, "source-shrunk", &h->err));
	OK(store_accepted(h->st, h->account, "source-shrunk", &yes, &h->err));
	assert_false(yes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accepted),
		TEST(one_account_only),
		TEST(again),
		TEST(shrunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
