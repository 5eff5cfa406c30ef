/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain: every condition of the rules on one message, true or false, and why. For misses too.
 */
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "cmd/cmd-common.h"
#include "cmd/cmd-verdict.h"
#include "cmd/paths.h"
#include "daemon/crew.h"
#include "daemon/prefilters.h"

#define PREFIX_MIN 8 /* digits of a digest, as view_find wants them */

static const char help[] =
    "Examples:\n"
    "  flagpost explain message.eml                        why each rule flags it, or not\n"
    "  flagpost explain message.eml competitor-attachment  one rule alone\n"
    "  flagpost explain 3f9a01bc                           a stored message, by its digest\n"
    "\n"
    "Usage: flagpost explain [OPTION...] MESSAGE|FILE [RULE]\n"
    "\n"
    "Of each rule: its scope, flag_if with all that it asks for, each true or false and why,\n"
    "what raises the severity, what excepts. A rule that the message is out of scope of gets one\n"
    "line, unless RULE names it.\n"
    "\n"
    "  --rules DIR    the rules of this folder alone\n"
    "  --json         one JSON object\n"
    "\n"
    "Exit codes: 0 explained, 2 some of the message could not be read.\n";

struct explain {
	const struct cmd_globals *globals;
	char *rules_dir; /* option */
	const char *what, *rule;
	struct config *config;
	struct match_context *context;
	int fd;
	guint64 size;
	char *sha256;
};

static bool
is_digest_prefix(const char *text)
{
	gsize length = strlen(text);

	return length >= PREFIX_MIN && length < DIGEST_HEX &&
	       strspn(text, "0123456789abcdefABCDEF") == length;
}

/* Where a stored message was found decides what rules may say of it. */
static void
fill_context(struct explain *explain, const struct view_message *message)
{
	struct match_context *context = explain->context;

	context->draft = message->direction == DIRECTION_DRAFT;
	context->facts = message->facts & MATCH_PARENT_FACTS;
	if (message->placements->len == 0)
		return;
	const struct view_placement *place = g_ptr_array_index(message->placements, 0);
	const struct account *account = config_account(explain->config, place->account);
	g_free(context->account);
	context->account = g_strdup(place->account);
	g_free(context->folder);
	context->folder = g_strdup(place->folder);
	if (account != NULL) {
		g_free(context->group);
		context->group = g_strdup(account->group);
	}
}

static int
open_stored(struct explain *explain)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *prefix = g_ascii_strdown(explain->what, -1);
	int code = CMD_OK;
	g_autoptr(view) view = cmd_open_view("explain", explain->config, &code);

	if (view == NULL)
		return code;
	g_autoptr(view_message) message = view_find(view, prefix, &error);
	if (message == NULL || !view_note_access(view, "explain", message->sha256, &error))
		return cmd_fail("explain", error);
	g_autoptr(GBytes) bytes = view_copy(view, message->id, &error);
	if (bytes == NULL || !cmd_spool(bytes, &explain->fd, &error))
		return cmd_fail("explain", error);
	explain->size = g_bytes_get_size(bytes);
	explain->sha256 = g_strdup(message->sha256);
	fill_context(explain, message);
	return CMD_OK;
}

static int
open_file(struct explain *explain)
{
	const char *const arguments[] = { explain->what, NULL };
	g_autoptr(paths) paths =
	    paths_new(arguments, explain->config->limits.message, g_get_tmp_dir());
	struct path_item item, second;
	int code = CMD_OK;

	if (!paths_next(paths, &item))
		return cmd_usage_error("explain", NULL, "%s holds no message", explain->what);
	if (paths_next(paths, &second)) {
		path_item_clear(&second);
		code = cmd_usage_error("explain", "explain takes one message",
		    "%s holds more than one", explain->what);
	} else if (item.error != NULL) {
		g_prefix_error(&item.error, "%s: ", item.name);
		code = cmd_fail("explain", item.error);
	} else if (item.over_limit) {
		fprintf(stderr,
		    "flagpost explain: the message is over the limit of %" G_GUINT64_FORMAT
		    " bytes ([limits] message)\n",
		    explain->config->limits.message);
		code = CMD_GAPS;
	} else {
		explain->fd = item.fd;
		item.fd = -1;
		explain->size = item.size;
		explain->sha256 = io_sha256(explain->fd, &item.size, NULL);
	}
	path_item_clear(&item);
	return code;
}

static int
check_rule(const struct explain *explain, const struct ruleset *ruleset)
{
	if (explain->rule == NULL || ruleset_find(ruleset, explain->rule) != NULL)
		return CMD_OK;
	g_autofree const char **ids = ruleset_ids(ruleset);
	const char *near = problem_did_you_mean(explain->rule, ids);
	g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
	return cmd_usage_error("explain", hint, "there is no rule '%s'", explain->rule);
}

static int
print(const struct explain *explain, const struct verdict *verdict)
{
	bool colour = cmd_colour(stdout);
	const struct cmd_verdict item = { explain->what, explain->sha256, verdict, false, colour,
		NULL };
	g_autoptr(GString) out = g_string_new(NULL);

	if (explain->globals->json) {
		cmd_verdict_explained_json(out, &item);
	} else {
		cmd_verdict_explained(out, verdict, colour);
		if (cmd_verdict_has_gap(verdict)) {
			g_string_append(out, out->len > 0 ? "\n" : "");
			cmd_verdict_text(out, &item);
		}
	}
	fwrite(out->str, 1, out->len, stdout);
	return cmd_finish("explain", cmd_verdict_has_gap(verdict) ? CMD_GAPS : CMD_OK);
}

static int
explain_with(struct explain *explain, const struct cmd_rules *rules)
{
	g_autoptr(GError) error = NULL;
	int code = check_rule(explain, rules->ruleset);

	if (code == CMD_OK)
		code = explain->fd >= 0 ? CMD_OK : open_file(explain);
	if (code != CMD_OK)
		return code;
	g_autoptr(crew) crew = crew_new(
	    rules->sources, &explain->config->limits, &explain->config->reading, 1, &error);
	if (crew == NULL)
		return cmd_fail("explain", error);
	const struct crew_job job = {
		.context = explain->context, .explain = true, .only_rule = explain->rule
	};
	g_autoptr(verdict) verdict = crew_scan(crew, &job, explain->fd, explain->size);
	if (crew_is_broken(crew)) {
		fputs("flagpost explain: no scan worker starts (see above)\n", stderr);
		return FAULT_BUG;
	}
	return print(explain, verdict);
}

static int
explain_run(struct explain *explain)
{
	bool stored = strcmp(explain->what, "-") != 0 &&
		      !g_file_test(explain->what, G_FILE_TEST_EXISTS) &&
		      is_digest_prefix(explain->what);

	explain->config = stored ? cmd_load_config(explain->globals)
				 : cmd_load_config_or_builtin(explain->globals);
	if (explain->config == NULL)
		return FAULT_CONFIG;
	struct cmd_rules rules;
	if (!cmd_load_rules(explain->globals, explain->config, explain->rules_dir, &rules))
		return FAULT_CONFIG;
	/* A pattern that would give up may be known not to match: said as scan says it. */
	prefilters_give(rules.sources, rules.ruleset, explain->config, PREFILTERS_MAKE);
	explain->context = match_context_new();
	int code = stored ? open_stored(explain) : CMD_OK;
	if (code == CMD_OK)
		code = explain_with(explain, &rules);
	cmd_rules_clear(&rules);
	return code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "explain", help, 1, 2, true };
	struct explain explain = { .globals = globals, .fd = -1 };
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &explain.rules_dir,
					     NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		explain.what = argv[1];
		explain.rule = argc > 2 ? argv[2] : NULL;
		code = explain_run(&explain);
	}
	io_close(&explain.fd);
	g_clear_pointer(&explain.context, match_context_free);
	g_clear_pointer(&explain.config, config_free);
	g_free(explain.rules_dir);
	g_free(explain.sha256);
	return code;
}

const struct cmd cmd_explain = { "explain", "why each rule flags a message, or not", run };
