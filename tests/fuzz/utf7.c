/* Modified UTF-7: what can be decoded can be encoded again to the very same bytes, and the other way round. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(x_free) char *text = x_strndup((const char *)data, len);
	from_wire(text);
	from_name(text);
	clean((const char *)data, len);
	return 0;
}
