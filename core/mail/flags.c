/* Flags and keywords. The list of keywords is a text, since nearly every mail has none or one. */
#include "core/mail/flags.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"

#define KEYWORD_MAX 64

static const struct {
	const char *name;
	unsigned bit;
} system_flags[] = {
	{ "\\Seen", FLAG_SEEN },   { "\\Answered", FLAG_ANSWERED }, { "\\Flagged", FLAG_FLAGGED },
	{ "\\Draft", FLAG_DRAFT }, { "\\Deleted", FLAG_DELETED },
};
enum { SYSTEM_FLAGS = sizeof system_flags / sizeof *system_flags };

static bool same_keyword(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static int order(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int bytes = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return bytes != 0 ? bytes : (a_len > b_len) - (a_len < b_len);
}

const char *flags_next_keyword(const char **at, size_t *len)
{
	if (!*at)
		return NULL;

	const char *start = *at + strspn(*at, " ");

	*len = strcspn(start, " ");
	*at = start + *len;
	return *len > 0 ? start : NULL;
}

static bool has_keyword(const struct flags *f, const char *name, size_t len)
{
	const char *at = f->keywords, *have;
	size_t have_len;

	while ((have = flags_next_keyword(&at, &have_len)))
		if (same_keyword(have, have_len, name, len))
			return true;
	return false;
}

/* A blank would make two keywords of one in our list, a control character could end a command. */
static bool fits_the_list(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7F)
			return false;
	return len > 0;
}

static void add_keyword(struct flags *f, const char *name, size_t len)
{
	const char *at = f->keywords, *have;
	size_t have_len;
	struct buf list = { 0 };
	bool placed = false;

	if (!fits_the_list(name, len) || has_keyword(f, name, len))
		return;
	while ((have = flags_next_keyword(&at, &have_len))) {
		if (!placed && order(name, len, have, have_len) < 0) {
			buf_add(&list, name, len);
			buf_addc(&list, ' ');
			placed = true;
		}
		buf_add(&list, have, have_len);
		buf_addc(&list, ' ');
	}
	if (!placed) {
		buf_add(&list, name, len);
		buf_addc(&list, ' ');
	}
	list.data[list.len - 1] = '\0';
	free(f->keywords);
	f->keywords = list.data;
}

void flags_add(struct flags *f, const char *name, size_t len)
{
	if (len == 0 || name[0] != '\\') {
		add_keyword(f, name, len);
		return;
	}
	for (size_t i = 0; i < SYSTEM_FLAGS; i++)
		if (same_keyword(name, len, system_flags[i].name, strlen(system_flags[i].name)))
			f->system |= system_flags[i].bit;
}

static void write_one(struct buf *out, size_t start, const char *name, size_t len)
{
	if (out->len > start)
		buf_addc(out, ' ');
	buf_add(out, name, len);
}

void flags_write(const struct flags *f, struct buf *out)
{
	size_t start = out->len, len;
	const char *at = f->keywords, *name;

	for (size_t i = 0; i < SYSTEM_FLAGS; i++)
		if (f->system & system_flags[i].bit)
			write_one(out, start, system_flags[i].name, strlen(system_flags[i].name));
	while ((name = flags_next_keyword(&at, &len)))
		if (flags_keyword_safe(name, len))
			write_one(out, start, name, len);
}

void flags_missing(struct flags *out, const struct flags *want, const struct flags *have)
{
	const char *at = want->keywords, *name;
	size_t len;

	*out = (struct flags){ .system = want->system & ~have->system };
	while ((name = flags_next_keyword(&at, &len)))
		if (!has_keyword(have, name, len))
			add_keyword(out, name, len);
}

bool flags_empty(const struct flags *f)
{
	return f->system == 0 && (!f->keywords || f->keywords[0] == '\0');
}

bool flags_keyword_safe(const char *name, size_t len)
{
	static const char special[] = "(){}[]%*\"\\";

	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || memchr(special, name[i], sizeof special - 1))
			return false;
	return len > 0 && len <= KEYWORD_MAX;
}

void flags_copy(struct flags *out, const struct flags *from)
{
	*out = (struct flags){ .system = from->system, .keywords = from->keywords ? x_strdup(from->keywords) : NULL };
}

void flags_free(struct flags *f)
{
	free(f->keywords);
	*f = (struct flags){ 0 };
}
