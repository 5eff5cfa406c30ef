/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kit.h"

/* A PDF of 2,000 bytes, a locked ZIP with a program in it, and the body. */
static struct message *
sample(void)
{
	struct message *message = kit_message("a@corp.example", "b@b.example", NULL);
	struct part *body = kit_part(message, "1", "", "text/plain");
	struct part *pdf = kit_part(message, "2", "plan.2026.PDF", "application/pdf");
	struct part *zip = kit_part(message, "3", "all.zip", "application/zip");
	struct part *member = kit_part(message, "3/tools/run.exe", "run.exe", "");

	body->attachment = false;
	body->size = 50;
	pdf->size = 2000;
	g_free(pdf->declared_type);
	pdf->declared_type = g_strdup("application/octet-stream");
	memset(pdf->sha256, 'a', 64);
	zip->outcome = PART_ENCRYPTED;
	zip->facts = FACT_TYPE_MISMATCH;
	member->facts = FACT_EXECUTABLE | FACT_DOUBLE_EXTENSION;
	member->outcome = PART_OVER_LIMIT;
	member->size = 5 * 1024 * 1024;
	return message;
}

static void
test_table(void)
{
	static const struct {
		const char *keys;
		bool expected;
	} cases[] = {
		{ "name = ^plan", true },
		{ "name = ^PLAN", true },
		{ "name = ^lan", false },
		{ "extension = docx, pdf", true },
		{ "extension = .pdf", true },
		{ "extension = txt", false },
		{ "true_types = docx, pdf", true },
		{ "true_types = application/*", true },
		{ "true_types = text", false },
		{ "declared_type = application/octet-*", true },
		{ "declared_type = pdf", false },
		{ "mismatch = yes", true },
		{ "mismatch = yes\ntrue_types = pdf", false },
		{ "mismatch = no\ntrue_types = pdf", true },
		{ "min_size = 1k\nmax_size = 2k", true },
		{ "min_size = 6M", false },
		{ "max_size = 10\ntrue_types = pdf", false },
		{ "min_count = 3", true },
		{ "min_count = 4", false },
		{ "depth = 1", true },
		{ "depth = 2", true },
		{ "depth = 3", false },
		{ "encrypted = yes", true },
		{ "encrypted = yes\ntrue_types = pdf", false },
		{ "macros = yes", false },
		{ "executable = yes", true },
		{ "double_extension = yes\nexecutable = yes", true },
		{ "disguised_name = yes", false },
		{ "unreadable = broken, over-limit", true },
		{ "unreadable = broken", false },
		{ "facts = macro, executable", true },
		{ "sha256_list = digests", true },
		{ "sha256_list = near", false },
		{ "member_name = [.]exe$", true },
		{ "member_name = [.]exe$\ntrue_types = zip", true },
		{ "member_name = [.]exe$\ntrue_types = pdf", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(sources) sources = kit_sources();
		g_autofree char *text =
		    g_strdup_printf(KIT_HEAD "[attachment.x]\n%s\n", cases[i].keys);
		g_autofree char *digest = g_strnfill(64, 'A');
		g_test_message("%s", cases[i].keys);
		kit_add(sources, SOURCE_LIST, "digests", digest);
		kit_add(sources, SOURCE_RULE, "10-one.ini", text);
		g_autoptr(ruleset) ruleset = kit_try(sources, report);
		g_assert_cmpstr(report->str, ==, "");
		g_autoptr(verdict) verdict = kit_match(ruleset, sample(), NULL, false);
		g_assert_cmpuint(verdict_flag_count(verdict), ==, cases[i].expected);
	}
}

/* The body is no attachment; what lies inside an attached message is. */
static void
test_what_counts(void)
{
	struct message *message = kit_message("a@corp.example", "b@b.example", NULL);
	kit_part(message, "1", "", "text/plain")->attachment = false;
	g_assert_false(kit_flags("[attachment.x]\ntrue_types = text\n", message));

	message = kit_message("a@corp.example", "b@b.example", NULL);
	kit_part(message, "2", "old.eml", "message/rfc822");
	kit_part(message, "2.1", "", "text/plain")->attachment = false;
	g_assert_true(kit_flags("[attachment.x]\ntrue_types = text\n", message));
}

static void
test_hit(void)
{
	g_autoptr(ruleset) ruleset = kit_rule("[attachment.x]\nencrypted = yes\n");
	g_autoptr(verdict) verdict = kit_match(ruleset, sample(), NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	const struct hit *hit = g_ptr_array_index(flag->hits, 0);

	g_assert_cmpint(hit->component, ==, COMPONENT_ATTACHMENTS);
	g_assert_cmpstr(hit->part, ==, "3");
	g_assert_cmpstr(hit->name, ==, "all.zip");
	g_assert_cmpstr(hit->excerpt, ==, "zip, 0 B, type-mismatch, encrypted");
	g_assert_cmpuint(hit->excerpt_length, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/attachment/table", test_table);
	g_test_add_func("/attachment/what counts", test_what_counts);
	g_test_add_func("/attachment/hit", test_hit);
	return g_test_run();
}
