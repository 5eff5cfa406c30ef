/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setup - see setup.h. Reads no password. */
#include "cmd/setup.h"

#include <fcntl.h>
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/crew.h"
#include "daemon/directories.h"
#include "daemon/prefilters.h"

struct testing {
	const struct daemon_setup *setup;
	struct setup_tests *tests;
	struct crew *crew; /* started with the first test that needs it */
};

struct daemon_setup *
setup_load(
    const char *config_path, const char *rules_dir, bool need_accounts, struct problems *problems)
{
	struct daemon_setup *setup = g_new0(struct daemon_setup, 1);

	setup->config = config_load(config_path, problems);
	if (setup->config == NULL)
		return setup;
	config_check_permissions(setup->config, problems);
	if (need_accounts && setup->config->accounts->len == 0)
		problems_add(problems, PROBLEM_ERROR, setup->config->path, 0, 0, NULL,
		    "add [account.NAME] here or in accounts.d/*.ini", "no account is configured");
	if (need_accounts)
		directories_refresh(setup->config, false, problems);
	setup->sources = config_sources(setup->config, rules_dir, problems);
	if (setup->sources != NULL)
		setup->ruleset = ruleset_read(setup->sources, &setup->config->limits, problems);
	if (setup->ruleset != NULL)
		setup->plain =
		    prefilters_give(setup->sources, setup->ruleset, setup->config, PREFILTERS_MAKE);
	return setup;
}

/* --- tests --- */

static void test_failed(struct testing *testing, const struct rule_test *test, const char *format,
    ...) G_GNUC_PRINTF(3, 4);

static void
test_failed(struct testing *testing, const struct rule_test *test, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	testing->tests->failed_count++;
	testing->tests->failed(test, text, testing->tests->data);
}

static void
run_text_test(struct testing *testing, const struct rule_test *test)
{
	g_autoptr(GError) error = NULL;
	bool matched = false;

	if (!ruleset_test_text(testing->setup->ruleset, test, &matched, &error))
		test_failed(testing, test, "%s", error->message);
	else if (matched != test->expect_flag)
		test_failed(testing, test, "%s was expected, but %s %s the text",
		    test->expect_flag ? "flag" : "pass", test->part,
		    matched ? "matches" : "does not match");
	else
		testing->tests->passed_count++;
}

static void
judge(struct testing *testing, const struct rule_test *test, const struct verdict *verdict)
{
	bool flagged = verdict_flag_count(verdict) > 0;

	if (verdict->outcome == OUTCOME_UNSCANNABLE)
		test_failed(
		    testing, test, "%s could not be scanned: %s", test->message, verdict->reason);
	else if (flagged == test->expect_flag)
		testing->tests->passed_count++;
	else if (test->expect_flag && verdict->flags->len > 0)
		test_failed(testing, test, "flag was expected, but exception %s applies to %s",
		    ((struct flag *)g_ptr_array_index(verdict->flags, 0))->exception,
		    test->message);
	else if (test->expect_flag)
		test_failed(testing, test,
		    "flag was expected, but %s passes (see: flagpost explain FILE %s)",
		    test->message, test->rule->id);
	else
		test_failed(testing, test,
		    "pass was expected, but %s is flagged (see: flagpost explain FILE %s)",
		    test->message, test->rule->id);
}

static bool
start_crew(struct testing *testing, GError **error)
{
	if (testing->crew == NULL)
		testing->crew = crew_new(testing->setup->sources, &testing->setup->config->limits,
		    &testing->setup->config->reading, 1, error);
	return testing->crew != NULL;
}

static void
run_message_test(struct testing *testing, const struct rule_test *test)
{
	const struct crew_job job = { .context = test->context, .only_rule = test->rule->id };
	g_autoptr(GError) error = NULL;
	guint64 size;
	int fd = open(test->message, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		fault_errno(&error, "%s", test->message);
	if (error == NULL && io_size(fd, &size, &error) && start_crew(testing, &error)) {
		g_autoptr(verdict) verdict = crew_scan(testing->crew, &job, fd, size);
		judge(testing, test, verdict);
	} else {
		test_failed(testing, test, "%s", error->message);
	}
	io_close(&fd);
}

void
setup_run_tests(const struct daemon_setup *setup, struct setup_tests *tests)
{
	struct testing testing = { .setup = setup, .tests = tests };
	guint n = ruleset_test_count(setup->ruleset);

	for (guint i = 0; i < n; i++) {
		const struct rule_test *test = ruleset_test(setup->ruleset, i);
		if (tests->only_rule != NULL && strcmp(tests->only_rule, test->rule->id) != 0)
			continue;
		if (test->message == NULL)
			run_text_test(&testing, test);
		else
			run_message_test(&testing, test);
		if (tests->done != NULL)
			tests->done(test, i + 1, n, tests->data);
	}
	crew_free(testing.crew);
}

void
setup_try_tests(struct daemon_setup *setup,
    void (*failed)(const struct rule_test *test, const char *text, void *data))
{
	struct setup_tests tests = { .failed = failed };

	setup_run_tests(setup, &tests);
	if (tests.failed_count > 0)
		setup->failing =
		    g_strdup_printf("%u of %u tests that stand in rules fail, and the rules are in "
				    "use all the same: flagpost check names them",
			tests.failed_count, tests.failed_count + tests.passed_count);
}
