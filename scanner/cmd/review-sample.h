/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_REVIEW_SAMPLE_H
#define FLAGPOST_CMD_REVIEW_SAMPLE_H
/*
 * review-sample - `flagpost review --sample`: mail without a flag that was drawn by chance; whether
 * the rules missed something in it. Listed, decided by name, or stepped through.
 */
#include "cmd/cmd.h"
#include "daemon/config.h"
#include "store/drawn.h"

struct review_sample {
	const struct cmd_globals *globals;
	const char *as, *note, *rule, *reason; /* NULL: not written */
	bool list, reveal;
	char *const *names; /* digests; NULL-terminated */
};

/* All that can be known to be wrong before anything is opened; CMD_OK, or an exit code. */
int review_sample_check(const struct review_sample *request);
int review_sample(
    const struct review_sample *request, const struct config *config, struct view *view);

#endif
