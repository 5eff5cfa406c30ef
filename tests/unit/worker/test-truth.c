/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-truth - attachments and mails of a collection beside the source, where there is one, against
 * what their own sources say of them: type, encrypted or not, archives within; files and their
 * names.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

enum {
	COLUMN_FILE = 0,
	COLUMN_TYPE = 7,
	COLUMN_ENCRYPTED = 9,
	COLUMN_NESTED = 12,
	COLUMN_MEMBERS = 13,
	COLUMN_TRAIT = 15
};
enum { MAIL_FILE = 0, MAIL_EXPECT = 2, MAIL_NAMES = 3, MAIL_COUNT = 4 };

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

/*
 * Where we say other than the source. Its password for owners is empty, and whoever gives none
 * gives that: `qpdf --requires-password` says that it needs none, and `qpdf --show-encryption` that
 * the password supplied, none, is the owner's. A reader without a password reads all of it.
 */
static bool
opens_for_all(const char *file)
{
	return strcmp(file, "attachments/pypdf__r6-user-password.pdf") == 0;
}

/*
 * The word of the source for a type, and what our type says in its place. Of what a password locks
 * nobody sees more than that.
 */
static bool
is_type(const char *word, const char *type)
{
	static const struct {
		const char *word, *types[3];
	} families[] = {
		{ "7z", { "application/x-7z-compressed" } },
		{ "cfb",
		    { "application/msword", "application/x-ole-storage", "application/CDFV2" } },
		{ "doc", { "application/msword" } },
		{ "docx", { "application/vnd.openxmlformats-officedocument.wordprocessingml",
			      "application/encrypted" } },
		{ "gz", { "application/gzip" } },
		{ "lnk", { "application/x-ms-shortcut" } },
		{ "pdf", { "application/pdf" } },
		{ "png", { "image/png" } },
		{ "rar", { "application/x-rar" } },
		{ "rtf", { "text/rtf" } },
		{ "tar.xz", { "application/x-xz" } },
		{ "xls", { "application/vnd.ms-excel" } },
		{ "xlsx", { "application/vnd.openxmlformats-officedocument.spreadsheetml",
			      "application/encrypted" } },
		{ "zip", { "application/zip" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
		if (strcmp(families[i].word, word) != 0)
			continue;
		for (gsize k = 0; k < G_N_ELEMENTS(families[i].types); k++)
			if (families[i].types[k] != NULL &&
			    g_str_has_prefix(type, families[i].types[k]))
				return true;
		return false;
	}
	return *word == '\0';
}

/* How many members there are, where the source says so. */
static bool
has_members(const struct message *message, const char *members)
{
	guint n = 0;

	for (guint i = 1; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		n += strchr(strchr(part->path, '/') + 1, '/') == NULL;
	}
	return *members == '\0' || n == g_ascii_strtoull(members, NULL, 10);
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
		const struct part *part = message->parts->pdata[0];
		if (!is_type(row->pdata[COLUMN_TYPE], part->true_type)) {
			g_test_message("%s: %s, but the truth is %s",
			    (char *)row->pdata[COLUMN_FILE], part->true_type,
			    (char *)row->pdata[COLUMN_TYPE]);
			g_test_fail();
		}
		if (agrees(
			message, encrypted, row->pdata[COLUMN_NESTED], row->pdata[COLUMN_TRAIT]) &&
		    has_members(message, row->pdata[COLUMN_MEMBERS]))
			continue;
		g_test_message("%s: %s, but the truth is encrypted '%s', nested '%s'",
		    (char *)row->pdata[COLUMN_FILE], part_outcome_words[part->outcome],
		    (char *)row->pdata[COLUMN_ENCRYPTED], (char *)row->pdata[COLUMN_NESTED]);
		g_test_fail();
	}
}

/* --- mails --- */

/* Rows that we read otherwise: one parser's reading is not the law. */
static const struct {
	const char *file;
	guint count;
	const char *reason;
} otherwise[] = {
	{ "mail/php-mime-mail-parser-005.eml", 0,
	    "two rows, with inline files and without; ours is the other" },
	{ "mail/stalwart-mail-parser-026.eml", 2,
	    "three messages, one behind the outer boundary; they count two" },
	{ "mail/stalwart-mail-parser-028.eml", 1,
	    "boundaries of which none is a multipart's own are text" },
};

static const char *
is_read_otherwise(const char *file, guint64 count)
{
	for (gsize i = 0; i < G_N_ELEMENTS(otherwise); i++)
		if (strcmp(otherwise[i].file, file) == 0 && otherwise[i].count == count)
			return otherwise[i].reason;
	return NULL;
}

/* In a message that is a part of the message, whose files the sources do not count. */
static bool
is_within(const struct message *message, const struct part *part)
{
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *around = message->parts->pdata[i];
		gsize size = strlen(around->path);
		if (part != around && strncmp(part->path, around->path, size) == 0 &&
		    (part->path[size] == '.' || part->path[size] == '/'))
			return true;
	}
	return false;
}

/*
 * What the sources count: besides files, whatever is no text that mail programs show, by its
 * declared type (RFC 8621, 4.1.4): signatures, texts of a kind of their own; and a multipart
 * without parts, which is broken. Of a part that is read in several ways, the first.
 */
static bool
is_file(const struct part *part)
{
	const char *type = part->declared_type;

	if (part->attachment || *part->name != '\0' ||
	    strcmp(part->true_type, "message/rfc822") == 0)
		return true;
	if (strchr(part->path, '~') != NULL)
		return false;
	if (*type == '\0')
		return part->outcome == PART_BROKEN;
	return strcmp(type, "text/plain") != 0 && strcmp(type, "text/html") != 0;
}

/* How many files the message has; false when one of the names is not among them. */
static bool
has_names(const struct message *message, const char *names, guint *count)
{
	g_auto(GStrv) list = g_strsplit(names, ";", -1);
	guint found = 0;

	*count = 0;
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		*count += is_file(part) && !is_within(message, part);
	}
	for (guint n = 0; list[n] != NULL; n++) {
		/* Some names came to the source broken. */
		g_auto(GStrv) pieces = g_strsplit(list[n], "\xEF\xBF\xBD", -1);
		g_autofree char *pattern = g_strjoinv("*", pieces);
		for (guint i = 0; i < message->parts->len; i++) {
			const struct part *part = message->parts->pdata[i];
			if (g_pattern_match_simple(pattern, part->name)) {
				found++;
				break;
			}
		}
	}
	return found == g_strv_length(list);
}

static void
check_mail(struct dissect *dissect, const char *folder, const GPtrArray *row)
{
	g_autofree char *path = g_build_filename(folder, row->pdata[MAIL_FILE], NULL);
	g_autoptr(GError) error = NULL;
	guint64 expected = g_ascii_strtoull(row->pdata[MAIL_COUNT], NULL, 10);
	guint count;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_autoptr(message) message = dissect_message(dissect, fd, false, &error);
	close(fd);
	g_assert_no_error(error);
	bool named = has_names(message, row->pdata[MAIL_NAMES], &count);
	const char *reason = is_read_otherwise(row->pdata[MAIL_FILE], expected);
	if ((named && count == expected) == (reason == NULL))
		return;
	g_test_message("%s: %u files, and the truth is %" G_GUINT64_FORMAT ": '%s'%s%s", path,
	    count, expected, (char *)row->pdata[MAIL_NAMES],
	    reason != NULL ? "; no longer true: " : "", reason != NULL ? reason : "");
	g_test_fail();
}

static void
test_mails(void)
{
	struct limits limits;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "..", "shared", "samples", NULL);
	g_autofree char *path = g_build_filename(folder, "mail-truth.csv", NULL);
	g_autofree char *table = NULL;

	if (!g_file_get_contents(path, &table, NULL, NULL)) {
		g_test_skip("no collection of mails beside the source");
		return;
	}
	limits_default(&limits);
	limits.seconds_per_message = 600;
	limits.seconds_per_part = 600;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
		g_autoptr(GPtrArray) row = fields(g_strchomp(lines[i]));
		if (strcmp(row->pdata[MAIL_EXPECT], "structure") == 0 ||
		    strcmp(row->pdata[MAIL_EXPECT], "attachments") == 0)
			check_mail(dissect, folder, row);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/truth/attachments", test_truth);
	g_test_add_func("/worker/truth/mails", test_mails);
	return g_test_run();
}
