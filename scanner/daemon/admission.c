/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/admission.h"

struct server {
	guint64 most, under_way;
	GQueue waiting; /* of struct account, borrowed */
	bool listed;    /* among those whose turn may come */
};

struct admission {
	guint64 at_once, per_server;
	guint under_way;
	GHashTable *servers; /* key -> struct server */
	GQueue turns;        /* of struct server: some account waits there and may connect */
};

static void
server_free(void *data)
{
	struct server *server = data;

	g_queue_clear(&server->waiting);
	g_free(server);
}

struct admission *
admission_new(guint64 at_once, guint64 per_server)
{
	struct admission *admission = g_new0(struct admission, 1);

	admission->at_once = at_once;
	admission->per_server = per_server;
	admission->servers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, server_free);
	g_queue_init(&admission->turns);
	return admission;
}

void
admission_free(struct admission *admission)
{
	if (admission == NULL)
		return;
	g_queue_clear(&admission->turns);
	g_hash_table_destroy(admission->servers);
	g_free(admission);
}

char *
admission_server(const struct account *account)
{
	if (account_is_local(account))
		return g_strdup("");
	g_autofree char *host = g_ascii_strdown(account->host, -1);
	return g_strdup_printf("%s:%u", host, account->port);
}

static struct server *
server_of(struct admission *admission, const struct account *account)
{
	g_autofree char *key = admission_server(account);
	struct server *server = g_hash_table_lookup(admission->servers, key);

	if (server != NULL)
		return server;
	server = g_new0(struct server, 1);
	server->most = account_is_local(account) ? G_MAXUINT64 : admission->per_server;
	g_queue_init(&server->waiting);
	g_hash_table_insert(admission->servers, g_steal_pointer(&key), server);
	return server;
}

static void
list_turn(struct admission *admission, struct server *server)
{
	if (server->listed || g_queue_is_empty(&server->waiting) ||
	    server->under_way >= server->most)
		return;
	server->listed = true;
	g_queue_push_tail(&admission->turns, server);
}

void
admission_reserve(struct admission *admission, const struct account *account, guint count)
{
	struct server *server = server_of(admission, account);

	server->most = server->most > count ? server->most - count : 1;
}

void
admission_add(struct admission *admission, const struct account *account)
{
	struct server *server = server_of(admission, account);

	g_queue_push_tail(&server->waiting, (struct account *)account);
	list_turn(admission, server);
}

const struct account *
admission_next(struct admission *admission)
{
	if (admission->under_way >= admission->at_once || g_queue_is_empty(&admission->turns))
		return NULL;
	struct server *server = g_queue_pop_head(&admission->turns);
	const struct account *account = g_queue_pop_head(&server->waiting);

	server->listed = false;
	server->under_way++;
	admission->under_way++;
	list_turn(admission, server);
	return account;
}

void
admission_done(struct admission *admission, const struct account *account)
{
	struct server *server = server_of(admission, account);

	if (server->under_way == 0)
		return;
	server->under_way--;
	admission->under_way--;
	list_turn(admission, server);
}

guint
admission_under_way(const struct admission *admission)
{
	return admission->under_way;
}

void
admission_reset(struct admission *admission)
{
	GHashTableIter iter;
	gpointer server;

	admission->under_way = 0;
	g_hash_table_iter_init(&iter, admission->servers);
	while (g_hash_table_iter_next(&iter, NULL, &server)) {
		((struct server *)server)->under_way = 0;
		list_turn(admission, server);
	}
}

static gint
compare_names(gconstpointer left, gconstpointer right)
{
	const struct account *const *a = left, *const *b = right;

	return g_strcmp0((*a)->name, (*b)->name);
}

GPtrArray *
admission_take_back(struct admission *admission)
{
	GPtrArray *all = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value, account;

	g_hash_table_iter_init(&iter, admission->servers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct server *server = value;
		server->listed = false;
		while ((account = g_queue_pop_head(&server->waiting)) != NULL)
			g_ptr_array_add(all, account);
	}
	g_queue_clear(&admission->turns);
	g_ptr_array_sort(all, compare_names);
	return all;
}
