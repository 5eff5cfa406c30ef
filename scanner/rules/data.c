/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * data - see data.h. All offsets are worked out once and checked against the size, so that nothing
 * a search does can leave the file, whatever stands in it.
 */
#include "rules/data.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"
#include "base/text.h"
#include "rules/data-inside.h"

const char *const data_suffixes[] = { ".edm", ".prints", NULL };

struct data {
	gint references; /* atomic */
	char *name;
	int fd;
	void *map; /* NULL: bytes */
	GBytes *bytes;
	gsize size;
	guint8 key[KEYED_KEY];
	struct keyed keyed;
	char digest[DIGEST_HEX];
	struct data_header header;
	const char **labels;
	const guint32 *totals;
	const guint8 *filter;
	const guint32 *directory;
	const guint64 *entries;
};

static bool
refuse(const struct data *data, GError **error, const char *why)
{
	g_set_error(error, FAULT, FAULT_DATA, "data set %s: %s; build it anew", data->name, why);
	return false;
}

static bool
read_labels(struct data *data, const char *at, GError **error)
{
	const char *end = at + data->header.labels_bytes;

	data->labels = g_new0(const char *, data->header.labels + 1);
	for (guint i = 0; i < data->header.labels; i++) {
		const char *nul = memchr(at, '\0', (gsize)(end - at));
		if (nul == NULL || nul == at || !g_utf8_validate(at, nul - at, NULL))
			return refuse(data, error, "its labels are broken");
		data->labels[i] = at;
		at = nul + 1;
	}
	return true;
}

static bool
check_directory(const struct data *data, GError **error)
{
	gsize n = (gsize)1 << data->header.directory_bits;

	if (data->directory[0] != 0 || data->directory[n] != data->header.entries)
		return refuse(data, error, "its directory is broken");
	for (gsize i = 0; i < n; i++) {
		if (data->directory[i] > data->directory[i + 1])
			return refuse(data, error, "its directory is broken");
	}
	return true;
}

static bool
check_entries(const struct data *data, GError **error)
{
	const struct data_header *header = &data->header;

	for (guint i = 0; i < header->entries; i++) {
		guint32 payload = DATA_PAYLOAD(data->entries[i]);
		bool fits = header->kind == DATA_EDM ? DATA_ROW(payload) < header->owners &&
							   DATA_COLUMN(payload) < header->labels
						     : payload < header->labels;
		if (!fits)
			return refuse(data, error, "an entry is nobody's");
	}
	return true;
}

/* Where everything lies, or false. */
static bool
lay_out(struct data *data, const guint8 *bytes, GError **error)
{
	const struct data_header *header = &data->header;

	if (header->kind > DATA_PRINTS || header->labels > DATA_LABELS_MAX ||
	    header->labels_bytes % 8 != 0 || header->directory_bits > DATA_DIRECTORY_BITS_MAX ||
	    header->filter_bits < DATA_FILTER_BITS_MIN ||
	    header->filter_bits > DATA_FILTER_BITS_MAX ||
	    (header->kind == DATA_EDM && header->labels > DATA_COLUMNS_MAX))
		return refuse(data, error, "its header is broken");
	gsize totals = sizeof(*header) + header->labels_bytes;
	gsize filter = totals + DATA_WHOLE(header->labels * sizeof(guint32));
	gsize directory = filter + ((gsize)1 << header->filter_bits) / 8;
	gsize entries =
	    directory + DATA_WHOLE((((gsize)1 << header->directory_bits) + 1) * sizeof(guint32));
	if (entries + (gsize)header->entries * sizeof(guint64) != data->size)
		return refuse(data, error, "it was cut, or has bytes behind its end");
	data->totals = (const guint32 *)(const void *)(bytes + totals);
	data->filter = bytes + filter;
	data->directory = (const guint32 *)(const void *)(bytes + directory);
	data->entries = (const guint64 *)(const void *)(bytes + entries);
	return read_labels(data, (const char *)bytes + sizeof(*header), error) &&
	       check_directory(data, error) && check_entries(data, error);
}

static bool
take_header(struct data *data, const guint8 *bytes, gsize size, GError **error)
{
	data->size = size;
	if (size < sizeof(data->header) || size > DATA_BYTES_MAX)
		return refuse(data, error, "it is no file of hashes");
	memcpy(&data->header, bytes, sizeof(data->header));
	if (memcmp(data->header.magic, DATA_MAGIC, sizeof(data->header.magic)) != 0)
		return refuse(data, error, "it is no file of hashes, or of another version");
	memcpy(data->digest, data->header.digest, DIGEST_HEX - 1);
	if (!digest_is_hex(data->digest))
		return refuse(data, error, "its header is broken");
	if (data->header.check != keyed_hash(&data->keyed, DATA_MAGIC, strlen(DATA_MAGIC)))
		return refuse(data, error, "its key belongs to another build");
	return true;
}

static bool
take_bytes(struct data *data, const guint8 *bytes, gsize size, GError **error)
{
	return take_header(data, bytes, size, error) && lay_out(data, bytes, error);
}

static struct data *
new_data(const char *name, const guint8 *key)
{
	struct data *data = g_new0(struct data, 1);

	data->references = 1;
	data->name = g_strdup(name);
	data->fd = -1;
	memcpy(data->key, key, KEYED_KEY);
	keyed_set(&data->keyed, key);
	return data;
}

struct data *
data_open(const char *name, GBytes *bytes, const guint8 *key, GError **error)
{
	g_autoptr(data) data = new_data(name, key);
	gsize size;
	const guint8 *start = g_bytes_get_data(bytes, &size);

	data->bytes = g_bytes_ref(bytes);
	return take_bytes(data, start, size, error) ? g_steal_pointer(&data) : NULL;
}

static bool
map(struct data *data, int fd, guint64 size, GError **error)
{
	if (size < sizeof(data->header) || size > DATA_BYTES_MAX)
		return refuse(data, error, "it is no file of hashes");
	/* Private, and never written: the pages are those of the memfd, and every worker's. */
	void *start = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (start == MAP_FAILED) {
		fault_errno(error, "data set %s", data->name);
		return false;
	}
	data->map = start;
	data->size = size;
	return true;
}

struct data *
data_map(const char *name, int fd, guint64 size, const guint8 *key, GError **error)
{
	g_autoptr(data) data = new_data(name, key);
	bool fine = map(data, fd, size, error) && take_bytes(data, data->map, data->size, error);

	return fine ? g_steal_pointer(&data) : NULL;
}

/* A copy of the file that nobody can change any more. -1 after an error. */
static int
seal_copy(int file, guint64 size, const char *path, GError **error)
{
	int fd = memfd_create("data", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	off_t at = 0;

	while (fd >= 0 && (guint64)at < size) {
		ssize_t n = sendfile(fd, file, &at, size - (guint64)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
	}
	if (fd >= 0 && (guint64)at == size &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	fault_errno(error, "%s", path);
	io_close(&fd);
	return -1;
}

static bool
check_digest(const struct data *data, GError **error)
{
	char hex[DIGEST_HEX];

	digest_bytes((const guint8 *)data->map + DATA_DIGESTED, data->size - DATA_DIGESTED, hex);
	return strcmp(hex, data->digest) == 0 ||
	       refuse(data, error, "its bytes are not those that were written");
}

struct data *
data_load(const char *folder, const char *name, enum data_kind kind, GError **error)
{
	g_autofree char *file = g_strconcat(name, data_suffixes[kind], NULL);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	g_autofree char *key_file = g_strconcat(name, DATA_KEY_SUFFIX, NULL);
	g_autofree char *key_path = g_build_filename(folder, key_file, NULL);
	guint8 key[KEYED_KEY];
	guint64 size = 0;

	if (!data_read_key(key_path, key, error))
		return NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		fault_errno(error, "%s", path);
		return NULL;
	}
	g_autoptr(data) data = new_data(name, key);
	bool fine = io_size(fd, &size, error);
	if (fine && size > DATA_BYTES_MAX)
		fine = refuse(data, error, "it is larger than 512 MiB");
	data->fd = fine ? seal_copy(fd, size, path, error) : -1;
	io_close(&fd);
	fine = data->fd >= 0 && map(data, data->fd, size, error) &&
	       take_header(data, data->map, data->size, error) && check_digest(data, error) &&
	       lay_out(data, data->map, error);
	if (fine && data->header.kind != kind)
		fine = refuse(data, error, "it is a set of another kind");
	return fine ? g_steal_pointer(&data) : NULL;
}

struct data *
data_ref(struct data *data)
{
	g_atomic_int_inc(&data->references);
	return data;
}

void
data_unref(struct data *data)
{
	if (data == NULL || !g_atomic_int_dec_and_test(&data->references))
		return;
	if (data->map != NULL)
		munmap(data->map, data->size);
	g_clear_pointer(&data->bytes, g_bytes_unref);
	io_close(&data->fd);
	explicit_bzero(data->key, sizeof(data->key));
	explicit_bzero(&data->keyed, sizeof(data->keyed));
	g_free(data->labels);
	g_free(data->name);
	g_free(data);
}

/* --- what it says --- */

const char *
data_name(const struct data *data)
{
	return data->name;
}

enum data_kind
data_kind(const struct data *data)
{
	return data->header.kind;
}

const char *
data_digest(const struct data *data)
{
	return data->digest;
}

gint64
data_made(const struct data *data)
{
	return data->header.made;
}

guint
data_owners(const struct data *data)
{
	return data->header.owners;
}

guint
data_limit(const struct data *data)
{
	return data->header.limit;
}

guint
data_entries(const struct data *data)
{
	return data->header.entries;
}

guint
data_labels(const struct data *data)
{
	return data->header.labels;
}

const char *
data_label(const struct data *data, guint label)
{
	return data->labels[label];
}

guint
data_total(const struct data *data, guint label)
{
	return data->totals[label];
}

const struct keyed *
data_keyed(const struct data *data)
{
	return &data->keyed;
}

const guint8 *
data_key(const struct data *data)
{
	return data->key;
}

int
data_fd(const struct data *data)
{
	return data->fd;
}

guint64
data_size(const struct data *data)
{
	return data->size;
}

/* --- search --- */

bool
data_may(const struct data *data, guint64 hash)
{
	return data_filter_has(data->filter, data->header.filter_bits, hash);
}

guint64
data_entry(const struct data *data, guint index)
{
	return data->entries[index];
}

const guint64 *
data_find(const struct data *data, guint64 hash, guint *count)
{
	guint32 bits = data->header.directory_bits;
	gsize bucket = bits > 0 ? (gsize)(hash >> (64 - bits)) : 0;
	guint32 low = data->directory[bucket], end = data->directory[bucket + 1], high = end;
	guint64 wanted = hash << 32, mask = G_GUINT64_CONSTANT(0xffffffff) << 32;

	while (low < high) {
		guint32 middle = low + (high - low) / 2;
		if (data->entries[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low; high < end && (data->entries[high] & mask) == wanted; high++)
		;
	*count = high - low;
	return data->entries + low;
}

/* --- the key --- */

bool
data_read_key(const char *path, guint8 key[KEYED_KEY], GError **error)
{
	char *text = secret_read_text(path, "", "key file", error);
	bool fine = text != NULL && strspn(text, "0123456789abcdef") == 2 * KEYED_KEY &&
		    strcspn(text, "\r\n") == 2 * KEYED_KEY;

	for (guint i = 0; fine && i < KEYED_KEY; i++)
		key[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) << 4 |
				  g_ascii_xdigit_value(text[2 * i + 1]));
	if (text != NULL && !fine)
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the key file holds no key", path);
	secret_wipe(text);
	return fine;
}

bool
data_take_key(const char *folder, const char *name, guint8 key[KEYED_KEY], GError **error)
{
	g_autofree char *file = g_strconcat(name, DATA_KEY_SUFFIX, NULL);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	char text[2 * KEYED_KEY + 2];

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return data_read_key(path, key, error);
	if (!keyed_make(key, error))
		return false;
	for (guint i = 0; i < KEYED_KEY; i++)
		g_snprintf(text + 2 * i, 4, "%02x\n", key[i]);
	bool kept = io_replace_file(path, text, sizeof(text) - 1, 0600, error);
	explicit_bzero(text, sizeof(text));
	return kept;
}
