/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import: mail that lies in files, taken in as a poll takes it: scanned, kept, recorded.
 */
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "daemon/imports.h"
#include "cmd/progress.h"
#include "cmd/setup.h"
#include "cmd/table.h"
#include "daemon/daemon.h"

static const char help[] =
    "Examples:\n"
    "  flagpost import old.mbox                  an mbox file\n"
    "  flagpost import /srv/backup/Maildir       a Maildir, or a folder of .eml files\n"
    "  flagpost import --name anna takeout.zip   as account import/anna\n"
    "  flagpost import 2026-11-22.tar            a volume of copies\n"
    "\n"
    "Usage: flagpost import [--name NAME] [--keep WHAT] PATH...\n"
    "\n"
    "Takes mail in as a poll does: every message is scanned by the rules, kept and recorded. A\n"
    "second import of the same path finds nothing new, and one that was interrupted goes on where\n"
    "it was. Bytes that are kept already are not kept twice. The mail files stay as they are. The\n"
    "service must not be running meanwhile.\n"
    "\n"
    "  --name NAME    the account is import/NAME; else it is made of the path\n"
    "  --keep WHAT    all (default), hits, headers or none: what stays as a copy\n"
    "  --json         one JSON object a source\n"
    "  -q, --quiet    no table and no summary\n"
    "\n"
    "Exit codes: 0 done, 2 done with gaps (a message or a file could not be read), 64 usage,\n"
    "74 I/O, 75 the service or a poll is running, 78 configuration.\n";

struct run {
	const struct cmd_globals *globals;
	const struct imports *imports;
	struct progress *progress;
};

/* Messages where they are counted beforehand, else bytes of the file. */
static void
on_progress(const GPtrArray *rows, void *data)
{
	const struct run *run = data;
	const char *label = NULL;
	guint64 done = 0, all = 0, bytes = 0, size = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		done += row->messages + row->failed;
		bytes += row->bytes;
		all += row->expected;
		if (!row->done && row->started && label == NULL)
			label = row->account;
	}
	for (guint i = 0; i < run->imports->all->len; i++)
		size += ((const struct import *)run->imports->all->pdata[i])->bytes;
	if (size > 0 && all == 0)
		progress_set(run->progress, bytes, MAX(bytes, size), label);
	else
		progress_set(run->progress, done, MAX(done, all), label);
}

static void
on_said(const char *path, const char *text, bool gap, void *data)
{
	const struct run *run = data;

	if (run->globals->quiet && !gap)
		return;
	progress_clear(run->progress);
	fputs("flagpost import: ", stderr);
	cmd_put(stderr, path, 0);
	fputs(": ", stderr);
	cmd_put(stderr, text, 0);
	fputc('\n', stderr);
}

/* --- what came of it --- */

struct sums {
	guint64 source, kept, failed, new, flags, not_checked;
};

/* What the store says of an account now. */
static void
add_folders(struct sums *sums, const GPtrArray *accounts, const char *name)
{
	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(accounts, i);
		for (guint n = 0; strcmp(account->name, name) == 0 && n < account->folders->len;
		     n++) {
			const struct view_folder *folder = g_ptr_array_index(account->folders, n);
			sums->source += folder->server;
			sums->kept += folder->kept;
			sums->failed += folder->failed;
		}
	}
}

static const struct pass_account *
find_row(const GPtrArray *rows, const char *name)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct pass_account *row = g_ptr_array_index(rows, i);
		if (strcmp(row->account, name) == 0)
			return row;
	}
	return NULL;
}

static void
print_json(const struct import *import, const struct sums *sums, const struct pass_account *row)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "account", import->account->name);
	json_put(&json, "path", import->path);
	json_put(&json, "state", row->state);
	json_put(&json, "text", row->text);
	json_put_int(&json, "source", (gint64)sums->source);
	json_put_int(&json, "kept", (gint64)sums->kept);
	json_put_int(&json, "failed", (gint64)sums->failed);
	json_put_int(&json, "new", (gint64)sums->new);
	json_put_int(&json, "flags", (gint64)sums->flags);
	json_put_int(&json, "not_checked", (gint64)sums->not_checked);
	json_put_bool(&json, "complete", sums->source == sums->kept && !import->gaps);
	json_end(&json);
	puts(out->str);
}

static void
add_row(struct table *table, const struct import *import, const struct sums *sums,
    const struct pass_account *row)
{
	table_add(table, "%s", import->account->name);
	table_add(table, "%" G_GUINT64_FORMAT, sums->source);
	table_add(table, "%" G_GUINT64_FORMAT, sums->kept);
	table_add(table, "%" G_GUINT64_FORMAT, sums->failed);
	table_add(table, "%" G_GUINT64_FORMAT, sums->new);
	table_add(table, "%" G_GUINT64_FORMAT, sums->flags);
	table_add(table, "%s%s%s", row->state, row->text[0] != '\0' ? ": " : "", row->text);
}

/* The sum of DESIGN section 1: source = kept + failed. */
static void
print_sum(const struct sums *all)
{
	printf("in the source %" G_GUINT64_FORMAT " = kept %" G_GUINT64_FORMAT
	       " + failed %" G_GUINT64_FORMAT "%s; new %" G_GUINT64_FORMAT
	       ", flags %" G_GUINT64_FORMAT ", not wholly read %" G_GUINT64_FORMAT "\n",
	    all->source, all->kept, all->failed,
	    all->source == all->kept + all->failed ? "" : " (the sum does not hold)", all->new,
	    all->flags, all->not_checked);
}

static bool
note(struct view *view, const struct import *import, const struct sums *sums, GError **error)
{
	g_autofree char *object =
	    g_strdup_printf("%s as %s: %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " new",
		import->path, import->account->name, sums->source, sums->new);

	return view_note_access(view, "import", object, error);
}

static int
tell(const struct run *run, const struct config *config, const GPtrArray *rows)
{
	static const char *const heads[] = { "ACCOUNT", ">IN THE SOURCE", ">KEPT", ">FAILED",
		">NEW", ">FLAGS", "STATE", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GError) error = NULL;
	struct sums all = { 0 };
	int code = CMD_OK;
	g_autoptr(view) view = cmd_open_view("import", config, &code);
	g_autoptr(GPtrArray) accounts = view != NULL ? view_accounts(view, &error) : NULL;

	if (view == NULL)
		return code;
	for (guint i = 0; accounts != NULL && i < run->imports->all->len; i++) {
		const struct import *import = g_ptr_array_index(run->imports->all, i);
		const struct pass_account *row = find_row(rows, import->account->name);
		if (row == NULL)
			continue;
		struct sums sums = {
			.new = row->messages, .flags = row->flags, .not_checked = row->not_checked
		};
		add_folders(&sums, accounts, import->account->name);
		all.source += sums.source;
		all.kept += sums.kept;
		all.failed += sums.failed;
		all.new += sums.new;
		all.flags += sums.flags;
		all.not_checked += sums.not_checked;
		if (!note(view, import, &sums, &error))
			break;
		if (run->globals->json)
			print_json(import, &sums, row);
		else
			add_row(table, import, &sums, row);
	}
	if (error != NULL)
		return cmd_fail("import", error);
	if (!run->globals->json && !run->globals->quiet) {
		g_autoptr(GString) out = g_string_new(NULL);
		table_print(table, out);
		fputs(out->str, stdout);
		print_sum(&all);
	}
	return all.source == all.kept && !run->imports->gaps ? CMD_OK : CMD_GAPS;
}

static int
take_in(struct run *run, struct daemon_setup *setup)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < run->imports->all->len; i++) {
		const struct import *import = g_ptr_array_index(run->imports->all, i);
		g_strv_builder_add(names, import->account->name);
		g_ptr_array_add(setup->config->accounts, account_copy(import->account));
	}
	g_auto(GStrv) list = g_strv_builder_end(names);
	const struct pass_options options = {
		.accounts = (const char *const *)list,
		.command = "import",
		.progress = on_progress,
		.data = run,
	};
	int code =
	    daemon_poll(setup->config, setup->sources, setup->ruleset, &options, &rows, &error);
	progress_clear(run->progress);
	if (error != NULL)
		return cmd_fail("import", error);
	int told = tell(run, setup->config, rows);
	return told == CMD_OK ? code : told;
}

static int
import_paths(const struct cmd_globals *globals, const char *name, enum account_keep keep,
    const char *const *paths)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(daemon_setup) setup = setup_load(globals->config_path, NULL, false, problems);
	g_autoptr(progress) progress = progress_new(stderr, globals->quiet);
	struct run run = { .globals = globals, .progress = progress };
	g_autoptr(GError) error = NULL;

	if (cmd_print_problems(globals, problems) != CMD_OK || setup->ruleset == NULL)
		return FAULT_CONFIG;
	g_autoptr(imports) imports =
	    imports_find(paths, name, keep, setup->config, on_said, &run, &error);
	if (imports == NULL)
		return cmd_fail("import", error);
	run.imports = imports;
	if (imports->all->len == 0) {
		fputs("flagpost import: nothing was imported\n", stderr);
		return FAULT_DATA;
	}
	return cmd_finish("import", take_in(&run, setup));
}

static bool
is_name(const char *name)
{
	gsize n = strlen(name);

	return n >= 1 && n <= 64 && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		   n;
}

static int
find_keep(const char *word)
{
	for (int i = 0; account_keep_words[i] != NULL; i++)
		if (strcmp(account_keep_words[i], word) == 0)
			return i;
	return -1;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "import", help, 1, -1, true };
	g_autofree char *name = NULL, *keep = NULL;
	const GOptionEntry entries[] = {
		{ "name", 0, 0, G_OPTION_ARG_STRING, &name, NULL, NULL },
		{ "keep", 0, 0, G_OPTION_ARG_STRING, &keep, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	if (name != NULL && !is_name(name))
		return cmd_usage_error("import",
		    "1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.', the first one no '.'",
		    "--name: '%s' is no name", name);
	int kept = keep != NULL ? find_keep(keep) : KEEP_ALL;
	if (kept < 0)
		return cmd_usage_error(
		    "import", "all, hits, headers or none", "--keep: '%s' is none of these", keep);
	return import_paths(globals, name, (enum account_keep)kept, (const char *const *)argv + 1);
}

const struct cmd cmd_import = { "import", "mail that lies in files, taken in as a poll does", run };
