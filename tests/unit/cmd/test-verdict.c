/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd-verdict.h"

#include <string.h>

static struct hit *
codename_hit(void)
{
	struct hit *hit = hit_new("content.codename");

	hit->component = COMPONENT_ATTACHMENTS;
	g_free(hit->part);
	hit->part = g_strdup("1.2");
	g_free(hit->name);
	hit->name = g_strdup("plan.docx");
	hit->offset = 120;
	hit->length = 11;
	g_free(hit->excerpt);
	hit->excerpt = g_strdup("for NIGHTJAR-77 only");
	hit->excerpt_start = 4;
	hit->excerpt_length = 11;
	return hit;
}

static struct flag *
add_flag(struct verdict *verdict, const char *rule, const char *exception)
{
	struct flag *flag = flag_new(rule);

	g_free(flag->title);
	flag->title = g_strdup("Codename leaves");
	flag->severity = SEVERITY_HIGH;
	if (exception != NULL) {
		g_free(flag->exception);
		flag->exception = g_strdup(exception);
		g_free(flag->except_reason);
		flag->except_reason = g_strdup("Joint tender");
	}
	g_ptr_array_add(flag->hits, codename_hit());
	flag->hits_total = 1;
	g_ptr_array_add(verdict->flags, flag);
	return flag;
}

static struct verdict *
example(void)
{
	struct message *message = message_new();

	g_free(message->message_id);
	message->message_id = g_strdup("1@x.example");
	g_free(message->subject);
	message->subject = g_strdup("a \"plan\"");
	message->date = G_GINT64_CONSTANT(1772355720000000); /* 2026-03-01T09:02:00Z */
	message->facts = FACT_AMBIGUOUS_MIME;
	message->outcome = OUTCOME_PARTIAL;
	g_ptr_array_add(message->addresses, address_new(ADDRESS_FROM, "Anna", "a@x.example"));
	g_ptr_array_add(message->addresses, address_new(ADDRESS_TO, NULL, "b@y.example"));
	g_ptr_array_add(message->addresses, address_new(ADDRESS_DELIVERED, NULL, "b@y.example"));
	struct part *part = message_add_part(message, "1.2");
	g_free(part->name);
	part->name = g_strdup("plan.docx");
	g_free(part->declared_type);
	part->declared_type = g_strdup("application/msword");
	part->size = 18231;
	part->outcome = PART_ENCRYPTED;
	part->facts = FACT_TYPE_MISMATCH;
	struct verdict *verdict = verdict_from_message(message);
	message_free(message);
	verdict->direction = DIRECTION_OUTBOUND;
	add_flag(verdict, "codename", NULL);
	add_flag(verdict, "tender", "except.tender");
	return verdict;
}

static const char hits[] =
    "\"hits\":[{\"component\":\"attachments\",\"part\":\"1.2\",\"name\":\"plan.docx\","
    "\"offset\":120,\"length\":11,\"excerpt\":\"%s\",\"hidden\":false}],\"hits_total\":1";

static void
test_json(void)
{
	g_autoptr(verdict) verdict = example();

	for (int clear = 0; clear < 2; clear++) {
		g_autoptr(GString) out = g_string_new(NULL);
		const struct cmd_verdict item = { "a/b.eml", "00ff", verdict, clear == 1, false,
			NULL };
		g_auto(GStrv) halves = g_strsplit(hits, "%s", 2);
		g_autofree char *shown = g_strconcat(halves[0],
		    clear == 1 ? "for NIGHTJAR-77 only" : "for NI*******77 only", halves[1], NULL);
		g_autofree char *want = g_strdup_printf(
		    "{\"file\":\"a/b.eml\",\"sha256\":\"00ff\",\"message_id\":\"1@x.example\","
		    "\"date\":\"2026-03-01T09:02:00Z\",\"from\":\"a@x.example\","
		    "\"to\":[\"b@y.example\"],\"subject\":\"a \\\"plan\\\"\","
		    "\"direction\":\"outbound\",\"outcome\":\"partial\","
		    "\"facts\":[\"ambiguous-mime\"],"
		    "\"flags\":[{\"rule\":\"codename\",\"severity\":\"high\",%s}],"
		    "\"parts\":[{\"part\":\"1.2\",\"name\":\"plan.docx\","
		    "\"declared_type\":\"application/msword\",\"true_type\":\"\","
		    "\"size\":18231,\"sha256\":\"\",\"outcome\":\"encrypted\","
		    "\"facts\":[\"type-mismatch\"]}],"
		    "\"excepted\":[{\"rule\":\"tender\",\"severity\":\"high\",%s,"
		    "\"exception\":\"except.tender\",\"reason\":\"Joint tender\"}],"
		    "\"undecided\":[],\"reason\":\"\",\"warnings\":[]}\n",
		    shown, shown);

		g_test_message(clear == 1 ? "in clear when asked" : "masked unless asked");
		cmd_verdict_json(out, &item);
		g_assert_cmpstr(out->str, ==, want);
	}
}

static void
test_unscannable(void)
{
	g_autoptr(verdict) verdict = verdict_unscannable("over-limit", 5);
	g_autoptr(GString) out = g_string_new(NULL);
	const struct cmd_verdict item = { "big.eml", NULL, verdict, false, false, NULL };

	g_test_message("what is not known is null or empty, never missing");
	cmd_verdict_json(out, &item);
	g_assert_true(g_str_has_prefix(
	    out->str, "{\"file\":\"big.eml\",\"sha256\":null,\"message_id\":\"\",\"date\":null,"));
	g_assert_nonnull(strstr(out->str, "\"outcome\":\"unscannable\""));
	g_assert_nonnull(strstr(out->str, "\"reason\":\"over-limit\""));
	g_string_truncate(out, 0);
	cmd_verdict_text(out, &item);
	g_assert_cmpstr(out->str, ==, "unscannable big.eml: not scanned: over-limit\n");
	g_assert_true(cmd_verdict_has_gap(verdict));
}

static void
test_text(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GString) out = g_string_new(NULL);
	const struct cmd_verdict item = { "a/b\033.eml", "00ff", verdict, false, false, NULL };

	verdict_add_undecided(verdict, "slow", "content.x", "1.2", "match limit");
	cmd_verdict_text(out, &item);
	g_assert_cmpstr(out->str, ==,
	    "flagged     a/b\\u{1B}.eml\n"
	    "  high    codename  Codename leaves\n"
	    "          attachments 1.2 plan.docx: for NI*******77 only\n"
	    "  except  tender  Codename leaves (exception except.tender: Joint tender)\n"
	    "          attachments 1.2 plan.docx: for NI*******77 only\n"
	    "  not read: 1.2 plan.docx: encrypted\n"
	    "  not decided: slow content.x, part 1.2: match limit\n");
}

static void
test_explained(void)
{
	g_autoptr(verdict) verdict = example();
	g_autoptr(GString) out = g_string_new(NULL);

	verdict_add_explained(verdict, "codename", 0, TRUTH_TRUE, "codename", 0, "");
	verdict_add_explained(verdict, "codename", 1, TRUTH_TRUE, "flag_if", 0, "");
	verdict_add_explained(
	    verdict, "codename", 2, TRUTH_TRUE, "parties.rival", 2, "to b@y.example");
	verdict_add_explained(verdict, "quiet", 0, TRUTH_FALSE, "quiet", 0, "");
	verdict_add_explained(
	    verdict, "quiet", 1, TRUTH_UNDECIDED, "content.a", 0, "attachment is encrypted");
	cmd_verdict_explained(out, verdict, false);
	g_assert_cmpstr(out->str, ==,
	    "FLAG high  codename\n"
	    "  flag_if          true\n"
	    "    parties.rival  true         2 matches  to b@y.example\n"
	    "\n"
	    "no flag  quiet\n"
	    "  content.a  not decided  attachment is encrypted\n");
}

static void
add_text(struct message *message, enum component component, guint part, const char *text)
{
	message_add_text(message, component, NULL, part, g_strdup(text), strlen(text));
}

/* What `show --text` prints: in reading order, and no text passes for a heading. */
static void
test_texts(void)
{
	g_autoptr(message) message = message_new();
	g_autoptr(GString) out = g_string_new(NULL);
	static const struct {
		const char *path, *name;
		enum part_outcome outcome;
		bool attachment;
	} parts[] = {
		{ "1.1", "", PART_READ, false },
		{ "1.2", "", PART_READ, false },
		{ "2", "a\033.txt", PART_READ, true },
		{ "3", "locked.pdf", PART_ENCRYPTED, true },
		{ "4", "", PART_READ, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		struct part *part = message_add_part(message, parts[i].path);
		g_free(part->name);
		part->name = g_strdup(parts[i].name);
		part->outcome = parts[i].outcome;
		part->attachment = parts[i].attachment;
	}
	add_text(message, COMPONENT_SUBJECT, TEXT_NO_PART, "one\ntwo");
	add_text(message, COMPONENT_ATTACHMENTS, 2, "cell\tcell");
	add_text(message, COMPONENT_BODY, 0, "hello\r\n\n--- 3 locked.pdf\nbye\r\n");
	add_text(message, COMPONENT_URLS, 0, "https://x.example");
	add_text(message, COMPONENT_BODY, 1, "seen");
	add_text(message, COMPONENT_BODY, 1, "white on white");
	((struct text *)message->texts->pdata[5])->hidden = true;
	g_autoptr(verdict) verdict = verdict_from_message(message);
	verdict_add_texts(verdict, message);
	((struct verdict_text *)verdict->texts->pdata[4])->size = 99;
	cmd_verdict_texts(out, verdict);
	g_assert_cmpstr(out->str, ==,
	    "Subject: one\\u{A}two\n"
	    "\nhello\n\n --- 3 locked.pdf\nbye\n"
	    "\n--- 1.2\nseen\n--- not shown to a reader of the mail:\nwhite on white\n"
	    "--- cut: 14 of 99 bytes are shown\n"
	    "\n--- 2 a\\u{1B}.txt\ncell\tcell\n"
	    "\n--- 3 locked.pdf: encrypted\n");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cmd-verdict/json", test_json);
	g_test_add_func("/cmd-verdict/unscannable", test_unscannable);
	g_test_add_func("/cmd-verdict/text", test_text);
	g_test_add_func("/cmd-verdict/explained", test_explained);
	g_test_add_func("/cmd-verdict/texts", test_texts);
	return g_test_run();
}
