/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol - see protocol.h. */
#include "worker/protocol.h"

#include "base/reading.h"
#include "rules/sources.h"
#include "worker/station.h"
#include "worker/worker.h"

/* The sources in their serialised form are little larger than the bytes themselves. */
#define SETUP_MAX (2u * SOURCES_BYTES_MAX)
#define JOB_BYTES 256 /* most are shorter */

static const struct wire_kind kinds[] = {
	[PROTOCOL_SETUP] = { "setup", "(sa{st}" SOURCES_TYPE READING_TYPE "bu)", SETUP_MAX, false },
	[PROTOCOL_DATA] = { "data", "(stay)", 4096, true },
	[PROTOCOL_PREFILTER] = { "prefilter", "(t)", 64, true },
	[PROTOCOL_PAGE] = { "page", "()", 64, true },
	[PROTOCOL_FORK] = { "fork", "()", 64, true },
	[PROTOCOL_BORN] = { "born", "(u)", 64, false },
	[PROTOCOL_READY] = { "ready", "(s)", 4096, false },
	[PROTOCOL_JOB] = { "job", "ay", SETUP_MAX, true },
	[PROTOCOL_VERDICT] = { "verdict", "ay", WORKER_VERDICT_MAX, false },
};

const struct wire_protocol protocol = { kinds, G_N_ELEMENTS(kinds) };

GVariant *
protocol_put_job(const struct job *job)
{
	GByteArray *packed = g_byte_array_sized_new(JOB_BYTES);
	g_autoptr(match_context) empty = job->context == NULL ? match_context_new() : NULL;

	pack_u64(packed, job->id);
	pack_u32(packed, job->mode);
	pack_bool(packed, job->explain);
	pack_u32(packed, job->carry);
	pack_string(packed, job->only_rule != NULL ? job->only_rule : "");
	care_put(packed, &job->care);
	match_context_put(packed, empty != NULL ? empty : job->context);
	return protocol_pack(packed);
}

bool
protocol_get_job(GVariant *body, struct job *job, struct match_context **context, GError **error)
{
	struct packed in = protocol_unpack(body);
	guint64 id = packed_u64(&in);
	guint32 mode = packed_u32(&in);
	bool explain = packed_bool(&in);
	guint32 carry = packed_u32(&in);
	const char *only = packed_text(&in, NULL);

	*job = (struct job){
		.id = id,
		.mode = mode == JOB_RAW ? JOB_RAW : JOB_SCAN,
		.explain = explain,
		.carry = carry <= CARRY_TERMS_IF_FLAGGED ? carry : CARRY_NOTHING,
		.only_rule = *only != '\0' ? only : NULL,
	};
	if (!care_get(&in, &job->care, error))
		return false;
	*context = match_context_get(&in, error);
	job->context = *context;
	return *context != NULL;
}

GVariant *
protocol_pack(GByteArray *packed)
{
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(packed);

	return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

struct packed
protocol_unpack(GVariant *body)
{
	gsize size;
	const void *bytes = g_variant_get_fixed_array(body, &size, 1);

	return packed_bytes(bytes, size);
}
