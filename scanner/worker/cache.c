/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache - see cache.h. Never gives back what one message alone explains: where a limit of this
 * one is too near, the reader reads again.
 */
#include "worker/cache.h"

#include <string.h>

#include "base/digest.h"

#define SHARE      2   /* one reading may take up 1/SHARE of it all */
#define OVERHEAD   256 /* bytes of a structure and its place in tables, about */
#define PATH_BYTES 1024

/* A text that readings share, and that texts of the message at hand came from. */
struct kept {
	struct cache *cache;
	char *data;
	gsize size;
	bool looked; /* the twin is known: NULL for none */
	struct normalised twin;
};

struct kept_text {
	enum component component;
	guint part; /* 0: the part that was read, then its members; or TEXT_NO_PART */
	bool hidden;
	struct kept *kept;
};

struct entry {
	char key[DIGEST_HEX];
	GList link;
	gsize bytes;
	GPtrArray
	    *parts;    /* of struct part: the one that was read, then its members; paths below it */
	GArray *texts; /* of struct kept_text */
	guint facts;   /* of the message */
	bool partial;
	guint visible, images;
	guint64 unpacked, text;
};

struct cache {
	guint64 max;
	guint64 bytes;
	GHashTable *readings; /* by key */
	GQueue used;          /* the last used first */
	GPtrArray *known;     /* of struct kept or NULL: for each text of the message at hand */
	guint64 made, recalled;
};

/* What a message was before a reader got at it. */
struct mark {
	guint parts, texts, headers, addresses;
	guint facts, visible, images;
	enum outcome outcome;
	guint64 unpacked, text;
};

/* --- what is held --- */

static void
kept_clear(void *data)
{
	struct kept *kept = data;

	kept->cache->bytes -= OVERHEAD + kept->size;
	if (kept->twin.data != NULL)
		kept->cache->bytes -= kept->twin.size * (1 + sizeof(guint32));
	g_free(kept->data);
	g_free(kept->twin.data);
	g_free(kept->twin.offsets);
}

static void
kept_unref(void *data)
{
	if (data != NULL)
		g_rc_box_release_full(data, kept_clear);
}

static char *
copy(const void *data, gsize size)
{
	char *bytes = g_try_malloc(size + 1);

	if (bytes == NULL)
		return NULL;
	if (size > 0)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	return bytes;
}

static struct kept *
kept_new(struct cache *cache, const struct text *text)
{
	char *data = copy(text->data, text->size);

	if (data == NULL)
		return NULL;
	struct kept *kept = g_rc_box_new0(struct kept);
	kept->cache = cache;
	kept->data = data;
	kept->size = text->size;
	cache->bytes += OVERHEAD + text->size;
	return kept;
}

static void
text_clear(void *data)
{
	kept_unref(((struct kept_text *)data)->kept);
}

static struct entry *
entry_new(void)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->link.data = entry;
	entry->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	entry->texts = g_array_new(FALSE, FALSE, sizeof(struct kept_text));
	g_array_set_clear_func(entry->texts, text_clear);
	return entry;
}

static void
entry_free(struct entry *entry)
{
	g_ptr_array_unref(entry->parts);
	g_array_unref(entry->texts);
	g_free(entry);
}

struct cache *
cache_new(guint64 max)
{
	struct cache *cache = g_new0(struct cache, 1);

	cache->max = max;
	cache->readings = g_hash_table_new(g_str_hash, g_str_equal);
	g_queue_init(&cache->used);
	cache->known = g_ptr_array_new_with_free_func(kept_unref);
	return cache;
}

static void
forget(struct cache *cache, struct entry *entry)
{
	g_hash_table_remove(cache->readings, entry->key);
	g_queue_unlink(&cache->used, &entry->link);
	cache->bytes -= entry->bytes;
	entry_free(entry);
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	g_ptr_array_unref(cache->known);
	while (cache->used.tail != NULL)
		forget(cache, cache->used.tail->data);
	g_hash_table_unref(cache->readings);
	g_free(cache);
}

static void
make_room(struct cache *cache)
{
	while (cache->bytes > cache->max && cache->used.tail != NULL)
		forget(cache, cache->used.tail->data);
}

void
cache_begin(struct cache *cache)
{
	g_ptr_array_set_size(cache->known, 0);
	make_room(cache); /* texts that only the last message still held are gone now */
}

void
cache_count(const struct cache *cache, struct cache_counts *counts)
{
	counts->readings = cache->made;
	counts->recalled = cache->recalled;
	counts->bytes = cache->bytes;
}

/* --- which reading it is --- */

static void
add_word(struct digest *digest, const char *word)
{
	/* With its NUL, so that two words never look like two others; NULL is not "". */
	if (word != NULL)
		digest_update(digest, word, strlen(word) + 1);
	else
		digest_update(digest, "\xFF", 1);
}

static void
make_key(const struct item *item, char *key)
{
	const struct part *part = extract_part(item);
	const guint64 numbers[] = { blob_size(item->blob), blob_kept(item->blob), item->level,
		item->scan->archives, item->body, part->attachment, part->depth, part->facts };
	g_autoptr(digest) digest = digest_new();

	add_word(digest, part->sha256);
	add_word(digest, item->reader->name);
	add_word(digest, part->declared_type);
	add_word(digest, part->true_type);
	add_word(digest, part->name);
	add_word(digest, part->detail);
	add_word(digest, item->charset);
	digest_update(digest, numbers, sizeof numbers);
	digest_finish(digest, key);
}

static bool
is_worth_it(const struct item *item)
{
	const struct part *part = extract_part(item);

	return item->scan->cache != NULL && blob_size(item->blob) >= CACHE_LEAST &&
	       part->sha256[0] != '\0' && part->outcome == PART_READ;
}

/* --- keeping --- */

static void
set_mark(struct scan *scan, struct mark *mark)
{
	struct message *message = scan->message;

	*mark = (struct mark){ .parts = message->parts->len,
		.texts = message->texts->len,
		.headers = message->headers->len,
		.addresses = message->addresses->len,
		.facts = message->facts,
		.visible = scan->visible,
		.images = scan->images,
		.outcome = message->outcome,
		.unpacked = scan->unpacked,
		.text = scan->text };
	/* So that what the reader sets is seen, though it was set before. */
	message->facts = 0;
	message->outcome = OUTCOME_SCANNED;
	scan->visible = 0;
}

static void
clear_mark(struct scan *scan, const struct mark *mark)
{
	struct message *message = scan->message;

	message->facts |= mark->facts;
	if (mark->outcome != OUTCOME_SCANNED)
		message->outcome = mark->outcome;
	scan->visible += mark->visible;
}

/* Read to its end: no limit and no clock had a say in it. */
static bool
is_whole_part(const struct part *part)
{
	return part->outcome != PART_OVER_LIMIT && part->outcome != PART_TIMEOUT &&
	       part->outcome != PART_CRASHED;
}

/*
 * Members lie at "path/name". Parts of a message within ("path.1") are known to more than the
 * message; their own readings are kept.
 */
static bool
is_below(const struct part *part, const char *path)
{
	return g_str_has_prefix(part->path, path) && part->path[strlen(path)] == '/' &&
	       strlen(part->path) < PATH_BYTES;
}

static bool
is_whole(const struct item *item, const struct mark *mark)
{
	const struct scan *scan = item->scan;
	const struct message *message = scan->message;
	const struct part *own = extract_part(item);
	bool whole = is_whole_part(own) && !scan->out_of_time && scan->text >= mark->text &&
		     scan->images >= mark->images && message->headers->len == mark->headers &&
		     message->addresses->len == mark->addresses &&
		     (message->facts & FACT_TOO_MANY_PARTS) == 0;

	for (guint i = mark->parts; i < message->parts->len && whole; i++) {
		const struct part *part = message->parts->pdata[i];
		whole = is_whole_part(part) && is_below(part, own->path);
	}
	for (guint i = mark->texts; i < message->texts->len && whole; i++) {
		const struct text *text = message->texts->pdata[i];
		whole = text->header == NULL && text->offsets == NULL &&
			(text->part == item->part || text->part >= mark->parts);
	}
	return whole;
}

static struct part *
part_copy(const struct part *part, const char *path)
{
	struct part *twin = g_memdup2(part, sizeof *part);

	twin->path = g_strdup(path);
	twin->name = g_strdup(part->name);
	twin->declared_type = g_strdup(part->declared_type);
	twin->true_type = g_strdup(part->true_type);
	twin->detail = g_strdup(part->detail);
	return twin;
}

static void
add_part(struct entry *entry, const struct part *part, const char *path)
{
	g_ptr_array_add(entry->parts, part_copy(part, path));
	entry->bytes +=
	    OVERHEAD + sizeof *part + strlen(path) + strlen(part->name) + strlen(part->detail);
}

/* What a text of the message at hand came from or went to, or NULL. */
static struct kept *
known_text(const struct cache *cache, guint index, const struct text *text)
{
	struct kept *kept = index < cache->known->len ? cache->known->pdata[index] : NULL;

	/* Texts of a message may have been taken back since. */
	if (kept == NULL || kept->size != text->size ||
	    memcmp(kept->data, text->data, text->size) != 0)
		return NULL;
	return kept;
}

/* The kept form of a text of the message at hand: an inner reading's, or a new one. */
static struct kept *
keep(struct cache *cache, const struct message *message, guint index)
{
	const struct text *text = message->texts->pdata[index];
	struct kept *kept = known_text(cache, index, text);

	if (kept == NULL) {
		kept = kept_new(cache, text);
		if (cache->known->len <= index)
			g_ptr_array_set_size(cache->known, (gint)index + 1);
		kept_unref(cache->known->pdata[index]);
		cache->known->pdata[index] = kept;
	}
	return kept != NULL ? g_rc_box_acquire(kept) : NULL;
}

static bool
add_texts(
    struct cache *cache, struct entry *entry, const struct item *item, const struct mark *mark)
{
	const struct message *message = item->scan->message;

	for (guint i = mark->texts; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		struct kept_text one = { .component = text->component, .hidden = text->hidden };
		if (text->part == TEXT_NO_PART)
			one.part = TEXT_NO_PART;
		else if (text->part != item->part)
			one.part = text->part - mark->parts + 1;
		one.kept = keep(cache, message, i);
		if (one.kept == NULL)
			return false;
		g_array_append_val(entry->texts, one);
		entry->bytes += sizeof one;
	}
	return true;
}

static void
remember(struct cache *cache, const char *key, const struct item *item, const struct mark *mark)
{
	const struct scan *scan = item->scan;
	const struct message *message = scan->message;
	const struct part *own = extract_part(item);
	struct entry *entry;

	if ((scan->text - mark->text) * SHARE > cache->max ||
	    g_hash_table_contains(cache->readings, key))
		return;
	entry = entry_new();
	memcpy(entry->key, key, sizeof entry->key);
	entry->bytes = OVERHEAD + sizeof *entry;
	entry->facts = message->facts;
	entry->partial = message->outcome != OUTCOME_SCANNED;
	entry->visible = scan->visible;
	entry->images = scan->images - mark->images;
	entry->unpacked = scan->unpacked - mark->unpacked;
	entry->text = scan->text - mark->text;
	add_part(entry, own, "");
	for (guint i = mark->parts; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		add_part(entry, part, part->path + strlen(own->path));
	}
	if (!add_texts(cache, entry, item, mark) || entry->bytes * SHARE > cache->max) {
		entry_free(entry);
		return;
	}
	cache->bytes += entry->bytes;
	g_hash_table_insert(cache->readings, entry->key, entry);
	g_queue_push_head_link(&cache->used, &entry->link);
	make_room(cache);
}

/* --- giving back --- */

/* False when this message has not the room that the first one had. */
static bool
has_room(const struct scan *scan, const struct entry *entry)
{
	const struct limits *limits = scan->limits;

	return scan->message->parts->len + entry->parts->len - 1 <= limits->parts &&
	       scan->unpacked + entry->unpacked <= limits->unpacked &&
	       scan->text + entry->text <= limits->text_message;
}

static void
give_parts(struct item *item, const struct entry *entry)
{
	GPtrArray *parts = item->scan->message->parts;
	struct part *own = extract_part(item);
	const struct part *first = entry->parts->pdata[0];

	own->outcome = first->outcome;
	own->facts = first->facts;
	g_free(own->detail);
	own->detail = g_strdup(first->detail);
	g_free(own->true_type);
	own->true_type = g_strdup(first->true_type);
	for (guint i = 1; i < entry->parts->len; i++) {
		const struct part *part = entry->parts->pdata[i];
		g_autofree char *path = g_strconcat(own->path, part->path, NULL);
		g_ptr_array_add(parts, part_copy(part, path));
	}
}

/* False, and nothing given, when there is no memory. */
static bool
give_texts(struct item *item, const struct entry *entry)
{
	struct message *message = item->scan->message;
	struct cache *cache = item->scan->cache;
	guint n = entry->texts->len, begin = message->texts->len, members = message->parts->len;

	for (guint i = 0; i < n; i++) {
		const struct kept_text *text = &g_array_index(entry->texts, struct kept_text, i);
		char *data = copy(text->kept->data, text->kept->size);
		if (data == NULL) {
			g_ptr_array_set_size(message->texts, (gint)begin);
			return false;
		}
		guint part = text->part == 0              ? item->part
			     : text->part == TEXT_NO_PART ? TEXT_NO_PART
							  : members + text->part - 1;
		struct text *added =
		    message_add_text(message, text->component, NULL, part, data, text->kept->size);
		added->hidden = text->hidden;
	}
	g_ptr_array_set_size(cache->known, (gint)(begin + n));
	for (guint i = 0; i < n; i++) {
		const struct kept_text *text = &g_array_index(entry->texts, struct kept_text, i);
		cache->known->pdata[begin + i] = g_rc_box_acquire(text->kept);
	}
	return true;
}

static bool
recall(struct item *item, struct entry *entry)
{
	struct scan *scan = item->scan;
	struct cache *cache = scan->cache;

	if (!has_room(scan, entry) || !give_texts(item, entry))
		return false;
	give_parts(item, entry);
	scan->message->facts |= entry->facts;
	if (entry->partial)
		scan_partial(scan);
	scan->visible += entry->visible;
	scan->images += entry->images;
	scan->unpacked += entry->unpacked;
	scan->text += entry->text;
	g_queue_unlink(&cache->used, &entry->link);
	g_queue_push_head_link(&cache->used, &entry->link);
	cache->recalled++;
	return true;
}

void
cache_read(struct item *item)
{
	struct cache *cache = item->scan->cache;
	char key[DIGEST_HEX];
	struct mark mark;

	if (!is_worth_it(item)) {
		item->reader->read(item);
		return;
	}
	make_key(item, key);
	struct entry *entry = g_hash_table_lookup(cache->readings, key);
	if (entry != NULL && recall(item, entry))
		return;
	cache->made++;
	set_mark(item->scan, &mark);
	item->reader->read(item);
	if (cache->max > 0 && is_whole(item, &mark))
		remember(cache, key, item, &mark);
	clear_mark(item->scan, &mark);
}

/* --- twins --- */

bool
cache_get_twin(struct cache *cache, guint index, const struct text *text,
    enum normalise_result *result, struct normalised *out)
{
	const struct kept *kept = known_text(cache, index, text);

	if (kept == NULL || !kept->looked)
		return false;
	*result = NORMALISE_SAME;
	if (kept->twin.data == NULL)
		return true;
	gsize size = kept->twin.size;
	out->data = copy(kept->twin.data, size);
	out->offsets = g_try_new(guint32, size + 1);
	out->size = size;
	if (out->data == NULL || out->offsets == NULL) {
		g_free(out->data);
		g_free(out->offsets);
		return false;
	}
	memcpy(out->offsets, kept->twin.offsets, size * sizeof *out->offsets);
	*result = NORMALISE_TWIN;
	return true;
}

void
cache_put_twin(struct cache *cache, guint index, const struct text *text,
    enum normalise_result result, const struct normalised *twin)
{
	struct kept *kept = known_text(cache, index, text);

	if (kept == NULL || kept->looked || result == NORMALISE_NO_MEMORY)
		return;
	if (result == NORMALISE_TWIN) {
		gsize bytes = twin->size * (1 + sizeof(guint32));
		if (bytes * SHARE > cache->max)
			return;
		kept->twin.data = copy(twin->data, twin->size);
		kept->twin.offsets = g_try_new(guint32, twin->size + 1);
		if (kept->twin.data == NULL || kept->twin.offsets == NULL) {
			g_clear_pointer(&kept->twin.data, g_free);
			g_clear_pointer(&kept->twin.offsets, g_free);
			return;
		}
		memcpy(kept->twin.offsets, twin->offsets, twin->size * sizeof *twin->offsets);
		kept->twin.size = twin->size;
		cache->bytes += bytes;
	}
	kept->looked = true;
	make_room(cache);
}
