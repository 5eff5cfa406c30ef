/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export: messages of a time as a folder for people without tools. Each is noted in the ledger
 * before it is written.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/when.h"
#include "cmd/bundle.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/progress.h"
#include "store/audit.h"

#define PAGE       500 /* messages that are in memory at a time, without their bytes */
#define REASON_MIN 4

static const char help[] =
    "Examples:\n"
    "  flagpost export --from 2005-05-30 --to 2005-06-30 --out june\n"
    "  flagpost export --from \"May 30\" --to yesterday --out case from:anna has:attachment\n"
    "  flagpost export --out evidence rule:competitor-* state:escalated --reason 'case 4711'\n"
    "\n"
    "Usage: flagpost export --out DIR [OPTION...] [WORD...]\n"
    "\n"
    "Writes a folder for each day with the exact bytes of each message, a page that lists and\n"
    "searches them in any browser without a network, a manifest, checksums, the ledger of those "
    "who\n"
    "looked, and how to check all of it by sha256sum and openssl alone.\n"
    "\n"
    "  --out DIR         a new or empty folder\n"
    "  --from D --to D   from the begin of one day to the end of the other\n"
    "  --reason T        why; it stands in the ledger ([roles] may demand one)\n"
    "\n"
    "WORDS are those of `flagpost search`. Messages whose copy was not kept stand in the "
    "manifest.\n"
    "\n"
    "Exit codes: 0 done; 2 of some no copy is kept, or it was altered; 64 usage; 74 it cannot be\n"
    "written; 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *out, *from, *to, *reason; /* options */
	char *const *words;
	struct config *config;
	struct view *view;
	struct bundle *bundle;
	guint gaps;
};

/* A copy that was altered, or is gone, is named and does not end the export. */
static bool
add_message(struct request *request, const struct view_message *message, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (message->has_copy) {
		bytes = view_copy(request->view, message->id, &trouble);
		if (bytes == NULL)
			fprintf(stderr, "flagpost export: %.12s: %s\n", message->sha256,
			    trouble->message);
	}
	request->gaps += bytes == NULL;
	return bundle_add(request->bundle, message, bytes, error);
}

static bool
add_all(struct request *request, const struct view_query *what, guint64 total, GError **error)
{
	g_autoptr(progress) progress = progress_new(stderr, request->globals->quiet);
	struct view_query query = *what;
	guint64 done = 0;

	for (query.limit = PAGE;; query.offset += PAGE) {
		g_autoptr(GPtrArray) page = view_search(request->view, &query, error);
		if (page == NULL)
			return false;
		for (guint i = 0; i < page->len; i++) {
			if (!add_message(request, g_ptr_array_index(page, i), error))
				return false;
			progress_set(progress, ++done, total, "messages");
		}
		if (page->len < PAGE)
			return true;
	}
}

/* All of it, since a chain with a gap proves nothing. */
static char *
ledger_lines(struct view *view, GError **error)
{
	g_autoptr(GPtrArray) rows = audit_rows(view, &(struct audit_query){ 0 }, error);
	g_autoptr(GString) out = g_string_new(NULL);

	if (rows == NULL)
		return NULL;
	for (guint i = 0; i < rows->len; i++) {
		const struct audit_row *row = g_ptr_array_index(rows, i);
		g_autofree char *seen = clock_iso(row->seen);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "row", row->id);
		json_put(&json, "time", seen);
		json_put_int(&json, "microseconds", row->seen);
		json_put(&json, "who", row->who);
		json_put(&json, "what", row->verb);
		json_put(&json, "object", row->object);
		json_put(&json, "hash", row->hash);
		json_end(&json);
		g_string_append_c(out, '\n');
	}
	return g_strdup(out->str);
}

static char *
title_of(const struct request *request, const struct view_query *query)
{
	g_autofree char *words = g_strjoinv(" ", (char **)request->words);
	g_autofree char *valid = g_utf8_make_valid(words, -1);
	g_autofree char *from = query->after != 0 ? clock_local(query->after, request->config->zone)
						  : g_strdup("the first");
	g_autofree char *to = query->before != 0 ? clock_local(query->before, request->config->zone)
						 : g_strdup("now");

	return g_strdup_printf(
	    "Mail from %s to %s%s%s", from, to, valid[0] != '\0' ? ", " : "", valid);
}

static int
write_bundle(struct request *request, const struct view_query *query)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *title = title_of(request, query);
	g_autofree char *object = g_strconcat(title, request->reason != NULL ? ": " : "",
	    request->reason != NULL ? request->reason : "", NULL);
	struct audit_head head;
	guint64 total;

	if (!view_count(request->view, query, &total, &error) ||
	    !view_note_access(request->view, "export", object, &error) ||
	    !audit_head(request->view, &head, &error))
		return cmd_fail("export", error);
	/* Somebody who may not read the ledger gets none. */
	g_autofree char *ledger = ledger_lines(request->view, &error);
	if (ledger == NULL && !g_error_matches(error, FAULT, FAULT_DENIED))
		return cmd_fail("export", error);
	g_clear_error(&error);
	request->bundle = bundle_new(request->out, request->config->zone, &error);
	if (request->bundle == NULL || !add_all(request, query, total, &error) ||
	    !bundle_finish(request->bundle, title, ledger != NULL ? ledger : "", head.hash, &error))
		return cmd_fail("export", error);
	if (!request->globals->quiet)
		fprintf(stderr,
		    "%" G_GUINT64_FORMAT " messages, %u of them without an exact copy\n", total,
		    request->gaps);
	return cmd_finish("export", request->gaps > 0 ? CMD_GAPS : CMD_OK);
}

static int export(struct request *request)
{
	g_autoptr(GError) error = NULL;
	gint64 ignored;
	int code = CMD_OK;

	request->config = cmd_load_config(request->globals);
	if (request->config == NULL)
		return FAULT_CONFIG;
	GTimeZone *zone = request->config->zone;
	g_autoptr(filters) filters = filters_new((const char *const *)request->words, zone, &error);
	if (filters == NULL)
		return cmd_usage_error(
		    "export", "see: flagpost search --help", "%s", error->message);
	struct view_query query = { .search = filters->search };
	if ((request->from != NULL &&
		!when_parse(request->from, zone, &query.after, &ignored, &error)) ||
	    (request->to != NULL &&
		!when_parse(request->to, zone, &ignored, &query.before, &error)))
		return cmd_usage_error("export", NULL, "%s", error->message);
	if (request->config->reasons &&
	    (request->reason == NULL || strlen(request->reason) < REASON_MIN))
		return cmd_usage_error("export", "write --reason 'why this mail is handed over'",
		    "who exports mail says why ([roles] reasons = required)");
	request->view = cmd_open_view("export", request->config, &code);
	return request->view != NULL ? write_bundle(request, &query) : code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "export", help, 0, -1, false };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = { { "out", 0, 0, G_OPTION_ARG_FILENAME, &request.out, NULL,
					     NULL },
		{ "from", 0, 0, G_OPTION_ARG_STRING, &request.from, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_STRING, &request.to, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		request.words = argv + 1;
		code = request.out != NULL && request.out[0] != '\0'
			   ? export(&request)
			   : cmd_usage_error("export", "write --out DIR", "--out names no folder");
	}
	g_clear_pointer(&request.bundle, bundle_free);
	g_clear_pointer(&request.view, view_close);
	g_clear_pointer(&request.config, config_free);
	g_free(request.out);
	g_free(request.from);
	g_free(request.to);
	g_free(request.reason);
	return code;
}

const struct cmd cmd_export = { "export", "messages of a time as a folder for people without tools",
	run };
