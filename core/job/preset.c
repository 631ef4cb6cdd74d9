/* Looking up providers: by id and by the domain of an address. */
#include "core/job/preset.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

const struct preset *preset_find(const struct presets *presets, const char *id)
{
	for (size_t i = 0; presets && i < presets->count; i++) {
		if (strcmp(presets->row[i].id, id) == 0)
			return &presets->row[i];
	}
	return NULL;
}

/* "it", "com", "co.uk", "com.br": what may stand for the `*` of "hotmail.*". Anything longer is somebody else's domain. */
static bool is_ending(const char *text)
{
	const char *dot = strchr(text, '.');

	if (!dot)
		return strlen(text) >= 2;
	if (strchr(dot + 1, '.') || strlen(dot + 1) != 2)
		return false;
	return strncasecmp(text, "co.", 3) == 0 || strncasecmp(text, "com.", 4) == 0;
}

/* Whether the list of a row has the domain; only rows with a `*`, or only those without. */
static bool has_domain(const char *list, const char *domain, bool wild)
{
	size_t len;

	for (; *list != '\0'; list += len) {
		list += strspn(list, " ");
		len = strcspn(list, " ");
		if (len == 0)
			break;
		if (list[0] == '*') {
			size_t below = strlen(domain);

			if (wild && below > len - 1 && strncasecmp(domain + below - (len - 1), list + 1, len - 1) == 0)
				return true;
		} else if (list[len - 1] == '*') {
			if (wild && strlen(domain) > len - 1 && strncasecmp(list, domain, len - 1) == 0 && is_ending(domain + len - 1))
				return true;
		} else if (!wild && strlen(domain) == len && strncasecmp(list, domain, len) == 0) {
			return true;
		}
	}
	return false;
}

/* A whole name in one row wins over a `*` in another: yahoo.co.jp may be no yahoo.* */
const struct preset *preset_of_address(const struct presets *presets, const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || at == address || at[1] == '\0')
		return NULL;
	for (int wild = 0; wild < 2; wild++) {
		for (size_t i = 0; presets && i < presets->count; i++) {
			if (has_domain(presets->row[i].domains, at + 1, wild == 1))
				return &presets->row[i];
		}
	}
	return NULL;
}
