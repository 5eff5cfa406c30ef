/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files are written as messages come; tables are held until their volume is full.
 */
#include "cmd/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "cmd/bundle-parts.h"
#include "store/audit.h"
#include "store/evidence.h"

#define FILE_MODE   0600
#define FOLDER_MODE 0700
#define SECTOR      2048u /* of a CD: what a file takes is a whole number of them */
#define ENTRY       2048u /* of a file in the tables of a file system, whatever its name */
#define ROW         4096u /* of a message in our tables, beside its own texts */

/* --- volumes --- */

static struct bundle_volume *
volume_new(const char *folder, guint number)
{
	struct bundle_volume *volume = g_new0(struct bundle_volume, 1);

	volume->folder = g_strdup(folder);
	volume->number = number;
	volume->rows = g_string_new(NULL);
	volume->sums = g_string_new(NULL);
	volume->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	volume->flag_numbers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	volume->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	volume->mboxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bundle_table_begin(volume);
	return volume;
}

static void
volume_free(struct bundle_volume *volume)
{
	if (volume == NULL)
		return;
	GString *const texts[] = { volume->rows, volume->sums, volume->manifest, volume->flags,
		volume->claims, volume->keys, volume->results, volume->attachments };
	GHashTable *const sets[] = { volume->digests, volume->flag_numbers, volume->rules,
		volume->mboxes };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_string_free(texts[i], TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
		g_hash_table_unref(sets[i]);
	g_free(volume->folder);
	g_free(volume->example);
	g_free(volume);
}

guint64
bundle_on_disc(guint64 bytes)
{
	return (bytes + SECTOR - 1) / SECTOR * SECTOR + ENTRY;
}

static guint64
volume_size(const struct bundle_volume *volume)
{
	return volume->used + bundle_on_disc(volume->rows->len) +
	       bundle_on_disc(volume->manifest->len) + bundle_on_disc(volume->sums->len) +
	       bundle_on_disc(volume->flags->len) + bundle_on_disc(volume->claims->len) +
	       bundle_on_disc(volume->keys->len) + bundle_on_disc(volume->results->len) +
	       bundle_on_disc(volume->attachments->len);
}

bool
bundle_put_file(
    struct bundle_volume *volume, const char *name, const void *data, gsize size, GError **error)
{
	g_autofree char *path = g_build_filename(volume->folder, name, NULL);
	char sha256[DIGEST_HEX];

	digest_bytes(data, size, sha256);
	g_string_append_printf(volume->sums, "%s  %s\n", sha256, name);
	volume->used += bundle_on_disc(size);
	return io_replace_file(path, data, size, FILE_MODE, error);
}

static bool
put_text(struct bundle_volume *volume, const char *name, const GString *text, GError **error)
{
	return bundle_put_file(volume, name, text->str, text->len, error);
}

static bool
next_volume(struct bundle *bundle, GError **error)
{
	const struct bundle_options *options = bundle->options;
	guint number = bundle->folders->len + 1;
	g_autofree char *name = g_strdup_printf("volume-%03u", number);
	g_autofree char *folder = options->volume_bytes > 0
				      ? g_build_filename(options->folder, name, NULL)
				      : g_strdup(options->folder);

	if (!io_make_folders(folder, FOLDER_MODE, error))
		return false;
	bundle->volume = volume_new(folder, options->volume_bytes > 0 ? number : 0);
	g_ptr_array_add(bundle->folders, g_strdup(folder));
	if (number > 1 || options->ledger == NULL)
		return true;
	g_autoptr(GString) ledger = bundle_ledger(options->ledger);
	return put_text(bundle->volume, "ledger.json", ledger, error) &&
	       bundle_put_stamps(bundle, error);
}

/* --- its life --- */

static bool
is_empty(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	return dir == NULL || g_dir_read_name(dir) == NULL;
}

bool
bundle_volume_size(const char *text, guint64 *bytes, GError **error)
{
	static const struct {
		const char *unit;
		double bytes;
	} units[] = { { "", 1 }, { "k", 1e3 }, { "m", 1e6 }, { "g", 1e9 } };
	char *end;
	double number = g_ascii_strtod(text, &end);
	g_autofree char *unit = g_ascii_strdown(end, -1);

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		double size = number * units[i].bytes;
		if (strcmp(unit, units[i].unit) == 0 && end != text && size < 1e15 &&
		    size >= BUNDLE_VOLUME_MIN) {
			*bytes = (guint64)size;
			return true;
		}
	}
	g_set_error(error, FAULT, FAULT_USAGE,
	    "--volume-size: '%s' is no size; write 650M or 4.7G, 4.2M at least", text);
	return false;
}

struct bundle *
bundle_new(const struct bundle_options *options, GError **error)
{
	if (!is_empty(options->folder)) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%s: something lies there already; name a new folder", options->folder);
		return NULL;
	}
	g_autoptr(bundle) bundle = g_new0(struct bundle, 1);
	bundle->options = options;
	bundle->folders = g_ptr_array_new_with_free_func(g_free);
	bundle->sums = g_string_new(NULL);
	return next_volume(bundle, error) ? g_steal_pointer(&bundle) : NULL;
}

void
bundle_free(struct bundle *bundle)
{
	if (bundle == NULL)
		return;
	volume_free(bundle->volume);
	g_ptr_array_unref(bundle->folders);
	g_string_free(bundle->sums, TRUE);
	g_free(bundle);
}

const GPtrArray *
bundle_folders(const struct bundle *bundle)
{
	return bundle->folders;
}

guint
bundle_oversized(const struct bundle *bundle)
{
	return bundle->oversized;
}

const char *
bundle_digest(const struct bundle *bundle)
{
	return bundle->digest;
}

/* --- a message --- */

static bool
append_mbox(struct bundle_volume *volume, const char *name, const GString *text, GError **error)
{
	g_autofree char *path = g_build_filename(volume->folder, name, NULL);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	bool right = io_write_all(fd, text->str, text->len, error);
	io_close(&fd);
	volume->used +=
	    text->len +
	    (g_hash_table_contains(volume->mboxes, name) ? 0 : bundle_on_disc(0) + SECTOR);
	g_hash_table_add(volume->mboxes, g_strdup(name));
	return right;
}

static bool
put_copy(struct bundle *bundle, const struct view_message *message, GBytes *bytes, const char *day,
    const char *file, struct dkim_verified **proved, GError **error)
{
	struct bundle_volume *volume = bundle->volume;
	g_autofree char *folder = g_build_filename(volume->folder, day, NULL);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	if (!io_make_folders(folder, FOLDER_MODE, error))
		return false;
	bundle_table_claims(bundle, bytes, file);
	if (bundle->options->view != NULL &&
	    (!bundle_table_keys(bundle, message, bytes, file, error) ||
		!bundle_table_results(bundle, message, bytes, file, proved, error)))
		return false;
	if (volume->example == NULL)
		volume->example = g_strdup(file);
	if (bundle->options->eml &&
	    !bundle_put_file(volume, file, data != NULL ? data : "", size, error))
		return false;
	if (!bundle->options->mbox)
		return true;
	g_autofree char *mbox = g_strdup_printf("%s/%s.mbox", day, day);
	g_autoptr(GString) text = bundle_mbox(message, bytes);
	return append_mbox(volume, mbox, text, error);
}

/* A rule whose text is not known any more has no file, and no name in the table. */
static bool
put_rule(struct bundle *bundle, const struct flag *flag, char **name, GError **error)
{
	struct bundle_volume *volume = bundle->volume;
	g_autofree char *file = bundle_rule_name(flag->rule, flag->rule_digest);
	g_autofree char *folder = g_build_filename(volume->folder, "rules", NULL);
	g_autoptr(GError) trouble = NULL;
	gsize size;

	*name = g_strconcat("rules/", file, NULL);
	if (g_hash_table_contains(volume->rules, *name))
		return true;
	g_autoptr(GBytes) text =
	    evidence_rule(bundle->options->view, flag->rule, flag->rule_digest, &trouble);
	if (text == NULL) {
		if (!g_error_matches(trouble, FAULT, FAULT_DATA)) {
			g_propagate_error(error, g_steal_pointer(&trouble));
			return false;
		}
		g_free(*name);
		*name = g_strdup(trouble->message);
		return true;
	}
	g_hash_table_add(volume->rules, g_strdup(*name));
	const void *data = g_bytes_get_data(text, &size);
	return io_make_folders(folder, FOLDER_MODE, error) &&
	       bundle_put_file(volume, *name, data, size, error);
}

static bool
put_flags(struct bundle *bundle, const GPtrArray *flags, const char *file, GError **error)
{
	for (guint i = 0; i < flags->len; i++) {
		const struct view_flag *flag = g_ptr_array_index(flags, i);
		g_autofree char *rule = NULL;
		gint64 *number = g_memdup2(&flag->id, sizeof flag->id);
		g_hash_table_add(bundle->volume->flag_numbers, number);
		if (!put_rule(bundle, flag->flag, &rule, error))
			return false;
		bundle_table_flag(bundle->volume, flag, file, rule);
	}
	return true;
}

static gsize
texts_size(const struct view_message *message)
{
	gsize size = strlen(message->from) + strlen(message->subject) + strlen(message->message_id);

	for (guint i = 0; message->to[i] != NULL; i++)
		size += strlen(message->to[i]) + 2;
	return size;
}

/* What a message takes at most, in all its files; escapes make a text six times as long. */
static guint64
cost_of(const struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const struct attachments *attachments, const GPtrArray *flags)
{
	const struct bundle_options *options = bundle->options;
	guint64 size = bytes != NULL ? g_bytes_get_size(bytes) : 0;
	guint64 cost = ROW + 12 * (guint64)texts_size(message);

	if (bytes != NULL && options->eml)
		cost += bundle_on_disc(size);
	if (bytes != NULL && options->mbox)
		cost += bundle_on_disc(size + size / 5);
	if (attachments != NULL)
		cost += bundle_attachments_cost(attachments);
	if (bytes != NULL && options->view != NULL)
		cost += bundle_keys_cost(bytes);
	/* The claims are a part of the message again; a rule is a file. */
	cost += MIN(size, 1024 * 1024);
	for (guint i = 0; flags != NULL && i < flags->len; i++)
		cost += 32 * 1024;
	return cost;
}

static bool finish_volume(struct bundle *bundle, GError **error);

/* The next volume, where this one has no room and something in it. */
static bool
make_room(struct bundle *bundle, guint64 cost, GError **error)
{
	guint64 limit = bundle->options->volume_bytes;

	if (limit == 0)
		return true;
	if (cost + BUNDLE_RESERVE > limit)
		bundle->oversized++;
	if (volume_size(bundle->volume) + cost + BUNDLE_RESERVE <= limit ||
	    bundle->volume->messages == 0)
		return true;
	return finish_volume(bundle, error) && next_volume(bundle, error);
}

bool
bundle_add(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const struct attachments *attachments, GError **error)
{
	g_autofree char *day = bundle_local(message, bundle->options->zone, "%Y-%m-%d");
	g_autofree char *name = bundle_name(message, bundle->options->zone);
	g_autofree char *file = bytes == NULL          ? g_strdup("")
				: bundle->options->eml ? g_strconcat(day, "/", name, NULL)
						       : g_strdup_printf("%s/%s.mbox", day, day);
	g_autoptr(GPtrArray) flags = NULL;

	if (bundle->options->view != NULL && message->flags > 0) {
		flags = evidence_flags(bundle->options->view, message->id, error);
		if (flags == NULL)
			return false;
	}
	if (!make_room(bundle, cost_of(bundle, message, bytes, attachments, flags), error))
		return false;
	struct bundle_volume *volume = bundle->volume;
	volume->messages++;
	volume->missing += bytes == NULL;
	g_hash_table_add(volume->digests, g_strdup(message->sha256));
	bundle_table_message(volume, message, file);
	g_autoptr(dkim_verified) proved = NULL;
	if (bytes != NULL && !put_copy(bundle, message, bytes, day, file, &proved, error))
		return false;
	g_autoptr(GPtrArray) files = NULL;
	if (attachments != NULL) {
		files = bundle_put_attachments(bundle, message, attachments, file, error);
		if (files == NULL)
			return false;
	}
	bundle_page_row(bundle, message, file, files, proved);
	return (flags == NULL || put_flags(bundle, flags, file, error));
}

/* --- what stands beside the messages --- */

static bool
sum_mbox(struct bundle_volume *volume, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(volume->folder, name, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	guint64 size;

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	bool right = fsync(fd) == 0;
	if (!right)
		fault_errno(error, "%s", path);
	g_autofree char *sha256 = right ? io_sha256(fd, &size, error) : NULL;
	io_close(&fd);
	if (sha256 != NULL)
		g_string_append_printf(volume->sums, "%s  %s\n", sha256, name);
	return sha256 != NULL;
}

static bool
sum_mboxes(struct bundle_volume *volume, GError **error)
{
	g_autoptr(GList) names =
	    g_list_sort(g_hash_table_get_keys(volume->mboxes), (GCompareFunc)strcmp);

	for (const GList *name = names; name != NULL; name = name->next)
		if (!sum_mbox(volume, name->data, error))
			return false;
	return true;
}

static bool
put_tables(struct bundle *bundle, GError **error)
{
	struct bundle_volume *volume = bundle->volume;
	const struct bundle_options *options = bundle->options;

	if (!put_text(volume, "manifest.csv", volume->manifest, error) ||
	    (options->attachments &&
		!put_text(volume, "attachments.csv", volume->attachments, error)) ||
	    !put_text(volume, "authentication.csv", volume->claims, error) ||
	    (options->view != NULL &&
		(!put_text(volume, "dkim-keys.csv", volume->keys, error) ||
		    !put_text(volume, "dkim-results.csv", volume->results, error) ||
		    !put_text(volume, "flags.csv", volume->flags, error))))
		return false;
	if (options->ledger == NULL)
		return true;
	g_autoptr(GString) looks = bundle_table_looks(volume, options->ledger);
	return put_text(volume, "looks.csv", looks, error);
}

static bool
finish_volume(struct bundle *bundle, GError **error)
{
	struct bundle_volume *volume = bundle->volume;
	g_autoptr(GString) page = bundle_page(bundle);
	g_autofree char *check = bundle_how_to_check(bundle);
	g_autofree char *sums = g_build_filename(volume->folder, "SHA256SUMS", NULL);

	if (!sum_mboxes(volume, error) || !put_text(volume, "index.html", page, error) ||
	    !put_tables(bundle, error) ||
	    !bundle_put_file(volume, "HOW-TO-CHECK.txt", check, strlen(check), error) ||
	    !io_replace_file(sums, volume->sums->str, volume->sums->len, FILE_MODE, error))
		return false;
	digest_bytes(volume->sums->str, volume->sums->len, bundle->digest);
	g_string_append_printf(
	    bundle->sums, "%s  volume-%03u/SHA256SUMS\n", bundle->digest, volume->number);
	g_clear_pointer(&bundle->volume, volume_free);
	return true;
}

bool
bundle_finish(struct bundle *bundle, GError **error)
{
	g_autofree char *sums = g_build_filename(bundle->options->folder, "SHA256SUMS", NULL);

	if (!finish_volume(bundle, error) || bundle->options->volume_bytes == 0)
		return bundle->volume == NULL;
	digest_bytes(bundle->sums->str, bundle->sums->len, bundle->digest);
	return io_replace_file(sums, bundle->sums->str, bundle->sums->len, FILE_MODE, error);
}
