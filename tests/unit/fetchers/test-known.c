/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which messages a POP3 server means, whatever it does to their UIDLs. In the events a digest of
 * a header is shown as H and a letter, one of a message as D and a letter.
 */
#include "player.h"

#include "base/digest.h"
#include "fetchers/head.h"

#define CAPA    "+OK\r\nUIDL\r\nPIPELINING\r\n.\r\n"
#define HEAD_A  "Received: by a; 1\r\nSubject: a\r\n"
#define HEAD_B  "Received: by b; 2\r\nSubject: b\r\n"
#define MAIL_A  HEAD_A "\r\none\r\n"
#define MAIL_B  HEAD_B "\r\ntwo\r\n"
#define BARE    "Subject: c\r\n\r\nwho knows\r\n"
#define RETR(x) "+OK\r\n" x ".\r\n"
#define TOP(x)  "+OK\r\n" x "\r\n.\r\n"
#define LONG_100                                                                                   \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"

static const struct {
	const char *letter, *text;
} hashed[] = { { "HA", HEAD_A }, { "HB", HEAD_B }, { "DA", MAIL_A }, { "DB", MAIL_B },
	{ "DC", BARE } };

/* The digests for the letters, or the letters for the digests. */
static char *
swap(const char *text, bool to_digests)
{
	GString *out = g_string_new(text);

	for (gsize i = 0; i < G_N_ELEMENTS(hashed); i++) {
		char hex[DIGEST_HEX];
		digest_bytes(hashed[i].text, strlen(hashed[i].text), hex);
		if (hashed[i].letter[0] == 'H')
			hex[HEAD_HEX] = '\0';
		if (to_digests)
			g_string_replace(out, hashed[i].letter, hex, 0);
		else
			g_string_replace(out, hex, hashed[i].letter, 0);
	}
	return g_string_free(out, FALSE);
}

static struct fetch_state *
make_state(const char *uidls)
{
	if (uidls == NULL)
		return NULL;
	g_autofree char *full = swap(uidls, true);
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	state->folder = g_strdup("INBOX");
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	state->uidls = g_strsplit(full, ",", -1);
	return state;
}

/* commands: those behind LIST, without line ends. events: notes, messages, and who is present. */
static const struct {
	const char *label, *known, *script, *commands, *events;
} cases[] = {
	{ "new: known from now on by UIDL, size and header", NULL,
	    CAPA "+OK 1 9\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 50\r\n.\r\n" RETR(MAIL_A), "RETR 1",
	    "message aa/50/HA; present=aa/50/HA" },
	{ "known: nothing is asked", "aa/50/HA",
	    CAPA "+OK 1 9\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 50\r\n.\r\n", "", "present=aa/50/HA" },
	{ "the UIDL stands for another message now", "aa/50/HA",
	    CAPA "+OK 1 9\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 60\r\n.\r\n" RETR(MAIL_B), "RETR 1",
	    "note recycled-uidl; message aa#sha256:DB/60/HB; present=aa#sha256:DB/60/HB" },
	{ "who recycles one may recycle any: the same size is looked at again", "aa/50/HA,bb/70/HB",
	    CAPA "+OK 2 9\r\n+OK\r\n1 aa\r\n2 bb\r\n.\r\n+OK\r\n1 50\r\n2 60\r\n.\r\n" TOP(HEAD_B)
		RETR(MAIL_B) RETR(MAIL_A),
	    "TOP 1 0, RETR 1, RETR 2",
	    "note recycled-uidl; message aa#sha256:DB/50/HB; message bb#sha256:DA/60/HA; "
	    "present=aa#sha256:DB/50/HB,bb#sha256:DA/60/HA" },
	{ "all UIDLs are new and no message is: nothing is fetched twice", "aa/50/HA,bb/60/HB",
	    CAPA "+OK 2 9\r\n+OK\r\n1 xx\r\n2 yy\r\n.\r\n+OK\r\n1 60\r\n2 50\r\n.\r\n" TOP(HEAD_B)
		TOP(HEAD_A),
	    "TOP 1 0, TOP 2 0", "note renumbered-uidl; present=bb/60/HB,aa/50/HA" },
	{ "all UIDLs are new, and TOP is refused", "aa/50/HA",
	    CAPA "+OK 1 9\r\n+OK\r\n1 xx\r\n.\r\n+OK\r\n1 50\r\n.\r\n-ERR\r\n" RETR(MAIL_A),
	    "TOP 1 0, RETR 1", "message xx/50/HA; present=xx/50/HA" },
	{ "another header of that size is another message", "aa/50/HA",
	    CAPA "+OK 1 9\r\n+OK\r\n1 xx\r\n.\r\n+OK\r\n1 50\r\n.\r\n" TOP(HEAD_B) RETR(MAIL_B),
	    "TOP 1 0, RETR 1", "message xx/50/HB; present=xx/50/HB" },
	{ "two of one header and size: one record answers for one of them", "aa/50/HA",
	    CAPA "+OK 2 9\r\n+OK\r\n1 xx\r\n2 yy\r\n.\r\n+OK\r\n1 50\r\n2 50\r\n.\r\n" TOP(HEAD_A)
		TOP(HEAD_A) RETR(MAIL_A),
	    "TOP 1 0, TOP 2 0, RETR 2",
	    "note renumbered-uidl; message yy/50/HA; present=aa/50/HA,yy/50/HA" },
	{ "UIDLs that are the numbers are no names", NULL,
	    CAPA "+OK 2 9\r\n+OK\r\n1 1\r\n2 2\r\n.\r\n+OK\r\n1 50\r\n2 60\r\n.\r\n" RETR(MAIL_A)
		RETR(MAIL_B),
	    "RETR 1, RETR 2",
	    "message 1#sha256:DA/50/HA; message 2#sha256:DB/60/HB; "
	    "present=1#sha256:DA/50/HA,2#sha256:DB/60/HB" },
	{ "the first of two is gone and the second has its number",
	    "1#sha256:DA/50/HA,2#sha256:DB/50/HB",
	    CAPA "+OK 1 9\r\n+OK\r\n1 1\r\n.\r\n+OK\r\n1 50\r\n.\r\n" TOP(HEAD_B), "TOP 1 0",
	    "present=2#sha256:DB/50/HB" },
	{ "one UIDL for two messages", NULL,
	    CAPA "+OK 2 9\r\n+OK\r\n1 aa\r\n2 aa\r\n.\r\n+OK\r\n1 50\r\n2 60\r\n.\r\n" RETR(MAIL_A)
		RETR(MAIL_B),
	    "RETR 1, RETR 2",
	    "note repeated-uidl; message aa#sha256:DA/50/HA; message aa#sha256:DB/60/HB; "
	    "present=aa#sha256:DA/50/HA,aa#sha256:DB/60/HB" },
	{ "one of the two is left", "aa#sha256:DA/50/HA,aa#sha256:DB/50/HB",
	    CAPA "+OK 1 9\r\n+OK\r\n1 aa\r\n.\r\n+OK\r\n1 50\r\n.\r\n" TOP(HEAD_B), "TOP 1 0",
	    "present=aa#sha256:DB/50/HB" },
	{ "no UIDL: a first pass", NULL,
	    CAPA "+OK 3 9\r\n-ERR\r\n+OK\r\n1 50\r\n2 50\r\n3 9\r\n.\r\n" RETR(MAIL_A) RETR(MAIL_A)
		RETR(BARE),
	    "RETR 1, RETR 2, RETR 3",
	    "note no-uidl; message sha256:DA/50/HA; message sha256:DA#2/50/HA; "
	    "message sha256:DC/9/; present=sha256:DA/50/HA,sha256:DA#2/50/HA,sha256:DC/9/" },
	{ "no UIDL: the header finds what it can, the digest the rest",
	    "sha256:DA/50/HA,sha256:DA#2/50/HA,sha256:DC/9/",
	    CAPA "+OK 3 9\r\n-ERR\r\n+OK\r\n1 50\r\n2 50\r\n3 9\r\n.\r\n" TOP(HEAD_A) TOP(HEAD_A)
		RETR(BARE),
	    "TOP 1 0, TOP 2 0, RETR 3",
	    "note no-uidl; present=sha256:DA/50/HA,sha256:DA#2/50/HA,sha256:DC/9/" },
	{ "UIDLs that are none: too long, with a space, with octets above 126, empty", NULL,
	    CAPA "+OK 5 9\r\n+OK\r\n1 " LONG_100 LONG_100 "\r\n2 a b\r\n3 \xe4\r\n4\r\n5 " LONG_100
		 "\r\n.\r\n+OK\r\n1 50\r\n2 60\r\n3 9\r\n4 9\r\n5 9\r\n.\r\n" RETR(MAIL_A)
		     RETR(MAIL_B) RETR(BARE) RETR(BARE) RETR(BARE),
	    "RETR 1, RETR 2, RETR 3, RETR 4, RETR 5",
	    "note no-uidl; message sha256:DA/50/HA; message sha256:DB/60/HB; "
	    "message sha256:DC/9/; message sha256:DC#2/9/; message " LONG_100 "/9/; "
	    "present=sha256:DA/50/HA,sha256:DB/60/HB,sha256:DC/9/,sha256:DC#2/9/," LONG_100 "/9/" },
	{ "a UIDL that looks like a record", "aa/1/00000000000000000000000000000000/50/HA",
	    CAPA "+OK 1 9\r\n+OK\r\n1 aa/1/00000000000000000000000000000000\r\n.\r\n+OK\r\n"
		 "1 50\r\n.\r\n",
	    "", "present=aa/1/00000000000000000000000000000000/50/HA" },
};

static void
play(gsize i, gsize piece)
{
	struct player player;
	g_autoptr(GString) events = g_string_new(NULL);

	player_run(&player, PROTOCOL_POP3, make_state(cases[i].known), cases[i].script,
	    strlen(cases[i].script), piece);
	g_autofree char *letters = swap(player.events->str, false);
	g_auto(GStrv) lines = g_strsplit(letters, "\n", -1);
	for (gsize n = 0; lines[n] != NULL; n++) {
		g_auto(GStrv) words = g_strsplit(lines[n], " ", -1);
		const char *present = strstr(lines[n], "present=");
		if (g_str_has_prefix(lines[n], "note "))
			g_string_append_printf(events, "note %s; ", words[2]);
		else if (g_str_has_prefix(lines[n], "message "))
			g_string_append_printf(events, "message %s; ", words[2] + 2);
		else if (present != NULL)
			g_string_append(events, present);
	}
	g_assert_cmpstr(events->str, ==, cases[i].events);
	g_assert_nonnull(strstr(player.events->str, "account ok\n"));
	const char *rest = strstr(player.commands->str, "LIST\r\n") + 6;
	g_autoptr(GString) commands = g_string_new(rest);
	g_string_replace(commands, "QUIT\r\n", "", 0);
	g_string_replace(commands, "\r\n", ", ", 0);
	if (commands->len > 1)
		g_string_truncate(commands, commands->len - 2);
	g_assert_cmpstr(commands->str, ==, cases[i].commands);
	player_clear(&player);
}

static void
test_names(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		for (gsize piece = 1; piece <= 4096; piece += piece < 10 ? 1 : 1362)
			play(i, piece);
	}
}

/* TOP n 0 and RETR n differ behind the header, and no more. */
static void
test_heads(void)
{
	static const struct {
		const char *label, *text;
		bool same;
	} texts[] = {
		{ "the header alone", HEAD_A "\r\n", true },
		{ "without the empty line", HEAD_A, true },
		{ "with a body", HEAD_A "\r\nReceived: not\r\n\r\n", true },
		{ "another header", "X-Seen: yes\r\n" HEAD_A "\r\n", false },
		{ "no Received", "Subject: a\r\n\r\nReceived: in the body\r\n", false },
		{ "nothing", "", false },
	};
	char expect[DIGEST_HEX], got[HEAD_HEX + 1];
	struct head head = { 0 };

	digest_bytes(HEAD_A, strlen(HEAD_A), expect);
	expect[HEAD_HEX] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_test_message("%s", texts[i].label);
		head_begin(&head);
		for (const char *p = texts[i].text; *p != '\0'; p++)
			head_feed(&head, (const guint8 *)p, 1);
		head_finish(&head, got);
		g_assert_cmpint(strcmp(got, expect) == 0, ==, texts[i].same);
	}
	head_clear(&head);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/known/names", test_names);
	g_test_add_func("/known/heads", test_heads);
	return g_test_run();
}
