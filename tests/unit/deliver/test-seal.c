/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "deliver/compose.h"
#include "deliver/seal.h"

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static struct seal_key
some_key(guint8 first)
{
	struct seal_key key = { .bytes = { first }, .id = "0123456789abcdef" };

	return key;
}

static char *
sealed_mail(const struct seal_key *key)
{
	static const char page[] = "<p>nightjar-4711 \303\274\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(page, sizeof(page) - 1);
	const struct compose_file file = { "2026-11-22.html", "text/html", bytes };
	const struct compose compose = {
		.from = { "Example Corp", "flagpost@corp.example" },
		.to = (const struct compose_person[]){ { "officer", "o@corp.example" },
		    { "chief of a name that is long enough to be folded", "c@corp.example" } },
		.n_to = 2,
		.kind = "report",
		.subject = "Flag report, Sunday, 22 November 2026: 3 flags (1 high) in 1,000 mails",
		.text = "no flags\n",
		.digest = DIGEST,
		.date = G_GINT64_CONSTANT(1795305600000000),
		.files = &file,
		.n_files = 1,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = compose_message(&compose, &error);

	g_assert_no_error(error);
	g_autoptr(GBytes) sealed = seal_add(plain, key, &error);
	g_assert_no_error(error);
	gsize size;
	const char *data = g_bytes_get_data(sealed, &size);
	return g_strndup(data, size);
}

/* from NULL: put behind it. */
static char *
replaced(const char *text, const char *from, const char *to)
{
	if (from == NULL)
		return g_strconcat(text, to, NULL);
	const char *at = strstr(text, from);

	g_assert_nonnull(at);
	return g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void
check_seal(const char *mail, const struct seal_key *key, enum seal_state wanted, const char *says)
{
	struct io_spool *spool = io_spool_new(g_get_tmp_dir());
	g_autoptr(GError) error = NULL;
	enum seal_state state;
	const char *what;

	g_assert_true(io_spool_write(spool, mail, strlen(mail), &error));
	int fd = io_spool_finish(&spool, &error);
	g_assert_true(seal_check(fd, key, &state, &what, &error));
	g_assert_no_error(error);
	g_assert_cmpint(state, ==, wanted);
	g_assert_nonnull(strstr(what, says));
	io_close(&fd);
}

static void
test_changes(void)
{
	static const struct {
		const char *label, *from, *to;
		enum seal_state state;
		const char *says;
	} cases[] = {
		{ "as it was sent", "v=1", "v=1", SEAL_OURS, "" },
		{ "servers put their fields before it", "X-Flagpost-Seal",
		    "Return-Path: <f@corp.example>\r\nReceived: from a\r\n\tby b\r\n"
		    "X-Flagpost-Seal",
		    SEAL_OURS, "" },
		{ "a server folds in another way", ";\r\n b=", "; b=", SEAL_OURS, "" },
		{ "a server writes the name in another case",
		    "Message-Id:", "Message-ID:", SEAL_OURS, "" },
		{ "a server adds an empty line at the end", NULL, "\r\n", SEAL_OURS, "" },
		{ "a secret in a field that is not ours", "X-Flagpost-Seal",
		    "X-Note: nightjar-4711\r\nX-Flagpost-Seal", SEAL_ALTERED, "fields" },
		{ "sent on by hand (RFC 5322 section 3.6.6)", "X-Flagpost-Seal",
		    "Resent-To: <x@rival.example>\r\nX-Flagpost-Seal", SEAL_ALTERED, "fields" },
		{ "a carriage return that ends the header for some", "X-Flagpost-Seal",
		    "Received: x\r\rnightjar-4711\r\nX-Flagpost-Seal", SEAL_ALTERED, "fields" },
		{ "a second Subject", "Auto-Submitted", "Subject: nightjar-4711\r\nAuto-Submitted",
		    SEAL_ALTERED, "header" },
		{ "a line that is no field", "X-Flagpost-Seal", "nightjar-4711\r\nX-Flagpost-Seal",
		    SEAL_ALTERED, "fields" },
		{ "a gateway marks the subject", "Subject: ", "Subject: [EXTERNAL] ", SEAL_ALTERED,
		    "header" },
		{ "another boundary, so that the parts are others", "boundary=\"", "boundary=\"x",
		    SEAL_ALTERED, "header" },
		{ "another recipient", "o@corp.example", "o@rival.example", SEAL_ALTERED,
		    "header" },
		{ "a text is put behind it", NULL, "nightjar-4711\r\n", SEAL_ALTERED, "body" },
		{ "a server adds a footer", "no flags", "no flags\r\nScanned by X", SEAL_ALTERED,
		    "body" },
		{ "its Message-ID is another: the field is copied", "<report.", "<report.0",
		    SEAL_FORGED, "not made" },
		{ "a form that is none", "v=1", "v=2", SEAL_FORGED, "not made" },
		{ "a seal that is cut", "i=", "i", SEAL_FORGED, "not made" },
		{ "no Date", "\r\nDate:", "\r\nReceived:", SEAL_FORGED, "not made" },
		{ "no seal at all", "X-Flagpost-Seal", "X-Spam-Status", SEAL_NONE, "" },
		{ "a seal in the body alone", "X-Flagpost-Seal", "\r\nX-Flagpost-Seal", SEAL_NONE,
		    "" },
	};
	struct seal_key key = some_key(1);
	g_autofree char *mail = sealed_mail(&key);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autofree char *changed = replaced(mail, cases[i].from, cases[i].to);
		check_seal(changed, &key, cases[i].state, cases[i].says);
	}
}

/* A Maildir has lines that end in LF. */
static void
test_line_ends(void)
{
	struct seal_key key = some_key(1);
	g_autofree char *mail = sealed_mail(&key);
	g_auto(GStrv) lines = g_strsplit(mail, "\r\n", -1);
	g_autofree char *local = g_strjoinv("\n", lines);

	check_seal(local, &key, SEAL_OURS, "");
}

static void
test_other_key(void)
{
	struct seal_key key = some_key(1), other = some_key(2);
	g_autofree char *mail = sealed_mail(&other);

	check_seal(mail, &key, SEAL_FORGED, "not made");
}

/* What servers add is no place for a page of its own. */
static void
test_much_added(void)
{
	struct seal_key key = some_key(1);
	g_autofree char *mail = sealed_mail(&key);
	g_autofree char *much = g_strnfill(SEAL_TRACE_MAX, 'x');
	g_autofree char *added = g_strdup_printf("Received: %s\r\n%s", much, mail);

	check_seal(added, &key, SEAL_ALTERED, "fields");
	g_autofree char *endless = g_strnfill(SEAL_HEAD_MAX, 'x');
	g_autofree char *cut = replaced(mail, "Auto-Submitted", endless);
	check_seal(cut, &key, SEAL_FORGED, "no end");
}

static void
test_key_file(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("flagpost-seal-XXXXXX", &error);
	g_autofree char *path = g_build_filename(folder, "seal.key", NULL);
	struct seal_key key, again;
	struct stat facts;
	bool there;

	g_assert_true(seal_key_load(folder, false, &key, &there, &error));
	g_assert_false(there);
	g_assert_true(seal_key_load(folder, true, &key, &there, &error));
	g_assert_true(there);
	g_assert_cmpint(stat(path, &facts), ==, 0);
	g_assert_cmpuint(facts.st_mode & 07777, ==, 0600);
	g_assert_true(seal_key_load(folder, true, &again, &there, &error));
	g_assert_cmpmem(key.bytes, SEAL_KEY_BYTES, again.bytes, SEAL_KEY_BYTES);
	g_assert_cmpstr(key.id, ==, again.id);
	g_assert_true(g_file_set_contents(path, "short\n", -1, &error));
	g_assert_cmpint(chmod(path, 0600), ==, 0);
	g_assert_false(seal_key_load(folder, true, &key, &there, &error));
	g_assert_nonnull(strstr(error->message, "is no key"));
	g_clear_error(&error);
	g_assert_cmpint(chmod(path, 0644), ==, 0);
	g_assert_false(seal_key_load(folder, false, &key, &there, &error));
	g_assert_nonnull(strstr(error->message, "chmod 0600"));
	g_unlink(path);
	g_rmdir(folder);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/seal/changes", test_changes);
	g_test_add_func("/seal/line-ends", test_line_ends);
	g_test_add_func("/seal/other-key", test_other_key);
	g_test_add_func("/seal/much-added", test_much_added);
	g_test_add_func("/seal/key-file", test_key_file);
	return g_test_run();
}
