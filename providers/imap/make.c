/* Making a target folder. CREATE and SELECT leave together, and nobody waits: whatever CREATE says, SELECT tells whether the folder is there. Only where it is not, the
   levels above are made and both are tried once more; then the folder is refused in CREATE's words. */
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/crash.h"
#include "providers/imap/session.h"
#include "providers/imap/shared.h"
#include "providers/imap/words.h"

/* In case the server does not make them by itself; what exists already is a NO that nobody minds. */
static void create_parents(struct imap *m, const struct folder *folder)
{
	CLEANUP(x_free) char *wire = x_strdup(folder->wire);
	for (char *at = wire; folder->separator && (at = strchr(at, folder->separator)) != NULL; at++) {
		*at = '\0';
		CLEANUP(x_free) char *name = *wire && strcasecmp(wire, "INBOX") != 0 ? imap_quote(wire) : NULL;
		if (name)
			imap_command(m, COMMAND_SIMPLE, "CREATE %s", name);
		*at = folder->separator;
	}
}

static int open_made(struct imap *m, const struct folder *folder, unsigned ask, enum making making, struct error *err)
{
	if (imap_open_folder(m, folder, ask, true, err) < 0)
		return -1;
	struct command *c = &m->command[m->commands - 1];
	c->making = making;
	c->subscribe = folder->subscribed;
	c->separator = folder->separator;
	return 0;
}

/* Courier forgets subscriptions that are made at the same time: one connection after the other, and each is waited for. */
static int subscribe_alone(struct imap *m, const char *name, struct error *err)
{
	pthread_mutex_lock(&m->shared->subscribing);
	int ok = imap_wait(m, imap_command(m, COMMAND_SIMPLE, "SUBSCRIBE %s", name)->tag, err);
	pthread_mutex_unlock(&m->shared->subscribing);
	return ok;
}

int imap_prepare(struct conn *conn, const struct folder *folder, bool exists, unsigned *ask, struct error *err)
{
	struct imap *m = (struct imap *)conn;
	CLEANUP(x_free) char *name = imap_quote(folder->wire);
	if (!name)
		return error_set(err, ERR_FOLDER, "the folder's name holds a line break");
	if (!exists)
		imap_command(m, COMMAND_CREATE, "CREATE %s", name);
	if (m->courier && folder->subscribed && subscribe_alone(m, name, err) < 0)
		return -1;
	*ask = ++m->last_ask;
	return open_made(m, folder, *ask, exists ? MAKING_NOT : MAKING_ONCE, err);
}

void imap_create_answered(struct imap *m, const struct status *s)
{
	m->create_refused = (struct error){ 0 };
	if (s->word == STATUS_OK)
		crash_point("created");
	else if (strcasecmp(s->code, "ALREADYEXISTS") != 0)
		words_create_error(s, &m->create_refused);
}

bool imap_make_again(struct imap *m, const struct command *open)
{
	struct folder folder = { .wire = open->wire, .separator = open->separator, .subscribed = open->subscribe };
	CLEANUP(x_free) char *name = imap_quote(open->wire), *wire = x_strdup(open->wire);
	unsigned ask = open->ask; /* from here on it may be elsewhere */
	struct error ignored;
	if (open->making != MAKING_ONCE || m->create_refused.class == ERR_NONE)
		return false;
	folder.wire = wire;
	create_parents(m, &folder);
	imap_command(m, COMMAND_CREATE, "CREATE %s", name);
	return open_made(m, &folder, ask, MAKING_AGAIN, &ignored) == 0;
}

void imap_made(struct imap *m, const struct command *open)
{
	CLEANUP(x_free) char *name = open->subscribe && !m->courier ? imap_quote(open->wire) : NULL;
	if (name)
		imap_command(m, COMMAND_SIMPLE, "SUBSCRIBE %s", name); /* nobody waits for the answer */
}
