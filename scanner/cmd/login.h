/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_LOGIN_H
#define FLAGPOST_CMD_LOGIN_H
/*
 * login - which person of this machine sits here.
 *
 * Of root that is whom the kernel saw log in (/proc/self/loginuid, which sudo, su and variables
 * leave as it is), so that nobody becomes his own second officer by a word. Where no login was
 * seen (cron, a container) root is whom sudo names. Of others it is the user that they are:
 * anybody may export a variable.
 */
#include <glib.h>
#include <sys/types.h>

#define LOGIN_UNSEEN G_MAXUINT32 /* as the kernel writes it */

struct login {
	uid_t uid;
	guint32 seen;     /* loginuid */
	const char *sudo; /* SUDO_USER, or NULL */
};

/* "anna"; "uid 4711" of one without a name. The caller's. */
char *login_name(const struct login *login);
/* The loginuid of this process. */
guint32 login_seen(void);

#endif
