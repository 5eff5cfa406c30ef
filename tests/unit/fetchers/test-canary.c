/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#define MESSAGE "Subject: Flagpost canary\r\n\r\nTweet.\r\n"
#define PASS                                                                                       \
	"* CAPABILITY IMAP4rev1\r\nF1 OK\r\n* LIST () \"/\" INBOX\r\nF2 OK\r\n"                    \
	"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nF3 OK\r\n* SEARCH\r\nF4 OK\r\n"
#define READ "begin INBOX (inbox) 0\nend INBOX (inbox) 0\n"
#define SENT "F5 APPEND \"INBOX\" (\\Seen) {36}\r\n"

static const struct {
	const char *label, *script, *events, *sent;
} dialogues[] = {
	{ "taken", PASS "+ go on\r\nF5 OK appended\r\n",
	    READ "note INBOX canary-planted\naccount ok\n", SENT MESSAGE "\r\nF0 LOGOUT\r\n" },
	{ "refused before a byte of it went out", PASS "F5 NO [OVERQUOTA] full\r\n",
	    READ "note INBOX canary-refused\naccount ok\n", SENT "F0 LOGOUT\r\n" },
	{ "refused afterwards", PASS "+ go on\r\nF5 NO disk full\r\n",
	    READ "note INBOX canary-refused\naccount ok\n", SENT MESSAGE "\r\nF0 LOGOUT\r\n" },
	{ "a server that says yes to what it was not given", PASS "F5 OK done\r\n",
	    READ "note INBOX canary-refused\naccount ok\n", SENT "F0 LOGOUT\r\n" },
	{ "a server that asks for it again and again", PASS "+ go\r\n+ go\r\n+ go\r\nF5 OK\r\n",
	    READ "note INBOX canary-planted\naccount ok\n", SENT MESSAGE "\r\nF0 LOGOUT\r\n" },
	{ "one that asks before there is any", "+ go\r\n" PASS "F5 NO\r\n",
	    READ "note INBOX canary-refused\naccount ok\n", SENT "F0 LOGOUT\r\n" },
	{ "gone meanwhile: the folders were read, the pass was not ended", PASS "+ go on\r\n",
	    READ "account away: the server closed the connection\n", SENT MESSAGE "\r\n" },
};

static void
test_dialogues(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		struct player player;
		struct session *session = player_session(&player, PROTOCOL_IMAP, NULL,
		    dialogues[i].script, strlen(dialogues[i].script), 1);
		g_test_message("%s", dialogues[i].label);
		session->task.canary = g_strdup(MESSAGE);
		session_start(session, &player.link);
		while (session_pump(session, 1000))
			;
		session_pump(session, 0);
		g_assert_cmpstr(player.events->str, ==, dialogues[i].events);
		const char *append = strstr(player.commands->str, "F5 ");
		g_assert_nonnull(append);
		g_assert_true(g_str_has_prefix(append, dialogues[i].sent));
		session_free(session);
		player_clear(&player);
	}
}

/* Never by itself. */
static void
test_unasked(void)
{
	struct player player;

	player_run(&player, PROTOCOL_IMAP, NULL, PASS, strlen(PASS), 1);
	g_assert_cmpstr(player.events->str, ==, READ "account ok\n");
	g_assert_null(strstr(player.commands->str, "APPEND"));
	player_clear(&player);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/canary/dialogues", test_dialogues);
	g_test_add_func("/canary/unasked", test_unasked);
	return g_test_run();
}
