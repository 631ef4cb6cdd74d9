/* How fast the writing connections send: what is decided, and that the kernel is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "providers/imap/uplink.h"

#define ALL 12.0

static int thousandths(double rate)
{
	return (int)(rate * 1000 + 0.5);
}

/* Windows, and what is believed after each. */
static void inflow(void **state)
{
	static const struct {
		const char *what;
		double rate[8], best[8];
		size_t count;
	} rows[] = {
		{ "a line that fills at once", { 12, 12, 12, 12 }, { 6, 6, 12, 12 }, 4 },
		{ "slow start", { 1, 2, 4, 8, 12, 12, 12 }, { 0.5, 1, 2, 4, 6, 8, 12 }, 7 },
		{ "a loss: nothing, then what had waited for it", { 12, 12, 12, 3, 24, 12, 11, 12 }, { 6, 6, 12, 12, 12, 12, 12, 12 }, 8 },
		{ "a loss: what three windows would have brought", { 12, 12, 12, 1, 1, 36, 12 }, { 6, 6, 12, 12, 12, 12, 12 }, 7 },
		{ "a quicker line after it", { 4, 4, 4, 1, 12, 12, 12 }, { 2, 2, 4, 4, 4, 4, 12 }, 7 },
		{ "the source pauses: the bound stays", { 12, 12, 12, 0, 0, 0, 0, 1 }, { 6, 6, 12, 12, 12, 12, 12, 12 }, 8 },
		{ "nothing comes", { 0, 0, 0 }, { 0, 0, 0 }, 3 },
	};
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct inflow f = { 0 };
		for (size_t i = 0; i < rows[r].count; i++) {
			inflow_window(&f, rows[r].rate[i], false);
			if (thousandths(f.best) != thousandths(rows[r].best[i]))
				fail_msg("%s, window %zu: %f", rows[r].what, i, f.best);
		}
	}
}

/* Mail comes at `comes` MB/s for ten seconds, with a pause in them, then at `then`; between it and the line, which takes `line`, there is room for 5 MB. Returns the bound. */
static double runs_through(double comes, double then, double line, unsigned seconds)
{
	struct inflow f = { 0 };
	double held = 0;
	bool behind = false;
	for (unsigned ms = 0; ms < seconds * 1000; ms += INFLOW_WINDOW_MS) {
		double offered = ms > 4000 && ms < 5000 ? 0 : ms < 10000 ? comes : then, came = 0, bound = inflow_bound(&f);
		double pace = bound > PACE_LEAST ? bound / 1e6 : PACE_LEAST / 1e6, out = bound > 0 && pace < line ? pace : line;
		behind = true;
		for (unsigned i = 0; i < INFLOW_WINDOW_MS; i++) {
			double in = held + offered / 1000 > 5 ? 5 - held : offered / 1000, goes = held + in > out / 1000 ? out / 1000 : held + in;
			behind = behind && in < offered / 1000;
			held += in - goes;
			came += in;
		}
		inflow_window(&f, came * 1e9 / INFLOW_WINDOW_MS, behind);
	}
	return f.best / 1e6;
}

/* What comes in no faster than it leaves says nothing of how fast it could come. */
static void quicker_later(void **state)
{
	static const struct {
		double comes, then, line, least, most;
	} rows[] = {
		{ 1, 50, 100, 40, 51 },
		{ 2, 12, 100, 9.6, 13 },
		{ 0.1, 100, 20, 16, 21 },
		{ 12, 12, 12, 11.9, 12.1 },
		{ 5, 3, 100, 4.9, 5.1 }, /* slower */
		{ 20, 20, 10, 19, 21 }, /* the line takes less: the kernel decides, as ever */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double bound = runs_through(rows[i].comes, rows[i].then, rows[i].line, 60);
		if (bound < rows[i].least || bound > rows[i].most)
			fail_msg("row %zu: %f", i, bound);
	}
}

/* Nothing while the line gets faster; then what comes in so long, on a long line in two round trips. It follows a line that gets faster: what may be on its way is always
   enough for more than was known of. */
static void room(void **state)
{
	static const struct {
		const char *what;
		double rate[10], rtt, room;
		size_t count;
		unsigned readers;
	} rows[] = {
		{ "nothing has come", { 0, 0, 0, 0, 0, 0 }, 0.02, 0, 6, 1 },
		{ "slow start", { 1, 2, 4, 8, 12, 12, 12 }, 0.02, 0, 7, 1 },
		{ "a full line", { 12, 12, 12, 12, 12, 12, 12 }, 0.02, 0.21, 7, 4 },
		{ "one reads alone: nobody's pause is to be bridged", { 12, 12, 12, 12, 12, 12, 12 }, 0.02, 0.3, 7, 1 },
		{ "alone, near", { 12, 12, 12, 12, 12, 12, 12 }, 0.002, 0.084, 7, 1 },
		{ "none is known to", { 12, 12, 12, 12, 12, 12, 12 }, 0.2, 2.46, 7, 0 },
		{ "a twentieth more is no more", { 12, 12, 12, 12.4, 12.4, 12.4, 12.4 }, 0.02, 0.217, 7, 4 },
		{ "a long line", { 12, 12, 12, 12, 12, 12, 12 }, 0.2, 1.2, 7, 4 },
		{ "what it was holds on", { 12, 12, 12, 12, 0, 1, 0, 1 }, 0.05, 0.6, 8, 2 },
		{ "it got faster just now", { 4, 4, 4, 4, 4, 4, 4, 12, 12, 12 }, 0.02, 0, 10, 2 },
	};
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct inflow f = { 0 };
		for (size_t i = 0; i < rows[r].count; i++)
			inflow_window(&f, rows[r].rate[i], false);
		if (thousandths(inflow_room(&f, rows[r].rtt, rows[r].readers)) != thousandths(rows[r].room))
			fail_msg("%s: %f", rows[r].what, inflow_room(&f, rows[r].rtt, rows[r].readers));
		assert_true(rows[r].room == 0 || rows[r].room * (rows[r].readers > 1 ? rows[r].readers : 1) > f.best * rows[r].rtt);
	}
}

/* From when answers come late until mail leaves about as fast as it comes, hardly more than the line holds: and that is never less than the fastest that was seen. */
static void young(void **state)
{
	(void)state;
	struct inflow f = { 0 };
	inflow_burst(&f, 6, false);
	assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 0);
	inflow_burst(&f, 12, true);
	assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 840);
	assert_int_equal(thousandths(inflow_room(&f, 0.005, 1)), 180);
	inflow_burst(&f, 3, false);
	inflow_window(&f, 8, false);
	inflow_left(&f, 4);
	assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 840);
	inflow_window(&f, 12, false);
	inflow_left(&f, 10);
	assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 0);
}

/* A line that is full from the beginning is believed at once; three windows later what has lasted is known. */
static void full_at_once(void **state)
{
	(void)state;
	struct inflow f = { 0 };
	inflow_window(&f, 1, false);
	inflow_burst(&f, 12, false);
	assert_int_equal(thousandths(inflow_bound(&f)), 500);
	inflow_burst(&f, 11, true);
	assert_int_equal(thousandths(inflow_bound(&f)), 12000);
	static const double rate[] = { 11, 10, 0, 9, 9, 9 }, bound[] = { 11, 10, 5.5, 5.5, 5.5, 9 };
	for (size_t i = 0; i < sizeof rate / sizeof *rate; i++) {
		inflow_window(&f, rate[i], false);
		if (thousandths(inflow_bound(&f)) != thousandths(bound[i]))
			fail_msg("window %zu: %f", i, inflow_bound(&f));
	}
}

/* Sending that never gets so fast: a line that takes less than it brings. Three seconds, no longer. */
static void young_for_long(void **state)
{
	(void)state;
	struct inflow f = { 0 };
	inflow_burst(&f, 12, true);
	for (unsigned i = 0; i < 3000 / INFLOW_WINDOW_MS; i++) {
		assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 840);
		inflow_window(&f, 12, false);
		inflow_left(&f, 1);
	}
	assert_int_equal(thousandths(inflow_room(&f, 0.05, 1)), 660);
}

static void shares(void **state)
{
	static const struct {
		const char *what;
		struct sender senders[4];
		double may[4];
		size_t count;
	} rows[] = {
		{ "one alone has all", { { 1, 12, 0 } }, { 12 }, 1 },
		{ "equals", { { 1, 3, 0 }, { 1, 3, 0 }, { 1, 3, 0 }, { 1, 3, 0 } }, { 3, 3, 3, 3 }, 4 },
		{ "who has nothing to send leaves its share, and begins with a third", { { 1, 6, 0 }, { 0, 3, 0 }, { 1, 6, 0 }, { 0, 0, 0 } }, { 6, 4, 6, 4 }, 4 },
		{ "nobody has: the next may have all", { { 0, 0, 0 }, { 0, 0, 0 } }, { 12, 12 }, 2 },
		{ "a slow server takes little: the other has what it leaves", { { 1, 1, 0 }, { 1, 6, 0 } }, { 6, 10 }, 2 },
		{ "two slow ones, two quick ones", { { 1, 0.5, 0 }, { 1, 0, 0 }, { 1, 4, 0 }, { 1, 4, 0 } }, { 3, 3, 5.5, 5.5 }, 4 },
		{ "all begin", { { 1, 0, 0 }, { 1, 0.1, 0 } }, { 6, 6 }, 2 },
	};
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct sender senders[4];
		memcpy(senders, rows[r].senders, sizeof senders);
		uplink_share(ALL, senders, rows[r].count);
		for (size_t i = 0; i < rows[r].count; i++)
			if (thousandths(senders[i].may) != thousandths(rows[r].may[i]))
				fail_msg("%s, connection %zu: %f", rows[r].what, i, senders[i].may);
	}
}

/* A connection to ourselves: [0] connected, [1] accepted, [2] listens. */
static void connect_both(int fd[3])
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof here;
	fd[2] = socket(AF_INET, SOCK_STREAM, 0);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd[2], (struct sockaddr *)&here, sizeof here), 0);
	assert_int_equal(listen(fd[2], 1), 0);
	assert_int_equal(getsockname(fd[2], (struct sockaddr *)&here, &len), 0);
	assert_int_equal(connect(fd[0], (struct sockaddr *)&here, sizeof here), 0);
	fd[1] = accept(fd[2], NULL, NULL);
	assert_true(fd[1] >= 0);
}

static unsigned long pace_of(int fd)
{
	unsigned long rate = 0;
	socklen_t len = sizeof rate;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len), 0);
	return rate;
}

#define MAIL ((size_t)2 << 20)
#define LITTLE ((size_t)256 << 10)

static void comes(struct uplink *u, int from, int to, size_t bytes)
{
	static char piece[64 << 10];
	for (size_t left = bytes; left > 0; left -= sizeof piece) {
		assert_int_equal(send(from, piece, sizeof piece, 0), sizeof piece);
		assert_int_equal(recv(to, piece, sizeof piece, MSG_WAITALL), sizeof piece);
		uplink_came(u, sizeof piece, sizeof piece);
	}
}

/* The rates are those of a clock, so no more is said of them than that there is one. */
static void kernel_is_told(void **state)
{
	struct uplink *u = uplink_new();
	struct timespec window = { .tv_nsec = (INFLOW_WINDOW_MS + 50) * 1000000 };
	int fd[3];
	char name[16] = "";
	socklen_t len = sizeof name - 1;
	(void)state;
	connect_both(fd);
	assert_false(uplink_is_far(fd[0]));
	unsigned long unbound = pace_of(fd[0]);
	uplink_join(u, fd[0], true);
	uplink_join(u, fd[1], false);
	assert_int_equal(getsockopt(fd[0], IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	assert_string_equal(name, "reno");
	uplink_look(u);
	assert_true(pace_of(fd[0]) == unbound); /* nothing has come: no bound */
	nanosleep(&window, NULL);
	comes(u, fd[0], fd[1], MAIL);
	nanosleep(&window, NULL);
	uplink_look(u);
	unsigned long bound = pace_of(fd[0]);
	assert_true(bound != unbound);
	assert_in_range(bound, 1000000ul, MAIL * 1000 / INFLOW_WINDOW_MS);
	uplink_leave(u, fd[0]);
	uplink_leave(u, fd[1]);
	uplink_free(&u);
	for (size_t i = 0; i < 3; i++)
		close(fd[i]);
}

static int window_of(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof bytes;
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &bytes, &len), 0);
	return bytes;
}

/* The window of a connection over which 16 MB came at once, then a little now and then; with somebody who sends over the same line, or nobody. */
static int window_after(bool writes)
{
	struct timespec window = { .tv_nsec = (INFLOW_WINDOW_MS + 10) * 1000000 };
	struct uplink *u = uplink_new();
	int fd[3];
	connect_both(fd);
	for (unsigned i = 0; i < 8; i++)
		comes(u, fd[0], fd[1], MAIL);
	uplink_free(&u);
	u = uplink_new(); /* which knows nothing of that */
	if (writes)
		uplink_join(u, fd[0], true);
	uplink_join(u, fd[1], false);
	uplink_look(u);
	for (unsigned i = 0; i < 12; i++) {
		nanosleep(&window, NULL);
		comes(u, fd[0], fd[1], LITTLE);
	}
	int bytes = window_of(fd[1]);
	uplink_free(&u);
	for (size_t i = 0; i < 3; i++)
		close(fd[i]);
	return bytes;
}

/* What the line needs, where something is sent over it; else what the kernel wants. */
static void window_is_told(void **state)
{
	(void)state;
	int bound = window_after(true), kernels = window_after(false);
	assert_in_range(bound, 64 << 10, LITTLE * 1000 / INFLOW_WINDOW_MS / 10 + 1);
	assert_true(kernels > 2 * bound);
}

/* Who is asked for nothing leaves its share at once: long before it could be seen that nothing comes. */
static void who_rests_leaves_its_share(void **state)
{
	enum { READERS = 4 };
	struct timespec window = { .tv_nsec = (INFLOW_WINDOW_MS + 10) * 1000000 }, look = { .tv_nsec = 20000000 };
	struct uplink *u = uplink_new();
	int fd[READERS][3];
	(void)state;
	for (size_t i = 0; i < READERS; i++) {
		connect_both(fd[i]);
		uplink_join(u, fd[i][1], false);
	}
	uplink_join(u, fd[0][0], true);
	for (unsigned w = 0; w < 10; w++) {
		for (size_t i = 0; i < READERS; i++)
			comes(u, fd[i][0], fd[i][1], MAIL / READERS);
		nanosleep(&window, NULL);
	}
	for (size_t i = 0; i < READERS; i++)
		comes(u, fd[i][0], fd[i][1], MAIL / READERS);
	nanosleep(&look, NULL);
	uplink_look(u);
	int shared = window_of(fd[0][1]);
	for (size_t i = 1; i < READERS; i++)
		uplink_rests(u, fd[i][1]);
	uplink_rests(u, fd[0][0]); /* who writes has no share */
	nanosleep(&look, NULL);
	uplink_look(u);
	assert_true(window_of(fd[0][1]) > shared + shared / 4);
	uplink_free(&u);
	for (size_t i = 0; i < READERS * 3; i++)
		close(fd[i / 3][i % 3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inflow),
		cmocka_unit_test(quicker_later),
		cmocka_unit_test(room),
		cmocka_unit_test(young),
		cmocka_unit_test(full_at_once),
		cmocka_unit_test(young_for_long),
		cmocka_unit_test(shares),
		cmocka_unit_test(kernel_is_told),
		cmocka_unit_test(window_is_told),
		cmocka_unit_test(who_rests_leaves_its_share),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
