/* A server played by the test: a listening socket on loopback, a script, a thread that follows it. A line of the script begins with
     S  sends the rest (%t: the tag of the command that was read last; CRLF is added)
     s  the same without CRLF
     C  reads a line, which has to contain the rest
     B  reads so many bytes and drops them
     Q  has to find the line quiet for so many milliseconds
     X  closes at once (a reset when the rest is "reset")
     H  holds the line until the client closes it
     h  the same, and reads nothing more
   What goes wrong is told by peer_end, in the test's own thread. */
#ifndef TEST_IMAP_PEER_H
#define TEST_IMAP_PEER_H

#include "tests/unit/imap/help.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/cancel.h"
#include "providers/imap/imap.h"
#include "providers/imap/stream.h"

struct peer {
	int listener, fd;
	unsigned port;
	pthread_t thread;
	const char *const *script;
	char tag[32], wrong[400];
	struct cancel cancel;
	struct conn_env env;
	struct imap_options options;
	struct imap_shared *shared;
};

static inline void peer_listen(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	*p = (struct peer){ .fd = -1 };
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &len), 0);
	p->port = ntohs(at.sin_port);
	assert_int_equal(cancel_init(&p->cancel), 0);
	p->env = (struct conn_env){ .cancel = &p->cancel, .wake_fd = -1, .spool_dir = "/tmp" };
	p->options = (struct imap_options){ .host = "127.0.0.1", .port = p->port, .tls = IMAP_PLAIN, .user = "mario", .secret = "secret", .timeout_ms = 5000 };
	p->shared = imap_shared_new();
}

static inline int peer_accept(struct peer *p)
{
	struct timeval limit = { .tv_sec = 10 };
	p->fd = accept(p->listener, NULL, NULL);
	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	return p->fd;
}

/* Without a thread: a stream whose other end is p->fd, the caller's to close. */
static inline struct stream *peer_stream(struct peer *p)
{
	struct stream *s = NULL;
	struct error err;
	if (stream_open(&s, p->shared, &p->options, &p->env, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(peer_accept(p) >= 0);
	return s;
}

static inline bool peer_send(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = send(fd, data, len, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		data += put;
		len -= (size_t)put;
	}
	return true;
}

static inline void peer_say(struct peer *p, const char *text, bool line)
{
	struct buf out = { 0 };
	for (const char *at = text; *at; at++) {
		if (at[0] == '%' && at[1] == 't') {
			buf_adds(&out, p->tag);
			at++;
		} else {
			buf_addc(&out, *at);
		}
	}
	if (line)
		buf_adds(&out, "\r\n");
	if (out.len > 0)
		peer_send(p->fd, out.data, out.len);
	buf_free(&out);
}

static inline bool peer_read_line(struct peer *p, char *line, size_t cap)
{
	size_t len = 0;
	while (len + 1 < cap && recv(p->fd, line + len, 1, 0) == 1) {
		if (line[len++] == '\n') {
			line[len] = '\0';
			return true;
		}
	}
	line[len] = '\0';
	return false;
}

static inline bool peer_hear(struct peer *p, const char *want)
{
	char line[8192];
	if (!peer_read_line(p, line, sizeof line) || !strstr(line, want)) {
		snprintf(p->wrong, sizeof p->wrong, "\"%.150s\" instead of \"%.150s\"", line, want);
		return false;
	}
	if (line[0] == 'T')
		snprintf(p->tag, sizeof p->tag, "%.*s", (int)strcspn(line, " "), line);
	return true;
}

static inline bool peer_step(struct peer *p, const char *step)
{
	char byte, bytes[4096];
	struct pollfd poller = { .fd = p->fd, .events = POLLIN };
	struct linger reset = { .l_onoff = 1 };
	switch (*step) {
	case 'S':
	case 's':
		peer_say(p, step + 1, *step == 'S');
		return true;
	case 'C':
		return peer_hear(p, step + 1);
	case 'B':
		for (ssize_t n = strtol(step + 1, NULL, 10), got; n > 0; n -= got) {
			got = recv(p->fd, bytes, (size_t)n < sizeof bytes ? (size_t)n : sizeof bytes, 0);
			if (got <= 0) {
				snprintf(p->wrong, sizeof p->wrong, "bytes that never came: %zd", n);
				return false;
			}
		}
		return true;
	case 'Q':
		if (poll(&poller, 1, (int)strtol(step + 1, NULL, 10)) == 0 || recv(p->fd, &byte, 1, MSG_PEEK) <= 0)
			return true; /* an end is quiet, too */
		snprintf(p->wrong, sizeof p->wrong, "something came before the go-ahead");
		return false;
	case 'H':
		while (recv(p->fd, &byte, 1, 0) == 1)
			;
		return true;
	case 'h':
		poller.events = POLLRDHUP;
		poll(&poller, 1, 10000);
		return true;
	default:
		if (strcmp(step + 1, "reset") == 0)
			setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		return false;
	}
}

static inline void *peer_main(void *pointer)
{
	struct peer *p = pointer;
	peer_accept(p);
	for (const char *const *at = p->script; *at && peer_step(p, *at); at++)
		;
	close(p->fd);
	return NULL;
}

static inline void peer_thread(struct peer *p, const char *const *script)
{
	p->script = script;
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

/* The script is a list with NULL at its end; it outlives the peer. */
static inline void peer_start(struct peer *p, const char *const *script)
{
	peer_listen(p);
	peer_thread(p, script);
}

static inline void peer_close(struct peer *p)
{
	close(p->listener);
	cancel_free(&p->cancel);
	imap_shared_free(&p->shared);
}

static inline void peer_end(struct peer *p)
{
	pthread_join(p->thread, NULL);
	peer_close(p);
	if (p->wrong[0])
		fail_msg("the server read %s", p->wrong);
}

#endif
