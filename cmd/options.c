/* The command line: one table of commands, one of options, and which belongs to which. */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/job/near.h"

/* ---- the tables ---- */

enum {
	INIT = 1, LOGIN = 2, CHECK = 4, PLAN = 8, RUN = 16, VERIFY = 32, STATUS = 64, REPORT = 128, REFUSED = 256, ACCEPT = 512, PROVIDERS = 1024, SCHEMA = 2048,
	MOVES = RUN | VERIFY | PLAN,	/* what runs the mover */
	DIALS = MOVES | CHECK,		/* what signs in to the accounts */
	ACCOUNTS = DIALS | LOGIN | STATUS | REPORT | REFUSED | ACCEPT,
	ANY = 4095
};

static const struct { const char *name; unsigned bit; } commands[] = {
	{ "init", INIT }, { "login", LOGIN }, { "check", CHECK }, { "plan", PLAN }, { "run", RUN }, { "verify", VERIFY }, { "status", STATUS },
	{ "report", REPORT }, { "refused", REFUSED }, { "accept", ACCEPT }, { "providers", PROVIDERS }, { "schema", SCHEMA },
};
#define COMMANDS (sizeof commands / sizeof *commands)

/* What an option sets: a flag, a text, or something that is looked at first. */
enum kind { FLAG, TEXT, SPECIAL, LATER };
enum special { SPECIAL_ACCOUNT, SPECIAL_LANG, SPECIAL_PROGRESS, SPECIAL_WORKERS, SPECIAL_JSON, SPECIAL_OF, SPECIAL_DRY, SPECIAL_HELP, SPECIAL_VERSION };

static const struct row {
	const char *name;
	unsigned of;		/* commands */
	bool value;
	enum kind kind;
	size_t at;		/* in struct options, or an enum special */
	char letter;		/* its short form, or 0 */
	const char *called;	/* LATER: how the contract writes it */
} rows[] = {
	{ "account", ACCOUNTS, true, SPECIAL, SPECIAL_ACCOUNT, 0, NULL },
	{ "json", ANY & ~(unsigned)(INIT | LOGIN), false, SPECIAL, SPECIAL_JSON, 0, NULL },
	{ "lang", ANY, true, SPECIAL, SPECIAL_LANG, 0, NULL },
	{ "progress", ANY, true, SPECIAL, SPECIAL_PROGRESS, 0, NULL },
	{ "quiet", ANY, false, FLAG, offsetof(struct options, quiet), 'q', NULL },
	{ "verbose", ANY, false, FLAG, offsetof(struct options, verbose), 'v', NULL },
	{ "log", ANY, true, TEXT, offsetof(struct options, log), 0, NULL },
	{ "no-input", ANY, false, FLAG, offsetof(struct options, no_input), 0, NULL },
	{ "wire-log", DIALS | LOGIN, true, TEXT, offsetof(struct options, wire_log), 0, NULL },
	{ "workers", DIALS, true, SPECIAL, SPECIAL_WORKERS, 0, NULL },
	{ "failed-only", DIALS, false, FLAG, offsetof(struct options, failed_only), 0, NULL },
	{ "no-verify", RUN, false, FLAG, offsetof(struct options, no_verify), 0, NULL },
	{ "again", RUN, false, FLAG, offsetof(struct options, again), 0, NULL },
	{ "dry-run", RUN, false, SPECIAL, SPECIAL_DRY, 0, NULL },
	{ "plan", RUN, true, TEXT, offsetof(struct options, plan_from), 0, NULL },
	{ "deep", VERIFY, false, FLAG, offsetof(struct options, deep), 0, NULL },
	{ "out", PLAN, true, TEXT, offsetof(struct options, plan_to), 'o', NULL },
	{ "html", REPORT, true, TEXT, offsetof(struct options, html), 0, NULL },
	{ "text", REPORT, true, TEXT, offsetof(struct options, text_to), 0, NULL },
	{ "csv", REPORT, true, TEXT, offsetof(struct options, csv), 0, NULL },
	{ "of", REPORT, true, SPECIAL, SPECIAL_OF, 0, NULL },
	{ "follow", STATUS, false, FLAG, offsetof(struct options, follow), 0, NULL },
	{ "from", INIT, true, TEXT, offsetof(struct options, from), 0, NULL },
	{ "to", INIT, true, TEXT, offsetof(struct options, to), 0, NULL },
	{ "from-host", INIT, true, TEXT, offsetof(struct options, from_host), 0, NULL },
	{ "to-host", INIT, true, TEXT, offsetof(struct options, to_host), 0, NULL },
	{ "forget", LOGIN, false, FLAG, offsetof(struct options, forget), 0, NULL },
	{ "export", REFUSED, true, TEXT, offsetof(struct options, export_to), 0, NULL },
	{ "retry", REFUSED, false, FLAG, offsetof(struct options, retry), 0, NULL },
	{ "refused", ACCEPT, false, FLAG, offsetof(struct options, accept[ACCEPT_REFUSED]), 0, NULL },
	{ "altered", ACCEPT, false, FLAG, offsetof(struct options, accept[ACCEPT_ALTERED]), 0, NULL },
	{ "doubled", ACCEPT, false, FLAG, offsetof(struct options, accept[ACCEPT_DOUBLED]), 0, NULL },
	{ "shrunk", ACCEPT, false, FLAG, offsetof(struct options, accept[ACCEPT_SHRUNK]), 0, NULL },
	{ "domain", CHECK, false, LATER, 0, 0, "check --domain" },
	{ "help", ANY, false, SPECIAL, SPECIAL_HELP, 0, NULL },
	{ "version", ANY, false, SPECIAL, SPECIAL_VERSION, 0, NULL },
};
#define ROWS (sizeof rows / sizeof *rows)
#define FIRST 256	/* getopt's value of row 0: no character */

/* ---- what is wrong ---- */

static const char *hint(const struct options *o)
{
	return o->command && *o->command != '-' ? o->command : "";
}

static int wrong(const struct options *o, const char *said, const char *what)
{
	const char *command = hint(o);
	fprintf(stderr, _("trasloco: %s%s\nTry: trasloco %s%s--help\n"), said, what, command, *command ? " " : "");
	return EXIT_USAGE;
}

static int unknown_command(const char *word)
{
	const char *best = NULL;
	unsigned least = UINT_MAX;
	for (size_t i = 0; i < COMMANDS; i++)
		if (near_rank(word, commands[i].name) < least) {
			least = near_rank(word, commands[i].name);
			best = commands[i].name;
		}
	if (best)
		fprintf(stderr, _("trasloco: there is no command `%s`; did you mean `%s`?\nTry: trasloco --help\n"), word, best);
	else
		fprintf(stderr, _("trasloco: there is no command `%s`\nTry: trasloco --help\n"), word);
	return EXIT_USAGE;
}

/* The option is not there, or its beginning fits several: those of this command come first. */
static int unknown_option(const struct options *o, unsigned of, const char *word)
{
	CLEANUP(x_free) char *name = x_strdup(word);
	name[strcspn(name, "=")] = '\0';
	const char *best = NULL, *typed = name + strspn(name, "-");
	unsigned least = UINT_MAX;
	for (int mine = 1; mine >= 0 && !best; mine--)
		for (size_t i = 0; i < ROWS; i++)
			if (((rows[i].of & of) != 0) == (mine == 1) && near_rank(typed, rows[i].name) < least) {
				least = near_rank(typed, rows[i].name);
				best = rows[i].name;
			}
	CLEANUP(x_free) char *said = best ? x_printf(_("%s; did you mean --%s?"), name, best) : x_strdup(name);
	return wrong(o, _("unknown option "), said);
}

/* "--deep belongs to `trasloco verify`". */
static int elsewhere(const struct options *o, const struct row *row)
{
	struct buf said = { 0 };
	const char *before = _(" belongs to ");
	buf_addf(&said, "--%s", row->name);
	for (size_t i = 0; i < COMMANDS; i++)
		if (row->of & commands[i].bit) {
			buf_addf(&said, "%s`%s`", before, commands[i].name);
			before = ", ";
		}
	buf_addf(&said, _(", not to `%s`"), o->command);
	if (strcmp(row->name, "deep") == 0 && strcmp(o->command, "run") == 0)
		buf_adds(&said, _("; for a run, write `verify: deep` in the job file"));
	int status = wrong(o, said.data, "");
	buf_free(&said);
	return status;
}

/* ---- values ---- */

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
	if (*end || strspn(text, "0123456789") == 0 || n < 1 || n > 64)
		return wrong(o, _("--workers takes a number from 1 to 64, not "), text);
	o->workers = (unsigned)n;
	return 0;
}

/* The place of the text among the words, or -1. */
static int place(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

static int set_progress(struct options *o, const char *text)
{
	static const char *const kinds[] = { "auto", "bar", "plain", "json", "none", NULL };
	int kind = place(text, kinds);
	if (kind < 0)
		return wrong(o, _("--progress takes auto, bar, plain, json or none, not "), text);
	o->progress = (enum progress_kind)kind;
	return 0;
}

static int set_lang(struct options *o, const char *text)
{
	if (place(text, (const char *const[]){ "it", "en", NULL }) < 0)
		return wrong(o, _("--lang takes it or en, not "), text);
	o->lang = text;
	return 0;
}

static int set_of(struct options *o, const char *text)
{
	if (place(text, (const char *const[]){ "plan", "run", "verify", NULL }) < 0)
		return wrong(o, _("--of takes plan, run or verify, not "), text);
	o->of = text;
	return 0;
}

static int special(struct options *o, enum special what, const char *value)
{
	switch (what) {
	case SPECIAL_ACCOUNT:
		add_account(o, value);
		return 0;
	case SPECIAL_LANG:
		return set_lang(o, value);
	case SPECIAL_PROGRESS:
		return set_progress(o, value);
	case SPECIAL_WORKERS:
		return set_workers(o, value);
	case SPECIAL_OF:
		return set_of(o, value);
	case SPECIAL_JSON:
		o->json = true;
		o->json_to = *value ? value : NULL;
		return 0;
	case SPECIAL_DRY:
		o->dry_run = true;
		return 0;
	case SPECIAL_HELP:
		options_help(stdout, o->command);
		return EXIT_SHOWN;
	case SPECIAL_VERSION:
		puts("trasloco " TRASLOCO_VERSION);
		return EXIT_SHOWN;
	}
	return EXIT_INTERNAL;
}

static int take(struct options *o, unsigned of, const struct row *row, const char *value)
{
	if (!(row->of & of))
		return elsewhere(o, row);
	if (value && !*value)
		return wrong(o, _("an empty value was given to --"), row->name);
	if (row->kind == FLAG)
		*(bool *)((char *)o + row->at) = true;
	else if (row->kind == TEXT)
		*(const char **)((char *)o + row->at) = value;
	else if (row->kind == LATER)
		return wrong(o, _("not in this version yet: "), row->called);
	else
		return special(o, (enum special)row->at, value ? value : "");
	return 0;
}

/* ---- the line ---- */

static int next_option(struct options *o, unsigned of, int argc, char **argv, int option)
{
	for (size_t i = 0; i < ROWS; i++)
		if (option == FIRST + (int)i || (rows[i].letter && option == rows[i].letter))
			return take(o, of, &rows[i], optarg);
	if (option == ':')
		return wrong(o, _("a value is missing after "), argv[optind - 1]);
	char letter[3] = { '-', (char)optopt, '\0' };
	/* optopt is set for a letter, and for a long option that takes no value and was given one */
	if (optopt >= FIRST)
		return wrong(o, _("this option takes no value: "), argv[optind - 1]);
	return optopt ? wrong(o, _("unknown option "), letter) : unknown_option(o, of, optind <= argc ? argv[optind - 1] : "");
}

static int read_options(struct options *o, unsigned of, int argc, char **argv)
{
	struct option list[ROWS + 1] = { 0 };
	for (size_t i = 0; i < ROWS; i++) {
		/* report's --json has a value, the others' has none */
		bool value = rows[i].value || (of == REPORT && strcmp(rows[i].name, "json") == 0);
		list[i] = (struct option){ rows[i].name, value ? required_argument : no_argument, NULL, FIRST + (int)i };
	}
	int option, status = 0;
	opterr = 0;
	while (status == 0 && (option = getopt_long(argc, argv, ":qvo:", list, NULL)) != -1)
		status = next_option(o, of, argc, argv, option);
	return status;
}

/* The words that are no options: the job, at most. */
static int take_words(struct options *o, unsigned of, int argc, char **argv)
{
	if (optind < argc && of == SCHEMA)
		return wrong(o, _("`schema` takes no file: "), argv[optind]);
	if (optind < argc)
		o->word = argv[optind++];
	if (o->word)
		o->job = o->word;
	return optind < argc ? wrong(o, _("one job file at a time; what is this: "), argv[optind]) : 0;
}

/* What does not go together. */
static int check(struct options *o, unsigned of)
{
	if (of == REPORT && !o->html && !o->json && !o->text_to && !o->csv)
		return wrong(o, _("say where the report goes: --html FILE, --json FILE, --text FILE or --csv FILE (- is standard output)"), "");
	if (of == ACCEPT && !o->accept[ACCEPT_REFUSED] && !o->accept[ACCEPT_ALTERED] && !o->accept[ACCEPT_DOUBLED] && !o->accept[ACCEPT_SHRUNK])
		return wrong(o, _("say what you accept: --refused, --altered, --doubled or --shrunk"), "");
	if (o->follow && o->json)
		return wrong(o, _("--follow and --json do not go together"), "");
	if (o->failed_only && o->accounts)
		return wrong(o, _("--failed-only and --account do not go together"), "");
	if (o->plan_to && strcmp(o->plan_to, "-") == 0 && o->json)
		return wrong(o, _("the plan and --json can't both go to standard output"), "");
	if (o->dry_run && o->plan_from)
		return wrong(o, _("--dry-run and --plan do not go together"), "");
	if (o->dry_run)
		o->command = "plan";
	return 0;
}

/* `trasloco --help`, `trasloco help run`, and what is no command. */
static int without_command(struct options *o, int argc, char **argv)
{
	if (argc < 2)
		return wrong(o, _("say what to do: init, login, check, plan, run, verify, status or report"), "");
	if (strcmp(argv[1], "help") == 0) {
		options_help(stdout, argc > 2 ? argv[2] : NULL);
		return EXIT_SHOWN;
	}
	if (argv[1][0] != '-')
		return unknown_command(argv[1]);
	int status = read_options(o, ANY, argc, argv);
	return status ? status : wrong(o, _("the command comes first: trasloco COMMAND [JOB] [OPTIONS]"), "");
}

int options_parse(struct options *out, int argc, char **argv)
{
	*out = (struct options){ .job = "migrate.yaml" };
	unsigned of = 0;
	for (size_t i = 0; i < COMMANDS && argc > 1; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			of = commands[i].bit;
			out->command = commands[i].name;
		}
	optind = of ? 2 : 1;
	if (!of)
		return without_command(out, argc, argv);
	int status = read_options(out, of, argc, argv);
	if (status == 0)
		status = take_words(out, of, argc, argv);
	return status == 0 ? check(out, of) : status;
}

void options_free(struct options *options)
{
	free(options->accounts);
}
