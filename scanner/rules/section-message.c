/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [message.X]: facts of the message as a whole. All keys must hold.
 */
#include "rules/section.h"

#include <string.h>

#include "base/text.h"
#include "rules/excerpt.h"
#include "rules/hours.h"

static const char *const keys[] = { "reused_message_id", "hidden_text", "auto_forwarded", "draft",
	"dead_drop", "outsider_joined", "after_encrypted", "min_size", "hours", "facts", "outcome",
	NULL };

enum { IS_REUSED, IS_HIDDEN, IS_FORWARDED, IS_DRAFT, IS_DEAD_DROP, IS_JOINED, IS_AFTER, N_YES_NO };

static const char *const yes_no_keys[N_YES_NO] = { "reused_message_id", "hidden_text",
	"auto_forwarded", "draft", "dead_drop", "outsider_joined", "after_encrypted" };

struct message_facts {
	bool is_asked[N_YES_NO], wanted[N_YES_NO];
	guint64 min_size;
	GArray *hours;         /* NULL: not asked for */
	guint facts, outcomes; /* bits of which one must hold; 0: not asked for */
};

static void
message_facts_free(void *self)
{
	struct message_facts *facts = self;

	if (facts->hours != NULL)
		g_array_unref(facts->hours);
	g_free(facts);
}

/* What no message can fulfil loads, and would never flag. */
static void
warn_impossible(const struct message_facts *facts, const struct builder *builder,
    const struct ini_section *section)
{
	bool draft = !facts->is_asked[IS_DRAFT] || facts->wanted[IS_DRAFT];
	bool dead_drop = facts->is_asked[IS_DEAD_DROP] && facts->wanted[IS_DEAD_DROP];
	bool reused = facts->is_asked[IS_REUSED] && facts->wanted[IS_REUSED];

	if (dead_drop && !draft)
		ini_warning(section, ini_entry(section, "dead_drop"), builder->problems,
		    "leave out draft = no", "[%s] can never hold: a dead drop is a draft",
		    section->name);
	if (dead_drop && reused)
		ini_warning(section, ini_entry(section, "reused_message_id"), builder->problems,
		    "leave out one of the two",
		    "[%s] can never hold: revisions of a draft share their Message-ID",
		    section->name);
	if (facts->min_size > builder->limits->message)
		ini_warning(section, ini_entry(section, "min_size"), builder->problems,
		    "raise [limits] message", "[%s] can never hold: no larger message is scanned",
		    section->name);
}

static void *
message_facts_load(const struct builder *builder, const struct ini_section *section)
{
	struct message_facts *facts = g_new0(struct message_facts, 1);

	ini_check_keys(section, keys, builder->problems);
	if (section->entries->len == 0)
		ini_problem(section, NULL, 0, builder->problems, "write draft = yes",
		    "[%s] asks for nothing", section->name);
	for (guint i = 0; i < N_YES_NO; i++)
		facts->is_asked[i] =
		    ini_bool(section, yes_no_keys[i], &facts->wanted[i], builder->problems);
	ini_size(section, "min_size", 0, G_MAXINT64, &facts->min_size, builder->problems);
	facts->hours = hours_load(builder, section);
	builder_bits(builder, section, "facts", message_fact_words, &facts->facts);
	builder_bits(builder, section, "outcome", outcome_words, &facts->outcomes);
	warn_impossible(facts, builder, section);
	return facts;
}

/* By the marks that servers leave when a rule of the mailbox forwards (RFC 3834 and custom). */
static bool
is_auto_forwarded(const struct message *message)
{
	static const char *const marks[] = { "X-Forwarded-For", "X-Forwarded-To",
		"X-MS-Exchange-Inbox-Rules-Loop", "X-MS-Exchange-ForwardingLoop", "X-Autoforward",
		"Autoforwarded", "Auto-Forwarded", NULL };
	const char *submitted = message_header(message, "Auto-Submitted");

	for (guint i = 0; marks[i] != NULL; i++) {
		const char *value = message_header(message, marks[i]);
		if (value != NULL && g_ascii_strcasecmp(value, "no") != 0)
			return true;
	}
	return submitted != NULL && g_ascii_strncasecmp(submitted, "auto-forwarded", 14) == 0;
}

/* The key that does not hold, or NULL. */
static const char *
yes_no_fails(const struct message_facts *self, const struct run *run)
{
	const bool is[N_YES_NO] = {
		[IS_REUSED] = (run->verdict->facts & FACT_REUSED_MESSAGE_ID) != 0,
		[IS_HIDDEN] = (run->verdict->facts & FACT_HIDDEN_TEXT) != 0,
		[IS_FORWARDED] = is_auto_forwarded(run->message),
		[IS_DRAFT] = run->context->draft,
		[IS_DEAD_DROP] = (run->verdict->facts & FACT_DEAD_DROP) != 0,
		[IS_JOINED] = (run->verdict->facts & FACT_OUTSIDER_JOINED) != 0,
		[IS_AFTER] = (run->verdict->facts & FACT_AFTER_ENCRYPTED) != 0,
	};

	for (guint i = 0; i < N_YES_NO; i++) {
		if (self->is_asked[i] && self->wanted[i] != is[i])
			return yes_no_keys[i];
	}
	return NULL;
}

static const char *
fails(const struct message_facts *self, const struct run *run)
{
	const struct verdict *verdict = run->verdict;
	const char *key = yes_no_fails(self, run);

	if (key != NULL)
		return key;
	if (verdict->size < self->min_size)
		return "min_size";
	if (self->facts != 0 && (self->facts & verdict->facts) == 0)
		return "facts";
	if (self->outcomes != 0 && (self->outcomes & (1u << verdict->outcome)) == 0)
		return "outcome";
	if (self->hours != NULL &&
	    !hours_contain(self->hours, hours_of(run->message, verdict->date)))
		return "hours";
	return NULL;
}

/* "hidden-text, 18.2 kB" */
static char *
describe(const struct run *run)
{
	g_autofree const char **words = fact_words(message_fact_words, run->verdict->facts);
	g_autofree char *size = text_size(run->verdict->size);
	GString *out = g_string_new(NULL);

	for (guint i = 0; words[i] != NULL; i++)
		g_string_append_printf(out, "%s, ", words[i]);
	if (run->context->draft)
		g_string_append(out, "draft, ");
	if (is_auto_forwarded(run->message))
		g_string_append(out, "auto-forwarded, ");
	if (run->verdict->outcome != OUTCOME_SCANNED)
		g_string_append_printf(out, "%s, ", outcome_words[run->verdict->outcome]);
	g_string_append(out, size);
	return g_string_free(out, FALSE);
}

static void
message_facts_check(
    const void *self, struct run *run, const struct section_place *place, struct finding *out)
{
	const char *key = fails(self, run);

	if (key != NULL) {
		if (run->explaining)
			finding_say(out, g_strdup_printf("%s does not hold", key));
		return;
	}
	out->truth = TRUTH_TRUE;
	out->detail = describe(run);
	struct hit *hit = hit_new(place->name);
	hit->component = COMPONENT_RAW;
	excerpt_of_words(hit, out->detail);
	finding_add(out, run, hit);
}

guint
section_message_history(const void *self)
{
	const struct message_facts *facts = self;
	bool joined = facts->is_asked[IS_JOINED] || (facts->facts & FACT_OUTSIDER_JOINED) != 0;
	bool after = facts->is_asked[IS_AFTER] || (facts->facts & FACT_AFTER_ENCRYPTED) != 0;

	return (joined ? RULESET_OUTSIDER_JOINED : 0u) | (after ? RULESET_AFTER_ENCRYPTED : 0u);
}

const struct section_kind section_message = { "message", message_facts_load, message_facts_free,
	message_facts_check, NULL, NULL };
