/* Responses cut out of the stream: at whatever byte the network cuts them, with literals and bodies, and what is no IMAP. */
#include "tests/unit/imap/peer.h"

#include <sys/eventfd.h>

#include "providers/imap/frame.h"

struct rig {
	struct peer peer;
	struct stream *stream;
	struct frame frame;
	struct buf body;	/* what the sink got */
	uint64_t announced;
	bool direct;		/* it offers its own memory */
	char room[64];
	struct error err;
};

static int sink_begin(void *ctx, uint64_t size, struct error *err)
{
	struct rig *r = ctx;
	r->announced = size;
	buf_reset(&r->body);
	return size > 1000000 ? error_set(err, ERR_RETRY, "too large") : 0;
}

static int sink_data(void *ctx, const char *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(&((struct rig *)ctx)->body, data, len);
	return 0;
}

static char *sink_room(void *ctx, size_t *len)
{
	struct rig *r = ctx;
	if (*len > sizeof r->room)
		*len = sizeof r->room;
	return r->direct ? r->room : NULL;
}

static int sink_filled(void *ctx, size_t len, struct error *err)
{
	struct rig *r = ctx;
	(void)err;
	buf_add(&r->body, r->room, len);
	return 0;
}

static void rig_open(struct rig *r)
{
	*r = (struct rig){ 0 };
	peer_listen(&r->peer);
	if (stream_open(&r->stream, r->peer.shared, &r->peer.options, &r->peer.env, &r->err) < 0)
		fail_msg("%s", r->err.text);
	assert_true(peer_accept(&r->peer) >= 0);
	r->frame.stream = r->stream;
	r->frame.sink = (struct sink){ sink_begin, sink_data, sink_room, sink_filled, r };
}

static void rig_close(struct rig *r)
{
	stream_close(&r->stream, false);
	frame_free(&r->frame);
	buf_free(&r->body);
	close(r->peer.fd);
	peer_close(&r->peer);
}

static void say(struct rig *r, const char *text, size_t len)
{
	assert_true(peer_send(r->peer.fd, text, len));
}

static void shut(struct rig *r)
{
	shutdown(r->peer.fd, SHUT_WR);
}

static const struct frame_row {
	const char *wire;
	enum response_kind kind;
	unsigned tag;
	const char *text;	/* as it is told */
	const char *body;	/* NULL: none came */
} rows[] = {
	{ "* OK hello\r\n", RESPONSE_UNTAGGED, 0, "OK hello", NULL },
	{ "* OK hello\n", RESPONSE_UNTAGGED, 0, "OK hello", NULL },
	{ "*\r\n", RESPONSE_UNTAGGED, 0, "", NULL },
	{ "* \r\n", RESPONSE_UNTAGGED, 0, "", NULL },
	{ "T12 OK done\r\n", RESPONSE_TAGGED, 12, "OK done", NULL },
	{ "t12 NO\r\n", RESPONSE_TAGGED, 12, "NO", NULL },
	{ "T OK\r\n", RESPONSE_TAGGED, 0, "OK", NULL },
	{ "Tx1 OK\r\n", RESPONSE_TAGGED, 0, "OK", NULL },
	{ "A12 OK\r\n", RESPONSE_TAGGED, 0, "OK", NULL },
	{ "T99999999999 OK\r\n", RESPONSE_TAGGED, 0, "OK", NULL },
	{ "T7\r\n", RESPONSE_TAGGED, 0, "", NULL },
	{ "\r\n", RESPONSE_TAGGED, 0, "", NULL },
	{ "\n", RESPONSE_TAGGED, 0, "", NULL },
	{ "+ go ahead\r\n", RESPONSE_GO_AHEAD, 0, "go ahead", NULL },
	{ "+\r\n", RESPONSE_GO_AHEAD, 0, "", NULL },
	{ "* LIST () \"/\" {5}\r\na\r\n b\r\n", RESPONSE_UNTAGGED, 0, "LIST () \"/\" {5}\r\na\r\n b", NULL },
	{ "* LIST () \"/\" {0}\r\n\r\n", RESPONSE_UNTAGGED, 0, "LIST () \"/\" {0}\r\n", NULL },
	{ "* X {1}\r\na {2}\r\nbc {3}\r\ndef end\r\n", RESPONSE_UNTAGGED, 0, "X {1}\r\na {2}\r\nbc {3}\r\ndef end", NULL },
	{ "* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (UID 7 BODY[] \"\")", "hello" },
	{ "* 1 FETCH (BODY[] {5}\r\n)\r\n*  UID 7)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (BODY[] \"\" UID 7)", ")\r\n* " },
	{ "* 1 FETCH (body[header] {3}\r\n{1} UID 7)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (body[header] \"\" UID 7)", "{1}" },
	{ "* 1 FETCH (RFC822 {0}\r\n)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (RFC822 \"\")", "" },
	{ "* 1 FETCH (BODY[HEADER.FIELDS (MESSAGE-ID)] {4}\r\nx\r\n\r)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (BODY[HEADER.FIELDS (MESSAGE-ID)] {4}\r\nx\r\n\r)", NULL },
	{ "* 1 FETCH (BODY[] NIL)\r\n", RESPONSE_UNTAGGED, 0, "1 FETCH (BODY[] NIL)", NULL },
	/* words for people that look like a literal */
	{ "* OK wait {5}\r\n", RESPONSE_UNTAGGED, 0, "OK wait {5}", NULL },
	{ "* no [ALERT] {99999999999}\r\n", RESPONSE_UNTAGGED, 0, "no [ALERT] {99999999999}", NULL },
	{ "* BYE {5}\r\n", RESPONSE_UNTAGGED, 0, "BYE {5}", NULL },
	{ "T3 OK {5}\r\n", RESPONSE_TAGGED, 3, "OK {5}", NULL },
	{ "+ {5}\r\n", RESPONSE_GO_AHEAD, 0, "{5}", NULL },
	/* no literals */
	{ "* X {}\r\n", RESPONSE_UNTAGGED, 0, "X {}", NULL },
	{ "* X {5\r\n", RESPONSE_UNTAGGED, 0, "X {5", NULL },
	{ "* X 5}\r\n", RESPONSE_UNTAGGED, 0, "X 5}", NULL },
	{ "* X {5+}\r\n", RESPONSE_UNTAGGED, 0, "X {5+}", NULL },
	{ "* X {-5}\r\n", RESPONSE_UNTAGGED, 0, "X {-5}", NULL },
	{ "* X {5}\n", RESPONSE_UNTAGGED, 0, "X {5}", NULL },
};

static void expect(struct rig *r, const struct frame_row *row)
{
	struct response got;
	if (frame_next(&r->frame, &got, false, &r->err) != 1)
		fail_msg("%s: %s", row->wire, r->err.text);
	assert_int_equal(got.kind, row->kind);
	assert_int_equal(got.tag, row->tag);
	assert_int_equal(got.len, strlen(row->text));
	assert_memory_equal(got.text, row->text, got.len);
	if (!row->body)
		return;
	assert_int_equal(r->announced, strlen(row->body));
	assert_int_equal(r->body.len, strlen(row->body));
	if (r->body.len)
		assert_memory_equal(r->body.data, row->body, r->body.len);
}

static void cut_everywhere(bool direct)
{
	struct rig r;
	rig_open(&r);
	r.direct = direct;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].wire), left;
		for (size_t cut = 0; cut < len; cut++) {
			say(&r, rows[i].wire, cut);
			if (cut > 0)
				assert_int_equal(stream_fill(r.stream, false, &r.err), 1);
			say(&r, rows[i].wire + cut, len - cut);
			expect(&r, &rows[i]);
			stream_input(r.stream, &left);
			assert_int_equal(left, 0);
		}
	}
	rig_close(&r);
}

static void test_cut(void **state)
{
	(void)state;
	cut_everywhere(false);
	cut_everywhere(true);
}

/* All of them in one packet. */
static void test_together(void **state)
{
	(void)state;
	struct rig r;
	struct buf all = { 0 };
	rig_open(&r);
	for (size_t i = 0; i < COUNT(rows); i++)
		buf_adds(&all, rows[i].wire);
	say(&r, all.data, all.len);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(&r, &rows[i]);
	buf_free(&all);
	rig_close(&r);
}

/* The end of the connection is an error everywhere but it never hangs or crashes. */
static void test_cut_off(void **state)
{
	(void)state;
	static const size_t which[] = { 4, 15, 17, 18, 19 };
	for (size_t i = 0; i < COUNT(which); i++) {
		const char *wire = rows[which[i]].wire;
		for (size_t cut = 0; cut < strlen(wire); cut++) {
			struct rig r;
			struct response got;
			rig_open(&r);
			r.direct = cut & 1;
			say(&r, wire, cut);
			shut(&r);
			assert_int_equal(frame_next(&r.frame, &got, false, &r.err), -1);
			assert_int_equal(r.err.class, ERR_RETRY);
			rig_close(&r);
		}
	}
}

static void test_no_imap(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t len;
	} bad[] = {
		{ "* OK a\0b\r\n", 10 },
		{ "\0", 1 },
		{ "* X {4294967296}\r\n", 18 },
		{ "* X {99999999999999999999999999}\r\n", 34 },
		{ "* X {65537}\r\n", 13 },
		{ "* 1 FETCH (BODY[] {4294967296}\r\n", 32 },
		{ "* 1 FETCH (BODY[] {2000000}\r\n", 29 },	/* the sink does not want it */
		{ "* 1 FETCH (X[] {2000000}\r\n", 26 },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct rig r;
		struct response got;
		rig_open(&r);
		say(&r, bad[i].wire, bad[i].len);
		assert_int_equal(frame_next(&r.frame, &got, false, &r.err), -1);
		assert_int_equal(r.err.class, ERR_RETRY);
		assert_true(r.err.text[0]);
		rig_close(&r);
	}
}

struct flood {
	int fd;
	const char *text;
};

static void *flood_main(void *pointer)
{
	struct flood *f = pointer;
	while (peer_send(f->fd, f->text, strlen(f->text)))
		;
	return NULL;
}

/* Lines and literals without an end stop at the bound. */
static void test_endless(void **state)
{
	(void)state;
	static const char *const texts[] = { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "* X {1}\r\nb {1}\r\nb {1}\r\n", " {9}\r\n" };
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct rig r;
		struct response got;
		pthread_t thread;
		int ok = 1;
		rig_open(&r);
		struct flood flood = { r.peer.fd, texts[i] };
		if (i > 0)
			say(&r, "* X {1}\r\n", 9);
		assert_int_equal(pthread_create(&thread, NULL, flood_main, &flood), 0);
		for (int n = 0; ok == 1 && n < 1000; n++)
			ok = frame_next(&r.frame, &got, false, &r.err);
		assert_int_equal(ok, -1);
		assert_int_equal(r.err.class, ERR_RETRY);
		assert_true(r.frame.text.len <= FRAME_TEXT_MAX);
		shutdown(r.peer.fd, SHUT_RDWR);
		pthread_join(thread, NULL);
		rig_close(&r);
	}
}

/* Woken between two responses, never in the middle of one. */
static void test_wake(void **state)
{
	(void)state;
	struct rig r;
	struct response got;
	rig_open(&r);
	r.peer.env.wake_fd = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(frame_next(&r.frame, &got, true, &r.err), 0);
	say(&r, "* OK half", 9);
	assert_int_equal(stream_fill(r.stream, false, &r.err), 1);
	say(&r, " whole\r\n* OK", 12);
	assert_int_equal(frame_next(&r.frame, &got, true, &r.err), 1);
	assert_int_equal(got.len, 13);
	close(r.peer.env.wake_fd);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_no_imap),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_wake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
