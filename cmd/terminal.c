/* Asking a person for a password, on the terminal, without echo. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/job/file.h"

#define LOOK_MS 200	/* a signal that another thread got is seen this late */
#define LINE_SIZE 4098	/* the longest password, the line end, a NUL */

enum typed { TYPED_LINE, TYPED_EMPTY, TYPED_TOO_LONG, TYPED_END, TYPED_SIGNAL };

struct prompt {
	int tty, signals;	/* signals: a signalfd that is only looked at, never read */
	sigset_t before;
	struct termios shown;
	char line[LINE_SIZE];
};

secrets_ask *terminal_asks(const struct options *options)
{
	return options->no_input || !isatty(STDIN_FILENO) ? NULL : terminal_ask;
}

/* While the echo is off no signal may end or stop us: they are held back, wake us by the signalfd, and come when the terminal is as it was. */
static int hide(struct prompt *p)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	struct termios hidden;
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(&set, held[i]);
	if (tcgetattr(p->tty, &p->shown) < 0)
		return -1;
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signals < 0)
		return -1;
	pthread_sigmask(SIG_BLOCK, &set, &p->before);
	hidden = p->shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	hidden.c_lflag |= ICANON | ISIG | ECHONL;
	/* What was typed before the question was visible and is no answer. */
	tcsetattr(p->tty, TCSAFLUSH, &hidden);
	return 0;
}

/* Whatever was typed and not read must not become the shell's next command. */
static void show(struct prompt *p)
{
	tcsetattr(p->tty, TCSAFLUSH, &p->shown);
	close(p->signals);
	pthread_sigmask(SIG_SETMASK, &p->before, NULL);
}

static bool signalled(const struct prompt *p)
{
	struct pollfd fd = { .fd = p->signals, .events = POLLIN };
	return caught_signal() != 0 || poll(&fd, 1, 0) > 0;
}

/* Waits for a line. In this mode a terminal hands over whole lines only. */
static enum typed read_line(struct prompt *p)
{
	struct pollfd fds[2] = { { .fd = p->tty, .events = POLLIN }, { .fd = p->signals, .events = POLLIN } };
	ssize_t got;
	for (;;) {
		if (signalled(p))
			return TYPED_SIGNAL;
		if (poll(fds, 2, LOOK_MS) <= 0 || !fds[0].revents)
			continue;
		got = read(p->tty, p->line, sizeof p->line - 1);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		break;
	}
	if (got <= 0)
		return TYPED_END;
	p->line[got] = '\0';
	size_t len = strcspn(p->line, "\r\n");
	if (!p->line[len] && (size_t)got >= sizeof p->line - 3)
		return TYPED_TOO_LONG;
	p->line[len] = '\0';
	return len > 0 ? TYPED_LINE : TYPED_EMPTY;
}

static enum typed ask_once(struct prompt *p, const char *question)
{
	if (hide(p) < 0)
		return TYPED_END;
	dprintf(p->tty, "%s", question);
	enum typed typed = read_line(p);
	if (typed == TYPED_SIGNAL || typed == TYPED_END)
		dprintf(p->tty, "\n");
	show(p);
	return typed;
}

static char *question_of(const struct job_end *end)
{
	char login[160], host[160], user[160];
	text_clean(login, sizeof login, end->login, strlen(end->login));
	text_clean(host, sizeof host, end->host, strlen(end->host));
	text_clean(user, sizeof user, end->user, strlen(end->user));
	if (end->on_behalf)
		return x_printf(_("Password of %s (for %s) at %s: "), login, user, host);
	return x_printf(_("Password of %s at %s: "), login, host);
}

static void wipe_prompt(struct prompt *p)
{
	explicit_bzero(p->line, sizeof p->line);
}

int terminal_ask(void *ctx, const struct job_account *account, const struct job_end *end, char **out, struct error *err)
{
	CLEANUP(wipe_prompt) struct prompt p = { .signals = -1 };
	CLEANUP(x_free) char *question = question_of(end);
	CLEANUP(file_close) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	(void)ctx;
	(void)account;
	*out = NULL;
	if (tty < 0)
		return error_set(err, ERR_LOGIN, "no password for %s at %s, and no terminal to ask on", end->login, end->host);
	p.tty = tty;
	for (;;) {
		switch (ask_once(&p, question)) {
		case TYPED_LINE:
			*out = x_strdup(p.line);
			return 0;
		case TYPED_TOO_LONG:
			dprintf(tty, _("That is longer than a password can be. Once more.\n"));
			break;
		case TYPED_EMPTY:
			dprintf(tty, _("Nothing was typed. Once more, or Ctrl-C.\n"));
			break;
		case TYPED_SIGNAL:
			if (caught_signal())
				return error_set(err, ERR_CANCELLED, "stopped at the question for a password");
			break; /* stopped by Ctrl-Z and back again */
		default:
			return error_set(err, ERR_LOGIN, "no password for %s at %s was typed", end->login, end->host);
		}
	}
}

int terminal_ask_all(struct secrets *secrets, const struct job *job, const char *const *only, const struct cancel *stop)
{
	for (size_t i = 0; i < job->accounts; i++) {
		const struct job_account *account = &job->account[i];
		const struct job_end *const ends[] = { &account->source, &account->target };
		for (size_t k = 0; k < 2 && account_asked(only, account->name); k++) {
			char *secret = NULL;
			struct error err;
			/* What goes wrong here goes wrong again where it is told: when the side is opened. */
			if (ends[k]->secret == SECRET_LATER && secrets_get(secrets, ends[k], false, stop, &secret, &err) < 0 && err.class == ERR_CANCELLED)
				return -1;
			secrets_wipe(&secret);
		}
	}
	return 0;
}
