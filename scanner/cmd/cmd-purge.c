/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * purge: mail that has had its time, or that a person asked to have erased.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/holds.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "daemon/archiving.h"
#include "store/purge.h"
#include "store/retention.h"

#define ID_DIGITS 12

static const char help[] =
    "Examples:\n"
    "  flagpost purge --dry-run              what has had its time by [retention.NAME]\n"
    "  flagpost purge                        and away with it; for cron or a timer\n"
    "  flagpost purge --person anna@corp.example --reason 'erasure request 12' --dry-run\n"
    "  flagpost purge --message 3f5a01c2 --reason 'wrongly collected'\n"
    "\n"
    "Usage: flagpost purge [OPTION...]\n"
    "\n"
    "Overwrites copies in their volumes and removes what the database and the search know of a\n"
    "message. A tombstone stays: digest, size, times, places, and a row of the ledger. What a "
    "hold\n"
    "holds stays whole (flagpost hold). The service may go on meanwhile; where there is a section\n"
    "[retention.NAME] it purges once a day by itself, behind its verification of copies.\n"
    "\n"
    "  --dry-run         only list it\n"
    "  --person ADDRESS  all that it sent or received, whatever its age\n"
    "  --message ID      one message\n"
    "  --reason TEXT     why; needed with --person and --message\n"
    "  --automatic       as the service does it, once a day: by [retention.NAME] alone, in its\n"
    "                    name\n"
    "  --json            one JSON object a message, and one with the sums\n"
    "\n"
    "Exit codes: 0 done; 2 done, but something is left for the next purge; 64 usage; 74 it cannot\n"
    "be written; 75 try again; 77 who does not see all mail; 78 configuration.\n";

struct options {
	char *person, *message, *reason;
	gboolean dry_run, automatic;
};

/* --- what --- */

static GPtrArray *
one_message(struct view *view, const struct options *options, GError **error)
{
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	g_autofree char *why = g_strdup_printf("by order: %s", options->reason);
	g_autoptr(view_message) message = view_find(view, options->message, error);
	struct purge_item *item =
	    message != NULL ? purge_of_message(view, message->id, why, error) : NULL;

	if (item == NULL)
		return NULL;
	if (message->purged == 0)
		g_ptr_array_add(items, item);
	else
		purge_item_free(item);
	return g_steal_pointer(&items);
}

static GPtrArray *
find_items(
    struct view *view, const struct config *config, const struct options *options, GError **error)
{
	g_autoptr(GPtrArray) items = NULL;

	if (options->message != NULL) {
		items = one_message(view, options, error);
	} else if (options->person != NULL) {
		g_autofree char *why = g_strdup_printf("erasure: %s", options->reason);
		items = purge_of_person(view, options->person, why, error);
	} else {
		items = retention_due(view, config->retention, clock_now(), error);
	}
	if (items == NULL || !holds_extend(view, config->zone, error) ||
	    !purge_mark_held(view, items, error))
		return NULL;
	return g_steal_pointer(&items);
}

/* --- what is told --- */

static void
print_json(const struct purge_item *item)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *seen = clock_iso(item->seen);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "sha256", item->sha256);
	json_put_int(&json, "size", (gint64)item->size);
	json_put(&json, "seen", seen);
	json_put(&json, "why", item->why);
	json_put(&json, "held", item->held);
	json_end(&json);
	puts(out->str);
}

static void
print_items(const GPtrArray *items, GTimeZone *zone)
{
	static const char *const heads[] = { "ID", "SEEN", ">SIZE", "WHY", "HELD BY", "SUBJECT",
		NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < items->len; i++) {
		const struct purge_item *item = items->pdata[i];
		g_autofree char *seen = clock_local(item->seen, zone);
		g_autofree char *size = text_size(item->size);
		table_add(table, "%.*s", ID_DIGITS, item->sha256);
		table_add(table, "%s", seen);
		table_add(table, "%s", size);
		table_add(table, "%s", item->why);
		table_add(table, "%s", item->held != NULL ? item->held : "");
		table_add(table, "%s", item->subject);
	}
	if (items->len > 0)
		table_print(table, out);
	fputs(out->str, stdout);
}

static void
print_list(const struct cmd_globals *globals, const GPtrArray *items, GTimeZone *zone)
{
	guint64 bytes = 0, held = 0;

	for (guint i = 0; i < items->len; i++) {
		const struct purge_item *item = items->pdata[i];
		bytes += item->held == NULL ? item->size : 0;
		held += item->held != NULL;
		if (globals->json)
			print_json(item);
	}
	if (globals->json)
		return;
	print_items(items, zone);
	g_autofree char *size = text_size(bytes);
	printf("%" G_GUINT64_FORMAT " messages (%s) would be purged, %" G_GUINT64_FORMAT
	       " are held\n",
	    items->len - held, size, held);
}

static void
print_sums(const struct purge_counts *counts, bool as_json)
{
	g_autofree char *size = text_size(counts->bytes);

	if (as_json) {
		printf("{\"purged\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT
		       ",\"held\":%" G_GUINT64_FORMAT ",\"resumed\":%" G_GUINT64_FORMAT
		       ",\"waiting\":%" G_GUINT64_FORMAT ",\"archived\":%" G_GUINT64_FORMAT
		       ",\"log_stays\":%s}\n",
		    counts->messages, counts->bytes, counts->held, counts->resumed, counts->waiting,
		    counts->archived, counts->log_stays ? "true" : "false");
		return;
	}
	printf("%" G_GUINT64_FORMAT " messages (%s) purged, %" G_GUINT64_FORMAT " are held\n",
	    counts->messages, size, counts->held);
	if (counts->archived > 0)
		printf("%" G_GUINT64_FORMAT
		       " of them still stand in archives: flagpost archive rewrite\n",
		    counts->archived);
	if (counts->resumed > 0)
		printf("%" G_GUINT64_FORMAT " copies of an earlier purge overwritten\n",
		    counts->resumed);
	if (counts->waiting > 0)
		printf(
		    "%" G_GUINT64_FORMAT
		    " copies are still to be overwritten: their volume is missing, or is not as it"
		    " was; see flagpost verify\n",
		    counts->waiting);
	if (counts->log_stays)
		puts("old pages may stand in the database's log until nobody reads in it: purge "
		     "again");
}

/* --- doing it --- */

/* What a kill left of an archive that was being made holds copies that nothing names. */
static bool
clear_leftovers(struct view *view, const struct config *config, GError **error)
{
	const struct archiving archiving = { .config = config, .view = view };
	g_autoptr(GError) trouble = NULL;

	/* One is made right now: then it is not left over. */
	if (archiving_finish(&archiving, &trouble) || g_error_matches(trouble, FAULT, FAULT_RETRY))
		return true;
	g_propagate_error(error, g_steal_pointer(&trouble));
	return false;
}

static int
purge_all(const struct cmd_globals *globals, struct view *view, const struct config *config,
    const GPtrArray *items)
{
	g_autoptr(progress) progress = progress_new(stderr, globals->quiet);
	g_autoptr(GError) error = NULL;
	g_autoptr(purge) purge = purge_new(view, items, &error);
	enum purge_state state = PURGE_MORE;

	if (purge == NULL || !clear_leftovers(view, config, &error))
		return cmd_fail("purge", error);
	const struct purge_counts *counts = purge_counts(purge);
	while (state == PURGE_MORE) {
		state = purge_step(purge, &error);
		progress_set(progress, counts->messages + counts->held, items->len, "messages");
	}
	progress_clear(progress);
	if (state == PURGE_FAILED)
		return cmd_fail("purge", error);
	print_sums(counts, globals->json);
	return counts->waiting > 0 || counts->log_stays ? CMD_GAPS : CMD_OK;
}

/* What is purged by the configuration alone needs no person who may see it. */
static struct view *
open_view(const struct config *config, const struct options *options, int *code)
{
	g_autoptr(GError) error = NULL;

	if (!options->automatic)
		return cmd_open_view("purge", config, code);
	struct view *view = view_open(config->data_dir, "service", &error);
	if (view == NULL)
		*code = cmd_fail("purge", error);
	return view;
}

static int
purge(const struct cmd_globals *globals, const struct options *options)
{
	bool by_order = options->person != NULL || options->message != NULL;
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;

	if (options->automatic && (by_order || options->dry_run))
		return cmd_usage_error("purge", "flagpost purge --automatic",
		    "--automatic goes by [retention.NAME] alone");
	if (options->person != NULL && options->message != NULL)
		return cmd_usage_error("purge", NULL, "--person and --message do not go together");
	if (by_order && (options->reason == NULL || options->reason[0] == '\0'))
		return cmd_usage_error("purge", "write --reason 'why it is erased'",
		    "what is purged by order has a reason, which stands in the ledger");
	g_autoptr(config) config = cmd_load_config(globals);
	if (config == NULL)
		return FAULT_CONFIG;
	if (!by_order && config->retention->len == 0)
		return cmd_usage_error("purge", "add a section [retention.NAME] with keep = 365d",
		    "the configuration says nowhere how long mail is kept");
	g_autoptr(view) view = open_view(config, options, &code);
	if (view == NULL)
		return code;
	/* What is purged has its own rows; a list shows subjects. */
	if (options->dry_run && !view_note_access(view, "purge-list",
				    options->person != NULL    ? options->person
				    : options->message != NULL ? options->message
							       : "retention",
				    &error))
		return cmd_fail("purge", error);
	g_autoptr(GPtrArray) items = find_items(view, config, options, &error);
	if (items == NULL)
		return cmd_fail("purge", error);
	if (options->dry_run)
		print_list(globals, items, config->zone);
	return options->dry_run ? CMD_OK : purge_all(globals, view, config, items);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "purge", help, 0, 0, true };
	struct options options = { 0 };
	const GOptionEntry entries[] = { { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run,
					     NULL, NULL },
		{ "automatic", 0, 0, G_OPTION_ARG_NONE, &options.automatic, NULL, NULL },
		{ "person", 0, 0, G_OPTION_ARG_STRING, &options.person, NULL, NULL },
		{ "message", 0, 0, G_OPTION_ARG_STRING, &options.message, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = cmd_finish("purge", purge(globals, &options));
	g_free(options.person);
	g_free(options.message);
	g_free(options.reason);
	return code;
}

const struct cmd cmd_purge = { "purge", "mail that has had its time, or is to be erased", run };
