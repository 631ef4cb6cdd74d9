/* Three digests at once: the bytes, the text with line ends made equal, the text behind the header. */
#include "core/mail/proof.h"

#include <stdlib.h>

#include "core/base/alloc.h"

#define CHUNK 8192

struct hasher {
	struct digest *raw, *text, *body;
	uint64_t length;
	uint64_t newlines;	/* line ends held back: at the very end they do not count */
	bool started;		/* something stood on the first line */
	bool in_body;
	char out[CHUNK];
	size_t out_len;
};

struct hasher *hasher_new(void)
{
	struct hasher *h = x_calloc(1, sizeof *h);
	h->raw = digest_new();
	h->text = digest_new();
	h->body = digest_new();
	hasher_start(h);
	return h;
}

void hasher_start(struct hasher *h)
{
	digest_start(h->raw);
	digest_start(h->text);
	digest_start(h->body);
	h->length = h->newlines = 0;
	h->started = h->in_body = false;
	h->out_len = 0;
}

static void flush(struct hasher *h)
{
	digest_add(h->text, h->out, h->out_len);
	if (h->in_body)
		digest_add(h->body, h->out, h->out_len);
	h->out_len = 0;
}

static void put(struct hasher *h, char c)
{
	if (h->out_len == CHUNK)
		flush(h);
	h->out[h->out_len++] = c;
}

/* A byte that is no line end: what was held back counts after all. */
static void put_text(struct hasher *h, char c)
{
	if (h->newlines > 0) {
		/* the header ends at the first empty line; an empty first line is one */
		bool ends_header = !h->in_body && (h->newlines > 1 || !h->started);
		uint64_t before = ends_header ? (h->started ? 2 : 1) : h->newlines;
		for (uint64_t i = 0; i < before; i++)
			put(h, '\n');
		if (ends_header) {
			flush(h);
			h->in_body = true;
			for (uint64_t i = before; i < h->newlines; i++)
				put(h, '\n');
		}
		h->newlines = 0;
	}
	h->started = true;
	put(h, c);
}

void hasher_add(struct hasher *h, const void *data, size_t len)
{
	const char *p = data;
	digest_add(h->raw, data, len);
	h->length += len;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\n')
			h->newlines++;
		else if (p[i] != '\r') /* servers drop bare ones, and put one in front of a bare LF */
			put_text(h, p[i]);
	}
}

void hasher_end(struct hasher *h, struct proof *out)
{
	flush(h);
	digest_end(h->raw, out->raw);
	digest_end(h->text, out->text);
	digest_end(h->body, out->body);
	out->length = h->length;
}

void hasher_free(struct hasher **hasher)
{
	struct hasher *h = *hasher;
	if (!h)
		return;
	digest_free(&h->raw);
	digest_free(&h->text);
	digest_free(&h->body);
	free(h);
	*hasher = NULL;
}

int proof_of_blob(struct proof *out, const struct blob *body, struct error *err)
{
	CLEANUP(hasher_free) struct hasher *h = hasher_new();
	char chunk[CHUNK];
	long got;
	for (size_t at = 0; (got = blob_read(body, at, chunk, sizeof chunk, err)) > 0; at += (size_t)got)
		hasher_add(h, chunk, (size_t)got);
	if (got < 0)
		return -1;
	hasher_end(h, out);
	return 0;
}
