/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/password.h"

#include <stdbool.h>

static guint
count_classes(const char *password)
{
	bool small = false, capital = false, digit = false, other = false;

	for (const char *at = password; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (g_unichar_islower(c))
			small = true;
		else if (g_unichar_isupper(c))
			capital = true;
		else if (g_unichar_isdigit(c))
			digit = true;
		else
			other = true;
	}
	return (guint)small + capital + digit + other;
}

static guint
count_distinct(const char *password)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (const char *at = password; *at != '\0'; at = g_utf8_next_char(at))
		g_hash_table_add(seen, GUINT_TO_POINTER(g_utf8_get_char(at)));
	return g_hash_table_size(seen);
}

char *
password_trouble(const char *password, guint length, guint classes)
{
	if (!g_utf8_validate(password, -1, NULL))
		return g_strdup("the password is not UTF-8");
	for (const char *at = password; *at != '\0'; at++)
		if (g_ascii_iscntrl(*at))
			return g_strdup("the password has a control character in it");
	if ((guint)g_utf8_strlen(password, -1) < length)
		return g_strdup_printf("the password is shorter than %u characters", length);
	if (count_classes(password) < classes)
		return g_strdup_printf(
		    "the password is weak: %u of small letters, capitals, digits "
		    "and other signs must be in it",
		    classes);
	if (count_distinct(password) < MIN(PASSWORD_DISTINCT, length))
		return g_strdup("the password is weak: it repeats a few characters");
	return NULL;
}
