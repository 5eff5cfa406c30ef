/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copies: in which form copies are kept - encrypted, packed, plain - and their keys.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "daemon/copies-rewrite.h"
#include "daemon/copies.h"
#include "store/view-scope.h"

static const char help[] =
    "Examples:\n"
    "  flagpost copies list                                  which form each volume has\n"
    "  flagpost copies key /etc/flagpost/secrets/copies      a new key, in a new file of mode "
    "0600\n"
    "  flagpost copies rewrite                               all into the form of [general]\n"
    "\n"
    "Usage: flagpost copies list [--json]\n"
    "       flagpost copies key FILE\n"
    "       flagpost copies rewrite [--dry-run|--automatic]\n"
    "\n"
    "Copies are encrypted where [general] says encrypt_copies = yes and names a key with\n"
    "copies_key_file or copies_credential. Those that are older than compress_after are packed\n"
    "with zstd; encrypted ones are packed always.\n"
    "\n"
    "To change the key: make a new one, name its file in copies_key_file and the old one's in\n"
    "copies_old_keys, start the service anew, and run rewrite until it says that nothing is left.\n"
    "Then the old key is needed no more. rewrite works beside the service, volume by volume, and\n"
    "may be ended at any time; a volume of today waits while somebody polls. Old volumes are\n"
    "overwritten before they are removed. Backups and archives keep what they were made with.\n"
    "\n"
    "  --automatic  as the service does once a day: what cannot be done now is left (2)\n"
    "  --dry-run    list what would be rewritten\n"
    "  --json       one JSON object a volume\n"
    "\n"
    "Exit codes: 0 done, 2 something is left to another time, 64 usage, 65 a volume is damaged,\n"
    "75 try again, 77 not allowed, 78 configuration: a key is not here.\n";

struct run {
	const struct cmd_globals *globals;
	gboolean dry_run, automatic;
	struct config *config;
	struct view *view;
	struct progress *progress;
};

/* --- key --- */

/* Never over a file that is there: it may hold the only key to all copies. */
static bool
make_key(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno == EEXIST) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%s: it exists, and may be the only key to copies: name a new file", path);
		return false;
	}
	if (fd < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	char *key = cipher_key_make();
	bool right = io_write_all(fd, key, strlen(key), error) && io_write_all(fd, "\n", 1, error);
	secret_wipe(key);
	if (right && fsync(fd) < 0) {
		fault_errno(error, "%s", path);
		right = false;
	}
	io_close(&fd);
	g_autofree char *folder = g_path_get_dirname(path);
	return right && io_sync_folder(folder, error);
}

static int
key(const struct run *run, const char *path)
{
	g_autoptr(GError) error = NULL;

	if (!make_key(path, &error))
		return cmd_fail("copies", error);
	if (!run->globals->quiet)
		fprintf(stderr,
		    "%s is a new key. Without it nobody reads what is encrypted with it: keep a "
		    "copy "
		    "of it apart from the copies.\n",
		    path);
	return CMD_OK;
}

/* --- list --- */

static void
print_json(const struct rewrite_volume *volume)
{
	g_autoptr(GString) line = g_string_new(NULL);
	struct json json;

	json_init(&json, line);
	json_begin(&json, '{');
	json_put(&json, "volume", volume->name);
	json_put_int(&json, "copies", (gint64)volume->messages);
	json_put_int(&json, "bytes", (gint64)volume->end);
	json_put(&json, "forms", volume->forms);
	json_put(&json, "wanted", volume->wanted != NULL ? volume->wanted : "");
	json_end(&json);
	puts(line->str);
}

/* due: those alone that are to be rewritten. */
static int
list(const struct run *run, bool due)
{
	static const char *const heads[] = { "VOLUME", ">COPIES", ">BYTES", "FORM", "TO BE", NULL };
	const struct rewrite_wish wish = copies_wish(run->config, clock_now());
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) volumes = rewrite_list(run->view, &wish, &error);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	if (volumes == NULL)
		return cmd_fail("copies", error);
	for (guint i = 0; i < volumes->len; i++) {
		const struct rewrite_volume *volume = volumes->pdata[i];
		if (due && volume->wanted == NULL)
			continue;
		if (run->globals->json) {
			print_json(volume);
			continue;
		}
		table_add(table, "%s", volume->name);
		table_add(table, "%" G_GUINT64_FORMAT, volume->messages);
		table_add(table, "%" G_GUINT64_FORMAT, volume->end);
		table_add(table, "%s", volume->forms);
		table_add(table, "%s", volume->wanted != NULL ? volume->wanted : "");
	}
	if (!run->globals->json) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	return CMD_OK;
}

/* --- rewrite --- */

static void
on_progress(guint64 done, guint64 all, void *data)
{
	struct run *run = data;

	progress_set(run->progress, done, all, "volumes");
}

static void
on_trouble(const char *text, void *data)
{
	struct run *run = data;

	progress_clear(run->progress);
	fputs("flagpost copies: ", stderr);
	cmd_put(stderr, text, 0);
	fputc('\n', stderr);
}

static int
rewrite(struct run *run)
{
	const struct copies_rewrite what = { .config = run->config,
		.view = run->view,
		.now = clock_now(),
		.progress = on_progress,
		.trouble = on_trouble,
		.data = run };
	struct copies_rewrite_counts counts;
	g_autoptr(GError) error = NULL;
	bool right = copies_rewrite(&what, &counts, &error);

	progress_clear(run->progress);
	/* Another day will do while an archive is made. */
	if (!right && run->automatic && g_error_matches(error, FAULT, FAULT_RETRY))
		return CMD_GAPS;
	if (!right)
		return cmd_fail("copies", error);
	if (!run->globals->quiet)
		printf("%" G_GUINT64_FORMAT " of %u volumes rewritten, %" G_GUINT64_FORMAT
		       " copies\n",
		    counts.volumes, counts.all, counts.copies);
	if (counts.today > 0 && !run->automatic)
		printf("%u of today are left: somebody polls\n", counts.today);
	if (counts.left > 0)
		printf("%u changed meanwhile: rewrite again\n", counts.left);
	/* Verify has it in the report. */
	if (counts.damaged > 0)
		return run->automatic ? CMD_GAPS : FAULT_DATA;
	return counts.today + counts.left > 0 ? CMD_GAPS : CMD_OK;
}

/* --- */

/* What forms copies have concerns all mail; no content is shown. */
static int
open_whole(struct run *run, bool writes)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;
	g_autoptr(view) asked = cmd_open_view("copies", run->config, &code);
	g_autofree char *person = cmd_person();

	if (asked == NULL)
		return code;
	if (view_reach(asked) == VIEW_OWN || view_reach(asked) == VIEW_ACCOUNTS)
		g_set_error(&error, FAULT, FAULT_DENIED,
		    "volumes are for officers of all accounts and for administrators");
	else
		run->view = copies_open_view(run->config, person, &error);
	/* Who writes needs every key that is named, and hears which is not there. */
	struct cipher_keys *keys =
	    run->view != NULL && writes ? copies_keys(run->config, &error) : NULL;
	if (keys != NULL)
		view_take_keys(run->view, keys);
	return error != NULL ? cmd_fail("copies", error) : CMD_OK;
}

static int
work(struct run *run, int argc, char **argv)
{
	static const char *const words[] = { "list", "key", "rewrite", NULL };
	int word = word_index(words, argv[1]);

	if (word < 0)
		return cmd_usage_error(
		    "copies", "list, key or rewrite", "unknown word '%s'", argv[1]);
	if (argc - 2 != (word == 1))
		return cmd_usage_error("copies", "see: flagpost copies --help", "%s takes %s",
		    words[word], word == 1 ? "one FILE" : "no name");
	if ((run->dry_run || run->automatic) && word != 2)
		return cmd_usage_error("copies", NULL, "--dry-run and --automatic are for rewrite");
	if (word == 1)
		return key(run, argv[2]);
	run->config = cmd_load_config(run->globals);
	if (run->config == NULL)
		return FAULT_CONFIG;
	int code = open_whole(run, word == 2);
	if (code != CMD_OK)
		return code;
	return word == 0 || run->dry_run ? list(run, word != 0) : rewrite(run);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "copies", help, 1, 2, true };
	struct run run = { .globals = globals };
	const GOptionEntry entries[] = {
		{ "automatic", 0, 0, G_OPTION_ARG_NONE, &run.automatic, NULL, NULL },
		{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &run.dry_run, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		run.progress = progress_new(stderr, globals->quiet);
		code = cmd_finish("copies", work(&run, argc, argv));
		progress_free(run.progress);
	}
	view_close(run.view);
	config_free(run.config);
	return code;
}

const struct cmd cmd_copies = { "copies", "the form of copies and their keys: list, key, rewrite",
	run };
