/* One side of an account: its own keys over those of `defaults`, and what its provider tells. */
#include <limits.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/arena.h"
#include "core/job/check.h"
#include "core/job/keys.h"
#include "core/job/load.h"
#include "core/job/near.h"

/* What the presets of two providers don't share: a side that names its own provider leaves these of the `defaults` alone. */
static const char *const of_provider[] = { "provider", "host", "port", "tls", "insecure", "ca_file", "fingerprint", NULL };
static const char *const of_secret[] = { "password", "password_file", "password_command", "token_command", "oauth2", NULL };

static uint32_t bit(const char *name)
{
	return UINT32_C(1) << (keys_find(&level_end, name) - level_end.key);
}

static bool is_given(const struct given *given, const char *name)
{
	return (given->keys & bit(name)) != 0;
}

static void forget(struct given *given, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		given->keys &= ~bit(names[i]);
}

/* A provider or a secret of its own takes the place of all that the defaults say about it. */
static void displace(struct given *given, struct job_end *end, const struct node *map)
{
	bool secret = false;

	for (size_t i = 0; of_secret[i]; i++)
		secret = secret || node_get(map, of_secret[i]);
	if (secret) {
		forget(given, of_secret);
		end->password = NULL;
		end->command = NULL;
	}
	if (!node_get(map, "provider"))
		return;
	forget(given, of_provider);
	given->lost = false;
	end->preset = NULL;
	end->host = end->ca_file = NULL;
	end->tls = TLS_IMPLICIT;
	end->insecure = end->pinned = false;
}

void load_end(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	struct given *given = strcmp(key->name, "source") == 0 ? &ld->given_source : &ld->given_target;
	const struct node *provider;
	struct job_end *end = field;
	const struct key *row;

	if (!load_is_map(ld, key->name, node))
		return;
	displace(given, end, node);
	load_keys(ld, &level_end, node, end);
	for (const struct node *n = node->first; n; n = n->next) {
		row = keys_find(&level_end, n->key->text);
		if (row)
			given->keys |= UINT32_C(1) << (row - level_end.key);
	}
	provider = node_get(node, "provider");
	if (provider)
		given->lost = !end->preset && (provider->kind != NODE_SCALAR || strcmp(provider->text, "imap") != 0);
	check_secrets(ld, key->name, node);
}

void value_provider(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const struct presets *presets = ld->presets;
	const char *text = value_scalar(ld, key, node), *meant = NULL;
	unsigned best = UINT_MAX, rank;
	struct job_end *end = field;
	char shown[64];

	if (!text || strcmp(text, "imap") == 0)
		return;
	value_shown(shown, node);
	if (strcmp(text, "maildir") == 0) {
		fault_add(ld->faults, node->line, node->column, "`%s: maildir` is not in this version yet: use `imap`, with `host`", key->name);
		return;
	}
	end->preset = preset_find(presets, text);
	if (end->preset)
		return;
	for (size_t i = 0; presets && i < presets->count; i++) {
		rank = near_rank(shown, presets->row[i].id);
		if (rank < best) {
			best = rank;
			meant = presets->row[i].id;
		}
	}
	if (meant)
		fault_add(ld->faults, node->line, node->column, "unknown `%s` `%s`: did you mean `%s`?", key->name, shown, meant);
	else
		fault_add(ld->faults, node->line, node->column, "unknown `%s` `%s`: use `imap`, with `host`; `trasloco providers` lists the others",
			key->name, shown);
}

/* Host, port and tls: as given, else the provider's, which the address may tell. Of connections no more than that takes. */
static void find_server(struct loader *ld, const struct given *given, const char *side, const struct node *at, struct job_end *end)
{
	const char *domain = end->user ? strrchr(end->user, '@') : NULL;
	const struct preset *preset;
	char shown[64];

	if (!is_given(given, "provider") && !is_given(given, "host") && end->user)
		end->preset = preset_of_address(ld->presets, end->user);
	preset = end->preset;
	if (preset && *preset->host && !is_given(given, "host"))
		end->host = arena_text(ld->job->arena, preset->host, strlen(preset->host));
	if (preset && !is_given(given, "tls"))
		end->tls = (enum job_tls)preset->tls;
	if (!is_given(given, "port"))
		end->port = preset && end->tls == (enum job_tls)preset->tls ? preset->port : end->tls == TLS_IMPLICIT ? 993 : 143;
	if (preset && preset->connections > 0 && end->connections > preset->connections)
		end->connections = preset->connections;
	/* A user that could not be read was told; it may have told the host. */
	if (end->host || is_given(given, "host") || (!end->user && is_given(given, "user")))
		return;
	if (domain && domain[1] != '\0' && !is_given(given, "provider")) {
		text_clean(shown, sizeof(shown), domain + 1, strlen(domain + 1));
		fault_add(ld->faults, at->line, at->column, "`host` is missing: no preset for %s", shown);
	} else {
		fault_add(ld->faults, at->line, at->column, "the %s has no `host`", side);
	}
}

/* The name that signs in. */
static void find_login(struct loader *ld, const struct node *at, struct job_end *end)
{
	const struct preset *preset = end->preset;
	const struct node *user = node_get(at, "user") ? node_get(at, "user") : at;
	const char *local;
	char shown[64];

	end->on_behalf = end->login && strcmp(end->login, end->user) != 0;
	if (end->login)
		return;
	local = strrchr(end->user, '@');
	end->login = end->user;
	if (preset && preset->user == USER_LOCAL && local && local != end->user)
		end->login = arena_text(ld->job->arena, end->user, (size_t)(local - end->user));
	if (!preset || preset->user != USER_CODE || !local)
		return;
	text_clean(shown, sizeof(shown), end->user, strlen(end->user));
	fault_add(ld->faults, user->line, user->column,
		"`user`: %s signs in with a code of its own: write that code, not the address `%s`, with `provider: %s`", preset->name, shown,
		preset->id);
}

static enum job_secret secret_of(const struct given *given)
{
	if (is_given(given, "password") || is_given(given, "password_file"))
		return SECRET_PASSWORD;
	if (is_given(given, "password_command"))
		return SECRET_COMMAND;
	return is_given(given, "token_command") ? SECRET_TOKEN : SECRET_LATER;
}

void end_finish(struct loader *ld, const char *side, const struct node *node, struct job_account *account)
{
	bool source = strcmp(side, "source") == 0;
	const struct given *given = source ? &ld->given_source : &ld->given_target;
	struct job_end *end = source ? &account->source : &account->target;
	const struct node *map = node_get(node, side), *at = map ? map : node;

	if ((map && map->kind != NODE_MAP) || given->lost)
		return;
	if (!map && given->keys == 0) {
		fault_add(ld->faults, node->line, node->column, "the account has no `%s`", side);
		return;
	}
	find_server(ld, given, side, at, end);
	if (!is_given(given, "user"))
		fault_add(ld->faults, at->line, at->column, "the %s has no `user`", side);
	end->secret = secret_of(given);
	if (!end->user)
		return;
	find_login(ld, at, end);
	if (end->command && account->name)
		end->command = value_fill(ld, end->command, end->user, account->name);
	if (!is_given(given, "oauth2"))
		check_end(ld, at, end);
}
