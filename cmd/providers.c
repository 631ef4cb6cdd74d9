/* providers: what is known of each provider, and how surely. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <uniwidth.h>

#include "cmd/cmd.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/job/near.h"
#include "core/report/providers.h"
#include "providers/presets.h"

#define COLUMNS 80
#define INDENT 17	/* where the facts of one provider begin */

static const struct {
	unsigned trait;
	const char *text;
} traits[] = {
	{ PRESET_OAUTH_ONLY, N_("It takes no passwords, only OAuth2: `token_command` in the job file.") },
	{ PRESET_APP_PASSWORD, N_("It may want a password made for programs (\"app password\"), with two-step sign-in always.") },
	{ PRESET_IMAP_SWITCH, N_("IMAP has to be switched on in its webmail first.") },
	{ PRESET_PEC, N_("Certified mail (PEC).") },
	{ PRESET_OUTAGES, N_("It was out of order from 22 to 28 January 2023 and for five days from 14 June 2023.") },
	{ PRESET_WINDOW, N_("It may show programs only a part of a large folder, without a word about it.") },
};

static const char *const user_texts[] = {
	[USER_ADDRESS] = N_("the whole address"),
	[USER_LOCAL] = N_("what stands before the @"),
	[USER_CODE] = N_("a code of its own, not the address"),
};

/* ---- the table ---- */

/* "libero.it +4" */
static char *short_domains(const struct preset *p)
{
	size_t more = 0, first = strcspn(p->domains, " ");
	for (const char *at = strchr(p->domains, ' '); at; at = strchr(at + 1, ' '))
		more++;
	if (first == 0)
		return x_strdup(*p->mx ? _("own domains") : "-");
	return more ? x_printf("%.*s +%zu", (int)first, p->domains, more) : x_strdup(p->domains);
}

static void table(struct buf *out)
{
	buf_addf(out, "%-13s  %-15s  %-29s  %s\n", _("NAME"), _("PROVIDER"), _("SERVER"), _("ADDRESSES"));
	for (size_t i = 0; i < presets.count; i++) {
		const struct preset *p = &presets.row[i];
		CLEANUP(x_free) char *server = x_printf("%s:%u%s", p->host, p->port, p->tls == TLS_STARTTLS ? " starttls" : "");
		CLEANUP(x_free) char *domains = short_domains(p);
		buf_addf(out, "%-13s  %-15s  %-29s  %s\n", p->id, p->name, server, domains);
	}
	buf_adds(out, _("\nAll facts of one: trasloco providers NAME. None was tried against the live\n"
			"services: `trasloco check` asks them.\n"));
}

/* ---- one provider ---- */

/* "Label        text", wrapped at blanks; a word that is too long (an address of a page) stands whole. */
static void fact(struct buf *out, const char *label, const char *text)
{
	size_t column = INDENT;
	int wide = u8_strwidth((const uint8_t *)label, "UTF-8");
	buf_addf(out, "  %s%*s", label, wide < INDENT - 2 ? INDENT - 2 - wide : 1, "");
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, " ");
		size_t width = (size_t)u8_width((const uint8_t *)at, n, "UTF-8");
		bool first = column == INDENT;
		if (!first && column + 1 + width > COLUMNS) {
			buf_addf(out, "\n%*s", INDENT, "");
			column = INDENT;
			first = true;
		}
		if (!first)
			buf_addc(out, ' ');
		buf_add(out, at, n);
		column += width + !first;
		at += n + strspn(at + n, " ");
	}
	buf_addc(out, '\n');
}

static const char *sureness(const char *mark)
{
	if (strcmp(mark, "A") == 0)
		return _("from the provider's own pages, standards or Thunderbird's database");
	if (strcmp(mark, "B") == 0)
		return _("from third parties");
	if (strcmp(mark, "K") == 0)
		return _("general knowledge, not checked");
	return _("partly from the provider's own pages, partly from third parties");
}

/* "a b c" as "a, b, c", after some words. */
static char *listed(const char *before, const char *words)
{
	struct buf out = { 0 };
	buf_adds(&out, before);
	for (const char *c = words; *c; c++)
		if (*c == ' ')
			buf_adds(&out, ", ");
		else
			buf_addc(&out, *c);
	return out.data;
}

static void addresses(struct buf *out, const struct preset *p)
{
	CLEANUP(x_free) char *domains = listed("", p->domains);
	CLEANUP(x_free) char *exchanges = listed(_("whose MX ends in "), p->mx);

	if (*p->domains)
		fact(out, _("Addresses"), domains);
	if (*p->mx)
		fact(out, _("Own domains"), exchanges);
}

static void one(const struct preset *p, struct buf *out)
{
	const char *tls = p->tls == TLS_STARTTLS ? "STARTTLS" : _("TLS from the start");
	CLEANUP(x_free) char *server = x_printf(_("%s, port %u, %s"), p->host, p->port, tls);
	CLEANUP(x_free) char *known = x_printf(_("%s (%s), collected %s; not tried against the live service"), p->mark,
		sureness(p->mark), p->date);
	CLEANUP(x_free) char *job = x_printf("provider: %s", p->id);

	buf_addf(out, "%s\n\n", p->name);
	fact(out, _("Server"), server);
	addresses(out, p);
	fact(out, _("Signs in with"), _(user_texts[p->user]));
	for (size_t i = 0; i < sizeof traits / sizeof *traits; i++)
		if (p->traits & traits[i].trait)
			fact(out, "", _(traits[i].text));
	if (p->append_limit) {
		CLEANUP(x_free) char *limit = x_printf("%.1f MB", (double)p->append_limit / 1e6);
		fact(out, _("Largest mail"), limit);
	}
	if (*p->note)
		fact(out, _("Note"), _(p->note));
	if (*p->page)
		fact(out, _("Its own page"), p->page);
	fact(out, _("How sure"), known);
	fact(out, _("In a job file"), job);
}

/* ---- the command ---- */

/* By its name, else by an address or a domain of it. */
static const struct preset *find(const char *word)
{
	CLEANUP(x_free) char *address = x_printf("x@%s", strrchr(word, '@') ? strrchr(word, '@') + 1 : word);
	const struct preset *p = preset_find(&presets, word);
	return p ? p : preset_of_address(&presets, address);
}

static int unknown(const char *word)
{
	const char *near = NULL;
	unsigned best = UINT_MAX;
	for (size_t i = 0; i < presets.count; i++) {
		unsigned rank = near_rank(word, presets.row[i].id);
		if (rank < best) {
			best = rank;
			near = presets.row[i].id;
		}
	}
	if (near)
		fprintf(stderr, _("trasloco: no provider is known by the name %s. Did you mean %s? All of them: trasloco providers\n"), word, near);
	else
		fprintf(stderr, _("trasloco: no provider is known by the name %s. All of them: trasloco providers\n"), word);
	return EXIT_USAGE;
}

int cmd_providers(const struct options *options)
{
	const struct preset *only = options->word ? find(options->word) : NULL;
	struct buf out = { 0 };

	if (options->word && !only)
		return unknown(options->word);
	if (options->json)
		report_providers(&presets, only, &out);
	else if (only)
		one(only, &out);
	else
		table(&out);
	int status = print(&out);
	buf_free(&out);
	return status;
}
