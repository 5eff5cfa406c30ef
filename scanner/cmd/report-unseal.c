/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger knows of it before a name is printed.
 */
#include "cmd/report-unseal.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "cmd/cmd-common.h"
#include "reports/pseudonym.h"
#include "store/consent.h"
#include "store/view-scope.h"

#define SEALED_MAX (256 * 1024 * 1024) /* bytes of a table */
#define TEXT_MAX   500                 /* characters of an address */

static const char help[] =
    "Examples:\n"
    "  flagpost report unseal reports/2026/11/2026-11-22.pseudonyms.sealed \\\n"
    "      --reason 'case 17' K4F2-M7QX                 who that person is\n"
    "  flagpost report unseal FILE --reason 'case 17'   all names of the report\n"
    "\n"
    "Usage: flagpost report unseal FILE [NAME...] --reason T\n"
    "\n"
    "Says whom names such as \"Person K4F2-M7QX\" stand for. For officers who see all mail; "
    "reason\n"
    "and names stand in the ledger. Where [roles] four_eyes is set, a second officer agrees "
    "first:\n"
    "flagpost consent ask names-2026-11 --reason T.\n"
    "\n"
    "Exit codes: 0 done, 1 a name is not in the table, 64 usage, 65 no table or an altered one,\n"
    "77 refused.\n";

struct request {
	const struct cmd_globals *globals;
	const char *file;
	char **names; /* NULL-terminated; empty: all */
	char *reason;
};

static bool
is_asked(const struct request *request, const char *name)
{
	if (request->names[0] == NULL)
		return true;
	for (gsize i = 0; request->names[i] != NULL; i++) {
		gsize size = strlen(name), tail = strlen(request->names[i]);
		if (tail >= PSEUDONYM_LENGTH && tail <= size &&
		    g_ascii_strcasecmp(name + size - tail, request->names[i]) == 0)
			return true;
	}
	return false;
}

static int
print_table(const struct request *request, const char *table)
{
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	bool found = false;

	for (gsize i = 0; lines[i] != NULL; i++) {
		char *tab = strchr(lines[i], '\t');
		if (tab == NULL)
			continue;
		*tab = '\0';
		if (!is_asked(request, lines[i]))
			continue;
		found = true;
		printf("%s\t", lines[i]);
		cmd_put(stdout, tab + 1, TEXT_MAX);
		putchar('\n');
	}
	return cmd_finish("report", found || request->names[0] == NULL ? CMD_OK : CMD_FOUND);
}

static bool
note(const struct request *request, struct view *view, const char *month, GError **error)
{
	g_autofree char *names = g_strjoinv(" ", request->names);
	g_autofree char *base = g_path_get_basename(request->file);
	g_autofree char *object = g_strdup_printf("%s (names-%s): %s: %s", base, month,
	    names[0] != '\0' ? names : "all names", request->reason);

	return view_note_access(view, "unseal", object, error);
}

static int
unseal(const struct request *request, const struct config *config, struct view *view)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *month = NULL;
	g_autofree char *table = NULL;
	g_autoptr(GBytes) sealed = io_read_file(request->file, SEALED_MAX, &error);

	if (sealed != NULL)
		table = pseudonyms_unseal(config->data_dir, sealed, &month, &error);
	if (table == NULL)
		return cmd_fail("report", error);
	g_autofree char *what = g_strconcat(CONSENT_NAMES, month, NULL);
	if (!consent_check(view, what, clock_now(), &error) || !note(request, view, month, &error))
		return cmd_fail("report", error);
	return print_table(request, table);
}

static int
unseal_as_allowed(const struct request *request)
{
	g_autoptr(config) config = cmd_load_config(request->globals);
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("report", config, &code);
	if (view == NULL || !cmd_may_reveal("report", view, request->reason, &code))
		return code;
	if (view_reach(view) == VIEW_ALL)
		return unseal(request, config, view);
	g_set_error(
	    &error, FAULT, FAULT_DENIED, "unseal is for officers who see the mail of all accounts");
	return cmd_fail("report", error);
}

int
report_unseal_run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "report unseal", help, 1, -1, false };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = { { "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason,
					     NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		request.file = argv[1];
		request.names = argv + 2;
		code = unseal_as_allowed(&request);
	}
	g_free(request.reason);
	return code;
}
