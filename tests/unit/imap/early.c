/* Large mail that is handed over while it arrives: what is offered, what is not, and that nothing becomes whole that did not come whole. */
#include "tests/unit/imap/far.h"
#include "tests/unit/imap/talk.h"

#include <assert.h>

#include "core/base/blob.h"
#include "core/base/clock.h"
#include "core/base/pace.h"

#define SIZE (BLOB_MEMORY + 300000)
#define HEAD "A: b\r\n\r\n"
#define DATE "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS (\\Seen)"
#define FRONT "* 1 FETCH (UID 5 RFC822.SIZE 1348576 " DATE " BODY[]"
#define STEPS 24
#define MIDDLING ((size_t)128 << 10)
static_assert(SIZE == 1348576, "as it is announced");

/* A script that is put together at run time. */
struct script {
	const char *step[STEPS];
	char *made[STEPS];
	size_t steps, mades;
};

static void say(struct script *s, const char *step)
{
	assert_true(s->steps + 1 < STEPS);
	s->step[s->steps++] = step;
}

static void say_all(struct script *s, const char *const *steps)
{
	while (*steps)
		say(s, *steps++);
}

/* `front`, with the literal's length behind it, and so many bytes of the mail; then `rest`. */
static void say_mail(struct script *s, const char *front, size_t size, size_t sent, const char *rest)
{
	struct buf out = { 0 };
	buf_addf(&out, "s%s {%zu}\r\n", front, size);
	size_t from = out.len;
	memset(buf_room(&out, sent), 'x', sent);
	memcpy(out.data + from, HEAD, sent < strlen(HEAD) ? sent : strlen(HEAD));
	out.len += sent;
	buf_adds(&out, rest);
	say(s, s->made[s->mades++] = out.data);
}

/* What is asked for, and so many bytes of UID 5. */
static void say_asked(struct script *s, size_t sent, const char *rest)
{
	say_all(s, (const char *const[]){ HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", NULL });
	say_mail(s, FRONT, SIZE, sent, rest);
}

static void script_free(struct script *s)
{
	while (s->mades > 0)
		free(s->made[--s->mades]);
}

/* Who is offered a mail. */
struct taker {
	struct talk talk;
	bool takes, stops;
	unsigned offers, ask;
	struct mail *mail;	/* what was taken */
};

static bool offered(void *ctx, unsigned ask, struct mail *mail)
{
	struct taker *k = ctx;
	k->offers++;
	if (k->stops)
		cancel_fire(&k->talk.peer.cancel);
	k->ask = ask;
	assert_non_null(mail->body);
	assert_int_equal(blob_size(mail->body), mail->size);
	assert_true(blob_ready(mail->body) <= mail->size - BLOB_HELD);
	assert_true(mail->has_id);
	k->mail = k->takes ? mail : NULL;
	return k->takes;
}

static unsigned taker_begin(struct taker *k, const char *const *script, bool takes)
{
	*k = (struct taker){ .takes = takes };
	talk_begin(&k->talk, script);
	k->talk.peer.env.early = offered;
	k->talk.peer.env.early_ctx = k;
	return talk_ask(&k->talk, 5, 6, WANT_BODY);
}

static void check_whole(struct mail *mail, size_t size)
{
	struct error err;
	char *data = x_malloc(size + 1);
	size_t at = 0;
	long n;
	assert_int_equal(blob_size(mail->body), size);
	while ((n = blob_read(mail->body, at, data + at, size + 1 - at, &err)) > 0)
		at += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(at, size);
	assert_memory_equal(data, HEAD, strlen(HEAD));
	assert_int_equal(data[size - 1], 'x');
	free(data);
}

static void check_spoilt(struct mail *mail)
{
	struct error err;
	char byte;
	assert_true(blob_ready(mail->body) <= mail->size - BLOB_HELD);
	assert_int_equal(blob_grows(mail->body), -1);
	assert_int_equal(blob_read(mail->body, 0, &byte, 1, &err), -1);
	assert_int_equal(err.class, ERR_RETRY);
	assert_int_equal(blob_read(mail->body, mail->size - 1, &byte, 1, &err), -1);
}

/* ---- what is offered ---- */

enum fate { WHOLE, SPOILT, AS_EVENT, NOTHING };

static const struct {
	const char *name, *front;
	size_t size, sent;
	const char *rest;
	enum fate fate;
	bool far;
} responses[] = {
	{ "plain", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, ")\r\n", WHOLE, false },
	{ "marks behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, " FLAGS (\\Seen \\Flagged) MODSEQ (7))\r\n", WHOLE, false },
	{ "too small", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", BLOB_MEMORY, BLOB_MEMORY, ")\r\n", AS_EVENT, false },
	{ "at a distance, in memory", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", BLOB_MEMORY, BLOB_MEMORY, ")\r\n", WHOLE, true },
	{ "at a distance, just large enough", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", MIDDLING + 1, MIDDLING + 1, ")\r\n", WHOLE, true },
	{ "at a distance, too small", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", MIDDLING, MIDDLING, ")\r\n", AS_EVENT, true },
	{ "at a distance, garbage behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", MIDDLING + 1, MIDDLING + 1, "garbage\r\n", SPOILT, true },
	{ "facts behind it", "* 1 FETCH (UID 5 BODY[]", SIZE, SIZE, " RFC822.SIZE 1348576 " DATE ")\r\n", AS_EVENT, false },
	{ "no date", "* 1 FETCH (UID 5 RFC822.SIZE %zu FLAGS () BODY[]", SIZE, SIZE, ")\r\n", NOTHING, false },
	{ "not asked for", "* 1 FETCH (UID 4 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, ")\r\n", NOTHING, false },
	{ "garbage behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, "garbage\r\n", SPOILT, false },
	{ "nothing behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, "\r\n", SPOILT, false },
	{ "more behind the end", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, "))\r\n", SPOILT, false },
	{ "another UID behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, " UID 6)\r\n", SPOILT, false },
	{ "another size behind it", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, " RFC822.SIZE 7)\r\n", SPOILT, false },
	{ "a second body", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, " BODY[] {3}\r\nabc)\r\n", SPOILT, false },
	{ "it ran into the next", "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " BODY[]", SIZE, SIZE, "UID 6 RFC822.SIZE 3 " DATE " BODY[] {3}\r\nabc)\r\n", SPOILT, false },
};

static void test_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(responses); i++) {
		struct script s = { 0 };
		struct taker k;
		char front[200];
		snprintf(front, sizeof front, "%s", responses[i].front);
		char *at = strstr(front, "%zu");
		if (at)
			snprintf(at, sizeof front - (size_t)(at - front), "%zu%s", responses[i].size, strstr(responses[i].front, "%zu") + 3);
		say_all(&s, (const char *const[]){ HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", NULL });
		say_mail(&s, front, responses[i].size, responses[i].sent, responses[i].rest);
		say_all(&s, (const char *const[]){ "S%t OK", "H", NULL });
		far = responses[i].far;
		unsigned ask = taker_begin(&k, s.step, true);
		talk_expect(&k.talk, EV_BOX, ask);
		bool early = responses[i].fate == WHOLE || responses[i].fate == SPOILT;
		struct event e = talk_next(&k.talk);
		if (k.offers != early || (early && k.ask != ask) || (e.kind == EV_MAIL) != (responses[i].fate == AS_EVENT))
			fail_msg("%s: offered %u times; event %d", responses[i].name, k.offers, (int)e.kind);
		if (responses[i].fate == WHOLE)
			check_whole(k.mail, responses[i].size);
		if (responses[i].fate == SPOILT)
			check_spoilt(k.mail);
		if (e.kind == EV_MAIL) {
			check_whole(e.mail, responses[i].size);
			e = (mail_free(&e.mail), talk_next(&k.talk));
		}
		assert_int_equal(e.kind, EV_ASKED);
		mail_free(&k.mail);
		talk_end(&k.talk);
		script_free(&s);
	}
	far = false;
}

/* ---- lines that break ---- */

static void test_breaks(void **state)
{
	(void)state;
	static const struct {
		size_t sent;
		const char *rest, *how;
	} rows[] = {
		{ 70000, "", "X" }, { SIZE / 2, "", "X" }, { SIZE - BLOB_HELD - 1, "", "X" }, { SIZE - 100, "", "X" }, { SIZE - 1, "", "Xreset" }, { SIZE, "", "X" }, { SIZE, " FLAGS ()", "X" },
		{ SIZE, ")", "X" }, { SIZE, ")\r", "X" }, { SIZE / 2, "", "H" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script s = { 0 };
		struct taker k;
		say_asked(&s, rows[i].sent, rows[i].rest);
		say(&s, rows[i].how);
		unsigned ask = taker_begin(&k, s.step, true);
		talk_expect(&k.talk, EV_BOX, ask);
		if (*rows[i].how == 'H') {
			struct event none;
			cancel_fire(&k.talk.peer.cancel); /* before anything of it is read: nobody is offered anything */
			assert_int_equal(k.talk.conn->ops->next(k.talk.conn, &none, &k.talk.err), -1);
			assert_int_equal(k.talk.err.class, ERR_CANCELLED);
			assert_int_equal(k.offers, 0);
		} else {
			talk_breaks(&k.talk, ERR_RETRY);
			assert_int_equal(k.offers, 1);
			check_spoilt(k.mail);
		}
		mail_free(&k.mail);
		talk_end(&k.talk);
		script_free(&s);
	}
}

/* It stops in the middle and says nothing any more. */
static void test_stalls(void **state)
{
	(void)state;
	struct script s = { 0 };
	struct taker k;
	say_asked(&s, SIZE / 2, "");
	say(&s, "H");
	*(&k) = (struct taker){ .takes = true };
	peer_listen(&k.talk.peer);
	k.talk.peer.options.timeout_ms = 300;
	k.talk.box = (struct folder){ .wire = (char *)"Box", .name = (char *)"Box", .separator = '/', .selectable = true };
	k.talk.peer.env.early = offered;
	k.talk.peer.env.early_ctx = &k;
	peer_thread(&k.talk.peer, s.step);
	assert_int_equal(imap_open(&k.talk.conn, k.talk.peer.shared, &k.talk.peer.options, &k.talk.peer.env, &k.talk.err), 0);
	talk_expect(&k.talk, EV_BOX, talk_ask(&k.talk, 5, 6, WANT_BODY));
	talk_breaks(&k.talk, ERR_RETRY);
	check_spoilt(k.mail);
	mail_free(&k.mail);
	talk_end(&k.talk);
	script_free(&s);
}

/* Stopped in the middle: the rest of what is being sent on is waited for, a little; what comes behind it is not. */
static void test_stopped(void **state)
{
	(void)state;
	static const struct {
		size_t sent;
		int64_t least_ms, most_ms;
	} rows[] = { { SIZE, 0, 1900 }, { SIZE / 2, 1500, 20000 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script s = { 0 };
		struct taker k;
		say_asked(&s, rows[i].sent, rows[i].sent == SIZE ? ")\r\n" : "");
		say(&s, "H");
		unsigned ask = taker_begin(&k, s.step, true);
		k.stops = true;
		talk_expect(&k.talk, EV_BOX, ask);
		int64_t began = clock_ms();
		talk_breaks(&k.talk, ERR_CANCELLED);
		assert_in_range(clock_ms() - began, rows[i].least_ms, rows[i].most_ms);
		assert_int_equal(k.offers, 1);
		if (rows[i].sent == SIZE)
			check_whole(k.mail, SIZE);
		else
			check_spoilt(k.mail);
		mail_free(&k.mail);
		talk_end(&k.talk);
		script_free(&s);
	}
}

/* limits.rate: it is offered before anything waits, then takes its time; and who is stopped does not wait for the end of that. */
static void test_pace(void **state)
{
	(void)state;
	static const struct {
		uint64_t rate;
		bool stopped;
		int64_t least_ms, most_ms;
	} rows[] = { { 4000000, false, SIZE / 4000 - 1, 60000 }, { 1000, true, 0, PACE_WAIT_MS - 1 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script s = { 0 };
		struct taker k;
		struct pace pace;
		say_asked(&s, SIZE, ")\r\n");
		say_all(&s, (const char *const[]){ "S%t OK", "H", NULL });
		pace_init(&pace, rows[i].rate);
		unsigned ask = taker_begin(&k, s.step, true);
		k.stops = rows[i].stopped;
		k.talk.peer.env.pace = &pace;
		talk_expect(&k.talk, EV_BOX, ask);
		int64_t began = clock_ms();
		if (rows[i].stopped) {
			talk_breaks(&k.talk, ERR_CANCELLED);
			check_spoilt(k.mail);
		} else {
			talk_expect(&k.talk, EV_ASKED, ask);
			check_whole(k.mail, SIZE);
		}
		assert_in_range(clock_ms() - began, rows[i].least_ms, rows[i].most_ms);
		assert_int_equal(k.offers, 1);
		mail_free(&k.mail);
		talk_end(&k.talk);
		pace_free(&pace);
		script_free(&s);
	}
}

/* ---- who is not asked, and who does not want it ---- */

/* It comes whole, when all of it is there, after so many offers; then the ask is over. */
static void expect_late(struct taker *k, struct script *s, bool takes, unsigned offers)
{
	unsigned ask = taker_begin(k, s->step, takes);
	talk_expect(&k->talk, EV_BOX, ask);
	struct event e = talk_next(&k->talk);
	assert_int_equal(e.kind, EV_MAIL);
	assert_int_equal(k->offers, offers);
	check_whole(e.mail, SIZE);
	mail_free(&e.mail);
	talk_expect(&k->talk, EV_ASKED, ask);
	talk_end(&k->talk);
	script_free(s);
}

static void test_declined(void **state)
{
	(void)state;
	struct script s = { 0 };
	struct taker k;
	say_asked(&s, SIZE, ")\r\n");
	say_mail(&s, FRONT, SIZE, SIZE, ")\r\n"); /* told twice: nobody has asked for it a second time */
	say_all(&s, (const char *const[]){ "S%t OK", "H", NULL });
	expect_late(&k, &s, false, 1);
}

/* BODY[] has less than was announced, RFC822 all of it: whoever doubts a mail looks at it when it is here, and asks no third time. */
static void test_doubted(void **state)
{
	(void)state;
	struct script s = { 0 };
	struct taker k;
	char second[200];
	snprintf(second, sizeof second, "* 1 FETCH (UID 5 RFC822.SIZE %zu " DATE " RFC822", SIZE);
	say_all(&s, (const char *const[]){ HELLO(""), "CEXAMINE", OPENED, "CUID FETCH 5:6", NULL });
	say_mail(&s, FRONT, SIZE - 1000, SIZE - 1000, ")\r\n");
	say_all(&s, (const char *const[]){ "S%t OK", "CUID FETCH 5 (UID RFC822.SIZE INTERNALDATE FLAGS RFC822)", NULL });
	say_mail(&s, second, SIZE, SIZE, ")\r\n");
	say_all(&s, (const char *const[]){ "S%t OK", "Q50", "H", NULL });
	expect_late(&k, &s, true, 0);
}

/* What comes of a folder that was open before is nobody's. */
static void test_open_refused(void **state)
{
	(void)state;
	struct script s = { 0 };
	struct taker k;
	say_all(&s, (const char *const[]){ HELLO(""), "CEXAMINE", "CUID FETCH 5:6", "ST2 NO not now", NULL });
	say_mail(&s, FRONT, SIZE, SIZE, ")\r\n");
	say_all(&s, (const char *const[]){ "S%t OK", "H", NULL });
	unsigned ask = taker_begin(&k, s.step, true);
	struct event e = talk_next(&k.talk);
	assert_int_equal(e.kind, EV_ASKED);
	assert_int_equal(e.ask, ask);
	assert_int_equal(e.err.class, ERR_FOLDER);
	assert_int_equal(talk_next(&k.talk).kind, EV_NONE); /* nobody's */
	assert_int_equal(k.offers, 0);
	talk_end(&k.talk);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_responses), cmocka_unit_test(test_breaks), cmocka_unit_test(test_stalls), cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_pace), cmocka_unit_test(test_declined), cmocka_unit_test(test_doubted), cmocka_unit_test(test_open_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
