/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#define SECOND   G_USEC_PER_SEC
#define GREETED  "* CAPABILITY IMAP4rev1 IDLE\r\nF1 OK\r\n"
#define LISTED   GREETED "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Gesendet\r\nF2 OK\r\n"
#define OPENED   LISTED "* 3 EXISTS\r\nF3 OK\r\n"
#define STANDS   OPENED "+ idling\r\n"
#define REACHED  "F1 CAPABILITY\r\nF2 LIST \"\" \"*\"\r\n"
#define ASKED    REACHED "F3 EXAMINE \"INBOX\"\r\nF4 IDLE\r\n"
#define HUNG_UP  ": the server closed the connection"
#define FAREWELL "F0 LOGOUT\r\n"
#define STEPS    6

/* A server's words, or how many seconds nothing is said. */
struct step {
	const char *say;
	gint64 wait;
};

static const struct {
	const char *label, *role;
	struct step steps[STEPS];
	const char *commands, *events;
} dialogues[] = {
	{ "what came before it stood is news, and so is what comes", "inbox",
	    { { STANDS, 0 }, { NULL, 1 }, { "* 4 EXISTS\r\n* 1 RECENT\r\n", 0 }, { NULL, 1 } },
	    ASKED, "news inbox\nnews inbox\nwatched inbox away" HUNG_UP "\n" },
	{ "the folder is found by its role, not by its name", "sent", { { LISTED, 0 } },
	    REACHED "F3 EXAMINE \"Gesendet\"\r\n", "watched sent away" HUNG_UP "\n" },
	{ "several at once are one piece of news", "inbox",
	    { { STANDS "* 4 EXISTS\r\n* 5 EXISTS\r\n", 0 }, { NULL, 1 } }, ASKED,
	    "news inbox\nwatched inbox away" HUNG_UP "\n" },
	{ "noise is no news: flags, the same number, a sign of life", "inbox",
	    { { STANDS, 0 }, { NULL, 1 },
		{ "* 2 FETCH (FLAGS (\\Seen))\r\n* 3 EXISTS\r\n* OK Still here\r\n", 0 },
		{ NULL, 1 } },
	    ASKED, "news inbox\nwatched inbox away" HUNG_UP "\n" },
	{ "one went and one came: the same number, and yet news", "inbox",
	    { { STANDS, 0 }, { NULL, 1 }, { "* 1 EXPUNGE\r\n* 3 EXISTS\r\n", 0 }, { NULL, 1 } },
	    ASKED, "news inbox\nnews inbox\nwatched inbox away" HUNG_UP "\n" },
	/* The clock of the test stays ahead: the second rest is as old as the first one. */
	{ "renewed again and again, before the server or a box on the way loses patience", "inbox",
	    { { STANDS, 0 }, { NULL, 60 }, { NULL, 540 }, { "F4 OK done\r\n+ again\r\n", 0 },
		{ "* 4 EXISTS\r\n", 0 }, { NULL, 1 } },
	    ASKED "DONE\r\nF5 IDLE\r\nDONE\r\n",
	    "news inbox\nnews inbox\nwatched inbox away" HUNG_UP "\n" },
	{ "no answer to the end of the rest: the line is dead", "inbox",
	    { { STANDS, 0 }, { NULL, 541 }, { NULL, 61 } }, ASKED "DONE\r\n" FAREWELL,
	    "news inbox\nwatched inbox away: the server sent 0 bytes within 60 s, and we were "
	    "waiting for it\n" },
	{ "no answer to IDLE: it cannot be waited for for ever", "inbox",
	    { { OPENED, 0 }, { NULL, 61 } }, ASKED FAREWELL,
	    "watched inbox away: the server sent 0 bytes within 60 s, and we were waiting for "
	    "it\n" },
	{ "a server that ends it at once again and again", "inbox",
	    { { STANDS "F4 OK\r\n+ idling\r\nF5 OK\r\n+ idling\r\nF6 OK enough\r\n", 0 } },
	    ASKED "F5 IDLE\r\nF6 IDLE\r\n" FAREWELL,
	    "watched inbox protocol: the server ends IDLE at once: enough\n" },
	{ "a server without it", "inbox",
	    { { "* CAPABILITY IMAP4rev1\r\nF1 OK\r\n* LIST () \"/\" INBOX\r\nF2 OK\r\n", 0 } },
	    REACHED FAREWELL, "watched inbox protocol: the server does not offer IDLE\n" },
	{ "a server that refuses what it offers", "inbox", { { OPENED "F4 BAD what?\r\n", 0 } },
	    ASKED FAREWELL, "watched inbox protocol: the server refuses IDLE: what?\n" },
	{ "a folder that is not there", "drafts", { { LISTED, 0 } }, REACHED FAREWELL,
	    "watched drafts ok: there is no such folder\n" },
	{ "a folder that may not be opened", "inbox", { { LISTED "F3 NO denied\r\n", 0 } },
	    REACHED "F3 EXAMINE \"INBOX\"\r\n" FAREWELL,
	    "watched inbox protocol: the server refuses to open the folder: denied\n" },
	{ "BYE while it rests, with a time to stay away", "inbox",
	    { { STANDS "* BYE try again in 90 s\r\n", 0 } }, ASKED "DONE\r\n" FAREWELL,
	    "watched inbox away: the server said goodbye: try again in 90 s (90)\n" },
	{ "a server that never says that it watches tells nothing", "inbox",
	    { { OPENED "* 9 EXISTS\r\n", 0 } }, ASKED, "watched inbox away" HUNG_UP "\n" },
};

/* As player_receive, but the end of the words is not that of the line. */
static gssize
receive(struct link *link, void *data, gsize size, GError **error)
{
	struct player *player = (struct player *)link;
	gsize n = MIN(MIN(size, player->piece), player->size - player->at);

	(void)error;
	memcpy(data, player->script + player->at, n);
	player->at += n;
	return (gssize)n;
}

static void
take(struct player *player, struct session *session, const struct step *step, gint64 *clock)
{
	player->script = step->say != NULL ? step->say : "";
	player->size = strlen(player->script);
	player->at = 0;
	*clock += step->wait * SECOND;
	if (step->say == NULL)
		session_check_time(session, *clock);
	while (!session->done && (player->at < player->size || session_wants_write(session)))
		session_pump(session, 1000);
	session_pump(session, 0);
}

static void
play(gsize i, gsize piece)
{
	struct player player = { .piece = piece };
	GPtrArray *states = g_ptr_array_new();
	gint64 clock = g_get_monotonic_time();

	player.link = (struct link){ .receive = receive, .send = player_send };
	player.commands = g_string_new(NULL);
	player.events = g_string_new(NULL);
	player.details = g_string_new(NULL);
	limits_default(&player.limits);
	struct session *session = session_new(
	    account_new("a"), states, &player.limits, g_get_tmp_dir(), player_emit, &player);
	session->watch = g_strdup(dialogues[i].role);
	session_start(session, &player.link);
	for (gsize s = 0; s < STEPS && !session->done; s++)
		take(&player, session, &dialogues[i].steps[s], &clock);
	player.link.receive = player_receive;
	player.size = player.at;
	session_pump(session, 1000);
	g_assert_true(session->done);
	session_pump(session, 0);
	g_test_message("%s, in pieces of %zu", dialogues[i].label, piece);
	g_assert_cmpstr(player.commands->str, ==, dialogues[i].commands);
	g_assert_cmpstr(player.events->str, ==, dialogues[i].events);
	session_free(session);
	player_clear(&player);
}

static void
test_dialogues(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(dialogues); i++) {
		play(i, 1);
		play(i, 4096);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/idle/dialogues", test_dialogues);
	return g_test_run();
}
