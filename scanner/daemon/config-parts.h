/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CONFIG_PARTS_H
#define FLAGPOST_DAEMON_CONFIG_PARTS_H
/*
 * config-parts - what the files that make up config share; nobody else includes it.
 */
#include "base/ini.h"
#include "daemon/config.h"

/* A path as it stands in an INI file, made absolute: relative ones begin at that file. */
char *config_resolve(const struct ini_section *section, const char *path);

/* Adds a file's own error, whose text begins with the path already, at that file. */
void config_file_problem(const char *path, const GError *error, struct problems *problems);

/* A name behind the dot of "account.hq": 1 to 64 of a-z, A-Z, 0-9, '-', '_', '.'; else a problem.
 */
const char *config_section_name(const struct ini_section *section, struct problems *problems);

/* Refuses a password that stands in the file, without quoting it. */
void config_refuse_password(const struct ini_section *section, struct problems *problems);

#define CONFIG_MEND_PASSWORD "write password_file = PATH (mode 0600) or credential = NAME"
/*
 * Reads where a secret lies and refuses one that stands here. what names its owner in problems.
 * False when no secret was tried to be named at all.
 */
bool config_read_secret(const struct ini_section *section, const char *what, char **password_file,
    char **credential, struct problems *problems);

/* How it proves who it is: all of an account's keys that matter for logging in. */
void config_read_auth(
    struct account *account, const struct ini_section *section, struct problems *problems);

/*
 * Reads one [mailboxes.NAME], whose account may stand further down. config_finish_accounts comes
 * behind all sections: it makes the accounts of the lists and drops those that were only there to
 * be made many of.
 */
void config_read_mailboxes(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_finish_accounts(struct config *config, struct problems *problems);
void config_mailboxes_free(struct config_mailboxes *list);

/* Reads one [account.NAME] and adds it, unless the name is taken. */
void config_read_account(
    struct config *config, const struct ini_section *section, struct problems *problems);

/* The sections that stand for people and words rather than for machines. */
void config_read_person(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_read_roles(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_read_group(
    struct config *config, const struct ini_section *section, struct problems *problems);
/* [directory.NAME]; [group.NAME] with directory, whose server may stand further down. */
void config_read_directory(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_read_directory_group(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_finish_directories(struct config *config, struct problems *problems);
void config_read_list(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_read_retention(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_copies_init(struct config_copies *copies);
void config_copies_clear(struct config_copies *copies);
void config_read_copies(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_check_copies(const struct config *config, struct problems *problems);

void config_ledger_clear(struct config_ledger *ledger);
void config_read_ledger(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_dkim_init(struct config_dkim *dkim);
void config_dkim_clear(struct config_dkim *dkim);
void config_read_dkim(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_read_archive(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_read_output(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_read_report(
    struct config *config, const struct ini_section *section, struct problems *problems);
struct config_report *config_report_new(const char *name);
void config_report_free(struct config_report *report);
/* Behind all sections, since those that [report.NAME] speaks of may stand below it. */
void config_finish_reports(struct config *config, const struct ini *ini, struct problems *problems);

void config_read_metrics(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_read_review(
    struct config *config, const struct ini_section *section, struct problems *problems);
void config_read_notify(
    struct config *config, const struct ini_section *section, struct problems *problems);
struct config_notify *config_notify_new(void);
void config_notify_free(struct config_notify *notify);
void config_finish_notify(struct config *config, const struct ini *ini, struct problems *problems);
/* to = PERSON, ...: adds them, as struct config_person that stay persons'. */
void config_read_readers(struct config *config, GPtrArray *to, const struct ini_section *section,
    struct problems *problems);

void config_read_reading(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_read_smtp(
    struct config *config, const struct ini_section *section, struct problems *problems);

void config_person_free(struct config_person *person);
void config_list_free(struct config_list *list);

/* [general] packs: whether there are such packs is known when the rules are read. */
void config_read_packs(
    struct config *config, const struct ini_section *section, struct problems *problems);

#endif
