/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: the flag report of a day or of several, in files or on standard output.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "cmd/cmd-common.h"
#include "daemon/mailing.h"
#include "reports/report.h"

static const char help[] =
    "Examples:\n"
    "  flagpost report                                  today's, HTML and CSV\n"
    "  flagpost report --date yesterday --format text   on this terminal\n"
    "  flagpost report --from 2026-11-01 --to 2026-11-30 --out november\n"
    "  flagpost report --date yesterday --mail          and to whom [report.daily] names\n"
    "\n"
    "Usage: flagpost report [OPTION...]\n"
    "\n"
    "  --date D          the day to report; default today\n"
    "  --from D --to D   several days; both are included\n"
    "  --format A,B      html, csv, json, text; default html,csv\n"
    "  --out DIR         default DATA_DIR/reports; - prints one format on standard output\n"
    "  --clear           print excerpts in clear\n"
    "  --mail            send it to the persons of [report.daily] to, by the server of [smtp]\n"
    "\n"
    "D is 2026-11-22, today or yesterday, in the configured time zone. Prints the paths of the\n"
    "files written, one a line. --format text without --out prints the report itself.\n"
    "\n"
    "Exit codes: 0 done, 64 usage, 69 mail server away, 74 I/O, 75 refused for now, 77 refused,\n"
    "78 configuration.\n";

struct request {
	const struct cmd_globals *globals;
	char *date, *from, *to, *formats, *out; /* options */
	gboolean clear, mail;
	gint64 begin, end;
};

/* The day that text names. */
static bool
read_day(const char *option, const char *text, GTimeZone *zone, gint64 *from, gint64 *to)
{
	gint64 moment;

	if (strchr(text, 'T') != NULL || g_ascii_isalpha(text[strlen(text) - 1])) {
		if (strcmp(text, "today") != 0 && strcmp(text, "yesterday") != 0) {
			cmd_usage_error("report", "write 2026-11-22, today or yesterday",
			    "%s: '%s' is not a day", option, text);
			return false;
		}
	}
	if (!cmd_moment("report", option, text, zone, &moment))
		return false;
	clock_day(moment, zone, from, to);
	return true;
}

static bool
read_window(struct request *request, GTimeZone *zone)
{
	gint64 ignored;
	const char *hint = "write --date D, or --from D --to D";

	if (request->date != NULL && (request->from != NULL || request->to != NULL)) {
		cmd_usage_error("report", hint, "--date does not go with --from and --to");
		return false;
	}
	if ((request->from == NULL) != (request->to == NULL)) {
		cmd_usage_error("report", hint, "--from and --to belong together");
		return false;
	}
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
		cmd_usage_error("report", hint != NULL ? hint : "html, csv, json or text",
		    "report format '%s' is not known", formats[i]);
		return false;
	}
	*out = g_steal_pointer(&formats);
	return true;
}

static int
write_files(const struct request *request, const struct config *config, const struct report *report,
    const char *const *formats)
{
	g_autoptr(GPtrArray) paths = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = request->out != NULL
				      ? g_strdup(request->out)
				      : g_build_filename(config->data_dir, "reports", NULL);

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
mail_report(const struct request *request, const struct config *config, const struct report *report,
    const char *const *formats)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mailing) mailing = mailing_new(config, report, formats, &error);

	if (mailing == NULL || !mailing_start(mailing, &error))
		return cmd_fail("report", error);
	mailing_wait(mailing);
	g_autofree char *reached = mailing_reached(mailing);
	if (*reached != '\0' && !request->globals->quiet)
		fprintf(stderr, "mailed to %s\n", reached);
	return mailing_check(mailing, &error) ? CMD_OK : cmd_fail("report", error);
}

static int
print_form(const struct report *report, const char *format)
{
	g_autoptr(GString) text = report_render(report, format);

	fwrite(text->str, 1, text->len, stdout);
	return CMD_OK;
}

static char *
window_name(const struct request *request, const struct config *config)
{
	g_autofree char *from = clock_local(request->begin, config->zone);
	g_autofree char *to = clock_local(request->end, config->zone);

	return g_strdup_printf("%s to %s %s%s%s", from, to, config->zone_name,
	    request->clear ? ", excerpts in clear" : "", request->mail ? ", by mail" : "");
}

static int
report_with(struct request *request, const struct config *config, const char *const *formats)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;
	g_autoptr(view) view = cmd_open_view("report", config, &code);
	const struct report_options options = {
		.organisation = config->organisation,
		.zone = config->zone,
		.from = request->begin,
		.to = request->end,
		.clear = request->clear,
		.data_dir = config->data_dir,
	};

	if (view == NULL)
		return code;
	g_autofree char *window = window_name(request, config);
	if (!view_note_access(view, "report", window, &error))
		return cmd_fail("report", error);
	g_autoptr(report) report = report_gather(view, &options, &error);
	if (report == NULL)
		return cmd_fail("report", error);
	bool print =
	    g_strcmp0(request->out, "-") == 0 ||
	    (request->out == NULL && formats[1] == NULL && strcmp(formats[0], "text") == 0);
	code =
	    print ? print_form(report, formats[0]) : write_files(request, config, report, formats);
	if (code == CMD_OK && request->mail)
		code = mail_report(request, config, report, formats);
	return cmd_finish("report", code);
}

static int
report_run(struct request *request)
{
	g_auto(GStrv) formats = NULL;
	const char *text = request->formats != NULL ? request->formats : "html,csv";

	if (request->clear && request->mail)
		return cmd_usage_error("report", "a report that is mailed has masked excerpts",
		    "--clear does not go with --mail");
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
	if (request->mail && !mailing_is_wanted(config, &error))
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
		{ "from", 0, 0, G_OPTION_ARG_FILENAME, &request.from, NULL, NULL },
		{ "to", 0, 0, G_OPTION_ARG_FILENAME, &request.to, NULL, NULL },
		{ "format", 0, 0, G_OPTION_ARG_FILENAME, &request.formats, NULL, NULL },
		{ "out", 0, 0, G_OPTION_ARG_FILENAME, &request.out, NULL, NULL },
		{ "clear", 0, 0, G_OPTION_ARG_NONE, &request.clear, NULL, NULL },
		{ "mail", 0, 0, G_OPTION_ARG_NONE, &request.mail, NULL, NULL }, G_OPTION_ENTRY_NULL
	};
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = report_run(&request);
	g_free(request.date);
	g_free(request.from);
	g_free(request.to);
	g_free(request.formats);
	g_free(request.out);
	return code;
}

const struct cmd cmd_report = { "report", "the flag report of a day: HTML, CSV, JSON or text",
	run };
