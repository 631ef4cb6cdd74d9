/* Lines for people: numbers, dates, columns and paragraphs. */
#include "core/report/prose.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/base/text.h"

static bool italian(void)
{
	return i18n_lang()[0] == 'i';
}

const char *prose_number(char out[PROSE_NUMBER], uint64_t n)
{
	char digits[24];
	char separator = italian() ? '.' : ',';
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = separator;
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

void prose_count(struct buf *out, uint64_t n, const char *words)
{
	char number[PROSE_NUMBER];
	buf_addf(out, "%s %s", prose_number(number, n), words);
}

const char *prose_size(char out[PROSE_NUMBER], uint64_t bytes)
{
	int len;
	if (bytes >= 999500000)
		len = snprintf(out, PROSE_NUMBER, "%.1f GB", (double)bytes / 1e9);
	else if (bytes >= 999500)
		len = snprintf(out, PROSE_NUMBER, "%.0f MB", (double)bytes / 1e6);
	else if (bytes >= 1000)
		len = snprintf(out, PROSE_NUMBER, "%.0f kB", (double)bytes / 1e3);
	else
		len = snprintf(out, PROSE_NUMBER, "%u %s", (unsigned)bytes, P_("byte", "bytes", bytes));
	char *point = memchr(out, '.', (size_t)len);
	if (point && italian())
		*point = ',';
	return out;
}

/* Not strftime: the language is --lang's, whatever the locale is. */
void prose_date(struct buf *out, int64_t seconds)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t when = (time_t)seconds;
	struct tm tm;
	if (!localtime_r(&when, &tm))
		return;
	if (italian())
		buf_addf(out, "%d/%d/%d", tm.tm_mday, tm.tm_mon + 1, tm.tm_year + 1900);
	else
		buf_addf(out, "%d %s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

void prose_duration(struct buf *out, int64_t seconds)
{
	if (seconds >= 3600)
		buf_addf(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds % 3600 / 60);
	else if (seconds >= 60)
		buf_addf(out, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	else
		buf_addf(out, "%" PRId64 " s", seconds > 0 ? seconds : 0);
}

/* UTF-8: every byte that does not continue a character begins one. */
static size_t columns_of(const char *text, size_t len)
{
	size_t columns = 0;
	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)text[i] & 0xC0) != 0x80;
	return columns;
}

size_t prose_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

static void blanks(struct buf *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addc(out, ' ');
}

void prose_clean(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	CLEANUP(x_free) char *clean = x_malloc(len + 1);
	text_clean(clean, len + 1, text, len);
	buf_adds(out, clean);
}

void prose_cell(struct buf *out, const char *text, size_t columns)
{
	size_t before = out->len;
	prose_clean(out, text);
	size_t used = columns_of(out->data + before, out->len - before);
	blanks(out, used < columns ? columns - used : 1);
}

void prose_right(struct buf *out, const char *text, size_t columns)
{
	size_t used = prose_columns(text);
	blanks(out, used < columns ? columns - used : 0);
	buf_adds(out, text);
}

void prose_beside(struct buf *out, const char *left, size_t column, const char *right)
{
	struct buf lines = { 0 };
	size_t before = out->len;
	prose_wrap(&lines, right, column, column);
	prose_cell(out, left, column);
	if (columns_of(out->data + before, out->len - before) > column) { /* too long: `right` begins below it */
		out->data[out->len - 1] = '\n';
		buf_adds(out, lines.data);
	} else {
		buf_adds(out, lines.data + column);
	}
	buf_free(&lines);
}

static void soften(char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] == PROSE_HARD_BLANK[0])
			word[i] = ' ';
}

void prose_wrap(struct buf *out, const char *words, size_t first, size_t rest)
{
	size_t at = first;	/* columns of the line so far */
	bool fresh = true;	/* no word on it yet */
	blanks(out, first);
	for (size_t gap = 0; *words; gap = strspn(words, " "), words += gap) {
		size_t len = strcspn(words, " "), wide = columns_of(words, len);
		if (!fresh && at + gap + wide > PROSE_COLUMNS) {
			buf_addc(out, '\n');
			blanks(out, rest);
			at = rest;
			fresh = true;
		}
		if (!fresh) {
			blanks(out, gap); /* a folder may have two in its name */
			at += gap;
		}
		buf_add(out, words, len);
		soften(out->data + out->len - len, len);
		at += wide;
		fresh = false;
		words += len;
	}
	buf_addc(out, '\n');
}

void prose_month(struct buf *out, int year, int month)
{
	static const char *const names[] = { N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
		N_("September"), N_("October"), N_("November"), N_("December") };
	buf_addf(out, "%s %d", month >= 1 && month <= 12 ? _(names[month - 1]) : "?", year);
}
