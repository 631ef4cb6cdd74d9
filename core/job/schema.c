/* The JSON Schema of the job file, made from the loader's own tables: what a reader takes, its row below says. */
#include "core/job/job.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/job/keys.h"
#include "core/job/load.h"
#include "core/job/secret.h"

#define NO_CONTROLS "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
/* Levels of a folder's name: none is empty. */
#define LEVELS "[^/*\\u0000-\\u001f\\u007f-\\u009f]+"

struct maker {
	const struct presets *presets;
	bool in_account;
	bool whole;	/* there are no `defaults`: what they could bring is needed */
};

typedef json_t *make_fn(const struct maker *m, const struct key *key);

static json_t *make_level(const struct maker *m, const struct level *level);

/* A word may look like a number or a boolean in YAML: `password: 12345`. */
static json_t *make_text(const char *pattern, int max)
{
	json_t *o = json_pack("{s:[s,s,s], s:i}", "type", "string", "number", "boolean", "minLength", 1);

	if (max > 0)
		json_object_set_new(o, "maxLength", json_integer(max));
	json_object_set_new(o, "pattern", json_string(pattern));
	return o;
}

static json_t *make_string(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *text(const struct maker *m, const struct key *key)
{
	(void)m;
	return make_text(NO_CONTROLS, key->read == value_name ? 255 : 0);
}

static json_t *secret(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_text("^[^\\u0000\\r\\n]*$", PASSWORD_MAX);
}

static json_t *host(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_text("^([^ :/@\\[\\]\\\\\"%,;.\\u0000-\\u001f\\u007f-\\u009f-][^ :/@\\[\\]\\\\\"%,;\\u0000-\\u001f\\u007f-\\u009f]*"
		"|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$", 253);
}

static json_t *path(const struct maker *m, const struct key *key)
{
	(void)m;
	return make_text(key->read == value_state ? "^(?!~|postgres(ql)?:|.*://)[^\\u0000-\\u001f\\u007f-\\u009f]*$"
						  : "^(?!~)[^\\u0000-\\u001f\\u007f-\\u009f]*$", 0);
}

static json_t *number(const struct maker *m, const struct key *key)
{
	(void)m;
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)key->min, "maximum", (json_int_t)key->max);
}

static json_t *version(const struct maker *m, const struct key *key)
{
	(void)m;
	return json_pack("{s:I}", "const", (json_int_t)key->max);
}

static json_t *boolean(const struct maker *m, const struct key *key)
{
	if (key->read == value_merge && !m->in_account)
		return json_pack("{s:b}", "const", 0);
	return json_pack("{s:s}", "type", "boolean");
}

static json_t *word(const struct maker *m, const struct key *key)
{
	json_t *words = json_array();

	(void)m;
	for (size_t i = 0; key->words[i]; i++)
		json_array_append_new(words, json_string(key->words[i]));
	return json_pack("{s:o}", "enum", words);
}

static json_t *provider(const struct maker *m, const struct key *key)
{
	json_t *ids = json_array();

	(void)key;
	json_array_append_new(ids, json_string("imap"));
	for (size_t i = 0; m->presets && i < m->presets->count; i++)
		json_array_append_new(ids, json_string(m->presets->row[i].id));
	return json_pack("{s:o}", "enum", ids);
}

static json_t *duration(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_string("^0*[1-9][0-9]{0,11}[smh]$");
}

static json_t *size(const struct maker *m, const struct key *key)
{
	(void)m;
	return make_string(key->read == value_rate ? "^0*[1-9][0-9]{0,6}[KMG]i?B/s$" : "^0*[1-9][0-9]{0,6}[KMG]i?B$");
}

static json_t *percent(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_string("^(?!0+(\\.0)?%)0*([0-9]{1,2}(\\.[0-9])?|100(\\.0)?)%$");
}

static json_t *date(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_string("^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$");
}

static json_t *fingerprint(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_string("^([0-9A-Fa-f]{64}|([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})$");
}

static json_t *folder(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return make_string("^(" LEVELS "(/" LEVELS ")*)?$");
}

static json_t *patterns(const struct maker *m, const struct key *key)
{
	(void)m;
	return json_pack("{s:s, s:I, s:o}", "type", "array", "minItems", (json_int_t)key->min, "items",
		make_text("^(?!/|.*//)[^\\u0000-\\u001f\\u007f-\\u009f]*$", 0));
}

static json_t *command(const struct maker *m, const struct key *key)
{
	bool filled = key->read == value_template;
	const char *word = filled ? "^(?!.*\\{(?!(user|name)\\})[A-Za-z0-9_]+\\})[^\\u0000]*$" : "^[^\\u0000]*$";
	const char *program = filled ? "^(?!~|.*\\{(?!(user|name)\\})[A-Za-z0-9_]+\\})[^\\u0000]+$" : "^(?!~)[^\\u0000]+$";

	(void)m;
	return json_pack("{s:s, s:I, s:[o], s:{s:[s,s,s], s:s}}", "type", "array", "minItems", (json_int_t)key->min, "prefixItems",
		make_text(program, 0), "items", "type", "string", "number", "boolean", "pattern", word);
}

static json_t *map(const struct maker *m, const struct key *key)
{
	(void)m;
	(void)key;
	return json_pack("{s:s, s:{s:s}, s:{s:[s,s,s], s:s}}", "type", "object", "propertyNames", "pattern", "^" LEVELS "(/" LEVELS ")*$",
		"additionalProperties", "type", "string", "number", "boolean", "pattern", "^" LEVELS "(/" LEVELS ")*$");
}

static json_t *level(const struct maker *m, const struct key *key)
{
	return make_level(m, key->level);
}

/* At most one of the secrets. */
static json_t *one_secret(void)
{
	json_t *ways = json_array(), *any = json_array();

	for (size_t i = 0; i < level_end.count; i++) {
		const struct key *k = &level_end.key[i];

		if (k->read != secret_inline && k->read != secret_file && k->read != value_template)
			continue;
		json_array_append_new(ways, json_pack("{s:[s]}", "required", k->name));
		json_array_append_new(any, json_pack("{s:[s]}", "required", k->name));
	}
	json_array_append_new(ways, json_pack("{s:{s:o}}", "not", "anyOf", any));
	return ways;
}

static json_t *end(const struct maker *m, const struct key *key)
{
	json_t *o = make_level(m, key->level);

	if (!m->whole)
		json_object_del(o, "required");
	json_object_set_new(o, "oneOf", one_secret());
	return o;
}

static json_t *later(const struct maker *m, const struct key *key)
{
	struct maker inside = *m;

	if (strcmp(key->name, "accounts_from") == 0)
		return path(m, key);
	if (strcmp(key->name, "defaults") == 0)
		return make_level(m, key->level);
	inside.in_account = true;
	return json_pack("{s:s, s:i, s:o}", "type", "array", "maxItems", ACCOUNTS_MAX, "items", make_level(&inside, key->level));
}

static const struct { value_fn *read; make_fn *make; } makers[] = {
	{ value_text, text }, { value_name, text }, { secret_inline, secret }, { value_host, host }, { value_path, path }, { value_readable, path },
	{ secret_file, path }, { value_state, path }, { value_number, number }, { value_version, version }, { value_bool, boolean },
	{ value_merge, boolean }, { value_word, word }, { value_provider, provider }, { value_wait, duration }, { value_long_wait, duration },
	{ value_size, size }, { value_rate, size }, { value_percent, percent }, { value_date, date }, { value_fingerprint, fingerprint },
	{ value_folder, folder }, { value_patterns, patterns }, { value_command, command }, { value_template, command }, { value_map, map },
	{ load_level, level }, { load_base, level }, { load_end, end }, { load_later, later },
};

static json_t *make_key(const struct maker *m, const struct key *key)
{
	json_t *o = NULL;

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]) && !o; i++) {
		if (makers[i].read == key->read)
			o = makers[i].make(m, key);
	}
	/* A reader without a row would let everything pass in an editor: the tests look. */
	if (!o)
		o = json_object();
	json_object_set_new(o, "description", json_string(key->about));
	return o;
}

static json_t *make_level(const struct maker *m, const struct level *here)
{
	json_t *properties = json_object(), *needed = json_array(), *o;

	for (size_t i = 0; i < here->count; i++) {
		if (!here->key[i].read)
			continue;
		json_object_set_new(properties, here->key[i].name, make_key(m, &here->key[i]));
		if (here->key[i].needed || (here == &level_account && m->whole && here->key[i].read == load_end))
			json_array_append_new(needed, json_string(here->key[i].name));
	}
	o = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
	if (json_array_size(needed) > 0)
		json_object_set(o, "required", needed);
	json_decref(needed);
	return o;
}

/* Without `defaults` an account says all by itself; with them it says what they leave open, which no schema can tell. */
static json_t *make_root(const struct presets *presets)
{
	const struct maker open = { .presets = presets }, whole = { .presets = presets, .whole = true, .in_account = true };
	json_t *root = json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
		"The job file of trasloco: which mailboxes move from where to where");
	json_t *body = make_level(&open, &level_job);

	json_object_update(root, body);
	json_decref(body);
	json_object_set_new(root, "anyOf", json_pack("[{s:[s], s:{s:{s:i}}}, {s:[s]}]", "required", "accounts", "properties", "accounts",
		"minItems", 1, "required", "accounts_from"));
	json_object_set_new(root, "if", json_pack("{s:{s:[s]}}", "not", "required", "defaults"));
	json_object_set_new(root, "then", json_pack("{s:{s:{s:o}}}", "properties", "accounts", "items", make_level(&whole, &level_account)));
	return root;
}

void job_schema(const struct presets *presets, struct buf *out)
{
	json_t *root = make_root(presets);
	char *dump = json_dumps(root, JSON_INDENT(2));

	buf_adds(out, dump ? dump : "{}");
	buf_addc(out, '\n');
	free(dump);
	json_decref(root);
}
