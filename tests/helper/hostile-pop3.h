/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_HELPER_HOSTILE_POP3_H
#define FLAGPOST_TESTS_HELPER_HOSTILE_POP3_H
/*
 * hostile-pop3 - rows of hostile-row.h.
 */
#include "hostile-row.h"
#include "hostile-talk.h"

static const struct row pop3_rows[] = {
	/* --- before the login --- */
	POP3_ROW("p-greet-err", "has no room", "GREETING", ACT_SAY_CLOSE, "-ERR no room\r\n",
	    "away", "turned us away: .*no room"),
	POP3_ROW("p-greet-stall", "never greets", "GREETING", ACT_STALL, "", "away",
	    "not connected and logged in within 10 s"),
	POP3_ROW("p-greet-line", "a greeting without an end", "GREETING", ACT_ENDLESS, "+OK hello ",
	    "away", "127.0.0.1"),
	POP3_ROW("p-greet-imap", "speaks the other protocol", "GREETING", ACT_SAY, "* OK hello\r\n",
	    "away", "not connected and logged in within 10 s"),
	POP3_CLEAR("p-stls-none", "STLS taken out of the offer", "CAPA", ACT_EDIT, "STLS",
	    "SASL PLAIN", "tls", "offers no STLS"),
	POP3_CLEAR("p-stls-inject", "bytes in clear behind the answer to STLS", "STLS", ACT_BEHIND,
	    NULL, "+OK injected\r\n", "tls", "bytes came in clear behind the answer to STLS"),
	POP3_ROW("p-login-err", "says that the password is wrong", "AUTH", ACT_SAY,
	    "-ERR [AUTH] wrong\r\n", "login", "login refused for"),
	POP3_ROW("p-login-stall", "never answers the login", "AUTH", ACT_STALL, "", "away",
	    "not connected and logged in within 10 s"),
	POP3_ROW("p-login-busy", "the mailbox is in use", "AUTH", ACT_SAY,
	    "-ERR [IN-USE] locked\r\n", "away", "the mailbox is in use"),

	/* --- the listings --- */
	POP3_ROW("p-stat-err", "refuses to count", "STAT", ACT_SAY, "-ERR no\r\n", "protocol",
	    "refuses STAT"),
	POP3_ROW("p-stat-words", "counts in words", "STAT", ACT_SAY, "+OK many\r\n", "protocol",
	    "STAT: "),
	POP3_ROW("p-stat-huge", "four billion messages", "STAT", ACT_SAY, "+OK 4294967295 1\r\n",
	    "protocol", "STAT: "),
	POP3_ROW("p-stat-few", "counts fewer than it lists", "STAT", ACT_SAY, "+OK 1 1\r\n", "ok",
	    "poll ok"),
	POP3_ROW("p-stat-more", "counts more than it lists", "STAT", ACT_SAY, "+OK 50 1\r\n", "ok",
	    "gap fetch no-answer"),
	POP3_ROW("p-stat-close", "hangs up when it is to count", "STAT", ACT_CLOSE, "", "away",
	    "closed the connection"),
	POP3_ROW("p-stat-nothing", "neither yes nor no", "STAT", ACT_SAY, "well\r\n", "protocol",
	    "neither .OK nor -ERR"),
	POP3_ROW(
	    "p-uidl-err", "knows no UIDL", "UIDL", ACT_SAY, "-ERR what\r\n", "ok", "note no-uidl"),
	POP3_ROW("p-uidl-flood", "UIDLs without an end", "UIDL", ACT_ENDLESS, "+OK\r\n", "protocol",
	    "a listing without an end"),
	POP3_ROW("p-uidl-line", "a line without an end", "UIDL", ACT_STALL, "+OK\r\n1 ", "away",
	    "bytes within 4 s"),
	POP3_ROW("p-uidl-long", "a UIDL of 70,000 bytes", "UIDL", ACT_ENDLESS,
	    "+OK 1 aaaaaaaaaaaaaaaaaa", "protocol", "a line of over"),
	POP3_EDIT("p-uidl-same", "one UIDL for all messages", "UIDL", " id-", " same\r\n99 id-",
	    "ok", "note repeated-uidl"),
	POP3_EDIT("p-uidl-odd", "UIDLs of spaces and controls", "UIDL", " id-", " \t\b \x01 id-",
	    "ok", "note no-uidl"),
	POP3_EDIT("p-uidl-far", "messages that are not there", "UIDL", "+OK",
	    "+OK\r\n0 zero\r\n-1 minus\r\n4000000 far\r\n18446744073709551617 x", "ok", "poll ok"),
	POP3_ROW("p-uidl-close", "hangs up amid the UIDLs", "UIDL", ACT_CUT, "id-7", "away",
	    "closed the connection"),
	POP3_ROW(
	    "p-list-err", "refuses to tell sizes", "LIST", ACT_SAY, "-ERR no\r\n", "ok", "poll ok"),
	POP3_ROW("p-list-nul", "a NUL in a listing", "LIST", ACT_SAY, "+OK\r\n1 5$NUL0\r\n.\r\n",
	    "ok", "poll ok"),
	POP3_EDIT("p-list-huge", "sizes that fit no number", "LIST", " 3", " 999999999999999999999",
	    "ok", "poll ok"),
	POP3_ROW("p-list-stall", "never tells sizes", "LIST", ACT_STALL, "", "away",
	    "0 bytes within 4 s"),
	POP3_ROW("p-capa-flood", "abilities without an end", "CAPA", ACT_ENDLESS, "+OK\r\n", "away",
	    "."),

	/* --- messages --- */
	POP3_ROW("p-retr-err", "refuses each message", "RETR", ACT_SAY, "-ERR no\r\n", "ok",
	    "gap fetch no-answer .*the server refuses it"),
	POP3_ROW("p-retr-cut", "hangs up amid a message", "RETR", ACT_CUT, "Subject", "away",
	    "gap fetch cut-off"),
	POP3_ROW("p-retr-stall", "falls silent amid a message", "RETR", ACT_CUT_STALL, "Subject",
	    "away", "bytes within 4 s"),
	POP3_ROW("p-retr-end", "hangs up before the last dot", "RETR", ACT_CUT, TALK_LINE ".\r\n",
	    "away", "gap fetch cut-off"),
	POP3_ROW(
	    "p-retr-drip", "one byte a second", "RETR", ACT_DRIP, "", "away", "bytes within 4 s"),
	POP3_ROW("p-retr-nothing", "neither yes nor no", "RETR", ACT_SAY, "here it is\r\n",
	    "protocol", "neither .OK nor -ERR"),
	POP3_LIES("p-retr-dots", "ends that are none", "RETR", TALK_LINE ".\r\n",
	    "\n.\n..\n\r.\r\n.\r.\r\n..\r\n.\r\n", "ok", "poll ok"),
	POP3_PIPED("p-retr-lost", "loses commands that are sent ahead", "LIST", ACT_STALL, "",
	    "away", "note lost-answers"),
	POP3_PIPED("p-ahead", "answers one command at a time, whatever it offers", "CAPA",
	    ACT_AHEAD, "", "ok", "note lost-answers"),
	POP3_PIPED("p-retr-late", "hangs up on commands that are sent ahead", "UIDL", ACT_CLOSE, "",
	    "away", "closed the connection|connection broke"),
	POP3_KNOWN("p-uidl-new", "all UIDLs are new today", "UIDL", ACT_EDIT, "id-", "new-", "ok",
	    "note renumbered-uidl"),
	POP3_KNOWN("p-uidl-other", "UIDLs that named other messages yesterday", "UIDL", ACT_EDIT,
	    "1 id-3", "1 id-9", "ok", "."),
};

#endif
