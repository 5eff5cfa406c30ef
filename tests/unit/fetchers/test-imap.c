/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

/* What every server here says first. */
#define LISTED                                                                                     \
	"garbage of the login\r\n* CAPABILITY IMAP4rev1\r\nF1 OK\r\n"                              \
	"* LIST (\\HasNoChildren) \"/\" INBOX\r\nF2 OK\r\n"
#define EXAMINED(exists)                                                                           \
	"* " exists " EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\nF3 OK done\r\n"
#define MESSAGE(seq, uid) "* " seq " FETCH (UID " uid " FLAGS () BODY[] {5}\r\nm" uid "\r\n)\r\n"
#define AFTER(n)          "F" n " OK\r\n"

/* What the store knows: at UIDVALIDITY 7, up to last, with one UID to be tried again (0: none). */
struct before {
	guint32 uidvalidity, last, present, retry;
};

static struct fetch_state *
make_state(const struct before *before)
{
	if (before->uidvalidity == 0)
		return NULL;
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	state->folder = g_strdup("INBOX");
	state->uidvalidity = before->uidvalidity;
	state->last_uid = before->last;
	state->present = before->present;
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (before->retry > 0)
		g_array_append_val(state->retry, before->retry);
	return state;
}

static const struct {
	const char *label;
	struct before before;
	const char *script, *expect;
} dialogues[] = {
	{ "a first pass", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 5\r\nF4 OK\r\n" MESSAGE("1", "01") MESSAGE("2", "05")
		AFTER("5") AFTER("6"),
	    "begin INBOX (inbox) 2\nmessage INBOX 7/1 \"m01\\r\\n\"\nmessage INBOX 7/5 "
	    "\"m05\\r\\n\"\n"
	    "end INBOX (inbox) 2\naccount ok\n" },
	{ "n:* finds one that is known", { 7, 5, 2, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 2\naccount ok\n" },
	{ "an empty folder whose search is refused", { 0 }, LISTED EXAMINED("0") "F4 BAD empty\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0\naccount ok\n" },
	{ "the folder cannot be opened", { 0 }, LISTED "F3 NO denied\r\nF4 BAD none\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 failed: the server refuses to open it: "
	    "denied\naccount ok\n" },
	{ "UIDVALIDITY changed: everything anew", { 6, 5, 2, 0 },
	    LISTED EXAMINED("1") "* SEARCH 9\r\nF4 OK\r\n* SEARCH 1\r\nF5 OK\r\n" MESSAGE("1", "01")
		AFTER("6") AFTER("7"),
	    "note INBOX uidvalidity-changed\nbegin INBOX (inbox) 1 changed\n"
	    "message INBOX 7/1 \"m01\\r\\n\"\nend INBOX (inbox) 1 changed\naccount ok\n" },
	{ "no UIDVALIDITY", { 0 },
	    LISTED "* 1 EXISTS\r\nF3 OK\r\n* SEARCH 1\r\nF4 OK\r\n" MESSAGE("1", "01") AFTER("5")
		AFTER("6"),
	    "note INBOX no-uidvalidity\nbegin INBOX (inbox) 1\nmessage INBOX 1/1 \"m01\\r\\n\"\n"
	    "end INBOX (inbox) 1\naccount ok\n" },
	{ "mail arrives during the pass", { 0 },
	    LISTED EXAMINED("1") "* SEARCH 1\r\nF4 OK\r\n" MESSAGE("1", "01")
		AFTER("5") "* 2 EXISTS\r\nF6 OK\r\n* SEARCH 1 2\r\nF7 OK\r\n" MESSAGE("2", "02")
		    AFTER("8") AFTER("9"),
	    "begin INBOX (inbox) 1\nmessage INBOX 7/1 \"m01\\r\\n\"\nmessage INBOX 7/2 "
	    "\"m02\\r\\n\"\n"
	    "end INBOX (inbox) 2\naccount ok\n" },
	{ "a message goes unanswered", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\n" MESSAGE("2", "02") AFTER("5")
		AFTER("6"),
	    "begin INBOX (inbox) 2\nfailed INBOX 7/1 no-answer again\n"
	    "message INBOX 7/2 \"m02\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n" },
	{ "answers out of order leave in order", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\n" MESSAGE("2", "02") MESSAGE("1", "01")
		AFTER("5") AFTER("6"),
	    "begin INBOX (inbox) 2\nmessage INBOX 7/1 \"m01\\r\\n\"\nmessage INBOX 7/2 "
	    "\"m02\\r\\n\"\n"
	    "end INBOX (inbox) 2\naccount ok\n" },
	{ "another UID than asked for", { 0 },
	    LISTED EXAMINED("1") "* SEARCH 1\r\nF4 OK\r\n" MESSAGE("1", "33") AFTER("5") AFTER("6"),
	    "begin INBOX (inbox) 1\nnote INBOX unasked-answer\n"
	    "failed INBOX 7/1 no-answer again\nend INBOX (inbox) 1\naccount ok\n" },
	{ "a batch refused is asked for in pieces", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\nF5 NO broken\r\nF6 OK\r\nF7 NO "
				 "broken\r\n" MESSAGE("2", "02") AFTER("8"),
	    "begin INBOX (inbox) 2\nfailed INBOX 7/1 no-answer again\n"
	    "message INBOX 7/2 \"m02\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n" },
	{ "flags, expunges and new counts in between", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\n* 1 FETCH (FLAGS (\\Seen))\r\n" MESSAGE(
		"1", "01") "* 1 EXPUNGE\r\n* OK still here {3}\r\n" MESSAGE("1", "02") AFTER("5")
		AFTER("6") "* SEARCH 2\r\nF7 OK\r\n* SEARCH 2\r\nF8 OK\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 7/1 \"m01\\r\\n\"\nmessage INBOX 7/2 "
	    "\"m02\\r\\n\"\n"
	    "end INBOX (inbox) 1 present=2\naccount ok\n" },
	{ "bodies as a quoted string, empty, and NIL", { 0 },
	    LISTED EXAMINED("3") "* SEARCH 1 2 3\r\nF4 OK\r\n"
				 "* 1 FETCH (UID 1 BODY[] \"a\\\"b\")\r\n"
				 "* 2 FETCH (UID 2 BODY[] \"\")\r\n"
				 "* 3 FETCH (UID 3 BODY[] NIL)\r\nF5 OK\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 3\nmessage INBOX 7/1 \"a\\\"b\"\nmessage INBOX 7/2 \"\"\n"
	    "failed INBOX 7/3 no-answer again\nend INBOX (inbox) 3\naccount ok\n" },
	{ "the UID behind the body", { 0 },
	    LISTED EXAMINED("1") "* SEARCH 1\r\nF4 OK\r\n* 1 FETCH (BODY[] {2}\r\nhi UID 1)\r\n"
				 "F5 OK\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 1\nmessage INBOX 7/1 \"hi\"\nend INBOX (inbox) 1\naccount ok\n" },
	{ "cut in mid-literal", { 0 },
	    LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\n" MESSAGE(
		"1", "01") "* 2 FETCH (UID 2 BODY[] {400}\r\nhalf",
	    "begin INBOX (inbox) 2\nmessage INBOX 7/1 \"m01\\r\\n\"\nfailed INBOX 7/2 cut-off "
	    "again\n"
	    "end INBOX (inbox) 2 failed: the server closed the connection\n"
	    "account away: the server closed the connection\n" },
	{ "BYE in the middle", { 0 }, LISTED EXAMINED("2") "* BYE going down\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 2 failed: the server said goodbye: going "
	    "down\naccount away: the server said goodbye: going down\n" },
	{ "BYE before the first answer", { 0 }, "* BYE full\r\n",
	    "account away: the server said goodbye: full\n" },
	{ "a literal bomb", { 0 },
	    LISTED EXAMINED("1") "* SEARCH 1\r\nF4 OK\r\n"
				 "* 1 FETCH (UID 1 BODY[] {4294967296}\r\nx",
	    "begin INBOX (inbox) 1\nfailed INBOX 7/1 over-limit\n"
	    "end INBOX (inbox) 1 failed: UID 1: the server announces 4294967296 bytes, more than "
	    "we would even skip\naccount protocol: UID 1: the server announces 4294967296 bytes, "
	    "more than we would even skip\n" },
	{ "what failed before is asked for again, last", { 7, 5, 2, 3 },
	    LISTED EXAMINED("4") "* SEARCH 3 6\r\nF4 OK\r\n" MESSAGE("4", "06") AFTER("5")
		AFTER("6") MESSAGE("3", "03") AFTER("7"),
	    "begin INBOX (inbox) 2\nmessage INBOX 7/6 \"m06\\r\\n\"\nmessage INBOX 7/3 "
	    "\"m03\\r\\n\"\n"
	    "end INBOX (inbox) 4\naccount ok\n" },
	{ "what failed before is gone", { 7, 5, 2, 3 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n* SEARCH 2 5\r\nF5 OK\r\n"
				 "* SEARCH 2 5\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 2 present=2,5\naccount ok\n" },
	{ "fewer messages than we know of", { 7, 5, 3, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n* SEARCH 5 1\r\nF5 OK\r\n"
				 "* SEARCH 1 5\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 2 present=1,5\naccount ok\n" },
	{ "two lists that do not agree: what either names is there", { 7, 5, 3, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n* SEARCH 1\r\nF5 OK\r\n"
				 "* SEARCH 4 5\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 3 present=1,4,5\naccount ok\n" },
	{ "a list that is cut proves nothing", { 7, 5, 3, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n* SEARCH 5\r\nF5 OK\r\n"
				 "* SEARCH 5\r\nF6 OK\r\n",
	    "begin INBOX (inbox) 0\nnote INBOX unsure-count\nend INBOX (inbox) 2\naccount "
	    "ok\n" },
	{ "an empty list, and messages", { 7, 5, 3, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\n* SEARCH\r\nF5 OK\r\n"
				 "F6 OK\r\n",
	    "begin INBOX (inbox) 0\nnote INBOX unsure-count\nend INBOX (inbox) 2\naccount "
	    "ok\n" },
	{ "the list is refused", { 7, 5, 3, 0 },
	    LISTED EXAMINED("2") "* SEARCH 5\r\nF4 OK\r\nF5 NO never\r\n",
	    "begin INBOX (inbox) 0\nnote INBOX unsure-count\nend INBOX (inbox) 2\naccount "
	    "ok\n" },
	{ "the list of folders is refused", { 0 }, "F1 OK\r\nF2 NO never\r\n",
	    "account protocol: the server refuses to list the folders: never\n" },
	{ "a line that is no protocol", { 0 }, LISTED "* 1 FETCH (BODY[] {-1}\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 failed: literal: its size is no number up "
	    "to 2^63 (RFC 3501 section 4.3)\naccount protocol: literal: its size is no number up "
	    "to 2^63 (RFC 3501 section 4.3)\n" },
};

static void
test_dialogues(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		gsize size = strlen(dialogues[i].script);
		g_test_message("%s", dialogues[i].label);
		for (gsize piece = 1; piece <= size; piece += piece < 40 ? 1 : 97) {
			struct player player;
			player_run(&player, PROTOCOL_IMAP, make_state(&dialogues[i].before),
			    dialogues[i].script, size, piece);
			g_assert_cmpstr(player.events->str, ==, dialogues[i].expect);
			player_clear(&player);
		}
	}
}

/* Dropped at every byte: the pass always ends, and nothing is emitted that was not there. */
static void
test_dropped(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		gsize size = strlen(dialogues[i].script);
		for (gsize end = 0; end < size; end++) {
			struct player player;
			player_run(&player, PROTOCOL_IMAP, make_state(&dialogues[i].before),
			    dialogues[i].script, end, 4096);
			g_assert_nonnull(strstr(player.events->str, "account "));
			player_clear(&player);
		}
	}
}

static void
test_over_limit(void)
{
	g_autofree char *big = g_strnfill(2000, 'x');
	g_autofree char *script =
	    g_strconcat(LISTED EXAMINED("2") "* SEARCH 1 2\r\nF4 OK\r\n"
					     "* 1 FETCH (UID 1 BODY[] {2000}\r\n",
		big, ")\r\n" MESSAGE("2", "02") AFTER("5") AFTER("6"), NULL);
	struct player player;

	player_run(&player, PROTOCOL_IMAP, NULL, script, strlen(script), 100);
	g_assert_cmpstr(player.events->str, ==,
	    "begin INBOX (inbox) 2\nfailed INBOX 7/1 over-limit\n"
	    "message INBOX 7/2 \"m02\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n");
	player_clear(&player);
}

static void
test_commands(void)
{
	struct before before = { 7, 5, 2, 3 };
	const char *script = LISTED EXAMINED("4") "* SEARCH 3 6 7 9\r\nF4 OK\r\n";
	struct player player;

	player_run(&player, PROTOCOL_IMAP, make_state(&before), script, strlen(script), 4096);
	g_assert_cmpstr(player.commands->str, ==,
	    "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\nF3 EXAMINE \"INBOX\"\r\n"
	    "F4 UID SEARCH UID 3,6:*\r\n"
	    "F5 UID FETCH 6:7,9 (UID INTERNALDATE FLAGS RFC822.SIZE BODY.PEEK[])\r\n"
	    "F6 NOOP\r\n");
	player_clear(&player);
}

/* A server that answers from the last to the first, more than are kept waiting: one slice. */
static void
test_backwards(void)
{
	g_autoptr(GString) script = g_string_new(LISTED EXAMINED("500") "* SEARCH");
	struct player player;
	guint messages = 0, failures = 0;

	for (guint uid = 1; uid <= 500; uid++)
		g_string_append_printf(script, " %u", uid);
	g_string_append(script, "\r\nF4 OK\r\n");
	for (guint uid = 500; uid >= 1; uid--)
		g_string_append_printf(
		    script, "* %u FETCH (UID %u BODY[] {2}\r\nab)\r\n", uid, uid);
	g_string_append(script, "F5 OK\r\nF6 OK\r\n");
	player_run(&player, PROTOCOL_IMAP, NULL, script->str, script->len, 4096);
	for (const char *at = player.events->str; (at = strstr(at, "\nmessage")) != NULL; at++)
		messages++;
	for (const char *at = player.events->str; (at = strstr(at, "\nfailed")) != NULL; at++)
		failures++;
	g_assert_cmpuint(messages, ==, 500);
	g_assert_cmpuint(failures, <, 500);
	g_assert_nonnull(strstr(player.events->str, "end INBOX (inbox) 500\naccount ok\n"));
	player_clear(&player);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/imap/dialogues", test_dialogues);
	g_test_add_func("/imap/dropped", test_dropped);
	g_test_add_func("/imap/over-limit", test_over_limit);
	g_test_add_func("/imap/commands", test_commands);
	g_test_add_func("/imap/backwards", test_backwards);
	return g_test_run();
}
