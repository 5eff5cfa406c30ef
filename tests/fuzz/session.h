/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_FUZZ_SESSION_H
#define FLAGPOST_TESTS_FUZZ_SESSION_H
/*
 * session - a whole pass against a server that says anything, for either protocol: whatever it
 * says, what is begun ends, and the account ends once.
 */
#include <stdint.h>
#include <string.h>

#include "../unit/fetchers/player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fetch_state *
make_state(guint8 choice)
{
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	guint32 retry = 3;

	state->folder = g_strdup("INBOX");
	state->uidvalidity = 7;
	state->last_uid = choice % 8;
	state->present = choice % 3;
	state->uidnext = choice & 8 ? 9 : 0;
	state->modseq = choice & 16 ? 40 : 0;
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (choice % 2 == 0)
		g_array_append_val(state->retry, retry);
	state->uidls =
	    g_strsplit("aa/10/,bb,cc/20/0123456789abcdef0123456789abcdef,aa#sha256:0/10/", ",", -1);
	return state;
}

static guint
count(const char *text, const char *word)
{
	guint n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		n += at == text || at[-1] == '\n';
	return n;
}

/* The first byte is the size of the pieces, the second what the store knows already. */
static int
session_fuzz(enum account_protocol protocol, const uint8_t *data, size_t size)
{
	struct player player;

	if (size < 3)
		return 0;
	player_run(&player, protocol, data[1] < 128 ? make_state(data[1]) : NULL,
	    (const char *)data + 2, size - 2, (size_t)data[0] + 1);
	if (count(player.events->str, "account ") != 1 ||
	    count(player.events->str, "begin ") != count(player.events->str, "end "))
		g_error("events out of order");
	player_clear(&player);
	return 0;
}

#endif
