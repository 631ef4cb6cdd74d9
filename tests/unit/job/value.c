/* Durations, near names, loopback hosts; and odd input, which must end in an error and nothing worse. */
#include "tests/unit/job/tmp.h"

#include <limits.h>

#include "core/job/job.h"
#include "core/job/near.h"
#include "core/job/value.h"

static void durations(void **state)
{
	static const struct { const char *text; int64_t ms; } rows[] = {
		{ "1s", 1000 }, { "30s", 30000 }, { "10m", 600000 }, { "2h", 7200000 }, { "90m", 5400000 },
		{ "999999999999h", 999999999999 * 3600000 },
		/* none of these */
		{ "0s", 0 }, { "", 0 }, { "s", 0 }, { "10", 0 }, { "10d", 0 }, { "10 s", 0 }, { " 10s", 0 }, { "10s ", 0 }, { "10ms", 0 },
		{ "-1s", 0 }, { "+1s", 0 }, { "1.5h", 0 }, { "1h30m", 0 }, { "10S", 0 }, { "1000000000000s", 0 },
		{ "99999999999999999999999h", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = 0;

		assert_int_equal(job_duration(&ms, rows[i].text), rows[i].ms != 0);
		assert_true(ms == rows[i].ms);
	}
}

static void distances(void **state)
{
	static const struct { const char *a, *b; unsigned want; } rows[] = {
		{ "host", "host", 0 }, { "hots", "host", 1 }, { "HOST", "host", 0 }, { "hst", "host", 1 }, { "hoost", "host", 1 },
		{ "hoat", "host", 1 }, { "ohts", "host", 2 }, { "tsoh", "host", 3 }, { "", "ab", 2 }, { "", "", 0 }, { "ab", "", 2 },
		{ "abcd", "badc", 2 }, { "port", "host", 2 }, { "password", "passwort", 1 }, { "a", "abcdef", 3 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 3 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(near_distance(rows[i].a, rows[i].b), rows[i].want);
		assert_int_equal(near_distance(rows[i].b, rows[i].a), rows[i].want);
	}
}

static void ranks(void **state)
{
	static const struct { const char *wrong, *right; unsigned want; } rows[] = {
		{ "hots", "host", 1 }, { "conn", "connections", 3 }, { "password_fil", "password_file", 1 }, { "usernames", "user", 3 },
		{ "u", "user", UINT_MAX }, { "", "user", UINT_MAX }, { "ab", "tls", UINT_MAX }, { "xyz", "tls", UINT_MAX }, { "tl", "tls", 1 },
		{ "Conn", "connections", 3 }, { "zebra", "host", UINT_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(near_rank(rows[i].wrong, rows[i].right), rows[i].want);
}

static void loopback(void **state)
{
	static const struct { const char *host; bool want; } rows[] = {
		{ "127.0.0.1", true }, { "127.200.0.9", true }, { "::1", true }, { "0:0:0:0:0:0:0:1", true }, { "localhost", true },
		{ "LOCALHOST", true }, { "128.0.0.1", false }, { "126.255.255.255", false }, { "::2", false }, { "::", false },
		{ "0.0.0.0", false }, { "127.1", false }, { "127.0.0.1.example.it", false }, { "localhost.example.it", false },
		{ "127.0.0.256", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(value_loopback(rows[i].host), rows[i].want);
}

/* Every line of the errors has the promised form, and they are in order. */
static void check_lines(const struct tmp *t, const struct buf *errors)
{
	CLEANUP(x_free) char *text = tmp_short(t, errors);
	unsigned long line, column, last = 0;
	char *end;

	for (char *c = text; *c; c = strchr(c, '\n') + 1) {
		line = strtoul(c, &end, 10);
		if (line == 0 || line < last || *end != ':')
			fail_msg("%s", text);
		column = strtoul(end + 1, &end, 10);
		assert_true(column > 0 && end[0] == ':' && end[1] == ' ');
		last = line;
	}
}

/* A right file, cut everywhere and with every byte replaced by three others in turn: it loads or it tells why. */
static void damaged(void **state)
{
	static const char good[] = "version: 1\nlimits: {give_up: 5m}\naccounts:\n- name: 'a \xc3\xa8'\n"
		"  source: { host: \"a\\u00e8.it\", port: 99, user: m, password: x }\n  target:\n    host: b.it\n    user: m\n    password: xy\n";
	static const char bytes[] = { '\0', '\t', '\n', '\r', ' ', '"', '\'', ':', '[', '{', '}', '-', '?', '!', '&', '*', '|', '#', '%', '~',
		'\x80', '\xc3', '\xff', 'x' };
	struct tmp *t = *state;
	size_t len = sizeof(good) - 1;
	char text[sizeof(good)];

	for (size_t at = 0; at < len; at++) {
		for (size_t b = 0; b < 4; b++) {
			CLEANUP(buf_free) struct buf errors = { 0 };
			CLEANUP(job_free) struct job *job = NULL;
			int rc;

			memcpy(text, good, sizeof(good));
			if (b < 3)
				text[at] = bytes[(at * 3 + b) % sizeof(bytes)];
			tmp_write(t, "migrate.yaml", text, b < 3 ? len : at, 0600);
			rc = job_load(&job, t->job, NULL, &errors);
			assert_int_equal(rc == 0, errors.len == 0);
			assert_int_equal(job != NULL, errors.len == 0);
			check_lines(t, &errors);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(distances),
		cmocka_unit_test(ranks),
		cmocka_unit_test(loopback),
		cmocka_unit_test_setup_teardown(damaged, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
