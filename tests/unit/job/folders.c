/* Folders, filters, limits: their values and what is wrong with them. */
#include "tests/unit/job/tmp.h"

#include "core/job/job.h"

#define ENDS "source: {host: a.it, user: m}, target: {host: b.it, user: m}"
/* `top` begins in line 2. */
#define TOP(top) "version: 1\n" top "\naccounts: [{name: m, " ENDS "}]\n"

static struct job *load_text(const struct tmp *t, const char *text)
{
	CLEANUP(buf_free) struct buf errors = { 0 };
	struct job *job = NULL;

	tmp_job(t, text);
	if (job_load(&job, t->job, NULL, &errors) < 0)
		fail_msg("\n%s\ngives\n%s", text, errors.data);
	return job;
}

static void everything(void **state)
{
	struct tmp *t = *state;
	CLEANUP(job_free) struct job *job = load_text(t, TOP("folders:\n  include: ['*']\n  exclude:\n    - Spam\n    - 2*/\n  map: {\"Posta inviata\": Sent, \"a/b\": \"Entw\\u00fcrfe\"}\n"
		"  under: A/B\n  merge: false\n  subscribe: none\nmessages: {since: '2015-01-01', before: 2016-01-01, max_size: 1GiB, duplicates: skip}\n"
		"limits: {rate: 20MB/s, per_host_connections: 8}\nnotify: {command: [sub/done.sh, a, 7]}\nverify: deep"));
	const struct job_folders *f = &job->account[0].folders;
	const struct job_messages *m = &job->account[0].messages;
	CLEANUP(x_free) char *program = x_printf("%s/sub/done.sh", t->dir);

	assert_string_equal(f->include[0], "*");
	assert_string_equal(f->exclude[1], "2*/");
	assert_null(f->exclude[2]);
	assert_int_equal(f->maps, 2);
	assert_string_equal(f->map[0].from, "Posta inviata");
	assert_string_equal(f->map[1].to, "Entw\xc3\xbcrfe");
	assert_string_equal(f->under, "A/B");
	assert_true(f->special_use);
	assert_int_equal(f->subscribe, SUBSCRIBE_NONE);
	assert_true(m->since == 1420070400 && m->before == 1451606400);
	assert_true(m->max_size == 1073741824);
	assert_int_equal(m->deleted, DELETED_SKIP);
	assert_int_equal(m->duplicates, DUPLICATES_SKIP);
	assert_int_equal(m->flags, FLAGS_ADD);
	assert_true(job->rate == 20000000);
	assert_int_equal(job->per_host, 8);
	assert_string_equal(job->notify[0], program);
	assert_string_equal(job->notify[2], "7");
	assert_null(job->notify[3]);
	assert_int_equal(job->account[0].shrink, 100);
}

static void nothing(void **state)
{
	CLEANUP(job_free) struct job *job = load_text(*state, TOP("workers: 1"));
	const struct job_account *a = &job->account[0];

	assert_null(a->folders.include);
	assert_null(a->folders.exclude);
	assert_int_equal(a->folders.maps, 0);
	assert_string_equal(a->folders.under, "");
	assert_true(a->folders.special_use);
	assert_false(a->folders.merge);
	assert_int_equal(a->folders.subscribe, SUBSCRIBE_SOURCE);
	assert_true(a->messages.since == INT64_MIN && a->messages.before == INT64_MAX && a->messages.max_size == 0);
	assert_true(job->rate == 0 && job->per_host == 0 && !job->notify);
}

static void measures(void **state)
{
	static const struct { const char *size; uint64_t bytes; } sizes[] = {
		{ "1KB", 1000 }, { "50MB", 50000000 }, { "2GB", 2000000000 }, { "1KiB", 1024 }, { "25MiB", 26214400 }, { "100GB", 100000000000 },
	};
	static const struct { const char *day; int64_t seconds; } days[] = {
		{ "1970-01-01", 0 }, { "1970-01-02", 86400 }, { "1969-12-31", -86400 }, { "2000-02-29", 951782400 }, { "2000-03-01", 951868800 },
		{ "2100-03-01", 4107542400 }, { "1900-01-01", -2208988800 }, { "2026-11-27", 1795737600 }, { "9999-12-31", 253402214400 },
	};
	static const struct { const char *percent; unsigned thousandths; } percents[] = {
		{ "10%", 100 }, { "0.1%", 1 }, { "2.5%", 25 }, { "100%", 1000 }, { "100.0%", 1000 }, { "7%", 70 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CLEANUP(x_free) char *text = x_printf(TOP("messages: {max_size: %s}\nlimits: {rate: %s/s}"), sizes[i].size, sizes[i].size);
		CLEANUP(job_free) struct job *job = load_text(*state, text);

		assert_true(job->account[0].messages.max_size == sizes[i].bytes && job->rate == sizes[i].bytes);
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		CLEANUP(x_free) char *text = x_printf(TOP("messages: {since: %s}"), days[i].day);
		CLEANUP(job_free) struct job *job = load_text(*state, text);

		assert_true(job->account[0].messages.since == days[i].seconds);
	}
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		CLEANUP(x_free) char *text = x_printf(TOP("guard: {shrink: %s}"), percents[i].percent);
		CLEANUP(job_free) struct job *job = load_text(*state, text);

		assert_int_equal(job->account[0].shrink, percents[i].thousandths);
	}
}

/* Values that are none: all are refused at their place, 2:column. */
static void wrong_measures(void **state)
{
	static const struct { const char *form; unsigned column; const char *must, *values[24]; } rows[] = {
		{ "messages: {max_size: '%s'}", 22, "`max_size` must be a size such as 50MB or 1GiB, from 1KB to 100GB, not `%s`",
		  { "50", "50M", "50mb", "50 MB", "1.5GB", "0MB", "999999999GB", "101GB", "MB", "-1MB", "50MB/s", "50MBx", "1TB", "50B", "100GiB" } },
		{ "limits: {rate: '%s'}", 16, "`rate` must be bytes a second such as 500KB/s or 20MB/s, from 1KB/s to 100GB/s, not `%s`",
		  { "20MB", "20MB/m", "20/s", "0KB/s", "20MB/s ", "20MBit/s", "20Mb/s" } },
		{ "guard: {shrink: '%s'}", 17, "`shrink` must be a percentage such as 10%%, from 0.1%% to 100%%, not `%s`",
		  { "10", "0%", "0.0%", "101%", "100.1%", "-1%", "10.55%", "10.%", "10 %", "%", "10%%", "1,5%" } },
		{ "messages: {since: '%s'}", 19, "`since` must be a day such as 2015-01-31 (year, month, day), not `%s`",
		  { "2015-1-1", "2015-02-29", "1900-02-29", "2015-13-01", "2015-00-01", "2015-01-00", "2015-01-32", "2015-04-31", "01-01-2015",
		    "2015/01/01", "2015-01-01T00:00", "1899-12-31", "20150101", "yesterday", "2015-01-0x" } },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t v = 0; rows[i].values[v]; v++) {
			CLEANUP(buf_free) struct buf errors = { 0 }, text = { 0 }, want = { 0 };
			CLEANUP(x_free) char *got = NULL;
			const char *mark = strstr(rows[i].form, "%s");
			struct job *job = NULL;

			buf_addf(&text, "version: 1\n%.*s%s%s\naccounts: [{name: m, " ENDS "}]\n", (int)(mark - rows[i].form), rows[i].form,
				rows[i].values[v], mark + 2);
			buf_addf(&want, "2:%u: ", rows[i].column);
			for (const char *c = rows[i].must; *c; c++) {
				if (strncmp(c, "%s", 2) == 0)
					buf_adds(&want, rows[i].values[v]);
				else if (strncmp(c, "%%", 2) == 0)
					buf_addc(&want, '%');
				else
					buf_addc(&want, *c);
				c += *c == '%';
			}
			buf_addc(&want, '\n');
			tmp_job(t, text.data);
			assert_int_equal(job_load(&job, t->job, NULL, &errors), -1);
			got = tmp_short(t, &errors);
			assert_string_equal(got, want.data);
		}
	}
}

static void errors(void **state)
{
	static const struct { const char *text, *want; } rows[] = {
		{ TOP("folders: {include: [], exclude: Spam}"),
		  "2:20: `include` is an empty list: `[Spam, \"Archive/2*\"]`, or one below the other, each with `- ` before it\n"
		  "2:33: `exclude` must be a list: `[Spam, \"Archive/2*\"]`, or one below the other, each with `- ` before it\n" },
		{ TOP("folders: {include: [/a, a//b, '', ~, [x], \"a\\tb\"]}"),
		  "2:21: `include`: `/` stands between two levels, so it can't begin or be doubled: `/a`\n"
		  "2:25: `include`: `/` stands between two levels, so it can't begin or be doubled: `a//b`\n2:31: `include` is empty\n"
		  "2:35: `include` has no value\n2:38: `include` must be one value, not a list\n2:43: `include` holds a control character\n" },
		{ TOP("folders: {map: [a], under: a/}"),
		  "2:16: `map` must hold pairs: `{ \"Posta inviata\": Sent }`, the old folder first\n"
		  "2:28: `under`: `/` stands between two levels, so it can't begin, end or be doubled: `a/`\n" },
		{ TOP("folders: {map: {'a*': b, c: 'd*', '': e, f: '', g: ~, h: [i]}, under: ~}"),
		  "2:17: `map` takes the name of one folder, no `*`: `a*`\n2:29: `map` takes the name of one folder, no `*`: `d*`\n"
		  "2:35: `map`: a folder without a name\n2:45: `map` is empty\n2:52: `map` has no value\n"
		  "2:58: `map` must be one value, not a list\n2:71: `under` has no value\n" },
		{ TOP("folders: {map: {a: b, a: c}}"), "2:23: duplicate key `a`: it stands in line 2 already\n" },
		{ TOP("folders: {merge: true}"), "2:18: `merge: true` for all accounts would mix folders that nobody looked at: put it into the "
		  "accounts that need it\n" },
		{ TOP("defaults: {folders: {merge: true}}"), "2:29: `merge: true` for all accounts would mix folders that nobody looked at: put it "
		  "into the accounts that need it\n" },
		{ TOP("folders: {subscribe: some, special_use: no}"),
		  "2:22: `subscribe` must be source, all or none, not `some`\n2:41: `special_use` must be true or false, not `no`\n" },
		{ TOP("messages: {since: 2015-01-01, before: 2015-01-01}"), "2:39: no message can be there: `before` must be a later day than `since`\n" },
		{ "version: 1\nmessages: {since: 2015-01-01}\naccounts:\n- {name: m, " ENDS ", messages: {before: 2014-12-31}}\n- {name: n, " ENDS "}\n",
		  "4:94: no message can be there: `before` must be a later day than `since`\n" },
		{ TOP("limits: {per_host_connections: 0}"), "2:32: `per_host_connections` must be a number from 1 to 1000, not `0`\n" },
		{ TOP("notify: {command: ./done.sh}"), "2:19: `command` must be a list: `[pass, show, mario]`: the program and its arguments; no "
		  "shell takes it apart\n" },
		{ TOP("notify: {}"), "2:9: `notify` has no `command`\n" },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(buf_free) struct buf told = { 0 };
		CLEANUP(x_free) char *got = NULL;
		struct job *job = NULL;

		tmp_job(t, rows[i].text);
		job_load(&job, t->job, NULL, &told);
		got = tmp_short(t, &told);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\n%s\ngives\n%snot\n%s", rows[i].text, got, rows[i].want);
	}
}

static void fingerprints(void **state)
{
#define PIN "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100"
#define COLONS "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:FF:EE:DD:CC:BB:AA:99:88:77:66:55:44:33:22:11:00"
	static const struct { const char *text; bool fine; } rows[] = {
		{ PIN, true }, { COLONS, true }, { "", false }, { "0" PIN, false }, { PIN "00", false }, { COLONS ":", false }, { ":" PIN, false },
		{ "g0112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100", false }, { "0011", false },
		{ "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:FF:EE:DD:CC:BB:AA:99:88:77:66:55:44:33:22:11-00", false },
		{ "da39a3ee5e6b4b0d3255bfef95601890afd80709", false },
	};
	struct tmp *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(buf_free) struct buf told = { 0 };
		CLEANUP(job_free) struct job *job = NULL;
		CLEANUP(x_free) char *text = x_printf("version: 1\naccounts: [{name: m, source: {host: a.it, user: m, fingerprint: '%s'}, "
			"target: {host: b.it, user: m}}]\n", rows[i].text);
		const struct job_end *e;

		tmp_job(t, text);
		assert_int_equal(job_load(&job, t->job, NULL, &told), rows[i].fine ? 0 : -1);
		if (!rows[i].fine)
			continue;
		e = &job->account[0].source;
		assert_true(e->pinned && e->fingerprint[1] == 0x11 && e->fingerprint[16] == 0xff && e->fingerprint[30] == 0x11);
		assert_false(job->account[0].target.pinned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(nothing, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(measures, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(wrong_measures, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(errors, tmp_setup, tmp_teardown),
		cmocka_unit_test_setup_teardown(fingerprints, tmp_setup, tmp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
