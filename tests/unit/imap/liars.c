/* Servers that answer out of turn, from another folder, more than was asked, or without end, and capabilities that do not work. */
#include "tests/unit/imap/talk.h"

#define BODY(n, uid) "* " #n " FETCH (UID " #uid " RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[] {11}\r\nA: b\r\n\r\nhey)"

static void expect_over(struct talk *t, unsigned ask, enum error_class class)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_ASKED);
	assert_int_equal(e.ask, ask);
	if (e.err.class != class)
		fail_msg("%s: %s", error_class_name(e.err.class), e.err.text);
}

static void expect_box(struct talk *t, unsigned ask)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_BOX);
	assert_int_equal(e.ask, ask);
}

/* A folder that does not open takes all with it that was sent behind it: the server may carry it out in the folder that was open before. */
static void test_open_refused(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE \"Other\"\r\n", OPENED, "CUID FETCH 5:6", "S%t OK", "CEXAMINE \"Box\"\r\n", "CUID FETCH 5:6", "CUID FETCH 7:8",
		"ST4 BAD not now\r\n" BODY(1, 5) "\r\n" BODY(2, 6) "\r\nT5 OK\r\n" BODY(3, 7) "\r\nT6 OK", "CEXAMINE \"Box\"\r\n", OPENED, "CUID FETCH 7:8", "S%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	t.box.wire = (char *)"Other";
	unsigned ask = talk_ask(&t, 5, 6, WANT_BODY);
	expect_box(&t, ask);
	expect_over(&t, ask, ERR_NONE);
	t.box.wire = (char *)"Box";
	unsigned one = talk_ask(&t, 5, 6, WANT_BODY), two = talk_ask(&t, 7, 8, WANT_BODY);
	expect_over(&t, one, ERR_FOLDER);
	expect_over(&t, two, ERR_FOLDER);
	ask = talk_ask(&t, 7, 8, WANT_BODY);
	expect_box(&t, ask); /* the mails before it are nobody's */
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* What relies on a folder is answered before the folder is open. */
static void test_out_of_turn(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *script[] = { HELLO(""), "CEXAMINE", "CUID FETCH 5:6", i ? "ST3 OK" : "S" BODY(1, 5) "\r\nT3 OK", "H", NULL };
		struct talk t;
		struct event e = { 0 };
		talk_begin(&t, script);
		talk_ask(&t, 5, 6, WANT_BODY);
		assert_int_equal(t.conn->ops->next(t.conn, &e, &t.err), -1);
		assert_int_equal(t.err.class, ERR_RETRY);
		talk_end(&t);
	}
}

/* A refusal may come at once, from who has too much to do; the folder that opens afterwards is nobody's. */
static void test_refused_early(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", "CUID FETCH 5:6", "ST3 BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds\r\n* 9 EXISTS\r\nT2 OK",
		"CEXAMINE", OPENED, "CUID FETCH 7:8", "S%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_BODY);
	expect_over(&t, ask, ERR_THROTTLED);
	t.box.wire = (char *)"Other";
	ask = talk_ask(&t, 7, 8, WANT_BODY);
	expect_box(&t, ask);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* The next folder is open before all of the one in front of it was answered: whose mail comes then nobody knows. */
static void test_opened_early(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", "CEXAMINE", "CUID FETCH 5:6", "ST4 OK\r\n" BODY(1, 5) "\r\nT3 OK", "H", NULL };
	struct talk t;
	struct event e = { 0 };
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_BODY);
	expect_box(&t, ask);
	t.box.wire = (char *)"Other";
	talk_ask(&t, 5, 6, WANT_BODY);
	assert_int_equal(t.conn->ops->next(t.conn, &e, &t.err), -1);
	assert_int_equal(t.err.class, ERR_RETRY);
	talk_end(&t);
}

/* A literal shorter than announced swallows the beginning of the next response: that is neither mail. */
static void test_run_together(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:7", "S* 1 FETCH (UID 5 RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () BODY[] {11}\r\nA: b\r\n)\r\n* 2"
		" FETCH (UID 6 RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () BODY[] {11}\r\nA: c\r\n\r\nhey)\r\n" BODY(3, 7), "S%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 7, WANT_BODY);
	expect_box(&t, ask);
	struct event e = talk_next(&t);
	assert_int_equal(e.kind, EV_MAIL);
	assert_int_equal(e.mail->uid, 7);
	mail_free(&e.mail);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

static void test_search_too_much(void **state)
{
	(void)state;
	static const char *const clipped[] = { HELLO("ESEARCH"), "CEXAMINE", OPENED, "CUID SEARCH RETURN (ALL) UID 4:6\r\n", "S* ESEARCH (TAG \"%t\") UID ALL 1:4294967295\r\n%t OK", "H", NULL };
	static const char *const many[] = { HELLO("ESEARCH"), "CEXAMINE", OPENED, "CUID SEARCH RETURN (ALL) UID 4:4294967295\r\n", "S* ESEARCH (TAG \"%t\") UID ALL 1:4294967295\r\n%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, clipped);
	unsigned ask = talk_ask(&t, 4, 6, WANT_UIDS);
	expect_box(&t, ask);
	expect_uids(&t, ask, "4:6");
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
	talk_begin(&t, many);
	talk_ask(&t, 4, UINT32_MAX, WANT_UIDS);
	talk_breaks(&t, ERR_RETRY);
	talk_end(&t);
}

/* ESEARCH is offered and refused: once. */
static void test_esearch_does_not_work(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("ESEARCH"), "CEXAMINE", OPENED, "CUID SEARCH RETURN (ALL) UID 4:6\r\n", "S%t BAD what is RETURN", "CUID SEARCH UID 4:6\r\n", "S* SEARCH 4 6\r\n%t OK",
		"CUID SEARCH UID 1:2\r\n", "S* SEARCH 1\r\n%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 4, 6, WANT_UIDS);
	expect_box(&t, ask);
	expect_uids(&t, ask, "4,6");
	expect_over(&t, ask, ERR_NONE);
	ask = talk_ask(&t, 1, 2, WANT_UIDS);
	expect_uids(&t, ask, "1");
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* So is LIST with RETURN. Names from literals that no command could carry are no folders, and told. */
static void test_list(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LIST-EXTENDED LIST-STATUS"), "CLIST \"\" \"*\" RETURN", "S%t BAD too many arguments", "CLSUB", "CLIST \"\" \"*\"\r\n",
		"ST3 OK\r\n* LIST () \"/\" INBOX\r\n* LIST () \"/\" {4}\r\na\r\nb\r\nT4 OK", "CSTATUS", "S%t OK", "H", NULL };
	struct talk t;
	struct folder_list list;
	talk_begin(&t, script);
	if (t.conn->ops->list(t.conn, &list, &t.err) < 0)
		fail_msg("%s", t.err.text);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.unread, 1);
	folder_list_free(&list);
	talk_end(&t);
}

#define WITH "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
#define WITHOUT "(MESSAGES UIDNEXT UIDVALIDITY)\r\n"
#define ONE_BOX "CLSUB", "CLIST \"\" \"*\"\r\n", "ST2 OK\r\n* LIST () \"/\" INBOX\r\nT3 OK"
#define ANSWER "S* STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77"

/* CONDSTORE is offered, and HIGHESTMODSEQ is not known, not answered, or not counted: how much a folder holds is known all the same. */
static void test_status_modseq(void **state)
{
	(void)state;
	static const struct {
		const char *script[16];
		uint64_t modseq;
	} rows[] = {
		{ { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, ANSWER " HIGHESTMODSEQ 18446744073709551615)\r\n%t OK", "H" }, UINT64_MAX },
		{ { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, ANSWER " HIGHESTMODSEQ 0)\r\n%t OK", "H" }, 0 },
		{ { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, ANSWER ")\r\n%t OK", "H" }, 0 },
		{ { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, "S%t BAD what is that", "CSTATUS \"INBOX\" " WITHOUT, ANSWER ")\r\n%t OK", "H" }, 0 },
		{ { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, "S%t NO what is that", "CSTATUS \"INBOX\" " WITHOUT, ANSWER ")\r\n%t OK", "H" }, 0 },
		{ { HELLO("CONDSTORE LIST-EXTENDED LIST-STATUS"), "CLIST \"\" \"*\" RETURN (SUBSCRIBED STATUS " WITH, "S%t BAD what is that", "CLSUB", "CLIST \"\" \"*\"\r\n", "ST3 OK\r\n* LIST () \"/\" INBOX\r\nT4 OK",
			"CSTATUS \"INBOX\" " WITH, "S%t BAD what is that", "CSTATUS \"INBOX\" " WITHOUT, ANSWER ")\r\n%t OK", "H" }, 0 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct talk t;
		struct folder_list list;
		talk_begin(&t, rows[i].script);
		if (t.conn->ops->list(t.conn, &list, &t.err) < 0)
			fail_msg("%zu: %s", i, t.err.text);
		const struct box *box = &list.folder[0].box;
		if (list.count != 1 || !box->known || box->exists != 4 || box->next != 9 || box->validity != 77 || box->modseq != rows[i].modseq)
			fail_msg("%zu: known %d, %u messages", i, box->known, box->exists);
		folder_list_free(&list);
		talk_end(&t);
	}
}

/* Cyrus tells freed memory as MAILBOXID: it is not asked, by whatever it is known. What is no id is not taken for one. */
static void test_mailbox_id(void **state)
{
	(void)state;
	static const char *const scripts[][12] = {
		{ "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] host Cyrus IMAP 3.6.1 ready", "CAUTHENTICATE", "S%t OK [CAPABILITY IMAP4rev1 OBJECTID] in", ONE_BOX, "CSTATUS \"INBOX\" " WITHOUT,
			ANSWER ")\r\n%t OK", "H" },
		{ HELLO("OBJECTID X-CREATEDMODSEQ"), ONE_BOX, "CSTATUS \"INBOX\" " WITHOUT, ANSWER ")\r\n%t OK", "H" },
		{ HELLO("OBJECTID"), ONE_BOX, "CSTATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)", ANSWER " MAILBOXID (1\x01\x9a))\r\n%t OK", "H" },
		{ HELLO("OBJECTID"), ONE_BOX, "CSTATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)", ANSWER " MAILBOXID (F_1-a))\r\n%t OK", "H" },
	};
	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct talk t;
		struct folder_list list;
		talk_begin(&t, scripts[i]);
		if (t.conn->ops->list(t.conn, &list, &t.err) < 0)
			fail_msg("%zu: %s", i, t.err.text);
		const struct box *box = &list.folder[0].box;
		if (!box->known || box->exists != 4 || (box->id != 0) != (i == 3))
			fail_msg("%zu: known %d, %u messages, id %llu", i, box->known, box->exists, (unsigned long long)box->id);
		folder_list_free(&list);
		talk_end(&t);
	}
}

/* What stays unknown after all is asked once more and then left. */
static void test_status_refused(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("CONDSTORE"), ONE_BOX, "CSTATUS \"INBOX\" " WITH, "S%t NO not this one", "CSTATUS \"INBOX\" " WITHOUT, "S%t NO not this one", "Q50", "H", NULL };
	struct talk t;
	struct folder_list list;
	talk_begin(&t, script);
	assert_int_equal(t.conn->ops->list(t.conn, &list, &t.err), 0);
	assert_int_equal(list.count, 1);
	assert_false(list.folder[0].box.known);
	folder_list_free(&list);
	talk_end(&t);
}

/* ENABLE is offered and refused, or taken for another command: nothing depends on it. */
static void test_enable_refused(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("ENABLE CONDSTORE"), "CENABLE CONDSTORE\r\n", "CEXAMINE", "ST2 BAD what is ENABLE\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\n"
		"* OK [HIGHESTMODSEQ 12] x\r\n%t OK open", "CUID FETCH 5:6", "S* 1 FETCH (UID 5 RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[] {11}\r\nA: b\r\n\r\nhey MODSEQ (12))\r\n%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_BODY);
	struct event e = talk_next(&t);
	assert_int_equal(e.kind, EV_BOX);
	assert_int_equal(e.box.modseq, 12);
	e = talk_next(&t);
	assert_int_equal(e.kind, EV_MAIL);
	mail_free(&e.mail);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* A body that is asked for again while another folder is being opened: in its own folder, never by its UID in the other one. */
static void test_again_at_home(void **state)
{
	(void)state;
#define SIZED "* 1 FETCH (UID 5 RFC822.SIZE 20 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () "
	static const char *const script[] = { HELLO(""), "CEXAMINE \"Box\"\r\n", OPENED, "CUID FETCH 5 ", "CEXAMINE \"Other\"\r\n", "CUID SEARCH",
		"S" SIZED "BODY[] {11}\r\nA: b\r\n\r\nhey)\r\nT3 OK\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\nT4 OK open\r\n* SEARCH 1\r\nT5 OK",
		"CEXAMINE \"Box\"\r\n", OPENED, "CUID FETCH 5 (UID RFC822.SIZE INTERNALDATE FLAGS RFC822)\r\n", "S" SIZED "RFC822 {20}\r\nA: b\r\n\r\nhey you two!)\r\n%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned one = talk_ask(&t, 5, 5, WANT_BODY);
	t.box.wire = (char *)"Other";
	unsigned two = talk_ask(&t, 1, 9, WANT_UIDS);
	expect_box(&t, one);
	expect_box(&t, two);
	expect_uids(&t, two, "1");
	expect_over(&t, two, ERR_NONE);
	expect_box(&t, one);
	struct event e = talk_next(&t);
	assert_int_equal(e.kind, EV_MAIL);
	assert_int_equal(e.ask, one);
	assert_int_equal(blob_size(e.mail->body), 20);
	mail_free(&e.mail);
	expect_over(&t, one, ERR_NONE);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_refused), cmocka_unit_test(test_out_of_turn), cmocka_unit_test(test_refused_early), cmocka_unit_test(test_opened_early), cmocka_unit_test(test_run_together), cmocka_unit_test(test_search_too_much),
		cmocka_unit_test(test_esearch_does_not_work), cmocka_unit_test(test_list), cmocka_unit_test(test_status_modseq), cmocka_unit_test(test_mailbox_id), cmocka_unit_test(test_status_refused), cmocka_unit_test(test_enable_refused),
		 cmocka_unit_test(test_again_at_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
