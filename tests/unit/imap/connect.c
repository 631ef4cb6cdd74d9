/* The addresses of a host: each is tried in its turn, IPv6 as well. The resolver is ours: what it says is told by the test. */
#include "tests/unit/imap/peer.h"

#include <dlfcn.h>
#include <netdb.h>

#define SCRIPT "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x", "CAUTHENTICATE", "S%t OK [CAPABILITY A] in", "H"

static const char *const *answers;	/* addresses of IPv4, NULL at the end; NULL: the true resolver is asked */

/* In front of libc's. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo **next = out;
	if (!answers) {
		int (*next_one)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
		*(void **)&next_one = dlsym(RTLD_NEXT, "getaddrinfo");
		return next_one(name, service, hints, out);
	}
	for (const char *const *at = answers; *at; at++, next = &(*next)->ai_next) {
		struct sockaddr_in *address = x_calloc(1, sizeof *address);
		address->sin_family = AF_INET;
		address->sin_port = htons((uint16_t)strtoul(service, NULL, 10));
		inet_pton(AF_INET, *at, &address->sin_addr);
		*next = x_calloc(1, sizeof **next);
		**next = (struct addrinfo){ .ai_family = AF_INET, .ai_addr = (struct sockaddr *)address, .ai_addrlen = sizeof *address };
	}
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	if (!answers) {
		void (*next_one)(struct addrinfo *);
		*(void **)&next_one = dlsym(RTLD_NEXT, "freeaddrinfo");
		next_one(list);
		return;
	}
	for (struct addrinfo *next; list; list = next) {
		next = list->ai_next;
		free(list->ai_addr);
		free(list);
	}
}

static void open_and_close(struct peer *p)
{
	struct conn *conn = NULL;
	struct error err = { 0 };
	if (imap_open(&conn, p->shared, &p->options, &p->env, &err) < 0)
		fail_msg("%s", err.text);
	conn->ops->close(&conn, false);
}

/* 127.0.0.2 is loopback, and nobody listens there. */
static void test_second_address(void **state)
{
	(void)state;
	static const char *const script[] = { SCRIPT, NULL }, *const two[] = { "127.0.0.2", "127.0.0.1", NULL };
	struct peer p;
	peer_start(&p, script);
	p.options.host = "mail.example";
	answers = two;
	open_and_close(&p);
	answers = NULL;
	peer_end(&p);
}

static void test_no_address(void **state)
{
	(void)state;
	static const char *const none[] = { "127.0.0.2", "127.0.0.3", NULL };
	struct peer p;
	struct conn *conn = NULL;
	struct error err = { 0 };
	peer_listen(&p);
	p.options.host = "mail.example";
	answers = none;
	assert_int_equal(imap_open(&conn, p.shared, &p.options, &p.env, &err), -1);
	answers = NULL;
	assert_int_equal(err.class, ERR_RETRY);
	assert_non_null(strstr(err.text, "mail.example port"));
	peer_close(&p);
}

/* An IPv6 address as the host, also where only loopback has one. */
static void test_ipv6(void **state)
{
	(void)state;
	static const char *const script[] = { SCRIPT, NULL };
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof at;
	struct peer p;
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) < 0) {
		if (listener >= 0)
			close(listener);
		skip(); /* no IPv6 at all on this machine */
	}
	peer_listen(&p);
	close(p.listener);
	p.listener = listener;
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	p.options.host = "::1";
	p.options.port = ntohs(at.sin6_port);
	peer_thread(&p, script);
	open_and_close(&p);
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_second_address), cmocka_unit_test(test_no_address), cmocka_unit_test(test_ipv6) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
