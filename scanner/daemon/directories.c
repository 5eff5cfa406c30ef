/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * directories - see directories.h. A copy is believed only whole, and only as the answer to the
 * question that is asked today.
 */
#include "daemon/directories.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/config-parts.h"

#define MARK     "flagpost-group 1"
#define FOLDER   "groups"
#define SUFFIX   ".members"
#define HEAD_MAX 4096
#define WAIT_MS  50

void
directories_copy_clear(struct directories_copy *copy)
{
	g_clear_pointer(&copy->members, g_strfreev);
}

static char *
path_of(const struct config *config, const struct directory *directory)
{
	g_autofree char *name = g_strconcat(directory->group, SUFFIX, NULL);

	return g_build_filename(config->data_dir, FOLDER, name, NULL);
}

/* --- the copy --- */

/* Somebody who only looks (root, a check) leaves nothing in another's folder. */
static bool
is_ours(const char *folder)
{
	struct stat status;

	return lstat(folder, &status) != 0 || status.st_uid == geteuid();
}

bool
directories_keep(const struct config *config, const struct directory *directory,
    const struct directory_answer *answer, GError **error)
{
	g_autofree char *path = path_of(config, directory);
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *question = directory_digest(directory);
	g_autoptr(GString) all = g_string_new(NULL);
	char hex[DIGEST_HEX];

	if (!is_ours(config->data_dir))
		return true;
	g_string_printf(all,
	    MARK "\n%s\n%" G_GINT64_FORMAT "\n%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
		 " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
	    question, clock_now(), answer->people, answer->without, answer->away, answer->groups);
	for (gsize i = 0; answer->members[i] != NULL; i++)
		g_string_append_printf(all, "%s\n", answer->members[i]);
	digest_bytes(all->str, all->len, hex);
	g_string_prepend_c(all, '\n');
	g_string_prepend(all, hex);
	return io_make_folders(folder, 0700, error) &&
	       io_replace_file(path, all->str, all->len, 0600, error);
}

static bool
parse_counts(const char *line, struct directories_copy *out)
{
	guint64 *const counts[] = { &out->people, &out->without, &out->away, &out->groups };
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	if (g_strv_length(words) != G_N_ELEMENTS(counts))
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
		if (!g_ascii_string_to_unsigned(words[i], 10, 0, G_MAXUINT64, counts[i], NULL))
			return false;
	}
	return true;
}

/* False when it is damaged. An answer to another question leaves *out empty. */
static bool
parse(const char *all, const char *question, struct directories_copy *out)
{
	g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
	guint n = g_strv_length(lines);
	const char *body = strchr(all, '\n');
	char hex[DIGEST_HEX];
	gint64 asked;

	if (body == NULL || n < 6)
		return false;
	digest_bytes(body + 1, strlen(body + 1), hex);
	if (strcmp(hex, lines[0]) != 0 || strcmp(lines[1], MARK) != 0 ||
	    !g_ascii_string_to_signed(lines[3], 10, 1, G_MAXINT64, &asked, NULL) ||
	    !parse_counts(lines[4], out))
		return false;
	if (strcmp(lines[2], question) != 0)
		return true;
	g_autoptr(GStrvBuilder) members = g_strv_builder_new();
	for (guint i = 5; i + 1 < n; i++) {
		if (directory_address(lines[i]) != lines[i])
			return false;
		g_strv_builder_add(members, lines[i]);
	}
	out->members = g_strv_builder_end(members);
	out->asked = asked;
	return true;
}

bool
directories_read(const struct config *config, const struct directory *directory,
    struct directories_copy *out, GError **error)
{
	g_autofree char *path = path_of(config, directory);
	g_autofree char *question = directory_digest(directory);

	*out = (struct directories_copy){ 0 };
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	gsize most = (gsize)(2 * config->limits.directory_bytes + HEAD_MAX);
	g_autoptr(GBytes) bytes = io_read_file(path, most, error);
	if (bytes == NULL)
		return false;
	g_autofree char *all = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (strlen(all) == g_bytes_get_size(bytes) && parse(all, question, out))
		return true;
	directories_copy_clear(out);
	*out = (struct directories_copy){ 0 };
	g_set_error(error, FAULT, FAULT_DATA, "%s: not as it was written", path);
	return false;
}

void
directories_load(
    struct config *config, const struct directory *directory, struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	struct directories_copy copy;

	if (!directories_read(config, directory, &copy, &error))
		problems_add(problems, PROBLEM_WARNING, directory->file, directory->line, 0, NULL,
		    "the next poll asks the directory again", "group '%s': %s", directory->group,
		    error->message);
	else if (copy.members != NULL)
		g_hash_table_replace(
		    config->groups, g_strdup(directory->group), g_steal_pointer(&copy.members));
}

/* --- how old --- */

bool
directories_is_stale(const struct directory *directory, gint64 asked)
{
	return asked == 0 ||
	       clock_now() - asked > (gint64)directory->stale_seconds * G_USEC_PER_SEC;
}

static bool
is_due_since(const struct directory *directory, gint64 asked)
{
	gint64 age = clock_now() - asked;

	/* A copy of the future has another's clock: its age is not known. */
	return asked == 0 || age < 0 || age >= (gint64)directory->every_seconds * G_USEC_PER_SEC;
}

bool
directories_is_due(const struct config *config, const struct directory *directory)
{
	struct directories_copy copy;

	directories_read(config, directory, &copy, NULL);
	directories_copy_clear(&copy);
	return is_due_since(directory, copy.asked);
}

static char *
age_text(gint64 asked)
{
	gint64 minutes = MAX(clock_now() - asked, 0) / G_TIME_SPAN_MINUTE;

	if (minutes < 100)
		return g_strdup_printf("%" G_GINT64_FORMAT " min ago", minutes);
	if (minutes < 72 * 60)
		return g_strdup_printf("%" G_GINT64_FORMAT " h ago", minutes / 60);
	return g_strdup_printf("%" G_GINT64_FORMAT " days ago", minutes / (24 * 60));
}

char *
directories_sentence(const struct config *config, const struct directory *directory)
{
	g_autoptr(GError) error = NULL;
	struct directories_copy copy;

	if (!directories_read(config, directory, &copy, &error))
		return g_strdup_printf("group '%s': %s", directory->group, error->message);
	if (copy.asked == 0)
		return g_strdup_printf("group '%s': directory '%s' was never asked",
		    directory->group, directory->name);
	g_autofree char *age = age_text(copy.asked);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_printf(text, "group '%s': %u addresses of directory '%s', asked %s",
	    directory->group, g_strv_length(copy.members), directory->name, age);
	if (copy.away > 0)
		g_string_append_printf(
		    text, "; %" G_GUINT64_FORMAT " members are not in this directory", copy.away);
	if (copy.without > 0)
		g_string_append_printf(
		    text, "; %" G_GUINT64_FORMAT " people have no address", copy.without);
	directories_copy_clear(&copy);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool
is_stale_now(const struct config *config, const struct directory *directory)
{
	struct directories_copy copy;
	bool right = directories_read(config, directory, &copy, NULL);

	directories_copy_clear(&copy);
	return !right || directories_is_stale(directory, copy.asked);
}

void
directories_note(const struct config *config, post_note *note, void *data)
{
	for (guint i = 0; i < config->directories->len; i++) {
		const struct directory *directory = g_ptr_array_index(config->directories, i);
		if (!is_stale_now(config, directory))
			continue;
		g_autofree char *sentence = directories_sentence(config, directory);
		g_autofree char *text = g_strconcat(sentence,
		    ": who is in it may have changed, and rules go by the old members", NULL);
		note("directory-stale", text, data);
	}
}

void
directories_check(const struct config *config, struct problems *problems)
{
	for (guint i = 0; i < config->directories->len; i++) {
		const struct directory *directory = g_ptr_array_index(config->directories, i);
		g_autofree char *sentence = directories_sentence(config, directory);
		if (g_hash_table_lookup(config->groups, directory->group) == NULL)
			problems_add(problems, PROBLEM_ERROR, directory->file, directory->line, 0,
			    NULL, "flagpost check --connect, poll and run ask it", "%s", sentence);
		else if (is_stale_now(config, directory))
			problems_add(problems, PROBLEM_WARNING, directory->file, directory->line, 0,
			    NULL, "flagpost check --connect says why", "%s", sentence);
	}
}

/* --- asking --- */

static bool
ask(struct config *config, const struct directory *directory, GError **error)
{
	g_autoptr(directory_ask) ask = directory_ask_new(directory, error);
	struct directory_answer answer = { 0 };
	GError *trouble = NULL;

	if (ask == NULL)
		return false;
	while (!directory_ask_receive(ask, WAIT_MS, &answer, &trouble)) {
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	if (trouble != NULL) {
		g_propagate_error(error, trouble);
		return false;
	}
	if (!directories_keep(config, directory, &answer, &trouble)) {
		log_warning("group=%s is not kept: %s", directory->group, trouble->message);
		g_clear_error(&trouble);
	}
	g_hash_table_replace(
	    config->groups, g_strdup(directory->group), g_steal_pointer(&answer.members));
	directory_answer_clear(&answer);
	return true;
}

int
directories_refresh(struct config *config, bool all, struct problems *problems)
{
	int code = 0;

	for (guint i = 0; i < config->directories->len; i++) {
		const struct directory *directory = g_ptr_array_index(config->directories, i);
		g_autoptr(GError) error = NULL;
		if ((!all && !directories_is_due(config, directory)) ||
		    ask(config, directory, &error))
			continue;
		code = fault_exit_code(error);
		problems_add(problems, PROBLEM_WARNING, directory->file, directory->line, 0, NULL,
		    NULL, "group '%s': directory '%s': %s%s", directory->group, directory->name,
		    error->message,
		    g_hash_table_contains(config->groups, directory->group)
			? "; the members of last time count"
			: "");
	}
	return code;
}
