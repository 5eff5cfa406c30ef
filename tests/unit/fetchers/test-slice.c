/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

/* Numbers in the notation of a set: "1:3,7". */
static GArray *
numbers(const char *set)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_auto(GStrv) ranges = g_strsplit(set, ",", -1);

	for (guint i = 0; ranges[i] != NULL; i++) {
		guint from = 0, to = 0;
		if (sscanf(ranges[i], "%u:%u", &from, &to) < 2)
			to = from;
		for (guint32 n = from; n > 0 && n <= to; n++)
			g_array_append_val(out, n);
	}
	return out;
}

/* A server that was asked for these sets, one after the other, and has what SEARCH found. */
static char *
make_script(guint exists, const char *found, const char *const *asked)
{
	GString *script = g_string_new("* CAPABILITY IMAP4rev1\r\nF1 OK\r\n"
				       "* LIST () \"/\" INBOX\r\nF2 OK\r\n");
	g_autoptr(GArray) all = numbers(found);
	guint tag = 5;

	g_string_append_printf(script,
	    "* %u EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
	    "* OK [UIDNEXT 9999] ok\r\nF3 OK\r\n* SEARCH",
	    exists);
	for (guint i = 0; i < all->len; i++)
		g_string_append_printf(script, " %u", g_array_index(all, guint32, i));
	g_string_append(script, "\r\nF4 OK\r\n");
	for (guint i = 0; asked[i] != NULL; i++) {
		g_autoptr(GArray) set = numbers(asked[i]);
		for (guint k = 0; k < set->len; k++)
			g_string_append_printf(script,
			    "* %u FETCH (UID %u RFC822.SIZE 2 BODY[] {2}\r\nm\n)\r\n", k + 1,
			    g_array_index(set, guint32, k));
		g_string_append_printf(script, "F%u OK\r\n", tag++);
	}
	g_string_append_printf(script, "F%u OK\r\n", tag);
	return g_string_free(script, FALSE);
}

/* Messages in a row as "from-to"; what stands before and behind a folder left out. */
static char *
summary(const char *events)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	guint first = 0, last = 0;

	for (guint i = 0; lines[i] != NULL; i++) {
		guint uid = 0;
		bool message = sscanf(lines[i], "message INBOX 7/%u", &uid) == 1;
		if (message && uid == last + 1 && first != 0) {
			last = uid;
			continue;
		}
		if (first != 0)
			g_string_append_printf(out, "%u-%u ", first, last);
		first = last = message ? uid : 0;
		if (g_str_has_prefix(lines[i], "rest INBOX ") ||
		    g_str_has_prefix(lines[i], "end INBOX"))
			g_string_append_printf(out, "%s; ", lines[i]);
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *label;
	guint exists;
	guint32 last, rest_from, rest_upto;
	const char *done, *found;
	const char *asked[6];
	const char *searched; /* what we asked SEARCH for */
	const char *expect;
} passes[] = {
	{ "a first pass over much: the newest slice first, and the store knows what is to come",
	    1200, 0, 0, 0, "", "1:1200", { "701:1200", "201:700", "1:200" }, "UID SEARCH ALL",
	    "rest INBOX 0:1200; 701-1200 rest INBOX 0:700; 201-700 rest INBOX 0:200; 1-200 "
	    "rest INBOX 0:0; end INBOX (inbox) 1200; " },
	{ "500 are no more than a slice: in rising order", 500, 0, 0, 0, "", "1:500", { "1:500" },
	    "UID SEARCH ALL", "1-500 end INBOX (inbox) 500; " },
	{ "much that is new, behind what is known", 1200, 600, 0, 0, "", "601:1200",
	    { "701:1200", "601:700" }, "UID SEARCH UID 601:*",
	    "rest INBOX 600:1200; 701-1200 rest INBOX 600:700; 601-700 rest INBOX 0:0; "
	    "end INBOX (inbox) 1200; " },
	{ "killed amid a slice: what is new, then the rest, without what was recorded of it", 1203,
	    1200, 0, 700, "201:350", "1:700,1201:1203", { "1201:1203", "51:200,351:700", "1:50" },
	    "UID SEARCH UID 1:700,1201:*",
	    "1201-1203 51-200 351-700 rest INBOX 0:50; 1-50 rest INBOX 0:0; end INBOX (inbox) "
	    "1203; " },
	{ "all of the rest is gone meanwhile", 650, 1200, 0, 700, "201:350", "1200", { NULL },
	    "UID SEARCH UID 1:700,1201:*", "rest INBOX 0:0; end INBOX (inbox) 650; " },
	{ "a failure in the rest is asked for as such, once", 1200, 1200, 0, 3, "1:3", "1:3,1200",
	    { NULL }, "UID SEARCH UID 1:3,1201:*", "rest INBOX 0:0; end INBOX (inbox) 1200; " },
};

static struct fetch_state *
make_state(gsize i)
{
	struct fetch_state *state = g_new0(struct fetch_state, 1);

	state->folder = g_strdup("INBOX");
	state->uidvalidity = 7;
	state->last_uid = passes[i].last;
	state->present = passes[i].exists;
	for (guint k = 0; passes[i].asked[k] != NULL; k++) {
		g_autoptr(GArray) set = numbers(passes[i].asked[k]);
		state->present -= set->len;
	}
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	state->rest_from = passes[i].rest_from;
	state->rest_upto = passes[i].rest_upto;
	state->rest_done = numbers(passes[i].done);
	return state;
}

static void
test_passes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(passes); i++) {
		g_autofree char *script =
		    make_script(passes[i].exists, passes[i].found, passes[i].asked);
		struct player player;

		g_test_message("%s", passes[i].label);
		player_run(&player, PROTOCOL_IMAP, passes[i].last > 0 ? make_state(i) : NULL,
		    script, strlen(script), 4096);
		g_assert_nonnull(strstr(player.commands->str, passes[i].searched));
		g_autofree char *got = summary(player.events->str);
		g_assert_cmpstr(got, ==, passes[i].expect);
		for (guint k = 0; passes[i].asked[k] != NULL; k++) {
			g_autofree char *fetch =
			    g_strdup_printf("UID FETCH %s (", passes[i].asked[k]);
			g_assert_nonnull(strstr(player.commands->str, fetch));
		}
		player_clear(&player);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/slice/passes", test_passes);
	return g_test_run();
}
