/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#define CAPA      "+OK\r\nUIDL\r\nPIPELINING\r\n.\r\n"
#define CAPA_SLOW "-ERR what?\r\n"

static struct fetch_state *
make_state(const char *uidls)
{
	if (uidls == NULL)
		return NULL;
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	state->folder = g_strdup("INBOX");
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	state->uidls = g_strsplit(uidls, ",", -1);
	return state;
}

static const struct {
	const char *label;
	const char *known;
	const char *script, *expect;
} dialogues[] = {
	{ "a first pass", NULL,
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 11\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n+OK\r\n..dot\r\n.\r\n+OK bye\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa/10/ \"hi\\r\\n\"\n"
	    "message INBOX 0/bb/11/ \".dot\\r\\n\"\nend INBOX (inbox) 2 present=aa/10/,bb/11/\n"
	    "account ok\n" },
	{ "what is known is not retrieved", "aa/10/",
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 10\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n",
	    "begin INBOX (inbox) 1\nmessage INBOX 0/bb/10/ \"hi\\r\\n\"\n"
	    "end INBOX (inbox) 2 present=aa/10/,bb/10/\naccount ok\n" },
	{ "a record without a size is known by its UIDL alone", "aa",
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 1 present=aa\naccount ok\n" },
	{ "LIST is refused this time", "aa/10/", CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n-ERR\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 1 present=aa/10/\naccount ok\n" },
	{ "what is known and gone is said", "aa/10/,zz/4/",
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 1 present=aa/10/\naccount ok\n" },
	{ "an empty maildrop", NULL, CAPA "+OK 0 0\r\n+OK\r\n.\r\n+OK\r\n.\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 present=\naccount ok\n" },
	{ "without CAPA, one after the other", NULL,
	    CAPA_SLOW "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n.\r\n"
		      "+OK\r\nhi\r\n.\r\n+OK\r\nho\r\n.\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa/10/ \"hi\\r\\n\"\n"
	    "message INBOX 0/bb// \"ho\\r\\n\"\nend INBOX (inbox) 2 present=aa/10/,bb//\n"
	    "account ok\n" },
	{ "cut before the final dot", NULL,
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n+OK\r\nhi\r\n.\r",
	    "begin INBOX (inbox) 1\nfailed INBOX 0/aa/10/ cut-off again\n"
	    "end INBOX (inbox) 1 failed: the server closed the connection\n"
	    "account away: the server closed the connection\n" },
	{ "line ends of LF alone end no message", NULL,
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n+OK\r\nhi\n.\nho\n.\n",
	    "begin INBOX (inbox) 1\nfailed INBOX 0/aa/10/ cut-off again\n"
	    "end INBOX (inbox) 1 failed: the server closed the connection\n"
	    "account away: the server closed the connection\n" },
	{ "a bare LF and a dot, a lone CR and a dot: text", NULL,
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n"
		 "+OK\r\na\n.\nb\r.\rc\r\n..\r\n.x\r\n.\r\n",
	    "begin INBOX (inbox) 1\n"
	    "message INBOX 0/aa/10/ \"a\\n.\\nb\\r.\\rc\\r\\n.\\r\\nx\\r\\n\"\n"
	    "end INBOX (inbox) 1 present=aa/10/\naccount ok\n" },
	{ "sizes that lie, in every place", NULL,
	    CAPA "+OK 2 99999999999999999999\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n"
		 "+OK 2 messages\r\n1 4000000000\r\n2 1\r\n.\r\n"
		 "+OK 99999999999 octets\r\nhi\r\n.\r\n+OK 0 octets\r\nho\r\n.\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa/4000000000/ \"hi\\r\\n\"\n"
	    "message INBOX 0/bb/1/ \"ho\\r\\n\"\n"
	    "end INBOX (inbox) 2 present=aa/4000000000/,bb/1/\naccount ok\n" },
	{ "STAT counts too few: what is listed is fetched", NULL,
	    CAPA "+OK 1 10\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 10\r\n9 1\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n+OK\r\nho\r\n.\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa/10/ \"hi\\r\\n\"\n"
	    "message INBOX 0/bb/10/ \"ho\\r\\n\"\nend INBOX (inbox) 2 present=aa/10/,bb/10/\n"
	    "account ok\n" },
	{ "refused among others: once more alone, then a failure", NULL,
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n.\r\n-ERR busy\r\n"
		 "+OK\r\nho\r\n.\r\n-ERR no such message\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/bb// \"ho\\r\\n\"\n"
	    "failed INBOX 0/aa// no-answer again\nend INBOX (inbox) 2 present=aa//,bb//\n"
	    "account ok\n" },
	{ "refused among others, and given alone", NULL,
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n.\r\n-ERR busy\r\n"
		 "+OK\r\nho\r\n.\r\n+OK\r\nhi\r\n.\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/bb// \"ho\\r\\n\"\n"
	    "message INBOX 0/aa// \"hi\\r\\n\"\nend INBOX (inbox) 2 present=aa//,bb//\n"
	    "account ok\n" },
	{ "no STAT", NULL, CAPA "-ERR no\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 failed: the server refuses STAT: -ERR no\n"
	    "account protocol: the server refuses STAT: -ERR no\n" },
	{ "neither +OK nor -ERR", NULL, CAPA "* OK IMAP\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 failed: neither +OK nor -ERR (RFC 1939 "
	    "section 3): * OK IMAP\naccount protocol: neither +OK nor -ERR (RFC 1939 section 3): "
	    "* OK IMAP\n" },
	{ "more messages than anybody has", NULL, CAPA "+OK 99999999999999999999 1\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 18446744073709551615 failed: STAT: "
	    "\"99999999999999999999 1\" is no number of messages up to 1000000\naccount protocol: "
	    "STAT: \"99999999999999999999 1\" is no number of messages up to 1000000\n" },
};

static void
test_dialogues(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		gsize size = strlen(dialogues[i].script);
		g_test_message("%s", dialogues[i].label);
		for (gsize piece = 1; piece <= size; piece++) {
			struct player player;
			player_run(&player, PROTOCOL_POP3, make_state(dialogues[i].known),
			    dialogues[i].script, size, piece);
			g_assert_cmpstr(player.events->str, ==, dialogues[i].expect);
			player_clear(&player);
		}
		for (gsize end = 0; end < size; end++) {
			struct player player;
			player_run(&player, PROTOCOL_POP3, make_state(dialogues[i].known),
			    dialogues[i].script, end, 4096);
			g_assert_nonnull(strstr(player.events->str, "account "));
			player_clear(&player);
		}
	}
}

static void
test_commands(void)
{
	const char *script =
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n.\r\n+OK\r\nhi\r\n"
		 ".\r\n+OK\r\nho\r\n.\r\n";
	struct player player;

	player_run(&player, PROTOCOL_POP3, NULL, script, strlen(script), 4096);
	g_assert_cmpstr(player.commands->str, ==,
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n");
	player_clear(&player);
}

static void
test_over_limit(void)
{
	g_autofree char *big = g_strnfill(2000, 'x');
	g_autofree char *script = g_strconcat(CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n"
						   ".\r\n+OK\r\n",
	    big, "\r\n.\r\n+OK\r\nho\r\n.\r\n", NULL);
	struct player player;

	player_run(&player, PROTOCOL_POP3, NULL, script, strlen(script), 333);
	g_assert_cmpstr(player.events->str, ==,
	    "begin INBOX (inbox) 2\nfailed INBOX 0/aa// over-limit\n"
	    "message INBOX 0/bb// \"ho\\r\\n\"\nend INBOX (inbox) 2 present=aa//,bb//\n"
	    "account ok\n");
	player_clear(&player);
}

/* A server that loses what is pipelined: silence, and another connection, or the end. */
static const struct {
	const char *label, *known;
	const char *first, *second;
	const char *commands, *events;
} losses[] = {
	{ "all but the first command are lost", "zz/10/", CAPA "+OK 2 20\r\n",
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 10\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n+OK\r\nho\r\n.\r\n",
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\n"
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n",
	    "note INBOX lost-answers\nbegin INBOX (inbox) 2\nmessage INBOX 0/aa/10/ \"hi\\r\\n\"\n"
	    "message INBOX 0/bb/10/ \"ho\\r\\n\"\n"
	    "end INBOX (inbox) 2 present=aa/10/,bb/10/\naccount ok\n" },
	{ "what was given is not asked for again, though it has another number now", NULL,
	    CAPA "+OK 3 30\r\n+OK\r\n1 aa\r\n2 bb\r\n3 bb\r\n.\r\n"
		 "+OK\r\n1 10\r\n2 10\r\n3 11\r\n.\r\n+OK\r\nhi\r\n.\r\n",
	    CAPA "+OK 3 30\r\n+OK\r\n1 bb\r\n2 bb\r\n3 aa\r\n.\r\n"
		 "+OK\r\n1 10\r\n2 11\r\n3 10\r\n.\r\n"
		 "+OK\r\nho\r\n.\r\n+OK\r\nhu\r\n.\r\n",
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\n"
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n",
	    "note INBOX repeated-uidl\nbegin INBOX (inbox) 3\n"
	    "message INBOX 0/aa/10/ \"hi\\r\\n\"\nnote INBOX lost-answers\n"
	    "message INBOX 0/bb#sha256:"
	    "99837cebd2f0b5b02318b63b2e898fc1bb76589989e02685b75e978b189faeb4/10/ \"ho\\r\\n\"\n"
	    "message INBOX 0/bb#sha256:"
	    "e0fab336c4f3a6a6b4555f6718b38b1d5c3c84edb34ac02f5acc46604d4faa6c/11/ \"hu\\r\\n\"\n"
	    "end INBOX (inbox) 3 present=bb#sha256:"
	    "99837cebd2f0b5b02318b63b2e898fc1bb76589989e02685b75e978b189faeb4/10/,bb#sha256:"
	    "e0fab336c4f3a6a6b4555f6718b38b1d5c3c84edb34ac02f5acc46604d4faa6c/11/,aa/10/\naccount "
	    "ok\n" },
	{ "silence without pipelining is silence", NULL, CAPA_SLOW "+OK 1 10\r\n", NULL,
	    "CAPA\r\nSTAT\r\nUIDL\r\nQUIT\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 1 failed: the server sent 0 bytes within "
	    "60 s, and we were waiting for it\naccount away: the server sent 0 bytes within 60 s, "
	    "and we were waiting for it\n" },
	{ "silence within a message is no lost command", NULL,
	    CAPA "+OK 1 10\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n+OK\r\nhi", NULL,
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nQUIT\r\n", NULL },
	{ "one by one it is silent too: the end", NULL, CAPA "+OK 1 10\r\n", CAPA "+OK 1 10\r\n",
	    "CAPA\r\nSTAT\r\nUIDL\r\nLIST\r\nCAPA\r\nSTAT\r\nUIDL\r\nQUIT\r\n", NULL },
};

static void
go_silent(struct session *session)
{
	while (session_pump(session, 1000))
		;
	if (!session->done)
		session_check_time(
		    session, g_get_monotonic_time() +
				 (gint64)session->limits->seconds_of_silence * G_USEC_PER_SEC + 1);
	if (session->done)
		session_pump(session, 0);
}

static void
test_losses(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(losses); i++) {
		struct player player;
		g_test_message("%s", losses[i].label);
		struct session *session = player_session(&player, PROTOCOL_POP3,
		    make_state(losses[i].known), losses[i].first, strlen(losses[i].first), 4096);
		player.silent = true;
		session_start(session, &player.link);
		go_silent(session);
		g_assert_true(session->stranded == (losses[i].second != NULL));
		if (session->stranded) {
			player.script = losses[i].second;
			player.size = strlen(player.script);
			player.at = 0;
			session_start(session, &player.link);
			go_silent(session);
		}
		g_assert_true(session->done && !session->stranded);
		g_assert_cmpstr(player.commands->str, ==, losses[i].commands);
		if (losses[i].events != NULL)
			g_assert_cmpstr(player.events->str, ==, losses[i].events);
		else
			g_assert_nonnull(
			    strstr(player.events->str, "account away: the server sent"));
		session_free(session);
		player_clear(&player);
	}
}

/* RFC 2449 section 6.5: how often a mailbox may be asked for. */
static void
test_login_delay(void)
{
	static const struct {
		const char *label, *line, *details;
	} cases[] = {
		{ "said", "LOGIN-DELAY 900", "wait 900\n" },
		{ "others may have another", "login-delay 60 USER", "wait 60\n" },
		{ "not for ever", "LOGIN-DELAY 99999999999999999999", "wait 86400\n" },
		{ "no number", "LOGIN-DELAY soon", "" },
		{ "a lie", "LOGIN-DELAY -1", "" },
		{ "another capability", "LOGIN-DELAYED 9", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *script = g_strdup_printf(
		    "+OK\r\n%s\r\n.\r\n+OK 0 0\r\n+OK\r\n.\r\n+OK\r\n.\r\n", cases[i].line);
		struct player player;
		g_test_message("%s", cases[i].label);
		player_run(&player, PROTOCOL_POP3, NULL, script, strlen(script), 4096);
		g_assert_nonnull(strstr(player.details->str, "INBOX 0/0\n"));
		g_assert_cmpstr(player.details->str + strlen("INBOX 0/0\n"), ==, cases[i].details);
		player_clear(&player);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pop3/dialogues", test_dialogues);
	g_test_add_func("/pop3/commands", test_commands);
	g_test_add_func("/pop3/over-limit", test_over_limit);
	g_test_add_func("/pop3/losses", test_losses);
	g_test_add_func("/pop3/login-delay", test_login_delay);
	return g_test_run();
}
