/* LIST, LSUB and STATUS through libetpan behind its gate: what one response says does not depend on those before it; names of folders
   are fit to be shown, stored and spelled for another server. Input: responses, a line each. */
#include "tests/fuzz/fuzz.h"

#include "providers/imap/grammar.h"

static struct grammar *old;	/* has seen everything so far */

/* What any server can hold: no level is empty, "." or "..", or too long. */
static void check_spelled(const char *wire, char separator)
{
	for (const char *at = wire;;) {
		const char *end = strchr(at, separator);
		size_t len = end ? (size_t)(end - at) : strlen(at);
		HOLDS(len >= 1 && len <= 255 && !(len == 1 && *at == '.') && !(len == 2 && at[0] == '.' && at[1] == '.'));
		for (size_t i = 0; i < len; i++)
			HOLDS((unsigned char)at[i] >= ' ' && at[i] != 0x7F && !strchr("%*/", at[i]));
		if (!end)
			return;
		at = end + 1;
	}
}

static void spell(const struct folder *f)
{
	static char prefix[] = "INBOX.", none[] = "";
	const struct folder_list from = { .prefix = none, .separator = f->separator }, to[] = { { .prefix = prefix, .separator = '.' }, { .prefix = none, .separator = '/' } };
	for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
		CLEANUP(x_free) char *plain = folder_translate(f->wire, &from, &to[i]);
		CLEANUP(x_free) char *spelled = folder_spell("", f->wire, 0, &from, &to[i]);
		HOLDS(plain);
		check_spelled(spelled, to[i].separator);
	}
	CLEANUP(x_free) char *path = folder_path(f->wire, &from, folder_depth(f->wire, &from));
	HOLDS(folder_depth(f->wire, &from) >= 1 && text_is_utf8(path, strlen(path)));
}

static void list(const char *text, size_t len)
{
	struct grammar *fresh = grammar_new();
	struct folder a, b;
	bool ok = grammar_list(old, &a, text, len), same = grammar_list(fresh, &b, text, len);
	HOLDS(ok == same);
	if (ok) {
		HOLDS(strcmp(a.wire, b.wire) == 0 && strcmp(a.name, b.name) == 0 && a.separator == b.separator && a.selectable == b.selectable && a.role == b.role);
		HOLDS(text_is_utf8(a.name, strlen(a.name)));
		spell(&a);
		folder_free(&a);
		folder_free(&b);
	}
	grammar_free(&fresh);
}

static void status(const char *text, size_t len)
{
	struct box box;
	char *wire = NULL;
	bool ok = grammar_status(&wire, &box, text, len);
	HOLDS(ok == (wire != NULL) && (!ok || box.known));
	free(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *at = (const char *)data, *end = at + len;
	if (!old)
		old = grammar_new();
	for (int lines = 0; at < end && lines < 8; lines++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		while (stop && stop > at + 1 && stop[-1] == '\r' && stop[-2] == '}') /* a literal's */
			stop = memchr(stop + 1, '\n', (size_t)(end - stop - 1));
		size_t n = (size_t)((stop ? stop : end) - at);
		list(at, n);
		status(at, n);
		at = stop ? stop + 1 : end;
	}
	return 0;
}
