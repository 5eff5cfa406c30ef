/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

static char *
folder_new(void)
{
	char *folder = g_dir_make_tmp("flagpost-io-XXXXXX", NULL);

	g_assert_nonnull(folder);
	return folder;
}

static void
folder_remove(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);

	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			folder_remove(path);
		else
			g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
}

static guint
folder_entries(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static void
test_spool(void)
{
	static const struct {
		const char *label;
		gsize size, step;
		bool in_memory;
	} cases[] = {
		{ "an empty message has a descriptor too", 0, 1, true },
		{ "one byte", 1, 1, true },
		{ "a message written line by line", 70000, 70, true },
		{ "writes of exactly the gathering size", 131072, 65536, true },
		{ "the largest that stays in memory", SPOOL_MEMORY_MAX, 4000, true },
		{ "one byte more goes to the disk", SPOOL_MEMORY_MAX + 1, 4000, false },
		{ "one huge write", 3 * SPOOL_MEMORY_MAX, 3 * SPOOL_MEMORY_MAX, false },
		{ "small writes past the border", 2 * SPOOL_MEMORY_MAX + 77, 999, false },
	};
	g_autofree char *folder = folder_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree guchar *data = g_malloc(cases[i].size + 1);
		guint64 size;

		g_test_message("%s", cases[i].label);
		for (gsize at = 0; at < cases[i].size; at++)
			data[at] = (guchar)(at * 7 + at / 251);
		struct io_spool *spool = io_spool_new(folder);
		for (gsize at = 0; at < cases[i].size; at += cases[i].step) {
			gsize n = MIN(cases[i].step, cases[i].size - at);
			g_assert_true(io_spool_write(spool, data + at, n, &error));
		}
		g_assert_cmpuint(io_spool_size(spool), ==, cases[i].size);
		int fd = io_spool_finish(&spool, &error);
		g_assert_no_error(error);
		g_assert_null(spool);
		g_autofree char *digest = io_sha256(fd, &size, &error);
		g_autofree char *expected =
		    g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, cases[i].size);
		g_assert_cmpstr(digest, ==, expected);
		g_assert_cmpuint(size, ==, cases[i].size);
		/* Only memory files know seals. */
		g_assert_cmpint(fcntl(fd, F_GET_SEALS) > 0, ==, cases[i].in_memory);
		g_assert_cmpuint(folder_entries(folder), ==, 0);
		io_close(&fd);
	}
	folder_remove(folder);
}

static void
test_spool_is_frozen(void)
{
	g_autofree char *folder = folder_new();
	g_autoptr(GError) error = NULL;

	for (gsize size = 10; size <= 2 * SPOOL_MEMORY_MAX; size += 2 * SPOOL_MEMORY_MAX - 10) {
		g_autofree char *data = g_strnfill(size, 'x');
		struct io_spool *spool = io_spool_new(folder);
		g_assert_true(io_spool_write(spool, data, size, &error));
		int fd = io_spool_finish(&spool, &error);
		g_test_message("the receiver of %" G_GSIZE_FORMAT " bytes cannot write them", size);
		g_assert_cmpint(write(fd, "y", 1), <, 0);
		g_assert_cmpint(errno, ==, EBADF);
		g_assert_cmpint(ftruncate(fd, 0), <, 0);
		g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
		io_close(&fd);
	}
	g_test_message("nor through a second opening of a memory file");
	struct io_spool *spool = io_spool_new(folder);
	int fd = io_spool_finish(&spool, &error);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int again = open(path, O_RDWR | O_CLOEXEC);
	g_assert_true(again < 0 || write(again, "y", 1) < 0);
	io_close(&again);
	io_close(&fd);
	folder_remove(folder);

	g_test_message("a folder that is gone is an error only when it is needed");
	g_autofree char *data = g_strnfill(2 * SPOOL_MEMORY_MAX, 'x');
	spool = io_spool_new(folder);
	g_assert_false(io_spool_write(spool, data, 2 * SPOOL_MEMORY_MAX, &error));
	g_assert_error(error, FAULT, FAULT_IO);
	g_assert_nonnull(strstr(error->message, folder));
	io_spool_free(spool);
}

static void
test_replace(void)
{
	g_autofree char *folder = folder_new();
	g_autofree char *path = g_build_filename(folder, "index.html", NULL);
	g_autofree char *lost = g_build_filename(folder, "no", "index.html", NULL);
	g_autoptr(GError) error = NULL;
	struct stat st;

	g_assert_true(io_replace_file(path, "old", 3, 0600, &error));
	g_assert_true(io_replace_file(path, "newer", 5, 0640, &error));
	g_autoptr(GBytes) bytes = io_read_file(path, 100, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(bytes, NULL), (int)g_bytes_get_size(bytes), "newer", 5);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_test_message("the mode is what was asked for, whatever the umask is");
	g_assert_cmpint(st.st_mode & 07777, ==, 0640);
	g_test_message("no temporary file stays behind");
	g_assert_cmpuint(folder_entries(folder), ==, 1);

	g_assert_false(io_replace_file(lost, "x", 1, 0600, &error));
	g_assert_error(error, FAULT, FAULT_IO);
	g_assert_nonnull(strstr(error->message, "/no/"));
	g_clear_error(&error);
	g_test_message("a failed replacement leaves no temporary file either");
	g_autofree char *taken = g_build_filename(folder, "taken", NULL);
	g_assert_cmpint(g_mkdir(taken, 0700), ==, 0);
	g_assert_false(io_replace_file(taken, "x", 1, 0600, &error));
	g_assert_cmpuint(folder_entries(folder), ==, 2);
	folder_remove(folder);
}

static void
test_folders(void)
{
	g_autofree char *folder = folder_new();
	g_autofree char *deep = g_build_filename(folder, "copies", "2026", NULL);
	g_autofree char *slashed = g_strconcat(deep, "/11/", NULL);
	g_autofree char *file = g_build_filename(folder, "file", NULL);
	g_autofree char *under = g_build_filename(file, "x", NULL);
	g_autofree char *link = g_build_filename(folder, "link", NULL);
	const char *const bad[] = { file, under, link };
	struct stat st;
	g_autoptr(GError) error = NULL;

	g_assert_true(io_make_folders(deep, 0700, &error));
	g_assert_cmpint(stat(deep, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0700);
	g_test_message("again is no error; a slash at the end neither");
	g_assert_true(io_make_folders(deep, 0700, &error));
	g_assert_true(io_make_folders(slashed, 0700, &error));
	g_assert_cmpint(stat(slashed, &st), ==, 0);

	g_assert_true(io_replace_file(file, "", 0, 0600, &error));
	g_assert_cmpint(symlink("nowhere", link), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_test_message("in the way: %s", bad[i]);
		g_assert_false(io_make_folders(bad[i], 0700, &error));
		g_assert_error(error, FAULT, FAULT_IO);
		g_clear_error(&error);
	}
	folder_remove(folder);
}

static void
test_read(void)
{
	g_autofree char *folder = folder_new();
	g_autofree char *path = g_build_filename(folder, "list", NULL);
	g_autofree char *pipe_path = g_build_filename(folder, "pipe", NULL);
	const struct {
		const char *label, *path;
		gsize max;
		int code;
	} cases[] = {
		{ "a file of exactly the size allowed", path, 5, 0 },
		{ "a file one byte too long", path, 4, FAULT_DATA },
		{ "a file that is not there", "/nonexistent/list", 10, FAULT_IO },
		{ "a folder is no file", folder, 10, FAULT_IO },
		{ "a named pipe must not block the start", pipe_path, 10, FAULT_IO },
		{ "a device without end is refused", "/dev/zero", 10, FAULT_IO },
	};

	g_assert_true(io_replace_file(path, "a\0b\nc", 5, 0600, NULL));
	g_assert_cmpint(mkfifo(pipe_path, 0600), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_autoptr(GBytes) bytes = io_read_file(cases[i].path, cases[i].max, &error);
		g_assert_cmpint(fault_exit_code(error), ==, cases[i].code);
		if (error != NULL)
			g_assert_true(g_str_has_prefix(error->message, cases[i].path));
		else
			g_assert_cmpuint(g_bytes_get_size(bytes), ==, 5);
	}
	folder_remove(folder);
}

static void
test_positions(void)
{
	g_autoptr(GError) error = NULL;
	char buffer[8] = "";
	int fd = memfd_create("test", MFD_CLOEXEC);

	g_assert_true(io_pwrite_all(fd, "67890", 5, 5, &error));
	g_assert_true(io_pwrite_all(fd, "12345", 5, 0, &error));
	g_assert_true(io_pread_all(fd, buffer, 4, 3, &error));
	g_assert_cmpmem(buffer, 4, "4567", 4);
	g_test_message("a file that was cut is noticed, not read as zeros");
	g_assert_false(io_pread_all(fd, buffer, 4, 8, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
	g_clear_error(&error);
	g_test_message("a closed descriptor is an error");
	g_assert_false(io_write_all(-1, "x", 1, &error));
	g_assert_error(error, FAULT, FAULT_IO);
	io_close(&fd);
	g_assert_cmpint(fd, ==, -1);
	io_close(&fd);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/io/spool", test_spool);
	g_test_add_func("/io/spool-is-frozen", test_spool_is_frozen);
	g_test_add_func("/io/replace", test_replace);
	g_test_add_func("/io/folders", test_folders);
	g_test_add_func("/io/read", test_read);
	g_test_add_func("/io/positions", test_positions);
	return g_test_run();
}
