/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes a pass short and what makes it careful: STATUS, CONDSTORE, QRESYNC, UTF8=ACCEPT,
 * X-GM-EXT-1, and servers that want to be left alone.
 */
#include "player.h"

#include "fetchers/imap.h"
#include "fetchers/uidset.h"

#define CAN(words)   "* CAPABILITY IMAP4rev1" words "\r\nF1 OK\r\n"
#define INBOX_LISTED "* LIST () \"/\" INBOX\r\n"
#define OPENED(n, exists, codes)                                                                   \
	"* " exists " EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" codes "F" n " OK done\r\n"
#define MAIL(seq, uid) "* " seq " FETCH (UID " uid " FLAGS () BODY[] {2}\r\nhi)\r\n"
#define STATUS_ALL     " ENABLE LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE"

struct before {
	guint32 last, present, uidnext;
	guint64 modseq;
	guint32 retry;
};

static struct fetch_state *
make_state(const struct before *before)
{
	if (before->last == 0)
		return NULL;
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	state->folder = g_strdup("INBOX");
	state->uidvalidity = 7;
	state->last_uid = before->last;
	state->present = before->present;
	state->uidnext = before->uidnext;
	state->modseq = before->modseq;
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (before->retry > 0)
		g_array_append_val(state->retry, before->retry);
	return state;
}

/* A dialogue with what it costs. Empty strings are not compared. */
struct dialogue {
	const char *label;
	struct before before;
	const char *script, *commands, *events, *details;
};

static void
play(const struct dialogue *dialogues, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		const struct dialogue *it = &dialogues[i];
		gsize size = strlen(it->script);
		g_test_message("%s", it->label);
		for (gsize piece = 1; piece <= size; piece += piece < 20 ? 1 : 97) {
			struct player player;
			player_run(&player, PROTOCOL_IMAP, make_state(&it->before), it->script,
			    size, piece);
			if (*it->commands != '\0')
				g_assert_cmpstr(player.commands->str, ==, it->commands);
			if (*it->events != '\0')
				g_assert_cmpstr(player.events->str, ==, it->events);
			if (*it->details != '\0')
				g_assert_cmpstr(player.details->str, ==, it->details);
			player_clear(&player);
		}
		for (gsize end = 0; end < size; end++) {
			struct player player;
			player_run(
			    &player, PROTOCOL_IMAP, make_state(&it->before), it->script, end, 4096);
			g_assert_nonnull(strstr(player.events->str, "account "));
			player_clear(&player);
		}
	}
}

#define UNCHANGED_EVENTS "begin INBOX (inbox) 0\nend INBOX (inbox) 2\naccount ok\n"
#define STATUS_ASKED                                                                               \
	"F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\n"                                                  \
	"F3 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n"
#define OPENED_INSTEAD STATUS_ASKED "F4 EXAMINE \"INBOX\"\r\nF5 UID SEARCH UID 6:*\r\n"

static void
test_status(void)
{
	static const struct dialogue dialogues[] = {
		{ "nothing happened: not opened", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    STATUS_ASKED "F0 LOGOUT\r\n", UNCHANGED_EVENTS, "INBOX 9/0\n" },
		{ "with LIST-STATUS one command does it", { 5, 2, 9, 40, 0 },
		    CAN(STATUS_ALL) INBOX_LISTED
		    "* STATUS inbox (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 40)\r\n"
		    "F2 OK\r\n",
		    "F1 CAPABILITY\r\nF2 LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS (MESSAGES "
		    "UIDNEXT UIDVALIDITY HIGHESTMODSEQ))\r\nF0 LOGOUT\r\n",
		    UNCHANGED_EVENTS, "INBOX 9/40\n" },
		{ "the extended LIST is refused: the plain one", { 5, 2, 9, 0, 0 },
		    CAN(STATUS_ALL) "F2 BAD what?\r\n" INBOX_LISTED
				    "F3 OK\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 9 UIDVALIDITY "
				    "7)\r\nF4 OK\r\n",
		    "", UNCHANGED_EVENTS, "INBOX 9/0\n" },
		{ "one more message", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 10 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "the count differs and UIDNEXT is stale", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "one came and one went", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 10 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "another UIDVALIDITY", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 8)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "a number is missing", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (UIDNEXT 9 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "STATUS is refused", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\nF3 NO never\r\n", OPENED_INSTEAD, "", "" },
		{ "STATUS of another folder", { 5, 2, 9, 0, 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* STATUS other (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7)\r\nF3 OK\r\n",
		    OPENED_INSTEAD, "", "" },
		{ "something changed in the flags", { 5, 2, 9, 40, 0 },
		    CAN(" CONDSTORE") INBOX_LISTED
		    "F2 OK\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ "
		    "41)\r\nF3 OK\r\n" OPENED("4", "2",
			"* OK [HIGHESTMODSEQ 41] x\r\n"
			"* OK [UIDNEXT 9] x\r\n") "* SEARCH 5\r\nF5 OK\r\n",
		    "", UNCHANGED_EVENTS, "INBOX 9/41\n" },
		{ "something is to be tried again: no STATUS helps", { 5, 2, 9, 0, 3 },
		    CAN("") INBOX_LISTED "F2 OK\r\n",
		    "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\nF3 EXAMINE \"INBOX\"\r\n"
		    "F4 UID SEARCH UID 3,6:*\r\n",
		    "", "" },
	};

	play(dialogues, G_N_ELEMENTS(dialogues));
}

/* What came with the login's answer is not asked for again. */
static void
test_told(void)
{
	static const char script[] =
	    "garbage of the login\r\nF1 OK\r\n* ENABLED UTF8=ACCEPT\r\nF2 OK\r\n" INBOX_LISTED
	    "* STATUS INBOX (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7)\r\nF3 OK\r\n";
	static const char sent[] =
	    "F1 NOOP\r\nF2 ENABLE UTF8=ACCEPT\r\nF3 LIST \"\" \"*\" RETURN (STATUS (MESSAGES "
	    "UIDNEXT UIDVALIDITY))\r\nF0 LOGOUT\r\n";
	const struct before before = { 5, 2, 9, 0, 0 };

	for (gsize piece = 1; piece < sizeof script; piece++) {
		struct player player;
		struct session *session = player_session(
		    &player, PROTOCOL_IMAP, make_state(&before), script, sizeof script - 1, piece);
		player.link.abilities = "IMAP4rev1 ENABLE UTF8=ACCEPT LIST-EXTENDED LIST-STATUS";
		session_start(session, &player.link);
		/* All of it leaves at once: one round trip. */
		g_assert_true(g_str_has_prefix(sent, session->out->str));
		g_assert_nonnull(strstr(session->out->str, "F3 LIST"));
		while (session_pump(session, 1000))
			;
		g_assert_cmpstr(player.commands->str, ==, sent);
		g_assert_cmpstr(player.events->str, ==, UNCHANGED_EVENTS);
		session_free(session);
		player_clear(&player);
	}
}

static void
test_gaps(void)
{
	static const struct dialogue dialogues[] = {
		{ "a pass without a gap tells its numbers", { 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\n" OPENED("3", "1",
			"* OK [UIDNEXT 9] x\r\n* OK [HIGHESTMODSEQ 40] "
			"x\r\n") "* SEARCH 1\r\nF4 OK\r\n" MAIL("1", "1") "F5 OK\r\nF6 OK\r\n",
		    "", "", "INBOX 9/40\n" },
		{ "a message that was passed over is a gap", { 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\n" OPENED("3", "2",
			"* OK [UIDNEXT 9] x\r\n* OK [HIGHESTMODSEQ 40] "
			"x\r\n") "* SEARCH 1 2\r\nF4 OK\r\n" MAIL("2", "2") "F5 OK\r\nF6 OK\r\n",
		    "", "", "INBOX 0/0\n" },
		{ "numbers that do not agree are a gap", { 5, 3, 9, 40, 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\nF3 NO\r\n" OPENED(
			"4", "2", "* OK [UIDNEXT 9] x\r\n") "* SEARCH 5\r\nF5 OK\r\n* SEARCH "
							    "5\r\nF6 OK\r\n* SEARCH 5\r\nF7 OK\r\n",
		    "", "",
		    "unsure-count: the server counts other messages than it lists: nothing is "
		    "called gone\nINBOX 0/0\n" },
		{ "mail that came meanwhile moves UIDNEXT on", { 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\n" OPENED(
			"3", "1", "* OK [UIDNEXT 2] x\r\n") "* SEARCH 1\r\nF4 OK\r\n" MAIL("1",
			"1") "F5 OK\r\n* 2 EXISTS\r\nF6 OK\r\n"
			     "* SEARCH 2\r\nF7 OK\r\n" MAIL("2", "2") "F8 OK\r\nF9 OK\r\n",
		    "", "", "INBOX 3/0\n" },
		{ "UIDVALIDITY 0: nothing to go on from", { 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n* 0 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n* OK [UIDNEXT 9] x\r\n"
		    "F3 OK\r\n* SEARCH\r\nF4 OK\r\n",
		    "", "",
		    "no-uidvalidity: the server gives no UIDVALIDITY: all messages are read at "
		    "each pass\nINBOX 0/0\n" },
	};

	play(dialogues, G_N_ELEMENTS(dialogues));
}

#define RESYNCED                                                                                   \
	CAN(" ENABLE CONDSTORE QRESYNC")                                                           \
	"* ENABLED QRESYNC\r\nF2 OK\r\n" INBOX_LISTED "F3 OK\r\nF4 NO\r\n"
#define RESYNC_COMMANDS                                                                            \
	"F1 CAPABILITY\r\nF2 ENABLE QRESYNC\r\nF3 LIST \"\" \"*\"\r\n"                             \
	"F4 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)\r\n"                     \
	"F5 EXAMINE \"INBOX\" (QRESYNC (7 40))\r\nF6 UID SEARCH UID 6:*\r\n"

static void
test_qresync(void)
{
	static const struct dialogue dialogues[] = {
		{ "VANISHED bears out the list: one search is enough", { 5, 3, 9, 40, 0 },
		    RESYNCED "* VANISHED (EARLIER) 2,8:9\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ "
			     "(41))\r\n" OPENED(
				 "5", "2", "* OK [UIDNEXT 9] x\r\n") "* SEARCH 5\r\nF6 OK\r\n* "
								     "SEARCH 1 5\r\nF7 OK\r\n",
		    RESYNC_COMMANDS "F7 UID SEARCH ALL\r\nF0 LOGOUT\r\n",
		    "begin INBOX (inbox) 0\nend INBOX (inbox) 2 present=1,5\naccount ok\n",
		    "INBOX 9/0\n" },
		{ "VANISHED names what the list has: asked once more", { 5, 3, 9, 40, 0 },
		    RESYNCED "* VANISHED (EARLIER) 1:2\r\n" OPENED(
			"5", "2", "") "* SEARCH 5\r\nF6 OK\r\n* SEARCH 1 5\r\nF7 OK\r\n* SEARCH 1 "
				      "5\r\nF8 OK\r\n",
		    RESYNC_COMMANDS "F7 UID SEARCH ALL\r\nF8 UID SEARCH ALL\r\nF0 LOGOUT\r\n", "",
		    "" },
		{ "VANISHED names too few: asked once more", { 5, 4, 9, 40, 0 },
		    RESYNCED "* VANISHED (EARLIER) 2\r\n" OPENED(
			"5", "2", "") "* SEARCH 5\r\nF6 OK\r\n* SEARCH 1 5\r\nF7 OK\r\n* SEARCH 1 "
				      "5\r\nF8 OK\r\n",
		    RESYNC_COMMANDS "F7 UID SEARCH ALL\r\nF8 UID SEARCH ALL\r\nF0 LOGOUT\r\n", "",
		    "" },
		{ "VANISHED that is none is not believed", { 5, 3, 9, 40, 0 },
		    RESYNCED "* VANISHED (EARLIER) 2:x\r\n" OPENED(
			"5", "2", "") "* SEARCH 5\r\nF6 OK\r\n* SEARCH 1 5\r\nF7 OK\r\n* SEARCH 1 "
				      "5\r\nF8 OK\r\n",
		    RESYNC_COMMANDS "F7 UID SEARCH ALL\r\nF8 UID SEARCH ALL\r\nF0 LOGOUT\r\n", "",
		    "" },
		{ "the parameter is refused: opened without", { 5, 2, 9, 40, 0 },
		    RESYNCED "F5 BAD what?\r\nF6 BAD none\r\n" OPENED(
			"7", "2", "* OK [UIDNEXT 9] x\r\n") "* SEARCH 5\r\nF8 OK\r\n",
		    RESYNC_COMMANDS
		    "F7 EXAMINE \"INBOX\"\r\nF8 UID SEARCH UID 6:*\r\nF0 LOGOUT\r\n",
		    UNCHANGED_EVENTS, "INBOX 9/0\n" },
		{ "gone while we look", { 5, 2, 9, 40, 0 },
		    RESYNCED OPENED("5", "2", "") "* VANISHED 5\r\n* SEARCH\r\nF6 OK\r\n"
						  "* SEARCH 1\r\nF7 OK\r\n",
		    "", "begin INBOX (inbox) 0\nend INBOX (inbox) 1 present=1\naccount ok\n", "" },
		{ "what was said before [CLOSED] is another folder's", { 5, 2, 9, 40, 0 },
		    RESYNCED "* OK [UIDNEXT 77] x\r\n* OK [CLOSED] x\r\n" OPENED(
			"5", "2", "") "* SEARCH 5\r\nF6 OK\r\n",
		    "", UNCHANGED_EVENTS, "INBOX 0/0\n" },
	};

	play(dialogues, G_N_ELEMENTS(dialogues));
}

static void
test_utf8(void)
{
	static const struct dialogue dialogues[] = {
		{ "names in UTF-8, and \"&\" is a letter", { 0 },
		    CAN(" ENABLE UTF8=ACCEPT") "* ENABLED UTF8=ACCEPT\r\nF2 OK\r\n"
					       "* LIST () \"/\" \"R&D-/Entw\xc3\xbcrfe\"\r\nF3 "
					       "OK\r\n",
		    "F1 CAPABILITY\r\nF2 ENABLE UTF8=ACCEPT\r\nF3 LIST \"\" \"*\"\r\n"
		    "F4 EXAMINE \"R&D-/Entw\xc3\xbcrfe\"\r\nF5 UID SEARCH ALL\r\n",
		    "begin R&D-/Entw\xc3\xbcrfe (drafts) 0\nend R&D-/Entw\xc3\xbcrfe (drafts) 0 "
		    "failed: the server closed the connection\n"
		    "account away: the server closed the connection\n",
		    "" },
		{ "offered but not switched on: modified UTF-7", { 0 },
		    CAN(" ENABLE UTF8=ACCEPT") "F2 NO\r\n* LIST () \"/\" R&-D\r\nF3 OK\r\n"
					       "F4 NO never\r\nF5 BAD none\r\n",
		    "",
		    "begin R&D () 0\nend R&D () 0 failed: the server refuses to open it: never\n"
		    "account ok\n",
		    "" },
	};

	play(dialogues, G_N_ELEMENTS(dialogues));
}

#define GMAIL_LISTED                                                                               \
	INBOX_LISTED "* LIST (\\All) \"/\" \"[Gmail]/All Mail\"\r\n"                               \
		     "* LIST (\\Junk) \"/\" \"[Gmail]/Spam\"\r\n* LIST () \"/\" Rivals\r\n"        \
		     "F2 OK\r\n"

static void
test_gmail(void)
{
	static const struct dialogue dialogues[] = {
		{ "each message once, with its labels; a draft is known by its label", { 0 },
		    CAN(" X-GM-EXT-1") GMAIL_LISTED OPENED("3", "2",
			"* OK [UIDNEXT 9] x\r\n") "* SEARCH 1 2\r\nF4 OK\r\n"
						  "* 1 FETCH (X-GM-THRID 1266894439832287888 "
						  "X-GM-MSGID 1278455344230334865 "
						  "X-GM-LABELS (\"\\\\Inbox\" \\Sent \"Plans, "
						  "\\\"new\\\"\" &U,BTFw-) UID 1 "
						  "BODY[] {2}\r\nhi)\r\n"
						  "* 2 FETCH (X-GM-MSGID 5 X-GM-LABELS (\\Draft) "
						  "UID 2 BODY[] {2}\r\nhi)\r\n"
						  "F5 OK\r\nF6 OK\r\n" OPENED(
						      "7", "0", "") "* SEARCH\r\nF8 OK\r\n",
		    "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\nF3 EXAMINE \"[Gmail]/All Mail\"\r\n"
		    "F4 UID SEARCH ALL\r\nF5 UID FETCH 1:2 (UID INTERNALDATE FLAGS RFC822.SIZE "
		    "X-GM-MSGID X-GM-THRID X-GM-LABELS BODY.PEEK[])\r\nF6 NOOP\r\n"
		    "F7 EXAMINE \"[Gmail]/Spam\"\r\nF8 UID SEARCH ALL\r\nF0 LOGOUT\r\n",
		    "begin INBOX (inbox) 0\nend INBOX (inbox) 0\n"
		    "begin [Gmail]/All Mail (all) 2\nmessage [Gmail]/All Mail 7/1 \"hi\"\n"
		    "message [Gmail]/All Mail 7/2 draft \"hi\"\nend [Gmail]/All Mail (all) 2\n"
		    "begin [Gmail]/Spam (junk) 0\nend [Gmail]/Spam (junk) 0\n"
		    "begin Rivals () 0\nend Rivals () 0\naccount ok\n",
		    "INBOX 0/0: is a label of [Gmail]/All Mail\n"
		    "1 1278455344230334865 1266894439832287888 "
		    "\\Inbox\\n\\Sent\\nPlans, \\\"new\\\"\\n\\345\\217\\260\\345\\214\\227\n"
		    "2 5  \\Draft\n[Gmail]/All Mail 9/0\n[Gmail]/Spam 0/0\n"
		    "Rivals 0/0: is a label of [Gmail]/All Mail\n" },
		{ "\\All is hidden: the folders are all there is", { 0 },
		    CAN(" X-GM-EXT-1") INBOX_LISTED
		    "F2 OK\r\n" OPENED("3", "0", "") "* SEARCH\r\nF4 OK\r\n",
		    "", "begin INBOX (inbox) 0\nend INBOX (inbox) 0\naccount ok\n", "" },
		{ "a round number of messages", { 5, 1000, 9, 0, 0 },
		    CAN(" X-GM-EXT-1") INBOX_LISTED
		    "F2 OK\r\nF3 NO\r\n" OPENED("4", "1000", "") "* SEARCH 5\r\nF5 OK\r\n",
		    "", "",
		    "round-count: exactly 1000 messages: the user may have limited what Gmail "
		    "shows over IMAP, and the rest is hidden\nINBOX 0/0\n" },
		{ "labels of a server that has none are passed over", { 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\n" OPENED("3", "1",
			"") "* SEARCH 1\r\nF4 OK\r\n"
			    "* 1 FETCH (X-GM-MSGID 5 X-GM-LABELS (\\Draft (x)) UID 1 BODY[] "
			    "{2}\r\nhi)\r\nF5 OK\r\nF6 OK\r\n",
		    "",
		    "begin INBOX (inbox) 1\nmessage INBOX 7/1 \"hi\"\nend INBOX (inbox) 1\n"
		    "account ok\n",
		    "INBOX 0/0\n" },
	};

	play(dialogues, G_N_ELEMENTS(dialogues));
}

/* What may matter most is read first. */
static void
test_order(void)
{
	static const char script[] =
	    CAN("") "* LIST () \"/\" a\r\n* LIST () \"/\" INBOX\r\n* LIST () \"/\" Junk\r\n"
		    "* LIST () \"/\" Drafts\r\n* LIST (\\Sent) \"/\" z\r\nF2 OK\r\n";
	struct player player;

	player_run(&player, PROTOCOL_IMAP, NULL, script, strlen(script), 4096);
	g_assert_true(g_str_has_prefix(
	    player.details->str, "z 0/0\nDrafts 0/0\nINBOX 0/0\na 0/0\nJunk 0/0\n"));
	player_clear(&player);
}

static void
test_wait(void)
{
	static const struct {
		const char *text;
		guint32 seconds;
		bool all;
	} cases[] = {
		{ "Request is throttled. Suggested Backoff Time: 299961 milliseconds", 300, true },
		{ "throttled, back off 1500 ms", 2, true },
		{ "[THROTTLED] slow down", 300, true },
		{ "[OVERQUOTA] Account exceeded command or bandwidth limits.", 3600, true },
		{ "[UNAVAILABLE] user's backend is down", 60, false },
		{ "[UNAVAILABLE] try again in 2 minutes", 120, true },
		{ "[INUSE] locked", 60, false },
		{ "[LIMIT] too many", 300, false },
		{ "Too busy, retry after 99999999999 hours", 86400, true },
		{ "Please wait 7", 7, true },
		{ "no such folder 12345", 0, false },
		{ "", 0, false },
	};
	static const struct dialogue dialogues[] = {
		{ "throttled amid the messages: the pass ends, and says until when", { 0 },
		    CAN("") INBOX_LISTED
		    "F2 OK\r\n" OPENED("3", "2", "") "* SEARCH 1 2\r\nF4 OK\r\n"
						     "F5 NO Request is throttled. Suggested "
						     "Backoff Time: 5000 milliseconds\r\n",
		    "",
		    "begin INBOX (inbox) 2\nend INBOX (inbox) 2 failed: the server wants to be "
		    "left "
		    "alone for 5 s: Request is throttled. Suggested Backoff Time: 5000 "
		    "milliseconds\naccount away: the server wants to be left alone for 5 s: "
		    "Request is throttled. Suggested Backoff Time: 5000 milliseconds\n",
		    "INBOX 0/0\nwait 5\n" },
		{ "one folder is not available: the others are", { 0 },
		    CAN("") INBOX_LISTED "F2 OK\r\nF3 NO [UNAVAILABLE] later\r\nF4 BAD none\r\n",
		    "",
		    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 failed: the server refuses to open "
		    "it: [UNAVAILABLE] later\naccount ok\n",
		    "INBOX 0/0\nwait 60\n" },
		{ "a folder whose name asks for a pause", { 0 },
		    CAN("") "* LIST () \"/\" \"retry 9000\"\r\nF2 OK\r\n"
			    "F3 NO Mailbox doesn't exist: retry 9000\r\nF4 BAD none\r\n",
		    "",
		    "begin retry 9000 () 0\nend retry 9000 () 0 failed: the server refuses to open "
		    "it: Mailbox doesn't exist: retry 9000\naccount ok\n",
		    "retry 9000 0/0\n" },
		{ "BYE with a time", { 0 }, "* BYE [UNAVAILABLE] try again in 90 seconds\r\n", "",
		    "", "wait 90\n" },
		{ "an alert is shown", { 0 },
		    CAN("") "* OK [ALERT] System goes down at noon\r\n* LIST () \"/\" \"\"\r\n"
			    "F2 OK [ALERT] Really\r\n",
		    "", "", "server-alert: System goes down at noon\nserver-alert: Really\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		bool all;
		g_test_message("%s", cases[i].text);
		g_assert_cmpuint(imap_wait_seconds(cases[i].text, &all), ==, cases[i].seconds);
		g_assert_true(all == cases[i].all);
	}
	play(dialogues, G_N_ELEMENTS(dialogues));
}

static void
test_ranges(void)
{
	static const struct {
		const char *text, *expect;
	} cases[] = {
		{ "7", "7-7 " },
		{ "3,9:7,4294967295", "3-3 7-9 4294967295-4294967295 " },
		{ "0", NULL },
		{ "", NULL },
		{ "1,", NULL },
		{ "1:", NULL },
		{ "1:*", NULL },
		{ "4294967296", NULL },
		{ "99999999999999999999999", NULL },
		{ "1,2,3,4,5", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(struct uidset_range));
		g_autoptr(GString) text = g_string_new(NULL);
		g_test_message("%s", cases[i].text);
		bool fine = uidset_parse(cases[i].text, ranges, 4);
		g_assert_true(fine == (cases[i].expect != NULL));
		for (guint n = 0; n < ranges->len; n++)
			g_string_append_printf(text, "%u-%u ",
			    g_array_index(ranges, struct uidset_range, n).from,
			    g_array_index(ranges, struct uidset_range, n).to);
		if (fine)
			g_assert_cmpstr(text->str, ==, cases[i].expect);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/imap-short/told", test_told);
	g_test_add_func("/imap-short/status", test_status);
	g_test_add_func("/imap-short/gaps", test_gaps);
	g_test_add_func("/imap-short/qresync", test_qresync);
	g_test_add_func("/imap-short/utf8", test_utf8);
	g_test_add_func("/imap-short/gmail", test_gmail);
	g_test_add_func("/imap-short/order", test_order);
	g_test_add_func("/imap-short/wait", test_wait);
	g_test_add_func("/imap-short/ranges", test_ranges);
	return g_test_run();
}
