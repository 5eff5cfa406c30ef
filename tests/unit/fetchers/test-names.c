/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#include "fetchers/imap.h"
#include "fetchers/uidset.h"
#include "fetchers/utf7.h"
#include "mail/message.h"

static void
test_utf7(void)
{
	static const struct {
		const char *label, *raw, *name;
	} cases[] = {
		{ "ASCII is itself", "Sent Items", "Sent Items" },
		{ "the ampersand", "R&-D", "R&D" },
		{ "an umlaut", "Entw&APw-rfe", "Entwürfe" },
		{ "RFC 3501's own example", "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		    "~peter/mail/台北/日本語" },
		{ "outside the first plane", "&2D3eAA-", "😀" },
		{ "open at the end", "a&APw", NULL },
		{ "not base64", "&A?w-", NULL },
		{ "half a surrogate pair", "&2D0-", NULL },
		{ "padding that is not zero", "&APx-", NULL },
		{ "a control character", "&AAo-", NULL },
		{ "8-bit", "Entw\xc3\xbcrfe", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autofree char *name = utf7_decode(cases[i].raw);
		g_assert_cmpstr(name, ==, cases[i].name);
		if (name == NULL)
			continue;
		g_autofree char *raw = utf7_encode(name);
		g_assert_cmpstr(raw, ==, cases[i].raw);
	}
}

static void
test_uidset(void)
{
	static const struct {
		const char *label;
		guint32 uids[8];
		const char *expect;
	} cases[] = {
		{ "one", { 7 }, "7" },
		{ "a range", { 1, 2, 3 }, "1:3" },
		{ "gaps", { 1, 3, 4, 9 }, "1,3:4,9" },
		{ "unsorted, with repeats", { 9, 1, 2, 2, 1 }, "1:2,9" },
		{ "the highest there is", { 4294967294u, 4294967295u }, "4294967294:4294967295" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
		g_autoptr(GString) out = g_string_new(NULL);
		g_test_message("%s", cases[i].label);
		g_array_append_vals(uids, cases[i].uids, 8);
		uidset_sort(uids);
		g_assert_cmpuint(uidset_print(out, uids, 0, 100), ==, uids->len);
		g_assert_cmpstr(out->str, ==, cases[i].expect);
	}
	/* A command line has an end: the rest goes into the next one. */
	g_autoptr(GArray) many = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint32 uid = 1000000; many->len < 5000; uid += 2)
		g_array_append_val(many, uid);
	guint next = uidset_print(out, many, 0, 5000);
	g_assert_cmpuint(next, <, 5000);
	g_assert_cmpuint(out->len, <, UIDSET_TEXT_MAX + 30);
}

static void
test_list(void)
{
	static const struct {
		const char *label, *lines, *expect;
	} cases[] = {
		{ "roles by attribute", "* LIST (\\Sent) \"/\" Ausgang\r\n", "Ausgang (sent)" },
		{ "roles by name", "* LIST () \".\" INBOX.Entw&APw-rfe\r\n",
		    "INBOX.Entwürfe (drafts)" },
		{ "INBOX in any case", "* LIST () NIL inbox\r\n", "INBOX (inbox)" },
		{ "not to be opened",
		    "* LIST (\\Noselect) \"/\" a\r\n* LIST (\\NonExistent) \"/\" b\r\n* LIST () "
		    "\"/\" c\r\n",
		    "c ()" },
		{ "a name as a literal", "* LIST () \"/\" {6}\r\na\"b \\c\r\n", "a\"b \\c ()" },
		{ "a name that is not as it should be", "* LIST () \"/\" \"&A?w-\"\r\n",
		    "&A?w- ()" },
		{ "a name listed twice", "* LIST () \"/\" x\r\n* LIST () \"/\" x\r\n", "x ()" },
		{ "two names that would look alike",
		    "* LIST () \"/\" a\r\n* LIST () \"/\" &AGE-\r\n", "a (),&AGE- ()" },
		{ "the same name in bytes and in UTF-7: both are read",
		    "* LIST () \"/\" &APw-\r\n* LIST () \"/\" \"\xc3\xbc\"\r\n",
		    "ü (),\\303\\274 ()" },
		{ "bytes that are no UTF-8",
		    "* LIST () \"/\" \"\xff\"\r\n* LIST () \"/\" \"\xfe\"\r\n",
		    "\\377 (),\\376 ()" },
		{ "a control character within", "* LIST () \"/\" \"a\tb\"\r\n", "a\\tb ()" },
		{ "a separator that is a backslash", "* LIST () \"\\\\\" \"x\\\\Sent\"\r\n",
		    "x\\Sent (sent)" },
		{ "junk and trash by name",
		    "* LIST () \"/\" Spam\r\n* LIST () \"/\" Papierkorb\r\n",
		    "Spam (junk),Papierkorb (trash)" },
		{ "no folder inside is the INBOX", "* LIST () \"/\" old/inbox\r\n",
		    "old/inbox ()" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct player player;
		g_test_message("%s", cases[i].label);
		g_autofree char *script =
		    g_strconcat("F1 OK\r\n", cases[i].lines, "F2 OK\r\n", NULL);
		player_run(&player, PROTOCOL_IMAP, NULL, script, strlen(script), 7);
		/* The connection ends then: each folder that was listed has failed. */
		g_autoptr(GString) seen = g_string_new(NULL);
		g_auto(GStrv) lines = g_strsplit(player.events->str, "\n", -1);
		for (gsize n = 0; lines[n] != NULL; n++) {
			if (!g_str_has_prefix(lines[n], "begin "))
				continue;
			g_string_append(seen, seen->len > 0 ? "," : "");
			g_string_append_len(seen, lines[n] + 6, (gssize)strlen(lines[n]) - 8);
		}
		g_assert_cmpstr(seen->str, ==, cases[i].expect);
		player_clear(&player);
	}
}

/* The parent takes such a name for a lie, and would end the fetcher with all its accounts. */
static void
test_long_name(void)
{
	g_autofree char *name = g_strnfill(5000, 'x');
	g_autofree char *script =
	    g_strconcat("F1 OK\r\n* LIST () \"/\" ", name, "\r\nF2 OK\r\n", NULL);
	struct player player;

	player_run(&player, PROTOCOL_IMAP, NULL, script, strlen(script), 4096);
	g_assert_nonnull(strstr(player.events->str, "unreadable-folder\naccount ok"));
	g_assert_cmpstr(player.details->str, ==, "unreadable-folder: its name is too long\n");
	player_clear(&player);
}

static void
test_roles(void)
{
	static const struct {
		const char *name, *role;
	} cases[] = {
		{ "Drafts", "drafts" },
		{ "[Gmail]/Drafts", "drafts" },
		{ "ENTWÜRFE", "drafts" },
		{ "Черновики", "drafts" },
		{ "Sent Items", "sent" },
		{ "Éléments envoyés", "sent" },
		{ "E\xcc\x81le\xcc\x81ments envoye\xcc\x81s", "sent" },
		{ "送信済み", "sent" },
		{ "Consent", "" },
		{ "Drafts/2026", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpstr(imap_list_role(cases[i].name, "/"), ==, cases[i].role);
}

static void
test_date(void)
{
	static const struct {
		const char *text;
		gint64 seconds; /* -1: none */
	} cases[] = {
		{ "17-Jul-1996 02:44:25 -0700", 837596665 },
		{ " 7-Feb-1994 21:52:25 +0000", 760657945 },
		{ "01-Jan-1970 01:00:00 +0100", 0 },
		{ "31-Dec-2016 23:59:60 +0000", 1483228799 },
		{ "32-Jan-2020 00:00:00 +0000", -1 },
		{ "01-Abc-2020 00:00:00 +0000", -1 },
		{ "01-anF-2020 00:00:00 +0000", -1 },
		{ "yesterday", -1 },
		{ "", -1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(imap_date(cases[i].text), ==,
		    cases[i].seconds < 0 ? MESSAGE_NO_DATE : cases[i].seconds * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/names/utf7", test_utf7);
	g_test_add_func("/names/uidset", test_uidset);
	g_test_add_func("/names/list", test_list);
	g_test_add_func("/names/long", test_long_name);
	g_test_add_func("/names/roles", test_roles);
	g_test_add_func("/names/date", test_date);
	return g_test_run();
}
