/* The table of the contract, and how a connection is woken, stopped and closed. */
#include "tests/contract/rig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A wake_fd that becomes readable ends next_event() with EV_NONE; a cancel ends everything. */
static void test_wake_and_cancel(void **state)
{
	struct rig rig, *r = &rig;
	int bell[2];
	struct event e;
	struct folder_list list;
	rig_open(r, state, true);
	assert_int_equal(pipe(bell), 0);
	assert_int_equal(write(bell[1], "x", 1), 1);
	r->env.wake_fd = bell[0];
	e = next_event(r);
	assert_int_equal(e.kind, EV_NONE);
	r->env.wake_fd = -1;
	name_folder(r, "INBOX");
	ask_range(r, 1, 5, WANT_UIDS, true);
	e = next_event(r);
	assert_int_equal(e.kind, EV_BOX); /* the rest is on its way, or here already */
	cancel_fire(&r->cancel);
	assert_int_equal(r->conn->ops->next(r->conn, &e, &r->err), -1);
	assert_int_equal(r->err.class, ERR_CANCELLED);
	assert_int_equal(r->conn->ops->list(r->conn, &list, &r->err), -1);
	r->conn->ops->close(&r->conn, false);
	close(bell[0]);
	close(bell[1]);
	rig_close(r);
}

/* Closing in the middle frees what is open; the caller still holds its batch. */
static void test_close(void **state)
{
	struct rig rig, *r = &rig;
	char *text = text_of(1, 100);
	rig_open(r, state, true);
	name_folder(r, "Box");
	prepare_folder(r, false, NULL);
	struct mail *mails[] = { mail_of(text, strlen(text), "", DATE) };
	struct batch b = batch_of(r, mails, 1);
	OK(r->conn->ops->append(r->conn, &b, &r->err));
	ask_range(r, 1, 10, WANT_BODY, true);
	r->conn->ops->close(&r->conn, false);
	assert_null(r->conn);
	r->conn = NULL;
	batch_end(&b);
	free(text);
	rig_close(r);
}

/* What the server says of itself, as often as it is asked, and with mail in the box. */
static void test_describe(void **state)
{
	struct rig rig, *r = &rig;
	struct door_facts facts = { .append_limit = 7 };
	rig_open(r, state, true);
	name_folder(r, "INBOX");
	prepare_folder(r, true, NULL);
	put_mails(r, 1, 2);
	for (int times = 0; times < 2; times++) {
		OK(r->conn->ops->describe(r->conn, &facts, &r->err));
		assert_true(facts.append_limit == 0 || facts.append_limit == r->opener->max_mail);
		assert_int_equal(facts.has_quota, r->opener->quota > 0);
		assert_int_equal(facts.quota_limit, r->opener->quota);
		assert_true(facts.quota_used <= facts.quota_limit);
		assert_int_equal(strncmp(facts.secured, r->opener->secured, strlen(r->opener->secured)), 0);
		assert_int_equal(facts.secured[0] == '\0', r->opener->secured[0] == '\0');
		assert_true(facts.mechanism[0]);
		if (r->opener->mechanism)
			assert_string_equal(facts.mechanism, r->opener->mechanism);
	}
	rig_close(r);
}

int contract_run(const char *name, struct opener *opener)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(contract_list, opener),
		cmocka_unit_test_prestate(contract_empty, opener),
		cmocka_unit_test_prestate(contract_wants, opener),
		cmocka_unit_test_prestate(contract_several, opener),
		cmocka_unit_test_prestate(contract_prepare, opener),
		cmocka_unit_test_prestate(contract_append, opener),
		cmocka_unit_test_prestate(contract_bytes, opener),
		cmocka_unit_test_prestate(contract_refused, opener),
		cmocka_unit_test_prestate(contract_set_flags, opener),
		cmocka_unit_test_prestate(contract_changed, opener),
		cmocka_unit_test_prestate(contract_no_folder, opener),
		cmocka_unit_test_prestate(contract_fresh, opener),
		cmocka_unit_test_prestate(test_wake_and_cancel, opener),
		cmocka_unit_test_prestate(test_close, opener),
		cmocka_unit_test_prestate(test_describe, opener),
	};
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
