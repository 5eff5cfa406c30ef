/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes are written past the page cache where the file system lets us, and are the same to the
 * byte where it does not, or no longer; what was finished is never written again.
 */
#include "fixture.h"
#include "refusing.h"

#include "store/tar.h"
#include "store/vault-parts.h"

#define BATCHES 6
#define EACH    9

static void
set_full(bool full)
{
	g_mutex_lock(&refusing.lock);
	refusing.full = full;
	g_mutex_unlock(&refusing.lock);
}

/* --- a life --- */

struct scene {
	char *folder;
	GTimeZone *zone;
	struct vault *vault, *other; /* the writer; whoever reads and purges beside it */
	GBytes *noise;
};

static void
start(struct scene *scene, enum refusal how)
{
	GRand *rand = g_rand_new_with_seed(11);
	guint32 *noise = g_new(guint32, 1 << 20);

	for (guint i = 0; i < 1 << 20; i++)
		noise[i] = g_rand_int(rand);
	g_rand_free(rand);
	scene->noise = g_bytes_new_take(noise, sizeof *noise << 20);
	refusing_begin(how);
	scene->folder = g_dir_make_tmp("flagpost-pen-XXXXXX", NULL);
	scene->zone = g_time_zone_new_utc();
	scene->vault = vault_open(scene->folder, scene->zone, NULL);
	scene->other = vault_open(scene->folder, scene->zone, NULL);
	g_assert_true(scene->vault != NULL && scene->other != NULL);
}

static void
end(struct scene *scene)
{
	vault_close(scene->vault);
	vault_close(scene->other);
	g_time_zone_unref(scene->zone);
	remove_tree(scene->folder);
	g_free(scene->folder);
	g_bytes_unref(scene->noise);
	refusing_begin(REFUSES_NOTHING);
}

/* The nth message: from nothing to several times what a pen gathers, and each edge of a block. */
static GBytes *
body_of(const struct scene *scene, guint n)
{
	static const gsize sizes[] = { 3584, 0, 70000, 1, 3 << 20, 511, 300000, (1 << 20) - 512,
		512, 40000, 3583, 1 << 20, 4095, 120000 };

	return g_bytes_new_from_bytes(scene->noise, n * 37, sizes[n % G_N_ELEMENTS(sizes)]);
}

static int
spool_of(GBytes *body, char sha256[DIGEST_HEX])
{
	gsize size;
	const void *data = g_bytes_get_data(body, &size);

	digest_bytes(data, size, sha256);
	return fixture_spool(data, size);
}

static bool
put_bytes(struct scene *scene, GBytes *body, struct vault_place *place, GError **error)
{
	char sha256[DIGEST_HEX];
	int fd = spool_of(body, sha256);
	bool right =
	    vault_append(scene->vault, fd, g_bytes_get_size(body), sha256, MORNING, place, error);

	io_close(&fd);
	return right;
}

static struct vault_place
put_nth(struct scene *scene, guint n, bool later)
{
	g_autoptr(GBytes) body = body_of(scene, n);
	g_autoptr(GError) error = NULL;
	struct vault_place place;
	char sha256[DIGEST_HEX];
	int fd = spool_of(body, sha256);

	(later ? vault_append_later : vault_append)(
	    scene->vault, fd, g_bytes_get_size(body), sha256, MORNING, &place, &error);
	io_close(&fd);
	g_assert_no_error(error);
	return place;
}

static void
check_bytes(struct scene *scene, GBytes *body, const struct vault_place *place)
{
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	digest_bytes(g_bytes_get_data(body, NULL), g_bytes_get_size(body), sha256);
	g_autoptr(GBytes) bytes = vault_read(scene->other, place, sha256, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(bytes, body));
}

static void
check(struct scene *scene, guint n, const struct vault_place *place)
{
	g_autoptr(GBytes) body = body_of(scene, n);

	check_bytes(scene, body, place);
}

static void
sync_up_to(struct scene *scene, const struct vault_place *last)
{
	g_autoptr(GError) error = NULL;
	guint64 size;
	bool ends;

	vault_begin_sync(scene->vault);
	vault_sync(scene->vault, &error);
	g_assert_no_error(error);
	refusing.finished = last->end;
	g_assert_cmpint(vault_measure(scene->other, last->volume, last->end, &size, &ends, NULL),
	    ==, VAULT_EXACT);
	g_assert_cmpuint(size, ==, last->end + TAR_TRAILER);
	g_assert_true(ends);
}

static void
purge(struct scene *scene, guint n, const struct vault_place *place)
{
	g_autoptr(GBytes) body = body_of(scene, n);
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	digest_bytes(g_bytes_get_data(body, NULL), g_bytes_get_size(body), sha256);
	bool before = somebody_else;
	somebody_else = true;
	vault_overwrite(scene->other, place, sha256, &error);
	somebody_else = before;
	g_assert_no_error(error);
}

static void
check_purged(struct scene *scene, const struct vault_place *place)
{
	g_autofree char *path = g_build_filename(scene->folder, place->volume, NULL);
	g_autofree guchar *bytes = g_malloc(place->length + 1);
	char name[TAR_NAME + 1];
	guchar header[TAR_BLOCK];
	guint64 size;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	g_assert_true(io_pread_all(fd, header, sizeof header, place->offset - TAR_BLOCK, NULL) &&
		      io_pread_all(fd, bytes, place->length, place->offset, NULL));
	io_close(&fd);
	g_assert_true(tar_read_header(header, name, &size) && g_str_has_suffix(name, ".purged"));
	for (guint64 i = 0; i < place->length; i++)
		g_assert_cmpint(bytes[i], ==, 0);
}

/*
 * Batches, of each of which the last copy - it shares a block with what comes next - is purged as
 * soon as it stands; then the writer leaves and another goes on. What the volume is in the end.
 */
static GBytes *
live(struct scene *scene)
{
	struct vault_place places[BATCHES * EACH];

	for (guint i = 0; i < BATCHES * EACH; i++) {
		places[i] = put_nth(scene, i, i % 4 != 3);
		if (i % EACH < EACH - 1)
			continue;
		/* What stands there is read while more is put. */
		for (guint j = 0; j < i / EACH * EACH; j++) {
			if (j % EACH == EACH - 1)
				check_purged(scene, &places[j]);
			else
				check(scene, j, &places[j]);
		}
		sync_up_to(scene, &places[i]);
		purge(scene, i, &places[i]);
		if (i / EACH != BATCHES / 2)
			continue;
		vault_close(scene->vault);
		refusing.writes = 0;
		scene->vault = vault_open(scene->folder, scene->zone, NULL);
		g_assert_true(vault_recover(scene->vault, places[i].volume, places[i].end, NULL));
	}
	for (guint i = 0; i < BATCHES * EACH; i++) {
		if (i % EACH == EACH - 1)
			check_purged(scene, &places[i]);
		else
			check(scene, i, &places[i]);
	}
	g_autofree char *path = g_build_filename(scene->folder, places[0].volume, NULL);
	return io_read_file(path, 256 << 20, NULL);
}

static void
test_same(void)
{
	static const struct {
		const char *label;
		enum refusal how;
	} cases[] = {
		{ "all of it is taken", REFUSES_NOTHING },
		{ "the flag is refused", REFUSES_FLAG },
		{ "the first write is refused", REFUSES_WRITE },
		{ "a later write is refused", REFUSES_LATER },
		{ "the first half of each write is taken", TAKES_HALF },
		{ "one write finds no space", IS_FULL_ONCE },
	};
	g_autoptr(GBytes) first = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		struct scene scene;
		start(&scene, cases[i].how);
		g_autoptr(GBytes) volume = live(&scene);
		g_assert_nonnull(volume);
		bool past = cases[i].how != REFUSES_FLAG && cases[i].how != REFUSES_WRITE;
		if (refusing.cannot)
			g_test_message("this file system itself lets nobody past its cache");
		else
			g_assert_cmpint(refusing.bytes > 0, ==, past);
		if (cases[i].how == REFUSES_NOTHING && !refusing.cannot)
			g_assert_cmpuint(refusing.bytes, >, g_bytes_get_size(volume) / 2);
		end(&scene);
		if (first == NULL)
			first = g_bytes_ref(volume);
		g_assert_true(g_bytes_equal(volume, first));
	}
}

/* Of other bytes than were said, which shows behind the last of them. */
static void
put_wrong(struct scene *scene, gsize size)
{
	g_autoptr(GBytes) body = g_bytes_new_from_bytes(scene->noise, 99, size);
	g_autoptr(GError) error = NULL;
	struct vault_place place;
	char sha256[DIGEST_HEX];
	int fd = spool_of(body, sha256);

	sha256[0] = sha256[0] == 'a' ? 'b' : 'a';
	g_assert_false(vault_append(scene->vault, fd, size, sha256, MORNING, &place, &error));
	assert_fault(error, FAULT_DATA, "not those of");
	io_close(&fd);
}

/* What failed, in the buffer still or in the file by half, is in no volume. */
static void
test_failing(void)
{
	static const struct {
		const char *label;
		gsize size; /* 0: none */
		bool no_cut;
	} cases[] = {
		{ "nothing fails", 0, false },
		{ "a small one", 700, false },
		{ "a large one", 3 << 20, false },
		{ "and it cannot be cut off before the sync", 3 << 20, true },
	};
	g_autoptr(GBytes) first = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		struct vault_place place;
		struct scene scene;
		start(&scene, REFUSES_NOTHING);
		for (guint n = 0; n < 2 * EACH; n++) {
			place = put_nth(&scene, n, false);
			refusing.no_cut = cases[i].no_cut;
			if (n % 4 == 2 && cases[i].size > 0)
				put_wrong(&scene, cases[i].size + n);
			g_autoptr(GError) error = NULL;
			if (n % 4 == 2 && cases[i].no_cut) {
				g_assert_false(vault_sync(scene.vault, &error));
				assert_fault(error, FAULT_IO, "cut");
			}
			refusing.no_cut = false;
			if (n % EACH == EACH - 3)
				sync_up_to(&scene, &place);
		}
		sync_up_to(&scene, &place);
		g_autofree char *path = g_build_filename(scene.folder, place.volume, NULL);
		g_autoptr(GBytes) volume = io_read_file(path, 256 << 20, NULL);
		end(&scene);
		if (first == NULL)
			first = g_bytes_ref(volume);
		g_assert_true(g_bytes_equal(volume, first));
	}
}

/*
 * While there is no space a large copy fails, wherever the small ones before it are: on the sheet
 * at hand, or on one that was given away and could not be written. They are there once there is
 * some.
 */
static void
test_full(void)
{
	static const gsize before[] = { 0, 700, 600000, (1 << 20) - 2048, (1 << 20) + 5, 1900000 };

	for (guint i = 0; i < 2 * G_N_ELEMENTS(before); i++) {
		gsize size = before[i / 2];
		g_test_message("%" G_GSIZE_FORMAT " bytes before it, %s", size,
		    i % 2 == 0 ? "at the begin of a volume" : "and others, in the file");
		g_autoptr(GError) error = NULL;
		struct vault_place place, kept[2];
		struct scene scene;
		guint n = 0;
		start(&scene, REFUSES_NOTHING);
		if (i % 2 == 1)
			kept[n++] = put_nth(&scene, 0, false);
		if (i % 2 == 1)
			sync_up_to(&scene, &kept[0]);
		set_full(true);
		g_autoptr(GBytes) small = g_bytes_new_from_bytes(scene.noise, 5, size);
		bool right = put_bytes(&scene, small, &kept[n], NULL);
		n += right;
		g_autoptr(GBytes) large = g_bytes_new_from_bytes(scene.noise, 9, 3 << 20);
		g_assert_false(put_bytes(&scene, large, &place, &error));
		assert_fault(error, FAULT_IO, "No space");
		set_full(false);
		place = put_nth(&scene, 2, false);
		sync_up_to(&scene, &place);
		check(&scene, 2, &place);
		if (i % 2 == 1)
			check(&scene, 0, &kept[0]);
		if (right)
			check_bytes(&scene, small, &kept[n - 1]);
		g_assert_cmpuint(place.offset, ==, (n > 0 ? kept[n - 1].end : 0) + TAR_BLOCK);
		end(&scene);
	}
}

/* The length of a large frame is mended in the file, that of a small one in the buffer. */
static void
test_sealed(void)
{
	struct vault_place places[EACH];
	g_autofree char *text = cipher_key_make();
	struct scene scene;

	start(&scene, REFUSES_NOTHING);
	g_autofree char *key = g_build_filename(scene.folder, "key", NULL);
	g_assert_true(io_replace_file(key, text, strlen(text), 0600, NULL));
	for (guint i = 0; i < 2; i++) {
		struct cipher_keys *keys = cipher_keys_new();
		g_assert_true(cipher_keys_add(keys, key, "", true, NULL));
		vault_take_keys(i == 0 ? scene.vault : scene.other, keys);
	}
	for (guint i = 0; i < EACH; i++) {
		places[i] = put_nth(&scene, i, true);
		if (i == EACH / 2)
			sync_up_to(&scene, &places[i]);
	}
	sync_up_to(&scene, &places[EACH - 1]);
	g_autofree char *path = g_build_filename(scene.folder, places[0].volume, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	for (guint i = 0; i < EACH; i++) {
		guchar header[TAR_BLOCK];
		char name[TAR_NAME + 1];
		guint64 size;
		check(&scene, i, &places[i]);
		g_assert_true(
		    io_pread_all(fd, header, sizeof header, places[i].offset - TAR_BLOCK, NULL));
		g_assert_true(tar_read_header(header, name, &size));
		g_assert_cmpuint(size, ==, places[i].length);
		g_assert_true(g_str_has_suffix(name, ".eml.sealed"));
	}
	io_close(&fd);
	end(&scene);
}

/* --- beside the writer --- */

struct reading {
	struct scene *scene;
	struct vault_place places[BATCHES * EACH];
	gint ready; /* of places */
	gint over;
};

/* Reads each copy again and again; every third is purged, and stays so. */
static gpointer
read_beside(gpointer data)
{
	struct reading *reading = data;
	gint purged = 0;

	somebody_else = true;
	while (g_atomic_int_get(&reading->over) == 0) {
		gint ready = g_atomic_int_get(&reading->ready);
		for (; purged < ready; purged++) {
			if (purged % 3 == 2)
				purge(reading->scene, (guint)purged, &reading->places[purged]);
		}
		for (gint i = 0; i < ready; i++) {
			if (i % 3 == 2)
				check_purged(reading->scene, &reading->places[i]);
			else
				check(reading->scene, (guint)i, &reading->places[i]);
		}
	}
	return NULL;
}

static void
test_beside(void)
{
	struct scene scene;
	struct reading reading = { .scene = &scene };

	start(&scene, REFUSES_NOTHING);
	GThread *thread = g_thread_new("reader", read_beside, &reading);
	for (guint i = 0; i < BATCHES * EACH; i++) {
		reading.places[i] = put_nth(&scene, i, true);
		if (i % EACH < EACH - 1)
			continue;
		g_assert_true(vault_sync(scene.vault, NULL));
		refusing.finished = reading.places[i].end;
		g_atomic_int_set(&reading.ready, (gint)i + 1);
	}
	g_atomic_int_set(&reading.over, 1);
	g_thread_join(thread);
	for (guint i = 0; i < BATCHES * EACH; i++) {
		if (i % 3 != 2)
			check(&scene, i, &reading.places[i]);
	}
	end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pen/same", test_same);
	g_test_add_func("/pen/failing", test_failing);
	g_test_add_func("/pen/full", test_full);
	g_test_add_func("/pen/sealed", test_sealed);
	g_test_add_func("/pen/beside", test_beside);
	return g_test_run();
}
