/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-archive - archives that say one thing and are another: what is in them is read or named,
 * and what they cost is bounded.
 */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

/* --- archives by hand --- */

static void
put(GByteArray *out, guint64 value, guint n)
{
	for (guint i = 0; i < n; i++) {
		guint8 byte = (guint8)(value >> (8 * i));
		g_byte_array_append(out, &byte, 1);
	}
}

static void
put_text(GByteArray *out, const char *text, gsize size)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)size);
}

/* The CRC of ZIP, bit by bit. */
static guint32
checksum(const char *data, gsize size)
{
	guint32 crc = 0xFFFFFFFF;

	for (gsize i = 0; i < size; i++) {
		crc ^= (guint8)data[i];
		for (guint bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

struct member {
	const char *name, *in_directory; /* the second NULL: not named there; "": the same */
	const char *text;
	guint flags;
};

/* What the header of a member and its entry in the directory share: version to sizes. */
static void
put_common(GByteArray *out, const struct member *member)
{
	gsize size = strlen(member->text);

	put(out, 20, 2);
	put(out, member->flags, 2);
	put(out, 0, 2); /* stored */
	put(out, 0x5C210000, 4);
	put(out, checksum(member->text, size), 4);
	put(out, size, 4);
	put(out, size, 4);
}

static GByteArray *
zip(const struct member *members, gsize n_members)
{
	GByteArray *out = g_byte_array_new(), *directory = g_byte_array_new();
	guint n = 0;

	for (gsize i = 0; i < n_members; i++) {
		const struct member *member = &members[i];
		const char *other = member->in_directory;
		guint at = out->len;
		put_text(out, "PK\x03\x04", 4);
		put_common(out, member);
		put(out, strlen(member->name), 2);
		put(out, 0, 2);
		put_text(out, member->name, strlen(member->name));
		put_text(out, member->text, strlen(member->text));
		if (other == NULL)
			continue;
		other = *other != '\0' ? other : member->name;
		put_text(directory, "PK\x01\x02\x14\0", 6);
		put_common(directory, member);
		put(directory, strlen(other), 2);
		put(directory, 0, 8);
		put(directory, 0, 4);
		put(directory, at, 4);
		put_text(directory, other, strlen(other));
		n++;
	}
	guint at = out->len;
	g_byte_array_append(out, directory->data, directory->len);
	put_text(out, "PK\x05\x06\0\0\0\0", 8);
	put(out, n, 2);
	put(out, n, 2);
	put(out, directory->len, 4);
	put(out, at, 4);
	put(out, 0, 2);
	g_byte_array_unref(directory);
	return out;
}

static struct message *
scanned(const struct limits *limits, const char *name, const GByteArray *bytes)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(dissect) dissect = dissect_new(limits, &error);
	g_autofree char *coded = g_base64_encode(bytes->data, bytes->len);
	g_autofree char *mail = g_strdup_printf(
	    "Subject: x\r\nContent-Type: application/octet-stream; name=%s\r\n"
	    "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
	    name, coded);
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_no_error(error);
	g_assert_true(io_write_all(fd, mail, strlen(mail), NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static bool
says(const struct message *message, enum component component, const char *words)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->component == component && strstr(text->data, words) != NULL)
			return true;
	}
	return false;
}

static const struct part *
part_of(const struct message *message, const char *path)
{
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		if (strcmp(part->path, path) == 0)
			return part;
	}
	g_error("no part %s", path);
}

/* One file in a format and filter of libarchive, size bytes of zeros or the text. */
static GByteArray *
packed(const char *format, const char *filter, const char *name, const GByteArray *content)
{
	gsize room = content->len + 1024 * 1024, used = 0;
	GByteArray *out = g_byte_array_sized_new((guint)room);
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	g_byte_array_set_size(out, (guint)room);
	g_assert_cmpint(archive_write_set_format_by_name(archive, format), ==, ARCHIVE_OK);
	if (filter != NULL)
		g_assert_cmpint(archive_write_add_filter_by_name(archive, filter), ==, ARCHIVE_OK);
	g_assert_cmpint(archive_write_open_memory(archive, out->data, room, &used), ==, ARCHIVE_OK);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, content->len);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
	archive_write_data(archive, content->data, content->len);
	g_assert_cmpint(archive_write_close(archive), ==, ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(archive);
	g_byte_array_set_size(out, (guint)used);
	return out;
}

/* --- what two readers see differently --- */

static void
test_directories(void)
{
	static const struct {
		const char *label;
		struct member members[3];
		guint facts;
		const char *content, *name;
	} cases[] = {
		{ "both name both", { { "a.txt", "", "first", 0 }, { "b.txt", "", "falcon", 0 } },
		    0, "falcon", "b.txt" },
		{ "the directory does not name one",
		    { { "a.txt", "", "first", 0 }, { "b.txt", NULL, "falcon", 0 } },
		    FACT_PART_MALFORMED, "falcon", "b.txt" },
		{ "another name in the directory",
		    { { "a.txt", "", "first", 0 }, { "b.txt", "plan.exe", "falcon", 0 } },
		    FACT_PART_MALFORMED, "falcon", "plan.exe" },
		{ "one name twice", { { "b.txt", "", "first", 0 }, { "b.txt", "", "falcon", 0 } },
		    FACT_PART_MALFORMED, "falcon", "b.txt" },
	};
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) bytes = zip(cases[i].members, 2);
		g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
		g_test_message("%s", cases[i].label);
		g_assert_cmphex(
		    part_of(message, "1")->facts & FACT_PART_MALFORMED, ==, cases[i].facts);
		g_assert_true(says(message, COMPONENT_ATTACHMENTS, cases[i].content));
		g_assert_true(says(message, COMPONENT_FILENAMES, cases[i].name));
	}
}

/* What hides in an archive hides no better in one that was compressed as a whole. */
static void
test_compressed(void)
{
	static const struct member members[] = { { "b.txt", "", "first", 0 },
		{ "b.txt", NULL, "falcon", 0 }, { "shut.txt", "", "123456789012ciphertext", 1 } };
	static const char *const filters[] = { "gzip", "bzip2", "xz", "zstd" };
	struct limits limits;

	limits_default(&limits);
	g_autoptr(GByteArray) archive = zip(members, 3);
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
		g_autoptr(GByteArray) bytes = packed("raw", filters[i], "a.zip", archive);
		g_autoptr(message) message = scanned(&limits, "a.zip.z", bytes);
		const struct part *inner = part_of(message, "1/a.zip");
		g_test_message("%s", filters[i]);
		g_assert_cmpint(inner->outcome, ==, PART_ENCRYPTED);
		g_assert_cmphex(inner->facts & FACT_PART_MALFORMED, ==, FACT_PART_MALFORMED);
		g_assert_true(says(message, COMPONENT_ATTACHMENTS, "falcon"));
		g_assert_false(says(message, COMPONENT_ATTACHMENTS, "ciphertext"));
	}
}

/* The archive, with a remark of so many bytes on each member and one on itself. */
static GByteArray *
remarked(const GByteArray *plain, gsize size, const char *last)
{
	GByteArray *out = g_byte_array_new();
	const guint8 *end = plain->data + plain->len - 22;
	gsize directory = end[16] | (gsize)end[17] << 8, at = directory;
	g_autofree char *remark = g_strnfill(size, 'r');

	g_byte_array_append(out, plain->data, (guint)directory);
	while (plain->data + at < end) {
		gsize entry = 46 + (gsize)plain->data[at + 28];
		guint from = out->len;
		g_byte_array_append(out, plain->data + at, (guint)entry);
		out->data[from + 32] = (guint8)size;
		out->data[from + 33] = (guint8)(size >> 8);
		put_text(out, remark, size);
		at += entry;
	}
	gsize directory_size = out->len - directory;
	guint from = out->len;
	g_byte_array_append(out, end, 20);
	for (guint i = 0; i < 4; i++)
		out->data[from + 12 + i] = (guint8)(directory_size >> 8 * i);
	put(out, strlen(last), 2);
	put_text(out, last, strlen(last));
	return out;
}

/* What is written beside members is text as theirs is; more than is looked at is said. */
static void
test_remarks(void)
{
	static const struct member members[] = { { "a", "", "a", 0 }, { "b", "", "b", 0 },
		{ "c", "", "c", 0 }, { "d", "", "d", 0 }, { "e", "", "e", 0 } };
	static const struct {
		const char *label;
		guint n;
		gsize size;
		bool over;
	} cases[] = {
		{ "short ones", 5, 10, false },
		{ "as long as they may be", 3, 65535, false },
		{ "more than is looked at", 5, 65535, true },
	};
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) plain = zip(members, cases[i].n);
		g_autoptr(GByteArray) bytes = remarked(plain, cases[i].size, "the falcon");
		g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
		g_test_message("%s", cases[i].label);
		g_assert_true(says(message, COMPONENT_ATTACHMENTS, "rrrrrrrrrr\n"));
		g_assert_true(
		    says(message, COMPONENT_ATTACHMENTS, "the falcon\n") != cases[i].over);
		g_assert_cmpint(
		    part_of(message, "1")->outcome == PART_OVER_LIMIT, ==, cases[i].over);
	}
}

static void
test_names(void)
{
	static const struct member members[] = { { "../../etc/cron.d/x", "", "a", 0 },
		{ "C:\\start\\run.txt", "", "b", 0 },
		{ "photo\xE2\x80\xAEgpj.exe", "", "c", 0x800 }, { "caf\x82.txt", "", "d", 0 },
		{ "plain.txt", "", "e", 0 } };
	struct limits limits;
	guint disguised = 0;

	limits_default(&limits);
	g_autoptr(GByteArray) bytes = zip(members, G_N_ELEMENTS(members));
	g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
	g_assert_cmpuint(message->parts->len, ==, 6);
	for (guint i = 1; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		g_test_message("%s", part->path);
		g_assert_true(g_utf8_validate(part->path, -1, NULL));
		disguised += (part->facts & FACT_DISGUISED_NAME) != 0;
	}
	g_assert_cmpuint(disguised, ==, 3);
}

/* Members that need a password are named, the others are read. */
static void
test_locked(void)
{
	static const struct member members[] = { { "open.txt", "", "falcon", 0 },
		{ "shut.txt", "", "123456789012ciphertext", 1 } };
	struct limits limits;

	limits_default(&limits);
	g_autoptr(GByteArray) bytes = zip(members, 2);
	g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
	g_assert_cmpint(part_of(message, "1/open.txt")->outcome, ==, PART_READ);
	g_assert_cmpint(part_of(message, "1/shut.txt")->outcome, ==, PART_ENCRYPTED);
	g_assert_cmpint(part_of(message, "1")->outcome, ==, PART_ENCRYPTED);
	g_assert_true(says(message, COMPONENT_FILENAMES, "shut.txt"));
	g_assert_false(says(message, COMPONENT_ATTACHMENTS, "ciphertext"));
}

/* What opens as one thing and is another as well. */
static void
test_behind(void)
{
	static const struct {
		const char *label, *name, *front;
		gsize size;
	} cases[] = {
		{ "behind a picture", "a.gif", "GIF89a\x01\0\x01\0\0\0\0;", 14 },
		{ "behind a PDF", "a.pdf", "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n", 15 },
		{ "a program that unpacks itself", "a.exe",
		    "MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0", 16 },
		{ "blanks in front of a ZIP", "a.bin", "\0\0\0\0\0\0\0\0", 8 },
	};
	static const struct member members[] = { { "plan.txt", "", "falcon", 0 } };
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) archive = zip(members, 1), bytes = g_byte_array_new();
		put_text(bytes, cases[i].front, cases[i].size);
		g_byte_array_append(bytes, archive->data, archive->len);
		g_autoptr(message) message = scanned(&limits, cases[i].name, bytes);
		const struct part *part = part_of(message, "1");
		g_test_message("%s: %s", cases[i].label, part->true_type);
		g_assert_true(says(message, COMPONENT_ATTACHMENTS, "falcon"));
		g_assert_true((part->facts & (FACT_TYPE_MISMATCH | FACT_EXECUTABLE)) != 0);
	}
}

/* --- what costs more than it weighs --- */

static void
test_formats(void)
{
	static const struct {
		const char *format, *filter;
	} cases[] = { { "zip", NULL }, { "7zip", NULL }, { "pax", NULL }, { "gnutar", "gzip" },
		{ "ustar", "bzip2" }, { "ustar", "xz" }, { "ustar", "zstd" }, { "ustar", "lz4" },
		{ "ustar", "lzma" }, { "ustar", "compress" }, { "ustar", "lzip" }, { "newc", NULL },
		{ "iso9660", NULL }, { "arbsd", NULL }, { "raw", "gzip" }, { "raw", "xz" },
		{ "raw", "lz4" }, { "raw", "compress" } };
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) text = g_byte_array_new();
		for (guint n = 0; n < 20; n++)
			put_text(text, "words about the falcon\n", 23);
		g_autoptr(GByteArray) bytes =
		    packed(cases[i].format, cases[i].filter, "plan.txt", text);
		g_autoptr(message) message = scanned(&limits, "a.bin", bytes);
		g_test_message("%s %s: %s", cases[i].format, cases[i].filter,
		    part_of(message, "1")->true_type);
		g_assert_true(says(message, COMPONENT_ATTACHMENTS, "falcon"));
		g_assert_cmpint(message->outcome, ==, OUTCOME_SCANNED);
	}
}

static void
test_bombs(void)
{
	struct limits limits;
	g_autoptr(GByteArray) zeros = g_byte_array_new();

	limits_default(&limits);
	limits.unpacked = 64 * 1024 * 1024;
	g_byte_array_set_size(zeros, 24 * 1024 * 1024);
	memset(zeros->data, 0, zeros->len);
	g_autoptr(GByteArray) flat = packed("zip", NULL, "zeros", zeros);
	g_autoptr(GByteArray) single = packed("raw", "gzip", "zeros", zeros);
	const GByteArray *both[] = { flat, single };
	for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
		g_autoptr(message) message = scanned(&limits, "a.bin", both[i]);
		g_test_message("%u bytes: %s", both[i]->len, part_of(message, "1")->detail);
		g_assert_cmpint(part_of(message, "1")->outcome, ==, PART_OVER_LIMIT);
		g_assert_true((part_of(message, "1")->facts & FACT_ARCHIVE_BOMB) != 0);
		g_assert_cmpint(message->outcome, ==, OUTCOME_PARTIAL);
	}
}

/* Two members of one directory that are the same bytes. */
static void
test_overlap(void)
{
	static const struct member members[] = { { "a.txt", "", "falcon", 0 },
		{ "b.txt", "", "second", 0 } };
	struct limits limits;

	limits_default(&limits);
	g_autoptr(GByteArray) bytes = zip(members, 2);
	guint8 *last = bytes->data + bytes->len - 22 - 46 - 5;
	g_assert_cmpmem(last, 4, "PK\x01\x02", 4);
	memset(last + 42, 0, 4);
	g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
	const struct part *part = part_of(message, "1");
	g_assert_cmpint(part->outcome, ==, PART_OVER_LIMIT);
	g_assert_true((part->facts & FACT_ARCHIVE_BOMB) != 0);
	g_assert_true(says(message, COMPONENT_ATTACHMENTS, "second"));
}

static void
test_nested(void)
{
	struct limits limits;
	GByteArray *bytes = g_byte_array_new();

	limits_default(&limits);
	put_text(bytes, "words about the falcon\n", 23);
	for (guint i = 0; i <= limits.archives; i++) {
		GByteArray *outer = packed("zip", NULL, i == 0 ? "plan.txt" : "a.zip", bytes);
		g_byte_array_unref(bytes);
		bytes = outer;
		g_autoptr(message) message = scanned(&limits, "a.zip", bytes);
		bool fits = i < limits.archives;
		g_assert_cmpint(message->outcome, ==, fits ? OUTCOME_SCANNED : OUTCOME_PARTIAL);
		g_assert_cmpint(says(message, COMPONENT_ATTACHMENTS, "falcon"), ==, fits);
		const struct part *last = message->parts->pdata[message->parts->len - 1];
		g_assert_cmpint((last->facts & FACT_ARCHIVE_TOO_DEEP) != 0, ==, !fits);
	}
	g_byte_array_unref(bytes);
}

/* Behind the mark that ends one archive stands another, which tar -i reads. */
static void
test_two_tars(void)
{
	struct limits limits;
	g_autoptr(GByteArray) text = g_byte_array_new();

	limits_default(&limits);
	put_text(text, "words about the falcon\n", 23);
	g_autoptr(GByteArray) both = packed("ustar", NULL, "one.txt", text);
	text->data[0] = 'W';
	g_autoptr(GByteArray) behind = packed("ustar", NULL, "two.txt", text);
	g_byte_array_append(both, behind->data, behind->len);
	g_autoptr(message) message = scanned(&limits, "a.tar", both);
	g_assert_cmpint(message->outcome, ==, OUTCOME_SCANNED);
	g_assert_true(says(message, COMPONENT_ATTACHMENTS, "words about the falcon"));
	g_assert_true(says(message, COMPONENT_ATTACHMENTS, "Words about the falcon"));
}

/* A file of eight million million bytes of which the archive holds one. */
static void
test_sparse(void)
{
	struct limits limits;
	guint8 room[20480];
	size_t used = 0;
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	la_int64_t size = G_GINT64_CONSTANT(1) << 43;

	limits_default(&limits);
	limits.unpacked = 64 * 1024 * 1024;
	archive_write_set_format_pax(archive);
	archive_write_open_memory(archive, room, sizeof room, &used);
	archive_entry_set_pathname(entry, "plan.txt");
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_size(entry, size);
	archive_entry_sparse_add_entry(entry, size - 512, 512);
	g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
	guint8 data[512] = "falcon";
	/* As the writer sees it, the hole is written too; it is the end that counts. */
	archive_write_data(archive, data, sizeof data);
	archive_entry_free(entry);
	archive_write_free(archive);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_byte_array_append(bytes, room, (guint)MAX(used, 10240));
	g_autoptr(message) message = scanned(&limits, "a.tar", bytes);
	g_test_message("%s", part_of(message, "1")->detail);
	g_assert_cmpint(message->outcome, ==, OUTCOME_PARTIAL);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/archive/directories", test_directories);
	g_test_add_func("/worker/archive/compressed", test_compressed);
	g_test_add_func("/worker/archive/remarks", test_remarks);
	g_test_add_func("/worker/archive/names", test_names);
	g_test_add_func("/worker/archive/locked", test_locked);
	g_test_add_func("/worker/archive/behind", test_behind);
	g_test_add_func("/worker/archive/formats", test_formats);
	g_test_add_func("/worker/archive/bombs", test_bombs);
	g_test_add_func("/worker/archive/overlap", test_overlap);
	g_test_add_func("/worker/archive/nested", test_nested);
	g_test_add_func("/worker/archive/two-tars", test_two_tars);
	g_test_add_func("/worker/archive/sparse", test_sparse);
	return g_test_run();
}
