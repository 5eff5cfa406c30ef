/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/review.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"
#include "store/ledger.h"
#include "store/view-inner.h"

#define FINGERPRINT_SHOWN 16 /* digits of it in the ledger */

bool
review_is_open(enum review_state state)
{
	return state < REVIEW_FALSE_POSITIVE;
}

static void
change_free(gpointer data)
{
	struct review_change *change = data;

	g_free(change->rule);
	g_free(change->who);
	g_free(change->assignee);
	g_free(change->note);
	g_free(change);
}

/* --- which flags --- */

static bool
are_few(const GArray *flags, GError **error)
{
	if (flags->len <= REVIEW_FLAGS_MAX)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE, "more than %d flags: name fewer", REVIEW_FLAGS_MAX);
	return false;
}

static bool
add_flags(struct view *view, const struct query_text *text, const struct query_value *values,
    GArray *flags, GError **error)
{
	struct query query;

	if (!query_open(&query, view->database, text, values, error))
		return false;
	while (query_next(&query) && flags->len <= REVIEW_FLAGS_MAX) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(flags, id);
	}
	return query_close(&query, error) && are_few(flags, error);
}

bool
review_find(struct view *view, const char *name, GArray *flags, GError **error)
{
	static const struct query_text one = { "find a flag",
		"SELECT id FROM flag WHERE id = ? AND exception = ''" };
	static const struct query_text all = { "find an incident's flags",
		"SELECT id FROM flag WHERE incident = ? AND exception = '' ORDER BY id" };
	bool incident = g_ascii_strncasecmp(name, "I-", 2) == 0;
	const char *digits = name;
	guint64 number = 0;
	guint before = flags->len;

	if (incident)
		digits += 2;
	else if (g_str_has_prefix(name, "flag-"))
		digits += strlen("flag-");
	if (!g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT64, &number, NULL)) {
		g_autofree char *shown = text_printable(name, 40);
		g_set_error(error, FAULT, FAULT_USAGE,
		    "'%s' names no flag: write 17, flag-17, or I-4 for an incident", shown);
		return false;
	}
	if (!add_flags(view, incident ? &all : &one, VALUES(query_int_value((gint64)number)), flags,
		error))
		return false;
	if (flags->len > before)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE, "%s-%" G_GUINT64_FORMAT ": there is none",
	    incident ? "I" : "flag", number);
	return false;
}

/* What a search says of one flag, where all but its rule and state speaks of the whole message. */
enum said { SAID_NO, SAID_NOTHING, SAID_YES };

static enum said
said_of_flag(const struct search *search, const char *rule, const char *state)
{
	bool all = search->kind == SEARCH_ALL_OF;
	enum said said = all ? SAID_YES : SAID_NO;

	switch (search->kind) {
	case SEARCH_RULE:
		return text_glob(search->text, rule) ? SAID_YES : SAID_NO;
	case SEARCH_STATE:
		return strcmp(search->text, state) == 0 ? SAID_YES : SAID_NO;
	case SEARCH_NOT:
		return SAID_YES - said_of_flag(search->children->pdata[0], rule, state);
	case SEARCH_ALL_OF:
	case SEARCH_ANY_OF:
		for (guint i = 0; i < search->children->len; i++) {
			enum said one = said_of_flag(search->children->pdata[i], rule, state);
			said = all ? MIN(said, one) : MAX(said, one);
		}
		return said;
	default:
		return SAID_NOTHING;
	}
}

/* The flags of one message that are meant. */
static bool
add_meant(struct view *view, const struct view_message *message, const struct view_query *meant,
    GArray *flags, GError **error)
{
	static const struct query_text of_message = { "find a message's flags",
		"SELECT id, rule, state FROM flag g WHERE g.message = ?1 AND g.exception = ''"
		" AND (?2 = '' OR text_glob(?2, g.rule)) ORDER BY id" };
	struct query query;

	if (!query_open(&query, view->database, &of_message,
		VALUES(query_int_value(message->id), query_text_value(meant->rule)), error))
		return false;
	while (query_next(&query) && flags->len <= REVIEW_FLAGS_MAX) {
		gint64 id = query_int(&query, 0);
		gint64 state = CLAMP(query_int(&query, 2), REVIEW_NEW, REVIEW_RESOLVED);
		if (meant->search == NULL || said_of_flag(meant->search, query_text(&query, 1),
						 review_state_words[state]) != SAID_NO)
			g_array_append_val(flags, id);
	}
	return query_close(&query, error) && are_few(flags, error);
}

bool
review_query(struct view *view, const struct view_query *query, GArray *flags, GError **error)
{
	g_autoptr(GPtrArray) messages = view_search(view, query, error);

	if (messages == NULL)
		return false;
	for (guint i = 0; i < messages->len; i++)
		if (!add_meant(view, messages->pdata[i], query, flags, error))
			return false;
	return true;
}

bool
review_open_flags(struct view *view, guint limit, GArray *flags, GError **error)
{
	static const struct query_text all = { "find open flags",
		"SELECT g.id, max(g.severity) OVER leak AS worst, min(g.seen) OVER leak AS first"
		" FROM flag g WHERE g.state < 3 AND g.exception = ''"
		" WINDOW leak AS (PARTITION BY g.incident)"
		" ORDER BY worst DESC, first, g.incident, g.severity DESC, g.id LIMIT ?" };

	return add_flags(
	    view, &all, VALUES(query_int_value(limit > 0 ? (gint64)limit : -1)), flags, error);
}

/* --- deciding --- */

/* A flag as it stands, and what becomes of it. */
struct step {
	gint64 flag;
	char *fingerprint, *rule, *assignee, *note;
	enum review_state was, state;
	char *next_assignee;
	bool found;
};

static void
step_clear(struct step *step)
{
	g_free(step->fingerprint);
	g_free(step->rule);
	g_free(step->assignee);
	g_free(step->note);
	g_free(step->next_assignee);
}

static bool
read_step(struct view *view, const struct review_order *order, struct step *step, GError **error)
{
	static const struct query_text find = { "read a flag's review",
		"SELECT g.fingerprint, g.rule, g.state, coalesce(r.assignee, ''),"
		" coalesce(r.note, '') FROM flag g LEFT JOIN review r"
		" ON r.fingerprint = g.fingerprint WHERE g.id = ? AND g.exception = ''" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(step->flag)), error))
		return false;
	step->found = query_next(&query);
	if (step->found) {
		step->fingerprint = query_dup(&query, 0);
		step->rule = query_dup(&query, 1);
		step->was = query_enum(&query, 2, word_count(review_state_words));
		step->assignee = query_dup(&query, 3);
		step->note = query_dup(&query, 4);
		step->state = order->state >= 0 ? (enum review_state)order->state : step->was;
		step->next_assignee =
		    g_strdup(order->assignee != NULL ? order->assignee : step->assignee);
	}
	return query_close(&query, error);
}

/* The note's text stands in the review alone, where it can be erased; its digest in the ledger. */
static bool
note_step(struct view *view, const struct step *step, const struct review_order *order, gint64 now,
    GError **error)
{
	g_autoptr(GString) object = g_string_new(NULL);

	g_string_append_printf(object, "flag-%" G_GINT64_FORMAT " %.*s %s: %s to %s", step->flag,
	    FINGERPRINT_SHOWN, step->fingerprint, step->rule, review_state_words[step->was],
	    review_state_words[step->state]);
	if (strcmp(step->assignee, step->next_assignee) != 0)
		g_string_append_printf(object, ", assigned to %s",
		    step->next_assignee[0] != '\0' ? step->next_assignee : "nobody");
	if (order->note != NULL) {
		char digest[DIGEST_HEX];
		digest_bytes(order->note, strlen(order->note), digest);
		g_string_append_printf(object, ", note %.*s", FINGERPRINT_SHOWN, digest);
	}
	return ledger_append(view->database, view->person, "review", object->str, now, error);
}

/* The tables themselves: read_step saw the flag through the view, which is not written through. */
static bool
write_step(struct view *view, const struct step *step, const struct review_order *order, gint64 now,
    GError **error)
{
	static const struct query_text put = { "record a review",
		"INSERT INTO main.review (fingerprint, state, assignee, note, who, changed)"
		" VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET"
		" state = excluded.state, assignee = excluded.assignee, note = excluded.note,"
		" who = excluded.who, changed = excluded.changed" };
	static const struct query_text repeat = { "mark the flags of a review",
		"UPDATE main.flag SET state = ? WHERE fingerprint = ?" };
	static const struct query_text history = { "record a change of a review",
		"INSERT INTO main.review_change (fingerprint, flag, seen, who, was, state, "
		"assignee,"
		" note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };
	const struct query_value fingerprint = query_text_value(step->fingerprint);
	const struct query_value state = query_int_value(step->state);
	const struct query_value assignee = query_text_value(step->next_assignee);
	const struct query_value who = query_text_value(view->person);

	return query_run(view->database, &put,
		   VALUES(fingerprint, state, assignee,
		       query_text_value(order->note != NULL ? order->note : step->note), who,
		       query_int_value(now)),
		   error) &&
	       query_run(view->database, &repeat, VALUES(state, fingerprint), error) &&
	       query_run(view->database, &history,
		   VALUES(fingerprint, query_int_value(step->flag), query_int_value(now), who,
		       query_int_value(step->was), state, assignee, query_text_value(order->note)),
		   error) &&
	       note_step(view, step, order, now, error);
}

static struct review_change *
change_of(
    const struct view *view, const struct step *step, const struct review_order *order, gint64 now)
{
	struct review_change *change = g_new0(struct review_change, 1);

	change->flag = step->flag;
	change->seen = now;
	change->rule = g_strdup(step->rule);
	change->who = g_strdup(view->person);
	change->assignee = g_strdup(step->next_assignee);
	change->note = g_strdup(order->note != NULL ? order->note : "");
	change->was = step->was;
	change->state = step->state;
	return change;
}

static bool
take_step(struct view *view, gint64 flag, const struct review_order *order, gint64 now, bool plan,
    GPtrArray *changes, GError **error)
{
	struct step step = { .flag = flag };
	bool right = read_step(view, order, &step, error);

	if (right && !step.found) {
		g_set_error(
		    error, FAULT, FAULT_USAGE, "flag-%" G_GINT64_FORMAT ": there is none", flag);
		right = false;
	}
	if (right && (step.was != step.state || order->note != NULL ||
			 strcmp(step.assignee, step.next_assignee) != 0)) {
		right = plan || write_step(view, &step, order, now, error);
		if (right)
			g_ptr_array_add(changes, change_of(view, &step, order, now));
	}
	step_clear(&step);
	return right;
}

static bool
plan_steps(struct view *view, const GArray *flags, const struct review_order *order, bool plan,
    GPtrArray *changes, GError **error)
{
	gint64 now = clock_now();

	for (guint i = 0; i < flags->len; i++) {
		if (!take_step(
			view, g_array_index(flags, gint64, i), order, now, plan, changes, error))
			return false;
	}
	return true;
}

static bool
take_steps(struct view *view, const GArray *flags, const struct review_order *order,
    GPtrArray *changes, GError **error)
{
	if (!database_begin(view->database, error))
		return false;
	if (plan_steps(view, flags, order, false, changes, error) &&
	    database_commit(view->database, error))
		return true;
	database_rollback(view->database);
	return false;
}

static bool
check_order(const struct review_order *order, GError **error)
{
	const char *texts[] = { order->note, order->assignee };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (texts[i] == NULL)
			continue;
		if (strlen(texts[i]) > REVIEW_NOTE_MAX || !g_utf8_validate(texts[i], -1, NULL)) {
			g_set_error(error, FAULT, FAULT_USAGE,
			    "%s: UTF-8 of at most %d bytes is taken",
			    i == 0 ? "the note" : "the name", REVIEW_NOTE_MAX);
			return false;
		}
	}
	return true;
}

static bool
may_decide(const struct view *view, GError **error)
{
	if (view->reach == VIEW_ALL || view->reach == VIEW_ACCOUNTS)
		return true;
	g_set_error(error, FAULT, FAULT_DENIED,
	    "%s may not decide about flags: that is for officers", view->person);
	return false;
}

GPtrArray *
review_set(struct view *view, const GArray *flags, const struct review_order *order, GError **error)
{
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);

	if (!may_decide(view, error) || !check_order(order, error) ||
	    !database_script(view->database, "review", "PRAGMA query_only = OFF", error))
		return NULL;
	bool right = take_steps(view, flags, order, changes, error);
	right = database_script(
		    view->database, "review", "PRAGMA query_only = ON", right ? error : NULL) &&
		right;
	return right ? g_steal_pointer(&changes) : NULL;
}

GPtrArray *
review_plan(
    struct view *view, const GArray *flags, const struct review_order *order, GError **error)
{
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);

	return check_order(order, error) && plan_steps(view, flags, order, true, changes, error)
		   ? g_steal_pointer(&changes)
		   : NULL;
}

/* --- what was decided --- */

#define CHANGE_ROWS                                                                                \
	"SELECT c.flag, c.seen, coalesce(g.rule, ''), c.who, c.assignee, c.note, c.was, c.state"   \
	" FROM review_change c LEFT JOIN flag g ON g.id = c.flag"

static GPtrArray *
read_changes(struct view *view, const struct query_text *text, const struct query_value *values,
    GError **error)
{
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);
	struct query query;

	if (!query_open(&query, view->database, text, values, error))
		return NULL;
	while (query_next(&query)) {
		struct review_change *change = g_new0(struct review_change, 1);
		change->flag = query_int(&query, 0);
		change->seen = query_int(&query, 1);
		change->rule = query_dup(&query, 2);
		change->who = query_dup(&query, 3);
		change->assignee = query_dup(&query, 4);
		change->note = query_dup(&query, 5);
		change->was = query_enum(&query, 6, word_count(review_state_words));
		change->state = query_enum(&query, 7, word_count(review_state_words));
		g_ptr_array_add(changes, change);
	}
	return query_close(&query, error) ? g_steal_pointer(&changes) : NULL;
}

GPtrArray *
review_history(struct view *view, const char *fingerprint, GError **error)
{
	static const struct query_text all = { "read a review's history",
		CHANGE_ROWS " WHERE c.fingerprint = ? ORDER BY c.id" };

	return read_changes(view, &all, VALUES(query_text_value(fingerprint)), error);
}

GPtrArray *
review_changes(struct view *view, gint64 from, gint64 to, guint limit, GError **error)
{
	static const struct query_text all = { "read reviews",
		CHANGE_ROWS " WHERE c.seen >= ? AND c.seen < ? ORDER BY c.seen, c.id LIMIT ?" };

	return read_changes(view, &all,
	    VALUES(query_int_value(from), query_int_value(to), query_int_value(limit)), error);
}
