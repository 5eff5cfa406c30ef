/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words become expressions of store/block-expr.h and are joined there; tags, times and closer looks
 * are streams beside it.
 */
#include "store/search-plan.h"

#include <string.h>

#include "base/text.h"
#include "mail/terms.h"
#include "mail/words.h"
#include "store/fates.h"
#include "store/index.h"
#include "store/party.h"
#include "store/query.h"

/* What a node came to: an expression, and perhaps a closer look; or a stream. */
struct piece {
	char *match;
	struct stream *test; /* beside match alone */
	struct stream *stream;
};

static struct piece make(struct plan *plan, const struct search *search);

static struct piece
as_stream(struct stream *stream)
{
	return (struct piece){ .stream = stream };
}

static struct stream *
piece_stream(struct plan *plan, struct piece *piece)
{
	if (piece->match == NULL)
		return g_steal_pointer(&piece->stream);

	struct stream *match = stream_match(plan->context, piece->match);
	g_clear_pointer(&piece->match, g_free);
	if (piece->test == NULL)
		return match;
	struct stream *both = stream_and(plan->context);
	stream_add(both, match);
	stream_add(both, g_steal_pointer(&piece->test));
	return both;
}

/* NULL is nothing to look for, which finds nothing. */
static struct piece
as_match(struct plan *plan, char *match)
{
	if (match == NULL)
		return as_stream(stream_none(plan->context));
	g_string_append_printf(plan->words, "%s%s", plan->words->len > 0 ? " OR " : "", match);
	return (struct piece){ .match = match };
}

/* --- people and files --- */

#define PEOPLE(roles)                                                                              \
	"SELECT 1 FROM message m JOIN address x ON x.message = m.id WHERE m.doc = ?1 AND "         \
	"x.role " roles " AND text_party(?2, x.name, x.address) LIMIT 1"

/* NULL where it is no domain. */
static char *
domain_match(const struct search *search)
{
	static const enum party_kind kinds[] = { [SEARCH_FROM] = PARTY_FROM,
		[SEARCH_TO] = PARTY_TO,
		[SEARCH_DELIVERED] = PARTY_DELIVERED };
	g_autofree char *folded = terms_fold(search->text);

	return folded[0] == '@' ? party_match(kinds[search->kind], folded + 1) : NULL;
}

static struct piece
make_people(struct plan *plan, const struct search *search)
{
	static const struct {
		const char *columns, *test;
	} kinds[] = {
		[SEARCH_FROM] = { "{sender}", PEOPLE("<= 1") },
		[SEARCH_TO] = { "{recipients delivered}", PEOPLE(">= 3") },
		[SEARCH_DELIVERED] = { "{delivered}", PEOPLE("= 6") },
	};
	char *match = plan_field(plan, kinds[search->kind].columns, WORD_PEOPLE, search->text);
	struct piece piece = as_match(plan, match);
	g_autofree char *domain = match != NULL ? domain_match(search) : NULL;

	if (domain != NULL) {
		g_clear_pointer(&piece.match, g_free);
		return as_stream(stream_party(plan->context, domain));
	}
	/* Of one whole word the index knows all. */
	for (const char *p = search->text; match != NULL && *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_unichar_isalnum(g_utf8_get_char(p)))
			piece.test =
			    stream_test(plan->context, kinds[search->kind].test, search->text);
		if (piece.test != NULL)
			break;
	}
	return piece;
}

#define NAMES                                                                                      \
	"SELECT 1 FROM message m JOIN part x ON x.message = m.id WHERE m.doc = ?1 AND x.name <> "  \
	"''"                                                                                       \
	" AND text_name(?2, x.name) LIMIT 1"

static bool find_tag(struct plan *plan, const char *kind, const char *name, gint64 *tag);

static struct piece
make_filename(struct plan *plan, const struct search *search)
{
	gint64 tag;

	if (strpbrk(search->text, "*?") == NULL)
		return as_match(plan, plan_field(plan, "{names}", WORD_NAMES, search->text));
	struct stream *test = stream_test(plan->context, NAMES, search->text);
	g_autofree char *match = plan_glob(plan, "{names}", WORD_NAMES, search->text);
	if (match[0] != '\0') {
		struct piece piece = as_match(plan, g_steal_pointer(&match));
		piece.test = test;
		return piece;
	}
	struct stream *both = stream_and(plan->context);
	stream_add(both, find_tag(plan, "has", "attachment", &tag) ? stream_tag(plan->context, tag)
								   : stream_none(plan->context));
	stream_add(both, test);
	return as_stream(both);
}

/* --- tags --- */

static bool
find_tag(struct plan *plan, const char *kind, const char *name, gint64 *tag)
{
	static const struct query_text find = { "find a tag",
		"SELECT id FROM tag WHERE kind = ? AND name = ?" };

	*tag = 0;
	return query_number(plan->context->database, &find,
		   VALUES(query_text_value(kind), query_text_value(name)), tag,
		   &plan->context->error) &&
	       *tag != 0;
}

static struct piece
make_tag(struct plan *plan, const char *kind, const char *name)
{
	gint64 tag;

	return as_stream(find_tag(plan, kind, name, &tag) ? stream_tag(plan->context, tag)
							  : stream_none(plan->context));
}

/* All tags that the statement gives. */
static struct piece
make_tags(struct plan *plan, const struct query_text *text, const struct query_value *values)
{
	struct stream *any = stream_or(plan->context);
	struct query query;

	if (query_open(&query, plan->context->database, text, values, &plan->context->error)) {
		while (query_next(&query))
			stream_add(any, stream_tag(plan->context, query_int(&query, 0)));
		query_close(&query, &plan->context->error);
	}
	return as_stream(any);
}

static struct piece
make_rule(struct plan *plan, const char *glob)
{
	static const struct query_text rules = { "find rules",
		"SELECT id FROM tag WHERE kind = 'rule' AND text_glob(?, name)" };

	return make_tags(plan, &rules, VALUES(query_text_value(glob)));
}

/* Places of an account, a folder, or a folder of an account: one placement must be both. */
static struct piece
make_place(struct plan *plan, const char *account, const char *folder)
{
	static const struct query_text places = { "find places",
		"SELECT t.id FROM folder f JOIN account a ON a.id = f.account JOIN tag t"
		" ON t.kind = 'place' AND t.name = CAST(f.id AS TEXT)"
		" WHERE text_glob(?, a.name) AND text_glob(?, f.name)" };

	return make_tags(plan, &places,
	    VALUES(query_text_value(account != NULL ? account : "*"),
		query_text_value(folder != NULL ? folder : "*")));
}

/* The tag is of all places; whoever sees some of them is told of these alone. */
static struct piece
make_gone(struct plan *plan)
{
	struct piece gone = make_tag(plan, "gone", "");

	if (!plan->narrow)
		return gone;
	struct stream *both = stream_and(plan->context);
	stream_add(both, gone.stream);
	stream_add(both, stream_test(plan->context,
			     "SELECT 1 FROM message m JOIN placement p ON p.message = m.id"
			     " WHERE m.doc = ?1 AND p.fate = ?2 LIMIT 1",
			     FATE_DELETED));
	return as_stream(both);
}

static struct piece
make_has(struct plan *plan, const char *word)
{
	if (strcmp(word, "gone") == 0)
		return make_gone(plan);
	if (strcmp(word, "flag") == 0)
		return make_tag(plan, "flagged", "");
	return make_tag(plan, "has", word);
}

static struct piece
make_state(struct plan *plan, const char *word)
{
	g_autofree char *number = g_strdup_printf("%d", word_index(review_state_words, word));

	return make_tag(plan, "state", number);
}

/* --- joining --- */

static void
join_match(char **all, const char *how, char *one)
{
	char *joined = *all == NULL ? g_strdup_printf("(%s)", one)
				    : g_strdup_printf("%s %s (%s)", *all, how, one);

	g_free(*all);
	g_free(one);
	*all = joined;
}

/* What a list wants to have, and not to have; NULL: nothing. */
struct words {
	char *match, *minus;
};

static const char *
child_text(const struct search *search, enum search_kind kind, guint *count)
{
	const char *text = NULL;

	for (guint i = 0; i < search->children->len; i++) {
		const struct search *child = search->children->pdata[i];
		if (child->kind == kind && (*count)++ == 0)
			text = child->text;
	}
	return text;
}

/* True where one account and one folder stand side by side: *place is both. */
static bool
joins_places(struct plan *plan, const struct search *search, struct piece *place)
{
	guint accounts = 0, folders = 0;
	const char *account = child_text(search, SEARCH_ACCOUNT, &accounts);
	const char *folder = child_text(search, SEARCH_FOLDER, &folders);

	if (accounts != 1 || folders != 1)
		return false;
	*place = make_place(plan, account, folder);
	return true;
}

/* Words that are not wanted are an expression too, where nothing else is to be looked at. */
static void
add_not(struct plan *plan, const struct search *search, struct stream *all, struct words *words)
{
	/* What is not wanted is nothing to rank by. */
	gsize size = plan->words->len;
	struct piece piece = make(plan, search->children->pdata[0]);

	g_string_truncate(plan->words, size);
	if (piece.match != NULL && piece.test == NULL)
		join_match(&words->minus, "OR", piece.match);
	else
		stream_add(all, stream_not(plan->context, piece_stream(plan, &piece)));
}

/* Lists within lists are one; all their words are one expression, looked at closer at last. */
static void
add_all(struct plan *plan, const struct search *search, struct stream *all, struct words *words)
{
	struct piece place = { 0 };
	bool joined = joins_places(plan, search, &place);

	if (joined)
		stream_add(all, place.stream);
	for (guint i = 0; i < search->children->len; i++) {
		const struct search *child = search->children->pdata[i];
		if (joined && (child->kind == SEARCH_ACCOUNT || child->kind == SEARCH_FOLDER))
			continue;
		if (child->kind == SEARCH_ALL_OF) {
			add_all(plan, child, all, words);
			continue;
		}
		if (child->kind == SEARCH_NOT) {
			add_not(plan, child, all, words);
			continue;
		}
		struct piece piece = make(plan, child);
		if (piece.match != NULL)
			join_match(&words->match, "AND", piece.match);
		else
			stream_add(all, piece.stream);
		if (piece.test != NULL)
			stream_add(all, piece.test);
	}
}

static struct piece
make_all(struct plan *plan, const struct search *search)
{
	struct stream *all = stream_and(plan->context);
	struct words words = { 0 };

	add_all(plan, search, all, &words);
	if (words.match != NULL && words.minus != NULL) {
		g_autofree char *match = g_strdup_printf("(%s) NOT (%s)", words.match, words.minus);
		stream_add(all, stream_match(plan->context, match));
	} else if (words.match != NULL) {
		stream_add(all, stream_match(plan->context, words.match));
	} else if (words.minus != NULL) {
		struct stream *minus = stream_match(plan->context, words.minus);
		stream_add(all, stream_not(plan->context, minus));
	}
	g_free(words.match);
	g_free(words.minus);
	return as_stream(all);
}

static struct piece
make_any(struct plan *plan, const struct search *search)
{
	struct stream *any = stream_or(plan->context);
	char *match = NULL;

	for (guint i = 0; i < search->children->len; i++) {
		struct piece piece = make(plan, search->children->pdata[i]);
		if (piece.match != NULL && piece.test == NULL)
			join_match(&match, "OR", piece.match);
		else
			stream_add(any, piece_stream(plan, &piece));
	}
	if (match != NULL)
		stream_add(any, stream_match(plan->context, match));
	g_free(match);
	return as_stream(any);
}

static struct piece
make_not(struct plan *plan, const struct search *search)
{
	/* What is not wanted is nothing to rank by. */
	gsize words = plan->words->len;
	struct piece piece = make(plan, search->children->pdata[0]);

	g_string_truncate(plan->words, words);
	return as_stream(stream_not(plan->context, piece_stream(plan, &piece)));
}

static struct piece
make_words(struct plan *plan, const char *text)
{
	plan->texts = true;
	return as_match(plan, plan_words(plan, text));
}

static struct piece
make_body(struct plan *plan, const char *text)
{
	g_autofree char *match = plan_words(plan, text);

	plan->texts = true;
	return as_match(plan, match != NULL ? g_strdup_printf("{body files} : %s", match) : NULL);
}

static struct piece
make(struct plan *plan, const struct search *search)
{
	switch (search->kind) {
	case SEARCH_ALL_OF:
		return make_all(plan, search);
	case SEARCH_ANY_OF:
		return make_any(plan, search);
	case SEARCH_NOT:
		return make_not(plan, search);
	case SEARCH_WORDS:
		return make_words(plan, search->text);
	case SEARCH_FROM:
	case SEARCH_TO:
	case SEARCH_DELIVERED:
		return make_people(plan, search);
	case SEARCH_SUBJECT:
		return as_match(plan, plan_field(plan, "{subject}", WORD_SUBJECT, search->text));
	case SEARCH_FILENAME:
		return make_filename(plan, search);
	case SEARCH_BODY:
		return make_body(plan, search->text);
	case SEARCH_RULE:
		return make_rule(plan, search->text);
	case SEARCH_ACCOUNT:
		return make_place(plan, search->text, NULL);
	case SEARCH_FOLDER:
		return make_place(plan, NULL, search->text);
	case SEARCH_HAS:
		return make_has(plan, search->text);
	case SEARCH_STATE:
		return make_state(plan, search->text);
	case SEARCH_DIRECTION:
		return make_tag(plan, "direction", search->text);
	case SEARCH_OUTCOME:
		return make_tag(plan, "outcome", search->text);
	case SEARCH_DATE:
		break;
	}
	return as_stream(stream_time(plan->context, search->from, search->to, plan->spill));
}

struct stream *
plan_make(struct plan *plan, const struct search *search)
{
	struct piece piece = make_all(plan, search);
	struct stream *stream = piece_stream(plan, &piece);

	if (plan->context->error == NULL)
		return stream;
	stream_free(stream);
	return NULL;
}
