/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service - `flagpost run`: passes by each account's interval, and the daily report at its hour,
 * until SIGTERM or SIGINT.
 */
#include <glib-unix.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "daemon/pass.h"
#include "daemon/schedule.h"
#include "reports/report.h"

#define SERVICE_STOP_MS 20000 /* for servers to answer LOGOUT and for the last batch */

struct service {
	const struct config *config;
	struct pass *pass;
	struct schedule *schedule;
	guint timer; /* of the next account that falls due */
	guint report_timer;
	guint give_up; /* set while stopping */
	bool stopped;
	GError *error;
};

static void service_plan(struct service *service);

/* --- passes --- */

static void
service_ended(const struct pass_account *row, void *data)
{
	struct service *service = data;

	log_info("account=%s state=%s new=%" G_GUINT64_FORMAT " failed=%" G_GUINT64_FORMAT
		 " flags=%" G_GUINT64_FORMAT " not-checked=%" G_GUINT64_FORMAT "%s%s",
	    row->account, row->state, row->messages, row->failed, row->flags, row->not_checked,
	    *row->text != '\0' ? ": " : "", row->text);
	for (guint i = 0; i < service->config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(service->config->accounts, i);
		if (g_str_equal(account->name, row->account))
			schedule_ended(service->schedule, i);
	}
	if (!service->stopped)
		service_plan(service);
}

static gboolean
service_start_due(void *data)
{
	struct service *service = data;
	gint64 now = g_get_monotonic_time();
	guint index;

	service->timer = 0;
	while (service->error == NULL && schedule_due(service->schedule, now, &index)) {
		const struct account *account = g_ptr_array_index(service->config->accounts, index);
		schedule_started(service->schedule, index, now);
		pass_start(service->pass, account, &service->error);
	}
	service_plan(service);
	return G_SOURCE_REMOVE;
}

static void
service_plan(struct service *service)
{
	gint64 next = schedule_next(service->schedule);
	gint64 now = g_get_monotonic_time();

	g_clear_handle_id(&service->timer, g_source_remove);
	if (next == SCHEDULE_NEVER)
		return;
	/* One millisecond late rather than one early and idle. */
	gint64 wait_ms = MAX(next - now, 0) / 1000 + 1;
	service->timer = g_timeout_add((guint)MIN(wait_ms, G_MAXINT), service_start_due, service);
}

/* --- the daily report --- */

static void service_plan_report(struct service *service);

/* The day before the one that has begun: all of it is over when its report is written. */
static bool
service_write_report(struct service *service, GError **error)
{
	const struct config *config = service->config;
	struct report_options options = {
		.organisation = config->organisation,
		.zone = config->zone,
		.data_dir = config->data_dir,
	};
	g_autofree char *folder = g_build_filename(config->data_dir, "reports", NULL);

	clock_day(clock_now(), config->zone, &options.from, &options.to);
	options.to = options.from;
	clock_day(options.to - 1, config->zone, &options.from, &options.to);
	g_autoptr(view) view = view_open(config->data_dir, "service", error);
	if (view == NULL || !view_note_access(view, "report", "daily", error))
		return false;
	g_autoptr(report) report = report_gather(view, &options, error);
	if (report == NULL)
		return false;
	return report_write(
	    report, folder, (const char *const *)config->report_formats, NULL, error);
}

static gboolean
service_report(void *data)
{
	struct service *service = data;
	g_autoptr(GError) error = NULL;

	service->report_timer = 0;
	if (service_write_report(service, &error))
		log_info("the daily report is written");
	else
		log_error("write the daily report: %s", error->message);
	service_plan_report(service);
	return G_SOURCE_REMOVE;
}

static void
service_plan_report(struct service *service)
{
	gint64 from, to, now = clock_now();

	if (service->config->report_minute < 0)
		return;
	clock_day(now, service->config->zone, &from, &to);
	gint64 at = from + service->config->report_minute * 60 * G_USEC_PER_SEC;
	if (at <= now)
		at = to + service->config->report_minute * 60 * G_USEC_PER_SEC;
	/* The clock may be set in between: look again every hour at the latest. */
	gint64 wait_ms = (at - now) / 1000 + 1;
	if (wait_ms > 3600 * 1000) {
		service->report_timer =
		    g_timeout_add_once(3600 * 1000, (GSourceOnceFunc)service_plan_report, service);
		return;
	}
	service->report_timer = g_timeout_add((guint)wait_ms, service_report, service);
}

/* --- stopping --- */

static gboolean
service_gives_up(void *data)
{
	struct service *service = data;

	service->give_up = 0;
	log_warning("some servers did not answer in time; their passes go on at the next start");
	return G_SOURCE_REMOVE;
}

static gboolean
service_stop(void *data)
{
	struct service *service = data;

	if (service->stopped)
		return G_SOURCE_CONTINUE;
	service->stopped = true;
	log_info("stopping");
	g_clear_handle_id(&service->timer, g_source_remove);
	g_clear_handle_id(&service->report_timer, g_source_remove);
	pass_stop(service->pass);
	service->give_up = g_timeout_add(SERVICE_STOP_MS, service_gives_up, service);
	return G_SOURCE_CONTINUE;
}

static bool
service_goes_on(struct service *service)
{
	if (service->error == NULL && pass_error(service->pass) != NULL)
		service->error = g_error_copy(pass_error(service->pass));
	if (service->error != NULL)
		return false;
	return !service->stopped || (pass_under_way(service->pass) > 0 && service->give_up != 0);
}

static struct schedule *
service_schedule(const struct config *config)
{
	guint n = config->accounts->len;
	g_autofree gint64 *intervals = g_new0(gint64, MAX(n, 1));

	for (guint i = 0; i < n; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		intervals[i] = (gint64)account->every_seconds * G_USEC_PER_SEC;
	}
	return schedule_new(intervals, n, g_get_monotonic_time(), g_random_int());
}

static void
service_loop(struct service *service)
{
	guint signals[] = {
		g_unix_signal_add(SIGTERM, service_stop, service),
		g_unix_signal_add(SIGINT, service_stop, service),
	};

	service_plan(service);
	service_plan_report(service);
	while (service_goes_on(service))
		g_main_context_iteration(NULL, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(signals[i]);
	g_clear_handle_id(&service->timer, g_source_remove);
	g_clear_handle_id(&service->report_timer, g_source_remove);
	g_clear_handle_id(&service->give_up, g_source_remove);
}

int
daemon_run(const struct config *config, const struct sources *sources,
    const struct ruleset *ruleset, GError **error)
{
	struct service service = { .config = config };
	struct pass_setup setup = {
		.config = config,
		.sources = sources,
		.ruleset = ruleset,
		.command = "run",
		.ended = service_ended,
		.data = &service,
	};

	service.pass = pass_open(&setup, error);
	if (service.pass == NULL)
		return fault_exit_code(error != NULL ? *error : NULL);
	service.schedule = service_schedule(config);
	log_info(
	    "watching %u accounts with %u rules", config->accounts->len, ruleset_count(ruleset));
	service_loop(&service);
	int exit_code = fault_exit_code(service.error);
	g_ptr_array_unref(pass_close(service.pass, exit_code));
	schedule_free(service.schedule);
	if (service.error != NULL)
		g_propagate_error(error, service.error);
	return exit_code;
}
