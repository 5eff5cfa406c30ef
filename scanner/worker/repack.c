/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * repack - an archive of messages (zip, 7z, tar under any packing) made into a plain tar file of
 * exactly these, for import: whoever reads that needs no library, and this process has nothing.
 *
 * The sandbox is entered before the first byte is read. Entries are numbered, since names of
 * members are as hostile as their bytes. What looks_like takes for no message is left out and
 * counted; so are links. A member that needs a password, one that is cut, and what lies beyond the
 * limit are gaps.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "mail/looks-like.h"
#include "worker/sandbox.h"
#include "worker/unpack.h"
#include "worker/worker.h"

#define BLOCK      (128 * 1024)
#define EXIT_GAPS  2
#define CPU_HOURS  24
#define MEMBER_MAX (256u * 1024 * 1024)
#define NAME_SHOWN 200

struct repack {
	struct archive *from, *to;
	guint64 unpacked, most; /* bytes */
	guint number;
	guint others, mailboxes, locked; /* members that were left out */
	char *passphrase;                /* or NULL */
	bool gaps;
};

static void say_gap(struct repack *repack, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
say_gap(struct repack *repack, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	repack->gaps = true;
	g_printerr("%s\n", text);
}

static const char *
why(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text != NULL ? text : "broken";
}

static int
fail_to_write(struct repack *repack)
{
	g_autofree char *text = unpack_why(repack->to);

	g_printerr("the tar file: %s\n", text);
	return FAULT_IO;
}

/* Formats that people pack mail in, named one by one: "all" of libarchive starts programs. */
static bool
open_archive(struct repack *repack)
{
	struct archive *from = repack->from = archive_read_new();

	archive_read_support_filter_gzip(from);
	archive_read_support_filter_bzip2(from);
	archive_read_support_filter_xz(from);
	archive_read_support_filter_zstd(from);
	archive_read_support_format_zip(from);
	archive_read_support_format_7zip(from);
	archive_read_support_format_tar(from);
	archive_read_set_option(from, "tar", "read_concatenated_archives", "1");
	if (repack->passphrase != NULL)
		archive_read_add_passphrase(from, repack->passphrase);
	return archive_read_open_fd(from, STDIN_FILENO, BLOCK) >= ARCHIVE_WARN;
}

static bool
open_tar(struct repack *repack)
{
	struct archive *to = repack->to = archive_write_new();

	archive_write_set_format_ustar(to);
	archive_write_set_bytes_per_block(to, BLOCK);
	archive_write_set_bytes_in_last_block(to, 1);
	return archive_write_open_fd(to, STDOUT_FILENO) == ARCHIVE_OK;
}

/* Up to size bytes of the member; below 0 when it is broken. */
static la_ssize_t
read_piece(struct repack *repack, guint8 *piece, gsize size)
{
	gsize have = 0;

	while (have < size) {
		la_ssize_t n = archive_read_data(repack->from, piece + have, size - have);
		if (n == ARCHIVE_RETRY)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		have += (gsize)n;
	}
	repack->unpacked += have;
	return (la_ssize_t)have;
}

enum read { READ_WHOLE, READ_SKIP, READ_STOP };

/*
 * A ZIP that was streamed does not say how long a member is before it is read, and a tar header
 * must: so the whole of it is read first.
 */
static enum read
read_whole(struct repack *repack, GByteArray *bytes, const char *name)
{
	guint8 piece[BLOCK];
	la_ssize_t n;

	while ((n = read_piece(repack, piece, sizeof piece)) > 0) {
		if (repack->unpacked > repack->most) {
			say_gap(repack,
			    "%s: over %" G_GUINT64_FORMAT
			    " bytes in all; nothing from there on is unpacked (import in [limits])",
			    name, repack->most);
			return READ_STOP;
		}
		if (bytes->len > MEMBER_MAX) {
			say_gap(repack, "%s: too large for a message", name);
			return READ_SKIP;
		}
		g_byte_array_append(bytes, piece, (guint)n);
	}
	if (n == 0)
		return READ_WHOLE;
	say_gap(repack, "%s: %s%s", name, why(repack->from),
	    n == ARCHIVE_FATAL ? "; nothing from there on is read" : "");
	return n == ARCHIVE_FATAL ? READ_STOP : READ_SKIP;
}

static bool
write_message(struct repack *repack, struct archive_entry *member, const GByteArray *bytes)
{
	g_autofree char *name = g_strdup_printf("%08u.eml", ++repack->number);
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)bytes->len);
	archive_entry_set_mtime(entry, MAX(archive_entry_mtime(member), 0), 0);
	bool right = archive_write_header(repack->to, entry) == ARCHIVE_OK &&
		     (bytes->len == 0 || archive_write_data(repack->to, bytes->data, bytes->len) ==
					     (la_ssize_t)bytes->len);
	archive_entry_free(entry);
	return right;
}

/* False: not to be read on. *fine: the tar file can be written. */
static bool
take_member(struct repack *repack, struct archive_entry *member, bool *fine)
{
	const char *path = archive_entry_pathname(member);
	g_autofree char *shown = text_printable(path != NULL ? path : "?", NAME_SHOWN);
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	if (archive_entry_filetype(member) == AE_IFDIR)
		return true;
	if (archive_entry_filetype(member) != AE_IFREG && archive_entry_filetype(member) != 0) {
		repack->others++;
		return true;
	}
	if (archive_entry_is_encrypted(member) && repack->passphrase == NULL) {
		repack->locked++;
		return true;
	}
	enum read read = read_whole(repack, bytes, shown);
	if (read != READ_WHOLE)
		return read == READ_SKIP;
	switch (
	    looks_like(path != NULL ? path : "", bytes->data, MIN(bytes->len, LOOKS_LIKE_BYTES))) {
	case LOOKS_LIKE_MESSAGE:
		*fine = write_message(repack, member, bytes);
		return *fine;
	case LOOKS_LIKE_MBOX:
	case LOOKS_LIKE_TAR:
	case LOOKS_LIKE_PACKED:
		repack->mailboxes++;
		break;
	case LOOKS_LIKE_NOTHING:
		repack->others++;
		break;
	}
	return true;
}

static void
say_left_out(struct repack *repack)
{
	if (repack->locked > 0)
		say_gap(repack, "%u members need a password: unpack them and import the folder",
		    repack->locked);
	if (repack->mailboxes > 0)
		say_gap(repack,
		    "%u members are mailbox files or archives: unpack them and import the folder",
		    repack->mailboxes);
	if (repack->others > 0)
		g_printerr("%u members are no messages; they were not read\n", repack->others);
}

static int
repack_all(struct repack *repack)
{
	struct archive_entry *member;
	bool fine = true;
	int state;

	if (!open_archive(repack)) {
		g_printerr("no archive that is read: %s\n", why(repack->from));
		return FAULT_DATA;
	}
	if (!open_tar(repack))
		return fail_to_write(repack);
	do {
		state = archive_read_next_header(repack->from, &member);
		if (state == ARCHIVE_FATAL || state == ARCHIVE_FAILED)
			say_gap(repack, "not read beyond this point: %s", why(repack->from));
		else if (state != ARCHIVE_EOF && state != ARCHIVE_RETRY &&
			 !take_member(repack, member, &fine))
			break;
	} while (state == ARCHIVE_OK || state == ARCHIVE_WARN || state == ARCHIVE_RETRY);
	if (!fine || archive_write_close(repack->to) != ARCHIVE_OK)
		return fail_to_write(repack);
	say_left_out(repack);
	return repack->gaps ? EXIT_GAPS : 0;
}

bool
worker_take_passphrase(char **passphrase, GError **error)
{
	char text[WORKER_PASSPHRASE_MAX + 1] = { 0 };
	gsize have = 0;
	gssize n;

	*passphrase = NULL;
	if (fcntl(WORKER_FD, F_GETFD) < 0)
		return true;
	while (have < sizeof text && (n = read(WORKER_FD, text + have, sizeof text - have)) > 0)
		have += (gsize)n;
	close(WORKER_FD);
	if (have > WORKER_PASSPHRASE_MAX || memchr(text, 0, have) != NULL) {
		g_set_error(error, FAULT, FAULT_BUG, "a passphrase that is none");
		return false;
	}
	*passphrase = g_strndup(text, have);
	explicit_bzero(text, sizeof text);
	return true;
}

int
worker_unpack_main(char **argv)
{
	struct repack repack = { 0 };
	g_autoptr(GError) error = NULL;
	struct limits limits;

	limits_default(&limits);
	log_open("unpack", LOG_LEVEL_WARNING);
	if (!g_ascii_string_to_unsigned(argv[0], 10, 1, G_MAXINT64 / 2, &repack.most, &error) ||
	    !g_ascii_string_to_unsigned(
		argv[1], 10, 1, G_MAXINT64, &limits.worker_memory, &error)) {
		log_error("%s", error->message);
		return FAULT_BUG;
	}
	if (!worker_take_passphrase(&repack.passphrase, &error)) {
		log_error("%s", error->message);
		return FAULT_BUG;
	}
	/* What is written is at most what is unpacked, and a header and a padding for each. */
	limits.unpacked = repack.most * 2;
	limits.messages_per_worker = 1;
	limits.seconds_per_message = CPU_HOURS * 3600;
	if (!sandbox_enter(&limits, STDERR_FILENO, &error)) {
		log_error("%s", error->message);
		return fault_exit_code(error);
	}
	int code = repack_all(&repack);
	archive_read_free(repack.from);
	archive_write_free(repack.to);
	g_free(repack.passphrase);
	return code;
}
