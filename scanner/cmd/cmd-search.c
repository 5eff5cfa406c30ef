/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search: messages that were recorded, by who, what, when, where and which rule.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/table.h"

#define LIMIT_DEFAULT 100
#define ID_DIGITS     12 /* of the digest: enough for `show`, short enough for a line */

static const char help[] =
    "Examples:\n"
    "  flagpost search from:anna to:rival.example\n"
    "  flagpost search subject:\"price list\" after:2026-11-01 before:2026-12-01\n"
    "  flagpost search rule:competitor-mail flagged:yes --json\n"
    "  flagpost search after:7d offer               a bare word looks in the subject\n"
    "\n"
    "Usage: flagpost search [OPTION...] FILTER...\n"
    "\n"
    "Filters: from: to: subject: rule: account: folder: after: before: flagged:yes has:gone (what\n"
    "was deleted from an account). All must hold. Times are 2026-11-22, 2026-11-22T09:02 or a\n"
    "distance such as 7d, by the Date header.\n"
    "The ID in the first column goes to `flagpost show`.\n"
    "\n"
    "  --limit N    at most N messages, 0 for all; default 100\n"
    "  --json       one JSON object a message\n"
    "\n"
    "Exit codes: 0 done, also when nothing is found; 64 usage; 78 configuration.\n";

static void
print_json(const GPtrArray *messages)
{
	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *date =
		    message->date != MESSAGE_NO_DATE ? clock_iso(message->date) : NULL;
		g_autofree char *seen = clock_iso(message->seen);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "sha256", message->sha256);
		json_put(&json, "message_id", message->message_id);
		json_put(&json, "date", date);
		json_put(&json, "seen", seen);
		json_put(&json, "from", message->from);
		json_put_strings(&json, "to", (const char *const *)message->to);
		json_put(&json, "subject", message->subject);
		json_put(&json, "direction", direction_words[message->direction]);
		json_put(&json, "outcome", outcome_words[message->outcome]);
		json_put_int(&json, "flags", message->flags);
		json_put_int(&json, "size", (gint64)message->size);
		json_put_bool(&json, "copy", message->has_copy);
		json_end(&json);
		puts(out->str);
	}
}

static void
print_table(const GPtrArray *messages, GTimeZone *zone)
{
	static const char *const heads[] = { "ID", "DATE", ">FLAGS", "FROM", "TO", "SUBJECT",
		NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		gint64 date = message->date != MESSAGE_NO_DATE ? message->date : message->seen;
		g_autofree char *local = clock_local(date, zone);
		guint others = g_strv_length(message->to);
		table_add(table, "%.*s", ID_DIGITS, message->sha256);
		table_add(table, "%s%s", local, message->date == MESSAGE_NO_DATE ? " seen" : "");
		table_add(table, "%u", message->flags);
		table_add(table, "%s", message->from);
		if (others > 1)
			table_add(table, "%s +%u", message->to[0], others - 1);
		else
			table_add(table, "%s", others == 1 ? message->to[0] : "");
		table_add(table, "%s", message->subject);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

/* The ledger names what was asked, since that tells what the person saw. */
static char *
describe(char *const *words)
{
	g_autofree char *text = g_strjoinv(" ", (char **)words);

	return g_utf8_make_valid(text, -1);
}

static int
search(const struct cmd_globals *globals, char *const *words, gint limit)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config) config = cmd_load_config(globals);
	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(filters) filters = filters_new((const char *const *)words, config->zone, &error);
	if (filters == NULL)
		return cmd_usage_error(
		    "search", "see: flagpost search --help", "%s", error->message);
	filters->query.limit = (guint)limit;
	int code = CMD_OK;
	g_autoptr(view) view = cmd_open_view("search", config, &code);
	if (view == NULL)
		return code;
	g_autofree char *object = describe(words);
	if (!view_note_access(view, "search", object, &error))
		return cmd_fail("search", error);
	g_autoptr(GPtrArray) messages = view_search(view, &filters->query, &error);
	if (messages == NULL)
		return cmd_fail("search", error);
	if (globals->json)
		print_json(messages);
	else if (messages->len > 0)
		print_table(messages, config->zone);
	if (messages->len == 0 && !globals->quiet)
		fputs("nothing found\n", stderr);
	if (limit > 0 && messages->len == (guint)limit && !globals->quiet)
		fprintf(stderr, "the first %d; --limit 0 shows all\n", limit);
	return cmd_finish("search", CMD_OK);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "search", help, 0, -1, true };
	gint limit = LIMIT_DEFAULT;
	const GOptionEntry entries[] = { { "limit", 0, 0, G_OPTION_ARG_INT, &limit, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (limit < 0)
		return cmd_usage_error("search", NULL, "--limit %d is below 0", limit);
	return search(globals, argv + 1, limit);
}

const struct cmd cmd_search = { "search", "recorded messages, by who, what, when and rule", run };
