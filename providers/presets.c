/* Facts about providers, collected from their own pages and from others'. */
#include "providers/presets.h"

#include <string.h>
#include <strings.h>

#include "core/base/i18n.h"
#include "core/job/job.h"

#define TLS_993 .port = 993, .tls = TLS_IMPLICIT
#define STARTTLS_143 .port = 143, .tls = TLS_STARTTLS
/* A: the vendor's or a standards document, Thunderbird's database. B: third parties. K: general knowledge, unchecked. */
#define FACTS(m) .mark = (m), .date = "2026-11"

#define MB(n) ((uint64_t)(n) * 1000000)
#define GB(n) MB(1000 * (n))

static const struct preset rows[] = {
	/* Italian webmail and access providers */
	{ .id = "libero", .name = "Libero", .domains = "libero.it iol.it blu.it inwind.it giallo.it", .mx = "",
		.host = "imapmail.libero.it", TLS_993, .traits = PRESET_APP_PASSWORD | PRESET_OUTAGES, .page = "https://aiuto.libero.it/",
		.note = N_("A free box holds 1 GB and forwards only to other Libero addresses: run again until no new mail comes."),
		.room = GB(1), FACTS("A/B") },
	{ .id = "virgilio", .name = "Virgilio", .domains = "virgilio.it", .mx = "", .host = "in.virgilio.it", TLS_993,
		.traits = PRESET_OUTAGES, .page = "https://aiuto.virgilio.it/",
		.note = N_("The box is deleted after 90 days without access; trash is kept 7 days, spam 15."), FACTS("A") },
	{ .id = "alice", .name = "Alice (TIM)", .domains = "alice.it", .mx = "", .host = "in.alice.it", STARTTLS_143,
		.traits = PRESET_APP_PASSWORD, .page = "", .note = "", FACTS("A/B") },
	{ .id = "tim", .name = "TIM", .domains = "tim.it", .mx = "", .host = "imap.tim.it", STARTTLS_143, .traits = PRESET_APP_PASSWORD,
		.page = "", .note = N_("Other programs use port 993 with TLS from the start."), FACTS("A/B") },
	{ .id = "tin", .name = "Tin (TIM)", .domains = "tin.it", .mx = "", .host = "imaps.tin.it", STARTTLS_143, .page = "", .note = "",
		FACTS("B") },
	{ .id = "tiscali", .name = "Tiscali", .domains = "tiscali.it", .mx = "", .host = "imap.tiscali.it", TLS_993, .page = "", .note = "",
		FACTS("A") },
	{ .id = "fastweb", .name = "Fastweb", .domains = "fastwebnet.it", .mx = "", .host = "imap.fastwebnet.it", TLS_993, .page = "",
		.note = "", FACTS("A") },
	{ .id = "email.it", .name = "Email.it", .domains = "email.it", .mx = "", .host = "in.email.it", TLS_993, .page = "", .note = "",
		FACTS("A") },
	{ .id = "eolo", .name = "EOLO", .domains = "ngi.it", .mx = "", .host = "mail-in.eolo.it", TLS_993, .page = "",
		.note = N_("It can be reached only from Italy."), FACTS("A") },
	/* Italian hosting: the domains are the customers' */
	{ .id = "aruba", .name = "Aruba", .domains = "", .mx = "aruba.it", .host = "imaps.aruba.it", TLS_993,
		.page = "https://guide.aruba.it/", .note = "", FACTS("B") },
	{ .id = "register", .name = "Register.it", .domains = "", .mx = "register.it securemail.pro", .host = "imap.securemail.pro",
		TLS_993, .page = "", .note = "", FACTS("K") },
	/* Italian certified mail */
	{ .id = "aruba-pec", .name = "Aruba PEC", .domains = "pec.it arubapec.it mypec.eu gigapec.it ingpec.eu", .mx = "pec.aruba.it",
		.host = "imaps.pec.aruba.it", TLS_993, .traits = PRESET_PEC | PRESET_APP_PASSWORD, .page = "https://guide.pec.it/",
		.note = N_("Read-only for 90 days after it expires, then erased; a message may have 100 MB."), .append_limit = 100U << 20,
		.room = GB(1), FACTS("A/B") },
	{ .id = "legalmail", .name = "Legalmail", .domains = "legalmail.it", .mx = "legalmail.it", .host = "mbox.cert.legalmail.it",
		TLS_993, .user = USER_CODE, .traits = PRESET_PEC, .page = "",
		.note = N_("Signs in with the user code (M…), not with the address: put that code as `user`."), FACTS("A/B") },
	{ .id = "poste-pec", .name = "Poste PEC", .domains = "postecert.it", .mx = "postecert.it", .host = "mail.postecert.it",
		TLS_993, .traits = PRESET_PEC, .page = "", .note = "", FACTS("A") },
	{ .id = "namirial-pec", .name = "Namirial PEC", .domains = "", .mx = "sicurezzapostale.it", .host = "imaps.sicurezzapostale.it",
		TLS_993, .traits = PRESET_PEC, .page = "", .note = "", FACTS("B") },
	{ .id = "register-pec", .name = "Register.it PEC", .domains = "pec.net", .mx = "pec-email.com", .host = "imap.pec-email.com",
		TLS_993, .traits = PRESET_PEC, .page = "", .note = "", FACTS("B") },
	{ .id = "libero-pec", .name = "Libero PEC", .domains = "pec.libero.it", .mx = "", .host = "mail.postacert.it.net", TLS_993,
		.traits = PRESET_PEC, .page = "", .note = N_("Only a weak source is known for this host: try `trasloco check` first."),
		FACTS("B") },
	/* The world's */
	{ .id = "gmail", .name = "Gmail", .domains = "gmail.com googlemail.com", .mx = "aspmx.l.google.com smtp.google.com googlemail.com",
		.host = "imap.gmail.com", TLS_993, .traits = PRESET_APP_PASSWORD | PRESET_IMAP_SWITCH | PRESET_WINDOW,
		.page = "https://support.google.com/mail/answer/7126229",
		.note = N_("15 connections; 2,500 MB a day out of it and 500 MB a day into it. Labels are shown as folders."),
		.append_limit = 35651584, .day_out = MB(2500), .day_in = MB(500), .connections = 15, .unfit = "^", FACTS("A/B") },
	{ .id = "outlook", .name = "Outlook.com", .domains = "hotmail.* live.* msn.com outlook.*", .mx = "",
		.host = "outlook.office365.com", TLS_993, .traits = PRESET_OAUTH_ONLY,
		.page = "https://support.microsoft.com/en-us/office/"
			"pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040",
		.note = "", FACTS("A") },
	{ .id = "microsoft365", .name = "Microsoft 365", .domains = "*.onmicrosoft.com", .mx = "mail.protection.outlook.com mx.microsoft",
		.host = "outlook.office365.com", TLS_993, .traits = PRESET_OAUTH_ONLY,
		.page = "https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/"
			"how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
		.note = N_("Signs in with the user principal name. It stores mail in another form: headers are added, sizes change."),
		.append_limit = MB(35), .folders = 10000, .depth = 300, .reserved = "Files", FACTS("A/B") },
	{ .id = "yahoo", .name = "Yahoo", .domains = "yahoo.*", .mx = "", .host = "imap.mail.yahoo.com", TLS_993,
		.traits = PRESET_APP_PASSWORD | PRESET_WINDOW, .page = "https://help.yahoo.com/kb/SLN4075.html",
		.note = N_("Shows 10,000 messages of a folder. To move all of them: `provider: yahoo-export`."), .visible = 10000,
		FACTS("A/B") },
	{ .id = "yahoo-export", .name = "Yahoo (all mail)", .domains = "", .mx = "", .host = "export.imap.mail.yahoo.com", TLS_993,
		.traits = PRESET_APP_PASSWORD | PRESET_WINDOW, .page = "https://help.yahoo.com/kb/SLN4075.html",
		.note = N_("Yahoo's second server, which shows about 100,000 messages of a folder."), .visible = 100000,
		FACTS("A/B") },
	{ .id = "aol", .name = "AOL", .domains = "aol.* aim.com", .mx = "", .host = "imap.aol.com", TLS_993, .traits = PRESET_APP_PASSWORD,
		.page = "https://help.aol.com/articles/how-do-i-use-other-email-applications-to-send-and-receive-my-aol-mail", .note = "",
		FACTS("A") },
	{ .id = "icloud", .name = "iCloud", .domains = "icloud.com me.com mac.com", .mx = "", .host = "imap.mail.me.com", TLS_993,
		.user = USER_LOCAL, .traits = PRESET_APP_PASSWORD, .page = "https://support.apple.com/en-us/102525", .note = "",
		FACTS("A") },
	{ .id = "gmx", .name = "GMX", .domains = "gmx.net gmx.de gmx.at gmx.ch gmx.eu", .mx = "", .host = "imap.gmx.net", TLS_993,
		.traits = PRESET_IMAP_SWITCH, .page = "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html",
		.note = N_("A free box is said to take 20 folders."), .folders = 20, FACTS("A/B") },
	{ .id = "gmx.com", .name = "GMX (world)", .domains = "gmx.com gmx.es gmx.fr gmx.co.uk", .mx = "", .host = "imap.gmx.com",
		TLS_993, .traits = PRESET_IMAP_SWITCH, .page = "https://support.gmx.com/pop-imap/imap/server.html",
		.note = N_("A free box is said to take 20 folders."), .folders = 20, FACTS("A/B") },
	{ .id = "web.de", .name = "WEB.DE", .domains = "web.de", .mx = "", .host = "imap.web.de", TLS_993, .user = USER_LOCAL,
		.traits = PRESET_IMAP_SWITCH, .page = "https://hilfe.web.de/pop-imap/imap/imap-serverdaten.html", .note = "", FACTS("A") },
	{ .id = "zoho", .name = "Zoho", .domains = "zoho.com", .mx = "", .host = "imap.zoho.com", TLS_993, .traits = PRESET_IMAP_SWITCH,
		.page = "https://www.zoho.com/mail/help/imap-access.html", .note = "", FACTS("A") },
	{ .id = "zoho.eu", .name = "Zoho (Europe)", .domains = "zoho.eu", .mx = "", .host = "imap.zoho.eu", TLS_993,
		.traits = PRESET_IMAP_SWITCH, .page = "https://www.zoho.com/mail/help/imap-access.html", .note = "", FACTS("A") },
	{ .id = "zoho-business", .name = "Zoho business", .domains = "", .mx = "zoho.com", .host = "imappro.zoho.com", TLS_993,
		.traits = PRESET_IMAP_SWITCH, .page = "https://www.zoho.com/mail/help/imap-access.html", .note = "", FACTS("B") },
	{ .id = "fastmail", .name = "Fastmail", .domains = "fastmail.com fastmail.fm", .mx = "messagingengine.com",
		.host = "imap.fastmail.com", TLS_993, .traits = PRESET_APP_PASSWORD,
		.page = "https://www.fastmail.help/hc/en-us/articles/1500000278342", .note = "", FACTS("A") },
	{ .id = "yandex", .name = "Yandex", .domains = "yandex.* ya.ru", .mx = "mx.yandex.net mx.yandex.ru", .host = "imap.yandex.com",
		TLS_993, .traits = PRESET_IMAP_SWITCH, .page = "https://yandex.com/support/passport/authorization/app-passwords.html",
		.note = "", FACTS("A") },
	{ .id = "ovh", .name = "OVHcloud", .domains = "", .mx = "ovh.net", .host = "ssl0.ovh.net", TLS_993, .page = "",
		.note = N_("This is the host of MX Plan; Exchange and Email Pro have others, shown in OVH's control panel."), FACTS("A/B") },
	{ .id = "ionos", .name = "IONOS (Germany)", .domains = "ionos.de", .mx = "kundenserver.de ionos.de", .host = "imap.ionos.de",
		TLS_993, .page = "", .note = N_("Signs in with the mailbox's own password."), FACTS("B") },
	{ .id = "ionos.it", .name = "IONOS (Italy)", .domains = "ionos.it", .mx = "ionos.it", .host = "imap.ionos.it", TLS_993, .page = "",
		.note = N_("Signs in with the mailbox's own password."), FACTS("K") },
	{ .id = "ionos.fr", .name = "IONOS (France)", .domains = "ionos.fr", .mx = "ionos.fr", .host = "imap.ionos.fr", TLS_993, .page = "",
		.note = N_("Signs in with the mailbox's own password."), FACTS("B") },
	{ .id = "ionos.co.uk", .name = "IONOS (UK)", .domains = "ionos.co.uk", .mx = "ionos.co.uk", .host = "imap.ionos.co.uk", TLS_993,
		.page = "", .note = N_("Signs in with the mailbox's own password."), FACTS("B") },
	{ .id = "ionos.com", .name = "IONOS (US)", .domains = "ionos.com", .mx = "ionos.com", .host = "imap.ionos.com", TLS_993, .page = "",
		.note = N_("Signs in with the mailbox's own password."), FACTS("B") },
	{ .id = "infomaniak", .name = "Infomaniak", .domains = "ik.me", .mx = "infomaniak.ch", .host = "mail.infomaniak.com", TLS_993,
		.traits = PRESET_APP_PASSWORD, .page = "https://www.infomaniak.com/en/support/faq/admin2/email-service", .note = "",
		FACTS("B") },
	{ .id = "mailbox.org", .name = "mailbox.org", .domains = "mailbox.org", .mx = "mailbox.org", .host = "imap.mailbox.org", TLS_993,
		.traits = PRESET_APP_PASSWORD, .page = "https://kb.mailbox.org/en/private/e-mail/e-mail-configuration", .note = "",
		FACTS("B") },
	{ .id = "proton", .name = "Proton (Bridge)", .domains = "proton.me protonmail.com pm.me", .mx = "protonmail.ch",
		.host = "127.0.0.1", .port = 1143, .tls = TLS_STARTTLS, .traits = PRESET_APP_PASSWORD,
		.page = "https://proton.me/mail/bridge",
		.note = N_("Through Proton Bridge on this machine, with Bridge's password and its own certificate (`ca_file` or `fingerprint`)."),
		FACTS("K") },
};

const struct presets presets = { .row = rows, .count = sizeof rows / sizeof *rows };

/* How long the longest of `ends` is that `host` ends with, at a dot; 0 for none. */
static size_t ends_with(const char *host, size_t len, const char *ends)
{
	size_t longest = 0;
	for (const char *end = ends; *end; end += strspn(end, " ")) {
		size_t n = strcspn(end, " ");
		bool fits = n <= len && strncasecmp(host + len - n, end, n) == 0 && (n == len || host[len - n - 1] == '.');
		if (fits && n > longest)
			longest = n;
		end += n;
	}
	return longest;
}

const struct preset *preset_of_mx(const char *host)
{
	const struct preset *best = NULL;
	size_t len = strlen(host), longest = 0;
	if (len && host[len - 1] == '.')
		len--;
	for (size_t i = 0; i < presets.count; i++) {
		size_t n = ends_with(host, len, rows[i].mx);
		if (n > longest) {
			longest = n;
			best = &rows[i];
		}
	}
	return best;
}
