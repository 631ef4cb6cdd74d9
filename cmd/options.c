/* The command line. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"

static const char *const later_commands[] = { "init", "login", "check", "plan", "refused", "accept", "providers", "schema" };
static const char *const known_commands[] = { "run", "verify", "status", "report" };

enum { OPT_ACCOUNT = 256, OPT_JSON, OPT_PROGRESS, OPT_WORKERS, OPT_NO_VERIFY, OPT_DEEP, OPT_LOG, OPT_NO_INPUT, OPT_HELP, OPT_VERSION, OPT_LATER };

static const struct option long_options[] = {
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "progress", required_argument, NULL, OPT_PROGRESS },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "no-verify", no_argument, NULL, OPT_NO_VERIFY },
	{ "deep", no_argument, NULL, OPT_DEEP },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "no-input", no_argument, NULL, OPT_NO_INPUT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	/* of the contract, and not built yet: refused by name */
	{ "again", no_argument, NULL, OPT_LATER },
	{ "plan", required_argument, NULL, OPT_LATER },
	{ "dry-run", no_argument, NULL, OPT_LATER },
	{ "failed-only", no_argument, NULL, OPT_LATER },
	{ "follow", no_argument, NULL, OPT_LATER },
	{ "lang", required_argument, NULL, OPT_LATER },
	{ "wire-log", required_argument, NULL, OPT_LATER },
	{ "html", required_argument, NULL, OPT_LATER },
	{ "text", required_argument, NULL, OPT_LATER },
	{ "csv", required_argument, NULL, OPT_LATER },
	{ "of", required_argument, NULL, OPT_LATER },
	{ NULL, 0, NULL, 0 },
};

void options_help(FILE *to, const char *command)
{
	if (command && strcmp(command, "report") == 0)
		fputs("Examples:\n  trasloco report --json report.json\n  trasloco report customer.yaml --json -\n\n"
			"trasloco report [JOB] --json FILE\n  Writes the report of the newest run or verification; - is standard output.\n", to);
	else if (command && strcmp(command, "status") == 0)
		fputs("Examples:\n  trasloco status\n  trasloco status customer.yaml --json\n\n"
			"trasloco status [JOB] [--json]\n  Where every account stands, from the state alone; also beside a running run.\n", to);
	else if (command && strcmp(command, "verify") == 0)
		fputs("Examples:\n  trasloco verify\n  trasloco verify --deep --account mario\n\n"
			"trasloco verify [JOB] [--deep]\n  Compares both servers again, message by message; --deep compares every byte.\n", to);
	else if (command && strcmp(command, "run") == 0)
		fputs("Examples:\n  trasloco run\n  trasloco run customer.yaml --account mario --json >report.json\n\n"
			"trasloco run [JOB]\n  Copies what is missing, verifies it, and says so. The same command goes on after a stop.\n"
			"  --no-verify    copy only\n", to);
	else
		fputs("Examples:\n  trasloco run                   move the mailboxes of migrate.yaml\n  trasloco run                   once more: goes on, copies nothing twice\n"
			"  trasloco verify --deep         compare every byte on both servers\n  trasloco status                where every account stands\n"
			"  trasloco report --json r.json  the report of the newest run\n\n"
			"trasloco COMMAND [JOB] [OPTIONS]    JOB is migrate.yaml when left out\n\n"
			"Commands: run, verify, status, report; `trasloco COMMAND --help` says more.\n", to);
	fputs("\nOptions:\n  --account NAME             only this account (repeatable)\n  --json                     the report document on standard output, nothing else there\n"
		"  --progress auto|plain|none progress lines on standard error\n  --workers N                so many lanes at most\n  --log FILE                 write a log\n"
		"  -v, -q                     say more, say less\n  --help, --version\n", to);
}

static bool is_in(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static int wrong(const char *said, const char *what)
{
	fprintf(stderr, "trasloco: %s%s\nTry: trasloco --help\n", said, what);
	return EXIT_USAGE;
}

static void add_account(struct options *o, const char *name)
{
	size_t n = 0;
	while (o->accounts && o->accounts[n])
		n++;
	o->accounts = x_realloc(o->accounts, (n + 2) * sizeof *o->accounts);
	o->accounts[n] = name;
	o->accounts[n + 1] = NULL;
}

static int set_workers(struct options *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	if (*end || n < 1 || n > 64)
		return wrong("--workers takes a number from 1 to 64, not ", text);
	o->workers = (unsigned)n;
	return 0;
}

static int set_progress(struct options *o, const char *text)
{
	if (strcmp(text, "auto") == 0 || strcmp(text, "plain") == 0)
		o->progress = PROGRESS_PLAIN;
	else if (strcmp(text, "none") == 0)
		o->progress = PROGRESS_NONE;
	else if (strcmp(text, "bar") == 0 || strcmp(text, "json") == 0)
		return wrong("not in this version yet: --progress ", text);
	else
		return wrong("--progress takes auto, plain or none, not ", text);
	return 0;
}

static int take(struct options *o, int option, int index, const char *value, char **argv)
{
	switch (option) {
	case OPT_ACCOUNT:
		add_account(o, value);
		return 0;
	case OPT_JSON:
		o->json = true;
		o->json_to = value;
		return 0;
	case OPT_PROGRESS:
		return set_progress(o, value);
	case OPT_WORKERS:
		return set_workers(o, value);
	case OPT_NO_VERIFY:
		o->no_verify = true;
		return 0;
	case OPT_DEEP:
		o->deep = true;
		return 0;
	case OPT_LOG:
		o->log = value;
		return 0;
	case OPT_NO_INPUT: /* nothing is asked in this version */
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case OPT_HELP:
		options_help(stdout, o->command);
		return EXIT_SHOWN;
	case OPT_VERSION:
		puts("trasloco " TRASLOCO_VERSION);
		return EXIT_SHOWN;
	case OPT_LATER:
		return wrong("not in this version yet: --", long_options[index].name);
	default:
		return wrong("unknown option, or its value is missing: ", argv[optind - 1]);
	}
}

/* The words that are no options: the job, at most. */
static int take_words(struct options *o, int argc, char **argv)
{
	if (!o->command)
		return wrong("say what to do: run, verify, status or report", "");
	if (is_in(o->command, later_commands, sizeof later_commands / sizeof *later_commands))
		return wrong("not in this version yet: ", o->command);
	if (!is_in(o->command, known_commands, sizeof known_commands / sizeof *known_commands))
		return wrong("there is no such command: ", o->command);
	if (optind < argc)
		o->job = argv[optind++];
	return optind < argc ? wrong("too many words: ", argv[optind]) : 0;
}

/* What does not go together with the command. */
static int check(const struct options *o)
{
	bool report = strcmp(o->command, "report") == 0, verify = strcmp(o->command, "verify") == 0;
	if (report && !o->json)
		return wrong("report needs --json FILE (- for standard output)", "");
	if (o->deep && !verify)
		return wrong("--deep belongs to verify; for run say `verify: deep` in the job file", "");
	if (o->no_verify && strcmp(o->command, "run") != 0)
		return wrong("--no-verify belongs to run", "");
	return 0;
}

int options_parse(struct options *out, int argc, char **argv)
{
	*out = (struct options){ .job = "migrate.yaml" };
	bool known = argc > 1 && argv[1][0] != '-';
	if (known)
		out->command = argv[1];
	int index = 0, option, status = 0;
	optind = known ? 2 : 1;
	opterr = 0;
	/* report's --json has a value, the others' has none */
	bool report = known && strcmp(argv[1], "report") == 0;
	struct option mine[sizeof long_options / sizeof *long_options];
	memcpy(mine, long_options, sizeof mine);
	for (size_t i = 0; mine[i].name; i++)
		if (mine[i].val == OPT_JSON)
			mine[i].has_arg = report ? required_argument : no_argument;
	while (status == 0 && (option = getopt_long(argc, argv, "qv", mine, &index)) != -1)
		status = take(out, option, index, optarg, argv);
	if (status == 0)
		status = take_words(out, argc, argv);
	return status == 0 ? check(out) : status;
}

void options_free(struct options *options)
{
	free(options->accounts);
}
