/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that calls itself a tar file: it comes to an end, a descriptor holds what was said of it,
 * and no more bytes come out than went in. The first byte is the limit of a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/tarball.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
put_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	guint64 length = 0, sum = 0, held;
	int fd = -1;

	if (size < 1)
		return 0;
	guint64 max = (guint64)data[0] * 16;
	g_autoptr(tarball) tarball =
	    tarball_new(put_file(data + 1, size - 1), max, g_get_tmp_dir());
	while (tarball_next(tarball, &fd, &length, &error)) {
		sum += length;
		if ((fd < 0) != (length > max))
			abort();
		if (fd >= 0 && (!io_size(fd, &held, NULL) || held != length))
			abort();
		io_close(&fd);
	}
	if (sum > size - 1 || tarball_at(tarball) > size - 1 ||
	    tarball_next(tarball, &fd, &length, NULL))
		abort();
	return 0;
}
