/* The mechanisms, step by step. */
#include "providers/imap/sasl.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/base/alloc.h"
#include "providers/imap/scram.h"

struct sasl {
	enum sasl_kind kind;
	struct sasl_who who;
	unsigned step;		/* answers given */
	struct scram scram;
};

struct sasl *sasl_new(enum sasl_kind kind, const struct sasl_who *who)
{
	struct sasl *s = x_calloc(1, sizeof *s);
	s->kind = kind;
	s->who = *who;
	return s;
}

void sasl_free(struct sasl **sasl)
{
	if (!*sasl)
		return;
	scram_wipe(&(*sasl)->scram);
	free(*sasl);
	*sasl = NULL;
}

void sasl_again(struct sasl *s)
{
	scram_wipe(&s->scram);
	s->step = 0;
}

bool sasl_begins(enum sasl_kind kind)
{
	return kind != SASL_LOGIN;
}

static int no_more(struct error *err)
{
	return error_set(err, ERR_RETRY, "the server tells us to go on with nothing: all of the sign-in was said");
}

/* Runs of bytes, one after the other; the buffer gets its room first, so that growing leaves no secret behind. */
static void put_all(struct buf *out, const char *const *part, const size_t *len, size_t count)
{
	size_t all = 0;
	for (size_t i = 0; i < count; i++)
		all += len[i];
	buf_room(out, all);
	for (size_t i = 0; i < count; i++)
		buf_add(out, part[i], len[i]);
}

static int step_plain(const struct sasl *s, struct buf *raw, struct error *err)
{
	const char *acts_as = s->who.acts_as ? s->who.acts_as : "";
	const char *part[] = { acts_as, "", s->who.user, "", s->who.secret };
	const size_t len[] = { strlen(acts_as), 1, strlen(s->who.user), 1, strlen(s->who.secret) }; /* 1: a NUL */
	if (s->step > 0)
		return no_more(err);
	put_all(raw, part, len, 5);
	return 0;
}

static int step_login(const struct sasl *s, struct buf *raw, struct error *err)
{
	const char *answer = s->step == 0 ? s->who.user : s->who.secret;
	const size_t len = strlen(answer);
	if (s->step > 1)
		return no_more(err);
	put_all(raw, &answer, &len, 1);
	return 0;
}

/* A second challenge is the server's refusal in JSON; after our answer comes the NO. */
static int step_xoauth2(const struct sasl *s, struct buf *raw, struct error *err)
{
	/* the token says who signs in; `user` is whose mailbox it is to be */
	const char *user = s->who.acts_as ? s->who.acts_as : s->who.user;
	const char *part[] = { "user=", user, "\1auth=Bearer ", s->who.secret, "\1\1" };
	const size_t len[] = { 5, strlen(user), 13, strlen(s->who.secret), 2 };
	if (s->step > 1)
		return no_more(err);
	if (s->step == 0)
		put_all(raw, part, len, 5);
	return 0;
}

static int step_oauthbearer(const struct sasl *s, struct buf *raw, struct error *err)
{
	struct buf head = { 0 };
	if (s->step > 1)
		return no_more(err);
	if (s->step == 1) {
		buf_addc(raw, '\1');
		return 0;
	}
	buf_adds(&head, "n,a=");
	scram_add_name(&head, s->who.acts_as ? s->who.acts_as : s->who.user);
	buf_addf(&head, ",\1host=%s\1port=%u\1auth=Bearer ", s->who.host, s->who.port);
	const char *part[] = { head.data, s->who.secret, "\1\1" };
	const size_t len[] = { head.len, strlen(s->who.secret), 2 };
	put_all(raw, part, len, 3);
	buf_free(&head);
	return 0;
}

static int step_scram(struct sasl *s, const char *challenge, size_t len, struct buf *raw, struct error *err)
{
	struct buf text = { 0 };
	int ok = 0;
	if (s->step == 0) {
		scram_first(&s->scram, &s->who, raw);
		return 0;
	}
	if (s->step > 2)
		return no_more(err);
	if (base64_decode(&text, challenge, len) < 0 || text.len == 0)
		ok = error_set(err, ERR_LOGIN, "the server's side of SCRAM-SHA-256 can't be understood: choose another way with `auth`");
	else if (s->step == 1)
		ok = scram_final(&s->scram, &s->who, text.data, text.len, raw, err);
	else
		ok = scram_check(&s->scram, text.data, text.len, err);
	buf_free(&text);
	return ok;
}

int sasl_step(struct sasl *s, const char *challenge, size_t len, struct buf *out, struct error *err)
{
	struct buf raw = { 0 };
	int ok = 0;
	switch (s->kind) {
	case SASL_PLAIN:
		ok = step_plain(s, &raw, err);
		break;
	case SASL_LOGIN:
		ok = step_login(s, &raw, err);
		break;
	case SASL_SCRAM_SHA_256:
		ok = step_scram(s, challenge, len, &raw, err);
		break;
	case SASL_XOAUTH2:
		ok = step_xoauth2(s, &raw, err);
		break;
	case SASL_OAUTHBEARER:
		ok = step_oauthbearer(s, &raw, err);
		break;
	}
	if (ok == 0)
		base64_encode(out, raw.data ? raw.data : "", raw.len);
	if (raw.data)
		OPENSSL_cleanse(raw.data, raw.len);
	buf_free(&raw);
	s->step++;
	return ok;
}

int sasl_end(const struct sasl *s, struct error *err)
{
	if (s->kind != SASL_SCRAM_SHA_256 || s->scram.proved)
		return 0;
	return error_set(err, ERR_TLS, "the server lets us in without a proof that it knows the password: it may not be the one it claims to be");
}
