/* A conversation behind the sign-in: the script begins with HELLO(capabilities). */
#ifndef TEST_IMAP_TALK_H
#define TEST_IMAP_TALK_H

#include "tests/unit/imap/peer.h"

#include "core/mail/mail.h"

#define HELLO(capabilities) "S* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] x", "CAUTHENTICATE", "S%t OK [CAPABILITY IMAP4rev1 " capabilities "] in"
/* SELECT or EXAMINE of a box with UIDVALIDITY 77 and UIDNEXT 10. */
#define OPENED "S* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n* OK [UIDNEXT 10] x\r\n* OK [PERMANENTFLAGS (\\Seen Work \\*)] x\r\n%t OK [READ-WRITE] open"

struct talk {
	struct peer peer;
	struct conn *conn;
	struct folder box;
	struct error err;
};

static inline void talk_begin(struct talk *t, const char *const *script)
{
	*t = (struct talk){ .box = { .wire = (char *)"Box", .name = (char *)"Box", .separator = '/', .selectable = true, .box = { .validity = 77 } } };
	peer_start(&t->peer, script);
	t->peer.env.writer = true;
	if (imap_open(&t->conn, t->peer.shared, &t->peer.options, &t->peer.env, &t->err) < 0)
		fail_msg("%s", t->err.text);
}

static inline void talk_end(struct talk *t)
{
	t->conn->ops->close(&t->conn, false);
	peer_end(&t->peer);
}

static inline struct event talk_next(struct talk *t)
{
	struct event e = { 0 };
	if (t->conn->ops->next(t->conn, &e, &t->err) < 0)
		fail_msg("%s", t->err.text);
	return e;
}

/* The next call fails with that class. */
static inline void talk_breaks(struct talk *t, enum error_class class)
{
	struct event e = { 0 };
	int ok;
	while ((ok = t->conn->ops->next(t->conn, &e, &t->err)) == 0 && e.kind != EV_NONE) {
		uid_set_free(&e.uids);
		mail_free(&e.mail);
	}
	assert_int_equal(ok, -1);
	assert_int_equal(t->err.class, class);
}

static inline unsigned talk_ask(struct talk *t, uint32_t first, uint32_t last, enum want want)
{
	struct uid_set set = { 0 };
	unsigned ask = 0;
	uid_set_add(&set, first, last);
	if (t->conn->ops->ask(t->conn, &t->box, &set, want, false, &ask, &t->err) < 0)
		fail_msg("%s", t->err.text);
	uid_set_free(&set);
	return ask;
}

static inline unsigned talk_ask_changed(struct talk *t, uint32_t first, uint32_t last, uint64_t since)
{
	struct uid_set set = { 0 };
	unsigned ask = 0;
	uid_set_add(&set, first, last);
	if (t->conn->ops->changed(t->conn, &t->box, &set, since, &ask, &t->err) < 0)
		fail_msg("%s", t->err.text);
	uid_set_free(&set);
	return ask;
}

static inline void expect_uids(struct talk *t, unsigned ask, const char *want)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, EV_UIDS);
	assert_int_equal(e.ask, ask);
	char *got = uid_set_text(&e.uids);
	assert_string_equal(got, want);
	free(got);
	uid_set_free(&e.uids);
}

static inline void talk_expect(struct talk *t, enum event_kind kind, unsigned ask)
{
	struct event e = talk_next(t);
	assert_int_equal(e.kind, kind);
	assert_int_equal(e.ask, ask);
	assert_int_equal(e.err.class, ERR_NONE);
}

#endif
