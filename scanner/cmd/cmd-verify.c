/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify: are the copies what was received, and is the ledger what was written?
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "store/verify.h"

#define SLICE (16u * 1024 * 1024) /* bytes between two looks at the progress line */

static const char help[] =
    "Examples:\n"
    "  flagpost verify                every copy, every volume, the ledger\n"
    "  flagpost verify --sample 5%    a twentieth of the copies, another one each time\n"
    "  flagpost verify --json | jq -r 'select(.deviation) | .what'\n"
    "\n"
    "Usage: flagpost verify [OPTION...]\n"
    "\n"
    "Reads the database page by page; reads copies again and compares their SHA-256 with the\n"
    "database's; looks for volumes that are missing or shortened, for bytes and files that belong\n"
    "to no message; proves the chain of the ledger. Each deviation is named. The service does so "
    "with a share of the copies each day, so\n"
    "that all were looked at after 28.\n"
    "\n"
    "  --sample N%   only so many of the copies, volumes and ledger as a whole; no pages\n"
    "  --json        one JSON object a deviation, and one with the sums\n"
    "\n"
    "Exit codes: 0 all is as it was; 1 deviations; 64 usage; 74 it cannot be read; 78\n"
    "configuration.\n";

static void
print_deviation(const struct verify_deviation *deviation, bool as_json)
{
	if (!as_json) {
		printf("%-10s  ", deviation->word);
		cmd_put(stdout, deviation->what, 0);
		fputs("  ", stdout);
		cmd_put(stdout, deviation->text, 0);
		putchar('\n');
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "deviation", deviation->word);
	json_put(&json, "what", deviation->what);
	json_put(&json, "text", deviation->text);
	json_end(&json);
	puts(out->str);
}

static void
print_sums(const struct verify_counts *counts, bool as_json)
{
	g_autofree char *bytes = text_size(counts->bytes);
	g_autofree char *copies = text_count(counts->copies);

	if (!as_json) {
		printf("%s cop%s (%s) in %" G_GUINT64_FORMAT " volume%s, %" G_GUINT64_FORMAT
		       " row%s of the ledger: ",
		    copies, counts->copies == 1 ? "y" : "ies", bytes, counts->volumes,
		    counts->volumes == 1 ? "" : "s", counts->rows, counts->rows == 1 ? "" : "s");
		if (counts->deviations == 0)
			puts("all as they were");
		else
			printf("%" G_GUINT64_FORMAT " deviation%s\n", counts->deviations,
			    counts->deviations == 1 ? "" : "s");
		if (counts->writing)
			puts("a poll is writing: the end of the last volume was not judged");
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put_int(&json, "copies", (gint64)counts->copies);
	json_put_int(&json, "bytes", (gint64)counts->bytes);
	json_put_int(&json, "volumes", (gint64)counts->volumes);
	json_put_int(&json, "tables", (gint64)counts->tables);
	json_put_int(&json, "ledger_rows", (gint64)counts->rows);
	json_put_int(&json, "deviations", (gint64)counts->deviations);
	json_put_bool(&json, "writing", counts->writing);
	json_end(&json);
	puts(out->str);
}

static int
verify_all(const struct cmd_globals *globals, struct verify *verify)
{
	g_autoptr(progress) progress = progress_new(stderr, globals->quiet);
	const struct verify_counts *counts = verify_counts(verify);
	const GPtrArray *found = verify_found(verify);
	g_autoptr(GError) error = NULL;
	enum verify_state state = VERIFY_MORE;
	guint printed = 0;

	while (state == VERIFY_MORE) {
		state = verify_step(verify, SLICE, &error);
		if (printed < found->len)
			progress_clear(progress);
		for (; printed < found->len; printed++)
			print_deviation(g_ptr_array_index(found, printed), globals->json);
		progress_set(progress, counts->copies, counts->all_copies, "copies");
	}
	progress_clear(progress);
	if (state == VERIFY_FAILED)
		return cmd_fail("verify", error);
	print_sums(counts, globals->json);
	return cmd_finish("verify", counts->deviations > 0 ? CMD_FOUND : CMD_OK);
}

/* "5%" is every twentieth copy. */
static bool
read_sample(const char *text, struct verify_share *share)
{
	char *end;
	double percent = g_ascii_strtod(text, &end);

	if (end == text || (end[0] != '\0' && strcmp(end, "%") != 0) || !(percent > 0) ||
	    percent > 100)
		return false;
	double parts = MIN(100 / percent + 0.5, 1e6);
	share->parts = (guint)parts;
	share->rest = (guint)g_random_int_range(0, (gint32)share->parts);
	return true;
}

static int
verify(const struct cmd_globals *globals, const struct verify_share *share)
{
	g_autoptr(config) config = cmd_load_config(globals);
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("verify", config, &code);
	if (view == NULL)
		return code;
	g_autofree char *object =
	    share->parts == 1 ? g_strdup("all") : g_strdup_printf("1 of %u copies", share->parts);
	if (!view_note_access(view, "verify", object, &error))
		return cmd_fail("verify", error);
	g_autoptr(verify) run = verify_new(view, config->data_dir, share, &error);
	return run != NULL ? verify_all(globals, run) : cmd_fail("verify", error);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "verify", help, 0, 0, true };
	struct verify_share share = { 1, 0 };
	g_autofree char *sample = NULL;
	const GOptionEntry entries[] = {
		{ "sample", 0, 0, G_OPTION_ARG_STRING, &sample, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (sample != NULL && !read_sample(sample, &share))
		return cmd_usage_error("verify", "for example: --sample 5%",
		    "--sample '%s' is no share between 0 and 100%%", sample);
	return verify(globals, &share);
}

const struct cmd cmd_verify = { "verify", "are copies and ledger what they were when recorded",
	run };
