/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/copies.h"

#include "base/fault.h"

struct wanted {
	const char *file, *credential;
	bool writes;
};

static bool
has_key(const struct config_copies *copies)
{
	return copies->key_file[0] != '\0' || copies->credential[0] != '\0';
}

/* The key of new copies first, then the old ones. */
static struct wanted
wanted_at(const struct config_copies *copies, guint i)
{
	if (has_key(copies) && i-- == 0)
		return (struct wanted){ copies->key_file, copies->credential, copies->encrypt };
	return (struct wanted){ copies->old_keys[i], "", false };
}

static guint
count(const struct config_copies *copies)
{
	return (has_key(copies) ? 1 : 0) + g_strv_length(copies->old_keys);
}

struct cipher_keys *
copies_keys(const struct config *config, GError **error)
{
	const struct config_copies *copies = &config->copies;
	guint n = count(copies);

	if (n == 0)
		return NULL;
	g_autoptr(cipher_keys) keys = cipher_keys_new();
	for (guint i = 0; i < n; i++) {
		const struct wanted wanted = wanted_at(copies, i);
		if (!cipher_keys_add(keys, wanted.file, wanted.credential, wanted.writes, error)) {
			g_prefix_error(error, "key of copies: ");
			return NULL;
		}
	}
	return g_steal_pointer(&keys);
}

/* Most that is looked at needs no key. */
static struct cipher_keys *
keys_at_hand(const struct config *config)
{
	guint n = count(&config->copies);
	struct cipher_keys *keys = n > 0 ? cipher_keys_new() : NULL;

	for (guint i = 0; i < n; i++) {
		const struct wanted wanted = wanted_at(&config->copies, i);
		g_autoptr(GError) error = NULL;
		if (!cipher_keys_add(keys, wanted.file, wanted.credential, wanted.writes, &error))
			cipher_keys_excuse(keys, error->message);
	}
	return keys;
}

struct store *
copies_open_store(const struct config *config, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	struct cipher_keys *keys = copies_keys(config, &trouble);

	if (trouble != NULL) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return NULL;
	}
	return store_open_with(config->data_dir, config->zone, keys, error);
}

struct view *
copies_open_view(const struct config *config, const char *person, GError **error)
{
	struct view *view = view_open(config->data_dir, person, error);

	if (view != NULL)
		view_take_keys(view, keys_at_hand(config));
	return view;
}
