/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dkim: keys of signatures, asked for and listed; what the signatures of one message prove.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/proofs.h"
#include "cmd/table.h"
#include "daemon/copies.h"
#include "daemon/dkim-keys.h"
#include "store/dkim.h"
#include "store/view-scope.h"

static const char help[] =
    "Examples:\n"
    "  flagpost dkim list                 which keys DNS had, and when\n"
    "  flagpost dkim ask                  asks for those of new mail now\n"
    "  flagpost dkim 3f9a01bc             what the signatures of a message prove\n"
    "\n"
    "Usage: flagpost dkim list [--json]\n"
    "       flagpost dkim ask [--automatic]\n"
    "       flagpost dkim ID [--json]\n"
    "\n"
    "With [dkim] keys = yes the TXT record selector._domainkey.domain of each DKIM signature is\n"
    "asked for behind a poll, and by the service every ten minutes, once a day each, and kept "
    "with\n"
    "the time: flagpost export puts it beside the message as dkim-keys.csv. The resolver hears "
    "from\n"
    "which domains mail comes. DNSSEC is not looked at.\n"
    "\n"
    "Then the signatures of the exact copy are verified with these keys, and the results are "
    "kept\n"
    "with their time: pass, fail, policy (it proves too little), neutral (no signature that "
    "holds),\n"
    "temperror (no key is known), permerror (no such key, or none that serves), none. dkim ID "
    "tells\n"
    "what was kept, and verifies once more, with the key of then. That changes nothing.\n"
    "\n"
    "  --automatic   as the service does it: not a word where it is not configured\n"
    "  --json        list, ID: one JSON object an answer or a result\n"
    "\n"
    "Exit codes: 0 done, 2 some were not answered, 64 usage or no such message, 65 no copy was "
    "kept,\n"
    "75 try again, 77 not allowed, 78 configuration: [dkim] keys is not yes.\n";

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
		printf("%u messages, %u keys asked for, %u found, %u without an answer, "
		       "%u verified\n",
		    counts.messages, counts.asked, counts.found, counts.failed, counts.verified);
	return counts.failed > 0 && !automatic ? CMD_GAPS : CMD_OK;
}

/* --- one message --- */

static void
print_proved(const struct cmd_globals *globals, const struct config *config,
    const struct dkim_verified *verified, const char *standing)
{
	g_autofree char *when = clock_local(verified->computed, config->zone);

	if (!globals->json)
		printf("%s %s\n",
		    strcmp(standing, PROOFS_KEPT) == 0 ? "Kept, as verified" : "Verified now,",
		    when);
	for (guint i = 0; i < verified->list->len; i++) {
		const struct signature *signature = verified->list->pdata[i];
		g_autofree char *sentence = signature_sentence(signature);
		if (globals->json) {
			g_autoptr(GString) out = g_string_new(NULL);
			struct json json;
			json_init(&json, out);
			proofs_json(&json, signature, verified->computed, standing);
			puts(out->str);
			continue;
		}
		fputs("  ", stdout);
		cmd_put(stdout, sentence, 0);
		putchar('\n');
		if (signature->fields[0] == '\0')
			continue;
		fputs("    signed: ", stdout);
		cmd_put(stdout, signature->fields, 0);
		printf("\n    and %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		       " bytes of the body\n",
		    signature->covered, signature->body);
	}
}

static int
prove(const struct cmd_globals *globals, const struct config *config, const char *id)
{
	g_autofree char *prefix = g_ascii_strdown(id, -1);
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	g_autoptr(view) view = cmd_open_view("dkim", config, &code);
	if (view == NULL)
		return code;
	g_autoptr(view_message) message = view_find(view, prefix, &error);
	if (message == NULL || !view_note_access(view, "dkim", message->sha256, &error))
		return cmd_fail("dkim", error);
	g_autoptr(GPtrArray) kept = dkim_verified_of(view, message->id, &error);
	if (kept == NULL)
		return cmd_fail("dkim", error);
	for (guint i = 0; i < kept->len; i++)
		print_proved(globals, config, kept->pdata[i], PROOFS_KEPT);
	g_autoptr(GBytes) bytes = view_copy(view, message->id, &error);
	g_autoptr(dkim_verified) now = NULL;
	if (bytes != NULL)
		now = proofs_now(view, &config->limits, message, bytes, &error);
	if (now == NULL)
		return cmd_fail("dkim", error);
	print_proved(globals, config, now, PROOFS_NOW);
	return CMD_OK;
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

	if (which < 0 && word[strspn(word, "0123456789abcdefABCDEF")] != '\0')
		return cmd_usage_error(
		    "dkim", "list, ask or the ID of a message", "unknown word '%s'", word);
	if (automatic && which != 1)
		return cmd_usage_error("dkim", NULL, "--automatic is for ask");
	g_autoptr(config) config = cmd_load_config(globals);
	g_autoptr(view) view = NULL;
	if (config == NULL)
		return FAULT_CONFIG;
	if (which < 0)
		return prove(globals, config, word);
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

const struct cmd cmd_dkim = { "dkim",
	"DKIM signatures: keys as DNS had them (list, ask), and what those of a message prove",
	run };
