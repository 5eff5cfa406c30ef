/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold: what must not be purged.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/holds.h"
#include "cmd/table.h"
#include "store/hold.h"
#include "store/review.h"

static const char help[] =
    "Examples:\n"
    "  flagpost hold add case-7 --query 'to:@rival.example after:2026-01-01' --note 'court order'\n"
    "  flagpost hold add anna --person anna@corp.example --note 'request of 12 May'\n"
    "  flagpost hold add leak --flag I-4 --note 'under investigation'\n"
    "  flagpost hold list\n"
    "  flagpost hold release case-7 --note 'closed'\n"
    "\n"
    "Usage: flagpost hold add NAME (--query Q | --person ADDRESS | --flag F...) --note TEXT\n"
    "       flagpost hold list [--all]\n"
    "       flagpost hold release NAME --note TEXT\n"
    "\n"
    "What a hold holds is not purged, whatever its age and whoever asks. A query is asked again\n"
    "before each purge, so that mail which comes later is held as well; what it found once stays\n"
    "held. The ledger names who held and released what.\n"
    "\n"
    "  --query Q         words as for flagpost search\n"
    "  --person ADDRESS  all that it sent or received\n"
    "  --flag F          the messages of a flag (17) or an incident (I-4); may stand several "
    "times\n"
    "  --note TEXT       why\n"
    "  --all             list: released ones too\n"
    "  --json            list: one JSON object a hold\n"
    "\n"
    "Exit codes: 0 done; 64 usage; 75 try again; 77 who does not see all mail; 78 configuration.\n";

struct options {
	char *query, *person, *note;
	GStrv flags;
	gboolean all;
};

/* --- add --- */

static GArray *
messages_of_flags(struct view *view, const GStrv names, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	for (guint i = 0; names[i] != NULL; i++) {
		if (!review_find(view, names[i], flags, error))
			return NULL;
	}
	for (guint i = 0; i < flags->len; i++) {
		g_autoptr(view_flag) flag =
		    view_flag_one(view, g_array_index(flags, gint64, i), error);
		if (flag == NULL)
			return NULL;
		g_array_append_val(ids, flag->message->id);
	}
	return g_steal_pointer(&ids);
}

/* As `search` would be asked; "" for flags. */
static char *
query_of(const struct options *options)
{
	if (options->query != NULL)
		return g_strdup(options->query);
	if (options->person != NULL)
		return g_strdup_printf("from:%s\nOR\nto:%s", options->person, options->person);
	return g_strdup("");
}

static int
add(struct view *view, const struct config *config, const char *name, const struct options *options)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *query = query_of(options);
	g_autoptr(GArray) ids = options->flags != NULL
				    ? messages_of_flags(view, options->flags, &error)
				    : holds_find(view, query, config->zone, &error);

	if (ids == NULL || !hold_add(view, name, query, options->note, ids, &error))
		return cmd_fail("hold", error);
	printf("%s holds %u message%s%s\n", name, ids->len, ids->len == 1 ? "" : "s",
	    query[0] != '\0' ? ", and what its query finds later" : "");
	if (query[0] == '\0')
		return CMD_OK;
	g_autoptr(filters) filters = filters_of_query(query, config->zone, NULL);
	filters_tell(filters, "hold");
	return CMD_OK;
}

/* --- list --- */

static void
print_json(const struct hold *hold)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *begun = clock_iso(hold->begun);
	g_autofree char *released = hold->released != 0 ? clock_iso(hold->released) : NULL;
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "name", hold->name);
	json_put_int(&json, "messages", (gint64)hold->messages);
	json_put(&json, "query", hold->query);
	json_put(&json, "note", hold->note);
	json_put(&json, "who", hold->who);
	json_put(&json, "begun", begun);
	json_put(&json, "released", released);
	json_end(&json);
	puts(out->str);
}

static void
print_holds(const GPtrArray *holds, GTimeZone *zone)
{
	static const char *const heads[] = { "NAME", ">MESSAGES", "SINCE", "UNTIL", "BY", "NOTE",
		"QUERY", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < holds->len; i++) {
		const struct hold *hold = holds->pdata[i];
		g_autofree char *since = clock_local(hold->begun, zone);
		g_autofree char *until =
		    hold->released != 0 ? clock_local(hold->released, zone) : g_strdup("in force");
		g_autofree char *query = g_strdelimit(g_strdup(hold->query), "\n", ' ');
		table_add(table, "%s", hold->name);
		table_add(table, "%" G_GUINT64_FORMAT, hold->messages);
		table_add(table, "%s", since);
		table_add(table, "%s", until);
		table_add(table, "%s", hold->who);
		table_add(table, "%s", hold->note);
		table_add(table, "%s", query);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

static int
list(const struct cmd_globals *globals, struct view *view, const struct config *config, bool all)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) holds = hold_list(view, all, &error);

	if (holds == NULL)
		return cmd_fail("hold", error);
	for (guint i = 0; globals->json && i < holds->len; i++)
		print_json(holds->pdata[i]);
	if (!globals->json && holds->len > 0)
		print_holds(holds, config->zone);
	if (holds->len == 0 && !globals->quiet)
		fputs("nothing is held\n", stderr);
	return CMD_OK;
}

/* --- what was asked --- */

/* NULL: it is right. */
static const char *
find_mistake(const char *verb, const char *name, const struct options *options)
{
	guint whats =
	    (options->query != NULL) + (options->person != NULL) + (options->flags != NULL);
	bool is_list = strcmp(verb, "list") == 0, is_add = strcmp(verb, "add") == 0;

	if (!is_list && !is_add && strcmp(verb, "release") != 0)
		return "add, list or release is wanted";
	if (is_list)
		return name != NULL || whats > 0 || options->note != NULL
			   ? "list takes no name and no options but --all"
			   : NULL;
	if (name == NULL)
		return "a name is missing";
	if (options->note == NULL || options->note[0] == '\0')
		return "--note is missing: why it is held or released";
	if (is_add ? whats != 1 : whats != 0)
		return is_add ? "add takes one of --query, --person and --flag"
			      : "release takes a name and --note";
	return options->person != NULL && strpbrk(options->person, " \t\n\"()") != NULL
		   ? "--person is one address"
		   : NULL;
}

static int
act(const struct cmd_globals *globals, const char *verb, const char *name,
    const struct options *options)
{
	const char *mistake = find_mistake(verb, name, options);
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	if (mistake != NULL)
		return cmd_usage_error("hold", "see: flagpost hold --help", "%s", mistake);
	g_autoptr(config) config = cmd_load_config(globals);
	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("hold", config, &code);
	if (view == NULL)
		return code;
	if (strcmp(verb, "list") == 0)
		return list(globals, view, config, options->all);
	if (strcmp(verb, "add") == 0)
		return add(view, config, name, options);
	if (!hold_release(view, name, options->note, &error))
		return cmd_fail("hold", error);
	return CMD_OK;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "hold", help, 1, 2, true };
	struct options options = { 0 };
	const GOptionEntry entries[] = { { "query", 0, 0, G_OPTION_ARG_STRING, &options.query, NULL,
					     NULL },
		{ "person", 0, 0, G_OPTION_ARG_STRING, &options.person, NULL, NULL },
		{ "flag", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.flags, NULL, NULL },
		{ "note", 0, 0, G_OPTION_ARG_STRING, &options.note, NULL, NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &options.all, NULL, NULL }, G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code =
		    cmd_finish("hold", act(globals, argv[1], argc > 2 ? argv[2] : NULL, &options));
	g_free(options.query);
	g_free(options.person);
	g_free(options.note);
	g_strfreev(options.flags);
	return code;
}

const struct cmd cmd_hold = { "hold", "what must not be purged", run };
