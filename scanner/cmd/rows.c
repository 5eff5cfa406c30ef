/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/rows.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROWS_FALLBACK    24
#define COLUMNS_FALLBACK 80

struct rows
rows_of_terminal(void)
{
	struct rows terminal = { ROWS_FALLBACK, COLUMNS_FALLBACK };
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		terminal = (struct rows){ size.ws_row, size.ws_col };
	return terminal;
}

/* The columns that the character at p takes; *end is behind it. */
static guint
take(const char *p, const char **end)
{
	gunichar c = g_utf8_get_char(p);

	if (c == '\033') {
		*end = p + strcspn(p, "m");
		*end += **end != '\0';
		return 0;
	}
	*end = g_utf8_next_char(p);
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

GPtrArray *
rows_split(const char *text, guint columns)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);
	const char *begin = text, *p = text, *next;
	guint used = 0;

	for (; *p != '\0'; p = next) {
		if (*p == '\n') {
			next = p + 1;
			g_ptr_array_add(rows, g_strndup(begin, (gsize)(next - begin)));
			begin = next;
			used = 0;
			continue;
		}
		guint width = take(p, &next);
		if (used > 0 && used + width > columns) {
			g_ptr_array_add(rows, g_strndup(begin, (gsize)(p - begin)));
			begin = p;
			used = 0;
		}
		used += width;
	}
	if (p > begin)
		g_ptr_array_add(rows, g_strdup(begin));
	return rows;
}
