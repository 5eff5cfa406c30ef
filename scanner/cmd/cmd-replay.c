/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay: other rules over kept mail, before they go live. Copies are read through the view, as by
 * whoever may open them, and judged by sandboxed workers; nothing is written but the ledger.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "daemon/crew.h"
#include "daemon/prefilters.h"
#include "store/view-rules.h"

#define PAGE 500 /* messages read from the database at once */
#define DAYS "30d"

/* Facts that only the database knew when the message came. */
#define LATER_FACTS                                                                                \
	(FACT_REUSED_MESSAGE_ID | FACT_DEAD_DROP | FACT_OUTSIDER_JOINED | FACT_AFTER_ENCRYPTED)

static const char help[] =
    "Examples:\n"
    "  flagpost replay                            the rules as they are now, over 30 days\n"
    "  flagpost replay --rules new/ --since 7d    other rules, over a week\n"
    "  flagpost replay --list                     each flag that is new or lost\n"
    "  flagpost replay --json | jq 'select(.change == \"new\")'\n"
    "\n"
    "Usage: flagpost replay [OPTION...]\n"
    "\n"
    "Scans copies that were kept once more, and says for each rule how many of the recorded flags\n"
    "stay (same), go (lost) or come (new), and what that does to what people have decided: of the\n"
    "lost ones, how many were confirmed (escalated, resolved) and how many false positives; and "
    "how\n"
    "many false positives stay. Writes no flag. What of a message only the database knew - "
    "whether\n"
    "its Message-ID was used before, who joined a thread - is as it was recorded; no address "
    "counts\n"
    "as seen for the first time. Exceptions are judged by today.\n"
    "\n"
    "  --rules DIR          the rules of this folder alone, in place of those of the "
    "configuration\n"
    "  --with-packs A,B     load these packs, or all, in place of [general] packs\n"
    "  --since D            first seen since D: 2026-10-01, 7d; without it 30d\n"
    "  --list               each new and lost flag, with its message\n"
    "  --json               one JSON object a change, one a rule, and one with the sums\n"
    "  --reason T           why, for the ledger, where [roles] demands it\n"
    "\n"
    "Exit codes: 0 done, 2 some copy could not be read or scanned, 64 usage, 77 permission, 78\n"
    "configuration or rules.\n";

struct change {
	guint64 added, lost, same;
	guint64 lost_confirmed, lost_wrong; /* of the lost, by what people decided */
	guint64 same_wrong, same_confirmed;
};

struct item {
	struct replay *replay;
	struct view_kept *kept; /* borrowed from the page */
	int fd;
};

struct replay {
	const struct cmd_globals *globals;
	char *rules_dir, *packs, *since, *reason; /* options */
	gboolean list;
	struct config *config;
	struct cmd_rules rules;
	struct view *view;
	struct crew *crew;
	struct progress *progress;
	GHashTable *changes; /* char * rule -> struct change */
	gint64 from;
	guint64 total, done;
	guint64 replayed, no_copy, unread, partial, changed;
	char *first_trouble;
};

static struct change *
change_of(struct replay *replay, const char *rule)
{
	struct change *change = g_hash_table_lookup(replay->changes, rule);

	if (change == NULL) {
		change = g_new0(struct change, 1);
		g_hash_table_insert(replay->changes, g_strdup(rule), change);
	}
	return change;
}

static bool
is_confirmed(enum review_state state)
{
	return state == REVIEW_ESCALATED || state == REVIEW_RESOLVED;
}

/* --- one message --- */

static void
tell(struct replay *replay, const struct view_kept *kept, const char *rule, const char *what,
    const char *state)
{
	if (!replay->globals->json && !replay->list)
		return;
	progress_clear(replay->progress);
	if (!replay->globals->json) {
		printf("%-4s  %.16s  %-14s  ", what, kept->sha256, state);
		cmd_put(stdout, rule, 0);
		putchar('\n');
		return;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "change", what);
	json_put(&json, "rule", rule);
	json_put(&json, "sha256", kept->sha256);
	json_put(&json, "state", state);
	json_end(&json);
	puts(out->str);
}

static bool
flags_it(const struct verdict *verdict, const char *rule)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = verdict->flags->pdata[i];
		if (flag->exception[0] == '\0' && strcmp(flag->rule, rule) == 0)
			return true;
	}
	return false;
}

static const struct view_verdict_of *
flagged_it(const struct view_kept *kept, const char *rule)
{
	for (guint i = 0; i < kept->flags->len; i++) {
		const struct view_verdict_of *flag = kept->flags->pdata[i];
		if (!flag->excepted && strcmp(flag->rule, rule) == 0)
			return flag;
	}
	return NULL;
}

static void
compare(struct replay *replay, const struct view_kept *kept, const struct verdict *verdict)
{
	bool differs = false;

	for (guint i = 0; i < kept->flags->len; i++) {
		const struct view_verdict_of *old = kept->flags->pdata[i];
		struct change *change = change_of(replay, old->rule);
		bool stays = flags_it(verdict, old->rule);
		bool wrong = old->state == REVIEW_FALSE_POSITIVE;
		if (old->excepted)
			continue;
		change->same += stays;
		change->lost += !stays;
		change->same_wrong += stays && wrong;
		change->lost_wrong += !stays && wrong;
		change->same_confirmed += stays && is_confirmed(old->state);
		change->lost_confirmed += !stays && is_confirmed(old->state);
		if (!stays)
			tell(replay, kept, old->rule, "lost", review_state_words[old->state]);
		differs = differs || !stays;
	}
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = verdict->flags->pdata[i];
		if (flag->exception[0] != '\0' || flagged_it(kept, flag->rule) != NULL)
			continue;
		change_of(replay, flag->rule)->added++;
		tell(replay, kept, flag->rule, "new", "");
		differs = true;
	}
	replay->changed += differs;
}

static void
trouble(struct replay *replay, const struct view_kept *kept, const char *text)
{
	replay->unread++;
	if (replay->first_trouble == NULL)
		replay->first_trouble = g_strdup_printf("%.16s: %s", kept->sha256, text);
}

static void
on_verdict(struct verdict *verdict, void *data)
{
	struct item *item = data;
	struct replay *replay = item->replay;

	if (verdict->outcome == OUTCOME_UNSCANNABLE) {
		trouble(replay, item->kept, verdict->reason);
	} else {
		replay->replayed++;
		replay->partial += verdict->outcome == OUTCOME_PARTIAL;
		compare(replay, item->kept, verdict);
	}
	replay->done++;
	progress_set(replay->progress, replay->done, replay->total, "messages");
	io_close(&item->fd);
	verdict_free(verdict);
	g_free(item);
}

static const char *
group_of(const struct replay *replay, const char *account)
{
	const struct account *row = config_account(replay->config, account);

	return row != NULL ? row->group : "";
}

/* --- all of them --- */

static void
submit(struct replay *replay, struct view_kept *kept)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = view_copy(replay->view, kept->id, &error);
	int fd = -1;

	if (bytes == NULL || !cmd_spool(bytes, &fd, &error)) {
		trouble(replay, kept, error->message);
		replay->done++;
		return;
	}
	struct match_context context = { .account = kept->account,
		.group = (char *)group_of(replay, kept->account),
		.folder = kept->folder,
		.draft = kept->draft,
		.now = clock_now(),
		.facts = kept->facts & LATER_FACTS };
	const struct crew_job job = { .context = &context };
	struct item *item = g_new0(struct item, 1);
	item->replay = replay;
	item->kept = kept;
	item->fd = fd;
	crew_submit(replay->crew, &job, fd, g_bytes_get_size(bytes), on_verdict, item);
}

/* Until at most so many are under way. False when no worker starts any more. */
static bool
await(struct replay *replay, guint left)
{
	while (crew_waiting(replay->crew) > left) {
		if (crew_is_broken(replay->crew))
			return false;
		g_main_context_iteration(NULL, TRUE);
	}
	return true;
}

static bool
replay_page(struct replay *replay, const GPtrArray *page, GError **error)
{
	guint in_flight = replay->config->replay_workers * CREW_IN_FLIGHT;
	bool working = true;

	for (guint i = 0; i < page->len && working; i++) {
		struct view_kept *kept = page->pdata[i];
		if (!kept->has_copy) {
			replay->no_copy++;
			replay->done++;
			continue;
		}
		submit(replay, kept);
		working = await(replay, in_flight);
	}
	/* The page goes away behind this. */
	working = working && await(replay, 0);
	if (!working)
		g_set_error(error, FAULT, FAULT_BUG, "no scan worker starts (see above)");
	return working;
}

static bool
replay_all(struct replay *replay, GError **error)
{
	gint64 after = 0;

	for (;;) {
		g_autoptr(GPtrArray) page =
		    view_kept(replay->view, replay->from, after, PAGE, error);
		if (page == NULL)
			return false;
		if (page->len == 0)
			return true;
		const struct view_kept *last = page->pdata[page->len - 1];
		after = last->id;
		if (!replay_page(replay, page, error))
			return false;
	}
}

/* --- what came of it --- */

static void
print_rule_json(const char *rule, const struct change *change)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "rule", rule);
	json_put_int(&json, "new", (gint64)change->added);
	json_put_int(&json, "lost", (gint64)change->lost);
	json_put_int(&json, "same", (gint64)change->same);
	json_put_int(&json, "lost_confirmed", (gint64)change->lost_confirmed);
	json_put_int(&json, "lost_false_positive", (gint64)change->lost_wrong);
	json_put_int(&json, "same_confirmed", (gint64)change->same_confirmed);
	json_put_int(&json, "same_false_positive", (gint64)change->same_wrong);
	json_end(&json);
	puts(out->str);
}

static void
print_rules(const struct replay *replay)
{
	static const char *const heads[] = { "RULE", ">NEW", ">LOST", ">SAME", ">LOST, CONFIRMED",
		">LOST, FALSE", ">SAME, FALSE", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	GList *rules = g_list_sort(g_hash_table_get_keys(replay->changes), (GCompareFunc)strcmp);

	for (GList *at = rules; at != NULL; at = at->next) {
		const struct change *change = g_hash_table_lookup(replay->changes, at->data);
		const guint64 cells[] = { change->added, change->lost, change->same,
			change->lost_confirmed, change->lost_wrong, change->same_wrong };
		if (replay->globals->json) {
			print_rule_json(at->data, change);
			continue;
		}
		table_add(table, "%s", (const char *)at->data);
		for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
			table_add(table, "%" G_GUINT64_FORMAT, cells[i]);
	}
	if (!replay->globals->json && rules != NULL) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	g_list_free(rules);
}

static void
print_sums(const struct replay *replay)
{
	g_autofree char *since = clock_local(replay->from, replay->config->zone);

	if (replay->globals->json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "messages", (gint64)replay->total);
		json_put_int(&json, "replayed", (gint64)replay->replayed);
		json_put_int(&json, "changed", (gint64)replay->changed);
		json_put_int(&json, "partial", (gint64)replay->partial);
		json_put_int(&json, "no_copy", (gint64)replay->no_copy);
		json_put_int(&json, "unread", (gint64)replay->unread);
		json_put(&json, "ruleset", ruleset_digest(replay->rules.ruleset));
		json_end(&json);
		puts(out->str);
		return;
	}
	if (replay->globals->quiet)
		return;
	printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
	       " messages since %s replayed, %" G_GUINT64_FORMAT " would be flagged otherwise\n",
	    replay->replayed, replay->total, since, replay->changed);
	if (replay->no_copy > 0)
		printf("%" G_GUINT64_FORMAT " have no copy here, so nobody knows what these rules "
		       "would make of them\n",
		    replay->no_copy);
}

static int
finish(const struct replay *replay)
{
	print_rules(replay);
	print_sums(replay);
	if (replay->unread == 0)
		return CMD_OK;
	g_autofree char *safe = text_printable(replay->first_trouble, 0);
	fprintf(stderr,
	    "flagpost replay: %" G_GUINT64_FORMAT " copies could not be read or scanned; the "
	    "first: %s\n",
	    replay->unread, safe);
	return CMD_GAPS;
}

static int
replay_with_view(struct replay *replay)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *since = clock_iso(replay->from);
	g_autofree char *object = g_strdup_printf("kept mail since %s with rules %.16s%s%s", since,
	    ruleset_digest(replay->rules.ruleset), replay->reason != NULL ? ": " : "",
	    replay->reason != NULL ? replay->reason : "");

	if (!view_note_access(replay->view, "replay", object, &error) ||
	    !view_kept_count(replay->view, replay->from, &replay->total, &error))
		return cmd_fail("replay", error);
	replay->crew = crew_new(replay->rules.sources, &replay->config->limits,
	    &replay->config->reading, replay->config->replay_workers, &error);
	if (replay->crew == NULL)
		return cmd_fail("replay", error);
	replay->progress = progress_new(stderr, replay->globals->quiet);
	bool done = replay_all(replay, &error);
	progress_clear(replay->progress);
	return done ? finish(replay) : cmd_fail("replay", error);
}

static int
replay_run(struct replay *replay)
{
	int code = FAULT_CONFIG;

	replay->config = cmd_load_config(replay->globals);
	if (replay->config == NULL)
		return FAULT_CONFIG;
	if (!cmd_moment("replay", "--since", replay->since != NULL ? replay->since : DAYS,
		replay->config->zone, &replay->from))
		return FAULT_USAGE;
	if (!cmd_may_open(
		"replay", replay->config, replay->reason, "why these mails are opened", &code))
		return code;
	if (replay->packs != NULL)
		config_set_packs(replay->config, replay->packs);
	if (!cmd_load_rules(replay->globals, replay->config, replay->rules_dir, &replay->rules))
		return FAULT_CONFIG;
	replay->view = cmd_open_view("replay", replay->config, &code);
	if (replay->view == NULL)
		return code;
	prefilters_give(
	    replay->rules.sources, replay->rules.ruleset, replay->config, PREFILTERS_MAKE);
	return cmd_finish("replay", replay_with_view(replay));
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "replay", help, 0, 0, true };
	struct replay replay = { .globals = globals };
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &replay.rules_dir,
					     NULL, NULL },
		{ "with-packs", 0, 0, G_OPTION_ARG_STRING, &replay.packs, NULL, NULL },
		{ "since", 0, 0, G_OPTION_ARG_STRING, &replay.since, NULL, NULL },
		{ "list", 0, 0, G_OPTION_ARG_NONE, &replay.list, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &replay.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	replay.changes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = replay_run(&replay);
	crew_free(replay.crew);
	progress_free(replay.progress);
	view_close(replay.view);
	cmd_rules_clear(&replay.rules);
	config_free(replay.config);
	g_hash_table_unref(replay.changes);
	g_free(replay.first_trouble);
	g_free(replay.rules_dir);
	g_free(replay.packs);
	g_free(replay.since);
	g_free(replay.reason);
	return code;
}

const struct cmd cmd_replay = { "replay",
	"other rules over kept mail: what would change; writes no flag", run };
