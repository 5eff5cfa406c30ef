/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/pseudonym.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/secret.h"
#include "mail/address.h"
#include "reports/names.h"
#include "reports/quote.h"
#include "store/cipher.h"
#include "store/view-people.h"

#define MAGIC     "flagpost sealed names 1\n"
#define MAGIC_LEN (sizeof MAGIC - 1)
#define MONTH_LEN 8 /* "2026-11\n" */
#define HEAD_LEN  (MAGIC_LEN + MONTH_LEN + CIPHER_ID + CIPHER_HEADER)

struct pseudonyms {
	struct cipher_keys *keys;
	char *names_key; /* hex: of the HMAC */
	char *month;
	GStrv own_domains;
	struct names *names;
	GHashTable *personal; /* names of accounts that are somebody's */
	GHashTable *given;    /* char * name -> char * what it stands for */
};

/* --- keys --- */

static char *
key_path(const char *data_dir)
{
	return g_build_filename(data_dir, PSEUDONYM_KEY_FILE, NULL);
}

static bool
load_keys(struct pseudonyms *pseudonyms, const char *data_dir, GError **error)
{
	static const char label[] = "flagpost names of pseudonyms 1";
	g_autofree char *path = key_path(data_dir);

	pseudonyms->keys = cipher_keys_new();
	if (!cipher_keys_add(pseudonyms->keys, path, "", true, error))
		return false;
	char *key = secret_read(path, "", error);
	if (key == NULL)
		return false;
	pseudonyms->names_key = g_compute_hmac_for_data(G_CHECKSUM_SHA256, (const guchar *)key,
	    strlen(key), (const guchar *)label, sizeof label);
	secret_wipe(key);
	return true;
}

/* --- who there is --- */

static bool
is_own(const struct pseudonyms *pseudonyms, const char *domain)
{
	return domain_is_among(domain, (const char *const *)pseudonyms->own_domains);
}

static void
add_address(struct pseudonyms *pseudonyms, const char *address)
{
	const char *at = strrchr(address, '@');
	g_autofree char *local = g_strndup(address, at != NULL ? (gsize)(at - address) : 0);

	names_add(pseudonyms->names, at != NULL ? local : address);
}

static void
add_person(const char *name, const char *address, const char *domain, gpointer data)
{
	struct pseudonyms *pseudonyms = data;

	if (!is_own(pseudonyms, domain))
		return;
	names_add(pseudonyms->names, name);
	add_address(pseudonyms, address);
}

void
pseudonyms_know(struct pseudonyms *pseudonyms, const char *name, const char *address)
{
	const char *at = strrchr(address, '@');

	add_person(name, address, at != NULL ? at + 1 : "", pseudonyms);
}

void
pseudonyms_know_account(struct pseudonyms *pseudonyms, const char *name, const char *user)
{
	const char *at = strrchr(user, '@'), *part = strrchr(name, '/');

	if (part == NULL && (at == NULL || !is_own(pseudonyms, at + 1)))
		return;
	g_hash_table_add(pseudonyms->personal, g_strdup(name));
	add_address(pseudonyms, part != NULL ? part + 1 : name);
	add_address(pseudonyms, user);
}

struct pseudonyms *
pseudonyms_new(struct view *view, const char *data_dir, const char *const *own_domains,
    const char *month, GError **error)
{
	g_autoptr(pseudonyms) pseudonyms = g_new0(struct pseudonyms, 1);
	g_autofree char *path = key_path(data_dir);

	if (own_domains[0] == NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "pseudonyms need [general] own_domains, which say who is one's own");
		return NULL;
	}
	pseudonyms->month = g_strdup(month);
	pseudonyms->own_domains = g_strdupv((GStrv)own_domains);
	pseudonyms->names = names_new();
	pseudonyms->personal = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	pseudonyms->given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!cipher_key_file_make(path, error) || !load_keys(pseudonyms, data_dir, error) ||
	    (view != NULL && !view_people_each(view, add_person, pseudonyms, error)))
		return NULL;
	return g_steal_pointer(&pseudonyms);
}

void
pseudonyms_free(struct pseudonyms *pseudonyms)
{
	if (pseudonyms == NULL)
		return;
	cipher_keys_free(pseudonyms->keys);
	if (pseudonyms->names_key != NULL)
		secret_wipe(pseudonyms->names_key);
	g_free(pseudonyms->month);
	g_strfreev(pseudonyms->own_domains);
	names_free(pseudonyms->names);
	g_hash_table_unref(pseudonyms->personal);
	g_hash_table_unref(pseudonyms->given);
	g_free(pseudonyms);
}

/* --- names --- */

/* "Person K4F2-M7QX": 40 bits of the HMAC, without letters that are read for digits. */
static char *
name_of(struct pseudonyms *pseudonyms, const char *kind, const char *what)
{
	static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	g_autofree char *lower = g_utf8_strdown(what, -1);
	g_autofree char *text = g_strdup_printf("%s\n%s\n%s", kind, pseudonyms->month, lower);
	g_autofree char *hmac = g_compute_hmac_for_string(G_CHECKSUM_SHA256,
	    (const guchar *)pseudonyms->names_key, strlen(pseudonyms->names_key), text, -1);
	GString *name = g_string_new(kind);
	guint64 bits;

	G_STATIC_ASSERT(sizeof letters == 33);
	hmac[10] = '\0';
	bits = g_ascii_strtoull(hmac, NULL, 16);
	g_string_append_c(name, ' ');
	for (guint i = 0; i < PSEUDONYM_LENGTH; i++) {
		g_string_append(name, i == PSEUDONYM_LENGTH / 2 ? "-" : "");
		g_string_append_c(name, letters[bits >> 5 * i & 31]);
	}
	g_hash_table_replace(pseudonyms->given, g_strdup(name->str), g_strdup(what));
	return g_string_free(name, FALSE);
}

char *
pseudonyms_text(struct pseudonyms *pseudonyms, const char *text)
{
	g_autofree char *lower = g_utf8_strdown(text, -1);
	bool named = names_stand_in(pseudonyms->names, text);

	/* An address of one's own, whoever it is, behind its @. */
	for (gsize i = 0; !named && pseudonyms->own_domains[i] != NULL; i++) {
		g_autofree char *tail = g_strconcat("@", pseudonyms->own_domains[i], NULL);
		named = strstr(lower, tail) != NULL;
	}
	return g_strdup(named ? PSEUDONYM_HIDDEN : text);
}

char *
pseudonyms_address(struct pseudonyms *pseudonyms, const char *address)
{
	const char *at = strrchr(address, '@');
	g_autofree char *local = g_strndup(address, at != NULL ? (gsize)(at - address) : 0);

	if (address[0] == '\0')
		return g_strdup("");
	if (at == NULL || is_own(pseudonyms, at + 1))
		return name_of(pseudonyms, "Person", address);
	if (names_stand_in(pseudonyms->names, local) || names_stand_in(pseudonyms->names, at))
		return g_strconcat(PSEUDONYM_HIDDEN, "@",
		    names_stand_in(pseudonyms->names, at + 1) ? PSEUDONYM_HIDDEN : at + 1, NULL);
	return g_strdup(address);
}

char *
pseudonyms_login(struct pseudonyms *pseudonyms, const char *login)
{
	return login[0] != '\0' ? name_of(pseudonyms, "Login", login) : g_strdup("");
}

char *
pseudonyms_account(struct pseudonyms *pseudonyms, const char *name)
{
	g_autofree char *seen = pseudonyms_text(pseudonyms, name);

	if (strcmp(seen, name) == 0 && !g_hash_table_contains(pseudonyms->personal, name))
		return g_steal_pointer(&seen);
	return name_of(pseudonyms, "Account", name);
}

/* --- rows --- */

static void
take(char **field, char *text)
{
	g_free(*field);
	*field = text;
}

static void
hide(struct pseudonyms *pseudonyms, char **field)
{
	if (*field != NULL && (*field)[0] != '\0')
		take(field, pseudonyms_text(pseudonyms, *field));
}

/* What the file is stays: "(hidden).pdf". */
static void
hide_file(struct pseudonyms *pseudonyms, char **name)
{
	g_autofree char *seen = pseudonyms_text(pseudonyms, *name);
	const char *dot = strrchr(*name, '.');
	bool plain = dot != NULL && strlen(dot) <= 5;

	for (const char *p = plain ? dot + 1 : ""; *p != '\0'; p++)
		plain &= g_ascii_isalnum(*p);
	if (strcmp(seen, *name) == 0)
		return;
	g_autofree char *kind = plain ? pseudonyms_text(pseudonyms, dot) : g_strdup("");
	take(name, g_strconcat(PSEUDONYM_HIDDEN, g_str_has_prefix(kind, ".") ? kind : "", NULL));
}

static void
put_placement(struct pseudonyms *pseudonyms, struct view_placement *placement)
{
	take(&placement->account, pseudonyms_account(pseudonyms, placement->account));
	hide(pseudonyms, &placement->folder);
	hide(pseudonyms, &placement->uid);
	hide(pseudonyms, &placement->moved_to);
	hide(pseudonyms, &placement->labels);
}

void
pseudonyms_put_message(struct pseudonyms *pseudonyms, struct view_message **message)
{
	struct view_message *own = view_message_copy(*message);

	view_message_free(*message);
	*message = own;
	take(&own->from, pseudonyms_address(pseudonyms, own->from));
	for (gsize i = 0; own->to != NULL && own->to[i] != NULL; i++)
		take(&own->to[i], pseudonyms_address(pseudonyms, own->to[i]));
	/* Programs make it of names and machines. */
	take(&own->message_id, g_strdup(""));
	hide(pseudonyms, &own->subject);
	hide(pseudonyms, &own->warnings);
	for (guint i = 0; i < own->placements->len; i++)
		put_placement(pseudonyms, g_ptr_array_index(own->placements, i));
}

static GPtrArray *
copy_parts(struct pseudonyms *pseudonyms, const GPtrArray *parts)
{
	GPtrArray *copies = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);

	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		struct part *copy = g_memdup2(part, sizeof *part);
		copy->path = g_strdup(part->path);
		copy->name = g_strdup(part->name);
		copy->declared_type = g_strdup(part->declared_type);
		copy->true_type = g_strdup(part->true_type);
		copy->detail = g_strdup(part->detail);
		hide_file(pseudonyms, &copy->path);
		hide_file(pseudonyms, &copy->name);
		hide(pseudonyms, &copy->declared_type);
		hide(pseudonyms, &copy->detail);
		g_ptr_array_add(copies, copy);
	}
	return copies;
}

static bool
has_letter(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_isalpha(g_utf8_get_char(p)))
			return true;
	}
	return false;
}

/* The match alone: digits are masked as ever, letters may name somebody. */
static void
put_hit(struct pseudonyms *pseudonyms, struct hit *hit)
{
	gsize size = strlen(hit->excerpt);
	gsize start = MIN(hit->excerpt_start, size);
	g_autofree char *raw =
	    g_strndup(hit->excerpt + start, MIN(hit->excerpt_length, size - start));
	g_autofree char *match = g_utf8_make_valid(raw, -1);

	hide_file(pseudonyms, &hit->name);
	hide_file(pseudonyms, &hit->part);
	hide(pseudonyms, &hit->header);
	if (match[0] == '\0') {
		take(&hit->excerpt,
		    strchr(hit->excerpt, '@') != NULL && strchr(hit->excerpt, ' ') == NULL
			? pseudonyms_address(pseudonyms, hit->excerpt)
			: pseudonyms_text(pseudonyms, hit->excerpt));
		return;
	}
	if (has_letter(match)) {
		char *stars = g_strnfill((gsize)g_utf8_strlen(match, -1), '*');
		take(&hit->excerpt, stars);
	} else {
		take(&hit->excerpt, g_strdup(match));
	}
	hit->excerpt_start = 0;
	hit->excerpt_length = strlen(hit->excerpt);
}

void
pseudonyms_put_flag(struct pseudonyms *pseudonyms, struct view_flag *row, int mask)
{
	struct flag *flag = row->flag;
	char *subject = quote_subject(flag, row->message->subject, mask);

	pseudonyms_put_message(pseudonyms, &row->message);
	/* Names are looked for in what was written, not in what the mask left of it. */
	if (strcmp(row->message->subject, PSEUDONYM_HIDDEN) == 0)
		g_free(subject);
	else
		take(&row->message->subject, subject);
	GPtrArray *parts = copy_parts(pseudonyms, row->parts);
	g_ptr_array_unref(row->parts);
	row->parts = parts;
	for (guint i = 0; i < flag->hits->len; i++)
		put_hit(pseudonyms, g_ptr_array_index(flag->hits, i));
	hide(pseudonyms, &flag->title);
	hide(pseudonyms, &flag->except_reason);
	hide(pseudonyms, &flag->escalated_by);
	hide(pseudonyms, &row->description);
	hide(pseudonyms, &row->false_positives);
	hide(pseudonyms, &row->next_step);
	hide(pseudonyms, &row->note);
	take(&row->assignee, pseudonyms_login(pseudonyms, row->assignee));
	take(&row->reviewer, pseudonyms_login(pseudonyms, row->reviewer));
}

void
pseudonyms_put_gap(struct pseudonyms *pseudonyms, struct view_gap *gap)
{
	hide_file(pseudonyms, &gap->what);
	hide(pseudonyms, &gap->detail);
	take(&gap->account, pseudonyms_account(pseudonyms, gap->account));
	hide(pseudonyms, &gap->folder);
	if (gap->message != NULL)
		pseudonyms_put_message(pseudonyms, &gap->message);
}

/* --- the sealed table --- */

static char *
table_of(struct pseudonyms *pseudonyms)
{
	g_autoptr(GList) names = g_hash_table_get_keys(pseudonyms->given);
	GString *table = g_string_new(NULL);

	names = g_list_sort(names, (GCompareFunc)strcmp);
	for (const GList *name = names; name != NULL; name = name->next) {
		g_autofree char *text =
		    g_strdup(g_hash_table_lookup(pseudonyms->given, name->data));
		g_strdelimit(text, "\t\r\n", ' ');
		g_string_append_printf(table, "%s\t%s\n", (const char *)name->data, text);
	}
	return g_string_free(table, FALSE);
}

GBytes *
pseudonyms_seal(struct pseudonyms *pseudonyms, GError **error)
{
	g_autofree char *table = table_of(pseudonyms);
	gsize size = strlen(table);
	g_autofree guchar *out = g_try_malloc(HEAD_LEN + size + CIPHER_TAG);

	if (out == NULL) {
		g_set_error(error, FAULT, FAULT_IO, "sealed names: no memory");
		return NULL;
	}
	memcpy(out, MAGIC, MAGIC_LEN);
	memcpy(out + MAGIC_LEN, pseudonyms->month, MONTH_LEN - 1);
	out[MAGIC_LEN + MONTH_LEN - 1] = '\n';
	g_autoptr(cipher) cipher = cipher_begin(
	    pseudonyms->keys, out + MAGIC_LEN + MONTH_LEN, out + MAGIC_LEN + MONTH_LEN + CIPHER_ID);
	cipher_put(cipher, table, size, true, out, MAGIC_LEN + MONTH_LEN, out + HEAD_LEN);
	return g_bytes_new_take(g_steal_pointer(&out), HEAD_LEN + size + CIPHER_TAG);
}

char *
pseudonyms_unseal(const char *data_dir, GBytes *sealed, char **month, GError **error)
{
	gsize size;
	const guchar *data = g_bytes_get_data(sealed, &size);
	g_autoptr(cipher_keys) keys = cipher_keys_new();
	g_autofree char *path = key_path(data_dir);
	bool last = false;

	if (size < HEAD_LEN + CIPHER_TAG || memcmp(data, MAGIC, MAGIC_LEN) != 0) {
		g_set_error(error, FAULT, FAULT_DATA, "this is no table of sealed names");
		return NULL;
	}
	if (!cipher_keys_add(keys, path, "", true, error))
		return NULL;
	g_autoptr(cipher) cipher = cipher_resume(
	    keys, data + MAGIC_LEN + MONTH_LEN, data + MAGIC_LEN + MONTH_LEN + CIPHER_ID, error);
	g_autofree char *table = g_try_malloc(size);
	if (cipher == NULL || table == NULL)
		return NULL;
	if (!cipher_get(cipher, data + HEAD_LEN, size - HEAD_LEN, data, MAGIC_LEN + MONTH_LEN,
		(guchar *)table, &last) ||
	    !last) {
		g_set_error(error, FAULT, FAULT_DATA, "the table of sealed names was altered");
		return NULL;
	}
	table[size - HEAD_LEN - CIPHER_TAG] = '\0';
	*month = g_strndup((const char *)data + MAGIC_LEN, MONTH_LEN - 1);
	return g_steal_pointer(&table);
}
