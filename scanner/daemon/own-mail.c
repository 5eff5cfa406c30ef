/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/own-mail.h"

#include "base/log.h"

GBytes *
own_mail_seal(const char *data_dir, GBytes *message, GError **error)
{
	struct seal_key key;
	bool there;

	if (!seal_key_load(data_dir, true, &key, &there, error))
		return NULL;
	return seal_add(message, &key, error);
}

bool
own_mail_is_named(const char *message_id)
{
	return g_str_has_prefix(message_id, "report.") || g_str_has_prefix(message_id, "notice.") ||
	       g_str_has_prefix(message_id, "forward.");
}

bool
own_mail_came_back(
    struct view *view, const struct view_brief *brief, bool *came_back, GError **error)
{
	*came_back = false;
	return !own_mail_is_named(brief->message_id) ||
	       view_is_noted(view, OWN_MAIL_ALTERED, brief->sha256, came_back, error);
}

bool
own_mail_look(
    const char *data_dir, int fd, enum seal_state *state, const char **what, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	struct seal_key key = { .id = "" };
	bool there;

	*state = SEAL_NONE;
	*what = "";
	if (!seal_key_load(data_dir, false, &key, &there, &trouble)) {
		/* Mail is read all the same: it is judged like any other. */
		log_warning("mail of our own is not known again: %s", trouble->message);
		return true;
	}
	return !there || seal_check(fd, &key, state, what, error);
}

char *
own_mail_note(enum seal_state state, const char *sha256, const char *what)
{
	return g_strdup_printf("%s (%s): %s; it was judged like any mail",
	    state == SEAL_ALTERED ? "a mail of our own came back changed"
				  : "a mail that says it is ours is not",
	    sha256, what);
}
