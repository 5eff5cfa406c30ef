/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [account.NAME]: one mail account. A password never stands here, and is never printed either.
 */
#include <string.h>

#include "base/fault.h"
#include "daemon/config-parts.h"

#define NAME_MAX_BYTES 64
#define EVERY_MIN      5
#define EVERY_MAX      (7 * 24 * 3600)
/* Less would not do for one pass over an ordinary account. */
#define BYTES_A_DAY_MIN       (G_GUINT64_CONSTANT(1) << 20)
#define BYTES_A_DAY_MAX       (G_GUINT64_CONSTANT(1) << 44)
#define COMMANDS_A_MINUTE_MIN 10
#define COMMANDS_A_MINUTE_MAX 100000
#define CONNECTIONS_MAX       100

static const char *const account_keys[] = { "url", "user", "password_file", "credential", "ca_file",
	"folders", "keep", "every", "group", "purpose", "password", "auth", "mechanism", "act_as",
	"master_separator", "pinned_key", "tenant", "client_id", "token_url", "scope", "key_file",
	"refresh_token_file", "watch", "bytes_a_day", "commands_a_minute", "connections", "canary",
	NULL };

static bool
is_name(const char *name)
{
	gsize length = strlen(name);

	for (const char *p = name; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr("-_.", *p) == NULL)
			return false;
	}
	return length > 0 && length <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-';
}

const char *
config_section_name(const struct ini_section *section, struct problems *problems)
{
	const char *dot = strchr(section->name, '.');

	if (dot != NULL && is_name(dot + 1))
		return dot + 1;
	ini_problem(section, NULL, 0, problems, "use letters, digits, '-', '_' and '.'",
	    "section '%s' has no usable name behind the dot", section->name);
	return NULL;
}

/* The line itself is not quoted: this text ends in logs and tickets. */
void
config_refuse_password(const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "password");

	if (entry != NULL)
		problems_add(problems, PROBLEM_ERROR, ini_name(section->ini), entry->line,
		    entry->column, NULL, CONFIG_MEND_PASSWORD,
		    "a password in this file is refused: whoever may read the configuration "
		    "or its backups would have it");
}

static void
read_url(struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "url");
	g_autoptr(GError) error = NULL;

	if (entry == NULL)
		ini_problem(section, NULL, 0, problems, "write url = imaps://HOST",
		    "account '%s' has no url", account->name);
	else if (!account_set_url(account, entry->value, &error))
		ini_problem(section, entry, 0, problems, NULL, "%s", error->message);
}

static bool
is_credential(const char *name)
{
	return is_name(name) && strstr(name, "..") == NULL;
}

bool
config_read_secret(const struct ini_section *section, const char *what, char **password_file,
    char **credential, struct problems *problems)
{
	const struct ini_entry *file = ini_entry(section, "password_file");
	const struct ini_entry *name = ini_entry(section, "credential");

	config_refuse_password(section, problems);
	if (file != NULL && name != NULL) {
		ini_problem(section, name, 0, problems, "keep one of the two",
		    "%s has both a password_file and a credential", what);
	} else if (file != NULL && file->value[0] != '\0') {
		g_free(*password_file);
		*password_file = config_resolve(section, file->value);
	} else if (file != NULL) {
		ini_problem(section, file, 0, problems, NULL, "password_file names no file");
	} else if (name != NULL && is_credential(name->value)) {
		g_free(*credential);
		*credential = g_strdup(name->value);
	} else if (name != NULL) {
		ini_problem(section, name, 0, problems,
		    "write the name given to LoadCredential, not a path",
		    "credential '%s' is not a name", name->value);
	}
	return file != NULL || name != NULL || ini_entry(section, "password") != NULL;
}

static void
read_user(struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *user = ini_entry(section, "user");

	/* A token may be for the mailboxes of a list: that is known behind all sections. */
	if (user == NULL && account->auth != AUTH_PASSWORD)
		return;
	if (user == NULL || user->value[0] == '\0') {
		ini_problem(section, user, 0, problems, "write user = LOGIN-NAME",
		    "account '%s' has no user", account->name);
		return;
	}
	g_free(account->user);
	account->user = g_strdup(user->value);
}

static void
read_folders(struct account *account, const struct ini_section *section, struct problems *problems)
{
	GStrv folders = NULL;

	if (!ini_list(section, "folders", &folders, problems))
		return;
	g_strfreev(account->folders);
	account->folders = folders;
}

static void
read_rest(struct account *account, const struct ini_section *section, struct problems *problems)
{
	guint keep;
	const char *value;

	if (ini_choice(section, "keep", account_keep_words, &keep, problems))
		account->keep = (enum account_keep)keep;
	ini_duration(section, "every", EVERY_MIN, EVERY_MAX, &account->every_seconds, problems);
	if ((value = ini_get(section, "ca_file")) != NULL && value[0] != '\0') {
		g_free(account->ca_file);
		account->ca_file = config_resolve(section, value);
	}
	if ((value = ini_get(section, "group")) != NULL) {
		g_free(account->group);
		account->group = g_strdup(value);
	}
	value = ini_get(section, "purpose");
	g_free(account->purpose);
	account->purpose = g_strdup(value != NULL ? value : "");
}

static void
read_watch(struct account *account, const struct ini_section *section, struct problems *problems)
{
	ini_bool(section, "watch", &account->watch, problems);
	if (!account->watch || account->protocol == PROTOCOL_IMAP)
		return;
	ini_problem(section, ini_entry(section, "watch"), 0, problems, "remove it",
	    "account '%s' cannot be watched: only IMAP tells when mail comes", account->name);
	account->watch = false;
}

static void
read_budgets(struct account *account, const struct ini_section *section, struct problems *problems)
{
	ini_size(section, "bytes_a_day", BYTES_A_DAY_MIN, BYTES_A_DAY_MAX, &account->bytes_a_day,
	    problems);
	ini_uint(section, "commands_a_minute", COMMANDS_A_MINUTE_MIN, COMMANDS_A_MINUTE_MAX,
	    &account->commands_a_minute, problems);
	ini_uint(section, "connections", 1, CONNECTIONS_MAX, &account->connections, problems);
	if (account->watch && account->connections == 1)
		ini_problem(section, ini_entry(section, "connections"), 0, problems,
		    "write connections = 2 or more, or remove watch",
		    "account '%s' is watched, which takes a connection beside that of its passes",
		    account->name);
}

/* The one write that there is: where it cannot be done it is refused rather than left out. */
static void
read_canary(struct account *account, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "canary");

	ini_bool(section, "canary", &account->canary, problems);
	if (!account->canary)
		return;
	if (account->protocol != PROTOCOL_IMAP)
		ini_problem(section, entry, 0, problems, "remove it",
		    "account '%s' can have no canary: only over IMAP a message can be put into a "
		    "mailbox",
		    account->name);
	else if (!account_wants_folder(account, "INBOX"))
		ini_problem(section, entry, 0, problems, "add INBOX to folders, or remove it",
		    "account '%s' would never see its canary: INBOX is not among its folders",
		    account->name);
}

/* Who reads files on this machine logs in nowhere, and is nobody's burden. */
static void
refuse_login(
    const struct account *account, const struct ini_section *section, struct problems *problems)
{
	static const char *const keys[] = { "user", "password_file", "credential", "ca_file",
		"auth", "mechanism", "act_as", "master_separator", "pinned_key", "tenant",
		"client_id", "token_url", "scope", "key_file", "refresh_token_file", "bytes_a_day",
		"commands_a_minute", "connections", "canary" };

	config_refuse_password(section, problems);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		const struct ini_entry *entry = ini_entry(section, keys[i]);
		if (entry != NULL)
			ini_problem(section, entry, 0, problems, "remove it",
			    "%s does not belong to account '%s': %s is read without a login",
			    keys[i], account->name, account->url);
	}
}

void
config_read_account(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);

	ini_check_keys(section, account_keys, problems);
	if (name == NULL) {
		config_refuse_password(section, problems);
		return;
	}
	const struct account *taken = config_account(config, name);
	if (taken != NULL) {
		config_refuse_password(section, problems);
		ini_problem(section, NULL, 0, problems, "remove or rename one of the two",
		    "account '%s' is configured twice; the other one stands at %s:%u", name,
		    taken->file, taken->line);
		return;
	}
	struct account *account = account_new(name);
	g_free(account->file);
	account->file = g_strdup(ini_name(section->ini));
	account->line = section->line;
	read_url(account, section, problems);
	if (account_is_local(account)) {
		refuse_login(account, section, problems);
	} else {
		config_read_auth(account, section, problems);
		read_user(account, section, problems);
	}
	read_folders(account, section, problems);
	read_watch(account, section, problems);
	read_budgets(account, section, problems);
	if (!account_is_local(account))
		read_canary(account, section, problems);
	read_rest(account, section, problems);
	g_ptr_array_add(config->accounts, account);
}
