/* accept: "seen, I can live with it". */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/report/report.h"

/* Who sits here: with sudo the one who called it. */
static void user_name(char *out, size_t cap)
{
	const struct passwd *entry = getpwuid(getuid());
	const char *caller = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	CLEANUP(x_free) char *name = caller && *caller ? x_strdup(caller) : entry ? x_strdup(entry->pw_name) : x_printf("user %u", (unsigned)getuid());
	text_clean(out, cap, name, strlen(name));
}

static int accept_all(const struct options *options, const struct job *job, struct store *store, const char *user, uint64_t count[ACCEPT_SHRUNK + 1], struct error *err)
{
	CLEANUP(x_free) int64_t *id = NULL;
	size_t ids = 0;
	int ok = account_ids(store, job, options->accounts, &id, &ids, err);
	for (size_t i = 0; ok == 0 && i < ids; i++)
		for (int kind = ACCEPT_REFUSED; ok == 0 && kind <= ACCEPT_SHRUNK; kind++) {
			uint64_t n = 0;
			if (options->accept[kind])
				ok = store_accept(store, id[i], (enum accepted)kind, user, &n, err);
			count[kind] += n;
		}
	return ok;
}

static void tell(const uint64_t count[ACCEPT_SHRUNK + 1], const char *user, struct buf *out)
{
	const size_t n = (size_t)count[ACCEPT_REFUSED], a = (size_t)count[ACCEPT_ALTERED], d = (size_t)count[ACCEPT_DOUBLED], s = (size_t)count[ACCEPT_SHRUNK];
	if (n)
		buf_addf(out, P_("%zu refused message accepted by %s.\n", "%zu refused messages accepted by %s.\n", n), n, user);
	if (a)
		buf_addf(out, P_("%zu altered message accepted by %s.\n", "%zu altered messages accepted by %s.\n", a), a, user);
	if (d)
		buf_addf(out, P_("%zu doubled message accepted by %s.\n", "%zu doubled messages accepted by %s.\n", d), d, user);
	if (s)
		buf_addf(out, P_("%zu shrunk mailbox accepted by %s.\n", "%zu shrunk mailboxes accepted by %s.\n", s), s, user);
	buf_adds(out, n + a + d + s ? _("From now on these are notes in every report, and the move counts as complete.\n") : _("There is nothing of that kind to accept.\n"));
}

static int document(const struct options *options, const struct job *job, struct store *store, struct buf *out, struct error *err)
{
	struct run run;
	struct report *report = NULL;
	int found = store_run_newest(store, false, &run, err);
	if (found < 0 || (found > 0 && report_make(&report, store, &run, err) < 0))
		return -1;
	const struct report none = { .run = { .command = "accept", .exit = -1 } };
	if (report)
		report_choose(report, job, options->accounts);
	report_json(report ? report : &none, true, out);
	report_free(&report);
	return 0;
}

int cmd_accept(const struct options *options)
{
	uint64_t count[ACCEPT_SHRUNK + 1] = { 0 };
	char user[80];
	struct error err = { 0 };
	struct buf out = { 0 };
	struct job *job = load_job(options);
	int status = EXIT_USAGE;
	struct store *store = job && accounts_known(options, job) ? open_state(job, STORE_WRITE, &status) : NULL;
	user_name(user, sizeof user);
	if (store) {
		int ok = accept_all(options, job, store, user, count, &err);
		if (ok == 0 && options->json)
			ok = document(options, job, store, &out, &err);
		else if (ok == 0 && !options->quiet)
			tell(count, user, &out);
		status = ok < 0 ? fail(&err) : out.len ? print(&out) : 0;
	}
	buf_free(&out);
	store_close(&store);
	job_free(&job);
	return status;
}
