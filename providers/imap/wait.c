/* Waiting for a connection's socket, and how long. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "providers/imap/stream.h"
#include "providers/imap/stream_state.h"

/* After so many bytes without a wait more will come: we are woken when so much is there, or after so long, not for each piece that the server writes. */
#define GATHER_AFTER 4096
#define GATHER_BYTES 32768
#define GATHER_MS 2
#define LENT_MS 2000

bool stream_is_stopped(struct stream *s)
{
	if (!cancel_fired(s->env->cancel)) {
		s->stop_at = 0;
		return false;
	}
	if (s->stop_at == 0)
		s->stop_at = clock_ms() + LENT_MS;
	return !s->lent || clock_ms() >= s->stop_at;
}

int64_t stream_last_moment(const struct stream *s, bool may_wake, const char **why)
{
	int64_t whole = s->worked && (s->outstanding || !may_wake) ? s->worked + WHOLE_TIMES * (int64_t)s->options->timeout_ms : INT64_MAX;
	*why = s->worked ? "the server talks, and nothing comes of it" : "signing in takes too long";
	return s->until && s->until < whole ? s->until : whole;
}

int stream_starved(const struct stream *s)
{
	return s->stage_at == s->stage_len ? s->starved : -1;
}

static void wake_from(const struct stream *s, int bytes)
{
	setsockopt(s->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

static int gather(const struct stream *s, struct pollfd *p, nfds_t count)
{
	wake_from(s, GATHER_BYTES);
	int ready = poll(p, count, GATHER_MS);
	wake_from(s, 1);
	return ready;
}

int stream_wait_socket(struct stream *s, short events, bool may_wake, struct error *err)
{
	const char *why;
	int64_t end = s->heard + s->timeout_ms, last = stream_last_moment(s, may_wake, &why), left = (last < end ? last : end) - clock_ms();
	if (stream_starved(s) >= 0) /* it is we who let the server wait; what we wait for has a time limit of its own */
		left = INT32_MAX;
	if (left <= 0)
		return stream_lost(s, ERR_RETRY, last < end ? why : "no answer in time", err);
	if (s->stop_at > 0 && left > s->stop_at - clock_ms())
		left = s->stop_at > clock_ms() ? s->stop_at - clock_ms() : 0;
	struct pollfd p[4] = { { .fd = s->fd, .events = events }, { .fd = s->stop_at > 0 ? -1 : s->env->cancel->fd, .events = POLLIN }, { .fd = may_wake ? s->env->wake_fd : -1, .events = POLLIN },
		{ .fd = stream_starved(s), .events = POLLIN } };
	bool flows = s->came >= GATHER_AFTER && events == POLLIN;
	s->came = 0;
	int ready = flows ? gather(s, p, 4) : 0;
	if (ready == 0)
		ready = poll(p, 4, left > INT32_MAX ? INT32_MAX : (int)left);
	if (ready < 0 && errno != EINTR)
		return stream_lost(s, ERR_BUG, strerror(errno), err);
	if (ready > 0 && p[1].revents && stream_is_stopped(s))
		return stream_lost(s, ERR_CANCELLED, "stopped", err);
	if (ready > 0 && !p[0].revents && p[2].revents)
		return 0;
	return 1;
}
