/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/words.h"

#include <string.h>

const char *const confidence_words[] = { "low", "medium", "high", NULL };
const char *const severity_words[] = { "low", "medium", "high", NULL };

const char *const direction_words[] = { "unknown", "inbound", "outbound", "internal", "draft",
	NULL };

const char *const outcome_words[] = { "scanned", "partial", "unscannable", NULL };

const char *const part_outcome_words[] = { "read", "no-text", "encrypted", "over-limit", "broken",
	"unknown-type", "timeout", "crashed", NULL };

const char *const message_fact_words[] = { "ambiguous-mime", "malformed", "encrypted-message",
	"partial-message", "external-body", "too-many-parts", "mail-loop", "hidden-text",
	"reused-message-id", "image-only", "dead-drop", "outsider-joined", "after-encrypted",
	NULL };

const char *const part_fact_words[] = { "type-mismatch", "double-extension", "disguised-name",
	"executable", "macro", "encrypted-attachment", "archive-bomb", "archive-too-deep",
	"malformed", NULL };

const char *const component_words[] = { "subject", "body", "attachments", "filenames", "headers",
	"urls", "raw", NULL };

const char *const review_state_words[] = { "new", "in-review", "escalated", "false-positive",
	"resolved", NULL };

int
word_index(const char *const *words, const char *word)
{
	if (word == NULL)
		return -1;
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

guint
word_count(const char *const *words)
{
	guint count = 0;

	while (words[count] != NULL)
		count++;
	return count;
}

const char **
fact_words(const char *const *words, guint facts)
{
	guint count = word_count(words), n = 0;
	const char **out = g_new0(const char *, count + 1);

	for (guint i = 0; i < count; i++) {
		if ((facts & (1u << i)) != 0)
			out[n++] = words[i];
	}
	return out;
}
