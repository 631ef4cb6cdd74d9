/* The measures of the job file: sizes, rates, percents, dates, fingerprints. */
#include "core/job/value.h"

#include <stdio.h>
#include <string.h>

#define DAY 86400

/* "50MB" and what stands behind it; false when it is no size. */
static bool size_of(int64_t *out, const char *text, const char **end)
{
	static const struct { const char *unit; int64_t bytes; } units[] = {
		{ "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 }, { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 },
	};
	const char *unit;
	int64_t number;

	if (!value_digits(&number, text, &unit) || number > 1000000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].unit);

		if (strncmp(unit, units[i].unit, len) == 0) {
			*out = number * units[i].bytes;
			*end = unit + len;
			return true;
		}
	}
	return false;
}

static void size_text(char out[24], int64_t bytes)
{
	if (bytes % 1000000000 == 0)
		snprintf(out, 24, "%lldGB", (long long)(bytes / 1000000000));
	else
		snprintf(out, 24, "%lldKB", (long long)(bytes / 1000));
}

/* A size with `tail` behind it, from key->min to key->max. */
static void read_size(struct loader *ld, const struct key *key, const struct node *node, uint64_t *out)
{
	const char *tail = key->read == value_rate ? "/s" : "", *end;
	char shown[64], low[24], high[24];
	int64_t bytes;

	if (!value_scalar(ld, key, node))
		return;
	if (size_of(&bytes, node->text, &end) && strcmp(end, tail) == 0 && strlen(node->text) == node->len && bytes >= key->min &&
		bytes <= key->max) {
		*out = (uint64_t)bytes;
		return;
	}
	size_text(low, key->min);
	size_text(high, key->max);
	fault_add(ld->faults, node->line, node->column, "`%s` must be %s such as %s%s, from %s%s to %s%s, not `%s`", key->name,
		*tail ? "bytes a second" : "a size", *tail ? "500KB/s or 20MB" : "50MB or 1GiB", tail, low, tail, high, tail, value_shown(shown, node));
}

void value_size(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	read_size(ld, key, node, field);
}

void value_rate(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	read_size(ld, key, node, field);
}

/* "10%" or "2.5%", to thousandths. */
static bool percent_of(int64_t *out, const char *text)
{
	const char *end;
	int64_t whole, tenth = 0;

	if (!value_digits(&whole, text, &end) || whole > 100)
		return false;
	if (*end == '.') {
		if (end[1] < '0' || end[1] > '9')
			return false;
		tenth = end[1] - '0';
		end += 2;
	}
	*out = whole * 10 + tenth;
	return strcmp(end, "%") == 0;
}

void value_percent(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64];
	int64_t thousandths;

	if (!value_scalar(ld, key, node))
		return;
	if (strlen(node->text) == node->len && percent_of(&thousandths, node->text) && thousandths >= key->min && thousandths <= key->max)
		*(unsigned *)field = (unsigned)thousandths;
	else
		fault_add(ld->faults, node->line, node->column, "`%s` must be a percentage such as 10%%, from 0.1%% to 100%%, not `%s`", key->name,
			value_shown(shown, node));
}

static bool leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 (Gregorian). Years from 1900 on, so the count of leap years before is exact. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t y = year - 1, leaps = y / 4 - y / 100 + y / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);

	return (year - 1970) * 365 + leaps + before[month - 1] + (month > 2 && leap(year) ? 1 : 0) + day - 1;
}

/* "2015-01-31", a day that there is. */
static bool date_of(int64_t *out, const char *text)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t part[3] = { 0 };
	const char *form = "0000-00-00";
	size_t p = 0;

	for (size_t i = 0; i < 10; i++) {
		if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
		if (form[i] == '-')
			p++;
		else
			part[p] = part[p] * 10 + (text[i] - '0');
	}
	if (text[10] != '\0' || part[0] < 1900 || part[1] < 1 || part[1] > 12)
		return false;
	if (part[2] < 1 || part[2] > days[part[1] - 1] + (part[1] == 2 && leap(part[0]) ? 1 : 0))
		return false;
	*out = days_of(part[0], part[1], part[2]) * DAY;
	return true;
}

void value_date(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64];
	int64_t seconds;

	if (!value_scalar(ld, key, node))
		return;
	if (strlen(node->text) == node->len && date_of(&seconds, node->text))
		*(int64_t *)field = seconds;
	else
		fault_add(ld->faults, node->line, node->column, "`%s` must be a day such as 2015-01-31 (year, month, day), not `%s`", key->name,
			value_shown(shown, node));
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 32 pairs of digits, all with a colon between them or all without. */
static bool fingerprint_of(uint8_t out[FINGERPRINT_LEN], const char *text)
{
	bool colons = strlen(text) == 3 * FINGERPRINT_LEN - 1;

	if (!colons && strlen(text) != (size_t)2 * FINGERPRINT_LEN)
		return false;
	for (size_t i = 0; i < FINGERPRINT_LEN; i++) {
		int high = hex(text[0]), low = hex(text[1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
		text += 2;
		if (colons && i + 1 < FINGERPRINT_LEN && *text++ != ':')
			return false;
	}
	return true;
}

void value_fingerprint(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct job_end *end = field;

	if (!value_scalar(ld, key, node))
		return;
	end->pinned = strlen(node->text) == node->len && fingerprint_of(end->fingerprint, node->text);
	if (!end->pinned)
		fault_add(ld->faults, node->line, node->column,
			"`%s` must be the certificate's SHA-256, 64 hex digits, with or without colons: openssl x509 -noout -fingerprint -sha256",
			key->name);
}
