/* init: writes a job file to begin with. What was not said is looked up, what can't be looked up is asked. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/init.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"

static int there_already(const char *path)
{
	fprintf(stderr, _("trasloco: %s is there already and stays as it is. Write another one: trasloco init NAME.yaml\n"), path);
	return EXIT_USAGE;
}

static int nothing_written(void)
{
	fputs(_("trasloco: nothing was written.\n"), stderr);
	return EXIT_USAGE;
}

/* ---- the answers ---- */

/* One that signs in without being an address. */
static bool is_user(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '@')
			return false;
	return *text && text_is_utf8(text, strlen(text));
}

/* With a server a user name is enough: it is the address's domain that would have told the server. */
static int get_address(struct init_side *side, const char *given, bool with_host, struct tty *tty)
{
	const char *wrong = given ? address_wrong(given) : NULL;
	bool user_name = given && with_host && is_user(given);

	if (given && wrong && !user_name) {
		fprintf(stderr, "trasloco: %s %s: %s\n", side->option, given, wrong);
		return EXIT_USAGE;
	}
	if (!given && !tty) {
		fprintf(stderr, "trasloco: %s: %s ADDRESS\n", _(side->no_address), side->option);
		return EXIT_USAGE;
	}
	if (given)
		side->address = x_strdup(given);
	while (!side->address) {
		char *answer = tty_ask(tty, _(side->ask_address));
		if (!answer)
			return nothing_written();
		wrong = address_wrong(answer);
		if (!wrong)
			side->address = answer;
		else {
			tty_say(tty, _("Once more, please: %s."), wrong);
			free(answer);
		}
	}
	return 0;
}

static int ask_host(struct init_side *side, struct tty *tty)
{
	if (!tty) {
		fprintf(stderr, _("trasloco: the IMAP server of %s is not known: give it with %s HOST\n"), side->address, side->host_option);
		return EXIT_USAGE;
	}
	for (;;) {
		CLEANUP(x_free) char *answer = tty_ask(tty, _(side->ask_host));
		if (!answer)
			return nothing_written();
		if (host_parse(side, answer))
			break;
		tty_say(tty, _("Once more, please: that is no name of a server."));
	}
	host_preset(side);
	return 0;
}

/* Where a code signs in and not the address (certified mail). */
static int get_code(struct init_side *side, struct tty *tty)
{
	const struct preset *p = side->preset;
	if (!p || p->user != USER_CODE || !strchr(side->address, '@'))
		return 0;
	if (!tty) {
		fprintf(stderr, _("trasloco: %s signs in with a code of its own, not with the address: %s CODE %s %s\n"), p->name, side->option,
			side->host_option, p->host);
		return EXIT_USAGE;
	}
	CLEANUP(x_free) char *question = x_printf(_("%s signs in with a code of its own. The code of %s"), p->name, side->address);
	while (!side->user) {
		CLEANUP(x_free) char *answer = tty_ask(tty, question);
		if (!answer)
			return nothing_written();
		if (is_user(answer))
			side->user = x_strdup(answer);
	}
	side->by_domain = false; /* nothing in the file tells the provider but its own name */
	return 0;
}

static bool same_mailbox(const struct init_side *a, const struct init_side *b)
{
	const char *one = side_host(a), *two = side_host(b);
	return one && two && strcasecmp(one, two) == 0 && a->port == b->port && strcasecmp(a->address, b->address) == 0;
}

/* other: the side that is known already, or NULL. An address that stays the same while its provider changes is at one of them:
   what its domain tells can't be true of both. */
static int get_host(struct init_side *side, const char *given, const struct init_side *other, struct tty *tty)
{
	int status = 0;
	if (given && !host_parse(side, given)) {
		fprintf(stderr, _("trasloco: %s %s: that is no name of a server\n"), side->host_option, given);
		return EXIT_USAGE;
	}
	if (given)
		host_preset(side);
	else if (!other || strcasecmp(side->address, other->address) != 0)
		side_find(side, tty);
	else
		tty_say(tty, _("%s is the old and the new mailbox; the old one is at %s."), side->address, side_host(other));
	if (!side_host(side))
		status = ask_host(side, tty);
	if (status == 0 && other && same_mailbox(side, other)) {
		fprintf(stderr, _("trasloco: the old and the new mailbox are the same: %s at %s. Where is the other one? %s HOST, %s HOST\n"),
			side->address, side_host(side), other->host_option, side->host_option);
		return EXIT_USAGE;
	}
	if (status == 0)
		status = get_code(side, tty);
	if (status == 0)
		side_tell(side, tty);
	return status;
}

/* ---- the file ---- */

/* Never over a file that is there. A full disk leaves none of it. */
static int write_new(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return there_already(path);
	bool good = fd >= 0;
	for (size_t done = 0; good && done < text->len;) {
		ssize_t n = write(fd, text->data + done, text->len - done);
		if (n >= 0)
			done += (size_t)n;
		else
			good = errno == EINTR;
	}
	good = good && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0 && close(fd) < 0 && good) {
		good = false;
		why = errno;
	}
	if (good)
		return 0;
	fprintf(stderr, _("trasloco: %s can't be written: %s\n"), path, strerror(why));
	if (fd >= 0)
		unlink(path);
	return EXIT_USAGE;
}

/* For the shell: as it is, or in single quotes. */
static char *shell_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@%/-";
	struct buf out = { 0 };
	if (strspn(text, plain) == strlen(text))
		return x_strdup(text);
	buf_addc(&out, '\'');
	for (const char *c = text; *c; c++)
		if (*c == '\'')
			buf_adds(&out, "'\\''");
		else
			buf_addc(&out, *c);
	buf_addc(&out, '\'');
	return out.data;
}

static bool wants_token(const struct init_side *side)
{
	return side->preset && side->preset->traits & PRESET_OAUTH_ONLY;
}

static int next_steps(const char *path, const struct init_side *source, const struct init_side *target)
{
	struct buf out = { 0 };
	bool usual = strcmp(path, "migrate.yaml") == 0;
	CLEANUP(x_free) char *word = usual ? NULL : shell_word(path);
	const char *gap = usual ? "" : " ", *job = usual ? "" : word;

	buf_addf(&out, _("%s is written. Now:\n"), path);
	if (wants_token(source) || wants_token(target))
		buf_addf(&out, _("  set `token_command` in %s\n"), path);
	if (!wants_token(source) || !wants_token(target))
		buf_addf(&out, _("  trasloco login%s%s    asks for the passwords once and keeps them beside the job\n"), gap, job);
	buf_addf(&out, _("  trasloco check%s%s    signs in on both sides and changes nothing\n"), gap, job);
	buf_addf(&out, _("  trasloco run%s%s      moves the mail; the same command goes on after a stop\n"), gap, job);
	int status = print(&out);
	buf_free(&out);
	return status;
}

static void side_free(struct init_side *side)
{
	free(side->address);
	free(side->user);
	free(side->host);
}

int cmd_init(const struct options *options)
{
	const char *path = options->word ? options->word : "migrate.yaml";
	struct init_side source = { .key = "source", .option = "--from", .host_option = "--from-host",
		.ask_address = N_("Address of the old mailbox"), .no_address = N_("say which mailbox is the old one"),
		.ask_host = N_("IMAP server of the old mailbox (like imap.company.it)"), .confirm = N_("Is the old mailbox at %s?") };
	struct init_side target = { .key = "target", .option = "--to", .host_option = "--to-host",
		.ask_address = N_("Address of the new mailbox"), .no_address = N_("say which mailbox is the new one"),
		.ask_host = N_("IMAP server of the new mailbox (like imap.company.it)"), .confirm = N_("Is the new mailbox at %s?") };
	struct stat there;
	struct buf text = { 0 };

	if (lstat(path, &there) == 0) /* before anything is asked */
		return there_already(path);
	CLEANUP(tty_close) struct tty *tty = tty_open(options->no_input);
	int status = get_address(&source, options->from, options->from_host != NULL, tty);
	if (status == 0 || !tty) { /* where nobody is asked, all that is missing is told at once */
		int second = get_address(&target, options->to, options->to_host != NULL, tty);
		status = status ? status : second;
	}
	if (status == 0)
		status = get_host(&source, options->from_host, NULL, tty);
	if (status == 0)
		status = get_host(&target, options->to_host, &source, tty);
	if (status == 0) {
		init_text(&source, &target, &text);
		status = write_new(path, &text);
	}
	if (status == 0)
		status = next_steps(path, &source, &target);
	buf_free(&text);
	side_free(&source);
	side_free(&target);
	return status;
}
