/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What verifies signatures may die, hang, say nothing or lie: it costs the message over which it
 * does its result, and no other. Started anew with the name of the subcommand, this program is it.
 */
#include "daemon/signatures.h"

#include "../store/fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/fields.h"
#include "worker/worker.h"

#define SIGNED                                                                                     \
	"DKIM-Signature: v=1; a=rsa-sha256; s=one; d=corp.example; h=from; bh=x; b=x\r\n"          \
	"DKIM-Signature: v=1; a=rsa-sha256; s=two; d=home.example; h=from; bh=x; b=x\r\n"
#define MOST 100000000

/* --- the stand-in --- */

enum trick { RIGHT, OTHER_DOMAIN, OTHER_SELECTOR, ONE_MORE, ONE_LESS, UNSIGNED, NO_RESULT };

static void
put_one(GVariantBuilder *out, const struct fields_signer *signer, enum trick trick)
{
	g_autoptr(signature) signature = signature_new();

	signature->result = signer != NULL ? SIGNATURE_PASS : SIGNATURE_NONE;
	if (trick == NO_RESULT)
		signature->result = SIGNATURE_RESULTS;
	if (trick == UNSIGNED)
		signature->result = SIGNATURE_NONE;
	if (signer != NULL) {
		g_free(signature->domain);
		g_free(signature->selector);
		signature->domain =
		    g_strdup(trick == OTHER_DOMAIN ? "bank.example" : signer->domain);
		signature->selector = g_strdup(trick == OTHER_SELECTOR ? "x" : signer->selector);
	}
	g_variant_builder_add_value(out, signature_put(signature));
}

static GVariant *
answer_one(GVariant *message, enum trick trick)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(message, 2);
	GVariantBuilder out;
	gsize size;
	bool more;
	const char *data = g_variant_get_fixed_array(bytes, &size, 1);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);
	guint n = signers->len - (trick == ONE_LESS);

	g_variant_builder_init(&out, G_VARIANT_TYPE("a" SIGNATURE_TYPE));
	for (guint i = 0; i < n; i++)
		put_one(&out, &g_array_index(signers, struct fields_signer, i), trick);
	if (n == 0 || trick == ONE_MORE)
		put_one(&out, NULL, trick);
	return g_variant_builder_end(&out);
}

static GVariant *
answer(GBytes *in, enum trick trick)
{
	g_autoptr(GVariant) all = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(WORKER_SIGNATURES_IN), in, FALSE));
	GVariantBuilder out;

	g_variant_builder_init(&out, G_VARIANT_TYPE(WORKER_SIGNATURES_OUT));
	for (gsize i = 0; i < g_variant_n_children(all); i++) {
		g_autoptr(GVariant) message = g_variant_get_child_value(all, i);
		g_variant_builder_add_value(&out, answer_one(message, trick));
	}
	return g_variant_ref_sink(g_variant_builder_end(&out));
}

static void
say(GBytes *in, enum trick trick, gsize part)
{
	g_autoptr(GVariant) out = answer(in, trick);

	io_write_all(STDOUT_FILENO, g_variant_get_data(out), g_variant_get_size(out) / part, NULL);
}

static int
die(GBytes *in)
{
	say(in, RIGHT, 1);
	return raise(SIGKILL);
}

static int
crash(GBytes *in)
{
	const struct rlimit none = { 0, 0 };

	(void)in;
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int
say_and_fail(GBytes *in)
{
	say(in, RIGHT, 1);
	return 70;
}

static int
say_nothing(GBytes *in)
{
	(void)in;
	return 0;
}

static int
say_half(GBytes *in)
{
	say(in, RIGHT, 2);
	return 0;
}

static int
say_garbage(GBytes *in)
{
	guchar bytes[5000];

	(void)in;
	for (gsize i = 0; i < sizeof bytes; i++)
		bytes[i] = (guchar)(i * 181 + 7);
	return !io_write_all(STDOUT_FILENO, bytes, sizeof bytes, NULL);
}

/* More than may be, of the form: lists of messages without one signature. */
static int
say_much(GBytes *in)
{
	(void)in;
	return ftruncate(STDOUT_FILENO, (off_t)1 << 40);
}

static int
say_other_domain(GBytes *in)
{
	say(in, OTHER_DOMAIN, 1);
	return 0;
}

static int
say_other_selector(GBytes *in)
{
	say(in, OTHER_SELECTOR, 1);
	return 0;
}

static int
say_one_more(GBytes *in)
{
	say(in, ONE_MORE, 1);
	return 0;
}

static int
say_one_less(GBytes *in)
{
	say(in, ONE_LESS, 1);
	return 0;
}

static int
say_unsigned(GBytes *in)
{
	say(in, UNSIGNED, 1);
	return 0;
}

static int
say_no_result(GBytes *in)
{
	say(in, NO_RESULT, 1);
	return 0;
}

static int
hang(GBytes *in)
{
	(void)in;
	while (pause() < 0)
		;
	return 0;
}

/* Nothing is to be heard of it any more, and it is there. */
static int
hang_in_silence(GBytes *in)
{
	close(STDERR_FILENO);
	return hang(in);
}

static int
talk_for_ever(GBytes *in)
{
	static const char talk[4096];

	(void)in;
	while (io_write_all(STDERR_FILENO, talk, sizeof talk, NULL))
		;
	return 0;
}

static const struct {
	const char *mark;
	int (*act)(GBytes *in);
	bool slow; /* it takes all the time that it gets */
} acts[] = {
	{ "is killed", die, false },
	{ "crashes", crash, false },
	{ "answers and fails", say_and_fail, false },
	{ "says nothing", say_nothing, false },
	{ "says half", say_half, false },
	{ "says garbage", say_garbage, false },
	{ "says too much", say_much, false },
	{ "names another domain", say_other_domain, false },
	{ "names another selector", say_other_selector, false },
	{ "has one result more", say_one_more, false },
	{ "has one result less", say_one_less, false },
	{ "sees no signature", say_unsigned, false },
	{ "has a result that is none", say_no_result, false },
	{ "hangs", hang, true },
	{ "hangs in silence", hang_in_silence, true },
	{ "talks for ever", talk_for_ever, true },
};

static int
stand_in(void)
{
	g_autoptr(GBytes) in = io_read_fd(STDIN_FILENO, MOST, NULL);
	gsize size;
	const char *data = g_bytes_get_data(in, &size);

	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++)
		if (memmem(data, size, acts[i].mark, strlen(acts[i].mark)) != NULL)
			return acts[i].act(in);
	say(in, RIGHT, 1);
	return 0;
}

/* --- the tests --- */

static void
add(struct signatures *signatures, gint64 message, const char *head, const char *subject)
{
	g_autoptr(GError) error = NULL;
	char *text = g_strdup_printf("%sSubject: %s\r\n\r\ntext\r\n", head, subject);
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));

	g_assert_true(signatures_add(signatures, message, MORNING, bytes, &error));
	g_assert_no_error(error);
}

static void
assert_results(const struct dkim_verified *one, gint64 message, enum signature_result result)
{
	static const char *const domains[] = { "corp.example", "home.example" };
	static const char *const selectors[] = { "one", "two" };

	g_assert_cmpint(one->message, ==, message);
	g_assert_cmpuint(one->list->len, ==, 2);
	for (guint i = 0; i < 2; i++) {
		const struct signature *signature = one->list->pdata[i];
		g_assert_cmpint(signature->result, ==, result);
		g_assert_cmpstr(signature->domain, ==, domains[i]);
		g_assert_cmpstr(signature->selector, ==, selectors[i]);
		g_assert_cmpstr(signature->reason, ==,
		    result == SIGNATURE_TEMPERROR ? SIGNATURES_UNVERIFIED : "");
	}
}

/* Of three messages, the one in the middle; alone where that takes a time that no other is to need.
 */
static void
test_act(gconstpointer data)
{
	guint act = GPOINTER_TO_UINT(data), at = 0;
	g_autoptr(GError) error = NULL;
	struct fixture fixture;
	struct limits limits;

	limits_default(&limits);
	if (acts[act].slow)
		limits.seconds_per_message = 1;
	fixture_start(&fixture);
	struct view *view = fixture_view(&fixture);
	struct signatures *signatures = signatures_new(view, &limits);
	if (!acts[act].slow)
		add(signatures, 11, SIGNED, "before");
	add(signatures, 12, SIGNED, acts[act].mark);
	if (!acts[act].slow)
		add(signatures, 13, SIGNED, "behind");
	g_autoptr(GPtrArray) results = signatures_verify(signatures, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(results->len, ==, acts[act].slow ? 1 : 3);
	if (!acts[act].slow)
		assert_results(results->pdata[at++], 11, SIGNATURE_PASS);
	assert_results(results->pdata[at++], 12, SIGNATURE_TEMPERROR);
	if (!acts[act].slow)
		assert_results(results->pdata[at++], 13, SIGNATURE_PASS);
	signatures_free(signatures);
	view_close(view);
	fixture_end(&fixture);
}

/* Without a signature there is one result, and one temperror. */
static void
test_unsigned(void)
{
	g_autoptr(GError) error = NULL;
	struct fixture fixture;
	struct limits limits;

	limits_default(&limits);
	fixture_start(&fixture);
	struct view *view = fixture_view(&fixture);
	struct signatures *signatures = signatures_new(view, &limits);
	add(signatures, 1, "", "plain");
	add(signatures, 2, "", "says nothing");
	g_autoptr(GPtrArray) results = signatures_verify(signatures, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < 2; i++) {
		const struct dkim_verified *one = results->pdata[i];
		const struct signature *signature = one->list->pdata[0];
		g_assert_cmpuint(one->list->len, ==, 1);
		g_assert_cmpint(
		    signature->result, ==, i == 0 ? SIGNATURE_NONE : SIGNATURE_TEMPERROR);
	}
	signatures_free(signatures);
	view_close(view);
	fixture_end(&fixture);
}

/* Where none can be started, no message is blamed: all are verified at a later time. */
static void
test_not_started(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *large = g_strnfill(1024 * 1024, 'x');
	struct fixture fixture;
	struct limits limits;

	limits_default(&limits);
	fixture_start(&fixture);
	struct view *view = fixture_view(&fixture);
	struct signatures *signatures = signatures_new(view, &limits);
	add(signatures, 1, SIGNED, "one");
	add(signatures, 2, SIGNED, "two");
	/* A string of the environment that is longer than a kernel takes: no program is started. */
	g_assert_true(g_setenv("TEST_TOO_LARGE", large, TRUE));
	g_assert_null(signatures_verify(signatures, &error));
	g_unsetenv("TEST_TOO_LARGE");
	g_assert_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_TOO_BIG);
	g_clear_error(&error);

	g_test_message("none waits any more; who asks again adds them again");
	add(signatures, 1, SIGNED, "one");
	g_autoptr(GPtrArray) results = signatures_verify(signatures, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(results->len, ==, 1);
	assert_results(results->pdata[0], 1, SIGNATURE_PASS);
	signatures_free(signatures);
	view_close(view);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], WORKER_SIGNATURES) == 0)
		return stand_in();
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(acts); i++) {
		g_autofree char *path = g_strdup_printf("/signatures/%s", acts[i].mark);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_act);
	}
	g_test_add_func("/signatures/unsigned", test_unsigned);
	g_test_add_func("/signatures/not-started", test_not_started);
	return g_test_run();
}
