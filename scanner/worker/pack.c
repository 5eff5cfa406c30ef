/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pack - a plain tar file of copies made into what goes into data_dir/archives: the same tar file
 * packed with zstd, or a ZIP whose members are encrypted with AES-256. libarchive is linked in this
 * program alone, and its sandbox is there anyhow.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "worker/sandbox.h"
#include "worker/unpack.h"
#include "worker/worker.h"

#define BLOCK     (128 * 1024)
#define CPU_HOURS 24

static bool
open_from(struct archive *from)
{
	archive_read_support_format_tar(from);
	return archive_read_open_fd(from, STDIN_FILENO, BLOCK) == ARCHIVE_OK;
}

static bool
open_to(struct archive *to, const char *form, const char *passphrase)
{
	bool right;

	if (strcmp(form, WORKER_PACK_ZIP) == 0)
		right = archive_write_set_format_zip(to) == ARCHIVE_OK &&
			archive_write_set_options(to, "zip:encryption=aes256") == ARCHIVE_OK &&
			archive_write_set_passphrase(to, passphrase) == ARCHIVE_OK;
	else
		right = archive_write_set_format_ustar(to) == ARCHIVE_OK &&
			archive_write_add_filter_zstd(to) == ARCHIVE_OK;
	archive_write_set_bytes_in_last_block(to, 1);
	return right && archive_write_open_fd(to, STDOUT_FILENO) == ARCHIVE_OK;
}

static bool
copy_member(struct archive *from, struct archive *to, struct archive_entry *entry)
{
	guint8 piece[BLOCK];
	la_ssize_t n;

	if (archive_write_header(to, entry) != ARCHIVE_OK)
		return false;
	while ((n = archive_read_data(from, piece, sizeof piece)) > 0)
		if (archive_write_data(to, piece, (size_t)n) != n)
			return false;
	return n == 0;
}

static bool
copy_all(struct archive *from, struct archive *to)
{
	struct archive_entry *entry;
	int state;

	while ((state = archive_read_next_header(from, &entry)) == ARCHIVE_OK)
		if (!copy_member(from, to, entry))
			return false;
	return state == ARCHIVE_EOF && archive_write_close(to) == ARCHIVE_OK;
}

int
worker_pack_main(char **argv)
{
	g_autofree char *passphrase = NULL;
	g_autoptr(GError) error = NULL;
	struct limits limits;

	limits_default(&limits);
	log_open("pack", LOG_LEVEL_WARNING);
	if (!g_ascii_string_to_unsigned(
		argv[1], 10, 1, G_MAXINT64, &limits.worker_memory, &error) ||
	    !worker_take_passphrase(&passphrase, &error)) {
		log_error("%s", error->message);
		return FAULT_BUG;
	}
	limits.unpacked = G_MAXINT64 / 2;
	limits.messages_per_worker = 1;
	limits.seconds_per_message = CPU_HOURS * 3600;
	if (!sandbox_enter(&limits, STDERR_FILENO, &error)) {
		log_error("%s", error->message);
		return fault_exit_code(error);
	}
	struct archive *from = archive_read_new(), *to = archive_write_new();
	bool right = open_from(from) && open_to(to, argv[0], passphrase) && copy_all(from, to);
	if (!right) {
		g_autofree char *why = unpack_why(archive_errno(to) != 0 ? to : from);
		g_printerr("%s\n", why);
	}
	archive_write_free(to);
	archive_read_free(from);
	return right ? 0 : FAULT_IO;
}
