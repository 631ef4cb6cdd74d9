/* Bytes between a stream and the kernel: through TLS if there is any, and above it through deflate (RFC 4978). */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "providers/imap/deflate.h"
#include "providers/imap/stream.h"
#include "providers/imap/stream_state.h"
#include "providers/imap/tls.h"
#include "providers/imap/uplink.h"

#define MB(bytes) ((double)(bytes) / 1e6)

int stream_lost(struct stream *s, enum error_class class, const char *what, struct error *err)
{
	s->dead = true;
	return error_set(err, class, "%s: %s", s->options->host, what);
}

/* ---- compression ---- */

bool stream_is_near(const struct stream *s)
{
	union address { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } there = { 0 }, here = { 0 };
	socklen_t there_len = sizeof there, here_len = sizeof here;
	if (getpeername(s->fd, &there.any, &there_len) < 0 || getsockname(s->fd, &here.any, &here_len) < 0)
		return true;
	if (there.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&there.v6.sin6_addr) || IN6_ARE_ADDR_EQUAL(&there.v6.sin6_addr, &here.v6.sin6_addr);
	return ntohl(there.v4.sin_addr.s_addr) >> 24 == 127 || there.v4.sin_addr.s_addr == here.v4.sin_addr.s_addr;
}

void stream_compress(struct stream *s)
{
	size_t room, unread = s->in_len - s->in_at;
	s->deflate = deflate_new();
	memcpy(deflate_room(s->deflate, &room), s->in + s->in_at, unread);
	deflate_got(s->deflate, unread);
	s->in_at = s->in_len = 0;
	free(s->stage);
	s->stage = x_malloc(DEFLATE_ROOM(STAGE_SIZE));
	s->packed = x_malloc(DEFLATE_ROOM(STAGE_SIZE));
}

bool stream_garbled(const struct stream *s)
{
	return s->garbled;
}

void carry_end(struct stream *s)
{
	if (!s->deflate)
		return;
	struct deflate_counts n = deflate_counts(s->deflate);
	log_debug(s->env->log, "%s: compressed: %.1f MB came as %.1f MB, %.1f MB left as %.1f MB", s->options->host, MB(n.in), MB(n.packed_in), MB(n.out), MB(n.packed_out));
	deflate_free(&s->deflate);
	free(s->packed);
}

/* Of SSL_read or SSL_write: > 0 bytes, 0 not now, -1. *wants_other: it first has to go the other way. */
static long tls_result(struct stream *s, int result, int other, bool *wants_other, struct error *err)
{
	int want = result > 0 ? 0 : SSL_get_error(s->ssl, result);
	*wants_other = want == other;
	if (result > 0)
		return result;
	if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE)
		return 0;
	s->dead = true;
	return tls_error(s->ssl, s->options->host, result, err);
}

/* ---- in ---- */

static long receive(struct stream *s, char *to, size_t len, struct error *err)
{
	if (!s->ssl) {
		ssize_t got = recv(s->fd, to, len, 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		return got > 0 ? got : stream_lost(s, ERR_RETRY, got < 0 ? strerror(errno) : "the server closed the connection", err);
	}
	ERR_clear_error();
	return tls_result(s, SSL_read(s->ssl, to, (int)len), SSL_ERROR_WANT_WRITE, &s->ssl_wants_write, err);
}

static void count_in(struct stream *s, size_t wire, size_t plain)
{
	if (s->uplink && !s->env->writer)
		uplink_came(s->uplink, wire, plain);
}

/* What came before is unpacked first; input that unpacks to nothing is none. There is room for a whole TLS record, so that none of it stays where poll
   can't see it. */
static long receive_packed(struct stream *s, char *to, size_t len, struct error *err)
{
	long got = deflate_unpack(s->deflate, to, len);
	if (got == 0) {
		size_t room;
		char *packed = deflate_room(s->deflate, &room);
		long came = receive(s, packed, room, err);
		if (came <= 0)
			return came;
		deflate_got(s->deflate, (size_t)came);
		count_in(s, (size_t)came, 0);
		got = deflate_unpack(s->deflate, to, len);
	}
	if (got >= 0)
		return got;
	s->garbled = true;
	return stream_lost(s, ERR_RETRY, "what the server compressed can't be read", err);
}

long carry_in(struct stream *s, char *to, size_t len, struct error *err)
{
	long got = s->deflate ? receive_packed(s, to, len, err) : receive(s, to, len, err);
	if (got <= 0)
		return got;
	s->heard = clock_ms();
	s->came += (size_t)got;
	count_in(s, s->deflate ? 0 : (size_t)got, (size_t)got);
	return got;
}

/* ---- out ---- */

void carry_pack(struct stream *s)
{
	if (!s->deflate || s->stage_len == 0)
		return;
	char *plain = s->stage;
	s->stage_len = deflate_pack(s->deflate, s->packed, plain, s->stage_len);
	s->stage = s->packed;
	s->packed = plain;
}

long carry_out(struct stream *s, struct error *err)
{
	const char *from = s->stage + s->stage_at;
	size_t len = s->stage_len - s->stage_at;
	if (!s->ssl) {
		ssize_t put = send(s->fd, from, len, MSG_NOSIGNAL);
		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		return put < 0 ? stream_lost(s, ERR_RETRY, strerror(errno), err) : put;
	}
	ERR_clear_error();
	return tls_result(s, SSL_write(s->ssl, from, (int)len), SSL_ERROR_WANT_READ, &s->ssl_wants_read, err);
}
