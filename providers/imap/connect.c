/* Connecting: name, addresses, socket. */
#include "providers/imap/connect.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel may hold unsent: enough to keep the line busy, little enough that a dead client delivers little. */
#define UNSENT_MAX (256 << 10)
/* How long an address that does not answer keeps us from the next: networks whose IPv6 leads nowhere are common. */
#define NEXT_ADDRESS_MS 5000

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

int connect_any(const struct imap_options *o, const struct conn_env *env, struct error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found = NULL;
	char port[8];
	snprintf(port, sizeof port, "%u", o->port);
	int code = getaddrinfo(o->host, port, &hints, &found);
	if (code)
		return error_set(err, ERR_RETRY, "the name %s can't be looked up: %s", o->host, code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	int fd = -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
		fd = connect_one(a, env, a->ai_next && o->timeout_ms > NEXT_ADDRESS_MS ? NEXT_ADDRESS_MS : o->timeout_ms);
	int why = errno;
	freeaddrinfo(found);
	if (fd < 0)
		return error_set(err, why == ECANCELED ? ERR_CANCELLED : ERR_RETRY, "no connection to %s port %u: %s", o->host, o->port, strerror(why));
	return fd;
}
