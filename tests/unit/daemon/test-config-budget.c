/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "daemon/config.h"
#include "folder.h"

#define GENERAL "[general]\nown_domains = corp.example\n"
#define AT(url) "[account.hq]\nurl = " url "\nuser = scanner\npassword_file = hq\npurpose = test\n"
#define ACCOUNT AT("imaps://mail.corp.example")
#define LOCAL   "[account.hq]\nurl = maildir:///var/mail/box\npurpose = test\n"
#define LIST    "[mailboxes.all]\naccount = hq\nfile = list.txt\n"

/* Reads it beside a list of two mailboxes; *said is all problems, a line each. */
static struct config *
load(const char *text, char **said)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "flagpost.ini", text);
	g_autoptr(problems) problems = problems_new();
	g_free(put_file(folder, "list.txt", "anna\nbert\n"));
	struct config *config = config_load(path, problems);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(out, "%u: %s (%s)\n", problem->line, problem->text,
		    problem->mend != NULL ? problem->mend : "");
	}
	*said = g_string_free(out, FALSE);
	remove_tree(folder);
	return config;
}

static const struct {
	const char *label, *text;
	const char *said; /* a part of it */
} mistakes[] = {
	{ "a budget is a size", GENERAL ACCOUNT "bytes_a_day = lots\n", "8: " },
	{ "a budget that no pass could live on", GENERAL ACCOUNT "bytes_a_day = 10k\n", "8: " },
	{ "fewer commands than one pass takes", GENERAL ACCOUNT "commands_a_minute = 1\n", "8: " },
	{ "no connection at all", GENERAL ACCOUNT "connections = 0\n", "8: " },
	{ "watching takes a second connection", GENERAL ACCOUNT "watch = yes\nconnections = 1\n",
	    "9: account 'hq' is watched, which takes a connection beside that of its passes "
	    "(write connections = 2 or more, or remove watch)" },
	{ "mail on this machine has no server to be spared", GENERAL LOCAL "bytes_a_day = 2G\n",
	    "6: bytes_a_day does not belong to account 'hq'" },
	{ "nor can a message of ours be put there", GENERAL LOCAL "canary = yes\n",
	    "6: canary does not belong to account 'hq'" },
	{ "nor over POP3", GENERAL AT("pop3s://mail.corp.example") "canary = yes\n",
	    "8: account 'hq' can have no canary: only over IMAP" },
	{ "a canary that nobody would see", GENERAL ACCOUNT "canary = yes\nfolders = Sent*\n",
	    "8: account 'hq' would never see its canary: INBOX is not among its folders" },
	{ "yes or no", GENERAL ACCOUNT "canary = maybe\n", "8: " },
	{ "no server takes none", GENERAL "[limits]\nconnections_per_server = 0\n", "4: " },
};

static void
test_mistakes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		g_autofree char *said = NULL;
		g_autoptr(config) config = load(mistakes[i].text, &said);
		g_test_message("%s: %s", mistakes[i].label, said);
		g_assert_null(config);
		g_assert_nonnull(strstr(said, mistakes[i].said));
	}
}

/* Each mailbox of a list has what its account has, and each for itself. */
static void
test_values(void)
{
	g_autofree char *said = NULL;
	g_autoptr(config) config = load(GENERAL ACCOUNT "bytes_a_day = 2G\ncommands_a_minute = 90\n"
							"connections = 3\ncanary = yes\n" LIST
							"[limits]\nconnections_per_server = 20\n",
	    &said);

	g_assert_cmpstr(said, ==, "");
	g_assert_cmpuint(config->accounts->len, ==, 2);
	g_assert_cmpuint(config->limits.connections_per_server, ==, 20);
	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		g_assert_cmpuint(account->bytes_a_day, ==, G_GUINT64_CONSTANT(2) << 30);
		g_assert_cmpuint(account->commands_a_minute, ==, 90);
		g_assert_cmpuint(account->connections, ==, 3);
		g_assert_true(account->canary);
	}
}

/* Who writes nothing has no budget, and nothing is ever put into a mailbox. */
static void
test_defaults(void)
{
	g_autofree char *said = NULL;
	g_autoptr(config) config = load(GENERAL ACCOUNT, &said);
	const struct account *account = g_ptr_array_index(config->accounts, 0);

	g_assert_cmpuint(account->bytes_a_day, ==, 0);
	g_assert_cmpuint(account->commands_a_minute, ==, 0);
	g_assert_cmpuint(account->connections, ==, 0);
	g_assert_false(account->canary);
	g_assert_cmpuint(config->limits.connections_per_server, ==, 1000);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config-budget/mistakes", test_mistakes);
	g_test_add_func("/config-budget/values", test_values);
	g_test_add_func("/config-budget/defaults", test_defaults);
	return g_test_run();
}
