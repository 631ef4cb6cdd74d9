/* NAMESPACE (RFC 2342), and names below the prefixes that a server may choose. */
#include "tests/fuzz/fuzz.h"

#include "core/mail/folder.h"
#include "providers/imap/parse.h"

static const char *const names[] = { "INBOX", "inbox", "INBOX.Sent", "Posta/Sotto", "Mail/../x", "&AOA-.b", "a&b", ".", "~x", "Mail/INBOX" };

static void spell_all(const struct namespaces *n)
{
	static char none[] = "";
	const struct folder_list from = { .prefix = n->own, .separator = n->separator }, to = { .prefix = none, .separator = '/' };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(x_free) char *there = folder_spell("", names[i], 0, &from, &to);
		CLEANUP(x_free) char *here = folder_spell("", names[i], 0, &to, &from);
		CLEANUP(x_free) char *path = folder_path(names[i], &from, folder_depth(names[i], &from));
		HOLDS(*there && *here && *path);
		HOLDS(strcmp(there, "..") != 0 && strncmp(there, "../", 3) != 0 && !strstr(there, "/../") && *there != '/');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct namespaces n;
	bool ok = parse_namespace(&n, (const char *)data, len);
	for (size_t i = 0; i < n.others_count; i++)
		HOLDS(n.others[i]);
	for (size_t i = 0; i < n.shared_count; i++)
		HOLDS(n.shared[i]);
	HOLDS(n.others_count + n.shared_count <= len); /* nothing is made of nothing */
	if (ok && n.own)
		spell_all(&n);
	namespaces_free(&n);
	HOLDS(!n.own && !n.others && !n.shared);
	return 0;
}
