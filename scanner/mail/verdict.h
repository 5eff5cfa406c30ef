/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_VERDICT_H
#define FLAGPOST_MAIL_VERDICT_H
/*
 * verdict - all that is known of a message after a worker looked at it: who, what, flags, parts.
 *
 * It crosses from the worker to the parent in packed form (base/pack.h): the fields of the structs
 * below, in their order. verdict_get treats that as network input: every string, number, word and
 * count is checked, and a verdict that breaks one rule is refused as a whole (FAULT_DATA).
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/pack.h"
#include "mail/message.h"
#include "mail/words.h"

#define VERDICT_ADDRESSES_MAX 20000
#define VERDICT_PARTS_MAX     20000
#define VERDICT_FLAGS_MAX     20000
#define VERDICT_HITS_MAX      1000
#define VERDICT_EXPLAINED_MAX 200000
#define VERDICT_DEPTH_MAX     64 /* of an explanation */
#define VERDICT_STRING_MAX    (64 * 1024)
#define VERDICT_EXCERPT_MAX   600 /* bytes */
#define VERDICT_WARNING_MAX   100 /* bytes of one */
#define VERDICT_TEXTS_MAX     20000
#define VERDICT_TEXT_MAX      (8u * 1024 * 1024) /* bytes of all texts together */
#define VERDICT_TERMS_MAX     (4u * 1024 * 1024) /* bytes of all words for the search index */

struct hit {
	char *section; /* of the rule: "content.codename" */
	enum component component;
	char *header;          /* for COMPONENT_HEADERS: lower-case name; else "" */
	char *part;            /* path of the part; "" for none */
	char *name;            /* file name of the part; "" for none */
	guint64 offset;        /* bytes, into the decoded text; 0 where there is no text */
	guint64 length;        /* bytes */
	char *excerpt;         /* the match with a little context, in clear, one line */
	guint64 excerpt_start; /* the match within excerpt: bytes */
	guint64
	    excerpt_length; /* bytes; 0 when nothing in it needs a mask (an address, a file name) */
	bool hidden;        /* found only in normalised or invisible text */
};

struct flag {
	char *rule;
	char *title;
	char *rule_digest; /* SHA-256 of the rule's file, hex */
	enum severity severity;
	char *escalated_by;  /* name of the escalate section that raised it, or "" */
	char *exception;     /* name of the except section that swallowed it, or "" */
	char *except_reason; /* its reason, or "" */
	guint64 hits_total;  /* found; hits holds at most limits.hits of them */
	GPtrArray *hits;     /* of struct hit */
	/* Of char *: what all flags of its message matched, where that has several; else NULL. A
	 * view sets it: none of it may stand in clear beside this flag (reports/quote.h). */
	GPtrArray *matches;
};

/* A rule that could not look at something: never the same as "no match". */
struct undecided {
	char *rule;
	char *section;
	char *part;   /* path, or "" */
	char *reason; /* "match limit", "time", ... */
};

/* One line of an explanation: the condition tree in reading order. */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNDECIDED };
struct explained {
	char *rule;
	guint depth; /* 0: the rule itself, 1: flag_if, 2: a section, ... */
	enum truth truth;
	char *label;   /* "parties.rival" */
	guint matched; /* how many matches */
	char *detail;  /* "to bob@rival.example (list competitors, line 4)" */
};

/* What was read of the message, for a person who may see it: subjects, bodies, attachments. */
struct verdict_text {
	enum component component; /* COMPONENT_SUBJECT, COMPONENT_BODY, COMPONENT_ATTACHMENTS */
	char *part;               /* path, or "" */
	bool hidden;              /* a reader of the mail does not see it */
	guint64 size;             /* bytes of the whole; more than text has when that was cut */
	char *text;               /* line ends and control characters as in the mail */
};

/* What the search index gets of a message's texts, as mail/terms.h splits them. */
struct verdict_terms {
	bool given; /* asked for, and there */
	bool cut;   /* some text is not in them */
	char *body, *files;
};

/* What a verdict carries beside what is always in it. */
enum verdict_carry {
	CARRY_NOTHING,
	CARRY_TEXTS,            /* texts: what was read, for a person */
	CARRY_TERMS,            /* terms, for the search */
	CARRY_TERMS_IF_FLAGGED, /* terms, of a message with a flag or one that was not read */
};

struct verdict {
	char *message_id;
	char *in_reply_to;
	char *subject;
	gint64 date; /* MESSAGE_NO_DATE when absent */
	guint64 size;
	char *reason; /* why unscannable: "crash", "time", "memory", "protocol"; else "" */
	enum direction direction;
	enum outcome outcome;
	guint facts;
	GPtrArray *addresses; /* of struct address */
	GPtrArray *parts;     /* of struct part */
	GPtrArray *flags;     /* of struct flag; those with an exception are not counted as flags */
	GPtrArray *undecided; /* of struct undecided */
	GPtrArray *explained; /* of struct explained; empty unless asked for */
	GPtrArray *texts;     /* of struct verdict_text; empty unless asked for */
	GPtrArray *warnings;  /* of char *: as in struct message */
	struct verdict_terms terms;
};

struct verdict *verdict_new(void);
/* Moves addresses, parts and the summary out of message, which keeps its texts and headers. */
struct verdict *verdict_from_message(struct message *message);
/* The verdict on a message that no worker could look at. */
struct verdict *verdict_unscannable(const char *reason, guint64 size);
void verdict_free(struct verdict *verdict);
AUTO_DEFINE(verdict, verdict_free)

/*
 * Appended to out. Strings and lists over the limits are cut, and what cannot be printed in words
 * and paths becomes U+FFFD, so that verdict_get takes it; a list cut short makes a message partial.
 */
void verdict_put(GByteArray *out, const struct verdict *verdict);
/* All that is left of in. */
struct verdict *verdict_get(struct packed *in, GError **error);

struct flag *flag_new(const char *rule);
void flag_free(struct flag *flag);
AUTO_DEFINE(flag, flag_free)
struct hit *hit_new(const char *section);
void hit_free(struct hit *hit);
AUTO_DEFINE(hit, hit_free)
void verdict_add_undecided(struct verdict *verdict, const char *rule, const char *section,
    const char *part, const char *reason);
void verdict_add_explained(struct verdict *verdict, const char *rule, guint depth, enum truth truth,
    const char *label, guint matched, const char *detail);

/* Copies of the texts of a message whose parts were moved here, as far as VERDICT_TEXT_MAX goes. */
void verdict_add_texts(struct verdict *verdict, const struct message *message);

/*
 * The words of body and attachments, at most max bytes of them (VERDICT_TERMS_MAX at most); what
 * stands there twice, as plain text and as HTML, once (mail/terms-once). Normalised twins are left
 * out.
 */
void verdict_add_terms(struct verdict *verdict, const struct message *message, guint64 max);

/* Flags without an exception. */
guint verdict_flag_count(const struct verdict *verdict);
/* First address in a role, or NULL. */
const struct address *verdict_address(const struct verdict *verdict, enum address_role role);

/* The excerpt as people see it: masked unless clear. */
char *hit_excerpt(const struct hit *hit, bool clear);
/* "subject", "attachments", "header.to" */
char *hit_component(const struct hit *hit);

#endif
