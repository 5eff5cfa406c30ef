/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_UNIT_WORKER_OLE_BUILD_H
#define FLAGPOST_TESTS_UNIT_WORKER_OLE_BUILD_H
/*
 * ole-build - OLE files built by hand: streams and storages into the bytes of a compound file.
 *
 * Sectors of 512 bytes. The order: header, FAT, directory, mini FAT, mini stream, streams. Entries
 * of one storage hang one behind another, which is a poor tree and a valid one.
 */
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define BUILD_END  0xFFFFFFFEu
#define BUILD_NONE 0xFFFFFFFFu

struct build_entry {
	char *name; /* UTF-8 */
	guint parent;
	bool storage;
	GByteArray *data;
	guint32 start;
};

struct build {
	GArray *entries; /* of struct build_entry; the first is the root */
	guint8 class_id[16];
};

static inline void
build_u16(GByteArray *out, guint number)
{
	guint8 bytes[] = { (guint8)number, (guint8)(number >> 8) };

	g_byte_array_append(out, bytes, sizeof bytes);
}

static inline void
build_u32(GByteArray *out, guint32 number)
{
	build_u16(out, number & 0xFFFF);
	build_u16(out, number >> 16);
}

static inline void
build_text(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

/* UTF-16LE, without an end. */
static inline void
build_wide(GByteArray *out, const char *text)
{
	glong units;
	g_autofree gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &units, NULL);

	for (glong i = 0; i < units; i++)
		build_u16(out, wide[i]);
}

static inline void
build_pad(GByteArray *out, guint multiple)
{
	guint8 zero = 0;

	while (out->len % multiple != 0)
		g_byte_array_append(out, &zero, 1);
}

static inline guint
build_add(struct build *build, guint parent, const char *name, GByteArray *data)
{
	struct build_entry entry = { g_strdup(name), parent, data == NULL, data, BUILD_END };

	g_array_append_val(build->entries, entry);
	return build->entries->len - 1;
}

static inline struct build *
build_new(void)
{
	struct build *build = g_new0(struct build, 1);

	build->entries = g_array_new(FALSE, FALSE, sizeof(struct build_entry));
	build_add(build, BUILD_NONE, "Root Entry", NULL);
	return build;
}

static inline guint
build_stream(struct build *build, guint parent, const char *name, const void *data, gsize size)
{
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, data, (guint)size);
	return build_add(build, parent, name, bytes);
}

static inline void
build_free_sector(GArray *table)
{
	guint32 none = BUILD_NONE;

	g_array_append_val(table, none);
}

/* Sectors for size bytes, chained. */
static inline guint32
build_chain(GArray *table, gsize size, gsize sector)
{
	guint32 first = table->len;
	gsize n = (size + sector - 1) / sector;

	for (gsize i = 0; i < n; i++) {
		guint32 next = i + 1 < n ? table->len + 1 : BUILD_END;
		g_array_append_val(table, next);
	}
	return n > 0 ? first : BUILD_END;
}

static inline void
build_place(struct build *build, GByteArray *out, guint index, gsize size)
{
	const struct build_entry *entry = &g_array_index(build->entries, struct build_entry, index);
	guint32 right = BUILD_NONE, child = BUILD_NONE;
	guint begin = out->len;
	guint8 kind[] = { index == 0 ? 5 : entry->storage ? 1 : 2, 1 };

	for (guint i = build->entries->len; i-- > 1;) {
		guint parent = g_array_index(build->entries, struct build_entry, i).parent;
		if (parent == entry->parent && i > index && index > 0)
			right = i;
		if (parent == index)
			child = i;
	}
	build_wide(out, entry->name);
	guint name = out->len - begin + 2;
	g_byte_array_set_size(out, begin + 64);
	memset(out->data + begin + name - 2, 0, 64 - (name - 2));
	build_u16(out, name);
	g_byte_array_append(out, kind, sizeof kind);
	build_u32(out, BUILD_NONE);
	build_u32(out, right);
	build_u32(out, entry->storage ? child : BUILD_NONE);
	g_byte_array_append(out, build->class_id, index == 0 ? 16 : 0);
	for (guint i = index == 0 ? 16 : 0; i < 36; i += 4)
		build_u32(out, 0);
	build_u32(out, entry->start);
	build_u32(out, (guint32)size);
	build_u32(out, 0);
}

static inline void
build_table(GByteArray *out, const GArray *table)
{
	for (guint i = 0; i < table->len; i++)
		build_u32(out, g_array_index(table, guint32, i));
	while (out->len % 512 != 0)
		build_u32(out, BUILD_NONE);
}

/* A file on its way: its tables, and what they tell of. */
struct build_file {
	GArray *fat, *mini_fat;
	GByteArray *mini, *large;
	gsize n_fat; /* sectors of the FAT, which come first */
};

static inline void
build_layout_small(struct build *build, struct build_file *file)
{
	for (guint i = 1; i < build->entries->len; i++) {
		struct build_entry *entry = &g_array_index(build->entries, struct build_entry, i);
		if (entry->storage || entry->data->len >= 4096 || entry->data->len == 0)
			continue;
		entry->start = build_chain(file->mini_fat, entry->data->len, 64);
		g_byte_array_append(file->mini, entry->data->data, entry->data->len);
		build_pad(file->mini, 64);
	}
}

static inline void
build_layout_large(struct build *build, struct build_file *file)
{
	for (guint i = 1; i < build->entries->len; i++) {
		struct build_entry *entry = &g_array_index(build->entries, struct build_entry, i);
		if (entry->storage || entry->data->len < 4096)
			continue;
		entry->start = build_chain(file->fat, entry->data->len, 512);
		g_byte_array_append(file->large, entry->data->data, entry->data->len);
		build_pad(file->large, 512);
	}
}

/* Room for the FAT itself: some more than needed does no harm. */
static inline void
build_reserve(const struct build *build, struct build_file *file)
{
	gsize sectors = build->entries->len / 4 + file->mini->len / 512 + 8;

	for (guint i = 1; i < build->entries->len; i++) {
		const struct build_entry *entry =
		    &g_array_index(build->entries, struct build_entry, i);
		sectors += entry->storage ? 0 : entry->data->len / 512 + 1;
	}
	for (file->n_fat = 1; file->n_fat * 128 < sectors + file->n_fat;)
		file->n_fat++;
	for (gsize i = 0; i < file->n_fat; i++) {
		guint32 special = 0xFFFFFFFDu;
		g_array_append_val(file->fat, special);
	}
}

static inline void
build_header(GByteArray *out, const struct build_file *file, guint32 directory, guint32 mini_fat)
{
	const guint words[] = { 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0 };
	const guint32 longs[] = { 0, (guint32)file->n_fat, directory, 0, 4096, mini_fat,
		(file->mini_fat->len + 127) / 128, BUILD_END, 0 };

	g_byte_array_append(out, (const guint8 *)"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	build_pad(out, 24);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		build_u16(out, words[i]);
	for (guint i = 0; i < G_N_ELEMENTS(longs); i++)
		build_u32(out, longs[i]);
	for (guint32 i = 0; i < 109; i++)
		build_u32(out, i < file->n_fat ? i : BUILD_NONE);
}

static inline void
build_free(struct build *build, struct build_file *file)
{
	for (guint i = 0; i < build->entries->len; i++) {
		struct build_entry *entry = &g_array_index(build->entries, struct build_entry, i);
		g_free(entry->name);
		if (entry->data != NULL)
			g_byte_array_unref(entry->data);
	}
	g_array_unref(build->entries);
	g_free(build);
	g_array_unref(file->fat);
	g_array_unref(file->mini_fat);
	g_byte_array_unref(file->mini);
	g_byte_array_unref(file->large);
}

/* Frees build. At most 109 * 128 sectors, 7 MB. */
static inline GByteArray *
build_end(struct build *build)
{
	struct build_file file = { g_array_new(FALSE, FALSE, sizeof(guint32)),
		g_array_new(FALSE, FALSE, sizeof(guint32)), g_byte_array_new(), g_byte_array_new(),
		0 };
	GByteArray *out = g_byte_array_new();

	build_layout_small(build, &file);
	build_reserve(build, &file);
	guint32 directory = build_chain(file.fat, build->entries->len * 128, 512);
	guint32 mini_fat = build_chain(file.fat, 4 * (gsize)file.mini_fat->len, 512);
	g_array_index(build->entries, struct build_entry, 0).start =
	    build_chain(file.fat, file.mini->len, 512);
	build_layout_large(build, &file);
	build_header(out, &file, directory, mini_fat);
	while (file.fat->len < file.n_fat * 128)
		build_free_sector(file.fat);
	build_table(out, file.fat);
	for (guint i = 0; i < build->entries->len; i++) {
		const struct build_entry *entry =
		    &g_array_index(build->entries, struct build_entry, i);
		gsize size = entry->storage ? 0 : entry->data->len;
		build_place(build, out, i, i == 0 ? file.mini->len : size);
	}
	build_pad(out, 512);
	build_table(out, file.mini_fat);
	g_byte_array_append(out, file.mini->data, file.mini->len);
	build_pad(out, 512);
	g_byte_array_append(out, file.large->data, file.large->len);
	build_free(build, &file);
	return out;
}

#endif
