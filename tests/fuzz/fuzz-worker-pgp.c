/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-pgp - OpenPGP, as packets and armoured in a text. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && (data[0] & 0x80) == 0)
		fuzz_part(data, size, "text/plain", "");
	else
		fuzz_part(data, size, "application/pgp-encrypted", "a.gpg");
	return 0;
}
