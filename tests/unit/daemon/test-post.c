/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mailer that these tests start is this program: process_start executes what runs.
 */
#include <string.h>

#include "base/fault.h"
#include "daemon/letters.h"
#include "daemon/outbox.h"
#include "daemon/post.h"
#include "deliver/mailer-protocol.h"
#include "deliver/mailer.h"

#include "../reports/sample.h"
#include "folder.h"

#define NOBODY_LISTENS "smtp://127.0.0.1:1"
#define FOLDER         "FLAGPOST_TEST_FOLDER"
#define MANNERS        "FLAGPOST_TEST_MAILER" /* how the mailer behaves */

static struct config *
make_config(const char *const *names)
{
	struct config *config = config_new();

	g_free(config->data_dir);
	config->data_dir = g_strdup(g_getenv(FOLDER));
	config->smtp = smtp_new();
	config->smtp->keep_trying_s = 86400;
	g_assert_true(smtp_set_url(config->smtp, NOBODY_LISTENS, NULL));
	g_free(config->smtp->from);
	config->smtp->from = g_strdup("flagpost@corp.example");
	for (gsize i = 0; names[i] != NULL; i++) {
		struct config_person *person = g_new0(struct config_person, 1);
		person->name = g_strdup(names[i]);
		person->mail = g_strdup_printf("%s@corp.example", names[i]);
		person->role = CONFIG_OFFICER;
		g_ptr_array_add(config->persons, person);
		g_ptr_array_add(config_daily(config)->to, person);
	}
	return config;
}

static struct mailing *
make_mailing(const struct config *config)
{
	static const char *const formats[] = { "html", "csv", NULL };
	g_autoptr(report) report = sample_report();
	g_autoptr(GError) error = NULL;

	sample_account(report, "hq", "imap");
	sample_fold(report);
	g_autoptr(GPtrArray) mailings =
	    letters_report(config, config_daily(config), report, formats, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(mailings->len, ==, 1);
	return g_ptr_array_steal_index(mailings, 0);
}

static void
test_fates(void)
{
	static const struct {
		const char *label, *manners;
		int fault;
		const char *says;
	} cases[] = {
		{ "nobody listens", "", FAULT_AWAY,
		    "not mailed to officer, chief: connection refused by 127.0.0.1:1" },
		{ "the mailer dies", "die", FAULT_BUG, "ended before it said" },
		{ "it speaks of somebody else", "stranger", FAULT_BUG, "a result that is none" },
		{ "it makes a state up", "state", FAULT_BUG, "a result that is none" },
		{ "it says one of two, then dies", "half", FAULT_BUG, "not mailed to chief: " },
		{ "it says both", "fine", 0, NULL },
	};
	static const char *const names[] = { "officer", "chief", NULL };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(config) config = make_config(names);
		g_autoptr(mailing) mailing = make_mailing(config);
		g_test_message("%s", cases[i].label);
		g_setenv(MANNERS, cases[i].manners, TRUE);
		g_assert_true(mailing_start(mailing, config->smtp, &error));
		mailing_wait(mailing);
		g_assert_false(mailing_under_way(mailing));
		g_assert_cmpint(mailing_check(mailing, &error), ==, cases[i].says == NULL);
		g_assert_cmpint(fault_exit_code(error), ==, cases[i].fault);
		if (cases[i].says != NULL)
			g_assert_nonnull(strstr(error->message, cases[i].says));
	}
}

/* Who has it is not asked again: nobody gets a report twice. */
static void
test_second_try(void)
{
	static const char *const names[] = { "officer", "chief", NULL };
	g_autoptr(config) config = make_config(names);
	g_autoptr(mailing) mailing = make_mailing(config);

	g_setenv(MANNERS, "half", TRUE);
	g_assert_true(mailing_start(mailing, config->smtp, NULL));
	mailing_wait(mailing);
	g_autofree char *reached = mailing_reached(mailing);
	g_assert_cmpstr(reached, ==, "officer");
	/* Now "half" is the first of those who are left. */
	g_assert_true(mailing_start(mailing, config->smtp, NULL));
	mailing_wait(mailing);
	g_autofree char *missed = mailing_missed(mailing);
	g_assert_cmpstr(missed, ==, "");
}

struct notes {
	guint failed, late;
	char *last;
};

static void
take_note(const char *word, const char *text, void *data)
{
	struct notes *notes = data;

	notes->failed += strcmp(word, "report-not-mailed") == 0;
	notes->late += strcmp(word, "report-mailed-late") == 0;
	g_free(notes->last);
	notes->last = g_strdup(text);
	/* The second time it works. */
	g_setenv(MANNERS, g_getenv("FLAGPOST_TEST_THEN"), TRUE);
}

static guint
waiting(const struct config *config)
{
	g_autoptr(GError) error = NULL;
	struct outbox_sum sum;

	g_assert_true(outbox_sum(config->data_dir, &sum, &error));
	return sum.waiting;
}

static void
wait_for(struct post *post, guint left)
{
	while (post_waiting(post) > left || post_is_busy(post))
		g_main_context_iteration(NULL, TRUE);
}

static void
test_tries(void)
{
	static const struct {
		const char *label, *manners, *then;
		guint failed, late;
	} cases[] = {
		{ "the first try does", "fine", "fine", 0, 0 },
		{ "the second one does, and the next report says so", "die", "fine", 1, 1 },
	};
	static const char *const names[] = { "officer", NULL };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct notes notes = { 0 };
		g_autoptr(config) config = make_config(names);
		g_autoptr(post) post = post_new(1, take_note, &notes);
		g_test_message("%s", cases[i].label);
		g_setenv(MANNERS, cases[i].manners, TRUE);
		g_setenv("FLAGPOST_TEST_THEN", cases[i].then, TRUE);
		post_follow(post, config);
		post_send(post, make_mailing(config));
		g_assert_cmpuint(waiting(config), ==, 1);
		wait_for(post, 0);
		g_assert_cmpuint(notes.failed, ==, cases[i].failed);
		g_assert_cmpuint(notes.late, ==, cases[i].late);
		g_assert_cmpuint(waiting(config), ==, 0);
		if (notes.last != NULL)
			g_assert_true(g_str_has_prefix(
			    notes.last, "the report of Sunday, 22 November 2026 "));
		g_free(notes.last);
	}
}

/* Days after it was made, a mail is given up, and said to be; before, it never is. */
static void
test_given_up(void)
{
	static const char *const names[] = { "officer", NULL };
	struct notes notes = { 0 };
	g_autoptr(config) config = make_config(names);
	g_autoptr(post) post = post_new(1, take_note, &notes);

	g_setenv(MANNERS, "die", TRUE);
	g_setenv("FLAGPOST_TEST_THEN", "die", TRUE);
	post_follow(post, config);
	post_send(post, make_mailing(config));
	while (notes.failed < 3)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(post_waiting(post), ==, 1);
	g_assert_null(strstr(notes.last, "given up"));
	config->smtp->keep_trying_s = 0;
	wait_for(post, 0);
	g_assert_nonnull(strstr(notes.last, "; given up, it is not tried again"));
	g_assert_cmpuint(waiting(config), ==, 0);
	g_free(notes.last);
}

/* What waits is taken up by the next service, with who has it already and how often it was tried.
 */
static void
test_restart(void)
{
	static const char *const names[] = { "officer", "chief", NULL };
	struct notes notes = { 0 };
	g_autoptr(config) config = make_config(names);
	struct post *post = post_new(POST_RETRY_MS, take_note, &notes);

	g_setenv(MANNERS, "half", TRUE);
	g_setenv("FLAGPOST_TEST_THEN", "only-chief", TRUE);
	post_follow(post, config);
	post_send(post, make_mailing(config));
	while (notes.failed == 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_nonnull(strstr(notes.last, "not mailed to chief"));
	post_free(post);
	g_assert_cmpuint(waiting(config), ==, 1);
	post = post_new(POST_RETRY_MS, take_note, &notes);
	post_follow(post, config);
	wait_for(post, 0);
	g_assert_cmpuint(notes.late, ==, 1);
	g_assert_nonnull(strstr(notes.last, "was mailed to officer, chief after all"));
	post_free(post);
	g_free(notes.last);
}

static void
test_damaged(void)
{
	static const char *const names[] = { "officer", NULL };
	static const char *const texts[] = {
		"", "(1, 'x'", "(2, 'a', 'b', 1, 1, 0, [])",
		"(1, 'a', 'b', 1, 1, 0, [('x', 'a@b\\r\\nRCPT TO:<t@evil.example>', false, 0, '')])"
	};
	g_autoptr(config) config = make_config(names);

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct notes notes = { 0 };
		g_autoptr(post) post = post_new(1, take_note, &notes);
		g_test_message("'%s'", texts[i]);
		g_free(put_file(config->data_dir, "outbox/1.eml", "x"));
		g_free(put_file(config->data_dir, "outbox/1.state", texts[i]));
		g_setenv("FLAGPOST_TEST_THEN", "fine", TRUE);
		post_follow(post, config);
		g_assert_cmpuint(post_waiting(post), ==, 0);
		g_assert_cmpuint(notes.failed, ==, 1);
		g_assert_cmpuint(waiting(config), ==, 0);
		g_free(notes.last);
	}
}

static void
test_stopped(void)
{
	static const char *const names[] = { "officer", NULL };
	struct notes notes = { 0 };
	g_autoptr(config) config = make_config(names);
	struct post *post = post_new(POST_RETRY_MS, take_note, &notes);

	g_setenv(MANNERS, "fine", TRUE);
	g_setenv("FLAGPOST_TEST_THEN", "fine", TRUE);
	post_follow(post, config);
	post_send(post, make_mailing(config));
	post_free(post);
	g_assert_cmpuint(notes.failed, ==, 1);
	g_assert_nonnull(strstr(notes.last, "on its way to officer when it was stopped"));
	g_assert_cmpuint(waiting(config), ==, 1);
	g_free(notes.last);
}

static void
say(struct wire *wire, const char *to, guint32 state)
{
	wire_queue(wire, MAILER_RESULT, g_variant_new(MAILER_RESULT_TYPE, to, state, ""), -1);
	wire_flush_all(wire, -1, NULL);
}

/* What a mailer might do that was taken over. */
static int
misbehave(const char *manners)
{
	struct wire *wire = wire_new(MAILER_FD, &mailer_protocol);
	struct wire_frame frame = { .fd = -1 };
	g_auto(GStrv) to = NULL;

	if (wire_wait(wire, -1, &frame, NULL) != WIRE_FRAME)
		return 1;
	g_variant_get_child(frame.body, 1, "^as", &to);
	wire_frame_clear(&frame);
	if (strcmp(manners, "stranger") == 0)
		say(wire, "thief@evil.example", SMTP_SENT);
	if (strcmp(manners, "state") == 0)
		say(wire, to[0], 99);
	if (strcmp(manners, "half") == 0 || strcmp(manners, "fine") == 0)
		say(wire, to[0], SMTP_SENT);
	/* Whoever has it must not stand in the envelope again. */
	if (strcmp(manners, "only-chief") == 0 && strcmp(to[0], "chief@corp.example") == 0)
		say(wire, to[0], SMTP_SENT);
	if (strcmp(manners, "fine") == 0 && to[1] != NULL)
		say(wire, to[1], SMTP_SENT);
	wire_free(wire);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "mailer") == 0) {
		const char *manners = g_getenv(MANNERS);
		return *manners == '\0' ? mailer_main(argc, argv) : misbehave(manners);
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mailing/fates", test_fates);
	g_test_add_func("/mailing/second-try", test_second_try);
	g_test_add_func("/post/tries", test_tries);
	g_test_add_func("/post/given-up", test_given_up);
	g_test_add_func("/post/restart", test_restart);
	g_test_add_func("/post/damaged", test_damaged);
	g_test_add_func("/post/stopped", test_stopped);
	g_autofree char *folder = fresh_folder();
	g_setenv(FOLDER, folder, TRUE);
	int code = g_test_run();
	remove_tree(folder);
	return code;
}
