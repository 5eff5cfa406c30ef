/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-apple - files of the Macintosh in mail: AppleSingle and AppleDouble, whole and cut. */
#include "kit.h"

#define FIELDS "Content-Type: application/applefile; name=plan\r\n"

/* Header, then entries of id, offset and length in two digits each at most. */
#define HEAD(magic, count)                                                                         \
	"\x00\x05\x16" magic "\x00\x02\x00\x00"                                                    \
	"0123456789abcdef"                                                                         \
	"\x00" count

static void
test_files(void)
{
	static const char single[] = HEAD("\x00", "\x03") "\0\0\0\x01\0\0\0\x3E\0\0\0\x0C"
							  "\0\0\0\x03\0\0\0\x4A\0\0\0\x08"
							  "\0\0\0\x02\0\0\0\x52\0\0\0\x0C"
							  "secret wordsPlan.txt\0\1icon\0rsrc\0";
	static const char twin[] = HEAD("\x07", "\x01") "\0\0\0\x04\0\0\0\x26\0\0\0\x09"
							"a comment";
	static const char cut[] = HEAD("\x00", "\x01") "\0\0\0\x01\0\0\0\x26\0\0\0\x63"
						       "secret";
	static const struct {
		const char *label;
		const char *bytes;
		gsize size;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "AppleSingle", single, sizeof single - 1,
		    { "message scanned", "attachments of 2/plan: secret words",
			"filenames of 2: Plan.txt", "attachments of 2: icon\nrsrc\n" } },
		{ "AppleDouble", twin, sizeof twin - 1,
		    { "message scanned", "attachments of 2: a comment" } },
		{ "a fork that is cut", cut, sizeof cut - 1,
		    { "message partial", "broken: its end is missing; malformed",
			"attachments of 2/plan: secret" } },
		{ "entries that are not there", single, 27,
		    { "message partial", "broken: entries that are not there; malformed" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check_file(rows[i].label, FIELDS, rows[i].bytes, rows[i].size, rows[i].wants);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/apple/files", test_files);
	return g_test_run();
}
