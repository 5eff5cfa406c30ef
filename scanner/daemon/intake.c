/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intake - see intake.h. Never parses a message: it moves descriptors, digests and verdicts.
 */
#include "daemon/intake.h"

#include "base/clock.h"
#include "base/io.h"
#include "daemon/daemon.h"
#include "daemon/intake-parts.h"

/* Stands for the digests of messages that share a Message-ID: none equals it. */
#define SEVERAL ""

static void
item_free(struct item *item)
{
	fetch_event_clear(&item->event);
	g_free(item->sha256);
	g_free(item->message_id);
	history_found_clear(&item->found);
	g_clear_pointer(&item->verdict, verdict_free);
	g_clear_pointer(&item->supposed, verdict_free);
	g_free(item);
}

/* What a fetcher that is gone said is found in the configuration, which takes longer. */
static const struct account *
intake_account(struct intake *intake, const char *name)
{
	const struct pass_account *row = intake_row(intake, name);

	return row != NULL && row->config != NULL ? row->config
						  : config_account(intake->setup.config, name);
}

static void
intake_fail(struct intake *intake, GError *error)
{
	if (intake->error == NULL)
		intake->error = error;
	else
		g_error_free(error);
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
		if (!intake_record(intake, link->data, error))
			goto undo;
	if (!store_commit(store, error))
		goto undo;
	return true;
undo:
	store_rollback(store);
	return false;
}

static void
remember_message_id(struct intake *intake, const struct item *item)
{
	const char *id = item->message_id;

	if (id == NULL || *id == '\0')
		return;
	const char *other = g_hash_table_lookup(intake->message_ids, id);
	bool same = other == NULL || g_str_equal(other, item->sha256);
	g_hash_table_insert(intake->message_ids, (char *)id, same ? item->sha256 : (char *)SEVERAL);
}

/* What was recorded is found in the store from now on. */
static void
forget_message_ids(struct intake *intake)
{
	g_hash_table_remove_all(intake->message_ids);
	for (GList *link = intake->items.head; link != intake->unchecked; link = link->next)
		remember_message_id(intake, link->data);
}

static void
intake_commit(struct intake *intake, guint n)
{
	g_autoptr(GPtrArray) recorded = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	struct intake_receipt receipt = { 0 };
	GError *error = NULL;

	if (!commit_items(intake, n, &error)) {
		g_prefix_error(&error, "keep what was fetched: ");
		intake_fail(intake, error);
		return;
	}
	for (guint i = 0; i < n; i++) {
		struct item *item = g_queue_pop_head(&intake->items);
		intake_count(intake, item);
		if (item->event.kind == FETCH_EVENT_MESSAGE) {
			receipt.messages++;
			receipt.bytes += item->event.message.size;
		}
		g_ptr_array_add(recorded, item);
	}
	forget_message_ids(intake);
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

/* All that was queued stands ready, and the last account has ended: nothing to wait for. */
static bool
is_drained(const struct intake *intake, guint ready)
{
	const struct item *last = g_queue_peek_tail((GQueue *)&intake->items);

	return ready > 0 && ready == intake->items.length && intake->under_way == 0 &&
	       last->event.kind == FETCH_EVENT_ACCOUNT_END;
}

static void
intake_pump(struct intake *intake)
{
	bool full;
	guint n;

	while (intake->error == NULL &&
	       ((n = ready_front(intake, &full), full) || is_drained(intake, n)))
		intake_commit(intake, n);
	if (intake->error == NULL && !g_queue_is_empty(&intake->items) && intake->timer == 0)
		intake->timer = g_timeout_add(INTAKE_BATCH_MS, intake_time_over, intake);
}

/* --- messages to the crew --- */

static void message_scanned(struct verdict *verdict, void *data);

/* The search knows the texts of what is kept as a copy, and of nothing else. */
static enum verdict_carry
carry_of(const struct item *item)
{
	switch (item->account != NULL ? item->account->keep : KEEP_HITS) {
	case KEEP_ALL:
		return CARRY_TERMS;
	case KEEP_HITS:
		return CARRY_TERMS_IF_FLAGGED;
	case KEEP_HEADERS:
	case KEEP_NONE:
		break;
	}
	return CARRY_NOTHING;
}

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
		.facts = facts | item->found.facts,
		.first_seen = item->found.first_seen,
	};
	struct crew_job job = { .context = &context, .carry = carry_of(item) };

	crew_submit(intake->setup.crew, &job, message->fd, message->size, message_scanned, item);
}

/* True in *reused when a message that came before has the same Message-ID and other bytes. */
static bool
message_id_is_reused(struct intake *intake, const struct item *item, bool *reused, GError **error)
{
	const char *other = g_hash_table_lookup(intake->message_ids, item->message_id);
	bool known, copied;

	*reused = other != NULL && !g_str_equal(other, item->sha256);
	return *reused || store_lookup(intake->setup.store, item->sha256, item->message_id, &known,
			      &copied, reused, error);
}

/*
 * No worker knows whether a Message-ID was used before with other bytes. Where it was, the rules
 * judge once more with that fact. In order of arrival, so that the answer is the same however
 * messages fall into batches and whichever worker is first.
 *
 * Nor does one know whether a draft will vanish. Its bytes are at hand now and may not be then, so
 * the rules judge twice: as it is, and as if it had vanished unsent.
 */
static void
message_check(struct intake *intake, struct item *item)
{
	GError *error = NULL;
	bool reused;

	/* Revisions of a draft share theirs, with one another and with what is sent. */
	bool draft = item->event.message.draft;
	item->message_id = g_strdup(draft ? "" : item->verdict->message_id);
	if (!message_id_is_reused(intake, item, &reused, &error)) {
		intake_fail(intake, error);
		return;
	}
	remember_message_id(intake, item);
	if (!draft && !history_look_back(&intake->history, &intake->setup, item->verdict,
			  item->seen, &item->found, &error)) {
		intake_fail(intake, error);
		return;
	}
	bool news = reused || item->found.facts != 0 || item->found.first_seen != NULL;
	item->ready = !(news || draft) || item->verdict->outcome == OUTCOME_UNSCANNABLE;
	if (item->ready)
		return;
	if (!draft)
		g_clear_pointer(&item->verdict, verdict_free);
	message_submit(item, draft ? FACT_DEAD_DROP : reused ? FACT_REUSED_MESSAGE_ID : 0);
}

/* As far as verdicts are there in a row. */
static void
intake_check(struct intake *intake)
{
	while (intake->unchecked != NULL && intake->error == NULL) {
		struct item *item = intake->unchecked->data;
		bool message = item->event.kind == FETCH_EVENT_MESSAGE;
		if (message && item->verdict == NULL)
			return;
		intake->unchecked = intake->unchecked->next;
		item->checked = true;
		item->ready = !message;
		if (message)
			message_check(intake, item);
	}
}

static void
message_scanned(struct verdict *verdict, void *data)
{
	struct item *item = data;

	if (item->verdict != NULL)
		item->supposed = verdict;
	else
		item->verdict = verdict;
	/* It is judged for the second time, then. */
	item->ready = item->checked;
	intake_check(item->intake);
	intake_pump(item->intake);
}

static void
message_start(struct intake *intake, struct item *item)
{
	struct fetch_message *message = &item->event.message;
	GError *error = NULL;

	item->account = intake_account(intake, message->placement.account);
	message_submit(item, 0);
	/* The worker reads on its own while we compute the digest. */
	item->sha256 = io_sha256(message->fd, &message->size, &error);
	if (item->sha256 != NULL)
		return;
	g_prefix_error(&error, "digest what was fetched: ");
	intake_fail(intake, error);
}

/* --- public --- */

struct intake *
intake_new(const struct intake_setup *setup)
{
	struct intake *intake = g_new0(struct intake, 1);

	intake->setup = *setup;
	g_queue_init(&intake->items);
	/* An error ends it before anything is recorded. */
	intake->sampling = sampling_new(setup->config, &intake->error);
	intake->message_ids = g_hash_table_new(g_str_hash, g_str_equal);
	intake->begun = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	g_clear_handle_id(&intake->timer, g_source_remove);
	history_free(intake->history);
	sampling_free(intake->sampling);
	g_hash_table_unref(intake->message_ids);
	g_hash_table_unref(intake->begun);
	g_queue_clear_full(&intake->items, (GDestroyNotify)item_free);
	g_clear_error(&intake->error);
	g_free(intake);
}

static char *
folder_key(const struct fetch_folder *folder)
{
	return g_strconcat(folder->account, "\n", folder->folder, NULL);
}

static void
folder_begins(struct intake *intake, const struct fetch_folder *folder)
{
	struct pass_account *row = intake_row(intake, folder->account);
	gint64 *now = g_new(gint64, 1);

	/* A pass over mailboxes in which nothing happened needs no worker. */
	if (folder->server_count > 0)
		crew_warm(intake->setup.crew);
	if (row != NULL)
		row->expected += folder->server_count;
	*now = clock_now();
	g_hash_table_replace(intake->begun, folder_key(folder), now);
}

/* What the server said of the folder it said after this time. */
static gint64
folder_begun(struct intake *intake, const struct fetch_folder *folder)
{
	g_autofree char *key = folder_key(folder);
	const gint64 *begun = g_hash_table_lookup(intake->begun, key);
	gint64 time = begun != NULL ? *begun : 0;

	g_hash_table_remove(intake->begun, key);
	return time;
}

void
intake_expect(struct intake *intake)
{
	intake->under_way++;
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
		folder_begins(intake, &event->folder);
		fetch_event_clear(event);
		return;
	}
	struct item *item = g_new0(struct item, 1);
	item->intake = intake;
	item->seen = clock_now();
	item->event = *event;
	if (event->kind == FETCH_EVENT_FOLDER_END)
		item->begun = folder_begun(intake, &event->folder);
	*event = (struct fetch_event){ .kind = FETCH_EVENT_NONE };
	g_queue_push_tail(&intake->items, item);
	if (intake->unchecked == NULL)
		intake->unchecked = intake->items.tail;
	if (item->event.kind == FETCH_EVENT_ACCOUNT_END) {
		item->account = intake_account(intake, item->event.account_end.account);
		/* Never trusted to come once each: it only decides how long a commit may wait. */
		intake->under_way -= intake->under_way > 0;
	}
	if (item->event.kind == FETCH_EVENT_MESSAGE)
		message_start(intake, item);
	intake_check(intake);
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
