/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blob - see blob.h. Never keeps more than its reader asked for, and never touches a path. */
#include "worker/blob.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"

#define WINDOW (64 * 1024)

struct blob {
	struct digest *digest;
	blob_wanted *ask;
	void *data;
	bool asked;
	guint64 wanted;
	guint64 size;
	guint64 kept;
	GByteArray *memory; /* the kept bytes, while fd is -1 */
	int fd;
};

struct blob *
blob_new(blob_wanted *wanted, void *data)
{
	struct blob *blob = g_new0(struct blob, 1);

	blob->digest = digest_new();
	blob->ask = wanted;
	blob->data = data;
	blob->wanted = BLOB_HEAD_MAX;
	blob->memory = g_byte_array_new();
	blob->fd = -1;
	return blob;
}

void
blob_free(struct blob *blob)
{
	if (blob == NULL)
		return;
	digest_free(blob->digest);
	g_byte_array_unref(blob->memory);
	io_close(&blob->fd);
	g_free(blob);
}

static void
ask(struct blob *blob)
{
	blob->asked = true;
	blob->wanted = blob->ask(blob->data, blob->memory->data, blob->memory->len);
	blob->wanted = MAX(blob->wanted, blob->memory->len);
}

static bool
move_to_file(struct blob *blob)
{
	blob->fd = memfd_create("part", MFD_CLOEXEC);
	if (blob->fd < 0)
		return false;
	if (!io_write_all(blob->fd, blob->memory->data, blob->memory->len, NULL)) {
		io_close(&blob->fd);
		return false;
	}
	g_byte_array_unref(blob->memory);
	blob->memory = g_byte_array_new();
	return true;
}

/* Keeps bytes as far as they are wanted. */
static bool
keep(struct blob *blob, const guint8 *data, gsize size)
{
	if (blob->kept >= blob->wanted)
		return true;
	size = (gsize)MIN(size, blob->wanted - blob->kept);
	if (blob->fd < 0 && blob->kept + size > BLOB_MEMORY_MAX && !move_to_file(blob)) {
		blob->wanted = blob->kept;
		return false;
	}
	if (blob->fd < 0) {
		g_byte_array_append(blob->memory, data, (guint)size);
	} else if (!io_write_all(blob->fd, data, size, NULL)) {
		blob->wanted = blob->kept;
		return false;
	}
	blob->kept += size;
	return true;
}

bool
blob_write(struct blob *blob, const guint8 *data, gsize size)
{
	bool fine = true;

	if (size == 0)
		return true; /* data may be NULL */
	digest_update(blob->digest, data, size);
	blob->size += size;
	if (!blob->asked) {
		gsize head = MIN(size, BLOB_HEAD_MAX - blob->memory->len);
		fine = keep(blob, data, head);
		data += head;
		size -= head;
		if (blob->memory->len == BLOB_HEAD_MAX)
			ask(blob);
	}
	return size > 0 ? keep(blob, data, size) && fine : fine;
}

void
blob_end(struct blob *blob, char *sha256)
{
	if (!blob->asked)
		ask(blob);
	digest_finish(blob->digest, sha256);
}

guint64
blob_size(const struct blob *blob)
{
	return blob->size;
}

guint64
blob_kept(const struct blob *blob)
{
	return blob->kept;
}

const guint8 *
blob_data(const struct blob *blob)
{
	if (blob->fd >= 0)
		return NULL;
	return blob->memory->len > 0 ? blob->memory->data : (const guint8 *)"";
}

int
blob_fd(const struct blob *blob)
{
	return blob->fd;
}

gsize
blob_read(const struct blob *blob, guint64 offset, void *data, gsize size)
{
	if (offset >= blob->kept)
		return 0;
	size = (gsize)MIN(size, blob->kept - offset);
	if (blob->fd < 0) {
		memcpy(data, blob->memory->data + offset, size);
		return size;
	}
	return io_pread_all(blob->fd, data, size, offset, NULL) ? size : 0;
}

bool
blob_contains(const struct blob *blob, guint64 from, guint64 length, const void *bytes, gsize size)
{
	const guint8 *all = blob_data(blob);

	if (all != NULL) {
		from = MIN(from, blob->kept);
		length = MIN(length, blob->kept - from);
		return memmem(all + from, (gsize)length, bytes, size) != NULL;
	}
	g_autofree guint8 *window = g_malloc(WINDOW);
	guint64 end = from + MIN(length, G_MAXUINT64 - from);

	while (from < end) {
		gsize n = blob_read(blob, from, window, (gsize)MIN(WINDOW, end - from));
		if (n < size)
			return false;
		if (memmem(window, n, bytes, size) != NULL)
			return true;
		from += n - size + 1;
	}
	return false;
}
