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
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 10\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n+OK\r\n..dot\r\n.\r\n+OK bye\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa \"hi\\r\\n\"\n"
	    "message INBOX 0/bb \".dot\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n" },
	{ "what is known is not retrieved", "aa",
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n2 10\r\n.\r\n"
		 "+OK\r\nhi\r\n.\r\n",
	    "begin INBOX (inbox) 1\nmessage INBOX 0/bb \"hi\\r\\n\"\nend INBOX (inbox) 2\n"
	    "account ok\n" },
	{ "what is known and gone is said", "aa,zz",
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 1 present=aa\naccount ok\n" },
	{ "an empty maildrop", NULL, CAPA "+OK 0 0\r\n+OK\r\n.\r\n+OK\r\n.\r\n",
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0\naccount ok\n" },
	{ "without CAPA, one after the other", NULL,
	    CAPA_SLOW "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 10\r\n.\r\n"
		      "+OK\r\nhi\r\n.\r\n+OK\r\nho\r\n.\r\n",
	    "begin INBOX (inbox) 2\nmessage INBOX 0/aa \"hi\\r\\n\"\n"
	    "message INBOX 0/bb \"ho\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n" },
	{ "cut before the final dot", NULL,
	    CAPA "+OK 1 20\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 10\r\n.\r\n+OK\r\nhi\r\n.\r",
	    "begin INBOX (inbox) 1\nfailed INBOX 0/aa cut-off again\n"
	    "end INBOX (inbox) 1 failed: the server closed the connection\n"
	    "account away: the server closed the connection\n" },
	{ "a message refused", NULL,
	    CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n.\r\n-ERR broken\r\n"
		 "+OK\r\nho\r\n.\r\n",
	    "begin INBOX (inbox) 2\nfailed INBOX 0/aa no-answer again\n"
	    "message INBOX 0/bb \"ho\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n" },
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

/* The names of messages whose UIDL is missing or not their own. */
static void
test_digests(void)
{
	g_autofree char *hi = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "hi\r\n", -1);
	g_autofree char *ho = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "ho\r\n", -1);
	g_autofree char *known = g_strdup_printf("sha256:%s", hi);
	struct player player;

	const char *none =
	    CAPA "+OK 3 20\r\n-ERR\r\n+OK\r\n.\r\n+OK\r\nhi\r\n.\r\n+OK\r\nhi\r\n.\r\n"
		 "+OK\r\nho\r\n.\r\n";
	player_run(&player, PROTOCOL_POP3, NULL, none, strlen(none), 4096);
	g_autofree char *expect = g_strdup_printf(
	    "note INBOX no-uidl\nbegin INBOX (inbox) 3\nmessage INBOX 0/sha256:%s \"hi\\r\\n\"\n"
	    "message INBOX 0/sha256:%s#2 \"hi\\r\\n\"\nmessage INBOX 0/sha256:%s \"ho\\r\\n\"\n"
	    "end INBOX (inbox) 3\naccount ok\n",
	    hi, hi, ho);
	g_assert_cmpstr(player.events->str, ==, expect);
	player_clear(&player);

	const char *one = CAPA "+OK 1 20\r\n-ERR\r\n+OK\r\n.\r\n+OK\r\nhi\r\n.\r\n";
	player_run(&player, PROTOCOL_POP3, make_state(known), one, strlen(one), 4096);
	g_assert_cmpstr(player.events->str, ==,
	    "note INBOX no-uidl\nbegin INBOX (inbox) 1\nend INBOX (inbox) 1\naccount ok\n");
	player_clear(&player);

	const char *twice = CAPA "+OK 2 20\r\n+OK\r\n1 aa\r\n2 aa\r\n.\r\n+OK\r\n.\r\n"
				 "+OK\r\nhi\r\n.\r\n+OK\r\nho\r\n.\r\n";
	player_run(&player, PROTOCOL_POP3, NULL, twice, strlen(twice), 4096);
	g_autofree char *both = g_strdup_printf(
	    "note INBOX repeated-uidl\nbegin INBOX (inbox) 2\nmessage INBOX 0/aa \"hi\\r\\n\"\n"
	    "message INBOX 0/aa#sha256:%s \"ho\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n",
	    ho);
	g_assert_cmpstr(player.events->str, ==, both);
	player_clear(&player);
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
	    "begin INBOX (inbox) 2\nfailed INBOX 0/aa over-limit\n"
	    "message INBOX 0/bb \"ho\\r\\n\"\nend INBOX (inbox) 2\naccount ok\n");
	player_clear(&player);
}

/* `check --connect`: nothing is listed, and nothing stays begun. */
static void
test_check_only(void)
{
	static const struct {
		const char *label, *script, *commands, *events;
	} cases[] = {
		{ "logged in and out", CAPA "+OK bye\r\n", "CAPA\r\nQUIT\r\n", "account ok\n" },
		{ "a server without CAPA", CAPA_SLOW, "CAPA\r\nQUIT\r\n", "account ok\n" },
		{ "cut off within the answer", "+OK\r\nUI", "CAPA\r\n",
		    "account away: the server closed the connection\n" },
		{ "neither +OK nor -ERR", "* OK\r\n", "CAPA\r\n",
		    "account protocol: neither +OK nor -ERR (RFC 1939 section 3): * OK\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		player_check(PROTOCOL_POP3, cases[i].script, cases[i].commands, cases[i].events);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pop3/dialogues", test_dialogues);
	g_test_add_func("/pop3/digests", test_digests);
	g_test_add_func("/pop3/commands", test_commands);
	g_test_add_func("/pop3/over-limit", test_over_limit);
	g_test_add_func("/pop3/check-only", test_check_only);
	return g_test_run();
}
