/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-lzfu - any bytes as compressed RTF: never more than is asked for. */
#include <stdint.h>
#include <stdlib.h>

#include "worker/lzfu.h"

#define ROOM 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lzfu_result result = { 0 };
	g_autofree char *rtf = lzfu_uncompress(data, size, ROOM, &result);

	if (rtf == NULL ? !result.broken && !result.cut
			: result.size > ROOM || rtf[result.size] != '\0')
		abort();
	return 0;
}
