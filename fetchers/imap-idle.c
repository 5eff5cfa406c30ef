/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IDLE (RFC 2177): one folder is opened, and then the server speaks when something happens there.
 * Nothing is fetched here: what came is told, and a pass gets it, which asks for everything.
 */
#include "fetchers/imap.h"

#include <string.h>

static void
give_up(struct imap *imap, const char *what, const char *text)
{
	g_autofree char *said = session_quote(text);
	g_autofree char *why = g_strdup_printf("%s: %s", what, said);

	session_finish(imap->session, FETCH_PROTOCOL, why);
}

void
imap_idle_start(struct imap *imap)
{
	const char *role = imap->session->watch;

	if (!imap->ability.idle) {
		session_finish(imap->session, FETCH_PROTOCOL, "the server does not offer IDLE");
		return;
	}
	for (imap->at = 0; imap->at < imap->folders->len; imap->at++) {
		const struct imap_folder *folder = imap->folders->pdata[imap->at];
		if (strcmp(folder->role, role) == 0)
			break;
	}
	if (imap->at == imap->folders->len) {
		session_finish(imap->session, FETCH_OK, "there is no such folder");
		return;
	}
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	g_autofree char *name = imap_quote(folder->raw);
	imap_send(imap, IMAP_OPEN, 0, 0, "EXAMINE %s", name);
}

void
imap_idle_tagged(struct imap *imap, const struct imap_command *command, bool ok, const char *text)
{
	struct imap_idle *idle = &imap->idle;
	gint64 since = imap->session->resting;

	if (!ok) {
		give_up(imap,
		    command->kind == IMAP_OPEN ? "the server refuses to open the folder"
					       : "the server refuses IDLE",
		    text);
		return;
	}
	if (command->kind == IMAP_OPEN) {
		imap_send(imap, IMAP_IDLE, 0, 0, "IDLE");
		return;
	}
	imap->session->resting = 0;
	session_forgive(imap->session, g_get_monotonic_time());
	/* A server may end it by itself; one that does so at once would keep us busy for ever. */
	gint64 lasted = since != 0 ? g_get_monotonic_time() - since : 0;
	bool early = !idle->woken && lasted < IMAP_IDLE_LEAST_US;
	idle->early = early ? idle->early + 1 : 0;
	idle->woken = false;
	if (idle->early >= IMAP_IDLE_EARLY_MAX)
		give_up(imap, "the server ends IDLE at once", text);
	else
		imap_send(imap, IMAP_IDLE, 0, 0, "IDLE");
}

void
imap_idle_ready(struct imap *imap)
{
	if (imap_under_way(imap, IMAP_IDLE) == 0 || imap->session->resting != 0)
		return;
	/* What came before we watched here may have come after the last pass. */
	if (!imap->idle.stands)
		session_news(imap->session);
	imap->idle.stands = true;
	session_rest(imap->session);
}

/* Some servers repeat the number to say that they are still there. */
void
imap_idle_exists(struct imap *imap, guint64 exists)
{
	struct imap_idle *idle = &imap->idle;

	if (idle->stands && (exists != idle->exists || idle->removed))
		session_news(imap->session);
	idle->exists = exists;
	idle->removed = false;
}

void
imap_idle_removed(struct imap *imap)
{
	imap->idle.removed = true;
}

void
imap_idle_wake(void *dialogue)
{
	struct imap *imap = dialogue;

	imap->idle.woken = true;
	session_say(imap->session, "DONE\r\n");
}
