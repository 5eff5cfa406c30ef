/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stamping - see stamping.h. The file comes before the row that names it. */
#include "daemon/stamping.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "deliver/stamper.h"
#include "store/audit.h"
#include "store/stamps.h"

#define FILE_MODE   0600
#define FOLDER_MODE 0700
#define HASH_DIGITS 16

static char *
folder_of(const struct config *config)
{
	return g_build_filename(config->data_dir, "stamps", NULL);
}

static char *
name_of(gint64 row, const char *hash)
{
	return g_strdup_printf("%08" G_GINT64_FORMAT "-%.*s.tsr", row, HASH_DIGITS, hash);
}

/* --- making --- */

static bool
is_stamped_today(
    const struct config *config, struct view *view, gint64 now, bool *stamped, GError **error)
{
	g_autoptr(GPtrArray) stamps = stamps_list(view, error);
	gint64 from, to;

	*stamped = false;
	if (stamps == NULL)
		return false;
	clock_day(now, config->zone, &from, &to);
	for (guint i = 0; i < stamps->len; i++)
		*stamped |= ((const struct stamp *)g_ptr_array_index(stamps, i))->seen >= from;
	return true;
}

static bool
keep(const struct config *config, struct view *view, const struct audit_head *head, GBytes *answer,
    const struct timestamp *stamp, GError **error)
{
	g_autofree char *folder = folder_of(config);
	g_autofree char *name = name_of((gint64)head->rows, head->hash);
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *time = clock_iso(stamp->time);
	g_autofree char *by = g_strdup_printf("%s by %s", time, stamp->signer);
	char sha256[DIGEST_HEX];
	gsize size;
	const void *data = g_bytes_get_data(answer, &size);

	digest_bytes(data, size, sha256);
	return io_make_folders(folder, FOLDER_MODE, error) &&
	       io_replace_file(path, data, size, FILE_MODE, error) &&
	       stamps_note(view, (gint64)head->rows, head->hash, sha256, by, error);
}

bool
stamping_make(const struct config *config, struct view *view, bool only_new, gint64 *row,
    struct timestamp *out, GError **error)
{
	const struct config_ledger *ledger = &config->ledger;
	const struct stamper_order order = { .url = ledger->tsa,
		.signers = ledger->tsa_ca_file,
		.ca_file = ledger->ca_file != NULL ? ledger->ca_file : "" };
	struct stamper_order asked = order;
	struct audit_head head;
	bool stamped = false;

	*row = 0;
	if (ledger->tsa == NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "no time stamping authority: write tsa = https://HOST/PATH and tsa_ca_file in "
		    "[ledger]");
		return false;
	}
	if (!is_stamped_today(config, view, clock_now(), &stamped, error))
		return false;
	if ((only_new && stamped) || !audit_head(view, &head, error) || head.rows == 0)
		return error == NULL || *error == NULL;
	asked.sha256 = head.hash;
	g_autoptr(GBytes) answer = NULL;
	if (!stamper_ask(&asked, &answer, out, error) ||
	    !timestamp_verify(head.hash, answer, ledger->tsa_ca_file, out, error) ||
	    !keep(config, view, &head, answer, out, error))
		return false;
	*row = (gint64)head.rows;
	return true;
}

/* --- looking --- */

void
stamping_free(struct stamping *stamping)
{
	g_free(stamping->hash);
	g_free(stamping->name);
	g_free(stamping->wrong);
	g_clear_pointer(&stamping->answer, g_bytes_unref);
	g_free(stamping);
}

static void
look(const struct config *config, const struct stamp *stamp, struct stamping *out)
{
	g_autofree char *folder = folder_of(config);
	g_autofree char *path = g_build_filename(folder, out->name, NULL);
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX] = "";

	out->answer = io_read_file(path, TIMESTAMP_ANSWER_MAX, &error);
	if (out->answer != NULL)
		digest_bytes(
		    g_bytes_get_data(out->answer, NULL), g_bytes_get_size(out->answer), sha256);
	if (out->answer == NULL)
		out->wrong = g_strdup(error->message);
	else if (strcmp(sha256, stamp->sha256) != 0)
		out->wrong = g_strdup("its file was changed");
	else if (!stamp->in_chain)
		out->wrong = g_strdup("the row that was stamped has another hash now");
	else if (config->ledger.tsa_ca_file == NULL)
		return;
	else if (timestamp_verify(
		     stamp->hash, out->answer, config->ledger.tsa_ca_file, &out->stamp, &error))
		out->proved = true;
	else
		out->wrong = g_strdup(error->message);
}

GPtrArray *
stamping_list(const struct config *config, struct view *view, GError **error)
{
	g_autoptr(GPtrArray) stamps = stamps_list(view, error);

	if (stamps == NULL)
		return NULL;
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)stamping_free);
	for (guint i = 0; i < stamps->len; i++) {
		const struct stamp *stamp = g_ptr_array_index(stamps, i);
		struct stamping *out = g_new0(struct stamping, 1);
		out->row = stamp->row;
		out->hash = g_strdup(stamp->hash);
		out->name = name_of(stamp->row, stamp->hash);
		look(config, stamp, out);
		g_ptr_array_add(list, out);
	}
	return list;
}
