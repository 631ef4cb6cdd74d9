/* What a server says of itself, read as it stands, and never beyond what it says; and mail that is larger than it takes. */
#include "tests/unit/imap/talk.h"

#define QUOTA_ASKED "CGETQUOTAROOT INBOX\r\n"

static const struct {
	const char *name;
	const char *script[10];
	struct door_facts want;
} rows[] = {
	{ "nothing", { HELLO(""), "H" }, { 0 } },
	{ "quota", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTAROOT INBOX \"User quota\"\r\n* QUOTA \"User quota\" (STORAGE 10 512)\r\n%t OK", "H" }, { .has_quota = true, .quota_used = 10240, .quota_limit = 524288 } },
	{ "the root without a name", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 1048576 15728640)\r\n%t OK", "H" },
		{ .has_quota = true, .quota_used = 1073741824, .quota_limit = 16106127360 } },
	{ "beside other resources", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA root (MESSAGE 7 1000 STORAGE 1 2 X-NUM-FOLDERS 1 9)\r\n%t OK", "H" }, { .has_quota = true, .quota_used = 1024, .quota_limit = 2048 } },
	{ "other resources only", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA root (MESSAGE 7 1000 STORAGES 1 2)\r\n%t OK", "H" }, { 0 } },
	{ "the root with the least room", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA a (STORAGE 1 100)\r\n* QUOTA b (STORAGE 500 520)\r\n* QUOTA c (STORAGE 9 99)\r\n%t OK", "H" },
		{ .has_quota = true, .quota_used = 512000, .quota_limit = 532480 } },
	{ "more than there is room for", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA a (STORAGE 600 520)\r\n* QUOTA b (STORAGE 1 2)\r\n%t OK", "H" }, { .has_quota = true, .quota_used = 614400, .quota_limit = 532480 } },
	{ "a limit of nothing", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA a (STORAGE 1 0)\r\n%t OK", "H" }, { 0 } },
	{ "an empty list", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTAROOT INBOX\r\n* QUOTA \"\" ()\r\n%t OK", "H" }, { 0 } },
	{ "a literal for a name", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA {4}\r\nroot (STORAGE 3 4)\r\n%t OK", "H" }, { .has_quota = true, .quota_used = 3072, .quota_limit = 4096 } },
	{ "a number too large", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA a (STORAGE 1 18446744073709551616)\r\n* QUOTA a (STORAGE 1 18446744073709551615)\r\n%t OK", "H" }, { 0 } },
	{ "nonsense", { HELLO("QUOTA"), QUOTA_ASKED, "S* QUOTA\r\n* QUOTA a\r\n* QUOTA a (\r\n* QUOTA a (STORAGE\r\n* QUOTA a (STORAGE -1 5)\r\n* QUOTA a (STORAGE 1)\r\n* QUOTA \"a (STORAGE 1 2)\r\n%t OK", "H" }, { 0 } },
	{ "refused", { HELLO("QUOTA"), QUOTA_ASKED, "S%t NO [NOPERM] not you", "H" }, { 0 } },
	{ "not understood", { HELLO("QUOTA"), QUOTA_ASKED, "S%t BAD what", "H" }, { 0 } },
	{ "the largest mail", { HELLO("APPENDLIMIT=35651584"), "H" }, { .append_limit = 35651584 } },
	{ "the largest mail, folder by folder", { HELLO("QUOTA APPENDLIMIT"), QUOTA_ASKED, "S%t OK", "CSTATUS INBOX (APPENDLIMIT)\r\n", "S* STATUS INBOX (APPENDLIMIT 257890)\r\n%t OK", "H" }, { .append_limit = 257890 } },
	{ "no limit", { HELLO("APPENDLIMIT"), "CSTATUS", "S* STATUS INBOX (APPENDLIMIT NIL)\r\n%t OK", "H" }, { 0 } },
	{ "a limit that is none", { HELLO("APPENDLIMIT=x"), "H" }, { 0 } },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct talk t;
		struct door_facts got = { .append_limit = 1, .has_quota = true, .quota_used = 1, .quota_limit = 1, .secured = "x" };
		talk_begin(&t, rows[i].script);
		if (t.conn->ops->describe(t.conn, &got, &t.err) < 0)
			fail_msg("%s: %s", rows[i].name, t.err.text);
		const struct door_facts *want = &rows[i].want;
		if (got.append_limit != want->append_limit || got.has_quota != want->has_quota || got.quota_used != want->quota_used || got.quota_limit != want->quota_limit)
			fail_msg("%s: limit %llu, quota %d: %llu of %llu", rows[i].name, (unsigned long long)got.append_limit, got.has_quota, (unsigned long long)got.quota_used,
				(unsigned long long)got.quota_limit);
		assert_string_equal(got.secured, "");
		assert_string_equal(got.mechanism, "PLAIN");
		talk_end(&t);
	}
}

static void test_lost(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("QUOTA"), QUOTA_ASKED, "X", NULL };
	struct talk t;
	struct door_facts facts;
	talk_begin(&t, script);
	assert_int_equal(t.conn->ops->describe(t.conn, &facts, &t.err), -1);
	assert_int_equal(t.err.class, ERR_RETRY);
	talk_end(&t);
}

/* ---- mail over the limit ---- */

static struct mail *mail_of(size_t size)
{
	struct mail *m = mail_new();
	struct error err = { 0 };
	char *text = x_calloc(1, size);
	memset(text, 'x', size);
	m->date = DATE_UNKNOWN;
	assert_int_equal(blob_new(&m->body, size, "/tmp", &err), 0);
	assert_int_equal(blob_add(m->body, text, size, &err), 0);
	free(text);
	return m;
}

static void prepare(struct talk *t)
{
	unsigned ask;
	assert_int_equal(t->conn->ops->prepare(t->conn, &t->box, true, &ask, &t->err), 0);
	assert_int_equal(talk_next(t).kind, EV_BOX);
	assert_int_equal(talk_next(t).kind, EV_ASKED);
}

static void forget(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		mail_free(&b->mails[i]);
	free(b->taken);
	free(b->uids);
}

/* A batch with a mail of 101 bytes where 100 are taken: nothing of it leaves, and its answer keeps its turn between two that are sent. */
static void test_too_large(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LITERAL+ MULTIAPPEND APPENDLIMIT=100"), "CSELECT", OPENED, "CAPPEND \"Box\" () {100+}\r\n", "B100", "C\r\n", "CAPPEND \"Box\" () {5+}\r\n", "B5",
		"C\r\n", "ST3 OK [APPENDUID 77 11] done\r\nT5 OK [APPENDUID 77 12] done", "Q50", "H", NULL };
	struct talk t;
	struct mail *first[] = { mail_of(100) }, *large[] = { mail_of(3), mail_of(101) }, *last[] = { mail_of(5) };
	talk_begin(&t, script);
	prepare(&t);
	struct batch batch[3] = { { .id = 1, .folder = &t.box, .mails = first, .count = 1 }, { .id = 2, .folder = &t.box, .mails = large, .count = 2 },
		{ .id = 3, .folder = &t.box, .mails = last, .count = 1 } };
	for (int i = 0; i < 3; i++)
		assert_int_equal(t.conn->ops->append(t.conn, &batch[i], &t.err), 0);
	for (int i = 0; i < 3; i++) {
		struct event e = talk_next(&t);
		assert_int_equal(e.kind, EV_APPENDED);
		assert_ptr_equal(e.batch, &batch[i]);
		assert_int_equal(batch[i].done, i != 1);
		assert_int_equal(batch[i].complete, i != 1);
	}
	assert_int_equal(batch[1].why.class, ERR_MESSAGE);
	assert_non_null(strstr(batch[1].why.text, "100 bytes"));
	assert_null(batch[1].taken);
	for (int i = 0; i < 3; i++)
		forget(&batch[i]);
	talk_end(&t);
}

/* A server that answers what never left is not believed. */
static void test_never_sent(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LITERAL+ MULTIAPPEND APPENDLIMIT=100"), "CSELECT", OPENED, "CAPPEND \"Box\" () {100+}\r\n", "B100", "C\r\n",
		"ST4 OK [APPENDUID 77 11] done", "H", NULL };
	struct talk t;
	struct mail *first[] = { mail_of(100) }, *large[] = { mail_of(101) };
	talk_begin(&t, script);
	prepare(&t);
	struct batch batch[2] = { { .id = 1, .folder = &t.box, .mails = first, .count = 1 }, { .id = 2, .folder = &t.box, .mails = large, .count = 1 } };
	for (int i = 0; i < 2; i++)
		assert_int_equal(t.conn->ops->append(t.conn, &batch[i], &t.err), 0);
	talk_breaks(&t, ERR_RETRY);
	assert_false(batch[1].done);
	assert_null(batch[1].taken);
	for (int i = 0; i < 2; i++)
		forget(&batch[i]);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_lost), cmocka_unit_test(test_too_large), cmocka_unit_test(test_never_sent) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
