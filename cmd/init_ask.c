/* Questions on the terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cmd/init.h"
#include "core/base/alloc.h"

struct tty {
	FILE *in, *out;
};

struct tty *tty_open(bool no_input)
{
	struct tty *tty = NULL;
	if (no_input || !isatty(STDIN_FILENO))
		return NULL;
	tty = x_calloc(1, sizeof *tty);
	tty->in = fopen("/dev/tty", "re");
	tty->out = fopen("/dev/tty", "we");
	if (!tty->in || !tty->out)
		tty_close(&tty);
	return tty;
}

void tty_close(struct tty **tty)
{
	if (!*tty)
		return;
	if ((*tty)->in)
		fclose((*tty)->in);
	if ((*tty)->out)
		fclose((*tty)->out);
	free(*tty);
	*tty = NULL;
}

static char *read_line(struct tty *tty)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len = getline(&line, &cap, tty->in);
	if (len < 0) {
		free(line);
		return NULL;
	}
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	memmove(line, line + strspn(line, " \t"), strlen(line + strspn(line, " \t")) + 1);
	return line;
}

char *tty_ask(struct tty *tty, const char *question)
{
	char *line = NULL;
	do {
		free(line);
		fprintf(tty->out, "%s: ", question);
		fflush(tty->out);
		line = read_line(tty);
	} while (line && !*line);
	if (!line)
		fputc('\n', tty->out);
	return line;
}

bool tty_yes(struct tty *tty, const char *question)
{
	for (;;) {
		fprintf(tty->out, "%s [Y/n] ", question);
		fflush(tty->out);
		CLEANUP(x_free) char *line = read_line(tty);
		if (!line)
			return false;
		/* "sì" is what an Italian types without looking */
		if (!*line || strchr("yYsS", *line))
			return true;
		if (strchr("nN", *line))
			return false;
	}
}

void tty_say(struct tty *tty, const char *fmt, ...)
{
	FILE *to = tty ? tty->out : stderr;
	va_list args;
	va_start(args, fmt);
	vfprintf(to, fmt, args);
	va_end(args);
	fputc('\n', to);
	fflush(to);
}
