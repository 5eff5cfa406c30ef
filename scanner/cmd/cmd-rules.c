/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules: the rule set as it is loaded, its packs and detectors, and its tests. Reads no mail.
 */
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/rules-parts.h"
#include "cmd/setup.h"
#include "cmd/table.h"
#include "rules/validator.h"

static const char help[] =
    "Examples:\n"
    "  flagpost rules list                     the rules that are loaded\n"
    "  flagpost rules list --packs             packs of rules, on and off\n"
    "  flagpost rules show payment-cards       one rule: what it is for, and its text\n"
    "  flagpost rules detectors                what rules can look for by name\n"
    "  flagpost rules detectors --validators   the checks that detectors can ask for\n"
    "  flagpost rules test --with-packs all    the tests of all rules, packs that are off as well\n"
    "  flagpost rules test payment-cards       the tests of one rule\n"
    "\n"
    "Usage: flagpost rules list|show RULE|detectors|test [RULE] [OPTION...]\n"
    "       flagpost rules edm ...          values to recognise: flagpost rules edm --help\n"
    "       flagpost rules fingerprint ...  documents: flagpost rules fingerprint --help\n"
    "       flagpost rules measure          flags, precision, cost: flagpost rules measure --help\n"
    "       flagpost rules compare          the prefilter put to the test: flagpost rules compare "
    "--help\n"
    "       flagpost rules new RULE         a file to begin with: flagpost rules new --help\n"
    "\n"
    "  --packs              list: the packs, with the rules of each\n"
    "  --with-packs A,B     load these packs, or all, in place of [general] packs\n"
    "  --validators         detectors: the validators\n"
    "  --rules DIR          the rules of this folder alone\n"
    "  --json               one JSON object a rule, pack, detector, validator or failed test\n"
    "  -q, --quiet          test: failed tests alone\n"
    "\n"
    "Exit codes: 0 done, 64 there is no such rule, 65 a rule fails its own test, 78 the rules do\n"
    "not load.\n";

struct rules {
	const struct cmd_globals *globals;
	char *rules_dir, *packs; /* options */
	gboolean validators, list_packs;
	const char *rule; /* argument, or NULL */
	struct daemon_setup *setup;
};

static void
print_table(const struct table *table)
{
	g_autoptr(GString) out = g_string_new(NULL);

	table_print(table, out);
	fputs(out->str, stdout);
}

/* --- list --- */

static void
put_rule(struct json *json, const struct rule_info *info)
{
	json_put(json, "rule", info->id);
	json_put(json, "title", info->title);
	json_put(json, "severity", severity_words[info->severity]);
	json_put(json, "pack", info->pack);
	json_put(json, "file", info->path);
	json_put(json, "digest", info->digest);
	json_put(json, "description", info->description);
	json_put(json, "false_positives", info->false_positives);
	json_put(json, "next_step", info->next_step);
	json_put_int(json, "tests", info->tests);
}

static void
print_rule_json(const struct rule_info *info)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_rule(&json, info);
	json_end(&json);
	puts(out->str);
}

static int
list_rules(const struct rules *rules)
{
	static const char *const heads[] = { "RULE", "SEVERITY", "PACK", ">TESTS", "TITLE", NULL };
	const struct ruleset *ruleset = rules->setup->ruleset;
	g_autoptr(table) table = table_new(heads);

	for (guint i = 0; i < ruleset_count(ruleset); i++) {
		const struct rule_info *info = ruleset_info(ruleset, i);
		if (rules->globals->json) {
			print_rule_json(info);
			continue;
		}
		table_add(table, "%s", info->id);
		table_add(table, "%s", severity_words[info->severity]);
		table_add(table, "%s", info->pack[0] != '\0' ? info->pack : "-");
		table_add(table, "%u", info->tests);
		table_add(table, "%s", info->title);
	}
	if (!rules->globals->json)
		print_table(table);
	return CMD_OK;
}

static guint
rules_of_pack(const struct ruleset *ruleset, const char *pack)
{
	guint count = 0;

	for (guint i = 0; i < ruleset_count(ruleset); i++)
		count += strcmp(ruleset_info(ruleset, i)->pack, pack) == 0;
	return count;
}

/* Titles of a pack's rules, as far as a cell goes. */
static char *
titles_of_pack(const struct ruleset *ruleset, const char *pack)
{
	GString *titles = g_string_new(NULL);

	for (guint i = 0; i < ruleset_count(ruleset); i++) {
		const struct rule_info *info = ruleset_info(ruleset, i);
		if (strcmp(info->pack, pack) == 0)
			g_string_append_printf(
			    titles, "%s%s", titles->len > 0 ? ", " : "", info->id);
	}
	return g_string_free(titles, FALSE);
}

static void
print_pack_json(const char *pack, bool is_on, guint count, const char *ids)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_auto(GStrv) names = ids[0] != '\0' ? g_strsplit(ids, ", ", -1) : g_new0(char *, 1);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "pack", pack);
	json_put_bool(&json, "on", is_on);
	json_put_int(&json, "count", count);
	json_put_strings(&json, "rules", (const char *const *)names);
	json_end(&json);
	puts(out->str);
}

/* on: which packs the configuration asks for; the rule set was loaded with all of them. */
static int
list_packs(const struct rules *rules, const struct config *on)
{
	static const char *const heads[] = { "PACK", "STATE", ">RULES", "RULES OF IT", NULL };
	const struct ruleset *ruleset = rules->setup->ruleset;
	g_autoptr(GPtrArray) packs = config_packs(on, rules->rules_dir);
	g_autoptr(table) table = table_new(heads);

	for (guint i = 0; i < packs->len; i++) {
		const char *pack = packs->pdata[i];
		guint count = rules_of_pack(ruleset, pack);
		g_autofree char *ids = titles_of_pack(ruleset, pack);
		if (rules->globals->json) {
			print_pack_json(pack, config_pack_is_on(on, pack), count, ids);
			continue;
		}
		table_add(table, "%s", pack);
		table_add(table, "%s", config_pack_is_on(on, pack) ? "on" : "off");
		table_add(table, "%u", count);
		table_add(table, "%s", ids);
	}
	if (!rules->globals->json)
		print_table(table);
	return CMD_OK;
}

/* --- show --- */

static void
print_field(const char *label, const char *value)
{
	if (value[0] == '\0')
		return;
	printf("%-16s ", label);
	cmd_put(stdout, value, 0);
	putchar('\n');
}

static int
no_such_rule(const struct rules *rules)
{
	g_autofree const char **ids = ruleset_ids(rules->setup->ruleset);
	const char *near = problem_did_you_mean(rules->rule, ids);
	g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
	g_autofree char *safe = text_printable(rules->rule, 0);

	return cmd_usage_error("rules", hint != NULL ? hint : "see: flagpost rules list",
	    "there is no rule '%s' among those that are loaded", safe);
}

static int
show_rule(const struct rules *rules)
{
	const struct rule_info *info = ruleset_find(rules->setup->ruleset, rules->rule);

	if (info == NULL)
		return no_such_rule(rules);
	if (rules->globals->json) {
		print_rule_json(info);
		return CMD_OK;
	}
	print_field("Rule", info->id);
	print_field("Title", info->title);
	print_field("Severity", severity_words[info->severity]);
	print_field("Pack", info->pack);
	print_field("Looks for", info->description);
	print_field("False positives", info->false_positives);
	print_field("Next step", info->next_step);
	print_field("File", info->path);
	print_field("Digest", info->digest);
	const struct source *source = sources_find(rules->setup->sources, SOURCE_RULE, info->file);
	if (source == NULL)
		return CMD_OK;
	putchar('\n');
	gsize size;
	const char *text = g_bytes_get_data(source->text, &size);
	g_autofree char *whole = g_strndup(text, size);
	g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
	for (guint i = 0; lines[i] != NULL && (lines[i][0] != '\0' || lines[i + 1] != NULL); i++) {
		cmd_put(stdout, lines[i], 0);
		putchar('\n');
	}
	return CMD_OK;
}

/* --- detectors --- */

static void
print_detector_json(const struct detector_info *info)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "detector", info->id);
	json_put(&json, "title", info->title);
	json_put(&json, "validator", info->validator);
	json_put(&json, "alone", confidence_words[info->alone]);
	json_put_bool(&json, "near_words", info->has_near);
	json_put_int(&json, "patterns", info->patterns);
	json_put(&json, "file", info->file);
	json_end(&json);
	puts(out->str);
}

static int
list_detectors(const struct rules *rules)
{
	static const char *const heads[] = { "DETECTOR", "ALONE", "NEAR WORDS", "VALIDATOR",
		"TITLE", NULL };
	const struct ruleset *ruleset = rules->setup->ruleset;
	g_autoptr(table) table = table_new(heads);

	for (guint i = 0; i < ruleset_detector_count(ruleset); i++) {
		const struct detector_info *info = ruleset_detector(ruleset, i);
		if (rules->globals->json) {
			print_detector_json(info);
			continue;
		}
		table_add(table, "%s", info->id);
		table_add(table, "%s", confidence_words[info->alone]);
		table_add(table, "%s", info->has_near ? "yes" : "-");
		table_add(table, "%s", info->validator[0] != '\0' ? info->validator : "-");
		table_add(table, "%s", info->title);
	}
	if (!rules->globals->json)
		print_table(table);
	return CMD_OK;
}

static int
list_validators(const struct rules *rules)
{
	static const char *const heads[] = { "VALIDATOR", "FOR WHAT, AND WHERE IT IS WRITTEN DOWN",
		NULL };
	g_autoptr(table) table = table_new(heads);

	for (guint i = 0; validators[i].word != NULL; i++) {
		if (rules->globals->json) {
			g_autoptr(GString) out = g_string_new(NULL);
			struct json json;
			json_init(&json, out);
			json_begin(&json, '{');
			json_put(&json, "validator", validators[i].word);
			json_put(&json, "help", validators[i].help);
			json_end(&json);
			puts(out->str);
			continue;
		}
		table_add(table, "%s", validators[i].word);
		table_add(table, "%s", validators[i].help);
	}
	if (!rules->globals->json)
		print_table(table);
	return CMD_OK;
}

/* --- test --- */

struct testing {
	const struct rules *rules;
	struct progress *progress;
};

static void
test_failed(const struct rule_test *test, const char *text, void *data)
{
	const struct testing *testing = data;
	g_autofree char *safe = text_printable(text, 0);

	progress_clear(testing->progress);
	if (!testing->rules->globals->json) {
		fprintf(stderr, "%s:%u: failed: %s of %s: %s\n", test->rule->path, test->line,
		    test->name, test->rule->id, safe);
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "rule", test->rule->id);
	json_put(&json, "test", test->name);
	json_put(&json, "file", test->rule->path);
	json_put_int(&json, "line", test->line);
	json_put(&json, "text", safe);
	json_end(&json);
	puts(out->str);
}

static void
test_done(const struct rule_test *test, guint n, guint total, void *data)
{
	const struct testing *testing = data;

	progress_set(testing->progress, n, total, test->rule->id);
}

static int
test_rules(const struct rules *rules)
{
	struct testing testing = { rules, NULL };
	struct setup_tests tests = {
		.failed = test_failed, .done = test_done, .data = &testing, .only_rule = rules->rule
	};

	if (rules->rule != NULL && ruleset_find(rules->setup->ruleset, rules->rule) == NULL)
		return no_such_rule(rules);
	testing.progress = progress_new(stderr, rules->globals->quiet || rules->rule != NULL);
	setup_run_tests(rules->setup, &tests);
	progress_free(testing.progress);
	if (!rules->globals->quiet && !rules->globals->json)
		printf("%u tests passed, %u failed\n", tests.passed_count, tests.failed_count);
	return tests.failed_count > 0 ? FAULT_DATA : CMD_OK;
}

/* --- */

/* The configuration, or built-in values; and the rules with the packs that are wanted. */
static int
load(struct rules *rules, struct config *config, const char *packs)
{
	struct cmd_rules loaded;

	if (packs != NULL)
		config_set_packs(config, packs);
	if (!cmd_load_rules(rules->globals, config, rules->rules_dir, &loaded))
		return FAULT_CONFIG;
	rules->setup->sources = loaded.sources;
	rules->setup->ruleset = loaded.ruleset;
	return CMD_OK;
}

static int
with_rules(struct rules *rules, int (*act)(const struct rules *rules))
{
	int code = load(rules, rules->setup->config, rules->packs);

	return code != CMD_OK ? code : act(rules);
}

/* Two configurations: which packs are on, and one with all of them to see what they hold. */
static int
with_packs(struct rules *rules)
{
	g_autoptr(config) on = cmd_load_config_or_builtin(rules->globals);

	if (on == NULL)
		return FAULT_CONFIG;
	int code = load(rules, rules->setup->config, CONFIG_PACKS_ALL);
	return code != CMD_OK ? code : list_packs(rules, on);
}

static int
dispatch(struct rules *rules, int argc, char **argv)
{
	const char *verb = argv[1];
	bool has_rule = argc > 2;

	rules->rule = has_rule ? argv[2] : NULL;
	if (strcmp(verb, "list") != 0 && rules->list_packs)
		return cmd_usage_error(
		    "rules", "write --with-packs A,B", "--packs belongs to list");
	if (strcmp(verb, "detectors") != 0 && rules->validators)
		return cmd_usage_error("rules", "flagpost rules detectors --validators",
		    "--validators belongs to detectors");
	if (has_rule && (strcmp(verb, "list") == 0 || strcmp(verb, "detectors") == 0))
		return cmd_usage_error(
		    "rules", "see: flagpost rules --help", "%s takes no argument", verb);
	if (strcmp(verb, "list") == 0)
		return rules->list_packs ? with_packs(rules) : with_rules(rules, list_rules);
	if (strcmp(verb, "detectors") == 0)
		return rules->validators ? list_validators(rules)
					 : with_rules(rules, list_detectors);
	if (strcmp(verb, "test") == 0)
		return with_rules(rules, test_rules);
	if (strcmp(verb, "show") != 0) {
		static const char *const verbs[] = { "list", "show", "detectors", "test", "edm",
			"fingerprint", "measure", "new", "compare", NULL };
		const char *near = problem_did_you_mean(verb, verbs);
		g_autofree char *hint =
		    near != NULL ? g_strdup_printf("did you mean: flagpost rules %s", near) : NULL;
		return cmd_usage_error("rules", hint != NULL ? hint : "see: flagpost rules --help",
		    "rules has no '%s'", verb);
	}
	if (!has_rule)
		return cmd_usage_error("rules", "see: flagpost rules list", "show which rule?");
	return with_rules(rules, show_rule);
}

/* Verbs with options of their own. */
static const struct {
	const char *verb;
	int (*run)(const struct cmd_globals *globals, int argc, char **argv);
} parts[] = { { "compare", cmd_rules_compare }, { "edm", cmd_rules_edm },
	{ "fingerprint", cmd_rules_fingerprint }, { "measure", cmd_rules_measure },
	{ "new", cmd_rules_new } };

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(parts); i++) {
		if (strcmp(argv[1], parts[i].verb) == 0)
			return parts[i].run(globals, argc - 1, argv + 1);
	}
	static const struct cmd_usage usage = { "rules", help, 1, 2, true };
	struct rules rules = { .globals = globals };
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &rules.rules_dir,
					     NULL, NULL },
		{ "packs", 0, 0, G_OPTION_ARG_NONE, &rules.list_packs, NULL, NULL },
		{ "with-packs", 0, 0, G_OPTION_ARG_STRING, &rules.packs, NULL, NULL },
		{ "validators", 0, 0, G_OPTION_ARG_NONE, &rules.validators, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		rules.setup = g_new0(struct daemon_setup, 1);
		rules.setup->config = cmd_load_config_or_builtin(globals);
		code = rules.setup->config != NULL ? dispatch(&rules, argc, argv) : FAULT_CONFIG;
		code = cmd_finish("rules", code);
	}
	daemon_setup_free(rules.setup);
	g_free(rules.rules_dir);
	g_free(rules.packs);
	return code;
}

const struct cmd cmd_rules = { "rules", "the rule set as loaded: rules, packs, detectors, tests",
	run };
