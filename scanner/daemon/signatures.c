/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signatures - see signatures.h. Nothing of a message is read here but whose key it names. */
#include "daemon/signatures.h"

#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/repacking.h"
#include "mail/fields.h"
#include "worker/worker.h"

#define MESSAGES_AT_ONCE 10000
#define SLACK            (1024 * 1024) /* bytes around those of the messages: keys, and the form */
#define STARTS           3             /* times limits.seconds_per_message: for any work at all */
#define PER_LIMIT        16            /* messages that are done in such a time, however large */

struct waiting {
	gint64 message, seen;
	GVariant *item; /* as WORKER_SIGNATURES_IN has it */
	GArray *signers;
};

struct signatures {
	struct view *view;
	const struct limits *limits;
	GPtrArray *waiting; /* of struct waiting */
	gsize size;
};

static void
waiting_free(gpointer data)
{
	struct waiting *waiting = data;

	g_variant_unref(waiting->item);
	g_array_unref(waiting->signers);
	g_free(waiting);
}

struct signatures *
signatures_new(struct view *view, const struct limits *limits)
{
	struct signatures *signatures = g_new0(struct signatures, 1);

	signatures->view = view;
	signatures->limits = limits;
	signatures->waiting = g_ptr_array_new_with_free_func(waiting_free);
	return signatures;
}

void
signatures_free(struct signatures *signatures)
{
	if (signatures == NULL)
		return;
	g_ptr_array_unref(signatures->waiting);
	g_free(signatures);
}

static bool
add_keys(struct signatures *signatures, GVariantBuilder *out, const GArray *signers, gint64 seen,
    GError **error)
{
	for (guint i = 0; i < signers->len; i++) {
		const struct fields_signer *signer =
		    &g_array_index(signers, struct fields_signer, i);
		GError *trouble = NULL;
		g_autoptr(dkim_key) key = NULL;
		if (signer->domain[0] != '\0')
			key = dkim_at(
			    signatures->view, signer->selector, signer->domain, seen, &trouble);
		if (trouble != NULL) {
			g_propagate_error(error, trouble);
			return false;
		}
		g_variant_builder_add(
		    out, "(ss)", key != NULL ? key->outcome : "", key != NULL ? key->text : "");
	}
	return true;
}

bool
signatures_add(
    struct signatures *signatures, gint64 message, gint64 seen, GBytes *bytes, GError **error)
{
	GVariantBuilder keys;
	gsize size;
	bool more;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GArray) signers = fields_signers(data, size, &more);

	g_variant_builder_init(&keys, G_VARIANT_TYPE("a(ss)"));
	if (!add_keys(signatures, &keys, signers, seen, error)) {
		g_variant_builder_clear(&keys);
		return false;
	}
	struct waiting *waiting = g_new0(struct waiting, 1);
	waiting->message = message;
	waiting->seen = seen;
	waiting->item = g_variant_ref_sink(
	    g_variant_new("(x@a(ss)@ay)", seen / G_USEC_PER_SEC, g_variant_builder_end(&keys),
		g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE)));
	waiting->signers = g_steal_pointer(&signers);
	g_ptr_array_add(signatures->waiting, waiting);
	signatures->size += size;
	return true;
}

bool
signatures_is_full(const struct signatures *signatures)
{
	return signatures->waiting->len >= SIGNATURES_AT_ONCE ||
	       signatures->size >= SIGNATURES_BYTES;
}

/* --- one worker --- */

static bool
spool(GVariant *in, int *fd, GError **error)
{
	struct io_spool *file = io_spool_new(g_get_tmp_dir());

	*fd = -1;
	if (io_spool_write(file, g_variant_get_data(in), g_variant_get_size(in), error))
		*fd = io_spool_finish(&file, error);
	io_spool_free(file);
	return *fd >= 0;
}

/* Whether it is of the number-th of the signatures that we see there, or of none. */
static bool
is_of(const struct signature *signature, const GArray *signers, guint number)
{
	const struct fields_signer *signer = &g_array_index(signers, struct fields_signer, number);

	if (signers->len == 0)
		return signature->result == SIGNATURE_NONE;
	return signature->result != SIGNATURE_NONE && number < signers->len &&
	       strcmp(signature->domain, signer->domain) == 0 &&
	       strcmp(signature->selector, signer->selector) == 0;
}

/* The list of one message; NULL: not of the form. */
static GPtrArray *
take_list(GVariant *variant, const GArray *signers)
{
	g_autoptr(GPtrArray) list = signature_list();

	if (g_variant_n_children(variant) != MAX(signers->len, 1))
		return NULL;

	for (gsize i = 0; i < g_variant_n_children(variant); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(variant, i);
		struct signature *signature = signature_get(child, NULL);
		if (signature == NULL)
			return NULL;
		g_ptr_array_add(list, signature);
		if (!is_of(signature, signers, (guint)i))
			return NULL;
	}
	return g_steal_pointer(&list);
}

/* Of GPtrArray, one for each; NULL without an error: the worker did not do it. */
static GPtrArray *
read_answer(int fd, gsize most, const GPtrArray *waiting, GError **error)
{
	GError *trouble = NULL;
	g_autoptr(GBytes) bytes = io_read_fd(fd, most, &trouble);
	g_autoptr(GPtrArray) lists =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	if (g_error_matches(trouble, FAULT, FAULT_DATA))
		g_clear_error(&trouble); /* more than it may write */
	if (trouble != NULL)
		g_propagate_error(error, trouble);
	if (bytes == NULL)
		return NULL;
	g_autoptr(GVariant) all = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(WORKER_SIGNATURES_OUT), bytes, FALSE));
	if (!g_variant_is_normal_form(all) || g_variant_n_children(all) != waiting->len)
		return NULL;
	for (guint i = 0; i < waiting->len; i++) {
		const struct waiting *one = waiting->pdata[i];
		g_autoptr(GVariant) child = g_variant_get_child_value(all, i);
		GPtrArray *list = take_list(child, one->signers);
		if (list == NULL)
			return NULL;
		g_ptr_array_add(lists, list);
	}
	return g_steal_pointer(&lists);
}

static GPtrArray *
run_worker(const struct signatures *signatures, const GPtrArray *waiting, GError **error)
{
	guint seconds = (guint)MIN(signatures->limits->seconds_per_message, G_MAXINT / 1024);
	g_autofree char *option = NULL, *lines = NULL;
	g_autoptr(GError) trouble = NULL;
	GVariantBuilder builder;
	GPtrArray *lists = NULL;
	bool gaps;
	int in, out;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(WORKER_SIGNATURES_IN));
	for (guint i = 0; i < waiting->len; i++)
		g_variant_builder_add_value(&builder, ((struct waiting *)waiting->pdata[i])->item);
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_builder_end(&builder));
	if (!spool(all, &in, error))
		return NULL;
	out = memfd_create("signatures", MFD_CLOEXEC);
	if (out < 0) {
		fault_errno(error, "signatures: memory");
		io_close(&in);
		return NULL;
	}
	gsize most = g_variant_get_size(all) + SLACK;
	option = g_strdup_printf("%" G_GSIZE_FORMAT, most);
	if (repacking_run_within(seconds * STARTS + seconds * waiting->len / PER_LIMIT,
		WORKER_SIGNATURES, option, signatures->limits->worker_memory, in, out, &lines,
		&gaps, &trouble))
		lists = read_answer(out, most, waiting, error);
	else if (trouble->domain != FAULT) /* not even started: it is for a later time */
		g_propagate_error(error, g_steal_pointer(&trouble));
	else
		log_debug("signatures: %s", trouble->message);
	io_close(&in);
	io_close(&out);
	return lists;
}

/* --- */

static struct dkim_verified *
verified(const struct waiting *waiting, GPtrArray *list)
{
	struct dkim_verified *out = g_new0(struct dkim_verified, 1);

	out->message = waiting->message;
	out->list = list;
	return out;
}

/* Each of its signatures without a result. */
static GPtrArray *
unverified(const struct waiting *waiting)
{
	GPtrArray *list = signature_list();

	for (guint i = 0; i < MAX(waiting->signers->len, 1); i++) {
		struct signature *signature = signature_new();
		const struct fields_signer *signer =
		    i < waiting->signers->len
			? &g_array_index(waiting->signers, struct fields_signer, i)
			: NULL;
		signature->result = SIGNATURE_TEMPERROR;
		signature_say(signature, "%s", SIGNATURES_UNVERIFIED);
		if (signer != NULL) {
			g_free(signature->domain);
			g_free(signature->selector);
			signature->domain = g_strdup(signer->domain);
			signature->selector = g_strdup(signer->selector);
		}
		g_ptr_array_add(list, signature);
	}
	return list;
}

/* Together; when that fails, one by one, so that one message costs no other its result. */
static bool
verify(
    const struct signatures *signatures, const GPtrArray *waiting, GPtrArray *out, GError **error)
{
	GError *trouble = NULL;
	g_autoptr(GPtrArray) lists = run_worker(signatures, waiting, &trouble);

	if (trouble != NULL) {
		g_propagate_error(error, trouble);
		return false;
	}
	for (guint i = 0; i < waiting->len; i++) {
		const struct waiting *one = waiting->pdata[i];
		if (lists != NULL) {
			g_ptr_array_add(out, verified(one, g_ptr_array_ref(lists->pdata[i])));
		} else if (waiting->len == 1) {
			log_warning(
			    "message %" G_GINT64_FORMAT ": " SIGNATURES_UNVERIFIED, one->message);
			g_ptr_array_add(out, verified(one, unverified(one)));
		} else {
			g_autoptr(GPtrArray) alone = g_ptr_array_new();
			g_ptr_array_add(alone, waiting->pdata[i]);
			if (!verify(signatures, alone, out, error))
				return false;
		}
	}
	return true;
}

GPtrArray *
signatures_verify(struct signatures *signatures, GError **error)
{
	g_autoptr(GPtrArray) out =
	    g_ptr_array_new_with_free_func((GDestroyNotify)dkim_verified_free);
	bool right =
	    signatures->waiting->len == 0 || verify(signatures, signatures->waiting, out, error);

	g_ptr_array_set_size(signatures->waiting, 0);
	signatures->size = 0;
	return right ? g_steal_pointer(&out) : NULL;
}

/* --- what is new --- */

/* As many of the list from *next on as one worker takes. A copy that cannot be read has no result.
 */
static bool
add_some(struct signatures *signatures, const GArray *list, guint *next, GError **error)
{
	while (*next < list->len && !signatures_is_full(signatures)) {
		const struct dkim_fetched *one = &g_array_index(list, struct dkim_fetched, *next);
		g_autoptr(GBytes) bytes = view_copy(signatures->view, one->message, NULL);
		++*next;
		if (bytes != NULL &&
		    !signatures_add(signatures, one->message, one->seen, bytes, error))
			return false;
	}
	return true;
}

bool
signatures_record_new(
    struct view *view, const struct limits *limits, gint64 since, guint *count, GError **error)
{
	gint64 upto;
	g_autoptr(GArray) list = dkim_unverified(view, since, MESSAGES_AT_ONCE, &upto, error);
	g_autoptr(signatures) signatures = signatures_new(view, limits);
	guint next = 0;

	*count = 0;
	if (list == NULL)
		return false;
	do {
		g_autoptr(GPtrArray) verified = NULL;
		if (!add_some(signatures, list, &next, error) ||
		    (verified = signatures_verify(signatures, error)) == NULL)
			return false;
		*count += verified->len;
		/* A kill between two batches repeats none. */
		gint64 done = next == list->len
				  ? upto
				  : g_array_index(list, struct dkim_fetched, next - 1).message;
		if (!dkim_record_verified(view, verified, done, clock_now(), error))
			return false;
	} while (next < list->len);
	return true;
}
