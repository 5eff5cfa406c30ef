/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/protocol.h"

#include <fcntl.h>
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"

#define PLACEMENT_TYPE "ssusxssss"
#define FOLDER_TYPE    "(sssutttbbbasusut)"
#define TASK_TYPE      "(uts)"

#define SMALL_BYTES (64 * 1024)
#define LIST_BYTES  (256 * 1024 * 1024) /* a million UIDLs of POP3 */

static const struct wire_kind kinds[PROTOCOL_KINDS] = {
	[PROTOCOL_SETUP] = { "setup", "(a{st}s)", SMALL_BYTES, false },
	[PROTOCOL_ACCOUNT] = { "account", "(" ACCOUNT_TYPE "a" FETCH_STATE_TYPE TASK_TYPE ")",
	    LIST_BYTES, false },
	[PROTOCOL_WATCH] = { "watch", "(" ACCOUNT_TYPE "s)", SMALL_BYTES, false },
	[PROTOCOL_CREDIT] = { "credit", "(ut)", 64, false },
	[PROTOCOL_STOP] = { "stop", "()", 64, false },
	[PROTOCOL_FOLDER_BEGIN] = { "folder-begin", FOLDER_TYPE, SMALL_BYTES, false },
	[PROTOCOL_REST] = { "rest", "(ssuuu)", SMALL_BYTES, false },
	[PROTOCOL_MESSAGE] = { "message", "(" PLACEMENT_TYPE "ttb)", SMALL_BYTES, true },
	[PROTOCOL_FAILED] = { "failed", "(" PLACEMENT_TYPE "ssb)", SMALL_BYTES, false },
	[PROTOCOL_NOTE] = { "note", "(ssss)", SMALL_BYTES, false },
	[PROTOCOL_FOLDER_END] = { "folder-end", FOLDER_TYPE, LIST_BYTES, false },
	[PROTOCOL_ACCOUNT_END] = { "account-end", "(susuttttu)", SMALL_BYTES, false },
	[PROTOCOL_NEWS] = { "news", "(ss)", SMALL_BYTES, false },
	[PROTOCOL_WATCH_END] = { "watch-end", "(ssusu)", SMALL_BYTES, false },
};

const struct wire_protocol fetch_protocol = { .kinds = kinds, .n_kinds = PROTOCOL_KINDS };

const char *const fetch_account_state_words[] = { "ok", "away", "tls", "login", "protocol",
	"config", "token", "waiting", NULL };

void
fetch_state_free(struct fetch_state *state)
{
	if (state == NULL)
		return;
	g_free(state->folder);
	g_clear_pointer(&state->retry, g_array_unref);
	g_clear_pointer(&state->rest_done, g_array_unref);
	g_strfreev(state->uidls);
	g_free(state);
}

void
fetch_task_clear(struct fetch_task *task)
{
	g_clear_pointer(&task->canary, g_free);
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void
folder_clear(struct fetch_folder *folder)
{
	g_free(folder->account);
	g_free(folder->folder);
	g_free(folder->role);
	g_strfreev(folder->present);
	g_free(folder->text);
}

void
fetch_event_clear(struct fetch_event *event)
{
	switch (event->kind) {
	case FETCH_EVENT_MESSAGE:
		placement_clear(&event->message.placement);
		io_close(&event->message.fd);
		break;
	case FETCH_EVENT_FAILED:
		placement_clear(&event->failure.placement);
		g_free(event->failure.reason);
		g_free(event->failure.text);
		break;
	case FETCH_EVENT_FOLDER_BEGIN:
	case FETCH_EVENT_FOLDER_END:
		folder_clear(&event->folder);
		break;
	case FETCH_EVENT_REST:
		g_free(event->rest.account);
		g_free(event->rest.folder);
		break;
	case FETCH_EVENT_NOTE:
		g_free(event->note.account);
		g_free(event->note.folder);
		g_free(event->note.word);
		g_free(event->note.text);
		break;
	case FETCH_EVENT_ACCOUNT_END:
		g_free(event->account_end.account);
		g_free(event->account_end.text);
		break;
	case FETCH_EVENT_NEWS:
	case FETCH_EVENT_WATCH_END:
		g_free(event->watch.account);
		g_free(event->watch.role);
		g_free(event->watch.text);
		break;
	case FETCH_EVENT_NONE:
	case FETCH_EVENT_LOST:
		break;
	}
	*event = (struct fetch_event){ .kind = FETCH_EVENT_NONE };
}

/* To the fetcher */

GVariant *
protocol_put_setup(const struct limits *limits, const char *spool_folder)
{
	return g_variant_new("(@a{st}s)", limits_put(limits), spool_folder);
}

bool
protocol_get_setup(GVariant *body, struct limits *limits, char **spool_folder, GError **error)
{
	g_autoptr(GVariant) values = g_variant_get_child_value(body, 0);

	g_clear_pointer(spool_folder, g_free);
	g_variant_get_child(body, 1, "s", spool_folder);
	return limits_get(values, limits, error);
}

static GVariant *
put_uids(const GArray *uids)
{
	return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, uids != NULL ? uids->data : NULL,
	    uids != NULL ? uids->len : 0, sizeof(guint32));
}

static GArray *
get_uids(GVariant *array)
{
	gsize n;
	const guint32 *uids = g_variant_get_fixed_array(array, &n, sizeof(guint32));
	GArray *out = g_array_sized_new(FALSE, FALSE, sizeof(guint32), (guint)n);

	if (n > 0)
		g_array_append_vals(out, uids, (guint)n);
	return out;
}

static GVariant *
put_state(const struct fetch_state *state)
{
	static const char *const none[] = { NULL };
	const char *const *uidls = state->uidls != NULL ? (const char *const *)state->uidls : none;

	return g_variant_new("(suuuut@au@asuu@au)", state->folder, state->uidvalidity,
	    state->last_uid, state->present, state->uidnext, state->modseq, put_uids(state->retry),
	    g_variant_new_strv(uidls, -1), state->rest_from, state->rest_upto,
	    put_uids(state->rest_done));
}

GVariant *
protocol_put_account(
    const struct account *account, const GPtrArray *states, const struct fetch_task *task)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" FETCH_STATE_TYPE));
	for (guint i = 0; states != NULL && i < states->len; i++)
		g_variant_builder_add_value(&builder, put_state(states->pdata[i]));
	return g_variant_new("(@" ACCOUNT_TYPE "a" FETCH_STATE_TYPE TASK_TYPE ")",
	    account_put(account), &builder, (guint32)task->kind, task->bytes,
	    or_empty(task->canary));
}

static struct fetch_state *
get_state(GVariant *variant)
{
	struct fetch_state *state = g_new0(struct fetch_state, 1);
	g_autoptr(GVariant) retry = NULL;
	g_autoptr(GVariant) rest_done = NULL;

	g_variant_get(variant, "(suuuut@au^asuu@au)", &state->folder, &state->uidvalidity,
	    &state->last_uid, &state->present, &state->uidnext, &state->modseq, &retry,
	    &state->uidls, &state->rest_from, &state->rest_upto, &rest_done);
	state->retry = get_uids(retry);
	state->rest_done = get_uids(rest_done);
	return state;
}

static void
free_state(gpointer state)
{
	fetch_state_free(state);
}

struct account *
protocol_get_account(GVariant *body, GPtrArray **states, struct fetch_task *task, GError **error)
{
	g_autoptr(GVariant) first = g_variant_get_child_value(body, 0);
	g_autoptr(GVariant) list = g_variant_get_child_value(body, 1);
	struct account *account = account_get(first, error);
	guint32 kind;

	if (account == NULL)
		return NULL;
	g_variant_get_child(body, 2, TASK_TYPE, &kind, &task->bytes, &task->canary);
	task->kind = kind;
	*states = g_ptr_array_new_with_free_func(free_state);
	for (gsize i = 0; i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(list, i);
		g_ptr_array_add(*states, get_state(child));
	}
	return account;
}

GVariant *
protocol_put_watch(const struct account *account, const char *role)
{
	return g_variant_new("(@" ACCOUNT_TYPE "s)", account_put(account), role);
}

struct account *
protocol_get_watch(GVariant *body, char **role, GError **error)
{
	g_autoptr(GVariant) first = g_variant_get_child_value(body, 0);

	g_variant_get_child(body, 1, "s", role);
	return account_get(first, error);
}

/* From the fetcher */

static GVariant *
put_folder(const struct fetch_folder *folder)
{
	static const char *const none[] = { NULL };
	const char *const *present =
	    folder->present != NULL ? (const char *const *)folder->present : none;

	return g_variant_new("(sssutttbbb@asusut)", folder->account, folder->folder, folder->role,
	    folder->uidvalidity, folder->server_count, folder->waiting, folder->bytes,
	    folder->estimated, folder->uidvalidity_changed, folder->has_present,
	    g_variant_new_strv(present, -1), (guint32)folder->state, folder->text, folder->uidnext,
	    folder->modseq);
}

static GVariant *
put_message(const struct fetch_message *message)
{
	const struct placement *at = &message->placement;

	return g_variant_new("(" PLACEMENT_TYPE "ttb)", at->account, at->folder, at->uidvalidity,
	    at->uid, at->internal_date, at->server_flags, or_empty(at->labels),
	    or_empty(at->server_id), or_empty(at->thread_id), message->announced, message->size,
	    message->draft);
}

static GVariant *
put_failure(const struct fetch_failure *failure)
{
	const struct placement *at = &failure->placement;

	return g_variant_new("(" PLACEMENT_TYPE "ssb)", at->account, at->folder, at->uidvalidity,
	    at->uid, at->internal_date, at->server_flags, "", "", "", failure->reason,
	    failure->text, failure->again);
}

void
protocol_queue(struct wire *wire, struct fetch_event *event)
{
	const struct fetch_account_end *end = &event->account_end;
	const struct fetch_note *note = &event->note;
	const struct fetch_watch *watch = &event->watch;

	switch (event->kind) {
	case FETCH_EVENT_FOLDER_BEGIN:
		wire_queue(wire, PROTOCOL_FOLDER_BEGIN, put_folder(&event->folder), -1);
		break;
	case FETCH_EVENT_REST:
		wire_queue(wire, PROTOCOL_REST,
		    g_variant_new("(ssuuu)", event->rest.account, event->rest.folder,
			event->rest.uidvalidity, event->rest.from, event->rest.upto),
		    -1);
		break;
	case FETCH_EVENT_MESSAGE:
		wire_queue(wire, PROTOCOL_MESSAGE, put_message(&event->message),
		    g_steal_fd(&event->message.fd));
		break;
	case FETCH_EVENT_FAILED:
		wire_queue(wire, PROTOCOL_FAILED, put_failure(&event->failure), -1);
		break;
	case FETCH_EVENT_NOTE:
		wire_queue(wire, PROTOCOL_NOTE,
		    g_variant_new("(ssss)", note->account, note->folder, note->word, note->text),
		    -1);
		break;
	case FETCH_EVENT_FOLDER_END:
		wire_queue(wire, PROTOCOL_FOLDER_END, put_folder(&event->folder), -1);
		break;
	case FETCH_EVENT_ACCOUNT_END:
		wire_queue(wire, PROTOCOL_ACCOUNT_END,
		    g_variant_new("(susuttttu)", end->account, (guint32)end->state, end->text,
			end->folders, end->messages, end->bytes, end->received, end->milliseconds,
			end->retry_after),
		    -1);
		break;
	case FETCH_EVENT_NEWS:
		wire_queue(
		    wire, PROTOCOL_NEWS, g_variant_new("(ss)", watch->account, watch->role), -1);
		break;
	case FETCH_EVENT_WATCH_END:
		wire_queue(wire, PROTOCOL_WATCH_END,
		    g_variant_new("(ssusu)", watch->account, watch->role, (guint32)watch->state,
			watch->text, watch->retry_after),
		    -1);
		break;
	case FETCH_EVENT_NONE:
	case FETCH_EVENT_LOST:
		break;
	}
}

/* Checks */

static bool
refuse(GError **error, const char *what)
{
	g_set_error(error, FAULT, FAULT_DATA, "fetcher: %s", what);
	return false;
}

static bool
is_graph(const char *text, gsize max)
{
	gsize length = strlen(text);

	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isgraph(text[i]))
			return false;
	}
	return length <= max;
}

/* A UID of IMAP has a UIDVALIDITY, one of POP3 has none. */
static bool
check_placement(const struct placement *placement, GError **error)
{
	guint64 number;

	if (*placement->folder == '\0' || strlen(placement->folder) > PROTOCOL_FOLDER_MAX)
		return refuse(error, "a folder name that is none");
	if (!is_graph(placement->uid, PROTOCOL_UID_MAX))
		return refuse(error, "a UID that is none");
	if (placement->uidvalidity != 0 && *placement->uid != '\0' &&
	    !g_ascii_string_to_unsigned(placement->uid, 10, 1, G_MAXUINT32, &number, NULL))
		return refuse(error, "a UID that is no number");
	if (strlen(placement->server_flags) > PROTOCOL_TEXT_MAX)
		return refuse(error, "flags that are too long");
	if (strlen(placement->labels) > PROTOCOL_LABELS_MAX ||
	    !is_graph(placement->server_id, 32) || !is_graph(placement->thread_id, 32))
		return refuse(error, "labels that are none");
	return true;
}

static bool
get_message(struct wire_frame *frame, struct fetch_message *message, GError **error)
{
	struct placement *at = &message->placement;
	gboolean draft;
	guint64 size;

	message->fd = g_steal_fd(&frame->fd);
	g_variant_get(frame->body, "(" PLACEMENT_TYPE "ttb)", &at->account, &at->folder,
	    &at->uidvalidity, &at->uid, &at->internal_date, &at->server_flags, &at->labels,
	    &at->server_id, &at->thread_id, &message->announced, &message->size, &draft);
	message->draft = draft;
	if (!check_placement(at, error))
		return false;
	if (*at->uid == '\0')
		return refuse(error, "a message without a UID");
	if ((fcntl(message->fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return refuse(error, "a descriptor that is not read-only");
	if (!io_size(message->fd, &size, error))
		return false;
	return size == message->size || refuse(error, "a message of another size than said");
}

static bool
get_failure(GVariant *body, struct fetch_failure *failure, GError **error)
{
	struct placement *at = &failure->placement;
	gboolean again;

	g_variant_get(body, "(" PLACEMENT_TYPE "ssb)", &at->account, &at->folder, &at->uidvalidity,
	    &at->uid, &at->internal_date, &at->server_flags, &at->labels, &at->server_id,
	    &at->thread_id, &failure->reason, &failure->text, &again);
	failure->again = again;
	if (!check_placement(at, error))
		return false;
	if (!is_graph(failure->reason, 32) || strlen(failure->text) > PROTOCOL_TEXT_MAX)
		return refuse(error, "a reason that is none");
	return true;
}

static bool
get_folder(GVariant *body, struct fetch_folder *folder, GError **error)
{
	gboolean changed, has_present, estimated;
	guint32 state;

	g_variant_get(body, "(sssutttbbb^asusut)", &folder->account, &folder->folder, &folder->role,
	    &folder->uidvalidity, &folder->server_count, &folder->waiting, &folder->bytes,
	    &estimated, &changed, &has_present, &folder->present, &state, &folder->text,
	    &folder->uidnext, &folder->modseq);
	folder->uidvalidity_changed = changed;
	folder->has_present = has_present;
	folder->estimated = estimated;
	folder->state = state;
	if (state > FETCH_FOLDER_FAILED)
		return refuse(error, "a state of a folder that is none");
	if (*folder->folder == '\0' || strlen(folder->folder) > PROTOCOL_FOLDER_MAX ||
	    !is_graph(folder->role, 32) || strlen(folder->text) > PROTOCOL_TEXT_MAX)
		return refuse(error, "a folder that is none");
	for (gsize i = 0; folder->present[i] != NULL; i++) {
		if (*folder->present[i] == '\0' || !is_graph(folder->present[i], PROTOCOL_UID_MAX))
			return refuse(error, "a list of UIDs that is none");
	}
	return true;
}

static bool
get_rest(GVariant *body, struct fetch_rest *rest, GError **error)
{
	g_variant_get(body, "(ssuuu)", &rest->account, &rest->folder, &rest->uidvalidity,
	    &rest->from, &rest->upto);
	return (*rest->folder != '\0' && strlen(rest->folder) <= PROTOCOL_FOLDER_MAX &&
		   rest->uidvalidity != 0 && rest->from <= rest->upto) ||
	       refuse(error, "a rest of a folder that is none");
}

static bool
get_note(GVariant *body, struct fetch_note *note, GError **error)
{
	g_variant_get(body, "(ssss)", &note->account, &note->folder, &note->word, &note->text);
	if (strlen(note->folder) > PROTOCOL_FOLDER_MAX || !is_graph(note->word, 32) ||
	    strlen(note->text) > PROTOCOL_TEXT_MAX)
		return refuse(error, "a note that is none");
	return true;
}

static bool
get_account_end(GVariant *body, struct fetch_account_end *end, GError **error)
{
	guint32 state;

	g_variant_get(body, "(susuttttu)", &end->account, &state, &end->text, &end->folders,
	    &end->messages, &end->bytes, &end->received, &end->milliseconds, &end->retry_after);
	end->state = state;
	if (state > FETCH_WAITING || strlen(end->text) > PROTOCOL_TEXT_MAX)
		return refuse(error, "an end of an account that is none");
	return true;
}

static bool
get_watch_end(GVariant *body, struct fetch_watch *watch, GError **error)
{
	guint32 state;

	g_variant_get(body, "(ssusu)", &watch->account, &watch->role, &state, &watch->text,
	    &watch->retry_after);
	watch->state = state;
	if (state > FETCH_WAITING || strlen(watch->text) > PROTOCOL_TEXT_MAX)
		return refuse(error, "an end of a watch that is none");
	return true;
}

bool
protocol_get_event(struct wire_frame *frame, struct fetch_event *out, GError **error)
{
	bool fine = false;

	*out = (struct fetch_event){ .kind = FETCH_EVENT_NONE };
	switch (frame->kind) {
	case PROTOCOL_FOLDER_BEGIN:
	case PROTOCOL_FOLDER_END:
		out->kind = frame->kind == PROTOCOL_FOLDER_BEGIN ? FETCH_EVENT_FOLDER_BEGIN
								 : FETCH_EVENT_FOLDER_END;
		fine = get_folder(frame->body, &out->folder, error);
		break;
	case PROTOCOL_REST:
		out->kind = FETCH_EVENT_REST;
		fine = get_rest(frame->body, &out->rest, error);
		break;
	case PROTOCOL_MESSAGE:
		out->kind = FETCH_EVENT_MESSAGE;
		fine = get_message(frame, &out->message, error);
		break;
	case PROTOCOL_FAILED:
		out->kind = FETCH_EVENT_FAILED;
		fine = get_failure(frame->body, &out->failure, error);
		break;
	case PROTOCOL_NOTE:
		out->kind = FETCH_EVENT_NOTE;
		fine = get_note(frame->body, &out->note, error);
		break;
	case PROTOCOL_NEWS:
		out->kind = FETCH_EVENT_NEWS;
		g_variant_get(frame->body, "(ss)", &out->watch.account, &out->watch.role);
		fine = true;
		break;
	case PROTOCOL_WATCH_END:
		out->kind = FETCH_EVENT_WATCH_END;
		fine = get_watch_end(frame->body, &out->watch, error);
		break;
	case PROTOCOL_ACCOUNT_END:
		out->kind = FETCH_EVENT_ACCOUNT_END;
		fine = get_account_end(frame->body, &out->account_end, error);
		break;
	default:
		refuse(error, "a frame that goes the other way");
	}
	if (!fine)
		fetch_event_clear(out);
	return fine;
}
