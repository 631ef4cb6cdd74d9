/* The server in memory: its mailboxes, and the rules by which it misbehaves. */
#include "tests/contract/memory_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

/* ---- the server; its lock is held in what follows ---- */

struct box_here *box_find(struct memory *m, const char *wire)
{
	for (size_t i = 0; i < m->boxes; i++)
		if (strcmp(m->box[i].wire, wire) == 0 || (strcasecmp(wire, "INBOX") == 0 && strcasecmp(m->box[i].wire, "INBOX") == 0))
			return &m->box[i];
	return NULL;
}

struct box_here *box_make(struct memory *m, const char *wire)
{
	struct box_here *b = box_find(m, wire);
	if (b)
		return b;
	m->box = x_room(m->box, m->boxes, &m->box_cap, sizeof *m->box);
	b = &m->box[m->boxes++];
	*b = (struct box_here){ .wire = x_strdup(wire), .validity = 1000 + (uint32_t)m->boxes, .next = 1, .modseq = m->counts };
	return b;
}

void box_touch(struct box_here *b)
{
	b->modseq += b->modseq > 0;
}

uint32_t box_put(struct box_here *b, const struct memory_mail *mail)
{
	box_touch(b);
	b->mail = x_room(b->mail, b->count, &b->cap, sizeof *b->mail);
	b->mail[b->count] = *mail;
	b->mail[b->count].uid = b->next;
	b->mail[b->count].modseq = b->modseq;
	b->count++;
	return b->next++;
}

struct box box_now(const struct box_here *b)
{
	uint32_t exists = 0;
	for (size_t i = 0; i < b->count; i++)
		exists += !b->mail[i].hidden;
	return (struct box){ .validity = b->validity, .next = b->next, .exists = exists, .modseq = b->modseq, .known = true, .any_keyword = true };
}

void carry_out_late(struct memory *m)
{
	size_t left = 0;
	for (size_t i = 0; i < m->lates; i++) {
		if (m->late[i].due <= clock_ms())
			box_put(&m->box[m->late[i].box], &m->late[i].mail);
		else
			m->late[left++] = m->late[i];
	}
	m->lates = left;
}

/* Whether such a rule counts for this mail; NULL: for a connection. It is used up by that. */
const struct memory_rule *ruled(struct memory *m, enum memory_fault fault, const char *data, size_t len)
{
	for (size_t i = 0; i < m->rules; i++) {
		struct memory_rule *r = &m->rule[i];
		if (m->spent[i] || r->fault != fault || (r->text && (!data || !memmem(data, len, r->text, strlen(r->text)))))
			continue;
		if (r->times > 0 && --r->times == 0)
			m->spent[i] = true;
		return r;
	}
	return NULL;
}

void mail_drop(struct memory_mail *mail)
{
	flags_free(&mail->flags);
	free(mail->data);
}

/* ---- the test's side ---- */

struct memory *memory_new(const char *prefix, char separator)
{
	struct memory *m = x_calloc(1, sizeof *m);
	pthread_mutex_init(&m->lock, NULL);
	m->prefix = x_strdup(prefix);
	m->separator = separator;
	box_make(m, "INBOX");
	return m;
}

void memory_free(struct memory **server)
{
	struct memory *m = *server;
	if (!m)
		return;
	for (size_t i = 0; i < m->boxes; i++) {
		for (size_t k = 0; k < m->box[i].count; k++)
			mail_drop(&m->box[i].mail[k]);
		free(m->box[i].mail);
		free(m->box[i].wire);
	}
	for (size_t i = 0; i < m->lates; i++)
		mail_drop(&m->late[i].mail);
	free(m->late);
	free(m->box);
	free(m->prefix);
	buf_free(&m->asks);
	pthread_mutex_destroy(&m->lock);
	free(m);
	*server = NULL;
}

void memory_rule(struct memory *m, const struct memory_rule *rule)
{
	pthread_mutex_lock(&m->lock);
	if (m->rules == RULES)
		abort();
	m->spent[m->rules] = false;
	m->rule[m->rules++] = *rule;
	pthread_mutex_unlock(&m->lock);
}

void memory_forgive(struct memory *m)
{
	pthread_mutex_lock(&m->lock);
	m->rules = 0;
	pthread_mutex_unlock(&m->lock);
}

void memory_limit(struct memory *m, size_t max_mail)
{
	m->max_mail = max_mail;
}

void memory_counts(struct memory *m, bool counts)
{
	pthread_mutex_lock(&m->lock);
	m->counts = counts;
	for (size_t i = 0; i < m->boxes; i++)
		m->box[i].modseq = counts;
	pthread_mutex_unlock(&m->lock);
}

void memory_tells(struct memory *m, enum memory_tells tells)
{
	pthread_mutex_lock(&m->lock);
	m->tells = tells;
	pthread_mutex_unlock(&m->lock);
}

void memory_restore(struct memory *m, const char *wire, uint32_t next, uint64_t modseq)
{
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, wire);
	while (b->count > 0 && b->mail[b->count - 1].uid >= next)
		mail_drop(&b->mail[--b->count]);
	b->next = next;
	b->modseq = modseq;
	pthread_mutex_unlock(&m->lock);
}

void memory_forgets(struct memory *m)
{
	memory_counts(m, true);
	m->forgets = true;
}

void memory_flags(struct memory *m, const char *wire, uint32_t uid, const char *flags)
{
	const char *name;
	size_t n;
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, wire);
	for (size_t i = 0; b && i < b->count; i++) {
		if (b->mail[i].uid != uid)
			continue;
		box_touch(b);
		b->mail[i].modseq = b->modseq;
		flags_free(&b->mail[i].flags);
		b->mail[i].flags = (struct flags){ 0 };
		while (flags && (name = flags_next_keyword(&flags, &n)))
			flags_add(&b->mail[i].flags, name, n);
	}
	pthread_mutex_unlock(&m->lock);
}

void memory_renumber(struct memory *m, const char *wire)
{
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, wire);
	b->validity += 500;
	b->next = 1;
	for (size_t i = 0; i < b->count; i++)
		b->mail[i].uid = b->next++;
	pthread_mutex_unlock(&m->lock);
}

void memory_rename(struct memory *m, const char *from, const char *to)
{
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, from);
	if (b) {
		free(b->wire);
		b->wire = x_strdup(to);
	}
	pthread_mutex_unlock(&m->lock);
}

static unsigned locked(struct memory *m, const unsigned *number)
{
	pthread_mutex_lock(&m->lock);
	unsigned n = *number;
	pthread_mutex_unlock(&m->lock);
	return n;
}

unsigned memory_read(struct memory *m, enum want want)
{
	return locked(m, &m->read[want]);
}

const char *memory_asks(const struct memory *m)
{
	return m->asks.data ? m->asks.data : "";
}

unsigned memory_writes(struct memory *m)
{
	return locked(m, &m->writes);
}

unsigned memory_most_open(struct memory *m)
{
	return locked(m, &m->most_open);
}

void memory_quota(struct memory *m, uint64_t used, uint64_t limit)
{
	pthread_mutex_lock(&m->lock);
	m->quota_used = used;
	m->quota_limit = limit;
	pthread_mutex_unlock(&m->lock);
}

uint32_t memory_add(struct memory *m, const char *wire, const char *data, size_t len, const char *flags, int64_t date)
{
	struct memory_mail mail = { .date = date, .data = x_malloc(len + 1), .len = len };
	const char *name;
	size_t n;
	memcpy(mail.data, data, len); /* it may hold a NUL */
	mail.data[len] = '\0';
	while (flags && (name = flags_next_keyword(&flags, &n)))
		flags_add(&mail.flags, name, n);
	pthread_mutex_lock(&m->lock);
	uint32_t uid = box_put(box_make(m, wire), &mail);
	pthread_mutex_unlock(&m->lock);
	return uid;
}

void memory_remove(struct memory *m, const char *wire, uint32_t uid)
{
	pthread_mutex_lock(&m->lock);
	struct box_here *b = box_find(m, wire);
	for (size_t i = 0; b && i < b->count; i++) {
		if (b->mail[i].uid != uid)
			continue;
		box_touch(b);
		mail_drop(&b->mail[i]);
		memmove(&b->mail[i], &b->mail[i + 1], (--b->count - i) * sizeof *b->mail);
	}
	pthread_mutex_unlock(&m->lock);
}

size_t memory_count(struct memory *m, const char *wire)
{
	pthread_mutex_lock(&m->lock);
	carry_out_late(m);
	const struct box_here *b = box_find(m, wire);
	size_t count = b ? b->count : 0;
	pthread_mutex_unlock(&m->lock);
	return count;
}

const struct memory_mail *memory_at(struct memory *m, const char *wire, size_t index)
{
	const struct box_here *b = box_find(m, wire);
	return b && index < b->count ? &b->mail[index] : NULL;
}

unsigned memory_appended(struct memory *m)
{
	return m->appended;
}

unsigned memory_opened(struct memory *m)
{
	return m->opened;
}

unsigned memory_turns(struct memory *m)
{
	return m->turns;
}

void memory_on_ask(struct memory *m, void (*call)(void *ctx), void *ctx)
{
	m->on_ask = call;
	m->on_ask_ctx = ctx;
}

void memory_answers_at(struct memory *m, unsigned batches)
{
	m->answers_at = batches;
}

void memory_on_append(struct memory *m, void (*call)(void *ctx, unsigned batches), void *ctx)
{
	m->on_append = call;
	m->on_append_ctx = ctx;
}
