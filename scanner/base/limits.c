/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/limits.h"

#include <string.h>

#include "base/fault.h"

#define KIB (G_GUINT64_CONSTANT(1) << 10)
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define GIB (G_GUINT64_CONSTANT(1) << 30)

#define ROW(field) #field, G_STRUCT_OFFSET(struct limits, field)

/*
 * The least values let a tight installation work at all; the greatest keep a slip of the pen
 * from switching a limit off, and sums of them within 64 bits.
 */
const struct limit_row limit_rows[] = {
	{ ROW(message), LIMIT_BYTES, 100 * MIB, 64 * KIB, 2 * GIB,
	    "bytes of one message; a larger one is recorded as over-limit and not fetched" },
	{ ROW(unpacked), LIMIT_BYTES, 400 * MIB, 1 * MIB, 16 * GIB,
	    "bytes decoded and unpacked from one message" },
	{ ROW(text), LIMIT_BYTES, 8 * MIB, 64 * KIB, 256 * MIB,
	    "bytes of text looked at in one part" },
	{ ROW(text_message), LIMIT_BYTES, 24 * MIB, 64 * KIB, 1 * GIB,
	    "bytes of text looked at in one message" },
	{ ROW(header), LIMIT_BYTES, 256 * KIB, 8 * KIB, 16 * MIB, "bytes of one block of headers" },
	{ ROW(headers), LIMIT_COUNT, 2000, 50, 100000, "header lines in one block" },
	{ ROW(addresses), LIMIT_COUNT, 10000, 100, 1000000, "addresses of one message" },
	{ ROW(parts), LIMIT_COUNT, 1000, 10, 100000,
	    "parts of one message, members of archives included" },
	{ ROW(depth), LIMIT_COUNT, 16, 2, 64, "parts, messages and archives within one another" },
	{ ROW(archives), LIMIT_COUNT, 8, 1, 64, "archives within one another" },
	{ ROW(readings), LIMIT_COUNT, 8, 1, 100,
	    "further readings of one message whose form allows more than one" },
	{ ROW(members), LIMIT_COUNT, 10000, 10, 1000000,
	    "members of one archive; pages of one PDF, and what stands beside them" },
	{ ROW(ratio), LIMIT_COUNT, 200, 2, 100000,
	    "unpacked to packed size of an archive, once 10M are unpacked" },
	{ ROW(pixels), LIMIT_COUNT, 40000000, 10000, 1000000000,
	    "pixels of one picture that is read for text (ocr = yes)" },
	{ ROW(hits), LIMIT_COUNT, 50, 1, 10000, "hits recorded for one rule in one message" },
	{ ROW(object), LIMIT_BYTES, 64 * MIB, 1 * MIB, 1 * GIB,
	    "bytes of one object that its reader needs in memory: S/MIME, OpenPGP, a card, a "
	    "stream "
	    "within a document" },
	{ ROW(seconds_per_message), LIMIT_SECONDS, 10, 1, 3600,
	    "seconds that one message may take; parts not read by then are recorded as timeout" },
	{ ROW(seconds_per_part), LIMIT_SECONDS, 6, 1, 3600,
	    "seconds that one part and its members may take; the next part is read all the same" },
	{ ROW(seconds_per_picture), LIMIT_SECONDS, 5, 1, 600,
	    "seconds that the text of one picture may take, within those of its message" },
	{ ROW(messages_per_worker), LIMIT_COUNT, 1000, 1, 1000000,
	    "messages that a scan worker looks at before it is replaced" },
	{ ROW(worker_memory), LIMIT_BYTES, 1 * GIB, 128 * MIB, 64 * GIB,
	    "address space of a scan worker" },
	{ ROW(index), LIMIT_BYTES, 1 * MIB, 4 * KIB, 4 * MIB,
	    "bytes of words of one message that the search looks through" },
	{ ROW(cache), LIMIT_BYTES, 32 * MIB, 64 * KIB, 4 * GIB,
	    "bytes of readings that a scan worker keeps, so that a part seen again is not read "
	    "again" },
	{ ROW(import), LIMIT_BYTES, 64 * GIB, 1 * MIB, 4096 * GIB,
	    "bytes that one archive may unpack to when it is imported" },
	{ ROW(directory_entries), LIMIT_COUNT, 100000, 1, 10000000,
	    "entries of a directory that are looked at for one group; beyond them it is not "
	    "taken" },
	{ ROW(directory_bytes), LIMIT_BYTES, 16 * MIB, 4 * KIB, 1 * GIB,
	    "bytes of addresses of one group of a directory" },
	{ ROW(seconds_per_directory), LIMIT_SECONDS, 120, 1, 3600,
	    "seconds that a directory may take for one group" },
	{ ROW(dkim_names), LIMIT_COUNT, 1000, 1, 10000,
	    "keys of signatures that DNS is asked for at one time; the others wait for the next" },
	{ ROW(seconds_per_dkim), LIMIT_SECONDS, 60, 1, 3600,
	    "seconds that all of these may take; the others are asked for again" },
	{ ROW(seconds_to_connect), LIMIT_SECONDS, 30, 1, 600,
	    "seconds that reaching a mail server, TLS and the login may take together" },
	{ ROW(seconds_of_silence), LIMIT_SECONDS, 60, 1, 3600,
	    "seconds without a byte from a mail server that owes an answer; then it is away" },
	{ ROW(seconds_of_trickle), LIMIT_SECONDS, 1800, 1, 86400,
	    "seconds in which a mail server that is asked for something must send 64 KiB" },
	{ ROW(connections_at_once), LIMIT_COUNT, 64, 1, 1000,
	    "accounts that are polled at the same time; the others wait for their turn" },
	{ ROW(connections_per_server), LIMIT_COUNT, 1000, 1, 1000,
	    "connections to one server (host and port) at the same time, of all its accounts, "
	    "watched folders included" },
	{ .key = NULL },
};

guint64 *
limits_field(struct limits *limits, const struct limit_row *row)
{
	return &G_STRUCT_MEMBER(guint64, limits, row->offset);
}

void
limits_default(struct limits *limits)
{
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++)
		*limits_field(limits, row) = row->fallback;
}

GVariant *
limits_put(const struct limits *limits)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{st}"));
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++)
		g_variant_builder_add(
		    &builder, "{st}", row->key, G_STRUCT_MEMBER(guint64, limits, row->offset));
	return g_variant_builder_end(&builder);
}

static const struct limit_row *
find_row(const char *key)
{
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++) {
		if (strcmp(row->key, key) == 0)
			return row;
	}
	return NULL;
}

bool
limits_get(GVariant *variant, struct limits *out, GError **error)
{
	struct limits limits;
	guint64 seen = 0;
	GVariantIter iter;
	const char *key;
	guint64 value;

	limits_default(&limits);
	g_variant_iter_init(&iter, variant);
	while (g_variant_iter_next(&iter, "{&st}", &key, &value)) {
		const struct limit_row *row = find_row(key);
		if (row == NULL) {
			g_set_error(error, FAULT, FAULT_DATA, "limits: unknown key %s", key);
			return false;
		}
		guint64 bit = G_GUINT64_CONSTANT(1) << (row - limit_rows);
		if (value < row->min || value > row->max || (seen & bit) != 0) {
			g_set_error(error, FAULT, FAULT_DATA, "limits: %s %s", key,
			    (seen & bit) != 0 ? "stands there twice" : "is out of range");
			return false;
		}
		seen |= bit;
		*limits_field(&limits, row) = value;
	}
	*out = limits;
	return true;
}

bool
limits_load(const struct ini_section *section, struct limits *limits, struct problems *problems)
{
	guint before = problems_count(problems, PROBLEM_ERROR);
	const char *known[G_N_ELEMENTS(limit_rows)];

	limits_default(limits);
	if (section == NULL)
		return true;
	for (gsize i = 0; i < G_N_ELEMENTS(limit_rows); i++)
		known[i] = limit_rows[i].key;
	ini_check_keys(section, known, problems);
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++) {
		guint64 *field = limits_field(limits, row);
		if (row->unit == LIMIT_BYTES)
			ini_size(section, row->key, row->min, row->max, field, problems);
		else
			ini_uint(section, row->key, row->min, row->max, field, problems);
	}
	return problems_count(problems, PROBLEM_ERROR) == before;
}
