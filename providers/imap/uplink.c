/* How fast the writing connections of a run send. */
#include "providers/imap/uplink.h"

#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"

#define LOOK_MS 15
/* A server that answers sooner than this is on a network whose queues are short: there pacing would only cost. */
#define NEAR_US 2000
/* So much unread at each look of a window: we are behind with reading. */
#define UNREAD (64 << 10)
/* While we are behind: so many windows with a tenth more, as many with a tenth less, so that no queue is left of it, and then none of either. */
#define TRIAL 4
#define CYCLE 20
#define TRIED 0.1
#define STEADY 4 /* windows */
#define BURST_MS 45 /* three looks */
#define LATE 1.25 /* of the shortest answer */
#define SPED 0.8 /* of what comes in */
#define PROVEN 4 /* windows: what has lasted is known */
#define YOUNG 20 /* windows */
#define YOUNG_TRIPS 0.4 /* more than one, and no less than … */
#define YOUNG_SECONDS 0.01
#define GROWN 1.05
#define ROOM_SECONDS 0.07
#define ALONE_SECONDS 0.005 /* … and a round trip */
#define PAUSE_MS 50 /* and two round trips: who has brought nothing for so long leaves its share to the others */
#define ROOM_LEAST (64 << 10) /* bytes, of one connection */
#define SLOW_START "reno" /* ends it by a loss only, and every process may have it */
#define NEVER_LOST 0x7fffffff /* tcpi_snd_ssthresh: slow start has not ended yet */

struct line {
	int fd;
	bool writes;
	uint64_t passed;	/* bytes so far: of a reader received, of a writer acknowledged */
	int64_t came;		/* … clock_ms of the last */
	double rtt;		/* … the shortest, in seconds */
	char own[16];	/* the congestion control that the system gave it; "": it has that */
};

struct uplink {
	pthread_mutex_t lock;
	struct line *line;
	struct sender *sender;	/* beside it */
	size_t count, cap, sender_cap;
	struct inflow inflow;
	uint64_t received, sent, burst;	/* bytes on the line: in this window, and received in this burst */
	atomic_ullong came, wire;	/* bytes read so far, unpacked and as they came */
	atomic_llong looked;	/* clock_ms */
	int64_t began, burst_began;	/* the window, the burst */
	double packed;		/* bytes for one on the line */
	bool unread;		/* so far in this window, at each look */
	bool late;		/* at this look a server's answers take longer than they might */
};

/* ---- deciding ---- */

static double less(double a, double b)
{
	return a < b ? a : b;
}

static double more(double a, double b)
{
	return a > b ? a : b;
}

void inflow_window(struct inflow *f, double rate, bool behind)
{
	double lasting = less(rate, less(f->last, f->before)), begun = f->fell ? 0 : rate / 2, bound = f->best;
	f->fell = f->fell || rate < f->last / 2;
	if (lasting > f->best)
		f->best = lasting;
	if (begun > f->best)
		f->best = begun;
	f->steady = f->best > bound * GROWN ? 0 : f->steady + 1;
	f->before = f->last;
	f->last = rate;
	f->behind = behind;
	f->young += f->full;
	if (behind)
		f->phase = f->best > bound * (1 + TRIED / 4) ? 0 : (f->phase + 1) % CYCLE;
}

double inflow_bound(const struct inflow *f)
{
	if (f->full && f->young < PROVEN)
		return more(f->best, f->young == 0 ? f->peak : f->last);
	if (!f->behind || f->best <= 0)
		return f->best;
	double best = more(f->best, PACE_LEAST);
	return f->phase < TRIAL ? (1 + TRIED) * best : f->phase < 2 * TRIAL ? (1 - TRIED) * best : best;
}

void inflow_burst(struct inflow *f, double rate, bool late)
{
	if (rate > f->peak)
		f->peak = rate;
	f->full = f->full || late;
}

void inflow_left(struct inflow *f, double rate)
{
	f->sped = f->sped || rate > SPED * more(f->best, f->peak / 2);
}

double inflow_room(const struct inflow *f, double rtt, unsigned readers)
{
	double share = readers > 1 ? 1.0 / readers : 1;
	if (f->full && !f->sped && f->young < YOUNG)
		return share * more(f->best, f->peak) * (rtt + more(YOUNG_TRIPS * rtt, YOUNG_SECONDS));
	return f->steady < STEADY ? 0 : share * f->best * (readers > 1 ? more(2 * rtt, ROOM_SECONDS) : rtt + ALONE_SECONDS);
}

void uplink_share(double all, struct sender *senders, size_t count)
{
	unsigned busy = 0, quick = 0;
	double rest = all;
	for (size_t i = 0; i < count; i++)
		busy += senders[i].busy;
	double share = busy > 0 ? all / busy : all;
	for (size_t i = 0; i < count; i++) {
		senders[i].may = senders[i].busy ? share : all / (busy + 1);
		if (senders[i].busy && 2 * senders[i].takes < share)
			rest -= 2 * senders[i].takes;
		else
			quick += senders[i].busy;
	}
	for (size_t i = 0; i < count; i++)
		if (senders[i].busy && 2 * senders[i].takes >= share)
			senders[i].may = rest / quick;
}

/* ---- the connections ---- */

struct uplink *uplink_new(void)
{
	struct uplink *u = x_calloc(1, sizeof *u);
	u->packed = 1;
	pthread_mutex_init(&u->lock, NULL);
	return u;
}

void uplink_free(struct uplink **uplink)
{
	struct uplink *u = *uplink;
	if (!u)
		return;
	pthread_mutex_destroy(&u->lock);
	free(u->line);
	free(u->sender);
	free(u);
	*uplink = NULL;
}

static void pace(int fd, double rate)
{
	unsigned long bytes = (unsigned long)rate;
	setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes, sizeof bytes);
}

static bool tell(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof *info;
	*info = (struct tcp_info){ 0 };
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) == 0;
}

bool uplink_is_far(int fd)
{
	struct tcp_info info;
	return tell(fd, &info) && info.tcpi_rtt >= NEAR_US;
}

/* After the connect: a route may have its own, which would take this one's place. */
static void begin_slowly(struct line *line)
{
	socklen_t len = sizeof line->own - 1;
	if (getsockopt(line->fd, IPPROTO_TCP, TCP_CONGESTION, line->own, &len) < 0 || setsockopt(line->fd, IPPROTO_TCP, TCP_CONGESTION, SLOW_START, strlen(SLOW_START)) < 0)
		line->own[0] = '\0';
}

void uplink_join(struct uplink *u, int fd, bool writes)
{
	struct line line = { .fd = fd, .writes = writes };
	if (writes)
		begin_slowly(&line);
	pthread_mutex_lock(&u->lock);
	u->line = x_room(u->line, u->count, &u->cap, sizeof *u->line);
	u->sender = x_room(u->sender, u->count, &u->sender_cap, sizeof *u->sender);
	u->sender[u->count] = (struct sender){ 0 };
	u->line[u->count++] = line;
	pthread_mutex_unlock(&u->lock);
}

static size_t find(const struct uplink *u, int fd)
{
	size_t i = 0;
	while (i < u->count && u->line[i].fd != fd)
		i++;
	return i;
}

void uplink_leave(struct uplink *u, int fd)
{
	pthread_mutex_lock(&u->lock);
	size_t i = find(u, fd);
	if (i < u->count) {
		u->line[i] = u->line[--u->count];
		u->sender[i] = u->sender[u->count];
	}
	pthread_mutex_unlock(&u->lock);
}

/* Also gives a connection that has lost something its own congestion control back. */
static void ask_writer(struct uplink *u, struct line *line, struct sender *sender)
{
	struct tcp_info info;
	if (!tell(line->fd, &info))
		return;
	sender->busy = info.tcpi_notsent_bytes > 0;
	sender->takes = (double)info.tcpi_delivery_rate;
	u->sent += info.tcpi_bytes_acked - line->passed;
	line->passed = info.tcpi_bytes_acked;
	u->late = u->late || info.tcpi_rtt > LATE * info.tcpi_min_rtt;
	if (!line->own[0] || info.tcpi_snd_ssthresh >= NEVER_LOST)
		return;
	setsockopt(line->fd, IPPROTO_TCP, TCP_CONGESTION, line->own, (socklen_t)strlen(line->own));
	line->own[0] = '\0';
}

static void ask_reader(struct uplink *u, struct line *line, int64_t now)
{
	struct tcp_info info;
	if (!tell(line->fd, &info))
		return;
	uint64_t came = info.tcpi_bytes_received - line->passed;
	if (came > 0)
		line->came = now;
	line->rtt = info.tcpi_min_rtt * 1e-6;
	line->passed = info.tcpi_bytes_received;
	u->received += came;
	u->burst += came;
}

void uplink_rests(struct uplink *u, int fd)
{
	pthread_mutex_lock(&u->lock);
	size_t i = find(u, fd);
	if (i < u->count && !u->line[i].writes) {
		ask_reader(u, &u->line[i], 0);
		u->line[i].came = 0;
	}
	pthread_mutex_unlock(&u->lock);
}

static bool holds_unread(const struct line *line)
{
	int bytes = 0;
	return ioctl(line->fd, FIONREAD, &bytes) == 0 && bytes >= UNREAD;
}

static void ask_kernel(struct uplink *u, int64_t now)
{
	bool unread = false;
	u->late = false;
	for (size_t i = 0; i < u->count; i++)
		if (u->line[i].writes)
			ask_writer(u, &u->line[i], &u->sender[i]);
		else {
			ask_reader(u, &u->line[i], now);
			unread = unread || holds_unread(&u->line[i]);
		}
	u->unread = u->unread && unread;
}

static void measure_burst(struct uplink *u, int64_t now)
{
	int64_t took = now - u->burst_began;
	if (took < BURST_MS)
		return;
	if (u->burst_began)
		inflow_burst(&u->inflow, (double)u->burst * u->packed * 1000 / (double)took, u->late);
	u->burst = 0;
	u->burst_began = now;
}

static void measure(struct uplink *u, int64_t now)
{
	int64_t took = now - u->began;
	if (u->began && took < INFLOW_WINDOW_MS)
		return;
	double wire = (double)atomic_load(&u->wire);
	u->packed = wire > 0 ? (double)atomic_load(&u->came) / wire : 1;
	if (u->began) {
		inflow_window(&u->inflow, (double)u->received * u->packed * 1000 / (double)took, u->unread);
		inflow_left(&u->inflow, (double)u->sent * u->packed * 1000 / (double)took);
	}
	u->received = u->sent = 0;
	u->began = now;
	u->unread = true;
}

static bool is_reading(const struct line *line, int64_t now)
{
	return !line->writes && now - line->came < PAUSE_MS + (int64_t)(2000 * line->rtt);
}

/* Only where something is sent over a line: else nobody waits for an answer. The kernel makes the window larger again by itself: it is told at each look. */
static void bound_readers(const struct uplink *u, int64_t now)
{
	unsigned reading = 0, writers = 0;
	for (size_t i = 0; i < u->count; i++) {
		writers += u->line[i].writes;
		reading += is_reading(&u->line[i], now);
	}
	for (size_t i = 0; writers > 0 && i < u->count; i++) {
		const struct line *line = &u->line[i];
		double room = line->writes ? 0 : inflow_room(&u->inflow, line->rtt, reading) / u->packed;
		int bytes = room < ROOM_LEAST ? ROOM_LEAST : room < INT_MAX ? (int)room : INT_MAX;
		if (room > 0)
			setsockopt(line->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &bytes, sizeof bytes);
	}
}

void uplink_look(struct uplink *u)
{
	int64_t now = clock_ms();
	if (now - atomic_load(&u->looked) < LOOK_MS || pthread_mutex_trylock(&u->lock) != 0)
		return; /* somebody else does */
	atomic_store(&u->looked, now);
	ask_kernel(u, now);
	measure_burst(u, now);
	measure(u, now);
	bound_readers(u, now);
	double bound = inflow_bound(&u->inflow);
	uplink_share(bound, u->sender, u->count);
	for (size_t i = 0; bound > 0 && i < u->count; i++)
		if (u->line[i].writes)
			pace(u->line[i].fd, u->sender[i].may > PACE_LEAST ? u->sender[i].may : PACE_LEAST);
	pthread_mutex_unlock(&u->lock);
}

void uplink_came(struct uplink *u, size_t wire, size_t plain)
{
	atomic_fetch_add(&u->wire, wire);
	atomic_fetch_add(&u->came, plain);
	uplink_look(u);
}
