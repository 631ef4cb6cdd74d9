/* A mail's structure and its decoded parts, hashed as they pass. What is not understood is hashed as it stands: then only the same text is the same. */
#include "core/mail/mime.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/mail/section.h"

#define FIELD_KEPT 4096		/* what is longer is hashed and not read */
#define FIELDS_MAX ((size_t)1000)	/* what comes behind counts as one */
#define BOUNDARY_MAX 200	/* 70 are allowed */
#define DEPTH_MAX 32		/* what lies deeper is hashed as it stands */

enum place { IN_HEAD, IN_LEAF, IN_PREAMBLE, IN_EPILOGUE };

struct boundary {
	char name[BOUNDARY_MAX + 1];
	size_t len;
};

struct mime {
	struct digest *content, *field;
	struct section *section;
	enum place place;
	bool at_start;			/* of a line */
	char start[BOUNDARY_MAX + 8];	/* a line that may be a boundary */
	size_t start_len;
	struct boundary around[DEPTH_MAX];
	size_t depth;
	/* the header that is being read */
	bool top;			/* the mail's own */
	char kept[FIELD_KEPT];		/* a field: its name in lower case, unfolded, runs of blanks as one */
	size_t kept_len;
	bool long_field, in_value;
	bool some, blank;		/* of the name, of the value: something was there; and then a blank */
	uint64_t *number;		/* of each field */
	size_t numbers, numbers_cap;
	/* what it says */
	char type[FIELD_KEPT + 1];
	struct boundary boundary;
	enum coding coding;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void mark(struct mime *m, char what)
{
	digest_add(m->content, &what, 1);
}

/* ---- a header ---- */

static void head_start(struct mime *m, bool top)
{
	m->place = IN_HEAD;
	m->top = top;
	m->kept_len = 0;
	m->long_field = m->in_value = m->some = m->blank = false;
	m->type[0] = m->boundary.name[0] = '\0';
	m->boundary.len = 0;
	m->coding = CODING_NONE;
}

static void keep(struct mime *m, char c)
{
	if (m->kept_len == FIELD_KEPT) {
		if (!m->long_field)
			digest_start(m->field);
		m->long_field = true;
		digest_add(m->field, m->kept, m->kept_len);
		m->kept_len = 0;
	}
	m->kept[m->kept_len++] = c;
}

static void field_char(struct mime *m, char c)
{
	if (is_blank(c) || c == '\n') {
		m->blank = m->some;
		return;
	}
	bool colon = c == ':' && !m->in_value;
	if (m->blank && !colon)
		keep(m, ' ');
	keep(m, !m->in_value && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	m->in_value = m->in_value || colon;
	m->some = !colon;
	m->blank = false;
}

/* One parameter or the type itself, up to the next ';' outside quotes; *at moves behind it. Without quotes and the blanks around. */
static size_t next_piece(const char **at, char out[FIELD_KEPT + 1])
{
	bool inside = false;
	size_t len = 0;
	const char *p = *at;
	while (is_blank(*p))
		p++;
	for (; *p && (inside || *p != ';'); p++) {
		if (*p == '"')
			inside = !inside;
		else if (*p == '\\' && inside && p[1])
			out[len++] = *++p;
		else if (inside || (*p != ' ' && *p != '\t'))
			out[len++] = *p;
	}
	*at = *p ? p + 1 : p;
	out[len] = '\0';
	return len;
}

/* Takes the type and its boundary; hashed without the boundary and the quotes. */
static void content_type(struct mime *m, const char *value)
{
	char piece[FIELD_KEPT + 1];
	bool first = m->type[0] == '\0';
	for (const char *at = value; *at;) {
		size_t len = next_piece(&at, piece);
		if (first && strncasecmp(piece, "boundary=", 9) == 0 && len - 9 <= BOUNDARY_MAX) {
			m->boundary.len = len - 9;
			memcpy(m->boundary.name, piece + 9, len - 9);
			continue;
		}
		if (first && m->type[0] == '\0')
			memcpy(m->type, piece, len + 1);
		digest_add(m->field, piece, len);
		digest_add(m->field, ";", 1);
	}
}

static void add_number(struct mime *m, uint64_t number)
{
	if (!m->top) {
		digest_add(m->content, &number, sizeof number);
		return;
	}
	if (m->numbers == FIELDS_MAX) {
		m->number[FIELDS_MAX - 1] = m->number[FIELDS_MAX - 1] * 31 + number;
		return;
	}
	m->number = x_room(m->number, m->numbers, &m->numbers_cap, sizeof *m->number);
	m->number[m->numbers++] = number;
}

static const char *value_of(const char *kept, const char *name)
{
	size_t len = strlen(name);
	return strncmp(kept, name, len) == 0 ? kept + len : NULL;
}

static void field_end(struct mime *m)
{
	uint8_t hash[DIGEST_LEN];
	uint64_t number;
	char line[FIELD_KEPT + 1];
	const char *coding = NULL, *type = NULL;
	if (m->kept_len == 0)
		return;
	memcpy(line, m->kept, m->kept_len);
	line[m->kept_len] = '\0';
	if (!m->long_field) {
		digest_start(m->field);
		coding = value_of(line, "content-transfer-encoding:");
		type = value_of(line, "content-type:");
	}
	if (coding && m->coding == CODING_NONE)
		m->coding = strcasecmp(coding, "base64") == 0 ? CODING_BASE64 : strcasecmp(coding, "quoted-printable") == 0 ? CODING_QUOTED : CODING_NONE;
	if (type)
		content_type(m, type);
	digest_add(m->field, type ? "content-type:" : line, type ? 13 : m->kept_len);
	digest_end(m->field, hash);
	memcpy(&number, hash, sizeof number);
	if (!coding) /* what it says shows in what is decoded */
		add_number(m, number);
	m->kept_len = 0;
	m->long_field = m->in_value = m->some = m->blank = false;
}

static bool is_type(const struct mime *m, const char *type)
{
	return strncasecmp(m->type, type, strlen(type)) == 0;
}

/* What stands beside the parts. */
static void aside(struct mime *m, enum place place)
{
	m->place = place;
	section_start(m->section, CODING_NONE, true);
}

/* A signature is over the text as it stands: of signed parts nothing may be encoded otherwise. */
static void head_end(struct mime *m)
{
	bool several = is_type(m, "multipart/") && !is_type(m, "multipart/signed") && m->boundary.len > 0 && m->depth < DEPTH_MAX;
	field_end(m);
	if (several) {
		mark(m, '(');
		m->around[m->depth++] = m->boundary;
		aside(m, IN_PREAMBLE);
		return;
	}
	if (is_type(m, "message/rfc822") && m->coding == CODING_NONE) {
		mark(m, 'M');
		head_start(m, false);
		return;
	}
	if (is_type(m, "multipart/")) {
		m->coding = CODING_NONE;
		digest_add(m->content, m->boundary.name, m->boundary.len);
	}
	m->place = IN_LEAF;
	section_start(m->section, m->coding, m->type[0] == '\0' || is_type(m, "text/") || is_type(m, "multipart/"));
}

static void head(struct mime *m, char c, bool first)
{
	if (first && c == '\n') {
		field_end(m);
		head_end(m);
		return;
	}
	if (first && !is_blank(c))
		field_end(m);
	field_char(m, c);
}

/* ---- lines and boundaries ---- */

static void take(struct mime *m, char c)
{
	bool first = m->at_start;
	m->at_start = c == '\n';
	if (m->place == IN_HEAD)
		head(m, c, first);
	else if (c == '\n')
		section_line(m->section);
	else
		section_add(m->section, &c, 1);
}

/* What goes on up to the end of its line, at most len; how much that was. */
static size_t take_run(struct mime *m, const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	len = end ? (size_t)(end - text) : len;
	if (len > 0) {
		section_add(m->section, text, len);
		m->at_start = false;
		return len;
	}
	take(m, '\n');
	return 1;
}

/* own: the boundary that ends it is its own, so a preamble is one, and nobody reads it. */
static void end_section(struct mime *m, bool bounded, bool own)
{
	uint8_t hash[DIGEST_LEN];
	if (m->place == IN_HEAD) {
		field_end(m);
		head_end(m);
	}
	if (m->place == IN_HEAD)
		return;
	bool any = section_end(m->section, bounded, hash);
	if ((m->place == IN_PREAMBLE && own) || (m->place == IN_EPILOGUE && !any))
		return;
	mark(m, m->place == IN_LEAF ? 'L' : 'T');
	digest_add(m->content, hash, sizeof hash);
}

/* The boundary that the line is, innermost first: its level, or -1. */
static int boundary_of(const struct mime *m, bool *closing)
{
	size_t len = m->start_len;
	while (len > 2 && is_blank(m->start[len - 1]))
		len--;
	for (size_t level = m->depth; level-- > 0;) {
		const struct boundary *b = &m->around[level];
		*closing = len == b->len + 4 && memcmp(m->start + len - 2, "--", 2) == 0;
		if ((*closing || len == b->len + 2) && memcmp(m->start + 2, b->name, b->len) == 0)
			return (int)level;
	}
	return -1;
}

/* The collected line was none. */
static void replay(struct mime *m)
{
	size_t len = m->start_len;
	m->start_len = 0;
	for (size_t i = 0; i < len; i++)
		take(m, m->start[i]);
}

/* Whether it was a boundary. */
static bool line_ended(struct mime *m)
{
	bool closing = false;
	int level = boundary_of(m, &closing);
	if (level < 0) {
		replay(m);
		return false;
	}
	m->start_len = 0;
	end_section(m, true, m->depth == (size_t)level + 1);
	for (m->at_start = true; m->depth > (size_t)level + 1; m->depth--)
		mark(m, ')');
	if (!closing) {
		mark(m, ',');
		head_start(m, false);
		return true;
	}
	m->depth--;
	mark(m, ')');
	aside(m, IN_EPILOGUE);
	return true;
}

/* A line that begins with "--" is kept until it is known what it is. */
static void collect(struct mime *m, char c)
{
	if (c == '\n') {
		if (!line_ended(m))
			take(m, c);
		return;
	}
	m->start[m->start_len++] = c;
	if ((m->start_len == 2 && c != '-') || m->start_len == sizeof m->start)
		replay(m);
}

void mime_add(struct mime *m, const char *text, size_t len)
{
	for (size_t i = 0; i < len;)
		if (m->at_start && m->depth > 0 && (m->start_len > 0 || text[i] == '-'))
			collect(m, text[i++]);
		else if (m->place == IN_HEAD)
			take(m, text[i++]);
		else
			i += take_run(m, text + i, len - i);
}

/* ---- the whole ---- */

struct mime *mime_new(void)
{
	struct mime *m = x_calloc(1, sizeof *m);
	m->content = digest_new();
	m->section = section_new();
	m->field = digest_new();
	mime_start(m);
	return m;
}

void mime_start(struct mime *m)
{
	digest_start(m->content);
	m->at_start = true;
	m->start_len = m->depth = m->numbers = 0;
	head_start(m, true);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

void mime_end(struct mime *m, struct proof *out)
{
	if (m->start_len > 0)
		line_ended(m);
	end_section(m, false, false);
	for (; m->depth > 0; m->depth--)
		mark(m, ')');
	digest_end(m->content, out->content);
	out->fields = m->numbers;
	out->field = m->numbers ? x_calloc(m->numbers, sizeof *out->field) : NULL;
	if (m->numbers == 0)
		return;
	memcpy(out->field, m->number, m->numbers * sizeof *out->field);
	qsort(out->field, out->fields, sizeof *out->field, ascending);
}

void mime_free(struct mime **mime)
{
	struct mime *m = *mime;
	if (!m)
		return;
	digest_free(&m->content);
	section_free(&m->section);
	digest_free(&m->field);
	free(m->number);
	free(m);
	*mime = NULL;
}
