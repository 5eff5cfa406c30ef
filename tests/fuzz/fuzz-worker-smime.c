/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-smime - any bytes that are declared as S/MIME. */
#include <gmime/gmime.h>

#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready)
		g_mime_init();
	ready = true;
	fuzz_part(data, size, "application/pkcs7-mime", "smime.p7m");
	return 0;
}
