/* The bytes of one connection. */
#include "providers/imap/stream.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/crash.h"
#include "providers/imap/connect.h"
#include "providers/imap/stream_state.h"
#include "providers/imap/shared.h"
#include "providers/imap/tls.h"
#include "providers/imap/uplink.h"
#include "providers/imap/wire.h"

#define IN_SIZE ((size_t)64 << 10)

/* ---- opening ---- */

static int shake_hands(struct stream *s, struct imap_shared *shared, struct error *err);

int stream_open(struct stream **out, struct imap_shared *shared, const struct imap_options *o, const struct conn_env *env, struct error *err)
{
	int fd = connect_any(o, env, err);
	if (fd < 0)
		return -1;
	struct stream *s = x_calloc(1, sizeof *s);
	s->fd = fd;
	s->starved = -1;
	s->options = o;
	s->env = env;
	s->wire = wire_new(env->wire, o->host, fd);
	s->timeout_ms = o->timeout_ms;
	s->in = x_malloc(IN_SIZE);
	s->stage = x_malloc(STAGE_SIZE);
	s->heard = clock_ms();
	s->until = s->heard + 2 * (int64_t)o->timeout_ms;
	s->far = uplink_is_far(fd);
	if (!stream_is_near(s))
		s->uplink = shared->uplink;
	if (s->uplink && (!env->writer || s->far))
		uplink_join(s->uplink, fd, env->writer);
	if (o->tls == IMAP_IMPLICIT && shake_hands(s, shared, err) < 0) {
		stream_close(&s, false);
		return -1;
	}
	*out = s;
	return 0;
}

static void piece_free(struct piece *p)
{
	if (p->secret && p->text.len > 0)
		OPENSSL_cleanse(p->text.data, p->text.len);
	buf_free(&p->text);
	free(p);
}

void stream_close(struct stream **stream, bool orderly)
{
	struct stream *s = *stream;
	if (!s)
		return;
	if (orderly && !s->dead) {
		struct linger linger = { 0 };
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
		if (s->ssl)
			SSL_shutdown(s->ssl);
	}
	carry_end(s);
	SSL_free(s->ssl);
	ERR_clear_error();
	if (s->uplink)
		uplink_leave(s->uplink, s->fd);
	close(s->fd);
	for (struct piece *p = s->head, *next; p; p = next) {
		next = p->next;
		piece_free(p);
	}
	wire_free(&s->wire);
	OPENSSL_cleanse(s->stage, s->stage_secret ? STAGE_SIZE : 0);
	free(s->in);
	free(s->stage);
	free(s);
	*stream = NULL;
}

/* ---- waiting ---- */

void stream_patience(struct stream *s, unsigned timeout_ms, bool outstanding)
{
	s->timeout_ms = timeout_ms;
	s->outstanding = outstanding;
}

void stream_worked(struct stream *s, int64_t at)
{
	s->worked = at;
}

int64_t stream_worked_at(const struct stream *s)
{
	return s->worked;
}

void stream_signed_in(struct stream *s)
{
	s->until = 0;
	s->worked = clock_ms();
	wire_signed_in(s->wire);
}

struct wire *stream_wire(const struct stream *s)
{
	return s->wire;
}

const char *stream_secured(const struct stream *s)
{
	return s->ssl ? SSL_get_version(s->ssl) : "";
}

static int shake_hands(struct stream *s, struct imap_shared *shared, struct error *err)
{
	if (tls_new(&s->ssl, shared, s->options, s->fd, err) < 0)
		return -1;
	for (;;) {
		ERR_clear_error();
		int ret = SSL_do_handshake(s->ssl);
		if (ret == 1)
			return tls_check_pin(s->ssl, s->options, err);
		int want = SSL_get_error(s->ssl, ret);
		if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
			s->dead = true;
			return tls_error(s->ssl, s->options->host, ret, err);
		}
		if (stream_wait_socket(s, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, false, err) < 0)
			return -1;
	}
}

int stream_start_tls(struct stream *s, struct imap_shared *shared, struct error *err)
{
	if (s->in_at != s->in_len || !stream_idle(s))
		return stream_lost(s, ERR_TLS, "data came before TLS had begun: somebody is in the line", err);
	return shake_hands(s, shared, err);
}

/* ---- reading ---- */

const char *stream_input(const struct stream *s, size_t *len)
{
	*len = s->in_len - s->in_at;
	return s->in + s->in_at;
}

void stream_consume(struct stream *s, size_t len)
{
	s->in_at += len;
	if (s->in_at == s->in_len)
		s->in_at = s->in_len = 0;
}

/* Serves both ways until input is at `to`. */
static long read_wait(struct stream *s, char *to, size_t len, bool may_wake, struct error *err)
{
	bool busy = !stream_idle(s);
	s->drained = false;
	for (;;) {
		if (s->dead)
			return stream_lost(s, ERR_RETRY, "connection lost", err);
		if (stream_is_stopped(s)) /* who has always more for us, be it a little that unpacks to much, never lets us wait */
			return stream_lost(s, ERR_CANCELLED, "stopped", err);
		const char *why;
		if (stream_starved(s) < 0 && clock_ms() > stream_last_moment(s, may_wake, &why))
			return stream_lost(s, ERR_RETRY, why, err);
		if (stream_pump(s, err) < 0)
			return -1;
		long got = carry_in(s, to, len, err);
		if (got)
			return got;
		if (may_wake && busy && stream_idle(s)) { /* a command that was answered before its last byte left is over now */
			s->drained = true;
			return 0;
		}
		bool waits = s->head && s->head->kind == PIECE_WAIT && s->stage_at == s->stage_len;
		bool out = (!stream_idle(s) && !waits && stream_starved(s) < 0 && !s->ssl_wants_read) || s->ssl_wants_write;
		int ready = stream_wait_socket(s, (short)(POLLIN | (out ? POLLOUT : 0)), may_wake, err);
		if (ready <= 0)
			return ready;
	}
}

bool stream_is_far(const struct stream *s)
{
	return s->far;
}

void stream_rests(const struct stream *s)
{
	if (s->uplink)
		uplink_rests(s->uplink, s->fd);
}

void stream_lent(struct stream *s, bool lent)
{
	s->lent = lent;
}

bool stream_drained(const struct stream *s)
{
	return s->drained;
}

int stream_fill(struct stream *s, bool may_wake, struct error *err)
{
	if (s->in_at > 0) {
		memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
		s->in_len -= s->in_at;
		s->in_at = 0;
	}
	if (s->in_len == IN_SIZE)
		return stream_lost(s, ERR_RETRY, "the server sent a line without an end", err);
	long got = read_wait(s, s->in + s->in_len, IN_SIZE - s->in_len, may_wake, err);
	if (got > 0)
		s->in_len += (size_t)got;
	return got > 0 ? 1 : (int)got;
}

long stream_read(struct stream *s, char *to, size_t len, struct error *err)
{
	return read_wait(s, to, len > (1u << 30) ? (1u << 30) : len, false, err);
}

/* ---- writing ---- */

static struct piece *piece_add(struct stream *s, enum piece_kind kind, unsigned tag)
{
	struct piece *p = x_calloc(1, sizeof *p);
	p->kind = kind;
	p->tag = tag;
	if (s->tail)
		s->tail->next = p;
	else
		s->head = p;
	s->tail = p;
	return p;
}

void stream_text(struct stream *s, unsigned tag, const char *text, size_t len)
{
	struct piece *p = s->tail;
	if (!p || p->kind != PIECE_TEXT || p->tag != tag || p->at > 0 || p->secret)
		p = piece_add(s, PIECE_TEXT, tag);
	buf_add(&p->text, text, len);
}

void stream_secret(struct stream *s, unsigned tag, const char *text, size_t len)
{
	if (len == 0)
		return;
	struct piece *p = piece_add(s, PIECE_TEXT, tag);
	p->secret = true;
	memcpy(buf_room(&p->text, len), text, len); /* room for all of it at once: no growing leaves a copy behind */
	p->text.len = len;
}

void stream_blob(struct stream *s, unsigned tag, const struct blob *body)
{
	piece_add(s, PIECE_BLOB, tag)->blob = body;
}

void stream_decides(struct stream *s, bool (*may_run_ahead)(void *owner, unsigned tag, const void *literal), void *owner)
{
	s->may_run_ahead = may_run_ahead;
	s->owner = owner;
}

void stream_literal(struct stream *s, unsigned tag, const void *literal)
{
	piece_add(s, PIECE_LITERAL, tag)->literal = literal;
}

void stream_wait(struct stream *s, unsigned tag)
{
	piece_add(s, PIECE_WAIT, tag);
}

void stream_mark(struct stream *s, unsigned tag, bool *done)
{
	piece_add(s, PIECE_MARK, tag)->mark = done;
}

static void piece_done(struct stream *s)
{
	struct piece *p = s->head;
	s->head = p->next;
	if (!s->head)
		s->tail = NULL;
	piece_free(p);
}

bool stream_go_ahead(struct stream *s)
{
	if (!s->head || s->head->kind != PIECE_WAIT || s->stage_at != s->stage_len)
		return false;
	piece_done(s);
	return true;
}

bool stream_holds(const struct stream *s, unsigned tag)
{
	if (s->stage_mark && s->stage_tag == tag)
		return true;
	for (const struct piece *p = s->head; p && p->tag <= tag; p = p->next) /* commands stand in order */
		if (p->tag == tag)
			return true;
	return false;
}

bool stream_stands(const struct stream *s, unsigned tag)
{
	return s->head && s->head->kind == PIECE_WAIT && s->head->tag == tag && s->stage_at == s->stage_len;
}

static void drop(struct stream *s, unsigned tag, bool waits_only)
{
	struct piece **at = &s->head;
	s->tail = NULL;
	while (*at) {
		struct piece *p = *at;
		if (p->tag == tag && (p->kind == PIECE_WAIT || !waits_only)) {
			*at = p->next;
			piece_free(p);
		} else {
			s->tail = p;
			at = &p->next;
		}
	}
}

void stream_drop(struct stream *s, unsigned tag)
{
	drop(s, tag, false);
}

void stream_answered(struct stream *s, unsigned tag)
{
	drop(s, tag, true);
}

/* Copies what fits of a piece into the stage, and tells the wire log. How many bytes, or -1. */
static long stage_piece(struct stream *s, struct piece *p, struct error *err)
{
	size_t room = STAGE_SIZE - s->stage_len, left = p->text.len - p->at, took = left < room ? left : room;
	char *to = s->stage + s->stage_len;
	if (p->kind == PIECE_BLOB) {
		int grows = blob_grows(p->blob);
		s->starved = grows >= 0 && blob_ready(p->blob) <= p->at ? grows : -1;
		if (s->starved >= 0)
			return 0;
		if (p->at == 0)
			wire_sent_bytes(s->wire, blob_size(p->blob));
		return blob_read(p->blob, p->at, to, room, err);
	}
	memcpy(to, p->text.data + p->at, took);
	s->stage_secret = s->stage_secret || p->secret;
	if (!p->secret)
		wire_sent(s->wire, to, took);
	else if (p->at == 0)
		wire_sent_secret(s->wire);
	return (long)took;
}

static void announce(struct stream *s, struct piece *p)
{
	bool ahead = s->may_run_ahead(s->owner, p->tag, p->literal);
	p->kind = PIECE_TEXT;
	buf_adds(&p->text, ahead ? "+}\r\n" : "}\r\n");
	if (ahead)
		return;
	struct piece *wait = x_calloc(1, sizeof *wait);
	*wait = (struct piece){ .kind = PIECE_WAIT, .tag = p->tag, .next = p->next };
	p->next = wait;
	if (s->tail == p)
		s->tail = wait;
}

/* Takes the next bytes into the stage, up to a wait, a mark, or its size. */
static int stage_fill(struct stream *s, struct error *err)
{
	s->stage_at = s->stage_len = 0;
	s->starved = -1;
	while (s->head && s->stage_len < STAGE_SIZE) {
		struct piece *p = s->head;
		if (p->kind == PIECE_WAIT)
			break;
		if (p->kind == PIECE_LITERAL)
			announce(s, p);
		if (p->kind == PIECE_MARK) {
			s->stage_mark = p->mark;
			s->stage_tag = p->tag;
			piece_done(s);
			break;
		}
		long took = stage_piece(s, p, err);
		if (took < 0) {
			s->dead = true;
			return -1;
		}
		s->stage_len += (size_t)took;
		p->at += (size_t)took;
		if (s->starved >= 0)
			break;
		if (p->at == (p->kind == PIECE_TEXT ? p->text.len : blob_size(p->blob)))
			piece_done(s);
	}
	carry_pack(s);
	return 0;
}

int stream_pump(struct stream *s, struct error *err)
{
	for (;;) {
		if (s->stage_at == s->stage_len) {
			if (s->stage_secret)
				OPENSSL_cleanse(s->stage, s->stage_len);
			s->stage_secret = false;
			if (s->stage_mark)
				*s->stage_mark = true;
			s->stage_mark = NULL;
			if (!s->head || s->head->kind == PIECE_WAIT)
				return 0;
			if (stage_fill(s, err) < 0)
				return -1;
			if (stream_starved(s) >= 0) {
				s->heard = clock_ms();
				s->worked = s->worked ? s->heard : 0;
				return 0;
			}
			if (s->stage_at == s->stage_len)
				continue;
		}
		long put = carry_out(s, err);
		if (put <= 0)
			return (int)put;
		s->stage_at += (size_t)put;
		s->heard = clock_ms();
		if (s->uplink)
			uplink_look(s->uplink);
		if (s->head || s->stage_at < s->stage_len)
			crash_point("partly-sent");
		if (s->worked && s->stage_at == s->stage_len)
			s->worked = s->heard;
	}
}

bool stream_idle(const struct stream *s)
{
	return !s->head && s->stage_at == s->stage_len;
}
