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
	[PROTOCOL_VERDICT] = { "verdict", "(t" VERDICT_TYPE ")", WORKER_VERDICT_MAX, false },
};

const struct wire_protocol protocol = { kinds, G_N_ELEMENTS(kinds) };
