/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status: is everything read? Accounts, the completeness sum, the last run, the size on disk.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/status-amiss.h"
#include "cmd/table.h"
#include "mail/account.h"
#include "store/view-scope.h"

#define RUNS_WINDOW_DAYS 40 /* how far back the last run is looked for */

static const char help[] =
    "Examples:\n"
    "  flagpost status              accounts, what their servers or folders hold, what is kept\n"
    "  flagpost status --json       one JSON object an account; behind them one a damaged volume,\n"
    "                               a group of a directory, a prefilter that lost hits, and one\n"
    "                               for our own mail that waits\n"
    "\n"
    "Usage: flagpost status [--json]\n"
    "\n"
    "NEWEST is the age of the newest mail, UNWATCHED the longest time of 30 days in which mail\n"
    "could have come and gone unseen.\n"
    "\n"
    "Exit codes: 0 all accounts are read, 2 an account fails, messages are missing or wait, a\n"
    "pass hangs, a canary was not seen in time, or a directory is away for too long, 78 "
    "configuration, or nothing was polled yet.\n";

struct sums {
	guint64 server, kept, failed, waiting;
};

static struct sums
add_up(const struct view_account *account)
{
	struct sums sums = { 0 };

	for (guint i = 0; i < account->folders->len; i++) {
		const struct view_folder *folder = g_ptr_array_index(account->folders, i);
		sums.server += folder->server;
		sums.kept += folder->kept;
		sums.failed += folder->failed;
		sums.waiting += folder->waiting;
	}
	return sums;
}

static bool
has_gap(const struct view_account *account)
{
	struct sums sums = add_up(account);

	if (!account->configured)
		return false;
	for (guint i = 0; i < account->folders->len; i++) {
		if (((struct view_folder *)g_ptr_array_index(account->folders, i))->failing)
			return true;
	}
	enum view_canary_state canary = view_canary_state(&account->canary, clock_now());
	return strcmp(account->state, "ok") != 0 || sums.failed > 0 || sums.server != sums.kept ||
	       canary == VIEW_CANARY_REFUSED || canary == VIEW_CANARY_LATE ||
	       view_is_stalled(account, clock_now());
}

/* "12 min", "3 h", "5 d"; "-" for never. */
static char *
age(gint64 time, gint64 now)
{
	gint64 seconds = MAX(now - time, 0) / G_USEC_PER_SEC;

	if (time == 0)
		return g_strdup("-");
	if (seconds < 100)
		return g_strdup_printf("%" G_GINT64_FORMAT " s", seconds);
	if (seconds < 100 * 60)
		return g_strdup_printf("%" G_GINT64_FORMAT " min", seconds / 60);
	if (seconds < 72 * 3600)
		return g_strdup_printf("%" G_GINT64_FORMAT " h", seconds / 3600);
	return g_strdup_printf("%" G_GINT64_FORMAT " d", seconds / 86400);
}

/* What is as it should be takes no room. */
static void
add_alarms(GString *text, const struct view_account *account, GTimeZone *zone)
{
	gint64 now = clock_now();
	const struct view_canary *canary = &account->canary;
	enum view_canary_state state = view_canary_state(canary, now);

	if (view_is_stalled(account, now)) {
		g_autofree char *begun = clock_local(account->pass_begun, zone);
		g_autofree char *last = age(MAX(account->pass_begun, account->pass_moved), now);
		g_string_append_printf(
		    text, "; the pass of %s records nothing for %s", begun, last);
	}
	if (state == VIEW_CANARY_REFUSED)
		g_string_append_printf(text, "; no canary: %s", canary->trouble);
	if (state == VIEW_CANARY_LATE) {
		g_autofree char *planted = clock_local(canary->planted, zone);
		g_string_append_printf(
		    text, "; canary of %s not seen: mail may not be read", planted);
	}
	if (view_is_silent(account, now)) {
		g_autofree char *pause = age(account->arrived, now);
		g_autofree char *usual = age(now - account->usual_pause, now);
		g_string_append_printf(text, "; silent for %s, %s is usual at most", pause, usual);
	}
}

static char *
state_text(const struct view_account *account, GTimeZone *zone)
{
	GString *text = g_string_new(account->state[0] != '\0' ? account->state : "not polled yet");

	if (!account->configured)
		g_string_append(text, g_str_has_prefix(account->name, ACCOUNT_IMPORT)
					  ? ", imported"
					  : ", no longer configured");
	if (account->failing_since != 0) {
		g_autofree char *since = clock_local(account->failing_since, zone);
		g_string_append_printf(text, " since %s", since);
	}
	if (account->text[0] != '\0')
		g_string_append_printf(text, ": %s", account->text);
	add_alarms(text, account, zone);
	return g_string_free(text, FALSE);
}

static void
print_table(const GPtrArray *accounts, GTimeZone *zone)
{
	static const char *const heads[] = { "ACCOUNT", ">POLLED", ">NEWEST", ">UNWATCHED",
		">FOLDERS", ">SERVER", ">KEPT", ">FAILED", ">WAITING", "STATE", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	gint64 now = clock_now();

	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(accounts, i);
		struct sums sums = add_up(account);
		g_autofree char *polled = age(account->checked, now);
		g_autofree char *newest = age(account->arrived, now);
		g_autofree char *exposed =
		    age(now - (account->exposed.upto - account->exposed.since), now);
		g_autofree char *state = state_text(account, zone);
		table_add(table, "%s", account->name);
		table_add(table, "%s", polled);
		table_add(table, "%s", newest);
		table_add(table, "%s", account->exposed.upto != 0 ? exposed : "-");
		table_add(table, "%u", account->folders->len);
		table_add(table, "%" G_GUINT64_FORMAT, sums.server);
		table_add(table, "%" G_GUINT64_FORMAT, sums.kept);
		table_add(table, "%" G_GUINT64_FORMAT, sums.failed);
		table_add(table, "%" G_GUINT64_FORMAT, sums.waiting);
		table_add(table, "%s", state);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

static void
put_canary(struct json *json, const struct view_canary *canary)
{
	enum view_canary_state state = view_canary_state(canary, clock_now());

	json_put(json, "canary", view_canary_words[state]);
	status_amiss_put_time(json, "canary_planted", canary->planted);
	status_amiss_put_time(json, "canary_seen", canary->seen);
}

static void
put_folders(struct json *json, const GPtrArray *folders)
{
	json_key(json, "folders");
	json_begin(json, '[');
	for (guint i = 0; i < folders->len; i++) {
		const struct view_folder *folder = g_ptr_array_index(folders, i);
		json_begin(json, '{');
		json_put(json, "folder", folder->folder);
		status_amiss_put_time(json, "polled", folder->checked);
		json_put_int(json, "server", (gint64)folder->server);
		json_put_int(json, "kept", (gint64)folder->kept);
		json_put_int(json, "failed", (gint64)folder->failed);
		json_put_int(json, "waiting", (gint64)folder->waiting);
		json_put_int(json, "gone", (gint64)folder->gone);
		json_put_int(json, "unseen", (gint64)folder->unseen);
		json_put_bool(json, "failing", folder->failing);
		json_put(json, "text", folder->text);
		json_end(json);
	}
	json_end(json);
}

/* How well it is watched over. */
static void
put_watch(struct json *json, const struct view_account *account)
{
	const struct view_exposure *exposed = &account->exposed;
	gint64 now = clock_now();

	status_amiss_put_time(json, "exposed_since", exposed->since);
	status_amiss_put_time(json, "exposed_upto", exposed->upto);
	json_put_int(json, "exposed_seconds", (exposed->upto - exposed->since) / G_USEC_PER_SEC);
	status_amiss_put_time(json, "arrived", account->arrived);
	json_put_bool(json, "silent", view_is_silent(account, now));
	json_put_int(json, "usual_pause_seconds", account->usual_pause / G_USEC_PER_SEC);
	status_amiss_put_time(json, "pass_begun", account->pass_begun);
	status_amiss_put_time(json, "pass_moved", account->pass_moved);
	json_put_bool(json, "stalled", view_is_stalled(account, now));
}

static void
print_json(const GPtrArray *accounts)
{
	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(accounts, i);
		struct sums sums = add_up(account);
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "account", account->name);
		json_put_bool(&json, "configured", account->configured);
		json_put(&json, "state", account->state);
		json_put(&json, "text", account->text);
		status_amiss_put_time(&json, "polled", account->checked);
		status_amiss_put_time(&json, "last_ok", account->last_ok);
		status_amiss_put_time(&json, "failing_since", account->failing_since);
		status_amiss_put_time(&json, "newest", account->newest);
		json_put_int(&json, "server", (gint64)sums.server);
		json_put_int(&json, "kept", (gint64)sums.kept);
		json_put_int(&json, "failed", (gint64)sums.failed);
		json_put_int(&json, "waiting", (gint64)sums.waiting);
		put_folders(&json, account->folders);
		put_canary(&json, &account->canary);
		put_watch(&json, account);
		json_end(&json);
		puts(out->str);
	}
}

/* Bytes below a folder; links are not followed. */
static guint64
disk_size(const char *path, guint depth)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	guint64 sum = 0;
	const char *name;

	if (dir == NULL || depth == 0)
		return 0;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		struct stat status;
		if (lstat(entry, &status) != 0)
			continue;
		if (S_ISDIR(status.st_mode))
			sum += disk_size(entry, depth - 1);
		else if (S_ISREG(status.st_mode))
			sum += (guint64)status.st_blocks * 512; /* holes take no room */
	}
	return sum;
}

static char *
run_end(const struct view_run *run, gint64 now)
{
	g_autofree char *ago = age(run->pulse, now);

	if (run->ended != 0)
		return g_strdup_printf("exit %d", run->exit_code);
	if (run->pulse != 0 && now - run->pulse <= VIEW_PULSE_US)
		return g_strdup_printf("not ended: sign of life %s ago", ago);
	return g_strdup_printf("not ended: no sign of life for %s, it hangs or was killed", ago);
}

/* Places and volumes are nothing of a user's: he has the messages that he sent or received. */
static bool
print_space(struct view *view, const struct config *config, GError **error)
{
	struct view_space space;

	if (!view_space(view, &space, error))
		return false;
	g_autofree char *messages = text_count(space.messages);
	g_autofree char *places = text_count(space.places);
	g_autofree char *seen = text_size(space.seen_bytes);
	g_autofree char *kept = text_size(space.kept_bytes);
	g_autofree char *purged = text_count(space.purged);
	if (view_reach(view) == VIEW_OWN) {
		printf("store: %s messages\n", messages);
		return true;
	}
	g_autofree char *size = text_size(disk_size(config->data_dir, 16));
	printf("store: %s messages, %s in %s\n", messages, size, config->data_dir);
	printf("space: %s messages at %s places, %s; copies of %s are kept", messages, places, seen,
	    kept);
	if (space.purged > 0)
		printf(", %s messages were purged", purged);
	putchar('\n');
	return true;
}

static bool
print_footer(struct view *view, const struct config *config, GError **error)
{
	gint64 now = clock_now();
	gint64 from = now - (gint64)RUNS_WINDOW_DAYS * G_TIME_SPAN_DAY;
	g_autoptr(GPtrArray) runs = view_runs(view, from, now + G_TIME_SPAN_DAY, error);

	if (runs == NULL)
		return false;
	const struct view_run *last = NULL;
	for (guint i = 0; i < runs->len; i++) {
		const struct view_run *one = g_ptr_array_index(runs, i);
		if (last == NULL || one->begun > last->begun)
			last = one;
	}
	if (last != NULL) {
		g_autofree char *begun = clock_local(last->begun, config->zone);
		g_autofree char *end = run_end(last, now);
		printf("last run: %s at %s, %s\n", last->command, begun, end);
	}
	return print_space(view, config, error);
}

static int
status(const struct cmd_globals *globals)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config) config = cmd_load_config(globals);
	int code = CMD_OK;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = cmd_open_view("status", config, &code);
	if (view == NULL)
		return code;
	g_autoptr(GPtrArray) accounts = view_accounts(view, &error);
	if (accounts == NULL)
		return cmd_fail("status", error);
	for (guint i = 0; i < accounts->len; i++) {
		if (has_gap(g_ptr_array_index(accounts, i)))
			code = CMD_GAPS;
	}
	if (globals->json)
		print_json(accounts);
	else
		print_table(accounts, config->zone);
	if (!status_amiss_volumes(view, globals->json, &code, &error))
		return cmd_fail("status", error);
	if (!status_amiss_index(view, globals->json, &code, &error))
		return cmd_fail("status", error);
	status_amiss_groups(config, globals->json, &code);
	if (!status_amiss_comparison(config, globals->json, &code, &error))
		return cmd_fail("status", error);
	if (!status_amiss_outbox(config, globals->json, &error))
		return cmd_fail("status", error);
	if (!globals->json && !print_footer(view, config, &error))
		return cmd_fail("status", error);
	return cmd_finish("status", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "status", help, 0, 0, true };
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = status(globals);
	return code;
}

const struct cmd cmd_status = { "status", "is everything read? accounts, sums, last run", run };
