/* Patterns of `include` and `exclude`, level by level. */
#include "core/job/pattern.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* One level of a pattern or a name: what stands between two `/`. */
struct part {
	const char *at;
	size_t len;
};

static struct part part_of(const char *text)
{
	return (struct part){ .at = text, .len = strcspn(text, "/") };
}

static bool same(char a, char b, bool caseless)
{
	return a == b || (caseless && strncasecmp(&a, &b, 1) == 0);
}

/* By bytes: a character of UTF-8 never begins inside another one. After a mismatch the newest `*` takes one byte more. */
static bool part_matches(struct part pattern, struct part name, bool caseless)
{
	size_t p = 0, n = 0, star = pattern.len, taken = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.at[p] == '*') {
			star = p++;
			taken = n;
		} else if (p < pattern.len && same(pattern.at[p], name.at[n], caseless)) {
			p++;
			n++;
		} else if (star < pattern.len) {
			p = star + 1;
			n = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.at[p] == '*')
		p++;
	return p == pattern.len;
}

static bool is_inbox(struct part name)
{
	return name.len == 5 && strncasecmp(name.at, "INBOX", 5) == 0;
}

bool pattern_matches(const char *pattern, const char *name)
{
	bool first = true;

	for (;;) {
		struct part p = part_of(pattern), n = part_of(name);

		if (!part_matches(p, n, first && is_inbox(n)))
			return false;
		pattern += p.len;
		name += n.len;
		/* A `/` at the end names no level of its own. */
		if (pattern[0] == '\0' || pattern[1] == '\0')
			return true;
		if (*name == '\0')
			return false;
		pattern++;
		name++;
		first = false;
	}
}
