/* The boundary that a header names, and the end of the mail. */
#include "core/mail/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/mail/identity.h"

#define BOUNDARY_MAX 200 /* 70 are allowed */

struct text {
	const char *at, *end;
};

/* The value of the header's first Content-Type, its folding included. */
static bool content_type(struct text *out, const char *head, size_t len)
{
	static const char name[] = "Content-Type:";
	const char *end = head + len;
	*out = (struct text){ head, head };
	for (const char *line = head; line < end; line = out->end) {
		out->at = line;
		do { /* up to the next line that does not go on */
			const char *feed = memchr(line, '\n', (size_t)(end - line));
			line = feed ? feed + 1 : end;
		} while (line < end && (*line == ' ' || *line == '\t'));
		out->end = line;
		if ((size_t)(out->end - out->at) > sizeof name && strncasecmp(out->at, name, sizeof name - 1) == 0) {
			out->at += sizeof name - 1;
			return true;
		}
	}
	return false;
}

static void skip_blanks(struct text *t)
{
	while (t->at < t->end && strchr(" \t\r\n", *t->at))
		t->at++;
}

static const char *find(const struct text *t, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = t->at; (size_t)(t->end - at) >= n; at++)
		if (strncasecmp(at, word, n) == 0)
			return at + n;
	return NULL;
}

/* "--boundary--" and NUL */
static bool last_line(char out[BOUNDARY_MAX + 5], struct text t)
{
	const char *at = find(&t, "boundary=");
	char name[BOUNDARY_MAX + 1];
	size_t n = 0;
	if (!at)
		return false;
	bool quoted = at < t.end && *at == '"';
	for (at += quoted; at < t.end && n < BOUNDARY_MAX && !strchr(quoted ? "\"\r\n" : " \t\r\n;", *at); at++) {
		if (quoted && *at == '\\' && at + 1 < t.end)
			at++;
		name[n++] = *at;
	}
	name[n] = '\0';
	snprintf(out, BOUNDARY_MAX + 5, "--%s--", name);
	return n > 0;
}

bool multipart_ends(const char *head, size_t head_len, const char *tail, size_t tail_len)
{
	char line[BOUNDARY_MAX + 5];
	struct text type;
	if (!content_type(&type, head, identity_header_len(head, head_len)))
		return true;
	skip_blanks(&type);
	if ((size_t)(type.end - type.at) < 10 || strncasecmp(type.at, "multipart/", 10) != 0 || !last_line(line, type))
		return true;
	return memmem(tail, tail_len, line, strlen(line)) != NULL;
}
