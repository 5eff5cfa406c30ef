/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_WORDS_H
#define FLAGPOST_MAIL_WORDS_H
/*
 * words - the closed vocabularies of DESIGN section 7, as numbers and as the words that users,
 * rules, JSON and the database see. Adding a word means adding a row here and nothing else.
 */
#include <glib.h>
#include <stdbool.h>

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

/* How sure a detector's match is: its form, a check that chance passes seldom, words nearby. */
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

/* Decided by own domains; unknown when a message names no usable sender. */
enum direction {
	DIRECTION_UNKNOWN,
	DIRECTION_INBOUND,  /* an outside sender */
	DIRECTION_OUTBOUND, /* an own sender, at least one outside recipient */
	DIRECTION_INTERNAL, /* an own sender, own recipients only */
	DIRECTION_DRAFT,    /* not sent: it lies among the drafts */
};

enum outcome { OUTCOME_SCANNED, OUTCOME_PARTIAL, OUTCOME_UNSCANNABLE };

enum part_outcome {
	PART_READ,
	PART_NO_TEXT, /* an image, sound or film: nothing to read, nothing missed */
	PART_ENCRYPTED,
	PART_OVER_LIMIT,
	PART_BROKEN,
	PART_UNKNOWN_TYPE, /* no reader for this type */
	PART_TIMEOUT,
	PART_CRASHED,
};

/* Bits of struct message.facts. */
enum message_fact {
	FACT_AMBIGUOUS_MIME = 1 << 0,
	FACT_MALFORMED = 1 << 1,
	FACT_ENCRYPTED_MESSAGE = 1 << 2,
	FACT_PARTIAL_MESSAGE = 1 << 3,
	FACT_EXTERNAL_BODY = 1 << 4,
	FACT_TOO_MANY_PARTS = 1 << 5,
	FACT_MAIL_LOOP = 1 << 6,
	FACT_HIDDEN_TEXT = 1 << 7,
	FACT_REUSED_MESSAGE_ID = 1 << 8, /* the parent knows this, not the worker */
	FACT_IMAGE_ONLY = 1 << 9,
	FACT_DEAD_DROP = 1 << 10, /* a draft that changed and vanished unsent: the parent knows */
	/* Somebody outside takes part in a thread of own people: the parent knows. */
	FACT_OUTSIDER_JOINED = 1 << 11,
	/* Within a day before, its author sent one of its recipients something encrypted: likewise.
	 */
	FACT_AFTER_ENCRYPTED = 1 << 12,
};

/* Bits of struct part.facts. */
enum part_fact {
	FACT_TYPE_MISMATCH = 1 << 0,
	FACT_DOUBLE_EXTENSION = 1 << 1,
	FACT_DISGUISED_NAME = 1 << 2,
	FACT_EXECUTABLE = 1 << 3,
	FACT_MACRO = 1 << 4,
	FACT_ENCRYPTED_ATTACHMENT = 1 << 5,
	FACT_ARCHIVE_BOMB = 1 << 6,
	FACT_ARCHIVE_TOO_DEEP = 1 << 7,
	FACT_PART_MALFORMED = 1 << 8,
};

/* What people made of a flag. The first three are open: somebody still has to decide. */
enum review_state {
	REVIEW_NEW,
	REVIEW_IN_REVIEW,
	REVIEW_ESCALATED,
	REVIEW_FALSE_POSITIVE,
	REVIEW_RESOLVED,
};

/* Where a text stands: the words of `where` in rules. */
enum component {
	COMPONENT_SUBJECT,
	COMPONENT_BODY,
	COMPONENT_ATTACHMENTS,
	COMPONENT_FILENAMES,
	COMPONENT_HEADERS, /* header.NAME is this component with a header name */
	COMPONENT_URLS,
	COMPONENT_RAW,
};

/* NULL-terminated word tables, indexed by the enum (facts: by bit number). */
extern const char *const confidence_words[], *const severity_words[];
extern const char *const direction_words[];
extern const char *const outcome_words[];
extern const char *const part_outcome_words[];
extern const char *const message_fact_words[];
extern const char *const part_fact_words[];
extern const char *const component_words[];
extern const char *const review_state_words[];

/* The index of word in a table, or -1. */
int word_index(const char *const *words, const char *word);
guint word_count(const char *const *words);

/* The words of the bits set, NULL-terminated, in table order; the array alone is owned by the
 * caller. */
const char **fact_words(const char *const *words, guint facts);

#endif
