/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dkim-main - the program that verifies signatures of many messages: a mail's bytes and a
 * stranger's keys are read here, where there is nothing to steal.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "worker/dkim.h"
#include "worker/sandbox.h"
#include "worker/worker.h"

#define SECONDS 120

static GVariant *
verify_one(GVariant *message)
{
	g_autoptr(GVariant) keys = g_variant_get_child_value(message, 1);
	g_autoptr(GVariant) bytes = g_variant_get_child_value(message, 2);
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(struct dkim_answer));
	gint64 fetched;
	gsize size;

	g_variant_get_child(message, 0, "x", &fetched);
	for (gsize i = 0; i < g_variant_n_children(keys); i++) {
		struct dkim_answer answer;
		/* Borrowed from the bytes that were read, which stay. */
		g_variant_get_child(keys, i, "(&s&s)", &answer.outcome, &answer.text);
		g_array_append_val(answers, answer);
	}
	const char *data = g_variant_get_fixed_array(bytes, &size, 1);
	g_autoptr(GPtrArray) list = dkim_verify(data != NULL ? data : "", size,
	    (const struct dkim_answer *)(const void *)answers->data, answers->len, fetched);
	GVariantBuilder out;
	g_variant_builder_init(&out, G_VARIANT_TYPE("a" SIGNATURE_TYPE));
	for (guint i = 0; i < list->len; i++)
		g_variant_builder_add_value(&out, signature_put(list->pdata[i]));
	return g_variant_builder_end(&out);
}

static bool
verify_all(GBytes *bytes, GError **error)
{
	g_autoptr(GVariant) in = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(WORKER_SIGNATURES_IN), bytes, FALSE));
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(WORKER_SIGNATURES_OUT));
	for (gsize i = 0; i < g_variant_n_children(in); i++) {
		g_autoptr(GVariant) message = g_variant_get_child_value(in, i);
		g_variant_builder_add_value(&builder, verify_one(message));
	}
	g_autoptr(GVariant) out = g_variant_ref_sink(g_variant_builder_end(&builder));
	return io_write_all(STDOUT_FILENO, g_variant_get_data(out), g_variant_get_size(out), error);
}

/* What libcrypto looks for by name it is to find, or to miss, before the sandbox. */
static void
warm_up(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_DIGESTS, NULL);
	EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
}

int
worker_signatures_main(char **argv)
{
	g_autoptr(GError) error = NULL;
	struct limits limits;
	guint64 most = 0;

	limits_default(&limits);
	log_open("signatures", LOG_LEVEL_WARNING);
	if (!g_ascii_string_to_unsigned(argv[0], 10, 1, G_MAXINT64 / 4, &most, &error) ||
	    !g_ascii_string_to_unsigned(
		argv[1], 10, 1, G_MAXINT64, &limits.worker_memory, &error)) {
		log_error("%s", error->message);
		return FAULT_BUG;
	}
	limits.seconds_per_message = SECONDS;
	limits.messages_per_worker = 1;
	limits.unpacked = most;
	warm_up();
	g_autoptr(GBytes) bytes = NULL;
	if (!sandbox_enter(&limits, STDERR_FILENO, &error) ||
	    (bytes = io_read_fd(STDIN_FILENO, most, &error)) == NULL ||
	    !verify_all(bytes, &error)) {
		log_error("%s", error->message);
		return fault_exit_code(error);
	}
	return 0;
}
