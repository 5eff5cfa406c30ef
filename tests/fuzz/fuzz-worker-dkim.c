/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key's record in the first line, a message behind it: whatever stands there, each signature has
 * one result, within bounds, that another process takes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/fields.h"
#include "worker/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = size > 0 ? memchr(text, '\n', size) : NULL;
	gsize record = end != NULL ? (gsize)(end - text) + 1 : 0;
	g_autofree char *key = g_strndup(text, record > 0 ? record - 1 : 0);
	struct dkim_answer answers[FIELDS_SIGNERS_MAX];
	bool more;
	g_autoptr(GArray) signers = fields_signers(text + record, size - record, &more);

	for (guint i = 0; i < FIELDS_SIGNERS_MAX; i++)
		answers[i] = (struct dkim_answer){ "found", key };
	g_autoptr(GPtrArray) list =
	    dkim_verify(text + record, size - record, answers, FIELDS_SIGNERS_MAX, 1795338125);
	if (list->len != MAX(signers->len, 1))
		abort();
	for (guint i = 0; i < list->len; i++) {
		g_autoptr(GVariant) put = g_variant_ref_sink(signature_put(list->pdata[i]));
		g_autoptr(signature) got = signature_get(put, NULL);
		if (got == NULL || (got->result == SIGNATURE_NONE) != (signers->len == 0))
			abort();
	}
	return 0;
}
