/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules edm: a table of values to be recognised, kept as keyed hashes beside the rules. The table
 * itself is read once and never written anywhere.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/rules-parts.h"
#include "cmd/table.h"
#include "rules/edm-build.h"

#define NAME "rules edm"

static const char help[] =
    "Examples:\n"
    "  flagpost rules edm build customers.csv             all columns; the set is named customers\n"
    "  flagpost rules edm build --columns name,iban --name clients table.csv\n"
    "  flagpost rules edm list                            the sets that there are\n"
    "  flagpost rules edm remove customers                a set and its key\n"
    "\n"
    "Usage: flagpost rules edm build TABLE|list|remove NAME [OPTION...]\n"
    "\n"
    "Makes of a table (CSV with a head, UTF-8; - for standard input) a set of keyed hashes that a\n"
    "rule can ask for: [content.X] type = edm, data = NAME. It lies in data/NAME.edm beside the\n"
    "rules, its key in data/NAME.key (0600); neither holds a value of the table. A service that "
    "is\n"
    "running takes the new set with: flagpost reload\n"
    "\n"
    "  --name NAME          of the set; without it that of the file\n"
    "  --columns A,B        of these columns alone\n"
    "  --common PERCENT     leave out values that stand in more of the rows than this; without it\n"
    "                       1, and never those of 100 rows or fewer. Values of over 2,000 rows "
    "are\n"
    "                       always left out\n"
    "  --separator C        between cells: , ; or tab; without it what the head has most of\n"
    "  --rules DIR          the rules of this folder, in place of rules_dir of the configuration\n"
    "  --json               one JSON object a column (build) or set (list)\n"
    "\n"
    "Exit codes: 0 done, 64 usage, 65 the table cannot be used, 74 I/O, 77 permission, 78\n"
    "configuration.\n";

struct edm {
	const struct cmd_globals *globals;
	char *rules_dir, *name, *columns, *separator; /* options */
	double common;
	char *folder;
	struct progress *progress;
	guint64 size; /* of the table; 0: not known */
};

char *
cmd_rules_data_folder(
    const char *name, const struct cmd_globals *globals, const char *rules_dir, int *exit_code)
{
	if (rules_dir != NULL)
		return g_build_filename(rules_dir, DATA_FOLDER, NULL);
	g_autoptr(config) config = cmd_load_config_or_builtin(globals);
	*exit_code = FAULT_CONFIG;
	if (config == NULL)
		return NULL;
	if (config->rules_dir[0] != '\0')
		return g_build_filename(config->rules_dir, DATA_FOLDER, NULL);
	*exit_code = cmd_usage_error(
	    name, "write --rules DIR", "the configuration names no folder of rules of its own");
	return NULL;
}

/* --- build --- */

static void
on_progress(guint64 bytes, guint64 rows, void *user)
{
	const struct edm *edm = user;
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT " rows", rows);

	progress_set(edm->progress, bytes, MAX(edm->size, bytes), text);
}

static char *
name_of_file(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	char *dot = strrchr(base, '.');

	if (dot != NULL && dot != base)
		*dot = '\0';
	return g_ascii_strdown(base, -1);
}

static void
print_column_json(const struct edm_report *report, const struct edm_column *column)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "column", column->name);
	json_put_int(&json, "rows", (gint64)report->rows);
	json_put_int(&json, "kept", (gint64)column->kept);
	json_put_int(&json, "empty", (gint64)column->empty);
	json_put_int(&json, "unfit", (gint64)column->unfit);
	json_put_int(&json, "common", (gint64)column->common);
	json_put_int(&json, "common_values", column->common_values);
	json_end(&json);
	puts(out->str);
}

static void
print_report(const struct edm *edm, const struct edm_report *report, const char *path, gsize size)
{
	static const char *const heads[] = { "COLUMN", ">KEPT", ">EMPTY", ">UNFIT", ">COMMON",
		NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	guint64 common = 0, unfit = 0;

	for (guint i = 0; i < report->columns->len; i++) {
		const struct edm_column *column = report->columns->pdata[i];
		if (edm->globals->json) {
			print_column_json(report, column);
			continue;
		}
		table_add(table, "%s", column->name);
		table_add(table, "%" G_GUINT64_FORMAT, column->kept);
		table_add(table, "%" G_GUINT64_FORMAT, column->empty);
		table_add(table, "%" G_GUINT64_FORMAT, column->unfit);
		table_add(table, "%" G_GUINT64_FORMAT, column->common);
		common += column->common_values;
		unfit += column->unfit;
	}
	if (edm->globals->json || edm->globals->quiet)
		return;
	table_print(table, out);
	fputs(out->str, stdout);
	if (common > 0)
		printf("common: %" G_GUINT64_FORMAT " values that stand in more than %u rows are "
		       "left out\n",
		    common, report->limit);
	if (unfit > 0)
		printf("unfit: %" G_GUINT64_FORMAT " cells are shorter than %d or longer than %d "
		       "letters and digits, and left out\n",
		    unfit, EDM_VALUE_MIN, EDM_VALUE_MAX);
	printf("%" G_GUINT64_FORMAT " rows in %s (%" G_GSIZE_FORMAT " KiB)\n", report->rows, path,
	    size / 1024);
}

/* A rule may name columns alone that the set still has: so the file goes into place when it is
 * whole. The key is that of the set before, if there was one. */
static bool
write_set(const struct edm *edm, FILE *in, const char *table, GError **error)
{
	g_auto(GStrv) columns = edm->columns != NULL ? g_strsplit(edm->columns, ",", -1) : NULL;
	g_autofree char *file = g_strconcat(edm->name, data_suffixes[DATA_EDM], NULL);
	g_autofree char *path = g_build_filename(edm->folder, file, NULL);
	struct edm_options options = { table, (const char *const *)columns, edm->common,
		edm->separator != NULL ? edm->separator[0] : '\0', on_progress, (void *)edm };
	g_autofree char *key_file = g_strconcat(edm->name, DATA_KEY_SUFFIX, NULL);
	g_autofree char *key_path = g_build_filename(edm->folder, key_file, NULL);
	bool had_key = g_file_test(key_path, G_FILE_TEST_EXISTS);
	struct edm_report report = { 0 };
	guint8 key[KEYED_KEY];
	gsize size;

	for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
		g_strstrip(columns[i]);
	if (!io_make_folders(edm->folder, 0755, error) ||
	    !data_take_key(edm->folder, edm->name, key, error))
		return false;
	g_autoptr(GBytes) bytes = edm_build(in, &options, key, &report, error);
	explicit_bzero(key, sizeof(key));
	progress_clear(edm->progress);
	const void *start = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	bool written = start != NULL && io_replace_file(path, start, size, 0644, error);
	if (written)
		print_report(edm, &report, path, size);
	else if (!had_key)
		unlink(key_path);
	edm_report_clear(&report);
	return written;
}

static int
build(struct edm *edm, const char *table)
{
	bool from_stdin = strcmp(table, "-") == 0;
	g_autoptr(GError) error = NULL;
	struct stat status;

	if (edm->name == NULL && from_stdin)
		return cmd_usage_error(NAME, "write --name NAME", "a table without a file name");
	if (edm->name == NULL)
		edm->name = name_of_file(table);
	if (!sources_is_pack(edm->name))
		return cmd_usage_error(NAME,
		    "write --name NAME, of lower-case letters, digits "
		    "and hyphens",
		    "'%s' is no name for a data set", edm->name);
	if (edm->separator != NULL && (edm->separator[0] == '\0' || edm->separator[1] != '\0'))
		return cmd_usage_error(
		    NAME, "write --separator ';'", "the separator is one character");
	FILE *in = from_stdin ? stdin : fopen(table, "re");
	if (in == NULL) {
		fault_errno(&error, "%s", table);
		return cmd_fail(NAME, error);
	}
	/* Values of people are in memory: none of it is to end in a core file. */
	prctl(PR_SET_DUMPABLE, 0);
	edm->size = fstat(fileno(in), &status) == 0 ? (guint64)status.st_size : 0;
	edm->progress = progress_new(stderr, edm->globals->quiet);
	bool written = write_set(edm, in, table, &error);
	progress_free(edm->progress);
	if (!from_stdin)
		fclose(in);
	return written ? CMD_OK : cmd_fail(NAME, error);
}

/* --- list and remove --- */

static void
print_set(const struct edm *edm, const struct data *data, struct table *table)
{
	g_autoptr(GString) columns = g_string_new(NULL);
	g_autofree char *made = clock_iso(data_made(data));

	for (guint i = 0; i < data_labels(data); i++)
		g_string_append_printf(columns, "%s%s", i > 0 ? ", " : "", data_label(data, i));
	if (!edm->globals->json) {
		table_add(table, "%s", data_name(data));
		table_add(table, "%u", data_owners(data));
		table_add(table, "%u", data_entries(data));
		table_add(table, "%s", made);
		table_add(table, "%s", columns->str);
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	g_auto(GStrv) names = g_strsplit(columns->str, ", ", -1);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "data", data_name(data));
	json_put_int(&json, "rows", data_owners(data));
	json_put_int(&json, "values", data_entries(data));
	json_put(&json, "made", made);
	json_put_strings(&json, "columns", (const char *const *)names);
	json_put(&json, "sha256", data_digest(data));
	json_end(&json);
	puts(out->str);
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
cmd_rules_data_names(const char *folder, enum data_kind kind)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *suffix = data_suffixes[kind], *file;

	while (dir != NULL && (file = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(file, suffix) && file[0] != '.')
			g_ptr_array_add(names, g_strndup(file, strlen(file) - strlen(suffix)));
	}
	g_ptr_array_sort(names, by_text);
	return names;
}

static int
list(const struct edm *edm)
{
	static const char *const heads[] = { "DATA", ">ROWS", ">VALUES", "MADE", "COLUMNS", NULL };
	g_autoptr(GPtrArray) names = cmd_rules_data_names(edm->folder, DATA_EDM);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	int code = CMD_OK;

	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(data) data = data_load(edm->folder, names->pdata[i], DATA_EDM, &error);
		if (data != NULL)
			print_set(edm, data, table);
		else
			code = cmd_fail(NAME, error);
	}
	if (edm->globals->json)
		return code;
	table_print(table, out);
	fputs(out->str, stdout);
	return code;
}

/* The key goes with the last set of its name. */
static int
remove_set(const struct edm *edm, const char *name)
{
	g_autofree char *base = g_build_filename(edm->folder, name, NULL);
	g_autofree char *path = g_strconcat(base, data_suffixes[DATA_EDM], NULL);
	g_autofree char *other = g_strconcat(base, data_suffixes[DATA_PRINTS], NULL);
	g_autofree char *key = g_strconcat(base, DATA_KEY_SUFFIX, NULL);
	g_autoptr(GError) error = NULL;

	if (!sources_is_pack(name))
		return cmd_usage_error(
		    NAME, "see: flagpost rules edm list", "that is no name of a data set");
	if (unlink(path) < 0) {
		fault_errno(&error, "%s", path);
		return cmd_fail(NAME, error);
	}
	if (!g_file_test(other, G_FILE_TEST_EXISTS))
		unlink(key);
	return CMD_OK;
}

static int
dispatch(struct edm *edm, int argc, char **argv)
{
	static const char *const verbs[] = { "build", "list", "remove", NULL };
	const char *verb = argv[1];
	bool is_list = strcmp(verb, "list") == 0;
	int code = CMD_OK;

	if (!g_strv_contains(verbs, verb)) {
		const char *near = problem_did_you_mean(verb, verbs);
		g_autofree char *hint =
		    near != NULL ? g_strdup_printf("did you mean: flagpost rules edm %s", near)
				 : g_strdup("see: flagpost rules edm --help");
		return cmd_usage_error(NAME, hint, "edm has no '%s'", verb);
	}
	if (is_list != (argc == 2))
		return cmd_usage_error(NAME, "see: flagpost rules edm --help",
		    is_list ? "list takes no argument" : "%s needs a table, or the name of a set",
		    verb);
	edm->folder = cmd_rules_data_folder(NAME, edm->globals, edm->rules_dir, &code);
	if (edm->folder == NULL)
		return code;
	if (is_list)
		return list(edm);
	return strcmp(verb, "build") == 0 ? build(edm, argv[2]) : remove_set(edm, argv[2]);
}

int
cmd_rules_edm(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { NAME, help, 1, 2, true };
	struct edm edm = { .globals = globals, .common = -1 };
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &edm.rules_dir,
					     NULL, NULL },
		{ "name", 0, 0, G_OPTION_ARG_STRING, &edm.name, NULL, NULL },
		{ "columns", 0, 0, G_OPTION_ARG_STRING, &edm.columns, NULL, NULL },
		{ "common", 0, 0, G_OPTION_ARG_DOUBLE, &edm.common, NULL, NULL },
		{ "separator", 0, 0, G_OPTION_ARG_STRING, &edm.separator, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		if (edm.common > 100 || (edm.common < 0 && edm.common > -1))
			code = cmd_usage_error(
			    NAME, "write --common 1", "--common is a percentage from 0 to 100");
		else
			code = cmd_finish(NAME, dispatch(&edm, argc, argv));
	}
	g_free(edm.rules_dir);
	g_free(edm.name);
	g_free(edm.columns);
	g_free(edm.separator);
	g_free(edm.folder);
	return code;
}
