/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-truth - attachments of a collection beside the source, where there is one, against what
 * their own sources say of them: encrypted or not, and how many archives lie within.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

enum { COLUMN_FILE = 0, COLUMN_ENCRYPTED = 9, COLUMN_NESTED = 12, COLUMN_TRAIT = 15 };

/* Fields of one line; quotes keep commas together and are doubled within. */
static GPtrArray *
fields(const char *line)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	GString *field = g_string_new(NULL);
	bool quoted = false;

	for (const char *p = line;; p++) {
		if (*p == '\0' || (*p == ',' && !quoted)) {
			g_ptr_array_add(list, g_strdup(field->str));
			g_string_truncate(field, 0);
			if (*p == '\0')
				break;
		} else if (*p == '"') {
			quoted = !quoted;
		} else {
			g_string_append_c(field, *p);
		}
	}
	g_string_free(field, TRUE);
	return list;
}

static struct message *
scanned(struct dissect *dissect, const char *path)
{
	g_autofree char *bytes = NULL, *name = g_path_get_basename(path);
	g_autoptr(GError) error = NULL;
	gsize size;

	g_file_get_contents(path, &bytes, &size, &error);
	g_assert_no_error(error);
	g_autofree char *coded = g_base64_encode((const guint8 *)bytes, size);
	g_autofree char *mail = g_strdup_printf(
	    "Content-Type: application/octet-stream; name=\"%s\"\r\n"
	    "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
	    name, coded);
	int fd = memfd_create("mail", MFD_CLOEXEC);
	g_assert_true(io_write_all(fd, mail, strlen(mail), NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

/* How many archives and objects the deepest path lies within, the attachment itself not counted. */
static guint
nesting(const struct message *message)
{
	guint deepest = 0;

	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		guint n = 0;
		g_auto(GStrv) steps = g_strsplit(part->path, "/", -1);
		for (guint step = 1; steps[step] != NULL && steps[step + 1] != NULL; step++)
			n += g_str_has_suffix(steps[step], ".zip") ||
			     g_str_has_suffix(steps[step], ".bin");
		deepest = MAX(deepest, n);
	}
	return deepest;
}

static bool
agrees(const struct message *message, const char *encrypted, const char *nested, const char *trait)
{
	const struct part *whole = message->parts->pdata[0];
	guint locked = 0, open = 0;

	for (guint i = 1; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		locked += part->outcome == PART_ENCRYPTED;
		open += part->outcome == PART_READ;
	}
	if (*nested != '\0' && nesting(message) < (guint)g_ascii_strtoull(nested, NULL, 10))
		return false;
	if (strcmp(trait, "corrupt") == 0)
		return whole->outcome == PART_BROKEN;
	if (strcmp(encrypted, "yes") == 0)
		return whole->outcome == PART_ENCRYPTED && open == 0;
	if (strcmp(encrypted, "names") == 0)
		return whole->outcome == PART_ENCRYPTED && message->parts->len == 1;
	if (strcmp(encrypted, "partial") == 0)
		return whole->outcome == PART_ENCRYPTED && locked > 0 && open > 0;
	return whole->outcome != PART_ENCRYPTED && locked == 0;
}

/* Its password for owners is empty, so that it opens without one (qpdf --requires-password). */
static bool
opens_for_all(const char *file)
{
	return strcmp(file, "attachments/pypdf__r6-user-password.pdf") == 0;
}

static void
test_truth(void)
{
	struct limits limits;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "..", "shared", "samples", NULL);
	g_autofree char *path = g_build_filename(folder, "truth.csv", NULL);
	g_autofree char *table = NULL;

	if (!g_file_get_contents(path, &table, NULL, NULL)) {
		g_test_skip("no collection of attachments beside the source");
		return;
	}
	limits_default(&limits);
	limits.seconds_per_message = 600;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
		g_autoptr(GPtrArray) row = fields(g_strchomp(lines[i]));
		g_autofree char *file = g_build_filename(folder, row->pdata[COLUMN_FILE], NULL);
		g_autoptr(message) message = scanned(dissect, file);
		const char *encrypted = opens_for_all(row->pdata[COLUMN_FILE])
					    ? "owner-only"
					    : row->pdata[COLUMN_ENCRYPTED];
		if (agrees(message, encrypted, row->pdata[COLUMN_NESTED], row->pdata[COLUMN_TRAIT]))
			continue;
		const struct part *part = message->parts->pdata[0];
		g_test_message("%s: %s, but the truth is encrypted '%s', nested '%s'",
		    (char *)row->pdata[COLUMN_FILE], part_outcome_words[part->outcome],
		    (char *)row->pdata[COLUMN_ENCRYPTED], (char *)row->pdata[COLUMN_NESTED]);
		g_test_fail();
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/truth", test_truth);
	return g_test_run();
}
