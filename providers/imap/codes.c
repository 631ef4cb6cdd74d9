/* Status responses, their codes, SEARCH and NAMESPACE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "providers/imap/parse.h"

bool parse_status(struct status *out, const char *text, size_t len)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	*out = (struct status){ 0 };
	unsigned word = 0;
	size_t n = 0;
	for (; word < 5; word++) {
		n = strlen(words[word]);
		if (len >= n && strncasecmp(text, words[word], n) == 0 && (len == n || text[n] == ' '))
			break;
	}
	if (word == 5)
		return false;
	out->word = word;
	text += n < len ? n + 1 : n;
	len -= n < len ? n + 1 : n;
	const char *close = len && *text == '[' ? memchr(text, ']', len) : NULL;
	if (close) {
		size_t code = strcspn(text + 1, " ]");
		snprintf(out->code, sizeof out->code, "%.*s", (int)(code < sizeof out->code ? code : 0), text + 1);
		out->args = text + 1 + code + (text[1 + code] == ' ');
		out->args_len = (size_t)(close - out->args);
		len -= (size_t)(close + 1 - text);
		text = close + 1;
		if (len && *text == ' ') {
			text++;
			len--;
		}
	}
	out->text = text;
	out->text_len = len;
	return true;
}

bool parse_appenduid(uint32_t *validity, uint32_t **uids, size_t count, const char *args, size_t len)
{
	struct uid_set set = { 0 };
	const char *blank = memchr(args, ' ', len);
	*uids = NULL;
	if (!blank || !parse_number(validity, args, (size_t)(blank - args)) || *validity == 0)
		return false;
	/* Not a set in order of number but a list in order of the messages: 12:10 is not allowed, 30,12 is. */
	uint32_t *list = x_calloc(count ? count : 1, sizeof *list);
	const char *at = blank + 1, *end = args + len;
	size_t n = 0;
	bool good = true;
	while (good && at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		uid_set_free(&set);
		good = uid_set_parse(&set, at, (size_t)(stop - at)) && set.count == 1 && uid_set_size(&set) <= count - n;
		for (uint64_t u = good ? set.range[0].first : 1; good && u <= set.range[0].last; u++)
			list[n++] = (uint32_t)u;
		at = comma ? comma + 1 : end;
	}
	uid_set_free(&set);
	if (good && n == count)
		*uids = list;
	else
		free(list);
	return true;
}

void parse_permanent(struct flags *known, bool *any, const char *args, size_t len)
{
	unsigned count = 0;
	*any = false;
	for (size_t at = 0; at < len;) {
		size_t from = at;
		while (at < len && !strchr(" ()", args[at]))
			at++;
		if (at - from == 2 && args[from] == '\\' && args[from + 1] == '*')
			*any = true;
		else if (at == from)
			at++;
		else if (++count <= KEYWORDS_MAX)
			flags_add(known, args + from, at - from);
	}
}

/* UIDs that do not come in their order: gathered, for one by one a million of them would take hours. */
struct late {
	uint32_t *uid;
	size_t count, cap;
};

#define LATE_MAX ((size_t)1 << 20)

static void add_late(struct uid_set *set, struct late *late, uint32_t uid)
{
	if (late->count == LATE_MAX) {
		uid_set_add_many(set, late->uid, late->count);
		late->count = 0;
	}
	late->uid = x_room(late->uid, late->count, &late->cap, sizeof *late->uid);
	late->uid[late->count++] = uid;
}

bool parse_search(struct uid_set *out, const char *text, size_t len)
{
	struct late late = { 0 };
	bool good = true;
	uid_set_reset(out);
	for (size_t at = 0; good && at < len;) {
		size_t from = at;
		uint32_t uid = 0;
		while (at < len && text[at] != ' ')
			at++;
		if (at > from && text[from] == '(')
			break; /* "(MODSEQ n)" of CONDSTORE */
		if (at > from)
			good = parse_number(&uid, text + from, at - from);
		if (good && out->count > 0 && uid > 0 && uid <= out->range[out->count - 1].last)
			add_late(out, &late, uid);
		else if (good)
			uid_set_add(out, uid, uid);
		at++;
	}
	if (good && late.count > 0)
		uid_set_add_many(out, late.uid, late.count);
	free(late.uid);
	return good;
}

bool parse_esearch(struct uid_set *out, const char *text, size_t len)
{
	uid_set_reset(out);
	const char *end = text + len;
	for (const char *at = text; at + 4 < end; at++) {
		if (strncasecmp(at, "ALL ", 4) != 0 || (at > text && at[-1] != ' '))
			continue;
		const char *set = at + 4, *stop = memchr(set, ' ', (size_t)(end - set));
		return uid_set_parse(out, set, (size_t)((stop ? stop : end) - set));
	}
	return true; /* no ALL: nothing was found */
}

/* (("" "/")("#x" "/" "EXT" ("a"))) or NIL */
static bool space_list(struct scan *s, char ***prefixes, size_t *count, char *separator)
{
	size_t cap = 0;
	if (scan_word(s, "NIL"))
		return true;
	if (s->at >= s->end || *s->at++ != '(')
		return false;
	while (s->at < s->end && *s->at == '(') {
		char *prefix, *sep;
		s->at++;
		if (!scan_string(s, &prefix))
			return false;
		if (s->at >= s->end || *s->at++ != ' ' || !scan_string(s, &sep)) {
			free(prefix);
			return false;
		}
		if (*count >= NAMESPACES_MAX) {
			free(prefix);
			free(sep);
			return false;
		}
		if (*count == 0 && separator)
			*separator = sep ? *sep : '\0';
		free(sep);
		*prefixes = x_room(*prefixes, *count, &cap, sizeof **prefixes);
		(*prefixes)[(*count)++] = prefix ? prefix : x_strdup("");
		for (int depth = 1; depth > 0; s->at++) {
			if (s->at >= s->end)
				return false;
			depth += (*s->at == '(') - (*s->at == ')');
		}
	}
	return s->at < s->end && *s->at++ == ')';
}

static void free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

bool parse_namespace(struct namespaces *out, const char *text, size_t len)
{
	struct scan s = { text, text + len };
	char **own = NULL;
	size_t own_count = 0;
	*out = (struct namespaces){ 0 };
	bool ok = space_list(&s, &own, &own_count, &out->separator) && s.at < s.end && *s.at++ == ' ' && space_list(&s, &out->others, &out->others_count, NULL) &&
		s.at < s.end && *s.at++ == ' ' && space_list(&s, &out->shared, &out->shared_count, NULL);
	if (own_count > 0)
		out->own = x_strdup(own[0]);
	free_list(own, own_count);
	return ok;
}

void namespaces_free(struct namespaces *n)
{
	free(n->own);
	free_list(n->others, n->others_count);
	free_list(n->shared, n->shared_count);
	*n = (struct namespaces){ 0 };
}
