/* Four digests at once: the bytes, the text with line ends made equal, the text behind the header, the decoded parts. */
#include "core/mail/proof.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/mime.h"

#define CHUNK 8192

struct hasher {
	struct digest *raw, *text, *body;
	struct mime *mime;
	uint64_t length, text_length;
	uint64_t limit;		/* characters of the text that its digest is of, at most */
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
	h->mime = mime_new();
	hasher_start(h);
	return h;
}

void hasher_start(struct hasher *h)
{
	digest_start(h->raw);
	digest_start(h->text);
	digest_start(h->body);
	mime_start(h->mime);
	h->length = h->text_length = h->newlines = 0;
	h->limit = UINT64_MAX;
	h->started = h->in_body = false;
	h->out_len = 0;
}

static void flush(struct hasher *h)
{
	uint64_t room = h->limit > h->text_length ? h->limit - h->text_length : 0;
	digest_add(h->text, h->out, h->out_len < room ? h->out_len : (size_t)room);
	h->text_length += h->out_len;
	mime_add(h->mime, h->out, h->out_len);
	if (h->in_body)
		digest_add(h->body, h->out, h->out_len);
	h->out_len = 0;
}

static void put(struct hasher *h, const char *text, size_t len)
{
	for (size_t n; len > 0; text += n, len -= n) {
		if (h->out_len == CHUNK)
			flush(h);
		n = len < CHUNK - h->out_len ? len : CHUNK - h->out_len;
		memcpy(h->out + h->out_len, text, n);
		h->out_len += n;
	}
}

static void put_line_ends(struct hasher *h, uint64_t count)
{
	for (; count > 0; count--)
		put(h, "\n", 1);
}

/* Something that is no line end follows: what was held back counts after all. */
static void release(struct hasher *h)
{
	/* the header ends at the first empty line; an empty first line is one */
	bool ends_header = !h->in_body && (h->newlines > 1 || !h->started);
	uint64_t before = ends_header ? (h->started ? 2 : 1) : h->newlines;
	put_line_ends(h, before);
	if (ends_header) {
		flush(h);
		h->in_body = true;
	}
	put_line_ends(h, h->newlines - before);
	h->newlines = 0;
}

void hasher_add(struct hasher *h, const void *data, size_t len)
{
	const char *p = data;
	digest_add(h->raw, data, len);
	h->length += len;
	for (size_t i = 0, n; i < len; i += n) {
		for (n = 0; i + n < len && p[i + n] != '\n' && p[i + n] != '\r';)
			n++;
		if (n > 0 && h->newlines > 0)
			release(h);
		put(h, p + i, n);
		h->started = h->started || n > 0;
		if (n > 0)
			continue;
		n = 1; /* a CR is passed over: servers drop bare ones, and put one in front of a bare LF */
		h->newlines += p[i] == '\n';
	}
}

void hasher_end(struct hasher *h, struct proof *out)
{
	flush(h);
	digest_end(h->raw, out->raw);
	digest_end(h->text, out->text);
	digest_end(h->body, out->body);
	mime_end(h->mime, out);
	out->length = h->length;
	out->text_length = h->text_length;
}

void hasher_free(struct hasher **hasher)
{
	struct hasher *h = *hasher;
	if (!h)
		return;
	digest_free(&h->raw);
	digest_free(&h->text);
	digest_free(&h->body);
	mime_free(&h->mime);
	free(h);
	*hasher = NULL;
}

static int add_blob(struct hasher *h, const struct blob *body, struct error *err)
{
	char chunk[CHUNK];
	long got;
	for (size_t at = 0; (got = blob_read(body, at, chunk, sizeof chunk, err)) > 0; at += (size_t)got)
		hasher_add(h, chunk, (size_t)got);
	return got < 0 ? -1 : 0;
}

int proof_of_blob(struct proof *out, const struct blob *body, struct error *err)
{
	CLEANUP(hasher_free) struct hasher *h = hasher_new();
	if (add_blob(h, body, err) < 0)
		return -1;
	hasher_end(h, out);
	return 0;
}

void proof_free(struct proof *proof)
{
	free(proof->field);
	proof->field = NULL;
	proof->fields = 0;
}

/* ---- two of them ---- */

static bool has_all_fields(const struct proof *all, const struct proof *of)
{
	size_t at = 0;
	for (size_t i = 0; i < of->fields; i++, at++) {
		while (at < all->fields && all->field[at] < of->field[i])
			at++;
		if (at == all->fields || all->field[at] != of->field[i])
			return false;
	}
	return true;
}

enum difference proof_difference(const struct proof *source, const struct proof *target)
{
	bool body = memcmp(source->body, target->body, DIGEST_LEN) == 0;
	if (memcmp(source->raw, target->raw, DIGEST_LEN) == 0)
		return DIFFERENCE_NONE;
	if (memcmp(source->text, target->text, DIGEST_LEN) == 0)
		return DIFFERENCE_LINES;
	if (!has_all_fields(target, source) || memcmp(source->content, target->content, DIGEST_LEN) != 0)
		return body ? DIFFERENCE_HEADER : DIFFERENCE_CONTENT;
	if (!body)
		return DIFFERENCE_ENCODED;
	return source->fields == target->fields ? DIFFERENCE_LINES : DIFFERENCE_ADDED;
}

int proof_is_cut(bool *cut, const struct blob *source, const struct proof *target, struct error *err)
{
	CLEANUP(hasher_free) struct hasher *h = hasher_new();
	CLEANUP(proof_free) struct proof beginning = { .field = NULL };
	h->limit = target->text_length;
	if (add_blob(h, source, err) < 0)
		return -1;
	hasher_end(h, &beginning);
	*cut = beginning.text_length > target->text_length && memcmp(beginning.text, target->text, DIGEST_LEN) == 0;
	return 0;
}
