/* COMPRESS=DEFLATE: when it is asked for and what follows a refusal; and the stream's promises, which hold above the compressor: what has left, what
   a mark says, how long a silence is. */
#include "tests/unit/imap/talk.h"

#include <dlfcn.h>

#include "core/base/clock.h"
#include "providers/imap/deflate.h"

/* ---- who the other end is, as the stream asks the kernel ---- */

static enum { LOOPBACK, LOOPBACK_6, ITSELF, FAR, FAR_6 } other_end;

/* In place of the C library's. */
int getpeername(int fd, __SOCKADDR_ARG to, socklen_t *restrict len)
{
	static const struct sockaddr_in local = /* 127.0.0.9 */ { .sin_family = AF_INET, .sin_addr.s_addr = 0x0900007f };
	static struct sockaddr_in far = { .sin_family = AF_INET };
	static struct sockaddr_in6 far_6 = { .sin6_family = AF_INET6 };
	const void *from = &local;
	*len = sizeof local;
	if (other_end == ITSELF || other_end == FAR)
		from = &far;
	if (other_end == FAR_6 || other_end == LOOPBACK_6) {
		inet_pton(AF_INET6, other_end == FAR_6 ? "2001:db8::1" : "::1", &far_6.sin6_addr);
		from = &far_6;
		*len = sizeof far_6;
	}
	inet_pton(AF_INET, "192.0.2.1", &far.sin_addr);
	memcpy(*(void **)&to, from, *len);
	(void)fd;
	return 0;
}

/* Our own: of a connection with ourselves the same. */
int getsockname(int fd, __SOCKADDR_ARG to, socklen_t *restrict len)
{
	static int (*libc)(int, __SOCKADDR_ARG, socklen_t *restrict);
	if (!libc)
		*(void **)&libc = dlsym(RTLD_NEXT, "getsockname");
	int listens = 0;
	socklen_t size = sizeof listens;
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
	return other_end == ITSELF && !listens ? getpeername(fd, to, len) : libc(fd, to, len);
}

/* ---- the session ---- */

#define OFFERED HELLO("COMPRESS=DEFLATE")
#define SEARCHED "CEXAMINE", OPENED, "CSEARCH", "S* SEARCH 1 2\r\n%t OK done"

/* A second connection of the same run. */
static void again(struct talk *t, const char *const *script)
{
	t->conn->ops->close(&t->conn, false);
	pthread_join(t->peer.thread, NULL);
	if (t->peer.wrong[0])
		fail_msg("the server read %s", t->peer.wrong);
	peer_thread(&t->peer, script);
	if (imap_open(&t->conn, t->peer.shared, &t->peer.options, &t->peer.env, &t->err) < 0)
		fail_msg("%s", t->err.text);
}

static void works(struct talk *t)
{
	struct uid_set all = { 0 };
	unsigned ask;
	if (t->conn->ops->ask(t->conn, &t->box, &all, WANT_UIDS, false, &ask, &t->err) < 0)
		fail_msg("%s", t->err.text);
	assert_int_equal(talk_next(t).kind, EV_BOX);
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_UIDS);
	assert_int_equal(uid_set_size(&e.uids), 2);
	uid_set_free(&e.uids);
	assert_int_equal(talk_next(t).kind, EV_ASKED);
}

/* On this machine, or where it is not offered, it is not asked for. */
static void test_not_asked(void **state)
{
	(void)state;
	static const char *const near[] = { OFFERED, SEARCHED, "H", NULL }, *const without[] = { HELLO("IDLE COMPRESS=LZ4"), SEARCHED, "H", NULL };
	struct talk t;
	for (other_end = LOOPBACK; other_end <= FAR_6; other_end++) {
		talk_begin(&t, other_end < FAR ? near : without);
		works(&t);
		talk_end(&t);
	}
}

/* Refused: the session goes on without, and no other of the run asks again. */
static void test_refused(void **state)
{
	(void)state;
	static const char *const no[] = { OFFERED, "CCOMPRESS DEFLATE", "S%t NO [COMPRESSIONACTIVE] it is packed already", SEARCHED, "H", NULL },
				 *const bad[] = { OFFERED, "CCOMPRESS DEFLATE", "S%t BAD what?", SEARCHED, "H", NULL }, *const next[] = { OFFERED, SEARCHED, "H", NULL };
	struct talk t;
	for (unsigned i = 0; i < 2; i++) {
		other_end = i ? FAR_6 : FAR;
		talk_begin(&t, i ? bad : no);
		works(&t);
		again(&t, next);
		works(&t);
		talk_end(&t);
	}
}

/* The line is lost when it is asked for, or before anything came of it; or what comes is no deflate: the next connection goes without. */
static void test_broken(void **state)
{
	(void)state;
	static const char *const next[] = { OFFERED, SEARCHED, "H", NULL };
	static const char *const scripts[][16] = {
		{ OFFERED, "CCOMPRESS DEFLATE", "X" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S* BYE what is that", "X" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now", "X" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now", "B5", "Xreset" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now\r\n* 3 EXISTS injected\r\n* 4 EXISTS here", "H" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now", "B5", "S* OK\r\n* BAD is that a command?\r\n* BAD and that, and that, and that?", "H" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now", "B5", "s\x07", "H" },
		{ OFFERED, "CCOMPRESS DEFLATE", "S%t OK now", "B5", "s\x0b\xb1\xb4\x54\xf0\xf7\x56\xa8\xe0\xe5\x02", "H" }, /* "T99 OK x" */
	};
	other_end = FAR;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct talk t = { .box = { .wire = (char *)"Box", .name = (char *)"Box", .selectable = true } };
		peer_start(&t.peer, scripts[i]);
		if (imap_open(&t.conn, t.peer.shared, &t.peer.options, &t.peer.env, &t.err) == 0) {
			talk_ask(&t, 1, 3, WANT_META);
			talk_breaks(&t, ERR_RETRY);
			t.conn->ops->close(&t.conn, false);
		} else {
			assert_int_equal(t.err.class, ERR_RETRY);
		}
		pthread_join(t.peer.thread, NULL);
		if (t.peer.wrong[0])
			fail_msg("row %zu: the server read %s", i, t.peer.wrong);
		peer_thread(&t.peer, next);
		if (imap_open(&t.conn, t.peer.shared, &t.peer.options, &t.peer.env, &t.err) < 0)
			fail_msg("row %zu: %s", i, t.err.text);
		works(&t);
		talk_end(&t);
	}
}

/* ---- the stream ---- */

struct rig {
	struct peer peer;
	struct stream *stream;
	struct deflate *theirs;
	struct error err;
};

static void rig_open(struct rig *r)
{
	*r = (struct rig){ .theirs = deflate_new() };
	peer_listen(&r->peer);
	r->stream = peer_stream(&r->peer);
}

static void rig_close(struct rig *r)
{
	stream_close(&r->stream, false);
	close(r->peer.fd);
	deflate_free(&r->theirs);
	peer_close(&r->peer);
}

static void say(struct rig *r, const char *text)
{
	char packed[1000];
	size_t len = deflate_pack(r->theirs, packed, text, strlen(text));
	assert_true(peer_send(r->peer.fd, packed, len));
}

/* What the server can read of all that the kernel was handed up to now, and at most len bytes of it. */
static size_t got(struct rig *r, char *to, size_t len)
{
	size_t all = 0, room;
	while (all < len) {
		long n = deflate_unpack(r->theirs, to + all, len - all);
		assert_true(n >= 0);
		all += (size_t)n;
		if (n > 0)
			continue;
		char *at = deflate_room(r->theirs, &room);
		ssize_t came = recv(r->peer.fd, at, room, MSG_DONTWAIT);
		if (came <= 0)
			break;
		deflate_got(r->theirs, (size_t)came);
	}
	return all;
}

static void reads(struct rig *r, const char *want)
{
	char text[200] = "";
	poll(&(struct pollfd){ .fd = r->peer.fd, .events = POLLIN }, 1, 5000);
	text[got(r, text, sizeof text - 1)] = '\0';
	assert_string_equal(text, want);
}

static void pump(struct rig *r)
{
	if (stream_pump(r->stream, &r->err) < 0)
		fail_msg("%s", r->err.text);
}

static void hears(struct rig *r, const char *want)
{
	size_t len;
	while (stream_input(r->stream, &len), len < strlen(want))
		if (stream_fill(r->stream, false, &r->err) != 1)
			fail_msg("%s", r->err.text);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(stream_input(r->stream, &len), want, len);
	stream_consume(r->stream, len);
}

/* What has come behind the OK is compressed already, whether it was read with it or not; before a wait nothing stays behind. */
static void test_switch(void **state)
{
	(void)state;
	for (unsigned read_with_it = 0; read_with_it < 2; read_with_it++) {
		struct rig r;
		size_t len;
		rig_open(&r);
		assert_true(peer_send(r.peer.fd, "T1 OK\r\n", 7));
		if (read_with_it)
			say(&r, "* 1 EXISTS\r\n");
		poll(NULL, 0, 20);
		assert_int_equal(stream_fill(r.stream, false, &r.err), 1);
		stream_input(r.stream, &len);
		assert_int_equal(len > 7, read_with_it);
		stream_consume(r.stream, 7);
		stream_compress(r.stream);
		stream_input(r.stream, &len);
		assert_int_equal(len, 0);
		if (!read_with_it)
			say(&r, "* 1 EXISTS\r\n");
		hears(&r, "* 1 EXISTS\r\n");
		stream_text(r.stream, 1, "T2 APPEND x {4}\r\n", 17);
		stream_wait(r.stream, 1);
		stream_text(r.stream, 1, "mail\r\n", 6);
		pump(&r);
		reads(&r, "T2 APPEND x {4}\r\n");
		assert_true(stream_stands(r.stream, 1));
		say(&r, "+ go\r\n");
		hears(&r, "+ go\r\n");
		assert_true(stream_go_ahead(r.stream));
		pump(&r);
		reads(&r, "mail\r\n");
		rig_close(&r);
	}
}

#define MANY ((size_t)10 << 20)

/* What nothing makes shorter, so that the kernel can't take it. */
static char *noise(void)
{
	char *data = x_malloc(MANY);
	uint64_t seed = 3;
	for (size_t i = 0; i < MANY; i++)
		data[i] = (char)dice(&seed, 256);
	return data;
}

#define PIECE ((size_t)60000)
#define PIECES (MANY / PIECE)

/* A mark is set when every byte in front of it can be read by the server: not while some lie in the compressor or in a buffer of ours. */
static void test_mark(void **state)
{
	(void)state;
	struct rig r;
	char *data = noise(), *back = x_malloc(MANY);
	bool short_one = false, empty = false, done[PIECES] = { false };
	rig_open(&r);
	stream_compress(r.stream);
	stream_text(r.stream, 1, "T1\r\n", 4);
	stream_mark(r.stream, 1, &short_one);
	stream_mark(r.stream, 2, &empty); /* of nothing at all */
	pump(&r);
	assert_true(short_one && empty);
	reads(&r, "T1\r\n");
	for (size_t i = 0; i < PIECES; i++) {
		stream_text(r.stream, 10 + (unsigned)i, data + i * PIECE, PIECE);
		stream_mark(r.stream, 10 + (unsigned)i, &done[i]);
	}
	for (size_t all = 0, marks = 0; marks < PIECES;) {
		pump(&r);
		for (; marks < PIECES && done[marks]; marks++)
			assert_false(stream_holds(r.stream, 10 + (unsigned)marks));
		assert_true(marks == PIECES || stream_holds(r.stream, 10 + (unsigned)marks));
		while (all < marks * PIECE) {
			assert_int_equal(poll(&(struct pollfd){ .fd = r.peer.fd, .events = POLLIN }, 1, 5000), 1);
			all += got(&r, back + all, MANY - all);
		}
	}
	assert_memory_equal(back, data, PIECES * PIECE);
	free(data);
	free(back);
	rig_close(&r);
}

/* Both sides write before they read; many times what the buffers hold. */
static void *echo(void *pointer)
{
	struct rig *r = pointer;
	static char plain[60000], packed[DEFLATE_ROOM(sizeof plain)];
	uint64_t seed = 5;
	for (size_t put = 0; put < MANY; put += sizeof plain) {
		for (size_t i = 0; i < sizeof plain; i++)
			plain[i] = (char)dice(&seed, 256);
		if (!peer_send(r->peer.fd, packed, deflate_pack(r->theirs, packed, plain, sizeof plain)))
			return (void *)"nothing more can be sent";
	}
	return NULL;
}

static void test_no_deadlock(void **state)
{
	(void)state;
	struct rig r;
	pthread_t thread;
	void *wrong;
	char *data = noise(), direct[5000];
	size_t want = (MANY + 59999) / 60000 * 60000, len;
	uint64_t seed = 5;
	rig_open(&r);
	stream_compress(r.stream);
	stream_text(r.stream, 1, data, MANY);
	assert_int_equal(pthread_create(&thread, NULL, echo, &r), 0);
	for (size_t at = 0; at < want;) {
		const char *in = direct;
		if (at % 3) {
			if (stream_fill(r.stream, false, &r.err) != 1)
				fail_msg("at %zu: %s", at, r.err.text);
			in = stream_input(r.stream, &len);
		} else {
			long n = stream_read(r.stream, direct, sizeof direct, &r.err);
			if (n < 0)
				fail_msg("at %zu: %s", at, r.err.text);
			len = (size_t)n;
		}
		for (size_t i = 0; i < len; i++)
			if (in[i] != (char)dice(&seed, 256))
				fail_msg("another byte at %zu", at + i);
		if (in != direct)
			stream_consume(r.stream, len);
		at += len;
	}
	pthread_join(thread, &wrong);
	assert_null(wrong);
	free(data);
	rig_close(&r);
}

/* A block without anything in it, now and then, for as long as somebody listens. */
static void *empty_blocks(void *pointer)
{
	const struct rig *r = pointer;
	for (unsigned i = 0; i < 100 && send(r->peer.fd, "\0\0\0\xff\xff", 5, MSG_NOSIGNAL) == 5; i++)
		if (poll(&(struct pollfd){ .fd = r->peer.fd }, 1, 50) != 0)
			break;
	return NULL;
}

/* It is a silence. */
static void test_empty_blocks(void **state)
{
	(void)state;
	struct rig r;
	pthread_t thread;
	rig_open(&r);
	stream_compress(r.stream);
	stream_patience(r.stream, 300, true);
	int64_t began = clock_ms();
	assert_int_equal(pthread_create(&thread, NULL, empty_blocks, &r), 0);
	assert_int_equal(stream_fill(r.stream, false, &r.err), -1);
	assert_in_range(clock_ms() - began, 150, 3000);
	assert_int_equal(r.err.class, ERR_RETRY);
	assert_non_null(strstr(r.err.text, "no answer in time"));
	assert_false(stream_garbled(r.stream));
	shutdown(r.peer.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	rig_close(&r);
}

/* A line that unpacks without end is as long as any: the buffer's size. */
static void test_bomb(void **state)
{
	(void)state;
	struct rig r;
	char *plain = x_malloc(60000), packed[DEFLATE_ROOM(60000)];
	int ok = 1, fills = 0;
	rig_open(&r);
	stream_compress(r.stream);
	memset(plain, 'x', 60000);
	for (unsigned i = 0; i < 100; i++)
		assert_true(peer_send(r.peer.fd, packed, deflate_pack(r.theirs, packed, plain, 60000)));
	for (; ok == 1 && fills < 1000; fills++)
		ok = stream_fill(r.stream, false, &r.err);
	assert_int_equal(ok, -1);
	assert_non_null(strstr(r.err.text, "a line without an end"));
	rig_close(&r);

	/* as a mail it is as long as was announced, but can be stopped at any time */
	rig_open(&r);
	stream_compress(r.stream);
	assert_true(peer_send(r.peer.fd, packed, deflate_pack(r.theirs, packed, plain, 60000)));
	assert_int_equal(stream_read(r.stream, plain, 100, &r.err), 100);
	cancel_fire(&r.peer.cancel);
	assert_int_equal(stream_read(r.stream, plain, 100, &r.err), -1);
	assert_int_equal(r.err.class, ERR_CANCELLED);
	free(plain);
	rig_close(&r);
}

/* What can't be unpacked, or comes behind the end of it, ends the connection; a mere end does not garble. */
static void test_garbled(void **state)
{
	(void)state;
	static const struct { const char *bytes; size_t len; bool garbled; } rows[] = {
		{ "\x07", 1, true },
		{ "\x03\x00", 2, true },			/* the last block, and empty: the stream is over */
		{ "\x01\x02\x00\xfd\xff" "ab* more", 13, true },
		{ "\x00\x05\x00\xfa\xff" "a", 6, false },	/* cut in the middle */
		{ "", 0, false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		int ok;
		rig_open(&r);
		stream_compress(r.stream);
		assert_true(peer_send(r.peer.fd, rows[i].bytes, rows[i].len));
		shutdown(r.peer.fd, SHUT_WR);
		while ((ok = stream_fill(r.stream, false, &r.err)) == 1)
			;
		assert_int_equal(ok, -1);
		assert_int_equal(r.err.class, ERR_RETRY);
		assert_int_equal(stream_garbled(r.stream), rows[i].garbled);
		assert_int_equal(stream_fill(r.stream, false, &r.err), -1);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_asked), cmocka_unit_test(test_refused), cmocka_unit_test(test_broken), cmocka_unit_test(test_switch),
		cmocka_unit_test(test_mark), cmocka_unit_test(test_no_deadlock), cmocka_unit_test(test_empty_blocks), cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_garbled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
