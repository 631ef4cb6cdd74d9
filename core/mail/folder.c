/* Lists of folders, and a folder's name as another server spells it. */
#include "core/mail/folder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"

static const char inbox[] = "INBOX";
enum { INBOX_LEN = sizeof inbox - 1 };

static const char *const role_names[] = {
	[ROLE_NONE] = "",      [ROLE_INBOX] = "inbox", [ROLE_SENT] = "sent",       [ROLE_DRAFTS] = "drafts",   [ROLE_TRASH] = "trash",
	[ROLE_JUNK] = "junk",  [ROLE_ALL] = "all",     [ROLE_ARCHIVE] = "archive", [ROLE_FLAGGED] = "flagged",
	[ROLE_IMPORTANT] = "important",
};
static_assert(sizeof role_names / sizeof *role_names == ROLE_IMPORTANT + 1, "every role has a name");

const char *folder_role_name(enum folder_role role)
{
	if ((unsigned)role >= sizeof role_names / sizeof *role_names)
		return "";
	return role_names[role];
}

unsigned folder_view(enum folder_role role)
{
	return role >= ROLE_ALL ? role - ROLE_ALL + 1 : 0;
}

static bool is_inbox(const char *name, size_t len)
{
	return len == INBOX_LEN && strncasecmp(name, inbox, len) == 0;
}

struct folder *folder_find(const struct folder_list *list, const char *wire)
{
	bool wants_inbox = is_inbox(wire, strlen(wire));

	for (size_t i = 0; i < list->count; i++) {
		struct folder *f = &list->folder[i];

		if (strcmp(f->wire, wire) == 0 || (wants_inbox && is_inbox(f->wire, strlen(f->wire))))
			return f;
	}
	return NULL;
}

void folder_free(struct folder *f)
{
	free(f->wire);
	free(f->name);
	*f = (struct folder){ 0 };
}

void folder_list_free(struct folder_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		folder_free(&list->folder[i]);
	free(list->folder);
	free(list->prefix);
	*list = (struct folder_list){ 0 };
}

/* Length of the run of base64 at `at`, "&" and "-" included; 1 when none begins there. No byte of it is a separator. */
static size_t run_len(const char *at, const char *end)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
	const char *p = at + 1;

	if (*at != '&')
		return 1;
	while (p < end && memchr(base64, *p, sizeof base64 - 1))
		p++;
	return p < end && *p == '-' ? (size_t)(p - at) + 1 : 1;
}

/* The end of the first level of a name. */
static const char *level_end(const char *at, const char *end, char separator)
{
	while (at < end && (*at != separator || separator == 0))
		at += run_len(at, end);
	return at;
}

/* Does the name lie below the prefix "INBOX." or "Mail/"? INBOX as the first level has no case. */
static bool below_prefix(const char *wire, const char *end, const struct folder_list *list)
{
	size_t len = list->prefix ? strlen(list->prefix) : 0, any_case = 0;

	if (len == 0 || (size_t)(end - wire) <= len)
		return false;
	if (list->separator && len > INBOX_LEN && list->prefix[INBOX_LEN] == list->separator && is_inbox(list->prefix, INBOX_LEN))
		any_case = INBOX_LEN;
	return strncasecmp(wire, list->prefix, any_case) == 0 && memcmp(wire + any_case, list->prefix + any_case, len - any_case) == 0;
}

/* One level; a separator of the other side in it would make two. */
static void add_level(struct buf *out, const char *at, const char *end, char separator)
{
	while (at < end) {
		size_t len = run_len(at, end);

		if (separator && len == 1 && *at == separator)
			buf_addc(out, separator == '-' ? '_' : '-');
		else
			buf_add(out, at, len);
		at += len;
	}
}

/* INBOX and what lies below it on a server that has its folders beside INBOX: "INBOX.sub" where the prefix is "INBOX.", else
   INBOX itself with the level below. Returns what is left to add. */
static const char *add_inbox(struct buf *out, const char *at, const char *end, const struct folder_list *to)
{
	const char *prefix = to->prefix ? to->prefix : "";
	bool own_place = to->separator && strncasecmp(prefix, inbox, INBOX_LEN) == 0 && prefix[INBOX_LEN] == to->separator;

	at += INBOX_LEN;
	if (at == end || !own_place) {
		buf_add(out, inbox, INBOX_LEN);
		return at;
	}
	buf_adds(out, prefix);
	return at + 1;
}

char *folder_translate(const char *wire, const struct folder_list *from, const struct folder_list *to)
{
	struct buf out = { 0 };
	const char *at = wire, *end = wire + strlen(wire);
	char joint = to->separator ? to->separator : '-';

	/* "Mail/" names the same mailbox as "Mail" (RFC 3501, 6.3.3). */
	while (from->separator && end > wire + 1 && end[-1] == from->separator)
		end--;
	if (below_prefix(at, end, from)) {
		at += strlen(from->prefix);
		buf_adds(&out, to->prefix ? to->prefix : "");
	} else if (is_inbox(at, (size_t)(level_end(at, end, from->separator) - at))) {
		at = add_inbox(&out, at, end, to);
	} else {
		buf_adds(&out, to->prefix ? to->prefix : "");
	}
	while (at < end) {
		const char *level = level_end(at, end, from->separator);

		add_level(&out, at, level, to->separator);
		at = level;
		if (at < end) {
			buf_addc(&out, joint);
			at++;
		}
	}
	return out.data;
}

/* ---- names as people write them ---- */

/* No separator of any server and in no name: between levels that are spelled already. */
#define JOINT '\x1f'
#define JOINT_PREFIX "\x1e\x1f"
#define LEVEL_MAX 255

struct levels {
	const char *at, *end;	/* what is left; at NULL: nothing */
	char separator;
	bool below;		/* the name lies below the own prefix */
};

static struct levels levels_of(const char *wire, const struct folder_list *of)
{
	struct levels l = { .at = wire, .end = wire + strlen(wire), .separator = of->separator };

	while (l.separator && l.end > wire + 1 && l.end[-1] == l.separator)
		l.end--;
	l.below = below_prefix(wire, l.end, of);
	if (l.below)
		l.at += strlen(of->prefix);
	return l;
}

static bool next_level(struct levels *l, const char **level, size_t *len)
{
	const char *end;

	if (!l->at)
		return false;
	end = level_end(l->at, l->end, l->separator);
	*level = l->at;
	*len = (size_t)(end - l->at);
	l->at = end < l->end ? end + 1 : NULL;
	return true;
}

/* A level in UTF-8, whatever it is. */
static char *level_text(const char *level, size_t len)
{
	CLEANUP(x_free) char *wire = x_strndup(level, len);
	char *text = text_from_utf7(wire);
	struct buf latin = { 0 };

	if (text || text_is_utf8(wire, len))
		return text ? text : x_strdup(wire);
	for (const char *p = wire; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x80)
			buf_addc(&latin, (char)(0xC0 | c >> 6));
		buf_addc(&latin, c < 0x80 ? *p : (char)(0x80 | (c & 0x3F)));
	}
	return latin.data;
}

/* The text of the next level; INBOX in capitals where it is the mailbox of that name or its parent. NULL: no more. */
static char *next_text(struct levels *l, bool first)
{
	const char *level;
	size_t len;

	if (!next_level(l, &level, &len))
		return NULL;
	if (first && !l->below && is_inbox(level, len))
		return x_strdup(inbox);
	return level_text(level, len);
}

unsigned folder_depth(const char *wire, const struct folder_list *of)
{
	struct levels l = levels_of(wire, of);
	const char *level;
	size_t len;
	unsigned n = 0;

	while (next_level(&l, &level, &len))
		n++;
	return n;
}

char *folder_path(const char *wire, const struct folder_list *of, unsigned levels)
{
	struct levels l = levels_of(wire, of);
	struct buf out = { 0 };
	char *text;

	buf_adds(&out, "");
	for (unsigned n = 0; n < levels && (text = next_text(&l, n == 0)); n++) {
		if (n > 0)
			buf_addc(&out, '/');
		buf_adds(&out, text);
		free(text);
	}
	return out.data;
}

/* How many bytes at p no level may have. The C1 controls are two bytes in UTF-8. */
static size_t unfit(const char *p)
{
	unsigned char c = (unsigned char)*p, next = (unsigned char)p[1];

	if (c == 0xC2 && next >= 0x80 && next < 0xA0)
		return 2;
	return c < 0x20 || c == 0x7F || c == '%' || c == '*' || c == '/';
}

/* The text of a level as any server can hold it, but for its length. */
static void clean_level(struct buf *out, const char *text, char stand_in, bool first)
{
	const char *p = text + strspn(text, " "), *end = text + strlen(text);
	bool dots;

	while (end > p && end[-1] == ' ')
		end--;
	dots = (end - p == 1 && *p == '.') || (end - p == 2 && p[0] == '.' && p[1] == '.');
	while (p < end) {
		size_t bytes = unfit(p);

		if (bytes > 0 || dots || (*p == '~' && first && out->len == 0))
			buf_addc(out, stand_in);
		else
			buf_addc(out, *p);
		p += bytes > 0 ? bytes : 1;
	}
	if (out->len == 0)
		buf_addc(out, stand_in);
}

/* Shortens the text by its last character until it fits. */
static char *spell_level(char *text)
{
	size_t len = strlen(text);

	for (;;) {
		char *wire = text_to_utf7(text);

		if ((wire && strlen(wire) <= LEVEL_MAX) || len == 0)
			return wire ? wire : x_strdup("");
		free(wire);
		do
			len--;
		while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80);
		while (len > 1 && text[len - 1] == ' ')
			len--;
		text[len] = '\0';
	}
}

static void spell(struct buf *out, const char *text, const struct folder_list *to)
{
	struct buf clean = { 0 };
	bool first = out->len == 0 || strcmp(out->data, JOINT_PREFIX) == 0;

	clean_level(&clean, text, to->separator == '-' ? '_' : '-', first);

	CLEANUP(x_free) char *wire = spell_level(clean.data);

	if (!first)
		buf_addc(out, JOINT);
	buf_adds(out, wire);
	buf_free(&clean);
}

char *folder_spell(const char *base, const char *wire, unsigned skip, const struct folder_list *from, const struct folder_list *to)
{
	static char joint_prefix[] = JOINT_PREFIX;
	const struct folder_list between = { .prefix = joint_prefix, .separator = JOINT };
	struct levels l = levels_of(wire, from);
	struct buf out = { 0 };
	char *text, *spelled;

	for (const char *p = base; *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");
		CLEANUP(x_free) char *level = x_strndup(p, len);

		if (len > 0)
			spell(&out, level, to);
		p += len;
	}
	/* INBOX below INBOX is not INBOX */
	if (out.len == 0 && skip == 0 && l.below)
		buf_adds(&out, JOINT_PREFIX);
	for (unsigned n = 0; (text = next_text(&l, n == 0)); n++) {
		if (n >= skip)
			spell(&out, text, to);
		free(text);
	}
	spelled = folder_translate(out.data ? out.data : inbox, &between, to);
	buf_free(&out);
	return spelled;
}
