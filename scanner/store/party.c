/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never puts a message in twice: its docs would be counted twice.
 */
#include "store/party.h"

#include <string.h>

#include "base/digest.h"
#include "mail/address.h"
#include "mail/terms.h"
#include "store/block-batch.h"
#include "store/block-write.h"
#include "store/query.h"

#define TOKEN_DIGITS 32         /* of the digest */
#define TOKENS_MAX   (1u << 20) /* bytes of tokens of one message */

/* --- tokens --- */

static void
append_token(GString *out, enum party_kind kind, const char *text)
{
	static const char letters[PARTY_KINDS] = { 'o', 'f', 't', 'd' };
	char hex[DIGEST_HEX];

	if (out->len >= TOKENS_MAX)
		return;
	digest_bytes(text, strlen(text), hex);
	g_string_append_printf(
	    out, "%s%c%.*s", out->len > 0 ? " " : "", letters[kind], TOKEN_DIGITS, hex);
}

/* From the right: a level more each time. */
static void
append_domain(GString *out, enum party_kind kind, const char *domain)
{
	const char *at = domain + strlen(domain);

	for (guint levels = 0; levels < PARTY_LEVELS && at > domain; levels++) {
		const char *begin = at;
		while (begin > domain && begin[-1] != '.')
			begin--;
		if (*begin != '\0')
			append_token(out, kind, begin);
		at = begin - 1;
	}
}

char *
party_match(enum party_kind kind, const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	guint levels = 1;

	for (const char *p = text; *p != '\0'; p++)
		levels += *p == '.';
	if (text[0] == '\0' || (kind != PARTY_OWN && levels > PARTY_LEVELS))
		return NULL;
	append_token(out, kind, text);
	return g_strdup_printf("\"%s\"", out->str);
}

void
party_append(GString *out, guint role, const char *address)
{
	if (address[0] == '\0')
		return;
	g_autofree char *lower = g_ascii_strdown(address, -1);
	g_autofree char *folded = terms_fold(address);
	const char *at = strrchr(folded, '@');

	if (role != ADDRESS_REPLY_TO)
		append_token(out, PARTY_OWN, lower);
	if (at == NULL)
		return;
	if (role <= ADDRESS_SENDER)
		append_domain(out, PARTY_FROM, at + 1);
	if (role > ADDRESS_REPLY_TO)
		append_domain(out, PARTY_TO, at + 1);
	if (role == ADDRESS_DELIVERED)
		append_domain(out, PARTY_DELIVERED, at + 1);
}

/* NULL after an error; "" where nobody is. */
static char *
tokens_of(struct database *database, gint64 message, GError **error)
{
	static const struct query_text all = { "read people for the index",
		"SELECT role, address FROM address WHERE message = ? AND address <> ''"
		" ORDER BY position" };
	g_autoptr(GString) out = g_string_new(NULL);
	struct query query;

	if (!query_open(&query, database, &all, VALUES(query_int_value(message)), error))
		return NULL;
	while (query_next(&query)) {
		g_autofree char *address = query_dup(&query, 1);
		party_append(out, query_enum(&query, 0, ADDRESS_DELIVERED + 1), address);
	}
	return query_close(&query, error) ? g_strdup(out->str) : NULL;
}

static bool
read_pending(struct database *database, gint64 *pending, GError **error)
{
	static const struct query_text find = { "ask whose people are not in the index",
		"SELECT parties FROM search_state" };

	*pending = 0;
	return query_number(database, &find, NO_VALUES, pending, error);
}

/* --- messages that are older than it --- */

struct old {
	gint64 message, doc;
};

static GArray *
read_old(struct database *database, gint64 pending, guint n, GError **error)
{
	static const struct query_text all = { "find messages whose people are not in the index",
		"SELECT id, coalesce(doc, 0) FROM message WHERE id <= ? ORDER BY id DESC LIMIT ?" };
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct old));
	struct query query;

	if (!query_open(&query, database, &all,
		VALUES(query_int_value(pending), query_int_value(n)), error))
		return NULL;
	while (query_next(&query)) {
		struct old one = { query_int(&query, 0), query_int(&query, 1) };
		g_array_append_val(found, one);
	}
	return query_close(&query, error) ? g_steal_pointer(&found) : NULL;
}

static bool
gather_old(
    struct database *database, const GArray *found, struct block_batch *batch, GError **error)
{
	for (guint i = 0; i < found->len; i++) {
		const struct old *one = &g_array_index(found, struct old, i);
		if (one->doc == 0)
			continue;
		g_autofree char *tokens = tokens_of(database, one->message, error);
		if (tokens == NULL)
			return false;
		block_batch_doc(batch, one->doc);
		block_batch_words(batch, INDEX_COLUMNS, tokens);
	}
	return true;
}

/* A block of people alone: what else these messages have is in other blocks, or in FTS5 still. */
static bool
put_old(struct database *database, const GArray *found, GError **error)
{
	g_autoptr(block_batch) batch = block_batch_new();
	struct block_writer writer;

	block_writer_start(&writer);
	bool right = gather_old(database, found, batch, error);
	if (right && block_batch_order(batch)) {
		struct block_writer second;
		block_writer_start(&second);
		block_batch_pack(batch, 0, &writer);
		block_batch_pack(batch, 1, &second);
		block_writer_take(&writer, &second);
		block_writer_end(&second);
		right = block_writer_put_all(&writer, database, error);
	}
	block_writer_end(&writer);
	return right;
}

bool
party_backfill(struct database *database, guint n, bool *left, GError **error)
{
	static const struct query_text update = { "note whose people are in the index",
		"UPDATE search_state SET parties = ?" };
	gint64 pending;

	*left = false;
	if (!read_pending(database, &pending, error))
		return false;
	if (pending == 0)
		return true;
	g_autoptr(GArray) found = read_old(database, pending, n, error);
	if (found == NULL)
		return false;
	*left = found->len == n;
	pending = *left ? g_array_index(found, struct old, n - 1).message - 1 : 0;
	return put_old(database, found, error) &&
	       query_run(database, &update, VALUES(query_int_value(pending)), error);
}
