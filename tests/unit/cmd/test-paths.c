/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/paths.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAIL "Subject: a\n\nbody\n"
#define MBOX "From a Sun Nov 22 09:02:05 2026\nS: a\n\n\nFrom b Sun Nov 22 09:02:05 2026\nS: b\n\n"

static const struct {
	const char *path, *text; /* text NULL: a folder */
} tree[] = {
	{ "b/2.eml", MAIL },
	{ "b/10.EML", MAIL },
	{ "b/notes.txt", "no mail\n" },
	{ "a.eml", MAIL },
	{ "c.mbox", MBOX },
	{ "d/Maildir/cur/1:2,S", MAIL },
	{ "d/Maildir/new/2", MAIL },
	{ "d/Maildir/new/.index", "x" },
	{ "d/Maildir/tmp/3", MAIL },
	{ "d/Maildir/.Sent/cur/4:2,", MAIL },
	{ "d/Maildir/.Sent/new", NULL },
	{ "z.eml", "a message of many bytes, more than the limit of this test allows for one\n" },
};

static const struct {
	const char *label;
	const char *arguments[3]; /* below the folder; NULL-terminated */
	const char *names;        /* what comes out, joined by blanks; '!' error, '+' over limit */
	guint left_out;           /* notes, an index, a link upwards */
} cases[] = {
	{ "a folder in name order, its folders among its files", { "." },
	    "./a.eml ./b/10.EML ./b/2.eml ./c.mbox#1 ./c.mbox#2 ./d/Maildir/.Sent/cur/4:2, "
	    "./d/Maildir/cur/1:2,S ./d/Maildir/new/2 +./z.eml",
	    3 },
	{ "arguments in their own order", { "z.eml", "a.eml" }, "+z.eml a.eml", 0 },
	{ "a named file is a message whatever its name is", { "b/notes.txt" }, "b/notes.txt", 0 },
	{ "a Maildir's own folder, named", { "d/Maildir/cur" }, "d/Maildir/cur/1:2,S", 0 },
	{ "what is not there does not end the walk", { "absent.eml", "a.eml" }, "!absent.eml a.eml",
	    0 },
};

static char *
build_tree(void)
{
	char *folder = g_dir_make_tmp("flagpost-paths-XXXXXX", NULL);

	g_assert_nonnull(folder);
	g_assert_cmpint(g_chdir(folder), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(tree); i++) {
		g_autofree char *parent = g_path_get_dirname(tree[i].path);
		const char *made = tree[i].text != NULL ? parent : tree[i].path;
		g_assert_cmpint(g_mkdir_with_parents(made, 0700), ==, 0);
		if (tree[i].text != NULL)
			g_assert_true(g_file_set_contents(tree[i].path, tree[i].text, -1, NULL));
	}
	/* A folder that contains itself, and a link to nowhere. */
	g_assert_cmpint(symlink("..", "b/up"), ==, 0);
	g_assert_cmpint(symlink("nowhere", "y.eml"), ==, 0);
	return folder;
}

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		if (g_file_test(entry, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
			remove_tree(entry);
		else
			g_unlink(entry);
	}
	g_rmdir(path);
}

static char *
walk(const char *const *arguments, guint64 *left_out)
{
	g_autoptr(paths) paths = paths_new(arguments, 50, "/tmp");
	GString *names = g_string_new(NULL);
	struct path_item item;
	guint64 seen, known;

	while (paths_next(paths, &item)) {
		g_string_append_printf(names, "%s%s%s", names->len > 0 ? " " : "",
		    item.error != NULL ? "!"
		    : item.over_limit  ? "+"
				       : "",
		    item.name);
		g_assert_true(item.error != NULL || item.over_limit || item.fd >= 0);
		path_item_clear(&item);
	}
	*left_out = paths_left_out(paths);
	paths_progress(paths, &seen, &known);
	g_assert_cmpuint(seen, ==, known);
	return g_string_free(names, FALSE);
}

static void
test_walk(void)
{
	g_autofree char *before = g_get_current_dir(), *folder = build_tree();

	g_assert_cmpint(g_unlink("y.eml"), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint64 left_out;
		g_test_message("%s", cases[i].label);
		g_autofree char *names = walk(cases[i].arguments, &left_out);
		g_assert_cmpstr(names, ==, cases[i].names);
		g_assert_cmpuint(left_out, ==, cases[i].left_out);
	}
	g_assert_cmpint(g_chdir(before), ==, 0);
	remove_tree(folder);
}

static void
test_dead_link(void)
{
	g_autofree char *before = g_get_current_dir(), *folder = build_tree();
	const char *const arguments[] = { ".", NULL };
	guint64 left_out;
	g_autofree char *names = walk(arguments, &left_out);

	g_test_message("a link to nowhere in a folder is an error, not silence");
	g_assert_nonnull(strstr(names, "!./y.eml"));
	g_assert_cmpint(g_chdir(before), ==, 0);
	remove_tree(folder);
}

/* Replaces standard input by a pipe that holds text. */
static void
feed(const char *text)
{
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_cmpint(write(ends[1], text, strlen(text)), ==, (gssize)strlen(text));
	close(ends[1]);
	g_assert_cmpint(dup2(ends[0], STDIN_FILENO), ==, STDIN_FILENO);
	close(ends[0]);
}

static void
test_input(void)
{
	static const struct {
		const char *label, *text, *names;
	} inputs[] = {
		{ "one message", MAIL, "-" },
		{ "an mbox", MBOX, "-#1 -#2" },
		{ "nothing at all is an empty message", "", "-" },
		{ "more than the limit",
		    "0123456789012345678901234567890123456789012345678901234567890", "+-" },
	};
	const char *const arguments[] = { "-", NULL };

	for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++) {
		guint64 left_out;
		g_test_message("%s", inputs[i].label);
		feed(inputs[i].text);
		g_autofree char *names = walk(arguments, &left_out);
		g_assert_cmpstr(names, ==, inputs[i].names);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/paths/walk", test_walk);
	g_test_add_func("/paths/dead-link", test_dead_link);
	g_test_add_func("/paths/input", test_input);
	return g_test_run();
}
