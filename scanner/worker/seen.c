/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seen - see seen.h. Never takes two leaves for one that rules could tell apart. */
#include "worker/seen.h"

#include <string.h>

struct seen {
	GArray *leaves;      /* of struct seen_leaf */
	GHashTable *places;  /* struct place: index + 1; filled when first asked */
	GHashTable *digests; /* "sha256|look": part + 1 */
	guint placed;        /* leaves that are in places */
	guint digested;      /* and in digests */
};

struct place {
	gint64 begin, end;
	enum decode_kind kind;
};

static guint
place_hash(gconstpointer data)
{
	const struct place *place = data;

	return (guint)place->begin * 31 + (guint)place->end * 7 + (guint)place->kind;
}

static gboolean
place_equal(gconstpointer one, gconstpointer other)
{
	const struct place *a = one, *b = other;

	return a->begin == b->begin && a->end == b->end && a->kind == b->kind;
}

static void
leaf_clear(gpointer data)
{
	struct seen_leaf *leaf = data;

	g_free(leaf->look.charset);
}

struct seen *
seen_new(void)
{
	struct seen *seen = g_new0(struct seen, 1);

	seen->leaves = g_array_new(FALSE, FALSE, sizeof(struct seen_leaf));
	g_array_set_clear_func(seen->leaves, leaf_clear);
	seen->places = g_hash_table_new_full(place_hash, place_equal, g_free, NULL);
	seen->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return seen;
}

void
seen_free(struct seen *seen)
{
	if (seen == NULL)
		return;
	g_array_unref(seen->leaves);
	g_hash_table_unref(seen->places);
	g_hash_table_unref(seen->digests);
	g_free(seen);
}

void
seen_add(struct seen *seen, const struct seen_leaf *leaf)
{
	g_array_append_vals(seen->leaves, leaf, 1);
}

void
seen_add_all(struct seen *seen, const struct seen *inner)
{
	for (guint i = 0; i < inner->leaves->len; i++) {
		struct seen_leaf leaf = g_array_index(inner->leaves, struct seen_leaf, i);
		leaf.begin = leaf.end = -1;
		leaf.look.charset = g_strdup(leaf.look.charset);
		seen_add(seen, &leaf);
	}
}

static char *
digest_of(const char *sha256, const struct look *look)
{
	return g_strdup_printf("%s|%d|%d|%s", sha256, look->body, look->html, look->charset);
}

const char *
seen_trim(const char *begin, const char *end)
{
	while (end > begin && strchr(" \t\r\n", end[-1]) != NULL && end[-1] != '\0')
		end--;
	return end;
}

const struct seen_leaf *
seen_at(struct seen *seen, const char *bytes, gint64 begin, gint64 end, enum decode_kind kind)
{
	for (; seen->placed < seen->leaves->len; seen->placed++) {
		const struct seen_leaf *leaf =
		    &g_array_index(seen->leaves, struct seen_leaf, seen->placed);
		gint64 last = leaf->end;
		while (last > leaf->begin && strchr(" \t\r\n", bytes[last - 1]) != NULL &&
		       bytes[last - 1] != '\0')
			last--;
		if (leaf->begin < 0)
			continue;
		struct place *place = g_new(struct place, 1);
		*place = (struct place){ leaf->begin, last, leaf->kind };
		g_hash_table_replace(seen->places, place, GUINT_TO_POINTER(seen->placed + 1));
	}
	struct place key = { begin, end, kind };
	guint index = GPOINTER_TO_UINT(g_hash_table_lookup(seen->places, &key));
	return index > 0 ? &g_array_index(seen->leaves, struct seen_leaf, index - 1) : NULL;
}

guint
seen_same(struct seen *seen, const struct scan *scan, const char *sha256, const struct look *look)
{
	for (; seen->digested < seen->leaves->len; seen->digested++) {
		const struct seen_leaf *leaf =
		    &g_array_index(seen->leaves, struct seen_leaf, seen->digested);
		const struct part *part = scan_part(scan, leaf->part);
		if (part->sha256[0] != '\0')
			g_hash_table_replace(seen->digests, digest_of(part->sha256, &leaf->look),
			    GUINT_TO_POINTER(leaf->part + 1));
	}
	g_autofree char *key = digest_of(sha256, look);
	guint part = GPOINTER_TO_UINT(g_hash_table_lookup(seen->digests, key));
	return part > 0 ? part - 1 : TEXT_NO_PART;
}

bool
look_same(const struct look *one, const struct look *other)
{
	return one->body == other->body && one->html == other->html &&
	       g_str_equal(one->charset, other->charset);
}
