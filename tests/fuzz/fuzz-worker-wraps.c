/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-wraps - any text without its line ends: valid, and every byte has its place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/wraps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *text, gsize size, enum text_wrap wrap)
{
	struct wrapped twin = { 0 };

	if (wraps_undo(text, size, wrap, &twin) != WRAPS_MADE)
		return;
	if (!g_utf8_validate_len(twin.data, twin.size, NULL) || twin.n_seams == 0 ||
	    twin.size > 6 * size + 1 || twin.seams[0].at != 0)
		abort();
	for (guint i = 1; i < twin.n_seams; i++) {
		const struct seam *seam = &twin.seams[i];
		gsize end = i + 1 < twin.n_seams ? twin.seams[i + 1].at : twin.size;
		if (seam->at < seam[-1].at || seam->at > twin.size || seam->from > size ||
		    end - seam->at > size - seam->from + 1)
			abort();
	}
	g_free(twin.data);
	g_free(twin.seams);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_utf8_make_valid((const char *)data, (gssize)size);
	gsize length = strlen(text);

	check(text, length, WRAP_UNDONE);
	check(text, length, WRAP_JOINED);
	return 0;
}
