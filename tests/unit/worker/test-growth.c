/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-growth - a worker reads mail after mail: once it has read one of each kind, more of them
 * leave not a block behind. Asks the allocator of AddressSanitizer, which alone counts to the byte.
 */
#include "kit.h"

#define SMALL  (24 * 1024) /* bytes of a mail; large documents cost time and show no more */
#define ROUNDS 2
#define SLACK  (2 * 1024) /* tables of GLib that are built on the way; one block a mail is 4,000 */

#if defined(__SANITIZE_ADDRESS__)
#define COUNTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTED 1
#endif
#endif

#ifdef COUNTED
/* As in sanitizer/allocator_interface.h, which not every compiler brings. */
gsize __sanitizer_get_current_allocated_bytes(void);
#else
#define COUNTED 0
#endif

static gsize
in_use(void)
{
#if COUNTED
	return __sanitizer_get_current_allocated_bytes();
#else
	return 0;
#endif
}

static GPtrArray *
small_mails(void)
{
	g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "mail", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	GPtrArray *mails = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		char *data;
		gsize size;
		if (!g_str_has_suffix(name, ".eml") ||
		    !g_file_get_contents(path, &data, &size, NULL))
			continue;
		if (size <= SMALL)
			g_ptr_array_add(mails, g_bytes_new_take(data, size));
		else
			g_free(data);
	}
	return mails;
}

static void
read_all(struct dissect *dissect, const GPtrArray *mails)
{
	for (guint i = 0; i < mails->len; i++) {
		gsize size;
		const char *bytes = g_bytes_get_data(mails->pdata[i], &size);
		int fd = memfd_create("mail", MFD_CLOEXEC);
		g_assert_true(io_write_all(fd, bytes, size, NULL));
		struct message *message = dissect_message(dissect, fd, false, NULL);
		g_assert_nonnull(message);
		message_free(message);
		close(fd);
	}
}

static void
test_growth(void)
{
	struct limits limits;

	if (!COUNTED) {
		g_test_skip("only a build with AddressSanitizer counts what is in use");
		return;
	}
	limits_default(&limits);
	limits.cache = 64 * 1024; /* its least: full from the first round on */
	limits.seconds_per_message = limits.seconds_per_part = 600;
	g_autoptr(dissect) dissect = dissect_new(&limits, NULL);
	g_autoptr(GPtrArray) mails = small_mails();
	g_assert_cmpuint(mails->len, >, 50);
	for (guint i = 0; i < ROUNDS; i++)
		read_all(dissect, mails);
	gsize before = in_use();
	for (guint i = 0; i < ROUNDS; i++)
		read_all(dissect, mails);
	g_test_message("%zu bytes in use, then %zu", before, in_use());
	g_assert_cmpuint(in_use(), <, before + SLACK);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/growth", test_growth);
	return g_test_run();
}
