/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [group.NAME] csv: who is in a group by a table, and what is said of a table that is not right.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "daemon/config.h"

#define GENERAL                                                                                    \
	"[general]\norganisation = Corp\nown_domains = corp.example\ndata_dir = "                  \
	"data\n[group.board]\n"

static const char table[] = "Name;Mail;Department\n"
			    "Anna;anna@corp.example;Board\n"
			    "Bert;bert@corp.example;Sales\n"
			    "Carl;;Board\n"
			    "\"Dora; the younger\"; dora@corp.example ;BOARD\n";

static const struct {
	const char *label, *keys, *table;
	const char *members; /* "a b"; NULL: refused */
	const char *problem; /* "people.csv:3:1: ..."; NULL: none */
} rows[] = {
	{ "every row", "csv = people.csv\n", table,
	    "anna@corp.example bert@corp.example dora@corp.example", NULL },
	{ "some rows, in any case", "csv = people.csv\nwhere = department=board\n", table,
	    "anna@corp.example dora@corp.example", NULL },
	{ "two conditions", "csv = people.csv\nwhere = department=board, name = Anna\n", table,
	    "anna@corp.example", NULL },
	{ "another column", "csv = people.csv\ncolumn = Address\n", "Address\na@corp.example\n",
	    "a@corp.example", NULL },
	{ "nobody", "csv = people.csv\nwhere = department=Law\n", table, "",
	    "people.csv:0:0: no row is a member of [group.board]" },
	{ "a column that is not there", "csv = people.csv\ncolumn = mial\n", table, NULL,
	    "flagpost.ini:7:10: the table has no column 'mial'" },
	{ "a condition on one", "csv = people.csv\nwhere = site=Berlin\n", table, NULL,
	    "flagpost.ini:7:9: the table has no column 'site'" },
	{ "a condition that is none", "csv = people.csv\nwhere = Berlin\n", table, NULL,
	    "flagpost.ini:7:9: 'Berlin' is no COLUMN=VALUE" },
	{ "half a group is none", "csv = people.csv\n", "Mail\na@corp.example\nbert\n", NULL,
	    "people.csv:3:1: 'bert' is not one address" },
	{ "an empty table", "csv = people.csv\n", "", NULL, "people.csv:1:1: the table is empty" },
	{ "no table", "csv = nowhere.csv\n", table, NULL, "nowhere.csv:0:0: " },
	{ "a table and members", "csv = people.csv\nmembers = a@corp.example\n", table, NULL,
	    "flagpost.ini:6:7: group 'board' needs members or file or csv" },
	{ "a directory that is not there", "directory = corp\nfilter = (l=Berlin)\n", table, NULL,
	    "flagpost.ini:6:0: group 'board': there is no directory 'corp'" },
	{ "nobody of a directory",
	    "directory = corp\n[directory.corp]\nurl = ldaps://dc.corp.example\nbase = "
	    "DC=corp\n",
	    table, NULL,
	    "flagpost.ini:6:13: group 'board' does not say who of the directory is in it" },
	{ "a filter that is none", "directory = corp\nfilter = (l=Berlin\n", table, NULL,
	    "flagpost.ini:7:10: the filter of group 'board' has a bracket that is not closed" },
	{ "a group that is no name", "directory = corp\nldap_group = Board\n", table, NULL,
	    "flagpost.ini:7:14: the ldap_group of 'board' is not of the form CN=Board," },
	{ "a directory without TLS",
	    "members = a@corp.example\n[directory.corp]\nurl = ldapi://dc.corp.example\nbase = "
	    "DC=corp\n",
	    table, NULL, "flagpost.ini:8:7: " },
	{ "a directory without a place for people",
	    "members = a@corp.example\n[directory.corp]\nurl = ldaps://dc.corp.example\n", table,
	    NULL, "flagpost.ini:7:1: directory 'corp' has no base" },
	{ "a name without a password, which would pass for nobody",
	    "members = a@corp.example\n[directory.corp]\nurl = ldaps://dc.corp.example\nbase = "
	    "DC=corp\nuser = CN=x\n",
	    table, NULL, "flagpost.ini:10:8: directory 'corp' has a user, but neither" },
	{ "a password in the file",
	    "members = a@corp.example\n[directory.corp]\nurl = ldaps://dc.corp.example\nbase = "
	    "DC=corp\nuser = CN=x\npassword = secret\n",
	    table, NULL, "flagpost.ini:11:" },
	{ "a filter without a directory", "members = a@corp.example\nfilter = (l=Berlin)\n", table,
	    NULL, "flagpost.ini:7:10: filter belongs to directory" },
	{ "where without a table", "members = a@corp.example\nwhere = department=board\n", table,
	    NULL, "flagpost.ini:7:9: where belongs to csv" },
};

static char *
first_problem(const struct problems *problems)
{
	if (problems_total(problems) == 0)
		return NULL;
	const struct problem *problem = problems_get(problems, 0);
	g_autofree char *name = g_path_get_basename(problem->file);
	return g_strdup_printf("%s:%u:%u: %s", name, problem->line, problem->column, problem->text);
}

static void
test_csv(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autofree char *folder = g_dir_make_tmp("flagpost-groups-XXXXXX", NULL);
		g_autofree char *path = g_build_filename(folder, "flagpost.ini", NULL);
		g_autofree char *people = g_build_filename(folder, "people.csv", NULL);
		g_autofree char *text = g_strconcat(GENERAL, rows[i].keys, NULL);
		g_test_message("%s", rows[i].label);
		g_assert_true(g_file_set_contents(path, text, -1, NULL));
		g_assert_true(g_file_set_contents(people, rows[i].table, -1, NULL));
		g_autoptr(config) config = config_load(path, problems);
		g_autofree char *problem = first_problem(problems);
		g_assert_cmpint(config != NULL, ==, rows[i].members != NULL);
		if (rows[i].problem == NULL)
			g_assert_null(problem);
		else if (problem == NULL || !g_str_has_prefix(problem, rows[i].problem))
			g_error("%s: %s", rows[i].label, problem);
		if (config != NULL) {
			GStrv members = g_hash_table_lookup(config->groups, "board");
			g_autofree char *all = g_strjoinv(" ", members);
			g_assert_cmpstr(all, ==, rows[i].members);
		}
		g_unlink(path);
		g_unlink(people);
		g_rmdir(folder);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/groups/csv", test_csv);
	return g_test_run();
}
