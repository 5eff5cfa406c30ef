/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kit.h"

static const struct {
	const char *label, *keys, *from, *to;
	bool expected;
} whoms[] = {
	{ "listed domain", "who = any_recipient\ndomain_list = competitors", "a@corp.example",
	    "x@corp.example B@Rival.EXAMPLE", true },
	{ "below a listed domain", "who = to\ndomain_list = competitors", "a@corp.example",
	    "b@mail.eu.rival.example", true },
	{ "star in the list does not matter", "who = to\ndomain_list = competitors",
	    "a@corp.example", "b@contender.example", true },
	{ "below, but subdomains = no", "who = to\nsubdomains = no\ndomain_list = competitors",
	    "a@corp.example", "b@mail.rival.example", false },
	{ "a name that only ends alike", "who = to\ndomain_list = competitors", "a@corp.example",
	    "b@arrival.example b@notrival.example", false },
	{ "another role", "who = from\ndomain_list = competitors", "a@corp.example",
	    "b@rival.example", false },
	{ "any party", "who = any_party\ndomain_list = competitors", "b@rival.example",
	    "a@corp.example", true },
	{ "every recipient", "who = every_recipient\ndomain_list = competitors", "a@corp.example",
	    "b@rival.example c@contender.example", true },
	{ "not every recipient", "who = every_recipient\ndomain_list = competitors",
	    "a@corp.example", "b@rival.example c@corp.example", false },
	{ "every of no recipients is nobody", "who = every_recipient\ndomain_list = competitors",
	    "a@corp.example", "", false },
	{ "outside", "who = any_recipient\ndomain_not_in = local", "a@corp.example",
	    "c@client.example", true },
	{ "inside, by a subdomain", "who = any_recipient\ndomain_not_in = local", "a@corp.example",
	    "c@hr.corp.example", false },
	{ "an address without a domain is outside", "who = any_recipient\ndomain_not_in = local",
	    "a@corp.example", "undisclosed", true },
	{ "inside, asked for", "who = to\ndomain_list = local", "x@y.example",
	    "a@corp-mail.example", true },
	{ "values in the rule", "who = to\ndomain = a.example, b.example", "a@corp.example",
	    "x@b.example", true },
	{ "an address", "who = to\naddress = Bob@B.example", "a@corp.example", "bob@b.example",
	    true },
	{ "address not in", "who = from\naddress_not_in = restricted", "clara@corp.example",
	    "bob@b.example", false },
	{ "group", "who = from\ngroup = sales", "anna@corp.example", "b@b.example", true },
	{ "a list stands in for a group", "who = from\ngroup = restricted", "clara@corp.example",
	    "b@b.example", true },
	{ "freemail", "who = to\nfreemail = yes", "a@corp.example", "x@freemail.example", true },
	{ "no freemail", "who = to\nfreemail = no", "a@corp.example", "x@freemail.example", false },
	{ "disposable", "who = to\ndisposable = yes", "a@corp.example", "x@in.throwaway.example",
	    true },
	{ "not disposable", "who = to\ndisposable = no", "a@corp.example", "x@throwaway.example",
	    false },
	{ "a list in letters, the mail in ASCII",
	    "who = to\ndomain = b\xc3\xbc"
	    "cher.example",
	    "a@corp.example", "x@xn--bcher-kva.example", true },
	{ "a list in ASCII, the mail in letters", "who = to\ndomain = xn--bcher-kva.example",
	    "a@corp.example",
	    "x@B\xc3\x9c"
	    "CHER.example",
	    true },
	{ "a whole address in letters, the mail in ASCII",
	    "who = to\naddress = x@b\xc3\xbc"
	    "cher.example",
	    "a@corp.example", "X@xn--bcher-kva.example", true },
	{ "a whole address in ASCII, the mail in letters",
	    "who = to\naddress = x@xn--bcher-kva.example", "a@corp.example",
	    "x@b\xc3\xbc"
	    "cher.example",
	    true },
	{ "own name at a freemail domain", "who = to\nfreemail = yes\nown_name = yes",
	    "anna.berger@corp.example", "a.berger82@freemail.example", true },
	{ "own name elsewhere is another matter", "who = to\nfreemail = yes\nown_name = yes",
	    "anna.berger@corp.example", "a.berger82@client.example x@freemail.example", false },
	{ "somebody else's name", "who = to\nown_name = yes", "anna.berger@corp.example",
	    "bert.winter@freemail.example", false },
	{ "no own name is asked for as well", "who = to\nown_name = no", "anna.berger@corp.example",
	    "annaberger@freemail.example", false },
	{ "nobody knows whom no store knows", "who = to\nfirst_seen = yes", "a@corp.example",
	    "x@b.example", false },
	{ "keys hold for one and the same address",
	    "who = to\ndomain = b.example\naddress = x@c.example", "a@corp.example",
	    "y@b.example x@c.example", false },
	{ "look-alike, one character more", "who = from\nlook_alike_of = competitors",
	    "x@rivall.example", "a@corp.example", true },
	{ "look-alike, a digit", "who = from\nlook_alike_of = competitors", "x@riva1.example",
	    "a@corp.example", true },
	{ "look-alike, swapped", "who = from\nlook_alike_of = competitors", "x@rvial.example",
	    "a@corp.example", true },
	{ "look-alike, Cyrillic", "who = from\nlook_alike_of = competitors",
	    "x@riv\xd0\xb0l.example", "a@corp.example", true },
	{ "look-alike of the own domains, rn for m", "who = from\nlook_alike_of = local",
	    "x@corp-rnail.example", "a@corp.example", true },
	{ "look-alike, an accent", "who = from\nlook_alike_of = competitors",
	    "x@riv\xc3\xa1l.example", "a@corp.example", true },
	{ "look-alike, an accent in ASCII form", "who = from\nlook_alike_of = competitors",
	    "x@xn--rivl-7na.example", "a@corp.example", true },
	{ "look-alike, below its own domain", "who = from\nlook_alike_of = competitors",
	    "x@mail.eu.riva1.example", "a@corp.example", true },
	{ "look-alike, the listed one before another's", "who = from\nlook_alike_of = competitors",
	    "x@rival.example.login.example", "a@corp.example", true },
	{ "under a suffix of two labels", "who = from\nlook_alike_of = banks",
	    "x@www.northbamk.co.uk", "a@corp.example", true },
	{ "another company under that suffix", "who = from\nlook_alike_of = banks",
	    "x@southbank.co.uk", "a@corp.example", false },
	{ "the domain itself is none", "who = from\nlook_alike_of = competitors",
	    "x@mail.rival.example", "a@corp.example", false },
	{ "a short name is not like every other", "who = from\nlook_alike_of = local",
	    "x@core.example", "a@corp.example", false },
};

static void
test_table(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(whoms); i++) {
		g_autofree char *body = g_strdup_printf("[parties.x]\n%s\n", whoms[i].keys);
		g_test_message("%s", whoms[i].label);
		g_assert_cmpint(kit_flags(body, kit_message(whoms[i].from, whoms[i].to, NULL)), ==,
		    whoms[i].expected);
	}
}

static void
test_first_seen(void)
{
	static const char *const fresh[] = { "x@b.example", NULL };
	static const struct {
		const char *label, *keys, *to;
		bool expected;
	} cases[] = {
		{ "one that no mail had before", "who = to\nfirst_seen = yes", "X@b.example",
		    true },
		{ "one that is known", "who = to\nfirst_seen = yes", "y@b.example", false },
		{ "one among others", "who = to\nfirst_seen = yes", "y@b.example x@B.example",
		    true },
		{ "known ones asked for", "who = to\nfirst_seen = no", "x@b.example", false },
		{ "new and outside, one and the same",
		    "who = to\nfirst_seen = yes\ndomain_list = competitors", "x@b.example", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body = g_strdup_printf("[parties.x]\n%s\n", cases[i].keys);
		g_autoptr(ruleset) ruleset = kit_rule(body);
		g_autoptr(match_context) context = match_context_new();
		g_autoptr(GError) error = NULL;
		context->first_seen = g_strdupv((GStrv)fresh);
		/* As it comes to a worker. */
		g_autoptr(GByteArray) packed = g_byte_array_new();
		match_context_put(packed, context);
		struct packed in = packed_bytes(packed->data, packed->len);
		g_autoptr(match_context) there = match_context_get(&in, &error);
		g_assert_no_error(error);
		g_test_message("%s", cases[i].label);
		g_autoptr(verdict) verdict = kit_match(
		    ruleset, kit_message("a@corp.example", cases[i].to, NULL), there, false);
		g_assert_cmpint(verdict_flag_count(verdict) > 0, ==, cases[i].expected);
	}
}

static void
test_hit(void)
{
	g_autoptr(ruleset) ruleset =
	    kit_rule("[parties.x]\nwho = any_recipient\ndomain_list = competitors\n");
	struct message *message = kit_message("a@corp.example", "Bob@rival.example", NULL);
	kit_addresses(message, ADDRESS_DELIVERED, "bob@rival.example");
	g_autoptr(verdict) verdict = kit_match(ruleset, message, NULL, true);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	const struct hit *hit = g_ptr_array_index(flag->hits, 0);
	const struct explained *line = g_ptr_array_index(verdict->explained, 2);

	/* One person in two headers is one match. */
	g_assert_cmpuint(flag->hits_total, ==, 1);
	g_assert_cmpint(hit->component, ==, COMPONENT_HEADERS);
	g_assert_cmpstr(hit->header, ==, "to");
	g_assert_cmpstr(hit->excerpt, ==, "Bob@rival.example");
	g_assert_cmpuint(hit->excerpt_length, ==, 0);
	g_assert_cmpstr(line->label, ==, "parties.x");
	g_assert_cmpstr(line->detail, ==, "to Bob@rival.example (list competitors, line 3)");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/parties/table", test_table);
	g_test_add_func("/parties/first-seen", test_first_seen);
	g_test_add_func("/parties/hit", test_hit);
	return g_test_run();
}
