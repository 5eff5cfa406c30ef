/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dkim - see dkim.h. A library was tried (libopendkim 2.11.0~beta2, the only one Debian has): it
 * says nothing of any signature where one line of the header is no field, and calls a body without
 * a line end at its end a syntax error. Copies are as they are.
 */
#include "worker/dkim.h"

#include <string.h>

#include <openssl/evp.h>

#include "mail/fields.h"
#include "worker/dkim-canon.h"
#include "worker/dkim-key.h"
#include "worker/dkim-tags.h"

#define SIGNATURE "DKIM-Signature"

struct field {
	const char *text;
	gsize size;
};

/* A message, looked at once for all its signatures. */
struct copy {
	GArray *fields;    /* of struct field, as they stand */
	GHashTable *named; /* name in lower case -> GArray of guint: places in fields, from above */
	const char *body;
	gsize body_size;
	bool lines, mixed; /* LF alone ends a line: everywhere; somewhere */
	gint64 fetched;
};

/* One signature of it. */
struct check {
	const struct copy *copy;
	const struct field *field;
	GArray *tags;
	struct dkim_form form;
	struct dkim_signed item;
	guint8 digest[EVP_MAX_MD_SIZE];
	bool body_right;
	bool few; /* From stands more often than it is signed */
	struct signature *out;
};

/* --- the message --- */

static char *
field_name(const struct field *field)
{
	const char *colon = memchr(field->text, ':', field->size);
	gsize size = colon != NULL ? (gsize)(colon - field->text) : 0;

	while (size > 0 && (field->text[size - 1] == ' ' || field->text[size - 1] == '\t'))
		size--;
	return size > 0 && size <= FIELDS_NAME_MAX ? g_ascii_strdown(field->text, (gssize)size)
						   : NULL;
}

static void
add_name(struct copy *copy, guint place)
{
	char *name = field_name(&g_array_index(copy->fields, struct field, place));
	GArray *places = name != NULL ? g_hash_table_lookup(copy->named, name) : NULL;

	if (name != NULL && places == NULL) {
		places = g_array_new(FALSE, FALSE, sizeof(guint));
		g_hash_table_insert(copy->named, g_strdup(name), places);
	}
	if (places != NULL)
		g_array_append_val(places, place);
	g_free(name);
}

static void
copy_read(struct copy *copy, const char *data, gsize size)
{
	const char *first = size > 0 ? memchr(data, '\n', size) : NULL;
	struct field field;
	gsize from = 0;

	copy->lines = first != NULL && (first == data || first[-1] != '\r');
	copy->fields = g_array_new(FALSE, FALSE, sizeof(struct field));
	copy->named =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	while (fields_next(data, size, &from, &field.text, &field.size)) {
		g_array_append_val(copy->fields, field);
		add_name(copy, copy->fields->len - 1);
	}
	if (from < size && data[from] == '\r')
		from++;
	if (from < size && data[from] == '\n')
		from++;
	copy->body = data + from;
	copy->body_size = size - from;
}

static void
copy_clear(struct copy *copy)
{
	g_array_unref(copy->fields);
	g_hash_table_unref(copy->named);
}

/* --- what is signed of it --- */

struct hash {
	EVP_MD_CTX *context;
	guint64 room; /* bytes that are still taken */
};

static void
hash_piece(const void *data, gsize size, void *user)
{
	struct hash *hash = user;
	gsize taken = (gsize)MIN(hash->room, size);

	EVP_DigestUpdate(hash->context, data, taken);
	hash->room -= taken;
}

static bool
hash_begin(struct hash *hash, enum dkim_algorithm algorithm, guint64 room)
{
	hash->context = EVP_MD_CTX_new();
	hash->room = room;
	return hash->context != NULL &&
	       EVP_DigestInit_ex(hash->context,
		   algorithm == DKIM_RSA_SHA1 ? EVP_sha1() : EVP_sha256(), NULL) == 1;
}

static gsize
hash_end(struct hash *hash, guint8 digest[EVP_MAX_MD_SIZE])
{
	unsigned size = 0;

	EVP_DigestFinal_ex(hash->context, digest, &size);
	EVP_MD_CTX_free(hash->context);
	return size;
}

static void
check_body(struct check *check, GBytes *wanted, guint64 most)
{
	struct signature *out = check->out;
	guint8 digest[EVP_MAX_MD_SIZE];
	struct hash hash;
	gsize size;

	if (!hash_begin(&hash, check->item.algorithm, most))
		return;
	out->body = dkim_canon_body(
	    &check->form, check->copy->body, check->copy->body_size, hash_piece, &hash);
	out->covered = MIN(most, out->body);
	gsize n = hash_end(&hash, digest);
	const void *bytes = g_bytes_get_data(wanted, &size);
	check->body_right = size == n && memcmp(bytes, digest, n) == 0;
	if ((out->facts & SIGNATURE_LENGTH) == 0)
		return;
	if (most > out->body)
		signature_say(out, "the body is shorter than what was signed");
	else if (most < out->body) {
		out->facts |= SIGNATURE_UNCOVERED;
		signature_say(out,
		    "of the body's %" G_GUINT64_FORMAT " bytes the first %" G_GUINT64_FORMAT
		    " are signed: what stands behind them may be another's",
		    out->body, most);
	}
}

/* RFC 6376 section 5.4.2: each further mention is of the next field above; NULL: there is none, and
 * that is what was signed. */
static const struct field *
next_signed(const struct check *check, GHashTable *used, const char *name)
{
	const GArray *places = g_hash_table_lookup(check->copy->named, name);
	guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(used, name));

	while (places != NULL && seen < places->len) {
		guint place = g_array_index(places, guint, places->len - 1 - seen++);
		const struct field *field =
		    &g_array_index(check->copy->fields, struct field, place);
		g_hash_table_replace(used, g_strdup(name), GUINT_TO_POINTER(seen));
		/* The signature itself is no field that it can name. */
		if (field->text != check->field->text)
			return field;
	}
	return NULL;
}

/* The next of the names with ":" between, up to end; NULL: there is none. */
static char *
next_name(const char **at, const char *end)
{
	const char *from = *at;

	if (from == NULL)
		return NULL;
	const char *colon = memchr(from, ':', (gsize)(end - from));
	*at = colon != NULL ? colon + 1 : NULL;
	return g_strndup(from, (gsize)((colon != NULL ? colon : end) - from));
}

static void
check_fields(struct check *check, GHashTable *used)
{
	const struct dkim_tag *value = dkim_tags_find(check->tags, "b");
	const char *at = check->out->fields, *end = at + strlen(at);
	char *name;
	struct hash hash;

	if (!hash_begin(&hash, check->item.algorithm, G_MAXUINT64))
		return;
	while ((name = next_name(&at, end)) != NULL) {
		const struct field *field = next_signed(check, used, name);
		if (field != NULL)
			dkim_canon_field(&check->form, field->text, field->size, NULL, NULL, false,
			    hash_piece, &hash);
		g_free(name);
	}
	dkim_canon_field(&check->form, check->field->text, check->field->size, value->after,
	    value->end, true, hash_piece, &hash);
	check->item.digest = check->digest;
	check->item.digest_size = hash_end(&hash, check->digest);
}

/* Fields of which a mail program shows one, and maybe the one that is not signed (section 8.15). */
static void
check_twice(struct check *check, GHashTable *used)
{
	static const char *const single[] = { "from", "sender", "reply-to", "to", "cc", "date",
		"subject", "message-id", "content-type", "content-transfer-encoding", NULL };

	for (guint i = 0; single[i] != NULL; i++) {
		const GArray *places = g_hash_table_lookup(check->copy->named, single[i]);
		guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(used, single[i]));
		if (seen == 0 || places->len <= seen)
			continue;
		check->out->facts |= SIGNATURE_TWICE;
		check->few |= i == 0;
		signature_say(check->out, "there are %u fields %s, of which %u %s signed",
		    places->len, single[i], seen, seen == 1 ? "is" : "are");
	}
}

/* --- the field --- */

static void
end_as(struct check *check, enum signature_result result, const char *why)
{
	check->out->result = result;
	signature_say(check->out, "%s", why);
}

/* The names in lower case, without blanks. */
static char *
signed_fields(const GArray *tags)
{
	g_autofree char *text = dkim_tags_get(tags, "h");

	return g_ascii_strdown(text, -1);
}

static bool
has_from(const char *fields)
{
	const char *end = fields + strlen(fields);
	bool found = false;
	char *name;

	while (!found && (name = next_name(&fields, end)) != NULL) {
		found = strcmp(name, "from") == 0;
		g_free(name);
	}
	return found;
}

/* i= must be of the domain or a part of it. */
static bool
take_identity(struct check *check)
{
	g_autofree char *text = dkim_tags_get(check->tags, "i");
	g_autofree char *lower = g_ascii_strdown(text, -1);
	const char *at = strrchr(lower, '@'), *domain = check->out->domain;

	if (text[0] == '\0')
		return true;
	if (at == NULL)
		return false;
	gsize size = strlen(at + 1), of = strlen(domain);
	check->item.other_domain = strcmp(at + 1, domain) != 0;
	return !check->item.other_domain ||
	       (size > of && strcmp(at + 1 + size - of, domain) == 0 && at[size - of] == '.');
}

static bool
take_number(struct check *check, const char *name, gint64 *out)
{
	const struct dkim_tag *tag = dkim_tags_find(check->tags, name);

	return tag == NULL || dkim_tags_number(tag, out);
}

/* What the field says, but for the digests; why it says nothing that holds, or NULL. */
static const char *
take_words(struct check *check)
{
	g_autofree char *version = dkim_tags_get(check->tags, "v");
	g_autofree char *algorithm = dkim_tags_get(check->tags, "a");
	g_autofree char *form = dkim_tags_get(check->tags, "c");
	const struct dkim_tag *query = dkim_tags_find(check->tags, "q");
	struct signature *out = check->out;
	guint known = 0;

	if (strcmp(version, "1") != 0)
		return "the signature is of another version than 1";
	while (known < DKIM_ALGORITHMS && strcmp(dkim_algorithm_words[known], algorithm) != 0)
		known++;
	if (known == DKIM_ALGORITHMS)
		return "the signature is made in a way that is not known";
	check->item.algorithm = (enum dkim_algorithm)known;
	g_free(out->algorithm);
	out->algorithm = g_strdup(dkim_algorithm_words[known]);
	if (!dkim_form_parse(form, &check->form))
		return "the signature is of a form that is not known";
	g_free(out->canonical);
	out->canonical = g_strdup(dkim_form_name(&check->form));
	g_free(out->fields);
	out->fields = signed_fields(check->tags);
	if (out->domain[0] == '\0')
		return "the signature names no key";
	if (query != NULL && !dkim_tags_has_word(query, "dns/txt"))
		return "the key is not in DNS";
	if (!take_number(check, "t", &out->made) || !take_number(check, "x", &out->expires) ||
	    (dkim_tags_find(check->tags, "x") != NULL && out->expires <= out->made))
		return "the signature's times are none";
	return take_identity(check) ? NULL : "i= is not of the domain that signs";
}

/* --- the result --- */

/* Whether a record was found that is a key for it; of several, any that verifies. */
static bool
ask_keys(struct check *check, const char *text, bool *right)
{
	g_auto(GStrv) records = g_strsplit(text, "\n", -1);
	struct signature *out = check->out;
	g_autofree char *first = NULL, *said = g_strdup(out->reason);
	guint facts = out->facts, first_facts = facts;
	bool found = false;

	for (guint i = 0; records[i] != NULL && !*right; i++) {
		g_free(out->reason);
		out->reason = g_strdup(said);
		out->facts = facts;
		bool usable = dkim_key_try(records[i], &check->item, right, out);
		/* The first key speaks for those that do not verify. */
		if (first != NULL && (found || !usable))
			continue;
		g_free(first);
		first = g_strdup(out->reason);
		first_facts = out->facts;
		found |= usable;
	}
	if (!*right && first != NULL) {
		g_free(out->reason);
		out->reason = g_steal_pointer(&first);
		out->facts = first_facts;
	}
	return found || *right;
}

static void
tell_verified(struct check *check, bool right)
{
	struct signature *out = check->out;

	out->result = right && check->body_right ? SIGNATURE_PASS : SIGNATURE_FAIL;
	if (!check->body_right)
		signature_say(out, "the body is not what was signed");
	if (!right)
		signature_say(
		    out, "the header fields are not what was signed, or not with this key");
	if (out->result == SIGNATURE_FAIL)
		return;
	if (check->item.algorithm == DKIM_RSA_SHA1) {
		out->facts |= SIGNATURE_WEAK;
		signature_say(out, "rsa-sha1 is no longer taken (RFC 8301)");
	}
	if ((out->facts & (SIGNATURE_WEAK | SIGNATURE_EXPIRED)) != 0 || check->few)
		out->result = SIGNATURE_POLICY;
}

static void
tell_result(struct check *check, const struct dkim_answer *answer)
{
	const char *outcome = answer != NULL ? answer->outcome : "";
	struct signature *out = check->out;
	bool right = false;

	if (out->expires != 0 && out->expires <= check->copy->fetched) {
		out->facts |= SIGNATURE_EXPIRED;
		signature_say(out, "it had expired before the fetch");
	}
	if (strcmp(outcome, "found") == 0) {
		if (ask_keys(check, answer->text, &right)) {
			tell_verified(check, right);
			return;
		}
		out->result = SIGNATURE_PERMERROR;
	} else if (strcmp(outcome, "none") == 0) {
		end_as(check, SIGNATURE_PERMERROR, "the domain had no such key at the fetch");
	} else {
		end_as(check, SIGNATURE_TEMPERROR,
		    outcome[0] != '\0' ? "DNS did not answer for the key at the fetch"
				       : "nobody asked for the key at the fetch");
	}
	if (!check->body_right)
		signature_say(out, "the body is not what was signed");
}

static void
check_digests(struct check *check, const struct dkim_answer *answer)
{
	g_autoptr(GHashTable) used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const struct dkim_tag *body = dkim_tags_find(check->tags, "bh");
	const struct dkim_tag *value = dkim_tags_find(check->tags, "b");
	const struct dkim_tag *length = dkim_tags_find(check->tags, "l");
	g_autoptr(GBytes) wanted = body != NULL ? dkim_tags_bytes(body) : NULL;
	g_autoptr(GBytes) bytes = value != NULL ? dkim_tags_bytes(value) : NULL;
	gint64 most = G_MAXINT64;

	if (wanted == NULL || bytes == NULL ||
	    (length != NULL && !dkim_tags_number(length, &most))) {
		end_as(check, SIGNATURE_NEUTRAL, "the signature has no digests that hold");
		return;
	}
	if (length != NULL)
		check->out->facts |= SIGNATURE_LENGTH;
	check->item.value = bytes;
	check_body(check, wanted, (guint64)most);
	check_fields(check, used);
	check_twice(check, used);
	tell_result(check, answer);
}

static struct signature *
check_one(const struct copy *copy, const struct field *field, const struct dkim_answer *answer)
{
	const char *colon = memchr(field->text, ':', field->size), *why;
	struct check check = { .copy = copy, .field = field, .out = signature_new() };
	struct fields_signer signer;
	struct signature *out = check.out;

	fields_signer(field->text, field->size, &signer);
	g_free(out->domain);
	g_free(out->selector);
	out->domain = g_strdup(signer.domain);
	out->selector = g_strdup(signer.selector);
	out->facts = copy->lines ? SIGNATURE_LINES : 0;
	check.tags =
	    dkim_tags_parse(colon + 1, field->size - (gsize)(colon + 1 - field->text), &why);
	if (check.tags == NULL) {
		end_as(&check, SIGNATURE_NEUTRAL, why);
		return out;
	}
	why = take_words(&check);
	check.form.lines = copy->lines;
	if (why != NULL)
		end_as(&check, SIGNATURE_NEUTRAL, why);
	else if (!has_from(out->fields))
		end_as(&check, SIGNATURE_PERMERROR, "From is not signed");
	else
		check_digests(&check, answer);
	g_array_unref(check.tags);
	/* Only what is told of them is bounded: all were looked at. */
	if (strlen(out->fields) > SIGNATURE_TEXT_MAX)
		out->fields[SIGNATURE_TEXT_MAX] = '\0';
	return out;
}

/* Some signers read every LF as the end of a line, others only those behind a CR: a copy that has
 * both is as it was signed when it is so in either way. */
static struct signature *
check_both(struct copy *copy, const struct field *field, const struct dkim_answer *answer)
{
	g_autoptr(signature) first = check_one(copy, field, answer);

	if (first->result != SIGNATURE_FAIL || !copy->mixed)
		return g_steal_pointer(&first);
	copy->lines = true;
	g_autoptr(signature) second = check_one(copy, field, answer);
	copy->lines = false;
	return second->result == SIGNATURE_FAIL ? g_steal_pointer(&first)
						: g_steal_pointer(&second);
}

static bool
has_bare_lf(const char *data, gsize size)
{
	const char *at = data, *end = data + size;

	while (at < end && (at = memchr(at, '\n', (gsize)(end - at))) != NULL) {
		if (at == data || at[-1] != '\r')
			return true;
		at++;
	}
	return false;
}

GPtrArray *
dkim_verify(const char *data, gsize size, const struct dkim_answer *answers, guint n_answers,
    gint64 fetched)
{
	GPtrArray *list = signature_list();
	struct copy copy = { .fetched = fetched };

	copy_read(&copy, data, size);
	copy.mixed = !copy.lines && has_bare_lf(data, size);
	for (guint i = 0; i < copy.fields->len && list->len < FIELDS_SIGNERS_MAX; i++) {
		const struct field *field = &g_array_index(copy.fields, struct field, i);
		if (fields_is(field->text, field->size, SIGNATURE))
			g_ptr_array_add(
			    list, check_both(&copy, field,
				      list->len < n_answers ? &answers[list->len] : NULL));
	}
	copy_clear(&copy);
	if (list->len == 0)
		g_ptr_array_add(list, signature_new());
	return list;
}
