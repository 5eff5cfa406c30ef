/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of signatures: what DNS said when the message was fetched; and what the signatures prove
 * with them. Whoever doubts the results has the exact bytes and the key that was published then.
 */
#include "base/clock.h"
#include "cmd/bundle-parts.h"
#include "cmd/proofs.h"
#include "mail/fields.h"

#define NOT_ASKED "not-asked"
#define ROWS_MAX                                                                                   \
	(24 * 1024) /* bytes of one signature's: its key, results, and both in the page            \
		     */

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

/* --- results --- */

static void
add_result(struct bundle_volume *volume, const char *file, const struct signature *signature,
    gint64 computed, const char *standing)
{
	g_autofree char *facts = signature_facts(signature->facts);
	g_autofree char *body = g_strdup_printf("%" G_GUINT64_FORMAT, signature->body);
	g_autofree char *covered = g_strdup_printf("%" G_GUINT64_FORMAT, signature->covered);
	g_autofree char *made = proofs_time(signature->made);
	g_autofree char *expires = proofs_time(signature->expires);
	g_autofree char *when = clock_iso(computed);
	const char *const cells[] = { file, signature_words[signature->result], signature->domain,
		signature->selector, signature->algorithm, covered, body, made != NULL ? made : "",
		expires != NULL ? expires : "", facts, when, standing, signature->reason };

	bundle_table_row(volume->results, cells, G_N_ELEMENTS(cells));
}

static void
add_results(struct bundle *bundle, const char *file, const struct dkim_verified *verified,
    const char *standing)
{
	for (guint i = 0; i < verified->list->len; i++)
		add_result(
		    bundle->volume, file, verified->list->pdata[i], verified->computed, standing);
}

/* What is kept counts; where nothing is, what the key of then shows now. */
bool
bundle_table_results(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const char *file, struct dkim_verified **last, GError **error)
{
	const struct bundle_options *options = bundle->options;
	g_autoptr(GPtrArray) kept = dkim_verified_of(options->view, message->id, error);

	*last = NULL;
	if (kept == NULL)
		return false;
	for (guint i = 0; i < kept->len; i++)
		add_results(bundle, file, kept->pdata[i], PROOFS_KEPT);
	if (kept->len > 0) {
		*last = g_ptr_array_steal_index(kept, kept->len - 1);
		return true;
	}
	*last = proofs_now(options->view, options->limits, message, bytes, error);
	if (*last == NULL)
		return false;
	add_results(bundle, file, *last, PROOFS_NOW);
	return true;
}

guint64
bundle_keys_cost(GBytes *bytes)
{
	gsize size;
	bool more;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);

	return (guint64)ROWS_MAX * signers->len;
}
