/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CONFIG_H
#define FLAGPOST_DAEMON_CONFIG_H
/*
 * config - flagpost.ini and the files of accounts.d beside it, checked and turned into values.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/limits.h"
#include "base/problem.h"
#include "base/reading.h"
#include "daemon/password.h"
#include "deliver/smtp.h"
#include "deliver/target.h"
#include "fetchers/directory.h"
#include "mail/account.h"
#include "mail/words.h"
#include "rules/sources.h"

#define CONFIG_DEFAULT_PATH "/etc/flagpost/flagpost.ini"

/* What somebody may do who is named in [person.NAME]. */
enum config_role {
	CONFIG_OFFICER,       /* reads mail: of all accounts, or of some */
	CONFIG_ADMINISTRATOR, /* sees accounts and passes, reads no mail unless [roles] says so */
	CONFIG_USER,          /* reads what he sent or received */
};
extern const char *const config_role_words[]; /* "officer", ... NULL-terminated */

struct config_person {
	char *name, *mail;
	char *login; /* of this system; the name unless it is written */
	enum config_role role;
	GStrv accounts;    /* an officer's; globs; NULL: all */
	GStrv addresses;   /* all that are his, mail included */
	char *openpgp_key; /* path of his public key: mail to him is encrypted; NULL: it is not */
};

/* [mailboxes.NAME]: the list that turned an account into many. */
struct config_mailboxes {
	char *name, *account, *path, *group;
	char *file; /* where it is configured */
	guint line;
};

enum config_period { CONFIG_DAILY, CONFIG_WEEKLY, CONFIG_MONTHLY };
extern const char *const config_period_words[]; /* "daily", ... NULL-terminated */

/* [report.NAME]: a report that the service writes, and whom it mails it to. */
struct config_report {
	char *name;
	enum config_period period; /* of the name, where that is a period */
	gint minute;               /* at, minutes after midnight; -1: it is not written */
	GStrv formats;
	char *confidential, *legal_basis; /* sentences for its head; NULL: none */
	bool pseudonyms;                  /* nobody of one's own is named */
	bool people;                      /* the page counts by author and domain */
	guint masked;                     /* percent of a match that is hidden; 0: as usual */
	bool attach;                      /* mailed with its files, else as a summary alone */
	char *rule, *account, *group;     /* what it is limited to; NULL: nothing */
	GPtrArray *to; /* of struct config_person, borrowed from persons: who is mailed */
};

/* [notify] */
struct config_notify {
	GPtrArray *to;          /* of struct config_person, borrowed from persons */
	enum severity severity; /* flags of it and above, where their rule says nothing else */
	guint at_most;          /* mails an hour; what is beyond waits for the next one */
};

/* [ledger]: who time-stamps its head */
struct config_ledger {
	char *tsa;         /* an address; NULL: nobody */
	char *tsa_ca_file; /* certificates that its signer's must lead to, PEM; NULL: none */
	char *ca_file;     /* those of its server's own; NULL: the system's */
};

/* [dkim]: whether keys of signatures are asked for; whose results are our own servers' */
struct config_dkim {
	bool keys;
	GStrv trusted;  /* names in Authentication-Results, lower case; never NULL */
	char *resolver; /* "192.0.2.1:53"; "": those of the system */
};

/* [archive] */
struct config_archive {
	bool monthly;        /* the service archives months that are over */
	guint form;          /* enum archiving_form */
	char *password_file; /* path, or NULL */
	char *keys_file;     /* the recipients' public keys, or NULL */
	struct password_policy policy;
};

/* [general]: the form of copies; what is not written is "" or empty. */
struct config_copies {
	bool encrypt;
	char *key_file, *credential; /* where the key of new copies lies */
	GStrv old_keys;              /* files of keys that older copies are sealed with */
	guint64 compress_after;      /* seconds; 0: never */
};

struct config {
	char *path; /* of flagpost.ini; "" for built-in defaults (scan without a configuration) */
	char *organisation;
	GStrv own_domains; /* lower case */
	char *zone_name;
	GTimeZone *zone;
	char *data_dir;
	char *rules_dir; /* the administrator's; "" for none */
	GStrv packs;     /* [general] packs: names, or CONFIG_PACKS_ALL */
	guint packs_line;
	struct limits limits;
	struct reading reading;
	bool prefilter; /* [engine] prefilter: patterns are prefiltered where that can be */
	bool administrators_read; /* [roles] */
	bool reasons;             /* who opens mail must say why */
	bool four_eyes;           /* content opens when a second officer has agreed */
	bool strangers;           /* logins without a [person] see all, as officers do */
	char *as;                 /* --as: the person for whom a command acts; NULL: the login */
	guint workers;            /* scan workers; default: processors, at most 8 */
	guint replay_workers;     /* the same; default: all processors, at most 64 */
	GPtrArray *accounts;      /* of struct account, by name; mailboxes as "hq/anna" */
	GPtrArray *mailboxes;     /* of struct config_mailboxes */
	GPtrArray *persons;       /* of struct config_person */
	GHashTable *groups;       /* char * -> GStrv of addresses */
	GPtrArray *servers;       /* of struct directory: [directory.NAME] */
	GPtrArray *directories;   /* of struct directory: a group each, see daemon/directories.h */
	GPtrArray *lists;         /* of struct config_list */
	GPtrArray *retention;     /* of struct retention_rule; none: all is kept for good */
	GPtrArray *reports;       /* of struct config_report; the first is the daily one */
	GPtrArray *outputs;       /* of struct target: where flags go as they come */
	bool require_purpose;     /* [general] */
	struct config_archive archive;
	struct config_ledger ledger;
	struct config_dkim dkim;
	struct config_copies copies;
	char *metrics_file; /* [metrics] textfile; NULL: none */
	guint64 metrics_every_s;
	struct {
		guint sample_ppm;     /* of a million messages without a flag; 0: none */
		guint at_most;        /* of a day */
	} review;                     /* [review] */
	struct config_notify *notify; /* NULL: nobody is mailed at once */
	struct smtp *smtp;            /* NULL: nothing is mailed, and nobody stands in `to` */
};

struct config_list {
	char *name, *path;
};

/*
 * path NULL: CONFIG_DEFAULT_PATH, else ./flagpost.ini. NULL after problems of level error, which
 * name file, line, column and mend. Relative paths in it are relative to the file they stand in.
 */
struct config *config_load(const char *path, struct problems *problems);
/* Built-in values for commands that work without a file. */
struct config *config_new(void);
void config_free(struct config *config);
AUTO_DEFINE(config, config_free)

/* [report.daily], also where it is not written: what reports made by hand begin with. */
const struct config_report *config_daily(const struct config *config);
/* What the configuration says about a report, and about the daily one; the window is the
 * caller's. */
struct report_options;
void config_report(const struct config *config, struct report_options *out);
void config_report_of(
    const struct config *config, const struct config_report *report, struct report_options *out);

const struct account *config_account(const struct config *config, const char *name); /* or NULL */
/* By the name of its section, [person.NAME]; or NULL. */
const struct config_person *config_person(const struct config *config, const char *name);

/*
 * Reads the rules that ship, then those of rules_dir (or those of only_dir alone when it is
 * given), lists and groups. NULL after problems. Sealed.
 */
struct sources *config_sources(
    const struct config *config, const char *only_dir, struct problems *problems);
/* Names of all packs of those folders, sorted: of char *. Which are on says config->packs. */
#define CONFIG_PACKS_ALL "all"
GPtrArray *config_packs(const struct config *config, const char *only_dir);
bool config_pack_is_on(const struct config *config, const char *pack);
/* "cards, germany" of a command line in place of what the file says. */
void config_set_packs(struct config *config, const char *names);
/* The folder of the rules that ship: installed, else that of the source tree. */
const char *config_shipped_rules(void);

/* Secrets readable by the wrong people, folders not writable, ...; touches no network. */
void config_check_permissions(const struct config *config, struct problems *problems);

#endif
