/* What to do next: a step or a few, each with its command. */
#include "core/report/receipt.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"

struct steps {
	const char *job, *plan;
	struct buf step[RECEIPT_STEPS];
	size_t count;
};

void receipt_command(struct buf *out, const char *job, const char *command, const char *options)
{
	size_t before = out->len;
	buf_addf(out, "trasloco %s", command);
	if (job && strcmp(job, "migrate.yaml") != 0) {
		buf_addc(out, ' ');
		prose_clean(out, job);
	}
	if (*options)
		buf_addf(out, " %s", options);
	for (char *c = out->data + before; *c; c++)
		if (*c == ' ')
			*c = PROSE_HARD_BLANK[0];
}

static struct buf *step(struct steps *s)
{
	return &s->step[s->count < RECEIPT_STEPS - 1 ? s->count++ : RECEIPT_STEPS - 1];
}

/* "words: trasloco COMMAND" */
static void advise(struct steps *s, const char *words, const char *command, const char *options)
{
	struct buf *b = step(s);
	buf_adds(b, words);
	if (!*command)
		return;
	buf_adds(b, ": ");
	/* the same run goes on with its plan: without it, it would copy what the plan leaves out */
	bool planned = s->plan && strcmp(command, "run") == 0;
	CLEANUP(x_free) char *with = planned ? x_printf("--plan %s%s%s", s->plan, *options ? " " : "", options) : x_strdup(options);
	receipt_command(b, s->job, command, with);
}

static void after_refusals(struct steps *s)
{
	advise(s, _("see what was refused, and why"), "refused", "");
	advise(s, _("have it tried again, and then run"), "refused", "--retry");
	advise(s, _("or, when you can live without it"), "accept", "--refused");
}

static void after_exceptions(struct steps *s, const struct report_part *part)
{
	if (receipt_has(part, "message-refused") || receipt_has(part, "too-big"))
		after_refusals(s);
	else if (receipt_has(part, "message-unreadable"))
		advise(s, _("open the messages in the old mailbox and save what matters; then"), "accept", "--refused");
	if (receipt_has(part, "message-altered"))
		advise(s, _("compare the altered messages in both mailboxes; then"), "accept", "--altered");
	if (receipt_has(part, "message-doubled"))
		advise(s, _("delete in the new mailbox what is there twice and verify, or let it be"), "accept", "--doubled");
	advise(s, s->count > 0 ? _("the whole list") : _("look at what is told above; the whole list"), "report", "--json -");
}

static void after_shrinking(struct steps *s, const struct report_part *part)
{
	if (receipt_has(part, "drift")) {
		advise(s, _("make a new plan"), "plan", "");
		return;
	}
	if (part->exit == 6) {
		advise(s, _("look into the old mailbox with a web browser; if mail is missing there, wait, and ask its provider"), "", "");
	} else {
		advise(s, _("look into the new mailbox; ask its owner whether the messages were moved or deleted on purpose"), "", "");
		advise(s, _("to bring them once more"), "run", "--again");
	}
	advise(s, _("if all is as it should be"), "accept", "--shrunk");
	advise(s, _("then go on"), "run", "");
}

static void after_stop(struct steps *s, const struct report *report, const struct report_part *part)
{
	switch (part->exit) {
	case 4:
		advise(s, _("type the password, or mend it where the job file takes it from"), "login", "");
		advise(s, _("see whether it works now"), "check", "");
		break;
	case 5:
		advise(s, _("mend what is told above, and see whether it works now"), "check", "");
		break;
	case 7:
		advise(s, _("enlarge the new mailbox, or make room in it"), "", "");
		break;
	default:
		advise(s, _("mend what is told above"), "", "");
	}
	advise(s, _("then go on"), report->run.command, "");
}

static void after_success(struct steps *s, const struct report_part *part)
{
	if (receipt_there(&part->ledger) > 0 && !receipt_checked(part))
		advise(s, _("compare both mailboxes before the old one is closed"), "verify", "");
	else if (part->close.answer == CLOSE_YES)
		advise(s, _("before the old mailbox is closed, take along what is not moved: contacts, calendars, filters, signatures"), "", "");
	else
		advise(s, _("mail may still come in; before the old mailbox is closed, once more"), "run", "");
}

static void gather(struct steps *s, const struct report *report, const struct report_part *part)
{
	switch (part->exit) {
	case 0:
		after_success(s, part);
		break;
	case 1:
		after_exceptions(s, part);
		break;
	case 6:
	case 8:
		after_shrinking(s, part);
		break;
	case 9:
		advise(s, _("wait until the other run has ended; then"), report->run.command, "");
		break;
	case 70:
		advise(s, _("report what is told above, please; nothing is lost, and it can be tried again"), report->run.command, "");
		break;
	case -1:
	case 3:
	case 130:
	case 143:
		advise(s, _("run the same command again, nothing is copied twice"), report->run.command, "");
		break;
	default:
		after_stop(s, report, part);
	}
}

size_t receipt_steps(const struct report *report, const struct report_part *part, struct buf out[RECEIPT_STEPS])
{
	struct steps s = { .job = report->job, .plan = report->plan };
	gather(&s, report, part);
	memcpy(out, s.step, sizeof s.step);
	return s.count;
}

void receipt_next(const struct report *report, const struct report_part *part, struct buf *out)
{
	struct buf step[RECEIPT_STEPS], line = { 0 };
	size_t count = receipt_steps(report, part, step);
	if (count == 1) {
		buf_addf(&line, "%s %s", _("Next:"), step[0].data);
		prose_wrap(out, line.data, 2, 8);
	} else {
		buf_addf(out, "  %s\n", _("Next:"));
	}
	for (size_t i = 0; i < count; i++) {
		buf_reset(&line);
		buf_addf(&line, "%zu. %s", i + 1, step[i].data);
		if (count > 1)
			prose_wrap(out, line.data, 3, 6);
		buf_free(&step[i]);
	}
	buf_free(&line);
}
