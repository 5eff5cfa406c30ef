/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-crypt - any bytes as what says how a workbook or a document is encrypted. */
#include <stdint.h>
#include <string.h>

#include "worker/office-crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gsize half = size / 2, from, length;
	/* Of its own size each, so that a step outside is seen. */
	g_autofree guint8 *pass = g_memdup2(data, half);
	g_autofree guint8 *bytes = g_memdup2(data + half, size - half);
	struct limits limits;
	struct scan scan = { .limits = &limits };

	limits_default(&limits);
	if (pass == NULL || bytes == NULL)
		return 0;
	office_crypt_workbook(pass, half, bytes, size - half, 0);
	if (office_crypt_package(&scan, pass, half, bytes, size - half, &from, &length) &&
	    (from > size - half || length > size - half - from))
		__builtin_trap();
	return 0;
}
