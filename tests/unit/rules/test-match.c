/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fault.h"
#include "kit.h"

static void
test_direction(void)
{
	static const struct {
		const char *label, *from, *sender, *to;
		bool draft;
		enum direction expected;
	} cases[] = {
		{ "outside sender", "x@b.example", "", "a@corp.example", false, DIRECTION_INBOUND },
		{ "own sender, outside recipient", "a@corp.example", "",
		    "b@corp.example x@b.example", false, DIRECTION_OUTBOUND },
		{ "own subdomain", "a@hr.corp.example", "", "b@corp-mail.example", false,
		    DIRECTION_INTERNAL },
		{ "a name that only ends alike", "a@notcorp.example", "", "b@corp.example", false,
		    DIRECTION_INBOUND },
		{ "undisclosed recipients", "a@corp.example", "", "", false, DIRECTION_OUTBOUND },
		{ "no From, but Sender", "", "a@corp.example", "x@b.example", false,
		    DIRECTION_OUTBOUND },
		{ "From without a domain", "root", "x@b.example", "a@corp.example", false,
		    DIRECTION_INBOUND },
		{ "nobody", "", "", "a@corp.example", false, DIRECTION_UNKNOWN },
		{ "draft", "", "", "", true, DIRECTION_DRAFT },
	};
	static const char *const own[] = { "corp.example", "corp-mail.example", NULL };
	static const char *const none[] = { NULL };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(match_context) context = match_context_new();
		g_autoptr(message) message = message_new();
		g_test_message("%s", cases[i].label);
		kit_addresses(message, ADDRESS_FROM, cases[i].from);
		kit_addresses(message, ADDRESS_SENDER, cases[i].sender);
		kit_addresses(message, ADDRESS_TO, cases[i].to);
		context->draft = cases[i].draft;
		g_assert_cmpint(
		    match_direction(message->addresses, own, context), ==, cases[i].expected);
		if (!cases[i].draft)
			g_assert_cmpint(match_direction(message->addresses, none, context), ==,
			    DIRECTION_UNKNOWN);
	}
}

static void
test_scope(void)
{
	static const struct {
		const char *label, *scope, *from, *account, *folder, *group;
		bool expected;
	} cases[] = {
		{ "its direction", "directions = outbound, draft", "a@corp.example", "", "", "",
		    true },
		{ "another direction", "directions = inbound", "a@corp.example", "", "", "",
		    false },
		{ "no direction excludes nothing", "directions = inbound", "nobody", "", "", "",
		    true },
		{ "account", "accounts = hq, m*", "a@corp.example", "main", "", "", true },
		{ "another account", "accounts = hq", "a@corp.example", "main", "", "", false },
		{ "a file has no account", "accounts = hq", "a@corp.example", "", "", "", true },
		{ "folder", "folders = Sent*", "a@corp.example", "hq", "Sent Items", "", true },
		{ "another folder", "folders = Sent*", "a@corp.example", "hq", "INBOX", "", false },
		{ "group of the account", "groups = board", "a@corp.example", "hq", "", "board",
		    true },
		{ "member of a group", "groups = sales", "anna@corp.example", "hq", "", "", true },
		{ "nobody of the group", "groups = sales", "a@corp.example", "hq", "", "", false },
		{ "no date excludes nothing", "hours = 20:00-06:00", "a@corp.example", "hq", "", "",
		    true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body =
		    g_strdup_printf("[scope]\n%s\n[parties.x]\nwho = any_party\n", cases[i].scope);
		g_autoptr(match_context) context = match_context_new();
		g_autoptr(ruleset) ruleset = kit_rule(body);
		g_test_message("%s", cases[i].label);
		g_free(context->account);
		context->account = g_strdup(cases[i].account);
		g_free(context->folder);
		context->folder = g_strdup(cases[i].folder);
		g_free(context->group);
		context->group = g_strdup(cases[i].group);
		g_autoptr(verdict) verdict = kit_match(
		    ruleset, kit_message(cases[i].from, "b@b.example", NULL), context, false);
		g_assert_cmpuint(verdict_flag_count(verdict), ==, cases[i].expected);
	}
}

/* 2026-03-01 at 22:30 in the zone of the sender, +0200: 20:30 UTC. */
static void
test_hours(void)
{
	static const struct {
		const char *hours;
		bool expected;
	} cases[] = {
		{ "22:00-23:00", true },
		{ "20:00-21:00", false },
		{ "20:00-06:00", true },
		{ "23:00-06:00", false },
		{ "12:00-13:00, 22:30-24:00", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body =
		    g_strdup_printf("[message.x]\nhours = %s\n", cases[i].hours);
		struct message *message = kit_message("a@a.example", "b@b.example", NULL);
		message_add_header(message, "Date", "Sun, 1 Mar 2026 22:30:00 +0200");
		message->date = G_GINT64_CONSTANT(1772397000) * G_USEC_PER_SEC;
		g_test_message("%s", cases[i].hours);
		g_assert_cmpint(kit_flags(body, message), ==, cases[i].expected);
	}
}

static void
test_message_facts(void)
{
	static const struct {
		const char *keys;
		bool expected;
	} cases[] = {
		{ "reused_message_id = yes", true },
		{ "hidden_text = yes", false },
		{ "hidden_text = no", true },
		{ "auto_forwarded = yes", true },
		{ "draft = yes", false },
		{ "min_size = 1k", true },
		{ "min_size = 2k", false },
		{ "facts = malformed, reused-message-id", true },
		{ "facts = malformed", false },
		{ "outcome = partial, unscannable", true },
		{ "outcome = scanned", false },
		{ "min_size = 1k\noutcome = scanned", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body = g_strdup_printf("[message]\n%s\n", cases[i].keys);
		g_autoptr(ruleset) ruleset = kit_rule(body);
		g_autoptr(match_context) context = match_context_new();
		struct message *message = kit_message("a@a.example", "b@b.example", NULL);
		context->facts = FACT_REUSED_MESSAGE_ID;
		message->size = 1024;
		message->outcome = OUTCOME_PARTIAL;
		message_add_header(message, "Auto-Submitted", "auto-forwarded; by=rule");
		g_test_message("%s", cases[i].keys);
		g_autoptr(verdict) verdict = kit_match(ruleset, message, context, false);
		g_assert_cmpuint(verdict_flag_count(verdict), ==, cases[i].expected);
		g_assert_cmpuint(verdict->facts, ==, FACT_REUSED_MESSAGE_ID);
	}
}

static void
test_escalate(void)
{
	static const char body[] =
	    "[parties.x]\nwho = to\n[content.a]\ntype = words\nwords = alpha\n"
	    "[content.b]\ntype = words\nwords = beta\n[condition]\nflag_if = parties.x\n"
	    "[escalate.low]\nif = content.a\nseverity = low\n"
	    "[escalate.high]\nif = content.a and content.b\nseverity = high\n";
	g_autoptr(ruleset) ruleset = kit_rule(body);
	g_autoptr(verdict) plain =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", "alpha"), NULL, false);
	g_autoptr(verdict) worse =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", "alpha beta"), NULL, true);
	const struct flag *flag = g_ptr_array_index(plain->flags, 0);
	const struct flag *raised = g_ptr_array_index(worse->flags, 0);
	const struct explained *line = g_ptr_array_index(worse->explained, 0);

	/* Never down. */
	g_assert_cmpint(flag->severity, ==, SEVERITY_MEDIUM);
	g_assert_cmpstr(flag->escalated_by, ==, "");
	g_assert_cmpint(raised->severity, ==, SEVERITY_HIGH);
	g_assert_cmpstr(raised->escalated_by, ==, "escalate.high");
	g_assert_cmpstr(line->detail, ==, "flag, high (escalate.high)");
	/* The evidence of all sections that hold. */
	g_assert_cmpuint(raised->hits->len, ==, 3);
	g_assert_cmpuint(strlen(raised->rule_digest), ==, 64);
}

static void
test_except(void)
{
	static const struct {
		const char *label, *keys, *from, *to;
		bool expected; /* swallowed */
	} cases[] = {
		{ "sender", "senders = anna@corp.example", "Anna@corp.example", "x@rival.example",
		    true },
		{ "another sender", "senders = anna@corp.example", "bob@corp.example",
		    "x@rival.example", false },
		{ "one of two senders only", "senders = anna@corp.example",
		    "anna@corp.example bob@corp.example", "x@rival.example", false },
		{ "recipient domain", "recipient_domains = rival.example", "bob@corp.example",
		    "x@eu.rival.example carl@corp.example", true },
		{ "another outside recipient too", "recipient_domains = rival.example",
		    "bob@corp.example", "x@rival.example y@press.example", false },
		{ "own recipients alone are nobody", "recipient_domains = rival.example",
		    "bob@corp.example", "carl@corp.example", false },
		{ "recipient", "recipients = x@rival.example", "bob@corp.example",
		    "x@rival.example", true },
		{ "all that is given must hold",
		    "senders = anna@corp.example\nrecipients = x@rival.example", "bob@corp.example",
		    "x@rival.example", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body =
		    g_strdup_printf("[parties.x]\nwho = to\n[except.tender]\nreason = Tender\n"
				    "approved_by = legal@corp.example\nexpires = 2099-12-31\n%s\n",
			cases[i].keys);
		g_autoptr(ruleset) ruleset = kit_rule(body);
		g_autoptr(match_context) late = match_context_new();
		g_test_message("%s", cases[i].label);
		g_autoptr(verdict) verdict =
		    kit_match(ruleset, kit_message(cases[i].from, cases[i].to, NULL), NULL, false);
		g_assert_cmpuint(verdict->flags->len, ==, 1);
		g_assert_cmpuint(verdict_flag_count(verdict), ==, !cases[i].expected);
		const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
		g_assert_cmpstr(flag->exception, ==, cases[i].expected ? "except.tender" : "");
		g_assert_cmpstr(flag->except_reason, ==, cases[i].expected ? "Tender" : "");
		/* The first moment of 2100. */
		late->now = G_GINT64_CONSTANT(4102444800) * G_USEC_PER_SEC;
		g_autoptr(verdict) expired =
		    kit_match(ruleset, kit_message(cases[i].from, cases[i].to, NULL), late, false);
		g_assert_cmpuint(verdict_flag_count(expired), ==, 1);
		late->now -= 1;
		g_autoptr(verdict) last_day =
		    kit_match(ruleset, kit_message(cases[i].from, cases[i].to, NULL), late, false);
		g_assert_cmpuint(verdict_flag_count(last_day), ==, !cases[i].expected);
	}
}

/* "1 true flag_if: one of these: 1 of 2 holds", a line each. */
static char *
explained(const struct verdict *verdict)
{
	static const char *const truths[] = { "false", "true", "open" };
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < verdict->explained->len; i++) {
		const struct explained *line = g_ptr_array_index(verdict->explained, i);
		g_string_append_printf(out, "%u %s %s: %s\n", line->depth, truths[line->truth],
		    line->label, line->detail);
	}
	return g_string_free(out, FALSE);
}

#define TREE                                                                                       \
	"[scope]\ndirections = outbound, draft\n"                                                  \
	"[parties.x]\nwho = any_recipient\ndomain = q.example\n"                                   \
	"[parties.y]\nwho = bcc\n"                                                                 \
	"[attachment.x]\nencrypted = yes\n"                                                        \
	"[content.x]\ntype = words\nword_list = terms\n"                                           \
	"[content.y]\ntype = words\nwords = alpha\nmin_hits = 3\n"                                 \
	"[message.x]\nmin_size = 1M\n"                                                             \
	"[condition]\nflag_if = (parties.x or not parties.y) and 2 of content.* and "              \
	"not (attachment.x and message.x)\n"                                                       \
	"[escalate.size]\nif = message.x\nseverity = high\n"                                       \
	"[except.anna]\nreason = Tender\napproved_by = legal@corp.example\nexpires = 2099-12-31\n" \
	"senders = anna@corp.example\n"

static void
test_explain(void)
{
	static const char *const ids[] = { NULL, "one" };
	static const struct {
		const char *label, *from, *to, *text;
		guint only; /* of ids */
		const char *expected;
	} cases[] = {
		{ "a miss tells the whole tree, and why each leaf is false", "a@corp.example",
		    "x@b.example y@c.example", "a nightjar, alpha and alpha", 0,
		    "0 false one: no flag\n"
		    "1 true scope: direction outbound\n"
		    "1 false flag_if: all of these: 2 of 3 hold\n"
		    "2 true one of these: 1 of 2 holds\n"
		    "3 false parties.x: to x@b.example: domain does not hold (and 1 more)\n"
		    "3 true not: \n"
		    "4 false parties.y: nobody is bcc\n"
		    "2 false all of these: 1 of 2 holds\n"
		    "3 true content.x: body, byte 2 (list terms, line 2)\n"
		    "3 false content.y: min_hits is 3\n"
		    "2 true not: \n"
		    "3 false all of these: 0 of 2 hold\n"
		    "4 false attachment.x: nothing is attached\n"
		    "4 false message.x: min_size does not hold\n"
		    "1 false escalate.size: raises to high\n"
		    "2 false message.x: min_size does not hold\n"
		    "1 false except.anna: Tender: somebody else wrote it\n" },
		{ "so does a rule that holds", "anna@corp.example", "x@q.example",
		    "nightjar alpha alpha alpha", 0,
		    "0 true one: except.anna: Tender\n"
		    "1 true scope: direction outbound\n"
		    "1 true flag_if: all of these: 3 of 3 hold\n"
		    "2 true one of these: 2 of 2 hold\n"
		    "3 true parties.x: to x@q.example (q.example)\n"
		    "3 true not: \n"
		    "4 false parties.y: nobody is bcc\n"
		    "2 true all of these: 2 of 2 hold\n"
		    "3 true content.x: body, byte 0 (list terms, line 2)\n"
		    "3 true content.y: body, byte 9 (alpha)\n"
		    "2 true not: \n"
		    "3 false all of these: 0 of 2 hold\n"
		    "4 false attachment.x: nothing is attached\n"
		    "4 false message.x: min_size does not hold\n"
		    "1 false escalate.size: raises to high\n"
		    "2 false message.x: min_size does not hold\n"
		    "1 true except.anna: Tender\n" },
		{ "out of scope is one line among many rules", "x@b.example", "a@corp.example", "",
		    0, "0 false one: direction inbound is not in scope: outbound, draft\n" },
		{ "and the tree when the rule is asked for by name", "x@b.example",
		    "a@corp.example", "", 1,
		    "0 false one: direction inbound is not in scope: outbound, draft\n"
		    "1 false scope: direction inbound\n"
		    "1 false flag_if: all of these: 2 of 3 hold\n"
		    "2 true one of these: 1 of 2 holds\n"
		    "3 false parties.x: to a@corp.example: domain does not hold\n"
		    "3 true not: \n"
		    "4 false parties.y: nobody is bcc\n"
		    "2 false all of these: 0 of 2 hold\n"
		    "3 false content.x: no match in 1 text\n"
		    "3 false content.y: no match in 1 text\n"
		    "2 true not: \n"
		    "3 false all of these: 0 of 2 hold\n"
		    "4 false attachment.x: nothing is attached\n"
		    "4 false message.x: min_size does not hold\n"
		    "1 false escalate.size: raises to high\n"
		    "2 false message.x: min_size does not hold\n"
		    "1 false except.anna: Tender: somebody else wrote it\n" },
	};
	g_autoptr(ruleset) ruleset = kit_rule(TREE);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autoptr(verdict) verdict = kit_explain(ruleset,
		    kit_message(cases[i].from, cases[i].to, cases[i].text), ids[cases[i].only]);
		g_autofree char *lines = explained(verdict);
		g_assert_cmpstr(lines, ==, cases[i].expected);
	}
}

static void
test_order(void)
{
	static const char *const rules[][2] = { { "zeta", "high" }, { "beta", "low" },
		{ "alpha", "low" }, { "mid", "medium" } };
	g_autoptr(sources) sources = kit_sources();
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(GString) order = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autofree char *name = g_strdup_printf("%02" G_GSIZE_FORMAT ".ini", i);
		g_autofree char *text =
		    g_strdup_printf("[rule]\nid = %s\ntitle = T\nseverity = %s\n"
				    "description = D\n[parties.x]\nwho = to\n",
			rules[i][0], rules[i][1]);
		kit_add(sources, SOURCE_RULE, name, text);
	}
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", NULL), NULL, false);
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		g_string_append_printf(order, "%s ", flag->rule);
	}
	g_assert_cmpstr(order->str, ==, "zeta mid alpha beta ");
}

static void
test_context_crosses(void)
{
	static const char *const lines[] = { "a", "b", NULL };
	g_autoptr(match_context) context = match_context_new();
	g_autoptr(GError) error = NULL;

	context->draft = true;
	context->facts = FACT_REUSED_MESSAGE_ID;
	context->own_domains = g_strdupv((GStrv)lines);
	context->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_insert(context->lists, g_strdup("terms"), (gpointer)lines);
	g_autoptr(GByteArray) packed = g_byte_array_new();
	match_context_put(packed, context);
	struct packed in = packed_bytes(packed->data, packed->len);
	g_autoptr(match_context) back = match_context_get(&in, &error);
	g_assert_no_error(error);
	g_assert_true(back->draft);
	g_assert_cmpint(back->now, ==, context->now);
	g_assert_cmpuint(back->facts, ==, FACT_REUSED_MESSAGE_ID);
	g_assert_cmpstrv(back->own_domains, (GStrv)lines);
	g_assert_cmpstrv(g_hash_table_lookup(back->lists, "terms"), (GStrv)lines);
	g_assert_null(back->groups);

	context->facts = 1u << 30;
	g_autoptr(GByteArray) wrong = g_byte_array_new();
	match_context_put(wrong, context);
	in = packed_bytes(wrong->data, wrong->len);
	g_assert_null(match_context_get(&in, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
	for (guint size = 0; size < packed->len; size++) {
		g_clear_error(&error);
		in = packed_bytes(packed->data, size);
		g_assert_null(match_context_get(&in, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/match/direction", test_direction);
	g_test_add_func("/match/scope", test_scope);
	g_test_add_func("/match/hours", test_hours);
	g_test_add_func("/match/message facts", test_message_facts);
	g_test_add_func("/match/escalate", test_escalate);
	g_test_add_func("/match/except", test_except);
	g_test_add_func("/match/explain", test_explain);
	g_test_add_func("/match/order", test_order);
	g_test_add_func("/match/context crosses", test_context_crosses);
	return g_test_run();
}
