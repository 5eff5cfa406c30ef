/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FROM "From anna@x.example Sun Nov 22 09:02:05 2026\n"

struct place {
	char *root;
};

static void
place_begin(struct place *place)
{
	place->root = g_dir_make_tmp("flagpost-local-XXXXXX", NULL);
	g_assert_nonnull(place->root);
}

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		if (g_file_test(inner, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
			remove_tree(inner);
		else
			g_unlink(inner);
	}
	g_rmdir(path);
}

static void
place_end(struct place *place)
{
	remove_tree(place->root);
	g_free(place->root);
}

/* Written long ago. */
static void
put(const struct place *place, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(place->root, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static struct fetch_state *
state_of(const char *folder, const char *uids)
{
	struct fetch_state *state = g_new0(struct fetch_state, 1);

	state->folder = g_strdup(folder);
	state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	state->uidls = g_strsplit(uids, ",", -1);
	return state;
}

/* A pass, with what the store knows of INBOX; the events. */
static char *
pass(const struct place *place, const char *scheme, const char *name, const char *known)
{
	struct player player = { .events = g_string_new(NULL), .details = g_string_new(NULL) };
	struct account *account = account_new("a");
	GPtrArray *states =
	    g_ptr_array_new_with_free_func((GDestroyNotify)(void *)fetch_state_free);
	g_autofree char *url = g_strdup_printf("%s://%s/%s", scheme, place->root, name);

	limits_default(&player.limits);
	player.limits.message = 1000;
	g_assert_true(account_set_url(account, url, NULL));
	if (known != NULL)
		g_ptr_array_add(states, state_of("INBOX", known));
	struct session *session =
	    session_new(account, states, &player.limits, g_get_tmp_dir(), player_emit, &player);
	session_start(session, NULL);
	while (session_pump(session, 1000))
		;
	g_assert_true(session->done);
	session_free(session);
	g_string_free(player.details, TRUE);
	GString *out = player.events;
	g_string_replace(out, place->root, "ROOT", 0);
	return g_string_free(out, FALSE);
}

static void
expect(const struct place *place, const char *scheme, const char *name, const char *known,
    const char *events)
{
	g_autofree char *got = pass(place, scheme, name, known);

	g_assert_cmpstr(got, ==, events);
}

static void
test_maildir(void)
{
	struct place place;

	place_begin(&place);
	put(&place, "new/1.a.host", "Subject: a\n\n");
	put(&place, "cur/2.b.host:2,DS", "Subject: b\n\n");
	put(&place, "tmp/3.c.host", "half of it");
	put(&place, ".Sent/cur/4.d.host:2,", "Subject: d\n\n");
	put(&place, ".Entw&APw-rfe/cur/5.e.host:2,", "Subject: e\n\n");
	put(&place, ".Entw&APw-rfe/new/.keep", "");
	put(&place, ".Sent/new/.keep", "");
	expect(&place, "maildir", "", NULL,
	    "begin Entwürfe (drafts) 1\nmessage Entwürfe 0/5.e.host/12 draft \"Subject: e\\n\\n\"\n"
	    "end Entwürfe (drafts) 1 present=5.e.host/12\n"
	    "begin INBOX (inbox) 2\nmessage INBOX 0/1.a.host/12 \"Subject: a\\n\\n\"\n"
	    "message INBOX 0/2.b.host/12 draft \"Subject: b\\n\\n\"\n"
	    "end INBOX (inbox) 2 present=1.a.host/12,2.b.host/12\n"
	    "begin Sent (sent) 1\nmessage Sent 0/4.d.host/12 \"Subject: d\\n\\n\"\n"
	    "end Sent (sent) 1 present=4.d.host/12\naccount ok\n");
	g_test_message("somebody reads a, deletes b, and c arrives");
	g_autofree char *from = g_build_filename(place.root, "new/1.a.host", NULL);
	g_autofree char *to = g_build_filename(place.root, "cur/1.a.host:2,RS", NULL);
	g_autofree char *gone = g_build_filename(place.root, "cur/2.b.host:2,DS", NULL);
	g_assert_cmpint(g_rename(from, to) + g_unlink(gone), ==, 0);
	put(&place, "new/3.c.host", "Subject: c\n\n");
	g_autofree char *got = pass(&place, "maildir", "", "1.a.host/12,2.b.host/12");
	g_assert_nonnull(strstr(got, "begin INBOX (inbox) 2\n"
				     "message INBOX 0/3.c.host/12 \"Subject: c\\n\\n\"\n"
				     "end INBOX (inbox) 2 present=1.a.host/12,3.c.host/12\n"));
	place_end(&place);
}

static void
test_maildir_traps(void)
{
	struct place place;

	place_begin(&place);
	expect(&place, "maildir", "", NULL,
	    "account away: ROOT/ is no Maildir: there is no folder cur in it\n");
	expect(&place, "maildir", "none", NULL,
	    "account away: ROOT/none: No such file or directory\n");
	put(&place, "new/1.a", "one");
	put(&place, "cur/1.a:2,S", "one");
	put(&place, "cur/\xff b", "two");
	put(&place, "secret", "three");
	g_autofree char *link = g_build_filename(place.root, "cur/link", NULL);
	g_autofree char *pipe = g_build_filename(place.root, "cur/pipe", NULL);
	g_assert_cmpint(symlink("../secret", link) + mkfifo(pipe, 0600), ==, 0);
	expect(&place, "maildir", "", NULL,
	    "note INBOX not-read\nbegin INBOX (inbox) 2\nmessage INBOX 0/%FF%20b/3 \"two\"\n"
	    "message INBOX 0/1.a/3 \"one\"\nend INBOX (inbox) 2 present=%FF%20b/3,1.a/3\n"
	    "account ok\n");
	g_test_message("a folder that cannot be listed is no empty one");
	g_autofree char *new = g_build_filename(place.root, "new", NULL);
	remove_tree(new);
	expect(&place, "maildir", "", "%FF%20b/3,1.a/3",
	    "note INBOX not-read\nbegin INBOX (inbox) 2\n"
	    "end INBOX (inbox) 2 failed: ROOT/new: No such file or directory\naccount ok\n");
	place_end(&place);
}

static void
test_eml(void)
{
	g_autofree char *big = g_strnfill(1001, 'x');
	struct place place;

	place_begin(&place);
	put(&place, "a.eml", "one");
	put(&place, "b.eml.part", "half");
	put(&place, ".c.eml", "half");
	put(&place, "big.eml", big);
	put(&place, "2025/d.eml", "four");
	expect(&place, "eml", "", NULL,
	    "begin 2025 () 1\nmessage 2025 0/d.eml/4/1000000000.000000000 \"four\"\n"
	    "end 2025 () 1 present=d.eml/4/1000000000.000000000\n"
	    "begin INBOX (inbox) 2\nmessage INBOX 0/a.eml/3/1000000000.000000000 \"one\"\n"
	    "failed INBOX 0/big.eml/1001/1000000000.000000000 over-limit\n"
	    "end INBOX (inbox) 2 present=a.eml/3/1000000000.000000000,"
	    "big.eml/1001/1000000000.000000000\naccount ok\n");
	g_test_message("written to just now: it waits");
	g_autofree char *now = g_build_filename(place.root, "2025/d.eml", NULL);
	g_assert_true(g_file_set_contents(now, "fo", -1, NULL));
	g_autofree char *got = pass(&place, "eml", "", NULL);
	g_assert_nonnull(
	    strstr(got, "begin 2025 () 0\nnote 2025 unsettled\nend 2025 () 0 present=\n"));
	place_end(&place);
}

static char *
digest_name(const char *text)
{
	g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

	return g_strconcat("sha256:", hex, NULL);
}

static void
test_mbox(void)
{
	g_autofree char *one = digest_name("S: a\n\nFrom me\n");
	g_autofree char *two = digest_name("S: b\n\n");
	struct place place;

	place_begin(&place);
	put(&place, "box", FROM "S: a\n\n>From me\n\n" FROM "S: b\n\n\n" FROM "S: b\n\n\n");
	g_autofree char *first = g_strdup_printf(
	    "begin INBOX (inbox) 0\nmessage INBOX 0/%s \"S: a\\n\\nFrom me\\n\"\n"
	    "message INBOX 0/%s \"S: b\\n\\n\"\nmessage INBOX 0/%s#2 \"S: b\\n\\n\"\n"
	    "end INBOX (inbox) 3 present=%s,%s,%s#2\naccount ok\n",
	    one, two, two, one, two, two);
	expect(&place, "mbox", "box", NULL, first);
	g_test_message("the first is deleted and one is added");
	g_autofree char *new = digest_name("S: c\n");
	put(&place, "box", FROM "S: b\n\n\n" FROM "S: b\n\n\n" FROM "S: c\n");
	g_autofree char *known = g_strdup_printf("%s,%s,%s#2", one, two, two);
	g_autofree char *second =
	    g_strdup_printf("begin INBOX (inbox) 0\nmessage INBOX 0/%s \"S: c\\n\"\n"
			    "end INBOX (inbox) 3 present=%s,%s#2,%s\naccount ok\n",
		new, two, two, new);
	expect(&place, "mbox", "box", known, second);
	put(&place, "box.lock", "");
	expect(&place, "mbox", "box", known,
	    "account away: locked by another program: ROOT/box.lock exists\n");
	put(&place, "letter", "Dear Anna,\n");
	expect(&place, "mbox", "letter", NULL,
	    "account away: ROOT/letter is no mbox: it does not begin with \"From \"\n");
	put(&place, "empty", "");
	expect(&place, "mbox", "empty", NULL,
	    "begin INBOX (inbox) 0\nend INBOX (inbox) 0 present=\naccount ok\n");
	place_end(&place);
}

/* Who delivers takes a lock of fcntl's and would be waited for; we do not wait. */
static void
test_mbox_locked(void)
{
	struct place place;

	place_begin(&place);
	put(&place, "box", FROM "S: a\n\n");
	g_autofree char *path = g_build_filename(place.root, "box", NULL);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC);
	g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
	expect(
	    &place, "mbox", "box", NULL, "account away: ROOT/box is locked by another program\n");
	close(fd);
	place_end(&place);
}

static void
test_urls(void)
{
	static const struct {
		const char *label, *url, *host; /* NULL: refused */
	} urls[] = {
		{ "a Maildir", "maildir:///var/mail/journal", "/var/mail/journal" },
		{ "a space belongs to the path", "eml:///srv/old mail", "/srv/old mail" },
		{ "no path", "mbox://", NULL },
		{ "the root is none", "mbox:///", NULL },
		{ "a host has no place", "mbox://mail.corp.example/box", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autoptr(account) account = account_new("a");
		g_test_message("%s", urls[i].label);
		bool taken = account_set_url(account, urls[i].url, NULL);
		g_assert_cmpint(taken, ==, urls[i].host != NULL);
		if (!taken)
			continue;
		g_assert_true(account_is_local(account));
		g_assert_cmpstr(account->host, ==, urls[i].host);
		g_autoptr(account) copy = account_copy(account);
		g_assert_cmpstr(copy->host, ==, urls[i].host);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/local/maildir", test_maildir);
	g_test_add_func("/local/maildir-traps", test_maildir_traps);
	g_test_add_func("/local/eml", test_eml);
	g_test_add_func("/local/mbox", test_mbox);
	g_test_add_func("/local/mbox-locked", test_mbox_locked);
	g_test_add_func("/local/urls", test_urls);
	return g_test_run();
}
