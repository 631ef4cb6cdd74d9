/* Framing: the same responses, bodies and end, wherever the network cuts the bytes. */
#include "tests/fuzz/line.h"

#include "providers/imap/frame.h"

struct heard {
	struct buf all;		/* what was cut out, told in a text */
	bool direct;
	uint64_t left;		/* of the body at hand */
	char room[61];
};

static int body_begin(void *ctx, uint64_t size, struct error *err)
{
	struct heard *h = ctx;
	(void)err;
	HOLDS(size <= UINT32_MAX);
	h->left = size;
	buf_addf(&h->all, "body %llu: ", (unsigned long long)size);
	return 0;
}

static int body_data(void *ctx, const char *data, size_t len, struct error *err)
{
	struct heard *h = ctx;
	(void)err;
	HOLDS(len <= h->left);
	h->left -= len;
	buf_add(&h->all, data, len);
	return 0;
}

static char *body_room(void *ctx, size_t *len)
{
	struct heard *h = ctx;
	*len = *len < sizeof h->room ? *len : sizeof h->room;
	return h->direct ? h->room : NULL;
}

static int body_filled(void *ctx, size_t len, struct error *err)
{
	struct heard *h = ctx;
	return body_data(h, h->room, len, err);
}

static void check(const struct heard *h, const struct response *r)
{
	HOLDS(h->left == 0);
	HOLDS(r->len <= FRAME_SEARCH_MAX);
	HOLDS(r->kind == RESPONSE_TAGGED || r->tag == 0);
}

static void hear(struct heard *h, const uint8_t *data, size_t len, uint64_t cuts)
{
	struct line line;
	struct frame frame = { .sink = { body_begin, body_data, body_room, body_filled, h } };
	struct response r;
	struct error err = { 0 };
	int got;
	line_open(&line, data, len, cuts);
	HOLDS(stream_open(&frame.stream, line.shared, &line.options, &line.env, &err) == 0);
	while ((got = frame_next(&frame, &r, false, &err)) == 1) {
		check(h, &r);
		buf_addf(&h->all, "%d %u ", (int)r.kind, r.tag);
		buf_add(&h->all, r.text, r.len);
		buf_addc(&h->all, '\n');
	}
	HOLDS(got == -1 && err.class == ERR_RETRY && fuzz_shows(err.text));
	stream_close(&frame.stream, false);
	frame_free(&frame);
	line_close(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t cuts = fuzz_byte(&data, &len);
	struct heard whole = { 0 }, pieces = { .direct = cuts & 1 };
	buf_adds(&whole.all, "");
	buf_adds(&pieces.all, "");
	hear(&whole, data, len, 0);
	hear(&pieces, data, len, cuts + 1);
	HOLDS(whole.all.len == pieces.all.len && memcmp(whole.all.data, pieces.all.data, whole.all.len) == 0);
	buf_free(&whole.all);
	buf_free(&pieces.all);
	return 0;
}
