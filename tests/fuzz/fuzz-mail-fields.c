/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A header block: fields follow one another without gaps, and what comes out as a name is one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *name)
{
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != strlen(name) ||
	    strstr(name, "..") != NULL || name[0] == '.')
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *block = (const char *)data, *field;
	gsize from = 0, length, at = 0;
	bool more;

	while (fields_next(block, size, &from, &field, &length)) {
		if (field != block + at || length == 0 || at + length != from)
			abort();
		at = from;
	}
	g_autoptr(GArray) list = fields_signers(block, size, &more);
	if (list->len > FIELDS_SIGNERS_MAX || (more && list->len < FIELDS_SIGNERS_MAX))
		abort();
	for (guint i = 0; i < list->len; i++) {
		const struct fields_signer *signer = &g_array_index(list, struct fields_signer, i);
		check_name(signer->selector);
		check_name(signer->domain);
		if ((signer->selector[0] == '\0') != (signer->domain[0] == '\0'))
			abort();
	}
	return 0;
}
