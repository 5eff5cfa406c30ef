/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/timestamp.h"

/* An authority that openssl makes in a folder of its own; of no use to anybody else. */
struct scene {
	char *folder, *ca, *other_ca;
	char sha256[DIGEST_HEX];
};

static const char openssl_cnf[] = "[tsa]\ndefault_tsa = it\n"
				  "[it]\nserial = serial\ncrypto_device = builtin\n"
				  "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
				  "digests = sha256\ness_cert_id_alg = sha256\n"
				  "[stamps]\nextendedKeyUsage = critical,timeStamping\n"
				  "[other]\nextendedKeyUsage = serverAuth\n";

/* A line of shell words, without a shell. */
static void
run(const struct scene *scene, const char *line)
{
	g_auto(GStrv) argv = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *said = NULL, *err = NULL;
	int status = 0;

	g_assert_true(g_shell_parse_argv(line, NULL, &argv, &error));
	g_spawn_sync(scene->folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, &err,
	    &status, &error);
	g_assert_no_error(error);
	if (status != 0)
		g_test_message("%s: %s", line, err);
	g_assert_cmpint(status, ==, 0);
}

static void
make_ca(const struct scene *scene, const char *name)
{
	g_autofree char *line = g_strdup_printf(
	    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
	    " -subj /CN=%s -keyout %s.key -out %s.pem",
	    name, name, name);

	run(scene, line);
}

static void
make_signer(const struct scene *scene, const char *name, const char *ca, const char *use)
{
	g_autofree char *request = g_strdup_printf(
	    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%s"
	    " -keyout %s.key -out %s.csr",
	    name, name, name);
	g_autofree char *sign =
	    g_strdup_printf("openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial"
			    " -days 20 -extfile tsa.cnf -extensions %s -out %s.pem",
		name, ca, ca, use, name);

	run(scene, request);
	run(scene, sign);
}

static void
scene_start(struct scene *scene)
{
	g_autoptr(GError) error = NULL;

	scene->folder = g_dir_make_tmp("flagpost-stamp-XXXXXX", &error);
	g_assert_no_error(error);
	g_autofree char *cnf = g_build_filename(scene->folder, "tsa.cnf", NULL);
	g_assert_true(g_file_set_contents(cnf, openssl_cnf, -1, NULL));
	make_ca(scene, "ca");
	make_ca(scene, "other-ca");
	make_signer(scene, "signer", "ca", "stamps");
	make_signer(scene, "stranger", "other-ca", "stamps");
	scene->ca = g_build_filename(scene->folder, "ca.pem", NULL);
	scene->other_ca = g_build_filename(scene->folder, "other-ca.pem", NULL);
	digest_bytes("head", 4, scene->sha256);
}

static void
scene_end(struct scene *scene)
{
	g_autoptr(GDir) folder = g_dir_open(scene->folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *path = g_build_filename(scene->folder, name, NULL);
		g_unlink(path);
	}
	g_rmdir(scene->folder);
	g_free(scene->folder);
	g_free(scene->ca);
	g_free(scene->other_ca);
}

static GBytes *
answer_of(const struct scene *scene, const char *signer, GBytes *request)
{
	g_autofree char *query = g_build_filename(scene->folder, "query.tsq", NULL);
	g_autofree char *reply = g_build_filename(scene->folder, "reply.tsr", NULL);
	g_autofree char *line = g_strdup_printf(
	    "openssl ts -reply -config tsa.cnf -section it -queryfile query.tsq -inkey %s.key"
	    " -signer %s.pem -out reply.tsr",
	    signer, signer);
	gsize size;
	const char *data = g_bytes_get_data(request, &size);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(query, data, (gssize)size, &error));
	run(scene, line);
	GBytes *bytes = io_read_file(reply, TIMESTAMP_ANSWER_MAX, &error);
	g_assert_no_error(error);
	return bytes;
}

static void
assert_refused(bool held, GError **error, int code, const char *text)
{
	g_assert_false(held);
	g_assert_error(*error, FAULT, code);
	g_test_message("%s", (*error)->message);
	if (strstr((*error)->message, text) == NULL)
		g_error("'%s' is not in '%s'", text, (*error)->message);
	g_clear_error(error);
}

static void
test_checked(void)
{
	struct scene scene;
	struct timestamp stamp;
	g_autoptr(GError) error = NULL;
	gint64 now = g_get_real_time();

	scene_start(&scene);
	g_autoptr(GBytes) request = timestamp_request(scene.sha256, &error);
	g_assert_no_error(error);
	g_autoptr(GBytes) again = timestamp_request(scene.sha256, &error);
	g_test_message("no two requests are alike: each has a nonce of its own");
	g_assert_false(g_bytes_equal(request, again));
	g_autoptr(GBytes) answer = answer_of(&scene, "signer", request);
	timestamp_check(request, answer, scene.ca, now, &stamp, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(stamp.signer, ==, "/CN=signer");
	g_assert_cmpint(ABS(stamp.time - now), <, TIMESTAMP_SKEW_US);

	g_test_message("an answer to another request, as one that was recorded before");
	assert_refused(timestamp_check(again, answer, scene.ca, now, &stamp, &error), &error,
	    FAULT_DENIED, "nonce");
	g_test_message("an authority that nobody trusts");
	g_autoptr(GBytes) strange = answer_of(&scene, "stranger", request);
	assert_refused(timestamp_check(request, strange, scene.ca, now, &stamp, &error), &error,
	    FAULT_DENIED, "does not hold");
	g_test_message("a clock that is eleven minutes off, either way");
	for (gint64 sign = -1; sign <= 1; sign += 2) {
		gint64 off = now + sign * (TIMESTAMP_SKEW_US + 60 * G_USEC_PER_SEC);
		assert_refused(timestamp_check(request, answer, scene.ca, off, &stamp, &error),
		    &error, FAULT_DENIED, "ten minutes");
	}
	g_test_message("no certificates");
	assert_refused(timestamp_check(request, answer, "/nonexistent", now, &stamp, &error),
	    &error, FAULT_CONFIG, "/nonexistent");
	scene_end(&scene);
}

static void
test_kept(void)
{
	struct scene scene;
	struct timestamp stamp;
	char other[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	scene_start(&scene);
	g_autoptr(GBytes) request = timestamp_request(scene.sha256, &error);
	g_autoptr(GBytes) answer = answer_of(&scene, "signer", request);
	timestamp_verify(scene.sha256, answer, scene.ca, &stamp, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(stamp.signer, ==, "/CN=signer");

	g_test_message("of another head");
	digest_bytes("tail", 4, other);
	assert_refused(timestamp_verify(other, answer, scene.ca, &stamp, &error), &error,
	    FAULT_DENIED, "does not hold");
	g_test_message("by the certificates of another authority");
	assert_refused(timestamp_verify(scene.sha256, answer, scene.other_ca, &stamp, &error),
	    &error, FAULT_DENIED, "does not hold");
	g_test_message("a digest that is none");
	assert_refused(
	    timestamp_verify("abc", answer, scene.ca, &stamp, &error), &error, FAULT_DATA, "");
	scene_end(&scene);
}

/* Whatever was altered, cut off or put behind: never a stamp that holds, never a crash. */
static void
test_hostile(void)
{
	struct scene scene;
	struct timestamp stamp;
	g_autoptr(GError) error = NULL;
	gsize size;

	scene_start(&scene);
	g_autoptr(GBytes) request = timestamp_request(scene.sha256, &error);
	g_autoptr(GBytes) answer = answer_of(&scene, "signer", request);
	const guchar *data = g_bytes_get_data(answer, &size);
	for (gsize length = 0; length < size; length += 7) {
		g_autoptr(GBytes) cut = g_bytes_new(data, length);
		assert_refused(timestamp_verify(scene.sha256, cut, scene.ca, &stamp, &error),
		    &error, FAULT_DATA, "no time stamp of RFC 3161");
	}
	g_autofree guchar *longer = g_malloc0(size + 1);
	memcpy(longer, data, size);
	g_autoptr(GBytes) behind = g_bytes_new(longer, size + 1);
	assert_refused(timestamp_verify(scene.sha256, behind, scene.ca, &stamp, &error), &error,
	    FAULT_DATA, "no time stamp of RFC 3161");
	g_autofree guchar *large = g_malloc0(TIMESTAMP_ANSWER_MAX + 1);
	g_autoptr(GBytes) huge = g_bytes_new(large, TIMESTAMP_ANSWER_MAX + 1);
	assert_refused(timestamp_verify(scene.sha256, huge, scene.ca, &stamp, &error), &error,
	    FAULT_DATA, "no time stamp of RFC 3161");
	guint held = 0;
	for (gsize i = 0; i < size; i++) {
		g_autofree guchar *altered = g_memdup2(data, size);
		altered[i] ^= 0x01;
		g_autoptr(GBytes) bytes = g_bytes_new(altered, size);
		if (timestamp_verify(scene.sha256, bytes, scene.ca, &stamp, &error))
			held++; /* in what nobody signs: words of the status, unused certificates */
		g_clear_error(&error);
	}
	g_test_message("%u of %" G_GSIZE_FORMAT " altered bytes are not signed", held, size);
	g_assert_cmpuint(held, <, size / 20);
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/timestamp/checked", test_checked);
	g_test_add_func("/timestamp/kept", test_kept);
	g_test_add_func("/timestamp/hostile", test_hostile);
	return g_test_run();
}
