/* The dry run reads a little: what looks odd already, and the newest mail as a probe of how fast the source is; in both it looks for what servers are known to
   refuse. In the reader's thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/flow/lane.h"

/* Mail without a Message-ID is where broken headers are; nearly all of it is small. No more than this of a folder is read. */
#define SUSPECT_BYTES 262144
#define SUSPECTS_MAX 200
/* Long enough to see through one round trip, short enough for nobody to mind. Of one folder an account, the largest. */
#define PROBE_BYTES 2000000
#define PROBE_MAIL 64

/* ---- what servers refuse ---- */

static bool is_field_name(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	if (!colon || colon == line)
		return false;
	for (const char *c = line; c < colon; c++)
		if (*c <= ' ' || *c == 127)
			return false;
	return true;
}

/* Each line of it names a field, or goes on with one (RFC 5322, 2.2). */
static bool is_header(const char *text, size_t len)
{
	bool first = true;
	for (const char *end; len > 0; first = false) {
		end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;
		if (line == 0 || (line == 1 && *text == '\r'))
			return !first;
		if ((*text == ' ' || *text == '\t') ? first : !is_field_name(text, line))
			return false;
		text += end ? line + 1 : line;
		len -= end ? line + 1 : line;
	}
	return true;
}

/* What is wrong with it, static; NULL: nothing. */
static const char *fault_of(const struct mail *mail)
{
	size_t size = blob_size(mail->body);
	CLEANUP(x_free) char *text = x_malloc(size + 1);
	struct error ignored;
	long got = size > 0 ? blob_read(mail->body, 0, text, size, &ignored) : 0;
	if (size == 0)
		return N_("this message is empty, and some servers refuse that");
	if (got < 0)
		return NULL;
	if (memchr(text, 0, (size_t)got))
		return N_("this message holds a NUL character, and many servers refuse that");
	return is_header(text, (size_t)got) ? NULL : N_("the header of this message is broken, and some servers refuse that");
}

static int tell(struct lane *lane, struct move *m, const struct mail *mail, struct error *err)
{
	const char *text = fault_of(mail);
	struct problem p = { .account = m->account->row.id, .folder = m->folder, .uid = mail->uid, .side = SIDE_TARGET, .severity = "warning", .code = "may-be-refused", .text = text,
		.hint = N_("a run tries it; if the new server refuses it, it is kept as a file, and everything else goes on"), .message_id = "", .file = "" };
	return text ? pool_problem(lane->pool->flow, m->account, m, &p, err) : 0;
}

/* ---- reading ---- */

static int take(struct lane *lane, struct move *m, struct event *e, bool timed, struct error *err)
{
	if (e->kind == EV_BOX && e->box.validity != m->source_box.validity)
		return error_set(err, ERR_FOLDER, N_("the folder was renumbered meanwhile"));
	if (e->kind == EV_UIDS)
		uid_set_free(&e->uids);
	if (e->kind != EV_MAIL)
		return 0;
	uint64_t bytes = e->mail->body ? blob_size(e->mail->body) : 0;
	int ok = e->mail->body ? tell(lane, m, e->mail, err) : 0;
	atomic_fetch_add(&m->account->looked, e->mail->body != NULL);
	mail_free(&e->mail);
	if (ok == 0 && timed)
		atomic_fetch_add(&lane->pool->flow->count->probed_bytes, bytes);
	return ok;
}

/* The bodies, one after the other; what does not come is a run's to tell. */
static int read_bodies(struct lane *lane, struct move *m, const struct uid_set *set, bool timed, struct error *err)
{
	struct event e = { 0 };
	unsigned number;
	if (set->count == 0)
		return 0;
	if (lane->source->ops->ask(lane->source, m->source, set, WANT_BODY, false, &number, err) < 0)
		return -1;
	while (!(e.kind == EV_ASKED && e.ask == number))
		if (ahead_next(lane, &e, err) < 0 || take(lane, m, &e, timed, err) < 0)
			return -1;
	if (e.err.class != ERR_THROTTLED)
		return 0;
	*err = e.err;
	return -1;
}

/* Takes nothing that was read before. */
static int probe(struct lane *lane, struct move *m, const struct uid_set *before, struct error *err)
{
	struct uid_set newest = { 0 }, set = { 0 };
	if (m->account->moves != m)
		return 0;
	if (store_newest(lane->pool->flow->store, m->folder, PROBE_BYTES, PROBE_MAIL, &newest, err) < 0)
		return -1;
	for (size_t i = 0; i < newest.count; i++)
		for (uint64_t u = newest.range[i].first; u <= newest.range[i].last; u++)
			if (!uid_set_has(before, (uint32_t)u))
				uid_set_add(&set, (uint32_t)u, (uint32_t)u);
	int64_t began = clock_ms();
	int ok = read_bodies(lane, m, &set, true, err);
	if (set.count > 0)
		atomic_fetch_add(&lane->pool->flow->count->probed_ms, (unsigned long long)(clock_ms() - began) + 1);
	uid_set_free(&newest);
	uid_set_free(&set);
	return ok;
}

static int look(struct lane *lane, struct move *m, struct error *err)
{
	struct uid_set suspects = { 0 };
	int ok = store_suspects(lane->pool->flow->store, m->folder, SUSPECT_BYTES, SUSPECTS_MAX, &suspects, err);
	if (ok == 0)
		ok = read_bodies(lane, m, &suspects, false, err);
	if (ok == 0)
		ok = probe(lane, m, &suspects, err);
	uid_set_free(&suspects);
	return ok;
}

/* ---- what the job leaves out ---- */

static int tell_deleted(struct lane *lane, struct move *m, struct error *err)
{
	struct uid_set set = { 0 };
	char text[120];
	struct problem p = { .account = m->account->row.id, .folder = m->folder, .side = SIDE_SOURCE, .severity = "note", .code = "deleted-mail", .text = text,
		.hint = N_("to have them too, without the mark: messages: { deleted: copy } in the job file"), .message_id = "", .file = "" };
	if (m->account->job->messages.deleted == DELETED_COPY)
		return 0;
	int ok = store_uids(lane->pool->flow->store, m->folder, WHICH_DELETED, &set, err);
	uint64_t marked = uid_set_size(&set);
	uid_set_free(&set);
	if (ok < 0 || marked == 0)
		return ok;
	snprintf(text, sizeof text, "messages marked as deleted, and therefore left out: %llu", (unsigned long long)marked);
	return pool_problem(lane->pool->flow, m->account, m, &p, err);
}

/* Which of them the new server keeps it says only to somebody who opens a folder for writing: that is a run's to tell. */
static int count_labelled(struct lane *lane, struct move *m, struct error *err)
{
	struct uid_set set = { 0 };
	int ok = store_uids(lane->pool->flow->store, m->folder, WHICH_LABELLED, &set, err);
	atomic_fetch_add(&m->account->labelled, uid_set_size(&set));
	uid_set_free(&set);
	return ok;
}

int foresee_folder(struct lane *lane, struct move *m, struct error *err)
{
	return tell_deleted(lane, m, err) < 0 || count_labelled(lane, m, err) < 0 ? -1 : look(lane, m, err);
}
