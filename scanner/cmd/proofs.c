/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/proofs.h"

#include "base/clock.h"
#include "daemon/signatures.h"
#include "mail/fields.h"

#define LAST_SECOND G_GINT64_CONSTANT(253402300799) /* of the year 9999 */

/* Whether anything is known of any key of it; a worker's start costs more than all the rest. */
static bool
has_key(struct view *view, gint64 seen, GBytes *bytes, bool *known, GError **error)
{
	gsize size;
	bool more;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);

	*known = false;
	for (guint i = 0; i < signers->len && !*known; i++) {
		const struct fields_signer *signer =
		    &g_array_index(signers, struct fields_signer, i);
		GError *trouble = NULL;
		g_autoptr(dkim_key) key =
		    dkim_at(view, signer->selector, signer->domain, seen, &trouble);
		if (trouble != NULL) {
			g_propagate_error(error, trouble);
			return false;
		}
		*known = key != NULL;
	}
	return true;
}

/* Without a key there is one thing to say of each. */
static struct dkim_verified *
without_keys(const struct view_message *message, GBytes *bytes)
{
	struct dkim_verified *verified = g_new0(struct dkim_verified, 1);
	gsize size;
	bool more;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);

	verified->message = message->id;
	verified->list = signature_list();
	for (guint i = 0; i < MAX(signers->len, 1); i++) {
		struct signature *signature = signature_new();
		g_ptr_array_add(verified->list, signature);
		if (signers->len == 0)
			break;
		const struct fields_signer *signer =
		    &g_array_index(signers, struct fields_signer, i);
		g_free(signature->domain);
		g_free(signature->selector);
		signature->domain = g_strdup(signer->domain);
		signature->selector = g_strdup(signer->selector);
		signature->result =
		    signer->domain[0] != '\0' ? SIGNATURE_TEMPERROR : SIGNATURE_NEUTRAL;
		signature_say(signature, "%s",
		    signer->domain[0] != '\0' ? "nobody asked for the key at the fetch"
					      : "the signature names no key");
	}
	return verified;
}

struct dkim_verified *
proofs_now(struct view *view, const struct limits *limits, const struct view_message *message,
    GBytes *bytes, GError **error)
{
	g_autoptr(signatures) signatures = signatures_new(view, limits);
	struct dkim_verified *verified = NULL;
	bool known;

	if (!has_key(view, message->seen, bytes, &known, error))
		return NULL;
	if (!known) {
		verified = without_keys(message, bytes);
	} else {
		g_autoptr(GPtrArray) list = NULL;
		if (!signatures_add(signatures, message->id, message->seen, bytes, error) ||
		    (list = signatures_verify(signatures, error)) == NULL)
			return NULL;
		verified = g_ptr_array_steal_index(list, 0);
	}
	verified->computed = clock_now();
	return verified;
}

char *
proofs_time(gint64 seconds)
{
	return seconds > 0 && seconds <= LAST_SECOND ? clock_iso(seconds * G_USEC_PER_SEC) : NULL;
}

static void
put_time(struct json *json, const char *key, gint64 seconds)
{
	g_autofree char *iso = proofs_time(seconds);

	json_put(json, key, iso);
}

void
proofs_json(
    struct json *json, const struct signature *signature, gint64 computed, const char *standing)
{
	g_autofree char *when = clock_iso(computed);

	json_begin(json, '{');
	json_put(json, "result", signature_words[signature->result]);
	json_put(json, "domain", signature->domain);
	json_put(json, "selector", signature->selector);
	json_put(json, "algorithm", signature->algorithm);
	json_put(json, "reason", signature->reason);
	json_key(json, "facts");
	json_begin(json, '[');
	for (guint i = 0; signature_fact_words[i] != NULL; i++)
		if ((signature->facts & 1u << i) != 0)
			json_string(json, signature_fact_words[i]);
	json_end(json);
	json_put_int(json, "body", (gint64)signature->body);
	json_put_int(json, "covered", (gint64)signature->covered);
	put_time(json, "made", signature->made);
	put_time(json, "expires", signature->expires);
	json_put(json, "canonicalization", signature->canonical);
	json_put(json, "fields", signature->fields);
	json_put(json, "computed", when);
	json_put(json, "standing", standing);
	json_end(json);
}
