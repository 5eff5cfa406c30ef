/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an authority outside signed of the ledger, and the words that check it.
 */
#include "base/io.h"
#include "cmd/bundle-parts.h"
#include "daemon/stamping.h"

#define FOLDER_MODE 0700
#define SIGNERS     "stamps/signers.pem"
#define TOLD_MAX    12 /* commands: the newest stamps */

static const struct stamping *
stamp_at(const struct bundle *bundle, guint i)
{
	return g_ptr_array_index(bundle->options->stamps, i);
}

static bool
put(struct bundle *bundle, const char *name, GBytes *bytes, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	return bundle_put_file(bundle->volume, name, data, size, error);
}

bool
bundle_put_stamps(struct bundle *bundle, GError **error)
{
	const struct bundle_options *options = bundle->options;
	g_autofree char *folder = g_build_filename(bundle->volume->folder, "stamps", NULL);

	if (options->stamps == NULL || options->stamps->len == 0)
		return true;
	if (!io_make_folders(folder, FOLDER_MODE, error) ||
	    (options->signers != NULL && !put(bundle, SIGNERS, options->signers, error)))
		return false;
	for (guint i = 0; i < options->stamps->len; i++) {
		const struct stamping *stamp = stamp_at(bundle, i);
		g_autofree char *name = g_strconcat("stamps/", stamp->name, NULL);
		if (stamp->answer != NULL && !put(bundle, name, stamp->answer, error))
			return false;
	}
	return true;
}

static void
tell_wrong(const struct bundle *bundle, GString *out)
{
	for (guint i = 0; i < bundle->options->stamps->len; i++) {
		const struct stamping *stamp = stamp_at(bundle, i);
		if (stamp->wrong != NULL)
			g_string_append_printf(out, "\nThe stamp %s did not hold here: %s.\n",
			    stamp->name, stamp->wrong);
		else if (!stamp->proved)
			g_string_append_printf(out,
			    "\nThe stamp %s was not proved here: no certificates were at hand.\n",
			    stamp->name);
	}
}

void
bundle_tell_stamps(const struct bundle *bundle, GString *out)
{
	const GPtrArray *stamps = bundle->options->stamps;
	guint told = 0;

	if (stamps == NULL || stamps->len == 0)
		return;
	g_string_append(out,
	    "\nThe folder stamps holds what a time stamping authority signed of the ledger "
	    "(RFC 3161):\nthat the hash of a row, and so all rows before it, was there at a time. "
	    "The number in a\nfile's name is that of the row, whose hash stands in ledger.json. "
	    "signers.pem has the\ncertificates; whoever doubts them asks the authority for its "
	    "own. "
	    "These must say\n\"Verification: OK\" (the number behind -attime is the time of the "
	    "stamp):\n\n");
	for (guint i = stamps->len; i-- > 0 && told < TOLD_MAX;) {
		const struct stamping *stamp = stamp_at(bundle, i);
		if (!stamp->proved)
			continue;
		told++;
		g_string_append_printf(out,
		    "    openssl ts -verify -digest %s -in stamps/%s -CAfile " SIGNERS
		    " -attime %" G_GINT64_FORMAT "\n",
		    stamp->hash, stamp->name, stamp->stamp.time / G_USEC_PER_SEC);
	}
	tell_wrong(bundle, out);
}
