/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login - see login.h. Never believes a variable where the kernel knows better. */
#include "cmd/login.h"

#include <pwd.h>

#define DIGITS_MAX 10

static char *
name_of(uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL && entry->pw_name != NULL && entry->pw_name[0] != '\0')
		return g_strdup(entry->pw_name);
	return g_strdup_printf("uid %u", (guint)uid);
}

char *
login_name(const struct login *login)
{
	if (login->uid != 0)
		return name_of(login->uid);
	if (login->seen != LOGIN_UNSEEN)
		return name_of(login->seen);
	if (login->sudo != NULL && login->sudo[0] != '\0')
		return g_strdup(login->sudo);
	return name_of(0);
}

guint32
login_seen(void)
{
	g_autofree char *text = NULL;
	guint64 number = LOGIN_UNSEEN;

	if (!g_file_get_contents("/proc/self/loginuid", &text, NULL, NULL))
		return LOGIN_UNSEEN;
	g_strstrip(text);
	if (!g_ascii_string_to_unsigned(text, DIGITS_MAX, 0, G_MAXUINT32, &number, NULL))
		return LOGIN_UNSEEN;
	return (guint32)number;
}
