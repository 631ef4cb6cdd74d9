/* Scanning words, strings, dates and the items of FETCH. */
#include "providers/imap/parse.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/mail/identity.h"
#include "core/mail/mail.h"

static bool scan_char(struct scan *s, char c)
{
	if (s->at >= s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

bool scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(s->end - s->at) < n || strncasecmp(s->at, word, n) != 0)
		return false;
	if (s->at + n < s->end && !strchr(" ()[]\r\n", s->at[n]))
		return false;
	s->at += n;
	return true;
}

bool scan_number64(struct scan *s, uint64_t *out)
{
	const char *from = s->at;
	*out = 0;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
		uint64_t digit = (uint64_t)(*s->at++ - '0');
		if (*out > (UINT64_MAX - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return s->at > from;
}

static bool scan_number(struct scan *s, uint32_t *out)
{
	uint64_t n;
	bool good = scan_number64(s, &n) && n <= UINT32_MAX;
	*out = good ? (uint32_t)n : 0;
	return good;
}

uint64_t parse_number64(const char *text, size_t len)
{
	struct scan s = { text, text + len };
	uint64_t n;
	return scan_number64(&s, &n) && s.at == s.end ? n : 0;
}

bool parse_number(uint32_t *out, const char *text, size_t len)
{
	struct scan s = { text, text + len };
	return scan_number(&s, out) && s.at == s.end;
}

/* The bytes of a quoted string (backslashes still in), a literal, or an atom; NIL is an atom. */
static bool scan_raw(struct scan *s, const char **text, size_t *len, bool *quoted)
{
	*quoted = false;
	if (scan_char(s, '"')) {
		*text = s->at;
		while (s->at < s->end && *s->at != '"')
			s->at += *s->at == '\\' && s->at + 1 < s->end ? 2 : 1;
		*len = (size_t)(s->at - *text);
		*quoted = true;
		return scan_char(s, '"');
	}
	uint32_t size;
	if (s->at < s->end && *s->at == '{') {
		s->at++;
		if (!scan_number(s, &size) || !scan_char(s, '}') || !scan_char(s, '\r') || !scan_char(s, '\n') || size > (size_t)(s->end - s->at))
			return false;
		*text = s->at;
		*len = size;
		s->at += size;
		return true;
	}
	*text = s->at;
	while (s->at < s->end && !strchr(" ()\"{\r\n", *s->at))
		s->at++;
	*len = (size_t)(s->at - *text);
	return *len > 0;
}

bool scan_string(struct scan *s, char **text)
{
	const char *raw;
	size_t len;
	bool quoted;
	const char *from = s->at;
	*text = NULL;
	if (!scan_raw(s, &raw, &len, &quoted))
		return false;
	if (*from != '"' && *from != '{' && len == 3 && strncasecmp(raw, "NIL", 3) == 0)
		return true;
	char *out = x_malloc(len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (quoted && raw[i] == '\\' && i + 1 < len)
			i++;
		out[n++] = raw[i];
	}
	out[n] = '\0';
	*text = out;
	return true;
}

/* Any value: a string, or a list with what is in it. */
static bool skip_value(struct scan *s)
{
	int depth = 0;
	const char *raw;
	size_t len;
	bool quoted;
	do {
		while (scan_char(s, ' '))
			;
		if (scan_char(s, '(')) {
			if (++depth > 64)
				return false;
		} else if (depth > 0 && scan_char(s, ')')) {
			depth--;
		} else if (!scan_raw(s, &raw, &len, &quoted)) {
			return false;
		}
	} while (depth > 0);
	return true;
}

/* ---- dates ---- */

static bool two_digits(const char *p, int *out)
{
	if (p[1] < '0' || p[1] > '9' || ((p[0] < '0' || p[0] > '9') && p[0] != ' '))
		return false;
	*out = (p[0] == ' ' ? 0 : p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static int month_of(const char *name)
{
	for (int m = 0; m < 12; m++) {
		const char *month = months + (ptrdiff_t)3 * m;
		if ((name[2] | ' ') == month[2] && strncasecmp(name, month, 3) == 0)
			return m + 1;
	}
	return 0;
}

int64_t parse_date(const char *text, size_t len)
{
	char padded[27] = " ";
	int day, century, year, hour, minute, second, zone_hour, zone_minute;
	if (len == 25) { /* "1-Jul-1996 ..." as some write it */
		memcpy(padded + 1, text, len);
		text = padded;
	} else if (len != 26) {
		return DATE_UNKNOWN;
	}
	int month = month_of(text + 3);
	bool ok = two_digits(text, &day) && text[2] == '-' && month && text[6] == '-' && two_digits(text + 7, &century) && two_digits(text + 9, &year) && text[11] == ' ' &&
		two_digits(text + 12, &hour) && text[14] == ':' && two_digits(text + 15, &minute) && text[17] == ':' && two_digits(text + 18, &second) && text[20] == ' ' &&
		(text[21] == '+' || text[21] == '-') && two_digits(text + 22, &zone_hour) && two_digits(text + 24, &zone_minute);
	if (!ok || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return DATE_UNKNOWN;
	int64_t seconds = clock_days(century * 100 + year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	int64_t zone = zone_hour * 3600 + zone_minute * 60;
	return text[21] == '+' ? seconds - zone : seconds + zone;
}

void write_date(char out[27], int64_t seconds)
{
	struct tm t;
	time_t when = (time_t)seconds;
	char text[64];
	gmtime_r(&when, &t);
	snprintf(text, sizeof text, "%02d-%.3s-%04d %02d:%02d:%02d +0000", t.tm_mday, months + (ptrdiff_t)3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
	memcpy(out, text, 26);
	out[26] = '\0';
}

/* ---- FETCH ---- */

/* Of neither a flag nor an item's name. */
static bool ends_word(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n' || c == '\0';
}

static bool fetch_flags(struct fetched *out, struct scan *s)
{
	if (!scan_char(s, '('))
		return false;
	flags_free(&out->flags);
	for (unsigned count = 0; !scan_char(s, ')');) {
		const char *from = s->at;
		while (s->at < s->end && !ends_word(*s->at))
			s->at++;
		if (s->at > from && ++count > KEYWORDS_MAX)
			return false;
		if (s->at > from)
			flags_add(&out->flags, from, (size_t)(s->at - from));
		else if (!scan_char(s, ' '))
			return false;
	}
	out->flags_known = true;
	return true;
}

/* "Message-ID: <a@b>" as BODY[HEADER.FIELDS (MESSAGE-ID)] returns it: several, folded or none. */
static bool fetch_msgid(struct fetched *out, struct digest *d, struct scan *s)
{
	const char *raw;
	size_t len;
	bool quoted;
	if (!scan_raw(s, &raw, &len, &quoted))
		return false;
	out->msgid = identity_msgid_of(d, raw, len);
	out->msgid_known = true;
	return true;
}

/* The name of an item, section and partial included. */
static bool fetch_name(struct scan *s, const char **name, size_t *len)
{
	*name = s->at;
	while (s->at < s->end && !ends_word(*s->at) && *s->at != '[' && *s->at != '"')
		s->at++;
	if (s->at < s->end && *s->at == '[') {
		const char *close = memchr(s->at, ']', (size_t)(s->end - s->at));
		if (!close)
			return false;
		s->at = close + 1;
		while (s->at < s->end && *s->at != ' ')
			s->at++;
	}
	*len = (size_t)(s->at - *name);
	return *len > 0 && scan_char(s, ' ');
}

static bool named(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(name, word, len) == 0;
}

static bool fetch_item(struct fetched *out, struct digest *d, struct scan *s)
{
	const char *name, *raw;
	size_t len, raw_len;
	bool quoted;
	if (!fetch_name(s, &name, &len))
		return false;
	if (named(name, len, "UID"))
		return !out->uid_known && (out->uid_known = scan_number(s, &out->uid));
	if (named(name, len, "RFC822.SIZE"))
		return out->size_known = scan_number(s, &out->size);
	if (named(name, len, "FLAGS"))
		return fetch_flags(out, s);
	if (named(name, len, "INTERNALDATE")) {
		if (!scan_raw(s, &raw, &raw_len, &quoted))
			return false;
		out->date = parse_date(raw, raw_len);
		return out->date_known = true;
	}
	if (named(name, len, "BODY[]") || named(name, len, "BODY[HEADER]") || named(name, len, "RFC822")) {
		/* Only a literal went to the sink; it left "" behind. A short quoted string or NIL holds no mail. */
		bool literal = s->end - s->at >= 2 && s->at[0] == '"' && s->at[1] == '"', again = out->body_named;
		out->body_named = true;
		out->body_seen = literal;
		out->plain = named(name, len, "RFC822");
		return !again && skip_value(s);
	}
	if (len > 18 && strncasecmp(name, "BODY[HEADER.FIELDS", 18) == 0)
		return fetch_msgid(out, d, s);
	return skip_value(s);
}

/* A UID or a body that comes twice: two responses ran into one another, where a literal was shorter than announced. */
bool parse_fetch(struct fetched *out, struct digest *d, const char *text, size_t len)
{
	struct scan s = { text, text + len };
	uint32_t number;
	*out = (struct fetched){ .date = DATE_UNKNOWN };
	if (!scan_number(&s, &number) || !scan_char(&s, ' ') || !scan_word(&s, "FETCH") || !scan_char(&s, ' ') || !scan_char(&s, '('))
		return false;
	while (!scan_char(&s, ')')) {
		if (scan_char(&s, ' '))
			continue;
		if (!fetch_item(out, d, &s))
			return false;
	}
	return s.at == s.end;
}
