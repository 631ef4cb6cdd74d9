/* Large mail that is handed over while it arrives: what is offered, what is not, and that nothing becomes whole that did not come whole. Then the
   other side: a mail is sent while it comes. */
#include "tests/unit/imap/talk.h"

#include <assert.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

static bool far; /* what the kernel says of how long a server takes to answer */

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int ok = (int)syscall(SYS_getsockopt, fd, level, name, value, len);
	if (ok == 0 && level == IPPROTO_TCP && name == TCP_INFO && *len >= sizeof(struct tcp_info))
		((struct tcp_info *)value)->tcpi_rtt = far ? 50000 : 50;
	return ok;
}

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

static void expect(struct talk *t, enum event_kind kind, unsigned ask)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, kind);
	assert_int_equal(e.ask, ask);
	assert_int_equal(e.err.class, ERR_NONE);
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
		expect(&k.talk, EV_BOX, ask);
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
		expect(&k.talk, EV_BOX, ask);
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
	expect(&k.talk, EV_BOX, talk_ask(&k.talk, 5, 6, WANT_BODY));
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
		expect(&k.talk, EV_BOX, ask);
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
		expect(&k.talk, EV_BOX, ask);
		int64_t began = clock_ms();
		if (rows[i].stopped) {
			talk_breaks(&k.talk, ERR_CANCELLED);
			check_spoilt(k.mail);
		} else {
			expect(&k.talk, EV_ASKED, ask);
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
	expect(&k->talk, EV_BOX, ask);
	struct event e = talk_next(&k->talk);
	assert_int_equal(e.kind, EV_MAIL);
	assert_int_equal(k->offers, offers);
	check_whole(e.mail, SIZE);
	mail_free(&e.mail);
	expect(&k->talk, EV_ASKED, ask);
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

/* ---- sent while it comes ---- */

struct sending {
	struct talk talk;
	struct batch batch;
	struct mail *mails[1];
	struct blob *mine;	/* the end that writes */
	bool whole, complete;	/* how it ends; whether it was complete before */
	long late;
	pthread_t grower;
};

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* The rest of the mail comes late. */
static void *grow(void *pointer)
{
	struct sending *s = pointer;
	char *rest = x_calloc(1, SIZE);
	pause_ms(s->late);
	s->complete = s->batch.complete;
	blob_add(s->mine, rest, SIZE - 100000, NULL);
	free(rest);
	pause_ms(50);
	s->complete = s->complete || s->batch.complete;
	blob_end(s->mine, s->whole);
	blob_free(&s->mine);
	return NULL;
}

static void sending_begin(struct sending *s, const char *const *script, bool whole, long late)
{
	unsigned ask;
	*s = (struct sending){ .whole = whole, .late = late };
	peer_listen(&s->talk.peer);
	s->talk.peer.options.timeout_ms = 150; /* a commit has five times that: LATE is beyond it */
	s->talk.peer.env.writer = true;
	s->talk.box = (struct folder){ .wire = (char *)"Box", .name = (char *)"Box", .separator = '/', .selectable = true, .box = { .validity = 77 } };
	peer_thread(&s->talk.peer, script);
	assert_int_equal(imap_open(&s->talk.conn, s->talk.peer.shared, &s->talk.peer.options, &s->talk.peer.env, &s->talk.err), 0);
	assert_int_equal(s->talk.conn->ops->prepare(s->talk.conn, &s->talk.box, true, &ask, &s->talk.err), 0);
	expect(&s->talk, EV_BOX, ask);
	expect(&s->talk, EV_ASKED, ask);
	s->mails[0] = mail_new();
	char *first = x_calloc(1, 100000);
	assert_int_equal(blob_new(&s->mine, SIZE, "/tmp", &s->talk.err), 0);
	s->mails[0]->body = blob_share(s->mine);
	assert_int_equal(blob_add(s->mine, first, 100000, &s->talk.err), 0);
	free(first);
	s->mails[0]->size = SIZE;
	s->batch = (struct batch){ .id = 1, .folder = &s->talk.box, .mails = s->mails, .count = 1, .bytes = SIZE };
	assert_int_equal(s->talk.conn->ops->append(s->talk.conn, &s->batch, &s->talk.err), 0);
	assert_int_equal(pthread_create(&s->grower, NULL, grow, s), 0);
}

static void sending_end(struct sending *s)
{
	pthread_join(s->grower, NULL);
	assert_false(s->complete);
	talk_end(&s->talk);
	mail_free(&s->mails[0]);
	free(s->batch.taken);
	free(s->batch.uids);
}

#define LATE 1000
#define REST "B1248576"	/* SIZE - 100000 */
#define ALMOST "B1244480"	/* … and without what is held */

static void test_starved(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CSELECT", OPENED, "CAPPEND", "S+ go on", "B100000", "Q850", REST, "C\r\n", "S%t OK [APPENDUID 77 10] done", "H", NULL };
	struct sending s;
	sending_begin(&s, script, true, LATE);
	struct event e = talk_next(&s.talk);
	assert_int_equal(e.kind, EV_APPENDED);
	assert_true(s.batch.done);
	assert_true(s.batch.complete);
	assert_int_equal(s.batch.uids[0], 10);
	sending_end(&s);
}

/* All of it has come, and it is not good: the server never gets its end. */
static void test_starved_and_spoilt(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CSELECT", OPENED, "CAPPEND", "S+ go on", "B100000", "Q850", ALMOST, "Q100", "H", NULL };
	struct sending s;
	sending_begin(&s, script, false, LATE);
	talk_breaks(&s.talk, ERR_RETRY);
	assert_non_null(strstr(s.talk.err.text, "old server"));
	assert_false(s.batch.complete);
	sending_end(&s);
}

/* The server does not want it, and says so in the middle: the rest has to follow all the same. */
static void test_refused_meanwhile(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CSELECT", OPENED, "CAPPEND", "S+ go on", "B100000", "S%t NO [OVERQUOTA] full", REST, "C\r\n", "H", NULL };
	struct sending s;
	sending_begin(&s, script, true, 100);
	struct event e = talk_next(&s.talk);
	assert_int_equal(e.kind, EV_APPENDED);
	assert_false(s.batch.done);
	assert_int_equal(s.batch.why.class, ERR_QUOTA);
	sending_end(&s);
}

/* … before a byte of it has left: nothing of it does. */
static void test_refused_before(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CSELECT", OPENED, "CAPPEND", "S%t NO too large", "Q150", "H", NULL };
	struct sending s;
	sending_begin(&s, script, true, 100);
	struct event e = talk_next(&s.talk);
	assert_int_equal(e.kind, EV_APPENDED);
	assert_false(s.batch.complete);
	assert_int_equal(s.batch.why.class, ERR_MESSAGE);
	sending_end(&s);
}

/* The server goes while it is we who are late. */
static void test_left_alone(void **state)
{
	(void)state;
	static const char *const script[] = { HELLO(""), "CSELECT", OPENED, "CAPPEND", "S+ go on", "B100000", "X", NULL };
	struct sending s;
	sending_begin(&s, script, true, 100);
	talk_breaks(&s.talk, ERR_RETRY);
	assert_false(s.batch.complete);
	sending_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_responses), cmocka_unit_test(test_breaks), cmocka_unit_test(test_stalls), cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_pace), cmocka_unit_test(test_declined), cmocka_unit_test(test_doubted),
		cmocka_unit_test(test_open_refused), cmocka_unit_test(test_starved), cmocka_unit_test(test_starved_and_spoilt), cmocka_unit_test(test_refused_meanwhile),
		cmocka_unit_test(test_refused_before), cmocka_unit_test(test_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
