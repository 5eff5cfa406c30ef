/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_SAMPLE_SCREEN_H
#define FLAGPOST_CMD_SAMPLE_SCREEN_H
/*
 * sample-screen - steps through the random sample on a terminal: a message a screen, with its text,
 * and a key for what people say of it.
 *
 * Mail comes to the screen as printable text alone, words with four digits or more masked. Each
 * screen is noted in the ledger before the message is opened.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "store/drawn.h"

struct sample_screen_options {
	const struct config *config;
	const char *reason; /* for the ledger, or "" */
	bool clear;         /* nothing is masked */
};

/* Until `q`, the end of the input, or the last message. */
bool sample_screen(struct view *view, const struct sample_screen_options *options, GError **error);

#endif
