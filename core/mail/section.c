/* Undoing base64 and quoted-printable as the bytes pass. */
#include "core/mail/section.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

#define OUT 4096
#define AT_ONCE 1024

struct section {
	struct digest *digest;
	enum coding coding;
	bool text;
	bool any;		/* something but blanks */
	uint64_t newlines;	/* held back */
	char out[OUT];
	size_t out_len;
	char held[64];		/* quoted-printable: blanks that may end a line, or the beginning of "=A0" */
	size_t held_len;
	uint8_t sextet[256];	/* base64: what a character stands for, over 63: nothing */
	unsigned bits, sextets;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- what is hashed ---- */

static void put(struct section *s, const char *data, size_t len)
{
	if (s->out_len + len > OUT) {
		digest_add(s->digest, s->out, s->out_len);
		s->out_len = 0;
	}
	if (len > OUT) {
		digest_add(s->digest, data, len);
		return;
	}
	memcpy(s->out + s->out_len, data, len);
	s->out_len += len;
}

static void release(struct section *s)
{
	for (; s->newlines > 0; s->newlines--)
		put(s, s->text ? "\n" : "\r\n", s->text ? 1 : 2);
}

static void plain(struct section *s, const char *run, size_t len)
{
	for (size_t i = 0; !s->any && i < len; i++)
		s->any = !is_blank(run[i]);
	if (len == 0)
		return;
	release(s);
	put(s, run, len);
}

/* Bytes that were encoded. In what is no text they are those bytes, and nothing else. */
static void decoded(struct section *s, const char *bytes, size_t len)
{
	for (size_t i = 0, n; s->text && i < len; i += n + 1) {
		for (n = 0; i + n < len && bytes[i + n] != '\r' && bytes[i + n] != '\n';)
			n++;
		plain(s, bytes + i, n);
		s->newlines += i + n < len && bytes[i + n] == '\n';
	}
	if (!s->text)
		plain(s, bytes, len);
}

static void decoded_byte(struct section *s, unsigned byte)
{
	char c = (char)byte;
	decoded(s, &c, 1);
}

/* ---- quoted-printable (RFC 2045, 6.7) ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool in_escape(const struct section *s)
{
	return s->held_len > 0 && s->held[0] == '=';
}

static void let_go(struct section *s)
{
	plain(s, s->held, s->held_len);
	s->held_len = 0;
}

/* '=', a blank, or what comes behind '='. */
static void quoted(struct section *s, char c)
{
	bool escape = in_escape(s);
	if (escape && s->held_len == 1 && is_blank(c))
		return; /* between "=" and the end of the line */
	if (escape && hex(c) >= 0) {
		s->held[s->held_len++] = c;
		if (s->held_len == 3) {
			s->held_len = 0;
			decoded_byte(s, (unsigned)(hex(s->held[1]) * 16 + hex(c)));
		}
		return;
	}
	if (escape || c == '=' || s->held_len == sizeof s->held)
		let_go(s);
	if (c == '=' || is_blank(c))
		s->held[s->held_len++] = c;
	else
		plain(s, &c, 1);
}

static void quoted_run(struct section *s, const char *run, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		for (n = 0; i + n < len && !in_escape(s) && run[i + n] != '=' && !is_blank(run[i + n]);)
			n++;
		if (n > 0)
			let_go(s);
		plain(s, run + i, n);
		if (n == 0)
			quoted(s, run[i + n++]);
	}
}

/* Blanks at the end of a line are none of it, and behind "=" the line goes on. */
static void quoted_line(struct section *s)
{
	bool soft = in_escape(s) && s->held_len == 1;
	if (in_escape(s) && !soft)
		let_go(s);
	s->held_len = 0;
	s->newlines += !soft;
}

/* ---- base64 (RFC 2045, 6.8): other characters are passed over ---- */

/* What a group that is not whole holds. */
static void base64_end(struct section *s)
{
	if (s->sextets > 1)
		decoded_byte(s, s->bits >> (s->sextets * 6 - 8));
	if (s->sextets > 2)
		decoded_byte(s, s->bits >> 2);
	s->bits = s->sextets = 0;
}

static void base64_run(struct section *s, const char *run, size_t len)
{
	char bytes[AT_ONCE];
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned six = s->sextet[(unsigned char)run[i]];
		if (run[i] == '=' || n + 3 > sizeof bytes) {
			decoded(s, bytes, n);
			n = 0;
		}
		if (run[i] == '=')
			base64_end(s);
		if (six > 63)
			continue;
		s->bits = s->bits << 6 | six;
		if (++s->sextets < 4)
			continue;
		bytes[n++] = (char)(s->bits >> 16);
		bytes[n++] = (char)(s->bits >> 8);
		bytes[n++] = (char)s->bits;
		s->bits = s->sextets = 0;
	}
	decoded(s, bytes, n);
}

/* ---- the whole ---- */

struct section *section_new(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct section *s = x_calloc(1, sizeof *s);
	s->digest = digest_new();
	memset(s->sextet, 255, sizeof s->sextet);
	for (size_t i = 0; alphabet[i]; i++)
		s->sextet[(unsigned char)alphabet[i]] = (uint8_t)i;
	return s;
}

void section_start(struct section *s, enum coding coding, bool text)
{
	digest_start(s->digest);
	s->coding = coding;
	s->text = text;
	s->any = false;
	s->newlines = 0;
	s->out_len = s->held_len = 0;
	s->bits = s->sextets = 0;
}

void section_add(struct section *s, const char *run, size_t len)
{
	if (s->coding == CODING_BASE64)
		base64_run(s, run, len);
	else if (s->coding == CODING_QUOTED)
		quoted_run(s, run, len);
	else
		plain(s, run, len);
}

void section_line(struct section *s)
{
	if (s->coding == CODING_QUOTED)
		quoted_line(s);
	else if (s->coding == CODING_NONE)
		s->newlines++;
}

bool section_end(struct section *s, bool bounded, uint8_t hash[DIGEST_LEN])
{
	base64_end(s);
	if (in_escape(s))
		let_go(s);
	s->newlines -= bounded && s->newlines > 0;
	if (!s->text)
		release(s);
	digest_add(s->digest, s->out, s->out_len);
	digest_end(s->digest, hash);
	return s->any;
}

void section_free(struct section **section)
{
	struct section *s = *section;
	if (!s)
		return;
	digest_free(&s->digest);
	free(s);
	*section = NULL;
}
