/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flags come by hand into a real store; the mails are caught where they would go out.
 */
#include "daemon/notices.h"

#include "teller.h"
#include "base/clock.h"
#include "daemon/own-mail.h"

#define AT_MOST 2
#define MINUTE  (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)

struct bench {
	struct teller teller;
	struct notices *notices;
};

static void
service_starts(struct bench *bench)
{
	notices_free(bench->notices);
	bench->notices = notices_new(&bench->teller.post, take_note, &bench->teller);
	notices_follow(bench->notices, bench->teller.config, bench->teller.ruleset);
}

static void
bench_open(struct bench *bench)
{
	static const struct teller_rule rules[] = {
		{ "usual", "" },
		{ "loud", "notify = yes" },
		{ "silent", "notify = no" },
		{ NULL, NULL },
	};

	bench->notices = NULL;
	teller_open(&bench->teller, rules);
	struct config *config = bench->teller.config;
	config->notify = g_new0(struct config_notify, 1);
	config->notify->to = g_ptr_array_new();
	g_ptr_array_add(config->notify->to, &bench->teller.officer);
	config->notify->severity = SEVERITY_HIGH;
	config->notify->at_most = AT_MOST;
	service_starts(bench);
}

static void
bench_close(struct bench *bench)
{
	notices_free(bench->notices);
	teller_close(&bench->teller);
}

static void
comes(struct bench *bench, const char *rule, enum severity severity, const char *to,
    const char *message_id)
{
	teller_comes(&bench->teller, rule, severity, to, message_id);
}

static void
severe(struct bench *bench, const char *to)
{
	comes(bench, "usual", SEVERITY_HIGH, to, NULL);
}

static void
assert_mails(struct bench *bench, guint mails)
{
	notices_wake(bench->notices);
	g_assert_cmpuint(bench->teller.post.mails->len, ==, mails);
}

static void
assert_says(const struct bench *bench, guint mail, const char *part)
{
	if (!teller_holds(&bench->teller, mail, part))
		g_error("'%s' is not in mail %u", part, mail);
}

/* START and SENT, then when mails went out, so many minutes ago. */
static void
put_state(struct bench *bench, const char *text)
{
	g_autofree char *path = g_build_filename(bench->teller.fixture.data, "notices", NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
mails_went(struct bench *bench, gint64 first, gint64 second)
{
	gint64 now = clock_now();
	g_autofree char *text =
	    g_strdup_printf("0\n0\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n",
		now - first * MINUTE, now - second * MINUTE);

	put_state(bench, text);
}

static char *
state(const struct bench *bench)
{
	g_autofree char *path = g_build_filename(bench->teller.fixture.data, "notices", NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

/* What was there before [notify] is for the report. */
static void
test_begins(void)
{
	struct bench bench;

	bench_open(&bench);
	notices_free(g_steal_pointer(&bench.notices));
	g_autofree char *path = g_build_filename(bench.teller.fixture.data, "notices", NULL);
	g_unlink(path);
	severe(&bench, "early@rival.example");
	service_starts(&bench);
	assert_mails(&bench, 0);
	g_autofree char *first = state(&bench);
	g_assert_cmpstr(first, ==, "1\n1\n");
	severe(&bench, "late@rival.example");
	assert_mails(&bench, 1);
	assert_says(&bench, 0, "1 new incident, 1 flag");
	assert_says(&bench, 0, "officer@corp.example");
	assert_mails(&bench, 1);
	g_assert_null(bench.teller.word);
	bench_close(&bench);
}

static void
test_severe(void)
{
	static const struct {
		const char *label, *rule;
		enum severity severity;
		guint mails;
	} cases[] = {
		{ "as severe as [notify] says", "usual", SEVERITY_HIGH, 1 },
		{ "less", "usual", SEVERITY_MEDIUM, 0 },
		{ "low, of a rule that says notify = yes", "loud", SEVERITY_LOW, 1 },
		{ "high, of a rule that says notify = no", "silent", SEVERITY_HIGH, 0 },
		{ "high, of a rule that is no longer there", "gone", SEVERITY_HIGH, 1 },
		{ "low, of a rule that is no longer there", "gone", SEVERITY_LOW, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct bench bench;
		g_test_message("%s", cases[i].label);
		bench_open(&bench);
		comes(&bench, cases[i].rule, cases[i].severity, "b@rival.example", NULL);
		assert_mails(&bench, cases[i].mails);
		g_autofree char *text = state(&bench);
		g_assert_true(g_str_has_prefix(text, "0\n1\n"));
		bench_close(&bench);
	}
}

/* The same leak again tells nobody anything, whether it comes in one look, later or after a
 * restart.
 */
static void
test_once(void)
{
	struct bench bench;

	bench_open(&bench);
	severe(&bench, "b@rival.example");
	severe(&bench, "b@rival.example");
	assert_mails(&bench, 1);
	assert_says(&bench, 0, "1 new incident, 2 flags");
	severe(&bench, "b@rival.example");
	assert_mails(&bench, 1);
	service_starts(&bench);
	severe(&bench, "b@rival.example");
	assert_mails(&bench, 1);
	severe(&bench, "c@rival.example");
	assert_mails(&bench, 2);
	bench_close(&bench);
}

static void
test_rate(void)
{
	static const struct {
		const char *label;
		gint64 first, second; /* minutes ago */
		guint mails;
	} cases[] = {
		{ "two in the last hour: a third waits", 59, 1, 0 },
		{ "one of them is older", 61, 1, 1 },
		{ "both are", 600, 90, 1 },
		{ "the clock was set back: times to come bind nobody", -600, 1, 1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct bench bench;
		g_test_message("%s", cases[i].label);
		bench_open(&bench);
		mails_went(&bench, cases[i].first, cases[i].second);
		service_starts(&bench);
		severe(&bench, "b@rival.example");
		assert_mails(&bench, cases[i].mails);
		bench_close(&bench);
	}
}

/* More than a mail an hour allows: nothing is lost, all of it goes in the next one. */
static void
test_waits(void)
{
	struct bench bench;

	bench_open(&bench);
	severe(&bench, "a@rival.example");
	assert_mails(&bench, 1);
	severe(&bench, "b@rival.example");
	assert_mails(&bench, 2);
	severe(&bench, "c@rival.example");
	assert_mails(&bench, 2);
	severe(&bench, "d@rival.example");
	assert_mails(&bench, 2);
	g_autofree char *held = state(&bench);
	g_assert_true(g_str_has_prefix(held, "0\n2\n"));
	bench.teller.config->notify->at_most = 3;
	assert_mails(&bench, 3);
	assert_says(&bench, 2, "2 new incidents, 2 flags");
	assert_says(&bench, 2, "Some waited for this mail");
	g_autofree char *after = state(&bench);
	g_assert_true(g_str_has_prefix(after, "0\n4\n"));
	bench_close(&bench);
}

static void
test_many(void)
{
	struct bench bench;

	bench_open(&bench);
	for (guint i = 0; i < NOTICES_SHOWN + 5; i++) {
		g_autofree char *to = g_strdup_printf("p%u@rival.example", i);
		severe(&bench, to);
	}
	assert_mails(&bench, 1);
	assert_says(&bench, 0, "25 new incidents, 25 flags");
	assert_says(&bench, 0, "5 more incidents are not shown");
	bench_close(&bench);
}

/* How far it was is not known: it begins anew, and the next report says so. */
static void
test_damaged(void)
{
	static const char *const texts[] = { "", "x\n", "0\n", "0\n99\n", "-1\n0\n", "0\n0\nsoon\n",
		"\xff\xfe\n1\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct bench bench;
		g_test_message("'%s'", texts[i]);
		bench_open(&bench);
		severe(&bench, "early@rival.example");
		put_state(&bench, texts[i]);
		service_starts(&bench);
		assert_mails(&bench, 0);
		g_assert_cmpstr(bench.teller.word, ==, "notices-restarted");
		g_assert_nonnull(strstr(bench.teller.text, "nobody was told of flags before this"));
		severe(&bench, "late@rival.example");
		assert_mails(&bench, 1);
		bench_close(&bench);
	}
}

/* A notice quotes what was flagged: one that comes back changed is flagged, and would tell of
 * itself for ever. One that merely says that it is ours tells like any mail. */
static void
test_own(void)
{
	g_autofree char *bytes = g_strdup("mail 1");
	char sha256[DIGEST_HEX];
	struct bench bench;

	digest_bytes(bytes, strlen(bytes), sha256);
	g_autofree char *note = own_mail_note(SEAL_ALTERED, sha256, "the notice of flag 1");
	bench_open(&bench);
	g_assert_true(store_begin(bench.teller.fixture.store, NULL));
	g_assert_true(store_note(bench.teller.fixture.store, "", "", OWN_MAIL_ALTERED, note,
	    MORNING, bench.teller.fixture.run, NULL));
	g_assert_true(store_commit(bench.teller.fixture.store, NULL));
	comes(&bench, "usual", SEVERITY_HIGH, "b@rival.example", "notice.1@corp.example");
	assert_mails(&bench, 0);
	comes(&bench, "usual", SEVERITY_HIGH, "c@rival.example", "notice.2@corp.example");
	assert_mails(&bench, 1);
	bench_close(&bench);
}

/* Nobody is told: the next report says why, and the flags are told of when it can be. */
static void
test_trouble(void)
{
	struct bench bench;

	bench_open(&bench);
	severe(&bench, "b@rival.example");
	g_free(bench.teller.config->data_dir);
	bench.teller.config->data_dir =
	    g_build_filename(bench.teller.fixture.folder, "elsewhere", NULL);
	assert_mails(&bench, 0);
	g_assert_cmpstr(bench.teller.word, ==, "not-notified");
	g_free(bench.teller.config->data_dir);
	bench.teller.config->data_dir = g_strdup(bench.teller.fixture.data);
	assert_mails(&bench, 1);
	bench_close(&bench);
}

static void
test_nobody(void)
{
	struct bench bench;

	bench_open(&bench);
	severe(&bench, "b@rival.example");
	g_test_message("[notify] without anybody, and no server");
	g_ptr_array_set_size(bench.teller.config->notify->to, 0);
	assert_mails(&bench, 0);
	g_ptr_array_add(bench.teller.config->notify->to, &bench.teller.officer);
	struct smtp *smtp = g_steal_pointer(&bench.teller.config->smtp);
	assert_mails(&bench, 0);
	bench.teller.config->smtp = smtp;
	assert_mails(&bench, 1);
	bench_close(&bench);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/notices/begins", test_begins);
	g_test_add_func("/notices/severe", test_severe);
	g_test_add_func("/notices/once", test_once);
	g_test_add_func("/notices/rate", test_rate);
	g_test_add_func("/notices/waits", test_waits);
	g_test_add_func("/notices/many", test_many);
	g_test_add_func("/notices/damaged", test_damaged);
	g_test_add_func("/notices/own", test_own);
	g_test_add_func("/notices/trouble", test_trouble);
	g_test_add_func("/notices/nobody", test_nobody);
	return g_test_run();
}
