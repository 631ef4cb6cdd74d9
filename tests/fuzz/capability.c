/* The text of CAPABILITY: a capability is there when a word of the text is it, and nothing in it can harm who reads a report. */
#include "tests/fuzz/fuzz.h"

#include <strings.h>

#include "providers/imap/session.h"

static const char *const asked[] = { "LITERAL+", "LITERAL-", "AUTH=PLAIN", "SASL-IR", "STARTTLS", "LOGINDISABLED", "MULTIAPPEND", "APPENDLIMIT", "LIST" };

static bool word_of(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = text; *at;) {
		const char *end = strchr(at, ' ');
		size_t n = end ? (size_t)(end - at) : strlen(at);
		if (n == len && strncasecmp(at, word, n) == 0)
			return true;
		at += n + (end != NULL);
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct imap_options server = { .host = "server.example" };
	struct imap m = { .shared = imap_shared_new(), .options = server };
	HOLDS(!imap_can(&m, "LITERAL+"));
	for (int twice = 0; twice < 2; twice++)
		imap_set_capabilities(&m, (const char *)data, len);
	HOLDS(fuzz_shows(m.capabilities) && strlen(m.capabilities) <= len);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		HOLDS(imap_can(&m, asked[i]) == word_of(m.capabilities, asked[i]));
	HOLDS(m.append_limit == 0 || strcasestr(m.capabilities, "APPENDLIMIT="));
	imap_forget_capabilities(&m);
	HOLDS(m.append_limit == 0 && !imap_can(&m, "LITERAL+"));
	imap_shared_free(&m.shared);
	return 0;
}
