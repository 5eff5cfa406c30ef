/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/refresh.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"

struct place {
	char *folder, *inner, *file, *lock;
};

static void
place_init(struct place *place)
{
	place->folder = g_dir_make_tmp("flagpost-refresh-XXXXXX", NULL);
	place->inner = g_build_filename(place->folder, "oauth", NULL);
	place->file = g_build_filename(place->inner, "hq", NULL);
	place->lock = g_build_filename(place->inner, "hq~lock", NULL);
}

static void
place_clear(struct place *place)
{
	g_unlink(place->file);
	g_unlink(place->lock);
	g_rmdir(place->inner);
	g_rmdir(place->folder);
	g_free(place->lock);
	g_free(place->file);
	g_free(place->inner);
	g_free(place->folder);
}

static void
assert_newest(const struct place *place, const char *seed, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	char *token = refresh_load(place->file, seed, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(token, ==, wanted);
	secret_wipe(token);
}

static void
test_life(void)
{
	struct place place;
	struct stat facts;
	g_autoptr(GError) error = NULL;

	place_init(&place);
	int lock = refresh_lock(place.file, &error);
	g_assert_no_error(error);
	g_assert_cmpint(lock, >=, 0);
	/* Another process waits; that is no error. */
	g_assert_cmpint(refresh_lock(place.file, &error), ==, -1);
	g_assert_no_error(error);
	assert_newest(&place, "seed", "seed");
	g_assert_true(refresh_save(place.file, "seed", "second", &error));
	assert_newest(&place, "seed", "second");
	g_assert_cmpint(g_stat(place.file, &facts), ==, 0);
	g_assert_cmpuint(facts.st_mode & 07777, ==, 0600);
	/* A new consent wins over what came of the old one. */
	assert_newest(&place, "new seed", "new seed");
	io_close(&lock);
	lock = refresh_lock(place.file, &error);
	g_assert_cmpint(lock, >=, 0);
	io_close(&lock);
	place_clear(&place);
}

static void
test_broken(void)
{
	static const struct {
		const char *label, *text;
		int mode;
		const char *says;
	} cases[] = {
		{ "open to others", "flagpost refresh token 1\nseed x\ntoken topsecret\n", 0644,
		    "chmod 0600" },
		{ "another form", "topsecret\n", 0600, "not in the form" },
		{ "cut", "flagpost refresh token 1\nseed x\n", 0600, "not in the form" },
		{ "no token", "flagpost refresh token 1\nseed x\ntoken \n", 0600,
		    "not in the form" },
		{ "empty", "", 0600, "is empty" },
	};
	struct place place;

	place_init(&place);
	g_assert_cmpint(g_mkdir(place.inner, 0700), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_assert_true(g_file_set_contents(place.file, cases[i].text, -1, NULL));
		g_assert_cmpint(g_chmod(place.file, (mode_t)cases[i].mode), ==, 0);
		g_assert_null(refresh_load(place.file, "seed", &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_nonnull(strstr(error->message, cases[i].says));
		g_assert_null(strstr(error->message, "topsecret"));
	}
	place_clear(&place);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/refresh/life", test_life);
	g_test_add_func("/refresh/broken", test_broken);
	return g_test_run();
}
