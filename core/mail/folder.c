/* Lists of folders, and a folder's name as another server spells it. */
#include "core/mail/folder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"

static const char inbox[] = "INBOX";
enum { INBOX_LEN = sizeof inbox - 1 };

static const char *const role_names[] = {
	[ROLE_NONE] = "",      [ROLE_INBOX] = "inbox", [ROLE_SENT] = "sent",       [ROLE_DRAFTS] = "drafts",   [ROLE_TRASH] = "trash",
	[ROLE_JUNK] = "junk",  [ROLE_ALL] = "all",     [ROLE_ARCHIVE] = "archive", [ROLE_FLAGGED] = "flagged",
};
static_assert(sizeof role_names / sizeof *role_names == ROLE_FLAGGED + 1, "every role has a name");

const char *folder_role_name(enum folder_role role)
{
	if ((unsigned)role >= sizeof role_names / sizeof *role_names)
		return "";
	return role_names[role];
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
