/* What --help says: examples first, one screen of 24 lines and 80 columns each. */
#include <string.h>

#include "cmd/cmd.h"

struct help {
	const char *command;	/* NULL: the program */
	const char *examples;	/* lines, each with its end */
	const char *usage;
	const char *text;
	const char *options;	/* its own ones, lines */
	bool accounts, moves, json;	/* those it shares */
};

static const struct help helps[] = {
	{ NULL,
		"  trasloco init --from me@old.it --to me@new.it    write a job file\n"
		"  trasloco check          does everything work? nothing is changed\n"
		"  trasloco run            move the mail; once more: goes on, nothing twice\n"
		"  trasloco status --follow\n",
		"COMMAND [JOB] [OPTIONS]",
		"JOB is migrate.yaml when left out. Nothing is ever deleted, on either side.\n\n"
		"  init, login, check, plan     before: job file, passwords, a trial, a forecast\n"
		"  run, verify, status          the move, its proof, where it stands\n"
		"  report, refused, accept      after: documents, what was refused, what is fine\n"
		"  providers, schema            what is known of providers; for editors\n",
		"  trasloco COMMAND --help      says more\n", false, false, false },
	{ "init",
		"  trasloco init --from anna@libero.it --to anna@company.it\n"
		"  trasloco init job.yaml --from a@old.it --to a@new.it --to-host imap.new.it\n",
		"init [JOB] [--from ADDRESS] [--to ADDRESS] [--to-host HOST]",
		"Writes a job file of a few lines with comments; what is not given is asked.\nA file that is there is never overwritten.\n",
		"  --from ADDRESS     the old mailbox\n  --to ADDRESS       the new one\n  --from-host HOST, --to-host HOST\n                     their servers, where they can't be found by themselves\n", false, false, false },
	{ "login",
		"  trasloco login\n  trasloco login --account anna\n  trasloco login --forget\n",
		"login [JOB] [--account NAME] [--forget]",
		"Asks once for each password that the job file does not tell, tries it, and keeps\nit beside the state in a file that only you can read.\n",
		"  --forget           removes what was kept\n  --wire-log FILE    what is said to the servers; no passwords\n", true, false, false },
	{ "check",
		"  trasloco check\n  trasloco check customer.yaml --account anna\n",
		"check [JOB]",
		"Signs in to both sides of every account and says what works, and for what does\nnot the likely causes. Changes nothing.\n",
		"", true, true, true },
	{ "plan",
		"  trasloco plan\n  trasloco plan customer.yaml --json >plan.json\n  trasloco plan -o plan.yaml\n",
		"plan [JOB] [-o FILE]",
		"The dry run: which folder goes where and why, how much, what is there already,\nhow long it may take. Changes nothing on either server.\n",
		"  -o, --out FILE     also a plan to be edited and run (- is standard output)\n", true, true, true },
	{ "run",
		"  trasloco run\n  trasloco run customer.yaml --account anna --json >report.json\n  trasloco run --failed-only\n",
		"run [JOB] [--plan FILE]",
		"Copies what is missing, verifies it on both servers, and says so. After a stop\nof any kind the same command goes on; nothing is copied twice.\n",
		"  --plan FILE        do what this plan says (`trasloco plan -o FILE`)\n  --no-verify        copy only\n  --again            copy anew what is gone at the new mailbox\n  --dry-run          the same as `trasloco plan`\n", true, true, true },
	{ "verify",
		"  trasloco verify\n  trasloco verify --deep --account anna\n",
		"verify [JOB] [--deep]",
		"Compares both servers again, message by message.\n",
		"  --deep             every byte of every message\n", true, true, true },
	{ "status",
		"  trasloco status\n  trasloco status --follow\n  trasloco status customer.yaml --json\n",
		"status [JOB] [--follow]",
		"Where every account stands, from the state alone; also while a run is at work.\n",
		"  --follow           again every second, until that run has ended\n", true, false, true },
	{ "report",
		"  trasloco report --text -\n  trasloco report --html report.html --json report.json\n",
		"report [JOB] --html FILE | --text FILE | --json FILE | --csv FILE",
		"Writes the report of the newest run or verification; - is standard output.\nHTML is one page for people, to be read, sent or printed.\n",
		"  --of WHAT          of the newest plan, run or verify\n", true, false, false },
	{ "refused",
		"  trasloco refused\n  trasloco refused --export mails/\n  trasloco refused --retry\n",
		"refused [JOB] [--export DIR] [--retry]",
		"Lists the messages that the new server refused, with its words.\n",
		"  --export DIR       copies them there as .eml files; nothing is overwritten\n  --retry            the next run sends them again\n", true, false, true },
	{ "accept",
		"  trasloco accept --refused\n  trasloco accept --altered --doubled --account anna\n",
		"accept [JOB] --refused | --altered | --doubled | --shrunk",
		"Records, with date and your name: seen, I can live with it. From then on it is a\nnote in every report, and no reason for a status.\n",
		"  --refused          messages that the new server refused\n  --altered          messages that it changed\n"
		"  --doubled          messages that it stored twice\n  --shrunk           a mailbox that holds far less than before\n", true, false, true },
	{ "providers",
		"  trasloco providers\n  trasloco providers libero\n",
		"providers [NAME]",
		"What is known of mail providers, with the source and the date of each fact.\n",
		"", false, false, true },
	{ "schema",
		"  trasloco schema >migrate.schema.json\n",
		"schema",
		"The JSON Schema of the job file, for editors.\n",
		"", false, false, false },
};

static const struct help *find(const char *command)
{
	for (size_t i = 1; command && i < sizeof helps / sizeof *helps; i++)
		if (strcmp(helps[i].command, command) == 0)
			return &helps[i];
	return &helps[0];
}

void options_help(FILE *to, const char *command)
{
	const struct help *h = find(command);
	fprintf(to, "Examples:\n%s\ntrasloco %s\n%s\nOptions:\n%s", h->examples, h->usage, h->text, h->options);
	if (h->accounts)
		fputs("  --account NAME     only this account (repeatable)\n", to);
	if (h->moves)
		fputs("  --failed-only      only accounts that did not end well last time\n  --workers N        so many connections at once\n"
			"  --progress KIND    auto, bar, plain, json or none, on standard error\n  --wire-log FILE    what is said to the servers; no passwords, no mail\n", to);
	if (h->json)
		fputs("  --json             as a document, nothing else on standard output\n", to);
	fputs("  --lang it|en, --log FILE, --no-input, -v, -q, --help, --version\n", to);
}
