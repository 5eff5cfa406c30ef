/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_HELPER_HOSTILE_ROW_H
#define FLAGPOST_TESTS_HELPER_HOSTILE_ROW_H
/*
 * hostile-row - how servers misbehave, and what a poll must come to: the state of the account
 * and a pattern (ERE) that stands in what poll, status or the report say of it.
 *
 * In words $TAG is the tag of the command, $NUL a NUL and $LONG 70,000 bytes.
 */
#include <glib.h>
#include <stdbool.h>

enum act {
	ACT_CLOSE,     /* hangs up instead of answering */
	ACT_STALL,     /* says the words, then nothing any more */
	ACT_SAY,       /* the words in the place of the answer */
	ACT_SAY_CLOSE, /* and hangs up */
	ACT_BEFORE,    /* the words (count times) and then the answer */
	ACT_BEHIND,    /* the answer and then the words */
	ACT_NUMBERS, /* the same as BEFORE with "%u" counted from 1 to count; hangs up when the one
			with 1 is asked for */
	ACT_RING,    /* count folders within one another, then the answer */
	ACT_ENDLESS, /* the words until the client is gone */
	ACT_DRIP,    /* the answer, one byte a second */
	ACT_CUT,     /* the answer up to the words, and hangs up */
	ACT_CUT_STALL, /* the answer up to the words, then nothing any more */
	ACT_SIZES,     /* the words in the place of the sizes of literals with bodies */
	ACT_EDIT,      /* the words in the place of from */
	ACT_AHEAD,     /* falls silent when commands come ahead of its answers */
};

struct row {
	const char *name, *stake;
	const char *at; /* stands in the command that it happens at; "GREETING": before the first */
	enum act act;
	const char *from, *words;
	guint64 count;
	const char *state, *says;
	const char *abilities;
	bool pop3, clear;
	bool known; /* was polled while all was well */
	bool lies;  /* about the bytes themselves, which nobody can see */
};

#define ROW(_name, _stake, _at, _act, _from, _words, _count, _state, _says, ...)                   \
	{                                                                                          \
		.name = _name, .stake = _stake, .at = _at, .act = _act, .from = _from,             \
		.words = _words, .count = _count, .state = _state, .says = _says, __VA_ARGS__      \
	}
#define IMAP_ROW(name, stake, at, act, words, state, says)                                         \
	ROW(name, stake, at, act, NULL, words, 0, state, says, .pop3 = false)
#define IMAP_EDIT(name, stake, at, from, words, state, says)                                       \
	ROW(name, stake, at, ACT_EDIT, from, words, 0, state, says, .pop3 = false)
#define IMAP_MANY(name, stake, at, act, words, count, state, says)                                 \
	ROW(name, stake, at, act, NULL, words, count, state, says, .pop3 = false)
#define IMAP_CLEAR(name, stake, at, act, from, words, state, says)                                 \
	ROW(name, stake, at, act, from, words, 0, state, says, .clear = true)
#define IMAP_KNOWN(name, stake, at, act, from, words, state, says, can)                            \
	ROW(name, stake, at, act, from, words, 0, state, says, .abilities = can, .known = true)
#define POP3_ROW(name, stake, at, act, words, state, says)                                         \
	ROW(name, stake, at, act, NULL, words, 0, state, says, .pop3 = true)
#define POP3_EDIT(name, stake, at, from, words, state, says)                                       \
	ROW(name, stake, at, ACT_EDIT, from, words, 0, state, says, .pop3 = true)
#define POP3_LIES(name, stake, at, from, words, state, says)                                       \
	ROW(name, stake, at, ACT_EDIT, from, words, 0, state, says, .pop3 = true, .lies = true)
#define POP3_CLEAR(name, stake, at, act, from, words, state, says)                                 \
	ROW(name, stake, at, act, from, words, 0, state, says, .pop3 = true, .clear = true)
#define POP3_PIPED(name, stake, at, act, words, state, says)                                       \
	ROW(name, stake, at, act, NULL, words, 0, state, says, .pop3 = true,                       \
	    .abilities = "PIPELINING")
#define POP3_KNOWN(name, stake, at, act, from, words, state, says)                                 \
	ROW(name, stake, at, act, from, words, 0, state, says, .pop3 = true, .known = true)

#define RESYNC " ENABLE CONDSTORE QRESYNC"

#endif
