/* Texts that are kept in English with names and numbers in them, in the language of who reads them: the format is found again by what it leaves behind.
   A text that fits none (a server's words) stays as it is. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/i18n.h"
#include "core/report/prose.h"

#define VALUES_MAX 6

/* The formats as they stand where the text is made (tests/po looks that they do). The first that fits is taken. A translation has its values in the
   same order. */
static const char *const formats[] = {
	/* folders */
	N_("the folders \"%s\" and \"%s\" would both go into \"%s\" in the new mailbox"),
	N_("the folders \"%s\" and \"%s\" differ in capital letters only, and many servers can't tell them apart"),
	N_("\"%s\" is empty and is left out: \"%s\" goes into \"%s\" in the new mailbox"),
	N_("not all that was copied of \"%s\" lies in \"%s\" in the new mailbox: it would be copied a second time"),
	N_("\"%s\" was copied into \"%s\" and is now to go into \"%s\", where not all of it lies: it would be copied a second time"),
	N_("\"%s\" had another name when it was copied first: it stays \"%s\" in the new mailbox"),
	N_("\"%s\" goes into the folder \"%s\", which the new mailbox has already"),
	N_("\"%s\" is called \"%s\" in the new mailbox: not every server can hold the name as it was"),
	N_("\"%s\" is called \"%s\" in the new mailbox, which refuses that name: %s"),
	N_("%s is there already: it is searched first"),
	N_("the old server names a folder in a form that can't be read, so it is not moved: %s"),
	N_("the whole mailbox: %llu messages now, %llu when it was last read"),
	N_("%s: %llu messages now, %llu when it was last read"),
	N_("%s: %llu of the %llu messages that it held when it was last read are there no longer"),
	N_("%s: %llu of %llu messages that were there and verified are there no longer"),
	N_("the server says that the folder holds %u messages, and its search names %llu"),
	N_("the target says that the folder holds %u messages, and its search names %llu"),
	N_("the folder was renumbered meanwhile (UIDVALIDITY %u, before %u)"),
	N_("\"%s\" is copied into the same place by the account %s: it would come a second time"),
	N_("\"%s\" is another folder than when the plan was made (another UIDVALIDITY)"),
	N_("\"%s\" was there when the plan was made, and is no longer"),
	N_("\"%s\" is called \"%s\" now"),
	N_("the plan wants the folder \"%s\", and the new mailbox can't hold that name; it could hold \"%s\""),
	N_("the plan wants the folder \"%s\", and all folders of the new mailbox begin with \"%s\""),
	N_("the plan wants the folder \"%s\", which is no name of a folder"),
	N_("\"%s\" is not in the plan and is left for the next one"),
	N_("not in the plan, so left out: %s"),
	N_("\"%s\" is a shared folder and can't be copied"),
	N_("forecast: %llu to %llu s for %llu messages"),
	N_("the plan forecast %llu to %llu s for %llu messages; %llu were copied in %llu s"),
	N_("forecast: %llu to %llu s for %llu messages, at %llu to %llu bytes a second"),
	/* the history; the longer ones first */
	N_("%.7s to %.7s: no mail at all, though there is much before and after; the provider had a long outage then, and the mail may have been lost there"),
	N_("%.7s to %.7s: no mail at all, though there is much before and after"),
	N_("%.7s: no mail at all, though there is much before and after; the provider had a long outage then, and the mail may have been lost there"),
	N_("%.7s: no mail at all, though there is much before and after"),
	N_("%.7s: a long outage of %s; some mail of those days may never have arrived"),
	N_("messages of it that the old provider shows: %llu; it shows programs no more than about %llu of a folder, and there may be older ones"),
	N_("messages read whole: %llu; what lies in the others shows when they are sent"),
	N_("messages with labels: %llu; a run names those whose labels the new server does not keep"),
	N_("messages that have not changed since they were compared, as both servers say: %llu"),
	/* sizes */
	N_("the new mailbox has room for %llu bytes"),
	N_("%llu bytes are to be copied, and a mailbox of the new provider may hold no more than %llu, as far as is known"),
	N_("%llu bytes are to be copied, and the old provider hands out %llu a day, as far as is known"),
	N_("%llu bytes are to be copied, and the new provider takes %llu a day, as far as is known"),
	N_("the new mailbox would have %zu folders, and its provider may take no more than %u, as far as is known"),
	N_("%llu bytes are to be copied, and the new mailbox has room for %llu"),
	N_("this message is larger than the %llu bytes that the new server takes at most"),
	N_("this message is larger than the %llu bytes that the new provider takes at most, as far as is known"),
	N_("messages marked as deleted, and therefore left out: %llu"),
	N_("messages that are in other folders too, and are moved there: %llu"),
	N_("it has %zu bytes, and the new server takes %llu at most"),
	N_("%zu bytes are more than the server takes in one message (%llu bytes)"),
	N_("its content differs: %llu bytes in the old mailbox, %llu in the new one"),
	N_("its end is missing: %llu bytes in the old mailbox, %llu in the new one"),
	N_("its date of arrival differs: %s in the old mailbox, %s in the new one"),
	/* accounts and passwords */
	N_("its source was %s at %s in this state, the job says %s at %s: use another account name or another state"),
	N_("its target was %s at %s in this state, the job says %s at %s: use another account name or another state"),
	N_("in this state its source is %s at %s, the job says %s at %s"),
	N_("in this state its target is %s at %s, the job says %s at %s"),
	N_("no password for %s at %s: `trasloco login` asks for it and keeps it"),
	N_("no password for %s at %s, and no terminal to ask on"),
	N_("no password for %s at %s was typed"),
	/* names */
	N_("there is no domain %s"),
	N_("no name server answers for %s"),
	N_("%s is no name of a domain"),
	/* connections */
	N_("the name %s can't be looked up: %s"),
	N_("no connection to %s port %u: %s"),
	N_("connection to %s lost: %s"),
	N_("the certificate of %s is not trusted: %s"),
	N_("the certificate of %.80s has the fingerprint %s, the job file wants %s: ask the provider which is right"),
	N_("%s is no host name that a certificate could be checked against"),
	N_("%s does not offer STARTTLS on port %u"),
	N_("%s refuses STARTTLS"),
	N_("%s takes no password on this kind of connection (LOGINDISABLED): use `tls: implicit` or `tls: starttls`"),
	N_("TLS with %s broke: %s"),
	N_("no TLS with %s: %s"),
	N_("%s closed the connection"),
	N_("%s: no answer in time"),
	N_("%s: the server closed the connection"),
	N_("%s: connection lost"),
	N_("%s: signing in takes too long"),
	/* files */
	N_("there is no state in %s yet: nothing has been moved; begin with trasloco run"),
	N_("there is no state in %s yet"),
	N_("another run (process %s) holds %s"),
	N_("%s is not a state of trasloco: it belongs to another program"),
	N_("the kept passwords in %s can't be read: %s"),
	N_("others can open the kept passwords: chmod 600 %s"),
	N_("%s belongs to another user: it is not read"),
	N_("%s is not a regular file: it is not read"),
	N_("the folder %s for refused messages can't be made: %s"),
	N_("%s can't be written: %s"),
};

/* What the system says most often; it comes last in a text. */
static const char *const system_words[] = {
	N_("Connection refused"), N_("Connection timed out"), N_("Connection reset by peer"), N_("Network is unreachable"), N_("No route to host"),
	N_("Name or service not known"), N_("Temporary failure in name resolution"), N_("No such file or directory"), N_("Permission denied"),
	N_("No space left on device"), N_("Read-only file system"), N_("Is a directory"), N_("Not a directory"), N_("certificate has expired"),
	N_("self-signed certificate"), N_("self-signed certificate in certificate chain"), N_("unable to get local issuer certificate"), N_("hostname mismatch"),
	N_("IP address mismatch"), N_("certificate is not yet valid"),
};

/* ---- formats ---- */

/* Bytes of the conversion at `at`, which is its '%'. */
static size_t conversion(const char *at)
{
	return strcspn(at + 1, "sudz") + (at[1 + strcspn(at + 1, "sudz")] == 'z' ? 3 : 2);
}

struct value {
	const char *text;
	size_t len;
};

/* Whether the text could have been made with the format; its values, as short as they may be. Deep as the format has values. */
static bool fits(const char *format, const char *text, struct value *values, size_t count)
{
	size_t plain = strcspn(format, "%");
	if (strncmp(format, text, plain) != 0)
		return false;
	format += plain;
	text += plain;
	if (!*format)
		return !*text;
	if (count == 0)
		return false;
	const char *rest = format + conversion(format);
	bool number = rest[-1] == 'u';
	for (size_t len = number ? 1 : 0; len <= strlen(text); len++) {
		if (number && (text[len - 1] < '0' || text[len - 1] > '9'))
			return false;
		*values = (struct value){ text, len };
		if (fits(rest, text + len, values + 1, count - 1))
			return true;
	}
	return false;
}

static const char *said(const char *words)
{
	for (size_t i = 0; i < sizeof system_words / sizeof *system_words; i++)
		if (strcmp(system_words[i], words) == 0)
			return _(system_words[i]);
	return words;
}

/* A count or a size is written as people write it; a port or a UID is not. "%.7s" is a month, 2023-01. */
static void add_value(struct buf *out, const struct value *value, const char *spec, size_t spec_len, bool last)
{
	if (!value->text)
		return;
	CLEANUP(x_free) char *text = x_strndup(value->text, value->len);
	char number[PROSE_NUMBER];
	bool large = spec_len > 2 && spec[spec_len - 1] == 'u';
	if (large)
		buf_adds(out, prose_number(number, strtoull(text, NULL, 10)));
	else if (strncmp(spec, "%.7s", spec_len) == 0 && strlen(text) == 7 && strspn(text, "0123456789-") == 7)
		prose_month(out, (int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10));
	else
		prose_clean(out, last ? said(text) : text);
}

static void fill_in(struct buf *out, const char *format, const struct value *values)
{
	for (size_t i = 0; *format; i++) {
		size_t plain = strcspn(format, "%");
		buf_add(out, format, plain);
		format += plain;
		if (!*format)
			break;
		size_t spec = conversion(format);
		add_value(out, &values[i], format, spec, !format[spec]);
		format += spec;
	}
}

void prose_kept(struct buf *out, const char *text)
{
	struct value values[VALUES_MAX] = { { 0 } };
	if (!text)
		return;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (fits(formats[i], text, values, VALUES_MAX)) {
			fill_in(out, i18n_text(formats[i]), values);
			return;
		}
	prose_clean(out, i18n_kept(text));
}
