/* login: asks once for what an account lacks, tries it, keeps it. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"
#include "core/report/report.h"
#include "providers/registry.h"

#define TRIES 3

struct login {
	const struct options *options;
	struct job *job;
	struct secrets *secrets;
	struct registry *registry;
	struct cancel stop;
	unsigned lacking;	/* sides that had to be asked for */
	unsigned kept;		/* sides whose kept secret was taken by the server */
	unsigned forgotten;
};

static void say(const struct login *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct login *l, const char *fmt, ...)
{
	va_list ap;
	if (l->options->quiet)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
}

static int told(const struct error *err)
{
	fail(err);
	switch (err->class) {
	case ERR_LOGIN:
		return 4;
	case ERR_TLS:
		return 5;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_BUG:
		return EXIT_INTERNAL;
	case ERR_CANCELLED:
		return 130;
	default:
		return 3;
	}
}

/* Signs in with what the side has now, and out again. */
static int sign_in(struct login *l, const struct job_end *end, struct error *err)
{
	struct conn_env env = { .cancel = &l->stop, .wake_fd = -1, .spool_dir = "." };
	struct conn *conn = NULL;
	if (registry_open(l->registry, &conn, end, &env, err) < 0)
		return -1;
	conn->ops->close(&conn, true);
	return 0;
}

/* What a person should know before typing. */
static void advise(const struct login *l, const struct job_end *end)
{
	const struct preset *preset = end->preset;
	if (preset && preset->traits & PRESET_IMAP_SWITCH)
		say(l, _("%s: IMAP has to be switched on in the webmail first%s%s\n"), preset->name, *preset->page ? ": " : ".", preset->page);
	if (preset && preset->traits & PRESET_APP_PASSWORD)
		say(l, _("%s: this may need a password of its own for programs (app password)%s%s\n"), preset->name, *preset->page ? ": " : ".", preset->page);
}

static int keep(struct login *l, const struct job_end *end, const char *secret)
{
	struct error err;
	if (secrets_keep(l->secrets, end, secret, &err) < 0)
		return told(&err);
	say(l, _("%s at %s: signed in; the password is kept in %s\n"), end->login, end->host, secrets_kept_path(l->secrets));
	return 0;
}

static void refused(const struct job_end *end, const char *what, const struct error *err)
{
	struct buf said = { 0 };
	prose_kept(&said, err->text);
	fprintf(stderr, _("trasloco: %s at %s: %s: %s\n"), end->login, end->host, what, said.data ? said.data : "");
	buf_free(&said);
}

/* Only a refusal is worth another question; after the last it is 4. */
static int ask(struct login *l, const struct job_account *account, const struct job_end *end)
{
	struct error err = { 0 };
	l->lacking++;
	if (!terminal_asks(l->options)) {
		fprintf(stderr, _("trasloco: %s at %s: login asks on a terminal, and there is none; without one, name a password_command or password_file in %s\n"),
			end->login, end->host, l->options->job);
		return EXIT_USAGE;
	}
	advise(l, end);
	for (int i = 1; i <= TRIES; i++) {
		CLEANUP(secrets_wipe) char *secret = NULL;
		if (terminal_ask((void *)(uintptr_t)l->options, account, end, &secret, &err) < 0)
			return told(&err);
		secrets_use(l->secrets, end, secret);
		if (sign_in(l, end, &err) == 0)
			return keep(l, end, secret);
		if (err.class != ERR_LOGIN)
			return told(&err);
		refused(end, _("refused"), &err);
	}
	fprintf(stderr, _("trasloco: %s at %s: refused %d times; nothing is kept of it\n"), end->login, end->host, TRIES);
	return 4;
}

static bool wants_token(const struct job_end *end)
{
	return end->auth == AUTH_XOAUTH2 || end->auth == AUTH_OAUTHBEARER || (end->preset && end->preset->traits & PRESET_OAUTH_ONLY);
}

static int side(struct login *l, const struct job_account *account, const struct job_end *end)
{
	struct error err = { 0 };
	if (end->secret != SECRET_LATER) {
		if (l->options->verbose)
			say(l, _("%s at %s: the job file says where its secret comes from\n"), end->login, end->host);
		return 0;
	}
	if (wants_token(end)) {
		fprintf(stderr, _("trasloco: %s at %s: %s takes no passwords, only OAuth2: name a token_command in %s\n"), end->login, end->host,
			end->preset ? end->preset->name : _("this side"), l->options->job);
		return EXIT_USAGE;
	}
	int kept = secrets_kept(l->secrets, end, &err);
	if (kept < 0)
		return told(&err);
	if (kept == 0)
		return ask(l, account, end);
	if (sign_in(l, end, &err) == 0) {
		l->kept++;
		return 0;
	}
	if (err.class != ERR_LOGIN)
		return told(&err);
	refused(end, _("the kept password was refused"), &err);
	return ask(l, account, end);
}

static int forget(struct login *l, const struct job_account *account, const struct job_end *end)
{
	struct error err = { 0 };
	(void)account;
	int got = secrets_forget(l->secrets, end, &err);
	if (got < 0)
		return told(&err);
	if (got > 0)
		say(l, _("%s at %s: its password is forgotten\n"), end->login, end->host);
	l->forgotten += (unsigned)got;
	return 0;
}

static int each(struct login *l)
{
	int (*work)(struct login *, const struct job_account *, const struct job_end *) = l->options->forget ? forget : side;
	int *exits = x_calloc(2 * l->job->accounts + 1, sizeof *exits), status = 0;
	size_t n = 0;
	for (size_t i = 0; i < l->job->accounts && !caught_signal(); i++) {
		const struct job_account *account = &l->job->account[i];
		if (!account_asked(l->options->accounts, account->name))
			continue;
		exits[n++] = work(l, account, &account->source);
		if (!caught_signal())
			exits[n++] = work(l, account, &account->target);
	}
	status = caught_signal() ? 128 + caught_signal() : report_exit(exits, n);
	free(exits);
	return status;
}

static int sides(struct login *l)
{
	int status = each(l);
	if (status == 0 && l->options->forget && l->forgotten == 0)
		say(l, _("Nothing was kept, so nothing is forgotten.\n"));
	else if (status == 0 && !l->options->forget && l->lacking == 0)
		say(l, "%s", l->kept > 0 ? _("Nothing is lacking: the servers take what is kept.\n") : _("Nothing is lacking: the job file says where each secret comes from.\n"));
	return status;
}

int cmd_login(const struct options *options)
{
	struct login l = { .options = options };
	int status = EXIT_USAGE;
	l.job = load_job(options);
	if (l.job && accounts_known(options, l.job)) {
		cancel_init(&l.stop);
		catch_signals(&l.stop);
		l.secrets = secrets_new(l.job, NULL, NULL);
		l.registry = registry_new(l.secrets);
		status = sides(&l);
		registry_free(&l.registry);
		secrets_free(&l.secrets);
	}
	job_free(&l.job);
	return status;
}
