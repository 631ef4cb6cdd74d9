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
#define GB ((int64_t)1000000000)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
/* Of the contract, but not in this version yet. */
#define LATER(key) { .name = (key) }
/* In tables below, AT(member) is the place in the struct of that level. */

static const char *const tls_words[] = { [TLS_IMPLICIT] = "implicit", [TLS_STARTTLS] = "starttls", [TLS_NONE] = "none", NULL };
static const char *const verify_words[] = { [VERIFY_STANDARD] = "standard", [VERIFY_DEEP] = "deep", NULL };
static const char *const auth_words[] = { [AUTH_AUTO] = "auto", [AUTH_PLAIN] = "plain", [AUTH_LOGIN] = "login",
	[AUTH_SCRAM_SHA_256] = "scram-sha-256", [AUTH_XOAUTH2] = "xoauth2", [AUTH_OAUTHBEARER] = "oauthbearer", NULL };
static const char *const subscribe_words[] = { [SUBSCRIBE_SOURCE] = "source", [SUBSCRIBE_ALL] = "all", [SUBSCRIBE_NONE] = "none", NULL };
static const char *const deleted_words[] = { [DELETED_SKIP] = "skip", [DELETED_COPY] = "copy", NULL };
static const char *const duplicates_words[] = { [DUPLICATES_COPY] = "copy", [DUPLICATES_SKIP] = "skip", NULL };
static const char *const flags_words[] = { [FLAGS_ADD] = "add", [FLAGS_NONE] = "none", NULL };
/* value_word writes an int. */
static_assert(sizeof(enum job_tls) == sizeof(int) && sizeof(enum job_verify) == sizeof(int) && sizeof(enum job_auth) == sizeof(int) &&
	sizeof(enum job_subscribe) == sizeof(int) && sizeof(enum job_deleted) == sizeof(int) &&
	sizeof(enum job_duplicates) == sizeof(int) && sizeof(enum job_flags) == sizeof(int), "enums are ints");

#define AT(member) .offset = offsetof(struct job_end, member)
static const struct key end_keys[] = {
	{ .name = "provider", .read = value_provider, .about = "a provider that trasloco knows (`trasloco providers`), or imap" },
	{ .name = "host", .read = value_host, AT(host), .about = "the server's name or IP address; a known provider's needs none" },
	{ .name = "port", .read = value_number, AT(port), .min = 1, .max = 65535,
		.about = "default: the provider's; else 993, or 143 with starttls and none" },
	{ .name = "tls", .read = value_word, AT(tls), .words = tls_words, .about = "none only to a loopback address, or with `insecure: true`" },
	{ .name = "insecure", .read = value_bool, AT(insecure), .about = "allows `tls: none` to another machine: all can read along" },
	{ .name = "ca_file", .read = value_readable, AT(ca_file), .about = "a file of certificates to trust instead of the system's" },
	{ .name = "fingerprint", .read = value_fingerprint, .about = "SHA-256 of the server's certificate: this one and no other" },
	{ .name = "user", .read = value_text, AT(user), .needed = true, .about = "the mailbox" },
	{ .name = "auth_user", .read = value_text, AT(login), .about = "signs in with this name and acts as `user` (master login)" },
	{ .name = "auth", .read = value_word, AT(auth), .words = auth_words, .about = "how to sign in; auto takes the best that both know" },
	{ .name = "password", .read = secret_inline, AT(password), .about = "only in a file that nobody else can open (chmod 600)" },
	{ .name = "password_file", .read = secret_file, AT(password), .about = "its first line is the password; chmod 600" },
	{ .name = "password_command", .read = value_template, AT(command), .min = 1,
		.about = "a program and its arguments; it prints the password; {user} and {name} are filled in" },
	{ .name = "token_command", .read = value_template, AT(command), .min = 1,
		.about = "the same, but it prints an OAuth2 access token" },
	{ .name = "connections", .read = value_number, AT(connections), .min = 1, .max = 64, .about = "at most so many at once, and no more than the provider is known to take; default 4" },
	{ .name = "timeout", .read = value_wait, AT(timeout_ms), .min = SECOND, .max = HOUR, .about = "the longest silence; default 60s" },
	LATER("path"),
	LATER("oauth2"),
};
#undef AT
const struct level level_end = { .home = "in `source` or `target`", .key = end_keys, .count = COUNT(end_keys) };
static_assert(COUNT(end_keys) <= 32, "struct given has a bit for each");

#define AT(member) .offset = offsetof(struct job_folders, member)
static const struct key folders_keys[] = {
	{ .name = "include", .read = value_patterns, AT(include), .min = 1,
		.about = "only these folders and all below them; `*` is any part of one level" },
	{ .name = "exclude", .read = value_patterns, AT(exclude), .about = "not these folders and nothing below them" },
	{ .name = "map", .read = value_map, .about = "old folder: new folder; decoded names, `/` between levels" },
	{ .name = "under", .read = value_folder, AT(under), .about = "everything goes below this folder of the target" },
	{ .name = "merge", .read = value_merge, AT(merge), .about = "two source folders may go into one target folder; true only inside an account" },
	{ .name = "special_use", .read = value_bool, AT(special_use), .about = "false: no roles (sent, trash ...), neither from attributes nor from names" },
	{ .name = "subscribe", .read = value_word, AT(subscribe), .words = subscribe_words, .about = "which folders to subscribe to at the target" },
};
#undef AT
const struct level level_folders = { .home = "in `folders`", .key = folders_keys, .count = COUNT(folders_keys) };

#define AT(member) .offset = offsetof(struct job_messages, member)
static const struct key messages_keys[] = {
	{ .name = "since", .read = value_date, AT(since), .about = "only what arrived on this day or later" },
	{ .name = "before", .read = value_date, AT(before), .about = "only what arrived before this day" },
	{ .name = "max_size", .read = value_size, AT(max_size), .min = 1000, .max = 100 * GB, .about = "skip larger messages; default: what the target takes" },
	{ .name = "deleted", .read = value_word, AT(deleted), .words = deleted_words, .about = "messages that are marked as deleted" },
	{ .name = "duplicates", .read = value_word, AT(duplicates), .words = duplicates_words, .about = "exact duplicates within a folder" },
	{ .name = "flags", .read = value_word, AT(flags), .words = flags_words, .about = "flags that came since the last run" },
};
#undef AT
const struct level level_messages = { .home = "in `messages`", .key = messages_keys, .count = COUNT(messages_keys) };

/* Fill the struct of the level above: their own offset is 0. */
static const struct key guard_keys[] = {
	{ .name = "shrink", .read = value_percent, .offset = offsetof(struct job_account, shrink), .min = 1, .max = 1000,
		.about = "stop an account when the source lost more than this since the last run; 100% never stops" },
};
const struct level level_guard = { .home = "in `guard`", .key = guard_keys, .count = COUNT(guard_keys) };

static const struct key notify_keys[] = {
	{ .name = "command", .read = value_command, .offset = offsetof(struct job, notify), .min = 1, .needed = true,
		.about = "a program and its arguments; gets the report as JSON on its standard input" },
};
const struct level level_notify = { .home = "in `notify`", .key = notify_keys, .count = COUNT(notify_keys) };

static const struct key limits_keys[] = {
	{ .name = "rate", .read = value_rate, .offset = offsetof(struct job, rate), .min = 1000, .max = 100 * GB, .about = "bytes of mail a second, in all" },
	{ .name = "per_host_connections", .read = value_number, .offset = offsetof(struct job, per_host), .min = 1, .max = 1000,
		.about = "connections to one server, over all accounts" },
	{ .name = "give_up", .read = value_long_wait, .offset = offsetof(struct job, give_up_ms), .min = SECOND, .max = 168 * HOUR,
		.about = "so long without any progress, then stop; default 10m" },
};
const struct level level_limits = { .home = "in `limits`", .key = limits_keys, .count = COUNT(limits_keys) };

#define AT(member) .offset = offsetof(struct job_account, member)
#define FOLDERS { .name = "folders", .read = load_level, AT(folders), .level = &level_folders, .about = "which folders, and where to" }
#define MESSAGES { .name = "messages", .read = load_level, AT(messages), .level = &level_messages, .about = "which messages" }
#define GUARD { .name = "guard", .read = load_level, .level = &level_guard, .about = "when to stop for safety" }
static const struct key account_keys[] = {
	{ .name = "name", .read = value_name, AT(name), .needed = true, .about = "how you call it; the state is kept by this name" },
	/* Needed, but `defaults` may have them: load_account looks. */
	{ .name = "source", .read = load_end, AT(source), .level = &level_end, .about = "the old mailbox" },
	{ .name = "target", .read = load_end, AT(target), .level = &level_end, .about = "the new mailbox" },
	FOLDERS,
	MESSAGES,
	GUARD,
	LATER("archive"),
};
const struct level level_account = { .home = "in an account", .key = account_keys, .count = COUNT(account_keys) };

static const struct key defaults_keys[] = {
	{ .name = "source", .read = load_end, AT(source), .level = &level_end, .about = "for every account's source" },
	{ .name = "target", .read = load_end, AT(target), .level = &level_end, .about = "for every account's target" },
	FOLDERS,
	MESSAGES,
	GUARD,
};
const struct level level_defaults = { .home = "in `defaults`", .key = defaults_keys, .count = COUNT(defaults_keys) };
#undef AT

#define AT(member) .offset = offsetof(struct job, member)
static const struct key job_keys[] = {
	{ .name = "version", .read = value_version, .max = 1, .needed = true, .about = "of this format" },
	{ .name = "state", .read = value_state, AT(state), .about = "what is done so far, one SQLite file; default: the job file's name with .state" },
	{ .name = "workers", .read = value_number, AT(workers), .min = 1, .max = 64, .about = "connections at work on either side, in all; default 8" },
	{ .name = "refused", .read = value_path, AT(refused), .about = "folder for messages that the target refuses; default refused" },
	{ .name = "verify", .read = value_word, AT(verify), .words = verify_words, .about = "standard: all messages, the bytes of a sample; deep: every byte" },
	{ .name = "limits", .read = load_level, .level = &level_limits, .about = "how fast, how long" },
	{ .name = "notify", .read = load_level, .level = &level_notify, .about = "what to run at the end" },
	{ .name = "folders", .read = load_base, .level = &level_folders, .about = "which folders, and where to, for all accounts" },
	{ .name = "messages", .read = load_base, .level = &level_messages, .about = "which messages, for all accounts" },
	{ .name = "guard", .read = load_base, .level = &level_guard, .about = "when to stop an account for safety" },
	{ .name = "defaults", .read = load_later, .level = &level_defaults, .about = "what every account has unless it says otherwise" },
	{ .name = "accounts", .read = load_later, .level = &level_account, .about = "the mailboxes to move" },
	{ .name = "accounts_from", .read = load_later, .about = "a CSV file with more accounts" },
};
#undef AT
const struct level level_job = { .home = "at the top", .key = job_keys, .count = COUNT(job_keys) };

static const struct level *const levels[] = { &level_job, &level_limits, &level_notify, &level_account, &level_end, &level_folders,
	&level_messages, &level_guard };

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
	for (size_t i = 0; i < COUNT(levels) && !level->apart; i++) {
		if (keys_find(levels[i], shown)) {
			fault_add(ld->faults, key->line, key->column, "unknown key `%s`: it belongs %s", shown, levels[i]->home);
			return;
		}
	}
	fault_add(ld->faults, key->line, key->column, "unknown key `%s`", shown);
}
