/* The IMAP door's frame: opening, closing, the next event. */
#include "providers/imap/imap.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/mail/proof.h"
#include "providers/imap/session.h"

static void event_free(struct event *e)
{
	uid_set_free(&e->uids);
	mail_free(&e->mail);
}

static void imap_close(struct conn **conn, bool orderly)
{
	struct imap *m = (struct imap *)*conn;
	struct error ignored;
	if (!m)
		return;
	imap_forget_secret(m);
	if (m->stream && orderly && m->commands == 0 && !m->bye) { /* what is answered to it says nothing that is worth a round trip */
		imap_command(m, COMMAND_SIMPLE, "LOGOUT");
		stream_pump(m->stream, &ignored);
	}
	imap_body_reset(m); /* whoever has it already must not wait for the rest */
	stream_close(&m->stream, orderly);
	while (m->commands > 0)
		imap_forget_command(m, m->commands - 1);
	for (size_t i = m->ready_at; i < m->ready_count; i++)
		event_free(&m->ready[i]);
	buf_free(&m->arriving.head);
	hasher_free(&m->arriving.hasher);
	for (size_t i = 0; i < m->known_count; i++) {
		free(m->known[i].wire);
		flags_free(&m->known[i].keywords);
	}
	free(m->known);
	free(m->ready);
	free(m->command);
	free(m->capabilities);
	free(m->open_wire);
	flags_free(&m->permanent);
	flags_free(&m->accepted_keywords);
	flags_free(&m->announced.flags);
	buf_free(&m->simple_text);
	frame_free(&m->frame);
	grammar_free(&m->grammar);
	digest_free(&m->digest);
	free(m);
	*conn = NULL;
}

static const char *imap_capabilities(const struct conn *conn)
{
	const struct imap *m = (const struct imap *)conn;
	return m->capabilities ? m->capabilities : "";
}

static int imap_next(struct conn *conn, struct event *out, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	*out = (struct event){ 0 };
	if (stream_is_stopped(m->stream))
		return error_set(err, ERR_CANCELLED, "%s: stopped", m->options.host);
	for (;;) {
		if (m->ready_at < m->ready_count) {
			*out = m->ready[m->ready_at++];
			if (m->ready_at == m->ready_count)
				m->ready_at = m->ready_count = 0;
			return 0;
		}
		if (imap_finish_answered(m))
			continue;
		if (m->commands == 0 && m->env->wake_fd < 0 && !m->poisoned)
			return 0;
		int got = imap_respond(m, true, err);
		if (got < 0 || (got == 0 && !stream_drained(m->stream)))
			return got;
	}
}

static const struct conn_ops imap_ops = {
	.list = imap_list,
	.ask = imap_ask,
	.changed = imap_changed,
	.next = imap_next,
	.capabilities = imap_capabilities,
	.describe = imap_describe,
	.close = imap_close,
	.prepare = imap_prepare,
	.append = imap_append,
	.set_flags = imap_set_flags,
};

int imap_open(struct conn **out, struct imap_shared *shared, const struct imap_options *options, const struct conn_env *env, struct error *err)
{
	struct imap *m = x_calloc(1, sizeof *m);
	struct conn *conn = &m->conn;
	m->conn.ops = &imap_ops;
	m->options = *options;
	m->options.secret = NULL;
	m->secret = x_strdup(options->secret);
	m->env = env;
	m->shared = shared;
	m->grammar = grammar_new();
	m->digest = digest_new();
	if (stream_open(&m->stream, shared, &m->options, env, err) < 0) {
		imap_close(&conn, false);
		return -1;
	}
	stream_decides(m->stream, imap_may_run_ahead, m);
	m->frame.stream = m->stream;
	m->frame.sink = imap_sink(m);
	if (imap_sign_in(m, shared, err) < 0) {
		imap_close(&conn, false);
		return -1;
	}
	if (imap_can(m, "ENABLE") && imap_can(m, "CONDSTORE"))
		imap_command(m, COMMAND_SIMPLE, "ENABLE CONDSTORE"); /* else an EXAMINE may not tell HIGHESTMODSEQ; nobody waits for the answer */
	log_debug(env->log, "%s: signed in as %s by %s: %s", options->host, options->user, m->mechanism, m->capabilities);
	*out = conn;
	return 0;
}
