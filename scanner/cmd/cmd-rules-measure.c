/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules measure: what each rule did to recorded mail, and what people made of it; on demand what it
 * costs, by kept mail scanned once more with that rule alone.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/json.h"
#include "cmd/cmd-common.h"
#include "cmd/progress.h"
#include "cmd/rules-parts.h"
#include "cmd/table.h"
#include "daemon/crew.h"
#include "daemon/prefilters.h"
#include "reports/flag-json.h"
#include "reports/wording.h"
#include "store/drawn.h"
#include "store/view-rules.h"

#define NAME       "rules measure"
#define DAYS       "90d"
#define SAMPLE_MAX 1000

static const char help[] =
    "Examples:\n"
    "  flagpost rules measure                    the rules of the last 90 days\n"
    "  flagpost rules measure --since 2026-10-01 --json\n"
    "  flagpost rules measure --time 200         and what each costs, over 200 kept messages\n"
    "\n"
    "Usage: flagpost rules measure [OPTION...]\n"
    "\n"
    "For each rule that is loaded or has flagged something: recorded flags; how many were "
    "confirmed\n"
    "(escalated, resolved), were false positives, wait for a decision, or fell to an exception;\n"
    "precision (confirmed of all that were decided); what it is said to have missed in the random\n"
    "sample of mail without a flag ([review] sample); and the rule that flags most of the same\n"
    "messages. With --time also the milliseconds that the rule adds to a message. Where a sample "
    "was\n"
    "drawn the last line says how much all rules miss, by estimate, with bounds of 95 percent.\n"
    "\n"
    "  --since D         flags recorded since D: 2026-10-01, 7d; without it 90d\n"
    "  --time N          scan the newest N kept messages (1,000 at most) with each rule alone, "
    "and\n"
    "                    without any\n"
    "  --rules DIR       the rules of this folder alone\n"
    "  --reason T        why mail is opened (--time), for the ledger, where [roles] demands it\n"
    "  --json            one JSON object a rule\n"
    "\n"
    "Exit codes: 0 done, 64 usage, 77 permission, 78 configuration or rules.\n";

struct sample {
	int fd;
	guint64 size;
};

struct measuring {
	const struct cmd_globals *globals;
	char *rules_dir, *since, *reason; /* options */
	gint time;
	struct config *config;
	struct cmd_rules rules;
	struct view *view;
	struct crew *crew;
	GArray *samples;         /* of struct sample */
	GPtrArray *misses;       /* of struct drawn_miss */
	struct drawn_sums drawn; /* of all rules */
	gint64 from;
	double without; /* seconds for the sample without any rule */
};

static void
clear_sample(void *data)
{
	struct sample *sample = data;

	io_close(&sample->fd);
}

/* --- time --- */

/* A message may be gone from the volumes meanwhile: the next one serves as well. */
static bool
take_samples(struct measuring *measuring, GError **error)
{
	const struct view_query newest = { .limit = (guint)measuring->time };
	g_autoptr(GPtrArray) rows = view_search(measuring->view, &newest, error);

	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const struct view_message *message = rows->pdata[i];
		g_autoptr(GBytes) bytes =
		    message->has_copy ? view_copy(measuring->view, message->id, NULL) : NULL;
		struct sample sample = { -1, bytes != NULL ? g_bytes_get_size(bytes) : 0 };
		if (bytes == NULL || !cmd_spool(bytes, &sample.fd, NULL))
			continue;
		g_array_append_val(measuring->samples, sample);
	}
	return rows != NULL;
}

/* Wall time of one worker for the whole sample; the second of two runs, when all is warm. */
static double
seconds_with(const struct measuring *measuring, const char *rule)
{
	const struct crew_job job = { .only_rule = rule };
	gint64 begun = 0;

	for (guint run = 0; run < 2; run++) {
		begun = g_get_monotonic_time();
		for (guint i = 0; i < measuring->samples->len; i++) {
			const struct sample *sample =
			    &g_array_index(measuring->samples, struct sample, i);
			verdict_free(crew_scan(measuring->crew, &job, sample->fd, sample->size));
		}
	}
	return (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
}

static double
milliseconds_of(const struct measuring *measuring, const char *rule)
{
	double more = seconds_with(measuring, rule) - measuring->without;

	return MAX(more, 0) * 1000 / measuring->samples->len;
}

static bool
begin_timing(struct measuring *measuring, GError **error)
{
	g_autofree char *object = g_strdup_printf("%d kept messages%s%s", measuring->time,
	    measuring->reason != NULL ? ": " : "",
	    measuring->reason != NULL ? measuring->reason : "");

	if (!view_note_access(measuring->view, "measure", object, error) ||
	    !take_samples(measuring, error))
		return false;
	if (measuring->samples->len == 0) {
		g_set_error(error, FAULT, FAULT_CONFIG, "no copy is kept that could be scanned");
		return false;
	}
	prefilters_give(
	    measuring->rules.sources, measuring->rules.ruleset, measuring->config, PREFILTERS_MAKE);
	measuring->crew = crew_new(measuring->rules.sources, &measuring->config->limits,
	    &measuring->config->reading, 1, error);
	if (measuring->crew == NULL)
		return false;
	/* No rule has such a name, so none is asked. */
	measuring->without = seconds_with(measuring, "-");
	return true;
}

/* --- rows --- */

static const struct view_measure *
measured(const GPtrArray *rows, const char *rule)
{
	static const struct view_measure none = { .other = (char *)"" };

	for (guint i = 0; i < rows->len; i++) {
		const struct view_measure *row = rows->pdata[i];
		if (strcmp(row->rule, rule) == 0)
			return row;
	}
	return &none;
}

static guint64
missed_by(const struct measuring *measuring, const char *rule)
{
	for (guint i = 0; i < measuring->misses->len; i++) {
		const struct drawn_miss *miss = measuring->misses->pdata[i];
		if (strcmp(miss->rule, rule) == 0)
			return miss->count;
	}
	return 0;
}

static void
put_precision(struct json *json, const struct view_measure *row)
{
	guint64 decided = row->confirmed + row->wrong;

	if (decided > 0)
		json_put_int(json, "precision_percent", (gint64)(row->confirmed * 100 / decided));
}

static void
print_json(const struct measuring *measuring, const char *rule, const struct view_measure *row,
    bool loaded)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "rule", rule);
	json_put_bool(&json, "loaded", loaded);
	json_put_int(&json, "flags", (gint64)row->flags);
	json_put_int(&json, "confirmed", (gint64)row->confirmed);
	json_put_int(&json, "false_positives", (gint64)row->wrong);
	json_put_int(&json, "open", (gint64)row->open);
	json_put_int(&json, "excepted", (gint64)row->excepted);
	json_put_int(&json, "missed", (gint64)missed_by(measuring, rule));
	put_precision(&json, row);
	json_put(&json, "overlaps_with", row->other);
	json_put_int(&json, "shared", (gint64)row->shared);
	if (measuring->crew != NULL && loaded)
		json_put_int(&json, "microseconds_a_message",
		    (gint64)(milliseconds_of(measuring, rule) * 1000));
	json_end(&json);
	puts(out->str);
}

static void
print_row(const struct measuring *measuring, struct table *table, const char *rule,
    const struct view_measure *row, bool loaded)
{
	guint64 decided = row->confirmed + row->wrong;
	const guint64 cells[] = { row->flags, row->confirmed, row->wrong, row->open, row->excepted,
		missed_by(measuring, rule) };

	table_add(table, "%s%s", rule, loaded ? "" : " (not loaded)");
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
		table_add(table, "%" G_GUINT64_FORMAT, cells[i]);
	if (decided > 0)
		table_add(table, "%" G_GUINT64_FORMAT " %%", row->confirmed * 100 / decided);
	else
		table_add(table, "-");
	if (measuring->crew != NULL) {
		if (loaded)
			table_add(table, "%.2f", milliseconds_of(measuring, rule));
		else
			table_add(table, "-");
	}
	if (row->shared > 0)
		table_add(table, "%s (%" G_GUINT64_FORMAT ")", row->other, row->shared);
	else
		table_add(table, "-");
}

static void
print_rule(const struct measuring *measuring, struct table *table, const char *rule,
    const struct view_measure *row, bool loaded)
{
	if (measuring->globals->json)
		print_json(measuring, rule, row, loaded);
	else
		print_row(measuring, table, rule, row, loaded);
}

static void
print_all(const struct measuring *measuring, const GPtrArray *rows)
{
	static const char *const plain[] = { "RULE", ">FLAGS", ">CONFIRMED", ">FALSE", ">OPEN",
		">EXCEPTED", ">MISSED", ">PRECISION", "OVERLAPS WITH", NULL };
	static const char *const timed[] = { "RULE", ">FLAGS", ">CONFIRMED", ">FALSE", ">OPEN",
		">EXCEPTED", ">MISSED", ">PRECISION", ">MS A MESSAGE", "OVERLAPS WITH", NULL };
	const struct ruleset *ruleset = measuring->rules.ruleset;
	g_autoptr(table) table = table_new(measuring->crew != NULL ? timed : plain);
	g_autoptr(progress) progress = progress_new(stderr, measuring->globals->quiet);
	g_autoptr(GString) out = g_string_new(NULL);
	guint n = ruleset_count(ruleset);

	for (guint i = 0; i < n; i++) {
		const char *rule = ruleset_info(ruleset, i)->id;
		if (measuring->crew != NULL)
			progress_set(progress, i, n, rule);
		print_rule(measuring, table, rule, measured(rows, rule), true);
	}
	progress_clear(progress);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_measure *row = rows->pdata[i];
		if (ruleset_find(ruleset, row->rule) == NULL)
			print_rule(measuring, table, row->rule, row, false);
	}
	if (measuring->globals->json)
		return;
	table_print(table, out);
	fputs(out->str, stdout);
}

/* How much all rules together miss; nothing where no sample was ever drawn. */
static void
print_sample(const struct measuring *measuring)
{
	const struct drawn_sums *sums = &measuring->drawn;
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	if (sums->first == 0)
		return;
	if (!measuring->globals->json) {
		g_autofree char *text = wording_missed(sums);
		printf("\nRandom sample: %s.\n", text);
		return;
	}
	json_init(&json, out);
	json_begin(&json, '{');
	flag_json_sample(&json, "sample", sums);
	json_end(&json);
	puts(out->str);
}

static bool
load_sample(struct measuring *measuring, GError **error)
{
	measuring->misses = drawn_misses(measuring->view, measuring->from, G_MAXINT64, error);
	return measuring->misses != NULL &&
	       drawn_sums(measuring->view, measuring->from, G_MAXINT64, &measuring->drawn, error);
}

static int
measure(struct measuring *measuring)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = view_measures(measuring->view, measuring->from, &error);

	if (rows == NULL || !load_sample(measuring, &error) ||
	    (measuring->time > 0 && !begin_timing(measuring, &error)))
		return cmd_fail(NAME, error);
	print_all(measuring, rows);
	print_sample(measuring);
	return CMD_OK;
}

static int
load(struct measuring *measuring)
{
	int code = FAULT_CONFIG;

	if (measuring->time < 0 || measuring->time > SAMPLE_MAX)
		return cmd_usage_error(NAME, "write --time 200", "--time is 1 to 1000 messages");
	measuring->config = cmd_load_config(measuring->globals);
	if (measuring->config == NULL)
		return FAULT_CONFIG;
	if (!cmd_moment(NAME, "--since", measuring->since != NULL ? measuring->since : DAYS,
		measuring->config->zone, &measuring->from))
		return FAULT_USAGE;
	if (measuring->time > 0 && !cmd_may_open(NAME, measuring->config, measuring->reason,
				       "why these mails are opened", &code))
		return code;
	if (!cmd_load_rules(
		measuring->globals, measuring->config, measuring->rules_dir, &measuring->rules))
		return FAULT_CONFIG;
	measuring->view = cmd_open_view(NAME, measuring->config, &code);
	return measuring->view != NULL ? measure(measuring) : code;
}

int
cmd_rules_measure(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { NAME, help, 0, 0, true };
	struct measuring measuring = { .globals = globals };
	const GOptionEntry entries[] = {
		{ "rules", 0, 0, G_OPTION_ARG_FILENAME, &measuring.rules_dir, NULL, NULL },
		{ "since", 0, 0, G_OPTION_ARG_STRING, &measuring.since, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &measuring.reason, NULL, NULL },
		{ "time", 0, 0, G_OPTION_ARG_INT, &measuring.time, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	measuring.samples = g_array_new(FALSE, FALSE, sizeof(struct sample));
	g_array_set_clear_func(measuring.samples, clear_sample);
	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = cmd_finish(NAME, load(&measuring));
	crew_free(measuring.crew);
	g_array_unref(measuring.samples);
	g_clear_pointer(&measuring.misses, g_ptr_array_unref);
	view_close(measuring.view);
	cmd_rules_clear(&measuring.rules);
	config_free(measuring.config);
	g_free(measuring.rules_dir);
	g_free(measuring.since);
	g_free(measuring.reason);
	return code;
}
