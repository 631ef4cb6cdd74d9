/* No memory while a server speaks: each allocation fails once, over cutting responses out of the stream and reading what they say. What a server said right is
   never taken for wrong: a LIST line that is not understood would be a folder that is not moved. */
#include "tests/unit/imap/peer.h"

#include "providers/imap/frame.h"
#include "providers/imap/grammar.h"
#include "providers/imap/parse.h"
#include "tests/faults/every.h"

static const char wire[] = "* LIST (\\HasNoChildren \\Sent) \".\" \"INBOX.Posta inviata\"\r\n"
			   "* LIST () \"/\" {5}\r\na\"b c (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"
			   "* STATUS \"INBOX.Posta inviata\" (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 77)\r\n"
			   "* NAMESPACE ((\"INBOX.\" \".\")) ((\"altri.\" \".\")) NIL\r\n"
			   "* SEARCH 1 2 3 5 7 8 9\r\n"
			   "* 1 FETCH (UID 7 FLAGS (\\Seen work) RFC822.SIZE 5 BODY[HEADER.FIELDS (MESSAGE-ID)] {20}\r\nMessage-ID: <a@b>\r\n\r)\r\n"
			   "* 2 FETCH (UID 8 BODY[] {5}\r\nhello)\r\n"
			   "T12 OK [APPENDUID 77 5:7] done\r\n";
enum { RESPONSES = 8 };

struct rig {
	struct peer peer;
	struct stream *stream;
	struct frame frame;
	struct grammar *grammar;
	struct digest *digest;
	struct error err;
};

static int begin(void *ctx, uint64_t size, struct error *err)
{
	(void)ctx;
	(void)err;
	return size == 5 ? 0 : -1;
}

static int data(void *ctx, const char *bytes, size_t len, struct error *err)
{
	(void)ctx;
	(void)bytes;
	(void)len;
	(void)err;
	return 0;
}

static void prepare(void *ctx)
{
	struct rig *r = ctx;
	peer_listen(&r->peer);
	if (stream_open(&r->stream, r->peer.shared, &r->peer.options, &r->peer.env, &r->err) < 0 || peer_accept(&r->peer) < 0)
		_exit(2);
	r->frame.stream = r->stream;
	r->frame.sink = (struct sink){ .begin = begin, .data = data, .ctx = r };
	r->digest = digest_new();
	if (!peer_send(r->peer.fd, wire, sizeof wire - 1))
		_exit(3);
}

static bool read_list(struct rig *r, const struct response *at)
{
	struct folder f = { 0 };
	bool good = grammar_list(r->grammar, &f, at->text, at->len);
	folder_free(&f);
	return good;
}

static bool read_status(struct rig *r, const struct response *at)
{
	(void)r;
	struct box box;
	char *name = NULL;
	bool good = grammar_status(&name, &box, at->text, at->len) && box.exists == 4;
	free(name);
	return good;
}

static bool read_fetch(struct rig *r, const struct response *at)
{
	struct fetched f = { 0 };
	bool good = parse_fetch(&f, r->digest, at->text, at->len);
	flags_free(&f.flags);
	return good;
}

static bool read_rest(const struct response *at)
{
	struct namespaces spaces = { 0 };
	struct uid_set set = { 0 };
	uint32_t validity, *uids = NULL;
	struct status status;
	bool good;
	if (at->kind == RESPONSE_TAGGED)
		good = parse_status(&status, at->text, at->len) && parse_appenduid(&validity, &uids, 3, status.args, status.args_len) && uids;
	else if (at->text[0] == 'N')
		good = parse_namespace(&spaces, at->text + 10, at->len - 10) && spaces.others_count == 1;
	else
		good = parse_search(&set, at->text + 6, at->len - 6) && uid_set_size(&set) == 7;
	free(uids);
	namespaces_free(&spaces);
	uid_set_free(&set);
	return good;
}

static void work(void *ctx)
{
	struct rig *r = ctx;
	struct response at;
	r->grammar = grammar_new();
	for (int i = 0; i < RESPONSES; i++) {
		bool good = frame_next(&r->frame, &at, false, &r->err) == 1;
		good = good && (at.text[0] == 'L' ? read_list(r, &at) : strncmp(at.text, "STATUS", 6) == 0 ? read_status(r, &at) :
			at.text[0] >= '0' && at.text[0] <= '9' ? read_fetch(r, &at) : read_rest(&at));
		if (!good) {
			fprintf(stderr, "response %d is not understood: %.*s\n", i, (int)at.len, at.text);
			_exit(1);
		}
	}
	grammar_free(&r->grammar);
	stream_close(&r->stream, false);
	frame_free(&r->frame);
	digest_free(&r->digest);
	close(r->peer.fd);
	peer_close(&r->peer);
}

static void a_server_speaks(void **state)
{
	(void)state;
	static struct rig rig;
	struct every every = { .prepare = prepare, .work = work, .ctx = &rig };
	if (!every_possible())
		skip();
	assert_true(every_allocation(&every));
	assert_true(every.tried > 50);
	print_message("%ld allocations: %ld ended the program, %ld were lived with\n", every.tried, every.ended, every.lived);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_server_speaks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
