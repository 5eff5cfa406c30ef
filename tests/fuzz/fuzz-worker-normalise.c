/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-normalise - any text: its twin is valid, no longer, and every byte has its place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_utf8_make_valid((const char *)data, (gssize)size);
	struct normalised twin;
	gsize length = strlen(text);

	if (normalise_text(text, length, &twin) != NORMALISE_TWIN)
		return 0;
	if (!g_utf8_validate_len(twin.data, twin.size, NULL) || strlen(twin.data) != twin.size ||
	    twin.size > length)
		abort();
	for (gsize i = 0; i < twin.size; i++) {
		guint32 at = twin.offsets[i];
		if (at >= length || (i > 0 && at < twin.offsets[i - 1]) ||
		    ((guchar)text[at] & 0xC0) == 0x80)
			abort();
	}
	g_free(twin.data);
	g_free(twin.offsets);
	return 0;
}
