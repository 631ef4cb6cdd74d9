/* Likely causes, a row each; which apply and in which order is told by the error's class and by the provider's traits. */
#include "core/report/causes.h"

#include "core/base/i18n.h"

enum reason_why { TYPED, CHANGED, APP, SWITCHED_OFF, NO_PASSWORDS, OUTAGE, HOST, OFFLINE, OWN_CERTIFICATE, CLOCK, BETWEEN, NO_SECRET };

static const struct cause rows[] = {
	[TYPED] = { N_("the password is mistyped"), N_("try it on the provider's web site") },
	[CHANGED] = { N_("the password was changed"), N_("it worked here before: ask its owner") },
	[APP] = { N_("sign-in in two steps"), N_("it takes a password made for programs only (app password)") },
	[SWITCHED_OFF] = { N_("mail programs are shut out"), N_("switch their access on in the webmail") },
	[NO_PASSWORDS] = { N_("it takes no passwords at all"), N_("it wants OAuth2: token_command in the job file") },
	[OUTAGE] = { N_("an outage of the provider"), N_("try again in an hour") },
	[HOST] = { N_("host or port is mistyped"), N_("compare them with the provider's own page") },
	[OFFLINE] = { N_("no way there from here"), N_("is this computer online? does a firewall stop it?") },
	[OWN_CERTIFICATE] = { N_("the server has a certificate of its own"), N_("ca_file or fingerprint in the job file") },
	[CLOCK] = { N_("this computer's clock is wrong"), N_("set date and time") },
	[BETWEEN] = { N_("somebody is in between"), N_("a hotel's network, a virus scanner: try another network") },
	[NO_SECRET] = { N_("there is no password to try"), N_("type it once, or name a file or a command in the job file") },
};

struct list {
	struct cause *out;
	size_t count;
};

static void add(struct list *l, enum reason_why why)
{
	if (l->count < CAUSES_MAX)
		l->out[l->count++] = rows[why];
}

static void of_login(struct list *l, const struct report_side *side)
{
	bool known = side->provider && *side->provider;
	if (side->no_secret) {
		if (!side->named)
			add(l, NO_SECRET);
		return;
	}
	if (side->traits & PRESET_OAUTH_ONLY) {
		add(l, NO_PASSWORDS);
		return;
	}
	/* It worked before, or nobody gets in: then what its owner typed is the last to be at fault. */
	bool outage_first = side->outage || side->before;
	if (outage_first)
		add(l, OUTAGE);
	add(l, side->before ? CHANGED : TYPED);
	if (!known || side->traits & PRESET_APP_PASSWORD)
		add(l, APP);
	if (!known || side->traits & PRESET_IMAP_SWITCH)
		add(l, SWITCHED_OFF);
	if (!outage_first)
		add(l, OUTAGE);
}

size_t causes_of(const struct report_side *side, struct cause out[CAUSES_MAX])
{
	struct list l = { out, 0 };
	switch (side->class) {
	case ERR_LOGIN:
		of_login(&l, side);
		break;
	case ERR_TLS:
		add(&l, HOST);
		add(&l, OWN_CERTIFICATE);
		add(&l, CLOCK);
		add(&l, BETWEEN);
		break;
	case ERR_RETRY:
	case ERR_THROTTLED:
		if (side->secure == TRIED_GOOD || side->before || side->traits & PRESET_OUTAGES)
			add(&l, OUTAGE);
		if (side->secure != TRIED_GOOD) {
			add(&l, HOST);
			add(&l, OFFLINE);
		}
		if (l.count < 3 && out[0].what != rows[OUTAGE].what)
			add(&l, OUTAGE);
		break;
	case ERR_USAGE:
		add(&l, NO_SECRET);
		break;
	default:
		break;
	}
	return l.count;
}
