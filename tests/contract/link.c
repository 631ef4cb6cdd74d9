/* One connection to the server in memory: opening, listing, asking. */
#include "tests/contract/memory_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/pace.h"
#include "core/base/text.h"
#include "core/mail/proof.h"

struct event *link_event(struct link *l, enum event_kind kind, unsigned ask)
{
	l->ready = x_room(l->ready, l->count, &l->cap, sizeof *l->ready);
	l->ready[l->count] = (struct event){ .kind = kind, .ask = ask };
	return &l->ready[l->count++];
}

int link_alive(const struct link *l, struct error *err)
{
	if (cancel_fired(l->env->cancel))
		return error_set(err, ERR_CANCELLED, "stopped");
	return l->dead ? error_set(err, ERR_RETRY, "connection lost") : 0;
}

static int link_list(struct conn *conn, struct folder_list *out, struct error *err)
{
	struct link *l = (struct link *)conn;
	struct memory *m = l->server;
	*out = (struct folder_list){ 0 };
	if (link_alive(l, err) < 0)
		return -1;
	pthread_mutex_lock(&m->lock);
	carry_out_late(m);
	out->folder = x_calloc(m->boxes, sizeof *out->folder);
	out->count = out->cap = m->boxes;
	out->prefix = x_strdup(m->prefix);
	out->separator = m->separator;
	for (size_t i = 0; i < m->boxes; i++) {
		const struct box_here *b = &m->box[i];
		char *name = text_from_utf7(b->wire);
		out->folder[i] = (struct folder){ .wire = x_strdup(b->wire), .name = name ? name : x_strdup(b->wire), .separator = m->separator, .selectable = true,
			.subscribed = b->subscribed, .role = strcasecmp(b->wire, "INBOX") == 0 ? ROLE_INBOX : ROLE_NONE, .box = box_now(b) };
		out->folder[i].box.any_keyword = false;
		if (m->forgets)
			out->folder[i].box.modseq = 2;
	}
	pthread_mutex_unlock(&m->lock);
	return 0;
}

/* The body as it is told this time. */
static int fill_body(struct link *l, struct mail *out, const struct memory_mail *from, enum want want, struct error *err)
{
	CLEANUP(x_free) char *told = x_malloc(from->len + 1);
	memcpy(told, from->data, from->len);
	if (ruled(l->server, FAULT_MISREAD, from->data, from->len))
		told[from->len - 1] ^= 1;
	if (want == WANT_BODY)
		return blob_new(&out->body, from->len, l->env->spool_dir, err) < 0 ? -1 : blob_add(out->body, told, from->len, err);
	struct hasher *h = hasher_new();
	hasher_add(h, told, from->len);
	hasher_end(h, &out->proof);
	hasher_free(&h);
	out->has_proof = true;
	return 0;
}

static int keep_pace(const struct link *l, const struct mail *mail, struct error *err)
{
	bool read = mail && (mail->body || mail->has_proof);
	int64_t wait = read && l->env->pace ? pace_take(l->env->pace, mail->size, clock_ms()) : 0;
	return wait > 0 && cancel_sleep(l->env->cancel, wait) < 0 ? error_set(err, ERR_CANCELLED, "stopped") : 0;
}

static void link_opened(struct link *l, const struct box_here *b, unsigned ask)
{
	struct event *e = link_event(l, EV_BOX, ask);
	e->box = box_now(b);
	if (l->server->forgets)
		e->box.modseq = 0;
}

static int fill_mail(struct link *l, struct mail *out, const struct memory_mail *from, enum want want, struct error *err)
{
	out->uid = from->uid;
	out->size = (uint32_t)from->len;
	out->date = from->date;
	flags_copy(&out->flags, &from->flags);
	identity_of(&out->id, l->digest, from->data, from->len);
	out->has_id = want != WANT_META;
	if (want != WANT_META && ruled(l->server, FAULT_NO_BODY, from->data, from->len)) {
		out->has_id = false;
		out->id = (struct identity){ 0 };
		return 0;
	}
	if (want == WANT_META)
		out->id = (struct identity){ .msgid = out->id.msgid };
	if (ruled(l->server, FAULT_MISDATE, from->data, from->len))
		out->date += 3600;
	return want == WANT_BODY || want == WANT_DIGEST ? fill_body(l, out, from, want, err) : 0;
}

static int read_changed(struct link *l, const struct box_here *b, const struct uid_set *set, uint64_t since, unsigned ask)
{
	struct uid_set found = { 0 };
	for (size_t i = 0; i < b->count && l->server->tells == TELLS_CHANGES; i++)
		if (b->mail[i].modseq > since && uid_set_has(set, b->mail[i].uid))
			uid_set_add(&found, b->mail[i].uid, b->mail[i].uid);
	link_event(l, EV_UIDS, ask)->uids = found;
	struct event *over = link_event(l, EV_ASKED, ask);
	if (l->server->tells == TELLS_NO)
		error_set(&over->err, ERR_RETRY, "MODSEQ is not wanted");
	return 0;
}

static int read_box(struct link *l, const struct box_here *b, const struct uid_set *set, enum want want, unsigned ask, struct error *err)
{
	struct uid_set found = { 0 };
	for (size_t i = 0; i < b->count; i++) {
		const struct memory_mail *mail = &b->mail[i];
		if (mail->hidden || (set->count > 0 && !uid_set_has(set, mail->uid)))
			continue;
		if (want == WANT_UIDS) {
			uid_set_add(&found, mail->uid, mail->uid);
			continue;
		}
		l->server->read[want]++;
		if (ruled(l->server, FAULT_READ_BREAK, mail->data, mail->len)) {
			l->dead = true;
			return 0;
		}
		struct mail *out = mail_new();
		link_event(l, EV_MAIL, ask)->mail = out;
		if (fill_mail(l, out, mail, want, err) < 0)
			return -1;
	}
	if (want == WANT_UIDS)
		link_event(l, EV_UIDS, ask)->uids = found;
	link_event(l, EV_ASKED, ask);
	return 0;
}

struct question {
	const struct uid_set *set;
	enum want want;
	bool fresh;
	uint64_t since;		/* 0: all */
};

static void note(struct memory *m, const struct folder *folder, const struct question *q)
{
	static const char *const wants[] = { [WANT_UIDS] = "UIDS", [WANT_META] = "META", [WANT_HEAD] = "HEAD", [WANT_BODY] = "BODY", [WANT_DIGEST] = "DIGEST" };
	pthread_mutex_lock(&m->lock);
	buf_addf(&m->asks, "%s %s\n", wants[q->want], folder->wire);
	pthread_mutex_unlock(&m->lock);
}

static int question(struct conn *conn, const struct folder *folder, const struct question *q, unsigned *ask, struct error *err)
{
	struct link *l = (struct link *)conn;
	int ok = 0;
	if (link_alive(l, err) < 0)
		return -1;
	*ask = ++l->last_ask;
	note(l->server, folder, q);
	if (l->server->on_ask)
		l->server->on_ask(l->server->on_ask_ctx);
	pthread_mutex_lock(&l->server->lock);
	carry_out_late(l->server);
	const struct box_here *b = box_find(l->server, folder->wire);
	if (!b) {
		error_set(&link_event(l, EV_ASKED, *ask)->err, ERR_FOLDER, "no such mailbox");
		free(l->open);
		l->open = NULL;
	} else {
		if (q->fresh || !l->open || strcmp(l->open, folder->wire) != 0)
			link_opened(l, b, *ask);
		free(l->open);
		l->open = x_strdup(folder->wire);
		ok = q->since ? read_changed(l, b, q->set, q->since, *ask) : read_box(l, b, q->set, q->want, *ask, err);
	}
	pthread_mutex_unlock(&l->server->lock);
	return ok;
}

static int link_ask(struct conn *conn, const struct folder *folder, const struct uid_set *set, enum want want, bool fresh, unsigned *ask, struct error *err)
{
	return question(conn, folder, &(struct question){ .set = set, .want = want, .fresh = fresh }, ask, err);
}

static int link_changed(struct conn *conn, const struct folder *folder, const struct uid_set *set, uint64_t since, unsigned *ask, struct error *err)
{
	return question(conn, folder, &(struct question){ .set = set, .want = WANT_UIDS, .since = since }, ask, err);
}

static int link_next(struct conn *conn, struct event *out, struct error *err)
{
	struct link *l = (struct link *)conn;
	*out = (struct event){ 0 };
	if (cancel_fired(l->env->cancel))
		return error_set(err, ERR_CANCELLED, "stopped");
	if (l->at < l->count) {
		if (keep_pace(l, l->ready[l->at].mail, err) < 0)
			return -1;
		*out = l->ready[l->at++];
		if (l->at == l->count)
			l->at = l->count = 0;
		return 0;
	}
	if (link_alive(l, err) < 0)
		return -1;
	if (l->env->wake_fd < 0)
		return 0;
	struct pollfd p[2] = { { .fd = l->env->cancel->fd, .events = POLLIN }, { .fd = l->env->wake_fd, .events = POLLIN } };
	int ready;
	while ((ready = poll(p, 2, l->holds > 0 ? 10000 : -1)) < 0 && errno == EINTR)
		;
	if (ready == 0)
		return error_set(err, ERR_RETRY, "no answer in time");
	return p[0].revents ? error_set(err, ERR_CANCELLED, "stopped") : 0;
}

static const char *link_capabilities(const struct conn *conn)
{
	(void)conn;
	return "IMAP4rev1 UIDPLUS MULTIAPPEND";
}

static int link_describe(struct conn *conn, struct door_facts *out, struct error *err)
{
	const struct link *l = (const struct link *)conn;
	*out = (struct door_facts){ .append_limit = l->server->max_mail, .mechanism = "PLAIN" };
	if (link_alive(l, err) < 0)
		return -1;
	pthread_mutex_lock(&l->server->lock);
	out->has_quota = l->server->quota_limit > 0;
	out->quota_used = l->server->quota_used;
	out->quota_limit = l->server->quota_limit;
	pthread_mutex_unlock(&l->server->lock);
	return 0;
}

static void link_close(struct conn **conn, bool orderly)
{
	struct link *l = (struct link *)*conn;
	(void)orderly;
	if (!l)
		return;
	pthread_mutex_lock(&l->server->lock);
	l->server->open_now--;
	pthread_mutex_unlock(&l->server->lock);
	for (size_t i = l->at; i < l->count; i++) {
		uid_set_free(&l->ready[i].uids);
		mail_free(&l->ready[i].mail);
	}
	free(l->ready);
	free(l->open);
	digest_free(&l->digest);
	free(l);
	*conn = NULL;
}

static int link_prepare(struct conn *conn, const struct folder *folder, bool exists, unsigned *ask, struct error *err)
{
	struct link *l = (struct link *)conn;
	if (link_alive(l, err) < 0)
		return -1;
	*ask = ++l->last_ask;
	pthread_mutex_lock(&l->server->lock);
	l->server->writes++;
	struct box_here *b = exists ? box_find(l->server, folder->wire) : box_make(l->server, folder->wire);
	if (b) {
		b->subscribed |= folder->subscribed;
		link_opened(l, b, *ask);
	}
	struct event *over = link_event(l, EV_ASKED, *ask);
	if (!b)
		error_set(&over->err, ERR_FOLDER, "no such mailbox");
	free(l->open);
	l->open = NULL;
	pthread_mutex_unlock(&l->server->lock);
	return 0;
}

static const struct conn_ops link_ops = {
	.list = link_list,
	.ask = link_ask,
	.changed = link_changed,
	.next = link_next,
	.capabilities = link_capabilities,
	.describe = link_describe,
	.close = link_close,
	.prepare = link_prepare,
	.append = link_append,
	.set_flags = link_set_flags,
};

int memory_open(struct conn **out, struct memory *m, const struct conn_env *env, struct error *err)
{
	pthread_mutex_lock(&m->lock);
	unsigned number = ++m->opened;
	bool login = ruled(m, FAULT_LOGIN, NULL, 0), down = ruled(m, FAULT_DOWN, NULL, 0);
	pthread_mutex_unlock(&m->lock);
	if (login)
		return error_set(err, ERR_LOGIN, "[AUTHENTICATIONFAILED] wrong password");
	if (down)
		return error_set(err, ERR_RETRY, "no connection");
	struct link *l = x_calloc(1, sizeof *l);
	pthread_mutex_lock(&m->lock);
	m->open_now++;
	m->most_open = m->open_now > m->most_open ? m->open_now : m->most_open;
	pthread_mutex_unlock(&m->lock);
	l->conn.ops = &link_ops;
	l->server = m;
	l->number = number;
	l->env = env;
	l->digest = digest_new();
	*out = &l->conn;
	return 0;
}
