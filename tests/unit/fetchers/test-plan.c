/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#define LISTED   "* LIST () \"/\" Old\r\n* LIST () \"/\" INBOX\r\nF2 OK\r\n"
#define GREETED  "* CAPABILITY IMAP4rev1\r\nF1 OK\r\n"
#define SIZED    "* CAPABILITY IMAP4rev1 STATUS=SIZE\r\nF1 OK\r\n"
#define ASKED    "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\n"
#define NUMBERS  "(MESSAGES UIDNEXT UIDVALIDITY)\r\n"
#define COUNTED  "F3 OK\r\nF4 OK\r\n"
#define FAREWELL "F0 LOGOUT\r\n"
#define STAT     "+OK\r\nPIPELINING\r\n.\r\n"

static const struct {
	const char *label;
	enum account_protocol protocol;
	const char *script, *commands, *events, *sizes;
} dialogues[] = {
	{ "sizes that STATUS tells, in the order of fetching", PROTOCOL_IMAP,
	    SIZED LISTED "* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 SIZE 4100)\r\n"
			 "* STATUS Old (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7 SIZE 77)\r\n" COUNTED,
	    ASKED "F3 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY SIZE)\r\n"
		  "F4 STATUS \"Old\" (MESSAGES UIDNEXT UIDVALIDITY SIZE)\r\n" FAREWELL,
	    "begin INBOX (inbox) 3\nend INBOX (inbox) 3\nbegin Old () 2\nend Old () 2\naccount "
	    "ok\n",
	    "INBOX 4100\nOld 77\n" },
	{ "sizes that are asked for, and an empty folder that is not", PROTOCOL_IMAP,
	    GREETED LISTED
	    "* STATUS INBOX (MESSAGES 2 UIDVALIDITY 7)\r\n* STATUS Old (MESSAGES 0)\r\n" COUNTED
	    "* 2 EXISTS\r\nF5 OK\r\n* 1 FETCH (RFC822.SIZE 30)\r\n* 2 FETCH (RFC822.SIZE 12)\r\n"
	    "F6 OK\r\n",
	    ASKED "F3 STATUS \"INBOX\" " NUMBERS "F4 STATUS \"Old\" " NUMBERS
		  "F5 EXAMINE \"INBOX\"\r\nF6 FETCH 1,2 (RFC822.SIZE)\r\n" FAREWELL,
	    "begin INBOX (inbox) 2\nend INBOX (inbox) 2\nbegin Old () 0\nend Old () 0\naccount "
	    "ok\n",
	    "INBOX 42\nOld 0\n" },
	{ "a sample stands for the rest", PROTOCOL_IMAP,
	    GREETED LISTED
	    "* STATUS INBOX (MESSAGES 4000 UIDVALIDITY 7)\r\n* STATUS Old (MESSAGES 0)\r\n" COUNTED
	    "F5 OK\r\n* 1 FETCH (RFC822.SIZE 30)\r\n* 21 FETCH (RFC822.SIZE 10)\r\nF6 OK\r\n",
	    NULL,
	    "begin INBOX (inbox) 4000\nend INBOX (inbox) 4000\nbegin Old () 0\nend Old () "
	    "0\naccount ok\n",
	    "INBOX ~80000\nOld 0\n" },
	{ "a folder that nobody counts, and one that nobody measures", PROTOCOL_IMAP,
	    GREETED LISTED "F3 NO denied\r\n* STATUS Old (MESSAGES 5)\r\nF4 OK\r\n"
			   "F5 NO denied\r\nF6 BAD none\r\n",
	    NULL,
	    "begin INBOX (inbox) 0 failed: the server does not say what it holds\n"
	    "end INBOX (inbox) 0 failed: the server does not say what it holds\n"
	    "begin Old () 5 failed: the server does not say how large its messages are\n"
	    "end Old () 5 failed: the server does not say how large its messages are\naccount "
	    "ok\n",
	    "INBOX 0\nOld 0\n" },
	{ "no CAPABILITY", PROTOCOL_IMAP, "F1 BAD what?\r\n" LISTED COUNTED, NULL,
	    "begin INBOX (inbox) 0 failed: the server does not say what it holds\n"
	    "end INBOX (inbox) 0 failed: the server does not say what it holds\n"
	    "begin Old () 0 failed: the server does not say what it holds\n"
	    "end Old () 0 failed: the server does not say what it holds\naccount ok\n",
	    "INBOX 0\nOld 0\n" },
	{ "cut off: nothing stays begun", PROTOCOL_IMAP, GREETED LISTED, NULL,
	    "account away: the server closed the connection\n", "" },
	{ "POP3: STAT is all that it takes", PROTOCOL_POP3, STAT "+OK 3 600\r\n",
	    "CAPA\r\nSTAT\r\nQUIT\r\n", "begin INBOX (inbox) 3\nend INBOX (inbox) 3\naccount ok\n",
	    "INBOX 600\n" },
	{ "a server without CAPA, and a STAT without a size", PROTOCOL_POP3,
	    "-ERR what\r\n+OK 3\r\n", "CAPA\r\nSTAT\r\nQUIT\r\n",
	    "begin INBOX (inbox) 3\nend INBOX (inbox) 3\naccount ok\n", "INBOX 0\n" },
	{ "POP3, cut off", PROTOCOL_POP3, "+OK\r\nUI", "CAPA\r\n",
	    "account away: the server closed the connection\n", "" },
};

/* Of one dialogue. */
struct sized {
	struct player player;
	GString *sizes;
};

static void
emit(void *data, struct fetch_event *event)
{
	struct sized *sized = data;

	if (event->kind == FETCH_EVENT_FOLDER_END)
		g_string_append_printf(sized->sizes, "%s %s%" G_GUINT64_FORMAT "\n",
		    event->folder.folder, event->folder.estimated ? "~" : "", event->folder.bytes);
	player_emit(data, event);
}

static void
test_dialogues(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		struct sized sized = { .sizes = g_string_new(NULL) };
		struct player *player = &sized.player;
		struct session *session = player_session(player, dialogues[i].protocol, NULL,
		    dialogues[i].script, strlen(dialogues[i].script), 7);
		g_test_message("%s", dialogues[i].label);
		session->task.kind = FETCH_PLAN;
		session->emit = emit;
		session_start(session, &player->link);
		while (session_pump(session, 1000))
			;
		session_pump(session, 0);
		g_assert_cmpstr(player->events->str, ==, dialogues[i].events);
		g_assert_cmpstr(sized.sizes->str, ==, dialogues[i].sizes);
		if (dialogues[i].commands != NULL)
			g_assert_cmpstr(player->commands->str, ==, dialogues[i].commands);
		g_assert_null(strstr(player->commands->str, "BODY"));
		g_string_free(sized.sizes, TRUE);
		session_free(session);
		player_clear(player);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/dialogues", test_dialogues);
	return g_test_run();
}
