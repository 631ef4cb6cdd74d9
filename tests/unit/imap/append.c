/* Writing to the target: what runs ahead of the server's go-ahead and what waits, refusals at every point, and a BAD that ends it all. */
#include "tests/unit/imap/talk.h"

#include "core/base/blob.h"
#include "core/mail/flags.h"
#include "providers/imap/session.h"
#include "providers/imap/shared.h"

#define MAIL "A: b\r\n\r\nhey"
#define DATE 837596665

struct sending {
	struct talk talk;
	struct batch batch;
	struct mail *mail[4];
};

static struct mail *mail_of(size_t size, const char *flags, int64_t date)
{
	struct mail *m = mail_new();
	struct error err;
	char *text = x_calloc(1, size + sizeof MAIL);
	const char *name;
	size_t len;
	memset(text, 'x', size);
	memcpy(text, MAIL, size < sizeof MAIL - 1 ? size : sizeof MAIL - 1);
	while ((name = flags_next_keyword(&flags, &len)))
		flags_add(&m->flags, name, len);
	m->date = date;
	assert_int_equal(blob_new(&m->body, size, "/tmp", &err), 0);
	assert_int_equal(blob_add(m->body, text, size, &err), 0);
	free(text);
	return m;
}

/* Opens the box; mails are added by the test. */
static void begin(struct sending *s, const char *const *script)
{
	unsigned ask;
	*s = (struct sending){ 0 };
	talk_begin(&s->talk, script);
	s->batch = (struct batch){ .id = 1, .folder = &s->talk.box, .mails = s->mail };
	assert_int_equal(s->talk.conn->ops->prepare(s->talk.conn, &s->talk.box, true, &ask, &s->talk.err), 0);
	struct event e = talk_next(&s->talk);
	assert_int_equal(e.kind, EV_BOX);
	assert_true(e.box.any_keyword);
	e = talk_next(&s->talk);
	assert_int_equal(e.kind, EV_ASKED);
}

static void add(struct sending *s, struct mail *mail)
{
	s->mail[s->batch.count++] = mail;
	s->batch.bytes += blob_size(mail->body);
}

static void forget(struct sending *s)
{
	for (size_t i = 0; i < s->batch.count; i++)
		mail_free(&s->mail[i]);
	free(s->batch.taken);
	free(s->batch.uids);
	s->batch = (struct batch){ .id = 2, .folder = &s->talk.box, .mails = s->mail };
}

static void give(struct sending *s)
{
	if (s->talk.conn->ops->append(s->talk.conn, &s->batch, &s->talk.err) < 0)
		fail_msg("%s", s->talk.err.text);
	struct event e = talk_next(&s->talk);
	assert_int_equal(e.kind, EV_APPENDED);
	assert_ptr_equal(e.batch, &s->batch);
}

static void end(struct sending *s)
{
	forget(s);
	talk_end(&s->talk);
}

#define READY(capabilities) HELLO(capabilities), "CSELECT \"Box\"\r\n", OPENED

/* Which literals run ahead, by what the server offers and what the mail is like. */
static void test_literals(void **state)
{
	(void)state;
	static const char *const plain[] = { READY("LITERAL+"), "CAPPEND \"Box\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B13", "S%t OK [APPENDUID 77 10] in", "H", NULL };
	static const char *const none[] = { READY(""), "CAPPEND \"Box\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "Q50", "S+ go", "B13", "S%t OK in", "H", NULL };
	static const char *const minus[] = { READY("LITERAL-"), "C {4096+}\r\n", "B4098", "S%t OK in", "H", NULL };
	static const char *const minus_large[] = { READY("LITERAL-"), "C {4097}\r\n", "Q50", "S+ go", "B4099", "S%t OK in", "H", NULL };
	static const char *const keyword[] = { READY("LITERAL+"), "CAPPEND \"Box\" (Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "Q50", "S+ go", "B13", "S%t OK in", "H", NULL };
	static const char *const no_date[] = { READY("LITERAL+"), "CAPPEND \"Box\" () {11+}\r\n", "B13", "S%t OK in", "H", NULL };
	static const char *const odd_date[] = { READY("LITERAL+"), "CAPPEND \"Box\" () \"01-Jan-1970 00:00:00 +0000\" {11}\r\n", "Q50", "S+ go", "B13", "S%t OK in", "H", NULL };
	static const char *const large[] = { READY("LITERAL+"), "C {1048577}\r\n", "Q50", "S+ go", "B1048579", "S%t OK in", "H", NULL };
	static const char *const careful[] = { READY("LITERAL+"), "C {11}\r\n", "Q50", "S+ go", "B13", "S%t OK in", "H", NULL };
	static const struct {
		const char *const *script;
		size_t size;
		const char *flags;
		int64_t date;
		bool careful;
	} rows[] = {
		{ plain, 11, "\\Seen", DATE, false }, { none, 11, "\\Seen", DATE, false }, { minus, 4096, "", DATE, false }, { minus_large, 4097, "", DATE, false },
		{ keyword, 11, "Work", DATE, false }, { no_date, 11, "", DATE_UNKNOWN, false }, { odd_date, 11, "", 0, false }, { large, 1048577, "", DATE, false },
		{ careful, 11, "", DATE, true },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sending s;
		begin(&s, rows[i].script);
		add(&s, mail_of(rows[i].size, rows[i].flags, rows[i].date));
		s.batch.careful = rows[i].careful;
		give(&s);
		assert_true(s.batch.done);
		assert_true(s.batch.complete);
		assert_int_equal(s.batch.uids ? s.batch.uids[0] : 0, i == 0 ? 10 : 0);
		end(&s);
	}
}

/* A keyword that was accepted once may run ahead afterwards. */
static void test_learnt(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "S+ go", "B13", "S%t OK in", "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B13",
		"S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	for (int i = 0; i < 2; i++) {
		add(&s, mail_of(11, "Work", DATE));
		give(&s);
		assert_true(s.batch.done);
		forget(&s);
	}
	end(&s);
}

static bool knows(const struct sending *s, const char *keyword)
{
	return shared_has_keyword(s->talk.peer.shared, &s->talk.peer.options, keyword, strlen(keyword));
}

/* What another connection to this user's mailbox has learnt counts here too; what one to another server or user has, does not: it may be another server behind the
   same name. */
static void test_learnt_by_another(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B13", "S%t OK in", "C(Home) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "S+ go",
		"B13", "S%t OK in", "C(Garden) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "S+ go", "B13", "S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	struct imap_options other = s.talk.peer.options, neighbour = other;
	other.host = "elsewhere.example";
	neighbour.user = "neighbour";
	shared_takes_keyword(s.talk.peer.shared, &s.talk.peer.options, "Work", 4);
	shared_takes_keyword(s.talk.peer.shared, &other, "Home", 4);
	shared_takes_keyword(s.talk.peer.shared, &neighbour, "Garden", 6);
	add(&s, mail_of(11, "Work", DATE));
	give(&s);
	assert_false(knows(&s, "Home"));
	forget(&s);
	add(&s, mail_of(11, "Home", DATE));
	give(&s);
	assert_true(knows(&s, "Home"));
	forget(&s);
	assert_false(knows(&s, "Garden"));
	add(&s, mail_of(11, "Garden", DATE));
	give(&s);
	end(&s);
}

/* In one command a keyword waits once: what stands behind it leaves only when the server has taken the header in front. */
static void test_waits_once(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+ MULTIAPPEND"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "Q50", "S+ go", "B11",
		"C (Work) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B13", "S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	add(&s, mail_of(11, "Work", DATE));
	add(&s, mail_of(11, "Work", DATE));
	give(&s);
	assert_true(s.batch.done);
	end(&s);
}

/* Whether it waits is decided when its turn comes: what another connection has learnt since it was composed counts. */
static void test_learnt_meanwhile(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+ MULTIAPPEND"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "Q50", "S+ go", "B13", "C(Home) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B13",
		"ST3 OK in\r\nT4 OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	struct mail *behind[] = { mail_of(11, "Home", DATE) };
	struct batch second = { .id = 2, .folder = &s.talk.box, .mails = behind, .count = 1, .bytes = 11 };
	add(&s, mail_of(11, "Work", DATE));
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), 0);
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &second, &s.talk.err), 0);
	shared_takes_keyword(s.talk.peer.shared, &s.talk.peer.options, "Home", 4);
	assert_ptr_equal(talk_next(&s.talk).batch, &s.batch);
	assert_ptr_equal(talk_next(&s.talk).batch, &second);
	assert_true(s.batch.done && second.done);
	end(&s);
	free(second.taken);
	mail_free(&behind[0]);
}

/* The server refuses the header with the new keyword: mail behind it, composed since, does not count on it. */
static void test_keyword_refused(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+ MULTIAPPEND"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "Q50", "S%t BAD no such flag", "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n",
		"Q50", "S+ go", "B13", "S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	struct mail *behind[] = { mail_of(11, "Work", DATE) };
	struct batch second = { .id = 2, .folder = &s.talk.box, .mails = behind, .count = 1, .bytes = 11 };
	shared_takes_keyword(s.talk.peer.shared, &s.talk.peer.options, "Other", 5); /* what one refuses makes all doubtful */
	add(&s, mail_of(11, "Work", DATE));
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), 0);
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &second, &s.talk.err), 0);
	assert_ptr_equal(talk_next(&s.talk).batch, &s.batch);
	assert_false(s.batch.done);
	assert_false(knows(&s, "Other"));
	assert_ptr_equal(talk_next(&s.talk).batch, &second);
	assert_true(second.done);
	assert_true(knows(&s, "Work"));
	end(&s);
	free(second.taken);
	mail_free(&behind[0]);
}

/* The server has asked for the mail, and says BAD then: what it had seemed to take is doubtful again, for all. */
static void test_keyword_refused_late(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+ MULTIAPPEND"), "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n", "S+ go", "B13", "S%t BAD no such flag", "C(Work) \"17-Jul-1996 09:44:25 +0000\" {11}\r\n",
		"S+ go", "B13", "S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	for (int i = 0; i < 2; i++) {
		add(&s, mail_of(11, "Work", DATE));
		give(&s);
		assert_int_equal(s.batch.done, i);
		assert_int_equal(knows(&s, "Work"), i);
		forget(&s);
	}
	end(&s);
}

/* One command for many, with an APPENDUID for all. */
static void test_multi(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+ MULTIAPPEND"), "CAPPEND \"Box\" (\\Seen) \"17-Jul-1996 09:44:25 +0000\" {11+}\r\n", "B11", "C (\\Draft) \"17-Jul-1996 09:44:26 +0000\" {11+}\r\n", "B13",
		"S%t OK [APPENDUID 77 12,11] in", "H", NULL };
	struct sending s;
	begin(&s, script);
	add(&s, mail_of(11, "\\Seen", DATE));
	add(&s, mail_of(11, "\\Draft", DATE + 1));
	give(&s);
	assert_true(s.batch.done);
	assert_int_equal(s.batch.validity, 77);
	assert_int_equal(s.batch.uids[0], 12);
	assert_int_equal(s.batch.uids[1], 11);
	end(&s);
}

/* Several commands for one batch: the batch is over with the last, and says which were taken. */
static void test_single_commands(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "CT3 APPEND", "B13", "CT4 APPEND", "B13", "CT5 APPEND", "B13", "ST3 OK [APPENDUID 77 10] in\r\nT4 NO [TOOBIG] no\r\nT5 OK [APPENDUID 77 11] in", "H", NULL };
	struct sending s;
	begin(&s, script);
	for (int i = 0; i < 3; i++)
		add(&s, mail_of(11, "", DATE));
	give(&s);
	assert_false(s.batch.done);
	assert_int_equal(s.batch.why.class, ERR_MESSAGE);
	assert_true(s.batch.taken[0] && !s.batch.taken[1] && s.batch.taken[2]);
	assert_int_equal(s.batch.uids[0], 10);
	assert_int_equal(s.batch.uids[1], 0);
	assert_int_equal(s.batch.uids[2], 11);
	end(&s);
}

/* NO while the literal waits: its bytes never leave, the connection goes on. BAD there does no harm either. */
static void test_refused_standing(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		enum error_class class;
	} rows[] = { { "S%t NO [OVERQUOTA] full", ERR_QUOTA }, { "S%t NO [TRYCREATE] none", ERR_FOLDER }, { "S%t BAD odd date", ERR_MESSAGE }, { "S%t NO Request is throttled", ERR_THROTTLED } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *script[] = { READY(""), "C {11}\r\n", rows[i].reply, "C {12}\r\n", "S+ go", "B14", "S%t OK in", "H", NULL };
		struct sending s;
		begin(&s, script);
		add(&s, mail_of(11, "", DATE));
		give(&s);
		assert_false(s.batch.done);
		assert_int_equal(s.batch.why.class, rows[i].class);
		forget(&s);
		add(&s, mail_of(12, "", DATE));
		give(&s);
		assert_true(s.batch.done);
		end(&s);
	}
}

/* BAD behind a literal that ran ahead: the server may take the mail for commands. Nothing more is said on this line. */
static void test_poisoned(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "C {11+}\r\n", "B13", "S%t BAD what", "Q100", "H", NULL };
	struct sending s;
	begin(&s, script);
	add(&s, mail_of(11, "", DATE));
	give(&s);
	assert_false(s.batch.done);
	talk_breaks(&s.talk, ERR_RETRY);
	forget(&s);
	add(&s, mail_of(11, "", DATE));
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), -1);
	assert_int_equal(s.talk.err.class, ERR_RETRY);
	end(&s);
}

/* BAD to a mail that the server has asked for, and has whole: it knows where that ends, and is asked on. */
static void test_refused_whole(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "C {11}\r\n", "S+ go", "B13", "S%t BAD what", "C {12+}\r\n", "B14", "S%t OK in", "H", NULL };
	struct sending s;
	begin(&s, script);
	s.batch.careful = true;
	add(&s, mail_of(11, "", DATE));
	give(&s);
	assert_false(s.batch.done);
	assert_int_equal(s.batch.why.class, ERR_MESSAGE);
	forget(&s);
	s.batch.careful = false;
	add(&s, mail_of(12, "", DATE));
	give(&s);
	assert_true(s.batch.done);
	end(&s);
}

/* … and BAD in the middle of it: the rest, which is leaving, may be commands to that server. */
static void test_refused_half(void **state)
{
	(void)state;
	static const char *const script[] = { READY(""), "C {16000000}\r\n", "S+ go", "B10", "S%t BAD what", "h", NULL };
	struct sending s;
	begin(&s, script);
	add(&s, mail_of(16000000, "", DATE));
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), 0);
	talk_breaks(&s.talk, ERR_RETRY);
	assert_non_null(strstr(s.talk.err.text, "did not understand"));
	end(&s);
}

/* A server that is throttled says BAD too, and how long it wants to be left alone; of the command's form it says nothing. */
static void test_throttled(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "C {11+}\r\n", "B13", "S%t BAD Request is throttled. Suggested Backoff Time: 4711 milliseconds", "Q100", "H", NULL };
	struct sending s;
	begin(&s, script);
	add(&s, mail_of(11, "", DATE));
	give(&s);
	assert_false(s.batch.done);
	assert_int_equal(s.batch.why.class, ERR_THROTTLED);
	assert_int_equal(s.batch.why.wait_ms, 4711);
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), -1);
	assert_int_equal(s.talk.err.class, ERR_THROTTLED);
	assert_int_equal(s.talk.err.wait_ms, 4711);
	assert_true(imap_can((struct imap *)s.talk.conn, "LITERAL+"));
	end(&s);
}

/* The answer never comes: the batch had left whole, or not. */
static void test_complete(void **state)
{
	(void)state;
	static const char *const whole[] = { READY("LITERAL+"), "C {11+}\r\n", "B13", "X", NULL };
	static const char *const waiting[] = { READY(""), "C {11}\r\n", "X", NULL };
	for (int i = 0; i < 2; i++) {
		struct sending s;
		begin(&s, i ? waiting : whole);
		add(&s, mail_of(11, "", DATE));
		assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), 0);
		talk_breaks(&s.talk, ERR_RETRY);
		assert_int_equal(s.batch.complete, i == 0);
		end(&s);
	}
}

/* A box without \* keeps only the keywords that it lists. */
static void test_keywords(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LITERAL+"), "CSELECT", "S* OK [UIDVALIDITY 77] x\r\n* OK [PERMANENTFLAGS (\\Seen Work)] x\r\n%t OK", "CAPPEND \"Box\" (\\Seen Work) ", "S+ go", "B13", "S%t OK in", "H", NULL };
	struct sending s = { 0 };
	unsigned ask;
	talk_begin(&s.talk, script);
	s.batch = (struct batch){ .id = 1, .folder = &s.talk.box, .mails = s.mail };
	assert_int_equal(s.talk.conn->ops->prepare(s.talk.conn, &s.talk.box, true, &ask, &s.talk.err), 0);
	assert_int_equal(talk_next(&s.talk).kind, EV_BOX);
	assert_int_equal(talk_next(&s.talk).kind, EV_ASKED);
	add(&s, mail_of(11, "\\Seen Work Other x)y", DATE));
	give(&s);
	assert_true(s.batch.done);
	assert_true(s.batch.keywords_refused);
	end(&s);
}

/* A server that refuses mail for the box that is open by EXAMINE: from then on it is opened for writing again, for the first batch behind a look. */
static void test_after_a_look(void **state)
{
	(void)state;
	static const char *const script[] = { READY("LITERAL+"), "CEXAMINE \"Box\"\r\n", OPENED, "CUID SEARCH", "S* SEARCH\r\n%t OK", "CAPPEND", "B13", "S%t NO no",
		"CSELECT \"Box\"\r\n", OPENED, "CAPPEND", "B13", "S%t OK in", "CEXAMINE \"Box\"\r\n", OPENED, "CUID SEARCH", "S* SEARCH\r\n%t OK", "H", NULL };
	struct sending s;
	begin(&s, script);
	for (int look = 0; look < 2; look++) {
		talk_ask(&s.talk, 1, 9, WANT_UIDS);
		struct event e = { 0 };
		do {
			uid_set_free(&e.uids);
			e = talk_next(&s.talk);
		} while (e.kind != EV_ASKED);
		for (int i = 0; look == 0 && i < 2; i++) {
			add(&s, mail_of(11, "", DATE));
			give(&s);
			assert_int_equal(s.batch.done, i > 0);
			forget(&s);
		}
	}
	end(&s);
}

static void test_not_open(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO("LITERAL+"), "Q50", "H", NULL };
	struct sending s = { 0 };
	talk_begin(&s.talk, script);
	s.batch = (struct batch){ .id = 1, .folder = &s.talk.box, .mails = s.mail };
	add(&s, mail_of(11, "", DATE));
	assert_int_equal(s.talk.conn->ops->append(s.talk.conn, &s.batch, &s.talk.err), -1);
	assert_int_equal(s.talk.err.class, ERR_BUG);
	end(&s);
}

/* ---- making folders ---- */

static void test_create(void **state)
{
	(void)state;
	static const char *const simple[] = { HELLO(""), "CCREATE \"a/b\"\r\n", "CSELECT \"a/b\"", "ST2 OK", OPENED, "CSUBSCRIBE \"a/b\"", "S%t OK", "H", NULL };
	static const char *const there[] = { HELLO(""), "CCREATE \"a/b\"\r\n", "CSELECT \"a/b\"", "ST2 NO [ALREADYEXISTS] x", OPENED, "CSUBSCRIBE", "S%t NO", "H", NULL };
	static const char *const parents[] = { HELLO(""), "CCREATE \"a/b\"\r\n", "CSELECT \"a/b\"", "ST2 NO no parent", "ST3 NO x", "CT4 CREATE \"a\"\r\n", "CT5 CREATE \"a/b\"\r\n", "CT6 SELECT",
		"ST4 OK", "ST5 OK", OPENED, "CSUBSCRIBE", "S%t OK", "H", NULL };
	static const char *const never[] = { HELLO(""), "CCREATE", "CSELECT", "ST2 NO x", "ST3 NO x", "CCREATE", "CCREATE", "CSELECT", "ST4 NO x", "ST5 NO x", "ST6 NO [NONEXISTENT] x", "H", NULL };
	const char *const *scripts[] = { simple, there, parents, never };
	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct talk t;
		unsigned ask;
		talk_begin(&t, scripts[i]);
		t.box.wire = (char *)"a/b";
		t.box.subscribed = true;
		if (t.conn->ops->prepare(t.conn, &t.box, false, &ask, &t.err) < 0)
			fail_msg("%zu: %s", i, t.err.text);
		struct event e = talk_next(&t);
		if (i < 3) {
			assert_int_equal(e.kind, EV_BOX);
			e = talk_next(&t);
		}
		assert_int_equal(e.kind, EV_ASKED);
		assert_int_equal(e.err.class, i < 3 ? ERR_NONE : ERR_NAME);
		if (i < 3) /* the subscription has still to be answered */
			assert_int_equal(talk_next(&t).kind, EV_NONE);
		talk_end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),	 cmocka_unit_test(test_learnt), cmocka_unit_test(test_learnt_by_another),	  cmocka_unit_test(test_waits_once), cmocka_unit_test(test_keyword_refused), cmocka_unit_test(test_keyword_refused_late), cmocka_unit_test(test_learnt_meanwhile), cmocka_unit_test(test_multi),	   cmocka_unit_test(test_single_commands),
		cmocka_unit_test(test_refused_standing), cmocka_unit_test(test_poisoned), cmocka_unit_test(test_refused_whole), cmocka_unit_test(test_refused_half), cmocka_unit_test(test_throttled), cmocka_unit_test(test_complete), cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_after_a_look),	 cmocka_unit_test(test_not_open),	 cmocka_unit_test(test_create),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
