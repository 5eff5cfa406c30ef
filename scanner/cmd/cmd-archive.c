/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive: months that are over as files of their own, opened by tools that everybody has.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "cmd/archive-beside.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "daemon/archiving.h"
#include "daemon/copies.h"
#include "daemon/openpgp-file.h"
#include "daemon/password.h"
#include "store/view-scope.h"

static const char help[] =
    "Examples:\n"
    "  flagpost archive create --month 2026-10                  a tar file packed with zstd\n"
    "  flagpost archive create --month 2026-10 --form openpgp --keys officers.asc\n"
    "  flagpost archive create --automatic --form zip --secret-file /etc/flagpost/secrets/zip\n"
    "  flagpost archive list\n"
    "  flagpost archive verify\n"
    "  flagpost archive restore 2026-10\n"
    "  flagpost archive rewrite                                 without what was purged\n"
    "\n"
    "Usage: flagpost archive create --month YYYY-MM|--automatic [OPTION...]\n"
    "       flagpost archive list\n"
    "       flagpost archive verify [NAME...] [--secret-file F]\n"
    "       flagpost archive restore NAME [--secret-file F]\n"
    "       flagpost archive rewrite [NAME...] [--secret-file F|--keys F]\n"
    "\n"
    "create puts all copies of a month that is over into data_dir/archives, reads the file again,\n"
    "and then takes them out of the volumes. The messages stay recorded and searchable. It works\n"
    "beside the service; restore, which brings the copies back, does not. rewrite writes archives "
    "that\n"
    "hold purged messages anew without them, in the same form and with the same password, under\n"
    "another name, and removes the old file; one that was restored is removed.\n"
    "\n"
    "  --month M            the month\n"
    "  --automatic          every month before this one; nothing to do is no error\n"
    "  --form F             tar (2026-10.tar.zst), openpgp (.tar.zst.gpg) or zip (AES-256)\n"
    "  --secret-file F      the first line of it; 0600\n"
    "  --keys F             openpgp: the recipients' public keys instead of a password; rewrite\n"
    "                       opens with the caller's own GnuPG and writes for these\n"
    "                       (without these three: as [archive] says)\n"
    "  --min-length N       characters of a new password at least (12)\n"
    "  --min-classes N      of small letters, capitals, digits, others (3)\n"
    "  --min-bits N         two to so many guesses must not find it (50; 0: not counted)\n"
    "  --json               list and verify: one JSON object an archive\n"
    "\n"
    "Exit codes: 0 done, 1 verify: deviations, 64 usage, 65 broken, 75 try again, 77 wrong\n"
    "password or not allowed, 78 weak password, configuration.\n";

struct run {
	const struct cmd_globals *globals;
	char *month, *form, *password_file, *keys; /* options */
	gboolean automatic;
	int length, classes, bits; /* of a new password; -1: as configured */
	struct config *config;
	struct view *view;
	char *passphrase;
	struct progress *progress;
};

static void
on_progress(guint64 done, guint64 all, const char *what, void *data)
{
	struct run *run = data;

	progress_set(run->progress, done, all, what);
}

static struct archiving
archiving_of(struct run *run)
{
	return (struct archiving){
		.config = run->config,
		.view = run->view,
		.passphrase = run->passphrase,
		.keys = run->keys,
		.progress = on_progress,
		.data = run,
	};
}

/* --- create --- */

static bool
refuse(GError **error, const char *text)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "%s", text);
	return false;
}

/* What everybody knows of us is no part of a password. */
static bool
check_password(struct run *run, GError **error)
{
	const struct config *config = run->config;
	const struct password_policy policy = { (guint)run->length, (guint)run->classes,
		(guint)run->bits };
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	g_ptr_array_add(names, (gpointer) "flagpost archive");
	g_ptr_array_add(names, config->organisation);
	for (guint i = 0; config->own_domains[i] != NULL; i++)
		g_ptr_array_add(names, config->own_domains[i]);
	g_ptr_array_add(names, NULL);
	g_autofree char *weak =
	    password_trouble(run->passphrase, &policy, (const char *const *)names->pdata);
	if (weak == NULL)
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: %s", run->password_file, weak);
	return false;
}

static bool
check_form(struct run *run, enum archiving_form form, GError **error)
{
	const char *trouble = form == ARCHIVING_OPENPGP ? openpgp_file_trouble() : NULL;

	if (trouble != NULL)
		return refuse(error, trouble);
	if (form == ARCHIVING_TAR)
		return (run->passphrase == NULL && run->keys == NULL) ||
		       refuse(error, "a tar file has no password and no keys: write --form "
				     "openpgp, or zip");
	if (form == ARCHIVING_ZIP && run->keys != NULL)
		return refuse(error, "a ZIP has a password and no keys");
	if ((run->passphrase != NULL) == (run->keys != NULL))
		return refuse(error, form == ARCHIVING_ZIP
					 ? "write --secret-file F"
					 : "write either --secret-file F or --keys F");
	if (run->passphrase == NULL)
		return true;
	return check_password(run, error);
}

static bool
create_month(struct run *run, enum archiving_form form, const char *month, GError **error)
{
	struct archiving archiving = archiving_of(run);

	archiving.form = form;
	g_autoptr(archive) archive = archiving_create(&archiving, month, error);
	progress_clear(run->progress);
	if (archive != NULL && !run->globals->quiet)
		printf("%s  %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
		       " bytes in %" G_GUINT64_FORMAT "  sha256 %s\n",
		    archive->file, archive->messages, archive->bytes, archive->size,
		    archive->sha256);
	return archive != NULL;
}

static bool
create_all(struct run *run, enum archiving_form form, GError **error)
{
	g_autofree char *current = archiving_month(run->config, clock_now());
	const struct archiving archiving = archiving_of(run);
	g_autoptr(GPtrArray) months =
	    archiving_finish(&archiving, error) ? archive_months(run->view, current, error) : NULL;

	for (guint i = 0; months != NULL && i < months->len; i++)
		if (!create_month(run, form, months->pdata[i], error))
			return false;
	return months != NULL;
}

static int
create(struct run *run)
{
	int form = ARCHIVING_TAR;
	GError *error = NULL;

	if (run->automatic == (run->month != NULL))
		return cmd_usage_error("archive", "write --month YYYY-MM or --automatic",
		    "it is not said which month");
	if (run->form != NULL && (form = word_index(archiving_form_words, run->form)) < 0)
		return cmd_usage_error(
		    "archive", "tar, openpgp or zip", "--form: '%s' is none of these", run->form);
	if (run->length < 1 || run->length > 1000 || run->classes < 1 || run->classes > 4 ||
	    run->bits < 0 || run->bits > PASSWORD_BITS_MAX)
		return cmd_usage_error("archive",
		    "1 to 1000 characters, 1 to 4 classes, 0 to 200 bits",
		    "--min-length, --min-classes or --min-bits is out of range");
	bool right =
	    check_form(run, (enum archiving_form)form, &error) &&
	    (run->automatic ? create_all(run, (enum archiving_form)form, &error)
			    : create_month(run, (enum archiving_form)form, run->month, &error));
	int code = right ? CMD_OK : cmd_fail("archive", error);
	g_clear_error(&error);
	return code;
}

/* --- list and verify --- */

static void
begin_json(struct json *json, GString *out, const struct archive *archive)
{
	g_autofree char *made = clock_iso(archive->made);

	json_init(json, out);
	json_begin(json, '{');
	json_put(json, "archive", archive->name);
	json_put(json, "file", archive->file);
	json_put(json, "form", archive->form);
	json_put(json, "sha256", archive->sha256);
	json_put_int(json, "size", (gint64)archive->size);
	json_put_int(json, "messages", (gint64)archive->messages);
	json_put_int(json, "bytes", (gint64)archive->bytes);
	json_put(json, "made", made);
	json_put_bool(json, "restored", archive->restored != 0);
}

static int
list(struct run *run)
{
	static const char *const heads[] = { "ARCHIVE", ">MESSAGES", ">BYTES", ">SIZE", "MADE",
		"FILE", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = archive_list(run->view, &error);
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	if (all == NULL)
		return cmd_fail("archive", error);
	for (guint i = 0; i < all->len; i++) {
		const struct archive *archive = g_ptr_array_index(all, i);
		g_autoptr(GString) line = g_string_new(NULL);
		struct json json;
		if (run->globals->json) {
			begin_json(&json, line, archive);
			json_end(&json);
			puts(line->str);
			continue;
		}
		g_autofree char *made = clock_local(archive->made, run->config->zone);
		table_add(table, "%s", archive->name);
		table_add(table, "%" G_GUINT64_FORMAT, archive->messages);
		table_add(table, "%" G_GUINT64_FORMAT, archive->bytes);
		table_add(table, "%" G_GUINT64_FORMAT, archive->size);
		table_add(table, "%s", made);
		table_add(
		    table, "%s%s", archive->file, archive->restored != 0 ? " (restored)" : "");
	}
	if (!run->globals->json) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	return CMD_OK;
}

/* True when it is as it was recorded. */
static bool
verify_one(struct run *run, const struct archive *archive)
{
	struct archiving archiving = archiving_of(run);
	g_autoptr(GError) error = NULL;
	bool opened = false;
	bool right = archiving_verify(&archiving, archive, &opened, &error);
	/* The file was looked at before: a password that has changed since says nothing against it.
	 */
	bool closed = !right && opened && g_error_matches(error, FAULT, FAULT_DENIED);
	const char *state = closed   ? "unaltered"
			    : !right ? "deviation"
			    : opened ? "exact"
				     : "unaltered";

	progress_clear(run->progress);
	if (run->globals->json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		begin_json(&json, out, archive);
		json_put(&json, "state", state);
		json_put(&json, "text", right ? "" : error->message);
		json_end(&json);
		puts(out->str);
		return right || closed;
	}
	printf("%-10s  %s  ", archive->name, state);
	cmd_put(stdout,
	    closed   ? "the file is as the ledger has it; the password does not open it"
	    : !right ? error->message
	    : opened ? "every message was read and is as recorded"
	    : archive->restored != 0 ? "the file is as the ledger has it; its messages are back"
				     : "the file is as the ledger has it; it was not opened",
	    0);
	putchar('\n');
	return right || closed;
}

static int
verify(struct run *run, char *const *names)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = archive_list(run->view, &error);
	guint wrong = 0, seen = 0;

	if (all == NULL)
		return cmd_fail("archive", error);
	for (char *const *name = names; *name != NULL; name++) {
		g_autoptr(archive) archive = archive_find(run->view, *name, &error);
		if (archive == NULL)
			return cmd_fail("archive", error);
	}
	for (guint i = 0; i < all->len; i++) {
		const struct archive *archive = g_ptr_array_index(all, i);
		if (*names != NULL && !g_strv_contains((const char *const *)names, archive->name))
			continue;
		seen++;
		wrong += !verify_one(run, archive);
	}
	const struct archiving archiving = archiving_of(run);
	int strangers = *names == NULL ? archive_beside(&archiving, run->globals->json, &error) : 0;
	if (strangers < 0)
		return cmd_fail("archive", error);
	if (seen == 0 && !run->globals->quiet)
		fputs("flagpost archive: there is no archive\n", stderr);
	return wrong > 0 || strangers > 0 ? CMD_FOUND : CMD_OK;
}

static int
restore(struct run *run, const char *name)
{
	struct archiving archiving = archiving_of(run);
	g_autoptr(GError) error = NULL;
	g_autoptr(archive) archive = archive_find(run->view, name, &error);
	guint n = 0;

	if (archive != NULL && archive->restored != 0) {
		fprintf(stderr, "flagpost archive: %s was restored already\n", name);
		return CMD_OK;
	}
	bool right = archive != NULL && archiving_restore(&archiving, archive, &n, &error);
	progress_clear(run->progress);
	if (!right)
		return cmd_fail("archive", error);
	if (!run->globals->quiet)
		printf("%u messages of %s are back\n", n, archive->file);
	return CMD_OK;
}

/* --- rewrite --- */

static bool
rewrite_one(struct run *run, const char *name, GError **error)
{
	struct archiving archiving = archiving_of(run);
	g_autoptr(archive) old = archive_find(run->view, name, error);
	g_autoptr(archive) anew = NULL;
	bool right = old != NULL && archiving_rewrite(&archiving, old, &anew, error);

	progress_clear(run->progress);
	if (right && !run->globals->quiet)
		printf("%s is removed; %s%s\n", old->file,
		    anew != NULL ? "what is left of it stands in " : "nothing of it is left",
		    anew != NULL ? anew->file : "");
	return right;
}

/* One that cannot be opened does not keep others from it. */
static int
rewrite(struct run *run, char *const *names)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stale = archive_stale(run->view, &error);
	int code = CMD_OK;

	if (stale == NULL)
		return cmd_fail("archive", error);
	for (char *const *name = names; *name != NULL; name++) {
		if (!g_ptr_array_find_with_equal_func(stale, *name, g_str_equal, NULL))
			return cmd_usage_error("archive", "see: flagpost archive list",
			    "%s: nothing that was purged is in an archive of that name", *name);
	}
	for (guint i = 0; i < stale->len; i++) {
		const char *name = stale->pdata[i];
		g_autoptr(GError) trouble = NULL;
		if (*names != NULL && !g_strv_contains((const char *const *)names, name))
			continue;
		if (!rewrite_one(run, name, &trouble))
			code = cmd_fail("archive", trouble);
	}
	return code;
}

/* --- */

/*
 * Archives are of all mail, so they are for those who see all or who keep the machine; no content
 * is shown. The view that works on them is the whole one.
 */
static int
open_whole(struct run *run)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;
	g_autoptr(view) asked = cmd_open_view("archive", run->config, &code);
	g_autofree char *person = cmd_person();

	if (asked == NULL)
		return code;
	if (view_reach(asked) == VIEW_OWN || view_reach(asked) == VIEW_ACCOUNTS)
		g_set_error(&error, FAULT, FAULT_DENIED,
		    "archives are for officers of all accounts and for administrators");
	else
		run->view = copies_open_view(run->config, person, &error);
	if (run->password_file != NULL && run->view != NULL)
		run->passphrase = secret_read(run->password_file, "", &error);
	return error != NULL ? cmd_fail("archive", error) : CMD_OK;
}

/*
 * Where the command line says nothing about the form and its lock, [archive] does. A password of
 * [archive] opens archives as well.
 */
static void
take_configured(struct run *run)
{
	const struct config_archive *archive = &run->config->archive;

	if (run->length < 0)
		run->length = (int)archive->policy.length;
	if (run->classes < 0)
		run->classes = (int)archive->policy.classes;
	if (run->bits < 0)
		run->bits = (int)archive->policy.bits;
	if (run->form != NULL || run->password_file != NULL || run->keys != NULL)
		return;
	run->form = g_strdup(archiving_form_words[archive->form]);
	run->password_file = g_strdup(archive->password_file);
	run->keys = g_strdup(archive->keys_file);
}

static int
work(struct run *run, int argc, char **argv)
{
	static const char *const words[] = { "create", "list", "verify", "restore", "rewrite",
		NULL };
	static const struct {
		int min, max; /* names behind the word */
	} names[] = { { 0, 0 }, { 0, 0 }, { 0, G_MAXINT }, { 1, 1 }, { 0, G_MAXINT } };
	int word = word_index(words, argv[1]);

	if (word < 0)
		return cmd_usage_error("archive", "create, list, verify, restore or rewrite",
		    "unknown word '%s'", argv[1]);
	if (argc - 2 < names[word].min || argc - 2 > names[word].max)
		return cmd_usage_error("archive", "see: flagpost archive --help", "%s takes %s",
		    words[word], names[word].min == 1 ? "one NAME" : "no name");
	run->config = cmd_load_config(run->globals);
	if (run->config == NULL)
		return FAULT_CONFIG;
	take_configured(run);
	int code = open_whole(run);
	if (code != CMD_OK)
		return code;
	switch (word) {
	case 0:
		return create(run);
	case 1:
		return list(run);
	case 2:
		return verify(run, argv + 2);
	case 3:
		return restore(run, argv[2]);
	default:
		return rewrite(run, argv + 2);
	}
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "archive", help, 1, -1, true };
	struct run run = {
		.globals = globals,
		.length = -1,
		.classes = -1,
		.bits = -1,
	};
	const GOptionEntry entries[] = {
		{ "month", 0, 0, G_OPTION_ARG_STRING, &run.month, NULL, NULL },
		{ "automatic", 0, 0, G_OPTION_ARG_NONE, &run.automatic, NULL, NULL },
		{ "form", 0, 0, G_OPTION_ARG_STRING, &run.form, NULL, NULL },
		{ "secret-file", 0, 0, G_OPTION_ARG_FILENAME, &run.password_file, NULL, NULL },
		{ "keys", 0, 0, G_OPTION_ARG_FILENAME, &run.keys, NULL, NULL },
		{ "min-length", 0, 0, G_OPTION_ARG_INT, &run.length, NULL, NULL },
		{ "min-classes", 0, 0, G_OPTION_ARG_INT, &run.classes, NULL, NULL },
		{ "min-bits", 0, 0, G_OPTION_ARG_INT, &run.bits, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code)) {
		run.progress = progress_new(stderr, globals->quiet);
		code = cmd_finish("archive", work(&run, argc, argv));
		progress_free(run.progress);
	}
	view_close(run.view);
	config_free(run.config);
	if (run.passphrase != NULL)
		secret_wipe(run.passphrase);
	g_free(run.month);
	g_free(run.form);
	g_free(run.password_file);
	g_free(run.keys);
	return code;
}

const struct cmd cmd_archive = { "archive",
	"monthly archives: create, list, verify, restore, rewrite", run };
