/* All folders of the account: NAMESPACE, LIST and STATUS in one burst. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "providers/imap/session.h"
#include "providers/imap/words.h"

/* More folders than any account has, and more text of names; a list that never ends is not believed. */
#define FOLDERS_MAX 20000
#define NAMES_MAX ((size_t)4 << 20)
/* How many folders are asked for at once how much they hold. */
#define STATUS_AHEAD 500
#define UNREAD_LOGGED 100

/* ---- names that are in the list ---- */

static bool is_inbox(const char *wire)
{
	return strcasecmp(wire, "INBOX") == 0;
}

/* Where the name stands, or where it may be put. There are more slots than folders. */
static uint32_t *slot_of(const struct listing *l, const char *wire)
{
	uint32_t hash = 2166136261u;
	for (const char *c = is_inbox(wire) ? "INBOX" : wire; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	for (;; hash++) {
		uint32_t *slot = &l->slot[hash % LIST_SLOTS];
		const char *there = *slot ? l->out->folder[*slot - 1].wire : NULL;
		if (!there || strcmp(there, wire) == 0 || (is_inbox(there) && is_inbox(wire)))
			return slot;
	}
}

static struct folder *find(const struct listing *l, const char *wire)
{
	uint32_t at = l->out->count > 0 ? *slot_of(l, wire) : 0;
	return at ? &l->out->folder[at - 1] : NULL;
}

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
	if (m->listing->out->unread < UNREAD_LOGGED)
		log_line(m->env->log, "%s: a folder of the list can't be read: %.*s", m->options.host, (int)(len > 200 ? 200 : len), text);
	if (can_hold_mail(text, len))
		miss_folder(m->listing->out, text, len);
}

static void add_folder(struct imap *m, struct folder *f)
{
	struct listing *l = m->listing;
	struct folder *known = find(l, f->wire);
	size_t len = strlen(f->wire);
	if (known || l->out->count >= FOLDERS_MAX || l->names + len > NAMES_MAX) {
		if (known)
			known->subscribed |= f->subscribed;
		else
			miss_folder(l->out, f->wire, len);
		folder_free(f);
		return;
	}
	*slot_of(l, f->wire) = (uint32_t)l->out->count + 1;
	l->names += len;
	l->out->folder = x_room(l->out->folder, l->out->count, &l->out->cap, sizeof *l->out->folder);
	l->out->folder[l->out->count++] = *f;
	imap_worked(m);
}

static void add_subscribed(struct listing *l, struct folder *f)
{
	if (l->subscribed.len < NAMES_MAX)
		buf_add(&l->subscribed, f->wire, strlen(f->wire) + 1);
	folder_free(f);
}

static void take_status(struct imap *m, const char *text, size_t len)
{
	struct box box;
	char *wire = NULL;
	struct folder *of = grammar_status(&wire, &box, text, len) ? find(m->listing, wire) : NULL;
	if (of && !of->box.known)
		imap_worked(m);
	if (of)
		of->box = box;
	free(wire);
}

void imap_listing_response(struct imap *m, const char *text, size_t len)
{
	struct scan scan = { text, text + len };
	struct folder f;
	if (scan_word(&scan, "LIST")) {
		if (grammar_list(m->grammar, &f, text, len))
			add_folder(m, &f);
		else
			unread_folder(m, text, len);
	} else if (scan_word(&scan, "LSUB")) {
		if (grammar_list(m->grammar, &f, text, len))
			add_subscribed(m->listing, &f);
	} else if (scan_word(&scan, "STATUS")) {
		take_status(m, text, len);
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

/* What STATUS is asked for. */
static const char *items_of(const struct imap *m)
{
	static const char *const items[] = { "(MESSAGES UIDNEXT UIDVALIDITY)", "(MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)", "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)",
		"(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ MAILBOXID)" };
	bool cyrus = m->cyrus || imap_can(m, "X-CREATEDMODSEQ"); /* also where the greeting does not say so */
	return items[2 * imap_can(m, "CONDSTORE") + (imap_can(m, "OBJECTID") && !cyrus)];
}

static int list_folders(struct imap *m, struct error *err)
{
	unsigned spaces = imap_can(m, "NAMESPACE") ? imap_command(m, COMMAND_SIMPLE, "NAMESPACE")->tag : 0;
	bool special = imap_can(m, "SPECIAL-USE");
	if (imap_can(m, "LIST-EXTENDED") && imap_can(m, "LIST-STATUS")) {
		unsigned list = imap_command(m, COMMAND_SIMPLE, "LIST \"\" \"*\" RETURN (SUBSCRIBED%s STATUS %s)", special ? " SPECIAL-USE" : "", items_of(m))->tag;
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

static bool knows_any(const struct folder_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->folder[i].box.known)
			return true;
	return false;
}

static int status_rest(struct imap *m, struct error *err)
{
	unsigned last = 0;
	for (size_t i = 0, asked = 0; i < m->listing->out->count; i++) {
		const struct folder *f = &m->listing->out->folder[i];
		char *name = f->selectable && !f->box.known ? imap_quote(f->wire) : NULL;
		if (name)
			last = imap_command(m, COMMAND_SIMPLE, "STATUS %s %s", name, items_of(m))->tag;
		free(name);
		if (name && ++asked % STATUS_AHEAD == 0 && imap_wait(m, last, err) < 0)
			return -1;
	}
	if (last && imap_wait(m, last, err) < 0)
		return -1;
	bool of_folder = m->simple.word == STATUS_NO && knows_any(m->listing->out);
	if (!last || m->simple.word == STATUS_OK || of_folder || !imap_can(m, "CONDSTORE"))
		return 0; /* a folder that can't say stays unknown; opening it will tell */
	imap_cannot(m, "CONDSTORE");
	return status_rest(m, err);
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
	for (size_t i = 0; list->folder && i < list->count; i++) {
		if (is_inbox(list->folder[i].wire))
			continue;
		if (!list->separator || strncasecmp(list->folder[i].wire, prefix, 6) != 0)
			return x_strdup("");
		below++;
	}
	return x_strdup(below ? prefix : "");
}

static void place_in_spaces(const struct listing *l)
{
	struct folder_list *list = l->out;
	const size_t count = list->folder ? list->count : 0;
	const struct folder *inbox = find(l, "INBOX");
	list->separator = l->spaces.own ? l->spaces.separator : inbox ? inbox->separator : count ? list->folder[0].separator : '\0';
	list->prefix = l->spaces.own ? x_strdup(l->spaces.own) : guess_prefix(list);
	for (const char *s = l->subscribed.data, *end = s + l->subscribed.len; s < end; s += strlen(s) + 1) {
		struct folder *f = find(l, s);
		if (f)
			f->subscribed = true;
	}
	for (size_t i = 0; i < count; i++) {
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
	struct listing listing = { .out = out, .slot = x_calloc(LIST_SLOTS, sizeof(uint32_t)) };
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
	free(listing.slot);
	return ok;
}
