/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_PURGE_KIT_H
#define FLAGPOST_TESTS_STORE_PURGE_KIT_H
/*
 * purge_kit - two mails, one of them to be purged, and looks for what is left of it anywhere.
 */
#include "fixture.h"

#include "mail/terms.h"
#include "store/database.h"
#include "store/purge.h"
#include "store/query.h"
#include "store/verify.h"

/* What nobody may find anywhere after the mail with it was purged. */
#define SECRET "nightjarquill"

static const struct mail secret_mail = { .uid = "1",
	.body = "From: anna@corp.example\r\n\r\nthe " SECRET " flies\r\n",
	.subject = "About the " SECRET,
	.message_id = SECRET "@corp.example",
	.in_reply_to = SECRET "-before@corp.example",
	.rule = "codename" };
static const struct mail other_mail = { .uid = "2",
	.body = "From: anna@corp.example\r\n\r\nan ordinary bird\r\n",
	.subject = "Ordinary",
	.message_id = "two@corp.example",
	.rule = "bird" };

/* As a scan would have given it, with words for the search. */
static inline void
keep_words(struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(verdict) verdict = mail_verdict(mail);
	g_autoptr(GError) error = NULL;
	GString *terms = g_string_new(NULL);
	const struct flag *flag = verdict->flags->len > 0 ? verdict->flags->pdata[0] : NULL;

	terms_append(terms, mail->body, strlen(mail->body), 1 << 16);
	g_free(verdict->terms.body);
	verdict->terms.body = g_string_free(terms, FALSE);
	verdict->terms.given = true;
	struct part *part = g_ptr_array_index(verdict->parts, 1);
	if (strstr(mail->body, SECRET) != NULL) {
		verdict_text(&part->name, SECRET ".pdf");
		if (flag != NULL) {
			struct hit *hit = flag->hits->pdata[0];
			verdict_text(&hit->excerpt, "the " SECRET " flies");
		}
	}
	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	put_verdict(fixture, mail, verdict, &error);
	g_assert_no_error(error);
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static inline gint64
id_of(struct view *view, const struct mail *mail)
{
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	digest_bytes(mail->body, strlen(mail->body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	return message->id;
}

static inline struct purge_counts
purge_mail(struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);

	if (mail != NULL)
		g_ptr_array_add(items,
		    purge_of_message(view, id_of(view, mail), "a person asked for it", &error));
	g_autoptr(purge) purge = purge_new(view, items, &error);
	g_assert_no_error(error);
	enum purge_state state;
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_no_error(error);
	return *purge_counts(purge);
}

static inline guint
find_words(struct fixture *fixture, const char *text)
{
	g_autoptr(view) view = fixture_view(fixture);
	struct search *search = search_new(SEARCH_WORDS, text);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows =
	    view_search(view, &(struct view_query){ .search = search }, &error);

	g_assert_no_error(error);
	search_free(search);
	return rows->len;
}

static inline bool
file_has(const char *path, const char *text)
{
	g_autoptr(GBytes) bytes = io_read_file(path, 256 << 20, NULL);
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

	return data != NULL && memmem(data, size, text, strlen(text)) != NULL;
}

/* In any file under the folder. */
static inline bool
folder_has(const char *path, const char *text)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;
	bool found = false;

	while (!found && folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		found = g_file_test(entry, G_FILE_TEST_IS_DIR) ? folder_has(entry, text)
							       : file_has(entry, text);
		if (found)
			g_test_message("%s has it", entry);
	}
	return found;
}

static inline guint
deviations(struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(verify) verify =
	    verify_new(view, fixture->data, &(struct verify_share){ 1, 0 }, NULL);

	while (verify_step(verify, 1 << 20, NULL) == VERIFY_MORE)
		continue;
	const GPtrArray *found = verify_found(verify);
	for (guint i = 0; i < found->len; i++)
		g_test_message("%s", ((struct verify_deviation *)found->pdata[i])->text);
	return found->len;
}

static inline gint64
number(const struct fixture *fixture, const char *sql)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	const struct query_text text = { "count", sql };
	struct query query;
	gint64 out = -1;

	g_assert_true(query_open_once(&query, database, &text, NO_VALUES, &error));
	if (query_next(&query))
		out = query_int(&query, 0);
	g_assert_true(query_close(&query, &error));
	return out;
}

static inline void
check_index(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_no_error(error);
	assert_index(database);
}

#endif
