/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * takeout - the decoded parts of one message as a plain tar file, for an export: decoding is
 * parsing, so it is done here, where there is nothing to steal.
 *
 * Dissection finds the parts as it does for a scan, so that what comes out has the digests that
 * were recorded then. Only forms of mail itself are opened further (a signed entity, winmail.dat,
 * uuencode); an archive comes out as the file that it is.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "worker/dissect.h"
#include "worker/extract.h"
#include "worker/sandbox.h"
#include "worker/unpack.h"
#include "worker/worker.h"

#define PIECE   (64 * 1024)
#define SECONDS 120

struct takeout {
	struct archive *to;
	guint number;
	bool failed;
};

static bool
write_entry(struct takeout *takeout, const struct blob *blob)
{
	g_autofree char *name = g_strdup_printf("%08u", ++takeout->number);
	struct archive_entry *entry = archive_entry_new();
	guint8 piece[PIECE];
	guint64 at = 0, size = blob_size(blob);

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)size);
	bool right = archive_write_header(takeout->to, entry) == ARCHIVE_OK;
	archive_entry_free(entry);
	while (right && at < size) {
		gsize n = blob_read(blob, at, piece, MIN(sizeof piece, size - at));
		right = n > 0 && archive_write_data(takeout->to, piece, n) == (la_ssize_t)n;
		at += n;
	}
	return right;
}

static void
take(const struct part *part, const struct blob *blob, void *data)
{
	struct takeout *takeout = data;

	if (part->attachment && !takeout->failed)
		takeout->failed = !write_entry(takeout, blob);
}

static int
take_out(struct dissect *dissect, struct takeout *takeout)
{
	const struct taker taker = { take, takeout };
	g_autoptr(GError) error = NULL;

	dissect_set_taker(dissect, &taker);
	struct message *message = dissect_message(dissect, STDIN_FILENO, false, &error);
	message_free(message);
	if (message == NULL) {
		g_printerr("%s\n", error->message);
		return FAULT_IO;
	}
	if (!takeout->failed && archive_write_close(takeout->to) == ARCHIVE_OK)
		return 0;
	g_autofree char *why = unpack_why(takeout->to);
	g_printerr("the tar file: %s\n", why);
	return FAULT_IO;
}

int
worker_attachments_main(char **argv)
{
	g_autoptr(GError) error = NULL;
	struct limits limits, outer;

	limits_default(&limits);
	log_open("attachments", LOG_LEVEL_WARNING);
	if (!g_ascii_string_to_unsigned(argv[0], 10, 1, G_MAXINT64 / 4, &limits.unpacked, &error) ||
	    !g_ascii_string_to_unsigned(
		argv[1], 10, 1, G_MAXINT64, &limits.worker_memory, &error)) {
		log_error("%s", error->message);
		return FAULT_BUG;
	}
	limits.seconds_per_message = limits.seconds_per_part = SECONDS;
	limits.cache = 0;
	/* What is written is what is decoded, and a header and a padding for each. */
	outer = limits;
	outer.unpacked = limits.unpacked * 2;
	outer.messages_per_worker = 1;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	if (dissect == NULL || !sandbox_enter(&outer, STDERR_FILENO, &error)) {
		log_error("%s", error->message);
		return fault_exit_code(error);
	}
	struct takeout takeout = { .to = archive_write_new() };
	archive_write_set_format_ustar(takeout.to);
	archive_write_set_bytes_in_last_block(takeout.to, 1);
	int code = FAULT_IO;
	if (archive_write_open_fd(takeout.to, STDOUT_FILENO) == ARCHIVE_OK)
		code = take_out(dissect, &takeout);
	archive_write_free(takeout.to);
	return code;
}
