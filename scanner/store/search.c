/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages by a tree of filters: the plan's docs page by page, each with its message. What a
 * person typed is only ever bound, or one of the quoted words of store/search-words.c.
 */
#include "store/search.h"

#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "mail/terms.h"
#include "store/block-phrase.h"
#include "store/index.h"
#include "store/party.h"
#include "store/rebuild.h"
#include "store/search-plan.h"
#include "store/search-rank.h"
#include "store/view-inner.h"

#define LAST_DOC G_MAXINT64

/* --- trees --- */

struct search *
search_new(enum search_kind kind, const char *text)
{
	struct search *search = g_new0(struct search, 1);

	search->kind = kind;
	search->text = g_strdup(text != NULL ? text : "");
	search->from = G_MININT64;
	search->to = G_MAXINT64;
	search->children = g_ptr_array_new_with_free_func((GDestroyNotify)search_free);
	return search;
}

struct search *
search_date(gint64 from, gint64 to)
{
	struct search *search = search_new(SEARCH_DATE, NULL);

	search->from = from;
	search->to = to;
	return search;
}

void
search_add(struct search *search, struct search *child)
{
	g_ptr_array_add(search->children, child);
}

void
search_free(struct search *search)
{
	if (search == NULL)
		return;
	g_ptr_array_unref(search->children);
	g_free(search->text);
	g_free(search);
}

guint
search_size(const struct search *search)
{
	guint size = 1;

	for (guint i = 0; i < search->children->len; i++)
		size += search_size(search->children->pdata[i]);
	return size;
}

static bool
has_words(const struct search *search)
{
	bool open;
	g_auto(GStrv) words = terms_query(search->text, 1, &open);

	return words[0] != NULL;
}

bool
search_is_vain(const struct search *search)
{
	guint vain = 0;

	switch (search->kind) {
	case SEARCH_WORDS:
	case SEARCH_FROM:
	case SEARCH_TO:
	case SEARCH_DELIVERED:
	case SEARCH_SUBJECT:
	case SEARCH_BODY:
		return !has_words(search);
	case SEARCH_FILENAME:
		return strpbrk(search->text, "*?") == NULL && !has_words(search);
	case SEARCH_ALL_OF:
	case SEARCH_ANY_OF:
		for (guint i = 0; i < search->children->len; i++)
			vain += search_is_vain(search->children->pdata[i]);
		return search->kind == SEARCH_ALL_OF ? vain > 0 : vain == search->children->len;
	default:
		return false;
	}
}

static struct search *
search_copy(const struct search *search)
{
	struct search *copy = search_new(search->kind, search->text);

	copy->from = search->from;
	copy->to = search->to;
	for (guint i = 0; i < search->children->len; i++)
		search_add(copy, search_copy(search->children->pdata[i]));
	return copy;
}

static void
add_leaf(struct search *all, enum search_kind kind, const char *text)
{
	/* The empty text is in every text; a folder without a name is one. */
	bool every = text != NULL && text[0] == '\0' && kind != SEARCH_FOLDER;

	if (text != NULL && !every)
		search_add(all, search_new(kind, text));
}

/* Joined with what the person may see. */
static struct search *
whole_tree(const struct view_query *query)
{
	struct search *all = search_new(SEARCH_ALL_OF, NULL);

	if (query->search != NULL)
		search_add(all, search_copy(query->search));
	add_leaf(all, SEARCH_FROM, query->from);
	add_leaf(all, SEARCH_TO, query->to);
	add_leaf(all, SEARCH_SUBJECT, query->subject);
	add_leaf(all, SEARCH_RULE, query->rule);
	add_leaf(all, SEARCH_ACCOUNT, query->account);
	add_leaf(all, SEARCH_FOLDER, query->folder);
	add_leaf(all, SEARCH_HAS, query->flagged ? "flag" : NULL);
	add_leaf(all, SEARCH_HAS, query->gone ? "gone" : NULL);
	if (query->after != 0 || query->before != 0)
		search_add(all, search_date(query->after != 0 ? query->after : G_MININT64,
				    query->before != 0 ? query->before : G_MAXINT64));
	return all;
}

/* --- what the statements call --- */

/* The first argument is bound: folded once for a statement. */
static const char *
folded_query(sqlite3_context *context, sqlite3_value *value)
{
	char *folded = sqlite3_get_auxdata(context, 0);

	if (folded != NULL)
		return folded;
	const char *text = (const char *)sqlite3_value_text(value);
	folded = terms_fold(text != NULL ? text : "");
	sqlite3_set_auxdata(context, 0, folded, g_free);
	return sqlite3_get_auxdata(context, 0);
}

static bool
is_below(const char *address, const char *domain)
{
	const char *at = strrchr(address, '@');
	gsize size = at != NULL ? strlen(at + 1) : 0, wanted = strlen(domain);

	return at != NULL && size >= wanted && strcmp(at + 1 + size - wanted, domain) == 0 &&
	       (size == wanted || at[size - wanted] == '.');
}

/* text_party(query, name, address) */
static void
sql_text_party(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *query = folded_query(context, values[0]);
	const char *name = (const char *)sqlite3_value_text(values[1]);
	const char *address = (const char *)sqlite3_value_text(values[2]);

	if (n != 3 || query == NULL || name == NULL || address == NULL)
		return;
	g_autofree char *both = g_strconcat(name, "\n", address, NULL);
	g_autofree char *folded = terms_fold(both);
	sqlite3_result_int(context, query[0] == '@' ? is_below(strchr(folded, '\n') + 1, query + 1)
						    : strstr(folded, query) != NULL);
}

/* text_name(glob, name) */
static void
sql_text_name(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *glob = folded_query(context, values[0]);
	const char *name = (const char *)sqlite3_value_text(values[1]);

	if (n != 2 || glob == NULL || name == NULL)
		return;
	g_autofree char *folded = terms_fold(name);
	sqlite3_result_int(context, text_glob(glob, folded));
}

static void
sql_text_glob(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *pattern = (const char *)sqlite3_value_text(values[0]);
	const char *text = (const char *)sqlite3_value_text(values[1]);

	sqlite3_result_int(
	    context, n == 2 && pattern != NULL && text != NULL && text_glob(pattern, text));
}

bool
view_search_setup(struct view *view, GError **error)
{
	static const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	static const struct {
		const char *name;
		int n;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = { { "text_glob", 2, sql_text_glob }, { "text_party", 3, sql_text_party },
		{ "text_name", 2, sql_text_name } };
	sqlite3 *handle = view->database->handle;
	bool right = true;

	for (gsize i = 0; right && i < G_N_ELEMENTS(functions); i++)
		right = sqlite3_create_function(handle, functions[i].name, functions[i].n, flags,
			    NULL, functions[i].call, NULL, NULL) == SQLITE_OK;
	if (!right)
		database_fault(view->database, "set up the search", error);
	return right;
}

/* --- docs --- */

/* At most limit docs behind the first offset; limit 0: all. */
static GArray *
take_docs(struct stream *stream, guint64 offset, guint64 limit)
{
	GArray *docs = g_array_new(FALSE, TRUE, sizeof(struct search_hit));
	gint64 doc = LAST_DOC;

	while ((limit == 0 || docs->len < limit) && (doc = stream_seek(stream, doc - 1)) > 0) {
		struct search_hit hit = { .doc = doc };
		if (offset > 0)
			offset--;
		else
			g_array_append_val(docs, hit);
	}
	return docs;
}

/* A page of the newest SEARCH_RANKED, or of all. That is a number, no time: pages stay as they are.
 */
static GArray *
ranked_docs(struct plan *plan, struct stream *stream, const struct view_query *query)
{
	bool all = query->rank == VIEW_RANK_ALL;
	GArray *docs = take_docs(stream, 0, all ? 0 : SEARCH_RANKED + 1);
	guint found = docs->len;

	if (!all && found > SEARCH_RANKED)
		g_array_set_size(docs, SEARCH_RANKED);
	search_rank(plan, docs);
	if (query->ranked != NULL)
		*query->ranked = docs->len < found ? docs->len : 0;
	g_array_remove_range(docs, 0, MIN(query->offset, docs->len));
	if (query->limit > 0 && docs->len > query->limit)
		g_array_set_size(docs, query->limit);
	return docs;
}

static GPtrArray *
load_messages(struct view *view, const GArray *docs, GError **error)
{
	static const struct query_text find = { "read what was found",
		"SELECT " MESSAGE_COLUMNS " FROM message m WHERE m.doc = ?" };
	g_autoptr(GPtrArray) messages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)view_message_free);

	for (guint i = 0; i < docs->len; i++) {
		const struct search_hit *hit = &g_array_index(docs, struct search_hit, i);
		struct view_message *message = NULL;
		struct query query;
		if (!query_open(
			&query, view->database, &find, VALUES(query_int_value(hit->doc)), error))
			return NULL;
		bool found = query_next(&query);
		if (found)
			message = view_message_load(view, &query, 0, NULL, error);
		if (!query_close(&query, message != NULL || !found ? error : NULL) ||
		    (found && message == NULL))
			return NULL;
		if (found)
			g_ptr_array_add(messages, message);
	}
	return g_steal_pointer(&messages);
}

/* --- a search --- */

static bool
read_spill(struct view *view, gint64 *spill, GError **error)
{
	static const struct query_text find = { "read how far docs lie behind",
		"SELECT spill FROM search_state" };

	*spill = 0;
	return query_number(view->database, &find, NO_VALUES, spill, error);
}

struct running {
	bool begun; /* a transaction: all statements see the same */
	struct stream_context context;
	struct plan plan;
	struct stream *stream;
};

/* What the person wrote or got. */
static bool
only_own(struct view *view, struct stream_context *context, struct stream *all, GError **error)
{
	static const struct query_text names = { "read whose view it is",
		"SELECT name FROM temp.scope" };
	struct stream *any = stream_or(context);
	struct query query;

	stream_add(all, any);
	if (!query_open(&query, view->database, &names, NO_VALUES, error))
		return false;
	while (query_next(&query)) {
		g_autofree char *name = query_dup(&query, 0);
		g_autofree char *match = party_match(PARTY_OWN, name);
		if (match != NULL)
			stream_add(any, stream_party(context, match));
	}
	return query_close(&query, error);
}

/*
 * The index knows docs of all messages. Of a person's own it knows them to the letter; else each
 * is looked for in `message`, which is what the view shows. Whatever is found is read from there.
 * It stands in the plan's own list, so that nothing is looked at closer that is not seen.
 */
static bool
only_seen(struct running *running, struct view *view, GError **error)
{
	struct stream_context *context = &running->context;

	if (view->reach == VIEW_OWN)
		return only_own(view, context, running->stream, error);
	stream_add(running->stream,
	    stream_test(context, "SELECT 1 FROM message WHERE doc = ?1 AND ?2 = ''", ""));
	return true;
}

/*
 * While the index is made anew, who shows notes says what is not found yet; others - holds,
 * exports, reviews by a query - would go on with less than there is.
 */
static bool
knows_all(
    struct running *running, struct view *view, const struct view_query *query, GError **error)
{
	bool whole = query->notes == NULL || query->whole;
	guint64 missing;

	if (!rebuild_missing(view, &missing, error))
		return false;
	if (missing > 0 && whole) {
		g_set_error(error, FAULT, FAULT_RETRY,
		    "the index is being made anew, and %" G_GUINT64_FORMAT
		    " messages are not in it yet: flagpost index rebuild goes on with it",
		    missing);
		return false;
	}
	if (missing > 0)
		plan_note(&running->plan,
		    "the index is being made anew: %" G_GUINT64_FORMAT
		    " messages are not found yet (flagpost index rebuild)",
		    missing);
	return true;
}

/* The same for texts that could not be put into it: where texts are looked for. */
static bool
knows_texts(
    struct running *running, struct view *view, const struct view_query *query, GError **error)
{
	bool damaged = false;

	if (running->plan.texts && !rebuild_wanted(view, &damaged, error))
		return false;
	if (!damaged)
		return true;
	if (query->notes == NULL || query->whole) {
		g_set_error(error, FAULT, FAULT_RETRY,
		    "the index is damaged, and texts of some messages are not in it: flagpost index"
		    " rebuild makes it anew");
		return false;
	}
	plan_note(&running->plan,
	    "the index is damaged: texts of some messages are not found (flagpost index rebuild)");
	return true;
}

static bool
running_start(
    struct running *running, struct view *view, const struct view_query *query, GError **error)
{
	g_autoptr(search) tree = whole_tree(query);

	*running = (struct running){ .context = { .database = view->database,
					 .deadline = g_get_monotonic_time() +
						     SEARCH_SECONDS * G_USEC_PER_SEC } };
	running->context.phrases = block_phrases_new();
	running->plan = (struct plan){ .context = &running->context,
		.notes = query->notes != NULL ? g_ptr_array_ref(query->notes)
					      : g_ptr_array_new_with_free_func(g_free),
		.words = g_string_new(NULL),
		.narrow = view->reach != VIEW_ALL };
	running->begun = sqlite3_get_autocommit(view->database->handle) != 0;
	if (running->begun && !database_script(view->database, "begin a search", "BEGIN", error)) {
		running->begun = false;
		return false;
	}
	if (knows_all(running, view, query, error) && read_spill(view, &running->plan.spill, error))
		running->stream = plan_make(&running->plan, tree);
	return running->stream != NULL && knows_texts(running, view, query, error) &&
	       (view->reach == VIEW_ALL || only_seen(running, view, error));
}

/* True when all went right. */
static bool
running_end(struct running *running, GError **error)
{
	GError *fault = running->context.error;

	stream_free(running->stream);
	block_phrases_free(running->context.phrases);
	if (running->begun)
		database_rollback(running->context.database);
	g_ptr_array_unref(running->plan.notes);
	g_string_free(running->plan.words, TRUE);
	if (fault != NULL)
		g_propagate_error(error, fault);
	return fault == NULL;
}

GPtrArray *
view_search(struct view *view, const struct view_query *query, GError **error)
{
	struct running running;

	if (query->ranked != NULL)
		*query->ranked = 0;
	if (!running_start(&running, view, query, error)) {
		running_end(&running, error);
		return NULL;
	}
	bool ranked = query->rank != VIEW_RANK_NONE && running.plan.words->len > 0;
	g_autoptr(GArray) docs = ranked ? ranked_docs(&running.plan, running.stream, query)
					: take_docs(running.stream, query->offset, query->limit);
	return running_end(&running, error) ? load_messages(view, docs, error) : NULL;
}

bool
view_count_within(struct view *view, const struct view_query *query, gint64 budget_us,
    guint64 *count, bool *whole, GError **error)
{
	struct running running;

	*count = 0;
	*whole = false;
	if (!running_start(&running, view, query, error)) {
		running_end(&running, error);
		return false;
	}
	if (budget_us != VIEW_COUNT_ALL)
		running.context.budget_end = stream_clock() + budget_us;
	*whole = stream_count(running.stream, count);
	return running_end(&running, error);
}

bool
view_count(struct view *view, const struct view_query *query, guint64 *count, GError **error)
{
	bool whole;

	return view_count_within(view, query, VIEW_COUNT_ALL, count, &whole, error);
}
