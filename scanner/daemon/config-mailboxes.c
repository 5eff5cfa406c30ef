/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [mailboxes.NAME]: one login, many mailboxes. A list of names turns one account into as many,
 * "hq/anna@corp.example", and nobody needs to know the users' passwords.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/config-parts.h"

#define MAILBOXES_MAX     10000 /* in one list */
#define LIST_BYTES_MAX    (4 * 1024 * 1024)
#define NAME_BYTES_MAX    254
#define LIST_PROBLEMS_MAX 20 /* of one list; a wrong file would fill the screen */

static const char *const mailboxes_keys[] = { "account", "file", "group", "password", NULL };

void
config_mailboxes_free(struct config_mailboxes *list)
{
	g_free(list->name);
	g_free(list->account);
	g_free(list->path);
	g_free(list->group);
	g_free(list->file);
	g_free(list);
}

void
config_read_mailboxes(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const char *account = ini_get(section, "account"), *file = ini_get(section, "file");
	const char *group = ini_get(section, "group");

	ini_check_keys(section, mailboxes_keys, problems);
	config_refuse_password(section, problems);
	if (account == NULL || account[0] == '\0')
		ini_problem(section, NULL, 0, problems, "write account = NAME",
		    "section [%s] does not say which account logs in", section->name);
	if (file == NULL || file[0] == '\0')
		ini_problem(section, NULL, 0, problems, "write file = PATH, a mailbox a line",
		    "section [%s] names no list of mailboxes", section->name);
	if (name == NULL || account == NULL || file == NULL || file[0] == '\0')
		return;
	struct config_mailboxes *list = g_new0(struct config_mailboxes, 1);
	list->name = g_strdup(name);
	list->account = g_strdup(account);
	list->path = config_resolve(section, file);
	list->group = g_strdup(group != NULL ? group : "");
	list->file = g_strdup(ini_name(section->ini));
	list->line = section->line;
	g_ptr_array_add(config->mailboxes, list);
}

/* --- lists --- */

struct expansion {
	struct config *config;
	const struct config_mailboxes *list;
	const struct account *template;
	GHashTable *taken; /* "name NAME" and "mailbox TEMPLATE/USER" -> where it stands */
	GPtrArray *made;   /* of struct account */
	struct problems *problems;
	guint line;
	guint mailboxes, wrong; /* of this list */
};

static void G_GNUC_PRINTF(3, 4)
    complain(struct expansion *expansion, const char *mend, const char *format, ...)
{
	va_list arguments;

	if (++expansion->wrong > LIST_PROBLEMS_MAX)
		return;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	problems_add(expansion->problems, PROBLEM_ERROR, expansion->list->path, expansion->line, 0,
	    NULL, mend, "%s", text);
}

/* NULL, or what is wrong with a mailbox's name: it becomes part of a command and of a report. */
static const char *
wrong_with_name(const char *name, const char *separator)
{
	if (name[0] == '\0')
		return "is empty";
	if (strlen(name) > NAME_BYTES_MAX)
		return "is longer than 254 bytes";
	for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (g_unichar_isspace(c) || !g_unichar_isprint(c))
			return "holds a blank or a control character";
	}
	if (separator[0] != '\0' && strstr(name, separator) != NULL)
		return "holds the master_separator: it would log in as somebody else";
	return NULL;
}

static bool
is_free(struct expansion *expansion, const char *key, const char *what)
{
	const char *place = g_hash_table_lookup(expansion->taken, key);

	if (place != NULL) {
		complain(
		    expansion, "remove one of the two", "%s is listed already, at %s", what, place);
		return false;
	}
	g_hash_table_insert(expansion->taken, g_strdup(key),
	    g_strdup_printf("%s:%u", expansion->list->path, expansion->line));
	return true;
}

static char *
mailbox_key(const struct account *account)
{
	const char *template = account->template[0] != '\0' ? account->template : account->name;
	const char *user = account->auth == AUTH_PASSWORD ? account->act_as : account->user;

	return g_strdup_printf("mailbox %s/%s", template, user);
}

static void
add_mailbox(struct expansion *expansion, const char *user, const char *name)
{
	g_autoptr(account) account = account_copy(expansion->template);
	char **mailbox;

	if (account == NULL) /* the template has problems of its own, and they are told */
		return;
	mailbox = account->auth == AUTH_PASSWORD ? &account->act_as : &account->user;
	g_free(*mailbox);
	*mailbox = g_strdup(user);
	g_free(account->name);
	account->name = g_strdup_printf("%s/%s", expansion->template->name, name);
	g_free(account->template);
	account->template = g_strdup(expansion->template->name);
	if (expansion->list->group[0] != '\0') {
		g_free(account->group);
		account->group = g_strdup(expansion->list->group);
	}
	g_autofree char *same_mailbox = mailbox_key(account);
	g_autofree char *same_name = g_strdup_printf("name %s", account->name);
	g_autofree char *what = g_strdup_printf("mailbox '%s'", user);
	g_autofree char *other = g_strdup_printf("name '%s'", name);
	if (is_free(expansion, same_mailbox, what) && is_free(expansion, same_name, other))
		g_ptr_array_add(expansion->made, g_steal_pointer(&account));
}

static void
read_line(struct expansion *expansion, char *line)
{
	char *user = g_strstrip(line), *name = strchr(user, ',');
	const char *separator = expansion->template->master_separator;

	if (user[0] == '\0' || user[0] == '#')
		return;
	if (++expansion->mailboxes > MAILBOXES_MAX)
		return;
	if (name != NULL)
		*name++ = '\0';
	user = g_strchomp(user);
	name = name != NULL ? g_strchug(name) : user;
	const char *wrong = wrong_with_name(user, separator);
	if (wrong != NULL)
		complain(expansion, NULL, "the mailbox's name %s", wrong);
	else if (name != user && (wrong = wrong_with_name(name, "")) != NULL)
		complain(expansion, NULL, "the name behind the comma %s", wrong);
	else if (strchr(name, '/') != NULL || strchr(name, ',') != NULL)
		complain(expansion, "write USER,NAME with a name of its own",
		    "'%s' cannot be the name of an account", name);
	else
		add_mailbox(expansion, user, name);
}

static void
read_list(struct expansion *expansion, const char *text, gsize size)
{
	const struct config_mailboxes *list = expansion->list;
	const char *end = NULL;

	if (!g_utf8_validate_len(text, size, &end)) {
		for (const char *p = text; p < end; p++)
			expansion->line += *p == '\n';
		expansion->line++;
		complain(expansion, "save it as UTF-8", "the list is not UTF-8");
		return;
	}
	g_autofree char *copy = g_strndup(text, size);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		expansion->line = i + 1;
		read_line(expansion, lines[i]);
	}
	if (expansion->mailboxes > MAILBOXES_MAX)
		problems_add(expansion->problems, PROBLEM_ERROR, list->path, 0, 0, NULL,
		    "split it into several lists", "the list has %u mailboxes, %u at most",
		    expansion->mailboxes, MAILBOXES_MAX);
	if (expansion->wrong > LIST_PROBLEMS_MAX)
		problems_add(expansion->problems, PROBLEM_ERROR, list->path, 0, 0, NULL, NULL,
		    "%u more problems in this list", expansion->wrong - LIST_PROBLEMS_MAX);
	if (expansion->mailboxes == 0)
		problems_add(expansion->problems, PROBLEM_WARNING, list->path, 0, 0, NULL, NULL,
		    "the list of [mailboxes.%s] is empty: no mailbox is read", list->name);
}

static void
expand(struct expansion *expansion)
{
	const struct config_mailboxes *list = expansion->list;
	g_autoptr(GError) error = NULL;

	expansion->template = config_account(expansion->config, list->account);
	expansion->line = expansion->mailboxes = expansion->wrong = 0;
	if (expansion->template == NULL) {
		problems_add(expansion->problems, PROBLEM_ERROR, list->file, list->line, 0, NULL,
		    "write account = NAME of an [account.NAME]",
		    "there is no account '%s' for [mailboxes.%s]", list->account, list->name);
		return;
	}
	g_autoptr(GBytes) text = io_read_file(list->path, LIST_BYTES_MAX, &error);
	if (text == NULL) {
		problems_add(expansion->problems, PROBLEM_ERROR, list->file, list->line, 0, NULL,
		    NULL, "list of mailboxes: %s", error->message);
		return;
	}
	gsize size;
	const char *bytes = g_bytes_get_data(text, &size);
	read_list(expansion, size > 0 ? bytes : "", size);
}

/* --- accounts --- */

static bool
is_template(const struct config *config, const struct account *account)
{
	for (guint i = 0; i < config->mailboxes->len; i++) {
		const struct config_mailboxes *list = g_ptr_array_index(config->mailboxes, i);
		if (g_str_equal(list->account, account->name))
			return true;
	}
	return false;
}

static bool
has_mailbox(const struct account *account)
{
	return account->auth == AUTH_PASSWORD ? account->act_as[0] != '\0'
					      : account->user[0] != '\0';
}

static void
check_own(const struct account *account, struct problems *problems)
{
	if (account->user[0] == '\0' && !account_is_local(account))
		problems_add(problems, PROBLEM_ERROR, account->file, account->line, 0, NULL,
		    "write user = MAILBOX, or list mailboxes for it in [mailboxes.NAME]",
		    "account '%s' has no user", account->name);
	if (account->master_separator[0] != '\0' && account->act_as[0] == '\0')
		problems_add(problems, PROBLEM_ERROR, account->file, account->line, 0, NULL,
		    "write act_as = MAILBOX, or list mailboxes for it in [mailboxes.NAME]",
		    "account '%s' has a master_separator and no act_as", account->name);
}

void
config_finish_accounts(struct config *config, struct problems *problems)
{
	g_autoptr(GHashTable) taken =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GPtrArray) made = g_ptr_array_new();
	struct expansion expansion = {
		.config = config, .taken = taken, .made = made, .problems = problems
	};

	for (guint i = 0; i < config->accounts->len; i++) {
		struct account *account = g_ptr_array_index(config->accounts, i);
		if (account->auth == AUTH_OAUTH_REFRESH) {
			g_free(account->token_file);
			account->token_file =
			    g_build_filename(config->data_dir, "oauth", account->name, NULL);
		}
		if (has_mailbox(account))
			g_hash_table_insert(taken, mailbox_key(account),
			    g_strdup_printf("%s:%u", account->file, account->line));
	}
	for (guint i = 0; i < config->mailboxes->len; i++) {
		expansion.list = g_ptr_array_index(config->mailboxes, i);
		expand(&expansion);
	}
	for (guint i = config->accounts->len; i-- > 0;) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		if (!is_template(config, account))
			check_own(account, problems);
		else if (!has_mailbox(account))
			g_ptr_array_remove_index(config->accounts, i);
	}
	for (guint i = 0; i < made->len; i++)
		g_ptr_array_add(config->accounts, g_ptr_array_index(made, i));
}
