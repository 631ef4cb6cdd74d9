/* The bytes of one connection: both ways at once, waiting for a go-ahead, marks, dropping, waking, stopping and time-outs. */
#include "tests/unit/imap/peer.h"

#include <sys/eventfd.h>

#include "core/base/clock.h"

struct rig {
	struct peer peer;
	struct stream *stream;
	struct error err;
};

static void rig_open(struct rig *r, unsigned timeout_ms)
{
	*r = (struct rig){ 0 };
	peer_listen(&r->peer);
	r->peer.options.timeout_ms = timeout_ms;
	r->stream = peer_stream(&r->peer);
}

static void rig_close(struct rig *r)
{
	stream_close(&r->stream, false);
	close(r->peer.fd);
	peer_close(&r->peer);
}

/* What the server has got up to now. */
static void got(struct rig *r, const char *want)
{
	char text[200] = "";
	size_t len = strlen(want);
	if (len > 0)
		assert_int_equal(recv(r->peer.fd, text, len, MSG_WAITALL), len);
	assert_string_equal(text, want);
	assert_int_equal(recv(r->peer.fd, text, 1, MSG_DONTWAIT), -1);
}

static void pump(struct rig *r)
{
	if (stream_pump(r->stream, &r->err) < 0)
		fail_msg("%s", r->err.text);
}

static struct blob *blob_of(const char *data, size_t len)
{
	struct blob *b = NULL;
	struct error err;
	assert_int_equal(blob_new(&b, len, "/tmp", &err), 0);
	assert_int_equal(blob_add(b, data, len, &err), 0);
	return b;
}

/* ---- both ways at once ---- */

#define MANY ((size_t)8 << 20)

/* Writes all before it reads a byte, as a server may. */
static void *stubborn(void *pointer)
{
	struct peer *p = pointer;
	static const char chunk[4096] = { 'x' };
	char in[65536];
	size_t read = 0;
	for (size_t put = 0; put < MANY; put += sizeof chunk)
		if (!peer_send(p->fd, chunk, sizeof chunk))
			snprintf(p->wrong, sizeof p->wrong, "nothing more at %zu", put);
	while (read < MANY) {
		ssize_t n = recv(p->fd, in, sizeof in, 0);
		if (n <= 0) {
			snprintf(p->wrong, sizeof p->wrong, "only %zu bytes", read);
			break;
		}
		read += (size_t)n;
	}
	return NULL;
}

static void both_ways(bool spooled)
{
	struct rig r;
	pthread_t thread;
	char *data = x_calloc(1, MANY), in[65536];
	rig_open(&r, 10000);
	struct blob *body = blob_of(data, MANY);
	assert_int_equal(pthread_create(&thread, NULL, stubborn, &r.peer), 0);
	if (spooled)
		stream_blob(r.stream, 1, body);
	else
		stream_text(r.stream, 1, data, MANY);
	size_t read = 0, len;
	while (read < MANY) {
		if (stream_fill(r.stream, false, &r.err) != 1)
			fail_msg("at %zu: %s", read, r.err.text);
		stream_input(r.stream, &len);
		stream_consume(r.stream, len);
		read += len;
		if (read < MANY / 2 || read == MANY)
			continue;
		long n = stream_read(r.stream, in, MANY - read < sizeof in ? MANY - read : sizeof in, &r.err);
		if (n < 0)
			fail_msg("at %zu: %s", read, r.err.text);
		read += (size_t)n;
	}
	while (!stream_idle(r.stream))
		pump(&r);
	pthread_join(thread, NULL);
	if (r.peer.wrong[0])
		fail_msg("%s", r.peer.wrong);
	blob_free(&body);
	free(data);
	rig_close(&r);
}

static void test_no_deadlock(void **state)
{
	(void)state;
	both_ways(false);
	both_ways(true);
}

/* ---- the order of pieces ---- */

static void test_wait(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 5000);
	struct blob *body = blob_of("mail", 4), *empty = blob_of("", 0);
	bool done = false;
	assert_false(stream_go_ahead(r.stream));
	stream_text(r.stream, 1, "T1 {4}\r\n", 8);
	stream_wait(r.stream, 1);
	stream_blob(r.stream, 1, body);
	stream_blob(r.stream, 1, empty);
	stream_text(r.stream, 1, "\r\n", 2);
	stream_mark(r.stream, 1, &done);
	stream_text(r.stream, 2, "T2\r\n", 4);
	pump(&r);
	got(&r, "T1 {4}\r\n");
	assert_true(stream_stands(r.stream, 1));
	assert_false(stream_stands(r.stream, 2));
	assert_false(stream_idle(r.stream));
	assert_false(done);
	assert_true(stream_go_ahead(r.stream));
	assert_false(stream_go_ahead(r.stream));
	pump(&r);
	got(&r, "mail\r\nT2\r\n");
	assert_true(done);
	assert_true(stream_idle(r.stream));
	assert_false(stream_holds(r.stream, 1));
	blob_free(&body);
	blob_free(&empty);
	rig_close(&r);
}

/* The server said NO before it wanted the mail: the rest of that command never leaves, what is behind it does. */
static void test_drop(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 5000);
	struct blob *body = blob_of("mail", 4);
	bool done = false, second = false;
	stream_text(r.stream, 1, "T1 {4}\r\n", 8);
	stream_wait(r.stream, 1);
	stream_blob(r.stream, 1, body);
	stream_mark(r.stream, 1, &done);
	stream_text(r.stream, 2, "T2\r\n", 4);
	stream_mark(r.stream, 2, &second);
	pump(&r);
	assert_true(stream_stands(r.stream, 1));
	stream_drop(r.stream, 1);
	blob_free(&body);
	assert_false(stream_holds(r.stream, 1));
	assert_true(stream_holds(r.stream, 2));
	pump(&r);
	got(&r, "T1 {4}\r\nT2\r\n");
	assert_false(done);
	assert_true(second);
	stream_text(r.stream, 3, "T3\r\n", 4);
	pump(&r);
	got(&r, "T3\r\n");
	rig_close(&r);
}

/* Dropping the last leaves a list to which more can be added. */
static void test_drop_last(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 5000);
	stream_text(r.stream, 1, "T1\r\n", 4);
	stream_wait(r.stream, 2);
	stream_text(r.stream, 2, "never\r\n", 7);
	pump(&r);
	stream_drop(r.stream, 2);
	assert_true(stream_idle(r.stream));
	stream_text(r.stream, 3, "T3\r\n", 4);
	pump(&r);
	got(&r, "T1\r\nT3\r\n");
	rig_close(&r);
}

/* A mark is not set while its bytes have not left: here they can't, the server does not read. */
static void test_mark(void **state)
{
	(void)state;
	struct rig r;
	char *data = x_calloc(1, MANY);
	bool first = false, last = false;
	rig_open(&r, 5000);
	stream_text(r.stream, 1, "T1\r\n", 4);
	stream_mark(r.stream, 1, &first);
	stream_text(r.stream, 2, data, MANY);
	stream_mark(r.stream, 2, &last);
	pump(&r);
	assert_true(first);
	assert_false(last);
	assert_true(stream_holds(r.stream, 2));
	assert_false(stream_holds(r.stream, 1));
	free(data);
	rig_close(&r);
}

/* ---- waiting ---- */

struct later {
	struct peer *peer;
	int64_t ms;
};

static void *fire_later(void *pointer)
{
	struct later *l = pointer;
	poll(NULL, 0, (int)l->ms);
	cancel_fire(&l->peer->cancel);
	return NULL;
}

static void test_cancel(void **state)
{
	(void)state;
	struct rig r;
	pthread_t thread;
	rig_open(&r, 20000);
	struct later later = { &r.peer, 100 };
	int64_t began = clock_ms();
	assert_int_equal(pthread_create(&thread, NULL, fire_later, &later), 0);
	assert_int_equal(stream_fill(r.stream, false, &r.err), -1);
	pthread_join(thread, NULL);
	assert_int_equal(r.err.class, ERR_CANCELLED);
	assert_in_range(clock_ms() - began, 90, 5000);
	assert_int_equal(stream_fill(r.stream, false, &r.err), -1); /* and it stays dead */
	rig_close(&r);
}

static void test_timeout(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 5000);
	stream_patience(r.stream, 200, true);
	int64_t began = clock_ms();
	assert_int_equal(stream_fill(r.stream, false, &r.err), -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	assert_in_range(clock_ms() - began, 150, 4000);
	rig_close(&r);
}

/* A byte now and then is no answer. */
static void test_drip(void **state)
{
	(void)state;
	struct rig r;
	int64_t began, got = 0;
	rig_open(&r, 20);
	stream_signed_in(r.stream);
	stream_patience(r.stream, 2000, true);
	for (began = clock_ms(); got >= 0 && clock_ms() - began < 5000;) {
		assert_true(peer_send(r.peer.fd, "x", 1));
		poll(NULL, 0, 5);
		got = stream_fill(r.stream, true, &r.err);
	}
	assert_int_equal(got, -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	assert_non_null(strstr(r.err.text, "nothing comes of it"));
	assert_in_range(clock_ms() - began, 20 * WHOLE_TIMES - 50, 4000);
	rig_close(&r);
}

/* With nothing asked for, it may say what it likes as long as it likes; and what is got done begins the time anew. */
static void test_no_hurry(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 10);
	r.peer.env.wake_fd = eventfd(0, EFD_CLOEXEC);
	stream_signed_in(r.stream);
	for (unsigned asked = 0; asked < 2; asked++) {
		stream_patience(r.stream, 2000, asked);
		for (int i = 0; i < 60; i++) {
			assert_true(peer_send(r.peer.fd, "x", 1));
			poll(NULL, 0, 5);
			if (asked)
				stream_worked(r.stream, clock_ms());
			if (stream_fill(r.stream, true, &r.err) != 1)
				fail_msg("%s", r.err.text);
		}
		stream_worked(r.stream, clock_ms());
	}
	close(r.peer.env.wake_fd);
	rig_close(&r);
}

static void test_wake(void **state)
{
	(void)state;
	struct rig r;
	size_t len;
	rig_open(&r, 5000);
	r.peer.env.wake_fd = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(stream_fill(r.stream, true, &r.err), 0);
	assert_true(peer_send(r.peer.fd, "x", 1)); /* input comes before the bell */
	poll(NULL, 0, 50);
	assert_int_equal(stream_fill(r.stream, true, &r.err), 1);
	stream_input(r.stream, &len);
	assert_int_equal(len, 1);
	close(r.peer.env.wake_fd);
	rig_close(&r);
}

/* Long after we began to wait for it. */
static void *send_end(void *pointer)
{
	struct rig *r = pointer;
	poll(NULL, 0, 50);
	return peer_send(r->peer.fd, "end", 3) ? r : NULL;
}

/* What flows is waited for in larger pieces: its last one, however short, comes all the same, and whoever wakes us is heard. */
static void test_end_of_a_flow(void **state)
{
	(void)state;
	struct rig r = { 0 };
	char data[9000] = "";
	size_t len;
	rig_open(&r, 5000);
	r.peer.env.wake_fd = eventfd(0, EFD_CLOEXEC);
	for (int round = 0; round < 3; round++) {
		assert_true(peer_send(r.peer.fd, data, sizeof data));
		for (size_t came = 0; came < sizeof data; came += len) {
			assert_int_equal(stream_fill(r.stream, true, &r.err), 1);
			stream_input(r.stream, &len);
			stream_consume(r.stream, len);
		}
		if (round == 2) {
			assert_int_equal(eventfd_write(r.peer.env.wake_fd, 1), 0);
			assert_int_equal(stream_fill(r.stream, true, &r.err), 0);
			break;
		}
		pthread_t thread;
		void *sent;
		assert_int_equal(pthread_create(&thread, NULL, send_end, &r), 0);
		assert_int_equal(stream_fill(r.stream, true, &r.err), 1);
		assert_int_equal(pthread_join(thread, &sent), 0);
		assert_non_null(sent);
		stream_input(r.stream, &len);
		assert_int_equal(len, 3);
		stream_consume(r.stream, len);
	}
	close(r.peer.env.wake_fd);
	rig_close(&r);
}

static void test_closed(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, 5000);
	assert_true(peer_send(r.peer.fd, "bye", 3));
	shutdown(r.peer.fd, SHUT_RDWR);
	assert_int_equal(stream_fill(r.stream, false, &r.err), 1);
	assert_int_equal(stream_fill(r.stream, false, &r.err), -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	rig_close(&r);
}

/* A full buffer means a line without an end. */
static void test_full(void **state)
{
	(void)state;
	struct rig r;
	char *data = x_calloc(1, 70000);
	int ok = 1;
	rig_open(&r, 5000);
	assert_true(peer_send(r.peer.fd, data, 70000));
	for (int i = 0; ok == 1 && i < 1000; i++)
		ok = stream_fill(r.stream, false, &r.err);
	assert_int_equal(ok, -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	free(data);
	rig_close(&r);
}

static void test_refused(void **state)
{
	(void)state;
	struct rig r = { 0 };
	peer_listen(&r.peer);
	close(r.peer.listener);
	r.peer.listener = -1;
	assert_int_equal(stream_open(&r.stream, r.peer.shared, &r.peer.options, &r.peer.env, &r.err), -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	assert_non_null(strstr(r.err.text, "127.0.0.1"));
	r.peer.options.host = "name.invalid";
	assert_int_equal(stream_open(&r.stream, r.peer.shared, &r.peer.options, &r.peer.env, &r.err), -1);
	assert_int_equal(r.err.class, ERR_RETRY);
	peer_close(&r.peer);
}

/* A writer that dies leaves nothing for the kernel to deliver: its peer sees a reset, not an end. */
static void test_writer_resets(void **state)
{
	(void)state;
	for (int writer = 0; writer < 2; writer++) {
		struct rig r = { 0 };
		char byte;
		peer_listen(&r.peer);
		r.peer.env.writer = writer;
		assert_int_equal(stream_open(&r.stream, r.peer.shared, &r.peer.options, &r.peer.env, &r.err), 0);
		peer_accept(&r.peer);
		stream_close(&r.stream, false);
		assert_int_equal(recv(r.peer.fd, &byte, 1, 0), writer ? -1 : 0);
		close(r.peer.fd);
		peer_close(&r.peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_deadlock), cmocka_unit_test(test_wait),	  cmocka_unit_test(test_drop),
		cmocka_unit_test(test_drop_last),   cmocka_unit_test(test_mark),	  cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_timeout),	    cmocka_unit_test(test_wake),	  cmocka_unit_test(test_closed),
		cmocka_unit_test(test_full),	    cmocka_unit_test(test_refused),	  cmocka_unit_test(test_writer_resets),
		cmocka_unit_test(test_drip),	    cmocka_unit_test(test_no_hurry),	  cmocka_unit_test(test_end_of_a_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
