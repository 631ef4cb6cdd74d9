/* The letters of the HTML report: what comes from elsewhere is escaped here. */
#include "core/report/html.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"

static void escape(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (text[i]) {
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '"':
			buf_adds(out, "&quot;");
			break;
		case '\'':
			buf_adds(out, "&#39;");
			break;
		default:
			buf_addc(out, text[i]);
		}
}

void html_text(struct buf *out, const char *text)
{
	struct buf clean = { 0 };
	if (text)
		prose_clean(&clean, text);
	escape(out, clean.data ? clean.data : "", clean.len);
	buf_free(&clean);
}

void html_name(struct buf *out, const char *name)
{
	buf_adds(out, "<bdi>");
	html_text(out, name);
	buf_adds(out, "</bdi>");
}

/* ---- prose ---- */

#define COMMAND "trasloco" PROSE_HARD_BLANK

/* Bytes of a command that is held together by hard blanks. */
static size_t command_at(const char *words)
{
	return strncmp(words, COMMAND, sizeof COMMAND - 1) == 0 ? strcspn(words, " \n") : 0;
}

static void add_command(struct buf *out, const char *words, size_t len)
{
	CLEANUP(x_free) char *command = x_strndup(words, len);
	buf_adds(out, "<code>");
	html_text(out, command); /* a hard blank is a control character: it comes out as a blank */
	buf_adds(out, "</code>");
}

/* Whether one of the names begins here and is a word of its own; its bytes. */
static size_t name_at(const char *words, size_t at, const char *const names[2])
{
	size_t best = 0;
	if (at > 0 && (isalnum((unsigned char)words[at - 1]) || strchr("@._-+", words[at - 1])))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		size_t len = names[i] ? strlen(names[i]) : 0;
		if (len > best && strchr(names[i], '@') && strncmp(words + at, names[i], len) == 0 && !isalnum((unsigned char)words[at + len]))
			best = len;
	}
	return best;
}

static void mark(struct buf *out, const char *words, const char *const names[2])
{
	size_t from = 0, at = 0, len = strlen(words);
	while (at < len) {
		size_t command = command_at(words + at), name = name_at(words, at, names);
		if (!command && !name) {
			at++;
			continue;
		}
		CLEANUP(x_free) char *plain = x_strndup(words + from, at - from), *found = x_strndup(words + at, command ? command : name);
		html_text(out, plain);
		if (command)
			add_command(out, found, command);
		else
			html_name(out, found);
		at += command ? command : name;
		from = at;
	}
	html_text(out, words + from);
}

/* Lines become one; what indents them goes. */
static char *unwrap(const char *words)
{
	char *line = x_malloc(strlen(words) + 1);
	size_t n = 0;
	for (words += strspn(words, " \n"); *words; words++) {
		if (*words != '\n') {
			line[n++] = *words;
			continue;
		}
		words += strspn(words, " \n");
		if (!*words)
			break;
		line[n++] = ' ';
		words--;
	}
	line[n] = '\0';
	return line;
}

void html_words(struct buf *out, const char *words)
{
	CLEANUP(x_free) char *line = unwrap(words ? words : "");
	mark(out, line, (const char *const[2]){ NULL, NULL });
}

void html_sentence(struct buf *out, const char *words, const struct report_part *part)
{
	CLEANUP(x_free) char *line = unwrap(words ? words : "");
	mark(out, line, (const char *const[2]){ part->source_user, part->target_user });
}

/* ---- dates and numbers ---- */

void html_when(struct buf *out, int64_t seconds)
{
	char utc[21];
	time_t when = (time_t)seconds;
	struct tm tm;
	if (seconds <= 0 || !localtime_r(&when, &tm))
		return;
	clock_utc(utc, seconds);
	buf_addf(out, "<time datetime=\"%s\">", utc);
	prose_date(out, seconds);
	buf_addf(out, ", %d:%02d</time>", tm.tm_hour, tm.tm_min);
}

void html_number(struct buf *out, const char *element, const char *term, uint64_t n)
{
	char number[PROSE_NUMBER];
	buf_addf(out, "<%s class=\"n\" data-term=\"%s\" data-n=\"%" PRIu64 "\">%s</%s>", element, term, n, prose_number(number, n), element);
}

void html_section(struct buf *out, size_t account, const char *name, const char *heading)
{
	buf_addf(out, "<section class=\"%s\">\n<h3 id=\"a%zu-%s\">", name, account, name);
	html_text(out, heading);
	buf_adds(out, "</h3>\n");
}
