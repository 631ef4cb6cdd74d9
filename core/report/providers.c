/* The rows of the providers as JSON. */
#include "core/report/providers.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/job/job.h"

static const struct {
	unsigned trait;
	const char *name;
} traits[] = {
	{ PRESET_OAUTH_ONLY, "oauth2-only" },
	{ PRESET_APP_PASSWORD, "app-password" },
	{ PRESET_IMAP_SWITCH, "imap-switch" },
	{ PRESET_PEC, "pec" },
	{ PRESET_OUTAGES, "outages-2023" },
	{ PRESET_WINDOW, "window" },
};

static const char *const users[] = { [USER_ADDRESS] = "address", [USER_LOCAL] = "local-part", [USER_CODE] = "code" };

/* Words with a blank between. */
static json_t *words(const char *text)
{
	json_t *list = json_array();
	for (const char *at = text; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		json_array_append_new(list, json_stringn(at, n));
		at += n;
	}
	return list;
}

static json_t *traits_of(const struct preset *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof traits / sizeof *traits; i++)
		if (p->traits & traits[i].trait)
			json_array_append_new(list, json_string(traits[i].name));
	return list;
}

static void limits_of(const struct preset *p, json_t *o)
{
	const struct {
		const char *key;
		uint64_t limit;
	} limits[] = { { "append_limit", p->append_limit }, { "room", p->room }, { "day_out", p->day_out }, { "day_in", p->day_in }, { "connections", p->connections },
		{ "visible", p->visible }, { "folders", p->folders }, { "depth", p->depth } };
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		json_object_set_new(o, limits[i].key, limits[i].limit ? json_integer((json_int_t)limits[i].limit) : json_null());
	json_object_set_new(o, "reserved", p->reserved ? json_string(p->reserved) : json_null());
	json_object_set_new(o, "unfit", p->unfit ? json_string(p->unfit) : json_null());
}

static json_t *row(const struct preset *p)
{
	json_t *o = json_object();
	json_object_set_new(o, "id", json_string(p->id));
	json_object_set_new(o, "name", json_string(p->name));
	json_object_set_new(o, "domains", words(p->domains));
	json_object_set_new(o, "mx", words(p->mx));
	json_object_set_new(o, "host", json_string(p->host));
	json_object_set_new(o, "port", json_integer((json_int_t)p->port));
	json_object_set_new(o, "tls", json_string(p->tls == TLS_STARTTLS ? "starttls" : "implicit"));
	json_object_set_new(o, "user", json_string(users[p->user]));
	json_object_set_new(o, "traits", traits_of(p));
	limits_of(p, o);
	json_object_set_new(o, "page", json_string(p->page));
	json_object_set_new(o, "note", json_string(p->note));
	json_object_set_new(o, "mark", json_string(p->mark));
	json_object_set_new(o, "date", json_string(p->date));
	return o;
}

void report_providers(const struct presets *presets, const struct preset *only, struct buf *out)
{
	json_t *list = json_array();
	for (size_t i = 0; i < presets->count; i++)
		if (!only || only == &presets->row[i])
			json_array_append_new(list, row(&presets->row[i]));
	char *text = json_dumps(list, JSON_INDENT(2));
	buf_adds(out, text ? text : "[]");
	buf_addc(out, '\n');
	free(text);
	json_decref(list);
}
