/* Bodies on their way in, and FETCH responses made into mails. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/pace.h"
#include "core/mail/proof.h"
#include "providers/imap/session.h"

/* No mail of this size exists; a server that announces one is not believed. */
#define BODY_MAX ((uint64_t)2 << 30)

/* So many bytes of a body are something got done: less than a thousand a second, and the server is given up at last. */
#define WORK_BYTES ((uint64_t)64 << 10)

/* What the body that arrives now is for. Bodies and digests are never open at the same time over the same messages, and
   a server answers in any order: the oldest open command that wants a literal tells the kind. */
static enum want wanted(const struct imap *m)
{
	const char *text = m->frame.text.data;
	size_t len = m->frame.text.len;
	bool head = len > 9 && memmem(text, len, "BODY[HEADER]", 12) != NULL;
	for (size_t i = 0; i < m->commands; i++) {
		enum want want = m->command[i].want;
		if (m->command[i].kind != COMMAND_READ || want == WANT_UIDS || want == WANT_META || (want == WANT_HEAD) != head)
			continue;
		return want;
	}
	return WANT_META; /* nobody's: read over it */
}

static int sink_begin(void *ctx, uint64_t size, struct error *err)
{
	struct imap *m = ctx;
	struct arriving *a = &m->arriving;
	if (size > BODY_MAX)
		return error_set(err, ERR_RETRY, "the server announces a mail of %llu bytes", (unsigned long long)size);
	imap_body_reset(m);
	a->seen = true;
	a->want = wanted(m);
	a->length = size;
	a->counted = 0;
	a->worked = stream_worked_at(m->stream);
	if (a->want == WANT_DIGEST && !a->hasher)
		a->hasher = hasher_new();
	else if (a->want == WANT_DIGEST)
		hasher_start(a->hasher);
	if (a->want == WANT_BODY && blob_new(&a->blob, (size_t)size, m->env->spool_dir, err) < 0)
		return -1;
	imap_early_begin(m);
	return 0;
}

/* Takes note of what passes, and keeps the header for the identity. */
static void keep_head(struct imap *m, const char *data, size_t len)
{
	struct arriving *a = &m->arriving;
	a->counted += len;
	if (a->counted >= WORK_BYTES) {
		a->counted = 0;
		stream_worked(m->stream, clock_ms());
	}
	size_t room = IDENTITY_HEADER_MAX - a->head.len;
	if (a->want == WANT_META || a->head_whole || room == 0)
		return;
	size_t from = a->head.len > 3 ? a->head.len - 3 : 0;
	buf_add(&a->head, data, len < room ? len : room);
	a->head_whole = memmem(a->head.data + from, a->head.len - from, "\n\r\n", 3) || memmem(a->head.data + from, a->head.len - from, "\n\n", 2);
}

static void keep_tail(struct arriving *a, const char *data, size_t len)
{
	if (a->want != WANT_BODY && a->want != WANT_DIGEST)
		return;
	size_t keep = len >= sizeof a->tail ? 0 : sizeof a->tail - len < a->tail_len ? sizeof a->tail - len : a->tail_len;
	if (len > sizeof a->tail) {
		data += len - sizeof a->tail;
		len = sizeof a->tail;
	}
	memmove(a->tail, a->tail + a->tail_len - keep, keep);
	memcpy(a->tail + keep, data, len);
	a->tail_len = keep + len;
}

/* limits.rate. Our own pause is none of the server's. */
static int keep_pace(struct imap *m, size_t len, struct error *err)
{
	int64_t wait = m->env->pace ? pace_take(m->env->pace, len, clock_ms()) : 0;
	if (wait == 0)
		return 0;
	if (cancel_sleep(m->env->cancel, wait) < 0)
		return error_set(err, ERR_CANCELLED, "stopped");
	m->arriving.worked += wait;
	stream_worked(m->stream, stream_worked_at(m->stream) + wait);
	return 0;
}

static int sink_data(void *ctx, const char *data, size_t len, struct error *err)
{
	struct imap *m = ctx;
	struct arriving *a = &m->arriving;
	keep_head(m, data, len);
	keep_tail(a, data, len);
	if (a->want == WANT_DIGEST)
		hasher_add(a->hasher, data, len);
	if (a->may_be_early && a->head_whole)
		imap_early_offer(m);
	if (a->blob && blob_add(a->blob, data, len, err) < 0)
		return -1;
	return keep_pace(m, len, err);
}

static char *sink_room(void *ctx, size_t *len)
{
	struct imap *m = ctx;
	if (!m->arriving.blob || m->arriving.may_be_early || m->env->pace) /* its header is looked at first; a pace wants small pieces */
		return NULL;
	return blob_room(m->arriving.blob, len);
}

static int sink_filled(void *ctx, size_t len, struct error *err)
{
	struct imap *m = ctx;
	struct arriving *a = &m->arriving;
	size_t room = len;
	const char *data = blob_room(a->blob, &room);
	(void)err;
	keep_head(m, data, len);
	keep_tail(a, data, len);
	blob_filled(a->blob, len);
	return 0;
}

struct sink imap_sink(struct imap *m)
{
	return (struct sink){ .begin = sink_begin, .data = sink_data, .room = sink_room, .filled = sink_filled, .ctx = m };
}

void imap_body_reset(struct imap *m)
{
	struct arriving *a = &m->arriving;
	imap_early_end(m, NULL);
	a->may_be_early = false;
	blob_free(&a->blob);
	buf_reset(&a->head);
	a->seen = a->head_whole = false;
	a->tail_len = 0;
	if (a->head.cap > 64 << 10)
		buf_free(&a->head);
}

/* Which kind of READ these items answer. */
static bool answers(const struct imap *m, const struct command *c, const struct fetched *f)
{
	if (c->kind != COMMAND_READ || c->want == WANT_UIDS || !uid_set_has(&c->set, f->uid) || uid_set_has(&c->found, f->uid))
		return false; /* nothing twice, or it would never end */
	if (c->want == WANT_META)
		return f->msgid_known;
	if (f->msgid_known)
		return false;
	/* a body came for it, or the server has none: NIL */
	return (c->form == BODY_PLAIN || c->form == BODY_WHOLE) == f->plain && (!m->arriving.seen || m->arriving.want == c->want);
}

struct command *imap_asked_for(struct imap *m, const struct fetched *f)
{
	if (!f->uid_known || !f->flags_known || !f->size_known || !f->date_known)
		return NULL;
	for (size_t i = 0; i < m->commands && m->command[i].kind != COMMAND_OPEN; i++) /* what is behind it is about a folder that is not open yet */
		if (answers(m, &m->command[i], f))
			return &m->command[i];
	return NULL;
}

struct mail *imap_take_mail(struct imap *m, struct fetched *f, enum want want)
{
	struct arriving *a = &m->arriving;
	struct mail *mail = mail_new();
	mail->uid = f->uid;
	mail->size = f->size;
	mail->date = f->date;
	mail->flags = f->flags;
	f->flags = (struct flags){ 0 };
	mail->id.msgid = f->msgid;
	if (a->seen && want != WANT_META) {
		identity_of(&mail->id, m->digest, a->head.data ? a->head.data : "", a->head.len);
		mail->has_id = true;
		if (mail->date != DATE_UNKNOWN && mail->date > clock_now() - MAIL_LATELY)
			mail->sender = identity_sender(a->head.data ? a->head.data : "", a->head.len);
	}
	if (a->seen && want == WANT_DIGEST) {
		hasher_end(a->hasher, &mail->proof);
		mail->has_proof = true;
	}
	if (want == WANT_BODY) {
		if (a->blob && !a->early)
			blob_end(a->blob, true);
		mail->body = a->blob;
		a->blob = NULL;
	}
	return mail;
}
