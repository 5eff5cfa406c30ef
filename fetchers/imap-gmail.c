/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gmail's folders are labels: \All has every message but those in \Junk and \Trash, so these three
 * are read and the others would be the same mail again. What FETCH says of a message beyond
 * RFC 3501 is in Google's "IMAP extensions".
 */
#include "fetchers/imap.h"

#include <string.h>

#include "base/text.h"
#include "fetchers/protocol.h"

#define LABEL_CHARS 250
#define ROUND       1000 /* users may hide what is beyond 1,000, 2,000, 5,000 or 10,000 of a folder */
#define ROUND_MAX   10000

static const struct imap_folder *
find_all(const struct imap *imap)
{
	for (guint i = 0; i < imap->folders->len; i++) {
		const struct imap_folder *folder = imap->folders->pdata[i];
		if (strcmp(folder->role, "all") == 0)
			return folder;
	}
	return NULL;
}

void
imap_gmail_choose(struct imap *imap)
{
	/* Where it is hidden from IMAP, or excluded, the labels are all there is. */
	const struct imap_folder *all = imap->ability.gmail ? find_all(imap) : NULL;

	for (guint i = 0; all != NULL && i < imap->folders->len; i++) {
		struct imap_folder *folder = imap->folders->pdata[i];
		if (folder != all && strcmp(folder->role, "junk") != 0 &&
		    strcmp(folder->role, "trash") != 0)
			folder->label_of = all->name;
	}
}

static void
add_label(const struct imap *imap, const char *raw, struct imap_item *item)
{
	g_autofree char *name = imap_list_name(imap, raw);
	g_autofree char *label = text_printable(name, LABEL_CHARS);

	item->is_draft |=
	    g_ascii_strcasecmp(raw, "\\Draft") == 0 || g_ascii_strcasecmp(raw, "\\Drafts") == 0;
	/* Room stays for the sign that there are more. */
	if (item->labels->len + strlen(label) + 5 > PROTOCOL_LABELS_MAX) {
		if (!g_str_has_suffix(item->labels->str, "\n…"))
			g_string_append(item->labels, "\n…");
		return;
	}
	if (item->labels->len > 0)
		g_string_append_c(item->labels, '\n');
	g_string_append(item->labels, label);
}

bool
imap_gmail_read(
    const struct imap *imap, const char *key, struct token *token, struct imap_item *item)
{
	if (!imap->ability.gmail)
		return false;
	if (strcmp(key, "X-GM-MSGID") == 0)
		return token_number(token, G_MAXUINT64, &item->id);
	if (strcmp(key, "X-GM-THRID") == 0)
		return token_number(token, G_MAXUINT64, &item->thread);
	if (strcmp(key, "X-GM-LABELS") != 0 || token->kind != TOKEN_OPEN)
		return false;
	while (token_next(token) && (token->kind == TOKEN_ATOM || token->kind == TOKEN_STRING))
		add_label(imap, token->value->str, item);
	return token->kind == TOKEN_CLOSE;
}

void
imap_gmail_count(struct imap *imap)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	guint64 n = imap->pass.exists;

	if (!imap->ability.gmail || n == 0 || n % ROUND != 0 || n > ROUND_MAX)
		return;
	g_autofree char *text = g_strdup_printf("exactly %" G_GUINT64_FORMAT
						" messages: the user may have limited what Gmail "
						"shows over IMAP, and the rest is hidden",
	    n);
	session_emit_note(imap->session, folder->name, "round-count", text);
}
