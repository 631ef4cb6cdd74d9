/* Who a message is. One pass finds the fields, then three digests: the header as a whole, its core, its Message-ID.
   Every CR is left out, so that a server which changes line ends makes no other mail of it. */
#include "core/mail/identity.h"

#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

#define SENDER_MAX 200

struct span {
	const char *data;	/* NULL: the header has no such field */
	size_t len;
};

/* The fields of the core, in the order in which they are hashed. */
#define NAME(text) { (text), sizeof(text) - 1 }
static const struct span core_names[] = { NAME("message-id"), NAME("date"), NAME("from"), NAME("to"), NAME("cc"), NAME("subject"), NAME("in-reply-to") };
enum { CORE_MSGID = 0, CORE_FROM = 2, CORE_FIELDS = sizeof core_names / sizeof *core_names };

size_t identity_header_len(const char *data, size_t len)
{
	size_t line = 0;

	while (line < len) {
		size_t at = line;

		while (at < len && data[at] == '\r')
			at++;
		if (at < len && data[at] == '\n')
			return at + 1;

		const char *end = memchr(data + line, '\n', len - line);

		if (!end)
			return len;
		line = (size_t)(end - data) + 1;
	}
	return len;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A field ends at the first line end that no blank follows; returns where the next one begins. */
static size_t field_end(const char *data, size_t at, size_t len)
{
	while (at < len) {
		const char *end = memchr(data + at, '\n', len - at);

		if (!end)
			return len;
		at = (size_t)(end - data) + 1;
		if (at < len && !is_blank(data[at]))
			return at;
	}
	return len;
}

/* Notes the field if it is the first of its name. A line without a colon is no field. */
static void note_field(struct span fields[CORE_FIELDS], const char *field, size_t len)
{
	const char *colon = memchr(field, ':', len);

	if (!colon)
		return;

	size_t name_len = (size_t)(colon - field);

	while (name_len > 0 && is_blank(field[name_len - 1]))
		name_len--;
	for (size_t i = 0; i < CORE_FIELDS; i++) {
		if (core_names[i].len != name_len || fields[i].data || strncasecmp(core_names[i].data, field, name_len) != 0)
			continue;
		fields[i] = (struct span){ colon + 1, len - (size_t)(colon + 1 - field) };
		return;
	}
}

static void find_fields(struct span fields[CORE_FIELDS], const char *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t next = field_end(data, at, len);

		note_field(fields, data + at, next - at);
		at = next;
	}
}

char *identity_sender(const char *data, size_t len)
{
	struct span fields[CORE_FIELDS] = { { 0 } };
	char text[SENDER_MAX];

	find_fields(fields, data, identity_header_len(data, len));
	const char *from = fields[CORE_FROM].data, *end = from ? from + fields[CORE_FROM].len : NULL;
	const char *open = from ? memrchr(from, '<', (size_t)(end - from)) : NULL;

	if (open) {
		const char *close = memchr(open, '>', (size_t)(end - open));

		from = open + 1;
		end = close ? close : end;
	}
	while (from && from < end && (is_blank(*from) || *from == '\r' || *from == '\n'))
		from++;
	while (from && end > from && (is_blank(end[-1]) || end[-1] == '\r' || end[-1] == '\n'))
		end--;
	if (!from || from == end)
		return NULL;
	text_clean(text, sizeof text, from, (size_t)(end - from));
	return x_strdup(text);
}

/* Hashes a value unfolded: runs of blanks and line ends become one blank, none at either end. Returns whether anything was left. */
static bool add_value(struct digest *d, struct span value)
{
	char piece[256];
	size_t n = 0;
	bool any = false, blank = false;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (c == '\r')
			continue;
		if (c == '\n' || is_blank(c)) {
			blank = any;
			continue;
		}
		if (n + 2 > sizeof piece) {
			digest_add(d, piece, n);
			n = 0;
		}
		if (blank)
			piece[n++] = ' ';
		piece[n++] = c;
		any = true;
		blank = false;
	}
	digest_add(d, piece, n);
	return any;
}

/* The header's lines with LF, empty lines at the end left out. */
static void hash_head(uint8_t out[DIGEST_LEN], struct digest *d, const char *data, size_t len)
{
	while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	digest_start(d);
	while (len > 0) {
		const char *cr = memchr(data, '\r', len);
		size_t n = cr ? (size_t)(cr - data) : len;

		digest_add(d, data, n);
		n += cr ? 1 : 0;
		data += n;
		len -= n;
	}
	digest_end(d, out);
}

/* Returns whether any field of the core is there. */
static bool hash_core(uint8_t out[DIGEST_LEN], struct digest *d, const struct span fields[CORE_FIELDS])
{
	bool any = false;

	digest_start(d);
	for (size_t i = 0; i < CORE_FIELDS; i++) {
		if (!fields[i].data)
			continue;
		digest_add(d, core_names[i].data, core_names[i].len);
		digest_add(d, ":", 1);
		if (add_value(d, fields[i]))
			any = true;
		digest_add(d, "\n", 1);
	}
	digest_end(d, out);
	return any;
}

uint64_t identity_msgid(struct digest *d, const char *value, size_t len)
{
	uint8_t hash[DIGEST_LEN];
	uint64_t number = 0;

	digest_start(d);

	bool any = add_value(d, (struct span){ value, len });

	digest_end(d, hash);
	if (!any)
		return 0;
	for (size_t i = 0; i < sizeof number; i++)
		number = number << 8 | hash[i];
	/* 0 says "none". */
	return number > 0 ? number : 1;
}

static size_t header_len(const char *data, size_t len)
{
	return identity_header_len(data, len < IDENTITY_HEADER_MAX ? len : IDENTITY_HEADER_MAX);
}

static uint64_t hash_msgid(struct digest *d, const struct span fields[CORE_FIELDS])
{
	return fields[CORE_MSGID].data ? identity_msgid(d, fields[CORE_MSGID].data, fields[CORE_MSGID].len) : 0;
}

uint64_t identity_msgid_of(struct digest *d, const char *data, size_t len)
{
	struct span fields[CORE_FIELDS] = { { 0 } };

	find_fields(fields, data, header_len(data, len));
	return hash_msgid(d, fields);
}

void identity_of(struct identity *out, struct digest *d, const char *data, size_t len)
{
	struct span fields[CORE_FIELDS] = { { 0 } };
	uint8_t hash[DIGEST_LEN];

	len = header_len(data, len);
	*out = (struct identity){ 0 };
	hash_head(hash, d, data, len);
	memcpy(out->head, hash, IDENTITY_LEN);
	find_fields(fields, data, len);
	/* Mails without a single field of the core would all have the same one: only an equal header makes them the same. */
	if (hash_core(hash, d, fields))
		memcpy(out->core, hash, IDENTITY_LEN);
	else
		memcpy(out->core, out->head, IDENTITY_LEN);
	out->msgid = hash_msgid(d, fields);
}
