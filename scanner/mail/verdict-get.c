/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_get - a frame from a worker, believed only as far as it can be checked.
 *
 * A worker has parsed hostile bytes and may be theirs by now. The first thing that is out of
 * place refuses the whole verdict; nothing of it reaches the store.
 */
#include "mail/verdict.h"

#include <string.h>

#include "base/fault.h"

/* Where the lists stand among the fields of VERDICT_TYPE. */
enum {
	AT_ADDRESSES = 9,
	AT_PARTS,
	AT_FLAGS,
	AT_UNDECIDED,
	AT_EXPLAINED,
	AT_TEXTS,
	AT_WARNINGS,
	AT_TERMS,
};

/* What a string may be. "&s" copies nothing: each stays in the frame until it was checked. */
enum given_kind {
	GIVEN_FREE,   /* text from mail: anything */
	GIVEN_PLAIN,  /* printable characters */
	GIVEN_NEEDED, /* printable and not empty */
	GIVEN_DIGEST, /* 64 lower-case hexadecimal digits, or nothing */
};

struct given {
	const char *what;
	const char *text;
	enum given_kind kind;
};

static bool
refuse(GError **error, const char *what, const char *why)
{
	g_set_error(error, FAULT, FAULT_DATA, "verdict: %s: %s", what, why);
	return false;
}

static bool
is_printable(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_ascii_isprint(*p) && !g_unichar_isprint(g_utf8_get_char(p)))
			return false;
	}
	return true;
}

static bool
is_digest(const char *text)
{
	gsize size = strlen(text);

	return size == 0 || (size == 64 && strspn(text, "0123456789abcdef") == 64);
}

static bool
texts_hold(const struct given *given, gsize n, GError **error)
{
	for (gsize i = 0; i < n; i++) {
		const char *text = given[i].text;
		if (strlen(text) > VERDICT_STRING_MAX)
			return refuse(error, given[i].what, "too long");
		if ((given[i].kind == GIVEN_PLAIN || given[i].kind == GIVEN_NEEDED) &&
		    !is_printable(text))
			return refuse(
			    error, given[i].what, "has characters that cannot be printed");
		if (given[i].kind == GIVEN_NEEDED && text[0] == '\0')
			return refuse(error, given[i].what, "empty");
		if (given[i].kind == GIVEN_DIGEST && !is_digest(text))
			return refuse(error, given[i].what, "not a SHA-256");
	}
	return true;
}

/* A number that is an index into a table of words. */
static bool
word_holds(const char *what, guint value, guint count, GError **error)
{
	return value < count || refuse(error, what, "no such word");
}

static bool
facts_hold(const char *what, guint facts, const char *const *words, GError **error)
{
	return facts >> word_count(words) == 0 || refuse(error, what, "unknown bits");
}

/* The store keeps signed numbers. */
static bool
range_holds(const char *what, guint64 value, GError **error)
{
	return value <= (guint64)G_MAXINT64 || refuse(error, what, "out of range");
}

static bool
is_border(const char *text, gsize at)
{
	return ((guchar)text[at] & 0xc0) != 0x80;
}

static bool
excerpt_holds(const char *excerpt, guint64 start, guint64 length, GError **error)
{
	gsize size = strlen(excerpt);

	if (size > VERDICT_EXCERPT_MAX)
		return refuse(error, "excerpt", "too long");
	if (start > size || length > size - start)
		return refuse(error, "excerpt", "its match lies outside");
	if (!is_border(excerpt, start) || !is_border(excerpt, start + length))
		return refuse(error, "excerpt", "its match cuts a character");
	return true;
}

typedef void *(*get_function)(GVariant *row, GError **error);

/* Reads every row of child number `index`; false at the first that does not hold. */
static bool
get_array(GVariant *parent, gsize index, const char *what, gsize max, get_function get,
    GPtrArray *out, GError **error)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(parent, index);
	gsize n = g_variant_n_children(array);

	if (n > max)
		return refuse(error, what, "too many");
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(array, i);
		void *one = get(row, error);
		if (one == NULL)
			return false;
		g_ptr_array_add(out, one);
	}
	return true;
}

static void *
get_address(GVariant *row, GError **error)
{
	guint32 role;
	const char *name, *address;

	g_variant_get(row, "(u&s&s)", &role, &name, &address);
	const struct given given[] = {
		{ "display name", name, GIVEN_FREE },
		{ "address", address, GIVEN_FREE },
	};
	if (!word_holds("role of an address", role, word_count(address_role_words), error) ||
	    !texts_hold(given, G_N_ELEMENTS(given), error))
		return NULL;
	return address_new(role, name, address);
}

static void *
get_part(GVariant *row, GError **error)
{
	const char *path, *name, *declared, *real, *sha256, *detail;
	guint64 size;
	guint32 outcome, facts, depth;
	gboolean attachment;

	g_variant_get(row, "(&s&s&s&st&suuub&s)", &path, &name, &declared, &real, &size, &sha256,
	    &outcome, &facts, &depth, &attachment, &detail);
	const struct given given[] = {
		{ "path of a part", path, GIVEN_PLAIN },
		{ "name of a part", name, GIVEN_FREE },
		{ "declared type", declared, GIVEN_PLAIN },
		{ "true type", real, GIVEN_PLAIN },
		{ "digest of a part", sha256, GIVEN_DIGEST },
		{ "detail of a part", detail, GIVEN_FREE },
	};
	if (!texts_hold(given, G_N_ELEMENTS(given), error) ||
	    !range_holds("size of a part", size, error) ||
	    !word_holds("outcome of a part", outcome, word_count(part_outcome_words), error) ||
	    !facts_hold("facts of a part", facts, part_fact_words, error))
		return NULL;
	struct part *part = g_new0(struct part, 1);
	part->path = g_strdup(path);
	part->name = g_strdup(name);
	part->declared_type = g_strdup(declared);
	part->true_type = g_strdup(real);
	part->size = size;
	g_strlcpy(part->sha256, sha256, sizeof(part->sha256));
	part->outcome = outcome;
	part->facts = facts;
	part->depth = depth;
	part->attachment = attachment;
	part->detail = g_strdup(detail);
	return part;
}

static void *
get_hit(GVariant *row, GError **error)
{
	const char *section, *header, *path, *name, *excerpt;
	guint32 component;
	guint64 offset, length, start, span;
	gboolean hidden;

	g_variant_get(row, "(&su&s&s&stt&sttb)", &section, &component, &header, &path, &name,
	    &offset, &length, &excerpt, &start, &span, &hidden);
	const struct given given[] = {
		{ "section of a hit", section, GIVEN_PLAIN },
		{ "header of a hit", header, GIVEN_PLAIN },
		{ "part of a hit", path, GIVEN_PLAIN },
		{ "file name of a hit", name, GIVEN_FREE },
	};
	if (!texts_hold(given, G_N_ELEMENTS(given), error) ||
	    !word_holds("component of a hit", component, word_count(component_words), error) ||
	    !range_holds("offset of a hit", offset, error) ||
	    !range_holds("length of a hit", length, error) ||
	    !excerpt_holds(excerpt, start, span, error))
		return NULL;
	struct hit *hit = g_new0(struct hit, 1);
	hit->section = g_strdup(section);
	hit->component = component;
	hit->header = g_strdup(header);
	hit->part = g_strdup(path);
	hit->name = g_strdup(name);
	hit->offset = offset;
	hit->length = length;
	hit->excerpt = g_strdup(excerpt);
	hit->excerpt_start = start;
	hit->excerpt_length = span;
	hit->hidden = hidden;
	return hit;
}

static void *
get_flag(GVariant *row, GError **error)
{
	const char *rule, *title, *digest, *escalated, *exception, *reason;
	guint32 severity;
	guint64 total;

	g_variant_get(row, "(&s&s&su&s&s&st*)", &rule, &title, &digest, &severity, &escalated,
	    &exception, &reason, &total, NULL);
	const struct given given[] = {
		{ "rule", rule, GIVEN_NEEDED },
		{ "title of a rule", title, GIVEN_PLAIN },
		{ "digest of a rule", digest, GIVEN_DIGEST },
		{ "escalation", escalated, GIVEN_PLAIN },
		{ "exception", exception, GIVEN_PLAIN },
		{ "reason of an exception", reason, GIVEN_PLAIN },
	};
	if (!texts_hold(given, G_N_ELEMENTS(given), error) ||
	    !word_holds("severity", severity, word_count(severity_words), error) ||
	    !range_holds("number of hits", total, error))
		return NULL;
	g_autoptr(flag) flag = flag_new(rule);
	g_free(flag->title);
	flag->title = g_strdup(title);
	g_free(flag->rule_digest);
	flag->rule_digest = g_strdup(digest);
	flag->severity = severity;
	g_free(flag->escalated_by);
	flag->escalated_by = g_strdup(escalated);
	g_free(flag->exception);
	flag->exception = g_strdup(exception);
	g_free(flag->except_reason);
	flag->except_reason = g_strdup(reason);
	flag->hits_total = total;
	if (!get_array(row, 8, "hits", VERDICT_HITS_MAX, get_hit, flag->hits, error))
		return NULL;
	if (flag->hits->len > total) {
		refuse(error, "hits", "more than were counted");
		return NULL;
	}
	return g_steal_pointer(&flag);
}

static bool
get_undecided(GVariant *frame, struct verdict *verdict, GError **error)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(frame, AT_UNDECIDED);
	gsize n = g_variant_n_children(array);

	if (n > VERDICT_FLAGS_MAX)
		return refuse(error, "undecided rules", "too many");
	for (gsize i = 0; i < n; i++) {
		const char *rule, *section, *path, *reason;
		g_autoptr(GVariant) row = g_variant_get_child_value(array, i);
		g_variant_get(row, "(&s&s&s&s)", &rule, &section, &path, &reason);
		const struct given given[] = {
			{ "undecided rule", rule, GIVEN_NEEDED },
			{ "undecided section", section, GIVEN_PLAIN },
			{ "undecided part", path, GIVEN_PLAIN },
			{ "reason of an undecided rule", reason, GIVEN_PLAIN },
		};
		if (!texts_hold(given, G_N_ELEMENTS(given), error))
			return false;
		verdict_add_undecided(verdict, rule, section, path, reason);
	}
	return true;
}

static bool
get_explained(GVariant *frame, struct verdict *verdict, GError **error)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(frame, AT_EXPLAINED);
	gsize n = g_variant_n_children(array);

	if (n > VERDICT_EXPLAINED_MAX)
		return refuse(error, "explanation", "too long");
	for (gsize i = 0; i < n; i++) {
		const char *rule, *label, *detail;
		guint32 depth, truth, matched;
		g_autoptr(GVariant) row = g_variant_get_child_value(array, i);
		g_variant_get(row, "(&suu&su&s)", &rule, &depth, &truth, &label, &matched, &detail);
		const struct given given[] = {
			{ "explained rule", rule, GIVEN_PLAIN },
			{ "label of an explanation", label, GIVEN_FREE },
			{ "detail of an explanation", detail, GIVEN_FREE },
		};
		if (!texts_hold(given, G_N_ELEMENTS(given), error) ||
		    !word_holds("truth", truth, TRUTH_UNDECIDED + 1, error) ||
		    !word_holds("depth of an explanation", depth, VERDICT_DEPTH_MAX, error))
			return false;
		verdict_add_explained(verdict, rule, depth, truth, label, matched, detail);
	}
	return true;
}

static bool
get_text(GVariant *row, gsize *room, struct verdict *verdict, GError **error)
{
	const char *path, *data;
	guint32 component;
	gboolean hidden;
	guint64 size;

	g_variant_get(row, "(u&sbt&s)", &component, &path, &hidden, &size, &data);
	const struct given given[] = { { "part of a text", path, GIVEN_PLAIN } };
	gsize length = strlen(data);
	if (!texts_hold(given, G_N_ELEMENTS(given), error) ||
	    !word_holds("component of a text", component, COMPONENT_ATTACHMENTS + 1, error) ||
	    !range_holds("size of a text", size, error))
		return false;
	if (length > *room)
		return refuse(error, "texts", "too long");
	if (length > size)
		return refuse(error, "text", "longer than it says");
	*room -= length;
	struct verdict_text *text = g_new0(struct verdict_text, 1);
	text->component = component;
	text->part = g_strdup(path);
	text->hidden = hidden;
	text->size = size;
	text->text = g_strdup(data);
	g_ptr_array_add(verdict->texts, text);
	return true;
}

static bool
get_texts(GVariant *frame, struct verdict *verdict, GError **error)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(frame, AT_TEXTS);
	gsize n = g_variant_n_children(array), room = VERDICT_TEXT_MAX;

	if (n > VERDICT_TEXTS_MAX)
		return refuse(error, "texts", "too many");
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(array, i);
		if (!get_text(row, &room, verdict, error))
			return false;
	}
	return true;
}

static bool
get_warnings(GVariant *frame, struct verdict *verdict, GError **error)
{
	g_autoptr(GVariant) array = g_variant_get_child_value(frame, AT_WARNINGS);
	gsize n = g_variant_n_children(array);

	if (n > MESSAGE_WARNINGS_MAX)
		return refuse(error, "warnings", "too many");
	for (gsize i = 0; i < n; i++) {
		g_autofree char *words = NULL;
		g_variant_get_child(array, i, "s", &words);
		const struct given given[] = { { "warning", words, GIVEN_NEEDED } };
		if (!texts_hold(given, G_N_ELEMENTS(given), error))
			return false;
		if (strlen(words) > VERDICT_WARNING_MAX || strstr(words, "; ") != NULL)
			return refuse(error, "warning", "not a few words");
		g_ptr_array_add(verdict->warnings, g_steal_pointer(&words));
	}
	return true;
}

static bool
get_terms(GVariant *frame, struct verdict *verdict, GError **error)
{
	struct verdict_terms *terms = &verdict->terms;
	g_autoptr(GVariant) row = g_variant_get_child_value(frame, AT_TERMS);
	gboolean given, cut;
	const char *body, *files;

	g_variant_get(row, "(bb&s&s)", &given, &cut, &body, &files);
	if (strlen(body) > VERDICT_TERMS_MAX || strlen(files) > VERDICT_TERMS_MAX - strlen(body))
		return refuse(error, "terms", "too long");
	if (!given && (cut || body[0] != '\0' || files[0] != '\0'))
		return refuse(error, "terms", "there, and not given");
	g_free(terms->body);
	g_free(terms->files);
	*terms = (struct verdict_terms){
		.given = given, .cut = cut, .body = g_strdup(body), .files = g_strdup(files)
	};
	return true;
}

static bool
get_summary(GVariant *frame, struct verdict *verdict, GError **error)
{
	const char *message_id, *in_reply_to, *subject, *reason;
	gint64 date;
	guint64 size;
	guint32 direction, outcome, facts;

	/* The lists are taken by their numbers; GLib would only read their long types. */
	g_variant_get(frame, "(&s&s&sxt&suuu********)", &message_id, &in_reply_to, &subject, &date,
	    &size, &reason, &direction, &outcome, &facts, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	    NULL);
	const struct given given[] = {
		{ "message id", message_id, GIVEN_FREE },
		{ "in reply to", in_reply_to, GIVEN_FREE },
		{ "subject", subject, GIVEN_FREE },
		{ "reason", reason, GIVEN_PLAIN },
	};
	if (!texts_hold(given, G_N_ELEMENTS(given), error) || !range_holds("size", size, error) ||
	    !word_holds("direction", direction, word_count(direction_words), error) ||
	    !word_holds("outcome", outcome, word_count(outcome_words), error) ||
	    !facts_hold("facts", facts, message_fact_words, error))
		return false;
	if (reason[0] != '\0' && outcome != OUTCOME_UNSCANNABLE)
		return refuse(error, "reason", "given for a message that was looked at");
	g_free(verdict->message_id);
	verdict->message_id = g_strdup(message_id);
	g_free(verdict->in_reply_to);
	verdict->in_reply_to = g_strdup(in_reply_to);
	g_free(verdict->subject);
	verdict->subject = g_strdup(subject);
	g_free(verdict->reason);
	verdict->reason = g_strdup(reason);
	verdict->date = date;
	verdict->size = size;
	verdict->direction = direction;
	verdict->outcome = outcome;
	verdict->facts = facts;
	return true;
}

static bool
flags_differ(const struct verdict *verdict, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < verdict->flags->len; i++) {
		struct flag *flag = g_ptr_array_index(verdict->flags, i);
		if (!g_hash_table_add(seen, flag->rule))
			return refuse(error, "flags", "one rule twice");
	}
	return true;
}

struct verdict *
verdict_get(GVariant *frame, GError **error)
{
	if (strcmp(g_variant_get_type_string(frame), VERDICT_TYPE) != 0 ||
	    !g_variant_is_normal_form(frame)) {
		refuse(error, "frame", "not in form");
		return NULL;
	}
	g_autoptr(verdict) verdict = verdict_new();
	if (!get_summary(frame, verdict, error) ||
	    !get_array(frame, AT_ADDRESSES, "addresses", VERDICT_ADDRESSES_MAX, get_address,
		verdict->addresses, error) ||
	    !get_array(
		frame, AT_PARTS, "parts", VERDICT_PARTS_MAX, get_part, verdict->parts, error) ||
	    !get_array(
		frame, AT_FLAGS, "flags", VERDICT_FLAGS_MAX, get_flag, verdict->flags, error) ||
	    !flags_differ(verdict, error) || !get_undecided(frame, verdict, error) ||
	    !get_explained(frame, verdict, error) || !get_texts(frame, verdict, error) ||
	    !get_warnings(frame, verdict, error) || !get_terms(frame, verdict, error))
		return NULL;
	return g_steal_pointer(&verdict);
}
