/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/tar.h"

struct vaulted {
	char *folder;
	GTimeZone *zone;
	struct vault *vault;
};

static void
start(struct vaulted *vaulted)
{
	vaulted->folder = g_dir_make_tmp("flagpost-vault-XXXXXX", NULL);
	vaulted->zone = g_time_zone_new_identifier("Europe/Berlin");
	if (vaulted->zone == NULL)
		vaulted->zone = g_time_zone_new_utc();
	vaulted->vault = vault_open(vaulted->folder, vaulted->zone, NULL);
	g_assert_nonnull(vaulted->vault);
}

static void
reopen(struct vaulted *vaulted)
{
	vault_close(vaulted->vault);
	vaulted->vault = vault_open(vaulted->folder, vaulted->zone, NULL);
}

static void
end(struct vaulted *vaulted)
{
	vault_close(vaulted->vault);
	g_time_zone_unref(vaulted->zone);
	remove_tree(vaulted->folder);
	g_free(vaulted->folder);
}

static char *
content(gsize size)
{
	char *data = g_malloc(size + 1);

	for (gsize i = 0; i < size; i++)
		data[i] = (char)(i * 31 + i / 512);
	data[size] = '\0';
	return data;
}

static struct vault_place
append(struct vaulted *vaulted, gsize size, gint64 now, char sha256[DIGEST_HEX])
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = content(size);
	struct vault_place place;
	int fd = fixture_spool(data, size);

	digest_bytes(data, size, sha256);
	vault_append(vaulted->vault, fd, size, sha256, now, &place, &error);
	g_assert_no_error(error);
	io_close(&fd);
	return place;
}

static void
check_read(struct vaulted *vaulted, const struct vault_place *place, const char *sha256, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = vault_read(vaulted->vault, place, sha256, &error);
	g_autofree char *data = content(size);

	g_assert_no_error(error);
	assert_bytes(bytes, data, size);
}

/* Lists a volume with GNU tar; NULL where there is none. */
static char *
list(const struct vaulted *vaulted, const char *volume)
{
	g_autofree char *path = g_build_filename(vaulted->folder, volume, NULL);
	const char *argv[] = { "tar", "--list", "--verbose", "--numeric-owner", "--file", path,
		NULL };
	g_autoptr(GError) error = NULL;
	g_autofree char *complaints = NULL;
	char *out = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
		&complaints, &status, &error))
		return NULL;
	g_assert_cmpstr(complaints, ==, "");
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	return out;
}

static guint
count_lines(const char *text)
{
	guint lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void
assert_lists(const struct vaulted *vaulted, const char *volume, guint entries)
{
	g_autofree char *out = list(vaulted, volume);

	if (out != NULL)
		g_assert_cmpuint(count_lines(out), ==, entries);
}

static void
test_sizes(void)
{
	static const gsize sizes[] = { 0, 1, 511, 512, 513, 1024, 131071, 131072, 131073, 131584,
		262144, 400000 };
	struct vault_place places[G_N_ELEMENTS(sizes)];
	char digests[G_N_ELEMENTS(sizes)][DIGEST_HEX];
	struct vaulted vaulted;
	struct stat st;

	start(&vaulted);
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		places[i] = append(&vaulted, sizes[i], MORNING, digests[i]);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_assert_cmpstr(places[i].volume, ==, "2026/2026-11-22.tar");
		g_assert_cmpuint(places[i].offset % TAR_BLOCK, ==, 0);
		check_read(&vaulted, &places[i], digests[i], sizes[i]);
	}
	g_autofree char *path = g_build_filename(vaulted.folder, places[0].volume, NULL);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	assert_lists(&vaulted, places[0].volume, G_N_ELEMENTS(sizes));
	end(&vaulted);
}

/* What a person without Flagpost gets out. */
static void
test_extracts(void)
{
	struct vaulted vaulted;
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	start(&vaulted);
	struct vault_place place = append(&vaulted, 3000, MORNING, sha256);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	g_autofree char *path = g_build_filename(vaulted.folder, place.volume, NULL);
	const char *argv[] = { "tar", "-xmf", path, "-C", vaulted.folder, NULL };
	int status;
	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
		&status, &error)) {
		g_test_skip("no tar here");
		end(&vaulted);
		return;
	}
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	g_autofree char *name = g_strdup_printf("100205-%s.eml", sha256);
	g_autofree char *file = g_build_filename(vaulted.folder, name, NULL);
	g_autoptr(GBytes) bytes = io_read_file(file, 10000, &error);
	g_assert_no_error(error);
	g_autofree char *data = content(3000);
	assert_bytes(bytes, data, 3000);
	end(&vaulted);
}

static void
test_large_header(void)
{
	static const struct {
		const char *label;
		guint64 size;
		guchar field[12];
	} cases[] = {
		{ "the last size that octal holds", ((guint64)8 << 30) - 1, "77777777777" },
		{ "8 GiB goes to base 256", (guint64)8 << 30,
		    { 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0 } },
		{ "and so does more", ((guint64)9 << 40) + 5,
		    { 0x80, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 5 } },
	};
	guchar header[TAR_BLOCK];

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		tar_header(header, "x.eml", cases[i].size, 0);
		g_assert_cmpmem(header + 124, 12, cases[i].field, 12);
	}
}

static void
test_recovery(void)
{
	struct vaulted vaulted;
	char one[DIGEST_HEX], two[DIGEST_HEX], three[DIGEST_HEX];

	start(&vaulted);
	struct vault_place first = append(&vaulted, 700, MORNING, one);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	append(&vaulted, 9000, MORNING, two); /* never synced, never committed */
	reopen(&vaulted);

	g_autoptr(GError) error = NULL;
	g_assert_true(vault_recover(vaulted.vault, first.volume, first.end, &error));
	g_autofree char *path = g_build_filename(vaulted.folder, first.volume, NULL);
	g_assert_cmpuint(file_size(path), ==, first.end + TAR_TRAILER);
	assert_lists(&vaulted, first.volume, 1);

	struct vault_place third = append(&vaulted, 800, MORNING + G_USEC_PER_SEC, three);
	g_assert_cmpuint(third.offset, ==, first.end + TAR_BLOCK);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	check_read(&vaulted, &first, one, 700);
	check_read(&vaulted, &third, three, 800);
	assert_lists(&vaulted, first.volume, 2);
	end(&vaulted);
}

static void
test_garbage(void)
{
	static const struct {
		const char *label;
		gsize garbage;
	} cases[] = {
		{ "one byte", 1 },
		{ "as much as a trailer", TAR_TRAILER },
		{ "much", 50000 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("behind the end stands %s", cases[i].label);
		struct vaulted vaulted;
		char sha256[DIGEST_HEX];
		start(&vaulted);
		struct vault_place place = append(&vaulted, 700, MORNING, sha256);
		vault_sync(vaulted.vault, NULL);
		g_autofree char *path = g_build_filename(vaulted.folder, place.volume, NULL);
		g_autofree char *garbage = content(cases[i].garbage);
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		g_assert_true(io_pwrite_all(fd, garbage, cases[i].garbage, place.end, NULL));
		io_close(&fd);
		reopen(&vaulted);
		g_assert_true(vault_recover(vaulted.vault, place.volume, place.end, NULL));
		g_assert_cmpuint(file_size(path), ==, place.end + TAR_TRAILER);
		check_read(&vaulted, &place, sha256, 700);
		assert_lists(&vaulted, place.volume, 1);
		end(&vaulted);
	}
}

static void
test_refusals(void)
{
	struct vaulted vaulted;
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;
	struct vault_place out;

	start(&vaulted);
	struct vault_place place = append(&vaulted, 700, MORNING, sha256);
	vault_sync(vaulted.vault, NULL);
	g_autofree char *path = g_build_filename(vaulted.folder, place.volume, NULL);

	g_test_message("a volume that no commit names is not written to");
	reopen(&vaulted);
	int fd = fixture_spool("x", 1);
	g_assert_false(vault_append(vaulted.vault, fd, 1, sha256, MORNING, &out, &error));
	assert_fault(error, FAULT_DATA, "2026-11-22.tar");
	g_assert_true(vault_recover(vaulted.vault, place.volume, place.end, NULL));

	g_test_message("other bytes than the digest says are not kept");
	g_assert_false(vault_append(vaulted.vault, fd, 1, sha256, MORNING, &out, &error));
	assert_fault(error, FAULT_DATA, sha256);
	g_assert_false(vault_append(vaulted.vault, fd, 2, sha256, MORNING, &out, &error));
	assert_fault(error, FAULT_DATA, "1 of 2");
	io_close(&fd);
	g_assert_cmpuint(file_size(path), ==, place.end);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	assert_lists(&vaulted, place.volume, 1);

	g_test_message("a volume shorter than committed");
	g_assert_cmpint(truncate(path, (off_t)place.end - 1), ==, 0);
	g_assert_false(vault_recover(vaulted.vault, place.volume, place.end, &error));
	assert_fault(error, FAULT_DATA, "2026-11-22.tar");
	guint64 size;
	g_assert_cmpint(vault_look(vaulted.vault, place.volume, place.end, &size), ==, VAULT_SHORT);
	g_assert_cmpuint(size, ==, place.end - 1);

	g_test_message("what comes goes into the day's next volume, and the short one stays");
	struct vault_place next = append(&vaulted, 900, MORNING, sha256);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	g_assert_cmpstr(next.volume, ==, "2026/2026-11-22-2.tar");
	check_read(&vaulted, &next, sha256, 900);
	g_assert_cmpuint(file_size(path), ==, place.end - 1);

	g_test_message("a volume that is removed while it is written is no place for copies");
	g_autofree char *second = g_build_filename(vaulted.folder, next.volume, NULL);
	append(&vaulted, 900, MORNING, sha256);
	g_unlink(second);
	g_assert_false(vault_sync(vaulted.vault, &error));
	assert_fault(error, FAULT_IO, "2026-11-22-2.tar");
	g_assert_false(vault_recover(vaulted.vault, next.volume, next.end, &error));
	assert_fault(error, FAULT_DATA, "missing");
	next = append(&vaulted, 900, MORNING, sha256);
	g_assert_cmpstr(next.volume, ==, "2026/2026-11-22-3.tar");

	g_unlink(path);
	g_assert_false(vault_recover(vaulted.vault, place.volume, place.end, &error));
	assert_fault(error, FAULT_DATA, "missing");
	g_assert_cmpint(
	    vault_look(vaulted.vault, place.volume, place.end, &size), ==, VAULT_MISSING);

	g_test_message("no name leads elsewhere");
	static const char *const names[] = { "2026/../../../etc/passwd", "", "2026-11-22.tar",
		"2026/2025-11-22.tar", "/026/2026-11-22.tar", "2026/2026-11-22-.tar",
		"2026/2026-11-22-100.tar", "2026/2026-11-22-1.tar.gz" };
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_strlcpy(place.volume, names[i], sizeof place.volume);
		g_assert_null(vault_read(vaulted.vault, &place, sha256, &error));
		assert_fault(error, FAULT_DATA, "not the name of a volume");
	}
	end(&vaulted);
}

static void
test_altered(void)
{
	struct vaulted vaulted;
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	start(&vaulted);
	struct vault_place place = append(&vaulted, 700, MORNING, sha256);
	vault_sync(vaulted.vault, NULL);
	g_autofree char *path = g_build_filename(vaulted.folder, place.volume, NULL);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	g_assert_true(io_pwrite_all(fd, "?", 1, place.offset + 699, NULL));
	io_close(&fd);
	g_assert_null(vault_read(vaulted.vault, &place, sha256, &error));
	assert_fault(error, FAULT_DATA, "altered");
	end(&vaulted);
}

/* 23:30 UTC is the next day in Berlin; a clock set back comes to an older volume again. */
static void
test_days(void)
{
	struct vaulted vaulted;
	char sha256[4][DIGEST_HEX];

	start(&vaulted);
	struct vault_place a = append(&vaulted, 10, MORNING, sha256[0]);
	struct vault_place b = append(&vaulted, 20, MORNING + DAY, sha256[1]);
	struct vault_place c = append(&vaulted, 30, MORNING, sha256[2]);
	struct vault_place d = append(&vaulted, 40, MORNING + DAY, sha256[3]);
	g_assert_true(vault_sync(vaulted.vault, NULL));
	g_assert_cmpstr(a.volume, ==, c.volume);
	g_assert_cmpstr(b.volume, ==, "2026/2026-11-23.tar");
	g_assert_cmpuint(c.offset, ==, a.end + TAR_BLOCK);
	check_read(&vaulted, &a, sha256[0], 10);
	check_read(&vaulted, &b, sha256[1], 20);
	check_read(&vaulted, &c, sha256[2], 30);
	check_read(&vaulted, &d, sha256[3], 40);
	assert_lists(&vaulted, a.volume, 2);
	assert_lists(&vaulted, b.volume, 2);

	const char *known[] = { a.volume, NULL };
	g_assert_true(vault_recover_unknown(vaulted.vault, known, NULL));
	g_autofree char *kept = g_build_filename(vaulted.folder, a.volume, NULL);
	g_autofree char *gone = g_build_filename(vaulted.folder, b.volume, NULL);
	g_assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));
	struct vault_place e = append(&vaulted, 50, MORNING + DAY, sha256[0]);
	g_assert_cmpuint(e.offset, ==, TAR_BLOCK);
	end(&vaulted);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/vault/sizes", test_sizes);
	g_test_add_func("/vault/extracts", test_extracts);
	g_test_add_func("/vault/large-header", test_large_header);
	g_test_add_func("/vault/recovery", test_recovery);
	g_test_add_func("/vault/garbage", test_garbage);
	g_test_add_func("/vault/refusals", test_refusals);
	g_test_add_func("/vault/altered", test_altered);
	g_test_add_func("/vault/days", test_days);
	return g_test_run();
}
