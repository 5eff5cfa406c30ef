/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/frame.h"

struct frames {
	char *folder;
	struct cipher_keys *keys;
};

static char *
write_key(const struct frames *frames, const char *name, const char *text, unsigned mode)
{
	char *path = g_build_filename(frames->folder, name, NULL);

	g_assert_true(io_replace_file(path, text, strlen(text), mode, NULL));
	return path;
}

static void
start(struct frames *frames)
{
	frames->folder = g_dir_make_tmp("flagpost-frame-XXXXXX", NULL);
	frames->keys = cipher_keys_new();
	g_autofree char *key = cipher_key_make();
	g_autofree char *path = write_key(frames, "key", key, 0600);
	g_assert_true(cipher_keys_add(frames->keys, path, "", true, NULL));
}

static void
end(struct frames *frames)
{
	cipher_keys_free(frames->keys);
	remove_tree(frames->folder);
	g_free(frames->folder);
}

static bool
collect(const void *data, gsize size, void *user, G_GNUC_UNUSED GError **error)
{
	g_byte_array_append(user, data, (guint)size);
	return true;
}

static GByteArray *
write_frame(const struct cipher_keys *keys, const guchar *data, gsize size, gsize step)
{
	g_autoptr(frame_writer) writer = frame_writer_new();
	GByteArray *out = g_byte_array_new();
	char sha256[DIGEST_HEX];
	gsize done = 0;

	digest_bytes(data, size, sha256);
	g_assert_true(frame_begin(writer, keys, SQUEEZE_FAST, sha256, size, collect, out, NULL));
	do {
		gsize n = MIN(step, size - done);
		g_assert_true(frame_put(writer, data + done, n, done + n == size, NULL));
		done += n;
	} while (done < size);
	return out;
}

static GByteArray *
read_frame(const struct cipher_keys *keys, const char *sha256, const guchar *frame, gsize size,
    gsize step, guint64 max, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(frame_reader) reader = frame_reader_new(
	    frame_form_of(frame, size) == FRAME_PACKED ? FRAME_PACKED : FRAME_SEALED, keys, sha256,
	    max, collect, out);

	for (gsize done = 0; done < size; done += step) {
		if (!frame_get(reader, frame + done, MIN(step, size - done), error))
			return NULL;
	}
	return frame_end(reader, error) ? g_steal_pointer(&out) : NULL;
}

static void
assert_same(const GByteArray *found, const void *data, gsize size)
{
	g_assert_cmpuint(found->len, ==, size);
	g_assert_true(size == 0 || memcmp(found->data, data, size) == 0);
}

/* Half words, half noise, as mail with an attachment is. */
static guchar *
make_bytes(gsize size)
{
	guchar *data = g_malloc(MAX(size, 1));
	GRand *rand = g_rand_new_with_seed((guint32)size);

	for (gsize i = 0; i < size; i++)
		data[i] = i % 128 < 64 ? (guchar) "the falcon is a bird "[i % 21]
				       : (guchar)g_rand_int(rand);
	g_rand_free(rand);
	return data;
}

static void
test_there_and_back(void)
{
	static const gsize sizes[] = { 0, 1, 100, 32 * 1024, 65 * 1024, 131072, 400 * 1000 };
	static const gsize steps[] = { 1000000, 32 * 1024 + 17, 4096, 7 };
	struct frames frames;

	start(&frames);
	for (guint i = 0; i < G_N_ELEMENTS(sizes) * G_N_ELEMENTS(steps) * 2; i++) {
		gsize size = sizes[i / 8], step = steps[i / 2 % 4];
		const struct cipher_keys *keys = i % 2 == 0 ? frames.keys : NULL;
		g_autofree guchar *data = make_bytes(size);
		g_autoptr(GError) error = NULL;
		char sha256[DIGEST_HEX];
		digest_bytes(data, size, sha256);
		g_test_message("%zu bytes by %zu, %s", size, step, keys ? "sealed" : "packed");
		g_autoptr(GByteArray) frame = write_frame(keys, data, size, step);
		g_assert_cmpint(frame_form_of(frame->data, frame->len), ==,
		    keys != NULL ? FRAME_SEALED : FRAME_PACKED);
		g_autoptr(GByteArray) back =
		    read_frame(frames.keys, sha256, frame->data, frame->len, step, size, &error);
		g_assert_no_error(error);
		assert_same(back, data, size);
	}
	end(&frames);
}

/* What came out of a piece before the fault was found is authentic; the whole is refused. */
static void
check_refused(const struct frames *frames, const char *sha256, const guchar *frame, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) back =
	    read_frame(frames->keys, sha256, frame, size, size + 1, 1 << 20, &error);

	g_assert_null(back);
	g_assert_true(g_error_matches(error, FAULT, FAULT_DATA) ||
		      g_error_matches(error, FAULT, FAULT_DENIED));
}

static void
test_every_byte(void)
{
	struct frames frames;
	g_autofree guchar *data = make_bytes(300);
	char sha256[DIGEST_HEX];

	start(&frames);
	digest_bytes(data, 300, sha256);
	g_autoptr(GByteArray) frame = write_frame(frames.keys, data, 300, 300);
	for (guint i = 0; i < frame->len; i++) {
		for (guint bit = 0; bit < 8; bit++) {
			g_test_message("bit %u of byte %u is another", bit, i);
			frame->data[i] ^= (guchar)(1 << bit);
			check_refused(&frames, sha256, frame->data, frame->len);
			frame->data[i] ^= (guchar)(1 << bit);
		}
		g_test_message("cut off before byte %u", i);
		check_refused(&frames, sha256, frame->data, i);
	}
	g_test_message("a byte behind it");
	g_byte_array_append(frame, (const guchar *)"x", 1);
	check_refused(&frames, sha256, frame->data, frame->len);
	end(&frames);
}

static void
test_pieces_in_their_order(void)
{
	const gsize piece = FRAME_PIECE + CIPHER_TAG;
	struct frames frames;
	g_autofree guint32 *noise = g_new(guint32, 50 * 1024);
	GRand *rand = g_rand_new_with_seed(1);
	gsize size = 200 * 1024;
	char sha256[DIGEST_HEX];

	start(&frames);
	for (gsize i = 0; i < size / 4; i++)
		noise[i] = g_rand_int(rand);
	g_rand_free(rand);
	digest_bytes(noise, size, sha256);
	g_autoptr(GByteArray) frame = write_frame(frames.keys, (const guchar *)noise, size, size);
	g_assert_cmpuint(frame->len, >, 3 * piece);
	g_autofree guchar *other = g_memdup2(frame->data, frame->len);
	guchar *first = other + FRAME_HEADER;

	g_test_message("two pieces change places");
	memcpy(first, frame->data + FRAME_HEADER + piece, piece);
	memcpy(first + piece, frame->data + FRAME_HEADER, piece);
	check_refused(&frames, sha256, other, frame->len);
	g_test_message("a piece is left out");
	check_refused(&frames, sha256, other + piece, frame->len - piece);
	g_test_message("cut off behind a whole piece");
	check_refused(&frames, sha256, frame->data, FRAME_HEADER + 2 * piece);
	end(&frames);
}

/* Both frames are whole, and both are of the same key. */
static void
test_a_frame_of_another_message(void)
{
	struct frames frames;
	g_autoptr(GError) error = NULL;
	char one[DIGEST_HEX], two[DIGEST_HEX];

	start(&frames);
	digest_bytes("one", 3, one);
	digest_bytes("two", 3, two);
	g_autoptr(GByteArray) frame = write_frame(frames.keys, (const guchar *)"one", 3, 3);
	g_assert_null(read_frame(frames.keys, two, frame->data, frame->len, 1000, 3, &error));
	assert_fault(error, FAULT_DATA, "not what was encrypted for this message");
	g_autoptr(GByteArray) right =
	    read_frame(frames.keys, one, frame->data, frame->len, 1000, 3, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(right->len, ==, 3);
	end(&frames);
}

static void
test_keys(void)
{
	struct frames frames;
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX], id[CIPHER_ID_TEXT];

	start(&frames);
	digest_bytes("one", 3, sha256);
	g_autoptr(GByteArray) frame = write_frame(frames.keys, (const guchar *)"one", 3, 3);
	frame_key(frame->data, id);
	g_assert_cmpstr(id, ==, cipher_keys_writes(frames.keys));
	g_assert_true(cipher_keys_has(frames.keys, id));

	g_test_message("no key at all");
	g_assert_null(read_frame(NULL, sha256, frame->data, frame->len, 1000, 3, &error));
	assert_fault(error, FAULT_DENIED, id);

	g_test_message("another key, and why the right one is away");
	g_autoptr(cipher_keys) others = cipher_keys_new();
	g_autofree char *key = cipher_key_make();
	g_autofree char *path = write_key(&frames, "other", key, 0600);
	g_assert_true(cipher_keys_add(others, path, "", true, NULL));
	g_assert_false(cipher_keys_has(others, id));
	cipher_keys_excuse(others, "it was mislaid");
	g_assert_null(read_frame(others, sha256, frame->data, frame->len, 1000, 3, &error));
	assert_fault(error, FAULT_DENIED, "it was mislaid");

	g_test_message("another key to write with, the old one to read with");
	g_autofree char *old = g_build_filename(frames.folder, "key", NULL);
	g_assert_true(cipher_keys_add(others, old, "", false, NULL));
	g_autoptr(GByteArray) back =
	    read_frame(others, sha256, frame->data, frame->len, 1000, 3, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(back->len, ==, 3);
	g_assert_cmpstr(cipher_keys_writes(others), !=, id);
	end(&frames);
}

static void
test_bad_key_files(void)
{
	static const struct {
		const char *label, *text, *says;
		unsigned mode;
	} cases[] = {
		{ "empty", "\n", "empty", 0600 },
		{ "a password is no key", "correct horse battery staple\n", "no key of copies",
		    0600 },
		{ "63 digits", "012345678901234567890123456789012345678901234567890123456789012\n",
		    "no key of copies", 0600 },
		{ "64 characters, not all digits",
		    "012345678901234567890123456789012345678901234567890123456789012g\n",
		    "no key of copies", 0600 },
		{ "others can read it",
		    "0123456789012345678901234567890123456789012345678901234567890123\n",
		    "chmod 0600", 0644 },
	};
	struct frames frames;

	start(&frames);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *path = write_key(&frames, "bad", cases[i].text, cases[i].mode);
		g_test_message("%s", cases[i].label);
		g_assert_false(cipher_keys_add(frames.keys, path, "", true, &error));
		assert_fault(error, FAULT_CONFIG, cases[i].says);
	}
	end(&frames);
}

/* 64 MiB of zeros in a few KiB: what is more than the message had is not even looked at. */
static void
test_a_bomb(void)
{
	gsize size = 64 * 1024 * 1024;
	g_autofree guchar *zeros = g_malloc0(size);
	g_autoptr(GByteArray) frame = write_frame(NULL, zeros, size, size);
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	digest_bytes(zeros, 3, sha256);
	g_assert_cmpuint(frame->len, <, 64 * 1024);
	g_assert_null(read_frame(NULL, sha256, frame->data, frame->len, 1 << 20, 3, &error));
	assert_fault(error, FAULT_DATA, "more in it than the message had");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/frame/there-and-back", test_there_and_back);
	g_test_add_func("/frame/every-byte", test_every_byte);
	g_test_add_func("/frame/pieces-in-their-order", test_pieces_in_their_order);
	g_test_add_func("/frame/a-frame-of-another-message", test_a_frame_of_another_message);
	g_test_add_func("/frame/keys", test_keys);
	g_test_add_func("/frame/bad-key-files", test_bad_key_files);
	g_test_add_func("/frame/a-bomb", test_a_bomb);
	return g_test_run();
}
