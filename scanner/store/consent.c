/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of the ledger: "consent-ask" with "DIGEST DIGEST ...: reason", and "consent" with "row 17".
 */
#include "store/consent.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "store/view-inner.h"

#define VERB_ASK  "consent-ask"
#define VERB_GIVE "consent"
#define ROW       "row "

static void
request_free(gpointer data)
{
	struct consent_request *request = data;

	if (request == NULL)
		return;
	g_free(request->who);
	g_free(request->by);
	g_free(request->reason);
	g_strfreev(request->digests);
	g_free(request);
}

/* "anna as chief" sits there as anna: to act for somebody is not to be somebody else. */
static char *
login_of(const char *who)
{
	const char *as = strstr(who, " as ");

	return as != NULL ? g_strndup(who, (gsize)(as - who)) : g_strdup(who);
}

void
consent_demand(struct view *view, const char *login)
{
	g_free(view->login);
	view->login = g_strdup(login);
}

bool
consent_is_demanded(const struct view *view)
{
	return view->login != NULL;
}

/* --- what the ledger has --- */

static struct consent_request *
request_from(struct query *query)
{
	struct consent_request *request = g_new0(struct consent_request, 1);
	g_autofree char *object = query_dup(query, 4);
	char *colon = strstr(object, ": ");

	request->row = query_int(query, 0);
	request->asked = query_int(query, 1);
	request->who = query_dup(query, 2);
	request->by = g_strdup("");
	request->reason = g_strdup(colon != NULL ? colon + 2 : "");
	if (colon != NULL)
		*colon = '\0';
	request->digests = g_strsplit(object, " ", CONSENT_MESSAGES_MAX + 1);
	return request;
}

static struct consent_request *
find_request(const GPtrArray *requests, gint64 row)
{
	for (guint i = 0; i < requests->len; i++) {
		struct consent_request *request = g_ptr_array_index(requests, i);
		if (request->row == row)
			return request;
	}
	return NULL;
}

/* The first who agrees is the one; the login that asked is nobody's second. */
static void
take_answer(const GPtrArray *requests, struct query *query)
{
	const char *object = query_text(query, 4);
	gint64 row = g_str_has_prefix(object, ROW)
			 ? (gint64)g_ascii_strtoull(object + strlen(ROW), NULL, 10)
			 : 0;
	struct consent_request *request = find_request(requests, row);

	if (request == NULL || request->given != 0)
		return;
	g_autofree char *asked = login_of(request->who);
	g_autofree char *gave = login_of(query_text(query, 2));
	if (strcmp(asked, gave) == 0 || query_int(query, 1) > request->asked + CONSENT_ASK_US)
		return;
	g_free(request->by);
	request->by = query_dup(query, 2);
	request->given = query_int(query, 1);
}

GPtrArray *
consent_list(struct view *view, gint64 now, GError **error)
{
	/* Rows that are new stand at the end: nothing before them is read. */
	static const struct query_text all = { "read who asked to open mail",
		"SELECT id, seen, who, verb, object FROM ledger WHERE id > coalesce((SELECT id FROM"
		" ledger WHERE seen < ?1 ORDER BY id DESC LIMIT 1), 0)"
		" AND verb IN ('" VERB_ASK "', '" VERB_GIVE "') ORDER BY id" };
	g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func(request_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(now - CONSENT_ASK_US - CONSENT_HOLDS_US)), error))
		return NULL;
	while (query_next(&query)) {
		if (strcmp(query_text(&query, 3), VERB_ASK) == 0)
			g_ptr_array_add(requests, request_from(&query));
		else
			take_answer(requests, &query);
	}
	return query_close(&query, error) ? g_steal_pointer(&requests) : NULL;
}

/* --- asking and agreeing --- */

static bool
is_officer(const struct view *view, GError **error)
{
	if (view->reach == VIEW_ALL || view->reach == VIEW_ACCOUNTS)
		return true;
	g_set_error(error, FAULT, FAULT_DENIED, "%s is no officer", view->person);
	return false;
}

/* Sealed names are of all people there are: they are seen by who sees all mail. */
static bool
sees(struct view *view, const char *digest, GError **error)
{
	if (consent_is_names(digest) && view->reach == VIEW_ALL)
		return true;
	g_autoptr(view_message) message = view_find(view, digest, error);

	return message != NULL;
}

static bool
last_row(struct view *view, gint64 *row, GError **error)
{
	static const struct query_text last = { "read the end of the ledger",
		"SELECT max(id) FROM ledger WHERE who = ? AND verb = '" VERB_ASK "'" };

	return query_number(
	    view->database, &last, VALUES(query_text_value(view->person)), row, error);
}

bool
consent_ask(
    struct view *view, const GPtrArray *digests, const char *reason, gint64 *row, GError **error)
{
	g_autoptr(GString) object = g_string_new(NULL);

	if (digests->len == 0 || digests->len > CONSENT_MESSAGES_MAX) {
		g_set_error(error, FAULT, FAULT_USAGE, "%u messages: a request names 1 to %d",
		    digests->len, CONSENT_MESSAGES_MAX);
		return false;
	}
	for (guint i = 0; i < digests->len; i++) {
		if (!sees(view, digests->pdata[i], error))
			return false;
		g_string_append_printf(
		    object, "%s%s", i > 0 ? " " : "", (const char *)digests->pdata[i]);
	}
	g_string_append_printf(object, ": %s", reason);
	return view_note_access(view, VERB_ASK, object->str, error) && last_row(view, row, error);
}

static bool
may_give(struct view *view, const struct consent_request *request, gint64 now, GError **error)
{
	g_autofree char *asked = login_of(request->who);
	g_autofree char *self = login_of(view->person);
	const char *wrong = NULL;

	if (request->given != 0)
		wrong = "it was answered already";
	else if (request->asked + CONSENT_ASK_US < now)
		wrong = "it was asked more than a day ago; ask anew";
	if (wrong != NULL) {
		g_set_error(error, FAULT, FAULT_USAGE, "request %" G_GINT64_FORMAT ": %s",
		    request->row, wrong);
		return false;
	}
	if (strcmp(asked, self) == 0) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "request %" G_GINT64_FORMAT ": %s asked; a second officer has to agree",
		    request->row, asked);
		return false;
	}
	for (guint i = 0; request->digests[i] != NULL; i++) {
		if (sees(view, request->digests[i], NULL))
			continue;
		g_set_error(error, FAULT, FAULT_DENIED,
		    "request %" G_GINT64_FORMAT ": %s does not see all of its messages",
		    request->row, view->person);
		return false;
	}
	return true;
}

bool
consent_give(struct view *view, gint64 row, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) requests =
	    is_officer(view, error) ? consent_list(view, now, error) : NULL;
	g_autofree char *object = g_strdup_printf(ROW "%" G_GINT64_FORMAT, row);

	if (requests == NULL)
		return false;
	const struct consent_request *request = find_request(requests, row);
	if (request == NULL) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "request %" G_GINT64_FORMAT ": there is none; see: flagpost consent list", row);
		return false;
	}
	return may_give(view, request, now, error) &&
	       view_note_access(view, VERB_GIVE, object, error);
}

/* --- the gate --- */

bool
consent_is_names(const char *what)
{
	return g_str_has_prefix(what, CONSENT_NAMES) &&
	       strlen(what) == strlen(CONSENT_NAMES "2026-11");
}

bool
consent_check(struct view *view, const char *sha256, gint64 now, GError **error)
{
	if (view->login == NULL)
		return true;
	g_autoptr(GPtrArray) requests = consent_list(view, now, error);
	if (requests == NULL)
		return false;
	for (guint i = 0; i < requests->len; i++) {
		const struct consent_request *request = g_ptr_array_index(requests, i);
		g_autofree char *asked = login_of(request->who);
		if (request->given != 0 && now < request->given + CONSENT_HOLDS_US &&
		    strcmp(asked, view->login) == 0 &&
		    g_strv_contains((const char *const *)request->digests, sha256))
			return true;
	}
	int shown = consent_is_names(sha256) ? (int)strlen(sha256) : 12;
	g_set_error(error, FAULT, FAULT_DENIED,
	    "%.*s: a second officer has to agree before it opens: flagpost consent ask %.*s "
	    "--reason 'why'",
	    shown, sha256, shown, sha256);
	return false;
}
