/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/secret.h"

static char *
folder_new(void)
{
	GError *error = NULL;
	char *folder = g_dir_make_tmp("flagpost-password-XXXXXX", &error);

	g_assert_no_error(error);
	return folder;
}

static void
test_files(void)
{
	static const struct {
		const char *label, *content;
		gssize size;
		int mode;
		const char *expect; /* the password, or NULL */
		const char *says;   /* within the error */
	} cases[] = {
		{ "private", "secret", -1, 0600, "secret", NULL },
		{ "read-only", "secret", -1, 0400, "secret", NULL },
		{ "a line end does not count", "secret\n", -1, 0600, "secret", NULL },
		{ "nor one of DOS", "secret\r\n", -1, 0600, "secret", NULL },
		{ "blanks do", " se cret \n", -1, 0600, " se cret ", NULL },
		{ "the first line only", "secret\nnote: old one\n", -1, 0600, "secret", NULL },
		{ "a file of ours needs no group", "secret", -1, 0640, NULL, "its group can read" },
		{ "everybody may read", "secret", -1, 0644, NULL, "chmod 0600" },
		{ "everybody may write", "secret", -1, 0602, NULL, "chmod 0600" },
		{ "the group may write", "secret", -1, 0660, NULL, "chmod 0600" },
		{ "empty", "", -1, 0600, NULL, "empty first line" },
		{ "an empty first line", "\nsecret\n", -1, 0600, NULL, "empty first line" },
		{ "a NUL", "sec\0ret", 7, 0600, NULL, "NUL" },
	};
	g_autofree char *folder = folder_new();
	g_autofree char *path = g_build_filename(folder, "password", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_assert_true(g_file_set_contents(path, cases[i].content, cases[i].size, NULL));
		g_assert_cmpint(g_chmod(path, (mode_t)cases[i].mode), ==, 0);
		char *password = secret_read(path, "", &error);
		g_assert_cmpstr(password, ==, cases[i].expect);
		secret_wipe(password);
		if (cases[i].expect != NULL)
			continue;
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_nonnull(strstr(error->message, cases[i].says));
		g_assert_null(strstr(error->message, "secret"));
	}
	g_unlink(path);
	g_rmdir(folder);
}

static void
test_places(void)
{
	g_autofree char *folder = folder_new();
	g_autofree char *path = g_build_filename(folder, "cred", NULL);
	g_autofree char *pipe = g_build_filename(folder, "pipe", NULL);
	g_autofree char *long_line = g_strnfill(SECRET_MAX + 1, 'x');
	g_autofree char *long_path = g_build_filename(folder, "long", NULL);
	const struct {
		const char *label, *file, *credential;
		bool with_folder;
		const char *says; /* NULL: it works */
	} cases[] = {
		{ "a credential", "", "cred", true, NULL },
		{ "a credential without systemd", "", "cred", false, "LoadCredential=cred" },
		{ "a credential that is a path", "", "../cred", true, "not a path" },
		{ "a credential that is not there", "", "other", true, "cannot be opened" },
		{ "a file that is not there", "/nonexistent/x", "", true, "cannot be opened" },
		{ "a folder", folder, "", true, "not a regular file" },
		{ "a pipe, which must not be waited for", pipe, "", true, "not a regular file" },
		{ "an endless line", long_path, "", true, "4096" },
	};

	g_assert_true(g_file_set_contents(path, "secret\n", -1, NULL));
	g_assert_true(g_file_set_contents(long_path, long_line, -1, NULL));
	g_assert_cmpint(g_chmod(long_path, 0600), ==, 0);
	g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		if (cases[i].with_folder)
			g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
		else
			g_unsetenv("CREDENTIALS_DIRECTORY");
		char *password = secret_read(cases[i].file, cases[i].credential, &error);
		g_assert_cmpstr(password, ==, cases[i].says == NULL ? "secret" : NULL);
		secret_wipe(password);
		if (cases[i].says != NULL)
			g_assert_nonnull(strstr(error->message, cases[i].says));
	}
	g_unlink(path);
	g_unlink(long_path);
	g_unlink(pipe);
	g_rmdir(folder);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/secret/files", test_files);
	g_test_add_func("/secret/places", test_places);
	return g_test_run();
}
