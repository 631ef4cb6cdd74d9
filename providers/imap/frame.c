/* Cutting responses out of the stream. */
#include "providers/imap/frame.h"

#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "providers/imap/wire.h"

static int not_imap(const struct frame *f, const char *what, struct error *err)
{
	char shown[80];
	text_clean(shown, sizeof shown, f->text.data ? f->text.data : "", f->text.len);
	return error_set(err, ERR_RETRY, "the server's answer is no IMAP (%s): %s", what, shown);
}

static size_t text_max(const struct frame *f)
{
	return f->text.len >= 9 && strncasecmp(f->text.data, "* SEARCH ", 9) == 0 ? FRAME_SEARCH_MAX : FRAME_TEXT_MAX;
}

/* Adds the rest of a line, LF included. */
static int read_line(struct frame *f, bool may_wake, struct error *err)
{
	size_t from = f->text.len;
	for (;;) {
		size_t len;
		const char *in = stream_input(f->stream, &len);
		const char *end = len ? memchr(in, '\n', len) : NULL;
		size_t take = end ? (size_t)(end - in) + 1 : len;
		if (memchr(in, '\0', take))
			return not_imap(f, "a NUL in a line", err);
		if (f->text.len + take > text_max(f))
			return not_imap(f, "too long", err);
		if (take) {
			buf_add(&f->text, in, take);
			stream_consume(f->stream, take);
			may_wake = false;
		}
		if (end) {
			wire_got(stream_wire(f->stream), f->text.data + from, f->text.len - from);
			return 1;
		}
		int more = stream_fill(f->stream, may_wake, err);
		if (more <= 0)
			return more;
	}
}

/* The length announced at the end of the line, or -1 when there is none, -2 when it is absurd; *at is where "{" stands. */
static int64_t literal_at_end(const struct frame *f, size_t *at)
{
	const char *text = f->text.data;
	size_t n = f->text.len;
	if (n < 5 || text[n - 1] != '\n' || text[n - 2] != '\r' || text[n - 3] != '}')
		return -1;
	size_t i = n - 3;
	int64_t size = 0;
	while (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9')
		i--;
	if (i == 0 || text[i - 1] != '{' || i == n - 3)
		return -1;
	for (size_t k = i; k < n - 3; k++) {
		size = size * 10 + (text[k] - '0');
		if (size > UINT32_MAX)
			return -2;
	}
	*at = i - 1;
	return size;
}

static bool ends_with(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);
	return len >= n && strncasecmp(text + len - n, word, n) == 0;
}

static bool is_body(const char *text, size_t len)
{
	return ends_with(text, len, " BODY[] ") || ends_with(text, len, "(BODY[] ") || ends_with(text, len, "BODY[HEADER] ") || ends_with(text, len, " RFC822 ") ||
	       ends_with(text, len, "(RFC822 ");
}

static int copy_literal(struct frame *f, size_t size, struct error *err)
{
	if (size > FRAME_LITERAL_MAX || f->text.len + size > FRAME_TEXT_MAX)
		return not_imap(f, "a literal too long", err);
	while (size > 0) {
		size_t len;
		const char *in = stream_input(f->stream, &len);
		if (len > size)
			len = size;
		buf_add(&f->text, in, len);
		stream_consume(f->stream, len);
		size -= len;
		if (size > 0 && stream_fill(f->stream, false, err) < 0)
			return -1;
	}
	return 0;
}

static int sink_literal(struct frame *f, uint64_t size, struct error *err)
{
	struct sink *to = &f->sink;
	if (to->begin(to->ctx, size, err) < 0)
		return -1;
	while (size > 0) {
		size_t len;
		const char *in = stream_input(f->stream, &len);
		if (len > 0) {
			len = len > size ? (size_t)size : len;
			if (to->data(to->ctx, in, len, err) < 0)
				return -1;
			stream_consume(f->stream, len);
			size -= len;
			continue;
		}
		size_t room = (size_t)size;
		char *direct = to->room(to->ctx, &room);
		if (!direct) {
			if (stream_fill(f->stream, false, err) < 0)
				return -1;
			continue;
		}
		long got = stream_read(f->stream, direct, room < size ? room : (size_t)size, err);
		if (got < 0 || to->filled(to->ctx, (size_t)got, err) < 0)
			return -1;
		size -= (uint64_t)got;
	}
	return 0;
}

/* A status line's text may end in "{5}" and mean nothing by it. */
static bool is_status(const char *text)
{
	static const char *const words[] = { "OK ", "NO ", "BAD ", "BYE ", "PREAUTH " };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strncasecmp(text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static int read_literals(struct frame *f, struct error *err)
{
	int64_t size;
	size_t at;
	while ((size = literal_at_end(f, &at)) != -1) {
		if (size < 0)
			return not_imap(f, "a literal of absurd length", err);
		int ok;
		wire_got_bytes(stream_wire(f->stream), (uint64_t)size);
		if (is_body(f->text.data, at)) {
			f->text.len = at;
			buf_adds(&f->text, "\"\"");
			ok = sink_literal(f, (uint64_t)size, err);
		} else {
			ok = copy_literal(f, (size_t)size, err);
		}
		if (ok < 0 || read_line(f, false, err) < 0)
			return -1;
	}
	return 0;
}

/* Our tags are "T" and digits. */
static unsigned tag_number(const char *text, size_t len)
{
	unsigned n = 0;
	if (len < 2 || len > 10 || (text[0] != 'T' && text[0] != 't'))
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		n = n * 10 + (unsigned)(text[i] - '0');
	}
	return n;
}

int frame_next(struct frame *f, struct response *out, bool may_wake, struct error *err)
{
	if (f->text.cap > FRAME_TEXT_MAX) /* a SEARCH: nothing else is as long */
		buf_free(&f->text);
	buf_reset(&f->text);
	int ok = read_line(f, may_wake, err);
	if (ok <= 0)
		return ok;
	if (f->text.data[0] == '*' && f->text.len > 2 && !is_status(f->text.data + 2) && read_literals(f, err) < 0)
		return -1;
	const char *text = f->text.data, *blank = memchr(text, ' ', f->text.len);
	size_t len = f->text.len - 1;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	size_t skip = blank && (size_t)(blank - text) < len ? (size_t)(blank - text) + 1 : len;
	if (text[0] == '+')
		*out = (struct response){ .kind = RESPONSE_GO_AHEAD };
	else if (text[0] == '*')
		*out = (struct response){ .kind = RESPONSE_UNTAGGED };
	else
		*out = (struct response){ .kind = RESPONSE_TAGGED, .tag = tag_number(text, skip > 0 ? skip - 1 : 0) };
	out->text = text + skip;
	out->len = len - skip;
	return 1;
}

void frame_free(struct frame *f)
{
	buf_free(&f->text);
}
