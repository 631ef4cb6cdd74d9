/* The document trasloco-report/1. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/alloc.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/report/report.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Names come from servers: what is no UTF-8 was cleaned before, but a report must never fail for a name. */
static json_t *text_of(const char *s, size_t len)
{
	json_t *value = json_stringn(s, len);
	if (value)
		return value;
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, s, len);
	return json_string(clean);
}

static json_t *text(const char *s)
{
	return text_of(s, strlen(s));
}

static json_t *moment(int64_t seconds)
{
	char utc[21];
	if (seconds <= 0)
		return json_null();
	clock_utc(utc, seconds);
	return json_string(utc);
}

static json_t *ledger(const struct ledger *l)
{
	json_t *o = json_object();
	json_object_set_new(o, "source", number(l->source));
	json_object_set_new(o, "copied", number(l->copied));
	json_object_set_new(o, "already_there", number(l->already_there));
	json_object_set_new(o, "skipped", number(l->skipped));
	json_object_set_new(o, "refused", number(l->refused));
	json_object_set_new(o, "vanished", number(l->vanished));
	json_object_set_new(o, "pending", number(l->pending));
	json_object_set_new(o, "copied_now", number(l->copied_now));
	return o;
}

static json_t *verified(const struct verified *v)
{
	if (!v->any)
		return json_null();
	json_t *o = json_object();
	json_object_set_new(o, "identical", number(v->identical));
	json_object_set_new(o, "rewritten", number(v->rewritten));
	json_object_set_new(o, "altered", number(v->altered));
	json_object_set_new(o, "missing", number(v->missing));
	json_object_set_new(o, "doubled", number(v->doubled));
	json_object_set_new(o, "gone", number(v->gone));
	json_object_set_new(o, "target_only", number(v->target_only));
	json_object_set_new(o, "sampled", number(v->sampled));
	json_object_set_new(o, "tier", json_string(v->deep ? "deep" : "standard"));
	return o;
}

/* What only a check knows. */
static void describe(json_t *o, const struct report_side *side)
{
	const struct door_facts *facts = &side->facts;
	json_object_set_new(o, "port", number(side->port));
	json_object_set_new(o, "secure", json_boolean(side->secure == TRIED_GOOD));
	json_object_set_new(o, "tls", *facts->secured ? text(facts->secured) : json_null());
	json_object_set_new(o, "signed_in", json_boolean(side->signed_in == TRIED_GOOD));
	json_object_set_new(o, "mechanism", *facts->mechanism ? text(facts->mechanism) : json_null());
	json_object_set_new(o, "folder_count", number(side->folders));
	json_object_set_new(o, "messages", number(side->messages));
	json_object_set_new(o, "append_limit", facts->append_limit ? number(facts->append_limit) : json_null());
	json_t *quota = facts->has_quota ? json_object() : json_null();
	if (facts->has_quota) {
		json_object_set_new(quota, "used", number(facts->quota_used));
		json_object_set_new(quota, "limit", number(facts->quota_limit));
	}
	json_object_set_new(o, "quota", quota);
}

static json_t *end(const struct report_part *part, bool source)
{
	json_t *o = json_object(), *list = json_array();
	const char *provider = source ? part->source_provider : part->target_provider;
	const char *capabilities = source ? part->source_capabilities : part->target_capabilities;
	const struct report_side *side = source ? part->source_side : part->target_side;
	json_object_set_new(o, "provider", text(provider && *provider ? provider : "imap"));
	json_object_set_new(o, "host", text(source ? part->source_host : part->target_host));
	json_object_set_new(o, "user", text(source ? part->source_user : part->target_user));
	if (side)
		describe(o, side);
	for (const char *at = capabilities; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (*at)
			json_array_append_new(list, text_of(at, strcspn(at, " ")));
	}
	json_object_set_new(o, "capabilities", list);
	return o;
}

static json_t *folder(const struct report_row *row)
{
	json_t *o = json_object();
	json_object_set_new(o, "source", text(row->source));
	json_object_set_new(o, "target", text(row->target)); /* "" when it is not moved */
	json_object_set_new(o, "role", *row->role ? text(row->role) : json_null());
	json_object_set_new(o, "why", text(row->why));
	json_object_set_new(o, "ledger", ledger(&row->ledger));
	json_object_set_new(o, "bytes", number(row->bytes));
	json_object_set_new(o, "verified", verified(&row->verified));
	return o;
}

static void set_text(json_t *o, const char *key, const char *value)
{
	if (*value)
		json_object_set_new(o, key, text(value));
}

static json_t *acceptance(const struct report_problem *p)
{
	json_t *o = json_object();
	json_object_set_new(o, "at", moment(p->accepted));
	json_object_set_new(o, "by", text(p->accepted_by ? p->accepted_by : ""));
	return o;
}

static json_t *problem(const struct report_problem *p)
{
	json_t *o = json_object();
	json_object_set_new(o, "severity", text(p->severity));
	json_object_set_new(o, "code", text(p->code));
	set_text(o, "side", p->side);
	set_text(o, "folder", p->folder);
	if (p->uid)
		json_object_set_new(o, "uid", number(p->uid));
	set_text(o, "message_id", p->message_id);
	json_object_set_new(o, "text", text(p->text));
	json_object_set_new(o, "hint", text(p->hint));
	set_text(o, "file", p->file);
	if (p->accepted > 0)
		json_object_set_new(o, "accepted", acceptance(p));
	return o;
}

static json_t *totals(const struct ledger *sum, uint64_t bytes)
{
	json_t *o = json_object();
	json_object_set_new(o, "ledger", ledger(sum));
	json_object_set_new(o, "bytes", number(bytes));
	return o;
}

/* Check and plan foretell; all others tell how it went. */
static bool foretells(const struct run *run)
{
	return strcmp(run->command, "plan") == 0 || strcmp(run->command, "check") == 0;
}

static json_t *may_close(const struct report_close *c)
{
	static const char *const answers[] = { "not-yet", "still-receiving", "yes" };
	json_t *o = json_object(), *why = json_array(), *senders = json_array();
	for (size_t i = 0; i < c->whys; i++) {
		CLEANUP(x_free) char *reason = report_why_text(&c->why[i], true);
		json_array_append_new(why, text(reason));
	}
	for (size_t i = 0; i < c->senders; i++) {
		json_t *sender = json_object();
		json_object_set_new(sender, "address", text(c->sender[i].name));
		json_object_set_new(sender, "messages", number(c->sender[i].mails));
		json_object_set_new(sender, "last", moment(c->sender[i].last));
		json_array_append_new(senders, sender);
	}
	json_object_set_new(o, "answer", text(answers[c->answer]));
	json_object_set_new(o, "why", why);
	json_object_set_new(o, "last_new_mail", moment(c->last_new));
	json_object_set_new(o, "left_out", number(c->left_out));
	json_object_set_new(o, "senders", senders);
	return o;
}

/* ---- the document ---- */

/* Folders and problems may be many thousands: only the text of them is kept, the tree is made of one at a time. */
struct writer {
	struct buf *out;
	unsigned depth;
};

static void new_line(const struct writer *w)
{
	buf_addf(w->out, "\n%*s", (int)(2 * w->depth), "");
}

static int add(const char *data, size_t len, void *ctx)
{
	const struct writer *w = ctx;
	if (*data == '\n') /* jansson tells it by itself, and escapes those in texts */
		new_line(w);
	else
		text_add_json(w->out, data, len); /* jansson cuts at characters */
	return 0;
}

static void put(struct writer *w, json_t *take)
{
	json_dump_callback(take, add, w, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(take);
}

/* The members of an object that is not over. */
static void put_open(struct writer *w, json_t *take)
{
	put(w, take);
	w->out->len -= strlen("\n}") + 2 * w->depth++; /* what comes next is written over it */
}

static void put_close(struct writer *w)
{
	w->depth--;
	new_line(w);
	buf_addc(w->out, '}');
}

static void put_key(const struct writer *w, const char *key)
{
	buf_addc(w->out, ',');
	new_line(w);
	buf_addf(w->out, "\"%s\": ", key);
}

static void open_list(struct writer *w, const char *key)
{
	put_key(w, key);
	buf_addc(w->out, '[');
	w->depth++;
}

/* The place of the element with that index. */
static void next_item(const struct writer *w, size_t index)
{
	if (index > 0)
		buf_addc(w->out, ',');
	new_line(w);
}

static void close_list(struct writer *w, size_t count)
{
	w->depth--;
	if (count > 0)
		new_line(w);
	buf_addc(w->out, ']');
}

static void put_folders(struct writer *w, const struct report_part *part)
{
	open_list(w, "folders");
	for (size_t i = 0; i < part->rows; i++) {
		next_item(w, i);
		put(w, folder(&part->row[i]));
	}
	close_list(w, part->rows);
}

static void put_problems(struct writer *w, const struct report_problem *list, size_t count)
{
	open_list(w, "problems");
	for (size_t i = 0; i < count; i++) {
		next_item(w, i);
		put(w, problem(&list[i]));
	}
	close_list(w, count);
}

static void put_totals(struct writer *w, const struct ledger *sum, uint64_t bytes)
{
	put_key(w, "totals");
	put(w, totals(sum, bytes));
}

static void put_account(struct writer *w, const struct report_part *part, bool forecast, bool with_folders)
{
	json_t *o = json_object();
	json_object_set_new(o, "name", text(part->name));
	json_object_set_new(o, "exit", part->exit < 0 ? json_null() : json_integer(part->exit));
	json_object_set_new(o, "verdict", text(forecast ? report_forecast(part) : report_verdict(part->exit)));
	json_object_set_new(o, "next", text(report_next(part->exit)));
	if (!forecast)
		json_object_set_new(o, "may_close", may_close(&part->close));
	json_object_set_new(o, "source", end(part, true));
	json_object_set_new(o, "target", end(part, false));
	put_open(w, o);
	if (with_folders)
		put_folders(w, part);
	put_totals(w, &part->ledger, part->bytes);
	put_problems(w, part->problem, part->problems);
	put_close(w);
}

void report_json(const struct report *report, bool with_folders, struct buf *out)
{
	const struct run *run = &report->run;
	json_set_alloc_funcs(x_malloc, free); /* else a document without memory would quietly lack something */
	struct writer w = { .out = out };
	json_t *doc = json_object();
	json_object_set_new(doc, "schema", json_string("trasloco-report/1"));
	json_object_set_new(doc, "command", text(run->command));
	json_object_set_new(doc, "version", json_string(TRASLOCO_VERSION));
	json_object_set_new(doc, "job_digest", text(run->job_digest));
	json_object_set_new(doc, "started", moment(run->started));
	json_object_set_new(doc, "finished", moment(run->finished));
	json_object_set_new(doc, "exit", run->exit < 0 ? json_null() : json_integer(run->exit));
	json_object_set_new(doc, "verdict", text(foretells(run) ? report_forecast_all(report) : report_verdict(run->exit)));
	put_open(&w, doc);
	open_list(&w, "accounts");
	for (size_t i = 0; i < report->parts; i++) {
		next_item(&w, i);
		put_account(&w, &report->part[i], foretells(run), with_folders);
	}
	close_list(&w, report->parts);
	put_totals(&w, &report->ledger, report->bytes);
	if (report->problems)
		put_problems(&w, report->problem, report->problems);
	put_close(&w);
	buf_addc(out, '\n');
}
