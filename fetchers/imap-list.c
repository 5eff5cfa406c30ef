/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LIST answers (RFC 3501 section 7.2.2, RFC 6154): which folders there are, and what for.
 */
#include "fetchers/imap.h"

#include <string.h>

#include "fetchers/protocol.h"
#include "fetchers/utf7.h"

/* Names that mail programs give, case-folded; for servers without SPECIAL-USE. */
static const struct {
	const char *name;
	const char *role;
} known_names[] = {
	{ "inbox", "inbox" },
	{ "drafts", "drafts" },
	{ "draft", "drafts" },
	{ "entwürfe", "drafts" },
	{ "brouillons", "drafts" },
	{ "borradores", "drafts" },
	{ "bozze", "drafts" },
	{ "rascunhos", "drafts" },
	{ "concepten", "drafts" },
	{ "kladder", "drafts" },
	{ "utkast", "drafts" },
	{ "luonnokset", "drafts" },
	{ "wersje robocze", "drafts" },
	{ "koncepty", "drafts" },
	{ "taslaklar", "drafts" },
	{ "черновики", "drafts" },
	{ "下書き", "drafts" },
	{ "草稿", "drafts" },
	{ "草稿箱", "drafts" },
	{ "임시 보관함", "drafts" },
	{ "sent", "sent" },
	{ "sent items", "sent" },
	{ "sent mail", "sent" },
	{ "sent messages", "sent" },
	{ "sent-mail", "sent" },
	{ "gesendet", "sent" },
	{ "gesendete objekte", "sent" },
	{ "gesendete elemente", "sent" },
	{ "envoyés", "sent" },
	{ "éléments envoyés", "sent" },
	{ "messages envoyés", "sent" },
	{ "enviados", "sent" },
	{ "elementos enviados", "sent" },
	{ "posta inviata", "sent" },
	{ "inviata", "sent" },
	{ "verzonden", "sent" },
	{ "verzonden items", "sent" },
	{ "skickat", "sent" },
	{ "sendt", "sent" },
	{ "lähetetyt", "sent" },
	{ "wysłane", "sent" },
	{ "elementy wysłane", "sent" },
	{ "odeslané", "sent" },
	{ "gönderilmiş öğeler", "sent" },
	{ "отправленные", "sent" },
	{ "送信済み", "sent" },
	{ "送信済みトレイ", "sent" },
	{ "已发送", "sent" },
	{ "已发送邮件", "sent" },
	{ "寄件備份", "sent" },
	{ "보낸 편지함", "sent" },
	{ "junk", "junk" },
	{ "junk e-mail", "junk" },
	{ "junk email", "junk" },
	{ "spam", "junk" },
	{ "bulk mail", "junk" },
	{ "spamverdacht", "junk" },
	{ "courrier indésirable", "junk" },
	{ "correo no deseado", "junk" },
	{ "posta indesiderata", "junk" },
	{ "ongewenste e-mail", "junk" },
	{ "нежелательная почта", "junk" },
	{ "спам", "junk" },
	{ "迷惑メール", "junk" },
	{ "垃圾邮件", "junk" },
	{ "trash", "trash" },
	{ "deleted items", "trash" },
	{ "deleted messages", "trash" },
	{ "papierkorb", "trash" },
	{ "gelöschte elemente", "trash" },
	{ "gelöschte objekte", "trash" },
	{ "corbeille", "trash" },
	{ "éléments supprimés", "trash" },
	{ "papelera", "trash" },
	{ "elementos eliminados", "trash" },
	{ "cestino", "trash" },
	{ "posta eliminata", "trash" },
	{ "lixeira", "trash" },
	{ "prullenbak", "trash" },
	{ "verwijderde items", "trash" },
	{ "kosz", "trash" },
	{ "корзина", "trash" },
	{ "удаленные", "trash" },
	{ "ゴミ箱", "trash" },
	{ "已删除邮件", "trash" },
};

void
imap_folder_free(gpointer data)
{
	struct imap_folder *folder = data;

	g_free(folder->raw);
	g_free(folder->name);
	g_free(folder->role);
	g_free(folder);
}

const char *
imap_list_role(const char *name, const char *delimiter)
{
	const char *last = name;

	/* The last part of the name: "INBOX.Drafts", "[Gmail]/Drafts". */
	for (const char *at = name; *delimiter != '\0' && (at = strstr(at, delimiter)) != NULL;)
		last = at = at + strlen(delimiter);
	g_autofree char *composed = g_utf8_normalize(last, -1, G_NORMALIZE_NFC);
	g_autofree char *folded = g_utf8_casefold(composed != NULL ? composed : last, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(known_names); i++) {
		/* Only the INBOX itself is one. */
		if (strcmp(known_names[i].role, "inbox") == 0 && last != name)
			continue;
		g_autofree char *known = g_utf8_casefold(known_names[i].name, -1);
		if (strcmp(known, folded) == 0)
			return known_names[i].role;
	}
	return "";
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		if (g_unichar_iscntrl(g_utf8_get_char(text)))
			return true;
	}
	return false;
}

/* Decoded, unless two names would look alike then. What is no name anywhere is shown escaped. */
char *
imap_list_name(const struct imap *imap, const char *raw)
{
	if (g_ascii_strcasecmp(raw, "INBOX") == 0)
		return g_strdup("INBOX");
	/* RFC 6855 section 3: once switched on, "&" is a letter like any other. */
	g_autofree char *decoded = imap->ability.utf8_on ? NULL : utf7_decode(raw);
	if (decoded != NULL) {
		g_autofree char *encoded = utf7_encode(decoded);
		if (strcmp(encoded, raw) == 0)
			return g_steal_pointer(&decoded);
	}
	if (!g_utf8_validate(raw, -1, NULL) || has_control(raw))
		return g_strescape(raw, NULL);
	return g_strdup(raw);
}

/* "\Sent" and its kin; *skip when the folder cannot be opened. Stops behind the list. */
static bool
parse_attributes(struct token *token, GString *role, bool *skip)
{
	static const char *const roles[] = { "\\all", "\\archive", "\\drafts", "\\flagged",
		"\\important", "\\junk", "\\sent", "\\trash" };

	if (!token_next(token) || token->kind != TOKEN_OPEN)
		return false;
	while (token_next(token) && token->kind == TOKEN_ATOM) {
		if (token_is(token, "\\Noselect") || token_is(token, "\\NonExistent"))
			*skip = true;
		for (gsize i = 0; i < G_N_ELEMENTS(roles); i++) {
			if (role->len == 0 && token_is(token, roles[i]))
				g_string_assign(role, roles[i] + 1);
		}
	}
	return token->kind == TOKEN_CLOSE;
}

static void
note_unreadable(struct imap *imap, const char *raw, const char *why)
{
	g_autofree char *shown = session_quote(raw);

	session_emit_note(imap->session, shown, "unreadable-folder", why);
}

/* The name under which the folder is kept; NULL when it is one already, or cannot be one. */
static char *
new_name(struct imap *imap, const char *raw)
{
	g_autofree char *name = imap_list_name(imap, raw);
	const struct imap_folder *other = g_hash_table_lookup(imap->names, name);

	/* The same name in bytes and in UTF-7, say: both are read, one of them under its bytes. */
	if (other != NULL && strcmp(other->raw, raw) != 0 && strcmp(name, "INBOX") != 0) {
		g_free(name);
		name = g_strescape(raw, NULL);
		other = g_hash_table_lookup(imap->names, name);
		if (other != NULL && strcmp(other->raw, raw) != 0)
			note_unreadable(imap, raw, "another folder has its name");
	}
	if (other != NULL)
		return NULL;
	if (strlen(name) <= PROTOCOL_FOLDER_MAX)
		return g_steal_pointer(&name);
	note_unreadable(imap, raw, "its name is too long");
	return NULL;
}

static void
add_folder(struct imap *imap, const char *raw, const char *role, const char *delimiter)
{
	g_autofree char *name = new_name(imap, raw);

	if (name == NULL || !account_wants_folder(imap->session->account, name))
		return;
	if (imap->folders->len == IMAP_FOLDERS_MAX && !imap->too_many) {
		session_emit_note(imap->session, name, "too-many-folders",
		    "this folder and those after it are not read");
		imap->too_many = true;
	}
	if (imap->folders->len >= IMAP_FOLDERS_MAX)
		return;
	struct imap_folder *folder = g_new0(struct imap_folder, 1);
	folder->raw = g_strdup(raw);
	folder->name = g_steal_pointer(&name);
	folder->role = g_strdup(*role != '\0' ? role : imap_list_role(folder->name, delimiter));
	folder->draft = strcmp(folder->role, "drafts") == 0;
	g_ptr_array_add(imap->folders, folder);
	g_hash_table_insert(imap->names, folder->name, folder);
}

static guint
rank_of(const struct imap_folder *folder)
{
	static const char *const first[] = { "sent", "drafts", "inbox" };
	guint rank = 0;

	while (rank < G_N_ELEMENTS(first) && strcmp(first[rank], folder->role) != 0)
		rank++;
	return rank;
}

static gint
compare_ranks(gconstpointer left, gconstpointer right)
{
	guint a = rank_of(*(struct imap_folder *const *)left);
	guint b = rank_of(*(struct imap_folder *const *)right);

	return (a > b) - (a < b);
}

void
imap_list_order(struct imap *imap)
{
	g_ptr_array_sort(imap->folders, compare_ranks);
}

void
imap_list_answer(struct imap *imap, struct token *token)
{
	g_autoptr(GString) role = g_string_new(NULL);
	bool skip = false;

	if (!parse_attributes(token, role, &skip) || !token_next(token))
		return;
	g_autofree char *delimiter = g_strdup(token->kind == TOKEN_STRING ? token->value->str : "");
	if (!token_next(token) || (token->kind != TOKEN_STRING && token->kind != TOKEN_ATOM))
		return;
	/* A name with a line end in it could not be asked for without breaking the command. */
	const char *raw = token->value->str;
	if (strlen(raw) != token->value->len || strpbrk(raw, "\r\n") != NULL) {
		note_unreadable(
		    imap, raw, "its name holds a line end or a NUL, so it cannot be asked for");
		return;
	}
	if (skip || *raw == '\0')
		return;
	imap->can_open = true;
	add_folder(imap, raw, role->str, delimiter);
}
