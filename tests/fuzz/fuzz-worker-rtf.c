/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-rtf - RTF, whatever stands behind its first bytes */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *rtf = g_malloc(size + 4);

	memcpy(rtf, "{\\rt", 4);
	if (size > 0)
		memcpy(rtf + 4, data, size);
	fuzz_part(rtf, size + 4, "application/rtf", "a.rtf");
	return 0;
}
