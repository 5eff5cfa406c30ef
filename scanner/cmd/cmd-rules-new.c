/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules new: a commented rule to begin with. It loads as it is, and its tests pass, so that
 * whatever is wrong later was changed since.
 */
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/ini.h"
#include "base/io.h"
#include "cmd/cmd-common.h"
#include "cmd/rules-parts.h"

#define NAME "rules new"

static const char help[] =
    "Examples:\n"
    "  flagpost rules new project-falcon             rules.d/project-falcon.ini, to be filled in\n"
    "  flagpost rules new --print project-falcon     the same on standard output\n"
    "\n"
    "Usage: flagpost rules new RULE [OPTION...]\n"
    "\n"
    "Writes a commented rule file that loads and passes its own tests, and says what to do next. "
    "A\n"
    "file or rule that is there is left alone.\n"
    "\n"
    "  --print              on standard output; writes nothing\n"
    "  --rules DIR          to this folder, in place of rules_dir of the configuration\n"
    "\n"
    "Exit codes: 0 done, 64 usage, or file or rule are there already, 74 I/O, 77 permission, 78\n"
    "configuration.\n";

static const char template[] =
    "# Every key, with an example: man 5 flagpost-rules. After each change:\n"
    "#   flagpost rules test %1$s      does it find what it is to find, and nothing else?\n"
    "#   flagpost replay                what would it have flagged in the last 30 days?\n"
    "#   flagpost reload                from now on\n"
    "[rule]\n"
    "id = %1$s\n"
    "title = What people read in the report\n"
    "# low, medium or high: how soon somebody must look.\n"
    "severity = medium\n"
    "# stable, once it has shown itself.\n"
    "status = test\n"
    "description = What is looked for, in a sentence, and why.\n"
    "false_positives = What else looks like it.\n"
    "next_step = What whoever reads the flag does first.\n"
    "\n"
    "# Which messages it is about at all. Leave the section out for all of them.\n"
    "[scope]\n"
    "directions = outbound, draft\n"
    "\n"
    "# Who takes part: here anybody outside. domain_list = competitors asks for a list of yours.\n"
    "[parties.outside]\n"
    "who = any_recipient\n"
    "domain_not_in = local\n"
    "\n"
    "# What stands in it. type = words, regex, detector, edm or fingerprint; a list instead of\n"
    "# words: word_list = NAME, the file lists/NAME.txt beside this one.\n"
    "[content.term]\n"
    "type = words\n"
    "where = subject, body, attachments, filenames\n"
    "words = example codename\n"
    "\n"
    "# What is attached, such as: [attachment.document] with true_types = pdf, docx\n"
    "\n"
    "[condition]\n"
    "flag_if = parties.outside and content.term\n"
    "\n"
    "# Tests run whenever the rules are loaded. A text for one section, or message = tests/x.eml.\n"
    "[test.1]\n"
    "expect = flag\n"
    "part = content.term\n"
    "text = The Example Codename leaves the house\n"
    "[test.2]\n"
    "expect = pass\n"
    "part = content.term\n"
    "text = An example of a word that is no codename\n";

struct fresh {
	char *rules_dir; /* option */
	gboolean print;
};

static int
write_rule(const char *folder, const char *rule, const char *text)
{
	g_autofree char *file = g_strconcat(rule, ".ini", NULL);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	g_autoptr(GError) error = NULL;

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return cmd_usage_error(
		    NAME, "choose another name, or edit it", "%s is there already", path);
	if (!io_replace_file(path, text, strlen(text), 0644, &error))
		return cmd_fail(NAME, error);
	printf("%s is written. Fill it in, then: flagpost rules test %s\n", path, rule);
	return CMD_OK;
}

/* The file in which a rule of that id stands, packs that are off included; or NULL. */
static const struct source *
file_of(const struct sources *sources, const char *rule)
{
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		g_autoptr(problems) unheard = problems_new();
		if (source->kind != SOURCE_RULE || g_bytes_get_size(source->text) == 0)
			continue;
		g_autoptr(ini) ini = ini_parse(source->path, source->text, unheard);
		const struct ini_section *head = ini != NULL ? ini_section(ini, "rule") : NULL;
		const struct ini_entry *id = head != NULL ? ini_entry(head, "id") : NULL;
		if (id != NULL && strcmp(id->value, rule) == 0)
			return source;
	}
	return NULL;
}

/* Two rules of one id do not load, so the new one would stop all. */
static int
check_free(const struct cmd_globals *globals, const struct fresh *fresh, const char *rule)
{
	g_autoptr(config) config = cmd_load_config_or_builtin(globals);
	g_autoptr(problems) unheard = problems_new();

	if (config == NULL)
		return FAULT_CONFIG;
	config_set_packs(config, CONFIG_PACKS_ALL);
	g_autoptr(sources) sources = config_sources(config, fresh->rules_dir, unheard);
	const struct source *other = sources != NULL ? file_of(sources, rule) : NULL;
	if (other == NULL)
		return CMD_OK;
	g_autofree char *hint =
	    g_strdup_printf("choose another id; or a file %s of yours replaces it", other->name);
	return cmd_usage_error(NAME, hint, "the rule %s stands in %s already", rule, other->path);
}

static int
create(const struct cmd_globals *globals, const struct fresh *fresh, const char *rule)
{
	int code = CMD_OK;

	if (!sources_is_pack(rule))
		return cmd_usage_error(NAME, "write lower-case letters, digits and hyphens",
		    "'%s' is no name for a rule", rule);
	g_auto(GStrv) pieces = g_strsplit(template, "%1$s", -1);
	g_autofree char *text = g_strjoinv(rule, pieces);
	if (fresh->print) {
		fputs(text, stdout);
		return CMD_OK;
	}
	g_autofree char *data = cmd_rules_data_folder(NAME, globals, fresh->rules_dir, &code);
	if (data == NULL)
		return code;
	code = check_free(globals, fresh, rule);
	if (code != CMD_OK)
		return code;
	g_autofree char *folder = g_path_get_dirname(data);
	return write_rule(folder, rule, text);
}

int
cmd_rules_new(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { NAME, help, 1, 1, false };
	struct fresh fresh = { 0 };
	const GOptionEntry entries[] = {
		{ "rules", 0, 0, G_OPTION_ARG_FILENAME, &fresh.rules_dir, NULL, NULL },
		{ "print", 0, 0, G_OPTION_ARG_NONE, &fresh.print, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = cmd_finish(NAME, create(globals, &fresh, argv[1]));
	g_free(fresh.rules_dir);
	return code;
}
