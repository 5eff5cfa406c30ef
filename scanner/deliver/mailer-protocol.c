/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/mailer-protocol.h"

static const struct wire_kind kinds[MAILER_KINDS] = {
	[MAILER_SETTINGS] = { "settings", MAILER_SETTINGS_TYPE, 64 * 1024, true },
	[MAILER_BATCH] = { "batch", MAILER_BATCH_TYPE, 64 * 1024, true },
	[MAILER_TAKEN] = { "taken", MAILER_TAKEN_TYPE, 8 * 1024, false },
	[MAILER_DIGEST] = { "digest", MAILER_DIGEST_TYPE, 64 * 1024, false },
	[MAILER_STAMPED] = { "stamped", MAILER_STAMPED_TYPE, 80 * 1024, false },
	[MAILER_NAMES] = { "names", MAILER_NAMES_TYPE, 4 * 1024 * 1024, false },
	[MAILER_TXT] = { "txt", MAILER_TXT_TYPE, 64 * 1024, false },
	[MAILER_RESULT] = { "result", MAILER_RESULT_TYPE, 8 * 1024, false },
};

const struct wire_protocol mailer_protocol = { .kinds = kinds, .n_kinds = MAILER_KINDS };
