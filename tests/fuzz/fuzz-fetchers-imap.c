/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An IMAP server that says anything.
 */
#include "session.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return session_fuzz(PROTOCOL_IMAP, data, size);
}
