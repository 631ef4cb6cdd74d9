/* Sending commands; capabilities. */
#include "providers/imap/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/imap/shared.h"

#define LITERAL_MINUS_MAX 4096 /* RFC 7888, 5 */

/* ---- commands ---- */

struct command *imap_command_unsent(struct imap *m, enum command_kind kind)
{
	m->command = x_room(m->command, m->commands, &m->command_cap, sizeof *m->command);
	if (m->commands == 0)
		imap_worked(m); /* the time for it begins */
	struct command *c = &m->command[m->commands++];
	*c = (struct command){ .tag = ++m->last_tag, .kind = kind };
	return c;
}

struct command *imap_command(struct imap *m, enum command_kind kind, const char *fmt, ...)
{
	struct buf line = { 0 };
	va_list args;
	struct command *c = imap_command_unsent(m, kind);
	buf_addf(&line, "T%u ", c->tag);
	stream_text(m->stream, c->tag, line.data, line.len);
	buf_reset(&line);
	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	va_start(args, fmt);
	vsnprintf(buf_room(&line, (size_t)len + 1), (size_t)len + 1, fmt, args);
	va_end(args);
	stream_text(m->stream, c->tag, line.data, (size_t)len);
	if (kind != COMMAND_APPEND) /* its literals follow */
		stream_text(m->stream, c->tag, "\r\n", 2);
	buf_free(&line);
	return c;
}

unsigned imap_secret_command(struct imap *m, const char *verb, const char *secret)
{
	unsigned tag = imap_command_unsent(m, COMMAND_SIMPLE)->tag;
	struct buf line = { 0 };
	buf_addf(&line, "T%u %s%s", tag, verb, secret ? " " : "");
	stream_text(m->stream, tag, line.data, line.len);
	if (secret)
		stream_secret(m->stream, tag, secret, strlen(secret));
	stream_text(m->stream, tag, "\r\n", 2);
	buf_free(&line);
	return tag;
}

int imap_wait(struct imap *m, unsigned tag, struct error *err)
{
	for (;;) {
		bool open = false;
		for (size_t i = 0; i < m->commands; i++)
			open = open || m->command[i].tag == tag;
		if (!open)
			return 0;
		if (imap_respond(m, false, err) < 0)
			return -1;
	}
}

char *imap_quote(const char *text)
{
	struct buf out = { 0 };
	buf_addc(&out, '"');
	for (; *text; text++) {
		if (*text == '\r' || *text == '\n') {
			buf_free(&out);
			return NULL;
		}
		if (*text == '"' || *text == '\\')
			buf_addc(&out, '\\');
		buf_addc(&out, *text);
	}
	buf_addc(&out, '"');
	return out.data;
}

/* ---- capabilities ---- */

/* Bytes; servers that are proud of theirs say one thousand. */
#define CAPABILITIES_MAX ((size_t)16 << 10)

/* "APPENDLIMIT=35651584" (RFC 7889); 0: not said. */
static uint64_t append_limit(const char *capabilities)
{
	for (const char *at = capabilities; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncasecmp(at, "APPENDLIMIT=", 12) == 0 && at[12] >= '0' && at[12] <= '9')
			return strtoull(at + 12, NULL, 10);
	}
	return 0;
}

/* Its word is taken out of what the server offers. */
static void blank(void *ctx, const char *capability)
{
	size_t len = strlen(capability);
	for (char *at = ((struct imap *)ctx)->capabilities; at && *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncasecmp(at, capability, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
			memset(at, ' ', len);
	}
}

static size_t literal_free(const struct imap *m)
{
	return imap_can(m, "LITERAL+") ? SIZE_MAX : imap_can(m, "LITERAL-") ? LITERAL_MINUS_MAX : 0;
}

void imap_set_capabilities(struct imap *m, const char *text, size_t len)
{
	imap_forget_capabilities(m);
	if (len > CAPABILITIES_MAX)
		len = CAPABILITIES_MAX;
	m->capabilities = x_malloc(len + 1);
	text_clean(m->capabilities, len + 1, text, len);
	m->append_limit = append_limit(m->capabilities);
	shared_each_broken(m->shared, &m->options, blank, m);
	m->literal_free = literal_free(m);
}

void imap_forget_capabilities(struct imap *m)
{
	free(m->capabilities);
	m->capabilities = NULL;
	m->append_limit = m->literal_free = 0;
}

bool imap_can(const struct imap *m, const char *capability)
{
	size_t len = strlen(capability);
	for (const char *at = m->capabilities; at && *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncasecmp(at, capability, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

void imap_cannot(struct imap *m, const char *capability)
{
	log_line(m->env->log, "%s: %s is offered, and does not work", m->options.host, capability);
	blank(m, capability);
	m->literal_free = literal_free(m);
	shared_cannot(m->shared, &m->options, capability);
}
