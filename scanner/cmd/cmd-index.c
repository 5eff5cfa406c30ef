/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index: what the search knows, made once more.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "daemon/copies.h"
#include "daemon/rebuilding.h"
#include "store/view-scope.h"

static const char help[] =
    "Examples:\n"
    "  systemctl stop flagpost && flagpost index rebuild\n"
    "\n"
    "Usage: flagpost index rebuild [OPTION...]\n"
    "\n"
    "Makes all that the search keeps once more: words, people and tags of every message, from the\n"
    "database's rows and, by scan workers, from the copies. For an index that verify calls "
    "damaged.\n"
    "No mail, flag or review is touched. The service and polls must be stopped meanwhile. It may "
    "be\n"
    "ended at any time: the next one goes on. Until it is done a search finds only what is back, "
    "and\n"
    "says how many messages are not.\n"
    "\n"
    "  --anew              from the beginning, also where one is under way\n"
    "  --without-archived  also where copies stand in archives: what their texts say is found no\n"
    "                      more until they are restored and this is done again\n"
    "  --json              one JSON object at the end\n"
    "\n"
    "Exit codes: 0 done, 2 texts of some messages are not in it, 64 usage, 65 copies stand in\n"
    "archives, 74 the database itself is damaged, 75 the service runs: stop it, 77 not allowed.\n";

struct run {
	const struct cmd_globals *globals;
	struct progress *progress;
};

static void
on_progress(guint64 done, guint64 all, void *data)
{
	const struct run *run = data;

	progress_set(run->progress, done, all, "messages");
}

static void
on_trouble(const char *text, void *data)
{
	const struct run *run = data;

	progress_clear(run->progress);
	fputs("flagpost index: ", stderr);
	cmd_put(stderr, text, 0);
	fputc('\n', stderr);
}

static void
print_counts(const struct run *run, const struct rebuilding_counts *counts)
{
	if (!run->globals->json) {
		if (!run->globals->quiet)
			printf("%" G_GUINT64_FORMAT
			       " messages are in the index%s, %" G_GUINT64_FORMAT
			       " with their texts\n",
			    counts->messages, counts->resumed ? " since the last time" : "",
			    counts->texts);
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put_int(&json, "messages", (gint64)counts->messages);
	json_put_int(&json, "texts", (gint64)counts->texts);
	json_put_int(&json, "archived", (gint64)counts->archived);
	json_put_int(&json, "unread", (gint64)counts->unread);
	json_put_bool(&json, "resumed", counts->resumed);
	json_end(&json);
	puts(out->str);
}

static int
rebuild(struct run *run, struct rebuilding *what)
{
	struct rebuilding_counts counts;
	g_autoptr(GError) error = NULL;

	if (!view_note_access(what->view, "index", "rebuild: begun", &error))
		return cmd_fail("index", error);
	bool right = rebuilding_run(what, &counts, &error);
	progress_clear(run->progress);
	g_autofree char *object = g_strdup_printf("rebuild: %s, %" G_GUINT64_FORMAT
						  " messages, %" G_GUINT64_FORMAT " with texts",
	    right ? "done" : "not done", counts.messages, counts.texts);
	if (!view_note_access(what->view, "index", object, error != NULL ? NULL : &error) || !right)
		return cmd_fail("index", error);
	print_counts(run, &counts);
	return counts.unread + counts.archived > 0 ? CMD_GAPS : CMD_OK;
}

/* It concerns all mail; no content is shown. */
static int
open_whole(const struct config *config, struct view **view)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;
	g_autoptr(view) asked = cmd_open_view("index", config, &code);
	g_autofree char *person = cmd_person();

	if (asked == NULL)
		return code;
	if (view_reach(asked) == VIEW_OWN || view_reach(asked) == VIEW_ACCOUNTS)
		g_set_error(&error, FAULT, FAULT_DENIED,
		    "the index is for officers of all accounts and for administrators");
	else
		*view = copies_open_view(config, person, &error);
	return error != NULL ? cmd_fail("index", error) : CMD_OK;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "index", help, 1, 1, true };
	gboolean anew = FALSE, without = FALSE;
	const GOptionEntry entries[] = {
		{ "anew", 0, 0, G_OPTION_ARG_NONE, &anew, NULL, NULL },
		{ "without-archived", 0, 0, G_OPTION_ARG_NONE, &without, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	struct run run = { .globals = globals };
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (strcmp(argv[1], "rebuild") != 0)
		return cmd_usage_error("index", "rebuild", "unknown word '%s'", argv[1]);
	g_autoptr(config) config = cmd_load_config(globals);
	g_autoptr(view) view = NULL;
	if (config == NULL)
		return FAULT_CONFIG;
	code = open_whole(config, &view);
	if (code != CMD_OK)
		return code;
	struct rebuilding what = { .config = config,
		.view = view,
		.anew = anew,
		.without_archived = without,
		.progress = on_progress,
		.trouble = on_trouble,
		.data = &run };
	run.progress = progress_new(stderr, globals->quiet);
	code = cmd_finish("index", rebuild(&run, &what));
	progress_free(run.progress);
	return code;
}

const struct cmd cmd_index = { "index", "what the search knows, made once more: rebuild", run };
