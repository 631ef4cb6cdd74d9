/* The document of a check: a report without folders, made from what the sides said. In English, whatever the language. */
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/report/causes.h"
#include "core/report/report.h"

static char *copy(const char *text)
{
	return x_strdup(text ? text : "");
}

static const char *code_of(enum error_class class)
{
	switch (class) {
	case ERR_LOGIN:
		return "login-refused";
	case ERR_TLS:
		return "tls-failed";
	case ERR_RETRY:
	case ERR_THROTTLED:
		return "not-reached";
	default:
		return "stopped";
	}
}

static void add(struct report_part *part, const struct report_problem *p)
{
	part->problem = x_realloc(part->problem, (part->problems + 1) * sizeof *part->problem);
	part->problem[part->problems++] = (struct report_problem){
		.severity = copy(p->severity), .code = copy(p->code), .side = copy(p->side), .folder = copy(p->folder), .text = copy(p->text), .hint = copy(p->hint),
		.message_id = copy(p->message_id), .file = copy(p->file), .accepted_by = copy(p->accepted_by), .accepted = p->accepted, .uid = p->uid,
	};
}

/* The likely causes, as one hint. */
static void add_side(struct report_part *part, const struct report_side *side, char *name)
{
	struct cause cause[CAUSES_MAX];
	struct buf hint = { 0 };
	CLEANUP(x_free) char *text = copy(side->said && *side->said ? side->said : "no reason was told");
	CLEANUP(x_free) char *code = copy(code_of(side->class));
	size_t count = causes_of(side, cause);
	if (side->class == ERR_NONE)
		return;
	for (size_t i = 0; i < count; i++)
		buf_addf(&hint, "%s%s (%s)", i > 0 ? "; or " : "", cause[i].what, cause[i].advice);
	if (side->page && *side->page)
		buf_addf(&hint, "%s%s", hint.len > 0 ? "; see " : "see ", side->page);
	struct report_problem p = { .severity = (char[]){ "error" }, .code = code, .side = name, .text = text, .hint = hint.data };
	add(part, &p);
	buf_free(&hint);
}

static void fill(struct report_part *part, const struct report_check *check)
{
	char source[] = "source", target[] = "target";
	const struct report_problem not_moved = { .severity = (char[]){ "note" }, .code = (char[]){ "not-moved" }, .side = source,
		.text = (char[]){ "contacts, calendars, filters, signatures and shared folders are not moved" },
		.hint = (char[]){ "export them in the old mailbox and import them in the new one" } };
	*part = (struct report_part){
		.name = copy(check->name), .exit = check->exit,
		.source_provider = copy(check->source.provider), .source_host = copy(check->source.host), .source_user = copy(check->source.user),
		.source_capabilities = copy(check->source.capabilities), .source_side = &check->source,
		.target_provider = copy(check->target.provider), .target_host = copy(check->target.host), .target_user = copy(check->target.user),
		.target_capabilities = copy(check->target.capabilities), .target_side = &check->target,
	};
	add_side(part, &check->source, source);
	add_side(part, &check->target, target);
	for (size_t i = 0; i < check->problems; i++)
		add(part, &check->problem[i]);
	add(part, &not_moved);
}

void report_check_json(const struct report_check *check, size_t count, const struct run *run, struct buf *out)
{
	struct report *report = x_calloc(1, sizeof *report);
	report->run = *run;
	report->part = x_calloc(count + 1, sizeof *report->part);
	report->parts = count;
	for (size_t i = 0; i < count; i++)
		fill(&report->part[i], &check[i]);
	report_json(report, true, out);
	report_free(&report);
}
