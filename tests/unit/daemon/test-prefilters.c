/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled prefilters on disk: made once, taken again, made anew whatever was done to the file,
 * and never believed from a place that others can write to.
 */
#include "daemon/prefilters.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "rules/prefilter.h"

struct site {
	char *folder;
	struct config *config;
	struct sources *sources;
	struct ruleset *ruleset;
};

static void
site_open(struct site *site)
{
	static const char rule[] = "[rule]\nid = one\ntitle = One\nseverity = low\n"
				   "description = One.\n[content.x]\ntype = regex\n"
				   "pattern.1 = nightjar-\\d+\npattern.2 = e\n";
	g_autoptr(problems) problems = problems_new();
	struct source *source = g_new0(struct source, 1);

	site->folder = g_dir_make_tmp("prefilters-XXXXXX", NULL);
	site->config = config_new();
	g_free(site->config->data_dir);
	site->config->data_dir = g_strdup(site->folder);
	site->sources = sources_new();
	source->name = g_strdup("10-one.ini");
	source->path = g_strdup("10-one.ini");
	source->text = g_bytes_new_static(rule, strlen(rule));
	g_ptr_array_add(site->sources->files, source);
	sources_seal(site->sources);
	site->ruleset = ruleset_compile(site->sources, &site->config->limits, problems);
	g_assert_nonnull(site->ruleset);
}

static char *
site_file(const struct site *site)
{
	g_autofree char *key = ruleset_prefilter_key(site->ruleset);
	g_autofree char *folder = prefilters_folder(site->config);

	return g_strconcat(folder, "/", key, ".prefilter", NULL);
}

static void
site_close(struct site *site)
{
	g_autofree char *file = site_file(site);
	g_autofree char *folder = g_path_get_dirname(file);

	g_remove(file);
	g_rmdir(folder);
	g_rmdir(site->folder);
	g_free(site->folder);
	ruleset_free(site->ruleset);
	sources_free(site->sources);
	config_free(site->config);
}

static bool
is_lacking(void)
{
	if (prefilter_lacking() == NULL)
		return false;
	g_test_skip(prefilter_lacking());
	return true;
}

/* What was handed over is what a worker can use. */
static void
assert_usable(const struct site *site)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes =
	    io_read_fd(site->sources->prefilter_fd, PREFILTER_BYTES_MAX, &error);

	g_assert_no_error(error);
	g_assert_true(ruleset_prefilter_use(site->ruleset, bytes, &error));
	g_assert_no_error(error);
	g_assert_null(ruleset_pattern(site->ruleset, 0).alone);
	g_assert_nonnull(ruleset_pattern(site->ruleset, 1).alone);
	/* Nobody changes it any more. */
	g_assert_cmpint(write(site->sources->prefilter_fd, "x", 1), ==, -1);
}

static void
test_kept(void)
{
	struct site site;
	struct stat status;

	if (is_lacking())
		return;
	site_open(&site);
	g_autofree char *file = site_file(&site);
	g_assert_cmpstr(prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_KNOWN),
	    ==, "none was made yet");
	g_assert_cmpint(site.sources->prefilter_fd, ==, -1);
	g_assert_null(prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_MAKE));
	assert_usable(&site);
	g_assert_cmpint(stat(file, &status), ==, 0);
	g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
	g_assert_null(prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_KNOWN));
	assert_usable(&site);
	site.config->prefilter = false;
	g_assert_cmpstr(prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_MAKE),
	    ==, "[engine] prefilter = no");
	site_close(&site);
}

static void
put(const char *file, const char *data, gsize size)
{
	g_assert_true(g_file_set_contents(file, data, (gssize)size, NULL));
	g_assert_cmpint(chmod(file, 0600), ==, 0);
}

/* A byte changed, a file cut, others' rights on it: made anew, and right again. */
static void
test_broken(void)
{
	struct site site;
	g_autofree char *data = NULL;
	gsize size;

	if (is_lacking())
		return;
	site_open(&site);
	g_autofree char *file = site_file(&site);
	g_assert_null(prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_MAKE));
	g_assert_true(g_file_get_contents(file, &data, &size, NULL));
	for (guint way = 0; way < 4; way++) {
		g_autofree char *copy = g_memdup2(data, size);
		copy[size / 2] ^= way == 0;
		copy[0] ^= way == 1;
		put(file, copy, way == 2 ? size - 1 : size);
		if (way == 3)
			g_assert_cmpint(chmod(file, 0640), ==, 0);
		g_assert_cmpstr(
		    prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_KNOWN), ==,
		    "none was made yet");
		g_assert_null(
		    prefilters_give(site.sources, site.ruleset, site.config, PREFILTERS_MAKE));
		assert_usable(&site);
	}
	site_close(&site);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
	g_test_add_func("/daemon/prefilters/kept", test_kept);
	g_test_add_func("/daemon/prefilters/broken", test_broken);
	return g_test_run();
}
