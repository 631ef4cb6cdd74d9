/* The IMAP door keeps the contract. A server is named by the environment: CONTRACT_PORT, CONTRACT_TLS (none, starttls, implicit),
   CONTRACT_CA, CONTRACT_PASSWORD, CONTRACT_MAX_MAIL, CONTRACT_QUOTA (bytes); any user signs in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/imap.h"
#include "tests/contract/contract.h"

struct here {
	struct imap_shared *shared;
	struct imap_options options;
	char user[64];
	unsigned number;
};

static void fresh(void *ctx)
{
	struct here *h = ctx;
	snprintf(h->user, sizeof h->user, "%s-%u", h->options.tls == IMAP_PLAIN ? "plain" : h->options.tls == IMAP_STARTTLS ? "starttls" : "implicit", ++h->number);
	h->options.user = h->user;
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
	struct opener opener = { fresh, open_imap, &here, strtoul(max, NULL, 10), strtoull(quota, NULL, 10), here.options.tls == IMAP_PLAIN ? "" : "TLSv1." };
	char name[64];
	snprintf(name, sizeof name, "contract/imap/%s", tls);
	int failed = contract_run(name, &opener);
	imap_shared_free(&here.shared);
	return failed;
}
