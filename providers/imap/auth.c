/* Signing in: the greeting, STARTTLS, which mechanism, and its exchange. One mechanism is tried, once: what the server answers to it may be an
   outage or a limit, and a second try by another way would turn that into "wrong password". Only a server that does not take the form of
   SASL-IR, though it offers it, is asked again without, and from then on never with it: a secret that was looked at is not sent twice. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "core/base/alloc.h"
#include "providers/imap/sasl.h"
#include "providers/imap/session.h"
#include "providers/imap/wire.h"
#include "providers/imap/words.h"

/* ---- before the sign-in ---- */

static int ask_capabilities(struct imap *m, struct error *err)
{
	return imap_wait(m, imap_command(m, COMMAND_SIMPLE, "CAPABILITY")->tag, err);
}

static int greeting(struct imap *m, struct error *err)
{
	struct response r;
	struct status s;
	if (frame_next(&m->frame, &r, false, err) < 0)
		return error_at(err, "greeting");
	if (r.kind != RESPONSE_UNTAGGED || !parse_status(&s, r.text, r.len))
		return error_set(err, ERR_RETRY, "%s does not greet as an IMAP server", m->options.host);
	if (s.word == STATUS_PREAUTH)
		return error_set(err, ERR_TLS, "%s says that we are signed in already, before any password: that can't be trusted", m->options.host);
	if (s.word != STATUS_OK)
		return words_error(&s, ABOUT_SESSION, err);
	if (strcasecmp(s.code, "CAPABILITY") == 0)
		imap_set_capabilities(m, s.args, s.args_len);
	m->courier = memmem(s.text, s.text_len, "Courier-IMAP", 12) != NULL;
	m->cyrus = memmem(s.text, s.text_len, "Cyrus", 5) != NULL;
	m->any_order = memmem(s.text, s.text_len, "Dovecot", 7) != NULL;
	if (m->courier)
		m->beside = BESIDE_REFUSED;
	return 0;
}

static int start_tls(struct imap *m, struct imap_shared *shared, struct error *err)
{
	if (!m->capabilities && ask_capabilities(m, err) < 0)
		return -1;
	if (!imap_can(m, "STARTTLS"))
		return error_set(err, ERR_TLS, "%s does not offer STARTTLS on port %u", m->options.host, m->options.port);
	if (imap_wait(m, imap_command(m, COMMAND_SIMPLE, "STARTTLS")->tag, err) < 0)
		return -1;
	if (m->simple.word != STATUS_OK)
		return error_set(err, ERR_TLS, "%s refuses STARTTLS", m->options.host);
	if (stream_start_tls(m->stream, shared, err) < 0)
		return -1;
	/* nothing learnt in the clear survives */
	imap_forget_capabilities(m);
	return ask_capabilities(m, err);
}

/* ---- which mechanism ---- */

struct way {
	const char *name;	/* in AUTH=… */
	enum sasl_kind kind;
	enum imap_auth auth;	/* the option that asks for it */
	bool command;		/* not SASL but the LOGIN command (RFC 3501, 6.2.3) */
	bool acts;		/* can sign in as one user for another's mailbox */
};

static const struct way plain = { "PLAIN", SASL_PLAIN, IMAP_AUTH_PLAIN, false, true };
static const struct way scram = { "SCRAM-SHA-256", SASL_SCRAM_SHA_256, IMAP_SCRAM_SHA_256, false, true };
static const struct way login_command = { "LOGIN", SASL_LOGIN, IMAP_AUTH_LOGIN, true, false };
static const struct way login = { "LOGIN", SASL_LOGIN, IMAP_AUTH_LOGIN, false, false };
static const struct way oauthbearer = { "OAUTHBEARER", SASL_OAUTHBEARER, IMAP_OAUTHBEARER, false, true };
static const struct way xoauth2 = { "XOAUTH2", SASL_XOAUTH2, IMAP_XOAUTH2, false, true };

/* The best first. Inside TLS a password is as safe with PLAIN, and every server that offers more has been seen to know it. */
static const struct way *const by_token[] = { &oauthbearer, &xoauth2, NULL };
static const struct way *const by_password[] = { &plain, &scram, &login_command, &login, NULL };
static const struct way *const in_the_clear[] = { &scram, &plain, &login_command, &login, NULL };
static const struct way *const by_name[] = { &plain, &scram, &login, &login_command, &oauthbearer, &xoauth2, NULL };

static bool offers(const struct imap *m, const struct way *way)
{
	char capability[40] = "AUTH=";
	if (way->command)
		return !imap_can(m, "LOGINDISABLED");
	strncat(capability, way->name, sizeof capability - 6);
	return imap_can(m, capability);
}

/* "PLAIN, XOAUTH2, LOGIN", for people. */
static void offered(const struct imap *m, struct buf *out)
{
	for (const char *at = m->capabilities; at && *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strncasecmp(at, "AUTH=", 5) == 0 && out->len < 100)
			buf_addf(out, "%s%.*s", out->len ? ", " : "", (int)(strcspn(at, " ") - 5), at + 5);
	}
	if (!imap_can(m, "LOGINDISABLED"))
		buf_adds(out, out->len ? ", the LOGIN command" : "the LOGIN command");
	if (out->len == 0)
		buf_adds(out, "nothing");
}

/* Why nothing fits, and what to do about it. */
static int no_way(const struct imap *m, struct error *err)
{
	const struct imap_options *o = &m->options;
	struct buf list = { 0 };
	if (o->tls == IMAP_PLAIN && imap_can(m, "LOGINDISABLED"))
		return error_set(err, ERR_TLS, "%s takes no password on this kind of connection (LOGINDISABLED): use `tls: implicit` or `tls: starttls`", o->host);
	offered(m, &list);
	if (o->auth != IMAP_AUTO) {
		const struct way *const *way = by_name;
		while ((*way)->auth != o->auth)
			way++;
		if (o->acts_as && !(*way)->acts)
			error_set(err, ERR_LOGIN, "%s can't sign in as one user for the mailbox of another (auth_user); choose another `auth`: %s offers %s", (*way)->name, o->host, list.data);
		else
			error_set(err, ERR_LOGIN, "%s does not offer to sign in by %s, but by: %s; change `auth` in the job file", o->host, (*way)->name, list.data);
	} else if (o->token) {
		error_set(err, ERR_LOGIN, "%s takes no access token (OAuth2); it offers: %s", o->host, list.data);
	} else if (o->acts_as) {
		error_set(err, ERR_LOGIN, "%s offers no way to sign in as one user for the mailbox of another (auth_user); it offers: %s", o->host, list.data);
	} else {
		error_set(err, ERR_LOGIN, "%s takes no password; it offers: %s (OAUTHBEARER and XOAUTH2 want an OAuth2 access token)", o->host, list.data);
	}
	buf_free(&list);
	return -1;
}

static const struct way *choose(const struct imap *m)
{
	const struct imap_options *o = &m->options;
	const struct way *const *ways = o->auth != IMAP_AUTO ? by_name : o->token ? by_token : o->tls == IMAP_PLAIN ? in_the_clear : by_password;
	for (; *ways; ways++)
		if ((o->auth == IMAP_AUTO || (*ways)->auth == o->auth) && (!o->acts_as || (*ways)->acts) && offers(m, *ways))
			return *ways;
	return NULL;
}

/* ---- the exchange ---- */

static void buf_wipe(struct buf *b)
{
	if (b->data)
		OPENSSL_cleanse(b->data, b->len);
	buf_free(b);
}

static int answer_challenge(struct imap *m, const char *text, size_t len, struct buf *answer, struct error *err)
{
	if (sasl_step(m->dialog, text, len, answer, err) < 0)
		return -1;
	wire_hide(stream_wire(m->stream), answer->data ? answer->data : "");
	if (answer->data && answer->len > 0) {
		buf_wipe(&m->said);
		memcpy(buf_room(&m->said, answer->len), answer->data, answer->len);
		m->said.len = answer->len;
	}
	return 0;
}

int imap_challenged(struct imap *m, const char *text, size_t len, struct error *err)
{
	struct buf answer = { 0 };
	unsigned tag = m->command[0].tag;
	if (m->early && len == 0)
		sasl_again(m->dialog); /* the answer that went along was not heard: nobody has more to ask before an answer */
	m->early = false;
	int ok = stream_idle(m->stream) ? answer_challenge(m, text, len, &answer, err) : error_set(err, ERR_RETRY, "it tells us to go on with nothing");
	if (ok == 0) {
		stream_secret(m->stream, tag, answer.data ? answer.data : "", answer.len);
		stream_text(m->stream, tag, "\r\n", 2);
	}
	buf_wipe(&answer);
	return ok < 0 ? error_at(err, "%s", m->options.host) : 0;
}

/* Queues AUTHENTICATE; what follows is asked for by the server. */
static int send_authenticate(struct imap *m, const struct way *way, unsigned *tag, struct error *err)
{
	struct buf first = { 0 }, verb = { 0 };
	const struct imap_options *o = &m->options;
	sasl_free(&m->dialog);
	m->dialog = sasl_new(way->kind, &(struct sasl_who){ .user = o->user, .acts_as = o->acts_as, .secret = m->secret, .host = o->host, .port = o->port });
	buf_addf(&verb, "AUTHENTICATE %s", way->name);
	m->early = imap_can(m, "SASL-IR") && sasl_begins(way->kind);
	int ok = m->early ? answer_challenge(m, "", 0, &first, err) : 0;
	if (ok == 0)
		*tag = imap_secret_command(m, verb.data, first.data);
	buf_free(&verb);
	buf_wipe(&first);
	return ok;
}

static int send_login(struct imap *m, unsigned *tag, struct error *err)
{
	char *user = imap_quote(m->options.user), *password = imap_quote(m->secret);
	struct buf both = { 0 };
	int ok = 0;
	if (user && password) {
		buf_room(&both, strlen(user) + strlen(password) + 1);
		buf_addf(&both, "%s %s", user, password);
		wire_hide(stream_wire(m->stream), password);
		*tag = imap_secret_command(m, "LOGIN", both.data);
	} else {
		ok = error_set(err, ERR_USAGE, "user or password hold a line break");
	}
	if (password)
		OPENSSL_cleanse(password, strlen(password));
	buf_wipe(&both);
	free(user);
	free(password);
	return ok;
}

/* A server that repeats what it was told, or the beginning of it, does not get it into our reports. */
static void scrub(char *text, const char *secret)
{
	size_t all = strlen(secret), least = all < 16 ? all : 16, run;
	if (least < 3)
		return; /* too short to be told from words */
	for (char *at = text; (at = memmem(at, strlen(at), secret, least)) != NULL; at += 3) {
		for (run = least; run < all && at[run] == secret[run];)
			run++;
		memset(at, '.', 3);
		memmove(at + 3, at + run, strlen(at + run) + 1);
	}
}

/* How it ended is in m->simple. */
static int go_by(struct imap *m, const struct way *way, struct error *err)
{
	unsigned tag = 0;
	if ((way->command ? send_login(m, &tag, err) : send_authenticate(m, way, &tag, err)) < 0)
		return -1;
	imap_forget_capabilities(m); /* those after the login count; most servers send them along */
	return imap_wait(m, tag, err);
}

static int authenticate(struct imap *m, struct error *err)
{
	if (!m->capabilities && ask_capabilities(m, err) < 0)
		return -1;
	const struct way *way = choose(m);
	if (!way)
		return no_way(m, err);
	wire_hide(stream_wire(m->stream), m->secret);
	if (go_by(m, way, err) < 0)
		return -1;
	if (m->early && words_refuse_form(&m->simple)) {
		imap_cannot(m, "SASL-IR");
		if (go_by(m, way, err) < 0)
			return -1;
	}
	if (m->simple.word != STATUS_OK)
		return words_error(&m->simple, ABOUT_LOGIN, err);
	if (m->dialog && sasl_end(m->dialog, err) < 0)
		return error_at(err, "%s", m->options.host);
	sasl_free(&m->dialog); /* it is over: a "+" from here on gets no secret */
	m->mechanism = way->name;
	return m->capabilities ? 0 : ask_capabilities(m, err);
}

void imap_forget_secret(struct imap *m)
{
	sasl_free(&m->dialog);
	if (m->secret)
		OPENSSL_cleanse(m->secret, strlen(m->secret));
	free(m->secret);
	m->secret = NULL;
	buf_wipe(&m->said);
}

int imap_sign_in(struct imap *m, struct imap_shared *shared, struct error *err)
{
	if (greeting(m, err) < 0)
		return -1;
	if (m->options.tls == IMAP_STARTTLS && start_tls(m, shared, err) < 0)
		return -1;
	if (authenticate(m, err) < 0 || imap_compress(m, err) < 0) {
		scrub(err->text, m->secret);
		scrub(err->text, m->said.data ? m->said.data : "");
		return -1;
	}
	imap_forget_secret(m);
	stream_signed_in(m->stream);
	return 0;
}
