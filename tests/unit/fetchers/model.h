/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_FETCHERS_MODEL_H
#define FLAGPOST_TESTS_FETCHERS_MODEL_H
/*
 * model - an honest server that answers what it is asked, a line to it that breaks in one place,
 * and a store in memory that draws from the events what the real one does.
 *
 * The clock is the test's own: time passes only while a session waits for a server that is silent.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "fetchers/session.h"

/* What limits_default says. */
#define MODEL_SILENCE_S 60
#define MODEL_TRICKLE_S 1800

/* --- the clock --- */

static gint64 *
model_clock(void)
{
	static gint64 now = G_USEC_PER_SEC;

	return &now;
}

/* In the place of GLib's. */
gint64
g_get_monotonic_time(void)
{
	return *model_clock();
}

/* --- what is on the server --- */

struct model_message {
	guint32 uid;
	const char *text;
};

struct model_box {
	const char *raw, *name, *attributes;
	guint32 uidvalidity, uidnext;
	struct model_message messages[4]; /* ends with UID 0 */
};

static guint
model_count(const struct model_box *box)
{
	guint n = 0;

	while (n < G_N_ELEMENTS(box->messages) && box->messages[n].uid != 0)
		n++;
	return n;
}

/* --- the line --- */

enum model_fault { MODEL_HONEST, MODEL_CUT, MODEL_STALL, MODEL_FLIP, MODEL_DRIP };

struct model_server {
	struct link link;
	enum account_protocol protocol;
	const struct model_box *boxes; /* of POP3: the first; ends with raw NULL */
	const char *abilities;
	const struct model_box *open;
	GString *in, *out;
	gsize at;
	bool closing;
	enum model_fault fault;
	gsize where;    /* the byte of the server's that the fault lies at */
	guint8 flip;    /* is put over it */
	gint64 next_ms; /* of a drip: one byte a second, from where on */
};

/* --- IMAP --- */

static bool
model_in_set(const char *set, guint32 uid, guint32 last)
{
	g_auto(GStrv) ranges = g_strsplit(set, ",", -1);

	if (strcmp(set, "ALL") == 0)
		return true;
	for (guint i = 0; ranges[i] != NULL; i++) {
		const char *colon = strchr(ranges[i], ':');
		const char *end = colon != NULL ? colon + 1 : ranges[i];
		guint64 from = g_ascii_strtoull(ranges[i], NULL, 10);
		guint64 to = *end == '*' ? last : g_ascii_strtoull(end, NULL, 10);
		if (uid >= MIN(from, to) && uid <= MAX(from, to))
			return true;
	}
	return false;
}

static const struct model_box *
model_find(const struct model_server *server, const char *quoted)
{
	for (const struct model_box *box = server->boxes; box->raw != NULL; box++) {
		g_autofree char *name = g_strdup_printf("\"%s\"", box->raw);
		if (g_str_has_prefix(quoted, name))
			return box;
	}
	return NULL;
}

static void
model_list(struct model_server *server, bool with_status)
{
	for (const struct model_box *box = server->boxes; box->raw != NULL; box++) {
		g_string_append_printf(
		    server->out, "* LIST (%s) \"/\" \"%s\"\r\n", box->attributes, box->raw);
		if (with_status)
			g_string_append_printf(server->out,
			    "* STATUS \"%s\" (MESSAGES %u UIDNEXT %u UIDVALIDITY %u HIGHESTMODSEQ "
			    "90)\r\n",
			    box->raw, model_count(box), box->uidnext, box->uidvalidity);
	}
}

static bool
model_examine(struct model_server *server, const char *name)
{
	server->open = model_find(server, name);
	if (server->open == NULL)
		return false;
	g_string_append_printf(server->out,
	    "* FLAGS (\\Seen)\r\n* %u EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %u] ok\r\n"
	    "* OK [UIDNEXT %u] ok\r\n* OK [HIGHESTMODSEQ 90] ok\r\n",
	    model_count(server->open), server->open->uidvalidity, server->open->uidnext);
	return true;
}

static void
model_search(struct model_server *server, const char *set)
{
	const struct model_box *box = server->open;
	guint n = model_count(box);

	g_string_append(server->out, "* SEARCH");
	for (guint i = 0; i < n; i++) {
		guint32 uid = box->messages[i].uid;
		if (model_in_set(set, uid, box->messages[n - 1].uid))
			g_string_append_printf(server->out, " %u", uid);
	}
	g_string_append(server->out, "\r\n");
}

static void
model_fetch(struct model_server *server, const char *rest)
{
	g_autofree char *set = g_strndup(rest, strcspn(rest, " "));
	const struct model_box *box = server->open;

	for (guint i = 0; i < model_count(box); i++) {
		const struct model_message *message = &box->messages[i];
		gsize size = strlen(message->text);
		if (!model_in_set(set, message->uid, 0))
			continue;
		g_string_append_printf(server->out,
		    "* %u FETCH (UID %u FLAGS (\\Seen) INTERNALDATE \"17-Jul-2026 02:44:25 "
		    "+0200\" RFC822.SIZE %" G_GSIZE_FORMAT " BODY[] {%" G_GSIZE_FORMAT
		    "}\r\n%s)\r\n",
		    i + 1, message->uid, size, size, message->text);
	}
}

static const char *
model_after(const char *line, const char *word)
{
	return g_str_has_prefix(line, word) ? line + strlen(word) : NULL;
}

static bool
model_imap_open_folder(struct model_server *server, const char *line)
{
	const char *rest;

	if (server->open == NULL)
		return false;
	if ((rest = model_after(line, "UID SEARCH UID ")) != NULL ||
	    (rest = model_after(line, "UID SEARCH ")) != NULL)
		model_search(server, rest);
	else if ((rest = model_after(line, "UID FETCH ")) != NULL)
		model_fetch(server, rest);
	else
		return strcmp(line, "NOOP") == 0;
	return true;
}

static void
model_imap_line(struct model_server *server, const char *line)
{
	const char *command = strchr(line, ' ');
	const char *rest;
	bool ok = true;

	g_assert_nonnull(command);
	command++;
	if (strcmp(command, "CAPABILITY") == 0) {
		g_string_append_printf(
		    server->out, "* CAPABILITY IMAP4rev1%s\r\n", server->abilities);
	} else if (model_after(command, "ENABLE ") != NULL) {
		g_string_append(server->out, "* ENABLED QRESYNC\r\n");
	} else if (model_after(command, "LIST ") != NULL) {
		model_list(server, strstr(command, "STATUS (") != NULL);
	} else if ((rest = model_after(command, "STATUS ")) != NULL) {
		const struct model_box *box = model_find(server, rest);
		ok = box != NULL;
		if (ok)
			g_string_append_printf(server->out,
			    "* STATUS \"%s\" (MESSAGES %u UIDNEXT %u UIDVALIDITY %u)\r\n", box->raw,
			    model_count(box), box->uidnext, box->uidvalidity);
	} else if ((rest = model_after(command, "EXAMINE ")) != NULL) {
		ok = model_examine(server, rest);
	} else if (strcmp(command, "LOGOUT") == 0) {
		g_string_append(server->out, "* BYE\r\n");
		server->closing = true;
	} else {
		ok = model_imap_open_folder(server, command);
	}
	g_string_append_printf(
	    server->out, "%.*s %s\r\n", (int)(command - 1 - line), line, ok ? "OK done" : "NO");
}

/* --- POP3 --- */

static void
model_pop3_body(struct model_server *server, const struct model_message *message, bool head)
{
	g_auto(GStrv) lines = g_strsplit(message->text, "\r\n", -1);

	for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++) {
		g_string_append_printf(
		    server->out, "%s%s\r\n", lines[i][0] == '.' ? "." : "", lines[i]);
		if (head && *lines[i] == '\0')
			break;
	}
	g_string_append(server->out, ".\r\n");
}

static void
model_pop3_listing(struct model_server *server, bool uidl)
{
	const struct model_box *box = server->boxes;

	g_string_append(server->out, "+OK\r\n");
	for (guint i = 0; i < model_count(box); i++) {
		if (uidl)
			g_string_append_printf(
			    server->out, "%u id-%u\r\n", i + 1, box->messages[i].uid);
		else
			g_string_append_printf(server->out, "%u %" G_GSIZE_FORMAT "\r\n", i + 1,
			    strlen(box->messages[i].text));
	}
	g_string_append(server->out, ".\r\n");
}

static void
model_pop3_line(struct model_server *server, const char *line)
{
	const struct model_box *box = server->boxes;
	const char *rest = strchr(line, ' ');
	guint64 n = rest != NULL ? g_ascii_strtoull(rest, NULL, 10) : 0;

	if (strcmp(line, "CAPA") == 0) {
		g_string_append_printf(
		    server->out, "+OK\r\n%sUIDL\r\nTOP\r\n.\r\n", server->abilities);
	} else if (strcmp(line, "STAT") == 0) {
		g_string_append_printf(server->out, "+OK %u 999\r\n", model_count(box));
	} else if (strcmp(line, "UIDL") == 0 || strcmp(line, "LIST") == 0) {
		model_pop3_listing(server, *line == 'U');
	} else if (strcmp(line, "QUIT") == 0) {
		g_string_append(server->out, "+OK\r\n");
		server->closing = true;
	} else if (n > 0 && n <= model_count(box)) {
		g_string_append(server->out, "+OK\r\n");
		model_pop3_body(server, &box->messages[n - 1], *line == 'T');
	} else {
		g_string_append(server->out, "-ERR no such message\r\n");
	}
}

/* --- both --- */

static gssize
model_send(struct link *link, const void *data, gsize size, GError **error)
{
	struct model_server *server = (struct model_server *)link;
	const char *end;

	(void)error;
	g_string_append_len(server->in, data, (gssize)size);
	while (!server->closing && (end = strstr(server->in->str, "\r\n")) != NULL) {
		g_autofree char *line = g_strndup(server->in->str, (gsize)(end - server->in->str));
		g_string_erase(server->in, 0, end + 2 - server->in->str);
		if (server->protocol == PROTOCOL_IMAP)
			model_imap_line(server, line);
		else
			model_pop3_line(server, line);
	}
	return (gssize)size;
}

static gssize
model_receive(struct link *link, void *data, gsize size, GError **error)
{
	struct model_server *server = (struct model_server *)link;
	gsize ready = server->out->len - server->at;
	bool faulty = server->fault != MODEL_HONEST && server->at + ready > server->where;
	gsize n = MIN(size, ready);

	if (faulty && server->at < server->where)
		n = MIN(n, server->where - server->at);
	else if (faulty && server->fault == MODEL_STALL)
		return 0;
	else if (faulty && server->fault == MODEL_DRIP) {
		if (*model_clock() / 1000 < server->next_ms)
			return 0;
		server->next_ms = *model_clock() / 1000 + 1000;
		n = 1;
	}
	if ((faulty && server->fault == MODEL_CUT && server->at >= server->where) ||
	    (n == 0 && server->closing)) {
		g_set_error(error, FAULT, FAULT_AWAY, "the server closed the connection");
		return -1;
	}
	memcpy(data, server->out->str + server->at, n);
	if (server->fault == MODEL_FLIP && server->where >= server->at &&
	    server->where < server->at + n)
		((guint8 *)data)[server->where - server->at] ^= server->flip;
	server->at += n;
	return (gssize)n;
}

/* --- the store --- */

struct model_folder {
	guint32 uidvalidity, last_uid, uidnext, rest_from, rest_upto;
	guint64 modseq;
	GHashTable *kept;  /* UID -> SHA-256; "": gone */
	GHashTable *again; /* UIDs that failed and may succeed */
	GHashTable *given_up;
};

struct model_store {
	GHashTable *folders; /* name -> struct model_folder */
	GHashTable *digests; /* of all that was ever kept */
	guint messages;      /* handed over in this pass */
	guint doubled;       /* handed over although it was kept */
	guint ends;          /* of the account, in this pass */
	guint begun;         /* folders begun and not ended */
	enum fetch_account_state state;
	char *text;
};

static void
model_folder_free(gpointer data)
{
	struct model_folder *folder = data;

	g_hash_table_unref(folder->kept);
	g_hash_table_unref(folder->again);
	g_hash_table_unref(folder->given_up);
	g_free(folder);
}

/* Of UIDs or digests, perhaps with a value each. */
static GHashTable *
model_set(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
model_add(GHashTable *set, const char *key)
{
	g_hash_table_replace(set, g_strdup(key), NULL);
}

static void
model_store_open(struct model_store *store)
{
	*store = (struct model_store){ 0 };
	store->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, model_folder_free);
	store->digests = model_set();
}

static void
model_store_close(struct model_store *store)
{
	g_hash_table_unref(store->folders);
	g_hash_table_unref(store->digests);
	g_free(store->text);
}

static struct model_folder *
model_store_folder(struct model_store *store, const char *name, guint32 uidvalidity)
{
	struct model_folder *folder = g_hash_table_lookup(store->folders, name);

	if (folder != NULL && folder->uidvalidity != uidvalidity && uidvalidity != 0)
		folder = NULL; /* all anew; the digests stay */
	if (folder != NULL)
		return folder;
	folder = g_new0(struct model_folder, 1);
	folder->uidvalidity = uidvalidity;
	folder->kept = model_set();
	folder->again = model_set();
	folder->given_up = model_set();
	g_hash_table_replace(store->folders, g_strdup(name), folder);
	return folder;
}

static void
model_on_message(struct model_store *store, const struct fetch_message *message)
{
	const struct placement *at = &message->placement;
	struct model_folder *folder = model_store_folder(store, at->folder, at->uidvalidity);
	g_autofree char *digest = io_sha256(message->fd, NULL, NULL);

	g_assert_nonnull(digest);
	store->messages++;
	if (g_hash_table_contains(folder->kept, at->uid))
		store->doubled++;
	else
		g_hash_table_insert(folder->kept, g_strdup(at->uid), g_strdup(digest));
	model_add(store->digests, digest);
	g_hash_table_remove(folder->again, at->uid);
	folder->last_uid = MAX(folder->last_uid, (guint32)g_ascii_strtoull(at->uid, NULL, 10));
}

static void
model_on_failure(struct model_store *store, const struct fetch_failure *failure)
{
	const struct placement *at = &failure->placement;
	struct model_folder *folder = model_store_folder(store, at->folder, at->uidvalidity);

	if (*at->uid == '\0' || g_hash_table_contains(folder->kept, at->uid))
		return;
	model_add(failure->again ? folder->again : folder->given_up, at->uid);
	folder->last_uid = MAX(folder->last_uid, (guint32)g_ascii_strtoull(at->uid, NULL, 10));
}

static void
model_on_rest(struct model_store *store, const struct fetch_rest *rest)
{
	struct model_folder *folder = model_store_folder(store, rest->folder, rest->uidvalidity);

	folder->rest_from = rest->from;
	folder->rest_upto = rest->upto;
	folder->last_uid = MAX(folder->last_uid, rest->upto);
}

static gboolean
model_is_absent(gpointer uid, gpointer value, gpointer present)
{
	(void)value;
	return !g_strv_contains(present, uid);
}

static void
model_on_end(struct model_store *store, const struct fetch_folder *end)
{
	struct model_folder *folder = model_store_folder(store, end->folder, end->uidvalidity);

	g_assert_cmpuint(store->begun, ==, 1);
	store->begun = 0;
	if (end->state != FETCH_FOLDER_OK)
		return;
	folder->uidnext = end->uidnext;
	folder->modseq = end->modseq;
	if (!end->has_present)
		return;
	const char *const *present = (const char *const *)end->present;
	g_hash_table_foreach_remove(folder->kept, model_is_absent, end->present);
	g_hash_table_foreach_remove(folder->again, model_is_absent, end->present);
	g_hash_table_foreach_remove(folder->given_up, model_is_absent, end->present);
	for (guint i = 0; folder->uidvalidity != 0 && present[i] != NULL; i++)
		if (g_ascii_strtoull(present[i], NULL, 10) <= folder->last_uid &&
		    !g_hash_table_contains(folder->kept, present[i]) &&
		    !g_hash_table_contains(folder->given_up, present[i]))
			model_add(folder->again, present[i]);
}

static void
model_emit(void *data, struct fetch_event *event)
{
	struct model_store *store = data;

	g_assert_cmpuint(store->ends, ==, 0); /* nothing comes behind the end */
	switch (event->kind) {
	case FETCH_EVENT_MESSAGE:
		model_on_message(store, &event->message);
		break;
	case FETCH_EVENT_FAILED:
		model_on_failure(store, &event->failure);
		break;
	case FETCH_EVENT_FOLDER_BEGIN:
		g_assert_cmpuint(store->begun++, ==, 0);
		break;
	case FETCH_EVENT_REST:
		model_on_rest(store, &event->rest);
		break;
	case FETCH_EVENT_FOLDER_END:
		model_on_end(store, &event->folder);
		break;
	case FETCH_EVENT_ACCOUNT_END:
		g_assert_cmpuint(store->begun, ==, 0);
		store->ends++;
		store->state = event->account_end.state;
		g_free(store->text);
		store->text = g_strdup(event->account_end.text);
		break;
	default:
		break;
	}
}

static void
model_take_uids(GHashTable *set, GArray *numbers, GPtrArray *names)
{
	GHashTableIter iter;
	gpointer uid;

	g_hash_table_iter_init(&iter, set);
	while (g_hash_table_iter_next(&iter, &uid, NULL)) {
		guint32 number = (guint32)g_ascii_strtoull(uid, NULL, 10);
		if (numbers != NULL)
			g_array_append_val(numbers, number);
		if (names != NULL)
			g_ptr_array_add(names, g_strdup(uid));
	}
}

static GPtrArray *
model_states(struct model_store *store, enum account_protocol protocol)
{
	GPtrArray *states =
	    g_ptr_array_new_with_free_func((GDestroyNotify)(void *)fetch_state_free);
	GHashTableIter iter;
	gpointer name, value;

	g_hash_table_iter_init(&iter, store->folders);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const struct model_folder *folder = value;
		struct fetch_state *state = g_new0(struct fetch_state, 1);
		state->folder = g_strdup(name);
		state->uidvalidity = folder->uidvalidity;
		state->last_uid = folder->last_uid;
		state->present =
		    g_hash_table_size(folder->kept) + g_hash_table_size(folder->given_up);
		state->uidnext = folder->uidnext;
		state->modseq = folder->modseq;
		state->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
		state->rest_from = folder->rest_from;
		state->rest_upto = folder->rest_upto;
		state->rest_done = g_array_new(FALSE, FALSE, sizeof(guint32));
		model_take_uids(folder->kept, state->rest_done, NULL);
		model_take_uids(folder->given_up, state->rest_done, NULL);
		model_take_uids(folder->again, state->rest_done, NULL);
		if (protocol == PROTOCOL_IMAP) {
			model_take_uids(folder->again, state->retry, NULL);
		} else {
			GPtrArray *uids = g_ptr_array_new();
			model_take_uids(folder->kept, NULL, uids);
			model_take_uids(folder->given_up, NULL, uids);
			g_ptr_array_add(uids, NULL);
			state->uidls = (GStrv)g_ptr_array_free(uids, FALSE);
		}
		g_ptr_array_add(states, state);
	}
	return states;
}

/* Sorted; a value of its own line behind its key. */
static void
model_describe_set(GString *out, GHashTable *set)
{
	g_autoptr(GList) keys =
	    g_list_sort(g_hash_table_get_keys(set), (GCompareFunc)(void *)strcmp);

	for (GList *key = keys; key != NULL; key = key->next) {
		const char *value = g_hash_table_lookup(set, key->data);
		g_string_append_printf(
		    out, "%s=%s ", (char *)key->data, value != NULL ? value : "");
	}
	g_string_append_c(out, '\n');
}

/* All that a later pass is told of, or that it is judged by: two stores of one text are alike. */
static inline char *
model_store_describe(const struct model_store *store)
{
	g_autoptr(GList) names =
	    g_list_sort(g_hash_table_get_keys(store->folders), (GCompareFunc)(void *)strcmp);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%u messages, %u begun\n", store->messages, store->begun);
	for (GList *name = names; name != NULL; name = name->next) {
		const struct model_folder *folder = g_hash_table_lookup(store->folders, name->data);
		g_string_append_printf(out, "%s: %u %u %u %u %u %" G_GUINT64_FORMAT "\n",
		    (char *)name->data, folder->uidvalidity, folder->last_uid, folder->uidnext,
		    folder->rest_from, folder->rest_upto, folder->modseq);
		model_describe_set(out, folder->kept);
		model_describe_set(out, folder->again);
		model_describe_set(out, folder->given_up);
	}
	model_describe_set(out, store->digests);
	return g_string_free(out, FALSE);
}

/* --- a pass --- */

/* The session waits and nothing comes: time passes, a second at a time where bytes drip. */
static void
model_wait(struct model_server *server, struct session *session)
{
	*model_clock() += (server->fault == MODEL_DRIP ? 1 : MODEL_SILENCE_S) * G_USEC_PER_SEC;
	session_check_time(session, *model_clock());
}

/* Returns the bytes that the server sent; *seconds (may be NULL) how long it took. */
static gsize
model_pass(struct model_store *store, const struct model_server *like, guint *seconds)
{
	struct model_server server = *like;
	struct account *account = account_new("a");
	struct limits limits;
	gint64 start = *model_clock();

	limits_default(&limits);
	server.link = (struct link){ .receive = model_receive, .send = model_send };
	server.in = g_string_new(NULL);
	server.out = g_string_new(NULL);
	account->protocol = server.protocol;
	store->messages = store->doubled = store->ends = 0;
	struct session *session = session_new(account, model_states(store, server.protocol),
	    &limits, g_get_tmp_dir(), model_emit, store);
	session_start(session, &server.link);
	while (!session->done) {
		gsize before = server.at + server.out->len;
		session_pump(session, 1 << 20);
		if (!session->done && server.at + server.out->len == before)
			model_wait(&server, session);
		if (session->link == NULL) { /* it wants another connection */
			g_string_truncate(server.in, 0);
			g_string_truncate(server.out, 0);
			server.at = 0;
			session_start(session, &server.link);
		}
	}
	g_assert_cmpuint(store->ends, ==, 1);
	session_free(session);
	gsize sent = server.at;
	g_string_free(server.in, TRUE);
	g_string_free(server.out, TRUE);
	if (seconds != NULL)
		*seconds = (guint)((*model_clock() - start) / G_USEC_PER_SEC);
	return sent;
}

#endif
