/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of three folders and its POP3 twin, broken at every byte that the server sends: cut,
 * stalled, dripping, and with the byte changed. Whatever that costs the pass, it ends by name and
 * in time; and passes over the whole line bring the set together, each message once.
 */
#include "model.h"

/* What came within one span of silence may be enough to wait for another; likewise over a second
 * connection. */
#define SILENCES (4 * MODEL_SILENCE_S)

#define A "Subject: a\r\n\r\n* 1 EXPUNGE\r\nF3 OK done\r\n)\r\n"
#define B "Received: x\r\nSubject: b\r\n\r\n.\r\n..\r\n+OK\r\n-ERR\r\n"
#define C "Subject: c\r\n\r\n{99999999}\r\n"

static const struct model_box boxes[] = {
	{ "INBOX", "INBOX", "", 7, 12, { { 3, A }, { 4, B }, { 11, C } } },
	{ "Gesendet &- mehr", "Gesendet & mehr", "\\Sent", 4294967295, 3, { { 2, B "2\r\n" } } },
	{ "leer", "leer", "", 1, 1, { { 0 } } },
	{ 0 },
};

static const struct model_server servers[] = {
	{ .protocol = PROTOCOL_IMAP, .boxes = boxes, .abilities = "" },
	{ .protocol = PROTOCOL_IMAP,
	    .boxes = boxes,
	    .abilities = " ENABLE LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE QRESYNC" },
	{ .protocol = PROTOCOL_POP3, .boxes = boxes, .abilities = "" },
	{ .protocol = PROTOCOL_POP3, .boxes = boxes, .abilities = "PIPELINING\r\n" },
};

/*
 * The digest of what the store holds as a message of the server, or NULL. A POP3 message is known
 * by its header where its UIDL has changed: there any record with its bytes will do.
 */
static const char *
held(const struct model_store *store, const struct model_box *box, guint32 uid, const char *digest)
{
	struct model_folder *folder = g_hash_table_lookup(store->folders, box->name);
	g_autofree char *name = g_strdup_printf("%u", uid);
	g_autofree char *start = g_strdup_printf("id-%u/", uid);
	const char *same_name = NULL;
	GHashTableIter iter;
	gpointer key, value;

	if (folder == NULL)
		return NULL;
	if (folder->uidvalidity != 0)
		return g_hash_table_lookup(folder->kept, name);
	g_hash_table_iter_init(&iter, folder->kept);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		if (strcmp(value, digest) == 0)
			return value;
		if (g_str_has_prefix(key, start))
			same_name = value;
	}
	return same_name;
}

/*
 * Messages of the server that the store has not under their names; *altered (may be NULL): those it
 * has with other bytes.
 */
static guint
missing(const struct model_store *store, const struct model_server *server, guint *altered)
{
	bool pop3 = server->protocol == PROTOCOL_POP3;
	guint absent = 0, other = 0;

	for (const struct model_box *box = server->boxes; box->raw != NULL; box++) {
		for (guint i = 0; i < model_count(box); i++) {
			g_autofree char *digest = g_compute_checksum_for_string(
			    G_CHECKSUM_SHA256, box->messages[i].text, -1);
			const char *kept = held(store, box, box->messages[i].uid, digest);
			absent += kept == NULL;
			other += kept != NULL && strcmp(kept, digest) != 0;
		}
		if (pop3)
			break;
	}
	if (altered != NULL)
		*altered = other;
	return absent + (altered == NULL ? other : 0);
}

static guint
total(const struct model_server *server)
{
	return server->protocol == PROTOCOL_POP3 ? 3 : 4;
}

static gsize
whole_session(const struct model_server *server)
{
	struct model_store store;

	model_store_open(&store);
	gsize size = model_pass(&store, server, NULL);
	g_assert_cmpuint(store.state, ==, FETCH_OK);
	g_assert_cmpuint(store.messages, ==, total(server));
	g_assert_cmpuint(missing(&store, server, NULL), ==, 0);
	model_pass(&store, server, NULL);
	g_assert_cmpuint(store.state, ==, FETCH_OK);
	g_assert_cmpuint(store.messages, ==, 0);
	model_store_close(&store);
	return size;
}

static GHashTable *
text_set(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/*
 * True for the first store that looks so. What honest passes make of it depends on nothing else,
 * so they are tried once for each; that leaves a small part of them.
 */
static bool
is_new(GHashTable *tried, const struct model_store *store)
{
	return g_hash_table_add(tried, model_store_describe(store));
}

/* The faults that lie about nothing: one more pass completes the set, and hands over nothing twice.
 */
static void
break_everywhere(enum model_fault fault, guint seconds_max)
{
	for (gsize i = 0; i < G_N_ELEMENTS(servers); i++) {
		gsize size = whole_session(&servers[i]);
		g_autoptr(GHashTable) tried = text_set();
		for (gsize where = 0; where < size; where++) {
			struct model_server server = servers[i];
			struct model_store store;
			guint seconds;
			server.fault = fault;
			server.where = where;
			model_store_open(&store);
			model_pass(&store, &server, &seconds);
			guint first = store.messages;
			/* The very last answer is the one to our farewell, which nobody waits for.
			 */
			if (store.state != FETCH_OK)
				g_assert_cmpuint(store.state, ==, FETCH_AWAY);
			else
				g_assert_cmpuint(first, ==, total(&server));
			g_assert_cmpuint(seconds, <=, seconds_max);
			g_assert_cmpuint(store.doubled, ==, 0);
			if (is_new(tried, &store)) {
				model_pass(&store, &servers[i], NULL);
				g_assert_cmpuint(store.state, ==, FETCH_OK);
				g_assert_cmpuint(store.doubled, ==, 0);
				g_assert_cmpuint(first + store.messages, ==, total(&server));
				g_assert_cmpuint(missing(&store, &server, NULL), ==, 0);
			}
			model_store_close(&store);
		}
		g_test_message("server %" G_GSIZE_FORMAT ": %" G_GSIZE_FORMAT " bytes, %u stores",
		    i, size, g_hash_table_size(tried));
	}
}

static void
test_cut(void)
{
	break_everywhere(MODEL_CUT, 0);
}

static void
test_stalled(void)
{
	break_everywhere(MODEL_STALL, SILENCES);
}

/* One byte a second from some place on: given up when too few come within an answer. */
static void
test_dripping(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(servers); i++) {
		gsize size = whole_session(&servers[i]);
		for (gsize where = 0; where < size; where += 13) {
			struct model_server server = servers[i];
			struct model_store store;
			guint seconds;
			server.fault = MODEL_DRIP;
			server.where = where;
			model_store_open(&store);
			model_pass(&store, &server, &seconds);
			g_assert_cmpuint(seconds, <=, size);
			g_assert_cmpuint(store.doubled, ==, 0);
			model_pass(&store, &servers[i], NULL);
			g_assert_cmpuint(store.state, ==, FETCH_OK);
			g_assert_cmpuint(store.doubled, ==, 0);
			g_assert_cmpuint(missing(&store, &server, NULL), ==, 0);
			model_store_close(&store);
		}
	}
}

/* A server that says the same short line for ever, a byte a second: never silent, never done. */
struct endless {
	struct link link;
	const char *line;
	gsize at;
	gint64 next;
};

static gssize
endless_receive(struct link *link, void *data, gsize size, GError **error)
{
	struct endless *endless = (struct endless *)link;

	(void)size;
	(void)error;
	if (*model_clock() < endless->next)
		return 0;
	endless->next = *model_clock() + G_USEC_PER_SEC;
	*(char *)data = endless->line[endless->at++ % strlen(endless->line)];
	return 1;
}

static gssize
endless_send(struct link *link, const void *data, gsize size, GError **error)
{
	(void)link;
	(void)data;
	(void)error;
	return (gssize)size;
}

static void
test_endless(void)
{
	static const char *const lines[] = { "* OK x\r\n", "* 1 EXISTS\r\n",
		"* 1 FETCH (UID 7)\r\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct endless endless = { .link = { endless_receive, endless_send, NULL },
			.line = lines[i] };
		struct model_store store;
		struct limits limits;
		struct account *account = account_new("a");
		gint64 start = *model_clock();
		limits_default(&limits);
		account->protocol = PROTOCOL_IMAP;
		model_store_open(&store);
		struct session *session = session_new(account, model_states(&store, PROTOCOL_IMAP),
		    &limits, g_get_tmp_dir(), model_emit, &store);
		session_start(session, &endless.link);
		while (!session->done) {
			session_pump(session, 1 << 20);
			*model_clock() += G_USEC_PER_SEC;
			session_check_time(session, *model_clock());
			g_assert_cmpint(*model_clock() - start, <=,
			    (gint64)(MODEL_TRICKLE_S + MODEL_SILENCE_S) * G_USEC_PER_SEC);
		}
		g_assert_cmpuint(store.state, ==, FETCH_AWAY);
		session_free(session);
		model_store_close(&store);
	}
}

/*
 * One byte of the server's is another one: three values at each offset. What it says of a message's
 * bytes or name is taken for true, as from any server; but no message is lost by it, and no clean
 * pass is without end.
 */
static void
flip(const struct model_server *honest, gsize where, guint8 value, GHashTable *tried,
    guint *n_altered)
{
	struct model_server server = *honest;
	struct model_store store;
	guint seconds, altered;

	server.fault = MODEL_FLIP;
	server.where = where;
	server.flip = value;
	model_store_open(&store);
	model_pass(&store, &server, &seconds);
	g_assert_cmpuint(seconds, <=, SILENCES);
	g_assert_cmpuint(store.doubled, ==, 0);
	if (!is_new(tried, &store)) {
		model_store_close(&store);
		return;
	}
	/* A second honest pass may be needed for what the first found to be missing. */
	for (guint pass = 0; pass < 2; pass++) {
		model_pass(&store, honest, NULL);
		g_assert_cmpuint(store.state, ==, FETCH_OK);
		g_assert_cmpuint(store.doubled, ==, 0);
	}
	g_assert_cmpuint(missing(&store, honest, &altered), ==, 0);
	/* A POP3 message has no length: one whose end is lost swallows the next. */
	g_assert_cmpuint(altered, <=, honest->protocol == PROTOCOL_POP3 ? 2 : 1);
	model_pass(&store, honest, NULL);
	g_assert_cmpuint(store.messages, ==, 0);
	model_store_close(&store);
	*n_altered += altered;
}

static void
test_flipped(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(servers); i++) {
		gsize size = whole_session(&servers[i]);
		g_autoptr(GRand) rand = g_rand_new_with_seed(20261122);
		g_autoptr(GHashTable) tried = text_set();
		guint altered = 0;
		for (gsize at = 0; at < size * 3; at++)
			flip(&servers[i], at / 3, (guint8)g_rand_int_range(rand, 1, 256), tried,
			    &altered);
		g_test_message("server %" G_GSIZE_FORMAT ": %" G_GSIZE_FORMAT
			       " flips, %u stores, %u messages with other bytes",
		    i, size * 3, g_hash_table_size(tried), altered);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/every-byte/cut", test_cut);
	g_test_add_func("/every-byte/stalled", test_stalled);
	g_test_add_func("/every-byte/dripping", test_dripping);
	g_test_add_func("/every-byte/endless", test_endless);
	g_test_add_func("/every-byte/flipped", test_flipped);
	return g_test_run();
}
