/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One item into the open batch: what stays of a message, and what is said of the rest. Decides
 * nothing about order, and commits nothing.
 */
#include <string.h>

#include "base/clock.h"
#include "daemon/canary.h"
#include "daemon/intake-parts.h"
#include "daemon/own-mail.h"

/* --- what stays as a copy (DESIGN section 6, `keep`) --- */

static bool
flags_want_copy(const struct ruleset *ruleset, const struct verdict *verdict)
{
	for (guint i = 0; verdict != NULL && i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		const struct rule_info *rule = ruleset_find(ruleset, flag->rule);
		if (*flag->exception == '\0' && (rule == NULL || rule->keep_copy))
			return true;
	}
	return false;
}

static bool
item_wants_copy(const struct intake *intake, const struct item *item, const struct store_draw *draw)
{
	const struct verdict *verdict = item->verdict;

	switch (item->account != NULL ? item->account->keep : KEEP_HITS) {
	case KEEP_ALL:
		return true;
	case KEEP_HITS:
		/* What nobody could read must stay readable later. */
		return flags_want_copy(intake->setup.ruleset, verdict) ||
		       flags_want_copy(intake->setup.ruleset, item->supposed) ||
		       (draw->drawn && verdict->flags->len == 0) ||
		       verdict->outcome == OUTCOME_UNSCANNABLE || verdict->facts & FACT_MALFORMED;
	case KEEP_HEADERS:
	case KEEP_NONE:
		return false;
	}
	return true;
}

/* "1.2/inner.zip/plan.docx": what comes behind the first part names files. */
static void
cut_names(char *path)
{
	path[strcspn(path, "/")] = '\0';
}

/* keep = none: of a message without a flag nothing stays that says who wrote what to whom. */
static void
item_reduce(const struct item *item)
{
	struct verdict *verdict = item->verdict;

	if (item->account == NULL || item->account->keep != KEEP_NONE || verdict->flags->len > 0 ||
	    (item->supposed != NULL && item->supposed->flags->len > 0))
		return;
	g_free(verdict->subject);
	verdict->subject = g_strdup("");
	g_ptr_array_set_size(verdict->addresses, 0);
	for (guint i = 0; i < verdict->parts->len; i++) {
		struct part *part = g_ptr_array_index(verdict->parts, i);
		g_free(part->name);
		part->name = g_strdup("");
		cut_names(part->path);
	}
	for (guint i = 0; i < verdict->undecided->len; i++) {
		struct undecided *undecided = g_ptr_array_index(verdict->undecided, i);
		cut_names(undecided->part);
	}
}

/* --- drafts --- */

static bool
has_flag(const struct verdict *verdict, const char *rule)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		if (strcmp(flag->rule, rule) == 0)
			return true;
	}
	return false;
}

/* Those that the draft has not got already; borrowed. */
static GPtrArray *
supposed_flags(const struct item *item)
{
	GPtrArray *flags = g_ptr_array_new();

	for (guint i = 0; item->supposed != NULL && i < item->supposed->flags->len; i++) {
		struct flag *flag = g_ptr_array_index(item->supposed->flags, i);
		if (!has_flag(item->verdict, flag->rule))
			g_ptr_array_add(flags, flag);
	}
	return flags;
}

/* The second look may fail where the first did not. */
static bool
note_unjudged(struct intake *intake, const struct item *item, GError **error)
{
	const struct placement *at = &item->event.message.placement;

	if (item->supposed == NULL || item->supposed->outcome != OUTCOME_UNSCANNABLE)
		return true;
	g_autofree char *text = g_strdup_printf("whether the draft %s (%.16s) would be flagged "
						"should it vanish unsent is not known: %s",
	    at->uid, item->sha256, item->supposed->reason);
	return store_note(intake->setup.store, at->account, at->folder, "draft-not-judged", text,
	    item->seen, intake->setup.run, error);
}

/* --- one item into the open batch --- */

/* What an account with a budget took from its server that day. */
static bool
count_traffic(struct intake *intake, const struct item *item, const char *account, guint64 bytes,
    GError **error)
{
	gint64 today, tomorrow;

	if (item->account == NULL || item->account->bytes_a_day == 0 || bytes == 0)
		return true;
	clock_day(item->seen, intake->setup.config->zone, &today, &tomorrow);
	return store_traffic(intake->setup.store, account, today, bytes, error);
}

static void
forget_flags(struct item *item)
{
	item->ours = true;
	g_ptr_array_set_size(item->verdict->flags, 0);
	if (item->supposed != NULL)
		g_ptr_array_set_size(item->supposed->flags, 0);
}

/*
 * Our own message counts as mail that was found, scanned and recorded, but no rule has anything to
 * say of it. That holds for our exact bytes alone: whoever forges one is judged like everybody.
 */
static bool
spare_canary(struct intake *intake, struct item *item, GError **error)
{
	struct verdict *verdict = item->verdict;
	bool exact = false;

	if (item->account == NULL || !item->account->canary ||
	    !canary_is_named(verdict->message_id))
		return true;
	if (!store_canary_seen(intake->setup.store, item->account->name, verdict->message_id,
		item->sha256, item->seen, &exact, error))
		return false;
	if (exact)
		forget_flags(item);
	return true;
}

/* Our reports and notices quote what was flagged: they would be flagged, and reported, for ever. */
static bool
spare_own_mail(struct intake *intake, struct item *item, GError **error)
{
	const struct placement *at = &item->event.message.placement;
	const struct config *config = intake->setup.config;
	g_autofree char *text = NULL;
	enum seal_state state;
	const char *what;

	if (!own_mail_is_named(item->verdict->message_id))
		return true;
	if (!own_mail_look(config->data_dir, item->event.message.fd, &state, &what, error))
		return false;
	if (state == SEAL_OURS)
		forget_flags(item);
	if (state == SEAL_NONE || state == SEAL_OURS)
		return true;
	text = own_mail_note(state, item->sha256, what);
	return store_note(intake->setup.store, at->account, at->folder,
	    state == SEAL_ALTERED ? OWN_MAIL_ALTERED : OWN_MAIL_FORGED, text, item->seen,
	    intake->setup.run, error);
}

/*
 * What may be drawn for a look by people: mail of accounts whose copies may be kept, without which
 * there is nothing to look at. Drafts change and vanish; what lies in files was brought by hand.
 */
static struct store_draw
draw_item(const struct intake *intake, const struct item *item, bool known)
{
	const struct account *account = item->account;

	if (known || item->ours || item->event.message.draft || account == NULL ||
	    account_is_import(account) || (account->keep != KEEP_ALL && account->keep != KEEP_HITS))
		return (struct store_draw){ 0 };
	return sampling_draw(intake->sampling, item->sha256, item->seen);
}

static bool
record_message(struct intake *intake, struct item *item, GError **error)
{
	struct store *store = intake->setup.store;
	struct fetch_message *message = &item->event.message;
	struct vault_place place;
	bool known, copied, reused;

	if (!spare_canary(intake, item, error) || !spare_own_mail(intake, item, error))
		return false;
	g_autoptr(GPtrArray) supposed = supposed_flags(item);
	if (!store_lookup(
		store, item->sha256, item->verdict->message_id, &known, &copied, &reused, error))
		return false;
	if (reused && !message->draft)
		item->verdict->facts |= FACT_REUSED_MESSAGE_ID;
	const struct store_draw draw = draw_item(intake, item, known);
	bool append = !copied && item_wants_copy(intake, item, &draw);
	if (append && !vault_append_later(store_vault(store), message->fd, message->size,
			  item->sha256, item->seen, &place, error))
		return false;
	item_reduce(item);
	struct store_message record = {
		.sha256 = item->sha256,
		.size = message->size,
		.placement = &message->placement,
		.verdict = item->verdict,
		.ruleset = ruleset_digest(intake->setup.ruleset),
		.place = append ? &place : NULL,
		.seen = item->seen,
		.run = intake->setup.run,
		.draft = message->draft,
		.supposed = supposed,
		.draw = draw,
	};
	return store_record(store, &record, error) && note_unjudged(intake, item, error) &&
	       count_traffic(intake, item, message->placement.account, message->size, error);
}

static bool
record_failure(struct intake *intake, const struct item *item, GError **error)
{
	const struct fetch_failure *failure = &item->event.failure;
	struct store_failure record = {
		.placement = &failure->placement,
		.reason = failure->reason,
		.text = failure->text,
		.again = failure->again,
		.seen = item->seen,
		.run = intake->setup.run,
	};

	return store_fail(intake->setup.store, &record, error);
}

static bool
record_folder_end(struct intake *intake, const struct item *item, GError **error)
{
	const struct fetch_folder *folder = &item->event.folder;
	struct store_folder_end record = {
		.account = folder->account,
		.folder = folder->folder,
		.role = folder->role,
		.uidvalidity = folder->uidvalidity,
		.server_count = folder->server_count,
		.waiting = folder->waiting,
		.present = folder->has_present ? (const char *const *)folder->present : NULL,
		.failed = folder->state == FETCH_FOLDER_FAILED,
		.text = folder->text,
		.uidnext = folder->uidnext,
		.modseq = folder->modseq,
		.begun = item->begun,
		.seen = item->seen,
		.run = intake->setup.run,
	};

	return store_folder_end(intake->setup.store, &record, error);
}

static bool
record_account_end(struct intake *intake, const struct item *item, GError **error)
{
	const struct fetch_account_end *end = &item->event.account_end;
	struct store_account_end record = {
		.account = end->account,
		.state = fetch_account_state_words[end->state],
		.text = end->text,
		.messages = end->messages,
		.bytes = end->bytes,
		.milliseconds = end->milliseconds,
		.seen = item->seen,
		.run = intake->setup.run,
	};

	/* The messages were counted one by one, lest a kill gives their budget back. */
	return count_traffic(intake, item, end->account,
		   end->received - MIN(end->bytes, end->received), error) &&
	       store_account_end(intake->setup.store, &record, error);
}

/* What a server says at every pass, for as long as it does: once a day is enough. */
static bool
is_said_daily(const char *word)
{
	static const char *const words[] = { "server-alert", "lost-answers", "no-uidl",
		"repeated-uidl", "not-read", "canary-refused", NULL };

	return g_strv_contains(words, word);
}

static bool
record_note(struct intake *intake, const struct item *item, GError **error)
{
	const struct fetch_note *note = &item->event.note;
	gint64 today, tomorrow;

	if (g_str_has_prefix(note->word, "canary-") &&
	    !store_canary_planted(
		intake->setup.store, note->account, note->text, item->seen, error))
		return false;
	if (strcmp(note->word, "canary-planted") == 0)
		return true;
	if (!is_said_daily(note->word))
		return store_note(intake->setup.store, note->account, note->folder, note->word,
		    note->text, item->seen, intake->setup.run, error);
	clock_day(item->seen, intake->setup.config->zone, &today, &tomorrow);
	return store_note_once(intake->setup.store, note->account, note->folder, note->word,
	    note->text, today, item->seen, intake->setup.run, error);
}

bool
intake_record(struct intake *intake, struct item *item, GError **error)
{
	switch (item->event.kind) {
	case FETCH_EVENT_MESSAGE:
		return record_message(intake, item, error);
	case FETCH_EVENT_FAILED:
		return record_failure(intake, item, error);
	case FETCH_EVENT_REST:
		return store_folder_rest(intake->setup.store, item->event.rest.account,
		    item->event.rest.folder, item->event.rest.uidvalidity, item->event.rest.from,
		    item->event.rest.upto, item->seen, error);
	case FETCH_EVENT_FOLDER_END:
		return record_folder_end(intake, item, error);
	case FETCH_EVENT_ACCOUNT_END:
		return record_account_end(intake, item, error);
	case FETCH_EVENT_NOTE:
		return record_note(intake, item, error);
	case FETCH_EVENT_FOLDER_BEGIN:
	case FETCH_EVENT_NEWS:
	case FETCH_EVENT_WATCH_END:
	case FETCH_EVENT_NONE:
	case FETCH_EVENT_LOST:
		break;
	}
	return true;
}
