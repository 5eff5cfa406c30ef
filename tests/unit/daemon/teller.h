/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_DAEMON_TELLER_H
#define FLAGPOST_TESTS_DAEMON_TELLER_H
/*
 * teller - a real store into which flags come by hand, and a post that catches what would go out:
 * for those who tell of flags.
 */
#include <string.h>

#include "../store/fixture.h"
#include "base/problem.h"
#include "daemon/config.h"
#include "daemon/post.h"
#include "rules/ruleset.h"

/* Stands for the one of post.c. */
struct post {
	GPtrArray *mails; /* of struct mailing */
	guint waiting;
	const char *state; /* a file, or NULL */
	char *state_then;  /* what it said when the last mail went out */
};

void
post_send(struct post *post, struct mailing *mailing)
{
	g_ptr_array_add(post->mails, mailing);
	g_clear_pointer(&post->state_then, g_free);
	if (post->state != NULL)
		g_assert_true(g_file_get_contents(post->state, &post->state_then, NULL, NULL));
}

guint
post_waiting(const struct post *post)
{
	return post->waiting;
}

struct teller {
	struct fixture fixture;
	struct config *config;
	struct config_person officer;
	struct ruleset *ruleset;
	struct post post;
	guint mail;
	char *word, *text; /* of the last note */
};

static inline void
take_note(const char *word, const char *text, void *data)
{
	struct teller *teller = data;

	g_free(teller->word);
	g_free(teller->text);
	teller->word = g_strdup(word);
	teller->text = g_strdup(text);
}

/* Rules by their names and what [action] says: { "loud", "notify = yes" }, to { NULL }. */
struct teller_rule {
	const char *id, *action;
};

static inline void
add_rule(struct sources *sources, const struct teller_rule *rule)
{
	struct source *source = g_new0(struct source, 1);
	char *text = g_strdup_printf("[rule]\nid = %s\ntitle = T\nseverity = low\ndescription = "
				     "D\n[content.a]\ntype = regex\nwhere = body\npattern.1 = "
				     "x\n[action]\n%s\n",
	    rule->id, rule->action);

	source->name = g_strdup_printf("10-%s.ini", rule->id);
	source->path = g_strdup_printf("/nowhere/10-%s.ini", rule->id);
	source->text = g_bytes_new_take(text, strlen(text));
	g_ptr_array_add(sources->files, source);
}

static inline struct ruleset *
teller_rules(const struct limits *limits, const struct teller_rule *rules)
{
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();

	for (; rules->id != NULL; rules++)
		add_rule(sources, rules);
	sources_seal(sources);
	struct ruleset *ruleset = ruleset_compile(sources, limits, problems);
	g_assert_nonnull(ruleset);
	return ruleset;
}

static inline void
teller_open(struct teller *teller, const struct teller_rule *rules)
{
	*teller = (struct teller){ .config = config_new() };
	fixture_start(&teller->fixture);
	teller->post.mails = g_ptr_array_new_with_free_func((GDestroyNotify)mailing_free);
	teller->ruleset = teller_rules(&teller->config->limits, rules);
	teller->officer = (struct config_person){ .name = (char *)"officer",
		.mail = (char *)"officer@corp.example",
		.role = CONFIG_OFFICER };
	struct config *config = teller->config;
	g_free(config->data_dir);
	config->data_dir = g_strdup(teller->fixture.data);
	config->smtp = smtp_new();
	g_free(config->smtp->from);
	config->smtp->from = g_strdup("flagpost@corp.example");
}

static inline void
teller_close(struct teller *teller)
{
	g_ptr_array_unref(teller->post.mails);
	ruleset_free(teller->ruleset);
	config_free(teller->config);
	fixture_end(&teller->fixture);
	g_free(teller->word);
	g_free(teller->text);
	g_free(teller->post.state_then);
}

static inline void
teller_puts(struct teller *teller, const struct mail *mail, struct verdict *verdict)
{
	g_autoptr(GError) error = NULL;

	store_begin(teller->fixture.store, &error);
	g_assert_no_error(error);
	g_assert_true(put_verdict(&teller->fixture, mail, verdict, &error));
	g_assert_true(store_commit(teller->fixture.store, &error));
}

/* A mail that somebody sends to `to` and a rule flags; the same rule and recipient again are one
 * incident. */
static inline void
teller_comes(struct teller *teller, const char *rule, enum severity severity, const char *to,
    const char *message_id)
{
	g_autofree char *body = g_strdup_printf("mail %u", ++teller->mail);
	const struct mail mail = {
		.uid = body + 5,
		.body = body,
		.rule = rule,
		.message_id = message_id,
	};
	g_autoptr(verdict) verdict = mail_verdict(&mail);
	struct flag *flag = g_ptr_array_index(verdict->flags, 0);

	flag->severity = severity;
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, to));
	teller_puts(teller, &mail, verdict);
}

static inline bool
teller_holds(const struct teller *teller, guint mail, const char *part)
{
	GBytes *bytes = mailing_message(teller->post.mails->pdata[mail]);
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

	return strstr(text, part) != NULL;
}

#endif
