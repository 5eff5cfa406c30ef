/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [parties.X]: who takes part in a message. All keys must hold for one and the same address.
 */
#include "rules/section.h"

#include "rules/excerpt.h"
#include "rules/look-alike.h"
#include "rules/namesake.h"

#define LIST_DISPOSABLE "disposable" /* behind `disposable = yes` */

enum who {
	WHO_FROM,
	WHO_SENDER,
	WHO_TO,
	WHO_CC,
	WHO_BCC,
	WHO_ANY_RECIPIENT,
	WHO_EVERY_RECIPIENT,
	WHO_ANY_PARTY,
};

static const char *const who_words[] = { "from", "sender", "to", "cc", "bcc", "any_recipient",
	"every_recipient", "any_party", NULL };

static const char *const keys[] = { "who", "domain", "domain_list", "domain_not_in", "address",
	"address_list", "address_not_in", "group", "freemail", "disposable", "look_alike_of",
	"own_name", "first_seen", "subdomains", NULL };

/* What an address is asked: is it covered by a list, does it imitate an entry, ... */
enum question { ON_LIST, LOOKS_ALIKE, OWN_NAME, FIRST_SEEN };

enum source_of_names { FROM_VALUES, FROM_LISTS, FROM_GROUPS };

static const struct row {
	const char *key;
	enum source_of_names source;
	bool negated;
	enum question question;
} rows[] = {
	{ "domain", FROM_VALUES, false, ON_LIST },
	{ "domain_list", FROM_LISTS, false, ON_LIST },
	{ "domain_not_in", FROM_LISTS, true, ON_LIST },
	{ "address", FROM_VALUES, false, ON_LIST },
	{ "address_list", FROM_LISTS, false, ON_LIST },
	{ "address_not_in", FROM_LISTS, true, ON_LIST },
	{ "group", FROM_GROUPS, false, ON_LIST },
	{ "look_alike_of", FROM_LISTS, false, LOOKS_ALIKE },
};

/* `key = yes` or `key = no`; list: what it means to be on. */
static const struct yes_no {
	const char *key, *list;
	enum question question;
} yes_no_rows[] = {
	{ "freemail", WORLD_FREEMAIL, ON_LIST },
	{ "disposable", LIST_DISPOSABLE, ON_LIST },
	{ "own_name", NULL, OWN_NAME },
	{ "first_seen", NULL, FIRST_SEEN },
};

/* One key. */
struct demand {
	const char *key;
	enum question question;
	bool negated;
	GPtrArray *refs; /* of struct list_ref; NULL where none is asked */
};

struct parties {
	enum who who;
	bool subdomains;
	GArray *demands; /* of struct demand */
};

static void
clear_demand(gpointer data)
{
	struct demand *demand = data;

	g_clear_pointer(&demand->refs, g_ptr_array_unref);
}

static void
parties_free(void *self)
{
	struct parties *parties = self;

	g_array_unref(parties->demands);
	g_free(parties);
}

static void
load_yes_no(struct parties *parties, const struct builder *builder,
    const struct ini_section *section, const struct yes_no *row)
{
	struct demand demand = { .key = row->key, .question = row->question };
	bool wanted;

	if (!ini_bool(section, row->key, &wanted, builder->problems))
		return;
	if (row->list != NULL && world_list(builder->world, row->list) == NULL) {
		g_autofree char *mend =
		    g_strdup_printf("create lists/%s.txt beside the rules", row->list);
		ini_problem(section, ini_entry(section, row->key), 0, builder->problems, mend,
		    "there is no list %s", row->list);
		return;
	}
	demand.negated = !wanted;
	if (row->list != NULL)
		demand.refs = builder_list_named(row->list);
	g_array_append_val(parties->demands, demand);
}

/* What no address and no domain can be would never match, and say nothing. */
static bool
is_possible(const char *entry, bool wants_address)
{
	if (strpbrk(entry, "/: \t") != NULL)
		return false;
	return !wants_address || strpbrk(entry, "@.") != NULL;
}

static void
check_entries(const struct builder *builder, const struct ini_section *section, const char *key,
    const GPtrArray *refs)
{
	bool wants_address = g_str_has_prefix(key, "address");

	for (guint i = 0; i < refs->len; i++) {
		const struct list *list = list_ref_find(refs->pdata[i], builder->world);
		const GPtrArray *entries = list != NULL ? list_entries(list) : NULL;
		for (guint k = 0; entries != NULL && k < entries->len; k++) {
			const struct list_entry *entry = entries->pdata[k];
			if (is_possible(entry->text, wants_address))
				continue;
			g_autofree char *from = list_describe(list, entry);
			g_autofree char *where = strcmp(from, entry->text) == 0
						     ? g_strdup("")
						     : g_strdup_printf(" (%s)", from);
			ini_warning(section, ini_entry(section, key), builder->problems,
			    wants_address ? "write name@rival.example, or rival.example"
					  : "write rival.example alone",
			    "'%s'%s matches nobody: it is neither a domain nor an address",
			    entry->text, where);
			break; /* one of a list is enough to look at it */
		}
	}
}

static void
load_names(struct parties *parties, const struct builder *builder,
    const struct ini_section *section, const struct row *row)
{
	struct demand demand = {
		.key = row->key, .question = row->question, .negated = row->negated
	};

	if (row->source == FROM_VALUES)
		demand.refs = builder_values(builder, section, row->key);
	else
		demand.refs = builder_lists(builder, section, row->key, row->source == FROM_GROUPS);
	if (demand.refs == NULL)
		return;
	check_entries(builder, section, row->key, demand.refs);
	g_array_append_val(parties->demands, demand);
}

static void *
parties_load(const struct builder *builder, const struct ini_section *section)
{
	struct parties *parties = g_new0(struct parties, 1);
	guint who = WHO_ANY_PARTY;

	parties->subdomains = true;
	parties->demands = g_array_new(FALSE, FALSE, sizeof(struct demand));
	g_array_set_clear_func(parties->demands, clear_demand);
	ini_check_keys(section, keys, builder->problems);
	if (ini_entry(section, "who") == NULL)
		ini_problem(section, NULL, 0, builder->problems, "write who = any_recipient",
		    "[%s] needs who", section->name);
	ini_choice(section, "who", who_words, &who, builder->problems);
	parties->who = who;
	ini_bool(section, "subdomains", &parties->subdomains, builder->problems);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		load_names(parties, builder, section, &rows[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(yes_no_rows); i++)
		load_yes_no(parties, builder, section, &yes_no_rows[i]);
	return parties;
}

static bool
is_meant(enum who who, const struct address *address)
{
	static const int roles[] = { ADDRESS_FROM, ADDRESS_SENDER, ADDRESS_TO, ADDRESS_CC,
		ADDRESS_BCC };

	if (who == WHO_ANY_PARTY)
		return true;
	if (who == WHO_ANY_RECIPIENT || who == WHO_EVERY_RECIPIENT)
		return address_is_recipient(address);
	return (int)address->role == roles[who];
}

/* Somebody who wrote the message bears the name of this address. */
static bool
is_own_name(const struct run *run, guint index, char **why)
{
	const GPtrArray *addresses = run->verdict->addresses;
	const struct address *address = g_ptr_array_index(addresses, index);

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *author = g_ptr_array_index(addresses, i);
		if (author->role != ADDRESS_FROM || !namesake(author, address))
			continue;
		if (*why == NULL)
			*why = g_strdup_printf("the name of %s", author->address);
		return true;
	}
	return false;
}

static bool
is_first_seen(const struct run *run, guint index, char **why)
{
	const char *const *fresh = (const char *const *)run->context->first_seen;

	if (fresh == NULL || !g_strv_contains(fresh, run->folded[index]))
		return false;
	if (*why == NULL)
		*why = g_strdup("never seen before");
	return true;
}

/* Sets *why, when it is free, to the entry that covers the address. */
static bool
is_on_list(const struct demand *demand, const struct parties *parties, const struct run *run,
    guint index, char **why)
{
	for (guint i = 0; i < demand->refs->len; i++) {
		const struct list *list =
		    list_ref_find(g_ptr_array_index(demand->refs, i), run->world);
		const struct list_entry *entry =
		    demand->question == LOOKS_ALIKE ? look_alike_find(list, run->domains[index])
						    : list_find_address(list, run->folded[index],
							  run->domains[index], parties->subdomains);
		if (entry == NULL)
			continue;
		if (!demand->negated && *why == NULL)
			*why = list_describe(list, entry);
		return true;
	}
	return false;
}

static bool
demand_holds(const struct demand *demand, const struct parties *parties, const struct run *run,
    guint index, char **why)
{
	bool is = false;

	switch (demand->question) {
	case ON_LIST:
	case LOOKS_ALIKE:
		is = is_on_list(demand, parties, run, index, why);
		break;
	case OWN_NAME:
		is = is_own_name(run, index, why);
		break;
	case FIRST_SEEN:
		is = is_first_seen(run, index, why);
		break;
	}
	return is != demand->negated;
}

/* The key that does not hold for an address, or NULL. */
static const char *
address_fails(const struct parties *parties, const struct run *run, guint index, char **why)
{
	for (guint i = 0; i < parties->demands->len; i++) {
		const struct demand *demand = &g_array_index(parties->demands, struct demand, i);
		if (!demand_holds(demand, parties, run, index, why))
			return demand->key;
	}
	return NULL;
}

/* The header an address stood in, as reports name it. */
static const char *
header_of(const struct address *address)
{
	return address->role == ADDRESS_DELIVERED ? "delivered-to"
						  : address_role_words[address->role];
}

static void
add_hit(struct finding *out, const struct run *run, const struct section_place *place,
    const struct address *address, const char *why)
{
	struct hit *hit = hit_new(place->name);

	hit->component = COMPONENT_HEADERS;
	g_free(hit->header);
	hit->header = g_strdup(header_of(address));
	excerpt_of_words(hit, address->address);
	finding_add(out, run, hit);
	if (out->detail == NULL)
		out->detail = g_strdup_printf("%s %s%s%s%s", header_of(address), address->address,
		    why != NULL ? " (" : "", why != NULL ? why : "", why != NULL ? ")" : "");
}

/* Why it does not hold: "to bob@x.example: domain_list does not hold (and 2 more)". */
static char *
describe_miss(const struct parties *parties, const struct run *run)
{
	const GPtrArray *addresses = run->verdict->addresses;
	char *first = NULL;
	guint more = 0;

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		g_autofree char *why = NULL;
		const char *key =
		    is_meant(parties->who, address) ? address_fails(parties, run, i, &why) : NULL;
		if (key == NULL)
			continue;
		if (first == NULL)
			first = g_strdup_printf(
			    "%s %s: %s does not hold", header_of(address), address->address, key);
		else
			more++;
	}
	if (first == NULL)
		return g_strdup_printf("nobody is %s", who_words[parties->who]);
	if (more == 0)
		return first;
	char *all = g_strdup_printf("%s (and %u more)", first, more);
	g_free(first);
	return all;
}

static void
parties_check(
    const void *self, struct run *run, const struct section_place *place, struct finding *out)
{
	const struct parties *parties = self;
	const GPtrArray *addresses = run->verdict->addresses;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	bool all_hold = true;

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		g_autofree char *why = NULL;
		if (!is_meant(parties->who, address))
			continue;
		if (address_fails(parties, run, i, &why) != NULL)
			all_hold = false;
		else if (g_hash_table_add(seen, run->folded[i]))
			add_hit(out, run, place, address, why);
	}
	if (out->total > 0 && (all_hold || parties->who != WHO_EVERY_RECIPIENT))
		out->truth = TRUTH_TRUE;
	else if (run->explaining)
		finding_say(out, describe_miss(parties, run));
}

guint
section_parties_history(const void *self)
{
	const struct parties *parties = self;

	for (guint i = 0; i < parties->demands->len; i++) {
		if (g_array_index(parties->demands, struct demand, i).question == FIRST_SEEN)
			return RULESET_FIRST_SEEN;
	}
	return 0;
}

const struct section_kind section_parties = { "parties", parties_load, parties_free, parties_check,
	NULL, NULL };
