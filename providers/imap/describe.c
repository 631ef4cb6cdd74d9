/* What the server says of itself: room (QUOTA, RFC 9208 and 2087), the largest mail (APPENDLIMIT, RFC 7889), encryption, mechanism. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap/session.h"

#define QUOTA_UNIT 1024 /* RFC 9208, 5.1: STORAGE counts units of 1024 octets */

static bool scan_blank(struct scan *s)
{
	if (s->at >= s->end || *s->at != ' ')
		return false;
	s->at++;
	return true;
}

/* number64 */
static bool scan_large(struct scan *s, uint64_t *out)
{
	const char *from = s->at;
	*out = 0;
	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
		if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, (uint64_t)(*s->at - '0'), out))
			return false;
	return s->at > from;
}

/* A name, and " (" behind it. */
static bool scan_head(struct scan *s)
{
	char *name;
	if (!scan_blank(s) || !scan_string(s, &name))
		return false;
	free(name);
	if (!scan_blank(s) || s->at >= s->end || *s->at != '(')
		return false;
	s->at++;
	return true;
}

/* Of several roots the one with the least room left counts: mail for INBOX has to fit into all. */
static void take_storage(struct door_facts *facts, uint64_t used, uint64_t limit)
{
	uint64_t left = limit > used ? limit - used : 0, known = facts->quota_limit > facts->quota_used ? facts->quota_limit - facts->quota_used : 0;
	if (limit == 0 || limit > UINT64_MAX / QUOTA_UNIT || used > UINT64_MAX / QUOTA_UNIT || (facts->has_quota && known <= left * QUOTA_UNIT))
		return; /* a limit of nothing is how some servers say that there is none */
	facts->has_quota = true;
	facts->quota_used = used * QUOTA_UNIT;
	facts->quota_limit = limit * QUOTA_UNIT;
}

/* QUOTA "User quota" (STORAGE 10 512 MESSAGE 3 1000) */
static void take_quota(struct door_facts *facts, struct scan s)
{
	if (!scan_head(&s))
		return;
	while (s.at < s.end && *s.at != ')') {
		bool storage = scan_word(&s, "STORAGE");
		uint64_t used, limit;
		while (!storage && s.at < s.end && *s.at != ' ' && *s.at != ')')
			s.at++;
		if (!scan_blank(&s) || !scan_large(&s, &used) || !scan_blank(&s) || !scan_large(&s, &limit))
			return;
		if (storage)
			take_storage(facts, used, limit);
		scan_blank(&s);
	}
}

void imap_facts_response(struct imap *m, const char *text, size_t len)
{
	struct scan s = { text, text + len };
	uint64_t limit;
	if (scan_word(&s, "QUOTA"))
		take_quota(m->facts, s);
	else if (scan_word(&s, "STATUS") && scan_head(&s) && scan_word(&s, "APPENDLIMIT") && scan_blank(&s) && scan_large(&s, &limit))
		m->append_limit = limit;
}

/* The server may say NO to either: then it does not tell. */
int imap_describe(struct conn *conn, struct door_facts *out, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	unsigned quota = 0, limit = 0; /* tags begin at 1 */
	*out = (struct door_facts){ 0 };
	m->facts = out;
	if (imap_can(m, "QUOTA"))
		quota = imap_command(m, COMMAND_SIMPLE, "GETQUOTAROOT INBOX")->tag;
	if (imap_can(m, "APPENDLIMIT"))
		limit = imap_command(m, COMMAND_SIMPLE, "STATUS INBOX (APPENDLIMIT)")->tag;
	int ok = imap_wait(m, quota, err) < 0 || imap_wait(m, limit, err) < 0 ? -1 : 0;
	m->facts = NULL;
	if (ok < 0)
		return -1;
	out->append_limit = m->append_limit;
	snprintf(out->secured, sizeof out->secured, "%s", stream_secured(m->stream));
	snprintf(out->mechanism, sizeof out->mechanism, "%s", m->mechanism);
	return 0;
}
