/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#define MINUTE (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)

enum event { STOP, SAVE, MAIL, PASS };

/* SAVE: a draft is there; MAIL: another mail; PASS: over folder (present: "1 2"), or the account */
struct step {
	enum event what;
	const char *folder, *uid, *body, *message_id, *subject, *in_reply_to, *present;
	bool account_ends;
};

static void
save(struct fixture *fixture, const struct step *step, gint64 seen)
{
	char sha256[DIGEST_HEX];
	struct mail mail = { .uid = step->uid,
		.body = step->body,
		.message_id = step->message_id,
		.subject = step->subject,
		.in_reply_to = step->in_reply_to };
	g_autoptr(verdict) verdict = mail_verdict(&mail);
	g_autoptr(GPtrArray) supposed = g_ptr_array_new_with_free_func((GDestroyNotify)flag_free);
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)step->folder,
		.uidvalidity = 7,
		.uid = (char *)step->uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"" };
	struct store_message message = { .sha256 = sha256,
		.size = strlen(step->body),
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.seen = seen,
		.run = fixture->run,
		.draft = step->what == SAVE,
		.supposed = step->what == SAVE ? supposed : NULL };
	struct flag *flag = flag_new("dead-drop");
	struct hit *hit = hit_new("message");
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(flag->hits, hit);
	flag->hits_total = 1;
	g_ptr_array_add(supposed, flag);
	digest_bytes(step->body, strlen(step->body), sha256);
	g_assert_true(store_begin(fixture->store, NULL));
	store_record(fixture->store, &message, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture->store, NULL));
}

static void
pass(struct fixture *fixture, const struct step *step, gint64 seen)
{
	g_auto(GStrv) present = g_strsplit(step->present, " ", -1);
	struct store_folder_end end = end_of(fixture, 7, 0);
	struct store_account_end account = {
		.account = "hq", .state = "ok", .text = "", .seen = seen, .run = fixture->run
	};

	end.folder = step->folder;
	end.role = g_ascii_strcasecmp(step->folder, "Sent") == 0    ? "sent"
		   : g_ascii_strcasecmp(step->folder, "Trash") == 0 ? "trash"
								    : "drafts";
	end.present = (const char *const *)present;
	end.server_count = present[0] != NULL ? g_strv_length(present) : 0;
	end.seen = seen;
	end_folder(fixture, &end);
	if (!step->account_ends)
		return;
	g_assert_true(store_begin(fixture->store, NULL));
	g_assert_true(store_account_end(fixture->store, &account, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
}

/* A pass over all folders that play a part. */
#define ALL(drafts, sent)                                                                          \
	{ .what = PASS, .folder = "Sent", .present = sent },                                       \
	{                                                                                          \
		.what = PASS, .folder = "Drafts", .present = drafts, .account_ends = true          \
	}
#define DRAFT(number, text, id)                                                                    \
	{                                                                                          \
		.what = SAVE, .folder = "Drafts", .uid = number, .body = text, .message_id = id,   \
		.subject = "Plan"                                                                  \
	}

#define ANSWER(number, text, id, title)                                                            \
	{                                                                                          \
		.what = SAVE, .folder = "Drafts", .uid = number, .body = text, .message_id = id,   \
		.subject = title, .in_reply_to = "mail@x"                                          \
	}

static const struct {
	const char *label, *body, *expected; /* "revision/of state flags" */
	struct step steps[16];
} scenes[] = {
	{ "saved three times under one Message-ID, then it vanished", "three",
	    "3/3 vanished 1, facts 1",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		DRAFT("3", "three", "<d@x>"), ALL("3", ""), ALL("", ""), ALL("", "") } },
	{ "an older revision is not flagged", "two", "2/3 vanished 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		DRAFT("3", "three", "<d@x>"), ALL("3", ""), ALL("", ""), ALL("", "") } },
	{ "a new Message-ID each time: author and subject", "two", "2/2 vanished 1, facts 1",
	    { DRAFT("1", "one", "<d1@x>"), ALL("1", ""), DRAFT("2", "two", "<d2@x>"), ALL("2", ""),
		ALL("", ""), ALL("", "") } },
	{ "a new Message-ID and a new subject: what it answers", "two", "2/2 vanished 1, facts 1",
	    { ANSWER("1", "one", "<d1@x>", "Re: Plan"), ALL("1", ""),
		ANSWER("2", "two", "<d2@x>", "Nothing"), ALL("2", ""), ALL("", ""), ALL("", "") } },
	{ "two answers that lie there at once are two", "two", "1/1 open 0, facts 0",
	    { ANSWER("1", "one", "<d1@x>", "Re: Plan"), ALL("1", ""),
		ANSWER("2", "two", "<d2@x>", "Nothing"), ALL("1 2", "") } },
	{ "another answer to the same mail was sent: this one was not", "two",
	    "2/2 vanished 1, facts 1",
	    { ANSWER("1", "one", "<d1@x>", "Re: Plan"), ALL("1", ""),
		ANSWER("2", "two", "<d2@x>", "Nothing"), ALL("2", ""),
		{ .what = MAIL,
		    .folder = "Sent",
		    .uid = "5",
		    .body = "final",
		    .message_id = "<s@x>",
		    .subject = "Fwd: Plan",
		    .in_reply_to = "mail@x" },
		ALL("", "5"), ALL("", "5") } },
	{ "two drafts that lie there at once are two", "two", "1/1 open 0, facts 0",
	    { DRAFT("1", "one", "<d1@x>"), ALL("1", ""), DRAFT("2", "two", "<d2@x>"),
		ALL("1 2", "") } },
	{ "never changed, then thrown away: no dead drop", "one", "1/1 vanished 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), ALL("", ""), ALL("", "") } },
	{ "gone within this pass: it may just have been sent", "two", "2/2 open 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		ALL("", "") } },
	{ "sent while the pass was under way, found by the next one", "two", "2/2 sent 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		ALL("", ""),
		{ .what = MAIL,
		    .folder = "Sent",
		    .uid = "5",
		    .body = "final",
		    .message_id = "<d@x>" },
		ALL("", "5") } },
	{ "sent under another Message-ID: author and subject", "two", "2/2 sent 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		{ .what = MAIL,
		    .folder = "Sent",
		    .uid = "5",
		    .body = "final",
		    .message_id = "<s@x>",
		    .subject = "Plan" },
		ALL("", "5") } },
	{ "thrown into the trash it is still there", "two", "2/2 open 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "two", "<d@x>"), ALL("2", ""),
		{ .what = MAIL,
		    .folder = "Trash",
		    .uid = "9",
		    .body = "two",
		    .message_id = "<d@x>",
		    .subject = "Plan" },
		{ .what = PASS, .folder = "Trash", .present = "9" }, ALL("", ""),
		{ .what = PASS, .folder = "Trash", .present = "9" }, ALL("", "") } },
	{ "the server renumbers nothing, the same bytes again are no change", "one",
	    "1/1 vanished 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), ALL("1", ""), DRAFT("2", "one", "<d@x>"), ALL("2", ""),
		ALL("", ""), ALL("", "") } },
	{ "without a Sent folder nobody can tell", "two", "2/2 unknown 0, facts 0",
	    { DRAFT("1", "one", "<d@x>"), DRAFT("2", "two", "<d@x>"),
		{ .what = PASS, .folder = "Drafts", .present = "2", .account_ends = true },
		{ .what = PASS, .folder = "Drafts", .present = "", .account_ends = true },
		{ .what = PASS, .folder = "Drafts", .present = "", .account_ends = true } } },
};

static char *
outcome(struct fixture *fixture, const char *body)
{
	static const char *const states[] = { "open", "sent", "vanished", "unknown" };
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];
	struct view_draft draft;
	bool found;

	digest_bytes(body, strlen(body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	g_assert_true(view_draft(view, message->id, &found, &draft, NULL));
	g_assert_true(found);
	return g_strdup_printf("%u/%u %s %u, facts %u", draft.number, draft.revisions,
	    states[draft.state], message->flags, (message->facts & FACT_DEAD_DROP) != 0);
}

static void
test_lives(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(scenes); i++) {
		struct fixture fixture;
		gint64 now = MORNING;
		g_test_message("%s", scenes[i].label);
		fixture_start(&fixture);
		for (const struct step *step = scenes[i].steps; step->what != STOP; step++) {
			now += MINUTE;
			if (step->what == PASS)
				pass(&fixture, step, now);
			else
				save(&fixture, step, now);
		}
		g_autofree char *got = outcome(&fixture, scenes[i].body);
		g_assert_cmpstr(got, ==, scenes[i].expected);
		fixture_end(&fixture);
	}
}

/* The flag is new on the day on which the draft vanished, with its hits. */
static void
test_flag(void)
{
	static const struct step steps[] = { DRAFT("1", "one", "<d@x>"), ALL("1", ""),
		DRAFT("2", "two", "<d@x>"), ALL("2", ""), ALL("", ""), ALL("", "") };
	struct view_totals totals;
	struct fixture fixture;

	fixture_start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
		(steps[i].what == PASS ? pass : save)(
		    &fixture, &steps[i], MORNING + (i > 5 ? DAY : 0));
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) before = view_flags(view, MORNING, MORNING + DAY, false, NULL);
	g_assert_cmpuint(before->len, ==, 0);
	g_autoptr(GPtrArray) flags =
	    view_flags(view, MORNING + DAY, MORNING + 2 * DAY, false, NULL);
	g_assert_cmpuint(flags->len, ==, 1);
	const struct view_flag *row = g_ptr_array_index(flags, 0);
	g_assert_cmpuint(row->flag->hits->len, ==, 1);
	g_assert_true(view_totals(view, MORNING + DAY, MORNING + 2 * DAY, &totals, NULL));
	g_assert_cmpuint(totals.drafts, ==, 1);
	g_assert_cmpuint(totals.dead_drops, ==, 1);
	fixture_end(&fixture);
}

/* Revisions share a Message-ID by right, and so does what is sent in the end. */
static void
test_message_id_is_not_reused(void)
{
	static const struct step draft = DRAFT("1", "one", "<d@x>");
	static const struct step mail = {
		.what = MAIL, .folder = "Sent", .uid = "5", .body = "other", .message_id = "<m@x>"
	};
	bool known, copied, reused;
	struct fixture fixture;

	fixture_start(&fixture);
	save(&fixture, &draft, MORNING);
	save(&fixture, &mail, MORNING);
	g_assert_true(store_lookup(fixture.store, RULES, "<d@x>", &known, &copied, &reused, NULL));
	g_assert_false(reused);
	g_assert_true(store_lookup(fixture.store, RULES, "<m@x>", &known, &copied, &reused, NULL));
	g_assert_true(reused);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/drafts/lives", test_lives);
	g_test_add_func("/drafts/flag", test_flag);
	g_test_add_func("/drafts/message-id", test_message_id_is_not_reused);
	return g_test_run();
}
