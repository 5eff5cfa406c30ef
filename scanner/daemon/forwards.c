/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mail is in the outbox before the cursor moves.
 */
#include "daemon/forwards.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/copies.h"
#include "daemon/cursor.h"
#include "daemon/letters.h"
#include "daemon/own-mail.h"
#include "daemon/scopes.h"
#include "reports/notice.h"
#include "reports/wording.h"
#include "store/view-report.h"

#define LOOK_MS (60 * 1000) /* passes may be long, and flags come all the while */
#define AT_ONCE 1000        /* flags between two saves, at most */

struct forwards {
	struct post *post;
	post_note *note;
	void *data;
	const struct config *config;
	const struct ruleset *ruleset;
	struct cursor *cursor;
	char *sha256;       /* of the last message: flags of one follow each other */
	GPtrArray *reached; /* char *: persons who got it */
	bool went_out;      /* and the file does not say it */
	guint timer;
};

/* A mail to be: flags of one message, by rules that forward it to one person. */
struct copy {
	const struct config_person *person;
	struct view *view; /* as that person sees the store */
	struct view_message *message;
	GPtrArray *rows; /* of struct view_flag */
};

static char *
state_path(const struct forwards *forwards)
{
	return g_build_filename(forwards->config->data_dir, "forwards", NULL);
}

static bool
state_save(const struct forwards *forwards, GError **error)
{
	g_autofree char *path = state_path(forwards);

	return cursor_save(forwards->cursor, path, error);
}

static bool
state_load(struct forwards *forwards, struct view *view, GError **error)
{
	g_autofree char *path = state_path(forwards);
	bool damaged;

	if (!cursor_load(forwards->cursor, path, view, &damaged, error))
		return false;
	if (!damaged)
		return true;
	g_autofree char *lost =
	    g_strdup_printf("%s does not say how far it was, or more than there "
			    "is; what was flagged before this may not have "
			    "been forwarded",
		path);
	log_warning("%s", lost);
	forwards->note("forwards-restarted", lost, forwards->data);
	return true;
}

/* --- to whom --- */

char *
forwards_lacking(const struct config *config, const char *person)
{
	const struct config_person *found = config_person(config, person);

	if (found == NULL)
		return g_strdup_printf("there is no [person.%s]", person);
	if (found->mail == NULL || *found->mail == '\0')
		return g_strdup_printf("[person.%s] has no mail", person);
	if (scopes_of(config, found).reach == VIEW_NO_MAIL)
		return g_strdup_printf("%s may not read mail", person);
	return config->smtp == NULL ? g_strdup("there is no [smtp]") : NULL;
}

static const char *
person_of(const struct forwards *forwards, const struct view_brief *brief)
{
	const struct rule_info *rule = ruleset_find(forwards->ruleset, brief->rule);

	return rule != NULL ? rule->forward : "";
}

static bool
is_reached(const struct forwards *forwards, const struct view_brief *brief, const char *person)
{
	return g_strcmp0(forwards->sha256, brief->sha256) == 0 &&
	       g_ptr_array_find_with_equal_func(forwards->reached, person, g_str_equal, NULL);
}

static void
set_reached(struct forwards *forwards, const struct view_brief *brief, const char *person)
{
	if (g_strcmp0(forwards->sha256, brief->sha256) != 0) {
		g_ptr_array_set_size(forwards->reached, 0);
		g_free(forwards->sha256);
		forwards->sha256 = g_strdup(brief->sha256);
	}
	g_ptr_array_add(forwards->reached, g_strdup(person));
}

/* By an earlier flag: a message that is judged again is no news. */
static bool
was_sent(const struct forwards *forwards, struct view *view, const struct view_brief *brief,
    const char *person, bool *sent, GError **error)
{
	g_autoptr(GPtrArray) before = view_incident_briefs(
	    view, brief->incident, forwards->cursor->start, brief->flag, error);

	*sent = false;
	for (guint i = 0; before != NULL && i < before->len; i++) {
		const struct view_brief *earlier = before->pdata[i];
		*sent |= g_str_equal(earlier->sha256, brief->sha256) &&
			 g_str_equal(person_of(forwards, earlier), person);
	}
	return before != NULL;
}

/* --- the mail --- */

/* The note is the same for all such messages, and the report has it once. */
static void
refuse(const struct forwards *forwards, const struct view_brief *brief, const char *person,
    const char *why)
{
	g_autofree char *text =
	    g_strdup_printf("%s flagged what is not forwarded to %s: %s", brief->rule, person, why);

	log_error("%s (%s)", text, brief->sha256);
	forwards->note(FORWARDS_REFUSED, text, forwards->data);
}

/* NULL without an error: it stays away, and *says tells why. */
static GBytes *
exact_copy(const struct config *config, const struct copy *copy, const char *name, char **says,
    GError **error)
{
	const struct view_message *message = copy->message;
	g_autoptr(GError) trouble = NULL;

	if (config->four_eyes) {
		*says = g_strdup("Its copy is not attached: a second officer has to agree first.");
		return NULL;
	}
	if (message->size > LETTERS_ATTACHED_MAX) {
		g_autofree char *size = text_size(message->size);
		*says = g_strdup_printf(
		    "Its copy is not attached: with %s it is too large for a mail.", size);
		return NULL;
	}
	GBytes *bytes = view_copy(copy->view, message->id, &trouble);
	if (bytes != NULL)
		*says = g_strdup_printf("Its exact copy is attached as %s, %" G_GUINT64_FORMAT
					" bytes.",
		    name, message->size);
	else if (g_error_matches(trouble, FAULT, FAULT_RETRY))
		g_propagate_error(error, g_steal_pointer(&trouble));
	else
		*says = g_strdup_printf("Its copy is not attached: %s.", trouble->message);
	return bytes;
}

static GPtrArray *
make_mailings(const struct forwards *forwards, const struct copy *copy, GError **error)
{
	const struct config *config = forwards->config;
	const struct notice notice = {
		.organisation = config->organisation,
		.zone_name = config->zone_name,
		.zone = config->zone,
		.mask = (int)config_daily(config)->masked,
		.rows = copy->rows,
	};
	g_autofree char *digest = wording_digest(copy->message->sha256);
	g_autofree char *name = g_strconcat(digest, ".eml", NULL);
	g_autofree char *what =
	    g_strdup_printf("the copy of %s for %s", digest, copy->person->name);
	g_autofree char *says = NULL;
	g_autoptr(GBytes) bytes = exact_copy(config, copy, name, &says, error);

	if (says == NULL)
		return NULL;
	g_autofree char *subject = notice_copy_subject(&notice);
	g_autofree char *text = notice_copy_text(&notice, copy->person->name, says);
	const struct letters_copy letter = { what, subject, text, name, bytes };
	g_autoptr(GPtrArray) to = g_ptr_array_new();
	g_ptr_array_add(to, (gpointer)copy->person);
	return letters_copy(config, to, &letter, error);
}

static bool
send_copy(struct forwards *forwards, const struct copy *copy, const struct view_brief *brief,
    GError **error)
{
	g_autofree char *object = g_strdup_printf("%s to %s <%s>, as %s says", brief->sha256,
	    copy->person->name, copy->person->mail, brief->rule);
	g_autoptr(GPtrArray) mailings = make_mailings(forwards, copy, error);

	if (mailings == NULL || !view_note_access(copy->view, "forward", object, error))
		return false;
	g_ptr_array_set_free_func(mailings, NULL);
	for (guint i = 0; i < mailings->len; i++)
		post_send(forwards->post, mailings->pdata[i]);
	cursor_mailed(forwards->cursor, clock_now());
	forwards->went_out = true;
	set_reached(forwards, brief, copy->person->name);
	return true;
}

/* Of this message, from the first one on: the mail speaks of all of them. */
static bool
add_rows(const struct forwards *forwards, const GPtrArray *briefs, guint first, struct copy *copy,
    GError **error)
{
	const struct view_brief *brief = briefs->pdata[first];

	for (guint i = first; i < briefs->len; i++) {
		const struct view_brief *next = briefs->pdata[i];
		if (!g_str_equal(next->sha256, brief->sha256))
			break;
		if (!g_str_equal(person_of(forwards, next), copy->person->name))
			continue;
		struct view_flag *row = view_flag_one(copy->view, next->flag, error);
		if (row == NULL)
			return false;
		g_ptr_array_add(copy->rows, row);
	}
	return true;
}

static bool
forward(struct forwards *forwards, const GPtrArray *briefs, guint index, const char *person,
    GError **error)
{
	const struct config *config = forwards->config;
	const struct view_brief *brief = briefs->pdata[index];
	g_autofree char *lacking = forwards_lacking(config, person);
	g_autoptr(GError) hidden = NULL;

	if (lacking != NULL) {
		refuse(forwards, brief, person, lacking);
		return true;
	}
	struct copy copy = { .person = config_person(config, person) };
	const struct view_scope scope = scopes_of(config, copy.person);
	g_autoptr(view) view = copies_open_view(config, "service", error);
	if (view == NULL || !view_restrict(view, &scope, error))
		return false;
	g_autoptr(view_message) message = view_find(view, brief->sha256, &hidden);
	if (message == NULL && g_error_matches(hidden, FAULT, FAULT_RETRY)) {
		g_propagate_error(error, g_steal_pointer(&hidden));
		return false;
	}
	if (message == NULL) {
		refuse(forwards, brief, person, "it is not for that person to see");
		return true;
	}
	copy.view = view;
	copy.message = message;
	copy.rows = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free);
	bool sent = add_rows(forwards, briefs, index, &copy, error) &&
		    send_copy(forwards, &copy, brief, error);
	g_ptr_array_unref(copy.rows);
	return sent;
}

/* --- flag by flag --- */

static bool
may_send(struct forwards *forwards)
{
	gint64 now = clock_now();

	if (post_waiting(forwards->post) >= FORWARDS_WAITING)
		return false; /* the outbox says of itself why */
	if (cursor_next(forwards->cursor, FORWARDS_AN_HOUR, now) <= now)
		return true;
	g_autofree char *text = g_strdup_printf(
	    "%d copies were forwarded within an hour; the others wait", FORWARDS_AN_HOUR);
	forwards->note(FORWARDS_HELD, text, forwards->data);
	return false;
}

static bool
mind_flag(struct forwards *forwards, struct view *view, const GPtrArray *briefs, guint index,
    bool *held, GError **error)
{
	const struct view_brief *brief = briefs->pdata[index];
	const char *person = person_of(forwards, brief);
	bool own, sent;

	if (*person == '\0' || is_reached(forwards, brief, person))
		return true;
	if (!own_mail_came_back(view, brief, &own, error) ||
	    !was_sent(forwards, view, brief, person, &sent, error))
		return false;
	if (own || sent)
		return true;
	*held = !may_send(forwards);
	return *held || forward(forwards, briefs, index, person, error);
}

static bool
mind_all(struct forwards *forwards, struct view *view, GError **error)
{
	if (!forwards->cursor->known && !state_load(forwards, view, error))
		return false;
	g_autoptr(GPtrArray) briefs = view_briefs(view, forwards->cursor->sent, AT_ONCE, error);
	gint64 saved = forwards->cursor->sent;
	bool held = false, fine = briefs != NULL;
	for (guint i = 0; fine && !held && i < briefs->len; i++) {
		const struct view_brief *brief = briefs->pdata[i];
		fine = mind_flag(forwards, view, briefs, i, &held, error);
		if (!fine || held)
			break;
		forwards->cursor->sent = brief->flag;
		/* At once behind each mail: a kill repeats one at most. */
		if (forwards->went_out) {
			forwards->went_out = false;
			fine = state_save(forwards, error);
			saved = fine ? brief->flag : saved;
		}
	}
	/* Also behind a failure: what went out is not sent again. */
	if (forwards->cursor->sent != saved && !state_save(forwards, fine ? error : NULL))
		fine = false;
	return fine;
}

static bool
is_wanted(const struct forwards *forwards)
{
	for (guint i = 0; i < ruleset_count(forwards->ruleset); i++)
		if (*ruleset_info(forwards->ruleset, i)->forward != '\0')
			return true;
	return false;
}

void
forwards_wake(struct forwards *forwards)
{
	g_autoptr(GError) error = NULL;

	if (forwards->config == NULL || forwards->timer == 0)
		return;
	g_autoptr(view) view = view_open(forwards->config->data_dir, "service", &error);
	if (view == NULL || !mind_all(forwards, view, &error)) {
		log_error("forward flagged messages: %s", error->message);
		forwards->note(FORWARDS_REFUSED, error->message, forwards->data);
	}
}

static gboolean
look(void *data)
{
	forwards_wake(data);
	return G_SOURCE_CONTINUE;
}

struct forwards *
forwards_new(struct post *post, post_note *note, void *data)
{
	struct forwards *forwards = g_new0(struct forwards, 1);

	forwards->post = post;
	forwards->note = note;
	forwards->data = data;
	forwards->cursor = cursor_new();
	forwards->reached = g_ptr_array_new_with_free_func(g_free);
	return forwards;
}

/* Where no rule forwards, how far it was is forgotten: the next one begins with what comes. */
void
forwards_follow(
    struct forwards *forwards, const struct config *config, const struct ruleset *ruleset)
{
	forwards->config = config;
	forwards->ruleset = ruleset;
	g_clear_handle_id(&forwards->timer, g_source_remove);
	if (is_wanted(forwards)) {
		forwards->timer = g_timeout_add(LOOK_MS, look, forwards);
		forwards_wake(forwards);
		return;
	}
	g_autofree char *path = state_path(forwards);
	(void)unlink(path);
	forwards->cursor->known = false;
}

void
forwards_free(struct forwards *forwards)
{
	if (forwards == NULL)
		return;
	g_clear_handle_id(&forwards->timer, g_source_remove);
	cursor_free(forwards->cursor);
	g_ptr_array_unref(forwards->reached);
	g_free(forwards->sha256);
	g_free(forwards);
}
