/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goes on after every problem, so that one run shows them all. Opens no secret and no network.
 */
#include "daemon/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "daemon/config-parts.h"
#include "store/retention.h"
#include "mail/address.h"

#define DEFAULT_LOCAL    "flagpost.ini"
#define DEFAULT_DATA_DIR "/var/lib/flagpost"
#define WORKERS_DEFAULT  8
#define WORKERS_MAX      64

static const char *const general_keys[] = { "organisation", "own_domains", "timezone", "data_dir",
	"rules_dir", "packs", "workers", "require_purpose", "encrypt_copies", "copies_key_file",
	"copies_credential", "copies_old_keys", "compress_after", "password", NULL };

struct config *
config_new(void)
{
	struct config *config = g_new0(struct config, 1);

	config->path = g_strdup("");
	config->organisation = g_strdup("");
	config->own_domains = g_new0(char *, 1);
	config->zone = g_time_zone_new_local();
	config->zone_name = g_strdup(g_time_zone_get_identifier(config->zone));
	config->data_dir = g_strdup(DEFAULT_DATA_DIR);
	config->rules_dir = g_strdup("");
	config->packs = g_new0(char *, 1);
	limits_default(&config->limits);
	config_copies_init(&config->copies);
	config_dkim_init(&config->dkim);
	config->prefilter = true;
	config->strangers = true;
	config->workers = MIN(g_get_num_processors(), WORKERS_DEFAULT);
	config->replay_workers = MIN(g_get_num_processors(), WORKERS_MAX);
	config->accounts = g_ptr_array_new_with_free_func((GDestroyNotify)account_free);
	config->mailboxes = g_ptr_array_new_with_free_func((GDestroyNotify)config_mailboxes_free);
	config->persons = g_ptr_array_new_with_free_func((GDestroyNotify)config_person_free);
	config->groups =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	config->servers = g_ptr_array_new_with_free_func((GDestroyNotify)directory_free);
	config->directories = g_ptr_array_new_with_free_func((GDestroyNotify)directory_free);
	config->lists = g_ptr_array_new_with_free_func((GDestroyNotify)config_list_free);
	config->retention = g_ptr_array_new_with_free_func((GDestroyNotify)retention_rule_free);
	config->reports = g_ptr_array_new_with_free_func((GDestroyNotify)config_report_free);
	g_ptr_array_add(config->reports, config_report_new("daily"));
	config->outputs = g_ptr_array_new_with_free_func((GDestroyNotify)target_free);
	config->require_purpose = true;
	config->archive.policy =
	    (struct password_policy){ PASSWORD_LENGTH, PASSWORD_CLASSES, PASSWORD_BITS };
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	g_free(config->path);
	g_free(config->organisation);
	g_strfreev(config->own_domains);
	g_free(config->as);
	g_free(config->zone_name);
	g_time_zone_unref(config->zone);
	g_free(config->data_dir);
	g_free(config->rules_dir);
	g_strfreev(config->packs);
	g_ptr_array_unref(config->accounts);
	g_ptr_array_unref(config->mailboxes);
	g_ptr_array_unref(config->persons);
	g_hash_table_unref(config->groups);
	g_ptr_array_unref(config->servers);
	g_ptr_array_unref(config->directories);
	g_ptr_array_unref(config->lists);
	g_ptr_array_unref(config->retention);
	g_ptr_array_unref(config->reports);
	g_ptr_array_unref(config->outputs);
	config_copies_clear(&config->copies);
	config_ledger_clear(&config->ledger);
	config_dkim_clear(&config->dkim);
	g_free(config->archive.password_file);
	g_free(config->archive.keys_file);
	smtp_free(config->smtp);
	config_notify_free(config->notify);
	g_free(config->metrics_file);
	g_free(config);
}

const struct account *
config_account(const struct config *config, const char *name)
{
	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		if (strcmp(account->name, name) == 0)
			return account;
	}
	return NULL;
}

const struct config_person *
config_person(const struct config *config, const char *name)
{
	for (guint i = 0; i < config->persons->len; i++) {
		const struct config_person *person = g_ptr_array_index(config->persons, i);
		if (strcmp(person->name, name) == 0)
			return person;
	}
	return NULL;
}

/*
 * The file's folder is resolved by the system first, since "a/../b" is not "b" where a is a
 * link; what the administrator wrote behind it is then shortened for people.
 */
char *
config_resolve(const struct ini_section *section, const char *path)
{
	g_autofree char *folder = g_path_get_dirname(ini_name(section->ini));
	char *real = realpath(folder, NULL);
	char *resolved = g_canonicalize_filename(path, real != NULL ? real : NULL);

	free(real);
	return resolved;
}

static void
replace_path(char **at, const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);

	if (value == NULL || value[0] == '\0')
		return;
	g_free(*at);
	*at = config_resolve(section, value);
}

static void
read_domains(struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "own_domains");
	GStrv domains = NULL;

	if (!ini_list(section, "own_domains", &domains, problems))
		return;
	for (guint i = 0; domains[i] != NULL; i++) {
		const char *at = strstr(entry->value, domains[i]);
		gsize offset = at != NULL ? (gsize)(at - entry->value) : 0;
		if (strpbrk(domains[i], "@*/: \t") != NULL)
			ini_problem(section, entry, offset, problems,
			    "write corp.example; what lies below it is meant too",
			    "'%s' is not a domain", domains[i]);
		char *lower = g_utf8_strdown(domains[i], -1);
		if (g_str_has_suffix(lower, "."))
			lower[strlen(lower) - 1] = '\0';
		g_free(domains[i]);
		domains[i] = lower;
	}
	g_strfreev(config->own_domains);
	config->own_domains = domains;
}

static void
read_zone(struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "timezone");

	if (entry == NULL)
		return;
	GTimeZone *zone = g_time_zone_new_identifier(entry->value);
	if (zone == NULL) {
		ini_problem(section, entry, 0, problems, "write Europe/Berlin, or UTC",
		    "time zone '%s' is not known on this system", entry->value);
		return;
	}
	g_time_zone_unref(config->zone);
	config->zone = zone;
	g_free(config->zone_name);
	config->zone_name = g_strdup(entry->value);
}

static void
read_general(struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *organisation = ini_get(section, "organisation");
	guint64 workers = 0;

	ini_check_keys(section, general_keys, problems);
	config_refuse_password(section, problems);
	if (organisation != NULL) {
		g_free(config->organisation);
		config->organisation = g_strdup(organisation);
	}
	read_domains(config, section, problems);
	read_zone(config, section, problems);
	replace_path(&config->data_dir, section, "data_dir");
	replace_path(&config->rules_dir, section, "rules_dir");
	config_read_packs(config, section, problems);
	config_read_copies(config, section, problems);
	ini_bool(section, "require_purpose", &config->require_purpose, problems);
	ini_uint(section, "workers", 1, WORKERS_MAX, &workers, problems);
	if (workers > 0)
		config->workers = config->replay_workers = (guint)workers;
}

static void
read_limits(struct config *config, const struct ini_section *section, struct problems *problems)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();

	for (const struct limit_row *row = limit_rows; row->key != NULL; row++) {
		guint64 *field = limits_field(&config->limits, row);
		g_ptr_array_add(keys, (gpointer)row->key);
		if (row->unit == LIMIT_BYTES)
			ini_size(section, row->key, row->min, row->max, field, problems);
		else /* seconds_per_message says its unit in its name */
			ini_uint(section, row->key, row->min, row->max, field, problems);
	}
	g_ptr_array_add(keys, (gpointer) "password");
	g_ptr_array_add(keys, NULL);
	ini_check_keys(section, (const char *const *)keys->pdata, problems);
	config_refuse_password(section, problems);
}

static void
read_engine(struct config *config, const struct ini_section *section, struct problems *problems)
{
	static const char *const keys[] = { "prefilter", "password", NULL };

	ini_check_keys(section, keys, problems);
	config_refuse_password(section, problems);
	ini_bool(section, "prefilter", &config->prefilter, problems);
}

/* One row for each kind of section; a prefix ends in a dot. */
struct kind {
	const char *name;
	void (*read)(
	    struct config *config, const struct ini_section *section, struct problems *problems);
	bool in_accounts_d;
};

static const struct kind kinds[] = {
	{ "general", read_general, false },
	{ "limits", read_limits, false },
	{ "engine", read_engine, false },
	{ "reading", config_read_reading, false },
	{ "report.", config_read_report, false },
	{ "output.", config_read_output, false },
	{ "smtp", config_read_smtp, false },
	{ "notify", config_read_notify, false },
	{ "metrics", config_read_metrics, false },
	{ "review", config_read_review, false },
	{ "account.", config_read_account, true },
	{ "mailboxes.", config_read_mailboxes, true },
	{ "roles", config_read_roles, false },
	{ "person.", config_read_person, false },
	{ "group.", config_read_group, false },
	{ "directory.", config_read_directory, false },
	{ "list.", config_read_list, false },
	{ "retention.", config_read_retention, false },
	{ "archive", config_read_archive, false },
	{ "ledger", config_read_ledger, false },
	{ "dkim", config_read_dkim, false },
};

static const struct kind *
kind_of(const char *section)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		bool prefix = g_str_has_suffix(kinds[i].name, ".");
		if (prefix ? g_str_has_prefix(section, kinds[i].name)
			   : strcmp(section, kinds[i].name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static void
unknown_section(const struct ini_section *section, struct problems *problems)
{
	static const char *const words[] = { "general", "engine", "limits", "reading", "report",
		"output", "smtp", "notify", "metrics", "review", "account", "mailboxes", "person",
		"group", "directory", "list", "roles", "retention", "archive", "ledger", "dkim",
		NULL };
	static const char *const named[] = { "account", "mailboxes", "person", "group", "directory",
		"list", "report", "output", "retention", NULL };
	g_auto(GStrv) halves = g_strsplit(section->name, ".", 2);
	const char *near = problem_did_you_mean(section->name, words);
	g_autofree char *mend = NULL;

	if (near == NULL && halves[0] != NULL)
		near = problem_did_you_mean(halves[0], words);
	if (near != NULL && g_strv_contains(named, near))
		mend = g_strdup_printf("did you mean [%s.%s]?", near,
		    halves[0] != NULL && halves[1] != NULL ? halves[1] : "NAME");
	else if (near != NULL)
		mend = g_strdup_printf("did you mean [%s]?", near);
	config_refuse_password(section, problems);
	ini_problem(section, NULL, 0, problems, mend, "section [%s] is not known", section->name);
}

static void
read_sections(
    struct config *config, const struct ini *ini, bool accounts_only, struct problems *problems)
{
	const GPtrArray *sections = ini_sections(ini);

	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = g_ptr_array_index(sections, i);
		const struct kind *kind = kind_of(section->name);
		if (kind == NULL) {
			unknown_section(section, problems);
		} else if (accounts_only && !kind->in_accounts_d) {
			config_refuse_password(section, problems);
			ini_problem(section, NULL, 0, problems, "move it to flagpost.ini",
			    "only [account.NAME] and [mailboxes.NAME] may stand in accounts.d, "
			    "not [%s]",
			    section->name);
		} else {
			kind->read(config, section, problems);
		}
	}
}

void
config_file_problem(const char *path, const GError *error, struct problems *problems)
{
	const char *text = error->message;
	gsize length = strlen(path);

	if (g_str_has_prefix(text, path) && g_str_has_prefix(text + length, ": "))
		text += length + 2;
	problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, NULL, "%s", text);
}

static struct ini *
read_file(const char *path, struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) text = ini_read(path, &error);

	if (text == NULL) {
		config_file_problem(path, error, problems);
		return NULL;
	}
	return ini_parse(path, text, problems);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
read_accounts_folder(struct config *config, struct problems *problems)
{
	g_autofree char *folder = g_path_get_dirname(config->path);
	g_autofree char *path = g_build_filename(folder, "accounts.d", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return;
	g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
	if (dir == NULL) {
		problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, NULL, "%s", error->message);
		return;
	}
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (name[0] != '.' && g_str_has_suffix(name, ".ini"))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file = g_build_filename(path, g_ptr_array_index(names, i), NULL);
		g_autoptr(ini) ini = read_file(file, problems);
		if (ini != NULL)
			read_sections(config, ini, true, problems);
	}
}

static gint
compare_accounts(gconstpointer a, gconstpointer b)
{
	const struct account *left = *(struct account *const *)a;
	const struct account *right = *(struct account *const *)b;

	return strcmp(left->name, right->name);
}

static const char *
default_path(struct problems *problems)
{
	if (g_file_test(CONFIG_DEFAULT_PATH, G_FILE_TEST_EXISTS))
		return CONFIG_DEFAULT_PATH;
	if (g_file_test(DEFAULT_LOCAL, G_FILE_TEST_EXISTS))
		return DEFAULT_LOCAL;
	problems_add(problems, PROBLEM_ERROR, CONFIG_DEFAULT_PATH, 0, 0, NULL,
	    "write one of the two, or name another with --config FILE",
	    "there is no configuration: neither this file nor ./" DEFAULT_LOCAL " exists");
	return NULL;
}

/* rules.d beside the file counts when nothing else is said, as in /etc/flagpost. */
static void
default_rules_dir(struct config *config, const struct ini *ini)
{
	const struct ini_section *general = ini_section(ini, "general");

	if (general != NULL && ini_entry(general, "rules_dir") != NULL)
		return;
	struct ini_section anywhere = { .ini = ini };
	g_autofree char *path = config_resolve(&anywhere, "rules.d");
	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_free(config->rules_dir);
		config->rules_dir = g_steal_pointer(&path);
	}
}

/* People have a right to know why their mail is read: without an answer it is not. */
static void
check_purposes(const struct config *config, struct problems *problems)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		/* The mailboxes of a list have one purpose. */
		if (account->purpose[0] != '\0' ||
		    (account->template[0] != '\0' && !g_hash_table_add(seen, account->template)))
			continue;
		problems_add(problems, config->require_purpose ? PROBLEM_ERROR : PROBLEM_WARNING,
		    account->file, account->line, 0, NULL,
		    "write purpose = WHY, AND BY WHOSE DECISION", "account '%s' has no purpose; %s",
		    account->name,
		    config->require_purpose ? "it is not polled unless [general] says "
					      "require_purpose = no"
					    : "the report names it beside the account");
	}
}

static void
check_whole(struct config *config, const struct ini *ini, struct problems *problems)
{
	const struct ini_section *general = ini_section(ini, "general");

	config_finish_reports(config, ini, problems);
	config_finish_notify(config, ini, problems);
	check_purposes(config, problems);
	if (config->own_domains[0] != NULL)
		return;
	const char *text = "own_domains is missing: what is inbound and outbound is unknown";
	const char *mend = "write own_domains = corp.example in [general]";
	if (general != NULL && ini_entry(general, "own_domains") == NULL)
		ini_warning(general, NULL, problems, mend, "%s", text);
	else if (general == NULL)
		problems_add(problems, PROBLEM_WARNING, config->path, 0, 0, NULL, mend, "%s", text);
}

struct config *
config_load(const char *path, struct problems *problems)
{
	guint before = problems_count(problems, PROBLEM_ERROR);

	if (path == NULL)
		path = default_path(problems);
	if (path == NULL)
		return NULL;
	g_autoptr(config) config = config_new();
	g_free(config->path);
	config->path = g_strdup(path);
	g_autoptr(ini) ini = read_file(path, problems);
	if (ini != NULL) {
		read_sections(config, ini, false, problems);
		default_rules_dir(config, ini);
	}
	read_accounts_folder(config, problems);
	config_finish_accounts(config, problems);
	config_finish_directories(config, problems);
	if (ini != NULL)
		check_whole(config, ini, problems);
	g_ptr_array_sort(config->accounts, compare_accounts);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return NULL;
	return g_steal_pointer(&config);
}
