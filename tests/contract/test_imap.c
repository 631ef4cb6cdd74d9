/* The IMAP door keeps the contract. A server is named by the environment: CONTRACT_PORT, CONTRACT_TLS (none, starttls, implicit),
   CONTRACT_CA, CONTRACT_PASSWORD, CONTRACT_MAX_MAIL, CONTRACT_QUOTA (bytes); any user signs in. Besides, each
   may be missing: CONTRACT_AUTH (a mechanism, in small letters), CONTRACT_TOKEN (a token instead of a password, of CONTRACT_USER), CONTRACT_ADMIN
   (signs in, for the users), CONTRACT_PIN (64 digits), CONTRACT_MECHANISM (that describe() has to name), CONTRACT_ONLY (the name of one test). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/imap.h"
#include "tests/contract/rig.h"

struct here {
	struct imap_shared *shared;
	struct imap_options options;
	char user[64];
	unsigned char pin[32];
	unsigned number;
};

static void fresh(void *ctx)
{
	struct here *h = ctx;
	snprintf(h->user, sizeof h->user, "%s-%u", h->options.tls == IMAP_PLAIN ? "plain" : h->options.tls == IMAP_STARTTLS ? "starttls" : "implicit", ++h->number);
	if (getenv("CONTRACT_USER"))
		snprintf(h->user, sizeof h->user, "%s", getenv("CONTRACT_USER"));
	h->options.user = h->user;
	if (getenv("CONTRACT_ADMIN")) {
		h->options.acts_as = h->user;
		h->options.user = getenv("CONTRACT_ADMIN");
	}
}

static enum imap_auth auth_of(const char *name)
{
	static const char *const names[] = { "auto", "plain", "login", "scram-sha-256", "xoauth2", "oauthbearer" };
	unsigned i = 0;
	while (i < 6 && strcmp(names[i], name) != 0)
		i++;
	return i < 6 ? (enum imap_auth)i : IMAP_AUTO;
}

static void more_options(struct here *h)
{
	const char *auth = getenv("CONTRACT_AUTH"), *pin = getenv("CONTRACT_PIN"), *token = getenv("CONTRACT_TOKEN");
	if (auth)
		h->options.auth = auth_of(auth);
	if (token) {
		h->options.secret = token;
		h->options.token = true;
	}
	for (size_t i = 0; pin && i < 2 * sizeof h->pin; i += 2) {
		const char digits[3] = { pin[i], pin[i + 1], '\0' };
		h->pin[i / 2] = (unsigned char)strtoul(digits, NULL, 16);
		h->options.fingerprint = h->pin;
	}
	if (getenv("CONTRACT_ONLY"))
		cmocka_set_test_filter(getenv("CONTRACT_ONLY"));
}

static int open_imap(void *ctx, struct conn **out, const struct conn_env *env, struct error *err)
{
	struct here *h = ctx;
	return imap_open(out, h->shared, &h->options, env, err);
}

int main(void)
{
	const char *port = getenv("CONTRACT_PORT"), *tls = getenv("CONTRACT_TLS"), *password = getenv("CONTRACT_PASSWORD"), *max = getenv("CONTRACT_MAX_MAIL"), *quota = getenv("CONTRACT_QUOTA");
	if (!port || !tls || !password || !max || !quota) {
		fprintf(stderr, "run_imap.py starts a server and then this program\n");
		return 77;
	}
	struct here here = { .shared = imap_shared_new() };
	here.options = (struct imap_options){ .host = "localhost", .port = (unsigned)strtoul(port, NULL, 10), .ca_file = getenv("CONTRACT_CA"), .secret = password, .timeout_ms = 20000 };
	here.options.tls = strcmp(tls, "none") == 0 ? IMAP_PLAIN : strcmp(tls, "starttls") == 0 ? IMAP_STARTTLS : IMAP_IMPLICIT;
	more_options(&here);
	struct opener opener = { fresh, open_imap, &here, strtoul(max, NULL, 10), strtoull(quota, NULL, 10), getenv("CONTRACT_MECHANISM"), here.options.tls == IMAP_PLAIN ? "" : "TLSv1." };
	char name[64];
	snprintf(name, sizeof name, "contract/imap/%s", tls);
	int failed = contract_run(name, &opener);
	imap_shared_free(&here.shared);
	return failed;
}
