/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "folder.h"

#define SMTP    "[smtp]\nurl = smtp://mail.corp.example\nfrom = f@corp.example\n"
#define OFFICER "[person.officer]\nmail = o@corp.example\n"
#define GENERAL "[general]\nown_domains = corp.example\n"
#define ACCOUNT                                                                                    \
	"[account.hq]\nurl = imaps://mail.corp.example\nuser = scanner\n"                          \
	"password_file = hq\npurpose = test\n"

static const struct {
	const char *label;
	const char *main;     /* flagpost.ini */
	const char *accounts; /* accounts.d/a.ini, or NULL */
	enum problem_level level;
	const char *file; /* what its name ends in */
	guint line, column;
	const char *text, *mend; /* parts of them; mend "" for any */
} mistakes[] = {
	{ "a password in the file is refused, with the reason and the mend",
	    GENERAL
	    "[account.hq]\nurl = imaps://m.example\nuser = s\npassword = tiger\npurpose = x\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 6, 12, "a password in this file is refused",
	    "password_file" },
	{ "so is one in a section where nobody would look for it",
	    "[general]\nown_domains = a.example\npassword = tiger\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 12, "a password in this file is refused", "credential" },
	{ "a misspelt key names its neighbour", "[general]\nown_domain = corp.example\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 2, 0, "own_domain", "own_domains" },
	{ "a key of a later version is unknown, not ignored", GENERAL ACCOUNT "budgets = 1G\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 8, 0, "budgets", "" },
	{ "a misspelt section names its neighbour", GENERAL "[acount.hq]\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 0, "section [acount.hq] is not known", "[account.hq]" },
	{ "a time zone that the system does not know",
	    "[general]\nown_domains = a.example\ntimezone = Europe/Berlyn\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 12, "time zone 'Europe/Berlyn' is not known", "Europe/Berlin" },
	{ "an address where a domain belongs, at its place in the list",
	    "[general]\nown_domains = a.example, anna@b.example\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 2, 26, "'anna@b.example' is not a domain", "corp.example" },
	{ "directions are unknown without own domains", "[general]\norganisation = X\n", NULL,
	    PROBLEM_WARNING, "flagpost.ini", 1, 0, "own_domains is missing", "own_domains =" },
	{ "what is not the name of a pack", GENERAL "packs = cards, ../x\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 9, "'../x' is not the name of a pack", "lower-case" },
	{ "too many workers", GENERAL "workers = 1000\n", NULL, PROBLEM_ERROR, "flagpost.ini", 3,
	    11, "", "" },
	{ "an account without an address", GENERAL "[account.hq]\nuser = s\npassword_file = hq\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 3, 0, "account 'hq' has no url", "imaps://" },
	{ "a password in the address",
	    GENERAL
	    "[account.hq]\nurl = imaps://anna:tiger@m.example\nuser = s\npassword_file = hq\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 4, 7, "", "" },
	{ "an account without a user",
	    GENERAL "[account.hq]\nurl = imaps://m.example\npassword_file = hq\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "account 'hq' has no user", "user =" },
	{ "an account without a secret",
	    GENERAL "[account.hq]\nurl = imaps://m.example\nuser = s\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 0, "neither password_file nor credential", "0600" },
	{ "an account with two secrets", GENERAL ACCOUNT "credential = hq\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 8, 14, "both a password_file and a credential", "one of the two" },
	{ "a credential is a name, not a way out of its folder",
	    GENERAL "[account.hq]\nurl = imaps://m.example\nuser = s\ncredential = ../x\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 6, 14, "is not a name", "LoadCredential" },
	{ "an account without a purpose is not polled",
	    GENERAL "[account.hq]\nurl = imaps://m.example\nuser = s\npassword_file = hq\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "it is not polled unless", "purpose =" },
	{ "unless the configuration says so: then the report names it",
	    GENERAL "require_purpose = no\n"
		    "[account.hq]\nurl = imaps://m.example\nuser = s\npassword_file = hq\n",
	    NULL, PROBLEM_WARNING, "flagpost.ini", 4, 0, "has no purpose; the report",
	    "purpose =" },
	{ "an interval without a unit", GENERAL ACCOUNT "every = 10\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 8, 9, "", "" },
	{ "who has no IDLE cannot be watched",
	    GENERAL "[account.hq]\nurl = pop3s://m.example\nuser = s\npassword_file = hq\n"
		    "watch = yes\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 7, 9, "cannot be watched", "remove it" },
	{ "a word that keep does not know", GENERAL ACCOUNT "keep = hit\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 8, 8, "hit", "hits" },
	{ "the same account in two files: both places are named", GENERAL ACCOUNT, ACCOUNT,
	    PROBLEM_ERROR, "accounts.d/a.ini", 1, 0, "flagpost.ini:3", "remove or rename" },
	{ "only accounts stand in accounts.d", GENERAL, "[limits]\ndepth = 3\n", PROBLEM_ERROR,
	    "accounts.d/a.ini", 1, 0,
	    "only [account.NAME] and [mailboxes.NAME] may stand in accounts.d", "flagpost.ini" },
	{ "a password is no reason for a client", GENERAL ACCOUNT "client_id = x\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 8, 13, "client_id means nothing with auth = password",
	    "oauth-client" },
	{ "a client without its name", GENERAL ACCOUNT "auth = oauth-client\ntenant = t\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "no client_id", "client_id =" },
	{ "tokens come from somewhere", GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 3, 0, "where tokens come from", "tenant" },
	{ "and from one place",
	    GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\ntenant = t\n"
			    "token_url = https://t.example/x\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 10, 10, "both a token_url and a tenant", "one" },
	{ "a secret does not go out in clear",
	    GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\ntoken_url = http://t.example/x\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 10, 13, "does not begin with https://", "https" },
	{ "nor stands in an address",
	    GENERAL ACCOUNT
	    "auth = oauth-client\nclient_id = c\ntoken_url = https://a:b@t.example/x\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 10, 13, "a user or a password", "https" },
	{ "a tenant is no path",
	    GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\ntenant = ../t\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 10, 10, "is not a tenant", "id" },
	{ "a refresh token comes from people",
	    GENERAL ACCOUNT "auth = oauth-refresh\nclient_id = c\ntenant = t\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "no refresh_token_file", "consent" },
	{ "an assertion is signed with a key, not with a password",
	    GENERAL ACCOUNT "auth = oauth-service\nclient_id = c\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 6, 17, "password_file means nothing", "remove" },
	{ "a key is needed",
	    GENERAL "[account.hq]\nurl = imaps://m.example\nuser = s\nauth = oauth-service\n"
		    "client_id = c\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 3, 0, "neither key_file nor credential", "PEM" },
	{ "a token does not act as somebody: it is for a mailbox",
	    GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\ntenant = t\nact_as = a\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 11, 10, "act_as means nothing", "user = MAILBOX" },
	{ "a mechanism for tokens without one", GENERAL ACCOUNT "mechanism = xoauth2\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 8, 13, "does not go with auth = password", "oauth" },
	{ "and the other way round",
	    GENERAL ACCOUNT "auth = oauth-client\nclient_id = c\ntenant = t\nmechanism = plain\n",
	    NULL, PROBLEM_ERROR, "flagpost.ini", 11, 13, "does not go with auth = oauth-client",
	    "xoauth2" },
	{ "a mechanism that drops the other's name",
	    GENERAL ACCOUNT "act_as = anna\nmechanism = cram-md5\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 9, 13, "cannot name the mailbox of another", "plain" },
	{ "a separator in the name: another would log in",
	    GENERAL ACCOUNT "act_as = anna*root\nmaster_separator = *\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 8, 10, "holds the master_separator", "alone" },
	{ "a separator and nobody to act as", GENERAL ACCOUNT "master_separator = *\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "no act_as", "act_as =" },
	{ "a key in hex is no pin", GENERAL ACCOUNT "pinned_key = sha256//00ff\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 8, 14, "base64 of 32 bytes", "--connect" },
	{ "mailboxes of no account", GENERAL, "[mailboxes.sales]\naccount = hq\nfile = x\n",
	    PROBLEM_ERROR, "accounts.d/a.ini", 1, 0, "there is no account 'hq'", "[account.NAME]" },
	{ "mailboxes of no list", GENERAL ACCOUNT, "[mailboxes.sales]\naccount = hq\nfile = x\n",
	    PROBLEM_ERROR, "accounts.d/a.ini", 1, 0, "list of mailboxes: ", "" },
	{ "mailboxes without a list", GENERAL ACCOUNT, "[mailboxes.sales]\naccount = hq\n",
	    PROBLEM_ERROR, "accounts.d/a.ini", 1, 0, "names no list", "file =" },
	{ "a person without an address", GENERAL "[person.officer]\nmail = officer\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 8, "is not one address", "NAME@DOMAIN" },
	{ "a group with a member that is no address",
	    GENERAL "[group.sales]\nmembers = a@x.example, bob\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 4, 24, "'bob' is not one address", "NAME@DOMAIN" },
	{ "a group of nobody", GENERAL "[group.sales]\n", NULL, PROBLEM_ERROR, "flagpost.ini", 3, 0,
	    "needs members or file", "members" },
	{ "a report at a time that no clock shows", GENERAL "[report.daily]\nat = 24:00\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 6, "not a time of the day", "06:30" },
	{ "a report in an unknown form", GENERAL "[report.daily]\nformats = html, cvs\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 17, "'cvs' is not known", "csv" },
	{ "a report for a person who has no section",
	    GENERAL "[report.daily]\nto = oficer\n[person.officer]\nmail = o@x.example\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 6, "person 'oficer' has no section", "officer" },
	{ "a report by mail without a server that takes it",
	    GENERAL OFFICER "[report.daily]\nto = officer\n", NULL, PROBLEM_ERROR, "flagpost.ini",
	    6, 6, "there is no section [smtp]", "smtps://" },
	{ "a report twice for one person",
	    GENERAL SMTP OFFICER "[report.daily]\nto = officer, officer\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 9, 15, "stands here twice", "remove" },
	{ "a reader whose address cannot stand in an envelope",
	    GENERAL SMTP "[person.o]\nmail = \303\266@x.example\n[report.daily]\nto = o\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 9, 6, "ASCII", "xn--" },
	{ "a server for mail without an address", GENERAL "[smtp]\nfrom = f@corp.example\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "smtp has no url", "smtps://" },
	{ "one that speaks another protocol",
	    GENERAL "[smtp]\nurl = imaps://m.example\nfrom = f@corp.example\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 4, 7, "smtps:// or smtp://", "" },
	{ "mail from nobody", GENERAL "[smtp]\nurl = smtp://m.example\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 3, 0, "smtp has no from", "from =" },
	{ "a sender with a name where an address belongs",
	    GENERAL "[smtp]\nurl = smtp://m.example\nfrom = F <f@x.example>\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 5, 8, "holds a blank", "from =" },
	{ "a login without a password", GENERAL SMTP "user = f\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 6, 8, "neither password_file nor credential", "0600" },
	{ "a password without a login", GENERAL SMTP "password_file = secrets/mail\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 0, "a password, but no user", "user =" },
	{ "a password in the section of the mail server",
	    GENERAL SMTP "user = f\npassword = tiger\n", NULL, PROBLEM_ERROR, "flagpost.ini", 7, 12,
	    "a password in this file is refused", "password_file" },
	{ "a misspelt key of the mail server", GENERAL SMTP "ca_flie = x\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 6, 0, "ca_flie", "ca_file" },
	{ "the mail server stands in flagpost.ini alone", GENERAL, SMTP, PROBLEM_ERROR,
	    "accounts.d/a.ini", 1, 0,
	    "only [account.NAME] and [mailboxes.NAME] may stand in accounts.d", "" },
	{ "a limit under its floor", GENERAL "[limits]\nmessage = 1\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 4, 11, "", "" },
	{ "an unknown limit", GENERAL "[limits]\nmesage = 10M\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 4, 0, "mesage", "message" },
	{ "a key of reading that is not known", GENERAL "[reading]\nocr_language = eng\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 0, "ocr_language", "ocr_languages" },
	{ "neither yes nor no", GENERAL "[reading]\nocr = maybe\n", NULL, PROBLEM_ERROR,
	    "flagpost.ini", 4, 7, "neither yes nor no", "" },
	{ "passwords do not stand there either", GENERAL "[reading]\npassword = tiger\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 4, 12, "a password in this file is refused", "" },
	{ "what iniparser would cut in silence", GENERAL "organisation = A; B\n", NULL,
	    PROBLEM_ERROR, "flagpost.ini", 3, 17, "", "" },
};

static bool
is_expected(const struct problem *problem, gsize i)
{
	return problem->level == mistakes[i].level &&
	       g_str_has_suffix(problem->file, mistakes[i].file) &&
	       problem->line == mistakes[i].line &&
	       (mistakes[i].column == 0 || problem->column == mistakes[i].column) &&
	       strstr(problem->text, mistakes[i].text) != NULL &&
	       (mistakes[i].mend[0] == '\0' ||
		   (problem->mend != NULL && strstr(problem->mend, mistakes[i].mend) != NULL) ||
		   strstr(problem->text, mistakes[i].mend) != NULL);
}

static void
check_mistake(gsize i)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "flagpost.ini", mistakes[i].main);
	if (mistakes[i].accounts != NULL)
		g_free(put_file(folder, "accounts.d/a.ini", mistakes[i].accounts));
	g_autoptr(problems) problems = problems_new();
	bool found = false;

	g_test_message("%s", mistakes[i].label);
	g_autoptr(config) config = config_load(path, problems);
	for (guint k = 0; k < problems_total(problems); k++) {
		const struct problem *problem = problems_get(problems, k);
		g_test_message("  %s:%u:%u: %s (%s)", problem->file, problem->line, problem->column,
		    problem->text, problem->mend != NULL ? problem->mend : "");
		found |= is_expected(problem, i);
		g_assert_null(strstr(problem->text, "tiger"));
		if (problem->source != NULL && strstr(mistakes[i].main, "password = ") != NULL)
			g_assert_null(strstr(problem->source, "tiger"));
	}
	g_assert_true(found);
	g_assert_cmpint(config == NULL, ==, mistakes[i].level == PROBLEM_ERROR);
	remove_tree(folder);
}

static void
test_mistakes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++)
		check_mistake(i);
}

static const char whole[] = "[general]\n"
			    "organisation = Example Corp\n"
			    "own_domains = Corp.Example, corp-mail.example\n"
			    "timezone = Europe/Berlin\n"
			    "data_dir = ../data\n"
			    "rules_dir = rules\n"
			    "workers = 3\n"
			    "[person.officer]\n"
			    "mail = officer@corp.example\n"
			    "role = officer\n"
			    "[group.sales]\n"
			    "members = anna@corp.example, bob@corp.example\n"
			    "[group.board]\n"
			    "file = board.txt\n"
			    "[list.competitors]\n"
			    "file = lists/rivals.txt\n"
			    "[report.daily]\n"
			    "at = 06:30\n"
			    "formats = html, json\n"
			    "to = officer\n"
			    "[smtp]\n"
			    "url = smtp://mail.corp.example:2525\n"
			    "from = flagpost@corp.example\n"
			    "user = flagpost\n"
			    "password_file = secrets/mail\n"
			    "ca_file = ca.pem\n"
			    "[limits]\n"
			    "message = 50M\n"
			    "seconds_per_message = 5\n"
			    "[account.zentrale]\n"
			    "url = imaps://mail.corp.example:993\n"
			    "user = scanner\n"
			    "password_file = secrets/hq\n"
			    "ca_file = ca.pem\n"
			    "folders = *, !Spam\n"
			    "keep = all\n"
			    "every = 15m\n"
			    "watch = yes\n"
			    "group = sales\n"
			    "purpose = Trade secrets\n";

static void
check_values(const struct config *config, const char *folder)
{
	g_autofree char *etc = g_build_filename(folder, "etc", NULL);
	g_autofree char *data = g_build_filename(folder, "data", NULL);
	g_autofree char *rules = g_build_filename(etc, "rules", NULL);
	g_autofree char *rivals = g_build_filename(etc, "lists", "rivals.txt", NULL);
	g_autofree char *secret = g_build_filename(etc, "secrets", "hq", NULL);
	g_autofree char *mail = g_build_filename(etc, "secrets", "mail", NULL);

	g_assert_cmpuint(config_daily(config)->to->len, ==, 1);
	g_assert_true(g_ptr_array_index(config_daily(config)->to, 0) ==
		      g_ptr_array_index(config->persons, 0));
	g_assert_cmpstr(config->smtp->host, ==, "mail.corp.example");
	g_assert_cmpuint(config->smtp->port, ==, 2525);
	g_assert_true(config->smtp->starttls);
	g_assert_cmpstr(config->smtp->user, ==, "flagpost");
	g_assert_cmpstr(config->smtp->password_file, ==, mail);
	g_assert_cmpstr(config->organisation, ==, "Example Corp");
	g_assert_cmpstr(config->own_domains[0], ==, "corp.example");
	g_assert_cmpstr(config->own_domains[1], ==, "corp-mail.example");
	g_assert_cmpstr(config->zone_name, ==, "Europe/Berlin");
	g_assert_cmpstr(config->data_dir, ==, data);
	g_assert_cmpstr(config->rules_dir, ==, rules);
	g_assert_cmpuint(config->workers, ==, 3);
	g_assert_cmpuint(config->persons->len, ==, 1);
	g_assert_cmpint(config_daily(config)->minute, ==, 390);
	g_assert_cmpstr(config_daily(config)->formats[1], ==, "json");
	g_assert_cmpuint(config->limits.message, ==, 50 * 1024 * 1024);
	g_assert_cmpuint(config->limits.seconds_per_message, ==, 5);
	const struct config_list *list = g_ptr_array_index(config->lists, 0);
	g_assert_cmpstr(list->path, ==, rivals);
	GStrv board = g_hash_table_lookup(config->groups, "board");
	g_assert_cmpstr(board[0], ==, "chair@corp.example");
	g_assert_null(board[1]);

	g_test_message("accounts stand in name order, wherever they were written");
	g_assert_cmpuint(config->accounts->len, ==, 2);
	g_assert_true(g_ptr_array_index(config->accounts, 0) == config_account(config, "branch"));
	const struct account *account = config_account(config, "zentrale");
	g_assert_cmpstr(account->password_file, ==, secret);
	g_assert_cmpstr(account->folders[1], ==, "!Spam");
	g_assert_cmpint(account->keep, ==, KEEP_ALL);
	g_assert_cmpuint(account->every_seconds, ==, 900);
	g_assert_true(account->watch);
	g_assert_cmpstr(account->group, ==, "sales");
	g_assert_cmpuint(account->line, ==, 30);
}

static void
test_values(void)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "etc/flagpost.ini", whole);
	g_free(put_file(folder, "etc/board.txt", "# the board\n\nchair@corp.example\n"));
	g_free(put_file(folder, "etc/accounts.d/20-branch.ini",
	    "[account.branch]\nurl = pop3s://pop.corp.example\nuser = b\ncredential = branch\n"
	    "purpose = Trade secrets\n"));
	g_free(put_file(folder, "etc/accounts.d/branch.ini.bak", "rubbish\n"));
	g_autoptr(problems) problems = problems_new();
	g_autoptr(config) config = config_load(path, problems);

	problems_print(problems, stderr, false);
	g_assert_cmpuint(problems_total(problems), ==, 0);
	g_assert_nonnull(config);
	check_values(config, folder);
	remove_tree(folder);
}

/* Pictures are read where the program was built for it, and said to be unreadable where not. */
static void
test_reading(void)
{
	static const struct {
		const char *label, *text;
		const char *languages; /* NULL: refused */
		const char *says;
		guint column;
	} cases[] = {
		{ "not asked for", "", "", NULL, 0 },
		{ "no", "[reading]\nocr = no\nocr_languages = eng\n", "", NULL, 0 },
		{ "yes, in the language that comes with it", "[reading]\nocr = yes\n", "eng", NULL,
		    0 },
		{ "two names of it", "[reading]\nocr = yes\nocr_languages = eng, eng\n", "eng+eng",
		    NULL, 0 },
		{ "one that is not installed, at its place",
		    "[reading]\nocr = yes\nocr_languages = eng, tlh_Piqd\n", NULL,
		    "there is no tlh_Piqd.traineddata", 22 },
		{ "a way to another folder", "[reading]\nocr = yes\nocr_languages = ../eng\n", NULL,
		    "'../eng' is not the name of a language", 17 },
	};
	bool built = g_strcmp0(g_getenv("FLAGPOST_OCR"), "1") == 0;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *main = g_strconcat(GENERAL, cases[i].text, NULL);
		g_autofree char *path = put_file(folder, "flagpost.ini", main);
		g_autoptr(problems) problems = problems_new();
		g_autoptr(config) config = config_load(path, problems);
		bool asked = strstr(cases[i].text, "ocr = yes") != NULL;
		const char *says = asked && !built ? "built without" : cases[i].says;
		g_test_message("%s", cases[i].label);
		if (says == NULL) {
			g_assert_nonnull(config);
			g_assert_cmpstr(config->reading.ocr_languages, ==, cases[i].languages);
		} else {
			const struct problem *problem = problems_get(problems, 0);
			g_assert_null(config);
			g_assert_nonnull(strstr(problem->text, says));
			if (built)
				g_assert_cmpuint(problem->column, ==, cases[i].column);
		}
		remove_tree(folder);
	}
}

static void
test_permissions(void)
{
	static const struct {
		const char *label;
		unsigned mode;
		const char *says; /* NULL: nothing */
	} cases[] = {
		{ "its owner alone", 0600, NULL },
		{ "its group may read it", 0640, "has mode 0640" },
		{ "its owner, who cannot even write it", 0400, NULL },
		{ "everybody may read it", 0644, "has mode 0644" },
		{ "the group may change it", 0660, "has mode 0660" },
		{ "everybody may do everything", 0777, "has mode 0777" },
	};
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "flagpost.ini", GENERAL "data_dir = d\n" ACCOUNT);
	g_autofree char *secret = put_file(folder, "hq", "tiger\n");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(config) config = config_load(path, problems);
		g_test_message("%s", cases[i].label);
		g_assert_nonnull(config);
		g_assert_cmpint(g_chmod(secret, (int)cases[i].mode), ==, 0);
		config_check_permissions(config, problems);
		g_assert_cmpuint(problems_total(problems), ==, cases[i].says != NULL ? 1 : 0);
		if (cases[i].says == NULL)
			continue;
		const struct problem *problem = problems_get(problems, 0);
		g_assert_nonnull(strstr(problem->text, cases[i].says));
		g_assert_nonnull(strstr(problem->mend, "chmod 0600"));
		g_assert_cmpuint(problem->line, ==, 4);
	}
	remove_tree(folder);
}

static void
test_missing_secret(void)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "flagpost.ini",
	    GENERAL "data_dir = d\n" ACCOUNT SMTP "user = f\npassword_file = mail\n");
	g_autoptr(problems) problems = problems_new();
	g_autoptr(config) config = config_load(path, problems);

	config_check_permissions(config, problems);
	g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, 2);
	g_assert_nonnull(strstr(problems_get(problems, 0)->text, "No such file"));
	g_assert_nonnull(strstr(problems_get(problems, 1)->text, "smtp: password file"));
	g_assert_cmpuint(problems_get(problems, 1)->line, ==, 9);
	remove_tree(folder);
}

static void
test_default_path(void)
{
	g_autofree char *folder = fresh_folder(), *before = g_get_current_dir();

	if (g_file_test(CONFIG_DEFAULT_PATH, G_FILE_TEST_EXISTS)) {
		g_test_skip(CONFIG_DEFAULT_PATH " exists here");
		return;
	}
	g_assert_cmpint(g_chdir(folder), ==, 0);
	g_autoptr(problems) none = problems_new();
	g_assert_null(config_load(NULL, none));
	g_assert_cmpuint(problems_total(none), ==, 1);
	g_assert_nonnull(strstr(problems_get(none, 0)->file, "/etc/flagpost/flagpost.ini"));
	g_assert_nonnull(strstr(problems_get(none, 0)->text, "./flagpost.ini"));

	g_free(put_file(folder, "flagpost.ini", GENERAL));
	g_autoptr(problems) problems = problems_new();
	g_autoptr(config) config = config_load(NULL, problems);
	g_assert_nonnull(config);
	g_assert_cmpstr(config->path, ==, "flagpost.ini");
	g_assert_true(g_path_is_absolute(config->data_dir));
	g_assert_cmpint(g_chdir(before), ==, 0);
	remove_tree(folder);
}

static void
test_sources(void)
{
	g_autofree char *folder = fresh_folder();
	g_free(put_file(folder, "rules/10-a.ini", "[rule]\nid = a\n"));
	g_free(put_file(folder, "lists/rivals.txt", "rival.example\n"));
	g_autofree char *path = put_file(folder, "flagpost.ini",
	    GENERAL
	    "[list.rivals]\nfile = lists/rivals.txt\n[group.sales]\nmembers = a@x.example\n");
	g_autofree char *rules = g_build_filename(folder, "rules", NULL);
	g_autoptr(problems) problems = problems_new();
	g_autoptr(config) config = config_load(path, problems);

	g_assert_nonnull(config);
	g_autoptr(sources) sources = config_sources(config, rules, problems);
	g_assert_nonnull(sources);
	g_assert_nonnull(sources_find(sources, SOURCE_RULE, "10-a.ini"));
	g_assert_nonnull(sources_find(sources, SOURCE_LIST, "rivals"));
	g_assert_true(g_hash_table_contains(sources->groups, "sales"));
	g_assert_cmpstr(sources->own_domains[0], ==, "corp.example");
	g_assert_cmpuint(strlen(sources->digest), ==, 64);

	g_autofree char *absent = g_build_filename(folder, "absent", NULL);
	g_assert_null(config_sources(config, absent, problems));
	g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, 1);
	remove_tree(folder);
}

static void
test_packs(void)
{
	static const struct {
		const char *label, *line;
		bool loads;
		guint rules; /* files of packs, at least */
	} cases[] = {
		{ "none is on", "", true, 0 },
		{ "one by name", "packs = secrets\n", true, 5 },
		{ "all", "packs = all\n", true, 58 },
		{ "one that is not there", "packs = secrets, secerts\n", false, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *text = g_strconcat(GENERAL, cases[i].line, NULL);
		g_autofree char *path = put_file(folder, "flagpost.ini", text);
		g_autoptr(problems) problems = problems_new();
		g_autoptr(config) config = config_load(path, problems);
		g_test_message("%s", cases[i].label);
		g_assert_nonnull(config);
		g_autoptr(sources) sources = config_sources(config, NULL, problems);
		g_assert_cmpint(sources != NULL, ==, cases[i].loads);
		guint rules = 0;
		for (guint k = 0; sources != NULL && k < sources->files->len; k++) {
			const struct source *source = g_ptr_array_index(sources->files, k);
			rules += g_str_has_prefix(source->name, SOURCES_PACKS);
		}
		g_assert_cmpuint(rules, >=, cases[i].rules);
		g_assert_cmpint(rules > 0, ==, cases[i].rules > 0);
		remove_tree(folder);
	}
}

/* One login, many mailboxes. */

#define LIST "[mailboxes.sales]\naccount = hq\nfile = list.txt\ngroup = sales\n"

static void
test_mailboxes(void)
{
	static const struct {
		const char *label, *account, *list;
		const char *made; /* "NAME USER ACT_AS GROUP" of each account */
	} cases[] = {
		{ "a list takes the place of the account that logs in", "", "anna\nbob\n",
		    "hq/anna scanner anna sales|hq/bob scanner bob sales" },
		{ "comments, blanks, DOS and no last line end", "",
		    "# sales\r\n\r\n anna@corp.example \r\n\t# more\nbob",
		    "hq/anna@corp.example scanner anna@corp.example sales|"
		    "hq/bob scanner bob sales" },
		{ "a name of its own", "", "u4711 , anna\n", "hq/anna scanner u4711 sales" },
		{ "an account with a mailbox of its own stays", "act_as = chief\n", "anna\n",
		    "hq scanner chief |hq/anna scanner anna sales" },
		{ "master users", "master_separator = *\n", "anna\n",
		    "hq/anna scanner anna sales" },
		{ "beyond ASCII", "", "J\303\266rg\n", "hq/J\303\266rg scanner J\303\266rg sales" },
		{ "an empty list is said and no error", "", "# nobody\n", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *text = g_strconcat(GENERAL ACCOUNT, cases[i].account, LIST, NULL);
		g_autofree char *path = put_file(folder, "flagpost.ini", text);
		g_free(put_file(folder, "list.txt", cases[i].list));
		g_autoptr(problems) problems = problems_new();
		g_autoptr(GString) made = g_string_new(NULL);
		g_test_message("%s", cases[i].label);
		g_autoptr(config) config = config_load(path, problems);
		g_assert_nonnull(config);
		for (guint j = 0; j < config->accounts->len; j++) {
			const struct account *account = g_ptr_array_index(config->accounts, j);
			g_string_append_printf(made, "%s%s %s %s %s", j > 0 ? "|" : "",
			    account->name, account->user, account->act_as, account->group);
		}
		g_assert_cmpstr(made->str, ==, cases[i].made);
		remove_tree(folder);
	}
}

static char *
say_all(const struct problems *problems)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(
		    out, "%s:%u: %s\n", problem->file, problem->line, problem->text);
	}
	return g_string_free(out, FALSE);
}

static void
test_mailboxes_refused(void)
{
	static const struct {
		const char *label, *account, *list;
		guint line;
		const char *text;
	} cases[] = {
		{ "twice in one list: both places are named", "", "anna\nbob\nanna\n", 3,
		    "list.txt:1" },
		{ "the mailbox of the account itself", "act_as = anna\n", "bob\nanna\n", 2,
		    "flagpost.ini:3" },
		{ "two mailboxes of one name", "", "anna,x\nbob,x\n", 2, "name 'x' is listed" },
		{ "a separator would log in as somebody else", "master_separator = *\n",
		    "anna*root\n", 1, "somebody else" },
		{ "a control character forges a command", "", "anna\033x\n", 1, "control" },
		{ "a blank", "", "anna smith\n", 1, "a blank" },
		{ "a name with a slash looks like another account", "", "a/b\n", 1,
		    "cannot be the name" },
		{ "nobody", "", ",anna\n", 1, "is empty" },
		{ "not UTF-8", "", "anna\nJ\366rg\n", 2, "not UTF-8" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *text = g_strconcat(GENERAL ACCOUNT, cases[i].account, LIST, NULL);
		g_autofree char *path = put_file(folder, "flagpost.ini", text);
		g_free(put_file(folder, "list.txt", cases[i].list));
		g_autoptr(problems) problems = problems_new();
		g_autofree char *place = g_strdup_printf("list.txt:%u", cases[i].line);
		g_test_message("%s", cases[i].label);
		g_assert_null(config_load(path, problems));
		g_autofree char *said = say_all(problems);
		g_test_message("%s", said);
		g_assert_nonnull(strstr(said, place));
		g_assert_nonnull(strstr(said, cases[i].text));
		remove_tree(folder);
	}
}

/* A limit, and what is beyond it is not dropped in silence. */
static void
test_mailboxes_bounded(void)
{
	static const guint counts[] = { 10000, 10001 };

	for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *path = put_file(folder, "flagpost.ini", GENERAL ACCOUNT LIST);
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(problems) problems = problems_new();
		for (guint j = 0; j < counts[i]; j++)
			g_string_append_printf(text, "user%u\n", j);
		g_free(put_file(folder, "list.txt", text->str));
		g_autoptr(config) config = config_load(path, problems);
		g_assert_true((config != NULL) == (i == 0));
		if (config != NULL)
			g_assert_cmpuint(config->accounts->len, ==, counts[i]);
		remove_tree(folder);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/mistakes", test_mistakes);
	g_test_add_func("/config/values", test_values);
	g_test_add_func("/config/reading", test_reading);
	g_test_add_func("/config/permissions", test_permissions);
	g_test_add_func("/config/missing-secret", test_missing_secret);
	g_test_add_func("/config/default-path", test_default_path);
	g_test_add_func("/config/sources", test_sources);
	g_test_add_func("/config/packs", test_packs);
	g_test_add_func("/config/mailboxes", test_mailboxes);
	g_test_add_func("/config/mailboxes-refused", test_mailboxes_refused);
	g_test_add_func("/config/mailboxes-bounded", test_mailboxes_bounded);
	return g_test_run();
}
