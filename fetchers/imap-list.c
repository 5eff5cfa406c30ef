/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LIST answers (RFC 3501 section 7.2.2, RFC 6154): which folders there are, and what for.
 */
#include "fetchers/imap.h"

#include <string.h>

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

/* The name for people: decoded, unless two names would look alike then. */
static char *
readable_name(const char *raw)
{
	if (g_ascii_strcasecmp(raw, "INBOX") == 0)
		return g_strdup("INBOX");
	g_autofree char *decoded = utf7_decode(raw);
	if (decoded != NULL) {
		g_autofree char *encoded = utf7_encode(decoded);
		if (strcmp(encoded, raw) == 0)
			return g_steal_pointer(&decoded);
	}
	return g_utf8_make_valid(raw, -1);
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
add_folder(struct imap *imap, const char *raw, const char *role, const char *delimiter)
{
	g_autofree char *name = readable_name(raw);

	if (g_hash_table_contains(imap->names, name) ||
	    !account_wants_folder(imap->session->account, name))
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
	g_hash_table_add(imap->names, folder->name);
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
		g_autofree char *shown = session_quote(raw);
		session_emit_note(imap->session, shown, "unreadable-folder",
		    "its name holds a line end or a NUL, so it cannot be asked for");
		return;
	}
	if (!skip && *raw != '\0')
		add_folder(imap, raw, role->str, delimiter);
}
