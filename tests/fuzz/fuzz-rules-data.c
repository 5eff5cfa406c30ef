/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes as the file of a data set, whose digest nobody asked about, and a text that is looked for
 * in it: the first two bytes say how many of the rest are the file.
 */
#include <string.h>

#include "rules/data-inside.h"
#include "rules/edm.h"
#include "rules/prints.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

/* Most of what a mutation makes dies at the header: what only a builder writes is put right. */
static GBytes *
with_header(const guint8 *bytes, gsize size, const guint8 *key)
{
	g_autofree guint8 *copy = g_malloc(size + 1);
	struct data_header header;
	struct keyed keyed;

	memcpy(copy, bytes, size);
	if (size >= sizeof(header)) {
		memcpy(&header, copy, sizeof(header));
		memcpy(header.magic, DATA_MAGIC, sizeof(header.magic));
		memset(header.digest, '0', sizeof(header.digest));
		keyed_set(&keyed, key);
		header.check = keyed_hash(&keyed, DATA_MAGIC, strlen(DATA_MAGIC));
		memcpy(copy, &header, sizeof(header));
	}
	return g_bytes_new(copy, size);
}

static void
look(const struct data *data, const char *text, gsize size)
{
	static const struct edm_query rows = { G_MAXUINT32, 1, 300 };
	static const struct prints_query documents = { 1, 1 };
	const char *stuck = NULL;
	g_autoptr(GArray) found =
	    data_kind(data) == DATA_EDM
		? edm_find(data, &rows, text, size, G_MAXINT64, &stuck)
		: prints_find(data, &documents, text, size, G_MAXINT64, &stuck);

	for (guint i = 0; i < found->len && data_kind(data) == DATA_EDM; i++)
		g_assert_cmpuint(
		    g_array_index(found, struct edm_match, i).row, <, data_owners(data));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
	static const guint8 key[KEYED_KEY] = "sixteen bytes ok";

	if (size < 2)
		return 0;
	gsize file = MIN(size - 2, (gsize)bytes[0] << 8 | bytes[1]);
	const char *text = (const char *)bytes + 2 + file;
	gsize length = size - 2 - file;
	g_autoptr(GBytes) whole = with_header(bytes + 2, file, key);
	g_autoptr(data) data = data_open("fuzz", whole, key, NULL);
	if (data != NULL && g_utf8_validate(text, (gssize)length, NULL))
		look(data, text, length);
	return 0;
}
