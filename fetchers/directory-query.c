/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directory_query - see directory-query.h. libldap's part; follows no referral. */
#if FLAGPOST_LDAP

#include "fetchers/directory-query.h"

#include <string.h>

#include "base/fault.h"
#include "base/url.h"

#define PAGE       500
#define ANSWER_MAX (16 * 1024 * 1024) /* bytes of one entry, or another answer */
#define SYSTEM_CA  "/etc/ssl/certs/ca-certificates.crt"

/* --- what went wrong --- */

static int
fault_of(int code)
{
	switch (code) {
	case LDAP_INVALID_CREDENTIALS:
	case LDAP_INSUFFICIENT_ACCESS:
	case LDAP_INAPPROPRIATE_AUTH:
	case LDAP_STRONG_AUTH_REQUIRED:
	case LDAP_CONFIDENTIALITY_REQUIRED:
	case LDAP_UNWILLING_TO_PERFORM:
		return FAULT_DENIED;
	case LDAP_NO_SUCH_OBJECT:
	case LDAP_INVALID_DN_SYNTAX:
	case LDAP_FILTER_ERROR:
		return FAULT_CONFIG;
	case LDAP_SIZELIMIT_EXCEEDED:
	case LDAP_ADMINLIMIT_EXCEEDED:
		return FAULT_DATA;
	default:
		return FAULT_AWAY;
	}
}

bool
directory_query_fail(struct directory_query *query, const char *what, int code, GError **error)
{
	char *said = NULL;

	ldap_get_option(query->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
	g_autofree char *safe = scrub_clean(query->scrub, g_strdup(said != NULL ? said : ""));
	g_set_error(error, FAULT, fault_of(code), "%s:%u: %s: %s%s%s", query->directory->host,
	    query->directory->port, what, ldap_err2string(code), *safe != '\0' ? ": " : "", safe);
	ldap_memfree(said);
	return false;
}

static bool
time_left(struct directory_query *query, struct timeval *left, GError **error)
{
	gint64 us = query->deadline - g_get_monotonic_time();

	if (us <= 0) {
		g_set_error(error, FAULT, FAULT_AWAY,
		    "%s:%u: group '%s' took longer than limits.seconds_per_directory",
		    query->directory->host, query->directory->port, query->directory->group);
		return false;
	}
	left->tv_sec = us / G_USEC_PER_SEC;
	left->tv_usec = us % G_USEC_PER_SEC;
	return true;
}

/* --- the way there --- */

static int
set_options(struct directory_query *query, const struct timeval *left)
{
	const struct directory *directory = query->directory;
	const char *ca = *directory->ca_file != '\0' ? directory->ca_file : SYSTEM_CA;
	const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER, fresh = 0;
	const int demand = LDAP_OPT_X_TLS_DEMAND, least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
	const struct {
		int option;
		const void *value;
	} options[] = {
		{ LDAP_OPT_PROTOCOL_VERSION, &version },
		{ LDAP_OPT_REFERRALS, LDAP_OPT_OFF }, /* the password goes nowhere else */
		{ LDAP_OPT_DEREF, &never }, { LDAP_OPT_NETWORK_TIMEOUT, left },
		{ LDAP_OPT_TIMEOUT, left }, { LDAP_OPT_X_TLS_REQUIRE_CERT, &demand },
		{ LDAP_OPT_X_TLS_PROTOCOL_MIN, &least }, { LDAP_OPT_X_TLS_CACERTFILE, ca },
		{ LDAP_OPT_X_TLS_NEWCTX, &fresh }, /* what was said above counts from here on */
	};
	Sockbuf *buffer = NULL;
	ber_len_t most = ANSWER_MAX;

	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		int code = ldap_set_option(query->ld, options[i].option, options[i].value);
		if (code != LDAP_OPT_SUCCESS)
			return LDAP_PARAM_ERROR;
	}
	ldap_get_option(query->ld, LDAP_OPT_SOCKBUF, &buffer);
	return buffer != NULL && ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most) > 0
		   ? LDAP_SUCCESS
		   : LDAP_PARAM_ERROR;
}

bool
directory_query_open(struct directory_query *query, const char *password, GError **error)
{
	const struct directory *directory = query->directory;
	g_autofree char *url =
	    url_make(directory->starttls ? "ldap" : "ldaps", directory->host, directory->port);
	struct berval secret = { password != NULL ? strlen(password) : 0, (char *)password };
	struct timeval left;
	int code = ldap_initialize(&query->ld, url);

	if (!time_left(query, &left, error))
		return false;
	if (code != LDAP_SUCCESS) {
		g_set_error(
		    error, FAULT, FAULT_BUG, "libldap does not start: %s", ldap_err2string(code));
		return false;
	}
	code = set_options(query, &left);
	if (code != LDAP_SUCCESS)
		return directory_query_fail(query, "set TLS up", code, error);
	code = directory->starttls ? ldap_start_tls_s(query->ld, NULL, NULL) : LDAP_SUCCESS;
	if (code != LDAP_SUCCESS)
		return directory_query_fail(query, "STARTTLS", code, error);
	/* Without a name nobody is meant: a name without a password would be taken for nobody. */
	code = ldap_sasl_bind_s(query->ld, password != NULL ? directory->user : "",
	    LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
	return code == LDAP_SUCCESS || directory_query_fail(query, "log in", code, error);
}

/* --- asking --- */

static bool
each_of(struct directory_query *query, LDAPMessage *result, directory_take *take, void *data,
    GError **error)
{
	for (LDAPMessage *entry = ldap_first_entry(query->ld, result); entry != NULL;
	     entry = ldap_next_entry(query->ld, entry)) {
		if (++query->entries > query->directory->entries) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "group '%s' takes more entries than limits.directory_entries",
			    query->directory->group);
			return false;
		}
		if (!take(query, entry, data, error))
			return false;
	}
	return true;
}

/* The cookie of the next page; empty at the end, also of servers that know no pages. */
static void
next_page(struct directory_query *query, LDAPMessage *result, struct berval *cookie)
{
	LDAPControl **controls = NULL;
	ber_int_t total = 0;

	ber_memfree(cookie->bv_val);
	*cookie = (struct berval){ 0, NULL };
	ldap_parse_result(query->ld, result, NULL, NULL, NULL, NULL, &controls, 0);
	LDAPControl *page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	if (page != NULL)
		ldap_parse_pageresponse_control(query->ld, page, &total, cookie);
	ldap_controls_free(controls);
}

/* One page; the code of the server's answer, or LDAP_OTHER with *error set. */
static int
ask_page(struct directory_query *query, const char *base, int scope, const char *filter,
    struct berval *cookie, directory_take *take, void *data, GError **error)
{
	LDAPControl *controls[2] = { NULL, NULL };
	LDAPMessage *result = NULL;
	struct timeval left;
	int code;

	if (!time_left(query, &left, error))
		return LDAP_OTHER;
	if (scope != LDAP_SCOPE_BASE)
		ldap_create_page_control(query->ld, PAGE, cookie, 0, &controls[0]);
	code = ldap_search_ext_s(query->ld, base, scope, filter, (char **)query->wanted, 0,
	    controls, NULL, &left, LDAP_NO_LIMIT, &result);
	if (code == LDAP_SUCCESS && !each_of(query, result, take, data, error))
		code = LDAP_OTHER;
	if (code == LDAP_SUCCESS)
		next_page(query, result, cookie);
	if (controls[0] != NULL)
		ldap_control_free(controls[0]);
	ldap_msgfree(result);
	return code;
}

bool
directory_query_all(struct directory_query *query, const char *base, const char *filter,
    directory_take *take, void *data, GError **error)
{
	struct berval cookie = { 0, NULL };
	int code;

	do
		code =
		    ask_page(query, base, LDAP_SCOPE_SUBTREE, filter, &cookie, take, data, error);
	while (code == LDAP_SUCCESS && cookie.bv_len > 0);
	ber_memfree(cookie.bv_val);
	if (code == LDAP_SUCCESS)
		return true;
	return *error == NULL ? directory_query_fail(query, base, code, error) : false;
}

int
directory_query_one(struct directory_query *query, const char *name, const char *filter,
    directory_take *take, void *data, GError **error)
{
	struct berval cookie = { 0, NULL };
	int code = ask_page(query, name, LDAP_SCOPE_BASE, filter, &cookie, take, data, error);

	ber_memfree(cookie.bv_val);
	return code;
}

void
directory_query_close(struct directory_query *query)
{
	if (query->ld != NULL)
		ldap_unbind_ext_s(query->ld, NULL, NULL);
	query->ld = NULL;
}

#endif
