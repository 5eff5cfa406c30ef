/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan: the rules over files. Stores nothing. Several messages are under way at once, and what
 * is printed comes in the order of the input all the same.
 */
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/cmd-verdict.h"
#include "cmd/paths.h"
#include "cmd/progress.h"
#include "daemon/crew.h"
#include "daemon/prefilters.h"

static const char help[] =
    "Examples:\n"
    "  flagpost scan message.eml                    which rules flag it, and where\n"
    "  flagpost scan --json Maildir/ >verdicts.jsonl\n"
    "  flagpost scan --rules rules.d --own-domains corp.example inbox.mbox\n"
    "  cat message.eml | flagpost scan -\n"
    "\n"
    "Usage: flagpost scan [OPTION...] PATH...\n"
    "\n"
    "PATH is a message (.eml), an mbox, a Maildir, a folder of these, or - for standard input.\n"
    "Nothing is stored. Rules and own domains come from the configuration if there is one.\n"
    "\n"
    "  --rules DIR            the rules of this folder alone\n"
    "  --with-packs A,B       these packs of rules too, or all (see: flagpost rules list --packs)\n"
    "  --own-domains A,B      domains that are ours: they decide what is inbound and outbound\n"
    "  --draft                treat the messages as drafts\n"
    "  --no-mask              print excerpts in clear\n"
    "  --json                 one JSON object a message\n"
    "  -q, --quiet            only messages with flags or gaps; no summary\n"
    "\n"
    "Exit codes: 0 clean, 1 flags found, 2 no flags, but something could not be read.\n";

struct slot {
	struct path_item item;
	struct verdict *verdict; /* NULL while a worker has it, and for paths with an error */
	bool done;
};

struct scan {
	const struct cmd_globals *globals;
	char *rules_dir, *own_domains, *packs; /* options */
	gboolean no_mask, draft;
	struct crew *crew;
	struct crew_job job;
	GQueue slots; /* of struct slot, in input order; those at the head are printed when done */
	struct progress *progress;
	guint64 messages, flagged, flags, gaps, unreadable;
};

static void
slot_free(struct slot *slot)
{
	path_item_clear(&slot->item);
	verdict_free(slot->verdict);
	g_free(slot);
}

static void
on_verdict(struct verdict *verdict, void *data)
{
	struct slot *slot = data;

	slot->verdict = verdict;
	slot->done = true;
}

static void
submit(struct scan *scan, const struct path_item *item)
{
	struct slot *slot = g_new0(struct slot, 1);

	slot->item = *item;
	g_queue_push_tail(&scan->slots, slot);
	if (item->error != NULL) {
		slot->done = true;
	} else if (item->over_limit) {
		slot->verdict = verdict_unscannable("over-limit", item->size);
		slot->done = true;
	} else {
		crew_submit(scan->crew, &scan->job, item->fd, item->size, on_verdict, slot);
	}
}

static void
print_verdict(struct scan *scan, const struct slot *slot)
{
	g_autofree char *sha256 = slot->item.fd >= 0 ? io_sha256(slot->item.fd, NULL, NULL) : NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	const struct cmd_verdict item = { slot->item.name, sha256, slot->verdict, scan->no_mask,
		cmd_colour(stdout), NULL };
	guint flags = verdict_flag_count(slot->verdict);
	bool gap = cmd_verdict_has_gap(slot->verdict);

	scan->messages++;
	scan->flags += flags;
	scan->flagged += flags > 0;
	scan->gaps += gap;
	if (scan->globals->quiet && flags == 0 && !gap)
		return;
	if (scan->globals->json)
		cmd_verdict_json(out, &item);
	else
		cmd_verdict_text(out, &item);
	fwrite(out->str, 1, out->len, stdout);
}

static void
print_slot(struct scan *scan, const struct slot *slot)
{
	if (slot->item.error == NULL) {
		print_verdict(scan, slot);
		return;
	}
	g_autofree char *name = text_printable(slot->item.name, 0);
	g_autofree char *text = text_printable(slot->item.error->message, 0);
	progress_clear(scan->progress);
	fprintf(stderr, "flagpost scan: %s: %s\n", name, text);
	scan->unreadable++;
}

static void
print_done(struct scan *scan)
{
	struct slot *slot;

	while ((slot = g_queue_peek_head(&scan->slots)) != NULL && slot->done) {
		print_slot(scan, slot);
		slot_free(g_queue_pop_head(&scan->slots));
	}
}

/* A single mbox is one entry: then messages are counted and no share is drawn. */
static void
show_progress(struct scan *scan, const struct paths *paths, const char *name)
{
	guint64 seen, known;

	paths_progress(paths, &seen, &known);
	g_autofree char *label = g_path_get_basename(name);
	if (known > 1)
		progress_set(scan->progress, seen, known, label);
	else
		progress_set(scan->progress, scan->messages, 0, label);
}

static bool
scan_all(struct scan *scan, struct paths *paths, guint in_flight)
{
	struct path_item item;
	bool more = true;

	while (more || !g_queue_is_empty(&scan->slots)) {
		while (more && g_queue_get_length(&scan->slots) < in_flight &&
		       (more = paths_next(paths, &item))) {
			show_progress(scan, paths, item.name);
			submit(scan, &item);
		}
		print_done(scan);
		if (ferror(stdout) || crew_is_broken(scan->crew))
			return false;
		if (crew_waiting(scan->crew) > 0)
			g_main_context_iteration(NULL, TRUE);
	}
	return true;
}

static void
print_summary(const struct scan *scan, const struct config *config, const struct paths *paths)
{
	g_autofree char *messages = text_count(scan->messages);

	if (scan->globals->quiet)
		return;
	if (scan->messages == 0)
		fputs("no message was found", stderr);
	else
		fprintf(stderr,
		    "%s message%s: %" G_GUINT64_FORMAT " flagged, %" G_GUINT64_FORMAT
		    " flag%s, %" G_GUINT64_FORMAT " not wholly checked",
		    messages, scan->messages == 1 ? "" : "s", scan->flagged, scan->flags,
		    scan->flags == 1 ? "" : "s", scan->gaps);
	if (scan->unreadable > 0)
		fprintf(stderr, "; %" G_GUINT64_FORMAT " could not be read", scan->unreadable);
	if (paths_left_out(paths) > 0)
		fprintf(stderr,
		    "; %" G_GUINT64_FORMAT " left out in folders: no mail by name or beginning",
		    paths_left_out(paths));
	fputc('\n', stderr);
	if (config->own_domains[0] == NULL)
		fputs("own domains are not known, so directions are not either: --own-domains\n",
		    stderr);
}

static int
exit_code(const struct scan *scan)
{
	if (scan->flags > 0)
		return CMD_FOUND;
	return scan->gaps > 0 || scan->unreadable > 0 ? CMD_GAPS : CMD_OK;
}

static int
scan_with(struct scan *scan, const struct config *config, const struct sources *sources,
    const char *const *arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(crew) crew =
	    crew_new(sources, &config->limits, &config->reading, config->workers, &error);
	if (crew == NULL)
		return cmd_fail("scan", error);
	g_autoptr(match_context) context = match_context_new();
	g_autoptr(paths) paths = paths_new(arguments, config->limits.message, g_get_tmp_dir());
	bool streams = isatty(STDOUT_FILENO) == 1;
	g_autoptr(progress) progress = progress_new(stderr, scan->globals->quiet || streams);

	context->draft = scan->draft;
	scan->crew = crew;
	scan->job.context = context;
	scan->progress = progress;
	bool ok = scan_all(scan, paths, config->workers * CREW_IN_FLIGHT);
	progress_clear(progress);
	/* Slots still hold descriptors that the crew may use: the crew goes first. */
	bool broken = crew_is_broken(crew);
	g_clear_pointer(&crew, crew_free);
	g_queue_clear_full(&scan->slots, (GDestroyNotify)slot_free);
	if (broken) {
		fputs("flagpost scan: no scan worker starts (see above)\n", stderr);
		return FAULT_BUG;
	}
	if (ok)
		print_summary(scan, config, paths);
	return cmd_finish("scan", exit_code(scan));
}

static void
set_own_domains(struct config *config, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; words[i] != NULL; i++) {
		const char *word = g_strstrip(words[i]);
		if (word[0] != '\0')
			g_ptr_array_add(domains, g_utf8_strdown(word, -1));
	}
	g_ptr_array_add(domains, NULL);
	g_strfreev(config->own_domains);
	config->own_domains = (GStrv)g_ptr_array_steal(domains, NULL);
}

static int
scan_run(struct scan *scan, const char *const *arguments)
{
	if (scan->own_domains != NULL && !g_utf8_validate(scan->own_domains, -1, NULL))
		return cmd_usage_error("scan", NULL, "--own-domains is not UTF-8");
	g_autoptr(config) config = cmd_load_config_or_builtin(scan->globals);
	if (config == NULL)
		return FAULT_CONFIG;
	if (scan->own_domains != NULL)
		set_own_domains(config, scan->own_domains);
	if (scan->packs != NULL)
		config_set_packs(config, scan->packs);
	struct cmd_rules rules;
	if (!cmd_load_rules(scan->globals, config, scan->rules_dir, &rules))
		return FAULT_CONFIG;
	prefilters_give(rules.sources, rules.ruleset, config, PREFILTERS_MAKE);
	int code = scan_with(scan, config, rules.sources, arguments);
	cmd_rules_clear(&rules);
	return code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "scan", help, 1, -1, true };
	struct scan scan = { .globals = globals, .slots = G_QUEUE_INIT };
	const GOptionEntry entries[] = {
		{ "rules", 0, 0, G_OPTION_ARG_FILENAME, &scan.rules_dir, NULL, NULL },
		{ "own-domains", 0, 0, G_OPTION_ARG_FILENAME, &scan.own_domains, NULL, NULL },
		{ "with-packs", 0, 0, G_OPTION_ARG_STRING, &scan.packs, NULL, NULL },
		{ "no-mask", 0, 0, G_OPTION_ARG_NONE, &scan.no_mask, NULL, NULL },
		{ "draft", 0, 0, G_OPTION_ARG_NONE, &scan.draft, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = scan_run(&scan, (const char *const *)argv + 1);
	g_free(scan.rules_dir);
	g_free(scan.own_domains);
	g_free(scan.packs);
	return code;
}

const struct cmd cmd_scan = { "scan", "rules over files; stores nothing", run };
