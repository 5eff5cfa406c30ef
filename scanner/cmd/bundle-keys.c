/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of signatures: what DNS said when the message was fetched. Nothing is verified with them
 * here; whoever does has the exact bytes and the key that was published then.
 */
#include "base/clock.h"
#include "cmd/bundle-parts.h"
#include "mail/fields.h"
#include "store/dkim.h"

#define NOT_ASKED "not-asked"

static void
add(struct bundle_volume *volume, const char *file, const struct fields_signer *signer,
    const struct dkim_key *key, const char *why)
{
	g_autofree char *first = key != NULL ? clock_iso(key->first) : g_strdup("");
	g_autofree char *last = key != NULL ? clock_iso(key->last) : g_strdup("");
	const char *const cells[] = { file, signer->selector, signer->domain,
		key != NULL ? key->outcome : NOT_ASKED, first, last,
		key != NULL ? key->text : why };

	bundle_table_row(volume->keys, cells, G_N_ELEMENTS(cells));
}

bool
bundle_table_keys(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const char *file, GError **error)
{
	static const struct fields_signer nobody;
	GError *trouble = NULL;
	gsize size;
	bool more;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);

	for (guint i = 0; i < signers->len; i++) {
		const struct fields_signer *signer =
		    &g_array_index(signers, struct fields_signer, i);
		bool named = signer->domain[0] != '\0';
		g_autoptr(dkim_key) key = named ? dkim_at(bundle->options->view, signer->selector,
						      signer->domain, message->seen, &trouble)
						: NULL;
		if (trouble != NULL) {
			g_propagate_error(error, trouble);
			return false;
		}
		add(bundle->volume, file, signer, key,
		    named ? "nobody asked within a day of the fetch"
			  : "the signature names no key: s= and d= are not two names");
	}
	if (more)
		add(bundle->volume, file, &nobody, NULL,
		    "there are more signatures than are looked at");
	return true;
}
