/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One folder: EXAMINE and SEARCH go out together, then FETCH in batches, then a look whether
 * mail arrived meanwhile, then what failed in earlier passes, then the count. A folder that
 * fails costs itself and nothing else.
 */
#include "fetchers/imap.h"

#include <string.h>

#include "base/fault.h"
#include "fetchers/uidset.h"

static void
asked_clear(gpointer data)
{
	struct imap_asked *asked = data;

	if (asked->held != NULL)
		fetch_event_clear(asked->held);
	g_free(asked->held);
}

void
imap_pass_clear(struct imap_pass *pass)
{
	if (pass->found != NULL) {
		g_array_free(pass->found, TRUE);
		g_array_free(pass->retry, TRUE);
		g_array_free(pass->rest, TRUE);
		g_array_free(pass->asked, TRUE);
		g_array_free(pass->again, TRUE);
		g_array_free(pass->first, TRUE);
		g_array_free(pass->vanished, TRUE);
	}
	*pass = (struct imap_pass){ 0 };
}

static struct imap_folder *
folder_now(const struct imap *imap)
{
	return imap->folders->pdata[imap->at];
}

/* The UIDs that a search is for: those after the last one, those that an earlier pass left, and
 * those to be tried again. */
static char *
search_text(const struct imap_pass *pass, bool with_retry)
{
	const GArray *retry = with_retry && pass->state != NULL ? pass->state->retry : NULL;
	g_autoptr(GString) set = g_string_new(NULL);

	if (pass->last == 0)
		return g_strdup("ALL");
	if (retry != NULL && retry->len > 0) {
		/* None may be left out: what is not found counts as gone from the list. */
		if (uidset_print(set, retry, 0, retry->len) < retry->len)
			return g_strdup("ALL");
		g_string_append_c(set, ',');
	}
	if (with_retry && pass->rest_upto != 0)
		g_string_append_printf(set, "%u:%u,", pass->rest_from + 1, pass->rest_upto);
	if (pass->last < G_MAXUINT32)
		g_string_append_printf(set, "%u:*", pass->last + 1);
	else
		g_string_append_printf(set, "%u", pass->last);
	return g_strdup_printf("UID %s", set->str);
}

static void
send_search(struct imap *imap, bool with_retry)
{
	g_autofree char *text = search_text(&imap->pass, with_retry);

	g_array_set_size(imap->pass.found, 0);
	imap_send(imap, IMAP_SEARCH, 0, 0, "UID SEARCH %s", text);
}

static void
send_examine(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	g_autofree char *name = imap_quote(folder_now(imap)->raw);

	pass->resynced = imap->ability.qresync_on && pass->state != NULL &&
			 pass->state->uidvalidity != 0 && pass->state->modseq != 0;
	if (pass->resynced)
		imap_send(imap, IMAP_EXAMINE, 0, 0,
		    "EXAMINE %s (QRESYNC (%u %" G_GUINT64_FORMAT "))", name,
		    pass->state->uidvalidity, pass->state->modseq);
	else
		imap_send(imap, IMAP_EXAMINE, 0, 0, "EXAMINE %s", name);
}

static void
open_pass(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;

	pass->found = g_array_new(FALSE, FALSE, sizeof(guint32));
	pass->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	pass->asked = g_array_new(FALSE, TRUE, sizeof(struct imap_asked));
	g_array_set_clear_func(pass->asked, asked_clear);
	pass->again = g_array_new(FALSE, FALSE, sizeof(struct imap_command));
	pass->first = g_array_new(FALSE, FALSE, sizeof(guint32));
	pass->vanished = g_array_new(FALSE, FALSE, sizeof(struct uidset_range));
	pass->state = g_hash_table_lookup(imap->states, folder_now(imap)->name);
	if (pass->state != NULL) {
		uidset_sort(pass->state->retry);
		pass->last = pass->state->last_uid;
	}
	imap_slice_resume(pass);
	send_examine(imap);
	send_search(imap, true);
}

void
imap_folder_open(struct imap *imap)
{
	/* A loop: of thousands of folders most may have nothing new. */
	for (imap_pass_clear(&imap->pass); imap->at < imap->folders->len; imap->at++) {
		if (!imap_status_settles(imap) && !imap->spent) {
			open_pass(imap);
			return;
		}
		if (!imap->pass.begun && !imap_budget_settles(imap))
			return;
		imap_pass_clear(&imap->pass);
	}
	if (!imap_canary_plant(imap))
		session_finish(imap->session, imap->waits ? FETCH_WAITING : FETCH_OK, "");
}

/* The beginning and the end */

static void
begin(struct imap *imap, guint64 to_come)
{
	struct fetch_folder folder = {
		.folder = folder_now(imap)->name,
		.role = folder_now(imap)->role,
		.uidvalidity = imap->pass.uidvalidity,
		.server_count = to_come,
		.uidvalidity_changed = imap->pass.uidvalidity_changed,
	};

	if (!imap->pass.begun)
		session_emit_folder(imap->session, FETCH_EVENT_FOLDER_BEGIN, &folder);
	imap->pass.begun = true;
}

void
imap_folder_end(struct imap *imap, enum fetch_folder_state state, const char *text, GStrv present)
{
	bool complete = state == FETCH_FOLDER_OK && !imap->pass.gap;
	struct fetch_folder folder = {
		.folder = folder_now(imap)->name,
		.role = folder_now(imap)->role,
		.uidvalidity = imap->pass.uidvalidity,
		.server_count = present != NULL ? g_strv_length(present) : imap->pass.exists,
		.waiting = imap->pass.waiting,
		.uidnext = complete ? imap->pass.uidnext : 0,
		.modseq = complete ? imap->pass.modseq : 0,
		.uidvalidity_changed = imap->pass.uidvalidity_changed,
		.has_present = present != NULL,
		.present = present,
		.state = state,
		.text = (char *)text,
	};

	begin(imap, 0);
	session_emit_folder(imap->session, FETCH_EVENT_FOLDER_END, &folder);
}

void
imap_folder_next(struct imap *imap)
{
	imap->at++;
	imap_folder_open(imap);
}

static void
fail(struct imap *imap, const char *what, const char *said)
{
	g_autofree char *quoted = session_quote(said);
	g_autofree char *text = g_strdup_printf("%s: %s", what, quoted);

	imap_folder_end(imap, FETCH_FOLDER_FAILED, text, NULL);
	imap_folder_next(imap);
}

void
imap_folder_abandon(struct imap *imap, const char *why, bool cut)
{
	if (!imap->listed || imap->at >= imap->folders->len)
		return;
	if (cut)
		imap_fetch_cut(imap);
	for (; imap->at < imap->folders->len; imap->at++) {
		imap_folder_end(imap, FETCH_FOLDER_FAILED, why, NULL);
		imap_pass_clear(&imap->pass);
	}
}

/* EXAMINE */

void
imap_folder_validity(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	guint32 before = pass->state != NULL ? pass->state->uidvalidity : 0;

	if (pass->uidvalidity == 0) {
		/* RFC 3501 section 2.3.1.1: such UIDs hold for this session only. */
		pass->uidvalidity = 1;
		pass->start_anew = true;
		pass->gap = true;
		session_emit_note(imap->session, folder_now(imap)->name, "no-uidvalidity",
		    "the server gives no UIDVALIDITY: all messages are read at each pass");
	}
	if (before == 0 || before == pass->uidvalidity)
		return;
	pass->uidvalidity_changed = true;
	pass->start_anew = true;
	g_autofree char *text = g_strdup_printf(
	    "UIDVALIDITY was %u and is %u: all messages are read again", before, pass->uidvalidity);
	session_emit_note(imap->session, folder_now(imap)->name, "uidvalidity-changed", text);
}

/* What was asked for under the old numbers may have been answered under the new ones. */
void
imap_folder_revalidated(struct imap *imap, guint32 uidvalidity)
{
	struct imap_pass *pass = &imap->pass;

	if (uidvalidity == pass->uidvalidity || pass->said_validity || !pass->begun)
		return;
	pass->said_validity = true;
	pass->gap = true;
	g_autofree char *text = g_strdup_printf("UIDVALIDITY was %u and became %u while the folder "
						"was open: the next pass reads it again",
	    pass->uidvalidity, uidvalidity);
	session_emit_note(imap->session, folder_now(imap)->name, "uidvalidity-changed", text);
}

static void
forget_commands(struct imap *imap)
{
	for (guint i = 0; i < imap->commands->len; i++)
		g_array_index(imap->commands, struct imap_command, i).stale = true;
}

static void
on_examined(struct imap *imap, bool ok, const char *text)
{
	struct imap_pass *pass = &imap->pass;

	if (!ok && pass->resynced) {
		/* Perhaps it was only the parameter. */
		imap->ability.qresync_on = false;
		forget_commands(imap);
		imap_folder_open(imap);
		return;
	}
	if (!ok) {
		fail(imap, "the server refuses to open it", text);
		return;
	}
	pass->selected = true;
	imap_folder_validity(imap);
	pass->resynced &= !pass->start_anew;
	if (pass->start_anew)
		pass->rest_from = pass->rest_upto = 0;
	if (!pass->start_anew || pass->last == 0)
		return;
	/* The search that is under way asks for the wrong UIDs. */
	forget_commands(imap);
	pass->last = 0;
	send_search(imap, false);
}

void
imap_folder_exists(struct imap *imap, guint64 exists)
{
	if (imap->pass.selected && exists > imap->pass.exists)
		imap->pass.grew = true;
	imap->pass.exists = exists;
}

void
imap_folder_expunge(struct imap *imap)
{
	if (imap->pass.exists > 0)
		imap->pass.exists--;
}

/* SEARCH */

/* The first search under way, wanted or not: its numbers are those that arrive now. */
static const struct imap_command *
search_under_way(const struct imap *imap)
{
	for (guint i = 0; i < imap->commands->len; i++) {
		const struct imap_command *command =
		    &g_array_index(imap->commands, struct imap_command, i);
		if (command->kind == IMAP_SEARCH || command->kind == IMAP_PRESENT ||
		    command->kind == IMAP_CONFIRM)
			return command;
	}
	return NULL;
}

bool
imap_folder_search(struct imap *imap, struct token *token, GError **error)
{
	const struct imap_command *command = search_under_way(imap);
	guint64 number;

	if (command == NULL || command->stale || command->folder != imap->at ||
	    imap->pass.found == NULL)
		return true;
	while (token_next(token)) {
		if (!token_number(token, G_MAXUINT32, &number))
			break;
		guint32 uid = (guint32)number;
		g_array_append_val(imap->pass.found, uid);
	}
	if (imap->pass.found->len <= IMAP_UIDS_MAX)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "SEARCH: over %d UIDs in one folder", IMAP_UIDS_MAX);
	return false;
}

static bool
is_to_be_tried_again(const struct imap_pass *pass, guint32 uid)
{
	return pass->state != NULL && !pass->start_anew &&
	       g_array_binary_search(pass->state->retry, &uid, uidset_compare, NULL);
}

void
imap_ask_for(struct imap_pass *pass, const GArray *uids)
{
	g_array_set_size(pass->asked, 0);
	for (guint i = 0; i < uids->len; i++) {
		struct imap_asked asked = { .uid = g_array_index(uids, guint32, i) };
		g_array_append_val(pass->asked, asked);
	}
	pass->next = pass->cursor = pass->sized = 0;
}

/* Sorts what was found into new, left by an earlier pass, and to be tried again. "n:*" always finds
 * one, new or not. */
static void
sort_out(struct imap_pass *pass)
{
	g_autoptr(GArray) fresh = g_array_new(FALSE, FALSE, sizeof(guint32));

	uidset_sort(pass->found);
	for (guint i = 0; i < pass->found->len; i++) {
		guint32 uid = g_array_index(pass->found, guint32, i);
		if (uid > pass->last)
			g_array_append_val(fresh, uid);
		else if (pass->rounds == 0 && imap_slice_lacks(pass, uid))
			g_array_append_val(pass->rest, uid);
		else if (pass->rounds == 0 && is_to_be_tried_again(pass, uid))
			g_array_append_val(pass->retry, uid);
	}
	if (pass->rounds == 0 && pass->state != NULL && !pass->start_anew)
		pass->missed = pass->retry->len < pass->state->retry->len;
	if (fresh->len > 0)
		pass->last = g_array_index(fresh, guint32, fresh->len - 1);
	imap_ask_for(pass, fresh);
}

static void advance(struct imap *imap);

static void
on_searched(struct imap *imap, bool ok, const char *text)
{
	struct imap_pass *pass = &imap->pass;

	/* Some servers refuse a search where there is nothing to find. */
	if (!ok && pass->exists > 0) {
		fail(imap, "the server refuses to search it", text);
		return;
	}
	sort_out(pass);
	pass->rounds++;
	pass->noop_sent = pass->noop_done = false;
	begin(imap, (guint64)pass->asked->len + pass->rest->len + pass->retry->len);
	imap_slice_begin(imap);
	advance(imap);
}

/* FETCH */

/* Asks for what is not settled in the range. Returns the index behind the last one named. */
static guint
send_fetch(struct imap *imap, guint from, guint to)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GString) set = g_string_new(NULL);

	for (guint i = from; i < to && uids->len < IMAP_BATCH; i++) {
		const struct imap_asked *asked =
		    &g_array_index(imap->pass.asked, struct imap_asked, i);
		if (!asked->settled)
			g_array_append_val(uids, asked->uid);
	}
	if (uids->len == 0)
		return to;
	guint named = uidset_print(set, uids, 0, IMAP_BATCH);
	guint behind = (guint)imap_asked_find(imap, g_array_index(uids, guint32, named - 1)) + 1;
	imap_send(imap, IMAP_FETCH, from, behind,
	    "UID FETCH %s (UID INTERNALDATE FLAGS RFC822.SIZE %sBODY.PEEK[])", set->str,
	    imap->ability.gmail ? "X-GM-MSGID X-GM-THRID X-GM-LABELS " : "");
	return behind;
}

static bool
send_batch(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;

	if (pass->again->len > 0) {
		struct imap_command *range = &g_array_index(pass->again, struct imap_command, 0);
		range->from = send_fetch(imap, range->from, range->to);
		if (range->from == range->to)
			g_array_remove_index(pass->again, 0);
		return true;
	}
	if (pass->next == pass->asked->len)
		return false;
	guint end = pass->asked->len;
	if (imap_budget_counts(imap) && pass->sized <= pass->next) {
		imap_budget_ask(imap);
		return true;
	}
	if (imap_budget_counts(imap))
		end = imap_budget_upto(imap);
	if (pass->spent)
		return false;
	pass->next = send_fetch(imap, pass->next, end);
	/* Whether mail arrived meanwhile is asked in the same breath as the last batch. */
	bool last = pass->next == pass->asked->len && pass->rest->len == 0;
	if (last && !pass->noop_sent && pass->rounds < IMAP_ROUNDS) {
		pass->noop_sent = true;
		imap_send(imap, IMAP_NOOP, 0, 0, "NOOP");
	}
	return true;
}

static void
end_round(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;

	if (pass->spent) {
		imap_budget_end(imap);
	} else if (imap_slice_next(imap)) {
		advance(imap);
	} else if (pass->grew && pass->rounds < IMAP_ROUNDS) {
		pass->grew = false;
		send_search(imap, false);
	} else if (pass->retry->len > 0) {
		imap_ask_for(pass, pass->retry);
		pass->trying_again = true;
		g_array_set_size(pass->retry, 0);
		/* Nothing new is looked for after these. */
		pass->rounds = IMAP_ROUNDS;
		advance(imap);
	} else {
		imap_present_finish(imap);
	}
}

static bool
is_fetching(const struct imap *imap)
{
	return imap_under_way(imap, IMAP_FETCH) > 0 || imap_under_way(imap, IMAP_SIZES) > 0;
}

static void
advance(struct imap *imap)
{
	const struct imap_pass *pass = &imap->pass;

	while (!is_fetching(imap) && send_batch(imap))
		;
	if (!is_fetching(imap) && pass->noop_sent == pass->noop_done)
		end_round(imap);
}

/* The first message not answered is the suspect: it is asked for alone, then the others. */
static void
split(struct imap *imap, const struct imap_command *command)
{
	guint first = command->from;

	while (first < command->to &&
	       g_array_index(imap->pass.asked, struct imap_asked, first).settled)
		first++;
	struct imap_command alone = { .from = first, .to = first + 1 };
	struct imap_command others = { .from = first + 1, .to = command->to };
	if (first < command->to)
		g_array_append_val(imap->pass.again, alone);
	if (others.from < others.to)
		g_array_append_val(imap->pass.again, others);
}

static void
on_fetched(struct imap *imap, const struct imap_command *command, bool ok, const char *text)
{
	if (!ok && ++imap->pass.refused > IMAP_REFUSED_MAX) {
		fail(imap, "the server refuses message after message", text);
		return;
	}
	if (ok || command->to - command->from == 1) {
		g_autofree char *said = session_quote(text);
		g_autofree char *why = ok ? g_strdup("the server passed over it")
					  : g_strdup_printf("the server refuses it: %s", said);
		imap_fetch_settle(imap, command->from, command->to, why);
	} else {
		split(imap, command);
	}
	advance(imap);
}

void
imap_folder_tagged(struct imap *imap, const struct imap_command *command, bool ok, const char *text)
{
	switch (command->kind) {
	case IMAP_EXAMINE:
		on_examined(imap, ok, text);
		break;
	case IMAP_SEARCH:
		if (imap->pass.selected)
			on_searched(imap, ok, text);
		break;
	case IMAP_FETCH:
		on_fetched(imap, command, ok, text);
		break;
	case IMAP_SIZES:
		advance(imap);
		break;
	case IMAP_NOOP:
		imap->pass.noop_done = true;
		advance(imap);
		break;
	case IMAP_PRESENT:
	case IMAP_CONFIRM:
		imap_present_answer(imap, command, ok);
		break;
	default:
		break;
	}
}
