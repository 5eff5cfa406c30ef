/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-archive - any bytes as an attachment that may be an archive, a picture, or both. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static struct dissect *dissect;
	static struct limits limits;

	if (dissect == NULL) {
		limits_default(&limits);
		limits.unpacked = 16 * 1024 * 1024;
		dissect = dissect_new(&limits, NULL);
	}
	g_autofree char *coded = g_base64_encode(data, size);
	g_autofree char *mail = g_strdup_printf("Content-Type: application/octet-stream; name=a\r\n"
						"Content-Disposition: attachment\r\n"
						"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
	    coded);
	int fd = memfd_create("mail", MFD_CLOEXEC);
	if (!io_write_all(fd, mail, strlen(mail), NULL))
		abort();
	g_autoptr(message) message = dissect_message(dissect, fd, false, NULL);
	close(fd);
	if (message == NULL)
		abort();
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		bool unread = part->outcome != PART_READ && part->outcome != PART_NO_TEXT;
		if (!g_utf8_validate(part->path, -1, NULL) ||
		    !g_utf8_validate(part->name, -1, NULL) ||
		    (unread && message->outcome == OUTCOME_SCANNED))
			abort();
	}
	return 0;
}
