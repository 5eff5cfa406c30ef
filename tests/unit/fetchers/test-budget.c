/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#include "fetchers/pace.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

/* 200 bytes, so that a budget is soon used. */
#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define LARGE FIFTY FIFTY FIFTY FIFTY
#define LISTED                                                                                     \
	"* CAPABILITY IMAP4rev1\r\nF1 OK\r\n"                                                      \
	"* LIST () \"/\" INBOX\r\n* LIST () \"/\" Old\r\n* LIST () \"/\" Odd\r\nF2 OK\r\n"
#define EXAMINED "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\nF3 OK done\r\n"
#define FOUND    LISTED EXAMINED "* SEARCH 1 2 3\r\nF4 OK\r\n"
#define SIZED                                                                                      \
	"* 1 FETCH (UID 1 RFC822.SIZE 200)\r\n* 2 FETCH (UID 2 RFC822.SIZE 200)\r\n"               \
	"* 3 FETCH (UID 3 RFC822.SIZE 200)\r\nF5 OK\r\n"
#define ONE(n)  "* " n " FETCH (UID " n " FLAGS () BODY[] {200}\r\n" LARGE ")\r\n"
#define BEFORE  (strlen(FOUND SIZED))
#define MAIL(n) "message INBOX 7/" n " \"" FIFTY TEN "\"\n"
#define COUNTED                                                                                    \
	"* STATUS Old (MESSAGES 40 UIDNEXT 50 UIDVALIDITY 3)\r\n* STATUS Odd (MESSAGES 0)\r\n"
#define THE_REST                                                                                   \
	"begin Old () 0\nend Old () 40 waiting=40\nbegin Odd () 0\n"                               \
	"end Odd () 0 failed: the day's budget is used, and the server does not say what it "      \
	"holds\naccount waiting\n"

static const struct {
	const char *label;
	gsize budget;
	const char *script, *expect, *sent;
} dialogues[] = {
	{ "there is room for one, and the one that crosses the line comes whole", BEFORE + 100,
	    FOUND SIZED ONE("1") "F6 OK\r\n" COUNTED "F7 OK\r\nF8 OK\r\n",
	    "begin INBOX (inbox) 3\n" MAIL("1") "end INBOX (inbox) 3 waiting=2\n" THE_REST,
	    "UID FETCH 1 (UID INTERNALDATE" },
	{ "room for two", BEFORE + 201,
	    FOUND SIZED ONE("1") ONE("2") "F6 OK\r\n" COUNTED "F7 OK\r\nF8 OK\r\n",
	    "begin INBOX (inbox) 3\n" MAIL("1")
		MAIL("2") "end INBOX (inbox) 3 waiting=1\n" THE_REST,
	    "UID FETCH 1:2 (UID INTERNALDATE" },
	{ "no more room than for the way there: nothing is fetched, all is counted", 10,
	    FOUND SIZED COUNTED "F6 OK\r\nF7 OK\r\n",
	    "begin INBOX (inbox) 3\nend INBOX (inbox) 3 waiting=3\n" THE_REST,
	    "UID FETCH 1:3 (UID RFC822.SIZE)" },
	{ "sizes that nobody tells: one at a time", BEFORE + 100,
	    FOUND "F5 BAD what?\r\n" ONE("1") "F6 OK\r\n" COUNTED "F7 OK\r\nF8 OK\r\n",
	    "begin INBOX (inbox) 3\n" MAIL("1") "end INBOX (inbox) 3 waiting=2\n" THE_REST,
	    "UID FETCH 1 (UID INTERNALDATE" },
	{ "a server that lies about sizes sends two limits too much at most", BEFORE + 10,
	    FOUND SIZED ONE("1") "* OK " LARGE LARGE LARGE LARGE LARGE LARGE LARGE LARGE LARGE LARGE
				 "\r\n",
	    "begin INBOX (inbox) 3\n" MAIL("1") "end INBOX (inbox) 3 failed: the server sent far "
						"more than it announced",
	    "UID FETCH 1 (UID INTERNALDATE" },
};

static void
play(struct player *player, enum account_protocol protocol, const char *script, guint64 budget,
    gsize piece)
{
	struct session *session =
	    player_session(player, protocol, NULL, script, strlen(script), piece);

	session->task.bytes = budget;
	session_start(session, &player->link);
	while (session_pump(session, 1000))
		;
	g_assert_true(session->done);
	session_free(session);
}

static void
test_imap(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		struct player player;
		g_test_message("%s", dialogues[i].label);
		/* Byte by byte: a server does not send what it was not asked for yet. */
		play(&player, PROTOCOL_IMAP, dialogues[i].script, dialogues[i].budget, 1);
		if (!g_str_has_prefix(player.events->str, dialogues[i].expect))
			g_assert_cmpstr(player.events->str, ==, dialogues[i].expect);
		g_assert_nonnull(strstr(player.commands->str, dialogues[i].sent));
		player_clear(&player);
	}
}

static void
test_pop3(void)
{
	static const char script[] = "+OK\r\n.\r\n+OK 3 600\r\n"
				     "+OK\r\n1 aa\r\n2 bb\r\n3 cc\r\n.\r\n"
				     "+OK\r\n1 200\r\n2 200\r\n3 200\r\n.\r\n"
				     "+OK\r\nSubject: 1\r\n\r\n" LARGE "\r\n.\r\n";
	struct player player;

	g_test_message("what LIST says decides what is asked for; the list of what is there is not "
		       "whole, so nothing is called gone");
	play(&player, PROTOCOL_POP3, script, 150, 10);
	g_assert_nonnull(
	    strstr(player.events->str, "end INBOX (inbox) 3 waiting=2\naccount waiting"));
	g_assert_nonnull(strstr(player.commands->str, "RETR 1\r\nQUIT"));
	player_clear(&player);
}

static void
test_pace(void)
{
	struct pace pace;
	guint n = 0;

	pace_init(&pace, 30, 1000 * SECOND);
	g_test_message("a minute's commands at once, then one every two seconds");
	while (pace_take(&pace, 1000 * SECOND))
		n++;
	g_assert_cmpuint(n, ==, 30);
	g_assert_cmpint(pace_next(&pace, 1000 * SECOND), ==, 1002 * SECOND);
	g_assert_false(pace_take(&pace, 1001 * SECOND));
	g_assert_true(pace_take(&pace, 1002 * SECOND));
	g_assert_false(pace_take(&pace, 1002 * SECOND));
	g_test_message("a day of rest gives no more than a minute's");
	for (n = 0; pace_take(&pace, 90000 * SECOND);)
		n++;
	g_assert_cmpuint(n, ==, 30);
	g_test_message("what went unasked is made up for");
	pace_charge(&pace, 3);
	g_assert_cmpint(pace_next(&pace, 90000 * SECOND), ==, 90008 * SECOND);
	g_test_message("a clock that stands still or goes back gives nothing away");
	g_assert_false(pace_take(&pace, 80000 * SECOND));
}

/* Ten folders, whose commands all go at once where nobody counts them. */
static void
test_commands(void)
{
	static const char script[] = LISTED;
	struct pace pace;
	struct player player;
	struct session *session =
	    player_session(&player, PROTOCOL_IMAP, NULL, script, strlen(script), 100);
	gint64 now = g_get_monotonic_time();

	player.silent = true;
	pace_init(&pace, 10, now);
	session->pace = &pace;
	for (guint i = 0; i < 6; i++)
		pace_take(&pace, now);
	session_start(session, &player.link);
	session_pump(session, 1000);
	g_test_message("the login took three of ten, six were used: one is left");
	g_assert_cmpstr(player.commands->str, ==, "F1 CAPABILITY\r\n");
	g_test_message("waiting is no silence of the server's, however long it takes");
	gint64 again = session_check_time(session, now + 5 * SECOND);
	g_assert_cmpint(again, >, now + 5 * SECOND);
	g_assert_cmpint(again, <=, now + 7 * SECOND);
	g_assert_false(session->done);
	session_check_time(session, now + 7 * SECOND);
	session_pump(session, 1000);
	g_assert_cmpstr(player.commands->str, ==, "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\n");
	g_test_message("who leaves does not wait for its turn");
	session_stop(session);
	session_pump(session, 0);
	g_assert_true(g_str_has_suffix(player.commands->str, "F0 LOGOUT\r\n"));
	session_free(session);
	player_clear(&player);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/budget/imap", test_imap);
	g_test_add_func("/budget/pop3", test_pop3);
	g_test_add_func("/budget/pace", test_pace);
	g_test_add_func("/budget/commands", test_commands);
	return g_test_run();
}
