/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/known.h"

#include <string.h>

#include "fetchers/head.h"

struct record {
	char *uid, *name;
	guint64 size; /* 0: not said */
	const char *head;
	bool claimed;
};

struct known {
	GPtrArray *records;
	GHashTable *uids;    /* of all records */
	GHashTable *names;   /* name -> GPtrArray of records */
	GHashTable *sizes;   /* size -> GPtrArray of records with a head */
	GHashTable *doubled; /* UIDLs */
};

static void
record_free(void *data)
{
	struct record *record = data;

	g_free(record->uid);
	g_free(record->name);
	g_free(record);
}

static bool
is_head(const char *text)
{
	gsize length = strlen(text);

	return (length == 0 || length == HEAD_HEX) && strspn(text, "0123456789abcdef") == length;
}

/* From the right: a UIDL may hold any of these characters. */
static struct record *
record_new(const char *uid)
{
	struct record *record = g_new0(struct record, 1);

	record->uid = g_strdup(uid);
	record->name = g_strdup(uid);
	record->head = "";
	char *head = strrchr(record->name, '/');
	if (head == NULL || !is_head(head + 1))
		return record;
	*head = '\0';
	char *size = strrchr(record->name, '/');
	if (size == NULL || strspn(size + 1, "0123456789") != strlen(size + 1)) {
		*head = '/';
		return record;
	}
	*size = '\0';
	record->size = g_ascii_strtoull(size + 1, NULL, 10);
	record->head = record->uid + (head + 1 - record->name);
	return record;
}

static void
list_add(GHashTable *table, gpointer key, struct record *record)
{
	GPtrArray *list = g_hash_table_lookup(table, key);

	if (list == NULL) {
		list = g_ptr_array_new();
		g_hash_table_insert(table, key, list);
	}
	g_ptr_array_add(list, record);
}

static void
list_free(void *list)
{
	g_ptr_array_unref(list);
}

void
known_add(struct known *known, const char *uid)
{
	if (g_hash_table_contains(known->uids, uid))
		return;
	struct record *record = record_new(uid);
	const char *both = strstr(record->name, "#sha256:");
	g_ptr_array_add(known->records, record);
	g_hash_table_add(known->uids, record->uid);
	list_add(known->names, record->name, record);
	if (record->size > 0 && *record->head != '\0')
		list_add(known->sizes, &record->size, record);
	if (both != NULL)
		g_hash_table_add(
		    known->doubled, g_strndup(record->name, (gsize)(both - record->name)));
}

struct known *
known_new(const char *const *uids)
{
	struct known *known = g_new0(struct known, 1);

	known->records = g_ptr_array_new_with_free_func(record_free);
	known->uids = g_hash_table_new(g_str_hash, g_str_equal);
	known->names = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, list_free);
	known->sizes = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, list_free);
	known->doubled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (gsize i = 0; uids != NULL && uids[i] != NULL; i++)
		known_add(known, uids[i]);
	return known;
}

void
known_free(struct known *known)
{
	if (known == NULL)
		return;
	g_hash_table_destroy(known->doubled);
	g_hash_table_destroy(known->sizes);
	g_hash_table_destroy(known->names);
	g_hash_table_destroy(known->uids);
	g_ptr_array_unref(known->records);
	g_free(known);
}

char *
known_uid(const char *name, guint64 size, const char *head)
{
	return size > 0 ? g_strdup_printf("%s/%" G_GUINT64_FORMAT "/%s", name, size, head)
			: g_strdup_printf("%s//%s", name, head);
}

static const char *
claim(struct record *record)
{
	if (record == NULL)
		return NULL;
	record->claimed = true;
	return record->uid;
}

const char *
known_claim_name(struct known *known, const char *name, guint64 size)
{
	const GPtrArray *list = g_hash_table_lookup(known->names, name);
	struct record *found = NULL;

	for (guint i = 0; list != NULL && i < list->len; i++) {
		struct record *record = list->pdata[i];
		if (record->claimed)
			continue;
		if (record->size == size)
			return claim(record);
		if (record->size == 0 || size == 0)
			found = record;
	}
	return claim(found);
}

const char *
known_claim_head(struct known *known, guint64 size, const char *head)
{
	const GPtrArray *list = g_hash_table_lookup(known->sizes, &size);

	for (guint i = 0; list != NULL && *head != '\0' && i < list->len; i++) {
		struct record *record = list->pdata[i];
		if (!record->claimed && strcmp(record->head, head) == 0)
			return claim(record);
	}
	return NULL;
}

bool
known_has_other(const struct known *known, const char *name, guint64 size)
{
	const GPtrArray *list = g_hash_table_lookup(known->names, name);
	bool other = list != NULL;

	for (guint i = 0; other && i < list->len; i++) {
		const struct record *record = list->pdata[i];
		other = record->size != size && record->size != 0 && size != 0;
	}
	return other;
}

bool
known_may_have(const struct known *known, guint64 size)
{
	const GPtrArray *list = g_hash_table_lookup(known->sizes, &size);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		const struct record *record = list->pdata[i];
		if (!record->claimed)
			return true;
	}
	return false;
}

bool
known_is_doubled(const struct known *known, const char *uidl)
{
	return g_hash_table_contains(known->doubled, uidl);
}

bool
known_has_uid(const struct known *known, const char *uid)
{
	return g_hash_table_contains(known->uids, uid);
}

void
known_release(struct known *known)
{
	for (guint i = 0; i < known->records->len; i++) {
		struct record *record = known->records->pdata[i];
		record->claimed = false;
	}
}
