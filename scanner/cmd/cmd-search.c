/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search: messages that were recorded, by who, what, when, where and which rule.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/filters.h"
#include "cmd/table.h"
#include "reports/quote.h"

#define LIMIT_DEFAULT 100
#define ID_DIGITS     12 /* of the digest: enough for `show`, short enough for a line */

static const char help[] =
    "Examples:\n"
    "  flagpost search 'from:anna to:@rival.example after:\"May 30\" \"bluefin ledger\"'\n"
    "  flagpost search has:attachment filename:*.xlsx rule:competitor-* state:new\n"
    "  flagpost search '(tender OR bid) -from:legal' on:2026-05 --sort rank\n"
    "  flagpost search '*ledge*' --count            a part of a word\n"
    "\n"
    "Usage: flagpost search [OPTION...] WORD...\n"
    "\n"
    "All words must be found: in subject, text, attachments, file names or people. \"two words\"\n"
    "stand side by side; a OR b, -a and ( ) work; proj* begins so, *ledge* has it within.\n"
    "What joins or turns nothing is passed over and told; without words all messages are listed.\n"
    "\n"
    "  from: to:             any part of a name or address; @rival.example: that domain\n"
    "  delivered:            the real recipient, as the server noted it (to: has it as well)\n"
    "  subject: body: filename:   there alone; filename:*.xlsx is the whole name\n"
    "  after: before: until: on:  by the Date header: 2026-05-30, 30.5.2026, May 30, 2026-05,\n"
    "                        yesterday, 7d\n"
    "  rule: account: folder:     a name, or several by *\n"
    "  has:                  attachment, copy, gone (deleted from an account), flag, or a fact\n"
    "                        such as macro, encrypted-attachment, hidden-text\n"
    "  state: direction: outcome:   new, outbound, partial, ...\n"
    "\n"
    "  --limit N     at most N messages, 0 for all; default 100\n"
    "  --page N      the Nth N messages; default 1\n"
    "  --count       only how many there are; \"at least N\" where counting them all takes long\n"
    "  --count=exact how many, however long that takes\n"
    "  --sort WHAT   date (newest first, the default), rank (what matches best among the newest\n"
    "                thousand that do) or exact-rank (among all, however long that takes)\n"
    "  --json        one JSON object a message\n"
    "\n"
    "What a flag matched in a subject is masked here, as in reports; show has it in clear.\n"
    "Text of bodies and attachments is found of messages whose copy is kept. The ID in the first\n"
    "column goes to `flagpost show`.\n"
    "\n"
    "Exit codes: 0 done, also when nothing is found; 64 usage; 75 it takes too long; 78\n"
    "configuration.\n";

/* What a flag matched is masked in lists; whoever opens the message sees it. */
static bool
mask_subjects(struct view *view, const GPtrArray *messages, int mask, GError **error)
{
	for (guint i = 0; i < messages->len; i++) {
		struct view_message *message = g_ptr_array_index(messages, i);
		if (message->flags == 0)
			continue;
		g_autoptr(GPtrArray) matches = view_matches(view, message->id, 1, error);
		if (matches == NULL)
			return false;
		char *masked = quote_among(matches, message->subject, mask);
		g_free(message->subject);
		message->subject = masked;
	}
	return true;
}

/* exact: what is by rank is so among all that match; NULL: it is not by rank. */
static void
print_json(const GPtrArray *messages, const bool *exact)
{
	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *date =
		    message->date != MESSAGE_NO_DATE ? clock_iso(message->date) : NULL;
		g_autofree char *seen = clock_iso(message->seen);
		g_autofree char *purged = message->purged != 0 ? clock_iso(message->purged) : NULL;
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "sha256", message->sha256);
		json_put(&json, "message_id", message->message_id);
		json_put(&json, "date", date);
		json_put(&json, "seen", seen);
		json_put(&json, "from", message->from);
		json_put_strings(&json, "to", (const char *const *)message->to);
		json_put(&json, "subject", message->subject);
		json_put(&json, "direction", direction_words[message->direction]);
		json_put(&json, "outcome", outcome_words[message->outcome]);
		json_put_int(&json, "flags", message->flags);
		json_put_int(&json, "size", (gint64)message->size);
		json_put_bool(&json, "copy", message->has_copy);
		json_put(&json, "purged", purged);
		if (exact != NULL)
			json_put_bool(&json, "exact", *exact);
		json_end(&json);
		puts(out->str);
	}
}

static void
print_table(const GPtrArray *messages, GTimeZone *zone)
{
	static const char *const heads[] = { "ID", "DATE", ">FLAGS", "FROM", "TO", "SUBJECT",
		NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		gint64 date = message->date != MESSAGE_NO_DATE ? message->date : message->seen;
		g_autofree char *local = clock_local(date, zone);
		guint others = g_strv_length(message->to);
		table_add(table, "%.*s", ID_DIGITS, message->sha256);
		table_add(table, "%s%s", local, message->date == MESSAGE_NO_DATE ? " seen" : "");
		table_add(table, "%u", message->flags);
		table_add(table, "%s", message->from);
		if (others > 1)
			table_add(table, "%s +%u", message->to[0], others - 1);
		else
			table_add(table, "%s", others == 1 ? message->to[0] : "");
		table_add(table, "%s", message->purged != 0 ? "(purged)" : message->subject);
	}
	table_print(table, out);
	fputs(out->str, stdout);
}

/* The ledger names what was asked, since that tells what the person saw. */
static char *
describe(char *const *words)
{
	g_autofree char *text = g_strjoinv(" ", (char **)words);

	return g_utf8_make_valid(text, -1);
}

struct options {
	gint limit, page;
	gboolean count;
	bool exact;
	char *sort; /* NULL: by date */
	enum view_rank rank;
};

static int
print_count(const struct cmd_globals *globals, struct view *view, const struct view_query *query,
    bool exact)
{
	g_autoptr(GError) error = NULL;
	guint64 count;
	bool whole;

	if (!view_count_within(
		view, query, exact ? VIEW_COUNT_ALL : SEARCH_COUNT_US, &count, &whole, &error))
		return cmd_fail("search", error);
	if (globals->json)
		printf("{\"count\":%" G_GUINT64_FORMAT ",\"exact\":%s}\n", count,
		    whole ? "true" : "false");
	else
		printf("%s%" G_GUINT64_FORMAT "\n", whole ? "" : "at least ", count);
	if (!whole && !globals->quiet)
		fputs("there may be more: --count=exact counts them all\n", stderr);
	return CMD_OK;
}

/* One row more than a page tells whether there is another. */
static int
print_page(const struct cmd_globals *globals, const struct config *config, struct view *view,
    struct view_query *query)
{
	g_autoptr(GError) error = NULL;
	guint limit = query->limit, ranked;

	query->ranked = &ranked;
	query->limit = limit > 0 ? limit + 1 : 0;
	g_autoptr(GPtrArray) messages = view_search(view, query, &error);
	if (messages == NULL)
		return cmd_fail("search", error);
	bool more = limit > 0 && messages->len > limit;
	if (more)
		g_ptr_array_set_size(messages, (gint)limit);
	if (!mask_subjects(view, messages, (int)config_daily(config)->masked, &error))
		return cmd_fail("search", error);
	bool exact = ranked == 0;
	if (globals->json)
		print_json(messages, query->rank != VIEW_RANK_NONE ? &exact : NULL);
	else if (messages->len > 0)
		print_table(messages, config->zone);
	if (messages->len == 0 && !globals->quiet)
		fputs("nothing found\n", stderr);
	if (!exact && !globals->quiet)
		fprintf(stderr,
		    "by rank among the newest %u messages that match: --sort exact-rank ranks"
		    " them all\n",
		    ranked);
	if (more && !globals->quiet)
		fprintf(stderr, "there are more: --page %u, or --limit 0 for all\n",
		    query->offset / limit + 2);
	return CMD_OK;
}

static int
search(const struct cmd_globals *globals, char *const *words, const struct options *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config) config = cmd_load_config(globals);
	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(filters) filters = filters_new((const char *const *)words, config->zone, &error);
	if (filters == NULL)
		return cmd_usage_error(
		    "search", "see: flagpost search --help", "%s", error->message);
	int code = CMD_OK;
	g_autoptr(view) view = cmd_open_view("search", config, &code);
	if (view == NULL)
		return code;
	g_autofree char *object = describe(words);
	if (!view_note_access(view, "search", object, &error))
		return cmd_fail("search", error);
	struct view_query query = { .search = filters->search,
		.rank = options->rank,
		.limit = (guint)options->limit,
		.offset = (guint)options->limit * (guint)(options->page - 1),
		.notes = filters->notes };
	code = options->count ? print_count(globals, view, &query, options->exact)
			      : print_page(globals, config, view, &query);
	filters_tell(filters, "search");
	return cmd_finish("search", code);
}

static bool
parse_sort(struct options *options)
{
	static const char *const names[] = { [VIEW_RANK_NONE] = "date",
		[VIEW_RANK_NEWEST] = "rank",
		[VIEW_RANK_ALL] = "exact-rank" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		options->rank = (enum view_rank)i;
		if (options->sort == NULL || g_str_equal(options->sort, names[i]))
			return true;
	}
	return false;
}

static int
run_options(const struct cmd_globals *globals, char *const *words, struct options *options)
{
	if (options->limit < 0)
		return cmd_usage_error("search", NULL, "--limit %d is below 0", options->limit);
	if (options->page < 1 || options->page > 1000000)
		return cmd_usage_error("search", NULL, "--page %d: the first is 1", options->page);
	if (options->limit > 100000 || (options->limit == 0 && options->page > 1))
		return cmd_usage_error(
		    "search", NULL, "--limit: at most 100000 a page, or 0 for one page of all");
	if (!parse_sort(options))
		return cmd_usage_error(
		    "search", NULL, "--sort %s: date, rank or exact-rank", options->sort);
	return search(globals, words, options);
}

/* GLib knows no option that may have a value, or none. */
static bool
take_exact(int argc, char **argv)
{
	bool exact = false;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--count=exact") != 0)
			continue;
		argv[i] = (char *)"--count";
		exact = true;
	}
	return exact;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "search", help, 0, -1, true };
	struct options options = { .limit = LIMIT_DEFAULT, .page = 1 };
	const GOptionEntry entries[] = { { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, NULL,
					     NULL },
		{ "page", 0, 0, G_OPTION_ARG_INT, &options.page, NULL, NULL },
		{ "count", 0, 0, G_OPTION_ARG_NONE, &options.count, NULL, NULL },
		{ "sort", 0, 0, G_OPTION_ARG_STRING, &options.sort, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	options.exact = take_exact(argc, argv);
	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = run_options(globals, argv + 1, &options);
	g_free(options.sort);
	return code;
}

const struct cmd cmd_search = { "search", "recorded messages, by who, what, when and rule", run };
