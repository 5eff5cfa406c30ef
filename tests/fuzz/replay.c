/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay - runs a fuzz target over every file of its corpus folder, without libFuzzer.
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	guint replayed = 0;

	if (argc != 2)
		return EXIT_FAILURE;
	g_autoptr(GDir) folder = g_dir_open(argv[1], 0, NULL);
	if (folder == NULL) {
		fprintf(stderr, "replay: no corpus folder %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	for (const char *name; (name = g_dir_read_name(folder)) != NULL; replayed++) {
		g_autofree char *path = g_build_filename(argv[1], name, NULL);
		g_autofree char *data = NULL;
		gsize size;
		if (!g_file_get_contents(path, &data, &size, NULL))
			return EXIT_FAILURE;
		/* A copy with no byte to spare, so that one byte too far is seen. */
		g_autofree uint8_t *tight = size > 0 ? g_memdup2(data, size) : NULL;
		LLVMFuzzerTestOneInput(tight, size);
	}
	printf("%u inputs replayed\n", replayed);
	return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
