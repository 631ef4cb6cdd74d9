/* Opening a connection, signing in, sending commands. */
#include "providers/imap/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/imap/words.h"

/* ---- commands ---- */

struct command *imap_command(struct imap *m, enum command_kind kind, const char *fmt, ...)
{
	struct buf line = { 0 };
	va_list args;
	m->command = x_room(m->command, m->commands, &m->command_cap, sizeof *m->command);
	struct command *c = &m->command[m->commands++];
	*c = (struct command){ .tag = ++m->last_tag, .kind = kind };
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
	OPENSSL_cleanse(line.data, (size_t)len);
	buf_free(&line);
	return c;
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

void imap_set_capabilities(struct imap *m, const char *text, size_t len)
{
	free(m->capabilities);
	m->capabilities = x_malloc(len + 1);
	text_clean(m->capabilities, len + 1, text, len);
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

static int ask_capabilities(struct imap *m, struct error *err)
{
	return imap_wait(m, imap_command(m, COMMAND_SIMPLE, "CAPABILITY")->tag, err);
}

/* ---- signing in ---- */

static int greeting(struct imap *m, struct error *err)
{
	struct response r;
	struct status s;
	if (frame_next(&m->frame, &r, false, err) < 0)
		return error_at(err, "greeting");
	if (r.kind != RESPONSE_UNTAGGED || !parse_status(&s, r.text, r.len))
		return error_set(err, ERR_RETRY, "%s does not greet as an IMAP server", m->options.host);
	if (s.word == STATUS_PREAUTH)
		return error_set(err, ERR_TLS, "%s says that we are signed in already, before any password: that can't be trusted", m->options.host);
	if (s.word != STATUS_OK)
		return words_error(&s, ABOUT_SESSION, err);
	if (strcasecmp(s.code, "CAPABILITY") == 0)
		imap_set_capabilities(m, s.args, s.args_len);
	return 0;
}

static int start_tls(struct imap *m, struct imap_shared *shared, struct error *err)
{
	if (!m->capabilities && ask_capabilities(m, err) < 0)
		return -1;
	if (!imap_can(m, "STARTTLS"))
		return error_set(err, ERR_TLS, "%s does not offer STARTTLS on port %u", m->options.host, m->options.port);
	if (imap_wait(m, imap_command(m, COMMAND_SIMPLE, "STARTTLS")->tag, err) < 0)
		return -1;
	if (m->simple.word != STATUS_OK)
		return error_set(err, ERR_TLS, "%s refuses STARTTLS", m->options.host);
	if (stream_start_tls(m->stream, shared, m->options.ca_file, err) < 0)
		return -1;
	/* nothing learnt in the clear survives */
	free(m->capabilities);
	m->capabilities = NULL;
	return ask_capabilities(m, err);
}

/* base64("\0user\0password"), RFC 4616 */
static char *plain_response(const struct imap_options *o)
{
	size_t user = strlen(o->user), password = strlen(o->secret), len = user + password + 2;
	unsigned char *raw = x_malloc(len + 1);
	char *out = x_malloc(4 * ((len + 2) / 3) + 1);
	raw[0] = 0;
	memcpy(raw + 1, o->user, user + 1);
	memcpy(raw + 1 + user + 1, o->secret, password);
	EVP_EncodeBlock((unsigned char *)out, raw, (int)len);
	OPENSSL_cleanse(raw, len);
	free(raw);
	return out;
}

static unsigned send_plain(struct imap *m)
{
	char *response = plain_response(&m->options);
	unsigned tag;
	if (imap_can(m, "SASL-IR")) {
		tag = imap_command(m, COMMAND_SIMPLE, "AUTHENTICATE PLAIN %s", response)->tag;
	} else {
		tag = imap_command(m, COMMAND_SIMPLE, "AUTHENTICATE PLAIN")->tag;
		stream_wait_go_ahead(m->stream, tag);
		stream_text(m->stream, tag, response, strlen(response));
		stream_text(m->stream, tag, "\r\n", 2);
	}
	OPENSSL_cleanse(response, strlen(response));
	free(response);
	return tag;
}

static int send_login(struct imap *m, unsigned *tag, struct error *err)
{
	char *user = imap_quote(m->options.user), *password = imap_quote(m->options.secret);
	int ok = 0;
	if (user && password)
		*tag = imap_command(m, COMMAND_SIMPLE, "LOGIN %s %s", user, password)->tag;
	else
		ok = error_set(err, ERR_USAGE, "user or password hold a line break");
	if (password)
		OPENSSL_cleanse(password, strlen(password));
	free(user);
	free(password);
	return ok;
}

static int authenticate(struct imap *m, struct error *err)
{
	unsigned tag = 0;
	if (!m->capabilities && ask_capabilities(m, err) < 0)
		return -1;
	bool plain = imap_can(m, "AUTH=PLAIN");
	if (!plain && imap_can(m, "LOGINDISABLED"))
		return error_set(err, ERR_TLS, "%s takes no password on this kind of connection (LOGINDISABLED): use `tls: implicit` or `tls: starttls`", m->options.host);
	if (plain)
		tag = send_plain(m);
	else if (send_login(m, &tag, err) < 0)
		return -1;
	free(m->capabilities);
	m->capabilities = NULL; /* those after the login count; most servers send them along */
	if (imap_wait(m, tag, err) < 0)
		return -1;
	if (m->simple.word != STATUS_OK)
		return words_error(&m->simple, ABOUT_LOGIN, err);
	return m->capabilities ? 0 : ask_capabilities(m, err);
}

int imap_sign_in(struct imap *m, struct imap_shared *shared, struct error *err)
{
	if (greeting(m, err) < 0)
		return -1;
	if (m->options.tls == IMAP_STARTTLS && start_tls(m, shared, err) < 0)
		return -1;
	return authenticate(m, err);
}
