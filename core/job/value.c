/* The values of the job file: numbers, words, durations. */
#include "core/job/value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"

const char *value_shown(char out[64], const struct node *node)
{
	text_clean(out, 64, node->text, node->len);
	return out;
}

const char *value_scalar(struct loader *ld, const struct key *key, const struct node *node)
{
	if (node->kind == NODE_BROKEN)
		return NULL;
	if (node->kind != NODE_SCALAR)
		fault_add(ld->faults, node->line, node->column, "`%s` must be one value, not a %s", key->name,
			node->kind == NODE_LIST ? "list" : "mapping");
	else if (node_null(node))
		fault_add(ld->faults, node->line, node->column, "`%s` has no value", key->name);
	else if (node->len == 0)
		fault_add(ld->faults, node->line, node->column, "`%s` is empty", key->name);
	else
		return node->text;
	return NULL;
}

bool value_digits(int64_t *out, const char *text, const char **end)
{
	size_t n = strspn(text, "0123456789");

	*out = 0;
	*end = text + n;
	if (n == 0 || n > 12)
		return false;
	for (size_t i = 0; i < n; i++)
		*out = *out * 10 + (text[i] - '0');
	return true;
}

/* No leading zero either: YAML 1.1 takes 010 for 8. */
static bool whole_number(int64_t *out, const struct node *node)
{
	const char *end;

	if (!node->plain || (node->len > 1 && node->text[0] == '0'))
		return false;
	return value_digits(out, node->text, &end) && end == node->text + node->len;
}

void value_number(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64];
	int64_t number;

	if (!value_scalar(ld, key, node))
		return;
	if (whole_number(&number, node) && number >= key->min && number <= key->max) {
		*(unsigned *)field = (unsigned)number;
		return;
	}
	fault_add(ld->faults, node->line, node->column, "`%s` must be a number from %lld to %lld, not `%s`%s", key->name,
		(long long)key->min, (long long)key->max, value_shown(shown, node), node->plain ? "" : " in quotes");
}

void value_version(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64];
	int64_t number;

	(void)field;
	if (!value_scalar(ld, key, node) || (whole_number(&number, node) && number == key->max))
		return;
	fault_add(ld->faults, node->line, node->column, "`%s` must be %lld, not `%s`%s", key->name, (long long)key->max,
		value_shown(shown, node), node->plain ? "" : " in quotes");
}

void value_bool(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64];
	bool yes;

	if (!value_scalar(ld, key, node))
		return;
	/* A spreadsheet writes TRUE. */
	yes = node->cell ? strcasecmp(node->text, "true") == 0 : strcmp(node->text, "true") == 0;
	if (node->plain && (yes || (node->cell ? strcasecmp(node->text, "false") : strcmp(node->text, "false")) == 0)) {
		*(bool *)field = yes;
		return;
	}
	fault_add(ld->faults, node->line, node->column, "`%s` must be true or false, not `%s`%s", key->name,
		value_shown(shown, node), node->plain ? "" : " in quotes");
}

void value_merge(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	bool merge = false;

	value_bool(ld, key, node, &merge);
	if (merge && !ld->in_account)
		fault_add(ld->faults, node->line, node->column,
			"`merge: true` for all accounts would mix folders that nobody looked at: put it into the accounts that need it");
	else
		*(bool *)field = merge;
}

void value_word(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	CLEANUP(buf_free) struct buf all = { 0 };
	char shown[64];

	if (!value_scalar(ld, key, node))
		return;
	for (int i = 0; key->words[i]; i++) {
		if (strcmp(node->text, key->words[i]) == 0 && strlen(key->words[i]) == node->len) {
			memcpy(field, &i, sizeof(i));	/* an enum of ours is as wide as an int */
			return;
		}
		buf_addf(&all, "%s%s", i == 0 ? "" : key->words[i + 1] ? ", " : " or ", key->words[i]);
	}
	fault_add(ld->faults, node->line, node->column, "`%s` must be %s, not `%s`", key->name, all.data, value_shown(shown, node));
}

bool job_duration(int64_t *out, const char *text)
{
	const char *unit;
	int64_t number, scale;

	if (!value_digits(&number, text, &unit) || number == 0 || strlen(unit) != 1)
		return false;
	scale = *unit == 's' ? 1000 : *unit == 'm' ? 60000 : *unit == 'h' ? 3600000 : 0;
	if (scale == 0)
		return false;
	*out = number * scale;	/* below 10^12 * 3.6 * 10^6: fits */
	return true;
}

/* "10m" for a whole number of minutes and so on. */
static void duration_text(char out[24], int64_t ms)
{
	if (ms % 3600000 == 0)
		snprintf(out, 24, "%lldh", (long long)(ms / 3600000));
	else if (ms % 60000 == 0)
		snprintf(out, 24, "%lldm", (long long)(ms / 60000));
	else
		snprintf(out, 24, "%llds", (long long)(ms / 1000));
}

void value_long_wait(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	char shown[64], low[24], high[24];
	int64_t ms;

	if (!value_scalar(ld, key, node))
		return;
	if (strlen(node->text) == node->len && job_duration(&ms, node->text) && ms >= key->min && ms <= key->max) {
		*(int64_t *)field = ms;
		return;
	}
	duration_text(low, key->min);
	duration_text(high, key->max);
	fault_add(ld->faults, node->line, node->column, "`%s` must be a duration such as 30s, 10m or 2h, from %s to %s, not `%s`",
		key->name, low, high, value_shown(shown, node));
}

void value_wait(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	int64_t ms = 0;

	value_long_wait(ld, key, node, &ms);
	if (ms > 0)
		*(unsigned *)field = (unsigned)ms;
}
