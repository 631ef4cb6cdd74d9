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

static json_t *end(const char *host, const char *user, const char *capabilities)
{
	json_t *o = json_object(), *list = json_array();
	json_object_set_new(o, "host", text(host));
	json_object_set_new(o, "user", text(user));
	for (const char *at = capabilities; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (*at)
			json_array_append_new(list, text_of(at, strcspn(at, " ")));
	}
	json_object_set_new(o, "capabilities", list);
	return o;
}

static json_t *folders(const struct report_part *part)
{
	json_t *list = json_array();
	for (size_t i = 0; i < part->rows; i++) {
		const struct report_row *row = &part->row[i];
		json_t *o = json_object();
		json_object_set_new(o, "source", text(row->source));
		json_object_set_new(o, "target", text(row->target)); /* "" when it is not moved */
		json_object_set_new(o, "role", *row->role ? text(row->role) : json_null());
		json_object_set_new(o, "why", text(row->why));
		json_object_set_new(o, "ledger", ledger(&row->ledger));
		json_object_set_new(o, "bytes", number(row->bytes));
		json_object_set_new(o, "verified", verified(&row->verified));
		json_array_append_new(list, o);
	}
	return list;
}

static void set_text(json_t *o, const char *key, const char *value)
{
	if (*value)
		json_object_set_new(o, key, text(value));
}

static json_t *problems(const struct report_problem *problem, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct report_problem *p = &problem[i];
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
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *totals(const struct ledger *sum, uint64_t bytes)
{
	json_t *o = json_object();
	json_object_set_new(o, "ledger", ledger(sum));
	json_object_set_new(o, "bytes", number(bytes));
	return o;
}

static json_t *account(const struct report_part *part, bool with_folders)
{
	json_t *o = json_object();
	json_object_set_new(o, "name", text(part->name));
	json_object_set_new(o, "exit", part->exit < 0 ? json_null() : json_integer(part->exit));
	json_object_set_new(o, "verdict", text(report_verdict(part->exit)));
	json_object_set_new(o, "next", text(report_next(part->exit)));
	json_object_set_new(o, "source", end(part->source_host, part->source_user, part->source_capabilities));
	json_object_set_new(o, "target", end(part->target_host, part->target_user, part->target_capabilities));
	if (with_folders)
		json_object_set_new(o, "folders", folders(part));
	json_object_set_new(o, "totals", totals(&part->ledger, part->bytes));
	json_object_set_new(o, "problems", problems(part->problem, part->problems));
	return o;
}

static int add(const char *data, size_t len, void *out)
{
	buf_add(out, data, len);
	return 0;
}

void report_json(const struct report *report, bool with_folders, struct buf *out)
{
	const struct run *run = &report->run;
	json_set_alloc_funcs(x_malloc, free); /* else a document without memory would quietly lack something */
	json_t *doc = json_object(), *list = json_array();
	json_object_set_new(doc, "schema", json_string("trasloco-report/1"));
	json_object_set_new(doc, "command", text(run->command));
	json_object_set_new(doc, "version", json_string(TRASLOCO_VERSION));
	json_object_set_new(doc, "job_digest", text(run->job_digest));
	json_object_set_new(doc, "started", moment(run->started));
	json_object_set_new(doc, "finished", moment(run->finished));
	json_object_set_new(doc, "exit", run->exit < 0 ? json_null() : json_integer(run->exit));
	json_object_set_new(doc, "verdict", text(report_verdict(run->exit)));
	for (size_t i = 0; i < report->parts; i++)
		json_array_append_new(list, account(&report->part[i], with_folders));
	json_object_set_new(doc, "accounts", list);
	json_object_set_new(doc, "totals", totals(&report->ledger, report->bytes));
	if (report->problems)
		json_object_set_new(doc, "problems", problems(report->problem, report->problems));
	json_dump_callback(doc, add, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	buf_addc(out, '\n');
	json_decref(doc);
}
