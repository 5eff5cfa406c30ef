/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "daemon/config.h"
#include "folder.h"

#define GENERAL "[general]\nown_domains = corp.example\n[ledger]\n"

/* *said is all problems, a line each. */
static struct config *
load(const char *text, char **folder, char **said)
{
	g_autoptr(problems) problems = problems_new();
	g_autofree char *all = g_strconcat(GENERAL, text, NULL);
	GString *out = g_string_new(NULL);

	*folder = fresh_folder();
	g_autofree char *path = put_file(*folder, "flagpost.ini", all);
	struct config *config = config_load(path, problems);
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(out, "%u: %s (%s)\n", problem->line, problem->text,
		    problem->mend != NULL ? problem->mend : "");
	}
	*said = g_string_free(out, FALSE);
	remove_tree(*folder);
	return config;
}

/* A stamp that nobody could check, or an authority that is none, is found before it is needed. */
static void
test_mistakes(void)
{
	static const struct {
		const char *label, *text, *said;
	} cases[] = {
		{ "an authority without certificates", "tsa = https://tsa.example/\n",
		    "write tsa_ca_file = FILE" },
		{ "no address", "tsa = tsa.example\ntsa_ca_file = ca.pem\n", "4: " },
		{ "another protocol", "tsa = ftp://tsa.example/\ntsa_ca_file = ca.pem\n", "4: " },
		{ "a file on this machine", "tsa = file:///etc/passwd\ntsa_ca_file = ca.pem\n",
		    "4: " },
		{ "a password in it", "tsa = https://u:secret@tsa.example/\ntsa_ca_file = a\n",
		    "4: " },
		{ "a misspelt key", "tsa_cafile = ca.pem\n", "did you mean tsa_ca_file?" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = NULL, *said = NULL;
		g_autoptr(config) config = load(cases[i].text, &folder, &said);
		g_test_message("%s: %s", cases[i].label, said);
		g_assert_null(config);
		g_assert_nonnull(strstr(said, cases[i].said));
		g_assert_null(strstr(said, "secret"));
	}
}

static void
test_read(void)
{
	g_autofree char *folder = NULL, *said = NULL;
	g_autoptr(config) config =
	    load("tsa = http://tsa.example/x\ntsa_ca_file = tsa.pem\nca_file = /etc/roots.pem\n",
		&folder, &said);

	g_assert_cmpstr(said, ==, "");
	g_assert_cmpstr(config->ledger.tsa, ==, "http://tsa.example/x");
	g_test_message("a path is meant beside the file that names it");
	g_autofree char *beside = g_build_filename(folder, "tsa.pem", NULL);
	g_assert_cmpstr(config->ledger.tsa_ca_file, ==, beside);
	g_assert_cmpstr(config->ledger.ca_file, ==, "/etc/roots.pem");
}

static void
test_none(void)
{
	g_autofree char *folder = NULL, *said = NULL;
	g_autoptr(config) config = load("", &folder, &said);

	g_assert_cmpstr(said, ==, "");
	g_assert_null(config->ledger.tsa);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config-ledger/mistakes", test_mistakes);
	g_test_add_func("/config-ledger/read", test_read);
	g_test_add_func("/config-ledger/none", test_none);
	return g_test_run();
}
