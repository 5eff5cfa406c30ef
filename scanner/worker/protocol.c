/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol - see protocol.h. */
#include "worker/protocol.h"

#include "base/reading.h"
#include "rules/sources.h"
#include "worker/station.h"
#include "worker/worker.h"

/* The sources in their serialised form are little larger than the bytes themselves. */
#define SETUP_MAX (2u * SOURCES_BYTES_MAX)

static const struct wire_kind kinds[] = {
	[PROTOCOL_SETUP] = { "setup", "(sa{st}" SOURCES_TYPE READING_TYPE "bu)", SETUP_MAX, false },
	[PROTOCOL_DATA] = { "data", "(stay)", 4096, true },
	[PROTOCOL_PREFILTER] = { "prefilter", "(t)", 64, true },
	[PROTOCOL_PAGE] = { "page", "()", 64, true },
	[PROTOCOL_FORK] = { "fork", "()", 64, true },
	[PROTOCOL_BORN] = { "born", "(u)", 64, false },
	[PROTOCOL_READY] = { "ready", "(s)", 4096, false },
	[PROTOCOL_JOB] = { "job", "(tubus" CARE_TYPE MATCH_CONTEXT_TYPE ")", SETUP_MAX, true },
	[PROTOCOL_VERDICT] = { "verdict", "ay", WORKER_VERDICT_MAX, false },
};

const struct wire_protocol protocol = { kinds, G_N_ELEMENTS(kinds) };

GVariant *
protocol_pack(GByteArray *packed)
{
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(packed);

	return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

struct unpack
protocol_unpack(GVariant *body)
{
	gsize size;
	const void *bytes = g_variant_get_fixed_array(body, &size, 1);

	return unpack_bytes(bytes, size);
}
