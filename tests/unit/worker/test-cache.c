/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-cache - a part seen again is the same part without its reader: every fact, text, twin and
 * member of the golden mails and the demo's comes back unchanged; and what is not to come back.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/cache.h"
#include "worker/dissect.h"

static struct limits limits;

static void
dump_part(GString *out, const struct part *part)
{
	g_string_append_printf(out, "%s|%s|%s|%s|%" G_GUINT64_FORMAT "|%s|%d|%x|%u|%d|%s\n",
	    part->path, part->name, part->declared_type, part->true_type, part->size, part->sha256,
	    part->outcome, part->facts, part->depth, part->attachment, part->detail);
}

/* All that rules can see of a message. */
static char *
dump(const struct message *message)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%d %x\n", message->outcome, message->facts);
	for (guint i = 0; i < message->parts->len; i++)
		dump_part(out, message->parts->pdata[i]);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		g_string_append_printf(out, "%d|%s|%u|%d|%u|%s\n", text->component,
		    text->header != NULL ? text->header : "", text->part, text->hidden,
		    text->origin, text->data);
		for (gsize k = 0; text->offsets != NULL && k < text->size; k++)
			g_string_append_printf(out, "%u ", text->offsets[k]);
	}
	return g_string_free(out, FALSE);
}

/* False with readings that are made each time: those that a limit ended, messages within. */
static bool
is_all_kept(const struct message *message)
{
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		if (part->outcome == PART_OVER_LIMIT)
			return false;
		for (guint k = 0; k < message->parts->len; k++) {
			const char *other = ((struct part *)message->parts->pdata[k])->path;
			if (g_str_has_prefix(other, part->path) && other[strlen(part->path)] == '.')
				return false;
		}
	}
	return true;
}

static char *
dissected(struct dissect *dissect, int fd, bool *all_kept)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(message) message = dissect_message(dissect, fd, false, &error);

	g_assert_no_error(error);
	if (all_kept != NULL)
		*all_kept = is_all_kept(message);
	return dump(message);
}

static struct dissect *
fresh(void)
{
	g_autoptr(GError) error = NULL;
	struct dissect *dissect = dissect_new(&limits, &error);

	g_assert_no_error(error);
	return dissect;
}

/* --- mails from files, twice in one worker --- */

static void
find_mails(const char *folder, GPtrArray *found)
{
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	g_assert_nonnull(listing);
	for (const char *name; (name = g_dir_read_name(listing)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			find_mails(path, found);
		else if (g_str_has_suffix(name, ".eml"))
			g_ptr_array_add(found, g_steal_pointer(&path));
	}
}

static GPtrArray *
all_mails(void)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "tests", "mail", NULL);

	find_mails(folder, found);
	g_assert_cmpuint(found->len, >, 60);
	return found;
}

static char *
dissected_file(struct dissect *dissect, const char *path, bool *all_kept)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *facts = dissected(dissect, fd, all_kept);

	close(fd);
	return facts;
}

static void
test_twice(void)
{
	g_autoptr(GPtrArray) mails = all_mails();
	g_autoptr(dissect) one = fresh();
	struct cache_counts before, after;
	guint recalled = 0;

	for (guint i = 0; i < mails->len; i++) {
		const char *path = mails->pdata[i];
		bool all_kept;
		g_autoptr(dissect) other = fresh();
		g_autofree char *alone = dissected_file(other, path, NULL);
		g_autofree char *first = dissected_file(one, path, &all_kept);
		dissect_count(one, &before);
		g_autofree char *second = dissected_file(one, path, &all_kept);
		dissect_count(one, &after);
		if (strcmp(alone, first) != 0 || strcmp(first, second) != 0)
			g_test_message("%s", path);
		g_assert_cmpstr(alone, ==, first);
		g_assert_cmpstr(first, ==, second);
		if (all_kept && after.readings != before.readings)
			g_error("%s: a reader ran again", path);
		recalled += (guint)(after.recalled - before.recalled);
	}
	g_test_message("%u parts came back", recalled);
	g_assert_cmpuint(recalled, >, 10);
}

/* --- mails made here --- */

/* Text that has a twin, of a size that is worth it; the part's path is "1" or "2". */
static int
mail(const char *type, const char *name, gsize size, char letter, bool before)
{
	g_autoptr(GString) text = g_string_new("Subject: x\r\nMIME-Version: 1.0\r\n"
					       "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	int fd = memfd_create("mail", MFD_CLOEXEC);

	if (before)
		g_string_append(text, "--b\r\n\r\nSee below.\r\n");
	g_string_append_printf(text,
	    "--b\r\nContent-Type: %s\r\nContent-Disposition: attachment; "
	    "filename=%s\r\n\r\nThe f a l c o n flies.\r\n",
	    type, name);
	for (gsize i = 0; i < size; i++)
		g_string_append_c(text, i % 70 == 69 ? '\n' : letter);
	g_string_append(text, "\r\n--b--\r\n");
	g_assert_true(io_write_all(fd, text->str, text->len, NULL));
	return fd;
}

struct again {
	const char *label;
	const char *type, *name;
	gsize size;
	char letter;
	bool before;
	bool recalled;
};

static void
test_again(gconstpointer data)
{
	const struct again *again = data;
	g_autoptr(dissect) one = fresh();
	g_autoptr(dissect) other = fresh();
	struct cache_counts counts;
	int first = mail("text/plain; charset=utf-8", "a.txt", 5000, 'a', false);
	int second = mail(again->type, again->name, again->size, again->letter, again->before);

	g_free(dissected(one, first, NULL));
	g_autofree char *known = dissected(one, second, NULL);
	g_autofree char *alone = dissected(other, second, NULL);
	g_assert_cmpstr(known, ==, alone);
	dissect_count(one, &counts);
	g_assert_cmpuint(counts.recalled, ==, again->recalled ? 1 : 0);
	close(first);
	close(second);
}

/* A limit that this message has nearly used up is its own affair, not the first one's. */
static void
test_room(void)
{
	struct limits whole = limits;

	limits.text_message = 12000;
	g_autoptr(dissect) one = fresh();
	g_autoptr(dissect) other = fresh();
	int small = mail("text/plain", "a.txt", 9000, 'a', false);
	g_autoptr(GString) text =
	    g_string_new("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
			 "--b\r\n\r\n");
	for (guint i = 0; i < 4000; i++)
		g_string_append_c(text, i % 70 == 69 ? '\n' : 'b');
	g_string_append(text, "\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: "
			      "attachment; filename=a.txt\r\n\r\nThe f a l c o n flies.\r\n");
	for (guint i = 0; i < 9000; i++)
		g_string_append_c(text, i % 70 == 69 ? '\n' : 'a');
	g_string_append(text, "\r\n--b--\r\n");
	int large = memfd_create("mail", MFD_CLOEXEC);
	g_assert_true(io_write_all(large, text->str, text->len, NULL));
	g_free(dissected(one, small, NULL));
	g_autofree char *known = dissected(one, large, NULL);
	g_autofree char *alone = dissected(other, large, NULL);
	g_assert_cmpstr(known, ==, alone);
	g_assert_nonnull(strstr(known, "more text than is looked at"));
	/* And what was cut was not kept either. */
	g_autofree char *once_more = dissected(one, small, NULL);
	g_assert_null(strstr(once_more, "more text than is looked at"));
	close(small);
	close(large);
	limits = whole;
}

/* Bounded: the least recently used goes, and no bytes are left behind. */
static void
test_bounded(void)
{
	struct limits whole = limits;
	struct cache_counts counts;
	int fds[5];

	limits.cache = 300 * 1024;
	g_autoptr(dissect) dissect = fresh();
	for (guint i = 0; i < 5; i++) {
		fds[i] = mail("text/plain", "a.txt", 20000, (char)('a' + i), false);
		g_free(dissected(dissect, fds[i], NULL));
		dissect_count(dissect, &counts);
		g_assert_cmpuint(counts.bytes, <=, limits.cache);
	}
	g_assert_cmpuint(counts.readings, ==, 5);
	g_free(dissected(dissect, fds[4], NULL)); /* the last is there */
	dissect_count(dissect, &counts);
	g_assert_cmpuint(counts.recalled, ==, 1);
	g_free(dissected(dissect, fds[0], NULL)); /* the first had to go */
	dissect_count(dissect, &counts);
	g_assert_cmpuint(counts.readings, ==, 6);
	for (guint i = 0; i < 5; i++)
		close(fds[i]);
	limits = whole;
}

static void
test_off(void)
{
	struct limits whole = limits;
	struct cache_counts counts;

	limits.cache = 0;
	g_autoptr(dissect) dissect = fresh();
	int fd = mail("text/plain", "a.txt", 20000, 'a', false);
	g_free(dissected(dissect, fd, NULL));
	g_free(dissected(dissect, fd, NULL));
	dissect_count(dissect, &counts);
	g_assert_cmpuint(counts.readings, ==, 2);
	g_assert_cmpuint(counts.bytes, ==, 0);
	close(fd);
	limits = whole;
}

/* --- archives within one another --- */

static GByteArray *
zipped(const char *name, const void *content, gsize size)
{
	gsize room = size + 4096, used = 0;
	GByteArray *out = g_byte_array_new();
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	g_byte_array_set_size(out, (guint)room);
	archive_write_set_format_zip(archive);
	archive_write_zip_set_compression_store(archive);
	g_assert_cmpint(archive_write_open_memory(archive, out->data, room, &used), ==, ARCHIVE_OK);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_filetype(entry, AE_IFREG);
	g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
	archive_write_data(archive, content, size);
	g_assert_cmpint(archive_write_close(archive), ==, ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(archive);
	g_byte_array_set_size(out, (guint)used);
	return out;
}

/* A mail whose one part is the bytes, below as many multiparts. */
static char *
carrying(const char *type, const void *bytes, gsize size, guint multiparts)
{
	g_autoptr(GString) out = g_string_new("Subject: x\r\nMIME-Version: 1.0\r\n");
	g_autofree char *coded = g_base64_encode(bytes, size);

	for (guint i = 0; i < multiparts; i++)
		g_string_append_printf(
		    out, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append_printf(out,
	    "Content-Type: %s; name=a\r\nContent-Disposition: attachment; filename=a.zip\r\n",
	    type);
	if (strcmp(type, "message/rfc822") == 0)
		g_string_append_printf(out, "\r\n%s\r\n", (const char *)bytes);
	else
		g_string_append_printf(
		    out, "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", coded);
	for (guint i = multiparts; i-- > 0;)
		g_string_append_printf(out, "--b%u--\r\n", i);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *
dissected_text(struct dissect *dissect, const char *text)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_true(io_write_all(fd, text, strlen(text), NULL));
	char *facts = dissected(dissect, fd, NULL);
	close(fd);
	return facts;
}

/*
 * An archive that was read as a file of a message, however deep in multiparts, is not the same
 * reading when that message lies in an archive itself: limits.archives counts both.
 */
static void
test_archives(void)
{
	struct limits whole = limits;
	g_autoptr(GString) words = g_string_new("The falcon flies.\n");

	limits.archives = 2;
	for (guint i = 0; i < 200; i++)
		g_string_append_printf(words, "%u ", i * 2654435761u);
	g_autoptr(GByteArray) inner = zipped("plan.txt", words->str, words->len);
	g_autoptr(GByteArray) outer = zipped("inner.zip", inner->data, inner->len);
	g_autofree char *within = carrying("application/zip", outer->data, outer->len, 0);
	g_autoptr(GByteArray) around = zipped("offer.eml", within, strlen(within));
	g_autofree char *archived = carrying("application/zip", around->data, around->len, 0);
	g_autoptr(dissect) one = fresh();
	g_autoptr(dissect) other = fresh();
	for (guint multiparts = 0; multiparts < 5; multiparts++) {
		g_autofree char *open = carrying("message/rfc822", within, 0, multiparts);
		g_autofree char *read = dissected_text(one, open);
		g_assert_nonnull(strstr(read, "The falcon flies."));
	}
	g_autofree char *known = dissected_text(one, archived);
	g_autofree char *alone = dissected_text(other, archived);
	g_assert_cmpstr(known, ==, alone);
	g_assert_null(strstr(known, "The falcon flies."));
	g_assert_nonnull(strstr(known, "nested too deep"));
	limits = whole;
}

int
main(int argc, char **argv)
{
	static const struct again agains[] = {
		{ "the same again", "text/plain; charset=utf-8", "a.txt", 5000, 'a', false, true },
		{ "at another place", "text/plain; charset=utf-8", "a.txt", 5000, 'a', true, true },
		{ "other bytes", "text/plain; charset=utf-8", "a.txt", 5000, 'b', false, false },
		{ "one byte more", "text/plain; charset=utf-8", "a.txt", 5001, 'a', false, false },
		{ "another charset", "text/plain; charset=utf-16", "a.txt", 5000, 'a', false,
		    false },
		{ "another type", "text/html; charset=utf-8", "a.txt", 5000, 'a', false, false },
		{ "a name that deceives", "text/plain; charset=utf-8", "a.txt.exe", 5000, 'a',
		    false, false },
	};

	g_test_init(&argc, &argv, NULL);
	limits_default(&limits);
	limits.seconds_per_message = 600; /* sanitizers and valgrind are slow */
	limits.seconds_per_part = 600;
	g_test_add_func("/worker/cache/twice", test_twice);
	for (gsize i = 0; i < G_N_ELEMENTS(agains); i++) {
		g_autofree char *path = g_strconcat("/worker/cache/", agains[i].label, NULL);
		g_test_add_data_func(path, &agains[i], test_again);
	}
	g_test_add_func("/worker/cache/room", test_room);
	g_test_add_func("/worker/cache/archives", test_archives);
	g_test_add_func("/worker/cache/bounded", test_bounded);
	g_test_add_func("/worker/cache/off", test_off);
	return g_test_run();
}
