/* The report as a table for a spreadsheet (RFC 4180): a row a folder, numbers as plain digits, headings in English whatever the language. */
#include "core/report/report.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

static const char *const columns[] = { "account", "source", "target", "messages", "copied", "already_there", "skipped", "refused", "vanished", "pending", "copied_now",
	"bytes", "verified", "rewritten", "altered", "missing", "doubled", "gone", "target_only", "tier" };

/* A name that a spreadsheet would take for a formula gets an apostrophe in front: names come from servers, and formulas can run programs. */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@", *text) != NULL;
}

static void cell(struct buf *out, const char *text, char separator)
{
	size_t len = strlen(text);
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, text, len);
	const char special[] = { separator, '"', '\'', '\n', '\r', '\0' };
	bool quoted = strpbrk(clean, special) || *clean == ' ' || (len > 0 && clean[strlen(clean) - 1] == ' ');
	if (quoted)
		buf_addc(out, '"');
	if (is_formula(clean))
		buf_addc(out, '\'');
	for (const char *c = clean; *c; c++) {
		if (*c == '"')
			buf_addc(out, '"');
		buf_addc(out, *c);
	}
	if (quoted)
		buf_addc(out, '"');
	buf_addc(out, separator);
}

static void numbers(struct buf *out, const uint64_t *n, size_t count, char separator)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%" PRIu64 "%c", n[i], separator);
}

static void verified(struct buf *out, const struct verified *v, char separator)
{
	const uint64_t n[] = { v->identical + v->rewritten, v->rewritten, v->altered, v->missing, v->doubled, v->gone, v->target_only };
	if (v->any)
		numbers(out, n, sizeof n / sizeof *n, separator);
	for (size_t i = 0; !v->any && i < sizeof n / sizeof *n; i++)
		buf_addc(out, separator);
	buf_addf(out, "%s\r\n", !v->any ? "" : v->deep ? "deep" : "standard");
}

static void row(struct buf *out, const char *account, const struct report_row *r, char separator)
{
	const struct ledger *l = &r->ledger;
	const uint64_t n[] = { l->source, l->copied, l->already_there, l->skipped, l->refused, l->vanished, l->pending, l->copied_now, r->bytes };
	cell(out, account, separator);
	cell(out, r->source, separator);
	cell(out, r->target, separator);
	numbers(out, n, sizeof n / sizeof *n, separator);
	verified(out, &r->verified, separator);
}

void report_csv(const struct report *report, bool semicolons, struct buf *out)
{
	char separator = semicolons ? ';' : ',';
	size_t last = sizeof columns / sizeof *columns - 1;
	if (semicolons)
		buf_adds(out, "\xEF\xBB\xBF");
	for (size_t i = 0; i <= last; i++) {
		buf_adds(out, columns[i]);
		buf_adds(out, i < last ? (char[]){ separator, '\0' } : "\r\n");
	}
	for (size_t i = 0; i < report->parts; i++)
		for (size_t j = 0; j < report->part[i].rows; j++)
			row(out, report->part[i].name, &report->part[i].row[j], separator);
}
