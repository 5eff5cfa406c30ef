/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * consent: four eyes. One officer asks to open messages, a second one agrees.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/table.h"
#include "store/consent.h"

#define ID_DIGITS 12

static const char help[] =
    "Examples:\n"
    "  flagpost consent ask 3f9a01bc --reason 'case 4711'     to open one message\n"
    "  flagpost consent ask --query 'rule:codename state:new' --reason 'case 4711'\n"
    "  flagpost consent list                                  who asked, and who agreed\n"
    "  flagpost consent give 812                              a second officer agrees\n"
    "\n"
    "Usage: flagpost consent ask ID... --reason T\n"
    "       flagpost consent ask --query Q --reason T\n"
    "       flagpost consent list\n"
    "       flagpost consent give NUMBER\n"
    "\n"
    "With [roles] four_eyes = yes the content of a message (show --text, --headers, --raw and\n"
    "--reveal, explain, export, redeliver) opens when a second officer has\n"
    "agreed: within 24 hours, for 8 hours, for the one who asked. Requests and answers are rows "
    "of\n"
    "the ledger. A user who opens his own mail needs nobody.\n"
    "\n"
    "  --query Q    all messages that `flagpost search Q` finds, 500 at most\n"
    "  --reason T   why\n"
    "  --json       list: one JSON object a request\n"
    "\n"
    "Exit codes: 0 done; 64 usage, no such request, or too late; 77 not for this person; 78\n"
    "configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *query, *reason; /* options */
	char *const *words;   /* behind the verb */
	struct config *config;
	struct view *view;
};

static bool
find_by_query(const struct request *request, GPtrArray *digests, GError **error)
{
	g_autoptr(filters) filters = filters_of_query(request->query, request->config->zone, error);

	if (filters == NULL)
		return false;
	filters->query.limit = CONSENT_MESSAGES_MAX + 1;
	g_autoptr(GPtrArray) messages = NULL;
	if (view_note_access(request->view, "search", request->query, error))
		messages = view_search(request->view, &filters->query, error);
	for (guint i = 0; messages != NULL && i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		g_ptr_array_add(digests, g_strdup(message->sha256));
	}
	filters_tell(filters, "consent");
	return messages != NULL;
}

static bool
find_digests(const struct request *request, GPtrArray *digests, GError **error)
{
	for (guint i = 0; request->words[i] != NULL; i++) {
		g_autofree char *prefix = g_ascii_strdown(request->words[i], -1);
		if (consent_is_names(prefix)) {
			g_ptr_array_add(digests, g_steal_pointer(&prefix));
			continue;
		}
		g_autoptr(view_message) message = view_find(request->view, prefix, error);
		if (message == NULL)
			return false;
		g_ptr_array_add(digests, g_strdup(message->sha256));
	}
	return request->query == NULL || find_by_query(request, digests, error);
}

static int
ask(const struct request *request)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) digests = g_ptr_array_new_with_free_func(g_free);
	gint64 row = 0;

	if (!find_digests(request, digests, &error) ||
	    !consent_ask(request->view, digests, request->reason, &row, &error))
		return cmd_fail("consent", error);
	printf("request %" G_GINT64_FORMAT ", %u messages\n", row, digests->len);
	if (!request->globals->quiet)
		fprintf(stderr,
		    "a second officer agrees by: flagpost consent give %" G_GINT64_FORMAT "\n",
		    row);
	return cmd_finish("consent", CMD_OK);
}

static int
give(const struct request *request)
{
	g_autoptr(GError) error = NULL;
	guint64 row;

	if (!g_ascii_string_to_unsigned(request->words[0], 10, 1, G_MAXINT64, &row, &error))
		return cmd_usage_error("consent", "see: flagpost consent list",
		    "'%s' is no number of a request", request->words[0]);
	if (!consent_give(request->view, (gint64)row, clock_now(), &error))
		return cmd_fail("consent", error);
	return cmd_finish("consent", CMD_OK);
}

/* --- list --- */

static const char *
state_of(const struct consent_request *request, gint64 now)
{
	if (request->given != 0)
		return now < request->given + CONSENT_HOLDS_US ? "open" : "over";
	return now < request->asked + CONSENT_ASK_US ? "asked" : "too late";
}

static void
print_json(const struct consent_request *request, gint64 now)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *asked = clock_iso(request->asked);
	g_autofree char *given = request->given != 0 ? clock_iso(request->given) : NULL;
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put_int(&json, "request", request->row);
	json_put(&json, "state", state_of(request, now));
	json_put(&json, "asked", asked);
	json_put(&json, "who", request->who);
	json_put(&json, "reason", request->reason);
	json_put_strings(&json, "messages", (const char *const *)request->digests);
	json_put(&json, "given", given);
	json_put(&json, "by", request->by);
	json_end(&json);
	puts(out->str);
}

static void
print_row(struct table *table, const struct consent_request *request, GTimeZone *zone, gint64 now)
{
	g_autofree char *asked = clock_local(request->asked, zone);
	guint n = g_strv_length(request->digests);

	table_add(table, "%" G_GINT64_FORMAT, request->row);
	table_add(table, "%s", state_of(request, now));
	table_add(table, "%s", asked);
	table_add(table, "%s", request->who);
	table_add(table, "%s", request->by);
	if (n > 1)
		table_add(table, "%.*s +%u", ID_DIGITS, request->digests[0], n - 1);
	else
		table_add(table, "%.*s", ID_DIGITS, n == 1 ? request->digests[0] : "");
	table_add(table, "%s", request->reason);
}

static int
list(const struct request *request)
{
	static const char *const heads[] = { ">REQUEST", "STATE", "ASKED", "WHO", "AGREED",
		"MESSAGE", "REASON", NULL };
	gint64 now = clock_now();
	g_autoptr(GError) error = NULL;
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GPtrArray) requests = consent_list(request->view, now, &error);

	if (requests == NULL)
		return cmd_fail("consent", error);
	for (guint i = 0; i < requests->len; i++) {
		if (request->globals->json)
			print_json(g_ptr_array_index(requests, i), now);
		else
			print_row(
			    table, g_ptr_array_index(requests, i), request->config->zone, now);
	}
	if (!request->globals->json && requests->len > 0) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	if (requests->len == 0 && !request->globals->quiet)
		fputs("nobody asked\n", stderr);
	return cmd_finish("consent", CMD_OK);
}

/* --- verbs --- */

static const struct verb {
	const char *name;
	int (*call)(const struct request *request);
	guint min, max; /* words behind it */
	bool asks;
} verbs[] = {
	{ "ask", ask, 0, CONSENT_MESSAGES_MAX, true },
	{ "give", give, 1, 1, false },
	{ "list", list, 0, 0, false },
};

static int
check(const struct request *request, const struct verb *verb)
{
	guint n = g_strv_length((char **)request->words);

	if (!verb->asks && (request->query != NULL || request->reason != NULL))
		return cmd_usage_error("consent", NULL, "--query and --reason go with ask");
	if (n < verb->min || n > verb->max)
		return cmd_usage_error("consent", "see: flagpost consent --help",
		    "%s: %u words are too %s", verb->name, n, n < verb->min ? "few" : "many");
	if (!verb->asks)
		return CMD_OK;
	if ((n == 0) == (request->query == NULL))
		return cmd_usage_error(
		    "consent", "flagpost consent ask ID --reason T", "name messages, or --query Q");
	int code = CMD_OK;
	cmd_reason("consent", request->reason, "why", "who asks to open mail says why", &code);
	return code;
}

static int
consent(struct request *request, const char *name)
{
	const struct verb *verb = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
		verb = strcmp(verbs[i].name, name) == 0 ? &verbs[i] : verb;
	if (verb == NULL)
		return cmd_usage_error("consent", "ask, give or list", "'%s' is not known", name);
	int code = check(request, verb);
	if (code != CMD_OK)
		return code;
	request->config = cmd_load_config(request->globals);
	if (request->config == NULL)
		return FAULT_CONFIG;
	request->view = cmd_open_view("consent", request->config, &code);
	return request->view != NULL ? verb->call(request) : code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "consent", help, 1, -1, true };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = { { "query", 0, 0, G_OPTION_ARG_STRING, &request.query, NULL,
					     NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		request.words = argv + 2;
		code = consent(&request, argv[1]);
	}
	g_clear_pointer(&request.view, view_close);
	g_clear_pointer(&request.config, config_free);
	g_free(request.query);
	g_free(request.reason);
	return code;
}

const struct cmd cmd_consent = { "consent", "four eyes: ask to open mail, and agree to it", run };
