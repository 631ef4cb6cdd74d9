/* All folders of the account: NAMESPACE, LIST and STATUS in one burst. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/imap/session.h"
#include "providers/imap/words.h"

#define STATUS_ITEMS "(MESSAGES UIDNEXT UIDVALIDITY)"
/* More folders than any account has; a list that never ends is not believed. */
#define FOLDERS_MAX 100000

/* A folder that is not in the list would stay behind without a word. */
static void miss_folder(struct folder_list *list, const char *text, size_t len)
{
	if (list->unread++ == 0)
		text_clean(list->unread_line, sizeof list->unread_line, text, len);
}

/* What holds no mail is not missed. */
static bool can_hold_mail(const char *text, size_t len)
{
	CLEANUP(x_free) char *line = x_strndup(text, len);
	return !strcasestr(line, "\\Noselect") && !strcasestr(line, "\\NonExistent");
}

/* A line of LIST that the grammar does not know. */
static void unread_folder(struct imap *m, const char *text, size_t len)
{
	log_line(m->env->log, "%s: a folder of the list can't be read: %.*s", m->options.host, (int)(len > 200 ? 200 : len), text);
	if (can_hold_mail(text, len))
		miss_folder(m->listing->out, text, len);
}

static void add_folder(struct folder_list *list, struct folder *f)
{
	struct folder *known = folder_find(list, f->wire);
	if (known || list->count >= FOLDERS_MAX) {
		if (known)
			known->subscribed |= f->subscribed;
		else
			miss_folder(list, f->wire, strlen(f->wire));
		folder_free(f);
		return;
	}
	list->folder = x_room(list->folder, list->count, &list->cap, sizeof *list->folder);
	list->folder[list->count++] = *f;
}

void imap_listing_response(struct imap *m, const char *text, size_t len)
{
	struct scan scan = { text, text + len };
	struct folder f;
	struct box box;
	char *wire = NULL;
	if (scan_word(&scan, "LIST")) {
		if (grammar_list(m->grammar, &f, text, len))
			add_folder(m->listing->out, &f);
		else
			unread_folder(m, text, len);
	} else if (scan_word(&scan, "LSUB")) {
		if (grammar_list(m->grammar, &f, text, len)) {
			buf_add(&m->listing->subscribed, f.wire, strlen(f.wire) + 1);
			folder_free(&f);
		}
	} else if (scan_word(&scan, "STATUS")) {
		struct folder *of = grammar_status(m->grammar, &wire, &box, text, len) ? folder_find(m->listing->out, wire) : NULL;
		if (of)
			of->box = box;
		free(wire);
	} else if (scan_word(&scan, "NAMESPACE") && scan.at < scan.end) {
		namespaces_free(&m->listing->spaces);
		parse_namespace(&m->listing->spaces, scan.at + 1, (size_t)(scan.end - scan.at) - 1);
	}
}

static int finish(struct imap *m, unsigned tag, const char *what, struct error *err)
{
	if (imap_wait(m, tag, err) < 0)
		return -1;
	if (m->simple.word == STATUS_OK)
		return 0;
	words_error(&m->simple, ABOUT_SESSION, err);
	return error_at(err, "%s", what);
}

static int list_folders(struct imap *m, struct error *err)
{
	unsigned spaces = imap_can(m, "NAMESPACE") ? imap_command(m, COMMAND_SIMPLE, "NAMESPACE")->tag : 0;
	bool special = imap_can(m, "SPECIAL-USE");
	if (imap_can(m, "LIST-EXTENDED") && imap_can(m, "LIST-STATUS")) {
		unsigned list = imap_command(m, COMMAND_SIMPLE, "LIST \"\" \"*\" RETURN (SUBSCRIBED%s STATUS " STATUS_ITEMS ")", special ? " SPECIAL-USE" : "")->tag;
		if (imap_wait(m, list, err) < 0)
			return -1;
		if (m->simple.word == STATUS_OK)
			return spaces ? imap_wait(m, spaces, err) : 0;
		imap_cannot(m, "LIST-STATUS");
	}
	unsigned subscribed = imap_command(m, COMMAND_SIMPLE, "LSUB \"\" \"*\"")->tag, list = imap_command(m, COMMAND_SIMPLE, "LIST \"\" \"*\"")->tag;
	/* the namespaces and the subscriptions are worth having, not worth failing for; m->simple is the reply that came last: LIST's while nothing else
	   is waited for */
	if (finish(m, list, "LIST", err) < 0 || (spaces && imap_wait(m, spaces, err) < 0))
		return -1;
	return imap_wait(m, subscribed, err);
}

static int status_rest(struct imap *m, struct error *err)
{
	unsigned last = 0;
	for (size_t i = 0; i < m->listing->out->count; i++) {
		const struct folder *f = &m->listing->out->folder[i];
		char *name = f->selectable && !f->box.known ? imap_quote(f->wire) : NULL;
		if (name)
			last = imap_command(m, COMMAND_SIMPLE, "STATUS %s " STATUS_ITEMS, name)->tag;
		free(name);
	}
	/* a folder that can't say stays unknown; opening it will tell */
	return last ? imap_wait(m, last, err) : 0;
}

/* Below one of them, or what they lie below: "Public" of the prefix "Public/". */
static bool under(const struct folder *f, char **prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(prefixes[i]);
		bool root = len > 1 && prefixes[i][len - 1] == f->separator && strlen(f->wire) == len - 1;
		if (len > 0 && strncmp(f->wire, prefixes[i], root ? len - 1 : len) == 0)
			return true;
	}
	return false;
}

/* Without NAMESPACE: when all but INBOX lies below INBOX, that is the prefix (Courier and its like). */
static char *guess_prefix(const struct folder_list *list)
{
	char prefix[] = { 'I', 'N', 'B', 'O', 'X', list->separator, '\0' };
	size_t below = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->folder[i].wire, "INBOX") == 0)
			continue;
		if (!list->separator || strncasecmp(list->folder[i].wire, prefix, 6) != 0)
			return x_strdup("");
		below++;
	}
	return x_strdup(below ? prefix : "");
}

static void place_in_spaces(struct listing *l)
{
	struct folder_list *list = l->out;
	const struct folder *inbox = folder_find(list, "INBOX");
	list->separator = l->spaces.own ? l->spaces.separator : inbox ? inbox->separator : list->count ? list->folder[0].separator : '\0';
	list->prefix = l->spaces.own ? x_strdup(l->spaces.own) : guess_prefix(list);
	for (const char *s = l->subscribed.data, *end = s + l->subscribed.len; s < end; s += strlen(s) + 1) {
		struct folder *f = folder_find(list, s);
		if (f)
			f->subscribed = true;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct folder *f = &list->folder[i];
		if (under(f, l->spaces.others, l->spaces.others_count))
			f->space = SPACE_OTHER_USERS;
		else if (under(f, l->spaces.shared, l->spaces.shared_count))
			f->space = SPACE_SHARED;
	}
}

int imap_list(struct conn *conn, struct folder_list *out, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	struct listing listing = { .out = out };
	*out = (struct folder_list){ 0 };
	m->listing = &listing;
	int ok = list_folders(m, err) < 0 || status_rest(m, err) < 0 ? -1 : 0;
	m->listing = NULL;
	if (ok == 0)
		place_in_spaces(&listing);
	else
		folder_list_free(out);
	namespaces_free(&listing.spaces);
	buf_free(&listing.subscribed);
	return ok;
}
