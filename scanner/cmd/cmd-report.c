/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: the flag report of a day or of several, in files or on standard output.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "cmd/cmd-common.h"
#include "cmd/copies.h"
#include "daemon/letters.h"
#include "cmd/report-unseal.h"
#include "reports/report.h"
#include "store/consent.h"

static const char help[] =
    "Examples:\n"
    "  flagpost report                                  today's, HTML and CSV\n"
    "  flagpost report --date yesterday --format text   on this terminal\n"
    "  flagpost report --from 2026-11-01 --to 2026-11-30 --out november\n"
    "  flagpost report --month today --rule competitor-mail\n"
    "  flagpost report --from 2026-01-01 --to 2026-12-31 --format csv --out - | gzip\n"
    "  flagpost report --date yesterday --mail          and to whom [report.daily] names\n"
    "  flagpost report --date yesterday --with-copies --reason 'case 4711'\n"
    "\n"
    "Usage: flagpost report [OPTION...]\n"
    "\n"
    "  --date D          the day to report; default today\n"
    "  --from D --to D   several days; both are included\n"
    "  --week D, --month D   the week (from Monday) or the month that D lies in\n"
    "  --rule R, --account A, --group G   flags of one rule, account or [group] alone\n"
    "  --format A,B      html, csv, json, jsonl, text, ecs, ocsf, cef, prometheus; default\n"
    "                    html,csv\n"
    "  --out DIR         default DATA_DIR/reports; - prints one format on standard output\n"
    "  --reveal          print excerpts in clear: for officers, with a reason\n"
    "  --with-copies     lay the flagged messages beside the report, as files that its page links\n"
    "                    to, with their SHA256SUMS: for officers, with a reason\n"
    "  --reason T        why; it stands in the ledger\n"
    "  --people          count incidents by author and by outside domain\n"
    "  --pseudonyms      nobody of your organisation is named; a sealed table lies beside it,\n"
    "                    see flagpost report unseal --help\n"
    "  --no-bom          CSV without a byte order mark\n"
    "  --mail            send it to the persons of [report.daily] to, by the server of [smtp]\n"
    "\n"
    "D is 2026-11-22, today or yesterday, in the configured time zone. Prints the paths of the\n"
    "files written, one a line. --format text without --out prints the report itself.\n"
    "\n"
    "Exit codes: 0 done, 2 of some flagged message no copy could be laid beside, 64 usage,\n"
    "69 mail server away, 74 I/O, 75 refused for now, 77 refused, 78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *date, *week, *month, *from, *to, *formats, *out; /* options */
	char *rule, *account, *group, *reason;
	gboolean reveal, pseudonyms, mail, people, no_mark, copies;
	gint64 begin, end;
	struct copies laid; /* what of --with-copies was done */
};

/* The day that text names. */
static bool
read_day(const char *option, const char *text, GTimeZone *zone, gint64 *from, gint64 *to)
{
	bool by_name = strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0;
	bool finer = strpbrk(text, "Tsmhd") != NULL; /* a time of day, or a distance */
	gint64 moment;

	if (!by_name && (finer || !clock_parse(text, zone, &moment, NULL))) {
		cmd_usage_error("report", "write 2026-11-22, today or yesterday",
		    "%s: '%s' is not a day", option, text);
		return false;
	}
	if (!cmd_moment("report", option, text, zone, &moment))
		return false;
	clock_day(moment, zone, from, to);
	return true;
}

/* Days one by one until they begin a week, or a month. */
static bool
begins(gint64 time, GTimeZone *zone, bool week)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;

	return local == NULL || (week ? g_date_time_get_day_of_week(local) == 1
				      : g_date_time_get_day_of_month(local) == 1);
}

static bool
read_span(struct request *request, GTimeZone *zone)
{
	bool week = request->week != NULL;
	gint64 ignored;

	if (!read_day(week ? "--week" : "--month", week ? request->week : request->month, zone,
		&request->begin, &request->end))
		return false;
	while (!begins(request->begin, zone, week))
		clock_day(request->begin - 1, zone, &request->begin, &ignored);
	while (!begins(request->end, zone, week))
		clock_day(request->end, zone, &ignored, &request->end);
	return true;
}

static bool
read_window(struct request *request, GTimeZone *zone)
{
	gint64 ignored;
	const char *hint = "write --date D, --week D, --month D, or --from D --to D";
	guint ways = (request->date != NULL) + (request->week != NULL) + (request->month != NULL) +
		     (request->from != NULL || request->to != NULL);

	if (ways > 1) {
		cmd_usage_error("report", hint, "one period at a time");
		return false;
	}
	if ((request->from == NULL) != (request->to == NULL)) {
		cmd_usage_error("report", hint, "--from and --to belong together");
		return false;
	}
	if (request->week != NULL || request->month != NULL)
		return read_span(request, zone);
	if (request->from == NULL)
		return read_day("--date", request->date != NULL ? request->date : "today", zone,
		    &request->begin, &request->end);
	if (!read_day("--from", request->from, zone, &request->begin, &ignored) ||
	    !read_day("--to", request->to, zone, &ignored, &request->end))
		return false;
	if (request->begin < request->end)
		return true;
	cmd_usage_error("report", NULL, "--to lies before --from");
	return false;
}

static bool
read_formats(const char *text, GStrv *out)
{
	g_auto(GStrv) formats = g_strsplit(text, ",", -1);

	for (guint i = 0; formats[i] != NULL; i++) {
		g_strstrip(formats[i]);
		if (g_strv_contains(report_formats, formats[i]))
			continue;
		const char *near = problem_did_you_mean(formats[i], report_formats);
		g_autofree char *hint =
		    near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
		g_autofree char *known = g_strjoinv(", ", (GStrv)report_formats);
		cmd_usage_error("report", hint != NULL ? hint : known,
		    "report format '%s' is not known", formats[i]);
		return false;
	}
	*out = g_steal_pointer(&formats);
	return true;
}

static int
write_files(const struct request *request, const struct report *report, const char *folder,
    const char *const *formats)
{
	g_autoptr(GPtrArray) paths = NULL;
	g_autoptr(GError) error = NULL;

	bool ok = report_write(report, folder, formats, &paths, &error);
	for (guint i = 0; paths != NULL && i < paths->len; i++)
		puts(g_ptr_array_index(paths, i));
	if (!ok)
		return cmd_fail("report", error);
	if (!request->globals->quiet) {
		g_autofree char *verdict = report_verdict(report);
		fflush(stdout);
		fprintf(stderr, "%s\n", verdict);
	}
	return CMD_OK;
}

/* On stderr, since stdout is for the paths. */
static int
mail_one(const struct request *request, const struct config *config, struct mailing *mailing)
{
	g_autoptr(GError) error = NULL;

	if (mailing_has_message(mailing)) {
		if (!mailing_start(mailing, config->smtp, &error))
			return cmd_fail("report", error);
		mailing_wait(mailing);
	}
	g_autofree char *reached = mailing_reached(mailing);
	if (*reached != '\0' && !request->globals->quiet)
		fprintf(stderr, "mailed to %s\n", reached);
	return mailing_check(mailing, &error) ? CMD_OK : cmd_fail("report", error);
}

static int
mail_report(const struct request *request, const struct config *config, const struct report *report,
    const char *const *formats)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) mailings =
	    letters_report(config, config_daily(config), report, formats, &error);
	int code = CMD_OK;

	if (mailings == NULL)
		return cmd_fail("report", error);
	for (guint i = 0; i < mailings->len; i++) {
		int one = mail_one(request, config, mailings->pdata[i]);
		code = code == CMD_OK ? one : code;
	}
	return code;
}

static bool
to_stdout(const char *text, gsize size, gpointer data, GError **error)
{
	if (fwrite(text, 1, size, stdout) == size)
		return true;
	g_set_error(error, FAULT, FAULT_IO, "standard output: %s", g_strerror(errno));
	(void)data;
	return false;
}

static int
print_form(const struct report *report, const char *format)
{
	g_autoptr(GError) error = NULL;

	if (report_stream(report, format, to_stdout, NULL, &error))
		return CMD_OK;
	/* A reader that saw enough (`| head`) is no failure of ours to talk about. */
	if (ferror(stdout) != 0)
		return CMD_OK;
	return cmd_fail("report", error);
}

static char *
window_name(const struct request *request, const struct config *config)
{
	g_autofree char *from = clock_local(request->begin, config->zone);
	g_autofree char *to = clock_local(request->end, config->zone);

	return g_strdup_printf("%s to %s %s%s%s%s%s%s%s%s%s%s%s%s", from, to, config->zone_name,
	    request->rule != NULL ? ", rule " : "", request->rule != NULL ? request->rule : "",
	    request->account != NULL ? ", account " : "",
	    request->account != NULL ? request->account : "",
	    request->group != NULL ? ", group " : "", request->group != NULL ? request->group : "",
	    request->reveal ? ", excerpts in clear: " : "", request->reveal ? request->reason : "",
	    request->copies ? ", with copies: " : "", request->copies ? request->reason : "",
	    request->mail ? ", by mail" : "");
}

/* The people of [group.NAME]; false after a message. */
static bool
read_limits(
    const struct request *request, const struct config *config, struct report_options *options)
{
	options->rule = request->rule;
	options->account = request->account;
	options->group = request->group;
	if (request->account != NULL && config_account(config, request->account) == NULL) {
		cmd_usage_error("report", "see: flagpost status", "account '%s' is not configured",
		    request->account);
		return false;
	}
	if (request->group == NULL)
		return true;
	options->members = g_hash_table_lookup(config->groups, request->group);
	if (options->members != NULL)
		return true;
	cmd_usage_error("report", NULL, "there is no section [group.%s]", request->group);
	return false;
}

static int
put_out(struct request *request, const struct config *config, struct view *view,
    const struct report_options *options, const char *const *formats)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(report) report = report_gather(view, options, &error);
	if (report == NULL)
		return cmd_fail("report", error);
	if (request->copies &&
	    !copies_put(report, options->folder, request->globals->quiet, &request->laid, &error))
		return cmd_fail("report", error);
	bool print = g_strcmp0(request->out, "-") == 0 ||
		     (request->out == NULL && !request->copies && formats[1] == NULL &&
			 strcmp(formats[0], "text") == 0);
	int code = print ? print_form(report, formats[0])
			 : write_files(request, report, options->folder, formats);
	if (code == CMD_OK && request->mail)
		code = mail_report(request, config, report, formats);
	return code;
}

/* What lies beside the report can be compared with this row of the ledger. */
static int
note_copies(const struct request *request, struct view *view, int code)
{
	const struct copies *laid = &request->laid;
	g_autoptr(GError) error = NULL;

	if (!request->copies || code != CMD_OK)
		return code;
	g_autofree char *object =
	    g_strdup_printf("%u messages beside a report, of %u more no copy; SHA256SUMS %s",
		laid->written, laid->missing, laid->digest);
	if (!view_note_access(view, "report-copies", object, &error))
		return cmd_fail("report", error);
	if (!request->globals->quiet)
		fprintf(stderr, "%u messages beside it, of %u more no copy is there\n",
		    laid->written, laid->missing);
	return laid->missing > 0 ? CMD_GAPS : CMD_OK;
}

/* A second officer agrees to messages, not to all that a day may show. */
static bool
may_reveal(const struct request *request, struct view *view, int *code)
{
	g_autoptr(GError) error = NULL;

	if (!cmd_may_reveal("report", view, request->reason, code))
		return false;
	if (!request->reveal || !consent_is_demanded(view))
		return true;
	g_set_error(&error, FAULT, FAULT_DENIED,
	    "[roles] four_eyes: --reveal is for single messages, see: flagpost show");
	*code = cmd_fail("report", error);
	return false;
}

static int
report_with(struct request *request, const struct config *config, const char *const *formats)
{
	g_autoptr(GError) error = NULL;
	struct report_options options;
	int code = CMD_OK;
	g_autofree char *folder = request->out != NULL && strcmp(request->out, "-") != 0
				      ? g_strdup(request->out)
				      : g_build_filename(config->data_dir, "reports", NULL);

	config_report(config, &options);
	options.folder = folder;
	options.from = request->begin;
	options.to = request->end;
	options.clear = request->reveal;
	options.people |= request->people;
	options.no_mark = request->no_mark;
	options.pseudonyms |= request->pseudonyms;
	if (options.pseudonyms && (request->reveal || request->copies))
		return cmd_usage_error("report", "make a report of its own for that",
		    "pseudonyms do not go with %s", request->reveal ? "--reveal" : "--with-copies");
	options.rows_alone = !request->mail && !report_wants_page(formats);
	if (!read_limits(request, config, &options))
		return FAULT_USAGE;
	g_autoptr(view) view = cmd_open_view("report", config, &code);
	if (view == NULL)
		return code;
	if ((request->reveal || request->copies) && !may_reveal(request, view, &code))
		return code;
	g_autofree char *window = window_name(request, config);
	if (!view_note_access(view, "report", window, &error))
		return cmd_fail("report", error);
	code = put_out(request, config, view, &options, formats);
	return cmd_finish("report", note_copies(request, view, code));
}

static int
report_run(struct request *request)
{
	g_auto(GStrv) formats = NULL;
	const char *text = request->formats != NULL ? request->formats : "html,csv";

	if (request->reveal && request->mail)
		return cmd_usage_error("report", "a report that is mailed has masked excerpts",
		    "--reveal does not go with --mail");
	if (request->copies && (request->mail || g_strcmp0(request->out, "-") == 0))
		return cmd_usage_error("report", "write --out DIR, or none",
		    "--with-copies lays files beside a report: neither --mail nor --out - goes "
		    "with it");
	if (!read_formats(text, &formats))
		return FAULT_USAGE;
	if (g_strcmp0(request->out, "-") == 0 && (formats[1] != NULL || request->mail))
		return cmd_usage_error("report", "for example: --format json --out -",
		    "--out - prints one format and mails nothing");
	g_autoptr(config) config = cmd_load_config(request->globals);
	if (config == NULL)
		return FAULT_CONFIG;
	if (!read_window(request, config->zone))
		return FAULT_USAGE;
	g_autoptr(GError) error = NULL;
	if (request->mail && !letters_are_wanted(config, config_daily(config), &error))
		return cmd_fail("report", error);
	return report_with(request, config, (const char *const *)formats);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "report", help, 0, 0, false };
	struct request request = { .globals = globals };
	const GOptionEntry entries[] = {
		{ "date", 0, 0, G_OPTION_ARG_FILENAME, &request.date, NULL, NULL },
		{ "week", 0, 0, G_OPTION_ARG_FILENAME, &request.week, NULL, NULL },
		{ "month", 0, 0, G_OPTION_ARG_FILENAME, &request.month, NULL, NULL },
		{ "rule", 0, 0, G_OPTION_ARG_STRING, &request.rule, NULL, NULL },
		{ "account", 0, 0, G_OPTION_ARG_STRING, &request.account, NULL, NULL },
		{ "group", 0, 0, G_OPTION_ARG_STRING, &request.group, NULL, NULL },
		{ "people", 0, 0, G_OPTION_ARG_NONE, &request.people, NULL, NULL },
		{ "pseudonyms", 0, 0, G_OPTION_ARG_NONE, &request.pseudonyms, NULL, NULL },
		{ "no-bom", 0, 0, G_OPTION_ARG_NONE, &request.no_mark, NULL, NULL },
		{ "from", 0, 0, G_OPTION_ARG_FILENAME, &request.from, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_FILENAME, &request.to, NULL, NULL },
		{ "format", 0, 0, G_OPTION_ARG_FILENAME, &request.formats, NULL, NULL },
		{ "out", 0, 0, G_OPTION_ARG_FILENAME, &request.out, NULL, NULL },
		{ "reveal", 0, 0, G_OPTION_ARG_NONE, &request.reveal, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &request.reason, NULL, NULL },
		{ "with-copies", 0, 0, G_OPTION_ARG_NONE, &request.copies, NULL, NULL },
		{ "mail", 0, 0, G_OPTION_ARG_NONE, &request.mail, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (argc > 1 && strcmp(argv[1], "unseal") == 0)
		return report_unseal_run(globals, argc - 1, argv + 1);
	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = report_run(&request);
	char *const texts[] = { request.date, request.week, request.month, request.rule,
		request.account, request.group, request.reason };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_free(request.from);
	g_free(request.to);
	g_free(request.formats);
	g_free(request.out);
	return code;
}

const struct cmd cmd_report = { "report", "the flag report of a day: HTML, CSV, JSON or text",
	run };
