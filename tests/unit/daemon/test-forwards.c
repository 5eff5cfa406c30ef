/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flags come by hand into a real store; the copies are caught where they would go out.
 */
#include "daemon/forwards.h"

#include "base/clock.h"
#include "daemon/own-mail.h"
#include "teller.h"

#define MINUTE (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)

struct bench {
	struct teller teller;
	struct config_person branch; /* an officer for the account "branch" alone */
	struct forwards *forwards;
};

static void
service_starts(struct bench *bench)
{
	forwards_free(bench->forwards);
	bench->forwards = forwards_new(&bench->teller.post, take_note, &bench->teller);
	forwards_follow(bench->forwards, bench->teller.config, bench->teller.ruleset);
}

static void
bench_open(struct bench *bench)
{
	static const struct teller_rule rules[] = {
		{ "usual", "" },
		{ "copied", "forward = officer" },
		{ "also", "forward = officer" },
		{ "branch", "forward = branch" },
		{ "nobody", "forward = stranger" },
		{ NULL, NULL },
	};
	static char *accounts[] = { (char *)"branch", NULL };

	bench->forwards = NULL;
	teller_open(&bench->teller, rules);
	bench->branch = (struct config_person){ .name = (char *)"branch",
		.mail = (char *)"branch@corp.example",
		.role = CONFIG_OFFICER,
		.accounts = accounts };
	GPtrArray *persons = bench->teller.config->persons;
	g_ptr_array_set_free_func(persons, NULL);
	g_ptr_array_add(persons, &bench->teller.officer);
	g_ptr_array_add(persons, &bench->branch);
	service_starts(bench);
}

static void
bench_close(struct bench *bench)
{
	forwards_free(bench->forwards);
	teller_close(&bench->teller);
}

static void
comes(struct bench *bench, const char *rule, const char *to)
{
	teller_comes(&bench->teller, rule, SEVERITY_LOW, to, NULL);
}

static void
assert_mails(struct bench *bench, guint mails)
{
	forwards_wake(bench->forwards);
	g_assert_cmpuint(bench->teller.post.mails->len, ==, mails);
}

static void
assert_says(const struct bench *bench, guint mail, const char *part)
{
	if (!teller_holds(&bench->teller, mail, part))
		g_error("'%s' is not in mail %u", part, mail);
}

static char *
state_path(const struct bench *bench)
{
	return g_build_filename(bench->teller.fixture.data, "forwards", NULL);
}

static void
put_state(const struct bench *bench, const char *text)
{
	g_autofree char *path = state_path(bench);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* "mail 1" is what the first message of the fixture holds. */
static void
test_copy(void)
{
	g_autofree char *body = g_base64_encode((const guchar *)"mail 1", 6);
	char sha256[DIGEST_HEX];
	struct bench bench;

	digest_bytes("mail 1", 6, sha256);
	bench_open(&bench);
	comes(&bench, "copied", "b@rival.example");
	assert_mails(&bench, 1);
	assert_says(&bench, 0, "To: officer <officer@corp.example>");
	assert_says(&bench, 0, "Subject: Flagpost: a flagged message, severity low");
	assert_says(&bench, 0, body);
	assert_says(&bench, 0, sha256);
	assert_says(&bench, 0, "X-Flagpost-Seal: v=1");
	assert_mails(&bench, 1);
	g_assert_null(bench.teller.word);
	bench_close(&bench);
}

static void
test_whom(void)
{
	static const struct {
		const char *label, *rule;
		guint mails;
		const char *word, *says; /* the note */
	} cases[] = {
		{ "a rule that forwards", "copied", 1, NULL, NULL },
		{ "a rule that does not", "usual", 0, NULL, NULL },
		{ "a rule that is no longer there", "gone", 0, NULL, NULL },
		{ "a person who may not see this account", "branch", 0, FORWARDS_REFUSED,
		    "branch flagged what is not forwarded to branch: it is not for that person" },
		{ "a person who is not there", "nobody", 0, FORWARDS_REFUSED,
		    "there is no [person.stranger]" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct bench bench;
		g_test_message("%s", cases[i].label);
		bench_open(&bench);
		comes(&bench, cases[i].rule, "b@rival.example");
		assert_mails(&bench, cases[i].mails);
		g_assert_cmpstr(bench.teller.word, ==, cases[i].word);
		if (cases[i].says != NULL)
			g_assert_nonnull(strstr(bench.teller.text, cases[i].says));
		service_starts(&bench); /* nobody is asked twice */
		assert_mails(&bench, cases[i].mails);
		bench_close(&bench);
	}
}

static void
test_lacking(void)
{
	struct bench bench;

	bench_open(&bench);
	struct config *config = bench.teller.config;
	g_assert_null(forwards_lacking(config, "officer"));
	bench.branch.role = CONFIG_ADMINISTRATOR;
	g_autofree char *reader = forwards_lacking(config, "branch");
	g_assert_cmpstr(reader, ==, "branch may not read mail");
	bench.teller.officer.mail = NULL;
	g_autofree char *address = forwards_lacking(config, "officer");
	g_assert_cmpstr(address, ==, "[person.officer] has no mail");
	bench.teller.officer.mail = (char *)"officer@corp.example";
	g_clear_pointer(&config->smtp, smtp_free);
	g_autofree char *server = forwards_lacking(config, "officer");
	g_assert_cmpstr(server, ==, "there is no [smtp]");
	bench_close(&bench);
}

/* Flags of one message to one person are one mail, which speaks of each. */
static void
test_one_mail(void)
{
	const struct mail mail = { .uid = "1", .body = "both", .rule = "copied" };
	struct flag *second = flag_new("also");
	struct bench bench;

	bench_open(&bench);
	g_autoptr(verdict) verdict = mail_verdict(&mail);
	verdict_text(&second->title, "The other rule");
	g_ptr_array_add(verdict->flags, second);
	teller_puts(&bench.teller, &mail, verdict);
	assert_mails(&bench, 1);
	assert_says(&bench, 0, "(copied, incident I-");
	assert_says(&bench, 0, "The other rule  (also, incident I-");
	bench_close(&bench);
}

/* What stays away and why: the flags are told of all the same. */
static void
test_without_copy(void)
{
	static const struct {
		const char *label;
		bool no_copy, four_eyes;
		const char *says;
	} cases[] = {
		{ "no copy was kept", true, false, "Its copy is not attached: " },
		{ "content opens for two officers only", false, true,
		    "a second officer has to agree first" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct mail mail = {
			.uid = "1", .body = "mail 1", .rule = "copied", .no_copy = cases[i].no_copy
		};
		struct bench bench;
		g_test_message("%s", cases[i].label);
		bench_open(&bench);
		bench.teller.config->four_eyes = cases[i].four_eyes;
		keep(&bench.teller.fixture, &mail);
		assert_mails(&bench, 1);
		assert_says(&bench, 0, cases[i].says);
		g_assert_false(teller_holds(&bench.teller, 0, "octet-stream"));
		bench_close(&bench);
	}
}

/* What was there before a rule forwarded is for the report. */
static void
test_begins(void)
{
	struct bench bench;

	bench_open(&bench);
	g_clear_pointer(&bench.forwards, forwards_free);
	g_autofree char *path = state_path(&bench);
	g_unlink(path);
	comes(&bench, "copied", "early@rival.example");
	service_starts(&bench);
	assert_mails(&bench, 0);
	comes(&bench, "copied", "late@rival.example");
	assert_mails(&bench, 1);
	service_starts(&bench);
	assert_mails(&bench, 1);
	bench_close(&bench);
}

/* When the second of two goes out, the file already tells of the first: a kill repeats one. */
static void
test_killed(void)
{
	struct bench bench;

	bench_open(&bench);
	g_autofree char *path = state_path(&bench);
	bench.teller.post.state = path;
	comes(&bench, "copied", "one@rival.example");
	comes(&bench, "copied", "two@rival.example");
	assert_mails(&bench, 2);
	g_assert_true(g_str_has_prefix(bench.teller.post.state_then, "0\n1\n"));
	bench_close(&bench);
}

/* A rule set without any such rule: how far it was is forgotten. */
static void
test_ends(void)
{
	static const struct teller_rule rules[] = { { "copied", "" }, { NULL, NULL } };
	struct bench bench;

	bench_open(&bench);
	g_autofree char *path = state_path(&bench);
	g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
	struct ruleset *with = bench.teller.ruleset;
	bench.teller.ruleset = teller_rules(&bench.teller.config->limits, rules);
	forwards_follow(bench.forwards, bench.teller.config, bench.teller.ruleset);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	comes(&bench, "copied", "meanwhile@rival.example");
	assert_mails(&bench, 0);
	ruleset_free(bench.teller.ruleset);
	bench.teller.ruleset = with;
	forwards_follow(bench.forwards, bench.teller.config, with);
	assert_mails(&bench, 0);
	comes(&bench, "copied", "late@rival.example");
	assert_mails(&bench, 1);
	bench_close(&bench);
}

/* So many an hour, and no more in the outbox than memory holds: the others go later. */
static void
test_waits(void)
{
	g_autoptr(GString) hour = g_string_new("0\n0\n");
	struct bench bench;

	for (guint i = 0; i < FORWARDS_AN_HOUR; i++)
		g_string_append_printf(
		    hour, "%" G_GINT64_FORMAT "\n", clock_now() - (i == 0 ? 59 : 1) * MINUTE);
	bench_open(&bench);
	put_state(&bench, hour->str);
	service_starts(&bench);
	comes(&bench, "copied", "b@rival.example");
	assert_mails(&bench, 0);
	g_assert_cmpstr(bench.teller.word, ==, FORWARDS_HELD);
	put_state(&bench, "0\n0\n");
	service_starts(&bench);
	assert_mails(&bench, 1);
	bench.teller.post.waiting = FORWARDS_WAITING;
	comes(&bench, "copied", "c@rival.example");
	assert_mails(&bench, 1);
	bench.teller.post.waiting = 0;
	assert_mails(&bench, 2);
	bench_close(&bench);
}

static void
test_damaged(void)
{
	static const char *const texts[] = { "", "x\n", "0\n", "0\n99\n", "-1\n0\n",
		"0\n0\nsoon\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct bench bench;
		g_test_message("'%s'", texts[i]);
		bench_open(&bench);
		comes(&bench, "copied", "early@rival.example");
		put_state(&bench, texts[i]);
		service_starts(&bench);
		assert_mails(&bench, 0);
		g_assert_cmpstr(bench.teller.word, ==, "forwards-restarted");
		comes(&bench, "copied", "late@rival.example");
		assert_mails(&bench, 1);
		bench_close(&bench);
	}
}

/* A copy of ours that comes back changed is flagged, and would be forwarded for ever. */
static void
test_own(void)
{
	char sha256[DIGEST_HEX];
	struct bench bench;

	digest_bytes("mail 1", 6, sha256);
	g_autofree char *note = own_mail_note(SEAL_ALTERED, sha256, "the copy of a message");
	bench_open(&bench);
	struct fixture *fixture = &bench.teller.fixture;
	g_assert_true(store_begin(fixture->store, NULL));
	g_assert_true(store_note(
	    fixture->store, "", "", OWN_MAIL_ALTERED, note, MORNING, fixture->run, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
	teller_comes(
	    &bench.teller, "copied", SEVERITY_HIGH, "b@rival.example", "forward.1@corp.example");
	assert_mails(&bench, 0);
	bench_close(&bench);
}

/* Nothing is read for a while: it goes when it can be. */
static void
test_trouble(void)
{
	struct bench bench;

	bench_open(&bench);
	comes(&bench, "copied", "b@rival.example");
	g_free(bench.teller.config->data_dir);
	bench.teller.config->data_dir =
	    g_build_filename(bench.teller.fixture.folder, "elsewhere", NULL);
	assert_mails(&bench, 0);
	g_assert_cmpstr(bench.teller.word, ==, FORWARDS_REFUSED);
	g_free(bench.teller.config->data_dir);
	bench.teller.config->data_dir = g_strdup(bench.teller.fixture.data);
	assert_mails(&bench, 1);
	bench_close(&bench);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/forwards/copy", test_copy);
	g_test_add_func("/forwards/whom", test_whom);
	g_test_add_func("/forwards/lacking", test_lacking);
	g_test_add_func("/forwards/one-mail", test_one_mail);
	g_test_add_func("/forwards/without-copy", test_without_copy);
	g_test_add_func("/forwards/begins", test_begins);
	g_test_add_func("/forwards/killed", test_killed);
	g_test_add_func("/forwards/ends", test_ends);
	g_test_add_func("/forwards/waits", test_waits);
	g_test_add_func("/forwards/damaged", test_damaged);
	g_test_add_func("/forwards/own", test_own);
	g_test_add_func("/forwards/trouble", test_trouble);
	return g_test_run();
}
