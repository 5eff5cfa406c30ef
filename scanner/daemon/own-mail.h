/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_OWN_MAIL_H
#define FLAGPOST_DAEMON_OWN_MAIL_H
/*
 * own-mail - reports, notices and copies that we mailed, met again in a mailbox that is watched:
 * such a one is spared by rules when it is as it was sent. One that was changed, or that is none of
 * ours and says it is, is judged like any mail, and a note says so.
 */
#include <glib.h>
#include <stdbool.h>

#include "deliver/seal.h"
#include "store/view-report.h"

/* Words of notes. */
#define OWN_MAIL_ALTERED "own-mail-altered"
#define OWN_MAIL_FORGED  "own-mail-forged"

/* The message with its seal; the key is made where there is none. */
GBytes *own_mail_seal(const char *data_dir, GBytes *message, GError **error);

/* Worth looking at: by a Message-ID as verdicts hold it. */
bool own_mail_is_named(const char *message_id);
/* As seal_check; a key that was never made, or is damaged, vouches for nothing. */
bool own_mail_look(
    const char *data_dir, int fd, enum seal_state *state, const char **what, GError **error);
/*
 * One of ours came back changed and was flagged: it holds what somebody was told of already, and to
 * tell of it would never end.
 */
bool own_mail_came_back(
    struct view *view, const struct view_brief *brief, bool *came_back, GError **error);
/* The note's text; it holds the digest. */
char *own_mail_note(enum seal_state state, const char *sha256, const char *what);

#endif
