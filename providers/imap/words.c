/* The table of servers' words. */
#include "providers/imap/words.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

static const struct {
	const char *text;	/* found anywhere, without case */
	enum error_class class;
} texts[] = {
	/* Microsoft 365 */
	{ "Request is throttled", ERR_THROTTLED },
	{ "Session invalidated - AccessTokenExpired", ERR_RETRY },
	{ "User is authenticated but not connected", ERR_RETRY },
	{ "Maximum size of appendable message", ERR_MESSAGE },
	{ "Folder name is reserved", ERR_FOLDER },
	/* Gmail; its [OVERQUOTA] is bandwidth, not a full box */
	{ "Account exceeded command or bandwidth limits", ERR_THROTTLED },
	{ "Too many simultaneous connections", ERR_RETRY },
	{ "Session expired, please login again", ERR_RETRY },
	{ "[THROTTLED]", ERR_THROTTLED },	/* at the end of the line */
	{ "Folder contains excess whitespace", ERR_FOLDER },
	/* Dovecot */
	{ "Maximum number of connections", ERR_RETRY },
	{ "Temporary authentication failure", ERR_RETRY },
	/* anybody's: an outage that answers with a NO, also to the right password */
	{ "temporarily unavailable", ERR_RETRY },
	{ "Too many connections", ERR_RETRY },
};

static const struct {
	const char *code;
	enum error_class class;
} codes[] = {
	{ "THROTTLED", ERR_THROTTLED },	/* Gmail's */
	{ "UNAVAILABLE", ERR_RETRY },
	{ "INUSE", ERR_RETRY },
	{ "LIMIT", ERR_RETRY },	/* of connections; of a message's size when one is handed over, see class_of */
	{ "SERVERBUG", ERR_RETRY },
	{ "EXPUNGEISSUED", ERR_RETRY },
	{ "AUTHENTICATIONFAILED", ERR_LOGIN },
	{ "AUTHORIZATIONFAILED", ERR_LOGIN },
	{ "EXPIRED", ERR_LOGIN },
	{ "CONTACTADMIN", ERR_LOGIN },
	{ "PRIVACYREQUIRED", ERR_TLS },
	{ "OVERQUOTA", ERR_QUOTA },
	{ "TOOBIG", ERR_MESSAGE },
	{ "APPENDLIMIT", ERR_MESSAGE },
	{ "BADCHARSET", ERR_MESSAGE },
	{ "TRYCREATE", ERR_FOLDER },
	{ "NONEXISTENT", ERR_FOLDER },
	{ "CANNOT", ERR_FOLDER },
	{ "NOPERM", ERR_FOLDER },
	{ "CORRUPTION", ERR_FOLDER },
};

/* "Suggested Backoff Time: 45000 milliseconds" */
static unsigned wait_of(const char *text)
{
	const char *at = strstr(text, "Backoff Time: ");
	unsigned long ms = at ? strtoul(at + 14, NULL, 10) : 0;
	return ms > 3600000 ? 3600000 : (unsigned)ms;
}

static enum error_class class_of(const struct status *status, enum about about, const char *text)
{
	/* of a message that was handed over these speak of it, not of connections or of the folder */
	if (about == ABOUT_MESSAGE && (strcasecmp(status->code, "LIMIT") == 0 || strcasecmp(status->code, "CANNOT") == 0))
		return ERR_MESSAGE;
	static const enum error_class defaults[] = { ERR_RETRY, ERR_LOGIN, ERR_FOLDER, ERR_MESSAGE };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcasestr(text, texts[i].text))
			return texts[i].class;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		/* what is said of the user or the box makes sense only where it was asked */
		bool fits = codes[i].class == ERR_LOGIN ? about == ABOUT_LOGIN : codes[i].class != ERR_MESSAGE && codes[i].class != ERR_QUOTA ? true : about == ABOUT_MESSAGE;
		if (fits && strcasecmp(status->code, codes[i].code) == 0)
			return codes[i].class;
	}
	return status->word == STATUS_BYE ? ERR_RETRY : defaults[about];
}

int words_error(const struct status *status, enum about about, struct error *err)
{
	char text[256], code[sizeof status->code];
	text_clean(text, sizeof text, status->text, status->text_len);
	text_clean(code, sizeof code, status->code, strlen(status->code));
	enum error_class class = class_of(status, about, text);
	if (*code)
		error_set(err, class, "[%s] %s", code, text);
	else
		error_set(err, class, "%s", *text ? text : "no reason given");
	err->wait_ms = wait_of(text);
	return -1;
}

bool words_refuse_form(const struct status *status)
{
	/* Courier's, Exchange's, anybody's */
	static const char *const said[] = { "Error in IMAP command", "Command Argument Error", "syntax error" };
	char text[256];
	if (status->word != STATUS_NO && status->word != STATUS_BAD)
		return false;
	if (*status->code)
		return strcasecmp(status->code, "CLIENTBUG") == 0 || strcasecmp(status->code, "CANNOT") == 0;
	text_clean(text, sizeof text, status->text, status->text_len);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (strcasestr(text, said[i]))
			return true;
	return status->word == STATUS_BAD && class_of(status, ABOUT_LOGIN, text) == ERR_LOGIN;
}

int words_create_error(const struct status *status, struct error *err)
{
	/* Microsoft 365; Gmail; Cyrus and Courier; Dovecot says [CANNOT] */
	static const char *const of_names[] = { "Folder name is reserved", "Folder contains excess whitespace", "Invalid mailbox name" };
	words_error(status, ABOUT_FOLDER, err);
	if (strcasecmp(status->code, "LIMIT") == 0)
		err->class = ERR_FOLDER;
	if (err->class != ERR_FOLDER)
		return -1;
	bool certain = strcasecmp(status->code, "CANNOT") == 0;
	for (size_t i = 0; i < sizeof of_names / sizeof *of_names; i++)
		certain = certain || strcasestr(err->text, of_names[i]);
	err->certain = certain;
	err->class = certain || !*status->code ? ERR_NAME : ERR_FOLDER;
	return -1;
}
