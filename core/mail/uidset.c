/* Sets of UIDs. Invariant: ranges ascend, and between two of them at least one UID is missing. The memory begins `head` ranges
   before `range`: what was taken from the front stays there until room is needed, so taking a million costs no moving. */
#include "core/mail/uidset.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"

#define RANGES_MAX ((size_t)1000000)

/* Room for one more range at the end. */
static void make_room(struct uid_set *set)
{
	struct uid_range *base = set->range ? set->range - set->head : NULL;

	if (base && set->head + set->count < set->cap)
		return;
	if (base && set->head > set->cap / 2) {
		memmove(base, set->range, set->count * sizeof *base);
		set->head = 0;
	} else {
		base = x_room(base, set->cap, &set->cap, sizeof *base);
	}
	set->range = base + set->head;
}

/* The index of the first range that ends at `uid` or behind it. */
static size_t find(const struct uid_set *set, uint32_t uid)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->range[middle].last < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Somewhere before the end: a new range at i, or one that joins those from i to `end`, which it touches. */
static void insert(struct uid_set *set, uint32_t first, uint32_t last)
{
	size_t i = find(set, first - 1), end = i;

	while (end < set->count && set->range[end].first <= (uint64_t)last + 1)
		end++;
	if (i == end) {
		make_room(set);
		memmove(set->range + i + 1, set->range + i, (set->count - i) * sizeof *set->range);
		set->range[i] = (struct uid_range){ first, last };
		set->count++;
		return;
	}
	if (set->range[i].first < first)
		first = set->range[i].first;
	if (set->range[end - 1].last > last)
		last = set->range[end - 1].last;
	set->range[i] = (struct uid_range){ first, last };
	memmove(set->range + i + 1, set->range + end, (set->count - end) * sizeof *set->range);
	set->count -= end - i - 1;
}

void uid_set_add(struct uid_set *set, uint32_t first, uint32_t last)
{
	if (first == 0 || first > last)
		return;

	struct uid_range *tail = set->count > 0 ? &set->range[set->count - 1] : NULL;

	if (tail && first <= tail->last) {
		insert(set, first, last);
	} else if (tail && first == tail->last + 1) {
		tail->last = last;
	} else {
		make_room(set);
		set->range[set->count++] = (struct uid_range){ first, last };
	}
}

void uid_set_join(struct uid_set *set, const struct uid_set *more)
{
	struct uid_set both = { 0 };
	size_t i = 0, k = 0;

	if (set->count == 0 || more->count == 0 || more->range[0].first > set->range[set->count - 1].last) {
		for (; k < more->count; k++)
			uid_set_add(set, more->range[k].first, more->range[k].last);
		return;
	}
	while (i < set->count || k < more->count) {
		bool ours = k == more->count || (i < set->count && set->range[i].first <= more->range[k].first);
		struct uid_range next = ours ? set->range[i++] : more->range[k++];
		struct uid_range *tail = both.count > 0 ? &both.range[both.count - 1] : NULL;

		/* in order of their beginnings, so only the last can reach into it */
		if (tail && next.first <= tail->last)
			tail->last = next.last > tail->last ? next.last : tail->last;
		else
			uid_set_add(&both, next.first, next.last);
	}
	uid_set_free(set);
	*set = both;
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void uid_set_add_many(struct uid_set *set, uint32_t *uids, size_t count)
{
	struct uid_set more = { 0 };

	qsort(uids, count, sizeof *uids, by_number);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || uids[i] != uids[i - 1])
			uid_set_add(&more, uids[i], uids[i]);
	uid_set_join(set, &more);
	uid_set_free(&more);
}

void uid_set_minus(struct uid_set *out, const struct uid_set *set, const struct uid_set *less)
{
	size_t next = 0;

	for (size_t i = 0; i < set->count; i++) {
		uint64_t first = set->range[i].first, last = set->range[i].last;

		while (next < less->count && less->range[next].last < first)
			next++;
		for (; first <= last && next < less->count && less->range[next].first <= last; next++) {
			if (less->range[next].first > first)
				uid_set_add(out, (uint32_t)first, less->range[next].first - 1);
			first = (uint64_t)less->range[next].last + 1;
			if (first > last)
				break;
		}
		if (first <= last)
			uid_set_add(out, (uint32_t)first, (uint32_t)last);
	}
}

/* A number from 1 to 2^32 - 1 without leading zeros (nz-number); *at moves behind it. */
static bool read_uid(uint32_t *out, const char **at, const char *end)
{
	uint64_t number = 0;

	if (*at == end || **at < '1' || **at > '9')
		return false;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
		number = number * 10 + (uint64_t)(**at - '0');
		if (number > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)number;
	return true;
}

/* "7" or "7:9" or, the same, "9:7". */
static bool read_range(struct uid_range *out, const char **at, const char *end)
{
	if (!read_uid(&out->first, at, end))
		return false;
	out->last = out->first;
	if (*at < end && **at == ':') {
		(*at)++;
		if (!read_uid(&out->last, at, end))
			return false;
	}
	if (out->first > out->last)
		*out = (struct uid_range){ out->last, out->first };
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct uid_range *left = a, *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

bool uid_set_parse(struct uid_set *out, const char *text, size_t len)
{
	CLEANUP(x_free) struct uid_range *found = NULL;
	size_t count = 0, cap = 0;
	const char *end = text + len;
	bool ascending = true;

	*out = (struct uid_set){ 0 };
	for (;;) {
		if (count == RANGES_MAX)
			return false;
		found = x_room(found, count, &cap, sizeof *found);
		if (!read_range(&found[count], &text, end))
			return false;
		ascending = ascending && (count == 0 || found[count - 1].first <= found[count].first);
		count++;
		if (text == end)
			break;
		if (*text++ != ',')
			return false;
	}
	/* Sorted first: inserting a million ranges back to front would take hours. */
	if (!ascending)
		qsort(found, count, sizeof *found, by_first);
	for (size_t i = 0; i < count; i++)
		uid_set_add(out, found[i].first, found[i].last);
	return true;
}

uint64_t uid_set_size(const struct uid_set *set)
{
	uint64_t size = 0;

	for (size_t i = 0; i < set->count; i++)
		size += (uint64_t)set->range[i].last - set->range[i].first + 1;
	return size;
}

bool uid_set_has(const struct uid_set *set, uint32_t uid)
{
	size_t i = find(set, uid);

	return i < set->count && set->range[i].first <= uid;
}

static size_t digits(uint32_t number)
{
	size_t n = 1;

	for (; number >= 10; number /= 10)
		n++;
	return n;
}

/* With the comma behind it. */
static size_t text_len(struct uid_range r)
{
	return digits(r.first) + 1 + (r.last > r.first ? digits(r.last) + 1 : 0);
}

uint64_t uid_set_take(struct uid_set *set, struct uid_set *out, uint64_t max, size_t max_text)
{
	uint64_t taken = 0;
	size_t text = 0;

	while (set->count > 0 && taken < max) {
		struct uid_range part = set->range[0];
		uint64_t size = (uint64_t)part.last - part.first + 1;

		if (size > max - taken)
			part.last = (uint32_t)(part.first + (max - taken) - 1);
		text += text_len(part);
		/* The first goes even when it is too long: a caller that loops gets on. */
		if (text > max_text && taken > 0)
			break;
		uid_set_add(out, part.first, part.last);
		taken += (uint64_t)part.last - part.first + 1;
		if (part.last < set->range[0].last) {
			set->range[0].first = part.last + 1;
			break;
		}
		set->range++;
		set->head++;
		set->count--;
	}
	return taken;
}

char *uid_set_text(const struct uid_set *set)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < set->count; i++) {
		const struct uid_range *r = &set->range[i];

		buf_addf(&text, "%s%u", i > 0 ? "," : "", r->first);
		if (r->last > r->first)
			buf_addf(&text, ":%u", r->last);
	}
	return text.data ? text.data : x_strdup("");
}

void uid_set_reset(struct uid_set *set)
{
	if (set->range)
		set->range -= set->head;
	set->head = 0;
	set->count = 0;
}

void uid_set_free(struct uid_set *set)
{
	uid_set_reset(set);
	free(set->range);
	*set = (struct uid_set){ 0 };
}
