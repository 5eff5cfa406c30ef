/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the folders of rules. How sources cross to a worker stands in sources-wire.c.
 */
#include "rules/sources.h"

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/ini.h"
#include "base/io.h"
#include "rules/list.h"

#define LIST_FILE_MAX (16 * 1024 * 1024)

static void
source_free(gpointer data)
{
	struct source *source = data;

	g_free(source->name);
	g_free(source->path);
	g_bytes_unref(source->text);
	g_free(source);
}

static void
free_data(gpointer data)
{
	data_unref(data);
}

static void
free_members(gpointer data)
{
	g_strfreev(data);
}

struct sources *
sources_new(void)
{
	struct sources *sources = g_new0(struct sources, 1);

	sources->files = g_ptr_array_new_with_free_func(source_free);
	sources->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_members);
	sources->data = g_ptr_array_new_with_free_func(free_data);
	sources->own_domains = g_new0(char *, 1);
	sources->prefilter_fd = -1;
	return sources;
}

void
sources_free(struct sources *sources)
{
	if (sources == NULL)
		return;
	g_ptr_array_unref(sources->files);
	g_ptr_array_unref(sources->data);
	g_hash_table_unref(sources->groups);
	g_strfreev(sources->own_domains);
	io_close(&sources->prefilter_fd);
	g_free(sources);
}

const struct source *
sources_find(const struct sources *sources, enum source_kind kind, const char *name)
{
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		if (source->kind == kind && strcmp(source->name, name) == 0)
			return source;
	}
	return NULL;
}

/* Adds a file, or replaces the one of that name. Takes text. */
static void
put_file(struct sources *sources, enum source_kind kind, const char *name, const char *path,
    GBytes *text)
{
	struct source *source = (struct source *)sources_find(sources, kind, name);

	if (source == NULL) {
		source = g_new0(struct source, 1);
		source->kind = kind;
		source->name = g_strdup(name);
		g_ptr_array_add(sources->files, source);
	} else {
		g_free(source->path);
		g_bytes_unref(source->text);
	}
	source->path = g_strdup(path);
	source->text = text;
}

/* /dev/null masks like an empty file does. */
static bool
is_null(const char *path)
{
	g_autofree char *target = g_file_read_link(path, NULL);

	return target != NULL && strcmp(target, "/dev/null") == 0;
}

static bool
read_file(struct sources *sources, enum source_kind kind, const char *name, const char *path,
    struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	GBytes *text;

	if (is_null(path))
		text = g_bytes_new_static("", 0);
	else if (kind == SOURCE_RULE)
		text = ini_read(path, &error);
	else
		text = io_read_file(path, LIST_FILE_MAX, &error);
	if (text == NULL) {
		problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, NULL, "%s", error->message);
		return false;
	}
	put_file(sources, kind, name, path, text);
	return true;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* File names of a folder that end in suffix, sorted; NULL after an error. */
static GPtrArray *
names_in(const char *folder, const char *suffix, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
	const char *name;

	if (dir == NULL)
		return NULL;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (name[0] != '.' && g_str_has_suffix(name, suffix))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, by_text);
	return names;
}

/* prefix stands before the names of rule files: "", "detectors/", "packs/cards/". */
static bool
add_files(struct sources *sources, enum source_kind kind, const char *folder, const char *prefix,
    const GPtrArray *names, struct problems *problems)
{
	bool right = true;

	for (guint i = 0; i < names->len; i++) {
		const char *file = names->pdata[i];
		g_autofree char *path = g_build_filename(folder, file, NULL);
		g_autofree char *name = kind == SOURCE_RULE
					    ? g_strconcat(prefix, file, NULL)
					    : g_strndup(file, strlen(file) - strlen(".txt"));
		if (!g_utf8_validate(file, -1, NULL)) {
			problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, "rename the file",
			    "the file name is not UTF-8");
			right = false;
		} else if (!read_file(sources, kind, name, path, problems)) {
			right = false;
		}
	}
	return right;
}

static bool
add_kind(struct sources *sources, enum source_kind kind, const char *folder, const char *prefix,
    struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names =
	    names_in(folder, kind == SOURCE_RULE ? ".ini" : ".txt", &error);

	if (names == NULL) {
		problems_add(
		    problems, PROBLEM_ERROR, folder, 0, 0, NULL, NULL, "%s", error->message);
		return false;
	}
	return add_files(sources, kind, folder, prefix, names, problems);
}

/* --- data sets --- */

void
sources_add_data(struct sources *sources, struct data *data)
{
	for (guint i = 0; i < sources->data->len; i++) {
		const struct data *other = sources->data->pdata[i];
		if (data_kind(other) == data_kind(data) &&
		    strcmp(data_name(other), data_name(data)) == 0) {
			g_ptr_array_remove_index(sources->data, i);
			break;
		}
	}
	g_ptr_array_add(sources->data, data);
}

static bool
add_one_data(struct sources *sources, const char *folder, const char *file, enum data_kind kind,
    struct problems *problems)
{
	g_autofree char *path = g_build_filename(folder, file, NULL);
	g_autofree char *name = g_strndup(file, strlen(file) - strlen(data_suffixes[kind]));
	g_autoptr(GError) error = NULL;
	guint64 bytes = 0;

	if (!sources_is_pack(name))
		g_set_error(&error, FAULT, FAULT_CONFIG,
		    "the name of a data set is of lower-case letters, digits and hyphens");
	struct data *data = error == NULL ? data_load(folder, name, kind, &error) : NULL;
	if (data != NULL)
		sources_add_data(sources, data);
	for (guint i = 0; i < sources->data->len; i++)
		bytes += data_size(sources->data->pdata[i]);
	if (error == NULL && (bytes > DATA_BYTES_MAX || sources->data->len > DATA_SETS_MAX))
		g_set_error(&error, FAULT, FAULT_CONFIG,
		    "data sets of over 512 MiB together, or over 100 of them");
	if (error != NULL)
		problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, NULL, "%s", error->message);
	return error == NULL;
}

static bool
add_data(struct sources *sources, const char *folder, struct problems *problems)
{
	bool right = true;

	for (guint kind = 0; data_suffixes[kind] != NULL; kind++) {
		g_autoptr(GPtrArray) names = names_in(folder, data_suffixes[kind], NULL);
		for (guint i = 0; names != NULL && i < names->len; i++)
			right =
			    add_one_data(sources, folder, names->pdata[i], kind, problems) && right;
	}
	return right;
}

/* The rules of a folder, and the detectors, lists and data in it where it has such folders. */
static bool
add_folder(
    struct sources *sources, const char *folder, const char *prefix, struct problems *problems)
{
	g_autofree char *detectors = g_build_filename(folder, "detectors", NULL);
	g_autofree char *lists = g_build_filename(folder, "lists", NULL);
	g_autofree char *data = g_build_filename(folder, DATA_FOLDER, NULL);
	g_autofree char *inner = g_strconcat(prefix, "detectors/", NULL);
	bool right = add_kind(sources, SOURCE_RULE, folder, prefix, problems);

	if (g_file_test(detectors, G_FILE_TEST_EXISTS))
		right = add_kind(sources, SOURCE_RULE, detectors, inner, problems) && right;
	if (g_file_test(lists, G_FILE_TEST_EXISTS))
		right = add_kind(sources, SOURCE_LIST, lists, "", problems) && right;
	if (g_file_test(data, G_FILE_TEST_EXISTS))
		right = add_data(sources, data, problems) && right;
	return right;
}

bool
sources_add_folder(struct sources *sources, const char *folder, struct problems *problems)
{
	return add_folder(sources, folder, "", problems);
}

bool
sources_add_pack(
    struct sources *sources, const char *folder, const char *pack, struct problems *problems)
{
	g_autofree char *path = g_build_filename(folder, "packs", pack, NULL);
	g_autofree char *prefix = g_strconcat(SOURCES_PACKS, pack, "/", NULL);

	return add_folder(sources, path, prefix, problems);
}

bool
sources_is_pack(const char *pack)
{
	return g_ascii_islower(pack[0]) && strlen(pack) <= SOURCES_PACK_MAX &&
	       strspn(pack, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(pack);
}

bool
sources_has_pack(const char *folder, const char *pack)
{
	g_autofree char *path = g_build_filename(folder, "packs", pack, NULL);

	return sources_is_pack(pack) && g_file_test(path, G_FILE_TEST_IS_DIR);
}

GPtrArray *
sources_packs(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "packs", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		if (sources_has_pack(folder, name))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, by_text);
	return names;
}

bool
sources_add_list(
    struct sources *sources, const char *name, const char *path, struct problems *problems)
{
	return read_file(sources, SOURCE_LIST, name, path, problems);
}

void
sources_add_group(struct sources *sources, const char *name, const char *const *addresses)
{
	g_hash_table_replace(sources->groups, g_strdup(name), g_strdupv((GStrv)addresses));
}

void
sources_set_own_domains(struct sources *sources, const char *const *domains)
{
	g_strfreev(sources->own_domains);
	sources->own_domains = g_strdupv((GStrv)domains);
	for (guint i = 0; sources->own_domains[i] != NULL; i++) {
		char *folded = domain_fold(sources->own_domains[i]);
		g_free(sources->own_domains[i]);
		sources->own_domains[i] = folded;
	}
}

/* Rules in name order, then lists in name order. */
static gint
by_kind_and_name(gconstpointer a, gconstpointer b)
{
	const struct source *left = *(const struct source *const *)a;
	const struct source *right = *(const struct source *const *)b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* With its length in front, so that no two rows of fields give the same bytes. */
static void
digest_field(struct digest *digest, const void *data, gsize size)
{
	char length[32];

	g_snprintf(length, sizeof(length), "%" G_GSIZE_FORMAT ":", size);
	digest_update(digest, length, strlen(length));
	digest_update(digest, data, size);
}

static gint
by_data(gconstpointer a, gconstpointer b)
{
	const struct data *left = *(const struct data *const *)a;
	const struct data *right = *(const struct data *const *)b;

	if (data_kind(left) != data_kind(right))
		return data_kind(left) < data_kind(right) ? -1 : 1;
	return strcmp(data_name(left), data_name(right));
}

static void
digest_data(struct digest *digest, const GPtrArray *sets)
{
	for (guint i = 0; i < sets->len; i++) {
		const struct data *data = sets->pdata[i];
		const char *suffix = data_suffixes[data_kind(data)];
		digest_update(digest, "d", 1);
		digest_field(digest, suffix, strlen(suffix));
		digest_field(digest, data_name(data), strlen(data_name(data)));
		digest_field(digest, data_digest(data), strlen(data_digest(data)));
	}
}

static void
digest_lines(struct digest *digest, const GStrv lines)
{
	for (guint i = 0; lines[i] != NULL; i++)
		digest_field(digest, lines[i], strlen(lines[i]));
	digest_update(digest, ".", 1);
}

void
sources_seal(struct sources *sources)
{
	g_autoptr(digest) digest = digest_new();
	GList *names = g_hash_table_get_keys(sources->groups);

	g_ptr_array_sort(sources->files, by_kind_and_name);
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		gsize size;
		const char *text = g_bytes_get_data(source->text, &size);
		digest_update(digest, source->kind == SOURCE_RULE ? "r" : "l", 1);
		digest_field(digest, source->name, strlen(source->name));
		digest_field(digest, text, size);
	}
	names = g_list_sort(names, (GCompareFunc)strcmp);
	for (GList *at = names; at != NULL; at = at->next) {
		digest_update(digest, "g", 1);
		digest_field(digest, at->data, strlen(at->data));
		digest_lines(digest, g_hash_table_lookup(sources->groups, at->data));
	}
	g_list_free(names);
	g_ptr_array_sort(sources->data, by_data);
	digest_data(digest, sources->data);
	digest_update(digest, "o", 1);
	digest_lines(digest, sources->own_domains);
	digest_finish(digest, sources->digest);
}
