/* What mail programs and webmails call the special folders, in eight languages: for servers that tell no roles (RFC 6154). */
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "providers/presets.h"

/* A word that languages share stands once, at the first of them. */
const struct folder_name folder_names[] = {
	/* Italian */
	{ ROLE_SENT, "Inviata" }, { ROLE_SENT, "Inviate" }, { ROLE_SENT, "Inviati" }, { ROLE_SENT, "Posta inviata" },
	{ ROLE_SENT, "Spedite" },
	{ ROLE_DRAFTS, "Bozze" },
	{ ROLE_TRASH, "Cestino" }, { ROLE_TRASH, "Posta eliminata" }, { ROLE_TRASH, "Elementi eliminati" }, { ROLE_TRASH, "Eliminata" },
	{ ROLE_JUNK, "Spam" }, { ROLE_JUNK, "Posta indesiderata" }, { ROLE_JUNK, "Indesiderata" },
	{ ROLE_ARCHIVE, "Archivio" }, { ROLE_ARCHIVE, "Archivi" },
	/* English */
	{ ROLE_SENT, "Sent" }, { ROLE_SENT, "Sent Items" }, { ROLE_SENT, "Sent Messages" }, { ROLE_SENT, "Sent Mail" },
	{ ROLE_DRAFTS, "Drafts" }, { ROLE_DRAFTS, "Draft" },
	{ ROLE_TRASH, "Trash" }, { ROLE_TRASH, "Bin" }, { ROLE_TRASH, "Deleted Items" }, { ROLE_TRASH, "Deleted Messages" },
	{ ROLE_JUNK, "Junk" }, { ROLE_JUNK, "Junk Email" }, { ROLE_JUNK, "Junk E-mail" }, { ROLE_JUNK, "Bulk Mail" },
	{ ROLE_ARCHIVE, "Archive" }, { ROLE_ARCHIVE, "Archives" },
	/* German */
	{ ROLE_SENT, "Gesendet" }, { ROLE_SENT, "Gesendete Elemente" }, { ROLE_SENT, "Gesendete Objekte" },
	{ ROLE_DRAFTS, "Entwürfe" },
	{ ROLE_TRASH, "Papierkorb" }, { ROLE_TRASH, "Gelöscht" }, { ROLE_TRASH, "Gelöschte Elemente" },
	{ ROLE_TRASH, "Gelöschte Objekte" },
	{ ROLE_JUNK, "Junk-E-Mail" },
	{ ROLE_ARCHIVE, "Archiv" },
	/* French */
	{ ROLE_SENT, "Envoyés" }, { ROLE_SENT, "Messages envoyés" }, { ROLE_SENT, "Éléments envoyés" }, { ROLE_SENT, "Objets envoyés" },
	{ ROLE_DRAFTS, "Brouillons" },
	{ ROLE_TRASH, "Corbeille" }, { ROLE_TRASH, "Éléments supprimés" }, { ROLE_TRASH, "Poubelle" },
	{ ROLE_JUNK, "Courrier indésirable" }, { ROLE_JUNK, "Indésirables" }, { ROLE_JUNK, "Pourriel" }, { ROLE_JUNK, "Pourriels" },
	/* Spanish */
	{ ROLE_SENT, "Enviados" }, { ROLE_SENT, "Elementos enviados" },
	{ ROLE_DRAFTS, "Borradores" }, { ROLE_DRAFTS, "Borrador" },
	{ ROLE_TRASH, "Papelera" }, { ROLE_TRASH, "Elementos eliminados" }, { ROLE_TRASH, "Elementos borrados" },
	{ ROLE_JUNK, "Correo no deseado" }, { ROLE_JUNK, "Correo basura" }, { ROLE_JUNK, "No deseado" },
	{ ROLE_ARCHIVE, "Archivo" }, { ROLE_ARCHIVE, "Archivos" },
	/* Portuguese */
	{ ROLE_SENT, "Enviadas" }, { ROLE_SENT, "Itens enviados" },
	{ ROLE_DRAFTS, "Rascunhos" },
	{ ROLE_TRASH, "Lixeira" }, { ROLE_TRASH, "Lixo" }, { ROLE_TRASH, "Reciclagem" }, { ROLE_TRASH, "Itens excluídos" },
	{ ROLE_TRASH, "Itens eliminados" },
	{ ROLE_JUNK, "Lixo eletrônico" }, { ROLE_JUNK, "Lixo electrónico" },
	{ ROLE_ARCHIVE, "Arquivo" }, { ROLE_ARCHIVE, "Arquivo morto" },
	/* Dutch */
	{ ROLE_SENT, "Verzonden" }, { ROLE_SENT, "Verzonden berichten" }, { ROLE_SENT, "Verzonden items" },
	{ ROLE_DRAFTS, "Concepten" },
	{ ROLE_TRASH, "Prullenbak" }, { ROLE_TRASH, "Verwijderde items" },
	{ ROLE_JUNK, "Ongewenst" }, { ROLE_JUNK, "Ongewenste e-mail" },
	{ ROLE_ARCHIVE, "Archief" }, { ROLE_ARCHIVE, "Archieven" },
	/* Polish */
	{ ROLE_SENT, "Wysłane" }, { ROLE_SENT, "Elementy wysłane" },
	{ ROLE_DRAFTS, "Szkice" }, { ROLE_DRAFTS, "Kopie robocze" }, { ROLE_DRAFTS, "Wersje robocze" },
	{ ROLE_TRASH, "Kosz" }, { ROLE_TRASH, "Usunięte" }, { ROLE_TRASH, "Usunięte wiadomości" },
	{ ROLE_JUNK, "Niechciane" }, { ROLE_JUNK, "Wiadomości-śmieci" },
	{ ROLE_ARCHIVE, "Archiwum" },
	{ ROLE_NONE, NULL },
};

/* Letters without case (é is É, and ß is ss), composed or not, full width or not: one and the same. */
static bool same(const char *a, const char *b)
{
	int order;
	if (!((*a | *b) & 0x80) && (*a | 32) != (*b | 32)) /* whatever follows */
		return false;
	return u8_casecmp((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b), NULL, UNINORM_NFKC, &order) == 0 && order == 0;
}

enum folder_role folder_name_role(const char *level)
{
	for (const struct folder_name *f = folder_names; f->name; f++)
		if (same(level, f->name))
			return f->role;
	return ROLE_NONE;
}
