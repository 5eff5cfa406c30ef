/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intake - see intake.h. Never parses a message: it moves descriptors, digests and verdicts.
 */
#include "daemon/intake.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/daemon.h"

struct item {
	struct intake *intake;
	struct fetch_event event;
	bool ready; /* messages: digest and verdict are there */
	gint64 seen;
	char *sha256;
	struct verdict *verdict;
	const struct account *account; /* borrowed from the configuration */
	bool asked_twice;
};

struct intake {
	struct intake_setup setup;
	GQueue items; /* of struct item, in order of arrival */
	guint timer;
	GError *error;
};

static void
item_free(struct item *item)
{
	fetch_event_clear(&item->event);
	g_free(item->sha256);
	g_clear_pointer(&item->verdict, verdict_free);
	g_free(item);
}

static struct pass_account *
intake_row(struct intake *intake, const char *account)
{
	for (guint i = 0; i < intake->setup.rows->len; i++) {
		struct pass_account *row = g_ptr_array_index(intake->setup.rows, i);
		if (g_str_equal(row->account, account))
			return row;
	}
	return NULL;
}

static void
intake_fail(struct intake *intake, GError *error)
{
	if (intake->error == NULL)
		intake->error = error;
	else
		g_error_free(error);
}

/* --- what stays as a copy (DESIGN section 6, `keep`) --- */

static bool
flags_want_copy(const struct ruleset *ruleset, const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		const struct rule_info *rule = ruleset_find(ruleset, flag->rule);
		if (*flag->exception == '\0' && (rule == NULL || rule->keep_copy))
			return true;
	}
	return false;
}

static bool
item_wants_copy(const struct intake *intake, const struct item *item)
{
	const struct verdict *verdict = item->verdict;

	switch (item->account != NULL ? item->account->keep : KEEP_HITS) {
	case KEEP_ALL:
		return true;
	case KEEP_HITS:
		/* What nobody could read must stay readable later. */
		return flags_want_copy(intake->setup.ruleset, verdict) ||
		       verdict->outcome == OUTCOME_UNSCANNABLE || verdict->facts & FACT_MALFORMED;
	case KEEP_HEADERS:
	case KEEP_NONE:
		return false;
	}
	return true;
}

/* keep = none: of a message without a flag nothing stays that says who wrote what to whom. */
static void
item_reduce(const struct item *item)
{
	struct verdict *verdict = item->verdict;

	if (item->account == NULL || item->account->keep != KEEP_NONE || verdict->flags->len > 0)
		return;
	g_free(verdict->subject);
	verdict->subject = g_strdup("");
	g_ptr_array_set_size(verdict->addresses, 0);
	for (guint i = 0; i < verdict->parts->len; i++) {
		struct part *part = g_ptr_array_index(verdict->parts, i);
		g_free(part->name);
		part->name = g_strdup("");
	}
}

/* --- one item into the open batch --- */

static bool
record_message(struct intake *intake, struct item *item, GError **error)
{
	struct store *store = intake->setup.store;
	struct fetch_message *message = &item->event.message;
	struct vault_place place;
	bool known, copied, reused;

	if (!store_lookup(
		store, item->sha256, item->verdict->message_id, &known, &copied, &reused, error))
		return false;
	if (reused)
		item->verdict->facts |= FACT_REUSED_MESSAGE_ID;
	bool append = !copied && item_wants_copy(intake, item);
	if (append && !vault_append(store_vault(store), message->fd, message->size, item->sha256,
			  item->seen, &place, error))
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
	};
	return store_record(store, &record, error);
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
		.present = folder->has_present ? (const char *const *)folder->present : NULL,
		.failed = folder->state == FETCH_FOLDER_FAILED,
		.text = folder->text,
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

	return store_account_end(intake->setup.store, &record, error);
}

static bool
record_item(struct intake *intake, struct item *item, GError **error)
{
	const struct fetch_note *note = &item->event.note;

	switch (item->event.kind) {
	case FETCH_EVENT_MESSAGE:
		return record_message(intake, item, error);
	case FETCH_EVENT_FAILED:
		return record_failure(intake, item, error);
	case FETCH_EVENT_FOLDER_END:
		return record_folder_end(intake, item, error);
	case FETCH_EVENT_ACCOUNT_END:
		return record_account_end(intake, item, error);
	case FETCH_EVENT_NOTE:
		return store_note(intake->setup.store, note->account, note->folder, note->word,
		    note->text, item->seen, intake->setup.run, error);
	case FETCH_EVENT_FOLDER_BEGIN:
	case FETCH_EVENT_NONE:
	case FETCH_EVENT_LOST:
		break;
	}
	return true;
}

/* --- counting for people, after the commit --- */

static void
count_message(struct intake *intake, const struct item *item)
{
	struct pass_account *row = intake_row(intake, item->event.message.placement.account);
	guint flags = verdict_flag_count(item->verdict);

	if (row == NULL)
		return;
	row->messages++;
	row->bytes += item->event.message.size;
	row->flags += flags;
	row->flagged += flags > 0;
	row->not_checked += item->verdict->outcome != OUTCOME_SCANNED;
	row->unscannable += item->verdict->outcome == OUTCOME_UNSCANNABLE;
}

static void
count_end(struct intake *intake, const struct fetch_account_end *end)
{
	struct pass_account *row = intake_row(intake, end->account);

	if (row == NULL)
		return;
	g_free(row->state);
	row->state = g_strdup(fetch_account_state_words[end->state]);
	g_free(row->text);
	row->text = g_strdup(end->text);
	row->done = true;
}

static void
count_item(struct intake *intake, const struct item *item)
{
	struct pass_account *row = NULL;

	switch (item->event.kind) {
	case FETCH_EVENT_MESSAGE:
		count_message(intake, item);
		break;
	case FETCH_EVENT_FAILED:
		row = intake_row(intake, item->event.failure.placement.account);
		if (row != NULL)
			row->failed++;
		break;
	case FETCH_EVENT_FOLDER_END:
		row = intake_row(intake, item->event.folder.account);
		if (row != NULL) {
			row->folders++;
			row->folders_failed += item->event.folder.state == FETCH_FOLDER_FAILED;
		}
		break;
	case FETCH_EVENT_ACCOUNT_END:
		count_end(intake, &item->event.account_end);
		break;
	default:
		break;
	}
}

/* --- batches --- */

/* Records the first n items. Nothing of them is visible unless all of it is. */
static bool
commit_items(struct intake *intake, guint n, GError **error)
{
	struct store *store = intake->setup.store;
	GList *link = intake->items.head;

	if (!store_begin(store, error))
		return false;
	for (guint i = 0; i < n; i++, link = link->next)
		if (!record_item(intake, link->data, error))
			goto undo;
	if (!vault_sync(store_vault(store), error) || !store_commit(store, error))
		goto undo;
	return true;
undo:
	store_rollback(store);
	return false;
}

static void
intake_commit(struct intake *intake, guint n)
{
	struct intake_receipt receipt = { 0 };
	GError *error = NULL;

	if (!commit_items(intake, n, &error)) {
		g_prefix_error(&error, "keep what was fetched: ");
		intake_fail(intake, error);
		return;
	}
	for (guint i = 0; i < n; i++) {
		struct item *item = g_queue_pop_head(&intake->items);
		count_item(intake, item);
		if (item->event.kind == FETCH_EVENT_MESSAGE) {
			receipt.messages++;
			receipt.bytes += item->event.message.size;
		}
		item_free(item);
	}
	intake->setup.committed(&receipt, intake->setup.data);
}

/* How many items stand ready at the front; *full when they make a batch. */
static guint
ready_front(const struct intake *intake, bool *full)
{
	guint n = 0;
	guint64 bytes = 0;

	*full = false;
	for (GList *link = intake->items.head; link != NULL && !*full; link = link->next) {
		const struct item *item = link->data;
		if (!item->ready)
			break;
		n++;
		if (item->event.kind == FETCH_EVENT_MESSAGE)
			bytes += item->event.message.size;
		*full = n >= INTAKE_BATCH_MESSAGES || bytes >= INTAKE_BATCH_BYTES;
	}
	return n;
}

static gboolean
intake_time_over(void *data)
{
	struct intake *intake = data;
	bool full;
	guint n = ready_front(intake, &full);

	intake->timer = 0;
	if (n > 0 && intake->error == NULL)
		intake_commit(intake, n);
	if (!g_queue_is_empty(&intake->items) && intake->error == NULL)
		intake->timer = g_timeout_add(INTAKE_BATCH_MS, intake_time_over, intake);
	return G_SOURCE_REMOVE;
}

static void
intake_pump(struct intake *intake)
{
	bool full;
	guint n = ready_front(intake, &full);

	if (intake->error != NULL)
		return;
	/* All that is queued stands ready: nothing to wait for but the fetcher. */
	bool drained = n > 0 && n == intake->items.length && crew_waiting(intake->setup.crew) == 0;
	const struct item *last = g_queue_peek_tail(&intake->items);
	if (full || (drained && last->event.kind == FETCH_EVENT_ACCOUNT_END))
		intake_commit(intake, n);
	if (!g_queue_is_empty(&intake->items) && intake->timer == 0)
		intake->timer = g_timeout_add(INTAKE_BATCH_MS, intake_time_over, intake);
}

/* --- messages to the crew --- */

static void message_scanned(struct verdict *verdict, void *data);

static void
message_submit(struct item *item, guint facts)
{
	const struct fetch_message *message = &item->event.message;
	struct intake *intake = item->intake;
	struct match_context context = {
		.account = message->placement.account,
		.group = item->account != NULL ? item->account->group : (char *)"",
		.folder = message->placement.folder,
		.draft = message->draft,
		.now = item->seen,
		.facts = facts,
	};
	struct crew_job job = { .context = &context };

	crew_submit(intake->setup.crew, &job, message->fd, message->size, message_scanned, item);
}

/*
 * Only the store knows whether a Message-ID was used before with other bytes. Where it was, the
 * rules judge once more with that fact; where not, nothing is lost.
 */
static bool
message_asks_again(struct item *item)
{
	struct intake *intake = item->intake;
	bool known, copied, reused = false;
	g_autoptr(GError) error = NULL;

	if (item->asked_twice || item->verdict->outcome == OUTCOME_UNSCANNABLE)
		return false;
	item->asked_twice = true;
	if (!store_lookup(intake->setup.store, item->sha256, item->verdict->message_id, &known,
		&copied, &reused, &error)) {
		intake_fail(intake, g_steal_pointer(&error));
		return false;
	}
	if (!reused)
		return false;
	g_clear_pointer(&item->verdict, verdict_free);
	message_submit(item, FACT_REUSED_MESSAGE_ID);
	return true;
}

static void
message_scanned(struct verdict *verdict, void *data)
{
	struct item *item = data;

	item->verdict = verdict;
	if (message_asks_again(item))
		return;
	item->ready = true;
	intake_pump(item->intake);
}

static void
message_start(struct intake *intake, struct item *item)
{
	struct fetch_message *message = &item->event.message;
	GError *error = NULL;

	item->account = config_account(intake->setup.config, message->placement.account);
	message_submit(item, 0);
	/* The worker reads on its own while we compute the digest. */
	item->sha256 = io_sha256(message->fd, &message->size, &error);
	if (item->sha256 == NULL)
		intake_fail(intake, error);
}

/* --- public --- */

struct intake *
intake_new(const struct intake_setup *setup)
{
	struct intake *intake = g_new0(struct intake, 1);

	intake->setup = *setup;
	g_queue_init(&intake->items);
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	g_clear_handle_id(&intake->timer, g_source_remove);
	g_queue_clear_full(&intake->items, (GDestroyNotify)item_free);
	g_clear_error(&intake->error);
	g_free(intake);
}

void
intake_event(struct intake *intake, struct fetch_event *event)
{
	if (intake->error != NULL || event->kind == FETCH_EVENT_NONE ||
	    event->kind == FETCH_EVENT_LOST) {
		fetch_event_clear(event);
		return;
	}
	if (event->kind == FETCH_EVENT_FOLDER_BEGIN) {
		struct pass_account *row = intake_row(intake, event->folder.account);
		if (row != NULL)
			row->expected += event->folder.server_count;
		fetch_event_clear(event);
		return;
	}
	struct item *item = g_new0(struct item, 1);
	item->intake = intake;
	item->seen = clock_now();
	item->event = *event;
	*event = (struct fetch_event){ .kind = FETCH_EVENT_NONE };
	item->ready = item->event.kind != FETCH_EVENT_MESSAGE;
	g_queue_push_tail(&intake->items, item);
	if (item->event.kind == FETCH_EVENT_MESSAGE)
		message_start(intake, item);
	intake_pump(intake);
}

bool
intake_is_idle(const struct intake *intake)
{
	return g_queue_is_empty((GQueue *)&intake->items);
}

const GError *
intake_error(const struct intake *intake)
{
	return intake->error;
}
