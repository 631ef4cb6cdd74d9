/* The other side of early.c: a mail is sent while it comes. */
#include "tests/unit/imap/talk.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "core/base/blob.h"

#define SIZE (BLOB_MEMORY + 300000)
static_assert(SIZE == 1348576, "as REST counts it");

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
	talk_expect(&s->talk, EV_BOX, ask);
	talk_expect(&s->talk, EV_ASKED, ask);
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
		cmocka_unit_test(test_starved), cmocka_unit_test(test_starved_and_spoilt), cmocka_unit_test(test_refused_meanwhile), cmocka_unit_test(test_refused_before),
		cmocka_unit_test(test_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
