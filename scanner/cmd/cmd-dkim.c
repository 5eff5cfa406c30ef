/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dkim: keys of signatures, asked for and listed.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/table.h"
#include "daemon/copies.h"
#include "daemon/dkim-keys.h"
#include "store/dkim.h"
#include "store/view-scope.h"

static const char help[] =
    "Examples:\n"
    "  flagpost dkim list                 which keys DNS had, and when\n"
    "  flagpost dkim ask                  asks for those of new mail now\n"
    "\n"
    "Usage: flagpost dkim list [--json]\n"
    "       flagpost dkim ask [--automatic]\n"
    "\n"
    "With [dkim] keys = yes the TXT record selector._domainkey.domain of each DKIM signature is\n"
    "asked for behind a poll, and by the service every ten minutes, once a day each, and kept "
    "with\n"
    "the time: flagpost export puts it beside the message as dkim-keys.csv. The resolver hears "
    "from\n"
    "which domains mail comes. Nothing is verified with a key, and DNSSEC is not looked at.\n"
    "\n"
    "  --automatic   as the service does it: not a word where it is not configured\n"
    "  --json        list: one JSON object an answer\n"
    "\n"
    "Exit codes: 0 done, 2 some were not answered, 64 usage, 75 try again, 77 not allowed,\n"
    "78 configuration: [dkim] keys is not yes.\n";

/* --- list --- */

static void
print_json(const struct dkim_key *key)
{
	g_autofree char *first = clock_iso(key->first);
	g_autofree char *last = clock_iso(key->last);
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "selector", key->selector);
	json_put(&json, "domain", key->domain);
	json_put(&json, "outcome", key->outcome);
	json_put(&json, "first", first);
	json_put(&json, "last", last);
	json_put(&json, "text", key->text);
	json_end(&json);
	puts(out->str);
}

static int
list(const struct cmd_globals *globals, const struct config *config, struct view *view)
{
	static const char *const heads[] = { "DOMAIN", "SELECTOR", "OUTCOME", "FIRST", "LAST",
		"TEXT", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) keys = dkim_list(view, &error);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	if (keys == NULL)
		return cmd_fail("dkim", error);
	for (guint i = 0; i < keys->len; i++) {
		const struct dkim_key *key = keys->pdata[i];
		if (globals->json) {
			print_json(key);
			continue;
		}
		g_autofree char *first = clock_local(key->first, config->zone);
		g_autofree char *last = clock_local(key->last, config->zone);
		g_autofree char *text = text_printable(key->text, 60);
		table_add(table, "%s", key->domain);
		table_add(table, "%s", key->selector);
		table_add(table, "%s", key->outcome);
		table_add(table, "%s", first);
		table_add(table, "%s", last);
		table_add(table, "%s", text);
	}
	if (!globals->json) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	return CMD_OK;
}

/* --- ask --- */

static int
ask(const struct cmd_globals *globals, const struct config *config, bool automatic)
{
	struct dkim_keys_counts counts;
	g_autoptr(GError) error = NULL;

	if (!config->dkim.keys) {
		if (automatic)
			return CMD_OK;
		g_set_error(&error, FAULT, FAULT_CONFIG,
		    "nobody asked for keys: write keys = yes in [dkim]");
		return cmd_fail("dkim", error);
	}
	g_autoptr(view) view = copies_open_view(config, "service", &error);
	if (view == NULL || !dkim_keys_ask(config, view, clock_now(), &counts, &error))
		return cmd_fail("dkim", error);
	if (!globals->quiet)
		printf("%u messages, %u keys asked for, %u found, %u without an answer\n",
		    counts.messages, counts.asked, counts.found, counts.failed);
	return counts.failed > 0 && !automatic ? CMD_GAPS : CMD_OK;
}

/* --- */

/* From which domains mail comes concerns all mail; no content is shown. */
static int
check_person(const struct config *config, struct view **view)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	*view = cmd_open_view("dkim", config, &code);
	if (*view == NULL)
		return code;
	if (view_reach(*view) != VIEW_OWN && view_reach(*view) != VIEW_ACCOUNTS)
		return CMD_OK;
	g_set_error(&error, FAULT, FAULT_DENIED,
	    "keys are for officers of all accounts and for administrators");
	return cmd_fail("dkim", error);
}

static int
work(const struct cmd_globals *globals, const char *word, bool automatic)
{
	static const char *const words[] = { "list", "ask", NULL };
	int which = word_index(words, word);

	if (which < 0)
		return cmd_usage_error("dkim", "list or ask", "unknown word '%s'", word);
	if (automatic && which == 0)
		return cmd_usage_error("dkim", NULL, "--automatic is for ask");
	g_autoptr(config) config = cmd_load_config(globals);
	g_autoptr(view) view = NULL;
	if (config == NULL)
		return FAULT_CONFIG;
	/* What the configuration orders needs no person who may see it. */
	int code = automatic ? CMD_OK : check_person(config, &view);
	if (code != CMD_OK)
		return code;
	return which == 0 ? list(globals, config, view) : ask(globals, config, automatic);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "dkim", help, 1, 1, true };
	gboolean automatic = FALSE;
	const GOptionEntry entries[] = {
		{ "automatic", 0, 0, G_OPTION_ARG_NONE, &automatic, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	return cmd_finish("dkim", work(globals, argv[1], automatic));
}

const struct cmd cmd_dkim = { "dkim", "keys of DKIM signatures as DNS had them: list, ask", run };
