/* Writing to the server in memory: batches, as its rules have them, and flags. */
#include "tests/contract/memory_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

static int read_batch(struct memory_mail *out, const struct batch *batch, struct error *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct mail *mail = batch->mails[i];
		size_t len = blob_size(mail->body), at = 0;
		out[i] = (struct memory_mail){ .date = mail->date == DATE_UNKNOWN ? clock_now() : mail->date, .data = x_malloc(len + 1), .len = len };
		out[i].data[len] = '\0';
		flags_copy(&out[i].flags, &mail->flags);
		for (long got; at < len; at += (size_t)got)
			if ((got = blob_read(mail->body, at, out[i].data + at, len - at, err)) <= 0)
				return -1;
	}
	return 0;
}

static const struct memory_rule *batch_ruled(struct memory *m, enum memory_fault fault, const struct memory_mail *mails, size_t count)
{
	const struct memory_rule *r = NULL;
	for (size_t i = 0; i < count && !r; i++)
		r = ruled(m, fault, mails[i].data, mails[i].len);
	return r;
}

static bool refused(struct memory *m, const struct memory_mail *mails, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (m->max_mail && mails[i].len > m->max_mail)
			return true;
	return batch_ruled(m, FAULT_REFUSE, mails, count) != NULL;
}

/* Stores one mail as the rules want it; the UID that is told, 0: none. Takes the mail. */
static uint32_t store_one(struct memory *m, struct box_here *b, struct memory_mail *mail)
{
	if (ruled(m, FAULT_ALTER, mail->data, mail->len))
		mail->data[mail->len - 1] ^= 1;
	if (ruled(m, FAULT_REDATE, mail->data, mail->len))
		mail->date += 86400;
	if (ruled(m, FAULT_UNFLAG, mail->data, mail->len))
		flags_free(&mail->flags);
	if (ruled(m, FAULT_TRUNCATE, mail->data, mail->len))
		mail->len -= mail->len / 4;
	if (ruled(m, FAULT_DOUBLE, mail->data, mail->len)) {
		struct memory_mail twin = { .date = mail->date, .data = x_strndup(mail->data, mail->len), .len = mail->len };
		flags_copy(&twin.flags, &mail->flags);
		box_put(b, &twin);
	}
	if (ruled(m, FAULT_DROP, mail->data, mail->len)) {
		mail_drop(mail);
		return b->next++;
	}
	bool wrong = ruled(m, FAULT_WRONG_UID, mail->data, mail->len) != NULL;
	return box_put(b, mail) + (wrong ? 1000 : 0);
}

static void store_late(struct memory *m, const struct box_here *b, const struct memory_mail *mails, size_t count, unsigned late_ms)
{
	m->appended += (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		m->late = x_room(m->late, m->lates, &m->late_cap, sizeof *m->late);
		m->late[m->lates++] = (struct late){ .due = clock_ms() + late_ms, .box = (size_t)(b - m->box), .mail = mails[i] };
	}
}

static void drop_all(struct memory_mail *mails, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mail_drop(&mails[i]);
}

static bool store_all_but(struct memory *m, struct box_here *b, struct memory_mail *mails, size_t count)
{
	if (!batch_ruled(m, FAULT_ALL_BUT, mails, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (ruled(m, FAULT_DROP, mails[i].data, mails[i].len)) {
			mail_drop(&mails[i]);
			continue;
		}
		box_put(b, &mails[i]);
		m->appended++;
	}
	return true;
}

/* A server that is not all or nothing; true: it was. */
static bool store_part(struct memory *m, struct box_here *b, struct memory_mail *mails, size_t count)
{
	size_t bad = 0;
	if (store_all_but(m, b, mails, count))
		return true;
	while (bad < count && !ruled(m, FAULT_PARTIAL, mails[bad].data, mails[bad].len))
		bad++;
	if (bad == count)
		return false;
	for (size_t i = 0; i < bad; i++)
		box_put(b, &mails[i]);
	m->appended += (unsigned)bad;
	drop_all(mails + bad, count - bad);
	return true;
}

static void append_to(struct link *l, struct batch *batch, struct box_here *b, struct memory_mail *mails)
{
	struct memory *m = l->server;
	const struct memory_rule *late;
	batch->complete = true;
	if ((late = batch_ruled(m, FAULT_LATE, mails, batch->count))) {
		store_late(m, b, mails, batch->count, late->late_ms);
		l->dead = true;
		return;
	}
	if (refused(m, mails, batch->count)) {
		drop_all(mails, batch->count);
		error_set(&batch->why, ERR_MESSAGE, "[TOOBIG] this message is not wanted");
		link_event(l, EV_APPENDED, 0)->batch = batch;
		return;
	}
	if (batch_ruled(m, FAULT_BREAK, mails, batch->count)) {
		drop_all(mails, batch->count);
		batch->complete = false;
		l->dead = true;
		return;
	}
	if (store_part(m, b, mails, batch->count)) {
		error_set(&batch->why, ERR_MESSAGE, "not all of this");
		link_event(l, EV_APPENDED, 0)->batch = batch;
		return;
	}
	bool lose = batch_ruled(m, FAULT_LOSE, mails, batch->count), silent = batch_ruled(m, FAULT_NO_UID, mails, batch->count);
	uint32_t *uids = x_calloc(batch->count, sizeof *uids);
	m->appended += (unsigned)batch->count;
	for (size_t i = 0; i < batch->count; i++)
		uids[i] = store_one(m, b, &mails[i]);
	if (lose || silent)
		free(uids);
	if (lose) {
		l->dead = true;
		return;
	}
	batch->done = true;
	batch->validity = silent ? 0 : b->validity;
	batch->uids = silent ? NULL : uids;
	if (m->batches < m->answers_at && l->holds < sizeof l->held / sizeof *l->held) {
		l->held[l->holds++] = batch;
		return;
	}
	for (size_t i = 0; i < l->holds; i++)
		link_event(l, EV_APPENDED, 0)->batch = l->held[i];
	l->holds = 0;
	link_event(l, EV_APPENDED, 0)->batch = batch;
}

int link_append(struct conn *conn, struct batch *batch, struct error *err)
{
	struct link *l = (struct link *)conn;
	struct memory *m = l->server;
	if (link_alive(l, err) < 0)
		return -1;
	struct memory_mail *mails = x_calloc(batch->count, sizeof *mails);
	batch->complete = batch->done = false;
	int ok = read_batch(mails, batch, err);
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, batch->folder->wire);
	unsigned batches = ++m->batches;
	m->writes++;
	m->turns += m->last && m->last != l->number;
	m->last = l->number;
	if (ok == 0 && b)
		append_to(l, batch, b, mails);
	else
		drop_all(mails, batch->count);
	pthread_mutex_unlock(&m->lock);
	free(mails);
	if (ok == 0 && !b)
		ok = error_set(err, ERR_BUG, "append to %s before it was opened", batch->folder->wire);
	if (m->on_append)
		m->on_append(m->on_append_ctx, batches);
	return ok;
}

static void add_flags(struct flags *to, const struct flags *add)
{
	const char *at = add->keywords, *name;
	size_t len;
	to->system |= add->system;
	while (at && (name = flags_next_keyword(&at, &len)))
		flags_add(to, name, len);
}

int link_set_flags(struct conn *conn, const struct folder *folder, const struct flag_change *changes, size_t count, struct error *err)
{
	struct link *l = (struct link *)conn;
	if (link_alive(l, err) < 0)
		return -1;
	pthread_mutex_lock(&l->server->lock);
	l->server->writes++;
	struct box_here *b = box_find(l->server, folder->wire);
	bool there = b && b->validity == folder->box.validity;
	if (there)
		box_touch(b);
	for (size_t i = 0; there && i < count; i++)
		for (size_t k = 0; k < b->count; k++) {
			if (b->mail[k].uid != changes[i].uid)
				continue;
			add_flags(&b->mail[k].flags, &changes[i].add);
			b->mail[k].modseq = b->modseq;
		}
	free(l->open);
	l->open = NULL;
	pthread_mutex_unlock(&l->server->lock);
	return there ? 0 : error_set(err, ERR_FOLDER, "the folder is not there, or was renumbered");
}
