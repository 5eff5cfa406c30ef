/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [parties.X]: who takes part in a message. All keys must hold for one and the same address.
 */
#include "rules/section.h"

#include "rules/excerpt.h"
#include "rules/look-alike.h"

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
	"address_list", "address_not_in", "group", "freemail", "look_alike_of", "subdomains",
	NULL };

enum source_of_names { FROM_VALUES, FROM_LISTS, FROM_GROUPS };

static const struct row {
	const char *key;
	enum source_of_names source;
	bool negated, looks_alike;
} rows[] = {
	{ "domain", FROM_VALUES, false, false },
	{ "domain_list", FROM_LISTS, false, false },
	{ "domain_not_in", FROM_LISTS, true, false },
	{ "address", FROM_VALUES, false, false },
	{ "address_list", FROM_LISTS, false, false },
	{ "address_not_in", FROM_LISTS, true, false },
	{ "group", FROM_GROUPS, false, false },
	{ "look_alike_of", FROM_LISTS, false, true },
};

/* One key: the address is, or is not, covered by one of the lists. */
struct demand {
	const char *key;
	bool negated, looks_alike;
	GPtrArray *refs; /* of struct list_ref */
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

	g_ptr_array_unref(demand->refs);
}

static void
parties_free(void *self)
{
	struct parties *parties = self;

	g_array_unref(parties->demands);
	g_free(parties);
}

static void
add_demand(
    struct parties *parties, const char *key, GPtrArray *refs, bool negated, bool looks_alike)
{
	struct demand demand = { key, negated, looks_alike, refs };

	if (refs != NULL)
		g_array_append_val(parties->demands, demand);
}

static void
load_freemail(
    struct parties *parties, const struct builder *builder, const struct ini_section *section)
{
	bool freemail;

	if (!ini_bool(section, "freemail", &freemail, builder->problems))
		return;
	if (world_list(builder->world, WORLD_FREEMAIL) == NULL) {
		ini_problem(section, ini_entry(section, "freemail"), 0, builder->problems,
		    "create lists/freemail.txt beside the rules", "there is no list freemail");
		return;
	}
	add_demand(parties, "freemail", builder_list_named(WORLD_FREEMAIL), !freemail, false);
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
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		GPtrArray *refs =
		    row->source == FROM_VALUES
			? builder_values(builder, section, row->key)
			: builder_lists(builder, section, row->key, row->source == FROM_GROUPS);
		add_demand(parties, row->key, refs, row->negated, row->looks_alike);
	}
	load_freemail(parties, builder, section);
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

/* Sets *why, when it is free, to the entry that made the demand hold. */
static bool
demand_holds(const struct demand *demand, const struct parties *parties, const struct run *run,
    guint index, char **why)
{
	for (guint i = 0; i < demand->refs->len; i++) {
		const struct list *list =
		    list_ref_find(g_ptr_array_index(demand->refs, i), run->world);
		const struct list_entry *entry =
		    demand->looks_alike ? look_alike_find(list, run->domains[index])
					: list_find_address(list, run->folded[index],
					      run->domains[index], parties->subdomains);
		if (entry == NULL)
			continue;
		if (!demand->negated && *why == NULL)
			*why = list_describe(list, entry);
		return !demand->negated;
	}
	return demand->negated;
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

const struct section_kind section_parties = { "parties", parties_load, parties_free, parties_check,
	NULL };
