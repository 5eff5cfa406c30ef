/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_FIXTURE_H
#define FLAGPOST_TESTS_STORE_FIXTURE_H
/*
 * fixture - a store in a folder of its own, and mails by a few words.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "store/damage.h"
#include "store/store.h"
#include "store/view.h"

/* 2026-11-22 09:02:05 UTC, and steps from there. */
#define DAY     (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define MORNING (G_GINT64_CONSTANT(1795338125) * G_USEC_PER_SEC)
#define RULES   "1111111111111111111111111111111111111111111111111111111111111111"

struct fixture {
	char *folder, *data;
	GTimeZone *zone;
	struct store *store;
	gint64 run;
};

/* A mail and where it lies; what is NULL or 0 gets a default. */
struct mail {
	const char *account, *folder, *uid, *body, *message_id, *subject, *in_reply_to, *rule,
	    *exception;
	guint32 uidvalidity;
	bool no_copy, pop3;
	gint64 seen, date;
	struct store_draw draw;
};

static inline void
remove_tree(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		if (g_file_test(entry, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
			remove_tree(entry);
		else
			g_unlink(entry);
	}
	g_rmdir(path);
}

static inline void
fixture_open(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	fixture->store = store_open(fixture->data, fixture->zone, &error);
	g_assert_no_error(error);
	g_assert_nonnull(fixture->store);
}

static inline void
fixture_close(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
}

static inline void
fixture_reopen(struct fixture *fixture)
{
	fixture_close(fixture);
	fixture_open(fixture);
}

static inline void
fixture_start(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	fixture->folder = g_dir_make_tmp("flagpost-store-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->data = g_build_filename(fixture->folder, "data", NULL);
	fixture->zone = g_time_zone_new_utc();
	fixture_open(fixture);
	g_assert_true(
	    store_run_begin(fixture->store, "poll", RULES, MORNING, &fixture->run, &error));
	g_assert_no_error(error);
}

static inline void
fixture_end(struct fixture *fixture)
{
	fixture_close(fixture);
	g_time_zone_unref(fixture->zone);
	remove_tree(fixture->folder);
	g_free(fixture->folder);
	g_free(fixture->data);
}

static inline void
assert_bytes(GBytes *bytes, const void *data, gsize size)
{
	g_assert_cmpuint(g_bytes_get_size(bytes), ==, size);
	g_assert_true(memcmp(g_bytes_get_data(bytes, NULL), data, size) == 0);
}

/* What the search's tables hold is what they are to hold. */
static inline void
assert_index(struct database *database)
{
	static const char *const tables[] = { "term_block", "term_page", "word_page", "word_gram",
		"word_new" };

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *found = damage_of(database, tables[i]);
		g_assert_cmpstr(found, ==, NULL);
	}
}

static inline struct view *
fixture_view(const struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	struct view *view = view_open(fixture->data, "officer", &error);

	g_assert_no_error(error);
	g_assert_nonnull(view);
	return view;
}

static inline int
fixture_spool(const void *data, gsize size)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(io_write_all(fd, data, size, NULL));
	return fd;
}

static inline void
verdict_text(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

static inline struct part *
verdict_part(struct verdict *verdict, const char *path, const char *name, enum part_outcome outcome)
{
	struct part *part = g_new0(struct part, 1);

	part->path = g_strdup(path);
	part->name = g_strdup(name);
	part->declared_type = g_strdup("application/pdf");
	part->true_type = g_strdup("application/zip");
	part->detail = g_strdup("");
	part->size = 18231;
	part->outcome = outcome;
	part->attachment = name[0] != '\0';
	g_ptr_array_add(verdict->parts, part);
	return part;
}

static inline struct verdict *
mail_verdict(const struct mail *mail)
{
	struct verdict *verdict = verdict_new();

	verdict_text(
	    &verdict->message_id, mail->message_id != NULL ? mail->message_id : mail->body);
	verdict_text(&verdict->in_reply_to, mail->in_reply_to != NULL ? mail->in_reply_to : "");
	verdict_text(&verdict->subject, mail->subject != NULL ? mail->subject : "Offer");
	verdict->date = mail->date != 0 ? mail->date : MESSAGE_NO_DATE;
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(
	    verdict->addresses, address_new(ADDRESS_FROM, "Anna Kühn", "anna@corp.example"));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, "bob@rival.example"));
	verdict_part(verdict, "1", "", PART_READ);
	verdict_part(verdict, "2", "plan.pdf", PART_READ);
	if (mail->rule != NULL) {
		struct flag *flag = flag_new(mail->rule);
		struct hit *hit = hit_new("content.codename");
		verdict_text(&hit->excerpt, "the falcon is a bird");
		hit->component = COMPONENT_BODY;
		g_ptr_array_add(flag->hits, hit);
		flag->hits_total = 1;
		flag->severity = SEVERITY_MEDIUM;
		verdict_text(&flag->exception, mail->exception != NULL ? mail->exception : "");
		g_ptr_array_add(verdict->flags, flag);
	}
	return verdict;
}

/* Into the open batch, as intake does it. */
static inline bool
put_verdict(
    struct fixture *fixture, const struct mail *mail, struct verdict *verdict, GError **error)
{
	char sha256[DIGEST_HEX];
	gsize size = strlen(mail->body);
	struct placement placement = {
		.account = (char *)(mail->account != NULL ? mail->account : "hq"),
		.folder = (char *)(mail->folder != NULL ? mail->folder : "INBOX"),
		.uidvalidity = mail->uidvalidity != 0 || mail->pop3 ? mail->uidvalidity : 7,
		.uid = (char *)mail->uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"\\Seen",
	};
	struct vault_place place;
	bool known, copied, reused;
	struct store_message message = {
		.sha256 = sha256,
		.size = size,
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.seen = mail->seen != 0 ? mail->seen : MORNING,
		.run = fixture->run,
		.draw = mail->draw,
	};

	digest_bytes(mail->body, size, sha256);
	int fd = fixture_spool(mail->body, size);
	bool right = store_lookup(
	    fixture->store, sha256, verdict->message_id, &known, &copied, &reused, error);
	if (right && !copied && !mail->no_copy) {
		right = vault_append_later(
		    store_vault(fixture->store), fd, size, sha256, message.seen, &place, error);
		message.place = &place;
	}
	if (right && reused)
		verdict->facts |= FACT_REUSED_MESSAGE_ID;
	right = right && store_record(fixture->store, &message, error);
	io_close(&fd);
	return right;
}

static inline bool
put(struct fixture *fixture, const struct mail *mail, GError **error)
{
	g_autoptr(verdict) verdict = mail_verdict(mail);

	return put_verdict(fixture, mail, verdict, error);
}

/* A batch of its own. */
static inline void
keep(struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(GError) error = NULL;

	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	put(fixture, mail, &error);
	g_assert_no_error(error);
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static inline void
fail(struct fixture *fixture, const char *uid, guint32 uidvalidity, bool again)
{
	g_autoptr(GError) error = NULL;
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)"INBOX",
		.uidvalidity = uidvalidity,
		.uid = (char *)uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"" };
	struct store_failure failure = { &placement, "no-answer", "the server said nothing", again,
		MORNING, fixture->run };

	g_assert_true(store_begin(fixture->store, &error));
	store_fail(fixture->store, &failure, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture->store, &error));
}

static inline struct store_folder_end
end_of(const struct fixture *fixture, guint32 uidvalidity, guint64 count)
{
	return (struct store_folder_end){ .account = "hq",
		.folder = "INBOX",
		.role = "inbox",
		.uidvalidity = uidvalidity,
		.server_count = count,
		.text = "",
		.seen = MORNING + G_USEC_PER_SEC,
		.run = fixture->run };
}

static inline void
end_folder(struct fixture *fixture, const struct store_folder_end *end)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_begin(fixture->store, &error));
	store_folder_end(fixture->store, end, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture->store, &error));
}

/* "server kept failed gone" of the only folder of the only account. */
static inline char *
folder_sum(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
	const struct view_account *account = g_ptr_array_index(accounts, 0);
	const struct view_folder *folder = g_ptr_array_index(account->folders, 0);

	return g_strdup_printf("%u %u %u %u", (guint)folder->server, (guint)folder->kept,
	    (guint)folder->failed, (guint)folder->gone);
}

static inline guint
message_count(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);

	return all->len;
}

static inline char *
volume_path(const struct fixture *fixture)
{
	return g_build_filename(fixture->data, "copies/2026/2026-11-22.tar", NULL);
}

static inline guint64
file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (guint64)st.st_size : 0;
}

#define assert_fault(error, fault, part)                                                           \
	do {                                                                                       \
		g_assert_error(error, FAULT, fault);                                               \
		g_assert_nonnull(strstr((error)->message, part));                                  \
		g_clear_error(&(error));                                                           \
	} while (0)

#endif
