/* Reading: answers that belong to an ask, those that belong to nobody, bodies, listings, and servers that break off. */
#include "tests/unit/imap/far.h"
#include "tests/unit/imap/talk.h"

#define META(n, uid) "* " #n " FETCH (UID " #uid " RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[HEADER.FIELDS (MESSAGE-ID)] {2}\r\n\r\n)"
#define BODY(n, uid) "* " #n " FETCH (UID " #uid " RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen) BODY[] {11}\r\nA: b\r\n\r\nhey)"

static void expect_box(struct talk *t, unsigned ask)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_BOX);
	assert_int_equal(e.ask, ask);
	assert_int_equal(e.box.validity, 77);
	assert_int_equal(e.box.next, 10);
	assert_int_equal(e.box.exists, 3);
	assert_true(e.box.known);
}

static void expect_over(struct talk *t, unsigned ask, enum error_class class)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_ASKED);
	assert_int_equal(e.ask, ask);
	if (e.err.class != class)
		fail_msg("%s: %s", error_class_name(e.err.class), e.err.text);
}

static void expect_mail(struct talk *t, unsigned ask, uint32_t uid, bool body)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_MAIL);
	assert_int_equal(e.ask, ask);
	assert_int_equal(e.mail->uid, uid);
	assert_int_equal(e.mail->size, 11);
	assert_int_equal(e.mail->date, 837596665);
	assert_int_equal(e.mail->body != NULL, body);
	if (body) {
		char text[12] = "";
		assert_int_equal(blob_read(e.mail->body, 0, text, 11, &t->err), 11);
		assert_string_equal(text, "A: b\r\n\r\nhey");
	}
	mail_free(&e.mail);
}

/* Unsolicited FETCHes, of other UIDs, without all items, of another kind: nobody's. */
static void test_unsolicited(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE \"Box\"\r\n", OPENED, "CUID FETCH 5:6 (UID RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\r\n",
		"S* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 5 FLAGS (\\Seen))\r\n" META(3, 9) "\r\n" BODY(1, 5) "\r\n* 4 EXISTS\r\n* 1 EXPUNGE\r\n* X-ODD {3}\r\nabc", "S" META(1, 5) "\r\n" META(2, 6),
		"S%t OK done", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_META);
	expect_box(&t, ask);
	expect_mail(&t, ask, 5, false);
	expect_mail(&t, ask, 6, false);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* A mail is handed over once for each ask, however often the server tells it. */
static void test_twice(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", "S" META(1, 5) "\r\n" META(1, 5) "\r\n" META(2, 6) "\r\n" META(1, 5), "S%t OK done",
		"CUID FETCH 5 ", "S" BODY(1, 5) "\r\n" BODY(1, 5), "S%t OK done", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_META);
	expect_box(&t, ask);
	expect_mail(&t, ask, 5, false);
	expect_mail(&t, ask, 6, false);
	expect_over(&t, ask, ERR_NONE);
	ask = talk_ask(&t, 5, 5, WANT_BODY);
	expect_mail(&t, ask, 5, true);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* Two asks at once, answered in turns. */
static void test_two_asks(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", "CUID FETCH 7:8", "S" BODY(3, 7) "\r\n" META(1, 5) "\r\n" BODY(4, 8) "\r\n" META(2, 6),
		"ST3 OK one\r\nT4 OK two", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned meta = talk_ask(&t, 5, 6, WANT_META), body = talk_ask(&t, 7, 8, WANT_BODY);
	expect_box(&t, meta);
	expect_mail(&t, body, 7, true);
	expect_mail(&t, meta, 5, false);
	expect_mail(&t, body, 8, true);
	expect_mail(&t, meta, 6, false);
	expect_over(&t, meta, ERR_NONE);
	expect_over(&t, body, ERR_NONE);
	talk_end(&t);
}

#define OPENED_AS(tag) "S* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\n" tag " OK open"
#define DOVECOT "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Dovecot ready.", "CAUTHENTICATE", "S%t OK [CAPABILITY IMAP4rev1] in"

/* Who has once answered a later ask for bodies before an earlier one is over gets the folder opened between two, from then on: opening waits for what was asked before. Asks for facts need
   no order. */
static void test_in_turn(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 1 ", "CUID FETCH 2 ", "S" BODY(2, 2), "CUID FETCH 3 ", "CEXAMINE \"Box\"\r\n", "CUID FETCH 4 ",
		"S" META(3, 3) "\r\n" BODY(1, 1) "\r\nT3 OK one\r\nT4 OK two\r\nT5 OK three", OPENED_AS("T6"), "S" BODY(4, 4) "\r\n%t OK four", "H", NULL };
	struct talk t;
	far = true;
	talk_begin(&t, script);
	unsigned one = talk_ask(&t, 1, 1, WANT_BODY), two = talk_ask(&t, 2, 2, WANT_BODY);
	expect_box(&t, one);
	expect_mail(&t, two, 2, true);
	unsigned facts = talk_ask(&t, 3, 3, WANT_META), four = talk_ask(&t, 4, 4, WANT_BODY);
	expect_mail(&t, facts, 3, false);
	expect_mail(&t, one, 1, true);
	expect_over(&t, one, ERR_NONE);
	expect_over(&t, two, ERR_NONE);
	expect_over(&t, facts, ERR_NONE);
	expect_box(&t, four);
	expect_mail(&t, four, 4, true);
	expect_over(&t, four, ERR_NONE);
	talk_end(&t);
}

/* Dovecot, from the beginning. */
static void test_in_turn_at_once(void **state)
{
	(void)state;
	static const char *const script[] = { DOVECOT, "CEXAMINE", "CUID FETCH 1 ", "CEXAMINE \"Box\"\r\n", "CUID FETCH 2 ", OPENED_AS("T2") "\r\n" BODY(1, 1) "\r\nT3 OK one",
		OPENED_AS("T4") "\r\n" BODY(2, 2) "\r\nT5 OK two", "H", NULL };
	struct talk t;
	far = true;
	talk_begin(&t, script);
	unsigned one = talk_ask(&t, 1, 1, WANT_BODY), two = talk_ask(&t, 2, 2, WANT_BODY);
	expect_box(&t, one);
	expect_mail(&t, one, 1, true);
	expect_over(&t, one, ERR_NONE);
	expect_box(&t, two);
	expect_mail(&t, two, 2, true);
	expect_over(&t, two, ERR_NONE);
	talk_end(&t);
}

/* One that is near is asked when the answer is there, refusal or not; what was asked behind it waits as well. The script would fail at a command that comes too early. */
static void test_in_turn_near(void **state)
{
	(void)state;
	static const char *const script[] = { DOVECOT, "CEXAMINE", "CUID FETCH 1 ", "Q100", OPENED_AS("T2") "\r\n" BODY(1, 1), "Q100", "ST3 NO one", "CUID FETCH 2 ", "CUID FETCH 3 ",
		"S" BODY(2, 2) "\r\nT4 OK two\r\n" META(3, 3) "\r\nT5 OK three", "H", NULL };
	struct talk t;
	far = false;
	talk_begin(&t, script);
	unsigned one = talk_ask(&t, 1, 1, WANT_BODY), two = talk_ask(&t, 2, 2, WANT_BODY), three = talk_ask(&t, 3, 3, WANT_META);
	expect_box(&t, one);
	expect_mail(&t, one, 1, true);
	expect_over(&t, one, ERR_RETRY);
	expect_mail(&t, two, 2, true);
	expect_over(&t, two, ERR_NONE);
	expect_mail(&t, three, 3, false);
	expect_over(&t, three, ERR_NONE);
	talk_end(&t);
}

/* NIL and a short string are no body: the mail is told, without one. */
static void test_no_body(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:7",
		"S* 1 FETCH (UID 5 RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () BODY[] NIL)\r\n"
		"* 2 FETCH (UID 6 RFC822.SIZE 11 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS () BODY[] \"A: b\")\r\n" BODY(3, 7), "S%t OK done", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 7, WANT_BODY);
	expect_box(&t, ask);
	expect_mail(&t, ask, 5, false);
	expect_mail(&t, ask, 6, false);
	expect_mail(&t, ask, 7, true);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* A NO after some mails ends that ask only; one to EXAMINE is about the folder, and what was sent behind it is nobody's. */
static void test_refused(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", "S" META(1, 5) "\r\n%t NO [SERVERBUG] broken off", "CEXAMINE \"Other\"\r\n", "S%t NO [NONEXISTENT] none",
		"CUID FETCH 5:6", "S" META(1, 5) "\r\n%t BAD no mailbox", "CEXAMINE \"Box\"\r\n", OPENED, "CUID FETCH 5:6", "S" META(1, 5) "\r\n%t OK", "H", NULL };
	struct talk t;
	talk_begin(&t, script);
	unsigned ask = talk_ask(&t, 5, 6, WANT_META);
	expect_box(&t, ask);
	expect_mail(&t, ask, 5, false);
	expect_over(&t, ask, ERR_RETRY);
	t.box.wire = (char *)"Other";
	ask = talk_ask(&t, 5, 6, WANT_META);
	expect_over(&t, ask, ERR_FOLDER);
	t.box.wire = (char *)"Box";
	ask = talk_ask(&t, 5, 6, WANT_META);
	expect_box(&t, ask);
	expect_mail(&t, ask, 5, false);
	expect_over(&t, ask, ERR_NONE);
	talk_end(&t);
}

/* SEARCH and ESEARCH, several lines of one answer, and none. */
static void test_search(void **state)
{
	(void)state;
	static const struct {
		const char *capability, *want, *command, *answer;
	} rows[] = {
		{ "", "1,3,7", "CUID SEARCH UID 1:9\r\n", "S* SEARCH 1 3 7\r\n%t OK" },
		{ "", "", "CUID SEARCH UID 1:9\r\n", "S* SEARCH\r\n%t OK" },
		{ "", "2:3", "CUID SEARCH UID 1:9\r\n", "S* SEARCH 2\r\n* SEARCH 3\r\n%t OK" },
		{ "ESEARCH", "2:3,7", "CUID SEARCH RETURN (ALL) UID 1:9\r\n", "S* ESEARCH (TAG \"%t\") UID ALL 2:3,7\r\n%t OK" },
		{ "ESEARCH", "", "CUID SEARCH RETURN (ALL) UID 1:9\r\n", "S* ESEARCH (TAG \"%t\") UID\r\n%t OK" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *script[] = { HELLO(""), "CEXAMINE", OPENED, rows[i].command, rows[i].answer, "H", NULL };
		const char *extended[] = { HELLO("ESEARCH"), "CEXAMINE", OPENED, rows[i].command, rows[i].answer, "H", NULL };
		struct talk t;
		talk_begin(&t, rows[i].capability[0] ? extended : script);
		unsigned ask = talk_ask(&t, 1, 9, WANT_UIDS);
		expect_box(&t, ask);
		struct event e = talk_next(&t);
		assert_int_equal(e.kind, EV_UIDS);
		char *got = uid_set_text(&e.uids);
		assert_string_equal(got, rows[i].want);
		free(got);
		uid_set_free(&e.uids);
		expect_over(&t, ask, ERR_NONE);
		talk_end(&t);
	}
}

/* What has changed: by one search. One that is refused, not understood or not answered by a line says nothing, and is no reason to search otherwise from then on. */
static void test_changed(void **state)
{
	(void)state;
	static const struct {
		const char *command, *answer, *want;
		bool extended;
	} rows[] = {
		{ "CUID SEARCH UID 1:9 MODSEQ 18446744073709\r\n", "S* SEARCH 1 3 7 (MODSEQ 18446744073999)\r\n%t OK", "1,3,7", false },
		{ "CUID SEARCH UID 1:9 MODSEQ 18446744073709\r\n", "S* SEARCH\r\n%t OK", "", false },
		{ "CUID SEARCH UID 1:9 MODSEQ 18446744073709\r\n", "S%t OK", NULL, false },
		{ "CUID SEARCH UID 1:9 MODSEQ 18446744073709\r\n", "S* SEARCH what\r\n%t OK", NULL, false },
		{ "CUID SEARCH RETURN (ALL) UID 1:9 MODSEQ 18446744073709\r\n", "S* ESEARCH (TAG \"%t\") UID ALL 2:3,7 MODSEQ 18446744073999\r\n%t OK", "2:3,7", true },
		{ "CUID SEARCH RETURN (ALL) UID 1:9 MODSEQ 18446744073709\r\n", "S* ESEARCH (TAG \"%t\") UID\r\n%t OK", "", true },
		{ "CUID SEARCH RETURN (ALL) UID 1:9 MODSEQ 18446744073709\r\n", "S%t OK", NULL, true },
		{ "CUID SEARCH RETURN (ALL) UID 1:9 MODSEQ 18446744073709\r\n", "S%t BAD what is MODSEQ", NULL, true },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *again = rows[i].extended ? "CUID SEARCH RETURN (ALL) UID 1:9\r\n" : "CUID SEARCH UID 1:9\r\n";
		const char *told = rows[i].extended ? "S* ESEARCH (TAG \"%t\") UID ALL 5\r\n%t OK" : "S* SEARCH 5\r\n%t OK";
		const char *plain[] = { HELLO(""), "CEXAMINE", OPENED, rows[i].command, rows[i].answer, again, told, "H", NULL };
		const char *extended[] = { HELLO("ESEARCH"), "CEXAMINE", OPENED, rows[i].command, rows[i].answer, again, told, "H", NULL };
		struct talk t;
		talk_begin(&t, rows[i].extended ? extended : plain);
		unsigned ask = talk_ask_changed(&t, 1, 9, 18446744073708);
		expect_box(&t, ask);
		if (rows[i].want)
			expect_uids(&t, ask, rows[i].want);
		expect_over(&t, ask, rows[i].want ? ERR_NONE : ERR_RETRY);
		ask = talk_ask(&t, 1, 9, WANT_UIDS);
		expect_uids(&t, ask, "5");
		expect_over(&t, ask, ERR_NONE);
		talk_end(&t);
	}
}

static void test_broken_off(void **state)
{
	(void)state;
	static const char *const ends[][2] = {
		{ "X", "" }, { "Xreset", "" }, { "S* BYE going down", "X" }, { "s* 1 FETCH (UID 5 BODY[] {11}\r\nA: b", "X" }, { "s* 1 FETCH (UID 5 BODY[] {11}\r\nA: b\r\n\r\nhey", "X" },
		{ "S* 1 FETCH (UID 5 RFC822.SIZE 11 BODY[] {99999999999}", "H" }, { "S* 1 FETCH (BODY[] {4000000000}", "H" }, { "ST77 OK", "H" }, { "S+ go", "H" },
	};
	for (size_t i = 0; i < COUNT(ends); i++) {
		const char *script[] = { HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", ends[i][0], ends[i][1][0] ? ends[i][1] : NULL, NULL };
		struct talk t;
		talk_begin(&t, script);
		talk_ask(&t, 5, 6, WANT_BODY);
		talk_breaks(&t, ERR_RETRY);
		talk_end(&t);
	}
}

/* ---- listing ---- */

static void test_list_extended(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("NAMESPACE SPECIAL-USE LIST-EXTENDED LIST-STATUS"), "CNAMESPACE", "CLIST \"\" \"*\" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY))\r\n",
		"S* NAMESPACE ((\"\" \"/\")) ((\"Other/\" \"/\")) ((\"Shared/\" \"/\"))\r\nT2 OK",
		"S* LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77)\r\n* LIST (\\Sent) \"/\" {4}\r\nS\"ent\r\n* STATUS \"S\\\"ent\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 78)\r\n"
		"* LIST (\\Noselect) \"/\" Other\r\n* LIST () \"/\" \"Other/x\"\r\n* STATUS \"Other/x\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 79)\r\n* LIST () \"/\" {99999999}\r\n",
		"X", NULL };
	/* a literal that never comes is the end */
	struct talk t;
	struct folder_list list;
	talk_begin(&t, script);
	assert_int_equal(t.conn->ops->list(t.conn, &list, &t.err), -1);
	assert_int_equal(t.err.class, ERR_RETRY);
	assert_int_equal(list.count, 0);
	talk_end(&t);
	static const char *const whole[] = { HELLO("NAMESPACE SPECIAL-USE LIST-EXTENDED LIST-STATUS"), "CNAMESPACE", "CLIST \"\" \"*\" RETURN",
		"S* NAMESPACE ((\"\" \"/\")) ((\"Other/\" \"/\")) ((\"Shared/\" \"/\"))\r\nT2 OK",
		"S* LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77)\r\n* LIST (\\Sent) \"/\" {5}\r\nS\"ent\r\n* STATUS \"S\\\"ent\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 78)\r\n"
		"* LIST (\\Noselect) \"/\" Other\r\n* LIST () \"/\" \"Other/x\"\r\n* STATUS \"Other/x\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 79)\r\n* LIST broken\r\n* LIST () \"/\" Shared/y\r\n* LIST () \"/\" INBOX\r\nT3 OK",
		"CSTATUS \"Shared/y\"", "S%t NO not yours", "H", NULL };
	talk_begin(&t, whole);
	assert_int_equal(t.conn->ops->list(t.conn, &list, &t.err), 0);
	assert_int_equal(list.count, 5);
	assert_string_equal(list.prefix, "");
	assert_int_equal(list.separator, '/');
	const struct folder *inbox = folder_find(&list, "inbox"), *sent = folder_find(&list, "S\"ent"), *other = folder_find(&list, "Other/x"), *shared = folder_find(&list, "Shared/y");
	assert_true(inbox->subscribed);
	assert_int_equal(inbox->box.exists, 4);
	assert_int_equal(sent->role, ROLE_SENT);
	assert_int_equal(sent->box.validity, 78);
	assert_int_equal(other->space, SPACE_OTHER_USERS);
	assert_int_equal(shared->space, SPACE_SHARED);
	assert_false(shared->box.known);
	assert_false(folder_find(&list, "Other")->selectable);
	folder_list_free(&list);
	talk_end(&t);
}

static void test_list_plain(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CLSUB", "CLIST \"\" \"*\"\r\n", "S* LSUB () \".\" INBOX.a\r\nT2 OK", "S* LIST () \".\" INBOX\r\n* LIST () \".\" \"INBOX.a\"\r\nT3 OK",
		"CT4 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)", "CT5 STATUS \"INBOX.a\"", "S* STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77)\r\nT4 OK\r\n* STATUS INBOX.a (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 78)\r\nT5 OK",
		"H", NULL };
	struct talk t;
	struct folder_list list;
	talk_begin(&t, script);
	assert_int_equal(t.conn->ops->list(t.conn, &list, &t.err), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.prefix, "INBOX."); /* guessed: all lies below it */
	assert_true(folder_find(&list, "INBOX.a")->subscribed);
	assert_int_equal(folder_find(&list, "INBOX.a")->box.validity, 78);
	folder_list_free(&list);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_unsolicited),
		cmocka_unit_test(test_two_asks),
		cmocka_unit_test(test_in_turn),
		cmocka_unit_test(test_in_turn_at_once),
		cmocka_unit_test(test_in_turn_near),
		cmocka_unit_test(test_no_body),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_list_extended),
		cmocka_unit_test(test_list_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
