/* The job file that `init` writes: short, commented, without passwords. */
#include <string.h>
#include <strings.h>

#include "cmd/init.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/job/job.h"
#include "providers/presets.h"

#define COMMENT 36	/* the column where comments begin */

/* A value that YAML can't take for anything else, in quotes where it could. */
static void value(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@-";
	static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };
	bool quoted = strspn(text, plain) != strlen(text) || !((text[0] | 32) >= 'a' && (text[0] | 32) <= 'z');

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		quoted = quoted || strcasecmp(text, words[i]) == 0;
	if (!quoted) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *c);
	}
	buf_addc(out, '"');
}

/* "key: value   # comment\n"; comment NULL: none, else one to be translated. */
static void line(struct buf *out, const char *key, const char *text, const char *comment)
{
	size_t start = out->len;
	buf_adds(out, key);
	if (text) {
		buf_addc(out, ' ');
		value(out, text);
	}
	if (comment) {
		do
			buf_addc(out, ' ');
		while (out->len - start < COMMENT);
		buf_addf(out, "# %s", _(comment));
	}
	buf_addc(out, '\n');
}

static void server(struct buf *out, const struct init_side *side)
{
	/* A server that was named, though the address's domain has another one: no preset may be taken for it. */
	if (preset_of_address(&presets, side->address))
		line(out, "      provider:", "imap", NULL);
	line(out, "      host:", side->host, side->port ? NULL : N_("port 993, TLS"));
	if (side->port == 143)
		line(out, "      tls:", "starttls", N_("port 143"));
	else if (side->port && side->port != 993)
		buf_addf(out, "      port: %u\n", side->port);
}

static void end(struct buf *out, const struct init_side *side, const char *comment)
{
	const struct preset *p = side->preset;
	CLEANUP(x_free) char *at = p ? x_printf("%s, %s:%u", p->name, p->host, p->port) : NULL;

	buf_addf(out, "    %s:", side->key);
	buf_addf(out, "%*s# %s\n", (int)(COMMENT - strlen(side->key) - 5), "", _(comment));
	line(out, "      user:", side->user ? side->user : side->address, side->user ? side->address : side->by_domain ? at : NULL);
	if (!p)
		server(out, side);
	else if (!side->by_domain)
		line(out, "      provider:", p->id, at);
	if (p && p->traits & PRESET_OAUTH_ONLY)
		line(out, "      token_command: [PROGRAM, \"{user}\"]", NULL, N_("yours: it prints an access token"));
}

static size_t lines(const struct buf *text)
{
	size_t n = 0;
	for (size_t i = 0; i < text->len; i++)
		n += text->data[i] == '\n';
	return n;
}

void init_text(const struct init_side *source, const struct init_side *target, struct buf *out)
{
	static const char *const more[] = {
		N_("# No passwords in here: `trasloco login` asks for them. More: trasloco schema\n"),
		N_("# folders: { exclude: [Spam, Cestino] }   # what stays behind\n"),
		N_("# verify: deep                            # compare every byte\n"),
	};
	const char *at = strrchr(source->address, '@');
	CLEANUP(x_free) char *name = at ? x_strndup(source->address, (size_t)(at - source->address)) : x_strdup(source->address);

	buf_adds(out, _("# A job of trasloco: what moves from where to where. Try it: trasloco check\n"));
	buf_adds(out, "version: 1\n");
	buf_adds(out, "accounts:\n");
	line(out, "  - name:", name, N_("how reports call it"));
	end(out, source, N_("mail is only read here, never deleted"));
	end(out, target, N_("and copied to here"));
	for (size_t i = 0; i < sizeof more / sizeof *more && lines(out) < 15; i++)
		buf_adds(out, _(more[i]));
}
