/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-picture - the first byte chooses a type, the others are a picture of it. */
#include <stdint.h>
#include <stdlib.h>

#include "worker/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "image/png", "image/jpeg", "image/gif", "image/bmp",
		"image/tiff", "image/webp", "image/x-no-such" };
	struct picture picture;

	if (size == 0)
		return 0;
	/* Of its own size, so that a step outside is seen. */
	g_autofree guint8 *bytes = g_memdup2(data + 1, size - 1);
	if (picture_measure(types[data[0] % G_N_ELEMENTS(types)], bytes, size - 1, &picture) !=
	    PICTURE_MEASURED)
		return 0;
	if (picture.width == 0 || picture.height == 0 || picture.frames > PICTURE_FRAMES_MAX ||
	    picture.pixels == 0)
		abort();
	return 0;
}
