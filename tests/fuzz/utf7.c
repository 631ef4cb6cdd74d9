/* Texts from elsewhere: made safe to show, as JSON, and modified UTF-7: what can be decoded can be encoded again to the very same bytes, and
   the other way round. */
#include "tests/fuzz/fuzz.h"

static void from_wire(const char *wire)
{
	CLEANUP(x_free) char *name = text_from_utf7(wire);
	if (!name)
		return;
	CLEANUP(x_free) char *back = text_to_utf7(name);
	HOLDS(text_is_utf8(name, strlen(name)));
	HOLDS(back ? strcmp(back, wire) == 0 : !fuzz_shows(name)); /* nobody makes a folder with a control character */
}

static void from_name(const char *name)
{
	CLEANUP(x_free) char *wire = text_to_utf7(name);
	if (!wire)
		return;
	CLEANUP(x_free) char *back = text_from_utf7(wire);
	HOLDS(text_is_utf8(name, strlen(name)));
	HOLDS(back && strcmp(back, name) == 0);
}

/* What is cleaned is clean, however little room there is. */
static void clean(const char *text, size_t len)
{
	for (size_t cap = 1; cap < len + 8; cap += 1 + cap / 3) {
		CLEANUP(x_free) char *out = x_malloc(cap);
		text_clean(out, cap, text, len);
		HOLDS(strlen(out) < cap && fuzz_shows(out));
	}
}

static void put_utf8(struct buf *out, unsigned c)
{
	static const unsigned leads[] = { 0, 0xC0, 0xE0, 0xF0 };
	unsigned tails = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	buf_addc(out, (char)(leads[tails] | c >> 6 * tails));
	while (tails-- > 0)
		buf_addc(out, (char)(0x80 | (c >> 6 * tails & 0x3F)));
}

/* As jansson gives it: UTF-8, the controls below the blank and the backslash escaped already. It is fit to be shown, and says the same. */
static void json(const char *text)
{
	struct buf in = { 0 }, out = { 0 }, back = { 0 };
	if (!text_is_utf8(text, strlen(text)))
		return;
	buf_adds(&in, "");
	for (const char *at = text; *at; at++)
		buf_addc(&in, (unsigned char)*at < ' ' || *at == '\\' ? 'x' : *at);
	text_add_json(&out, in.data, in.len);
	buf_adds(&out, "");
	HOLDS(fuzz_shows(out.data));
	for (const char *at = out.data; *at; at++) {
		unsigned c = 0, low = 0;
		if (*at != '\\') {
			buf_addc(&back, *at);
			continue;
		}
		HOLDS(sscanf(at, "\\u%4x\\u%4x", &c, &low) >= 1 && c >= 0x7F);
		bool pair = c >= 0xD800 && c < 0xDC00;
		at += pair ? 11 : 5;
		put_utf8(&back, pair ? 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF)) : c);
	}
	buf_adds(&back, "");
	HOLDS(strcmp(back.data, in.data) == 0);
	buf_free(&in);
	buf_free(&out);
	buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(x_free) char *text = x_strndup((const char *)data, len);
	from_wire(text);
	from_name(text);
	clean((const char *)data, len);
	json(text);
	return 0;
}
