/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * review: what people decide about flags, one by one on a terminal, by name, or in bulk.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/exception.h"
#include "cmd/filters.h"
#include "cmd/review-sample.h"
#include "cmd/review-screen.h"
#include "cmd/table.h"
#include "store/consent.h"

#define LIST_MAX 1000 /* open flags that --list shows; --json shows all */

static const char help[] =
    "Examples:\n"
    "  flagpost review                                    step through the open flags\n"
    "  flagpost review --list                             the open flags as a table\n"
    "  flagpost review flag-17 I-4 --as resolved --note 'asked, all in order'\n"
    "  flagpost review --query 'rule:freemail-* to:anna@home.example' --as false-positive\n"
    "  flagpost review flag-17                            what was decided, and by whom\n"
    "  flagpost review --sample                           step through mail without a flag that\n"
    "                                                     was drawn by chance ([review] sample)\n"
    "  flagpost review --sample 3f9a01bc --as missed --rule codename\n"
    "\n"
    "Usage: flagpost review [FLAG...] [OPTION...]\n"
    "\n"
    "FLAG is flag-17 or 17, as the report names it, or I-4 for all flags of an incident.\n"
    "\n"
    "  --as STATE     new, in-review, escalated, false-positive or resolved\n"
    "  --note TEXT    a note; former ones stay in the history\n"
    "  --assign WHO   the person who is to look at it; '' for nobody\n"
    "  --query Q      all flags of the messages that `flagpost search Q` finds\n"
    "  --dry-run      say what would change, and change nothing\n"
    "  --list         the open flags; with --sample all that was drawn\n"
    "  --sample       the random sample: messages are named by their SHA-256 and --as is\n"
    "                 nothing-to-see, missed, or open to take it back\n"
    "  --rule R       of a sample: the rule that should have had it\n"
    "  --reveal       excerpts in clear, on the terminal: for officers, with a reason\n"
    "  --reason T     why; it stands in the ledger\n"
    "  --json         one JSON object a flag\n"
    "\n"
    "A verdict holds for the same mail wherever it is found again (rule, author, recipients and\n"
    "contents are the same), now and later. Every change is written to the ledger. After\n"
    "false-positive the exception that would let such mail pass is printed, with its test.\n"
    "\n"
    "Exit codes: 0 done, 64 usage, 74 I/O, 75 the store is in use, 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *as, *note, *assign, *query, *reason, *rule;
	gboolean dry, list, reveal, sample;
	char *const *names;
	struct review_order order;
};

/* --- printing --- */

static void
print_flag_json(const struct view_flag *row)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *seen = clock_iso(row->seen);
	g_autofree char *reviewed = row->reviewed != 0 ? clock_iso(row->reviewed) : NULL;
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put_int(&json, "flag", row->id);
	json_put_int(&json, "incident", row->incident);
	json_put(&json, "fingerprint", row->fingerprint);
	json_put(&json, "state", review_state_words[row->state]);
	json_put(&json, "severity", severity_words[row->flag->severity]);
	json_put(&json, "rule", row->flag->rule);
	json_put(&json, "seen", seen);
	json_put(&json, "sha256", row->message->sha256);
	json_put(&json, "from", row->message->from);
	json_put_strings(&json, "to", (const char *const *)row->message->to);
	json_put(&json, "assignee", row->assignee);
	json_put(&json, "note", row->note);
	json_put(&json, "reviewer", row->reviewer);
	json_put(&json, "reviewed", reviewed);
	json_end(&json);
	puts(out->str);
}

static void
add_row(struct table *table, const struct view_flag *row, GTimeZone *zone)
{
	g_autofree char *seen = clock_local(row->seen, zone);
	guint to = g_strv_length(row->message->to);

	table_add(table, "flag-%" G_GINT64_FORMAT, row->id);
	table_add(table, "I-%" G_GINT64_FORMAT, row->incident);
	table_add(table, "%s", severity_words[row->flag->severity]);
	table_add(table, "%s", review_state_words[row->state]);
	table_add(table, "%s", seen);
	table_add(table, "%s", row->flag->rule);
	table_add(table, "%s", row->message->from);
	if (to > 1)
		table_add(table, "%s +%u", row->message->to[0], to - 1);
	else
		table_add(table, "%s", to == 1 ? row->message->to[0] : "");
	table_add(table, "%s", row->assignee);
}

/* Flags as rows or as objects. */
static int
print_flags(const struct request *request, const struct config *config, struct view *view,
    const GArray *flags)
{
	static const char *const heads[] = { "FLAG", "INCIDENT", "SEVERITY", "STATE", "SEEN",
		"RULE", "FROM", "TO", "ASSIGNED", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	guint most = request->globals->json ? flags->len : MIN(flags->len, LIST_MAX);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < most; i++) {
		g_autoptr(view_flag) row =
		    view_flag_one(view, g_array_index(flags, gint64, i), &error);
		if (row == NULL)
			return cmd_fail("review", error);
		if (request->globals->json)
			print_flag_json(row);
		else
			add_row(table, row, config->zone);
	}
	if (!request->globals->json && flags->len > 0) {
		table_print(table, out);
		fputs(out->str, stdout);
	}
	if (flags->len == 0 && !request->globals->quiet)
		fputs("no flag\n", stderr);
	if (most < flags->len)
		fprintf(stderr, "the first %u of %u; --json shows all\n", most, flags->len);
	return CMD_OK;
}

static int
print_history(const struct config *config, struct view *view, const GArray *flags)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < flags->len; i++) {
		g_autoptr(view_flag) row =
		    view_flag_one(view, g_array_index(flags, gint64, i), &error);
		g_autoptr(GPtrArray) changes =
		    row != NULL ? review_history(view, row->fingerprint, &error) : NULL;
		if (changes == NULL)
			return cmd_fail("review", error);
		for (guint j = 0; j < changes->len; j++) {
			const struct review_change *change = g_ptr_array_index(changes, j);
			g_autofree char *seen = clock_local(change->seen, config->zone);
			printf("%s  %s  %s to %s", seen, change->who,
			    review_state_words[change->was], review_state_words[change->state]);
			if (change->assignee[0] != '\0') {
				fputs(", for ", stdout);
				cmd_put(stdout, change->assignee, 100);
			}
			if (change->note[0] != '\0') {
				fputs(": ", stdout);
				cmd_put(stdout, change->note, 0);
			}
			putchar('\n');
		}
	}
	return CMD_OK;
}

/* --- orders --- */

static void
print_changes(const GPtrArray *changes, bool dry)
{
	for (guint i = 0; i < changes->len; i++) {
		const struct review_change *change = g_ptr_array_index(changes, i);
		printf("flag-%" G_GINT64_FORMAT " %s: %s to %s%s\n", change->flag, change->rule,
		    review_state_words[change->was], review_state_words[change->state],
		    dry ? " (not done)" : "");
	}
}

/* For the first of each rule: more of the same would be read by nobody. */
static int
offer_exceptions(struct view *view, const GPtrArray *changes)
{
	g_autoptr(GHashTable) rules = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *person = cmd_person();
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < changes->len; i++) {
		const struct review_change *change = g_ptr_array_index(changes, i);
		if (change->state != REVIEW_FALSE_POSITIVE ||
		    !g_hash_table_add(rules, change->rule))
			continue;
		g_autoptr(view_flag) row = view_flag_one(view, change->flag, &error);
		if (row == NULL)
			return cmd_fail("review", error);
		g_autofree char *text = exception_text(row, person, clock_now());
		printf("\n%s", text);
	}
	return CMD_OK;
}

static int
carry_out(const struct request *request, struct view *view, const GArray *flags)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) changes = request->dry
					   ? review_plan(view, flags, &request->order, &error)
					   : review_set(view, flags, &request->order, &error);

	if (changes == NULL)
		return cmd_fail("review", error);
	print_changes(changes, request->dry);
	if (!request->globals->quiet)
		fprintf(stderr, "%u of %u flags %s\n", changes->len, flags->len,
		    request->dry ? "would change" : "changed");
	return request->globals->quiet ? CMD_OK : offer_exceptions(view, changes);
}

/* --- which flags --- */

static int
find_by_query(
    const struct request *request, const struct config *config, struct view *view, GArray *flags)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(filters) filters = filters_of_query(request->query, config->zone, &error);

	if (filters == NULL)
		return cmd_usage_error(
		    "review", "see: flagpost search --help", "--query: %s", error->message);
	filters->query.flagged = true;
	bool found = view_note_access(view, "search", request->query, &error) &&
		     review_query(view, &filters->query, flags, &error);
	filters_tell(filters, "review");
	return found ? CMD_OK : cmd_fail("review", error);
}

static int
find_flags(
    const struct request *request, const struct config *config, struct view *view, GArray *flags)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; request->names[i] != NULL; i++) {
		if (!review_find(view, request->names[i], flags, &error))
			return cmd_fail("review", error);
	}
	if (request->query != NULL)
		return find_by_query(request, config, view, flags);
	if (request->list && !review_open_flags(view, 0, flags, &error))
		return cmd_fail("review", error);
	return CMD_OK;
}

static bool
is_order(const struct request *request)
{
	return request->as != NULL || request->note != NULL || request->assign != NULL;
}

static int
on_terminal(const struct request *request, const struct config *config, struct view *view)
{
	g_autofree char *person = cmd_person();
	const struct screen_options options = {
		.zone = config->zone,
		.person = person,
		.clear = request->reveal,
		.colour = cmd_colour(stdout),
	};
	g_autoptr(GError) error = NULL;

	return review_screen(view, &options, &error) ? CMD_OK : cmd_fail("review", error);
}

/* A second officer agrees to messages, not to all that is open. */
static bool
may_reveal(const struct request *request, struct view *view, int *code)
{
	g_autoptr(GError) error = NULL;

	if (!cmd_may_reveal("review", view, request->reason, code))
		return false;
	if (consent_is_demanded(view)) {
		g_set_error(&error, FAULT, FAULT_DENIED,
		    "[roles] four_eyes: --reveal is for single messages, see: flagpost show");
		*code = cmd_fail("review", error);
		return false;
	}
	g_autofree char *object = g_strconcat("excerpts in clear: ", request->reason, NULL);
	if (view_note_access(view, "review-look", object, &error))
		return true;
	*code = cmd_fail("review", error);
	return false;
}

/* What is assigned to nobody who is known is looked at by nobody. */
static int
check_assignee(const struct request *request, const struct config *config)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	if (request->assign == NULL || request->assign[0] == '\0' ||
	    config_person(config, request->assign) != NULL)
		return CMD_OK;
	for (guint i = 0; i < config->persons->len; i++) {
		const struct config_person *person = g_ptr_array_index(config->persons, i);
		g_ptr_array_add(names, person->name);
	}
	g_ptr_array_add(names, NULL);
	const char *near = problem_did_you_mean(request->assign, (const char *const *)names->pdata);
	g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean %s?", near)
					     : g_strdup("persons are the sections [person.NAME]");
	return cmd_usage_error(
	    "review", hint, "--assign: there is no person '%s'", request->assign);
}

static struct review_sample
sample_of(const struct request *request)
{
	return (struct review_sample){
		.globals = request->globals,
		.as = request->as,
		.note = request->note,
		.rule = request->rule,
		.reason = request->reason,
		.list = request->list,
		.reveal = request->reveal,
		.names = request->names,
	};
}

static int
review(const struct request *request)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config) config = cmd_load_config(request->globals);
	if (config == NULL)
		return FAULT_CONFIG;
	int code = check_assignee(request, config);
	if (code != CMD_OK)
		return code;
	g_autoptr(view) view = cmd_open_view("review", config, &code);
	if (view == NULL)
		return code;
	if (request->reveal && !may_reveal(request, view, &code))
		return code;
	if (request->sample) {
		const struct review_sample sample = sample_of(request);
		return cmd_finish("review", review_sample(&sample, config, view));
	}
	if (request->names[0] == NULL && request->query == NULL && !request->list)
		return cmd_finish("review", on_terminal(request, config, view));
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	code = find_flags(request, config, view, flags);
	if (code != CMD_OK)
		return code;
	if (is_order(request))
		return cmd_finish("review", carry_out(request, view, flags));
	if (!view_note_access(view, "review-look", request->list ? "list" : "flags", &error))
		return cmd_fail("review", error);
	code = print_flags(request, config, view, flags);
	if (code == CMD_OK && !request->list && !request->globals->json)
		code = print_history(config, view, flags);
	return cmd_finish("review", code);
}

static int
check_sample(const struct request *request)
{
	const struct review_sample sample = sample_of(request);

	if (request->query != NULL || request->assign != NULL || request->dry)
		return cmd_usage_error(
		    "review", NULL, "--query, --assign and --dry-run do not go with --sample");
	return review_sample_check(&sample);
}

static int
check_request(struct request *request)
{
	bool named = request->names[0] != NULL || request->query != NULL;

	if (request->sample)
		return check_sample(request);
	if (request->rule != NULL)
		return cmd_usage_error("review", "see: flagpost review --help",
		    "--rule says what a sample shows: it goes with --sample");
	request->order.state = -1;
	request->order.note = request->note;
	request->order.assignee = request->assign;
	if (request->as != NULL) {
		request->order.state = word_index(review_state_words, request->as);
		if (request->order.state < 0) {
			const char *near = problem_did_you_mean(request->as, review_state_words);
			g_autofree char *hint =
			    near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
			return cmd_usage_error("review",
			    hint != NULL ? hint
					 : "new, in-review, escalated, false-positive, resolved",
			    "--as: '%s' is no state", request->as);
		}
	}
	if (request->list && (named || is_order(request)))
		return cmd_usage_error(
		    "review", NULL, "--list goes with no flag, no query and no order");
	if (is_order(request) && !named)
		return cmd_usage_error(
		    "review", "flagpost review flag-17 --as resolved", "no flag is named");
	if (request->dry && !is_order(request))
		return cmd_usage_error("review", NULL, "--dry-run without an order");
	if (!named && !request->list && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return cmd_usage_error("review", "name flags, or --list",
		    "stepping through the flags needs a terminal");
	return CMD_OK;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "review", help, 0, -1, true };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = {
		{ "as", 0, 0, G_OPTION_ARG_STRING, &request.as, NULL, NULL },
		{ "note", 0, 0, G_OPTION_ARG_STRING, &request.note, NULL, NULL },
		{ "assign", 0, 0, G_OPTION_ARG_STRING, &request.assign, NULL, NULL },
		{ "query", 0, 0, G_OPTION_ARG_STRING, &request.query, NULL, NULL },
		{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &request.dry, NULL, NULL },
		{ "list", 0, 0, G_OPTION_ARG_NONE, &request.list, NULL, NULL },
		{ "reveal", 0, 0, G_OPTION_ARG_NONE, &request.reveal, NULL, NULL },
		{ "sample", 0, 0, G_OPTION_ARG_NONE, &request.sample, NULL, NULL },
		{ "rule", 0, 0, G_OPTION_ARG_STRING, &request.rule, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	int code;

	if (!cmd_parse(&usage, entries, globals, &argc, argv, &code))
		return code;
	request.names = argv + 1;
	code = check_request(&request);
	if (code == CMD_OK)
		code = review(&request);
	g_free(request.as);
	g_free(request.note);
	g_free(request.assign);
	g_free(request.query);
	g_free(request.reason);
	g_free(request.rule);
	return code;
}

const struct cmd cmd_review = { "review", "what people decide about flags", run };
