/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service - `flagpost run`: passes by each account's interval, and reports at their hours,
 * until SIGTERM or SIGINT. On SIGHUP it goes on by what was loaded anew, or untouched.
 */
#include <glib-unix.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/checking.h"
#include "daemon/chores.h"
#include "daemon/daemon.h"
#include "daemon/directories.h"
#include "daemon/outputs.h"
#include "daemon/pass.h"
#include "daemon/reloads.h"
#include "daemon/reporting.h"
#include "daemon/schedule.h"
#include "daemon/watching.h"

#define SERVICE_STOP_MS 20000 /* for servers to answer LOGOUT and for the last batch */

struct service {
	struct daemon_setup *setup;
	struct daemon_setup *next; /* taken over as soon as the passes have ended; else NULL */
	daemon_load *load;
	void *load_data;
	struct pass *pass; /* NULL between two setups */
	struct schedule *schedule;
	GHashTable *places; /* account name -> its place in the configuration and the schedule */
	guint timer;        /* of the next account that falls due */
	struct watching *watching;
	guint watch_timer; /* of the next folder to be watched */
	struct reporting *reporting;
	struct chores *chores;
	struct outputs *outputs;
	struct directories_alarm *directories;
	struct checking *checking; /* the day's share of copies; NULL: not begun yet */
	guint give_up;             /* set while passes are asked to end */
	bool asked;                /* SIGHUP came */
	guint64 reloads;           /* answered */
	bool stopped;
	GError *error;
};

static void service_plan(struct service *service);

/* No pass is started any more, for good or until the next setup. */
static bool
service_is_ending(const struct service *service)
{
	return service->stopped || service->next != NULL;
}

/* --- passes --- */

static bool
service_find(const struct service *service, const char *account, guint *index)
{
	gpointer value;

	if (!g_hash_table_lookup_extended(service->places, account, NULL, &value))
		return false;
	*index = GPOINTER_TO_UINT(value);
	return true;
}

static void
service_reschedule(struct service *service, guint index, const struct pass_account *row)
{
	const struct account *account = g_ptr_array_index(service->setup->config->accounts, index);
	gint64 now = g_get_monotonic_time();
	bool failed = !g_str_equal(row->state, fetch_account_state_words[FETCH_OK]) &&
		      !g_str_equal(row->state, fetch_account_state_words[FETCH_WAITING]);

	schedule_ended(
	    service->schedule, index, now, failed, (gint64)row->retry_after * G_USEC_PER_SEC);
	gint64 wait_s = (schedule_when(service->schedule, index) - now) / G_USEC_PER_SEC;
	/* Beyond what the interval varies by. */
	if (wait_s > (gint64)account->every_seconds * 11 / 10)
		log_warning(
		    "account=%s is left alone for %" G_GINT64_FORMAT " s", account->name, wait_s);
}

static void
service_ended(const struct pass_account *row, void *data)
{
	struct service *service = data;

	log_info("account=%s state=%s new=%" G_GUINT64_FORMAT " failed=%" G_GUINT64_FORMAT
		 " flags=%" G_GUINT64_FORMAT " not-checked=%" G_GUINT64_FORMAT "%s%s",
	    row->account, row->state, row->messages, row->failed, row->flags, row->not_checked,
	    *row->text != '\0' ? ": " : "", row->text);
	guint index;
	if (service_find(service, row->account, &index))
		service_reschedule(service, index, row);
	if (row->flags > 0) {
		outputs_wake(service->outputs);
		reporting_wake(service->reporting);
	}
	if (!service_is_ending(service))
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
		const struct account *account =
		    g_ptr_array_index(service->setup->config->accounts, index);
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

/* --- accounts that are watched --- */

static void service_plan_watching(struct service *service);

static gboolean
service_watch_due(void *data)
{
	struct service *service = data;
	gint64 now = g_get_monotonic_time();
	const struct account *account;
	const char *role;

	service->watch_timer = 0;
	while (service->error == NULL && watching_due(service->watching, now, &account, &role))
		pass_listen(service->pass, account, role, &service->error);
	service_plan_watching(service);
	return G_SOURCE_REMOVE;
}

static void
service_plan_watching(struct service *service)
{
	gint64 next = watching_next(service->watching);

	g_clear_handle_id(&service->watch_timer, g_source_remove);
	if (next == SCHEDULE_NEVER || service_is_ending(service))
		return;
	gint64 wait_ms = MAX(next - g_get_monotonic_time(), 0) / 1000 + 1;
	service->watch_timer =
	    g_timeout_add((guint)MIN(wait_ms, G_MAXINT), service_watch_due, service);
}

/* The pass that follows asks the whole account: whatever else came there comes with it. */
static void
service_news(struct service *service, const struct fetch_watch *news)
{
	guint index;

	if (watching_news(service->watching, news))
		log_info("account=%s folder=%s is watched", news->account, news->role);
	if (service_find(service, news->account, &index))
		schedule_wanted(service->schedule, index, g_get_monotonic_time());
	service_plan(service);
}

static void
service_watch_ended(struct service *service, const struct fetch_watch *end)
{
	gint64 wait = watching_ended(service->watching, end, g_get_monotonic_time());

	if (wait >= 0)
		log_info("account=%s folder=%s is not watched for %" G_GINT64_FORMAT
			 " s, only polled: %s",
		    end->account, end->role, wait / G_USEC_PER_SEC, end->text);
}

static void
service_watch(const struct fetch_event *event, void *data)
{
	struct service *service = data;

	if (service_is_ending(service) || service->watching == NULL)
		return;
	if (event->kind == FETCH_EVENT_NEWS)
		service_news(service, &event->watch);
	else if (event->kind == FETCH_EVENT_WATCH_END)
		service_watch_ended(service, &event->watch);
	else
		watching_lost(service->watching, g_get_monotonic_time());
	service_plan_watching(service);
}

/* --- reports --- */

static void
service_note(const char *word, const char *text, void *data)
{
	struct service *service = data;
	g_autoptr(GError) error = NULL;

	if (service->pass == NULL || !pass_note(service->pass, word, text, &error))
		log_error(
		    "note that %s: %s", text, error != NULL ? error->message : "no store is open");
}

/* Once a day; yesterday's is over, or gives way. What it finds stands in the next report. */
static void
service_check_share(gint64 now, void *data)
{
	struct service *service = data;
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&service->checking, checking_free);
	service->checking =
	    checking_new(service->setup->config, now, service_note, service, &error);
	if (service->checking == NULL)
		service_note("not-verified", error->message, service);
	else
		chores_await_check(service->chores);
}

/* Without a daily report there is no hour for it, and nothing to wait for. */
static bool
service_is_checked(void *data)
{
	const struct service *service = data;
	const struct config_report *daily = g_ptr_array_index(service->setup->config->reports, 0);

	if (daily->minute < 0)
		return true;
	return service->checking != NULL && checking_is_done(service->checking);
}

/* --- ending passes --- */

static gboolean
service_gives_up(void *data)
{
	struct service *service = data;

	service->give_up = 0;
	log_warning("some servers did not answer in time; their passes go on at the next start");
	return G_SOURCE_REMOVE;
}

/* What is fetched is recorded, nothing more is asked for. */
static void
service_end_passes(struct service *service)
{
	g_clear_handle_id(&service->timer, g_source_remove);
	g_clear_handle_id(&service->watch_timer, g_source_remove);
	if (service->pass == NULL || service->give_up != 0)
		return;
	pass_stop(service->pass);
	service->give_up = g_timeout_add(SERVICE_STOP_MS, service_gives_up, service);
}

static gboolean
service_stop(void *data)
{
	struct service *service = data;

	if (service->stopped)
		return G_SOURCE_CONTINUE;
	service->stopped = true;
	log_info("stopping");
	reporting_stop(service->reporting);
	service_end_passes(service);
	return G_SOURCE_CONTINUE;
}

/* --- loading anew --- */

/* Only noted here: what loads iterates the main loop, so that the service goes on meanwhile. */
static gboolean
service_hang_up(void *data)
{
	struct service *service = data;

	service->asked = true;
	return G_SOURCE_CONTINUE;
}

/* A group has other members: that is a change of the rules. */
static void
service_want(void *data)
{
	service_hang_up(data);
}

/* What came of it: for the log, for who asked, and for the report when nothing came of it. */
static void
service_answer(struct service *service, bool taken, const char *text)
{
	g_autoptr(GError) error = NULL;

	if (taken)
		log_info("SIGHUP: %s", text);
	else
		log_error("SIGHUP: %s", text);
	if (!taken)
		service_note("reload-refused", text, service);
	service->reloads++;
	if (!reloads_write(service->setup->config->data_dir, service->reloads, taken, text, &error))
		log_warning("tell what came of SIGHUP: %s", error->message);
}

static void
service_load(struct service *service)
{
	service->asked = false;
	struct daemon_setup *next = service->load(service->load_data);
	if (next == NULL) {
		service_answer(service, false,
		    "not taken, the log says why; the service goes on with what it has");
	} else if (service->stopped) {
		daemon_setup_free(next);
	} else {
		service->next = next;
		service_end_passes(service);
	}
}

/* --- from one setup to the next --- */

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
service_reserve(const struct account *account, void *data)
{
	struct service *service = data;

	pass_reserve(service->pass, account, 1);
}

static bool
service_open(struct service *service, GError **error)
{
	const struct daemon_setup *setup = service->setup;
	struct pass_setup pass = {
		.config = setup->config,
		.sources = setup->sources,
		.ruleset = setup->ruleset,
		.command = "run",
		.ended = service_ended,
		.watch = service_watch,
		.data = service,
	};

	service->pass = pass_open(&pass, error);
	if (service->pass == NULL)
		return false;
	if (!pass_wait(service->pass, error)) {
		g_ptr_array_unref(pass_close(g_steal_pointer(&service->pass), FAULT_BUG));
		return false;
	}
	service->schedule = service_schedule(setup->config);
	service->places = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < setup->config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(setup->config->accounts, i);
		g_hash_table_insert(service->places, account->name, GUINT_TO_POINTER(i));
	}
	service->watching = watching_new(setup->config->accounts,
	    setup->config->limits.connections_per_server, g_get_monotonic_time(), g_random_int());
	watching_each(service->watching, service_reserve, service);
	log_info("watching %u accounts with %u rules", setup->config->accounts->len,
	    ruleset_count(setup->ruleset));
	return true;
}

static void
service_close(struct service *service)
{
	g_clear_handle_id(&service->timer, g_source_remove);
	g_clear_handle_id(&service->give_up, g_source_remove);
	if (service->pass != NULL)
		g_ptr_array_unref(
		    pass_close(g_steal_pointer(&service->pass), fault_exit_code(service->error)));
	g_clear_handle_id(&service->watch_timer, g_source_remove);
	g_clear_pointer(&service->schedule, schedule_free);
	g_clear_pointer(&service->places, g_hash_table_destroy);
	g_clear_pointer(&service->watching, watching_free);
}

/* The old setup stays at hand until the new one works. */
static bool
service_take_over(struct service *service, GError **error)
{
	struct daemon_setup *old = service->setup;
	g_autoptr(GError) trouble = NULL;

	service_close(service);
	service->setup = g_steal_pointer(&service->next);
	if (service_open(service, &trouble)) {
		g_autofree char *text = g_strdup_printf(
		    "configuration and rules are read again: %u rules, %u accounts",
		    ruleset_count(service->setup->ruleset), service->setup->config->accounts->len);
		service_answer(service, true, text);
		daemon_setup_free(old);
		return true;
	}
	daemon_setup_free(service->setup);
	service->setup = old;
	if (!service_open(service, error))
		return false;
	g_autofree char *text =
	    g_strdup_printf("%s; the service goes on with what it had", trouble->message);
	service_answer(service, false, text);
	return true;
}

static bool
service_goes_on(struct service *service)
{
	if (pass_error(service->pass) != NULL && service->error == NULL)
		service->error = g_error_copy(pass_error(service->pass));
	if (service->error != NULL)
		return false;
	return !service_is_ending(service) ||
	       (pass_under_way(service->pass) > 0 && service->give_up != 0);
}

static void
service_work(struct service *service)
{
	service_plan(service);
	service_plan_watching(service);
	reporting_follow(service->reporting, service->setup->config);
	reporting_notify(service->reporting, service->setup->ruleset);
	chores_follow(service->chores, service->setup->config);
	outputs_follow(service->outputs, service->setup->config);
	directories_alarm_follow(service->directories, service->setup->config);
	while (service_goes_on(service)) {
		if (service->asked && !service_is_ending(service))
			service_load(service);
		else
			g_main_context_iteration(NULL, TRUE);
	}
}

static void
service_loop(struct service *service)
{
	bool open = service_open(service, &service->error) &&
		    reloads_write(service->setup->config->data_dir, 0, true, "", &service->error);

	/* There are no rules before them that could stay: better these than none. */
	if (open && service->setup->failing != NULL)
		service_note(DAEMON_RULES_FAIL, service->setup->failing, service);
	while (open) {
		service_work(service);
		open = service->error == NULL && !service->stopped &&
		       service_take_over(service, &service->error);
	}
	/* What it still has to say belongs into the store. */
	g_clear_pointer(&service->checking, checking_free);
	g_clear_pointer(&service->chores, chores_free);
	g_clear_pointer(&service->reporting, reporting_free);
	g_clear_pointer(&service->outputs, outputs_free);
	g_clear_pointer(&service->directories, directories_alarm_free);
	service_close(service);
}

int
daemon_run(struct daemon_setup *setup, daemon_load *load, void *data, GError **error)
{
	struct service service = { .setup = setup, .load = load, .load_data = data };
	guint signals[] = {
		g_unix_signal_add(SIGTERM, service_stop, &service),
		g_unix_signal_add(SIGINT, service_stop, &service),
		g_unix_signal_add(SIGHUP, service_hang_up, &service),
	};

	service.outputs = outputs_new(OUTPUTS_RETRY_MS, service_note, &service);
	service.directories = directories_alarm_new(service_note, service_want, &service);
	service.chores = chores_new(service_note, service_is_checked, &service);
	service.reporting = reporting_new(service_note, service_check_share, &service);
	service_loop(&service);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(signals[i]);
	int exit_code = fault_exit_code(service.error);
	daemon_setup_free(service.setup);
	daemon_setup_free(service.next);
	if (service.error != NULL)
		g_propagate_error(error, service.error);
	return exit_code;
}

void
daemon_setup_free(struct daemon_setup *setup)
{
	if (setup == NULL)
		return;
	g_free(setup->failing);
	ruleset_free(setup->ruleset);
	sources_free(setup->sources);
	config_free(setup->config);
	g_free(setup);
}
