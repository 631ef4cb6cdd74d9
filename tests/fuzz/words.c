/* A server's words as an error: fit to be shown, of a class that makes sense where it was asked, and no longer to be waited for than an hour. */
#include "tests/fuzz/fuzz.h"

#include "core/base/error.h"
#include "providers/imap/words.h"

#define HOUR_MS 3600000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct status s;
	if (!parse_status(&s, (const char *)data, len))
		return 0;
	for (enum about about = ABOUT_SESSION; about <= ABOUT_MESSAGE; about++) {
		struct error err = { 0 };
		HOLDS(words_error(&s, about, &err) == -1);
		HOLDS(fuzz_shows(err.text) && *err.text);
		HOLDS(err.wait_ms <= HOUR_MS);
		HOLDS(err.class != ERR_NONE && err.class != ERR_USAGE && err.class != ERR_BUG && err.class != ERR_CANCELLED);
		HOLDS(about == ABOUT_MESSAGE || err.class != ERR_QUOTA);
		HOLDS(about == ABOUT_LOGIN || err.class != ERR_LOGIN);
	}
	return 0;
}
