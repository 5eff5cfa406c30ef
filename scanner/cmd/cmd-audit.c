/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit: who did what and when, and the proof that nobody changed what stands there.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/audit-stamp.h"
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
    "  flagpost audit verify                      proves the chain, and its time stamps\n"
    "  flagpost audit stamp                       has its head time-stamped: [ledger] tsa\n"
    "  flagpost audit verify --head 3f9a01bc5d    ... and that a head which a report shows is in "
    "it\n"
    "  flagpost audit diff                        the lines that changes of rules changed\n"
    "  flagpost audit diff 4711                   ... that the change of row 4711 did\n"
    "\n"
    "Usage: flagpost audit [OPTION...]\n"
    "       flagpost audit diff [OPTION...] [ROW]\n"
    "       flagpost audit verify [--head HASH]\n"
    "\n"
    "Each row of the ledger holds a digest over itself and the row before: a row that was "
    "changed,\n"
    "taken out or put in between breaks the chain there. Every report shows the head of its day;\n"
    "a head that was kept elsewhere proves that none was cut off since.\n"
    "\n"
    "diff shows a change of rules as a unified diff of their files, and proves it against the "
    "row.\n"
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
	enum { AUDIT_LIST, AUDIT_VERIFY, AUDIT_DIFF } wanted;
	guint64 row; /* of a diff; 0: all */
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

static int
list(const struct request *request, const struct config *config, struct view *view)
{
	g_autoptr(GError) error = NULL;
	struct audit_query query = { .who = request->who,
		.verb = request->what,
		.object = request->about,
		.limit = (guint)request->limit };

	if (!cmd_window("audit", request->from, request->to, config->zone, &query.from, &query.to))
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
	struct audit_stamps stamps;
	struct audit_head head;
	guint64 row;
	int code;

	if (!audit_verify(view, request->head, &head, &row, &error) ||
	    !audit_stamp_verify(config, view, request->globals->quiet, &stamps, &error))
		return cmd_fail("audit", error);
	code = stamps.wrong > 0 ? FAULT_DATA : stamps.unproved > 0 ? CMD_GAPS : CMD_OK;
	if (request->globals->json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "rows", (gint64)head.rows);
		json_put(&json, "head", head.hash);
		json_put_int(&json, "stamps", (gint64)stamps.stamps);
		json_put_int(&json, "stamps_wrong", (gint64)stamps.wrong);
		json_end(&json);
		puts(out->str);
		return cmd_finish("audit", code);
	}
	g_autofree char *seen = clock_local(head.seen, config->zone);
	printf("%" G_GUINT64_FORMAT " rows, unbroken; the head is %s (%s)\n", head.rows, head.hash,
	    head.rows > 0 ? seen : "no row yet");
	if (row > 0)
		printf("the head %.*s is that of row %" G_GUINT64_FORMAT "\n", HEAD_DIGITS,
		    request->head, row);
	if (stamps.stamps > 0)
		printf("%u of %u time stamps hold\n",
		    stamps.stamps - stamps.wrong - stamps.unproved, stamps.stamps);
	return cmd_finish("audit", code);
}

/* --- diffs --- */

/* Line by line: what stands in a rule may not move the cursor. */
static void
print_lines(const GString *diff)
{
	g_auto(GStrv) lines = g_strsplit(diff->str, "\n", -1);

	for (gsize i = 0; lines[i] != NULL && (lines[i + 1] != NULL || lines[i][0] != '\0'); i++) {
		g_autoptr(GString) safe = g_string_new(NULL);
		g_auto(GStrv) cells = g_strsplit(lines[i], "\t", -1);
		for (gsize k = 0; cells[k] != NULL; k++) {
			g_autofree char *cell = text_printable(cells[k], 0);
			g_string_append_printf(safe, "%s%s", k > 0 ? "\t" : "", cell);
		}
		puts(safe->str);
	}
}

static void
print_diff(const struct request *request, const struct audit_row *row, const GString *diff,
    GTimeZone *zone)
{
	g_autofree char *local = clock_local(row->seen, zone);
	g_autofree char *iso = clock_iso(row->seen);
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	if (!request->globals->json) {
		printf("# row %" G_GINT64_FORMAT ", %s: %s\n", row->id, local, row->object);
		print_lines(diff);
		return;
	}
	json_init(&json, out);
	json_begin(&json, '{');
	json_put_int(&json, "row", row->id);
	json_put(&json, "time", iso);
	json_put(&json, "object", row->object);
	json_put(&json, "diff", diff->str);
	json_end(&json);
	puts(out->str);
}

static int
diff(const struct request *request, const struct config *config, struct view *view)
{
	g_autoptr(GError) error = NULL;
	struct audit_query query = { .verb = "ruleset-change",
		.object = request->about,
		.limit = request->row != 0 ? 0 : (guint)request->limit };
	int code = CMD_OK;
	guint shown = 0;

	if (!cmd_window("audit", request->from, request->to, config->zone, &query.from, &query.to))
		return FAULT_USAGE;
	g_autoptr(GPtrArray) rows = audit_rows(view, &query, &error);
	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const struct audit_row *row = g_ptr_array_index(rows, i);
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GError) trouble = NULL;
		if (request->row != 0 && row->id != (gint64)request->row)
			continue;
		shown++;
		if (audit_diff(view, row->id, text, &trouble))
			print_diff(request, row, text, config->zone);
		else
			code = cmd_fail("audit", trouble);
	}
	if (rows == NULL)
		return cmd_fail("audit", error);
	if (shown == 0 && request->row != 0)
		return cmd_usage_error("audit", "flagpost audit --what ruleset-change names them",
		    "row %" G_GUINT64_FORMAT " is no change of rules", request->row);
	if (shown == 0 && !request->globals->quiet)
		fputs("nothing found\n", stderr);
	return cmd_finish("audit", code);
}

static int
audit(const struct request *request)
{
	g_autoptr(config) config = cmd_load_config(request->globals);
	int code = CMD_OK;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("audit", config, &code);
	if (view == NULL)
		return code;
	if (request->wanted == AUDIT_DIFF)
		return diff(request, config, view);
	return request->wanted == AUDIT_VERIFY ? verify(request, config, view)
					       : list(request, config, view);
}

/* What the arguments ask for; 0, or the code of a usage error. */
static int
read_words(struct request *request, int argc, char **argv)
{
	static const char *const words[] = { "verify", "diff", NULL };

	if (argc < 2)
		return 0;
	if (!g_strv_contains(words, argv[1]))
		return cmd_usage_error("audit", "flagpost audit verify, or flagpost audit diff",
		    "'%s' is not known", argv[1]);
	request->wanted = argv[1][0] == 'v' ? AUDIT_VERIFY : AUDIT_DIFF;
	if (argc == 2)
		return 0;
	if (request->wanted == AUDIT_VERIFY)
		return cmd_usage_error("audit", NULL, "verify takes no '%s'", argv[2]);
	if (!g_ascii_string_to_unsigned(argv[2], 10, 1, G_MAXINT64, &request->row, NULL))
		return cmd_usage_error("audit", "flagpost audit diff 4711",
		    "'%s' is not the number of a row", argv[2]);
	return 0;
}

static int
check(struct request *request, int argc, char **argv)
{
	int code = read_words(request, argc, argv);
	bool prove = request->wanted == AUDIT_VERIFY;

	if (code != 0)
		return code;
	if (prove && (request->from != NULL || request->to != NULL || request->who != NULL ||
			 request->what != NULL || request->about != NULL))
		return cmd_usage_error(
		    "audit", NULL, "verify proves all rows: no filter goes with it");
	if (request->wanted == AUDIT_DIFF && (request->who != NULL || request->what != NULL))
		return cmd_usage_error("audit", NULL, "--who and --what do not go with diff");
	if (!prove && request->head != NULL)
		return cmd_usage_error(
		    "audit", "flagpost audit verify --head HASH", "--head goes with verify alone");
	if (request->limit < 0)
		return cmd_usage_error("audit", NULL, "--limit %d is below 0", request->limit);
	return audit(request);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "audit", help, 0, 2, true };
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

	if (argc > 1 && strcmp(argv[1], "stamp") == 0)
		return audit_stamp_run(globals, argc - 1, argv + 1);
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
