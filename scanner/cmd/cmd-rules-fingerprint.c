/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules fingerprint: documents to be recognised, kept as keyed hashes beside the rules. What reads
 * them is a sandboxed worker, as it reads attachments; this command sees their words alone, and
 * writes none of them.
 */
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/documents.h"
#include "cmd/progress.h"
#include "cmd/rules-parts.h"
#include "cmd/table.h"
#include "daemon/crew.h"
#include "rules/prints.h"

#define NAME "rules fingerprint"

static const char help[] =
    "Examples:\n"
    "  flagpost rules fingerprint add contracts/            all documents of a folder\n"
    "  flagpost rules fingerprint add --name forms --subtract blank.docx filled/\n"
    "  flagpost rules fingerprint list                      sets, and the documents of each\n"
    "  flagpost rules fingerprint remove contracts lease.docx\n"
    "  flagpost rules fingerprint remove contracts          the whole set\n"
    "\n"
    "Usage: flagpost rules fingerprint add PATH...|list|remove NAME [DOCUMENT] [OPTION...]\n"
    "\n"
    "Keeps what it takes to recognise documents, and copies of parts of them, in mail: hashes of\n"
    "runs of six words, under a key, and the names of the files; of the documents themselves\n"
    "nothing. A rule asks for them with type = fingerprint. They lie in data/NAME.prints beside "
    "the\n"
    "rules; a document that is added again replaces the one before. A service that is running "
    "takes\n"
    "the new set with: flagpost reload\n"
    "\n"
    "  --name NAME          of the set; without it that of the first folder or file\n"
    "  --subtract FILE      what stands in this file as well does not count: a blank form; may be\n"
    "                       given several times\n"
    "  --rules DIR          the rules of this folder, in place of rules_dir of the configuration\n"
    "  --json               one JSON object a document\n"
    "\n"
    "Exit codes: 0 done, 2 some document was not read, or not as a whole, 64 usage, 65 nothing to\n"
    "keep, 74 I/O, 77 permission, 78 configuration.\n";

struct prints_cmd {
	const struct cmd_globals *globals;
	char *rules_dir, *name; /* options */
	GStrv subtract;
	char *folder;
	struct config *config;
	struct sources *sources; /* no rules: documents are read, not judged */
	struct crew *crew;
	struct progress *progress;
	struct data_maker *maker;
	GHashTable *without;
	guint documents; /* of the set so far */
	guint added, gaps;
};

/* --- reading --- */

/* A mail with the file attached: what workers take. */
static GBytes *
mail_of(const struct document *file, GBytes *bytes)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(bytes, &size);
	g_autofree char *base = g_path_get_basename(file->path);
	g_autofree char *name = g_uri_escape_bytes((const guint8 *)base, strlen(base), "");
	GString *mail = g_string_new(NULL);

	g_string_append_printf(mail,
	    "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment;\r\n filename*=UTF-8''%s\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    name);
	for (gsize at = 0; at < size; at += 57) {
		g_autofree char *line = g_base64_encode(data + at, MIN(size - at, 57));
		g_string_append_printf(mail, "%s\r\n", line);
	}
	return g_string_free_to_bytes(mail);
}

static bool
start_crew(struct prints_cmd *cmd, GError **error)
{
	if (cmd->crew != NULL)
		return true;
	cmd->sources = sources_new();
	sources_seal(cmd->sources);
	cmd->crew = crew_new(cmd->sources, &cmd->config->limits, &cmd->config->reading, 1, error);
	return cmd->crew != NULL;
}

static char *
words_of(const struct verdict *verdict, bool *whole)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < verdict->texts->len; i++) {
		const struct verdict_text *text = verdict->texts->pdata[i];
		if (text->component != COMPONENT_ATTACHMENTS)
			continue;
		g_string_append_printf(words, "%s\n", text->text);
		*whole = *whole && text->size == strlen(text->text);
	}
	return g_string_free(words, FALSE);
}

/* All words of a file; "" where it has none. NULL after an error that ends the command. */
static char *
read_document(struct prints_cmd *cmd, const struct document *file, bool *whole, GError **error)
{
	const struct crew_job job = { .carry = CARRY_TEXTS };
	g_autoptr(GBytes) bytes = io_read_file(file->path, cmd->config->limits.message / 2, error);
	g_autoptr(GBytes) mail = bytes != NULL ? mail_of(file, bytes) : NULL;
	int fd = -1;

	if (mail == NULL || !start_crew(cmd, error) || !cmd_spool(mail, &fd, error))
		return NULL;
	g_autoptr(verdict) verdict = crew_scan(cmd->crew, &job, fd, g_bytes_get_size(mail));
	io_close(&fd);
	*whole = verdict->outcome == OUTCOME_SCANNED;
	return words_of(verdict, whole);
}

static void
say(const struct prints_cmd *cmd, const struct document *file, guint prints, const char *trouble)
{
	progress_clear(cmd->progress);
	if (trouble != NULL)
		fprintf(stderr, "flagpost " NAME ": %s: %s\n", file->name, trouble);
	if (!cmd->globals->json)
		return;
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "data", cmd->name);
	json_put(&json, "document", file->name);
	json_put_int(&json, "prints", prints);
	json_put(&json, "trouble", trouble != NULL ? trouble : "");
	json_end(&json);
	puts(out->str);
}

static bool
add_document(struct prints_cmd *cmd, const struct document *file, GError **error)
{
	bool whole = true;
	g_autofree char *words = read_document(cmd, file, &whole, error);

	if (words == NULL)
		return false;
	g_autoptr(GHashTable) own = g_hash_table_new(NULL, NULL);
	prints_collect(data_maker_keyed(cmd->maker), words, own);
	if (g_hash_table_size(own) == 0) {
		cmd->gaps++;
		say(cmd, file, 0, "left out: no six words side by side were read of it");
		return true;
	}
	guint prints = prints_add(cmd->maker, cmd->documents, file->name, words, cmd->without);
	cmd->documents++;
	cmd->added++;
	cmd->gaps += !whole || prints == 0;
	say(cmd, file, prints,
	    prints == 0 ? "nothing of it counts beside what is subtracted"
	    : !whole    ? "not all of it was read; what was read is kept"
			: NULL);
	return true;
}

/* --- add --- */

static bool
subtract(struct prints_cmd *cmd, GError **error)
{
	for (guint i = 0; cmd->subtract != NULL && cmd->subtract[i] != NULL; i++) {
		struct document file = { cmd->subtract[i], cmd->subtract[i] };
		bool whole = true;
		g_autofree char *words = read_document(cmd, &file, &whole, error);
		if (words == NULL)
			return false;
		prints_collect(data_maker_keyed(cmd->maker), words, cmd->without);
		if (!whole)
			say(cmd, &file, 0, "not all of it was read, so less is subtracted");
		cmd->gaps += !whole;
	}
	return true;
}

/* What is in the set already, but for documents that come anew. */
static bool
keep_others(struct prints_cmd *cmd, const GPtrArray *files, const char *path, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(data) before = data_load(cmd->folder, cmd->name, DATA_PRINTS, error);
	if (before == NULL)
		return false;
	for (guint i = 0; i < files->len; i++) {
		const struct document *file = files->pdata[i];
		g_hash_table_add(names, file->name);
	}
	cmd->documents = prints_add_set(cmd->maker, 0, before, names);
	return true;
}

static bool
write_set(struct prints_cmd *cmd, const char *path, GError **error)
{
	gsize size;

	data_maker_sort(cmd->maker, 0, NULL, NULL);
	g_autoptr(GBytes) bytes = data_maker_finish(cmd->maker, cmd->documents, 0, error);
	const void *start = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

	return start != NULL && io_replace_file(path, start, size, 0644, error);
}

static bool
add_all(struct prints_cmd *cmd, const GPtrArray *files, const char *path, GError **error)
{
	guint8 key[KEYED_KEY];

	if (!io_make_folders(cmd->folder, 0755, error) ||
	    !data_take_key(cmd->folder, cmd->name, key, error))
		return false;
	cmd->maker = data_maker_new(DATA_PRINTS, key);
	cmd->without = g_hash_table_new(NULL, NULL);
	explicit_bzero(key, sizeof(key));
	if (!keep_others(cmd, files, path, error) || !subtract(cmd, error))
		return false;
	for (guint i = 0; i < files->len; i++) {
		const struct document *file = files->pdata[i];
		progress_set(cmd->progress, i, files->len, file->name);
		if (cmd->documents >= DATA_LABELS_MAX) {
			g_set_error(error, FAULT, FAULT_DATA, "over 100,000 documents in one set");
			return false;
		}
		if (!add_document(cmd, file, error))
			return false;
	}
	progress_clear(cmd->progress);
	if (cmd->added > 0)
		return write_set(cmd, path, error);
	g_set_error(error, FAULT, FAULT_DATA, "no document was read: the set stays as it was");
	return false;
}

/* What a failed first `add` leaves: a key of nothing. */
static void
drop_idle_key(const struct prints_cmd *cmd)
{
	g_autofree char *base = g_build_filename(cmd->folder, cmd->name, NULL);
	g_autofree char *key = g_strconcat(base, DATA_KEY_SUFFIX, NULL);

	for (guint kind = 0; data_suffixes[kind] != NULL; kind++) {
		g_autofree char *path = g_strconcat(base, data_suffixes[kind], NULL);
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return;
	}
	unlink(key);
}

static char *
name_of_path(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	char *dot = g_file_test(path, G_FILE_TEST_IS_DIR) ? NULL : strrchr(base, '.');

	if (dot != NULL && dot != base)
		*dot = '\0';
	return g_ascii_strdown(base, -1);
}

static int
add(struct prints_cmd *cmd, char **paths)
{
	g_autoptr(GError) error = NULL;

	if (cmd->name == NULL)
		cmd->name = name_of_path(paths[0]);
	if (!sources_is_pack(cmd->name))
		return cmd_usage_error(NAME,
		    "write --name NAME, of lower-case letters, digits and hyphens",
		    "'%s' is no name for a data set", cmd->name);
	g_autoptr(GPtrArray) files = documents_find(paths, &error);
	g_autofree char *file = g_strconcat(cmd->name, data_suffixes[DATA_PRINTS], NULL);
	g_autofree char *path = g_build_filename(cmd->folder, file, NULL);
	prctl(PR_SET_DUMPABLE, 0);
	cmd->progress = progress_new(stderr, cmd->globals->quiet);
	bool done = files != NULL && add_all(cmd, files, path, &error);
	progress_free(cmd->progress);
	if (!done) {
		drop_idle_key(cmd);
		return cmd_fail(NAME, error);
	}
	if (!cmd->globals->quiet && !cmd->globals->json)
		printf("%u %s added, %u in %s\n", cmd->added,
		    cmd->added == 1 ? "document" : "documents", cmd->documents, path);
	return cmd->gaps > 0 ? CMD_GAPS : CMD_OK;
}

/* --- list and remove --- */

static void
print_set(const struct prints_cmd *cmd, const struct data *data, struct table *table)
{
	g_autofree char *made = clock_iso(data_made(data));

	for (guint i = 0; i < data_labels(data); i++) {
		if (!cmd->globals->json) {
			table_add(table, "%s", data_name(data));
			table_add(table, "%u", data_total(data, i));
			table_add(table, "%s", made);
			table_add(table, "%s", data_label(data, i));
			continue;
		}
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "data", data_name(data));
		json_put(&json, "document", data_label(data, i));
		json_put_int(&json, "prints", data_total(data, i));
		json_put(&json, "made", made);
		json_end(&json);
		puts(out->str);
	}
}

static int
list(const struct prints_cmd *cmd)
{
	static const char *const heads[] = { "DATA", ">PRINTS", "MADE", "DOCUMENT", NULL };
	g_autoptr(GPtrArray) names = cmd_rules_data_names(cmd->folder, DATA_PRINTS);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	int code = CMD_OK;

	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(data) data = data_load(cmd->folder, names->pdata[i], DATA_PRINTS, &error);
		if (data != NULL)
			print_set(cmd, data, table);
		else
			code = cmd_fail(NAME, error);
	}
	if (cmd->globals->json)
		return code;
	table_print(table, out);
	fputs(out->str, stdout);
	return code;
}

static bool
remove_document(struct prints_cmd *cmd, const char *path, const char *document, GError **error)
{
	g_autoptr(GHashTable) but = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(data) data = data_load(cmd->folder, cmd->name, DATA_PRINTS, error);

	if (data == NULL)
		return false;
	g_hash_table_add(but, (gpointer)document);
	cmd->maker = data_maker_new(DATA_PRINTS, data_key(data));
	cmd->documents = prints_add_set(cmd->maker, 0, data, but);
	if (cmd->documents < data_labels(data))
		return write_set(cmd, path, error);
	g_set_error(
	    error, FAULT, FAULT_USAGE, "the set %s has no document '%s'", cmd->name, document);
	return false;
}

static int
remove_from(struct prints_cmd *cmd, const char *name, const char *document)
{
	g_autofree char *file = g_strconcat(name, data_suffixes[DATA_PRINTS], NULL);
	g_autofree char *path = g_build_filename(cmd->folder, file, NULL);
	g_autoptr(GError) error = NULL;

	if (!sources_is_pack(name))
		return cmd_usage_error(
		    NAME, "see: flagpost rules fingerprint list", "that is no name of a data set");
	g_free(cmd->name);
	cmd->name = g_strdup(name);
	if (document != NULL)
		return remove_document(cmd, path, document, &error) ? CMD_OK
								    : cmd_fail(NAME, error);
	if (unlink(path) < 0) {
		fault_errno(&error, "%s", path);
		return cmd_fail(NAME, error);
	}
	drop_idle_key(cmd);
	return CMD_OK;
}

static int
dispatch(struct prints_cmd *cmd, int argc, char **argv)
{
	static const char *const verbs[] = { "add", "list", "remove", NULL };
	const char *verb = argv[1];
	int code = CMD_OK;

	if (!g_strv_contains(verbs, verb)) {
		const char *near = problem_did_you_mean(verb, verbs);
		g_autofree char *hint =
		    near != NULL
			? g_strdup_printf("did you mean: flagpost rules fingerprint %s", near)
			: g_strdup("see: flagpost rules fingerprint --help");
		return cmd_usage_error(NAME, hint, "fingerprint has no '%s'", verb);
	}
	bool is_list = strcmp(verb, "list") == 0, is_add = strcmp(verb, "add") == 0;
	if (is_list ? argc > 2 : argc < 3 || (!is_add && argc > 4))
		return cmd_usage_error(NAME, "see: flagpost rules fingerprint --help",
		    "these are not the arguments of %s", verb);
	cmd->folder = cmd_rules_data_folder(NAME, cmd->globals, cmd->rules_dir, &code);
	if (cmd->folder == NULL)
		return code;
	if (is_list)
		return list(cmd);
	if (!is_add)
		return remove_from(cmd, argv[2], argc > 3 ? argv[3] : NULL);
	cmd->config = cmd_load_config_or_builtin(cmd->globals);
	return cmd->config != NULL ? add(cmd, argv + 2) : FAULT_CONFIG;
}

int
cmd_rules_fingerprint(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { NAME, help, 1, -1, true };
	struct prints_cmd cmd = { .globals = globals };
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &cmd.rules_dir,
					     NULL, NULL },
		{ "name", 0, 0, G_OPTION_ARG_STRING, &cmd.name, NULL, NULL },
		{ "subtract", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &cmd.subtract, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = cmd_finish(NAME, dispatch(&cmd, argc, argv));
	crew_free(cmd.crew);
	sources_free(cmd.sources);
	data_maker_free(cmd.maker);
	g_clear_pointer(&cmd.without, g_hash_table_unref);
	config_free(cmd.config);
	g_strfreev(cmd.subtract);
	g_free(cmd.rules_dir);
	g_free(cmd.name);
	g_free(cmd.folder);
	return code;
}
