/* trasloco: the table of commands. */
#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"

static const struct {
	const char *name;
	int (*run)(const struct options *options);
} commands[] = {
	{ "init", cmd_init },
	{ "login", cmd_login },
	{ "check", cmd_check },
	{ "plan", cmd_run },
	{ "run", cmd_run },
	{ "verify", cmd_run },
	{ "status", cmd_status },
	{ "report", cmd_report },
	{ "refused", cmd_refused },
	{ "accept", cmd_accept },
	{ "providers", cmd_providers },
	{ "schema", cmd_schema },
};

/* Standard input, output and error are taken, if only by nothing: else the first connection to a server would get such a number, and what is said to people
   would go to the server. */
static void take_standard_files(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What is wrong with the command line is told in its language as well, so that it is looked for before anything is understood. NULL: the locale's. */
static const char *lang_of(int argc, char **argv)
{
	const char *lang = NULL;
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--lang=", 7) == 0)
			lang = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			lang = argv[i + 1];
	return lang;
}

static void *ssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return x_malloc(size);
}

static void *ssl_realloc(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return x_realloc(old, size);
	free(old);
	(void)file;
	(void)line;
	return NULL;
}

static void ssl_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

/* Without memory these two would go on: a document without some of its keys, a certificate that is not to be trusted. They end as all does. */
static void libraries_or_the_end(void)
{
	json_set_alloc_funcs(x_malloc, free);
	CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);
}

int main(int argc, char **argv)
{
	struct options options;
	libraries_or_the_end();
	take_standard_files();
	setlocale(LC_CTYPE, "");
	mallopt(M_ARENA_MAX, 2); /* many threads, little memory */
	umask(077);
	secrets_no_dumps();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* ulimit -f: a write that fails says so */
	i18n_start(lang_of(argc, argv)); /* without a catalogue the texts are English */
	int status = options_parse(&options, argc, argv);
	if (status == 0 && options.lang)
		i18n_start(options.lang); /* however it was abbreviated */
	for (size_t i = 0; status == 0 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(options.command, commands[i].name) == 0) {
			status = commands[i].run(&options);
			break;
		}
	options_free(&options);
	return status == EXIT_SHOWN ? 0 : status;
}
