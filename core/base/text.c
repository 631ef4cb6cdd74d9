/* Text that came from elsewhere. UTF-8 is read strictly (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
#include "core/base/text.h"

#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define ELLIPSIS "\xE2\x80\xA6"

/* The character at `in` into *code; returns its bytes, 0 when they are not UTF-8. len > 0. */
static size_t decode(uint32_t *code, const char *in, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)in[0];
	size_t need = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;

	if (need == 0 || need > len)
		return 0;

	uint32_t c = need == 1 ? lead : lead & (0x7Fu >> need);

	for (size_t i = 1; i < need; i++) {
		unsigned char tail = (unsigned char)in[i];

		if ((tail & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (tail & 0x3Fu);
	}
	if (c < least[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return need;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* Marks that turn the direction of what follows, or break a line: a name could show what it is not. */
static bool is_trick(uint32_t c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void text_clean(char *out, size_t cap, const char *in, size_t len)
{
	size_t at = 0, n = 0, cut = 0;

	if (cap == 0)
		return;
	while (at < len) {
		uint32_t c = 0;
		size_t bytes = decode(&c, in + at, len - at);
		bool as_is = bytes > 0 && !is_control(c) && !is_trick(c);
		size_t width = as_is ? bytes : 1;

		if (n + width >= cap) {
			bool dots = cap > sizeof ELLIPSIS - 1;

			n = dots ? cut : n;
			memcpy(out + n, ELLIPSIS, dots ? sizeof ELLIPSIS - 1 : 0);
			n += dots ? sizeof ELLIPSIS - 1 : 0;
			break;
		}
		if (as_is)
			memcpy(out + n, in + at, width);
		else
			out[n] = bytes > 0 ? ' ' : '?';
		n += width;
		at += bytes > 0 ? bytes : 1;
		/* The last place where the dots still fit behind. */
		if (n + sizeof ELLIPSIS <= cap)
			cut = n;
	}
	out[n] = '\0';
}

/* What is not seen but does something (Cf, Zl, Zp), the marks of is_trick among it. */
static bool is_unseen(uint32_t c)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0xAD, 0xAD }, { 0x600, 0x605 }, { 0x61C, 0x61C }, { 0x6DD, 0x6DD }, { 0x70F, 0x70F }, { 0x180E, 0x180E }, { 0x200B, 0x200F },
		{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE007F },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

void text_add_json(struct buf *out, const char *json, size_t len)
{
	size_t from = 0, bytes;

	for (size_t at = 0; at < len; at += bytes) {
		uint32_t c = 0;

		bytes = decode(&c, json + at, len - at);
		if (bytes == 0)
			bytes = 1;
		if (c < 0x7F || (!is_control(c) && !is_unseen(c)))
			continue;
		buf_add(out, json + from, at - from);
		from = at + bytes;
		if (c < 0x10000)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addf(out, "\\u%04x\\u%04x", 0xD7C0 + (c >> 10), 0xDC00 + (c & 0x3FF));
	}
	buf_add(out, json + from, len - from);
}

bool text_is_utf8(const char *in, size_t len)
{
	uint32_t c;

	for (size_t at = 0; at < len;) {
		size_t bytes = decode(&c, in + at, len - at);

		if (bytes == 0)
			return false;
		at += bytes;
	}
	return true;
}

static bool has_control(const char *text, size_t len)
{
	uint32_t c = 0;

	for (size_t at = 0; at < len;) {
		size_t bytes = decode(&c, text + at, len - at);

		if (bytes == 0 || is_control(c))
			return true;
		at += bytes;
	}
	return false;
}

/* The whole text through iconv; the caller's memory, or NULL. Decides nothing about what is allowed. */
static char *convert(const char *to, const char *from, const char *text)
{
	iconv_t cd = iconv_open(to, from);

	if (cd == (iconv_t)-1)
		return NULL;

	/* Four bytes of UTF-8 are at most 11 of UTF-7; a lone one is at most 5. */
	size_t left = strlen(text), cap = 6 * left + 16, room = cap;
	char *out = x_malloc(cap + 1), *end = out;
	char *in = (char *)(uintptr_t)text;	/* iconv's type lacks a const; it does not write there */
	bool good = iconv(cd, &in, &left, &end, &room) == 0 && left == 0;

	/* Without input: closes an open run of base64. */
	good = good && iconv(cd, NULL, NULL, &end, &room) == 0;
	iconv_close(cd);
	*end = '\0';
	if (!good || strlen(out) != (size_t)(end - out)) {
		free(out);
		return NULL;
	}
	return out;
}

char *text_to_utf7(const char *utf8)
{
	if (has_control(utf8, strlen(utf8)))
		return NULL;
	return convert("UTF-7-IMAP", "UTF-8", utf8);
}

static bool is_printable_ascii(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7E)
			return false;
	return true;
}

char *text_from_utf7(const char *wire)
{
	if (!is_printable_ascii(wire))
		return NULL;

	CLEANUP(x_free) char *name = convert("UTF-8", "UTF-7-IMAP", wire);

	if (!name)
		return NULL;

	/* A name that could be spelled in another way too is kept as it is: its way back would be another mailbox. */
	CLEANUP(x_free) char *back = convert("UTF-7-IMAP", "UTF-8", name);

	if (!back || strcmp(back, wire) != 0)
		return NULL;

	char *out = name;

	name = NULL;
	return out;
}
