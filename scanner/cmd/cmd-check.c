/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check: all that can be known to be wrong before anything runs. Contacts no server unless asked
 * to log in.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/setup.h"
#include "daemon/crew.h"
#include "daemon/directories.h"
#include "daemon/outlook.h"
#include "daemon/sampling.h"
#include "fetchers/ability.h"
#include "rules/doubts.h"
#include "cmd/check-scopes.h"
#include "rules/prefilter.h"

static const char help[] =
    "Examples:\n"
    "  flagpost check                          configuration, rules, lists, permissions, tests\n"
    "  flagpost check --connect                the same, then log in to every account\n"
    "  flagpost --config new.ini check         before it goes live\n"
    "  flagpost check --rules rules.d          a rule folder alone\n"
    "\n"
    "Usage: flagpost check [OPTION...]\n"
    "\n"
    "Prints problems as a compiler does, runs the tests that stand in rule files, and says what\n"
    "confines the workers on this machine.\n"
    "Without --connect no server is contacted and no password is read.\n"
    "\n"
    "  --connect      log in to all accounts at once and out again; says how much there is to\n"
    "                 fetch (more of it: flagpost poll --plan), fetches nothing\n"
    "  --json         with --connect: one JSON object an account\n"
    "  --rules DIR    the rules of this folder alone\n"
    "  -q, --quiet    only errors, failed tests and accounts that cannot be logged in to\n"
    "\n"
    "Exit codes: 0 right, 65 a rule fails its own test, 78 an error in configuration or rules;\n"
    "with --connect also 69 servers are away and nothing else is wrong, 77 a login, a token or\n"
    "TLS was refused, 65 a server does not speak the protocol.\n";

struct check {
	const struct cmd_globals *globals;
	gboolean connect; /* option */
	struct daemon_setup *setup;
	struct progress *progress;
	guint passed, failed;
};

/* In the form of a compiler, so that an editor jumps to the test. */
static void
test_failed(const struct rule_test *test, const char *text, void *data)
{
	const struct check *check = data;
	bool colour = cmd_colour(stderr);
	g_autofree char *safe = text_printable(text, 0);

	progress_clear(check->progress);
	fprintf(stderr, "%s:%u: %sfailed:%s %s of %s: %s\n", test->rule->path, test->line,
	    colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", test->name, test->rule->id, safe);
}

static void
test_done(const struct rule_test *test, guint n, guint total, void *data)
{
	const struct check *check = data;

	progress_set(check->progress, n, total, test->rule->id);
}

static void
run_tests(struct check *check)
{
	struct setup_tests tests = { .failed = test_failed, .done = test_done, .data = check };

	check->progress = progress_new(stderr, check->globals->quiet);
	setup_run_tests(check->setup, &tests);
	g_clear_pointer(&check->progress, progress_free);
	check->passed = tests.passed_count;
	check->failed = tests.failed_count;
}

/* A list of mailboxes repeats its account: said once. */
static void
note_accounts(const struct check *check, struct problems *problems)
{
	const GPtrArray *accounts = check->setup->config->accounts;
	const struct account *said = NULL;

	for (guint i = 0; i < accounts->len; i++) {
		const struct account *account = g_ptr_array_index(accounts, i);
		const char *lacking = ability_lacking(account);
		if (lacking == NULL || (said != NULL && said->line == account->line &&
					   g_str_equal(said->file, account->file)))
			continue;
		said = account;
		problems_add(problems, PROBLEM_ERROR, account->file, account->line, 0, NULL, NULL,
		    "account '%s' cannot log in: %s", account->name, lacking);
	}
}

/* A key that cannot be used would end the next run. */
static void
note_sample(const struct check *check, struct problems *problems)
{
	g_autoptr(GError) error = NULL;

	if (!sampling_check(check->setup->config, &error))
		problems_add(problems, PROBLEM_ERROR, check->globals->config_path, 0, 0, NULL, NULL,
		    "[review] sample: %s", error->message);
}

static guint
count_lists(const struct sources *sources)
{
	guint n = 0;

	for (guint i = 0; sources != NULL && i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		n += source->kind == SOURCE_LIST;
	}
	return n;
}

static const char *
plural(guint n)
{
	return n == 1 ? "" : "s";
}

static void
print_summary(const struct check *check, const struct problems *problems)
{
	guint errors = problems_count(problems, PROBLEM_ERROR);
	guint warnings = problems_count(problems, PROBLEM_WARNING);
	const struct daemon_setup *setup = check->setup;
	const struct config *config = setup->config;
	/* Data on stdout is then one object an account and nothing else. */
	FILE *out = check->globals->json ? stderr : stdout;

	fprintf(out, "config %d, rules %u, lists %u, accounts %u%s: %u error%s, %u warning%s; ",
	    config != NULL && config->path[0] != '\0' ? 1 : 0,
	    setup->ruleset != NULL ? ruleset_count(setup->ruleset) : 0, count_lists(setup->sources),
	    config != NULL ? config->accounts->len : 0, check->connect ? "" : " (not contacted)",
	    errors, plural(errors), warnings, plural(warnings));
	if (errors > 0)
		fputs("no test was run\n", out);
	else if (check->failed > 0)
		fprintf(out, "%u tests passed, %u failed\n", check->passed, check->failed);
	else
		fprintf(out, "%u test%s passed\n", check->passed, plural(check->passed));
}

/* What could be looked for and is not. */
static void
print_packs_off(const struct check *check, const char *rules_dir)
{
	const struct config *config = check->setup->config;
	g_autoptr(GPtrArray) all = config_packs(config, rules_dir);
	g_autoptr(GString) off = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		if (!config_pack_is_on(config, all->pdata[i]))
			g_string_append_printf(
			    off, "%s%s", off->len > 0 ? ", " : "", (char *)all->pdata[i]);
	}
	if (off->len > 0)
		fprintf(check->globals->json ? stderr : stdout,
		    "packs off: %s (see: flagpost rules list --packs)\n", off->str);
}

/* Why patterns cost what they cost, for -v. */
static void
print_patterns(const struct check *check, FILE *out)
{
	const struct daemon_setup *setup = check->setup;
	g_autoptr(GBytes) bytes = setup->plain == NULL ? io_read_fd(setup->sources->prefilter_fd,
							     PREFILTER_BYTES_MAX, NULL)
						       : NULL;
	guint n = ruleset_pattern_count(setup->ruleset);

	if (bytes == NULL || !ruleset_prefilter_use(setup->ruleset, bytes, NULL)) {
		fprintf(out, "patterns: %u, each asked on every text: %s\n", n,
		    setup->plain != NULL ? setup->plain : "the prefilter cannot be read");
		return;
	}
	fprintf(out, "patterns: %u, prefiltered by Hyperscan\n", n);
	for (guint i = 0; i < n; i++) {
		struct pattern_info info = ruleset_pattern(setup->ruleset, i);
		if (info.alone != NULL)
			fprintf(out, "  %s:%u: %s is asked on every text: %s\n", info.file,
			    info.line, info.key, info.alone);
	}
}

/* A worker that cannot be confined does not start: that is known here, before it matters. */
static int
check_workers(const struct check *check)
{
	const struct daemon_setup *setup = check->setup;
	g_autoptr(GError) error = NULL;
	g_autoptr(crew) crew =
	    crew_new(setup->sources, &setup->config->limits, &setup->config->reading, 1, &error);

	if (crew == NULL)
		return cmd_fail("check", error);
	if (check->globals->quiet)
		return CMD_OK;
	FILE *out = check->globals->json ? stderr : stdout;
	const char *languages = setup->config->reading.ocr_languages;
	fprintf(out, "workers: %s\n", crew_sandbox(crew));
	if (check->globals->verbose)
		print_patterns(check, out);
	if (languages[0] != '\0')
		fprintf(out, "pictures: read for text, languages %s\n", languages);
	else
		fputs("pictures: not read for text ([reading] ocr = no)\n", out);
	return CMD_OK;
}

/* --- logging in --- */

static void
print_json(const struct outlook_account *row)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "account", row->account);
	json_put(&json, "state", fetch_account_state_words[row->state]);
	json_put(&json, "text", row->text);
	json_put_int(&json, "milliseconds", (gint64)row->milliseconds);
	json_put_int(&json, "to_fetch", (gint64)row->to_fetch);
	json_put_int(&json, "bytes_to_fetch", (gint64)row->to_come);
	json_put_int(&json, "days", (gint64)row->days);
	json_end(&json);
	puts(out->str);
}

/* How much the next pass has before it, in a line. */
static void
print_plan(const struct outlook_account *row, int width)
{
	g_autofree char *sum = outlook_sum(row);

	printf("%-*s  ok: %s\n", width, row->account, sum);
}

static void
print_accounts(const struct check *check, const GPtrArray *rows)
{
	int width = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		width = MAX(width, (int)strlen(row->account));
	}
	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		g_autofree char *safe = text_printable(row->text, 0);
		if (check->globals->json)
			print_json(row);
		else if (row->state != FETCH_OK)
			printf("%-*s  %s: %s\n", width, row->account,
			    fetch_account_state_words[row->state], safe);
		else if (!check->globals->quiet)
			print_plan(row, width);
	}
}

/* What must be mended by people comes before what may pass by itself. */
static int
connect_code(const GPtrArray *rows)
{
	static const struct {
		enum fetch_account_state state;
		int code;
	} order[] = {
		{ FETCH_LOGIN, FAULT_DENIED },
		{ FETCH_TOKEN, FAULT_DENIED },
		{ FETCH_TLS, FAULT_DENIED },
		{ FETCH_CONFIG, FAULT_CONFIG },
		{ FETCH_PROTOCOL, FAULT_DATA },
		{ FETCH_AWAY, FAULT_AWAY },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		for (guint j = 0; j < rows->len; j++) {
			const struct outlook_account *row = g_ptr_array_index(rows, j);
			if (row->state == order[i].state)
				return order[i].code;
		}
	}
	return CMD_OK;
}

/* Of directories it is asked here whatever is kept. */
static int
check_groups(const struct check *check)
{
	struct config *config = check->setup->config;
	g_autoptr(problems) problems = problems_new();
	int code = directories_refresh(config, true, problems);

	cmd_print_problems(check->globals, problems);
	for (guint i = 0; i < config->directories->len && !check->globals->quiet; i++) {
		g_autofree char *sentence =
		    directories_sentence(config, g_ptr_array_index(config->directories, i));
		fprintf(check->globals->json ? stderr : stdout, "%s\n", sentence);
	}
	return code;
}

static int
check_connect(const struct check *check)
{
	g_autoptr(GError) error = NULL;
	int groups = check_groups(check);
	g_autoptr(GPtrArray) rows = outlook_make(check->setup->config, NULL, &error);

	if (rows == NULL)
		return cmd_fail("check", error);
	print_accounts(check, rows);
	int code = connect_code(rows);
	return code != CMD_OK ? code : groups;
}

static int
check_run(struct check *check, const char *rules_dir)
{
	g_autoptr(problems) problems = problems_new();

	if (check->globals->json && !check->connect)
		return cmd_usage_error(
		    "check", "write check --connect --json", "--json means nothing here");
	check->setup = setup_load(check->globals->config_path, rules_dir, check->connect, problems);
	if (check->setup->ruleset != NULL)
		if (check->setup->ruleset != NULL)
			doubts_find(check->setup->ruleset, check->setup->sources, problems);
	if (check->setup->ruleset != NULL && check->setup->config != NULL)
		check_scopes(check->setup->config, check->setup->sources, problems);
	if (check->setup->config != NULL)
		note_accounts(check, problems);
	if (check->setup->config != NULL)
		note_sample(check, problems);
	int code = cmd_print_problems(check->globals, problems);
	bool right = code == CMD_OK && check->setup->ruleset != NULL;
	if (right)
		run_tests(check);
	if (check->failed > 0)
		code = FAULT_DATA;
	if (code != CMD_OK || !check->globals->quiet)
		print_summary(check, problems);
	if (check->setup->config != NULL && !check->globals->quiet)
		print_packs_off(check, rules_dir);
	if (right && code == CMD_OK)
		code = check_workers(check);
	if (right && check->connect) {
		int connected = check_connect(check);
		code = code != CMD_OK ? code : connected;
	}
	return cmd_finish("check", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "check", help, 0, 0, true };
	struct check check = { .globals = globals };
	char *rules_dir = NULL;
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &rules_dir, NULL,
					     NULL },
		{ "connect", 0, 0, G_OPTION_ARG_NONE, &check.connect, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = check_run(&check, rules_dir);
	daemon_setup_free(check.setup);
	g_free(rules_dir);
	return code;
}

const struct cmd cmd_check = { "check", "is the configuration right? runs the rules' own tests",
	run };
