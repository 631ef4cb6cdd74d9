/* The line without a socket. */
#include "tests/fuzz/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "providers/imap/connect.h"

static struct line *line;

int __wrap_connect_any(const struct imap_options *o, const struct conn_env *env, struct error *err);
ssize_t __wrap_recv(int fd, void *to, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *from, size_t len, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

int __wrap_connect_any(const struct imap_options *o, const struct conn_env *env, struct error *err)
{
	(void)o;
	(void)env;
	(void)err;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* Mostly a few bytes, sometimes many, sometimes nothing yet. */
static size_t next_cut(void)
{
	line->cuts = line->cuts * 6364136223846793005u + 1442695040888963407u;
	uint32_t dice = (uint32_t)(line->cuts >> 33);
	return dice % 5 == 0 ? 0 : dice % 5 == 1 ? dice % 2000 : dice % 7;
}

ssize_t __wrap_recv(int fd, void *to, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	size_t cut = line->cuts ? next_cut() : len;
	if (line->len > 0 && cut == 0) {
		errno = EAGAIN;
		return -1;
	}
	cut = cut < len ? cut : len;
	cut = cut < line->len ? cut : line->len;
	memcpy(to, line->data, cut);
	line->data += cut;
	line->len -= cut;
	return (ssize_t)cut;
}

ssize_t __wrap_send(int fd, const void *from, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	buf_add(&line->sent, from, len);
	return (ssize_t)len;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	(void)timeout;
	for (nfds_t i = 1; i < count; i++)
		fds[i].revents = 0;
	fds[0].revents = fds[0].events;
	return 1;
}

void line_open(struct line *l, const uint8_t *data, size_t len, uint64_t cuts)
{
	*l = (struct line){ .data = data, .len = len, .cuts = cuts };
	if (cancel_init(&l->cancel) < 0)
		abort();
	l->env = (struct conn_env){ .cancel = &l->cancel, .wake_fd = -1, .spool_dir = "/tmp" };
	l->options = (struct imap_options){ .host = "server", .port = 143, .tls = IMAP_PLAIN, .user = "mario", .secret = "s3cr3t-Pass", .timeout_ms = 600000 };
	l->shared = imap_shared_new();
	line = l;
}

void line_close(struct line *l)
{
	buf_free(&l->sent);
	cancel_free(&l->cancel);
	imap_shared_free(&l->shared);
	line = NULL;
}
