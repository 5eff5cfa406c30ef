/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well an account is watched over: its canary, how long it is silent, how long nobody looked,
 * and whether a pass hangs.
 */
#include "store/view-inner.h"

#include "base/clock.h"

const char *const view_canary_words[] = { "none", "seen", "awaited", "refused", "late", NULL };

enum view_canary_state
view_canary_state(const struct view_canary *canary, gint64 now)
{
	if (canary->made == 0 || now - canary->made > VIEW_CANARY_US)
		return VIEW_CANARY_NONE;
	if (canary->seen != 0)
		return VIEW_CANARY_SEEN;
	if (canary->trouble[0] != '\0')
		return VIEW_CANARY_REFUSED;
	return now > canary->due ? VIEW_CANARY_LATE : VIEW_CANARY_AWAITED;
}

static bool
load_canary(struct view *view, gint64 id, struct view_canary *canary, GError **error)
{
	static const struct query_text last = { "read the last canary",
		"SELECT made, planted, seen, due, trouble, altered FROM canary WHERE account = ?"
		" ORDER BY day DESC LIMIT 1" };
	struct query query;

	if (!query_open(&query, view->database, &last, VALUES(query_int_value(id)), error))
		return false;
	if (query_next(&query)) {
		canary->made = query_int(&query, 0);
		canary->planted = query_int(&query, 1);
		canary->seen = query_int(&query, 2);
		canary->due = query_int(&query, 3);
		canary->trouble = query_dup(&query, 4);
		canary->altered = query_int(&query, 5) != 0;
	}
	if (canary->trouble == NULL)
		canary->trouble = g_strdup("");
	return query_close(&query, error);
}

/* The second longest distance between days on which mail came: one holiday proves nothing. */
static bool
load_arrivals(struct view *view, gint64 id, struct view_account *account, GError **error)
{
	static const struct query_text days = { "read on which days mail came",
		"SELECT day, latest FROM arrival WHERE account = ?1 AND day > (SELECT max(day)"
		" FROM arrival WHERE account = ?1) - ?2 ORDER BY day" };
	gint64 before = 0, longest = 0, second = 0;
	guint n = 0;
	struct query query;

	if (!query_open(&query, view->database, &days,
		VALUES(query_int_value(id), query_int_value(VIEW_SILENCE_DAYS)), error))
		return false;
	for (; query_next(&query); n++) {
		gint64 day = query_int(&query, 0), pause = n > 0 ? day - before : 0;
		second = MAX(second, MIN(pause, longest));
		longest = MAX(longest, pause);
		before = day;
		account->arrived = query_int(&query, 1);
	}
	if (n >= VIEW_SILENCE_LEAST)
		account->usual_pause = second * G_TIME_SPAN_DAY;
	return query_close(&query, error);
}

bool
view_is_silent(const struct view_account *account, gint64 now)
{
	return account->usual_pause != 0 &&
	       now - account->arrived > 2 * account->usual_pause + G_TIME_SPAN_DAY;
}

static bool
load_pass(struct view *view, gint64 id, struct view_account *account, GError **error)
{
	static const struct query_text pass = { "read how far a pass is",
		"SELECT begun, moved FROM account WHERE id = ?" };
	struct query query;

	if (!query_open(&query, view->database, &pass, VALUES(query_int_value(id)), error))
		return false;
	if (query_next(&query)) {
		account->pass_begun = query_int(&query, 0);
		account->pass_moved = query_int(&query, 1);
	}
	return query_close(&query, error);
}

bool
view_line(struct view *view, const char *account, guint64 *a_second, GError **error)
{
	static const struct query_text rate = { "read how fast a line is",
		"SELECT coalesce(sum(t.bytes) * 1000 / max(sum(t.milliseconds), 1), 0)"
		" FROM attempt t JOIN account a ON a.id = t.account WHERE a.name = ?"
		" AND t.bytes >= 1048576" };
	gint64 found = 0;

	if (!query_number(view->database, &rate, VALUES(query_text_value(account)), &found, error))
		return false;
	*a_second = (guint64)MAX(found, 0);
	return true;
}

bool
view_is_stalled(const struct view_account *account, gint64 now)
{
	gint64 last = MAX(account->pass_begun, account->pass_moved);

	return account->pass_begun != 0 && now - last > VIEW_STALL_US;
}

bool
view_watch_load(struct view *view, gint64 id, struct view_account *account, GError **error)
{
	gint64 now = clock_now();

	return load_canary(view, id, &account->canary, error) &&
	       load_arrivals(view, id, account, error) && load_pass(view, id, account, error) &&
	       view_exposure(view, account->name, now - VIEW_EXPOSED_DAYS * G_TIME_SPAN_DAY, now,
		   &account->exposed, error);
}
