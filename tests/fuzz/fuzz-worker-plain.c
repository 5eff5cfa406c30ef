/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-plain - any bytes as a mail: what is read without GMime is what GMime makes of it. */
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/worker/alike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dissect *
begin(const struct limits *limits, bool thorough)
{
	struct dissect *dissect = dissect_new(limits, NULL);

	if (dissect == NULL)
		abort();
	dissect_set_thorough(dissect, thorough);
	return dissect;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect *plain, *thorough;
	static struct limits limits;

	if (plain == NULL) {
		limits_default(&limits);
		limits.depth = 6;
		limits.parts = 60;
		limits.seconds_per_message = limits.seconds_per_part = 600;
		plain = begin(&limits, false);
		thorough = begin(&limits, true);
	}
	int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd < 0 || !io_write_all(fd, data, size, NULL))
		abort();
	g_autofree char *differ = alike_differ(plain, thorough, fd);
	if (differ != NULL) {
		fprintf(stderr, "%s\n", differ);
		abort();
	}
	close(fd);
	return 0;
}
