/* MX records, by the C library's resolver. */
#include "providers/mx.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <idn2.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

struct record {
	unsigned preference;
	size_t order;	/* in the answer: decides between equal preferences */
	char host[NS_MAXDNAME];
};

static int by_preference(const void *left, const void *right)
{
	const struct record *a = left, *b = right;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Other records of the answer (a CNAME on the way) are no MX. */
static bool read_record(struct record *out, ns_msg *message, int i)
{
	ns_rr rr;
	if (ns_parserr(message, ns_s_an, i, &rr) < 0 || ns_rr_type(rr) != ns_t_mx || ns_rr_rdlen(rr) < 3)
		return false;
	out->preference = ns_get16(ns_rr_rdata(rr));
	out->order = (size_t)i;
	return dn_expand(ns_msg_base(*message), ns_msg_end(*message), ns_rr_rdata(rr) + 2, out->host, sizeof out->host) >= 0;
}

int mx_parse(struct mx_list *out, const unsigned char *answer, size_t len, struct error *err)
{
	ns_msg message;
	size_t count = 0;
	CLEANUP(x_free) struct record *records = x_calloc(MX_MOST, sizeof *records);

	*out = (struct mx_list){ 0 };
	if (len > NS_MAXMSG || ns_initparse(answer, (int)len, &message) < 0)
		return error_set(err, ERR_RETRY, "the answer of the name server can't be read");
	for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < MX_MOST; i++)
		count += read_record(&records[count], &message, i);
	qsort(records, count, sizeof *records, by_preference);
	for (size_t i = 0; i < count; i++)
		out->host[out->count++] = x_strdup(records[i].host);
	return 0;
}

void mx_free(struct mx_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->host[i]);
	*list = (struct mx_list){ 0 };
}

/* A person waits: two tries of two seconds. */
static void be_quick(struct __res_state *resolver)
{
	resolver->retrans = 2;
	resolver->retry = 2;
#ifdef TRASLOCO_CRASH_POINTS
	/* Tests bring a name server of their own, on a port of this machine. */
	const char *port = getenv("TRASLOCO_DNS");
	if (port) {
		resolver->nscount = 1;
		resolver->nsaddr_list[0] = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
	}
#endif
}

static int no_answer(int why, const char *domain, struct error *err)
{
	if (why == NO_DATA)
		return 0;
	if (why == HOST_NOT_FOUND)
		return error_set(err, ERR_USAGE, "there is no domain %s", domain);
	return error_set(err, ERR_RETRY, "no name server answers for %s", domain);
}

int mx_lookup(struct mx_list *out, const char *domain, struct error *err)
{
	struct __res_state resolver = { 0 };
	char *ascii = NULL;

	*out = (struct mx_list){ 0 };
	if (idn2_to_ascii_8z(domain, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return error_set(err, ERR_USAGE, "%s is no name of a domain", domain);
	if (res_ninit(&resolver) < 0) {
		idn2_free(ascii);
		return error_set(err, ERR_RETRY, "this machine has no name server");
	}
	be_quick(&resolver);
	CLEANUP(x_free) unsigned char *answer = x_malloc(NS_MAXMSG);
	int len = res_nquery(&resolver, ascii, ns_c_in, ns_t_mx, answer, NS_MAXMSG), why = resolver.res_h_errno;
	res_nclose(&resolver);
	idn2_free(ascii);
	return len < 0 ? no_answer(why, domain, err) : mx_parse(out, answer, (size_t)len, err);
}
