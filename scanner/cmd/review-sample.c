/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/review-sample.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/sample-screen.h"
#include "cmd/table.h"

#define NAME     "review"
#define LIST_MAX 1000 /* rows that --list shows; --json shows all */

int
review_sample_check(const struct review_sample *request)
{
	bool named = request->names[0] != NULL;
	bool order = request->as != NULL || request->note != NULL || request->rule != NULL;

	if (request->as != NULL && word_index(drawn_state_words, request->as) < 0) {
		const char *near = problem_did_you_mean(request->as, drawn_state_words);
		g_autofree char *hint =
		    near != NULL ? g_strdup_printf("did you mean %s?", near)
				 : g_strdup("nothing-to-see, missed, or open to take it back");
		return cmd_usage_error(
		    NAME, hint, "--as: '%s' is nothing that is said of a sample", request->as);
	}
	if (order && (request->as == NULL || !named))
		return cmd_usage_error(NAME,
		    "flagpost review --sample 3f9a01bc --as missed --rule R",
		    "a verdict on a sample has a message and --as");
	if (named && !order)
		return cmd_usage_error(
		    NAME, "write --as nothing-to-see, or --as missed", "nothing is said of it");
	if (request->list && named)
		return cmd_usage_error(NAME, NULL, "--list goes with no message and no order");
	if (!named && !request->list && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return cmd_usage_error(NAME, "name a message, or --list",
		    "stepping through the sample needs a terminal");
	return CMD_OK;
}

/* --- rows --- */

static void
print_json(const struct drawn *row, GTimeZone *zone)
{
	const struct view_message *message = row->message;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *day = clock_local(row->day, zone);
	g_autofree char *seen = clock_iso(message->seen);
	g_autofree char *decided = row->decided != 0 ? clock_iso(row->decided) : NULL;
	struct json json;

	day[strlen("2026-11-22")] = '\0';
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "sha256", message->sha256);
	json_put(&json, "day", day);
	json_put(&json, "state", drawn_state_words[row->state]);
	json_put(&json, "rule", row->rule);
	json_put(&json, "note", row->note);
	json_put(&json, "reviewer", row->who);
	json_put(&json, "reviewed", decided);
	json_put(&json, "seen", seen);
	json_put(&json, "direction", direction_words[message->direction]);
	json_put(&json, "from", message->from);
	json_put_strings(&json, "to", (const char *const *)message->to);
	json_put_int(&json, "size", (gint64)message->size);
	json_put_bool(&json, "copy", message->has_copy);
	json_end(&json);
	puts(out->str);
}

static void
add_row(struct table *table, const struct drawn *row, GTimeZone *zone)
{
	g_autofree char *seen = clock_local(row->message->seen, zone);
	guint to = g_strv_length(row->message->to);

	table_add(table, "%.12s", row->message->sha256);
	table_add(table, "%s", drawn_state_words[row->state]);
	table_add(table, "%s", seen);
	table_add(table, "%s", row->message->from);
	if (to > 1)
		table_add(table, "%s +%u", row->message->to[0], to - 1);
	else
		table_add(table, "%s", to == 1 ? row->message->to[0] : "");
	table_add(table, "%s", row->rule);
}

static int
list(const struct review_sample *request, const struct config *config, struct view *view)
{
	static const char *const heads[] = { "MESSAGE", "STATE", "SEEN", "FROM", "TO", "MISSED BY",
		NULL };
	bool json = request->globals->json;
	g_autoptr(GError) error = NULL;

	if (!view_note_access(view, "review-look", "sample list", &error))
		return cmd_fail(NAME, error);
	g_autoptr(GPtrArray) rows = drawn_list(view, 0, G_MAXINT64, false, 0, &error);
	if (rows == NULL)
		return cmd_fail(NAME, error);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	guint most = json ? rows->len : MIN(rows->len, LIST_MAX);
	for (guint i = 0; i < most; i++) {
		if (json)
			print_json(rows->pdata[i], config->zone);
		else
			add_row(table, rows->pdata[i], config->zone);
	}
	if (!json && rows->len > 0) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	if (rows->len == 0 && !request->globals->quiet)
		fputs(config->review.sample_ppm > 0
			  ? "nothing was drawn yet\n"
			  : "nothing was drawn: [review] sample = 0.5 % has mail drawn\n",
		    stderr);
	if (most < rows->len)
		fprintf(stderr, "the first %u of %u; --json shows all\n", most, rows->len);
	return CMD_OK;
}

/* --- orders, and the walk --- */

static int
decide(const struct review_sample *request, struct view *view)
{
	const struct drawn_order order = {
		.state = (enum drawn_state)word_index(drawn_state_words, request->as),
		.rule = request->rule,
		.note = request->note,
	};

	for (guint i = 0; request->names[i] != NULL; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *prefix = g_ascii_strdown(request->names[i], -1);
		if (!drawn_set(view, prefix, &order, &error))
			return cmd_fail(NAME, error);
		if (!request->globals->quiet)
			printf("%s: %s\n", prefix, request->as);
	}
	return CMD_OK;
}

static int
walk(const struct review_sample *request, const struct config *config, struct view *view)
{
	const struct sample_screen_options options = {
		.config = config,
		.reason = request->reason != NULL ? request->reason : "",
		.clear = request->reveal,
	};
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	if (!cmd_may_open(NAME, config, request->reason, "why these mails are opened", &code))
		return code;
	return sample_screen(view, &options, &error) ? CMD_OK : cmd_fail(NAME, error);
}

int
review_sample(const struct review_sample *request, const struct config *config, struct view *view)
{
	if (request->list)
		return list(request, config, view);
	return request->names[0] != NULL ? decide(request, view) : walk(request, config, view);
}
