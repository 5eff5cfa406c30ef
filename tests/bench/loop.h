/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BENCH_LOOP_H
#define FLAGPOST_BENCH_LOOP_H
/*
 * loop - the same frame for both sides of `script/bench read`: the files named on standard input,
 * ROUNDS times one after another, and the processor time of that alone, without any set-up.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static gint64
loop_processor_time_us(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (gint64)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * G_USEC_PER_SEC +
	       used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

/*
 * Calls one for each file, and prints milliseconds and how many files there were. Never inlined:
 * `valgrind --tool=callgrind --toggle-collect='loop_run*'` then counts this and nothing else.
 */
static G_NO_INLINE int
loop_run(int argc, char **argv, void (*one)(int fd, void *data), void *data)
{
	guint rounds = argc > 1 ? (guint)strtoul(argv[1], NULL, 10) : 1;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	char line[4096];

	while (fgets(line, sizeof line, stdin) != NULL)
		g_ptr_array_add(names, g_strdup(g_strchomp(line)));
	gint64 before = loop_processor_time_us();
	for (guint round = 0; round < rounds; round++) {
		for (guint i = 0; i < names->len; i++) {
			int fd = open(names->pdata[i], O_RDONLY | O_CLOEXEC);
			if (fd < 0) {
				perror(names->pdata[i]);
				return EXIT_FAILURE;
			}
			one(fd, data);
			close(fd);
		}
	}
	printf("%.1f %u\n", (double)(loop_processor_time_us() - before) / 1000, names->len);
	return EXIT_SUCCESS;
}

#endif
