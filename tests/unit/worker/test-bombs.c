/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-bombs - files that cost more than they weigh, or claim to: each ends in a named outcome,
 * and its message is partial.
 *
 * With BOMBS_WRITE set to a folder, writes the mails there, for the whole program to be tried on.
 */
#include "kit.h"

#include <gio/gio.h>

#define MIB (1024 * 1024)

/* --- bytes --- */

static void
put(GByteArray *out, guint64 value, guint n)
{
	for (guint i = 0; i < n; i++, value >>= 8) {
		guint8 byte = (guint8)value;
		g_byte_array_append(out, &byte, 1);
	}
}

static void
put_bytes(GByteArray *out, const void *bytes, gsize size)
{
	g_byte_array_append(out, bytes, (guint)size);
}

static void
put_all(GByteArray *out, const GByteArray *bytes)
{
	g_byte_array_append(out, bytes->data, bytes->len);
}

static guint32
checksum(const guint8 *data, gsize size)
{
	guint32 crc = 0xFFFFFFFF;

	for (gsize i = 0; i < size; i++) {
		crc ^= data[i];
		for (guint bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static GByteArray *
squeezed(GZlibCompressorFormat format, const guint8 *data, gsize size)
{
	g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new(format, 9);
	GByteArray *out = g_byte_array_new();
	GConverterResult result = G_CONVERTER_CONVERTED;
	gsize from = 0;

	while (result != G_CONVERTER_FINISHED) {
		guint8 room[64 * 1024];
		gsize taken = 0, given = 0;
		result = g_converter_convert(G_CONVERTER(compressor), data + from, size - from,
		    room, sizeof room, G_CONVERTER_INPUT_AT_END, &taken, &given, NULL);
		g_assert_cmpint(result, !=, G_CONVERTER_ERROR);
		put_bytes(out, room, given);
		from += taken;
	}
	return out;
}

static GByteArray *
zeros(GZlibCompressorFormat format, gsize size)
{
	g_autofree guint8 *data = g_malloc0(size);

	return squeezed(format, data, size);
}

static GByteArray *
repeated(const GByteArray *bytes, guint times)
{
	GByteArray *out = g_byte_array_new();

	for (guint i = 0; i < times; i++)
		put_all(out, bytes);
	return out;
}

/* --- ZIP --- */

struct zip {
	GByteArray *out, *directory;
	guint n;
};

struct member {
	const char *name;
	const GByteArray *packed; /* deflated, or stored */
	gsize size;
	guint32 crc;
	bool stored;
};

static void
put_common(GByteArray *out, const struct member *member)
{
	put(out, 20, 2);
	put(out, 0, 2);
	put(out, member->stored ? 0 : 8, 2);
	put(out, 0x5C210000, 4);
	put(out, member->crc, 4);
	put(out, member->packed->len, 4);
	put(out, member->size, 4);
	put(out, strlen(member->name), 2);
}

static void
put_header(GByteArray *out, const struct member *member)
{
	put_bytes(out, "PK\x03\x04", 4);
	put_common(out, member);
	put(out, 0, 2);
	put_bytes(out, member->name, strlen(member->name));
}

static void
name_in_directory(struct zip *zip, const struct member *member, guint at)
{
	put_bytes(zip->directory, "PK\x01\x02\x14\0", 6);
	put_common(zip->directory, member);
	put(zip->directory, 0, 12);
	put(zip->directory, at, 4);
	put_bytes(zip->directory, member->name, strlen(member->name));
	zip->n++;
}

static void
zip_add(struct zip *zip, const struct member *member)
{
	name_in_directory(zip, member, zip->out->len);
	put_header(zip->out, member);
	put_all(zip->out, member->packed);
}

static struct zip
zip_begin(void)
{
	return (struct zip){ g_byte_array_new(), g_byte_array_new(), 0 };
}

static GByteArray *
zip_end(struct zip *zip)
{
	guint at = zip->out->len;

	put_all(zip->out, zip->directory);
	put_bytes(zip->out, "PK\x05\x06\0\0\0\0", 8);
	put(zip->out, zip->n, 2);
	put(zip->out, zip->n, 2);
	put(zip->out, zip->directory->len, 4);
	put(zip->out, at, 4);
	put(zip->out, 0, 2);
	g_byte_array_unref(zip->directory);
	return zip->out;
}

static GByteArray *
build_flat(void)
{
	struct zip zip = zip_begin();
	g_autoptr(GByteArray) packed = zeros(G_ZLIB_COMPRESSOR_FORMAT_RAW, 24 * MIB);

	zip_add(&zip, &(struct member){ "zeros", packed, 24 * MIB, 0, false });
	return zip_end(&zip);
}

/* width archives in each of levels archives; the innermost hold that many bytes of zeros. */
static GByteArray *
nested(guint levels, guint width, gsize leaf)
{
	g_autoptr(GByteArray) inner = zeros(G_ZLIB_COMPRESSOR_FORMAT_RAW, leaf);
	gsize size = leaf;
	guint32 crc = 0; /* wrong for the innermost, of which the end is not reached */

	for (guint level = 0;; level++) {
		struct zip zip = zip_begin();
		for (guint i = 0; i < width; i++) {
			g_autofree char *name =
			    g_strdup_printf(level == 0 ? "%u.dat" : "%u.zip", i);
			zip_add(&zip, &(struct member){ name, inner, size, crc, false });
		}
		g_autoptr(GByteArray) outer = zip_end(&zip);
		if (level + 1 == levels)
			return g_steal_pointer(&outer);
		g_byte_array_unref(inner);
		inner = squeezed(G_ZLIB_COMPRESSOR_FORMAT_RAW, outer->data, outer->len);
		size = outer->len;
		crc = checksum(outer->data, outer->len);
	}
}

static GByteArray *
build_nested(void)
{
	return nested(6, 10, MIB);
}

static GByteArray *
build_forty_two(void)
{
	return nested(5, 16, 20 * MIB);
}

static GByteArray *
build_too_deep(void)
{
	return nested(12, 1, 100);
}

/* 250 names, one header, one content. */
static GByteArray *
build_overlap_full(void)
{
	struct zip zip = zip_begin();
	g_autoptr(GByteArray) packed = zeros(G_ZLIB_COMPRESSOR_FORMAT_RAW, MIB);
	struct member member = { "kernel", packed, MIB, 0xA738EA1C, false };

	zip_add(&zip, &member);
	for (guint i = 0; i < 250; i++) {
		g_autofree char *name = g_strdup_printf("%05u", i);
		member.name = name;
		name_in_directory(&zip, &member, 0);
	}
	return zip_end(&zip);
}

/*
 * Each content is all headers that follow, quoted in stored blocks of deflate, and the one kernel
 * behind the last: every table is right, and nothing differs.
 */
static GByteArray *
build_overlap_quoted(void)
{
	guint n = 60;
	struct zip zip = zip_begin();
	g_autofree struct member *members = g_new0(struct member, n);
	g_autoptr(GPtrArray) owned =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	GByteArray *packed = zeros(G_ZLIB_COMPRESSOR_FORMAT_RAW, MIB / 8);
	g_autoptr(GByteArray) plain = g_byte_array_new();

	g_byte_array_set_size(plain, MIB / 8);
	memset(plain->data, 0, plain->len);
	g_ptr_array_add(owned, packed);
	for (guint i = n; i-- > 0;) {
		g_ptr_array_add(names, g_strdup_printf("%05u", i));
		members[i] = (struct member){ names->pdata[n - 1 - i], packed, plain->len,
			checksum(plain->data, plain->len), false };
		if (i == 0)
			break;
		g_autoptr(GByteArray) header = g_byte_array_new();
		put_header(header, &members[i]);
		g_byte_array_prepend(plain, header->data, header->len);
		GByteArray *longer = g_byte_array_new();
		put(longer, 0, 1);
		put(longer, header->len, 2);
		put(longer, ~header->len, 2);
		put_all(longer, header);
		put_all(longer, packed);
		g_ptr_array_add(owned, longer);
		packed = longer;
	}
	put_header(zip.out, &members[0]);
	put_all(zip.out, packed);
	guint at = 0;
	for (guint i = 0; i < n; i++) {
		name_in_directory(&zip, &members[i], at);
		at += 30 + (guint)strlen(members[i].name) + 5;
	}
	return zip_end(&zip);
}

/* Sizes that stand in the extra field (APPNOTE.TXT section 4.5.3), and are of no archive. */
static GByteArray *
build_zip64(void)
{
	GByteArray *out = g_byte_array_new();

	for (guint i = 0; i < 2; i++) {
		put_bytes(out, i == 0 ? "PK\x03\x04" : "PK\x01\x02\x2D\0", i == 0 ? 4 : 6);
		put_bytes(out, "\x2D\0\0\0\0\0\0\0\x21\x5C\0\0\0\0", 14);
		put(out, 0xFFFFFFFFFFFFFFFF, 8);
		put(out, 8, 2);
		put(out, i == 0 ? 20 : 28, 2);
		put(out, 0, i == 0 ? 0 : 10);
		if (i == 1)
			put(out, 0xFFFFFFFF, 4);
		put_bytes(out, "plan.txt", 8);
		put(out, 1, 2);
		put(out, i == 0 ? 16 : 24, 2);
		put(out, G_MAXINT64, 8);
		put(out, G_MAXINT64 - 1, 8);
		if (i == 1)
			put(out, G_GUINT64_CONSTANT(1) << 62, 8);
		else
			put_bytes(out, "falcon", 6);
	}
	put_bytes(out, "PK\x05\x06\0\0\0\0\1\0\1\0", 12);
	put(out, 46 + 8 + 28, 4);
	put(out, 30 + 8 + 20 + 6, 4);
	put(out, 0, 2);
	return out;
}

static GByteArray *
named(char letter, gsize size, bool folders)
{
	struct zip zip = zip_begin();
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autofree char *name = g_malloc(size + 1);

	put_bytes(text, "falcon", 6);
	memset(name, letter, size);
	for (gsize i = 1; folders && i < size; i += 2)
		name[i] = '/';
	name[size - 1] = 'z';
	name[size] = '\0';
	zip_add(&zip, &(struct member){ name, text, 6, checksum(text->data, 6), true });
	return zip_end(&zip);
}

static GByteArray *
build_long_name(void)
{
	return named('n', 65535, false);
}

static GByteArray *
build_many_folders(void)
{
	return named('d', 20001, true);
}

/* --- compressed files --- */

/* A gigabyte of zeros, packed, and packed once more. */
static GByteArray *
build_gzip(void)
{
	g_autoptr(GByteArray) one = zeros(G_ZLIB_COMPRESSOR_FORMAT_GZIP, MIB);
	g_autoptr(GByteArray) all = repeated(one, 1024);

	return squeezed(G_ZLIB_COMPRESSOR_FORMAT_GZIP, all->data, all->len);
}

static GByteArray *
bytes_of(const void *bytes, gsize size)
{
	GByteArray *out = g_byte_array_new();

	put_bytes(out, bytes, size);
	return out;
}

/*
 * LZMA2 in a block that asks for 4 GiB - 1 (xz-file-format section 5.3.1). Without a limit of
 * memory, as here, that is given, and the nonsense behind it found; a worker has one.
 */
static GByteArray *
build_xz(void)
{
	GByteArray *out = bytes_of("\xFD"
				   "7zXZ\0\0\0",
	    8);
	static const guint8 block[] = { 2, 0, 0x21, 1, 40, 0, 0, 0 };

	put(out, checksum((const guint8 *)"\0\0", 2), 4);
	put_bytes(out, block, sizeof block);
	put(out, checksum(block, sizeof block), 4);
	put_bytes(out,
	    "\x01\0\x05"
	    "falcon\0",
	    10);
	return out;
}

/* A frame whose window is 4 GiB (RFC 8878 section 3.1.1.1.2). */
static GByteArray *
build_zstd(void)
{
	return bytes_of("\x28\xB5\x2F\xFD\0\xB0\x31\0\0falcon", 15);
}

/* .lzma: the largest dictionary that its readers take for one, and a size that is not told. */
static GByteArray *
build_lzma(void)
{
	return bytes_of("\x5D\0\0\0\xC0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0\0\0", 23);
}

/* One LZMA stream with a dictionary of 4 GiB - 1 that gives 1 GiB. */
static GByteArray *
build_7z(void)
{
	static const guint8 header[] = { 1, 4, 6, 0, 1, 9, 16, 0, 7, 0x0B, 1, 0, 1, 0x23, 3, 1, 1,
		5, 0x5D, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0xF0, 0, 0, 0, 0x40, 0, 8, 0, 0, 5, 1, 0x11,
		5, 0, 'a', 0, 0, 0, 0, 0 };
	GByteArray *out = bytes_of("7z\xBC\xAF\x27\x1C\0\4", 8);
	g_autoptr(GByteArray) start = g_byte_array_new();

	put(start, 16, 8);
	put(start, sizeof header, 8);
	put(start, checksum(header, sizeof header), 4);
	put(out, checksum(start->data, start->len), 4);
	put_all(out, start);
	put(out, 0, 16);
	put_bytes(out, header, sizeof header);
	return out;
}

/* --- tar --- */

/* size: the twelve bytes of the field. */
static void
put_tar(GByteArray *out, const char *name, const char *size, char kind)
{
	guint8 header[512] = { 0 };
	guint sum = 0;

	g_strlcpy((char *)header, name, 100);
	memcpy(header + 100, "0000644\0000000000\0000000000", 23);
	memcpy(header + 124, size, 12);
	memcpy(header + 136, "15150000000\0        ", 20);
	header[156] = (guint8)kind;
	memcpy(header + 257, "ustar\00000", 8);
	for (gsize i = 0; i < sizeof header; i++)
		sum += header[i];
	g_snprintf((char *)header + 148, 7, "%06o", sum);
	put_bytes(out, header, sizeof header);
}

static GByteArray *
build_tar(const char *size)
{
	GByteArray *out = g_byte_array_new();

	put_tar(out, "plan.txt", size, '0');
	put_bytes(out, "falcon", 6);
	put(out, 0, 506);
	return out;
}

static GByteArray *
build_tar_large(void)
{
	return build_tar("77777777777");
}

static GByteArray *
build_tar_less_than_none(void)
{
	return build_tar("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
}

static GByteArray *
build_tar_exabytes(void)
{
	return build_tar("\x80\0\0\0\x40\0\0\0\0\0\0\0");
}

static GByteArray *
build_sparse(void)
{
	GByteArray *out = g_byte_array_new();
	static const char pax[] =
	    "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
	    "27 GNU.sparse.name=plan.txt\n38 GNU.sparse.realsize=8796093022208\n";
	static const char map[] = "1\n8796093021696\n512\n";

	g_autofree char *size = g_strdup_printf("%011zo", sizeof pax - 1);
	put_tar(out, "pax", size, 'x');
	put_bytes(out, pax, sizeof pax - 1);
	put(out, 0, 0);
	g_byte_array_set_size(out, 1024);
	memset(out->data + 512 + sizeof pax - 1, 0, 512 - (sizeof pax - 1));
	put_tar(out, "plan.txt", "00000002000", '0');
	put_bytes(out, map, sizeof map - 1);
	gsize held = out->len;
	g_byte_array_set_size(out, 3072);
	memset(out->data + held, 0, 3072 - held);
	memcpy(out->data + 2048, "falcon", 6);
	guint end = out->len;
	g_byte_array_set_size(out, end + 1024);
	memset(out->data + end, 0, 1024);
	return out;
}

/* A million members of nothing. */
static GByteArray *
million(char kind)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();

	for (guint i = 0; i < 1000; i++) {
		g_autofree char *name = g_strdup_printf("%03u", i);
		put_tar(tar, name, "00000000000", kind);
	}
	g_autoptr(GByteArray) packed = squeezed(G_ZLIB_COMPRESSOR_FORMAT_GZIP, tar->data, tar->len);
	g_autoptr(GByteArray) all = repeated(packed, 1000);
	return squeezed(G_ZLIB_COMPRESSOR_FORMAT_GZIP, all->data, all->len);
}

static GByteArray *
build_million_files(void)
{
	return million('0');
}

static GByteArray *
build_million_folders(void)
{
	return million('5');
}

/* --- cab and rar --- */

static GByteArray *
build_cab(void)
{
	GByteArray *out = bytes_of("MSCF\0\0\0\0", 8);

	put(out, 36 + 8 + 16 + 9 + 8 + 6, 4);
	put(out, 0, 4);
	put(out, 44, 4);
	put(out, 0, 4);
	put(out, 0x0103, 2);
	put(out, 1, 2);
	put(out, 1, 2);
	put(out, 0, 6);
	put(out, 44 + 25, 4); /* of the folder: where its data begin, how many, stored */
	put(out, 0xFFFF, 2);
	put(out, 0, 2);
	put(out, 0x7FFF0000, 4); /* of the file: its size */
	put(out, 0, 4);
	put(out, 0, 2);
	put(out, 0x5C21, 2);
	put(out, 0, 2);
	put(out, 0x20, 2);
	put_bytes(out, "plan.txt", 9);
	put(out, 0, 4);
	put(out, 6, 2);
	put(out, 6, 2);
	put_bytes(out, "falcon", 6);
	return out;
}

static GByteArray *
build_rar3(void)
{
	GByteArray *out = bytes_of("Rar!\x1A\x07\0", 7);
	g_autoptr(GByteArray) header = g_byte_array_new();

	put_bytes(out, "\xCF\x90\x73\0\0\x0D\0\0\0\0\0\0\0", 13);
	put(header, 0x74, 1);
	put(header, 0x8100, 2); /* sizes of eight bytes */
	put(header, 32 + 8 + 8, 2);
	put(header, 0xFFFFFFFF, 4);
	put(header, 0xFFFFFFFF, 4);
	put(header, 3, 1);
	put(header, 0, 4);
	put(header, 0x5C210000, 4);
	put(header, 20, 1);
	put(header, 0x30, 1); /* stored */
	put(header, 8, 2);
	put(header, 0x20, 4);
	put(header, 0x7FFFFFFF, 4);
	put(header, 0x7FFFFFFF, 4);
	put_bytes(header, "plan.txt", 8);
	put(out, checksum(header->data, header->len) & 0xFFFF, 2);
	put_all(out, header);
	put_bytes(out, "falcon", 6);
	return out;
}

static void
put_rar5(GByteArray *out, const guint8 *header, gsize size)
{
	g_autoptr(GByteArray) all = g_byte_array_new();

	put(all, size, 1);
	put_bytes(all, header, size);
	put(out, checksum(all->data, all->len), 4);
	put_all(out, all);
}

static GByteArray *
build_rar5(void)
{
	static const guint8 archive[] = { 1, 0, 0 };
	static const guint8 file[] = { 2, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 0,
		0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 0x20, 0, 1, 8, 'p', 'l', 'a', 'n',
		'.', 't', 'x', 't' };
	GByteArray *out = bytes_of("Rar!\x1A\x07\1\0", 8);

	put_rar5(out, archive, sizeof archive);
	put_rar5(out, file, sizeof file);
	put_bytes(out, "falcon", 6);
	return out;
}

/* --- each by its name --- */

#define OVER "over-limit: unpacks to more than is looked at; archive-bomb"

static const struct bomb {
	const char *label, *name;
	GByteArray *(*build)(void);
	const char *wants[KIT_WANTS]; /* besides "message partial" */
} bombs[] = {
	{ "flat", "flat.zip", build_flat, { "part 2 [flat.zip]", OVER } },
	{ "a million files of a megabyte, six archives deep", "nested.zip", build_nested,
	    { OVER } },
	{ "sixteen in sixteen, five deep, as 42.zip is", "42.zip", build_forty_two, { OVER } },
	{ "twelve archives within one another", "deep.zip", build_too_deep,
	    { "over-limit: nested too deep; archive-too-deep" } },
	{ "many names for one content", "full.zip", build_overlap_full,
	    { "over-limit: members that share bytes;", "archive-bomb" } },
	{ "contents that quote one another", "quoted.zip", build_overlap_quoted,
	    { "over-limit: members that share bytes;", "archive-bomb" } },
	{ "sizes of zip64 that no disk has", "zip64.zip", build_zip64,
	    { "broken: ", "malformed" } },
	{ "a name of 64 KB", "name.zip", build_long_name,
	    { "over-limit: a name longer than is looked at", "attachments of 2/nnn" } },
	{ "ten thousand directories within one another", "folders.zip", build_many_folders,
	    { "over-limit: a name longer than is looked at", "attachments of 2/d/d/" } },
	{ "a gigabyte of nothing in a few kilobytes", "zeros.gz", build_gzip, { OVER } },
	{ "an xz that asks for 4 GiB", "a.xz", build_xz, { "part 2 [a.xz]", "malformed" } },
	{ "a zstd that asks for 4 GiB", "a.zst", build_zstd,
	    { "over-limit: Zstd decompression failed: Frame requires too much memory",
		"archive-bomb" } },
	{ "an lzma that asks for 3 GiB", "a.lzma", build_lzma,
	    { "broken: not readable as an archive; malformed" } },
	{ "a 7z that asks for 4 GiB", "a.7z", build_7z, { "part 2/a [a]" } },
	{ "a tar that says eight gigabytes", "large.tar", build_tar_large, { "broken: " } },
	{ "a tar that says less than nothing", "less.tar", build_tar_less_than_none,
	    { "broken: ", "malformed" } },
	{ "a tar of exabytes", "exabytes.tar", build_tar_exabytes, { "broken: " } },
	{ "eight terabytes that are one hole", "sparse.tar", build_sparse, { OVER } },
	{ "a million files of nothing", "files.gz", build_million_files,
	    { "too-many-parts", "over-limit: more files within than are looked at" } },
	{ "a million directories", "folders.gz", build_million_folders,
	    { "over-limit: more members than are looked at; archive-bomb" } },
	{ "a cab that says 2 GiB", "a.cab", build_cab, { "broken: " } },
	{ "a rar 3 of exabytes", "3.rar", build_rar3, { "broken: " } },
	{ "a rar 5 of exabytes", "5.rar", build_rar5, { "broken: " } },
};

static void
test_bomb(gconstpointer data)
{
	const struct bomb *bomb = data;
	struct limits limits;
	g_autoptr(GByteArray) bytes = bomb->build();
	g_autofree char *fields =
	    g_strdup_printf("Content-Type: application/octet-stream\r\n"
			    "Content-Disposition: attachment; filename=%s\r\n",
		bomb->name);
	GString *mail = kit_mail(fields, bytes->data, bytes->len);

	if (g_getenv("BOMBS_WRITE") != NULL) {
		g_autofree char *path =
		    g_strdup_printf("%s/%s.eml", g_getenv("BOMBS_WRITE"), bomb->name);
		g_assert_true(g_file_set_contents(path, mail->str, (gssize)mail->len, NULL));
	}
	limits_default(&limits);
	limits.seconds_per_message = 600;
	limits.seconds_per_part = 600;
	limits.unpacked = 48 * MIB;
	g_autoptr(message) message = kit_dissect(&limits, mail->str, mail->len);
	g_string_free(mail, TRUE);
	g_autofree char *dump = kit_dump(message);
	g_test_message("%u bytes, %u parts: %.300s", bytes->len, message->parts->len,
	    strstr(dump, "\npart 2"));
	g_assert_cmpint(message->outcome, ==, OUTCOME_PARTIAL);
	kit_expect(bomb->label, dump, bomb->wants);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(bombs); i++) {
		g_autofree char *path = g_strconcat("/worker/bombs/", bombs[i].label, NULL);
		g_test_add_data_func(path, &bombs[i], test_bomb);
	}
	return g_test_run();
}
