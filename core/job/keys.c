/* All keys of the job file, a table for each level. */
#include "core/job/keys.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/job/load.h"
#include "core/job/near.h"
#include "core/job/secret.h"

#define SECOND ((int64_t)1000)
#define HOUR (3600 * SECOND)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
/* Of the contract, but not in this version yet. */
#define LATER(key) { .name = (key) }

static const char *const tls_words[] = { [TLS_IMPLICIT] = "implicit", [TLS_STARTTLS] = "starttls", [TLS_NONE] = "none", NULL };
static const char *const verify_words[] = { [VERIFY_STANDARD] = "standard", [VERIFY_DEEP] = "deep", NULL };
/* value_word writes an int. */
static_assert(sizeof(enum job_tls) == sizeof(int) && sizeof(enum job_verify) == sizeof(int), "enums are ints");

static const struct key end_keys[] = {
	{ .name = "provider", .read = value_provider },
	{ .name = "host", .read = value_host, .offset = offsetof(struct job_end, host), .needed = true },
	{ .name = "port", .read = value_number, .offset = offsetof(struct job_end, port), .min = 1, .max = 65535 },
	{ .name = "tls", .read = value_word, .offset = offsetof(struct job_end, tls), .words = tls_words },
	{ .name = "insecure", .read = value_bool, .offset = offsetof(struct job_end, insecure) },
	{ .name = "ca_file", .read = value_readable, .offset = offsetof(struct job_end, ca_file) },
	{ .name = "user", .read = value_text, .offset = offsetof(struct job_end, user), .needed = true },
	{ .name = "password", .read = secret_inline, .offset = offsetof(struct job_end, password) },
	{ .name = "password_file", .read = secret_file, .offset = offsetof(struct job_end, password) },
	{ .name = "connections", .read = value_number, .offset = offsetof(struct job_end, connections), .min = 1, .max = 64 },
	{ .name = "timeout", .read = value_wait, .offset = offsetof(struct job_end, timeout_ms), .min = SECOND, .max = HOUR },
	LATER("fingerprint"),
	LATER("auth_user"),
	LATER("auth"),
	LATER("path"),
	LATER("password_command"),
	LATER("token_command"),
	LATER("oauth2"),
};
const struct level level_end = { .home = "in `source` or `target`", .key = end_keys, .count = COUNT(end_keys) };

static const struct key account_keys[] = {
	{ .name = "name", .read = value_name, .offset = offsetof(struct job_account, name), .needed = true },
	{ .name = "source", .read = load_end, .offset = offsetof(struct job_account, source), .level = &level_end, .needed = true },
	{ .name = "target", .read = load_end, .offset = offsetof(struct job_account, target), .level = &level_end, .needed = true },
	LATER("archive"),
	LATER("folders"),
	LATER("messages"),
	LATER("guard"),
};
const struct level level_account = { .home = "in an account", .key = account_keys, .count = COUNT(account_keys) };

static const struct key limits_keys[] = {
	{ .name = "give_up", .read = value_long_wait, .offset = offsetof(struct job, give_up_ms), .min = SECOND, .max = 168 * HOUR },
	LATER("rate"),
	LATER("per_host_connections"),
};
const struct level level_limits = { .home = "in `limits`", .key = limits_keys, .count = COUNT(limits_keys) };

static const struct key job_keys[] = {
	{ .name = "version", .read = value_version, .max = 1, .needed = true },
	{ .name = "state", .read = value_state, .offset = offsetof(struct job, state) },
	{ .name = "workers", .read = value_number, .offset = offsetof(struct job, workers), .min = 1, .max = 64 },
	{ .name = "refused", .read = value_path, .offset = offsetof(struct job, refused) },
	{ .name = "verify", .read = value_word, .offset = offsetof(struct job, verify), .words = verify_words },
	{ .name = "limits", .read = load_level, .level = &level_limits },	/* fills the struct of the level above: offset 0 */
	{ .name = "accounts", .read = load_accounts, .level = &level_account, .needed = true },
	LATER("defaults"),
	LATER("accounts_from"),
	LATER("folders"),
	LATER("messages"),
	LATER("guard"),
	LATER("notify"),
};
const struct level level_job = { .home = "at the top", .key = job_keys, .count = COUNT(job_keys) };

static const struct level *const levels[] = { &level_job, &level_limits, &level_account, &level_end };

const struct key *keys_find(const struct level *level, const char *name)
{
	for (size_t i = 0; i < level->count; i++) {
		if (strcmp(level->key[i].name, name) == 0)
			return &level->key[i];
	}
	return NULL;
}

static const struct key *nearest(const struct level *level, const char *name)
{
	const struct key *best = NULL;
	unsigned best_rank = UINT_MAX, rank;

	for (size_t i = 0; i < level->count; i++) {
		rank = near_rank(name, level->key[i].name);
		if (rank < best_rank) {
			best = &level->key[i];
			best_rank = rank;
		}
	}
	return best;
}

void keys_unknown(struct loader *ld, const struct level *level, const struct node *key)
{
	const struct key *meant;
	char shown[64], *colon;

	text_clean(shown, sizeof(shown), key->text, key->len);
	/* `{password:secret}` is one long key: what is behind the colon is not shown. */
	colon = strchr(shown, ':');
	if (colon) {
		*colon = '\0';
		fault_add(ld->faults, key->line, key->column, "unknown key `%s:…`: a colon needs a blank behind it", shown);
		return;
	}
	meant = nearest(level, shown);
	if (meant) {
		fault_add(ld->faults, key->line, key->column, "unknown key `%s`: did you mean `%s`?", shown, meant->name);
		return;
	}
	for (size_t i = 0; i < COUNT(levels); i++) {
		if (keys_find(levels[i], shown)) {
			fault_add(ld->faults, key->line, key->column, "unknown key `%s`: it belongs %s", shown, levels[i]->home);
			return;
		}
	}
	fault_add(ld->faults, key->line, key->column, "unknown key `%s`", shown);
}
