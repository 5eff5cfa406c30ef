/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-ocr - pictures: measured before anything is decoded, read for text where that is built in.
 */
#include "worker/ocr.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"
#include "worker/picture.h"

#define BYTES(text) (const guint8 *)(text), sizeof(text) - 1

static const struct {
	const char *label, *type;
	const guint8 *bytes;
	gsize size;
	enum picture_result result;
	guint64 pixels;
	guint frames;
} headers[] = {
	{ "a PNG that claims four thousand million pixels", "image/png",
	    BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xFF\xFF\0\0\xFF\xFF\x08\x06"),
	    PICTURE_MEASURED, G_GUINT64_CONSTANT(65535) * 65535, 1 },
	{ "a PNG of no width", "image/png",
	    BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\x01"), PICTURE_BROKEN, 0, 0 },
	{ "a PNG that begins with something else", "image/png",
	    BYTES("\x89PNG\r\n\x1a\n\0\0\0\rtEXt\0\0\0\x01\0\0\0\x01"), PICTURE_BROKEN, 0, 0 },
	{ "a PNG of which only the signature came", "image/png", BYTES("\x89PNG\r\n\x1a\n"),
	    PICTURE_UNKNOWN, 0, 0 },
	{ "the size of a JPEG stands behind other segments", "image/jpeg",
	    BYTES("\xFF\xD8\xFF\xE0\0\x04JF\xFF\xFF\xC2\0\x11\x08\0\x10\0\x20\x03"),
	    PICTURE_MEASURED, 512, 1 },
	{ "a JPEG with pixels and no size", "image/jpeg", BYTES("\xFF\xD8\xFF\xDA\0\x08\x01\x01"),
	    PICTURE_BROKEN, 0, 0 },
	{ "a segment that goes back is no segment", "image/jpeg",
	    BYTES("\xFF\xD8\xFF\xE0\0\0\xFF\xC0\0\x11\x08\0\x10\0\x20\x03"), PICTURE_BROKEN, 0, 0 },
	{ "frames of a GIF count on their own", "image/gif",
	    BYTES("GIF89a\x02\0\x02\0\0\0\0" /* two frames, the second large */
		  "\x2C\0\0\0\0\x02\0\x02\0\0\x02\x01\x44\0"
		  "\x2C\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\x01\x44\0;"),
	    PICTURE_MEASURED, 4 + 4 + G_GUINT64_CONSTANT(65535) * 65535, 2 },
	{ "a BMP from the top has a height below nothing", "image/bmp",
	    BYTES("BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\x10\0\0\0\xF0\xFF\xFF\xFF"),
	    PICTURE_MEASURED, 256, 1 },
	{ "the least height that there is", "image/bmp",
	    BYTES("BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\x01\0\0\0\0\0\0\x80"), PICTURE_MEASURED,
	    G_GUINT64_CONSTANT(1) << 31, 1 },
	{ "a TIFF whose directory is its own next", "image/tiff",
	    BYTES(
		"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x04\0\0\0\x01\x01\x03\0\x01\0\0\0\x05"
		"\0\0\0\x08\0\0\0"),
	    PICTURE_MEASURED, 20, PICTURE_FRAMES_MAX },
	{ "a TIFF whose directory lies outside", "image/tiff", BYTES("II*\0\xFF\xFF\xFF\xFF"),
	    PICTURE_UNKNOWN, 0, 0 },
	{ "WebP, with room for more", "image/webp",
	    BYTES("RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF"),
	    PICTURE_MEASURED, G_GUINT64_CONSTANT(1) << 48, 1 },
	{ "a kind without a reader", "image/heic",
	    BYTES("\0\0\0\x18"
		  "ftypheic"),
	    PICTURE_UNKNOWN, 0, 0 },
};

static void
test_headers(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
		struct picture picture;
		/* Of their own, so that a look beyond the end is seen. */
		g_autofree guint8 *copy = g_memdup2(headers[i].bytes, headers[i].size);
		g_test_message("%s", headers[i].label);
		g_assert_cmpint(picture_measure(headers[i].type, copy, headers[i].size, &picture),
		    ==, headers[i].result);
		if (headers[i].result != PICTURE_MEASURED)
			continue;
		g_assert_cmpuint(picture.pixels, ==, headers[i].pixels);
		g_assert_cmpuint(picture.frames, ==, headers[i].frames);
	}
}

static struct message *
dissected(const struct limits *limits, int fd, const char *languages)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(dissect) dissect = dissect_new(limits, &error);
	struct reading reading = { "" };

	g_assert_no_error(error);
	g_strlcpy(reading.ocr_languages, languages, sizeof reading.ocr_languages);
	g_assert_true(dissect_set_reading(dissect, &reading, &error));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static int
open_mail(void)
{
	g_autofree char *path =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "tests", "mail", "pictures.eml", NULL);

	return open(path, O_RDONLY | O_CLOEXEC);
}

static const struct text *
text_of(const struct message *message, guint part)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->part == part && text->component == COMPONENT_ATTACHMENTS)
			return text;
	}
	return NULL;
}

static void
test_every_format(void)
{
	struct limits limits;

	if (!ocr_is_built()) {
		g_test_skip("built without FLAGPOST_OCR");
		return;
	}
	limits_default(&limits);
	limits.seconds_per_message = 600;
	limits.seconds_per_picture = 600;
	g_autoptr(message) message = dissected(&limits, open_mail(), "eng");
	g_assert_cmpint(message->outcome, ==, OUTCOME_SCANNED);
	for (guint i = 1; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		const struct text *text = text_of(message, i);
		g_test_message("%s: %s", part->name, text != NULL ? text->data : "nothing");
		g_assert_cmpint(part->outcome, ==, PART_READ);
		g_assert_nonnull(text);
		g_assert_nonnull(strstr(text->data, "Project Falcon"));
		g_assert_nonnull(strstr(text->data, "17.50"));
		if (g_str_has_suffix(part->name, ".tif")) /* both pages */
			g_assert_nonnull(strstr(strstr(text->data, "Falcon") + 6, "Falcon"));
	}
}

/* The bytes as the one attachment of a mail. */
static struct message *
one_picture(const struct limits *limits, const char *type, const guint8 *bytes, gsize size)
{
	g_autofree char *coded = g_base64_encode(bytes, size);
	g_autofree char *mail = g_strdup_printf(
	    "Subject: x\r\nContent-Type: %s; name=a\r\nContent-Disposition: attachment\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
	    type, coded);
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_true(io_write_all(fd, mail, strlen(mail), NULL));
	return dissected(limits, fd, ocr_is_built() ? "eng" : "");
}

/* What is not looked at as a whole is never clean, and nothing is allocated for what is claimed. */
static void
test_hostile(void)
{
	static const enum part_outcome outcomes[] = { PART_OVER_LIMIT, PART_BROKEN, PART_BROKEN,
		PART_UNKNOWN_TYPE, PART_BROKEN, PART_BROKEN, PART_BROKEN, PART_OVER_LIMIT,
		PART_BROKEN, PART_OVER_LIMIT };
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		g_autoptr(message) message =
		    one_picture(&limits, headers[i].type, headers[i].bytes, headers[i].size);
		const struct part *part = message->parts->pdata[0];
		g_test_message("%s: %s, %s", headers[i].label, part_outcome_words[part->outcome],
		    part->true_type);
		if (!g_str_has_prefix(part->true_type, "image/"))
			continue; /* too short to be known as one */
		if (!ocr_is_built())
			g_assert_cmpint(part->outcome, ==, PART_NO_TEXT);
		else
			g_assert_cmpint(part->outcome, ==, outcomes[i]);
		g_assert_cmpint(
		    message->outcome, ==, ocr_is_built() ? OUTCOME_PARTIAL : OUTCOME_SCANNED);
	}
}

static void
test_limits(void)
{
	struct limits limits;

	if (!ocr_is_built()) {
		g_test_skip("built without FLAGPOST_OCR");
		return;
	}
	limits_default(&limits);
	limits.pixels = 10000;
	g_autoptr(message) many = dissected(&limits, open_mail(), "eng");
	for (guint i = 1; i < many->parts->len; i++)
		g_assert_cmpint(
		    ((struct part *)many->parts->pdata[i])->outcome, ==, PART_OVER_LIMIT);
	g_assert_cmpint(many->outcome, ==, OUTCOME_PARTIAL);
	/* Two pages of 30,750 pixels each: the limit is one picture's. */
	limits_default(&limits);
	limits.seconds_per_message = limits.seconds_per_part = limits.seconds_per_picture = 600;
	limits.pixels = 40000;
	g_autoptr(message) pages = dissected(&limits, open_mail(), "eng");
	const struct part *tiff = pages->parts->pdata[6];
	g_assert_cmpstr(tiff->name, ==, "pages.tif");
	g_assert_cmpint(tiff->outcome, ==, PART_READ);
	limits_default(&limits);
	limits.seconds_per_picture = 0;
	g_autoptr(message) late = dissected(&limits, open_mail(), "eng");
	for (guint i = 1; i < late->parts->len; i++)
		g_assert_cmpint(((struct part *)late->parts->pdata[i])->outcome, ==, PART_TIMEOUT);
}

static void
test_no_language(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(ocr) ocr = ocr_new("nowhere", &error);

	g_assert_null(ocr);
	g_assert_nonnull(error);
}

#ifdef TEST_PIXELS

#include <allheaders.h>

#define PADDING 13 /* bytes behind each row, which no picture is */

/* The first picture of pictures.eml in grey. */
static PIX *
grey_picture(void)
{
	g_autofree char *path =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "tests", "mail", "pictures.eml", NULL);
	g_autofree char *mail = NULL;
	gsize size;

	g_assert_true(g_file_get_contents(path, &mail, NULL, NULL));
	char *begin = strstr(strstr(mail, "image/png"), "\r\n\r\n");
	*strstr(begin, "\r\n--") = '\0';
	g_autofree guchar *bytes = g_base64_decode(begin, &size);
	PIX *pix = pixReadMem(bytes, size);
	g_assert_nonnull(pix);
	PIX *grey = pixConvertTo8(pix, 0);
	pixDestroy(&pix);
	return grey;
}

/* The picture as a reader hands it over, so many bytes a pixel. The data are the caller's. */
static struct ocr_pixels
rendered(PIX *pix, guint bytes)
{
	struct ocr_pixels pixels = { .width = (guint)pixGetWidth(pix),
		.height = (guint)pixGetHeight(pix),
		.bytes = bytes,
		.dots_per_inch = 96 };

	pixels.stride = (gsize)pixels.width * bytes + PADDING;
	guint8 *data = g_malloc(pixels.stride * pixels.height);
	memset(data, 0x55, pixels.stride * pixels.height);
	for (guint y = 0; y < pixels.height; y++) {
		for (guint x = 0; x < pixels.width; x++) {
			l_uint32 value;
			guint8 *at = data + y * pixels.stride + (gsize)x * bytes;
			pixGetPixel(pix, (int)x, (int)y, &value);
			guint32 cairo = value << 16 | value << 8 | value;
			if (bytes == 4)
				memcpy(at, &cairo, sizeof cairo);
			else
				memset(at, (int)value, bytes);
		}
	}
	pixels.data = data;
	return pixels;
}

/* What a page of a PDF is handed over as: grey, colours, and as cairo has them. */
static void
test_pixels(void)
{
	static const guint kinds[] = { 1, 3, 4 };
	struct limits limits;
	g_autoptr(GError) error = NULL;
	g_autoptr(ocr) ocr = ocr_new("eng", &error);
	PIX *pix = grey_picture();

	g_assert_no_error(error);
	limits_default(&limits);
	limits.seconds_per_picture = 600;
	struct scan scan = { .limits = &limits, .ocr = ocr };
	struct item item = { .scan = &scan };
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct ocr_pixels pixels = rendered(pix, kinds[i]);
		GString *text = NULL;
		g_assert_cmpint(ocr_pixels(&item, &pixels, &text), ==, OCR_DONE);
		g_test_message("%u bytes a pixel: %s", kinds[i], text->str);
		g_assert_nonnull(strstr(text->str, "Project Falcon"));
		g_assert_nonnull(strstr(text->str, "17.50"));
		g_string_free(text, TRUE);
		g_free((void *)pixels.data);
	}
	pixDestroy(&pix);
}

static void
test_pixels_refused(void)
{
	static const struct {
		const char *label;
		guint width, height, seconds;
		enum ocr_result result;
	} cases[] = {
		{ "no width", 0, 10, 600, OCR_BROKEN },
		{ "no height", 10, 0, 600, OCR_BROKEN },
		{ "one pixel more than the limit", 101, 100, 600, OCR_LIMIT },
		{ "sides whose product is nothing in 32 bits", 65536, 65536, 600, OCR_LIMIT },
		{ "a side that is less than nothing to others", G_MAXUINT, 1, 600, OCR_LIMIT },
		{ "no time", 100, 100, 0, OCR_TIMEOUT },
		{ "too small for a letter", 7, 100, 600, OCR_DONE },
	};
	struct limits limits;
	g_autoptr(ocr) ocr = ocr_new("eng", NULL);
	g_autofree guint8 *white = g_malloc(100 * 100);

	memset(white, 0xFF, 100 * 100);
	limits_default(&limits);
	limits.pixels = 100 * 100;
	struct scan scan = { .limits = &limits, .ocr = ocr };
	struct item item = { .scan = &scan };
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ocr_pixels pixels = { white, cases[i].width, cases[i].height, 1,
			cases[i].width, 0 };
		GString *text = NULL;
		g_test_message("%s", cases[i].label);
		limits.seconds_per_picture = cases[i].seconds;
		g_assert_cmpint(ocr_pixels(&item, &pixels, &text), ==, cases[i].result);
		g_assert_cmpint(text != NULL, ==, cases[i].result == OCR_DONE);
		if (text != NULL)
			g_string_free(text, TRUE);
	}
}

#endif

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/ocr/headers", test_headers);
	g_test_add_func("/worker/ocr/formats", test_every_format);
	g_test_add_func("/worker/ocr/hostile", test_hostile);
	g_test_add_func("/worker/ocr/limits", test_limits);
	g_test_add_func("/worker/ocr/no-language", test_no_language);
#ifdef TEST_PIXELS
	g_test_add_func("/worker/ocr/pixels", test_pixels);
	g_test_add_func("/worker/ocr/pixels-refused", test_pixels_refused);
#endif
	return g_test_run();
}
