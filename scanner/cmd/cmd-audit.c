/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit: who did what and when, and the proof that nobody changed what stands there.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/when.h"
#include "cmd/cmd-common.h"
#include "cmd/table.h"
#include "store/audit.h"

#define LIMIT_DEFAULT 200
#define HEAD_DIGITS   16 /* of a hash, in a line */

static const char help[] =
    "Examples:\n"
    "  flagpost audit                             the last 200 rows\n"
    "  flagpost audit --who anna --what show      what anna looked at\n"
    "  flagpost audit --from 2026-11-01 --to 2026-11-30 --json\n"
    "  flagpost audit verify                      proves the chain\n"
    "  flagpost audit verify --head 3f9a01bc5d    ... and that a head which a report shows is in "
    "it\n"
    "\n"
    "Usage: flagpost audit [OPTION...]\n"
    "       flagpost audit verify [--head HASH]\n"
    "\n"
    "Each row of the ledger holds a digest over itself and the row before: a row that was "
    "changed,\n"
    "taken out or put in between breaks the chain there. Every report shows the head of its day;\n"
    "a head that was kept elsewhere proves that none was cut off since.\n"
    "\n"
    "  --from D --to D   from the begin of one day to the end of the other\n"
    "  --who NAME        by whom, or several by *\n"
    "  --what VERB       poll, run, ruleset, search, show, report, review, ..., or several by *\n"
    "  --about TEXT      only rows that name it: a digest, a rule\n"
    "  --limit N         the newest N rows, 0 for all; default 200\n"
    "  --json            one JSON object a row, with its hash\n"
    "\n"
    "Exit codes: 0 done, or the chain holds; 65 it does not; 64 usage; 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *from, *to, *who, *what, *about, *head; /* options */
	gint limit;
};

static void
print_json(const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct audit_row *row = g_ptr_array_index(rows, i);
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *seen = clock_iso(row->seen);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "row", row->id);
		json_put(&json, "time", seen);
		/* The hash is over this number, not over the text above. */
		json_put_int(&json, "microseconds", row->seen);
		json_put(&json, "who", row->who);
		json_put(&json, "what", row->verb);
		json_put(&json, "object", row->object);
		json_put(&json, "hash", row->hash);
		json_end(&json);
		puts(out->str);
	}
}

static void
print_table(const GPtrArray *rows, GTimeZone *zone)
{
	static const char *const heads[] = { ">ROW", "TIME", "WHO", "WHAT", "ABOUT", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct audit_row *row = g_ptr_array_index(rows, i);
		g_autofree char *local = clock_local(row->seen, zone);
		table_add(table, "%" G_GINT64_FORMAT, row->id);
		table_add(table, "%s", local);
		table_add(table, "%s", row->who);
		table_add(table, "%s", row->verb);
		table_add(table, "%s", row->object);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

static bool
read_window(const struct request *request, GTimeZone *zone, struct audit_query *query)
{
	g_autoptr(GError) error = NULL;
	gint64 ignored;

	if ((request->from == NULL ||
		when_parse(request->from, zone, &query->from, &ignored, &error)) &&
	    (request->to == NULL || when_parse(request->to, zone, &ignored, &query->to, &error)))
		return true;
	cmd_usage_error(
	    "audit", NULL, "%s: %s", query->from == 0 ? "--from" : "--to", error->message);
	return false;
}

static int
list(const struct request *request, const struct config *config, struct view *view)
{
	g_autoptr(GError) error = NULL;
	struct audit_query query = { .who = request->who,
		.verb = request->what,
		.object = request->about,
		.limit = (guint)request->limit };

	if (!read_window(request, config->zone, &query))
		return FAULT_USAGE;
	g_autoptr(GPtrArray) rows = audit_rows(view, &query, &error);
	if (rows == NULL)
		return cmd_fail("audit", error);
	if (request->globals->json)
		print_json(rows);
	else if (rows->len > 0)
		print_table(rows, config->zone);
	if (rows->len == 0 && !request->globals->quiet)
		fputs("nothing found\n", stderr);
	return cmd_finish("audit", CMD_OK);
}

static int
verify(const struct request *request, const struct config *config, struct view *view)
{
	g_autoptr(GError) error = NULL;
	struct audit_head head;
	guint64 row;

	if (!audit_verify(view, request->head, &head, &row, &error))
		return cmd_fail("audit", error);
	if (request->globals->json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "rows", (gint64)head.rows);
		json_put(&json, "head", head.hash);
		json_end(&json);
		puts(out->str);
		return cmd_finish("audit", CMD_OK);
	}
	g_autofree char *seen = clock_local(head.seen, config->zone);
	printf("%" G_GUINT64_FORMAT " rows, unbroken; the head is %s (%s)\n", head.rows, head.hash,
	    head.rows > 0 ? seen : "no row yet");
	if (row > 0)
		printf("the head %.*s is that of row %" G_GUINT64_FORMAT "\n", HEAD_DIGITS,
		    request->head, row);
	return cmd_finish("audit", CMD_OK);
}

static int
audit(const struct request *request, bool prove)
{
	g_autoptr(config) config = cmd_load_config(request->globals);
	int code = CMD_OK;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("audit", config, &code);
	if (view == NULL)
		return code;
	return prove ? verify(request, config, view) : list(request, config, view);
}

static int
check(const struct request *request, int argc, char **argv)
{
	bool prove = argc == 2 && strcmp(argv[1], "verify") == 0;

	if (argc == 2 && !prove)
		return cmd_usage_error(
		    "audit", "flagpost audit verify", "'%s' is not known", argv[1]);
	if (prove && (request->from != NULL || request->to != NULL || request->who != NULL ||
			 request->what != NULL || request->about != NULL))
		return cmd_usage_error(
		    "audit", NULL, "verify proves all rows: no filter goes with it");
	if (!prove && request->head != NULL)
		return cmd_usage_error(
		    "audit", "flagpost audit verify --head HASH", "--head goes with verify alone");
	if (request->limit < 0)
		return cmd_usage_error("audit", NULL, "--limit %d is below 0", request->limit);
	return audit(request, prove);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "audit", help, 0, 1, true };
	struct request request = { .globals = globals, .limit = LIMIT_DEFAULT };
	const GOptionEntry entries[] = {
		{ "from", 0, 0, G_OPTION_ARG_STRING, &request.from, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_STRING, &request.to, NULL, NULL },
		{ "who", 0, 0, G_OPTION_ARG_STRING, &request.who, NULL, NULL },
		{ "what", 0, 0, G_OPTION_ARG_STRING, &request.what, NULL, NULL },
		{ "about", 0, 0, G_OPTION_ARG_STRING, &request.about, NULL, NULL },
		{ "head", 0, 0, G_OPTION_ARG_STRING, &request.head, NULL, NULL },
		{ "limit", 0, 0, G_OPTION_ARG_INT, &request.limit, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = check(&request, argc, argv);
	g_free(request.from);
	g_free(request.to);
	g_free(request.who);
	g_free(request.what);
	g_free(request.about);
	g_free(request.head);
	return code;
}

const struct cmd cmd_audit = { "audit", "who did what and when; the proof that nobody changed it",
	run };
