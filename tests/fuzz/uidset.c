/* Sets of UIDs: read, written, added to in any order, taken from; against a plain list of numbers. */
#include "tests/fuzz/fuzz.h"

#include "core/mail/uidset.h"

static void check(const struct uid_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		HOLDS(set->range[i].first >= 1 && set->range[i].first <= set->range[i].last);
		HOLDS(i == 0 || set->range[i - 1].last + (uint64_t)1 < set->range[i].first);
	}
}

static bool same(const struct uid_set *a, const struct uid_set *b)
{
	return a->count == b->count && (a->count == 0 || memcmp(a->range, b->range, a->count * sizeof *a->range) == 0);
}

static void read_text(const char *text, size_t len)
{
	struct uid_set set, again, part = { 0 }, all = { 0 };
	if (!uid_set_parse(&set, text, len)) {
		HOLDS(set.count == 0);
		return;
	}
	CLEANUP(x_free) char *written = uid_set_text(&set);
	HOLDS(uid_set_parse(&again, written, strlen(written)) && same(&set, &again));
	check(&set);
	uint64_t size = uid_set_size(&set), taken = 0, n;
	while ((n = uid_set_take(&again, &part, size / 7 + 1, 40)) > 0) {
		taken += n;
		for (size_t i = 0; i < part.count; i++)
			uid_set_add(&all, part.range[i].first, part.range[i].last);
		uid_set_reset(&part);
	}
	HOLDS(taken == size && same(&set, &all) && uid_set_size(&again) == 0);
	uid_set_free(&set);
	uid_set_free(&again);
	uid_set_free(&part);
	uid_set_free(&all);
}

#define NUMBERS 300

/* Pairs of bytes are ranges; some are taken away in between. */
static void add_any(const uint8_t *data, size_t len)
{
	bool there[NUMBERS] = { 0 };
	struct uid_set set = { 0 }, out = { 0 };
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t first = data[i], last = data[i + 1] % 4 == 0 ? first : first + data[i + 1] % 8;
		uid_set_add(&set, first, last);
		for (uint32_t u = first; first > 0 && u <= last; u++)
			there[u] = true;
		if (data[i + 1] > 250) {
			uid_set_take(&set, &out, 3, 100);
			for (size_t r = 0; r < out.count; r++)
				for (uint32_t u = out.range[r].first; u <= out.range[r].last; u++) {
					HOLDS(there[u]);
					there[u] = false;
				}
			uid_set_free(&out);
		}
		check(&set);
	}
	for (uint32_t u = 0; u < NUMBERS; u++)
		HOLDS(uid_set_has(&set, u) == there[u]);
	uid_set_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	read_text((const char *)data, len);
	add_any(data, len);
	return 0;
}
