/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_KEYS_H
#define FLAGPOST_CMD_KEYS_H
/*
 * keys - a terminal that gives keys one by one and does not repeat them; keys_end, or a signal that
 * ends the program by way of it, leaves it as it was.
 */
#include <stdbool.h>
#include <termios.h>

struct keys {
	bool raw;
	struct termios before;
};

#define KEYS_CLEAR_SCREEN "\033[H\033[2J"

void keys_begin(struct keys *keys);
void keys_end(struct keys *keys);
/* 0 at the end of the input. What stdio holds is written first. */
char keys_read(void);
/* A line of the person, valid UTF-8, 500 bytes at most; NULL when it is empty. */
char *keys_line(struct keys *keys, const char *prompt);

#endif
