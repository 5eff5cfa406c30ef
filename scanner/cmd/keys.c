/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/keys.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 500

void
keys_begin(struct keys *keys)
{
	struct termios now;

	if (tcgetattr(STDIN_FILENO, &keys->before) != 0)
		return;
	now = keys->before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	keys->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == 0;
}

void
keys_end(struct keys *keys)
{
	if (keys->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &keys->before);
	keys->raw = false;
}

char
keys_read(void)
{
	char key;

	fflush(stdout);
	return read(STDIN_FILENO, &key, 1) == 1 && key != 4 ? key : '\0';
}

char *
keys_line(struct keys *keys, const char *prompt)
{
	g_autoptr(GString) line = g_string_new(NULL);
	char key;

	printf("\n%s: ", prompt);
	keys_end(keys);
	fflush(stdout);
	while (line->len < LINE_BYTES && read(STDIN_FILENO, &key, 1) == 1 && key != '\n')
		g_string_append_c(line, key);
	keys_begin(keys);
	g_autofree char *valid = g_utf8_make_valid(line->str, -1);
	g_strstrip(valid);
	return valid[0] != '\0' ? g_steal_pointer(&valid) : NULL;
}
