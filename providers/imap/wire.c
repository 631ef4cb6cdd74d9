/* The wire log. */
#include "providers/imap/wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"

#define SHOWN_MAX ((size_t)4000)	/* of one line; a SEARCH of a million UIDs helps nobody */
#define HIDDEN_MAX 4

struct way {
	const char *mark;
	struct buf line;	/* not yet ended */
	size_t left_out;	/* bytes beyond SHOWN_MAX */
};

struct wire {
	const struct log *log;
	const char *host;
	int number;
	struct way sent, got;
	bool fetch;			/* the response at hand is a FETCH: strings in it may be mail */
	char *hidden[HIDDEN_MAX];
	size_t hidden_count;
};

struct wire *wire_new(const struct log *log, const char *host, int number)
{
	if (!log)
		return NULL;
	struct wire *w = x_calloc(1, sizeof *w);
	w->log = log;
	w->host = host;
	w->number = number;
	w->sent.mark = "C";
	w->got.mark = "S";
	return w;
}

void wire_signed_in(struct wire *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->hidden_count; i++) {
		OPENSSL_cleanse(w->hidden[i], strlen(w->hidden[i]));
		free(w->hidden[i]);
	}
	w->hidden_count = 0;
}

void wire_free(struct wire **wire)
{
	struct wire *w = *wire;
	if (!w)
		return;
	wire_signed_in(w);
	buf_free(&w->sent.line);
	buf_free(&w->got.line);
	free(w);
	*wire = NULL;
}

void wire_hide(struct wire *w, const char *secret)
{
	if (w && *secret && w->hidden_count < HIDDEN_MAX)
		w->hidden[w->hidden_count++] = x_strdup(secret);
}

static void add(struct way *way, const char *text, size_t len)
{
	size_t room = way->line.len < SHOWN_MAX ? SHOWN_MAX - way->line.len : 0, take = len < room ? len : room;
	buf_add(&way->line, text, take);
	way->left_out += len - take;
}

static void add_bytes(struct way *way, uint64_t size)
{
	buf_addf(&way->line, "{%llu bytes}", (unsigned long long)size);
}

static void end_line(const struct wire *w, struct way *way)
{
	size_t cap = way->line.len * 3 + 4;
	char *shown = x_malloc(cap);
	text_clean(shown, cap, way->line.data ? way->line.data : "", way->line.len);
	if (way->left_out)
		log_line(w->log, "%s#%d %s: %s (and %zu bytes more)", w->host, w->number, way->mark, shown, way->left_out);
	else
		log_line(w->log, "%s#%d %s: %s", w->host, w->number, way->mark, shown);
	free(shown);
	buf_reset(&way->line);
	way->left_out = 0;
}

/* The length of a line without its end. */
static size_t without_end(const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\n')
		len--;
	return len > 0 && line[len - 1] == '\r' ? len - 1 : len;
}

/* ---- ours ---- */

void wire_sent(struct wire *w, const char *text, size_t len)
{
	for (const char *end = text + len; w && text < end;) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t part = (size_t)((lf ? lf + 1 : end) - text);
		add(&w->sent, text, lf ? without_end(text, part) : part);
		if (lf)
			end_line(w, &w->sent);
		text += part;
	}
}

void wire_sent_secret(struct wire *w)
{
	if (w)
		buf_adds(&w->sent.line, "…");
}

void wire_sent_bytes(struct wire *w, uint64_t size)
{
	if (w)
		add_bytes(&w->sent, size);
}

/* ---- the server's ---- */

/* Also when it repeats only the beginning. */
static bool holds_hidden(const struct wire *w, const char *line, size_t len)
{
	for (size_t i = 0; i < w->hidden_count; i++)
		if (memmem(line, len, w->hidden[i], strnlen(w->hidden[i], 16)))
			return true;
	return false;
}

/* "* 12 FETCH" */
static bool is_fetch(const char *line, size_t len)
{
	size_t at = 2;
	if (len < 9 || line[0] != '*' || line[1] != ' ')
		return false;
	while (at < len && line[at] >= '0' && line[at] <= '9')
		at++;
	return at > 2 && len - at > 6 && strncasecmp(line + at, " FETCH ", 7) == 0;
}

/* Servers may send short mail as a quoted string: of those only a date is shown. */
static void add_without_strings(struct way *way, const char *line, size_t len)
{
	static const char date[] = "INTERNALDATE ";
	for (size_t at = 0, from; at < len; at++) {
		if (line[at] != '"') {
			add(way, line + at, 1);
			continue;
		}
		for (from = at++; at < len && line[at] != '"'; at++)
			at += line[at] == '\\';
		if (from >= sizeof date - 1 && strncasecmp(line + from - (sizeof date - 1), date, sizeof date - 1) == 0)
			add(way, line + from, (at < len ? at + 1 : len) - from);
		else
			add_bytes(way, (at < len ? at : len) - from - 1);
	}
}

void wire_got(struct wire *w, const char *line, size_t len)
{
	if (!w)
		return;
	len = without_end(line, len);
	if (w->got.line.len == 0) /* not behind a literal */
		w->fetch = is_fetch(line, len);
	if (w->hidden_count > 0 && len > 0 && *line == '+')
		buf_adds(&w->got.line, "+ …");
	else if (holds_hidden(w, line, len))
		buf_adds(&w->got.line, "(a line that repeats what we said)");
	else if (w->fetch)
		add_without_strings(&w->got, line, len);
	else
		add(&w->got, line, len);
	end_line(w, &w->got);
}

void wire_got_bytes(struct wire *w, uint64_t size)
{
	if (w)
		add_bytes(&w->got, size);
}
