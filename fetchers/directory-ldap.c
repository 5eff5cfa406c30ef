/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is in a group.
 *
 * Active Directory knows by itself who is in a group through others (LDAP_MATCHING_RULE_IN_CHAIN,
 * MS-ADTS section 3.1.1.3.4.4.3). Other servers are asked group by group, each once, so that groups
 * that contain one another come to an end.
 */
#include <string.h>

#include "base/fault.h"
#include "fetchers/directory-inside.h"

#if FLAGPOST_LDAP

#include "fetchers/directory-query.h"

#define CAPABLE_OF_AD "1.2.840.113556.1.4.800"
#define IN_CHAIN      "1.2.840.113556.1.4.1941"
#define GROUP_CLASSES                                                                              \
	"(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)"            \
	"(objectClass=posixGroup)"

struct search {
	const struct directory *directory;
	struct directory_query query;
	directory_found *found;
	void *data;
	struct directory_answer *sums;
	GHashTable *seen; /* char *: names of entries that were asked for, normalised */
	GQueue *todo;     /* of char *: names of members that were not */
};

static char *
escaped(const char *text)
{
	struct berval in = { strlen(text), (char *)text }, out = { 0, NULL };
	char *copy = NULL;

	if (ldap_bv2escaped_filter_value(&in, &out) == 0)
		copy = g_strndup(out.bv_val != NULL ? out.bv_val : "", out.bv_len);
	ber_memfree(out.bv_val);
	return copy != NULL ? copy : g_strdup("");
}

static const char *
people(const struct search *search)
{
	return *search->directory->filter != '\0' ? search->directory->filter : "(objectClass=*)";
}

/* --- entries --- */

/* Texts of one attribute; what holds a NUL is none of ours. Owned. */
static GStrv
values_of(struct directory_query *query, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(query->ld, entry, attribute);
	g_autoptr(GStrvBuilder) all = g_strv_builder_new();

	for (gsize i = 0; values != NULL && values[i] != NULL; i++) {
		g_autofree char *text = g_strndup(values[i]->bv_val, values[i]->bv_len);
		if (strlen(text) == values[i]->bv_len)
			g_strv_builder_add(all, text);
	}
	ldap_value_free_len(values);
	return g_strv_builder_end(all);
}

static bool
take_person(struct directory_query *query, LDAPMessage *entry, void *data, GError **error)
{
	struct search *search = data;

	bool any = false;

	for (GStrv name = search->directory->attributes; *name != NULL; name++) {
		g_auto(GStrv) values = values_of(query, entry, *name);
		for (gsize i = 0; values[i] != NULL; i++) {
			const char *address = directory_address(values[i]);
			if (address == NULL)
				continue;
			any = true;
			if (!search->found(address, search->data, error))
				return false;
		}
	}
	search->sums->people += any;
	search->sums->without += !any;
	return true;
}

/* A name in one spelling, so that an entry is asked for once. */
static char *
normal(const char *name)
{
	char *text = NULL;

	ldap_dn_normalize(name, LDAP_DN_FORMAT_LDAP, &text, LDAP_DN_FORMAT_LDAPV3);
	char *folded = g_utf8_casefold(text != NULL ? text : name, -1);
	ldap_memfree(text);
	return folded;
}

/* Active Directory shows 1,500 members at once; it is not asked this way unless its rule fails. */
static bool
is_cut(struct directory_query *query, LDAPMessage *entry)
{
	BerElement *at = NULL;
	bool cut = false;

	for (char *name = ldap_first_attribute(query->ld, entry, &at); name != NULL;
	     name = ldap_next_attribute(query->ld, entry, at)) {
		cut = cut || g_ascii_strncasecmp(name, "member;range=", 13) == 0;
		ldap_memfree(name);
	}
	ber_free(at, 0);
	return cut;
}

static bool
is_group(struct directory_query *query, LDAPMessage *entry)
{
	static const char *const classes[] = { "group", "groupOfNames", "groupOfUniqueNames",
		"posixGroup", NULL };
	g_auto(GStrv) values = values_of(query, entry, "objectClass");

	for (gsize i = 0; values[i] != NULL; i++) {
		for (gsize k = 0; classes[k] != NULL; k++) {
			if (g_ascii_strcasecmp(values[i], classes[k]) == 0)
				return true;
		}
	}
	return false;
}

static bool
take_login_name(struct search *search, const char *uid, GError **error)
{
	g_autofree char *name = escaped(uid);
	g_autofree char *filter = g_strdup_printf("(&(uid=%s)%s)", name, people(search));
	guint64 before = search->query.entries;

	if (!directory_query_all(
		&search->query, search->directory->base, filter, take_person, search, error))
		return false;
	search->sums->away += search->query.entries == before;
	return true;
}

static bool
take_group(struct directory_query *query, LDAPMessage *entry, void *data, GError **error)
{
	struct search *search = data;

	static const char *const by_name[] = { "member", "uniqueMember" };
	g_auto(GStrv) uids = values_of(query, entry, "memberUid");

	if (is_cut(query, entry)) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the server shows a part of the members of group '%s' only",
		    search->directory->group);
		return false;
	}
	search->sums->groups++;
	for (gsize k = 0; k < G_N_ELEMENTS(by_name); k++) {
		g_auto(GStrv) names = values_of(query, entry, by_name[k]);
		for (gsize i = 0; names[i] != NULL; i++) {
			char *key = normal(names[i]);
			if (g_hash_table_add(search->seen, key))
				g_queue_push_tail(search->todo, g_strdup(names[i]));
			if (g_hash_table_size(search->seen) > search->directory->entries) {
				g_set_error(error, FAULT, FAULT_DATA,
				    "group '%s' has more members than limits.directory_entries",
				    search->directory->group);
				return false;
			}
		}
	}
	for (gsize i = 0; uids[i] != NULL; i++) {
		if (!take_login_name(search, uids[i], error))
			return false;
	}
	return true;
}

static bool
take_member(struct directory_query *query, LDAPMessage *entry, void *data, GError **error)
{
	return is_group(query, entry) ? take_group(query, entry, data, error)
				      : take_person(query, entry, data, error);
}

/* --- a group --- */

static bool
take_nothing(struct directory_query *query, LDAPMessage *entry, void *data, GError **error)
{
	(void)query;
	(void)entry;
	(void)data;
	(void)error;
	return true;
}

static bool
take_root(struct directory_query *query, LDAPMessage *entry, void *data, GError **error)
{
	g_auto(GStrv) values = values_of(query, entry, "supportedCapabilities");
	bool *is_ad = data;

	(void)error;
	*is_ad = g_strv_contains((const char *const *)values, CAPABLE_OF_AD);
	return true;
}

/* What the server says of itself (RFC 4512 section 5.1); one that says nothing is no AD. */
static bool
is_active_directory(struct search *search)
{
	static const char *const wanted[] = { "supportedCapabilities", NULL };
	struct directory_query root = search->query;
	g_autoptr(GError) error = NULL;
	bool is_ad = false;

	root.wanted = wanted;
	directory_query_one(&root, "", "(objectClass=*)", take_root, &is_ad, &error);
	return is_ad;
}

/* False when the group is not there, which must not pass for one that is empty. */
static bool
check_group(struct search *search, GError **error)
{
	const char *name = search->directory->members_of;
	int code =
	    directory_query_one(&search->query, name, "(objectClass=*)", take_nothing, NULL, error);

	if (code == LDAP_SUCCESS && search->query.entries > 0)
		return true;
	if (*error != NULL)
		return false;
	if (code != LDAP_SUCCESS && code != LDAP_NO_SUCH_OBJECT)
		return directory_query_fail(&search->query, name, code, error);
	g_set_error(error, FAULT, FAULT_CONFIG, "%s:%u: there is no '%s' for %s",
	    search->directory->host, search->directory->port, name,
	    *search->directory->user != '\0' ? search->directory->user : "nobody");
	return false;
}

static bool
search_in_chain(struct search *search, GError **error)
{
	g_autofree char *name = escaped(search->directory->members_of);
	g_autofree char *filter = g_strdup_printf(
	    "(&(memberOf:" IN_CHAIN ":=%s)(!(objectClass=group))%s)", name, people(search));

	return directory_query_all(
	    &search->query, search->directory->base, filter, take_person, search, error);
}

/* Group by group. A member that another server has, or none, is counted as away. */
static bool
search_members(struct search *search, GError **error)
{
	g_autofree char *filter = g_strdup_printf("(|" GROUP_CLASSES "%s)", people(search));
	char *name = g_strdup(search->directory->members_of);

	g_hash_table_add(search->seen, normal(name));
	for (; name != NULL; name = g_queue_pop_head(search->todo)) {
		int code =
		    directory_query_one(&search->query, name, filter, take_member, search, error);
		bool gone = code == LDAP_NO_SUCH_OBJECT || code == LDAP_REFERRAL ||
			    code == LDAP_INVALID_DN_SYNTAX;
		search->sums->away += gone;
		if (code != LDAP_SUCCESS && !gone && *error == NULL)
			directory_query_fail(&search->query, name, code, error);
		g_free(name);
		if (*error != NULL)
			return false;
	}
	search->sums->groups -= MIN(search->sums->groups, 1); /* itself */
	return true;
}

static bool
search_group(struct search *search, GError **error)
{
	if (!check_group(search, error))
		return false;
	if (is_active_directory(search) && !search_in_chain(search, error))
		return false;
	/* Nobody, by a rule that the server may not know after all. */
	return search->sums->people + search->sums->without > 0 || search_members(search, error);
}

static GPtrArray *
attributes_of(const struct directory *directory)
{
	static const char *const own[] = { "objectClass", "member", "uniqueMember", "memberUid" };
	GPtrArray *all = g_ptr_array_new();

	for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
		g_ptr_array_add(all, (gpointer)own[i]);
	for (GStrv name = directory->attributes; *name != NULL; name++)
		g_ptr_array_add(all, *name);
	g_ptr_array_add(all, NULL);
	return all;
}

bool
directory_search(const struct directory *directory, const char *password, directory_found *found,
    void *data, struct directory_answer *sums, GError **error)
{
	g_autoptr(GPtrArray) wanted = attributes_of(directory);
	struct search search = { .directory = directory, .found = found, .data = data };
	GError *trouble = NULL;

	search.sums = sums;
	search.query.directory = directory;
	search.query.wanted = (const char *const *)wanted->pdata;
	search.query.scrub = scrub_new();
	if (password != NULL)
		scrub_add(search.query.scrub, password, -1);
	search.query.deadline =
	    g_get_monotonic_time() + (gint64)directory->seconds * G_USEC_PER_SEC;
	search.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	search.todo = g_queue_new();
	if (directory_query_open(&search.query, password, &trouble)) {
		if (*directory->members_of != '\0')
			search_group(&search, &trouble);
		else
			directory_query_all(&search.query, directory->base, people(&search),
			    take_person, &search, &trouble);
	}
	directory_query_close(&search.query);
	g_queue_free_full(search.todo, g_free);
	g_hash_table_destroy(search.seen);
	scrub_free(search.query.scrub);
	if (trouble == NULL)
		return true;
	g_propagate_error(error, trouble);
	return false;
}

const char *
directory_lacking(void)
{
	return NULL;
}

#else

const char *
directory_lacking(void)
{
	return "this program was built without libldap (-DFLAGPOST_LDAP=ON)";
}

bool
directory_search(const struct directory *directory, const char *password, directory_found *found,
    void *data, struct directory_answer *sums, GError **error)
{
	(void)directory;
	(void)password;
	(void)found;
	(void)data;
	(void)sums;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s", directory_lacking());
	return false;
}

#endif
