/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/pulse.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"

struct pulse {
	struct store *store;
	gint64 run;
	const GPtrArray *rows;
	gint64 now, monotonic; /* of the last beat */
};

/* "the clock went forward by 86,400 s": windows, days and intervals of that time are off. */
static bool
note_jump(struct pulse *pulse, gint64 from, gint64 by, gint64 now, GError **error)
{
	g_autofree char *before = clock_iso(from);
	g_autofree char *after = clock_iso(now);
	g_autofree char *text = g_strdup_printf("the clock went %s by %" G_GINT64_FORMAT
						" s, or the machine slept: it said %s and then %s",
	    by < 0 ? "back" : "forward", ABS(by) / G_USEC_PER_SEC, before, after);

	log_warning("%s", text);
	return store_note(pulse->store, "", "", "clock-jump", text, now, pulse->run, error);
}

static bool
beat_rows(struct pulse *pulse, GError **error)
{
	for (guint i = 0; i < pulse->rows->len; i++) {
		struct pass_account *row = g_ptr_array_index(pulse->rows, i);
		bool lives = row->config != NULL;
		if ((lives || row->pulsed) &&
		    !store_pulse_account(pulse->store, row->account, lives ? row->begun : 0,
			lives ? row->moved : 0, error))
			return false;
		row->pulsed = lives;
	}
	return true;
}

static bool
beat(struct pulse *pulse, gint64 from, gint64 jump, gint64 now, GError **error)
{
	if (!store_begin(pulse->store, error))
		return false;
	if ((ABS(jump) <= PULSE_JUMP_S * G_USEC_PER_SEC ||
		note_jump(pulse, from, jump, now, error)) &&
	    store_pulse(pulse->store, pulse->run, now, error) && beat_rows(pulse, error) &&
	    store_commit(pulse->store, error))
		return true;
	store_rollback(pulse->store);
	return false;
}

bool
pulse_beat(struct pulse *pulse, gint64 now, gint64 monotonic, GError **error)
{
	gint64 from = pulse->now, jump = (now - from) - (monotonic - pulse->monotonic);

	pulse->now = now;
	pulse->monotonic = monotonic;
	return beat(pulse, from, jump, now, error);
}

struct pulse *
pulse_new(struct store *store, gint64 run, const GPtrArray *rows, GError **error)
{
	g_autoptr(pulse) pulse = g_new0(struct pulse, 1);
	gint64 last;

	pulse->store = store;
	pulse->run = run;
	pulse->rows = rows;
	pulse->now = clock_now();
	pulse->monotonic = g_get_monotonic_time();
	if (!store_last_pulse(store, &last, error))
		return NULL;
	/* Forward proves nothing: nobody ran meanwhile. */
	gint64 back = MIN(pulse->now - last, 0);
	return beat(pulse, last, back, pulse->now, error) ? g_steal_pointer(&pulse) : NULL;
}

void
pulse_free(struct pulse *pulse)
{
	g_free(pulse);
}
