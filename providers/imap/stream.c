/* The bytes of one connection. */
#include "providers/imap/stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "providers/imap/tls.h"

#define IN_SIZE ((size_t)64 << 10)
#define STAGE_SIZE ((size_t)64 << 10)
/* What the kernel may hold unsent: enough to keep the line busy, little enough that a dead client delivers little. */
#define UNSENT_MAX (256 << 10)

enum piece_kind { PIECE_TEXT, PIECE_BLOB, PIECE_WAIT, PIECE_MARK };

struct piece {
	struct piece *next;
	enum piece_kind kind;
	unsigned tag;
	struct buf text;
	const struct blob *blob;
	bool *mark;
	size_t at;
};

struct stream {
	int fd;
	SSL *ssl;
	bool dead, writer;
	const char *host;
	const struct conn_env *env;
	unsigned timeout_ms;
	int64_t heard;			/* when a byte last passed either way */
	char *in;
	size_t in_at, in_len;
	struct piece *head, *tail;
	char *stage;			/* what is on its way to the kernel */
	size_t stage_at, stage_len;
	bool *stage_mark;		/* told when the stage is empty … */
	unsigned stage_tag;		/* … and whose it is */
	bool ssl_wants_read, ssl_wants_write;
};

static int lost(struct stream *s, enum error_class class, const char *what, struct error *err)
{
	s->dead = true;
	return error_set(err, class, "%s: %s", s->host, what);
}

/* ---- connecting ---- */

static void set_options(int fd, bool writer)
{
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (!writer)
		return;
	/* A process that dies must not leave the kernel delivering mail for it: close resets, and little waits unsent. */
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	int unsent = UNSENT_MAX;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static int connect_one(const struct addrinfo *address, const struct conn_env *env, unsigned timeout_ms)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	set_options(fd, env->writer);
	int failed = connect(fd, address->ai_addr, address->ai_addrlen) < 0 ? errno : 0;
	if (failed == EINPROGRESS) {
		struct pollfd p[2] = { { .fd = fd, .events = POLLOUT }, { .fd = env->cancel->fd, .events = POLLIN } };
		int ready = poll(p, 2, (int)timeout_ms);
		socklen_t size = sizeof failed;
		failed = ready == 0 ? ETIMEDOUT : ready < 0 ? errno : p[1].revents ? ECANCELED : 0;
		if (!failed)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	}
	if (!failed)
		return fd;
	close(fd);
	errno = failed;
	return -1;
}

static int connect_any(const struct imap_options *o, const struct conn_env *env, struct error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV }, *found = NULL;
	char port[8];
	snprintf(port, sizeof port, "%u", o->port);
	int code = getaddrinfo(o->host, port, &hints, &found);
	if (code)
		return error_set(err, ERR_RETRY, "the name %s can't be looked up: %s", o->host, code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	int fd = -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
		fd = connect_one(a, env, o->timeout_ms);
	int why = errno;
	freeaddrinfo(found);
	if (fd < 0)
		return error_set(err, why == ECANCELED ? ERR_CANCELLED : ERR_RETRY, "no connection to %s port %u: %s", o->host, o->port, strerror(why));
	return fd;
}

static int shake_hands(struct stream *s, struct imap_shared *shared, const char *ca_file, struct error *err);

int stream_open(struct stream **out, struct imap_shared *shared, const struct imap_options *o, const struct conn_env *env, struct error *err)
{
	int fd = connect_any(o, env, err);
	if (fd < 0)
		return -1;
	struct stream *s = x_calloc(1, sizeof *s);
	s->fd = fd;
	s->host = o->host;
	s->env = env;
	s->writer = env->writer;
	s->timeout_ms = o->timeout_ms;
	s->in = x_malloc(IN_SIZE);
	s->stage = x_malloc(STAGE_SIZE);
	s->heard = clock_ms();
	if (o->tls == IMAP_IMPLICIT && shake_hands(s, shared, o->ca_file, err) < 0) {
		stream_close(&s, false);
		return -1;
	}
	*out = s;
	return 0;
}

static void piece_free(struct piece *p)
{
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
	SSL_free(s->ssl);
	ERR_clear_error();
	close(s->fd);
	for (struct piece *p = s->head, *next; p; p = next) {
		next = p->next;
		piece_free(p);
	}
	free(s->in);
	free(s->stage);
	free(s);
	*stream = NULL;
}

/* ---- waiting ---- */

void stream_patience(struct stream *s, unsigned timeout_ms)
{
	s->timeout_ms = timeout_ms;
}

/* Waits until the socket can do what is wanted. 1: it can; 0: woken; -1. */
static int wait_socket(struct stream *s, short events, bool may_wake, struct error *err)
{
	int64_t left = s->heard + s->timeout_ms - clock_ms();
	if (left <= 0)
		return lost(s, ERR_RETRY, "no answer in time", err);
	struct pollfd p[3] = { { .fd = s->fd, .events = events }, { .fd = s->env->cancel->fd, .events = POLLIN }, { .fd = may_wake ? s->env->wake_fd : -1, .events = POLLIN } };
	int ready = poll(p, 3, left > INT32_MAX ? INT32_MAX : (int)left);
	if (ready < 0 && errno != EINTR)
		return lost(s, ERR_BUG, strerror(errno), err);
	if (ready > 0 && p[1].revents)
		return lost(s, ERR_CANCELLED, "stopped", err);
	if (ready > 0 && !p[0].revents && p[2].revents)
		return 0;
	return 1;
}

static int shake_hands(struct stream *s, struct imap_shared *shared, const char *ca_file, struct error *err)
{
	if (tls_new(&s->ssl, shared, ca_file, s->host, s->fd, err) < 0)
		return -1;
	for (;;) {
		ERR_clear_error();
		int ret = SSL_do_handshake(s->ssl);
		if (ret == 1)
			return 0;
		int want = SSL_get_error(s->ssl, ret);
		if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
			s->dead = true;
			return tls_error(s->ssl, s->host, ret, err);
		}
		if (wait_socket(s, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, false, err) < 0)
			return -1;
	}
}

int stream_start_tls(struct stream *s, struct imap_shared *shared, const char *ca_file, struct error *err)
{
	if (s->in_at != s->in_len || !stream_idle(s))
		return lost(s, ERR_TLS, "data came before TLS had begun: somebody is in the line", err);
	return shake_hands(s, shared, ca_file, err);
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

/* Reads what is there: > 0 bytes, 0 nothing yet, -1. */
static long read_some(struct stream *s, char *to, size_t len, struct error *err)
{
	long got;
	if (s->ssl) {
		ERR_clear_error();
		int ret = SSL_read(s->ssl, to, (int)len);
		int want = ret > 0 ? 0 : SSL_get_error(s->ssl, ret);
		s->ssl_wants_write = want == SSL_ERROR_WANT_WRITE;
		if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE)
			return 0;
		if (ret <= 0) {
			s->dead = true;
			return tls_error(s->ssl, s->host, ret, err);
		}
		got = ret;
	} else {
		got = recv(s->fd, to, len, 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (got <= 0)
			return lost(s, ERR_RETRY, got < 0 ? strerror(errno) : "the server closed the connection", err);
	}
	s->heard = clock_ms();
	return got;
}

/* Serves both ways until input is at `to`. */
static long read_wait(struct stream *s, char *to, size_t len, bool may_wake, struct error *err)
{
	for (;;) {
		if (s->dead)
			return lost(s, ERR_RETRY, "connection lost", err);
		if (stream_pump(s, err) < 0)
			return -1;
		long got = read_some(s, to, len, err);
		if (got)
			return got;
		bool waits = s->head && s->head->kind == PIECE_WAIT && s->stage_at == s->stage_len;
		bool out = (!stream_idle(s) && !waits && !s->ssl_wants_read) || s->ssl_wants_write;
		int ready = wait_socket(s, (short)(POLLIN | (out ? POLLOUT : 0)), may_wake, err);
		if (ready <= 0)
			return ready;
	}
}

int stream_fill(struct stream *s, bool may_wake, struct error *err)
{
	if (s->in_at > 0) {
		memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
		s->in_len -= s->in_at;
		s->in_at = 0;
	}
	if (s->in_len == IN_SIZE)
		return lost(s, ERR_RETRY, "the server sent a line without an end", err);
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
	if (!p || p->kind != PIECE_TEXT || p->tag != tag || p->at > 0)
		p = piece_add(s, PIECE_TEXT, tag);
	buf_add(&p->text, text, len);
}

void stream_blob(struct stream *s, unsigned tag, const struct blob *body)
{
	piece_add(s, PIECE_BLOB, tag)->blob = body;
}

void stream_wait_go_ahead(struct stream *s, unsigned tag)
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
	for (const struct piece *p = s->head; p; p = p->next)
		if (p->tag == tag)
			return true;
	return false;
}

bool stream_stands(const struct stream *s, unsigned tag)
{
	return s->head && s->head->kind == PIECE_WAIT && s->head->tag == tag && s->stage_at == s->stage_len;
}

void stream_drop(struct stream *s, unsigned tag)
{
	struct piece **at = &s->head;
	s->tail = NULL;
	while (*at) {
		struct piece *p = *at;
		if (p->tag == tag) {
			*at = p->next;
			piece_free(p);
		} else {
			s->tail = p;
			at = &p->next;
		}
	}
}

/* Takes the next bytes into the stage, up to a wait, a mark, or its size. */
static int stage_fill(struct stream *s, struct error *err)
{
	s->stage_at = s->stage_len = 0;
	while (s->head && s->stage_len < STAGE_SIZE) {
		struct piece *p = s->head;
		if (p->kind == PIECE_WAIT)
			break;
		if (p->kind == PIECE_MARK) {
			s->stage_mark = p->mark;
			s->stage_tag = p->tag;
			piece_done(s);
			break;
		}
		size_t room = STAGE_SIZE - s->stage_len, took;
		if (p->kind == PIECE_TEXT) {
			took = p->text.len - p->at < room ? p->text.len - p->at : room;
			memcpy(s->stage + s->stage_len, p->text.data + p->at, took);
		} else {
			long got = blob_read(p->blob, p->at, s->stage + s->stage_len, room, err);
			if (got < 0) {
				s->dead = true;
				return -1;
			}
			took = (size_t)got;
		}
		s->stage_len += took;
		p->at += took;
		if (p->at == (p->kind == PIECE_TEXT ? p->text.len : blob_size(p->blob)))
			piece_done(s);
	}
	return 0;
}

/* Hands the stage on: > 0 bytes, 0 not now, -1. */
static long write_some(struct stream *s, struct error *err)
{
	const char *from = s->stage + s->stage_at;
	size_t len = s->stage_len - s->stage_at;
	if (!s->ssl) {
		ssize_t put = send(s->fd, from, len, MSG_NOSIGNAL);
		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		return put < 0 ? lost(s, ERR_RETRY, strerror(errno), err) : put;
	}
	ERR_clear_error();
	int put = SSL_write(s->ssl, from, (int)len);
	int want = put > 0 ? 0 : SSL_get_error(s->ssl, put);
	s->ssl_wants_read = want == SSL_ERROR_WANT_READ;
	if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE)
		return 0;
	if (put > 0)
		return put;
	s->dead = true;
	return tls_error(s->ssl, s->host, put, err);
}

int stream_pump(struct stream *s, struct error *err)
{
	for (;;) {
		if (s->stage_at == s->stage_len) {
			if (s->stage_mark)
				*s->stage_mark = true;
			s->stage_mark = NULL;
			if (!s->head || s->head->kind == PIECE_WAIT)
				return 0;
			if (stage_fill(s, err) < 0)
				return -1;
			if (s->stage_at == s->stage_len)
				continue;
		}
		long put = write_some(s, err);
		if (put <= 0)
			return (int)put;
		s->stage_at += (size_t)put;
		s->heard = clock_ms();
	}
}

bool stream_idle(const struct stream *s)
{
	return !s->head && s->stage_at == s->stage_len;
}
