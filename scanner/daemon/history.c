/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/history.h"

#include <string.h>

#include "base/log.h"
#include "daemon/intake.h"
#include "rules/list.h"
#include "store/history.h"

#define THREADS_MAX 20000 /* Message-IDs remembered beside the store, which has the older ones */

struct history {
	struct view *view;
	guint needs; /* enum ruleset_history bits */
	const char *const *own_domains;
	GHashTable *known;    /* folded addresses; NULL: not asked for, or too many */
	GHashTable *threads;  /* Message-ID -> GINT: went among own people alone */
	GPtrArray *encrypted; /* of struct history_mail */
};

static void
free_address(gpointer data)
{
	address_free(data);
}

/* --- what was recorded --- */

static bool
know_address(const char *address, void *data)
{
	struct history *history = data;

	g_hash_table_add(history->known, address_fold(address));
	return g_hash_table_size(history->known) <= HISTORY_ADDRESSES_MAX;
}

static bool
is_full(struct history *history)
{
	if (g_hash_table_size(history->known) <= HISTORY_ADDRESSES_MAX)
		return false;
	log_warning(
	    "more than %d addresses are known: none is called new any more", HISTORY_ADDRESSES_MAX);
	g_clear_pointer(&history->known, g_hash_table_unref);
	return true;
}

/* The oldest first: those are forgotten first. */
static void
turn_round(GPtrArray *mails)
{
	for (guint i = 0; i < mails->len / 2; i++) {
		gpointer swapped = mails->pdata[i];
		mails->pdata[i] = mails->pdata[mails->len - 1 - i];
		mails->pdata[mails->len - 1 - i] = swapped;
	}
}

static bool
read_past(struct history *history, GError **error)
{
	if ((history->needs & RULESET_FIRST_SEEN) != 0) {
		history->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		if (!history_addresses(history->view, know_address, history, error))
			return false;
		is_full(history);
	}
	if ((history->needs & RULESET_AFTER_ENCRYPTED) != 0)
		history->encrypted = history_encrypted(history->view, error);
	if (history->encrypted != NULL)
		turn_round(history->encrypted);
	return (history->needs & RULESET_AFTER_ENCRYPTED) == 0 || history->encrypted != NULL;
}

struct history *
history_new(const char *data_dir, const struct ruleset *ruleset, const char *const *own_domains,
    GError **error)
{
	g_autoptr(history) history = g_new0(struct history, 1);

	history->needs = ruleset_history(ruleset);
	history->own_domains = own_domains;
	history->threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	history->view = view_open(data_dir, "service", error);
	if (history->view == NULL || !read_past(history, error))
		return NULL;
	return g_steal_pointer(&history);
}

void
history_free(struct history *history)
{
	if (history == NULL)
		return;
	view_close(history->view);
	g_clear_pointer(&history->known, g_hash_table_unref);
	g_clear_pointer(&history->encrypted, g_ptr_array_unref);
	g_hash_table_unref(history->threads);
	g_free(history);
}

void
history_found_clear(struct history_found *found)
{
	g_strfreev(found->first_seen);
	*found = (struct history_found){ 0 };
}

/* --- addresses --- */

static GStrv
find_new(struct history *history, const GPtrArray *addresses)
{
	g_autoptr(GStrvBuilder) fresh = g_strv_builder_new();
	guint n = 0;

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		char *folded = address_fold(address->address);
		if (address->domain[0] == '\0' || g_hash_table_contains(history->known, folded)) {
			g_free(folded);
			continue;
		}
		g_strv_builder_add(fresh, folded);
		g_hash_table_add(history->known, folded);
		n++;
	}
	is_full(history);
	return n > 0 ? g_strv_builder_end(fresh) : NULL;
}

/* --- threads --- */

/* All of them are own people, and there is one. */
static bool
is_inside(const struct history *history, const GPtrArray *addresses)
{
	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		if (!domain_is_among(address->domain, history->own_domains))
			return false;
	}
	return addresses->len > 0;
}

/* The mail with this Message-ID is known, and every one that has it stayed inside. */
static bool
stayed_inside(struct history *history, const char *message_id, bool *out, GError **error)
{
	gpointer inside;

	*out = false;
	if (g_hash_table_lookup_extended(history->threads, message_id, NULL, &inside)) {
		*out = GPOINTER_TO_INT(inside);
		return true;
	}
	g_autoptr(GPtrArray) mails = history_by_message_id(history->view, message_id, error);
	if (mails == NULL)
		return false;
	*out = mails->len > 0;
	for (guint i = 0; i < mails->len && *out; i++) {
		const struct history_mail *mail = g_ptr_array_index(mails, i);
		*out = is_inside(history, mail->addresses);
	}
	return true;
}

static bool
outsider_joined(struct history *history, const struct verdict *verdict, bool *out, GError **error)
{
	bool inside = is_inside(history, verdict->addresses);

	*out = false;
	if (verdict->in_reply_to[0] != '\0' && !inside && verdict->addresses->len > 0 &&
	    !stayed_inside(history, verdict->in_reply_to, out, error))
		return false;
	if (verdict->message_id[0] == '\0')
		return true;
	if (g_hash_table_size(history->threads) >= THREADS_MAX)
		g_hash_table_remove_all(history->threads);
	g_hash_table_insert(
	    history->threads, g_strdup(verdict->message_id), GINT_TO_POINTER(inside));
	return true;
}

/* --- what was encrypted --- */

static bool
has_encrypted(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->parts->len; i++) {
		const struct part *part = g_ptr_array_index(verdict->parts, i);
		if (part->outcome == PART_ENCRYPTED ||
		    (part->facts & FACT_ENCRYPTED_ATTACHMENT) != 0)
			return true;
	}
	return false;
}

/* Some author of the one is one of the other; or some recipient. */
static bool
shares(const GPtrArray *left, const GPtrArray *right, bool author)
{
	for (guint i = 0; i < left->len; i++) {
		const struct address *one = left->pdata[i];
		if (author ? one->role != ADDRESS_FROM : !address_is_recipient(one))
			continue;
		g_autofree char *folded = address_fold(one->address);
		for (guint k = 0; k < right->len; k++) {
			const struct address *other = right->pdata[k];
			if (author ? other->role != ADDRESS_FROM : !address_is_recipient(other))
				continue;
			g_autofree char *its = address_fold(other->address);
			if (strcmp(folded, its) == 0)
				return true;
		}
	}
	return false;
}

static bool
came_after(const struct history *history, const struct verdict *verdict, gint64 date)
{
	gint64 window = G_TIME_SPAN_HOUR * HISTORY_AFTER_HOURS;

	for (guint i = 0; i < history->encrypted->len; i++) {
		const struct history_mail *mail = g_ptr_array_index(history->encrypted, i);
		bool same = mail->message_id[0] != '\0' &&
			    strcmp(mail->message_id, verdict->message_id) == 0;
		if (!same && mail->date <= date && mail->date >= date - window &&
		    shares(mail->addresses, verdict->addresses, true) &&
		    shares(mail->addresses, verdict->addresses, false))
			return true;
	}
	return false;
}

static void
remember_encrypted(struct history *history, const struct verdict *verdict, gint64 date)
{
	struct history_mail *mail = g_new0(struct history_mail, 1);

	mail->message_id = g_strdup(verdict->message_id);
	mail->date = date;
	mail->addresses = g_ptr_array_new_with_free_func(free_address);
	for (guint i = 0; i < verdict->addresses->len; i++) {
		const struct address *address = g_ptr_array_index(verdict->addresses, i);
		g_ptr_array_add(
		    mail->addresses, address_new(address->role, address->name, address->address));
	}
	if (history->encrypted->len >= 2 * HISTORY_MAILS_MAX)
		g_ptr_array_remove_range(history->encrypted, 0, HISTORY_MAILS_MAX);
	g_ptr_array_add(history->encrypted, mail);
}

bool
history_look(struct history *history, const struct verdict *verdict, gint64 seen,
    struct history_found *out, GError **error)
{
	gint64 date = verdict->date != MESSAGE_NO_DATE ? verdict->date : seen;
	bool joined = false;

	*out = (struct history_found){ 0 };
	if (history->known != NULL)
		out->first_seen = find_new(history, verdict->addresses);
	if ((history->needs & RULESET_OUTSIDER_JOINED) != 0 &&
	    !outsider_joined(history, verdict, &joined, error)) {
		history_found_clear(out);
		return false;
	}
	if (joined)
		out->facts |= FACT_OUTSIDER_JOINED;
	if (history->encrypted == NULL)
		return true;
	if (came_after(history, verdict, date))
		out->facts |= FACT_AFTER_ENCRYPTED;
	if (has_encrypted(verdict))
		remember_encrypted(history, verdict, date);
	return true;
}

bool
history_look_back(struct history **history, const struct intake_setup *setup,
    const struct verdict *verdict, gint64 seen, struct history_found *out, GError **error)
{
	if (ruleset_history(setup->ruleset) == 0)
		return true;
	if (*history == NULL)
		*history = history_new(setup->config->data_dir, setup->ruleset,
		    (const char *const *)setup->config->own_domains, error);
	return *history != NULL && history_look(*history, verdict, seen, out, error);
}
