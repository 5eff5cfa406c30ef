/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rule file as an administrator may write it: refused with a problem, or it judges a message
 * and its verdict crosses to the parent.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add(struct sources *sources, enum source_kind kind, const char *name, const void *text, gsize size)
{
	struct source *source = g_new0(struct source, 1);

	source->kind = kind;
	source->name = g_strdup(name);
	source->path = g_strdup(name);
	source->text = g_bytes_new(text, size);
	g_ptr_array_add(sources->files, source);
}

static struct message *
sample(void)
{
	static const char body[] = "Project Falcon, card 4111 1111 1111 1111, nightjar";
	struct message *message = message_new();
	struct part *part = message_add_part(message, "2");

	g_free(part->name);
	part->name = g_strdup("plan.pdf.exe");
	part->attachment = true;
	part->facts = FACT_EXECUTABLE | FACT_DOUBLE_EXTENSION;
	g_ptr_array_add(message->addresses, address_new(ADDRESS_FROM, NULL, "a@corp.example"));
	g_ptr_array_add(message->addresses, address_new(ADDRESS_TO, NULL, "b@riva1.example"));
	message_add_header(message, "Date", "Sun, 1 Mar 2026 22:30:00 +0200");
	message_add_text(message, COMPONENT_BODY, NULL, TEXT_NO_PART, g_strdup(body), strlen(body));
	return message;
}

static void
judge(const struct ruleset *ruleset)
{
	const struct match_options options = { .explain = true };
	g_autoptr(match_context) context = match_context_new();
	g_autoptr(message) message = sample();
	g_autoptr(verdict) verdict = verdict_from_message(message);
	g_autoptr(GError) error = NULL;

	match_message(ruleset, message, context, &options, verdict);
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, verdict);
	struct packed in = packed_bytes(frame->data, frame->len);
	g_autoptr(verdict) back = verdict_get(&in, &error);
	if (back == NULL)
		g_error("a verdict of our own is refused: %s", error->message);
	for (guint i = 0; i < ruleset_test_count(ruleset); i++) {
		const struct rule_test *test = ruleset_test(ruleset, i);
		bool matched;
		if (test->text != NULL)
			ruleset_test_text(ruleset, test, &matched, NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = { "corp.example", NULL };
	static const char detector[] =
	    "[detector]\nid = card\ntitle = Card\npattern.1 = \\d(?:[ -]?\\d){12,18}\n"
	    "validator = luhn\n";
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	struct limits limits;

	limits_default(&limits);
	limits.seconds_per_message = 1;
	sources_set_own_domains(sources, own);
	add(sources, SOURCE_RULE, "10.ini", data, size);
	/* A file without the word cannot ask for it, and is tried twice as often without. */
	if (size > 0 && g_strstr_len((const char *)data, (gssize)size, "detector") != NULL)
		add(sources, SOURCE_RULE, "card.ini", detector, strlen(detector));
	add(sources, SOURCE_LIST, "competitors", "rival.example\n", 14);
	add(sources, SOURCE_LIST, "terms", "project falcon\nnightjar\n", 24);
	sources_seal(sources);
	g_autoptr(ruleset) ruleset = ruleset_compile(sources, &limits, problems);
	if ((ruleset == NULL) != (problems_count(problems, PROBLEM_ERROR) > 0))
		abort();
	if (ruleset != NULL)
		judge(ruleset);
	return 0;
}
