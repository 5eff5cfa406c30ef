/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules compare: kept mail judged with the prefilter and without, which must say the same.
 */
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/rules-parts.h"
#include "cmd/setup.h"
#include "daemon/comparing.h"
#include "daemon/copies.h"

#define SAMPLE_MAX 100000

static const char help[] =
    "Examples:\n"
    "  flagpost rules compare                     200 messages of the last 7 days\n"
    "  flagpost rules compare --sample 5000       more of them\n"
    "\n"
    "Usage: flagpost rules compare [OPTION...]\n"
    "\n"
    "Judges copies with the prefilter of patterns and without. Both must say the same: a\n"
    "difference is a flaw of the prefilter, or of what was compiled. The service does so once a\n"
    "day; status and the report tell of a difference. Stores no flag.\n"
    "\n"
    "  --sample N     so many messages, spread over those of the last 7 days; default 200\n"
    "  --automatic    as the service does it, in its own name\n"
    "  --json         one JSON object\n"
    "\n"
    "Exit codes: 0 they say the same, or patterns are not prefiltered; 1 they do not; 2 some\n"
    "copies could not be compared; 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	gint sample;
	gboolean automatic;
};

static void
print(const struct request *request, const struct comparing *out, GTimeZone *zone)
{
	g_autofree char *sentence = comparing_sentence(out, zone);
	g_autoptr(GString) text = g_string_new(NULL);
	struct json json;

	if (!request->globals->json) {
		if (out->differences > 0)
			fprintf(stderr, "flagpost rules compare: %s\n", sentence);
		else if (!request->globals->quiet)
			puts(sentence);
		return;
	}
	json_init(&json, text);
	json_begin(&json, '{');
	json_put_int(&json, "compared", (gint64)out->compared);
	json_put_int(&json, "not_compared", (gint64)out->unread);
	json_put_int(&json, "differences", (gint64)out->differences);
	json_put(&json, "first", out->first);
	json_end(&json);
	puts(text->str);
}

static struct view *
open_view(const struct request *request, const struct config *config, int *code)
{
	g_autoptr(GError) error = NULL;

	if (!request->automatic)
		return cmd_open_view("rules", config, code);
	struct view *view = copies_open_view(config, "service", &error);
	if (view == NULL)
		*code = cmd_fail("rules", error);
	return view;
}

static int
compare(const struct request *request, const struct daemon_setup *setup)
{
	g_autoptr(GError) error = NULL;
	struct comparing out;
	int code = CMD_OK;

	if (setup->plain != NULL) {
		if (!request->globals->quiet)
			fprintf(stderr, "nothing to compare: %s\n", setup->plain);
		return CMD_OK;
	}
	g_autoptr(view) view = open_view(request, setup->config, &code);
	if (view == NULL)
		return code;
	if (!view_note_access(
		view, "rules-compare", "a sample, with and without prefilter", &error) ||
	    !comparing_run(
		setup->config, setup->sources, view, (guint)request->sample, &out, &error))
		return cmd_fail("rules", error);
	print(request, &out, setup->config->zone);
	code = out.differences > 0 ? 1 : out.unread > 0 ? CMD_GAPS : CMD_OK;
	comparing_clear(&out);
	return code;
}

int
cmd_rules_compare(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "rules compare", help, 0, 0, true };
	struct request request = { .globals = globals, .sample = COMPARING_SAMPLE };
	const GOptionEntry entries[] = { { "sample", 0, 0, G_OPTION_ARG_INT, &request.sample, NULL,
					     NULL },
		{ "automatic", 0, 0, G_OPTION_ARG_NONE, &request.automatic, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	g_autoptr(problems) problems = problems_new();
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (request.sample < 1 || request.sample > SAMPLE_MAX)
		return cmd_usage_error("rules compare", NULL,
		    "--sample %d is not between 1 and 100,000", request.sample);
	g_autoptr(daemon_setup) setup = setup_load(globals->config_path, NULL, false, problems);
	code = cmd_print_problems(globals, problems);
	if (code == CMD_OK && setup->ruleset != NULL)
		code = compare(&request, setup);
	return cmd_finish("rules", code);
}
