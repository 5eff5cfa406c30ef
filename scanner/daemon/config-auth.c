/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How an account proves who it is. Each way of logging in needs some keys and has no use for
 * others; one that would be ignored is refused, since somebody meant something by it.
 */
#include <string.h>

#include "base/fault.h"
#include "daemon/config-parts.h"
#include "mail/words.h"

/* Where tokens come from when nothing is written (section 6 of DESIGN). */
#define MICROSOFT_TOKENS "https://login.microsoftonline.com/%s/oauth2/v2.0/token"
#define MICROSOFT_SCOPE  "https://outlook.office365.com/.default"
#define GOOGLE_TOKENS    "https://oauth2.googleapis.com/token"
#define GOOGLE_SCOPE     "https://mail.google.com/"

#define TOKEN_URL_MAX 1000
#define PIN_PREFIX    "sha256//"
#define PIN_BYTES     32

#define BIT(auth) (1u << (auth))
#define OAUTH     (BIT(AUTH_OAUTH_CLIENT) | BIT(AUTH_OAUTH_REFRESH) | BIT(AUTH_OAUTH_SERVICE))

/* Which ways of logging in know a key, and which cannot do without it. */
static const struct {
	const char *key;
	guint known, needed;
	const char *mend;
} uses[] = {
	{ "tenant", BIT(AUTH_OAUTH_CLIENT) | BIT(AUTH_OAUTH_REFRESH), 0, NULL },
	{ "token_url", OAUTH, 0, NULL },
	{ "client_id", OAUTH, OAUTH,
	    "write client_id = the name that the service gave to this program" },
	{ "scope", OAUTH, 0, NULL },
	{ "key_file", BIT(AUTH_OAUTH_SERVICE), 0, NULL },
	{ "refresh_token_file", BIT(AUTH_OAUTH_REFRESH), BIT(AUTH_OAUTH_REFRESH),
	    "write refresh_token_file = PATH (mode 0600) with the token of the first consent" },
	{ "password_file", BIT(AUTH_PASSWORD) | BIT(AUTH_OAUTH_CLIENT) | BIT(AUTH_OAUTH_REFRESH), 0,
	    NULL },
	{ "act_as", BIT(AUTH_PASSWORD), 0, NULL },
	{ "master_separator", BIT(AUTH_PASSWORD), 0, NULL },
};

static void
check_uses(
    const struct account *account, const struct ini_section *section, struct problems *problems)
{
	const char *auth = account_auth_words[account->auth];

	for (gsize i = 0; i < G_N_ELEMENTS(uses); i++) {
		const struct ini_entry *entry = ini_entry(section, uses[i].key);
		if (entry != NULL && (uses[i].known & BIT(account->auth)) == 0)
			ini_problem(section, entry, 0, problems,
			    account->auth == AUTH_PASSWORD
				? "write auth = oauth-client, oauth-refresh or oauth-service"
			    : g_str_equal(uses[i].key, "act_as")
				? "write user = MAILBOX: a token opens it by that name"
				: "remove it",
			    "%s means nothing with auth = %s", uses[i].key, auth);
		else if (entry != NULL && entry->value[0] == '\0')
			ini_problem(section, entry, 0, problems, NULL, "%s is empty", uses[i].key);
		else if (entry == NULL && (uses[i].needed & BIT(account->auth)) != 0)
			ini_problem(section, NULL, 0, problems, uses[i].mend,
			    "account '%s' has auth = %s and no %s", account->name, auth,
			    uses[i].key);
	}
}

static void
take(char **at, const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);

	if (value == NULL)
		return;
	g_free(*at);
	*at = g_strdup(value);
}

static void
take_path(char **at, const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);

	if (value == NULL || value[0] == '\0')
		return;
	g_free(*at);
	*at = config_resolve(section, value);
}

/* --- secrets --- */

static void
read_secret(struct account *account, const struct ini_section *section, struct problems *problems)
{
	g_autofree char *what = g_strdup_printf("account '%s'", account->name);
	bool named = config_read_secret(
	    section, what, &account->password_file, &account->credential, problems);
	const struct ini_entry *key_file = ini_entry(section, "key_file");

	take_path(&account->key_file, section, "key_file");
	take_path(&account->refresh_token_file, section, "refresh_token_file");
	if (account->auth == AUTH_OAUTH_SERVICE) {
		if (key_file != NULL && ini_entry(section, "credential") != NULL)
			ini_problem(section, key_file, 0, problems, "keep one of the two",
			    "%s has both a key_file and a credential", what);
		else if (key_file == NULL && ini_entry(section, "credential") == NULL)
			ini_problem(section, NULL, 0, problems,
			    "write key_file = PATH (mode 0600, PEM) or credential = NAME",
			    "%s has neither key_file nor credential", what);
	} else if (!named && account->auth != AUTH_OAUTH_REFRESH) {
		/* Clients that people consented to may be public ones: no secret at all. */
		ini_problem(section, NULL, 0, problems, CONFIG_MEND_PASSWORD,
		    "%s has neither password_file nor credential", what);
	}
}

/* --- tokens --- */

static const char *
wrong_with_token_url(const char *url)
{
	const char *host = url + strlen("https://");

	if (!g_str_has_prefix(url, "https://"))
		return "does not begin with https://";
	if (strlen(url) > TOKEN_URL_MAX)
		return "is too long";
	gsize length = strcspn(host, "/?#");
	if (length == 0)
		return "names no host";
	if (memchr(host, '@', length) != NULL)
		return "holds a user or a password";
	for (const char *p = url; *p != '\0'; p++) {
		if (!g_ascii_isgraph(*p) || strchr("\"<>\\^`{|}#", *p) != NULL)
			return "holds a character that no address has";
	}
	return NULL;
}

static bool
is_tenant(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr("-.", *p) == NULL)
			return false;
	}
	return text[0] != '\0' && strlen(text) <= 253 && strstr(text, "..") == NULL;
}

static void
read_token_url(
    struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *url = ini_entry(section, "token_url");
	const struct ini_entry *tenant = ini_entry(section, "tenant");
	const char *wrong = url != NULL ? wrong_with_token_url(url->value) : NULL;

	if (url != NULL && tenant != NULL)
		ini_problem(section, tenant, 0, problems, "keep one of the two",
		    "account '%s' has both a token_url and a tenant", account->name);
	else if (wrong != NULL)
		ini_problem(section, url, 0, problems, "write token_url = https://HOST/PATH",
		    "token_url %s", wrong);
	else if (tenant != NULL && !is_tenant(tenant->value))
		ini_problem(section, tenant, 0, problems,
		    "write the directory's id, as in 11111111-2222-3333-4444-555555555555",
		    "'%s' is not a tenant", tenant->value);
	else if (url == NULL && tenant == NULL && account->auth != AUTH_OAUTH_SERVICE)
		ini_problem(section, NULL, 0, problems,
		    "write token_url = https://HOST/PATH, or tenant = ID for Microsoft's",
		    "account '%s' does not say where tokens come from", account->name);
	g_free(account->token_url);
	if (url != NULL)
		account->token_url = g_strdup(url->value);
	else if (tenant != NULL)
		account->token_url = g_strdup_printf(MICROSOFT_TOKENS, tenant->value);
	else
		account->token_url = g_strdup(GOOGLE_TOKENS);
	if (account->scope[0] == '\0' && url == NULL) {
		g_free(account->scope);
		account->scope = g_strdup(tenant != NULL ? MICROSOFT_SCOPE : GOOGLE_SCOPE);
	}
}

/* --- mechanisms --- */

static void
read_mechanism(
    struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "mechanism");
	guint mechanism;

	if (!ini_choice(section, "mechanism", account_mechanism_words, &mechanism, problems))
		return;
	bool is_token = mechanism == MECHANISM_XOAUTH2 || mechanism == MECHANISM_OAUTHBEARER;
	account->mechanism = (enum account_mechanism)mechanism;
	if (mechanism != MECHANISM_AUTO && is_token != (account->auth != AUTH_PASSWORD))
		ini_problem(section, entry, 0, problems,
		    is_token ? "write auth = oauth-client, oauth-refresh or oauth-service"
			     : "write xoauth2, oauthbearer or auto",
		    "mechanism %s does not go with auth = %s", entry->value,
		    account_auth_words[account->auth]);
}

/*
 * Only PLAIN carries an authzid (RFC 4616) in libcurl, which would take a better mechanism and
 * drop it; and a "user*master" is a name for PLAIN and LOGIN alone.
 */
static void
check_act_as(
    const struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *separator = ini_entry(section, "master_separator");
	const struct ini_entry *mechanism = ini_entry(section, "mechanism");
	bool master = account->master_separator[0] != '\0';

	if (strlen(account->master_separator) > ACCOUNT_SEPARATOR_MAX)
		ini_problem(section, separator, 0, problems, "write master_separator = *",
		    "master_separator is longer than %d bytes", ACCOUNT_SEPARATOR_MAX);
	if (account->act_as[0] != '\0' && master &&
	    strstr(account->act_as, account->master_separator) != NULL)
		ini_problem(section, ini_entry(section, "act_as"), 0, problems,
		    "write the mailbox's name alone", "act_as holds the master_separator");
	if (account->act_as[0] == '\0' && !master)
		return;
	if (account->mechanism == MECHANISM_AUTO || account->mechanism == MECHANISM_PLAIN ||
	    (account->mechanism == MECHANISM_LOGIN && master))
		return;
	if (account->auth == AUTH_PASSWORD)
		ini_problem(section, mechanism, 0, problems, "write mechanism = plain",
		    "mechanism %s cannot name the mailbox of another",
		    account_mechanism_words[account->mechanism]);
}

static void
read_pin(struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "pinned_key");

	if (entry == NULL)
		return;
	bool right = g_str_has_prefix(entry->value, PIN_PREFIX);
	const char *text = entry->value + (right ? strlen(PIN_PREFIX) : 0);
	gsize size = 0;
	g_autofree guchar *bytes = *text != '\0' ? g_base64_decode(text, &size) : NULL;
	/* The decoder skips what it does not know, so the way back must give the same text. */
	g_autofree char *again = size > 0 ? g_base64_encode(bytes, size) : NULL;
	if (!right || size != PIN_BYTES || g_strcmp0(again, text) != 0) {
		ini_problem(section, entry, 0, problems,
		    "check --connect prints the key that the server shows: compare it there",
		    "pinned_key is not sha256// and the base64 of 32 bytes");
		return;
	}
	g_free(account->pinned_key);
	account->pinned_key = g_strdup(entry->value);
}

void
config_read_auth(
    struct account *account, const struct ini_section *section, struct problems *problems)
{
	guint auth;

	if (ini_choice(section, "auth", account_auth_words, &auth, problems))
		account->auth = (enum account_auth)auth;
	check_uses(account, section, problems);
	take(&account->client_id, section, "client_id");
	take(&account->scope, section, "scope");
	take(&account->act_as, section, "act_as");
	take(&account->master_separator, section, "master_separator");
	read_secret(account, section, problems);
	read_mechanism(account, section, problems);
	check_act_as(account, section, problems);
	read_pin(account, section, problems);
	if (account->auth != AUTH_PASSWORD)
		read_token_url(account, section, problems);
}
