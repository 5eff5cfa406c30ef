/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/account.h"

#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "base/url.h"
#include "mail/words.h"

#define TEXT_MAX    4096
#define FOLDERS_MAX 1000

const char *const account_protocol_words[] = { "imap", "pop3", "maildir", "mbox", "eml", "tar",
	NULL };
const char *const account_keep_words[] = { "all", "hits", "headers", "none", NULL };
const char *const account_auth_words[] = { "password", "oauth-client", "oauth-refresh",
	"oauth-service", NULL };
const char *const account_mechanism_words[] = { "auto", "plain", "login", "cram-md5", "scram",
	"xoauth2", "oauthbearer", NULL };

static const struct url_scheme schemes[] = {
	{ "imaps", 993 },
	{ "imap", 143 },
	{ "pop3s", 995 },
	{ "pop3", 110 },
	{ NULL, 0 },
};
static const struct {
	enum account_protocol protocol;
	enum account_tls tls;
} meanings[] = {
	/* of the schemes */
	{ PROTOCOL_IMAP, TLS_IMPLICIT },
	{ PROTOCOL_IMAP, TLS_STARTTLS },
	{ PROTOCOL_POP3, TLS_IMPLICIT },
	{ PROTOCOL_POP3, TLS_STARTTLS },
};

struct account *
account_new(const char *name)
{
	struct account *account = g_new0(struct account, 1);

	account->name = g_strdup(name);
	account->url = g_strdup("");
	account->host = g_strdup("");
	account->user = g_strdup("");
	account->password_file = g_strdup("");
	account->credential = g_strdup("");
	account->ca_file = g_strdup("");
	account->folders = g_strsplit("*", ",", -1);
	account->group = g_strdup("");
	account->keep = KEEP_HITS;
	account->every_seconds = 600;
	account->purpose = g_strdup("");
	account->act_as = g_strdup("");
	account->master_separator = g_strdup("");
	account->pinned_key = g_strdup("");
	account->token_url = g_strdup("");
	account->client_id = g_strdup("");
	account->scope = g_strdup("");
	account->key_file = g_strdup("");
	account->refresh_token_file = g_strdup("");
	account->token_file = g_strdup("");
	account->template = g_strdup("");
	account->file = g_strdup("");
	return account;
}

void
account_free(struct account *account)
{
	if (account == NULL)
		return;
	g_free(account->name);
	g_free(account->url);
	g_free(account->host);
	g_free(account->user);
	g_free(account->password_file);
	g_free(account->credential);
	g_free(account->ca_file);
	g_strfreev(account->folders);
	g_free(account->group);
	g_free(account->purpose);
	g_free(account->act_as);
	g_free(account->master_separator);
	g_free(account->pinned_key);
	g_free(account->token_url);
	g_free(account->client_id);
	g_free(account->scope);
	g_free(account->key_file);
	g_free(account->refresh_token_file);
	g_free(account->token_file);
	g_free(account->template);
	g_free(account->file);
	g_free(account);
}

struct account *
account_copy(const struct account *account)
{
	g_autoptr(GVariant) frame = g_variant_ref_sink(account_put(account));
	struct account *copy = account_get(frame, NULL);

	if (copy == NULL)
		return NULL;
	g_free(copy->file);
	copy->file = g_strdup(account->file);
	copy->line = account->line;
	copy->watch = account->watch;
	copy->connections = account->connections;
	copy->bytes_a_day = account->bytes_a_day;
	copy->canary = account->canary;
	return copy;
}

/* The path of "maildir:///var/mail/journal"; NULL when url is none of these. */
static const char *
local_path(const char *url, enum account_protocol *protocol)
{
	for (guint i = PROTOCOL_MAILDIR; i <= PROTOCOL_TAR; i++) {
		gsize length = strlen(account_protocol_words[i]);
		if (g_ascii_strncasecmp(url, account_protocol_words[i], length) != 0 ||
		    !g_str_has_prefix(url + length, "://"))
			continue;
		*protocol = i;
		return url + length + 3;
	}
	return NULL;
}

bool
account_is_local(const struct account *account)
{
	return account->protocol >= PROTOCOL_MAILDIR;
}

bool
account_is_import(const struct account *account)
{
	return account_is_local(account) && g_str_has_prefix(account->name, ACCOUNT_IMPORT);
}

static void
set_place(struct account *account, const char *url, char *host)
{
	char *copy = g_strdup(url); /* url may be account->url */

	g_free(account->url);
	account->url = copy;
	g_free(account->host);
	account->host = host;
}

bool
account_set_url(struct account *account, const char *url, GError **error)
{
	const char *path = local_path(url, &account->protocol);
	guint scheme;
	char *host;

	if (path != NULL && (path[0] != '/' || path[1] == '\0')) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "url: holds no absolute path; write %s:///PATH",
		    account_protocol_words[account->protocol]);
		return false;
	}
	if (path != NULL) {
		account->tls = TLS_IMPLICIT;
		account->port = 0;
		set_place(account, url, g_strdup(path));
		return true;
	}
	if (!url_parse(
		url, schemes, "write folders = instead", &scheme, &host, &account->port, error))
		return false;
	account->protocol = meanings[scheme].protocol;
	account->tls = meanings[scheme].tls;
	set_place(account, url, host);
	return true;
}

bool
account_wants_folder(const struct account *account, const char *folder)
{
	bool is_inbox = g_ascii_strcasecmp(folder, "INBOX") == 0;
	bool wanted = false, any_include = false;

	for (gsize i = 0; account->folders[i] != NULL; i++) {
		const char *glob = account->folders[i];
		bool exclude = glob[0] == '!';
		/* RFC 3501 section 5.1: INBOX alone has no case. */
		g_autofree char *upper = is_inbox ? g_ascii_strup(glob + exclude, -1) : NULL;
		bool match =
		    is_inbox ? text_glob(upper, "INBOX") : text_glob(glob + exclude, folder);
		if (exclude && match)
			return false;
		any_include |= !exclude;
		wanted |= !exclude && match;
	}
	/* "!Trash" alone means all but that. */
	return wanted || !any_include;
}

GVariant *
account_put(const struct account *account)
{
	return g_variant_new("(ssuusussss^assutsuu(ssssssssss)t)", account->name, account->url,
	    (guint32)account->protocol, (guint32)account->tls, account->host, account->port,
	    account->user, account->password_file, account->credential, account->ca_file,
	    account->folders, account->group, (guint32)account->keep, account->every_seconds,
	    account->purpose, (guint32)account->auth, (guint32)account->mechanism, account->act_as,
	    account->master_separator, account->pinned_key, account->token_url, account->client_id,
	    account->scope, account->key_file, account->refresh_token_file, account->token_file,
	    account->template, account->commands_a_minute);
}

static bool
refuse(GError **error, const char *what)
{
	g_set_error(error, FAULT, FAULT_DATA, "account: %s: not in form", what);
	return false;
}

/* User names and paths end up in protocol lines and messages: no control character, ever. */
static bool
is_sober(const char *text)
{
	if (strlen(text) > TEXT_MAX)
		return false;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return false;
	}
	return true;
}

static bool
account_holds(const struct account *account, GError **error)
{
	const char *const texts[] = { account->name, account->url, account->host, account->user,
		account->password_file, account->credential, account->ca_file, account->group,
		account->purpose, account->act_as, account->master_separator, account->pinned_key,
		account->token_url, account->client_id, account->scope, account->key_file,
		account->refresh_token_file, account->token_file, account->template };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!is_sober(texts[i]))
			return refuse(error, "text");
	}
	if (account->name[0] == '\0')
		return refuse(error, "name");
	if (g_strv_length(account->folders) > FOLDERS_MAX)
		return refuse(error, "folders");
	for (gsize i = 0; account->folders[i] != NULL; i++) {
		if (!is_sober(account->folders[i]))
			return refuse(error, "folders");
	}
	if (account->keep >= word_count(account_keep_words))
		return refuse(error, "keep");
	if (account->auth >= word_count(account_auth_words))
		return refuse(error, "auth");
	if (account->mechanism >= word_count(account_mechanism_words))
		return refuse(error, "mechanism");
	if (strlen(account->master_separator) > ACCOUNT_SEPARATOR_MAX)
		return refuse(error, "master_separator");
	if (account->auth != AUTH_PASSWORD && !g_str_has_prefix(account->token_url, "https://"))
		return refuse(error, "token_url");
	return true;
}

struct account *
account_get(GVariant *variant, GError **error)
{
	guint32 protocol, tls, port, keep, auth, mechanism;

	if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(ACCOUNT_TYPE)) ||
	    !g_variant_is_normal_form(variant)) {
		refuse(error, "frame");
		return NULL;
	}
	g_autoptr(account) account = g_new0(struct account, 1);
	account->file = g_strdup("");
	g_variant_get(variant, "(ssuusussss^assutsuu(ssssssssss)t)", &account->name, &account->url,
	    &protocol, &tls, &account->host, &port, &account->user, &account->password_file,
	    &account->credential, &account->ca_file, &account->folders, &account->group, &keep,
	    &account->every_seconds, &account->purpose, &auth, &mechanism, &account->act_as,
	    &account->master_separator, &account->pinned_key, &account->token_url,
	    &account->client_id, &account->scope, &account->key_file, &account->refresh_token_file,
	    &account->token_file, &account->template, &account->commands_a_minute);
	account->keep = keep;
	account->auth = auth;
	account->mechanism = mechanism;
	if (!account_holds(account, error))
		return NULL;
	/* The parts of the URL must be those of the URL: the host decides whom TLS trusts. */
	g_autofree char *host = g_strdup(account->host);
	if (!account_set_url(account, account->url, error))
		return NULL;
	if (account->protocol != protocol || account->tls != tls || account->port != port ||
	    strcmp(account->host, host) != 0) {
		refuse(error, "url");
		return NULL;
	}
	return g_steal_pointer(&account);
}
