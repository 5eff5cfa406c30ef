/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * poll: one pass over the accounts now, and what came of it as a table.
 */
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/poll-plan.h"
#include "cmd/progress.h"
#include "cmd/setup.h"
#include "cmd/table.h"
#include "daemon/daemon.h"
#include "daemon/dkim-keys.h"

static const char help[] =
    "Examples:\n"
    "  flagpost poll                 what is new in all accounts\n"
    "  flagpost poll hq sales        in these alone\n"
    "  flagpost -q poll              for cron: silent unless something is wrong\n"
    "  flagpost poll --plan          how much there is to fetch, and how long it takes\n"
    "  flagpost poll --plan --assume 20G hq   the same before anybody is asked\n"
    "\n"
    "Usage: flagpost poll [--plan [--assume SIZE]] [ACCOUNT...]\n"
    "\n"
    "  --plan         log in, ask how much each folder holds, fetch nothing\n"
    "  --assume SIZE  of each account, instead of asking: no server is connected to\n"
    "  --json         one JSON object an account\n"
    "  -q, --quiet    no table and no summary\n"
    "\n"
    "Exit codes: 0 done, 2 done with gaps (an account was away or has used its budget of the\n"
    "day, a message was not fetched or not scanned), 74 I/O, 75 another one is running, 78 "
    "configuration.\n";

static void
on_progress(const GPtrArray *rows, void *data)
{
	struct progress *progress = data;
	const char *label = NULL;
	guint64 done = 0, expected = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		done += row->messages + row->failed;
		expected += row->expected;
		if (!row->done && row->started && label == NULL)
			label = row->account;
	}
	if (expected > 0)
		progress_set(progress, done, MAX(done, expected), label);
}

/* "checked: all" is said by silence; a number stands for messages partial or unscannable. */
static void
print_table(const GPtrArray *rows)
{
	static const char *const heads[] = { "ACCOUNT", ">FOLDERS", ">NEW", ">FLAGS",
		">NOT CHECKED", "STATE", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		guint good = row->folders - MIN(row->folders_failed, row->folders);
		table_add(table, "%s", row->account);
		table_add(table, "%u/%u", good, row->folders);
		table_add(table, "%" G_GUINT64_FORMAT, row->messages);
		table_add(table, "%" G_GUINT64_FORMAT, row->flags);
		table_add(table, "%" G_GUINT64_FORMAT, row->not_checked + row->failed);
		table_add(table, "%s%s%s", row->state, row->text[0] != '\0' ? ": " : "", row->text);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

static void
print_json(const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "account", row->account);
		json_put(&json, "state", row->state);
		json_put(&json, "text", row->text);
		json_put_int(&json, "folders", row->folders);
		json_put_int(&json, "folders_failed", row->folders_failed);
		json_put_int(&json, "new", (gint64)row->messages);
		json_put_int(&json, "failed", (gint64)row->failed);
		json_put_int(&json, "waiting", (gint64)row->waiting);
		json_put_int(&json, "flags", (gint64)row->flags);
		json_put_int(&json, "flagged", (gint64)row->flagged);
		json_put_int(&json, "not_checked", (gint64)row->not_checked);
		json_put_int(&json, "bytes", (gint64)row->bytes);
		json_end(&json);
		puts(out->str);
	}
}

struct sums {
	guint64 messages, failed, waiting, flags, flagged, not_checked, unscannable;
	guint away, used_up, folders_failed;
};

static struct sums
add_up(const GPtrArray *rows)
{
	struct sums sums = { 0 };

	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		sums.messages += row->messages;
		sums.failed += row->failed;
		sums.waiting += row->waiting;
		sums.flags += row->flags;
		sums.flagged += row->flagged;
		sums.not_checked += row->not_checked;
		sums.unscannable += row->unscannable;
		sums.folders_failed += row->folders_failed;
		sums.used_up += strcmp(row->state, "waiting") == 0;
		sums.away += strcmp(row->state, "ok") != 0 && strcmp(row->state, "waiting") != 0;
	}
	return sums;
}

static void
add_gap(GString *gaps, guint64 n, const char *one, const char *many)
{
	if (n > 0)
		g_string_append_printf(gaps, "%s%" G_GUINT64_FORMAT " %s",
		    gaps->len > 0 ? ", " : "", n, n == 1 ? one : many);
}

/* "12 s, 32 new messages, 8 flags in 5 messages, 2 not wholly read; gaps: 1 folder failed" */
static void
print_summary(const GPtrArray *rows, gint64 elapsed_us)
{
	struct sums sums = add_up(rows);
	g_autofree char *messages = text_count(sums.messages);
	g_autoptr(GString) gaps = g_string_new(NULL);
	double seconds = (double)elapsed_us / G_USEC_PER_SEC;

	printf("%.*f s, ", seconds < 10 ? 1 : 0, seconds);
	if (sums.messages == 0)
		fputs("nothing new", stdout);
	else
		printf("%s new message%s, %" G_GUINT64_FORMAT " flag%s", messages,
		    sums.messages == 1 ? "" : "s", sums.flags, sums.flags == 1 ? "" : "s");
	if (sums.flags > 0)
		printf(" in %" G_GUINT64_FORMAT " message%s", sums.flagged,
		    sums.flagged == 1 ? "" : "s");
	/* Parts that nobody can read are daily bread and stand in the report: no gap of the pass.
	 */
	if (sums.not_checked > sums.unscannable)
		printf(", %" G_GUINT64_FORMAT " not wholly read (see the report)",
		    sums.not_checked - sums.unscannable);
	add_gap(gaps, sums.away, "account not wholly polled", "accounts not wholly polled");
	add_gap(
	    gaps, sums.used_up, "account has used its budget", "accounts have used their budgets");
	add_gap(gaps, sums.waiting, "message waits for it", "messages wait for it");
	add_gap(gaps, sums.folders_failed, "folder failed", "folders failed");
	add_gap(gaps, sums.failed, "message not fetched", "messages not fetched");
	add_gap(gaps, sums.unscannable, "message not scanned", "messages not scanned");
	printf("%s%s\n", gaps->len > 0 ? "; gaps: " : "; no gaps", gaps->str);
}

static int
check_names(const struct config *config, char *const *names)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();

	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		g_ptr_array_add(known, account->name);
	}
	g_ptr_array_add(known, NULL);
	for (; *names != NULL; names++) {
		if (config_account(config, *names) != NULL)
			continue;
		const char *near = problem_did_you_mean(*names, (const char *const *)known->pdata);
		g_autofree char *hint =
		    near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
		return cmd_usage_error("poll", hint, "there is no account '%s'", *names);
	}
	return CMD_OK;
}

static int
poll_with(const struct cmd_globals *globals, struct daemon_setup *setup, char *const *names)
{
	g_autoptr(progress) progress = progress_new(stderr, globals->quiet);
	struct pass_options options = {
		.accounts = (const char *const *)names,
		.progress = on_progress,
		.data = progress,
	};
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(GError) error = NULL;
	gint64 begun = g_get_monotonic_time();

	setup_try_tests(setup, cmd_test_failed);
	options.failing = setup->failing;
	int code =
	    daemon_poll(setup->config, setup->sources, setup->ruleset, &options, &rows, &error);
	progress_clear(progress);
	if (rows != NULL && globals->json) {
		print_json(rows);
	} else if (rows != NULL && !globals->quiet) {
		print_table(rows);
		print_summary(rows, g_get_monotonic_time() - begun);
	}
	if (error != NULL)
		code = cmd_fail("poll", error);
	else
		dkim_keys_after_poll(setup->config);
	return cmd_finish("poll", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "poll", help, 0, -1, true };
	g_autofree char *assume = NULL;
	gboolean plan = FALSE;
	const GOptionEntry entries[] = {
		{ "plan", 0, 0, G_OPTION_ARG_NONE, &plan, NULL, NULL },
		{ "assume", 0, 0, G_OPTION_ARG_STRING, &assume, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (assume != NULL && !plan)
		return cmd_usage_error("poll", "write --plan --assume SIZE",
		    "--assume says what a plan reckons with: it goes with --plan");
	g_autoptr(daemon_setup) setup = cmd_load_setup(globals);
	if (setup == NULL)
		return FAULT_CONFIG;
	code = check_names(setup->config, argv + 1);
	if (code == CMD_OK && plan)
		return poll_plan(globals, setup->config, (const char *const *)argv + 1, assume);
	return code == CMD_OK ? poll_with(globals, setup, argv + 1) : code;
}

const struct cmd cmd_poll = { "poll", "one pass now over all accounts, or those named", run };
