/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim-keys - see dkim-keys.h. Of a message nothing is read but the names in its signatures. */
#include "daemon/dkim-keys.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/copies.h"
#include "daemon/signatures.h"
#include "deliver/resolver.h"
#include "mail/fields.h"
#include "store/dkim.h"

#define MESSAGES_AT_ONCE 10000
#define AGAIN_AFTER      (G_GINT64_CONSTANT(300) * G_USEC_PER_SEC)

struct work {
	const struct config *config;
	struct view *view;
	gint64 today;
	GHashTable *names; /* those of keys: char * */
	GPtrArray *keys;   /* of struct dkim_key, to be asked for */
};

static void
want(struct work *work, const char *selector, const char *domain)
{
	char *name = fields_key_name(selector, domain);

	if (!g_hash_table_add(work->names, name))
		return;
	struct dkim_key *key = g_new0(struct dkim_key, 1);
	key->selector = g_strdup(selector);
	key->domain = g_strdup(domain);
	g_ptr_array_add(work->keys, key);
}

/* One without a copy that can be read has no signature that an export could show. */
static bool
look_at(struct work *work, gint64 message, GError **error)
{
	g_autoptr(GBytes) bytes = view_copy(work->view, message, NULL);
	gsize size;
	bool more, known;

	if (bytes == NULL)
		return true;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);
	for (guint i = 0; i < signers->len; i++) {
		const struct fields_signer *signer =
		    &g_array_index(signers, struct fields_signer, i);
		if (signer->domain[0] == '\0')
			continue;
		if (!dkim_is_known(
			work->view, signer->selector, signer->domain, work->today, &known, error))
			return false;
		if (!known)
			want(work, signer->selector, signer->domain);
	}
	return true;
}

/* Up to the message with which there are as many as may be asked for at one time. */
static bool
collect(struct work *work, gint64 now, gint64 *upto, guint *looked, GError **error)
{
	guint64 most = work->config->limits.dkim_names;
	g_autoptr(GArray) unseen =
	    dkim_unseen(work->view, now - DKIM_NEAR, MESSAGES_AT_ONCE, upto, error);

	for (*looked = 0; unseen != NULL && *looked < unseen->len; (*looked)++) {
		gint64 message = g_array_index(unseen, gint64, *looked);
		if (work->keys->len >= most) {
			*upto = message - 1;
			break;
		}
		if (!look_at(work, message, error))
			return false;
	}
	if (unseen == NULL || work->keys->len >= most)
		return unseen != NULL;
	g_autoptr(GPtrArray) again = dkim_failed(
	    work->view, now - DKIM_NEAR, now - AGAIN_AFTER, (guint)most - work->keys->len, error);
	for (guint i = 0; again != NULL && i < again->len; i++) {
		const struct dkim_key *key = again->pdata[i];
		want(work, key->selector, key->domain);
	}
	return again != NULL;
}

static bool
ask(struct work *work, struct dkim_keys_counts *out, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < work->keys->len; i++) {
		const struct dkim_key *key = work->keys->pdata[i];
		g_ptr_array_add(names, fields_key_name(key->selector, key->domain));
	}
	g_ptr_array_add(names, NULL);
	g_autoptr(GPtrArray) answers = resolver_ask(work->config->dkim.resolver,
	    (const char *const *)names->pdata, work->config->limits.seconds_per_dkim, error);
	for (guint i = 0; answers != NULL && i < answers->len; i++) {
		struct resolver_answer *answer = answers->pdata[i];
		struct dkim_key *key = work->keys->pdata[i];
		key->outcome = g_strdup(resolver_words[answer->outcome]);
		key->text = g_steal_pointer(&answer->text);
		out->found += answer->outcome == RESOLVER_FOUND;
		out->failed += answer->outcome == RESOLVER_FAILED;
	}
	out->asked = work->keys->len;
	return answers != NULL;
}

bool
dkim_keys_ask(const struct config *config, struct view *view, gint64 now,
    struct dkim_keys_counts *out, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)dkim_key_free);
	struct work work = { .config = config, .view = view, .names = names, .keys = keys };
	gint64 tomorrow, upto;

	*out = (struct dkim_keys_counts){ 0 };
	clock_day(now, config->zone, &work.today, &tomorrow);
	return collect(&work, now, &upto, &out->messages, error) && ask(&work, out, error) &&
	       dkim_record(view, keys, upto, clock_now(), error) &&
	       signatures_record_new(view, &config->limits, now - DKIM_NEAR, &out->verified, error);
}

void
dkim_keys_after_poll(const struct config *config)
{
	g_autoptr(GError) error = NULL;
	struct dkim_keys_counts counts;

	if (!config->dkim.keys)
		return;
	g_autoptr(view) view = copies_open_view(config, "service", &error);
	if (view == NULL || !dkim_keys_ask(config, view, clock_now(), &counts, &error))
		log_warning("DKIM signatures: keys or results are lacking: %s", error->message);
}
