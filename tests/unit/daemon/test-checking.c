/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../store/fixture.h"

#include "daemon/checking.h"
#include "store/verify.h"

static void
on_found(const char *word, const char *text, void *data)
{
	GString *out = data;

	g_test_message("  %s: %s", word, text);
	g_string_append_printf(out, "%s ", word);
}

static struct config *
config_of(const struct fixture *fixture)
{
	struct config *config = config_new();

	g_free(config->data_dir);
	config->data_dir = g_strdup(fixture->data);
	return config;
}

/* All days of a round, one after another. */
static char *
checked(const struct fixture *fixture)
{
	g_autoptr(config) config = config_of(fixture);
	GString *out = g_string_new(NULL);

	for (guint day = 0; day < VERIFY_DAYS; day++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(checking) checking =
		    checking_new(config, MORNING + day * DAY, on_found, out, &error);
		g_assert_no_error(error);
		while (!checking_is_done(checking))
			g_main_context_iteration(NULL, TRUE);
	}
	return g_string_free(out, FALSE);
}

static void
test_round(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
	fixture_close(&fixture);
	g_autofree char *before = checked(&fixture);
	g_assert_cmpstr(before, ==, "");

	g_test_message("an altered copy is found once in a round");
	g_autofree char *path = volume_path(&fixture);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	g_assert_true(io_pwrite_all(fd, "X", 1, 512, NULL));
	io_close(&fd);
	g_autofree char *after = checked(&fixture);
	g_assert_cmpstr(after, ==, "copy-deviates ");
	fixture_end(&fixture);
}

/* The service ends in the middle of it. */
static void
test_ended(void)
{
	struct fixture fixture;
	g_autoptr(GString) out = g_string_new(NULL);

	fixture_start(&fixture);
	g_autoptr(config) config = config_of(&fixture);
	g_autoptr(checking) checking = checking_new(config, MORNING, on_found, out, NULL);
	g_assert_nonnull(checking);
	g_clear_pointer(&checking, checking_free);
	while (g_main_context_iteration(NULL, FALSE))
		;
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checking/round", test_round);
	g_test_add_func("/checking/ended", test_ended);
	return g_test_run();
}
