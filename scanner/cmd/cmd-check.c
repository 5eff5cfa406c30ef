/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check: all that can be known to be wrong before anything runs. Contacts no server.
 */
#include <fcntl.h>
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "daemon/crew.h"
#include "rules/match.h"

static const char help[] =
    "Examples:\n"
    "  flagpost check                          configuration, rules, lists, permissions, tests\n"
    "  flagpost --config new.ini check         before it goes live\n"
    "  flagpost check --rules rules.d          a rule folder alone\n"
    "\n"
    "Usage: flagpost check [OPTION...]\n"
    "\n"
    "Prints problems as a compiler does and runs the tests that stand in rule files.\n"
    "No server is contacted and no password is read.\n"
    "\n"
    "  --rules DIR    the rules of this folder alone\n"
    "  -q, --quiet    only errors and failed tests\n"
    "\n"
    "Exit codes: 0 right, 65 a rule fails its own test, 78 an error in configuration or rules.\n";

struct check {
	const struct cmd_globals *globals;
	struct config *config;
	struct cmd_rules rules;
	struct crew *crew; /* started with the first test that needs it */
	guint passed, failed;
};

/* In the form of a compiler, so that an editor jumps to the test. */
static void test_failed(struct check *check, const struct rule_test *test, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
test_failed(struct check *check, const struct rule_test *test, const char *format, ...)
{
	bool colour = cmd_colour(stderr);
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *safe = text_printable(text, 0);
	fprintf(stderr, "%s:%u: %sfailed:%s %s of %s: %s\n", test->rule->path, test->line,
	    colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", test->name, test->rule->id, safe);
	check->failed++;
}

static void
run_text_test(struct check *check, const struct rule_test *test)
{
	g_autoptr(GError) error = NULL;
	bool matched = false;

	if (!ruleset_test_text(check->rules.ruleset, test, &matched, &error))
		test_failed(check, test, "%s", error->message);
	else if (matched != test->expect_flag)
		test_failed(check, test, "%s was expected, but %s %s the text",
		    test->expect_flag ? "flag" : "pass", test->part,
		    matched ? "matches" : "does not match");
	else
		check->passed++;
}

static void
judge(struct check *check, const struct rule_test *test, const struct verdict *verdict)
{
	bool flagged = verdict_flag_count(verdict) > 0;

	if (verdict->outcome == OUTCOME_UNSCANNABLE)
		test_failed(
		    check, test, "%s could not be scanned: %s", test->message, verdict->reason);
	else if (flagged == test->expect_flag)
		check->passed++;
	else if (test->expect_flag && verdict->flags->len > 0)
		test_failed(check, test, "flag was expected, but exception %s applies to %s",
		    ((struct flag *)g_ptr_array_index(verdict->flags, 0))->exception,
		    test->message);
	else if (test->expect_flag)
		test_failed(check, test,
		    "flag was expected, but %s passes (see: flagpost explain FILE %s)",
		    test->message, test->rule->id);
	else
		test_failed(check, test,
		    "pass was expected, but %s is flagged (see: flagpost explain FILE %s)",
		    test->message, test->rule->id);
}

static bool
start_crew(struct check *check, GError **error)
{
	if (check->crew == NULL)
		check->crew = crew_new(check->rules.sources, &check->config->limits, 1, error);
	return check->crew != NULL;
}

static void
run_message_test(struct check *check, const struct rule_test *test)
{
	const struct crew_job job = { test->context, false, test->rule->id };
	g_autoptr(GError) error = NULL;
	guint64 size;
	int fd = open(test->message, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		fault_errno(&error, "%s", test->message);
	if (error == NULL && io_size(fd, &size, &error) && start_crew(check, &error)) {
		g_autoptr(verdict) verdict = crew_scan(check->crew, &job, fd, size);
		judge(check, test, verdict);
	} else {
		test_failed(check, test, "%s", error->message);
	}
	io_close(&fd);
}

static void
run_tests(struct check *check)
{
	guint n = ruleset_test_count(check->rules.ruleset);
	g_autoptr(progress) progress = progress_new(stderr, check->globals->quiet);

	for (guint i = 0; i < n; i++) {
		const struct rule_test *test = ruleset_test(check->rules.ruleset, i);
		guint failed = check->failed;
		if (test->message == NULL)
			run_text_test(check, test);
		else
			run_message_test(check, test);
		if (check->failed > failed)
			progress_clear(progress);
		progress_set(progress, i + 1, n, test->rule->id);
	}
}

/* What a rule asks for and this version does not do is said before it is missed. */
static void
note_actions(const struct check *check, struct problems *problems)
{
	const struct ruleset *ruleset = check->rules.ruleset;

	for (guint i = 0; i < ruleset_count(ruleset); i++) {
		const struct rule_info *info = ruleset_info(ruleset, i);
		if (info->forward[0] != '\0')
			problems_add(problems, PROBLEM_WARNING, info->path, 0, 0, NULL, NULL,
			    "rule '%s' says forward = %s, but this version does not deliver mail: "
			    "the flag is only reported",
			    info->id, info->forward);
		if (info->tests == 0)
			problems_add(problems, PROBLEM_WARNING, info->path, 0, 0, NULL,
			    "add [test.1]", "rule '%s' has no test", info->id);
	}
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
	const struct cmd_rules *rules = &check->rules;
	const struct config *config = check->config;

	printf("config %d, rules %u, lists %u, accounts %u (not contacted): "
	       "%u error%s, %u warning%s; ",
	    config != NULL && config->path[0] != '\0' ? 1 : 0,
	    rules->ruleset != NULL ? ruleset_count(rules->ruleset) : 0, count_lists(rules->sources),
	    config != NULL ? config->accounts->len : 0, errors, plural(errors), warnings,
	    plural(warnings));
	if (errors > 0)
		puts("no test was run");
	else if (check->failed > 0)
		printf("%u tests passed, %u failed\n", check->passed, check->failed);
	else
		printf("%u test%s passed\n", check->passed, plural(check->passed));
}

static int
check_run(struct check *check, const char *rules_dir)
{
	g_autoptr(problems) problems = problems_new();

	check->config = config_load(check->globals->config_path, problems);
	if (check->config != NULL) {
		config_check_permissions(check->config, problems);
		check->rules.sources = config_sources(check->config, rules_dir, problems);
	}
	if (check->rules.sources != NULL)
		check->rules.ruleset =
		    ruleset_compile(check->rules.sources, &check->config->limits, problems);
	if (check->rules.ruleset != NULL)
		note_actions(check, problems);
	int code = cmd_print_problems(check->globals, problems);
	if (code == CMD_OK && check->rules.ruleset != NULL)
		run_tests(check);
	if (code == CMD_OK && check->failed > 0)
		code = FAULT_DATA;
	if (code != CMD_OK || !check->globals->quiet)
		print_summary(check, problems);
	return cmd_finish("check", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "check", help, 0, 0, false };
	struct check check = { .globals = globals };
	char *rules_dir = NULL;
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &rules_dir, NULL,
					     NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = check_run(&check, rules_dir);
	g_clear_pointer(&check.crew, crew_free);
	cmd_rules_clear(&check.rules);
	g_clear_pointer(&check.config, config_free);
	g_free(rules_dir);
	return code;
}

const struct cmd cmd_check = { "check", "is the configuration right? runs the rules' own tests",
	run };
