/* Asking for what a folder holds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "providers/imap/session.h"

/* What one command line may hold of UIDs: servers take at least 8,000 bytes (RFC 7162, 4). */
#define SET_TEXT_MAX 7000

int imap_open_folder(struct imap *m, const struct folder *folder, unsigned ask, bool writable, struct error *err)
{
	char *name = imap_quote(folder->wire);
	if (!name)
		return error_set(err, ERR_FOLDER, "the folder's name holds a line break");
	if (m->commands == 0) { /* it begins at once */
		m->box = (struct box){ 0 };
		flags_free(&m->permanent);
	}
	struct command *c = imap_command(m, COMMAND_OPEN, writable ? "SELECT %s" : "EXAMINE %s", name);
	c->ask = ask;
	c->writable = writable; /* only prepare() opens for writing, and asks for nothing else */
	c->wire = x_strdup(folder->wire);
	free(name);
	free(m->open_wire);
	m->open_wire = writable ? NULL : x_strdup(folder->wire); /* what reads opens it anew, read-only */
	return 0;
}

void imap_search(struct imap *m, const struct uid_set *set, uint64_t since, unsigned ask)
{
	char modseq[32] = "";
	CLEANUP(x_free) char *text = set->count ? uid_set_text(set) : x_strdup("1:*");
	bool extended = imap_can(m, "ESEARCH");
	if (since > 0)
		snprintf(modseq, sizeof modseq, " MODSEQ %" PRIu64, since + 1);
	struct command *c = imap_command(m, COMMAND_READ, "UID SEARCH %sUID %s%s", extended ? "RETURN (ALL) " : "", text, modseq);
	c->changed = since > 0;
	c->ask = ask;
	c->want = WANT_UIDS;
	c->extended = extended;
	if (set->count == 0)
		uid_set_add(&c->set, 1, UINT32_MAX);
	for (size_t i = 0; i < set->count; i++)
		uid_set_add(&c->set, set->range[i].first, set->range[i].last);
}

/* By RFC822 a mail is marked as read where the mailbox is open for writing: we read by EXAMINE only. */
static const char *items_of(const struct imap *m, enum want want)
{
	switch (want) {
	case WANT_META:
		return "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]";
	case WANT_HEAD:
		return "BODY.PEEK[HEADER]";
	default:
		return m->courier ? "RFC822" : "BODY.PEEK[]";
	}
}

const struct command *imap_reads_bodies(const struct imap *m, const struct command *before)
{
	for (const struct command *c = before; c > m->command && c[-1].kind != COMMAND_OPEN; c--)
		if (c[-1].kind == COMMAND_READ && c[-1].want == WANT_BODY)
			return &c[-1];
	return NULL;
}

/* Bodies come in the order in which they were asked for: nothing else leaves until those before have come, or, where the line would stand for that long, the folder is to be opened anew (true): the
   server does it only then. For itself that is the dearer way, with many messages. */
static bool wait_turn(struct imap *m)
{
	const struct command *before = m->any_order ? imap_reads_bodies(m, m->command + m->commands) : NULL;
	if (before && stream_is_far(m->stream))
		return true;
	if (before)
		stream_wait(m->stream, before->tag);
	return false;
}

int imap_ask(struct conn *conn, const struct folder *folder, const struct uid_set *set, enum want want, bool fresh, unsigned *ask, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	struct uid_set rest = { 0 };
	*ask = ++m->last_ask;
	bool anew = fresh || !m->open_wire || strcmp(m->open_wire, folder->wire) != 0 || (want == WANT_BODY && wait_turn(m));
	if (anew && imap_open_folder(m, folder, *ask, false, err) < 0)
		return -1;
	if (want == WANT_UIDS) {
		imap_search(m, set, 0, *ask);
		return 0;
	}
	for (size_t i = 0; i < set->count; i++)
		uid_set_add(&rest, set->range[i].first, set->range[i].last);
	struct uid_set part = { 0 };
	while (uid_set_take(&rest, &part, UINT64_MAX, SET_TEXT_MAX) > 0) {
		char *text = uid_set_text(&part);
		struct command *c = imap_command(m, COMMAND_READ, "UID FETCH %s (UID RFC822.SIZE INTERNALDATE FLAGS %s)", text, items_of(m, want));
		free(text);
		c->ask = *ask;
		c->want = want;
		c->form = m->courier && (want == WANT_BODY || want == WANT_DIGEST) ? BODY_WHOLE : BODY_FIRST;
		c->set = part;
		c->wire = x_strdup(folder->wire);
		part = (struct uid_set){ 0 };
	}
	uid_set_free(&rest);
	return 0;
}

int imap_changed(struct conn *conn, const struct folder *folder, const struct uid_set *set, uint64_t since, unsigned *ask, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	*ask = ++m->last_ask;
	if ((!m->open_wire || strcmp(m->open_wire, folder->wire) != 0) && imap_open_folder(m, folder, *ask, false, err) < 0)
		return -1;
	imap_search(m, set, since, *ask);
	return 0;
}
