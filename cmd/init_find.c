/* Which server a side of the new job has: what was given, what its domain or the server's name tells, what the domain's MX tells. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/init.h"
#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"
#include "core/job/job.h"
#include "core/report/prose.h"
#include "providers/mx.h"
#include "providers/presets.h"

#define ADDRESS_MOST 254	/* RFC 5321, 4.5.3.1.3, without its angle brackets */
#define HOST_MOST 253

/* Letters, digits, and what is not ASCII; the rest never stands in a name of a server. */
static bool is_name(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x80 && !strchr(letters, text[i]))
			return false;
	return len > 0 && len <= HOST_MOST && text[0] != '.' && text[0] != '-' && text_is_utf8(text, len);
}

const char *address_wrong(const char *text)
{
	const char *at = strrchr(text, '@');
	size_t len = strlen(text);

	if (len == 0 || len > ADDRESS_MOST || !text_is_utf8(text, len))
		return _("it is no mail address");
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return _("a mail address has no blanks or control characters");
	if (at && (at == text || !is_name(at + 1, strlen(at + 1))))
		return _("it is no mail address");
	return at ? NULL : _("a mail address has an @");
}

static bool port_parse(unsigned *out, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long port = digits > 0 && digits <= 5 && text[digits] == '\0' ? strtoul(text, NULL, 10) : 0;
	*out = (unsigned)port;
	return port > 0 && port <= 65535;
}

bool host_parse(struct init_side *side, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t len = strlen(text);
	unsigned port = 0;

	if (*text == '[') { /* an IPv6 address in brackets, with a port or without */
		len = strcspn(text, "]");
		if (text[len] != ']' || (text[len + 1] && (text[len + 1] != ':' || !port_parse(&port, text + len + 2))))
			return false;
		text++;
		len--;
	} else if (colon && strchr(text, ':') == colon) {
		if (!port_parse(&port, colon + 1))
			return false;
		len = (size_t)(colon - text);
	}
	CLEANUP(x_free) char *host = x_strndup(text, len);
	struct in6_addr address;
	if (strchr(host, ':') ? inet_pton(AF_INET6, host, &address) != 1 : !is_name(host, len))
		return false;
	free(side->host);
	side->host = x_strdup(host);
	side->port = port;
	return true;
}

void host_preset(struct init_side *side)
{
	const struct preset *found = NULL, *own = preset_of_address(&presets, side->address);
	for (size_t i = 0; i < presets.count; i++) {
		const struct preset *p = &presets.row[i];
		bool same = strcasecmp(p->host, side->host) == 0 && (side->port == 0 || side->port == p->port);
		/* of two with one server, the address's own, else the one for the domains of customers */
		if (same && (!found || p == own || (found != own && *p->mx)))
			found = p;
	}
	/* What listens on this machine need not be Proton Bridge; whose local part would sign in is known for the provider's own domains only. */
	if (!found || (found != own && (strncmp(found->host, "127.", 4) == 0 || found->user == USER_LOCAL)))
		return;
	side->preset = found;
	side->by_domain = found == own;
	free(side->host);
	side->host = NULL;
	side->port = 0;
}

const char *side_host(const struct init_side *side)
{
	return side->preset ? side->preset->host : side->host;
}

/* The most preferred exchange that is known; `mx` names it, or the first of all. */
static const struct preset *known_exchange(const struct mx_list *list, const char **mx)
{
	*mx = list->host[0];
	for (size_t i = 0; i < list->count; i++) {
		const struct preset *p = preset_of_mx(list->host[i]);
		if (p) {
			*mx = list->host[i];
			return p;
		}
	}
	return NULL;
}

/* The sentence is one of two, so that it can be translated whole. */
static bool confirmed(const struct init_side *side, const struct preset *p, struct tty *tty)
{
	struct buf question = { 0 };
	const char *text = _(side->confirm), *place = strstr(text, "%s");
	buf_add(&question, text, place ? (size_t)(place - text) : strlen(text));
	if (place) {
		buf_adds(&question, p->host);
		buf_adds(&question, place + 2);
	}
	bool yes = tty_yes(tty, question.data);
	buf_free(&question);
	return yes;
}

static void nothing_known(struct tty *tty, const char *domain, const struct error *err)
{
	struct buf why = { 0 };
	prose_kept(&why, err->text);
	tty_say(tty, _("Nothing is known of %s: %s."), domain, why.data ? why.data : "");
	buf_free(&why);
}

static void find_by_mx(struct init_side *side, const char *domain, struct tty *tty)
{
	struct error err = { 0 };
	struct mx_list list;
	const char *mx;

	if (mx_lookup(&list, domain, &err) < 0) {
		nothing_known(tty, domain, &err);
		return;
	}
	const struct preset *p = list.count ? known_exchange(&list, &mx) : NULL;
	char shown[HOST_MOST + 4];
	text_clean(shown, sizeof shown, list.count ? mx : "", list.count ? strlen(mx) : 0);
	if (list.count == 0 || !*shown)
		tty_say(tty, _("%s receives no mail by itself (it has no MX), so its server is not known."), domain);
	else if (!p)
		tty_say(tty, _("Mail of %s is at %s, which trasloco does not know."), domain, shown);
	else
		tty_say(tty, _("Mail of %s is at %s (%s): %s."), domain, shown, p->name, p->host);
	mx_free(&list);
	if (p && (!tty || confirmed(side, p, tty)))
		side->preset = p;
}

void side_find(struct init_side *side, struct tty *tty)
{
	const char *at = strrchr(side->address, '@');
	side->preset = preset_of_address(&presets, side->address);
	side->by_domain = side->preset != NULL;
	if (side->preset)
		tty_say(tty, _("%s is at %s: %s."), side->address, side->preset->name, side->preset->host);
	else if (at)
		find_by_mx(side, at + 1, tty);
}

void side_tell(const struct init_side *side, struct tty *tty)
{
	const struct preset *p = side->preset;
	if (!p)
		return;
	if (p->traits & PRESET_OAUTH_ONLY)
		tty_say(tty, _("%s takes no passwords, only OAuth2: a program must print an access token (`token_command` under `%s`)."), p->name,
			side->key);
	if (p->traits & PRESET_APP_PASSWORD)
		tty_say(tty, _("%s may want a password made for programs (\"app password\"), with two-step sign-in always."), p->name);
	if (p->traits & PRESET_IMAP_SWITCH)
		tty_say(tty, _("IMAP has to be switched on in the webmail of %s first."), p->name);
	/* What would go wrong, or be left behind, without a word */
	if (*p->note && (p->traits & PRESET_WINDOW || strncmp(p->host, "127.", 4) == 0))
		tty_say(tty, "%s", _(p->note));
	if (p->traits & (PRESET_OAUTH_ONLY | PRESET_APP_PASSWORD | PRESET_IMAP_SWITCH) && *p->page)
		tty_say(tty, _("See %s"), p->page);
}
